// SPDX-License-Identifier: Apache-2.0

//! Key manifests that are made and changed: what they say is what verifiers read.

#![cfg(test)]

use permit_canonical_json::{Budget, Profile};
use permit_keys::{
    CoverageGap, EntryDraft, KeyManifestDraft, KeyManifestDraftError as Error, KeyPurpose,
    KeyRequest, Mode, PublicKey, Signer, SoftwareKey,
};
use permit_types::{Instant, Rfc3339};

const EXPORT: KeyPurpose = KeyPurpose::ExportSigning;
const BINDING: KeyPurpose = KeyPurpose::PermitBindingSigning;

fn key(seed: u8) -> PublicKey {
    SoftwareKey::from_seed(&[seed; 32]).public_key()
}

fn at(text: &str) -> Rfc3339 {
    Rfc3339::parse(text).unwrap()
}

fn day(day: u8) -> Rfc3339 {
    at(&format!("2026-03-{day:02}T00:00:00Z"))
}

fn resolves(draft: &KeyManifestDraft, purpose: KeyPurpose, key_id: &str, when: &Rfc3339) -> bool {
    let manifest = draft.finish().unwrap();
    let request = KeyRequest::new().key_id(key_id).signed_at(when.instant());
    manifest.resolve(purpose, &request, Mode::Production).is_ok()
}

fn draft() -> KeyManifestDraft {
    let mut draft = KeyManifestDraft::new();
    draft.add(EntryDraft::new(EXPORT, key(1)).valid_from(day(1)).valid_to(day(10))).unwrap();
    draft.add(EntryDraft::new(BINDING, key(1)).valid_from(day(1))).unwrap();
    draft
}

#[test]
fn key_01_key_03_an_entry_is_good_for_its_purpose_and_window() {
    let draft = draft();
    let id = key(1).export_key_id().to_string();
    for (when, good) in [
        ("2026-02-28T23:59:59.999999Z", false),
        ("2026-03-01T00:00:00Z", true),
        ("2026-03-10T00:00:00Z", true),
        ("2026-03-10T00:00:00.000001Z", false),
    ] {
        assert_eq!(resolves(&draft, EXPORT, &id, &at(when)), good, "{when}");
    }
    assert!(!resolves(&draft, KeyPurpose::IntegrityCheckpoint, &id, &day(2)));
    assert!(resolves(&draft, BINDING, &key(1).binding_key_id().to_string(), &day(20)));
}

#[test]
fn key_05_an_entry_for_tests_is_no_entry_of_production() {
    let mut draft = KeyManifestDraft::new();
    draft.add(EntryDraft::new(EXPORT, key(2)).environment("test")).unwrap();
    draft.add(EntryDraft::new(EXPORT, key(3)).key_id("keel-test-export-01")).unwrap();
    let manifest = draft.finish().unwrap();
    assert!(manifest.entries().all(permit_keys::KeyEntry::is_test));
    for entry in manifest.entries() {
        let request = KeyRequest::new().key_id(entry.key_id()).signed_at(day(1).instant());
        assert!(manifest.resolve(EXPORT, &request, Mode::Production).is_err());
        assert!(manifest.resolve(EXPORT, &request, Mode::Test).is_ok());
    }
}

#[test]
fn key_02_what_a_retired_key_signed_still_counts() {
    let mut draft = draft();
    let id = key(1).export_key_id().to_string();
    draft.retire(&key(1), EXPORT, &day(5)).unwrap();
    assert!(resolves(&draft, EXPORT, &id, &day(5)));
    assert!(!resolves(&draft, EXPORT, &id, &day(6)));
    assert!(resolves(&draft, BINDING, &key(1).binding_key_id().to_string(), &day(6)));
}

#[test]
fn key_04_revoked_from_then_on_compromised_at_any_time() {
    let mut draft = draft();
    let (export, binding) =
        (key(1).export_key_id().to_string(), key(1).binding_key_id().to_string());
    draft.revoke(&key(1), EXPORT, &day(5)).unwrap();
    assert!(resolves(&draft, EXPORT, &export, &day(4)));
    assert!(!resolves(&draft, EXPORT, &export, &day(5)));
    assert!(resolves(&draft, BINDING, &binding, &day(5)));
    draft.mark_compromised(&key(1), &day(6)).unwrap();
    assert!(!resolves(&draft, EXPORT, &export, &day(2)));
    assert!(!resolves(&draft, BINDING, &binding, &day(2)));
}

#[test]
fn a_change_never_gives_back_what_was_taken() {
    let mut draft = draft();
    draft.revoke(&key(1), EXPORT, &day(5)).unwrap();
    let before = draft.to_value();
    for (what, error) in [
        ("later revocation", draft.clone().revoke(&key(1), EXPORT, &day(6)).unwrap_err()),
        ("longer window", draft.clone().retire(&key(1), EXPORT, &day(11)).unwrap_err()),
        (
            "empty window",
            draft.clone().retire(&key(1), EXPORT, &at("2026-02-01T00:00:00Z")).unwrap_err(),
        ),
    ] {
        let refused = matches!(error, Error::RevokedBefore { .. } | Error::OutsideWindow { .. });
        assert!(refused, "{what}: {error}");
    }
    assert_eq!(draft.to_value(), before);
    // Retired after it was revoked, it stays revoked, in every word of it.
    draft.retire(&key(1), EXPORT, &day(8)).unwrap();
    let id = key(1).export_key_id().to_string();
    assert!(!resolves(&draft, EXPORT, &id, &day(6)));
    let bare = br#"{"keys": [{"purpose": "export_signing", "status": "revoked", "public_key": "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="}]}"#;
    let mut bare = KeyManifestDraft::read(bare, &Budget::default()).unwrap();
    bare.retire(&key(1), EXPORT, &day(8)).unwrap();
    assert_eq!(
        bare.to_value().get("keys").unwrap().as_array().unwrap()[0].get("status").unwrap().as_str(),
        Some("revoked")
    );
}

