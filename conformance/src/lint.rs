// SPDX-License-Identifier: Apache-2.0

//! What must not be in a corpus.
//!
//! ```text
//! a case        has a clause, known rules, codes and decisions, and says why it exists
//! a negative    comes from a case that passes, by one change; one of its layers is broken
//! a category    has a case that passes: rejecting everything must not be enough
//! a code        has a case that expects it (CONFM-01)
//! an id         is used once, and its number too
//! a release     never changes: cases are retired, and others added
//! ```

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use permit_failure_codes::{FailureCode, Reason};

use crate::{
    case_id::CaseId,
    corpus::{Case, Corpus, hash_of},
    corpus_manifest::{CaseStatus, CorpusManifest},
    expectation::{ExpectedOutcome, VectorExpectation},
    rules::{is_decision, is_rule},
};

/// Something that must not be in a corpus.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LintProblem {
    /// The case, the category, or the code.
    pub subject: String,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for LintProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.problem)
    }
}

/// Looks at a corpus as a whole. Nothing is returned if it may be released.
#[must_use]
pub fn lint(corpus: &Corpus) -> Vec<LintProblem> {
    let mut lint = Lint { cases: &corpus.cases, problems: Vec::new() };
    if corpus.cases.is_empty() {
        lint.say("the corpus", "it has no cases");
        return lint.problems;
    }
    for case in &corpus.cases {
        lint.case(case);
    }
    lint.ids();
    lint.categories();
    lint.codes();
    lint.sizes();
    lint.problems.sort();
    lint.problems
}

/// Looks at what became of the cases that were released: they are all there, byte for byte, or they
/// were retired, also byte for byte.
#[must_use]
pub fn lint_release(before: &CorpusManifest, after: &CorpusManifest) -> Vec<LintProblem> {
    let mut problems = Vec::new();
    let mut say = |subject: &str, problem: &str| {
        problems.push(LintProblem { subject: subject.to_owned(), problem: problem.to_owned() });
    };
    let mut ids = BTreeSet::new();
    for entry in &after.cases {
        if !ids.insert(entry.id.as_str()) {
            say(&entry.id, "the id is used twice");
        }
    }
    for old in before.cases.iter().filter(|entry| entry.status != CaseStatus::Draft) {
        let Some(new) = after.cases.iter().find(|entry| entry.id == old.id) else {
            say(&old.id, "it was released and is gone; retire it instead");
            continue;
        };
        if new.files != old.files {
            say(&old.id, "it was released and its bytes changed; retire it and add another");
        }
        if new.status == CaseStatus::Draft
            || old.status == CaseStatus::Retired && new.status != old.status
        {
            say(&old.id, "a status only goes from draft to released to retired");
        }
    }
    problems
}

struct Lint<'c> {
    cases: &'c [Case],
    problems: Vec<LintProblem>,
}

