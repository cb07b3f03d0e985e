// SPDX-License-Identifier: Apache-2.0

//! Declarations and amendments: form, signature, order, hash.

use permit_canonical_json::{Sha256Digest, Value};
use permit_claims::{Claim, Unsupported};
use permit_failure_codes::{FailureCode, ReasonClass};
use permit_keys::Mode;
use permit_types::Artifact;
use permit_workflow::{
    HistoryLimits, WorkflowFaultKind as Kind, WorkflowTrust, amendment_payloads,
    verify_workflow_document,
};

use crate::bench::{
    DECLARATION, amendment_signed_over, binding_key, document, document_of, json, root_of,
    seal_amendment, seal_declaration, sign_declaration, trust, verify, verify_with, with, without,
    workflow,
};

#[test]
fn sem_07_a_document_that_an_issuer_makes_holds() {
    for amendments in [0, 1, 3] {
        let workflow = workflow(amendments);
        let history = verify(&document_of(&workflow)).unwrap();
        assert_eq!((history.declarations(), history.amendments()), (1, amendments));
        let claims: Vec<_> = history.proofs().iter().map(|proof| proof.claim()).collect();
        let mut expected = vec![Claim::WorkflowDeclarations, Claim::WorkflowIntent];
        expected.extend((amendments > 0).then_some(Claim::WorkflowAmendments));
        assert_eq!(claims, expected);
    }
}

#[test]
fn sem_07_nothing_is_proved_about_records_that_are_not_there() {
    assert!(verify(&document(&[], &[])).unwrap().proofs().is_empty());
}

#[test]
fn sem_07_documents_have_their_schema_their_lists_and_their_counts() {
    let good = document_of(&workflow(1));
    for (member, value, kind) in [
        ("schema", json("\"keel.vanta.workflow_evidence/v2\""), Kind::DocumentForm),
        ("declarations", json("null"), Kind::DocumentForm),
        ("declarations", json("{}"), Kind::DocumentForm),
        ("amendments", json("\"x\""), Kind::DocumentForm),
        ("declaration_count", json("2"), Kind::DocumentCount),
        ("declaration_count", json("true"), Kind::DocumentCount),
        ("declaration_count", json("1.0"), Kind::DocumentCount),
        ("amendment_count", json("null"), Kind::DocumentCount),
    ] {
        let fault = verify(&with(&good, member, value.clone())).unwrap_err();
        assert_eq!(fault.kind, kind, "{member} {value:?}");
        assert_eq!(fault.claim, Claim::WorkflowIntent);
        assert_eq!(fault.fault.verdict, Unsupported::InsufficientEvidence);
        assert_eq!(fault.fault.reason().as_str(), "WORKFLOW_EVIDENCE_SCHEMA_INVALID");
        assert_eq!(fault.fault.finding.at.pointer.to_string(), format!("/{member}"));
    }
    assert_eq!(verify(&json("[]")).unwrap_err().kind, Kind::DocumentForm);
}

