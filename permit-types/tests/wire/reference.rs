// SPDX-License-Identifier: Apache-2.0

//! Documents that others wrote. They are not part of this repository; without them nothing is tested here.

use std::path::{Path, PathBuf};

use permit_canonical_json::{Budget, Value, from_value, read};
use permit_types::*;

use crate::{judge::Wire, table::Json};

fn reference(path: &str) -> Option<PathBuf> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference"));
    let path = root.join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

fn document(path: &Path) -> Json {
    read(&std::fs::read(path).unwrap(), &Budget::default()).unwrap().into_owned()
}

fn example<T: Wire>(name: &str) -> Option<T> {
    let path = reference(&["keel/spec-repo/examples/", name].concat())?;
    Some(crate::judge::Judge::of::<T>().accepts(&document(&path)))
}

#[test]
fn examples_of_the_specification_are_read() {
    for name in ["permit-allow.json", "permit-deny.json"] {
        let Some(permit) = example::<Permit>(name) else { continue };
        assert_eq!(permit.binding_request_hash.is_some(), permit.decision.may_be_bound());
    }
    if let Some(closure) = example::<ClosureEnvelope>("closure-v2-closed.json") {
        assert!(closure.payload.missing_when_closed().is_empty());
        assert_eq!(closure.payload.binding_key_id, closure.binding_key_id, "AMB-07");
    }
    example::<ChainEntry>("chain-entry.json");
    example::<ExportedChainEntry>("chain-entry.json");
    if let Some(bundle) = example::<AuditExportBundle>("audit-export-bundle-v2.json") {
        let records = bundle.records.iter().filter_map(|record| record.chain_entries.clone());
        assert!(records.flatten().all(|entry| ChainEntry::try_from(entry).is_ok()));
    }
}

#[test]
fn examples_of_the_specification_have_no_findings() {
    let place = Location::whole(Artifact::Export);
    for name in ["permit-allow.json", "permit-deny.json"] {
        let Some(path) = reference(&["keel/spec-repo/examples/", name].concat()) else { continue };
        assert_eq!(check_permit(&document(&path), &place), [], "{name}");
    }
    let bundle = reference("keel/spec-repo/examples/audit-export-bundle-v2.json");
    if let Some(path) = bundle {
        let facts = BundleFacts::of(&document(&path));
        assert_eq!(check_bundle_semantics(&facts, &place), []);
        assert_eq!(check_bundle_form(&facts, &place), []);
    }
}

#[test]
fn an_export_of_the_reference_departs_from_the_form_and_fails_nothing() {
    let Some(path) = reference("bundles/1k/export.json") else { return };
    let export = document(&path);
    let place = Location::whole(Artifact::Export);
    let mut findings = check_bundle_semantics(&BundleFacts::of(&export), &place);
    let mut index = LineageIndex::new();
    let records = export.get("records").and_then(Value::as_array).unwrap();
    for (record, number) in records.iter().zip(0..) {
        let permit = record.get("permit").unwrap();
        findings.extend(check_permit(permit, &place));
        index.add(&Lineage::of(permit).unwrap(), number);
    }
    findings.extend(index.finish(|_| place.clone()));
    let failures: Vec<_> =
        findings.iter().filter(|finding| finding.severity == Severity::Failure).collect();
    assert!(failures.is_empty(), "{failures:#?}");

    let manifest = reference("bundles/1k/manifest.json").unwrap();
    from_value::<ExportManifest>(&document(&manifest)).unwrap();
}

#[test]
fn side_01_sidecars_and_segments_of_the_corpus_are_read() {
    let Some(fixtures) = reference("keel/scope-faithfulness-corpus/fixtures") else { return };
    let mut read = (0, 0);
    for case in std::fs::read_dir(fixtures).unwrap() {
        let case = case.unwrap().path();
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        // These are malformed, or of another version, on purpose.
        let odd = ["grammar-version", "unknown-commitment-profile", "reserved", "open-range"];
        if odd.iter().any(|odd| name.contains(odd)) || name.contains("-neg-") {
            continue;
        }
        for sidecar in std::fs::read_dir(case.join("sidecars")).into_iter().flatten() {
            let path = sidecar.unwrap().path();
            let sidecar = from_value::<CheckpointScopeState>(&document(&path));
            read.0 += 1;
            sidecar.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let export = case.join("pack/export.json");
        if let Some(block) = export.exists().then(|| document(&export)) {
            let Some(block) = block.get("scope_faithfulness") else { continue };
            let block = from_value::<ScopeFaithfulness>(block);
            read.1 += 1;
            block.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
    assert!(read.0 > 0 && read.1 > 0, "{read:?}");
}

#[test]
fn authority_envelopes_of_the_vectors_are_read() {
    let Some(vectors) = reference("keel/spec-repo/vectors/cat-08-permit-chains") else { return };
    let mut read = 0;
    for case in std::fs::read_dir(vectors).unwrap() {
        let input = case.unwrap().path().join("input.json");
        if input.exists() {
            read += envelopes(&document(&input));
        }
    }
    assert!(read > 0);
}

/// The number of envelopes in a document, all of which must be read.
fn envelopes(value: &Json) -> usize {
    if let Some(elements) = value.as_array() {
        return elements.iter().map(envelopes).sum();
    }
    let members = value.as_object().map(|object| object.members()).unwrap_or_default();
    let own = members.iter().filter(|member| member.name() == "authority_envelope");
    let own = own.map(|member| {
        from_value::<AuthorityEnvelope>(member.value()).unwrap_or_else(|error| panic!("{error}"))
    });
    own.count() + members.iter().map(|member| envelopes(member.value())).sum::<usize>()
}

#[cfg(feature = "schema")]
#[test]
fn the_generated_schema_of_revocations_judges_as_the_published_one() {
    use crate::{judge::Judge, objects::table, table::with};
    let Some(path) = reference("keel/data-2.5.1/schemas/permit-revoked-event.schema.json") else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let published = Judge::of_schema(&serde_json::from_str(&text).unwrap());
    let ours = Judge::of::<PermitRevokedEvent>();
    let table = table("PermitRevokedEvent");
    for line in &table.lines {
        for value in line.good.iter().chain(&line.bad) {
            let document = with(&table.full(), line.name, value.clone());
            assert_eq!(
                published.schema_takes(&document),
                ours.schema_takes(&document),
                "{value:?}"
            );
        }
    }
}
