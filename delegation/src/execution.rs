// SPDX-License-Identifier: Apache-2.0

//! Executing under a permit: what is asked, what is decided, and the receipt of it.
//!
//! ```text
//! PCHAIN-19  permit.execution_requested, then …_allowed or …_denied, then …_dispatched
//! PCHAIN-24  the policy of execution is not that of issuance
//! PCHAIN-25  the receipt has everything that decided
//! PCHAIN-26  envelope hashes from the root to the executed permit
//! ```
//!
//! The order is in the types: nothing is decided that was not requested, nothing dispatched that
//! was not allowed.

use permit_canonical_json::{NotJson, Sha256Digest, Value, to_value};
use permit_chain::EventStamp;
use permit_types::{
    ExecutionDecision, ExecutionReceipt, NonEmptyText, OpenMembers, PermitId, Rfc3339,
};

use crate::{
    authority_line::AuthorityLine, canonical_envelope::AuthorityField,
    governance_event::GovernanceEvent, issuance::PolicyAnswer,
};

/// Decides whether something may be done under a permit, at the time it is to be done.
pub trait ExecutionPolicy {
    /// Judges a request that is within the authority it is made under.
    fn evaluate_execution(
        &self,
        request: &ExecutionRequest,
        authority: &AuthorityLine,
    ) -> PolicyAnswer;

    /// The hash of the resolved policy, for receipts of what never got as far as the policy.
    fn policy(&self) -> Sha256Digest;
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionRequest {
    /// The execution; an id that no other one has.
    pub execution_id: NonEmptyText,
    /// The action.
    pub action: String,
    /// The tool, if there is one.
    pub tool: Option<String>,
    /// What the tool is to work on.
    pub resource_refs: Vec<String>,
    /// The time of the decision, by the issuer's clock; a time of the caller is no time.
    pub decision_time: Rfc3339,
    /// The hashes of the usage states that are looked at; each has to be in the pack later (PCHAIN-27).
    pub usage_limit_state_hashes: Vec<Sha256Digest>,
}

/// An execution that is asked for and not decided yet.
#[derive(Clone, Debug)]
#[must_use = "an execution that was requested has to be decided"]
pub struct Execution<'a> {
    authority: &'a AuthorityLine,
    request: ExecutionRequest,
}

/// An execution that is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecidedExecution<'a> {
    /// It may be done.
    Allowed(AllowedExecution<'a>),
    /// It may not.
    Refused(RefusedExecution),
}

/// An execution that may be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedExecution<'a> {
    receipt: ExecutionReceipt,
    authority: &'a AuthorityLine,
}

/// An execution that may not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedExecution {
    receipt: ExecutionReceipt,
}

impl<'a> Execution<'a> {
    /// Asks, and says so in the log before anything is looked at.
    pub fn request(
        authority: &'a AuthorityLine,
        request: ExecutionRequest,
        stamp: EventStamp,
    ) -> (Self, GovernanceEvent) {
        let payload = [
            ("requested_action", Value::from(request.action.clone())),
            ("requested_tool", request.tool.clone().into()),
        ];
        let id = request.execution_id.as_str();
        let event = event("permit.execution_requested", authority, id, stamp, payload);
        (Self { authority, request }, event.outcome("requested"))
    }

    /// Decides, and makes the receipt and the event that has it.
    ///
    /// `is_revoked` is asked for the permit and every one above it.
    ///
    /// # Errors
    /// If the receipt has no form in JSON.
    pub fn decide(
        self,
        policy: &impl ExecutionPolicy,
        is_revoked: impl Fn(&PermitId) -> bool,
        stamp: EventStamp,
    ) -> Result<(DecidedExecution<'a>, GovernanceEvent), NotJson> {
        let answer = self.judge(policy, is_revoked);
        let decision = answer.decision;
        let Self { authority, request } = self;
        let receipt = receipt(authority, request, answer);
        let payload = [
            ("reason_code", Value::from(receipt.reason_code.clone())),
            ("receipt", to_value(&receipt)?),
        ];
        let made = |name| event(name, authority, &receipt.execution_id, stamp, payload);
        Ok(match decision {
            ExecutionDecision::Allow => {
                let event = made("permit.execution_allowed").outcome("allowed").decision("allow");
                (DecidedExecution::Allowed(AllowedExecution { receipt, authority }), event)
            }
            ExecutionDecision::Deny => {
                let event = made("permit.execution_denied").outcome("denied").severity("warning");
                (DecidedExecution::Refused(RefusedExecution { receipt }), event.decision("deny"))
            }
        })
    }

