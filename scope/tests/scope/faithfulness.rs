// SPDX-License-Identifier: Apache-2.0

//! Rules about segments, each code once.

use permit_claims::Verdict;
use permit_scope::declares_scope;
use permit_types::{PresentationPolicyKind, Severity};
use serde_json::{Value as Json, json};

use crate::pack::{
    CHECKPOINT, P, Pack, Q, SCOPE, asking, chain, equals, seal_checkpoint, strict, written,
};

use Verdict::{Disproved as D, InsufficientEvidence as I, Supported as S, UnverifiableScope as U};

type Bend = Box<dyn Fn(&mut Json)>;

fn bend(bend: impl Fn(&mut Json) + 'static) -> Bend {
    Box::new(bend)
}

/// Sets a value below a segment.
fn set(path: &'static str, value: Json) -> Bend {
    bend(move |segment| *segment.pointer_mut(path).unwrap() = value.clone())
}

/// Adds a member below a segment, or replaces it.
fn add(path: &'static str, name: &'static str, value: Json) -> Bend {
    bend(move |segment| segment.pointer_mut(path).unwrap()[name] = value.clone())
}

fn remove(path: &'static str, name: &'static str) -> Bend {
    bend(move |segment| {
        let object = segment.pointer_mut(path).unwrap().as_object_mut().unwrap();
        object.remove(name).unwrap();
    })
}

#[track_caller]
fn expect(name: &str, pack: &Pack, verdict: Verdict, code: &str) {
    assert_eq!(pack.claim(), (verdict, code), "{name}");
}

#[track_caller]
fn expect_each(verdict: Verdict, code: &str, bends: Vec<(&str, Bend)>) {
    for (name, bend) in bends {
        expect(name, &Pack::usual().bent(bend), verdict, code);
    }
}

#[test]
fn sfe_05_and_sfe_13_an_honest_export_holds() {
    for (predicate, disclosed) in [
        (equals(&[]), 8),
        (equals(&[("permit_id", P)]), 5),
        (equals(&[("event_type", "dispatch.egress_bound")]), 2),
        (equals(&[("category", "none")]), 0),
        (asking(), 0),
    ] {
        let judged = Pack::of(&[predicate]).judge();
        let export = judged.faithfulness().unwrap();
        let segment = export.segments().next().unwrap();
        let facts = segment.facts();
        assert_eq!((facts.disclosed, facts.bridges), (disclosed, 8 - disclosed));
        assert_eq!((facts.window, facts.end), (Some((1, 8)), 8));
        // What segments add to the payload is enough to compute every hash.
        assert_eq!(facts.hashes_computed, 8);
        assert_eq!(segment.commitment().matching_count, disclosed);
        assert_eq!(segment.id(), "segment-0");
        assert!(segment.notices().is_empty());
        assert_eq!((export.segments().count(), judged.unreached()), (1, 0));
    }
}

#[test]
fn sfe_01_a_block_outside_of_the_signed_payload_does_not_count() {
    let mut pack = Pack::usual();
    pack.manifest = pack.document.take();
    pack.document = json!({ "project_id": "x" });
    expect("in the manifest", &pack, I, "EXPORT_SCOPE_DECLARATION_MISSING");
    assert!(!declares_scope(&strict(&pack.document)));
}

#[test]
fn sfe_06_no_block_or_no_segment_is_insufficient() {
    let code = "EXPORT_SCOPE_DECLARATION_MISSING";
    for (name, block) in [
        ("null", json!(null)),
        ("a text", json!("all of it")),
        ("no segments", json!({ "version": "keel.export_scope_faithfulness.v1" })),
        ("none", json!({ "version": "keel.export_scope_faithfulness.v1", "segments": [] })),
    ] {
        let mut pack = Pack::usual();
        pack.document["scope_faithfulness"] = block;
        expect(name, &pack, I, code);
        assert!(pack.judge().block_fault().is_some());
        assert_eq!(pack.judge().segments().count(), 0);
    }
}

/// The reference passes over such a block if the pack pins nothing, and disproves it if it does.
#[test]
fn amb_37_a_block_of_another_version_is_told_of_and_unverifiable() {
    let mut pack = Pack::usual();
    pack.document["scope_faithfulness"]["version"] = json!("keel.export_scope_faithfulness.v2");
    assert!(declares_scope(&strict(&pack.document)));
    expect("version 2", &pack, U, "EXPORT_SCOPE_PREDICATE_UNSUPPORTED");
    let version = set("/declared_scope/version", json!("keel.scope_declaration.v2"));
    expect_each(U, "EXPORT_SCOPE_PREDICATE_UNSUPPORTED", vec![("declaration", version)]);
}

