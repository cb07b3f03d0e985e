// SPDX-License-Identifier: Apache-2.0

//! Every form a key manifest may have, and every way it may fail to be one.

use permit_canonical_json::{Budget, Kind};
use permit_keys::{
    KeyManifest, KeyManifestErrorKind, KeyManifestNotice, KeyPurpose, KeyRequest, Mode,
    PublicKeyError, Revocation, UnusableKey, WindowBound,
};
use permit_types::{Artifact, Instant, Severity};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{KEY, entry, read, read_text};

#[test]
fn a_purpose_at_the_top_stands_in_for_missing_ones() {
    let root = json!({ "purpose": "export_signing", "keys": [
        { "public_key": KEY },
        { "public_key": KEY, "purpose": null },
        { "public_key": KEY, "purpose": 7 },
        { "public_key": KEY, "purpose": "scope_state" },
        { "public_key": KEY, "purpose": "" },
    ]});
    let purposes: Vec<_> =
        read(&root).entries().map(|e| e.purpose_text().map(str::to_owned)).collect();
    let expected = ["export_signing", "export_signing", "export_signing", "scope_state", ""];
    assert_eq!(purposes, expected.map(|purpose| Some(purpose.to_owned())));
    let no_text = json!({ "purpose": ["export_signing"], "keys": [{ "public_key": KEY }] });
    assert_eq!(read(&no_text).entries().next().unwrap().purpose_text(), None);
}

#[test]
fn the_key_has_two_names_and_two_spellings() {
    let bare = KEY.strip_prefix("ed25519:").unwrap();
    for (members, text) in [
        (json!({ "public_key": KEY }), KEY),
        (json!({ "public_key": bare }), bare),
        (json!({ "public_key_b64": bare }), KEY),
        (json!({ "public_key_b64": KEY }), KEY),
        (json!({ "public_key_b64": bare, "public_key": null }), KEY),
        (json!({ "public_key_b64": bare, "public_key": 1 }), KEY),
        (json!({ "public_key_b64": "broken", "public_key": bare }), bare),
    ] {
        let found = entry(&members);
        assert_eq!(found.public_key_text(), Some(text), "{members}");
        assert_eq!(found.public_key().unwrap().to_string(), KEY, "{members}");
    }
}

#[test]
fn the_text_of_the_key_is_kept_for_comparison() {
    let bare = KEY.strip_prefix("ed25519:").unwrap();
    let root = read(&json!({ "keys": [{ "public_key": bare, "purpose": "export_signing" }] }));
    let key = root.resolve(KeyPurpose::ExportSigning, &KeyRequest::new(), Mode::Production);
    let key = key.unwrap();
    assert!(key.is_written_as(bare));
    assert!(!key.is_written_as(KEY), "the same key in another spelling is another text");
}

#[test]
fn keys_that_cannot_be_used_are_kept_and_noticed() {
    let short = PublicKeyError::WrongLength { characters: 4 };
    let off_curve = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
    for (members, why) in [
        (json!({}), UnusableKey::Missing),
        (json!({ "public_key": null }), UnusableKey::Missing),
        (json!({ "public_key": 5 }), UnusableKey::NotText { found: Kind::Number }),
        (json!({ "public_key_b64": [] }), UnusableKey::NotText { found: Kind::Array }),
        (json!({ "public_key": "AAAA" }), UnusableKey::Malformed(short)),
        (
            json!({ "public_key": KEY.replace("ojj", "o_j") }),
            UnusableKey::Malformed(PublicKeyError::NotBase64 { offset: 10 }),
        ),
        (json!({ "public_key": off_curve }), UnusableKey::Malformed(PublicKeyError::NotOnCurve)),
    ] {
        let root = read(&json!({ "keys": [members] }));
        assert_eq!(root.entries().next().unwrap().public_key(), Err(why), "{members}");
        let [notice] = root.notices() else { panic!("one notice for {members}") };
        assert!(matches!(notice, KeyManifestNotice::UnusableKey { index: 0, .. }));
        let finding = notice.finding();
        assert_eq!(finding.severity, Severity::Notice);
        assert_eq!(finding.at.artifact, Artifact::KeyManifest);
        assert_eq!(finding.at.pointer.to_string(), "/keys/0");
    }
}

