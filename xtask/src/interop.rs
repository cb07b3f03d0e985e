// SPDX-License-Identifier: Apache-2.0

//! Our verifier beside the reference: the same files, the same claims, verdicts, reasons, status.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use permit_canonical_json::{Budget, Value, read_text};

use crate::{ChoreError, Complaints, issued_evidence, project::Project, say};

/// What a verifier says about one export.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: Option<i32>,
    /// Claim, verdict and reason, in order.
    claims: Vec<[String; 3]>,
}

/// Runs both on the examples, and on evidence of every form that is issued for this.
pub(crate) fn run(
    project: &Project,
    reference: &Path,
    ours: Option<&Path>,
) -> Result<Complaints, ChoreError> {
    let ours = match ours {
        Some(ours) => ours.to_path_buf(),
        None => build(project)?,
    };
    let trust_root = "examples/trust-root.json";
    let mut complaints = Complaints::new();
    let mut exports: Vec<String> = project.files_below("examples")?;
    exports.retain(|path| path.ends_with("/export.json"));
    if exports.is_empty() {
        return Err("there are no examples to compare".into());
    }
    for export in &exports {
        let manifest = format!("{export}.manifest.json");
        let mut arguments =
            vec!["export", export, &manifest, "--key-manifest", trust_root, "--json"];
        // What version 1 cannot carry is judged differently on purpose (DIFF-50).
        if !export.contains("/bundle-v1/") {
            arguments.extend(["--walk-events", "--verify-closure"]);
        }
        let mine = ask(project, &ours, &[&arguments[..], &["--test-mode"]].concat())?;
        // The reference has no flag for it: there, test keys count for whoever names them.
        let theirs = ask(project, reference, &arguments)?;
        if mine == theirs {
            say(&format!("{export}: {} claims agree", mine.claims.len()));
        } else {
            complaints.push(format!("{export}: ours {mine:?}, the reference {theirs:?}"));
        }
    }
    complaints.extend(judge_issued(project, &ours, reference)?);
    Ok(complaints)
}

/// Runs both on what was issued a moment ago: they have to agree, and nothing may fail.
fn judge_issued(
    project: &Project,
    ours: &Path,
    reference: &Path,
) -> Result<Complaints, ChoreError> {
    let root = project.root().join("target/interop");
    let (ours, reference) = (found(ours)?, found(reference)?);
    let mut complaints = Complaints::new();
    for case in issued_evidence::cases()? {
        let folder = root.join(case.name);
        for (name, bytes) in &case.files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap_or(&folder))?;
            fs::write(path, bytes)?;
        }
        let arguments: Vec<&str> = case.arguments.iter().map(String::as_str).collect();
        let mine = ask_in(&folder, &ours, &arguments)?;
        let theirs = ask_in(&folder, &reference, &arguments)?;
        let all_hold = mine.claims.iter().all(|[_, verdict, _]| verdict == "supported");
        if mine != theirs || mine.status != Some(0) || !all_hold || mine.claims.is_empty() {
            let name = case.name;
            complaints.push(format!("issued {name}: ours {mine:?}, the reference {theirs:?}"));
        } else {
            say(&format!("issued {}: {} claims agree", case.name, mine.claims.len()));
        }
    }
    Ok(complaints)
}

/// The place of a program, wherever it is started from.
fn found(program: &Path) -> Result<PathBuf, ChoreError> {
    program
        .canonicalize()
        .map_err(|error| format!("`{}` cannot be found: {error}", program.display()).into())
}

/// Builds the command as it is shipped, and finds it.
pub(crate) fn build(project: &Project) -> Result<PathBuf, ChoreError> {
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
    ask_in(project.root(), &found(verifier)?, arguments)
}

fn ask_in(folder: &Path, verifier: &Path, arguments: &[&str]) -> Result<Answer, ChoreError> {
    let output = Command::new(verifier).args(arguments).current_dir(folder).env_clear().output()?;
    let text = String::from_utf8(output.stdout)?;
    let report = read_text(&text, &Budget::default()).map_err(|error| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!("`{}` gave no report: {error}; it said: {said}", verifier.display())
    })?;
    let texts = |of: &Value<'_>, names: [&str; 3]| {
        names.map(|name| of.get(name).and_then(Value::as_str).unwrap_or_default().to_owned())
    };
    let claims = match report.get("claims").and_then(Value::as_array) {
        Some(claims) => {
            claims.iter().map(|claim| texts(claim, ["name", "verdict", "reason_code"])).collect()
        }
        // The answer about a single claim is flat.
        None => vec![texts(&report, ["claim_type", "status", "reason_code"])],
    };
    Ok(Answer { status: output.status.code(), claims })
}
