// SPDX-License-Identifier: Apache-2.0

//! The file beside the export and its descriptor.

use permit_canonical_json::{Budget, Value};
use permit_claims::{Claim, Unsupported};
use permit_failure_codes::FailureCode;
use permit_keys::Mode;
use permit_types::{Finding, ProjectId, Severity};
use permit_workflow::{
    EvidenceDocument, HistoryLimits, SiblingDescriptor, SiblingEvidence, WorkflowFault,
    WorkflowFaultKind as Kind, WorkflowOutcome, WorkflowTrust,
};

use crate::bench::{
    PROJECT, binding_key, export_key, json, root_of, time, trust, with, without, workflow,
};

struct Sibling {
    manifest: Value<'static>,
    file: Vec<u8>,
}

fn sibling() -> Sibling {
    let project = ProjectId::parse(PROJECT).unwrap();
    let at = time("2026-05-07T12:30:00Z");
    let document = EvidenceDocument::of(&[workflow(2)], &project, &at).unwrap();
    let entry = document.describe("workflow_evidence.json", &at, &export_key()).unwrap();
    let siblings = Value::object([("workflow_evidence", entry)]);
    let manifest = Value::object([("sibling_artifacts", siblings), ("export_id", "exp_1".into())]);
    Sibling { manifest, file: document.as_bytes().to_vec() }
}

/// The manifest with another member of the entry (`""`) or of the descriptor.
fn bent(path: &str, member: &str, value: Option<Value<'static>>) -> Value<'static> {
    let manifest = sibling().manifest;
    let siblings = manifest.get("sibling_artifacts").cloned().unwrap();
    let entry = siblings.get("workflow_evidence").cloned().unwrap();
    let change = |object: &Value<'static>| match value.clone() {
        Some(value) => with(object, member, value),
        None => without(object, member),
    };
    let entry = match path {
        "" => change(&entry),
        path => with(&entry, path, change(entry.get(path).unwrap())),
    };
    with(&manifest, "sibling_artifacts", with(&siblings, "workflow_evidence", entry))
}

fn verify(
    manifest: &Value<'_>,
    file: &[u8],
    trust: &WorkflowTrust<'_>,
) -> Result<SiblingEvidence, WorkflowFault> {
    let descriptor = SiblingDescriptor::of(manifest)?.expect("the manifest describes a sibling");
    descriptor.verify(file, trust, &Budget::default(), HistoryLimits::default())
}

fn fault(member: &str, value: Option<Value<'static>>) -> WorkflowFault {
    let manifest = bent("workflow_evidence", member, value);
    verify(&manifest, &sibling().file, &trust()).unwrap_err()
}

#[test]
fn a_sibling_that_an_issuer_describes_holds() {
    let Sibling { manifest, file } = sibling();
    let evidence = verify(&manifest, &file, &trust()).unwrap();
    let outcome = evidence.outcome();
    let claims: Vec<_> = outcome.proofs.iter().map(|proof| proof.claim().as_str()).collect();
    assert_eq!(
        claims,
        [
            "workflow_evidence.sibling_integrity.v1",
            "workflow.declaration_signature.v1",
            "workflow.effective_intent_hash.v1",
            "workflow.amendment_signature.v1",
        ]
    );
    assert!(outcome.fault.is_none() && outcome.notices.is_empty());
    assert_eq!(evidence.intact().content_hash(), permit_canonical_json::Sha256Digest::of(&file));
    assert_eq!(evidence.history().amendments(), 2);
}

