// SPDX-License-Identifier: Apache-2.0

//! Revoking permits of a chain: once, prospectively, and in order.

use std::collections::BTreeMap;

use permit_canonical_json::Value;
use permit_chain::EventStamp;
use permit_types::{Instant, PermitId, ProjectId};

use crate::{chain_pack::key, governance_event::GovernanceEvent};

/// The revocations of one project's log. Append-only: there is no way to take one back (PCHAIN-20).
///
/// These are the events of the chain profile. The signed revocation that can be shown to others
/// is another artifact (AMB-20).
#[derive(Clone, Debug)]
pub struct RevocationLog {
    project_id: ProjectId,
    effective: BTreeMap<String, Instant>,
    latest: Option<Instant>,
}

/// Why a revocation was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationRefused {
    /// It would take effect before it was made (PCHAIN-21).
    #[error("a revocation cannot take effect before it is made")]
    Backdated,
    /// It would take effect before one that was made earlier (PCHAIN-22).
    #[error("a revocation cannot take effect before an earlier one of the log")]
    OutOfOrder,
    /// The permit is revoked already (PCHAIN-20).
    #[error("the permit `{permit_id}` is revoked already")]
    AlreadyRevoked {
        /// The permit.
        permit_id: PermitId,
    },
}

impl RevocationLog {
    /// A log without revocations.
    #[must_use]
    pub fn new(project_id: ProjectId) -> Self {
        Self { project_id, effective: BTreeMap::new(), latest: None }
    }

    /// Revokes a permit, from `effective` on, and makes the event that says so.
    ///
    /// # Errors
    /// Why it cannot be. The log stays as it is.
    pub fn revoke(
        &mut self,
        permit_id: &PermitId,
        effective: Instant,
        stamp: EventStamp,
    ) -> Result<GovernanceEvent, RevocationRefused> {
        if effective < stamp.at {
            return Err(RevocationRefused::Backdated);
        }
        if self.latest.is_some_and(|latest| effective < latest) {
            return Err(RevocationRefused::OutOfOrder);
        }
        if self.effective.contains_key(&key(permit_id.as_str())) {
            return Err(RevocationRefused::AlreadyRevoked { permit_id: permit_id.clone() });
        }
        self.effective.insert(key(permit_id.as_str()), effective);
        self.latest = Some(effective);
        let payload = [
            ("permit_id", Value::from(permit_id.to_string())),
            ("effective_time", format!("{:.6}Z", effective.to_utc()).into()),
        ];
        Ok(GovernanceEvent::new("permit.revoked", stamp, payload)
            .resource("permit", permit_id.as_str())
            .outcome("revoked")
            .severity("warning")
            .category("permit")
            .of_permit(&self.project_id, permit_id))
    }

    /// Whether a permit is revoked at some time.
    #[must_use]
    pub fn is_revoked(&self, permit_id: &PermitId, at: Instant) -> bool {
        self.effective.get(&key(permit_id.as_str())).is_some_and(|effective| *effective <= at)
    }
}
