// SPDX-License-Identifier: Apache-2.0

//! Records about exports that declare a scope.

use serde_json::{Value as Json, json};

use super::table::Row;
use crate::generator::{
    case_draft::CaseDraft,
    checkpoint::Checkpoint,
    document::{array_mut, at, file, number, remove, set, text},
    fault::Fault,
    pack::{PROJECT, Pack, SCOPE, hex, permit_id},
    scope_pack::{EVENTS, SCOPE_CLAIMS, SIDECAR, ScopePack, chain, equals, scope_state, segment},
    test_keys::{SCOPE as SCOPE_KEY, SCOPE_NEXT},
};

const OTHER_SCOPE: &str = "project:10000000-0000-4000-8000-000000000002";

pub(super) fn put(row: &Row, draft: CaseDraft) -> Result<CaseDraft, Fault> {
    let pack = match row.number {
        71 => two_scopes()?,
        number => made(number)?.pack()?,
    };
    pack.put_into(draft)
}

/// All records of one permit.
fn usual() -> Result<ScopePack, Fault> {
    ScopePack::of(&equals(&[("permit_id", permit_id(1))]))
}

fn made(number: u8) -> Result<ScopePack, Fault> {
    let kind = |kind: &str, value: &str| ScopePack::of(&equals(&[(kind, value.to_owned())]));
    match number {
        52 => ScopePack::of(&equals(&[]))?
            .bent(|segment| set(segment, "/declared_scope/scope_kind", "declared_population")),
        54 => kind("event_type", "dispatch.egress_bound"),
        55 => {
            let mut predicate = equals(&[]);
            let range = json!({ "gte": "2026-05-09T10:03:00Z", "lt": "2026-05-09T10:08:00Z" });
            set(&mut predicate, "/ranges/created_at", range)?;
            ScopePack::of(&predicate)
        }
        56 => kind("provider", "other-provider"),
        57 => usual()?.bent(|segment| {
            let policy = "/declared_scope/presentation_policy";
            set(segment, &format!("{policy}/policy_kind"), "field_redaction")?;
            set(segment, &format!("{policy}/policy_parameters"), json!({ "fields": ["reason"] }))
        }),
        58 => usual()?.bent(|segment| {
            remove(segment, "/chain_evidence/disclosure_records/0")?;
            Ok(())
        }),
        59 => usual()?.bent(tail_cut),
        60 => usual()?.bent(|segment| {
            let relabelled =
                equals(&[("permit_id", permit_id(1)), ("project_id", PROJECT.to_owned())]);
            set(segment, "/declared_scope/predicate", relabelled)
        }),
        61 => {
            let mut pack = usual()?.bent(|segment| {
                set(segment, "/declared_end/boundary_policy", "latest_checkpoint_at_export")
            })?;
            let later = json!({ "later_checkpoints": [{
                "chain_scope": SCOPE,
                "checkpoint_id": "40000000-0000-4000-8000-000000000002",
                "sequence_number": 9,
            }]});
            set(&mut pack.document, "/scope_faithfulness_freshness", later)?;
            Ok(pack)
        }
        62 => usual()?.bent(|segment| {
            set(
                segment,
                "/declared_start",
                json!({
                    "chain_scope": SCOPE,
                    "first_evidence_sequence_number": 10,
                    "kind": "predecessor_proof",
                    "predecessor_record_hash": hex("an entry before"),
                    "predecessor_sequence_number": 9,
                }),
            )
        }),
        63 => usual()?.bent(|segment| {
            let bridge = remove(segment, "/chain_evidence/proof_bridge_records/0")?;
            array_mut(segment, "/chain_evidence/disclosure_records")?.insert(2, bridge);
            Ok(())
        }),
        64 => {
            let mut pack = usual()?;
            pack.sidecar = None;
            Ok(pack)
        }
        65 => usual()?.bent_unsigned(|state| set(state, "/tree_size", 7)),
        66 => usual()?.bent_state(|state| set(state, "/scope_commitments/0/matching_count", 4)),
        67 => usual()?.bent_state(|state| {
            let root = format!("sha256:{}", hex("another tree"));
            set(state, "/scope_commitments/0/membership_root_hash", root)
        }),
        68 => usual()?.bent_state(|state| {
            let again = at(state, "/scope_commitments/0")?.clone();
            array_mut(state, "/scope_commitments")?.push(again);
            Ok(())
        }),
        69 => kind("permit_id", &permit_id(9)),
        70 => kind("event_type", "permit.revoked"),
        72 => {
            let predicate = equals(&[("permit_id", permit_id(1))]);
            let mut pack = ScopePack::signed_by(&chain(SCOPE, &EVENTS)?, &predicate, SCOPE_NEXT)?;
            pack.trust.push(SCOPE_NEXT);
            Ok(pack)
        }
        73 => usual()?.bent_state(|state| {
            set(state, "/predicate_grammar_version", "keel.scope_predicate.v99")
        }),
        74 => usual()?
            .bent_state(|state| set(state, "/commitment_profile", "keel.scope_state.merkle.v99")),
        75 => kind("event_type", "execution.completed"),
        76 => usual()?.bent(|segment| {
            set(segment, "/chain_evidence/proof_bridge_records/0/chain_scope", OTHER_SCOPE)
        }),
        _ => usual(),
    }
}

/// Takes the last evidence away, and declares the end where it then is.
fn tail_cut(segment: &mut Json) -> Result<(), Fault> {
    let bridges = array_mut(segment, "/chain_evidence/proof_bridge_records")?;
    bridges.pop();
    let last = bridges.pop().ok_or_else(|| Fault::new("there are too few bridges"))?;
    bridges.push(last.clone());
    set(segment, "/declared_end/sequence_number", number(&last, "/sequence_number")?)?;
    set(segment, "/declared_end/last_record_hash", text(&last, "/record_hash")?)
}

/// Two segments of two scopes, each with its scope state, under one checkpoint.
fn two_scopes() -> Result<Pack, Fault> {
    let predicate = equals(&[("permit_id", permit_id(1))]);
    let first = chain(SCOPE, &EVENTS)?;
    let second = chain(OTHER_SCOPE, EVENTS.get(..3).unwrap_or_default())?;
    let (places, mut states, mut segments, mut heads) =
        ([SIDECAR, "sidecars/second.json"], Vec::new(), Vec::new(), Vec::new());
    for (index, (scope, entries)) in
        [(SCOPE, &first), (OTHER_SCOPE, &second)].into_iter().enumerate()
    {
        let state = scope_state(scope, entries, std::slice::from_ref(&predicate), SCOPE_KEY)?;
        let place = places.get(index).copied().unwrap_or_default();
        let id = format!("segment-{}", index.saturating_add(1));
        segments.push(segment(&id, entries, &predicate, &state, place)?);
        states.push((place, state));
        let last = entries.last().ok_or_else(|| Fault::new("the chain is empty"))?;
        let head = (number(last, "/sequence_number")?, text(last, "/record_hash")?);
        heads.push((scope.to_owned(), head.0, head.1));
    }
    let mut pack = ScopePack::over(&first, &predicate)?;
    set(&mut pack.document, "/scope_faithfulness/segments", segments)?;
    pack.checkpoint = Some(Checkpoint::of_heads(&heads)?);
    pack.claims = SCOPE_CLAIMS.to_vec();
    let mut files = pack.pack()?;
    for (place, state) in states {
        let role = if place == SIDECAR { "sidecar" } else { "" };
        files = files.with_file(role, place, file(&state)?);
    }
    Ok(files)
}
