// SPDX-License-Identifier: Apache-2.0

//! Keys that sign for their purpose and cannot sign for another.

use core::{fmt, marker::PhantomData};

use permit_canonical_json::Sha256Digest;

use crate::{
    adaptive_key::{AdaptiveKey, TableAllowance},
    key_id::{BindingKeyId, ExportKeyId},
    key_purpose::KeyPurpose,
    public_key::PublicKey,
    signature::{BareSignature, PrefixedSignature, Signature},
    signed_message::SignedMessage,
    signer::{Signer, SignerError, SoftwareKey},
};

/// A signer that is used for one purpose (BUNDLE-22).
///
/// The messages of different artifacts look alike, so that a key without a purpose could be
/// made to sign a closure as a revocation. Here each purpose has the methods for
/// its own messages and no others:
///
/// ```compile_fail,E0599
/// use permit_keys::{ExportSigning, PurposeKey, SoftwareKey};
///
/// let key = PurposeKey::<ExportSigning>::new(SoftwareKey::from_seed(&[1; 32]));
/// key.sign_closure(permit_canonical_json::Sha256Digest::of(b"payload"));
/// ```
///
/// Each signature is checked before it is given away: a fault of the signer would else leave
/// an artifact that nobody can verify, or betray the key.
pub struct PurposeKey<P: Purpose, S: Signer = SoftwareKey> {
    signer: S,
    key: AdaptiveKey,
    purpose: PhantomData<fn() -> P>,
}

/// A purpose that a [`PurposeKey`] can have; implemented by the markers of this crate alone.
pub trait Purpose: sealed::Sealed {
    /// The purpose as a value.
    const PURPOSE: KeyPurpose;
}

mod sealed {
    pub trait Sealed {}
}

