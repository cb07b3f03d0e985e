// SPDX-License-Identifier: Apache-2.0

//! The command line. Flags and positionals are those of `keel-verify` 2.5.1, and more.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Verifies evidence of the Permit specification, offline, with public keys only.
#[derive(Debug, Parser)]
#[command(name = "permit-verify", version, about, long_about = LONG_ABOUT, infer_long_args = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const LONG_ABOUT: &str = "\
Verifies evidence of the Permit specification, offline, with public keys only.

There is no network code and no built-in trust root: you say whose keys you trust, with \
--key-manifest, the environment variable PERMIT_TRUST_ROOT, or the file \
permit/trust-root.json in your configuration folder, in this order.

Exit status: 0 verified, 1 not verified, 2 usage error or could not judge.";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Verify an export: its bytes, its signature, and what it holds
    Export(ExportArgs),
}

/// `export`
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The export
    #[arg(value_name = "EXPORT_FILE")]
    export: Option<PathBuf>,
    /// Its manifest [default: <EXPORT_FILE>.manifest.json]
    #[arg(value_name = "MANIFEST")]
    manifest: Option<PathBuf>,
    /// The export; wins over the positional
    #[arg(long, value_name = "FILE")]
    export_file: Option<PathBuf>,
    /// Its manifest; wins over the positional
    #[arg(long = "manifest", value_name = "FILE")]
    manifest_file: Option<PathBuf>,
    /// Walk the chain entries: recompute every hash and follow every link
    #[arg(long)]
    pub(crate) walk_events: bool,
    /// Verify the closures: signatures, digests, and what was dispatched
    #[arg(long)]
    pub(crate) verify_closure: bool,
    /// Do not fail an export for having no signature; it is still not verified
    #[arg(long)]
    pub(crate) allow_unsigned: bool,
    /// Let notices fail the run, and look at the form of every permit
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    /// Do not use a second thread
    #[arg(long)]
    pub(crate) single_thread: bool,
}

impl ExportArgs {
    /// The export and its manifest.
    pub(crate) fn files(&self) -> Result<(PathBuf, PathBuf), String> {
        let export = self.export_file.clone().or_else(|| self.export.clone());
        let export =
            export.ok_or("name the export: permit-verify export EXPORT_FILE [MANIFEST]")?;
        let given = self.manifest_file.clone().or_else(|| {
            // With --export-file, the first positional is the manifest's place all the same.
            self.manifest.clone()
        });
        let manifest = given.unwrap_or_else(|| {
            let mut name = export.clone().into_os_string();
            name.push(".manifest.json");
            PathBuf::from(name)
        });
        Ok((export, manifest))
    }
}

/// Whose keys are trusted.
#[derive(Debug, Args)]
pub(crate) struct TrustArgs {
    /// The key manifest to trust
    #[arg(long, value_name = "FILE")]
    pub(crate) key_manifest: Option<PathBuf>,
    /// Refused: the verifier does not go online
    #[arg(long, value_name = "URL")]
    pub(crate) key_manifest_url: Option<String>,
    /// The one key to trust for the signature
    #[arg(long, value_name = "KEY")]
    expected_public_key: Option<String>,
    /// The same
    #[arg(long, value_name = "KEY", conflicts_with = "expected_public_key")]
    public_key: Option<String>,
    /// Trust the key that the evidence itself carries: shows integrity, not origin
    #[arg(long)]
    pub(crate) self_attested: bool,
    /// Accept test keys, and only test keys
    #[arg(long)]
    pub(crate) test_mode: bool,
    /// Does nothing: the verifier is always offline
    #[arg(long)]
    offline: bool,
}

impl TrustArgs {
    /// The key that the caller expects.
    pub(crate) fn expected_key(&self) -> Option<&str> {
        self.expected_public_key.as_deref().or(self.public_key.as_deref())
    }

    /// Refuses to be told twice whom to trust.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let Some(url) = &self.key_manifest_url {
            return Err(format!(
                "--key-manifest-url is not supported: this verifier never goes online; fetch {url} \
                 yourself, check it, and give the file with --key-manifest"
            ));
        }
        let ways = [
            ("--key-manifest", self.key_manifest.is_some()),
            ("--expected-public-key", self.expected_key().is_some()),
            ("--self-attested", self.self_attested),
        ];
        let given: Vec<&str> =
            ways.iter().filter(|(_, given)| *given).map(|(way, _)| *way).collect();
        if given.len() > 1 {
            return Err(format!(
                "{} exclude each other: trust is decided in one way",
                given.join(" and ")
            ));
        }
        if self.expected_key() == Some("") {
            return Err("--expected-public-key is empty: give the key as ed25519:<base64>".into());
        }
        Ok(())
    }
}

/// How the result is given.
#[derive(Debug, Args)]
pub(crate) struct OutputArgs {
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    /// The form of the report
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "json")]
    format: Option<Format>,
    /// Write the report to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

impl OutputArgs {
    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format.unwrap_or(Format::Text) }
    }
}

/// The forms of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For machines
    Json,
}

/// Reads the command line.
pub(crate) fn parse(arguments: Vec<OsString>) -> Result<Command, clap::Error> {
    Cli::try_parse_from(arguments).map(|cli| cli.command)
}
