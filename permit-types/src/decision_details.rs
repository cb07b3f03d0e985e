// SPDX-License-Identifier: Apache-2.0

//! The decision with its code.

use alloc::string::String;

use crate::{Decision, OpenMembers, open_object::open_struct};

/// The decision again, with a code for machines and whatever else the issuer adds.
///
/// ```text
/// open object; members beyond the three are kept    PERMIT-11
/// decision    that of the permit                    PERMIT-10
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DecisionDetails {
    /// What was decided.
    pub decision: Decision,
    /// Why, for machines.
    pub code: String,
    /// Why, for people.
    pub reason: String,
    /// Everything else.
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub other: OpenMembers,
}

open_struct!(DecisionDetails { required decision, required code, required reason, });