#[test]
fn a_manifest_without_workflow_evidence_describes_none() {
    for text in
        ["{}", r#"{"sibling_artifacts": []}"#, r#"{"sibling_artifacts": {"workflow_evidence": 3}}"#]
    {
        assert!(SiblingDescriptor::of(&json(text)).unwrap().is_none(), "{text}");
    }
}

#[test]
fn workflow_evidence_that_is_not_described_is_insufficient() {
    for (member, value) in [
        ("schema", Some(json("\"keel.vanta.workflow_evidence/v2\""))),
        ("schema", None),
        ("workflow_evidence", Some(json("null"))),
        ("workflow_evidence", None),
    ] {
        let manifest = bent("", member, value);
        let fault = SiblingDescriptor::of(&manifest).unwrap_err();
        assert_eq!((fault.kind, fault.claim), (Kind::SiblingForm, Claim::WorkflowIntent));
        assert_eq!(fault.fault.verdict, Unsupported::InsufficientEvidence);
        assert_eq!(fault.fault.reason().as_str(), "WORKFLOW_EVIDENCE_SCHEMA_INVALID");
    }
    let manifest = sibling().manifest;
    let fault = SiblingDescriptor::of(&manifest).unwrap().unwrap().not_found();
    assert_eq!((fault.kind, fault.claim), (Kind::SiblingMissing, Claim::WorkflowIntent));
    assert_eq!(fault.fault.verdict, Unsupported::InsufficientEvidence);
}

#[test]
fn a_sibling_that_is_another_file_is_disproved() {
    let hash = fault("content_hash", None).kind;
    assert_eq!(hash, Kind::SiblingHash);
    let zero = json(&format!("\"sha256:{}\"", "0".repeat(64)));
    let found = fault("content_hash", Some(zero));
    assert_eq!((found.kind, found.claim), (Kind::SiblingHash, Claim::WorkflowSibling));
    assert_eq!(found.fault.verdict, Unsupported::Disproved);
    assert_eq!(found.fault.reason().as_str(), "WORKFLOW_EVIDENCE_SCHEMA_INVALID");
    let Sibling { manifest, mut file } = sibling();
    file.push(b'\n');
    assert_eq!(verify(&manifest, &file, &trust()).unwrap_err().kind, Kind::SiblingHash);
}

#[test]
fn a_sibling_without_a_good_signature_is_disproved() {
    let zero = "ed25519:".to_owned() + &"A".repeat(86) + "==";
    let other = binding_key().public_key().to_string();
    for (member, value, kind) in [
        ("signature", None, Kind::SiblingUnsigned),
        ("signature", Some(json("\" \"")), Kind::SiblingUnsigned),
        ("signature", Some(json("7")), Kind::SiblingUnsigned),
        ("signature", Some(zero.into()), Kind::SiblingSignature),
        ("signature", Some(json("\"ed25519:!\"")), Kind::SiblingSignature),
        ("public_key", Some(other.into()), Kind::SiblingKeyText),
    ] {
        let found = fault(member, value);
        assert_eq!((found.kind, found.claim), (kind, Claim::WorkflowSibling), "{member}");
        assert_eq!(found.fault.verdict, Unsupported::Disproved);
        assert_eq!(found.fault.reason().as_str(), "WORKFLOW_SIGNATURE_INVALID");
    }
}

#[test]
fn key_01_a_key_that_cannot_be_resolved_leaves_the_sibling_open() {
    let found = fault("key_id", Some(json("\"nobody\"")));
    assert_eq!((found.kind, found.claim), (Kind::SiblingKey, Claim::WorkflowSibling));
    assert_eq!(found.fault.verdict, Unsupported::InsufficientEvidence);
    assert_eq!(found.fault.reason().as_str(), "WORKFLOW_SIGNATURE_INVALID");
    assert_eq!(found.fault.finding.code(), Some(FailureCode::UnknownSigningKey));

    let Sibling { manifest, file } = sibling();
    let found = verify(&manifest, &file, &WorkflowTrust::none()).unwrap_err();
    assert_eq!(
        (found.kind, found.fault.verdict),
        (Kind::SiblingKey, Unsupported::InsufficientEvidence)
    );
    let found = verify(&manifest, &file, &trust().pinned_export_key("no key")).unwrap_err();
    assert_eq!(
        (found.kind, found.fault.verdict),
        (Kind::SiblingKey, Unsupported::InsufficientEvidence)
    );
    // A key that must not have signed contradicts.
    let root = root_of(|text| text.replace("null", "\"2026-05-07T12:00:00Z\""));
    let found = verify(&manifest, &file, &WorkflowTrust::of(&root, Mode::Production)).unwrap_err();
    assert_eq!((found.kind, found.fault.verdict), (Kind::SiblingKey, Unsupported::Disproved));
    assert_eq!(found.fault.finding.code(), Some(FailureCode::KeyExpiredAtSigningTime));
}

#[test]
fn the_export_key_may_be_pinned_or_the_descriptors_own() {
    let Sibling { manifest, file } = sibling();
    let key = export_key().public_key().to_string();
    assert!(verify(&manifest, &file, &trust().pinned_export_key(&key)).is_ok());
    assert!(verify(&manifest, &file, &trust().self_attested()).is_ok());
    let without_key = bent("workflow_evidence", "public_key", None);
    assert!(verify(&without_key, &file, &trust()).is_ok());
    let found = verify(&without_key, &file, &trust().self_attested()).unwrap_err();
    assert_eq!(
        (found.kind, found.fault.verdict),
        (Kind::SiblingKey, Unsupported::InsufficientEvidence)
    );
    // Declarations bring no key of their own.
    let found = verify(&manifest, &file, &WorkflowTrust::none().self_attested()).unwrap_err();
    assert_eq!((found.kind, found.claim), (Kind::DeclarationKey, Claim::WorkflowDeclarations));
}

/// A manifest that describes these bytes, signed.
fn describing(file: &[u8]) -> Value<'static> {
    let hash = permit_canonical_json::Sha256Digest::of(file);
    let signature = export_key().sign_workflow_sibling(hash).unwrap().to_string();
    let manifest =
        bent("workflow_evidence", "content_hash", Some(hash.prefixed().to_string().into()));
    let siblings = manifest.get("sibling_artifacts").cloned().unwrap();
    let entry = siblings.get("workflow_evidence").cloned().unwrap();
    let descriptor = with(entry.get("workflow_evidence").unwrap(), "signature", signature);
    let entry = with(&entry, "workflow_evidence", descriptor);
    with(&manifest, "sibling_artifacts", with(&siblings, "workflow_evidence", entry))
}

