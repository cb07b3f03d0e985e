// SPDX-License-Identifier: Apache-2.0

//! What holds of all permits.

use permit_canonical_json::{Object, Value};
use permit_decision::{Slot, find_permits_in_document, find_permits_in_entry};
use permit_types::{Artifact, Location};
use proptest::prelude::*;

use crate::bench::{ACCOUNT, AT, PERMIT, SIGNER, judge, judge_all, permit, registered, signed};

fn any_slot() -> impl Strategy<Value = Slot> {
    proptest::sample::select(Slot::ALL)
}

fn any_json() -> impl Strategy<Value = Value<'static>> {
    let texts = [PERMIT, ACCOUNT, SIGNER, AT, "v2", "", "x", "2026-05-23", "batch-1"];
    let names = [
        "id",
        "permit",
        "permit_v2",
        "payload",
        "payload_json",
        "permit_format_version",
        "signature",
        "operator_approval",
        "counter_signature",
        "audit_attestation",
        "signature_payloads",
        "payload_type",
        "signer_id",
        "signed_at",
        "batches",
        "revocation",
        "effective_at",
    ];
    let leaf = prop_oneof![
        4 => proptest::sample::select(texts.to_vec()).prop_map(Value::from),
        1 => Just(Value::from(())),
        1 => Just(Value::from(7)),
    ];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        let name = proptest::sample::select(names.to_vec());
        let v2 = |object: Value<'static>| {
            let mut object = object.as_object().unwrap().clone();
            object.insert("permit_format_version", "v2");
            Value::from(object)
        };
        let object = proptest::collection::vec((name, inner.clone()), 0..8).prop_map(Value::object);
        prop_oneof![
            1 => proptest::collection::vec(inner, 0..4).prop_map(Value::from),
            1 => object.clone(),
            2 => object.prop_map(v2),
        ]
    })
}

proptest! {
    #[test]
    fn any_permit_can_be_signed_and_any_change_of_it_shows(
        slot in any_slot(),
        extra in any_json(),
        changed in any_json(),
    ) {
        let mut own = permit();
        own.insert("extra", extra.clone());
        let mut document = signed(slot, own);
        prop_assert!(judge(slot, &document).is_ok());
        document.insert("extra", changed.clone());
        prop_assert_eq!(judge(slot, &document).is_ok(), changed == extra);
    }

    #[test]
    fn one_changed_character_of_a_slot_is_never_shown(
        slot in any_slot(),
        member: usize,
        place: usize,
        with in "[0-9a-zA-Z]",
    ) {
        let mut document = signed(slot, permit());
        let mut envelope = document.get(slot.as_str()).unwrap().as_object().unwrap().clone();
        let names: Vec<String> = envelope.members().iter().map(|m| m.name().to_owned()).collect();
        let name = &names[member % names.len()];
        let mut text: Vec<char> = envelope.get(name).unwrap().as_str().unwrap().chars().collect();
        // The last digit of a signature has bits that nobody reads, and its padding none.
        let length = if name == "signature" { 85 } else { text.len() };
        let place = place % length;
        let with = with.chars().next().unwrap();
        prop_assume!(text[place] != with);
        text[place] = with;
        envelope.insert(name.clone(), text.into_iter().collect::<String>());
        document.insert(slot.as_str(), envelope);
        prop_assert!(judge(slot, &document).is_err());
    }

    #[test]
    fn nothing_crashes(slot in any_slot(), value in any_json()) {
        let mut object = value.as_object().cloned().unwrap_or_default();
        object.insert("permit", value.clone());
        object.insert("payload", value);
        let mut permits = find_permits_in_document(&object, Artifact::Export);
        permits.extend(find_permits_in_entry(&object, 0, &Location::whole(Artifact::Export)));
        let manifest: Object<'static> = object.clone();
        let keys = registered(slot);
        for judged in judge_all(slot, &object, Some(&manifest), &permits, Some(&keys)) {
            prop_assert!(judged.is_err());
        }
    }
}
