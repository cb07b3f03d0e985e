// SPDX-License-Identifier: Apache-2.0

//! Making segments: records sorted into disclosure and bridges as their predicate does it.

use permit_canonical_json::{CanonicalError, HashedArtifact, NotJson, to_value};
use permit_claims::ClaimFault;
use permit_types::{
    BoundaryPolicy, CanonicalFilters, ChainEntryRef, ChainEvidence, DeclaredScope, EndBoundary,
    EventId, NonEmptyArray, NonEmptyText, OpenObject, PayloadProfileName, PresentationPolicy,
    ScopeDeclarationVersion, ScopeFaithfulness, ScopeFaithfulnessVersion, ScopeKind,
    ScopePredicate, ScopeSegment, ScopeStateReference, ScopeStateType, SequenceNumber,
    StartBoundary,
};

use crate::{
    chain_proof::ChainProof,
    membership::Membership,
    merkle::{MembershipLeaf, MembershipTree},
    predicate::{Predicate, PredicateFault},
    scope_state_draft::SealedScopeState,
    segment::{Segment, segment_place},
};

/// A segment before its records are sorted.
#[derive(Clone, Debug)]
pub struct SegmentDraft<'s> {
    /// The id of the segment.
    pub segment_id: NonEmptyText,
    /// Whether it declares everything that matches, or a sample.
    pub scope_kind: ScopeKind,
    /// A name for people.
    pub population_label: NonEmptyText,
    /// What is in.
    pub predicate: ScopePredicate,
    /// What was left out of the records.
    pub presentation_policy: PresentationPolicy,
    /// Where it starts.
    pub start: StartBoundary,
    /// How the checkpoint at its end was chosen.
    pub boundary_policy: BoundaryPolicy,
    /// The filters that were asked for.
    pub raw_filters: OpenObject,
    /// All entries from the start to the head, as [`evidence_record`](crate::evidence_record)
    /// shows them.
    pub records: Vec<ChainEntryRef>,
    /// The number and the hash of the chain's head at the checkpoint.
    pub head: (SequenceNumber, NonEmptyText),
    /// The scope state that commits to the predicate.
    pub scope_state: &'s SealedScopeState,
    /// Where the scope state is kept.
    pub storage_uri: Option<String>,
}

