// SPDX-License-Identifier: Apache-2.0

//! A workflow that was declared and amended, as the file beside an export and as an incident archive.

use std::io::{Cursor, Write as _};

use permit_canonical_json::Sha256Digest;
use permit_types::{ApiKeyId, NonEmptyText, ProjectId, Rfc3339, WorkflowDeclarationId, WorkflowId};
use permit_workflow::{
    AmendmentDraft, CallChange, DeclarationDraft, DeclaredCalls, IssuedWorkflow, Principal,
    ProjectedCost, WorkflowAmendmentId, WorkflowIntent, WorkflowStatus, incident_files,
};
use serde_json::{Value as Json, json};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use super::{
    document::{canonical, file, loose, set},
    fault::Fault,
    pack::{PROJECT, Pack, allowed, entry},
    test_keys::{BINDING, EXPORT, TestKey},
};

const DECLARATION: &str = "50000000-0000-4000-8000-000000000001";
const AMENDMENT: &str = "51000000-0000-4000-8000-000000000001";
const API_KEY: &str = "52000000-0000-4000-8000-000000000001";
const DECIDED_AT: &str = "2026-05-09T08:00:00Z";

/// The records of a workflow, and what a permit says of it.
#[derive(Clone, Debug)]
pub(crate) struct WorkflowRecords {
    pub(crate) declaration: Json,
    pub(crate) amendment: Json,
    pub(crate) snapshot: Json,
}

/// A workflow that was declared in the morning, and amended before the permit was decided.
pub(crate) fn workflow() -> Result<WorkflowRecords, Fault> {
    let form = || Fault::new("a part of the workflow has not its form");
    let time = |text: &str| Rfc3339::parse(text).ok_or_else(form);
    let by = || Ok::<_, Fault>(Principal::ApiKey(ApiKeyId::parse(API_KEY).ok_or_else(form)?));
    let calls = DeclaredCalls::expected_of_at_most(4, 6).ok_or_else(form)?;
    let draft = DeclarationDraft {
        declaration_id: WorkflowDeclarationId::parse(DECLARATION).ok_or_else(form)?,
        workflow_id: WorkflowId::parse("morning_replies").ok_or_else(form)?,
        project_id: ProjectId::parse(PROJECT).ok_or_else(form)?,
        intent: WorkflowIntent::of(calls),
        budget_envelope_id: None,
        declared_by: by()?,
        projected_cost: ProjectedCost::default(),
        status: WorkflowStatus::Active,
        signed_at: time("2026-05-09T07:00:00Z")?,
    };
    let mut workflow = IssuedWorkflow::declare(&draft, &BINDING.binding())?;
    let amendment = AmendmentDraft {
        amendment_id: WorkflowAmendmentId::parse(AMENDMENT).ok_or_else(form)?,
        amended_by: by()?,
        change: CallChange { expected: Some(6), at_most: Some(9) },
        reason: NonEmptyText::parse("more customers wrote than were expected"),
        created_at: time("2026-05-09T07:30:00Z")?,
    };
    workflow.amend(&amendment, &BINDING.binding())?;
    let snapshot = workflow.snapshot_at(&time(DECIDED_AT)?, 2)?;
    let amendment = workflow.amendment_records().first().ok_or_else(form)?;
    Ok(WorkflowRecords {
        declaration: loose(&workflow.declaration_record())?,
        amendment: loose(amendment)?,
        snapshot: loose(&permit_canonical_json::to_value(&snapshot)?)?,
    })
}

impl WorkflowRecords {
    /// The permit that was decided within the workflow.
    pub(crate) fn permit(&self) -> Result<Json, Fault> {
        let mut permit = allowed(1)?;
        set(&mut permit, "/workflow_declaration_id", DECLARATION)?;
        set(&mut permit, "/workflow_id", "morning_replies")?;
        set(&mut permit, "/workflow_state_json", self.snapshot.clone())?;
        Ok(permit)
    }

