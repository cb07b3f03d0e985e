// SPDX-License-Identifier: Apache-2.0

//! The command line.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use permit_issuing::Access;

/// Issues evidence of the Permit specification: permits, closures, revocations, checkpoints, exports.
#[derive(Debug, Parser)]
#[command(name = "permit-issue", version, about, long_about = LONG_ABOUT)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const LONG_ABOUT: &str = "\
Issues evidence of the Permit specification: permits, closures, revocations, checkpoints, exports.

A project has a folder (--store) with a journal, which is only ever added to, and a folder of keys \
(--keys, by default `keys` inside it). Each command is done wholly or not at all, and has reached the disk when \
it says so.

Exit status: 0 done, 1 refused by a rule, 2 usage error or could not be done.";

/// What all commands understand.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The folder of the project
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    pub(crate) store: PathBuf,
    /// The folder of keys; `keys` inside the project's if not given
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) keys: Option<PathBuf>,
    /// The time to issue at, RFC 3339 in UTC; the clock's if not given
    #[arg(long, global = true, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// Answer in JSON, refusals and errors too
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Wait for other processes to be done with the store, instead of giving up
    #[arg(long, global = true)]
    pub(crate) wait: bool,
    /// Draw ids from this text and the state of the store, for runs that are to come out the same
    #[arg(long, global = true, value_name = "TEXT", hide_short_help = true)]
    pub(crate) id_seed: Option<String>,
}

impl Common {
    pub(crate) fn key_folder(&self) -> PathBuf {
        self.keys.clone().unwrap_or_else(|| self.store.join("keys"))
    }

    pub(crate) fn access_to_read(&self) -> Access {
        if self.wait { Access::WaitToRead } else { Access::Read }
    }

    pub(crate) fn access_to_write(&self) -> Access {
        if self.wait { Access::WaitToWrite } else { Access::Write }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make, show and take back keys
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Make the store of a project
    Init(InitArgs),
    /// Issue a permit: allow, deny or challenge
    Permit(Box<PermitArgs>),
    /// Bind an allowed permit to the request that may go out
    Bind(BindArgs),
    /// Record that the request of a bound permit goes out now
    Dispatch(DispatchArgs),
    /// Append events to a chain
    Append(Box<AppendArgs>),
    /// Close the execution of a permit
    Close(Box<CloseArgs>),
    /// Take a permit back
    Revoke(RevokeArgs),
    /// Hand a part of a permit's authority on to a new permit
    Delegate(Box<DelegateArgs>),
    /// Sign where all chains end
    Checkpoint(CheckpointArgs),
    /// Write a signed export
    Export(ExportArgs),
    /// Show what is in the store
    Status(StatusArgs),
}

/// `keys`
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make a key for a purpose, and list it in the key manifest
    Generate(GenerateArgs),
    /// Take over a private key from a file: PKCS#8 (PEM, DER) or a seed (raw, hex, base64)
    Import(ImportArgs),
    /// List a key that another program holds, and name the program
    Attach(AttachArgs),
    /// Show the keys
    Show,
    /// Write the key manifest, which is what verifiers need
    Manifest(OutputArgs),
    /// Make a new key for a purpose, and end the window of the current one, so that both overlap
    Rotate(RotateArgs),
    /// Take a key back
    Revoke(RevokeKeyArgs),
    /// Look whether at any time up to some instant there is a key that may sign for a purpose
    Check(CheckArgs),
}

/// What a key is listed as.
#[derive(Debug, Args)]
pub(crate) struct EntryArgs {
    /// Where it is used; `test` marks a key that production refuses
    #[arg(long, value_name = "WORD")]
    pub(crate) environment: Option<String>,
    /// The first instant at which it may sign; now if not given
    #[arg(long, value_name = "TIME")]
    pub(crate) valid_from: Option<String>,
    /// The last instant at which it may sign; none if not given
    #[arg(long, value_name = "TIME")]
    pub(crate) valid_to: Option<String>,
}

/// `keys generate`
#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// What it is for; several make a key each
    #[arg(long = "purpose", value_name = "PURPOSE", required = true)]
    pub(crate) purposes: Vec<PurposeWord>,
    #[command(flatten)]
    pub(crate) entry: EntryArgs,
}

