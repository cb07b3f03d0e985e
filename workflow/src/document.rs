// SPDX-License-Identifier: Apache-2.0

//! Workflow evidence documents.
//!
//! ```text
//! schema               keel.vanta.workflow_evidence/v1
//! declarations         array; declaration_count is its length
//! amendments           array; amendment_count is its length
//! ```

use permit_canonical_json::{JsonPointer, Value};
use permit_types::{Artifact, Location};

use crate::{
    fault::{WorkflowFault, WorkflowFaultKind as Kind},
    history::{HistoryBuilder, HistoryForm, HistoryLimits, WorkflowHistory},
    record::{RecordPlace, shown},
    trust::WorkflowTrust,
};

/// `schema` of workflow evidence documents, and of the entry that describes one in a manifest.
pub const WORKFLOW_EVIDENCE_SCHEMA: &str = "keel.vanta.workflow_evidence/v1";

/// Whether an export is itself a workflow evidence document, in place of one beside it.
#[must_use]
pub fn is_workflow_document(document: &Value<'_>) -> bool {
    document.get("schema").and_then(Value::as_str) == Some(WORKFLOW_EVIDENCE_SCHEMA)
}

/// Checks a workflow evidence document: its form, its records, their order and their hashes.
///
/// How the document was packed is the caller's business: one that came compressed is checked like any
/// other. `artifact` is what findings call it.
///
/// # Errors
/// The first fault, and the claim that it is held against.
pub fn verify_workflow_document(
    document: &Value<'_>,
    artifact: Artifact,
    trust: &WorkflowTrust<'_>,
    limits: HistoryLimits,
) -> Result<WorkflowHistory, WorkflowFault> {
    let lists = Lists { document, artifact };
    if !is_workflow_document(document) {
        let summary = "the document is no workflow evidence of a version that is known here";
        let fault = lists.fault(Kind::DocumentForm, "schema", summary);
        let actual = shown(document.get("schema"));
        return Err(fault.with(|finding| finding.values(WORKFLOW_EVIDENCE_SCHEMA, actual)));
    }
    let declarations = lists.list("declarations")?;
    let amendments = lists.list("amendments")?;
    lists.check_count("declaration_count", declarations.len())?;
    lists.check_count("amendment_count", amendments.len())?;
    let mut history = HistoryBuilder::new(*trust, HistoryForm::Document, limits);
    let list = JsonPointer::root().member("declarations");
    for (index, declaration) in (0..).zip(declarations) {
        let place = RecordPlace { artifact, list: &list, index, offset: 0 };
        history.declaration(declaration, &place)?;
    }
    let list = JsonPointer::root().member("amendments");
    for (index, amendment) in (0..).zip(amendments) {
        let place = RecordPlace { artifact, list: &list, index, offset: 0 };
        history.amendment(amendment, &place)?;
    }
    history.finish()
}

struct Lists<'d> {
    document: &'d Value<'d>,
    artifact: Artifact,
}

impl<'d> Lists<'d> {
    fn list(&self, name: &str) -> Result<&'d [Value<'d>], WorkflowFault> {
        let value = self.document.get(name);
        value.and_then(Value::as_array).ok_or_else(|| {
            let summary = format!("`{name}` is no array");
            let fault = self.fault(Kind::DocumentForm, name, &summary);
            let actual = value.map_or("nothing", |value| value.kind().as_str());
            fault.with(|finding| finding.values("an array", actual))
        })
    }

    fn check_count(&self, name: &str, length: usize) -> Result<(), WorkflowFault> {
        let stated = self.document.get(name);
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        if stated.and_then(Value::as_u64) == Some(length) {
            return Ok(());
        }
        let summary = format!("`{name}` is not the number of records");
        let fault = self.fault(Kind::DocumentCount, name, &summary);
        Err(fault.with(|finding| finding.values(length.to_string(), shown(stated))))
    }

    fn fault(&self, kind: Kind, name: &str, summary: &str) -> WorkflowFault {
        let at = match self.document.get(name) {
            Some(value) => {
                let pointer = JsonPointer::root().member(name);
                Location::value(self.artifact, pointer, value.range())
            }
            None => Location::value(self.artifact, JsonPointer::root(), self.document.range()),
        };
        WorkflowFault::new(kind, at, summary)
    }
}
