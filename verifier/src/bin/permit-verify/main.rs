// SPDX-License-Identifier: Apache-2.0

//! `permit-verify`: verifies evidence offline and says how sure it is.
//!
//! Exit status: 0 verified, 1 not verified, 2 usage error or could not judge.

mod args;
mod checkpoint;
mod claim;
mod digest;
mod disk_folder;
mod excerpt;
mod export;
mod files;
mod output;
mod progress;
mod report;
mod schema;
mod trust_root;
mod validate;

use std::{ffi::OsString, process::ExitCode};

use args::Command;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let command = match args::parse(arguments) {
        Ok(command) => command,
        Err(error) => return output::usage(&error),
    };
    match command {
        Command::Export(args) => export::run(&args),
        Command::Checkpoint(args) => checkpoint::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Claim(command) => claim::run(&command),
        Command::Digest(args) => digest::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Validate(args) => validate::run(&args),
    }
}
