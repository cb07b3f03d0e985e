// SPDX-License-Identifier: Apache-2.0

//! The verifier of this project in this process: the same trait as for any other.

use std::{
    fs,
    path::{Path, PathBuf},
};

use permit_canonical_json::{Budget, Profile, Sha256Digest, Value, read};
use permit_chain::{EntryFields, RecordHashInputs, WalkOptions, Walker, record_hash_v1};
use permit_claims::{Claim, Outcome, to_pretty_text};
use permit_delegation::{ChainContext, judge_pack};
use permit_failure_codes::ReasonClass;
use permit_keys::{KeyManifest, Mode};
use permit_verifier::{
    Authorities, CheckpointEvidence, ExportEvidence, ExportOptions, Folder, InMemoryFolder, Layers,
    NamedFile, PackPath, Report, Slot, Trust, judge_delegation_denied, judge_scope_faithfulness,
    judge_slot, verify_checkpoint, verify_export,
};

use crate::{
    additions::Check,
    op::{CanonicalProfile, ClaimStatus, Op, VectorResult, VerifierMode},
    position::EvidenceCounts,
    preset::registry_name,
    protocol::{Answer, AnsweredClaim, ClaimResult, Implementation, RunRequest, TrustRootSource},
    session::{Session, StartError, Verifier},
    verdict_report::{answer_of, both, take_reason},
};

/// The verifier of this project.
#[derive(Clone, Copy, Debug, Default)]
pub struct OwnVerifier;

impl OwnVerifier {
    /// Who it is and what it can do.
    #[must_use]
    pub fn about() -> Implementation {
        Implementation {
            name: "permit-verifier".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            language: Some("Rust".to_owned()),
            homepage: Some(env!("CARGO_PKG_REPOSITORY").to_owned()),
            ops: vec![
                Op::VerifyBundle,
                Op::VerifyCheckpoint,
                Op::VerifyChain,
                Op::RecordHash,
                Op::Canonicalize,
                Op::Claim,
            ],
            features: vec!["*".to_owned()],
            level_claimed: Some(5),
            verdict_only: false,
        }
    }
}

impl Verifier for OwnVerifier {
    fn start(&self) -> Result<Box<dyn Session + '_>, StartError> {
        Ok(Box::new(OwnSession { about: Self::about() }))
    }
}

struct OwnSession {
    about: Implementation,
}

impl Session for OwnSession {
    fn about(&self) -> &Implementation {
        &self.about
    }

    fn answer(&mut self, request: &RunRequest) -> Answer {
        let answer = match request.op {
            Op::VerifyBundle => bundle(request),
            Op::VerifyCheckpoint => checkpoint(request),
            Op::VerifyChain => chain(request),
            Op::RecordHash | Op::Canonicalize => digests(request),
            Op::Claim => claim(request),
            op => Ok(Answer::skipped(request.seq, format!("`{op}` is not done here"))),
        };
        answer.unwrap_or_else(|reason| Answer::errored(request.seq, reason))
    }
}

fn bundle(request: &RunRequest) -> Result<Answer, String> {
    if !request.files.contains_key("export") {
        return checkpoint(request);
    }
    if is_trust_root_refused(request) {
        return Ok(without_trust_root(request));
    }
    let report = export_report(request)?;
    let export = named(request, "export")?;
    let answer = report_answer(request, &report, Some(&export.bytes))?;
    // A checkpoint that no scope state belongs to is judged by itself.
    if request.files.contains_key("checkpoint") && !request.files.contains_key("sidecar") {
        return Ok(both(answer, checkpoint(request)?));
    }
    Ok(answer)
}

/// A trust root that is refused when it is loaded resolves no key.
fn without_trust_root(request: &RunRequest) -> Answer {
    let mut answer =
        Answer { seq: request.seq, result: Some(VectorResult::Fail), ..Answer::default() };
    let word = ReasonClass::TrustRootUnresolvable.as_str();
    take_reason(&mut answer, Some(word), None);
    answer.claims.push(AnsweredClaim {
        name: Claim::ExportIntegrity.as_str().to_owned(),
        verdict: ClaimStatus::InsufficientEvidence,
        reason: Some(word.to_owned()),
    });
    answer
}

