// SPDX-License-Identifier: Apache-2.0

//! What the bytes of an export turn out to be, and what is shown of each form.

use permit_canonical_json::{Budget, DigestSink, Sha256Digest, read as read_json};
use permit_export_bundle::{
    EntryLayout, ExportReader, ExportReaderOptions, GOVERNANCE_EVENTS_SCHEMA, PayloadForm,
    governance_fields,
};

use crate::support::{
    BUNDLE, BUNDLE_ENTRIES, EVENTS, LINES, Reading, Stored, gzip, read, read_lines,
};

#[test]
fn bundle_11_entries_of_records_are_shown_in_the_order_of_the_file() {
    let reading = read(BUNDLE);
    assert_eq!(reading.ends_as(), (PayloadForm::AuditBundle, false, Some(2)));
    assert_eq!(reading.end.project_id.as_deref(), Some("p"));
    assert!(reading.is_whole());
    assert_eq!(
        reading.log,
        [
            r#"member bundle_type="audit_export_bundle" 15..36"#,
            "member include_chain_entries=true 61..65",
            r#"member project_id="p" 79..82"#,
            "record 0",
            concat!(
                r#"entry /records/0/chain_entries/0 112..181 {"event_id":"a","event_type":"permit.created","payload_json":{"n":1}}"#,
                r#" scope=-/- made=- payload={"n":1} format=-/-"#
            ),
            concat!(
                r#"entry /records/0/chain_entries/1 182..227 {"event_id":"b","event_type":"permit.closed"}"#,
                " scope=-/- made=- payload=- format=-/-"
            ),
            r#"record 0 member permit={"cost":1.5,"id":"1"} 238..260"#,
            "end 0 94..261 an array",
            "record 1",
            r#"record 1 member permit={"id":"2"} 291..301"#,
            "end 1 262..302 an array",
            "member schema_version=2 321..322",
        ]
    );
}

#[test]
fn bundle_11_entries_of_the_bundle_stand_in_for_those_of_records() {
    let reading = read(BUNDLE_ENTRIES);
    assert_eq!(reading.ends_as(), (PayloadForm::AuditBundle, false, Some(1)));
    assert!(reading.is_whole());
    assert_eq!(reading.log[1], "bundle entries at 53");
    let places = reading.entries();
    assert!(places[0].starts_with("/chain_entries/0 54..70"), "{places:?}");
    assert!(places[1].starts_with("/chain_entries/1 71..87"), "{places:?}");
    // BUNDLE-03, BUNDLE-04: what a record has for entries is told for each of them.
    assert!(reading.log.iter().any(|line| line.ends_with("nothing")));
}

