// SPDX-License-Identifier: Apache-2.0

//! What leaves the program.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

/// The status for usage errors, and for what could not be done.
const COULD_NOT: u8 = 2;

/// Prints a usage error, or the help that was asked for.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // Where even this cannot be printed, the status still says it.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(COULD_NOT) } else { ExitCode::SUCCESS }
}

/// Prints why something could not be done.
pub(crate) fn error(message: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "error: {message}");
    ExitCode::from(COULD_NOT)
}

/// Prints a text.
pub(crate) fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A reader that has seen enough and left is no failure of ours.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|error| format!("standard output cannot be written: {error}")),
    }
}

/// Gives a text to a file if there is one, else to standard output.
pub(crate) fn give(text: &str, file: Option<&Path>) -> Result<(), String> {
    file.map_or_else(|| print(text), |path| write(path, text))
}

/// Writes a file.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text)
        .map_err(|error| format!("`{}` cannot be written: {error}", path.display()))
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))
}
