// SPDX-License-Identifier: Apache-2.0

//! Verifying an export: its manifest, its bytes, and what it holds.
//!
//! ```text
//! manifest ─► signature over the text of content_hash, by a trusted key active at signed_at
//! payload  ─► one pass: content hash, entries, closures, permits
//! both     ─► claims in the order of the reference; the first that fails ends the list
//! ```
//!
//! The signature is over the content hash alone, so that it can be checked before the payload is
//! touched. What the pass finds counts only if the bytes turn out to be those that were signed
//! (BUNDLE-19).

use std::io::{self, Read};

use permit_canonical_json::{JsonPointer, Sha256Digest, Value};
use permit_claims::{
    AlsoJudged, Claim, ClaimReport, LEGACY_PROFILE, NotChecked, Outcome, Report, ScopeReport,
    SemanticsMode, SemanticsReport, UsedPin, Verdict,
};
use permit_closure::Aspect;
use permit_export_bundle::{
    ByteTap, Manifest, ManifestProblem, PayloadForm, StructureFault, Unreadable,
};
use permit_failure_codes::{FailureCode, Reason, ReasonClass};
use permit_keys::{
    KeyProblem, KeyPurpose, KeyRequest, Mode, SignatureChecked, TrustedKey, verify_export_manifest,
};
use permit_types::{Artifact, Finding, Instant, Location, Severity};

use crate::{
    options::{ExportOptions, Layers},
    payload::{PayloadFacts, read_payload},
    trust::{ExportKey, Trust},
    verdict::{self, ContentHashMatches, ExportIdentity, FileNames},
    worker,
};

/// An export as it is handed in.
#[derive(Debug)]
pub struct ExportEvidence<R> {
    /// The bytes of the export file, read once and in order.
    pub payload: R,
    /// What the caller calls it.
    pub payload_name: String,
    /// The bytes of the manifest.
    pub manifest: Vec<u8>,
    /// What the caller calls it.
    pub manifest_name: String,
}

/// Verifies an export.
///
/// Pure but for reading the payload: no clock, no files, no network, no globals. The same
/// evidence, trust and options give the same report.
///
/// ```
/// use permit_verifier::{ExportEvidence, ExportOptions, Outcome, Trust, verify_export};
///
/// let evidence = ExportEvidence {
///     payload: b"{}".as_slice(),
///     payload_name: "export.json".into(),
///     manifest: b"{\"content_hash\": \"sha256:00\"}".to_vec(),
///     manifest_name: "export.json.manifest.json".into(),
/// };
/// let report = verify_export(evidence, &Trust::self_attested(), &ExportOptions::default())?;
/// assert_eq!(report.outcome, Outcome::NotVerified);
/// assert_eq!(report.headline().unwrap().reason.as_str(), "CONTENT_HASH_MISMATCH");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// If the payload's source fails. What is wrong with the evidence is in the report.
pub fn verify_export<R: Read>(
    evidence: ExportEvidence<R>,
    trust: &Trust,
    options: &ExportOptions,
) -> io::Result<Report> {
    let names = FileNames { export: evidence.payload_name, manifest: evidence.manifest_name };
    let mut run = Run::new(names, trust, options);
    let manifest = match Manifest::read(&evidence.manifest, &options.budget) {
        Ok(manifest) => manifest,
        Err(problem) => return Ok(run.without_manifest(&problem, &evidence.manifest)),
    };
    run.report.artifact.digests.push((Artifact::Manifest, manifest.digest()));
    if manifest.states("claim_set") || manifest.states("semantics_pins") {
        return Ok(run.pinned());
    }
    let signature = run.signature(&manifest);
    let signed = signature.is_ok() || matches!(signature, Err(Unsigned::Allowed(_)));
    let (digest, facts) = if signed {
        let lines = manifest.text("format") == Some("jsonl");
        let facts = read_payload(evidence.payload, trust, options.layers, lines, options)?;
        (facts.digest, Some(facts))
    } else {
        (hash_only(evidence.payload, options)?, None)
    };
    run.judge(&manifest, signature, digest, facts.as_ref());
    Ok(run.report)
}

