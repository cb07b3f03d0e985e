// SPDX-License-Identifier: Apache-2.0

//! Calls of the reference's own key functions, with what they gave.
//!
//! Where this crate differs on purpose, no recorded call shows it; the tests of this crate do:
//!
//! | reference | here | test |
//! |---|---|---|
//! | base64 drops foreign characters and stops at the first padding | strict alphabet, required padding | `texts_that_do_not_decode_are_invalid_and_say_why` |
//! | with a key id the window is ignored (`resolve_from_manifest`) | it counts always | `key_03_and_key_08_windows_are_inclusive_with_and_without_an_id` |
//! | `status`, `revoked_at`, `compromised_at` are ignored | they refuse | `key_04_…` |
//! | the first entry of an id is taken | several active keys of one id are ambiguous | `entries_that_share_an_id_are_told_apart_by_time` |
//! | two entries of the same key are ambiguous | they are one key | `key_01_an_unknown_time_needs_an_open_window_and_one_key` |
//! | without a time the window is ignored | it has to be open | the same |
//! | closures choose their key by time alone | by the id that the key gives itself | `close_19_…` |
//! | `valid_until` counts for permit format v2 only, and excludes its instant | counts always, includes it | `windows_have_older_names` |
//! | an unreadable bound is open for permit format v2 | excludes | `key_07_…` |
//! | no test keys | modes | `key_05_…`, `confm_05_…` |
//! | keys of small order verify | refused with their file | `keys_of_small_order_refuse_the_whole_file` |

use std::collections::BTreeMap;

use checks::check;
use support::calls;

#[test]
fn recorded_calls_give_the_recorded_results() {
    let Some(calls) = calls() else { return };
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for call in &calls {
        check(call);
        *counted.entry(call.function.clone()).or_default() += 1;
    }
    let functions: Vec<_> = counted.keys().map(String::as_str).collect();
    assert_eq!(functions.len(), 11, "a function is new or gone: {functions:?}");
    assert!(calls.len() >= 120, "{counted:?}");
}

#[cfg(test)]
mod checks {
    use permit_canonical_json::Budget;
    use permit_keys::{
        AdaptiveKey, KeyHolder, KeyManifest, KeyManifestNotice, KeyPurpose, KeyRequest, Mode,
        PreparedKey, PublicKey, Signature, SignatureForm, TableAllowance, TrustedKey,
    };
    use serde_json::{Value, json};

    use crate::support::{Call, bytes, entries_of, holder_of, manifest, source_of, text, time};

    /// Checks one call.
    pub(crate) fn check(call: &Call) {
        let id = &call.id;
        match call.function.as_str() {
            "binding_key_id_from_public_key" => {
                let key = PublicKey::parse(text(&call.args["public_key"])).unwrap();
                assert_eq!(key.binding_key_id().to_string(), text(&call.returns), "{id}");
            }
            "filter_by_active_window" => {
                let root = manifest(&json!({ "keys": call.args["entries"] }));
                let at = time(&call.args["signing_time"]);
                let active = root.entries().filter(|entry| entry.window().check(at).is_ok());
                let active: Vec<_> =
                    active.map(|entry| call.args["entries"][entry.index()].clone()).collect();
                assert_eq!(json!(active), call.returns, "{id}");
            }
            "load_key_manifest" => {
                let bytes = source_of(call, &call.args["source"]);
                let root = KeyManifest::read(&bytes, &Budget::default()).unwrap();
                assert_eq!(json!(entries_of(&root)), crate::support::shown(&call.returns), "{id}");
                assert!(root.notices().is_empty(), "{id}");
            }
            "permit_v2_key_entry_active_at" => {
                let root = manifest(&json!({ "keys": [call.args["entry"]] }));
                let at = time(&call.args["signing_time"]).unwrap();
                let purpose = KeyPurpose::parse(text(&call.args["entry"]["purpose"])).unwrap();
                let active = root.all_active(purpose, at, Mode::Production).is_ok();
                assert_eq!(json!(active), call.returns, "{id}");
            }
            "permit_v2_key_entry_matches" => {
                let root = manifest(&json!({ "keys": [call.args["entry"]] }));
                let purpose = match text(&call.args["spec"]["label"]) {
                    "operator_approval" => KeyPurpose::PermitV2Operator,
                    _ => KeyPurpose::PermitV2BuyerPrincipal,
                };
                let holder: KeyHolder<'_> = holder_of(&call.args);
                let request = KeyRequest::new()
                    .key_id(text(&call.args["key_id"]))
                    .signed_at(time(&call.args["signing_time"]))
                    .holder(holder);
                let found = root.resolve(purpose, &request, Mode::Production).is_ok();
                assert_eq!(json!(found), call.returns, "{id}");
            }
            "permit_v2_public_key_b64" => {
                let key = PublicKey::parse(text(&call.args["public_key"])).unwrap().to_string();
                assert_eq!(key.strip_prefix("ed25519:"), Some(text(&call.returns)), "{id}");
            }
            "raw_ed25519_signature_b64" => {
                let read =
                    Signature::parse(text(&call.args["value"]), SignatureForm::WithoutPrefix);
                assert_eq!(json!(read.is_ok()), call.returns, "{id}");
            }
            "resolve_from_manifest" => {
                let root = manifest(&json!({ "keys": call.args["manifest_entries"] }));
                check_resolution(call, &root, &call.args["key_id"], &call.returns[0]);
            }
            "resolve_trust_key" => check_trust(call),
            "validate_manifest_payload" => {
                // For the reference a reason not to store the file; here the entry is of no use.
                assert!(call.raises, "{id}");
                let root = manifest(&call.args["payload"]);
                assert!(matches!(root.notices(), [KeyManifestNotice::UnusableKey { .. }]), "{id}");
            }
            "verify_ed25519" => {
                let key = PublicKey::parse(text(&call.args["pub_b64"])).unwrap();
                let message = bytes(&call.args["signed_message"]);
                let form = SignatureForm::PrefixOptional;
                let holds =
                    Signature::parse(text(&call.args["sig_b64"]), form).is_ok_and(|signature| {
                        let plain = AdaptiveKey::new(key, TableAllowance::of(0))
                            .verify(&message, &signature);
                        assert_eq!(
                            PreparedKey::new(&key).verify(&message, &signature),
                            plain,
                            "{id}"
                        );
                        plain
                    });
                assert_eq!(json!(holds), call.returns, "{id}");
            }
            other => panic!("no equivalent is known for `{other}`"),
        }
    }