/// Makes the marker types.
macro_rules! purposes {
    ($($(#[$doc:meta])+ $marker:ident = $purpose:ident;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug)]
        pub enum $marker {}

        impl sealed::Sealed for $marker {}

        impl Purpose for $marker {
            const PURPOSE: KeyPurpose = KeyPurpose::$purpose;
        }
    )+};
}

purposes! {
    /// Signs exports.
    ExportSigning = ExportSigning;
    /// Signs checkpoints, and scope states if there is no key for them.
    IntegrityCheckpoint = IntegrityCheckpoint;
    /// Signs permits, closures, revocations and workflow records.
    PermitBindingSigning = PermitBindingSigning;
    /// Signs scope states.
    ScopeState = ScopeState;
    /// Signs an operator's approvals.
    Operator = PermitV2Operator;
    /// Signs a buyer's counter signatures and attestations.
    BuyerPrincipal = PermitV2BuyerPrincipal;
}

impl<P: Purpose, S: Signer> PurposeKey<P, S> {
    /// Takes a signer for this purpose.
    #[must_use]
    pub fn new(signer: S) -> Self {
        let key = AdaptiveKey::new(signer.public_key(), TableAllowance::of(1));
        Self { signer, key, purpose: PhantomData }
    }

    /// The public half of the key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }

    /// What the key is for.
    #[must_use]
    pub fn purpose(&self) -> KeyPurpose {
        P::PURPOSE
    }

    fn sign(&self, message: &SignedMessage) -> Result<Signature, SignerError> {
        let signature = self.signer.sign(message.as_bytes())?;
        if !self.key.verify(message.as_bytes(), &signature) {
            return Err(SignerError::WrongSignature);
        }
        Ok(signature)
    }

    fn prefixed(&self, message: &SignedMessage) -> Result<PrefixedSignature, SignerError> {
        self.sign(message).map(Signature::prefixed)
    }

    fn bare(&self, message: &SignedMessage) -> Result<BareSignature, SignerError> {
        self.sign(message).map(Signature::bare)
    }

    fn export_key_id(&self) -> ExportKeyId {
        ExportKeyId::from_fingerprint(self.key.fingerprint())
    }
}

/// Makes the signing methods of one purpose.
macro_rules! sign_methods {
    ($purpose:ident { $($(#[$doc:meta])+ $name:ident = $form:ident $message:ident($signed:ident: $type:ty) -> $signature:ident;)+ }) => {
        impl<S: Signer> PurposeKey<$purpose, S> {$(
            $(#[$doc])+
            ///
            /// # Errors
            /// If the signer makes no signature, or one that does not verify.
            pub fn $name(&self, $signed: $type) -> Result<$signature, SignerError> {
                self.$form(&SignedMessage::$message($signed))
            }
        )+}
    };
}

sign_methods! { ExportSigning {
    /// Signs an export's manifest: the hash of the exported file.
    sign_export_manifest = prefixed export_manifest(content_hash: Sha256Digest) -> PrefixedSignature;
    /// Signs a workflow sibling's descriptor: the hash of the document's file.
    sign_workflow_sibling = prefixed workflow_sibling(content_hash: Sha256Digest) -> PrefixedSignature;
} }

sign_methods! { IntegrityCheckpoint {
    /// Signs a checkpoint: its composite hash.
    sign_checkpoint = prefixed checkpoint(composite_hash: Sha256Digest) -> PrefixedSignature;
    /// Signs a scope-state sidecar that names this purpose: its canonical bytes.
    sign_scope_state = prefixed scope_state(canonical: &[u8]) -> PrefixedSignature;
} }

sign_methods! { PermitBindingSigning {
    /// Signs a closure: the canonical hash of its payload.
    sign_closure = prefixed closure(canonical_hash: Sha256Digest) -> PrefixedSignature;
    /// Signs a permit decision: the canonical hash of its payload.
    sign_permit_decision = prefixed permit_decision(canonical_hash: Sha256Digest) -> PrefixedSignature;
    /// Signs a workflow declaration: the canonical hash of its payload.
    sign_workflow_declaration = prefixed workflow_declaration(canonical_hash: Sha256Digest) -> PrefixedSignature;
    /// Signs a workflow amendment: the canonical hash of its payload.
    sign_workflow_amendment = prefixed workflow_amendment(canonical_hash: Sha256Digest) -> PrefixedSignature;
    /// Signs a revocation: the canonical hash of the event without its signature.
    sign_revocation = bare revocation(canonical_hash: Sha256Digest) -> BareSignature;
} }

sign_methods! { ScopeState {
    /// Signs a scope-state sidecar: its canonical bytes.
    sign_scope_state = prefixed scope_state(canonical: &[u8]) -> PrefixedSignature;
} }

sign_methods! { Operator {
    /// Signs an operator's approval: the canonical bytes of the slot's payload.
    sign_operator_approval = bare operator_approval(canonical: &[u8]) -> BareSignature;
} }

sign_methods! { BuyerPrincipal {
    /// Signs a counter signature: the canonical bytes of the slot's payload.
    sign_counter_signature = bare counter_signature(canonical: &[u8]) -> BareSignature;
    /// Signs an audit attestation: the canonical bytes of the slot's payload.
    sign_audit_attestation = bare audit_attestation(canonical: &[u8]) -> BareSignature;
} }

impl<S: Signer> PurposeKey<ExportSigning, S> {
    /// The id that exports name the key by.
    #[must_use]
    pub fn key_id(&self) -> ExportKeyId {
        self.export_key_id()
    }
}

impl<S: Signer> PurposeKey<IntegrityCheckpoint, S> {
    /// The id that checkpoints name the key by.
    #[must_use]
    pub fn key_id(&self) -> ExportKeyId {
        self.export_key_id()
    }
}

impl<S: Signer> PurposeKey<ScopeState, S> {
    /// The id that scope states name the key by.
    #[must_use]
    pub fn key_id(&self) -> ExportKeyId {
        self.export_key_id()
    }
}

impl<S: Signer> PurposeKey<PermitBindingSigning, S> {
    /// The id that permits, closures and workflow records name the key by.
    #[must_use]
    pub fn key_id(&self) -> BindingKeyId {
        BindingKeyId::from_fingerprint(self.key.fingerprint())
    }
}

impl<S: Signer> PurposeKey<Operator, S> {
    /// The id that slots name the key by: the digest of the whole key.
    #[must_use]
    pub fn key_id(&self) -> Sha256Digest {
        self.key.fingerprint()
    }
}

impl<S: Signer> PurposeKey<BuyerPrincipal, S> {
    /// The id that slots name the key by: the digest of the whole key.
    #[must_use]
    pub fn key_id(&self) -> Sha256Digest {
        self.key.fingerprint()
    }
}

/// Shows the public half alone, whatever the signer would show.
impl<P: Purpose, S: Signer> fmt::Debug for PurposeKey<P, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PurposeKey({}, {})", P::PURPOSE, self.public_key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signs with one key and calls another its own.
    struct Confused(SoftwareKey, SoftwareKey);

    impl Signer for Confused {
        fn public_key(&self) -> PublicKey {
            self.0.public_key()
        }

        fn sign(&self, message: &[u8]) -> Result<Signature, SignerError> {
            self.1.sign(message)
        }
    }

    #[test]
    fn a_signature_that_does_not_verify_is_never_given_away() {
        let (one, two) = (SoftwareKey::from_seed(&[1; 32]), SoftwareKey::from_seed(&[2; 32]));
        let key = PurposeKey::<ExportSigning, _>::new(Confused(one, two));
        let hash = Sha256Digest::of(b"export");
        assert_eq!(key.sign_export_manifest(hash), Err(SignerError::WrongSignature));
    }
}
