// SPDX-License-Identifier: Apache-2.0

//! What every text about a framework has to say.

use serde::{Deserialize, Serialize};

/// A disclaimer. Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct Disclaimer {
    /// `MAP-` and two digits.
    pub id: String,
    /// The text.
    pub text: String,
}

/// The file of disclaimers. Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct DisclaimerList {
    /// The disclaimers.
    pub disclaimers: Vec<Disclaimer>,
}
