// SPDX-License-Identifier: Apache-2.0

//! The rules of spec section 17, one by one, and the choice among entries.

use permit_failure_codes::FailureCode::{
    KeyExpiredAtSigningTime, SigningKeyRevoked, UnknownSigningKey,
};
use permit_keys::{KeyHolder, KeyProblem, KeyPurpose, KeyRequest, Mode, TrustChannel};
use permit_types::{Artifact, Instant};
use serde_json::json;
use support::{at, dated, entry, manifest, public, with};

const EXPORT: KeyPurpose = KeyPurpose::ExportSigning;
const BINDING: KeyPurpose = KeyPurpose::PermitBindingSigning;

#[test]
fn key_01_id_and_purpose_and_instant_all_count() {
    let root = manifest(json!([
        with(entry("k", "export_signing", 1), json!({ "valid_to": "2026-06-30T00:00:00Z" })),
        entry("k", "integrity_checkpoint", 2),
        entry("other", "export_signing", 3),
    ]));
    let request = KeyRequest::new().key_id("k").signed_at(at("2026-06-01T00:00:00Z"));
    let export = root.resolve(EXPORT, &request, Mode::Production).unwrap();
    assert_eq!(export.public_key(), &public(1));
    assert_eq!(export.channel(), TrustChannel::KeyManifest { entry: 0 });
    let checkpoint =
        root.resolve(KeyPurpose::IntegrityCheckpoint, &request, Mode::Production).unwrap();
    assert_eq!(checkpoint.public_key(), &public(2));

    let wrong_purpose = root.resolve(BINDING, &request, Mode::Production).unwrap_err();
    assert_eq!(wrong_purpose.code(), UnknownSigningKey);
    assert_eq!(wrong_purpose.entry(), Some(0), "points at the id with another purpose");
    let unknown = request.key_id("nobody");
    let unknown = root.resolve(EXPORT, &unknown, Mode::Production).unwrap_err();
    assert!(matches!(unknown, KeyProblem::UnknownKey { other_purpose: None, .. }));
    assert_eq!((unknown.key_id(), unknown.rule()), (Some("nobody"), "KEY-01"));
}

#[test]
fn key_02_a_retired_key_verifies_what_it_signed_in_its_window() {
    let root = manifest(json!([with(
        entry("k", "export_signing", 1),
        json!({ "status": "retired", "valid_to": "2026-06-30T00:00:00Z" }),
    )]));
    let request = KeyRequest::new().key_id("k");
    assert!(root.resolve(EXPORT, &request.signed_at(at("2026-06-29")), Mode::Production).is_ok());
    // Retired without an end of its window: the word alone refuses nothing.
    let open =
        manifest(json!([with(entry("k", "export_signing", 1), json!({"status": "retired"}))]));
    assert!(open.resolve(EXPORT, &request.signed_at(at("2027-01-01")), Mode::Production).is_ok());
}

#[test]
fn key_03_and_key_08_windows_are_inclusive_with_and_without_an_id() {
    let root = manifest(json!([with(
        entry("k", "export_signing", 1),
        json!({ "valid_from": "2026-01-01T00:00:00Z", "valid_to": "2026-06-30T12:00:00Z" }),
    )]));
    for (time, active) in [
        ("2025-12-31T23:59:59.999999Z", false),
        ("2026-01-01T00:00:00Z", true),
        ("2026-06-30T12:00:00Z", true),
        ("2026-06-30T14:00:00+02:00", true),
        ("2026-06-30T12:00:00.000001Z", false),
    ] {
        for request in [KeyRequest::new(), KeyRequest::new().key_id("k")] {
            let found = root.resolve(EXPORT, &request.signed_at(at(time)), Mode::Production);
            assert_eq!(found.is_ok(), active, "{time}");
            if let Err(problem) = found {
                assert_eq!((problem.code(), problem.rule()), (KeyExpiredAtSigningTime, "KEY-03"));
                assert!(matches!(
                    problem,
                    KeyProblem::NotActive { from: Some(_), to: Some(_), entry: 0, .. }
                ));
            }
        }
    }
}

