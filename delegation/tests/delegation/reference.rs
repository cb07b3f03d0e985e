// SPDX-License-Identifier: Apache-2.0

//! Documents and vectors that others wrote. They are not part of this repository; without them nothing is tested here.

use std::path::{Path, PathBuf};

use permit_canonical_json::{Budget, Value, read};
use permit_claims::{ClaimFault, Unsupported, Verdict};
use permit_delegation::{
    CanonicalEnvelope, ChainContext, Comparator, ComparatorRegistry, CoveredEvent,
    DelegationDenied, DenialSemantics, EnvelopeVersion, adjudicate_denial, event_integrity_hash,
    integrity_batch_hash, judge_pack,
};
use permit_failure_codes::ReasonClass;
use permit_types::{Artifact, Finding, Location};

use crate::support::{Json, canonical, get, with, without};

fn reference(path: &str) -> Option<PathBuf> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference"));
    let path = root.join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

fn document(path: &Path) -> Json {
    read(&std::fs::read(path).unwrap(), &Budget::default()).unwrap().into_owned()
}

fn lines(path: &Path) -> Vec<Json> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| read(line.as_bytes(), &Budget::default()).unwrap().into_owned())
        .collect()
}

#[test]
fn cat_08_vectors_match() {
    let Some(folder) = reference("keel/spec-repo/vectors/cat-08-permit-chains") else { return };
    let mut vectors: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    vectors.sort();
    assert_eq!(vectors.len(), 5);
    for vector in vectors {
        let result = judge_pack(&document(&vector.join("input.json")), &ChainContext::default());
        let shown = result.to_json("t");
        // More than a match asks for: every member that is expected, as it is expected.
        for member in document(&vector.join("expected.json")).as_object().unwrap().members() {
            assert_eq!(
                shown.get(member.name()),
                Some(member.value()),
                "{}: {}",
                vector.display(),
                member.name()
            );
        }
    }
}

#[test]
fn released_registries_are_the_comparator_of_v0() {
    for path in [
        "keel/data-2.5.1/comparator_registry/v0.json",
        "keel/spec-repo/comparator_registry/v0.json",
    ] {
        let Some(path) = reference(path) else { continue };
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(EnvelopeVersion::of_registry_bytes(&bytes), Some(EnvelopeVersion::V0));
        let registry = document(&path);
        assert_eq!(
            ComparatorRegistry::read(&registry),
            Ok(ComparatorRegistry::built_in(EnvelopeVersion::V0))
        );
        assert!(Comparator::of_pack(EnvelopeVersion::V0, Some(&registry), None).is_ok());
    }
    for other in ["work-action-authority-v2.json", "work-payment-authority-v1.json"] {
        let Some(path) = reference(&format!("keel/data-3.24/comparator_registry/{other}")) else {
            continue;
        };
        assert_eq!(EnvelopeVersion::of_registry_bytes(&std::fs::read(&path).unwrap()), None);
        assert!(Comparator::of_pack(EnvelopeVersion::V0, Some(&document(&path)), None).is_err());
    }
}

#[test]
fn recorded_functions_agree() {
    let Some(path) = reference("peer-functions/authority.jsonl") else { return };
    let mut agreed = 0;
    for vector in lines(&path) {
        let (id, function) =
            (get(&vector, "id").as_str().unwrap(), get(&vector, "function").as_str().unwrap());
        let (args, result) = (get(&vector, "args"), get(&vector, "result"));
        let matches = match function {
            "canonical_authority_envelope" => envelope_matches(get(args, "value"), result),
            "canonical_authority_set" => set_matches(args, result),
            "compare_authority_envelopes" => {
                // Its one record is about an envelope that is no envelope.
                envelope_matches(get(args, "child"), result)
            }
            "verify_delegation_denied_correctly" => denial_matches(args, result),
            // The two steps of the claim, asked by themselves.
            "verify_supplied_chain" | "verify_target_payload_integrity" => {
                step_matches(args, function, result)
            }
            other => panic!("{id}: {other} has no equivalent here"),
        };
        assert!(matches, "{id}");
        agreed += 1;
    }
    assert_eq!(agreed, 28);
}

fn envelope_matches(envelope: &Json, result: &Json) -> bool {
    match (CanonicalEnvelope::read(envelope), result.get("returns")) {
        (Ok(canonical), Some(expected)) => canonical.to_value() == *expected,
        (Err(fault), None) => get(result, "raises/message") == &Value::from(fault.to_string()),
        _ => false,
    }
}

fn set_matches(args: &Json, result: &Json) -> bool {
    let field = get(args, "field").as_str().unwrap().to_owned();
    let envelope = Value::object([(field.clone(), get(args, "raw").clone())]);
    get(&CanonicalEnvelope::read(&envelope).unwrap().to_value(), &field) == get(result, "returns")
}

