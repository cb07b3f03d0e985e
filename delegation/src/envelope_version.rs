// SPDX-License-Identifier: Apache-2.0

//! The versions of authority envelopes that this build may compare.
//!
//! ```text
//! version                  registry that defines its comparator
//! authority-envelope.v0    sha256:a2505ac9…cee2, or the one of `comparator_registry/v0.json` here
//! ```
//!
//! A version stands for one comparator for good: a comparator that changes in anything, a new
//! field included, has a new version (PCHAIN-11). That is why the hash of the registry is here.

use core::fmt;

use permit_canonical_json::Sha256Digest;

/// A version of authority envelopes whose comparator is code here.
///
/// There is no way to write another one: `authority-envelope.v00` is no value of this type, so
/// that it can neither be issued nor compared (PCHAIN-06).
///
/// ```
/// use permit_delegation::EnvelopeVersion;
///
/// assert_eq!(EnvelopeVersion::parse("authority-envelope.v0"), Some(EnvelopeVersion::V0));
/// assert_eq!(EnvelopeVersion::parse("authority-envelope.v00"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EnvelopeVersion {
    /// `authority-envelope.v0`: six sets and an expiry.
    V0,
}

impl EnvelopeVersion {
    /// The allow-list (PCHAIN-10). A version that is not in it is never compared by the rules of one that is.
    pub const SUPPORTED: &'static [Self] = &[Self::V0];

    /// The version on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V0 => "authority-envelope.v0",
        }
    }

    /// The version that this text names, to the letter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::SUPPORTED.iter().copied().find(|version| version.as_str() == text)
    }

    /// The hash of the released registry document, `sha256:` included.
    #[must_use]
    pub const fn registry_hash(self) -> &'static str {
        match self {
            Self::V0 => "sha256:a2505ac94f27c1d0096fa977f25be699fa00a9ff507a0c4cbe0d1edf2e44cee2",
        }
    }

    /// The hash of the registry document of this project, `comparator_registry/v0.json`. It has
    /// the same rules in other words.
    #[must_use]
    pub const fn own_registry_hash(self) -> &'static str {
        match self {
            Self::V0 => "sha256:1038a0a610a66524a2a09827e9c1107133b2c2cab8b89dec7085aaf2a576b180",
        }
    }

    /// The version whose released registry document has exactly these bytes.
    #[must_use]
    pub fn of_registry_bytes(bytes: &[u8]) -> Option<Self> {
        Self::of_registry_hash(&Sha256Digest::of(bytes).prefixed().to_string())
    }

    /// The version whose released registry document has this hash, `sha256:` included.
    #[must_use]
    pub fn of_registry_hash(hash: &str) -> Option<Self> {
        let mut all = Self::SUPPORTED.iter().copied();
        all.find(|version| [version.registry_hash(), version.own_registry_hash()].contains(&hash))
    }
}

impl fmt::Display for EnvelopeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pchain_10_the_allow_list_is_a_table_and_reads_back() {
        assert_eq!(EnvelopeVersion::SUPPORTED, [EnvelopeVersion::V0]);
        for version in EnvelopeVersion::SUPPORTED {
            assert_eq!(EnvelopeVersion::parse(version.as_str()), Some(*version));
            for hash in [version.registry_hash(), version.own_registry_hash()] {
                assert!(Sha256Digest::from_prefixed(hash).is_some());
                assert_eq!(EnvelopeVersion::of_registry_hash(hash), Some(*version));
            }
        }
    }

    #[test]
    fn pchain_06_only_registered_texts_are_versions() {
        for text in
            ["", "v0", "authority-envelope.v00", "authority-envelope.v1", " authority-envelope.v0"]
        {
            assert_eq!(EnvelopeVersion::parse(text), None, "{text}");
        }
        let upper = EnvelopeVersion::V0.registry_hash().to_uppercase();
        assert_eq!(EnvelopeVersion::of_registry_hash(&upper), None);
        assert_eq!(EnvelopeVersion::of_registry_bytes(b"{}"), None);
    }
}
