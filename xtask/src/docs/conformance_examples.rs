// SPDX-License-Identifier: Apache-2.0

//! A worked example of a verifier's answer.

use permit_canonical_json::Value;
use permit_conformance::{EvidenceCounts, Position, PositionType, VectorResult, VerifierMode};

use super::{
    markdown::{facts, json},
    story::{Story, ensure},
};
use crate::ChoreError;

/// What is answered about the altered export.
pub(crate) fn answer(story: &Story) -> Result<String, ChoreError> {
    let report = story.report(&story.altered.0, &story.altered.1)?;
    ensure(!report.passed(), "the altered export fails")?;
    let headline = report.headline().ok_or("there is no finding")?;
    let code = headline.code().ok_or("the finding has no code")?;
    let detail = |name| headline.get(name).map(str::to_owned);
    let position = Position {
        kind: PositionType::ChainEntry,
        id: detail("event_id"),
        sequence: detail("sequence_number").and_then(|number| number.parse().ok()),
    };
    let looked_at = report.inspected;
    let counts = EvidenceCounts {
        permits: looked_at.permits,
        chain_entries: looked_at.chain_entries,
        closure_records: looked_at.closures,
        checkpoints: looked_at.checkpoints,
    };
    let counts: Vec<(&str, Value<'_>)> =
        counts.each().into_iter().map(|(name, count)| (name, count.into())).collect();
    let answer = Value::object([
        ("seq", Value::from(7)),
        ("result", VectorResult::Fail.as_str().into()),
        ("failure_codes", Value::array([code.as_str()])),
        (
            "first_failure_at",
            Value::object([
                ("type", Value::from(position.kind.as_str())),
                ("id", position.id.clone().ok_or("no event")?.into()),
                ("sequence", position.sequence.ok_or("no number")?.into()),
            ]),
        ),
        ("evidence_inspected", Value::object(counts)),
        ("verifier_mode", VerifierMode::Test.as_str().into()),
        ("trust_root_source", "explicit-flag".into()),
    ]);
    Ok(format!(
        "The export in `examples/shop-agent-altered` as a case: the answer of `permit-verify`, and the broken rule.\n\n{}\n{}",
        json(&answer),
        facts([("rule", headline.rule.map_or("", |rule| rule.as_str()))]),
    ))
}
