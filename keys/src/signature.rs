// SPDX-License-Identifier: Apache-2.0

//! Ed25519 signatures and their two texts.
//!
//! ```text
//! ed25519:<base64>   export manifest, workflow sibling, closure, permit decision, workflow
//!                    records, checkpoint, scope state
//! <base64>           revocation events, the three slots of permit format v2
//! ```
//!
//! The specification is strict about neither prefix nor alphabet everywhere (AMB-08);
//! [`SignatureForm`] says what each reader takes.

use core::fmt;

use crate::key_text::{self, TextFault};

/// An Ed25519 signature: 64 bytes, of which nothing is known yet.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature {
    r: [u8; 32],
    s: [u8; 32],
}

impl Signature {
    /// The signature of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 64]) -> Self {
        let (mut r, mut s) = ([0; 32], [0; 32]);
        let (first, second) = bytes.split_at(32);
        r.copy_from_slice(first);
        s.copy_from_slice(second);
        Self { r, s }
    }

    /// Reads the text of a signature: base64 of the standard alphabet with its padding.
    ///
    /// # Errors
    /// If the prefix is not as `form` wants it, or the text is not the base64 of 64 bytes.
    pub fn parse(text: &str, form: SignatureForm) -> Result<Self, SignatureTextError> {
        let base64 = match (key_text::without_prefix(text), form) {
            (Some(_), SignatureForm::WithoutPrefix) => {
                return Err(SignatureTextError::UnexpectedPrefix);
            }
            (None, SignatureForm::WithPrefix) => return Err(SignatureTextError::MissingPrefix),
            (Some(base64), _) => base64,
            (None, _) => text,
        };
        let bytes = key_text::decode::<64>(base64).map_err(|fault| match fault {
            TextFault::Length { characters } => SignatureTextError::WrongLength { characters },
            TextFault::Character { offset } => {
                SignatureTextError::NotBase64 { offset: offset + text.len() - base64.len() }
            }
        })?;
        Ok(Self::from_bytes(bytes))
    }

    /// The 64 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        let (first, second) = bytes.split_at_mut(32);
        first.copy_from_slice(&self.r);
        second.copy_from_slice(&self.s);
        bytes
    }

    pub(crate) fn r_bytes(&self) -> &[u8; 32] {
        &self.r
    }

    pub(crate) fn s_bytes(&self) -> &[u8; 32] {
        &self.s
    }

    /// The text with `ed25519:` before it.
    #[must_use]
    pub fn prefixed(self) -> PrefixedSignature {
        PrefixedSignature(self)
    }

    /// The text without a prefix.
    #[must_use]
    pub fn bare(self) -> BareSignature {
        BareSignature(self)
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({})", self.bare())
    }
}

/// A signature that is written with `ed25519:` before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PrefixedSignature(Signature);

impl PrefixedSignature {
    /// The signature.
    #[must_use]
    pub fn signature(&self) -> Signature {
        self.0
    }
}

impl fmt::Display for PrefixedSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", key_text::PREFIX, self.0.bare())
    }
}

/// A signature that is written without a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BareSignature(Signature);

impl BareSignature {
    /// The signature.
    #[must_use]
    pub fn signature(&self) -> Signature {
        self.0
    }
}

impl fmt::Display for BareSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&key_text::encode(&self.0.to_bytes()))
    }
}

/// What a reader takes before the base64 of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureForm {
    /// `ed25519:` or nothing.
    PrefixOptional,
    /// `ed25519:` and nothing else.
    WithPrefix,
    /// Nothing.
    WithoutPrefix,
}

/// Why a text is not a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureTextError {
    /// `ed25519:` has to stand before the base64 and does not.
    #[error("the signature does not start with `ed25519:`")]
    MissingPrefix,
    /// `ed25519:` stands before the base64 and must not.
    #[error("the signature starts with `ed25519:`, which has no place in this artifact")]
    UnexpectedPrefix,
    /// The text has another length than the base64 of 64 bytes.
    #[error(
        "a signature is the base64 text of 64 bytes, 88 characters with padding, not {characters}"
    )]
    WrongLength {
        /// Number of characters behind the prefix.
        characters: usize,
    },
    /// A character is not base64, or padding stands in the wrong place.
    #[error("the signature is not base64 at byte {offset}")]
    NotBase64 {
        /// Offset of the character in the text, in bytes.
        offset: usize,
    },
}

impl SignatureTextError {
    /// What the reader of a report can do next, in one sentence.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::MissingPrefix => {
                "ask the issuer for the signature as it was made, which names its algorithm"
            }
            Self::UnexpectedPrefix => {
                "ask the issuer for the signature as it was made, without a prefix"
            }
            Self::WrongLength { .. } => {
                "the text was cut, extended or never a signature; ask the issuer for the original"
            }
            Self::NotBase64 { .. } => {
                "the text was changed on its way, or written in the URL-safe alphabet; ask the issuer for the original"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn amb_08_prefix_is_as_the_artifact_wants_it() {
        use SignatureForm::{PrefixOptional, WithPrefix, WithoutPrefix};
        let signature = Signature::from_bytes([0xa5; 64]);
        let (prefixed, bare) = (signature.prefixed().to_string(), signature.bare().to_string());
        assert_eq!(prefixed, ["ed25519:", &bare].concat());
        for (text, form, expected) in [
            (&prefixed, PrefixOptional, Ok(signature)),
            (&bare, PrefixOptional, Ok(signature)),
            (&prefixed, WithPrefix, Ok(signature)),
            (&bare, WithPrefix, Err(SignatureTextError::MissingPrefix)),
            (&prefixed, WithoutPrefix, Err(SignatureTextError::UnexpectedPrefix)),
            (&bare, WithoutPrefix, Ok(signature)),
            (
                &prefixed.replace("ed", "Ed"),
                PrefixOptional,
                Err(SignatureTextError::WrongLength { characters: 96 }),
            ),
            (&prefixed.replace("ed", "Ed"), WithPrefix, Err(SignatureTextError::MissingPrefix)),
        ] {
            assert_eq!(Signature::parse(text, form), expected, "{text} {form:?}");
        }
    }

    #[test]
    fn offsets_count_from_the_start_of_the_text() {
        let text = Signature::from_bytes([0; 64]).prefixed().to_string().replacen("AA", "A-", 1);
        let error = Signature::parse(&text, SignatureForm::PrefixOptional);
        assert_eq!(error, Err(SignatureTextError::NotBase64 { offset: 9 }));
    }
}
