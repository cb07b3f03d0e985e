// SPDX-License-Identifier: Apache-2.0

//! Why an input could not be read, and where.

use alloc::{boxed::Box, string::String, vec::Vec};
use core::fmt;

use crate::{
    byte_range::ByteRange,
    pointer::{JsonPointer, PathStep},
};

/// An input that is not acceptable JSON, with the place that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    inner: Box<Inner>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: ReadErrorKind,
    at: ByteRange,
    /// From the innermost value outwards: steps are added while the reader unwinds.
    path: Vec<PathStep>,
}

impl ReadError {
    pub(crate) fn new(kind: ReadErrorKind, at: ByteRange) -> Self {
        Self { inner: Box::new(Inner { kind, at, path: Vec::new() }) }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &ReadErrorKind {
        &self.inner.kind
    }

    /// The bytes that are wrong.
    #[must_use]
    pub fn at(&self) -> ByteRange {
        self.inner.at
    }

    /// The path to the innermost value that was being read.
    #[must_use]
    pub fn pointer(&self) -> JsonPointer {
        JsonPointer::from_innermost(self.inner.path.clone())
    }

    /// The same error, seen from one level further out.
    pub(crate) fn inside(mut self, step: PathStep) -> Self {
        self.inner.path.push(step);
        self
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.inner.kind, self.inner.at.start)?;
        let pointer = self.pointer();
        if pointer.is_root() { Ok(()) } else { write!(f, " in `{pointer}`") }
    }
}

impl core::error::Error for ReadError {}

/// The ways in which an input can be unacceptable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// The input ends inside a value, or before the first one.
    #[error("the input ends before the value is complete")]
    UnexpectedEnd,
    /// A byte that cannot stand here.
    #[error("found {found} where {expected} belongs")]
    UnexpectedCharacter {
        /// What stands there, escaped and quoted for display.
        found: String,
        /// What could have stood there.
        expected: &'static str,
    },
    /// Something other than white space follows the document.
    #[error("there is more text after the end of the document")]
    TrailingData,
    /// The input starts with a byte order mark.
    #[error("the input starts with a byte order mark")]
    ByteOrderMark,
    /// The bytes are not UTF-8.
    #[error("the bytes are not valid UTF-8")]
    InvalidUtf8,
    /// Two members of one object have the same name.
    #[error("duplicate member `{}`", Excerpt(name))]
    DuplicateMember {
        /// The name, escapes resolved.
        name: Box<str>,
    },
    /// A character below U+0020 stands unescaped in a string.
    #[error("control character {found} stands unescaped in a string")]
    ControlCharacter {
        /// The character in the form `U+000A`.
        found: String,
    },
    /// A backslash is followed by something that is no escape sequence.
    #[error("a backslash starts no known escape sequence")]
    InvalidEscape,
    /// A `\u` escape names half of a surrogate pair without the other half.
    #[error("an escape names half of a surrogate pair without the other half")]
    LoneSurrogate,
    /// A number is not written as JSON writes numbers.
    #[error("this is not how JSON writes a number")]
    InvalidNumber,
    /// Containers are nested deeper than the budget allows.
    #[error("values are nested deeper than the limit of {limit} levels")]
    TooDeep {
        /// The limit in levels.
        limit: u16,
    },
    /// The input is longer than the budget allows.
    #[error("the input is longer than the limit of {limit} bytes")]
    InputTooLong {
        /// The limit in bytes.
        limit: u64,
    },
    /// A member name is longer than the budget allows.
    #[error("a member name is longer than the limit of {limit} bytes")]
    NameTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The text of a number is longer than the budget allows.
    #[error("a number is longer than the limit of {limit} bytes")]
    NumberTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// A container that is held in memory has more entries than the budget allows.
    #[error("an object or array has more entries than the limit of {limit}")]
    TooManyMembers {
        /// The limit in entries.
        limit: usize,
    },
    /// A value that is held in memory is longer than the budget allows.
    #[error("a value is longer than the limit of {limit} bytes")]
    ValueTooLong {
        /// The limit in bytes.
        limit: usize,
    },
}

impl ReadErrorKind {
    /// Whether a limit was reached, so that nothing can be said about the input itself.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(
            self,
            Self::TooDeep { .. }
                | Self::InputTooLong { .. }
                | Self::NameTooLong { .. }
                | Self::NumberTooLong { .. }
                | Self::TooManyMembers { .. }
                | Self::ValueTooLong { .. }
        )
    }
}

/// Text of unknown origin, shortened and escaped so that it can be shown in one line.
///
/// ```
/// use permit_canonical_json::Excerpt;
///
/// assert_eq!(Excerpt("two\nlines").to_string(), "two\\nlines");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Excerpt<'a>(pub &'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (count, character) in self.0.chars().enumerate() {
            if count == EXCERPT_CHARACTERS {
                return f.write_str("…");
            }
            if character.is_control() || is_invisible(character) {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

/// Characters that change how the text around them looks and are therefore never shown as they are.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

const EXCERPT_CHARACTERS: usize = 120;

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn hostile_text_is_shortened_and_escaped() {
        let shown = Excerpt(&"a\u{202e}\u{1b}[31m".repeat(100)).to_string();
        assert!(!shown.contains(['\u{202e}', '\u{1b}']));
        assert!(shown.ends_with('…'));
    }

    #[test]
    fn limits_are_told_from_faults() {
        assert!(ReadErrorKind::TooDeep { limit: 1 }.is_limit());
        assert!(!ReadErrorKind::UnexpectedEnd.is_limit());
    }
}
