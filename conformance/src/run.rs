// SPDX-License-Identifier: Apache-2.0

//! Running the cases of a corpus against a verifier.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use crate::{
    case_copy::CaseCopy,
    case_pattern::CasePattern,
    conformance_report::{
        CaseState, ConformanceReport, CorpusReport, ExpectedOutput, RunnerReport, Summary,
        VectorReport, VerifierOutput, level_of, scores_of,
    },
    corpus::{Case, Corpus},
    judge::{Judgement, judge},
    protocol::{Answer, Implementation},
    session::{Session, StartError, Verifier},
    xfail::{Xfail, Xfails},
};

/// How a corpus is run.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The cases to run; all of them if there are no patterns.
    pub only: Vec<CasePattern>,
    /// Sessions beside each other. Default 1.
    pub jobs: usize,
    /// What is known to fail.
    pub xfails: Xfails,
    /// The command, for the report.
    pub command: String,
    /// How the verifier is spoken to, for the report.
    pub transport: String,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            only: Vec::new(),
            jobs: 1,
            xfails: Xfails::default(),
            command: String::new(),
            transport: "in process".to_owned(),
        }
    }
}

/// Why a corpus was not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The verifier does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A pattern matches no case.
    #[error("the pattern `{0}` matches no case")]
    NoMatch(String),
}

/// Runs a corpus. `done` is told of each case that has ended.
///
/// # Errors
/// If the verifier does not start at all, or a pattern of `only` matches nothing.
pub fn run(
    corpus: &Corpus,
    verifier: &dyn Verifier,
    options: &RunOptions,
    done: &(dyn Fn(&VectorReport) + Sync),
) -> Result<ConformanceReport, RunError> {
    let began = Instant::now();
    let cases = selected(corpus, &options.only)?;
    let first = verifier.start()?;
    let about = first.about().clone();
    let work = Work { corpus, about: &about, cases: &cases, xfails: &options.xfails, done };
    let next = AtomicUsize::new(0);
    let finished: Mutex<Vec<(usize, Ended)>> = Mutex::default();
    let mut first = Some(first);
    thread::scope(|scope| {
        for _ in 1..options.jobs.clamp(1, cases.len().max(1)) {
            scope.spawn(|| work.go(verifier.start(), &next, &finished));
        }
        // The session that is there already works here.
        if let Some(session) = first.take() {
            work.go(Ok(session), &next, &finished);
        }
    });
    let mut ended = finished.into_inner().unwrap_or_else(PoisonError::into_inner);
    ended.sort_by_key(|(index, _)| *index);
    let used: BTreeSet<usize> = ended.iter().flat_map(|(_, ended)| ended.used.clone()).collect();
    let vectors: Vec<VectorReport> = ended.into_iter().map(|(_, ended)| ended.report).collect();
    let in_corpus = corpus.cases.iter().map(|case| &case.id);
    let level = level_of(&vectors, in_corpus).filter(|_| !about.verdict_only);
    Ok(ConformanceReport {
        verifier_id: about.name,
        verifier_version: about.version,
        test_vectors_version: corpus.test_vectors_version.clone(),
        permit_spec_version: PERMIT_SPEC_VERSION.to_owned(),
        conformance_level_claimed: level.map(crate::level::Level::number),
        summary: Summary::of(&vectors),
        scores: scores_of(&vectors),
        unused_xfails: unused(corpus, &options.xfails, &used, &vectors, !options.only.is_empty()),
        vectors,
        corpus: CorpusReport {
            version: corpus.version.clone(),
            digest: corpus.digest.prefixed().to_string(),
            spec_version: corpus.spec_version.clone(),
        },
        runner: RunnerReport {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: options.command.clone(),
            transport: options.transport.clone(),
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            duration_ms: milliseconds(began),
        },
        level_declared: about.level_claimed,
    })
}

