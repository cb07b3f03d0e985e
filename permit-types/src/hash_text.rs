// SPDX-License-Identifier: Apache-2.0

//! Hashes as the objects name them.
//!
//! ```text
//! Sha256Digest   64 lowercase hexadecimal digits   digests of requests, responses, closures
//! RecordHash     64 lowercase hexadecimal digits   record hashes, which link a chain
//! ContentHash    sha256:<the same>                 manifests, scope states, segments
//! ```

use alloc::string::String;
use core::fmt;

use permit_canonical_json::Sha256Digest;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The hash of a chain entry, or what stands before the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct RecordHash(
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema_marker::Hex64"))] Sha256Digest,
);

impl RecordHash {
    /// Reads 64 lowercase hexadecimal digits and nothing else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        Sha256Digest::from_hex(text).map(Self)
    }

    /// The digest.
    #[must_use]
    pub fn digest(self) -> Sha256Digest {
        self.0
    }
}

impl From<Sha256Digest> for RecordHash {
    fn from(digest: Sha256Digest) -> Self {
        Self(digest)
    }
}

impl fmt::Display for RecordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A digest that is written with `sha256:` before it.
///
/// ```
/// use permit_types::ContentHash;
///
/// let text = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// assert_eq!(ContentHash::parse(text).unwrap().to_string(), text);
/// assert!(ContentHash::parse(text.trim_start_matches("sha256:")).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(Sha256Digest);

impl ContentHash {
    /// Reads `sha256:` and 64 lowercase hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Sha256Digest::from_prefixed(text).map(Self)
    }

    /// The digest without its prefix.
    #[must_use]
    pub fn digest(self) -> Sha256Digest {
        self.0
    }
}

impl From<Sha256Digest> for ContentHash {
    fn from(digest: Sha256Digest) -> Self {
        Self(digest)
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.prefixed().fmt(f)
    }
}

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            crate::text::refused(&text, "`sha256:` and 64 lowercase hexadecimal characters")
        })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for ContentHash {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "ContentHash".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^sha256:[a-f0-9]{64}$" })
    }
}