impl Lint<'_> {
    fn say(&mut self, subject: impl fmt::Display, problem: impl fmt::Display) {
        let (subject, problem) = (subject.to_string(), problem.to_string());
        self.problems.push(LintProblem { subject, problem });
    }

    fn case(&mut self, case: &Case) {
        let additions = &case.expectation.additions;
        if additions.clauses.is_empty() {
            self.say(&case.id, "it names no rule that it is about");
        }
        for clause in additions.clauses.iter().filter(|clause| !is_rule(clause)) {
            self.say(&case.id, format!("there is no rule `{clause}`"));
        }
        for decision in additions.decisions.iter().filter(|decision| !is_decision(decision)) {
            self.say(&case.id, format!("there is no decision `{decision}`"));
        }
        for code in case.expectation.codes() {
            if Reason::parse(code).is_none() {
                self.say(&case.id, format!("there is no code `{code}`"));
            }
        }
        if case.title().is_empty() {
            self.say(&case.id, "its description does not say why it exists");
        }
        if case.expectation.is_pass() {
            if !case.expectation.codes().is_empty() {
                self.say(&case.id, "it passes, and expects a code");
            }
        } else {
            self.negative(case);
        }
        if let ExpectedOutcome::Vector(vector) = &case.expectation.outcome {
            self.vector(case, vector);
        }
        self.hashes(case);
    }

    fn negative(&mut self, case: &Case) {
        let additions = &case.expectation.additions;
        let parent = additions.parent.as_deref();
        match parent.map(|parent| self.cases.iter().find(|case| case.id.as_str() == parent)) {
            None => self.say(&case.id, "it fails, and names no parent that passes"),
            Some(None) => self.say(&case.id, "its parent is not there"),
            Some(Some(parent)) if !parent.expectation.is_pass() => {
                self.say(&case.id, "its parent does not pass");
            }
            Some(Some(_)) => {}
        }
        if additions.mutation.as_ref().is_none_or(|mutation| mutation.change.is_empty()) {
            self.say(&case.id, "it does not say what was changed of its parent");
        }
    }

    fn vector(&mut self, case: &Case, vector: &VectorExpectation) {
        if vector.vector_id != case.id.as_str() {
            self.say(&case.id, format!("it calls itself `{}`", vector.vector_id));
        }
        for code in &vector.acceptable_secondary_codes {
            if Reason::parse(code).is_none() {
                self.say(&case.id, format!("there is no code `{code}`"));
            }
        }
        if case.expectation.is_pass() {
            if !vector.invalid_layers.is_empty() {
                self.say(&case.id, "it passes, and a layer of it is broken");
            }
        } else if vector.primary_failure_code.is_none() {
            self.say(&case.id, "it fails, and expects no code");
        } else if vector.invalid_layers.is_empty() && !case.id.is_addition() {
            self.say(&case.id, "it fails, and no layer of it is broken");
        }
        for layer in vector.valid_layers.iter().filter(|one| vector.invalid_layers.contains(one)) {
            self.say(&case.id, format!("the layer `{layer}` is said to hold and not to hold"));
        }
    }

    fn hashes(&mut self, case: &Case) {
        let stated = &case.expectation.additions.artifact_hashes;
        for (name, hash) in stated {
            let bytes = case.input.get(name.strip_prefix("input/").unwrap_or(name));
            if bytes.is_none_or(|bytes| hash_of(bytes) != *hash) {
                self.say(&case.id, format!("`{name}` is not the file whose hash is stated"));
            }
        }
        if stated.len() != case.input.len() {
            self.say(&case.id, "not every file of its input has its hash stated");
        }
    }

    fn ids(&mut self) {
        let mut seen: BTreeMap<(String, String), &CaseId> = BTreeMap::new();
        let mut twice = Vec::new();
        for case in self.cases {
            let vector = case.id.vector();
            // The number alone: `02-01` of `02-01-record-hash-modified`, `07` of a golden record.
            let parts = if case.id.category() == CaseId::CLAIMS { 1 } else { 2 };
            let number: Vec<&str> = vector.split('-').take(parts).collect();
            let key = (case.id.category().to_owned(), number.join("-"));
            if let Some(first) = seen.insert(key, &case.id) {
                twice.push((case.id.clone(), format!("its number is that of `{first}`")));
            }
        }
        for (id, problem) in twice {
            self.say(id, problem);
        }
    }

    fn categories(&mut self) {
        let mut passing: BTreeMap<String, bool> = BTreeMap::new();
        for case in self.cases {
            *passing.entry(case.id.category().to_owned()).or_default() |=
                case.expectation.is_pass();
        }
        for (category, _) in passing.iter().filter(|(_, passes)| !**passes) {
            let problem = "no case of it passes, so that rejecting everything is enough";
            self.problems.push(LintProblem { subject: category.clone(), problem: problem.into() });
        }
    }

    fn codes(&mut self) {
        let expected: BTreeSet<FailureCode> = self
            .cases
            .iter()
            .filter(|case| !case.expectation.is_pass())
            .flat_map(|case| case.expectation.codes())
            .filter_map(|code| Reason::parse(code)?.code())
            .collect();
        for code in FailureCode::ALL.iter().filter(|code| !expected.contains(code)) {
            self.say(code.as_str(), "no case expects it");
        }
    }

    fn sizes(&mut self) {
        let mut total = 0_usize;
        let mut large = Vec::new();
        for case in self.cases {
            for (name, bytes) in &case.input {
                total = total.saturating_add(bytes.len());
                if bytes.len() > LARGEST_FILE {
                    large.push((case.id.clone(), name.clone()));
                }
            }
        }
        for (id, name) in large {
            self.say(id, format!("`{name}` has more than {LARGEST_FILE} bytes"));
        }
        if total > LARGEST_CORPUS {
            self.say("the corpus", format!("it has {total} bytes, more than {LARGEST_CORPUS}"));
        }
    }
}

const LARGEST_FILE: usize = 1024 * 1024;
const LARGEST_CORPUS: usize = 8 * 1024 * 1024;
