// SPDX-License-Identifier: Apache-2.0

//! Which key may have signed.

use permit_canonical_json::Object;
use permit_claims::Unsupported::{self, Disproved, InsufficientEvidence};
use permit_decision::{adjudicate_decision, find_decision_in_document};
use permit_failure_codes::FailureCode;
use permit_keys::Mode;
use permit_types::Artifact;

use crate::bench::{KEY_ID, bent, beside, entry, judge_by, key, payload, root, sealed, told};

const UNTRUSTED: &str = "PERMIT_DECISION_UNTRUSTED_KEY";
const UNRESOLVABLE: &str = "PERMIT_DECISION_TRUST_ROOT_UNRESOLVABLE";

fn expect(evidence: Object<'static>, entries: &[String], expected: (Unsupported, &str, &str)) {
    let fault = judge_by(evidence, Some(&root(entries))).expect_err(&format!("{entries:?}"));
    assert_eq!(told(&fault), expected, "{entries:?}: {}", fault.message());
}

#[test]
fn key_01_the_trust_root_has_no_such_key() {
    let export = entry(2, "").replace("permit_binding_signing", "export_signing");
    let without_id = entry(2, "").replace("\"key_id\"", "\"name\"");
    for entries in [vec![], vec![entry(3, "")], vec![export], vec![without_id]] {
        expect(sealed(payload(), 2), &entries, (InsufficientEvidence, UNTRUSTED, "KEY-01"));
    }
    let fault = judge_by(sealed(payload(), 2), Some(&root(&[]))).unwrap_err();
    assert_eq!(fault.finding.code(), Some(FailureCode::PermitDecisionKeyNotTrusted));
    assert_eq!(fault.finding.get("key_problem"), Some("UNKNOWN_SIGNING_KEY"));
    assert_eq!(fault.evidence, ["export.permit_decision", "trust_root"]);
}

#[test]
fn sem_05_without_a_usable_trust_root_nothing_is_known() {
    let fault = judge_by(sealed(payload(), 2), None).unwrap_err();
    assert_eq!(told(&fault), (InsufficientEvidence, UNRESOLVABLE, "SEM-05"));
    let public = key(2).public_key().to_string();
    for bad in ["ed25519:AAAA", "x", ""] {
        let unusable = entry(2, "").replace(&public, bad);
        expect(sealed(payload(), 2), &[unusable], (InsufficientEvidence, UNRESOLVABLE, "KEY-01"));
    }
    // Two keys of one id, both active: nothing tells which one is meant.
    let other = entry(3, "").replace(&key(3).key_id().to_string(), KEY_ID);
    let both = [entry(2, ""), other];
    expect(sealed(payload(), 2), &both, (InsufficientEvidence, UNRESOLVABLE, "KEY-01"));
}

#[test]
fn sem_05_the_id_is_that_of_the_key() {
    let renamed = entry(3, "").replace(&key(3).key_id().to_string(), KEY_ID);
    let expected = (Disproved, "PERMIT_DECISION_KEY_ID_MISMATCH", "SEM-05");
    expect(sealed(payload(), 3), &[renamed], expected);
    let named = bent("binding_key_id", "the-binding-key");
    let renamed = entry(2, "").replace(KEY_ID, "the-binding-key");
    expect(named, &[renamed], expected);
}

