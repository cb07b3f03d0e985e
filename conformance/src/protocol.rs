// SPDX-License-Identifier: Apache-2.0

//! What runner and verifier say to each other: one JSON object a line.
//!
//! ```text
//! → {"cmd":"start","protocol":1}
//! ← {"protocol":1,"implementation":{"name":"…","version":"…","ops":[…],"features":[…]}}
//! → {"cmd":"run","seq":7,"op":"verify-bundle","input":"/dir","files":{"export":"/dir/export.json",…},"test_mode":true}
//! ← {"seq":7,"result":"FAIL","failure_codes":["WALK_RECORD_HASH_MISMATCH"],"first_failure_at":{…}}
//! ← {"seq":8,"skipped":{"reason":"no time stamps"}}
//! ← {"seq":9,"errored":{"message":"…"}}
//! → {"cmd":"stop"}
//! ```

use std::collections::BTreeMap;

use permit_canonical_json::{Budget, Profile, Value, from_value, read, to_value};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Deserialize, Serialize};

use crate::{
    additions::Check,
    corpus_error::DocumentProblem,
    op::{CanonicalProfile, ClaimStatus, Op, VectorResult, VerifierMode},
    position::{EvidenceCounts, Position},
    word::words,
};

/// The version of the protocol.
pub const PROTOCOL: u32 = 1;

words! {
    /// Where a verifier has its trust root from (CONFM-06).
    TrustRootSource {
        /// It came with the program.
        BundledWheel = "bundled-wheel",
        /// It was fetched before.
        CachedManifest = "cached-manifest",
        /// It was fetched from the vendor.
        FetchedFromKeel = "fetched-from-keel",
        /// It was fetched from the package index.
        FetchedFromPypi = "fetched-from-pypi",
        /// It was fetched from the source repository.
        FetchedFromGithub = "fetched-from-github",
        /// The caller named it.
        ExplicitFlag = "explicit-flag",
    }
}

/// A line of the runner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "cmd", rename_all = "lowercase")]
pub enum Request {
    /// Says hello and asks who is there.
    Start {
        /// The version of the protocol.
        protocol: u32,
    },
    /// Asks for the answer to one case.
    Run(Box<RunRequest>),
    /// Says that there is nothing more. The verifier ends.
    Stop,
}

/// One case, as the verifier sees it: it is not told which case it is, nor what is expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunRequest {
    /// The number that the answer has to have.
    pub seq: u64,
    /// What is asked.
    pub op: Op,
    /// The folder with the input: a copy of its own for every case.
    pub input: String,
    /// The files of the input by what they are, with their whole path.
    pub files: BTreeMap<String, String>,
    /// The key manifest to trust: that of `files` once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_root: Option<String>,
    /// What is judged beyond the signature.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// The instant of verification, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Whether test keys count, and only they (CONFM-05).
    pub test_mode: bool,
    /// The files, by their role, that `output` is wanted of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<String>,
    /// By which rules documents are canonicalized.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<CanonicalProfile>,
    /// The name of the schema that documents are held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The claim that is asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// The event that the claim is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
}

/// The verifier's answer to `start`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hello {
    /// The version of the protocol that it speaks.
    pub protocol: u32,
    /// Who it is.
    pub implementation: Implementation,
}

/// Who a verifier is and what it can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Implementation {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The language that it is written in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Where it is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
    /// The operations that it has.
    pub ops: Vec<Op>,
    /// What else it can do; `*` stands for whatever there is, but for what has a `-` before it.
    #[serde(default)]
    pub features: Vec<String>,
    /// The level that it claims, 1 to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_claimed: Option<u8>,
    /// Whether it says nothing but pass or fail. No level can be claimed then.
    #[serde(default)]
    pub verdict_only: bool,
}

impl Implementation {
    /// Whether it claims a feature.
    #[must_use]
    pub fn has(&self, feature: &str) -> bool {
        let not = self.features.iter().any(|own| own.strip_prefix('-') == Some(feature));
        !not && self.features.iter().any(|own| own == feature || own == "*")
    }
}

/// The verifier's answer to `run`: a verdict, or why there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Answer {
    /// The number of the request.
    pub seq: u64,
    /// Why the case was not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<Skipped>,
    /// Why there is no verdict although the case was run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errored: Option<Errored>,
    /// Whether the evidence holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<VectorResult>,
    /// Codes of the taxonomy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failure_codes: Vec<String>,
    /// Words outside the taxonomy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reason_classes: Vec<String>,
    /// The first thing that fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_failure_at: Option<Position>,
    /// How much was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_inspected: Option<EvidenceCounts>,
    /// Which keys counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verifier_mode: Option<VerifierMode>,
    /// Where the trust root came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_root_source: Option<TrustRootSource>,
    /// The verdict for each claim that was judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<AnsweredClaim>,
    /// The answer to one claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_result: Option<ClaimResult>,
    /// For each document by its role a digest or a word; null if it was refused.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub output: BTreeMap<String, Option<String>>,
}

