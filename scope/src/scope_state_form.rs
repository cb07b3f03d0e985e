// SPDX-License-Identifier: Apache-2.0

//! The form of a scope state, as its schema closes it (SIDE-01, SIDE-03, SIDE-08).
//!
//! What is beyond version 1 is no mistake of form: another grammar, another commitment profile and
//! predicates outside the grammar pass here and are told later, after the signature (SIDE-15).

use std::collections::BTreeSet;

use permit_canonical_json::{Excerpt, Value};
use permit_types::{
    CommitmentProfile, ContentHash, KeyManifestFormat, PayloadProfileName, PredicateGrammar,
    PredicateKind, ScopeStateAlgorithm, ScopeStatePurpose, ScopeStateType, ScopeStateVersion,
};

use crate::{
    object_form::{Form, FormFault},
    predicate::{Predicate, PredicateFault, PredicateFaultKind},
};

/// A scope state of the right form.
#[derive(Clone, Debug)]
pub(crate) struct ScopeStateForm<'v> {
    pub(crate) scope_state_id: &'v str,
    pub(crate) checkpoint_id: &'v str,
    pub(crate) chain_scope: &'v str,
    pub(crate) grammar: &'v str,
    pub(crate) profile: &'v str,
    pub(crate) signed_at: &'v str,
    pub(crate) key_id: &'v str,
    pub(crate) signature: &'v str,
    pub(crate) purpose: ScopeStatePurpose,
    pub(crate) trusted_key_id: &'v str,
    pub(crate) tree_size: u64,
    pub(crate) commitments: Vec<CommitmentForm<'v>>,
}

/// A commitment of the right form.
#[derive(Clone, Debug)]
pub(crate) struct CommitmentForm<'v> {
    pub(crate) value: &'v Value<'v>,
    pub(crate) predicate_value: &'v Value<'v>,
    /// The predicate; if it is beyond the grammar, why.
    pub(crate) predicate: Result<Predicate, PredicateFault>,
    pub(crate) stated_hash: ContentHash,
    pub(crate) first: Option<u64>,
    pub(crate) last: Option<u64>,
    pub(crate) count: u64,
    pub(crate) root: ContentHash,
}

impl<'v> ScopeStateForm<'v> {
    pub(crate) fn read(value: &'v Value<'v>) -> Result<Self, FormFault> {
        let form = Form::of(value)?;
        form.has_exactly(&MEMBERS)?;
        form.constant("artifact_type", ScopeStateType::TEXT)?;
        form.constant("version", ScopeStateVersion::TEXT)?;
        let grammar = form.text("predicate_grammar_version")?;
        check_basis(&form)?;
        let (key_id, signature) = read_signature(&form)?;
        let (purpose, trusted_key_id) = read_trust_root(&form)?;
        Ok(Self {
            scope_state_id: form.text("scope_state_id")?,
            checkpoint_id: form.text("checkpoint_id")?,
            chain_scope: form.text("chain_scope")?,
            grammar,
            profile: form.text("commitment_profile")?,
            signed_at: form.text("signed_at")?,
            key_id,
            signature,
            purpose,
            trusted_key_id,
            tree_size: form.integer("tree_size", 0)?,
            commitments: read_commitments(&form, grammar)?,
        })
    }

    pub(crate) fn knows_grammar(&self) -> bool {
        self.grammar == PredicateGrammar::TEXT
    }

    pub(crate) fn knows_profile(&self) -> bool {
        self.profile == CommitmentProfile::TEXT
    }
}

fn check_basis(form: &Form<'_>) -> Result<(), FormFault> {
    let inside = |fault: FormFault| fault.inside("predicate_basis");
    let basis = form.form("predicate_basis")?;
    let members = ["canonicalization_profile", "supported_predicate_kinds", "reserved_namespaces"];
    basis.has_exactly(&members).map_err(inside)?;
    basis.constant("canonicalization_profile", PayloadProfileName::TEXT).map_err(inside)?;
    check_words(&basis, "supported_predicate_kinds", |kind| PredicateKind::parse(kind).is_some())
        .map_err(inside)?;
    check_words(&basis, "reserved_namespaces", is_reserved_namespace).map_err(inside)
}

