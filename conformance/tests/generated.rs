// SPDX-License-Identifier: Apache-2.0

//! Every case that the generator makes, judged by our own verifier in this process.

#![cfg(test)]

use std::collections::BTreeMap;

use permit_canonical_json::{Budget, Profile, Sha256Digest, StrippedKeys, Value, read};
use permit_chain::{EntryFields, RecordHashInputs, record_hash_v1};
use permit_delegation::{ChainContext, judge_pack};
use permit_keys::{KeyManifest, Mode};
use permit_types::Severity;
use permit_verifier::{
    Authorities, CheckpointEvidence, ExportEvidence, ExportOptions, Folder, InMemoryFolder, Layers,
    NamedFile, Outcome, PackPath, Report, Threads, Trust, judge_delegation_denied,
    verify_checkpoint, verify_export,
};
use serde_json::Value as Json;

/// A case as the test sees it: what is expected, and the files of its input.
struct Case<'c> {
    expected: Json,
    input: BTreeMap<&'c str, &'c [u8]>,
}

impl<'c> Case<'c> {
    fn of(files: &'c BTreeMap<String, Vec<u8>>) -> Self {
        let mut expected = Json::Null;
        let mut input = BTreeMap::new();
        for (path, bytes) in files {
            if path == "expected.json" {
                expected = serde_json::from_slice(bytes).unwrap();
            } else if let Some((_, name)) = path.split_once("input/") {
                input.insert(name, bytes.as_slice());
            }
        }
        Self { expected, input }
    }

    fn text(&self, name: &str) -> &str {
        self.expected[name].as_str().unwrap_or_default()
    }

    fn name(&self, role: &str) -> &str {
        self.expected["files"][role].as_str().unwrap_or_default()
    }

    fn file(&self, role: &str) -> Option<&'c [u8]> {
        self.input.get(self.name(role)).copied()
    }

    fn folder(&self) -> InMemoryFolder {
        let mut folder = InMemoryFolder::new();
        for (name, bytes) in &self.input {
            for place in [Folder::Manifest, Folder::Export] {
                if let Ok(path) = PackPath::parse(name) {
                    folder.insert(place, path, bytes.to_vec());
                }
            }
        }
        folder
    }

    fn trust(&self) -> Result<Trust, String> {
        let bytes = self.file("trust_root").ok_or("no trust root")?;
        let manifest = KeyManifest::read(bytes, &Budget::default()).map_err(|e| e.to_string())?;
        let mode = if self.text("expected_mode") == "TEST" { Mode::Test } else { Mode::Production };
        Ok(Trust::key_manifest(manifest, "the case").in_mode(mode))
    }

    fn options(&self) -> ExportOptions {
        let checks = self.expected["checks"].as_array().cloned().unwrap_or_default();
        let asked = |name: &str| checks.iter().any(|check| check == name);
        let mut options = ExportOptions::default();
        options.layers =
            Layers { walk_events: asked("walk_events"), verify_closure: asked("verify_closure") };
        options.threads = Threads::One;
        options
    }

    fn export_report(&self) -> Result<Report, String> {
        let folder = self.folder();
        let manifest =
            NamedFile::new(self.name("manifest"), self.file("manifest").unwrap().to_vec());
        let export = self.file("export").unwrap();
        let dispatched = self.file("dispatched_request");
        let dispatched = dispatched.map(|bytes| NamedFile::new("request", bytes.to_vec()));
        let evidence = ExportEvidence::new(self.name("export"), export, manifest)
            .folder(&folder)
            .dispatched_request(dispatched);
        Ok(verify_export(evidence, &self.trust()?, &self.options()).unwrap())
    }

    fn checkpoint_report(&self) -> Result<Report, String> {
        let folder = self.folder();
        let evidence = CheckpointEvidence {
            file: NamedFile::new(
                self.name("checkpoint"),
                self.file("checkpoint").unwrap().to_vec(),
            ),
            folder: &folder,
            authorities: self.file("tsa_ca_bundle").map(|pem| Authorities {
                name: self.name("tsa_ca_bundle").to_owned(),
                pem: Ok(pem.to_vec()),
            }),
            skip_receipts: false,
        };
        Ok(verify_checkpoint(&evidence, &self.trust()?, &self.options()).report)
    }
}

