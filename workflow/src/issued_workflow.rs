// SPDX-License-Identifier: Apache-2.0

//! Issuing workflows: a declaration, its amendments, and the snapshots that permits carry.
//!
//! ```text
//! declare  ──►  IssuedWorkflow  ──amend──►  …  ──►  records, all signed
//!                     └──snapshot_at──►  what a permit decided at that time says (PERMIT-18)
//! ```
//!
//! Versions, hashes and former limits are computed, never given, so that none can be wrong.

use std::collections::BTreeSet;

use permit_canonical_json::{Node, Object, Sha256Digest, Value};
use permit_keys::{PermitBindingSigning, PrefixedSignature, PurposeKey, Signer};
use permit_types::{
    BudgetEnvelopeId, Instant, NonEmptyText, OpenObject, ProjectId, Rfc3339, WorkflowDeclarationId,
    WorkflowId, WorkflowState,
};

use crate::{
    amendment::amendment_payload,
    declaration::declaration_payload,
    effective_intent::EffectiveIntent,
    issue_error::IssueError,
    workflow_intent::{
        CallChange, DeclaredCalls, Principal, ProjectedCost, WorkflowAmendmentId, WorkflowIntent,
        WorkflowStatus, stated,
    },
};

/// A declaration that is not signed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclarationDraft {
    /// The id of the declaration, which amendments and permits refer to.
    pub declaration_id: WorkflowDeclarationId,
    /// The name that the caller gave to the run.
    pub workflow_id: WorkflowId,
    /// The project.
    pub project_id: ProjectId,
    /// What is declared.
    pub intent: WorkflowIntent,
    /// The budget that the workflow draws on.
    pub budget_envelope_id: Option<BudgetEnvelopeId>,
    /// Who declares.
    pub declared_by: Principal,
    /// What it is projected to cost.
    pub projected_cost: ProjectedCost,
    /// How far it has come. The signature covers it.
    pub status: WorkflowStatus,
    /// When it is signed. The window of the key has to contain it.
    pub signed_at: Rfc3339,
}

/// An amendment that is not signed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmendmentDraft {
    /// The id of the amendment.
    pub amendment_id: WorkflowAmendmentId,
    /// Who amends.
    pub amended_by: Principal,
    /// What changes.
    pub change: CallChange,
    /// Why.
    pub reason: Option<NonEmptyText>,
    /// When it is made and signed. Permits that are decided at this very moment do not see it yet.
    pub created_at: Rfc3339,
}

/// A workflow whose declaration and amendments are signed.
///
/// ```
/// use permit_keys::{PermitBindingSigning, PurposeKey, SoftwareKey};
/// use permit_types::{ApiKeyId, ProjectId, Rfc3339, WorkflowDeclarationId, WorkflowId};
/// use permit_workflow::{
///     DeclarationDraft, DeclaredCalls, IssuedWorkflow, Principal, ProjectedCost, WorkflowIntent,
///     WorkflowStatus,
/// };
///
/// let key = PurposeKey::<PermitBindingSigning>::new(SoftwareKey::from_seed(&[2; 32]));
/// let draft = DeclarationDraft {
///     declaration_id: WorkflowDeclarationId::parse("10000000-0000-0000-0000-000000000001").unwrap(),
///     workflow_id: WorkflowId::parse("nightly_report").unwrap(),
///     project_id: ProjectId::parse("00000000-0000-0000-0000-000000000001").unwrap(),
///     intent: WorkflowIntent::of(DeclaredCalls::limited_to(5)),
///     budget_envelope_id: None,
///     declared_by: Principal::ApiKey(ApiKeyId::parse("20000000-0000-0000-0000-000000000001").unwrap()),
///     projected_cost: ProjectedCost::default(),
///     status: WorkflowStatus::Active,
///     signed_at: Rfc3339::parse("2026-05-07T12:00:00Z").unwrap(),
/// };
/// let workflow = IssuedWorkflow::declare(&draft, &key)?;
/// let decided_at = Rfc3339::parse("2026-05-07T12:06:00Z").unwrap();
/// let snapshot = workflow.snapshot_at(&decided_at, 1)?;
/// assert_eq!(snapshot.declaration_version_at_decision(), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct IssuedWorkflow {
    declaration_id: WorkflowDeclarationId,
    workflow_id: WorkflowId,
    project_id: ProjectId,
    /// The declaration without what amendments change of it.
    declaration: Object<'static>,
    amendments: Vec<Value<'static>>,
    amendment_ids: BTreeSet<WorkflowAmendmentId>,
    last_amendment: Option<WorkflowAmendmentId>,
    intent: EffectiveIntent,
    calls: DeclaredCalls,
    /// What was in force from when on; the declaration first.
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    at: Instant,
    hash: Sha256Digest,
    max_calls: Option<u64>,
}

