// SPDX-License-Identifier: Apache-2.0

//! Random mutations: nothing panics, type and schema agree, what is read is written.

use permit_canonical_json::{Node, Object, Value, from_value, to_value};
use permit_types::*;
use proptest::prelude::*;

use crate::{
    judge::{Judge, Wire},
    objects::{for_each_object, table},
    table::{Json, exemplars, json, written},
};

/// One change somewhere in a document.
#[derive(Clone, Debug)]
struct Mutation {
    /// Where to go at each level: the child of this number, counted around, or stop.
    path: Vec<Option<u16>>,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    Replace(usize),
    Remove,
    Add(usize),
    Repeat,
}

fn mutations() -> impl Strategy<Value = Mutation> {
    let path = prop::collection::vec(prop::option::weighted(0.8, any::<u16>()), 1..8);
    let change = prop_oneof![
        4 => any::<prop::sample::Index>().prop_map(|index| Change::Replace(index.index(usize::MAX))),
        2 => Just(Change::Remove),
        1 => any::<prop::sample::Index>().prop_map(|index| Change::Add(index.index(usize::MAX))),
        1 => Just(Change::Repeat),
    ];
    (path, change).prop_map(|(path, change)| Mutation { path, change })
}

/// Values to put somewhere; none in which type and schema differ on purpose (AMB-52).
fn material() -> Vec<Json> {
    let mut material = exemplars();
    material.extend(
        [
            "0",
            "-1",
            "9223372036854775807",
            "-0.5",
            "false",
            "\"\"",
            "\"allow\"",
            "\"all\"",
            "\"closed\"",
            "\"2026-05-10T12:34:56Z\"",
            "\"2026-05-10\"",
            "[[]]",
            "[{}]",
            "\"9f2e3a40-1c5d-4d8b-9a4c-7f6e2b1d8c01\"",
            "{\"kind\": \"genesis\"}",
            "2",
            "1",
            "\"a1f8d4c7e3b9a2d6f1e4b8c5a9d2f7e3c4b6a1d8f5e2c9b7a4d1f6e3b8c5a2d7\"",
            "\"sha256:a1f8d4c7e3b9a2d6f1e4b8c5a9d2f7e3c4b6a1d8f5e2c9b7a4d1f6e3b8c5a2d7\"",
            "\"ed25519:AAAA\"",
            "\"\\u0000\\ud83d\\ude00\"",
            "[\"a\", \"a\"]",
        ]
        .map(json),
    );
    material
}

impl Mutation {
    fn applied(&self, document: Json) -> Json {
        self.at_level(&self.path, document)
    }

    fn at_level(&self, path: &[Option<u16>], value: Json) -> Json {
        let Some((Some(child), rest)) = path.split_first() else { return self.changed(value) };
        let child = usize::from(*child);
        match value.into_node() {
            Node::Array(mut elements) if !elements.is_empty() => {
                let at = child % elements.len();
                if self.removes(rest) {
                    elements.remove(at);
                } else {
                    let element = elements[at].clone();
                    elements[at] = self.at_level(rest, element);
                }
                elements.into()
            }
            Node::Object(object) if !object.is_empty() => {
                let name = object.members()[child % object.len()].name().to_owned();
                let mut object = object;
                let member = object.get(&name).cloned().unwrap();
                if self.removes(rest) {
                    object.remove(&name);
                } else {
                    object.insert(name, self.at_level(rest, member));
                }
                object.into()
            }
            node => self.changed(node.into()),
        }
    }

    fn removes(&self, rest: &[Option<u16>]) -> bool {
        matches!(self.change, Change::Remove) && matches!(rest.first(), None | Some(None))
    }

    fn changed(&self, value: Json) -> Json {
        let material = material();
        let pick = |index: usize| material[index % material.len()].clone();
        match (&self.change, value.into_node()) {
            (Change::Replace(index), _) => pick(*index),
            (Change::Add(index), Node::Object(mut object)) => {
                let names =
                    ["nobody_knows", "signature", "kind", "expires_at", "usage_reported_at"];
                object.insert(names[index % names.len()], pick(index / 7));
                object.into()
            }
            (Change::Add(index), Node::Array(mut elements)) => {
                elements.push(pick(*index));
                elements.into()
            }
            (Change::Repeat, Node::Array(mut elements)) => {
                elements.extend(elements.last().cloned());
                elements.into()
            }
            (_, node) => node.into(),
        }
    }
}

fn looked_at(document: &Json) {
    let place = Location::whole(Artifact::Export);
    let mut findings = check_permit(document, &place);
    let facts = BundleFacts::of(document);
    findings.extend(check_bundle_semantics(&facts, &place));
    findings.extend(check_bundle_form(&facts, &place));
    if let Some(lineage) = Lineage::of(document) {
        let mut index = LineageIndex::new();
        index.add(&lineage, 0);
        findings.extend(index.finish(|_| place.clone()));
    }
    assert!(findings.iter().all(|finding| !finding.summary.is_empty()));
    assert!(findings.len() < 30, "no document fills a report");
}

/// Whether the rule holds that the schema has and the type leaves to a check.
fn rule_of_schema_holds(document: &Json) -> bool {
    let closed = |payload: &Json| match from_value::<ClosurePayloadV2>(payload) {
        Ok(payload) => payload.missing_when_closed().is_empty(),
        Err(_) => from_value::<ClosurePayloadV1>(payload)
            .is_ok_and(|payload| payload.missing_when_closed().is_empty()),
    };
    if document.get("binding_version").is_some() {
        return closed(document);
    }
    if let Some(payload) = document.get("payload") {
        return closed(payload);
    }
    let flag = document.get("include_chain_entries").and_then(Value::as_bool);
    match document.get("schema_version").and_then(Value::as_u64) {
        Some(2) => {
            let records = document.get("records").and_then(Value::as_array).unwrap_or_default();
            flag == Some(true) && records.iter().all(|record| record.get("chain_entries").is_some())
        }
        Some(_) => flag != Some(true),
        None => true,
    }
}

fn check_random_mutations<T: Wire>(name: &str) {
    let judge = Judge::of::<T>();
    let documents = [table(name).minimal(), table(name).full()];
    let strategy = (any::<bool>(), prop::collection::vec(mutations(), 1..4));
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() },
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let result = runner.run(&strategy, |(full, mutations)| {
        let document = documents[usize::from(full)].clone();
        let document = mutations.iter().fold(document, |document, one| one.applied(document));
        looked_at(&document);
        let read = from_value::<T>(&document);
        if let Ok(object) = &read {
            let again = to_value(object).unwrap();
            prop_assert_eq!(&from_value::<T>(&again).unwrap(), object);
        }
        if let Some(taken) = judge.schema_takes(&document) {
            let expected = read.is_ok() && rule_of_schema_holds(&document);
            prop_assert_eq!(taken, expected, "{} {:?}", written(&document), read.err());
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{name}: {error}");
    }
}

#[test]
fn random_mutations_of_every_object() {
    for_each_object!(check_random_mutations);
}

#[test]
fn a_wide_object_takes_time_in_proportion() {
    let mut text = String::from("{\"decision\": \"deny\", \"code\": \"c\", \"reason\": \"r\"");
    for number in 0..200_000 {
        text.push_str(&format!(", \"m{number}\": {number}"));
    }
    text.push('}');
    let document = json(&text);
    let details: DecisionDetails = from_value(&document).unwrap();
    assert_eq!(details.other.iter().count(), 200_000);
    let members = Object::default();
    let permit: Json = members.into();
    looked_at(&crate::table::with(&permit, "decision_details", document));
}
