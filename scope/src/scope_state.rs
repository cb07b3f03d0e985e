// SPDX-License-Identifier: Apache-2.0

//! The claim `checkpoint.scope_state.v1`: a scope state is signed and belongs to its checkpoint.
//!
//! ```text
//!  1  it is there                                                                    SIDE-12
//!  2  it has a signature                                                             SIDE-06
//!  3  its form is that of the schema                                                 SIDE-01, 03, 08
//!  4  its key is known for the purpose it names, and was active when it was signed   SIDE-07
//!  5  the signature covers all of it but itself                                      SIDE-06
//!  6  its checkpoint is there, verifies and is the one that it names
//!  7  its chain is among the heads of the checkpoint, and no range passes the head   SIDE-11
//!  8  grammar, predicates and commitment profile are known                           SIDE-15, PRED-02
//!  9  predicates hash as stated, and none is there twice                             SIDE-09, SIDE-10
//! 10  what the reference leaves out: its id, its empty commitments, its own words    SIDE-02, SIDE-05
//! ```
//!
//! The last step comes last so that whatever the reference refuses is refused here for the same reason.
//! `tree_size` is signed and otherwise not looked at (SIDE-13), and neither are reserved
//! namespaces (SIDE-04).

use std::collections::{BTreeMap, BTreeSet};

use permit_canonical_json::{Budget, HashedArtifact, JsonPointer, Object, ReadError, Value, read};
use permit_claims::{ClaimFault, Unsupported};
use permit_failure_codes::{FailureCode, ReasonClass};
use permit_keys::{
    KeyManifest, KeyProblem, KeyPurpose, KeyRequest, Mode, SignatureChecked, TrustedKey,
    verify_scope_state,
};
use permit_types::{Artifact, ContentHash, Finding, Instant, Location, ScopeStatePurpose};

use crate::{
    checkpoint_evidence::{CheckpointEvidence, CheckpointHead, VerifiedCheckpoint},
    fault::{Place, SIDECAR, fault, quoted, shown, with},
    merkle::MembershipTree,
    object_form::FormFault,
    predicate::predicate_hash,
    scope_state_form::{CommitmentForm, ScopeStateForm},
    scope_state_id::scope_state_id,
};

/// The keys that scope states may be signed with; none, if no key manifest was given.
#[derive(Clone, Copy, Debug)]
pub struct ScopeStateKeys<'k> {
    manifest: Option<&'k KeyManifest>,
    mode: Mode,
}

impl<'k> ScopeStateKeys<'k> {
    /// The keys of a key manifest.
    #[must_use]
    pub fn of(manifest: &'k KeyManifest, mode: Mode) -> Self {
        Self { manifest: Some(manifest), mode }
    }

    /// No keys: no scope state can be verified, since none brings its own key.
    #[must_use]
    pub fn none() -> Self {
        Self { manifest: None, mode: Mode::Production }
    }
}

/// Proof that a scope state is signed and belongs to a checkpoint that verifies.
///
/// Only [`adjudicate_scope_state`] makes one. What it commits to is the signer's word: whoever has the
/// whole chain can compute the same and catch a lie; the scope state alone does not show it.
#[derive(Clone, Debug)]
pub struct ScopeState {
    id: String,
    checkpoint_id: String,
    chain_scope: String,
    head: CheckpointHead,
    tree_size: u64,
    commitments: BTreeMap<ContentHash, Commitment>,
    signature: SignatureChecked,
}

/// What a scope state commits to for one predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Commitment {
    /// How many records match.
    pub matching_count: u64,
    /// The numbers of the first and the last one that match; none if none does.
    pub range: Option<(u64, u64)>,
    /// The root of the tree over them.
    pub membership_root: ContentHash,
}

impl ScopeState {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The checkpoint.
    #[must_use]
    pub fn checkpoint_id(&self) -> &str {
        &self.checkpoint_id
    }

    /// The chain.
    #[must_use]
    pub fn chain_scope(&self) -> &str {
        &self.chain_scope
    }

    /// The head of the chain at the checkpoint.
    #[must_use]
    pub fn head(&self) -> &CheckpointHead {
        &self.head
    }