impl IssuedWorkflow {
    /// Signs a declaration.
    ///
    /// # Errors
    /// If the signer makes no signature, or one that does not verify.
    pub fn declare<S: Signer>(
        draft: &DeclarationDraft,
        key: &PurposeKey<PermitBindingSigning, S>,
    ) -> Result<Self, IssueError> {
        let key_id = key.key_id().to_string();
        let envelope = draft.budget_envelope_id.as_ref().map(|id| id.as_str().to_owned());
        let record = Value::object([
            ("workflow_declaration_id", Value::from(draft.declaration_id.as_str().to_owned())),
            ("workflow_id", draft.workflow_id.as_str().to_owned().into()),
            ("project_id", draft.project_id.as_str().to_owned().into()),
            ("status", draft.status.as_str().into()),
            ("intent_json", draft.intent.to_value()),
            ("budget_envelope_id", envelope.into()),
            ("declared_by", draft.declared_by.to_value()),
            ("projected_cost", draft.projected_cost.to_value()),
            ("declaration_signed_at", draft.signed_at.as_str().to_owned().into()),
            ("binding_key_id", key_id.clone().into()),
        ]);
        let issued_at = draft.signed_at.as_str().into();
        let hash = declaration_payload(&record, issued_at, &key_id).digest()?;
        let signature = bare(key.sign_workflow_declaration(hash)?);
        let intent = EffectiveIntent::of(&record)?;
        let mut declaration = members_of(record);
        declaration.insert("declaration_canonical_hash", hash.to_string());
        declaration.insert("declaration_signature_b64", signature);
        let calls = draft.intent.calls;
        let (at, hash) = (draft.signed_at.instant(), intent.digest());
        Ok(Self {
            declaration_id: draft.declaration_id.clone(),
            workflow_id: draft.workflow_id.clone(),
            project_id: draft.project_id.clone(),
            declaration,
            amendments: Vec::new(),
            amendment_ids: BTreeSet::new(),
            last_amendment: None,
            intent,
            calls,
            steps: vec![Step { at, hash, max_calls: calls.at_most() }],
        })
    }

    /// Signs the next amendment. Its version and the former limits are those of the workflow.
    ///
    /// # Errors
    /// If it is older than what it amends, expects more calls than it allows, or is not signed.
    pub fn amend<S: Signer>(
        &mut self,
        draft: &AmendmentDraft,
        key: &PurposeKey<PermitBindingSigning, S>,
    ) -> Result<(), IssueError> {
        let at = draft.created_at.instant();
        let last = self.steps.last().map(|step| (step.at, self.last_amendment.as_ref()));
        if last.is_some_and(|last| (at, Some(&draft.amendment_id)) < last) {
            return Err(IssueError::OutOfOrder);
        }
        if self.amendment_ids.contains(&draft.amendment_id) {
            return Err(IssueError::DuplicateAmendment);
        }
        let calls = self.calls.changed(draft.change).ok_or(IssueError::MoreThanAllowed)?;
        let key_id = key.key_id().to_string();
        let record = self.amendment_record(draft, &key_id);
        let issued_at = draft.created_at.as_str().into();
        let hash = amendment_payload(&record, issued_at, &key_id).digest()?;
        let signature = bare(key.sign_workflow_amendment(hash)?);
        let mut intent = self.intent.clone();
        intent.amend(&record)?;
        let mut amendment = members_of(record);
        amendment.insert("amendment_canonical_hash", hash.to_string());
        amendment.insert("amendment_signature_b64", signature);
        self.amendments.push(amendment.into());
        self.amendment_ids.insert(draft.amendment_id.clone());
        self.last_amendment = Some(draft.amendment_id.clone());
        self.steps.push(Step { at, hash: intent.digest(), max_calls: calls.at_most() });
        self.intent = intent;
        self.calls = calls;
        Ok(())
    }