#[test]
fn windows_have_older_names() {
    use WindowBound::{At, Open};
    let time = |text| At(Instant::parse(text).unwrap());
    let (one, two) = (time("2026-01-01"), time("2026-02-01"));
    for (members, from, to) in [
        (json!({}), Open, Open),
        (json!({ "valid_from": "2026-01-01", "valid_to": "2026-02-01" }), one, two),
        (json!({ "active_from": "2026-01-01", "active_to": "2026-02-01" }), one, two),
        (json!({ "active_from": "2026-01-01", "valid_from": "2026-02-01" }), two, Open),
        // A null under the newer name says open, whatever the older one says.
        (json!({ "active_from": "2026-01-01", "valid_from": null }), Open, Open),
        (json!({ "active_to": "2026-01-01", "valid_to": null }), Open, Open),
        (json!({ "valid_until": "2026-01-01" }), Open, one),
        (json!({ "valid_until": "2026-01-01", "valid_to": "2026-02-01" }), Open, one),
        (json!({ "valid_until": "2026-02-01", "valid_to": null }), Open, two),
        (json!({ "valid_until": null, "active_to": "2026-02-01" }), Open, two),
        (json!({ "valid_until": "?", "valid_to": "2026-02-01" }), Open, WindowBound::Unreadable),
    ] {
        let window = *entry(&members).window();
        assert_eq!((window.from, window.to), (from, to), "{members}");
    }
}

#[test]
fn a_missing_status_follows_from_the_end_of_the_window() {
    for (members, status) in [
        (json!({}), None),
        (json!({ "valid_to": null }), Some("active")),
        (json!({ "valid_to": "2026-01-01" }), Some("retired")),
        (json!({ "active_to": "2026-01-01" }), Some("retired")),
        (json!({ "active_to": "2026-01-01", "valid_to": null }), Some("active")),
        (json!({ "status": "paused", "valid_to": null }), Some("paused")),
        (json!({ "status": null, "valid_to": null }), None),
    ] {
        assert_eq!(entry(&members).status(), status, "{members}");
    }
}

#[test]
fn all_members_are_kept() {
    let found = entry(&json!({
        "key_id": "k", "purpose": "p", "public_key": KEY, "status": "revoked",
        "revoked_at": "2026-01-01", "compromised_at": "2026-01-02", "environment": "staging",
        "tenant_id": "t", "buyer_principal_id": "b", "unknown": {},
    }));
    assert_eq!((found.index(), found.key_id(), found.purpose_text()), (0, Some("k"), Some("p")));
    assert_eq!(found.revocation(), Revocation::From(Instant::parse("2026-01-01").unwrap()));
    assert!(found.is_compromised() && !found.is_test());
    assert_eq!(found.environment(), Some("staging"));
    assert_eq!((found.account_id(), found.signer_id()), (Some("t"), Some("b")));
    assert!(!found.range().is_empty());
}

#[test]
fn elements_that_are_no_objects_are_passed_over_with_a_notice() {
    let root = read(&json!({ "keys": [null, { "public_key": KEY }, "text", [], 3, true] }));
    assert_eq!(root.entries().len(), 1);
    assert_eq!(root.entries().next().unwrap().index(), 1, "indices are those of the file");
    let skipped: Vec<_> = root.notices().iter().map(ToString::to_string).collect();
    assert_eq!(skipped.len(), 5);
    assert_eq!(skipped[0], "key 0 is null, not an object, and was passed over");
    assert_eq!(root.notices()[1].finding().at.pointer.to_string(), "/keys/2");
}

#[test]
fn what_is_no_key_manifest_is_an_error_with_a_place() {
    for (text, pointer, is_this) in [
        ("", "", (|kind| matches!(kind, KeyManifestErrorKind::Unreadable(_))) as fn(&_) -> bool),
        ("{\"keys\": []", "/keys", |kind| matches!(kind, KeyManifestErrorKind::Unreadable(_))),
        (r#"{"keys": [], "keys": []}"#, "/keys", |kind| {
            matches!(kind, KeyManifestErrorKind::Unreadable(_))
        }),
        (r#"{"keys": [{"public_key": 1, "public_key": 2}]}"#, "/keys/0/public_key", |kind| {
            matches!(kind, KeyManifestErrorKind::Unreadable(_))
        }),
        ("[]", "", |kind| matches!(kind, KeyManifestErrorKind::NotAnObject { .. })),
        ("{}", "", |kind| matches!(kind, KeyManifestErrorKind::NoKeys)),
        (r#"{"keys": {}}"#, "/keys", |kind| {
            matches!(kind, KeyManifestErrorKind::KeysNotAnArray { .. })
        }),
        (r#"{"keys": null}"#, "/keys", |kind| {
            matches!(kind, KeyManifestErrorKind::KeysNotAnArray { .. })
        }),
    ] {
        let error = read_text(text).unwrap_err();
        assert!(is_this(error.kind()), "{text}: {error}");
        assert!(!error.is_limit() && !error.help().is_empty());
        if !text.ends_with("[]") || text == "[]" {
            assert_eq!(error.pointer().to_string(), pointer, "{text}: {error}");
        }
    }
}

