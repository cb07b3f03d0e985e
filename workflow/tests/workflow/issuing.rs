// SPDX-License-Identifier: Apache-2.0

//! What issuers make.

use permit_canonical_json::{Budget, Value, read};
use permit_keys::{PermitBindingSigning, PurposeKey, Signature, Signer, SignerError, SoftwareKey};
use permit_types::{NonEmptyText, ProjectId};
use permit_workflow::{
    CallChange, DeclaredCalls, EvidenceDocument, IncidentDraft, IssueError, IssuedWorkflow,
    Principal, ProjectedCost, WorkflowAmendmentId, WorkflowIntent, WorkflowStatus,
};

use crate::{
    bench::{
        PROJECT, amendment_draft, binding_key, document_of, draft, export_key, json, object_of,
        open, permit_at, time, verify, workflow,
    },
    incident::{judged, manifest},
};

#[test]
fn everything_that_an_issuer_makes_verifies() {
    let mut rich = draft();
    rich.intent = WorkflowIntent {
        calls: DeclaredCalls::expecting(3),
        expected_model: NonEmptyText::parse("modèle \"x\""),
        expected_input_tokens_per_call: Some(u64::MAX),
        expected_output_tokens_per_call: Some(0),
        max_duration_seconds: Some(3600),
    };
    rich.declared_by = Principal::DashboardSession(NonEmptyText::parse("session-7").unwrap());
    rich.projected_cost = ProjectedCost {
        amount_micros: Some(1),
        currency: NonEmptyText::parse("EUR"),
        methodology: NonEmptyText::parse("list price"),
    };
    rich.signed_at = time("2026-05-07T14:00:00.25+02:00");
    for status in [
        WorkflowStatus::Active,
        WorkflowStatus::Completed,
        WorkflowStatus::Expired,
        WorkflowStatus::Rejected,
    ] {
        rich.status = status;
        let mut workflow = IssuedWorkflow::declare(&rich, &binding_key()).unwrap();
        let mut change = amendment_draft(1);
        change.change = CallChange { expected: Some(4), at_most: Some(9) };
        change.reason = None;
        workflow.amend(&change, &binding_key()).unwrap();
        let mut change = amendment_draft(2);
        change.change = CallChange::default();
        // At the very moment of the one before: the ids decide.
        change.created_at = amendment_draft(1).created_at;
        workflow.amend(&change, &binding_key()).unwrap();
        let history = verify(&document_of(&workflow)).unwrap();
        let record = workflow.declaration_record();
        let id = record.get("workflow_declaration_id").and_then(Value::as_str).unwrap();
        let (version, hash) =
            history.declaration(id).unwrap().before(time("2030-01-01T00:00:00Z").instant());
        assert_eq!((version, hash), (workflow.version(), workflow.effective_intent_hash()));
    }
}

#[test]
fn former_limits_and_versions_are_those_of_the_workflow() {
    let workflow = workflow(2);
    let [first, second] = workflow.amendment_records() else { panic!("two amendments") };
    let number = |record: &Value<'_>, name: &str| record.get(name).and_then(Value::as_u64);
    assert_eq!(number(first, "previous_max_calls"), Some(5));
    assert_eq!(number(first, "new_max_calls"), Some(6));
    assert_eq!(number(second, "previous_max_calls"), Some(6));
    assert_eq!(number(second, "applied_against_version"), Some(2));
    assert_eq!(number(&workflow.declaration_record(), "version"), Some(3));
}

#[test]
fn permit_18_snapshots_say_what_was_in_force() {
    let workflow = workflow(2);
    for (at, version, most) in [
        ("2026-05-07T12:00:00Z", 1, 5),
        ("2026-05-07T12:05:00Z", 1, 5),
        ("2026-05-07T12:05:00.1Z", 2, 6),
        ("2026-05-07T12:10:00.1Z", 3, 7),
    ] {
        let snapshot = workflow.snapshot_at(&time(at), 4).unwrap();
        assert_eq!(snapshot.declaration_version_at_decision(), Some(version), "{at}");
        assert_eq!(snapshot.max_calls_at_decision(), Some(most), "{at}");
        assert_eq!(snapshot.actual_calls_at_decision(), Some(4), "{at}");
        assert!(snapshot.effective_intent_hash().is_some(), "{at}");
    }
    let early = workflow.snapshot_at(&time("2026-05-07T11:59:59Z"), 0);
    assert_eq!(early.unwrap_err(), IssueError::BeforeDeclaration);
}

