// SPDX-License-Identifier: Apache-2.0

//! Rules about scope states, each code once.

use permit_canonical_json::Budget;
use permit_claims::Verdict;
use permit_keys::Mode;
use permit_scope::{CheckpointEvidence, ScopeStateKeys, adjudicate_scope_state};
use serde_json::{Value as Json, json};

use crate::pack::{
    P, Pack, SCOPE, checkpoint_key, equals, scope_key, seal_checkpoint, told, written,
};

use Verdict::{Disproved as D, InsufficientEvidence as I, Supported as S, UnverifiableScope as U};

type Bend = Box<dyn Fn(&mut Json)>;

/// One change, by reference.
type Change<'b> = &'b dyn Fn(&mut Json);

/// Both claims fail alike.
#[track_caller]
fn expect(name: &str, pack: &Pack, verdict: Verdict, code: &str) {
    assert_eq!(pack.state_claim(), (verdict, code), "{name}");
    assert_eq!(pack.claim(), (verdict, code), "{name}");
}

fn state(bend: impl FnOnce(&mut Json)) -> Pack {
    Pack::usual().bent_state(bend)
}

#[test]
fn side_06_and_side_07_an_honest_scope_state_holds() {
    let judged = Pack::usual().judge();
    let segment = judged.segments().next().unwrap();
    let state = segment.scope_state.as_ref().unwrap().as_ref().unwrap();
    assert_eq!((state.chain_scope(), state.head().sequence_number), (SCOPE, 8));
    assert_eq!(state.commitments().len(), 1);
    let (_, commitment) = state.commitments().next().unwrap();
    assert_eq!((commitment.matching_count, commitment.range), (5, Some((1, 6))));
    assert!(judged.faithfulness().is_ok());
}

#[test]
fn side_07_a_checkpoint_key_may_sign_if_the_scope_state_says_so() {
    let pack = state(|it| {
        it["trust_root_reference"]["purpose"] = json!("integrity_checkpoint");
        for place in ["signature", "trust_root_reference"] {
            it[place]["key_id"] = json!(checkpoint_key().key_id().to_string());
        }
    });
    assert_eq!(pack.claim(), (S, ""));
    let wrong = state(|it| it["trust_root_reference"]["purpose"] = json!("integrity_checkpoint"));
    expect("the key has another purpose", &wrong, I, "CHECKPOINT_SCOPE_STATE_KEY_UNRESOLVED");
}

#[test]
fn side_12_a_scope_state_that_is_not_there_or_not_readable() {
    let code = "CHECKPOINT_SCOPE_STATE_MISSING";
    let mut pack = Pack::usual();
    pack.sidecars[0] = None;
    expect("none", &pack, I, code);
    let mut pack = Pack::usual();
    pack.sidecars[0] = Some(json!("a text"));
    pack.refer(0);
    expect("no object", &pack, I, code);
    let honest = written(Pack::usual().sidecar(0));
    let twice = String::from_utf8(honest.clone()).unwrap().replacen('{', "{\"tree_size\":1,", 1);
    for bytes in [&b""[..], b"{", b"\xff", twice.as_bytes(), &honest[..honest.len() - 1]] {
        let judged = adjudicate_scope_state(
            Some(bytes),
            &Pack::usual().checkpoint_evidence(),
            &ScopeStateKeys::none(),
            &Budget::default(),
        );
        assert_eq!(told(judged.as_ref().map(|_| ())), (I, code));
    }
}

#[test]
fn side_06_a_signature_that_is_not_there_or_does_not_verify() {
    let missing = "CHECKPOINT_SCOPE_STATE_SIGNATURE_MISSING";
    let invalid = "CHECKPOINT_SCOPE_STATE_SIGNATURE_INVALID";
    let unsealed = |bend: Change<'_>| {
        let mut pack = Pack::usual();
        bend(pack.sidecar(0));
        pack.refer(0);
        pack
    };
    let bends: [(&str, Change<'_>, &str, Verdict); 7] = [
        ("no block", &|it| it["signature"] = json!(null), missing, I),
        ("no value", &|it| it["signature"]["signature"] = json!(null), missing, I),
        ("an empty value", &|it| it["signature"]["signature"] = json!(""), missing, I),
        ("SIDE-13 tree_size is signed", &|it| it["tree_size"] = json!(9), invalid, D),
        ("a count", &|it| it["scope_commitments"][0]["matching_count"] = json!(4), invalid, D),
        ("signed_at", &|it| it["signed_at"] = json!("2026-05-21T10:10:31Z"), invalid, D),
        (
            "foreign characters",
            &|it| {
                let text = it["signature"]["signature"].as_str().unwrap().replace('=', " =");
                it["signature"]["signature"] = json!(text);
            },
            invalid,
            D,
        ),
    ];
    for (name, bend, code, verdict) in bends {
        expect(name, &unsealed(bend), verdict, code);
    }
}