fn codes(report: &Report) -> Vec<String> {
    let failures = report.findings.iter().filter(|finding| finding.severity == Severity::Failure);
    let mut codes: Vec<String> = failures
        .map(|finding| match finding.reason.code() {
            Some(code) => code.as_str().to_owned(),
            None => finding.reason.as_str().to_owned(),
        })
        .collect();
    codes.dedup();
    codes
}

fn reasons(report: &Report) -> Vec<String> {
    let mut all: Vec<String> =
        report.claims.iter().map(|claim| claim.reason.as_str().to_owned()).collect();
    all.extend(report.findings.iter().map(|finding| finding.reason.as_str().to_owned()));
    all
}

/// What is wrong with the answer of our verifier; nothing, if it is the right one.
fn judge(case: &Case<'_>) -> Result<(), String> {
    let expected = &case.expected;
    if expected.get("output").is_some() {
        return judge_output(case);
    }
    if expected.get("claim_type").is_some() {
        let document = read(case.file("pack").unwrap(), &Budget::default()).unwrap();
        let result = judge_pack(&document, &ChainContext::default()).to_json("test");
        let text = |name: &str| result.get(name).and_then(Value::as_str);
        let told = (text("status").unwrap_or_default(), text("failure_code"));
        let wanted = (case.text("status"), expected["failure_code"].as_str());
        let same = told == wanted;
        return if same { Ok(()) } else { Err(format!("expected {wanted:?}, got {told:?}")) };
    }
    if let Some(claims) = expected["claims"].as_array() {
        return judge_claims(case, claims);
    }
    let judged = match case.file("export") {
        Some(_) => case.export_report(),
        None => case.checkpoint_report(),
    };
    let mut report = match judged {
        Ok(report) => report,
        // A trust root that is refused when it is loaded resolves no key.
        Err(_) if case.expected["primary_failure_code"] == "UNKNOWN_SIGNING_KEY" => return Ok(()),
        Err(problem) => return Err(format!("could not judge: {problem}")),
    };
    let both = case.file("checkpoint").is_some() && case.file("export").is_some();
    if both && report.outcome == Outcome::Verified {
        report = case.checkpoint_report()?;
    }
    let passed = report.outcome == Outcome::Verified;
    let wanted = case.text("expected_result") == "PASS";
    let found = codes(&report);
    let primary = expected["primary_failure_code"].as_str();
    let secondary = expected["acceptable_secondary_codes"].as_array().unwrap();
    let allowed =
        |code: &String| Some(code.as_str()) == primary || secondary.iter().any(|one| one == code);
    let codes_match =
        primary.is_none_or(|code| found.iter().any(|one| one == code)) && found.iter().all(allowed);
    if passed == wanted && codes_match {
        return Ok(());
    }
    let wanted = case.text("expected_result");
    Err(format!("expected {wanted} {primary:?}, got {:?} {found:?}", report.outcome))
}

