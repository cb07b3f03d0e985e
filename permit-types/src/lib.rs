// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod action_record;
mod actor_ref;
mod array_form;
mod audit_export_bundle;
mod audit_export_record;
mod authority_envelope;
mod budget_envelope;
mod bundle_check;
mod chain_entry;
mod checkpoint_scope_state;
mod closure;
mod condition;
mod decision_details;
mod execution_receipt;
mod export_manifest;
mod finding;
mod form;
mod hash_text;
mod identifier;
mod issued_permit;
mod lineage;
mod non_negative_number;
mod open_object;
mod permit;
mod permit_check;
mod permit_draft;
mod permit_evidence;
mod permit_problem;
mod permit_revoked_event;
mod permit_status;
mod presence;
#[cfg(feature = "schema")]
mod published_schema;
mod replay_evidence;
mod routing;
#[cfg(feature = "schema")]
mod schema_marker;
mod scope_faithfulness;
mod scope_predicate;
mod sequence_number;
mod signature_text;
mod stored_permit;
mod text;
mod time;
mod usage_ledger_entry;
mod usage_limits;
mod usage_log_entry;
mod word;
mod workflow_state;

pub use action_record::ActionRecord;
pub use actor_ref::ActorRef;
pub use array_form::{NonEmptyArray, UniqueArray};
pub use audit_export_bundle::{
    AuditExportBundle, BundleFormat, BundleSchemaVersion, BundleType, TimeRangeBasis,
};
pub use audit_export_record::AuditExportRecord;
pub use authority_envelope::AuthorityEnvelope;
pub use budget_envelope::BudgetEnvelopeSummary;
pub use bundle_check::{BundleFacts, check_bundle_form, check_bundle_semantics};
pub use chain_entry::{ChainEntry, ChainFormatVersion, ExportedChainEntry, IncompleteEntry};
pub use checkpoint_scope_state::{
    CheckpointScopeState, CommitmentProfile, KeyManifestFormat, PayloadProfileName, PredicateBasis,
    ScopeCommitment, ScopeStateAlgorithm, ScopeStatePurpose, ScopeStateSignature, ScopeStateType,
    ScopeStateVersion, TrustRootReference,
};
pub use closure::{
    ClosureEnvelope, ClosurePayloadV1, ClosurePayloadV2, ClosureStatus, ClosureV1, ClosureV2,
    DispatchDigestSemantics,
};
pub use condition::{
    ConditionEvaluation, ConditionField, ConditionOperator, ConditionOutcome, ConditionRule,
    Conditions, MatchMode,
};
pub use decision_details::DecisionDetails;
pub use execution_receipt::{ExecutionDecision, ExecutionReceipt};
pub use export_manifest::{ChainIntegrity, ExportManifest};
pub use finding::{Artifact, Detail, Finding, Location, RuleId, Severity};
pub use form::form_finding;
pub use hash_text::{ContentHash, RecordHash};
pub use identifier::{
    ActorId, ApiKeyId, BudgetEnvelopeId, ChainScope, CheckpointId, EventId, EventType, KeyId,
    PermitEvidenceId, PermitId, ProjectId, ProxyRequestId, ReservedNamespace, ScopeStateId,
    UsageLedgerId, UsageLogId, WorkflowDeclarationId, WorkflowId,
};
pub use issued_permit::{
    BindingViolation, Bound, Closable, Closed, Dispatched, Evaluated, Expired, IssuedPermit, Open,
    PermitState, Refused, Revoked, StepProblem, StepRefused,
};
pub use lineage::{Lineage, LineageIndex};
pub use non_negative_number::NonNegativeNumber;
pub use open_object::{OpenMembers, OpenObject};
pub use permit::{Decision, Permit, UsageVerificationMethod, UsageVerificationStatus};
pub use permit_check::{check_permit, check_permit_form, check_permit_semantics};
pub use permit_draft::{PermitDraft, PermitFacts, PermitWorkflow, RootAuthority};
pub use permit_evidence::PermitEvidence;
pub use permit_problem::PermitProblem;
pub use permit_revoked_event::{ActorKind, PermitRevokedEvent, RevocationReasonCode};
pub use permit_status::PermitStatus;
#[cfg(feature = "schema")]
pub use published_schema::{PublishedSchema, schema_generator};
pub use replay_evidence::{Drift, ReplayEvidence, ReplayMatch};
pub use routing::{
    Routing, RoutingDecisionId, RoutingModel, RoutingPriority, RoutingProvider, RoutingReason,
    RoutingTarget, TaskType,
};
pub use scope_faithfulness::{
    BoundaryPolicy, CanonicalFilters, ChainEntryRef, ChainEvidence, DeclaredScope, EndBoundary,
    FirstSequence, PresentationPolicy, PresentationPolicyKind, PresentationPolicyVersion,
    ScopeDeclarationVersion, ScopeFaithfulness, ScopeFaithfulnessAddition,
    ScopeFaithfulnessVersion, ScopeKind, ScopeSegment, ScopeStateReference, StartBoundary,
    StartKind,
};
pub use scope_predicate::{
    PredicateEquals, PredicateGrammar, PredicateKind, PredicateOperator, PredicateRanges,
    ScopePredicate, SequenceRange, TimeRange,
};
pub use sequence_number::SequenceNumber;
pub use signature_text::{BareSignatureText, PrefixedPublicKeyText, PrefixedSignatureText};
pub use stored_permit::StoredPermit;
pub use text::{NonEmpty, NonEmptyText};
pub use time::{Instant, Rfc3339, WrittenTime, Zone};
pub use usage_ledger_entry::UsageLedgerEntry;
pub use usage_limits::UsageLimits;
pub use usage_log_entry::UsageLogEntry;
pub use workflow_state::WorkflowState;
