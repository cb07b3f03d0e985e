// SPDX-License-Identifier: Apache-2.0

//! Key ids that are made of the key itself.
//!
//! ```text
//! ExportKeyId    sha256:<first 32 hexadecimal characters of SHA-256(key)>   exports, checkpoints
//! BindingKeyId   <first 16 hexadecimal characters of SHA-256(key)>          permits, closures, revocations
//! ```
//!
//! The id that a key manifest gives an entry is any text; only binding ids are
//! compared with the key they name.

use core::fmt;

use permit_canonical_json::Sha256Digest;

/// The id of a key that signs exports, checkpoints or scope states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExportKeyId([u8; 16]);

impl ExportKeyId {
    pub(crate) fn from_fingerprint(fingerprint: Sha256Digest) -> Self {
        Self(leading(fingerprint))
    }
}

impl fmt::Display for ExportKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        write_hex(&self.0, f)
    }
}

/// The id of a key that signs permits, closures, revocations or workflow records.
///
/// It has 64 bits: enough to choose among the keys of a trust root, too few to stand
/// for a key. Whoever makes keys can make two with one id, and then both count.
///
/// ```
/// use permit_keys::BindingKeyId;
///
/// let id = BindingKeyId::parse("6a3803d5f059902a").unwrap();
/// assert_eq!(id.to_string(), "6a3803d5f059902a");
/// assert_eq!(BindingKeyId::parse("6A3803D5F059902A"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BindingKeyId([u8; 8]);

impl BindingKeyId {
    pub(crate) fn from_fingerprint(fingerprint: Sha256Digest) -> Self {
        Self(leading(fingerprint))
    }

    /// Reads 16 lowercase hexadecimal characters and nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let lowercase = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 16 || !text.bytes().all(lowercase) {
            return None;
        }
        u64::from_str_radix(text, 16).ok().map(|id| Self(id.to_be_bytes()))
    }
}

impl fmt::Display for BindingKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

/// Whether an artifact that names its key like this was signed by a key for tests (KEY-05).
///
/// Entries of key manifests are judged without the caller's doing. A key that is given directly,
/// or carried by the artifact, has only this name to be known by.
///
/// ```
/// assert!(permit_keys::is_test_key_id("keel-test-export-01"));
/// assert!(!permit_keys::is_test_key_id("6a3803d5f059902a"));
/// ```
#[must_use]
pub fn is_test_key_id(key_id: &str) -> bool {
    key_id.starts_with(TEST_KEY_ID)
}

fn leading<const N: usize>(fingerprint: Sha256Digest) -> [u8; N] {
    let mut id = [0; N];
    id.iter_mut().zip(fingerprint.as_bytes()).for_each(|(to, from)| *to = *from);
    id
}

fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

const TEST_KEY_ID: &str = "keel-test-";
