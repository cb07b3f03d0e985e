// SPDX-License-Identifier: Apache-2.0

//! What came of deciding a permit once more.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{Decision, OpenObject, word::words};

words! {
    /// How a replayed decision compares with the original one.
    ReplayMatch {
        /// The same in every detail.
        ExactMatch = "exact_match",
        /// The same in what matters.
        SemanticMatch = "semantic_match",
        /// Different.
        Drift = "drift",
        /// Something that is needed is gone.
        ReplayImpossible = "replay_impossible",
    }

    /// What made a replayed decision differ.
    Drift {
        /// The policy.
        Policy = "policy_drift",
        /// The routing.
        Routing = "routing_drift",
        /// The prices.
        Pricing = "pricing_drift",
        /// The budgets.
        Budget = "budget_drift",
        /// The conditions.
        Condition = "condition_drift",
        /// The delegation.
        Delegation = "delegation_drift",
        /// The attestations.
        Attestation = "attestation_drift",
        /// The engine that decides.
        Engine = "engine_drift",
        /// Nobody can say.
        Unknown = "unknown",
    }
}

/// A summary of deciding a permit once more. Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReplayEvidence {
    /// How the two compare.
    pub match_type: ReplayMatch,
    /// What made them differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift_type: Option<Drift>,
    /// The original decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_decision: Option<Decision>,
    /// The replayed decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replayed_decision: Option<Decision>,
    /// Why it could not be replayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay_impossible_reason: Option<String>,
    /// The differences; opaque.
    #[serde(
        default,
        deserialize_with = "crate::presence::not_null",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "OpenObject"))]
    pub diff_summary: Option<OpenObject>,
    /// All of this in words.
    pub explanation: String,
}
