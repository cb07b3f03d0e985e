// SPDX-License-Identifier: Apache-2.0

//! What the reference recorded, if it is there.
//!
//! Where this crate differs on purpose, no recorded call shows it; the tests of this crate do:
//!
//! | reference | here | test |
//! |---|---|---|
//! | the first permit with the slot is judged | all are | `all_permits_with_the_slot_…` |
//! | a given payload is taken at its word | its hashes are the permit's | `a_given_payload_with_invented_hashes_…` |
//! | a canonical hash that the permit states is taken at its word | is its own | `a_hash_that_a_permit_states_…` |
//! | the id of a key is compared with nothing | is its hash | `an_id_is_the_hash_of_its_key` |
//! | a window that cannot be read is open | excludes | `key_03_key_04_key_07_…` |
//! | a compromise counts from its time on, a status never | both refuse | the same |
//! | the first revocation that states a time counts, unless it is unreadable | the earliest, and it refuses | `a_counter_signature_comes_before_…` |
//! | two entries of one key are none | one key | `keys_that_cannot_be_used_…` |
//! | UUIDs in many spellings | 8-4-4-4-12 | `members_of_a_slot_have_their_forms`, `the_account_is_…` |

use std::collections::BTreeMap;

use permit_canonical_json::{Budget, Object, Sha256Digest, Value};
use permit_decision::{Slot, SlotShown, find_permits_in_document, find_permits_in_entry};
use permit_keys::KeyManifest;
use permit_types::{Artifact, Instant, Location};

use crate::bench::{json, judge_all, member, outcome, reference};

const FIXTURES: &str = "keel/fixtures/permit_v2_signature_envelope";

/// Records of a later release that are judged otherwise here, and why.
const EXCEPTIONS: [(&str, &str, &str, &str); 1] = [(
    "counter_signature_negative_execution_intent_mismatch",
    "supported",
    "PERMIT_COUNTER_SIGNATURE_SUPPORTED",
    "the recipe of the intent hash came with the later release; 2.5.1 says the same as we do",
)];

fn lines(bytes: &[u8]) -> impl Iterator<Item = Value<'_>> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(json)
}

fn slot_of(args: &Value<'_>) -> Slot {
    let label = member(args, &["spec", "label"]).as_str().unwrap();
    *Slot::ALL.iter().find(|slot| slot.as_str() == label).unwrap()
}

fn permit_of<'v>(args: &'v Value<'_>) -> &'v Object<'v> {
    member(args, &["permit"]).as_object().unwrap()
}

