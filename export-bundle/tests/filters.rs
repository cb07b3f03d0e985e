// SPDX-License-Identifier: Apache-2.0

//! What a manifest commits to of the filters that an export was asked for with (BUNDLE-16).

#![cfg(test)]

use permit_canonical_json::{Budget, Sha256Digest, Value, read_text};
use permit_export_bundle::{EventForm, EventWriter, ExportWriterOptions, ManifestDraft};
use permit_keys::{ExportSigning, PurposeKey, SoftwareKey};
use permit_types::{NonEmptyText, ProjectId, Rfc3339};

fn json(text: &str) -> Value<'static> {
    read_text(text, &Budget::default()).unwrap().into_owned()
}

/// The `filters_hash` of a manifest whose export was asked for with these filters.
fn filters_hash(filters: &str) -> String {
    let project = ProjectId::parse("00000000-0000-4000-8000-0000000000a1").unwrap();
    let options = ExportWriterOptions::default();
    let writer = EventWriter::new(Vec::new(), &project, EventForm::Document, &options).unwrap();
    let (_, facts) = writer.finish().unwrap();
    let key = PurposeKey::<ExportSigning>::new(SoftwareKey::from_seed(&[1; 32]));
    let draft = ManifestDraft::new(NonEmptyText::parse("export-7").unwrap(), facts);
    let signed_at = Rfc3339::parse("2026-05-12T00:00:05Z").unwrap();
    let signed = draft.filters(&json(filters)).unwrap().sign(&key, signed_at).unwrap();
    signed.manifest().filters_hash.unwrap().to_string()
}

/// The formula, written out: canonical bytes, nothing stripped, SHA-256, with its prefix.
#[test]
fn bundle_16_filters_hash_is_that_of_exactly_the_filters_that_were_asked_for() {
    let expected = |canonical: &str| format!("sha256:{}", Sha256Digest::of(canonical.as_bytes()));
    assert_eq!(filters_hash("{}"), expected("{}"));
    let asked = r#"{"to": "b", "from": "a", "permit_id": null, "timestamp": 1}"#;
    let canonical = r#"{"from":"a","permit_id":null,"timestamp":1,"to":"b"}"#;
    assert_eq!(filters_hash(asked), expected(canonical));
    assert_eq!(filters_hash(canonical), expected(canonical), "the order is none of the filters");
    for other in [
        r#"{"to": "b", "from": "a", "permit_id": null, "timestamp": 2}"#,
        r#"{"to": "b", "from": "a", "permit_id": null}"#,
        r#"{"to": "b", "from": "a", "timestamp": 1}"#,
        r#"{"to": "b ", "from": "a", "permit_id": null, "timestamp": 1}"#,
    ] {
        assert_ne!(filters_hash(other), expected(canonical), "{other}");
    }
}
