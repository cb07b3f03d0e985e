// SPDX-License-Identifier: Apache-2.0

//! Whole command lines of the reference, with what they printed: the part of it about semantics.
//!
//! The same two differences as for its functions; see [`peer_functions`](crate::peer_functions).

use std::{
    fs,
    path::{Path, PathBuf},
};

use permit_canonical_json::{Budget, read};
use permit_claims::{Claim, ClaimReport, Outcome, SemanticArtifact, SemanticsMode, Subject};
use permit_failure_codes::Reason;
use permit_pins::{
    PackDocument, PackFileProblem, PackFiles, PackPath, Resolution, enforce_required, resolve,
};
use serde_json::{Value, json};

use crate::{pack::reference, peer_functions::verdict};

/// A pack on disk.
struct Folder(PathBuf);

impl PackFiles for Folder {
    fn read(&self, path: &PackPath) -> Result<Option<Vec<u8>>, PackFileProblem> {
        Ok(fs::read(self.0.join(path.as_str())).ok())
    }
}

struct Case {
    name: String,
    document: PackDocument,
    file: PathBuf,
    /// The report of the reference.
    report: Value,
    /// Its exit status.
    exit_code: u64,
}

/// The cases whose report speaks of semantics.
fn cases() -> Option<Vec<Case>> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(reference("peer-cases")?).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(text) = fs::read_to_string(folder.join("case.json")) else { continue };
        let case: Value = serde_json::from_str(&text).unwrap();
        cases.extend(read_case(&folder, &case));
    }
    Some(cases)
}

