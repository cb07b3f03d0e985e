// SPDX-License-Identifier: Apache-2.0

//! What a request used, as the proxy logged it.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{ApiKeyId, OpenObject, ProjectId, ProxyRequestId, Rfc3339, UsageLogId};

/// An entry of the usage log. Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UsageLogEntry {
    /// The id of the entry.
    pub id: UsageLogId,
    /// The project that the request belongs to.
    pub project_id: ProjectId,
    /// The API key that the request came with.
    pub api_key_id: ApiKeyId,
    /// The id the proxy gave to the request.
    pub proxy_request_id: ProxyRequestId,
    /// The provider.
    pub provider: String,
    /// The model.
    pub model: String,
    /// Tokens in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_tokens: Option<u64>,
    /// Tokens out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion_tokens: Option<u64>,
    /// Tokens in and out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_tokens: Option<u64>,
    /// The cost in millionths of a US dollar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_usd_micros: Option<u64>,
    /// The id the provider gave to its response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_response_id: Option<String>,
    /// The key under which repeated entries count once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// More; opaque.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata_json: Option<OpenObject>,
    /// When the entry was made.
    pub created_at: Rfc3339,
}
