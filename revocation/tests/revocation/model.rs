// SPDX-License-Identifier: Apache-2.0

//! The rules once more, naively, compared on generated events.

use permit_canonical_json::{Budget, Object, Value};
use permit_revocation::{
    RevocationScope, adjudicate_revocation, find_revocation_in_document, find_revocation_in_entry,
};
use permit_types::{Artifact, Location};
use proptest::prelude::*;

use crate::bench::{ACTOR, AT, MEMBERS, PERMIT, PROJECT, bare, document, judge, signed};

/// The word for an event that this seed signed as it is, in a document of project `PROJECT`.
fn word(event: &Object<'_>, seed: u8) -> &'static str {
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    let uuid = |text: &str| {
        let groups: Vec<_> = text.split('-').collect();
        let lengths: Vec<_> = groups.iter().map(|group| group.len()).collect();
        lengths == [8, 4, 4, 4, 12] && groups.concat().bytes().all(|b| b.is_ascii_hexdigit())
    };
    let reason = |text: &str| {
        let words = text.split('.').collect::<Vec<_>>();
        let fine = |word: &&str| {
            !word.is_empty() && word.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'))
        };
        (1..=128).contains(&text.len())
            && words.iter().all(fine)
            && matches!(text.chars().next(), Some('a'..='z'))
    };
    if MEMBERS.iter().any(|name| event.get(name).is_none()) {
        return "PERMIT_REVOKED_EVIDENCE_MISSING";
    }
    if !["user", "service_account", "system", "api_key"].contains(&text("actor_kind").unwrap_or(""))
    {
        return "PERMIT_REVOKED_ACTOR_KIND_UNSUPPORTED";
    }
    let empty = |name: &str| text(name).unwrap_or("").is_empty();
    if event.len() > 8 || empty("permit_id") || empty("project_id") || empty("actor_id") {
        return "PERMIT_REVOKED_SCHEMA_INVALID";
    }
    if !uuid(text("actor_id").unwrap()) {
        return "PERMIT_REVOKED_ACTOR_PII_DETECTED";
    }
    let times = ["revoked_at", "effective_at"].map(|name| text(name).unwrap_or(""));
    let formed = uuid(text("permit_id").unwrap())
        && uuid(text("project_id").unwrap())
        && text("reason_code").is_some_and(reason)
        && times.iter().all(|time| TIMES.contains(time));
    match formed {
        false => "PERMIT_REVOKED_SCHEMA_INVALID",
        true if text("project_id") != Some(PROJECT) => "PERMIT_REVOKED_PROJECT_ID_MISMATCH",
        true if times[0] != times[1] => "PERMIT_REVOKED_EFFECTIVE_AT_MISMATCH",
        true if seed != 2 => "PERMIT_REVOKED_SIGNATURE_INVALID",
        true => "",
    }
}

/// The times among the texts below that are times.
const TIMES: [&str; 3] = [AT, "2026-05-21T10:05:00Z", "2026-05-22T00:00:00+01:00"];

fn any_value() -> impl Strategy<Value = Value<'static>> {
    let texts = [
        PERMIT,
        PROJECT,
        ACTOR,
        "user",
        "api_key",
        "robot",
        "a.b",
        "A",
        "",
        " ",
        "x@y",
        "soon",
        TIMES[0],
        TIMES[1],
        TIMES[2],
        "2026-05-21",
        "0x22222222222222222222222222222222",
    ];
    prop_oneof![
        4 => proptest::sample::select(texts.to_vec()).prop_map(Value::from),
        1 => Just(Value::from(())),
        1 => Just(Value::from(7)),
        1 => Just(Value::array(["user"])),
        1 => Just(Value::object([("a", "b")])),
    ]
}

fn any_json() -> impl Strategy<Value = Value<'static>> {
    let names = [
        "revocation_event",
        "event",
        "payload",
        "payload_json",
        "event_type",
        "signature",
        "canonical_hash",
        "permit_id",
        "actor_kind",
        "effective_at",
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
        changes in proptest::collection::vec((0..9_usize, proptest::option::weighted(0.9, any_value())), 0..3),
        seed in 2..4_u8,
    ) {
        let mut event = bare();
        for (at, value) in changes {
            let name = MEMBERS.get(at).filter(|name| **name != "signature").unwrap_or(&"note");
            match value {
                Some(value) => event.insert(*name, value),
                None => drop(event.remove(name)),
            }
        }
        let event = signed(event, seed);
        let expected = word(&event, seed);
        let found = judge(&document(event)).err().map_or("", |fault| fault.reason().as_str());
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn revoke_05_one_changed_character_is_never_shown(at in 0..7_usize, place: usize, with in "[0-9a-zA-Z]") {
        let mut event = signed(bare(), 2);
        let name = MEMBERS[at];
        let mut text: Vec<char> = event.get(name).unwrap().as_str().unwrap().chars().collect();
        let place = place % text.len();
        let with = with.chars().next().unwrap();
        prop_assume!(text[place] != with);
        text[place] = with;
        event.insert(name, text.into_iter().collect::<String>());
        prop_assert!(judge(&document(event)).is_err());
    }

    #[test]
    fn nothing_crashes(value in any_json()) {
        let mut object = Object::default();
        object.insert("revocation_event", value.clone());
        object.insert("payload", value);
        let scope = RevocationScope::of(&object, Some(&object));
        let keys = crate::bench::trusted();
        let found = [
            find_revocation_in_document(&object, Artifact::Export),
            find_revocation_in_entry(&object, &Location::whole(Artifact::Export)),
        ];
        for found in found.into_iter().flatten() {
            let mode = permit_keys::Mode::Production;
            prop_assert!(adjudicate_revocation(&found, &scope, Some(&keys), mode).is_err());
        }
    }

    #[test]
    fn order_and_spelling_of_json_do_not_count(order in Just(MEMBERS.to_vec()).prop_shuffle()) {
        let event = signed(bare(), 2);
        let members: Vec<_> = order
            .iter()
            .map(|name| format!(" \"{name}\" : \"{}\"", event.get(name).unwrap().as_str().unwrap()))
            .collect();
        let text = format!("{{\"revocation_event\":{{{}}}}}", members.join(",\n"));
        let read = permit_canonical_json::read(text.as_bytes(), &Budget::default()).unwrap();
        prop_assert!(judge(read.as_object().unwrap()).is_ok());
    }
}
