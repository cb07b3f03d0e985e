// SPDX-License-Identifier: Apache-2.0

//! Nothing that is read ends in a panic, and nothing that is bent passes for another reason.

use permit_scope::Predicate;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::pack::{P, Pack, asking, equals, strict};

/// Every path into a value.
fn paths(value: &Json, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Json::Object(members) => {
            for (name, value) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                paths(value, &format!("{at}/{name}"), all);
            }
        }
        Json::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                paths(value, &format!("{at}/{index}"), all);
            }
        }
        _ => {}
    }
}

fn odd_values() -> Vec<Json> {
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(""),
        json!("x"),
        json!([]),
        json!([{}]),
        json!({}),
        json!({ "a": [null] }),
    ]
}

/// Each place of each file with each odd value, one at a time.
#[test]
fn no_odd_value_at_any_place_ends_in_a_panic() {
    let pack = Pack::of(&[equals(&[("permit_id", P)])]);
    let mut judged = 0;
    let mut passed = Vec::new();
    for file in ["document", "sidecar", "checkpoint"] {
        let whole = match file {
            "document" => pack.document.clone(),
            "sidecar" => pack.sidecars[0].clone().unwrap(),
            _ => pack.checkpoint.clone().unwrap(),
        };
        let mut all = Vec::new();
        paths(&whole, "", &mut all);
        for (number, path) in all.iter().enumerate() {
            let odd = &odd_values()[number % odd_values().len()];
            let mut bent = whole.clone();
            *bent.pointer_mut(path).unwrap() = odd.clone();
            let mut pack = pack.clone();
            match file {
                "document" => pack.document = bent,
                "sidecar" => pack.sidecars[0] = Some(bent),
                _ => pack.checkpoint = Some(bent),
            }
            if file == "sidecar" {
                pack.refer(0);
            }
            let is_bent = *whole.pointer(path).unwrap() != *odd;
            if pack.judge().faithfulness().is_ok() && is_bent {
                passed.push(format!("{file}{path}"));
            }
            let _ = pack.absence();
            judged += 1;
        }
    }
    assert!(judged > 200, "{judged}");
    // What may be anything: what is not looked at, and payloads beyond what the predicate looks up.
    let free = |place: &str| {
        ["/project_id", "/storage_uri", "/population_label", "/scope_kind", "/policy_parameters"]
            .iter()
            .any(|name| place.ends_with(name))
            || place.contains("/payload_json")
            || place.ends_with("/event_type")
            || place.ends_with("/created_at")
            || place == "checkpoint/key_id"
    };
    let surprising: Vec<_> = passed.iter().filter(|place| !free(place)).collect();
    assert!(surprising.is_empty(), "{surprising:?}");
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Json::from),
        ".{0,8}".prop_map(Json::from),
        prop::sample::select(vec![
            "keel.scope_predicate.v1",
            "and",
            "2026-05-21T10:00:00Z",
            "permit_id",
            "genesis",
        ])
        .prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let names = prop::sample::select(vec![
            "version",
            "operator",
            "equals",
            "ranges",
            "permit_id",
            "event_type",
            "occurred_at",
            "sequence_number",
            "gte",
            "lte",
            "lt",
            "segments",
            "scope_faithfulness",
            "segment_id",
            "chain_evidence",
            "disclosure_records",
            "proof_bridge_records",
            "payload_json",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::vec((names, inner), 0..6).prop_map(|members| {
                Json::Object(
                    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
                )
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_value_ends_in_a_panic(value in any_json()) {
        let read = Predicate::read(&strict(&value));
        if let (Ok(predicate), Some(object)) = (read, strict(&value).as_object()) {
            let _ = predicate.membership(object);
        }
        let mut pack = Pack::of(&[asking()]);
        pack.document["scope_faithfulness"]["segments"][0]["declared_scope"]["predicate"] = value.clone();
        prop_assert!(pack.judge().faithfulness().is_err());
        let _ = pack.absence();
        pack.document = json!({ "scope_faithfulness": value.clone() });
        prop_assert!(pack.judge().faithfulness().is_err());
        pack.document = value.clone();
        prop_assert!(pack.judge().faithfulness().is_err());
        let mut pack = Pack::of(&[asking()]);
        pack.sidecars[0] = Some(value);
        pack.refer(0);
        prop_assert!(pack.judge().faithfulness().is_err());
    }
}

#[test]
fn what_is_found_out_can_go_to_another_thread() {
    fn can_go<T: Send + Sync>() {}
    can_go::<permit_scope::ScopeAdjudication>();
    can_go::<permit_scope::DispatchAbsence>();
    can_go::<permit_scope::CheckpointEvidence>();
    can_go::<Predicate>();
}
