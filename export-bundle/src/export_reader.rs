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

use std::io::{self, BufReader, Cursor as Bytes, Read};

use permit_canonical_json::{
    Budget, ByteRange, JsonPointer, Kind, Object, ReadErrorKind, StreamError, StreamReader, Value,
};
use permit_chain::{EntryFields, EntryPlace};

use crate::{
    entry_path::{EntryLayout, entry_pointer},
    event_scopes::{EventScopes, scope_of_project},
    export_visitor::{Entry, ExportVisitor},
    first_event::{FIRST_EVENT_MEMBERS, FirstEvent},
    full_read::FullRead,
    governance_event::{GOVERNANCE_EVENTS_SCHEMA, governance_fields},
    gzip::{GzipFault, GzipLimits, GzipRead},
    line_breaks::{LineBreakRead, LineBreaks},
    structure_fault::{StructureFault, StructureFaultKind},
    tap::{ByteTap, TapRead},
    unreadable::Unreadable,
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
    is_object: bool,
    says_bundle: bool,
    says_events: bool,
    is_lines: bool,
    /// Elements of `records` so far, what they are, and where they stand.
    records: Option<u64>,
    records_are: Option<RecordsAre>,
    records_range: ByteRange,
    bundle_entries: u64,
    bundle_entries_range: ByteRange,
    record_entries: u64,
    project_id: Option<String>,
    event_scopes: EventScopes,
    first_event: FirstEvent,
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
        let end = self.read_file(&mut file);
        match file.into_failure() {
            Some(failure) => Err(failure),
            None => Ok((end?, self.visitor)),
        }
    }

    fn read_file(&mut self, file: &mut impl Read) -> io::Result<ExportEnd> {
        let mut start = Vec::new();
        file.by_ref().take(4).read_to_end(&mut start)?;
        let compressed = start.starts_with(GZIP_MAGIC);
        let mut bytes = Bytes::new(&start).chain(file);
        let result = if ZIP_MAGIC.iter().any(|magic| start.starts_with(magic)) {
            Ok(PayloadForm::Zip)
        } else if compressed {
            self.read_compressed(FullRead::new(GzipRead::new(&mut bytes, self.options.gzip)))
        } else {
            self.read_text(&mut bytes)
        };
        let (form, unreadable) = match result {
            Ok(form) => (form, None),
            Err(stop) => (self.form_so_far(), Some(stop.unreadable(&self.options.budget)?)),
        };
        // What is left was not looked at, but is part of what was signed.
        skip_rest(bytes)?;
        let (records, project_id) = (self.state.records, self.state.project_id.take());
        Ok(ExportEnd { form, compressed, records, project_id, unreadable })
    }

    /// What a damaged stream unfolds to may look like anything, and is told as what it is.
    fn read_compressed(&mut self, mut text: impl Read) -> Result<PayloadForm, Stop> {
        let form = self.read_text(&mut text)?;
        if form == PayloadForm::NotJson {
            skip_rest(text).map_err(StreamError::Source)?;
        }
        Ok(form)
    }

    fn read_text(&mut self, text: impl Read) -> Result<PayloadForm, Stop> {
        let breaks = LineBreaks::default();
        let text = LineBreakRead::new(text, &breaks);
        let mut reader = StreamReader::new(text, self.options.budget);
        match reader.peek() {
            Ok(Some(b'{')) => {
                self.state.is_object = true;
                self.read_document(&mut reader, &breaks)
            }
            Ok(_) => {
                breaks.give_up();
                read_other(reader)
            }
            Err(StreamError::Read(error)) if *error.kind() == ReadErrorKind::InvalidUtf8 => {
                Ok(PayloadForm::NotJson)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn form_so_far(&self) -> PayloadForm {
        match &self.state {
            State { is_object: false, .. } => PayloadForm::NotJson,
            State { is_lines: true, .. } => PayloadForm::EventLines,
            State { says_events: true, .. } => PayloadForm::GovernanceEvents,
            State { says_bundle: true, .. } => PayloadForm::AuditBundle,
            _ => PayloadForm::OtherObject,
        }
    }

    fn read_document<R: Read>(
        &mut self,
        reader: &mut StreamReader<R>,
        breaks: &LineBreaks,
    ) -> Result<PayloadForm, Stop> {
        let start = reader.position();
        reader.enter_object()?;
        let mut seen = start;
        while reader.next_member()? {
            if matches!(reader.member_name(), "records" | "chain_entries") {
                self.state.first_event = FirstEvent::RuledOut;
            }
            if self.state.first_event.is_ruled_out() {
                breaks.give_up();
            }
            self.document_member(reader)?;
            self.rule_out_if_broken(breaks, ByteRange::new(seen, reader.position()));
            seen = reader.position();
        }
        let range = ByteRange::new(start, reader.position());
        self.rule_out_if_broken(breaks, ByteRange::new(seen, range.end));
        let more = reader.peek()?.is_some();
        let on_next_line = breaks.within(ByteRange::new(range.end, reader.position()));
        let declared =
            self.options.declared_lines && self.form_so_far() == PayloadForm::OtherObject;
        if !more && !declared {
            self.check_layout();
            return Ok(self.form_so_far());
        }
        match std::mem::replace(&mut self.state.first_event, FirstEvent::RuledOut) {
            FirstEvent::Kept(members, _) if on_next_line || !more => {
                self.read_lines(reader, breaks, members, range)
            }
            FirstEvent::TooLarge if on_next_line || !more => Err(Stop::FirstEvent(range)),
            // A document with something behind it.
            _ if more => {
                reader.finish()?;
                Ok(self.form_so_far())
            }
            // Declared to be lines, and is no line.
            _ => {
                self.fault(StructureFaultKind::LineNoObject, JsonPointer::root(), range, None);
                Ok(self.form_so_far())
            }
        }
    }

    /// An event that stands on several lines is none.
    fn rule_out_if_broken(&mut self, breaks: &LineBreaks, range: ByteRange) {
        if breaks.within(range) {
            self.state.first_event = FirstEvent::RuledOut;
            breaks.give_up();
        }
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
        let limit = value_bytes(&self.options.budget);
        reader.with_value(|value| {
            match (name.as_str(), value.as_str()) {
                ("bundle_type", Some("audit_export_bundle")) => state.says_bundle = true,
                ("schema", Some(GOVERNANCE_EVENTS_SCHEMA)) => state.says_events = true,
                ("project_id", Some(id)) if !id.is_empty() => {
                    state.project_id = Some(id.to_owned());
                }
                _ => {}
            }
            state.first_event.keep(&name, value, limit);
            visitor.member(&name, value);
        })
    }

    fn records_member<R: Read>(&mut self, reader: &mut StreamReader<R>) -> Result<(), StreamError> {
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
        let start = reader.position();
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
        self.state.records_range = ByteRange::new(start, reader.position());
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
            let has = |name| object.get(name).is_some_and(|member| !member.is_null());
            // What links an event to its chain stands in a record's entries, not in the record.
            let links = ["event_type", "sequence_number", "record_hash"];
            let is_event = !has("chain_entries") && links.into_iter().any(has);
            if is_event {
                self.state.records_are = Some(RecordsAre::Events);
                self.event_value(value, EntryLayout::Events, index, value.range());
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
        match reader.peek_kind()? {
            Some(Kind::Array) => {
                let start = reader.position();
                self.visitor.begin_bundle_entries(start);
                self.entries(reader, EntryLayout::Bundle)?;
                self.state.bundle_entries_range = ByteRange::new(start, reader.position());
                Ok(())
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
        let range = value.range();
        let pointer = entry_pointer(EntryPlace { array: layout.array(), index, range });
        self.fault(StructureFaultKind::EntryNoObject, pointer, range, Some(value.kind()));
    }

    fn event<R: Read>(
        &mut self,
        reader: &mut StreamReader<R>,
        layout: EntryLayout,
        index: u64,
    ) -> Result<(), StreamError> {
        reader.with_value(|value| self.event_value(value, layout, index, value.range()))
    }

    /// An event that is in memory. `range` is where it stands: a value that was put together of
    /// its members does not know.
    fn event_value(
        &mut self,
        value: &Value<'_>,
        layout: EntryLayout,
        index: u64,
        range: ByteRange,
    ) {
        let Some(object) = value.as_object() else {
            self.no_entry(value, layout, index);
            return;
        };
        if layout == EntryLayout::Lines && self.state.project_id.is_none() {
            let id = object.get("project_id").and_then(Value::as_str);
            self.state.project_id = id.filter(|id| !id.is_empty()).map(ToOwned::to_owned);
        }
        let scope = self.state.project_id.as_deref().map(scope_of_project);
        let fields = EntryFields { range, ..governance_fields(value, object, scope.as_deref()) };
        let entry = Entry { fields, object, layout, index };
        self.state.event_scopes.note(&entry, scope.is_some());
        self.visitor.entry(&entry);
    }

    /// The rest of a file of lines, whose first was read as if it were the document.
    fn read_lines<R: Read>(
        &mut self,
        reader: &mut StreamReader<R>,
        breaks: &LineBreaks,
        first: Vec<(String, Value<'static>)>,
        range: ByteRange,
    ) -> Result<PayloadForm, Stop> {
        self.state.is_lines = true;
        self.state.project_id = None;
        self.event_value(&Value::object(first), EntryLayout::Lines, 0, range);
        let mut lines = 1_u64;
        let of_line = |line| move |error| Stop::Event(line, error);
        while reader.peek().map_err(of_line(lines))?.is_some() {
            let start = reader.position();
            self.event(reader, EntryLayout::Lines, lines).map_err(of_line(lines))?;
            let range = ByteRange::new(start, reader.position());
            let on_lines = breaks.within(range);
            let more = reader.peek().map_err(of_line(lines.saturating_add(1)))?.is_some();
            let next = ByteRange::new(range.end, reader.position());
            if on_lines || (more && !breaks.within(next)) {
                let pointer = JsonPointer::root().index(lines);
                self.fault(StructureFaultKind::LineNoObject, pointer, range, None);
            }
            lines = lines.saturating_add(1);
        }
        self.state.records = Some(lines);
        self.check_scopes();
        Ok(PayloadForm::EventLines)
    }

    /// Compares what the document says of itself with what its records were.
    fn check_layout(&mut self) {
        let (records, entries) = (self.state.records_range, self.state.bundle_entries_range);
        let mixed = match self.state.records_are {
            Some(RecordsAre::Permits) => self.state.says_events,
            Some(RecordsAre::Events) => !self.state.says_events && self.state.says_bundle,
            None => false,
        };
        if mixed {
            let pointer = JsonPointer::root().member("records");
            self.fault(StructureFaultKind::MixedLayout, pointer, records, None);
        }
        let kind = match &self.state {
            State { bundle_entries: 0, .. } => None,
            State { says_events: true, .. } => Some(StructureFaultKind::MixedLayout),
            State { record_entries: 0, .. } => None,
            _ => Some(StructureFaultKind::EntriesTwice),
        };
        if let Some(kind) = kind {
            let pointer = JsonPointer::root().member("chain_entries");
            self.fault(kind, pointer, entries, None);
        }
        self.check_scopes();
    }

    fn check_scopes(&mut self) {
        let project_id = self.state.project_id.as_deref();
        if let Some(fault) = project_id.and_then(|id| self.state.event_scopes.fault(id)) {
            self.visitor.structure_fault(fault);
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

/// Why reading stopped before the end.
#[derive(Debug)]
enum Stop {
    Reader(StreamError),
    /// In the event of this index.
    Event(u64, StreamError),
    /// The first event, which stands here, was too large to be kept.
    FirstEvent(ByteRange),
}

impl From<StreamError> for Stop {
    fn from(error: StreamError) -> Self {
        Self::Reader(error)
    }
}

impl Stop {
    /// What that says of the export; if the source failed, nothing.
    fn unreadable(self, budget: &Budget) -> io::Result<Unreadable> {
        let (index, error) = match self {
            Self::Reader(error) => (None, error),
            Self::Event(index, error) => (Some(index), error),
            Self::FirstEvent(range) => {
                let bytes = value_bytes(budget);
                let members = FIRST_EVENT_MEMBERS;
                return Ok(Unreadable::FirstEventTooLarge { bytes, members, range });
            }
        };
        match (index, error) {
            (None, StreamError::Read(error)) => Ok(Unreadable::Text(error)),
            (Some(index), StreamError::Read(error)) => Ok(Unreadable::Event { index, error }),
            (_, StreamError::Source(error)) => {
                GzipFault::in_error(&error).map(Unreadable::Gzip).ok_or(error)
            }
            (_, error) => Err(io::Error::other(error)),
        }
    }
}

fn value_bytes(budget: &Budget) -> u64 {
    u64::try_from(budget.value_bytes).unwrap_or(u64::MAX)
}

/// Something that does not start like an object: JSON of another kind, or no JSON at all.
fn read_other<R: Read>(mut reader: StreamReader<R>) -> Result<PayloadForm, Stop> {
    match reader.skip_value().and_then(|()| reader.finish()) {
        Ok(()) => Ok(PayloadForm::OtherJson),
        Err(StreamError::Read(error)) if !error.kind().is_limit() => Ok(PayloadForm::NotJson),
        Err(error) => Err(error.into()),
    }
}

/// Reads what is left.
fn skip_rest(source: impl Read) -> io::Result<()> {
    io::copy(&mut BufReader::with_capacity(DRAIN_BUFFER, source), &mut io::sink()).map(|_| ())
}

const GZIP_MAGIC: &[u8] = b"\x1f\x8b";
/// Of an archive with files, and of an empty one.
const ZIP_MAGIC: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
const DRAIN_BUFFER: usize = 256 * 1024;
