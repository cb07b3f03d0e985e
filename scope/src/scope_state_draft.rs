// SPDX-License-Identifier: Apache-2.0

//! Making scope states: what an issuer commits to at a checkpoint, signed.

use permit_canonical_json::{CanonicalError, HashedArtifact, NotJson, Sha256Digest, to_value};
use permit_keys::{
    IntegrityCheckpoint, PrefixedSignature, PurposeKey, ScopeState, Signer, SignerError,
};
use permit_types::{
    ChainScope, CheckpointId, CheckpointScopeState, CommitmentProfile, ContentHash, KeyId,
    KeyManifestFormat, NonEmpty, NonEmptyArray, PayloadProfileName, PredicateBasis,
    PredicateGrammar, PredicateKind, PrefixedSignatureText, Rfc3339, ScopeCommitment,
    ScopeStateAlgorithm, ScopeStateId, ScopeStatePurpose, ScopeStateSignature, ScopeStateType,
    ScopeStateVersion, SequenceNumber, TrustRootReference, UniqueArray,
};

use crate::scope_state_id::{scope_state_id, storage_key};

/// A scope state before it is signed: one chain at one checkpoint.
#[derive(Clone, Debug)]
pub struct ScopeStateDraft {
    /// The checkpoint.
    pub checkpoint_id: CheckpointId,
    /// The chain.
    pub chain_scope: NonEmpty<ChainScope>,
    /// The number of the chain's last entry at the checkpoint.
    pub head: SequenceNumber,
    /// What is committed to: one commitment for each predicate.
    pub commitments: Vec<ScopeCommitment>,
    /// When it is signed. The window of the key has to contain it (SIDE-07).
    pub signed_at: Rfc3339,
}

/// A scope state that was signed, and the bytes of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedScopeState {
    state: CheckpointScopeState,
    bytes: Vec<u8>,
}

impl SealedScopeState {
    /// The scope state.
    #[must_use]
    pub fn state(&self) -> &CheckpointScopeState {
        &self.state
    }

    /// The bytes of its file. Segments refer to the hash of these (SFE-12): store them as they are.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The hash of its file.
    #[must_use]
    pub fn artifact_hash(&self) -> ContentHash {
        Sha256Digest::of(&self.bytes).into()
    }

    /// Where the specification recommends to keep it (SIDE-14).
    #[must_use]
    pub fn storage_key(&self) -> String {
        storage_key(self.state.chain_scope.as_str(), self.state.checkpoint_id.as_str())
    }
}

/// A key that may sign scope states, and says which purpose it has (SIDE-07).
pub trait ScopeStateSigner {
    /// The purpose that the scope state names.
    fn purpose(&self) -> ScopeStatePurpose;

    /// The id that the scope state names.
    fn key_id(&self) -> String;

    /// Signs the canonical bytes of a scope state.
    ///
    /// # Errors
    /// If the signer makes no signature, or one that does not verify.
    fn sign(&self, canonical: &[u8]) -> Result<PrefixedSignature, SignerError>;
}

macro_rules! scope_state_signers {
    ($($marker:ident = $purpose:ident;)+) => {$(
        impl<S: Signer> ScopeStateSigner for PurposeKey<$marker, S> {
            fn purpose(&self) -> ScopeStatePurpose {
                ScopeStatePurpose::$purpose
            }

            fn key_id(&self) -> String {
                PurposeKey::<$marker, S>::key_id(self).to_string()
            }

            fn sign(&self, canonical: &[u8]) -> Result<PrefixedSignature, SignerError> {
                self.sign_scope_state(canonical)
            }
        }
    )+};
}

scope_state_signers! {
    ScopeState = ScopeState;
    IntegrityCheckpoint = IntegrityCheckpoint;
}