#[test]
fn sem_07_declarations_have_their_form() {
    let good = workflow(0).declaration_record();
    let cases = [
        ("workflow_id", "\" \""),
        ("workflow_declaration_id", "null"),
        ("workflow_declaration_id", "3"),
        ("project_id", "null"),
        ("status", "\"running\""),
        ("version", "true"),
        ("version", "1.0"),
        ("version", "-1"),
        ("version", "null"),
        ("intent_json", "{}"),
        ("intent_json", r#"{"expected_calls": 9, "max_calls": 3}"#),
        ("intent_json", r#"{"max_calls": true}"#),
        ("intent_json", r#"{"max_calls": 3, "max_duration_seconds": 1.5}"#),
        ("intent_json", r#"{"max_calls": 3, "expected_model": 4}"#),
        ("cached_actual_calls", "-1"),
        ("projection_amount_micros", "\"12\""),
        ("declaration_canonical_hash", "3"),
        ("declaration_signature_b64", "[]"),
        ("declaration_signed_at", "null"),
        ("declaration_signed_at", "\"soon\""),
        ("declaration_signed_at", "1778155200"),
        ("effective_intent_hash", "null"),
        ("effective_intent_hash", "\"\""),
    ];
    for (member, value) in cases {
        let bad = with(&good, member, json(value));
        let fault = verify(&document(&[bad], &[])).unwrap_err();
        assert_eq!(fault.kind, Kind::DeclarationForm, "{member} {value}");
        assert_eq!(fault.claim, Claim::WorkflowDeclarations);
        assert_eq!(fault.fault.verdict, Unsupported::InsufficientEvidence);
        assert_eq!(fault.fault.finding.get("member"), Some(member));
        let pointer = format!("/declarations/0/{member}");
        assert_eq!(fault.fault.finding.at.pointer.to_string(), pointer);
    }
    let fault = verify(&document(&[json("3")], &[])).unwrap_err();
    assert_eq!(fault.kind, Kind::DeclarationForm);
}

#[test]
fn sem_07_intents_are_found_where_they_stand() {
    let good = workflow(0).declaration_record();
    let bare = without(&good, "intent_json");
    let flat = with(&with(&bare, "max_calls", 5), "expected_model", ());
    for record in [
        with(&bare, "intent", json(r#"{"max_calls": 5, "more": null}"#)),
        with(&good, "intent", json("{}")),
        with(&with(&good, "intent_json", "text"), "intent", json(r#"{"expected_calls": 0}"#)),
        flat,
        with(&good, "intent_json", json(r#"{"max_calls": 99999999999999999999999}"#)),
    ] {
        let sealed = seal_declaration(&record);
        assert!(verify(&document(std::slice::from_ref(&sealed), &[])).is_ok(), "{sealed:?}");
    }
    assert_eq!(
        verify(&document(&[seal_declaration(&bare)], &[])).unwrap_err().kind,
        Kind::DeclarationForm
    );
}

#[test]
fn sem_07_amendments_have_their_form() {
    let workflow = workflow(1);
    let good = &workflow.amendment_records()[0];
    for (member, value) in [
        ("workflow_amendment_id", "null"),
        ("workflow_declaration_id", "\" \""),
        ("project_id", "4"),
        ("applied_against_version", "-1"),
        ("applied_against_version", "\"1\""),
        ("applied_against_version", "null"),
        ("previous_max_calls", "1.0"),
        ("new_max_calls", "-1"),
        ("previous_expected_calls", "true"),
        ("new_expected_calls", "\"1\""),
        ("reason_provided", "3"),
        ("created_at", "\"soon\""),
        ("amendment_canonical_hash", "3"),
        ("amendment_signature_b64", "{}"),
    ] {
        let bad = with(good, member, json(value));
        let fault = verify(&document(&[workflow.declaration_record()], &[bad])).unwrap_err();
        assert_eq!(fault.kind, Kind::AmendmentForm, "{member} {value}");
        assert_eq!(fault.claim, Claim::WorkflowIntent);
        assert_eq!(fault.fault.verdict, Unsupported::InsufficientEvidence);
        assert_eq!(fault.fault.finding.get("member"), Some(member));
    }
}

#[test]
fn ids_fall_back_to_id_only_where_the_member_is_absent() {
    let good = workflow(0).declaration_record();
    let other = with(&without(&good, "workflow_declaration_id"), "id", "declaration-7");
    let history = verify(&document(&[other], &[])).unwrap();
    assert!(history.declaration("declaration-7").is_some());
    let null = with(&with(&good, "workflow_declaration_id", ()), "id", "declaration-7");
    assert_eq!(verify(&document(&[null], &[])).unwrap_err().kind, Kind::DeclarationForm);
}

#[test]
fn sem_07_two_declarations_of_one_id_are_refused() {
    let one = workflow(0).declaration_record();
    let fault = verify(&document(&[one.clone(), one], &[])).unwrap_err();
    assert_eq!((fault.kind, fault.claim), (Kind::DuplicateDeclaration, Claim::WorkflowIntent));
    assert_eq!(fault.fault.verdict, Unsupported::InsufficientEvidence);
}

#[test]
fn sem_07_declarations_are_signed_over_what_they_say() {
    let good = workflow(0).declaration_record();
    let zero = "ed25519:".to_owned() + &"A".repeat(86) + "==";
    for (member, value, kind) in [
        ("declaration_canonical_hash", json("null"), Kind::DeclarationUnsigned),
        ("declaration_canonical_hash", json("\" \""), Kind::DeclarationUnsigned),
        ("declaration_signature_b64", json("null"), Kind::DeclarationUnsigned),
        ("declaration_signature_b64", json("\" \""), Kind::DeclarationUnsigned),
        ("declaration_signature_b64", zero.into(), Kind::DeclarationSignature),
        ("declaration_signature_b64", json("\"QUJD\""), Kind::DeclarationSignature),
        ("declaration_canonical_hash", "0".repeat(64).into(), Kind::DeclarationHash),
        ("project_id", json("\"other\""), Kind::DeclarationHash),
        ("workflow_id", json("\"other\""), Kind::DeclarationHash),
        ("status", json("\"completed\""), Kind::DeclarationHash),
        ("budget_envelope_id", json("\"other\""), Kind::DeclarationHash),
        ("declared_by", json(r#"{"type": "api_key", "id": "other"}"#), Kind::DeclarationHash),
        ("projected_cost", json("{}"), Kind::DeclarationHash),
        ("declaration_signed_at", json("\"2026-05-07T12:00:01Z\""), Kind::DeclarationHash),
        ("intent_json", json(r#"{"max_calls": 6}"#), Kind::DeclarationHash),
    ] {
        let bad = with(&good, member, value.clone());
        let fault = verify(&document(&[bad], &[])).unwrap_err();
        assert_eq!(fault.kind, kind, "{member} {value:?}");
        assert_eq!(fault.claim, Claim::WorkflowDeclarations);
        assert_eq!(fault.fault.verdict, Unsupported::Disproved);
        assert_eq!(fault.fault.reason().as_str(), "WORKFLOW_SIGNATURE_INVALID");
        assert_eq!(fault.fault.finding.get("workflow_declaration_id"), Some(DECLARATION));
    }
}

#[test]
fn sem_07_amendments_are_signed_over_what_they_say() {
    let workflow = workflow(1);
    let good = &workflow.amendment_records()[0];
    for (member, value, kind) in [
        ("amendment_canonical_hash", json("null"), Kind::AmendmentUnsigned),
        ("amendment_signature_b64", json("\"\""), Kind::AmendmentUnsigned),
        ("amendment_signature_b64", json("\"QUJD\""), Kind::AmendmentSignature),
        ("amendment_canonical_hash", "0".repeat(64).into(), Kind::AmendmentHash),
        ("project_id", json("\"other\""), Kind::AmendmentHash),
        ("workflow_declaration_id", json("\"other\""), Kind::AmendmentHash),
        ("workflow_amendment_id", json("\"other\""), Kind::AmendmentHash),
        ("amended_by", json("null"), Kind::AmendmentHash),
        ("created_at", json("\"2026-05-07T12:05:01Z\""), Kind::AmendmentHash),
        ("new_max_calls", json("1000"), Kind::AmendmentHash),
        ("reason_provided", json("\"other\""), Kind::AmendmentHash),
        ("applied_against_version", json("2"), Kind::AmendmentHash),
    ] {
        let bad = with(good, member, value.clone());
        let fault = verify(&document(&[workflow.declaration_record()], &[bad])).unwrap_err();
        assert_eq!(fault.kind, kind, "{member} {value:?}");
        assert_eq!(fault.claim, Claim::WorkflowAmendments);
        assert_eq!(fault.fault.verdict, Unsupported::Disproved);
        assert!(fault.fault.finding.get("workflow_amendment_id").is_some());
    }
}

#[test]
fn hashes_may_have_their_prefix_and_space_around_them() {
    let good = workflow(0).declaration_record();
    let hash = good.get("effective_intent_hash").and_then(Value::as_str).unwrap().to_owned();
    let padded = with(&good, "effective_intent_hash", format!(" sha256:{hash}\u{1f}"));
    assert!(verify(&document(&[padded], &[])).is_ok());
    for bad in [hash.to_uppercase(), format!("sha256: {hash}"), format!("sha256:sha256:{hash}")] {
        let bad = with(&good, "effective_intent_hash", bad);
        assert_eq!(verify(&document(&[bad], &[])).unwrap_err().kind, Kind::IntentHash);
    }
}

#[test]
fn all_four_payloads_of_an_amendment_verify() {
    let workflow = workflow(1);
    let key_id = binding_key().key_id().to_string();
    let record =
        with(&workflow.amendment_records()[0], "amendment_signed_at", "2026-05-07T14:05+02:00");
    let record = with(&record, "amendment_signed_at", "2026-05-07T14:05:00.5+02:00");
    let payloads = amendment_payloads(&record, &key_id);
    assert_eq!(payloads.len(), 8);
    for payload in &payloads {
        let sealed = amendment_signed_over(&record, payload.digest().unwrap());
        let document = document(&[workflow.declaration_record()], &[sealed]);
        assert!(verify(&document).is_ok(), "{}", payload.to_text().unwrap());
    }
}

#[test]
fn a_delta_never_takes_the_place_of_what_it_is_signed_with() {
    // Signed for declaration B with its delta among the other members, as an issuer may do.
    let of_b = with(&workflow(1).amendment_records()[0], "workflow_declaration_id", "B");
    let key_id = binding_key().key_id().to_string();
    let inline = amendment_payloads(&of_b, &key_id)[2].digest().unwrap();
    // Shown as one of declaration A, whose delta brings the members of B along.
    let names =
        ["applied_against_version", "previous_max_calls", "new_max_calls", "reason_provided"];
    let mut delta = Value::object([("workflow_declaration_id", "B")]);
    for name in names.into_iter().chain(["previous_expected_calls"]) {
        delta = with(&delta, name, of_b.get(name).cloned().unwrap());
    }
    let of_a = with(&with(&of_b, "workflow_declaration_id", DECLARATION), "delta", delta);
    let fault = verify(&document(
        &[workflow(1).declaration_record()],
        &[amendment_signed_over(&of_a, inline)],
    ));
    assert_eq!(fault.unwrap_err().kind, Kind::AmendmentHash);
}

#[test]
fn key_01_keys_are_resolved_by_id_purpose_and_time() {
    let record = workflow(0).declaration_record();
    let document = document(std::slice::from_ref(&record), &[]);
    let none = verify_with(&document, &WorkflowTrust::none()).unwrap_err();
    assert_eq!(
        (none.kind, none.fault.verdict),
        (Kind::DeclarationKey, Unsupported::InsufficientEvidence)
    );
    assert_eq!(none.fault.reason().as_str(), "WORKFLOW_SIGNATURE_INVALID");

    let binding = binding_key().key_id().to_string();
    let cases: [(&str, &dyn Fn(String) -> String, _, _); 5] = [
        (
            "unknown",
            &|text| text.replace(&binding, "0000000000000000"),
            Unsupported::InsufficientEvidence,
            FailureCode::UnknownSigningKey,
        ),
        (
            "another purpose",
            &|text| text.replace("permit_binding_signing", "integrity_checkpoint"),
            Unsupported::InsufficientEvidence,
            FailureCode::UnknownSigningKey,
        ),
        (
            "expired",
            &|text| text.replace("\"valid_to\": null", "\"valid_to\": \"2026-05-07T11:59:59Z\""),
            Unsupported::Disproved,
            FailureCode::KeyExpiredAtSigningTime,
        ),
        (
            "compromised",
            &|text| {
                text.replace("\"valid_to\": null", "\"compromised_at\": \"2026-06-01T00:00:00Z\"")
            },
            Unsupported::Disproved,
            FailureCode::SigningKeyRevoked,
        ),
        (
            "revoked",
            &|text| text.replace("\"valid_to\": null", "\"revoked_at\": \"2026-02-01T00:00:00Z\""),
            Unsupported::Disproved,
            FailureCode::SigningKeyRevoked,
        ),
    ];
    for (name, bend, verdict, code) in cases {
        let root = root_of(bend);
        let fault =
            verify_with(&document, &WorkflowTrust::of(&root, Mode::Production)).unwrap_err();
        assert_eq!(fault.kind, Kind::DeclarationKey, "{name}");
        assert_eq!(fault.fault.verdict, verdict, "{name}");
        assert_eq!(fault.fault.finding.code(), Some(code), "{name}");
        assert_eq!(fault.fault.reason().as_str(), "WORKFLOW_SIGNATURE_INVALID", "{name}");
    }
    // KEY-05: production keys do not count in test mode.
    let root = root_of(|text| text);
    let fault = verify_with(&document, &WorkflowTrust::of(&root, Mode::Test)).unwrap_err();
    assert_eq!(fault.fault.verdict, Unsupported::InsufficientEvidence);
}

#[test]
fn key_01_records_may_name_their_key_in_two_ways_or_not_at_all() {
    let good = workflow(0).declaration_record();
    let id = binding_key().key_id().to_string();
    let unnamed = without(&good, "binding_key_id");
    for record in [unnamed.clone(), with(&unnamed, "key_id", id), with(&unnamed, "key_id", 5)] {
        assert!(verify(&document(&[record], &[])).is_ok());
    }
    let other = with(&good, "binding_key_id", "0000000000000000");
    let fault = verify(&document(&[other], &[])).unwrap_err();
    assert_eq!(
        (fault.kind, fault.fault.verdict),
        (Kind::DeclarationKey, Unsupported::InsufficientEvidence)
    );
    // The id has to be the key's own, whatever the key manifest calls it.
    let root = root_of(|text| text.replace(&binding_key().key_id().to_string(), "workflow-key"));
    let called = with(&good, "binding_key_id", "workflow-key");
    let trust = WorkflowTrust::of(&root, Mode::Production);
    let fault = verify_with(&document(&[called], &[]), &trust).unwrap_err();
    assert_eq!((fault.kind, fault.fault.verdict), (Kind::DeclarationKeyId, Unsupported::Disproved));
}

#[test]
fn key_03_amendments_are_judged_at_the_time_they_state_and_the_time_they_were_made() {
    let workflow = workflow(1);
    let record =
        with(&workflow.amendment_records()[0], "amendment_signed_at", "2026-07-01T00:00:00Z");
    let documents = document(&[workflow.declaration_record()], &[seal_amendment(&record)]);
    assert!(verify(&documents).is_ok());
    let root = root_of(|text| text.replace("null", "\"2026-06-01T00:00:00Z\""));
    let fault = verify_with(&documents, &WorkflowTrust::of(&root, Mode::Production)).unwrap_err();
    assert_eq!((fault.kind, fault.fault.verdict), (Kind::AmendmentKey, Unsupported::Disproved));
    assert_eq!(fault.fault.finding.code(), Some(FailureCode::KeyExpiredAtSigningTime));
    // A time that cannot be read leaves it open when it was signed.
    let record = with(&record, "amendment_signed_at", "soon");
    let documents = document(&[workflow.declaration_record()], &[seal_amendment(&record)]);
    let fault = verify(&documents).unwrap_err();
    assert_eq!(
        (fault.kind, fault.fault.verdict),
        (Kind::AmendmentKey, Unsupported::InsufficientEvidence)
    );
}

#[test]
fn sem_07_amendments_follow_one_another() {
    let three = workflow(3);
    let declaration = three.declaration_record();
    let all = three.amendment_records();
    let resealed = |index: usize, member: &str, value: &str| {
        let mut records = all.to_vec();
        records[index] = seal_amendment(&with(&records[index], member, json(value)));
        records
    };
    let second = "\"2026-05-07T12:05:00Z\"";
    for (name, declarations, amendments, kind) in [
        (
            "orphan",
            vec![declaration.clone()],
            resealed(0, "workflow_declaration_id", "\"other\""),
            Kind::AmendmentOrphan,
        ),
        ("no declaration", vec![], all[..1].to_vec(), Kind::AmendmentOrphan),
        (
            "project",
            vec![declaration.clone()],
            resealed(0, "project_id", "\"other\""),
            Kind::AmendmentProject,
        ),
        (
            "swapped",
            vec![declaration.clone()],
            vec![all[1].clone(), all[0].clone(), all[2].clone()],
            Kind::AmendmentVersion,
        ),
        (
            "out of order",
            vec![declaration.clone()],
            resealed(1, "created_at", "\"2026-05-07T12:01:00Z\""),
            Kind::AmendmentOrder,
        ),
        (
            "out of order by id",
            vec![declaration.clone()],
            {
                let mut records = resealed(1, "created_at", second);
                records[1] = seal_amendment(&with(&records[1], "workflow_amendment_id", "1"));
                records
            },
            Kind::AmendmentOrder,
        ),
        (
            "one twice",
            vec![declaration.clone()],
            vec![all[0].clone(), all[0].clone()],
            Kind::DuplicateAmendment,
        ),
        (
            "one id",
            vec![declaration.clone()],
            {
                let id =
                    all[0].get("workflow_amendment_id").and_then(Value::as_str).unwrap().to_owned();
                resealed(1, "workflow_amendment_id", &format!("\"{id}\""))
            },
            Kind::DuplicateAmendment,
        ),
        (
            "gap",
            vec![declaration.clone()],
            vec![all[0].clone(), all[2].clone()],
            Kind::AmendmentVersion,
        ),
        (
            "starts at zero",
            vec![declaration.clone()],
            resealed(0, "applied_against_version", "0"),
            Kind::AmendmentVersion,
        ),
        (
            "too large",
            vec![declaration.clone()],
            resealed(0, "applied_against_version", "99999999999999999999999"),
            Kind::AmendmentVersion,
        ),
        (
            "one is missing at the end",
            vec![declaration.clone()],
            all[..2].to_vec(),
            Kind::DeclarationVersion,
        ),
        ("version", vec![with(&declaration, "version", 5)], all.to_vec(), Kind::DeclarationVersion),
    ] {
        let fault = verify(&document(&declarations, &amendments)).unwrap_err();
        assert_eq!(fault.kind, kind, "{name}");
        assert_eq!(fault.claim, Claim::WorkflowIntent, "{name}");
        assert_eq!(fault.fault.verdict, Unsupported::Disproved, "{name}");
        assert_eq!(fault.fault.reason().as_str(), "WORKFLOW_AMENDMENT_ORDER_INVALID", "{name}");
        assert!(fault.fault.finding.get("workflow_declaration_id").is_some(), "{name}");
    }
}

#[test]
fn sem_07_a_declaration_without_amendments_is_of_version_one() {
    let record = workflow(0).declaration_record();
    for version in [0, 2, 9] {
        let fault = verify(&document(&[with(&record, "version", version)], &[])).unwrap_err();
        assert_eq!(fault.kind, Kind::DeclarationVersion);
        assert_eq!(fault.fault.finding.expected.as_deref(), Some("1"));
    }
}

#[test]
fn sem_07_amendments_that_were_all_left_out_show_in_the_hash() {
    let fault = verify(&document(&[workflow(3).declaration_record()], &[])).unwrap_err();
    assert_eq!((fault.kind, fault.claim), (Kind::IntentHash, Claim::WorkflowIntent));
}

#[test]
fn sem_07_the_effective_hash_is_that_of_the_intent_with_all_amendments() {
    let workflow = workflow(2);
    let wrong = Sha256Digest::of(b"").to_string();
    let bad = with(&workflow.declaration_record(), "effective_intent_hash", wrong.clone());
    let fault = verify(&document(&[bad], workflow.amendment_records())).unwrap_err();
    assert_eq!((fault.kind, fault.claim), (Kind::IntentHash, Claim::WorkflowIntent));
    assert_eq!(fault.fault.verdict, Unsupported::Disproved);
    assert_eq!(fault.fault.reason().as_str(), "WORKFLOW_EFFECTIVE_INTENT_HASH_MISMATCH");
    let finding = &fault.fault.finding;
    assert_eq!(finding.actual.as_deref(), Some(wrong.as_str()));
    assert_eq!(finding.expected, Some(workflow.effective_intent_hash().to_string()));
}

#[test]
fn records_are_judged_before_their_order_and_their_order_before_hashes() {
    let workflow = workflow(2);
    let declaration = with(&workflow.declaration_record(), "effective_intent_hash", "0");
    let all = workflow.amendment_records();
    let unsigned = with(&all[0], "amendment_signature_b64", ());
    // Out of order first, unsigned behind it.
    let declared = std::slice::from_ref(&declaration);
    let fault = verify(&document(declared, &[all[1].clone(), unsigned])).unwrap_err();
    assert_eq!(fault.kind, Kind::AmendmentUnsigned);
    let fault = verify(&document(declared, &[all[1].clone(), all[0].clone()]));
    assert_eq!(fault.unwrap_err().kind, Kind::AmendmentVersion);
    assert_eq!(verify(&document(declared, all)).unwrap_err().kind, Kind::IntentHash);
}

#[test]
fn permit_17_one_document_may_hold_many_workflows() {
    let one = workflow(2);
    let declaration = with(&workflow(1).declaration_record(), "workflow_declaration_id", "other");
    let amendment = with(&workflow(1).amendment_records()[0], "workflow_declaration_id", "other");
    let amendment = seal_amendment(&with(&amendment, "workflow_amendment_id", "0"));
    let first = one.amendment_records();
    // Their amendments may stand among one another; only those of one declaration have an order.
    let amendments = [first[0].clone(), amendment, first[1].clone()];
    let history = verify(&document(&[one.declaration_record(), declaration], &amendments)).unwrap();
    assert_eq!((history.declarations(), history.amendments()), (2, 3));
}

#[test]
fn canon_06_what_has_no_canonical_form_is_signed_by_nobody() {
    let record = workflow(0).declaration_record();
    let huge = with(&record, "intent_json", json(r#"{"max_calls": 1, "weight": 1e999}"#));
    assert_eq!(verify(&document(&[huge], &[])).unwrap_err().kind, Kind::DeclarationHash);
}

#[test]
fn limits_are_told_and_prove_nothing() {
    let workflow = workflow(2);
    let document = document_of(&workflow);
    for (declarations, amendments, claim) in
        [(0, 9, Claim::WorkflowDeclarations), (9, 1, Claim::WorkflowAmendments)]
    {
        let mut limits = HistoryLimits::default();
        limits.declarations = declarations;
        limits.amendments = amendments;
        let artifact = Artifact::Export;
        let fault = verify_workflow_document(&document, artifact, &trust(), limits).unwrap_err();
        assert!(fault.is_limit());
        assert_eq!((fault.kind, fault.claim), (Kind::Limit, claim));
        assert_eq!(fault.fault.verdict, Unsupported::UnverifiableScope);
        assert_eq!(fault.fault.reason(), ReasonClass::BudgetExceeded.into());
    }
}

#[test]
fn amb_55_null_members_count_for_nothing_wherever_they_stand() {
    let record = workflow(0).declaration_record();
    let with_nulls =
        json(r#"{"max_calls": 5, "a": null, "b": {"c": null}, "d": [null, {"e": null}]}"#);
    let without_nulls = json(r#"{"max_calls": 5, "b": {}, "d": [null, {}]}"#);
    let one = sign_declaration(&with(&record, "intent_json", with_nulls));
    let other = seal_declaration(&with(&record, "intent_json", without_nulls));
    let name = "declaration_canonical_hash";
    assert!(one.get(name).is_some());
    assert_eq!(one.get(name), other.get(name));
}
