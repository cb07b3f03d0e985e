// SPDX-License-Identifier: Apache-2.0

//! A naive reader of whole documents, compared with the real one on generated exports.

use permit_canonical_json::{
    Budget, ByteRange, JsonPointer, Kind, Object, Value, read as read_json,
};
use permit_chain::EntryFields;
use permit_export_bundle::{
    Entry, EntryLayout, PayloadForm, StructureFaultKind as Fault, governance_fields,
};
use proptest::prelude::*;

use crate::support::{end_record_line, entry_line, gzip, member_line, read};

/// What a reader should show of a document.
#[derive(Default)]
struct Model {
    log: Vec<String>,
    project: Option<String>,
    /// For each event: where it stands, and its scope as it was shown.
    scopes: Vec<(JsonPointer, ByteRange, Option<String>)>,
}

impl Model {
    /// A document in memory, looked at as often as it takes.
    fn document(document: &Value<'_>) -> (Vec<String>, PayloadForm, Option<u64>) {
        let mut model = Self::default();
        let says =
            |name: &str, text: &str| document.get(name).and_then(Value::as_str) == Some(text);
        let (says_bundle, says_events) =
            (says("bundle_type", "audit_export_bundle"), says("schema", SCHEMA));
        let members = document.as_object().unwrap().members();
        let place = |name: &str| members.iter().position(|member| member.name() == name);
        let records_at = place("records");
        let before_records = |name| place(name).is_some_and(|at| Some(at) < records_at);
        let mut records = None;
        let mut are_events = None;
        for member in members {
            match (member.name(), member.value().as_array()) {
                ("records", Some(array)) => {
                    let first = array.iter().find_map(Value::as_object);
                    let declared = if says_events && before_records("schema") {
                        Some(true)
                    } else {
                        (says_bundle && before_records("bundle_type")).then_some(false)
                    };
                    are_events = declared.or(first.map(looks_like_event));
                    model.records(array, are_events, declared.is_some());
                    records = Some(u64::try_from(array.len()).unwrap());
                }
                ("records", None) => model.wrong(Fault::RecordsNoArray, "/records", member.value()),
                ("chain_entries", Some(array)) => {
                    model.log.push(format!("bundle entries at {}", member.value().range().start));
                    model.entries(array, EntryLayout::Bundle, "/chain_entries");
                }
                ("chain_entries", None) if member.value().is_null() => {}
                ("chain_entries", None) => {
                    model.wrong(Fault::BundleEntriesNoArray, "/chain_entries", member.value());
                }
                (name, _) => {
                    model.log.push(member_line(name, member.value()));
                    let id = member.value().as_str().filter(|id| !id.is_empty());
                    if let ("project_id", Some(id)) = (name, id) {
                        model.project = Some(id.to_owned());
                    }
                }
            }
        }
        let mixed = (are_events == Some(false) && says_events)
            || (are_events == Some(true) && !says_events && says_bundle);
        if mixed {
            let range = document.get("records").unwrap().range();
            model.log.push(format!("fault MixedLayout /records {range} nothing"));
        }
        let of_records = if are_events == Some(false) { count_of_records(document) } else { 0 };
        let array = document.get("chain_entries").filter(|entries| entries.as_array().is_some());
        if let Some(array) = array.filter(|array| !array.as_array().unwrap().is_empty()) {
            let kind = match (says_events, of_records) {
                (true, _) => Some("MixedLayout"),
                (false, 0) => None,
                (false, _) => Some("EntriesTwice"),
            };
            let line = |kind| format!("fault {kind} /chain_entries {} nothing", array.range());
            model.log.extend(kind.map(line));
        }
        model.late_scope();
        let form = match (says_events, says_bundle) {
            (true, _) => PayloadForm::GovernanceEvents,
            (false, true) => PayloadForm::AuditBundle,
            (false, false) => PayloadForm::OtherObject,
        };
        (model.log, form, records)
    }

    /// The same of events, one a line.
    fn lines(text: &str) -> Vec<String> {
        let mut model = Self::default();
        let mut start = 0_u64;
        let mut index = 0;
        for line in text.split_inclusive('\n') {
            let length = u64::try_from(line.len()).unwrap();
            let spaces = " ".repeat(usize::try_from(start).unwrap());
            start += length;
            if line.trim().is_empty() {
                continue;
            }
            // White space in front puts everything at its place in the file.
            let padded = format!("{spaces}{line}");
            let value = read_json(padded.as_bytes(), &Budget::default()).unwrap();
            if let (0, Some(object)) = (index, value.as_object()) {
                let members = object.members().iter();
                model.log.extend(members.map(|member| member_line(member.name(), member.value())));
            }
            let id = value.get("project_id").and_then(Value::as_str).filter(|id| !id.is_empty());
            if model.project.is_none() {
                model.project = id.map(str::to_owned);
            }
            model.event(&value, EntryLayout::Lines, index, &format!("/{index}"));
            index += 1;
        }
        model.late_scope();
        model.log
    }

