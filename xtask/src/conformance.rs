// SPDX-License-Identifier: Apache-2.0

//! Our verifier on the conformance corpus, in process and through its command line; the adapters; the
//! self-test of the corpus; and, where one is named, the reference verifier with its known failures.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use permit_canonical_json::{Budget, Value, read_text};

use crate::{ChoreError, Complaints, project::Project, say};

/// The corpus.
const CORPUS: &str = "conformance/corpus";

/// A reference verifier, and the file with its known failures.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) program: PathBuf,
    pub(crate) xfail: Option<PathBuf>,
}

pub(crate) fn run(
    project: &Project,
    reference: Option<&Reference>,
) -> Result<Complaints, ChoreError> {
    let runner = build(project, "permit-conformance")?;
    let verifier = build(project, "permit-verifier")?;
    let quoted = |path: &Path| format!("'{}'", path.display());
    let mut complaints = Complaints::new();
    let mut step = |name: &str, arguments: &[&str]| -> Result<(), ChoreError> {
        say(&format!("\n== {name}"));
        let mut command = Command::new(&runner);
        command.args(arguments).args(["--vectors", CORPUS]).current_dir(project.root());
        let status = command.stdout(Stdio::inherit()).stderr(Stdio::inherit()).status()?;
        match status.code() {
            Some(0) => {}
            Some(1) => complaints.push(format!("{name}: something is not as it should be")),
            _ => return Err(format!("{name}: it could not be run ({status})").into()),
        }
        Ok(())
    };
    step("in process", &["run", "--own"])?;
    let command = quoted(&verifier);
    let preset = ["run", "--preset", "permit-verify", "--verifier", &command];
    step("permit-verify by its command line", &preset)?;
    for (interpreter, adapter) in [
        ("python3", "conformance/adapters/python/adapter.py"),
        ("node", "conformance/adapters/javascript/adapter.mjs"),
    ] {
        let version = Command::new(interpreter).arg("--version").output();
        if !version.is_ok_and(|output| output.status.success()) {
            say(&format!("\n== {adapter}: skipped, there is no {interpreter} here"));
            continue;
        }
        let command = format!("{interpreter} {adapter} {}", quoted(&verifier));
        let mut arguments = vec!["run", "--validate", "--verifier", &command];
        // Interpreters behind a version manager look for themselves.
        for name in ["PATH", "HOME"] {
            if env::var_os(name).is_some() {
                arguments.extend(["--env", name]);
            }
        }
        step(adapter, &arguments)?;
    }
    step("self-test", &["self-test"])?;
    if let Some(reference) = reference {
        let program = reference.program.canonicalize()?;
        let command = quoted(&program);
        let mut arguments = vec!["run", "--preset", "keel-verify", "--verifier", &command];
        let xfail = reference.xfail.as_ref().map(|path| path.display().to_string());
        if let Some(xfail) = &xfail {
            arguments.extend(["--xfail", xfail]);
        }
        step("the reference verifier", &arguments)?;
    }
    Ok(complaints)
}

/// Builds a package and finds the program that is made.
fn build(project: &Project, package: &str) -> Result<PathBuf, ChoreError> {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--package", package, "--bins"])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(project.root())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("{package} cannot be built").into());
    }
    let text = String::from_utf8(output.stdout)?;
    let executable = |line: &str| {
        let message = read_text(line, &Budget::default()).ok()?;
        message.get("executable").and_then(Value::as_str).map(PathBuf::from)
    };
    let program = text.lines().filter_map(executable).next_back();
    program.ok_or_else(|| "cargo names no program".into())
}
