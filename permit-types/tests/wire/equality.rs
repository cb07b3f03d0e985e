// SPDX-License-Identifier: Apache-2.0

//! The nine published schemas: the type, the generated schema and the tables of the
//! specification take and refuse the same documents, but for the differences that are listed.
//!
//! The documents are the smallest and the largest that follow from the tables, and every single
//! change of them: a member taken away, set to null, added, or given each value that its kind
//! nearly allows.

use std::collections::BTreeMap;

use permit_canonical_json::{Value, from_value};
use permit_types::*;

use crate::{
    facts::{Strictness, object_fits, outline},
    judge::{Judge, Wire},
    objects::table,
    table::{Json, bad, exemplars, good, json, with, without, written},
};

/// Where the type and the schema part on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Difference {
    /// Q5, AMB-52
    IntegralFloat,
    /// Beyond 64 bits
    WideInteger,
    /// A second that clocks hardly ever show
    LeapSecond,
    /// Q2
    Format,
    /// CLOSE-05, BUNDLE-03, BUNDLE-04
    RuleBetweenMembers,
}

/// Every difference: whether the type takes such a document, whether the schema does, and why.
const DIFFERENCES: [(Difference, bool, bool, &str); 5] = [
    (
        Difference::IntegralFloat,
        false,
        true,
        "the text of a number is hashed, and `1.0` is another text than `1`",
    ),
    (Difference::WideInteger, false, true, "counts and amounts have 64 bits here"),
    (
        Difference::LeapSecond,
        false,
        true,
        "times are compared as instants, and a leap second has none of its own",
    ),
    (
        Difference::Format,
        false,
        true,
        "formats are annotations of the dialect; the type checks them always, a schema if told to",
    ),
    (
        Difference::RuleBetweenMembers,
        true,
        false,
        "what breaks a rule is read, so that the finding can name the rule and the member",
    ),
];

/// A document that differs from a good one in one thing, and how the thing is special.
struct Mutation {
    document: Json,
    special: Option<Difference>,
}

impl Mutation {
    fn plain(document: Json) -> Self {
        Self { document, special: None }
    }

    fn inside(self, wrap: impl FnOnce(Json) -> Json) -> Self {
        Self { document: wrap(self.document), special: self.special }
    }
}

/// The largest value of a kind: every member, every one of them as large.
fn deep(kind: &str) -> Json {
    let (head, rest) = kind.split_once(' ').unwrap_or((kind, ""));
    match (head, kind.strip_prefix('@')) {
        (_, Some(name)) => deep_object(name),
        ("list" | "list+" | "set", _) => Value::array([deep(rest)]),
        _ => good(kind)[0].clone(),
    }
}

fn deep_object(name: &str) -> Json {
    Value::object(outline(name).lines.iter().map(|(name, _, kind)| (*name, deep(kind))))
}

/// The documents that are changed: the smallest, the largest, and those that a rule between
/// members is about (CLOSE-05, BUNDLE-03).
fn bases(name: &str) -> Vec<Json> {
    let (smallest, largest) = (table(name).minimal(), deep_object(name));
    let further = match name {
        "ClosureEnvelope" => ["closed", "timeout"]
            .map(|status| {
                let payload = largest.get("payload").unwrap();
                with(&largest, "payload", with(payload, "closure_status", status))
            })
            .into(),
        "AuditExportBundle" => {
            let version_2 = with(&smallest, "schema_version", 2);
            let record = with(&table("AuditExportRecord").minimal(), "chain_entries", json("[]"));
            let version_2 = with(&version_2, "records", Value::array([record]));
            vec![with(&version_2, "include_chain_entries", true)]
        }
        _ => Vec::new(),
    };
    [vec![smallest, largest], further].concat()
}

/// Every single change of a value of this kind.
fn changes(kind: &str, value: &Json) -> Vec<Mutation> {
    let mut values = exemplars();
    if !kind.contains('@') {
        values.extend(bad(kind));
        values.extend(good(kind));
    } else if !kind.starts_with('@') {
        values.push(Value::array([json("{}")]));
    }
    let mut changes: Vec<Mutation> = values.into_iter().map(Mutation::plain).collect();
    changes.extend(special(kind));
    let (head, rest) = kind.split_once(' ').unwrap_or((kind, ""));
    match (head, kind.strip_prefix('@')) {
        (_, Some(name)) => changes.extend(changes_of_object(name, value)),
        ("list" | "list+" | "set", _) => {
            let elements = value.as_array().unwrap_or_default().to_vec();
            let twice = elements.iter().chain(&elements).cloned();
            changes.push(Mutation::plain(Value::array(twice)));
            if let Some(first) = elements.first() {
                let in_array = |one: Mutation| one.inside(|element| Value::array([element]));
                changes.extend(self::changes(rest, first).into_iter().map(in_array));
            }
        }
        _ => {}
    }
    changes
}

fn changes_of_object(name: &str, value: &Json) -> Vec<Mutation> {
    if value.as_object().is_none() {
        return Vec::new();
    }
    let mut all = vec![
        Mutation::plain(with(value, "nobody_knows", 1)),
        Mutation::plain(with(value, "", json("{}"))),
    ];
    for (member, _, kind) in &outline(name).lines {
        let present = value.get(member);
        if present.is_some() {
            all.push(Mutation::plain(without(value, member)));
        }
        let start = present.cloned().unwrap_or_else(|| deep(kind));
        let changes = changes(kind, &start).into_iter();
        all.extend(changes.map(|one| one.inside(|changed| with(value, member, changed))));
    }
    all
}

