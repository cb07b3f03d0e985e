// SPDX-License-Identifier: Apache-2.0

//! The schemas that this verifier knows: those that the specification publishes, and ours.

use permit_canonical_json::{JsonPointer, ShapeError, Value, from_value, to_value};
use permit_claims::{VERDICTS_SCHEMA, to_pretty_text};
use permit_types::{
    Artifact, AuditExportBundle, AuditExportRecord, BundleFacts, ChainEntry, CheckpointScopeState,
    ClosureEnvelope, ExportManifest, Finding, Location, Permit, PermitRevokedEvent,
    PublishedSchema, ScopeFaithfulnessAddition, Severity, check_bundle_semantics,
    check_permit_semantics, form_finding,
};
use schemars::Schema;
use serde::de::DeserializeOwned;

use crate::report_schema::{checkpoint_report_schema, export_report_schema};

/// A kind of document that has a schema.
///
/// ```
/// use permit_verifier::DocumentKind;
///
/// let kind = DocumentKind::named("permit-v1").unwrap();
/// assert_eq!(kind.file_name(), "permit-v1.schema.json");
/// assert!(kind.schema_text().starts_with("{\n  \"$comment\": \"Generated from the Rust types"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentKind(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Published(PublishedSchema),
    KeyManifest,
    ClaimRegistry,
    ExportReport,
    CheckpointReport,
}

