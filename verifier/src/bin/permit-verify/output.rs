// SPDX-License-Identifier: Apache-2.0

//! What leaves the program: reports, errors, and its status.

use std::{
    fs,
    io::{self, IsTerminal as _, Write as _},
    path::Path,
    process::ExitCode,
};

use permit_canonical_json::Value;
use permit_claims::{Claim, VERDICTS_SCHEMA, Verdict, to_pretty_text};
use permit_failure_codes::{FailureCode, Reason, ReasonClass};
use permit_types::Finding;
use permit_verifier::{Report, ShowText, to_text};

use crate::{
    args::{Format, OutputArgs},
    trust_root::NoTrust,
};

/// The status for usage errors, and for when nothing could be judged.
const COULD_NOT_JUDGE: u8 = 2;

/// Prints a usage error, or the help that was asked for.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // Where even this cannot be printed, the status still says it.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(COULD_NOT_JUDGE) } else { ExitCode::SUCCESS }
}

/// Prints why nothing could be judged.
pub(crate) fn error(message: &str, help: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "error: {message}\nhelp: {help}");
    ExitCode::from(COULD_NOT_JUDGE)
}

/// Says why nobody is trusted. Whoever reads JSON is told so in JSON, too: a trust root that is
/// refused resolves no key, and that is worth knowing without reading prose.
pub(crate) fn no_trust(none: &NoTrust, signed: Claim, args: &OutputArgs) -> ExitCode {
    let status = error(&none.message, &none.help);
    if args.format() != Format::Json {
        return status;
    }
    let kind = if none.is_refused { "trust_root_refused" } else { "nobody_trusted" };
    let reason = Reason::from(ReasonClass::TrustRootUnresolvable);
    let claim = Value::object([
        ("name", Value::from(signed.as_str())),
        ("verdict", Verdict::InsufficientEvidence.as_str().into()),
        ("reason_code", reason.as_str().into()),
        ("failure_code", FailureCode::UnknownSigningKey.as_str().into()),
    ]);
    let document = Value::object([
        ("schema", Value::from(VERDICTS_SCHEMA)),
        ("ok", false.into()),
        ("exit_code", COULD_NOT_JUDGE.into()),
        ("error", none.message.clone().into()),
        ("error_kind", kind.into()),
        ("help", none.help.clone().into()),
        ("claims", Value::array([claim])),
    ]);
    text(&to_pretty_text(&document), args, COULD_NOT_JUDGE)
}

/// Says that a file cannot be read, and what to do.
pub(crate) fn cannot_read(what: &str, path: &Path, problem: &io::Error) -> ExitCode {
    let message = format!("the {what} `{}` cannot be read: {problem}", path.display());
    let help = match problem.kind() {
        io::ErrorKind::NotFound if what == "manifest" => {
            "check the path; the manifest's usual name is EXPORT_FILE.manifest.json"
        }
        io::ErrorKind::NotFound => "check the path",
        io::ErrorKind::IsADirectory => "name the file inside the folder",
        _ => "check the file and its permissions",
    };
    error(&message, help)
}

/// Gives the report where it was asked for, and the status that goes with it.
pub(crate) fn report(
    report: &Report,
    json: &dyn Fn() -> String,
    args: &OutputArgs,
    excerpt: &dyn Fn(&Finding) -> Option<String>,
) -> ExitCode {
    let colour = args.output.is_none()
        && io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none();
    let text = match args.format() {
        Format::Json => json(),
        Format::Text => to_text(report, &ShowText { colour, excerpt: Some(excerpt) }),
    };
    self::text(&text, args, report.outcome.exit_code())
}

/// Gives a text where it was asked for, and the status that goes with it.
pub(crate) fn text(text: &str, args: &OutputArgs, status: u8) -> ExitCode {
    write(text, args.output.as_deref(), status)
}

/// Writes a text to a file, or to standard output if there is none.
pub(crate) fn write(text: &str, output: Option<&Path>, status: u8) -> ExitCode {
    let written = match output {
        Some(path) => write_whole(path, text),
        None => io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()),
    };
    match written {
        Ok(()) => ExitCode::from(status),
        // A reader that has seen enough and left is no failure of ours.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(status),
        Err(problem) => {
            error(&format!("the report cannot be written: {problem}"), "check the path of --output")
        }
    }
}

/// Writes a file so that it is there whole or not at all. What a link names is written, not the
/// link; a device or a pipe is written to, and stays what it is.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if fs::metadata(&target).is_ok_and(|there| !there.is_file()) {
        return fs::OpenOptions::new().write(true).open(&target)?.write_all(text.as_bytes());
    }
    let mut name = target.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.part", std::process::id()));
    let part = target.with_file_name(name);
    let result = fs::write(&part, text).and_then(|()| fs::rename(&part, &target));
    if result.is_err() {
        let _ = fs::remove_file(&part);
    }
    result
}
