// SPDX-License-Identifier: Apache-2.0

//! One mutation, one verdict, one code.

use permit_canonical_json::{Object, Value};
use permit_claims::Unsupported::{self, Disproved, InsufficientEvidence, UnverifiableScope};
use permit_decision::{DecisionPayloadV1, decision_missing, find_decision_in_document};
use permit_types::{Artifact, Decision};

use crate::bench::{
    AT, PERMIT, PROJECT, bent, beside, json, judge, judge_document, payload, sealed, told,
};

const SCHEMA: &str = "PERMIT_DECISION_SCHEMA_INVALID";
const MISSING: &str = "PERMIT_DECISION_EVIDENCE_MISSING";
const VERSION: &str = "PERMIT_DECISION_UNSUPPORTED_BINDING_VERSION";
const HASH: &str = "PERMIT_DECISION_CANONICAL_HASH_MISMATCH";
const MISMATCH: &str = "PERMIT_DECISION_CANONICAL_PAYLOAD_MISMATCH";
const SIGNATURE: &str = "PERMIT_DECISION_SIGNATURE_INVALID";

fn expect(evidence: Object<'static>, expected: (Unsupported, &str, &str)) {
    let shown = format!("{evidence:?}");
    let fault = judge(evidence).expect_err(&shown);
    assert_eq!(told(&fault), expected, "{}", fault.message());
    assert!(!fault.finding.help.is_empty());
}

fn without(name: &str) -> Object<'static> {
    let mut evidence = sealed(payload(), 2);
    evidence.remove(name).unwrap();
    evidence
}

#[test]
fn sem_05_sem_06_each_of_the_three_decisions_is_shown() {
    for decision in Decision::ALL {
        let shown = judge(bent("decision", decision.as_str())).unwrap();
        assert_eq!((shown.permit_id(), shown.project_id()), (PERMIT, PROJECT));
        assert_eq!((shown.decision(), shown.issued_at()), (*decision, AT));
        assert_eq!(shown.evidence(), ["export.permit_decision", "trust_root"]);
        assert_eq!(shown.signature().kind().as_str(), "permit decision");
    }
}

#[test]
fn sem_05_the_row_of_a_permit_is_no_evidence() {
    let row = json(
        br#"{"id": "p", "decision": "allow", "status": "active", "permit": {"decision": "allow"}}"#,
    );
    assert!(find_decision_in_document(row.as_object().unwrap(), Artifact::Export).is_none());
    let expected = (InsufficientEvidence, MISSING, "SEM-05");
    assert_eq!(told(&decision_missing(Artifact::Export)), expected);
    assert_eq!(decision_missing(Artifact::Export).evidence, ["export.permit_decision"]);
}

#[test]
fn sem_05_type_version_and_payload_are_what_they_have_to_be() {
    let expected = (Disproved, SCHEMA, "SEM-05");
    for name in ["artifact_type", "artifact_version", "canonical_payload"] {
        expect(without(name), expected);
        for bad in [Value::from(()), 1.into(), "permit.decision.v2".into(), Value::array(["v1"])] {
            expect(beside(name, bad), expected);
        }
    }
}

#[test]
fn sem_05_amb_56_each_of_the_21_members_is_needed_and_there_is_no_other() {
    assert_eq!(DecisionPayloadV1::MEMBERS.len(), 21);
    for name in DecisionPayloadV1::MEMBERS {
        let mut payload = payload();
        payload.remove(name).unwrap();
        let expected = match name {
            "binding_version" => (UnverifiableScope, VERSION, "SEM-05"),
            _ => (InsufficientEvidence, MISSING, "SEM-05"),
        };
        expect(sealed(payload, 2), expected);
    }
    // The verdict follows from what is wrong, not from words that an issuer chooses.
    for name in ["note", "binding_version_2", "missing_x", "must be a non-empty"] {
        expect(bent(name, ()), (Disproved, SCHEMA, "SEM-05"));
    }
}

#[test]
fn sem_05_other_versions_are_not_judged_whatever_members_they_have() {
    let expected = (UnverifiableScope, VERSION, "SEM-05");
    for version in ["v2", "v3", "v4", "v5", "v6", "v7", "v99", "V1", "v1 ", ""] {
        expect(bent("binding_version", version), expected);
        let mut payload = payload();
        payload.insert("binding_version", version);
        payload.insert("spend_scope_hash", ());
        payload.remove("reason");
        payload.insert("decision", "defer");
        let fault = judge(sealed(payload, 2)).unwrap_err();
        assert_eq!(told(&fault), expected, "{version}");
        assert_eq!(fault.finding.get("binding_version"), Some(version), "the version is named");
    }
    for version in [Value::from(()), 1.into(), Value::array(["v1"]), Value::object([("v1", 1)])] {
        expect(bent("binding_version", version), expected);
    }
}

