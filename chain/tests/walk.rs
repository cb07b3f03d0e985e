// SPDX-License-Identifier: Apache-2.0

//! The walk, rule by rule, and against a naive model of it.

#![cfg(test)]

use permit_canonical_json::{JsonPointer, Value};
use permit_chain::{EntryFields, WalkLimit, WalkOptions, WalkOutcome, Walker};
use permit_failure_codes::FailureCode as Code;
use permit_types::Severity;
use proptest::prelude::*;

use support::{Entry, chain, codes, failures, model, seal_from, walk, walk_with};

const GENESIS: &str = "b4f9ddb0e1cfb80310d7203a4bad5bc1ff29e931b21918c2fc4b01b26035d7c6";

#[test]
fn an_honest_chain_holds_however_it_is_spread_over_arrays() {
    let entries = chain("s", 1, 12, GENESIS);
    let whole = walk(std::slice::from_ref(&entries));
    assert_eq!(whole.intact().map(|proof| (proof.entries(), proof.scopes())), Some((12, 1)));
    let odd_even: Vec<Vec<Entry>> = vec![
        entries.iter().step_by(2).cloned().collect(),
        entries.iter().skip(1).step_by(2).cloned().collect(),
    ];
    assert!(walk(&odd_even).intact().is_some());
    let backwards: Vec<Vec<Entry>> =
        entries.iter().rev().map(|entry| vec![entry.clone()]).collect();
    let outcome = walk(&backwards);
    assert!(outcome.intact().is_some());
    assert_eq!((outcome.scopes[0].segments, outcome.scopes[0].numbers), (1, Some((1, 12))));
}

#[test]
fn chain_07_a_number_appears_once() {
    let mut entries = chain("s", 1, 4, GENESIS);
    entries.insert(3, entries[2].clone());
    let outcome = walk(&[entries.clone()]);
    assert_eq!(codes(&outcome), [Code::WalkSequenceInversion]);
    assert_eq!(outcome.findings[0].at.pointer.to_string(), "/0/3/sequence_number");
    // The same entry listed in two arrays.
    let first: Vec<Entry> = entries[..3].to_vec();
    let second: Vec<Entry> = entries[3..].to_vec();
    assert_eq!(codes(&walk(&[first, second])), [Code::WalkSequenceInversion]);
}

#[test]
fn chain_08_every_link_is_compared() {
    let entries = chain("s", 1, 6, GENESIS);
    for gone in 1..5 {
        let mut entries = entries.clone();
        entries.remove(gone);
        let outcome = walk(&[entries]);
        assert_eq!(codes(&outcome), [Code::WalkPrevHashDiscontinuity], "{gone}");
        let finding = &outcome.findings[0];
        assert_eq!(finding.at.pointer.to_string(), format!("/0/{gone}/prev_hash"));
        assert_eq!(finding.get("sequence_number"), Some(format!("{}", gone + 2).as_str()));
    }
    // Nothing can be said of what was cut off at the ends (CHAIN-19).
    assert!(walk(&[entries[1..].to_vec()]).intact().is_some());
    assert!(walk(&[entries[..5].to_vec()]).intact().is_some());
}

#[test]
fn chain_08_a_rewritten_entry_breaks_the_link_behind_it() {
    let mut entries = chain("s", 1, 6, GENESIS);
    entries[2].outcome = Some("failure".into());
    entries[2].seal();
    let outcome = walk(&[entries]);
    assert_eq!(codes(&outcome), [Code::WalkPrevHashDiscontinuity]);
    assert_eq!(outcome.findings[0].get("sequence_number"), Some("4"));
    assert_eq!(outcome.findings[0].rule.map(|rule| rule.as_str()), Some("CHAIN-08"));
}