    /// What it says of the size of the tree; nobody checked that (SIDE-13).
    #[must_use]
    pub fn tree_size(&self) -> u64 {
        self.tree_size
    }

    /// What it commits to for the predicate of this hash.
    #[must_use]
    pub fn commitment(&self, predicate: ContentHash) -> Option<&Commitment> {
        self.commitments.get(&predicate)
    }

    /// All that it commits to, by the hash of the predicate.
    pub fn commitments(&self) -> impl ExactSizeIterator<Item = (ContentHash, &Commitment)> {
        self.commitments.iter().map(|(hash, commitment)| (*hash, commitment))
    }

    /// The signature that was checked.
    #[must_use]
    pub fn signature(&self) -> &SignatureChecked {
        &self.signature
    }
}

/// Judges a scope state.
///
/// A file that is not strict JSON counts as missing, as nothing in it can be relied on.
///
/// # Errors
/// The first thing that is wrong with it or that is not there.
pub fn adjudicate_scope_state(
    sidecar: Option<&[u8]>,
    checkpoint: &CheckpointEvidence,
    keys: &ScopeStateKeys<'_>,
    budget: &Budget,
) -> Result<ScopeState, ClaimFault> {
    let document = read_sidecar(sidecar, budget)?;
    judge_scope_state(&document, checkpoint, keys)
}

/// Reads a scope state as an object.
pub(crate) fn read_sidecar<'b>(
    sidecar: Option<&'b [u8]>,
    budget: &Budget,
) -> Result<Value<'b>, ClaimFault> {
    let place = place();
    let bytes = sidecar.ok_or_else(|| {
        missing(place.at(Default::default()), "the scope state of the checkpoint is not there")
    })?;
    let document = read(bytes, budget).map_err(|error| unreadable(&error))?;
    if document.as_object().is_none() {
        let summary = format!("the file of the scope state holds {}", document.kind());
        return Err(missing(place.at(document.range()), summary));
    }
    Ok(document)
}

/// Judges a scope state that was read.
pub(crate) fn judge_scope_state(
    document: &Value<'_>,
    checkpoint: &CheckpointEvidence,
    keys: &ScopeStateKeys<'_>,
) -> Result<ScopeState, ClaimFault> {
    check_signature_is_there(document)?;
    let form = ScopeStateForm::read(document).map_err(|wrong| form_fault(wrong, "SIDE-01"))?;
    let judge = Judge { document, form: &form };
    let key = judge.key(keys)?;
    let signature = judge.check_signature(&key)?;
    let checkpoint = judge.checkpoint(checkpoint)?;
    let head = judge.head(checkpoint)?;
    judge.check_ranges(head)?;
    judge.check_semantics()?;
    judge.check_predicates()?;
    judge.check_strictly()?;
    Ok(ScopeState {
        id: form.scope_state_id.to_owned(),
        checkpoint_id: form.checkpoint_id.to_owned(),
        chain_scope: form.chain_scope.to_owned(),
        head: head.clone(),
        tree_size: form.tree_size,
        commitments: form.commitments.iter().map(|one| (one.stated_hash, one.to_proof())).collect(),
        signature,
    })
}

fn check_signature_is_there(document: &Value<'_>) -> Result<(), ClaimFault> {
    let signature = document.get("signature");
    let text = signature.and_then(|signature| signature.get("signature")?.as_str());
    if text.is_some_and(|text| !text.is_empty()) {
        return Ok(());
    }
    let at = place().below(&["signature"], signature);
    let code = FailureCode::CheckpointScopeStateSignatureMissing;
    Err(about(fault(code, "SIDE-06", at, "the scope state is not signed")))
}

/// A scope state under judgement.
struct Judge<'j, 'v> {
    document: &'j Value<'v>,
    form: &'j ScopeStateForm<'j>,
}

