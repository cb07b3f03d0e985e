// SPDX-License-Identifier: Apache-2.0

//! Issuing incident archives of manifest version 2.

use std::io::{Cursor, Write};

use permit_canonical_json::{Object, Value};
use permit_types::OpenObject;
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use crate::{
    component::Component,
    evidence_document::check_distinct,
    incident_member::{INCIDENT_EVIDENCE_SCHEMA, IncidentMember as Member},
    issue_error::IssueError,
    issued_workflow::IssuedWorkflow,
};

/// What goes into an incident archive. All required files are written, empty ones too.
#[derive(Clone, Debug, Default)]
pub struct IncidentDraft<'w> {
    /// What the archive is about. Its schema is added.
    pub metadata: OpenObject,
    /// The workflows that permits of the archive belong to.
    pub workflows: &'w [IssuedWorkflow],
    /// The permits, with their snapshots.
    pub permits: Vec<OpenObject>,
    /// What administrators did.
    pub admin_actions: Vec<OpenObject>,
    /// The events of the governance chain.
    pub governance_events: Vec<OpenObject>,
    /// What was decided about calls of tools.
    pub mcp_tool_decisions: Vec<OpenObject>,
    /// The checkpoints before and after.
    pub bracket_checkpoints: OpenObject,
}

impl IncidentDraft<'_> {
    /// Writes the archive. The same draft gives the same bytes: times are left out, the order is fixed.
    ///
    /// ```
    /// use permit_workflow::{IncidentDraft, IncidentPayload};
    ///
    /// let archive = IncidentDraft::default().to_archive()?;
    /// assert_eq!(archive, IncidentDraft::default().to_archive()?);
    /// assert!(matches!(IncidentPayload::of(&archive), IncidentPayload::Archive(_)));
    /// # Ok::<(), permit_workflow::IssueError>(())
    /// ```
    ///
    /// # Errors
    /// If two workflows have one declaration, or something has no canonical form.
    pub fn to_archive(&self) -> Result<Vec<u8>, IssueError> {
        check_distinct(self.workflows)?;
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(6))
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        for member in Member::REQUIRED {
            let text = self.text_of(member)?;
            archive.start_file(member.file_name(), options).map_err(|_| IssueError::Archive)?;
            archive.write_all(text.as_bytes()).map_err(|_| IssueError::Archive)?;
        }
        let written = archive.finish().map_err(|_| IssueError::Archive)?;
        Ok(written.into_inner())
    }

    fn text_of(&self, member: Member) -> Result<String, IssueError> {
        let open = |objects: &[OpenObject]| lines(objects.iter().map(OpenObject::as_object));
        match member {
            Member::AdminActions => open(&self.admin_actions),
            Member::GovernanceEvents => open(&self.governance_events),
            Member::Permits => open(&self.permits),
            Member::McpToolDecisions => open(&self.mcp_tool_decisions),
            Member::BracketCheckpoints => text(self.bracket_checkpoints.as_object().clone()),
            Member::Metadata => {
                let mut metadata = self.metadata.as_object().clone();
                metadata.insert("schema", INCIDENT_EVIDENCE_SCHEMA);
                text(metadata)
            }
            Member::WorkflowDeclarations => {
                let records: Vec<_> =
                    self.workflows.iter().map(IssuedWorkflow::declaration_record).collect();
                lines(records.iter().filter_map(Value::as_object))
            }
            Member::WorkflowAmendments => {
                let records = self.workflows.iter().flat_map(IssuedWorkflow::amendment_records);
                lines(records.filter_map(Value::as_object))
            }
            Member::Manifest | Member::BundleManifest => Ok(String::new()),
        }
    }
}

/// `files` of the bundle manifest: every required file with its schema.
#[must_use]
pub fn incident_files() -> Value<'static> {
    Value::array(Member::REQUIRED.into_iter().map(|member| {
        Value::object([
            ("name", Value::from(member.file_name())),
            ("schema", member.schema().into()),
        ])
    }))
}

fn lines<'o>(objects: impl Iterator<Item = &'o Object<'static>>) -> Result<String, IssueError> {
    let mut all = String::new();
    for object in objects {
        all.push_str(&text(object.clone())?);
        all.push('\n');
    }
    Ok(all)
}

fn text(object: Object<'static>) -> Result<String, IssueError> {
    Ok(Component::whole(&object.into()).to_text()?)
}
