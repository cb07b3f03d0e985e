// SPDX-License-Identifier: Apache-2.0

//! What in the layout of an export keeps entries from being found.

use permit_canonical_json::{ByteRange, JsonPointer, Kind};

/// Something about the layout that keeps entries from being found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StructureFault {
    /// What is wrong.
    pub kind: StructureFaultKind,
    /// Where.
    pub pointer: JsonPointer,
    /// The bytes.
    pub range: ByteRange,
    /// What stands there, if the fault is that it is something else.
    pub found: Option<Kind>,
}

/// The ways in which a layout can be at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StructureFaultKind {
    /// `records` is no array.
    RecordsNoArray,
    /// `chain_entries` of the bundle is no array.
    BundleEntriesNoArray,
    /// A record is no object.
    RecordNoObject,
    /// `chain_entries` of a record is no array.
    RecordEntriesNoArray,
    /// A chain entry or event is no object.
    EntryNoObject,
    /// Entries stand both in records and beside them.
    EntriesTwice,
    /// The document says of itself what its records are not, or has entries beside its events.
    MixedLayout,
    /// A line does not hold exactly one object.
    LineNoObject,
    /// An event without a scope stands before the project that gives it one, and others of that
    /// scope were told apart from it.
    ScopeNamedLate,
}

impl StructureFaultKind {
    /// The fault in a sentence.
    #[must_use]
    pub fn summary(self) -> &'static str {
        match self {
            Self::RecordsNoArray => "`records` is no array",
            Self::BundleEntriesNoArray => "`chain_entries` of the bundle is no array",
            Self::RecordNoObject => "a record is no object",
            Self::RecordEntriesNoArray => "`chain_entries` of a record is no array",
            Self::EntryNoObject => "a chain entry is no object",
            Self::EntriesTwice => "chain entries stand both in records and at the bundle",
            Self::MixedLayout => "the records are not of the kind that the document says",
            Self::LineNoObject => "a line does not hold exactly one event",
            Self::ScopeNamedLate => "an event without a scope stands before its `project_id`",
        }
    }
}
