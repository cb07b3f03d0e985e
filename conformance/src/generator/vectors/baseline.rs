// SPDX-License-Identifier: Apache-2.0

//! Category 01: what is right has to pass.

use serde_json::json;

use super::{ALL_LAYERS, without};
use crate::generator::{
    case_draft::CaseDraft,
    checkpoint::Checkpoint,
    fault::Fault,
    pack::{Pack, allowed, closed_record, entry, execution},
    test_keys::{self, BINDING, CHECKPOINT, EXPORT},
};

/// The layers of an export with entries and without closures.
pub(crate) const SEGMENT_LAYERS: [&str; 8] = [
    "json",
    "schema",
    "manifest_hash",
    "manifest_signature",
    "chain_record_hash",
    "chain_linkage",
    "chain_sequence",
    "key_validity",
];

pub(super) fn cases() -> Result<Vec<CaseDraft>, Fault> {
    let export = CaseDraft::vector(
        "cat-01-baseline/01-01-valid-permit-export",
        "One permit in a signed export, with everything",
        "A permit was allowed, bound to its request, dispatched, answered and closed. The export carries the permit, \
         its six chain entries and its closure, and the request as it was dispatched lies beside it. \
         Whoever rejects this rejects everything.",
        &["CONF-05", "BUNDLE-06", "BUNDLE-08", "CHAIN-01", "CLOSE-08", "PERMIT-07", "CONFM-05"],
    )
    .decisions(&["AMB-12", "AMB-13", "AMB-18"])
    .layers(&ALL_LAYERS, &[])
    .counts(1, 1, 1, 0)
    .checks(&["walk_events", "verify_closure"])
    .note("The published list plans a detached signature over the manifest and an export of JSON Lines; both contradict the bundle document, which this case follows.");
    let export = Pack::closed_with_request()?.put_into(export)?;

    let chain = CaseDraft::vector(
        "cat-01-baseline/01-02-valid-chain-segment",
        "Eight entries whose links hold",
        "Two permits of one project, eight entries in one scope. The first is the issuer's first entry; \
         nothing is claimed about what came after the last.",
        &["CHAIN-07", "CHAIN-08", "CHAIN-09", "CHAIN-16", "CHAIN-19"],
    )
    .layers(&SEGMENT_LAYERS, &[])
    .counts(2, 8, 0, 0)
    .checks(&["walk_events"]);
    let chain = segment()?.put_into(chain)?;

    let closure = CaseDraft::vector(
        "cat-01-baseline/01-03-valid-closure-record",
        "Two closures, all digests right",
        "Two permits were closed. Each closure states the digest of what was dispatched, received and delivered, \
         and each of them has its counterpart. The entries stand at the level of the bundle.",
        &["CLOSE-01", "CLOSE-05", "CLOSE-07", "CLOSE-08", "CLOSE-17", "CLOSE-18", "CLOSE-19"],
    )
    .layers(&without(&ALL_LAYERS, "permit_dispatch_binding"), &[])
    .counts(2, 12, 2, 0)
    .checks(&["walk_events", "verify_closure"]);
    let closure = Pack::of(vec![closed_record(1)?, closed_record(2)?])?
        .at_bundle_level()?
        .put_into(closure)?;

    let checkpoint = CaseDraft::vector(
        "cat-01-baseline/01-04-valid-checkpoint-with-tsa",
        "An export, the checkpoint over its chain, and a time stamp",
        "The checkpoint names the last entry of the export as the head of its scope. A time-stamp authority \
         stamped its composite hash. Export and checkpoint are both judged.",
        &["SEM-01", "SEM-02", "SEM-03", "CHAIN-08", "BUNDLE-08"],
    )
    .layers(
        &[&SEGMENT_LAYERS[..], &["tsa_receipt"]].concat(),
        &[],
    )
    .counts(2, 8, 0, 1)
    .checks(&["walk_events"])
    .features(&["checkpoint"]);
    let pack = segment()?;
    let sealed = Checkpoint::over(&pack)?.with_receipt()?;
    let mut pack = pack.with_file("checkpoint", "checkpoint.json", sealed.file()?);
    pack.trust = test_keys::trust_root(&[EXPORT, BINDING, CHECKPOINT]);
    Ok(vec![export, chain, closure, pack.put_into(checkpoint)?])
}

/// Two permits and eight entries, none of them a closure.
pub(crate) fn segment() -> Result<Pack, Fault> {
    let mut first = execution(1)?;
    first.push(entry(1, 6, "usage.reported", json!({ "total_tokens": 412 })));
    let second = vec![
        entry(2, 61, "permit.evaluated", json!({ "decision": "allow" })),
        entry(2, 62, "permit.expired", json!({})),
    ];
    Pack::of(vec![
        json!({ "chain_entries": first, "permit": allowed(1)? }),
        json!({ "chain_entries": second, "permit": allowed(2)? }),
    ])
}
