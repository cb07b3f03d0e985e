// SPDX-License-Identifier: Apache-2.0

//! Issuing workflow evidence: the document, and its descriptor for the export's manifest.

use std::collections::BTreeSet;

use permit_canonical_json::{Sha256Digest, Value};
use permit_keys::{ExportSigning, PurposeKey, Signer};
use permit_types::{ProjectId, Rfc3339};

use crate::{
    component::Component, document::WORKFLOW_EVIDENCE_SCHEMA, issue_error::IssueError,
    issued_workflow::IssuedWorkflow, sibling_path::down,
};

/// A workflow evidence document, written.
#[derive(Clone, Debug)]
pub struct EvidenceDocument {
    bytes: Vec<u8>,
    declarations: u64,
    amendments: u64,
}

impl EvidenceDocument {
    /// Writes the document of these workflows.
    ///
    /// # Errors
    /// If two of them have one declaration.
    pub fn of(
        workflows: &[IssuedWorkflow],
        project_id: &ProjectId,
        generated_at: &Rfc3339,
    ) -> Result<Self, IssueError> {
        check_distinct(workflows)?;
        let declarations: Vec<_> =
            workflows.iter().map(IssuedWorkflow::declaration_record).collect();
        let amendments: Vec<_> =
            workflows.iter().flat_map(IssuedWorkflow::amendment_records).cloned().collect();
        let (declared, amended) = (count(&declarations), count(&amendments));
        let document = Value::object([
            ("schema", Value::from(WORKFLOW_EVIDENCE_SCHEMA)),
            ("project_id", project_id.as_str().into()),
            ("generated_at", generated_at.as_str().into()),
            ("declaration_count", declared.into()),
            ("amendment_count", amended.into()),
            ("declarations", declarations.into()),
            ("amendments", amendments.into()),
        ]);
        let bytes = Component::whole(&document).to_text()?.into_bytes();
        Ok(Self { bytes, declarations: declared, amendments: amended })
    }

    /// The bytes of the file.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The entry for `sibling_artifacts.workflow_evidence` of the export's manifest: where the file
    /// is, below the folder of the manifest, and its signed hash.
    ///
    /// # Errors
    /// If the name leads out of that folder, or the hash is not signed.
    pub fn describe<S: Signer>(
        &self,
        file_name: &str,
        signed_at: &Rfc3339,
        key: &PurposeKey<ExportSigning, S>,
    ) -> Result<Value<'static>, IssueError> {
        if down(file_name).as_deref() != Some(file_name) {
            return Err(IssueError::FileName { name: file_name.to_owned() });
        }
        let hash = Sha256Digest::of(&self.bytes);
        let signature = key.sign_workflow_sibling(hash)?;
        let text = |text: String| Value::from(text);
        let descriptor = Value::object([
            ("file_name", text(file_name.to_owned())),
            ("content_hash", text(hash.prefixed().to_string())),
            ("declaration_count", self.declarations.into()),
            ("amendment_count", self.amendments.into()),
            ("signature", text(signature.to_string())),
            ("key_id", text(key.key_id().to_string())),
            ("public_key", text(key.public_key().to_string())),
            ("signed_at", text(signed_at.as_str().to_owned())),
        ]);
        Ok(Value::object([
            ("schema", Value::from(WORKFLOW_EVIDENCE_SCHEMA)),
            ("workflow_evidence_file", text(file_name.to_owned())),
            ("workflow_evidence", descriptor),
        ]))
    }
}

pub(crate) fn check_distinct(workflows: &[IssuedWorkflow]) -> Result<(), IssueError> {
    let mut seen = BTreeSet::new();
    match workflows.iter().find(|workflow| !seen.insert(workflow.declaration_id())) {
        Some(workflow) => {
            let id = workflow.declaration_id().clone();
            Err(IssueError::DuplicateDeclaration { id })
        }
        None => Ok(()),
    }
}

fn count(records: &[Value<'_>]) -> u64 {
    u64::try_from(records.len()).unwrap_or(u64::MAX)
}