fn is_trust_root_refused(request: &RunRequest) -> bool {
    let bytes = request.trust_root.as_ref().and_then(|path| fs::read(path).ok());
    bytes.is_some_and(|bytes| KeyManifest::read(&bytes, &Budget::default()).is_err())
}

fn export_report(request: &RunRequest) -> Result<Report, String> {
    let (export, manifest) = (named(request, "export")?, named(request, "manifest")?);
    let trust = trust(request)?;
    let folder = folder_of(request, &["export", "manifest"])?;
    let mut options = ExportOptions::default();
    options.layers = Layers {
        walk_events: request.checks.contains(&Check::WalkEvents),
        verify_closure: request.checks.contains(&Check::VerifyClosure),
    };
    let mut evidence =
        ExportEvidence::new(export.name, export.bytes.as_slice(), manifest).folder(&folder);
    // As with the command: only the claim about scopes is told where its files are.
    if request.op == Op::Claim {
        let optional = |role| request.files.get(role).map(|_| named(request, role)).transpose();
        evidence = evidence.checkpoint(optional("checkpoint")?).sidecar(optional("sidecar")?);
    }
    let dispatched = "dispatched_request";
    let request = request.files.get(dispatched).map(|_| named(request, dispatched));
    let evidence = evidence.dispatched_request(request.transpose()?);
    verify_export(evidence, &trust, &options).map_err(|error| error.to_string())
}

fn checkpoint(request: &RunRequest) -> Result<Answer, String> {
    let folder = folder_of(request, &["checkpoint"])?;
    let authorities = match request.files.get("tsa_ca_bundle") {
        None => None,
        Some(_) => {
            let NamedFile { name, bytes } = named(request, "tsa_ca_bundle")?;
            Some(Authorities { name, pem: Ok(bytes) })
        }
    };
    let evidence = CheckpointEvidence {
        file: named(request, "checkpoint")?,
        folder: &folder,
        authorities,
        skip_receipts: false,
    };
    let judged = verify_checkpoint(&evidence, &trust(request)?, &ExportOptions::default());
    let mut answer = report_answer(request, &judged.report, None)?;
    let seen = answer.evidence_inspected.get_or_insert_default();
    seen.checkpoints = seen.checkpoints.max(1);
    Ok(answer)
}

/// A report goes the way of its JSON, as that of the command does.
fn report_answer(
    request: &RunRequest,
    report: &Report,
    export: Option<&[u8]>,
) -> Result<Answer, String> {
    if report.outcome == Outcome::CouldNotJudge {
        return Err(report.error.clone().unwrap_or_else(|| "it could not be judged".to_owned()));
    }
    let text = to_pretty_text(&report.to_json());
    let value = read(text.as_bytes(), &Budget::default()).map_err(|error| error.to_string())?;
    let mut answer = answer_of(request.seq, &value, export);
    answer.verifier_mode = Some(mode(request));
    answer.trust_root_source = request.trust_root.as_ref().map(|_| TrustRootSource::ExplicitFlag);
    Ok(answer)
}

fn chain(request: &RunRequest) -> Result<Answer, String> {
    let file = named(request, "chain")?;
    let mut answer = Answer { seq: request.seq, ..Answer::default() };
    let document = match read(&file.bytes, &Budget::default()) {
        Ok(document) => document,
        Err(_) => {
            answer.result = Some(VectorResult::Fail);
            take_reason(&mut answer, Some("EXPORT_STRUCTURE_INVALID"), None);
            return Ok(answer);
        }
    };
    let entries = document.as_array().or_else(|| document.get("chain_entries")?.as_array());
    let entries = entries.ok_or("the chain is neither an array nor has `chain_entries`")?;
    let in_object = document.as_object().is_some();
    let mut walker = Walker::new(
        WalkOptions::default(),
        if in_object {
            |place| {
                permit_canonical_json::JsonPointer::root()
                    .member("chain_entries")
                    .index(place.index)
            }
        } else {
            |place| permit_canonical_json::JsonPointer::root().index(place.index)
        },
    );
    for (index, entry) in (0..).zip(entries) {
        let object = entry.as_object().ok_or("an entry is no object")?;
        walker.entry(&EntryFields::of_entry(object, entry.range()), 0, index);
    }
    let outcome = walker.finish();
    if let Some(limit) = &outcome.limit {
        return Err(format!("a limit was reached: {limit:?}"));
    }
    let mut report = Report::new("chain");
    report.outcome = match outcome.intact() {
        Some(_) => Outcome::Verified,
        None => Outcome::NotVerified,
    };
    report.inspected.chain_entries = outcome.entries;
    report.findings = outcome.findings;
    report_answer(request, &report, Some(&file.bytes))
}