#[test]
fn side_01_side_03_and_side_08_the_form_is_that_of_the_schema() {
    let remove = |name: &'static str| {
        move |it: &mut Json| {
            it.as_object_mut().unwrap().remove(name);
        }
    };
    let bends: Vec<(&str, Bend)> = vec![
        ("version", Box::new(|it| it["version"] = json!("checkpoint_scope_state.v2"))),
        ("another member", Box::new(|it| it["comment"] = json!(1))),
        ("no basis", Box::new(remove("predicate_basis"))),
        ("no tree_size", Box::new(remove("tree_size"))),
        ("tree_size is a truth value", Box::new(|it| it["tree_size"] = json!(true))),
        ("tree_size is a float", Box::new(|it| it["tree_size"] = json!(8.0))),
        ("tree_size is negative", Box::new(|it| it["tree_size"] = json!(-1))),
        (
            "SIDE-03 a kind that does not exist",
            Box::new(|it| {
                it["predicate_basis"]["supported_predicate_kinds"][0] = json!("model");
            }),
        ),
        (
            "a kind twice",
            Box::new(|it| {
                it["predicate_basis"]["supported_predicate_kinds"] = json!(["section", "section"]);
            }),
        ),
        (
            "a kind is an object",
            Box::new(|it| {
                it["predicate_basis"]["supported_predicate_kinds"] = json!([{}]);
            }),
        ),
        (
            "a namespace of nobody",
            Box::new(|it| {
                it["predicate_basis"]["reserved_namespaces"] = json!(["acme.kind"]);
            }),
        ),
        (
            "a namespace is an object",
            Box::new(|it| {
                it["predicate_basis"]["reserved_namespaces"] = json!([{}]);
            }),
        ),
        (
            "another canonical form",
            Box::new(|it| {
                it["predicate_basis"]["canonicalization_profile"] = json!("rfc8785");
            }),
        ),
        ("another algorithm", Box::new(|it| it["signature"]["algorithm"] = json!("ed25519"))),
        (
            "SIDE-08 another key manifest",
            Box::new(|it| {
                it["trust_root_reference"]["manifest_version"] =
                    json!("keel.public_key_manifest.v2");
            }),
        ),
        (
            "another purpose",
            Box::new(|it| {
                it["trust_root_reference"]["purpose"] = json!("export_signing");
            }),
        ),
        (
            "a purpose is an array",
            Box::new(|it| {
                it["trust_root_reference"]["purpose"] = json!([]);
            }),
        ),
        ("no commitments", Box::new(|it| it["scope_commitments"] = json!([]))),
        (
            "a commitment with another member",
            Box::new(|it| {
                it["scope_commitments"][0]["note"] = json!(1);
            }),
        ),
        (
            "a hash without prefix",
            Box::new(|it| {
                it["scope_commitments"][0]["membership_root_hash"] = json!("0".repeat(64));
            }),
        ),
        (
            "a hash in capitals",
            Box::new(|it| {
                it["scope_commitments"][0]["predicate_value_hash"] =
                    json!(format!("sha256:{}", "A".repeat(64)));
            }),
        ),
        (
            "a number is 0",
            Box::new(|it| {
                it["scope_commitments"][0]["first_matching_sequence"] = json!(0);
            }),
        ),
        (
            "a predicate that is malformed",
            Box::new(|it| {
                it["scope_commitments"][0]["predicate_value"]["equals"] = json!([]);
            }),
        ),
    ];
    let code = "CHECKPOINT_SCOPE_STATE_SCHEMA_INVALID";
    for (name, bend) in bends {
        expect(name, &state(bend), D, code);
    }
    // A segment that refers to something else is told of first.
    let pack = state(|it| it["artifact_type"] = json!("scope_state"));
    assert_eq!(pack.claim(), (D, "EXPORT_SCOPE_STATE_REFERENCE_MISMATCH"));
    let (keys, sidecar) = (pack.key_manifest(), pack.sidecars[0].as_ref().map(written));
    let judged = adjudicate_scope_state(
        sidecar.as_deref(),
        &pack.checkpoint_evidence(),
        &ScopeStateKeys::of(&keys, Mode::Production),
        &Budget::default(),
    );
    assert_eq!(told(judged.as_ref().map(|_| ())), (D, code));
}

