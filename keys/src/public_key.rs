// SPDX-License-Identifier: Apache-2.0

//! Ed25519 public keys.

use core::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};

use ed25519_dalek::VerifyingKey;
use permit_canonical_json::Sha256Digest;

use crate::{
    key_id::{BindingKeyId, ExportKeyId},
    key_text::{self, TextFault},
};

/// An Ed25519 public key: 32 bytes that name a point of the curve.
///
/// A key of small order does not exist as a value of this type. Under such a key
/// one signature fits every message, so that whoever gets one into a trust root can
/// sign without knowing any secret. Other unusual keys are accepted as the
/// reference accepts them.
///
/// ```
/// use permit_keys::PublicKey;
///
/// let key = PublicKey::parse("ed25519:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=")?;
/// assert_eq!(key.export_key_id().to_string(), "sha256:34750f98bd59fcfc946da45aaabe933b");
/// # Ok::<(), permit_keys::PublicKeyError>(())
/// ```
#[derive(Clone, Copy)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads a key as trust roots and artifacts write it: base64 with or without `ed25519:` before it.
    ///
    /// # Errors
    /// If the text is not the base64 of 32 bytes, or the bytes are no acceptable key.
    pub fn parse(text: &str) -> Result<Self, PublicKeyError> {
        let base64 = key_text::without_prefix(text).unwrap_or(text);
        let bytes = key_text::decode::<32>(base64).map_err(|fault| match fault {
            TextFault::Length { characters } => PublicKeyError::WrongLength { characters },
            TextFault::Character { offset } => {
                PublicKeyError::NotBase64 { offset: offset + text.len() - base64.len() }
            }
        })?;
        Self::from_bytes(&bytes)
    }

    /// The key of these bytes.
    ///
    /// # Errors
    /// If the bytes name no point of the curve, or one of small order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, PublicKeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| PublicKeyError::NotOnCurve)?;
        if key.is_weak() {
            return Err(PublicKeyError::SmallOrder);
        }
        Ok(Self(key))
    }

    /// The key that belongs to a signing key, which is never one of small order.
    pub(crate) fn of(signing: &ed25519_dalek::SigningKey) -> Self {
        Self(signing.verifying_key())
    }

    pub(crate) fn to_dalek(self) -> VerifyingKey {
        self.0
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The SHA-256 digest of the 32 bytes, which all key ids are made of.
    #[must_use]
    pub fn fingerprint(&self) -> Sha256Digest {
        Sha256Digest::of(self.as_bytes())
    }

    /// The id of a key that signs exports or checkpoints.
    #[must_use]
    pub fn export_key_id(&self) -> ExportKeyId {
        ExportKeyId::from_fingerprint(self.fingerprint())
    }

    /// The id of a key that signs permits, closures and revocations.
    #[must_use]
    pub fn binding_key_id(&self) -> BindingKeyId {
        BindingKeyId::from_fingerprint(self.fingerprint())
    }
}

/// Equality is that of the bytes: the same point in another encoding is another key,
/// since signatures cover the encoding.
impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for PublicKey {}

impl PartialOrd for PublicKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PublicKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", key_text::PREFIX, key_text::encode(self.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

/// Why something is not an acceptable public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublicKeyError {
    /// The text has another length than the base64 of 32 bytes.
    #[error(
        "a public key is the base64 text of 32 bytes, 44 characters with padding, not {characters}"
    )]
    WrongLength {
        /// Number of characters behind the prefix.
        characters: usize,
    },
    /// A character is not base64, or padding stands in the wrong place.
    #[error("the public key is not base64 at byte {offset}")]
    NotBase64 {
        /// Offset of the character in the text, in bytes.
        offset: usize,
    },
    /// The bytes name no point of the curve.
    #[error("the public key is not a point of the curve")]
    NotOnCurve,
    /// The bytes name a point of small order.
    #[error("the public key has small order, so that anyone can sign for it")]
    SmallOrder,
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn prefix_is_optional_exact_and_taken_away_once() {
        let bare = "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=";
        let key = PublicKey::parse(bare).unwrap();
        assert_eq!(key.to_string(), ["ed25519:", bare].concat());
        assert_eq!(PublicKey::parse(&key.to_string()), Ok(key));
        for (prefix, offset) in [("ED25519:", 7), (" ed25519:", 0), ("ed25519: ", 8)] {
            let text = [prefix, bare].concat();
            let cut = text.get(..text.len() - prefix.len()).unwrap_or_default();
            assert!(PublicKey::parse(&text).is_err(), "{text}");
            assert!(PublicKey::parse(cut).is_err(), "{cut} {offset}");
        }
        let twice = ["ed25519:ed25519:", bare].concat();
        assert_eq!(PublicKey::parse(&twice), Err(PublicKeyError::WrongLength { characters: 52 }));
    }

    #[test]
    fn keys_of_small_order_are_refused_in_every_encoding() {
        for point in curve25519_dalek::constants::EIGHT_TORSION {
            let bytes = point.compress().to_bytes();
            assert_eq!(PublicKey::from_bytes(&bytes), Err(PublicKeyError::SmallOrder));
        }
        // y = 1 written as 1 + p, and y = 1 with the sign bit of x = 0 set.
        let mut shifted = [255; 32];
        (shifted[0], shifted[31]) = (0xee, 0x7f);
        let mut signed = [0; 32];
        (signed[0], signed[31]) = (1, 0x80);
        for bytes in [shifted, signed] {
            assert_eq!(PublicKey::from_bytes(&bytes), Err(PublicKeyError::SmallOrder));
        }
        assert_eq!(PublicKey::from_bytes(&[2; 32]), Err(PublicKeyError::NotOnCurve));
    }
}
