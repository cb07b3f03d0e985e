// SPDX-License-Identifier: Apache-2.0

//! The JSON Schemas of the wire objects, made from the types.

use schemars::{
    JsonSchema, Schema, SchemaGenerator,
    generate::SchemaSettings,
    transform::{RecursiveTransform, Transform},
};

/// The documents that the specification publishes a schema of.
///
/// ```
/// use permit_types::PublishedSchema;
///
/// let schema = PublishedSchema::Permit.generate();
/// assert_eq!(schema.get("additionalProperties"), Some(&false.into()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PublishedSchema {
    /// The permit.
    Permit,
    /// The closure of version 2 with its envelope.
    Closure,
    /// The chain entry, strict.
    ChainEntry,
    /// The bundle.
    AuditExportBundle,
    /// A record of a bundle.
    AuditExportRecord,
    /// The manifest of an export.
    AuditExportManifest,
    /// The scope state of a checkpoint.
    CheckpointScopeState,
    /// What scope-faithful exports add to their payload.
    ScopeFaithfulness,
    /// The signed revocation.
    PermitRevokedEvent,
}

impl PublishedSchema {
    /// All of them, in the order of the specification.
    pub const ALL: &'static [Self] = &[
        Self::Permit,
        Self::Closure,
        Self::ChainEntry,
        Self::AuditExportBundle,
        Self::AuditExportRecord,
        Self::AuditExportManifest,
        Self::CheckpointScopeState,
        Self::ScopeFaithfulness,
        Self::PermitRevokedEvent,
    ];

    /// The name of the file that the specification publishes it in.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Permit => "permit-v1.schema.json",
            Self::Closure => "closure-v2.schema.json",
            Self::ChainEntry => "chain-entry.schema.json",
            Self::AuditExportBundle => "audit-export-bundle.schema.json",
            Self::AuditExportRecord => "audit-export-record.schema.json",
            Self::AuditExportManifest => "audit-export-manifest.schema.json",
            Self::CheckpointScopeState => "checkpoint-scope-state-v1.schema.json",
            Self::ScopeFaithfulness => "export-scope-faithfulness-v1.schema.json",
            Self::PermitRevokedEvent => "permit-revoked-event.schema.json",
        }
    }

    /// Makes the schema from the type.
    #[must_use]
    pub fn generate(self) -> Schema {
        match self {
            Self::Permit => root::<crate::Permit>(),
            Self::Closure => root::<crate::ClosureEnvelope>(),
            Self::ChainEntry => root::<crate::ChainEntry>(),
            Self::AuditExportBundle => root::<crate::AuditExportBundle>(),
            Self::AuditExportRecord => root::<crate::AuditExportRecord>(),
            Self::AuditExportManifest => root::<crate::ExportManifest>(),
            Self::CheckpointScopeState => root::<crate::CheckpointScopeState>(),
            Self::ScopeFaithfulness => root::<crate::ScopeFaithfulnessAddition>(),
            Self::PermitRevokedEvent => root::<crate::PermitRevokedEvent>(),
        }
    }
}

fn root<T: JsonSchema>() -> Schema {
    schema_generator().into_root_schema_for::<T>()
}

/// A generator with the settings of the project: Draft 2020-12, the form that is read, without
/// the marks of Rust.
#[must_use]
pub fn schema_generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12()
        .for_deserialize()
        .with_transform(RecursiveTransform(WithoutRust))
        .into_generator()
}

/// Takes out what is about the types and not about the objects: formats of integers, and
/// everything of a description behind its first paragraph.
#[derive(Clone, Debug)]
struct WithoutRust;

impl Transform for WithoutRust {
    fn transform(&mut self, schema: &mut Schema) {
        let format = schema.get("format").and_then(|format| format.as_str());
        if format.is_some_and(|format| INTEGER_FORMATS.contains(&format)) {
            schema.remove("format");
        }
        let description = schema.get("description").and_then(|text| text.as_str());
        let first = description.and_then(|text| text.split("\n\n").next());
        if let Some(line) = first.map(|text| text.replace('\n', " ")) {
            schema.insert("description".into(), line.into());
        }
    }
}

const INTEGER_FORMATS: [&str; 2] = ["int64", "uint64"];
