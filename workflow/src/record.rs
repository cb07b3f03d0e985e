// SPDX-License-Identifier: Apache-2.0

//! Reading the members of workflow records.

use permit_canonical_json::{ByteRange, JsonPointer, LexicalClass, Value};
use permit_types::{Artifact, Instant, Location};

/// Where a record stands: in which list of which artifact.
#[derive(Clone, Copy, Debug)]
pub struct RecordPlace<'p> {
    /// The artifact.
    pub artifact: Artifact,
    /// The path to the list; for a file of lines inside an archive, its name.
    pub list: &'p JsonPointer,
    /// The index in the list.
    pub index: u64,
    /// Where the bytes start that the record's byte ranges count from.
    pub offset: u64,
}

impl RecordPlace<'_> {
    pub(crate) fn pointer(&self) -> JsonPointer {
        self.list.clone().index(self.index)
    }

    pub(crate) fn shift(&self, range: ByteRange) -> ByteRange {
        let shifted = |at: u64| at.saturating_add(self.offset);
        ByteRange::new(shifted(range.start), shifted(range.end))
    }
}

/// A record that is an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'r> {
    pub(crate) value: &'r Value<'r>,
    pub(crate) place: RecordPlace<'r>,
}

/// A member that is absent or none of its form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FormFault {
    pub(crate) member: &'static str,
    pub(crate) expected: &'static str,
}

impl<'r> Record<'r> {
    pub(crate) fn get(&self, name: &str) -> Option<&'r Value<'r>> {
        self.value.get(name)
    }

    /// A member that is there and not null.
    pub(crate) fn stated(&self, name: &str) -> Option<&'r Value<'r>> {
        self.get(name).filter(|value| !value.is_null())
    }

