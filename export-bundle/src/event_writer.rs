// SPDX-License-Identifier: Apache-2.0

//! Writing governance events, as one document or one a line.
//!
//! ```text
//! document  {schema, project_id, [record_count], records: [ … ], further members, [record_count]}
//! lines     each event by itself, with its project_id
//! ```
//!
//! `schema` and `project_id` stand before the events: whoever reads them in one pass knows what they
//! are, and to which chain those belong that name none.

use std::io::Write;

use permit_canonical_json::{Object, Value, to_value};
use permit_types::{ChainEntry, ProjectId};

use crate::{
    document_writer::DocumentWriter,
    entry_path::EntryLayout,
    export_facts::{ExportFacts, ExportWriterOptions},
    governance_event::{GOVERNANCE_EVENTS_SCHEMA, governance_fields},
    write_error::WriteError,
};

/// How events stand in their file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventForm {
    /// In one document.
    Document,
    /// One a line. There have to be two or more: the reference takes a single line for a document of
    /// another kind.
    Lines,
}

/// Writes governance events, of which it holds one at a time. Every event is walked.
///
/// ```
/// use permit_export_bundle::{EventForm, EventWriter, ExportWriterOptions};
/// use permit_types::ProjectId;
///
/// let project = ProjectId::parse("00000000-0000-4000-8000-0000000000a1").unwrap();
/// let options = ExportWriterOptions::default();
/// let writer = EventWriter::new(Vec::new(), &project, EventForm::Document, &options)?;
/// // writer.event(&entry)? for each entry of the chain
/// let (bytes, facts) = writer.finish()?;
/// assert!(bytes.starts_with(br#"{"schema":"keel.governance_events/v1""#));
/// assert_eq!(facts.format, "json");
/// # Ok::<(), permit_export_bundle::WriteError>(())
/// ```
#[derive(Debug)]
pub struct EventWriter<W: Write> {
    document: DocumentWriter<W>,
    project_id: ProjectId,
    form: EventForm,
    compressed: bool,
    events: u64,
}

impl<W: Write> EventWriter<W> {
    /// Begins a file of events.
    ///
    /// # Errors
    /// If the sink takes nothing.
    pub fn new(
        sink: W,
        project_id: &ProjectId,
        form: EventForm,
        options: &ExportWriterOptions,
    ) -> Result<Self, WriteError> {
        let mut document = DocumentWriter::new(sink, options);
        if form == EventForm::Document {
            document.member("schema", &GOVERNANCE_EVENTS_SCHEMA.into())?;
            document.member("project_id", &project_id.as_str().to_owned().into())?;
            document.announced_count()?;
            document.begin_array("records")?;
        }
        let (project_id, compressed) = (project_id.clone(), options.compressed);
        Ok(Self { document, project_id, form, compressed, events: 0 })
    }

    /// Writes an entry of a chain as an event: the same members, but that the time is `occurred_at`, as
    /// claims about events have it.
    ///
    /// # Errors
    /// If the file's members have begun, or the sink fails.
    pub fn event(&mut self, entry: &ChainEntry) -> Result<(), WriteError> {
        let mut event = to_value(entry)?.as_object().cloned().unwrap_or_default();
        if let Some(time) = event.remove("created_at") {
            event.insert("occurred_at", time);
        }
        self.put_event(event.into())
    }

    /// Writes an event that says more than its entry, such as that of a delegation.
    ///
    /// # Errors
    /// If it lacks what entries of chains have, or names another project; and as for [`event`](Self::event).
    pub fn event_value(&mut self, event: &Object<'_>) -> Result<(), WriteError> {
        for member in LINKS {
            if event.get(member).is_none_or(Value::is_null) {
                return Err(WriteError::IncompleteEvent { member });
            }
        }
        if event.get("occurred_at").or(event.get("created_at")).is_none_or(Value::is_null) {
            return Err(WriteError::IncompleteEvent { member: "occurred_at" });
        }
        let stated = event.get("project_id").and_then(Value::as_str);
        if stated.is_some_and(|stated| !stated.eq_ignore_ascii_case(self.project_id.as_str())) {
            return Err(WriteError::OtherProjectOfEvent);
        }
        self.put_event(Value::from(event.clone()).into_owned())
    }

    fn put_event(&mut self, event: Value<'static>) -> Result<(), WriteError> {
        let mut event = event;
        if self.form == EventForm::Lines {
            event = with_project(event, &self.project_id);
            self.document.line(&event)?;
        } else if self.document.is_in_array() {
            self.document.element(&event)?;
        } else {
            return Err(WriteError::RecordsEnded);
        }
        if let Some(object) = event.as_object() {
            let fields = governance_fields(&event, object, None);
            let layout = match self.form {
                EventForm::Document => EntryLayout::Events,
                EventForm::Lines => EntryLayout::Lines,
            };
            self.document.walk(&fields, layout, self.events);
        }
        self.events = self.events.saturating_add(1);
        Ok(())
    }

    /// Writes a further member of the document, such as `scope_faithfulness`. After the first, there
    /// are no more events.
    ///
    /// # Errors
    /// If the document has such a member already, there is no document, or the sink fails.
    pub fn member(&mut self, name: &str, value: &Value<'_>) -> Result<(), WriteError> {
        if self.form == EventForm::Lines {
            return Err(WriteError::NoDocument);
        }
        if OWN_MEMBERS.contains(&name) {
            return Err(WriteError::MemberTwice { name: name.to_owned() });
        }
        self.document.member(name, value)
    }

    /// Ends the file: gives the sink back, and what the manifest has to say.
    ///
    /// # Errors
    /// If another number of events was announced, the entries do not hold, there are too few
    /// lines, or the sink fails.
    pub fn finish(mut self) -> Result<(W, ExportFacts), WriteError> {
        let format = match self.form {
            EventForm::Document => {
                self.document.final_count(self.events)?;
                "json"
            }
            EventForm::Lines if self.events < 2 => {
                return Err(WriteError::TooFewLines { lines: self.events });
            }
            EventForm::Lines => {
                self.document.check_count(self.events)?;
                "jsonl"
            }
        };
        let written = self.document.finish()?;
        let facts = ExportFacts {
            export_type: EXPORT_TYPE,
            format,
            compressed: self.compressed,
            project_id: self.project_id,
            record_count: self.events,
            entry_count: written.entries,
            last_record_hash: written.last_record_hash,
            content_hash: written.digest.into(),
            stored_bytes: written.stored_bytes,
        };
        Ok((written.sink, facts))
    }
}

/// A line says itself whose it is.
fn with_project(event: Value<'static>, project_id: &ProjectId) -> Value<'static> {
    let mut object = event.as_object().cloned().unwrap_or_default();
    if object.get("project_id").is_none_or(Value::is_null) {
        object.insert("project_id", project_id.as_str().to_owned());
    }
    object.into()
}

/// What kind of export governance events are.
const EXPORT_TYPE: &str = "governance_events";

/// What makes an event an entry of a chain, apart from its time.
const LINKS: [&str; 8] = [
    "event_id",
    "event_type",
    "severity",
    "chain_scope",
    "sequence_number",
    "record_hash",
    "prev_hash",
    "chain_format_version",
];

const OWN_MEMBERS: [&str; 5] = ["schema", "project_id", "record_count", "records", "chain_entries"];
