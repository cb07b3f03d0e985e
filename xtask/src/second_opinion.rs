// SPDX-License-Identifier: Apache-2.0

//! What another implementation of JSON Schema says of schemas and examples: Python's `jsonschema`.
//!
//! It is taken from the interpreter that is named, or else put into an environment below `target/`.
//! Where neither can be had, that is said, and nothing is complained about.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{ChoreError, Complaints, examples, project::Project, say, schemas};

pub(crate) fn run(project: &Project, python: &Path) -> Result<Complaints, ChoreError> {
    let Some(python) = interpreter(project, python) else {
        say("second opinion: skipped, since Python's `jsonschema` cannot be had here");
        return Ok(Complaints::new());
    };
    let mut child = Command::new(&python)
        .args(["-c", SCRIPT])
        .current_dir(project.root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let asked = questions()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(asked.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err("the second implementation failed".into());
    }
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}

/// A line for each schema, and one for each example with its schema.
fn questions() -> Result<String, ChoreError> {
    let path = |file_name: &str| format!("schemas/{file_name}");
    let mut lines: Vec<String> =
        schemas::all().iter().map(|schema| format!("{}\t", path(schema.file_name))).collect();
    for example in examples::all()? {
        if let Some(name) = example.schema {
            lines.push(format!("{}\t{}", path(&format!("{name}.schema.json")), example.file));
        }
    }
    Ok(lines.join("\n") + "\n")
}

/// An interpreter that has the package.
fn interpreter(project: &Project, python: &Path) -> Option<PathBuf> {
    if knows(python) {
        return Some(python.to_path_buf());
    }
    let environment = project.root().join("target").join("second-opinion");
    let own = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    if !knows(&own) {
        let folder = environment.to_string_lossy().into_owned();
        let made = quietly(python, &["-m", "venv", &folder])
            && quietly(&own, &["-m", "pip", "install", "--quiet", PACKAGE]);
        if !made {
            return None;
        }
    }
    knows(&own).then_some(own)
}

fn knows(python: &Path) -> bool {
    quietly(python, &["-c", "import jsonschema; jsonschema.Draft202012Validator"])
}

fn quietly(program: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

const SCRIPT: &str = include_str!("second_opinion.py");

/// With what it needs to assert formats.
const PACKAGE: &str = "jsonschema[format-nongpl]>=4.18,<5";
