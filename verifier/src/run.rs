// SPDX-License-Identifier: Apache-2.0

//! One run over an export: what is known so far, and the order in which it is judged.

use permit_canonical_json::Sha256Digest;
use permit_claims::{AlsoJudged, Claim, ClaimFault, ClaimReport, Report, SemanticsMode, Verdict};
use permit_decision::{Slot, SlotContext, adjudicate_decision, adjudicate_slots, decision_missing};
use permit_export_bundle::{Manifest, ManifestProblem};
use permit_failure_codes::{Reason, ReasonClass};
use permit_keys::{Mode, SignatureChecked};
use permit_pins::{PinFailure, Semantics};
use permit_revocation::{
    RevocationScope, RevocationShown, adjudicate_revocation, revocation_missing,
};
use permit_scope::{AbsenceEvidence, DispatchQuestion, Membership, adjudicate_dispatch_absence};
use permit_types::{Artifact, Finding, Location, Severity};
use permit_workflow::{SiblingEvidence, WorkflowFault};

use crate::{
    archive_tap::ArchiveBytes,
    beside::{Beside, ScopeJudged},
    integrity::{Unsigned, member_location},
    options::{ExportOptions, Layers},
    payload::PayloadFacts,
    trust::Trust,
    verdict::{self, ContentHashMatches, ExportIdentity, FileNames},
};

/// What a run judges beside the payload.
pub(crate) struct Pack<'p> {
    pub(crate) beside: Beside<'p>,
    pub(crate) sibling: Option<Result<SiblingEvidence, WorkflowFault>>,
}

pub(crate) struct Run<'r> {
    pub(crate) names: FileNames,
    pub(crate) trust: &'r Trust,
    pub(crate) options: &'r ExportOptions,
    /// The layers that are judged: those that were asked for, and those that the pack requests.
    pub(crate) layers: Layers,
    pub(crate) semantics: Option<Semantics>,
    pub(crate) report: Report,
    pub(crate) limit: bool,
}

impl<'r> Run<'r> {
    pub(crate) fn new(names: FileNames, trust: &'r Trust, options: &'r ExportOptions) -> Self {
        let mut report = Report::new("export");
        report.artifact.files = vec![
            (Artifact::Export, names.export.clone()),
            (Artifact::Manifest, names.manifest.clone()),
        ];
        report.trust.source = Some(trust.source().to_owned());
        report.trust.test_mode = trust.mode() == Mode::Test;
        report.strict = options.strict;
        let layers = options.layers;
        Self { names, trust, options, layers, semantics: None, report, limit: false }
    }

    pub(crate) fn without_manifest(mut self, problem: &ManifestProblem, bytes: &[u8]) -> Report {
        self.report.artifact.digests.push((Artifact::Manifest, Sha256Digest::of(bytes)));
        let message = problem.to_string();
        let at = match problem {
            ManifestProblem::Unreadable(error) => {
                Location::value(Artifact::Manifest, error.pointer(), error.at())
            }
            _ => Location::whole(Artifact::Manifest),
        };
        self.limit = problem.is_limit();
        let (reason, finding): (Reason, _) = if self.limit {
            let reason = ReasonClass::BudgetExceeded;
            (reason.into(), Finding::notice(reason, at, &message))
        } else {
            let reason = ReasonClass::ManifestJsonInvalid;
            (reason.into(), Finding::failure(reason, at, &message).rule("BUNDLE-10"))
        };
        self.report.findings.push(finding);
        let claim = verdict::integrity_without_manifest(&self.names, reason, &message);
        self.report.claims.push(claim);
        self.conclude(None);
        self.report
    }

    /// A pack whose semantics did not resolve: nothing of it is judged by others (PIN-07).
    pub(crate) fn unresolved(mut self, failure: &PinFailure) -> Report {
        self.report.semantics = failure.resolution.report();
        self.limit = failure.limit;
        let mut finding = (*failure.fault.finding).clone();
        if failure.limit {
            finding.severity = Severity::Notice;
        }
        self.report.findings.push(finding);
        for request in &failure.marked {
            let mut claim =
                verdict::unresolved(request.claim, &self.names.manifest, &failure.fault);
            claim.required = request.required;
            self.report.claims.push(claim);
        }
        self.conclude_with(Some(&failure.resolution));
        self.report
    }

