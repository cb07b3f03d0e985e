// SPDX-License-Identifier: Apache-2.0

//! `permit-verify export`

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use permit_types::{Artifact, Finding};
use permit_verifier::{ExportEvidence, ExportOptions, Layers, Threads, verify_export};

use crate::{args::ExportArgs, excerpt, output, progress::Shown, trust_root};

pub(crate) fn run(args: &ExportArgs) -> ExitCode {
    let files = args.trust.check().and_then(|()| args.files());
    let (export, manifest) = match files {
        Ok(files) => files,
        Err(message) => return output::error(&message, "permit-verify export --help tells more"),
    };
    let trust = match trust_root::find(&args.trust) {
        Ok(trust) => trust,
        Err(none) => return output::error(&none.message, &none.help),
    };
    let (payload, length) = match open(&export) {
        Ok(opened) => opened,
        Err(error) => return cannot_read("export", &export, &error),
    };
    let bytes = match read_small(&manifest) {
        Ok(bytes) => bytes,
        Err(error) => return cannot_read("manifest", &manifest, &error),
    };
    let evidence = ExportEvidence {
        payload: Shown::new(payload, length),
        payload_name: export.display().to_string(),
        manifest: bytes,
        manifest_name: manifest.display().to_string(),
    };
    match verify_export(evidence, &trust, &options(args)) {
        Ok(report) => {
            let excerpt = |finding: &Finding| excerpt_of(finding, &export, &manifest);
            output::report(&report, &args.output, &excerpt)
        }
        Err(error) => cannot_read("export", &export, &error),
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

fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    Ok((file, metadata.len()))
}

/// Reads a file that is small by its nature, and nothing that is not.
fn read_small(path: &Path) -> io::Result<Vec<u8>> {
    let (_, length) = open(path)?;
    if length > LARGEST_MANIFEST {
        let message = format!("it has {length} bytes, more than the limit of {LARGEST_MANIFEST}");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    fs::read(path)
}

fn cannot_read(what: &str, path: &Path, error: &io::Error) -> ExitCode {
    let message = format!("the {what} `{}` cannot be read: {error}", path.display());
    let help = match error.kind() {
        io::ErrorKind::NotFound => {
            "check the path; the manifest's usual name is <EXPORT_FILE>.manifest.json"
        }
        io::ErrorKind::IsADirectory => "name the file inside the folder",
        _ => "check the file and its permissions",
    };
    output::error(&message, help)
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
