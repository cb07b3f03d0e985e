// SPDX-License-Identifier: Apache-2.0

//! Category 07: bundles at the edges of their form.

use serde_json::json;

use super::{SEGMENT_LAYERS, without};
use crate::generator::{
    case_draft::CaseDraft,
    fault::Fault,
    pack::{Pack, allowed, entry},
};

pub(super) fn cases() -> Result<Vec<CaseDraft>, Fault> {
    let empty = CaseDraft::vector(
        "cat-07-bundle-format/07-01-empty-bundle",
        "An export without records",
        "Nothing happened in the window, and the issuer says so, signed. There is nothing to walk; the export is what \
         it claims to be.",
        &["BUNDLE-05", "BUNDLE-06", "BUNDLE-08"],
    )
    .layers(&["json", "schema", "manifest_hash", "manifest_signature", "key_validity"], &[]);
    let single = CaseDraft::vector(
        "cat-07-bundle-format/07-02-single-entry-bundle",
        "An export with the first entry of a chain",
        "One permit, one entry. Its link goes to what the issuer starts chains with.",
        &["BUNDLE-03", "CHAIN-15", "CHAIN-16"],
    )
    .decisions(&["AMB-10", "AMB-18"])
    .layers(&SEGMENT_LAYERS, &[])
    .counts(1, 1, 0, 0)
    .checks(&["walk_events"]);
    let record = json!({
        "chain_entries": [entry(1, 1, "permit.evaluated", json!({ "decision": "allow" }))],
        "permit": allowed(1)?,
    });
    let malformed = CaseDraft::vector(
        "cat-07-bundle-format/07-03-malformed-manifest-json",
        "A manifest that is cut off",
        "The manifest ends in the middle of a member. There is nothing to hold the export against.",
        &["BUNDLE-10"],
    )
    .layers(&without(&["json"], "json"), &["json"])
    .checks(&["walk_events"])
    .fails("MANIFEST_PARSE_ERROR", json!({ "type": "manifest", "id": null, "sequence": null }))
    .from(
        "cat-07-bundle-format/07-02-single-entry-bundle",
        "the second half of the manifest is cut off",
        &[],
    )
    .note("Layers that need a manifest are in neither list: there is none.");
    let mut cut = Pack::of(vec![record.clone()])?;
    let whole = crate::generator::document::file(&cut.manifest)?;
    let half = whole.len() / 2;
    cut.manifest_bytes = whole.get(..half).map(<[u8]>::to_vec);
    Ok(vec![
        Pack::of(vec![])?.put_into(empty)?,
        Pack::of(vec![record])?.put_into(single)?,
        cut.put_into(malformed)?,
    ])
}
