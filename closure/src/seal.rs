// SPDX-License-Identifier: Apache-2.0

//! Making closures: what an issuer may say, said and signed.
//!
//! ```text
//! CLOSE-03  only closure_v2 is written
//! CLOSE-11  the dispatch digest is copied from the permit, never computed anew
//! CLOSE-12  what each digest covers is said beside it
//! CLOSE-16  the signature covers the 64 characters of the canonical hash
//! AMB-06    the dispatch digest is a member even where it is null
//! ```

use alloc::string::{String, ToString};

use permit_canonical_json::{
    CanonicalError, HashedArtifact, NotJson, Object, Sha256Digest, Value, to_value,
};
use permit_keys::{PermitBindingSigning, PurposeKey, Signer, SignerError};
use permit_types::{
    Closable, Closed, ClosureEnvelope, ClosurePayloadV2, ClosureV2, DispatchDigestSemantics,
    Dispatched, IssuedPermit, KeyId, NonEmptyText, Permit, PermitId, PrefixedSignatureText,
    Rfc3339, StepRefused,
};

use crate::{
    digest_matrix::DigestField,
    outcome::{Ending, NotDispatched, Outcome},
};

/// A permit that is bound to a request, so that the request can have gone out.
#[derive(Clone, Copy, Debug)]
pub struct BoundPermit<'p> {
    permit_id: &'p PermitId,
    binding_request_hash: Sha256Digest,
}

/// The permit allows no request, so that none can have gone out by it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotBound {
    /// It decides something else than `allow` (PERMIT-06).
    #[error("the permit `{permit_id}` does not allow the request")]
    NotAllowed {
        /// The permit.
        permit_id: PermitId,
    },
    /// It has no `binding_request_hash` (PERMIT-05).
    #[error("the permit `{permit_id}` is bound to no request")]
    NoRequestHash {
        /// The permit.
        permit_id: PermitId,
    },
}

impl<'p> BoundPermit<'p> {
    /// Takes the hash that the permit was bound with before anything went out.
    ///
    /// There is no way to give another one: a digest computed when the closure is made would
    /// agree with whatever was sent.
    ///
    /// # Errors
    /// If the permit does not allow the request or is bound to none.
    pub fn of(permit: &'p Permit) -> Result<Self, NotBound> {
        let permit_id = &permit.id;
        if !permit.decision.may_be_bound() {
            return Err(NotBound::NotAllowed { permit_id: permit_id.clone() });
        }
        let hash = permit.binding_request_hash;
        let not_bound = || NotBound::NoRequestHash { permit_id: permit_id.clone() };
        Ok(Self { permit_id, binding_request_hash: hash.ok_or_else(not_bound)? })
    }

    /// The permit.
    #[must_use]
    pub fn permit_id(&self) -> &'p PermitId {
        self.permit_id
    }

    /// The request that may go out.
    #[must_use]
    pub fn binding_request_hash(&self) -> Sha256Digest {
        self.binding_request_hash
    }
}

/// A permit whose request went out needs no second look.
impl<'p> From<&'p IssuedPermit<Dispatched>> for BoundPermit<'p> {
    fn from(permit: &'p IssuedPermit<Dispatched>) -> Self {
        let binding_request_hash = permit.binding_request_hash();
        Self { permit_id: permit.id(), binding_request_hash }
    }
}

/// What a closure says about an execution beside its digests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// The execution.
    pub execution_id: NonEmptyText,
    /// What connects it with other systems.
    pub correlation_id: Option<String>,
    /// The provider that was called.
    pub provider: Option<String>,
    /// The model that was called.
    pub model: Option<String>,
    /// The status that the provider answered with.
    pub status_code: Option<i64>,
    /// The id that the provider gave to its response.
    pub provider_response_id: Option<String>,
    /// When the request was made.
    pub request_created_at: Rfc3339,
    /// When it went out.
    pub started_at: Rfc3339,
    /// When the execution ended.
    pub completed_at: Rfc3339,
    /// When the provider's response was in.
    pub provider_response_received_at: Option<Rfc3339>,
    /// When it was handed over for the client.
    pub client_response_delivered_at: Option<Rfc3339>,
    /// When usage was reported; no member of the closure if it is not known.
    pub usage_reported_at: Option<Rfc3339>,
    /// When the closure is signed. The window of the key has to contain it (CLOSE-19).
    pub closure_signed_at: Rfc3339,
}

