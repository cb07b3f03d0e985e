// SPDX-License-Identifier: Apache-2.0

//! What issuers make, and what they are refused.

use permit_canonical_json::{from_value, to_value};
use permit_scope::{
    CommitmentDraft, CommitmentError, ScopeStateDraft, ScopeStateIssueError, SegmentIssueError,
    evidence_record, scope_faithfulness_block, scope_state_id,
};
use permit_types::{
    ChainEntry, ChainScope, CheckpointId, CheckpointScopeState, EventId, NonEmpty, Rfc3339,
    ScopeFaithfulness, ScopePredicate, StartBoundary,
};
use serde_json::{Value as Json, json};

use crate::pack::{
    CHECKPOINT, P, Pack, Q, SCOPE, SIGNED_AT, asking, chain, checkpoint_key, equals, genesis,
    loose, number, scope_key, scope_state, segment_draft, strict, text, typed,
};

fn commitment(entries: &[ChainEntry], predicate: &Json) -> Result<u64, CommitmentError> {
    let mut draft = CommitmentDraft::new(typed::<ScopePredicate>(predicate))?;
    entries.iter().try_for_each(|entry| draft.look_at(entry).map(|_| ()))?;
    Ok(draft.finish().matching_count)
}

#[test]
fn side_01_and_side_02_what_is_sealed_has_the_closed_form() {
    let entries = chain();
    let state = scope_state(&entries, &[equals(&[]), asking()]);
    let read = permit_canonical_json::read(state.bytes(), &Default::default()).unwrap();
    assert_eq!(from_value::<CheckpointScopeState>(&read).unwrap(), *state.state());
    assert_eq!(state.state().scope_state_id.as_str(), scope_state_id(SCOPE, CHECKPOINT));
    assert!(state.storage_key().starts_with("scope-state/v1/"), "SIDE-14");
    let pack = Pack::of(&[equals(&[]), asking()]);
    let block = strict(&pack.document["scope_faithfulness"]);
    assert!(from_value::<ScopeFaithfulness>(&block).is_ok());
    assert!(scope_faithfulness_block(Vec::new()).is_none());
}

#[test]
fn side_05_a_commitment_to_nothing_has_no_range_and_the_empty_root() {
    let state = scope_state(&chain(), &[asking()]);
    let commitment = &state.state().scope_commitments[0];
    assert_eq!(commitment.matching_count, 0);
    assert_eq!(
        (commitment.first_matching_sequence, commitment.last_matching_sequence),
        (None, None)
    );
    assert!(commitment.membership_root_hash.to_string().starts_with("sha256:e3b0c442"));
}

#[test]
fn side_07_a_checkpoint_key_signs_and_says_so() {
    let draft = ScopeStateDraft {
        checkpoint_id: CheckpointId::parse(CHECKPOINT).unwrap(),
        chain_scope: NonEmpty::new(ChainScope::new(SCOPE)).unwrap(),
        head: number(8),
        commitments: scope_state(&chain(), &[asking()]).state().scope_commitments.to_vec(),
        signed_at: Rfc3339::parse(SIGNED_AT).unwrap(),
    };
    let sealed = draft.clone().seal(&checkpoint_key()).unwrap();
    assert_eq!(sealed.state().trust_root_reference.purpose.as_str(), "integrity_checkpoint");
    assert_eq!(sealed.state().signature.key_id, sealed.state().trust_root_reference.key_id);

    let none = ScopeStateDraft { commitments: Vec::new(), ..draft.clone() };
    assert_eq!(none.seal(&scope_key()), Err(ScopeStateIssueError::NoCommitment));
    let twice = [draft.commitments.clone(), draft.commitments.clone()].concat();
    let twice = ScopeStateDraft { commitments: twice, ..draft.clone() };
    assert!(
        matches!(twice.seal(&scope_key()), Err(ScopeStateIssueError::TwoForOnePredicate { .. })),
        "SIDE-10"
    );
    let all = scope_state(&chain(), &[equals(&[])]).state().scope_commitments.to_vec();
    let early = ScopeStateDraft { head: number(7), commitments: all, ..draft };
    let past = ScopeStateIssueError::PastHead { last: number(8), head: number(7) };
    assert_eq!(early.seal(&scope_key()), Err(past), "SIDE-11");
}

#[test]
fn chain_07_entries_are_looked_at_in_the_order_of_one_chain() {
    let mut entries = chain();
    assert_eq!(commitment(&entries, &equals(&[("permit_id", P)])), Ok(5));
    entries.swap(1, 2);
    assert!(matches!(commitment(&entries, &equals(&[])), Err(CommitmentError::OutOfOrder(_))));
    // Entries that do not match keep the order, too.
    assert!(matches!(commitment(&entries, &asking()), Err(CommitmentError::OutOfOrder(_))));
    let mut entries = chain();
    entries[3].chain_scope = ChainScope::new("admin:global");
    let event_id = EventId::new("evt_4");
    assert_eq!(commitment(&entries, &asking()), Err(CommitmentError::OtherChain { event_id }));
    let mut exchanged = equals(&[]);
    exchanged["ranges"] = json!({ "sequence_number": { "gte": 5, "lte": 4 } });
    assert!(matches!(commitment(&chain(), &exchanged), Err(CommitmentError::Predicate(_))));
}