    /// Takes the semantics that the pack is judged by.
    pub(crate) fn use_semantics(&mut self, semantics: &Semantics) {
        self.report.semantics = semantics.resolution().report();
        let requests = |claims: &[Claim]| claims.iter().any(|claim| semantics.requests(*claim));
        self.layers.walk_events |= requests(&[Claim::ChainContinuity]);
        self.layers.verify_closure |=
            requests(&[Claim::ClosureSignature, Claim::ClosureDigests, Claim::ClosureDispatch]);
        self.semantics = Some(semantics.clone());
    }

    /// Judges what was read.
    pub(crate) fn judge(
        &mut self,
        pack: &Pack<'_>,
        signature: Result<SignatureChecked, Unsigned>,
        digest: Option<Sha256Digest>,
        facts: Option<PayloadFacts>,
    ) {
        let manifest = pack.beside.manifest;
        let Some(digest) = digest else {
            self.limit = true;
            let summary = "the export could not be hashed";
            let at = Location::whole(Artifact::Export);
            self.report.findings.push(Finding::notice(ReasonClass::BudgetExceeded, at, summary));
            self.conclude(None);
            return;
        };
        self.report.artifact.digests.push((Artifact::Export, digest));
        let Some(matches) = ContentHashMatches::compare(manifest, digest) else {
            self.hash_mismatch(manifest, digest);
            return;
        };
        match signature {
            Ok(checked) => {
                let claim = verdict::integrity_supported(&self.names, matches, &checked);
                self.report.claims.push(claim);
                self.report.still_holds.push("manifest hash and signature".to_owned());
                if let Some(facts) = &facts {
                    self.judge_payload(pack, facts);
                }
                self.conclude(facts.as_ref());
            }
            Err(unsigned) => self.judge_unsigned(unsigned, matches, facts.as_ref()),
        }
    }

    fn hash_mismatch(&mut self, manifest: &Manifest, digest: Sha256Digest) {
        let at = member_location(manifest, "content_hash");
        let stated = manifest.text("content_hash").unwrap_or("nothing");
        let summary = "the export's bytes are not those that the manifest commits to";
        let finding = Finding::failure(ReasonClass::ContentHashMismatch, at, summary)
            .rule("BUNDLE-06")
            .values(digest.prefixed().to_string(), stated);
        self.report.findings.push(finding);
        self.report.claims.push(verdict::integrity_hash_mismatch(&self.names));
        self.conclude(None);
    }

    fn judge_unsigned(
        &mut self,
        unsigned: Unsigned,
        matches: ContentHashMatches,
        facts: Option<&PayloadFacts>,
    ) {
        let (verdict, finding, allowed) = match unsigned {
            Unsigned::Missing(finding) => (Verdict::InsufficientEvidence, finding, false),
            Unsigned::Allowed(mut finding) => {
                finding.severity = Severity::Notice;
                (Verdict::InsufficientEvidence, finding, true)
            }
            Unsigned::Refused { verdict, finding } => (verdict, finding, false),
        };
        let mut claim = verdict::integrity_not_signed(
            &self.names,
            matches,
            verdict,
            finding.reason,
            &finding.summary,
        );
        claim.required = !allowed;
        self.report.claims.push(claim);
        self.report.still_holds.push("manifest hash".to_owned());
        self.report.findings.push(*finding);
        if allowed {
            let remark =
                "the export is not signed; that was allowed, but proves nothing about who made it";
            self.report.diagnostics.push(remark.to_owned());
        }
        // Without a signature, what was asked for is judged all the same: it can only fail.
        if let Some(facts) = facts.filter(|_| allowed) {
            let before = self.report.claims.len();
            self.judge_chain(facts, false);
            self.keep_failed_claims(before);
            self.conclude(Some(facts));
        } else {
            self.conclude(None);
        }
    }