#[test]
fn side_04_reserved_namespaces_change_nothing() {
    let pack = state(|it| {
        it["predicate_basis"]["reserved_namespaces"] =
            json!(["keel.acme.kind", "non_membership_profile"]);
    });
    assert_eq!((pack.state_claim(), pack.claim()), ((S, ""), (S, "")));
}

#[test]
fn side_07_the_key_is_resolved_by_purpose_and_time() {
    let unresolved = "CHECKPOINT_SCOPE_STATE_KEY_UNRESOLVED";
    let not_active = "CHECKPOINT_SCOPE_STATE_KEY_NOT_ACTIVE";
    let keys = |bend: Change<'_>| {
        let mut pack = Pack::usual();
        bend(&mut pack.keys["keys"][0]);
        pack
    };
    let bends: [(&str, Change<'_>, Verdict, &str); 7] = [
        ("another id", &|it| it["key_id"] = json!("other"), I, unresolved),
        ("another purpose", &|it| it["purpose"] = json!("export_signing"), I, unresolved),
        ("retired before", &|it| it["valid_to"] = json!("2026-05-21T10:10:29Z"), D, not_active),
        ("not yet valid", &|it| it["valid_from"] = json!("2026-05-21T10:10:31Z"), D, not_active),
        ("KEY-07 no time", &|it| it["valid_to"] = json!("soon"), D, not_active),
        ("KEY-04 revoked", &|it| it["status"] = json!("revoked"), D, "SIGNING_KEY_REVOKED"),
        ("KEY-04 compromised", &|it| it["status"] = json!("compromised"), D, "SIGNING_KEY_REVOKED"),
    ];
    for (name, bend, verdict, code) in bends {
        expect(name, &keys(bend), verdict, code);
    }
    let mut test = Pack::usual();
    test.mode = Mode::Test;
    assert_eq!(test.state_claim(), (I, unresolved), "KEY-05");
    let mut pack = Pack::usual();
    let mut second = pack.keys["keys"][0].clone();
    second["public_key"] = pack.keys["keys"][1]["public_key"].clone();
    pack.keys["keys"].as_array_mut().unwrap().push(second);
    expect("two keys of one id", &pack, I, unresolved);
    let sidecar = written(Pack::usual().sidecar(0));
    let none = ScopeStateKeys::none();
    let checkpoint = Pack::usual().checkpoint_evidence();
    let judged = adjudicate_scope_state(Some(&sidecar), &checkpoint, &none, &Budget::default());
    assert_eq!(told(judged.as_ref().map(|_| ())), (I, unresolved));
}

/// The reference does not look at the window if `signed_at` is no time.
#[test]
fn side_07_a_time_of_signing_that_cannot_be_read() {
    let bend = |it: &mut Json| it["signed_at"] = json!("yesterday");
    expect("a limited key", &state(bend), I, "CHECKPOINT_SCOPE_STATE_KEY_UNRESOLVED");
    let mut pack = state(bend);
    pack.keys["keys"][0]["valid_from"] = json!(null);
    expect("an unlimited key", &pack, D, "CHECKPOINT_SCOPE_STATE_SCHEMA_INVALID");
}

#[test]
fn sem_01_and_sem_02_the_checkpoint_is_there_verifies_and_is_the_one() {
    let mismatch = "CHECKPOINT_SCOPE_STATE_CHECKPOINT_MISMATCH";
    let mut pack = Pack::usual();
    pack.checkpoint = None;
    expect("none", &pack, I, "CHECKPOINT_SCOPE_STATE_CHECKPOINT_MISSING");
    let checkpoint = |bend: Change<'_>| {
        let mut pack = Pack::usual();
        bend(pack.checkpoint.as_mut().unwrap());
        pack
    };
    let bends: [(&str, Change<'_>); 4] = [
        ("a head", &|it| it["chain_heads"][SCOPE]["sequence_number"] = json!(9)),
        ("the signature", &|it| it["signature"] = json!("ed25519:AAAA")),
        ("the key", &|it| it["key_id"] = json!("other")),
        ("another checkpoint", &|it| {
            it["checkpoint_id"] = json!("40000000-0000-4000-8000-000000000002");
        }),
    ];
    for (name, bend) in bends {
        expect(name, &checkpoint(bend), D, mismatch);
    }
}

