// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

mod amendment;
mod archive;
mod archive_fault;
mod component;
mod declaration;
mod document;
mod effective_intent;
mod evidence_document;
mod fault;
mod history;
mod incident;
mod incident_draft;
mod incident_member;
mod issue_error;
mod issued_at;
mod issued_workflow;
mod json_lines;
mod principal;
mod proof;
mod record;
mod sibling;
mod sibling_path;
mod signature;
mod signed_payload;
mod snapshot;
mod trust;
mod workflow_intent;

pub use amendment::{AMENDMENT_BINDING_VERSION, amendment_delta, amendment_payloads};
pub use archive::{ARCHIVE_END_BYTES, ArchiveLimits, IncidentArchive, MemberRead, is_archive};
pub use archive_fault::ArchiveFault;
pub use component::{Component, workflow_text, write_workflow_form};
pub use declaration::{DECLARATION_BINDING_VERSION, declaration_intent, declaration_payloads};
pub use document::{WORKFLOW_EVIDENCE_SCHEMA, is_workflow_document, verify_workflow_document};
pub use effective_intent::EffectiveIntent;
pub use evidence_document::EvidenceDocument;
pub use fault::{WorkflowFault, WorkflowFaultKind};
pub use history::{
    DeclarationHistory, HistoryBuilder, HistoryForm, HistoryLimits, WorkflowHistory,
};
pub use incident::{
    IncidentOptions, IncidentOutcome, IncidentPayload, IncidentSkip, verify_incident,
};
pub use incident_draft::{IncidentDraft, incident_files};
pub use incident_member::{INCIDENT_EVIDENCE_SCHEMA, IncidentMember};
pub use issue_error::IssueError;
pub use issued_at::issued_at_texts;
pub use issued_workflow::{AmendmentDraft, DeclarationDraft, IssuedWorkflow};
pub use proof::{
    AmendmentsSigned, DeclarationsSigned, IncidentComplete, IntentsHold, SiblingIntact,
    SnapshotsAgree, WorkflowOutcome, WorkflowProof,
};
pub use record::RecordPlace;
pub use sibling::{SiblingDescriptor, SiblingEvidence};
pub use sibling_path::{RefusedPath, SiblingFolder, SiblingPath, SiblingSearch};
pub use snapshot::{SnapshotChecker, SnapshotRecord};
pub use trust::WorkflowTrust;
pub use workflow_intent::{
    CallChange, DeclaredCalls, Principal, ProjectedCost, WorkflowAmendmentId, WorkflowIntent,
    WorkflowStatus,
};
