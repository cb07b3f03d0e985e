// SPDX-License-Identifier: Apache-2.0

//! `verifier-conformance-report.json`: the official members, and what makes a result citable.

use std::collections::{BTreeMap, BTreeSet};

use permit_canonical_json::{Budget, Value, from_value, read, to_value};
use permit_claims::to_pretty_text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    additions::Importance,
    case_id::CaseId,
    corpus::Case,
    corpus_error::DocumentProblem,
    expectation::{ExpectedClaim, ExpectedOutcome},
    judge::{RuleOutcome, Score},
    level::Level,
    op::{ClaimStatus, VectorResult},
    position::{EvidenceCounts, Position},
    protocol::{Answer, schema_of},
    word::words,
};

words! {
    /// How a case ended.
    CaseState {
        /// The answer is the expected one.
        Passed = "passed",
        /// It is another one.
        Failed = "failed",
        /// There is no answer: a crash, a time-out, words that are none. Never a rejection.
        Errored = "errored",
        /// It was not run: an operation or feature that the verifier does not claim.
        Skipped = "skipped",
        /// It is another one, and known to be.
        ExpectedFailure = "expected-failure",
        /// It is the expected one although it is known to be another.
        UnexpectedPass = "unexpected-pass",
    }
}

impl CaseState {
    /// Whether the run fails for it.
    #[must_use]
    pub fn fails_the_run(self) -> bool {
        matches!(self, Self::Failed | Self::Errored | Self::UnexpectedPass)
    }
}

/// The result of one verifier on one corpus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConformanceReport {
    /// The name of the verifier.
    pub verifier_id: String,
    /// Its version.
    pub verifier_version: String,
    /// The version of the published list of vectors.
    pub test_vectors_version: String,
    /// The version of the specification that the vectors are about.
    pub permit_spec_version: String,
    /// The level that the answers show; null if they show none.
    pub conformance_level_claimed: Option<u8>,
    /// The cases, in order of their names.
    pub vectors: Vec<VectorReport>,
    /// How many ended how.
    pub summary: Summary,
    /// The corpus.
    pub corpus: CorpusReport,
    /// The program that ran the cases.
    pub runner: RunnerReport,
    /// The level that the verifier says it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_declared: Option<u8>,
    /// The three scores over all cases that were answered.
    pub scores: Vec<ScoreReport>,
    /// Known failures that no case needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unused_xfails: Vec<String>,
}

/// The result of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VectorReport {
    /// The name of the case.
    pub test_vector_id: String,
    /// Whether the answer is the expected one.
    pub result_match: bool,
    /// The answer.
    pub verifier_output: VerifierOutput,
    /// What was expected.
    pub expected_output: ExpectedOutput,
    /// Differences, or why there is no answer, or why a failure is known.
    pub notes: String,
    /// How it ended.
    pub state: CaseState,
    /// What the case is about.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The lowest level that asks for it.
    pub level: Option<u8>,
    /// How bad it is to get it wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importance: Option<Importance>,
    /// The rules that apply to it.
    #[serde(default)]
    pub rules: Vec<RuleOutcome>,
    /// How long the answer took.
    pub duration_ms: u64,
}

/// The answer of a verifier, in the official form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VerifierOutput {
    /// The name of the case.
    pub test_vector_id: String,
    /// The version of the published list of vectors.
    pub test_vectors_version: String,
    /// The name of the verifier.
    pub verifier_id: String,
    /// Its version.
    pub verifier_version: String,
    /// What it said.
    #[serde(flatten)]
    pub answer: Answer,
}

/// What was expected, as far as it is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExpectedOutput {
    /// The result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<VectorResult>,
    /// The verdict of the one claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ClaimStatus>,
    /// The verdicts of several claims.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<ExpectedClaim>,
    /// Codes and reasons that have to be told, the primary one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failure_codes: Vec<String>,
    /// Codes that may be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acceptable_secondary_codes: Vec<String>,
    /// The first failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_failure_at: Option<Position>,
    /// How much has to be looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_inspected_at_least: Option<EvidenceCounts>,
    /// What has to come out of the documents.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub output: BTreeMap<String, Option<String>>,
}