#[test]
fn events_are_entries_with_members_of_other_names() {
    let reading = read(EVENTS);
    assert_eq!(reading.ends_as(), (PayloadForm::GovernanceEvents, false, Some(2)));
    assert!(reading.is_whole());
    let entries = reading.entries();
    assert!(entries[0].starts_with("/records/0 46..98"));
    assert!(entries[0].ends_with(r#"scope=-/project:p made="t1" payload=- format=-/v1"#));
    assert!(entries[1].starts_with("/records/1 99..168"));
    assert!(entries[1].ends_with(r#"scope=-/project:p made="t2" payload={"n":1} format=-/v1"#));
}

#[test]
fn lines_are_events_whatever_ends_them() {
    let first = "/0 0..69 ";
    for (text, second) in [
        (LINES.to_owned(), "/1 70..139 "),
        (LINES.trim_end().to_owned(), "/1 70..139 "),
        (LINES.replace('\n', "\r\n"), "/1 71..140 "),
        (LINES.replace('\n', "\r"), "/1 70..139 "),
        (LINES.replace('\n', "\n\n \t\n"), "/1 74..143 "),
    ] {
        for reading in [read(&text), read_lines(&text)] {
            assert_eq!(reading.ends_as(), (PayloadForm::EventLines, false, Some(2)), "{text}");
            assert_eq!(reading.end.project_id.as_deref(), Some("p"));
            assert!(reading.is_whole(), "{reading:?}");
            let entries = reading.entries();
            assert_eq!(entries.len(), 2);
            assert!(entries[0].starts_with(first), "{entries:?}");
            assert!(entries[0].ends_with(r#"scope=-/project:p made="t1" payload=- format=-/v1"#));
            assert!(entries[1].starts_with(second), "{entries:?}");
            assert!(entries[1].contains(r#"scope=-/project:p made="t2" payload={"n":1}"#));
        }
    }
}

#[test]
fn a_single_line_is_a_document_unless_the_manifest_says_otherwise() {
    let line = LINES.lines().next().unwrap();
    for text in [line.to_owned(), format!("{line}\n"), format!(" \n{line}\n\n")] {
        let undeclared = read(&text);
        assert_eq!(undeclared.ends_as(), (PayloadForm::OtherObject, false, None));
        assert!(undeclared.entries().is_empty());
        let declared = read_lines(&text);
        assert_eq!(declared.ends_as(), (PayloadForm::EventLines, false, Some(1)));
        assert_eq!(declared.entries().len(), 1);
        assert!(declared.is_whole());
    }
    // What says of itself that it is something else is not taken for a line.
    for text in [BUNDLE, EVENTS] {
        assert_eq!(read_lines(text).log, read(text).log);
        assert_eq!(read_lines(text).ends_as(), read(text).ends_as());
    }
}

#[test]
fn members_of_the_first_line_are_shown_before_it_turns_out_to_be_an_event() {
    let reading = read("{\"a\":1}\n{\"b\":2}");
    assert_eq!(reading.log[0], "member a=1 5..6");
    assert!(reading.log[1].starts_with(r#"entry /0 0..7 {"a":1}"#));
    assert!(reading.log[2].starts_with(r#"entry /1 8..15 {"b":2}"#));
}

#[test]
fn bundle_13_a_compressed_export_reads_as_the_plain_one_and_is_hashed_as_stored() {
    let mut texts = vec![BUNDLE, BUNDLE_ENTRIES, EVENTS, LINES, "{\"a\":1}", "[1]", "a,b\n1,2\n"];
    texts.extend(["", " \n"]);
    for text in texts {
        let (plain, packed) = (read(text), gzip(text));
        let unpacked = read(&packed);
        assert!(unpacked.end.compressed && !plain.end.compressed);
        assert_eq!(unpacked.log, plain.log, "{text}");
        assert_eq!(unpacked.end.form, plain.end.form, "{text}");
        assert_eq!(unpacked.end.records, plain.end.records);
        assert_eq!(unpacked.end.unreadable, plain.end.unreadable);
        assert_eq!(unpacked.stored, packed, "the bytes as they are stored");
        assert_eq!(plain.stored, text.as_bytes());
    }
    let single = gzip(LINES.lines().next().unwrap());
    assert_eq!(read_lines(&single).ends_as(), (PayloadForm::EventLines, true, Some(1)));
}

#[test]
fn bundle_06_the_digest_is_that_of_every_byte_as_stored() {
    // BUNDLE-14: the same data, written otherwise, is another export.
    let pretty = BUNDLE.replace(",", ",\n  ");
    let digests: Vec<_> =
        [BUNDLE.as_bytes(), pretty.as_bytes(), &gzip(BUNDLE), b"PK\x03\x04zip", b""]
            .into_iter()
            .map(|bytes| {
                let options = ExportReaderOptions::default();
                let mut digest = DigestSink::new();
                ExportReader::new(&options, Silent).read(bytes, &mut digest).unwrap();
                let digest = digest.finish();
                assert_eq!(digest, Sha256Digest::of(bytes));
                digest
            })
            .collect();
    assert_ne!(digests[0], digests[1]);
    assert_ne!(digests[0], digests[2]);
}

#[test]
fn files_that_hold_no_object_say_what_they_are() {
    let cases: [(&[u8], PayloadForm); 17] = [
        (b"", PayloadForm::NotJson),
        (b" \r\n\t", PayloadForm::NotJson),
        (b"permit_id,decision\r\n1,allow\r\n", PayloadForm::NotJson),
        (b"\"permit_id\",\"decision\"\n", PayloadForm::NotJson),
        (b"1,2,3\n4,5,6\n", PayloadForm::NotJson),
        (b"[1,2", PayloadForm::NotJson),
        (b"[{\"event_id\":\"a\"}]", PayloadForm::OtherJson),
        (b"[]", PayloadForm::OtherJson),
        (b"123", PayloadForm::OtherJson),
        (b"\"text\"", PayloadForm::OtherJson),
        (b"null", PayloadForm::OtherJson),
        (b"true\n", PayloadForm::OtherJson),
        (b"PK\x03\x04 and more", PayloadForm::Zip),
        (b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", PayloadForm::Zip),
        (b"PK", PayloadForm::NotJson),
        (b"\x1f", PayloadForm::NotJson),
        (b"\xff\xfe{\0}\0", PayloadForm::NotJson),
    ];
    for (bytes, form) in cases {
        let reading = read(bytes);
        assert_eq!(reading.ends_as(), (form, false, None), "{bytes:?}");
        assert!(reading.is_whole() && reading.log.is_empty(), "{reading:?}");
        assert_eq!(reading.stored, bytes);
    }
    // No archive inside of gzip, no gzip inside of gzip.
    for inner in [b"PK\x03\x04 and more".to_vec(), gzip(BUNDLE)] {
        assert_eq!(read(gzip(inner)).ends_as(), (PayloadForm::NotJson, true, None));
    }
}

#[test]
fn objects_of_other_kinds_show_their_members_only() {
    for text in [
        r#"{"schema":"keel.vanta.workflow_evidence/v1","declarations":[{"a":1}]}"#,
        r#"{"schema":["keel.governance_events/v1"],"bundle_type":"audit_export_bundle2"}"#,
        r#"{"bundle_type":null}"#,
        "{}",
    ] {
        let reading = read(text);
        assert_eq!(reading.ends_as(), (PayloadForm::OtherObject, false, None), "{text}");
        assert!(reading.is_whole() && reading.log.iter().all(|line| line.starts_with("member")));
    }
}

#[test]
fn the_project_is_that_of_the_document() {
    let project = |text: &str| read(text).end.project_id;
    assert_eq!(project(r#"{"project_id":"a","x":{"project_id":"b"}}"#).as_deref(), Some("a"));
    assert_eq!(project(r#"{"project_id":""}"#), None);
    assert_eq!(project(r#"{"project_id":7}"#), None);
    // Of lines, the first that names one.
    let lines =
        "{\"project_id\":\"\"}\n{\"project_id\":3}\n{\"project_id\":\"b\"}\n{\"project_id\":\"c\"}";
    assert_eq!(project(lines).as_deref(), Some("b"));
}

#[test]
fn fields_of_events_fall_back_as_documented() {
    let cases = [
        // event, scope of the document: stated scope, default scope, time, payload
        (r#"{"occurred_at":"o","created_at":"c"}"#, Some("d"), (None, Some("d"), "\"o\"", "-")),
        (r#"{"occurred_at":"","created_at":"c"}"#, None, (None, None, "\"c\"", "-")),
        (r#"{"occurred_at":null,"created_at":"c"}"#, None, (None, None, "\"c\"", "-")),
        (r#"{"occurred_at":0.0,"created_at":"c"}"#, None, (None, None, "\"c\"", "-")),
        (r#"{"occurred_at":[],"created_at":"c"}"#, None, (None, None, "\"c\"", "-")),
        (r#"{"occurred_at":{},"created_at":"c"}"#, None, (None, None, "\"c\"", "-")),
        (r#"{"occurred_at":false}"#, None, (None, None, "-", "-")),
        (r#"{"occurred_at":5,"created_at":"c"}"#, None, (None, None, "5", "-")),
        (r#"{"chain_scope":"s"}"#, Some("d"), (Some("\"s\""), None, "-", "-")),
        (r#"{"chain_scope":""}"#, Some("d"), (None, Some("d"), "-", "-")),
        (r#"{"chain_scope":null}"#, Some("d"), (None, Some("d"), "-", "-")),
        (r#"{"chain_scope":null}"#, None, (Some("null"), None, "-", "-")),
        (r#"{"chain_scope":7}"#, Some("d"), (Some("7"), None, "-", "-")),
        (r#"{"payload":{"a":1}}"#, None, (None, None, "-", r#"{"a":1}"#)),
        (r#"{"payload":[1]}"#, None, (None, None, "-", "-")),
        (r#"{"payload":{"a":1},"payload_json":null}"#, None, (None, None, "-", "null")),
        (r#"{"payload":{"a":1},"payload_json":{"b":2}}"#, None, (None, None, "-", r#"{"b":2}"#)),
    ];
    for (text, default, expected) in cases {
        let event = read_json(text.as_bytes(), &Budget::default()).unwrap();
        let fields = governance_fields(&event, event.as_object().unwrap(), default);
        let profile = permit_canonical_json::Profile::Payload;
        let shown = |value: Option<&permit_canonical_json::Value<'_>>| {
            value.map(|value| profile.to_text(value).unwrap())
        };
        let scope = shown(fields.chain_scope);
        let (time, payload) = (shown(fields.created_at), shown(fields.payload_json));
        let found = (
            scope.as_deref(),
            fields.default_scope,
            time.as_deref().unwrap_or("-"),
            payload.as_deref().unwrap_or("-"),
        );
        assert_eq!(found, expected, "{text}");
        assert_eq!((fields.default_format, fields.scope_optional), (Some("v1"), true));
        assert_eq!(fields.range, event.range());
    }
    assert_eq!(GOVERNANCE_EVENTS_SCHEMA, "keel.governance_events/v1");
}

#[test]
fn arrays_have_numbers_of_their_own() {
    let arrays = [
        EntryLayout::Bundle.array(),
        EntryLayout::Events.array(),
        EntryLayout::Lines.array(),
        EntryLayout::Record(0).array(),
        EntryLayout::Record(1).array(),
        EntryLayout::Record(u64::MAX).array(),
    ];
    let distinct: std::collections::BTreeSet<_> = arrays.into_iter().collect();
    assert_eq!(distinct.len(), arrays.len());
}

#[test]
fn taps_can_be_borrowed_and_see_everything_once() {
    let mut stored = Stored(Vec::new());
    let options = ExportReaderOptions::default();
    let reader = ExportReader::new(&options, Silent);
    reader.read(BUNDLE.as_bytes(), &mut &mut stored).unwrap();
    assert_eq!(stored.0, BUNDLE.as_bytes());
    let Reading { stored, .. } = read(format!("{BUNDLE} and more"));
    assert!(stored.ends_with(b" and more"), "what follows a fault is hashed, too");
}

/// A visitor that looks away.
struct Silent;

impl permit_export_bundle::ExportVisitor for Silent {
    fn entry(&mut self, _: &permit_export_bundle::Entry<'_>) {}
    fn structure_fault(&mut self, _: permit_export_bundle::StructureFault) {}
}