/// Why there is no segment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SegmentIssueError {
    /// The predicate cannot be judged by.
    #[error("the predicate cannot be judged by: {0}")]
    Predicate(#[from] PredicateFault),
    /// It depends on the reader whether a record matches.
    #[error("it cannot be told whether the record `{event_id}` matches")]
    Unclear {
        /// The event.
        event_id: EventId,
    },
    /// The scope state does not commit to what the records show.
    #[error("the scope state does not commit to these records for this predicate")]
    NotCommitted,
    /// The records do not go on to the head.
    #[error("the records do not go on to the head of the chain")]
    NotToTheEnd,
    /// The segment would not be faithful.
    #[error("the segment would not verify: {}", .0.message())]
    NotFaithful(Box<ClaimFault>),
    /// A value has no form in JSON.
    #[error("a value has no form in JSON: {0}")]
    NotJson(#[from] NotJson),
    /// A value has no canonical form.
    #[error("a value has no canonical form: {0}")]
    NotCanonical(#[from] CanonicalError),
}

impl SegmentDraft<'_> {
    /// Sorts the records and checks that the segment will verify.
    ///
    /// # Errors
    /// If the scope state does not commit to what the records show, if records are missing, or if a
    /// record cannot be sorted.
    pub fn seal(self) -> Result<ScopeSegment, SegmentIssueError> {
        let predicate = Predicate::of(&self.predicate)?;
        let evidence = sorted(self.records, &predicate)?;
        check_commitment(&evidence, &predicate, self.scope_state)?;
        let state = self.scope_state.state();
        let filters = to_value(&self.raw_filters)?;
        let segment = ScopeSegment {
            segment_id: self.segment_id,
            declared_scope: DeclaredScope {
                version: ScopeDeclarationVersion,
                scope_kind: self.scope_kind,
                chain_scope: state.chain_scope.clone(),
                population_label: self.population_label,
                predicate: self.predicate,
                presentation_policy: self.presentation_policy,
            },
            declared_start: self.start,
            declared_end: EndBoundary {
                checkpoint_id: state.checkpoint_id.clone(),
                chain_scope: state.chain_scope.clone(),
                sequence_number: self.head.0.get(),
                last_record_hash: self.head.1,
                boundary_policy: self.boundary_policy,
            },
            scope_state_reference: ScopeStateReference {
                artifact_type: ScopeStateType,
                scope_state_id: NonEmptyText::parse(state.scope_state_id.as_str())
                    .ok_or(SegmentIssueError::NotCommitted)?,
                checkpoint_id: state.checkpoint_id.clone(),
                chain_scope: state.chain_scope.clone(),
                artifact_hash: self.scope_state.artifact_hash(),
                storage_uri: self.storage_uri,
            },
            canonical_filters: CanonicalFilters {
                canonicalization_profile: PayloadProfileName,
                filters_hash: HashedArtifact::ExportFilters.profile().digest(&filters)?.into(),
                raw_filters: self.raw_filters,
            },
            chain_evidence: evidence,
        };
        check_chain(&segment)?;
        Ok(segment)
    }
}

fn sorted(
    records: Vec<ChainEntryRef>,
    predicate: &Predicate,
) -> Result<ChainEvidence, SegmentIssueError> {
    let mut evidence =
        ChainEvidence { disclosure_records: Vec::new(), proof_bridge_records: Vec::new() };
    for record in records {
        let value = to_value(&record)?;
        match value.as_object().map(|object| predicate.membership(object)) {
            Some(Membership::Member) => evidence.disclosure_records.push(record),
            Some(Membership::NotMember) => evidence.proof_bridge_records.push(record),
            Some(Membership::Unclear(_)) | None => {
                return Err(SegmentIssueError::Unclear { event_id: record.event_id.into_inner() });
            }
        }
    }
    Ok(evidence)
}

fn check_commitment(
    evidence: &ChainEvidence,
    predicate: &Predicate,
    scope_state: &SealedScopeState,
) -> Result<(), SegmentIssueError> {
    let not_committed = SegmentIssueError::NotCommitted;
    let mut commitments = scope_state.state().scope_commitments.iter();
    let commitment = commitments.find(|one| one.predicate_value_hash == predicate.hash());
    let mut tree = MembershipTree::new(predicate.hash());
    for record in &evidence.disclosure_records {
        let leaf = MembershipLeaf {
            sequence_number: record.sequence_number.get(),
            event_id: record.event_id.as_str(),
            record_hash: record.record_hash.as_str(),
        };
        tree.add(&leaf).map_err(|_| not_committed.clone())?;
    }
    match commitment {
        Some(commitment) if commitment.membership_root_hash == tree.root() => Ok(()),
        _ => Err(not_committed),
    }
}

/// The checks of whoever verifies, as far as they need nothing but the segment.
fn check_chain(segment: &ScopeSegment) -> Result<(), SegmentIssueError> {
    let value = to_value(segment)?;
    let not_faithful = |fault| SegmentIssueError::NotFaithful(Box::new(fault));
    let read = Segment::read(&value, segment_place(0)).map_err(not_faithful)?;
    let proof = ChainProof::of(&read);
    proof.check_start().map_err(not_faithful)?;
    proof.check_links().map_err(not_faithful)?;
    proof.check_strictly().map_err(not_faithful)?;
    if proof.window().is_some() && !proof.reaches_end() {
        return Err(SegmentIssueError::NotToTheEnd);
    }
    Ok(())
}

/// The block of an export, of its segments; nothing if there is none.
#[must_use]
pub fn scope_faithfulness_block(segments: Vec<ScopeSegment>) -> Option<ScopeFaithfulness> {
    Some(ScopeFaithfulness {
        version: ScopeFaithfulnessVersion,
        segments: NonEmptyArray::new(segments)?,
    })
}
