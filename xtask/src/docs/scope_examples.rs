// SPDX-License-Identifier: Apache-2.0

//! Worked examples of checkpoints, predicates, scope states, segments and the absence of dispatches.

use permit_canonical_json::{
    Budget, ByteRange, HashedArtifact, JsonPointer, Profile, Sha256Digest, Value, from_value, read,
    to_value,
};
use permit_chain::ChainHead;
use permit_checkpoint::{CheckpointDraft, CheckpointRules, CheckpointTrust, judge_checkpoint};
use permit_claims::{ClaimFault, Unsupported};
use permit_failure_codes::ReasonClass;
use permit_keys::{KeyManifest, KeyPurpose, KeyRequest, verify_scope_state};
use permit_scope::{
    AbsenceEvidence, CheckpointEvidence, CheckpointHead, CommitmentDraft, Predicate,
    RevocationFacts, ScopeBudget, ScopeEvidence, ScopeStateDraft, ScopeStateKeys, SealedScopeState,
    SegmentDraft, VerifiedCheckpoint, absence_predicate, adjudicate_dispatch_absence,
    adjudicate_scope_faithfulness, evidence_record, scope_faithfulness_block,
};
use permit_types::{
    Artifact, BoundaryPolicy, CheckpointId, Finding, Location, NonEmpty, NonEmptyText, OpenObject,
    PresentationPolicy, PresentationPolicyKind, PresentationPolicyVersion, ScopeKind,
    ScopePredicate, StartBoundary,
};

use super::{
    markdown::{facts, fenced, json},
    record_examples::MODE,
    story::{COMPUTED_AT, Story, ensure, time},
};
use crate::{ChoreError, example_bundle::identifier};

/// The checkpoint at noon.
pub(crate) fn checkpoint(story: &Story) -> Result<String, ChoreError> {
    let document = checkpoint_document(story)?;
    let keys = story.trust()?;
    verified(&document, &keys)?;
    let last = story.chain.last().ok_or("the chain is empty")?;
    // By hand, as the document says it.
    let line = format!(
        "{}:{}:{}",
        last.chain_scope.as_str(),
        last.sequence_number.get(),
        last.record_hash
    );
    let hash = Sha256Digest::of(line.as_bytes()).prefixed().to_string();
    ensure(
        document.get("composite_hash").and_then(Value::as_str) == Some(hash.as_str()),
        "the composite hash is that of the lines",
    )?;
    Ok(format!(
        "{}\nThe one line of its one head:\n\n{}\n{}",
        json(&document),
        fenced("text", &line),
        facts([("SHA-256 of it, and message that is signed", hash.as_str())]),
    ))
}

/// The predicate that asks for dispatches after the revocation.
pub(crate) fn predicate(story: &Story) -> Result<String, ChoreError> {
    let predicate = to_value(&asked(story)?)?;
    let canonical = HashedArtifact::ScopePredicateV1.profile().to_text(&predicate)?;
    let hash = Sha256Digest::of(canonical.as_bytes()).prefixed().to_string();
    let read = Predicate::read(&predicate).map_err(|fault| fault.summary().to_owned())?;
    ensure(read.hash().to_string() == hash, "the hash is that of the canonical text")?;
    Ok(format!(
        "{}\n{}\n{}",
        json(&predicate),
        fenced("text", &canonical),
        facts([("`predicate_value_hash`", hash.as_str())]),
    ))
}

