// SPDX-License-Identifier: Apache-2.0

//! Membership and segments once more, naively, compared on generated ones.
//!
//! The model knows JSON trees and lists, and no other part of the crate.

use permit_claims::Verdict;
use permit_scope::{Membership, Predicate};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::pack::{P, Pack, Q, chain_of, equals, strict};

/// What a record of nine members matches, by hand.
fn matches(record: &Json, predicate: &Json) -> bool {
    let found = |kind: &str| -> Option<Json> {
        let payload = &record["payload_json"];
        let places: Vec<&Json> = match kind {
            "permit_id" => {
                vec![&payload["permit_id"], &payload["permit_uuid"], &payload["permit"]["id"]]
            }
            "event_type" => vec![&record["event_type"], &payload["event_type"]],
            "provider" => vec![
                &payload["provider"],
                &payload["model_provider"],
                &payload["metadata"]["provider"],
                &payload["execution"]["provider"],
            ],
            "occurred_at" => vec![
                &payload["occurred_at"],
                &payload["event_time"],
                &payload["timestamp"],
                &record["created_at"],
            ],
            "sequence_number" => vec![&record["sequence_number"]],
            _ => vec![],
        };
        places.into_iter().find(|it| it.is_string() || it.is_number() || it.is_boolean()).cloned()
    };
    let equals = predicate["equals"].as_object().unwrap();
    let equal = equals.iter().all(|(kind, value)| found(kind).as_ref() == Some(value));
    let ranges = predicate["ranges"].as_object().unwrap();
    equal
        && ranges.iter().all(|(kind, range)| {
            let Some(value) = found(kind) else { return false };
            if kind == "sequence_number" {
                let (value, first, last) =
                    (value.as_u64(), range["gte"].as_u64(), range["lte"].as_u64());
                return first <= value && value <= last;
            }
            // All times of the model are UTC in one form, so that texts compare as instants do.
            let (value, from, before) =
                (value.as_str(), range["gte"].as_str(), range["lt"].as_str());
            from <= value && value < before
        })
}

fn time() -> impl Strategy<Value = String> {
    (0..4_u8, 0..60_u8).prop_map(|(minute, second)| format!("2026-05-21T10:0{minute}:{second:02}Z"))
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![Just("p"), Just("q"), Just("")].prop_map(str::to_owned)
}

fn scalar() -> impl Strategy<Value = Json> {
    prop_oneof![
        3 => word().prop_map(Json::from),
        1 => Just(json!(null)),
        1 => Just(json!([1])),
        1 => Just(json!({ "id": "p", "provider": "q" })),
        1 => Just(json!(7)),
        1 => Just(json!(false)),
    ]
}

fn record() -> impl Strategy<Value = Json> {
    let names = prop::sample::subsequence(
        vec![
            "permit_id",
            "permit_uuid",
            "permit",
            "event_type",
            "provider",
            "model_provider",
            "metadata",
            "execution",
            "unrelated",
        ],
        0..6,
    );
    let payload = (names, prop::collection::vec(scalar(), 9)).prop_map(|(names, values)| {
        names.into_iter().zip(values).map(|(name, value)| (name.to_owned(), value)).collect()
    });
    let times = prop::option::of(time());
    (payload, word(), 1..9_u64, time(), times).prop_map(
        |(payload, event_type, number, created_at, occurred_at)| {
            let mut payload: serde_json::Map<String, Json> = payload;
            if let Some(at) = occurred_at {
                payload.insert("occurred_at".to_owned(), json!(at));
            }
            json!({
                "event_id": "e", "event_type": event_type, "chain_scope": "s",
                "sequence_number": number, "record_hash": "r", "prev_hash": "p",
                "created_at": created_at, "chain_format_version": "v1", "payload_json": payload,
            })
        },
    )
}