#[test]
fn key_03_key_04_key_07_the_key_was_not_to_be_trusted_then() {
    for (more, rule, problem) in [
        (r#", "valid_to": "2026-05-21T09:59:59Z""#, "KEY-03", "KEY_EXPIRED_AT_SIGNING_TIME"),
        (r#", "valid_from": "2026-05-21T10:00:01Z""#, "KEY-03", "KEY_EXPIRED_AT_SIGNING_TIME"),
        (r#", "valid_from": "soon""#, "KEY-07", "UNKNOWN_SIGNING_KEY"),
        (r#", "revoked_at": "2026-05-21T10:00:00Z""#, "KEY-04", "SIGNING_KEY_REVOKED"),
        (r#", "status": "revoked""#, "KEY-04", "SIGNING_KEY_REVOKED"),
        (r#", "compromised_at": "2027-01-01T00:00:00Z""#, "KEY-04", "SIGNING_KEY_REVOKED"),
    ] {
        let fault = judge_by(sealed(payload(), 2), Some(&root(&[entry(2, more)]))).unwrap_err();
        assert_eq!(told(&fault), (InsufficientEvidence, UNTRUSTED, rule), "{more}");
        assert_eq!(fault.finding.get("key_problem"), Some(problem), "{more}");
    }
}

#[test]
fn key_02_a_key_that_ended_later_still_shows_it() {
    for more in [
        r#", "valid_to": "2026-05-21T10:00:00Z", "status": "retired""#,
        r#", "valid_from": "2026-05-21T10:00:00Z""#,
        r#", "revoked_at": "2026-05-21T10:00:01Z""#,
    ] {
        assert!(judge_by(sealed(payload(), 2), Some(&root(&[entry(2, more)]))).is_ok(), "{more}");
    }
}

#[test]
fn key_03_the_later_of_both_times_counts_so_that_the_unsigned_one_gains_nothing() {
    let (before, after) = ("2026-05-21T09:00:00Z", "2026-05-21T11:00:00Z");
    let until_ten = [entry(2, r#", "valid_to": "2026-05-21T10:00:00Z""#)];
    let from_half_past = [entry(2, r#", "valid_from": "2026-05-21T10:30:00Z""#)];
    let untrusted = (InsufficientEvidence, UNTRUSTED, "KEY-03");

    // Issued by the old key, bound after its end.
    expect(beside("binding_issued_at", after), &until_ten, untrusted);
    // Issued after the old key's end, and the unsigned time moved into its window.
    let mut late = bent("issued_at", after);
    late.insert("binding_issued_at", before);
    expect(late, &until_ten, untrusted);
    // Issued before the new key began, bound by it afterwards: that is how keys are rotated.
    let bound_later = beside("binding_issued_at", after);
    assert!(judge_by(bound_later, Some(&root(&from_half_past))).is_ok());
}

#[test]
fn key_03_a_time_that_cannot_be_read_needs_a_key_without_an_end() {
    for evidence in [bent("issued_at", "today"), beside("binding_issued_at", "today")] {
        let from = entry(2, r#", "valid_from": "2026-01-01T00:00:00Z""#);
        expect(evidence.clone(), &[from], (InsufficientEvidence, UNTRUSTED, "KEY-03"));
        assert!(judge_by(evidence, Some(&root(&[entry(2, "")]))).is_ok());
    }
}

#[test]
fn key_05_test_keys_count_in_test_mode_and_no_others_do() {
    let mut document = Object::default();
    document.insert("permit_decision", sealed(payload(), 2));
    let found = find_decision_in_document(&document, Artifact::Export).unwrap();
    for (more, mode, holds) in [
        (r#", "environment": "test""#, Mode::Test, true),
        (r#", "environment": "test""#, Mode::Production, false),
        ("", Mode::Test, false),
        ("", Mode::Production, true),
    ] {
        let judged = adjudicate_decision(&found, Some(&root(&[entry(2, more)])), mode);
        assert_eq!(judged.is_ok(), holds, "{more} {mode:?}");
        if let Err(fault) = judged {
            assert_eq!(told(&fault), (InsufficientEvidence, UNTRUSTED, "KEY-05"));
        }
    }
}

#[test]
fn sem_05_a_signature_of_another_key_or_another_payload_disproves() {
    let expected = (Disproved, "PERMIT_DECISION_SIGNATURE_INVALID", "SEM-05");
    expect(sealed(payload(), 3), &[entry(2, ""), entry(3, "")], expected);
    let mut other = sealed(payload(), 2);
    let foreign = bent("reason", "x").get("binding_signature").unwrap().clone();
    other.insert("binding_signature", foreign);
    expect(other, &[entry(2, "")], expected);
}
