// SPDX-License-Identifier: Apache-2.0

//! What an issuer writes into the chain while a permit goes its way.
//!
//! ```text
//! permit.evaluated             decision, policy_id
//! permit.bound                 binding_request_hash
//! permit.binding_violation     binding_request_hash, actual_request_digest        PERMIT-27
//! dispatch.egress_bound        dispatch_request_digest_v1                         ABSENT-03
//! provider.response.received   provider_response_digest_v1                        CLOSE-07
//! client.response.delivered    client_response_digest_v1                          CLOSE-07
//! permit.closed                the closure                                        AMB-02
//! permit.expired               expires_at
//! ```
//!
//! Every payload names the permit, and the project where it is known. Revocations and delegations are events of their own crates.

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec::Vec,
};

use permit_canonical_json::{Node, Object, Sha256Digest, Value};
use permit_chain::{EventDraft, EventStamp};
use permit_types::{
    BindingViolation, Bound, ClosureStatus, Decision, Dispatched, EventType, Expired, IssuedPermit,
    Permit, PermitId, ProjectId, Rfc3339,
};

use crate::{digest_matrix::DigestField, seal::SealedClosure};

/// Something that happens to a permit or its execution.
///
/// ```
/// use permit_canonical_json::Sha256Digest;
/// use permit_chain::EventStamp;
/// use permit_closure::LifecycleEvent;
/// use permit_types::{Instant, PermitId};
///
/// let permit_id = PermitId::parse("00000000-0000-4000-8000-000000000001").unwrap();
/// let event = LifecycleEvent::ProviderResponded {
///     permit_id: &permit_id,
///     digest: Sha256Digest::of(b"response"),
/// };
/// let at = Instant::parse("2026-05-11T08:14:03Z").unwrap();
/// let draft = event.draft(EventStamp::new("evt-4", at));
/// assert_eq!(draft.event_type.as_str(), "provider.response.received");
/// assert!(draft.payload_json.get("provider_response_digest_v1").is_some());
/// ```
#[derive(Clone, Copy, Debug)]
pub enum LifecycleEvent<'p> {
    /// A permit was decided, whatever the decision.
    Evaluated(&'p Permit),
    /// A permit was bound to a request.
    Bound(&'p IssuedPermit<Bound>),
    /// Other bytes were about to go out than those that were bound. Nothing was sent.
    BindingViolated(&'p BindingViolation),
    /// The request goes out. Written before the first byte is sent: what was written and not sent is
    /// explained by the closure, what was sent and not written is explained by nothing.
    Dispatched(&'p IssuedPermit<Dispatched>),
    /// The provider's response is in, to its end or as far as it came (CLOSE-21).
    ProviderResponded {
        /// The permit.
        permit_id: &'p PermitId,
        /// The digest of what came.
        digest: Sha256Digest,
    },
    /// The response was handed to the client's writer, to its end or as far as it went (CLOSE-21).
    ClientServed {
        /// The permit.
        permit_id: &'p PermitId,
        /// The digest of what was handed over.
        digest: Sha256Digest,
    },
    /// The execution ended.
    Closed(&'p SealedClosure),
    /// The time of a permit is over.
    Expired(&'p IssuedPermit<Expired>),
}

impl LifecycleEvent<'_> {
    /// The event, ready for the end of a chain.
    #[must_use]
    pub fn draft(&self, stamp: EventStamp) -> EventDraft {
        let EventStamp { event_id, at } = stamp;
        let (event_type, outcome) = self.names();
        EventDraft {
            event_id,
            event_type: EventType::new(event_type),
            resource_type: Some("permit".to_owned()),
            resource_id: Some(self.permit_id().to_string()),
            outcome: Some(outcome.to_owned()),
            severity: self.severity().to_owned(),
            payload_json: self.payload().into(),
            created_at: at,
        }
    }

    fn permit_id(&self) -> &PermitId {
        match self {
            Self::Evaluated(permit) => &permit.id,
            Self::Bound(permit) => permit.id(),
            Self::BindingViolated(violation) => &violation.permit_id,
            Self::Dispatched(permit) => permit.id(),
            Self::ProviderResponded { permit_id, .. } | Self::ClientServed { permit_id, .. } => {
                permit_id
            }
            Self::Closed(closure) => &closure.payload().permit_id,
            Self::Expired(permit) => permit.id(),
        }
    }

    /// The project, where the permit is at hand: without it, a dispatch would not be among those that
    /// the claim about absent dispatches asks for.
    fn project_id(&self) -> Option<&ProjectId> {
        match self {
            Self::Evaluated(permit) => Some(&permit.project_id),
            Self::Bound(permit) => Some(&permit.permit().project_id),
            Self::Dispatched(permit) => Some(&permit.permit().project_id),
            Self::Expired(permit) => Some(&permit.permit().project_id),
            _ => None,
        }
    }

    /// The type of the event, and what came of it.
    fn names(&self) -> (&'static str, &'static str) {
        match self {
            Self::Evaluated(permit) => ("permit.evaluated", of_decision(permit.decision)),
            Self::Bound(_) => ("permit.bound", "success"),
            Self::BindingViolated(_) => ("permit.binding_violation", "aborted"),
            Self::Dispatched(_) => ("dispatch.egress_bound", "success"),
            Self::ProviderResponded { .. } => ("provider.response.received", "success"),
            Self::ClientServed { .. } => ("client.response.delivered", "success"),
            Self::Closed(closure) => match closure.payload().closure_status {
                ClosureStatus::Closed => ("permit.closed", "success"),
                _ => ("permit.closed", "failure"),
            },
            Self::Expired(_) => ("permit.expired", "expired"),
        }
    }

    fn severity(&self) -> &'static str {
        match self {
            Self::BindingViolated(_) => "error",
            _ => "info",
        }
    }

    fn payload(&self) -> Object<'static> {
        if let Self::Closed(closure) = self
            && let Node::Object(payload) = closure.to_event_payload().into_node()
        {
            return payload;
        }
        let mut payload = Object::default();
        payload.insert("permit_id", self.permit_id().to_string());
        if let Some(project_id) = self.project_id() {
            payload.insert("project_id", project_id.to_string());
        }
        for (name, value) in self.members() {
            payload.insert(name, value);
        }
        payload
    }

    fn members(&self) -> Vec<(&'static str, Value<'static>)> {
        let digest = |digest: Sha256Digest| Value::from(digest.to_string());
        let binding = "binding_request_hash";
        match self {
            Self::Evaluated(permit) => alloc::vec![
                ("decision", permit.decision.as_str().into()),
                ("policy_id", permit.policy_id.clone().into()),
            ],
            Self::Bound(permit) => {
                alloc::vec![(binding, digest(permit.binding_request_hash()))]
            }
            Self::BindingViolated(violation) => alloc::vec![
                (binding, digest(violation.bound)),
                ("actual_request_digest", digest(violation.actual)),
            ],
            Self::Dispatched(permit) => {
                let sent = digest(permit.binding_request_hash());
                alloc::vec![(DigestField::Dispatch.member(), sent)]
            }
            Self::ProviderResponded { digest: received, .. } => {
                alloc::vec![(DigestField::Provider.member(), digest(*received))]
            }
            Self::ClientServed { digest: served, .. } => {
                alloc::vec![(DigestField::Client.member(), digest(*served))]
            }
            Self::Closed(_) => Vec::new(),
            Self::Expired(permit) => {
                let end: Option<String> =
                    permit.permit().expires_at.as_ref().map(Rfc3339::to_string);
                alloc::vec![("expires_at", end.into())]
            }
        }
    }
}

fn of_decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "success",
        Decision::Deny => "denied",
        Decision::Challenge => "challenged",
    }
}
