// SPDX-License-Identifier: Apache-2.0

//! Where revocations are found.
//!
//! ```text
//! document    revocation_event.event, revocation_event, the document itself
//! each entry  the same in its payload, the payload itself, the entry itself
//! ```
//!
//! The first place that holds something decides, and a bad one hides a good one behind it: who may
//! choose among several could choose the one that suits.
//! A `status` is looked for nowhere: whoever can write the row can write that (REVOKE-06).

use permit_canonical_json::{JsonPointer, Node, Object, Value};
use permit_types::{Artifact, Location};

/// The places that a revocation can stand in, in the order they are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceSource {
    /// The member `event` of the document's `revocation_event`.
    DocumentEnvelope,
    /// The document's `revocation_event`.
    DocumentMember,
    /// The document itself.
    Document,
    /// The member `event` of a payload's `revocation_event`.
    PayloadEnvelope,
    /// A payload's `revocation_event`.
    PayloadMember,
    /// The payload of an event `permit.revoked`.
    Payload,
    /// An event `permit.revoked` itself.
    Entry,
}

impl EvidenceSource {
    /// The place in the words of reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DocumentEnvelope => "export.revocation_event.event",
            Self::DocumentMember => "export.revocation_event",
            Self::Document => "export",
            Self::PayloadEnvelope => "payload_json.revocation_event.event",
            Self::PayloadMember => "payload_json.revocation_event",
            Self::Payload => "payload_json",
            Self::Entry => "chain_entry",
        }
    }
}

/// A revocation as it was found, of which nothing is known yet.
///
/// It owns what it holds, so that it outlives the piece of an export it came from.
#[derive(Clone, Debug)]
pub struct RevocationEvidence {
    pub(crate) event: Object<'static>,
    pub(crate) canonical_hash: Option<Box<str>>,
    pub(crate) source: EvidenceSource,
    pub(crate) at: Location,
}

impl RevocationEvidence {
    /// The event, with whatever members it has.
    #[must_use]
    pub fn event(&self) -> &Object<'static> {
        &self.event
    }

    /// The hash that stands beside the event.
    #[must_use]
    pub fn canonical_hash(&self) -> Option<&str> {
        self.canonical_hash.as_deref()
    }

    /// The kind of place it was found in.
    #[must_use]
    pub fn source(&self) -> EvidenceSource {
        self.source
    }

    /// Where it stands.
    #[must_use]
    pub fn at(&self) -> &Location {
        &self.at
    }

    /// The permit that it names, be it an id or not.
    #[must_use]
    pub fn permit_id(&self) -> Option<&str> {
        self.text("permit_id")
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.event.get(name).and_then(Value::as_str)
    }

    fn of(
        value: &Value<'_>,
        canonical_hash: Option<&str>,
        source: EvidenceSource,
        at: Location,
    ) -> Self {
        let event = value.as_object().map(owned).unwrap_or_default();
        Self { event, canonical_hash: canonical_hash.map(Into::into), source, at }
    }
}

/// Looks for a revocation among the members of a document that are not about single entries.
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_revocation::{EvidenceSource, find_revocation_in_document};
/// use permit_types::Artifact;
///
/// let document = read(br#"{"status": "revoked", "revocation_event": {"permit_id": "p"}}"#, &Budget::default())?;
/// let found = find_revocation_in_document(document.as_object().unwrap(), Artifact::Export).unwrap();
/// assert_eq!(found.source(), EvidenceSource::DocumentMember);
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
#[must_use]
pub fn find_revocation_in_document(
    document: &Object<'_>,
    artifact: Artifact,
) -> Option<RevocationEvidence> {
    let whole = Location::whole(artifact);
    let sources = [EvidenceSource::DocumentEnvelope, EvidenceSource::DocumentMember];
    in_member(document, &whole, sources, None).or_else(|| {
        let is_event = is_signed_revocation(document, document);
        is_event.then(|| RevocationEvidence {
            event: owned(document),
            canonical_hash: None,
            source: EvidenceSource::Document,
            at: whole,
        })
    })
}

/// Looks for a revocation in a chain entry, or in a record that has no entries and so is one.
///
/// `at` is the place of the entry.
#[must_use]
pub fn find_revocation_in_entry(entry: &Object<'_>, at: &Location) -> Option<RevocationEvidence> {
    let in_payload = entry_payload(entry).and_then(|(name, payload)| {
        let at = below(at, name, payload);
        let payload = payload.as_object()?;
        let sources = [EvidenceSource::PayloadEnvelope, EvidenceSource::PayloadMember];
        let beside = payload.get("revocation_canonical_hash").and_then(Value::as_str);
        in_member(payload, &at, sources, beside).or_else(|| {
            is_signed_revocation(entry, payload).then(|| RevocationEvidence {
                event: owned(payload),
                canonical_hash: None,
                source: EvidenceSource::Payload,
                at,
            })
        })
    });
    in_payload.or_else(|| {
        is_signed_revocation(entry, entry).then(|| RevocationEvidence {
            event: owned(entry),
            canonical_hash: None,
            source: EvidenceSource::Entry,
            at: at.clone(),
        })
    })
}

/// The payload of an entry and the name of the member that holds it: `payload_json`, or else
/// `payload`, whichever is an object.
#[must_use]
pub fn entry_payload<'o, 'v>(entry: &'o Object<'v>) -> Option<(&'static str, &'o Value<'v>)> {
    ["payload_json", "payload"].into_iter().find_map(|name| {
        let value = entry.get(name).filter(|value| value.as_object().is_some())?;
        Some((name, value))
    })
}

/// A `revocation_event`, with the event inside it if there is one; `beside` is a hash that
/// stands beside it.
fn in_member(
    holder: &Object<'_>,
    at: &Location,
    [envelope_source, bare_source]: [EvidenceSource; 2],
    beside: Option<&str>,
) -> Option<RevocationEvidence> {
    let value = holder.get("revocation_event").filter(|value| value.as_object().is_some())?;
    let at = below(at, "revocation_event", value);
    match value.get("event").filter(|event| event.as_object().is_some()) {
        Some(event) => {
            let hash = value.get("canonical_hash").and_then(Value::as_str).or(beside);
            let at = below(&at, "event", event);
            Some(RevocationEvidence::of(event, hash, envelope_source, at))
        }
        None => Some(RevocationEvidence::of(value, beside, bare_source, at)),
    }
}

/// Whether an event is a `permit.revoked` whose members, or those of its payload, are signed.
fn is_signed_revocation(event: &Object<'_>, members: &Object<'_>) -> bool {
    event.get("event_type").and_then(Value::as_str) == Some("permit.revoked")
        && members.get("signature").is_some()
}

fn below(at: &Location, name: &str, value: &Value<'_>) -> Location {
    Location::value(at.artifact, pointer_below(&at.pointer, name), value.range())
}

fn pointer_below(pointer: &JsonPointer, name: &str) -> JsonPointer {
    pointer.clone().member(name)
}

fn owned(object: &Object<'_>) -> Object<'static> {
    match Value::from(object.clone()).into_owned().into_node() {
        Node::Object(object) => object,
        _ => Object::default(),
    }
}