#[test]
fn chain_09_each_hashed_member_is_covered_and_told_once() {
    type Mutation = fn(&mut Entry);
    let mutations: [(&str, Mutation); 8] = [
        ("event_id", |e| e.event_id += "x"),
        ("event_type", |e| e.event_type += " "),
        ("resource_type", |e| e.resource_type = Some("other".into())),
        ("resource_id", |e| e.resource_id = None),
        ("outcome", |e| e.outcome = Some("failure".into())),
        ("severity", |e| e.severity = "warning".into()),
        ("created_at", |e| e.created_at = "2026-05-07T12:00:00.000001Z".into()),
        ("record_hash", |e| e.record_hash = "0".repeat(64)),
    ];
    for (name, mutate) in mutations {
        for at in [0, 2, 5] {
            let mut entries = chain("s", 1, 6, GENESIS);
            mutate(&mut entries[at]);
            let outcome = walk(&[entries]);
            assert_eq!(codes(&outcome), [Code::WalkRecordHashMismatch], "{name} {at}");
            let finding = &outcome.findings[0];
            assert_eq!(finding.at.pointer.to_string(), format!("/0/{at}/record_hash"), "{name}");
            // CHAIN-23: the report names event, scope and number.
            for detail in ["event_id", "chain_scope", "sequence_number"] {
                assert!(finding.get(detail).is_some(), "{name} {detail}");
            }
        }
    }
}

#[test]
fn chain_09_an_edited_prev_hash_is_one_fault() {
    let mut entries = chain("s", 1, 6, GENESIS);
    entries[3].prev_hash = "0".repeat(64);
    assert_eq!(codes(&walk(&[entries.clone()])), [Code::WalkRecordHashMismatch]);
    entries[3].seal();
    seal_from(&mut entries, 4);
    assert_eq!(codes(&walk(&[entries])), [Code::WalkPrevHashDiscontinuity]);
}

#[test]
fn amb_11_the_payload_is_not_covered() {
    let mut entries = chain("s", 1, 3, GENESIS);
    entries[1].payload = Value::object([("amount", 1_000_000)]);
    assert!(walk(&[entries]).intact().is_some());
}

#[test]
fn chain_10_14_an_unknown_format_is_told_and_nothing_else() {
    for version in [Value::from("v2"), Value::from(()), Value::from(1), Value::from("V1")] {
        let mut entries = chain("s", 1, 5, GENESIS);
        entries[2].version = Some(version);
        entries[2].record_hash = "anything".into();
        let outcome = walk(&[entries]);
        assert_eq!(codes(&outcome), [Code::WalkUnknownChainFormat]);
        assert_eq!(outcome.findings[0].at.pointer.to_string(), "/0/2/chain_format_version");
        assert!(outcome.intact().is_none());
    }
    let mut entries = chain("s", 1, 2, GENESIS);
    entries[0].version = None;
    assert_eq!(codes(&walk(&[entries])), [Code::WalkUnknownChainFormat]);
}

#[test]
fn amb_15_an_unknown_format_is_the_headline() {
    let mut entries = chain("s", 1, 5, GENESIS);
    entries[0].severity = "edited".into();
    entries[4].version = Some("v9".into());
    let outcome = walk(&[entries]);
    assert_eq!(codes(&outcome), [Code::WalkUnknownChainFormat, Code::WalkRecordHashMismatch]);
}

#[test]
fn chain_11_gaps_are_no_fault_when_hashes_link() {
    let mut entries = chain("s", 1, 3, GENESIS);
    entries[1].sequence = 20;
    entries[2].sequence = 500;
    seal_from(&mut entries, 1);
    let outcome = walk(&[entries]);
    assert!(outcome.intact().is_some());
    assert_eq!(outcome.scopes[0].number_runs, 3);
}

#[test]
fn chain_12_scopes_do_not_meet() {
    let outcome = walk(&[chain("a", 1, 3, GENESIS), chain("b", 1, 3, &"0".repeat(64))]);
    assert_eq!(outcome.intact().map(|proof| proof.scopes()), Some(2));
    let mut mixed = chain("a", 1, 3, GENESIS);
    mixed.extend(chain("b", 1, 3, "sentinel of the issuer"));
    assert!(walk(&[mixed]).intact().is_some());
}

#[test]
fn chain_13_falling_numbers_are_told_once_per_array() {
    let mut entries = chain("s", 1, 5, GENESIS);
    entries.swap(1, 2);
    let outcome = walk(&[entries]);
    assert_eq!(codes(&outcome), [Code::WalkSequenceInversion]);
    assert_eq!(outcome.findings[0].at.pointer.to_string(), "/0/2/sequence_number");
    assert_eq!(outcome.findings[0].rule.map(|rule| rule.as_str()), Some("CHAIN-13"));
    // Between arrays, order is free.
    let entries = chain("s", 1, 4, GENESIS);
    assert!(walk(&[entries[2..].to_vec(), entries[..2].to_vec()]).intact().is_some());
}

