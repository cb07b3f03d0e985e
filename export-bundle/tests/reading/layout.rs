// SPDX-License-Identifier: Apache-2.0

//! Layouts that keep entries from being found: each with its place, and no entry lost silently.

use permit_export_bundle::{PayloadForm, StructureFaultKind as Fault};

use crate::support::{BUNDLE, BUNDLE_ENTRIES, EVENTS, LINES, at, read, read_lines};

/// A text, the faults that reading it shows, and where: pointer, bytes, what stands there.
type Case<'c> = (&'c str, &'c [(Fault, &'c str, &'c str, Option<&'c str>)]);

fn check((text, expected): Case<'_>) {
    let reading = read(text);
    assert_eq!(reading.end.unreadable, None, "{text}");
    let found: Vec<_> = reading
        .faults
        .iter()
        .map(|fault| {
            let pointer = fault.pointer.to_string();
            (fault.kind, pointer, at(text, fault.range), fault.found.map(|kind| kind.as_str()))
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(kind, pointer, bytes, found)| (*kind, (*pointer).to_owned(), *bytes, *found))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn bundle_17_each_fault_has_its_place() {
    use Fault::{
        BundleEntriesNoArray, EntriesTwice, EntryNoObject, MixedLayout, RecordEntriesNoArray,
        RecordNoObject, RecordsNoArray,
    };
    let cases: [Case<'_>; 21] = [
        (r#"{"records":7}"#, &[(RecordsNoArray, "/records", "7", Some("a number"))]),
        (r#"{"records":null}"#, &[(RecordsNoArray, "/records", "null", Some("null"))]),
        (
            r#"{"records":{"a":[1]},"x":1}"#,
            &[(RecordsNoArray, "/records", r#"{"a":[1]}"#, Some("an object"))],
        ),
        (
            r#"{"chain_entries":"none"}"#,
            &[(BundleEntriesNoArray, "/chain_entries", "\"none\"", Some("a string"))],
        ),
        (
            r#"{"chain_entries":{}}"#,
            &[(BundleEntriesNoArray, "/chain_entries", "{}", Some("an object"))],
        ),
        (
            r#"{"bundle_type":"audit_export_bundle","records":[{"permit":{}},[1],{"permit":{}}]}"#,
            &[(RecordNoObject, "/records/1", "[1]", Some("an array"))],
        ),
        // Before anything has said what the records are.
        (
            r#"{"records":[5,{"permit":{}},null],"bundle_type":"audit_export_bundle"}"#,
            &[
                (RecordNoObject, "/records/0", "5", Some("a number")),
                (RecordNoObject, "/records/2", "null", Some("null")),
            ],
        ),
        (
            r#"{"bundle_type":"audit_export_bundle","records":[{"chain_entries":true}]}"#,
            &[(RecordEntriesNoArray, "/records/0/chain_entries", "true", Some("a boolean"))],
        ),
        (
            r#"{"records":[{"permit":{},"chain_entries":{"0":{}}}]}"#,
            &[(RecordEntriesNoArray, "/records/0/chain_entries", r#"{"0":{}}"#, Some("an object"))],
        ),
        (
            r#"{"bundle_type":"audit_export_bundle","records":[{"chain_entries":[{},"x",{}]}]}"#,
            &[(EntryNoObject, "/records/0/chain_entries/1", "\"x\"", Some("a string"))],
        ),
        (
            r#"{"records":[{"chain_entries":[{},[]]}]}"#,
            &[(EntryNoObject, "/records/0/chain_entries/1", "[]", Some("an array"))],
        ),
        (r#"{"chain_entries":[1]}"#, &[(EntryNoObject, "/chain_entries/0", "1", Some("a number"))]),
        (
            r#"{"schema":"keel.governance_events/v1","records":[{},false]}"#,
            &[(EntryNoObject, "/records/1", "false", Some("a boolean"))],
        ),
        (
            r#"{"chain_entries":[{}],"records":[{"chain_entries":[{}]}]}"#,
            &[(EntriesTwice, "/chain_entries", "[{}]", None)],
        ),
        (
            r#"{"records":[{"chain_entries":[{}]}],"chain_entries":[{}]}"#,
            &[(EntriesTwice, "/chain_entries", "[{}]", None)],
        ),
        // Something that is no entry is one too many all the same.
        (
            r#"{"records":[{"chain_entries":[{}]}],"chain_entries":[8]}"#,
            &[
                (EntryNoObject, "/chain_entries/0", "8", Some("a number")),
                (EntriesTwice, "/chain_entries", "[8]", None),
            ],
        ),
        (
            r#"{"records":[{"event_type":"x"}],"bundle_type":"audit_export_bundle"}"#,
            &[(MixedLayout, "/records", r#"[{"event_type":"x"}]"#, None)],
        ),
        (
            r#"{"records":[{"permit":{}}],"schema":"keel.governance_events/v1"}"#,
            &[(MixedLayout, "/records", r#"[{"permit":{}}]"#, None)],
        ),
        (
            r#"{"bundle_type":"audit_export_bundle","records":[{"permit":{}}],"schema":"keel.governance_events/v1"}"#,
            &[(MixedLayout, "/records", r#"[{"permit":{}}]"#, None)],
        ),
        // Entries beside events: nobody knows to which of them a chain belongs.
        (
            r#"{"schema":"keel.governance_events/v1","records":[],"chain_entries":[{}]}"#,
            &[(MixedLayout, "/chain_entries", "[{}]", None)],
        ),
        (
            r#"{"chain_entries":[{}],"records":[{"event_type":"x"}],"schema":"keel.governance_events/v1"}"#,
            &[(MixedLayout, "/chain_entries", "[{}]", None)],
        ),
    ];
    cases.into_iter().for_each(check);
}

#[test]
fn layouts_that_say_less_are_no_faults() {
    let cases: [Case<'_>; 8] = [
        // Null is as good as absent.
        (r#"{"bundle_type":"audit_export_bundle","chain_entries":null,"records":[]}"#, &[]),
        (r#"{"bundle_type":"audit_export_bundle","records":[{"chain_entries":null}]}"#, &[]),
        (r#"{"records":[{"permit":{},"chain_entries":null}]}"#, &[]),
        // An empty array beside entries contradicts nothing, in either place.
        (r#"{"chain_entries":[],"records":[{"chain_entries":[{}]}]}"#, &[]),
        (r#"{"chain_entries":[{}],"records":[{"chain_entries":[]}]}"#, &[]),
        (r#"{"schema":"keel.governance_events/v1","records":[],"chain_entries":[]}"#, &[]),
        // An event may have members that records have.
        (
            r#"{"records":[{"record_hash":"r","permit":{}}],"schema":"keel.governance_events/v1"}"#,
            &[],
        ),
        (
            r#"{"records":[{"event_type":"x","permit":null,"chain_entries":null}],"schema":"keel.governance_events/v1"}"#,
            &[],
        ),
    ];
    cases.into_iter().for_each(check);
}

#[test]
fn an_empty_array_at_the_bundle_hides_no_entries_of_records() {
    let text = r#"{"bundle_type":"audit_export_bundle","chain_entries":[],"records":[{"chain_entries":[{"event_id":"a"}]}]}"#;
    let reading = read(text);
    assert_eq!(reading.entries().len(), 1);
    assert!(reading.log.contains(&"bundle entries at 53".to_owned()));
}

#[test]
fn lines_hold_one_event_each() {
    for (text, faults) in [
        ("{}\n{} {}\n{}", &[("/1", "{}")][..]),
        ("{}\n{}{}\n{}{}{}", &[("/1", "{}"), ("/3", "{}"), ("/4", "{}")]),
        ("{}\n{\n}\n{}", &[("/1", "{\n}")]),
        ("{}\r{\"a\":\r1}\r{}", &[("/1", "{\"a\":\r1}")]),
        ("{}\n{}\n{\"a\":[\n]} ", &[("/2", "{\"a\":[\n]}")]),
    ] {
        let reading = read(text);
        assert_eq!(reading.end.form, PayloadForm::EventLines, "{text:?}");
        assert_eq!(reading.end.unreadable, None);
        let found: Vec<_> = reading
            .faults
            .iter()
            .map(|fault| (fault.kind, fault.pointer.to_string(), at(text, fault.range)))
            .collect();
        let expected: Vec<_> = faults
            .iter()
            .map(|(pointer, bytes)| (Fault::LineNoObject, (*pointer).to_owned(), *bytes))
            .collect();
        assert_eq!(found, expected, "{text:?}");
        // Each is shown all the same, so that a walk cannot miss one.
        assert_eq!(reading.entries().len(), usize::try_from(reading.end.records.unwrap()).unwrap());
    }
    for (text, kind) in [("{}\n[1]\n{}", "an array"), ("{}\nnull\n", "null"), ("{}\n5", "a number")]
    {
        let reading = read(text);
        assert_eq!(reading.fault_kinds(), [Fault::EntryNoObject], "{text:?}");
        assert_eq!(reading.faults[0].pointer.to_string(), "/1");
        assert_eq!(reading.faults[0].found.map(|found| found.as_str()), Some(kind));
    }
}

#[test]
fn a_document_that_is_declared_as_lines_and_is_no_line_is_told_once() {
    for text in
        ["{\n\"event_id\":\"a\"}", "{\"event_id\":\"a\"\n}", r#"{"records":[{"permit":{}}]}"#]
    {
        let reading = read_lines(text);
        assert_eq!(reading.fault_kinds(), [Fault::LineNoObject], "{text:?}");
        assert_eq!(at(text, reading.faults[0].range), text);
        assert!(reading.faults[0].pointer.is_root());
        assert_eq!(reading.end.form, PayloadForm::OtherObject);
    }
}

#[test]
fn the_layout_is_known_wherever_the_members_stand() {
    // Members in every order; what is shown of records and entries must not depend on it.
    for text in [BUNDLE, BUNDLE_ENTRIES, EVENTS] {
        let whole = permit_canonical_json::read(text.as_bytes(), &Default::default()).unwrap();
        let members = whole.as_object().unwrap().members();
        let shown = |text: &str| {
            let mut lines: Vec<String> = Vec::new();
            for line in read(text).log {
                assert!(!line.starts_with("fault"), "{text}: {line}");
                // Places differ, of course.
                let words = line.split(' ').filter(|word| !word.contains(".."));
                let words =
                    words.filter(|word| word.parse::<u64>().is_err() || line.starts_with("record"));
                lines.push(words.collect::<Vec<_>>().join(" "));
            }
            lines.sort();
            lines
        };
        let expected = shown(text);
        for order in orders(members.len()) {
            let members = order.iter().map(|at| {
                let member = &members[*at];
                let value = crate::support::at(text, member.value().range());
                format!("\"{}\":{value}", member.name())
            });
            let reordered = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
            let late_project = reordered.find("\"project_id\"") > reordered.find("\"records\"");
            if text == EVENTS && late_project {
                continue;
            }
            assert_eq!(shown(&reordered), expected, "{reordered}");
            assert_eq!(read(&reordered).end.form, read(text).end.form);
        }
    }
}

/// All orders of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(count - 1);
    let insert = |order: &Vec<usize>, at: usize| {
        let mut order = order.clone();
        order.insert(at, count - 1);
        order
    };
    shorter.iter().flat_map(|order| (0..count).map(move |at| insert(order, at))).collect()
}

#[test]
fn a_scope_that_is_named_behind_its_events_divides_no_chain() {
    let unscoped = r#"{"event_id":"a","event_type":"x"}"#;
    let scoped = r#"{"event_id":"b","event_type":"x","chain_scope":"project:p"}"#;
    let other = r#"{"event_id":"c","event_type":"x","chain_scope":"project:q"}"#;
    let elsewhere = r#"{"event_id":"d","event_type":"x","chain_scope":"account:p"}"#;
    let document = |records: &[&str], project: &str| {
        let records = records.join(",");
        format!(r#"{{"schema":"{SCHEMA}","records":[{records}],"project_id":{project}}}"#)
    };
    for (text, faulty) in [
        (document(&[unscoped, scoped], r#""p""#), Some("/records/0")),
        (document(&[scoped, elsewhere, unscoped], r#""p""#), Some("/records/2")),
        // No event of that project was told apart.
        (document(&[unscoped, other, elsewhere], r#""p""#), None),
        (document(&[unscoped, unscoped], r#""p""#), None),
        (document(&[unscoped, scoped], r#""""#), None),
        (document(&[unscoped, scoped], "null"), None),
        (document(&[scoped, scoped], r#""p""#), None),
        // Named in front of them.
        (
            format!(r#"{{"schema":"{SCHEMA}","project_id":"p","records":[{unscoped},{scoped}]}}"#),
            None,
        ),
        // Lines: the first project that any line names is that of all.
        (
            "{\"event_id\":\"a\"}\n{\"event_id\":\"b\",\"project_id\":\"p\"}\n".to_owned(),
            Some("/0"),
        ),
        ("{\"event_id\":\"a\",\"project_id\":\"p\"}\n{\"event_id\":\"b\"}\n".to_owned(), None),
        ("{\"event_id\":\"a\"}\n{\"event_id\":\"b\"}\n".to_owned(), None),
        (
            format!("{scoped}\n{unscoped}\n{{\"chain_scope\":\"x\",\"project_id\":\"p\"}}\n"),
            Some("/1"),
        ),
    ] {
        let reading = read(&text);
        assert_eq!(reading.end.unreadable, None);
        let found: Vec<_> =
            reading.faults.iter().map(|fault| (fault.kind, fault.pointer.to_string())).collect();
        let expected: Vec<_> =
            faulty.iter().map(|place| (Fault::ScopeNamedLate, (*place).to_owned())).collect();
        assert_eq!(found, expected, "{text}");
        if let Some(fault) = reading.faults.first() {
            assert!(at(&text, fault.range).starts_with("{\"event_id\":\"a\""), "{text}");
        }
    }
}

#[test]
fn scopes_beyond_those_that_are_remembered_are_taken_for_the_project() {
    let scope = |n: usize| format!(r#"{{"event_type":"x","chain_scope":"project:{n}"}}"#);
    let text = |count: usize| {
        let scoped: Vec<_> = (0..count).map(scope).collect();
        format!(
            r#"{{"schema":"{SCHEMA}","records":[{{"event_type":"x"}},{}],"project_id":"p"}}"#,
            scoped.join(",")
        )
    };
    assert_eq!(read(text(1024)).fault_kinds(), []);
    assert_eq!(read(text(1025)).fault_kinds(), [Fault::ScopeNamedLate]);
}

#[test]
fn every_fault_has_a_summary_of_its_own() {
    let kinds = [
        Fault::RecordsNoArray,
        Fault::BundleEntriesNoArray,
        Fault::RecordNoObject,
        Fault::RecordEntriesNoArray,
        Fault::EntryNoObject,
        Fault::EntriesTwice,
        Fault::MixedLayout,
        Fault::LineNoObject,
        Fault::ScopeNamedLate,
    ];
    let summaries: std::collections::BTreeSet<_> = kinds.map(Fault::summary).into();
    assert_eq!(summaries.len(), kinds.len());
    assert!(LINES.len() > 1 && summaries.iter().all(|text| !text.ends_with('.')));
}

const SCHEMA: &str = "keel.governance_events/v1";
