// SPDX-License-Identifier: Apache-2.0

//! The canonicalization profiles and who uses which.

use alloc::string::String;

use crate::{
    digest::{DigestSink, Sha256Digest, Sink},
    python_number::write_number,
    value::{Member, Node, Object, Value, sorted},
    wire_body::StrippedKeys,
};

/// A canonicalization profile of the specification.
///
/// Both write members by code point of their names, no white space, UTF-8
/// without needless escapes, and numbers as the reference implementation does
/// (CANON-01 to CANON-04). They differ in what they leave out.
///
/// A profile is never chosen by a caller's taste: an artifact's stored version
/// decides, see [`HashedArtifact::profile`].
///
/// ```
/// use permit_canonical_json::{Budget, Profile, read};
///
/// let value = read(br#"{"b": [1, 1.0, 1e5], "a": "\u00e9"}"#, &Budget::default())?;
/// assert_eq!(Profile::Payload.to_text(&value)?, r#"{"a":"é","b":[1,1.0,100000.0]}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// `keel.canonical_json.payload.v1`: nothing is left out (CANON-13).
    Payload,
    /// The body of a request on the wire: volatile and sensitive members are
    /// left out first (CANON-07, CANON-08).
    WireBody(StrippedKeys),
}

/// The artifacts whose hash is taken over canonical JSON, by their stored version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HashedArtifact {
    /// The payload of a closure of `binding_version` `closure_v1`.
    ClosureV1,
    /// The payload of a closure of `binding_version` `closure_v2`.
    ClosureV2,
    /// The canonical payload of a permit decision of `binding_version` `v1`.
    PermitDecisionV1,
    /// A `permit.revoked` event without its signature.
    PermitRevokedEventV1,
    /// A scope predicate of `keel.scope_predicate.v1`.
    ScopePredicateV1,
    /// A scope-state sidecar without the value of its signature.
    CheckpointScopeStateV1,
    /// The filters that an export was made with.
    ExportFilters,
    /// An authority envelope of `authority-envelope.v0`, its sets sorted.
    AuthorityEnvelopeV0,
    /// The fields of a governance event that an integrity digest covers.
    GovernanceEventV1,
    /// A workflow declaration or amendment, null members dropped before.
    WorkflowV1,
    /// The request body that a permit binds, before it is dispatched.
    WireBodyV1,
}

impl HashedArtifact {
    /// The profile that this artifact's version is hashed with.
    #[must_use]
    pub fn profile(self) -> Profile {
        match self {
            Self::ClosureV1
            | Self::ClosureV2
            | Self::PermitDecisionV1
            | Self::PermitRevokedEventV1
            | Self::ScopePredicateV1
            | Self::CheckpointScopeStateV1
            | Self::ExportFilters
            | Self::AuthorityEnvelopeV0
            | Self::GovernanceEventV1
            | Self::WorkflowV1 => Profile::Payload,
            Self::WireBodyV1 => Profile::WireBody(StrippedKeys::v1()),
        }
    }
}

/// Why a value has no canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CanonicalError {
    /// A number is too large for a double, so that it would be written as infinite (CANON-06).
    #[error("the number at byte {} is too large for a double", at.start)]
    NotFinite {
        /// Where the number stands in the text it was read from.
        at: crate::ByteRange,
    },
}

impl Profile {
    /// Writes the canonical form of `value` to `sink`.
    ///
    /// # Errors
    /// If a number has no canonical form. What was written until then is of no use.
    pub fn write(&self, value: &Value<'_>, sink: &mut impl Sink) -> Result<(), CanonicalError> {
        match self {
            Self::Payload => write_value(value, &KeepAll, sink),
            Self::WireBody(keys) => write_value(value, keys, sink),
        }
    }

    /// The canonical text of `value`.
    ///
    /// # Errors
    /// If a number has no canonical form.
    pub fn to_text(&self, value: &Value<'_>) -> Result<String, CanonicalError> {
        let mut text = String::new();
        self.write(value, &mut text)?;
        Ok(text)
    }

    /// The SHA-256 digest of the canonical text of `value`, which is never held in memory.
    ///
    /// # Errors
    /// If a number has no canonical form.
    pub fn digest(&self, value: &Value<'_>) -> Result<Sha256Digest, CanonicalError> {
        let mut sink = DigestSink::new();
        self.write(value, &mut sink)?;
        Ok(sink.finish())
    }
}