#[test]
fn sfe_06_a_block_or_a_segment_that_breaks_the_schema_is_disproved() {
    let code = "EXPORT_SCOPE_DECLARATION_SCHEMA_INVALID";
    for (name, document) in [
        ("no object", json!([])),
        ("no version", json!({ "scope_faithfulness": { "segments": [{}] } })),
        (
            "a number as version",
            json!({ "scope_faithfulness": { "version": 1, "segments": [{}] } }),
        ),
        ("another member", {
            let mut document = Pack::usual().document;
            document["scope_faithfulness"]["note"] = json!(1);
            document
        }),
        ("segments are an object", {
            let mut document = Pack::usual().document;
            document["scope_faithfulness"]["segments"] = json!({ "0": {} });
            document
        }),
        ("a segment is null", {
            let mut document = Pack::usual().document;
            document["scope_faithfulness"]["segments"] = json!([null]);
            document
        }),
    ] {
        let mut pack = Pack::usual();
        pack.document = document;
        expect(name, &pack, D, code);
    }
    let record = "/chain_evidence/disclosure_records/0";
    expect_each(
        D,
        code,
        vec![
            ("another member", add("", "note", json!(1))),
            ("no id", remove("", "segment_id")),
            ("an empty id", set("/segment_id", json!(""))),
            ("no declared scope", remove("", "declared_scope")),
            ("another kind of scope", set("/declared_scope/scope_kind", json!("all"))),
            ("a kind of scope is an array", set("/declared_scope/scope_kind", json!([]))),
            ("no label", set("/declared_scope/population_label", json!(""))),
            ("no predicate", remove("/declared_scope", "predicate")),
            ("no policy", remove("/declared_scope", "presentation_policy")),
            (
                "a policy with another member",
                add("/declared_scope/presentation_policy", "x", json!(1)),
            ),
            (
                "a kind of policy is an array",
                set("/declared_scope/presentation_policy/policy_kind", json!([])),
            ),
            (
                "policy parameters",
                set("/declared_scope/presentation_policy/policy_parameters", json!([])),
            ),
            ("another kind of start", set("/declared_start/kind", json!("somewhere"))),
            ("a start with another member", add("/declared_start", "checkpoint_id", json!("x"))),
            ("genesis at 2", set("/declared_start/sequence_number", json!(2))),
            ("genesis at a text", set("/declared_start/sequence_number", json!("1"))),
            ("genesis at a truth value", set("/declared_start/sequence_number", json!(true))),
            ("an end at a float", set("/declared_end/sequence_number", json!(8.0))),
            ("another policy of the end", set("/declared_end/boundary_policy", json!("latest"))),
            ("a policy of the end is an object", set("/declared_end/boundary_policy", json!({}))),
            ("a reference with another member", add("/scope_state_reference", "x", json!(1))),
            ("another type of artifact", set("/scope_state_reference/artifact_type", json!("x"))),
            ("no hash of the artifact", set("/scope_state_reference/artifact_hash", json!("x"))),
            ("a URI that is no text", set("/scope_state_reference/storage_uri", json!(1))),
            (
                "another canonical form",
                set("/canonical_filters/canonicalization_profile", json!("x")),
            ),
            ("filters are an array", set("/canonical_filters/raw_filters", json!([]))),
            (
                "the hash of filters has no prefix",
                set("/canonical_filters/filters_hash", json!("0".repeat(64))),
            ),
            ("evidence with another member", add("/chain_evidence", "x", json!(1))),
            ("records are an object", set("/chain_evidence/disclosure_records", json!({}))),
            ("a record is a text", set(record, json!("x"))),
            ("a record without event", remove(record, "event_id")),
            ("a record without hash", remove(record, "record_hash")),
            ("a record at 0", add(record, "sequence_number", json!(0))),
            ("a record at a truth value", add(record, "sequence_number", json!(true))),
            ("a record at a text", add(record, "sequence_number", json!("1"))),
        ],
    );
}

/// The reference makes an empty object of such a payload, in which nothing matches.
#[test]
fn sfe_06_a_record_has_a_payload_that_is_an_object() {
    let code = "EXPORT_SCOPE_DECLARATION_SCHEMA_INVALID";
    let bridge = "/chain_evidence/proof_bridge_records/0";
    expect_each(
        D,
        code,
        vec![
            ("none", remove(bridge, "payload_json")),
            ("null", add(bridge, "payload_json", json!(null))),
            ("a text", add(bridge, "payload_json", json!("x"))),
            ("an array beside it", add(bridge, "payload", json!([]))),
        ],
    );
}

