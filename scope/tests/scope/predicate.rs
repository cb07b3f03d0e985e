// SPDX-License-Identifier: Apache-2.0

//! The grammar of predicates, and what they match.

use permit_scope::{Membership, Predicate, PredicateFaultKind, RESERVED_KINDS, Unclear};
use permit_types::{PredicateKind, ScopePredicate};
use serde_json::{Value as Json, json};

use crate::pack::{equals, strict, typed};

use PredicateFaultKind::{Malformed, OutOfGrammar, Unsupported};

/// A predicate with one thing changed.
fn bent(bend: impl FnOnce(&mut Json)) -> Json {
    let mut predicate = equals(&[("permit_id", "p")]);
    predicate["ranges"] = json!({
        "sequence_number": { "gte": 1, "lte": 9 },
        "occurred_at": { "gte": "2026-05-21T10:00:00Z", "lt": "2026-05-21T11:00:00Z" },
    });
    bend(&mut predicate);
    predicate
}

fn without(name: &str) -> Json {
    bent(|predicate| {
        predicate.as_object_mut().unwrap().remove(name);
    })
}

fn range(kind: &str, range: Json) -> Json {
    bent(|predicate| predicate["ranges"][kind] = range)
}

fn equal(kind: &str, value: Json) -> Json {
    bent(|predicate| predicate["equals"][kind] = value)
}

#[track_caller]
fn expect(name: &str, predicate: &Json, kind: PredicateFaultKind, rule: &str) {
    let fault = Predicate::read(&strict(predicate)).expect_err(name);
    assert_eq!((fault.kind(), fault.rule()), (kind, rule), "{name}: {fault}");
}

#[test]
fn pred_01_and_pred_03_what_is_not_written_as_version_1_is_malformed() {
    Predicate::read(&strict(&bent(|_| {}))).unwrap();
    for name in ["version", "operator", "equals", "ranges"] {
        expect(name, &without(name), Malformed, "PRED-01");
    }
    for (name, predicate) in [
        ("a text", json!("event_type = x")),
        ("null", json!(null)),
        ("another member", bent(|it| it["comment"] = json!("x"))),
        ("equals is a list", bent(|it| it["equals"] = json!([]))),
        ("ranges is null", bent(|it| it["ranges"] = json!(null))),
        ("a range kind is compared", equal("sequence_number", json!("1"))),
        ("a compared kind is ranged over", range("permit_id", json!({ "gte": "a", "lt": "b" }))),
        ("a range is a text", range("created_at", json!("2026"))),
        ("a bound is a text", range("sequence_number", json!({ "gte": "1", "lte": 2 }))),
        ("a bound is a float", range("sequence_number", json!({ "gte": 1.0, "lte": 2 }))),
        ("a bound is a truth value", range("sequence_number", json!({ "gte": true, "lte": 2 }))),
        ("a bound is 0", range("sequence_number", json!({ "gte": 0, "lte": 2 }))),
        ("the ends are exchanged", range("sequence_number", json!({ "gte": 3, "lte": 2 }))),
        ("a bound is no time", range("created_at", json!({ "gte": "then", "lt": "now" }))),
        ("a bound is a number", range("created_at", json!({ "gte": 1, "lt": 2 }))),
    ] {
        expect(name, &predicate, Malformed, "PRED-03");
    }
}

/// The reference compares with `==` of Python, for which `true` is `1` and `null` matches what is
/// nowhere to be found; here only texts are compared.
#[test]
fn pred_03_only_texts_are_compared() {
    for value in [json!(null), json!(true), json!(1), json!(1.0)] {
        expect("equals", &equal("permit_id", value), Malformed, "PRED-03");
    }
}

#[test]
fn pred_02_another_version_kind_or_operator_is_unsupported() {
    for (name, predicate) in [
        ("version 2", bent(|it| it["version"] = json!("keel.scope_predicate.v2"))),
        ("no text as version", bent(|it| it["version"] = json!(1))),
        ("or", bent(|it| it["operator"] = json!("or"))),
        ("an unknown kind", equal("tenant", json!("x"))),
        ("an unknown range", range("cost", json!({ "gte": 1, "lte": 2 }))),
    ] {
        expect(name, &predicate, Unsupported, "PRED-02");
    }
}

