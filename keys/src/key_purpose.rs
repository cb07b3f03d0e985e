// SPDX-License-Identifier: Apache-2.0

//! What a key is for.

use core::fmt;

/// What a key may sign (KEY-01).
///
/// ```text
/// export_signing           export manifest, workflow sibling
/// integrity_checkpoint     checkpoint; scope state, if it says so itself
/// permit_binding_signing   closure, permit decision, workflow declaration and amendment, revocation
/// scope_state              scope state
/// permit_v2_operator         slot `operator_approval` of permit format v2
/// permit_v2_buyer_principal  slots `counter_signature` and `audit_attestation`
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KeyPurpose {
    /// Signs what leaves the issuer as an export.
    ExportSigning,
    /// Signs checkpoints.
    IntegrityCheckpoint,
    /// Signs permits and what happens to them.
    PermitBindingSigning,
    /// Signs scope-state sidecars of checkpoints.
    ScopeState,
    /// The operator's key in a permit of format v2.
    PermitV2Operator,
    /// The buyer's key in a permit of format v2.
    PermitV2BuyerPrincipal,
}

impl KeyPurpose {
    /// All purposes.
    pub const ALL: &[Self] = &[
        Self::ExportSigning,
        Self::IntegrityCheckpoint,
        Self::PermitBindingSigning,
        Self::ScopeState,
        Self::PermitV2Operator,
        Self::PermitV2BuyerPrincipal,
    ];

    /// The word that key manifests use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ExportSigning => "export_signing",
            Self::IntegrityCheckpoint => "integrity_checkpoint",
            Self::PermitBindingSigning => "permit_binding_signing",
            Self::ScopeState => "scope_state",
            Self::PermitV2Operator => "permit_v2_operator",
            Self::PermitV2BuyerPrincipal => "permit_v2_buyer_principal",
        }
    }

    /// The purpose of this word, the older words for the slots of permit format v2 included.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|purpose| purpose.has_word(text))
    }

    /// Whether an entry with this `purpose` and `signer_role` has this purpose.
    ///
    /// In permit format v2 either member is enough, so that an entry may have two purposes.
    pub(crate) fn is_stated_by(self, purpose: Option<&str>, signer_role: Option<&str>) -> bool {
        purpose.is_some_and(|word| self.has_word(word))
            || signer_role.is_some_and(|role| self.signer_role() == Some(role))
    }

    fn has_word(self, word: &str) -> bool {
        match self {
            Self::PermitV2Operator => {
                matches!(word, "permit_v2_operator" | "operator" | "operator_approval")
            }
            Self::PermitV2BuyerPrincipal => matches!(
                word,
                "permit_v2_buyer_principal"
                    | "buyer_principal"
                    | "counter_signature"
                    | "audit_attestation"
            ),
            _ => word == self.as_str(),
        }
    }

    fn signer_role(self) -> Option<&'static str> {
        match self {
            Self::PermitV2Operator => Some("operator"),
            Self::PermitV2BuyerPrincipal => Some("buyer_principal"),
            _ => None,
        }
    }
}

impl fmt::Display for KeyPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_purposes() {
        for purpose in KeyPurpose::ALL {
            assert_eq!(KeyPurpose::parse(purpose.as_str()), Some(*purpose));
        }
        assert_eq!(KeyPurpose::parse("operator"), Some(KeyPurpose::PermitV2Operator));
        assert_eq!(
            KeyPurpose::parse("audit_attestation"),
            Some(KeyPurpose::PermitV2BuyerPrincipal)
        );
        for none in ["", "Export_signing", "export_signing ", "signing"] {
            assert_eq!(KeyPurpose::parse(none), None, "{none}");
        }
    }

    #[test]
    fn a_role_is_enough_for_the_slots_alone() {
        use KeyPurpose::{ExportSigning, PermitV2BuyerPrincipal, PermitV2Operator};
        let has = |purpose: KeyPurpose, word, role| purpose.is_stated_by(word, role);
        assert!(has(PermitV2Operator, Some("export_signing"), Some("operator")));
        assert!(has(ExportSigning, Some("export_signing"), Some("operator")));
        assert!(!has(PermitV2BuyerPrincipal, None, Some("operator")));
        assert!(!has(ExportSigning, None, Some("export_signing")));
    }
}
