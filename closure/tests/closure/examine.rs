// SPDX-License-Identifier: Apache-2.0

//! One closure by itself.

use permit_canonical_json::{JsonPointer, Sha256Digest, Value};
use permit_closure::{
    Aspect, BindingKeys, Carrier, CarrierForm, ClosureFormat, ClosureRules, DigestField, FaultKind,
    examine,
};
use permit_failure_codes::{FailureCode, ReasonClass};
use permit_keys::{KeyManifest, Mode, Signer, SoftwareKey};
use permit_types::ClosureStatus;
use proptest::prelude::*;

use crate::bent::{Bent, Json, SEED, SIGNED_AT, digest, entry, json, key, manifest, trust};

fn rules() -> ClosureRules {
    ClosureRules::default()
}

fn pinned() -> ClosureRules {
    let mut rules = rules();
    rules.pinned_recipe = true;
    rules
}

/// The first fault, that of the signature included.
fn fault_by(value: &Json, rules: &ClosureRules, keys: &BindingKeys<'_>) -> Option<FaultKind> {
    let carrier = Carrier::of(value);
    let examined = examine(&carrier, rules, keys, &JsonPointer::root(), None);
    if let Some(pending) = examined.signature.clone()
        && pending.verify().is_err()
    {
        return Some(FaultKind::SignatureInvalid);
    }
    if examined.fault.is_some() {
        assert_eq!(examined.digests, [None; 3], "what is at fault is not compared");
    }
    examined.fault.map(|fault| fault.kind)
}

fn fault(closure: &Bent) -> Option<FaultKind> {
    let trust = trust();
    fault_by(&closure.value(), &rules(), &BindingKeys::of(&trust, Mode::Production))
}

fn pinned_fault(closure: &Bent) -> Option<FaultKind> {
    let trust = trust();
    fault_by(&closure.value(), &pinned(), &BindingKeys::of(&trust, Mode::Production))
}

fn fault_under(closure: &Bent, keys: &KeyManifest, mode: Mode) -> Option<FaultKind> {
    fault_by(&closure.value(), &rules(), &BindingKeys::of(keys, mode))
}

#[test]
fn close_01_16_17_the_published_vectors_hold() {
    let v2 = Bent::new().of("permit_123");
    let hash = "4481dfea57db2662d05e3d3b4c35968c813dbd810ee9e4873c93b94764e2a045";
    assert_eq!(v2.canonical_hash().to_string(), hash);
    let value = v2.value();
    let signature =
        "g/SUE2idU92as1nUqEGQ1CFlAT4OHGE0ZMTnVIW/myiTroE153yqIDkEz3kRGtrcmXu+MId2fHdVw5Bj9pHBDQ==";
    assert_eq!(value.get("closure_signature_b64").and_then(Value::as_str), Some(signature));
    assert_eq!(fault(&v2), None);

    let v1 = Bent::v1().of("permit_123");
    let hash = "547c0b55d9a38ae4b7fcbfb3f29d29bd9636a4b5c2aada31f6438bd122407533";
    assert_eq!(v1.canonical_hash().to_string(), hash);
    assert_eq!(fault(&v1), None);
}

#[test]
fn close_01_both_formats_are_read_in_both_carriers() {
    let trust = trust();
    let keys = BindingKeys::of(&trust, Mode::Production);
    for (closure, format) in [(Bent::new(), ClosureFormat::V2), (Bent::v1(), ClosureFormat::V1)] {
        for (closure, form) in
            [(closure.clone(), CarrierForm::Flat), (closure.envelope(), CarrierForm::Envelope)]
        {
            let value = closure.value();
            let carrier = Carrier::of(&value);
            assert_eq!(carrier.form(), form);
            for rules in [rules(), pinned()] {
                let examined = examine(&carrier, &rules, &keys, &JsonPointer::root(), None);
                assert_eq!(examined.fault, None);
                assert_eq!(examined.format, Some(format));
                assert_eq!(examined.status, Some(ClosureStatus::Closed));
                assert_eq!(examined.permit_id, closure.members.get("permit_id").unwrap().as_str());
                let dispatch = examined.digest(DigestField::Dispatch);
                assert_eq!(dispatch.is_some(), format == ClosureFormat::V2);
                let provider = examined.digest(DigestField::Provider);
                assert_eq!(provider.map(|digest| digest.to_string()), Some(digest('a')));
                let client = examined.digest(DigestField::Client);
                assert_eq!(client.map(|digest| digest.to_string()), Some(digest('b')));
                assert!(examined.signature.unwrap().verify().is_ok());
            }
        }
    }
}