/// AMB-37: who does not know the grammar cannot say what is malformed in it. The reference says
/// malformed of the first and the last.
#[test]
fn pred_02_what_is_beyond_the_grammar_is_looked_for_first() {
    let version_2 = json!({ "version": "keel.scope_predicate.v2", "any_of": [] });
    expect("another shape", &version_2, Unsupported, "PRED-02");
    let both = bent(|it| it["equals"] = json!({ "permit_id": 7, "model": "m" }));
    expect("a number and a reserved kind", &both, Unsupported, "PRED-06");
}

/// The reference calls all of these malformed.
#[test]
fn absent_01_and_absent_03_lists_operators_and_open_ranges_are_out_of_grammar() {
    let time = "2026-05-21T10:00:00Z";
    for (name, predicate, rule) in [
        ("a list", equal("event_type", json!(["dispatch.egress_bound"])), "ABSENT-03"),
        ("an operator", equal("event_type", json!({ "not": "x" })), "ABSENT-03"),
        ("gt", range("sequence_number", json!({ "gt": 1, "lte": 2 })), "PRED-02"),
        ("lte of a time", range("created_at", json!({ "gte": time, "lte": time })), "PRED-02"),
        ("no lt", range("occurred_at", json!({ "gte": time })), "ABSENT-01"),
        ("no gte", range("occurred_at", json!({ "lt": time })), "ABSENT-01"),
        ("no bounds", range("sequence_number", json!({})), "ABSENT-01"),
    ] {
        expect(name, &predicate, OutOfGrammar, rule);
    }
}

#[test]
fn pred_06_and_pred_07_reserved_kinds_cannot_be_judged_and_not_be_written() {
    for kind in RESERVED_KINDS {
        expect(kind, &equal(kind, json!("x")), Unsupported, "PRED-06");
        let written =
            permit_canonical_json::from_value::<ScopePredicate>(&strict(&equal(kind, json!("x"))));
        assert!(written.is_err(), "{kind}");
        assert_eq!(PredicateKind::parse(kind), None);
    }
}

#[test]
fn pred_08_names_of_an_issuers_own_cannot_be_judged() {
    expect("keel.acme.kind", &equal("keel.acme.kind", json!("x")), Unsupported, "PRED-08");
}

#[test]
fn pred_09_the_hash_is_over_the_canonical_form_and_nothing_is_stripped() {
    let hash = |text: &str| {
        let value = crate::pack::json_of(text.as_bytes());
        Predicate::read(&value).unwrap().hash().to_string()
    };
    let one = r#"{"version":"keel.scope_predicate.v1","operator":"and","equals":{"event_type":"dispatch.egress_bound"},"ranges":{}}"#;
    let two = r#"{ "ranges" : {}, "equals": {"event_type": "dispatch\u002eegress_bound"},
        "operator": "and", "version": "keel.scope_predicate.v1" }"#;
    assert_eq!(
        hash(one),
        "sha256:6312528ddcbeab960d64a5c29ab8c9613c83bd0cc70472b21aeb16b682806ce5"
    );
    assert_eq!(hash(one), hash(two));
    // `request_id` is left out of requests that are hashed, and never of a predicate.
    assert_ne!(hash(one), hash(&one.replace("event_type", "request_id")));
    let typed: ScopePredicate = typed(&equals(&[("event_type", "dispatch.egress_bound")]));
    assert_eq!(Predicate::of(&typed).unwrap().hash().to_string(), hash(one));
}

/// Whether a record with this payload, and these members beside it, matches.
fn membership(predicate: &Json, members: Json, payload: Json) -> Membership {
    let mut record = json!({
        "event_id": "e", "event_type": "t", "chain_scope": "s", "sequence_number": 5,
        "record_hash": "r", "prev_hash": "p", "created_at": "2026-05-21T10:30:00Z",
        "chain_format_version": "v1", "payload_json": payload,
    });
    for (name, value) in members.as_object().unwrap() {
        record[name] = value.clone();
    }
    let record = strict(&record);
    Predicate::read(&strict(predicate)).unwrap().membership(record.as_object().unwrap())
}

