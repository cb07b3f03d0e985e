// SPDX-License-Identifier: Apache-2.0

//! The command line.

use std::{path::PathBuf, str::FromStr};

use clap::{Args, Parser, Subcommand, ValueEnum};
use permit_conformance::Cheat;

/// Runs a verifier of Permit evidence, in any language, through the conformance corpus.
#[derive(Debug, Parser)]
#[command(name = "permit-conformance", version, about, long_about = LONG_ABOUT)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const LONG_ABOUT: &str = "\
Runs a verifier of Permit evidence, in any language, through the conformance corpus, and reports what it \
shows.

Exit status: 0 all well, 1 something is not as it should be, 2 usage error or could not run.";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a verifier through a corpus
    Run(RunArgs),
    /// Make other views of reports, compare them, put them together
    #[command(subcommand)]
    Report(ReportCommand),
    /// Show that the corpus catches verifiers that cheat
    SelfTest(SelfTestArgs),
    /// Print the schemas of the protocol
    Schema(SchemaArgs),
    /// Cheat, for the self-test
    #[command(hide = true)]
    Cheat(CheatArgs),
}

/// `run`
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The command of the verifier, run without a shell; with --transport plain a template with `{export}` and the like
    #[arg(long, value_name = "COMMAND", required_unless_present = "own")]
    pub(crate) verifier: Option<String>,
    /// Run the verifier of this project, in this process
    #[arg(long, conflicts_with_all = ["verifier", "transport", "preset", "validate", "env"])]
    pub(crate) own: bool,
    /// The corpus: a folder with MANIFEST.json, or one of official vectors
    #[arg(long, value_name = "FOLDER")]
    pub(crate) vectors: PathBuf,
    /// How the verifier is spoken to
    #[arg(long, value_enum, default_value_t = Transport::Stream)]
    pub(crate) transport: Transport,
    /// The verifier is one whose command line is known, and speaks no protocol
    #[arg(long, value_enum, value_name = "NAME", conflicts_with = "transport")]
    pub(crate) preset: Option<PresetName>,
    /// Run these cases only: names or categories, `*` stands for any text; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub(crate) only: Vec<String>,
    /// Cases beside each other [default: the number of processors]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) jobs: Option<usize>,
    /// Seconds for each answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    pub(crate) timeout: f64,
    /// What is known to fail (TOML); what passes all the same fails the run
    #[arg(long, value_name = "FILE")]
    pub(crate) xfail: Option<PathBuf>,
    /// Hold every line of the protocol against its schema
    #[arg(long)]
    pub(crate) validate: bool,
    /// Hand on this variable of the environment, which is empty otherwise; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) env: Vec<String>,
    /// Write all views of the report into this folder
    #[arg(long, value_name = "FOLDER")]
    pub(crate) report: Option<PathBuf>,
    /// Print the report as JSON instead of a summary
    #[arg(long)]
    pub(crate) json: bool,
}

/// How a verifier is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Transport {
    /// One process, one JSON object a line
    Stream,
    /// A process for each case, the same objects
    Exec,
    /// A process for each case, which says all by its exit status
    Plain,
}

/// The verifiers whose command line is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PresetName {
    /// `permit-verify`
    PermitVerify,
    /// `keel-verify`
    KeelVerify,
}

/// `report`
#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Show reports in another form
    View {
        /// The form
        #[arg(long, value_enum)]
        format: ViewFormat,
        /// Write to this file instead of standard output
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// The reports
        #[arg(required = true, value_name = "REPORT")]
        reports: Vec<PathBuf>,
    },
    /// Tell what changed from one report to another, regressions first; status 1 if there are some
    Diff {
        /// The report of before
        before: PathBuf,
        /// The report of now
        after: PathBuf,
    },
    /// Put reports on the same corpus together
    Merge {
        /// Write to this file instead of standard output
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// The reports
        #[arg(required = true, value_name = "REPORT")]
        reports: Vec<PathBuf>,
    },
}

/// The forms of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ViewFormat {
    /// `JUnit` XML, of one report
    Junit,
    /// Tables in Markdown
    Markdown,
    /// One page with a matrix
    Html,
    /// A badge for shields.io, of one report
    Badge,
}

/// `self-test`
#[derive(Debug, Args)]
pub(crate) struct SelfTestArgs {
    /// The corpus
    #[arg(long, value_name = "FOLDER")]
    pub(crate) vectors: PathBuf,
}

/// `schema`
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Write the schemas into this folder
    #[arg(long, value_name = "FOLDER")]
    pub(crate) write: Option<PathBuf>,
}

/// `cheat`
#[derive(Debug, Args)]
pub(crate) struct CheatArgs {
    /// The way to cheat
    pub(crate) cheat: CheatName,
    /// The code to tell
    #[arg(long)]
    pub(crate) code: Option<String>,
}

/// A way to cheat, by its word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CheatName(pub(crate) Cheat);

impl FromStr for CheatName {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Cheat::parse(word).map(Self).ok_or_else(|| format!("there is no cheat `{word}`"))
    }
}
