// SPDX-License-Identifier: Apache-2.0

//! The artifacts that mappings name.

use serde::{Deserialize, Serialize};

/// An artifact that can be evidence. Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct EvidenceArtifact {
    /// The id that evidence names.
    pub artifact: String,
    /// A name for people.
    pub name: String,
    /// What it is.
    pub description: String,
    /// The schema that has it, without `.schema.json`; absent where none is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The member of that schema by which it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The claims that have to be supported before it counts, by name.
    pub claims: Vec<String>,
}

/// The file of artifacts. Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct ArtifactList {
    /// The artifacts.
    pub artifacts: Vec<EvidenceArtifact>,
}