/// How many cases ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// All cases.
    pub total_vectors: u64,
    /// Those that passed.
    pub passed: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those that the official list has and the corpus has not. This corpus has all.
    pub skipped_todo: u64,
    /// Those that the verifier does not claim.
    pub skipped: u64,
    /// Those without an answer.
    pub errored: u64,
    /// Known failures.
    pub expected_failures: u64,
    /// Known failures that passed.
    pub unexpected_passes: u64,
}

/// The corpus that a result is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CorpusReport {
    /// Its version; null if it has no `MANIFEST.json`.
    pub version: Option<String>,
    /// One digest for all of its bytes.
    pub digest: String,
    /// The version of the specification document that it is about.
    pub spec_version: String,
}

/// The program that ran the cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunnerReport {
    /// Its version.
    pub version: String,
    /// The command of the verifier.
    pub command: String,
    /// How it was spoken to.
    pub transport: String,
    /// The operating system and the processor.
    pub platform: String,
    /// How long the run took.
    pub duration_ms: u64,
}

/// One of the three scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScoreReport {
    /// The score.
    pub score: Score,
    /// The cases that reached it.
    pub reached: u64,
    /// The cases that say something about it.
    pub of: u64,
}

impl ConformanceReport {
    /// The schema of such a report (Draft 2020-12), as text.
    #[must_use]
    pub fn schema() -> String {
        schema_of::<Self>("the result of one verifier on one corpus")
    }

    /// Whether nothing failed that was not known to, and nothing that was known to passed.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.unused_xfails.is_empty()
            && !self.vectors.iter().any(|vector| vector.state.fails_the_run())
    }

    /// The highest level that the answers show.
    #[must_use]
    pub fn level(&self) -> Option<Level> {
        self.conformance_level_claimed.and_then(Level::of_number)
    }

    /// The report as JSON, members in order of their names.
    ///
    /// # Errors
    /// If a value has no form in JSON, which numbers and words always have.
    pub fn to_text(&self) -> Result<String, DocumentProblem> {
        Ok(to_pretty_text(&to_value(self)?))
    }

    /// Reads a report, or several that were merged.
    ///
    /// # Errors
    /// If it is not JSON, or no report.
    pub fn read_all(bytes: &[u8]) -> Result<Vec<Self>, DocumentProblem> {
        let document: Value<'_> = read(bytes, &Budget::default())?;
        match document.get(MERGED) {
            Some(reports) => Ok(from_value(reports)?),
            None => Ok(vec![from_value(&document)?]),
        }
    }

    /// Several reports in one document.
    ///
    /// # Errors
    /// If a value has no form in JSON, which numbers and words always have.
    pub fn merged_text(reports: &[Self]) -> Result<String, DocumentProblem> {
        let all: BTreeMap<&str, &[Self]> = [(MERGED, reports)].into();
        Ok(to_pretty_text(&to_value(&all)?))
    }

    /// The case of this name.
    #[must_use]
    pub fn vector(&self, id: &str) -> Option<&VectorReport> {
        self.vectors.iter().find(|vector| vector.test_vector_id == id)
    }

    /// Name and version.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.verifier_id, self.verifier_version)
    }

    /// What a citation of this result has to name.
    #[must_use]
    pub fn citation(&self) -> String {
        let corpus = self.corpus.version.as_deref().unwrap_or("without a version");
        format!(
            "Permit spec {} (document {}), test vectors {}, corpus {corpus}, {}",
            self.permit_spec_version,
            self.corpus.spec_version,
            self.test_vectors_version,
            self.corpus.digest
        )
    }
}

impl VectorReport {
    /// A score of this case; nothing if it says nothing about it, or has no answer.
    #[must_use]
    pub fn score(&self, score: Score) -> Option<bool> {
        crate::judge::Judgement { rules: self.rules.clone() }.score(score)
    }

