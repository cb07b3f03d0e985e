// SPDX-License-Identifier: Apache-2.0

//! What changed between two reports.

use std::{collections::BTreeSet, fmt};

use crate::conformance_report::{CaseState, ConformanceReport, VectorReport};

/// What changed between two reports, the worst first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportDiff {
    /// Cases that passed and do not any more.
    pub regressions: Vec<Change>,
    /// Cases that pass now.
    pub fixed: Vec<Change>,
    /// Cases that end in another way without passing before or after.
    pub changed: Vec<Change>,
    /// Cases that are new.
    pub added: Vec<String>,
    /// Cases that are gone.
    pub gone: Vec<String>,
    /// Whether both are about the same corpus.
    pub same_corpus: bool,
}

/// A case that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The case.
    pub id: String,
    /// How it ended before.
    pub before: CaseState,
    /// How it ends now.
    pub after: CaseState,
    /// Why.
    pub notes: String,
}

impl ReportDiff {
    /// Compares.
    #[must_use]
    pub fn between(before: &ConformanceReport, after: &ConformanceReport) -> Self {
        let mut diff =
            Self { same_corpus: before.corpus.digest == after.corpus.digest, ..Self::default() };
        let ids = |report: &ConformanceReport| -> BTreeSet<String> {
            report.vectors.iter().map(|vector| vector.test_vector_id.clone()).collect()
        };
        let (old, new) = (ids(before), ids(after));
        diff.added = new.difference(&old).cloned().collect();
        diff.gone = old.difference(&new).cloned().collect();
        for id in old.intersection(&new) {
            let (Some(before), Some(after)) = (before.vector(id), after.vector(id)) else {
                continue;
            };
            diff.take(id, before, after);
        }
        diff
    }

    fn take(&mut self, id: &str, before: &VectorReport, after: &VectorReport) {
        let list = match (before.result_match, after.result_match) {
            (true, false) => &mut self.regressions,
            (false, true) => &mut self.fixed,
            (true, true) => return,
            (false, false) if before.state == after.state && before.notes == after.notes => return,
            (false, false) => &mut self.changed,
        };
        list.push(Change {
            id: id.to_owned(),
            before: before.state,
            after: after.state,
            notes: after.notes.clone(),
        });
    }
}

impl fmt::Display for ReportDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (title, changes) in
            [("Regressions", &self.regressions), ("Fixed", &self.fixed), ("Changed", &self.changed)]
        {
            if changes.is_empty() {
                continue;
            }
            writeln!(f, "{title}: {}", changes.len())?;
            for change in changes {
                let Change { id, before, after, notes } = change;
                let colon = if notes.is_empty() { "" } else { ": " };
                writeln!(f, "  {id}  {before} → {after}{colon}{notes}")?;
            }
        }
        for (title, ids) in [("Added", &self.added), ("Gone", &self.gone)] {
            if !ids.is_empty() {
                writeln!(f, "{title}: {}", ids.len())?;
                for id in ids {
                    writeln!(f, "  {id}")?;
                }
            }
        }
        if !self.same_corpus {
            writeln!(f, "The reports are about different corpora.")?;
        }
        let nothing = [&self.regressions, &self.fixed, &self.changed].iter().all(|l| l.is_empty());
        if nothing && self.added.is_empty() && self.gone.is_empty() {
            writeln!(f, "Nothing changed.")?;
        }
        Ok(())
    }
}
