// SPDX-License-Identifier: Apache-2.0

//! Category 14: the whole matrix of statuses and digests (CLOSE-05 to CLOSE-08, CLOSE-20).
//!
//! Every status with all three digests, without each of them, and with another one in its place.

use serde_json::{Value as Json, json};

use crate::generator::{
    case_draft::CaseDraft,
    document::{at_mut, set},
    fault::Fault,
    pack::{Pack, hex, permit_id, seal_closure},
    test_keys::BINDING,
    vectors::{ALL_LAYERS, without},
};

/// A status, and whether each digest has to be there: dispatch, provider, client.
const MATRIX: [(&str, [bool; 3]); 8] = [
    ("closed", [true, true, true]),
    ("client_disconnected", [false, false, false]),
    ("provider_error", [false, false, false]),
    ("timeout", [false, false, false]),
    ("dispatch_error", [false, false, false]),
    ("provider_digest_missing", [false, false, false]),
    // The provider's digest is available: an event of the export shows it (AMB-04).
    ("client_digest_missing", [false, true, false]),
    ("missing_closure", [false, false, false]),
];

/// A digest: its member, its short name, its layer, and the code if it is another one.
const DIGESTS: [(&str, &str, &str, &str); 3] = [
    (
        "dispatch_request_digest_v1",
        "dispatch",
        "closure_dispatch_binding",
        "WALK_CLOSURE_DISPATCH_DIGEST_MISMATCH",
    ),
    (
        "provider_response_digest_v1",
        "provider",
        "closure_provider_binding",
        "WALK_CLOSURE_DIGEST_MISMATCH",
    ),
    (
        "client_response_digest_v1",
        "client",
        "closure_client_binding",
        "WALK_CLOSURE_DIGEST_MISMATCH",
    ),
];

pub(super) fn cases() -> Result<Vec<CaseDraft>, Fault> {
    let mut cases = Vec::new();
    let mut number = 0_u32;
    for (status, required) in MATRIX {
        let mut next = |name: &str| {
            number = number.saturating_add(1);
            let status = status.replace('_', "-");
            format!("cat-14-digest-matrix/14-{number:02}-{status}-{name}")
        };
        let complete = next("complete");
        let draft = matrix(
            &complete,
            &format!("`{status}` with all digests"),
            "All three digests are there, and each is that of its counterpart.",
            status,
        );
        cases.push(bent(status, |_| Ok(()))?.put_into(draft)?);
        for ((member, short, layer, code), required) in DIGESTS.into_iter().zip(required) {
            let id = next(&format!("no-{short}"));
            let mut draft = matrix(
                &id,
                &format!("`{status}` without the digest of {short}"),
                if required {
                    "This status needs the digest, and the closure does not state it."
                } else {
                    "This status does not need the digest."
                },
                status,
            )
            .from(
                &complete,
                &format!("`{member}` of the closure is null"),
                &["closure", "manifest"],
            );
            if required {
                draft = fails(draft, "WALK_CLOSURE_DIGEST_MISSING", layer);
            }
            let pack = bent(status, |closure| set(closure, &format!("/{member}"), Json::Null))?;
            cases.push(pack.put_into(draft)?);

            let id = next(&format!("other-{short}"));
            let skipped = status == "missing_closure";
            let mut draft = matrix(
                &id,
                &format!("`{status}` with another digest of {short}"),
                if skipped {
                    "Without a closure there is nothing to compare: the digests of this status are skipped."
                } else {
                    "A digest that is there has to be that of its counterpart, whatever the status."
                },
                status,
            )
            .from(&complete, &format!("`{member}` of the closure"), &["closure", "manifest"]);
            if !skipped {
                draft = fails(draft, code, layer);
            }
            let pack =
                bent(status, |closure| set(closure, &format!("/{member}"), hex("something else")))?;
            cases.push(pack.put_into(draft)?);
        }
    }
    Ok(cases)
}

fn matrix(id: &str, title: &str, why: &str, status: &str) -> CaseDraft {
    let clauses: &[&str] = match status {
        "closed" => &["CLOSE-05", "CLOSE-06", "CLOSE-07", "CLOSE-08"],
        "missing_closure" => &["CLOSE-20"],
        _ => &["CLOSE-06", "CLOSE-07", "CLOSE-08"],
    };
    let draft = CaseDraft::vector(id, title, why, clauses)
        .layers(&without(&ALL_LAYERS, "permit_dispatch_binding"), &[])
        .checks(&["verify_closure"])
        .counts(1, 0, 1, 0)
        .set("importance", "medium");
    if status == "client_digest_missing" { draft.decisions(&["AMB-04"]) } else { draft }
}

fn fails(draft: CaseDraft, code: &str, layer: &str) -> CaseDraft {
    let layers = without(&ALL_LAYERS, "permit_dispatch_binding");
    draft
        .layers(&without(&layers, layer), &[layer])
        .fails(code, json!({ "type": "closure_record", "id": permit_id(1), "sequence": null }))
}

fn bent(status: &str, bend: impl FnOnce(&mut Json) -> Result<(), Fault>) -> Result<Pack, Fault> {
    let mut pack = Pack::closed()?;
    let pointer = pack.closure_at()?;
    let payload = at_mut(&mut pack.document, &pointer)?;
    set(payload, "/closure_status", status)?;
    bend(payload)?;
    seal_closure(payload, BINDING)?;
    pack.sign_again()?;
    Ok(pack)
}