    /// A text that is not blank, without the white space around it.
    pub(crate) fn text(&self, name: &str) -> Option<&'r str> {
        self.get(name).and_then(Value::as_str).map(strip).filter(|text| !text.is_empty())
    }

    pub(crate) fn required_text(&self, member: &'static str) -> Result<&'r str, FormFault> {
        self.text(member).ok_or(FormFault { member, expected: "a text that is not blank" })
    }

    /// The member `name`, or `id` if there is no such member at all.
    pub(crate) fn required_id(&self, member: &'static str) -> Result<&'r str, FormFault> {
        if self.get(member).is_some() {
            return self.required_text(member);
        }
        self.required_text("id")
            .map_err(|_| FormFault { member, expected: "a text that is not blank" })
    }

    /// An integer that is not negative. It may be larger than fits.
    pub(crate) fn required_count(&self, member: &'static str) -> Result<&'r Value<'r>, FormFault> {
        let expected = "an integer that is not negative";
        self.get(member).filter(|value| is_count(value)).ok_or(FormFault { member, expected })
    }

    /// An integer that is not negative, null or absent.
    pub(crate) fn check_count(&self, member: &'static str) -> Result<(), FormFault> {
        let expected = "an integer that is not negative, or null";
        match self.stated(member) {
            Some(value) if !is_count(value) => Err(FormFault { member, expected }),
            _ => Ok(()),
        }
    }

    /// A text, null or absent.
    pub(crate) fn check_text(&self, member: &'static str) -> Result<(), FormFault> {
        match self.stated(member) {
            Some(value) if value.as_str().is_none() => {
                Err(FormFault { member, expected: "a text, or null" })
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn required_instant(&self, member: &'static str) -> Result<Instant, FormFault> {
        let instant = self.get(member).and_then(Value::as_str).and_then(read_instant);
        instant.ok_or(FormFault { member, expected: "a time such as `2026-05-07T12:00:00Z`" })
    }

    /// Where a member stands, or the record if it is not there.
    pub(crate) fn location(&self, member: &str) -> Location {
        let pointer = self.place.pointer();
        let (pointer, range) = match self.get(member) {
            Some(value) => (pointer.member(member), value.range()),
            None => (pointer, self.value.range()),
        };
        Location::value(self.place.artifact, pointer, self.place.shift(range))
    }
}

/// Reads a time leniently, as the reference does around the same texts.
pub(crate) fn read_instant(text: &str) -> Option<Instant> {
    Instant::parse(strip(text))
}

/// The text without white space around it, in the reference's sense of white space.
///
/// It counts the separators U+001C to U+001F, which Unicode's property leaves out.
pub(crate) fn strip(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}

/// A hash as it is compared: without white space around it and without one `sha256:` before it.
/// Nothing is left of a value that is no text or blank.
pub(crate) fn normalized_hash<'v>(value: Option<&'v Value<'_>>) -> Option<&'v str> {
    let text = strip(value?.as_str()?);
    let bare = text.strip_prefix("sha256:").unwrap_or(text);
    (!bare.is_empty()).then_some(bare)
}

/// Whether the value is an integer that is not negative; `true`, `1.0` and `1e0` are none (AMB-52).
pub(crate) fn is_count(value: &Value<'_>) -> bool {
    value.as_number().is_some_and(|number| {
        number.class() == LexicalClass::Integer
            && (number.as_str() == "-0" || !number.as_str().starts_with('-'))
    })
}

/// Compares two counts of any size.
pub(crate) fn count_exceeds(one: &Value<'_>, other: &Value<'_>) -> bool {
    let digits = |value: &Value<'_>| {
        let text = value.as_number().map_or("0", |number| number.as_str());
        text.trim_start_matches('-').to_owned()
    };
    let (one, other) = (digits(one), digits(other));
    (one.len(), one) > (other.len(), other)
}

/// Whether a value counts as absent where the reference falls back to another.
pub(crate) fn is_falsy(value: &Value<'_>) -> bool {
    use permit_canonical_json::Node;
    match value.node() {
        Node::Null | Node::Bool(false) => true,
        Node::Bool(true) => false,
        Node::Number(number) => number.to_f64() == 0.0,
        Node::String(text) => text.is_empty(),
        Node::Array(elements) => elements.is_empty(),
        Node::Object(object) => object.is_empty(),
    }
}

/// A value as messages show it.
pub(crate) fn shown(value: Option<&Value<'_>>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    match (value.as_str(), value.as_number(), value.as_bool()) {
        (Some(text), _, _) => text.to_owned(),
        (None, Some(number), _) => number.as_str().to_owned(),
        (None, None, Some(truth)) => truth.to_string(),
        (None, None, None) => value.kind().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use permit_canonical_json::{Budget, read_text};

    #[test]
    fn hashes_lose_one_prefix_and_the_space_outside() {
        for (text, bare) in [
            ("abc", Some("abc")),
            (" sha256:abc\u{1f}", Some("abc")),
            ("sha256:sha256:abc", Some("sha256:abc")),
            ("sha256: abc", Some(" abc")),
            ("SHA256:abc", Some("SHA256:abc")),
            ("sha256:", None),
            (" \u{a0}", None),
        ] {
            assert_eq!(normalized_hash(Some(&Value::from(text))), bare, "{text:?}");
        }
        assert_eq!(normalized_hash(Some(&Value::from(3))), None);
        assert_eq!(normalized_hash(None), None);
    }

    #[test]
    fn amb_52_counts_are_written_as_integers() {
        let budget = Budget::default();
        for (text, count) in [
            ("0", true),
            ("-0", true),
            ("99999999999999999999999999", true),
            ("-1", false),
            ("1.0", false),
            ("1e0", false),
            ("true", false),
            ("\"1\"", false),
            ("null", false),
        ] {
            assert_eq!(is_count(&read_text(text, &budget).unwrap()), count, "{text}");
        }
        let value = |text: &'static str| read_text(text, &budget).unwrap();
        assert!(count_exceeds(&value("100000000000000000000"), &value("99999999999999999999")));
        assert!(!count_exceeds(&value("-0"), &value("0")));
    }
}