#[test]
fn key_04_a_compromised_key_is_refused_at_any_time() {
    for marker in [
        json!({ "status": "compromised" }),
        json!({ "status": " Compromised " }),
        json!({ "compromised_at": "2026-06-01T00:00:00Z" }),
        json!({ "compromised_at": "some day" }),
        json!({ "compromised_at": false }),
    ] {
        let root = manifest(json!([with(entry("k", "export_signing", 1), marker.clone())]));
        for time in [None, at("2020-01-01"), at("2026-05-31"), at("2030-01-01")] {
            for request in [KeyRequest::new(), KeyRequest::new().key_id("k")] {
                let request = request.signed_at(time);
                let problem = root.resolve(EXPORT, &request, Mode::Production).unwrap_err();
                assert_eq!(problem.code(), SigningKeyRevoked, "{marker} {time:?}");
                assert!(matches!(problem, KeyProblem::Compromised { entry: 0, .. }));
            }
        }
    }
    let unmarked = with(entry("k", "export_signing", 1), json!({ "compromised_at": null }));
    let root = manifest(json!([unmarked]));
    assert!(root.resolve(EXPORT, &KeyRequest::new(), Mode::Production).is_ok());
}

#[test]
fn key_04_who_has_the_key_has_it_for_all_purposes() {
    let root = manifest(json!([
        entry("k", "export_signing", 1),
        with(entry("other id", "integrity_checkpoint", 1), json!({ "status": "compromised" })),
        entry("k2", "export_signing", 2),
    ]));
    let request = KeyRequest::new().key_id("k").signed_at(at("2026-06-01"));
    let problem = root.resolve(EXPORT, &request, Mode::Production).unwrap_err();
    assert_eq!(problem, KeyProblem::Compromised { key_id: Some("k".into()), entry: 1 });
    assert_eq!(problem.pointer().to_string(), "/keys/1");
    let left = root.all_active(EXPORT, Instant::parse("2026-06-01").unwrap(), Mode::Production);
    assert_eq!(left.unwrap().len(), 1);
}

#[test]
fn key_04_a_revoked_key_is_refused_from_then_on() {
    let stated = json!({ "status": "revoked", "revoked_at": "2026-06-01T00:00:00Z" });
    let without_status = json!({ "revoked_at": "2026-06-01T00:00:00Z" });
    let without_time = json!({ "status": "revoked" });
    let null_time = json!({ "status": "Revoked", "revoked_at": null });
    let unreadable = json!({ "status": "active", "revoked_at": "soon" });
    let number = json!({ "revoked_at": 1_780_000_000 });
    for (marker, before, after) in [
        (&stated, true, false),
        (&without_status, true, false),
        (&without_time, false, false),
        (&null_time, false, false),
        (&unreadable, false, false),
        (&number, false, false),
        (&json!({ "revoked_at": null }), true, true),
    ] {
        let root = manifest(json!([with(entry("k", "export_signing", 1), marker.clone())]));
        let unknown_time = after;
        for (time, accepted) in [
            (at("2026-05-31T23:59:59.999999Z"), before),
            (at("2026-06-01T00:00:00Z"), after),
            (at("2026-06-02T00:00:00Z"), after),
            (None, unknown_time),
        ] {
            for request in [KeyRequest::new(), KeyRequest::new().key_id("k")] {
                let found = root.resolve(EXPORT, &request.signed_at(time), Mode::Production);
                assert_eq!(found.is_ok(), accepted, "{marker} {time:?}");
                if let Err(problem) = found {
                    assert_eq!(problem.code(), SigningKeyRevoked);
                }
            }
        }
    }
}

#[test]
fn key_04_one_of_two_entries_of_a_key_revokes_it() {
    let root = manifest(json!([
        entry("k", "export_signing", 1),
        with(entry("k", "export_signing", 1), json!({ "revoked_at": "2026-06-01T00:00:00Z" })),
        with(entry("k", "integrity_checkpoint", 1), json!({ "revoked_at": "2020-01-01" })),
    ]));
    let request = KeyRequest::new().key_id("k");
    let resolve = |time| root.resolve(EXPORT, &request.signed_at(at(time)), Mode::Production);
    assert!(resolve("2026-05-31").is_ok(), "the other purpose was revoked earlier");
    assert!(matches!(resolve("2026-06-01"), Err(KeyProblem::Revoked { entry: 1, .. })));
}

