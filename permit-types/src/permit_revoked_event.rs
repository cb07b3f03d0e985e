// SPDX-License-Identifier: Apache-2.0

//! The signed revocation of a permit.

use serde::{Deserialize, Serialize};

use crate::{
    ActorId, BareSignatureText, PermitId, ProjectId, Rfc3339, text::text_newtypes, word::words,
};

words! {
    /// What kind of actor revoked a permit.
    ActorKind {
        /// A person.
        User = "user",
        /// An account of a service.
        ServiceAccount = "service_account",
        /// The issuer itself.
        System = "system",
        /// A key of the API.
        ApiKey = "api_key",
    }
}

text_newtypes! {
    /// Why a permit was revoked: a code, never free text (REVOKE-09).
    RevocationReasonCode:
        "1 to 128 characters: words of lowercase letters, digits and `_`, joined by dots",
        |text| {
            let is_word = |word: &str| {
                !word.is_empty()
                    && word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
            };
            text.len() <= 128
                && text.starts_with(|first: char| first.is_ascii_lowercase())
                && text.split('.').all(is_word)
        },
        {
            "type": "string",
            "minLength": 1,
            "maxLength": 128,
            "pattern": r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$"
        };
}

/// A signed revocation. Closed; all members are required (REVOKE-01).
///
/// ```text
/// effective_at = revoked_at              REVOKE-02
/// actor_id is opaque                     REVOKE-04
/// signature without a prefix             AMB-08
/// actor_kind unknown: unverifiable       AMB-51, look before reading the type
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PermitRevokedEvent {
    /// The permit that is revoked.
    pub permit_id: PermitId,
    /// Its project.
    pub project_id: ProjectId,
    /// Who revoked it.
    pub actor_id: ActorId,
    /// What kind of actor that is.
    pub actor_kind: ActorKind,
    /// Why.
    pub reason_code: RevocationReasonCode,
    /// When it was revoked.
    pub revoked_at: Rfc3339,
    /// From when on it counts.
    pub effective_at: Rfc3339,
    /// The signature over the hash of everything else.
    pub signature: BareSignatureText,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revoke_09_reasons_are_codes() {
        for good in ["a", "operator.request", "a1_.9.x_", &"x".repeat(128)] {
            assert!(RevocationReasonCode::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "A",
            "1a",
            "_a",
            "a b",
            "a-b",
            "é",
            "a\n",
            &"x".repeat(129),
        ] {
            assert!(RevocationReasonCode::parse(bad).is_none(), "{bad}");
        }
    }
}