    /// The category.
    #[must_use]
    pub fn category(&self) -> &str {
        self.test_vector_id.split('/').next().unwrap_or_default()
    }
}

impl ExpectedOutput {
    /// What a case expects.
    #[must_use]
    pub fn of(case: &Case) -> Self {
        let mut output =
            Self { output: case.expectation.additions.output.clone(), ..Self::default() };
        output.failure_codes = case.expectation.codes().into_iter().map(str::to_owned).collect();
        match &case.expectation.outcome {
            ExpectedOutcome::Vector(vector) => {
                output.result = Some(vector.expected_result);
                output.acceptable_secondary_codes = vector.acceptable_secondary_codes.clone();
                output.first_failure_at = vector.expected_first_failure_at.clone();
                output.evidence_inspected_at_least =
                    Some(vector.expected_evidence_inspected_at_least);
            }
            ExpectedOutcome::Envelope(envelope) => output.status = Some(envelope.status),
            ExpectedOutcome::Golden(golden) => {
                output.result = Some(golden.expected_outcome);
                output.claims = golden.claims.clone();
            }
        }
        output
    }
}

impl Summary {
    /// Counts.
    #[must_use]
    pub fn of(vectors: &[VectorReport]) -> Self {
        let mut summary = Self::default();
        for vector in vectors {
            summary.total_vectors += 1;
            *match vector.state {
                CaseState::Passed => &mut summary.passed,
                CaseState::Failed => &mut summary.failed,
                CaseState::Errored => &mut summary.errored,
                CaseState::Skipped => &mut summary.skipped,
                CaseState::ExpectedFailure => &mut summary.expected_failures,
                CaseState::UnexpectedPass => &mut summary.unexpected_passes,
            } += 1;
        }
        summary
    }
}

/// The three scores over cases.
#[must_use]
pub(crate) fn scores_of(vectors: &[VectorReport]) -> Vec<ScoreReport> {
    let score = |score: Score| {
        let judged = vectors.iter().filter_map(|vector| vector.score(score));
        let (mut reached, mut of) = (0, 0);
        for holds in judged {
            of += 1;
            reached += u64::from(holds);
        }
        ScoreReport { score, reached, of }
    };
    Score::ALL.iter().copied().map(score).collect()
}

/// The highest level whose cases, and those of all levels below, were all run and passed. `in_corpus`
/// names all cases of the corpus, whether they were run or not. A corpus that lacks a published vector of
/// a level shows neither that level nor any above it (CONFM-07).
#[must_use]
pub(crate) fn level_of<'c>(
    vectors: &[VectorReport],
    in_corpus: impl Iterator<Item = &'c CaseId> + Clone,
) -> Option<Level> {
    let passed: BTreeSet<&str> = vectors
        .iter()
        .filter(|vector| matches!(vector.state, CaseState::Passed | CaseState::UnexpectedPass))
        .map(|vector| vector.test_vector_id.as_str())
        .collect();
    let holds = |level: Level| {
        let mut cases = in_corpus.clone().filter(|id| id.level() == Some(level));
        let complete = PUBLISHED.iter().all(|(category, published)| {
            let category = format!("cat-{category}-");
            let cases = in_corpus.clone().filter(|id| !id.is_addition());
            let cases = cases.filter(|id| id.category().starts_with(&category)).count();
            Level::of_category(&category) != Some(level) || cases >= *published
        });
        complete && cases.all(|id| passed.contains(id.as_str()))
    };
    Level::ALL.iter().copied().take_while(|level| holds(*level)).last()
}

/// The number of published vectors in each category.
const PUBLISHED: [(&str, usize); 8] =
    [("01", 4), ("02", 6), ("03", 4), ("04", 5), ("05", 6), ("06", 3), ("07", 3), ("08", 5)];

/// The member that holds several reports.
const MERGED: &str = "reports";