/// `keys import`
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The file; nobody but its owner may be able to read it
    pub(crate) file: PathBuf,
    /// What it is for
    #[arg(long, value_name = "PURPOSE")]
    pub(crate) purpose: PurposeWord,
    #[command(flatten)]
    pub(crate) entry: EntryArgs,
}

/// `keys attach`
#[derive(Debug, Args)]
pub(crate) struct AttachArgs {
    /// The public half, `ed25519:` and base64
    #[arg(long, value_name = "KEY")]
    pub(crate) public_key: String,
    /// What it is for
    #[arg(long, value_name = "PURPOSE")]
    pub(crate) purpose: PurposeWord,
    /// How long a signature may take
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub(crate) seconds: u64,
    /// The program and its arguments, in the words of a shell; no shell runs it
    #[arg(long, value_name = "COMMAND")]
    pub(crate) command: String,
    #[command(flatten)]
    pub(crate) entry: EntryArgs,
}

/// `keys rotate`
#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    /// The purpose whose key is replaced
    #[arg(long, value_name = "PURPOSE")]
    pub(crate) purpose: PurposeWord,
    /// For how many hours both may sign
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    pub(crate) overlap_hours: u32,
    #[command(flatten)]
    pub(crate) entry: EntryArgs,
}

/// `keys revoke`
#[derive(Debug, Args)]
pub(crate) struct RevokeKeyArgs {
    /// The public half
    #[arg(long, value_name = "KEY")]
    pub(crate) public_key: String,
    /// The purpose; of no matter for a compromised key
    #[arg(long, value_name = "PURPOSE", required_unless_present = "compromised")]
    pub(crate) purpose: Option<PurposeWord>,
    /// From when on it is taken back; now if not given
    #[arg(long, value_name = "TIME")]
    pub(crate) effective: Option<String>,
    /// Somebody else had it: nothing that it ever signed counts
    #[arg(long, conflicts_with = "retire")]
    pub(crate) compromised: bool,
    /// Only end its window: what it signed until then still counts
    #[arg(long)]
    pub(crate) retire: bool,
}

/// `keys check`
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The purpose
    #[arg(long, value_name = "PURPOSE")]
    pub(crate) purpose: PurposeWord,
    /// From when on; from now if not given
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Up to when
    #[arg(long, value_name = "TIME")]
    pub(crate) to: String,
}

/// Where a file goes.
#[derive(Debug, Args)]
pub(crate) struct OutputArgs {
    /// Write it to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace the file if there is one
    #[arg(long)]
    pub(crate) force: bool,
}

/// `init`
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The project, a UUID
    #[arg(long, value_name = "ID")]
    pub(crate) project_id: String,
    /// How events are strung
    #[arg(long, value_enum, default_value_t)]
    pub(crate) chains: ChainsWord,
    /// What stands before the first entry of each chain, 64 hexadecimal digits
    #[arg(long, value_name = "HASH")]
    pub(crate) sentinel: Option<String>,
}

/// The members of a permit. Flags win over the document.
#[derive(Debug, Args)]
pub(crate) struct PermitMembers {
    /// The permit as JSON, or a part of it; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// Its id; drawn if not given
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    /// Why, in words
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// What kind of thing asks
    #[arg(long, value_name = "TEXT")]
    pub(crate) subject_type: Option<String>,
    /// Who asks
    #[arg(long, value_name = "TEXT")]
    pub(crate) subject_id: Option<String>,
    /// The action
    #[arg(long, value_name = "TEXT")]
    pub(crate) action: Option<String>,
    /// Who is to be called
    #[arg(long, value_name = "TEXT")]
    pub(crate) provider: Option<String>,
    /// The model or tool that is to be called
    #[arg(long, value_name = "TEXT")]
    pub(crate) model: Option<String>,
    /// The policy that decided
    #[arg(long, value_name = "TEXT")]
    pub(crate) policy_id: Option<String>,
    /// Its version
    #[arg(long, value_name = "TEXT")]
    pub(crate) policy_version: Option<String>,
    /// The key under which a repeated request finds the permit; its id if not given
    #[arg(long, value_name = "TEXT")]
    pub(crate) idempotency_key: Option<String>,
    /// When it ends
    #[arg(long, value_name = "TIME")]
    pub(crate) expires_at: Option<String>,
    /// The authority that it can hand on, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) envelope: Option<PathBuf>,
    /// The request that it is about, as JSON: it gives the fingerprint
    #[arg(long, value_name = "FILE")]
    pub(crate) request: Option<PathBuf>,
}