/// The entry says one thing, its payload another: verifiers would not agree on what is in.
#[test]
fn pred_04_an_entry_that_matches_for_one_reader_alone_is_not_committed_to() {
    let with = |member: &'static str, value: &str| {
        let mut entries = chain();
        let mut payload = entries[2].payload_json.clone().into_object();
        payload.insert(member, value.to_owned());
        entries[2].payload_json = payload.into();
        entries
    };
    let event_id = EventId::new("evt_3");
    for (name, entries, predicate) in [
        ("severity", with("severity", "critical"), equals(&[("severity", "critical")])),
        ("severity", with("severity", "critical"), equals(&[("severity", "info")])),
        ("the permit", with("permit_id", P), equals(&[("permit_id", P)])),
        ("the time", with("occurred_at", "at noon"), {
            let mut predicate = asking();
            predicate["equals"] = json!({ "permit_id": Q });
            predicate
        }),
    ] {
        let unclear = CommitmentError::Unclear { event_id: event_id.clone() };
        assert_eq!(commitment(&entries, &predicate), Err(unclear), "{name}");
    }
    // A predicate about something else does not mind.
    assert_eq!(commitment(&with("severity", "critical"), &equals(&[("permit_id", P)])), Ok(5));
}

#[test]
fn amb_38_records_have_nine_members_and_what_predicates_look_up() {
    let entries = chain();
    let record = loose(&to_value(&evidence_record(&entries[0]).unwrap()).unwrap());
    assert_eq!(record.as_object().unwrap().len(), 9);
    assert_eq!(record["payload_json"]["severity"], "info");
    assert_eq!(record["payload_json"]["resource_id"], P);
    assert!(record["payload_json"].get("outcome").is_none());
    // What the payload says stays.
    let mut own = entries[0].clone();
    let mut payload = own.payload_json.into_object();
    payload.insert("severity", "critical");
    own.payload_json = payload.into();
    let record = loose(&to_value(&evidence_record(&own).unwrap()).unwrap());
    assert_eq!(record["payload_json"]["severity"], "critical");
    own.event_id = EventId::new("");
    assert!(matches!(evidence_record(&own), Err(CommitmentError::Empty { .. })));
}

#[test]
fn sfe_13_a_segment_is_refused_if_the_scope_state_commits_to_something_else() {
    let entries = chain();
    let predicate = equals(&[("permit_id", P)]);
    let state = scope_state(&entries, std::slice::from_ref(&predicate));
    let draft = || segment_draft("s", &entries, &predicate, &state);
    assert!(draft().seal().is_ok());
    let mut other = draft();
    other.predicate = typed(&equals(&[("permit_id", Q)]));
    assert_eq!(other.seal(), Err(SegmentIssueError::NotCommitted));
    let mut less = draft();
    less.records.remove(3);
    assert_eq!(less.seal(), Err(SegmentIssueError::NotCommitted));
    let mut redacted = draft();
    redacted.records[0].payload_json = Default::default();
    assert_eq!(redacted.seal(), Err(SegmentIssueError::NotCommitted));
}

#[test]
fn sfe_08_and_sfe_09_a_segment_is_refused_if_records_are_missing() {
    let entries = chain();
    let predicate = equals(&[("permit_id", P)]);
    let state = scope_state(&entries, std::slice::from_ref(&predicate));
    let draft = || segment_draft("s", &entries, &predicate, &state);
    let reason = |segment: Result<_, SegmentIssueError>| match segment {
        Err(SegmentIssueError::NotFaithful(fault)) => fault.reason().as_str(),
        other => panic!("{other:?}"),
    };
    let mut short = draft();
    short.records.truncate(7);
    assert_eq!(short.seal(), Err(SegmentIssueError::NotToTheEnd));
    let mut gap = draft();
    gap.records.remove(2);
    assert_eq!(reason(gap.seal()), "EXPORT_CHAIN_PROOF_DISCONTINUITY");
    let mut late = draft();
    let StartBoundary::Genesis { chain_scope, sequence_number, .. } = genesis(&entries) else {
        panic!("not a genesis")
    };
    late.start = StartBoundary::Genesis {
        chain_scope,
        sequence_number,
        genesis_prev_hash: text("another one"),
    };
    assert_eq!(reason(late.seal()), "EXPORT_BOUNDARY_START_MISMATCH");
    let mut head = draft();
    head.head.1 = text(&"0".repeat(64));
    assert_eq!(reason(head.seal()), "EXPORT_BOUNDARY_CHECKPOINT_MISMATCH");
}

#[test]
fn pred_04_a_record_that_cannot_be_sorted_is_refused() {
    let entries = chain();
    let mut predicate = equals(&[]);
    predicate["ranges"] = asking()["ranges"].clone();
    let state = scope_state(&entries, std::slice::from_ref(&predicate));
    let mut draft = segment_draft("s", &entries, &predicate, &state);
    let mut payload = draft.records[1].payload_json.clone().into_object();
    payload.insert("occurred_at", "at noon");
    draft.records[1].payload_json = payload.into();
    let event_id = EventId::new("evt_2");
    assert_eq!(draft.seal(), Err(SegmentIssueError::Unclear { event_id }));
}

#[test]
fn errors_are_one_line_without_a_stop() {
    let entries = chain();
    let state = scope_state(&entries, &[asking()]);
    let mut gap = segment_draft("s", &entries, &asking(), &state);
    gap.records.remove(2);
    let refused = gap.seal().unwrap_err().to_string();
    let event_id = EventId::new("e");
    for text in [
        refused,
        CommitmentError::Unclear { event_id: event_id.clone() }.to_string(),
        CommitmentError::OtherChain { event_id }.to_string(),
        ScopeStateIssueError::PastHead { last: number(9), head: number(8) }.to_string(),
        SegmentIssueError::NotCommitted.to_string(),
    ] {
        assert!(!text.contains('\n') && !text.ends_with('.'), "{text}");
        assert!(text.starts_with(|first: char| first.is_lowercase()), "{text}");
    }
}
