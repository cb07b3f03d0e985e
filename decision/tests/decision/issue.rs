// SPDX-License-Identifier: Apache-2.0

//! What issuers make.

use permit_canonical_json::{Object, from_value, to_value};
use permit_decision::{DecisionDraft, DecisionPayloadV1, SealError};
use permit_types::{Decision, OpenObject, PermitId, ProjectId, Rfc3339};

use crate::bench::{AT, KEY_ID, PERMIT, PROJECT, json, judge, key, payload, sealed};

fn time(text: &str) -> Rfc3339 {
    Rfc3339::parse(text).unwrap()
}

fn draft(decision: Decision) -> DecisionDraft {
    let (permit, project) = (PermitId::parse(PERMIT).unwrap(), ProjectId::parse(PROJECT).unwrap());
    DecisionDraft::new(permit, project, decision, time(AT))
}

#[test]
fn sem_06_what_is_sealed_is_shown() {
    for decision in Decision::ALL {
        let signed = draft(*decision).seal(&key(2), time("2026-05-21T10:00:01Z")).unwrap();
        let evidence = signed.to_evidence().as_object().unwrap().clone();
        assert_eq!(judge(evidence).unwrap().decision(), *decision);
    }
}

#[test]
fn sem_05_a_draft_becomes_the_payload_of_the_recipe() {
    let known = |text: &str| Some(text.to_owned());
    let constraints: OpenObject = from_value(&json(br#"{"amount_max": 1.50}"#)).unwrap();
    let draft = DecisionDraft {
        reason: known("policy.allow"),
        provider: known("openai"),
        model: known("gpt-5"),
        operation: known("responses.create"),
        action_name: known("dispatch"),
        request_fingerprint: known("sha256:11"),
        constraints: Some(constraints),
        routing: Some(OpenObject::default()),
        policy_id: known("policy"),
        policy_version: known("1"),
        policy_snapshot_hash: known("sha256:22"),
        expires_at: Some(time("2026-05-21T11:00:00.000000Z")),
        final_request_hash: known("sha256:33"),
        ..draft(Decision::Allow)
    };
    let signed = draft.seal(&key(2), time(AT)).unwrap();
    let mut evidence = signed.to_evidence().as_object().unwrap().clone();
    let key_id = evidence.remove("binding_key_id");
    assert_eq!(
        key_id.unwrap().as_str(),
        Some(KEY_ID),
        "beside the payload for those who look there"
    );
    assert_eq!(evidence, sealed(payload(), 2), "Ed25519 has one signature");
}

#[test]
fn amb_56_the_type_reads_and_writes_the_payload_and_nothing_else() {
    let value = payload().into();
    let read: DecisionPayloadV1 = from_value(&value).unwrap();
    assert_eq!(to_value(&read).unwrap(), value);
    assert_eq!(to_value(&read).unwrap().as_object().unwrap().len(), 21);
    for name in DecisionPayloadV1::MEMBERS {
        let mut incomplete = payload();
        incomplete.remove(name);
        assert!(from_value::<DecisionPayloadV1>(&incomplete.into()).is_err(), "{name}");
    }
    for (name, bad) in [("decision", "throttle"), ("binding_version", "v2"), ("note", "x")] {
        let mut wrong: Object<'static> = payload();
        wrong.insert(name, bad);
        assert!(from_value::<DecisionPayloadV1>(&wrong.into()).is_err(), "{name}");
    }
}

#[test]
fn nothing_is_signed_before_it_is_issued() {
    let error = draft(Decision::Deny).seal(&key(2), time("2026-05-21T09:59:59.999999Z"));
    assert_eq!(error.unwrap_err(), SealError::SignedBeforeIssued);
}

#[test]
fn canon_06_constraints_without_a_canonical_form_are_not_signed() {
    let mut draft = draft(Decision::Allow);
    draft.constraints = Some(from_value(&json(br#"{"x": 1e999}"#)).unwrap());
    assert!(matches!(draft.seal(&key(2), time(AT)), Err(SealError::NotCanonical(_))));
}