    fn check_resolution(call: &Call, root: &KeyManifest, key_id: &Value, expected: &Value) {
        let purpose = KeyPurpose::parse(text(&call.args["purpose"])).unwrap();
        let request =
            KeyRequest::new().key_id(key_id.as_str()).signed_at(time(&call.args["signing_time"]));
        let found = root.resolve(purpose, &request, Mode::Production);
        assert_eq!(
            json!(found.ok().map(|key| key.key_text().to_owned())),
            *expected,
            "{}",
            call.id
        );
    }

    fn check_trust(call: &Call) {
        let args = &call.args;
        let purpose = KeyPurpose::parse(text(&args["purpose"])).unwrap();
        assert!(args["public_key_url"].is_null(), "nothing here fetches");
        if let Some(expected) = args["expected_public_key"].as_str() {
            let key = TrustedKey::pinned(expected, purpose).unwrap();
            return assert_eq!(key.key_text(), text(&call.returns[0]), "{}", call.id);
        }
        if args["key_manifest_source"].is_null() {
            let key = TrustedKey::self_attested(text(&args["artifact_pub"]), purpose).unwrap();
            return assert_eq!(key.key_text(), text(&call.returns[0]), "{}", call.id);
        }
        let bytes = source_of(call, &args["key_manifest_source"]);
        let root = KeyManifest::read(&bytes, &Budget::default()).unwrap();
        check_resolution(call, &root, &args["artifact_key_id"], &call.returns[0]);
    }
}

#[cfg(test)]
mod support {
    use std::path::Path;

    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use permit_canonical_json::Budget;
    use permit_keys::{KeyEntry, KeyHolder, KeyManifest};
    use permit_types::Instant;
    use serde_json::{Value, json};

    const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference");

    /// One line of the file.
    pub(crate) struct Call {
        pub(crate) id: String,
        pub(crate) function: String,
        pub(crate) args: Value,
        pub(crate) returns: Value,
        pub(crate) raises: bool,
        files: Value,
    }

    pub(crate) fn calls() -> Option<Vec<Call>> {
        let path = Path::new(REFERENCE).join("peer-functions/keys.jsonl");
        let Ok(lines) = std::fs::read_to_string(&path) else {
            eprintln!("skipped: {} is not here", path.display());
            return None;
        };
        let call = |line: &str| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            Call {
                id: text(&line["id"]).to_owned(),
                function: text(&line["function"]).to_owned(),
                args: line["args"].take(),
                raises: line["result"].get("raises").is_some(),
                returns: line["result"]["returns"].take(),
                files: line["files"].take(),
            }
        };
        Some(lines.lines().map(call).collect())
    }

    pub(crate) fn text(value: &Value) -> &str {
        value.as_str().unwrap()
    }

    pub(crate) fn time(value: &Value) -> Option<Instant> {
        value["$datetime"].as_str().map(|text| Instant::parse(text).unwrap())
    }

    pub(crate) fn bytes(value: &Value) -> Vec<u8> {
        STANDARD.decode(text(&value["$bytes_b64"])).unwrap()
    }

    pub(crate) fn manifest(root: &Value) -> KeyManifest {
        KeyManifest::read(root.to_string().as_bytes(), &Budget::default()).unwrap()
    }

    pub(crate) fn holder_of(args: &Value) -> KeyHolder<'_> {
        KeyHolder { account_id: text(&args["account_id"]), signer_id: text(&args["signer_id"]) }
    }

    /// The file that a call reads: its own, or one that the reference carries.
    pub(crate) fn source_of(call: &Call, source: &Value) -> Vec<u8> {
        let name = source.as_str().or_else(|| source["$path"].as_str()).unwrap();
        if let Some(file) = name.strip_prefix("bundled:") {
            return std::fs::read(Path::new(REFERENCE).join("keel/data-2.5.1").join(file)).unwrap();
        }
        let file = &call.files[name];
        match file["utf8"].as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => STANDARD.decode(text(&file["b64"])).unwrap(),
        }
    }

    /// What this crate keeps of each entry.
    pub(crate) fn entries_of(root: &KeyManifest) -> Vec<Value> {
        let entry = |entry: &KeyEntry| {
            json!([
                entry.key_id(),
                entry.purpose_text(),
                entry.public_key_text(),
                entry.status(),
                entry.window().from.instant().map(|at| at.to_string()),
                entry.window().to.instant().map(|at| at.to_string()),
            ])
        };
        root.entries().map(entry).collect()
    }

    /// The same of entries as the reference gives them.
    pub(crate) fn shown(entries: &Value) -> Value {
        let at = |value: &Value| value.as_str().map(|t| Instant::parse(t).unwrap().to_string());
        let entry = |entry: &Value| {
            json!([
                entry["key_id"],
                entry["purpose"],
                entry["public_key"],
                entry["status"],
                at(&entry["valid_from"]),
                at(&entry["valid_to"]),
            ])
        };
        entries.as_array().unwrap().iter().map(entry).collect()
    }
}
