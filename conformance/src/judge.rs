// SPDX-License-Identifier: Apache-2.0

//! Whether an answer is the one that a case expects.
//!
//! The six official rules decide. A rule that a case says nothing about does not apply, and one that
//! an answer says nothing about is broken: silence is no match.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    corpus::{Case, INPUT, hash_of},
    expectation::{EnvelopeExpectation, ExpectedOutcome, GoldenExpectation, VectorExpectation},
    op::VectorResult,
    protocol::Answer,
    word::words,
};

words! {
    /// A rule that an answer has to fulfil.
    MatchRule {
        /// The result, the verdict of each claim, the output are those expected.
        Result = "result",
        /// The primary code, or the expected reasons, are among those told.
        PrimaryCode = "primary-code",
        /// No code is told that is not expected.
        OtherCodes = "other-codes",
        /// The first failure is where it is expected.
        Position = "position",
        /// At least so much was looked at.
        Counts = "counts",
        /// The input is that of the corpus, before and after.
        Artifacts = "artifacts",
    }

    /// What one of the three scores counts.
    Score {
        /// Pass or fail.
        Verdict = "verdict",
        /// The codes.
        Codes = "codes",
        /// The place.
        Position = "position",
    }
}

/// What came of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleOutcome {
    /// The rule.
    pub rule: MatchRule,
    /// Whether it is fulfilled.
    pub holds: bool,
    /// If not, what is different, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<String>,
}

/// What came of all rules that apply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// The rules, in their order.
    pub rules: Vec<RuleOutcome>,
}

impl Judgement {
    /// Whether all rules are fulfilled.
    #[must_use]
    pub fn matches(&self) -> bool {
        self.rules.iter().all(|rule| rule.holds)
    }

    /// The rules that are broken.
    pub fn broken(&self) -> impl Iterator<Item = &RuleOutcome> {
        self.rules.iter().filter(|rule| !rule.holds)
    }

    /// Whether a score is reached; nothing if the case says nothing about it.
    #[must_use]
    pub fn score(&self, score: Score) -> Option<bool> {
        let of_score = |rule: &&RuleOutcome| {
            matches!(
                (score, rule.rule),
                (Score::Verdict, MatchRule::Result)
                    | (Score::Codes, MatchRule::PrimaryCode | MatchRule::OtherCodes)
                    | (Score::Position, MatchRule::Position)
            )
        };
        let mut rules = self.rules.iter().filter(of_score).peekable();
        rules.peek()?;
        Some(rules.all(|rule| rule.holds))
    }

    fn add(&mut self, rule: MatchRule, holds: bool, difference: impl FnOnce() -> String) {
        let difference = (!holds).then(difference);
        self.rules.push(RuleOutcome { rule, holds, difference });
    }
}

/// Judges an answer that has a verdict. `changed` names a file that the verifier changed;
/// `verdict_only` says that it tells nothing but pass or fail, so that only this is judged.
#[must_use]
pub fn judge(case: &Case, answer: &Answer, changed: Option<&str>, verdict_only: bool) -> Judgement {
    let mut judgement = Judgement::default();
    match &case.expectation.outcome {
        ExpectedOutcome::Vector(vector) => {
            judge_vector(&mut judgement, case, vector, answer, verdict_only);
        }
        ExpectedOutcome::Envelope(envelope) => {
            judge_envelope(&mut judgement, envelope, answer, verdict_only);
        }
        ExpectedOutcome::Golden(golden) => {
            judge_golden(&mut judgement, golden, answer, verdict_only);
        }
    }
    judge_artifacts(&mut judgement, case, changed);
    judgement
}

fn judge_vector(
    judgement: &mut Judgement,
    case: &Case,
    vector: &VectorExpectation,
    answer: &Answer,
    verdict_only: bool,
) {
    let expected_output = &case.expectation.additions.output;
    let same_output = *expected_output == answer.output;
    let same_result = answer.result == Some(vector.expected_result);
    judgement.add(MatchRule::Result, same_result && same_output, || {
        if same_result {
            output_difference(expected_output, &answer.output)
        } else {
            format!("expected {}, got {}", vector.expected_result, shown_result(answer))
        }
    });
    if verdict_only {
        return;
    }
    // A reason that the taxonomy has no code for is told as a word of its own.
    let told = [&answer.failure_codes[..], &answer.reason_classes[..]].concat();
    judge_primary(judgement, vector.primary_failure_code.as_slice(), &told);
    let is_expected = |code: &&String| {
        vector.primary_failure_code.as_ref() == Some(code)
            || vector.acceptable_secondary_codes.contains(code)
    };
    let other: Vec<&str> =
        answer.failure_codes.iter().filter(|code| !is_expected(code)).map(String::as_str).collect();
    judgement.add(MatchRule::OtherCodes, other.is_empty(), || {
        format!("{} not expected", listed(&other))
    });
    if let Some(expected) = &vector.expected_first_failure_at {
        let holds =
            answer.first_failure_at.as_ref().is_some_and(|actual| expected.agrees_with(actual));
        judgement.add(MatchRule::Position, holds, || match &answer.first_failure_at {
            Some(actual) => format!("expected the first failure at {expected}, got {actual}"),
            None => format!("expected the first failure at {expected}, got no place"),
        });
    }
    let bounds = &vector.expected_evidence_inspected_at_least;
    if bounds.each().iter().any(|(_, bound)| *bound > 0) {
        let seen = answer.evidence_inspected;
        let below = seen.as_ref().map(|seen| seen.below(bounds));
        judgement.add(
            MatchRule::Counts,
            below.as_ref().is_some_and(Vec::is_empty),
            || match seen {
                Some(seen) => format!("expected at least {bounds}; got {seen}"),
                None => format!("expected at least {bounds}; got no counts"),
            },
        );
    }
}