/// The scope state that commits to that predicate, and to all dispatches.
pub(crate) fn scope_state(story: &Story) -> Result<String, ChoreError> {
    let sealed = sealed_state(story)?;
    let state = read(sealed.bytes(), &Budget::default())?;
    let mut signed = state.as_object().ok_or("no object")?.clone();
    let mut block =
        signed.get("signature").and_then(Value::as_object).ok_or("no signature")?.clone();
    let signature = block.remove("signature").ok_or("no signature")?;
    signed.insert("signature", block);
    let canonical = Profile::Payload.to_text(&signed.into())?;
    let keys = story.trust()?;
    let key_id = story.scope_key.key_id().to_string();
    let request =
        KeyRequest::new().key_id(key_id.as_str()).signed_at(sealed.state().signed_at.instant());
    let key = keys.resolve(KeyPurpose::ScopeState, &request, MODE)?;
    verify_scope_state(canonical.as_bytes(), signature.as_str().unwrap_or_default(), &key)?;
    // The tree of the commitment to dispatches, by hand: two leaves and a node.
    let predicate = Predicate::of(&dispatches()?).map_err(|fault| fault.summary().to_owned())?;
    let leaves = story.chain.iter().filter(|entry| entry.event_type.as_str() == DISPATCH);
    let leaves = leaves.map(|entry| {
        let leaf = Value::object([
            ("canonical_predicate_value_hash", Value::from(predicate.hash().to_string())),
            ("event_id", entry.event_id.as_str().to_owned().into()),
            ("record_hash", entry.record_hash.to_string().into()),
            ("sequence_number", entry.sequence_number.get().into()),
        ]);
        let text = Profile::Payload.to_text(&leaf)?;
        let bytes = [&[0_u8], text.as_bytes()].concat();
        Ok::<_, ChoreError>((text, Sha256Digest::of(&bytes)))
    });
    let leaves = leaves.collect::<Result<Vec<_>, _>>()?;
    let [(first, left), (second, right)] = leaves.as_slice() else {
        return Err("there were two dispatches".into());
    };
    let node = [&[1_u8], left.as_bytes().as_slice(), right.as_bytes().as_slice()].concat();
    let root = Sha256Digest::of(&node).prefixed().to_string();
    let commitment = sealed.state().scope_commitments.iter().find(|one| one.matching_count == 2);
    ensure(
        commitment.is_some_and(|one| one.membership_root_hash.to_string() == root),
        "the root is that of two leaves",
    )?;
    Ok(format!(
        "{}\nIts second commitment is to both dispatches of the morning. The objects of the two leaves:\n\n{}\n{}",
        json(&state),
        fenced("text", &format!("{first}\n{second}")),
        facts([
            ("SHA-256 of `00` and the first", left.to_string().as_str()),
            ("SHA-256 of `00` and the second", &right.to_string()),
            ("SHA-256 of `01` and both, `membership_root_hash`", &root),
            ("SHA-256 of the file", &sealed.artifact_hash().to_string()),
            ("storage key", &sealed.storage_key()),
        ]),
    ))
}

/// A segment that shows what happened from the revocation on.
pub(crate) fn segment(story: &Story) -> Result<String, ChoreError> {
    let document = export_document(story)?;
    judge(story, &document)?;
    let block = document.get("scope_faithfulness").ok_or("no block")?;
    let segment = block.get("segments").and_then(Value::as_array).and_then(|all| all.first());
    let filters =
        segment.and_then(|segment| segment.get("canonical_filters")).ok_or("no filters")?;
    let raw = filters.get("raw_filters").ok_or("no filters")?;
    let hash = Sha256Digest::of(Profile::Payload.to_text(raw)?.as_bytes()).prefixed().to_string();
    ensure(
        filters.get("filters_hash").and_then(Value::as_str) == Some(hash.as_str()),
        "the filters hash as stated",
    )?;
    Ok(json(block))
}

/// The answer about dispatches after the revocation.
pub(crate) fn absence(story: &Story) -> Result<String, ChoreError> {
    let document = export_document(story)?;
    let statement = judge(story, &document)?;
    let event = story.revocation.event();
    Ok(format!(
        "The revocation, checkpoint, scope state and segment of the chapters together show this and no more:\n\n> {statement}\n\n{}",
        facts([
            ("permit", event.permit_id.as_str()),
            ("`effective_at`", event.effective_at.as_str()),
            ("`computed_at` of the checkpoint", COMPUTED_AT),
        ]),
    ))
}

const DISPATCH: &str = "dispatch.egress_bound";

fn checkpoint_document(story: &Story) -> Result<Value<'static>, ChoreError> {
    let last = story.chain.last().ok_or("the chain is empty")?;
    let draft = CheckpointDraft::new(checkpoint_id()?, time(COMPUTED_AT)?);
    let draft = draft.head(&ChainHead::after(last))?;
    Ok(draft.seal(&story.checkpoint_key)?.to_value())
}

fn checkpoint_id() -> Result<CheckpointId, ChoreError> {
    CheckpointId::parse(&identifier("checkpoint")).ok_or_else(|| "no checkpoint id".into())
}

/// The checkpoint as the scope layer wants to know it, verified.
fn verified(document: &Value<'_>, keys: &KeyManifest) -> Result<VerifiedCheckpoint, ChoreError> {
    let trust = CheckpointTrust::keys(keys).in_mode(MODE);
    let facts = judge_checkpoint(document, &trust, &CheckpointRules::default())?;
    let signed = facts.signed().ok_or("the checkpoint is not signed")?;
    let heads = signed.heads().heads().iter().map(|head| {
        let shown = CheckpointHead {
            sequence_number: head.sequence_number(),
            last_record_hash: head.last_record_hash().to_owned(),
        };
        (head.scope().to_owned(), shown)
    });
    Ok(VerifiedCheckpoint {
        checkpoint_id: facts.checkpoint_id().unwrap_or_default().to_owned(),
        computed_at: facts.computed_at().map(str::to_owned),
        heads: heads.collect(),
    })
}

fn asked(story: &Story) -> Result<ScopePredicate, ChoreError> {
    let event = story.revocation.event();
    Ok(absence_predicate(
        &event.project_id,
        &event.permit_id,
        &event.effective_at,
        &time(COMPUTED_AT)?,
    )?)
}

