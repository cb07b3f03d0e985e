// SPDX-License-Identifier: Apache-2.0

//! Recording that authority was not handed on, with all that somebody needs to judge it again (PCHAIN-18).

use permit_canonical_json::Value;
use permit_chain::EventStamp;
use permit_types::{NonEmptyText, PermitId, ProjectId};

use crate::{
    authority_line::AuthorityLine,
    canonical_envelope::CanonicalEnvelope,
    delegation_denied::{PARENT_MISSING, WHOLE_ENVELOPE},
    envelope_excess::{EnvelopeExcess, FieldExcess},
    envelope_version::EnvelopeVersion,
    governance_event::GovernanceEvent,
};

/// A delegation that was denied, and has to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a denial that is not recorded cannot be judged"]
pub struct DeniedDelegation {
    pub(crate) ground: DenialGround,
    pub(crate) project_id: ProjectId,
    pub(crate) parent_permit_id: PermitId,
    pub(crate) permit_id: PermitId,
    pub(crate) parent: Option<CanonicalEnvelope>,
    pub(crate) child: CanonicalEnvelope,
}

/// Why a delegation was denied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DenialGround {
    /// There is no authority that a part of could be given.
    ParentMissing,
    /// The authority is that of another project (PCHAIN-36).
    OtherProject,
    /// More was asked for than there is.
    Exceeds(EnvelopeExcess),
    /// The policy of issuance does not allow it.
    Policy {
        /// Its reason.
        reason_code: NonEmptyText,
    },
}

impl DenialGround {
    /// The reason, for machines.
    #[must_use]
    pub fn reason_code(&self) -> &str {
        match self {
            Self::ParentMissing => PARENT_MISSING,
            Self::OtherProject => "authority_envelope.other_project",
            Self::Exceeds(excess) if excess.fields().iter().all(is_expiry) => {
                "authority_envelope.expiry_extended"
            }
            Self::Exceeds(_) => "authority_envelope.scope_broadened",
            Self::Policy { reason_code } => reason_code.as_str(),
        }
    }

    /// The members that were at fault, sorted.
    #[must_use]
    pub fn failed_fields(&self) -> Vec<&'static str> {
        match self {
            Self::ParentMissing => vec![WHOLE_ENVELOPE],
            Self::Exceeds(excess) => excess.failed_fields().into_iter().collect(),
            Self::OtherProject | Self::Policy { .. } => Vec::new(),
        }
    }

    /// Whether the denial claim can show that it was right. It compares envelopes and knows no policies.
    #[must_use]
    pub fn is_provable(&self) -> bool {
        matches!(self, Self::ParentMissing | Self::Exceeds(_))
    }
}

fn is_expiry(field: &FieldExcess) -> bool {
    matches!(field, FieldExcess::Expiry { .. })
}

impl DeniedDelegation {
    /// Why it was denied.
    #[must_use]
    pub fn ground(&self) -> &DenialGround {
        &self.ground
    }

    /// The event `permit.delegated_denied`, with all that the denial claim looks at.
    ///
    /// Cover it by an [integrity digest](crate::integrity_digest) afterwards: the record hash
    /// leaves the payload out, so that without one nobody has to believe it.
    pub fn event(&self, stamp: EventStamp) -> GovernanceEvent {
        let envelope = |envelope: &Option<CanonicalEnvelope>| {
            envelope.as_ref().map(CanonicalEnvelope::to_value)
        };
        let payload = [
            ("permit_id", Value::from(self.permit_id.to_string())),
            ("parent_permit_id", self.parent_permit_id.to_string().into()),
            ("authority_envelope_version", EnvelopeVersion::V0.as_str().into()),
            ("parent_authority_envelope", envelope(&self.parent).into()),
            ("child_requested_authority_envelope", self.child.to_value()),
            ("failed_fields", Value::array(self.ground.failed_fields())),
            ("reason_code", self.ground.reason_code().to_owned().into()),
        ];
        GovernanceEvent::new("permit.delegated_denied", stamp, payload)
            .resource("permit_delegation", self.permit_id.as_str())
            .outcome("denied")
            .severity("warning")
            .category("permit")
            .decision("deny")
            .of_permit(&self.project_id, &self.permit_id)
    }

    /// The parent's envelope, as far as it may be told: that of another project is nobody's business here.
    pub(crate) fn shown_parent(
        ground: &DenialGround,
        parent: Option<&AuthorityLine>,
    ) -> Option<CanonicalEnvelope> {
        let parent = parent.filter(|_| *ground != DenialGround::OtherProject)?;
        Some(parent.leaf().envelope().clone())
    }
}