/// The digest of a payload that is not looked into, since nothing it says would count.
fn hash_only(mut payload: impl Read, options: &ExportOptions) -> io::Result<Option<Sha256Digest>> {
    let (mut hash, desk, worker) = worker::start(options.threads);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match payload.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => hash.bytes(buffer.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(worker::finish(hash, desk, worker).0)
}

/// Why there is no checked signature.
#[derive(Debug)]
enum Unsigned {
    /// There is none.
    Missing(Box<Finding>),
    /// There is none, and the caller said that this is no reason to fail.
    Allowed(Box<Finding>),
    /// There is one, and it does not show what it should.
    Refused { verdict: Verdict, finding: Box<Finding> },
}

struct Run<'r> {
    names: FileNames,
    trust: &'r Trust,
    options: &'r ExportOptions,
    report: Report,
    limit: bool,
}

impl<'r> Run<'r> {
    fn new(names: FileNames, trust: &'r Trust, options: &'r ExportOptions) -> Self {
        let mut report = Report::new("export");
        report.artifact.files = vec![
            (Artifact::Export, names.export.clone()),
            (Artifact::Manifest, names.manifest.clone()),
        ];
        report.trust.source = Some(trust.source().to_owned());
        report.trust.test_mode = trust.mode() == Mode::Test;
        report.strict = options.strict;
        report.semantics = legacy_semantics();
        report.does_not_prove = DOES_NOT_PROVE.to_vec();
        Self { names, trust, options, report, limit: false }
    }

    fn without_manifest(mut self, problem: &ManifestProblem, bytes: &[u8]) -> Report {
        self.report.artifact.digests.push((Artifact::Manifest, Sha256Digest::of(bytes)));
        let reason = Reason::from(ReasonClass::ManifestJsonInvalid);
        let message = problem.to_string();
        let at = match problem {
            ManifestProblem::Unreadable(error) => {
                Location::value(Artifact::Manifest, error.pointer(), error.at())
            }
            _ => Location::whole(Artifact::Manifest),
        };
        self.limit = problem.is_limit();
        let finding = if self.limit {
            Finding::notice(ReasonClass::BudgetExceeded, at, &message)
        } else {
            Finding::failure(reason, at, &message).rule("BUNDLE-10")
        };
        self.report.findings.push(finding);
        let claim = verdict::integrity_without_manifest(&self.names, reason, &message);
        self.report.claims.push(claim);
        self.conclude(None);
        self.report
    }

    /// A pack that brings its own semantics, which this build cannot resolve.
    fn pinned(mut self) -> Report {
        self.report.semantics = SemanticsReport {
            mode: SemanticsMode::Pinned,
            profile: None,
            warning: None,
            pins: Vec::new(),
        };
        self.limit = true;
        let at = Location::whole(Artifact::Manifest);
        let summary = "the pack pins its semantics, which this build does not resolve";
        self.report.findings.push(Finding::notice(ReasonClass::SemanticPinUnresolved, at, summary));
        self.conclude(None);
        self.report
    }

    /// Checks the signature over the text of `content_hash` (BUNDLE-07, BUNDLE-08).
    fn signature(&mut self, manifest: &Manifest) -> Result<SignatureChecked, Unsigned> {
        let stated = manifest.get("signature");
        if stated.is_none_or(is_falsy) {
            let at = member_location(manifest, "signature");
            let summary = "the manifest has no signature";
            let finding = Finding::failure(FailureCode::ManifestSignatureMissing, at, summary);
            let finding = Box::new(finding.rule("BUNDLE-08"));
            return Err(if self.options.allow_unsigned {
                Unsigned::Allowed(finding)
            } else {
                Unsigned::Missing(finding)
            });
        }
        let key = self.export_key(manifest)?;
        if let Some(embedded) = manifest.text("public_key")
            && !key.is_written_as(embedded)
        {
            let at = member_location(manifest, "public_key");
            let summary = "the manifest carries another key than the one that is trusted";
            let finding = Finding::failure(ReasonClass::ManifestPublicKeyMismatch, at, summary)
                .rule("BUNDLE-07")
                .values(key.key_text(), embedded)
                .detail("key_id", key.key_id().unwrap_or_default());
            let finding = Box::new(finding);
            return Err(Unsigned::Refused { verdict: Verdict::Disproved, finding });
        }
        self.report.trust.public_key = Some(key.key_text().to_owned());
        self.report.trust.channel = Some(key.channel().to_string());
        let key_id = manifest.text("key_id").or(key.key_id()).map(str::to_owned);
        self.report.trust.key_id =
            key_id.or_else(|| Some(key.public_key().export_key_id().to_string()));
        let hash = manifest.text("content_hash").and_then(Sha256Digest::from_prefixed);
        let text = stated.and_then(Value::as_str).unwrap_or_default();
        let checked = hash.map(|hash| verify_export_manifest(hash, text, &key));
        match checked {
            Some(Ok(checked)) => Ok(checked),
            Some(Err(problem)) => {
                let at = member_location(manifest, "signature");
                let finding = Finding::failure(signature_invalid(), at, problem.to_string())
                    .rule("BUNDLE-08")
                    .detail("key_id", key.key_id().unwrap_or_default())
                    .help(problem.help());
                let finding = Box::new(finding);
                Err(Unsigned::Refused { verdict: Verdict::Disproved, finding })
            }
            // No digest was signed, so that the content hash cannot match either.
            None => {
                let at = member_location(manifest, "content_hash");
                let summary = "the manifest states no content hash that could be signed";
                let finding = Box::new(Finding::failure(signature_invalid(), at, summary));
                Err(Unsigned::Refused { verdict: Verdict::Disproved, finding })
            }
        }
    }

