// SPDX-License-Identifier: Apache-2.0

//! The chores of this workspace: `cargo xtask --help` lists them.
//!
//! Exit status: 0 all is well, 1 something is to be mended, 2 the chore could not be done.

mod ci;
mod conformance;
mod corpus;
mod example_bundle;
mod generated;
mod interop;
mod project;
mod tidy;

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::project::Project;

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
    /// Make the bundles in `examples/` anew
    Examples {
        /// Change nothing; fail if they are not what would be made
        #[arg(long)]
        check: bool,
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
    /// Compare `permit-verify` with the reference verifier
    Interop {
        /// The program `keel-verify`
        #[arg(long, value_name = "PROGRAM")]
        reference: PathBuf,
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
        Chore::Ci => ci::run(project),
        Chore::Tidy => tidy::run(project),
        Chore::Examples { check } => example_bundle::run(project, *check),
        Chore::Conformance { reference, xfail } => {
            let reference = reference
                .clone()
                .map(|program| conformance::Reference { program, xfail: xfail.clone() });
            conformance::run(project, reference.as_ref())
        }
        Chore::Corpus { check, release } => corpus::run(project, *check, *release),
        Chore::Interop { reference } => interop::run(project, reference),
    }
}

/// Says something to whoever called.
pub(crate) fn say(text: &str) {
    // There is nobody left to tell if this fails; the status still says it.
    let _ = writeln!(io::stderr(), "{text}");
}
