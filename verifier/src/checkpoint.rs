// SPDX-License-Identifier: Apache-2.0

//! Verifying a checkpoint: its hash, its signature, its time stamps.

use permit_canonical_json::{Sha256Digest, Value, read};
#[cfg(feature = "tsa")]
use permit_checkpoint::{CaBundle, CaBundleError, TsaLimits, verify_receipts};
use permit_checkpoint::{
    CheckpointFacts, CheckpointRules, CheckpointTrust, ReceiptTrust, TsaReceipt, judge_checkpoint,
};
use permit_claims::{AlsoJudged, NotChecked, Report, SemanticArtifact};
use permit_failure_codes::ReasonClass;
use permit_pins::{PackDocument, Resolution, resolve};
use permit_types::{Artifact, Finding, Location};

use crate::{
    checkpoint_report::{CheckpointReport, ImprintReport},
    export::NamedFile,
    options::ExportOptions,
    pack_folder::{PackFolder, PinFiles},
    run::Run,
    trust::{ExportKey, Trust},
    verdict::{self, FileNames},
};

/// A checkpoint as it is handed in.
#[derive(Clone)]
pub struct CheckpointEvidence<'e> {
    /// The file.
    pub file: NamedFile,
    /// The files beside it: semantics that it pins.
    pub folder: &'e dyn PackFolder,
    /// The root certificates of time-stamp authorities that the caller trusts, if receipts are to be
    /// judged beyond what they stamp.
    pub authorities: Option<Authorities>,
    /// Whether receipts are left out altogether.
    pub skip_receipts: bool,
}

impl std::fmt::Debug for CheckpointEvidence<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckpointEvidence").field("file", &self.file.name).finish_non_exhaustive()
    }
}

/// The bundle of certificates that receipts are held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorities {
    /// What the caller calls the file.
    pub name: String,
    /// Its bytes, or why it could not be read.
    pub pem: Result<Vec<u8>, String>,
}

/// Verifies a checkpoint.
///
/// Pure: no clock, no files but those beside it, no network, no globals.
#[must_use]
pub fn verify_checkpoint(
    evidence: &CheckpointEvidence<'_>,
    trust: &Trust,
    options: &ExportOptions,
) -> CheckpointReport {
    let name = evidence.file.name.clone();
    let names = FileNames { export: name.clone(), manifest: name.clone() };
    let mut run = Run::new(names, trust, options);
    let report = &mut run.report;
    report.artifact.kind = "checkpoint";
    report.artifact.files = vec![(Artifact::Checkpoint, name)];
    let digest = Sha256Digest::of(&evidence.file.bytes);
    report.artifact.digests = vec![(Artifact::Checkpoint, digest)];
    let document = match read(&evidence.file.bytes, &options.budget) {
        Ok(document) => document,
        Err(error) => {
            let at = Location::value(Artifact::Checkpoint, error.pointer(), error.at());
            let summary = format!("the checkpoint cannot be read: {error}");
            run.limit = error.kind().is_limit();
            let reason = if run.limit {
                ReasonClass::BudgetExceeded
            } else {
                ReasonClass::ArtifactUnreadable
            };
            return unreadable(run, reason, at, &summary);
        }
    };
    if document.as_object().is_none() {
        let summary = format!("a checkpoint is an object, not {}", document.kind());
        let at = Location::value(
            Artifact::Checkpoint,
            permit_canonical_json::JsonPointer::root(),
            document.range(),
        );
        return unreadable(run, ReasonClass::ArtifactUnreadable, at, &summary);
    }
    let resolved = resolve(PackDocument::Checkpoint, &document, &PinFiles(evidence.folder));
    let semantics = match resolved {
        Ok(semantics) => semantics,
        Err(failure) => {
            let receipts = tsa_trust(evidence, &document, None, &mut run);
            let report = run.unresolved(&failure);
            return CheckpointReport::of(report, None, Vec::new(), receipts, evidence);
        }
    };
    run.use_semantics(&semantics);
    let mut rules = CheckpointRules::default();
    rules.composite_hash_known = semantics.known(SemanticArtifact::CheckpointCompositeHash);
    rules.check_receipts = !evidence.skip_receipts;
    match judge_checkpoint(&document, &checkpoint_trust(trust), &rules) {
        Ok(facts) => judged(run, evidence, &facts, semantics.resolution()),
        Err(error) => {
            let at = Location::whole(Artifact::Checkpoint);
            unreadable(run, ReasonClass::ArtifactUnreadable, at, &error.to_string())
        }
    }
}

fn checkpoint_trust(trust: &Trust) -> CheckpointTrust<'_> {
    let channel = match (trust.export_key(), trust.manifest()) {
        (ExportKey::Pinned(key), _) => CheckpointTrust::pinned(key),
        (ExportKey::SelfAttested, _) => CheckpointTrust::self_attested(),
        (ExportKey::FromManifest, Some(keys)) => CheckpointTrust::keys(keys),
        (ExportKey::FromManifest, None) => CheckpointTrust::none(),
    };
    channel.in_mode(trust.mode())
}

fn unreadable(
    mut run: Run<'_>,
    reason: ReasonClass,
    at: Location,
    summary: &str,
) -> CheckpointReport {
    let finding = if run.limit {
        Finding::notice(reason, at, summary)
    } else {
        Finding::failure(reason, at, summary)
    };
    run.report.findings.push(finding);
    run.conclude_with(None);
    CheckpointReport::unread(run.report)
}

