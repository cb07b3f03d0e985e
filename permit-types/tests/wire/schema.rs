// SPDX-License-Identifier: Apache-2.0

//! The schemas that are published.

use std::collections::BTreeSet;

use permit_types::PublishedSchema;

use crate::{
    judge::Judge,
    objects::table,
    table::{with, without},
};

#[test]
fn every_published_schema_judges_its_object() {
    for (schema, name) in [
        (PublishedSchema::Permit, "Permit"),
        (PublishedSchema::Closure, "ClosureEnvelope"),
        (PublishedSchema::ChainEntry, "ChainEntry"),
        (PublishedSchema::AuditExportBundle, "AuditExportBundle"),
        (PublishedSchema::AuditExportRecord, "AuditExportRecord"),
        (PublishedSchema::AuditExportManifest, "ExportManifest"),
        (PublishedSchema::CheckpointScopeState, "CheckpointScopeState"),
        (PublishedSchema::ScopeFaithfulness, "ScopeFaithfulnessAddition"),
        (PublishedSchema::PermitRevokedEvent, "PermitRevokedEvent"),
    ] {
        let judge = Judge::of_schema(&serde_json::to_value(schema.generate()).unwrap());
        let table = table(name);
        let full = table.full();
        assert_eq!(judge.schema_takes(&full), Some(true), "{name}");
        assert_eq!(judge.schema_takes(&with(&full, "unknown", 1)), Some(!table.closed), "{name}");
        for line in table.lines.iter().filter(|line| line.presence.is_required()) {
            let document = without(&full, line.name);
            assert_eq!(judge.schema_takes(&document), Some(false), "{name} {}", line.name);
        }
    }
    let names: BTreeSet<_> = PublishedSchema::ALL.iter().map(|one| one.file_name()).collect();
    assert_eq!(names.len(), 9);
}

#[test]
fn published_schemas_show_nothing_of_rust() {
    for schema in PublishedSchema::ALL {
        let text = serde_json::to_string(&schema.generate()).unwrap();
        for trace in ["int64", "crate::", "[`", "```", "\\n"] {
            assert!(!text.contains(trace), "{trace} in {}", schema.file_name());
        }
        assert!(text.contains("https://json-schema.org/draft/2020-12/schema"));
        assert_eq!(text, serde_json::to_string(&schema.generate()).unwrap(), "byte-stable");
    }
}