impl Judge<'_, '_> {
    fn key(&self, keys: &ScopeStateKeys<'_>) -> Result<TrustedKey, ClaimFault> {
        let purpose = match self.form.purpose {
            ScopeStatePurpose::ScopeState => KeyPurpose::ScopeState,
            ScopeStatePurpose::IntegrityCheckpoint => KeyPurpose::IntegrityCheckpoint,
        };
        let at = self.at(&["signature", "key_id"]);
        let Some(manifest) = keys.manifest else {
            let code = FailureCode::CheckpointScopeStateKeyUnresolved;
            let summary = "there is no trust root to find the key of the scope state in";
            return Err(about(fault(code, "SIDE-07", at, summary)));
        };
        let request = KeyRequest::new()
            .key_id(self.form.key_id)
            .signed_at(Instant::parse(self.form.signed_at));
        manifest.resolve(purpose, &request, keys.mode).map_err(|problem| {
            let wrong = fault(code_of(&problem), problem.rule(), at, problem.to_string());
            about(with(wrong, |finding| {
                finding
                    .detail("key_id", self.form.key_id)
                    .detail("signed_at", self.form.signed_at)
                    .help(problem.help())
            }))
        })
    }

    /// The signature covers the canonical bytes of all but its own value (SIDE-06).
    fn check_signature(&self, key: &TrustedKey) -> Result<SignatureChecked, ClaimFault> {
        let at = self.at(&["signature", "signature"]);
        let code = FailureCode::CheckpointScopeStateSignatureInvalid;
        let invalid = |summary: String| about(fault(code, "SIDE-06", at.clone(), summary));
        let mut canonical = Vec::new();
        HashedArtifact::CheckpointScopeStateV1
            .profile()
            .write(&without_signature(self.document), &mut canonical)
            .map_err(|error| invalid(format!("the scope state has no canonical form: {error}")))?;
        verify_scope_state(&canonical, self.form.signature, key).map_err(|problem| {
            with(invalid(problem.to_string()), |finding| finding.help(problem.help()))
        })
    }

