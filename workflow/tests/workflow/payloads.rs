// SPDX-License-Identifier: Apache-2.0

//! Payloads that stand beside the record they were signed for.

use permit_canonical_json::{HashedArtifact, Value};
use permit_claims::{Claim, Unsupported};
use permit_workflow::{WorkflowFault, WorkflowFaultKind as Kind};

use crate::bench::{
    amendment_signed_over, binding_key, declaration_signed_over, document, json, sign_declaration,
    verify, with, without, workflow,
};

/// A declaration with a payload beside it, signed over that payload.
fn declaration_with(payload: &Value<'static>) -> Value<'static> {
    let record = with(&workflow(0).declaration_record(), "signed_payload", payload.clone());
    let hash = HashedArtifact::WorkflowV1.profile().digest(&with_key(payload)).unwrap();
    declaration_signed_over(&record, hash)
}

fn with_key(payload: &Value<'static>) -> Value<'static> {
    match payload.get("binding_key_id") {
        Some(_) => payload.clone(),
        None => with(payload, "binding_key_id", binding_key().key_id().to_string()),
    }
}

fn fault_of_declaration(payload: &Value<'static>) -> Option<WorkflowFault> {
    verify(&document(&[declaration_with(payload)], &[])).err()
}

/// A payload of the issuer's own make, which covers what has to be covered.
fn declaration_payload() -> Value<'static> {
    json(
        r#"{"binding_version": "workflow_declaration.v1",
            "project_id": "00000000-0000-0000-0000-000000000001", "workflow_id": "wf_123",
            "intent": {"expected_calls": 2, "max_calls": 5, "expected_model": "gpt-4o-mini", "x": null},
            "issued_at": "2026-05-07T14:00:00+02:00", "more": [null]}"#,
    )
}