fn read_case(folder: &Path, case: &Value) -> Option<Case> {
    let argv: Vec<_> =
        case["argv"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    let flag = |name| {
        let at = argv.iter().position(|word| *word == name)?;
        Some(argv[at + 1])
    };
    let (document, file) = match (argv[0], argv.get(1).copied()) {
        ("export", _) => (PackDocument::ExportManifest, argv[2]),
        ("checkpoint", Some(file)) => (PackDocument::Checkpoint, file),
        ("claim", Some("delegation_denied_correctly")) => {
            (PackDocument::DelegationEvidence, flag("--evidence-file")?)
        }
        ("claim", Some("scope_faithfulness")) => {
            (PackDocument::ExportManifest, flag("--manifest")?)
        }
        ("claim", _) => return None,
        (file, _) => (PackDocument::Checkpoint, file),
    };
    let json = &case["expected"]["json"];
    let report = if json["report"].is_object() { &json["report"] } else { json };
    let exit_code = report.get("exit_code").unwrap_or(&case["expected"]["exit_code"]);
    Some(Case {
        name: case["id"].as_str().unwrap().to_owned(),
        document,
        file: folder.join(file),
        report: report.clone(),
        exit_code: exit_code.as_u64().unwrap(),
    })
}

#[test]
fn recorded_packs_resolve_as_recorded() {
    let Some(cases) = cases() else { return };
    let mut pinned = 0;
    for case in &cases {
        let bytes = fs::read(&case.file).unwrap();
        let value = read(&bytes, &Budget::default()).unwrap();
        let folder = Folder(case.file.parent().unwrap().to_owned());
        let resolved = resolve(case.document, &value, &folder);
        let resolution = match &resolved {
            Ok(semantics) => semantics.resolution(),
            Err(failure) => &failure.resolution,
        };
        pinned += usize::from(resolution.mode() == SemanticsMode::Pinned);
        check_report(case, resolution);
        match &resolved {
            Ok(_) => check_claims(case, resolution),
            Err(failure) => {
                assert_eq!(case.report["reason_code"], failure.reason().as_str(), "{}", case.name);
                assert_eq!(verdict(&case.report["status"]), failure.verdict().into());
            }
        }
    }
    assert_eq!((cases.len(), pinned), (73, 50));
}

fn check_report(case: &Case, resolution: &Resolution) {
    let report = resolution.report();
    let expected = &case.report["semantics"];
    assert_eq!(report.mode.as_str(), expected["mode"], "{}", case.name);
    let (id, hash) = report.profile.unzip();
    assert_eq!(json!(id), expected["profile_id"], "{}", case.name);
    assert_eq!(json!(hash), expected["profile_hash"], "{}", case.name);
    let mut pins = expected["pins"].as_array().unwrap().clone();
    if case.report["reason_code"] == "SEMANTIC_PIN_NOT_ALLOWLISTED" {
        pins.last_mut().unwrap()["status"] = "not_allowlisted".into();
    }
    let ours: Vec<_> = report
        .pins
        .iter()
        .map(|pin| {
            json!({ "id": pin.id, "hash": pin.hash, "source": pin.source, "status": pin.status })
        })
        .collect();
    assert_eq!(ours, pins, "{}", case.name);
}

/// What the claims of the report list as their semantics, and what is left of them when those that
/// were not adjudicated are taken away and found again.
fn check_claims(case: &Case, resolution: &Resolution) {
    let Some(claims) = case.report["claims"].as_array() else { return };
    for claim in claims {
        let name = Claim::parse(claim["name"].as_str().unwrap()).unwrap();
        let ours = resolution.semantics_for(name);
        let ours = ours.iter().map(|(id, hash)| json!({ "id": id.id(), "hash": hash }));
        assert_eq!(json!(ours.collect::<Vec<_>>()), claim["semantics"], "{} {name}", case.name);
    }
    let missing = "REQUIRED_CLAIM_NOT_ADJUDICATED";
    let judged = claims.iter().filter(|claim| claim["reason_code"] != missing);
    let judged: Vec<_> = judged.map(report_of).collect();
    let enforced = enforce_required(resolution, "name", judged);
    let told = |name: &str, verdict: &str, required: bool, reason: &str| {
        json!([name, verdict, required, reason])
    };
    let ours: Vec<_> = enforced
        .claims
        .iter()
        .map(|claim| {
            let (name, reason) = (claim.claim.as_str(), claim.reason.as_str());
            told(name, claim.verdict.as_str(), claim.required, reason)
        })
        .collect();
    let expected: Vec<_> = claims
        .iter()
        .map(|claim| {
            json!([claim["name"], claim["verdict"], claim["required"], claim["reason_code"]])
        })
        .collect();
    assert_eq!(ours, expected, "{}", case.name);
    let (outcome, _) = enforced.settle(Outcome::Verified, None);
    if outcome == Outcome::NotVerified {
        assert_eq!(case.exit_code, 1, "{}", case.name);
    }
    if case.exit_code == 0 {
        assert_eq!(outcome, Outcome::Verified, "{}", case.name);
    }
}

fn report_of(claim: &Value) -> ClaimReport {
    let reason = |value: &Value| Reason::parse(value["reason_code"].as_str().unwrap()).unwrap();
    let subjects = claim["subjects"].as_array().unwrap().iter().map(|subject| {
        Subject::new("subject", None, verdict(&subject["verdict"]), reason(subject), "")
    });
    let name = Claim::parse(claim["name"].as_str().unwrap()).unwrap();
    let required = claim["required"].as_bool().unwrap();
    let mut report = ClaimReport::new(name, required, subjects.collect(), reason(claim), "");
    report.verdict = verdict(&claim["verdict"]);
    report
}

#[test]
fn pin_08_a_required_time_stamp_that_is_not_there_fails_the_pack() {
    let Some(cases) = cases() else { return };
    let case = cases.iter().find(|case| case.name.starts_with("semantics-pins__")).unwrap();
    let bytes = fs::read(&case.file).unwrap();
    let value = read(&bytes, &Budget::default()).unwrap();
    let folder = Folder(case.file.parent().unwrap().to_owned());
    let semantics = resolve(case.document, &value, &folder).unwrap();
    assert!(semantics.known(SemanticArtifact::CheckpointTsaImprint));
    let judged = case.report["claims"].as_array().unwrap().iter().take(2).map(report_of).collect();
    let enforced = enforce_required(semantics.resolution(), "input/checkpoint.json", judged);
    assert_eq!(enforced.missed(), [Claim::CheckpointTsa]);
    let added = enforced.claims.last().unwrap();
    let expected = &case.report["claims"][2];
    assert_eq!(added.reason.as_str(), expected["reason_code"]);
    assert_eq!(added.subjects[0].kind, expected["subjects"][0]["type"]);
    assert_eq!(json!(added.subjects[0].id), expected["subjects"][0]["id"]);
    assert_eq!(json!(added.evidence), expected["evidence"]);
    assert_eq!(json!(added.subjects[0].evidence), expected["subjects"][0]["evidence"]);
    let (outcome, error) = enforced.settle(Outcome::Verified, None);
    assert_eq!(outcome, Outcome::NotVerified);
    assert_eq!(json!(error), case.report["error"]);
}

/// Packs of the scope-faithfulness corpus resolve. Those of the signature slots name a registry of a later
/// release, by hash and without its bytes.
#[test]
fn released_fixtures_resolve_as_the_reference_resolves_them() {
    for (folder, count, reason) in [
        ("keel/scope-faithfulness-corpus", 38, None),
        ("keel/fixtures/permit_v2_signature_envelope", 45, Some("SEMANTIC_PIN_HASH_MISMATCH")),
    ] {
        let Some(root) = reference(folder) else { return };
        let mut seen = 0;
        for (name, file) in crate::allow_list::files(&root) {
            let bytes = fs::read(&file).unwrap();
            let document = match file.file_name().and_then(|name| name.to_str()) {
                Some("manifest.json") => PackDocument::ExportManifest,
                Some("checkpoint.json") => PackDocument::Checkpoint,
                _ => continue,
            };
            let value = read(&bytes, &Budget::default()).unwrap();
            if value.get("semantics_pins").is_none() {
                continue;
            }
            seen += 1;
            let resolved = resolve(document, &value, &Folder(file.parent().unwrap().to_owned()));
            let failed = resolved.err().map(|failure| failure.reason().as_str());
            assert_eq!(failed, reason, "{name}");
        }
        assert_eq!(seen, count, "{folder}");
    }
}
