// SPDX-License-Identifier: Apache-2.0

//! Files that hold one private key, read and written strictly. Bytes in, bytes out: opening files is
//! the caller's.
//!
//! ```text
//! form          the bytes                                                       told by
//! Pkcs8Pem      `-----BEGIN PRIVATE KEY-----`, RFC 8410 (`openssl genpkey`)     its first line
//! Pkcs8Der      the same without PEM, with or without the public half           48 bytes and more, first 0x30
//! RawSeed       32 bytes, the seed of RFC 8032                                  its length
//! HexSeed       64 hexadecimal digits of one case, one line break at most       its length
//! Base64Seed    44 characters with padding, one line break at most              its length
//! ```
//!
//! No form is guessed by trying: the length and the first byte tell it. A seed in text whose spelling
//! is not the one here is refused, since a seed that is read otherwise than it was meant is another key.

use alloc::string::String;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{
    SigningKey,
    pkcs8::{
        DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes, spki::der::pem::LineEnding,
    },
};
use zeroize::{Zeroize as _, Zeroizing};

use crate::signer::SoftwareKey;

/// The ways in which a private key is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyFileForm {
    /// PKCS#8 in PEM. What is written by default.
    Pkcs8Pem,
    /// PKCS#8 in DER.
    Pkcs8Der,
    /// The seed.
    RawSeed,
    /// The seed in hexadecimal digits.
    HexSeed,
    /// The seed in base64.
    Base64Seed,
}

impl KeyFileForm {
    /// All forms.
    pub const ALL: &[Self] =
        &[Self::Pkcs8Pem, Self::Pkcs8Der, Self::RawSeed, Self::HexSeed, Self::Base64Seed];

    /// A word for the form.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pkcs8Pem => "pkcs8-pem",
            Self::Pkcs8Der => "pkcs8-der",
            Self::RawSeed => "raw-seed",
            Self::HexSeed => "hex-seed",
            Self::Base64Seed => "base64-seed",
        }
    }

    /// The form of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|form| form.as_str() == word)
    }

    /// The form of these bytes, by their length and how they begin.
    ///
    /// # Errors
    /// If they have none of the forms. Nothing of them is told.
    pub fn of(bytes: &[u8]) -> Result<Self, KeyFileError> {
        if bytes.starts_with(b"-----BEGIN") {
            return Ok(Self::Pkcs8Pem);
        }
        match (bytes.len(), bytes.first()) {
            (32, _) if bytes.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') => {
                Err(KeyFileError::TextOf32Bytes)
            }
            // The start of a PKCS#8 file that was cut off; no random seed looks like it.
            (32, _) if bytes.starts_with(PKCS8_START) => Err(KeyFileError::NotPkcs8),
            (32, _) => Ok(Self::RawSeed),
            (48..=MOST_BYTES, Some(0x30)) if has_der_length(bytes) => Ok(Self::Pkcs8Der),
            _ => match without_line_break(bytes).len() {
                64 => Ok(Self::HexSeed),
                44 => Ok(Self::Base64Seed),
                _ => Err(KeyFileError::UnknownForm { bytes: bytes.len() }),
            },
        }
    }
}

impl SoftwareKey {
    /// Reads a private key of any of the forms.
    ///
    /// The caller wipes `bytes`. Encrypted keys are not read; decrypt them, or let whoever
    /// decrypts them sign (see [`SignRequest`](crate::SignRequest)).
    ///
    /// ```
    /// use permit_keys::{KeyFileForm, Signer, SoftwareKey};
    ///
    /// let key = SoftwareKey::from_seed(&[1; 32]);
    /// let pem = key.to_file(KeyFileForm::Pkcs8Pem)?;
    /// assert!(pem.starts_with(b"-----BEGIN PRIVATE KEY-----\n"));
    /// assert_eq!(SoftwareKey::read(&pem)?.public_key(), key.public_key());
    /// # Ok::<(), permit_keys::KeyFileError>(())
    /// ```
    ///
    /// # Errors
    /// If the bytes are no private key of Ed25519. The error tells nothing of the key.
    pub fn read(bytes: &[u8]) -> Result<Self, KeyFileError> {
        Self::read_as(KeyFileForm::of(bytes)?, bytes)
    }

    /// Reads a private key that has to have this form.
    ///
    /// # Errors
    /// As [`read`](Self::read), and if it has another form.
    pub fn read_as(form: KeyFileForm, bytes: &[u8]) -> Result<Self, KeyFileError> {
        let seed = match form {
            KeyFileForm::Pkcs8Pem => return read_pem(bytes),
            KeyFileForm::Pkcs8Der => {
                let key = SigningKey::from_pkcs8_der(bytes);
                return key.map(Self::of_dalek).map_err(|_| KeyFileError::NotPkcs8);
            }
            KeyFileForm::RawSeed => {
                let seed: [u8; 32] = bytes
                    .try_into()
                    .map_err(|_| KeyFileError::UnknownForm { bytes: bytes.len() })?;
                Zeroizing::new(seed)
            }
            KeyFileForm::HexSeed => hex_seed(without_line_break(bytes))?,
            KeyFileForm::Base64Seed => base64_seed(without_line_break(bytes))?,
        };
        Ok(Self::from_seed(&seed))
    }

