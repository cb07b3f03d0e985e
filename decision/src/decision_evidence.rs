// SPDX-License-Identifier: Apache-2.0

//! Where signed decisions are found.
//!
//! ```text
//! document    permit_decision, permit_decision_binding, the document itself
//! each entry  permit_decision, permit_decision_binding, decision_binding of its payload,
//!             the payload itself, the entry itself
//! ```
//!
//! The first place that holds something decides. The decision of a permit's row is looked for
//! nowhere: it is what the row says now, not what was signed when the permit was issued (SEM-05).

use permit_canonical_json::{Node, Object, Value};
use permit_revocation::entry_payload;
use permit_types::{Artifact, Location};

/// The places that a signed decision can stand in, in the order they are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DecisionSource {
    /// The document's `permit_decision`.
    DocumentDecision,
    /// The document's `permit_decision_binding`.
    DocumentBinding,
    /// The document itself.
    Document,
    /// The `permit_decision` of a payload.
    PayloadDecision,
    /// The `permit_decision_binding` of a payload.
    PayloadPermitBinding,
    /// The `decision_binding` of a payload.
    PayloadBinding,
    /// A payload itself.
    Payload,
    /// A chain entry itself.
    Entry,
}

impl DecisionSource {
    /// The place in the words of reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DocumentDecision => "export.permit_decision",
            Self::DocumentBinding => "export.permit_decision_binding",
            Self::Document => "export",
            Self::PayloadDecision => "payload_json.permit_decision",
            Self::PayloadPermitBinding => "payload_json.permit_decision_binding",
            Self::PayloadBinding => "payload_json.decision_binding",
            Self::Payload => "payload_json",
            Self::Entry => "chain_entry",
        }
    }
}

/// A signed decision as it was found, of which nothing is known yet.
///
/// It owns what it holds, so that it outlives the piece of an export it came from.
#[derive(Clone, Debug)]
pub struct DecisionEvidence {
    pub(crate) envelope: Object<'static>,
    pub(crate) source: DecisionSource,
    pub(crate) at: Location,
}

impl DecisionEvidence {
    /// The object that holds payload, hash and signature. Apart from these its members are signed
    /// by nobody.
    #[must_use]
    pub fn envelope(&self) -> &Object<'static> {
        &self.envelope
    }

    /// The kind of place it was found in.
    #[must_use]
    pub fn source(&self) -> DecisionSource {
        self.source
    }

    /// Where it stands.
    #[must_use]
    pub fn at(&self) -> &Location {
        &self.at
    }

    /// The permit that the payload names, be it an id or not.
    #[must_use]
    pub fn permit_id(&self) -> Option<&str> {
        self.envelope.get("canonical_payload")?.get("permit_id")?.as_str()
    }

    fn of(object: &Object<'_>, source: DecisionSource, at: Location) -> Self {
        Self { envelope: owned(object), source, at }
    }
}

/// Looks for a signed decision among the members of a document that are not about single entries.
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_decision::{DecisionSource, find_decision_in_document};
/// use permit_types::Artifact;
///
/// let document = read(br#"{"decision": "allow", "permit_decision": {}}"#, &Budget::default())?;
/// let found = find_decision_in_document(document.as_object().unwrap(), Artifact::Export).unwrap();
/// assert_eq!(found.source(), DecisionSource::DocumentDecision);
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
#[must_use]
pub fn find_decision_in_document(
    document: &Object<'_>,
    artifact: Artifact,
) -> Option<DecisionEvidence> {
    let whole = Location::whole(artifact);
    let members = [
        ("permit_decision", DecisionSource::DocumentDecision),
        ("permit_decision_binding", DecisionSource::DocumentBinding),
    ];
    in_members(document, &whole, members).or_else(|| {
        is_binding(document)
            .then(|| DecisionEvidence::of(document, DecisionSource::Document, whole))
    })
}

/// Looks for a signed decision in a chain entry, or in a record that has no entries and so is one.
///
/// `at` is the place of the entry.
#[must_use]
pub fn find_decision_in_entry(entry: &Object<'_>, at: &Location) -> Option<DecisionEvidence> {
    let in_payload = entry_payload(entry).and_then(|(name, payload)| {
        let at = below(at, name, payload);
        let payload = payload.as_object()?;
        let members = [
            ("permit_decision", DecisionSource::PayloadDecision),
            ("permit_decision_binding", DecisionSource::PayloadPermitBinding),
            ("decision_binding", DecisionSource::PayloadBinding),
        ];
        in_members(payload, &at, members).or_else(|| {
            is_binding(payload).then(|| DecisionEvidence::of(payload, DecisionSource::Payload, at))
        })
    });
    in_payload.or_else(|| {
        is_binding(entry).then(|| DecisionEvidence::of(entry, DecisionSource::Entry, at.clone()))
    })
}

fn in_members<const N: usize>(
    holder: &Object<'_>,
    at: &Location,
    members: [(&'static str, DecisionSource); N],
) -> Option<DecisionEvidence> {
    members.into_iter().find_map(|(name, source)| {
        let value = holder.get(name)?;
        Some(DecisionEvidence::of(value.as_object()?, source, below(at, name, value)))
    })
}

fn is_binding(object: &Object<'_>) -> bool {
    object.get("artifact_type").and_then(Value::as_str) == Some(ARTIFACT_TYPE)
}

pub(crate) fn below(at: &Location, name: &str, value: &Value<'_>) -> Location {
    Location::value(at.artifact, at.pointer.clone().member(name), value.range())
}

pub(crate) fn owned(object: &Object<'_>) -> Object<'static> {
    match Value::from(object.clone()).into_owned().into_node() {
        Node::Object(object) => object,
        _ => Object::default(),
    }
}

pub(crate) const ARTIFACT_TYPE: &str = "permit_decision_binding";

pub(crate) const ARTIFACT_VERSION: &str = "permit.decision.v1";