/// Why a case was not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Skipped {
    /// Why.
    pub reason: String,
    /// Where it is said when that will change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_url: Option<String>,
}

/// Why there is no verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Errored {
    /// Why.
    pub message: String,
}

/// The verdict for one of several claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct AnsweredClaim {
    /// The name of the claim in the registry.
    pub name: String,
    /// The verdict.
    pub verdict: ClaimStatus,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The answer to one claim. More members do no harm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClaimResult {
    /// The claim.
    pub claim_type: String,
    /// The verdict.
    pub status: ClaimStatus,
    /// The code, if the verdict is no pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<String>,
    /// What is known of revocations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation_status: Option<String>,
}

impl Answer {
    /// An answer without a verdict: something went wrong.
    #[must_use]
    pub fn errored(seq: u64, message: impl Into<String>) -> Self {
        Self { seq, errored: Some(Errored { message: message.into() }), ..Self::default() }
    }

    /// An answer without a verdict: nothing was run.
    #[must_use]
    pub fn skipped(seq: u64, reason: impl Into<String>) -> Self {
        let skipped = Skipped { reason: reason.into(), issue_url: None };
        Self { seq, skipped: Some(skipped), ..Self::default() }
    }
}

/// Writes a message as one line, with the line feed.
///
/// # Errors
/// If a value has no form in JSON, which numbers and words always have.
pub fn to_line<T: Serialize>(message: &T) -> Result<String, DocumentProblem> {
    let value = to_value(message)?;
    let mut line = Profile::Payload.to_text(&value).unwrap_or_default();
    line.push('\n');
    Ok(line)
}

/// Reads a message out of one line.
///
/// # Errors
/// If it is not JSON, or not such a message.
pub fn from_line<T: for<'de> Deserialize<'de>>(line: &[u8]) -> Result<T, DocumentProblem> {
    let value: Value<'_> = read(line, &Budget::default())?;
    Ok(from_value(&value)?)
}

/// The schemas of both sides: the name of a file, and its text.
#[must_use]
pub fn protocol_schemas() -> [(&'static str, String); 3] {
    [
        ("request.schema.json", schema_of::<Request>("a line of the runner")),
        ("hello.schema.json", schema_of::<Hello>("a verifier's answer to `start`")),
        ("answer.schema.json", schema_of::<Answer>("a verifier's answer to `run`")),
    ]
}

/// The schema of a type as text.
pub(crate) fn schema_of<T: JsonSchema>(title: &str) -> String {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    let mut schema = schema.to_value();
    if let Some(object) = schema.as_object_mut() {
        let comment = "Generated from the types of `permit-conformance`; do not edit.";
        object.insert("$comment".to_owned(), comment.into());
        object.insert("title".to_owned(), title.into());
    }
    // All of it is text, numbers and words.
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position::PositionType;

    fn request() -> Request {
        Request::Run(Box::new(RunRequest {
            seq: 7,
            op: Op::VerifyBundle,
            input: "/dir".into(),
            files: [("export".to_owned(), "/dir/export.json".to_owned())].into(),
            trust_root: None,
            checks: vec![Check::WalkEvents],
            at: Some("2026-05-10T00:00:00Z".into()),
            test_mode: true,
            documents: Vec::new(),
            profile: None,
            schema: None,
            claim: None,
            event_id: None,
        }))
    }

    #[test]
    fn messages_are_one_line_each_and_read_back() {
        for request in [Request::Start { protocol: PROTOCOL }, request(), Request::Stop] {
            let line = to_line(&request).unwrap();
            assert_eq!(line.matches('\n').count(), 1, "{line}");
            assert_eq!(from_line::<Request>(line.as_bytes()).unwrap(), request);
        }
        let answer: Answer = from_line(
            br#"{"seq":7,"result":"FAIL","failure_codes":["WALK_RECORD_HASH_MISMATCH"],"first_failure_at":{"type":"chain_entry","sequence":2},"output":{"a":null}}"#,
        )
        .unwrap();
        assert_eq!(answer.first_failure_at.as_ref().unwrap().kind, PositionType::ChainEntry);
        assert_eq!(answer.output["a"], None);
        let line = to_line(&answer).unwrap();
        assert_eq!(from_line::<Answer>(line.as_bytes()).unwrap(), answer);
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for line in [&b"PASS"[..], b"{}", br#"{"seq":1,"seq":1}"#, br#"{"seq":1,"result":"pass"}"#]
        {
            assert!(from_line::<Answer>(line).is_err(), "{}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn the_schemas_are_those_in_the_folder() {
        for (name, text) in protocol_schemas() {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
            let present = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(
                present.replace('\r', ""),
                text,
                "`permit-conformance schema --write conformance/schemas` mends {name}"
            );
        }
    }
}