#[test]
fn key_05_test_keys_and_production_keys_never_mix() {
    let by_entry = with(entry("k", "export_signing", 1), json!({ "environment": "test" }));
    let shouted = with(entry("k", "export_signing", 1), json!({ "environment": "TEST " }));
    let by_id = entry("keel-test-2026", "export_signing", 1);
    let contradicting = with(by_id.clone(), json!({ "environment": "production" }));
    for test in [by_entry, shouted, by_id, contradicting] {
        let id = test["key_id"].as_str().unwrap().to_owned();
        let root = manifest(json!([test]));
        for request in [KeyRequest::new(), KeyRequest::new().key_id(id.as_str())] {
            assert!(root.resolve(EXPORT, &request, Mode::Test).is_ok());
            let problem = root.resolve(EXPORT, &request, Mode::Production).unwrap_err();
            assert!(matches!(problem, KeyProblem::TestKeyInProduction { entry: 0, .. }));
            assert_eq!((problem.code(), problem.rule()), (UnknownSigningKey, "KEY-05"));
        }
    }
    let whole = support::manifest_of(json!({
        "environment": "test", "keys": [entry("k", "export_signing", 1)],
    }));
    assert!(whole.resolve(EXPORT, &KeyRequest::new(), Mode::Test).is_ok());
    assert!(whole.resolve(EXPORT, &KeyRequest::new(), Mode::Production).is_err());
}

#[test]
fn confm_05_test_mode_takes_no_production_root() {
    for environment in [json!({}), json!({ "environment": "production" })] {
        let root = manifest(json!([with(entry("k", "export_signing", 1), environment)]));
        let problem = root.resolve(EXPORT, &KeyRequest::new().key_id("k"), Mode::Test).unwrap_err();
        assert!(matches!(problem, KeyProblem::ProductionKeyInTest { entry: 0, .. }));
    }
}

#[test]
fn key_05_the_mode_decides_before_the_choice() {
    let root = manifest(json!([
        entry("keel-test-1", "export_signing", 1),
        entry("real", "export_signing", 2),
    ]));
    let resolve = |mode| root.resolve(EXPORT, &KeyRequest::new(), mode).unwrap();
    assert_eq!(resolve(Mode::Production).public_key(), &public(2));
    assert_eq!(resolve(Mode::Test).public_key(), &public(1));
}

#[test]
fn key_07_an_unreadable_bound_excludes_the_entry() {
    for bad in [json!("soon"), json!(""), json!(0), json!(false), json!([]), json!("2026-02-30")] {
        for bound in ["valid_from", "valid_to", "active_from", "active_to", "valid_until"] {
            let mut broken = entry("k", "export_signing", 1);
            broken.as_object_mut().unwrap().retain(|name, _| !name.starts_with("valid_"));
            let broken = with(broken, json!({ bound: bad }));
            let root = manifest(json!([broken, entry("good", "export_signing", 2)]));
            let request = KeyRequest::new().signed_at(at("2026-06-01"));
            let found = root.resolve(EXPORT, &request, Mode::Production).unwrap();
            assert_eq!(found.public_key(), &public(2), "{bound} {bad}");
            let named = request.key_id("k");
            let problem = root.resolve(EXPORT, &named, Mode::Production).unwrap_err();
            assert!(matches!(problem, KeyProblem::UnreadableWindow { entry: 0, .. }));
            assert_eq!((problem.code(), problem.rule()), (UnknownSigningKey, "KEY-07"));
            assert_eq!(root.notices().len(), 1);
        }
    }
}

#[test]
fn key_01_an_unknown_time_needs_an_open_window_and_one_key() {
    let open = entry("k", "export_signing", 1);
    let bounded = dated("k", "export_signing", 1);
    let other = entry("k2", "export_signing", 2);
    let resolve = |keys, id: Option<&'static str>| {
        manifest(keys).resolve(EXPORT, &KeyRequest::new().key_id(id), Mode::Production)
    };
    for id in [None, Some("k")] {
        assert!(resolve(json!([open]), id).is_ok());
        assert!(matches!(
            resolve(json!([bounded]), id),
            Err(KeyProblem::SigningTimeUnknown { entry: 0, .. })
        ));
        assert!(resolve(json!([bounded, open]), id).is_ok(), "the same key twice");
    }
    assert!(matches!(resolve(json!([open, other]), None), Err(KeyProblem::Ambiguous { .. })));
    assert!(resolve(json!([open, other]), Some("k")).is_ok());
    // A second key that has a window comes into question as well.
    let limited = with(other, json!({ "valid_to": "2026-01-01" }));
    assert!(matches!(resolve(json!([open, limited]), None), Err(KeyProblem::Ambiguous { .. })));
}

