// SPDX-License-Identifier: Apache-2.0

//! What a case expects: the file `expected.json`.
//!
//! ```text
//! vector    PASS or FAIL, with codes, layers and the first failure     categories 01 to 07 and from 09 on
//! envelope  the answer to one claim                                    category 08
//! golden    a verdict for each of several claims, and the outcome      golden records
//! ```
//!
//! All three have the same members beside these ([`Additions`]). Members
//! that are neither are refused, so that a misspelt expectation does not pass as none.

use permit_canonical_json::{Budget, Object, Value, from_value, read, to_value};
use permit_claims::to_pretty_text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    additions::Additions,
    corpus_error::DocumentProblem,
    layer::EvidenceLayer,
    op::{ClaimStatus, EvidenceKind, Op, VectorResult, VerifierMode},
    position::{EvidenceCounts, Position},
};

/// What a case expects, with how it is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The answer that is right.
    pub outcome: ExpectedOutcome,
    /// What all shapes have: the operation, the files, the clauses, where the case comes from.
    pub additions: Additions,
}

/// The answer that is right. Three shapes, since there are two results and four verdicts, and
/// squeezing the ones into the others would lose what a case is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedOutcome {
    /// The evidence passes or fails as a whole.
    Vector(Box<VectorExpectation>),
    /// One claim has an answer.
    Envelope(Box<EnvelopeExpectation>),
    /// Several claims have verdicts.
    Golden(Box<GoldenExpectation>),
}

/// `expected.json` of a vector that passes or fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorExpectation {
    /// The dialect.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The name of the case.
    pub vector_id: String,
    /// The version of the specification, such as `permit-v1.0.0`.
    pub spec_version: String,
    /// The version of the vectors.
    pub test_vectors_version: String,
    /// Whether the evidence holds.
    #[serde(with = "expected_result")]
    pub expected_result: VectorResult,
    /// The code that a verifier has to emit.
    #[serde(default)]
    pub primary_failure_code: Option<String>,
    /// Codes that it may emit beside it.
    #[serde(default)]
    pub acceptable_secondary_codes: Vec<String>,
    /// The older spelling of both: the first is the primary code.
    #[serde(default, skip_serializing)]
    expected_failure_codes: Vec<String>,
    /// Layers that hold.
    #[serde(default)]
    pub valid_layers: Vec<EvidenceLayer>,
    /// Layers that do not.
    #[serde(default)]
    pub invalid_layers: Vec<EvidenceLayer>,
    /// The first thing that fails.
    #[serde(default)]
    pub expected_first_failure_at: Option<Position>,
    /// How much has to be looked at.
    #[serde(default)]
    pub expected_evidence_inspected_at_least: EvidenceCounts,
    /// How the trust root is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_root_resolution: Option<String>,
    /// Which of several codes comes first, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_precedence_note: Option<String>,
    /// Why nothing else breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_isolation_note: Option<String>,
}

impl VectorExpectation {
    /// A case that passes or fails, with nothing more said about it yet.
    #[must_use]
    pub fn new(vector_id: impl Into<String>, expected_result: VectorResult) -> Self {
        Self {
            schema: None,
            vector_id: vector_id.into(),
            spec_version: SPEC_VERSION.to_owned(),
            test_vectors_version: TEST_VECTORS_VERSION.to_owned(),
            expected_result,
            primary_failure_code: None,
            acceptable_secondary_codes: Vec::new(),
            expected_failure_codes: Vec::new(),
            valid_layers: Vec::new(),
            invalid_layers: Vec::new(),
            expected_first_failure_at: None,
            expected_evidence_inspected_at_least: EvidenceCounts::default(),
            trust_root_resolution: None,
            error_precedence_note: None,
            failure_isolation_note: None,
        }
    }
}

/// `expected.json` of a case about one claim: the envelope of its answer. More members in the
/// answer are no mismatch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeExpectation {
    /// The claim.
    pub claim_type: String,
    /// What it is about.
    pub claim_scope: Value<'static>,
    /// The verdict.
    pub status: ClaimStatus,
    /// The code, if the verdict is no pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<String>,
    /// What the code is about; for people, not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_detail: Option<Value<'static>>,
    /// Checks that hold; not compared.
    #[serde(default)]
    pub supported_checks: Vec<String>,
    /// What the pack lacks; not compared.
    #[serde(default)]
    pub missing_requirements: Vec<String>,
    /// Versions of envelopes that are known; not compared.
    #[serde(default)]
    pub supported_envelope_versions: Vec<String>,
    /// What is known of revocations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation_status: Option<String>,
}

impl EnvelopeExpectation {
    /// An answer with nothing but its verdict.
    #[must_use]
    pub fn new(
        claim_type: impl Into<String>,
        claim_scope: Value<'static>,
        status: ClaimStatus,
    ) -> Self {
        Self {
            claim_type: claim_type.into(),
            claim_scope,
            status,
            failure_code: None,
            failure_detail: None,
            supported_checks: Vec::new(),
            missing_requirements: Vec::new(),
            supported_envelope_versions: Vec::new(),
            revocation_status: None,
        }
    }
}

