// SPDX-License-Identifier: Apache-2.0

//! The command line. Flags and positionals are those of `keel-verify` 2.5.1, and more.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::report::ReportArgs;

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
    /// Verify a checkpoint: its hash, its signature, its time stamps
    Checkpoint(CheckpointArgs),
    /// List the controls that the evidence of a verified export supports
    Report(ReportArgs),
    /// Judge one claim by itself
    #[command(subcommand)]
    Claim(ClaimCommand),
    /// Print the schema of a kind of document, or list the kinds
    Schema(crate::schema::SchemaArgs),
    /// Hold documents against their schemas and the rules that need no key
    Validate(crate::validate::ValidateArgs),
    /// Compute the digest of documents by the rules that permits, closures and chains are hashed by
    Digest(DigestArgs),
}

/// `digest`
#[derive(Debug, Args)]
pub(crate) struct DigestArgs {
    /// The documents; in a file that ends with `.jsonl` every line is one
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// By which rules
    #[arg(long, value_enum, default_value_t = DigestProfile::Payload)]
    pub(crate) profile: DigestProfile,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// By which rules a document is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DigestProfile {
    /// The canonical form, nothing left out
    Payload,
    /// The canonical form without volatile and secret members, as requests are bound
    WireBody,
    /// The record hash of a chain entry
    RecordHash,
}

/// `checkpoint`
#[derive(Debug, Args)]
pub(crate) struct CheckpointArgs {
    /// The checkpoint
    #[arg(value_name = "CHECKPOINT_FILE")]
    checkpoint: Option<PathBuf>,
    /// The checkpoint; wins over the positional
    #[arg(long, value_name = "FILE")]
    checkpoint_file: Option<PathBuf>,
    /// Judge who made the time stamps, by these root certificates (PEM)
    #[arg(long, value_name = "FILE")]
    pub(crate) tsa_ca_bundle: Option<PathBuf>,
    /// Leave time stamps out
    #[arg(long, conflicts_with = "tsa_ca_bundle")]
    pub(crate) no_tsa: bool,
    /// Let notices fail the run
    #[arg(long)]
    pub(crate) strict: bool,
    /// Refused: the verifier does not go online. With --offline, what needs the key is left open
    #[arg(long, value_name = "URL")]
    pub(crate) public_key_url: Option<String>,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

impl CheckpointArgs {
    /// The checkpoint.
    pub(crate) fn file(&self) -> Result<PathBuf, String> {
        if let (Some(url), false) = (&self.public_key_url, self.trust.offline) {
            return Err(format!(
                "--public-key-url is not supported: this verifier never goes online; fetch {url} \
                 yourself, check it, and give the key with --public-key"
            ));
        }
        if self.public_key_url.is_some() && self.trust.ways().next().is_some() {
            return Err(
                "--public-key-url excludes other ways: trust is decided in one way".to_owned()
            );
        }
        let file = self.checkpoint_file.clone().or_else(|| self.checkpoint.clone());
        file.ok_or_else(|| "name the checkpoint: permit-verify checkpoint CHECKPOINT_FILE".into())
    }
}

/// `claim`
#[derive(Debug, Subcommand)]
pub(crate) enum ClaimCommand {
    /// Whether a denial of delegated authority was right
    #[command(name = "delegation_denied_correctly")]
    DelegationDenied(DelegationArgs),
    /// Whether an export is a faithful slice of what it declares
    #[command(name = "scope_faithfulness")]
    ScopeFaithfulness(ScopeArgs),
    /// Whether a claim about a chain of permits holds: the one that its pack states
    #[command(name = "permit_chain")]
    PermitChain(PermitChainArgs),
    /// Whether an operator approved the permit
    #[command(name = "operator_approved")]
    OperatorApproved(SlotArgs),
    /// Whether the buyer's principal signed the permit's intent before it was dispatched
    #[command(name = "counter_signed")]
    CounterSigned(SlotArgs),
    /// Whether the buyer's principal attested the permit in an audit batch
    #[command(name = "audit_attested")]
    AuditAttested(SlotArgs),
}

/// `claim delegation_denied_correctly`
#[derive(Debug, Args)]
pub(crate) struct DelegationArgs {
    /// The events: an array, or an object that holds one
    #[arg(long, value_name = "FILE")]
    pub(crate) evidence_file: PathBuf,
    /// The denial, if there is more than one
    #[arg(long, value_name = "ID")]
    pub(crate) event_id: Option<String>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `claim permit_chain`
#[derive(Debug, Args)]
pub(crate) struct PermitChainArgs {
    /// The pack: permits, manifest, comparator registry, and the claim
    #[arg(long, value_name = "FILE")]
    pub(crate) pack_file: PathBuf,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `claim scope_faithfulness`
#[derive(Debug, Args)]
pub(crate) struct ScopeArgs {
    /// The export
    #[arg(long, value_name = "FILE")]
    pub(crate) export_file: PathBuf,
    /// Its manifest
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: PathBuf,
    /// The scope state, if it does not lie beside the manifest
    #[arg(long, value_name = "FILE")]
    pub(crate) sidecar: Option<PathBuf>,
    /// The checkpoint, if it does not lie beside the manifest
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `claim operator_approved` and its like
#[derive(Debug, Args)]
pub(crate) struct SlotArgs {
    /// The document with the permit
    #[arg(long, value_name = "FILE")]
    pub(crate) export_file: PathBuf,
    /// Its manifest
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `export`
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
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
    /// Walk the chain entries: recompute every hash and follow every link
    #[arg(long)]
    pub(crate) walk_events: bool,
    /// Verify the closures: signatures, digests, and what was dispatched
    #[arg(long)]
    pub(crate) verify_closure: bool,
    /// Do not fail an export for having no signature; it is still not verified
    #[arg(long)]
    pub(crate) allow_unsigned: bool,
    /// A request that was dispatched, as it was sent: a permit has to be bound to it
    #[arg(long, value_name = "FILE")]
    pub(crate) dispatched_request: Option<PathBuf>,
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
    /// Refused: the verifier does not go online. With --offline, what needs a key is left open
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
    /// Judge without what only the network has: a trust root that is an address is then no error,
    /// but leaves open what needs a key. The verifier is always offline
    #[arg(long)]
    pub(crate) offline: bool,
}

impl TrustArgs {
    /// The key that the caller expects.
    pub(crate) fn expected_key(&self) -> Option<&str> {
        self.expected_public_key.as_deref().or(self.public_key.as_deref())
    }