impl DocumentKind {
    /// All kinds: those of the specification in its order, then ours.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let published = PublishedSchema::ALL.iter().copied().map(Kind::Published);
        let own =
            [Kind::KeyManifest, Kind::ClaimRegistry, Kind::ExportReport, Kind::CheckpointReport];
        published.chain(own).map(Self).collect()
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|kind| kind.name() == name)
    }

    /// The kind of a document, as far as its members tell.
    ///
    /// ```
    /// use permit_canonical_json::{Budget, read};
    /// use permit_verifier::DocumentKind;
    ///
    /// let document = read(br#"{"keys": []}"#, &Budget::default())?;
    /// assert_eq!(DocumentKind::guess(&document).map(DocumentKind::name), Some("key-manifest"));
    /// # Ok::<(), permit_canonical_json::ReadError>(())
    /// ```
    #[must_use]
    pub fn guess(document: &Value<'_>) -> Option<Self> {
        let members = document.as_object()?;
        let has = |all: &[&str]| all.iter().all(|name| members.get(name).is_some());
        let text = |name| members.get(name).and_then(Value::as_str);
        let is = |schema| Some(Self(Kind::Published(schema)));
        if text("schema") == Some(VERDICTS_SCHEMA) {
            let of_checkpoint = members.get("chain_heads_count").is_some();
            return Some(Self(match of_checkpoint {
                true => Kind::CheckpointReport,
                false => Kind::ExportReport,
            }));
        }
        // What only one kind of document has, the surest first.
        match () {
            () if has(&["bundle_type"]) || has(&["records", "schema_version"]) => {
                is(PublishedSchema::AuditExportBundle)
            }
            () if has(&["scope_commitments"]) || has(&["artifact_type", "tree_size"]) => {
                is(PublishedSchema::CheckpointScopeState)
            }
            () if has(&["scope_faithfulness"]) => is(PublishedSchema::ScopeFaithfulness),
            () if has(&["payload", "canonical_hash"]) || has(&["payload", "binding_key_id"]) => {
                is(PublishedSchema::Closure)
            }
            () if has(&["record_hash"]) || has(&["event_id", "prev_hash"]) => {
                is(PublishedSchema::ChainEntry)
            }
            () if has(&["content_hash"]) => is(PublishedSchema::AuditExportManifest),
            () if has(&["actor_kind"]) || has(&["revoked_at", "effective_at"]) => {
                is(PublishedSchema::PermitRevokedEvent)
            }
            () if has(&["request_fingerprint"]) || has(&["decision", "action_name"]) => {
                is(PublishedSchema::Permit)
            }
            () if has(&["permit"]) => is(PublishedSchema::AuditExportRecord),
            () if has(&["verdict_enum", "claims"]) => Some(Self(Kind::ClaimRegistry)),
            () if has(&["keys"]) => Some(Self(Kind::KeyManifest)),
            () => None,
        }
    }

    /// The name, such as `permit-v1`.
    #[must_use]
    pub fn name(self) -> &'static str {
        let file = self.file_name();
        file.strip_suffix(ENDING).unwrap_or(file)
    }

    /// The file that the schema is published in.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self.0 {
            Kind::Published(schema) => schema.file_name(),
            Kind::KeyManifest => "key-manifest.schema.json",
            Kind::ClaimRegistry => "claim-registry.schema.json",
            Kind::ExportReport => "export-report.schema.json",
            Kind::CheckpointReport => "checkpoint-report.schema.json",
        }
    }

    /// What documents of this kind are, in a few words.
    #[must_use]
    pub fn describes(self) -> &'static str {
        match self.0 {
            Kind::Published(schema) => published(schema),
            Kind::KeyManifest => "a key manifest, the file that says which keys to trust",
            Kind::ClaimRegistry => "a claim registry of version 0",
            Kind::ExportReport => "what `permit-verify export --json` prints",
            Kind::CheckpointReport => "what `permit-verify checkpoint --json` prints",
        }
    }

    /// Whether the specification publishes a schema of the same name; the others are ours.
    #[must_use]
    pub fn is_published(self) -> bool {
        matches!(self.0, Kind::Published(_))
    }

    /// The schema, made from the types (Draft 2020-12).
    #[must_use]
    pub fn schema(self) -> Schema {
        let mut schema = match self.0 {
            Kind::Published(schema) => schema.generate(),
            Kind::KeyManifest => permit_keys::key_manifest_schema(),
            Kind::ClaimRegistry => permit_pins::claim_registry_schema(),
            Kind::ExportReport => export_report_schema(),
            Kind::CheckpointReport => checkpoint_report_schema(),
        };
        schema.insert("$comment".into(), SCHEMA_COMMENT.into());
        schema
    }

    /// The schema as text: the bytes of its file in `schemas/`.
    #[must_use]
    pub fn schema_text(self) -> String {
        schema_text(&self.schema())
    }

    /// The artifact that findings about such a document name.
    pub(crate) fn artifact(self) -> Artifact {
        match self.0 {
            Kind::Published(schema) => match schema {
                PublishedSchema::AuditExportBundle
                | PublishedSchema::AuditExportRecord
                | PublishedSchema::ScopeFaithfulness => Artifact::Export,
                PublishedSchema::AuditExportManifest => Artifact::Manifest,
                PublishedSchema::Closure => Artifact::Closure,
                PublishedSchema::CheckpointScopeState => Artifact::ScopeState,
                PublishedSchema::Permit
                | PublishedSchema::ChainEntry
                | PublishedSchema::PermitRevokedEvent => Artifact::ClaimEvidence,
            },
            Kind::KeyManifest => Artifact::KeyManifest,
            Kind::ClaimRegistry => Artifact::SemanticArtifact,
            Kind::ExportReport | Kind::CheckpointReport => Artifact::ClaimEvidence,
        }
    }

    /// The rule that says that documents have this form, where the specification has one.
    pub(crate) fn rule(self) -> Option<&'static str> {
        let Kind::Published(schema) = self.0 else { return None };
        Some(match schema {
            PublishedSchema::Permit => "CONF-01",
            PublishedSchema::Closure => "CONF-02",
            PublishedSchema::ChainEntry => "CHAIN-17",
            PublishedSchema::AuditExportBundle
            | PublishedSchema::AuditExportRecord
            | PublishedSchema::AuditExportManifest => "CONF-04",
            PublishedSchema::CheckpointScopeState => "SIDE-01",
            PublishedSchema::ScopeFaithfulness => "SFE-02",
            PublishedSchema::PermitRevokedEvent => "REVOKE-01",
        })
    }

    /// The first thing that the type refuses, if there is a type.
    pub(crate) fn refused_by_type(self, document: &Value<'_>) -> Option<Finding> {
        let Kind::Published(schema) = self.0 else { return None };
        let error = match schema {
            PublishedSchema::Permit => refused::<Permit>(document),
            PublishedSchema::Closure => refused::<ClosureEnvelope>(document),
            PublishedSchema::ChainEntry => refused::<ChainEntry>(document),
            PublishedSchema::AuditExportBundle => refused::<AuditExportBundle>(document),
            PublishedSchema::AuditExportRecord => refused::<AuditExportRecord>(document),
            PublishedSchema::AuditExportManifest => refused::<ExportManifest>(document),
            PublishedSchema::CheckpointScopeState => refused::<CheckpointScopeState>(document),
            PublishedSchema::ScopeFaithfulness => refused::<ScopeFaithfulnessAddition>(document),
            PublishedSchema::PermitRevokedEvent => refused::<PermitRevokedEvent>(document),
        }?;
        let rule = self.rule().unwrap_or_default();
        let mut finding = form_finding(&error, &Location::whole(self.artifact()), rule);
        finding.severity = Severity::Failure;
        Some(finding)
    }

    /// What else is checked of such a document without a key: rules that no schema can say.
    pub(crate) fn semantic_findings(self, document: &Value<'_>) -> Vec<Finding> {
        let base = Location::value(self.artifact(), JsonPointer::root(), document.range());
        match self.0 {
            Kind::Published(PublishedSchema::Permit) => check_permit_semantics(document, &base),
            Kind::Published(PublishedSchema::AuditExportRecord) => of_record(document, &base),
            Kind::Published(PublishedSchema::AuditExportBundle) => {
                let mut findings = check_bundle_semantics(&BundleFacts::of(document), &base);
                let records = document.get("records").and_then(Value::as_array);
                for (index, record) in (0_u64..).zip(records.unwrap_or_default()) {
                    let pointer = base.pointer.clone().member("records").index(index);
                    let base = Location::value(base.artifact, pointer, record.range());
                    findings.extend(of_record(record, &base));
                }
                findings
            }
            _ => Vec::new(),
        }
    }
}

