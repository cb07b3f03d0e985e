// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

mod chain_proof;
mod checkpoint_evidence;
mod commitment_draft;
mod dispatch_absence;
mod faithfulness;
mod fault;
mod freshness;
mod membership;
mod merkle;
mod object_form;
#[cfg(test)]
mod peer_functions;
mod predicate;
mod record_fields;
mod scope_record;
mod scope_state;
mod scope_state_draft;
mod scope_state_form;
mod scope_state_id;
mod segment;
mod segment_draft;
mod segment_judge;
mod sidecar_file;

pub use checkpoint_evidence::{
    CheckpointEvidence, CheckpointHead, CheckpointJudge, VerifiedCheckpoint,
};
pub use commitment_draft::{CommitmentDraft, CommitmentError, evidence_record};
pub use dispatch_absence::{
    AbsenceEvidence, AbsencePredicateError, DISPATCH_EGRESS_BOUND, DispatchAbsence,
    DispatchQuestion, RevocationFacts, absence_predicate, adjudicate_dispatch_absence,
};
pub use faithfulness::{
    FaithfulExport, FaithfulSegment, JudgedSegment, ScopeAdjudication, ScopeBudget, ScopeEvidence,
    SegmentFacts, SidecarSource, adjudicate_scope_faithfulness, declares_scope,
};
pub use membership::{Membership, Unclear};
pub use merkle::{MembershipLeaf, MembershipTree, OutOfOrder, leaf_hash, node_hash};
pub use predicate::{Predicate, PredicateFault, PredicateFaultKind, RESERVED_KINDS};
pub use record_fields::lookup_order;
pub use scope_state::{Commitment, ScopeState, ScopeStateKeys, adjudicate_scope_state};
pub use scope_state_draft::{
    ScopeStateDraft, ScopeStateIssueError, ScopeStateSigner, SealedScopeState,
};
pub use scope_state_id::{chain_scope_hash, scope_state_id, storage_key};
pub use segment_draft::{SegmentDraft, SegmentIssueError, scope_faithfulness_block};