    fn checkpoint<'c>(
        &self,
        checkpoint: &'c CheckpointEvidence,
    ) -> Result<&'c VerifiedCheckpoint, ClaimFault> {
        let at = self.at(&["checkpoint_id"]);
        let mismatch = FailureCode::CheckpointScopeStateCheckpointMismatch;
        match checkpoint {
            CheckpointEvidence::Missing => {
                let code = FailureCode::CheckpointScopeStateCheckpointMissing;
                let summary = "the checkpoint that the scope state belongs to is not there";
                Err(about(fault(code, "ABSENT-07", at, summary)))
            }
            CheckpointEvidence::NotVerified(why) => {
                let summary = format!("the checkpoint does not verify: {}", why.message());
                let wrong = fault(mismatch, "SEM-02", why.finding.at.clone(), summary);
                Err(about(with(wrong, |finding| finding.help(why.finding.help.clone()))))
            }
            CheckpointEvidence::Verified(checkpoint)
                if checkpoint.checkpoint_id != self.form.checkpoint_id =>
            {
                let summary = "the scope state belongs to another checkpoint";
                let wrong = fault(mismatch, "SFE-08", at, summary);
                Err(about(with(wrong, |finding| {
                    finding
                        .values(quoted(&checkpoint.checkpoint_id), quoted(self.form.checkpoint_id))
                })))
            }
            CheckpointEvidence::Verified(checkpoint) => Ok(checkpoint),
        }
    }

    fn head<'c>(
        &self,
        checkpoint: &'c VerifiedCheckpoint,
    ) -> Result<&'c CheckpointHead, ClaimFault> {
        checkpoint.heads.get(self.form.chain_scope).ok_or_else(|| {
            let code = FailureCode::CheckpointScopeStateChainScopeNotInCheckpoint;
            let summary = "the chain of the scope state is not among the heads of the checkpoint";
            about(with(fault(code, "SIDE-11", self.at(&["chain_scope"]), summary), |finding| {
                finding.detail("scope", self.form.chain_scope)
            }))
        })
    }

    fn check_ranges(&self, head: &CheckpointHead) -> Result<(), ClaimFault> {
        for (index, commitment) in self.form.commitments.iter().enumerate() {
            let is_empty = commitment.first.is_none() && commitment.last.is_none();
            let (rule, summary) = match (commitment.count, commitment.last) {
                (0, _) if is_empty => continue,
                (0, _) => ("SIDE-05", "a commitment to no record has a range".to_owned()),
                (_, None) => ("SIDE-11", "a commitment to records has no last one".to_owned()),
                (_, Some(last)) if last <= head.sequence_number => continue,
                (_, Some(last)) => {
                    let head = head.sequence_number;
                    ("SIDE-11", format!("a commitment reaches {last}, past the head at {head}"))
                }
            };
            let code = FailureCode::CheckpointScopeStateLastSequenceAfterCheckpoint;
            let at = self.commitment(index, "last_matching_sequence", commitment);
            return Err(about(fault(code, rule, at, summary)));
        }
        Ok(())
    }

    fn check_semantics(&self) -> Result<(), ClaimFault> {
        let unsupported = FailureCode::CheckpointScopeStateGrammarUnsupported;
        if !self.form.knows_grammar() {
            let at = self.at(&["predicate_grammar_version"]);
            let summary = format!("the grammar {} is not known here", quoted(self.form.grammar));
            return Err(about(fault(unsupported, "SIDE-15", at, summary)));
        }
        for (index, commitment) in self.form.commitments.iter().enumerate() {
            if let Err(beyond) = &commitment.predicate {
                let at = self.commitment(index, "predicate_value", commitment);
                return Err(about(fault(unsupported, beyond.rule(), at, beyond.summary())));
            }
        }
        if !self.form.knows_profile() {
            let code = FailureCode::CheckpointScopeStateCommitmentProfileUnknown;
            let at = self.at(&["commitment_profile"]);
            let summary =
                format!("the commitment profile {} is not known here", quoted(self.form.profile));
            return Err(about(fault(code, "SIDE-15", at, summary)));
        }
        Ok(())
    }

    fn check_predicates(&self) -> Result<(), ClaimFault> {
        let mut seen = BTreeSet::new();
        for (index, commitment) in self.form.commitments.iter().enumerate() {
            let at = || self.commitment(index, "predicate_value_hash", commitment);
            let computed = predicate_hash(commitment.predicate_value).ok();
            if computed != Some(commitment.stated_hash) {
                let code = FailureCode::CheckpointScopeStatePredicateHashMismatch;
                let summary = "a predicate does not have the hash that its commitment states";
                let expected = computed.map_or("none".to_owned(), |hash| hash.to_string());
                let wrong = fault(code, "SIDE-09", at(), summary);
                return Err(about(with(wrong, |finding| {
                    finding.values(expected, commitment.stated_hash.to_string())
                })));
            }
            if !seen.insert(commitment.stated_hash) {
                let code = FailureCode::CheckpointScopeStateCommitmentPredicateDuplicate;
                let summary = "two commitments are for the same predicate";
                return Err(about(fault(code, "SIDE-10", at(), summary)));
            }
        }
        Ok(())
    }

    /// What the specification demands and the reference does not look at.
    fn check_strictly(&self) -> Result<(), ClaimFault> {
        let form = self.form;
        let expected = scope_state_id(form.chain_scope, form.checkpoint_id);
        if form.scope_state_id != expected {
            let summary = "the id of the scope state is not made of its chain and its checkpoint";
            return Err(self.contradiction("SIDE-02", &["scope_state_id"], summary, &expected));
        }
        if form.trusted_key_id != form.key_id {
            let summary = "the scope state names one key where it is signed and another for trust";
            let path = ["trust_root_reference", "key_id"];
            return Err(self.contradiction("SIDE-07", &path, summary, form.key_id));
        }
        if Instant::parse(form.signed_at).is_none() {
            let summary = "`signed_at` is not a time";
            return Err(self.contradiction("SIDE-07", &["signed_at"], summary, "a time"));
        }
        for (index, commitment) in form.commitments.iter().enumerate() {
            if let Some(summary) = commitment.contradiction() {
                let at = self.commitment(index, "matching_count", commitment);
                let code = FailureCode::CheckpointScopeStateSchemaInvalid;
                return Err(about(fault(code, "SIDE-05", at, summary)));
            }
        }
        Ok(())
    }

    fn contradiction(
        &self,
        rule: &'static str,
        path: &[&str],
        summary: &str,
        expected: &str,
    ) -> ClaimFault {
        let code = FailureCode::CheckpointScopeStateSchemaInvalid;
        let actual = path.iter().try_fold(self.document, |value, name| value.get(name));
        about(with(fault(code, rule, self.at(path), summary), |finding| {
            finding.values(quoted(expected), shown(actual))
        }))
    }

    fn at(&self, path: &[&str]) -> Location {
        let value = path.iter().try_fold(self.document, |value, name| value.get(name));
        place().below(path, value)
    }

    fn commitment(&self, index: usize, name: &str, commitment: &CommitmentForm<'_>) -> Location {
        place().element(&["scope_commitments"], index).below(&[name], commitment.value.get(name))
    }
}