    /// What the chain itself forbids comes before the policy.
    fn judge(
        &self,
        policy: &impl ExecutionPolicy,
        is_revoked: impl Fn(&PermitId) -> bool,
    ) -> PolicyAnswer {
        let at = self.request.decision_time.instant();
        let ended = self.authority.links().any(|link| link.envelope().has_ended(at));
        let revoked = self.authority.links().any(|link| is_revoked(link.permit_id()));
        let envelope = self.authority.leaf().envelope();
        let lacks =
            |field, asked: &str| !envelope.set(field).is_some_and(|set| set.contains(asked));
        let reason = if ended {
            Some("permit.expired")
        } else if revoked {
            Some("permit.revoked")
        } else if lacks(AuthorityField::Actions, &self.request.action) {
            Some("authority_envelope.action_not_allowed")
        } else if self
            .request
            .tool
            .as_deref()
            .is_some_and(|tool| lacks(AuthorityField::Tools, tool))
        {
            Some("authority_envelope.tool_not_allowed")
        } else {
            None
        };
        match reason.and_then(NonEmptyText::parse) {
            Some(reason_code) => {
                let policy = policy.policy();
                PolicyAnswer { decision: ExecutionDecision::Deny, reason_code, policy }
            }
            None => policy.evaluate_execution(&self.request, self.authority),
        }
    }
}

impl AllowedExecution<'_> {
    /// The receipt.
    #[must_use]
    pub fn receipt(&self) -> &ExecutionReceipt {
        &self.receipt
    }

    /// Says that the request was sent.
    pub fn dispatched(self, stamp: EventStamp) -> GovernanceEvent {
        let id = &self.receipt.execution_id;
        event("permit.execution_dispatched", self.authority, id, stamp, []).outcome("dispatched")
    }
}

impl RefusedExecution {
    /// The receipt.
    #[must_use]
    pub fn receipt(&self) -> &ExecutionReceipt {
        &self.receipt
    }
}

impl DecidedExecution<'_> {
    /// The receipt.
    #[must_use]
    pub fn receipt(&self) -> &ExecutionReceipt {
        match self {
            Self::Allowed(allowed) => allowed.receipt(),
            Self::Refused(refused) => refused.receipt(),
        }
    }
}

fn receipt(
    authority: &AuthorityLine,
    request: ExecutionRequest,
    answer: PolicyAnswer,
) -> ExecutionReceipt {
    let ancestors = authority.ancestors().iter().map(|link| link.permit_id().clone());
    ExecutionReceipt {
        execution_id: request.execution_id.into_string(),
        permit_id: authority.leaf().permit_id().clone(),
        decision_time: request.decision_time,
        requested_action: request.action,
        requested_tool: request.tool,
        requested_resource_refs: request.resource_refs,
        ancestor_permit_ids: ancestors.collect(),
        authority_envelope_hashes: authority.links().map(|link| link.hash()).collect(),
        policy_version_or_hash: answer.policy.prefixed().to_string(),
        usage_limit_state_hashes: request.usage_limit_state_hashes,
        decision: answer.decision,
        reason_code: answer.reason_code.into_string(),
        other: OpenMembers::new(),
    }
}

fn event(
    event_type: &str,
    authority: &AuthorityLine,
    execution_id: &str,
    stamp: EventStamp,
    payload: impl IntoIterator<Item = (&'static str, Value<'static>)>,
) -> GovernanceEvent {
    let permit_id = authority.leaf().permit_id();
    let ids = [
        ("permit_id", Value::from(permit_id.to_string())),
        ("execution_id", execution_id.to_owned().into()),
    ];
    GovernanceEvent::new(event_type, stamp, ids.into_iter().chain(payload))
        .resource("permit", permit_id.as_str())
        .category("permit")
        .of_permit(authority.project_id(), permit_id)
}
