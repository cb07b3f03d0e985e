// SPDX-License-Identifier: Apache-2.0

//! Exports that are large, deep or wide: read in bounded memory and recursion, or refused.

use std::io::{self, Read};

use permit_canonical_json::{ByteRange, Kind, Value};
use permit_export_bundle::{
    ByteTap, Entry, ExportReader, ExportReaderOptions, ExportVisitor, PayloadForm, StructureFault,
    Unreadable,
};

use crate::support::{gzip, read, read_lines};

/// Makes an export while it is read: a head, many times the same, and a tail. No more of it than
/// one piece is ever in memory.
struct Generated {
    head: &'static [u8],
    piece: Vec<u8>,
    times: u64,
    tail: &'static [u8],
    at: usize,
}

impl Read for Generated {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.head.is_empty() {
            return self.head.read(buffer);
        }
        if self.times == 0 {
            return self.tail.read(buffer);
        }
        let rest = &self.piece[self.at..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.at += length;
        if self.at == self.piece.len() {
            self.at = 0;
            self.times -= 1;
        }
        Ok(length)
    }
}

/// Counts, and keeps nothing.
#[derive(Default)]
struct Count {
    records: u64,
    entries: u64,
    members: u64,
    largest: u64,
    faults: u64,
}

impl ExportVisitor for Count {
    fn member(&mut self, _: &str, _: &Value<'_>) {
        self.members += 1;
    }
    fn begin_record(&mut self, _: u64) {
        self.records += 1;
    }
    fn record_member(&mut self, _: u64, _: &str, value: &Value<'_>) {
        self.largest = self.largest.max(value.range().len());
    }
    fn end_record(&mut self, _: u64, range: ByteRange, _: Option<Kind>) {
        self.largest = self.largest.max(range.len());
    }
    fn entry(&mut self, entry: &Entry<'_>) {
        self.entries += 1;
        self.largest = self.largest.max(entry.fields.range.len());
    }
    fn structure_fault(&mut self, _: StructureFault) {
        self.faults += 1;
    }
}

/// A tap that counts.
struct Bytes(u64);

impl ByteTap for Bytes {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0 += u64::try_from(bytes.len()).unwrap();
    }
}