fn digests(request: &RunRequest) -> Result<Answer, String> {
    let mut answer = Answer { seq: request.seq, ..Answer::default() };
    for role in &request.documents {
        let file = named(request, role)?;
        let digest = if request.op == Op::RecordHash {
            record_hash(&file.bytes)
        } else {
            let profile = request.profile.unwrap_or(CanonicalProfile::Payload).profile();
            canonical_digest(&file, profile)
        };
        answer.output.insert(role.clone(), digest.map(|digest| digest.to_string()));
    }
    answer.result = Some(VectorResult::Pass);
    Ok(answer)
}

fn record_hash(bytes: &[u8]) -> Option<Sha256Digest> {
    let entry = read(bytes, &Budget::default()).ok()?;
    let fields = EntryFields::of_entry(entry.as_object()?, entry.range());
    let number = fields.sequence_number.and_then(Value::as_u64);
    Some(record_hash_v1(&RecordHashInputs::check(&fields, number).ok()?))
}

/// The digest of a document's canonical form; nothing if it has none.
fn canonical_digest(file: &NamedFile, profile: Profile) -> Option<Sha256Digest> {
    if !file.name.ends_with(".jsonl") {
        return profile.digest(&read(&file.bytes, &Budget::default()).ok()?).ok();
    }
    let mut forms = String::new();
    let lines = file.bytes.strip_suffix(b"\n").unwrap_or(&file.bytes);
    for line in lines.split(|byte| *byte == b'\n') {
        let document = read(line, &Budget::default()).ok()?;
        forms.push_str(&profile.to_text(&document).ok()?);
        forms.push('\n');
    }
    Some(Sha256Digest::of(forms.as_bytes()))
}

fn claim(request: &RunRequest) -> Result<Answer, String> {
    if request.files.contains_key("pack") {
        return pack(request);
    }
    let claim = request.claim.as_deref().unwrap_or_default();
    let options = ExportOptions::default();
    let answer = match slot_named(claim) {
        Some(slot) => {
            let manifest = request.files.get("manifest").map(|_| named(request, "manifest"));
            let (export, manifest) = (named(request, "export")?, manifest.transpose()?);
            let folder = folder_of(request, &["export"])?;
            judge_slot(slot, &export, manifest.as_ref(), &trust(request)?, &options, &folder)
        }
        None if claim == "scope_faithfulness" => judge_scope_faithfulness(&export_report(request)?),
        None if claim == "delegation_denied_correctly" => {
            let folder = folder_of(request, &["evidence"])?;
            let event = request.event_id.as_deref();
            judge_delegation_denied(&named(request, "evidence")?, event, &folder, &options)
        }
        None => {
            let reason = format!("the claim `{claim}` is not judged by itself");
            return Ok(Answer::skipped(request.seq, reason));
        }
    };
    if answer.exit_code() == 2 {
        return Err("a limit was reached".to_owned());
    }
    let status = ClaimStatus::parse(answer.verdict().as_str()).ok_or("no verdict")?;
    let first = answer.findings().first();
    let word = first.map(|finding| finding.reason.as_str());
    let code = first.and_then(permit_types::Finding::code).map(|code| code.as_str());
    Ok(claim_answer(request, claim, status, word, code, None))
}

fn pack(request: &RunRequest) -> Result<Answer, String> {
    let file = named(request, "pack")?;
    let document = read(&file.bytes, &Budget::default()).map_err(|error| error.to_string())?;
    let result = judge_pack(&document, &ChainContext::default());
    let json = result.to_json(env!("CARGO_PKG_VERSION"));
    let text = |name: &str| json.get(name).and_then(Value::as_str);
    let status = text("status").and_then(ClaimStatus::parse).ok_or("no verdict")?;
    let claim = text("claim_type").unwrap_or_default();
    let (word, code) = (text("reason_code"), text("failure_code"));
    Ok(claim_answer(request, claim, status, word, code, text("revocation_status")))
}