/// Each kind with the paths it is looked up by, in order.
fn paths(kind: &str) -> Vec<Vec<&'static str>> {
    let all: &[&[&str]] = match kind {
        "project_id" => &[&["project_id"], &["project", "id"], &["export", "project_id"]],
        "permit_id" => &[&["permit_id"], &["permit_uuid"], &["permit", "id"]],
        "request_id" => &[&["request_id"], &["execution", "request_id"], &["permit", "request_id"]],
        "category" => &[&["category"], &["classification", "category"], &["policy", "category"]],
        "severity" => &[&["severity"], &["classification", "severity"], &["incident", "severity"]],
        "decision_type" => {
            &[&["decision_type"], &["decision", "type"], &["permit", "decision_type"]]
        }
        "policy_id" => &[&["policy_id"], &["policy", "id"], &["permit", "policy_id"]],
        "provider" => &[
            &["provider"],
            &["model_provider"],
            &["metadata", "provider"],
            &["execution", "provider"],
        ],
        "section" => &[&["section"], &["export_section"], &["report", "section"]],
        "export_type" => &[&["export_type"], &["export", "type"]],
        _ => &[],
    };
    all.iter().map(|path| path.to_vec()).collect()
}

fn put(payload: &mut Json, path: &[&str], value: Json) {
    match path {
        [name] => payload[*name] = value,
        [first, rest @ ..] => {
            if !payload[*first].is_object() {
                payload[*first] = json!({});
            }
            put(&mut payload[*first], rest, value);
        }
        [] => {}
    }
}

#[test]
fn pred_04_the_first_scalar_of_the_lookup_wins() {
    for kind in PredicateKind::ALL.iter().map(|kind| kind.as_str()) {
        let paths = paths(kind);
        let predicate = equals(&[(kind, "wanted")]);
        for (index, path) in paths.iter().enumerate() {
            // Null, arrays and objects before it are passed over; what comes behind does not count.
            for before in [json!(null), json!([1]), json!({ "a": 1 })] {
                let mut payload = json!({});
                paths[..index].iter().for_each(|path| put(&mut payload, path, before.clone()));
                put(&mut payload, path, json!("wanted"));
                let later = paths[index + 1..].iter().filter(|later| later[0] != path[0]);
                later.for_each(|path| put(&mut payload, path, json!("other")));
                let found = membership(&predicate, json!({}), payload.clone());
                assert_eq!(found, Membership::Member, "{kind} at {path:?}: {payload}");
            }
            // A scalar before it wins, be it empty or no text.
            for first in [json!(""), json!("other"), json!(0), json!(false)] {
                let mut payload = json!({});
                put(&mut payload, path, json!("wanted"));
                if index > 0 && paths[0][0] != path[0] {
                    put(&mut payload, &paths[0], first.clone());
                    let found = membership(&predicate, json!({}), payload);
                    assert_eq!(found, Membership::NotMember, "{kind} behind {first}");
                }
            }
        }
    }
}

#[test]
fn pred_05_a_member_that_is_nowhere_does_not_match() {
    for kind in ["category", "provider", "permit_id"] {
        let found = membership(&equals(&[(kind, "")]), json!({}), json!({}));
        assert_eq!(found, Membership::NotMember, "{kind}");
    }
}

#[test]
fn pred_11_sections_and_kinds_of_exports_are_compared_and_nothing_else() {
    for kind in ["section", "export_type"] {
        for value in ["public", "restricted", "admin"] {
            let predicate = equals(&[(kind, value)]);
            let found = membership(&predicate, json!({}), json!({ kind: value }));
            assert_eq!(found, Membership::Member);
        }
    }
}

#[test]
fn pred_12_the_empty_predicate_matches_every_record() {
    let empty = equals(&[]);
    assert!(Predicate::read(&strict(&empty)).unwrap().is_unconditional());
    for payload in [json!({}), json!({ "permit_id": null }), json!({ "x": [1, 2] })] {
        assert_eq!(membership(&empty, json!({}), payload), Membership::Member);
    }
}

fn occurring(gte: &str, lt: &str) -> Json {
    let mut predicate = equals(&[]);
    predicate["ranges"] = json!({ "occurred_at": { "gte": gte, "lt": lt } });
    predicate
}

