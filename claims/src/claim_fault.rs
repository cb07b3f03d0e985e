// SPDX-License-Identifier: Apache-2.0

//! Why a claim is not supported, as the layers below the verdict tell it.

use permit_failure_codes::{Reason, VerdictWord as Verdict};
use permit_types::Finding;

/// The three verdicts that are no pass. A layer that looks at evidence cannot say `supported`:
/// it hands over a proof instead, and the verdict is built of it in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unsupported {
    /// Something that is required is absent or does not resolve (CLAIM-02).
    InsufficientEvidence,
    /// What is asked for is outside of what may be adjudicated here (CLAIM-03).
    UnverifiableScope,
    /// The evidence contradicts the claim (CLAIM-04).
    Disproved,
}

impl From<Unsupported> for Verdict {
    fn from(unsupported: Unsupported) -> Self {
        match unsupported {
            Unsupported::InsufficientEvidence => Self::InsufficientEvidence,
            Unsupported::UnverifiableScope => Self::UnverifiableScope,
            Unsupported::Disproved => Self::Disproved,
        }
    }
}

/// Why a claim, or one of its subjects, is not supported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimFault {
    /// The verdict.
    pub verdict: Unsupported,
    /// What is wrong, where, and what to do. Its reason is that of the claim.
    pub finding: Box<Finding>,
    /// What was looked at, in the words of reports (`export.chain_entries`, `trust_root`, …).
    pub evidence: Vec<String>,
}

impl ClaimFault {
    /// A fault without evidence named.
    #[must_use]
    pub fn new(verdict: Unsupported, finding: Finding) -> Self {
        Self { verdict, finding: Box::new(finding), evidence: Vec::new() }
    }

    /// Names what was looked at.
    #[must_use]
    pub fn evidence<E: Into<String>>(mut self, evidence: impl IntoIterator<Item = E>) -> Self {
        self.evidence = evidence.into_iter().map(Into::into).collect();
        self
    }

    /// The word that reports use.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.finding.reason
    }

    /// The same in a sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.finding.summary
    }
}