/// What the response digests of an issuer cover, in the issuer's words (CLOSE-14).
///
/// Where there are none, the words of the reference are written, since packs that are pinned
/// to its recipe take no others (AMB-03).
///
/// ```
/// use permit_closure::DigestLabels;
/// use permit_types::NonEmptyText;
///
/// let labels = DigestLabels {
///     provider: NonEmptyText::parse("provider_bytes_received_by_acme"),
///     client: NonEmptyText::parse("response_bytes_handed_to_socket"),
/// };
/// assert_ne!(labels, DigestLabels::default());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DigestLabels {
    /// What the provider's digest covers.
    pub provider: Option<NonEmptyText>,
    /// What the client's digest covers. It says nothing of what arrived (CLOSE-15).
    pub client: Option<NonEmptyText>,
}

/// A closure that says what may be said, and is not signed yet.
///
/// A dispatched request has an [`Outcome`], which has the digests that its status demands; the
/// digest of the request comes from the permit. So a `closed` execution without a digest, or
/// a dispatch that nobody states, cannot be written down:
///
/// ```compile_fail,E0063
/// permit_closure::Outcome::Closed { provider: permit_canonical_json::Sha256Digest::of(b"response") };
/// ```
#[derive(Clone, Debug)]
pub struct ClosureDraft {
    permit_id: PermitId,
    dispatch: Option<Sha256Digest>,
    ending: Ending,
    execution: Execution,
    labels: DigestLabels,
}

impl ClosureDraft {
    /// Closes an execution whose request went out.
    #[must_use]
    pub fn dispatched(permit: &BoundPermit<'_>, outcome: Outcome, execution: Execution) -> Self {
        let dispatch = Some(permit.binding_request_hash);
        Self::new(permit.permit_id, dispatch, outcome.into(), execution)
    }

    /// Closes an execution whose request did not go out, be the permit bound or not.
    #[must_use]
    pub fn not_dispatched(permit: &Permit, outcome: NotDispatched, execution: Execution) -> Self {
        Self::new(&permit.id, None, outcome.into(), execution)
    }

    /// Stands in for a closure that was never made, such as after a crash. It states no digest,
    /// and nobody looks for one (CLOSE-20).
    #[must_use]
    pub fn missing(permit: &Permit, execution: Execution) -> Self {
        Self::new(&permit.id, None, Ending::missing(), execution)
    }

    fn new(
        permit_id: &PermitId,
        dispatch: Option<Sha256Digest>,
        ending: Ending,
        execution: Execution,
    ) -> Self {
        let (permit_id, labels) = (permit_id.clone(), DigestLabels::default());
        Self { permit_id, dispatch, ending, execution, labels }
    }

    /// Says in other words what the response digests cover.
    #[must_use]
    pub fn labels(mut self, labels: DigestLabels) -> Self {
        self.labels = labels;
        self
    }

    /// Names the key, hashes and signs.
    ///
    /// # Errors
    /// If the signer makes no signature, or one that does not verify.
    pub fn seal<S: Signer>(
        self,
        key: &PurposeKey<PermitBindingSigning, S>,
    ) -> Result<SealedClosure, SealError> {
        let payload = self.into_payload(&key.key_id().to_string())?;
        let signed = to_value(&payload)?;
        let canonical_hash = HashedArtifact::ClosureV2.profile().digest(&signed)?;
        let signature = key.sign_closure(canonical_hash)?.to_string();
        let signature = PrefixedSignatureText::parse(&signature);
        let signature = signature.ok_or(SealError::Malformed { member: "signature" })?;
        Ok(SealedClosure { payload, signed, canonical_hash, signature })
    }

