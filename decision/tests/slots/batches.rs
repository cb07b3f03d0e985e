// SPDX-License-Identifier: Apache-2.0

//! Audit batches.

use permit_canonical_json::{Object, Value};
use permit_claims::Unsupported::Disproved;
use permit_decision::Slot;

use crate::bench::{BATCH, json, judge_by, permit, registered, signed, told};

const SLOT: Slot = Slot::AuditAttestation;

/// Judges with these batches in the permit, the document or the manifest.
fn knows(place: usize, name: &'static str, batches: &str) -> bool {
    let mut own = permit();
    own.remove("audit_batches");
    let mut holders = [signed(SLOT, own), Object::default(), Object::default()];
    holders[place].insert(name, json(batches.as_bytes()).into_owned());
    let [permit, mut document, manifest] = holders;
    document.insert("permit", permit);
    match judge_by(SLOT, &document, Some(&manifest), Some(&registered(SLOT))) {
        Ok(_) => true,
        Err(fault) => {
            assert_eq!(told(&fault), (Disproved, "PERMIT_AUDIT_ATTESTATION_BATCH_MISMATCH"));
            assert_eq!(fault.evidence, ["export.permit.audit_attestation", "audit_batches"]);
            false
        }
    }
}

#[test]
fn a_batch_is_known_from_permit_document_or_manifest() {
    for place in 0..3 {
        for name in ["audit_batch", "audit_batches", "known_audit_batches", "batches"] {
            assert!(knows(place, name, &format!(r#""{BATCH}""#)), "{place} {name}");
            assert!(!knows(place, name, r#""batch-2""#), "{place} {name}");
        }
    }
    for place in 1..3 {
        assert!(!knows(place, "other_batches", &format!(r#""{BATCH}""#)));
    }
}

#[test]
fn batches_are_named_in_several_ways() {
    for (batches, known) in [
        (r#"["batch-1"]"#, true),
        (r#"[[[" batch-1\n"]]]"#, true),
        ("\"\\u001cbatch-1\\u001f\"", true),
        (r#"{"batch_id": "batch-1"}"#, true),
        (r#"{"id": "batch-1"}"#, true),
        (r#"{"audit_batch_id": "batch-1"}"#, true),
        (
            r#"{"id": "x", "batches": [{"known_audit_batches": {"audit_batches": "batch-1"}}]}"#,
            true,
        ),
        (r#"{"audit_batch": "batch-1"}"#, false),
        (r#"{"name": "batch-1"}"#, false),
        (r#"{"batch-1": true}"#, false),
        (r#"[7, null, true, {}, ""]"#, false),
        (r#""Batch-1""#, false),
        (r#""batch-1 and more""#, false),
    ] {
        assert_eq!(knows(0, "audit_batches", batches), known, "{batches}");
    }
}

#[test]
fn depth_costs_no_stack() {
    // Deeper than any reader lets pass, built by hand.
    let mut batches = Value::from(BATCH);
    for _ in 0..5_000 {
        batches = Value::array([batches]);
    }
    let mut own = permit();
    own.remove("audit_batches");
    let permit = signed(SLOT, own);
    let mut manifest = Object::default();
    manifest.insert("batches", batches);
    assert!(judge_by(SLOT, &permit, Some(&manifest), Some(&registered(SLOT))).is_ok());
    // Taking it apart is no matter of this crate.
    std::mem::forget(manifest);
}
