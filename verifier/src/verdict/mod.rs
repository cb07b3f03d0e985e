// SPDX-License-Identifier: Apache-2.0

//! The only place where verdicts are built.
//!
//! A passing verdict is made of proofs that only the checks can make, so that a check that was
//! forgotten does not compile. Everything else says why there is no pass.

mod checkpoint;
mod permits;
mod scope;
mod workflow;

pub(crate) use checkpoint::{composite_hash, imprints, signature};
pub(crate) use permits::{decision, dispatch_absence, revoked, slot};
pub(crate) use scope::scope_claims;
pub(crate) use workflow::workflow_claims;

use permit_canonical_json::{Sha256Digest, Value};
use permit_chain::{IntactWalk, WalkOutcome};
use permit_claims::{Claim, ClaimFault, ClaimReport, Subject, Verdict};
use permit_closure::{Aspect, ClosureFault, ClosureOutcome, FaultKind};
use permit_export_bundle::{IDENTITY_MEMBERS, Manifest};
use permit_failure_codes::{FailureCode, Reason, ReasonClass};
use permit_keys::SignatureChecked;

/// The names by which a report calls the files.
#[derive(Clone, Debug)]
pub(crate) struct FileNames {
    /// The export as the caller named it.
    pub(crate) export: String,
    /// The manifest as the caller named it.
    pub(crate) manifest: String,
}

impl FileNames {
    fn export_base(&self) -> String {
        base_name(&self.export)
    }

    fn manifest_base(&self) -> String {
        base_name(&self.manifest)
    }
}

fn base_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()
}

/// Proof that the manifest states the digest of the very bytes that were read (BUNDLE-06).
#[derive(Clone, Copy, Debug)]
pub(crate) struct ContentHashMatches(());

impl ContentHashMatches {
    /// Compares, as text: another spelling of the same digest is not what was signed.
    pub(crate) fn compare(manifest: &Manifest, computed: Sha256Digest) -> Option<Self> {
        let stated = manifest.text("content_hash")?;
        (stated == computed.prefixed().to_string()).then_some(Self(()))
    }
}

/// `export.integrity.v1`, when the content hash matches and the signature was checked.
pub(crate) fn integrity_supported(
    names: &FileNames,
    matches: ContentHashMatches,
    _signature: &SignatureChecked,
) -> ClaimReport {
    let message = "the export is what the manifest's key signed";
    let reason = ReasonClass::ExportIntegritySupported;
    integrity(
        names,
        content_hash_matched(names, matches),
        (Verdict::Supported, reason.into(), message.to_owned()),
    )
}

/// `export.integrity.v1`, when the content hash matches but the signature does not hold.
pub(crate) fn integrity_not_signed(
    names: &FileNames,
    matches: ContentHashMatches,
    verdict: Verdict,
    reason: Reason,
    message: &str,
) -> ClaimReport {
    let signature = (not_supported(verdict), reason, message.to_owned());
    integrity(names, content_hash_matched(names, matches), signature)
}

/// `export.integrity.v1`, when the bytes are others than the manifest says.
pub(crate) fn integrity_hash_mismatch(names: &FileNames) -> ClaimReport {
    let reason = Reason::from(ReasonClass::ContentHashMismatch);
    let message = "the export's bytes are not those that the manifest commits to";
    let evidence = ["manifest.content_hash".to_owned(), names.export.clone()];
    let subject = Subject::new(
        "payload_content_hash",
        Some(names.export_base()),
        Verdict::Disproved,
        reason,
        message,
    );
    let untested = "the signature is over a hash that the export does not have";
    let signature = (Verdict::InsufficientEvidence, reason, untested.to_owned());
    let mut claim = integrity(names, subject.evidence(evidence), signature);
    claim.reason = reason;
    message.clone_into(&mut claim.message);
    claim
}

/// `export.integrity.v1`, when there is no usable manifest.
pub(crate) fn integrity_without_manifest(
    names: &FileNames,
    reason: Reason,
    message: &str,
) -> ClaimReport {
    let subject = Subject::new(
        "manifest",
        Some(names.manifest_base()),
        Verdict::InsufficientEvidence,
        reason,
        message,
    );
    let evidence = [names.manifest.clone()];
    let subjects = vec![subject.evidence(evidence.clone())];
    let claim = ClaimReport::new(Claim::ExportIntegrity, true, subjects, reason, message);
    claim.evidence(evidence)
}

fn content_hash_matched(names: &FileNames, _matches: ContentHashMatches) -> Subject {
    let evidence = ["manifest.content_hash".to_owned(), names.export.clone()];
    Subject::new(
        "payload_content_hash",
        Some(names.export_base()),
        Verdict::Supported,
        ReasonClass::ContentHashMatch,
        "the export's bytes are those that the manifest commits to",
    )
    .evidence(evidence)
}