/// `permit`
#[derive(Debug, Args)]
pub(crate) struct PermitArgs {
    /// What was decided
    #[arg(value_enum)]
    pub(crate) decision: Option<DecisionWord>,
    #[command(flatten)]
    pub(crate) members: PermitMembers,
    /// Do not bind an allowed permit to --request yet
    #[arg(long)]
    pub(crate) no_bind: bool,
    /// Write the bytes to send to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) wire_body: Option<PathBuf>,
    /// Replace the file if there is one
    #[arg(long)]
    pub(crate) force: bool,
}

/// `bind`
#[derive(Debug, Args)]
pub(crate) struct BindArgs {
    /// The permit
    pub(crate) permit_id: String,
    /// The request, as JSON; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) request: PathBuf,
    /// Write the bytes to send to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) wire_body: Option<PathBuf>,
    /// Replace the file if there is one
    #[arg(long)]
    pub(crate) force: bool,
}

/// `dispatch`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("sent").required(true))]
pub(crate) struct DispatchArgs {
    /// The permit
    pub(crate) permit_id: String,
    /// The bytes that go out, as they are
    #[arg(long, value_name = "FILE", group = "sent")]
    pub(crate) body: Option<PathBuf>,
    /// The request, as JSON, from which the bytes are made that go out
    #[arg(long, value_name = "FILE", group = "sent")]
    pub(crate) request: Option<PathBuf>,
}

/// `append`
#[derive(Debug, Args)]
pub(crate) struct AppendArgs {
    /// The event as JSON, with the members of the flags below and `payload`; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// The input has one event a line; each is stored, and answered, by itself
    #[arg(long, requires = "input")]
    pub(crate) lines: bool,
    /// What kind of event it is
    #[arg(long = "type", value_name = "TEXT")]
    pub(crate) event_type: Option<String>,
    /// The permit that it is about
    #[arg(long, value_name = "ID")]
    pub(crate) permit: Option<String>,
    /// Its id; drawn if not given
    #[arg(long, value_name = "TEXT")]
    pub(crate) event_id: Option<String>,
    /// The kind of thing that it is about
    #[arg(long, value_name = "TEXT")]
    pub(crate) resource_type: Option<String>,
    /// That thing
    #[arg(long, value_name = "TEXT")]
    pub(crate) resource_id: Option<String>,
    /// What came of it
    #[arg(long, value_name = "TEXT")]
    pub(crate) outcome: Option<String>,
    /// How grave it is; `info` if not given
    #[arg(long, value_name = "TEXT")]
    pub(crate) severity: Option<String>,
}

