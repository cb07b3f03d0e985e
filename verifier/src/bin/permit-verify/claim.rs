// SPDX-License-Identifier: Apache-2.0

//! `permit-verify claim`

use std::{path::Path, process::ExitCode};

use permit_canonical_json::{Budget, Excerpt, read};
use permit_delegation::{ChainContext, judge_pack};
use permit_verifier::{
    ClaimAnswer, ExportEvidence, ExportOptions, NamedFile, NoFolder, PackFolder, Slot,
    judge_delegation_denied, judge_scope_faithfulness, judge_slot, verify_export,
};

use crate::{
    args::{
        ClaimCommand, DelegationArgs, Format, OutputArgs, PermitChainArgs, ScopeArgs, SlotArgs,
        TrustArgs,
    },
    disk_folder::DiskFolder,
    files, output,
    trust_root::{self, Found, NoTrust},
};

pub(crate) fn run(command: &ClaimCommand) -> ExitCode {
    let (answer, output) = match command {
        ClaimCommand::DelegationDenied(args) => (delegation(args), &args.output),
        // Its answer has a form of its own.
        ClaimCommand::PermitChain(args) => return permit_chain(args),
        ClaimCommand::ScopeFaithfulness(args) => (scope(args), &args.output),
        ClaimCommand::OperatorApproved(args) => (slot(Slot::OperatorApproval, args), &args.output),
        ClaimCommand::CounterSigned(args) => (slot(Slot::CounterSignature, args), &args.output),
        ClaimCommand::AuditAttested(args) => (slot(Slot::AuditAttestation, args), &args.output),
    };
    match answer {
        Ok(answer) => print(&answer, output),
        Err(status) => status,
    }
}

fn permit_chain(args: &PermitChainArgs) -> ExitCode {
    let pack = match named("pack", &args.pack_file) {
        Ok(pack) => pack,
        Err(status) => return status,
    };
    let document = match read(&pack.bytes, &Budget::default()) {
        Ok(document) => document,
        Err(error) => {
            let message = format!("the pack `{}` cannot be read: {error}", pack.name);
            return output::error(&message, "check that it is the JSON of a pack");
        }
    };
    let result = judge_pack(&document, &ChainContext::default());
    let json = result.to_json(env!("CARGO_PKG_VERSION"));
    let text = match args.output.format_or(Format::Json) {
        Format::Text => format!("{}  {}\n", result.status().as_str(), Excerpt(&pack.name)),
        _ => permit_claims::to_pretty_text(&json),
    };
    let supported = result.status() == permit_verifier::Verdict::Supported;
    output::text(&text, &args.output, u8::from(!supported))
}

/// Claims are for machines first: JSON, unless text is asked for.
fn print(answer: &ClaimAnswer, args: &OutputArgs) -> ExitCode {
    let text = match args.format_or(Format::Json) {
        Format::Json => answer.to_json_text(),
        Format::Text => answer.to_text(),
    };
    output::text(&text, args, answer.exit_code())
}

fn named(what: &str, path: &Path) -> Result<NamedFile, ExitCode> {
    match files::read_small(path, LARGEST_FILE) {
        Ok(bytes) => Ok(NamedFile::new(path.display().to_string(), bytes)),
        Err(error) => Err(output::cannot_read(what, path, &error)),
    }
}

fn delegation(args: &DelegationArgs) -> Result<ClaimAnswer, ExitCode> {
    let evidence = named("evidence", &args.evidence_file)?;
    let folder = DiskFolder::of(&args.evidence_file, &args.evidence_file);
    let (event_id, options) = (args.event_id.as_deref(), ExportOptions::default());
    Ok(judge_delegation_denied(&evidence, event_id, &folder, &options))
}

fn scope(args: &ScopeArgs) -> Result<ClaimAnswer, ExitCode> {
    let usage = |message: String| output::error(&message, "permit-verify claim --help tells more");
    args.trust.check().map_err(usage)?;
    let found = find_trust(&args.trust)?;
    let export = &args.export_file;
    let (payload, _) =
        files::open(export).map_err(|error| output::cannot_read("export", export, &error))?;
    let manifest = named("manifest", &args.manifest)?;
    let mut absent = Vec::new();
    let checkpoint = optional("checkpoint", args.checkpoint.as_deref(), &mut absent)?;
    let sidecar = optional("scope state", args.sidecar.as_deref(), &mut absent)?;
    let folder = DiskFolder::of(&args.manifest, export);
    let evidence = ExportEvidence::new(export.display().to_string(), payload, manifest)
        .folder(&folder)
        .checkpoint(checkpoint)
        .sidecar(sidecar);
    match verify_export(evidence, &found.trust, &ExportOptions::default()) {
        Ok(mut report) => {
            missed_trust(found.is_missed_by(&report.claims))?;
            report.diagnostics.extend(absent);
            Ok(judge_scope_faithfulness(&report))
        }
        Err(error) => Err(output::cannot_read("export", export, &error)),
    }
}

fn slot(slot: Slot, args: &SlotArgs) -> Result<ClaimAnswer, ExitCode> {
    let usage = |message: String| output::error(&message, "permit-verify claim --help tells more");
    args.trust.check().map_err(usage)?;
    let found = find_trust(&args.trust)?;
    let document = named("export", &args.export_file)?;
    let manifest = args.manifest.as_ref().map(|path| named("manifest", path)).transpose()?;
    let disk = args.manifest.as_ref().map(|manifest| DiskFolder::of(manifest, &args.export_file));
    let folder: &dyn PackFolder = match &disk {
        Some(disk) => disk,
        None => &NoFolder,
    };
    let options = ExportOptions::default();
    let answer = judge_slot(slot, &document, manifest.as_ref(), &found.trust, &options, folder);
    missed_trust(found.is_missed(answer.findings().iter().map(|finding| finding.reason)))?;
    Ok(answer)
}

fn find_trust(args: &TrustArgs) -> Result<Found, ExitCode> {
    trust_root::find(args).map_err(|none| output::error(&none.message, &none.help))
}

/// Ends the run if its answer hangs on a trust root that nobody gave.
fn missed_trust(missed: Option<&NoTrust>) -> Result<(), ExitCode> {
    match missed {
        Some(none) => Err(output::error(&none.message, &none.help)),
        None => Ok(()),
    }
}

/// A file of evidence that may be missing. Evidence that is not there is not there, whether or not it
/// was named: what needs it is left open, everything else is judged, and the report says so.
fn optional(
    what: &str,
    path: Option<&Path>,
    absent: &mut Vec<String>,
) -> Result<Option<NamedFile>, ExitCode> {
    let Some(path) = path else { return Ok(None) };
    match files::read_small(path, LARGEST_FILE) {
        Ok(bytes) => Ok(Some(NamedFile::new(path.display().to_string(), bytes))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            absent.push(format!("the {what} `{}` that was named is not there", path.display()));
            Ok(None)
        }
        Err(error) => Err(output::cannot_read(what, path, &error)),
    }
}

const LARGEST_FILE: u64 = 256 * 1024 * 1024;