    /// Writes the private key; the bytes are wiped when they are dropped.
    ///
    /// PKCS#8 is written in its first version, without the public half, as OpenSSL writes and reads it.
    ///
    /// # Errors
    /// If there is no room for it in memory.
    pub fn to_file(
        &self,
        form: KeyFileForm,
    ) -> Result<Zeroizing<alloc::vec::Vec<u8>>, KeyFileError> {
        let dalek = self.as_dalek();
        let text = |text: &str| {
            let mut bytes = alloc::vec::Vec::with_capacity(text.len() + 1);
            bytes.extend_from_slice(text.as_bytes());
            bytes.push(b'\n');
            Zeroizing::new(bytes)
        };
        Ok(match form {
            KeyFileForm::Pkcs8Pem => {
                let pem = pkcs8(dalek).to_pkcs8_pem(LineEnding::LF);
                let pem = pem.map_err(|_| KeyFileError::NotPkcs8)?;
                Zeroizing::new(pem.as_bytes().to_vec())
            }
            KeyFileForm::Pkcs8Der => {
                let der = pkcs8(dalek).to_pkcs8_der().map_err(|_| KeyFileError::NotPkcs8)?;
                Zeroizing::new(der.as_bytes().to_vec())
            }
            KeyFileForm::RawSeed => Zeroizing::new(dalek.as_bytes().to_vec()),
            KeyFileForm::HexSeed => {
                let mut hex = Zeroizing::new(String::with_capacity(65));
                for byte in dalek.as_bytes() {
                    for nibble in [byte >> 4, byte & 15] {
                        hex.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
                    }
                }
                text(&hex)
            }
            KeyFileForm::Base64Seed => text(&Zeroizing::new(STANDARD.encode(dalek.as_bytes()))),
        })
    }
}

/// Why bytes are no private key. Never tells anything of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// They have no form that is known.
    #[error(
        "{bytes} bytes are no private key: it is PKCS#8 (PEM or DER), or a seed of 32 bytes, 64 hexadecimal digits or 44 characters of base64"
    )]
    UnknownForm {
        /// How many there are.
        bytes: usize,
    },
    /// They are 32 characters, and so rather a text than a seed.
    #[error(
        "32 characters of text are no seed: a seed is 32 random bytes, 64 hexadecimal digits or base64"
    )]
    TextOf32Bytes,
    /// A seed in hexadecimal digits has something else in it.
    #[error("the seed is not 64 hexadecimal digits of one case")]
    NotHex,
    /// A seed in base64 has something else in it.
    #[error("the seed is not 32 bytes in base64")]
    NotBase64,
    /// The key needs a password.
    #[error(
        "the private key is encrypted, and encrypted keys are not read: decrypt it, or have another program sign"
    )]
    Encrypted,
    /// The PEM file holds something else.
    #[error("the PEM file holds no `PRIVATE KEY` of PKCS#8")]
    OtherPem,
    /// It is not PKCS#8, not of an Ed25519 key, or its two halves do not belong together.
    #[error("this is no PKCS#8 private key of Ed25519, or its public half is that of another key")]
    NotPkcs8,
}

/// Whether the second byte states the length of what follows, or how many bytes do. The digit `0`
/// begins a sequence in DER, too, and no digit behind it states the length of a seed in text.
fn has_der_length(bytes: &[u8]) -> bool {
    match bytes.get(1) {
        Some(0x81 | 0x82) => true,
        Some(length) => usize::from(*length) + 2 == bytes.len(),
        None => false,
    }
}

fn read_pem(bytes: &[u8]) -> Result<SoftwareKey, KeyFileError> {
    let text = core::str::from_utf8(bytes).map_err(|_| KeyFileError::OtherPem)?;
    match text.lines().next() {
        Some("-----BEGIN PRIVATE KEY-----") => {}
        Some("-----BEGIN ENCRYPTED PRIVATE KEY-----") => return Err(KeyFileError::Encrypted),
        _ => return Err(KeyFileError::OtherPem),
    }
    let key = SigningKey::from_pkcs8_pem(text).map_err(|_| KeyFileError::NotPkcs8)?;
    Ok(SoftwareKey::of_dalek(key))
}

fn pkcs8(key: &SigningKey) -> KeypairBytes {
    KeypairBytes { secret_key: key.to_bytes(), public_key: None }
}

fn without_line_break(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

fn hex_seed(digits: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
    let mixed =
        digits.iter().any(u8::is_ascii_lowercase) && digits.iter().any(u8::is_ascii_uppercase);
    if digits.len() != 64 || mixed {
        return Err(KeyFileError::NotHex);
    }
    let mut seed = Zeroizing::new([0; 32]);
    for (byte, pair) in seed.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            let value = char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
            *byte = (*byte << 4) | value.ok_or(KeyFileError::NotHex)?;
        }
    }
    Ok(seed)
}

fn base64_seed(text: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
    let mut decoded = STANDARD.decode(text).map_err(|_| KeyFileError::NotBase64)?;
    let seed = <[u8; 32]>::try_from(decoded.as_slice()).map(Zeroizing::new);
    decoded.zeroize();
    seed.map_err(|_| KeyFileError::NotBase64)
}

/// A PKCS#8 key with attributes has some hundred bytes.
const MOST_BYTES: usize = 4096;

/// How PKCS#8 of Ed25519 begins: version 0, and a part of the algorithm.
const PKCS8_START: &[u8] = &[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06];