/// Why there is no scope state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScopeStateIssueError {
    /// There is nothing to commit to.
    #[error("a scope state has at least one commitment")]
    NoCommitment,
    /// Two commitments are for one predicate (SIDE-10).
    #[error("two commitments are for the predicate {hash}")]
    TwoForOnePredicate {
        /// The hash of the predicate.
        hash: ContentHash,
    },
    /// A commitment reaches past the head (SIDE-11).
    #[error("a commitment reaches {last}, past the head at {head}")]
    PastHead {
        /// The last record of the commitment.
        last: SequenceNumber,
        /// The head.
        head: SequenceNumber,
    },
    /// The key has no id, or the signature no text.
    #[error("the key gives no id or no signature in the form that scope states have")]
    KeyForm,
    /// The signer failed.
    #[error("the scope state could not be signed: {0}")]
    Signer(#[from] SignerError),
    /// A value has no form in JSON.
    #[error("a value has no form in JSON: {0}")]
    NotJson(#[from] NotJson),
    /// A value has no canonical form.
    #[error("a value has no canonical form: {0}")]
    NotCanonical(#[from] CanonicalError),
}

impl ScopeStateDraft {
    /// Signs the scope state.
    ///
    /// # Errors
    /// If there is no commitment, if they contradict each other or the head, or if the signer fails.
    pub fn seal(
        self,
        key: &impl ScopeStateSigner,
    ) -> Result<SealedScopeState, ScopeStateIssueError> {
        self.check()?;
        let state = self.unsigned(key).ok_or(ScopeStateIssueError::KeyForm)?;
        let mut canonical = Vec::new();
        let document = to_value(&state)?;
        let signed = crate::scope_state::without_signature(&document);
        let profile = HashedArtifact::CheckpointScopeStateV1.profile();
        profile.write(&signed, &mut canonical)?;
        let signature = key.sign(&canonical)?.to_string();
        let text = PrefixedSignatureText::parse(&signature);
        let mut state = state;
        state.signature.signature = text.ok_or(ScopeStateIssueError::KeyForm)?;
        let mut bytes = Vec::new();
        profile.write(&to_value(&state)?, &mut bytes)?;
        Ok(SealedScopeState { state, bytes })
    }

    fn check(&self) -> Result<(), ScopeStateIssueError> {
        let mut seen = std::collections::BTreeSet::new();
        for commitment in &self.commitments {
            let hash = commitment.predicate_value_hash;
            if !seen.insert(hash) {
                return Err(ScopeStateIssueError::TwoForOnePredicate { hash });
            }
            if let Some(last) = commitment.last_matching_sequence.filter(|last| *last > self.head) {
                return Err(ScopeStateIssueError::PastHead { last, head: self.head });
            }
        }
        if seen.is_empty() { Err(ScopeStateIssueError::NoCommitment) } else { Ok(()) }
    }

    /// The scope state with a signature of nothing, which is left out of what is signed.
    fn unsigned(self, key: &impl ScopeStateSigner) -> Option<CheckpointScopeState> {
        let key_id = KeyId::parse(&key.key_id())?;
        let id = scope_state_id(self.chain_scope.as_str(), self.checkpoint_id.as_str());
        Some(CheckpointScopeState {
            artifact_type: ScopeStateType,
            version: ScopeStateVersion,
            scope_state_id: ScopeStateId::parse(&id)?,
            checkpoint_id: self.checkpoint_id,
            chain_scope: self.chain_scope,
            predicate_grammar_version: PredicateGrammar,
            predicate_basis: PredicateBasis {
                canonicalization_profile: PayloadProfileName,
                supported_predicate_kinds: UniqueArray::new(PredicateKind::ALL.to_vec())?,
                reserved_namespaces: UniqueArray::default(),
            },
            commitment_profile: CommitmentProfile,
            scope_commitments: NonEmptyArray::new(self.commitments)?,
            tree_size: self.head.get(),
            signed_at: self.signed_at,
            signature: ScopeStateSignature {
                algorithm: ScopeStateAlgorithm,
                key_id: key_id.clone(),
                signature: PrefixedSignatureText::parse("ed25519:AAAA")?,
            },
            trust_root_reference: TrustRootReference {
                manifest_version: KeyManifestFormat,
                purpose: key.purpose(),
                key_id,
            },
        })
    }
}