    /// An export of the permit, with the evidence of the workflow beside it.
    pub(crate) fn beside_export(&self) -> Result<Pack, Fault> {
        let evidence = json!({
            "amendment_count": 1,
            "amendments": [self.amendment],
            "declaration_count": 1,
            "declarations": [self.declaration],
            "generated_at": "2026-05-10T00:00:00Z",
            "project_id": PROJECT,
            "schema": "keel.vanta.workflow_evidence/v1",
        });
        let bytes = file(&evidence)?;
        let record = json!({
            "chain_entries": [entry(1, 1, "permit.evaluated", json!({ "decision": "allow" }))],
            "permit": self.permit()?,
        });
        let mut pack = Pack::of(vec![record])?;
        let descriptor = describe(&bytes, EXPORT)?;
        set(
            &mut pack.manifest,
            "/sibling_artifacts",
            json!({ "workflow_evidence": {
                "schema": "keel.vanta.workflow_evidence/v1",
                "workflow_evidence": descriptor,
                "workflow_evidence_file": "workflow_evidence.json",
            }}),
        )?;
        Ok(pack.with_file("workflow_evidence", "workflow_evidence.json", bytes))
    }

    /// The files of an incident archive.
    pub(crate) fn incident(&self) -> Result<Vec<(&'static str, Vec<u8>)>, Fault> {
        let lines = |document: &Json| {
            let mut bytes = canonical(document)?;
            bytes.push(b'\n');
            Ok::<_, Fault>(bytes)
        };
        let action = json!({ "action": "agent.paused", "actor_id": API_KEY, "created_at": "2026-05-09T09:00:00Z" });
        let event = json!({ "event_id": "evt-incident", "event_type": "incident.opened", "occurred_at": "2026-05-09T09:00:00Z" });
        let decision = json!({ "decision": "deny", "tool": "mail.send", "created_at": "2026-05-09T09:00:01Z" });
        Ok(vec![
            ("admin_actions.jsonl", lines(&action)?),
            ("bracket_checkpoints.json", file(&json!({ "after": null, "before": null }))?),
            ("governance_events.jsonl", lines(&event)?),
            (
                "incident_metadata.json",
                file(
                    &json!({ "incident_id": "incident-1", "schema": "keel.incident_evidence/v1" }),
                )?,
            ),
            ("permits.jsonl", lines(&self.permit()?)?),
            ("workflow_declarations.jsonl", lines(&self.declaration)?),
            ("workflow_amendments.jsonl", lines(&self.amendment)?),
            ("mcp_tool_decisions.jsonl", lines(&decision)?),
        ])
    }
}

/// The descriptor of a file of workflow evidence.
fn describe(bytes: &[u8], key: TestKey) -> Result<Json, Fault> {
    let hash = Sha256Digest::of(bytes);
    Ok(json!({
        "amendment_count": 1,
        "content_hash": hash.prefixed().to_string(),
        "declaration_count": 1,
        "file_name": "workflow_evidence.json",
        "key_id": key.id(),
        "public_key": key.text(),
        "signature": key.export().sign_workflow_sibling(hash)?.to_string(),
        "signed_at": "2026-05-10T00:00:00Z",
    }))
}

/// A signed incident archive of these files; without one of the files that are listed, if a name is
/// given.
pub(crate) fn incident_pack(
    files: &[(&str, Vec<u8>)],
    without: Option<&str>,
) -> Result<Pack, Fault> {
    let kept: Vec<_> = files.iter().filter(|(name, _)| Some(*name) != without).cloned().collect();
    let mut pack = Pack::of(vec![])?;
    pack.export_name = "incident.zip";
    pack.bytes = Some(archive(&kept)?);
    let mut list = loose(&incident_files())?;
    if let (Some(without), Some(entries)) = (without, list.as_array_mut()) {
        entries.retain(|entry| entry.pointer("/name").and_then(Json::as_str) != Some(without));
    }
    pack.manifest = json!({
        "compressed": false,
        "export_id": "30000000-0000-4000-8000-000000000002",
        "export_type": "incident_evidence",
        "files": list,
        "format": "zip",
        "manifest_version": 2,
        "project_id": PROJECT,
        "record_count": 1,
        "signed_at": super::pack::SIGNED_AT,
    });
    pack.sign_again()?;
    Ok(pack)
}

/// A ZIP archive of these files, always of the same bytes: stored as they are, without times.
pub(crate) fn archive(files: &[(&str, Vec<u8>)]) -> Result<Vec<u8>, Fault> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for (name, bytes) in files {
        archive.start_file(*name, options)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}
