// SPDX-License-Identifier: Apache-2.0

//! Calls of the reference's own functions for scopes, with what they gave.
//!
//! Inside the crate, since most of those functions are steps that nobody outside can take alone.
//! Of the group `permit` the one about the shape of predicates is here; the four calls of the whole
//! claim have documents that lack most of a segment, and are completed and judged in `tests/scope`.
//! One name has no equivalent by itself: `check_latest_checkpoint_policy` is asked with the
//! explicit policy only, for which it has nothing to check.

use std::{fs, path::Path};

use permit_canonical_json::{Budget, HashedArtifact, Value, read_text};
use permit_keys::{KeyManifest, Mode};
use permit_types::{BoundaryPolicy, PredicateKind};
use serde_json::Value as Json;

use crate::{
    chain_proof::ChainProof,
    checkpoint_evidence::{CheckpointEvidence, CheckpointHead, VerifiedCheckpoint},
    membership::Membership,
    merkle::MembershipTree,
    predicate::{Predicate, predicate_hash},
    record_fields::{Reading, RecordFields},
    scope_record::ScopeRecord,
    scope_state::{ScopeStateKeys, adjudicate_scope_state, without_signature},
    scope_state_form::ScopeStateForm,
    segment::{Segment, segment_place},
};

#[test]
fn recorded_calls_give_the_recorded_results() {
    let Some(calls) = calls("scope.jsonl") else { return };
    assert_eq!(calls.len(), 93);
    for call in &calls {
        check(call);
    }
}

#[test]
fn absent_03_the_recorded_predicate_has_not_the_shape() {
    let Some(calls) = calls("permit.jsonl") else { return };
    let named = |call: &&Json| call["function"] == "absence_predicate_out_of_grammar";
    for call in calls.iter().filter(named) {
        let read = Predicate::read(&strict(&call["args"]["predicate"]));
        let fits = read.is_ok_and(|predicate| crate::dispatch_absence::has_shape(&predicate));
        assert_eq!(Json::Bool(!fits), call["result"]["returns"], "{}", call["id"]);
    }
}