fn judged(
    mut run: Run<'_>,
    evidence: &CheckpointEvidence<'_>,
    facts: &CheckpointFacts<'_>,
    resolution: &Resolution,
) -> CheckpointReport {
    run.report.inspected.checkpoints = 1;
    let composite = facts.composite_hash();
    if let Err(fault) = composite {
        run.take_fault(fault);
    } else {
        run.report.still_holds.push("chain heads and their hash".to_owned());
    }
    run.report.claims.push(verdict::composite_hash(facts, composite));
    let mut signed = false;
    if let Some(signature) = facts.signature() {
        match signature {
            Ok(proof) => {
                signed = true;
                run.report.still_holds.push("signature".to_owned());
                run.report.trust.public_key = Some(proof.key_text().to_owned());
                run.report.trust.channel = Some(proof.checked().key().channel().to_string());
            }
            Err(fault) => run.take_fault(&fault.fault),
        }
        run.report.trust.key_id = facts.reported_key_id();
        run.report.claims.push(verdict::signature(facts, signature));
    }
    let imprints = facts.imprints().unwrap_or_default();
    if let Some(claim) = verdict::imprints(facts.receipts(), imprints) {
        if signed {
            for fault in imprints.iter().filter_map(|judged| judged.as_ref().err()) {
                run.take_fault(fault);
            }
            run.report.claims.push(claim);
        } else {
            let also =
                AlsoJudged { claim: claim.claim, verdict: claim.verdict, reason: claim.reason };
            run.report.also_judged.push(also);
        }
    }
    run.take_findings(facts.notices());
    let hash = facts.stated_composite_hash().and_then(Sha256Digest::from_prefixed);
    let receipts = tsa_trust(evidence, facts.document(), hash, &mut run);
    run.conclude_with(Some(resolution));
    run.report.does_not_prove = DOES_NOT_PROVE.to_vec();
    if receipts.iter().any(|receipt| receipt.stamp().is_none()) {
        run.report.does_not_prove.push(TOKENS_PROVE_LITTLE);
    }
    list_not_checked(&mut run.report);
    let imprints = if signed {
        let receipts = facts.receipts().iter().zip(imprints);
        receipts.map(|(receipt, judged)| ImprintReport::of(receipt, judged)).collect()
    } else {
        Vec::new()
    };
    CheckpointReport::of(run.report, Some(facts), imprints, receipts, evidence)
}

/// Whether trusted authorities made the receipts; skipped, if nobody asked.
fn tsa_trust(
    evidence: &CheckpointEvidence<'_>,
    document: &Value<'_>,
    composite_hash: Option<Sha256Digest>,
    run: &mut Run<'_>,
) -> Vec<ReceiptTrust> {
    let receipts = TsaReceipt::all_of(document);
    let Some(authorities) = &evidence.authorities else {
        return receipts.iter().map(ReceiptTrust::skipped).collect();
    };
    let judged = against(authorities, &receipts, composite_hash, run);
    for finding in judged.iter().filter_map(ReceiptTrust::finding) {
        run.limit |= finding.reason.class() == Some(ReasonClass::BudgetExceeded);
        run.report.findings.push(finding);
    }
    judged
}

#[cfg(feature = "tsa")]
fn against(
    authorities: &Authorities,
    receipts: &[TsaReceipt<'_>],
    composite_hash: Option<Sha256Digest>,
    _run: &mut Run<'_>,
) -> Vec<ReceiptTrust> {
    let limits = TsaLimits::default();
    let bundle = match &authorities.pem {
        Ok(pem) => CaBundle::read(pem, &limits),
        Err(reason) => Err(CaBundleError::Unavailable { reason: reason.clone() }),
    };
    verify_receipts(receipts, composite_hash, bundle.as_ref(), &limits)
}

/// Without the feature nobody can say, which is not the same as a receipt that is bad.
#[cfg(not(feature = "tsa"))]
fn against(
    _: &Authorities,
    receipts: &[TsaReceipt<'_>],
    _: Option<Sha256Digest>,
    run: &mut Run<'_>,
) -> Vec<ReceiptTrust> {
    run.note_limit("this build cannot judge who made time stamps".to_owned());
    receipts.iter().map(ReceiptTrust::skipped).collect()
}

fn list_not_checked(report: &mut Report) {
    use permit_claims::Claim::{CheckpointHash, CheckpointSignature, CheckpointTsa};
    for claim in [CheckpointHash, CheckpointSignature, CheckpointTsa] {
        let judged = report.claim(claim).is_some()
            || report.also_judged.iter().any(|also| also.claim == claim);
        if !judged {
            let because = match claim {
                CheckpointTsa => "there are no time stamps, or they were left out",
                _ => "a claim before it failed",
            };
            report.not_checked.push(NotChecked { claim, because });
        }
    }
}

const DOES_NOT_PROVE: [&str; 3] = [
    "that the entries before the heads are what they were: that is shown by walking the chain to its head",
    "when the checkpoint was made, or which checkpoint it follows: the signature covers the heads alone",
    "that the issuer's keys were in the issuer's hands alone: that rests on the trust root",
];

const TOKENS_PROVE_LITTLE: &str = "who made the time stamps: without the roots of trusted authorities, a token shows only which hash it names";