/// The result without what the pins of a pack add to it.
fn denial_matches(args: &Json, result: &Json) -> bool {
    let expected = without(get(result, "returns"), "semantics");
    let id = args.get("event_id").and_then(Value::as_str);
    let evidence = get(args, "evidence");
    let shown = match expected.get("reason_code").and_then(Value::as_str) {
        None => adjudicate_denial(evidence, id, &DenialSemantics::legacy()).to_json(),
        // Resolving pins is not this crate's: what it makes of a failure is.
        Some(word) => unresolved(word, &expected).to_json(),
    };
    shown == expected
}

fn unresolved(word: &str, expected: &Json) -> DelegationDenied {
    let class = ReasonClass::parse(word).unwrap();
    let verdict = match get(expected, "status").as_str().unwrap() {
        "insufficient_evidence" => Unsupported::InsufficientEvidence,
        "unverifiable_scope" => Unsupported::UnverifiableScope,
        _ => Unsupported::Disproved,
    };
    let message = get(expected, "message").as_str().unwrap();
    let finding = Finding::failure(class, Location::whole(Artifact::SemanticArtifact), message);
    DelegationDenied::unresolved(ClaimFault::new(verdict, finding))
}

fn step_matches(args: &Json, function: &str, result: &Json) -> bool {
    let events = get(args, "events");
    let check = if function == "verify_supplied_chain" {
        "hash_chain_integrity"
    } else {
        "payload_integrity_digest"
    };
    let judged = adjudicate_denial(events, None, &DenialSemantics::legacy());
    let supported = canonical(get(result, "returns")) == r#"["supported",null]"#;
    supported == judged.supported_checks().contains(&check)
}

#[test]
fn recorded_hashes_agree() {
    let Some(path) = reference("peer-functions/hashes.jsonl") else { return };
    let mut agreed = [0, 0];
    for vector in lines(&path) {
        let expected = || get(&vector, "result/returns").as_str().unwrap().to_owned();
        match get(&vector, "function").as_str().unwrap() {
            "compute_governance_event_integrity_hash" => {
                let event = get(&vector, "args/event").as_object().unwrap();
                assert_eq!(event_integrity_hash(event).unwrap().to_string(), expected());
                agreed[0] += 1;
            }
            "compute_integrity_batch_hash" => {
                let covered = get(&vector, "args/covered_events").as_array().unwrap();
                let text =
                    |entry: &'_ Json, name: &str| get(entry, name).as_str().unwrap().to_owned();
                let texts: Vec<_> = covered
                    .iter()
                    .map(|entry| {
                        ["event_id", "event_type", "event_hash"].map(|name| text(entry, name))
                    })
                    .collect();
                let covered = texts.iter().map(|[event_id, event_type, event_hash]| CoveredEvent {
                    event_id,
                    event_type,
                    event_hash,
                });
                assert_eq!(integrity_batch_hash(covered).to_string(), expected());
                agreed[1] += 1;
            }
            _ => {}
        }
    }
    assert_eq!(agreed, [4, 4]);
}

#[test]
fn pin_09_the_published_digest_record_agrees() {
    let Some(path) = reference(
        "keel/spec-repo/test-vectors-semantics/governance_event_integrity_digest_v1.json",
    ) else {
        return;
    };
    let record = document(&path);
    let text = canonical(&record);
    let event = get(&record, "input/event").as_object().unwrap();
    let hash = event_integrity_hash(event).unwrap().to_string();
    assert!(hash.starts_with("a220e2d4") && text.contains(&hash));
}

#[test]
fn recorded_commands_agree() {
    let Some(folder) = reference("peer-cases") else { return };
    let mut agreed = 0;
    for case in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("delegation__") {
            continue;
        }
        let recorded = document(&case.join("case.json"));
        let expected = without(get(&recorded, "expected/json"), "semantics");
        let evidence = document(&case.join("input/evidence.json"));
        let shown = match expected.get("reason_code").and_then(Value::as_str) {
            None => adjudicate_denial(&evidence, None, &DenialSemantics::legacy()).to_json(),
            Some(word) => unresolved(word, &expected).to_json(),
        };
        assert_eq!(canonical(&shown), canonical(&expected), "{name}");
        agreed += 1;
    }
    assert_eq!(agreed, 6);
}

#[test]
fn recorded_evidence_is_held_to_what_it_says() {
    let case = "peer-cases/delegation__claim-delegation-denied-correctly__delegation-denied-correctly-verifier-supports-broadened-deni__faaa36fa";
    let Some(folder) = reference(case) else { return };
    let evidence = document(&folder.join("input/evidence.json"));
    let status =
        |evidence: &Json| adjudicate_denial(evidence, None, &DenialSemantics::legacy()).status();
    assert_eq!(status(&evidence), Verdict::Supported);
    let moved =
        get(&evidence, "events/0/occurred_at").as_str().unwrap().replace("+00:00", "+05:30");
    assert_eq!(status(&with(&evidence, "events/0/occurred_at", moved)), Verdict::Disproved);
}
