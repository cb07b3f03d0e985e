// SPDX-License-Identifier: Apache-2.0

//! What is known of a request before it is decided.

use alloc::{string::String, vec::Vec};

use permit_canonical_json::{CanonicalError, Sha256Digest, Value, WireBody};

use crate::{
    ActionRecord, ActorRef, AuthorityEnvelope, BudgetEnvelopeSummary, ConditionEvaluation,
    Conditions, Decision, DecisionDetails, Evaluated, IssuedPermit, NonEmptyText, OpenMembers,
    OpenObject, Permit, PermitId, PermitProblem, ProjectId, Refused, Rfc3339, Routing, UsageLimits,
    WorkflowDeclarationId, WorkflowId, WorkflowState,
};

/// What every permit says about the request and about who decides it.
///
/// The decision is not among it, nor is the hash of a request: the one comes with
/// [`PermitDraft::allow`] and its sisters, the other with [`IssuedPermit::bind`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermitFacts {
    /// An id that no other permit has.
    pub id: PermitId,
    /// The project.
    pub project_id: ProjectId,
    /// What kind of thing asks (PERMIT-21).
    pub subject_type: String,
    /// Who asks, in the terms of `subject_type`.
    pub subject_id: String,
    /// The action that the policy judges.
    pub action_name: String,
    /// Who is to be called.
    pub resource_provider: String,
    /// The model or tool that is to be called.
    pub resource_model: String,
    /// Tokens in, estimated.
    pub estimated_input_tokens: u64,
    /// Tokens out, estimated.
    pub estimated_output_tokens: u64,
    /// The policy that decides.
    pub policy_id: String,
    /// Its version.
    pub policy_version: String,
    /// The key under which a repeated request finds the permit again.
    pub idempotency_key: String,
    /// What the request means, without what changes from call to call; see
    /// [`request_fingerprint`](Self::request_fingerprint) (PERMIT-25).
    pub request_fingerprint: Sha256Digest,
    /// When it is decided, in UTC (PERMIT-33).
    pub created_at: Rfc3339,
}

impl PermitFacts {
    /// The fingerprint of a request: the SHA-256 digest of what is left of it when volatile metadata
    /// and secrets are taken away, in canonical form (PERMIT-25, AMB-54).
    ///
    /// ```
    /// use permit_canonical_json::{Budget, read};
    /// use permit_types::PermitFacts;
    ///
    /// let of = |text: &[u8]| {
    ///     let request = read(text, &Budget::default()).unwrap();
    ///     PermitFacts::request_fingerprint(&request).unwrap()
    /// };
    /// assert_eq!(of(br#"{"model": "m", "trace_id": "7"}"#), of(br#"{"trace_id": "8", "model": "m"}"#));
    /// assert_ne!(of(br#"{"model": "m"}"#), of(br#"{"model": "n"}"#));
    /// ```
    ///
    /// # Errors
    /// If a number of the request has no canonical form.
    pub fn request_fingerprint(request: &Value<'_>) -> Result<Sha256Digest, CanonicalError> {
        Ok(WireBody::new(request)?.digest())
    }
}

/// The workflow that a permit is decided in. There is no way to say a part of it (PERMIT-18), and
/// none to name two (PERMIT-17).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermitWorkflow {
    /// Its declaration.
    pub declaration_id: WorkflowDeclarationId,
    /// The run.
    pub workflow_id: WorkflowId,
    /// Where the run stands.
    pub state: WorkflowState,
}

/// The authority of a permit at the root of a delegation. The permit ends when its authority does
/// (PCHAIN-04). Permits below a root are made by `permit_delegation::delegate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootAuthority {
    /// What the permit and all below it may do at most.
    pub envelope: AuthorityEnvelope,
    /// The comparator that children are compared by, such as `authority-envelope.v0` (PCHAIN-06).
    pub version: NonEmptyText,
}