/// The reference disproves a segment that lacks one of its parts.
#[test]
fn sfe_06_what_is_absent_is_insufficient() {
    for (code, bends) in [
        (
            "EXPORT_BOUNDARY_START_MISSING",
            vec![
                ("no start", remove("", "declared_start")),
                ("null", set("/declared_start", json!(null))),
            ],
        ),
        (
            "EXPORT_BOUNDARY_END_MISSING",
            vec![
                ("no end", remove("", "declared_end")),
                ("null", set("/declared_end", json!(null))),
            ],
        ),
        (
            "EXPORT_SCOPE_STATE_REFERENCE_MISSING",
            vec![
                ("no reference", remove("", "scope_state_reference")),
                ("null", set("/scope_state_reference", json!(null))),
            ],
        ),
        (
            "EXPORT_RAW_FILTERS_MISSING",
            vec![
                ("no filters", remove("", "canonical_filters")),
                ("no raw filters", remove("/canonical_filters", "raw_filters")),
                ("null", set("/canonical_filters/raw_filters", json!(null))),
            ],
        ),
        (
            "EXPORT_CHAIN_PROOF_MISSING",
            vec![
                ("no evidence", remove("", "chain_evidence")),
                ("no disclosures", remove("/chain_evidence", "disclosure_records")),
                ("no bridges", remove("/chain_evidence", "proof_bridge_records")),
                ("null", set("/chain_evidence/proof_bridge_records", json!(null))),
            ],
        ),
    ] {
        expect_each(I, code, bends);
    }
}

/// The reference has no word for it and disproves such a segment.
#[test]
fn pred_10_a_policy_that_is_not_known_is_unverifiable_and_a_known_one_is_not_judged() {
    expect_each(
        U,
        "EXPORT_PRESENTATION_POLICY_UNSUPPORTED",
        vec![
            (
                "version",
                set(
                    "/declared_scope/presentation_policy/version",
                    json!("keel.presentation_policy.v2"),
                ),
            ),
            ("kind", set("/declared_scope/presentation_policy/policy_kind", json!("summaries"))),
        ],
    );
    for kind in PresentationPolicyKind::ALL {
        let pack = Pack::usual().bent(|segment| {
            let policy = &mut segment["declared_scope"]["presentation_policy"];
            policy["policy_kind"] = json!(kind.as_str());
            policy["policy_parameters"] = json!({ "anything": [1, null, {}] });
        });
        expect(kind.as_str(), &pack, S, "");
    }
}

#[test]
fn pred_02_and_pred_03_the_predicate_of_a_segment() {
    let equal = |value: Json| add("/declared_scope/predicate/equals", "permit_id", value);
    expect_each(
        U,
        "EXPORT_SCOPE_PREDICATE_UNSUPPORTED",
        vec![
            ("a reserved kind", add("/declared_scope/predicate/equals", "subject_id", json!("x"))),
            ("another operator", set("/declared_scope/predicate/operator", json!("or"))),
        ],
    );
    expect_each(U, "EXPORT_SCOPE_PREDICATE_OUT_OF_GRAMMAR", vec![("a list", equal(json!([P, Q])))]);
    expect_each(
        D,
        "EXPORT_SCOPE_PREDICATE_MALFORMED",
        vec![
            ("a number", equal(json!(1))),
            ("no operator", remove("/declared_scope/predicate", "operator")),
            ("null", set("/declared_scope/predicate", json!(null))),
        ],
    );
}

#[test]
fn sfe_10_the_start_is_not_behind_the_end() {
    let anchor = |number: u64| {
        set(
            "/declared_start",
            json!({
                "kind": "checkpoint_anchor", "checkpoint_id": CHECKPOINT, "chain_scope": SCOPE,
                "sequence_number": number, "last_record_hash": "0".repeat(64),
            }),
        )
    };
    expect_each(
        D,
        "EXPORT_BOUNDARY_START_AFTER_END",
        vec![
            ("an anchor at the end", anchor(8)),
            ("an anchor at the last number there is", anchor(u64::MAX)),
            ("an end at 0", set("/declared_end/sequence_number", json!(0))),
        ],
    );
}