    fn export_key(&self, manifest: &Manifest) -> Result<TrustedKey, Unsigned> {
        let purpose = KeyPurpose::ExportSigning;
        let refused = |verdict, finding: Finding| {
            Err(Unsigned::Refused { verdict, finding: Box::new(finding) })
        };
        match (self.trust.export_key(), self.trust.manifest()) {
            (ExportKey::Pinned(text), _) => TrustedKey::pinned(text, purpose).or_else(|error| {
                let at = Location::whole(Artifact::KeyManifest);
                let finding = Finding::failure(unresolvable(None), at, error.to_string());
                refused(Verdict::InsufficientEvidence, finding)
            }),
            (ExportKey::SelfAttested, _) => {
                let at = member_location(manifest, "public_key");
                let Some(text) = manifest.text("public_key") else {
                    let summary = "the manifest carries no key to be judged by";
                    let finding = Finding::failure(unresolvable(None), at, summary);
                    return refused(Verdict::InsufficientEvidence, finding);
                };
                TrustedKey::self_attested(text, purpose).or_else(|error| {
                    let finding = Finding::failure(signature_invalid(), at, error.to_string());
                    refused(Verdict::Disproved, finding.rule("BUNDLE-08"))
                })
            }
            (ExportKey::FromManifest, None) => {
                let at = Location::whole(Artifact::KeyManifest);
                let summary = "there is no key manifest";
                refused(
                    Verdict::InsufficientEvidence,
                    Finding::failure(unresolvable(None), at, summary),
                )
            }
            (ExportKey::FromManifest, Some(keys)) => {
                let key_id = manifest.text("key_id");
                let signed_at = manifest.text("signed_at").and_then(Instant::parse);
                let request = KeyRequest::new().key_id(key_id).signed_at(signed_at);
                keys.resolve(purpose, &request, self.trust.mode()).or_else(|problem| {
                    let verdict = verdict_of_key(&problem, key_id.is_some());
                    let mut finding = keys.finding(&problem);
                    if verdict == Verdict::InsufficientEvidence {
                        finding.reason = unresolvable(Some(problem.code()));
                    }
                    refused(verdict, finding)
                })
            }
        }
    }

