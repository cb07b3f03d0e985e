// SPDX-License-Identifier: Apache-2.0

//! Where chain entries stand in an export, and how a finding names the place.

use permit_canonical_json::JsonPointer;
use permit_chain::EntryPlace;

/// The arrays of an export that hold chain entries or events.
///
/// ```text
/// Record(i)   /records/i/chain_entries/j     entries of one permit
/// Bundle      /chain_entries/j               entries of the whole bundle
/// Events      /records/j                     governance events
/// Lines       /j                             governance events, one a line; the path counts lines from 0
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryLayout {
    /// The entries of the record at this index.
    Record(u64),
    /// The entries of the bundle.
    Bundle,
    /// The records of a governance-events document.
    Events,
    /// The lines of a file of governance events.
    Lines,
}

impl EntryLayout {
    /// The array's number, for walks that take arrays one after the other.
    #[must_use]
    pub fn array(self) -> u64 {
        match self {
            Self::Bundle => BUNDLE,
            Self::Events => EVENTS,
            Self::Lines => LINES,
            Self::Record(index) => index.min(LARGEST_RECORD),
        }
    }
}

/// The path to an entry, from the array's number and the entry's index.
#[must_use]
pub fn entry_pointer(place: EntryPlace) -> JsonPointer {
    let root = JsonPointer::root();
    match place.array {
        BUNDLE => root.member("chain_entries").index(place.index),
        EVENTS => root.member("records").index(place.index),
        LINES => root.index(place.index),
        record => root.member("records").index(record).member("chain_entries").index(place.index),
    }
}

const BUNDLE: u64 = u64::MAX;
const EVENTS: u64 = u64::MAX - 1;
const LINES: u64 = u64::MAX - 2;
const LARGEST_RECORD: u64 = u64::MAX - 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_array_has_its_path() {
        let path = |layout: EntryLayout| {
            let place = EntryPlace { array: layout.array(), index: 3, ..EntryPlace::default() };
            entry_pointer(place).to_string()
        };
        assert_eq!(path(EntryLayout::Record(7)), "/records/7/chain_entries/3");
        assert_eq!(path(EntryLayout::Bundle), "/chain_entries/3");
        assert_eq!(path(EntryLayout::Events), "/records/3");
        assert_eq!(path(EntryLayout::Lines), "/3");
    }
}