#[test]
fn sfe_07_and_sfe_04_filters_hash_as_stated_and_say_nothing_of_the_scope() {
    let mut other = Pack::usual();
    other.segment(0)["canonical_filters"]["raw_filters"]["limit"] = json!(10);
    expect("changed", &other, D, "EXPORT_RAW_FILTERS_HASH_MISMATCH");
    other.filter_anew(0);
    expect("other filters, same predicate", &other, S, "");
    // A number that no canonical form has: the reference hashes the word `Infinity`.
    let text = String::from_utf8(written(&Pack::usual().document)).unwrap();
    let document =
        crate::pack::json_of(text.replace("\"limit\":100", "\"limit\":1e999").as_bytes());
    let judged = Pack::usual().judge_document(&document);
    let fault = judged.faithfulness().map(|_| ()).unwrap_err();
    assert_eq!(fault.reason().as_str(), "EXPORT_RAW_FILTERS_HASH_MISMATCH");
    // Members in another order are the same filters; the same filters in another scope are not it.
    let reordered = Pack::usual().bent(|segment| {
        let filters = json!({ "limit": 100, "permit_id": P });
        segment["canonical_filters"]["raw_filters"] = filters;
    });
    expect("reordered", &reordered, S, "");
    let relabelled = Pack::usual().bent(|segment| {
        segment["declared_scope"]["predicate"]["equals"] =
            json!({ "project_id": crate::pack::PROJECT });
    });
    assert_ne!(relabelled.claim(), (S, ""));
}

#[test]
fn sfe_12_the_scope_state_is_the_one_referred_to() {
    let code = "EXPORT_SCOPE_STATE_REFERENCE_MISMATCH";
    let mut bytes = Pack::usual();
    bytes.sidecar(0)["note"] = json!(1);
    expect("other bytes", &bytes, D, code);
    assert!(bytes.judge().segments().next().unwrap().scope_state.is_none());
    expect_each(
        D,
        code,
        vec![
            (
                "another hash",
                set(
                    "/scope_state_reference/artifact_hash",
                    json!(format!("sha256:{}", "0".repeat(64))),
                ),
            ),
            ("another id", set("/scope_state_reference/scope_state_id", json!("x"))),
            ("another checkpoint", set("/scope_state_reference/checkpoint_id", json!("x"))),
            ("another chain", set("/scope_state_reference/chain_scope", json!("x"))),
        ],
    );
}

#[test]
fn sfe_02_one_segment_is_about_one_chain() {
    expect_each(
        D,
        "EXPORT_SCOPE_CHAIN_SCOPE_MISMATCH",
        vec![
            ("the scope", set("/declared_scope/chain_scope", json!("x"))),
            ("the start", set("/declared_start/chain_scope", json!("x"))),
            ("the end", set("/declared_end/chain_scope", json!("x"))),
            ("a record", set("/chain_evidence/disclosure_records/2/chain_scope", json!("x"))),
            ("a bridge", set("/chain_evidence/proof_bridge_records/2/chain_scope", json!("x"))),
        ],
    );
}

#[test]
fn sfe_08_the_end_is_the_head_of_the_checkpoint() {
    expect_each(
        D,
        "EXPORT_BOUNDARY_CHECKPOINT_MISMATCH",
        vec![
            ("another checkpoint", set("/declared_end/checkpoint_id", json!("x"))),
            ("another number", set("/declared_end/sequence_number", json!(7))),
            ("another hash", set("/declared_end/last_record_hash", json!("0".repeat(64)))),
        ],
    );
    // The reference says that the schema is violated.
    expect_each(
        D,
        "EXPORT_BOUNDARY_END_NOT_CHECKPOINT",
        vec![
            ("no checkpoint", remove("/declared_end", "checkpoint_id")),
            ("null", set("/declared_end/checkpoint_id", json!(null))),
        ],
    );
    let boundary = add("/declared_end", "checkpoint_boundary", json!("2026-05-21T10:10:00Z"));
    expect_each(S, "", vec![("a member that honest issuers write", boundary)]);
}

/// The reference does not look at any of these.
#[test]
fn sfe_08_records_that_contradict_the_end() {
    let code = "EXPORT_BOUNDARY_CHECKPOINT_MISMATCH";
    let bridge = "/chain_evidence/proof_bridge_records/2";
    expect_each(
        D,
        code,
        vec![
            ("the last record is not the head", add(bridge, "record_hash", json!("0".repeat(64)))),
            ("the last record is behind the head", add(bridge, "sequence_number", json!(9))),
        ],
    );
}