#[test]
fn chain_16_any_sentinel_will_do() {
    for sentinel in [GENESIS, &"0".repeat(64), "acme-genesis", &"A".repeat(64)] {
        assert!(walk(&[chain("s", 1, 3, sentinel)]).intact().is_some(), "{sentinel}");
    }
}

#[test]
fn chain_17_null_members_are_faults() {
    type Nulling = fn(&mut Entry);
    let nulled: [(&str, Nulling, Code); 7] = [
        ("record_hash", |e| e.nulled.push("record_hash"), Code::WalkRecordHashMismatch),
        ("prev_hash", |e| e.nulled.push("prev_hash"), Code::WalkRecordHashMismatch),
        ("severity", |e| e.nulled.push("severity"), Code::WalkRecordHashMismatch),
        ("event_id", |e| e.nulled.push("event_id"), Code::WalkRecordHashMismatch),
        ("event_type", |e| e.nulled.push("event_type"), Code::WalkRecordHashMismatch),
        ("sequence_number", |e| e.nulled.push("sequence_number"), Code::WalkRecordHashMismatch),
        ("created_at", |e| e.nulled.push("created_at"), Code::WalkRecordHashMismatch),
    ];
    for (name, null, code) in nulled {
        for at in [0, 1, 3] {
            let mut entries = chain("s", 1, 4, GENESIS);
            null(&mut entries[at]);
            let outcome = walk(&[entries]);
            assert_eq!(codes(&outcome), [code], "{name} {at}");
            assert_eq!(outcome.findings[0].at.pointer.to_string(), format!("/0/{at}/{name}"));
        }
    }
    let mut entries = chain("s", 1, 2, GENESIS);
    entries[1].nulled.push("chain_scope");
    let outcome = walk(&[entries]);
    assert_eq!(failures(&outcome), 1);
    assert_eq!(outcome.findings[0].rule.map(|rule| rule.as_str()), Some("CHAIN-17"));
}

#[test]
fn amb_18_numbers_start_at_one_and_are_integers() {
    for number in ["0", "-1", "1.0", "1e0", "true", "\"1\"", "18446744073709551616"] {
        let mut entries = chain("s", 1, 3, GENESIS);
        entries[1].sequence_text = Some(number.into());
        let outcome = walk(&[entries]);
        assert_eq!(codes(&outcome), [Code::WalkSequenceInversion], "{number}");
        assert_eq!(outcome.findings[0].at.pointer.to_string(), "/0/1/sequence_number");
    }
}

#[test]
fn chain_05_06_amb_17_times_are_utc_with_at_most_six_digits() {
    for good in ["2026-05-07T12:00:00Z", "2026-05-07T12:00:00+00:00", "2026-05-07T12:00:00.1Z"] {
        let mut entries = chain("s", 1, 2, GENESIS);
        entries[0].created_at = good.into();
        seal_from(&mut entries, 0);
        assert!(walk(&[entries]).intact().is_some(), "{good}");
    }
    // The reference accepts all of these and drops the offset.
    for (bad, rule) in [
        ("2026-05-07T12:00:00+05:30", "CHAIN-05"),
        ("2026-05-07T12:00:00-00:01", "CHAIN-05"),
        ("2026-05-07T12:00:00.1234567Z", "CHAIN-04"),
        ("2026-05-07", "CHAIN-04"),
        ("2026-W19-4", "CHAIN-04"),
        ("20260507T120000Z", "CHAIN-04"),
        ("2026-05-07T12:00Z", "CHAIN-04"),
        (" 2026-05-07T12:00:00Z", "CHAIN-04"),
    ] {
        let mut entries = chain("s", 1, 2, GENESIS);
        entries[0].created_at = bad.into();
        let outcome = walk(&[entries]);
        assert_eq!(codes(&outcome), [Code::WalkRecordHashMismatch], "{bad}");
        assert_eq!(outcome.findings[0].at.pointer.to_string(), "/0/0/created_at", "{bad}");
        assert_eq!(outcome.findings[0].rule.map(|r| r.as_str()), Some(rule), "{bad}");
    }
    let mut entries = chain("s", 1, 2, GENESIS);
    entries[1].created_at = "2026-05-07T12:00:00.5".into();
    seal_from(&mut entries, 1);
    let outcome = walk(&[entries]);
    assert!(outcome.intact().is_some());
    assert_eq!(outcome.findings[0].severity, Severity::Notice);
}

