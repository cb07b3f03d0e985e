// SPDX-License-Identifier: Apache-2.0

//! What the reference made and recorded, if it is there.

use std::path::{Path, PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use permit_canonical_json::{Budget, Sha256Digest, Value, read};
use permit_checkpoint::{
    ChainHeads, CheckpointFacts, CheckpointRules, CheckpointTrust, TsaReceipt, judge_checkpoint,
};
use permit_claims::Unsupported;
use permit_keys::KeyManifest;
use serde_json::{Value as Json, json};

const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference");

fn bytes(file: &str) -> Option<Vec<u8>> {
    let bytes = std::fs::read(Path::new(REFERENCE).join(file));
    bytes.inspect_err(|_| eprintln!("skipped: {file} is not there")).ok()
}

fn calls(file: &str, function: &str) -> Vec<Json> {
    let bytes = bytes(&format!("peer-functions/{file}")).unwrap_or_default();
    let lines = str::from_utf8(&bytes).unwrap().lines();
    let calls = lines.map(|line| serde_json::from_str::<Json>(line).unwrap());
    calls.filter(|call| call["function"] == function).collect()
}

fn judge<T>(
    text: &[u8],
    trust: &CheckpointTrust<'_>,
    look: impl FnOnce(&CheckpointFacts<'_>) -> T,
) -> T {
    let document = read(text, &Budget::default()).unwrap();
    look(&judge_checkpoint(&document, trust, &CheckpointRules::default()).unwrap())
}

/// Verdicts and codes as a report of the reference lists them: a claim that rests on one that
/// failed is not listed, and of receipts the claim's verdict.
fn claims(facts: &CheckpointFacts<'_>) -> Vec<(&'static str, &'static str, &'static str)> {
    let word = |verdict: Unsupported| match verdict {
        Unsupported::Disproved => "disproved",
        Unsupported::InsufficientEvidence => "insufficient_evidence",
        Unsupported::UnverifiableScope => "unverifiable_scope",
    };
    let mut claims = Vec::new();
    let mut add = |name, code, fault: Option<&permit_claims::ClaimFault>| {
        claims.push(match fault {
            None => (name, "supported", code),
            Some(fault) => (name, word(fault.verdict), fault.reason().as_str()),
        });
    };
    let composite = facts.composite_hash();
    add("checkpoint.composite_hash.v1", "CHECKPOINT_COMPOSITE_HASH_SUPPORTED", composite.err());
    let Some(signature) = facts.signature() else { return claims };
    let fault = signature.err().map(|fault| &fault.fault);
    add("checkpoint.signature.v1", "CHECKPOINT_SIGNATURE_SUPPORTED", fault);
    let imprints = facts.imprints().filter(|_| fault.is_none()).unwrap_or_default();
    if !imprints.is_empty() {
        let fault = imprints.iter().find_map(|imprint| imprint.as_ref().err());
        add("checkpoint.tsa_imprint.v1", "CHECKPOINT_TSA_IMPRINT_SUPPORTED", fault);
    }
    claims
}

#[test]
fn recorded_composite_hashes_are_computed() {
    for call in calls("hashes.jsonl", "composite_hash") {
        let text = call["args"]["chain_heads"].to_string();
        let value = read(text.as_bytes(), &Budget::default()).unwrap();
        let hash = ChainHeads::read(Some(&value)).unwrap().composite_hash();
        assert_eq!(json!(hash.prefixed().to_string()), call["result"]["returns"]);
    }
}

#[test]
fn recorded_imprints_are_found() {
    for call in calls("tsa.jsonl", "extract_rfc3161_message_imprint") {
        let token = &call["args"]["receipt_der"]["$bytes_b64"];
        let imprint = STANDARD.decode(call["result"]["returns"]["$bytes_b64"].as_str().unwrap());
        let hash = Sha256Digest::from_bytes(imprint.unwrap().try_into().unwrap());
        assert!(stamps(token, hash), "{}", call["id"]);
    }
    let receipts = calls("tsa.jsonl", "verify_tsa_receipt");
    for call in receipts {
        let hash = call["args"]["content_hash_hex"].as_str().and_then(Sha256Digest::from_hex);
        let holds = stamps(&call["args"]["receipt_b64"], hash.unwrap());
        assert_eq!(json!(holds), call["result"]["returns"][0], "{}", call["id"]);
    }
    // `verify_tsa` is about the releases of the reference itself, not about checkpoints.
}

fn stamps(token: &Json, hash: Sha256Digest) -> bool {
    let document = json!({"tsa": {"receipt_b64": token}}).to_string();
    let document = read(document.as_bytes(), &Budget::default()).unwrap();
    let [receipt] = TsaReceipt::all_of(&document).try_into().unwrap();
    receipt.check_imprint(hash).is_ok()
}

#[test]
fn peer_cases_agree_on_verdicts_and_codes() {
    let Ok(cases) = std::fs::read_dir(Path::new(REFERENCE).join("peer-cases")) else {
        eprintln!("skipped: the peer cases are not there");
        return;
    };
    let mut agreed = 0;
    for case in cases {
        let path = case.unwrap().path();
        let Some((case, evidence)) = checkpoint_case(&path) else { continue };
        let self_attested = case["argv"].as_array().unwrap().contains(&json!("--self-attested"));
        let trust = if self_attested {
            CheckpointTrust::self_attested()
        } else {
            // A key to be fetched, which nothing here does.
            CheckpointTrust::none()
        };
        let expected = &case["expected"]["json"];
        judge(&evidence, &trust, |facts| {
            let listed: Vec<_> = expected["claims"].as_array().unwrap().iter().collect();
            // A claim that nobody adjudicated is added by whoever knows what was asked for.
            let listed =
                listed.iter().filter(|c| c["reason_code"] != "REQUIRED_CLAIM_NOT_ADJUDICATED");
            let listed: Vec<_> = listed
                .map(|claim| {
                    let word = |name: &str| claim[name].as_str().unwrap();
                    (word("name"), word("verdict"), word("reason_code"))
                })
                .collect();
            assert_eq!(claims(facts), listed, "{}", case["id"]);
            check_members(facts, expected);
        });
        agreed += 1;
    }
    assert!(agreed >= 8, "{agreed}");
}

/// A case of the categories about checkpoints, with its checkpoint.
fn checkpoint_case(path: &Path) -> Option<(Json, Vec<u8>)> {
    let id = path.file_name()?.to_str()?;
    let categories = ["smoke__", "tsa__", "verdicts__", "semantics-pins__"];
    if !categories.iter().any(|category| id.starts_with(category)) {
        return None;
    }
    let case: Json =
        serde_json::from_slice(&std::fs::read(path.join("case.json")).unwrap()).unwrap();
    let argv = case["argv"].as_array().unwrap();
    let file =
        argv.iter().filter_map(Json::as_str).find(|argument| argument.starts_with("input/"))?;
    let file: PathBuf = path.join(file);
    Some((case.clone(), std::fs::read(file).unwrap()))
}

fn check_members(facts: &CheckpointFacts<'_>, expected: &Json) {
    assert_eq!(json!(facts.checkpoint_id()), expected["checkpoint_id"]);
    assert_eq!(json!(facts.computed_at()), expected["computed_at"]);
    assert_eq!(json!(facts.stated_composite_hash()), expected["composite_hash"]);
    assert_eq!(json!(facts.chain_heads_count()), expected["chain_heads_count"]);
    if facts.signed().is_some() {
        assert_eq!(json!(facts.reported_key_id()), expected["key_id"]);
        let proof = facts.signature().unwrap().unwrap();
        assert_eq!(json!(proof.key_text()), expected["public_key"]);
        assert_eq!(json!(proof.is_self_attested()), expected["self_attested"]);
        let receipts = expected["tsa_receipts"].as_array().unwrap();
        for (receipt, expected) in facts.receipts().iter().zip(receipts) {
            assert_eq!(json!(receipt.provider()), expected["provider"]);
            assert_eq!(json!(receipt.url()), expected["url"]);
            assert_eq!(json!(receipt.requested_at()), expected["requested_at"]);
        }
    }
}

#[test]
fn golden_records_about_checkpoints() {
    // Records 12, 13 and 26 to 29 of the golden corpus, remade from the sample that they are made of.
    let Some(sample) = bytes("keel/samples/2.5.1/export.json") else { return };
    let sample: Json = serde_json::from_slice(&sample).unwrap();
    let entry = json!({
        "key_id": sample["key_id"], "purpose": "integrity_checkpoint",
        "public_key": sample["public_key"], "valid_from": null, "valid_to": null,
    });
    let root = |entries: &[Json]| {
        KeyManifest::read(json!({ "keys": entries }).to_string().as_bytes(), &Budget::default())
            .unwrap()
    };
    let (with_key, without_key) = (root(&[entry]), root(&[]));
    let hash = ("checkpoint.composite_hash.v1", "supported", "CHECKPOINT_COMPOSITE_HASH_SUPPORTED");
    let signature = ("checkpoint.signature.v1", "supported", "CHECKPOINT_SIGNATURE_SUPPORTED");
    let tsa = ("checkpoint.tsa_imprint.v1", "supported", "CHECKPOINT_TSA_IMPRINT_SUPPORTED");
    let check = |record: u8, checkpoint: &Json, root: &KeyManifest, expected: &[_]| {
        let text = checkpoint.to_string();
        judge(text.as_bytes(), &CheckpointTrust::keys(root), |facts| {
            assert_eq!(claims(facts), expected, "record {record}");
        });
    };
    check(12, &sample, &with_key, &[hash, signature, tsa]);

    let mut several = sample.clone();
    let mut receipt = several["tsa"].take();
    receipt["provider"] = json!("primary");
    several["tsa_receipts"] = json!([receipt, receipt]);
    check(13, &several, &with_key, &[hash, signature, tsa]);

    for (record, file, expected) in [
        (26, "tampered.json", vec![(hash.0, "disproved", "CHECKPOINT_COMPOSITE_HASH_MISMATCH")]),
        (
            28,
            "tsa_tampered.json",
            vec![hash, signature, (tsa.0, "disproved", "CHECKPOINT_TSA_IMPRINT_MISMATCH")],
        ),
    ] {
        let tampered = bytes(&format!("keel/samples/2.5.1/{file}")).unwrap();
        check(record, &serde_json::from_slice(&tampered).unwrap(), &with_key, &expected);
    }

    let mut forged = sample.clone();
    forged["signature"] = json!(format!("ed25519:{}==", "A".repeat(86)));
    let disproved = (signature.0, "disproved", "SIGNATURE_VERIFICATION_FAILED");
    check(27, &forged, &with_key, &[hash, disproved]);

    let unresolvable = (signature.0, "insufficient_evidence", "TRUST_ROOT_UNRESOLVABLE");
    check(29, &sample, &without_key, &[hash, unresolvable]);
}

#[test]
fn checkpoints_of_the_scope_corpus_hold() {
    // Checkpoints that other claims rest on, under the trust root that comes with them.
    let folder = Path::new(REFERENCE).join("keel/scope-faithfulness-corpus");
    let root = bytes(
        "keel/scope-faithfulness-corpus/trust_roots/step2-scope-faithfulness-trust-root.json",
    );
    let (Some(root), Ok(packs)) = (root, std::fs::read_dir(folder.join("fixtures"))) else {
        return;
    };
    let root = KeyManifest::read(&root, &Budget::default()).unwrap();
    let mut held = 0;
    for pack in packs {
        let Ok(checkpoint) = std::fs::read(pack.unwrap().path().join("pack/checkpoint.json"))
        else {
            continue;
        };
        held += judge(&checkpoint, &CheckpointTrust::keys(&root), |facts| {
            usize::from(facts.signed().is_some())
        });
    }
    assert!(held >= 10, "{held}");
}

#[test]
fn values_are_compared_as_json() {
    // The tests above compare through another reader; both read the same.
    let Some(sample) = bytes("keel/samples/2.5.1/export.json") else { return };
    let value: Value<'_> = read(&sample, &Budget::default()).unwrap();
    let json: Json = serde_json::from_slice(&sample).unwrap();
    assert_eq!(crate::bent::to_json(&value), json);
}