/// Says which members of objects a profile writes.
pub(crate) trait Keep {
    fn keeps(&self, name: &str) -> bool;
}

struct KeepAll;

impl Keep for KeepAll {
    fn keeps(&self, _name: &str) -> bool {
        true
    }
}

/// Writes the object that has `members`, as the payload profile does.
///
/// For objects that exist only as a selection of another object's members, such
/// as the signed part of a closure. The members may come in any order.
///
/// # Errors
/// If a number has no canonical form.
pub fn write_selected<'v, 'a: 'v>(
    members: impl IntoIterator<Item = (&'v str, &'v Value<'a>)>,
    sink: &mut impl Sink,
) -> Result<(), CanonicalError> {
    let mut sorted: alloc::vec::Vec<_> = members.into_iter().collect();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    sink.put("{");
    for (index, (name, value)) in sorted.into_iter().enumerate() {
        write_name(name, index == 0, sink);
        write_value(value, &KeepAll, sink)?;
    }
    sink.put("}");
    Ok(())
}

fn write_value(
    value: &Value<'_>,
    keep: &impl Keep,
    sink: &mut impl Sink,
) -> Result<(), CanonicalError> {
    match value.node() {
        Node::Null => sink.put("null"),
        Node::Bool(true) => sink.put("true"),
        Node::Bool(false) => sink.put("false"),
        Node::Number(number) => {
            if !write_number(number, &mut |text| sink.put(text)) {
                return Err(CanonicalError::NotFinite { at: value.range() });
            }
        }
        Node::String(text) => write_string(text, sink),
        Node::Array(elements) => {
            sink.put("[");
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    sink.put(",");
                }
                write_value(element, keep, sink)?;
            }
            sink.put("]");
        }
        Node::Object(object) => write_object(object, keep, sink)?,
    }
    Ok(())
}

fn write_object(
    object: &Object<'_>,
    keep: &impl Keep,
    sink: &mut impl Sink,
) -> Result<(), CanonicalError> {
    sink.put("{");
    if object.members().is_sorted_by(|a, b| a.name() < b.name()) {
        write_members(object.members().iter(), keep, sink)?;
    } else {
        write_members(sorted(object.members()).into_iter(), keep, sink)?;
    }
    sink.put("}");
    Ok(())
}

fn write_members<'m, 'a: 'm>(
    members: impl Iterator<Item = &'m Member<'a>>,
    keep: &impl Keep,
    sink: &mut impl Sink,
) -> Result<(), CanonicalError> {
    for (index, member) in members.filter(|member| keep.keeps(member.name())).enumerate() {
        write_name(member.name(), index == 0, sink);
        write_value(member.value(), keep, sink)?;
    }
    Ok(())
}

fn write_name(name: &str, first: bool, sink: &mut impl Sink) {
    if !first {
        sink.put(",");
    }
    write_string(name, sink);
    sink.put(":");
}

/// Writes a string in quotation marks, escaping only `"`, `\` and what is below U+0020.
fn write_string(text: &str, sink: &mut impl Sink) {
    sink.put("\"");
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, 0..0x20 | b'"' | b'\\')) {
        let Some((plain, tail)) = rest.split_at_checked(at) else { break };
        sink.put(plain);
        let mut characters = tail.chars();
        if let Some(special) = characters.next() {
            write_escape(special, sink);
        }
        rest = characters.as_str();
    }
    sink.put(rest);
    sink.put("\"");
}

fn write_escape(special: char, sink: &mut impl Sink) {
    match special {
        '"' => sink.put("\\\""),
        '\\' => sink.put("\\\\"),
        '\u{8}' => sink.put("\\b"),
        '\t' => sink.put("\\t"),
        '\n' => sink.put("\\n"),
        '\u{c}' => sink.put("\\f"),
        '\r' => sink.put("\\r"),
        control => {
            let code = u32::from(control);
            let digit = |value: u32| char::from_digit(value & 15, 16).unwrap_or('0');
            sink.put("\\u00");
            sink.put(digit(code >> 4).encode_utf8(&mut [0; 4]));
            sink.put(digit(code).encode_utf8(&mut [0; 4]));
        }
    }
}
