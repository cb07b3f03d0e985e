// SPDX-License-Identifier: Apache-2.0

//! Checking signatures, and the proof that one was checked.

use alloc::boxed::Box;

use permit_canonical_json::{Excerpt, Sha256Digest};

use crate::{
    key_purpose::KeyPurpose,
    pending_signature::PendingSignature,
    signature::SignatureTextError,
    signed_message::{MessageKind, SignedMessage},
    trusted_key::{TrustChannel, TrustedKey},
};

/// Proof that a signature of this message by this key was checked and holds.
///
/// Only this crate makes one. It says nothing about whether the message fits the artifact: that
/// the hash in it is the hash of the artifact is for the caller to establish.
///
/// ```compile_fail,E0451
/// use permit_keys::{SignatureChecked, SignedMessage, TrustedKey};
///
/// fn forge(message: SignedMessage, key: TrustedKey) -> SignatureChecked {
///     SignatureChecked { message, key } // private fields
/// }
/// ```
#[derive(Clone, Debug)]
pub struct SignatureChecked {
    message: SignedMessage,
    key: TrustedKey,
}

impl SignatureChecked {
    pub(crate) fn new(message: SignedMessage, key: TrustedKey) -> Self {
        Self { message, key }
    }

    /// What was signed.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        self.message.kind()
    }

    /// The message that was signed.
    #[must_use]
    pub fn message(&self) -> &SignedMessage {
        &self.message
    }

    /// The key that signed.
    #[must_use]
    pub fn key(&self) -> &TrustedKey {
        &self.key
    }

    /// The SHA-256 digest of the key that signed.
    #[must_use]
    pub fn fingerprint(&self) -> Sha256Digest {
        self.key.fingerprint()
    }

    /// The id that the key manifest gives the key that signed.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key.key_id()
    }

    /// How the key came to be trusted (KEY-06).
    #[must_use]
    pub fn channel(&self) -> TrustChannel {
        self.key.channel()
    }
}

/// Why a signature does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureProblem {
    /// The key is trusted for something else (KEY-01).
    #[error("a key for `{purpose}` does not sign a {message}")]
    WrongPurpose {
        /// What was signed.
        message: MessageKind,
        /// What the key is trusted for.
        purpose: KeyPurpose,
    },
    /// The text is no signature.
    #[error("the {message} has no readable signature: {reason}")]
    Text {
        /// What was signed.
        message: MessageKind,
        /// Why.
        reason: SignatureTextError,
    },
    /// The signature is none of this message by this key.
    #[error("the signature of the {message} does not verify{}", Under(key_id.as_deref()))]
    Mismatch {
        /// What was signed.
        message: MessageKind,
        /// The id that the key manifest gives the key.
        key_id: Option<Box<str>>,
        /// The SHA-256 digest of the key.
        fingerprint: Sha256Digest,
    },
    /// The signature is none of this message by any of the keys that could have signed it.
    #[error("the signature of the {message} does not verify under any of {keys} keys")]
    NoneOfKeys {
        /// What was signed.
        message: MessageKind,
        /// How many keys were tried.
        keys: usize,
    },
}

impl SignatureProblem {
    /// What was to be verified.
    #[must_use]
    pub fn message(&self) -> MessageKind {
        match self {
            Self::WrongPurpose { message, .. }
            | Self::Text { message, .. }
            | Self::Mismatch { message, .. }
            | Self::NoneOfKeys { message, .. } => *message,
        }
    }

    /// What the reader of a report can do next, in one sentence.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::WrongPurpose { .. } => {
                "give the key that the issuer uses for this kind of artifact"
            }
            Self::Text { reason, .. } => reason.help(),
            Self::Mismatch { .. } | Self::NoneOfKeys { .. } => {
                "the artifact was changed after it was signed, or another key signed it; ask the issuer for the original"
            }
        }
    }
}

struct Under<'a>(Option<&'a str>);

impl core::fmt::Display for Under<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0 {
            Some(id) => write!(f, " under key `{}`", Excerpt(id)),
            None => Ok(()),
        }
    }
}

impl SignedMessage {
    /// Checks a signature of this message, given as the text that stands in the artifact.
    ///
    /// # Errors
    /// If the key has another purpose, the text is no signature, or the signature does not hold.
    pub fn verify(
        self,
        signature: &str,
        key: &TrustedKey,
    ) -> Result<SignatureChecked, SignatureProblem> {
        PendingSignature::new(self, signature, key)?.verify()
    }
}

/// Makes one named function for each signed message (AMB-09).
macro_rules! verify_functions {
    ($($(#[$doc:meta])+ $name:ident = $message:ident($signed:ident: $type:ty);)+) => {$(
        $(#[$doc])+
        ///
        /// # Errors
        /// If the key has another purpose, the text is no signature, or the signature does not hold.
        pub fn $name(
            $signed: $type,
            signature: &str,
            key: &TrustedKey,
        ) -> Result<SignatureChecked, SignatureProblem> {
            SignedMessage::$message($signed).verify(signature, key)
        }
    )+};
}

verify_functions! {
    /// Checks the signature of an export's manifest over the hash of the exported file (BUNDLE-08, BUNDLE-09).
    verify_export_manifest = export_manifest(content_hash: Sha256Digest);
    /// Checks the signature of a workflow sibling's descriptor over the hash of the document's file.
    verify_workflow_sibling = workflow_sibling(content_hash: Sha256Digest);
    /// Checks the signature of a closure over the canonical hash of its payload (CLOSE-18).
    verify_closure = closure(canonical_hash: Sha256Digest);
    /// Checks the signature of a permit decision over the canonical hash of its payload.
    verify_permit_decision = permit_decision(canonical_hash: Sha256Digest);
    /// Checks the signature of a workflow declaration over the canonical hash of its payload.
    verify_workflow_declaration = workflow_declaration(canonical_hash: Sha256Digest);
    /// Checks the signature of a workflow amendment over the canonical hash of its payload.
    verify_workflow_amendment = workflow_amendment(canonical_hash: Sha256Digest);
    /// Checks the signature of a revocation over the canonical hash of the event (REVOKE-05).
    verify_revocation = revocation(canonical_hash: Sha256Digest);
    /// Checks the signature of a checkpoint over its composite hash.
    verify_checkpoint = checkpoint(composite_hash: Sha256Digest);
    /// Checks the signature of a scope-state sidecar over its canonical bytes (SIDE-06, SIDE-07).
    verify_scope_state = scope_state(canonical: &[u8]);
    /// Checks an operator's approval over the canonical bytes of the slot's payload.
    verify_operator_approval = operator_approval(canonical: &[u8]);
    /// Checks a counter signature over the canonical bytes of the slot's payload.
    verify_counter_signature = counter_signature(canonical: &[u8]);
    /// Checks an audit attestation over the canonical bytes of the slot's payload.
    verify_audit_attestation = audit_attestation(canonical: &[u8]);
}

/// Checks the signature of a revocation, which any of several keys may have made (REVOKE-10).
///
/// # Errors
/// If a key has another purpose, the text is no signature, or none of the keys made it.
pub fn verify_revocation_by_any(
    canonical_hash: Sha256Digest,
    signature: &str,
    keys: &[TrustedKey],
) -> Result<SignatureChecked, SignatureProblem> {
    for key in keys {
        match verify_revocation(canonical_hash, signature, key) {
            Err(SignatureProblem::Mismatch { .. }) => {}
            decided => return decided,
        }
    }
    Err(SignatureProblem::NoneOfKeys { message: MessageKind::Revocation, keys: keys.len() })
}