/// A permit before it is decided: what has to be said, and what can be.
///
/// ```text
/// PERMIT-04, PERMIT-16  a decision is one of three methods; there is no other
/// PERMIT-06             what deny and challenge give cannot be bound
/// PERMIT-10             the details repeat the decision by themselves
/// PERMIT-18             the workflow is wholly there or not at all
/// PERMIT-22             no parent and no depth: children are made by delegation
/// PERMIT-30             reserved names have no place
/// ```
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_types::{PermitDraft, PermitFacts, PermitId, ProjectId, Rfc3339};
///
/// let request = read(br#"{"model": "example-large", "request_id": "7"}"#, &Budget::default())?;
/// let facts = || PermitFacts {
///     id: PermitId::parse("00000000-0000-4000-8000-000000000001").unwrap(),
///     project_id: ProjectId::parse("00000000-0000-4000-8000-0000000000a1").unwrap(),
///     subject_type: "agent".into(),
///     subject_id: "agent-7".into(),
///     action_name: "mail.draft_reply".into(),
///     resource_provider: "example-provider".into(),
///     resource_model: "example-large".into(),
///     estimated_input_tokens: 60,
///     estimated_output_tokens: 400,
///     policy_id: "agents".into(),
///     policy_version: "2026-05-01".into(),
///     idempotency_key: "agent-7/1".into(),
///     request_fingerprint: PermitFacts::request_fingerprint(&request).unwrap(),
///     created_at: Rfc3339::parse("2026-05-11T08:14:02Z").unwrap(),
/// };
/// let evaluated = PermitDraft::new(facts()).allow("drafts need no approval")?;
/// let (bound, body) = evaluated.bind(&request)?;
/// assert_eq!(body.text(), r#"{"model":"example-large"}"#);
/// assert_eq!(bound.permit().binding_request_hash, Some(body.digest()));
///
/// let refused = PermitDraft::new(facts()).deny("refunds are not for agents")?;
/// assert_eq!(refused.permit().binding_request_hash, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermitDraft {
    /// What has to be said.
    pub facts: PermitFacts,
    /// A code for the decision, for machines. With it the permit has `decision_details`.
    pub code: Option<String>,
    /// What else the details of the decision say; nothing without a code (PERMIT-11).
    pub more_details: OpenMembers,
    /// What else was done about the request, in order (PERMIT-08, PERMIT-09).
    pub actions: Vec<ActionRecord>,
    /// Who asks, as an identity provider names them (PCHAIN-15).
    pub actor_ref: Option<ActorRef>,
    /// The operation that is to be called.
    pub resource_operation: Option<String>,
    /// Text, image and the like.
    pub resource_modality: Option<String>,
    /// More about what is to be called.
    pub resource_attributes: Option<OpenObject>,
    /// What is to be handed over.
    pub resource_inputs: Option<Vec<OpenObject>>,
    /// What the work is for, in words.
    pub task_description: Option<String>,
    /// Tokens out that are asked for at most.
    pub max_output_tokens_requested: Option<u64>,
    /// Limits that the decision comes with.
    pub constraints: Option<OpenObject>,
    /// Budgets that were looked at.
    pub budgets: Option<OpenObject>,
    /// The budget that the cost comes out of.
    pub budget_envelope: Option<BudgetEnvelopeSummary>,
    /// How the request is routed.
    pub routing: Option<Routing>,
    /// The conditions that the permit hangs on.
    pub conditions: Option<Conditions>,
    /// What came of the conditions.
    pub condition_evaluation: Option<ConditionEvaluation>,
    /// The hash of the policy. A version alone is no evidence (PCHAIN-16).
    pub policy_version_or_hash: Option<NonEmptyText>,
    /// The authority that the permit is the root of. Its expiry is that of the permit.
    pub authority: Option<RootAuthority>,
    /// Quotas.
    pub usage_limits: Option<UsageLimits>,
    /// The workflow that the permit is a part of.
    pub workflow: Option<PermitWorkflow>,
    /// When the permit ends; that of the authority counts where there is one.
    pub expires_at: Option<Rfc3339>,
}

impl PermitDraft {
    /// A draft with nothing said but what has to be; set what is known.
    #[must_use]
    pub fn new(facts: PermitFacts) -> Self {
        Self {
            facts,
            code: None,
            more_details: OpenMembers::new(),
            actions: Vec::new(),
            actor_ref: None,
            resource_operation: None,
            resource_modality: None,
            resource_attributes: None,
            resource_inputs: None,
            task_description: None,
            max_output_tokens_requested: None,
            constraints: None,
            budgets: None,
            budget_envelope: None,
            routing: None,
            conditions: None,
            condition_evaluation: None,
            policy_version_or_hash: None,
            authority: None,
            usage_limits: None,
            workflow: None,
            expires_at: None,
        }
    }

