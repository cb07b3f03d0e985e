// SPDX-License-Identifier: Apache-2.0

//! Signing slots of permits.
//!
//! The permit is signed as it is: what is added to it afterwards, apart from other slots, a
//! revocation or batches, makes the signature one of another permit.

use permit_canonical_json::{CanonicalError, Object, Sha256Digest, Value};
use permit_keys::{BareSignature, BuyerPrincipal, Operator, PurposeKey, Signer, SignerError};
use permit_types::{ActorId, Instant, NonEmptyText, PermitId};

use crate::{
    slot::Slot,
    slot_payload::{PermitHashes, canonical_text, rebuilt},
};

/// An operator's approval of a permit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorApproval {
    /// The operator.
    pub operator_id: ActorId,
    /// When. It is written down to microseconds.
    pub signed_at: Instant,
}

/// A buyer's consent to what is to be executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CounterSignature {
    /// The buyer.
    pub buyer_principal_id: ActorId,
    /// What is to be executed.
    pub execution_intent_hash: Sha256Digest,
    /// When. It is written down to microseconds.
    pub signed_at: Instant,
}

/// A buyer's word that a permit was in an audit batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditAttestation {
    /// The buyer.
    pub buyer_principal_id: ActorId,
    /// The batch.
    pub batch_id: NonEmptyText,
    /// When. It is written down to microseconds.
    pub signed_at: Instant,
}

impl OperatorApproval {
    /// Signs a permit; the value belongs into its member `operator_approval`.
    ///
    /// # Errors
    /// If the permit lacks an id or a signature of its issuer, if it has no canonical form, or if
    /// the signer makes no signature, or one that does not verify.
    pub fn sign<S: Signer>(
        &self,
        permit: &Object<'_>,
        key: &PurposeKey<Operator, S>,
    ) -> Result<Value<'static>, SlotError> {
        let draft = Draft::new(Slot::OperatorApproval, &self.operator_id, self.signed_at, None);
        draft.sign(permit, key.key_id(), |canonical| key.sign_operator_approval(canonical))
    }
}

impl CounterSignature {
    /// Signs a permit; the value belongs into its member `counter_signature`.
    ///
    /// # Errors
    /// As for [`OperatorApproval::sign`].
    pub fn sign<S: Signer>(
        &self,
        permit: &Object<'_>,
        key: &PurposeKey<BuyerPrincipal, S>,
    ) -> Result<Value<'static>, SlotError> {
        let own = self.execution_intent_hash.to_string();
        let slot = Slot::CounterSignature;
        let draft = Draft::new(slot, &self.buyer_principal_id, self.signed_at, Some(own));
        draft.sign(permit, key.key_id(), |canonical| key.sign_counter_signature(canonical))
    }
}

impl AuditAttestation {
    /// Signs a permit; the value belongs into its member `audit_attestation`.
    ///
    /// # Errors
    /// As for [`OperatorApproval::sign`].
    pub fn sign<S: Signer>(
        &self,
        permit: &Object<'_>,
        key: &PurposeKey<BuyerPrincipal, S>,
    ) -> Result<Value<'static>, SlotError> {
        let own = self.batch_id.as_str().to_owned();
        let slot = Slot::AuditAttestation;
        let draft = Draft::new(slot, &self.buyer_principal_id, self.signed_at, Some(own));
        draft.sign(permit, key.key_id(), |canonical| key.sign_audit_attestation(canonical))
    }
}

/// A slot without what the key gives it.
struct Draft {
    slot: Slot,
    members: Object<'static>,
}

impl Draft {
    fn new(slot: Slot, signer_id: &ActorId, signed_at: Instant, own: Option<String>) -> Self {
        let mut members = Object::default();
        members.insert("payload_type", slot.payload_type());
        members.insert("signer_id", signer_id.as_str().to_owned());
        members
            .insert("signed_at", signed_at.to_utc().strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string());
        if let (Some(name), Some(own)) = (slot.own_member(), own) {
            members.insert(name, own);
        }
        Self { slot, members }
    }

    fn sign(
        mut self,
        permit: &Object<'_>,
        key_id: Sha256Digest,
        sign: impl FnOnce(&[u8]) -> Result<BareSignature, SignerError>,
    ) -> Result<Value<'static>, SlotError> {
        let hashes = PermitHashes::of(permit)?;
        if hashes.contradiction.is_some() {
            return Err(SlotError::ForeignHash);
        }
        let ids = ["id", "permit_id"].into_iter();
        let permit_id = ids.filter_map(|name| permit.get(name)?.as_str()).find(|id| !id.is_empty());
        let permit_id = permit_id.and_then(PermitId::parse).ok_or(SlotError::NoPermitId)?;
        let payload = rebuilt(self.slot, permit_id.as_str(), &hashes, &self.members);
        let canonical = canonical_text(&payload.ok_or(SlotError::NoIssuerSignature)?)?;
        let hash = Sha256Digest::of(canonical.as_bytes());
        self.members.insert("key_id", key_id.to_string());
        self.members.insert("signed_payload_hash", hash.to_string());
        self.members.insert("signature", sign(canonical.as_bytes())?.to_string());
        Ok(self.members.into())
    }
}

/// Why a slot could not be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SlotError {
    /// The permit has no id that is a UUID.
    #[error("the permit has no id")]
    NoPermitId,
    /// The permit was not signed by its issuer, or does not say so.
    #[error("the permit has no signature of its issuer")]
    NoIssuerSignature,
    /// The permit states a canonical hash that is not its own.
    #[error("the permit states a canonical hash that is not its own")]
    ForeignHash,
    /// The permit has no canonical form.
    #[error("the permit cannot be hashed: {0}")]
    NotCanonical(#[from] CanonicalError),
    /// There is no signature.
    #[error("the slot was not signed: {0}")]
    Signer(#[from] SignerError),
}
