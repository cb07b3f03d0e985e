// SPDX-License-Identifier: Apache-2.0

//! Governance events inside a document, and where they stand in it.

use permit_canonical_json::{ByteRange, JsonPointer, Object, Value};
use permit_chain::EntryFields;
use permit_types::{Artifact, Location};

/// One event, borrowed from the evidence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventView<'v> {
    pub(crate) object: &'v Object<'v>,
    pub(crate) range: ByteRange,
    place: Place,
}

/// Where an event stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// It is the whole document.
    Document,
    /// It is a member of the document.
    Member(&'static str),
    /// It is an element of an array that is the document or a member of it.
    Element(Option<&'static str>, u64),
}

/// The events of a piece of evidence: an array of them, one of them, or an object that has them
/// in the first of its members that may. Elements that are no objects are no events.
pub(crate) fn events_of<'v>(evidence: &'v Value<'v>) -> Vec<EventView<'v>> {
    if let Some(elements) = evidence.as_array() {
        return elements_of(None, elements);
    }
    let Some(members) = evidence.as_object() else { return Vec::new() };
    if members.get("event_type").and_then(Value::as_str).is_some() {
        return event(evidence, Place::Document).into_iter().collect();
    }
    let array = |name: &'static str| Some((name, members.get(name)?.as_array()?));
    match ARRAYS.into_iter().find_map(array) {
        Some((name, elements)) => elements_of(Some(name), elements),
        None => {
            let single =
                members.get("event").and_then(|value| event(value, Place::Member("event")));
            single.into_iter().collect()
        }
    }
}

/// The events of one array that is a member of the document.
pub(crate) fn elements_of<'v>(
    array: Option<&'static str>,
    elements: &'v [Value<'v>],
) -> Vec<EventView<'v>> {
    let indexed = elements.iter().zip(0_u64..);
    indexed.filter_map(|(value, index)| event(value, Place::Element(array, index))).collect()
}

fn event<'v>(value: &'v Value<'v>, place: Place) -> Option<EventView<'v>> {
    Some(EventView { object: value.as_object()?, range: value.range(), place })
}

impl<'v> EventView<'v> {
    /// A member that is there and not null.
    pub(crate) fn get(&self, name: &str) -> Option<&'v Value<'v>> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// The text of a member.
    pub(crate) fn text(&self, name: &str) -> Option<&'v str> {
        self.get(name)?.as_str()
    }

    pub(crate) fn is_of_type(&self, event_type: &str) -> bool {
        self.text("event_type") == Some(event_type)
    }

    /// `payload_json`, or `payload` if there is none; nothing if that is no object.
    pub(crate) fn payload(&self) -> Option<&'v Value<'v>> {
        let payload = self.get("payload_json").or_else(|| self.get("payload"))?;
        payload.as_object().map(|_| payload)
    }

    /// A member of the payload that is there and not null.
    pub(crate) fn payload_member(&self, name: &str) -> Option<&'v Value<'v>> {
        self.payload()?.get(name).filter(|value| !value.is_null())
    }

    /// The permit that the event says it is of.
    pub(crate) fn permit_id(&self) -> Option<&'v str> {
        let payload = self.payload_member("permit_id").and_then(Value::as_str);
        let is_permit = self.text("resource_type") == Some("permit");
        payload
            .or_else(|| self.text("permit_id"))
            .or_else(|| self.text("resource_id").filter(|_| is_permit))
    }

    /// The members that the record hash covers; events call their time `occurred_at`.
    pub(crate) fn chain_fields(&self) -> EntryFields<'v> {
        let mut fields = EntryFields::of_entry(self.object, self.range);
        fields.created_at = self.get("occurred_at");
        fields
    }

    /// The place of the event.
    pub(crate) fn location(&self) -> Location {
        Location::value(Artifact::ClaimEvidence, self.pointer(), self.range)
    }

    /// The place of a member, or of the event if it has no such member.
    pub(crate) fn member_location(&self, name: &str) -> Location {
        match self.object.get(name) {
            Some(value) => {
                let pointer = self.pointer().member(name);
                Location::value(Artifact::ClaimEvidence, pointer, value.range())
            }
            None => self.location(),
        }
    }

    /// The place of a member of the payload, or of the event if there is no such member.
    pub(crate) fn payload_location(&self, name: &str) -> Location {
        let holder = if self.get("payload_json").is_some() { "payload_json" } else { "payload" };
        match self.payload().and_then(|payload| payload.get(name)) {
            Some(value) => {
                let pointer = self.pointer().member(holder).member(name);
                Location::value(Artifact::ClaimEvidence, pointer, value.range())
            }
            None => self.location(),
        }
    }

    fn pointer(&self) -> JsonPointer {
        let root = JsonPointer::root();
        match self.place {
            Place::Document => root,
            Place::Member(name) => root.member(name),
            Place::Element(None, index) => root.index(index),
            Place::Element(Some(name), index) => root.member(name).index(index),
        }
    }
}

const ARRAYS: [&str; 4] = ["events", "records", "governance_events", "chain_entries"];