    fn judge_payload(&mut self, pack: &Pack<'_>, facts: &PayloadFacts) {
        self.judge_identity(pack.beside.manifest, facts);
        if facts.end.unreadable.is_some() {
            self.judge_chain(facts, false);
            return;
        }
        if facts.collected.over_limit {
            let limit = self.options.evidence_bytes;
            self.note_limit(format!("the export carries more than {limit} bytes of evidence"));
            self.judge_chain(facts, false);
            return;
        }
        let ended =
            self.judge_scope_and_permits(&pack.beside, facts) || self.judge_workflows(pack, facts);
        self.judge_chain(facts, ended);
    }

    fn judge_identity(&mut self, manifest: &Manifest, facts: &PayloadFacts) {
        let identity = ExportIdentity {
            records: facts.end.records,
            project_id: facts.end.project_id.clone(),
            readable: facts.end.unreadable.is_none(),
        };
        let Some(claim) = verdict::scope_identity(manifest, &identity) else { return };
        if claim.verdict == Verdict::Disproved {
            let member = match claim.reason.class() {
                Some(ReasonClass::ExportScopeProjectIdMismatch) => "project_id",
                _ => "record_count",
            };
            let at = member_location(manifest, member);
            self.report.findings.push(Finding::failure(claim.reason, at, &claim.message));
        }
        self.report.claims.push(claim);
    }

    /// Judges the scope, then the permits; tells whether one of the claims ends the run.
    fn judge_scope_and_permits(&mut self, beside: &Beside<'_>, facts: &PayloadFacts) -> bool {
        let requests = |claim| beside.semantics.requests(claim);
        let absence = requests(Claim::DispatchAbsence);
        let document = &facts.collected.document;
        let scope_asked = absence
            || requests(Claim::ScopeState)
            || requests(Claim::ScopeFaithfulness)
            || Beside::declares_scope(document);
        let scope = scope_asked.then(|| beside.scope(document));
        let mut scope_failed = false;
        if let Some(scope) = &scope {
            scope_failed = self.take_scope(scope);
            if scope_failed && !absence {
                return true;
            }
        }
        if self.judge_permits(beside, facts, scope.as_ref()) {
            return true;
        }
        // With the claim of absence, what it rests on ends the run only after it was judged.
        scope_failed
            && self.report.claims.iter().any(|claim| {
                let of_scope = matches!(claim.claim, Claim::ScopeState | Claim::ScopeFaithfulness);
                of_scope && requests(claim.claim) && !claim.is_supported()
            })
    }

    fn take_scope(&mut self, scope: &ScopeJudged) -> bool {
        let segments: Vec<_> = scope.adjudication.segments().collect();
        for segment in &segments {
            if let Some(Err(fault)) = &segment.scope_state {
                self.take_fault(fault);
            }
            match &segment.outcome {
                Ok(faithful) => self.take_findings(faithful.notices()),
                // What fails the scope state fails the segment, and is told once.
                Err(fault) if matches!(&segment.scope_state, Some(Err(state)) if state.finding == fault.finding) =>
                    {}
                Err(fault) => self.take_fault(fault),
            }
        }
        if let Some(fault) = scope.adjudication.block_fault() {
            self.take_fault(fault);
        }
        let unreached = scope.adjudication.unreached();
        if unreached > 0 {
            let remark =
                format!("{unreached} segments behind the one that failed were not looked at");
            self.report.diagnostics.push(remark);
        }
        self.report.inspected.checkpoints += u64::from(scope.checkpoint.verified().is_some());
        let claims = verdict::scope_claims(&scope.adjudication);
        let failed = claims.iter().any(|claim| !claim.is_supported());
        self.report.claims.extend(claims);
        failed
    }

