// SPDX-License-Identifier: Apache-2.0

//! Whatever is read, there is an answer, and an honest one.

use permit_canonical_json::{Node, Value};
use permit_claims::{Verdict, to_pretty_text};
use permit_delegation::{
    CanonicalEnvelope, ChainClaimType, ChainContext, DenialSemantics, adjudicate_denial, judge_pack,
};
use proptest::prelude::*;

use crate::support::{Json, broadened, full_pack, json, set};

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(json("null")),
        Just(json("true")),
        Just(json("0")),
        Just(json("-1.5e300")),
        Just(json("1e999")),
        Just(json("99999999999999999999999")),
        Just(json(r#""""#)),
        Just(json(r#""2026-05-20T12:00:00Z""#)),
        "[a-z_.|]{1,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::array),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..3).prop_map(Value::object),
        ]
    })
}

/// All paths of a document.
fn paths(value: &Json, at: &str, found: &mut Vec<String>) {
    let below: Vec<(String, &Json)> = match value.node() {
        Node::Object(object) => {
            object.members().iter().map(|m| (m.name().to_owned(), m.value())).collect()
        }
        Node::Array(elements) => {
            elements.iter().enumerate().map(|(i, e)| (i.to_string(), e)).collect()
        }
        _ => Vec::new(),
    };
    for (step, value) in below {
        let path = if at.is_empty() { step } else { format!("{at}/{step}") };
        found.push(path.clone());
        paths(value, &path, found);
    }
}

fn changed(document: &Json, which: prop::sample::Index, new: Option<Json>) -> Json {
    let mut all = Vec::new();
    paths(document, "", &mut all);
    set(document, which.get::<String>(&all), new)
}

fn check_denial(evidence: &Json) -> Verdict {
    let result = adjudicate_denial(evidence, None, &DenialSemantics::legacy());
    let missing = !result.missing_requirements().is_empty();
    assert_eq!(missing, result.status() == Verdict::InsufficientEvidence, "PCHAIN-30");
    let shown = result.to_json();
    assert_eq!(shown.get("status").and_then(Value::as_str), Some(result.status().as_str()));
    // What is shown may quote numbers of the evidence that have no canonical form.
    assert!(!to_pretty_text(&shown).is_empty());
    result.status()
}

fn check_pack(pack: &Json) -> Verdict {
    let context = ChainContext::default();
    let result = judge_pack(pack, &context);
    let missing = !result.missing_requirements().is_empty();
    assert_eq!(missing, result.status() == Verdict::InsufficientEvidence, "PCHAIN-30");
    let text = to_pretty_text(&result.to_json("t"));
    assert_eq!(text, to_pretty_text(&judge_pack(pack, &context).to_json("t")), "PCHAIN-34");
    result.status()
}

proptest! {
    #[test]
    fn any_document_gets_an_answer(document in any_json()) {
        prop_assert_ne!(check_denial(&document), Verdict::Supported);
        prop_assert_ne!(check_pack(&document), Verdict::Supported);
        let _ = CanonicalEnvelope::read(&document);
    }

    /// What was not put right again is found, unless it is not covered.
    #[test]
    fn one_change_of_a_denial_is_found(which in any::<prop::sample::Index>(), new in any_json()) {
        let evidence = broadened();
        let changed = changed(&evidence, which, Some(new));
        if check_denial(&changed) == Verdict::Supported {
            // Members that the claim does not cover, of events other than the denial.
            let denial = |evidence: &Json| crate::second_model::event_hash(crate::support::get(evidence, "events/1"));
            prop_assert_eq!(denial(&changed), denial(&evidence));
        }
    }

    #[test]
    fn one_removal_from_a_denial_is_answered(which in any::<prop::sample::Index>()) {
        check_denial(&changed(&broadened(), which, None));
    }

    #[test]
    fn one_change_of_a_pack_is_answered(
        claim in prop::sample::select(ChainClaimType::ALL),
        which in any::<prop::sample::Index>(),
        new in prop::option::of(any_json()),
    ) {
        check_pack(&changed(&full_pack(claim), which, new));
    }
}

#[test]
fn a_long_lineage_is_followed_without_recursion_and_in_one_pass() {
    use permit_delegation::{ComparatorRegistry, EnvelopeVersion};
    let generations = 20_000_u64;
    let envelope = r#"{"actions": ["a"], "tools": [], "providers": [], "models": [], "data_classes": [], "regions": [],
        "expires_at": "2027-01-01T00:00:00Z"}"#;
    let permits = (0..generations).map(|number| {
        let parent = number.checked_sub(1).map(|parent| format!("p{parent}"));
        Value::object([
            ("id", Value::from(format!("p{number}"))),
            ("project_id", "x".into()),
            ("parent_permit_id", parent.into()),
            ("authority_envelope_version", EnvelopeVersion::V0.as_str().into()),
            ("authority_envelope", json(envelope)),
        ])
    });
    let leaf = format!("p{}", generations - 1);
    let pack = Value::object([
        ("permits", Value::array(permits)),
        ("comparator_registry", ComparatorRegistry::built_in(EnvelopeVersion::V0).to_value()),
        ("manifest", json(&format!(r#"{{"export_scope": {{"permit_ids": ["{leaf}"]}}}}"#))),
        (
            "claim",
            json(&format!(
                r#"{{"claim_type": "permit_lineage_internally_consistent", "claim_scope": {{"permit_id": "{leaf}"}}}}"#
            )),
        ),
    ]);
    assert_eq!(check_pack(&pack), Verdict::Supported);
    let cycle = set(&pack, "permits/0/parent_permit_id", Some(leaf.into()));
    assert_eq!(check_pack(&cycle), Verdict::Disproved);
}

#[test]
fn many_events_are_judged_in_one_pass() {
    use crate::support::Log;
    use permit_delegation::issued_event;
    let mut log = Log::new();
    for _ in 0..59 {
        log.record(|stamp| issued_event(&crate::support::root_permit(), stamp));
    }
    let mut events = log.to_value().as_array().unwrap().to_vec();
    let mut more = events.clone();
    // Many digests that cover others, and a chain that breaks at the very end.
    for _ in 0..200 {
        more.extend(events.iter().cloned());
    }
    events = more;
    let evidence = Value::object([("events", Value::array(events))]);
    assert_eq!(check_denial(&evidence), Verdict::InsufficientEvidence);
}
