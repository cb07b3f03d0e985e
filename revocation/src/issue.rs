// SPDX-License-Identifier: Apache-2.0

//! Making revocations.
//!
//! ```text
//! signed    the event without `signature`, as canonical JSON, hashed
//! signature over the 64 characters of that hash, bare base64 (AMB-08)
//! ```

use permit_canonical_json::{
    CanonicalError, HashedArtifact, NotJson, Sha256Digest, Value, to_value,
};
use permit_chain::EventDraft;
use permit_keys::{PermitBindingSigning, PurposeKey, Signer, SignerError};
use permit_types::{
    ActorId, ActorKind, BareSignatureText, EventId, EventType, IssuedPermit, Open, OpenObject,
    PermitId, PermitRevokedEvent, ProjectId, RevocationReasonCode, Revoked, Rfc3339, StepRefused,
};

/// A revocation before it is signed.
///
/// There is no place for a second time, so that none can take effect later (REVOKE-02), none for
/// a name or an address (REVOKE-04), and none for free text (REVOKE-09).
///
/// ```compile_fail,E0560
/// fn later(revocation: permit_revocation::Revocation) -> permit_revocation::Revocation {
///     permit_revocation::Revocation { effective_at: (), ..revocation }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The permit that is revoked.
    pub permit_id: PermitId,
    /// Its project.
    pub project_id: ProjectId,
    /// Who revokes it.
    pub actor_id: ActorId,
    /// What kind of actor that is.
    pub actor_kind: ActorKind,
    /// Why.
    pub reason_code: RevocationReasonCode,
    /// When it is revoked, and from when on that counts. The window of the key has to contain it.
    pub revoked_at: Rfc3339,
}

impl Revocation {
    /// Hashes and signs.
    ///
    /// # Errors
    /// If the signer makes no signature, or one that does not verify.
    pub fn issue<S: Signer>(
        self,
        key: &PurposeKey<PermitBindingSigning, S>,
    ) -> Result<SignedRevocation, IssueError> {
        let mut members = Value::object([
            ("permit_id", self.permit_id.as_str()),
            ("project_id", self.project_id.as_str()),
            ("actor_id", self.actor_id.as_str()),
            ("actor_kind", self.actor_kind.as_str()),
            ("reason_code", self.reason_code.as_str()),
            ("revoked_at", self.revoked_at.as_str()),
            ("effective_at", self.revoked_at.as_str()),
        ]);
        members = members.into_owned();
        let canonical_hash = HashedArtifact::PermitRevokedEventV1.profile().digest(&members)?;
        let signature = key.sign_revocation(canonical_hash)?.to_string();
        let signature = BareSignatureText::parse(&signature).ok_or(IssueError::Malformed)?;
        let event = PermitRevokedEvent {
            permit_id: self.permit_id,
            project_id: self.project_id,
            actor_id: self.actor_id,
            actor_kind: self.actor_kind,
            reason_code: self.reason_code,
            effective_at: self.revoked_at.clone(),
            revoked_at: self.revoked_at,
            signature,
        };
        let value = to_value(&event)?;
        Ok(SignedRevocation { event, value, canonical_hash })
    }
}

/// A revocation that is signed and can no longer be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRevocation {
    event: PermitRevokedEvent,
    value: Value<'static>,
    canonical_hash: Sha256Digest,
}

impl SignedRevocation {
    /// The event.
    #[must_use]
    pub fn event(&self) -> &PermitRevokedEvent {
        &self.event
    }

    /// The hash that was signed.
    #[must_use]
    pub fn canonical_hash(&self) -> Sha256Digest {
        self.canonical_hash
    }

    /// Takes the permit back that the revocation is about.
    ///
    /// # Errors
    /// If it is about another permit or project, or older than the permit. The permit comes back as
    /// it was.
    pub fn revoke<S: Open>(
        &self,
        permit: IssuedPermit<S>,
    ) -> Result<IssuedPermit<Revoked>, StepRefused<S>> {
        permit.revoke(&self.event)
    }

    /// The event `permit.revoked`, ready for the end of a chain. Its time is that of the revocation:
    /// one that takes effect before its event is malformed (PCHAIN-21).
    #[must_use]
    pub fn to_event(&self, event_id: EventId) -> EventDraft {
        let payload = self.value.as_object().cloned().unwrap_or_default();
        EventDraft {
            event_id,
            event_type: EventType::new("permit.revoked"),
            resource_type: Some("permit".to_owned()),
            resource_id: Some(self.event.permit_id.to_string()),
            outcome: Some("revoked".to_owned()),
            severity: "warning".to_owned(),
            payload_json: OpenObject::from(payload),
            created_at: self.event.revoked_at.instant(),
        }
    }

    /// The event as JSON: the payload of a chain entry of type `permit.revoked`.
    #[must_use]
    pub fn to_event_payload(&self) -> Value<'static> {
        self.value.clone()
    }

    /// The event together with its hash: the member `revocation_event` of a document.
    #[must_use]
    pub fn to_evidence(&self) -> Value<'static> {
        let hash: Value<'static> = self.canonical_hash.to_string().into();
        Value::object([("event", self.value.clone()), ("canonical_hash", hash)])
    }
}

/// Why a revocation could not be issued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// There is no signature.
    #[error("the revocation was not signed: {0}")]
    Signer(#[from] SignerError),
    /// The revocation has no form in JSON.
    #[error("the revocation cannot be written: {0}")]
    NotJson(#[from] NotJson),
    /// The revocation has no canonical form.
    #[error("the revocation cannot be hashed: {0}")]
    NotCanonical(#[from] CanonicalError),
    /// The signature has not the form of a member.
    #[error("the `signature` of the revocation has not its form")]
    Malformed,
}
