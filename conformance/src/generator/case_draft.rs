// SPDX-License-Identifier: Apache-2.0

//! A case before it is written: what is expected, why, and the files that are judged.

use std::collections::BTreeMap;

use permit_canonical_json::Sha256Digest;
use serde_json::{Map, Value as Json, json};

use super::{document, fault::Fault, layer_check};

/// A case before it is written.
#[derive(Clone, Debug)]
pub(crate) struct CaseDraft {
    id: String,
    title: String,
    why: String,
    expected: Map<String, Json>,
    roles: BTreeMap<String, String>,
    input: BTreeMap<String, Vec<u8>>,
    notes: Vec<String>,
}

impl CaseDraft {
    /// A case of this id. The clauses are the rules that it exercises.
    pub(crate) fn new(id: &str, title: &str, why: &str, clauses: &[&str]) -> Self {
        let mut expected = Map::new();
        expected.insert("clauses".into(), json!(clauses));
        expected.insert("importance".into(), "high".into());
        Self {
            id: id.into(),
            title: title.into(),
            why: why.into(),
            expected,
            roles: BTreeMap::new(),
            input: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    /// A case with the official members of categories 01 to 07, that passes so far.
    pub(crate) fn vector(id: &str, title: &str, why: &str, clauses: &[&str]) -> Self {
        let mut draft = Self::new(id, title, why, clauses);
        for (name, value) in [
            ("$schema", json!("https://json-schema.org/draft/2020-12/schema")),
            ("vector_id", json!(id)),
            ("spec_version", json!("permit-v1.0.0")),
            ("test_vectors_version", json!("0.1.0-draft")),
            ("expected_mode", json!("TEST")),
            ("expected_result", json!("PASS")),
            ("primary_failure_code", Json::Null),
            ("acceptable_secondary_codes", json!([])),
            ("valid_layers", json!([])),
            ("invalid_layers", json!([])),
            ("expected_first_failure_at", Json::Null),
            (
                "expected_evidence_inspected_at_least",
                json!({ "permits": 0, "chain_entries": 0, "closure_records": 0, "checkpoints": 0 }),
            ),
            ("trust_root_resolution", json!("the file of the role `trust_root`, given explicitly")),
            ("op", json!("verify-bundle")),
        ] {
            draft.expected.insert(name.into(), value);
        }
        draft
    }

    /// A case with the members of golden records: kind, claims with verdicts, and the outcome.
    pub(crate) fn claims(
        id: &str,
        title: &str,
        why: &str,
        clauses: &[&str],
        kind: &str,
        claims: &[(&str, &str)],
    ) -> Self {
        let mut draft = Self::new(id, title, why, clauses);
        let vector = id.split_once('/').map_or(id, |(_, vector)| vector);
        // Golden records have their number before their id.
        let name = match id.strip_prefix("claims/").and_then(|id| id.split_once('-')) {
            Some((_, name)) => name,
            None => vector,
        };
        let claims: Vec<Json> = claims
            .iter()
            .map(|(name, verdict)| json!({ "name": name, "expected_verdict": verdict }))
            .collect();
        for (name, value) in [
            ("id", json!(name)),
            ("title", json!(title)),
            ("kind", json!(kind)),
            ("claims", json!(claims)),
            ("expected_outcome", json!("PASS")),
            ("reason_classes", json!([])),
            ("expected_mode", json!("TEST")),
        ] {
            draft.expected.insert(name.into(), value);
        }
        draft
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn set(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.expected.insert(name.into(), value.into());
        self
    }

    /// The layers that hold and those that do not (CONFM-08).
    pub(crate) fn layers(self, valid: &[&str], invalid: &[&str]) -> Self {
        self.set("valid_layers", json!(valid)).set("invalid_layers", json!(invalid))
    }

    /// Lower bounds of what is looked at.
    pub(crate) fn counts(
        self,
        permits: u64,
        entries: u64,
        closures: u64,
        checkpoints: u64,
    ) -> Self {
        self.set(
            "expected_evidence_inspected_at_least",
            json!({ "permits": permits, "chain_entries": entries, "closure_records": closures, "checkpoints": checkpoints }),
        )
    }

    /// It fails with this code, at this place if one is given.
    pub(crate) fn fails(self, code: &str, at: impl Into<Json>) -> Self {
        self.set("expected_result", "FAIL")
            .set("primary_failure_code", code)
            .set("expected_first_failure_at", at)
    }

    /// The run as a whole fails, with these reason classes.
    pub(crate) fn outcome_fails(self, reasons: &[&str]) -> Self {
        self.set("expected_outcome", "FAIL").set("reason_classes", json!(reasons))
    }

    /// The case it comes from, the single change, and what was sealed again above it.
    pub(crate) fn from(self, parent: &str, change: &str, resealed: &[&str]) -> Self {
        self.set("parent", parent)
            .set("mutation", json!({ "change": change, "resealed": resealed }))
    }

    /// The decisions on open points that the expectation rests on.
    pub(crate) fn decisions(self, decisions: &[&str]) -> Self {
        self.set("decisions", json!(decisions))
    }

    /// The layers beyond hash and signature that are asked for.
    pub(crate) fn checks(self, checks: &[&str]) -> Self {
        self.set("checks", json!(checks))
    }

    /// What a verifier needs to be able to do.
    pub(crate) fn features(self, features: &[&str]) -> Self {
        self.set("features", json!(features))
    }

    pub(crate) fn note(mut self, note: &str) -> Self {
        self.notes.push(note.into());
        self
    }

    /// A file of the input, and what it is.
    pub(crate) fn file(mut self, role: &str, name: &str, bytes: Vec<u8>) -> Self {
        self.roles.insert(role.into(), name.into());
        self.input.insert(name.into(), bytes);
        self
    }

    /// A file of the input that others refer to.
    pub(crate) fn beside(mut self, name: &str, bytes: Vec<u8>) -> Self {
        self.input.insert(name.into(), bytes);
        self
    }

    /// Whether the layers are as they are listed (CONFM-08); only vectors about exports list any that
    /// could be computed here.
    pub(crate) fn check_layers(&self) -> Result<(), Fault> {
        let vector = self.expected.contains_key("valid_layers");
        if vector && self.roles.contains_key("export") {
            layer_check::check(&self.expected, &self.input, &self.roles)?;
        }
        Ok(())
    }

    /// The files of the case, by their path below its folder.
    pub(crate) fn files(&self) -> Result<BTreeMap<String, Vec<u8>>, Fault> {
        let mut expected = self.expected.clone();
        let hashes: Map<String, Json> = self
            .input
            .iter()
            .map(|(name, bytes)| {
                let hash = Sha256Digest::of(bytes).prefixed().to_string();
                (format!("input/{name}"), hash.into())
            })
            .collect();
        expected.insert("artifact_hashes".into(), hashes.into());
        expected.insert("files".into(), json!(self.roles));
        if !self.notes.is_empty() {
            expected.insert("notes".into(), self.notes.join(" ").into());
        }
        let mut files = BTreeMap::new();
        let expected = pretty(&Json::Object(expected))?;
        files.insert("expected.json".to_owned(), expected);
        files.insert("description.md".to_owned(), self.description().into_bytes());
        for (name, bytes) in &self.input {
            files.insert(format!("input/{name}"), bytes.clone());
        }
        Ok(files)
    }

    fn description(&self) -> String {
        let mut text = format!("# {}\n\n{}\n", self.title, self.why);
        for note in &self.notes {
            text.push_str(&format!("\n{note}\n"));
        }
        text
    }
}

/// A document for people: sorted members, two spaces, one line feed at the end.
pub(crate) fn pretty(document: &Json) -> Result<Vec<u8>, Fault> {
    let value = document::strict(document)?;
    Ok(permit_claims::to_pretty_text(&value).into_bytes())
}
