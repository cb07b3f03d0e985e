// SPDX-License-Identifier: Apache-2.0

//! Who may have signed.

use permit_canonical_json::Object;
use permit_claims::Unsupported::{Disproved, InsufficientEvidence};
use permit_failure_codes::FailureCode;
use permit_keys::Mode;
use permit_revocation::{RevocationScope, adjudicate_revocation, find_revocation_in_document};
use permit_types::Artifact;

use crate::bench::{bare, document, entry, judge_by, root, signed, told};

const OPEN: &str = r#", "valid_from": "2026-01-01T00:00:00Z", "valid_to": null"#;

fn event() -> Object<'static> {
    document(signed(bare(), 2))
}

#[test]
fn revoke_10_any_key_that_was_active_may_have_signed() {
    let both = root(&[entry(3, OPEN), entry(2, OPEN), entry(4, OPEN)]);
    let shown = judge_by(&event(), Some(&both)).unwrap();
    assert_eq!(shown.signature().key_id(), Some("6a3803d5f059902a"));
}

#[test]
fn revoke_05_a_foreign_key_disproves() {
    let fault = judge_by(&event(), Some(&root(&[entry(3, OPEN), entry(4, OPEN)]))).unwrap_err();
    assert_eq!(told(&fault), (Disproved, "PERMIT_REVOKED_SIGNATURE_INVALID", "REVOKE-05"));
    assert_eq!(fault.finding.get("keys_tried"), Some("2"));
    assert_eq!(fault.evidence, ["export.revocation_event.event", "signature", "trust_root"]);
}

#[test]
fn revoke_07_without_a_trust_root_nothing_is_known() {
    let word = "PERMIT_REVOKED_TRUST_ROOT_UNRESOLVABLE";
    let fault = judge_by(&event(), None).unwrap_err();
    assert_eq!(told(&fault), (InsufficientEvidence, word, "REVOKE-07"));
    let fault = judge_by(&event(), Some(&root(&[]))).unwrap_err();
    assert_eq!(told(&fault), (InsufficientEvidence, word, "KEY-01"));
    let exports = entry(2, OPEN).replace("permit_binding_signing", "export_signing");
    let fault = judge_by(&event(), Some(&root(&[exports]))).unwrap_err();
    assert_eq!(told(&fault), (InsufficientEvidence, word, "KEY-01"));
    assert_eq!(fault.finding.code(), Some(FailureCode::UnknownSigningKey));
}

#[test]
fn key_03_key_04_key_07_the_only_key_was_not_to_be_trusted_then() {
    use FailureCode::{
        KeyExpiredAtSigningTime as Expired, SigningKeyRevoked as Revoked,
        UnknownSigningKey as Unknown,
    };
    for (more, rule, code) in [
        (r#", "valid_to": "2026-05-21T10:04:59Z""#, "KEY-03", Expired),
        (r#", "valid_from": "2026-05-21T10:05:01Z""#, "KEY-03", Expired),
        (r#", "valid_to": "soon""#, "KEY-07", Unknown),
        (r#", "revoked_at": "2026-05-21T10:05:00Z""#, "KEY-04", Revoked),
        (r#", "status": "revoked""#, "KEY-04", Revoked),
        (r#", "compromised_at": "2027-01-01T00:00:00Z""#, "KEY-04", Revoked),
    ] {
        let fault = judge_by(&event(), Some(&root(&[entry(2, more)]))).unwrap_err();
        let word = "PERMIT_REVOKED_TRUST_ROOT_UNRESOLVABLE";
        assert_eq!(told(&fault), (InsufficientEvidence, word, rule), "{more}");
        assert_eq!(fault.finding.code(), Some(code), "{more}");
    }
}

#[test]
fn key_02_key_04_a_key_that_ended_later_still_shows_it() {
    for more in [
        r#", "valid_to": "2026-05-21T10:05:00Z""#,
        r#", "valid_from": "2026-05-21T10:05:00Z""#,
        r#", "valid_to": "2026-06-01T00:00:00Z", "status": "retired""#,
        r#", "revoked_at": "2026-05-21T10:05:01Z""#,
    ] {
        assert!(judge_by(&event(), Some(&root(&[entry(2, more)]))).is_ok(), "{more}");
    }
}

#[test]
fn key_04_a_revoked_key_beside_a_good_one_verifies_nothing() {
    let revoked = entry(2, r#", "status": "revoked""#);
    let fault = judge_by(&event(), Some(&root(&[entry(3, OPEN), revoked]))).unwrap_err();
    assert_eq!(told(&fault), (Disproved, "PERMIT_REVOKED_SIGNATURE_INVALID", "REVOKE-05"));
}

#[test]
fn key_05_test_keys_count_in_test_mode_and_no_others_do() {
    let test = root(&[entry(2, r#", "environment": "test""#)]);
    let production = root(&[entry(2, OPEN)]);
    let event = event();
    let found = find_revocation_in_document(&event, Artifact::Export).unwrap();
    let scope = RevocationScope::default();
    for (keys, mode, holds) in [
        (&test, Mode::Test, true),
        (&test, Mode::Production, false),
        (&production, Mode::Test, false),
        (&production, Mode::Production, true),
    ] {
        let judged = adjudicate_revocation(&found, &scope, Some(keys), mode);
        assert_eq!(judged.is_ok(), holds, "{mode:?}");
        if let Err(fault) = judged {
            let word = "PERMIT_REVOKED_TRUST_ROOT_UNRESOLVABLE";
            assert_eq!(told(&fault), (InsufficientEvidence, word, "KEY-05"));
        }
    }
}
