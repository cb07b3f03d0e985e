// SPDX-License-Identifier: Apache-2.0

//! Which claims hold, and which the first fault is held against.

use std::collections::BTreeSet;

use permit_canonical_json::{HashedArtifact, JsonPointer, Value};
use permit_claims::{Claim, Unsupported};
use permit_types::Artifact;
use permit_workflow::{
    IncidentOptions, IncidentOutcome, IncidentPayload, SnapshotChecker, WorkflowFault,
    WorkflowFaultKind as Kind, WorkflowHistory, WorkflowOutcome, WorkflowProof, verify_incident,
};

use crate::{
    bench::{
        amendment_signed_over, binding_key, declaration_signed_over, document, document_of, json,
        permit_at, trust, verify, with, without, workflow,
    },
    incident::{judged, manifest, members},
};

fn history() -> WorkflowHistory {
    verify(&document_of(&workflow(2))).unwrap()
}

fn claims(outcome: &WorkflowOutcome) -> Vec<Claim> {
    outcome.proofs.iter().map(WorkflowProof::claim).collect()
}

fn with_records(records: &[Value<'static>]) -> WorkflowOutcome {
    let history = history();
    let list = JsonPointer::root().member("records");
    let mut checker = SnapshotChecker::new(&history, Artifact::Export, list);
    records.iter().for_each(|record| checker.record(record));
    WorkflowOutcome::proved(history.proofs()).with_snapshots(checker.finish())
}

const OF_RECORDS: [Claim; 3] =
    [Claim::WorkflowDeclarations, Claim::WorkflowIntent, Claim::WorkflowAmendments];

#[test]
fn snapshots_that_fail_leave_a_document_that_holds() {
    let good = permit_at(&workflow(2), "2026-05-07T12:06:00Z");
    let outcome = with_records(std::slice::from_ref(&good));
    assert_eq!(claims(&outcome), [OF_RECORDS.as_slice(), &[Claim::WorkflowSnapshot]].concat());
    let outcome = with_records(&[good.clone(), without(&good, "created_at")]);
    assert_eq!(claims(&outcome), OF_RECORDS);
    assert_eq!(outcome.fault.unwrap().claim, Claim::WorkflowSnapshot);
    let outcome = with_records(&[json("3")]);
    assert_eq!(claims(&outcome), OF_RECORDS);
    let fault = outcome.fault.unwrap();
    assert_eq!(
        (fault.claim, fault.fault.verdict),
        (Claim::WorkflowSnapshot, Unsupported::InsufficientEvidence)
    );
    // Without snapshots nothing is said about them.
    let outcome = with_records(&[json("{}")]);
    assert_eq!(claims(&outcome), OF_RECORDS);
    assert!(outcome.fault.is_none());
}

#[test]
fn snapshots_that_fail_leave_nothing_of_an_archive() {
    let bad = with(&permit_at(&workflow(2), "2026-05-07T12:06:00Z"), "created_at", "2030-01-01");
    let text = permit_canonical_json::Profile::Payload.to_text(&bad).unwrap();
    let outcome = judged(&members().with("permits.jsonl", &text).zip(), &manifest());
    assert!(outcome.proofs.is_empty());
    assert_eq!(outcome.fault.unwrap().claim, Claim::WorkflowSnapshot);
}

#[test]
fn a_second_layer_adds_what_the_first_did_not_prove() {
    let archive = || judged(&members().zip(), &manifest());
    let first = WorkflowOutcome::proved(history().proofs());
    let both = first.and_then(archive);
    let more = [Claim::WorkflowSnapshot, Claim::IncidentManifest];
    assert_eq!(claims(&both), [OF_RECORDS.as_slice(), &more].concat());
    assert!(both.fault.is_none());
}

#[test]
fn a_second_layer_that_fails_takes_back_what_it_contradicts() {
    let members = members().with("workflow_declarations.jsonl", "{}");
    let first = WorkflowOutcome::proved(history().proofs());
    let both = first.and_then(|| judged(&members.zip(), &manifest()));
    assert_eq!(both.fault.as_ref().unwrap().kind, Kind::DeclarationForm);
    assert_eq!(claims(&both), [Claim::WorkflowIntent, Claim::WorkflowAmendments]);
}

#[test]
fn after_a_first_layer_that_fails_no_second_is_judged() {
    let fault = verify(&json("{}")).unwrap_err();
    let outcome = WorkflowOutcome::failed(fault).and_then(|| panic!("judged"));
    assert!(outcome.proofs.is_empty());
    assert_eq!(outcome.fault.unwrap().claim, Claim::WorkflowIntent);
}

/// The claims and verdicts that evidence of each kind comes to.
fn reached() -> BTreeSet<(Claim, Option<Unsupported>)> {
    let mut reached = BTreeSet::new();
    let mut take = |outcome: &WorkflowOutcome| {
        reached.extend(claims(outcome).into_iter().map(|claim| (claim, None)));
        reached.extend(outcome.fault.iter().map(|fault| (fault.claim, Some(fault.fault.verdict))));
    };
    let of = |result: Result<WorkflowHistory, WorkflowFault>| match result {
        Ok(history) => WorkflowOutcome::proved(history.proofs()),
        Err(fault) => WorkflowOutcome::failed(fault),
    };
    let (one, two) = (workflow(1), workflow(2));
    let declaration = one.declaration_record();
    let amendment = &one.amendment_records()[0];
    let unknown = sign_over(&json(r#"{"binding_version": "workflow_amendment.v9"}"#));
    let zero = "0".repeat(64);
    for (declarations, amendments) in [
        (vec![declaration.clone()], vec![amendment.clone()]),
        (vec![with(&declaration, "workflow_id", "x")], vec![]),
        (vec![json("3")], vec![]),
        (vec![declaration.clone()], vec![with(amendment, "new_max_calls", 1)]),
        (vec![declaration.clone()], vec![with(amendment, "binding_key_id", "0123456789abcdef")]),
        (vec![declaration.clone()], vec![with(&unknown.1, "project_id", crate::bench::PROJECT)]),
        (vec![unknown.0.clone()], vec![]),
        (vec![with(&declaration, "effective_intent_hash", zero.clone())], vec![amendment.clone()]),
        (vec![declaration.clone()], vec![json("3")]),
    ] {
        take(&of(verify(&document(&declarations, &amendments))));
    }
    let permit = permit_at(&two, "2026-05-07T12:06:00Z");
    for record in [permit.clone(), json("3"), with(&permit, "created_at", "2030-01-01")] {
        take(&with_records(&[record]));
    }
    let sibling = crate::sibling::outcomes();
    sibling.iter().for_each(&mut take);
    let zip = members().zip();
    for (bytes, manifest) in [
        (zip.clone(), manifest()),
        (zip.clone(), with(&manifest(), "manifest_version", 3)),
        (zip.clone(), with(&manifest(), "files", ())),
        (zip[..zip.len() - 22].to_vec(), manifest()),
    ] {
        take(&judged(&bytes, &manifest));
    }
    let mut options = IncidentOptions::default();
    options.budget.value_bytes = zip.len();
    let long = members().with("permits.jsonl", &" ".repeat(2 * zip.len())).zip();
    let payload = IncidentPayload::of(&long);
    if let IncidentOutcome::Judged(outcome) =
        verify_incident(payload, &manifest(), &trust(), &options)
    {
        take(&outcome);
    }
    reached
}

/// A declaration and an amendment that are signed over this payload.
fn sign_over(payload: &Value<'static>) -> (Value<'static>, Value<'static>) {
    let key = binding_key().key_id().to_string();
    let hash = HashedArtifact::WorkflowV1.profile().digest(&with(payload, "binding_key_id", key));
    let hash = hash.unwrap();
    let one = workflow(1);
    let declaration = with(&one.declaration_record(), "signed_payload", payload.clone());
    let amendment = with(&one.amendment_records()[0], "signed_payload", payload.clone());
    (declaration_signed_over(&declaration, hash), amendment_signed_over(&amendment, hash))
}

#[test]
fn claim_04_every_claim_can_come_to_every_verdict() {
    let reached = reached();
    for claim in [
        Claim::WorkflowSibling,
        Claim::WorkflowDeclarations,
        Claim::WorkflowAmendments,
        Claim::WorkflowIntent,
        Claim::WorkflowSnapshot,
        Claim::IncidentManifest,
    ] {
        for verdict in [
            None,
            Some(Unsupported::Disproved),
            Some(Unsupported::InsufficientEvidence),
            Some(Unsupported::UnverifiableScope),
        ] {
            // What nobody knows of an archive is its methods, which the tests of archives show.
            let elsewhere = (Claim::IncidentManifest, Some(Unsupported::UnverifiableScope));
            let reached = reached.contains(&(claim, verdict)) || (claim, verdict) == elsewhere;
            assert!(reached, "{claim} {verdict:?}");
        }
    }
}

#[test]
fn no_claim_both_holds_and_fails() {
    for kind in Kind::ALL {
        let (claim, verdict) = (kind.claim(), kind.verdict());
        assert!(!claim.needs().is_empty(), "{kind:?}");
        assert!(matches!(
            verdict,
            Unsupported::Disproved
                | Unsupported::InsufficientEvidence
                | Unsupported::UnverifiableScope
        ));
    }
}
