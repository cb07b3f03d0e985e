// SPDX-License-Identifier: Apache-2.0

//! Signatures that are checked later, perhaps by another thread.

use alloc::vec::Vec;

use crate::{
    signature::Signature,
    signature_check::{SignatureChecked, SignatureProblem},
    signed_message::SignedMessage,
    trusted_key::TrustedKey,
};

/// A signature that was read and whose key was found, ready to be checked anywhere.
///
/// Reading an export is a matter of order, checking its signatures is not: a reader
/// collects these and hands them to other threads. Messages that are hashes lie
/// within, so that one takes about 200 bytes and no memory of its own.
///
/// ```
/// use permit_canonical_json::Sha256Digest;
/// use permit_keys::{KeyPurpose, PendingSignature, PermitBindingSigning, PurposeKey, SignedMessage, SoftwareKey, TrustedKey};
///
/// let hash = Sha256Digest::of(b"payload");
/// let key = PurposeKey::<PermitBindingSigning>::new(SoftwareKey::from_seed(&[2; 32]));
/// let signature = key.sign_closure(hash)?.to_string();
///
/// let trusted = TrustedKey::pinned(&key.public_key().to_string(), KeyPurpose::PermitBindingSigning)?;
/// let pending = PendingSignature::new(SignedMessage::closure(hash), &signature, &trusted)?;
/// let checked = std::thread::spawn(move || pending.verify()).join().unwrap()?;
/// assert_eq!(checked.fingerprint(), trusted.fingerprint());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PendingSignature {
    message: SignedMessage,
    signature: Signature,
    key: TrustedKey,
}

impl PendingSignature {
    /// Reads the signature of a message and checks all but the mathematics.
    ///
    /// # Errors
    /// If the key has another purpose, or the text is no signature.
    pub fn new(
        message: SignedMessage,
        signature: &str,
        key: &TrustedKey,
    ) -> Result<Self, SignatureProblem> {
        let kind = message.kind();
        if !kind.purposes().contains(&key.purpose()) {
            let purpose = key.purpose();
            return Err(SignatureProblem::WrongPurpose { message: kind, purpose });
        }
        let signature = Signature::parse(signature, kind.signature_form())
            .map_err(|reason| SignatureProblem::Text { message: kind, reason })?;
        Ok(Self { message, signature, key: key.clone() })
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &SignedMessage {
        &self.message
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &TrustedKey {
        &self.key
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// If it does not hold.
    pub fn verify(self) -> Result<SignatureChecked, SignatureProblem> {
        let holds = self.key.key().verify(self.message.as_bytes(), &self.signature);
        self.decided(holds)
    }

    /// Checks many signatures, each by itself, and gives the results in the same order.
    ///
    /// Faster than one after the other where neighbours have the same key: they share the
    /// arithmetic of encoding, never the decision.
    #[must_use]
    pub fn verify_all(pending: Vec<Self>) -> Vec<Result<SignatureChecked, SignatureProblem>> {
        let mut decisions = Vec::with_capacity(pending.len());
        for neighbours in pending.chunk_by(|one, next| one.key.shares_key_with(&next.key)) {
            let signed: Vec<_> =
                neighbours.iter().map(|one| (one.message.as_bytes(), &one.signature)).collect();
            if let Some(first) = neighbours.first() {
                decisions.extend(first.key.key().verify_each(&signed));
            }
        }
        pending.into_iter().zip(decisions).map(|(one, holds)| one.decided(holds)).collect()
    }

    fn decided(self, holds: bool) -> Result<SignatureChecked, SignatureProblem> {
        if holds {
            return Ok(SignatureChecked::new(self.message, self.key));
        }
        Err(SignatureProblem::Mismatch {
            message: self.message.kind(),
            key_id: self.key.key_id().map(Into::into),
            fingerprint: self.key.fingerprint(),
        })
    }
}
