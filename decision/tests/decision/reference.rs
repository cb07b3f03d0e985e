// SPDX-License-Identifier: Apache-2.0

//! What the reference recorded, if it is there.
//!
//! Where this crate differs on purpose, no recorded call shows it; the tests of this crate do:
//!
//! | reference | here | test |
//! |---|---|---|
//! | a later version is disproved for its members | not judged, its version named | `sem_05_other_versions_…` |
//! | verdicts follow from words in messages | from what is wrong | `sem_05_amb_56_…` |
//! | members beside the payload may contradict it | they may not | `sem_05_what_stands_beside_…` |
//! | an `expected_decision` that is no text asks for nothing | contradicts | `sem_06_another_decision_…` |
//! | the window of a named key is ignored, and so is its standing | both count | `key_03_key_04_key_07_…` |
//! | the first entry of an id is taken | two keys of one id are ambiguous | `sem_05_without_a_usable_…` |

use std::collections::BTreeMap;

use permit_canonical_json::{Budget, HashedArtifact, Value};
use permit_decision::find_decision_in_document;
use permit_keys::KeyManifest;
use permit_types::Artifact;

use crate::bench::{json, judge_document, member, outcome, reference};

fn lines(bytes: &[u8]) -> impl Iterator<Item = Value<'_>> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(json)
}

#[test]
fn recorded_calls_give_the_recorded_results() {
    let Some(bytes) = reference("peer-functions/permit.jsonl") else { return };
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for call in lines(&bytes) {
        let function = member(&call, &["function"]).as_str().unwrap();
        let (args, returns) = (member(&call, &["args"]), member(&call, &["result", "returns"]));
        match function {
            "adjudicate_permit_decision_v1" => adjudicate(&call, args, returns),
            "find_permit_decision_evidence" => {
                let document = member(args, &["document"]).as_object().unwrap();
                let found = find_decision_in_document(document, Artifact::Export).unwrap();
                let [evidence, place] = returns.as_array().unwrap() else { panic!("{returns:?}") };
                assert_eq!(Some(found.envelope()), evidence.as_object());
                assert_eq!(Some(found.source().as_str()), place.as_str());
            }
            "permit_decision_schema_error" => {
                // Nothing is wrong with its form: it takes hash or key to object to it.
                assert!(returns.is_null());
                let mut document = permit_canonical_json::Object::default();
                document
                    .insert("permit_decision", member(args, &["evidence"]).clone().into_owned());
                let fault = judge_document(&document, None).unwrap_err();
                let word = fault.reason().as_str();
                assert!(
                    word.ends_with("TRUST_ROOT_UNRESOLVABLE") || word.ends_with("HASH_MISMATCH")
                );
            }
            // Revocations and dispatches are other crates' matters.
            _ => continue,
        }
        *counted.entry(function.to_owned()).or_default() += 1;
    }
    let expected = [
        ("adjudicate_permit_decision_v1", 2),
        ("find_permit_decision_evidence", 2),
        ("permit_decision_schema_error", 2),
    ];
    assert_eq!(counted, expected.map(|(name, count)| (name.to_owned(), count)).into());
}

fn adjudicate(call: &Value<'_>, args: &Value<'_>, returns: &Value<'_>) {
    let source = member(args, &["key_manifest_source"]).as_str().unwrap();
    let file = call.get("files").and_then(|files| files.get(source)?.get("utf8")?.as_str());
    let keys = file.map(|text| KeyManifest::read(text.as_bytes(), &Budget::default()).unwrap());
    let document = member(args, &["export_document"]).as_object().unwrap();
    let judged = judge_document(document, keys.as_ref());
    let claim = member(returns, &["$ClaimVerdict"]);
    let text = |name: &str| member(claim, &[name]).as_str().unwrap();
    assert_eq!(outcome(&judged), (text("verdict"), text("reason_code")));
    let evidence = member(claim, &["evidence"]).as_array().unwrap();
    let evidence: Vec<_> = evidence.iter().filter_map(Value::as_str).collect();
    assert_eq!(judged.unwrap_err().evidence, evidence);
}

#[test]
fn recorded_hashes_of_payloads_are_computed() {
    let Some(bytes) = reference("peer-functions/hashes.jsonl") else { return };
    let mut payloads = 0;
    for call in lines(&bytes) {
        let payload = member(&call, &["args"]).get("payload");
        let is_decision = |payload: &&Value<'_>| payload.get("final_request_hash").is_some();
        let Some(payload) = payload.filter(is_decision) else { continue };
        let hash = HashedArtifact::PermitDecisionV1.profile().digest(payload).unwrap();
        let recorded = member(&call, &["result", "returns"]).as_str().map(str::to_owned);
        assert_eq!(Some(hash.to_string()), recorded);
        payloads += 1;
    }
    assert!(payloads >= 3, "{payloads}");
}

#[test]
fn recorded_cases_give_the_recorded_verdicts() {
    for (name, word) in [
        ("tampered-decision-field-disproves__366c7933", "PERMIT_DECISION_CANONICAL_HASH_MISMATCH"),
        ("untrusted-key-is-insufficient__722b03cb", "PERMIT_DECISION_UNTRUSTED_KEY"),
    ] {
        let folder = format!("peer-cases/permit-decision__export__permit-decision-{name}");
        let files = ["case.json", "input/export.json", "input/keys.json"];
        let read = files.map(|name| reference(&format!("{folder}/{name}")));
        let [Some(case), Some(export), Some(keys)] = read else { return };
        let (case, export) = (json(&case), json(&export));
        let keys = KeyManifest::read(&keys, &Budget::default()).unwrap();
        let judged = judge_document(export.as_object().unwrap(), Some(&keys));
        let path = ["expected", "summary", "claims", "permit.decision.v1"];
        let verdict = member(&case, &path).as_str().unwrap();
        assert_eq!(outcome(&judged), (verdict, word), "{name}");
    }
}

#[test]
fn the_published_binding_key_is_readable_and_its_id_its_own() {
    let Some(bytes) = reference("keel/fixtures/permit_binding_public_keys.json") else { return };
    let keys = KeyManifest::read(&bytes, &Budget::default()).unwrap();
    let entry = keys.entries().next().unwrap();
    let own = entry.public_key().unwrap().binding_key_id().to_string();
    assert_eq!(entry.key_id(), Some(own.as_str()));
    assert!(entry.has_purpose(permit_keys::KeyPurpose::PermitBindingSigning));
}