fn judge_claims(case: &Case<'_>, claims: &[Json]) -> Result<(), String> {
    let expected = &case.expected;
    let (verdicts, reasons, passed): (BTreeMap<String, String>, Vec<String>, bool) =
        if case.text("kind") == "claim" {
            let evidence = NamedFile::new("evidence.json", case.file("evidence").unwrap().to_vec());
            let (event_id, folder) = (expected["event_id"].as_str(), case.folder());
            let answer = judge_delegation_denied(&evidence, event_id, &folder, &case.options());
            let verdict = answer.verdict().as_str().to_owned();
            let name = answer.claim().as_str().to_owned();
            let reasons = answer.findings().iter().map(|f| f.reason.as_str().to_owned()).collect();
            ([(name, verdict)].into(), reasons, answer.exit_code() == 0)
        } else {
            let report = if case.text("kind") == "checkpoint" {
                case.checkpoint_report()?
            } else {
                case.export_report()?
            };
            let verdicts = report
                .claims
                .iter()
                .map(|claim| (claim.claim.as_str().to_owned(), claim.verdict.as_str().to_owned()))
                .collect();
            (verdicts, reasons(&report), report.outcome == Outcome::Verified)
        };
    let mut problems = Vec::new();
    for claim in claims {
        let text = |name: &str| claim[name].as_str().unwrap();
        let (name, wanted) = (text("name"), text("expected_verdict"));
        let found = verdicts.get(name).map(String::as_str);
        if found != Some(wanted) {
            problems.push(format!("{name}: expected {wanted}, got {found:?}"));
        }
    }
    for reason in expected["reason_classes"].as_array().unwrap() {
        if !reasons.iter().any(|one| one == reason.as_str().unwrap()) {
            problems.push(format!("{reason} is not among {reasons:?}"));
        }
    }
    if passed != (case.text("expected_outcome") == "PASS") {
        problems.push(format!("outcome: passed is {passed}; {reasons:?}"));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
}

fn judge_output(case: &Case<'_>) -> Result<(), String> {
    for (role, wanted) in case.expected["output"].as_object().unwrap() {
        let bytes = case.file(role).unwrap();
        let found = match case.text("op") {
            "canonicalize" => canonical_digest(bytes, case.text("profile"), case.name(role)),
            "record-hash" => record_hash(bytes),
            other => return Err(format!("the test does not know `{other}`")),
        };
        if found.as_deref() != wanted.as_str() {
            return Err(format!("{role}: expected {wanted}, got {found:?}"));
        }
    }
    Ok(())
}

fn record_hash(bytes: &[u8]) -> Option<String> {
    let entry = read(bytes, &Budget::default()).ok()?;
    let fields = EntryFields::of_entry(entry.as_object()?, entry.range());
    let number = fields.sequence_number.and_then(Value::as_u64);
    Some(record_hash_v1(&RecordHashInputs::check(&fields, number).ok()?).to_string())
}

fn canonical_digest(bytes: &[u8], profile: &str, name: &str) -> Option<String> {
    let profile = match profile {
        "payload" => Profile::Payload,
        _ => Profile::WireBody(StrippedKeys::v1()),
    };
    let form = |bytes: &[u8]| {
        let value = read(bytes, &Budget::default()).ok()?;
        profile.to_text(&value).ok()
    };
    if !name.ends_with(".jsonl") {
        return Some(Sha256Digest::of(form(bytes)?.as_bytes()).to_string());
    }
    let mut all = String::new();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        all.push_str(&form(line)?);
        all.push('\n');
    }
    Some(Sha256Digest::of(all.as_bytes()).to_string())
}

#[test]
fn our_verifier_judges_every_case_as_it_is_expected() {
    let corpus = permit_conformance::generate().unwrap();
    let mut wrong = Vec::new();
    for (id, files) in &corpus.cases {
        let known = DISAGREEMENTS.contains(&id.as_str());
        match judge(&Case::of(files)) {
            Err(problem) if !known => wrong.push(format!("{id}: {problem}")),
            Ok(()) if known => wrong.push(format!("{id}: it is a known disagreement, and agrees")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), corpus.cases.len(), wrong.join("\n"));
}

/// Cases that our verifier gets wrong. The expectation is that of the text; what has to change is the
/// verifier.
const DISAGREEMENTS: [&str; 0] = [];

#[test]
fn two_runs_give_the_same_bytes() {
    let (first, second) = (permit_conformance::generate(), permit_conformance::generate());
    assert_eq!(first.unwrap(), second.unwrap());
}
