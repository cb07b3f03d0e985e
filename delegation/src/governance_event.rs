// SPDX-License-Identifier: Apache-2.0

//! Making governance events: what a chain entry leaves out is in them as well.

use permit_canonical_json::{Object, Value};
use permit_chain::{AppendError, Appender, ChainStore, EventDraft, EventProblem, EventStamp};
use permit_types::{ChainEntry, EventType, OpenObject, PermitId, ProjectId};

/// A governance event that has no place in a chain yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an event that is not recorded did not happen"]
pub struct GovernanceEvent {
    draft: EventDraft,
    /// The members beside those of a chain entry.
    other: Object<'static>,
}

impl GovernanceEvent {
    pub(crate) fn new<'n>(
        event_type: &str,
        stamp: EventStamp,
        payload: impl IntoIterator<Item = (&'n str, Value<'static>)>,
    ) -> Self {
        let mut members = Object::default();
        for (name, value) in payload {
            members.insert(name.to_owned(), value);
        }
        let draft = EventDraft {
            event_id: stamp.event_id,
            event_type: EventType::new(event_type),
            resource_type: None,
            resource_id: None,
            outcome: None,
            severity: "info".to_owned(),
            payload_json: OpenObject::from(members),
            created_at: stamp.at,
        };
        Self { draft, other: Object::default() }.with("schema_version", SCHEMA_VERSION)
    }

    pub(crate) fn resource(mut self, resource_type: &str, resource_id: &str) -> Self {
        self.draft.resource_type = Some(resource_type.to_owned());
        self.draft.resource_id = Some(resource_id.to_owned());
        self
    }

    pub(crate) fn outcome(mut self, outcome: &str) -> Self {
        self.draft.outcome = Some(outcome.to_owned());
        self
    }

    pub(crate) fn severity(mut self, severity: &str) -> Self {
        self.draft.severity = severity.to_owned();
        self
    }

    pub(crate) fn category(self, category: &str) -> Self {
        self.with("category", category.to_owned()).with("source_stage", category.to_owned())
    }

    pub(crate) fn decision(self, decision: &str) -> Self {
        self.with("decision", decision.to_owned())
    }

    pub(crate) fn of_permit(self, project_id: &ProjectId, permit_id: &PermitId) -> Self {
        self.with("project_id", project_id.to_string()).with("permit_id", permit_id.to_string())
    }

    fn with(mut self, name: &'static str, value: impl Into<Value<'static>>) -> Self {
        self.other.insert(name, value);
        self
    }

    /// What kind of event it is.
    #[must_use]
    pub fn event_type(&self) -> &EventType {
        &self.draft.event_type
    }

    /// What it says.
    #[must_use]
    pub fn payload(&self) -> &OpenObject {
        &self.draft.payload_json
    }

    /// Puts the event at the end of a chain. Where there are several writers, use [`store_in`](Self::store_in).
    ///
    /// # Errors
    /// If a text of it cannot stand in a chain.
    pub fn append_to(self, chain: &mut Appender) -> Result<RecordedEvent, EventProblem> {
        let Self { draft, other } = self;
        let entry = chain.append(draft)?;
        Ok(RecordedEvent::new(entry, other))
    }

    /// Puts the event at the end of a stored chain.
    ///
    /// # Errors
    /// As [`Appender::append_to`].
    pub fn store_in<S: ChainStore>(
        self,
        chain: &mut Appender,
        store: &mut S,
    ) -> Result<RecordedEvent, AppendError<S::Error>> {
        let entry = chain.append_to(store, &self.draft)?;
        Ok(RecordedEvent::new(entry, self.other))
    }
}

/// A governance event in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEvent {
    entry: ChainEntry,
    object: Object<'static>,
}

impl RecordedEvent {
    fn new(entry: ChainEntry, other: Object<'static>) -> Self {
        let mut object = other;
        let null_or = |text: &Option<String>| Value::from(text.clone());
        for (name, value) in [
            ("event_id", Value::from(entry.event_id.to_string())),
            ("event_type", entry.event_type.to_string().into()),
            ("resource_type", null_or(&entry.resource_type)),
            ("resource_id", null_or(&entry.resource_id)),
            ("outcome", null_or(&entry.outcome)),
            ("severity", entry.severity.clone().into()),
            ("chain_scope", entry.chain_scope.to_string().into()),
            ("sequence_number", entry.sequence_number.get().into()),
            ("record_hash", entry.record_hash.to_string().into()),
            ("prev_hash", entry.prev_hash.to_string().into()),
            ("payload_json", entry.payload_json.clone().into_object().into()),
            ("occurred_at", entry.created_at.to_string().into()),
            ("chain_format_version", entry.chain_format_version.to_string().into()),
        ] {
            object.insert(name, value);
        }
        Self { entry, object }
    }

    /// The entry of the chain.
    #[must_use]
    pub fn entry(&self) -> &ChainEntry {
        &self.entry
    }

    /// The event as JSON.
    #[must_use]
    pub fn as_object(&self) -> &Object<'static> {
        &self.object
    }

    /// The event as JSON.
    #[must_use]
    pub fn into_value(self) -> Value<'static> {
        self.object.into()
    }
}

/// The version of the layout of events that is written.
const SCHEMA_VERSION: u64 = 1;
