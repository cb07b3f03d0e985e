// SPDX-License-Identifier: Apache-2.0

//! An export that declares what it shows of a chain, the scope state that commits to it, and the
//! checkpoint under both.

use permit_canonical_json::{Value, to_value};
use permit_checkpoint::CheckpointDraft;
use permit_scope::{
    CommitmentDraft, ScopeStateDraft, SegmentDraft, evidence_record, scope_faithfulness_block,
};
use permit_types::{
    BoundaryPolicy, ChainEntryRef, CheckpointId, FirstSequence, NonEmpty, NonEmptyText, OpenObject,
    PredicateEquals, PredicateGrammar, PredicateOperator, PredicateRanges, PresentationPolicy,
    PresentationPolicyKind, PresentationPolicyVersion, ScopeFaithfulnessAddition, ScopeKind,
    ScopePredicate, StartBoundary,
};

use crate::ChoreError;

use super::{
    gallery::{Gallery, TRUST},
    keys::Keys,
    names::{identifier, rfc3339},
    permits::Asked,
    records::{Event, Records, about},
};

/// Keeps and lists them.
pub(crate) fn put(gallery: &mut Gallery, keys: &Keys) -> Result<(), ChoreError> {
    let records = morning()?;
    let entries = records.entries();
    let (first, last) = entries.first().zip(entries.last()).ok_or("the chain is empty")?;
    let mut commitment = CommitmentDraft::new(dispatches())?;
    for entry in entries {
        commitment.look_at(entry)?;
    }
    let checkpoint_id = CheckpointId::parse(&identifier("scope checkpoint"));
    let checkpoint_id = checkpoint_id.ok_or("the checkpoint has no id")?;
    let computed_at = rfc3339("2026-06-01T23:59:00Z")?;
    let checkpoint = CheckpointDraft::new(checkpoint_id.clone(), computed_at.clone());
    let checkpoint = checkpoint.head(records.head())?.seal(&keys.checkpoint)?;
    let chain_scope = NonEmpty::new(last.chain_scope.clone()).ok_or("the chain has no scope")?;
    let state = ScopeStateDraft {
        checkpoint_id,
        chain_scope: chain_scope.clone(),
        head: last.sequence_number,
        commitments: vec![commitment.finish()],
        signed_at: computed_at,
    }
    .seal(&keys.scope_state)?;
    let text = |text: &str| NonEmptyText::parse(text).ok_or("a text is empty");
    let shown = entries.iter().map(evidence_record).collect::<Result<Vec<ChainEntryRef>, _>>()?;
    let segment = SegmentDraft {
        segment_id: text("dispatches")?,
        scope_kind: ScopeKind::DeclaredPopulation,
        population_label: text("everything that was sent out")?,
        predicate: dispatches(),
        presentation_policy: PresentationPolicy {
            version: PresentationPolicyVersion,
            policy_kind: PresentationPolicyKind::None,
            policy_parameters: OpenObject::default(),
        },
        start: StartBoundary::Genesis {
            chain_scope,
            sequence_number: FirstSequence,
            genesis_prev_hash: text(&first.prev_hash.to_string())?,
        },
        boundary_policy: BoundaryPolicy::ExplicitCheckpoint,
        raw_filters: OpenObject::default(),
        records: shown,
        head: (last.sequence_number, text(&last.record_hash.to_string())?),
        scope_state: &state,
        storage_uri: Some(STATE.to_owned()),
    }
    .seal()?;
    let block = scope_faithfulness_block(vec![segment]).ok_or("there is no segment")?;
    let addition = to_value(&ScopeFaithfulnessAddition { scope_faithfulness: block })?;
    let shown = u64::try_from(entries.len())?;
    gallery.signed("scope", &addition, shown, None, keys)?;

    let export = "examples/scope/export.json";
    let manifest = format!("{export}.manifest.json");
    let command = format!(
        "permit-verify claim scope_faithfulness --export-file {export} --manifest {manifest} {TRUST} --format text"
    );
    let what = "an export that declares what it shows: all that was sent out";
    gallery.list_signed(export, what, "export-scope-faithfulness-v1", &command);
    let path = format!("examples/scope/{STATE}");
    gallery.file(&path, state.bytes());
    let what = "the scope state that commits to that";
    gallery.verifiable(&path, what, Some("checkpoint-scope-state-v1"), &command, 0);
    let path = "examples/scope/checkpoint.json";
    gallery.document(path, &checkpoint.to_value());
    gallery.verifiable(path, "the checkpoint that the scope state is of", None, &command, 0);
    Ok(())
}

/// What is declared: everything that was sent out.
fn dispatches() -> ScopePredicate {
    let event_type = Some("dispatch.egress_bound".to_owned());
    ScopePredicate {
        version: PredicateGrammar,
        operator: PredicateOperator,
        equals: PredicateEquals { event_type, ..PredicateEquals::default() },
        ranges: PredicateRanges::default(),
    }
}

/// A chain with two permits, one of which was used.
fn morning() -> Result<Records, ChoreError> {
    let mut records = Records::new(&format!("project:{}", identifier("project")));
    for (name, at, sent) in [("sent", "13:00:00", true), ("not sent", "13:10:00", false)] {
        let asked = Asked {
            name,
            action: "mail.draft_reply",
            decision: "allow",
            code: "policy.allowed",
            reason: "drafts need no approval",
            at: at.to_owned(),
            body: r#"{"model": "example-large", "messages": []}"#,
        };
        let permit = asked.permit()?;
        let hash = permit.binding_request_hash.ok_or("the permit is not bound")?.to_string();
        let evaluated = about(&permit, [("decision", "allow".into())]);
        let dispatched = about(&permit, [("dispatch_request_digest_v1", Value::from(hash))]);
        let events = [
            ("permit.evaluated", "120", evaluated, true),
            ("dispatch.egress_bound", "260", dispatched, sent),
        ];
        for (event_type, milliseconds, payload, _) in events.into_iter().filter(|event| event.3) {
            let at = format!("{at}.{milliseconds}");
            records.event(name, &permit, Event { event_type, outcome: "success", at, payload })?;
        }
    }
    Ok(records)
}

const STATE: &str = "scope-state.json";
