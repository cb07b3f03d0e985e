// SPDX-License-Identifier: Apache-2.0

//! Everything that CI asks beside tests, formatting, lints and docs.

use crate::{
    ChoreError, Complaints, docs, example_bundle, project::Project, registries, say, tidy, trace,
};

/// A chore that only looks.
type Check = fn(&Project) -> Result<Complaints, ChoreError>;

const CHECKS: [(&str, Check); 5] = [
    ("tidy", tidy::run),
    ("examples", |project| example_bundle::run(project, true)),
    ("docs", |project| docs::run(project, true)),
    ("registries", |project| registries::run(project, true)),
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