    fn records(&mut self, records: &[Value<'_>], are_events: Option<bool>, declared: bool) {
        for (index, record) in (0..).zip(records) {
            let path = format!("/records/{index}");
            let Some(object) = record.as_object() else {
                // Until something has told what records are, they are taken for records.
                let told = declared || records.iter().take(index).any(|r| r.as_object().is_some());
                let kind = match are_events {
                    Some(true) if told => Fault::EntryNoObject,
                    _ => Fault::RecordNoObject,
                };
                self.wrong(kind, &path, record);
                continue;
            };
            let at = u64::try_from(index).unwrap();
            if are_events == Some(true) {
                self.event(record, EntryLayout::Events, at, &path);
                continue;
            }
            self.log.push(format!("record {at}"));
            for member in object.members() {
                match (member.name(), member.value().as_array()) {
                    ("chain_entries", Some(array)) => {
                        let path = format!("{path}/chain_entries");
                        self.entries(array, EntryLayout::Record(at), &path);
                    }
                    ("chain_entries", None) if member.value().is_null() => {}
                    ("chain_entries", None) => {
                        let path = format!("{path}/chain_entries");
                        self.wrong(Fault::RecordEntriesNoArray, &path, member.value());
                    }
                    (name, _) => {
                        self.log.push(format!("record {at} {}", member_line(name, member.value())));
                    }
                }
            }
            let entries = object.get("chain_entries").map(Value::kind);
            self.log.push(end_record_line(at, record.range(), entries));
        }
    }

    fn entries(&mut self, entries: &[Value<'_>], layout: EntryLayout, path: &str) {
        for (index, entry) in (0_u64..).zip(entries) {
            match entry.as_object() {
                Some(object) => {
                    let fields = EntryFields::of_entry(object, entry.range());
                    self.log.push(entry_line(&Entry { fields, object, layout, index }));
                }
                None => self.wrong(Fault::EntryNoObject, &format!("{path}/{index}"), entry),
            }
        }
    }

    fn event(&mut self, event: &Value<'_>, layout: EntryLayout, index: u64, path: &str) {
        let Some(object) = event.as_object() else {
            self.wrong(Fault::EntryNoObject, path, event);
            return;
        };
        let default = self.project.as_ref().map(|id| format!("project:{id}"));
        let fields = governance_fields(event, object, default.as_deref());
        self.log.push(entry_line(&Entry { fields, object, layout, index }));
        let stated = fields.chain_scope.and_then(Value::as_str).filter(|scope| !scope.is_empty());
        let shown = stated.or(fields.default_scope).map(str::to_owned);
        self.scopes.push((pointer(path), event.range(), shown));
    }

    fn late_scope(&mut self) {
        let Some(project) = &self.project else { return };
        let meant = Some(format!("project:{project}"));
        let without = self.scopes.iter().find(|(_, _, scope)| scope.is_none());
        if let Some((pointer, range, _)) = without
            && self.scopes.iter().any(|(_, _, scope)| *scope == meant)
        {
            self.log.push(format!("fault ScopeNamedLate {pointer} {range} nothing"));
        }
    }

    fn wrong(&mut self, kind: Fault, path: &str, value: &Value<'_>) {
        let (range, found) = (value.range(), value.kind().as_str());
        self.log.push(format!("fault {kind:?} {path} {range} {found}"));
    }
}

fn pointer(path: &str) -> JsonPointer {
    path.split('/').skip(1).fold(JsonPointer::root(), |pointer, step| pointer.member(step))
}

fn looks_like_event(object: &Object<'_>) -> bool {
    let has = |name| object.get(name).is_some_and(|member| member.kind() != Kind::Null);
    (has("event_type") || has("sequence_number") || has("record_hash")) && !has("chain_entries")
}

fn count_of_records(document: &Value<'_>) -> usize {
    let records = document.get("records").and_then(Value::as_array).unwrap_or_default();
    let entries = records.iter().filter_map(|record| record.get("chain_entries")?.as_array());
    entries.map(<[Value<'_>]>::len).sum()
}

const SCHEMA: &str = "keel.governance_events/v1";

fn entry() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0..9).prop_map(|n| format!(r#"{{"event_id":"e{n}","chain_scope":"s"}}"#)),
        1 => Just("{}".to_owned()),
        1 => Just("7".to_owned()),
    ]
}

fn event() -> impl Strategy<Value = String> {
    let scope = prop_oneof![
        Just(""),
        Just(r#","chain_scope":"project:p""#),
        Just(r#","chain_scope":"project:q""#),
        Just(r#","chain_scope":"""#),
        Just(r#","occurred_at":"t","chain_scope":null"#),
        Just(r#","payload":{"a":1},"created_at":0"#),
        Just(r#","project_id":"p""#),
        Just(r#","project_id":"","permit":null"#),
    ];
    (0..9, scope).prop_map(|(n, more)| format!(r#"{{"event_type":"x{n}"{more}}}"#))
}

fn list(items: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    proptest::collection::vec(items, 0..4).prop_map(|items| format!("[{}]", items.join(", ")))
}

fn record() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => list(entry()).prop_map(|entries| format!(r#"{{"permit":{{}},"chain_entries":{entries}}}"#)),
        1 => list(entry()).prop_map(|entries| format!(r#"{{"chain_entries":{entries},"permit":1}}"#)),
        1 => Just(r#"{"permit":{"id":"p"}}"#.to_owned()),
        1 => Just(r#"{"permit":{},"chain_entries":null}"#.to_owned()),
        1 => Just(r#"{"permit":{},"chain_entries":false}"#.to_owned()),
        1 => Just("[]".to_owned()),
        1 => Just(r#"{"permit":{},"sequence_number":1}"#.to_owned()),
        1 => Just(r#"{"record_hash":null,"x":{}}"#.to_owned()),
        1 => Just(r#"{"record_hash":"r","chain_entries":[]}"#.to_owned()),
        2 => event(),
    ]
}

fn member() -> impl Strategy<Value = Vec<String>> {
    let some =
        |texts: &'static [&'static str]| proptest::option::of(proptest::sample::select(texts));
    let records = prop_oneof![
        4 => list(record()),
        4 => list(event()),
        1 => Just("null".to_owned()),
        1 => Just("{\"a\": []}".to_owned()),
    ];
    let entries =
        prop_oneof![4 => list(entry()), 1 => Just("null".to_owned()), 1 => Just("{}".to_owned())];
    let named = |name: &'static str| move |value: String| format!("\"{name}\" : {value}");
    (
        some(&[r#""bundle_type":"audit_export_bundle""#, r#""bundle_type":"other""#]),
        some(&[r#""schema":"keel.governance_events/v1""#, r#""schema":null"#]),
        some(&[r#""project_id":"p""#, r#""project_id":"""#, r#""project_id":7"#]),
        some(&[r#""x":{"records":[1]}"#]),
        proptest::option::weighted(0.9, records.prop_map(named("records"))),
        proptest::option::weighted(0.3, entries.prop_map(named("chain_entries"))),
    )
        .prop_map(|(bundle, schema, project, other, records, entries)| {
            let fixed = [bundle, schema, project, other].into_iter().flatten().map(str::to_owned);
            fixed.chain(records).chain(entries).collect::<Vec<_>>()
        })
        .prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn documents_are_shown_as_the_naive_reader_shows_them(
        members in member(),
        between in prop_oneof![Just(","), Just(",\n  "), Just(" ,\r\n")],
    ) {
        let text = format!("{{{}}}\n", members.join(between));
        let document = read_json(text.as_bytes(), &Budget::default()).unwrap();
        let (log, form, records) = Model::document(&document);
        let reading = read(&text);
        prop_assert_eq!(&reading.log, &log, "{}", text);
        prop_assert_eq!(reading.ends_as(), (form, false, records), "{}", text);
        prop_assert_eq!(reading.end.unreadable, None);
        prop_assert_eq!(read(gzip(&text)).log, log);
    }

    #[test]
    fn lines_are_shown_as_the_naive_reader_shows_them(
        first in event(),
        lines in proptest::collection::vec(
            prop_oneof![6 => event(), 1 => Just(" ".to_owned()), 1 => Just("[1]".to_owned())],
            0..5,
        ),
        last in event(),
    ) {
        let text = format!("{first}\n{}\n{last}\n", lines.join("\n"));
        let reading = read(&text);
        prop_assert_eq!(&reading.log, &Model::lines(&text), "{}", text);
        prop_assert_eq!(reading.end.form, PayloadForm::EventLines);
    }
}
