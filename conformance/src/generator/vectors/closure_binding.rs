// SPDX-License-Identifier: Apache-2.0

//! Category 04: a closure, or the permit, is not bound to the bytes that it speaks of.

use serde_json::{Value as Json, json};

use super::{ALL_LAYERS, without};
use crate::generator::{
    case_draft::CaseDraft,
    document::{array_mut, set},
    fault::Fault,
    pack::{Pack, closed_record, hex, permit_id},
};

const PARENT: &str = "cat-01-baseline/01-01-valid-permit-export";

pub(super) fn cases() -> Result<Vec<CaseDraft>, Fault> {
    let mut cases = vec![
        digest(
            "cat-04-closure-binding/04-01-dispatch-digest-mismatch",
            "The closure names another request",
            "The closure states, validly signed, a digest of the dispatched request that is not the hash the permit \
             is bound to: something else went out than what was approved.",
            &["CLOSE-08", "PERMIT-07"],
            ("dispatch_request_digest_v1", "closure_dispatch_binding"),
            "WALK_CLOSURE_DISPATCH_DIGEST_MISMATCH",
        )?,
        digest(
            "cat-04-closure-binding/04-02-provider-response-digest-mismatch",
            "The closure names another answer of the provider",
            "The closure states, validly signed, a digest of the provider's answer that no event of the chain shows.",
            &["CLOSE-07"],
            ("provider_response_digest_v1", "closure_provider_binding"),
            "WALK_CLOSURE_DIGEST_MISMATCH",
        )?,
        digest(
            "cat-04-closure-binding/04-03-client-response-digest-mismatch",
            "The closure names another delivery",
            "The closure states, validly signed, a digest of what was handed to the client that no event of the chain shows.",
            &["CLOSE-07"],
            ("client_response_digest_v1", "closure_client_binding"),
            "WALK_CLOSURE_DIGEST_MISMATCH",
        )?,
    ];
    cases.push(orphan()?);
    cases.push(dispatch()?);
    Ok(cases)
}

fn at_closure(permit: u64) -> Json {
    json!({ "type": "closure_record", "id": permit_id(permit), "sequence": null })
}

fn digest(
    id: &str,
    title: &str,
    why: &str,
    clauses: &[&str],
    (member, layer): (&str, &str),
    code: &str,
) -> Result<CaseDraft, Fault> {
    let draft = CaseDraft::vector(id, title, why, clauses)
        .layers(&without(&ALL_LAYERS, layer), &[layer])
        .checks(&["walk_events", "verify_closure"])
        .counts(1, 6, 1, 0)
        .fails(code, at_closure(1))
        .from(PARENT, &format!("`{member}` of the closure"), &["closure", "manifest"]);
    let pack = Pack::closed_with_request()?
        .bend_closure(|closure| set(closure, &format!("/{member}"), hex("something else")))?;
    pack.put_into(draft)
}

fn orphan() -> Result<CaseDraft, Fault> {
    let layers = without(&ALL_LAYERS, "permit_dispatch_binding");
    let layer = "closure_dispatch_binding";
    let draft = CaseDraft::vector(
        "cat-04-closure-binding/04-04-orphan-closure",
        "A closure without its permit",
        "Two permits were closed, and the export has only one of them. What the second closure is held against \
         is not there.",
        &["CLOSE-22"],
    )
    .layers(&without(&layers, layer), &[layer])
    .checks(&["walk_events", "verify_closure"])
    .counts(1, 12, 1, 0)
    .fails("WALK_CLOSURE_ORPHAN", at_closure(2))
    .from(
        "cat-01-baseline/01-03-valid-closure-record",
        "the record of the second permit is removed",
        &["record counts", "manifest"],
    );
    let mut pack = Pack::of(vec![closed_record(1)?, closed_record(2)?])?.at_bundle_level()?;
    array_mut(&mut pack.document, "/records")?.pop();
    set(&mut pack.document, "/record_count", 1)?;
    pack.write_manifest()?;
    pack.put_into(draft)
}

fn dispatch() -> Result<CaseDraft, Fault> {
    let layer = "permit_dispatch_binding";
    let draft = CaseDraft::vector(
        "cat-04-closure-binding/04-05-binding-request-hash-mismatch",
        "Something else was dispatched than the permit is bound to",
        "Permit and closure agree about the digest of the request. The bytes that were dispatched are at hand, and \
         their canonical form has another one.",
        &["PERMIT-07", "PERMIT-29", "CANON-11"],
    )
    .layers(&without(&ALL_LAYERS, layer), &[layer])
    .checks(&["walk_events", "verify_closure"])
    .set("reference", "is not given the bytes that were dispatched: accepts")
    .fails(
        "WALK_PERMIT_DISPATCH_BINDING_MISMATCH",
        json!({ "type": "permit", "id": permit_id(1), "sequence": null }),
    )
    .from(PARENT, "`max_tokens` of the dispatched request", &[]);
    let request = r#"{"max_tokens":4000,"messages":[{"content":"Where is my order?","role":"user"}],"model":"example-large"}"#;
    let pack = Pack::closed()?.with_file(
        "dispatched_request",
        "dispatched-request.json",
        request.as_bytes().to_vec(),
    );
    pack.put_into(draft)
}
