// SPDX-License-Identifier: Apache-2.0

//! Golden and hostile vectors of a later release of the reference, if they are there.
//!
//! That release knows versions v1 to v7; here all but v1 are `unverifiable_scope`. The hostile
//! vectors bend the golden ones as they say themselves.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use permit_canonical_json::{Budget, Object, Profile, Sha256Digest, Value};
use permit_claims::Unsupported::UnverifiableScope;
use permit_keys::KeyManifest;

use crate::bench::{json, judge_by, member, outcome, reference, told};

const GOLDEN: &str = "keel/fixtures/permit_decision_binding_golden_vectors_v1_v7.json";
const HOSTILE: &str = "keel/fixtures/permit_decision_binding_hostile_vectors_v1.json";

/// Hostile vectors that are judged otherwise here, and why.
const EXCEPTIONS: [(&str, &str, &str, &str); 2] = [
    (
        "decision_binding_untrusted_key",
        "unverifiable_scope",
        "PERMIT_DECISION_UNSUPPORTED_BINDING_VERSION",
        "it is one of version v7, and versions are asked about first",
    ),
    (
        "envelope_and_payload_version_changed_unsigned",
        "unverifiable_scope",
        "PERMIT_DECISION_UNSUPPORTED_BINDING_VERSION",
        "version v5 is not known here, so that nothing can be said to be missing from it",
    ),
];