/// As for the reference, since issuers bridge between disclosed records alone; but it is told.
#[test]
fn sfe_08_records_need_not_reach_the_end_and_that_is_told() {
    let cut = |records: usize| {
        Pack::usual().bent(|segment| {
            for list in ["disclosure_records", "proof_bridge_records"] {
                let list = segment["chain_evidence"][list].as_array_mut().unwrap();
                list.retain(|it| it["sequence_number"].as_u64().unwrap() <= records as u64);
            }
        })
    };
    let judged = cut(6).judge();
    let export = judged.faithfulness().unwrap();
    let segment = export.segments().next().unwrap();
    let [notice] = segment.notices() else { panic!("{:?}", segment.notices()) };
    assert_eq!(notice.severity, Severity::Notice);
    assert_eq!(notice.reason.as_str(), "EXPORT_CHAIN_PROOF_MISSING");
    assert!(notice.summary.contains("end at 6"), "{}", notice.summary);
    // A record that matches is missed by its count, wherever it is cut off.
    expect("cut at 5", &cut(5), D, "EXPORT_SCOPE_CARDINALITY_MISMATCH");
    // A scope without members needs no record.
    let empty = Pack::of(&[asking()]).bent(|segment| {
        segment["chain_evidence"]["proof_bridge_records"] = json!([]);
    });
    let judged = empty.judge();
    let segment = judged.faithfulness().unwrap().segments().next().unwrap();
    assert_eq!((segment.facts().window, segment.notices().len()), (None, 1));
}

/// A pack whose segment says that it ends at the latest checkpoint.
fn latest(statement: Json) -> Pack {
    let mut pack = Pack::usual().bent(|segment| {
        segment["declared_end"]["boundary_policy"] = json!("latest_checkpoint_at_export");
    });
    if !statement.is_null() {
        pack.document["scope_faithfulness_freshness"] = statement;
    }
    pack
}

#[test]
fn sfe_11_and_amb_43_the_latest_checkpoint_needs_evidence() {
    let missing = "EXPORT_BOUNDARY_FRESHNESS_EVIDENCE_MISSING";
    let stale = "EXPORT_BOUNDARY_STALE_CHECKPOINT";
    let own = json!({ "sequence_number": 8, "checkpoint_id": CHECKPOINT, "chain_scope": SCOPE });
    for (name, statement, verdict, code) in [
        ("none", json!(null), I, missing),
        ("a text", json!("fresh"), I, missing),
        ("no later one", json!({ "later_checkpoints": [] }), S, ""),
        ("itself", own.clone(), S, ""),
        ("itself observed", json!({ "observed_checkpoints": [own] }), S, ""),
        ("for the segment", json!({ "segment-0": { "later_checkpoints": [] } }), S, ""),
        ("a later one", json!({ "later_checkpoints": [{ "sequence_number": 9 }] }), D, stale),
        (
            "an observed one",
            json!({ "observed_checkpoints": [{ "sequence_number": 9 }] }),
            D,
            stale,
        ),
        ("for the segment", json!({ "segment-0": { "sequence_number": 9 } }), D, stale),
        ("another one", json!({ "sequence_number": 8, "checkpoint_id": "x" }), D, stale),
        (
            "of another chain",
            json!({ "later_checkpoints": [
            { "sequence_number": 9, "chain_scope": "x" },
        ] }),
            S,
            "",
        ),
    ] {
        expect(name, &latest(statement), verdict, code);
    }
    let mut selection = latest(json!(null));
    selection.document["checkpoint_selection_evidence"] = json!({ "later_checkpoints": [] });
    expect("the other name", &selection, S, "");
}

/// For the reference an empty statement is enough, and so is one in the manifest, which nobody signs;
/// and it looks at the first of four places alone.
#[test]
fn sfe_11_what_says_nothing_or_is_not_signed_is_no_evidence() {
    let missing = "EXPORT_BOUNDARY_FRESHNESS_EVIDENCE_MISSING";
    let stale = "EXPORT_BOUNDARY_STALE_CHECKPOINT";
    expect("empty", &latest(json!({})), I, missing);
    let other = json!({ "segment-1": { "later_checkpoints": [] } });
    expect("for another segment", &latest(other), I, missing);
    let mut pack = latest(json!(null));
    pack.manifest = json!({ "scope_faithfulness_freshness": { "later_checkpoints": [] } });
    expect("in the manifest", &pack, I, missing);
    for place in ["scope_faithfulness_freshness", "checkpoint_selection_evidence"] {
        let mut pack = latest(json!({ "later_checkpoints": [] }));
        pack.manifest = json!({ place: { "later_checkpoints": [{ "sequence_number": 9 }] } });
        expect("contradicted by the manifest", &pack, D, stale);
    }
    let mut pack = latest(json!({ "later_checkpoints": [] }));
    pack.document["checkpoint_selection_evidence"] = json!({ "sequence_number": 9 });
    expect("contradicted by the other name", &pack, D, stale);
}

