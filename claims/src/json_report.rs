// SPDX-License-Identifier: Apache-2.0

//! The report for machines, in the layout `keel.verifier.verdicts/v0`, and more beside it.

use std::fmt::Write as _;

use permit_canonical_json::{Node, Object, Value};
use permit_types::{Artifact, Finding};

use crate::{
    claim_report::{ClaimReport, Subject},
    report::{Report, SemanticsReport},
};

/// The name of the layout.
pub const VERDICTS_SCHEMA: &str = "keel.verifier.verdicts/v0";

impl Report {
    /// The report as JSON.
    ///
    /// Members that the reference's report has mean the same here. Those that only this
    /// report has: `also_judged`, `chain_scopes`, `does_not_prove`, `evidence_inspected`,
    /// `findings`, `findings_left_out`, `not_checked`, `still_holds`, `trust`; and in claims and
    /// subjects `failure_code`, where the taxonomy has another word than `reason_code`.
    ///
    /// A text of more than 4,096 bytes is cut, and ends with the number of bytes that it had:
    /// what evidence says may be as long as the evidence.
    #[must_use]
    pub fn to_json(&self) -> Value<'static> {
        let mut object = Object::default();
        object.insert("schema", VERDICTS_SCHEMA);
        object.insert("ok", self.passed());
        object.insert("exit_code", u64::from(self.outcome.exit_code()));
        if let Some(error) = &self.error {
            object.insert("error", text(error));
        }
        object.insert("artifact", self.artifact_json());
        object.insert("semantics", semantics_json(&self.semantics));
        object.insert("claims", Value::array(self.claims.iter().map(claim_json)));
        object.insert("diagnostics", texts(&self.diagnostics));
        self.insert_own_members(&mut object);
        object.into()
    }

    fn artifact_json(&self) -> Value<'static> {
        let mut object = Object::default();
        object.insert("kind", self.artifact.kind);
        for (artifact, name) in &self.artifact.files {
            object.insert(format!("{}_path", file_word(*artifact)), text(name));
        }
        for (artifact, digest) in &self.artifact.digests {
            let name = format!("{}_hash", file_word(*artifact));
            object.insert(name, digest.prefixed().to_string());
        }
        object.into()
    }

    fn insert_own_members(&self, object: &mut Object<'static>) {
        let also = self.also_judged.iter().map(|also| {
            Value::object([
                ("claim", also.claim.as_str()),
                ("outcome", also.verdict.as_str()),
                ("because", also.reason.as_str()),
            ])
        });
        object.insert("also_judged", Value::array(also));
        let not = self
            .not_checked
            .iter()
            .map(|not| Value::object([("claim", not.claim.as_str()), ("because", not.because)]));
        object.insert("not_checked", Value::array(not));
        object.insert("findings", Value::array(self.findings.iter().map(finding_json)));
        object.insert("findings_left_out", self.findings_left_out);
        object.insert("still_holds", texts(&self.still_holds));
        object.insert("does_not_prove", Value::array(self.does_not_prove.iter().copied()));
        let trust = &self.trust;
        object.insert(
            "trust",
            Value::object([
                ("source", optional_text(trust.source.as_deref())),
                ("channel", optional_text(trust.channel.as_deref())),
                ("public_key", optional_text(trust.public_key.as_deref())),
                ("key_id", optional_text(trust.key_id.as_deref())),
                ("test_mode", trust.test_mode.into()),
            ]),
        );
        let seen = &self.inspected;
        object.insert(
            "evidence_inspected",
            Value::object([
                ("records", seen.records),
                ("permits", seen.permits),
                ("chain_entries", seen.chain_entries),
                ("closure_records", seen.closures),
                ("checkpoints", seen.checkpoints),
            ]),
        );
        let scopes = self.scopes.iter().map(|scope| {
            Value::object([
                ("chain_scope", text(&scope.chain_scope)),
                ("entries", scope.entries.into()),
                ("first_sequence_number", scope.numbers.map(|(first, _)| first).into()),
                ("last_sequence_number", scope.numbers.map(|(_, last)| last).into()),
                ("contiguous_runs", scope.number_runs.into()),
                ("linked_segments", scope.segments.into()),
            ])
        });
        object.insert("chain_scopes", Value::array(scopes));
    }
}

fn file_word(artifact: Artifact) -> &'static str {
    match artifact {
        Artifact::Export => "payload",
        Artifact::Manifest => "manifest",
        Artifact::KeyManifest => "key_manifest",
        Artifact::Checkpoint => "checkpoint",
        Artifact::ScopeState => "sidecar",
        Artifact::Closure => "closure",
        Artifact::WorkflowEvidence => "workflow_evidence",
        Artifact::SemanticArtifact => "semantic_artifact",
        _ => "evidence",
    }
}

fn semantics_json(semantics: &SemanticsReport) -> Value<'static> {
    let mut object = Object::default();
    object.insert("mode", semantics.mode.as_str());
    let (id, hash) = semantics.profile.as_ref().map(|(id, hash)| (text(id), text(hash))).unzip();
    object.insert("profile_id", id);
    object.insert("profile_hash", hash);
    if let Some(warning) = &semantics.warning {
        object.insert("warning", text(warning));
    }
    if !semantics.pins.is_empty() {
        let pins = semantics.pins.iter().map(|pin| {
            Value::object([
                ("id", text(&pin.id)),
                ("hash", text(&pin.hash)),
                ("source", text(&pin.source)),
                ("status", pin.status.into()),
            ])
        });
        object.insert("pins", Value::array(pins));
    }
    object.into()
}

