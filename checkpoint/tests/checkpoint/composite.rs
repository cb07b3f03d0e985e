// SPDX-License-Identifier: Apache-2.0

//! Claim `checkpoint.composite_hash.v1`.

use permit_canonical_json::{Budget, Kind, Sha256Digest, Value, read};
use permit_checkpoint::{
    ChainHeads, ChainHeadsErrorKind, CheckpointRules, CheckpointTrust, NotACheckpoint,
    judge_checkpoint,
};
use permit_claims::Unsupported::{Disproved, InsufficientEvidence};
use serde_json::{Value as Json, json};

use crate::bent::{checkpoint, composite_fault, judged, judged_by, sealed_anew, told};

#[test]
fn sem_01_heads_that_hash_to_the_composite_hash_are_supported() {
    judged(&checkpoint(), &CheckpointTrust::none(), |facts| {
        let proof = facts.composite_hash().unwrap();
        assert_eq!(facts.stated_composite_hash(), Some(&*proof.digest().prefixed().to_string()));
        assert_eq!(facts.chain_heads_count(), 2);
        let scopes: Vec<_> = proof.heads().heads().iter().map(|head| head.scope()).collect();
        assert_eq!(scopes, ["admin:global", "project:1"]);
        assert_eq!(proof.heads().get("project:1").unwrap().sequence_number(), 8);
        assert_eq!(proof.heads().get("project"), None);
    });
}