    fn judge_permits(
        &mut self,
        beside: &Beside<'_>,
        facts: &PayloadFacts,
        scope: Option<&ScopeJudged>,
    ) -> bool {
        let requests = |claim| beside.semantics.requests(claim);
        let mut failed = self.judge_decision(beside, facts);
        let absence = requests(Claim::DispatchAbsence);
        let revocation = self.judge_revocation(beside, facts, absence, &mut failed);
        if let (true, Some(scope)) = (absence, scope) {
            failed |= self.judge_absence(facts, scope, revocation.as_ref());
        }
        for slot in Slot::ALL {
            let carried = facts
                .collected
                .permits
                .iter()
                .any(|permit| permit.slots().any(|carried| carried == *slot));
            if carried || requests(slot.claim()) {
                failed |= self.judge_slot(beside, facts, *slot);
            }
        }
        failed
    }

    /// Judges the decision if the pack requests it; if it only carries one, beside the claims.
    fn judge_decision(&mut self, beside: &Beside<'_>, facts: &PayloadFacts) -> bool {
        let evidence = facts.collected.decision();
        let requested = beside.semantics.requests(Claim::PermitDecision);
        if evidence.is_none() && !requested {
            return false;
        }
        let permit_id = evidence.as_ref().and_then(|evidence| evidence.permit_id());
        let judged = match &evidence {
            Some(evidence) => {
                adjudicate_decision(evidence, beside.trust.manifest(), beside.trust.mode())
            }
            None => Err(decision_missing(Artifact::Export)),
        };
        let claim = verdict::decision(&judged, permit_id);
        self.take_claim(claim, judged.err().as_ref(), requested)
    }

    fn judge_revocation(
        &mut self,
        beside: &Beside<'_>,
        facts: &PayloadFacts,
        absence: bool,
        failed: &mut bool,
    ) -> Option<Result<RevocationShown, ClaimFault>> {
        let evidence = facts.collected.revocation();
        let requested = beside.semantics.requests(Claim::PermitRevoked);
        if evidence.is_none() && !requested && !absence {
            return None;
        }
        let permit_id = evidence.as_ref().and_then(|evidence| evidence.permit_id());
        let scope = RevocationScope::of(&facts.collected.document, beside.manifest.members());
        let judged = match &evidence {
            Some(evidence) => {
                let (keys, mode) = (beside.trust.manifest(), beside.trust.mode());
                adjudicate_revocation(evidence, &scope, keys, mode)
            }
            None => Err(revocation_missing(Artifact::Export)),
        };
        let mut claim = verdict::revoked(&judged, permit_id);
        claim.required = requested;
        let counts = requested || absence;
        let not_shown = self.take_claim(claim, judged.as_ref().err(), counts);
        *failed |= not_shown && requested;
        Some(judged)
    }

    fn judge_absence(
        &mut self,
        facts: &PayloadFacts,
        scope: &ScopeJudged,
        revocation: Option<&Result<RevocationShown, ClaimFault>>,
    ) -> bool {
        let missing = revocation_missing(Artifact::Export);
        let shown = match revocation {
            Some(judged) => judged.as_ref().map_err(Clone::clone),
            None => Err(missing),
        };
        let revoked = shown.and_then(Beside::revocation_facts);
        let judged = adjudicate_dispatch_absence(&AbsenceEvidence {
            document: &scope.document,
            revocation: revoked.as_ref(),
            checkpoint: &scope.checkpoint,
            scope: &scope.adjudication,
        });
        let contradicted = judged.is_ok().then(|| {
            let question =
                DispatchQuestion::new(revoked.as_ref().ok()?, scope.checkpoint.verified()?)?;
            let dispatches = facts.collected.dispatches.iter();
            let mut found =
                dispatches.filter(|(_, entry)| question.answer(entry) != Membership::NotMember);
            found.next().map(|(at, _)| at.clone())
        });
        let judged = match contradicted.flatten() {
            Some(at) => Err(dispatch_in_chain(at)),
            None => judged,
        };
        let claim = verdict::dispatch_absence(&judged);
        self.take_claim(claim, judged.err().as_ref(), true)
    }

