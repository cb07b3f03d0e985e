// SPDX-License-Identifier: Apache-2.0

//! What a request cost, as the ledger has it.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{
    BudgetEnvelopeId, NonNegativeNumber, OpenObject, PermitId, ProjectId, Rfc3339, UsageLedgerId,
};

/// The latest entry of the usage ledger for a permit. Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UsageLedgerEntry {
    /// The id of the entry.
    pub id: UsageLedgerId,
    /// The project that pays.
    pub project_id: ProjectId,
    /// The permit that allowed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permit_id: Option<PermitId>,
    /// The budget it comes out of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_envelope_id: Option<BudgetEnvelopeId>,
    /// The provider.
    pub provider: String,
    /// The model.
    pub model: String,
    /// The request.
    pub request_id: String,
    /// Where the entry stands.
    pub status: String,
    /// The currency of `cost_usd`; the name of that member notwithstanding, it is not fixed.
    pub currency: String,
    /// Whether no provider was called.
    pub served_from_cache: bool,
    /// Whether the estimate is all there will be.
    pub estimated_final: bool,
    /// Tokens in, as estimated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_input_tokens: Option<u64>,
    /// Tokens out, as estimated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_output_tokens: Option<u64>,
    /// Tokens in, as counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual_input_tokens: Option<u64>,
    /// Tokens out, as counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual_output_tokens: Option<u64>,
    /// The cost, with fractions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<NonNegativeNumber>,
    /// The status that the provider answered with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<i64>,
    /// What was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// What went wrong, for machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// What went wrong, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The key under which repeated entries count once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// More; opaque.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata_json: Option<OpenObject>,
    /// When the entry was made.
    pub created_at: Rfc3339,
}