#[test]
fn side_11_the_chain_is_in_the_checkpoint_and_ranges_end_at_its_head() {
    let mut pack = Pack::usual();
    let checkpoint = pack.checkpoint.as_mut().unwrap();
    let head = checkpoint["chain_heads"][SCOPE].take();
    checkpoint["chain_heads"] = json!({ "admin:global": head });
    seal_checkpoint(checkpoint);
    expect("another chain", &pack, D, "CHECKPOINT_SCOPE_STATE_CHAIN_SCOPE_NOT_IN_CHECKPOINT");

    let after = "CHECKPOINT_SCOPE_STATE_LAST_SEQUENCE_AFTER_CHECKPOINT";
    let last =
        |last: Json| state(move |it| it["scope_commitments"][0]["last_matching_sequence"] = last);
    expect("behind the head", &last(json!(9)), D, after);
    expect("none", &last(json!(null)), D, after);
    let empty = Pack::of(&[equals(&[("category", "none")])]);
    for name in ["first_matching_sequence", "last_matching_sequence"] {
        let pack = empty.clone().bent_state(|it| it["scope_commitments"][0][name] = json!(1));
        expect("SIDE-05 a range of nothing", &pack, D, after);
    }
}

#[test]
fn side_15_grammar_and_profile_that_are_not_known_here() {
    let grammar = "CHECKPOINT_SCOPE_STATE_GRAMMAR_UNSUPPORTED";
    let version_2 = "keel.scope_predicate.v2";
    for (name, pack) in [
        ("another grammar", state(|it| it["predicate_grammar_version"] = json!(version_2))),
        (
            "AMB-37 and predicates of its own",
            state(|it| {
                it["predicate_grammar_version"] = json!(version_2);
                it["scope_commitments"][0]["predicate_value"] = json!({ "any_of": [] });
            }),
        ),
        (
            "PRED-06 a reserved kind",
            state(|it| {
                it["scope_commitments"][0]["predicate_value"]["equals"] = json!({ "model": "m" });
            }),
        ),
        (
            "PRED-02 an open range",
            state(|it| {
                it["scope_commitments"][0]["predicate_value"]["ranges"] =
                    json!({ "sequence_number": { "gte": 1 } });
            }),
        ),
    ] {
        expect(name, &pack, U, grammar);
    }
    let pack = state(|it| it["commitment_profile"] = json!("keel.scope_state.smt.v1"));
    expect("another profile", &pack, U, "CHECKPOINT_SCOPE_STATE_COMMITMENT_PROFILE_UNKNOWN");
}

#[test]
fn side_09_and_side_10_predicates_hash_as_stated_and_none_is_there_twice() {
    let mismatch = "CHECKPOINT_SCOPE_STATE_PREDICATE_HASH_MISMATCH";
    let pack = state(|it| {
        it["scope_commitments"][0]["predicate_value"]["equals"] = json!({ "permit_id": "q" });
    });
    expect("another predicate", &pack, D, mismatch);
    let pack = state(|it| {
        let hash = format!("sha256:{}", "0".repeat(64));
        it["scope_commitments"][0]["predicate_value_hash"] = json!(hash);
    });
    expect("another hash", &pack, D, mismatch);
    let pack = state(|it| {
        let mut second = it["scope_commitments"][0].clone();
        second["matching_count"] = json!(4);
        it["scope_commitments"].as_array_mut().unwrap().push(second);
    });
    expect("twice", &pack, D, "CHECKPOINT_SCOPE_STATE_COMMITMENT_PREDICATE_DUPLICATE");
}

/// The reference looks at none of these.
#[test]
fn side_02_the_id_is_made_of_chain_and_checkpoint() {
    let code = "CHECKPOINT_SCOPE_STATE_SCHEMA_INVALID";
    let honest = Pack::usual().sidecar(0)["scope_state_id"].as_str().unwrap().to_owned();
    for (name, id) in [
        ("any text", "scope state 1".to_owned()),
        ("another chain", honest.replacen(":", ":0", 1)),
        ("another checkpoint", honest.replace("000000000001", "000000000002")),
    ] {
        expect(name, &state(|it| it["scope_state_id"] = json!(id)), D, code);
    }
}

