// SPDX-License-Identifier: Apache-2.0

//! Where a permit stands, as far as rules ask for it.

use permit_canonical_json::Sha256Digest;
use permit_types::{
    ChainEntry, ClosureStatus, Decision, Instant, Permit, PermitId, PermitStatus, Rfc3339,
};

use crate::store::RecordPlace;

/// Where a permit stands. The permit itself is on the disk.
#[derive(Clone, Debug)]
pub struct PermitStanding {
    pub(crate) place: RecordPlace,
    pub(crate) entries: Vec<RecordPlace>,
    permit_id: PermitId,
    decision: Decision,
    created_at: Rfc3339,
    expires_at: Option<Rfc3339>,
    parent: Option<PermitId>,
    has_authority: bool,
    binding_request_hash: Option<Sha256Digest>,
    dispatched_at: Option<Rfc3339>,
    closed: Option<ClosureStatus>,
    revoked_at: Option<Rfc3339>,
    /// When the last of its events happened.
    last_at: Instant,
}

impl PermitStanding {
    pub(crate) fn of(permit: &Permit, place: RecordPlace) -> Self {
        Self {
            place,
            entries: Vec::new(),
            permit_id: permit.id.clone(),
            decision: permit.decision,
            created_at: permit.created_at.clone(),
            expires_at: permit.expires_at.clone(),
            parent: permit.parent_permit_id.clone(),
            has_authority: permit.authority_envelope.is_some(),
            binding_request_hash: permit.binding_request_hash,
            dispatched_at: None,
            closed: None,
            revoked_at: None,
            last_at: permit.created_at.instant(),
        }
    }

    pub(crate) fn bind(&mut self, hash: Sha256Digest) {
        self.binding_request_hash = Some(hash);
    }

    pub(crate) fn dispatch(&mut self, at: Rfc3339) {
        self.dispatched_at = Some(at);
    }

    pub(crate) fn close(&mut self, status: ClosureStatus) {
        self.closed = Some(status);
    }

    pub(crate) fn revoke(&mut self, at: Rfc3339) {
        self.revoked_at = Some(at);
    }

    pub(crate) fn add_entry(&mut self, place: RecordPlace, entry: &ChainEntry) {
        self.entries.push(place);
        self.last_at = self.last_at.max(entry.created_at.instant());
    }

    /// The permit.
    #[must_use]
    pub fn permit_id(&self) -> &PermitId {
        &self.permit_id
    }

    /// What it decides.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.decision
    }

    /// When it was decided.
    #[must_use]
    pub fn created_at(&self) -> &Rfc3339 {
        &self.created_at
    }

    /// When it ends.
    #[must_use]
    pub fn expires_at(&self) -> Option<&Rfc3339> {
        self.expires_at.as_ref()
    }

    /// The permit that it has a part of the authority of.
    #[must_use]
    pub fn parent(&self) -> Option<&PermitId> {
        self.parent.as_ref()
    }

    /// Whether it has authority that it could hand on.
    #[must_use]
    pub fn has_authority(&self) -> bool {
        self.has_authority
    }

    /// The request that it is bound to.
    #[must_use]
    pub fn binding_request_hash(&self) -> Option<Sha256Digest> {
        self.binding_request_hash
    }

    /// When its request went out.
    #[must_use]
    pub fn dispatched_at(&self) -> Option<&Rfc3339> {
        self.dispatched_at.as_ref()
    }

    /// How its execution ended.
    #[must_use]
    pub fn closed(&self) -> Option<ClosureStatus> {
        self.closed
    }

    /// When it was taken back.
    #[must_use]
    pub fn revoked_at(&self) -> Option<&Rfc3339> {
        self.revoked_at.as_ref()
    }

    /// When the last thing happened to it.
    #[must_use]
    pub fn last_at(&self) -> Instant {
        self.last_at
    }

    /// How many entries are about it.
    #[must_use]
    pub fn entry_count(&self) -> usize {
        self.entries.len()
    }

    /// Whether its time is over at some instant.
    #[must_use]
    pub fn is_expired(&self, at: Instant) -> bool {
        self.expires_at.as_ref().is_some_and(|expires_at| expires_at.instant() <= at)
    }

    /// The word for where it stands. What was revoked while its request was out is revoked, closed or not.
    #[must_use]
    pub fn status(&self) -> PermitStatus {
        if self.revoked_at.is_some() { PermitStatus::Revoked } else { self.execution_status() }
    }

    /// How far its execution has come, revoked or not.
    pub(crate) fn execution_status(&self) -> PermitStatus {
        if self.closed.is_some() {
            PermitStatus::Closed
        } else if self.dispatched_at.is_some() {
            PermitStatus::Dispatched
        } else if self.binding_request_hash.is_some() {
            PermitStatus::Bound
        } else {
            PermitStatus::Evaluated
        }
    }
}
