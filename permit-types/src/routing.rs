// SPDX-License-Identifier: Apache-2.0

//! How a request was routed.

use alloc::{string::String, vec::Vec};
use core::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use crate::{
    OpenObject, Rfc3339,
    text::{has_length_up_to, text_newtypes},
    word::words,
};

words! {
    /// A provider that requests are routed to. `resource_provider` of a permit is open; this list is not (AMB-31).
    RoutingProvider {
        /// `OpenAI`.
        Openai = "openai",
        /// Anthropic.
        Anthropic = "anthropic",
        /// Google.
        Google = "google",
        /// xAI.
        Xai = "xai",
        /// Meta.
        Meta = "meta",
        /// A server of the Model Context Protocol.
        Mcp = "mcp",
    }

    /// Why a request went where it went.
    RoutingReason {
        /// It was asked for.
        ExplicitRequest = "explicit_request",
        /// The policy prefers it.
        PolicyPreference = "policy_preference",
        /// It costs less.
        CostOptimization = "cost_optimization",
        /// It does better.
        QualityPreference = "quality_preference",
        /// It fits the task.
        RoutingFitness = "routing_fitness",
        /// What was tried before it failed.
        FallbackAfterError = "fallback_after_error",
    }

    /// What matters most in routing.
    RoutingPriority {
        /// The cost.
        Cheap = "cheap",
        /// Cost and quality alike.
        Balanced = "balanced",
        /// The quality.
        Quality = "quality",
    }
}

text_newtypes! {
    /// The id of a routing decision.
    RoutingDecisionId: "1 to 26 characters", |text| has_length_up_to(text, 26),
        { "type": "string", "minLength": 1, "maxLength": 26 };

    /// The name of a model in routing.
    RoutingModel: "1 to 128 characters", |text| has_length_up_to(text, 128),
        { "type": "string", "minLength": 1, "maxLength": 128 };

    /// The kind of task that routing took a request for.
    TaskType: "1 to 64 characters", |text| has_length_up_to(text, 64),
        { "type": "string", "minLength": 1, "maxLength": 64 };
}

/// A model at a provider. Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoutingTarget {
    /// The provider.
    pub provider: RoutingProvider,
    /// The model.
    pub model: RoutingModel,
}

/// What was asked for, what was chosen, and why. Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Routing {
    /// The provider that was asked for.
    pub requested_provider: RoutingProvider,
    /// The model that was asked for.
    pub requested_model: RoutingModel,
    /// The provider that was chosen.
    pub selected_provider: RoutingProvider,
    /// The model that was chosen.
    pub selected_model: RoutingModel,
    /// Why, for machines.
    pub reason_code: RoutingReason,
    /// The id of this routing decision.
    #[serde(
        default,
        deserialize_with = "crate::presence::not_null",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "RoutingDecisionId"))]
    pub decision_id: Option<RoutingDecisionId>,
    /// When it was made.
    #[serde(
        default,
        deserialize_with = "crate::presence::not_null",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "Rfc3339"))]
    pub decided_at: Option<Rfc3339>,
    /// Where to go next if this fails, in order.
    #[serde(
        default,
        deserialize_with = "crate::presence::not_null",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<RoutingTarget>"))]
    pub fallback_chain: Option<Vec<RoutingTarget>>,
    /// Whether something failed before; absent is no.
    #[serde(
        default,
        deserialize_with = "crate::presence::not_null",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "bool"))]
    pub fallback_occurred: Option<bool>,
    /// The estimated cost in millionths of a US dollar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_cost_usd_micros: Option<u64>,
    /// The latency to aim for, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_target_ms: Option<NonZeroU64>,
    /// The routing policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_id: Option<String>,
    /// The version of the routing policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_version: Option<String>,
    /// What mattered most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<RoutingPriority>,
    /// More about why; opaque.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_metadata: Option<OpenObject>,
    /// The kind of task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_type: Option<TaskType>,
}
