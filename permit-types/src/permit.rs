// SPDX-License-Identifier: Apache-2.0

//! The permit: what was decided before something was done.

use alloc::{string::String, vec::Vec};

use permit_canonical_json::Sha256Digest;
use serde::{Deserialize, Serialize};

use crate::{
    ActionRecord, ActorRef, AuthorityEnvelope, BudgetEnvelopeSummary, ConditionEvaluation,
    Conditions, DecisionDetails, NonEmptyText, OpenObject, PermitId, ProjectId, Rfc3339, Routing,
    UsageLimits, WorkflowDeclarationId, WorkflowId, WorkflowState, word::words,
};

words! {
    /// What was decided. There are no other decisions: throttling and shadow mode are none (PERMIT-04).
    Decision {
        /// The request may go out.
        Allow = "allow",
        /// The request may not go out.
        Deny = "deny",
        /// The request may go out only after something else was done.
        Challenge = "challenge",
    }

    /// How the usage that a permit reports was verified.
    UsageVerificationMethod {
        /// The caller said so.
        CallerReport = "caller_report",
        /// The provider said so in a receipt.
        ProviderReceipt = "provider_receipt",
        /// A signed call came back.
        SignedCallback = "signed_callback",
        /// A person compared the books.
        ManualReconciliation = "manual_reconciliation",
    }

    /// How far the verification of reported usage has come.
    UsageVerificationStatus {
        /// Nobody looked.
        Unverified = "unverified",
        /// Somebody is looking.
        Pending = "pending",
        /// It holds.
        Verified = "verified",
        /// It does not hold.
        Rejected = "rejected",
        /// It was corrected.
        Reconciled = "reconciled",
    }
}

impl Decision {
    /// Whether a permit with this decision may be bound to a request (PERMIT-06).
    #[must_use]
    pub fn may_be_bound(self) -> bool {
        matches!(self, Self::Allow)
    }
}

/// A permit in the form it is exported in.
///
/// ```text
/// closed object, 55 members, 17 of them required         PERMIT-01, PERMIT-03
/// decision deny or challenge => no binding_request_hash  PERMIT-06
/// decision_details.decision = decision                   PERMIT-10
/// workflow members: all three or none                    PERMIT-18
/// created_at in UTC                                      PERMIT-33
/// expires_at = authority_envelope.expires_at             PCHAIN-04
/// ```
///
/// The type is the first line; the others are what
/// [`check_permit_semantics`](crate::check_permit_semantics) looks at. A permit alone
/// proves nothing about who wrote it (CONF-06).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Permit {
    /// The id of this permit, for as long as it exists.
    pub id: PermitId,
    /// The project that the permit belongs to, and its parent and children with it (PCHAIN-36).
    pub project_id: ProjectId,
    /// The permit whose authority this one has a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_permit_id: Option<PermitId>,
    /// Steps from the root of the delegation; absent is 0 (PERMIT-22).
    #[serde(
        default,
        deserialize_with = "crate::presence::not_null",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
    pub delegation_depth: Option<u64>,
    /// What kind of thing asked; the list is open (PERMIT-21).
    pub subject_type: String,
    /// Who asked, in the terms of `subject_type`.
    pub subject_id: String,
    /// Who asked, as an identity provider names them (PCHAIN-15).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_ref: Option<ActorRef>,
    /// The action that the policy judged.
    pub action_name: String,
    /// Who was to be called; the list is open.
    pub resource_provider: String,
    /// The model or tool that was to be called.
    pub resource_model: String,
    /// The operation that was to be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_operation: Option<String>,
    /// Text, image and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_modality: Option<String>,
    /// More about what was to be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_attributes_json: Option<OpenObject>,
    /// What was to be handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_inputs_json: Option<Vec<OpenObject>>,
    /// What the work is for, in words. Never compared (PCHAIN-14).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_description: Option<String>,
    /// Tokens in, as estimated when it was decided.
    pub estimated_input_tokens: u64,
    /// Tokens out, as estimated when it was decided.
    pub estimated_output_tokens: u64,
    /// Tokens out that were asked for at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens_requested: Option<u64>,
    /// Tokens in, as reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual_input_tokens: Option<u64>,
    /// Tokens out, as reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual_output_tokens: Option<u64>,
    /// Tokens in and out, as reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual_total_tokens: Option<u64>,
    /// Cost in millionths of a US dollar, as reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual_cost_usd_micros: Option<u64>,
    /// Usage in the terms of the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual_usage_json: Option<OpenObject>,
    /// How the usage is booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounting_disposition: Option<String>,
    /// What was decided.
    pub decision: Decision,
    /// Why, in words. Never compared (PCHAIN-14).
    pub reason: String,
    /// The decision again, with a code (PERMIT-10).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_details: Option<DecisionDetails>,
    /// What else was done about the request, in order (PERMIT-08).
    pub actions_json: Vec<ActionRecord>,
    /// Limits that the decision came with; opaque (PERMIT-12).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraints_json: Option<OpenObject>,
    /// Budgets that were looked at; opaque (PERMIT-12).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budgets_json: Option<OpenObject>,
    /// The budget that the cost comes out of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_envelope: Option<BudgetEnvelopeSummary>,
    /// How the request was routed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing: Option<Routing>,
    /// The conditions that the permit hangs on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Conditions>,
    /// What came of the conditions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition_evaluation: Option<ConditionEvaluation>,
    /// The policy that decided.
    pub policy_id: String,
    /// The version of the policy that decided.
    pub policy_version: String,
    /// The version or the hash of the policy. Only a hash is evidence (PCHAIN-16).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_version_or_hash: Option<NonEmptyText>,
    /// The key under which a repeated request finds this permit again.
    pub idempotency_key: String,
    /// What the request means, without what changes from call to call (PERMIT-25).
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema_marker::Hex64"))]
    pub request_fingerprint: Sha256Digest,
    /// The exact request that may go out; set before it does, and never changed (PERMIT-05, PERMIT-26).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema_marker::Hex64>"))]
    pub binding_request_hash: Option<Sha256Digest>,
    /// The authority of this permit, which its children have parts of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority_envelope: Option<AuthorityEnvelope>,
    /// The comparator that the envelope is compared by (PCHAIN-06).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority_envelope_version: Option<NonEmptyText>,
    /// Quotas; not a part of the envelope (PCHAIN-01).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_limits: Option<UsageLimits>,
    /// The key under which repeated reports of usage count once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_idempotency_key: Option<String>,
    /// When usage was reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_reported_at: Option<Rfc3339>,
    /// Who reported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_source: Option<String>,
    /// How it was verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_verification_method: Option<UsageVerificationMethod>,
    /// What came of the verification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_verification_status: Option<UsageVerificationStatus>,
    /// When that last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_verification_updated_at: Option<Rfc3339>,
    /// The declaration of the workflow that the permit is a part of (PERMIT-17).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_declaration_id: Option<WorkflowDeclarationId>,
    /// The run of that workflow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<WorkflowId>,
    /// Where that run stood when it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_state_json: Option<WorkflowState>,
    /// Where the permit stood when it was exported. An open list, and no history (PERMIT-13).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// When the permit ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Rfc3339>,
    /// When it was decided, in UTC (PERMIT-33).
    pub created_at: Rfc3339,
}

impl Permit {
    /// The steps from the root of the delegation; 0 if the permit does not say.
    #[must_use]
    pub fn depth(&self) -> u64 {
        self.delegation_depth.unwrap_or(0)
    }
}
