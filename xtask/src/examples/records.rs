// SPDX-License-Identifier: Apache-2.0

//! Records of bundles: a permit and the entries that its chain has about it.

use permit_canonical_json::{Node, Object, Value, to_value};
use permit_chain::{Appender, ChainHead, EventDraft};
use permit_types::{ChainEntry, ChainScope, EventId, EventType, OpenObject, Permit};

use crate::ChoreError;

use super::names::{day_time, identifier, instant};

/// The records of a bundle in the making.
pub(crate) struct Records {
    chain: Appender,
    records: Vec<Value<'static>>,
    /// The entries about the permit that is at hand.
    entries: Vec<ChainEntry>,
}

/// An event before it has its place.
pub(crate) struct Event {
    pub(crate) event_type: &'static str,
    pub(crate) outcome: &'static str,
    /// Such as `09:00:00.120`.
    pub(crate) at: String,
    pub(crate) payload: Object<'static>,
}

impl Records {
    pub(crate) fn new(scope: &str) -> Self {
        let scope = ChainScope::new(scope.to_owned());
        let chain = Appender::new(ChainHead::empty(scope));
        Self { chain, records: Vec::new(), entries: Vec::new() }
    }

    /// Appends an event about a permit.
    pub(crate) fn event(
        &mut self,
        name: &str,
        permit: &Permit,
        event: Event,
    ) -> Result<(), ChoreError> {
        let entry = self.chain.append(EventDraft {
            event_id: EventId::new(identifier(&format!("{name} {}", event.event_type))),
            event_type: EventType::new(event.event_type),
            resource_type: Some("permit".to_owned()),
            resource_id: Some(permit.id.as_str().to_owned()),
            outcome: Some(event.outcome.to_owned()),
            severity: "info".to_owned(),
            payload_json: OpenObject::from(event.payload),
            created_at: instant(&day_time(&event.at))?,
        })?;
        self.entries.push(entry);
        Ok(())
    }

    /// Ends the record of a permit.
    pub(crate) fn end(&mut self, permit: &Permit, with_entries: bool) -> Result<(), ChoreError> {
        let mut record = Object::default();
        record.insert("permit", to_value(permit)?);
        let entries = std::mem::take(&mut self.entries);
        if with_entries {
            let entries = entries.iter().map(to_value).collect::<Result<Vec<_>, _>>()?;
            record.insert("chain_entries", entries);
        }
        self.records.push(record.into());
        Ok(())
    }

    /// The entries of the record at hand.
    pub(crate) fn entries(&self) -> &[ChainEntry] {
        &self.entries
    }

    pub(crate) fn head(&self) -> &ChainHead {
        self.chain.head()
    }

    /// The bundle with all records.
    pub(crate) fn into_bundle(self, schema_version: u64) -> Object<'static> {
        let mut bundle = Object::default();
        let count = self.records.len();
        for (name, value) in [
            ("bundle_type", Value::from("audit_export_bundle")),
            ("schema_version", schema_version.into()),
            ("format", "json".into()),
            ("project_id", identifier("project").into()),
            ("time_range_basis", "permit.created_at".into()),
            ("from", "2026-06-01T00:00:00Z".into()),
            ("to", "2026-06-02T00:00:00Z".into()),
            ("generated_at", "2026-06-02T00:00:04Z".into()),
            ("record_count", count.into()),
        ] {
            bundle.insert(name, value);
        }
        if schema_version == 2 {
            bundle.insert("include_chain_entries", true);
        }
        bundle.insert("records", self.records);
        bundle
    }
}

/// The payload of an event: the permit's id and some members more.
pub(crate) fn about<const N: usize>(
    permit: &Permit,
    members: [(&'static str, Value<'static>); N],
) -> Object<'static> {
    let mut payload = Object::default();
    payload.insert("permit_id", permit.id.as_str().to_owned());
    for (name, value) in members {
        payload.insert(name, value);
    }
    payload
}

/// The members of a value that is an object.
pub(crate) fn members(value: Value<'static>) -> Result<Object<'static>, ChoreError> {
    match value.into_node() {
        Node::Object(object) => Ok(object),
        _ => Err("an object was expected".into()),
    }
}
