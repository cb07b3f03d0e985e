// SPDX-License-Identifier: Apache-2.0

//! `permit-issue`: issues evidence, and refuses what would be none.
//!
//! Exit status: 0 done, 1 refused by a rule, 2 usage error or could not be done.

mod acts;
mod answer;
mod args;
mod export;
mod input;
mod keys;
mod status;

use std::process::ExitCode;

use clap::Parser as _;

use answer::{Answer, COULD_NOT, Failure};
use args::{Cli, Command, Common};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Where even this cannot be printed, the status still says it.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(COULD_NOT) } else { ExitCode::SUCCESS };
        }
    };
    let json = cli.common.json;
    match run(&cli.common, &cli.command).and_then(|answer| given(answer, json)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.give(json),
    }
}

/// What was done is done, though nobody may have been told: a reader that left is no failure of ours, and
/// all else is one.
fn given(answer: Answer, json: bool) -> Result<(), Failure> {
    match answer.give(json) {
        Err(problem) if problem.kind() != std::io::ErrorKind::BrokenPipe => {
            let message = format!("it was done, and the answer cannot be written: {problem}");
            Err(Failure::error(message, "ask `permit-issue status`"))
        }
        _ => Ok(()),
    }
}

fn run(common: &Common, command: &Command) -> Result<Answer, Failure> {
    match command {
        Command::Keys(command) => keys::run(common, command),
        Command::Init(args) => acts::init(common, args),
        Command::Permit(args) => acts::permit(common, args),
        Command::Bind(args) => acts::bind(common, args),
        Command::Dispatch(args) => acts::dispatch(common, args),
        Command::Append(args) => acts::append(common, args),
        Command::Close(args) => acts::close(common, args),
        Command::Revoke(args) => acts::revoke(common, args),
        Command::Delegate(args) => acts::delegate(common, args),
        Command::Checkpoint(args) => acts::checkpoint(common, args),
        Command::Export(args) => export::run(common, args),
        Command::Status(args) => status::run(common, args),
    }
}
