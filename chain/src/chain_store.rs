// SPDX-License-Identifier: Apache-2.0

//! Where the entries of an issuer's chains are kept.

use alloc::{collections::BTreeMap, vec::Vec};
use core::convert::Infallible;

use permit_types::{ChainEntry, ChainScope};

use crate::chain_head::ChainHead;

/// Keeps chains, and lets nobody append to an end that is no longer the end.
///
/// Two writers that each know a head of their own would make two entries with one number and one
/// predecessor: a fork, which no one notices until an export has both. So the comparison
/// and the write are one step here. In a database that is a transaction, or an insertion under a
/// unique index over scope and number that fails for the later one.
///
/// A store for several writers at once implements the trait for a reference or a handle to itself.
pub trait ChainStore {
    /// Why the store could not do its work.
    type Error;

    /// The head of a chain; none if it has no entry.
    ///
    /// # Errors
    /// If the store cannot be asked.
    fn head(&mut self, chain_scope: &ChainScope) -> Result<Option<ChainHead>, Self::Error>;

    /// Appends `entry` if the chain still ends at `expected`, and says what it ended at if not.
    ///
    /// The entry must last before this returns: it will be linked to, and may be exported.
    ///
    /// # Errors
    /// If the store cannot do it, or cannot tell whether it was done.
    fn append_if(
        &mut self,
        expected: &ChainHead,
        entry: &ChainEntry,
    ) -> Result<AppendOutcome, Self::Error>;
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum AppendOutcome {
    /// It is the last entry of the chain.
    Appended,
    /// Another writer was faster. The entry was not stored.
    HeadMoved {
        /// Where the chain ends now; none if it has no entry.
        head: Option<ChainHead>,
    },
}

impl<S: ChainStore + ?Sized> ChainStore for &mut S {
    type Error = S::Error;

    fn head(&mut self, chain_scope: &ChainScope) -> Result<Option<ChainHead>, Self::Error> {
        (**self).head(chain_scope)
    }

    fn append_if(
        &mut self,
        expected: &ChainHead,
        entry: &ChainEntry,
    ) -> Result<AppendOutcome, Self::Error> {
        (**self).append_if(expected, entry)
    }
}

/// A store in memory, for tests and examples: what is in it is lost with it.
#[derive(Clone, Debug, Default)]
pub struct MemoryChainStore {
    chains: BTreeMap<ChainScope, Vec<ChainEntry>>,
}

impl MemoryChainStore {
    /// A store without chains.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The entries of a chain in order.
    #[must_use]
    pub fn entries(&self, chain_scope: &ChainScope) -> &[ChainEntry] {
        self.chains.get(chain_scope).map_or(&[], Vec::as_slice)
    }

    /// All chains, by scope.
    pub fn chains(&self) -> impl Iterator<Item = (&ChainScope, &[ChainEntry])> {
        self.chains.iter().map(|(chain_scope, entries)| (chain_scope, entries.as_slice()))
    }
}

impl ChainStore for MemoryChainStore {
    type Error = Infallible;

    fn head(&mut self, chain_scope: &ChainScope) -> Result<Option<ChainHead>, Infallible> {
        Ok(self.entries(chain_scope).last().map(ChainHead::after))
    }

    fn append_if(
        &mut self,
        expected: &ChainHead,
        entry: &ChainEntry,
    ) -> Result<AppendOutcome, Infallible> {
        let head = self.head(expected.chain_scope())?;
        let ends = head.as_ref().and_then(ChainHead::last);
        if ends != expected.last() || !expected.is_before(entry) {
            return Ok(AppendOutcome::HeadMoved { head });
        }
        self.chains.entry(entry.chain_scope.clone()).or_default().push(entry.clone());
        Ok(AppendOutcome::Appended)
    }
}
