// SPDX-License-Identifier: Apache-2.0

//! `permit-verify checkpoint`

use std::process::ExitCode;

use permit_claims::Claim;
use permit_types::{Artifact, Finding};
use permit_verifier::{
    Authorities, CheckpointEvidence, ExportOptions, NamedFile, verify_checkpoint,
};

use crate::{
    args::CheckpointArgs,
    disk_folder::DiskFolder,
    excerpt, files, output,
    trust_root::{self, Found},
};

pub(crate) fn run(args: &CheckpointArgs) -> ExitCode {
    let file = match args.trust.check().and_then(|()| args.file()) {
        Ok(file) => file,
        Err(message) => {
            return output::error(&message, "permit-verify checkpoint --help tells more");
        }
    };
    let found = match &args.public_key_url {
        Some(address) => Found { trust: trust_root::unfetched(address), nobody: None },
        None => match trust_root::find(&args.trust) {
            Ok(found) => found,
            Err(none) => return output::no_trust(&none, Claim::CheckpointSignature, &args.output),
        },
    };
    let bytes = match files::read_small(&file, LARGEST_CHECKPOINT) {
        Ok(bytes) => bytes,
        Err(error) => return output::cannot_read("checkpoint", &file, &error),
    };
    let authorities = args.tsa_ca_bundle.as_ref().map(|path| {
        let pem = files::read_small(path, LARGEST_BUNDLE).map_err(|error| error.to_string());
        Authorities { name: path.display().to_string(), pem }
    });
    let folder = DiskFolder::of(&file, &file);
    let evidence = CheckpointEvidence {
        file: NamedFile::new(file.display().to_string(), bytes),
        folder: &folder,
        authorities,
        skip_receipts: args.no_tsa,
    };
    let mut options = ExportOptions::default();
    options.strict = args.strict;
    let judged = verify_checkpoint(&evidence, &found.trust, &options);
    if let Some(none) = found.is_missed_by(&judged.report.claims) {
        return output::no_trust(none, Claim::CheckpointSignature, &args.output);
    }
    let excerpt = |finding: &Finding| match finding.at.artifact {
        Artifact::Checkpoint => excerpt::of(&file, finding.at.range),
        _ => None,
    };
    let json = || permit_claims::to_pretty_text(&judged.to_json());
    output::report(&judged.report, &json, &args.output, &excerpt)
}

/// A head has some hundred bytes.
const LARGEST_CHECKPOINT: u64 = 256 * 1024 * 1024;
/// The bundles of operating systems have some hundred kilobytes.
const LARGEST_BUNDLE: u64 = 64 * 1024 * 1024;
