// SPDX-License-Identifier: Apache-2.0

//! A permit with everything that was exported beside it.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{
    ChainEntry, ExportedChainEntry, Permit, PermitEvidence, ReplayEvidence, UsageLedgerEntry,
    UsageLogEntry,
};

/// One record of an audit export: a permit and what belongs to it. Closed.
///
/// In a bundle of schema version 2 every record has `chain_entries`, in one of
/// version 1 none has (BUNDLE-03, BUNDLE-04).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditExportRecord {
    /// The permit.
    pub permit: Permit,
    /// What was attached to it.
    #[serde(
        default,
        deserialize_with = "crate::presence::not_null",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<PermitEvidence>"))]
    pub permit_evidence: Option<Vec<PermitEvidence>>,
    /// The latest entry of the ledger for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest_usage_ledger: Option<UsageLedgerEntry>,
    /// The entry of the usage log for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_log: Option<UsageLogEntry>,
    /// What came of deciding it once more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay_evidence: Option<ReplayEvidence>,
    /// The entries of the chain that are about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain_entries: Option<Vec<ExportedChainEntry>>,
}

impl AuditExportRecord {
    /// A permit with nothing beside it, for a bundle of version 1.
    #[must_use]
    pub fn new(permit: Permit) -> Self {
        Self {
            permit,
            permit_evidence: None,
            latest_usage_ledger: None,
            usage_log: None,
            replay_evidence: None,
            chain_entries: None,
        }
    }

    /// The same with the entries of the chain that are about it, for a bundle of version 2.
    #[must_use]
    pub fn with_entries(mut self, entries: impl IntoIterator<Item = ChainEntry>) -> Self {
        self.chain_entries = Some(entries.into_iter().map(Into::into).collect());
        self
    }
}