fn claim_answer(
    request: &RunRequest,
    claim_type: &str,
    status: ClaimStatus,
    word: Option<&str>,
    code: Option<&str>,
    revocation_status: Option<&str>,
) -> Answer {
    let supported = status == ClaimStatus::Supported;
    let mut answer = Answer { seq: request.seq, ..Answer::default() };
    answer.result = Some(if supported { VectorResult::Pass } else { VectorResult::Fail });
    if !supported {
        take_reason(&mut answer, word, code);
    }
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let reason = owned(word.or(code).filter(|_| !supported));
    let name = registry_name(claim_type);
    answer.claims.push(AnsweredClaim { name, verdict: status, reason });
    answer.claim_result = Some(ClaimResult {
        claim_type: claim_type.to_owned(),
        status,
        failure_code: owned(code.or(word).filter(|_| !supported)),
        revocation_status: owned(revocation_status),
    });
    answer.evidence_inspected = Some(EvidenceCounts::default());
    answer.verifier_mode = Some(mode(request));
    answer
}

fn slot_named(claim: &str) -> Option<Slot> {
    match claim {
        "operator_approved" => Some(Slot::OperatorApproval),
        "counter_signed" => Some(Slot::CounterSignature),
        "audit_attested" => Some(Slot::AuditAttestation),
        _ => None,
    }
}

fn mode(request: &RunRequest) -> VerifierMode {
    if request.test_mode { VerifierMode::Test } else { VerifierMode::Production }
}

fn trust(request: &RunRequest) -> Result<Trust, String> {
    let mode = if request.test_mode { Mode::Test } else { Mode::Production };
    let trust = match &request.trust_root {
        Some(path) => {
            let bytes = fs::read(path).map_err(|error| error.to_string())?;
            let keys = KeyManifest::read(&bytes, &Budget::default())
                .map_err(|error| format!("the trust root cannot be used: {error}"))?;
            Trust::key_manifest(keys, "the trust root of the case")
        }
        None => Trust::self_attested(),
    };
    Ok(trust.in_mode(mode))
}

fn named(request: &RunRequest, role: &str) -> Result<NamedFile, String> {
    let path = request.files.get(role).ok_or_else(|| format!("the case has no file `{role}`"))?;
    let bytes = fs::read(path).map_err(|error| format!("`{path}` cannot be read: {error}"))?;
    Ok(NamedFile::new(path.clone(), bytes))
}

/// The files of the input, as seen from the folders of the first and the last of these roles.
fn folder_of(request: &RunRequest, roles: &[&str]) -> Result<InMemoryFolder, String> {
    let parent_of = |role: &&str| {
        let path = request.files.get(*role).map(PathBuf::from);
        path.and_then(|path| path.parent().map(Path::to_path_buf))
    };
    let root = PathBuf::from(&request.input);
    let export = roles.first().and_then(parent_of).unwrap_or_else(|| root.clone());
    let manifest = roles.last().and_then(parent_of).unwrap_or_else(|| root.clone());
    let above = manifest.parent().map(Path::to_path_buf).unwrap_or_else(|| root.clone());
    let places =
        [(Folder::Manifest, manifest), (Folder::AboveManifest, above), (Folder::Export, export)];
    let mut folder = InMemoryFolder::new();
    for path in files_below(&root)? {
        for (place, base) in &places {
            // Nothing outside of the input is seen, wherever the manifest lies.
            let Ok(inside) = path.strip_prefix(base) else { continue };
            let inside = inside.to_string_lossy().replace('\\', "/");
            if let Ok(inside) = PackPath::parse(&inside) {
                let bytes = fs::read(&path).map_err(|error| error.to_string())?;
                folder.insert(*place, inside, bytes);
            }
        }
    }
    Ok(folder)
}

fn files_below(root: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| error.to_string())? {
            let entry = entry.map_err(|error| error.to_string())?;
            if entry.file_type().map_err(|error| error.to_string())?.is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    Ok(files)
}
