// SPDX-License-Identifier: Apache-2.0

//! The chores of this workspace: `cargo xtask --help` lists them.
//!
//! Exit status: 0 all is well, 1 something is to be mended, 2 the chore could not be done.

mod bench;
mod ci;
mod conformance;
mod corpus;
mod docs;
#[cfg(test)]
mod emitted;
mod example_bundle;
mod examples;
mod generated;
mod interop;
mod issued_evidence;
mod project;
mod registries;
mod schemas;
mod second_opinion;
mod tidy;
mod trace;

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::{bench::Bench, project::Project};

/// The chores of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", version, about)]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Everything that CI asks beside tests, formatting, lints and docs
    Ci,
    /// The house rules that no other tool knows
    Tidy,
    /// Fill the generated blocks of the documents in `spec/` anew
    Docs {
        /// Change nothing; fail if they are not what would be made
        #[arg(long)]
        check: bool,
    },
    /// Make the documents in `examples/` anew
    Examples {
        /// Change nothing; fail if they are not what would be made
        #[arg(long)]
        check: bool,
    },
    /// Make our own claim registry, comparator registry and semantics anew
    Registries {
        /// Change nothing; fail if they are not what would be made
        #[arg(long)]
        check: bool,
    },
    /// Rules, tests, corpus, codes and claims side by side; fails on a hole
    Trace {
        /// Write the matrix as JSON, too
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
        /// Write the matrix as one HTML file, too
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// Run our verifier through the conformance corpus, in process and by its command line
    Conformance {
        /// The program `keel-verify`, which is run as well
        #[arg(long, value_name = "PROGRAM")]
        reference: Option<PathBuf>,
        /// What the reference is known to get wrong
        #[arg(long, value_name = "FILE", requires = "reference")]
        xfail: Option<PathBuf>,
    },
    /// Make the conformance corpus anew, and look whether it may be released
    Corpus {
        /// Change nothing; fail if it is not what would be made
        #[arg(long)]
        check: bool,
        /// Release all cases that are drafts: from then on their bytes never change
        #[arg(long, conflicts_with = "check")]
        release: bool,
    },
    /// Make the schemas in `schemas/` anew from the types
    Schemas {
        /// Change nothing; fail if they are not what would be made
        #[arg(long)]
        check: bool,
        /// Change nothing; hold schemas and examples against each other with Python's `jsonschema`
        #[arg(long, value_name = "PYTHON", conflicts_with = "check")]
        second_opinion: Option<PathBuf>,
    },
    /// Measure `permit-verify` on large exports, as ratios of one run
    Bench {
        /// Chain entries of each export, the smallest first
        #[arg(long, value_delimiter = ',', default_values_t = [10_000, 100_000])]
        entries: Vec<u64>,
        /// The program `keel-verify`, which is run on the first export
        #[arg(long, value_name = "PROGRAM")]
        reference: Option<PathBuf>,
        /// Fail if it is not so many times as fast as the reference
        #[arg(long, value_name = "TIMES", requires = "reference")]
        at_least: Option<f64>,
    },
    /// Compare `permit-verify` with the reference verifier
    Interop {
        /// The program `keel-verify`
        #[arg(long, value_name = "PROGRAM")]
        reference: PathBuf,
        /// The program `permit-verify`; built for this if it is not given
        #[arg(long, value_name = "PROGRAM")]
        ours: Option<PathBuf>,
    },
}

/// Why a chore could not be done.
pub(crate) type ChoreError = Box<dyn std::error::Error + Send + Sync>;

/// What a chore found to be mended, one sentence each.
pub(crate) type Complaints = Vec<String>;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match Project::find().and_then(|project| run(&cli.chore, &project)) {
        Ok(complaints) if complaints.is_empty() => ExitCode::SUCCESS,
        Ok(complaints) => {
            for complaint in &complaints {
                say(complaint);
            }
            say(&format!("{} to mend", complaints.len()));
            ExitCode::from(1)
        }
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::from(2)
        }
    }
}

fn run(chore: &Chore, project: &Project) -> Result<Complaints, ChoreError> {
    match chore {
        Chore::Bench { entries, reference, at_least } => {
            let bench = Bench { entries, reference: reference.as_deref(), at_least: *at_least };
            bench::run(project, &bench)
        }
        Chore::Ci => ci::run(project),
        Chore::Tidy => tidy::run(project),
        Chore::Docs { check } => docs::run(project, *check),
        Chore::Registries { check } => registries::run(project, *check),
        Chore::Trace { json, html } => trace::run(project, json.as_deref(), html.as_deref()),
        Chore::Conformance { reference, xfail } => {
            let reference = reference
                .clone()
                .map(|program| conformance::Reference { program, xfail: xfail.clone() });
            conformance::run(project, reference.as_ref())
        }
        Chore::Corpus { check, release } => corpus::run(project, *check, *release),
        Chore::Examples { check } => examples::run(project, *check),
        Chore::Schemas { second_opinion: Some(python), .. } => second_opinion::run(project, python),
        Chore::Schemas { check, second_opinion: None } => schemas::run(project, *check),
        Chore::Interop { reference, ours } => interop::run(project, reference, ours.as_deref()),
    }
}

/// Says something to whoever called.
pub(crate) fn say(text: &str) {
    // There is nobody left to tell if this fails; the status still says it.
    let _ = writeln!(io::stderr(), "{text}");
}