#[test]
fn sfe_09_the_first_record_is_where_the_start_leads_to() {
    let code = "EXPORT_BOUNDARY_START_MISMATCH";
    let head_cut = bend(|segment| {
        segment["chain_evidence"]["disclosure_records"].as_array_mut().unwrap().remove(0);
    });
    expect_each(
        D,
        code,
        vec![
            ("the first record is missing", head_cut),
            ("another genesis", set("/declared_start/genesis_prev_hash", json!("0".repeat(64)))),
        ],
    );
    // The three kinds of start, over the records from the third one on.
    let entries = chain();
    let hash = entries[1].record_hash.to_string();
    let predecessor = json!({
        "kind": "predecessor_proof", "chain_scope": SCOPE, "predecessor_sequence_number": 2,
        "predecessor_record_hash": hash, "first_evidence_sequence_number": 3,
    });
    let anchor = json!({
        "kind": "checkpoint_anchor", "checkpoint_id": CHECKPOINT, "chain_scope": SCOPE,
        "sequence_number": 2, "last_record_hash": hash,
    });
    let from_3 = |start: &Json| {
        // Nothing before the third record matches.
        Pack::of(&[equals(&[("permit_id", Q)])]).bent(|segment| {
            segment["declared_start"] = start.clone();
            let bridges = segment["chain_evidence"]["proof_bridge_records"].as_array_mut().unwrap();
            bridges.retain(|it| it["sequence_number"].as_u64().unwrap() > 2);
        })
    };
    for start in [&predecessor, &anchor] {
        expect("honest", &from_3(start), S, "");
    }
    for (name, start, member, value) in [
        ("another number", &predecessor, "first_evidence_sequence_number", json!(4)),
        ("another hash", &predecessor, "predecessor_record_hash", json!("x")),
        ("another anchor", &anchor, "sequence_number", json!(3)),
        ("another hash", &anchor, "last_record_hash", json!("x")),
        // The reference does not compare the two numbers.
        ("the predecessor comes later", &predecessor, "predecessor_sequence_number", json!(3)),
    ] {
        let mut start = start.clone();
        start[member] = value;
        expect(name, &from_3(&start), D, code);
    }
}

#[test]
fn chain_07_and_chain_08_the_records_link() {
    let code = "EXPORT_CHAIN_PROOF_DISCONTINUITY";
    let bridge = "/chain_evidence/proof_bridge_records/0";
    let dropped = bend(|segment| {
        segment["chain_evidence"]["proof_bridge_records"].as_array_mut().unwrap().remove(0);
    });
    let twice = bend(|segment| {
        let list = segment["chain_evidence"]["proof_bridge_records"].as_array_mut().unwrap();
        list.push(list[0].clone());
    });
    expect_each(
        D,
        code,
        vec![
            ("a bridge is missing", dropped),
            ("a bridge is there twice", twice),
            ("another hash before", add(bridge, "prev_hash", json!("0".repeat(64)))),
            ("another hash", add(bridge, "record_hash", json!("0".repeat(64)))),
        ],
    );
}

/// CHAIN-11: numbers may have gaps where the hashes link.
#[test]
fn chain_11_gaps_are_no_fault() {
    let pack = Pack::of(&[asking()]).bent(|segment| {
        let bridges = segment["chain_evidence"]["proof_bridge_records"].as_array_mut().unwrap();
        bridges.retain(|it| it["sequence_number"].as_u64().unwrap() != 3);
        // An issuer that leaves out numbers links the next entry to the one before the gap.
        bridges[2]["prev_hash"] = bridges[1]["record_hash"].clone();
    });
    expect("a gap", &pack, S, "");
}

/// The reference computes no record hash of segments.
#[test]
fn chain_09_a_record_that_states_all_that_is_hashed_is_held_to_it() {
    let entry = |outcome: Json| {
        bend(move |segment: &mut Json| {
            let record = &mut segment["chain_evidence"]["proof_bridge_records"][0];
            record["resource_type"] = json!("permit");
            record["resource_id"] = json!(Q);
            record["outcome"] = outcome.clone();
            record["severity"] = json!("info");
        })
    };
    expect_each(S, "", vec![("as it was hashed", entry(json!(null)))]);
    expect_each(
        D,
        "EXPORT_CHAIN_PROOF_DISCONTINUITY",
        vec![("another outcome", entry(json!("x")))],
    );
    // In the payload the same members need not be those of the entry.
    let payload = add("/chain_evidence/proof_bridge_records/0/payload_json", "outcome", json!("x"));
    let pack = Pack::usual().bent(payload);
    let judged = pack.judge();
    let facts = judged.faithfulness().unwrap().segments().next().unwrap().facts();
    assert_eq!(facts.hashes_computed, 7);
}