fn dispatches() -> Result<ScopePredicate, ChoreError> {
    let text = br#"{"version": "keel.scope_predicate.v1", "operator": "and",
        "equals": {"event_type": "dispatch.egress_bound"}, "ranges": {}}"#;
    Ok(from_value(&read(text, &Budget::default())?)?)
}

fn sealed_state(story: &Story) -> Result<SealedScopeState, ChoreError> {
    let mut commitments = Vec::new();
    for predicate in [asked(story)?, dispatches()?] {
        let mut draft = CommitmentDraft::new(predicate)?;
        for entry in &story.chain {
            draft.look_at(entry)?;
        }
        commitments.push(draft.finish());
    }
    let last = story.chain.last().ok_or("the chain is empty")?;
    let draft = ScopeStateDraft {
        checkpoint_id: checkpoint_id()?,
        chain_scope: NonEmpty::new(last.chain_scope.clone()).ok_or("no scope")?,
        head: last.sequence_number,
        commitments,
        signed_at: time("2026-05-11T12:00:30.000000Z")?,
    };
    Ok(draft.seal(&story.scope_key)?)
}

/// What an export would have in its signed payload.
fn export_document(story: &Story) -> Result<Value<'static>, ChoreError> {
    let sealed = sealed_state(story)?;
    let [.., before, last] = story.chain.as_slice() else {
        return Err("the chain is too short".into());
    };
    let text = |text: &str| NonEmptyText::parse(text).ok_or("a text is empty");
    let filters = Value::object([
        ("permit_id", story.revocation.event().permit_id.as_str().to_owned()),
        ("since", story.revocation.event().effective_at.as_str().to_owned()),
    ]);
    let filters = filters.as_object().ok_or("no object")?.clone();
    let segment = SegmentDraft {
        segment_id: text("after-revocation")?,
        scope_kind: ScopeKind::DeclaredPopulation,
        population_label: text("dispatches of the reorder after its revocation")?,
        predicate: asked(story)?,
        presentation_policy: PresentationPolicy {
            version: PresentationPolicyVersion,
            policy_kind: PresentationPolicyKind::None,
            policy_parameters: OpenObject::default(),
        },
        start: StartBoundary::PredecessorProof {
            chain_scope: NonEmpty::new(last.chain_scope.clone()).ok_or("no scope")?,
            predecessor_sequence_number: before.sequence_number,
            predecessor_record_hash: text(&before.record_hash.to_string())?,
            first_evidence_sequence_number: last.sequence_number,
        },
        boundary_policy: BoundaryPolicy::ExplicitCheckpoint,
        raw_filters: filters.into(),
        records: vec![evidence_record(last)?],
        head: (last.sequence_number, text(&last.record_hash.to_string())?),
        scope_state: &sealed,
        storage_uri: Some(sealed.storage_key()),
    }
    .seal()?;
    let block = scope_faithfulness_block(vec![segment]).ok_or("no segment")?;
    Ok(Value::object([
        ("project_id", Value::from(identifier("project"))),
        ("scope_faithfulness", to_value(&block)?),
    ]))
}

/// Judges both claims, and gives the statement of the second.
fn judge(story: &Story, document: &Value<'_>) -> Result<String, ChoreError> {
    let keys = story.trust()?;
    let checkpoint = checkpoint_document(story)?;
    let checkpoint = Profile::Payload.to_text(&checkpoint)?;
    let judge = |bytes: &[u8]| {
        let fault = || {
            let at =
                Location::value(Artifact::Checkpoint, JsonPointer::root(), ByteRange::default());
            let finding = Finding::failure(ReasonClass::VerificationFailed, at, "not verified");
            ClaimFault::new(Unsupported::Disproved, finding)
        };
        let document = read(bytes, &Budget::default()).map_err(|_| fault())?;
        verified(&document, &keys).map_err(|_| fault())
    };
    let checkpoint = CheckpointEvidence::judge(Some(checkpoint.as_bytes()), &judge);
    let state = sealed_state(story)?;
    let sidecars = |_: &str, _: Option<&str>| Some(state.bytes().to_vec());
    let scope = adjudicate_scope_faithfulness(&ScopeEvidence {
        document,
        manifest: None,
        checkpoint: &checkpoint,
        sidecars: &sidecars,
        keys: ScopeStateKeys::of(&keys, MODE),
        budget: ScopeBudget::default(),
    });
    scope.faithfulness().map_err(|fault| fault.message().to_owned())?;
    let event = story.revocation.event();
    let facts = RevocationFacts::new(
        event.permit_id.as_str(),
        event.project_id.as_str(),
        event.effective_at.as_str(),
    );
    let facts = facts.ok_or("the revocation has no time")?;
    let absence = adjudicate_dispatch_absence(&AbsenceEvidence {
        document,
        revocation: Ok(&facts),
        checkpoint: &checkpoint,
        scope: &scope,
    });
    Ok(absence.map_err(|fault| fault.message().to_owned())?.statement())
}
