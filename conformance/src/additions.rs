// SPDX-License-Identifier: Apache-2.0

//! What all shapes of `expected.json` may have: three official members, and ours. All of it is
//! optional, so that official vectors drop in as they are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    op::{CanonicalProfile, Op, VerifierMode},
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

/// The members of `expected.json` that all shapes may have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Additions {
    /// What the case asks for, if its shape does not imply it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op: Option<Op>,
    /// Which keys count; test keys if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_mode: Option<VerifierMode>,
    /// Files of the input and their hashes, `sha256:` and hexadecimal. A name may begin with `input/`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub artifact_hashes: BTreeMap<String, String>,
    /// What else there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The files of the input, by what they are: names inside the folder `input`, with `/`.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
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
    /// What has to come out where there is no verdict: for each document by its role a digest or a
    /// word; null if it has to be refused.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub output: BTreeMap<String, Option<String>>,
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
    /// The names of these members.
    pub const MEMBERS: &'static [&'static str] = &[
        "op",
        "expected_mode",
        "artifact_hashes",
        "notes",
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

#[cfg(test)]
mod tests {
    use permit_canonical_json::{Object, to_value};

    use super::*;

    #[test]
    fn the_list_of_members_is_complete() {
        let whole = Additions {
            op: Some(Op::Schema),
            expected_mode: Some(VerifierMode::Test),
            artifact_hashes: [("a".to_owned(), "b".to_owned())].into(),
            notes: Some("n".into()),
            files: BTreeMap::new(),
            checks: vec![Check::WalkEvents],
            clauses: vec!["CHAIN-08".into()],
            decisions: vec!["AMB-52".into()],
            parent: Some("a/b".into()),
            mutation: Some(Mutation { change: "a".into(), resealed: vec![] }),
            importance: Some(Importance::Low),
            features: vec!["tsa".into()],
            at: Some("2026-05-10T00:00:00Z".into()),
            output: [("a".to_owned(), None)].into(),
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
