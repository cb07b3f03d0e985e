// SPDX-License-Identifier: Apache-2.0

//! Values as text, in one line or in many.
//!
//! Members stay in the order they have, and numbers the text they have: what was hashed once must
//! not be laid out anew. One line is one line for everybody: of the characters that some readers
//! take for the end of a line, none is written as it is.

use std::fmt::Write as _;

use permit_canonical_json::{Node, Value};
use permit_claims::to_pretty_text;

/// How a document is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// Without any white space: for everything that is not read by people.
    #[default]
    Compact,
    /// Members sorted, in many lines, two spaces a level: for examples and small evidence.
    Pretty,
}

impl Layout {
    /// The text of a value that stands `level` levels deep. The first line is not indented.
    pub(crate) fn text(self, value: &Value<'_>, level: usize) -> String {
        match self {
            Self::Compact => {
                let mut text = String::new();
                write_value(value, &mut text);
                text
            }
            Self::Pretty => {
                let text = to_pretty_text(value);
                // No text in JSON has a line break of its own.
                text.trim_end().replace('\n', &self.new_line(level))
            }
        }
    }

    /// What separates two members or elements.
    pub(crate) fn new_line(self, level: usize) -> String {
        match self {
            Self::Compact => String::new(),
            Self::Pretty => format!("\n{}", "  ".repeat(level)),
        }
    }

    /// What separates a name from its value.
    pub(crate) fn colon(self) -> &'static str {
        match self {
            Self::Compact => ":",
            Self::Pretty => ": ",
        }
    }
}

fn write_value(value: &Value<'_>, text: &mut String) {
    match value.node() {
        Node::Null => text.push_str("null"),
        Node::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Node::Number(number) => text.push_str(number.as_str()),
        Node::String(string) => write_string(string, text),
        Node::Array(elements) => {
            text.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_value(element, text);
            }
            text.push(']');
        }
        Node::Object(object) => {
            text.push('{');
            for (index, member) in object.members().iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_string(member.name(), text);
                text.push(':');
                write_value(member.value(), text);
            }
            text.push('}');
        }
    }
}

/// A text in quotation marks.
pub(crate) fn write_string(string: &str, text: &mut String) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            _ if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') => {
                let written = write!(text, "\\u{:04x}", u32::from(character));
                debug_assert!(written.is_ok(), "strings take all text");
            }
            _ => text.push(character),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use permit_canonical_json::{Budget, read_text};

    use super::*;

    #[test]
    fn a_line_stays_a_line_for_every_reader() {
        let text = "a\u{b}\u{c}\u{1c}\u{1d}\u{1e}\u{85}\u{2028}\u{2029}\u{7f}\r\n\"\\é漢😀";
        let written = Layout::Compact.text(&Value::from(text), 0);
        let ends = ['\u{b}', '\u{c}', '\u{1c}', '\u{85}', '\u{2028}', '\u{2029}', '\r', '\n'];
        assert!(!written.contains(ends), "{written}");
        assert!(written.contains("é漢😀"), "{written}");
        let read = read_text(&written, &Budget::default()).expect("what is written can be read");
        assert_eq!(read.as_str(), Some(text));
    }

    #[test]
    fn amb_52_numbers_and_the_order_of_members_stay() {
        let text = r#"{"b":1.0,"a":[1e0,-0,12345678901234567890123,{}],"é":null}"#;
        let value = read_text(text, &Budget::default()).expect("the test writes JSON");
        assert_eq!(Layout::Compact.text(&value, 3), text);
    }
}
