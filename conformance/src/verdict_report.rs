// SPDX-License-Identifier: Apache-2.0

//! The JSON report of verifiers in the layout `keel.verifier.verdicts/v0`, put into the words of the
//! protocol.
//!
//! Codes come from members that hold codes, never out of prose. The place of the first failure is the
//! one that the report points to, looked up in the evidence; a report that points to none has none.

use permit_canonical_json::{Budget, Object, Value, read};
use permit_claims::Claim;
use permit_failure_codes::{FailureCode, Layer, Reason, ReasonClass};

use crate::{
    op::{ClaimStatus, VectorResult},
    position::{EvidenceCounts, Position, PositionType},
    protocol::{Answer, AnsweredClaim},
};

/// Puts a report into an answer. `export` are the bytes that it is about.
pub(crate) fn answer_of(seq: u64, report: &Value<'_>, export: Option<&[u8]>) -> Answer {
    let mut answer = Answer { seq, ..Answer::default() };
    let passed = report.get("ok").and_then(Value::as_bool) == Some(true);
    answer.result = Some(if passed { VectorResult::Pass } else { VectorResult::Fail });
    for claim in elements(report, "claims") {
        take_claim(&mut answer, claim);
    }
    let failures: Vec<&Value<'_>> = elements(report, "findings")
        .iter()
        .filter(|finding| text(finding, "severity") == Some("failure"))
        .collect();
    if !passed {
        for finding in failures.iter().filter(|finding| is_cause(finding)) {
            let code = text(finding, "code");
            take_reason(&mut answer, text(finding, "reason_class"), code);
        }
        let first = failures.iter().find(|finding| is_cause(finding)).or(failures.first());
        answer.first_failure_at = first.and_then(|finding| position_of(finding, export));
    }
    let seen = report.get("evidence_inspected").and_then(Value::as_object);
    answer.evidence_inspected = seen.map(counts_of);
    answer
}

/// The answers to the same case of two reports, as one: it passes if both pass.
pub(crate) fn both(mut one: Answer, other: Answer) -> Answer {
    if other.result == Some(VectorResult::Fail) {
        one.result = other.result;
    }
    one.errored = one.errored.or(other.errored);
    one.skipped = one.skipped.or(other.skipped);
    for code in other.failure_codes {
        push_once(&mut one.failure_codes, &code);
    }
    for class in other.reason_classes {
        push_once(&mut one.reason_classes, &class);
    }
    one.first_failure_at = one.first_failure_at.or(other.first_failure_at);
    one.claims.extend(other.claims);
    one.evidence_inspected = match (one.evidence_inspected, other.evidence_inspected) {
        (Some(a), Some(b)) => Some(EvidenceCounts {
            permits: a.permits.saturating_add(b.permits),
            chain_entries: a.chain_entries.saturating_add(b.chain_entries),
            closure_records: a.closure_records.saturating_add(b.closure_records),
            checkpoints: a.checkpoints.saturating_add(b.checkpoints),
        }),
        (a, b) => a.or(b),
    };
    one
}

fn take_claim(answer: &mut Answer, claim: &Value<'_>) {
    let verdict = text(claim, "verdict").and_then(ClaimStatus::parse);
    let (Some(name), Some(verdict)) = (text(claim, "name"), verdict) else { return };
    let reason = text(claim, "reason_code");
    if verdict != ClaimStatus::Supported {
        let code = text(claim, "failure_code").or_else(|| code_for(name, reason?));
        take_reason(answer, reason, code);
    }
    let reason = reason.filter(|_| verdict != ClaimStatus::Supported).map(str::to_owned);
    answer.claims.push(AnsweredClaim { name: name.to_owned(), verdict, reason });
}

