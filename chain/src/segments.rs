// SPDX-License-Identifier: Apache-2.0

//! How entries that arrive in any order grow together into one chain.
//!
//! ```text
//! arriving          1  2     5  6     3  4
//! open segments    [1-2]  [1-2][5-6]  [1---6]
//! ```
//!
//! A chain is valid exactly if every entry but the first names the hash of one
//! with a smaller number, and no two name the same: then there is a single path
//! through all entries, and following it is walking them in order (CHAIN-08). So
//! only the ends of what has grown together need to be remembered. Honest exports
//! keep a few segments open; each link that is broken leaves one more.
//!
//! The price: where two entries name the same hash and come out of order, the one
//! that came first keeps its place, and the break is told at the other.

use alloc::{
    boxed::Box,
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use permit_canonical_json::{ByteRange, Sha256Digest};

use crate::walk::EntryPlace;

/// One entry, as far as linking goes.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) sequence_number: u64,
    /// What the entry names as the hash before it; nothing if that cannot be told.
    pub(crate) prev: Option<Sha256Digest>,
    /// The hashes by which the next entry may name this one: as stored, and as
    /// computed if that differs. A wrong stored hash is one fault, not two.
    pub(crate) hashes: [Option<Sha256Digest>; 2],
    /// Whether a fault of this entry was reported that explains why it does not link.
    pub(crate) excused: bool,
    pub(crate) origin: Origin,
}

/// What a message needs to say of the entry that a segment starts with.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) place: EntryPlace,
    pub(crate) event_id: Box<str>,
    /// `prev_hash` as it was written, shortened.
    pub(crate) prev_text: Box<str>,
    pub(crate) prev_range: ByteRange,
}

/// Entries that link to each other without a break.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) first_number: u64,
    pub(crate) first_prev: Option<Sha256Digest>,
    pub(crate) first_excused: bool,
    pub(crate) first: Origin,
    pub(crate) last_number: u64,
    pub(crate) last_hashes: [Option<Sha256Digest>; 2],
    pub(crate) last_excused: bool,
    pub(crate) entries: u64,
}

/// The open segments of one scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Segments {
    open: BTreeMap<u64, Segment>,
    next_id: u64,
    /// Hash of the last entry of a segment to the segment.
    tails: BTreeMap<Sha256Digest, u64>,
    /// What the first entry of a segment names as the hash before it, the number
    /// of that entry, and the segment.
    heads: BTreeSet<(Sha256Digest, u64, u64)>,
}

impl Segments {
    /// Number of open segments, which is what they cost.
    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    /// Adds an entry where it belongs.
    pub(crate) fn add(&mut self, link: Link) {
        let id = match self.segment_before(&link) {
            Some(id) => {
                self.extend(id, link);
                id
            }
            None => self.start(link),
        };
        self.join_follower(id);
    }

    /// The segment whose last entry is the one that `link` names, if it has a smaller number.
    ///
    /// An entry at fault starts a segment of its own: what it names cannot be relied
    /// on, and it must not take the place of the entry that belongs there.
    fn segment_before(&self, link: &Link) -> Option<u64> {
        if link.excused {
            return None;
        }
        let id = *self.tails.get(&link.prev?)?;
        let segment = self.open.get(&id)?;
        (segment.last_number < link.sequence_number).then_some(id)
    }

    fn extend(&mut self, id: u64, link: Link) {
        let Some(segment) = self.open.get_mut(&id) else { return };
        for hash in segment.last_hashes.into_iter().flatten() {
            if self.tails.get(&hash) == Some(&id) {
                self.tails.remove(&hash);
            }
        }
        segment.last_number = link.sequence_number;
        segment.last_hashes = link.hashes;
        segment.last_excused = link.excused;
        segment.entries = segment.entries.saturating_add(1);
        self.register_tail(id);
    }

    fn start(&mut self, link: Link) -> u64 {
        let id = self.next_id;
        self.next_id = self.next_id.saturating_add(1);
        if let Some(prev) = link.prev.filter(|_| !link.excused) {
            self.heads.insert((prev, link.sequence_number, id));
        }
        let segment = Segment {
            first_number: link.sequence_number,
            first_prev: link.prev,
            first_excused: link.excused,
            first: link.origin,
            last_number: link.sequence_number,
            last_hashes: link.hashes,
            last_excused: link.excused,
            entries: 1,
        };
        self.open.insert(id, segment);
        self.register_tail(id);
        id
    }

    fn register_tail(&mut self, id: u64) {
        let Some(segment) = self.open.get(&id) else { return };
        for hash in segment.last_hashes.into_iter().flatten() {
            self.tails.entry(hash).or_insert(id);
        }
    }

    /// If a segment starts with an entry that names the last entry of segment `id`, makes one of both.
    fn join_follower(&mut self, id: u64) {
        let Some(segment) = self.open.get(&id) else { return };
        let last_number = segment.last_number;
        let follower = segment.last_hashes.into_iter().flatten().find_map(|hash| {
            // Its first entry has a larger number; of several, the next one follows.
            let from = (hash, last_number.checked_add(1)?, 0);
            let (head, _, follower) = *self.heads.range(from..).next()?;
            (head == hash).then_some(follower)
        });
        let Some(follower) = follower else { return };
        let Some(after) = self.open.remove(&follower) else { return };
        if let Some(prev) = after.first_prev {
            self.heads.remove(&(prev, after.first_number, follower));
        }
        for hash in after.last_hashes.into_iter().flatten() {
            if self.tails.get(&hash) == Some(&follower) {
                self.tails.remove(&hash);
            }
        }
        if let Some(segment) = self.open.get_mut(&id) {
            for hash in segment.last_hashes.into_iter().flatten() {
                if self.tails.get(&hash) == Some(&id) {
                    self.tails.remove(&hash);
                }
            }
            segment.last_number = after.last_number;
            segment.last_hashes = after.last_hashes;
            segment.last_excused = after.last_excused;
            segment.entries = segment.entries.saturating_add(after.entries);
        }
        self.register_tail(id);
    }

    /// The open segments, by the number of their first entry.
    pub(crate) fn into_sorted(self) -> Vec<Segment> {
        let mut segments: Vec<Segment> = self.open.into_values().collect();
        segments.sort_by_key(|segment| segment.first_number);
        segments
    }
}