fn claim_json(claim: &ClaimReport) -> Value<'static> {
    let mut object = Object::default();
    object.insert("name", claim.claim.as_str());
    object.insert("verdict", claim.verdict.as_str());
    object.insert("required", claim.required);
    object.insert("reason_code", claim.reason.as_str());
    insert_code(&mut object, claim.reason);
    object.insert("message", text(&claim.message));
    insert_texts(&mut object, "evidence", &claim.evidence);
    if !claim.subjects.is_empty() {
        object.insert("subjects", Value::array(claim.subjects.iter().map(subject_json)));
    }
    if !claim.semantics.is_empty() {
        let semantics = claim.semantics.iter().map(|(artifact, hash)| {
            let hash = optional_text(hash.as_deref());
            Value::object([("id", artifact.id().into()), ("hash", hash)])
        });
        object.insert("semantics", Value::array(semantics));
    }
    object.into()
}

fn subject_json(subject: &Subject) -> Value<'static> {
    let mut object = Object::default();
    object.insert("type", subject.kind);
    if let Some(id) = &subject.id {
        object.insert("id", text(id));
    }
    object.insert("verdict", subject.verdict.as_str());
    object.insert("required", true);
    object.insert("reason_code", subject.reason.as_str());
    insert_code(&mut object, subject.reason);
    object.insert("message", text(&subject.message));
    insert_texts(&mut object, "evidence", &subject.evidence);
    object.into()
}

/// The taxonomy's code, where the reason is another word for it.
fn insert_code(object: &mut Object<'static>, reason: permit_failure_codes::Reason) {
    if let Some(code) = reason.code().filter(|code| code.as_str() != reason.as_str()) {
        object.insert("failure_code", code.as_str());
    }
}

fn insert_texts(object: &mut Object<'static>, name: &'static str, all: &[String]) {
    if !all.is_empty() {
        object.insert(name, texts(all));
    }
}

fn texts(all: &[String]) -> Value<'static> {
    Value::array(all.iter().map(|one| text(one)))
}

fn optional_text(one: Option<&str>) -> Value<'static> {
    one.map(text).into()
}

/// A text, cut if it is long.
fn text(whole: &str) -> Value<'static> {
    if whole.len() <= TEXT_BYTES {
        return whole.to_owned().into();
    }
    let end = (0..=TEXT_BYTES).rev().find(|end| whole.is_char_boundary(*end)).unwrap_or(0);
    format!("{}… ({} bytes)", whole.get(..end).unwrap_or_default(), whole.len()).into()
}

fn finding_json(finding: &Finding) -> Value<'static> {
    let mut object = Object::default();
    object.insert("severity", finding.severity.as_str());
    object.insert("code", finding.code().map(permit_failure_codes::FailureCode::as_str));
    object.insert("reason_class", finding.reason.as_str());
    object.insert("rule", finding.rule.map(permit_types::RuleId::as_str));
    object.insert("artifact", finding.at.artifact.as_str());
    object.insert("pointer", text(&finding.at.pointer.to_string()));
    object.insert(
        "bytes",
        Value::object([("start", finding.at.range.start), ("end", finding.at.range.end)]),
    );
    object.insert("summary", text(&finding.summary));
    object.insert("expected", optional_text(finding.expected.as_deref()));
    object.insert("actual", optional_text(finding.actual.as_deref()));
    let details = finding.details.iter().map(|detail| (detail.name, text(&detail.value)));
    object.insert("details", Value::object(details));
    object.insert("because_of", finding.because);
    object.insert("help", text(&finding.help));
    object.into()
}

/// A value in many lines: members sorted, two spaces a level, all but ASCII escaped, one
/// line break at the end.
///
/// ```
/// use permit_canonical_json::Value;
///
/// let value = Value::object([("b", Value::array(["é"])), ("a", Value::from(1))]);
/// let text = "{\n  \"a\": 1,\n  \"b\": [\n    \"\\u00e9\"\n  ]\n}\n";
/// assert_eq!(permit_claims::to_pretty_text(&value), text);
/// ```
#[must_use]
pub fn to_pretty_text(value: &Value<'_>) -> String {
    let mut text = String::new();
    write_value(value, 0, &mut text);
    text.push('\n');
    text
}

fn write_value(value: &Value<'_>, level: usize, text: &mut String) {
    match value.node() {
        Node::Null => text.push_str("null"),
        Node::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Node::Number(number) => text.push_str(number.as_str()),
        Node::String(string) => write_string(string, text),
        Node::Array(elements) if elements.is_empty() => text.push_str("[]"),
        Node::Array(elements) => {
            text.push('[');
            for (index, element) in elements.iter().enumerate() {
                new_line(index > 0, level + 1, text);
                write_value(element, level + 1, text);
            }
            new_line(false, level, text);
            text.push(']');
        }
        Node::Object(object) if object.is_empty() => text.push_str("{}"),
        Node::Object(object) => {
            let mut members: Vec<_> = object.members().iter().collect();
            members.sort_by(|a, b| a.name().cmp(b.name()));
            text.push('{');
            for (index, member) in members.into_iter().enumerate() {
                new_line(index > 0, level + 1, text);
                write_string(member.name(), text);
                text.push_str(": ");
                write_value(member.value(), level + 1, text);
            }
            new_line(false, level, text);
            text.push('}');
        }
    }
}

fn new_line(comma: bool, level: usize, text: &mut String) {
    if comma {
        text.push(',');
    }
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", level));
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            ' '..='~' => text.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let written = write!(text, "\\u{unit:04x}");
                    debug_assert!(written.is_ok(), "strings take all text");
                }
            }
        }
    }
    text.push('"');
}

/// Bytes of a text in a report. Ids, hashes, paths and sentences are shorter by far.
const TEXT_BYTES: usize = 4096;