    /// The ways in which trust is decided here.
    fn ways(&self) -> impl Iterator<Item = &'static str> {
        let ways = [
            ("--key-manifest", self.key_manifest.is_some()),
            ("--key-manifest-url", self.key_manifest_url.is_some()),
            ("--expected-public-key", self.expected_key().is_some()),
            ("--self-attested", self.self_attested),
        ];
        ways.into_iter().filter(|(_, given)| *given).map(|(way, _)| way)
    }

    /// The address that the trust root is said to have, if it has one and no file.
    pub(crate) fn address(&self) -> Option<String> {
        let named = self.key_manifest.as_ref().map(|path| path.to_string_lossy());
        let is_address =
            |text: &str| ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
        let named = named.filter(|text| is_address(text)).map(std::borrow::Cow::into_owned);
        self.key_manifest_url.clone().or(named)
    }

    /// Refuses to be told twice whom to trust.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let (Some(url), false) = (&self.key_manifest_url, self.offline) {
            return Err(format!(
                "--key-manifest-url is not supported: this verifier never goes online; fetch {url} \
                 yourself, check it, and give the file with --key-manifest"
            ));
        }
        let given: Vec<&str> = self.ways().collect();
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
        self.format_or(Format::Text)
    }

    pub(crate) fn format_or(&self, usual: Format) -> Format {
        if self.json { Format::Json } else { self.format.unwrap_or(usual) }
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

/// Reads the command line. A file in place of a subcommand is a checkpoint, as it was of old.
pub(crate) fn parse(mut arguments: Vec<OsString>) -> Result<Command, clap::Error> {
    if names_a_file(&arguments) {
        arguments.insert(1, "checkpoint".into());
    }
    Cli::try_parse_from(arguments).map(|cli| cli.command)
}

/// Whether the first word that is no flag can only be a file: no subcommand has a dot or a slash.
fn names_a_file(arguments: &[OsString]) -> bool {
    let words = arguments.iter().skip(1);
    let mut words = words.filter(|word| !word.to_string_lossy().starts_with('-'));
    words.next().is_some_and(|word| word.to_string_lossy().contains(['.', '/', '\\']))
}
