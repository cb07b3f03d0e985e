// SPDX-License-Identifier: Apache-2.0

//! The signature slots of permit format v2.

use core::fmt;

use permit_claims::Claim;
use permit_failure_codes::{Reason, ReasonClass};
use permit_keys::{
    KeyPurpose, SignatureChecked, SignatureProblem, TrustedKey, verify_audit_attestation,
    verify_counter_signature, verify_operator_approval,
};

/// A slot of a permit of format v2: a second signature beside that of the issuer.
///
/// ```text
///                    payload names the signer as   and beside it            registry role
/// operator_approval  operator_id                   –                        operator
/// counter_signature  buyer_principal_id            execution_intent_hash    buyer_principal
/// audit_attestation  buyer_principal_id            batch_id                 buyer_principal
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// An operator of the issuer agreed to the permit.
    OperatorApproval,
    /// The buyer agreed to what was to be executed, before it was dispatched.
    CounterSignature,
    /// The buyer saw the permit in an audit batch, afterwards.
    AuditAttestation,
}

impl Slot {
    /// All slots.
    pub const ALL: &[Self] =
        &[Self::OperatorApproval, Self::CounterSignature, Self::AuditAttestation];

    /// The member of the permit that holds it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OperatorApproval => "operator_approval",
            Self::CounterSignature => "counter_signature",
            Self::AuditAttestation => "audit_attestation",
        }
    }

    /// What is claimed by it.
    #[must_use]
    pub const fn claim(self) -> Claim {
        match self {
            Self::OperatorApproval => Claim::OperatorApproved,
            Self::CounterSignature => Claim::CounterSigned,
            Self::AuditAttestation => Claim::AuditAttested,
        }
    }

    /// The slot that this claim is about.
    #[must_use]
    pub fn of_claim(claim: Claim) -> Option<Self> {
        Self::ALL.iter().copied().find(|slot| slot.claim() == claim)
    }

    /// What reports call the thing that is judged.
    #[must_use]
    pub const fn subject_kind(self) -> &'static str {
        match self {
            Self::OperatorApproval => "permit_operator_approval",
            Self::CounterSignature => "permit_counter_signature",
            Self::AuditAttestation => "permit_audit_attestation",
        }
    }

    /// The type that slot and payload state. It keeps a signature for one slot from being put
    /// into another.
    #[must_use]
    pub const fn payload_type(self) -> &'static str {
        match self {
            Self::OperatorApproval => "permit.operator_approval.v1",
            Self::CounterSignature => "permit.counter_signature.v1",
            Self::AuditAttestation => "permit.audit_attestation.v1",
        }
    }

    /// The member of the payload that names the signer.
    #[must_use]
    pub const fn signer_member(self) -> &'static str {
        match self {
            Self::OperatorApproval => "operator_id",
            Self::CounterSignature | Self::AuditAttestation => "buyer_principal_id",
        }
    }

    /// The member that only this slot and its payload have.
    #[must_use]
    pub const fn own_member(self) -> Option<&'static str> {
        match self {
            Self::OperatorApproval => None,
            Self::CounterSignature => Some("execution_intent_hash"),
            Self::AuditAttestation => Some("batch_id"),
        }
    }

    /// What the key has to be registered for.
    #[must_use]
    pub const fn purpose(self) -> KeyPurpose {
        match self {
            Self::OperatorApproval => KeyPurpose::PermitV2Operator,
            Self::CounterSignature | Self::AuditAttestation => KeyPurpose::PermitV2BuyerPrincipal,
        }
    }

    /// What reports say where the slot holds.
    #[must_use]
    pub fn supported(self) -> Reason {
        match self {
            Self::OperatorApproval => ReasonClass::PermitOperatorApprovalSupported.into(),
            Self::CounterSignature => ReasonClass::PermitCounterSignatureSupported.into(),
            Self::AuditAttestation => ReasonClass::PermitAuditAttestationSupported.into(),
        }
    }

    pub(crate) const fn invalid(self) -> ReasonClass {
        match self {
            Self::OperatorApproval => ReasonClass::PermitOperatorApprovalInvalid,
            Self::CounterSignature => ReasonClass::PermitCounterSignatureInvalid,
            Self::AuditAttestation => ReasonClass::PermitAuditAttestationInvalid,
        }
    }

    pub(crate) const fn key_not_trusted(self) -> ReasonClass {
        match self {
            Self::OperatorApproval => ReasonClass::PermitOperatorApprovalKeyNotTrusted,
            Self::CounterSignature => ReasonClass::PermitCounterSignatureKeyNotTrusted,
            Self::AuditAttestation => ReasonClass::PermitAuditAttestationKeyNotTrusted,
        }
    }

    pub(crate) const fn signer_mismatch(self) -> ReasonClass {
        match self {
            Self::OperatorApproval => ReasonClass::PermitOperatorApprovalSignerMismatch,
            Self::CounterSignature => ReasonClass::PermitCounterSignatureSignerMismatch,
            Self::AuditAttestation => ReasonClass::PermitAuditAttestationSignerMismatch,
        }
    }

    /// What it is called if the member that only this slot has differs.
    pub(crate) const fn own_mismatch(self) -> ReasonClass {
        match self {
            Self::OperatorApproval => ReasonClass::PermitOperatorApprovalInvalid,
            Self::CounterSignature => ReasonClass::PermitCounterSignatureIntentMismatch,
            Self::AuditAttestation => ReasonClass::PermitAuditAttestationBatchMismatch,
        }
    }

    pub(crate) fn verify(
        self,
        canonical: &[u8],
        signature: &str,
        key: &TrustedKey,
    ) -> Result<SignatureChecked, SignatureProblem> {
        match self {
            Self::OperatorApproval => verify_operator_approval(canonical, signature, key),
            Self::CounterSignature => verify_counter_signature(canonical, signature, key),
            Self::AuditAttestation => verify_audit_attestation(canonical, signature, key),
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