fn judge_envelope(
    judgement: &mut Judgement,
    envelope: &EnvelopeExpectation,
    answer: &Answer,
    verdict_only: bool,
) {
    if verdict_only {
        let result = if envelope.status == crate::op::ClaimStatus::Supported {
            VectorResult::Pass
        } else {
            VectorResult::Fail
        };
        judgement.add(MatchRule::Result, answer.result == Some(result), || {
            format!("expected {result}, got {}", shown_result(answer))
        });
        return;
    }
    let Some(given) = &answer.claim_result else {
        judgement.add(MatchRule::Result, false, || {
            format!("expected a claim that is {}, got no answer to a claim", envelope.status)
        });
        return;
    };
    let same_revocation = envelope
        .revocation_status
        .as_ref()
        .is_none_or(|expected| given.revocation_status.as_ref() == Some(expected));
    let same_type = given.claim_type == envelope.claim_type;
    let holds = same_type && given.status == envelope.status && same_revocation;
    judgement.add(MatchRule::Result, holds, || {
        if !same_type {
            format!("expected the claim `{}`, got `{}`", envelope.claim_type, given.claim_type)
        } else if same_revocation {
            format!("expected {}, got {}", envelope.status, given.status)
        } else {
            let shown = |status: &Option<String>| status.clone().unwrap_or_else(|| "none".into());
            format!(
                "expected the revocation status {}, got {}",
                shown(&envelope.revocation_status),
                shown(&given.revocation_status)
            )
        }
    });
    judge_primary(judgement, envelope.failure_code.as_slice(), given.failure_code.as_slice());
}

fn judge_golden(
    judgement: &mut Judgement,
    golden: &GoldenExpectation,
    answer: &Answer,
    verdict_only: bool,
) {
    let same_outcome = answer.result == Some(golden.expected_outcome);
    let mut differences = Vec::new();
    if !same_outcome {
        let (expected, actual) = (golden.expected_outcome, shown_result(answer));
        differences.push(format!("expected {expected}, got {actual}"));
    }
    for expected in golden.claims.iter().filter(|_| !verdict_only) {
        let given = answer.claims.iter().find(|claim| claim.name == expected.name);
        let given = given.map(|claim| claim.verdict);
        if given != Some(expected.expected_verdict) {
            let given = given.map_or("no verdict", |verdict| verdict.as_str());
            let (name, verdict) = (&expected.name, expected.expected_verdict);
            differences.push(format!("expected {name} to be {verdict}, got {given}"));
        }
    }
    let difference = differences.join("; ");
    judgement.add(MatchRule::Result, difference.is_empty(), || difference);
    if !verdict_only {
        let given: Vec<String> = [&answer.reason_classes[..], &answer.failure_codes[..]].concat();
        judge_primary(judgement, &golden.reason_classes, &given);
    }
}

/// All that are expected have to be there.
fn judge_primary(judgement: &mut Judgement, expected: &[String], given: &[String]) {
    if expected.is_empty() {
        return;
    }
    let missing: Vec<&str> =
        expected.iter().filter(|code| !given.contains(code)).map(String::as_str).collect();
    judgement.add(MatchRule::PrimaryCode, missing.is_empty(), || {
        let given: Vec<&str> = given.iter().map(String::as_str).collect();
        let given = if given.is_empty() { "no code".to_owned() } else { listed(&given) };
        format!("expected {}, got {given}", listed(&missing))
    });
}

fn judge_artifacts(judgement: &mut Judgement, case: &Case, changed: Option<&str>) {
    let hashes = &case.expectation.additions.artifact_hashes;
    let inside = format!("{INPUT}/");
    let is_wrong = |(name, hash): &(&String, &String)| {
        let name = name.strip_prefix(&inside).unwrap_or(name);
        !hash.contains(NOT_YET) && case.input.get(name).is_none_or(|bytes| hash_of(bytes) != **hash)
    };
    let wrong = hashes.iter().find(is_wrong).map(|(name, _)| name.as_str());
    if let Some(name) = wrong.or(changed) {
        let what = if changed.is_some() {
            "was changed while it was judged"
        } else {
            "has not the hash that is stated"
        };
        judgement.add(MatchRule::Artifacts, false, || format!("`{name}` {what}"));
    } else if !hashes.is_empty() {
        judgement.add(MatchRule::Artifacts, true, String::new);
    }
}

/// What official drafts have in place of a hash.
const NOT_YET: &str = "TBD";

fn shown_result(answer: &Answer) -> &'static str {
    answer.result.map_or("no result", VectorResult::as_str)
}

fn output_difference(
    expected: &BTreeMap<String, Option<String>>,
    given: &BTreeMap<String, Option<String>>,
) -> String {
    let shown = |value: Option<&Option<String>>| match value {
        None => "nothing".to_owned(),
        Some(None) => "a refusal".to_owned(),
        Some(Some(text)) => format!("`{}`", permit_canonical_json::Excerpt(text)),
    };
    let differs = expected.iter().find(|(role, value)| given.get(*role) != Some(*value));
    match differs {
        Some((role, value)) => {
            let (expected, given) = (shown(Some(value)), shown(given.get(role)));
            format!("expected {expected} for `{role}`, got {given}")
        }
        None => "got output for documents that nobody asked about".to_owned(),
    }
}

fn listed(words: &[&str]) -> String {
    let words: Vec<String> =
        words.iter().map(|word| format!("`{}`", permit_canonical_json::Excerpt(word))).collect();
    words.join(", ")
}
