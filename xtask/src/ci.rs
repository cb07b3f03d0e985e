// SPDX-License-Identifier: Apache-2.0

//! Everything that CI asks beside tests, formatting, lints and docs.

use crate::{
    ChoreError, Complaints, corpus, docs, examples, project::Project, registries, say, schemas,
    tidy, trace,
};

/// A chore that only looks.
type Check = fn(&Project) -> Result<Complaints, ChoreError>;

const CHECKS: [(&str, Check); 7] = [
    ("tidy", tidy::run),
    ("examples", |project| examples::run(project, true)),
    ("schemas", |project| schemas::run(project, true)),
    ("docs", |project| docs::run(project, true)),
    ("registries", |project| registries::run(project, true)),
    ("corpus", |project| corpus::run(project, true, false)),
    ("trace", trace::check),
];

pub(crate) fn run(project: &Project) -> Result<Complaints, ChoreError> {
    let mut all = Complaints::new();
    for (name, check) in CHECKS {
        let complaints = check(project)?;
        let result = if complaints.is_empty() { "ok" } else { "to mend" };
        say(&format!("{name:<12} {result}"));
        all.extend(complaints.into_iter().map(|complaint| format!("{name}: {complaint}")));
    }
    Ok(all)
}
