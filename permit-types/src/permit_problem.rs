// SPDX-License-Identifier: Apache-2.0

//! Why a permit cannot be issued as it is.

use crate::{Decision, Permit, PermitStatus, RuleId};

/// A rule about a permit's own members that its type does not enforce, and that it breaks.
///
/// What a verifier reports as a finding is refused here before it exists.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PermitProblem {
    /// A time is not in UTC.
    #[error("`{member}` is not in UTC; write the same instant with `Z`")]
    NotUtc {
        /// The member.
        member: &'static str,
    },
    /// The type or the message of an action is empty.
    #[error("`{member}` of action {index} is empty; leave it out or say something")]
    EmptyActionText {
        /// The action, counted from 0.
        index: usize,
        /// The member.
        member: &'static str,
    },
    /// Two times of expiry.
    #[error("`expires_at` of the permit is another instant than that of its authority envelope")]
    TwoExpiries,
    /// An envelope without the name of its comparator, or the name without an envelope.
    #[error("`authority_envelope` and `authority_envelope_version` only come together")]
    EnvelopeWithoutVersion,
    /// The details of the decision say another one.
    #[error("`decision_details` say `{details}`, and the permit decides `{decision}`")]
    TwoDecisions {
        /// What the permit decides.
        decision: Decision,
        /// What the details say.
        details: Decision,
    },
    /// Some of the members of a workflow, and not all.
    #[error("`{member}` is missing; a permit has all three members of a workflow, or none")]
    WorkflowIncomplete {
        /// The first that is missing.
        member: &'static str,
    },
    /// The depth is not that of a root or a child.
    #[error("`delegation_depth` is {depth}, which a permit {} cannot have", parent(*.has_parent))]
    WrongDepth {
        /// What it says.
        depth: u64,
        /// Whether there is a parent.
        has_parent: bool,
    },
    /// A refusal is bound to a request.
    #[error("a permit that decides `{decision}` is bound to no request")]
    BoundRefusal {
        /// What it decides.
        decision: Decision,
    },
    /// A permit has no hash of a request where it needs one.
    #[error("the permit is bound to no request, and so cannot be `{status}`")]
    NotBound {
        /// Where it is said to stand.
        status: PermitStatus,
    },
    /// A permit has a hash of a request before it was bound.
    #[error("the permit has a `binding_request_hash` and is not bound yet; `bind` sets it")]
    BoundTooEarly,
    /// A refusal stands where only an allowed permit can.
    #[error("a permit that decides `{decision}` cannot be `{status}`")]
    RefusalCannotBe {
        /// What it decides.
        decision: Decision,
        /// Where it is said to stand.
        status: PermitStatus,
    },
    /// The status is no word that permits of this workspace are stored with.
    #[error("the status of the permit is none that a stored permit can have")]
    UnknownStatus,
    /// The permit says that it stands elsewhere.
    #[error("the status of the permit is not `{expected}`")]
    OtherStatus {
        /// What was looked for.
        expected: PermitStatus,
    },
}

fn parent(has_parent: bool) -> &'static str {
    if has_parent { "with a parent" } else { "without a parent" }
}

impl PermitProblem {
    /// The rule that is broken.
    #[must_use]
    pub fn rule(&self) -> RuleId {
        RuleId::new(match self {
            Self::NotUtc { .. } => "PERMIT-33",
            Self::EmptyActionText { .. } => "PERMIT-09",
            Self::TwoExpiries => "PCHAIN-04",
            Self::EnvelopeWithoutVersion => "PCHAIN-06",
            Self::TwoDecisions { .. } => "PERMIT-10",
            Self::WorkflowIncomplete { .. } => "PERMIT-18",
            Self::WrongDepth { .. } => "PERMIT-22",
            Self::BoundRefusal { .. } | Self::RefusalCannotBe { .. } => "PERMIT-06",
            Self::NotBound { .. } => "PERMIT-05",
            Self::BoundTooEarly => "PERMIT-26",
            Self::OtherStatus { .. } | Self::UnknownStatus => "PERMIT-13",
        })
    }
}

/// What is wrong with a permit wherever it stands.
pub(crate) fn check_issued(permit: &Permit) -> Result<(), PermitProblem> {
    check_times(permit)?;
    check_actions(permit)?;
    check_details(permit)?;
    check_workflow(permit)?;
    check_lineage(permit)?;
    let decision = permit.decision;
    if permit.binding_request_hash.is_some() && !decision.may_be_bound() {
        return Err(PermitProblem::BoundRefusal { decision });
    }
    Ok(())
}

fn check_times(permit: &Permit) -> Result<(), PermitProblem> {
    let optional = [
        ("expires_at", &permit.expires_at),
        ("usage_reported_at", &permit.usage_reported_at),
        ("usage_verification_updated_at", &permit.usage_verification_updated_at),
    ];
    let optional = optional.into_iter().filter_map(|(name, time)| Some((name, time.as_ref()?)));
    let mut times = core::iter::once(("created_at", &permit.created_at)).chain(optional);
    match times.find(|(_, time)| !time.is_utc()) {
        Some((member, _)) => Err(PermitProblem::NotUtc { member }),
        None => Ok(()),
    }
}

fn check_actions(permit: &Permit) -> Result<(), PermitProblem> {
    for (index, action) in permit.actions_json.iter().enumerate() {
        for member in ["type", "message"] {
            let text = action.get(member);
            if text.is_some_and(|text| text.as_str().is_none_or(str::is_empty)) {
                return Err(PermitProblem::EmptyActionText { index, member });
            }
        }
    }
    Ok(())
}

fn check_details(permit: &Permit) -> Result<(), PermitProblem> {
    match &permit.decision_details {
        Some(details) if details.decision != permit.decision => Err(PermitProblem::TwoDecisions {
            decision: permit.decision,
            details: details.decision,
        }),
        _ => Ok(()),
    }
}

fn check_workflow(permit: &Permit) -> Result<(), PermitProblem> {
    let members = [
        ("workflow_declaration_id", permit.workflow_declaration_id.is_some()),
        ("workflow_id", permit.workflow_id.is_some()),
        ("workflow_state_json", permit.workflow_state_json.is_some()),
    ];
    match members.into_iter().find(|(_, there)| !there) {
        Some((member, _)) if members.into_iter().any(|(_, there)| there) => {
            Err(PermitProblem::WorkflowIncomplete { member })
        }
        _ => Ok(()),
    }
}

fn check_lineage(permit: &Permit) -> Result<(), PermitProblem> {
    let (depth, has_parent) = (permit.depth(), permit.parent_permit_id.is_some());
    if (depth > 0) != has_parent {
        return Err(PermitProblem::WrongDepth { depth, has_parent });
    }
    let envelope = permit.authority_envelope.as_ref();
    if envelope.is_some() != permit.authority_envelope_version.is_some() {
        return Err(PermitProblem::EnvelopeWithoutVersion);
    }
    let (Some(own), Some(envelope)) = (&permit.expires_at, envelope) else { return Ok(()) };
    if own.instant() == envelope.expires_at.instant() {
        Ok(())
    } else {
        Err(PermitProblem::TwoExpiries)
    }
}
