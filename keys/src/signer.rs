// SPDX-License-Identifier: Apache-2.0

//! Whoever holds a private key.

use alloc::{boxed::Box, string::String, sync::Arc};
use core::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use zeroize::ZeroizeOnDrop;

use crate::{public_key::PublicKey, signature::Signature};

/// Something that signs with one Ed25519 key: a [`SoftwareKey`], an HSM, a key service.
///
/// It signs any bytes it is given, and so it does not know what it signs. Wrap it in a
/// [`PurposeKey`], which does.
///
/// [`PurposeKey`]: crate::PurposeKey
pub trait Signer {
    /// The public half of the key.
    fn public_key(&self) -> PublicKey;

    /// Signs a message with plain Ed25519 (RFC 8032, neither prehashed nor with a context).
    ///
    /// # Errors
    /// If no signature could be made.
    fn sign(&self, message: &[u8]) -> Result<Signature, SignerError>;
}

/// Why there is no signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignerError {
    /// The holder of the key could not be reached, or failed; later it may work.
    #[error("the signer is not available: {reason}")]
    Unavailable {
        /// What it said.
        reason: String,
    },
    /// The holder of the key will not sign.
    #[error("the signer refused: {reason}")]
    Refused {
        /// What it said.
        reason: String,
    },
    /// What the signer gave is no signature of the message under the key it calls its own.
    #[error("the signer gave a signature that does not verify under its public key")]
    WrongSignature,
}

/// A private key in memory, wiped when it is dropped.
///
/// ```
/// use permit_keys::{Signer, SoftwareKey};
///
/// let key = SoftwareKey::from_seed(&[1; 32]);
/// assert_eq!(key.public_key().to_string(), "ed25519:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=");
/// assert!(!format!("{key:?}").contains("[1, 1"));
/// ```
pub struct SoftwareKey(SigningKey);

impl SoftwareKey {
    /// The key of this seed, the 32 secret bytes of RFC 8032. The caller wipes its own copy.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    #[cfg(feature = "pkcs8")]
    pub(crate) fn of_dalek(key: SigningKey) -> Self {
        Self(key)
    }

    #[cfg(feature = "pkcs8")]
    pub(crate) fn as_dalek(&self) -> &SigningKey {
        &self.0
    }
}

impl Signer for SoftwareKey {
    fn public_key(&self) -> PublicKey {
        PublicKey::of(&self.0)
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignerError> {
        Ok(Signature::from_bytes(self.0.sign(message).to_bytes()))
    }
}

/// The inner key wipes itself.
impl ZeroizeOnDrop for SoftwareKey {}

impl fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SoftwareKey({})", self.public_key())
    }
}

impl<S: Signer + ?Sized> Signer for &S {
    fn public_key(&self) -> PublicKey {
        (**self).public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignerError> {
        (**self).sign(message)
    }
}

impl<S: Signer + ?Sized> Signer for Box<S> {
    fn public_key(&self) -> PublicKey {
        (**self).public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignerError> {
        (**self).sign(message)
    }
}

impl<S: Signer + ?Sized> Signer for Arc<S> {
    fn public_key(&self) -> PublicKey {
        (**self).public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignerError> {
        (**self).sign(message)
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn the_inner_key_wipes_itself() {
        fn wipes<T: ZeroizeOnDrop>() {}
        wipes::<SigningKey>();
        wipes::<SoftwareKey>();
    }

    #[test]
    fn the_seed_is_never_shown() {
        let key = SoftwareKey::from_seed(&[0xab; 32]);
        let shown = format!("{key:?}");
        assert_eq!(shown, format!("SoftwareKey({})", key.public_key()));
    }
}
