// SPDX-License-Identifier: Apache-2.0

//! The authority that a permit has and can hand on.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{Rfc3339, UniqueArray};

/// What a permit allows at most, and its children with it. Closed; all members are required.
///
/// ```text
/// six sets of texts   compared as subsets, in any order on the wire   PCHAIN-02, AMB-34
/// expires_at          compared as an instant                          PCHAIN-13, AMB-35
/// ```
///
/// Nothing in it can be used up: what one child has, another can have as well.
/// Quotas are in [`UsageLimits`](crate::UsageLimits) (PCHAIN-01).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuthorityEnvelope {
    /// Actions.
    pub actions: UniqueArray<String>,
    /// Tools, their versions in the text (`name@v2`).
    pub tools: UniqueArray<String>,
    /// Providers.
    pub providers: UniqueArray<String>,
    /// Models.
    pub models: UniqueArray<String>,
    /// Classes of data; a set and no ladder (PCHAIN-03).
    pub data_classes: UniqueArray<String>,
    /// Regions.
    pub regions: UniqueArray<String>,
    /// When the authority ends.
    pub expires_at: Rfc3339,
}
