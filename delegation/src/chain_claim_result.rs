// SPDX-License-Identifier: Apache-2.0

//! What is said about a claim of the Permit Chain profile.

use permit_canonical_json::{Object, Sha256Digest, Value};
use permit_claims::{ClaimFault, Verdict};

use crate::{
    chain_claim::{ChainClaimType, ClaimScope},
    correct_denial::CorrectDenial,
    delegation_denied::supported_versions,
    revocation_status::RevocationStatus,
};

/// Something that was found to hold, in the order that results list it (AMB-22).
///
/// The order they are looked at is another one: the version comes before the comparator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChainCheck {
    /// `claim_scope_within_export_scope`
    ScopeWithinExport,
    /// `export_signature_valid`
    SignatureValid,
    /// `hash_chain_integrity`
    HashChainIntegrity,
    /// `comparator_registry_resolved`
    ComparatorResolved,
    /// `envelope_version_supported`
    VersionSupported,
    /// `envelope_subset_check_passed`
    SubsetPassed,
    /// `expiry_constraint_check_passed`
    ExpiryPassed,
    /// `envelope_consistency_check_passed`
    ConsistencyPassed,
    /// `lineage_complete_to_root`: our word
    CompleteToRoot,
    /// `execution_receipt_present`
    ReceiptPresent,
    /// `execution_receipt_matches_lineage`: our word
    ReceiptMatches,
    /// `execution_within_authority`: our word
    WithinAuthority,
    /// `revocation_completeness_through_decision_time`
    RevocationComplete,
    /// `resolved_policy_bundle_for_policy_hash`
    PolicyResolved,
    /// `usage_limit_states_resolved`: our word
    UsageResolved,
}

impl ChainCheck {
    /// The name in results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ScopeWithinExport => "claim_scope_within_export_scope",
            Self::SignatureValid => "export_signature_valid",
            Self::HashChainIntegrity => "hash_chain_integrity",
            Self::ComparatorResolved => "comparator_registry_resolved",
            Self::VersionSupported => "envelope_version_supported",
            Self::SubsetPassed => "envelope_subset_check_passed",
            Self::ExpiryPassed => "expiry_constraint_check_passed",
            Self::ConsistencyPassed => "envelope_consistency_check_passed",
            Self::CompleteToRoot => "lineage_complete_to_root",
            Self::ReceiptPresent => "execution_receipt_present",
            Self::ReceiptMatches => "execution_receipt_matches_lineage",
            Self::WithinAuthority => "execution_within_authority",
            Self::RevocationComplete => "revocation_completeness_through_decision_time",
            Self::PolicyResolved => "resolved_policy_bundle_for_policy_hash",
            Self::UsageResolved => "usage_limit_states_resolved",
        }
    }
}

/// Proof of a claim of the Permit Chain profile. Only this crate makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChainProof {
    /// The pack is what was signed, and its chain is unbroken.
    Integrity {
        /// Number of entries that were walked.
        entries: u64,
    },
    /// The lineage holds.
    Lineage(LineageProof),
    /// The execution was authorized.
    Execution {
        /// The lineage of the executed permit.
        lineage: LineageProof,
        /// The execution.
        execution_id: String,
    },
    /// The denial was right.
    Denial(CorrectDenial),
}

/// Proof that a lineage holds, as far as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineageProof {
    pub(crate) permit_ids: Vec<String>,
    pub(crate) envelope_hashes: Vec<Sha256Digest>,
    pub(crate) rooted: bool,
}

impl LineageProof {
    /// The permits, from the topmost that is in the pack down to the one in question.
    #[must_use]
    pub fn permit_ids(&self) -> &[String] {
        &self.permit_ids
    }

    /// The hashes of their envelopes, in the same order (PCHAIN-26).
    #[must_use]
    pub fn envelope_hashes(&self) -> &[Sha256Digest] {
        &self.envelope_hashes
    }

    /// Whether the topmost has no parent. If not, nothing is said about what it was allowed.
    #[must_use]
    pub fn is_rooted(&self) -> bool {
        self.rooted
    }
}

/// What is said about one claim. Its status is that of the proof or the fault inside.
#[derive(Clone, Debug)]
pub struct ChainClaimResult {
    pub(crate) claim_type: String,
    pub(crate) scope: ClaimScope,
    pub(crate) outcome: Result<ChainProof, Box<ClaimFault>>,
    pub(crate) checks: Vec<&'static str>,
    pub(crate) missing: Vec<String>,
    pub(crate) detail: Option<Value<'static>>,
    pub(crate) revocation: Option<RevocationStatus>,
}

impl ChainClaimResult {
    /// The verdict (PCHAIN-29).
    #[must_use]
    pub fn status(&self) -> Verdict {
        match &self.outcome {
            Ok(_) => Verdict::Supported,
            Err(fault) => fault.verdict.into(),
        }
    }

    /// The claim; nothing if the pack asks for one that is not known here.
    #[must_use]
    pub fn claim_type(&self) -> Option<ChainClaimType> {
        ChainClaimType::parse(&self.claim_type)
    }

    /// What the claim is about.
    #[must_use]
    pub fn scope(&self) -> &ClaimScope {
        &self.scope
    }

    /// The proof, or why there is none.
    ///
    /// # Errors
    /// The fault.
    pub fn outcome(&self) -> Result<&ChainProof, &ClaimFault> {
        self.outcome.as_ref().map_err(Box::as_ref)
    }

    /// What was found to hold.
    #[must_use]
    pub fn supported_checks(&self) -> &[&'static str] {
        &self.checks
    }

    /// What is absent; not empty if the status is `insufficient_evidence` (PCHAIN-30).
    #[must_use]
    pub fn missing_requirements(&self) -> &[String] {
        &self.missing
    }

    /// What is known about revocations, if that was asked (PCHAIN-32).
    #[must_use]
    pub fn revocation_status(&self) -> Option<RevocationStatus> {
        self.revocation
    }

    /// The result as packs expect it, the same for the same evidence to the byte (PCHAIN-34).
    ///
    /// `failure_code` is a word of the taxonomy; where it has none, `reason_code` says why (AMB-19).
    #[must_use]
    pub fn to_json(&self, verifier_version: &str) -> Value<'static> {
        let mut object = Object::default();
        object.insert("claim_type", self.claim_type.clone());
        object.insert("claim_scope", self.scope.to_value());
        object.insert("status", self.status().as_str());
        if let Err(fault) = &self.outcome {
            match fault.finding.code() {
                Some(code) => object.insert("failure_code", code.as_str()),
                None => object.insert("reason_code", fault.reason().as_str()),
            }
            object.insert("message", fault.message().to_owned());
        }
        if let Some(detail) = &self.detail {
            object.insert("failure_detail", detail.clone());
        }
        object.insert("supported_checks", Value::array(self.checks.iter().copied()));
        object.insert("missing_requirements", Value::array(self.missing.iter().cloned()));
        if let Some(status) = self.revocation {
            object.insert("revocation_status", status.as_str());
        }
        object.insert("verifier_version", verifier_version.to_owned());
        object.insert("supported_envelope_versions", Value::array(supported_versions()));
        object.into()
    }
}
