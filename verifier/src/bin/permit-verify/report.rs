// SPDX-License-Identifier: Apache-2.0

//! `permit-verify report`: which controls the evidence of a verified export supports.
//!
//! Exit status: 0 the export is verified, 1 it is not and supports nothing, 2 it could not be judged.

mod args;
mod html;
mod json;
mod markdown;
mod support;
mod text;

use std::process::ExitCode;

use permit_types::Finding;
use permit_verifier::{
    ControlReport, ExportEvidence, ExportOptions, Mappings, NamedFile, Outcome, Report,
    control_report, fields_of, record_members_of, take_inventory, verify_export,
};

pub(crate) use args::ReportArgs;

use crate::{disk_folder::DiskFolder, files, output, progress::Shown, trust_root};

use args::ReportFormat;

pub(crate) fn run(args: &ReportArgs) -> ExitCode {
    let (export, manifest) = match args.trust.check().and_then(|()| args.files()) {
        Ok(files) => files,
        Err(message) => return output::error(&message, "permit-verify report --help tells more"),
    };
    let only = match args.framework() {
        Ok(only) => only,
        Err(message) => return output::error(&message, "permit-verify report --help lists them"),
    };
    let found = match trust_root::find(&args.trust) {
        Ok(found) => found,
        Err(none) => return output::error(&none.message, &none.help),
    };
    let (payload, length) = match files::open(&export) {
        Ok(opened) => opened,
        Err(error) => return output::cannot_read("export", &export, &error),
    };
    let bytes = match files::read_small(&manifest, LARGEST_MANIFEST) {
        Ok(bytes) => bytes,
        Err(error) => return output::cannot_read("manifest", &manifest, &error),
    };
    let mappings = match Mappings::built_in() {
        Ok(mappings) => mappings,
        Err(error) => return output::error(&error.to_string(), "this is a defect of the program"),
    };
    let folder = DiskFolder::of(&manifest, &export);
    let named = NamedFile::new(manifest.display().to_string(), bytes);
    let payload = Shown::new(payload, length);
    let evidence =
        ExportEvidence::new(export.display().to_string(), payload, named).folder(&folder);
    let options = args.options();
    let verified = match verify_export(evidence, &found.trust, &options) {
        Ok(report) => report,
        Err(error) => return output::cannot_read("export", &export, &error),
    };
    if let Some(none) = found.is_missed_by(&verified.claims) {
        return output::error(&none.message, &none.help);
    }
    let again = match files::open(&export) {
        Ok((again, _)) => again,
        Err(error) => return output::cannot_read("export", &export, &error),
    };
    let (fields, members) = (fields_of(&mappings), record_members_of(&mappings));
    let inventory = match take_inventory(again, &fields, &members, &options) {
        Ok(inventory) => inventory,
        Err(error) => return output::cannot_read("export", &export, &error),
    };
    let result = control_report(&verified, &inventory, &mappings, only);
    let status = match (&result, verified.outcome) {
        (Ok(_), _) => 0,
        (Err(_), Outcome::CouldNotJudge) => Outcome::CouldNotJudge.exit_code(),
        (Err(_), _) => 1,
    };
    let view = View {
        report: &verified,
        mappings: &mappings,
        result: result.map_err(|nothing| nothing.to_string()),
        hints: hints(&verified, &options),
    };
    let text = match args.format() {
        ReportFormat::Text => text::view(&view),
        ReportFormat::Json => json::view(&view),
        ReportFormat::Markdown => markdown::view(&view),
        ReportFormat::Html => html::view(&view),
    };
    output::write(&text, args.output(), status)
}

/// Everything that the views show.
pub(crate) struct View<'v> {
    report: &'v Report,
    mappings: &'v Mappings,
    /// What is supported, or why nothing is.
    result: Result<ControlReport<'v>, String>,
    /// What was not looked at, and how to have it looked at.
    hints: Vec<&'static str>,
}

impl View<'_> {
    /// The first thing that is wrong, in a sentence.
    fn headline(&self) -> Option<&str> {
        let finding = self.report.headline().map(|finding: &Finding| finding.summary.as_ref());
        finding.or(self.report.error.as_deref())
    }
}

/// Evidence that does not count since nobody asked to look at it.
fn hints(report: &Report, options: &ExportOptions) -> Vec<&'static str> {
    let mut hints = Vec::new();
    if !options.layers.walk_events {
        hints.push("chain entries were not walked and do not count: add --walk-events");
    }
    if !options.layers.verify_closure {
        hints.push("closures were not verified and do not count: add --verify-closure");
    }
    if report.trust.test_mode {
        hints.push("test keys were accepted: this is no evidence of anything that happened");
    }
    hints
}

/// Manifests have a few kilobytes, those that carry pinned semantics some hundred.
const LARGEST_MANIFEST: u64 = 64 * 1024 * 1024;