#[test]
fn without_an_id_exactly_one_key_has_to_be_active() {
    let early = with(entry("a", "export_signing", 1), json!({ "valid_to": "2026-06-30" }));
    let late = with(entry("b", "export_signing", 2), json!({ "valid_from": "2026-06-01" }));
    let root = manifest(json!([early, late]));
    let resolve =
        |time| root.resolve(EXPORT, &KeyRequest::new().signed_at(at(time)), Mode::Production);
    assert_eq!(resolve("2026-05-31").unwrap().public_key(), &public(1));
    assert_eq!(resolve("2026-07-01").unwrap().public_key(), &public(2));
    let both = resolve("2026-06-15").unwrap_err();
    assert!(matches!(both, KeyProblem::Ambiguous { entry: 0, other_entry: 1, .. }));
    assert_eq!(both.code(), UnknownSigningKey);

    let closed = manifest(json!([
        with(entry("a", "export_signing", 1), json!({ "valid_to": "2026-02-01" })),
        with(entry("b", "export_signing", 2), json!({ "valid_to": "2026-02-01" })),
    ]));
    let request = KeyRequest::new().signed_at(at("2026-06-01"));
    let none = closed.resolve(EXPORT, &request, Mode::Production).unwrap_err();
    assert!(matches!(none, KeyProblem::NoneActive { entries: 2, .. }));
    assert_eq!(none.code(), KeyExpiredAtSigningTime);
    let nothing = manifest(json!([])).resolve(EXPORT, &request, Mode::Production).unwrap_err();
    assert!(matches!(nothing, KeyProblem::UnknownKey { key_id: None, .. }));
}

#[test]
fn entries_that_share_an_id_are_told_apart_by_time() {
    let early = with(dated("k", "export_signing", 1), json!({ "valid_to": "2026-06-30" }));
    let late = with(entry("k", "export_signing", 2), json!({ "valid_from": "2026-06-01" }));
    let root = manifest(json!([early, late]));
    let request = KeyRequest::new().key_id("k");
    let resolve = |time| root.resolve(EXPORT, &request.signed_at(at(time)), Mode::Production);
    assert_eq!(resolve("2026-05-31").unwrap().public_key(), &public(1));
    assert_eq!(resolve("2026-07-01").unwrap().public_key(), &public(2));
    assert!(matches!(resolve("2026-06-15"), Err(KeyProblem::Ambiguous { .. })));
    assert!(matches!(resolve("2025-01-01"), Err(KeyProblem::NoneActive { entries: 2, .. })));
    let unknown_time = root.resolve(EXPORT, &request, Mode::Production);
    assert!(matches!(unknown_time, Err(KeyProblem::Ambiguous { .. })));
}

#[test]
fn a_key_that_cannot_be_used_stands_in_the_way_only_while_it_is_active() {
    let broken =
        json!({ "key_id": "k", "purpose": "export_signing", "public_key": "ed25519:AAAA" });
    let request = KeyRequest::new().signed_at(at("2026-06-01"));
    let alone = manifest(json!([broken])).resolve(EXPORT, &request, Mode::Production).unwrap_err();
    assert!(matches!(alone, KeyProblem::Unusable { entry: 0, .. }));
    assert_eq!(alone.code(), UnknownSigningKey);

    let beside = manifest(json!([broken, entry("good", "export_signing", 1)]));
    let which = beside.resolve(EXPORT, &request, Mode::Production);
    assert!(matches!(which, Err(KeyProblem::Ambiguous { .. })));
    let named = request.key_id("good");
    assert!(beside.resolve(EXPORT, &named, Mode::Production).is_ok());
    let closed = with(broken, json!({ "valid_to": "2020-01-01" }));
    let past = manifest(json!([closed, entry("good", "export_signing", 1)]));
    assert!(past.resolve(EXPORT, &request, Mode::Production).is_ok());
}