    fn judge_slot(&mut self, beside: &Beside<'_>, facts: &PayloadFacts, slot: Slot) -> bool {
        let collected = &facts.collected;
        let context =
            SlotContext::new(&collected.document, beside.manifest.members(), &collected.stated);
        let (keys, mode) = (beside.trust.manifest(), beside.trust.mode());
        let judged = adjudicate_slots(slot, &collected.permits, &context, keys, mode);
        for fault in judged.iter().filter_map(|judged| judged.as_ref().err()) {
            self.take_fault(fault);
        }
        if judged.iter().flatten().any(|shown| shown.issuer_hash_is_stated()) {
            self.report.does_not_prove.push(STATED_ISSUER_HASH);
        }
        let claim = verdict::slot(slot, &judged);
        let failed = !claim.is_supported();
        self.report.claims.push(claim);
        failed
    }

    /// Takes a claim that counts, or one that is told beside; tells whether it counts and fails.
    fn take_claim(&mut self, claim: ClaimReport, fault: Option<&ClaimFault>, counts: bool) -> bool {
        if !counts {
            if let Some(fault) = fault {
                let mut finding = (*fault.finding).clone();
                finding.severity = Severity::Notice;
                self.report.findings.push(finding);
            }
            self.also(claim.claim, claim.verdict, claim.reason);
            return false;
        }
        if let Some(fault) = fault {
            self.take_fault(fault);
        }
        let failed = !claim.is_supported();
        self.report.claims.push(claim);
        failed
    }

    /// Takes what is wrong; a limit that was reached says nothing about the evidence.
    pub(crate) fn take_fault(&mut self, fault: &ClaimFault) {
        let mut finding = (*fault.finding).clone();
        if finding.reason.class() == Some(ReasonClass::BudgetExceeded) {
            self.limit = true;
            finding.severity = Severity::Notice;
        }
        self.report.findings.push(finding);
    }

    fn judge_workflows(&mut self, pack: &Pack<'_>, facts: &PayloadFacts) -> bool {
        if let ArchiveBytes::OverLimit { limit } = &facts.archive {
            self.note_limit(format!("the archive has more than {limit} bytes"));
        }
        let Some(outcome) = pack.beside.workflows(facts, pack.sibling.clone()) else {
            return false;
        };
        if let Some(fault) = &outcome.fault {
            self.take_fault(&fault.fault);
        }
        self.take_findings(&outcome.notices);
        self.report.claims.extend(verdict::workflow_claims(&outcome, &self.names.export));
        outcome.fault.is_some()
    }

    /// Takes findings that name their causes by index among themselves.
    pub(crate) fn take_findings<'f>(&mut self, findings: impl IntoIterator<Item = &'f Finding>) {
        let before = self.report.findings.len();
        self.report.findings.extend(findings.into_iter().map(|finding| {
            let mut finding = finding.clone();
            finding.because = finding.because.map(|index| index.saturating_add(before));
            finding
        }));
    }

    /// Takes note of a limit, beyond which nothing is said about the evidence.
    pub(crate) fn note_limit(&mut self, message: String) {
        self.limit = true;
        let at = Location::whole(Artifact::Export);
        self.report.findings.push(Finding::notice(ReasonClass::BudgetExceeded, at, message));
    }

    pub(crate) fn also(&mut self, claim: Claim, verdict: Verdict, reason: Reason) {
        self.report.also_judged.push(AlsoJudged { claim, verdict, reason });
    }

    /// Whether the pack pins its semantics.
    pub(crate) fn is_pinned(&self) -> bool {
        self.report.semantics.mode == SemanticsMode::Pinned
    }
}

fn dispatch_in_chain(at: Location) -> ClaimFault {
    let code = permit_failure_codes::ReasonClass::ExportScopePostRevocationDispatchPresent;
    let summary = "the export's own chain shows a dispatch after the revocation";
    let finding = Finding::failure(code, at, summary).rule("ABSENT-05");
    let fault = ClaimFault::new(permit_claims::Unsupported::Disproved, finding);
    fault.evidence(["export.chain_entries"])
}

const STATED_ISSUER_HASH: &str = "that the issuer's signature of the permit is the one whose hash the slots sign: the permit only states that hash";