#[test]
fn chain_06_both_spellings_of_utc_hash_alike() {
    let hash = |time: &str| {
        let mut entry = chain("s", 1, 1, GENESIS).remove(0);
        entry.created_at = time.into();
        entry.seal();
        entry.record_hash
    };
    assert_eq!(hash("2026-05-07T12:00:00Z"), hash("2026-05-07T12:00:00+00:00"));
    assert_eq!(hash("2026-05-07T12:00:00Z"), hash("2026-05-07T12:00:00.000000Z"));
    assert_ne!(hash("2026-05-07T12:00:00Z"), hash("2026-05-07T12:00:00.000001Z"));
}

#[test]
fn chain_22_a_scope_can_be_left_after_its_first_fault() {
    let mut entries = chain("s", 1, 6, GENESIS);
    entries[1].severity = "edited".into();
    entries[4].severity = "edited".into();
    let both = walk(&[entries.clone()]);
    assert_eq!(codes(&both).len(), 2);
    let mut options = WalkOptions::default();
    options.stop_scope_at_first = true;
    let mut arrays = vec![entries];
    arrays.push(chain("other", 1, 3, GENESIS));
    let stopped = walk_with(&arrays, options);
    assert_eq!(codes(&stopped), [Code::WalkRecordHashMismatch]);
    assert_eq!((stopped.entries, stopped.not_judged), (9, 4));
}

#[test]
fn nothing_to_walk_proves_nothing() {
    let outcome = walk(&[]);
    assert_eq!((outcome.entries, failures(&outcome)), (0, 0));
    assert!(outcome.intact().is_none());
}

#[test]
fn findings_are_bounded_and_all_counted() {
    let mut entries = chain("s", 1, 5_000, GENESIS);
    for entry in &mut entries {
        entry.severity = "edited".into();
    }
    let outcome = walk(&[entries]);
    assert_eq!((outcome.findings.len(), outcome.findings_left_out), (1_000, 4_000));
    assert_eq!(outcome.findings[0].get("sequence_number"), Some("1"));
}

#[test]
fn each_limit_ends_the_walk_without_a_verdict() {
    let mut options = WalkOptions::default();
    options.budget.scopes = 2;
    options.budget.open_segments = 10;
    options.budget.number_runs = 20;
    let scopes: Vec<_> = ["a", "b", "c"].map(|scope| chain(scope, 1, 1, GENESIS)).into();
    let outcome = walk_with(&scopes, options);
    assert_eq!(outcome.limit, Some(WalkLimit::Scopes { limit: 2 }));
    assert!(outcome.intact().is_none());

    let apart: Vec<_> =
        (0..30).map(|at| chain("s", at * 10 + 1, 1, &format!("{at:064}"))).collect();
    let outcome = walk_with(&apart, options);
    assert_eq!(outcome.limit, Some(WalkLimit::OpenSegments { limit: 10 }));

    let mut gaps = chain("s", 1, 30, GENESIS);
    for (index, entry) in (1_u64..).zip(&mut gaps) {
        entry.sequence = index * 3;
    }
    seal_from(&mut gaps, 0);
    let outcome = walk_with(&[gaps], options);
    assert_eq!(outcome.limit, Some(WalkLimit::NumberRuns { limit: 20 }));
}