    fn into_payload(self, key_id: &str) -> Result<ClosurePayloadV2, SealError> {
        let Self { permit_id, dispatch, ending, execution, labels } = self;
        let label = |own: Option<NonEmptyText>, field: DigestField| {
            let label = own.or_else(|| NonEmptyText::parse(field.reference_label()));
            label.ok_or(SealError::Malformed { member: field.label_member() })
        };
        let key_id = KeyId::parse(key_id);
        Ok(ClosurePayloadV2 {
            binding_version: ClosureV2,
            permit_id,
            execution_id: execution.execution_id,
            correlation_id: execution.correlation_id,
            provider: execution.provider,
            model: execution.model,
            provider_response_digest_v1: ending.provider,
            client_response_digest_v1: ending.client,
            closure_status: ending.status,
            status_code: execution.status_code,
            provider_response_id: execution.provider_response_id,
            provider_response_digest_semantics: label(labels.provider, DigestField::Provider)?,
            client_response_digest_semantics: label(labels.client, DigestField::Client)?,
            request_created_at: execution.request_created_at,
            started_at: execution.started_at,
            completed_at: execution.completed_at,
            provider_response_received_at: execution.provider_response_received_at,
            client_response_delivered_at: execution.client_response_delivered_at,
            closure_signed_at: execution.closure_signed_at,
            binding_key_id: key_id.ok_or(SealError::Malformed { member: "binding_key_id" })?,
            usage_reported_at: execution.usage_reported_at,
            dispatch_request_digest_v1: dispatch,
            dispatch_request_digest_semantics: DispatchDigestSemantics,
        })
    }
}

/// A closure that is signed and can no longer be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedClosure {
    payload: ClosurePayloadV2,
    signed: Value<'static>,
    canonical_hash: Sha256Digest,
    signature: PrefixedSignatureText,
}

impl SealedClosure {
    /// What was signed.
    #[must_use]
    pub fn payload(&self) -> &ClosurePayloadV2 {
        &self.payload
    }

    /// The hash of its canonical form.
    #[must_use]
    pub fn canonical_hash(&self) -> Sha256Digest {
        self.canonical_hash
    }

    /// The signature over that hash.
    #[must_use]
    pub fn signature(&self) -> &PrefixedSignatureText {
        &self.signature
    }

    /// Ends the execution that the closure is about.
    ///
    /// # Errors
    /// If it is that of another permit, or says of its request something else than happened. The
    /// permit comes back as it was.
    pub fn close<S: Closable>(
        &self,
        permit: IssuedPermit<S>,
    ) -> Result<IssuedPermit<Closed>, StepRefused<S>> {
        permit.close(&self.payload)
    }

    /// The closure as the payload of a `permit.closed` event: hash and signature stand among
    /// the signed members (AMB-02). This is the form for chains.
    #[must_use]
    pub fn to_event_payload(&self) -> Value<'static> {
        let signed = self.signed.as_object().into_iter().flat_map(Object::members);
        let signed = signed.map(|member| (member.name().to_string(), member.value().clone()));
        let seals = [
            ("closure_canonical_hash", self.canonical_hash.to_string()),
            ("closure_signature_b64", self.signature.base64().to_string()),
        ];
        let seals = seals.map(|(name, text)| (name.to_string(), text.into()));
        Value::object(signed.chain(seals))
    }

    /// The closure as an object of its own, with the signed members inside (AMB-02, AMB-07).
    /// This is the form for files.
    #[must_use]
    pub fn to_envelope(&self) -> ClosureEnvelope {
        ClosureEnvelope {
            payload: self.payload.clone(),
            canonical_hash: self.canonical_hash,
            signature: self.signature.clone(),
            binding_key_id: self.payload.binding_key_id.clone(),
        }
    }
}

/// Why a closure could not be sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// There is no signature.
    #[error("the closure was not signed: {0}")]
    Signer(#[from] SignerError),
    /// The closure has no form in JSON.
    #[error("the closure cannot be written: {0}")]
    NotJson(#[from] NotJson),
    /// The closure has no canonical form.
    #[error("the closure cannot be hashed: {0}")]
    NotCanonical(#[from] CanonicalError),
    /// Something that the key or the writer gave is not of the form of a member.
    #[error("the `{member}` of the closure has not its form")]
    Malformed {
        /// The member.
        member: &'static str,
    },
}
