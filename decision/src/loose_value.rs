// SPDX-License-Identifier: Apache-2.0

//! Values that are given loosely: by one of several members, or with space around them.

use permit_canonical_json::{Excerpt, Node, Object, Sha256Digest, Value};
use permit_types::PermitId;

/// The value of the first of these members that says anything: null, false, zero and what is empty
/// say nothing.
pub(crate) fn first_stated<'o, 'v>(
    object: &'o Object<'v>,
    names: &[&str],
) -> Option<&'o Value<'v>> {
    names.iter().filter_map(|name| object.get(name)).find(|value| !says_nothing(value))
}

fn says_nothing(value: &Value<'_>) -> bool {
    match value.node() {
        Node::Null => true,
        Node::Bool(truth) => !truth,
        Node::Number(number) => number.to_f64() == 0.0,
        Node::String(text) => text.is_empty(),
        Node::Array(elements) => elements.is_empty(),
        Node::Object(object) => object.is_empty(),
    }
}

/// The text without white space around it, the four separators below U+0020 included, which
/// Unicode does not count as white space and the reference does.
pub(crate) fn stripped(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}'))
}

/// The digest that a member writes with 64 lowercase hexadecimal characters.
pub(crate) fn digest(value: Option<&Value<'_>>) -> Option<Sha256Digest> {
    value.and_then(Value::as_str).and_then(Sha256Digest::from_hex)
}

/// Whether the text is a UUID of the form 8-4-4-4-12; the ids of permits have no other form.
pub(crate) fn is_uuid(text: &str) -> bool {
    PermitId::parse(text).is_some()
}

/// Whether the reference may take the text for a UUID: 32 characters beside hyphens, braces and
/// prefixes. Which characters these are does not matter here, so that this is true too often.
pub(crate) fn resembles_uuid(text: &str) -> bool {
    let bare = text.replace("urn:", "").replace("uuid:", "");
    let mut digits = bare.trim_matches(['{', '}']).chars().filter(|c| *c != '-');
    digits.by_ref().take(UUID_DIGITS).count() == UUID_DIGITS && digits.next().is_none()
}

/// A value in one line, for messages.
pub(crate) fn shown(value: Option<&Value<'_>>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(value) => match (value.as_str(), value.as_number()) {
            (Some(text), _) => short(text),
            (None, Some(number)) => short(number.as_str()),
            (None, None) => value.kind().to_string(),
        },
    }
}

/// A text in one line that is not too long.
pub(crate) fn short(text: &str) -> String {
    Excerpt(text).to_string()
}

const UUID_DIGITS: usize = 32;
