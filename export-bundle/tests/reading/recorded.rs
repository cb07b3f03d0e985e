// SPDX-License-Identifier: Apache-2.0

//! Exports that others made: the sample bundle and the events of the reference's own tests.

use std::path::PathBuf;

use permit_canonical_json::{ByteRange, DigestSink, Kind, Value};
use permit_chain::{WalkOptions, Walker};
use permit_export_bundle::{
    Entry, ExportEnd, ExportReader, ExportReaderOptions, ExportVisitor, Manifest, PayloadForm,
    StructureFault, entry_pointer,
};
use permit_types::{Artifact, BundleFacts, Location, check_bundle_semantics};

/// Walks entries and gathers what the bundle says of itself.
struct Walk {
    walker: Walker,
    bundle: BundleFacts,
    permits: u64,
}

impl ExportVisitor for Walk {
    fn member(&mut self, name: &str, value: &Value<'_>) {
        self.bundle.take_member(name, value.range(), value);
    }
    fn begin_bundle_entries(&mut self, start: u64) {
        self.bundle.take_bundle_entries(ByteRange::at(start));
    }
    fn record_member(&mut self, _: u64, name: &str, _: &Value<'_>) {
        self.permits += u64::from(name == "permit");
    }
    fn end_record(&mut self, _: u64, range: ByteRange, entries: Option<Kind>) {
        self.bundle.note_record(range, entries.is_some_and(|kind| kind != Kind::Null));
    }
    fn entry(&mut self, entry: &Entry<'_>) {
        self.walker.entry(&entry.fields, entry.layout.array(), entry.index);
    }
    fn structure_fault(&mut self, fault: StructureFault) {
        panic!("{fault:?}");
    }
}

/// Reads an export and its manifest, checks the content hash, and walks it.
fn walk(export: &[u8], manifest: &[u8]) -> (ExportEnd, Walk) {
    let options = ExportReaderOptions::default();
    let walker = Walker::new(WalkOptions::default(), entry_pointer);
    let walk = Walk { walker, bundle: BundleFacts::new(), permits: 0 };
    let mut digest = DigestSink::new();
    let (end, walk) = ExportReader::new(&options, walk).read(export, &mut digest).unwrap();
    let manifest = Manifest::read(manifest, &options.budget).unwrap();
    let stated = manifest.text("content_hash").unwrap();
    assert_eq!(digest.finish().prefixed().to_string(), stated);
    (end, walk)
}

fn reference(path: &str) -> Option<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference");
    let path = PathBuf::from(root).join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

#[test]
fn bundle_11_the_sample_bundle_walks() {
    let Some(folder) = reference("bundles/1k") else { return };
    let export = std::fs::read(folder.join("export.json")).unwrap();
    let manifest = std::fs::read(folder.join("manifest.json")).unwrap();
    let (end, walk) = walk(&export, &manifest);
    assert_eq!((end.form, end.records), (PayloadForm::AuditBundle, Some(167)));
    assert_eq!(walk.permits, 167);
    // BUNDLE-01 to BUNDLE-05: what is shown suffices to judge the bundle by.
    assert_eq!(walk.bundle.records(), 167);
    assert_eq!(check_bundle_semantics(&walk.bundle, &Location::whole(Artifact::Export)), []);
    let outcome = walk.walker.finish();
    let proof = outcome.intact().map(|proof| (proof.entries(), proof.scopes()));
    assert_eq!(proof, Some((1_002, 4)));
}

#[test]
fn bundle_11_the_recorded_events_walk_in_each_of_their_forms() {
    let Some(cases) = reference("peer-cases") else { return };
    let mut forms = Vec::new();
    for case in std::fs::read_dir(cases).unwrap() {
        let input = case.unwrap().path().join("input");
        let name = input.display().to_string();
        if !name.contains("/walk-events__") {
            continue;
        }
        let manifest = std::fs::read(input.join("manifest.json")).unwrap();
        for file in ["export.json", "events.jsonl", "events.jsonl.gz"] {
            let Ok(export) = std::fs::read(input.join(file)) else { continue };
            let (end, walk) = walk(&export, &manifest);
            assert_eq!((end.unreadable, end.records), (None, Some(2)), "{name}");
            let outcome = walk.walker.finish();
            let proof = outcome.intact().map(|proof| (proof.entries(), proof.scopes()));
            assert_eq!(proof, Some((2, 1)), "{name}");
            forms.push((end.form, end.compressed));
        }
    }
    forms.sort_by_key(|(form, compressed)| (format!("{form:?}"), *compressed));
    assert_eq!(
        forms,
        [
            (PayloadForm::EventLines, false),
            (PayloadForm::EventLines, true),
            (PayloadForm::GovernanceEvents, false)
        ]
    );
}