#[test]
fn a_carrier_may_have_defaults() {
    let mut entries = chain("project:1", 1, 2, GENESIS);
    for entry in &mut entries {
        entry.version = None;
        entry.nulled.push("chain_scope");
    }
    let values: Vec<_> = entries.iter().map(Entry::value).collect();
    let mut walker =
        Walker::new(WalkOptions::default(), |place| JsonPointer::root().index(place.index));
    for (index, value) in (0..).zip(&values) {
        let object = value.as_object().expect("entries are objects");
        let mut fields = EntryFields::of_entry(object, value.range());
        fields.default_format = Some("v1");
        fields.default_scope = Some("project:1");
        walker.entry(&fields, 0, index);
    }
    let outcome: WalkOutcome = walker.finish();
    assert!(outcome.intact().is_some());
    assert_eq!(outcome.scopes[0].chain_scope, "project:1");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// The streaming walk and a naive one agree on every evidence, however it was tampered
    /// with and delivered; and after a single tampering, on the code, too.
    #[test]
    fn the_walk_equals_its_model(plan in support::plan()) {
        let arrays = plan.arrays();
        let outcome = walk(&arrays);
        let headline = outcome.findings.iter().find_map(permit_types::Finding::code);
        prop_assert_eq!(headline.is_some(), model(&arrays).is_some(), "{:?}", outcome.findings);
        if plan.tamperings() < 2 {
            prop_assert_eq!(headline, model(&arrays), "{:?}", outcome.findings);
        }
        prop_assert_eq!(outcome.intact().is_some(), headline.is_none() && outcome.entries > 0);
    }

    /// Shuffling which array an entry is in changes nothing about an honest chain.
    #[test]
    fn any_honest_delivery_holds(length in 1_u64..40, ways in proptest::collection::vec(0_usize..5, 40)) {
        let mut arrays = vec![Vec::new(); 5];
        for (entry, way) in chain("s", 1, length, GENESIS).into_iter().zip(ways) {
            arrays[way].push(entry);
        }
        let outcome = walk(&arrays);
        prop_assert!(outcome.intact().is_some(), "{:?}", outcome.findings);
    }
}

mod support {
    use std::collections::{BTreeMap, BTreeSet};

    use permit_canonical_json::{Budget, JsonPointer, Sha256Digest, Value, read_text};
    use permit_chain::{EntryFields, WalkOptions, WalkOutcome, Walker};
    use permit_failure_codes::FailureCode as Code;
    use permit_types::Severity;
    use proptest::prelude::*;

    /// An entry that can be bent at will.
    #[derive(Clone, Debug)]
    pub(super) struct Entry {
        pub(super) scope: String,
        pub(super) event_id: String,
        pub(super) event_type: String,
        pub(super) resource_type: Option<String>,
        pub(super) resource_id: Option<String>,
        pub(super) outcome: Option<String>,
        pub(super) severity: String,
        pub(super) created_at: String,
        pub(super) prev_hash: String,
        pub(super) record_hash: String,
        pub(super) sequence: u64,
        /// What stands in place of the number.
        pub(super) sequence_text: Option<String>,
        pub(super) version: Option<Value<'static>>,
        pub(super) payload: Value<'static>,
        pub(super) nulled: Vec<&'static str>,
    }

    impl Entry {
        /// The formula, written once more and naively.
        pub(super) fn computed(&self) -> String {
            let time = self.created_at.trim_end_matches('Z').trim_end_matches("+00:00");
            let time = match time.split_once('.') {
                Some((seconds, fraction)) => format!("{seconds}.{fraction:0<6}"),
                None => format!("{time}.000000"),
            };
            let text = [
                self.event_id.as_str(),
                &self.event_type,
                self.resource_type.as_deref().unwrap_or(""),
                self.resource_id.as_deref().unwrap_or(""),
                self.outcome.as_deref().unwrap_or(""),
                &self.severity,
                &time,
                &self.prev_hash,
                &self.sequence.to_string(),
            ]
            .join("|");
            Sha256Digest::of(text.as_bytes()).to_string()
        }

        pub(super) fn seal(&mut self) {
            self.record_hash = self.computed();
        }