/// `expected.json` of a golden record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoldenExpectation {
    /// The id of the record, if it is not that of the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is judged.
    pub kind: EvidenceKind,
    /// The claim, if the kind is `claim`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// The verdicts. Claims that are not listed may have any.
    pub claims: Vec<ExpectedClaim>,
    /// How the run ends.
    pub expected_outcome: VectorResult,
    /// The reasons that have to be among those of the answer.
    #[serde(default)]
    pub reason_classes: Vec<String>,
}

/// The verdict that a claim has to have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedClaim {
    /// The name of the claim in the registry.
    pub name: String,
    /// The verdict.
    pub expected_verdict: ClaimStatus,
}

impl Expectation {
    /// Reads `expected.json`.
    ///
    /// # Errors
    /// If it is not JSON, or has members that it may not have, or lacks some.
    pub fn read(bytes: &[u8]) -> Result<Self, DocumentProblem> {
        let document = read(bytes, &Budget::default())?;
        let mut ours = Object::default();
        let mut theirs = Object::default();
        for member in document.as_object().ok_or(DocumentProblem::NotAnObject)?.members() {
            let side =
                if Additions::MEMBERS.contains(&member.name()) { &mut ours } else { &mut theirs };
            side.insert(member.name().to_owned(), member.value().clone());
        }
        let (ours, theirs) = (Value::from(ours), Value::from(theirs));
        let outcome = if theirs.get("claims").is_some() {
            ExpectedOutcome::Golden(from_value(&theirs)?)
        } else if theirs.get("claim_type").is_some() {
            ExpectedOutcome::Envelope(from_value(&theirs)?)
        } else {
            let mut vector: VectorExpectation = from_value(&theirs)?;
            let mut older = std::mem::take(&mut vector.expected_failure_codes).into_iter();
            if vector.primary_failure_code.is_none() {
                vector.primary_failure_code = older.next();
            }
            vector.acceptable_secondary_codes.extend(older);
            ExpectedOutcome::Vector(Box::new(vector))
        };
        Ok(Self { outcome, additions: from_value(&ours)? })
    }

    /// Writes `expected.json`: members in order of their names, two spaces a level, one line break
    /// at the end.
    ///
    /// # Errors
    /// If a value has no form in JSON, which numbers and words always have.
    pub fn to_text(&self) -> Result<String, DocumentProblem> {
        let outcome = match &self.outcome {
            ExpectedOutcome::Vector(vector) => to_value(vector)?,
            ExpectedOutcome::Envelope(envelope) => to_value(envelope)?,
            ExpectedOutcome::Golden(golden) => to_value(golden)?,
        };
        let mut all = Object::default();
        for part in [outcome, to_value(&self.additions)?] {
            for member in part.as_object().map(Object::members).unwrap_or_default() {
                all.insert(member.name().to_owned(), member.value().clone());
            }
        }
        Ok(to_pretty_text(&all.into()))
    }

    /// What the case asks for: what it says, else what its shape implies.
    #[must_use]
    pub fn op(&self) -> Op {
        let stated = self.additions.op;
        match &self.outcome {
            ExpectedOutcome::Vector(_) => stated.unwrap_or(Op::VerifyBundle),
            ExpectedOutcome::Envelope(_) => stated.unwrap_or(Op::Claim),
            // All golden records are about claims; what they are about says what is run.
            ExpectedOutcome::Golden(golden) => match golden.kind {
                EvidenceKind::Export => Op::VerifyBundle,
                EvidenceKind::Checkpoint => Op::VerifyCheckpoint,
                EvidenceKind::Claim => Op::Claim,
            },
        }
    }

    /// Which keys count.
    #[must_use]
    pub fn mode(&self) -> VerifierMode {
        self.additions.expected_mode.unwrap_or(VerifierMode::Test)
    }

    /// Whether the right answer is that the evidence holds.
    #[must_use]
    pub fn is_pass(&self) -> bool {
        match &self.outcome {
            ExpectedOutcome::Vector(vector) => vector.expected_result == VectorResult::Pass,
            ExpectedOutcome::Envelope(envelope) => envelope.status == ClaimStatus::Supported,
            ExpectedOutcome::Golden(golden) => golden.expected_outcome == VectorResult::Pass,
        }
    }

    /// All codes and reason classes that the right answer has, the primary one first.
    #[must_use]
    pub fn codes(&self) -> Vec<&str> {
        match &self.outcome {
            ExpectedOutcome::Vector(vector) => {
                vector.primary_failure_code.iter().map(String::as_str).collect()
            }
            ExpectedOutcome::Envelope(envelope) => {
                envelope.failure_code.iter().map(String::as_str).collect()
            }
            ExpectedOutcome::Golden(golden) => {
                golden.reason_classes.iter().map(String::as_str).collect()
            }
        }
    }
}