/// The code for a word that the reference has for exports and checkpoints alike; the taxonomy has one
/// for exports alone (AMB-19).
fn code_for(claim: &str, reason: &str) -> Option<&'static str> {
    let of_export = claim == Claim::ExportIntegrity.as_str();
    let is_signature = reason == ReasonClass::SignatureVerificationFailed.as_str();
    (of_export && is_signature).then(|| FailureCode::ManifestSignatureInvalid.as_str())
}

/// A word, and the code of the taxonomy for it: the one that is named, else the nearest, if there is one
/// (AMB-19).
pub(crate) fn take_reason(answer: &mut Answer, word: Option<&str>, code: Option<&str>) {
    let Some(word) = word.or(code) else { return };
    let reason = Reason::parse(word);
    if reason.is_some_and(Reason::is_success) {
        return;
    }
    push_once(&mut answer.reason_classes, word);
    let nearest = reason.and_then(Reason::code).map(FailureCode::as_str);
    if let Some(code) = code.or(nearest) {
        push_once(&mut answer.failure_codes, code);
    }
}

fn push_once(words: &mut Vec<String>, word: &str) {
    if !words.iter().any(|own| own == word) {
        words.push(word.to_owned());
    }
}

fn is_cause(finding: &Value<'_>) -> bool {
    finding.get("because_of").is_none_or(Value::is_null)
}

fn counts_of(seen: &Object<'_>) -> EvidenceCounts {
    let count = |name| seen.get(name).and_then(Value::as_u64).unwrap_or(0);
    EvidenceCounts {
        permits: count("permits"),
        chain_entries: count("chain_entries"),
        closure_records: count("closure_records"),
        checkpoints: count("checkpoints"),
    }
}

/// Where a finding is, in the words of the protocol.
fn position_of(finding: &Value<'_>, export: Option<&[u8]>) -> Option<Position> {
    let code = text(finding, "code").and_then(FailureCode::parse);
    let detail = |name: &str| {
        let value = finding.get("details")?.get(name)?.as_str()?;
        Some(value.to_owned())
    };
    let is_about = |rules: &str| text(finding, "rule").is_some_and(|rule| rule.starts_with(rules));
    let artifact = text(finding, "artifact")?;
    let kind = match (artifact, code.map(FailureCode::layer)) {
        ("manifest", _) => PositionType::Manifest,
        ("key manifest", _) => PositionType::Signature,
        ("checkpoint", _) if detail("receipt").is_some() => PositionType::TsaReceipt,
        ("checkpoint" | "scope state", _) => PositionType::Checkpoint,
        (_, Some(Layer::Closure)) => PositionType::ClosureRecord,
        (_, Some(Layer::ChainEntry)) => PositionType::ChainEntry,
        (
            _,
            Some(Layer::Permit | Layer::PermitChain | Layer::PermitDecision | Layer::PermitRevoked),
        ) => PositionType::Permit,
        (_, Some(Layer::Manifest | Layer::KeyManifest)) => PositionType::Manifest,
        _ if is_about("CLOSE-") => PositionType::ClosureRecord,
        _ if is_about("PERMIT-") && detail("permit_id").is_some() => PositionType::Permit,
        _ => return entry_at(finding, export),
    };
    let mut position = Position::of(kind);
    match kind {
        PositionType::ChainEntry => {
            let entry = entry_at(finding, export);
            position.sequence = entry.as_ref().and_then(|entry| entry.sequence);
            position.id = detail("event_id").or_else(|| entry.and_then(|entry| entry.id));
        }
        PositionType::ClosureRecord | PositionType::Permit => position.id = detail("permit_id"),
        PositionType::Manifest | PositionType::Signature => position.id = detail("key_id"),
        _ => {}
    }
    Some(position)
}