fn selected<'c>(corpus: &'c Corpus, only: &[CasePattern]) -> Result<Vec<&'c Case>, RunError> {
    for pattern in only {
        if !corpus.cases.iter().any(|case| pattern.matches(&case.id)) {
            return Err(RunError::NoMatch(pattern.to_string()));
        }
    }
    let is_wanted =
        |case: &&Case| only.is_empty() || only.iter().any(|pattern| pattern.matches(&case.id));
    Ok(corpus.cases.iter().filter(is_wanted).collect())
}

/// Entries of known failures that say nothing about this run: the file is out of date.
fn unused(
    corpus: &Corpus,
    xfails: &Xfails,
    used: &BTreeSet<usize>,
    vectors: &[VectorReport],
    partial: bool,
) -> Vec<String> {
    let answered = |entry: &Xfail| {
        vectors.iter().any(|vector| {
            vector.state != CaseState::Skipped
                && crate::case_id::CaseId::parse(&vector.test_vector_id)
                    .is_some_and(|id| entry.case.matches(&id))
        })
    };
    let is_unused = |(index, entry): &(usize, &Xfail)| {
        if used.contains(index) {
            return false;
        }
        let known = corpus.cases.iter().any(|case| entry.case.matches(&case.id));
        !known || (!partial && answered(entry))
    };
    let entries = xfails.entries.iter().enumerate().filter(is_unused);
    entries.map(|(_, entry)| entry.case.to_string()).collect()
}

/// A case that has ended, and the known failures it made use of.
struct Ended {
    report: VectorReport,
    used: Vec<usize>,
}

/// What all workers share.
struct Work<'w> {
    corpus: &'w Corpus,
    about: &'w Implementation,
    cases: &'w [&'w Case],
    xfails: &'w Xfails,
    done: &'w (dyn Fn(&VectorReport) + Sync),
}