#[test]
fn close_02_an_unknown_format_is_told_and_nothing_else() {
    for version in [json("\"closure_v3\""), json("\"Closure_v2\""), json("2"), json("null")] {
        // Also wrong in every other way.
        let closure = Bent::new()
            .set("binding_version", version)
            .status("done")
            .set("permit_id", ())
            .edited("model", "another");
        assert_eq!(fault(&closure), Some(FaultKind::UnknownFormat));
        assert_eq!(fault(&closure.envelope()), Some(FaultKind::UnknownFormat));
    }
    assert_eq!(fault(&Bent::new().unset("binding_version")), Some(FaultKind::UnknownFormat));
    // A version 2 that says it is version 1 is judged as that, and is then signed over other members.
    let disguised = Bent::new().edited("binding_version", "closure_v1");
    assert_eq!(fault(&disguised), Some(FaultKind::HashMismatch));
}

#[test]
fn close_02_a_format_is_known_if_the_semantics_of_the_evidence_know_it() {
    let trust = trust();
    let keys = BindingKeys::of(&trust, Mode::Production);
    for (v1, v2) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut rules = rules();
        (rules.known.v1, rules.known.v2) = (v1, v2);
        for (closure, known) in [(Bent::v1(), v1), (Bent::new(), v2)] {
            let found = fault_by(&closure.value(), &rules, &keys);
            assert_eq!(found, (!known).then_some(FaultKind::UnknownFormat));
        }
    }
}

