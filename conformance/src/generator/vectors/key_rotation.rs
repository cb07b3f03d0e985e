// SPDX-License-Identifier: Apache-2.0

//! Category 06: keys that are no longer in use.

use serde_json::Value as Json;

use super::{ALL_LAYERS, without};
use crate::generator::{
    case_draft::CaseDraft,
    document::set,
    fault::Fault,
    pack::Pack,
    test_keys::{self, BINDING, EXPORT, EXPORT_NEXT},
};

const RETIRED: &str = "cat-06-key-rotation/06-01-retired-key-still-verifies";

pub(super) fn cases() -> Result<Vec<CaseDraft>, Fault> {
    let retired = CaseDraft::vector(
        RETIRED,
        "A key that was retired later",
        "The key was retired at the end of May, another took its place. What it signed before still counts: keys are \
         judged at the time of signing.",
        &["KEY-01", "KEY-02", "BUNDLE-07"],
    )
    .decisions(&["AMB-27"])
    .layers(&ALL_LAYERS, &[])
    .counts(1, 6, 1, 0)
    .checks(&["walk_events", "verify_closure"]);

    let key_validity = "key_validity";
    let rejected = |id: &str, title: &str, why: &str, clauses: &[&str], code: &str| {
        CaseDraft::vector(id, title, why, clauses)
            .layers(&without(&ALL_LAYERS, key_validity), &[key_validity])
            .checks(&["walk_events", "verify_closure"])
            .fails(code, Json::Null)
            .decisions(&["DIFF-05"])
            .set(
                "reference",
                "takes a key that is named whenever it signed, and knows no revocation: accepts",
            )
    };
    let expired = rejected(
        "cat-06-key-rotation/06-02-expired-key-rejected",
        "Signed with a key that was retired before",
        "The same export, signed with the same key, but after the key's last day. The signature is right; the key was \
         not to be used any more.",
        &["KEY-03", "BUNDLE-07"],
        "KEY_EXPIRED_AT_SIGNING_TIME",
    )
    .from(RETIRED, "`signed_at` of the manifest is after the key's window", &["manifest"]);
    let mut late = rotated()?;
    set(&mut late.manifest, "/signed_at", "2026-06-02T00:00:00Z")?;

    let revoked = rejected(
        "cat-06-key-rotation/06-03-revoked-key-warning",
        "Signed with a key that turned out to be compromised",
        "The key was in use when it signed. Later it turned out that others had it. Whoever has a key can state any \
         time of signing, so that nothing it signed counts.",
        &["KEY-04"],
        "SIGNING_KEY_REVOKED",
    )
    .from(RETIRED, "the trust root marks the key as compromised", &[]);
    let mut compromised = rotated()?;
    set(&mut compromised.trust, "/keys/0/status", "compromised")?;
    set(&mut compromised.trust, "/keys/0/compromised_at", "2026-07-01T00:00:00Z")?;

    Ok(vec![rotated()?.put_into(retired)?, late.put_into(expired)?, compromised.put_into(revoked)?])
}

/// An export whose key was retired three weeks after it signed.
fn rotated() -> Result<Pack, Fault> {
    let mut pack = Pack::closed_with_request()?;
    pack.trust = test_keys::trust_root(&[EXPORT, EXPORT_NEXT, BINDING]);
    set(&mut pack.trust, "/keys/0/status", "retired")?;
    set(&mut pack.trust, "/keys/0/valid_to", "2026-05-31T23:59:59Z")?;
    set(&mut pack.trust, "/keys/1/valid_from", "2026-05-31T00:00:00Z")?;
    Ok(pack)
}