impl Work<'_> {
    fn go(
        &self,
        session: Result<Box<dyn Session + '_>, StartError>,
        next: &AtomicUsize,
        finished: &Mutex<Vec<(usize, Ended)>>,
    ) {
        let Ok(mut session) = session else {
            // The others do its work.
            return;
        };
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = self.cases.get(index) else { return };
            let ended = self.one(session.as_mut(), case, index);
            (self.done)(&ended.report);
            finished.lock().unwrap_or_else(PoisonError::into_inner).push((index, ended));
        }
    }

    fn one(&self, session: &mut dyn Session, case: &Case, index: usize) -> Ended {
        let began = Instant::now();
        let seq = u64::try_from(index).unwrap_or(u64::MAX).saturating_add(1);
        let (answer, changed) = match self.reason_to_skip(case) {
            Some(reason) => (Answer::skipped(seq, reason), None),
            None => match CaseCopy::of(case) {
                Ok(copy) => {
                    let answer = session.answer(&copy.request(case, seq));
                    (answer, copy.changed().map(str::to_owned))
                }
                Err(error) => (Answer::errored(seq, format!("there is no copy: {error}")), None),
            },
        };
        let duration_ms = milliseconds(began);
        self.ended(case, answer, changed.as_deref(), duration_ms)
    }

    fn reason_to_skip(&self, case: &Case) -> Option<String> {
        let op = case.expectation.op();
        if !self.about.ops.contains(&op) {
            return Some(format!("the verifier does not claim `{op}`"));
        }
        let mut features = case.expectation.additions.features.iter();
        let missing = features.find(|feature| !self.about.has(feature))?;
        Some(format!("the verifier does not claim the feature `{missing}`"))
    }

    fn ended(&self, case: &Case, answer: Answer, changed: Option<&str>, duration_ms: u64) -> Ended {
        let mut answer = answer;
        if !says_something(&answer) {
            let message = "the answer has no verdict";
            answer = Answer::errored(answer.seq, message);
        }
        let judgement = if answer.skipped.is_none() && answer.errored.is_none() {
            judge(case, &answer, changed, self.about.verdict_only)
        } else {
            Judgement::default()
        };
        let State { state, notes, used } = self.state(case, &answer, &judgement);
        let ours = &case.expectation.additions;
        let report = VectorReport {
            test_vector_id: case.id.to_string(),
            result_match: matches!(state, CaseState::Passed | CaseState::UnexpectedPass),
            verifier_output: VerifierOutput {
                test_vector_id: case.id.to_string(),
                test_vectors_version: self.corpus.test_vectors_version.clone(),
                verifier_id: self.about.name.clone(),
                verifier_version: self.about.version.clone(),
                answer,
            },
            expected_output: ExpectedOutput::of(case),
            notes,
            state,
            title: case.title().to_owned(),
            level: case.id.level().map(crate::level::Level::number),
            importance: ours.importance,
            rules: judgement.rules,
            duration_ms,
        };
        Ended { report, used }
    }

    fn state(&self, case: &Case, answer: &Answer, judgement: &Judgement) -> State {
        let about: Vec<(usize, &Xfail)> = self.xfails.about(&case.id).collect();
        if let Some(skipped) = &answer.skipped {
            return State::of(CaseState::Skipped, skipped.reason.clone(), Vec::new());
        }
        if let Some(errored) = &answer.errored {
            let known: Vec<_> = about.into_iter().filter(|(_, entry)| entry.errored).collect();
            return match known.first() {
                Some((_, entry)) => {
                    let notes = format!("{} (known: {})", errored.message, entry.reason);
                    let used = known.iter().map(|(index, _)| *index).collect();
                    State::of(CaseState::ExpectedFailure, notes, used)
                }
                None => State::of(CaseState::Errored, errored.message.clone(), Vec::new()),
            };
        }
        if judgement.matches() {
            let is_stale = |entry: &Xfail| {
                entry.rules.is_empty()
                    || judgement.rules.iter().any(|rule| entry.rules.contains(&rule.rule))
            };
            return match about.into_iter().find(|(_, entry)| is_stale(entry)) {
                Some((index, entry)) => {
                    let notes = format!("it is known to fail ({}), and passes", entry.reason);
                    State::of(CaseState::UnexpectedPass, notes, vec![index])
                }
                None => State::of(CaseState::Passed, String::new(), Vec::new()),
            };
        }
        let differences: Vec<String> =
            judgement.broken().filter_map(|rule| rule.difference.clone()).collect();
        let differences = differences.join("; ");
        let covers = |entry: &Xfail, rule| entry.rules.is_empty() || entry.rules.contains(&rule);
        let about: Vec<_> = about.into_iter().filter(|(_, entry)| !entry.errored).collect();
        let known = judgement
            .broken()
            .all(|broken| about.iter().any(|(_, entry)| covers(entry, broken.rule)));
        if !known {
            return State::of(CaseState::Failed, differences, Vec::new());
        }
        let used: Vec<_> = about
            .into_iter()
            .filter(|(_, entry)| judgement.broken().any(|broken| covers(entry, broken.rule)))
            .collect();
        let reasons: Vec<&str> = used.iter().map(|(_, entry)| entry.reason.as_str()).collect();
        let notes = format!("{differences} (known: {})", reasons.join("; "));
        State::of(CaseState::ExpectedFailure, notes, used.iter().map(|(index, _)| *index).collect())
    }
}

/// How a case ended, why, and by which known failures.
struct State {
    state: CaseState,
    notes: String,
    used: Vec<usize>,
}

impl State {
    fn of(state: CaseState, notes: String, used: Vec<usize>) -> Self {
        Self { state, notes, used }
    }
}

/// Whether an answer has a verdict, or says why there is none.
fn says_something(answer: &Answer) -> bool {
    answer.result.is_some()
        || answer.claim_result.is_some()
        || answer.skipped.is_some()
        || answer.errored.is_some()
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The version of the specification that the published vectors are about.
const PERMIT_SPEC_VERSION: &str = "1.0.0";