    fn judge(
        &mut self,
        manifest: &Manifest,
        signature: Result<SignatureChecked, Unsigned>,
        digest: Option<Sha256Digest>,
        facts: Option<&PayloadFacts>,
    ) {
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
                if let Some(facts) = facts {
                    self.judge_payload(manifest, facts);
                }
                self.conclude(facts);
            }
            Err(unsigned) => self.judge_unsigned(unsigned, matches, facts),
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
            self.judge_layers(facts);
            self.keep_failed_claims(before);
            self.conclude(Some(facts));
        } else {
            self.conclude(None);
        }
    }

    /// Of the claims from `before` on, keeps those that failed; the others were judged beside.
    fn keep_failed_claims(&mut self, before: usize) {
        let judged = self.report.claims.split_off(before);
        for claim in judged {
            if claim.is_supported() || !self.fails(&claim) {
                self.also(claim.claim, claim.verdict, claim.reason);
            } else {
                self.report.claims.push(claim);
            }
        }
    }

    fn judge_payload(&mut self, manifest: &Manifest, facts: &PayloadFacts) {
        let identity = ExportIdentity {
            records: facts.end.records,
            project_id: facts.end.project_id.clone(),
            readable: facts.end.unreadable.is_none(),
        };
        if let Some(claim) = verdict::scope_identity(manifest, &identity) {
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
        self.judge_layers(facts);
    }

    /// The walk and the closures, as far as they were asked for; and everything that the
    /// payload shows by itself.
    fn judge_layers(&mut self, facts: &PayloadFacts) {
        self.take_inspected(facts);
        let Layers { walk_events, verify_closure } = self.options.layers;
        self.take_unreadable(facts);
        let structure = self.take_structure(facts, walk_events || verify_closure);
        let structure = structure.as_ref();
        if walk_events {
            let claim = self.judge_walk(facts, structure);
            let failed = self.fails(&claim);
            if !failed && claim.is_supported() {
                self.report.still_holds.push("chain entries and their links".to_owned());
            }
            self.report.claims.push(claim);
            if failed && verify_closure {
                let before = self.report.claims.len();
                self.judge_closures(facts, structure);
                for claim in self.report.claims.split_off(before) {
                    self.also(claim.claim, claim.verdict, claim.reason);
                }
                return;
            }
        }
        if verify_closure {
            self.judge_closures(facts, structure);
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
            let finding = structure_finding(fault);
            broken.get_or_insert_with(|| Broken::layout(&finding));
            if asked {
                self.report.findings.push(finding);
            }
        }
        for finding in &facts.bundle {
            if finding.severity == Severity::Failure && decides_layout(finding) {
                broken.get_or_insert_with(|| Broken::layout(finding));
            }
        }
        self.report.findings.extend(facts.bundle.iter().cloned());
        self.report.findings.extend(facts.permits.iter().cloned());
        broken.or_else(|| not_walkable(facts))
    }

    fn judge_walk(&mut self, facts: &PayloadFacts, broken: Option<&Broken>) -> ClaimReport {
        self.report.findings.extend(facts.walk.findings.iter().cloned());
        if let Some(limit) = facts.walk.limit {
            return self.over_limit(&limit.to_string(), verdict::continuity_not_shown);
        }
        if let Some(Broken { walkable, message }) = broken {
            let (verdict, reason) = if *walkable {
                (Verdict::Disproved, ReasonClass::VerificationFailed)
            } else {
                (Verdict::UnverifiableScope, ReasonClass::ExportStructureInvalid)
            };
            return verdict::continuity_not_shown(verdict, reason.into(), message);
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
        self.report.findings.extend(outcome.faults.iter().map(|fault| fault.finding.clone()));
        self.report.findings.extend(outcome.notices.iter().cloned());
        if let Some(limit) = outcome.limit {
            let claim = self.over_limit(&limit.to_string(), verdict::closures_not_judged);
            self.report.claims.push(claim);
            return;
        }
        let elsewhere = no_closures_there(facts);
        if let Some(Broken { walkable, message }) = broken.or(elsewhere.as_ref()) {
            let walkable = *walkable;
            let reason = if walkable {
                ReasonClass::VerificationFailed
            } else {
                ReasonClass::ExportStructureInvalid
            };
            let verdict = Verdict::UnverifiableScope;
            self.report.claims.push(verdict::closures_not_judged(verdict, reason.into(), message));
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
        self.limit = true;
        let at = Location::whole(Artifact::Export);
        self.report.findings.push(Finding::notice(ReasonClass::BudgetExceeded, at, message));
        make(Verdict::InsufficientEvidence, ReasonClass::BudgetExceeded.into(), message)
    }

    fn also(&mut self, claim: Claim, verdict: Verdict, reason: Reason) {
        self.report.also_judged.push(AlsoJudged { claim, verdict, reason });
    }

    /// Whether a claim that was asked for fails the run. Evidence without any entry or closure
    /// proves nothing, but nothing is wrong with it either; a bundle that cannot have any fails.
    fn fails(&self, claim: &ClaimReport) -> bool {
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
    fn conclude(&mut self, facts: Option<&PayloadFacts>) {
        self.report.findings.sort_by_key(|finding| finding.severity != Severity::Failure);
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
        self.list_not_checked(facts);
    }

    fn list_not_checked(&mut self, facts: Option<&PayloadFacts>) {
        let Layers { walk_events, verify_closure } = self.options.layers;
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
                _ => "this version does not adjudicate it",
            };
            self.report.not_checked.push(NotChecked { claim: *claim, because });
        }
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
    let unreadable = facts.end.unreadable.as_ref();
    if let Some(unreadable) = unreadable {
        return Some(Broken {
            walkable: false,
            message: format!("the export cannot be read: {unreadable}"),
        });
    }
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

fn structure_finding(fault: &StructureFault) -> Finding {
    let at = Location::value(Artifact::Export, fault.pointer.clone(), fault.range);
    let finding = Finding::failure(ReasonClass::VerificationFailed, at, fault.kind.summary())
        .rule("BUNDLE-17");
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

/// What a key problem says about the claim: a key that is known and was not to be used
/// contradicts it; a key that cannot be found leaves it open.
fn verdict_of_key(problem: &KeyProblem, named: bool) -> Verdict {
    match problem {
        KeyProblem::Compromised { .. } | KeyProblem::Revoked { .. } => Verdict::Disproved,
        KeyProblem::NotActive { .. } if named => Verdict::Disproved,
        _ => Verdict::InsufficientEvidence,
    }
}

fn unresolvable(code: Option<FailureCode>) -> Reason {
    let class = ReasonClass::TrustRootUnresolvable;
    match code {
        Some(code) => Reason::ClassWithCode { class, code },
        None => class.into(),
    }
}

fn signature_invalid() -> Reason {
    Reason::ClassWithCode {
        class: ReasonClass::SignatureVerificationFailed,
        code: FailureCode::ManifestSignatureInvalid,
    }
}

fn member_location(manifest: &Manifest, name: &str) -> Location {
    match manifest.get(name) {
        Some(value) => {
            let pointer = JsonPointer::root().member(name);
            Location::value(Artifact::Manifest, pointer, value.range())
        }
        None => Location::value(Artifact::Manifest, JsonPointer::root(), manifest.value().range()),
    }
}

/// Whether a member counts as absent: null, false, zero or empty.
fn is_falsy(value: &Value<'_>) -> bool {
    use permit_canonical_json::Node;
    match value.node() {
        Node::Null => true,
        Node::Bool(value) => !value,
        Node::Number(number) => number.to_f64() == 0.0,
        Node::String(text) => text.is_empty(),
        Node::Array(elements) => elements.is_empty(),
        Node::Object(object) => object.is_empty(),
    }
}

fn legacy_semantics() -> SemanticsReport {
    let profile = UsedPin {
        id: LEGACY_PROFILE.id.to_owned(),
        hash: LEGACY_PROFILE.hash.to_owned(),
        source: format!("legacy profile {}", LEGACY_PROFILE.id),
        status: "allowlisted",
    };
    let components = (0_usize..).zip(LEGACY_PROFILE.components());
    let components = components.map(|(index, (artifact, hash))| UsedPin {
        id: artifact.id().to_owned(),
        hash: hash.to_owned(),
        source: format!("legacy profile components[{index}]"),
        status: "allowlisted",
    });
    SemanticsReport {
        mode: SemanticsMode::LegacyUnpinned,
        profile: Some((LEGACY_PROFILE.id.to_owned(), LEGACY_PROFILE.hash.to_owned())),
        warning: Some(
            "the pack pins no semantics; it is judged by those of before pinning".to_owned(),
        ),
        pins: std::iter::once(profile).chain(components).collect(),
    }
}

const DOES_NOT_PROVE: [&str; 5] = [
    "that entries outside the sequence numbers shown here exist or do not exist (CHAIN-19)",
    "that payloads of chain entries are what they were when the entries were made: record hashes do not cover them, only the signature over this file does (AMB-11)",
    "that a response reached anybody: client digests cover what was handed to a writer (CLOSE-15)",
    "that the decisions were right, or that the policies were good ones",
    "that the issuer's keys were in the issuer's hands alone: that rests on the trust root",
];
