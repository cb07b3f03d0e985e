// SPDX-License-Identifier: Apache-2.0

//! Making signed decisions.

use permit_canonical_json::{
    CanonicalError, HashedArtifact, NotJson, Sha256Digest, Value, to_value,
};
use permit_keys::{PermitBindingSigning, PurposeKey, Signer, SignerError};
use permit_types::{
    Decision, KeyId, OpenObject, PermitId, PrefixedSignatureText, ProjectId, Rfc3339,
};

use crate::{
    decision_evidence::{ARTIFACT_TYPE, ARTIFACT_VERSION},
    decision_payload::{BindingVersionV1, DecisionPayloadV1},
};

/// A decision that is not signed yet.
///
/// What was decided is one of three words by its type; [`Decision::parse`] and serde refuse all
/// others. The key that signs cannot be named by hand.
///
/// ```
/// use permit_types::Decision;
///
/// assert_eq!(Decision::parse("challenge"), Some(Decision::Challenge));
/// assert_eq!(Decision::parse("throttle"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionDraft {
    /// The permit that is issued.
    pub permit_id: PermitId,
    /// Its project.
    pub project_id: ProjectId,
    /// The permit whose authority it has a part of.
    pub parent_permit_id: Option<PermitId>,
    /// What is decided.
    pub decision: Decision,
    /// Why.
    pub reason: Option<String>,
    /// The provider that the request names.
    pub provider: Option<String>,
    /// The model that the request names.
    pub model: Option<String>,
    /// The operation that the request names.
    pub operation: Option<String>,
    /// The action that is asked for.
    pub action_name: Option<String>,
    /// What the issuer knows the request by.
    pub request_fingerprint: Option<String>,
    /// Limits that the decision comes with.
    pub constraints: Option<OpenObject>,
    /// How the request is to be routed.
    pub routing: Option<OpenObject>,
    /// The policy that decides.
    pub policy_id: Option<String>,
    /// Its version.
    pub policy_version: Option<String>,
    /// The hash of its text.
    pub policy_snapshot_hash: Option<String>,
    /// When it is decided.
    pub issued_at: Rfc3339,
    /// Until when the permit may be used.
    pub expires_at: Option<Rfc3339>,
    /// Whether nothing is to be dispatched at all.
    pub is_dry_run: bool,
    /// The hash of the request that may go out, if it is known.
    pub final_request_hash: Option<String>,
}

impl DecisionDraft {
    /// A decision about a permit, with nothing said beside it; set what is known.
    #[must_use]
    pub fn new(
        permit_id: PermitId,
        project_id: ProjectId,
        decision: Decision,
        issued_at: Rfc3339,
    ) -> Self {
        Self {
            permit_id,
            project_id,
            parent_permit_id: None,
            decision,
            reason: None,
            provider: None,
            model: None,
            operation: None,
            action_name: None,
            request_fingerprint: None,
            constraints: None,
            routing: None,
            policy_id: None,
            policy_version: None,
            policy_snapshot_hash: None,
            issued_at,
            expires_at: None,
            is_dry_run: false,
            final_request_hash: None,
        }
    }

    /// Names the key, hashes and signs. The window of the key has to contain `binding_issued_at`,
    /// which is not before the decision itself.
    ///
    /// # Errors
    /// If the times are in the wrong order, if the constraints or the routing have no canonical
    /// form, or if the signer makes no signature, or one that does not verify.
    pub fn seal<S: Signer>(
        self,
        key: &PurposeKey<PermitBindingSigning, S>,
        binding_issued_at: Rfc3339,
    ) -> Result<SignedDecision, SealError> {
        if binding_issued_at.instant() < self.issued_at.instant() {
            return Err(SealError::SignedBeforeIssued);
        }
        let payload = self.into_payload(&key.key_id().to_string())?;
        let signed = to_value(&payload)?;
        let canonical_hash = HashedArtifact::PermitDecisionV1.profile().digest(&signed)?;
        let signature = key.sign_permit_decision(canonical_hash)?.to_string();
        let signature = PrefixedSignatureText::parse(&signature);
        let signature = signature.ok_or(SealError::Malformed { member: "binding_signature" })?;
        Ok(SignedDecision { payload, signed, canonical_hash, signature, binding_issued_at })
    }

    fn into_payload(self, key_id: &str) -> Result<DecisionPayloadV1, SealError> {
        let key_id = KeyId::parse(key_id);
        Ok(DecisionPayloadV1 {
            binding_version: BindingVersionV1,
            permit_id: self.permit_id,
            project_id: self.project_id,
            parent_permit_id: self.parent_permit_id,
            decision: self.decision,
            reason: self.reason,
            provider: self.provider,
            model: self.model,
            operation: self.operation,
            action_name: self.action_name,
            request_fingerprint: self.request_fingerprint,
            constraints: self.constraints,
            routing: self.routing,
            policy_id: self.policy_id,
            policy_version: self.policy_version,
            policy_snapshot_hash: self.policy_snapshot_hash,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            is_dry_run: self.is_dry_run,
            binding_key_id: key_id.ok_or(SealError::Malformed { member: "binding_key_id" })?,
            final_request_hash: self.final_request_hash,
        })
    }
}

/// A decision that is signed and can no longer be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedDecision {
    payload: DecisionPayloadV1,
    signed: Value<'static>,
    canonical_hash: Sha256Digest,
    signature: PrefixedSignatureText,
    binding_issued_at: Rfc3339,
}

impl SignedDecision {
    /// What was signed.
    #[must_use]
    pub fn payload(&self) -> &DecisionPayloadV1 {
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

    /// The decision as evidence: the member `permit_decision` of a document, or of the payload
    /// of an event.
    #[must_use]
    pub fn to_evidence(&self) -> Value<'static> {
        let text = |text: &str| Value::from(text.to_owned());
        Value::object([
            ("artifact_type", text(ARTIFACT_TYPE)),
            ("artifact_version", text(ARTIFACT_VERSION)),
            ("canonical_payload", self.signed.clone()),
            ("binding_canonical_hash", text(&self.canonical_hash.to_string())),
            ("binding_signature", text(self.signature.as_str())),
            ("binding_key_id", text(self.payload.binding_key_id.as_str())),
            ("binding_issued_at", text(self.binding_issued_at.as_str())),
        ])
    }
}

/// Why a decision could not be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The signature would be older than what it covers.
    #[error("the decision cannot be signed before it is issued")]
    SignedBeforeIssued,
    /// There is no signature.
    #[error("the decision was not signed: {0}")]
    Signer(#[from] SignerError),
    /// The decision has no form in JSON.
    #[error("the decision cannot be written: {0}")]
    NotJson(#[from] NotJson),
    /// The decision has no canonical form.
    #[error("the decision cannot be hashed: {0}")]
    NotCanonical(#[from] CanonicalError),
    /// Something that the key gave has not the form of a member.
    #[error("the `{member}` of the decision has not its form")]
    Malformed {
        /// The member.
        member: &'static str,
    },
}