#[test]
fn what_would_not_verify_is_not_issued() {
    let key = binding_key();
    let mut workflow = workflow(2);
    let before = workflow.declaration_record();
    let mut late = amendment_draft(1);
    assert_eq!(workflow.amend(&late, &key), Err(IssueError::OutOfOrder));
    late.created_at = amendment_draft(2).created_at;
    assert_eq!(workflow.amend(&late, &key), Err(IssueError::OutOfOrder));
    late.created_at = amendment_draft(3).created_at;
    assert_eq!(workflow.amend(&late, &key), Err(IssueError::DuplicateAmendment));
    let mut greedy = amendment_draft(3);
    greedy.change = CallChange { expected: Some(100), at_most: None };
    assert_eq!(workflow.amend(&greedy, &key), Err(IssueError::MoreThanAllowed));
    assert_eq!(workflow.declaration_record(), before);
    assert!(verify(&document_of(&workflow)).is_ok());

    let project = ProjectId::parse(PROJECT).unwrap();
    let at = time("2026-05-07T12:30:00Z");
    let twice = [workflow.clone(), workflow.clone()];
    let fault = EvidenceDocument::of(&twice, &project, &at).unwrap_err();
    assert!(matches!(fault, IssueError::DuplicateDeclaration { .. }));
    let draft = IncidentDraft { workflows: &twice, ..IncidentDraft::default() };
    assert!(matches!(draft.to_archive(), Err(IssueError::DuplicateDeclaration { .. })));
    let document = EvidenceDocument::of(&[workflow], &project, &at).unwrap();
    for name in ["../x.json", "/x.json", "", "a//b", "c:x"] {
        let fault = document.describe(name, &at, &export_key()).unwrap_err();
        assert_eq!(fault, IssueError::FileName { name: name.to_owned() });
    }
    assert!(WorkflowAmendmentId::parse("amendment 1").is_none());
}

/// Signs nothing.
struct Silent;

impl Signer for Silent {
    fn public_key(&self) -> permit_keys::PublicKey {
        SoftwareKey::from_seed(&[2; 32]).public_key()
    }

    fn sign(&self, _message: &[u8]) -> Result<Signature, SignerError> {
        Err(SignerError::Refused { reason: "closed".into() })
    }
}

#[test]
fn nothing_is_issued_without_a_signature() {
    let key = PurposeKey::<PermitBindingSigning, _>::new(Silent);
    let fault = IssuedWorkflow::declare(&draft(), &key).unwrap_err();
    assert!(matches!(fault, IssueError::Signer(SignerError::Refused { .. })));
    let mut workflow = workflow(0);
    assert!(matches!(workflow.amend(&amendment_draft(1), &key), Err(IssueError::Signer(_))));
    assert_eq!(workflow.version(), 1);
}

#[test]
fn sem_09_incident_archives_hold_and_are_the_same_each_time() {
    let workflows = [workflow(2)];
    let object = |text: &str| open(json(text));
    let permit = object_of(permit_at(&workflows[0], "2026-05-07T12:06:00Z"));
    let draft = IncidentDraft {
        metadata: object(r#"{"incident_id": "inc_1", "schema": "replaced"}"#),
        workflows: &workflows,
        permits: vec![permit.into()],
        admin_actions: vec![object(r#"{"action": "pause"}"#)],
        governance_events: vec![object(r#"{"event_id": "e"}"#), object("{}")],
        mcp_tool_decisions: vec![object(r#"{"tool": "x"}"#)],
        bracket_checkpoints: object(r#"{"before": null}"#),
    };
    let bytes = draft.to_archive().unwrap();
    assert_eq!(bytes, draft.to_archive().unwrap());
    let outcome = judged(&bytes, &manifest());
    assert!(outcome.fault.is_none() && outcome.notices.is_empty(), "{outcome:?}");
    assert_eq!(outcome.proofs.len(), 5);
    let empty = judged(&IncidentDraft::default().to_archive().unwrap(), &manifest());
    assert!(empty.fault.is_none());
}

#[test]
fn documents_are_canonical_text() {
    let project = ProjectId::parse(PROJECT).unwrap();
    let at = time("2026-05-07T12:30:00Z");
    let document = EvidenceDocument::of(&[workflow(1)], &project, &at).unwrap();
    let value = read(document.as_bytes(), &Budget::default()).unwrap();
    let text = permit_canonical_json::Profile::Payload.to_text(&value).unwrap();
    assert_eq!(text.as_bytes(), document.as_bytes());
    assert!(verify(&value).is_ok());
}
