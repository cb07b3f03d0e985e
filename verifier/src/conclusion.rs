// SPDX-License-Identifier: Apache-2.0

//! The conclusion: how a run ends, what the pack requires, what was not looked at.

use permit_claims::{Claim, ClaimReport, NotChecked, Outcome, Verdict};
use permit_failure_codes::ReasonClass;
use permit_pins::{Resolution, enforce_required};
use permit_types::{Finding, Severity};

use crate::{options::Layers, payload::PayloadFacts, run::Run};

impl Run<'_> {
    /// Whether a claim that was asked for fails the run. Evidence without any entry or closure
    /// proves nothing, but nothing is wrong with it either; a bundle that cannot have any fails.
    pub(crate) fn fails(&self, claim: &ClaimReport) -> bool {
        let empty = matches!(
            claim.reason.class(),
            Some(ReasonClass::WalkNoEvaluableSubjects | ReasonClass::ClosureNoEvaluableSubjects)
        );
        match claim.verdict {
            Verdict::Supported => false,
            Verdict::Disproved => true,
            _ => claim.required && (self.options.strict || !empty),
        }
    }

    /// Draws the conclusion from everything that is in the report.
    pub(crate) fn conclude(&mut self, facts: Option<&PayloadFacts>) {
        let semantics = self.semantics.take();
        self.conclude_with(semantics.as_ref().map(permit_pins::Semantics::resolution));
        self.semantics = semantics;
        self.report.does_not_prove.splice(..0, DOES_NOT_PROVE);
        if self.is_pinned() {
            self.report.does_not_prove.push(REQUESTS_NOT_SIGNED);
        }
        self.list_not_checked(facts);
    }

    /// The same for evidence that is no export.
    pub(crate) fn conclude_with(&mut self, resolution: Option<&Resolution>) {
        failures_first(&mut self.report.findings);
        let counts =
            |finding: &Finding| self.options.strict || finding.severity == Severity::Failure;
        let first_finding = self.report.findings.iter().find(|finding| counts(finding));
        let failed_claim = self.report.claims.iter().find(|claim| self.fails(claim));
        let failed = first_finding.is_some_and(|f| f.severity == Severity::Failure)
            || failed_claim
                .is_some_and(|claim| claim.reason.class() != Some(ReasonClass::BudgetExceeded));
        let strictly = first_finding.is_some();
        self.report.error = first_finding
            .map(|finding| finding.summary.clone())
            .or_else(|| failed_claim.map(|claim| claim.message.clone()));
        self.report.outcome = if failed {
            Outcome::NotVerified
        } else if self.limit {
            Outcome::CouldNotJudge
        } else if strictly {
            Outcome::NotVerified
        } else {
            Outcome::Verified
        };
        if self.report.outcome == Outcome::CouldNotJudge && self.report.error.is_none() {
            let limit = self.report.findings.first().map(|finding| finding.summary.clone());
            self.report.error = limit;
        }
        if let Some(resolution) = resolution {
            self.enforce(resolution);
        }
    }

    /// Holds the claims against what the pack requires.
    fn enforce(&mut self, resolution: &Resolution) {
        let claims = std::mem::take(&mut self.report.claims);
        let enforced = enforce_required(resolution, &self.names.manifest, claims);
        let error = self.report.error.take();
        let (outcome, error) = enforced.settle(self.report.outcome, error);
        (self.report.outcome, self.report.error) = (outcome, error);
        let first = self.report.findings.first();
        let cause = first.filter(|first| first.severity == Severity::Failure).map(|_| 0);
        let failures =
            self.report.findings.iter().filter(|f| f.severity == Severity::Failure).count();
        let repeated = enforced.findings.into_iter().map(|mut finding| {
            finding.because = cause;
            finding
        });
        // Behind the failures and before the notices, which no other finding names as its cause.
        self.report.findings.splice(failures..failures, repeated);
        self.report.claims = enforced.claims;
        for claim in &mut self.report.claims {
            claim.semantics = resolution.semantics_for(claim.claim);
        }
    }

    fn list_not_checked(&mut self, facts: Option<&PayloadFacts>) {
        let Layers { walk_events, verify_closure } = self.layers;
        for claim in Claim::ALL {
            let judged = self.report.claim(*claim).is_some()
                || self.report.also_judged.iter().any(|also| also.claim == *claim);
            if judged {
                continue;
            }
            let because = match claim {
                _ if facts.is_none() => "the export's integrity is not shown",
                Claim::ChainContinuity if !walk_events => "--walk-events was not given",
                Claim::ClosureSignature | Claim::ClosureDigests | Claim::ClosureDispatch
                    if !verify_closure =>
                {
                    "--verify-closure was not given"
                }
                Claim::ClosureDigests | Claim::ClosureDispatch => {
                    "no closure has such a digest, or a claim before it failed"
                }
                Claim::ExportScopeIdentity => "the manifest says nothing to identify the export",
                Claim::DelegationDenied => "it is judged by `permit-verify claim`",
                Claim::CheckpointHash | Claim::CheckpointSignature | Claim::CheckpointTsa => {
                    "it is judged by `permit-verify checkpoint`"
                }
                Claim::DispatchAbsence => "only a pack that requests it is judged on it",
                _ => "the export carries no evidence of it, or a claim before it failed",
            };
            self.report.not_checked.push(NotChecked { claim: *claim, because });
        }
    }
}

/// Puts what fails the evidence first, in order; causes keep being named by their index.
fn failures_first(findings: &mut Vec<Finding>) {
    let (failures, others): (Vec<_>, Vec<_>) = core::mem::take(findings)
        .into_iter()
        .enumerate()
        .partition(|(_, finding)| finding.severity == Severity::Failure);
    let ordered: Vec<_> = failures.into_iter().chain(others).collect();
    let mut now_at = vec![None; ordered.len()];
    for (now, (before, _)) in ordered.iter().enumerate() {
        if let Some(place) = now_at.get_mut(*before) {
            *place = Some(now);
        }
    }
    findings.extend(ordered.into_iter().map(|(_, mut finding)| {
        finding.because = finding.because.and_then(|before| now_at.get(before).copied().flatten());
        finding
    }));
}

const DOES_NOT_PROVE: [&str; 6] = [
    "that entries outside the sequence numbers shown here exist or do not exist (CHAIN-19)",
    "that payloads of chain entries are what they were when the entries were made: record hashes do not cover them, only the signature over this file does (AMB-11)",
    "that a permit in a record is what it was when it was decided: no chain entry covers its members, only the signature over this file does",
    "that a response reached anybody: client digests cover what was handed to a writer (CLOSE-15)",
    "that the decisions were right, or that the policies were good ones",
    "that the issuer's keys were in the issuer's hands alone: that rests on the trust root",
];

const REQUESTS_NOT_SIGNED: &str = "that the issuer requested these claims by these semantics: the manifest's signature covers the export's hash alone, not claim_set and semantics_pins";