#[test]
fn what_carries_no_closure_is_of_unknown_format() {
    for value in
        ["null", "[]", "1", "\"closure_v2\"", "{}", r#"{"payload": {}}"#, r#"{"payload": 1}"#]
    {
        let trust = trust();
        let keys = BindingKeys::of(&trust, Mode::Production);
        assert_eq!(fault_by(&json(value), &rules(), &keys), Some(FaultKind::UnknownFormat));
    }
}

#[test]
fn close_04_the_status_is_one_of_eight_words() {
    for status in ClosureStatus::ALL {
        assert_eq!(fault(&Bent::new().status(status.as_str())), None, "{status}");
    }
    // The reference takes all of these for an execution that ended abnormally, or for `closed`.
    for status in
        ["\"done\"", "\"Closed\"", "\" closed\"", "\"\"", "\"internal_error\"", "null", "1", "[]"]
    {
        let closure = Bent::new().set("closure_status", json(status));
        assert_eq!(fault(&closure), Some(FaultKind::UnknownStatus), "{status}");
        assert_eq!(fault(&closure.envelope()), Some(FaultKind::UnknownStatus), "{status}");
    }
    let word = FaultKind::UnknownStatus.reason();
    assert_eq!(word, ReasonClass::ClosureStatusUnknown.into());
}

#[test]
fn close_06_what_is_no_digest_is_told_and_blank_is_none() {
    for name in MEMBERS {
        for blank in ["null", "\"\"", "\"  \\t\""] {
            assert_eq!(fault(&Bent::new().set(name, json(blank))), None, "{name} {blank}");
        }
        for bad in malformed() {
            let closure = Bent::new().set(name, bad.clone());
            assert_eq!(fault(&closure), Some(FaultKind::MalformedDigest), "{name} {bad:?}");
            // Without a status that says so, digests are not looked at (CLOSE-20).
            assert_eq!(fault(&closure.status("missing_closure")), None);
        }
    }
    // A version 1 has no digest of the dispatch, whatever stands there.
    assert_eq!(fault(&Bent::v1().set("dispatch_request_digest_v1", 1)), None);
}

const MEMBERS: [&str; 3] =
    ["dispatch_request_digest_v1", "provider_response_digest_v1", "client_response_digest_v1"];

/// What is no digest, though some of it was meant as one.
pub(crate) fn malformed() -> Vec<Json> {
    let good = digest('a');
    vec![
        good.to_uppercase().into(),
        ["sha256:", &good].concat().into(),
        [" ", &good].concat().into(),
        good.chars().skip(1).collect::<String>().into(),
        good.replacen('a', "g", 1).into(),
        Value::from(0),
        Value::from(false),
        Value::array([good]),
    ]
}

#[test]
fn close_12_13_amb_03_labels() {
    let provider = "provider_response_digest_semantics";
    let client = "client_response_digest_semantics";
    let dispatch = "dispatch_request_digest_semantics";
    let acme = "\"provider_bytes_received_by_acme\"";
    for (name, label, good, good_if_pinned) in [
        (provider, "\"provider_bytes_received_by_keel\"", true, true),
        (provider, acme, true, false),
        (provider, "null", true, true),
        (provider, "\"\"", false, false),
        (provider, "1", false, false),
        (client, "\"response_bytes_handed_to_asgi_not_tcp_receipt\"", true, true),
        (client, "\"response_bytes_handed_to_socket\"", true, false),
        (client, "null", true, true),
        (client, "{}", false, false),
        (dispatch, "\"approved_request_body_bytes_at_dispatch_time\"", true, true),
        (dispatch, acme, false, false),
        (dispatch, "null", false, false),
        (dispatch, "\"\"", false, false),
    ] {
        for closure in [Bent::new(), Bent::new().status("missing_closure")] {
            let closure = closure.set(name, json(label));
            let expected = |good: bool| (!good).then_some(FaultKind::Label);
            assert_eq!(fault(&closure), expected(good), "{name} {label}");
            assert_eq!(pinned_fault(&closure), expected(good_if_pinned), "{name} {label}");
        }
        if name != dispatch {
            let closure = Bent::v1().set(name, json(label));
            assert_eq!(fault(&closure).is_none(), good, "{name} {label}");
        }
    }
    // Of a version 1, the label of the dispatch is no business.
    assert_eq!(fault(&Bent::v1().set(dispatch, "anything")), None);
    assert_eq!(FaultKind::Label.reason(), FailureCode::WalkClosureDigestMismatch.into());
}

#[test]
fn close_16_the_signature_covers_the_hash_as_text() {
    let closure = Bent::new();
    let hash = closure.canonical_hash();
    let signer = SoftwareKey::from_seed(&[SEED; 32]);
    let canonical =
        permit_canonical_json::Profile::Payload.to_text(&closure.members.clone().into()).unwrap();
    for (message, good) in [
        (hash.to_string().into_bytes(), true),
        (canonical.into_bytes(), false),
        (hash.as_bytes().to_vec(), false),
        (hash.prefixed().to_string().into_bytes(), false),
        (hash.to_string().to_uppercase().into_bytes(), false),
    ] {
        let mut closure = closure.clone();
        let signature = signer.sign(&message).unwrap().bare().to_string();
        closure.signature = Some(Some(signature.into()));
        assert_eq!(fault(&closure), (!good).then_some(FaultKind::SignatureInvalid));
    }
}

#[test]
fn close_17_each_signed_member_is_covered() {
    for (closure, count) in [(Bent::new(), 22), (Bent::v1(), 20)] {
        let names: Vec<String> =
            closure.members.members().iter().map(|member| member.name().to_owned()).collect();
        assert_eq!(names.len(), count);
        for name in names {
            if ["binding_version", "permit_id"].contains(&name.as_str()) {
                continue;
            }
            for closure in [closure.clone(), closure.clone().envelope()] {
                let edited = closure.clone().edited(&name, "edited");
                assert_eq!(fault(&edited), Some(FaultKind::HashMismatch), "{name}");
                let nulled = closure.clone().edited(&name, ());
                assert_eq!(fault(&nulled), Some(FaultKind::HashMismatch), "{name}");
            }
        }
        let moved = closure.clone().edited("permit_id", crate::bent::OTHER);
        assert_eq!(fault(&moved), Some(FaultKind::HashMismatch));
    }
}

#[test]
fn close_17_usage_reported_at_is_covered_if_it_is_there() {
    let name = "usage_reported_at";
    for value in [json("null"), SIGNED_AT.into()] {
        let closure = Bent::new().set(name, value);
        assert_eq!(fault(&closure), None);
        let mut without = closure.clone();
        without.afterwards.push((name.to_owned(), None));
        assert_eq!(fault(&without), Some(FaultKind::HashMismatch));
    }
    assert_eq!(fault(&Bent::new().edited(name, ())), Some(FaultKind::HashMismatch));
}

#[test]
fn close_17_what_stands_beside_the_signed_members_is_covered_in_an_envelope_only() {
    assert_eq!(fault(&Bent::new().edited("note", "beside")), None);
    let envelope = Bent::new().envelope();
    assert_eq!(fault(&envelope.clone().edited("note", "inside")), Some(FaultKind::HashMismatch));
    assert_eq!(fault(&envelope.set("note", "signed")), None);
    // Of a version 1, what is about the dispatch is unsigned.
    assert_eq!(fault(&Bent::v1().edited("dispatch_request_digest_v1", digest('d'))), None);
}

#[test]
fn close_17_the_hash_is_64_lowercase_digits() {
    let hash = Bent::new().canonical_hash().to_string();
    for (stated, kind) in [
        (json("null"), FaultKind::HashMissing),
        (json("1"), FaultKind::HashMissing),
        (json("\" \""), FaultKind::HashMissing),
        (hash.to_uppercase().into(), FaultKind::HashMismatch),
        ([" ", &hash].concat().into(), FaultKind::HashMismatch),
        (["sha256:", &hash].concat().into(), FaultKind::HashMismatch),
        (digest('0').into(), FaultKind::HashMismatch),
    ] {
        for mut closure in [Bent::new(), Bent::new().envelope()] {
            closure.hash = Some(Some(stated.clone()));
            assert_eq!(fault(&closure), Some(kind), "{stated:?}");
            closure.hash = Some(None);
            assert_eq!(fault(&closure), Some(FaultKind::HashMissing));
        }
    }
}

#[test]
fn close_17_a_payload_without_a_canonical_form_has_no_hash() {
    let closure = Bent::new().edited("status_code", json("1e999"));
    assert_eq!(fault(&closure), Some(FaultKind::NotCanonical));
}

#[test]
fn close_18_the_signature_is_of_the_named_key() {
    let other = key(3).sign_closure(Bent::new().canonical_hash()).unwrap().to_string();
    let of_another_closure =
        key(SEED).sign_closure(Sha256Digest::of(b"other")).unwrap().to_string();
    let zero = ["ed25519:", &"A".repeat(86), "=="].concat();
    for (stated, kind) in [
        (json("null"), FaultKind::SignatureMissing),
        (json("1"), FaultKind::SignatureMissing),
        (json("\"\""), FaultKind::SignatureMissing),
        (zero.into(), FaultKind::SignatureInvalid),
        (other.into(), FaultKind::SignatureInvalid),
        (of_another_closure.into(), FaultKind::SignatureInvalid),
        (json("\"ed25519:AAAA\""), FaultKind::SignatureInvalid),
        (json("\"not base64\""), FaultKind::SignatureInvalid),
    ] {
        for mut closure in [Bent::new(), Bent::new().envelope()] {
            closure.signature = Some(Some(stated.clone()));
            assert_eq!(fault(&closure), Some(kind), "{stated:?}");
            closure.signature = Some(None);
            assert_eq!(fault(&closure), Some(FaultKind::SignatureMissing));
        }
    }
}

#[test]
fn close_19_the_key_is_trusted_for_closures_at_the_time_of_signing() {
    use FaultKind::KeyNotUsable;
    let at = |valid_from: &str, valid_to: &str| {
        entry(SEED, "").replace(
            r#""2026-01-01T00:00:00Z", "valid_to": null"#,
            &format!(r#""{valid_from}", "valid_to": "{valid_to}""#),
        )
    };
    let early = "2026-01-01T00:00:00Z";
    for (entries, expected) in [
        (vec![entry(SEED, "")], None),
        // Rotation: two keys are active, and the closure says which.
        (vec![entry(3, ""), entry(SEED, "")], None),
        (vec![], Some(KeyNotUsable)),
        (vec![entry(3, "")], Some(KeyNotUsable)),
        (vec![entry(SEED, "").replace("permit_binding", "export")], Some(KeyNotUsable)),
        (vec![at(early, SIGNED_AT)], None),
        (vec![at(SIGNED_AT, "2027-01-01T00:00:00Z")], None),
        (vec![at(early, "2026-05-07T12:00:29Z")], Some(KeyNotUsable)),
        (vec![at("2026-05-07T12:00:31Z", "2027-01-01T00:00:00Z")], Some(KeyNotUsable)),
        (vec![entry(SEED, r#", "status": "retired""#)], None),
        (vec![entry(SEED, r#", "status": "compromised""#)], Some(KeyNotUsable)),
        (vec![entry(SEED, r#", "revoked_at": "2026-05-07T12:00:30Z""#)], Some(KeyNotUsable)),
        (vec![entry(SEED, r#", "revoked_at": "2026-05-07T12:00:31Z""#)], None),
        (vec![entry(SEED, r#", "environment": "test""#)], Some(KeyNotUsable)),
    ] {
        let keys = manifest(&entries);
        assert_eq!(fault_under(&Bent::new(), &keys, Mode::Production), expected, "{entries:?}");
        let envelope = Bent::new().envelope();
        assert_eq!(fault_under(&envelope, &keys, Mode::Production), expected, "{entries:?}");
    }
    let test_key = manifest(&[entry(SEED, r#", "environment": "test""#)]);
    assert_eq!(fault_under(&Bent::new(), &test_key, Mode::Test), None, "KEY-05");
    assert_eq!(fault_under(&Bent::new(), &trust(), Mode::Test), Some(KeyNotUsable), "CONFM-05");
    assert_eq!(fault_by(&Bent::new().value(), &rules(), &BindingKeys::none()), Some(KeyNotUsable));
}

#[test]
fn close_19_the_closure_says_key_and_time() {
    for (name, value) in [
        ("binding_key_id", json("null")),
        ("binding_key_id", json("\"\"")),
        ("binding_key_id", json("1")),
        ("binding_key_id", json("\"6A3803D5F059902A\"")),
        ("binding_key_id", json("\"another\"")),
        ("closure_signed_at", json("null")),
        ("closure_signed_at", json("\"soon\"")),
        ("closure_signed_at", json("1778155230")),
    ] {
        let closure = Bent::new().set(name, value.clone());
        assert_eq!(fault(&closure), Some(FaultKind::KeyNotUsable), "{name} {value:?}");
    }
    // Signed by a key that the trust root has, under the name of another one it has.
    let keys = manifest(&[entry(SEED, ""), entry(3, "")]);
    let mut closure = Bent::new();
    closure.seed = 3;
    let found = fault_under(&closure, &keys, Mode::Production);
    assert_eq!(found, Some(FaultKind::SignatureInvalid));
    assert_eq!(fault_under(&Bent::new().signed_by(3), &keys, Mode::Production), None);
}

#[test]
fn close_23_the_finding_names_permit_key_and_the_part_that_failed() {
    let mut zero = Bent::new();
    zero.hash = Some(Some(digest('0').into()));
    let unknown_key = Bent::new().set("binding_key_id", "1234567890abcdef");
    let mut no_signature = Bent::new();
    no_signature.signature = Some(None);
    for (closure, part, key_id) in [
        (zero, "canonical_hash", "6a3803d5f059902a"),
        (unknown_key, "key_resolution", "1234567890abcdef"),
        (no_signature.clone(), "signature", "6a3803d5f059902a"),
        (no_signature.set("binding_key_id", ()), "signature", "null"),
    ] {
        let value = closure.value();
        let trust = trust();
        let keys = BindingKeys::of(&trust, Mode::Production);
        let base = JsonPointer::root().member("payload_json");
        let examined = examine(&Carrier::of(&value), &rules(), &keys, &base, Some("evt_9"));
        let finding = examined.fault.unwrap().finding;
        assert_eq!(finding.get("permit_id"), Some(crate::bent::PERMIT));
        assert_eq!(finding.get("event_id"), Some("evt_9"));
        assert_eq!(finding.get("sub_failure"), Some(part));
        assert_eq!(finding.get("key_id"), Some(key_id));
    }
}

#[test]
fn faults_are_told_at_the_member_that_shows_them() {
    let trust = trust();
    let keys = BindingKeys::of(&trust, Mode::Production);
    let status = Bent::new().status("done");
    for (closure, pointer) in [
        (status.clone(), "/e/closure_status"),
        (status.envelope(), "/e/payload/closure_status"),
        (Bent::new().unset("model"), "/e"),
        (Bent::new().set("binding_key_id", "x"), "/e/binding_key_id"),
    ] {
        let value = closure.value();
        let base = JsonPointer::root().member("e");
        let examined = examine(&Carrier::of(&value), &rules(), &keys, &base, None);
        assert_eq!(examined.fault.unwrap().finding.at.pointer.to_string(), pointer);
    }
}

#[test]
fn amb_02_hash_and_signature_have_two_names_each() {
    let closure = Bent::new();
    let value = closure.value();
    let take = |name: &str| value.get(name).unwrap().clone();
    let (hash, signature) = (take("closure_canonical_hash"), take("closure_signature_b64"));
    let mut bare = closure.clone();
    (bare.hash, bare.signature) = (Some(None), Some(None));
    let second = bare
        .clone()
        .edited("binding_canonical_hash", hash.clone())
        .edited("binding_signature", signature.clone());
    assert_eq!(fault(&second), None);
    // The first that is not blank counts.
    let blank =
        second.clone().edited("closure_canonical_hash", "  ").edited("closure_signature_b64", ());
    assert_eq!(fault(&blank), None);
    let first =
        closure.edited("binding_canonical_hash", digest('0')).edited("binding_signature", "x");
    assert_eq!(fault(&first), None);
    let wrong = second.edited("closure_canonical_hash", digest('0'));
    assert_eq!(fault(&wrong), Some(FaultKind::HashMismatch));
    // An event may have a `payload` of its own beside the members of the closure.
    assert_eq!(fault(&Bent::new().edited("payload", json("{\"closure_status\": 1}"))), None);
    // An envelope's names do not count among the members of an event.
    let names = bare.edited("canonical_hash", hash).edited("signature", signature);
    assert_eq!(fault(&names), Some(FaultKind::HashMissing));
}

#[test]
fn amb_02_a_signature_may_have_its_prefix_in_both_carriers() {
    for closure in [Bent::new(), Bent::new().envelope()] {
        let signature = key(SEED).sign_closure(closure.canonical_hash()).unwrap().to_string();
        let bare = signature.trim_start_matches("ed25519:").to_owned();
        for text in [signature, bare] {
            let mut closure = closure.clone();
            closure.signature = Some(Some(text.into()));
            assert_eq!(fault(&closure), None);
        }
    }
}

#[test]
fn amb_06_every_signed_member_is_there_but_the_dispatch_digest_may_be_absent() {
    for closure in [Bent::new(), Bent::v1(), Bent::new().envelope()] {
        for member in closure.members.members() {
            let name = member.name();
            if name == "binding_version" {
                continue;
            }
            let without = closure.clone().unset(name);
            let missing = match name {
                "permit_id" => Some(FaultKind::PermitIdMissing),
                "dispatch_request_digest_v1" => None,
                _ => Some(FaultKind::MemberMissing),
            };
            assert_eq!(fault(&without), missing, "{name}");
            let missing = missing.or(Some(FaultKind::MemberMissing));
            assert_eq!(pinned_fault(&without), missing, "{name}");
            // Null is no absence.
            let nulled = fault(&closure.clone().set(name, ()));
            assert_ne!(nulled, Some(FaultKind::MemberMissing), "{name}");
        }
    }
    for permit_id in ["null", "\"\"", "7"] {
        let closure = Bent::new().set("permit_id", json(permit_id));
        assert_eq!(fault(&closure), Some(FaultKind::PermitIdMissing));
    }
}

#[test]
fn amb_07_an_envelope_names_the_key_that_is_signed() {
    let mut closure = Bent::new().envelope();
    for (outer, good) in [
        (None, true),
        (Some(json("\"6a3803d5f059902a\"")), true),
        (Some(json("\"another\"")), false),
        (Some(json("null")), false),
    ] {
        closure.outer_key_id = Some(outer.clone());
        let expected = (!good).then_some(FaultKind::KeyIdMismatch);
        assert_eq!(fault(&closure), expected, "{outer:?}");
    }
    assert_eq!(FaultKind::KeyIdMismatch.sub_failure(), Some("key_resolution"));
}

#[test]
fn questions_are_asked_in_their_order() {
    // All is wrong; each step mends the first fault.
    let broken = Bent::new()
        .set("binding_version", "closure_v9")
        .set("permit_id", ())
        .set("binding_key_id", "unknown")
        .set("dispatch_request_digest_semantics", "wrong")
        .status("done")
        .set("provider_response_digest_v1", "none");
    let mut broken = broken.unset("model");
    broken.hash = Some(Some(digest('0').into()));
    let mut found = Vec::new();
    let mut note = |closure: &Bent| found.push(fault(closure));
    note(&broken);
    broken = broken.set("binding_version", "closure_v2");
    note(&broken);
    broken = broken.of(crate::bent::PERMIT);
    note(&broken);
    broken = broken.set("model", "m");
    note(&broken);
    broken.hash = None;
    note(&broken);
    broken = broken.set("binding_key_id", "6a3803d5f059902a");
    note(&broken);
    broken =
        broken.set("dispatch_request_digest_semantics", DigestField::Dispatch.reference_label());
    note(&broken);
    broken = broken.status("closed");
    note(&broken);
    broken = broken.set("provider_response_digest_v1", digest('a'));
    note(&broken);
    assert_eq!(
        found,
        [
            Some(FaultKind::UnknownFormat),
            Some(FaultKind::PermitIdMissing),
            Some(FaultKind::MemberMissing),
            Some(FaultKind::HashMismatch),
            Some(FaultKind::KeyNotUsable),
            Some(FaultKind::Label),
            Some(FaultKind::UnknownStatus),
            Some(FaultKind::MalformedDigest),
            None,
        ]
    );
    let aspects: Vec<Aspect> = found.into_iter().flatten().map(FaultKind::aspect).collect();
    assert!(aspects.is_sorted());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands in the members, there is an answer and no panic; and what was not
    /// sealed anew is never in order.
    #[test]
    fn any_payload_has_an_answer(
        name in proptest::sample::select(Bent::new().members.members().iter().map(|m| m.name().to_owned()).collect::<Vec<_>>()),
        value in any_value(),
        sealed in any::<bool>(),
        envelope in any::<bool>(),
    ) {
        let closure = if envelope { Bent::new().envelope() } else { Bent::new() };
        let changed = closure.members.get(&name) != Some(&value);
        let closure =
            if sealed { closure.set(&name, value) } else { closure.edited(&name, value) };
        let found = fault(&closure);
        if changed && !sealed {
            prop_assert!(found.is_some());
        }
    }
}

fn any_value() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(json("null")),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        "[0-9a-f]{64}".prop_map(Value::from),
        Just(json("{}")),
        Just(json("[1.5, 1e300]")),
    ]
}