#[test]
fn a_sibling_that_cannot_be_read_is_insufficient() {
    for file in ["[", "[]", "", "{\"a\": 1, \"a\": 2}", "\u{feff}{}", "{}", "{} {}"] {
        let manifest = describing(file.as_bytes());
        let found = verify(&manifest, file.as_bytes(), &trust()).unwrap_err();
        assert_eq!(
            (found.kind, found.claim),
            (Kind::DocumentForm, Claim::WorkflowIntent),
            "{file}"
        );
        assert_eq!(found.fault.verdict, Unsupported::InsufficientEvidence);
    }
    let found = verify(&describing(b"\xff"), b"\xff", &trust()).unwrap_err();
    assert_eq!(found.kind, Kind::DocumentForm);
}

#[test]
fn a_sibling_beyond_the_limits_is_not_judged() {
    let Sibling { manifest, file } = sibling();
    let descriptor = SiblingDescriptor::of(&manifest).unwrap().unwrap();
    let mut budget = Budget::default();
    budget.input_bytes = 100;
    let found = descriptor.verify(&file, &trust(), &budget, HistoryLimits::default()).unwrap_err();
    assert_eq!((found.kind, found.claim), (Kind::Limit, Claim::WorkflowSibling));
    assert_eq!(found.fault.verdict, Unsupported::UnverifiableScope);
    let mut budget = Budget::default();
    budget.depth = 2;
    let found = descriptor.verify(&file, &trust(), &budget, HistoryLimits::default()).unwrap_err();
    assert_eq!((found.kind, found.claim), (Kind::Limit, Claim::WorkflowIntent));
    assert_eq!(found.fault.verdict, Unsupported::UnverifiableScope);
}

#[test]
fn counts_of_the_descriptor_only_describe() {
    let manifest = bent("workflow_evidence", "amendment_count", Some(json("7")));
    let evidence = verify(&manifest, &sibling().file, &trust()).unwrap();
    let notices: Vec<Finding> = evidence.outcome().notices;
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].severity, Severity::Notice);
    assert_eq!(notices[0].expected.as_deref(), Some("2"));
}

#[test]
fn files_are_looked_for_where_the_manifest_says_and_nowhere_above() {
    let paths = |manifest: &Value<'_>| {
        let search = SiblingDescriptor::of(manifest).unwrap().unwrap().search();
        let refused: Vec<_> = search.refused.iter().map(|refused| refused.member).collect();
        let paths: Vec<_> = search.paths.into_iter().map(|place| place.path).collect();
        (paths, refused)
    };
    let file = "workflow_evidence.json";
    let below = format!("exp_1/{file}");
    let usual = vec![file.to_owned(), file.to_owned(), below.clone(), below.clone()];
    assert_eq!(paths(&sibling().manifest), (usual.clone(), vec![]));
    let unnamed = bent("workflow_evidence", "file_name", None);
    assert_eq!(paths(&unnamed), (usual.clone(), vec![]));
    let absolute = bent("", "workflow_evidence_file", Some(json("\"/etc/passwd\"")));
    assert_eq!(paths(&absolute), (usual.clone(), vec!["workflow_evidence_file"]));
    let above = bent("", "bundle_dir", Some(json("\"../other\"")));
    assert_eq!(paths(&above), (usual, vec!["bundle_dir"]));
    let above = bent("workflow_evidence", "file_name", Some(json("\"../../x\"")));
    assert_eq!(paths(&above), (vec![file.to_owned()], vec!["file_name"]));
}

#[test]
fn a_fault_of_the_document_leaves_nothing_that_holds() {
    let text = String::from_utf8(sibling().file).unwrap();
    let text = text.replace("\"declaration_count\":1", "\"declaration_count\":2");
    let manifest = describing(text.as_bytes());
    let fault = verify(&manifest, text.as_bytes(), &trust()).unwrap_err();
    let outcome = WorkflowOutcome::failed(fault);
    assert!(outcome.proofs.is_empty());
    assert_eq!(outcome.fault.unwrap().kind, Kind::DocumentCount);
}

/// What siblings of each kind come to.
pub(crate) fn outcomes() -> Vec<WorkflowOutcome> {
    let Sibling { manifest, file } = sibling();
    let zero = format!("\"sha256:{}\"", "0".repeat(64));
    let mut outcomes = Vec::new();
    for manifest in [
        manifest.clone(),
        bent("workflow_evidence", "content_hash", Some(json(&zero))),
        bent("workflow_evidence", "key_id", Some(json("\"nobody\""))),
    ] {
        outcomes.push(match verify(&manifest, &file, &trust()) {
            Ok(evidence) => evidence.outcome(),
            Err(fault) => WorkflowOutcome::failed(fault),
        });
    }
    let descriptor = SiblingDescriptor::of(&manifest).unwrap().unwrap();
    for change in
        [|budget: &mut Budget| budget.input_bytes = 1, |budget: &mut Budget| budget.depth = 2]
    {
        let mut budget = Budget::default();
        change(&mut budget);
        let fault = descriptor.verify(&file, &trust(), &budget, HistoryLimits::default());
        outcomes.push(WorkflowOutcome::failed(fault.unwrap_err()));
    }
    outcomes
}