/// `close`
#[derive(Debug, Args)]
pub(crate) struct CloseArgs {
    /// The permit
    pub(crate) permit_id: String,
    /// How its execution ended: `closed`, `client_disconnected`, `provider_error`, `timeout`, `dispatch_error`,
    /// `provider_digest_missing`, `client_digest_missing` or `missing_closure`
    #[arg(long, value_name = "STATUS", required_unless_present = "input")]
    pub(crate) status: Option<String>,
    /// The same as JSON, with the members `closure_status`, `provider_digest`, `client_digest`, `execution_id`,
    /// `correlation_id`, `status_code`, `provider_response_id` and `completed_at`; `-` is standard input. Flags win
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// The bytes that the provider sent, as received
    #[arg(long, value_name = "FILE")]
    pub(crate) provider_response: Option<PathBuf>,
    /// Their digest, if the bytes are gone
    #[arg(long, value_name = "HEX", conflicts_with = "provider_response")]
    pub(crate) provider_digest: Option<String>,
    /// The bytes that were handed over for the client
    #[arg(long, value_name = "FILE")]
    pub(crate) client_response: Option<PathBuf>,
    /// Their digest, if the bytes are gone
    #[arg(long, value_name = "HEX", conflicts_with = "client_response")]
    pub(crate) client_digest: Option<String>,
    /// The execution; drawn if not given
    #[arg(long, value_name = "TEXT")]
    pub(crate) execution_id: Option<String>,
    /// What connects it with other systems
    #[arg(long, value_name = "TEXT")]
    pub(crate) correlation_id: Option<String>,
    /// The status that the provider answered with
    #[arg(long, value_name = "N")]
    pub(crate) status_code: Option<i64>,
    /// The id that the provider gave to its response
    #[arg(long, value_name = "TEXT")]
    pub(crate) provider_response_id: Option<String>,
    /// When the execution ended; now if not given
    #[arg(long, value_name = "TIME")]
    pub(crate) completed_at: Option<String>,
    /// Sign with the private key in this file
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `revoke`
#[derive(Debug, Args)]
pub(crate) struct RevokeArgs {
    /// The permit
    pub(crate) permit_id: String,
    /// Who revokes it: a UUID, never a name
    #[arg(long, value_name = "ID", required_unless_present = "input")]
    pub(crate) actor: Option<String>,
    /// What kind of actor that is; `user` if not given
    #[arg(long, value_name = "WORD")]
    pub(crate) actor_kind: Option<String>,
    /// Why: a code
    #[arg(long, value_name = "CODE", required_unless_present = "input")]
    pub(crate) reason: Option<String>,
    /// The same as JSON, with the members `actor_id`, `actor_kind` and `reason_code`; `-` is standard input. Flags win
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// Sign with the private key in this file
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `delegate`
#[derive(Debug, Args)]
pub(crate) struct DelegateArgs {
    /// The permit whose authority is handed on; its child has --envelope
    pub(crate) parent: String,
    #[command(flatten)]
    pub(crate) members: PermitMembers,
    /// Deny it by policy, with this reason
    #[arg(long, value_name = "CODE")]
    pub(crate) deny: Option<String>,
}

/// `checkpoint`
#[derive(Debug, Args)]
pub(crate) struct CheckpointArgs {
    /// Its id; drawn if not given
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    /// Sign with the private key in this file
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `export`
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The file; its manifest goes to FILE.manifest.json
    pub(crate) file: PathBuf,
    /// What is in it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) form: FormWord,
    /// Compress it
    #[arg(long)]
    pub(crate) gzip: bool,
    /// Lay it out for people
    #[arg(long)]
    pub(crate) pretty: bool,
    /// Permits decided at this instant or later; from the first one if not given
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Permits decided before this instant; up to now if not given
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// Let it carry what this claim means, and demand it; may be given several times
    #[arg(long = "pin", value_name = "CLAIM")]
    pub(crate) pins: Vec<String>,
    /// Put the key manifest beside it, as key-manifest.json
    #[arg(long)]
    pub(crate) with_key_manifest: bool,
    /// Sign with the private key in this file
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Replace the export if there is one
    #[arg(long)]
    pub(crate) force: bool,
}

/// `status`
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Show this permit
    pub(crate) permit_id: Option<String>,
    /// List all permits
    #[arg(long)]
    pub(crate) permits: bool,
    /// List the heads of all chains
    #[arg(long)]
    pub(crate) heads: bool,
}

/// How events are strung.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum ChainsWord {
    /// One chain for each permit: every export has whole chains
    #[default]
    PerPermit,
    /// One chain for everything: an export has to have all of it
    One,
}

/// What can be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DecisionWord {
    /// The request may go out
    Allow,
    /// It may not
    Deny,
    /// It may only after something else was done
    Challenge,
}

/// The forms of exports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormWord {
    /// Permits with their chain entries, schema version 2
    #[default]
    Bundle,
    /// Permits alone, schema version 1
    Permits,
    /// All governance events as one document
    Events,
    /// All governance events, one a line
    Jsonl,
}

/// What keys can be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PurposeWord(pub(crate) permit_keys::KeyPurpose);

impl std::str::FromStr for PurposeWord {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        permit_keys::KeyPurpose::parse(word).map(Self).ok_or_else(|| {
            let words: Vec<_> =
                permit_keys::KeyPurpose::ALL.iter().map(|one| one.as_str()).collect();
            format!("it is one of {}", words.join(", "))
        })
    }
}
