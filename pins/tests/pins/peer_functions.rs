// SPDX-License-Identifier: Apache-2.0

//! Calls of the reference's own functions, with what they gave.
//!
//! Where this crate differs on purpose:
//!
//! | reference | here | why |
//! |---|---|---|
//! | a pack without pins requests all 24 claims | it requests none | the reference never looks at them: rules about requests hold for pinned packs alone |
//! | a pin that is not allow-listed has the status `allowlisted` | `not_allowlisted` | the report would say the opposite of the verdict |
//!
//! All else is compared: mode, profile, requested claims, pins with id, hash and status, verdict, reason
//! and marked claims. Messages are not.

use std::fs;

use permit_canonical_json::{Budget, read_text};
use permit_claims::{Claim, SemanticsMode, Verdict, aggregate};
use permit_pins::{NoPackFiles, PackDocument, PinFailure, Resolution, Semantics, resolve};
use serde_json::{Value, json};

use crate::pack::reference;

fn calls(file: &str, function: &str) -> Option<Vec<Value>> {
    let text = fs::read_to_string(reference("peer-functions")?.join(file)).unwrap();
    let calls = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    Some(calls.filter(|call| call["function"] == function).collect())
}

#[test]
fn recorded_resolutions_give_the_recorded_results() {
    let Some(calls) = calls("semantics.jsonl", "resolve_pack_semantics") else { return };
    assert_eq!(calls.len(), 24);
    for call in calls {
        check(&call);
    }
}

fn check(call: &Value) {
    let (id, args) = (&call["id"], &call["args"]);
    let expected = &call["result"]["returns"]["$ResolvedSemantics"];
    let pack = args["pack"].to_string();
    let pack = read_text(&pack, &Budget::default()).unwrap();
    // Every pinned pack of the recording is complete in itself or names released paths.
    let resolved = resolve(document_of(&args["default_claim_names"]), &pack, &NoPackFiles);
    assert_eq!(failure_of(&resolved), failure_expected(&expected["failure"]), "{id}");
    let resolution = match &resolved {
        Ok(semantics) => semantics.resolution(),
        Err(failure) => &failure.resolution,
    };
    assert_eq!(resolution.mode().as_str(), expected["mode"], "{id}");
    let (profile, hash) = resolution.profile().map(|profile| (profile.id, profile.hash)).unzip();
    assert_eq!(
        (json!(profile), json!(hash)),
        (expected["profile_id"].clone(), expected["profile_hash"].clone()),
        "{id}"
    );
    assert_eq!(pins_of(resolution), pins_expected(expected), "{id}");
    let requested: Vec<_> = resolution
        .requested()
        .iter()
        .map(|request| json!([request.claim.as_str(), request.required]))
        .collect();
    if resolution.mode() == SemanticsMode::Pinned {
        assert_eq!(json!(requested), expected["requested_claims"], "{id}");
    } else {
        assert!(requested.is_empty(), "{id}");
        assert_eq!(expected["requested_claims"].as_array().unwrap().len(), Claim::ALL.len());
    }
}

fn document_of(defaults: &Value) -> PackDocument {
    match defaults[0].as_str().unwrap() {
        "export.integrity.v1" => PackDocument::ExportManifest,
        "checkpoint.composite_hash.v1" => PackDocument::Checkpoint,
        "permit_chain.delegation_denied_correctly.v1" => PackDocument::DelegationEvidence,
        other => panic!("{other}"),
    }
}

fn failure_of(resolved: &Result<Semantics, Box<PinFailure>>) -> Value {
    let Err(failure) = resolved else { return Value::Null };
    let verdict = Verdict::from(failure.verdict()).as_str();
    let marked: Vec<_> = failure.marked.iter().map(|request| request.claim.as_str()).collect();
    json!([verdict, failure.reason().as_str(), marked])
}

fn failure_expected(failure: &Value) -> Value {
    if failure.is_null() {
        return Value::Null;
    }
    json!([failure["verdict"], failure["reason_code"], failure["claim_names"]])
}

fn pins_of(resolution: &Resolution) -> Vec<Value> {
    let pins = resolution.pins().iter();
    pins.map(|pin| json!([pin.id, pin.hash, pin.status])).collect()
}

fn pins_expected(expected: &Value) -> Vec<Value> {
    let mut pins: Vec<_> = expected["pins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pin| json!([pin["id"], pin["hash"], pin["status"]]))
        .collect();
    if expected["failure"]["reason_code"] == "SEMANTIC_PIN_NOT_ALLOWLISTED" {
        pins.last_mut().unwrap()[2] = "not_allowlisted".into();
    }
    pins
}

#[test]
fn recorded_aggregations_give_the_recorded_verdicts() {
    let Some(calls) = calls("verdicts.jsonl", "aggregate_subject_verdicts") else { return };
    assert_eq!(calls.len(), 24);
    for call in calls {
        let subjects = call["args"]["subjects"].as_array().unwrap();
        let verdicts =
            subjects.iter().map(|subject| verdict(&subject["$VerdictSubject"]["verdict"]));
        let expected = call["result"]["returns"].as_str().unwrap();
        assert_eq!(aggregate(verdicts).as_str(), expected, "{}", call["id"]);
    }
}

/// The verdict of this name.
pub(crate) fn verdict(name: &Value) -> Verdict {
    let all = [
        Verdict::Supported,
        Verdict::Disproved,
        Verdict::InsufficientEvidence,
        Verdict::UnverifiableScope,
    ];
    all.into_iter().find(|verdict| *name == verdict.as_str()).unwrap()
}
