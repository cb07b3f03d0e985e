// SPDX-License-Identifier: Apache-2.0

//! The chain and the closures of an export, and what its payload shows by itself.

use permit_claims::{ClaimReport, ScopeReport, Verdict};
use permit_closure::Aspect;
use permit_export_bundle::{PayloadForm, StructureFault, StructureFaultKind, Unreadable};
use permit_failure_codes::{Reason, ReasonClass};
use permit_types::{Artifact, Finding, Location, Severity};

use crate::{options::Layers, payload::PayloadFacts, run::Run, verdict};

impl Run<'_> {
    /// Judges the walk and the closures, as far as they were asked for, and tells everything that the
    /// payload shows by itself. In a run that has `ended`, claims do not count any more.
    pub(crate) fn judge_chain(&mut self, facts: &PayloadFacts, ended: bool) {
        self.take_inspected(facts);
        let Layers { walk_events, verify_closure } = self.layers;
        self.take_unreadable(facts);
        if let Some(unreadable) = &facts.end.unreadable {
            // What was seen up to there may look wrong for want of the rest.
            self.judge_nothing(unreadable);
            return;
        }
        let structure = self.take_structure(facts, walk_events || verify_closure);
        let structure = structure.as_ref();
        let mut ended = ended;
        if walk_events {
            let claim = self.judge_walk(facts, structure);
            let failed = self.fails(&claim);
            if !failed && claim.is_supported() {
                self.report.still_holds.push("chain entries and their links".to_owned());
            }
            self.count_unless(ended, vec![claim]);
            ended |= failed;
        }
        if verify_closure {
            let before = self.report.claims.len();
            self.judge_closures(facts, structure);
            let claims = self.report.claims.split_off(before);
            self.count_unless(ended, claims);
        }
    }

    fn count_unless(&mut self, ended: bool, claims: Vec<ClaimReport>) {
        if !ended {
            self.report.claims.extend(claims);
            return;
        }
        for claim in claims {
            self.also(claim.claim, claim.verdict, claim.reason);
        }
    }

    /// Of the claims from `before` on, keeps those that failed; the others were judged beside.
    pub(crate) fn keep_failed_claims(&mut self, before: usize) {
        let judged = self.report.claims.split_off(before);
        for claim in judged {
            if claim.is_supported() || !self.fails(&claim) {
                self.also(claim.claim, claim.verdict, claim.reason);
            } else {
                self.report.claims.push(claim);
            }
        }
    }

    /// The claims that were asked for, of an export that could not be read to its end.
    fn judge_nothing(&mut self, unreadable: &Unreadable) {
        let Layers { walk_events, verify_closure } = self.layers;
        let (verdict, reason) = if unreadable.is_limit() {
            (Verdict::InsufficientEvidence, ReasonClass::BudgetExceeded)
        } else {
            (Verdict::UnverifiableScope, ReasonClass::ExportStructureInvalid)
        };
        let message = format!("the export cannot be read: {unreadable}");
        if walk_events {
            let claim = verdict::continuity_not_shown(verdict, reason.into(), &message);
            self.report.claims.push(claim);
        }
        if verify_closure {
            let claim = verdict::closures_not_judged(verdict, reason.into(), &message);
            match walk_events {
                true => self.also(claim.claim, claim.verdict, claim.reason),
                false => self.report.claims.push(claim),
            }
        }
    }

    fn take_inspected(&mut self, facts: &PayloadFacts) {
        let seen = &mut self.report.inspected;
        seen.records = facts.end.records.unwrap_or(0);
        seen.permits = facts.permits_seen;
        seen.chain_entries = facts.walk.entries;
        seen.closures = facts.closures.closures;
        let scopes = facts.walk.scopes.iter().map(|scope| ScopeReport {
            chain_scope: scope.chain_scope.clone(),
            entries: scope.entries,
            numbers: scope.numbers,
            number_runs: scope.number_runs,
            segments: scope.segments,
        });
        self.report.scopes = scopes.collect();
        self.report.findings_left_out = facts.findings_left_out;
        if facts.forms_checked < facts.permits_seen {
            let (seen, all) = (facts.forms_checked, facts.permits_seen);
            let remark =
                format!("the form of {seen} of {all} permits was looked at; --strict looks at all");
            self.report.diagnostics.push(remark);
        }
    }

    fn take_unreadable(&mut self, facts: &PayloadFacts) {
        let Some(unreadable) = &facts.end.unreadable else { return };
        let at = Location::value(Artifact::Export, unreadable.pointer(), unreadable.range());
        let summary = format!("the export cannot be read: {unreadable}");
        let finding = if unreadable.is_limit() {
            self.limit = true;
            Finding::notice(ReasonClass::BudgetExceeded, at, summary)
        } else {
            Finding::failure(ReasonClass::ArtifactUnreadable, at, summary)
        };
        self.report.findings.push(finding.rule(rule_of_unreadable(unreadable)));
    }

    /// Tells what is wrong with the layout; returns the reason why entries cannot be judged.
    fn take_structure(&mut self, facts: &PayloadFacts, asked: bool) -> Option<Broken> {
        let mut broken = None;
        for fault in &facts.structure {
            let finding = structure_finding(fault, facts.end.form);
            broken.get_or_insert_with(|| Broken {
                walkable: !is_no_line(fault, facts.end.form),
                ..Broken::layout(&finding)
            });
            if asked {
                self.report.findings.push(finding);
            }
        }
        for finding in &facts.bundle {
            if finding.severity == Severity::Failure && decides_layout(finding) {
                broken.get_or_insert_with(|| Broken::layout(finding));
            }
        }
        self.take_findings(&facts.bundle);
        self.take_findings(&facts.permits);
        broken.or_else(|| not_walkable(facts).inspect(|none| self.tell_broken(none, asked)))
    }

    /// Tells why there is nothing to judge where something was asked for.
    fn tell_broken(&mut self, broken: &Broken, asked: bool) {
        if asked {
            let at = Location::whole(Artifact::Export);
            let finding = Finding::failure(broken.reason(), at, &broken.message);
            self.report.findings.push(finding.rule("BUNDLE-17"));
        }
    }

    fn judge_walk(&mut self, facts: &PayloadFacts, broken: Option<&Broken>) -> ClaimReport {
        self.take_findings(&facts.walk.findings);
        if let Some(limit) = facts.walk.limit {
            return self.over_limit(&limit.to_string(), verdict::continuity_not_shown);
        }
        if let Some(broken) = broken {
            let verdict =
                if broken.walkable { Verdict::Disproved } else { Verdict::UnverifiableScope };
            return verdict::continuity_not_shown(verdict, broken.reason().into(), &broken.message);
        }
        if let Some(proof) = facts.walk.intact() {
            return verdict::continuity_supported(proof);
        }
        verdict::continuity_of(&facts.walk).unwrap_or_else(|| {
            let reason = ReasonClass::WalkNoEvaluableSubjects.into();
            let message = "the export has no chain entries to walk";
            verdict::continuity_not_shown(Verdict::InsufficientEvidence, reason, message)
        })
    }

    fn judge_closures(&mut self, facts: &PayloadFacts, broken: Option<&Broken>) {
        let outcome = &facts.closures;
        self.take_findings(outcome.faults.iter().map(|fault| &fault.finding));
        self.take_findings(&outcome.notices);
        if let Some(limit) = outcome.limit {
            let claim = self.over_limit(&limit.to_string(), verdict::closures_not_judged);
            self.report.claims.push(claim);
            return;
        }
        let elsewhere = no_closures_there(facts).filter(|_| broken.is_none());
        if let Some(elsewhere) = &elsewhere {
            self.tell_broken(elsewhere, true);
        }
        if let Some(broken) = broken.or(elsewhere.as_ref()) {
            let (verdict, reason) = (Verdict::UnverifiableScope, broken.reason().into());
            self.report.claims.push(verdict::closures_not_judged(verdict, reason, &broken.message));
            return;
        }
        let verdicts = verdict::closure_verdicts(outcome, self.trust.manifest().is_some());
        if outcome.closures > 0 && !outcome.failed_aspects.contains(&Aspect::Signature) {
            self.report.still_holds.push("closure signatures".to_owned());
        }
        self.report.claims.extend(verdicts.claims);
        for (claim, verdict, reason) in verdicts.also {
            self.also(claim, verdict, reason);
        }
    }

    fn over_limit(
        &mut self,
        message: &str,
        make: fn(Verdict, Reason, &str) -> ClaimReport,
    ) -> ClaimReport {
        self.note_limit(message.to_owned());
        make(Verdict::InsufficientEvidence, ReasonClass::BudgetExceeded.into(), message)
    }
}

