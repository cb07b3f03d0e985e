// SPDX-License-Identifier: Apache-2.0

//! The rules once more, naively, compared on generated evidence.

use permit_canonical_json::{Object, Value};
use permit_decision::{
    DecisionPayloadV1, adjudicate_decision, find_decision_in_document, find_decision_in_entry,
};
use permit_keys::Mode;
use permit_types::{Artifact, Location};
use proptest::prelude::*;

use crate::bench::{AT, KEY_ID, PERMIT, PROJECT, judge, payload, sealed, trusted};

/// What is said of evidence whose payload this seed signed as it is.
fn word(evidence: &Object<'static>, seed: u8) -> &'static str {
    let envelope = |name: &str| evidence.get(name).and_then(Value::as_str).unwrap_or("");
    let payload = evidence.get("canonical_payload").unwrap().as_object().unwrap();
    let text = |name: &str| payload.get(name).and_then(Value::as_str).unwrap_or("");
    if envelope("artifact_type") != "permit_decision_binding"
        || envelope("artifact_version") != "permit.decision.v1"
    {
        return "PERMIT_DECISION_SCHEMA_INVALID";
    }
    if text("binding_version") != "v1" {
        return "PERMIT_DECISION_UNSUPPORTED_BINDING_VERSION";
    }
    if DecisionPayloadV1::MEMBERS.iter().any(|name| payload.get(name).is_none()) {
        return "PERMIT_DECISION_EVIDENCE_MISSING";
    }
    if payload.len() > 21 || !["allow", "deny", "challenge"].contains(&text("decision")) {
        return "PERMIT_DECISION_SCHEMA_INVALID";
    }
    let needed = ["permit_id", "project_id", "issued_at", "binding_key_id"];
    if needed.iter().any(|name| text(name).is_empty())
        || envelope("binding_canonical_hash").is_empty()
    {
        return "PERMIT_DECISION_EVIDENCE_MISSING";
    }
    if !envelope("binding_signature").starts_with("ed25519:") {
        return "PERMIT_DECISION_SCHEMA_INVALID";
    }
    if envelope("binding_issued_at").is_empty() {
        return "PERMIT_DECISION_EVIDENCE_MISSING";
    }
    let fitting = sealed(payload.clone(), seed);
    if Some(envelope("binding_canonical_hash"))
        != fitting.get("binding_canonical_hash").unwrap().as_str()
    {
        return "PERMIT_DECISION_CANONICAL_HASH_MISMATCH";
    }
    for (name, signed) in [
        ("expected_decision", "decision"),
        ("binding_version", "binding_version"),
        ("binding_key_id", "binding_key_id"),
        ("permit_id", "permit_id"),
        ("project_id", "project_id"),
    ] {
        let stated = evidence.get(name).filter(|value| !value.is_null());
        if stated.is_some_and(|stated| Some(stated) != payload.get(signed)) {
            return "PERMIT_DECISION_CANONICAL_PAYLOAD_MISMATCH";
        }
    }
    // The window of the only key begins, so that it needs times, and one of them at least inside.
    let times = [text("issued_at"), envelope("binding_issued_at")];
    if text("binding_key_id") != KEY_ID
        || times.iter().any(|time| *time != AT && *time != EARLY)
        || times == [EARLY; 2]
    {
        return "PERMIT_DECISION_UNTRUSTED_KEY";
    }
    let signature = evidence.get("binding_signature");
    match seed == 2 && signature == fitting.get("binding_signature") {
        false => "PERMIT_DECISION_SIGNATURE_INVALID",
        true => "",
    }
}

/// Before the window of the key.
const EARLY: &str = "2025-05-21T10:00:00Z";

const ENVELOPE: [&str; 10] = [
    "artifact_type",
    "artifact_version",
    "binding_canonical_hash",
    "binding_signature",
    "binding_issued_at",
    "expected_decision",
    "binding_version",
    "binding_key_id",
    "permit_id",
    "project_id",
];

fn any_value() -> impl Strategy<Value = Value<'static>> {
    let texts = [
        PERMIT,
        PROJECT,
        KEY_ID,
        AT,
        EARLY,
        "v1",
        "v2",
        "allow",
        "deny",
        "",
        "x",
        "ed25519:AAAA",
        "permit_decision_binding",
        "permit.decision.v1",
    ];
    prop_oneof![
        5 => proptest::sample::select(texts.to_vec()).prop_map(Value::from),
        1 => Just(Value::from(())),
        1 => Just(Value::from(7)),
        1 => Just(Value::array(["allow"])),
    ]
}

fn any_json() -> impl Strategy<Value = Value<'static>> {
    let names = [
        "permit_decision",
        "canonical_payload",
        "payload",
        "payload_json",
        "artifact_type",
        "artifact_version",
        "binding_version",
        "decision",
        "permit_id",
        "x",
    ];
    any_value().prop_recursive(4, 32, 4, move |inner| {
        let name = proptest::sample::select(names.to_vec());
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((name, inner), 0..6).prop_map(Value::object),
        ]
    })
}

proptest! {
    #[test]
    fn equals_the_model(
        inner in proptest::collection::vec((0..22_usize, proptest::option::weighted(0.9, any_value())), 0..2),
        outer in proptest::collection::vec((0..10_usize, proptest::option::weighted(0.8, any_value())), 0..2),
        seed in 2..4_u8,
    ) {
        let mut payload = payload();
        for (at, value) in inner {
            let name = DecisionPayloadV1::MEMBERS.get(at).unwrap_or(&"note");
            match value {
                Some(value) => payload.insert(*name, value),
                None => drop(payload.remove(name)),
            }
        }
        let mut evidence = sealed(payload, seed);
        for (at, value) in outer {
            match value {
                Some(value) => evidence.insert(ENVELOPE[at], value),
                None => drop(evidence.remove(ENVELOPE[at])),
            }
        }
        let expected = word(&evidence, seed);
        let found = judge(evidence).err().map_or("", |fault| fault.reason().as_str());
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn sem_05_no_one_bit_of_a_signature_may_flip(bit in 0..512_usize) {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let mut evidence = sealed(payload(), 2);
        let text = evidence.get("binding_signature").unwrap().as_str().unwrap().to_owned();
        let mut bytes = STANDARD.decode(text.strip_prefix("ed25519:").unwrap()).unwrap();
        bytes[bit / 8] ^= 1 << (bit % 8);
        evidence.insert("binding_signature", format!("ed25519:{}", STANDARD.encode(bytes)));
        let fault = judge(evidence).unwrap_err();
        prop_assert_eq!(fault.reason().as_str(), "PERMIT_DECISION_SIGNATURE_INVALID");
    }

    #[test]
    fn nothing_crashes(value in any_json()) {
        let mut object = Object::default();
        object.insert("permit_decision", value.clone());
        object.insert("payload", value);
        let keys = trusted();
        let found = [
            find_decision_in_document(&object, Artifact::Export),
            find_decision_in_entry(&object, &Location::whole(Artifact::Export)),
        ];
        for found in found.into_iter().flatten() {
            prop_assert!(adjudicate_decision(&found, Some(&keys), Mode::Production).is_err());
        }
    }
}