/// The reference does not look at the format.
#[test]
fn chain_14_records_of_a_format_that_is_not_known() {
    let format = "/chain_evidence/proof_bridge_records/0/chain_format_version";
    expect_each(U, "WALK_UNKNOWN_CHAIN_FORMAT", vec![("v2", set(format, json!("v2")))]);
}

#[test]
fn sfe_04_every_disclosed_record_matches() {
    let code = "EXPORT_SCOPE_PREDICATE_VIOLATED";
    let record = "/chain_evidence/disclosure_records/1";
    let moved = bend(|segment| {
        let bridge =
            segment["chain_evidence"]["proof_bridge_records"].as_array_mut().unwrap().remove(0);
        segment["chain_evidence"]["disclosure_records"].as_array_mut().unwrap().push(bridge);
    });
    expect_each(
        D,
        code,
        vec![
            (
                "of another permit",
                set("/chain_evidence/disclosure_records/1/payload_json/permit_id", json!(Q)),
            ),
            (
                "PRED-05 of no permit",
                remove("/chain_evidence/disclosure_records/1/payload_json", "permit_id"),
            ),
            ("a bridge", moved),
            // The reference believes the payload.
            ("PRED-04 the entry says otherwise", add(record, "permit_id", json!(Q))),
        ],
    );
}

#[test]
fn sfe_03_no_bridge_matches() {
    let code = "EXPORT_PROOF_BRIDGE_MISCLASSIFIED";
    let bridge = "/chain_evidence/proof_bridge_records/0";
    let moved = bend(|segment| {
        let record =
            segment["chain_evidence"]["disclosure_records"].as_array_mut().unwrap().remove(1);
        segment["chain_evidence"]["proof_bridge_records"].as_array_mut().unwrap().push(record);
    });
    expect_each(
        D,
        code,
        vec![
            ("a member", moved),
            (
                "of the permit",
                set("/chain_evidence/proof_bridge_records/0/payload_json/permit_id", json!(P)),
            ),
            // The reference believes the payload.
            ("PRED-04 the entry says so", add(bridge, "permit_id", json!(P))),
            (
                "its resource says so",
                bend(|segment| {
                    let record = &mut segment["chain_evidence"]["proof_bridge_records"][0];
                    record["resource_type"] = json!("permit");
                    record["resource_id"] = json!(P);
                }),
            ),
        ],
    );
}

/// The reference takes a bridge whose time it cannot read for none that matches.
#[test]
fn sfe_03_a_bridge_that_might_match_is_no_bridge() {
    let mut predicate = equals(&[]);
    predicate["ranges"] = json!({
        "occurred_at": { "gte": "2026-05-21T10:00:00Z", "lt": "2026-05-21T10:04:00Z" },
    });
    let pack = Pack::of(&[predicate]);
    assert_eq!(pack.claim(), (S, ""));
    let spoiled = pack.bent(|segment| {
        let bridge = &mut segment["chain_evidence"]["proof_bridge_records"][0];
        bridge["payload_json"]["occurred_at"] = json!("at noon");
    });
    expect("no time", &spoiled, I, "EXPORT_CHAIN_PROOF_MISSING");
}

#[test]
fn sfe_13_and_amb_40_a_predicate_without_commitment_is_insufficient() {
    let pack = Pack::usual().bent(|segment| {
        let equals = json!({ "permit_id": P, "project_id": crate::pack::PROJECT });
        segment["declared_scope"]["predicate"]["equals"] = equals;
    });
    expect("relabelled", &pack, I, "EXPORT_SCOPE_COMMITMENT_MISSING");
}

#[test]
fn sfe_13_count_root_and_range_are_those_of_the_commitment() {
    let state = |bend: &dyn Fn(&mut Json)| {
        Pack::usual().bent_state(|it| bend(&mut it["scope_commitments"][0]))
    };
    let root = json!(format!("sha256:{}", "1".repeat(64)));
    for (code, pack) in [
        ("EXPORT_SCOPE_CARDINALITY_MISMATCH", state(&|it| it["matching_count"] = json!(4))),
        (
            "EXPORT_SCOPE_MEMBERSHIP_ROOT_MISMATCH",
            state(&|it| it["membership_root_hash"] = root.clone()),
        ),
        ("EXPORT_SCOPE_RANGE_MISMATCH", state(&|it| it["first_matching_sequence"] = json!(2))),
        ("EXPORT_SCOPE_RANGE_MISMATCH", state(&|it| it["last_matching_sequence"] = json!(8))),
        (
            "EXPORT_SCOPE_MEMBERSHIP_ROOT_MISMATCH",
            Pack::usual().bent(|segment| {
                let record = &mut segment["chain_evidence"]["disclosure_records"][1];
                record["event_id"] = json!("evt_other");
            }),
        ),
    ] {
        expect(code, &pack, D, code);
    }
}