/// Why entries of a payload cannot be judged.
#[derive(Clone, Debug)]
struct Broken {
    /// Whether the payload is of a kind that has entries at all.
    walkable: bool,
    message: String,
}

impl Broken {
    fn reason(&self) -> ReasonClass {
        if self.walkable {
            ReasonClass::VerificationFailed
        } else {
            ReasonClass::ExportStructureInvalid
        }
    }

    fn layout(finding: &Finding) -> Self {
        Self { walkable: true, message: finding.summary.clone() }
    }
}

/// Whether a contradiction of the bundle leaves open which entries it has.
fn decides_layout(finding: &Finding) -> bool {
    let rules = ["BUNDLE-02", "BUNDLE-03", "BUNDLE-04"];
    finding.rule.is_some_and(|rule| rules.contains(&rule.as_str()))
}

fn not_walkable(facts: &PayloadFacts) -> Option<Broken> {
    let (walkable, message) = match facts.end.form {
        PayloadForm::GovernanceEvents | PayloadForm::EventLines => return None,
        PayloadForm::AuditBundle if facts.end.records.is_some() || facts.has_entries => {
            return None;
        }
        PayloadForm::AuditBundle => (true, "the bundle has no records"),
        PayloadForm::OtherObject => (true, "the export is neither an audit bundle nor events"),
        PayloadForm::OtherJson => (true, "the export is no JSON object"),
        PayloadForm::Zip => (false, "the export is an archive, which has no chain entries to walk"),
        _ => (false, "the export is not JSON"),
    };
    Some(Broken { walkable, message: message.to_owned() })
}