#[test]
fn close_19_closures_find_their_key_by_the_id_it_gives_itself() {
    let (one, two) = (public(1), public(2));
    let id = one.binding_key_id().to_string();
    // The second entry claims the id of the first key: that does not count.
    let root = manifest(json!([
        dated("whatever", "permit_binding_signing", 1),
        entry(&id, "permit_binding_signing", 2),
        entry(&id, "export_signing", 3),
    ]));
    let time = at("2026-06-01");
    let resolve = |id: &str| root.resolve_binding_key(id, time, Mode::Production);
    assert_eq!(resolve(&id).unwrap().public_key(), &one);
    assert_eq!(resolve(&two.binding_key_id().to_string()).unwrap().public_key(), &two);
    for unknown in
        [public(3).binding_key_id().to_string().as_str(), "", "whatever", id.get(1..).unwrap()]
    {
        let problem = resolve(unknown).unwrap_err();
        assert_eq!(problem.code(), UnknownSigningKey, "{unknown}");
        assert_eq!(problem.key_id(), Some(unknown));
    }
    assert_ne!(id, id.to_uppercase());
    assert!(resolve(&id.to_uppercase()).is_err());
    let early = root.resolve_binding_key(&id, at("2025-01-01"), Mode::Production).unwrap_err();
    assert!(matches!(early, KeyProblem::NotActive { entry: 0, .. }));
    let unknown_time = root.resolve_binding_key(&id, None, Mode::Production).unwrap_err();
    assert!(matches!(unknown_time, KeyProblem::SigningTimeUnknown { entry: 0, .. }));
    assert!(root.resolve_binding_key(&id, time, Mode::Test).is_err());
}

#[test]
fn revoke_10_all_active_keys_come_into_question() {
    let time = Instant::parse("2026-06-01").unwrap();
    let root = manifest(json!([
        entry("a", "permit_binding_signing", 1),
        entry("b", "permit_binding_signing", 2),
        entry("b again", "permit_binding_signing", 2),
        with(entry("c", "permit_binding_signing", 3), json!({ "valid_to": "2026-05-01" })),
        with(entry("d", "permit_binding_signing", 4), json!({ "status": "compromised" })),
        entry("keel-test-e", "permit_binding_signing", 5),
        entry("f", "export_signing", 6),
    ]));
    let keys = root.all_active(BINDING, time, Mode::Production).unwrap();
    let found: Vec<_> = keys.iter().map(|key| *key.public_key()).collect();
    assert_eq!(found, [public(1), public(2)]);

    let none = |keys| manifest(keys).all_active(BINDING, time, Mode::Production).unwrap_err();
    let compromised =
        with(entry("d", "permit_binding_signing", 4), json!({ "status": "compromised" }));
    let past = with(entry("c", "permit_binding_signing", 3), json!({ "valid_to": "2026-05-01" }));
    assert_eq!(none(json!([])).code(), UnknownSigningKey);
    assert_eq!(none(json!([past])).code(), KeyExpiredAtSigningTime);
    assert_eq!(none(json!([compromised])).code(), SigningKeyRevoked);
    assert_eq!(none(json!([past, past])).code(), KeyExpiredAtSigningTime);
    assert_eq!(none(json!([past, compromised])).code(), SigningKeyRevoked);
    assert_eq!(none(json!([entry("keel-test-", "permit_binding_signing", 1)])).rule(), "KEY-05");
}

#[test]
fn slots_of_format_v2_ask_for_the_holder() {
    let (account, signer) = ("aaaaaaaa-aaaa", "22222222-bbbb");
    let holder = KeyHolder { account_id: account, signer_id: signer };
    let of = |names: serde_json::Value| {
        with(json!({ "key_id": "k", "public_key": public(1).to_string() }), names)
    };
    let purpose =
        json!({ "purpose": "operator_approval", "account_id": account, "signer_id": signer });
    let role = json!({ "signer_role": "operator", "org_id": " aaaaaaaa-aaaa ", "account_id": " ", "operator_id": signer });
    let buyer = json!({ "purpose": "buyer_principal", "account_id": account, "signer_id": signer });
    let foreign = json!({ "purpose": "operator", "account_id": "x", "signer_id": signer });
    let shadowed =
        json!({ "purpose": "operator", "account_id": "x", "org_id": account, "signer_id": signer });
    for (names, found) in
        [(purpose, true), (role, true), (buyer, false), (foreign, false), (shadowed, false)]
    {
        let root = manifest(json!([of(names.clone())]));
        let request = KeyRequest::new().key_id("k").holder(holder);
        let request = request.signed_at(at("2026-06-01"));
        let key = root.resolve(KeyPurpose::PermitV2Operator, &request, Mode::Production);
        assert_eq!(key.is_ok(), found, "{names}");
    }
}

