// SPDX-License-Identifier: Apache-2.0

//! The house rules that no other tool knows.

use crate::{
    ChoreError, Complaints,
    project::{Member, Project},
};

/// A rule about one text file.
type TextRule = fn(&str, &str, &mut Complaints);

pub(crate) fn run(project: &Project) -> Result<Complaints, ChoreError> {
    let mut complaints = Complaints::new();
    for member in project.members() {
        check_member(project, member, &mut complaints)?;
    }
    check_maps(project, &mut complaints)?;
    for path in project.files_below("")? {
        if !is_text(&path) {
            continue;
        }
        let text = project.read(&path)?;
        for rule in TEXT_RULES {
            rule(&path, &text, &mut complaints);
        }
        if path.ends_with(".md") {
            check_links(project, &path, &text, &mut complaints);
        }
    }
    Ok(complaints)
}

const TEXT_RULES: [TextRule; 4] =
    [check_head_of_source, check_banned_words, check_ends_of_lines, check_machine_paths];

/// Files that a person reads and writes.
fn is_text(path: &str) -> bool {
    !CANONICAL.contains(&path)
        && !is_evidence(path)
        && [".rs", ".md", ".toml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending))
}

/// Evidence of the conformance corpus: its bytes are what they have to be.
fn is_evidence(path: &str) -> bool {
    path.starts_with("conformance/corpus/") && path.contains("/input/")
}

/// Files whose bytes are the canonical form of what is in them, which has no line breaks.
const CANONICAL: [&str; 2] =
    ["examples/scope/scope-state.json", "examples/workflow/workflow-evidence.json"];

fn check_head_of_source(path: &str, text: &str, complaints: &mut Complaints) {
    if !path.ends_with(".rs") {
        return;
    }
    let mut lines = text.lines();
    if lines.next() != Some("// SPDX-License-Identifier: Apache-2.0") {
        complaints.push(format!("{path}: the first line names the licence"));
    }
    let head: Vec<&str> = lines.take(8).collect();
    if !head.iter().any(|line| line.starts_with("//!") || line.starts_with("#![doc")) {
        complaints.push(format!("{path}: the module says what it is for (`//!`)"));
    }
}

fn check_banned_words(path: &str, text: &str, complaints: &mut Complaints) {
    if !path.ends_with(".rs") || path == "xtask/src/tidy.rs" {
        return;
    }
    for (number, line) in (1_usize..).zip(text.lines()) {
        for (word, why) in BANNED {
            if line.contains(word) {
                complaints.push(format!("{path}:{number}: `{word}`: {why}"));
            }
        }
    }
}

const BANNED: [(&str, &str); 7] = [
    ("todo!(", "finish it"),
    ("dbg!(", "take it out"),
    ("unimplemented!(", "finish it"),
    ("#[ignore", "a test that is not run is none"),
    ("#[should_panic", "name the error that is expected"),
    ("thread::sleep", "tests and code do not wait for time to pass"),
    ("mod utils", "name the thing, not the drawer"),
];

fn check_ends_of_lines(path: &str, text: &str, complaints: &mut Complaints) {
    let blank_at_end = |line: &str| line.ends_with(' ') || line.ends_with('\t');
    for (number, line) in (1_usize..).zip(text.lines()) {
        if blank_at_end(line) {
            complaints.push(format!("{path}:{number}: blanks at the end of the line"));
        }
    }
    if text.contains('\r') {
        complaints.push(format!("{path}: lines end with LF alone"));
    }
    if !text.is_empty() && !text.ends_with('\n') {
        complaints.push(format!("{path}: the last line ends with LF, too"));
    }
}

fn check_machine_paths(path: &str, text: &str, complaints: &mut Complaints) {
    if path == "xtask/src/tidy.rs" {
        return;
    }
    for (number, line) in (1_usize..).zip(text.lines()) {
        for folder in ["/home/", "/Users/", "/root/", "C:\\Users"] {
            if line.contains(folder) {
                complaints.push(format!("{path}:{number}: a path of one machine"));
            }
        }
    }
}

/// Links inside the workspace lead somewhere.
fn check_links(project: &Project, path: &str, text: &str, complaints: &mut Complaints) {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut fenced = false;
    for (number, line) in (1_usize..).zip(text.lines()) {
        fenced ^= line.starts_with("```");
        if fenced {
            continue;
        }
        for target in line.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap_or_default();
            let elsewhere = target.is_empty()
                || target.contains("://")
                || target.contains("::")
                || target.starts_with("mailto:")
                || !(target.contains('/') || target.contains('.'));
            if !elsewhere && !leads_somewhere(project, folder, target) {
                complaints.push(format!("{path}:{number}: `{target}` is not there"));
            }
        }
    }
}

fn leads_somewhere(project: &Project, folder: &str, target: &str) -> bool {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => return false,
            ".." => {}
            part => parts.push(part),
        }
    }
    project.root().join(parts.join("/")).exists()
}

fn check_member(
    project: &Project,
    member: &Member,
    complaints: &mut Complaints,
) -> Result<(), ChoreError> {
    let manifest = format!("{}/Cargo.toml", member.folder);
    let from_workspace = |table: Option<&toml::Value>| {
        table.and_then(|table| table.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
    };
    if !from_workspace(member.manifest.get("lints")) {
        complaints.push(format!("{manifest}: `[lints] workspace = true` is missing"));
    }
    for name in ["version", "edition", "rust-version", "license", "repository"] {
        if !from_workspace(member.package(name)) {
            complaints.push(format!("{manifest}: `{name}.workspace = true` is missing"));
        }
    }
    for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(dependencies) = member.manifest.get(table).and_then(toml::Value::as_table) else {
            continue;
        };
        for (name, dependency) in dependencies {
            if !from_workspace(Some(dependency)) {
                complaints
                    .push(format!("{manifest}: `{name}` takes its version from the workspace"));
            }
        }
    }
    if member.is_published() {
        check_published(project, member, complaints)?;
    }
    Ok(())
}

fn check_published(
    project: &Project,
    member: &Member,
    complaints: &mut Complaints,
) -> Result<(), ChoreError> {
    let folder = &member.folder;
    for file in ["README.md", "CHANGELOG.md"] {
        if !project.has(&format!("{folder}/{file}")) {
            complaints.push(format!("{folder}/{file}: is not there"));
        }
    }
    let source = format!("{folder}/src/lib.rs");
    if !project.read(&source)?.contains("#![doc = include_str!(\"../README.md\")]") {
        complaints.push(format!("{source}: the README is the documentation of the crate"));
    }
    let readme = format!("{folder}/README.md");
    if project.has(&readme) && project.read(&readme)?.lines().count() < SHORTEST_README {
        complaints.push(format!("{readme}: says next to nothing"));
    }
    if member.package("description").is_none() {
        complaints.push(format!("{folder}/Cargo.toml: `description` is missing"));
    }
    Ok(())
}

/// Every crate stands in the maps that people find their way by.
fn check_maps(project: &Project, complaints: &mut Complaints) -> Result<(), ChoreError> {
    for map in ["ARCHITECTURE.md", "spec/README.md"] {
        let text = project.read(map)?;
        for member in project.members() {
            if !text.contains(&format!("`{}`", member.folder)) {
                complaints.push(format!("{map}: `{}` is missing", member.folder));
            }
        }
    }
    for member in project.members().iter().filter(|member| member.is_published()) {
        if !member.name().starts_with("permit-") {
            complaints
                .push(format!("{}/Cargo.toml: packages are called `permit-…`", member.folder));
        }
    }
    Ok(())
}

const SHORTEST_README: usize = 15;
