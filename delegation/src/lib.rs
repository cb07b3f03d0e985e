// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

mod actor_lint;
mod ancestor_line;
mod authority_line;
mod canonical_envelope;
mod chain_claim;
mod chain_claim_result;
mod chain_fault;
mod chain_pack;
mod chain_verification;
mod comparator;
mod comparator_registry;
mod correct_denial;
mod delegation_denied;
mod denial_record;
mod denial_semantics;
mod denial_token;
mod envelope_excess;
mod envelope_version;
mod event_view;
mod execution;
mod execution_boundary;
mod governance_event;
mod integrity_digest;
mod issuance;
mod pack_draft;
mod revocation_log;
mod revocation_status;
mod supplied_chain;

pub use actor_lint::check_actor_ref;
pub use authority_line::{AuthorityLine, AuthorityLink, ChildEnvelope, NotWithin};
pub use canonical_envelope::{AuthorityField, CanonicalEnvelope, EnvelopeFault};
pub use chain_claim::{ChainClaim, ChainClaimType, ClaimScope};
pub use chain_claim_result::{ChainCheck, ChainClaimResult, ChainProof, LineageProof};
pub use chain_pack::ChainPack;
pub use chain_verification::{ChainContext, judge_chain_claim, judge_pack};
pub use comparator::{Comparator, ComparatorProblem};
pub use comparator_registry::{
    ComparatorRegistry, FieldCanonicalization, FieldComparator, FieldOrder, FieldType,
};
pub use correct_denial::{CorrectDenial, DigestBinding, ProvenGround};
pub use delegation_denied::{DelegationDenied, adjudicate_denial};
pub use denial_record::{DenialGround, DeniedDelegation};
pub use denial_semantics::DenialSemantics;
pub use denial_token::DenialToken;
pub use envelope_excess::{EnvelopeExcess, ExpiryViolation, FieldExcess};
pub use envelope_version::EnvelopeVersion;
pub use execution::{
    AllowedExecution, DecidedExecution, Execution, ExecutionPolicy, ExecutionRequest,
    RefusedExecution,
};
pub use governance_event::{GovernanceEvent, RecordedEvent};
pub use integrity_digest::{
    COVERED_MEMBERS, CoveredEvent, MaterialProblem, event_integrity_hash, integrity_batch_hash,
    integrity_digest,
};
pub use issuance::{
    ChildPermit, ChildPermitError, DelegationRequest, IssuanceError, IssuancePolicy, PolicyAnswer,
    delegate, issued_event,
};
pub use pack_draft::{ChainPackDraft, ComparatorSource, PackError};
pub use revocation_log::{RevocationLog, RevocationRefused};
pub use revocation_status::RevocationStatus;

pub use permit_chain::EventStamp;
