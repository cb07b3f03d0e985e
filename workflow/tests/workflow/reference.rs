// SPDX-License-Identifier: Apache-2.0

//! Calls and command lines recorded from the reference, if they are there.
//!
//! Where this crate differs on purpose, no recorded call shows it; the other tests do.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use permit_canonical_json::{Budget, Profile, Value, read};
use permit_claims::Claim;
use permit_keys::{KeyManifest, Mode};
use permit_types::{Artifact, Instant};
use permit_workflow::{
    EffectiveIntent, HistoryLimits, IncidentOptions, IncidentOutcome, IncidentPayload,
    SiblingDescriptor, SnapshotChecker, WorkflowOutcome, WorkflowTrust, amendment_delta,
    amendment_payloads, declaration_intent, declaration_payloads, incident_files,
    is_workflow_document, issued_at_texts, verify_incident, verify_workflow_document,
    workflow_text,
};

use crate::bench::{DECLARATION, document, json, seal_amendment, seal_declaration};

fn folder(name: &str) -> Option<PathBuf> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference/");
    let path = PathBuf::from([path, name].concat());
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: there is no {}", path.display());
    None
}

fn canonical(value: &Value<'_>) -> String {
    Profile::Payload.to_text(value).unwrap()
}

#[test]
fn recorded_calls_give_the_recorded_results() {
    let Some(folder) = folder("peer-functions") else { return };
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for file in ["canonical-json.jsonl", "closure-workflow.jsonl", "hashes.jsonl", "time.jsonl"] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        for line in text.lines() {
            let call = json(line);
            if let Some(function) = check(&call) {
                *counted.entry(function).or_default() += 1;
            }
        }
    }
    assert_eq!(counted.len(), 9, "{counted:?}");
    assert!(counted.values().sum::<usize>() >= 50, "{counted:?}");
}