fn integrity(
    names: &FileNames,
    content_hash: Subject,
    (verdict, reason, message): (Verdict, Reason, String),
) -> ClaimReport {
    let signature = Subject::new(
        "manifest_signature",
        Some(names.manifest_base()),
        verdict,
        reason,
        message.clone(),
    );
    let signature =
        signature.evidence(["manifest.signature", "manifest.public_key", "manifest.key_id"]);
    let subjects = vec![content_hash, signature];
    let claim = ClaimReport::new(Claim::ExportIntegrity, true, subjects, reason, message);
    let evidence =
        ["manifest.content_hash".to_owned(), "manifest.signature".to_owned(), names.export.clone()];
    claim.evidence(evidence)
}

/// What scope identity is judged on, as far as it could be read.
#[derive(Clone, Debug)]
pub(crate) struct ExportIdentity {
    /// Number of records; nothing if the export shows no records.
    pub(crate) records: Option<u64>,
    /// The project that the export names.
    pub(crate) project_id: Option<String>,
    /// Whether the export could be read to its end.
    pub(crate) readable: bool,
}

/// `export.scope_identity.v1`, if the manifest says anything to identify the export.
pub(crate) fn scope_identity(
    manifest: &Manifest,
    identity: &ExportIdentity,
) -> Option<ClaimReport> {
    let missing: Vec<&str> =
        IDENTITY_MEMBERS.into_iter().filter(|name| manifest.get(name).is_none()).collect();
    if missing.len() == IDENTITY_MEMBERS.len() {
        return None;
    }
    let (verdict, reason, message, evidence): (_, ReasonClass, String, &[&str]) =
        if !missing.is_empty() {
            (
                Verdict::InsufficientEvidence,
                ReasonClass::ExportScopeIdentityIncomplete,
                format!("the manifest does not state {}", missing.join(", ")),
                &["manifest"],
            )
        } else {
            judge_identity(manifest, identity)
        };
    let id = manifest.text("export_id").filter(|id| !id.is_empty()).unwrap_or("<unknown>");
    let subject =
        Subject::new("manifest_identity", Some(id.to_owned()), verdict, reason, message.clone());
    let subjects = vec![subject.evidence(evidence.iter().copied())];
    let claim = ClaimReport::new(Claim::ExportScopeIdentity, false, subjects, reason, message);
    Some(claim.evidence(evidence.iter().copied()))
}

fn judge_identity(
    manifest: &Manifest,
    identity: &ExportIdentity,
) -> (Verdict, ReasonClass, String, &'static [&'static str]) {
    let Some(records) = identity.records.filter(|_| identity.readable) else {
        return (
            Verdict::UnverifiableScope,
            ReasonClass::ExportScopeIdentityUnverifiable,
            "the export has no records to compare the manifest with".to_owned(),
            &["manifest", "export.records"],
        );
    };
    let stated = manifest.get("record_count");
    if stated.and_then(Value::as_u64) != Some(records) {
        let stated = stated.and_then(Value::as_number).map_or("no number", |n| n.as_str());
        return (
            Verdict::Disproved,
            ReasonClass::ExportScopeRecordCountMismatch,
            format!("the manifest states {stated} records, the export has {records}"),
            &["manifest.record_count", "export.records"],
        );
    }
    match (manifest.text("project_id"), &identity.project_id) {
        (Some(stated), Some(actual)) if stated != actual => (
            Verdict::Disproved,
            ReasonClass::ExportScopeProjectIdMismatch,
            "the manifest names another project than the export".to_owned(),
            &["manifest.project_id", "export.project_id"],
        ),
        _ => (
            Verdict::Supported,
            ReasonClass::ExportScopeIdentitySupported,
            "what the manifest says to identify the export is true of it".to_owned(),
            &["manifest", "export.records"],
        ),
    }
}

/// `governance_chain.local_continuity.v1`, from a walk that found everything in order.
pub(crate) fn continuity_supported(proof: IntactWalk) -> ClaimReport {
    let scopes = proof.scopes();
    let of = if scopes == 1 { "1 scope".to_owned() } else { format!("{scopes} scopes") };
    // The first entry of a scope has no entry before it that it could name.
    let links = proof.entries().saturating_sub(u64::try_from(scopes).unwrap_or(u64::MAX));
    let message = format!("{} entries of {of} hash, and {links} links hold", proof.entries());
    continuity(Verdict::Supported, ReasonClass::WalkEventsSupported.into(), &message)
}

/// `governance_chain.local_continuity.v1`, when it is not shown.
pub(crate) fn continuity_not_shown(verdict: Verdict, reason: Reason, message: &str) -> ClaimReport {
    continuity(not_supported(verdict), reason, message)
}