/// The result, as the published list spells it, too: two documents that must not be equal are
/// listed with a word of their own, which is a pass.
mod expected_result {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use crate::op::VectorResult;

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<VectorResult, D::Error> {
        let word = String::deserialize(deserializer)?;
        match word.as_str() {
            "PASS_DIFFERENT_HASHES" => Ok(VectorResult::Pass),
            other => VectorResult::parse(other)
                .ok_or_else(|| D::Error::custom("a result is `PASS` or `FAIL`")),
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(super) fn serialize<S: Serializer>(
        result: &VectorResult,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(result.as_str())
    }
}

/// The version of the specification that the published vectors are about, as `expected.json` writes it.
pub const SPEC_VERSION: &str = "permit-v1.0.0";
/// The version of the published vectors.
pub const TEST_VECTORS_VERSION: &str = "0.1.0-draft";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{additions::Check, position::PositionType};

    fn round_trip(text: &str) -> Expectation {
        let read = Expectation::read(text.as_bytes()).unwrap();
        let written = read.to_text().unwrap();
        assert_eq!(Expectation::read(written.as_bytes()).unwrap(), read, "{written}");
        read
    }

    const VECTOR: &str = r#"{
        "vector_id": "cat-02-tamper-chain/02-01-record-hash-modified",
        "spec_version": "permit-v1.0.0", "test_vectors_version": "0.1.0-draft",
        "expected_mode": "TEST", "expected_result": "FAIL",
        "primary_failure_code": "WALK_RECORD_HASH_MISMATCH", "acceptable_secondary_codes": [],
        "valid_layers": ["json"], "invalid_layers": ["chain_record_hash"],
        "expected_first_failure_at": {"type": "chain_entry", "id": null, "sequence": 2},
        "artifact_hashes": {"export.json": "sha256:00"},
        "expected_evidence_inspected_at_least": {"permits": 0, "chain_entries": 3, "closure_records": 0, "checkpoints": 0},
        "checks": ["walk_events"], "clauses": ["CHAIN-07"],
        "files": {"export": "export.json", "manifest": "manifest.json", "trust_root": "trust-root.json"},
        "mutation": {"change": "one hash is another one", "resealed": ["manifest"]}}"#;

    #[test]
    fn vectors_are_read_and_written() {
        let vector = round_trip(VECTOR);
        assert_eq!(vector.op(), Op::VerifyBundle);
        assert_eq!(vector.mode(), VerifierMode::Test);
        assert!(!vector.is_pass());
        assert_eq!(vector.codes(), ["WALK_RECORD_HASH_MISMATCH"]);
        assert_eq!(vector.additions.checks, [Check::WalkEvents]);
        let ExpectedOutcome::Vector(vector) = vector.outcome else { panic!("a vector") };
        let first = vector.expected_first_failure_at.unwrap();
        assert_eq!((first.kind, first.sequence), (PositionType::ChainEntry, Some(2)));
    }

    #[test]
    fn envelopes_and_golden_records_have_shapes_of_their_own() {
        let envelope = round_trip(
            r#"{"claim_type": "permit_lineage_internally_consistent",
                "claim_scope": {"permit_id": "p"}, "status": "insufficient_evidence",
                "failure_code": "WALK_PERMIT_CHAIN_MISSING_COMPARATOR", "missing_requirements": ["c"],
                "files": {"pack": "input.json"}}"#,
        );
        assert_eq!((envelope.op(), envelope.is_pass()), (Op::Claim, false));
        let golden = round_trip(
            r#"{"id": "valid-checkpoint", "kind": "checkpoint", "expected_outcome": "PASS",
                "claims": [{"name": "checkpoint.composite_hash.v1", "expected_verdict": "supported"}]}"#,
        );
        assert_eq!((golden.op(), golden.is_pass()), (Op::VerifyCheckpoint, true));
    }

    #[test]
    fn older_spellings_are_read() {
        let older = VECTOR
            .replace("\"primary_failure_code\": \"WALK_RECORD_HASH_MISMATCH\",", "")
            .replace(
                "\"acceptable_secondary_codes\": [],",
                "\"expected_failure_codes\": [\"A\", \"B\"],",
            )
            .replace("\"FAIL\"", "\"PASS_DIFFERENT_HASHES\"");
        let read = round_trip(&older);
        assert_eq!(read.codes(), ["A"]);
        assert!(read.is_pass());
        let ExpectedOutcome::Vector(vector) = read.outcome else { panic!("a vector") };
        assert_eq!(vector.acceptable_secondary_codes, ["B"]);
    }

    #[test]
    fn misspelt_members_are_refused() {
        for (right, wrong) in [
            ("\"checks\"", "\"check\""),
            ("\"primary_failure_code\"", "\"primary_code\""),
            ("\"walk_events\"", "\"walk\""),
            ("\"FAIL\"", "\"FAILED\""),
            ("\"TEST\"", "\"test\""),
        ] {
            let text = VECTOR.replace(right, wrong);
            assert_ne!(text, VECTOR, "{right}");
            assert!(Expectation::read(text.as_bytes()).is_err(), "{wrong}");
        }
        assert!(Expectation::read(b"[]").is_err());
    }
}