#[test]
fn problems_become_findings_with_their_place() {
    let root = manifest(json!([
        entry("a", "export_signing", 1),
        with(dated("b\u{202e}", "export_signing", 2), json!({ "valid_to": "2026-02-01" })),
    ]));
    let request = KeyRequest::new().key_id("b\u{202e}").signed_at(at("2026-06-01T00:00:00Z"));
    let problem = root.resolve(EXPORT, &request, Mode::Production).unwrap_err();
    let finding = root.finding(&problem);
    assert_eq!(finding.code(), Some(KeyExpiredAtSigningTime));
    assert_eq!(finding.rule.map(|rule| rule.as_str()), Some("KEY-03"));
    assert_eq!(finding.at.artifact, Artifact::KeyManifest);
    assert_eq!(finding.at.pointer.to_string(), "/keys/1");
    assert!(!finding.at.range.is_empty());
    assert_eq!(finding.get("key_id"), Some("b\u{202e}"));
    assert_eq!(finding.get("signed_at"), Some("2026-06-01T00:00:00Z"));
    assert_eq!(
        finding.summary,
        "key `b\\u{202e}` was not active at 2026-06-01T00:00:00Z, only from 2026-01-01T00:00:00Z to 2026-02-01T00:00:00Z"
    );
    let unknown = root.resolve(BINDING, &request, Mode::Production).unwrap_err();
    assert_eq!(root.finding(&unknown).at.pointer.to_string(), "/keys/1");
}

#[test]
fn code_06_findings_carry_what_the_taxonomy_asks_for() {
    let root = manifest(json!([
        dated("expired", "export_signing", 1),
        with(entry("broken", "export_signing", 2), json!({ "valid_to": "?" })),
        with(entry("compromised", "export_signing", 3), json!({ "status": "compromised" })),
        with(entry("revoked", "export_signing", 4), json!({ "status": "revoked" })),
        json!({ "key_id": "unusable", "purpose": "export_signing" }),
        entry("keel-test-1", "export_signing", 5),
        entry("twice", "export_signing", 6),
        entry("twice", "export_signing", 7),
        dated("twice dated", "export_signing", 6),
        dated("twice dated", "export_signing", 7),
    ]));
    let mut kinds = std::collections::BTreeSet::new();
    let ids = ["expired", "broken", "compromised", "revoked", "unusable", "keel-test-1", "twice"];
    for id in ids.into_iter().chain(["twice dated", "unknown"]).map(Some).chain([None]) {
        for time in [None, at("2020-01-01")] {
            let request = KeyRequest::new().key_id(id).signed_at(time);
            let mode = if time.is_none() && id.is_none() { Mode::Test } else { Mode::Production };
            let Err(problem) = root.resolve(EXPORT, &request, mode) else { continue };
            let code = problem.code();
            let finding = root.finding(&problem);
            assert!(code.rules().contains(&problem.rule()), "{problem:?}");
            for name in code.must_report() {
                assert!(finding.get(name).is_some(), "{name} of {problem:?}");
            }
            assert!(!problem.help().is_empty() && !problem.to_string().ends_with('.'));
            kinds.insert(format!("{problem:?}").split(' ').next().unwrap().to_owned());
        }
    }
    assert_eq!(kinds.len(), 10, "{kinds:?}");
}

#[cfg(test)]
mod support {
    use permit_canonical_json::Budget;
    use permit_keys::{KeyManifest, PublicKey, Signer, SoftwareKey};
    use permit_types::Instant;
    use serde_json::{Value, json};

    pub(crate) fn public(seed: u8) -> PublicKey {
        SoftwareKey::from_seed(&[seed; 32]).public_key()
    }

    /// A plain entry, open at both ends.
    pub(crate) fn entry(key_id: &str, purpose: &str, seed: u8) -> Value {
        json!({
            "key_id": key_id, "purpose": purpose, "algorithm": "ed25519",
            "public_key": public(seed).to_string(), "valid_from": null, "valid_to": null,
        })
    }

    /// A plain entry, active from 2026 on.
    pub(crate) fn dated(key_id: &str, purpose: &str, seed: u8) -> Value {
        with(entry(key_id, purpose, seed), json!({ "valid_from": "2026-01-01T00:00:00Z" }))
    }

    pub(crate) fn with(mut entry: Value, members: Value) -> Value {
        let Value::Object(members) = members else { panic!("members are an object") };
        entry.as_object_mut().unwrap().extend(members);
        entry
    }

    pub(crate) fn manifest(keys: Value) -> KeyManifest {
        manifest_of(json!({ "keys": keys }))
    }

    pub(crate) fn manifest_of(root: Value) -> KeyManifest {
        KeyManifest::read(root.to_string().as_bytes(), &Budget::default()).unwrap()
    }

    pub(crate) fn at(text: &str) -> Option<Instant> {
        Some(Instant::parse(text).unwrap())
    }
}