#[test]
fn entries_that_contradict_others_are_refused() {
    let mut draft = draft();
    let name = key(1).export_key_id().to_string();
    for (entry, expected) in [
        (EntryDraft::new(EXPORT, key(1)), Error::Known { index: 0 }),
        (
            EntryDraft::new(EXPORT, key(4)).key_id(&name),
            Error::NameTaken { index: 0, key_id: name.clone() },
        ),
        (
            EntryDraft::new(EXPORT, key(4)).valid_from(day(2)).valid_to(day(1)),
            Error::EmptyWindow { from: day(2).to_string(), to: day(1).to_string() },
        ),
    ] {
        assert_eq!(draft.add(entry), Err(expected));
    }
    draft.mark_compromised(&key(1), &day(3)).unwrap();
    let scope = EntryDraft::new(KeyPurpose::ScopeState, key(1));
    assert_eq!(draft.add(scope), Err(Error::Compromised { index: 0 }));
    assert_eq!(draft.mark_compromised(&key(9), &day(3)), Err(Error::NoEntry { purpose: None }));
    assert_eq!(
        draft.revoke(&key(1), KeyPurpose::ScopeState, &day(3)),
        Err(Error::NoEntry { purpose: Some(KeyPurpose::ScopeState) })
    );
}

#[test]
fn rotation_leaves_no_gap_or_changes_nothing() {
    let whole = (day(1).instant(), day(31).instant());
    let mut good = draft();
    good.rotate(&key(1), &day(10), EntryDraft::new(EXPORT, key(2)).valid_from(day(10))).unwrap();
    assert_eq!(good.gaps(EXPORT, whole.0, whole.1), Ok(Vec::new()));
    assert!(good.finish().unwrap().entries().all(|entry| entry.status() == Some("active")));

    let mut bad = draft();
    let before = bad.to_value();
    let late = EntryDraft::new(EXPORT, key(2)).valid_from(at("2026-03-10T00:00:00.000001Z"));
    assert!(matches!(bad.rotate(&key(1), &day(10), late), Err(Error::NoOverlap { .. })));
    assert_eq!(bad.rotate(&key(1), &day(9), EntryDraft::new(EXPORT, key(1))), Err(Error::SameKey));
    assert!(bad.rotate(&key(3), &day(9), EntryDraft::new(EXPORT, key(2))).is_err());
    // The new entry is refused after the old one was changed in the copy.
    let taken = EntryDraft::new(EXPORT, key(2)).key_id(key(1).export_key_id().to_string());
    assert!(matches!(bad.rotate(&key(1), &day(9), taken), Err(Error::NameTaken { .. })));
    assert_eq!(bad.to_value(), before);
}

#[test]
fn gaps_are_told_to_the_nanosecond() {
    let instant = |text: &str| Instant::parse(text).unwrap();
    let gap = |from: &str, to: &str| CoverageGap { from: instant(from), to: instant(to) };
    let mut draft = KeyManifestDraft::new();
    let (from, to) = (day(1).instant(), day(31).instant());
    assert_eq!(draft.gaps(EXPORT, from, to), Ok(vec![CoverageGap { from, to }]));
    draft.add(EntryDraft::new(EXPORT, key(1)).valid_from(day(3)).valid_to(day(5))).unwrap();
    draft.add(EntryDraft::new(EXPORT, key(2)).valid_from(day(4)).valid_to(day(4))).unwrap();
    draft.add(EntryDraft::new(EXPORT, key(3)).valid_from(day(8))).unwrap();
    draft.add(EntryDraft::new(EXPORT, key(4)).valid_from(day(6))).unwrap();
    draft.mark_compromised(&key(4), &day(7)).unwrap();
    draft.revoke(&key(3), EXPORT, &day(20)).unwrap();
    let expected = vec![
        gap("2026-03-01T00:00:00Z", "2026-03-02T23:59:59.999999999Z"),
        gap("2026-03-05T00:00:00.000000001Z", "2026-03-07T23:59:59.999999999Z"),
        gap("2026-03-20T00:00:00Z", "2026-03-31T00:00:00Z"),
    ];
    assert_eq!(draft.gaps(EXPORT, from, to), Ok(expected));
}

#[test]
fn what_is_not_known_is_kept() {
    let text = br#"{"keys":[{"note":"ours","public_key":"iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=","purpose":"export_signing"}],"publisher":"example","version":7}"#;
    let mut draft = KeyManifestDraft::read(text, &Budget::default()).unwrap();
    assert_eq!(Profile::Payload.to_text(&draft.to_value()).unwrap().as_bytes(), text);
    draft.retire(&key(1), EXPORT, &day(1)).unwrap();
    let value = draft.to_value();
    assert_eq!(value.get("publisher").and_then(|value| value.as_str()), Some("example"));
    let entry = &value.get("keys").unwrap().as_array().unwrap()[0];
    assert_eq!(entry.get("note").and_then(|value| value.as_str()), Some("ours"));
    for bad in [&b"{}"[..], b"[]", br#"{"keys":[7]}"#, br#"{"keys":{}}"#] {
        assert!(KeyManifestDraft::read(bad, &Budget::default()).is_err());
    }
}
