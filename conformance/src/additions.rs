// SPDX-License-Identifier: Apache-2.0

//! What we say of a case beside the official members. All of it is optional, so that official
//! vectors drop in as they are.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    op::{CanonicalProfile, Op},
    word::words,
};

words! {
    /// Something that is judged beyond the signature.
    Check {
        /// The chain entries are walked.
        WalkEvents = "walk_events",
        /// The closures are verified.
        VerifyClosure = "verify_closure",
        /// Workflow evidence and incidents are verified. No verifier has to be told to do it.
        VerifyWorkflows = "verify_workflows",
        /// Scope declarations are verified. No verifier has to be told to do it.
        ScopeFaithfulness = "scope_faithfulness",
        /// Decisions and revocations are verified. No verifier has to be told to do it.
        PermitClaims = "step4_permit_claims",
    }

    /// How bad it is to get a case wrong.
    Importance {
        /// A verifier that gets it wrong can be made to pass forged evidence.
        Critical = "critical",
        /// It gets real evidence wrong.
        High = "high",
        /// It gets evidence wrong that hardly ever occurs.
        Medium = "medium",
        /// It says something else, and means the same.
        Low = "low",
    }
}

/// Our members of `expected.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Additions {
    /// What the case asks for, if its shape does not imply it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op: Option<Op>,
    /// The files of the input, by what they are.
    #[serde(default)]
    pub files: InputFiles,
    /// What is judged beyond the signature.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// The rules that the case is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<String>,
    /// The decisions (`AMB-52`) and differences (`DIFF-3`) that the expectation rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<String>,
    /// The valid case that it was made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// What was changed of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mutation: Option<Mutation>,
    /// How bad it is to get it wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importance: Option<Importance>,
    /// What a verifier has to be able to do; one that does not claim it skips the case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// The instant of verification, for what depends on one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What has to come out where there is no verdict: by document, a digest or a word.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub output: BTreeMap<String, String>,
    /// By which rules documents are canonicalized.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<CanonicalProfile>,
    /// The form that documents are held against, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The event that a claim is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// What the reference verifier does instead, and which rule forbids it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

impl Additions {
    /// The names of our members.
    pub const MEMBERS: &'static [&'static str] = &[
        "op",
        "files",
        "checks",
        "clauses",
        "decisions",
        "parent",
        "mutation",
        "importance",
        "features",
        "at",
        "output",
        "profile",
        "schema",
        "event_id",
        "reference",
    ];

    /// Whether a check is asked for.
    #[must_use]
    pub fn asks_for(&self, check: Check) -> bool {
        self.checks.contains(&check)
    }
}

/// What was changed of a valid case to make another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutation {
    /// The one change, in a sentence.
    pub change: String,
    /// What was made anew behind it, so that only the listed layers break (CONFM-08).
    #[serde(default)]
    pub resealed: Vec<String>,
}

/// The files of the input, by what they are: names inside the folder `input`, with `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InputFiles {
    /// The export.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<String>,
    /// Its manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
    /// The key manifest to trust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_root: Option<String>,
    /// The checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
    /// The scope state of the checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sidecar: Option<String>,
    /// The events that a single claim is judged on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// The pack of a claim about a permit chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
    /// A chain that comes without an export: an array of entries, or an object with `chain_entries`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    /// A closure in a file of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closure: Option<String>,
    /// The permit of that closure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permit: Option<String>,
    /// Root certificates of time stamps (PEM).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tsa_ca_bundle: Option<String>,
    /// Documents that are hashed or held against a form, in order. In a file that ends with
    /// `.jsonl` every line is a document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<String>,
}

impl InputFiles {
    /// What there is, with its name.
    #[must_use]
    pub fn each(&self) -> Vec<(&'static str, &str)> {
        let one = [
            ("export", &self.export),
            ("manifest", &self.manifest),
            ("trust_root", &self.trust_root),
            ("checkpoint", &self.checkpoint),
            ("sidecar", &self.sidecar),
            ("evidence", &self.evidence),
            ("pack", &self.pack),
            ("chain", &self.chain),
            ("closure", &self.closure),
            ("permit", &self.permit),
            ("tsa_ca_bundle", &self.tsa_ca_bundle),
        ];
        let one = one.into_iter().filter_map(|(role, name)| Some((role, name.as_deref()?)));
        let documents = self.documents.iter().map(|name| ("documents", name.as_str()));
        one.chain(documents).collect()
    }
}

#[cfg(test)]
mod tests {
    use permit_canonical_json::{Object, to_value};

    use super::*;

    #[test]
    fn the_list_of_our_members_is_complete() {
        let whole = Additions {
            op: Some(Op::Schema),
            files: InputFiles::default(),
            checks: vec![Check::WalkEvents],
            clauses: vec!["CHAIN-08".into()],
            decisions: vec!["AMB-52".into()],
            parent: Some("a/b".into()),
            mutation: Some(Mutation { change: "a".into(), resealed: vec![] }),
            importance: Some(Importance::Low),
            features: vec!["tsa".into()],
            at: Some("2026-05-10T00:00:00Z".into()),
            output: [("a".to_owned(), "b".to_owned())].into(),
            profile: Some(CanonicalProfile::Payload),
            schema: Some("permit".into()),
            event_id: Some("e".into()),
            reference: Some("passes".into()),
        };
        let value = to_value(&whole).unwrap();
        let members = value.as_object().map(Object::members).unwrap_or_default();
        let names: Vec<&str> = members.iter().map(|member| member.name()).collect();
        assert_eq!(names, Additions::MEMBERS);
    }
}
