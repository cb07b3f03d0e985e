// SPDX-License-Identifier: Apache-2.0

//! Who acted, as an identity provider names them.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::NonEmptyText;

/// A reference to an actor in the terms of whoever vouches for the identity. Closed.
///
/// It names the same actor as `subject_type` and `subject_id` of the permit (PCHAIN-15).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActorRef {
    /// Who vouches for the identity.
    pub issuer: NonEmptyText,
    /// The actor, as the issuer names it.
    pub subject: NonEmptyText,
    /// A name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_label: Option<String>,
}
