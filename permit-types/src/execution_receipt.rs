// SPDX-License-Identifier: Apache-2.0

//! What an execution was judged by.

use alloc::{string::String, vec::Vec};

use permit_canonical_json::Sha256Digest;

use crate::{OpenMembers, PermitId, Rfc3339, open_object::open_struct, word::words};

words! {
    /// What was decided about an execution. Unlike a permit's decision there is no challenge.
    ExecutionDecision {
        /// It may go on.
        Allow = "allow",
        /// It may not.
        Deny = "deny",
    }
}

/// A snapshot of everything that decided one execution (PCHAIN-25).
///
/// ```text
/// authority_envelope_hashes   root to leaf, the executing permit included   PCHAIN-26
/// usage_limit_state_hashes    each resolves in the same pack                PCHAIN-27
/// ```
///
/// The specification names these members and no schema closes the object, so that others are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExecutionReceipt {
    /// The execution.
    pub execution_id: String,
    /// The permit that was executed.
    pub permit_id: PermitId,
    /// When it was decided, by the clock of the issuer.
    pub decision_time: Rfc3339,
    /// The action that was asked for.
    pub requested_action: String,
    /// The tool that was asked for; the member is there even if there is none.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema_marker::Nullable<String>"))]
    pub requested_tool: Option<String>,
    /// What the tool was to work on.
    pub requested_resource_refs: Vec<String>,
    /// The permits above, from the root down.
    pub ancestor_permit_ids: Vec<PermitId>,
    /// The hashes of the envelopes, from the root down to the permit itself.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema_marker::Hex64>"))]
    pub authority_envelope_hashes: Vec<Sha256Digest>,
    /// The version or the hash of the policy that decided. Only a hash is evidence (PCHAIN-16).
    pub policy_version_or_hash: String,
    /// The hashes of the quotas as they stood.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema_marker::Hex64>"))]
    pub usage_limit_state_hashes: Vec<Sha256Digest>,
    /// What was decided.
    pub decision: ExecutionDecision,
    /// Why, for machines.
    pub reason_code: String,
    /// Everything else.
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub other: OpenMembers,
}

open_struct!(ExecutionReceipt {
    required execution_id,
    required permit_id,
    required decision_time,
    required requested_action,
    required requested_tool,
    required requested_resource_refs,
    required ancestor_permit_ids,
    required authority_envelope_hashes,
    required policy_version_or_hash,
    required usage_limit_state_hashes,
    required decision,
    required reason_code,
});