#[test]
fn sem_07_a_payload_that_agrees_with_its_declaration_may_be_of_any_make() {
    let good = declaration_payload();
    for payload in [
        good.clone(),
        without(&good, "issued_at"),
        with(&good, "binding_key_id", binding_key().key_id().to_string()),
        with(&good, "workflow_declaration_id", "10000000-0000-0000-0000-000000000001"),
        with(
            &good,
            "declared_by",
            json(r#"{"api_key_id": "20000000-0000-0000-0000-000000000001"}"#),
        ),
        with(
            &good,
            "declared_by",
            json(r#"{"id": "20000000-0000-0000-0000-000000000001", "type": "api_key"}"#),
        ),
        with(&good, "budget_envelope_id", ()),
        with(&good, "status", "completed"),
        with(&good, "project_id", " 00000000-0000-0000-0000-000000000001 "),
    ] {
        assert_eq!(fault_of_declaration(&payload).map(|fault| fault.kind), None, "{payload:?}");
    }
}

#[test]
fn sem_07_a_payload_that_contradicts_its_declaration_is_refused() {
    let good = declaration_payload();
    for (member, value) in [
        ("project_id", json("\"other\"")),
        ("project_id", json("3")),
        ("workflow_id", json("\"other\"")),
        ("workflow_declaration_id", json("\"other\"")),
        ("binding_key_id", json("\"0000000000000000\"")),
        (
            "intent",
            json(r#"{"expected_calls": 2, "max_calls": 500, "expected_model": "gpt-4o-mini"}"#),
        ),
        ("intent", json(r#"{"expected_calls": 2, "max_calls": 5}"#)),
        (
            "intent",
            json(r#"{"expected_calls": 2.0, "max_calls": 5, "expected_model": "gpt-4o-mini"}"#),
        ),
        ("intent", json("[]")),
        ("declared_by", json(r#"{"api_key_id": "other"}"#)),
        ("issued_at", json("\"2026-05-07T12:00:01Z\"")),
        ("issued_at", json("\"soon\"")),
        ("issued_at", json("4")),
    ] {
        let fault = fault_of_declaration(&with(&good, member, value.clone())).unwrap();
        assert_eq!(fault.kind, Kind::DeclarationPayload, "{member} {value:?}");
        assert_eq!(fault.claim, Claim::WorkflowDeclarations);
        assert_eq!(fault.fault.verdict, Unsupported::Disproved);
        assert_eq!(fault.fault.finding.get("member"), Some(member));
    }
}

#[test]
fn sem_07_a_payload_names_the_budget_of_its_declaration() {
    let payload = with(&declaration_payload(), "budget_envelope_id", "budget 1");
    for (budget, expected) in [("budget 1", Ok(())), ("budget 2", Err(Kind::DeclarationPayload))] {
        let record = with(&declaration_with(&payload), "budget_envelope_id", budget);
        let result = verify(&document(&[record], &[])).map(|_| ()).map_err(|fault| fault.kind);
        assert_eq!(result, expected, "{budget}");
    }
}

#[test]
fn sem_07_a_payload_of_something_else_proves_nothing_of_a_declaration() {
    let good = declaration_payload();
    for (payload, kind, verdict) in [
        // Whatever else the key signed: a closure, say, which has the same message and the same key.
        (
            json(r#"{"binding_version": "closure_v2"}"#),
            Kind::DeclarationVersionUnknown,
            Unsupported::UnverifiableScope,
        ),
        (
            with(&good, "binding_version", "workflow_declaration.v2"),
            Kind::DeclarationVersionUnknown,
            Unsupported::UnverifiableScope,
        ),
        (
            with(&good, "binding_version", "workflow_amendment.v1"),
            Kind::DeclarationVersionUnknown,
            Unsupported::UnverifiableScope,
        ),
        (
            with(&good, "binding_version", 1),
            Kind::DeclarationVersionUnknown,
            Unsupported::UnverifiableScope,
        ),
        (json(r#"{"a": 1}"#), Kind::DeclarationPayload, Unsupported::Disproved),
        (without(&good, "binding_version"), Kind::DeclarationPayload, Unsupported::Disproved),
        (without(&good, "project_id"), Kind::DeclarationPayload, Unsupported::Disproved),
        (without(&good, "workflow_id"), Kind::DeclarationPayload, Unsupported::Disproved),
        (without(&good, "intent"), Kind::DeclarationPayload, Unsupported::Disproved),
        (with(&good, "intent", ()), Kind::DeclarationPayload, Unsupported::Disproved),
    ] {
        let fault = fault_of_declaration(&payload).unwrap();
        assert_eq!((fault.kind, fault.fault.verdict), (kind, verdict), "{payload:?}");
        assert_eq!(fault.fault.reason().as_str(), "WORKFLOW_SIGNATURE_INVALID");
    }
}

#[test]
fn sem_07_a_payload_has_to_agree_even_where_the_record_signs_for_itself() {
    let record = workflow(0).declaration_record();
    let beside = |payload: Value<'static>| {
        let record = sign_declaration(&with(&record, "signed_payload", payload));
        verify(&document(&[record], &[])).map_err(|fault| fault.kind)
    };
    assert!(beside(declaration_payload()).is_ok());
    // What it does not cover is covered by the payload that is put together from the record.
    assert!(beside(json("{}")).is_ok());
    assert!(beside(json("\"no object\"")).is_ok());
    let other = with(&declaration_payload(), "workflow_id", "other");
    assert_eq!(beside(other).unwrap_err(), Kind::DeclarationPayload);
}

#[test]
fn key_03_the_key_has_to_be_good_at_the_time_that_the_payload_states() {
    use crate::bench::{root_of, verify_with};
    use permit_keys::Mode;
    use permit_workflow::WorkflowTrust;
    // Issued when declared, and signed weeks later, after the key was retired; or the other way round.
    let root = root_of(|text| text.replace("null", "\"2026-06-01T00:00:00Z\""));
    let trust = WorkflowTrust::of(&root, Mode::Production);
    let payload = with(&declaration_payload(), "issued_at", "2026-07-01T00:00:00Z");
    let record = with(&declaration_with(&payload), "declared_at", "2026-07-01T00:00:00Z");
    assert!(verify(&document(std::slice::from_ref(&record), &[])).is_ok());
    let fault = verify_with(&document(&[record], &[]), &trust).unwrap_err();
    assert_eq!((fault.kind, fault.fault.verdict), (Kind::DeclarationKey, Unsupported::Disproved));
}

fn amendment_with(payload: &Value<'static>) -> Result<(), WorkflowFault> {
    let workflow = workflow(1);
    let record = with(&workflow.amendment_records()[0], "signed_payload", payload.clone());
    let hash = HashedArtifact::WorkflowV1.profile().digest(&with_key(payload)).unwrap();
    let record = amendment_signed_over(&record, hash);
    verify(&document(&[workflow.declaration_record()], &[record])).map(|_| ())
}

fn amendment_payload() -> Value<'static> {
    json(
        r#"{"binding_version": "workflow_amendment.v1",
            "project_id": "00000000-0000-0000-0000-000000000001",
            "workflow_declaration_id": "10000000-0000-0000-0000-000000000001",
            "delta": {"applied_against_version": 1, "previous_max_calls": 5, "new_max_calls": 6,
                "previous_expected_calls": 2, "new_expected_calls": null, "reason_provided": "raise the cap"}}"#,
    )
}

#[test]
fn sem_07_a_payload_that_agrees_with_its_amendment_may_be_of_any_make() {
    let good = amendment_payload();
    let delta = good.get("delta").cloned().unwrap();
    let mut inline = without(&good, "delta");
    for member in delta.as_object().unwrap().members() {
        inline = with(&inline, member.name(), member.value().clone());
    }
    for payload in [
        good.clone(),
        inline,
        with(&good, "workflow_amendment_id", "30000000-0000-0000-0000-000000000001"),
        with(&good, "issued_at", "2026-05-07T12:05:00Z"),
    ] {
        assert_eq!(amendment_with(&payload).map_err(|fault| fault.kind), Ok(()), "{payload:?}");
    }
}

#[test]
fn sem_07_a_payload_that_does_not_fit_its_amendment_is_refused() {
    let good = amendment_payload();
    let inline_other = with(&without(&good, "delta"), "new_max_calls", 600);
    let inline_part = with(&without(&good, "delta"), "new_max_calls", 6);
    for (payload, kind) in [
        (with(&good, "project_id", "other"), Kind::AmendmentPayload),
        (with(&good, "workflow_declaration_id", "other"), Kind::AmendmentPayload),
        (with(&good, "workflow_amendment_id", "other"), Kind::AmendmentPayload),
        (with(&good, "delta", json(r#"{"new_max_calls": 600}"#)), Kind::AmendmentPayload),
        (with(&good, "amended_by", json(r#"{"api_key_id": "other"}"#)), Kind::AmendmentPayload),
        (with(&good, "issued_at", "2026-05-07T12:00:00Z"), Kind::AmendmentPayload),
        (inline_other, Kind::AmendmentPayload),
        (inline_part, Kind::AmendmentPayload),
        (without(&good, "delta"), Kind::AmendmentPayload),
        (without(&good, "project_id"), Kind::AmendmentPayload),
        (without(&good, "workflow_declaration_id"), Kind::AmendmentPayload),
        (without(&good, "binding_version"), Kind::AmendmentPayload),
        (with(&good, "binding_version", "closure_v2"), Kind::AmendmentVersionUnknown),
    ] {
        let fault = amendment_with(&payload).unwrap_err();
        assert_eq!((fault.kind, fault.claim), (kind, Claim::WorkflowAmendments), "{payload:?}");
        let unknown = kind == Kind::AmendmentVersionUnknown;
        let verdict = if unknown { Unsupported::UnverifiableScope } else { Unsupported::Disproved };
        assert_eq!(fault.fault.verdict, verdict);
    }
}

#[test]
fn sem_07_an_amendment_and_its_own_delta_agree() {
    use crate::bench::seal_amendment;
    let workflow = workflow(1);
    let record = &workflow.amendment_records()[0];
    let verify_delta = |delta: &str| {
        let record = seal_amendment(&with(record, "delta", json(delta)));
        let hash = {
            let mut intent =
                permit_workflow::EffectiveIntent::of(&workflow.declaration_record()).unwrap();
            intent.amend(&record).unwrap();
            intent.digest().to_string()
        };
        let declaration = with(&workflow.declaration_record(), "effective_intent_hash", hash);
        verify(&document(&[declaration], &[record])).map(|_| ()).map_err(|fault| fault.kind)
    };
    assert_eq!(verify_delta(r#"{"applied_against_version": 1, "new_max_calls": 6}"#), Ok(()));
    assert_eq!(verify_delta(r#"{"something": {"else": null}}"#), Ok(()));
    assert_eq!(verify_delta(r#"{"applied_against_version": 2}"#), Err(Kind::AmendmentPayload));
    assert_eq!(verify_delta(r#"{"new_max_calls": 600}"#), Err(Kind::AmendmentPayload));
}
