// SPDX-License-Identifier: Apache-2.0

//! Findings for values that have not the form of their type.

use alloc::{
    format,
    string::{String, ToString},
};

use permit_canonical_json::{Excerpt, Node, ShapeError, ShapeErrorKind, Value};
use permit_failure_codes::ReasonClass;

use crate::{Finding, Location};

/// The finding for a value that could not be read as its type.
///
/// It is a notice: exports of honest issuers depart from the closed form, with a member that a
/// later version of the specification knows or without one that nothing depends on. A verdict
/// falls only if a check needs what is missing. `base` is the place of the value that was read.
///
/// ```
/// use permit_canonical_json::{Budget, from_value, read};
/// use permit_types::{ActorRef, Artifact, Location, Severity, form_finding};
///
/// let value = read(br#"{"issuer": "idp", "subject": 7}"#, &Budget::default())?;
/// let error = from_value::<ActorRef>(&value).unwrap_err();
/// let finding = form_finding(&error, &Location::whole(Artifact::Export), "CONF-01");
///
/// assert_eq!(finding.severity, Severity::Notice);
/// assert_eq!(finding.at.pointer.to_string(), "/subject");
/// assert_eq!(finding.summary, "found `7` where a string belongs");
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
#[must_use]
pub fn form_finding(error: &ShapeError, base: &Location, rule: &'static str) -> Finding {
    let pointer = base.pointer.clone().join(&error.pointer());
    let at = Location::value(base.artifact, pointer, error.at());
    let (summary, expected, actual) = described(error.kind());
    Finding::notice(ReasonClass::ObjectFormInvalid, at, summary).rule(rule).values(expected, actual)
}

/// What is wrong, what should be there, what is.
fn described(kind: &ShapeErrorKind) -> (String, String, String) {
    match kind {
        ShapeErrorKind::UnknownMember { name } => {
            let shown = format!("`{}`", Excerpt(name));
            (kind.to_string(), "no such member".to_string(), shown)
        }
        ShapeErrorKind::MissingMember { name } => {
            (kind.to_string(), format!("a member `{name}`"), "none".to_string())
        }
        ShapeErrorKind::WrongKind { found, expected } => {
            let expected = in_json(expected);
            let summary = format!("found {found} where {expected} belongs");
            (summary, expected.to_string(), found.clone())
        }
        ShapeErrorKind::WrongValue { found, expected } => {
            let expected = in_json(expected);
            (format!("{found} is not {expected}"), expected.to_string(), found.clone())
        }
        ShapeErrorKind::UnknownWord { found, expected } => {
            let words = format!("one of `{}`", expected.join("`, `"));
            (kind.to_string(), words, format!("`{}`", Excerpt(found)))
        }
        ShapeErrorKind::WrongLength { found, expected } => {
            (kind.to_string(), expected.clone(), found.to_string())
        }
        other => {
            (other.to_string(), "an object of the form of its type".to_string(), other.to_string())
        }
    }
}

/// What the derived code calls a type, in the words of JSON.
fn in_json(expected: &str) -> &str {
    match expected {
        "u64" => "an integer that is not negative",
        "i64" => "an integer",
        "a nonzero u64" => "an integer of at least 1",
        "a sequence" => "an array",
        "a map" => "an object",
        _ if expected.starts_with("struct ") => "an object",
        _ => expected,
    }
}

/// A value in one line: a scalar as it is written, a container by its kind.
pub(crate) fn shown(value: &Value<'_>) -> String {
    match value.node() {
        Node::String(text) => format!("`\"{}\"`", Excerpt(text)),
        Node::Number(number) => format!("`{}`", Excerpt(number.as_str())),
        Node::Bool(truth) => format!("`{truth}`"),
        Node::Null | Node::Array(_) | Node::Object(_) => value.kind().to_string(),
    }
}
