// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

mod claim;
mod claim_definition;
mod claim_fault;
mod claim_report;
mod json_report;
mod report;
mod semantic_artifact;

pub use claim::Claim;
pub use claim_fault::{ClaimFault, Unsupported};
pub use claim_report::{ClaimReport, Subject, aggregate};
pub use json_report::{VERDICTS_SCHEMA, to_pretty_text};
pub use permit_failure_codes::VerdictWord as Verdict;
pub use report::{
    AlsoJudged, ArtifactReport, EvidenceInspected, NotChecked, Outcome, Report, ScopeReport,
    SemanticsMode, SemanticsReport, TrustReport, UsedPin,
};
pub use semantic_artifact::{LEGACY_PROFILE, LegacyProfile, SemanticArtifact};