/// An array of texts, each fit and none twice.
fn check_words(
    form: &Form<'_>,
    name: &'static str,
    is_fit: fn(&str) -> bool,
) -> Result<(), FormFault> {
    let mut seen = BTreeSet::new();
    for (index, word) in form.array(name)?.iter().enumerate() {
        let wrong = |summary: String| {
            Err(FormFault::new(word.range(), summary).inside_element(index).inside(name))
        };
        match word.as_str() {
            None => return wrong(format!("a name in `{name}` is {}, not a text", word.kind())),
            Some(text) if !is_fit(text) => {
                return wrong(format!("`{}` does not belong into `{name}`", Excerpt(text)));
            }
            Some(text) if !seen.insert(text) => {
                return wrong(format!("`{}` stands twice in `{name}`", Excerpt(text)));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Names of an issuer's own, and the one that is set aside for proofs of absence (ABSENT-08). None is
/// ever evaluated (SIDE-04).
fn is_reserved_namespace(name: &str) -> bool {
    name.starts_with("keel.") || name == "non_membership_profile"
}

fn read_signature<'v>(form: &Form<'v>) -> Result<(&'v str, &'v str), FormFault> {
    let inside = |fault: FormFault| fault.inside("signature");
    let signature = form.form("signature")?;
    signature.has_exactly(&["algorithm", "key_id", "signature"]).map_err(inside)?;
    signature.constant("algorithm", ScopeStateAlgorithm::TEXT).map_err(inside)?;
    let key_id = signature.text("key_id").map_err(inside)?;
    let text = signature.text("signature").map_err(inside)?;
    if !text.starts_with("ed25519:") {
        return Err(inside(signature.fault("signature", "`ed25519:` and base64")));
    }
    Ok((key_id, text))
}

fn read_trust_root<'v>(form: &Form<'v>) -> Result<(ScopeStatePurpose, &'v str), FormFault> {
    let inside = |fault: FormFault| fault.inside("trust_root_reference");
    let reference = form.form("trust_root_reference")?;
    reference.has_exactly(&["manifest_version", "purpose", "key_id"]).map_err(inside)?;
    reference.constant("manifest_version", KeyManifestFormat::TEXT).map_err(inside)?;
    let words = "`scope_state` or `integrity_checkpoint`";
    let purpose = reference.one_of("purpose", ScopeStatePurpose::parse, words).map_err(inside)?;
    Ok((purpose, reference.text("key_id").map_err(inside)?))
}

fn read_commitments<'v>(
    form: &Form<'v>,
    grammar: &str,
) -> Result<Vec<CommitmentForm<'v>>, FormFault> {
    let name = "scope_commitments";
    let commitments = form.array(name)?;
    if commitments.is_empty() {
        return Err(form.fault(name, "an array of at least one commitment"));
    }
    let read = commitments.iter().enumerate().map(|(index, value)| {
        let commitment = CommitmentForm::read(value, grammar);
        commitment.map_err(|fault| fault.inside_element(index).inside(name))
    });
    read.collect()
}

impl<'v> CommitmentForm<'v> {
    fn read(value: &'v Value<'v>, grammar: &str) -> Result<Self, FormFault> {
        let form = Form::of(value)?;
        form.has_exactly(&COMMITMENT_MEMBERS)?;
        let words = "`sha256:` and 64 lowercase hexadecimal digits";
        let bound = |name| match form.given(name) {
            None => Ok(None),
            Some(_) => form.integer(name, 1).map(Some),
        };
        let predicate_value = form.object().get("predicate_value").unwrap_or(value);
        let predicate = Predicate::read(predicate_value);
        match &predicate {
            // Whatever a grammar that is not known here calls well-formed.
            Err(fault)
                if fault.kind() == PredicateFaultKind::Malformed
                    && grammar == PredicateGrammar::TEXT =>
            {
                let mut wrong = FormFault::new(fault.at(), fault.summary());
                wrong.pointer = fault.pointer().clone();
                return Err(wrong.inside("predicate_value"));
            }
            _ => {}
        }
        Ok(Self {
            value,
            predicate_value,
            predicate,
            stated_hash: form.one_of("predicate_value_hash", ContentHash::parse, words)?,
            first: bound("first_matching_sequence")?,
            last: bound("last_matching_sequence")?,
            count: form.integer("matching_count", 0)?,
            root: form.one_of("membership_root_hash", ContentHash::parse, words)?,
        })
    }
}

const MEMBERS: [&str; 13] = [
    "artifact_type",
    "version",
    "scope_state_id",
    "checkpoint_id",
    "chain_scope",
    "predicate_grammar_version",
    "predicate_basis",
    "commitment_profile",
    "scope_commitments",
    "tree_size",
    "signed_at",
    "signature",
    "trust_root_reference",
];

const COMMITMENT_MEMBERS: [&str; 6] = [
    "predicate_value",
    "predicate_value_hash",
    "first_matching_sequence",
    "last_matching_sequence",
    "matching_count",
    "membership_root_hash",
];