    /// Allows the request. It may go out once the permit is bound to it.
    ///
    /// # Errors
    /// If a time is not in UTC or an action says nothing.
    pub fn allow(
        self,
        reason: impl Into<String>,
    ) -> Result<IssuedPermit<Evaluated>, PermitProblem> {
        IssuedPermit::<Evaluated>::issue(self.decided(Decision::Allow, reason.into()))
    }

    /// Denies the request.
    ///
    /// # Errors
    /// As for [`allow`](Self::allow).
    pub fn deny(self, reason: impl Into<String>) -> Result<IssuedPermit<Refused>, PermitProblem> {
        IssuedPermit::<Refused>::issue(self.decided(Decision::Deny, reason.into()))
    }

    /// Lets the request wait until something else is done. A permit of its own says if it may then go out.
    ///
    /// # Errors
    /// As for [`allow`](Self::allow).
    pub fn challenge(
        self,
        reason: impl Into<String>,
    ) -> Result<IssuedPermit<Refused>, PermitProblem> {
        IssuedPermit::<Refused>::issue(self.decided(Decision::Challenge, reason.into()))
    }

    /// The permit in the form it is exported in (PERMIT-20).
    fn decided(self, decision: Decision, reason: String) -> Permit {
        let facts = self.facts;
        let other = self.more_details;
        let details = self.code.map(|code| {
            let reason = reason.clone();
            DecisionDetails { decision, code, reason, other }
        });
        let (envelope, version) = match self.authority {
            Some(RootAuthority { envelope, version }) => (Some(envelope), Some(version)),
            None => (None, None),
        };
        let expires_at = envelope.as_ref().map(|envelope| envelope.expires_at.clone());
        let (declaration, workflow_id, state) = match self.workflow {
            Some(workflow) => {
                (Some(workflow.declaration_id), Some(workflow.workflow_id), Some(workflow.state))
            }
            None => (None, None, None),
        };
        Permit {
            id: facts.id,
            project_id: facts.project_id,
            parent_permit_id: None,
            delegation_depth: None,
            subject_type: facts.subject_type,
            subject_id: facts.subject_id,
            actor_ref: self.actor_ref,
            action_name: facts.action_name,
            resource_provider: facts.resource_provider,
            resource_model: facts.resource_model,
            resource_operation: self.resource_operation,
            resource_modality: self.resource_modality,
            resource_attributes_json: self.resource_attributes,
            resource_inputs_json: self.resource_inputs,
            task_description: self.task_description,
            estimated_input_tokens: facts.estimated_input_tokens,
            estimated_output_tokens: facts.estimated_output_tokens,
            max_output_tokens_requested: self.max_output_tokens_requested,
            actual_input_tokens: None,
            actual_output_tokens: None,
            actual_total_tokens: None,
            actual_cost_usd_micros: None,
            actual_usage_json: None,
            accounting_disposition: None,
            decision,
            reason,
            decision_details: details,
            actions_json: self.actions,
            constraints_json: self.constraints,
            budgets_json: self.budgets,
            budget_envelope: self.budget_envelope,
            routing: self.routing,
            conditions: self.conditions,
            condition_evaluation: self.condition_evaluation,
            policy_id: facts.policy_id,
            policy_version: facts.policy_version,
            policy_version_or_hash: self.policy_version_or_hash,
            idempotency_key: facts.idempotency_key,
            request_fingerprint: facts.request_fingerprint,
            binding_request_hash: None,
            authority_envelope: envelope,
            authority_envelope_version: version,
            usage_limits: self.usage_limits,
            usage_idempotency_key: None,
            usage_reported_at: None,
            usage_source: None,
            usage_verification_method: None,
            usage_verification_status: None,
            usage_verification_updated_at: None,
            workflow_declaration_id: declaration,
            workflow_id,
            workflow_state_json: state,
            status: None,
            expires_at: expires_at.or(self.expires_at),
            created_at: facts.created_at,
        }
    }
}