/// Values in which type and schema differ on purpose.
fn special(kind: &str) -> Vec<Mutation> {
    let head = kind.split(' ').next().unwrap_or_default();
    let (special, values): (_, &[&str]) = match head {
        "int" => (Difference::IntegralFloat, &["7.0", "1e2", "70e-1"]),
        "number" => (Difference::IntegralFloat, &["1.0"]),
        "dt" => (Difference::LeapSecond, &["\"2016-12-31T23:59:60Z\""]),
        _ => (Difference::IntegralFloat, &[]),
    };
    let values = values.iter().map(|value| (special, json(value)));
    let wide = ["18446744073709551616", "9223372036854775808000"].map(json);
    let wide = wide.into_iter().filter(|_| head == "int");
    let all = values.chain(wide.map(|value| (Difference::WideInteger, value)));
    all.map(|(special, document)| Mutation { document, special: Some(special) }).collect()
}

/// What was counted of one schema.
#[derive(Debug, Default)]
struct Counted {
    documents: usize,
    taken: usize,
    differences: BTreeMap<Difference, usize>,
}

fn compare<T: Wire>(schema: PublishedSchema, name: &str) -> Counted {
    let generated = serde_json::to_value(schema.generate()).unwrap();
    let asserting = Judge::of_schema(&generated);
    let annotating =
        jsonschema::options().should_validate_formats(false).build(&generated).unwrap();
    let mut documents: Vec<Mutation> = exemplars().into_iter().map(Mutation::plain).collect();
    for base in bases(name) {
        documents.extend(changes_of_object(name, &base));
        documents.push(Mutation::plain(base));
    }
    let mut counted = Counted::default();
    for Mutation { document, special } in documents {
        let facts = |formats, rules| object_fits(name, &document, Strictness { formats, rules });
        let shown = || written(&document);
        let type_takes = from_value::<T>(&document).is_ok();
        let taken = facts(true, true);
        assert_eq!(asserting.schema_takes(&document), Some(taken), "{name}: {}", shown());
        let instance = serde_json::to_value(&document).unwrap();
        let loosely = annotating.is_valid(&instance);
        assert_eq!(loosely, facts(false, true), "{name}, without formats: {}", shown());

        counted.documents += 1;
        counted.taken += usize::from(taken);
        let mut differ = |difference: Difference, schema_takes: bool| {
            let (_, by_type, by_schema, why) =
                DIFFERENCES.iter().find(|(of, ..)| *of == difference).unwrap();
            assert_eq!((type_takes, schema_takes), (*by_type, *by_schema), "{why}: {}", shown());
            *counted.differences.entry(difference).or_default() += 1;
        };
        if loosely != taken {
            differ(Difference::Format, loosely);
        }
        match special {
            Some(special) if taken => differ(special, taken),
            Some(_) => assert!(!type_takes, "{name}, type: {}", shown()),
            None if facts(true, false) != taken => differ(Difference::RuleBetweenMembers, taken),
            None => assert_eq!(type_takes, taken, "{name}, type: {}", shown()),
        }
    }
    counted
}

#[test]
fn conf_01_02_04_types_schemas_and_tables_take_the_same_documents() {
    let compared = [
        compare::<Permit>(PublishedSchema::Permit, "Permit"),
        compare::<ClosureEnvelope>(PublishedSchema::Closure, "ClosureEnvelope"),
        compare::<ChainEntry>(PublishedSchema::ChainEntry, "ChainEntry"),
        compare::<AuditExportBundle>(PublishedSchema::AuditExportBundle, "AuditExportBundle"),
        compare::<AuditExportRecord>(PublishedSchema::AuditExportRecord, "AuditExportRecord"),
        compare::<ExportManifest>(PublishedSchema::AuditExportManifest, "ExportManifest"),
        compare::<CheckpointScopeState>(
            PublishedSchema::CheckpointScopeState,
            "CheckpointScopeState",
        ),
        compare::<ScopeFaithfulnessAddition>(
            PublishedSchema::ScopeFaithfulness,
            "ScopeFaithfulnessAddition",
        ),
        compare::<PermitRevokedEvent>(PublishedSchema::PermitRevokedEvent, "PermitRevokedEvent"),
    ];
    assert_eq!(compared.len(), PublishedSchema::ALL.len());
    let mut differences: BTreeMap<Difference, usize> = BTreeMap::new();
    for (schema, counted) in PublishedSchema::ALL.iter().zip(&compared) {
        eprintln!("{:<44} {counted:?}", schema.file_name());
        assert!(counted.documents >= 150, "{}: {counted:?}", schema.file_name());
        assert!(counted.taken >= 15, "{}: {counted:?}", schema.file_name());
        for (difference, times) in &counted.differences {
            *differences.entry(*difference).or_default() += times;
        }
    }
    let documents: usize = compared.iter().map(|counted| counted.documents).sum();
    assert!(documents >= 10_000, "only {documents} documents");
    let rules = |schema: usize| compared[schema].differences.get(&Difference::RuleBetweenMembers);
    assert!(rules(1) >= Some(&4), "CLOSE-05: {:?}", rules(1));
    assert!(rules(3) >= Some(&8), "BUNDLE-03, BUNDLE-04: {:?}", rules(3));
    // A difference that nothing shows any more is none.
    for (difference, ..) in DIFFERENCES {
        assert!(differences.contains_key(&difference), "{difference:?} is not seen");
    }
}
