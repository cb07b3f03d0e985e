// SPDX-License-Identifier: Apache-2.0

//! Issuing permits under others.
//!
//! ```text
//! one project                                   PCHAIN-36
//! envelope within the parent's, expiry too      PCHAIN-12, -13
//! the policy of issuance allows it              PCHAIN-24
//! permit.issued, permit.delegated               PCHAIN-17
//! permit.delegated_denied                       PCHAIN-18
//! ```

use permit_canonical_json::{Sha256Digest, Value};
use permit_chain::EventStamp;
use permit_types::{
    AuthorityEnvelope, Decision, ExecutionDecision, NonEmptyText, Permit, PermitId,
};

use crate::{
    authority_line::{AuthorityLine, ChildEnvelope, NotWithin},
    canonical_envelope::{CanonicalEnvelope, EnvelopeFault},
    denial_record::{DenialGround, DeniedDelegation},
    envelope_version::EnvelopeVersion,
    governance_event::GovernanceEvent,
};

/// Decides whether authority may be handed on.
///
/// This is not the policy that decides about executions: what is allowed when a permit is used may
/// change after it was issued, and what was issued stays issued until it is revoked (PCHAIN-23, PCHAIN-24).
/// That the caller is who it says is for this policy as well.
pub trait IssuancePolicy {
    /// Judges a request that is within the authority of its parent.
    fn evaluate_issuance(
        &self,
        request: &DelegationRequest,
        parent: &AuthorityLine,
    ) -> PolicyAnswer;
}

/// What a policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyAnswer {
    /// Whether it may be.
    pub decision: ExecutionDecision,
    /// Why, for machines.
    pub reason_code: NonEmptyText,
    /// The hash of the resolved policy. A label would be no evidence (PCHAIN-16).
    pub policy: Sha256Digest,
}

/// A request for a part of a permit's authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelegationRequest {
    /// The permit whose authority it is to be a part of.
    pub parent_permit_id: PermitId,
    /// The permit that is to be. Its lineage, envelope and expiry are written anew.
    pub permit: Permit,
    /// The authority that is asked for.
    pub envelope: AuthorityEnvelope,
}

/// Judges a request and makes the child permit, or a denial that has to be recorded.
///
/// `parent` is the authority of the named permit; none if there is no such permit, or it has no authority.
///
/// # Errors
/// The denial, or what is wrong with the request itself.
pub fn delegate(
    parent: Option<&AuthorityLine>,
    request: DelegationRequest,
    policy: &impl IssuancePolicy,
) -> Result<ChildPermit, IssuanceError> {
    let child = CanonicalEnvelope::of(&request.envelope)?;
    let denied = |ground: DenialGround| {
        let parent = DeniedDelegation::shown_parent(&ground, parent);
        IssuanceError::Denied(Box::new(DeniedDelegation {
            ground,
            project_id: request.permit.project_id.clone(),
            parent_permit_id: request.parent_permit_id.clone(),
            permit_id: request.permit.id.clone(),
            parent,
            child: child.clone(),
        }))
    };
    let Some(line) = parent
        .filter(|line| same(line.leaf().permit_id().as_str(), request.parent_permit_id.as_str()))
    else {
        return Err(denied(DenialGround::ParentMissing));
    };
    if !same(line.project_id().as_str(), request.permit.project_id.as_str()) {
        return Err(denied(DenialGround::OtherProject));
    }
    let envelope = match ChildEnvelope::within(line, request.envelope.clone()) {
        Ok(envelope) => envelope,
        Err(NotWithin::Exceeds(excess)) => return Err(denied(DenialGround::Exceeds(excess))),
        Err(NotWithin::Malformed(fault)) => return Err(fault.into()),
    };
    let answer = policy.evaluate_issuance(&request, line);
    if answer.decision == ExecutionDecision::Deny {
        return Err(denied(DenialGround::Policy { reason_code: answer.reason_code }));
    }
    Ok(ChildPermit::new(line, envelope, request.permit)?)
}

/// Why no child permit was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssuanceError {
    /// It was denied, which has to be recorded.
    #[error("the delegation was denied: {}", .0.ground.reason_code())]
    Denied(Box<DeniedDelegation>),
    /// The envelope that is asked for has no canonical form.
    #[error(transparent)]
    Envelope(#[from] EnvelopeFault),
    /// The permit cannot be a child of that parent.
    #[error(transparent)]
    Permit(#[from] ChildPermitError),
}

/// A permit whose authority is within that of its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildPermit {
    permit: Permit,
    authority: AuthorityLine,
}

