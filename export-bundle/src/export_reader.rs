// SPDX-License-Identifier: Apache-2.0

//! Reading an export in one pass, entry by entry, whatever its layout and size.
//!
//! ```text
//! file ─► tap (content hash) ─► gzip? ─► strict reader ─► visitor: members, records, entries
//! ```
//!
//! The layout is told by members that may stand behind what they describe: `schema` and
//! `schema_version` sort after `records`. So the reader goes by the shape of what it
//! sees, and compares with what the document says of itself at the end.

use std::io::{self, Cursor as Bytes, Read};

use permit_canonical_json::{
    Budget, ByteRange, JsonPointer, Kind, Object, ReadError, ReadErrorKind, StreamError,
    StreamReader, Value,
};
use permit_chain::EntryFields;

use crate::{
    entry_path::EntryLayout,
    governance_event::{GOVERNANCE_EVENTS_SCHEMA, governance_fields},
    gzip::{GzipFault, GzipLimits, GzipRead},
    tap::{ByteTap, SourceError, TapRead},
};

/// How an export is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportReaderOptions {
    /// What the text may cost.
    pub budget: Budget,
    /// How far a compressed export may unfold.
    pub gzip: GzipLimits,
    /// Whether the manifest says that the export is one event a line, which a
    /// single line does not show by itself.
    pub declared_lines: bool,
}

/// What the bytes of an export turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadForm {
    /// An object whose `bundle_type` is `audit_export_bundle`.
    AuditBundle,
    /// An object whose `schema` is that of governance events.
    GovernanceEvents,
    /// One governance event a line.
    EventLines,
    /// An object of another kind.
    OtherObject,
    /// JSON, but no object.
    OtherJson,
    /// A ZIP archive.
    Zip,
    /// Neither JSON nor an archive; a table, perhaps.
    NotJson,
}

/// What reading came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct ExportEnd {
    /// What the bytes are, as far as they could be read.
    pub form: PayloadForm,
    /// Whether the export is compressed.
    pub compressed: bool,
    /// Elements of `records`, or lines; nothing if there is no such array.
    pub records: Option<u64>,
    /// The `project_id` of the document, or of the first line that has one.
    pub project_id: Option<String>,
    /// Why reading ended early. The rest was hashed all the same.
    pub unreadable: Option<Unreadable>,
}

/// Why an export could not be read to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// The text is not acceptable.
    #[error(transparent)]
    Text(#[from] ReadError),
    /// The compressed stream is not.
    #[error(transparent)]
    Gzip(#[from] GzipFault),
}

impl Unreadable {
    /// Whether a limit was reached, so that nothing can be said about the export.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        match self {
            Self::Text(error) => error.kind().is_limit(),
            Self::Gzip(fault) => fault.is_limit(),
        }
    }

    /// The path to what was being read.
    #[must_use]
    pub fn pointer(&self) -> JsonPointer {
        match self {
            Self::Text(error) => error.pointer(),
            Self::Gzip(_) => JsonPointer::root(),
        }
    }

    /// The bytes that are wrong, of the unpacked text.
    #[must_use]
    pub fn range(&self) -> ByteRange {
        match self {
            Self::Text(error) => error.at(),
            Self::Gzip(_) => ByteRange::default(),
        }
    }
}

/// A chain entry or event as it comes by.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'v> {
    /// The members that chains are made of.
    pub fields: EntryFields<'v>,
    /// The whole entry.
    pub object: &'v Object<'v>,
    /// The array it stands in.
    pub layout: EntryLayout,
    /// Its index in the array.
    pub index: u64,
}

/// Something about the layout that keeps entries from being found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StructureFault {
    /// What is wrong.
    pub kind: StructureFaultKind,
    /// Where.
    pub pointer: JsonPointer,
    /// The bytes.
    pub range: ByteRange,
    /// What stands there.
    pub found: Option<Kind>,
}

/// The ways in which a layout can be at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StructureFaultKind {
    /// `records` is no array.
    RecordsNoArray,
    /// `chain_entries` of the bundle is no array.
    BundleEntriesNoArray,
    /// A record is no object.
    RecordNoObject,
    /// `chain_entries` of a record is no array.
    RecordEntriesNoArray,
    /// A chain entry or event is no object.
    EntryNoObject,
    /// Entries stand both in records and beside them.
    EntriesTwice,
    /// The document says of itself what its records are not.
    MixedLayout,
    /// A line does not hold exactly one object.
    LineNoObject,
}