/// The verdict of a walk by its first fault.
pub(crate) fn continuity_of(walk: &WalkOutcome) -> Option<ClaimReport> {
    let first =
        walk.findings.iter().find(|finding| finding.severity == permit_types::Severity::Failure)?;
    let verdict = match first.code() {
        Some(FailureCode::WalkUnknownChainFormat) => Verdict::UnverifiableScope,
        _ => Verdict::Disproved,
    };
    Some(continuity(verdict, first.reason, &first.summary))
}

fn continuity(verdict: Verdict, reason: Reason, message: &str) -> ClaimReport {
    let evidence = ["export.chain_entries", "export.records.chain_entries"];
    let subject = Subject::new(
        "governance_chain",
        Some("chain_entries".to_owned()),
        verdict,
        reason,
        message,
    );
    let subjects = vec![subject.evidence(evidence)];
    let claim = ClaimReport::new(Claim::ChainContinuity, true, subjects, reason, message);
    claim.evidence(evidence)
}

/// The claims about closures that count, and those that were judged beside them.
#[derive(Debug, Default)]
pub(crate) struct ClosureVerdicts {
    pub(crate) claims: Vec<ClaimReport>,
    pub(crate) also: Vec<(Claim, Verdict, Reason)>,
}

/// The claims about closures.
///
/// As in the reference, a run that fails reports the claim that failed, and that signatures hold
/// if it got that far; unlike there, signatures hold only if all of them do.
pub(crate) fn closure_verdicts(outcome: &ClosureOutcome, has_manifest: bool) -> ClosureVerdicts {
    let mut verdicts = ClosureVerdicts::default();
    let Some(first) = outcome.faults.first() else {
        verdicts.claims = closure_claims_that_hold(outcome);
        return verdicts;
    };
    let signatures_fail = outcome.failed_aspects.contains(&Aspect::Signature)
        || outcome.failed_aspects.contains(&Aspect::Format);
    let of_signature = |fault: &&ClosureFault| fault.kind.aspect() <= Aspect::Signature;
    if let Some(fault) = outcome.faults.iter().find(of_signature) {
        verdicts.claims.push(failed_closure(fault, has_manifest));
    } else if !signatures_fail {
        verdicts.claims.push(closure_signatures_hold(outcome));
    }
    if first.kind.aspect() > Aspect::Signature {
        verdicts.claims.push(failed_closure(first, has_manifest));
    }
    let judged: Vec<Claim> = verdicts.claims.iter().map(|claim| claim.claim).collect();
    for fault in &outcome.faults {
        let claim = claim_of_fault(fault.kind);
        let known = verdicts.also.iter().any(|(also, _, _)| *also == claim);
        if !judged.contains(&claim) && !known {
            verdicts.also.push((claim, verdict_of(fault.kind, has_manifest), fault.finding.reason));
        }
    }
    verdicts
}

fn closure_claims_that_hold(outcome: &ClosureOutcome) -> Vec<ClaimReport> {
    if outcome.closures == 0 {
        let message = "the export has no closures";
        let reason = ReasonClass::ClosureNoEvaluableSubjects.into();
        return vec![closure_signature(Verdict::InsufficientEvidence, reason, message)];
    }
    let mut claims = vec![closure_signatures_hold(outcome)];
    if outcome.digests > 0 {
        let message =
            format!("{} agree with their events", count_of(outcome.digests, "response digest"));
        let evidence = ["export.chain_entries[permit.closed]"];
        claims.push(closure_claim(
            Claim::ClosureDigests,
            ("closure_digest", "provider_client_response"),
            ReasonClass::ClosureDigestConsistencySupported.into(),
            &message,
            &evidence,
        ));
    }
    if outcome.dispatches > 0 {
        let message =
            format!("{}, each that of its permit", count_of(outcome.dispatches, "dispatch digest"));
        let evidence =
            ["export.records.permit.binding_request_hash", "export.chain_entries[permit.closed]"];
        claims.push(closure_claim(
            Claim::ClosureDispatch,
            ("closure_dispatch_digest", "dispatch_request_digest_v1"),
            ReasonClass::ClosureDispatchBindingSupported.into(),
            &message,
            &evidence,
        ));
    }
    claims
}

