// SPDX-License-Identifier: Apache-2.0

//! `permit-conformance`: runs a verifier of any kind through the corpus and says what it shows.
//!
//! Exit status: 0 all well, 1 something is not as it should be, 2 usage error or could not run.

mod args;
mod output;
mod progress;
mod report;
mod run;
mod schema;
mod self_test;

use std::{io, process::ExitCode};

use clap::Parser as _;

use args::{Cli, Command};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error),
    };
    let ended = match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Report(command) => report::run(&command),
        Command::SelfTest(args) => self_test::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Cheat(args) => {
            let served = args.cheat.0.serve(args.code.as_deref(), io::stdin().lock(), io::stdout());
            served.map_err(|error| format!("the streams failed: {error}"))
        }
    };
    match ended {
        Ok(status) => ExitCode::from(status),
        Err(message) => output::error(&message),
    }
}