/// What a judgement without keys ends with.
fn last_evidence(slot: Slot, permit: &Object<'_>) -> String {
    let nobody = KeyManifest::read(br#"{"keys": []}"#, &Budget::default()).unwrap();
    judge(slot, permit, None, &nobody).unwrap_err().evidence.pop().unwrap()
}

/// A permit of a recorded step gets beyond form, payload and window.
fn passes(slot: Slot, args: &Value<'_>) {
    let beyond = ["key_registry", "revocation.effective_at", "audit_batches"];
    assert!(beyond.contains(&last_evidence(slot, permit_of(args)).as_str()), "{slot}");
}

/// Judges a document as the verifier does.
fn judge(
    slot: Slot,
    document: &Object<'_>,
    manifest: Option<&Object<'_>>,
    keys: &KeyManifest,
) -> Result<SlotShown, permit_claims::ClaimFault> {
    let permits = find_permits_in_document(document, Artifact::Export);
    judge_all(slot, document, manifest, &permits, Some(keys)).remove(0)
}

#[test]
fn recorded_calls_give_the_recorded_results() {
    let Some(bytes) = reference("peer-functions/permit-v2.jsonl") else { return };
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for call in lines(&bytes) {
        let function = member(&call, &["function"]).as_str().unwrap();
        let (args, returns) = (member(&call, &["args"]), member(&call, &["result", "returns"]));
        match function {
            "adjudicate_audit_attested_v1"
            | "adjudicate_operator_approved_v1"
            | "adjudicate_pre_dispatch_counter_signed_v1" => adjudicate(function, &call),
            "permit_v2_auto_required_claims" => required(args, returns),
            "permit_v2_signed_payload" => signed_payload(args, returns),
            "permit_v2_slot_schema_error" => {
                assert!(returns.is_null());
                let slot = slot_of(args);
                let mut permit = crate::bench::permit();
                let envelope = member(args, &["slot"]).clone().into_owned();
                permit.insert(slot.as_str(), envelope);
                // Its form is right; that it is another permit's comes after that.
                assert_eq!(last_evidence(slot, &permit), "signed_payload_hash");
            }
            "permit_v2_signed_payload_error" | "permit_v2_slot_window_error" => {
                assert!(returns.is_null());
                passes(slot_of(args), args);
            }
            "permit_v2_window_bounds" => {
                let slots = find_permits_in_document(permit_of(args), Artifact::Export);
                slots[0].slots().for_each(|slot| passes(slot, args));
            }
            "permit_v2_revocation_effective_at" => {
                assert_eq!(
                    last_evidence(Slot::CounterSignature, permit_of(args)),
                    "revocation.effective_at"
                );
            }
            other => panic!("no equivalent is known for `{other}`"),
        }
        *counted.entry(function.to_owned()).or_default() += 1;
    }
    assert_eq!(counted.len(), 10, "{counted:?}");
    assert_eq!(counted.get("permit_v2_auto_required_claims"), Some(&11));
}

fn adjudicate(function: &str, call: &Value<'_>) {
    let slot = match function {
        "adjudicate_operator_approved_v1" => Slot::OperatorApproval,
        "adjudicate_audit_attested_v1" => Slot::AuditAttestation,
        _ => Slot::CounterSignature,
    };
    let (args, claim) =
        (member(call, &["args"]), member(call, &["result", "returns", "$ClaimVerdict"]));
    let source = member(args, &["key_manifest_source"]);
    let source = source.as_str().or_else(|| source.get("$path")?.as_str()).unwrap();
    let file = call.get("files").and_then(|files| files.get(source)?.get("utf8")?.as_str());
    let keys = KeyManifest::read(file.unwrap_or(r#"{"keys": []}"#).as_bytes(), &Budget::default());
    let document = member(args, &["export_document"]).as_object().unwrap();
    let judged = judge(slot, document, member(args, &["manifest"]).as_object(), &keys.unwrap());
    let text = |name: &str| member(claim, &[name]).as_str().unwrap();
    assert_eq!(outcome(&judged), (text("verdict"), text("reason_code")));
    let evidence = member(claim, &["evidence"]).as_array().unwrap();
    let evidence: Vec<_> = evidence.iter().filter_map(Value::as_str).collect();
    assert_eq!(judged.unwrap_err().evidence, evidence);
}

/// The claims that an export requires by carrying slots.
fn required(args: &Value<'_>, returns: &Value<'_>) {
    let document = member(args, &["document"]).as_object().unwrap();
    let mut permits = find_permits_in_document(document, Artifact::Export);
    for name in ["chain_entries", "records"] {
        let entries = document.get(name).and_then(Value::as_array).unwrap_or_default();
        for entry in entries.iter().filter_map(Value::as_object) {
            permits.extend(find_permits_in_entry(entry, 0, &Location::whole(Artifact::Export)));
        }
    }
    let mut claims: Vec<_> = permits
        .iter()
        .flat_map(|permit| permit.slots().map(|slot| slot.claim().as_str()).collect::<Vec<_>>())
        .collect();
    claims.sort_unstable();
    claims.dedup();
    let expected = member(returns, &["$set"]).as_array().unwrap();
    assert_eq!(claims, expected.iter().filter_map(Value::as_str).collect::<Vec<_>>());
}

/// The hash of the recorded payload is the one that the slot states, so that ours is the same.
fn signed_payload(args: &Value<'_>, returns: &Value<'_>) {
    let payload = &returns.as_array().unwrap()[0];
    let text = permit_canonical_json::Profile::Payload.to_text(payload).unwrap();
    let stated = member(args, &["slot", "signed_payload_hash"]).as_str();
    assert_eq!(stated, Some(Sha256Digest::of(text.as_bytes()).to_string().as_str()));
}

#[test]
fn recorded_hashes_of_payloads_are_computed() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let Some(bytes) = reference("peer-functions/hashes.jsonl") else { return };
    let mut payloads = 0;
    for call in lines(&bytes) {
        if member(&call, &["function"]).as_str() != Some("permit_v2_payload_hash") {
            continue;
        }
        let base64 = member(&call, &["args", "payload_bytes", "$bytes_b64"]).as_str().unwrap();
        let bytes = STANDARD.decode(base64).unwrap();
        let recorded = member(&call, &["result", "returns"]).as_str().map(str::to_owned);
        assert_eq!(Some(Sha256Digest::of(&bytes).to_string()), recorded);
        // And what is hashed is canonical.
        let text = permit_canonical_json::Profile::Payload.to_text(&json(&bytes)).unwrap();
        assert_eq!(text.as_bytes(), bytes);
        payloads += 1;
    }
    assert_eq!(payloads, 3);
}

#[test]
fn recorded_times_are_read() {
    let Some(bytes) = reference("peer-functions/time.jsonl") else { return };
    let of = |call: &Value<'_>| {
        member(call, &["function"]).as_str() == Some("permit_v2_parse_signed_at")
    };
    let call = lines(&bytes).find(of).unwrap();
    let text = member(&call, &["args", "value"]).as_str().unwrap();
    let recorded = member(&call, &["result", "returns", "$datetime"]).as_str().unwrap();
    assert_eq!(Instant::parse(text), Instant::parse(recorded));
}

/// Judges a pack by its three files.
fn pack(slot: Slot, folder: &str) -> Option<(&'static str, &'static str)> {
    let files = ["export.json", "manifest.json", "key_manifest.json"];
    let [export, manifest, keys] = files.map(|name| reference(&format!("{folder}/{name}")));
    let (export, manifest) = (export?, manifest?);
    let (export, manifest) = (json(&export), json(&manifest));
    let keys = KeyManifest::read(&keys?, &Budget::default()).unwrap();
    Some(outcome(&judge(slot, export.as_object().unwrap(), manifest.as_object(), &keys)))
}

#[test]
fn packs_of_a_later_release_have_their_verdicts() {
    let Some(corpus) = reference(&format!("{FIXTURES}/corpus.json")) else { return };
    let corpus = json(&corpus);
    let records = member(&corpus, &["records"]).as_array().unwrap();
    assert_eq!(records.len(), 45);
    for record in records {
        let text = |name: &str| member(record, &[name]).as_str().unwrap();
        // 3.x names the claims as 2.5.1 names the payloads.
        let slot = *Slot::ALL.iter().find(|slot| slot.payload_type() == text("claim")).unwrap();
        let found = pack(slot, &format!("{FIXTURES}/{}", text("id"))).unwrap();
        let expected = (text("expected_verdict"), text("expected_code"));
        match EXCEPTIONS.iter().find(|(id, ..)| *id == text("id")) {
            None => assert_eq!(found, expected, "{}", text("id")),
            Some((id, verdict, word, why)) => {
                assert_eq!(found, (*verdict, *word), "{id}: {why}");
                assert_ne!(found, expected, "{id} is no exception any more");
            }
        }
    }
}

#[test]
fn packs_of_this_release_have_their_verdicts() {
    let (operator, counter, audit) =
        (Slot::OperatorApproval, Slot::CounterSignature, Slot::AuditAttestation);
    for (name, slot, verdict, word) in [
        (
            "happy_path_operator_approved",
            operator,
            "supported",
            "PERMIT_OPERATOR_APPROVAL_SUPPORTED",
        ),
        (
            "happy_path_counter_signed_pre_dispatch",
            counter,
            "supported",
            "PERMIT_COUNTER_SIGNATURE_SUPPORTED",
        ),
        ("happy_path_audit_attested", audit, "supported", "PERMIT_AUDIT_ATTESTATION_SUPPORTED"),
        (
            "counter_signature_post_revocation_signed_at",
            counter,
            "disproved",
            "PERMIT_COUNTER_SIGNATURE_INVALID",
        ),
        (
            "signer_id_unknown_in_registry",
            operator,
            "insufficient_evidence",
            "PERMIT_OPERATOR_APPROVAL_KEY_NOT_TRUSTED",
        ),
        ("signed_payload_hash_tampered", operator, "disproved", "PERMIT_OPERATOR_APPROVAL_INVALID"),
        ("operator_approval_payload_type_mismatch", counter, "disproved", "PAYLOAD_TYPE_MISMATCH"),
        (
            "audit_attestation_batch_unknown",
            audit,
            "disproved",
            "PERMIT_AUDIT_ATTESTATION_BATCH_MISMATCH",
        ),
    ] {
        let Some(found) = pack(slot, &format!("{FIXTURES}/{name}")) else { return };
        assert_eq!(found, (verdict, word), "{name}");
    }
}

#[test]
fn recorded_cases_give_the_recorded_verdicts() {
    let (operator, counter, audit) =
        (Slot::OperatorApproval, Slot::CounterSignature, Slot::AuditAttestation);
    for (name, slot) in [
        ("claim-audit-attested__happy-path-audit-attested__f4e343ee", audit),
        ("claim-counter-signed__counter-signature-post-revocation-signed-at__d65a7360", counter),
        ("claim-operator-approved__happy-path-operator-approved__52d405ff", operator),
        ("claim-operator-approved__signer-id-unknown-in-registry__1cea1aba", operator),
        ("export__counter-signature-post-revocation-signed-at__efc62fb4", counter),
        ("export__happy-path-audit-attested__4a0ce489", audit),
        ("export__happy-path-operator-approved__fbac038e", operator),
        ("export__signer-id-unknown-in-registry__7998b776", operator),
    ] {
        let folder = format!("peer-cases/permit-v2__{name}");
        let Some(case) = reference(&format!("{folder}/case.json")) else { return };
        let case = json(&case);
        let (verdict, word) = pack(slot, &format!("{folder}/input")).unwrap();
        let summary = member(&case, &["expected", "summary"]);
        let recorded = member(summary, &["claims", slot.claim().as_str()]).as_str();
        assert_eq!(Some(verdict), recorded, "{name}");
        let words = member(summary, &["reason_codes"]).as_array().unwrap();
        assert!(words.iter().any(|recorded| recorded.as_str() == Some(word)), "{name}");
    }
}