impl StructureFaultKind {
    /// The fault in a sentence.
    #[must_use]
    pub fn summary(self) -> &'static str {
        match self {
            Self::RecordsNoArray => "`records` is no array",
            Self::BundleEntriesNoArray => "`chain_entries` of the bundle is no array",
            Self::RecordNoObject => "a record is no object",
            Self::RecordEntriesNoArray => "`chain_entries` of a record is no array",
            Self::EntryNoObject => "a chain entry is no object",
            Self::EntriesTwice => "chain entries stand both in records and at the bundle",
            Self::MixedLayout => "the records are not of the kind that the document says",
            Self::LineNoObject => "a line does not hold exactly one event",
        }
    }
}

/// Is shown the parts of an export as they come by, in the order of the file.
pub trait ExportVisitor {
    /// A member of the document that is neither `records` nor `chain_entries`.
    fn member(&mut self, name: &str, value: &Value<'_>);
    /// The bundle has an array of chain entries of its own, which starts here.
    fn begin_bundle_entries(&mut self, start: u64);
    /// A record begins.
    fn begin_record(&mut self, index: u64);
    /// A member of the record that is not `chain_entries`.
    fn record_member(&mut self, index: u64, name: &str, value: &Value<'_>);
    /// The record ends. `entries` tells what its `chain_entries` were, if it had any.
    fn end_record(&mut self, index: u64, range: ByteRange, entries: Option<Kind>);
    /// A chain entry or event.
    fn entry(&mut self, entry: &Entry<'_>);
    /// The layout is at fault; reading goes on.
    fn structure_fault(&mut self, fault: StructureFault);
}

/// Reads an export.
#[derive(Debug)]
pub struct ExportReader<'o, V> {
    options: &'o ExportReaderOptions,
    visitor: V,
    state: State,
}

/// What is known of the document so far.
#[derive(Debug, Default)]
struct State {
    says_bundle: bool,
    says_events: bool,
    /// Elements of `records` so far, and what they are.
    records: Option<u64>,
    records_are: Option<RecordsAre>,
    bundle_entries: u64,
    record_entries: u64,
    project_id: Option<String>,
    /// The members of the document, should it turn out to be a line; until they are too many.
    first_line: Option<Vec<(String, Value<'static>)>>,
    first_line_bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RecordsAre {
    Permits,
    Events,
}

impl<'o, V: ExportVisitor> ExportReader<'o, V> {
    /// A reader that shows what it reads to `visitor`.
    pub fn new(options: &'o ExportReaderOptions, visitor: V) -> Self {
        Self { options, visitor, state: State::default() }
    }

    /// Reads an export to its last byte, which `tap` is shown all of.
    ///
    /// # Errors
    /// If the source fails. What is wrong with the export is told in [`ExportEnd`].
    pub fn read(mut self, source: impl Read, tap: impl ByteTap) -> io::Result<(ExportEnd, V)> {
        let mut file = TapRead::new(source, tap);
        let mut start = Vec::new();
        file.by_ref().take(4).read_to_end(&mut start).map_err(SourceError::unwrap)?;
        let compressed = start.starts_with(GZIP_MAGIC);
        if start.starts_with(ZIP_MAGIC) {
            drain(&mut file)?;
            return Ok((self.end(PayloadForm::Zip, compressed, None), self.visitor));
        }
        let mut bytes = Bytes::new(start).chain(file);
        let result = if compressed {
            let unpacked = GzipRead::new(&mut bytes, self.options.gzip);
            self.read_text(StreamReader::new(unpacked, self.options.budget))
        } else {
            self.read_text(StreamReader::new(&mut bytes, self.options.budget))
        };
        let (form, unreadable) = match result {
            Ok(form) => (form, None),
            Err((form, StreamError::Read(error))) => (form, Some(Unreadable::Text(error))),
            Err((form, StreamError::Source(error))) => match GzipFault::in_error(&error) {
                Some(fault) => (form, Some(Unreadable::Gzip(fault))),
                None => return Err(SourceError::unwrap(error)),
            },
            Err((_, error)) => return Err(io::Error::other(error)),
        };
        drain(&mut bytes)?;
        Ok((self.end(form, compressed, unreadable), self.visitor))
    }

    fn end(
        &mut self,
        form: PayloadForm,
        compressed: bool,
        unreadable: Option<Unreadable>,
    ) -> ExportEnd {
        ExportEnd {
            form,
            compressed,
            records: self.state.records,
            project_id: self.state.project_id.take(),
            unreadable,
        }
    }

    fn read_text<R: Read>(
        &mut self,
        mut reader: StreamReader<R>,
    ) -> Result<PayloadForm, (PayloadForm, StreamError)> {
        match reader.peek() {
            Ok(Some(b'{')) => {}
            Ok(_) => return read_other(reader),
            Err(StreamError::Read(error)) if *error.kind() == ReadErrorKind::InvalidUtf8 => {
                return Ok(PayloadForm::NotJson);
            }
            Err(error) => return Err((PayloadForm::NotJson, error)),
        }
        let result = self.read_document(&mut reader);
        result.map_err(|error| (self.form_so_far(), error))
    }

    fn form_so_far(&self) -> PayloadForm {
        match (self.state.says_events, self.state.says_bundle) {
            (true, _) => PayloadForm::GovernanceEvents,
            (false, true) => PayloadForm::AuditBundle,
            (false, false) => PayloadForm::OtherObject,
        }
    }

    fn read_document<R: Read>(
        &mut self,
        reader: &mut StreamReader<R>,
    ) -> Result<PayloadForm, StreamError> {
        self.state.first_line = Some(Vec::new());
        let start = reader.position();
        reader.enter_object()?;
        while reader.next_member()? {
            self.document_member(reader)?;
        }
        let range = ByteRange::new(start, reader.position());
        let breaks = reader.line_breaks();
        let more = reader.peek()?.is_some();
        let lines =
            more || (self.options.declared_lines && self.form_so_far() == PayloadForm::OtherObject);
        if !lines {
            self.check_layout(range);
            return Ok(self.form_so_far());
        }
        let is_line = self.state.first_line.is_some() && breaks == 0;
        if more && !(is_line && reader.line_breaks() > breaks) {
            // Not one event a line, but a document with something behind it.
            reader.finish()?;
        }
        if !is_line {
            self.fault(StructureFaultKind::LineNoObject, JsonPointer::root(), range, None);
        }
        self.read_lines(reader, range)
    }

    fn document_member<R: Read>(
        &mut self,
        reader: &mut StreamReader<R>,
    ) -> Result<(), StreamError> {
        match reader.member_name() {
            "records" => return self.records_member(reader),
            "chain_entries" => return self.bundle_entries_member(reader),
            _ => {}
        }
        let name = reader.member_name().to_owned();
        let (state, visitor) = (&mut self.state, &mut self.visitor);
        let limit = u64::try_from(self.options.budget.value_bytes).unwrap_or(u64::MAX);
        reader.with_value(|value| {
            match (name.as_str(), value.as_str()) {
                ("bundle_type", Some("audit_export_bundle")) => state.says_bundle = true,
                ("schema", Some(GOVERNANCE_EVENTS_SCHEMA)) => state.says_events = true,
                ("project_id", Some(id)) if !id.is_empty() => {
                    state.project_id = Some(id.to_owned());
                }
                _ => {}
            }
            state.keep_for_line(&name, value, limit);
            visitor.member(&name, value);
        })
    }

    fn records_member<R: Read>(&mut self, reader: &mut StreamReader<R>) -> Result<(), StreamError> {
        self.state.first_line = None;
        if reader.peek_kind()? != Some(Kind::Array) {
            let pointer = reader.pointer();
            let (range, kind) = reader.with_value(|value| (value.range(), value.kind()))?;
            self.fault(StructureFaultKind::RecordsNoArray, pointer, range, Some(kind));
            return Ok(());
        }
        if self.state.says_events {
            self.state.records_are = Some(RecordsAre::Events);
        } else if self.state.says_bundle {
            self.state.records_are = Some(RecordsAre::Permits);
        }
        self.state.records = Some(0);
        reader.enter_array()?;
        while reader.next_element()? {
            let index = self.state.records.unwrap_or(0);
            match self.state.records_are {
                Some(RecordsAre::Events) => self.event(reader, EntryLayout::Events, index)?,
                Some(RecordsAre::Permits) => self.record(reader, index)?,
                None => self.undeclared_record(reader, index)?,
            }
            self.state.records = Some(index.saturating_add(1));
        }
        Ok(())
    }

    /// A record before the document has said what its records are: its own members tell.
    fn undeclared_record<R: Read>(
        &mut self,
        reader: &mut StreamReader<R>,
        index: u64,
    ) -> Result<(), StreamError> {
        reader.with_value(|value| {
            let Some(object) = value.as_object() else {
                let pointer = JsonPointer::root().member("records").index(index);
                let kind = StructureFaultKind::RecordNoObject;
                self.fault(kind, pointer, value.range(), Some(value.kind()));
                return;
            };
            let is_event = object.get("permit").is_none()
                && object.get("chain_entries").is_none()
                && object.get("event_type").is_some();
            if is_event {
                self.state.records_are = Some(RecordsAre::Events);
                self.event_value(value, EntryLayout::Events, index);
            } else {
                self.state.records_are = Some(RecordsAre::Permits);
                self.record_value(value, object, index);
            }
        })
    }

    /// A record that is read member by member.
    fn record<R: Read>(
        &mut self,
        reader: &mut StreamReader<R>,
        index: u64,
    ) -> Result<(), StreamError> {
        if reader.peek_kind()? != Some(Kind::Object) {
            let pointer = reader.pointer();
            let (range, kind) = reader.with_value(|value| (value.range(), value.kind()))?;
            self.fault(StructureFaultKind::RecordNoObject, pointer, range, Some(kind));
            return Ok(());
        }
        let start = reader.position();
        let mut entries = None;
        self.visitor.begin_record(index);
        reader.enter_object()?;
        while reader.next_member()? {
            if reader.member_name() != "chain_entries" {
                let name = reader.member_name().to_owned();
                let visitor = &mut self.visitor;
                reader.with_value(|value| visitor.record_member(index, &name, value))?;
                continue;
            }
            entries = reader.peek_kind()?;
            match entries {
                Some(Kind::Array) => self.entries(reader, EntryLayout::Record(index))?,
                _ => self.wrong_entries(reader, StructureFaultKind::RecordEntriesNoArray)?,
            }
        }
        let range = ByteRange::new(start, reader.position());
        self.visitor.end_record(index, range, entries);
        Ok(())
    }

    /// A record that is in memory.
    fn record_value(&mut self, value: &Value<'_>, object: &Object<'_>, index: u64) {
        let mut entries = None;
        self.visitor.begin_record(index);
        for member in object.members() {
            if member.name() != "chain_entries" {
                self.visitor.record_member(index, member.name(), member.value());
                continue;
            }
            entries = Some(member.value().kind());
            match member.value().as_array() {
                Some(array) => {
                    for (at, entry) in (0..).zip(array) {
                        self.entry_value(entry, EntryLayout::Record(index), at);
                    }
                }
                None if member.value().is_null() => {}
                None => {
                    let pointer = JsonPointer::root().member("records").index(index);
                    let pointer = pointer.member("chain_entries");
                    let kind = StructureFaultKind::RecordEntriesNoArray;
                    self.fault(kind, pointer, member.value().range(), entries);
                }
            }
        }
        self.visitor.end_record(index, value.range(), entries);
    }

    fn bundle_entries_member<R: Read>(
        &mut self,
        reader: &mut StreamReader<R>,
    ) -> Result<(), StreamError> {
        self.state.first_line = None;
        match reader.peek_kind()? {
            Some(Kind::Array) => {
                self.visitor.begin_bundle_entries(reader.position());
                self.entries(reader, EntryLayout::Bundle)
            }
            _ => self.wrong_entries(reader, StructureFaultKind::BundleEntriesNoArray),
        }
    }

    /// `chain_entries` that is no array; null is as good as absent.
    fn wrong_entries<R: Read>(
        &mut self,
        reader: &mut StreamReader<R>,
        kind: StructureFaultKind,
    ) -> Result<(), StreamError> {
        let pointer = reader.pointer();
        let (range, found) = reader.with_value(|value| (value.range(), value.kind()))?;
        if found != Kind::Null {
            self.fault(kind, pointer, range, Some(found));
        }
        Ok(())
    }

    fn entries<R: Read>(
        &mut self,
        reader: &mut StreamReader<R>,
        layout: EntryLayout,
    ) -> Result<(), StreamError> {
        reader.enter_array()?;
        let mut index = 0_u64;
        while reader.next_element()? {
            reader.with_value(|value| self.entry_value(value, layout, index))?;
            index = index.saturating_add(1);
        }
        Ok(())
    }

    fn entry_value(&mut self, value: &Value<'_>, layout: EntryLayout, index: u64) {
        match layout {
            EntryLayout::Bundle => {
                self.state.bundle_entries = self.state.bundle_entries.saturating_add(1);
            }
            _ => self.state.record_entries = self.state.record_entries.saturating_add(1),
        }
        match value.as_object() {
            Some(object) => {
                let fields = EntryFields::of_entry(object, value.range());
                self.visitor.entry(&Entry { fields, object, layout, index });
            }
            None => self.no_entry(value, layout, index),
        }
    }

    fn no_entry(&mut self, value: &Value<'_>, layout: EntryLayout, index: u64) {
        let place = permit_chain::EntryPlace { array: layout.array(), index, range: value.range() };
        let pointer = crate::entry_path::entry_pointer(place);
        let kind = StructureFaultKind::EntryNoObject;
        self.fault(kind, pointer, value.range(), Some(value.kind()));
    }

    fn event<R: Read>(
        &mut self,
        reader: &mut StreamReader<R>,
        layout: EntryLayout,
        index: u64,
    ) -> Result<(), StreamError> {
        reader.with_value(|value| self.event_value(value, layout, index))
    }

    fn event_value(&mut self, value: &Value<'_>, layout: EntryLayout, index: u64) {
        let Some(object) = value.as_object() else {
            self.no_entry(value, layout, index);
            return;
        };
        if layout == EntryLayout::Lines && self.state.project_id.is_none() {
            let id = object.get("project_id").and_then(Value::as_str);
            self.state.project_id = id.filter(|id| !id.is_empty()).map(ToOwned::to_owned);
        }
        let scope = self.state.project_id.as_ref().map(|id| format!("project:{id}"));
        let fields = governance_fields(value, object, scope.as_deref());
        self.visitor.entry(&Entry { fields, object, layout, index });
    }

    /// The rest of a file of lines, whose first was read as if it were the document.
    fn read_lines<R: Read>(
        &mut self,
        reader: &mut StreamReader<R>,
        first: ByteRange,
    ) -> Result<PayloadForm, StreamError> {
        let mut lines = 0_u64;
        match self.state.first_line.take() {
            Some(members) => {
                self.state.project_id = None;
                let line = Value::object(members);
                self.event_value(&line, EntryLayout::Lines, 0);
                lines = 1;
            }
            None => self.fault(StructureFaultKind::LineNoObject, JsonPointer::root(), first, None),
        }
        while reader.peek()?.is_some() {
            let before = reader.line_breaks();
            let start = reader.position();
            self.event(reader, EntryLayout::Lines, lines)?;
            let range = ByteRange::new(start, reader.position());
            let spans_lines = reader.line_breaks() != before;
            let end = reader.line_breaks();
            let goes_on = reader.peek()?.is_some() && reader.line_breaks() == end;
            if spans_lines || goes_on {
                let pointer = JsonPointer::root().index(lines);
                self.fault(StructureFaultKind::LineNoObject, pointer, range, None);
            }
            lines = lines.saturating_add(1);
        }
        self.state.records = Some(lines);
        Ok(PayloadForm::EventLines)
    }

    /// Compares what the document says of itself with what its records were.
    fn check_layout(&mut self, range: ByteRange) {
        let mixed = match self.state.records_are {
            Some(RecordsAre::Permits) => self.state.says_events,
            Some(RecordsAre::Events) => !self.state.says_events && self.state.says_bundle,
            None => false,
        };
        if mixed {
            let pointer = JsonPointer::root().member("records");
            self.fault(StructureFaultKind::MixedLayout, pointer, range, None);
        }
        if self.state.bundle_entries > 0 && self.state.record_entries > 0 {
            let pointer = JsonPointer::root().member("chain_entries");
            self.fault(StructureFaultKind::EntriesTwice, pointer, range, None);
        }
    }

    fn fault(
        &mut self,
        kind: StructureFaultKind,
        pointer: JsonPointer,
        range: ByteRange,
        found: Option<Kind>,
    ) {
        self.visitor.structure_fault(StructureFault { kind, pointer, range, found });
    }
}

impl State {
    /// Keeps a member in case the document is the first of many lines.
    fn keep_for_line(&mut self, name: &str, value: &Value<'_>, limit: u64) {
        self.first_line_bytes = self.first_line_bytes.saturating_add(value.range().len());
        if self.first_line_bytes > limit {
            self.first_line = None;
        }
        if let Some(members) = &mut self.first_line {
            members.push((name.to_owned(), value.clone().into_owned()));
        }
    }
}

/// Something that does not start like an object: JSON of another kind, or no JSON at all.
fn read_other<R: Read>(
    mut reader: StreamReader<R>,
) -> Result<PayloadForm, (PayloadForm, StreamError)> {
    match reader.skip_value().and_then(|()| reader.finish()) {
        Ok(()) => Ok(PayloadForm::OtherJson),
        Err(StreamError::Read(error)) if !error.kind().is_limit() => Ok(PayloadForm::NotJson),
        Err(error) => Err((PayloadForm::NotJson, error)),
    }
}

/// Reads what is left, so that the tap has seen every byte.
fn drain(source: &mut impl Read) -> io::Result<()> {
    let mut buffer = vec![0; DRAIN_BUFFER];
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(SourceError::unwrap(error)),
        }
    }
}

const GZIP_MAGIC: &[u8] = b"\x1f\x8b";
const ZIP_MAGIC: &[u8] = b"PK\x03\x04";
const DRAIN_BUFFER: usize = 256 * 1024;
