// SPDX-License-Identifier: Apache-2.0

//! Publishing: there is a whole export with its manifest, or there is none.

#![cfg(test)]

use std::{fs, io::Write as _, path::Path};

use permit_export_bundle::{
    EventForm, EventWriter, ExportFile, ExportWriterOptions, ManifestDraft, PublishError,
    SignedManifest,
};
use permit_keys::{ExportSigning, PurposeKey, SoftwareKey};
use permit_types::{NonEmptyText, ProjectId, Rfc3339};

/// An export of no events, and its manifest.
fn export(path: &Path, id: &str) -> (ExportFile, SignedManifest) {
    let project = ProjectId::parse("00000000-0000-4000-8000-0000000000a1").expect("an id");
    let file = ExportFile::create(path).expect("a folder that can be written");
    let options = ExportWriterOptions::default();
    let mut writer =
        EventWriter::new(file, &project, EventForm::Document, &options).expect("it is written");
    let name = permit_canonical_json::Value::from(id.to_owned());
    writer.member("note", &name).expect("a new member");
    let (file, facts) = writer.finish().expect("an honest export");
    let key = PurposeKey::<ExportSigning>::new(SoftwareKey::from_seed(&[1; 32]));
    let signed_at = Rfc3339::parse("2026-05-12T00:00:05Z").expect("a time");
    let id = NonEmptyText::parse(id).expect("text");
    (file, ManifestDraft::new(id, facts).sign(&key, signed_at).expect("software keys sign"))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry.expect("an entry").file_name().into_string().expect("UTF-8")
    };
    let mut names: Vec<_> = entries.map(name).collect();
    names.sort();
    names
}

#[test]
fn bundle_15_an_export_appears_with_its_manifest_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("may.json");
    let (file, manifest) = export(&path, "e-1");
    assert!(names(folder.path()).iter().all(|name| name.starts_with('.')), "hidden until then");
    let file = file.with_key_manifest("keys.json", b"{\"keys\": []}".to_vec());
    let published = file.publish(&manifest).expect("the name is free");
    assert_eq!(names(folder.path()), ["keys.json", "may.json", "may.json.manifest.json"]);
    assert_eq!(fs::read(&published.manifest).expect("it is there"), manifest.bytes());
    let bytes = fs::read(&published.export).expect("it is there");
    let hash = permit_canonical_json::Sha256Digest::of(&bytes);
    assert_eq!(manifest.manifest().content_hash.digest(), hash);
}

#[test]
fn a_dropped_export_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("may.json");
    drop(export(&path, "e-1"));
    let mut file = ExportFile::create(&path).expect("a folder");
    file.write_all(b"half of it").expect("it is written");
    drop(file);
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn an_export_is_replaced_only_if_that_was_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("may.json");
    let (file, first) = export(&path, "e-1");
    file.publish(&first).expect("the name is free");
    let before = fs::read(&path).expect("it is there");

    let (file, second) = export(&path, "e-2");
    let refused = file.publish(&second).expect_err("there is one");
    assert!(matches!(refused, PublishError::Exists(_)), "{refused}");
    assert_eq!(names(folder.path()), ["may.json", "may.json.manifest.json"]);
    assert_eq!(fs::read(&path).expect("it is there"), before);

    let (file, second) = export(&path, "e-2");
    let published = file.replacing().publish(&second).expect("it was said");
    assert_eq!(fs::read(published.manifest).expect("it is there"), second.bytes());
    assert_ne!(fs::read(&path).expect("it is there"), before);
    assert_eq!(names(folder.path()), ["may.json", "may.json.manifest.json"]);
}

/// What is left of somebody who was killed between the export and its manifest is no export.
#[test]
fn an_export_without_manifest_is_taken_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("may.json");
    fs::write(&path, "an export whose manifest never came").expect("it is written");
    let (file, manifest) = export(&path, "e-1");
    file.publish(&manifest).expect("there is no export");
    assert_eq!(names(folder.path()), ["may.json", "may.json.manifest.json"]);
}

#[test]
fn a_path_without_name_or_folder_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(matches!(ExportFile::create("/"), Err(PublishError::NoName(_))));
    let nowhere = folder.path().join("none/may.json");
    assert!(matches!(ExportFile::create(nowhere), Err(PublishError::Io { .. })));
}
