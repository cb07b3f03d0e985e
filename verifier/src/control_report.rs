// SPDX-License-Identifier: Apache-2.0

//! Which controls of which frameworks the evidence of a verified export supports.
//!
//! ```text
//! report     verified? which claims are supported? ─┐
//! inventory  which members are there? ──────────────┼─► EvidencePresent ─► controls
//! mappings   what rests on what ────────────────────┘
//! ```
//!
//! An export that does not verify supports nothing.

use std::collections::BTreeSet;

use permit_claims::{Claim, Report};
use permit_mappings::{EvidencePresent, FrameworkId, FrameworkSupport, Mappings};
use permit_types::Artifact;

use crate::export_inventory::ExportInventory;

/// What the evidence of one export supports.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ControlReport<'m> {
    /// The evidence that is there and verified.
    pub present: EvidencePresent,
    /// Permits in the export.
    pub permits: u64,
    /// The frameworks.
    pub frameworks: Vec<FrameworkSupport<'m>>,
}

/// Why nothing is supported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NothingSupported {
    /// The export was not verified, or could not be judged.
    #[error("the export is not verified, and evidence that is not verified supports nothing")]
    NotVerified,
    /// The run ended well, and yet nobody is shown to have signed the export (AMB-48).
    #[error("`export.integrity.v1` is not supported, and everything else rests on it")]
    NotSigned,
    /// The inventory is that of other bytes.
    #[error("the export changed between verifying and counting")]
    OtherBytes,
}

/// The members of permits that a mapping names: what [`take_inventory`](crate::take_inventory)
/// has to count.
#[must_use]
pub fn fields_of(mappings: &Mappings) -> BTreeSet<&str> {
    let controls = mappings.frameworks().iter().flat_map(|framework| &framework.controls);
    let evidence = controls.flat_map(|control| &control.evidence);
    evidence.flat_map(|evidence| &evidence.permit_fields).map(String::as_str).collect()
}

/// The members of records that a mapping names as artifacts.
#[must_use]
pub fn record_members_of(mappings: &Mappings) -> BTreeSet<&str> {
    let in_records = |artifact: &&permit_mappings::EvidenceArtifact| {
        artifact.schema.as_deref() == Some(RECORD_SCHEMA)
    };
    let artifacts = mappings.artifacts().iter().filter(in_records);
    artifacts.filter_map(|artifact| artifact.member.as_deref()).collect()
}

/// Sets a report beside a mapping.
///
/// # Errors
/// If the export does not verify, or if the inventory is not that of the same bytes.
pub fn control_report<'m>(
    report: &Report,
    inventory: &ExportInventory,
    mappings: &'m Mappings,
    only: Option<FrameworkId>,
) -> Result<ControlReport<'m>, NothingSupported> {
    if !report.passed() {
        return Err(NothingSupported::NotVerified);
    }
    let claims: BTreeSet<Claim> = report
        .claims
        .iter()
        .filter(|claim| claim.is_supported())
        .map(|claim| claim.claim)
        .collect();
    if !claims.contains(&Claim::ExportIntegrity) {
        return Err(NothingSupported::NotSigned);
    }
    if report.artifact.digest(Artifact::Export) != Some(inventory.digest) {
        return Err(NothingSupported::OtherBytes);
    }
    let mut present = EvidencePresent::default();
    present.permit_fields.clone_from(&inventory.permit_fields);
    for artifact in mappings.artifacts() {
        let supported = |name: &String| Claim::parse(name).is_some_and(|it| claims.contains(&it));
        let is_there = match (artifact.schema.as_deref(), artifact.member.as_deref()) {
            (Some(RECORD_SCHEMA), Some("permit")) => inventory.permits > 0,
            (Some(RECORD_SCHEMA), Some(member)) => inventory.record_members.contains_key(member),
            _ => true,
        };
        if is_there && artifact.claims.iter().all(supported) {
            present.artifacts.insert(artifact.artifact.clone());
        }
    }
    present.claims = claims;
    let frameworks = mappings.supported_by(&present, only);
    Ok(ControlReport { present, permits: inventory.permits, frameworks })
}

/// The schema of what stands in records, where only looking tells whether it is there.
const RECORD_SCHEMA: &str = "audit-export-record";
