// SPDX-License-Identifier: Apache-2.0

//! A declared workflow, its amendment, and a bundle whose permits were decided in it.

use permit_canonical_json::Value;
use permit_types::{ApiKeyId, NonEmptyText, WorkflowDeclarationId, WorkflowId};
use permit_workflow::{
    AmendmentDraft, CallChange, DeclarationDraft, DeclaredCalls, EvidenceDocument, IssuedWorkflow,
    Principal, ProjectedCost, WorkflowAmendmentId, WorkflowIntent, WorkflowStatus,
};

use crate::ChoreError;

use super::{
    gallery::{Gallery, TRUST},
    keys::Keys,
    names::{day_time, identifier, project, rfc3339},
    permits::Asked,
    records::{Event, Records, about},
};

/// Keeps and lists them.
pub(crate) fn put(gallery: &mut Gallery, keys: &Keys) -> Result<(), ChoreError> {
    let workflow = issue(keys)?;
    let mut records = Records::new(&format!("project:{}", identifier("project")));
    for (name, at, calls) in [("first call", "11:02:00", 0), ("second call", "11:07:00", 1)] {
        let asked = Asked {
            name,
            action: "report.summarize",
            decision: "allow",
            code: "policy.allowed",
            reason: "the workflow has calls left",
            at: at.to_owned(),
            body: r#"{"model": "example-large", "messages": []}"#,
        };
        let mut permit = asked.permit()?;
        permit.workflow_declaration_id = Some(workflow.declaration_id().clone());
        permit.workflow_id = WorkflowId::parse(WORKFLOW);
        permit.workflow_state_json = Some(workflow.snapshot_at(&permit.created_at, calls)?);
        let event = Event {
            event_type: "permit.evaluated",
            outcome: "success",
            at: format!("{at}.120"),
            payload: about(&permit, [("decision", "allow".into())]),
        };
        records.event(name, &permit, event)?;
        records.end(&permit, true)?;
    }
    let generated_at = rfc3339("2026-06-02T00:00:04Z")?;
    let document = EvidenceDocument::of(&[workflow], &project()?, &generated_at)?;
    let entry = document.describe(FILE, &rfc3339("2026-06-02T00:00:05Z")?, &keys.export)?;
    let siblings = Value::object([("workflow_evidence", entry)]);
    let path = format!("examples/workflow/{FILE}");
    gallery.file(&path, document.as_bytes());
    let what = "a bundle of version 2 whose permits were decided in a workflow";
    let bundle = records.into_bundle(2);
    let siblings = Some(("sibling_artifacts", siblings));
    gallery.export("workflow", what, &bundle, siblings, keys, "--walk-events")?;
    let what = "its workflow evidence: the declaration and its amendment, signed";
    let export = "examples/workflow/export.json";
    let command = format!("permit-verify export {export} {TRUST} --walk-events");
    gallery.verifiable(&path, what, None, &command, 0);
    Ok(())
}

fn issue(keys: &Keys) -> Result<IssuedWorkflow, ChoreError> {
    let id = |name: &str| identifier(&format!("workflow {name}"));
    let reporter = || ApiKeyId::parse(&id("api key")).map(Principal::ApiKey);
    let draft = DeclarationDraft {
        declaration_id: WorkflowDeclarationId::parse(&id("declaration")).ok_or("no id")?,
        workflow_id: WorkflowId::parse(WORKFLOW).ok_or("no id")?,
        project_id: project()?,
        intent: WorkflowIntent::of(DeclaredCalls::expected_of_at_most(1, 2).ok_or("no calls")?),
        budget_envelope_id: None,
        declared_by: reporter().ok_or("nobody declares")?,
        projected_cost: ProjectedCost::default(),
        status: WorkflowStatus::Active,
        signed_at: rfc3339(&day_time("11:00:00"))?,
    };
    let mut workflow = IssuedWorkflow::declare(&draft, &keys.binding)?;
    let amendment = AmendmentDraft {
        amendment_id: WorkflowAmendmentId::parse(&id("amendment")).ok_or("no id")?,
        amended_by: reporter().ok_or("nobody amends")?,
        change: CallChange { expected: None, at_most: Some(4) },
        reason: NonEmptyText::parse("the report has two parts today"),
        created_at: rfc3339(&day_time("11:05:00"))?,
    };
    workflow.amend(&amendment, &keys.binding)?;
    Ok(workflow)
}

const WORKFLOW: &str = "daily_report";
const FILE: &str = "workflow-evidence.json";