#[test]
fn sem_06_there_are_three_decisions() {
    let expected = (Disproved, SCHEMA, "SEM-06");
    for word in ["Allow", "allow ", "", "throttle", "allowed"] {
        expect(bent("decision", word), expected);
    }
    for value in
        [Value::from(()), true.into(), Value::array(["allow"]), Value::object([("allow", 1)])]
    {
        expect(bent("decision", value), expected);
    }
}

#[test]
fn sem_06_another_decision_than_the_one_in_question_disproves() {
    assert!(judge(beside("expected_decision", "allow")).is_ok());
    assert!(judge(beside("expected_decision", ())).is_ok(), "null asks for none");
    for other in [Value::from("deny"), "challenge".into(), "".into(), true.into()] {
        let fault = judge(beside("expected_decision", other)).unwrap_err();
        assert_eq!(told(&fault), (Disproved, MISMATCH, "SEM-06"));
        assert_eq!(fault.evidence, ["export.permit_decision", "canonical_payload.decision"]);
    }
}

#[test]
fn sem_05_ids_and_times_are_texts() {
    for name in ["permit_id", "project_id", "issued_at", "binding_key_id"] {
        for bad in [Value::from(""), ().into(), 7.into(), Value::array(["x"])] {
            expect(bent(name, bad), (InsufficientEvidence, MISSING, "SEM-05"));
        }
    }
    assert!(judge(bent("permit_id", "permit_123")).is_ok(), "any text is an id here");
}

#[test]
fn sem_05_hash_signature_and_time_stand_beside_the_payload() {
    for name in ["binding_canonical_hash", "binding_issued_at"] {
        expect(without(name), (InsufficientEvidence, MISSING, "SEM-05"));
        for bad in [Value::from(""), ().into(), 7.into()] {
            expect(beside(name, bad), (InsufficientEvidence, MISSING, "SEM-05"));
        }
    }
    let name = "binding_signature";
    expect(without(name), (Disproved, SCHEMA, "SEM-05"));
    let good = sealed(payload(), 2).get(name).unwrap().as_str().unwrap().to_owned();
    for bad in ["", "AAAA", "ED25519:AAAA", good.strip_prefix("ed25519:").unwrap()] {
        expect(beside(name, bad.to_owned()), (Disproved, SCHEMA, "SEM-05"));
    }
    for bad in [
        "ed25519:".to_owned(),
        "ed25519:AAAA".to_owned(),
        format!("{good} "),
        good.replace("==", ""),
    ] {
        expect(beside(name, bad), (Disproved, SIGNATURE, "SEM-05"));
    }
}

#[test]
fn sem_05_every_member_of_the_payload_is_signed() {
    for name in DecisionPayloadV1::MEMBERS {
        let other: Value<'static> = match name {
            "binding_version" => continue,
            "decision" => "deny".into(),
            "is_dry_run" => true.into(),
            "constraints" => json(br#"{"amount_max": 1.51}"#).into_owned(),
            _ => "another".into(),
        };
        let mut payload = payload();
        payload.insert(name, other);
        let mut evidence = sealed(crate::bench::payload(), 2);
        evidence.insert("canonical_payload", payload.clone());
        expect(evidence.clone(), (Disproved, HASH, "SEM-05"));
        // With the hash made to fit, the signature is left.
        let fitting = sealed(payload, 2).get("binding_canonical_hash").unwrap().clone();
        evidence.insert("binding_canonical_hash", fitting);
        let fault = judge(evidence).unwrap_err();
        let expected = match name {
            "binding_key_id" => (InsufficientEvidence, "PERMIT_DECISION_UNTRUSTED_KEY", "KEY-01"),
            "issued_at" => (InsufficientEvidence, "PERMIT_DECISION_UNTRUSTED_KEY", "KEY-03"),
            _ => (Disproved, SIGNATURE, "SEM-05"),
        };
        assert_eq!(told(&fault), expected, "{name}");
    }
}

