// SPDX-License-Identifier: Apache-2.0

//! What a pack requires, and whether the run delivered it.

use permit_claims::{Claim, ClaimReport, Outcome, Subject, Verdict, aggregate};
use permit_failure_codes::ReasonClass;
use permit_types::Finding;

use crate::semantics::{RequestedClaim, Resolution};

/// Reports that are brought in line with what the pack requests.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Enforcement {
    /// The claims, each once: those that were judged, then those that were required and were not.
    pub claims: Vec<ClaimReport>,
    /// One for each claim that was required and not judged. In a run that ended early they only
    /// repeat what ended it.
    pub findings: Vec<Finding>,
    /// The required claims that are not supported, by name.
    missed: Vec<Claim>,
}

impl Enforcement {
    /// The required claims that are not supported, by name.
    #[must_use]
    pub fn missed(&self) -> &[Claim] {
        &self.missed
    }

    /// The error of a run in which nothing else went wrong.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        if self.missed.is_empty() {
            return None;
        }
        let names: Vec<_> = self.missed.iter().map(|claim| claim.as_str()).collect();
        Some(format!("required claims not supported: {}", names.join(", ")))
    }

    /// How a run ends that would have ended with this outcome and error.
    ///
    /// A required claim that is not supported fails the run. It never makes a run better, and an
    /// error that was there before stays.
    #[must_use]
    pub fn settle(&self, outcome: Outcome, error: Option<String>) -> (Outcome, Option<String>) {
        let outcome = match outcome {
            Outcome::Verified if !self.missed.is_empty() => Outcome::NotVerified,
            other => other,
        };
        (outcome, error.or_else(|| self.error()))
    }
}

/// Merges what is said about one claim, applies the flags that the pack requests, and adds the
/// claims that the pack requires and nobody judged (PIN-08).
///
/// `document_name` is what the caller calls the document that makes the requests. In a pack
/// without pins only the merging is left, since nothing is requested.
///
/// Flags decide how the run ends and nothing else: no verdict depends on them.
///
/// ```
/// use permit_claims::{Claim, Outcome};
/// use permit_pins::{NoPackFiles, PackDocument, Pin, PinWriter, RequestedClaim, enforce_required, resolve};
///
/// let requests = [RequestedClaim::new(Claim::ExportIntegrity, true)];
/// let mut manifest = permit_canonical_json::Object::default();
/// PinWriter::for_claims(requests, Pin::hash_only).write()?.insert_into(&mut manifest);
/// let semantics = resolve(PackDocument::ExportManifest, &manifest.into(), &NoPackFiles).unwrap();
///
/// let enforced = enforce_required(semantics.resolution(), "manifest.json", Vec::new());
/// assert_eq!(enforced.claims[0].reason.as_str(), "REQUIRED_CLAIM_NOT_ADJUDICATED");
/// assert_eq!(enforced.settle(Outcome::Verified, None).0, Outcome::NotVerified);
/// # Ok::<(), permit_pins::PinWriteError>(())
/// ```
#[must_use]
pub fn enforce_required(
    resolution: &Resolution,
    document_name: &str,
    reports: Vec<ClaimReport>,
) -> Enforcement {
    let mut claims = merge(reports);
    let mut findings = Vec::new();
    let mut missed = Vec::new();
    for request in resolution.requested() {
        let judged = claims.iter_mut().find(|report| report.claim == request.claim);
        let supported = judged.is_some_and(|report| {
            report.required = request.required;
            report.is_supported()
        });
        if !request.required || supported {
            continue;
        }
        missed.push(request.claim);
        if !claims.iter().any(|report| report.claim == request.claim) {
            claims.push(not_adjudicated(resolution, document_name, request.claim));
            findings.push(not_adjudicated_finding(resolution, *request));
        }
    }
    missed.sort_by_key(|claim| claim.as_str());
    Enforcement { claims, findings, missed }
}

/// One report a claim, in the order in which the claims first appear.
fn merge(reports: Vec<ClaimReport>) -> Vec<ClaimReport> {
    let mut merged: Vec<Merged> = Vec::new();
    for report in reports {
        match merged.iter_mut().find(|known| known.whole.claim == report.claim) {
            Some(known) => known.add(report),
            None => merged.push(Merged { whole: report, others: Vec::new() }),
        }
    }
    merged.into_iter().map(Merged::finish).collect()
}

/// The reports about one claim.
struct Merged {
    whole: ClaimReport,
    /// Verdict, reason and message of the reports behind the first.
    others: Vec<ClaimReport>,
}

impl Merged {
    fn add(&mut self, mut report: ClaimReport) {
        self.whole.required |= report.required;
        if self.whole.semantics.is_empty() {
            self.whole.semantics = std::mem::take(&mut report.semantics);
        }
        self.whole.subjects.append(&mut report.subjects);
        self.whole.evidence.append(&mut report.evidence);
        self.others.push(report);
    }

    /// The whole. Its verdict is the worst of its subjects, and its reason that of the part which
    /// is as bad, so that a claim that is not supported never gives a reason why it is.
    fn finish(self) -> ClaimReport {
        let Self { mut whole, others } = self;
        if others.is_empty() {
            return whole;
        }
        let verdict = aggregate(whole.subjects.iter().map(|subject| subject.verdict));
        if whole.verdict != verdict {
            let part = others.into_iter().find(|part| part.verdict == verdict);
            let said = part.map(|part| (part.reason, part.message)).or_else(|| {
                let subject = whole.subjects.iter().find(|subject| subject.verdict == verdict)?;
                Some((subject.reason, subject.message.clone()))
            });
            if let Some((reason, message)) = said {
                whole.reason = reason;
                whole.message = message;
            }
        }
        whole.verdict = verdict;
        whole
    }
}

fn not_adjudicated(resolution: &Resolution, document_name: &str, claim: Claim) -> ClaimReport {
    let evidence = [resolution.document().claim_set_evidence()];
    let reason = ReasonClass::RequiredClaimNotAdjudicated;
    let subject = Subject::new(
        "claim_set_requirement",
        Some(document_name.to_owned()),
        Verdict::InsufficientEvidence,
        reason,
        NOT_ADJUDICATED,
    );
    let subjects = vec![subject.evidence(evidence)];
    let mut report = ClaimReport::new(claim, true, subjects, reason, NOT_ADJUDICATED);
    report.semantics = resolution.semantics_for(claim);
    report.evidence(evidence)
}

fn not_adjudicated_finding(resolution: &Resolution, request: RequestedClaim) -> Finding {
    let at = request.location(resolution.document());
    let summary = format!("`{}` is required and was not judged", request.claim);
    Finding::failure(ReasonClass::RequiredClaimNotAdjudicated, at, summary)
        .rule("PIN-08")
        .detail("claim", request.claim.as_str())
}

const NOT_ADJUDICATED: &str = "the pack requires this claim, and nothing in this run judged it";
