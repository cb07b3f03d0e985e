// SPDX-License-Identifier: Apache-2.0

//! The rules, as they stand in the tables of the documents.
//!
//! ```text
//! | CHAIN-08 | MUST | V | text |
//! ```
//!
//! Rows of this form outside of fenced blocks are the rules; nothing else is.

use std::collections::BTreeMap;

use crate::{ChoreError, Complaints, project::Project};

/// How much is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Must,
    Should,
    May,
}

impl Level {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Must, Self::Should, Self::May].into_iter().find(|level| level.as_str() == text)
    }
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) level: Level,
    /// Who is bound: `E`, `V`, `B` or `I`.
    pub(super) role: String,
    pub(super) text: String,
    /// The document, from the root of the workspace.
    pub(super) document: String,
}

/// All rules by id.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) by_id: BTreeMap<String, Rule>,
    /// Ids that documents decide on rather than demand: open points and differences.
    pub(super) decisions: Vec<String>,
    pub(super) faults: Complaints,
}

impl Rules {
    /// Reads the documents of the workspace.
    pub(super) fn read(project: &Project) -> Result<Self, ChoreError> {
        let mut rules = Self::default();
        for path in project.files_below("spec")? {
            if path.ends_with(".md") {
                rules.add_document(&path, &project.read(&path)?);
            }
        }
        Ok(rules)
    }

    pub(super) fn add_document(&mut self, path: &str, text: &str) {
        for (number, line) in rows(text) {
            let cells = cells(line);
            let Some(first) = cells.first() else { continue };
            let ids: Vec<&str> = first.split(", ").collect();
            if ids.iter().all(|id| is_decision(id)) {
                self.decisions.extend(ids.into_iter().map(str::to_owned));
                continue;
            }
            if !is_id(first) {
                continue;
            }
            match cells.as_slice() {
                [id, level, role, text] => self.add(path, number, [id, level, role, text]),
                _ => self.faults.push(format!(
                    "{path}:{number}: the row of {first} has {} columns, not four",
                    cells.len()
                )),
            }
        }
    }

    fn add(&mut self, path: &str, number: usize, [id, level, role, text]: [&String; 4]) {
        let at = format!("{path}:{number}: {id}");
        let Some(level) = Level::parse(level) else {
            self.faults.push(format!("{at}: `{level}` is no level"));
            return;
        };
        if !matches!(role.as_str(), "E" | "V" | "B" | "I") {
            self.faults.push(format!("{at}: `{role}` is no role"));
        }
        if text.is_empty() {
            self.faults.push(format!("{at}: asks for nothing"));
        }
        let rule =
            Rule { level, role: role.clone(), text: text.clone(), document: path.to_owned() };
        if let Some(before) = self.by_id.insert(id.clone(), rule) {
            self.faults.push(format!("{at}: stands in {} already", before.document));
        }
    }

    /// The words that ids begin with.
    pub(super) fn prefixes(&self) -> Vec<&str> {
        let mut prefixes: Vec<&str> =
            self.by_id.keys().filter_map(|id| Some(id.split_once('-')?.0)).collect();
        prefixes.extend(["AMB", "DIFF"]);
        prefixes.sort_unstable();
        prefixes.dedup();
        prefixes
    }

    /// Whether there is such a rule, open point or difference.
    pub(super) fn knows(&self, id: &str) -> bool {
        self.by_id.contains_key(id) || self.decisions.iter().any(|decision| decision == id)
    }
}

/// The rows of tables outside of fenced blocks, with the numbers of their lines.
pub(super) fn rows(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    (1_usize..).zip(text.lines()).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence && line.starts_with('|')
    })
}

/// The cells of a row; a bar inside of one is written `\|`.
pub(super) fn cells(row: &str) -> Vec<String> {
    let row = row.trim().trim_start_matches('|');
    let row = row.strip_suffix('|').filter(|row| !row.ends_with('\\')).unwrap_or(row);
    let mut cells = vec![String::new()];
    let mut characters = row.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.peek() == Some(&'|') => {
                characters.next();
                push(&mut cells, '|');
            }
            '|' => cells.push(String::new()),
            character => push(&mut cells, character),
        }
    }
    cells.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

fn push(cells: &mut [String], character: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(character);
    }
}

/// Whether this is the id of a rule.
fn is_id(text: &str) -> bool {
    text.split_once('-').is_some_and(|(prefix, number)| {
        !prefix.is_empty()
            && prefix.bytes().all(|byte| byte.is_ascii_uppercase())
            && number.len() == 2
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn is_decision(text: &str) -> bool {
    is_id(text) && (text.starts_with("AMB-") || text.starts_with("DIFF-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Rules {
        let mut rules = Rules::default();
        rules.add_document("spec/a.md", text);
        rules
    }

    #[test]
    fn rows_are_rules_and_nothing_else_is() {
        let rules = read(
            "| Rule | Level | Role | What |\n|---|---|---|---|\n| CHAIN-08 | MUST | V | a \\| b. |\n\
             CHAIN-09 in a sentence\n```text\n| CHAIN-10 | MUST | V | fenced |\n```\n\
             | AMB-02, AMB-03 | question | decision |\n| `field` | MUST | V | x |\n",
        );
        assert_eq!(rules.faults, Complaints::new());
        assert_eq!(rules.by_id.keys().collect::<Vec<_>>(), ["CHAIN-08"]);
        let rule = &rules.by_id["CHAIN-08"];
        assert_eq!(
            (rule.level, rule.role.as_str(), rule.text.as_str()),
            (Level::Must, "V", "a | b.")
        );
        assert_eq!(rules.decisions, ["AMB-02", "AMB-03"]);
        assert!(rules.knows("AMB-03") && rules.knows("CHAIN-08") && !rules.knows("CHAIN-10"));
        assert_eq!(rules.prefixes(), ["AMB", "CHAIN", "DIFF"]);
    }

    #[test]
    fn rows_that_are_not_quite_rules_are_told() {
        for (row, fault) in [
            ("| CHAIN-08 | MUST | V |", "the row of CHAIN-08 has 3 columns, not four"),
            ("| CHAIN-08 | SHALL | V | x |", "CHAIN-08: `SHALL` is no level"),
            ("| CHAIN-08 | MUST | X | x |", "CHAIN-08: `X` is no role"),
            ("| CHAIN-08 | MUST | V | |", "CHAIN-08: asks for nothing"),
            (
                "| CHAIN-08 | MAY | V | x |\n| CHAIN-08 | MAY | V | y |",
                "CHAIN-08: stands in spec/a.md already",
            ),
        ] {
            let faults = read(row).faults;
            assert_eq!(faults.len(), 1, "{row}");
            assert!(faults[0].ends_with(fault), "{faults:?}");
        }
    }
}
