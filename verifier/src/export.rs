// SPDX-License-Identifier: Apache-2.0

//! Verifying an export: its manifest, its bytes, and what it holds.
//!
//! ```text
//! manifest ─► signature over the text of content_hash, by a trusted key active at signed_at
//! payload  ─► one pass: content hash, entries, closures, permits, and evidence beside the chain
//! both     ─► claims by the semantics that the pack pins, in the order of the reference; the first that fails ends the list
//! ```
//!
//! The signature is over the content hash alone, so that it can be checked before the payload is
//! touched. What the pass finds counts only if the bytes turn out to be those that were signed
//! (BUNDLE-19).

use std::io::{self, Read};

use permit_canonical_json::{Excerpt, Sha256Digest};
use permit_claims::{Claim, Report, SemanticArtifact, SemanticsMode, to_pretty_text};
use permit_closure::{ClosureRules, KnownFormats};
use permit_export_bundle::{ByteTap, Manifest};
use permit_failure_codes::ReasonClass;
use permit_pins::{PackDocument, PackFileProblem, Semantics, resolve};
use permit_types::{Artifact, Finding, Location};

use crate::{
    beside::Beside,
    collected::Wanted,
    integrity::{Unsigned, member_location},
    options::ExportOptions,
    pack_folder::{Finder, NoFolder, PackFolder, PinFiles},
    payload::{Asked, read_payload},
    run::{Pack, Run},
    trust::Trust,
    verdict::FileNames,
    worker,
};

/// A file that the caller names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// What the caller calls it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl NamedFile {
    /// A file of this name.
    pub fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), bytes }
    }
}

/// An export as it is handed in.
#[derive(Clone)]
pub struct ExportEvidence<'e, R> {
    payload: R,
    payload_name: String,
    manifest: NamedFile,
    folder: &'e dyn PackFolder,
    checkpoint: Option<NamedFile>,
    sidecar: Option<NamedFile>,
    dispatched_request: Option<NamedFile>,
}

impl<R> std::fmt::Debug for ExportEvidence<'_, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExportEvidence")
            .field("payload_name", &self.payload_name)
            .field("manifest", &self.manifest.name)
            .finish_non_exhaustive()
    }
}

impl<'e, R: Read> ExportEvidence<'e, R> {
    /// An export whose bytes are read once and in order, its manifest, and no other files.
    pub fn new(payload_name: impl Into<String>, payload: R, manifest: NamedFile) -> Self {
        let payload_name = payload_name.into();
        Self {
            payload,
            payload_name,
            manifest,
            folder: &NoFolder,
            checkpoint: None,
            sidecar: None,
            dispatched_request: None,
        }
    }

    /// The same, with files beside it: semantics, checkpoint, scope states, workflow evidence.
    #[must_use]
    pub fn folder(mut self, folder: &'e dyn PackFolder) -> Self {
        self.folder = folder;
        self
    }

    /// The same, with the checkpoint that scope states belong to, wherever it lies.
    #[must_use]
    pub fn checkpoint(mut self, checkpoint: Option<NamedFile>) -> Self {
        self.checkpoint = checkpoint;
        self
    }

    /// The same, with the scope state that its segments refer to, wherever it lies.
    #[must_use]
    pub fn sidecar(mut self, sidecar: Option<NamedFile>) -> Self {
        self.sidecar = sidecar;
        self
    }

    /// The same, with the bytes of a request that was dispatched: a permit has to be bound to it
    /// (PERMIT-26).
    #[must_use]
    pub fn dispatched_request(mut self, request: Option<NamedFile>) -> Self {
        self.dispatched_request = request;
        self
    }
}

