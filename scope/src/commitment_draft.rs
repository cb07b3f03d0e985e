// SPDX-License-Identifier: Apache-2.0

//! Making commitments: which entries of a chain a predicate matches.
//!
//! A commitment is made of whole entries; segments show them without four members that predicates may
//! look at. So an entry counts only if it matches both as it is and as a segment will show it.

use permit_canonical_json::{NotJson, Object, Value, to_value};
use permit_types::{
    ChainEntry, ChainEntryRef, ChainScope, EventId, NonEmpty, NonEmptyText, OpenObject,
    ScopeCommitment, ScopePredicate, SequenceNumber,
};

use crate::{
    membership::Membership,
    merkle::{MembershipLeaf, MembershipTree, OutOfOrder},
    predicate::{Predicate, PredicateFault},
};

/// Why entries cannot be committed to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommitmentError {
    /// The predicate cannot be judged by.
    #[error("the predicate cannot be judged by: {0}")]
    Predicate(#[from] PredicateFault),
    /// An entry does not come behind the one before it.
    #[error(transparent)]
    OutOfOrder(#[from] OutOfOrder),
    /// An entry is of another chain.
    #[error("the entry `{event_id}` is of another chain")]
    OtherChain {
        /// The event.
        event_id: EventId,
    },
    /// It depends on the reader whether an entry matches.
    #[error("the entry `{event_id}` matches for one reader and not for another")]
    Unclear {
        /// The event.
        event_id: EventId,
    },
    /// An entry lacks what segments have to show.
    #[error("the entry `{event_id}` has an empty id, type or scope")]
    Empty {
        /// The event.
        event_id: EventId,
    },
    /// A value has no form in JSON.
    #[error("a value has no form in JSON: {0}")]
    NotJson(#[from] NotJson),
}

/// A commitment that grows entry by entry, in the order of the chain.
#[derive(Clone, Debug)]
pub struct CommitmentDraft {
    value: ScopePredicate,
    predicate: Predicate,
    tree: MembershipTree,
    chain_scope: Option<ChainScope>,
    last: Option<SequenceNumber>,
    range: Option<(SequenceNumber, SequenceNumber)>,
}

impl CommitmentDraft {
    /// A commitment to nothing so far.
    ///
    /// # Errors
    /// If a range of the predicate has its ends exchanged.
    pub fn new(predicate: ScopePredicate) -> Result<Self, CommitmentError> {
        let read = Predicate::of(&predicate)?;
        let tree = MembershipTree::new(read.hash());
        let (value, predicate) = (predicate, read);
        Ok(Self { value, predicate, tree, chain_scope: None, last: None, range: None })
    }

    /// Looks at the next entry of the chain and says whether it is in.
    ///
    /// # Errors
    /// If the entry does not come behind the last one, is of another chain, or matches for one reader
    /// and not for another. The draft stays as it was.
    pub fn look_at(&mut self, entry: &ChainEntry) -> Result<bool, CommitmentError> {
        let event_id = || entry.event_id.clone();
        if self.chain_scope.as_ref().is_some_and(|scope| *scope != entry.chain_scope) {
            return Err(CommitmentError::OtherChain { event_id: event_id() });
        }
        if self.last.is_some_and(|last| last >= entry.sequence_number) {
            let sequence_number = entry.sequence_number.get();
            return Err(OutOfOrder { sequence_number }.into());
        }
        let whole = self.membership(&to_value(entry)?);
        let shown = self.membership(&to_value(&evidence_record(entry)?)?);
        if whole != shown || matches!(whole, Membership::Unclear(_)) {
            return Err(CommitmentError::Unclear { event_id: event_id() });
        }
        let is_member = whole == Membership::Member;
        if is_member {
            self.add(entry)?;
        }
        self.chain_scope = Some(entry.chain_scope.clone());
        self.last = Some(entry.sequence_number);
        Ok(is_member)
    }

    /// The commitment.
    #[must_use]
    pub fn finish(self) -> ScopeCommitment {
        ScopeCommitment {
            predicate_value: self.value,
            predicate_value_hash: self.predicate.hash(),
            first_matching_sequence: self.range.map(|(first, _)| first),
            last_matching_sequence: self.range.map(|(_, last)| last),
            matching_count: self.tree.leaves(),
            membership_root_hash: self.tree.root(),
        }
    }

    fn membership(&self, record: &Value<'_>) -> Membership {
        record.as_object().map_or(Membership::NotMember, |record| self.predicate.membership(record))
    }

    fn add(&mut self, entry: &ChainEntry) -> Result<(), OutOfOrder> {
        self.tree.add(&MembershipLeaf {
            sequence_number: entry.sequence_number.get(),
            event_id: entry.event_id.as_str(),
            record_hash: &entry.record_hash.to_string(),
        })?;
        let first = self.range.map_or(entry.sequence_number, |(first, _)| first);
        self.range = Some((first, entry.sequence_number));
        Ok(())
    }
}

/// An entry as segments show it.
///
/// The closed form has no place for four inputs of the record hash. They go into the payload where it
/// has no member of that name, together with the permit that the entry is about: so predicates find
/// them, and whoever has the record can compute its hash.
///
/// # Errors
/// If the event, its type or the scope is an empty text.
pub fn evidence_record(entry: &ChainEntry) -> Result<ChainEntryRef, CommitmentError> {
    let empty = || CommitmentError::Empty { event_id: entry.event_id.clone() };
    let hash = |hash: permit_types::RecordHash| NonEmptyText::parse(&hash.to_string());
    Ok(ChainEntryRef {
        event_id: NonEmpty::new(entry.event_id.clone()).ok_or_else(empty)?,
        event_type: NonEmpty::new(entry.event_type.clone()).ok_or_else(empty)?,
        chain_scope: NonEmpty::new(entry.chain_scope.clone()).ok_or_else(empty)?,
        sequence_number: entry.sequence_number,
        record_hash: hash(entry.record_hash).ok_or_else(empty)?,
        prev_hash: hash(entry.prev_hash).ok_or_else(empty)?,
        chain_format_version: NonEmptyText::parse(&entry.chain_format_version.to_string())
            .ok_or_else(empty)?,
        created_at: entry.created_at.clone(),
        payload_json: payload_with_selectors(entry),
    })
}

fn payload_with_selectors(entry: &ChainEntry) -> OpenObject {
    let mut payload: Object<'static> = entry.payload_json.as_object().clone();
    let about_permit = entry.resource_type.as_deref() == Some("permit");
    for (name, value) in [
        ("permit_id", entry.resource_id.as_deref().filter(|_| about_permit)),
        ("resource_type", entry.resource_type.as_deref()),
        ("resource_id", entry.resource_id.as_deref()),
        ("outcome", entry.outcome.as_deref()),
        ("severity", Some(entry.severity.as_str())),
    ] {
        if let Some(value) = value.filter(|_| payload.get(name).is_none()) {
            payload.insert(name, value.to_owned());
        }
    }
    payload.into()
}