fn predicate() -> impl Strategy<Value = Json> {
    let kinds = prop::sample::subsequence(vec!["permit_id", "event_type", "provider"], 0..3);
    let equal = (kinds, prop::collection::vec(word(), 3));
    let span = prop::option::of((1..9_u64, 0..9_u64));
    let times = prop::option::of((time(), time()));
    (equal, span, times).prop_map(|((kinds, words), span, times)| {
        let mut predicate = equals(&[]);
        for (kind, word) in kinds.into_iter().zip(words) {
            predicate["equals"][kind] = json!(word);
        }
        if let Some((first, more)) = span {
            predicate["ranges"]["sequence_number"] = json!({ "gte": first, "lte": first + more });
        }
        if let Some((gte, lt)) = times {
            predicate["ranges"]["occurred_at"] = json!({ "gte": gte, "lt": lt });
        }
        predicate
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn pred_04_membership_is_that_of_the_model(record in record(), predicate in predicate()) {
        let (value, read) = (strict(&record), Predicate::read(&strict(&predicate)).unwrap());
        let expected = match matches(&record, &predicate) {
            true => Membership::Member,
            false => Membership::NotMember,
        };
        prop_assert_eq!(read.membership(value.as_object().unwrap()), expected);
    }
}

/// A chain and which of its entries are under P.
fn events() -> impl Strategy<Value = Vec<bool>> {
    prop::collection::vec(any::<bool>(), 1..12)
}

fn pack_of(events: &[bool]) -> Pack {
    let events: Vec<_> = events
        .iter()
        .map(|is_p| ("permit.used", Some(if *is_p { P } else { Q }), "10:00:00"))
        .collect();
    Pack::over(&chain_of(&events), &[equals(&[("permit_id", P)])])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// What issuers make holds, and any record that is taken away, doubled or put into the other list
    /// is noticed.
    #[test]
    fn sfe_13_every_change_to_the_records_is_noticed(
        events in events(),
        choice in any::<prop::sample::Index>(),
        change in 0..3_u8,
    ) {
        let pack = pack_of(&events);
        prop_assert_eq!(pack.claim(), (Verdict::Supported, ""));
        let index = choice.index(events.len());
        let is_member = events[index];
        let rank = events[..index].iter().filter(|other| **other == is_member).count();
        let (own, other) = match is_member {
            true => ("disclosure_records", "proof_bridge_records"),
            false => ("proof_bridge_records", "disclosure_records"),
        };
        let is_last = index + 1 == events.len();
        let is_only = events.len() == 1;
        let bent = pack.bent(|segment| {
            let evidence = &mut segment["chain_evidence"];
            let record = evidence[own][rank].clone();
            let list = match change {
                0 => None,
                1 => Some(own),
                _ => Some(other),
            };
            if change != 1 {
                evidence[own].as_array_mut().unwrap().remove(rank);
            }
            if let Some(list) = list {
                evidence[list].as_array_mut().unwrap().push(record);
            }
        });
        // Only a last bridge may be missing: it is no member, and nothing behind it links to it.
        let may_pass = change == 0 && !is_member && (is_last || is_only);
        prop_assert_eq!(bent.claim().0 == Verdict::Supported, may_pass, "{:?}", bent.claim());
    }

    /// The order of records in their lists does not matter.
    #[test]
    fn shuffled_records_are_the_same_records(
        events in events(),
        turn in any::<prop::sample::Index>(),
    ) {
        let bent = pack_of(&events).bent(|segment| {
            for list in ["disclosure_records", "proof_bridge_records"] {
                let list = segment["chain_evidence"][list].as_array_mut().unwrap();
                let length = list.len().max(1);
                list.rotate_left(turn.index(length));
                list.reverse();
            }
        });
        prop_assert_eq!(bent.claim(), (Verdict::Supported, ""));
    }

    /// One changed character of the signed part of a scope state is always found.
    #[test]
    fn side_06_every_change_to_a_scope_state_is_found(
        choice in any::<prop::sample::Index>(),
        other in "[0-9a-f]",
    ) {
        let pack = pack_of(&[true, false, true]);
        let text = String::from_utf8(crate::pack::written(pack.sidecars[0].as_ref().unwrap())).unwrap();
        let at = choice.index(text.len());
        let mut bent = text.clone();
        bent.replace_range(at..=at, &other);
        let Ok(sidecar) = serde_json::from_str::<Json>(&bent) else { return Ok(()) };
        if sidecar == *pack.sidecars[0].as_ref().unwrap() {
            return Ok(());
        }
        let mut pack = pack;
        pack.sidecars[0] = Some(sidecar);
        pack.refer(0);
        prop_assert_ne!(pack.claim().0, Verdict::Supported, "at {}: {}", at, bent);
    }
}