#[test]
fn sfe_05_one_bad_segment_ends_the_claim_and_the_ones_behind_it_are_not_looked_at() {
    let predicates = [equals(&[]), equals(&[("permit_id", P)]), equals(&[("permit_id", Q)])];
    let pack = Pack::of(&predicates);
    let judged = pack.judge();
    assert_eq!(judged.faithfulness().unwrap().segments().count(), 3);
    let ids: Vec<_> = judged.segments().map(|segment| segment.id.as_deref().unwrap()).collect();
    assert_eq!(ids, ["segment-0", "segment-1", "segment-2"]);
    for bad in 0..3 {
        let mut pack = pack.clone();
        pack.segment(bad)["declared_end"]["sequence_number"] = json!(7);
        let judged = pack.judge();
        assert_eq!(pack.claim(), (D, "EXPORT_BOUNDARY_CHECKPOINT_MISMATCH"));
        assert_eq!((judged.segments().count(), judged.unreached()), (bad + 1, 2 - bad));
        let holds: Vec<_> = judged.segments().map(|segment| segment.outcome.is_ok()).collect();
        assert_eq!(holds.iter().filter(|holds| **holds).count(), bad);
        assert!(judged.segments().all(|segment| segment.scope_state.as_ref().unwrap().is_ok()));
    }
}

#[test]
fn sfe_15_a_scope_state_that_fails_ends_the_segment() {
    let mut pack =
        Pack::usual().bent(|segment| segment["declared_end"]["sequence_number"] = json!(7));
    let checkpoint = pack.checkpoint.as_mut().unwrap();
    checkpoint["chain_heads"][SCOPE]["sequence_number"] = json!(3);
    seal_checkpoint(checkpoint);
    let code = "CHECKPOINT_SCOPE_STATE_LAST_SEQUENCE_AFTER_CHECKPOINT";
    assert_eq!((pack.claim(), pack.state_claim()), ((D, code), (D, code)));
}

#[test]
fn sfe_14_no_word_of_a_pass_claims_more_than_was_shown() {
    let shown = format!(
        "{:?}",
        Pack::of(&[asking()])
            .bent(|segment| {
                segment["chain_evidence"]["proof_bridge_records"] = json!([]);
            })
            .judge()
    );
    for word in ["complete", "omission", "nothing was executed"] {
        assert!(!shown.contains(word), "{word}");
    }
}

#[test]
fn many_segments_cannot_have_scope_states_read_without_end() {
    let mut pack =
        Pack::of(&[equals(&[]), equals(&[("permit_id", P)]), equals(&[("permit_id", Q)])]);
    let length = written(pack.sidecar(0)).len() as u64;
    pack.budget.sidecar_bytes = 2 * length;
    assert_eq!(pack.claim(), (I, "BUDGET_EXCEEDED"));
    assert_eq!(pack.judge().segments().count(), 3);
    pack.budget.sidecar_bytes = 3 * length;
    assert_eq!(pack.claim(), (S, ""));
}

#[test]
fn findings_say_where_and_what() {
    let pack = Pack::usual().bent(|segment| {
        segment["chain_evidence"]["disclosure_records"][2]["payload_json"]["permit_id"] = json!(Q);
    });
    let judged = pack.judge();
    let fault = judged.faithfulness().unwrap_err();
    let finding = &fault.finding;
    assert_eq!(
        finding.at.pointer.to_string(),
        "/scope_faithfulness/segments/0/chain_evidence/disclosure_records/2"
    );
    let document = written(&pack.document);
    let offset = |at: u64| usize::try_from(at).unwrap();
    let shown = &document[offset(finding.at.range.start)..offset(finding.at.range.end)];
    assert!(String::from_utf8_lossy(shown).contains("evt_4"));
    assert_eq!(finding.get("event_id"), Some("evt_4"));
    assert_eq!(finding.get("segment_id"), Some("segment-0"));
    assert_eq!(finding.rule.unwrap().as_str(), "SFE-04");
    assert_eq!(fault.evidence, ["export.scope_faithfulness.chain_evidence.disclosure_records"]);
}