fn count_of(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn closure_claim(
    claim: Claim,
    (kind, id): (&'static str, &str),
    reason: Reason,
    message: &str,
    evidence: &[&str],
) -> ClaimReport {
    let subject = Subject::new(kind, Some(id.to_owned()), Verdict::Supported, reason, message);
    let subjects = vec![subject.evidence(evidence.iter().copied())];
    let report = ClaimReport::new(claim, true, subjects, reason, message);
    report.evidence(evidence.iter().copied())
}

fn closure_signatures_hold(outcome: &ClosureOutcome) -> ClaimReport {
    // Every closure was asked for its signature, and every answer was yes.
    let all = outcome.signatures == outcome.closures
        && !outcome.failed_aspects.contains(&Aspect::Signature)
        && !outcome.failed_aspects.contains(&Aspect::Format);
    if !all {
        let message = "not every closure could be asked for its signature";
        let reason = FailureCode::WalkClosureSignatureInvalid.into();
        return closure_signature(Verdict::InsufficientEvidence, reason, message);
    }
    let message =
        format!("{} checked, all hold", count_of(outcome.signatures, "closure signature"));
    let reason = ReasonClass::ClosureSignatureSupported.into();
    closure_signature(Verdict::Supported, reason, &message)
}

/// `closure.signature.v1`, when closures could not be looked at.
pub(crate) fn closures_not_judged(verdict: Verdict, reason: Reason, message: &str) -> ClaimReport {
    closure_signature(not_supported(verdict), reason, message)
}

fn closure_signature(verdict: Verdict, reason: Reason, message: &str) -> ClaimReport {
    closure_subject(Claim::ClosureSignature, verdict, reason, message)
}

fn closure_subject(claim: Claim, verdict: Verdict, reason: Reason, message: &str) -> ClaimReport {
    let evidence = ["export.chain_entries[permit.closed]"];
    let subject =
        Subject::new("closure", Some("permit.closed".to_owned()), verdict, reason, message);
    let subjects = vec![subject.evidence(evidence)];
    let report = ClaimReport::new(claim, true, subjects, reason, message);
    report.evidence(evidence)
}

fn failed_closure(fault: &ClosureFault, has_manifest: bool) -> ClaimReport {
    let verdict = not_supported(verdict_of(fault.kind, has_manifest));
    let finding = &fault.finding;
    closure_subject(claim_of_fault(fault.kind), verdict, finding.reason, &finding.summary)
}

fn claim_of_fault(kind: FaultKind) -> Claim {
    match kind.aspect() {
        Aspect::Format | Aspect::Signature => Claim::ClosureSignature,
        Aspect::Digests => Claim::ClosureDigests,
        Aspect::Dispatch => Claim::ClosureDispatch,
    }
}

fn verdict_of(kind: FaultKind, has_manifest: bool) -> Verdict {
    match kind {
        // What the closure means is not known here.
        FaultKind::UnknownFormat | FaultKind::UnknownStatus => Verdict::UnverifiableScope,
        // Something that would have to be there is not.
        FaultKind::DigestMissing
        | FaultKind::EvidenceMissing
        | FaultKind::DispatchMissing
        | FaultKind::PermitHashMissing
        | FaultKind::Orphan => Verdict::InsufficientEvidence,
        FaultKind::KeyNotUsable if !has_manifest => Verdict::InsufficientEvidence,
        _ => Verdict::Disproved,
    }
}

/// A verdict for something that failed, whatever the caller says.
fn not_supported(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Supported => Verdict::InsufficientEvidence,
        other => other,
    }
}

/// What a claim was judged on.
enum Judged {
    /// One thing.
    One(Subject),
    /// Several, at least one of which is there.
    All(Vec<Subject>),
}

/// A claim, which says what the worst of its subjects says.
fn claim_of(claim: Claim, judged: Judged) -> ClaimReport {
    let subjects = match judged {
        Judged::One(subject) => vec![subject],
        Judged::All(subjects) => subjects,
    };
    let verdict = permit_claims::aggregate(subjects.iter().map(|subject| subject.verdict));
    let telling = subjects.iter().find(|subject| subject.verdict == verdict);
    let (reason, message, evidence) = match telling {
        Some(subject) => (subject.reason, subject.message.clone(), subject.evidence.clone()),
        None => (ReasonClass::RequiredClaimNotAdjudicated.into(), String::new(), Vec::new()),
    };
    ClaimReport::new(claim, true, subjects, reason, message).evidence(evidence)
}

/// A subject that a proof was found for; called with a proof at hand only.
fn shown_subject(
    kind: &'static str,
    id: Option<String>,
    (reason, message): (Reason, String),
    evidence: impl IntoIterator<Item = String>,
) -> Subject {
    Subject::new(kind, id, Verdict::Supported, reason, message).evidence(evidence)
}

fn failed_subject(kind: &'static str, id: Option<&str>, fault: &ClaimFault) -> Subject {
    let id = id.map(str::to_owned);
    let subject = Subject::new(kind, id, fault.verdict.into(), fault.reason(), fault.message());
    subject.evidence(fault.evidence.iter().cloned())
}

/// A claim that a pack asks for by semantics that did not resolve.
pub(crate) fn unresolved(claim: Claim, document: &str, fault: &ClaimFault) -> ClaimReport {
    let name = base_name(document);
    claim_of(claim, Judged::One(failed_subject("semantic_resolution", Some(&name), fault)))
}
