// SPDX-License-Identifier: Apache-2.0

//! Our verifier beside the reference: the same files, the same claims, verdicts, reasons, status.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use permit_canonical_json::{Budget, Value, read_text};

use crate::{ChoreError, Complaints, project::Project, say};

/// What a verifier says about one export.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: Option<i32>,
    /// Claim, verdict and reason, in order.
    claims: Vec<[String; 3]>,
}

/// Runs both on the examples.
pub(crate) fn run(project: &Project, reference: &Path) -> Result<Complaints, ChoreError> {
    let ours = build(project)?;
    let trust_root = "examples/trust-root.json";
    let mut complaints = Complaints::new();
    let mut exports: Vec<String> = project.files_below("examples")?;
    exports.retain(|path| path.ends_with("/export.json"));
    if exports.is_empty() {
        return Err("there are no examples to compare".into());
    }
    for export in &exports {
        let manifest = format!("{export}.manifest.json");
        let arguments = [
            "export",
            export,
            &manifest,
            "--key-manifest",
            trust_root,
            "--walk-events",
            "--verify-closure",
            "--json",
        ];
        let mine = ask(project, &ours, &[&arguments[..], &["--test-mode"]].concat())?;
        // The reference has no flag for it: there, test keys count for whoever names them.
        let theirs = ask(project, reference, &arguments)?;
        if mine == theirs {
            say(&format!("{export}: {} claims agree", mine.claims.len()));
        } else {
            complaints.push(format!("{export}: ours {mine:?}, the reference {theirs:?}"));
        }
    }
    Ok(complaints)
}

fn build(project: &Project) -> Result<PathBuf, ChoreError> {
    let arguments = [
        "build",
        "--release",
        "--package",
        "permit-verifier",
        "--message-format",
        "json-render-diagnostics",
    ];
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(project.root())
        .stderr(std::process::Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("permit-verify cannot be built".into());
    }
    let text = String::from_utf8(output.stdout)?;
    let executable = |line: &str| {
        let message = read_text(line, &Budget::default()).ok()?;
        message.get("executable").and_then(Value::as_str).map(PathBuf::from)
    };
    text.lines().filter_map(executable).next_back().ok_or_else(|| "cargo names no program".into())
}

fn ask(project: &Project, verifier: &Path, arguments: &[&str]) -> Result<Answer, ChoreError> {
    let verifier = verifier.canonicalize().map_err(|error| {
        format!("the verifier `{}` cannot be found: {error}", verifier.display())
    })?;
    let output =
        Command::new(&verifier).args(arguments).current_dir(project.root()).env_clear().output()?;
    let text = String::from_utf8(output.stdout)?;
    let report = read_text(&text, &Budget::default()).map_err(|error| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!("`{}` gave no report: {error}; it said: {said}", verifier.display())
    })?;
    let claims = report.get("claims").and_then(Value::as_array).unwrap_or_default();
    let claims = claims.iter().map(|claim| {
        ["name", "verdict", "reason_code"]
            .map(|name| claim.get(name).and_then(Value::as_str).unwrap_or_default().to_owned())
    });
    Ok(Answer { status: output.status.code(), claims: claims.collect() })
}
