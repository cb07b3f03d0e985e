// SPDX-License-Identifier: Apache-2.0

//! What is said about one claim.

use permit_failure_codes::{Reason, VerdictWord as Verdict};

use crate::{claim::Claim, semantic_artifact::SemanticArtifact};

/// One thing that a claim was judged on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subject {
    /// What kind of thing.
    pub kind: &'static str,
    /// Which one.
    pub id: Option<String>,
    /// What holds of it.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// The same in a sentence.
    pub message: String,
    /// What it was judged by.
    pub evidence: Vec<String>,
}

impl Subject {
    /// A subject without evidence named.
    pub fn new(
        kind: &'static str,
        id: Option<String>,
        verdict: Verdict,
        reason: impl Into<Reason>,
        message: impl Into<String>,
    ) -> Self {
        let (reason, message) = (reason.into(), message.into());
        Self { kind, id, verdict, reason, message, evidence: Vec::new() }
    }

    /// Names what the subject was judged by.
    #[must_use]
    pub fn evidence<E: Into<String>>(mut self, evidence: impl IntoIterator<Item = E>) -> Self {
        self.evidence = evidence.into_iter().map(Into::into).collect();
        self
    }
}

/// What is said about one claim: a verdict, and on what it rests.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimReport {
    /// The claim.
    pub claim: Claim,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether the pack fails if this verdict is not `supported`.
    pub required: bool,
    /// Why.
    pub reason: Reason,
    /// The same in a sentence.
    pub message: String,
    /// What the claim was judged on.
    pub subjects: Vec<Subject>,
    /// What it was judged by, and the hashes that the pack names for it.
    pub semantics: Vec<(SemanticArtifact, Option<String>)>,
    /// The evidence.
    pub evidence: Vec<String>,
}

impl ClaimReport {
    /// A claim that was judged on these subjects: their verdicts add up to its own.
    pub fn new(
        claim: Claim,
        required: bool,
        subjects: Vec<Subject>,
        reason: impl Into<Reason>,
        message: impl Into<String>,
    ) -> Self {
        let verdict = aggregate(subjects.iter().map(|subject| subject.verdict));
        Self {
            claim,
            verdict,
            required,
            reason: reason.into(),
            message: message.into(),
            subjects,
            semantics: Vec::new(),
            evidence: Vec::new(),
        }
    }

    /// Names the evidence.
    #[must_use]
    pub fn evidence<E: Into<String>>(mut self, evidence: impl IntoIterator<Item = E>) -> Self {
        self.evidence = evidence.into_iter().map(Into::into).collect();
        self
    }

    /// Whether the verdict is `supported`.
    #[must_use]
    pub fn is_supported(&self) -> bool {
        self.verdict == Verdict::Supported
    }
}

/// The verdict of a whole from those of its parts: the worst of them, and nothing proves nothing.
///
/// ```
/// use permit_claims::{Verdict, aggregate};
///
/// assert_eq!(aggregate([Verdict::Supported, Verdict::Disproved]), Verdict::Disproved);
/// assert_eq!(aggregate([]), Verdict::InsufficientEvidence);
/// ```
#[must_use]
pub fn aggregate(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    let worst = verdicts.into_iter().max_by_key(|verdict| match verdict {
        Verdict::Supported => 0,
        Verdict::InsufficientEvidence => 1,
        Verdict::UnverifiableScope => 2,
        Verdict::Disproved => 3,
    });
    worst.unwrap_or(Verdict::InsufficientEvidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claim_04_verdicts_add_up_to_the_worst() {
        use Verdict::{
            Disproved as D, InsufficientEvidence as I, Supported as S, UnverifiableScope as U,
        };
        for (parts, whole) in
            [(vec![], I), (vec![S], S), (vec![S, I], I), (vec![I, U, S], U), (vec![U, D, I, S], D)]
        {
            assert_eq!(aggregate(parts.clone()), whole, "{parts:?}");
        }
    }
}