/// Checks a call of a function that this crate has, too.
fn check(call: &Value<'_>) -> Option<&'static str> {
    let id = call.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let argument = |name: &str| call.get("args").and_then(|args| args.get(name));
    let returned = call.get("result").and_then(|result| result.get("returns"))?;
    let text =
        |value: &Value<'_>| value.as_str().map(str::to_owned).unwrap_or_else(|| canonical(value));
    match call.get("function").and_then(Value::as_str)? {
        "canonical_workflow_json" => {
            assert_eq!(workflow_text(argument("value")?).unwrap(), text(returned), "{id}");
            Some("canonical_workflow_json")
        }
        "strip_none" => {
            assert_eq!(workflow_text(argument("value")?).unwrap(), canonical(returned), "{id}");
            Some("strip_none")
        }
        "workflow_declaration_intent" => {
            let intent = declaration_intent(argument("record")?).to_text().unwrap();
            assert_eq!(intent, canonical(returned), "{id}");
            Some("workflow_declaration_intent")
        }
        "workflow_amendment_delta" => {
            let delta = amendment_delta(argument("record")?).to_text().unwrap();
            assert_eq!(delta, canonical(returned), "{id}");
            Some("workflow_amendment_delta")
        }
        name @ ("workflow_declaration_payload_candidates"
        | "workflow_amendment_payload_candidates") => {
            let key_id = argument("binding_key_id").and_then(Value::as_str)?;
            let record = argument("record")?;
            let (function, payloads) = match name {
                "workflow_declaration_payload_candidates" => {
                    ("declaration_payloads", declaration_payloads(record, key_id))
                }
                _ => ("amendment_payloads", amendment_payloads(record, key_id)),
            };
            let ours: Vec<_> = payloads.iter().map(|payload| payload.to_text().unwrap()).collect();
            let theirs: Vec<_> = returned.as_array()?.iter().map(canonical).collect();
            assert_eq!(ours, theirs, "{id}");
            Some(function)
        }
        "workflow_issued_at_candidates" => {
            let theirs: Vec<_> = returned.as_array()?.iter().filter_map(Value::as_str).collect();
            assert_eq!(issued_at_texts(argument("value")?), theirs, "{id}");
            Some("issued_at_texts")
        }
        "compute_effective_intent_hash_from_records" => {
            let cut =
                argument("before_created_at").and_then(|time| time.get("$datetime")?.as_str());
            let cut = cut.map(|text| Instant::parse(text).unwrap());
            let mut intent = EffectiveIntent::of(argument("declaration")?).unwrap();
            for amendment in argument("amendments")?.as_array()? {
                let at =
                    amendment.get("created_at").and_then(Value::as_str).and_then(Instant::parse);
                if cut.is_none() || at < cut {
                    intent.amend(amendment).unwrap();
                }
            }
            assert_eq!(intent.digest().to_string(), text(returned), "{id}");
            Some("effective_intent")
        }
        "parse_iso_or_none" => {
            let theirs = returned.get("$datetime").and_then(Value::as_str).and_then(Instant::parse);
            let ours = argument("value").and_then(Value::as_str).and_then(Instant::parse);
            assert_eq!(ours, theirs, "{id}");
            Some("parse_iso_or_none")
        }
        _ => None,
    }
}

#[test]
fn pin_09_sem_07_the_vector_of_the_recipe() {
    let Some(folder) = folder("keel/spec-repo/test-vectors-semantics") else { return };
    let text = fs::read_to_string(folder.join("workflow_canonicalization_v1.json")).unwrap();
    let vector = json(&text);
    let (input, output) = (vector.get("input").unwrap(), vector.get("output").unwrap());
    let expected = |name: &str| output.get(name).and_then(Value::as_str).unwrap().to_owned();
    let declaration = input.get("declaration").unwrap();
    let amendment = &input.get("amendments").and_then(Value::as_array).unwrap()[0];
    let intent = declaration_intent(declaration).to_text().unwrap();
    assert_eq!(intent, expected("declaration_intent_canonical_json"));
    let delta = amendment_delta(amendment).to_text().unwrap();
    assert_eq!(delta, expected("amendment_delta_canonical_json"));
    let mut effective = EffectiveIntent::of(declaration).unwrap();
    effective.amend(amendment).unwrap();
    assert_eq!(effective.digest().to_string(), expected("effective_intent_hash"));
    // The records of the vector hold once they are signed.
    let declaration = crate::bench::with(&declaration.clone().into_owned(), "declared_by", ());
    let declaration = crate::bench::with(
        &seal_declaration(&declaration),
        "effective_intent_hash",
        expected("effective_intent_hash"),
    );
    let amendment = seal_amendment(&amendment.clone().into_owned());
    let history = crate::bench::verify(&document(&[declaration], &[amendment])).unwrap();
    assert!(history.declaration(DECLARATION).is_some());
}

#[test]
fn pin_09_sem_09_the_list_of_files_is_that_of_the_recipe() {
    let Some(folder) = folder("keel/spec-repo/test-vectors-semantics") else { return };
    let text = fs::read_to_string(folder.join("incident_bundle_manifest_v2.json")).unwrap();
    let vector = json(&text);
    let files = vector.get("input").and_then(|input| input.get("manifest")?.get("files"));
    assert_eq!(files, Some(&incident_files()));
}

/// What this crate says of a recorded command line: claims, verdicts and words.
fn judge(case: &Path) -> BTreeMap<String, (String, String)> {
    let input = case.join("input");
    let file = |name: &str| fs::read(input.join(name)).ok();
    let budget = Budget::default();
    let root = KeyManifest::read(&file("combined-keys.json").unwrap(), &budget).unwrap();
    let trust = WorkflowTrust::of(&root, Mode::Production);
    let manifest = file("manifest.json").unwrap();
    let manifest = read(&manifest, &budget).unwrap();
    let payload = file("export.json").or_else(|| file("incident.zip")).unwrap();
    let export = read(&payload, &budget).ok();
    let outcome = match &export {
        Some(export) if is_workflow_document(export) => {
            let limits = HistoryLimits::default();
            match verify_workflow_document(export, Artifact::Export, &trust, limits) {
                Ok(history) => WorkflowOutcome::proved(history.proofs()),
                Err(fault) => WorkflowOutcome::failed(fault),
            }
        }
        _ => beside(&manifest, export.as_ref(), &input, &trust).and_then(|| {
            let payload = IncidentPayload::of(&payload);
            match verify_incident(payload, &manifest, &trust, &IncidentOptions::default()) {
                IncidentOutcome::Judged(outcome) => outcome,
                IncidentOutcome::Skipped(_) => WorkflowOutcome::default(),
            }
        }),
    };
    let holds = outcome
        .proofs
        .iter()
        .map(|proof| (proof.claim().to_string(), ("supported".to_owned(), String::new())));
    let fails = outcome.fault.iter().map(|fault| {
        let verdict = permit_claims::Verdict::from(fault.fault.verdict).to_string();
        (fault.claim.to_string(), (verdict, fault.fault.reason().to_string()))
    });
    holds.chain(fails).collect()
}

fn beside(
    manifest: &Value<'_>,
    export: Option<&Value<'_>>,
    input: &Path,
    trust: &WorkflowTrust<'_>,
) -> WorkflowOutcome {
    let descriptor = match SiblingDescriptor::of(manifest) {
        Ok(Some(descriptor)) => descriptor,
        Ok(None) => return WorkflowOutcome::default(),
        Err(fault) => return WorkflowOutcome::failed(fault),
    };
    let found = descriptor
        .search()
        .paths
        .into_iter()
        .find_map(|place| fs::read(input.join(place.path)).ok());
    let Some(bytes) = found else { return WorkflowOutcome::failed(descriptor.not_found()) };
    let evidence =
        match descriptor.verify(&bytes, trust, &Budget::default(), HistoryLimits::default()) {
            Ok(evidence) => evidence,
            Err(fault) => return WorkflowOutcome::failed(fault),
        };
    let list = permit_canonical_json::JsonPointer::root().member("records");
    let mut checker = SnapshotChecker::new(evidence.history(), Artifact::Export, list);
    let records = export.and_then(|export| export.get("records")?.as_array());
    records.unwrap_or_default().iter().for_each(|record| checker.record(record));
    evidence.outcome().with_snapshots(checker.finish())
}

#[test]
fn recorded_command_lines_come_to_the_same_verdicts() {
    let Some(folder) = folder("peer-cases") else { return };
    let mut cases = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("workflow__") {
            continue;
        }
        cases += 1;
        let case = json(&fs::read_to_string(path.join("case.json")).unwrap());
        let report = case.get("expected").and_then(|expected| expected.get("json")).unwrap();
        let mut theirs = BTreeMap::new();
        for claim in report.get("claims").and_then(Value::as_array).unwrap() {
            let text = |name: &str| claim.get(name).and_then(Value::as_str).unwrap().to_owned();
            let is_ours = Claim::parse(&text("name")).is_some_and(|claim| {
                claim.as_str().starts_with("workflow") || claim == Claim::IncidentManifest
            });
            if is_ours {
                let holds = text("verdict") == "supported";
                let word = if holds { String::new() } else { text("reason_code") };
                theirs.insert(text("name"), (text("verdict"), word));
            }
        }
        assert!(!theirs.is_empty(), "{name}");
        assert_eq!(judge(&path), theirs, "{name}");
    }
    assert_eq!(cases, 4);
}
