// SPDX-License-Identifier: Apache-2.0

//! The body of a request: what is left out, what is hashed and what is sent.

use alloc::{collections::BTreeSet, string::String};

use crate::{
    digest::Sha256Digest,
    profile::{CanonicalError, HashedArtifact, Keep, Profile},
    value::Value,
};

/// The members that the wire-body profile leaves out.
///
/// ```text
/// name of a member -> lowercase -> only letters and digits -> in the list?
///   X-Request-ID, x_request_id, xRequestId  all become  xrequestid
/// ```
///
/// Letters and digits are those of Unicode, and objects are searched at every
/// depth, inside arrays too (AMB-53).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrippedKeys {
    /// Names that an issuer added, normalized.
    extension: BTreeSet<String>,
}

impl StrippedKeys {
    /// Metadata that changes from one attempt to the next: the volatile names, normalized.
    pub const VOLATILE: &[&str] = &VOLATILE;
    /// Secrets that must not influence what is hashed or leave with the body, normalized.
    pub const SENSITIVE: &[&str] = &SENSITIVE;

    /// The two lists of version 1 and nothing else. They are frozen (CANON-12).
    #[must_use]
    pub fn v1() -> Self {
        Self { extension: BTreeSet::new() }
    }

    /// The lists of version 1 and further volatile names of the issuer (CANON-09).
    ///
    /// An issuer documents its extension and applies it on both sides: where the
    /// body is hashed and where it is sent.
    #[must_use]
    pub fn with_extension<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        Self { extension: names.into_iter().map(normalized).collect() }
    }

    /// Whether a member of this name is left out.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        let name = normalized(name);
        VOLATILE.contains(&name.as_str())
            || SENSITIVE.contains(&name.as_str())
            || self.extension.contains(&name)
    }
}

impl Keep for StrippedKeys {
    fn keeps(&self, name: &str) -> bool {
        !self.contains(name)
    }
}

fn normalized(name: &str) -> String {
    let lowercase = name.chars().flat_map(char::to_lowercase);
    lowercase.filter(|character| character.is_alphanumeric()).collect()
}

/// A request body in the one form that is both hashed and sent (CANON-11).
///
/// The text and its digest come into being together and cannot be changed, so
/// that what is dispatched is what was approved.
///
/// ```
/// use permit_canonical_json::{Budget, WireBody, read};
///
/// let request = br#"{"model": "m", "X-Request-Id": "7", "messages": []}"#;
/// let body = WireBody::new(&read(request, &Budget::default())?)?;
/// assert_eq!(body.text(), r#"{"messages":[],"model":"m"}"#);
/// assert_eq!(body.digest(), permit_canonical_json::Sha256Digest::of(body.text().as_bytes()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireBody {
    text: String,
    digest: Sha256Digest,
}

impl WireBody {
    /// Canonicalizes a request body with the lists of version 1.
    ///
    /// # Errors
    /// If a number has no canonical form.
    pub fn new(request: &Value<'_>) -> Result<Self, CanonicalError> {
        Self::with_profile(request, &HashedArtifact::WireBodyV1.profile())
    }

    /// Canonicalizes a request body with an issuer's extended list.
    ///
    /// # Errors
    /// If a number has no canonical form.
    pub fn with_keys(request: &Value<'_>, keys: StrippedKeys) -> Result<Self, CanonicalError> {
        Self::with_profile(request, &Profile::WireBody(keys))
    }

    fn with_profile(request: &Value<'_>, profile: &Profile) -> Result<Self, CanonicalError> {
        let text = profile.to_text(request)?;
        let digest = Sha256Digest::of(text.as_bytes());
        Ok(Self { text, digest })
    }

    /// What is sent, byte for byte.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The `binding_request_hash`: SHA-256 of what is sent.
    #[must_use]
    pub fn digest(&self) -> Sha256Digest {
        self.digest
    }
}

/// Metadata that changes from one attempt to the next.
const VOLATILE: [&str; 9] = [
    "requestid",
    "traceid",
    "spanid",
    "idempotencykey",
    "keelrequestid",
    "xrequestid",
    "xkeeltimestamp",
    "timestamp",
    "keelidempotencykey",
];

/// Secrets that must not influence what is hashed or leave with the body.
const SENSITIVE: [&str; 7] = [
    "authorization",
    "apikey",
    "xapikey",
    "openaiapikey",
    "anthropicapikey",
    "xgoogapikey",
    "proxyauthorization",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canon_07_08_every_spelling_of_every_name_is_stripped() {
        let keys = StrippedKeys::v1();
        for name in VOLATILE.into_iter().chain(SENSITIVE) {
            assert!(keys.contains(name), "{name}");
            assert!(keys.contains(&name.to_uppercase()), "{name}");
            let dashed: String = name.chars().flat_map(|c| [c, '-']).collect();
            assert!(keys.contains(&dashed), "{dashed}");
        }
        for spelling in ["X-Request-ID", "x_request_id", "xRequestId", "API Key", "api.key"] {
            assert!(keys.contains(spelling), "{spelling}");
        }
        for other in ["request", "timestamps", "keys", "", "---", "requestıd", "timestampé"] {
            assert!(!keys.contains(other), "{other}");
        }
    }

    #[test]
    fn canon_09_an_extension_adds_and_never_removes() {
        let keys = StrippedKeys::with_extension(["X-Acme-Attempt"]);
        assert!(keys.contains("x_acme_attempt"));
        assert!(keys.contains("timestamp"));
        assert!(!StrippedKeys::v1().contains("x_acme_attempt"));
    }
}