#[test]
fn sem_01_lines_are_hashed_by_code_point_and_as_the_reference_does() {
    let heads = |json: Json| {
        let text = json.to_string();
        let value = read(text.as_bytes(), &Budget::default()).unwrap();
        ChainHeads::read(Some(&value)).unwrap().composite_hash().prefixed().to_string()
    };
    let head =
        |number: u64, hash: &str| json!({"sequence_number": number, "last_record_hash": hash});
    for (given, hash) in [
        (json!({}), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (
            json!({"project:p1": head(3, "ab")}),
            "sha256:4062c18f538779994fe22e5cf392464e2f5d1b7fd9fb8b96cfb3020ec9944cb6",
        ),
        (
            json!({"b": head(1, "x"), "B": head(2, "y"), "a:2": head(2, "y")}),
            "sha256:0552fe1d97838f72933480d95dfd805e241e2bf9d8550a12122ccbe7810149fc",
        ),
    ] {
        assert_eq!(heads(given), hash);
    }
    let more = json!({"a": {"sequence_number": 1, "last_record_hash": "x", "note": [1.5]}});
    assert_eq!(heads(more), Sha256Digest::of(b"a:1:x").prefixed().to_string(), "extra members");
    let astral = json!({"\u{ff5e}": head(1, "x"), "\u{1f600}": head(2, "y")});
    let lines = "\u{ff5e}:1:x\n\u{1f600}:2:y";
    let by_code_point = Sha256Digest::of(lines.as_bytes()).prefixed().to_string();
    assert_eq!(heads(astral), by_code_point, "not by UTF-16");
}

#[test]
fn sem_01_no_heads_have_the_hash_of_nothing() {
    let mut empty = checkpoint();
    empty["chain_heads"] = json!({});
    let empty = sealed_anew(empty, "");
    assert_eq!(composite_fault(&empty), None);
}

#[test]
fn sem_01_without_a_composite_hash_there_is_nothing_to_judge() {
    let code = "CHECKPOINT_COMPOSITE_HASH_MISSING";
    for stated in [json!(null), json!(7), json!("e3b0"), json!("SHA256:e3b0"), json!([])] {
        let mut bent = checkpoint();
        bent["composite_hash"] = stated.clone();
        let told = composite_fault(&bent);
        let at = "/composite_hash".to_owned();
        assert_eq!(told, Some((InsufficientEvidence, code, "SEM-01", at)), "{stated}");
    }
    let mut bent = checkpoint();
    bent.as_object_mut().unwrap().remove("composite_hash");
    // Heads of no form are not looked at before.
    bent["chain_heads"] = json!(7);
    let told = composite_fault(&bent);
    assert_eq!(told, Some((InsufficientEvidence, code, "SEM-01", String::new())));
    let count = judged(&bent, &CheckpointTrust::none(), |facts| facts.chain_heads_count());
    assert_eq!(count, 0);
}

#[test]
fn sem_01_heads_that_are_no_heads_are_invalid() {
    let head = json!({"sequence_number": 1, "last_record_hash": "x"});
    for (heads, at) in [
        (json!(7), "/chain_heads"),
        (json!("x"), "/chain_heads"),
        (json!([head]), "/chain_heads"),
        (json!({"a": 1}), "/chain_heads/a"),
        (json!({"a": null}), "/chain_heads/a"),
        (json!({"a": {"last_record_hash": "x"}}), "/chain_heads/a"),
        (json!({"a": {"sequence_number": 1}}), "/chain_heads/a"),
        (
            json!({"a/b": {"sequence_number": "1", "last_record_hash": "x"}}),
            "/chain_heads/a~1b/sequence_number",
        ),
        (
            json!({"a": {"sequence_number": null, "last_record_hash": "x"}}),
            "/chain_heads/a/sequence_number",
        ),
        (
            json!({"a": {"sequence_number": 1.0, "last_record_hash": "x"}}),
            "/chain_heads/a/sequence_number",
        ),
        (
            json!({"a": {"sequence_number": 1, "last_record_hash": null}}),
            "/chain_heads/a/last_record_hash",
        ),
        (
            json!({"a": {"sequence_number": 1, "last_record_hash": 2}}),
            "/chain_heads/a/last_record_hash",
        ),
        (json!({"a": head, "b": {}}), "/chain_heads/b"),
    ] {
        assert_invalid(&heads, "", at);
    }
}

/// The heads are invalid, even if the hash of these lines is stated and signed.
fn assert_invalid(heads: &Json, lines: &str, at: &str) {
    let mut bent = checkpoint();
    bent["chain_heads"] = heads.clone();
    let told = composite_fault(&sealed_anew(bent, lines));
    let expected =
        (InsufficientEvidence, "CHECKPOINT_CHAIN_HEADS_INVALID", "SEM-01", at.to_owned());
    assert_eq!(told, Some(expected), "{heads}");
}

#[test]
fn difference_heads_have_to_be_there_as_an_object() {
    // Trap 5: the reference takes each of these for no heads, and calls the checkpoint supported.
    for absent in [json!(null), json!([]), json!(false), json!(0), json!("")] {
        assert_invalid(&absent, "", "/chain_heads");
    }
    let mut bent = checkpoint();
    bent.as_object_mut().unwrap().remove("chain_heads");
    let told = composite_fault(&sealed_anew(bent, ""));
    let code = "CHECKPOINT_CHAIN_HEADS_INVALID";
    assert_eq!(told, Some((InsufficientEvidence, code, "SEM-01", String::new())));
}

#[test]
fn sem_01_heads_that_were_taken_away_contradict_the_hash() {
    let mut bent = checkpoint();
    bent.as_object_mut().unwrap().remove("chain_heads");
    for absent in [None, Some(json!(null)), Some(json!([])), Some(json!(0))] {
        if let Some(absent) = absent {
            bent["chain_heads"] = absent;
        }
        let (verdict, code, ..) = composite_fault(&bent).unwrap();
        assert_eq!((verdict, code), (Disproved, "CHECKPOINT_COMPOSITE_HASH_MISMATCH"));
    }
}

#[test]
fn difference_a_truth_value_is_no_sequence_number() {
    // Trap 6: the reference hashes `True`.
    let heads = json!({"a": {"sequence_number": true, "last_record_hash": "x"}});
    assert_invalid(&heads, "a:True:x", "/chain_heads/a/sequence_number");
}

#[test]
fn difference_sequence_numbers_are_of_64_bits_and_not_negative() {
    for number in ["-1", "18446744073709551616", "1e3"] {
        let text = format!(r#"{{"a": {{"sequence_number": {number}, "last_record_hash": "x"}}}}"#);
        let value = read(text.as_bytes(), &Budget::default()).unwrap();
        let error = ChainHeads::read(Some(&value)).unwrap_err();
        let member = ChainHeadsErrorKind::Member {
            scope: "a".into(),
            name: "sequence_number",
            found: Some(Kind::Number),
        };
        assert_eq!(*error.kind(), member, "{number}");
    }
    let text = r#"{"a": {"sequence_number": 18446744073709551615, "last_record_hash": "x"}, "b": {"sequence_number": -0, "last_record_hash": "y"}}"#;
    let value = read(text.as_bytes(), &Budget::default()).unwrap();
    let heads = ChainHeads::read(Some(&value)).unwrap();
    assert_eq!(heads.composite_hash(), Sha256Digest::of(b"a:18446744073709551615:x\nb:0:y"));
}

#[test]
fn difference_a_signature_fits_one_set_of_heads_only() {
    // Each pair gives the same lines in the reference, so that one signature fits both.
    let head =
        |number: u64, hash: &str| json!({"sequence_number": number, "last_record_hash": hash});
    for (honest, forged, lines, at) in [
        (
            json!({"a": head(1, "x"), "b": head(2, "y")}),
            json!({"a:1:x\nb": head(2, "y")}),
            "a:1:x\nb:2:y",
            "/chain_heads/a:1:x\nb",
        ),
        (
            json!({"a": head(1, "x"), "b": head(2, "y")}),
            json!({"a": head(1, "x\nb:2:y")}),
            "a:1:x\nb:2:y",
            "/chain_heads/a/last_record_hash",
        ),
        (
            json!({"a:1": head(2, "y")}),
            json!({"a": head(1, "2:y")}),
            "a:1:2:y",
            "/chain_heads/a/last_record_hash",
        ),
    ] {
        let mut bent = checkpoint();
        bent["chain_heads"] = honest;
        assert_eq!(composite_fault(&sealed_anew(bent, lines)), None);
        assert_invalid(&forged, lines, at);
    }
}

#[test]
fn sem_01_other_heads_or_another_text_of_the_hash_are_a_mismatch() {
    type Bend = fn(&mut Json);
    let bends: [(&str, Bend); 9] = [
        ("a number", |bent| bent["chain_heads"]["project:1"]["sequence_number"] = json!(9)),
        ("a hash", |bent| {
            let hash = &mut bent["chain_heads"]["project:1"]["last_record_hash"];
            *hash = json!(hash.as_str().unwrap().replacen(['0', '1', '2', '3', '4'], "5", 1));
        }),
        ("a scope's name", |bent| {
            let heads = bent["chain_heads"].as_object_mut().unwrap();
            let head = heads.remove("project:1").unwrap();
            heads.insert("project:2".to_owned(), head);
        }),
        ("a scope more", |bent| {
            let head = bent["chain_heads"]["project:1"].clone();
            bent["chain_heads"]["project:2"] = head;
        }),
        ("a scope less", |bent| {
            bent["chain_heads"].as_object_mut().unwrap().remove("project:1");
        }),
        ("two heads exchanged", |bent| {
            let one = bent["chain_heads"]["project:1"].take();
            let two = bent["chain_heads"]["admin:global"].take();
            bent["chain_heads"] = json!({"project:1": two, "admin:global": one});
        }),
        ("letters", |bent| {
            let hash = bent["composite_hash"].as_str().unwrap().replacen("sha256:", "", 1);
            bent["composite_hash"] = json!(format!("sha256:{}", hash.to_uppercase()));
        }),
        ("white space", |bent| {
            let hash = format!("{} ", bent["composite_hash"].as_str().unwrap());
            bent["composite_hash"] = json!(hash);
        }),
        ("a short hash", |bent| bent["composite_hash"] = json!("sha256:")),
    ];
    for (what, bend) in bends {
        let mut bent = checkpoint();
        bend(&mut bent);
        let code = "CHECKPOINT_COMPOSITE_HASH_MISMATCH";
        let expected = (Disproved, code, "SEM-01", "/composite_hash".to_owned());
        assert_eq!(composite_fault(&bent), Some(expected), "{what}");
    }
}

#[test]
fn sem_01_an_unknown_recipe_computes_nothing() {
    let mut rules = CheckpointRules::default();
    rules.composite_hash_known = false;
    let trust = CheckpointTrust::self_attested();
    judged_by(&checkpoint(), &trust, &rules, |facts| {
        let code = "CHECKPOINT_COMPOSITE_HASH_RECOMPUTE_FAILED";
        let (verdict, reason, ..) = told(facts.composite_hash().unwrap_err());
        assert_eq!((verdict, reason), (InsufficientEvidence, code));
    });
    // Heads that are no heads come first, as in the reference.
    let mut bent = checkpoint();
    bent["chain_heads"] = json!({"a": 1});
    judged_by(&bent, &trust, &rules, |facts| {
        let (_, reason, ..) = told(facts.composite_hash().unwrap_err());
        assert_eq!(reason, "CHECKPOINT_CHAIN_HEADS_INVALID");
    });
}

#[test]
fn what_is_no_object_is_no_checkpoint() {
    for (text, found) in [("[]", Kind::Array), ("null", Kind::Null), ("\"x\"", Kind::String)] {
        let document: Value<'_> = read(text.as_bytes(), &Budget::default()).unwrap();
        let judged =
            judge_checkpoint(&document, &CheckpointTrust::none(), &CheckpointRules::default());
        assert_eq!(judged.unwrap_err(), NotACheckpoint { found });
    }
    let nothing = json!({});
    let (verdict, reason, ..) = composite_fault(&nothing).unwrap();
    assert_eq!((verdict, reason), (InsufficientEvidence, "CHECKPOINT_COMPOSITE_HASH_MISSING"));
}
