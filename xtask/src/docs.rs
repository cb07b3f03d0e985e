// SPDX-License-Identifier: Apache-2.0

//! The parts of the documents in `spec/` that are made by code.
//!
//! ```text
//! <!-- generated: digest-matrix -->
//! …                                      made anew by `cargo xtask docs`
//! <!-- end -->
//! ```
//!
//! Tables come from the crates that own their facts, member tables from the schemas of the types,
//! and worked examples from issuing and verifying with published test keys. So a document cannot
//! say something that the code does not do.

mod blocks;
mod chain_examples;
mod conformance_examples;
mod decision_examples;
mod delegation_examples;
mod markdown;
mod member_table;
mod pinning_examples;
mod record_examples;
mod scope_examples;
mod story;
mod tables;
mod workflow_examples;

use std::collections::BTreeSet;

use crate::{
    ChoreError, Complaints,
    generated::{GeneratedFile, ensure},
    project::Project,
};

use blocks::{BLOCKS, block};
use member_table::{described, mentioned};
use story::Story;

/// Fills the generated blocks of all documents, or looks whether they are as they would be made.
pub(crate) fn run(project: &Project, check: bool) -> Result<Complaints, ChoreError> {
    let story = Story::tell()?;
    let mut filling = Filling::new(&story);
    let mut files = Vec::new();
    for path in project.files_below("spec")? {
        if path.ends_with(".md") {
            let text = project.read(&path)?;
            filling.complaints.extend(missing_parts(&path, &text));
            files.push(GeneratedFile::new(path.clone(), filling.fill(&path, &text)));
        }
    }
    for name in BLOCKS.iter().map(|(name, _)| *name) {
        if !filling.used.contains(name) {
            filling.complaints.push(format!("xtask: no document uses the block `{name}`"));
        }
    }
    for name in filling.mentioned.difference(&filling.described) {
        filling.complaints.push(format!("spec: the object `{name}` is described nowhere"));
    }
    if !filling.complaints.is_empty() {
        // Nothing is written over a document that could not be filled as a whole.
        return Ok(filling.complaints);
    }
    ensure(project, &files, check, "cargo xtask docs")
}

struct Filling<'s> {
    story: &'s Story,
    used: BTreeSet<String>,
    /// Objects that tables refer to.
    mentioned: BTreeSet<String>,
    /// Objects that have a table.
    described: BTreeSet<String>,
    complaints: Complaints,
}

impl<'s> Filling<'s> {
    fn new(story: &'s Story) -> Self {
        Self {
            story,
            used: BTreeSet::new(),
            mentioned: BTreeSet::new(),
            described: BTreeSet::new(),
            complaints: Vec::new(),
        }
    }

    /// Notes what a table of members describes and what it leaves to others.
    fn note(&mut self, name: &str, content: &str) {
        let Some(words) = name.strip_prefix("members ") else { return };
        let (schema, inner) = match words.split_once(' ') {
            Some((schema, inner)) => (schema, Some(inner)),
            None => (words, None),
        };
        self.described.extend(described(schema, inner));
        self.mentioned.extend(mentioned(content).map(str::to_owned));
    }

    /// The document with its blocks made anew.
    fn fill(&mut self, path: &str, text: &str) -> String {
        let mut filled = String::new();
        let mut open: Option<&str> = None;
        for (number, line) in (1_usize..).zip(text.lines()) {
            match (open, block_name(line)) {
                (Some(name), Some(_)) => {
                    self.complaints.push(format!("{path}:{number}: `{name}` is still open"));
                    return text.to_owned();
                }
                (None, Some(name)) => {
                    open = Some(name);
                    push_line(&mut filled, line);
                    filled.push_str(&self.content(path, number, name));
                }
                (Some(_), None) if line != END => {}
                (was_open, None) => {
                    if line == END && was_open.is_none() {
                        let complaint = format!("{path}:{number}: an end without a beginning");
                        self.complaints.push(complaint);
                    }
                    open = None;
                    push_line(&mut filled, line);
                }
            }
        }
        if let Some(name) = open {
            self.complaints.push(format!("{path}: `{name}` has no end"));
            return text.to_owned();
        }
        filled
    }

    /// What stands in a block, with a blank line before and behind it.
    fn content(&mut self, path: &str, number: usize, name: &str) -> String {
        self.used.insert(name.split(' ').next().unwrap_or_default().to_owned());
        let complaint = match block(self.story, name) {
            Some(Ok(content)) => {
                self.note(name, &content);
                return format!("\n{}\n\n", content.trim_end());
            }
            Some(Err(error)) => format!("{path}:{number}: `{name}`: {error}"),
            None => format!("{path}:{number}: no block is called `{name}`"),
        };
        self.complaints.push(complaint);
        String::new()
    }
}

/// What every document has, and this one has not.
fn missing_parts(path: &str, text: &str) -> Complaints {
    if NO_DOCUMENTS.contains(&path) {
        return Complaints::new();
    }
    let has = |part: &str| text.lines().any(|line| line.starts_with(part));
    let missing = PARTS.iter().filter(|part| !has(part));
    missing.map(|part| format!("{path}: a line that begins with `{part}` is missing")).collect()
}

/// What every document has: what it is, how its words are meant, and what to beware of.
const PARTS: [&str; 8] = [
    "# ",
    "| Status |",
    "| Crate |",
    "| Rules |",
    "MUST, MUST NOT, SHOULD and MAY are to be read as in RFC 2119 and RFC 8174",
    "<!-- generated: ",
    "## Security considerations",
    "## What it does not claim",
];

/// Texts about the documents.
const NO_DOCUMENTS: [&str; 3] = ["spec/README.md", "spec/decisions.md", "spec/CHANGELOG.md"];

/// The name in the line that begins a block.
fn block_name(line: &str) -> Option<&str> {
    line.strip_prefix("<!-- generated: ")?.strip_suffix(" -->")
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

const END: &str = "<!-- end -->";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_say_what_the_code_does() {
        let project = Project::find().unwrap();
        assert_eq!(run(&project, true).unwrap(), Complaints::new());
    }

    #[test]
    fn blocks_are_filled_and_faults_are_told() {
        let story = Story::tell().unwrap();
        let fill = |text: &str| {
            let mut filling = Filling::new(&story);
            let filled = filling.fill("a.md", text);
            (filled, filling.complaints)
        };
        let text = "before\n<!-- generated: purposes -->\nold\n<!-- end -->\nbehind\n";
        let (filled, complaints) = fill(text);
        assert!(filled.starts_with("before\n<!-- generated: purposes -->\n\n| "), "{filled}");
        assert!(filled.ends_with(" |\n\n<!-- end -->\nbehind\n"), "{filled}");
        assert_eq!(complaints, Complaints::new());
        assert_eq!(fill(&filled).0, filled, "filling once is enough");
        for (text, complaint) in [
            ("<!-- generated: purposes -->\n", "a.md: `purposes` has no end"),
            ("<!-- generated: none -->\n<!-- end -->\n", "a.md:1: no block is called `none`"),
            ("<!-- end -->\n", "a.md:1: an end without a beginning"),
            (
                "<!-- generated: purposes -->\n<!-- generated: claims -->\n",
                "a.md:2: `purposes` is still open",
            ),
        ] {
            assert_eq!(fill(text).1, [complaint]);
        }
        assert_eq!(missing_parts("spec/a.md", "").len(), PARTS.len());
        assert_eq!(missing_parts("spec/CHANGELOG.md", ""), Complaints::new());
    }
}