/// Verifies an export.
///
/// Pure but for reading the payload and the files beside it: no clock, no network, no globals. The
/// same evidence, trust and options give the same report.
///
/// ```
/// use permit_verifier::{ExportEvidence, ExportOptions, NamedFile, Outcome, Trust, verify_export};
///
/// let manifest = NamedFile::new("manifest.json", b"{\"content_hash\": \"sha256:00\"}".to_vec());
/// let evidence = ExportEvidence::new("export.json", b"{}".as_slice(), manifest);
/// let report = verify_export(evidence, &Trust::self_attested(), &ExportOptions::default())?;
/// assert_eq!(report.outcome, Outcome::NotVerified);
/// assert_eq!(report.headline().unwrap().reason.as_str(), "CONTENT_HASH_MISMATCH");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// If the payload's source fails. What is wrong with the evidence is in the report.
pub fn verify_export<R: Read>(
    evidence: ExportEvidence<'_, R>,
    trust: &Trust,
    options: &ExportOptions,
) -> io::Result<Report> {
    let ExportEvidence {
        payload,
        payload_name,
        manifest,
        folder,
        checkpoint,
        sidecar,
        dispatched_request,
    } = evidence;
    let names = FileNames { export: payload_name, manifest: manifest.name };
    let mut run = Run::new(names, trust, options);
    let manifest = match Manifest::read(&manifest.bytes, &options.budget) {
        Ok(manifest) => manifest,
        Err(problem) => return Ok(run.without_manifest(&problem, &manifest.bytes)),
    };
    run.report.artifact.digests.push((Artifact::Manifest, manifest.digest()));
    run.report.findings.extend(reported_by_issuer(&manifest));
    let resolved = resolve(PackDocument::ExportManifest, manifest.value(), &PinFiles(folder));
    let semantics = match resolved {
        Ok(semantics) => semantics,
        Err(failure) => return Ok(run.unresolved(&failure)),
    };
    run.use_semantics(&semantics);
    let signature = run.signature(&manifest);
    let signed = signature.is_ok() || matches!(signature, Err(Unsigned::Allowed(_)));
    let files = Finder::new(folder, options.file_bytes);
    let beside = Beside {
        trust,
        options,
        semantics: &semantics,
        manifest: &manifest,
        files: &files,
        checkpoint: checkpoint.as_ref(),
        sidecar: sidecar.as_ref(),
    };
    let sibling = if signature.is_ok() { beside.sibling() } else { None };
    let (digest, facts) = if signed {
        let history = match &sibling {
            Some(Ok(sibling)) => Some(sibling.history()),
            _ => None,
        };
        let asked = Asked {
            layers: run.layers,
            chain_v1_known: semantics.known(SemanticArtifact::ChainRecordHash),
            closure_rules: closure_rules(&semantics),
            declared_lines: manifest.text("format") == Some("jsonl"),
            declared_archive: is_declared_archive(&manifest),
            wanted: Wanted { dispatches: semantics.requests(Claim::DispatchAbsence) },
            history,
            dispatched: dispatched_request.as_ref().map(|file| file.bytes.as_slice()),
        };
        let facts = read_payload(payload, trust, &asked, options)?;
        (facts.digest, Some(facts))
    } else {
        (hash_only(payload, options)?, None)
    };
    let pack = Pack { beside, sibling };
    run.judge(&pack, signature, digest, facts);
    drop(pack);
    let mut report = run.report;
    tell_of_files(&mut report, files.into_problems());
    Ok(report)
}

/// BUNDLE-18: an error that the issuer's own check of the chain found is shown.
fn reported_by_issuer(manifest: &Manifest) -> Option<Finding> {
    let error = manifest.get("chain_integrity")?.get("error").filter(|error| !error.is_null())?;
    let at = member_location(manifest, "chain_integrity");
    let summary = "the issuer's own check of the chain found an error";
    let said = error.as_str().map_or_else(|| to_pretty_text(error), str::to_owned);
    let finding = Finding::notice(ReasonClass::IssuerReportedError, at, summary).rule("BUNDLE-18");
    Some(finding.detail("error", Excerpt(said.trim()).to_string()))
}

/// How closures are judged by the semantics of a pack.
fn closure_rules(semantics: &Semantics) -> ClosureRules {
    let (v1, v2) = (SemanticArtifact::ClosureFormatV1, SemanticArtifact::ClosureFormatV2);
    let known = KnownFormats { v1: semantics.known(v1), v2: semantics.known(v2) };
    let mut rules = ClosureRules::default();
    rules.known = known;
    rules.pinned_recipe = semantics.resolution().mode() == SemanticsMode::Pinned;
    rules
}

/// Whether the manifest speaks of an archive, which has to be unpacked from its bytes.
fn is_declared_archive(manifest: &Manifest) -> bool {
    manifest.get("manifest_version").is_some()
        || manifest.text("export_type") == Some("incident_evidence")
}

/// Files that are there and cannot be read are worth a remark: claims miss them.
fn tell_of_files(report: &mut Report, problems: Vec<(String, PackFileProblem)>) {
    for (path, problem) in problems {
        let at = Location::whole(Artifact::Export);
        let summary = format!("a file beside the export was not used: {problem}");
        let finding = Finding::notice(ReasonClass::ArtifactUnreadable, at, summary);
        report.findings.push(finding.detail("path", path));
    }
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