/// Why a permit cannot be a child of some parent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChildPermitError {
    /// It decides something else than `allow`, so that there is nothing to hand on.
    #[error("the permit decides `{decision}` and can have no authority")]
    NotAllowed {
        /// The decision.
        decision: Decision,
    },
    /// It is of another project (PCHAIN-36).
    #[error("the permit is of another project than its parent")]
    OtherProject,
    /// It is in its own lineage (PERMIT-23).
    #[error("the permit would descend from itself")]
    OwnAncestor,
    /// The envelope was compared with that of another permit.
    #[error("the envelope was compared with that of `{compared}` and not with that of `{parent}`")]
    OtherParent {
        /// The permit that it was compared with.
        compared: PermitId,
        /// The permit that is to be the parent.
        parent: PermitId,
    },
}

impl ChildPermit {
    /// Makes a permit the child of another one. Parent, depth, envelope, its version and the expiry are
    /// written anew, so that they cannot contradict each other (PCHAIN-04, PERMIT-22).
    ///
    /// # Errors
    /// Why it cannot be.
    pub fn new(
        parent: &AuthorityLine,
        envelope: ChildEnvelope,
        draft: Permit,
    ) -> Result<Self, ChildPermitError> {
        if draft.decision != Decision::Allow {
            return Err(ChildPermitError::NotAllowed { decision: draft.decision });
        }
        if !same(draft.project_id.as_str(), parent.project_id().as_str()) {
            return Err(ChildPermitError::OtherProject);
        }
        if parent.links().any(|link| same(link.permit_id().as_str(), draft.id.as_str())) {
            return Err(ChildPermitError::OwnAncestor);
        }
        if envelope.parent() != parent.leaf() {
            let compared = envelope.parent().permit_id().clone();
            let parent = parent.leaf().permit_id().clone();
            return Err(ChildPermitError::OtherParent { compared, parent });
        }
        let authority = parent.extended(draft.id.clone(), &envelope);
        let own = envelope.as_envelope().clone();
        let permit = Permit {
            parent_permit_id: Some(parent.leaf().permit_id().clone()),
            delegation_depth: Some(authority.depth()),
            expires_at: Some(own.expires_at.clone()),
            authority_envelope: Some(own),
            authority_envelope_version: NonEmptyText::parse(EnvelopeVersion::V0.as_str()),
            ..draft
        };
        Ok(Self { permit, authority })
    }

    /// The permit.
    #[must_use]
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// Its authority, which can be handed on.
    #[must_use]
    pub fn authority(&self) -> &AuthorityLine {
        &self.authority
    }

    /// The two events that its issuance makes, in order (PCHAIN-17).
    pub fn events(&self, issued: EventStamp, delegated: EventStamp) -> [GovernanceEvent; 2] {
        let permit = &self.permit;
        let parent = permit.parent_permit_id.as_ref().map(PermitId::to_string);
        let payload = issuance_payload(permit).chain([("parent_permit_id", parent.into())]);
        let event = GovernanceEvent::new("permit.delegated", delegated, payload);
        [issued_event(permit, issued), of_issuance(event, permit)]
    }
}

/// The event that the issuance of a permit makes, that of a root included (PCHAIN-17).
pub fn issued_event(permit: &Permit, stamp: EventStamp) -> GovernanceEvent {
    of_issuance(GovernanceEvent::new("permit.issued", stamp, issuance_payload(permit)), permit)
}

fn of_issuance(event: GovernanceEvent, permit: &Permit) -> GovernanceEvent {
    event
        .resource("permit", permit.id.as_str())
        .outcome("issued")
        .category("permit")
        .decision(permit.decision.as_str())
        .of_permit(&permit.project_id, &permit.id)
}

fn issuance_payload(permit: &Permit) -> impl Iterator<Item = (&'static str, Value<'static>)> {
    let envelope = permit.authority_envelope.as_ref();
    let hash = envelope.and_then(|envelope| CanonicalEnvelope::of(envelope).ok());
    let hash = hash.map(|canonical| canonical.hash().to_string());
    let version = permit.authority_envelope_version.as_ref().map(NonEmptyText::to_string);
    [
        ("permit_id", Value::from(permit.id.to_string())),
        ("authority_envelope_hash", hash.into()),
        ("authority_envelope_version", version.into()),
    ]
    .into_iter()
}

/// Ids are UUIDs, whose case does not count.
fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}
