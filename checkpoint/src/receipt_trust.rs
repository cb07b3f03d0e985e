// SPDX-License-Identifier: Apache-2.0

//! What is said about a receipt itself: whether a trusted authority made it, and when.

use permit_canonical_json::Sha256Digest;
use permit_failure_codes::ReasonClass;
use permit_types::{Finding, Instant, Location};

use crate::{tsa_problem::TsaProblem, tsa_receipt::TsaReceipt};

/// Whether a receipt is one of a trusted authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TsaTrustStatus {
    /// A trusted authority made it.
    Valid,
    /// That is not shown.
    Invalid,
    /// Nobody asked.
    Skipped,
}

impl TsaTrustStatus {
    /// The word that reports use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Skipped => "skipped",
        }
    }
}

/// What is said about one receipt.
///
/// Each of the four answers is about one thing and `false` unless that was shown; they are absent
/// if nobody asked. The status is `valid` only if all are true and nothing else is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptTrust {
    pub(crate) label: String,
    pub(crate) provider: String,
    pub(crate) location: Location,
    pub(crate) answers: Option<Answers>,
    pub(crate) outcome: Result<VerifiedStamp, TsaProblem>,
}

/// What was shown on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) imprint_match: bool,
    pub(crate) cms_signature_valid: bool,
    pub(crate) certificate_chain_valid: bool,
    /// None as long as there is no certificate to look at.
    pub(crate) eku_valid: Option<bool>,
}

impl ReceiptTrust {
    /// What is said about a receipt that nobody asked about.
    #[must_use]
    pub fn skipped(receipt: &TsaReceipt<'_>) -> Self {
        Self::new(receipt, None, Err(TsaProblem::NotAsked))
    }

    pub(crate) fn new(
        receipt: &TsaReceipt<'_>,
        answers: Option<Answers>,
        outcome: Result<VerifiedStamp, TsaProblem>,
    ) -> Self {
        let provider = receipt.provider().filter(|name| !name.is_empty()).unwrap_or("unknown");
        Self {
            label: receipt.label(),
            provider: provider.to_owned(),
            location: receipt.location(),
            answers,
            outcome,
        }
    }

    /// What reports call the receipt.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Who made it, as the checkpoint says; `unknown` if it does not say so.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// Whether a trusted authority made it.
    #[must_use]
    pub fn status(&self) -> TsaTrustStatus {
        match (&self.answers, &self.outcome) {
            (None, _) => TsaTrustStatus::Skipped,
            (Some(_), Ok(_)) => TsaTrustStatus::Valid,
            (Some(_), Err(_)) => TsaTrustStatus::Invalid,
        }
    }

    /// Whether it stamps the composite hash, as a SHA-256 digest.
    #[must_use]
    pub fn imprint_match(&self) -> Option<bool> {
        self.answers.map(|answers| answers.imprint_match)
    }

    /// Whether its signer signed it: attributes, digest of the content, signature.
    #[must_use]
    pub fn cms_signature_valid(&self) -> Option<bool> {
        self.answers.map(|answers| answers.cms_signature_valid)
    }

    /// Whether its signer's certificate leads to a root of the bundle, at the time of the stamp.
    #[must_use]
    pub fn certificate_chain_valid(&self) -> Option<bool> {
        self.answers.map(|answers| answers.certificate_chain_valid)
    }

    /// Whether there was a certificate whose use could be looked at.
    #[must_use]
    pub fn eku_checked(&self) -> bool {
        self.eku_valid().is_some()
    }

    /// Whether its signer's certificate is for time stamping alone, and says so critically.
    #[must_use]
    pub fn eku_valid(&self) -> Option<bool> {
        self.answers.and_then(|answers| answers.eku_valid)
    }

    /// Why the receipt is not valid.
    #[must_use]
    pub fn problem(&self) -> Option<&TsaProblem> {
        self.outcome.as_ref().err()
    }

    /// What the authority states, if it is shown to be the authority that states it.
    #[must_use]
    pub fn stamp(&self) -> Option<&VerifiedStamp> {
        self.outcome.as_ref().ok()
    }

    /// What is wrong, for the report: a failure of the run, since the caller asked (trap 16 of the
    /// reference, which goes on saying that all is well). None if the receipt is valid or nobody asked.
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        let problem = self.problem().filter(|_| self.status() == TsaTrustStatus::Invalid)?;
        let summary = format!("time-stamp receipt of {}: {problem}", self.label);
        let finding = if problem.is_limit() {
            Finding::notice(ReasonClass::BudgetExceeded, self.location.clone(), summary)
        } else {
            Finding::failure(ReasonClass::VerificationFailed, self.location.clone(), summary)
        };
        Some(finding.rule("SEM-03").detail("receipt", &self.label).help(problem.help()))
    }
}

/// What a trusted time-stamp authority states. Made only of a token whose signature, certificates
/// and imprint were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedStamp {
    pub(crate) gen_time: Instant,
    pub(crate) accuracy_micros: Option<u64>,
    pub(crate) policy: Box<str>,
    pub(crate) serial: Box<str>,
    pub(crate) nonce: Option<Box<str>>,
    pub(crate) signer: Box<str>,
    pub(crate) signer_certificate: Sha256Digest,
    pub(crate) root: Box<str>,
    pub(crate) root_certificate: Sha256Digest,
    pub(crate) path_length: usize,
}

impl VerifiedStamp {
    /// When the composite hash existed: the time of the authority's clock (`genTime`).
    #[must_use]
    pub fn gen_time(&self) -> Instant {
        self.gen_time
    }

    /// How much the time may be off, in microseconds, if the authority says so.
    #[must_use]
    pub fn accuracy_micros(&self) -> Option<u64> {
        self.accuracy_micros
    }

    /// The policy that the authority stamps under, an object identifier.
    #[must_use]
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// The number that the authority gave the stamp, in hexadecimal digits.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// What the issuer sent along so that no old answer could be given, in hexadecimal digits.
    #[must_use]
    pub fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    /// Whose certificate signed, a distinguished name.
    #[must_use]
    pub fn signer(&self) -> &str {
        &self.signer
    }

    /// The SHA-256 digest of that certificate.
    #[must_use]
    pub fn signer_certificate(&self) -> Sha256Digest {
        self.signer_certificate
    }

    /// The root of the bundle that it leads to, a distinguished name.
    #[must_use]
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The SHA-256 digest of that root's certificate.
    #[must_use]
    pub fn root_certificate(&self) -> Sha256Digest {
        self.root_certificate
    }

    /// Number of certificates from the signer to the root, both included.
    #[must_use]
    pub fn path_length(&self) -> usize {
        self.path_length
    }
}