fn calls(group: &str) -> Option<Vec<Json>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference/peer-functions");
    let Ok(text) = fs::read_to_string(Path::new(folder).join(group)) else {
        eprintln!("skipped: the reference's data is not at {folder}");
        return None;
    };
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn check(call: &Json) {
    let (id, args, returns) = (&call["id"], &call["args"], &call["result"]["returns"]);
    match call["function"].as_str().unwrap() {
        "adjudicate_checkpoint_scope_state_v1" => check_scope_state(call),
        "adjudicate_export_scope_faithfulness_v1" => check_export(call),
        "check_latest_checkpoint_policy" => {
            let value = strict(&args["segment"]);
            assert_eq!(segment(&value).end.policy, BoundaryPolicy::ExplicitCheckpoint, "{id}");
            assert!(returns[0].is_null(), "{id}");
        }
        "check_scope_continuity" => {
            let value = strict(&args["segment"]);
            let fault = ChainProof::of(&segment(&value)).check_links().err();
            assert_eq!(code(fault.as_ref()), returns[0], "{id}");
        }
        "check_scope_start" => {
            let value = strict(&args["segment"]);
            let fault = ChainProof::of(&segment(&value)).check_start().err();
            assert_eq!(code(fault.as_ref()), returns[0], "{id}");
        }
        "normalize_scope_record" => check_normalized(call),
        "predicate_hash" => {
            let hash = predicate_hash(&strict(&args["predicate"])).unwrap();
            assert_eq!(*returns, hash.to_string(), "{id}");
        }
        "resolve_scope_predicate_value" => {
            let entry = strict(&args["entry"]);
            let kind = PredicateKind::parse(args["kind"].as_str().unwrap()).unwrap();
            let fields = RecordFields::of(entry.as_object().unwrap());
            for reading in [Reading::EntryFirst, Reading::PayloadFirst] {
                let found = fields.find(kind, reading).cloned().unwrap_or(Value::from(()));
                assert_eq!(found, strict(returns), "{id}");
            }
        }
        "scope_merkle_root" => {
            let hash = args["predicate_value_hash"].as_str().unwrap();
            let mut tree = MembershipTree::new(permit_types::ContentHash::parse(hash).unwrap());
            let records = strict(&args["disclosure_records"]);
            let records = records.as_array().unwrap().iter().enumerate();
            let records: Vec<_> = records
                .map(|(index, value)| ScopeRecord::read(value, false, index).unwrap())
                .collect();
            let mut leaves: Vec<_> = records.iter().map(ScopeRecord::leaf).collect();
            leaves.sort_unstable();
            leaves.iter().for_each(|leaf| tree.add(leaf).unwrap());
            assert_eq!(*returns, tree.root().to_string(), "{id}");
        }
        "scope_predicate_matches" => {
            let (predicate, entry) = (strict(&args["predicate"]), strict(&args["entry"]));
            let predicate = Predicate::read(&predicate).unwrap();
            let expected = match returns.as_bool().unwrap() {
                true => Membership::Member,
                false => Membership::NotMember,
            };
            assert_eq!(predicate.membership(entry.as_object().unwrap()), expected, "{id}");
        }
        "scope_segment_schema_error" => {
            let value = strict(&args["segment"]);
            let read = Segment::read(&value, segment_place(0));
            assert_eq!(read.is_ok(), returns.is_null(), "{id}");
        }
        "scope_sidecar_schema_error" => {
            let value = strict(&args["sidecar"]);
            assert_eq!(ScopeStateForm::read(&value).is_ok(), returns.is_null(), "{id}");
        }
        "scope_sidecar_signed_bytes" => {
            let profile = HashedArtifact::CheckpointScopeStateV1.profile();
            let bytes = profile.to_text(&without_signature(&strict(&args["sidecar"]))).unwrap();
            assert_eq!(bytes.into_bytes(), base64(&returns["$bytes_b64"]), "{id}");
        }
        "validate_scope_predicate" => {
            let fault = Predicate::read(&strict(&args["predicate"])).err();
            let code = fault.map_or(Json::Null, |fault| fault.code().as_str().into());
            assert_eq!(code, returns[0], "{id}");
        }
        other => panic!("{other} is new"),
    }
}

/// What is kept of a record is the same in the record and in what the reference made of it.
fn check_normalized(call: &Json) {
    let (raw, normal) = (strict(&call["args"]["record"]), strict(&call["result"]["returns"]));
    let [raw, normal] = [&raw, &normal].map(|value| ScopeRecord::read(value, false, 0).unwrap());
    assert_eq!(raw.leaf(), normal.leaf(), "{}", call["id"]);
    assert_eq!(raw.chain_scope, normal.chain_scope, "{}", call["id"]);
    assert_eq!(raw.prev_hash, normal.prev_hash, "{}", call["id"]);
    assert_eq!(raw.chain_format_version, normal.chain_format_version, "{}", call["id"]);
    for kind in PredicateKind::ALL {
        let [raw, normal] =
            [&raw, &normal].map(|record| record.fields.find(*kind, Reading::PayloadFirst));
        assert_eq!(raw, normal, "{}: {kind}", call["id"]);
    }
}

/// The checkpoint is taken at its word: that it verifies is for another crate to say.
fn check_scope_state(call: &Json) {
    let args = &call["args"];
    let sidecar =
        (!args["sidecar"].is_null()).then(|| serde_json::to_vec(&args["sidecar"]).unwrap());
    let keys = key_manifest(call);
    let keys = keys
        .as_ref()
        .map_or(ScopeStateKeys::none(), |keys| ScopeStateKeys::of(keys, Mode::Production));
    let checkpoint = checkpoint(&args["checkpoint"]);
    let judged = adjudicate_scope_state(sidecar.as_deref(), &checkpoint, &keys, &Budget::default());
    let result = &call["result"]["returns"];
    let fields = if result["fields"].is_object() { &result["fields"] } else { result };
    let claim = &fields["claim"]["$ClaimVerdict"];
    assert!(claim.is_object(), "{}: {result}", call["id"]);
    compare(call, claim, judged.err().as_ref());
}

