// SPDX-License-Identifier: Apache-2.0

//! The budget that a cost comes out of.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::BudgetEnvelopeId;

/// A budget as it stood when it was decided. Closed. Amounts are millionths of a US dollar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BudgetEnvelopeSummary {
    /// The budget.
    pub envelope_id: BudgetEnvelopeId,
    /// All of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_budget_usd_micros: Option<i64>,
    /// What is spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spent_budget_usd_micros: Option<i64>,
    /// What is set aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserved_budget_usd_micros: Option<i64>,
    /// What is left; below zero if too much was spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining_budget_usd_micros: Option<i64>,
    /// What was corrected afterwards, up or down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correction_usd_micros: Option<i64>,
    /// What this request was estimated to cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_cost_usd_micros: Option<u64>,
    /// Where the reservation stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservation_status: Option<String>,
}
