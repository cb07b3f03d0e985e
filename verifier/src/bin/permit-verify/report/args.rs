// SPDX-License-Identifier: Apache-2.0

//! The command line of `permit-verify report`: that of `export`, with other views.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, builder::PossibleValuesParser};
use permit_verifier::{ExportOptions, FrameworkId, Layers, Threads};

use crate::args::TrustArgs;

/// `report`
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// The export
    #[arg(value_name = "EXPORT_FILE")]
    export: Option<PathBuf>,
    /// Its manifest [default: `EXPORT_FILE.manifest.json`]
    #[arg(value_name = "MANIFEST")]
    manifest: Option<PathBuf>,
    /// The export; wins over the positional
    #[arg(long, value_name = "FILE")]
    export_file: Option<PathBuf>,
    /// Its manifest; wins over the positional
    #[arg(long = "manifest", value_name = "FILE")]
    manifest_file: Option<PathBuf>,
    /// Walk the chain entries: without it they support nothing
    #[arg(long)]
    walk_events: bool,
    /// Verify the closures: without it they support nothing
    #[arg(long)]
    verify_closure: bool,
    /// Do not stop at an export without signature; it supports nothing all the same
    #[arg(long)]
    allow_unsigned: bool,
    /// Let notices fail the run, and look at the form of every permit
    #[arg(long)]
    strict: bool,
    /// Do not use a second thread
    #[arg(long)]
    single_thread: bool,
    /// Only this framework
    #[arg(long, value_name = "ID", value_parser = PossibleValuesParser::new(FrameworkId::ALL.iter().map(|id| id.as_str())))]
    framework: Option<String>,
    /// The form of the report
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "text",
        conflicts_with = "json"
    )]
    format: ReportFormat,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    /// Write the report to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
}

/// The forms of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For a terminal
    Text,
    /// For machines
    Json,
    /// One self-contained page, to read and to print
    Html,
    /// For documents
    Markdown,
}

impl ReportArgs {
    /// The export and its manifest.
    pub(crate) fn files(&self) -> Result<(PathBuf, PathBuf), String> {
        let export = self.export_file.clone().or_else(|| self.export.clone());
        let export =
            export.ok_or("name the export: permit-verify report EXPORT_FILE [MANIFEST]")?;
        let manifest = self.manifest_file.clone().or_else(|| self.manifest.clone());
        let manifest = manifest.unwrap_or_else(|| {
            let mut name = export.clone().into_os_string();
            name.push(".manifest.json");
            PathBuf::from(name)
        });
        Ok((export, manifest))
    }

    /// The one framework that was asked for.
    pub(crate) fn framework(&self) -> Result<Option<FrameworkId>, String> {
        let Some(id) = self.framework.as_deref() else { return Ok(None) };
        FrameworkId::parse(id).map(Some).ok_or_else(|| format!("`{id}` is no framework"))
    }

    pub(crate) fn format(&self) -> ReportFormat {
        if self.json { ReportFormat::Json } else { self.format }
    }

    pub(crate) fn output(&self) -> Option<&Path> {
        self.output.as_deref()
    }

    pub(crate) fn options(&self) -> ExportOptions {
        let mut options = ExportOptions::default();
        options.layers =
            Layers { walk_events: self.walk_events, verify_closure: self.verify_closure };
        options.allow_unsigned = self.allow_unsigned;
        options.strict = self.strict;
        options.threads = if self.single_thread { Threads::One } else { Threads::Two };
        options
    }
}