fn of_record(record: &Value<'_>, base: &Location) -> Vec<Finding> {
    let Some(permit) = record.get("permit") else { return Vec::new() };
    let pointer = base.pointer.clone().member("permit");
    check_permit_semantics(permit, &Location::value(base.artifact, pointer, permit.range()))
}

fn published(schema: PublishedSchema) -> &'static str {
    match schema {
        PublishedSchema::Permit => "a permit",
        PublishedSchema::Closure => "a closure of version 2 in its envelope",
        PublishedSchema::ChainEntry => "a chain entry by itself",
        PublishedSchema::AuditExportBundle => "an audit export bundle, version 1 or 2",
        PublishedSchema::AuditExportRecord => "a record of a bundle",
        PublishedSchema::AuditExportManifest => "the signed manifest of an export",
        PublishedSchema::CheckpointScopeState => "the scope state of a checkpoint",
        PublishedSchema::ScopeFaithfulness => "what scope-faithful exports add to their payload",
        PublishedSchema::PermitRevokedEvent => "a signed revocation",
    }
}

fn refused<T: DeserializeOwned>(document: &Value<'_>) -> Option<ShapeError> {
    from_value::<T>(document).err()
}

/// A schema as text: members sorted, two spaces a level, one line break at the end.
#[must_use]
pub fn schema_text(schema: &Schema) -> String {
    to_pretty_text(&schema_value(schema))
}

/// A schema as a value of the strict reader.
pub(crate) fn schema_value(schema: &Schema) -> Value<'static> {
    // Schemas are JSON already; nothing in one could fail to be written.
    to_value(schema).unwrap_or_else(|_| Value::from(()))
}

/// What every generated schema says about itself.
pub const SCHEMA_COMMENT: &str =
    "Generated from the Rust types of permit-rs by `cargo xtask schemas`; do not edit.";

const ENDING: &str = ".schema.json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_files_and_are_unique() {
        let mut names: Vec<_> = DocumentKind::all().into_iter().map(DocumentKind::name).collect();
        assert_eq!(names.len(), 13);
        for name in &names {
            let kind = DocumentKind::named(name).unwrap();
            assert_eq!(kind.file_name(), format!("{name}{ENDING}"));
            assert!(!kind.describes().is_empty());
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 13);
        assert_eq!(DocumentKind::named("permit-v1.schema.json"), None);
    }

    #[test]
    fn texts_are_stable_sorted_and_generated() {
        for kind in DocumentKind::all() {
            let text = kind.schema_text();
            assert_eq!(text, kind.schema_text(), "{}", kind.name());
            assert!(text.ends_with("}\n") && !text.contains('\r'), "{}", kind.name());
            assert!(text.contains(SCHEMA_COMMENT), "{}", kind.name());
            assert!(text.contains("https://json-schema.org/draft/2020-12/schema"));
            assert!(!text.contains("\"null\"\n}"), "a schema is an object");
        }
    }
}
