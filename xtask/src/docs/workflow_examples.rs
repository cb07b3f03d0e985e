// SPDX-License-Identifier: Apache-2.0

//! Worked examples of workflows.

use permit_canonical_json::{Budget, Profile, Sha256Digest, Value, read, to_value};
use permit_types::{
    ApiKeyId, Artifact, NonEmptyText, ProjectId, WorkflowDeclarationId, WorkflowId,
};
use permit_workflow::{
    AmendmentDraft, CallChange, DeclarationDraft, DeclaredCalls, EvidenceDocument, HistoryLimits,
    IssuedWorkflow, Principal, ProjectedCost, WorkflowAmendmentId, WorkflowIntent, WorkflowStatus,
    WorkflowTrust, amendment_delta, declaration_intent, verify_workflow_document,
};

use super::{
    markdown::{facts, fenced, json},
    record_examples::MODE,
    story::{Story, ensure, time},
};
use crate::{ChoreError, example_bundle::identifier};

/// A workflow of three calls that became five.
pub(crate) fn workflow(story: &Story) -> Result<String, ChoreError> {
    let issued = issued(story)?;
    let project = ProjectId::parse(&identifier("project")).ok_or("no project")?;
    let document = EvidenceDocument::of(
        std::slice::from_ref(&issued),
        &project,
        &time("2026-05-12T00:00:03.000000Z")?,
    )?;
    let keys = story.trust()?;
    let value = read(document.as_bytes(), &Budget::default())?;
    let trust = WorkflowTrust::of(&keys, MODE);
    let history =
        verify_workflow_document(&value, Artifact::Export, &trust, HistoryLimits::default())
            .map_err(|fault| fault.fault.message().to_owned())?;
    ensure(history.proofs().len() == 3, "declaration, amendment and effective hash hold")?;
    let declaration = issued.declaration_record();
    let amendment = issued.amendment_records().first().ok_or("no amendment")?.clone();
    check_payload(story, &declaration)?;
    // By hand, as the document says it.
    let text = format!(
        "{}{}",
        declaration_intent(&declaration).to_text()?,
        amendment_delta(&amendment).to_text()?
    );
    let hash = Sha256Digest::of(text.as_bytes());
    ensure(hash == issued.effective_intent_hash(), "the effective hash is over both texts")?;
    let snapshot = to_value(&issued.snapshot_at(&time("2026-05-11T09:02:10.000000Z")?, 3)?)?;
    ensure(
        snapshot.get("effective_intent_hash").and_then(Value::as_str) == Some(&hash.to_string()),
        "the snapshot has that hash",
    )?;
    Ok(format!(
        "The sibling file:\n\n{}\nIntent and change, one behind the other:\n\n{}\n{}\nA permit that was decided after the amendment carries\n\n{}",
        json(&value),
        fenced("text", &text),
        facts([("SHA-256 of it, `effective_intent_hash`", hash.to_string().as_str())]),
        json(&snapshot),
    ))
}

/// The hash of a declaration's signed payload, by hand, as the document says it.
fn check_payload(story: &Story, declaration: &Value<'_>) -> Result<(), ChoreError> {
    let member = |name: &str| declaration.get(name).cloned().unwrap_or_else(|| Value::from(()));
    let payload = Value::object([
        ("binding_version", Value::from("workflow_declaration.v1")),
        ("project_id", member("project_id")),
        ("workflow_id", member("workflow_id")),
        ("intent", member("intent_json")),
        ("budget_envelope_id", member("budget_envelope_id")),
        ("declared_by", Value::object([("api_key_id", identifier("api key"))])),
        ("projected_cost", member("projected_cost")),
        ("status", member("status")),
        ("issued_at", member("declaration_signed_at")),
        ("binding_key_id", story.keys.binding.key_id().to_string().into()),
    ]);
    let hash = Profile::Payload.digest(&payload)?.to_string();
    let stated = member("declaration_canonical_hash");
    ensure(stated.as_str() == Some(hash.as_str()), "the payload is put together as described")
}

fn issued(story: &Story) -> Result<IssuedWorkflow, ChoreError> {
    let principal = || ApiKeyId::parse(&identifier("api key")).map(Principal::ApiKey);
    let mut intent = WorkflowIntent::of(DeclaredCalls::limited_to(3));
    intent.expected_model = NonEmptyText::parse("example-large");
    let draft = DeclarationDraft {
        declaration_id: WorkflowDeclarationId::parse(&identifier("workflow")).ok_or("no id")?,
        workflow_id: WorkflowId::parse("morning_round").ok_or("no workflow id")?,
        project_id: ProjectId::parse(&identifier("project")).ok_or("no project")?,
        intent,
        budget_envelope_id: None,
        declared_by: principal().ok_or("no principal")?,
        projected_cost: ProjectedCost::default(),
        status: WorkflowStatus::Active,
        signed_at: time("2026-05-11T08:00:00.000000Z")?,
    };
    let mut workflow = IssuedWorkflow::declare(&draft, &story.keys.binding)?;
    let amendment = AmendmentDraft {
        amendment_id: WorkflowAmendmentId::parse(&identifier("amendment")).ok_or("no id")?,
        amended_by: principal().ok_or("no principal")?,
        change: CallChange { expected: None, at_most: Some(5) },
        reason: NonEmptyText::parse("more tickets than usual"),
        created_at: time("2026-05-11T08:45:00.000000Z")?,
    };
    workflow.amend(&amendment, &story.keys.binding)?;
    Ok(workflow)
}