#[test]
fn absent_02_time_ranges_are_half_open_and_compared_as_instants() {
    let predicate = occurring("2026-05-21T10:00:00Z", "2026-05-21T13:00:00+02:00");
    for (at, expected) in [
        ("2026-05-21T09:59:59.999999Z", Membership::NotMember),
        ("2026-05-21T10:00:00Z", Membership::Member),
        ("2026-05-21T12:00:00+02:00", Membership::Member),
        ("2026-05-21T10:59:59.999999Z", Membership::Member),
        ("2026-05-21T11:00:00Z", Membership::NotMember),
        ("2026-05-21T13:30:00+02:00", Membership::NotMember),
    ] {
        let found = membership(&predicate, json!({}), json!({ "occurred_at": at }));
        assert_eq!(found, expected, "{at}");
    }
    // In the order of the lookup: occurred_at, event_time, timestamp, created_at.
    for payload in [json!({}), json!({ "event_time": "2026-05-21T10:01:00Z" })] {
        assert_eq!(membership(&predicate, json!({}), payload), Membership::Member);
    }
    let later = json!({ "timestamp": "2026-05-21T20:00:00Z" });
    assert_eq!(membership(&predicate, json!({}), later), Membership::NotMember);
}

/// The reference takes such a record for one that does not match, so that a bridge is made of a
/// member by spoiling its time; and it reads some of these times, which are not RFC 3339.
#[test]
fn absent_02_a_time_that_cannot_be_read_leaves_it_open() {
    let predicate = occurring("2026-05-21T10:00:00Z", "2026-05-21T11:00:00Z");
    let unclear = Membership::Unclear(Unclear::TimeUnreadable(PredicateKind::OccurredAt));
    for at in [
        json!("20260521T100600Z"),
        json!("2026-W21-4T10:06:00Z"),
        json!(1779357960),
        json!(true),
        json!(""),
    ] {
        let found = membership(&predicate, json!({}), json!({ "occurred_at": at }));
        assert_eq!(found, unclear, "{at}");
    }
    // What does not match anyway does not depend on it.
    let mut both = predicate.clone();
    both["equals"] = json!({ "permit_id": "p" });
    let payload = json!({ "occurred_at": "then", "permit_id": "q" });
    assert_eq!(membership(&both, json!({}), payload), Membership::NotMember);
}

#[test]
fn sequence_ranges_include_both_ends() {
    for (gte, lte, expected) in [
        (5, 5, Membership::Member),
        (1, 5, Membership::Member),
        (5, 9, Membership::Member),
        (1, 4, Membership::NotMember),
        (6, 9, Membership::NotMember),
    ] {
        let mut predicate = equals(&[]);
        predicate["ranges"] = json!({ "sequence_number": { "gte": gte, "lte": lte } });
        assert_eq!(membership(&predicate, json!({}), json!({})), expected, "{gte} to {lte}");
    }
}

/// The specification believes the entry, the reference the payload. Here neither is enough.
#[test]
fn pred_04_a_record_that_says_two_things_is_unclear() {
    let predicate = equals(&[("permit_id", "p")]);
    let unclear = Membership::Unclear(Unclear::TwoReadings);
    for (name, members, payload, expected) in [
        (
            "both agree",
            json!({ "permit_id": "p" }),
            json!({ "permit_id": "p" }),
            Membership::Member,
        ),
        ("entry alone", json!({ "permit_id": "p" }), json!({}), Membership::Member),
        ("they differ", json!({ "permit_id": "p" }), json!({ "permit_id": "q" }), unclear),
        ("they differ", json!({ "permit_id": "q" }), json!({ "permit_id": "p" }), unclear),
        (
            "neither",
            json!({ "permit_id": "q" }),
            json!({ "permit_id": "r" }),
            Membership::NotMember,
        ),
        (
            "the resource is a permit",
            json!({ "resource_type": "permit", "resource_id": "p" }),
            json!({ "permit_id": "p" }),
            Membership::Member,
        ),
        (
            "the resource is another permit",
            json!({ "resource_type": "permit", "resource_id": "q" }),
            json!({ "permit_id": "p" }),
            unclear,
        ),
        (
            "the resource is no permit",
            json!({ "resource_type": "agent", "resource_id": "q" }),
            json!({ "permit_id": "p" }),
            Membership::Member,
        ),
        (
            "two payloads differ",
            json!({ "payload": { "permit_id": "q" } }),
            json!({ "permit_id": "p" }),
            unclear,
        ),
        (
            "the entry is in an object of its own",
            json!({ "chain_entry_ref": { "payload_json": { "permit_id": "p" } } }),
            json!({}),
            Membership::Member,
        ),
    ] {
        assert_eq!(membership(&predicate, members, payload), expected, "{name}");
    }
}
