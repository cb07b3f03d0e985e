// SPDX-License-Identifier: Apache-2.0

//! `permit-verify export`

use std::{path::PathBuf, process::ExitCode};

use permit_claims::Claim;
use permit_types::{Artifact, Finding};
use permit_verifier::{
    ExportEvidence, ExportOptions, Layers, NamedFile, Threads, to_json_text, verify_export,
};

use crate::{
    args::ExportArgs, disk_folder::DiskFolder, excerpt, files, output, progress::Shown, trust_root,
};

pub(crate) fn run(args: &ExportArgs) -> ExitCode {
    let files = args.trust.check().and_then(|()| args.files());
    let (export, manifest) = match files {
        Ok(files) => files,
        Err(message) => return output::error(&message, "permit-verify export --help tells more"),
    };
    let found = match trust_root::find(&args.trust) {
        Ok(found) => found,
        Err(none) => return output::no_trust(&none, Claim::ExportIntegrity, &args.output),
    };
    let (payload, length) = match files::open(&export) {
        Ok(opened) => opened,
        Err(error) => return output::cannot_read("export", &export, &error),
    };
    let bytes = match files::read_small(&manifest, LARGEST_MANIFEST) {
        Ok(bytes) => bytes,
        Err(error) => return output::cannot_read("manifest", &manifest, &error),
    };
    let request = match &args.dispatched_request {
        None => None,
        Some(path) => match files::read_small(path, LARGEST_REQUEST) {
            Ok(bytes) => Some(NamedFile::new(path.display().to_string(), bytes)),
            Err(error) => return output::cannot_read("request", path, &error),
        },
    };
    let folder = DiskFolder::of(&manifest, &export);
    let payload = Shown::new(payload, length);
    let named = NamedFile::new(manifest.display().to_string(), bytes);
    let evidence =
        ExportEvidence::new(export.display().to_string(), payload, named).folder(&folder);
    let evidence = evidence.dispatched_request(request);
    match verify_export(evidence, &found.trust, &options(args)) {
        Ok(report) => {
            if let Some(none) = found.is_missed_by(&report.claims) {
                return output::no_trust(none, Claim::ExportIntegrity, &args.output);
            }
            let excerpt = |finding: &Finding| excerpt_of(finding, &export, &manifest);
            output::report(&report, &|| to_json_text(&report), &args.output, &excerpt)
        }
        Err(error) => output::cannot_read("export", &export, &error),
    }
}

fn options(args: &ExportArgs) -> ExportOptions {
    let mut options = ExportOptions::default();
    options.layers = Layers { walk_events: args.walk_events, verify_closure: args.verify_closure };
    options.allow_unsigned = args.allow_unsigned;
    options.strict = args.strict;
    options.threads = if args.single_thread { Threads::One } else { Threads::Two };
    options
}

fn excerpt_of(finding: &Finding, export: &PathBuf, manifest: &PathBuf) -> Option<String> {
    let path = match finding.at.artifact {
        Artifact::Export => export,
        Artifact::Manifest => manifest,
        _ => return None,
    };
    excerpt::of(path, finding.at.range)
}

/// Manifests have a few kilobytes, those that carry pinned semantics some hundred.
const LARGEST_MANIFEST: u64 = 64 * 1024 * 1024;
/// Requests with pictures in them have some megabytes.
const LARGEST_REQUEST: u64 = 256 * 1024 * 1024;