/// Closures stand in audit bundles only.
fn no_closures_there(facts: &PayloadFacts) -> Option<Broken> {
    match facts.end.form {
        PayloadForm::AuditBundle => None,
        _ => Some(Broken {
            walkable: true,
            message: "closures are verified in audit bundles only".to_owned(),
        }),
    }
}

/// Lines that are no events make the file something else than JSON Lines.
fn is_no_line(fault: &StructureFault, form: PayloadForm) -> bool {
    form == PayloadForm::EventLines
        && matches!(
            fault.kind,
            StructureFaultKind::LineNoObject | StructureFaultKind::EntryNoObject
        )
}

fn structure_finding(fault: &StructureFault, form: PayloadForm) -> Finding {
    let at = Location::value(Artifact::Export, fault.pointer.clone(), fault.range);
    let reason = match is_no_line(fault, form) {
        true => ReasonClass::ExportStructureInvalid,
        false => ReasonClass::VerificationFailed,
    };
    let finding = Finding::failure(reason, at, fault.kind.summary()).rule("BUNDLE-17");
    match fault.found {
        Some(found) => finding.detail("found", found.as_str()),
        None => finding,
    }
}

fn rule_of_unreadable(unreadable: &Unreadable) -> &'static str {
    match unreadable {
        Unreadable::Gzip(_) => "BUNDLE-13",
        _ => "BUNDLE-14",
    }
}
