// SPDX-License-Identifier: Apache-2.0

//! The end of a chain, where the next entry goes.

use permit_canonical_json::Sha256Digest;
use permit_types::{ChainEntry, ChainScope, RecordHash, SequenceNumber};

/// The end of one chain: all that an issuer has to know of it to go on.
///
/// ```
/// use permit_chain::{ChainHead, default_sentinel};
/// use permit_types::{ChainScope, SequenceNumber};
///
/// let empty = ChainHead::empty(ChainScope::new("project:1"));
/// assert_eq!(empty.prev_hash(), default_sentinel());
/// assert_eq!(empty.next_number(), Some(SequenceNumber::FIRST));
/// assert_eq!(empty.last(), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainHead {
    chain_scope: ChainScope,
    sentinel: RecordHash,
    last: Option<(SequenceNumber, RecordHash)>,
}

impl ChainHead {
    /// A chain without entries, whose first entry will name the [default sentinel](default_sentinel).
    #[must_use]
    pub fn empty(chain_scope: ChainScope) -> Self {
        Self { chain_scope, sentinel: default_sentinel(), last: None }
    }

    /// A chain whose last entry is the one with this number and hash, as they were stored.
    #[must_use]
    pub fn stored(
        chain_scope: ChainScope,
        sequence_number: SequenceNumber,
        record_hash: RecordHash,
    ) -> Self {
        let last = Some((sequence_number, record_hash));
        Self { last, ..Self::empty(chain_scope) }
    }

    /// The chain that ends with this entry.
    #[must_use]
    pub fn after(entry: &ChainEntry) -> Self {
        Self::stored(entry.chain_scope.clone(), entry.sequence_number, entry.record_hash)
    }

    /// What the first entry names instead of an entry before it (CHAIN-15).
    ///
    /// Of no effect on chains that have an entry: their sentinel is in it for good.
    #[must_use]
    pub fn sentinel(mut self, sentinel: RecordHash) -> Self {
        self.sentinel = sentinel;
        self
    }

    /// The chain's name. Every entry has exactly this one (CHAIN-18).
    #[must_use]
    pub fn chain_scope(&self) -> &ChainScope {
        &self.chain_scope
    }

    /// Number and hash of the last entry; none if there is no entry.
    #[must_use]
    pub fn last(&self) -> Option<(SequenceNumber, RecordHash)> {
        self.last
    }

    /// What the next entry names as the hash before it.
    #[must_use]
    pub fn prev_hash(&self) -> RecordHash {
        self.last.map_or(self.sentinel, |(_, record_hash)| record_hash)
    }

    /// The number of the next entry; none if numbers have come to their end.
    #[must_use]
    pub fn next_number(&self) -> Option<SequenceNumber> {
        match self.last {
            Some((number, _)) => number.next(),
            None => Some(SequenceNumber::FIRST),
        }
    }

    /// Whether this is where `entry` goes: same chain, next number, linked to the last entry.
    #[must_use]
    pub fn is_before(&self, entry: &ChainEntry) -> bool {
        self.chain_scope == entry.chain_scope
            && self.next_number() == Some(entry.sequence_number)
            && self.prev_hash() == entry.prev_hash
    }

    /// The number of the last entry, 0 if there is none.
    pub(crate) fn last_number(&self) -> u64 {
        self.last.map_or(0, |(number, _)| number.get())
    }
}

/// What the first entry of a chain names as the hash before it, if the issuer has no sentinel of
/// its own: the SHA-256 digest of `keel-audit-chain-genesis-v1`.
///
/// Verifying takes any sentinel (CHAIN-16), but for the strict delegation claim, which wants
/// this one (AMB-10).
#[must_use]
pub fn default_sentinel() -> RecordHash {
    Sha256Digest::of(b"keel-audit-chain-genesis-v1").into()
}