fn check_export(call: &Json) {
    // The same packs are judged as files in `tests/scope`; here the calls are compared with those.
    let claims = call["result"]["returns"].as_array().unwrap();
    let export = claims.last().unwrap()["$ClaimVerdict"].clone();
    let document = base64(&call["args"]["export_data"]["$bytes_b64"]);
    let document = permit_canonical_json::read(&document, &Budget::default()).unwrap();
    let keys = key_manifest(call);
    let keys = keys
        .as_ref()
        .map_or(ScopeStateKeys::none(), |keys| ScopeStateKeys::of(keys, Mode::Production));
    let file = |end: &str| {
        let files = call["files"].as_object().unwrap();
        let (_, file) = files.iter().find(|(name, _)| name.ends_with(end))?;
        Some(bytes(file))
    };
    let stated = file("checkpoint.json").map(|bytes| serde_json::from_slice(&bytes).unwrap());
    let checkpoint = checkpoint(&stated.unwrap_or(Json::Null));
    let sidecars = |_: &str, _: Option<&str>| file("checkpoint-scope-state-v1.json");
    let judged = crate::adjudicate_scope_faithfulness(&crate::ScopeEvidence {
        document: &document,
        manifest: None,
        checkpoint: &checkpoint,
        sidecars: &sidecars,
        keys,
        budget: crate::ScopeBudget::default(),
    });
    compare(call, &export, judged.faithfulness().err());
}

fn compare(call: &Json, claim: &Json, fault: Option<&permit_claims::ClaimFault>) {
    let verdict =
        fault.map_or("supported", |fault| permit_claims::Verdict::from(fault.verdict).as_str());
    assert_eq!(claim["verdict"], verdict, "{}", call["id"]);
    if fault.is_some() {
        assert_eq!(claim["reason_code"], code(fault), "{}", call["id"]);
    }
}

fn key_manifest(call: &Json) -> Option<KeyManifest> {
    let source = call["args"]["key_manifest_source"].as_str()?;
    let file = call["files"].as_object()?.iter().find(|(name, _)| source.ends_with(*name));
    Some(KeyManifest::read(&bytes(file?.1), &Budget::default()).unwrap())
}

fn checkpoint(stated: &Json) -> CheckpointEvidence {
    let Some(heads) = stated["chain_heads"].as_object() else { return CheckpointEvidence::Missing };
    let heads = heads.iter().map(|(scope, head)| {
        let head = CheckpointHead {
            sequence_number: head["sequence_number"].as_u64().unwrap(),
            last_record_hash: head["last_record_hash"].as_str().unwrap().to_owned(),
        };
        (scope.clone(), head)
    });
    CheckpointEvidence::Verified(VerifiedCheckpoint {
        checkpoint_id: stated["checkpoint_id"].as_str().unwrap().to_owned(),
        computed_at: stated["computed_at"].as_str().map(str::to_owned),
        heads: heads.collect(),
    })
}

fn code(fault: Option<&permit_claims::ClaimFault>) -> Json {
    fault.map_or(Json::Null, |fault| fault.reason().as_str().into())
}

fn segment<'v>(value: &'v Value<'v>) -> Segment<'v> {
    Segment::read(value, segment_place(0)).unwrap()
}

fn strict(value: &Json) -> Value<'static> {
    read_text(&value.to_string(), &Budget::default()).unwrap().into_owned()
}

fn bytes(file: &Json) -> Vec<u8> {
    match file["utf8"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => base64(&file["b64"]),
    }
}

fn base64(text: &Json) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text.as_str().unwrap()).unwrap()
}