        pub(super) fn value(&self) -> Value<'static> {
            let number = self.sequence_text.clone().unwrap_or_else(|| self.sequence.to_string());
            let number = read_text(&number, &Budget::default()).expect("a JSON value").into_owned();
            let mut entry = Value::object([
                ("chain_scope", Value::from(self.scope.clone())),
                ("event_id", self.event_id.clone().into()),
                ("event_type", self.event_type.clone().into()),
                ("resource_type", self.resource_type.clone().into()),
                ("resource_id", self.resource_id.clone().into()),
                ("outcome", self.outcome.clone().into()),
                ("severity", self.severity.clone().into()),
                ("created_at", self.created_at.clone().into()),
                ("prev_hash", self.prev_hash.clone().into()),
                ("record_hash", self.record_hash.clone().into()),
                ("sequence_number", number),
                ("payload_json", self.payload.clone()),
            ]);
            let permit_canonical_json::Node::Object(mut object) = entry.clone().into_node() else {
                return entry;
            };
            if let Some(version) = &self.version {
                object.insert("chain_format_version", version.clone());
            }
            for name in &self.nulled {
                object.insert(*name, ());
            }
            entry = object.into();
            entry
        }
    }

    pub(super) fn chain(scope: &str, from: u64, length: u64, sentinel: &str) -> Vec<Entry> {
        let mut entries: Vec<Entry> = (from..from + length)
            .map(|number| Entry {
                scope: scope.into(),
                event_id: format!("{scope}-{number}"),
                event_type: "permit.evaluated".into(),
                resource_type: Some("permit".into()),
                resource_id: Some(format!("permit-{number}")),
                outcome: (number % 2 == 0).then(|| "success".into()),
                severity: "info".into(),
                created_at: format!("2026-05-07T12:00:{:02}Z", number % 60),
                prev_hash: sentinel.into(),
                record_hash: String::new(),
                sequence: number,
                sequence_text: None,
                version: Some("v1".into()),
                payload: Value::object([("n", number)]),
                nulled: Vec::new(),
            })
            .collect();
        seal_from(&mut entries, 0);
        entries
    }

    /// Seals the entries from `at` on, each linked to the one before.
    pub(super) fn seal_from(entries: &mut [Entry], at: usize) {
        for index in at..entries.len() {
            if index > 0 {
                entries[index].prev_hash = entries[index - 1].record_hash.clone();
            }
            entries[index].seal();
        }
    }

    pub(super) fn walk(arrays: &[Vec<Entry>]) -> WalkOutcome {
        walk_with(arrays, WalkOptions::default())
    }

    pub(super) fn walk_with(arrays: &[Vec<Entry>], options: WalkOptions) -> WalkOutcome {
        let mut walker =
            Walker::new(options, |place| JsonPointer::root().index(place.array).index(place.index));
        for (array, entries) in (0..).zip(arrays) {
            for (index, entry) in (0..).zip(entries) {
                let value = entry.value();
                let object = value.as_object().expect("entries are objects");
                walker.entry(&EntryFields::of_entry(object, value.range()), array, index);
            }
        }
        walker.finish()
    }

    pub(super) fn codes(outcome: &WalkOutcome) -> Vec<Code> {
        let failures = outcome.findings.iter().filter(|f| f.severity == Severity::Failure);
        failures.filter_map(permit_types::Finding::code).collect()
    }

    pub(super) fn failures(outcome: &WalkOutcome) -> usize {
        outcome.findings.iter().filter(|f| f.severity == Severity::Failure).count()
    }

    /// The walk as its recipe tells it: collect, sort, compare; first fault only.
    pub(super) fn model(arrays: &[Vec<Entry>]) -> Option<Code> {
        let mut scopes: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entries in arrays {
            let mut latest: BTreeMap<&str, u64> = BTreeMap::new();
            let mut falls = false;
            for entry in entries {
                if entry.version != Some("v1".into()) {
                    return Some(Code::WalkUnknownChainFormat);
                }
                let before = latest.insert(&entry.scope, entry.sequence);
                falls |= before.is_some_and(|before| entry.sequence < before);
                scopes.entry(&entry.scope).or_default().push(entry);
            }
            if falls {
                return Some(Code::WalkSequenceInversion);
            }
        }
        for entries in scopes.values_mut() {
            let numbers: BTreeSet<u64> = entries.iter().map(|entry| entry.sequence).collect();
            if numbers.len() != entries.len() {
                return Some(Code::WalkSequenceInversion);
            }
            entries.sort_by_key(|entry| entry.sequence);
            for (index, entry) in entries.iter().enumerate() {
                if entry.record_hash != entry.computed() {
                    return Some(Code::WalkRecordHashMismatch);
                }
                if index > 0 && entry.prev_hash != entries[index - 1].record_hash {
                    return Some(Code::WalkPrevHashDiscontinuity);
                }
            }
        }
        None
    }

    #[derive(Clone, Debug)]
    enum Tamper {
        None,
        Drop,
        Copy,
        Edit,
        Rewrite,
        Relink(usize),
        RelinkAndReseal(usize),
        Renumber(u64),
        RenumberAndReseal(u64),
        Version,
        Rescope,
    }

    #[derive(Clone, Debug)]
    pub(super) struct Plan {
        lengths: Vec<u64>,
        tampers: Vec<(usize, usize, Tamper)>,
        ways: Vec<usize>,
        shuffle: bool,
    }

    pub(super) fn plan() -> impl Strategy<Value = Plan> {
        let tamper = prop_oneof![
            3 => Just(Tamper::None),
            1 => Just(Tamper::Drop),
            1 => Just(Tamper::Copy),
            1 => Just(Tamper::Edit),
            1 => Just(Tamper::Rewrite),
            1 => (0_usize..9).prop_map(Tamper::Relink),
            2 => (0_usize..9).prop_map(Tamper::RelinkAndReseal),
            1 => (1_u64..14).prop_map(Tamper::Renumber),
            2 => (1_u64..14).prop_map(Tamper::RenumberAndReseal),
            1 => Just(Tamper::Version),
            1 => Just(Tamper::Rescope),
        ];
        let tampers = proptest::collection::vec((0_usize..3, 0_usize..9, tamper), 0..3);
        let lengths = proptest::collection::vec(0_u64..9, 1..4);
        let ways = proptest::collection::vec(0_usize..4, 40);
        (lengths, tampers, ways, any::<bool>()).prop_map(|(lengths, tampers, ways, shuffle)| Plan {
            lengths,
            tampers,
            ways,
            shuffle,
        })
    }

    impl Plan {
        pub(super) fn tamperings(&self) -> usize {
            self.tampers.iter().filter(|(_, _, tamper)| !matches!(tamper, Tamper::None)).count()
        }

        pub(super) fn arrays(&self) -> Vec<Vec<Entry>> {
            let mut scopes: Vec<Vec<Entry>> = (0_u32..)
                .zip(&self.lengths)
                .map(|(scope, length)| {
                    chain(&format!("s{scope}"), 1, *length, &format!("g{scope}"))
                })
                .collect();
            for (scope, at, tamper) in &self.tampers {
                let count = scopes.len();
                let entries = &mut scopes[scope % count];
                if !entries.is_empty() {
                    apply(tamper, entries, *at);
                }
            }
            let mut arrays = vec![Vec::new(); 4];
            let ways = self.ways.iter().cycle();
            for (entry, way) in scopes.into_iter().flatten().zip(ways) {
                arrays[*way].push(entry);
            }
            if !self.shuffle {
                for array in &mut arrays {
                    array.sort_by_key(|entry: &Entry| entry.sequence);
                }
            }
            arrays
        }
    }

    fn apply(tamper: &Tamper, entries: &mut Vec<Entry>, at: usize) {
        let at = at % entries.len();
        let hash_of =
            |entries: &[Entry], to: usize| entries[to % entries.len()].record_hash.clone();
        match tamper {
            Tamper::None => {}
            Tamper::Drop => drop(entries.remove(at)),
            Tamper::Copy => entries.push(entries[at].clone()),
            Tamper::Edit => entries[at].severity.push('!'),
            Tamper::Rewrite => {
                entries[at].severity.push('!');
                entries[at].seal();
            }
            Tamper::Relink(to) => entries[at].prev_hash = hash_of(entries, *to),
            Tamper::RelinkAndReseal(to) => {
                entries[at].prev_hash = hash_of(entries, *to);
                entries[at].seal();
                seal_from(entries, at + 1);
            }
            Tamper::Renumber(number) => entries[at].sequence = *number,
            Tamper::RenumberAndReseal(number) => {
                entries[at].sequence = *number;
                entries[at].seal();
                seal_from(entries, at + 1);
            }
            Tamper::Version => entries[at].version = Some("v2".into()),
            Tamper::Rescope => entries[at].scope.push('x'),
        }
    }
}