impl CommitmentForm<'_> {
    fn to_proof(&self) -> Commitment {
        let range = self.first.zip(self.last);
        Commitment { matching_count: self.count, range, membership_root: self.root }
    }

    /// Count, range and root that cannot all be true (SIDE-05).
    fn contradiction(&self) -> Option<&'static str> {
        let is_empty_root = self.root == MembershipTree::empty_root();
        match (self.count, self.first.zip(self.last)) {
            (0, _) if is_empty_root => None,
            (0, _) => Some("a commitment to no record has the root of some"),
            (_, None) => Some("a commitment to records has no first one"),
            (_, Some((first, last))) if first > last => {
                Some("the first record of a commitment comes behind its last one")
            }
            (count, Some((first, last))) if count - 1 > last - first => {
                Some("a commitment counts more records than its range has places for")
            }
            _ if is_empty_root => Some("a commitment to records has the root of none"),
            _ => None,
        }
    }
}

/// The document without the value of its signature.
pub(crate) fn without_signature<'v>(document: &Value<'v>) -> Value<'v> {
    let mut signed = document.as_object().cloned().unwrap_or_default();
    let mut signature: Object<'v> =
        signed.get("signature").and_then(Value::as_object).cloned().unwrap_or_default();
    signature.remove("signature");
    signed.insert("signature", signature);
    signed.into()
}

/// The code of a problem with the key. A key that is known and was not to be used speaks against
/// the scope state; one that is not known says nothing.
fn code_of(problem: &KeyProblem) -> FailureCode {
    match problem {
        KeyProblem::NotActive { .. }
        | KeyProblem::NoneActive { .. }
        | KeyProblem::UnreadableWindow { .. } => FailureCode::CheckpointScopeStateKeyNotActive,
        KeyProblem::Compromised { .. } | KeyProblem::Revoked { .. } => problem.code(),
        _ => FailureCode::CheckpointScopeStateKeyUnresolved,
    }
}

fn unreadable(error: &ReadError) -> ClaimFault {
    let at = Location::value(Artifact::ScopeState, error.pointer(), error.at());
    let summary = format!("the scope state cannot be read: {}", error.kind());
    if error.kind().is_limit() {
        let finding = Finding::failure(ReasonClass::BudgetExceeded, at, summary);
        return about(ClaimFault::new(Unsupported::InsufficientEvidence, finding));
    }
    missing(at, summary)
}

fn missing(at: Location, summary: impl Into<String>) -> ClaimFault {
    about(fault(FailureCode::CheckpointScopeStateMissing, "SIDE-12", at, summary))
}

pub(crate) fn form_fault(wrong: FormFault, rule: &'static str) -> ClaimFault {
    let at = Location::value(Artifact::ScopeState, wrong.pointer, wrong.at);
    let code = FailureCode::CheckpointScopeStateSchemaInvalid;
    about(with(fault(code, rule, at, wrong.summary), |finding| match wrong.values {
        Some((expected, actual)) => finding.values(expected, actual),
        None => finding,
    }))
}

fn about(fault: ClaimFault) -> ClaimFault {
    fault.evidence([SIDECAR])
}

fn place() -> Place {
    Place::new(Artifact::ScopeState, JsonPointer::root())
}