    fn amendment_record(&self, draft: &AmendmentDraft, key_id: &str) -> Value<'static> {
        let count = |count: Option<u64>| count.map(Value::from);
        let text = |text: &str| Some(Value::from(text.to_owned()));
        stated([
            ("workflow_amendment_id", text(draft.amendment_id.as_str())),
            ("workflow_declaration_id", text(self.declaration_id.as_str())),
            ("project_id", text(self.project_id.as_str())),
            ("applied_against_version", Some(self.version().into())),
            ("previous_max_calls", count(self.calls.at_most())),
            ("new_max_calls", count(draft.change.at_most)),
            ("previous_expected_calls", count(self.calls.expected())),
            ("new_expected_calls", count(draft.change.expected)),
            ("reason_provided", draft.reason.as_ref().and_then(|reason| text(reason.as_str()))),
            ("created_at", text(draft.created_at.as_str())),
            ("amended_by", Some(draft.amended_by.to_value())),
            ("binding_key_id", text(key_id)),
        ])
    }

    /// The id of the declaration.
    #[must_use]
    pub fn declaration_id(&self) -> &WorkflowDeclarationId {
        &self.declaration_id
    }

    /// The version of the declaration: one, and one more for each amendment.
    #[must_use]
    pub fn version(&self) -> u64 {
        u64::try_from(self.steps.len()).unwrap_or(u64::MAX)
    }

    /// The hash of the effective intent with all amendments.
    #[must_use]
    pub fn effective_intent_hash(&self) -> Sha256Digest {
        self.intent.digest()
    }

    /// The record of the declaration, as it is now.
    #[must_use]
    pub fn declaration_record(&self) -> Value<'static> {
        let mut record = self.declaration.clone();
        record.insert("version", self.version());
        record.insert("effective_intent_hash", self.effective_intent_hash().to_string());
        record.into()
    }

    /// The records of the amendments, in order.
    #[must_use]
    pub fn amendment_records(&self) -> &[Value<'static>] {
        &self.amendments
    }

    /// What a permit that was decided at this time says of its workflow, after so many calls.
    ///
    /// # Errors
    /// If the workflow had not been declared by then.
    pub fn snapshot_at(
        &self,
        decided_at: &Rfc3339,
        actual_calls: u64,
    ) -> Result<WorkflowState, IssueError> {
        let at = decided_at.instant();
        let (declared, amended) = self.steps.split_first().ok_or(IssueError::BeforeDeclaration)?;
        if at < declared.at {
            return Err(IssueError::BeforeDeclaration);
        }
        let applied = amended.partition_point(|step| step.at < at);
        let last = applied.checked_sub(1).and_then(|index| amended.get(index)).unwrap_or(declared);
        let version = u64::try_from(applied).unwrap_or(u64::MAX).saturating_add(1);
        let snapshot = stated([
            ("workflow_declaration_id", Some(self.declaration_id.as_str().to_owned().into())),
            ("workflow_id", Some(self.workflow_id.as_str().to_owned().into())),
            ("effective_intent_hash", Some(last.hash.to_string().into())),
            ("declaration_version_at_decision", Some(version.into())),
            ("actual_calls_at_decision", Some(actual_calls.into())),
            ("max_calls_at_decision", last.max_calls.map(Value::from)),
        ]);
        Ok(OpenObject::from(members_of(snapshot)).into())
    }
}

/// The members of an object that was just made.
fn members_of(object: Value<'static>) -> Object<'static> {
    match object.into_node() {
        Node::Object(members) => members,
        _ => Object::default(),
    }
}

/// The signature as these records have it: base64 alone.
fn bare(signature: PrefixedSignature) -> String {
    let text = signature.to_string();
    text.strip_prefix("ed25519:").unwrap_or(&text).to_owned()
}