/// The chain entry that a finding points into.
fn entry_at(finding: &Value<'_>, export: Option<&[u8]>) -> Option<Position> {
    let pointer = text(finding, "pointer")?;
    let export = export?;
    let document = read(export, &Budget::default()).ok();
    let (document, steps): (Value<'_>, Vec<String>) = match document {
        Some(document) => (document, steps_of(pointer).collect()),
        // An export of lines: the first step is the number of the line.
        None => {
            let mut steps = steps_of(pointer);
            let line: usize = steps.next()?.parse().ok()?;
            let line = export.split(|byte| *byte == b'\n').nth(line)?;
            (read(line, &Budget::default()).ok()?, steps.collect())
        }
    };
    let mut here = &document;
    let mut found = entry_of(here);
    for step in steps {
        here = match here.as_array() {
            Some(elements) => elements.get(step.parse::<usize>().ok()?)?,
            None => match here.get(&step) {
                Some(next) => next,
                // The member that is missing is what the finding is about.
                None => break,
            },
        };
        found = entry_of(here).or(found);
    }
    found
}

fn entry_of(value: &Value<'_>) -> Option<Position> {
    value.get("record_hash")?;
    let sequence = value.get("sequence_number")?.as_u64();
    let id = value.get("event_id").or_else(|| value.get("id")).and_then(Value::as_str);
    Some(Position { kind: PositionType::ChainEntry, id: id.map(str::to_owned), sequence })
}

fn steps_of(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"))
}

pub(crate) fn elements<'v>(value: &'v Value<'_>, name: &str) -> &'v [Value<'v>] {
    value.get(name).and_then(Value::as_array).unwrap_or_default()
}

pub(crate) fn text<'v>(value: &'v Value<'_>, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORT: &[u8] = br#"{"records": [{"chain_entries": [
        {"event_id": "a", "sequence_number": 1, "record_hash": "x"},
        {"event_id": "b", "sequence_number": 2, "record_hash": "y"}]}]}"#;

    fn report(finding: &str) -> Answer {
        let text = format!(
            r#"{{"ok": false, "claims": [
                {{"name": "c.v1", "verdict": "disproved", "reason_code": "CONTENT_HASH_MISMATCH"}},
                {{"name": "d.v1", "verdict": "supported", "reason_code": "SIGNATURE_VALID"}}],
                "findings": [{finding}], "evidence_inspected": {{"chain_entries": 2, "records": 1}}}}"#
        );
        answer_of(1, &read(text.as_bytes(), &Budget::default()).unwrap(), Some(EXPORT))
    }

    #[test]
    fn words_of_the_reference_are_told_beside_the_codes_of_the_taxonomy() {
        let answer = report("");
        assert_eq!(answer.result, Some(VectorResult::Fail));
        assert_eq!(answer.failure_codes, ["MANIFEST_HASH_MISMATCH"]);
        assert_eq!(answer.reason_classes, ["CONTENT_HASH_MISMATCH"]);
        assert_eq!(answer.claims.len(), 2);
        assert_eq!(answer.evidence_inspected.unwrap().chain_entries, 2);
        assert_eq!(answer.first_failure_at, None);
    }

    #[test]
    fn confm_02_the_place_is_looked_up_in_the_evidence() {
        let answer = report(
            r#"{"severity": "notice", "artifact": "manifest", "pointer": ""},
               {"severity": "failure", "artifact": "export", "code": "WALK_RECORD_HASH_MISMATCH",
                "reason_class": "WALK_RECORD_HASH_MISMATCH", "details": {"event_id": "b"},
                "pointer": "/records/0/chain_entries/1/record_hash"},
               {"severity": "failure", "artifact": "export", "code": "WALK_SEQUENCE_INVERSION",
                "reason_class": "WALK_SEQUENCE_INVERSION", "because_of": 1, "pointer": ""}"#,
        );
        let at = answer.first_failure_at.unwrap();
        assert_eq!((at.kind, at.sequence), (PositionType::ChainEntry, Some(2)));
        assert_eq!(at.id.as_deref(), Some("b"));
        assert_eq!(
            answer.failure_codes,
            ["MANIFEST_HASH_MISMATCH", "WALK_RECORD_HASH_MISMATCH"],
            "what follows from another finding is not told"
        );
    }
}