#[test]
fn sem_05_the_hash_is_compared_as_text() {
    let right =
        sealed(payload(), 2).get("binding_canonical_hash").unwrap().as_str().unwrap().to_owned();
    for wrong in
        [right.to_uppercase(), format!("sha256:{right}"), format!("{right} "), "0".repeat(64)]
    {
        let fault = judge(beside("binding_canonical_hash", wrong)).unwrap_err();
        assert_eq!(told(&fault), (Disproved, HASH, "SEM-05"));
        assert_eq!(fault.evidence, ["export.permit_decision", "canonical_payload"]);
    }
}

#[test]
fn amb_52_one_number_in_two_spellings_is_two_payloads() {
    let mut evidence = sealed(payload(), 2);
    let mut other = payload();
    other.insert("constraints", json(br#"{"amount_max": 15e-1}"#).into_owned());
    evidence.insert("canonical_payload", other.clone());
    assert!(judge(evidence.clone()).is_ok(), "both are floats of one value");
    other.insert("constraints", json(br#"{"amount_max": 1}"#).into_owned());
    evidence.insert("canonical_payload", other);
    expect(evidence, (Disproved, HASH, "SEM-05"));
}

#[test]
fn canon_06_a_number_beyond_doubles_has_no_hash() {
    let mut evidence = sealed(payload(), 2);
    let mut huge = payload();
    huge.insert("constraints", json(br#"{"amount_max": 1e999}"#).into_owned());
    evidence.insert("canonical_payload", huge);
    expect(evidence, (Disproved, HASH, "CANON-06"));
}

#[test]
fn sem_05_what_stands_beside_the_payload_repeats_it_faithfully() {
    for (name, same) in [
        ("binding_version", "v1"),
        ("binding_key_id", crate::bench::KEY_ID),
        ("permit_id", PERMIT),
        ("project_id", PROJECT),
    ] {
        assert!(judge(beside(name, same)).is_ok(), "{name}");
        assert!(judge(beside(name, ())).is_ok(), "{name}");
        for other in [Value::from("v5"), "".into(), 7.into()] {
            expect(beside(name, other), (Disproved, MISMATCH, "SEM-05"));
        }
    }
    assert!(judge(beside("anything_else", "x")).is_ok(), "the envelope is open");
    // A document that is the evidence itself names its project, too.
    let mut document = sealed(payload(), 2);
    document.insert("project_id", "00000000-0000-0000-0000-000000000099");
    let fault = judge_document(&document, Some(&crate::bench::trusted())).unwrap_err();
    assert_eq!(told(&fault), (Disproved, MISMATCH, "SEM-05"));
}

#[test]
fn sem_05_a_contradiction_is_told_before_a_bad_signature() {
    let mut evidence = sealed(payload(), 9);
    evidence.insert("binding_version", "v5");
    expect(evidence, (Disproved, MISMATCH, "SEM-05"));
}

#[test]
fn findings_point_at_the_member() {
    let fault = judge(bent("decision", "throttle")).unwrap_err();
    let pointer = fault.finding.at.pointer.to_string();
    assert_eq!(pointer, "/permit_decision/canonical_payload/decision");
    assert_eq!(fault.finding.get("permit_id"), Some(PERMIT));
    let fault = judge(beside("binding_signature", "x")).unwrap_err();
    assert_eq!(fault.finding.at.pointer.to_string(), "/permit_decision/binding_signature");
}

/// The records of the golden corpus about decisions, made anew from what they change.
#[test]
fn golden_records_77_to_83_have_their_verdicts() {
    let mut tampered = sealed(payload(), 2);
    let mut denied = payload();
    denied.insert("decision", "deny");
    tampered.insert("canonical_payload", denied);
    let unknown = crate::bench::key(9).key_id().to_string();
    for (id, evidence, expected) in [
        ("permit-decision-allow-valid", bent("decision", "allow"), None),
        ("permit-decision-deny-valid", bent("decision", "deny"), None),
        ("permit-decision-challenge-valid", bent("decision", "challenge"), None),
        ("permit-decision-neg-bad-signature", sealed(payload(), 9), Some((Disproved, SIGNATURE))),
        ("permit-decision-neg-tampered-decision", tampered, Some((Disproved, HASH))),
        (
            "permit-decision-neg-untrusted-key",
            bent("binding_key_id", unknown),
            Some((InsufficientEvidence, "PERMIT_DECISION_UNTRUSTED_KEY")),
        ),
        (
            "permit-decision-neg-canonical-payload-mismatch",
            beside("expected_decision", "deny"),
            Some((Disproved, MISMATCH)),
        ),
    ] {
        let judged = judge(evidence).err().map(|fault| (fault.verdict, fault.reason().as_str()));
        assert_eq!(judged, expected, "{id}");
    }
}
