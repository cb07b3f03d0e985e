// SPDX-License-Identifier: Apache-2.0

//! Exports as texts, and what a reader shows of them as lines.

use std::io::{Read, Write as _};

use flate2::{Compression, write::GzEncoder};
use permit_canonical_json::{ByteRange, Kind, Profile, Value};
use permit_chain::EntryPlace;
use permit_export_bundle::{
    Entry, ExportEnd, ExportReader, ExportReaderOptions, ExportVisitor, PayloadForm,
    StructureFault, StructureFaultKind, entry_pointer,
};

/// What reading gave.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) end: ExportEnd,
    /// What the visitor was shown, one call a line.
    pub(crate) log: Vec<String>,
    pub(crate) faults: Vec<StructureFault>,
    /// What the tap was shown.
    pub(crate) stored: Vec<u8>,
}

impl Reading {
    /// Whether the export was read to its end and nothing was wrong with its layout.
    pub(crate) fn is_whole(&self) -> bool {
        self.end.unreadable.is_none() && self.faults.is_empty()
    }

    pub(crate) fn fault_kinds(&self) -> Vec<StructureFaultKind> {
        self.faults.iter().map(|fault| fault.kind).collect()
    }

    /// The lines of the log that tell of entries, without the word `entry`.
    pub(crate) fn entries(&self) -> Vec<&str> {
        self.log.iter().filter_map(|line| line.strip_prefix("entry ")).collect()
    }

    /// The kind of the end: form, compression and number of records.
    pub(crate) fn ends_as(&self) -> (PayloadForm, bool, Option<u64>) {
        (self.end.form, self.end.compressed, self.end.records)
    }
}

pub(crate) fn read(bytes: impl AsRef<[u8]>) -> Reading {
    read_with(&ExportReaderOptions::default(), bytes.as_ref())
}

pub(crate) fn read_lines(bytes: impl AsRef<[u8]>) -> Reading {
    let mut options = ExportReaderOptions::default();
    options.declared_lines = true;
    read_with(&options, bytes.as_ref())
}

pub(crate) fn read_with(options: &ExportReaderOptions, source: impl Read) -> Reading {
    try_read(options, source).unwrap()
}

pub(crate) fn try_read(
    options: &ExportReaderOptions,
    source: impl Read,
) -> std::io::Result<Reading> {
    let mut stored = Stored(Vec::new());
    let (end, log) = ExportReader::new(options, Log::default()).read(source, &mut stored)?;
    Ok(Reading { end, log: log.lines, faults: log.faults, stored: stored.0 })
}

/// A tap that keeps all it is shown.
pub(crate) struct Stored(pub(crate) Vec<u8>);

impl permit_export_bundle::ByteTap for Stored {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

#[derive(Debug, Default)]
struct Log {
    lines: Vec<String>,
    faults: Vec<StructureFault>,
}

impl ExportVisitor for Log {
    fn member(&mut self, name: &str, value: &Value<'_>) {
        self.lines.push(member_line(name, value));
    }

    fn begin_bundle_entries(&mut self, start: u64) {
        self.lines.push(format!("bundle entries at {start}"));
    }

    fn begin_record(&mut self, index: u64) {
        self.lines.push(format!("record {index}"));
    }

    fn record_member(&mut self, index: u64, name: &str, value: &Value<'_>) {
        self.lines.push(format!("record {index} {}", member_line(name, value)));
    }

    fn end_record(&mut self, index: u64, range: ByteRange, entries: Option<Kind>) {
        self.lines.push(end_record_line(index, range, entries));
    }

    fn entry(&mut self, entry: &Entry<'_>) {
        self.lines.push(entry_line(entry));
    }

    fn structure_fault(&mut self, fault: StructureFault) {
        self.lines.push(fault_line(&fault));
        self.faults.push(fault);
    }
}

pub(crate) fn member_line(name: &str, value: &Value<'_>) -> String {
    format!("member {name}={} {}", text_of(value), value.range())
}

pub(crate) fn end_record_line(index: u64, range: ByteRange, entries: Option<Kind>) -> String {
    format!("end {index} {range} {}", entries.map_or("nothing", Kind::as_str))
}

pub(crate) fn entry_line(entry: &Entry<'_>) -> String {
    let Entry { fields, object, layout, index } = entry;
    let place = EntryPlace { array: layout.array(), index: *index, range: fields.range };
    let shown = |value: Option<&Value<'_>>| value.map_or_else(|| "-".to_owned(), text_of);
    format!(
        "entry {} {} {} scope={}/{} made={} payload={} format={}/{}",
        entry_pointer(place),
        fields.range,
        text_of(&Value::from((*object).clone())),
        shown(fields.chain_scope),
        fields.default_scope.unwrap_or("-"),
        shown(fields.created_at),
        shown(fields.payload_json),
        shown(fields.chain_format_version),
        fields.default_format.unwrap_or("-"),
    )
}

pub(crate) fn fault_line(fault: &StructureFault) -> String {
    let found = fault.found.map_or("nothing", Kind::as_str);
    format!("fault {:?} {} {} {found}", fault.kind, fault.pointer, fault.range)
}

fn text_of(value: &Value<'_>) -> String {
    Profile::Payload.to_text(value).unwrap_or_else(|error| error.to_string())
}

/// The text that a range of bytes means.
pub(crate) fn at(text: &str, range: ByteRange) -> &str {
    let index = |offset: u64| usize::try_from(offset).unwrap();
    text.get(index(range.start)..index(range.end)).unwrap()
}

pub(crate) fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes.as_ref()).unwrap();
    encoder.finish().unwrap()
}

/// A bundle of two permits with entries of their own, members sorted as issuers write them.
pub(crate) const BUNDLE: &str = concat!(
    r#"{"bundle_type":"audit_export_bundle","include_chain_entries":true,"project_id":"p","#,
    r#""records":[{"chain_entries":[{"event_id":"a","event_type":"permit.created","payload_json":{"n":1}},"#,
    r#"{"event_id":"b","event_type":"permit.closed"}],"permit":{"id":"1","cost":1.50}},"#,
    r#"{"chain_entries":[],"permit":{"id":"2"}}],"schema_version":2}"#,
);

/// A bundle with entries of its own.
pub(crate) const BUNDLE_ENTRIES: &str = concat!(
    r#"{"bundle_type":"audit_export_bundle","chain_entries":[{"event_id":"a"},{"event_id":"b"}],"#,
    r#""records":[{"permit":{"id":"1"}}],"schema_version":2}"#,
);

/// A document of governance events, members sorted.
pub(crate) const EVENTS: &str = concat!(
    r#"{"project_id":"p","record_count":2,"records":[{"event_id":"a","event_type":"x","occurred_at":"t1"},"#,
    r#"{"event_id":"b","event_type":"y","created_at":"t2","payload":{"n":1}}],"#,
    r#""schema":"keel.governance_events/v1"}"#,
);

/// The same events, one a line.
pub(crate) const LINES: &str = concat!(
    r#"{"event_id":"a","event_type":"x","occurred_at":"t1","project_id":"p"}"#,
    "\n",
    r#"{"event_id":"b","event_type":"y","created_at":"t2","payload":{"n":1}}"#,
    "\n",
);