/// The reference does not compare the two ids.
#[test]
fn side_07_the_key_of_the_signature_is_the_one_of_the_trust_root() {
    let pack = state(|it| it["trust_root_reference"]["key_id"] = json!("other"));
    expect("two keys", &pack, D, "CHECKPOINT_SCOPE_STATE_SCHEMA_INVALID");
}

/// The reference compares these only for the commitment that a segment uses, and some not at all.
#[test]
fn side_05_commitments_that_cannot_be_true() {
    let code = "CHECKPOINT_SCOPE_STATE_SCHEMA_INVALID";
    let other_root = json!(format!("sha256:{}", "1".repeat(64)));
    let empty_root = permit_scope::MembershipTree::empty_root().to_string();
    // The second commitment, which no segment uses.
    let two = || {
        let mut pack = Pack::of(&[equals(&[("permit_id", P)]), equals(&[("category", "none")])]);
        pack.document["scope_faithfulness"]["segments"].as_array_mut().unwrap().truncate(1);
        pack
    };
    assert_eq!(two().claim(), (S, ""));
    for (name, commitment) in [
        ("nothing has the root of something", json!({ "membership_root_hash": other_root })),
        (
            "something has no first record",
            json!({
                "matching_count": 1, "last_matching_sequence": 3, "membership_root_hash": other_root,
            }),
        ),
        (
            "the first record is behind the last",
            json!({
                "matching_count": 1, "first_matching_sequence": 4, "last_matching_sequence": 3,
                "membership_root_hash": other_root,
            }),
        ),
        (
            "more records than places",
            json!({
                "matching_count": 3, "first_matching_sequence": 3, "last_matching_sequence": 4,
                "membership_root_hash": other_root,
            }),
        ),
        (
            "something has the root of nothing",
            json!({
                "matching_count": 1, "first_matching_sequence": 3, "last_matching_sequence": 3,
                "membership_root_hash": empty_root,
            }),
        ),
    ] {
        let pack = two().bent_state(|it| {
            for (name, value) in commitment.as_object().unwrap() {
                it["scope_commitments"][1][name] = value.clone();
            }
        });
        expect(name, &pack, D, code);
    }
}

#[test]
fn side_13_the_size_of_the_tree_is_not_looked_at() {
    for size in [0, 7, 4_000_000_000_u64] {
        assert_eq!(state(|it| it["tree_size"] = json!(size)).claim(), (S, ""), "{size}");
    }
}

#[test]
fn a_limit_that_is_reached_says_nothing_about_the_scope_state() {
    let sidecar = written(Pack::usual().sidecar(0));
    let mut budget = Budget::default();
    budget.depth = 2;
    let keys = Pack::usual().key_manifest();
    let keys = ScopeStateKeys::of(&keys, Mode::Production);
    let judged =
        adjudicate_scope_state(Some(&sidecar), &CheckpointEvidence::Missing, &keys, &budget);
    assert_eq!(told(judged.as_ref().map(|_| ())), (I, "BUDGET_EXCEEDED"));
}

#[test]
fn findings_say_where_and_what() {
    let pack = state(|it| it["scope_commitments"][0]["last_matching_sequence"] = json!(9));
    let judged = pack.judge();
    let fault = judged.faithfulness().unwrap_err();
    let finding = &fault.finding;
    assert_eq!(finding.at.pointer.to_string(), "/scope_commitments/0/last_matching_sequence");
    assert_eq!(finding.at.artifact, permit_types::Artifact::ScopeState);
    assert!(!finding.at.range.is_empty());
    assert_eq!(finding.rule.unwrap().as_str(), "SIDE-11");
    assert_eq!(finding.summary, "a commitment reaches 9, past the head at 8");
    assert_eq!(finding.get("segment_id"), Some("segment-0"));
    assert_eq!(
        fault.evidence,
        ["export.scope_faithfulness.scope_state_reference", "checkpoint_scope_state"]
    );
    assert_eq!(scope_key().key_id().to_string(), pack.keys["keys"][0]["key_id"]);
}
