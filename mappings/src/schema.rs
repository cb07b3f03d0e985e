// SPDX-License-Identifier: Apache-2.0

//! The JSON Schemas of the mapping's files, made from the types.

use schemars::{JsonSchema, Schema, generate::SchemaSettings};

use crate::{disclaimer::DisclaimerList, evidence_artifact::ArtifactList, framework::Framework};

/// The files of a mapping that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MappingSchema {
    /// One framework.
    Framework,
    /// The list of artifacts.
    Artifacts,
    /// The list of disclaimers.
    Disclaimers,
}

impl MappingSchema {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Framework, Self::Artifacts, Self::Disclaimers];

    /// The name of the file that the schema goes into.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Framework => "mapping-framework.schema.json",
            Self::Artifacts => "mapping-artifacts.schema.json",
            Self::Disclaimers => "mapping-disclaimers.schema.json",
        }
    }

    /// Makes the schema (Draft 2020-12), without an `$id`.
    ///
    /// ```
    /// use permit_mappings::MappingSchema;
    ///
    /// let schema = MappingSchema::Framework.generate();
    /// assert_eq!(schema.get("additionalProperties"), Some(&false.into()));
    /// ```
    #[must_use]
    pub fn generate(self) -> Schema {
        match self {
            Self::Framework => of::<Framework>(),
            Self::Artifacts => of::<ArtifactList>(),
            Self::Disclaimers => of::<DisclaimerList>(),
        }
    }
}

fn of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>()
}
