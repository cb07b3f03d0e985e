// SPDX-License-Identifier: Apache-2.0

//! Why an export could not be read to its end.

use permit_canonical_json::{ByteRange, JsonPointer, ReadError};

use crate::gzip::GzipFault;

/// Why an export could not be read to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// The text is not acceptable.
    #[error(transparent)]
    Text(#[from] ReadError),
    /// The text of one event among many is not acceptable.
    #[error("in event {index}: {error}")]
    Event {
        /// The index of the event; events are counted from 0, blank lines are not.
        index: u64,
        /// What is wrong, seen from the event.
        error: ReadError,
    },
    /// The first event of many is larger than an event may be that is kept until it is clear
    /// that more follow.
    #[error("the first event has more than {bytes} bytes or more than {members} members")]
    FirstEventTooLarge {
        /// The limit for its values together, in bytes.
        bytes: u64,
        /// The limit for its members.
        members: usize,
        /// The bytes of the event.
        range: ByteRange,
    },
    /// The compressed stream is not acceptable.
    #[error(transparent)]
    Gzip(#[from] GzipFault),
}

impl Unreadable {
    /// Whether a limit was reached, so that nothing can be said about the export.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        match self {
            Self::Text(error) | Self::Event { error, .. } => error.kind().is_limit(),
            Self::FirstEventTooLarge { .. } => true,
            Self::Gzip(fault) => fault.is_limit(),
        }
    }

    /// The path to what was being read.
    #[must_use]
    pub fn pointer(&self) -> JsonPointer {
        match self {
            Self::Text(error) => error.pointer(),
            Self::Event { index, error } => {
                JsonPointer::root().index(*index).join(&error.pointer())
            }
            Self::FirstEventTooLarge { .. } => JsonPointer::root().index(0),
            Self::Gzip(_) => JsonPointer::root(),
        }
    }

    /// The bytes that are wrong, of the unpacked text; none for a compressed stream, which has
    /// no text where it is at fault.
    #[must_use]
    pub fn range(&self) -> ByteRange {
        match self {
            Self::Text(error) | Self::Event { error, .. } => error.at(),
            Self::FirstEventTooLarge { range, .. } => *range,
            Self::Gzip(_) => ByteRange::default(),
        }
    }
}