#[test]
fn a_limit_is_no_fault_of_the_file() {
    let mut budget = Budget::default();
    budget.input_bytes = 10;
    let error = KeyManifest::read(br#"{"keys": []}"#, &budget).unwrap_err();
    assert!(error.is_limit());
}

#[test]
fn keys_of_small_order_refuse_the_whole_file() {
    let identity = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let zero = "ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for (weak, member) in [
        (json!({ "key_id": "weak\n", "public_key": identity }), "public_key"),
        (json!({ "public_key": zero, "status": "retired", "purpose": "unused" }), "public_key"),
        (json!({ "public_key_b64": identity }), "public_key_b64"),
    ] {
        let text = json!({ "keys": [7, { "public_key": KEY }, weak] }).to_string();
        let error = read_text(&text).unwrap_err();
        assert!(matches!(error.kind(), KeyManifestErrorKind::SmallOrderKey { index: 2, .. }));
        assert_eq!(error.pointer().to_string(), ["/keys/2/", member].concat());
        let [from, to] = [error.at().start, error.at().end].map(|at| usize::try_from(at).unwrap());
        let shown = text.get(from..to).unwrap();
        assert!(shown.starts_with('"') && shown.ends_with("=\""), "{shown}");
        assert!(!error.to_string().contains('\n'));
    }
}

#[test]
fn the_file_is_named_by_its_digest() {
    let one = read_text(r#"{"keys":[]}"#).unwrap();
    let two = read_text(r#"{"keys": []}"#).unwrap();
    assert_ne!(one.digest(), two.digest());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop_oneof![
            any::<String>(),
            Just(KEY.to_owned()),
            Just("export_signing".to_owned()),
            Just("2026-01-01T00:00:00Z".to_owned()),
            Just("test".to_owned()),
            Just("revoked".to_owned()),
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        let name = prop_oneof![
            any::<String>(),
            proptest::sample::select(MEMBERS).prop_map(ToOwned::to_owned)
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(name, inner, 0..10)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

const MEMBERS: &[&str] = &[
    "keys",
    "purpose",
    "environment",
    "key_id",
    "public_key",
    "public_key_b64",
    "valid_from",
    "valid_to",
    "active_from",
    "active_to",
    "valid_until",
    "status",
    "revoked_at",
    "compromised_at",
    "signer_role",
    "account_id",
    "signer_id",
];

proptest! {
    #[test]
    fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), root in any_json(), keys in any_json()) {
        let _ = KeyManifest::read(&bytes, &Budget::default());
        for root in [root, json!({ "keys": keys }), json!({ "keys": [keys] })] {
            let Ok(manifest) = KeyManifest::read(root.to_string().as_bytes(), &Budget::default()) else { continue };
            for mode in [Mode::Production, Mode::Test] {
                for purpose in KeyPurpose::ALL {
                    for id in [None, Some("k"), Some("")] {
                        for time in [None, Instant::parse("2026-01-01")] {
                            let request = KeyRequest::new().key_id(id).signed_at(time);
                            if let Err(problem) = manifest.resolve(*purpose, &request, mode) {
                                let finding = manifest.finding(&problem);
                                prop_assert!(!finding.summary.contains('\n'));
                            }
                        }
                    }
                }
                let _ = manifest.resolve_binding_key("6a3803d5f059902a", None, mode);
            }
            for notice in manifest.notices() {
                prop_assert!(!notice.to_string().contains('\n'));
            }
        }
    }
}

#[cfg(test)]
mod support {
    use permit_canonical_json::Budget;
    use permit_keys::{KeyEntry, KeyManifest, KeyManifestError};
    use serde_json::{Value, json};

    pub(crate) const KEY: &str = "ed25519:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=";

    pub(crate) fn read_text(text: &str) -> Result<KeyManifest, KeyManifestError> {
        KeyManifest::read(text.as_bytes(), &Budget::default())
    }

    pub(crate) fn read(root: &Value) -> KeyManifest {
        read_text(&root.to_string()).unwrap()
    }

    /// The one entry with these members, leaked since tests are short.
    pub(crate) fn entry(members: &Value) -> &'static KeyEntry {
        let manifest = Box::leak(Box::new(read(&json!({ "keys": [members] }))));
        manifest.entries().next().unwrap()
    }
}
