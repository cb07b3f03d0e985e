// SPDX-License-Identifier: Apache-2.0

//! Whether the corpus catches verifiers that cheat, in every category.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{
    case_pattern::CasePattern,
    cheat::Cheat,
    child::ProcessLimits,
    command_line::CommandLine,
    conformance_report::CaseState,
    corpus::Corpus,
    run::{RunError, RunOptions, run},
    stream::StreamVerifier,
};

/// What came of one cheat in one category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caught {
    /// The cheat.
    pub cheat: Cheat,
    /// The category.
    pub category: String,
    /// Cases that were run.
    pub cases: usize,
    /// Cases that it got right all the same.
    pub fooled: usize,
    /// Whether it was caught: it got something wrong, or, if it gives no answers, none counted as one.
    pub caught: bool,
}

/// Runs every cheat through every category of a corpus. `command` starts a cheat by its name, which is
/// appended to it, and by the code that it tells.
///
/// # Errors
/// If a cheat does not start.
pub fn self_test(
    corpus: &Corpus,
    command: &dyn Fn(Cheat, Option<&str>) -> CommandLine,
) -> Result<Vec<Caught>, RunError> {
    let categories: BTreeSet<&str> = corpus.cases.iter().map(|case| case.id.category()).collect();
    let mut all = Vec::new();
    for cheat in Cheat::ALL.iter().copied() {
        for category in &categories {
            let code = likeliest_code(corpus, category);
            let command = command(cheat, code.as_deref().filter(|_| cheat == Cheat::FirstCode));
            all.push(one(corpus, category, cheat, command)?);
        }
    }
    Ok(all)
}

fn one(
    corpus: &Corpus,
    category: &str,
    cheat: Cheat,
    command: CommandLine,
) -> Result<Caught, RunError> {
    let mut limits = ProcessLimits::default();
    let mut only = CasePattern::new(category);
    if cheat == Cheat::Hang {
        // Each answer that never comes takes its time: one of them tells all.
        limits.time = HANG;
        let first = corpus.cases.iter().find(|case| case.id.category() == category);
        only = first.map_or(only, |case| CasePattern::new(case.id.as_str()));
    }
    let verifier = StreamVerifier::new(command, limits, None);
    let options = RunOptions { only: vec![only], ..RunOptions::default() };
    let report = run(corpus, &verifier, &options, &|_| ())?;
    let fooled = report.vectors.iter().filter(|vector| vector.result_match).count();
    let cases = report.vectors.len();
    let caught = match cheat {
        Cheat::AlwaysPass | Cheat::AlwaysFail | Cheat::FirstCode => fooled < cases,
        // A crash is never a rejection, and a case that is skipped was not run.
        Cheat::Crash | Cheat::Hang | Cheat::Garbage => {
            report.vectors.iter().all(|vector| vector.state == CaseState::Errored)
        }
    };
    Ok(Caught { cheat, category: category.to_owned(), cases, fooled, caught })
}

/// The code that is right most often in a category; of several the first.
fn likeliest_code(corpus: &Corpus, category: &str) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for case in corpus.cases.iter().filter(|case| case.id.category() == category) {
        if let Some(code) = case.expectation.codes().first() {
            *counts.entry(code).or_default() += 1;
        }
    }
    let best = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    best.map(|(code, _)| code.to_owned())
}

const HANG: Duration = Duration::from_millis(300);