#[test]
fn a_bundle_of_200_megabytes_is_read_without_being_collected() {
    let payload = "x".repeat(3_900);
    let entry = format!(r#"{{"event_id":"e","payload_json":{{"text":"{payload}"}}}},"#);
    let times = 200_000_000 / u64::try_from(entry.len()).unwrap() + 1;
    let head = br#"{"bundle_type":"audit_export_bundle","records":[{"permit":{},"chain_entries":["#;
    let export = Generated { head, piece: entry.into(), times, tail: b"{}]}]}", at: 0 };
    let options = ExportReaderOptions::default();
    let mut bytes = Bytes(0);
    let (end, count) =
        ExportReader::new(&options, Count::default()).read(export, &mut bytes).unwrap();
    assert_eq!(end.unreadable.map(|unreadable| unreadable.to_string()), None);
    assert_eq!((end.form, end.records), (PayloadForm::AuditBundle, Some(1)));
    assert_eq!((count.entries, count.records, count.faults), (times + 1, 1, 0));
    assert!(bytes.0 > 200_000_000);
    assert_eq!(count.largest, bytes.0 - 48 - 2, "the one record spans nearly all of it");
}

#[test]
fn limits_of_what_is_held_are_no_limits_of_what_is_streamed() {
    // With a budget of 4 KiB for a value and 10 for its members, 100,000 records of many entries.
    let mut options = ExportReaderOptions::default();
    options.budget.value_bytes = 4_096;
    options.budget.members = 10;
    let entries = vec![r#"{"event_id":"e"}"#; 20].join(",");
    let record = format!(r#"{{"permit":{{"id":"p"}},"chain_entries":[{entries}]}},"#);
    let head = br#"{"bundle_type":"audit_export_bundle","records":["#;
    let export = Generated { head, piece: record.into(), times: 10_000, tail: b"{}]}", at: 0 };
    let (end, count) =
        ExportReader::new(&options, Count::default()).read(export, Bytes(0)).unwrap();
    assert_eq!(end.unreadable, None);
    assert_eq!((end.records, count.entries), (Some(10_001), 200_000));
    // Lines and events are streamed, too.
    let line = b"{\"event_id\":\"e\"}\n".to_vec();
    let export = Generated { head: b"", piece: line, times: 50_000, tail: b"", at: 0 };
    let (end, count) =
        ExportReader::new(&options, Count::default()).read(export, Bytes(0)).unwrap();
    assert_eq!((end.form, end.records), (PayloadForm::EventLines, Some(50_000)));
    assert_eq!((count.entries, count.members), (50_000, 1));
}

#[test]
fn nesting_without_end_is_refused_where_it_gets_too_deep() {
    for open in ["[", "{\"a\":"] {
        let deep = open.repeat(100_000);
        for before in [
            "",
            "{\"x\":",
            "{\"records\":",
            "{\"records\":[",
            "{\"bundle_type\":\"audit_export_bundle\",\"records\":[{\"permit\":",
            "{\"chain_entries\":[",
            "{}\n",
        ] {
            for text in [format!("{before}{deep}"), format!("{before}{deep}0")] {
                let unreadable = read(&text).end.unreadable.unwrap();
                assert!(unreadable.is_limit(), "{before}: {unreadable}");
                assert!(unreadable.to_string().contains("128 levels"), "{unreadable}");
                assert!(unreadable.pointer().steps().len() <= 129);
            }
        }
    }
    assert!(read(gzip("[".repeat(100_000))).end.unreadable.unwrap().is_limit());
}

#[test]
fn numbers_of_a_million_digits_are_refused() {
    let digits = "7".repeat(1_000_000);
    for number in
        [digits.clone(), format!("-{digits}"), format!("0.{digits}"), format!("1e{digits}")]
    {
        for text in [
            format!(r#"{{"record_count":{number}}}"#),
            format!(r#"{{"records":[{{"chain_entries":[{{"sequence_number":{number}}}]}}]}}"#),
            format!("{{}}\n{{\"occurred_at\":{number}}}"),
        ] {
            let unreadable = read(text).end.unreadable.unwrap();
            assert!(unreadable.is_limit(), "{unreadable}");
            assert!(unreadable.to_string().contains("4300 bytes"), "{unreadable}");
        }
    }
}

#[test]
fn the_first_event_may_be_as_large_as_the_others() {
    let mut options = ExportReaderOptions::default();
    options.budget.value_bytes = 1_000;
    let event = |bytes: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes));
    let end = |text: String| {
        let reader = ExportReader::new(&options, Count::default());
        reader.read(text.as_bytes(), Bytes(0)).unwrap().0
    };
    assert_eq!(end(format!("{}\n{}", event(900), event(900))).unreadable, None);
    // Two values within the limit that are beyond it together: nothing is said of the file.
    let large = format!(r#"{{"a":"{0}","b":"{0}"}}"#, "x".repeat(600));
    let bytes = ByteRange::new(0, u64::try_from(large.len()).unwrap());
    let unreadable = end(format!("{large}\n{{}}")).unreadable.unwrap();
    let expected = Unreadable::FirstEventTooLarge { bytes: 1_000, members: 256, range: bytes };
    assert_eq!(unreadable, expected);
    assert!(unreadable.is_limit());
    assert_eq!((unreadable.pointer().to_string().as_str(), unreadable.range()), ("/0", bytes));
    assert_eq!(
        unreadable.to_string(),
        "the first event has more than 1000 bytes or more than 256 members"
    );
    // As a document, it may be as large as it likes.
    assert_eq!(end(large.clone()).unreadable, None);
    assert!(matches!(end(format!("{large}{{}}")).unreadable, Some(Unreadable::Text(_))));
}

#[test]
fn a_first_event_of_many_members_is_refused_in_little_time() {
    let event = |members: usize| {
        let members: Vec<String> = (0..members).map(|n| format!("\"n{n}\":0")).collect();
        format!("{{{}}}", members.join(","))
    };
    let reading = read(format!("{}\n{{}}", event(256)));
    assert_eq!(reading.end.records, Some(2));
    assert!(reading.is_whole());
    for count in [257, 60_000] {
        let large = event(count);
        let unreadable = read(format!("{large}\n{{}}")).end.unreadable.unwrap();
        assert!(matches!(unreadable, Unreadable::FirstEventTooLarge { .. }), "{unreadable}");
        assert!(read_lines(&large).end.unreadable.unwrap().is_limit());
        // Only the first is kept.
        assert!(read(format!("{{}}\n{large}\n{{}}")).is_whole());
        assert!(read(large).is_whole());
    }
}