fn artifact(vector: &Value<'_>) -> Object<'static> {
    member(vector, &["artifact"]).clone().into_owned().as_object().unwrap().clone()
}

fn keys(golden: &Value<'_>, all: bool) -> KeyManifest {
    let own = [member(golden, &["binding_public_key"])];
    let more = member(golden, &["additional_binding_public_keys"]).as_array().unwrap();
    let texts = own.into_iter().chain(more.iter().filter(|_| all)).filter_map(Value::as_str);
    let entry = |text: &str| {
        let id = permit_keys::PublicKey::parse(text).unwrap().binding_key_id();
        format!(
            r#"{{"key_id": "{id}", "purpose": "permit_binding_signing", "public_key": "{text}"}}"#
        )
    };
    let entries: Vec<_> = texts.map(entry).collect();
    let text = format!(r#"{{"keys": [{}]}}"#, entries.join(","));
    KeyManifest::read(text.as_bytes(), &Budget::default()).unwrap()
}

#[test]
fn sem_05_golden_vectors_of_v1_hold_and_later_ones_are_named_and_not_judged() {
    let Some(bytes) = reference(GOLDEN) else { return };
    let golden = json(&bytes);
    let keys = keys(&golden, true);
    let vectors = member(&golden, &["vectors"]).as_array().unwrap();
    assert_eq!(vectors.len(), 13);
    for vector in vectors {
        let version = member(vector, &["binding_version"]).as_str().unwrap();
        let judged = judge_by(artifact(vector), Some(&keys));
        if version == "v1" {
            assert_eq!(judged.unwrap().decision().as_str(), "allow");
            continue;
        }
        let fault = judged.unwrap_err();
        let word = "PERMIT_DECISION_UNSUPPORTED_BINDING_VERSION";
        assert_eq!(told(&fault), (UnverifiableScope, word, "SEM-05"), "{version}");
        assert_eq!(fault.finding.get("binding_version"), Some(version));
    }
}

#[test]
fn the_golden_vectors_are_those_that_later_releases_promise_to_accept() {
    let history = reference("keel/fixtures/historical_compatibility/v1/manifest.json");
    let (Some(history), Some(golden)) = (history, reference(GOLDEN)) else { return };
    let history = json(&history);
    let issued = |case: &&Value<'_>| member(case, &["category"]).as_str() == Some("issued_permits");
    let case = member(&history, &["cases"]).as_array().unwrap().iter().find(issued).unwrap();
    let promised = member(&member(case, &["artifacts"]).as_array().unwrap()[0], &["sha256"]);
    assert_eq!(promised.as_str(), Some(Sha256Digest::of(&golden).to_string().as_str()));
}

#[test]
fn sem_05_sem_06_hostile_vectors_are_refused_for_what_they_do() {
    let (Some(golden), Some(hostile)) = (reference(GOLDEN), reference(HOSTILE)) else { return };
    let (golden, hostile) = (json(&golden), json(&hostile));
    let records = member(&hostile, &["records"]).as_array().unwrap();
    assert_eq!(records.len(), 21);
    let mut exceptions = 0;
    for record in records {
        let text = |name: &str| member(record, &[name]).as_str().unwrap();
        let mut evidence = artifact(vector_of(&golden, text("base_binding_version")));
        for mutation in member(record, &["mutations"]).as_array().unwrap() {
            bend(&mut evidence, mutation, &golden);
        }
        let keys = match text("trust_root") {
            "all_published_keys" => Some(keys(&golden, true)),
            "primary_key_only" => Some(keys(&golden, false)),
            "empty" => Some(KeyManifest::read(br#"{"keys": []}"#, &Budget::default()).unwrap()),
            "absent" => None,
            other => panic!("no such trust root: {other}"),
        };
        let found = outcome(&judge_by(evidence, keys.as_ref()));
        let expected = (text("expected_verdict"), text("expected_code"));
        match EXCEPTIONS.iter().find(|(id, ..)| *id == text("id")) {
            None => assert_eq!(found, expected, "{}", text("id")),
            Some((id, verdict, word, why)) => {
                assert_eq!(found, (*verdict, *word), "{id}: {why}");
                assert_ne!(found, expected, "{id} is no exception any more");
                exceptions += 1;
            }
        }
    }
    assert_eq!(exceptions, EXCEPTIONS.len());
}

fn vector_of<'v>(golden: &'v Value<'_>, version: &str) -> &'v Value<'v> {
    let vectors = member(golden, &["vectors"]).as_array().unwrap();
    let of = |vector: &&Value<'_>| member(vector, &["binding_version"]).as_str() == Some(version);
    vectors.iter().find(of).unwrap()
}

/// Applies one mutation as the file describes it.
fn bend(evidence: &mut Object<'static>, mutation: &Value<'_>, golden: &Value<'_>) {
    let text = |name: &str| member(mutation, &[name]).as_str().unwrap();
    match text("op") {
        "set" => set(evidence, text("path"), member(mutation, &["value"]).clone().into_owned()),
        "delete" => drop(evidence.remove(text("path")).unwrap()),
        "recompute_binding_hash" => {
            let hash = Profile::Payload.digest(evidence.get("canonical_payload").unwrap());
            evidence.insert("binding_canonical_hash", hash.unwrap().to_string());
        }
        "copy_field_from_vector" => {
            let other = artifact(vector_of(golden, text("from_binding_version")));
            let value = other.get(text("path")).unwrap().clone();
            evidence.insert(text("path").to_owned(), value);
        }
        "flip_signature_byte" => {
            let index = usize::try_from(member(mutation, &["index"]).as_u64().unwrap()).unwrap();
            let signature = evidence.get("binding_signature").unwrap().as_str().unwrap();
            let mut bytes = STANDARD.decode(signature.strip_prefix("ed25519:").unwrap()).unwrap();
            bytes[index] ^= 0xff;
            let flipped = format!("ed25519:{}", STANDARD.encode(bytes));
            evidence.insert("binding_signature", flipped);
        }
        other => panic!("no such mutation: {other}"),
    }
}

fn set(object: &mut Object<'static>, path: &str, value: Value<'static>) {
    match path.split_once('.') {
        None => object.insert(path.to_owned(), value),
        Some((name, rest)) => {
            let mut inner = object.get(name).unwrap().as_object().unwrap().clone();
            set(&mut inner, rest, value);
            object.insert(name.to_owned(), inner);
        }
    }
}
