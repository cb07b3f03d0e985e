// SPDX-License-Identifier: Apache-2.0

//! What permits say of their workflow.

use permit_canonical_json::{JsonPointer, Value};
use permit_claims::{Claim, Unsupported};
use permit_types::Artifact;
use permit_workflow::{
    SnapshotChecker, SnapshotRecord, SnapshotsAgree, WorkflowFault, WorkflowFaultKind as Kind,
};

use crate::bench::{DECLARATION, document_of, json, permit_at, verify, with, without, workflow};

fn check(records: &[Value<'static>]) -> Result<Option<SnapshotsAgree>, WorkflowFault> {
    let history = verify(&document_of(&workflow(2))).unwrap();
    let list = JsonPointer::root().member("records");
    let mut checker = SnapshotChecker::new(&history, Artifact::Export, list);
    for record in records {
        checker.record(record);
    }
    checker.finish()
}

fn kind_of(record: Value<'static>) -> Result<u64, Kind> {
    let found = check(&[record]).map_err(|fault| fault.kind)?;
    Ok(found.map_or(0, |proof| proof.snapshots()))
}

/// The snapshot of a record with another member.
fn bent(record: &Value<'static>, member: &str, value: Value<'static>) -> Value<'static> {
    let snapshot = record.get("workflow_state_json").cloned().unwrap();
    with(record, "workflow_state_json", with(&snapshot, member, value))
}

#[test]
fn permit_19_snapshots_of_any_time_agree_with_the_history_before_it() {
    let workflow = workflow(2);
    let times = [
        ("2026-05-07T12:00:00Z", 1),
        ("2026-05-07T12:04:59.999999Z", 1),
        // An amendment made at that very moment does not count yet (SEM-08).
        ("2026-05-07T12:05:00Z", 1),
        ("2026-05-07T12:05:00.000001Z", 2),
        ("2026-05-07T14:10:00+02:00", 2),
        ("2026-05-07T12:10:01Z", 3),
        ("2030-01-01T00:00:00Z", 3),
    ];
    let records: Vec<_> = times.map(|(time, _)| permit_at(&workflow, time)).into();
    for (record, (time, version)) in records.iter().zip(times) {
        let snapshot = record.get("workflow_state_json").unwrap();
        let stated = snapshot.get("declaration_version_at_decision").and_then(Value::as_u64);
        assert_eq!(stated, Some(version), "{time}");
    }
    let proof = check(&records).unwrap().unwrap();
    assert_eq!((proof.records(), proof.snapshots()), (7, 7));
}

#[test]
fn permit_19_an_altered_snapshot_is_disproved() {
    let good = permit_at(&workflow(2), "2026-05-07T12:06:00Z");
    let other = permit_at(&workflow(2), "2026-05-07T12:11:00Z");
    let other = other.get("workflow_state_json").cloned().unwrap();
    for (record, kind) in [
        (bent(&good, "effective_intent_hash", "0".repeat(64).into()), Kind::SnapshotHash),
        (bent(&good, "effective_intent_hash", json("null")), Kind::SnapshotHash),
        (bent(&good, "effective_intent_hash", json("7")), Kind::SnapshotHash),
        (bent(&good, "declaration_version_at_decision", json("3")), Kind::SnapshotVersion),
        (bent(&good, "declaration_version_at_decision", json("null")), Kind::SnapshotVersion),
        (bent(&good, "declaration_version_at_decision", json("2.0")), Kind::SnapshotVersion),
        (bent(&good, "declaration_version_at_decision", json("\"2\"")), Kind::SnapshotVersion),
        (with(&good, "workflow_state_json", other), Kind::SnapshotHash),
        (with(&good, "created_at", "2026-05-07T12:05:00Z"), Kind::SnapshotHash),
        (with(&good, "created_at", "2026-05-07T12:11:00Z"), Kind::SnapshotHash),
        (without(&good, "created_at"), Kind::SnapshotTime),
        (with(&good, "created_at", "soon"), Kind::SnapshotTime),
        (bent(&good, "workflow_declaration_id", json("\"other\"")), Kind::SnapshotDeclaration),
        (bent(&good, "workflow_declaration_id", json("null")), Kind::SnapshotDeclaration),
        (bent(&good, "workflow_declaration_id", json("3")), Kind::SnapshotDeclaration),
        (bent(&good, "workflow_declaration_id", json("\" \"")), Kind::SnapshotDeclaration),
    ] {
        let fault = check(std::slice::from_ref(&record)).unwrap_err();
        assert_eq!(fault.kind, kind, "{record:?}");
        assert_eq!(fault.claim, Claim::WorkflowSnapshot);
        assert_eq!(fault.fault.verdict, Unsupported::Disproved);
        assert_eq!(fault.fault.reason().as_str(), "WORKFLOW_EFFECTIVE_INTENT_HASH_MISMATCH");
        let pointer = fault.fault.finding.at.pointer.to_string();
        assert_eq!(pointer, "/records/0/workflow_state_json");
    }
}

#[test]
fn amb_52_a_version_is_an_integer() {
    let record = permit_at(&workflow(2), "2026-05-07T12:00:00Z");
    let truth = bent(&record, "declaration_version_at_decision", json("true"));
    assert_eq!(kind_of(truth), Err(Kind::SnapshotVersion));
}

#[test]
fn snapshots_are_found_in_four_places() {
    let good = permit_at(&workflow(2), "2026-05-07T12:06:00Z");
    let snapshot = good.get("workflow_state_json").cloned().unwrap();
    let time = json("\"2026-05-07T12:06:00Z\"");
    let none = without(&good, "workflow_state_json");
    let wrong = with(&snapshot, "effective_intent_hash", "0");
    for (record, expected) in [
        (none.clone(), Ok(0)),
        (json("{}"), Ok(0)),
        (with(&none, "workflow_state_json", 3), Ok(0)),
        (with(&none, "workflow_state", snapshot.clone()), Ok(1)),
        (with(&with(&none, "workflow_state_json", ()), "workflow_state", snapshot.clone()), Ok(1)),
        (with(&with(&none, "permit", json("{}")), "created_at", time.clone()), Ok(0)),
        (
            Value::object([("permit", with(&json("{}"), "workflow_state", snapshot.clone()))]),
            Err(Kind::SnapshotTime),
        ),
        (
            Value::object([(
                "permit",
                with(
                    &with(&json("{}"), "workflow_state", snapshot.clone()),
                    "permit_created_at",
                    time.clone(),
                ),
            )]),
            Ok(1),
        ),
        // The record's own counts before that of its permit.
        (with(&good, "permit", with(&json("{}"), "workflow_state_json", wrong.clone())), Ok(1)),
        (
            with(
                &with(&good, "workflow_state_json", wrong.clone()),
                "workflow_state",
                snapshot.clone(),
            ),
            Err(Kind::SnapshotHash),
        ),
        (with(&with(&none, "permit", 4), "workflow_state", snapshot.clone()), Ok(1)),
    ] {
        assert_eq!(kind_of(record.clone()), expected, "{record:?}");
    }
}

#[test]
fn the_first_time_that_can_be_read_counts() {
    let good = permit_at(&workflow(2), "2026-05-07T12:06:00Z");
    let none = without(&good, "created_at");
    for (record, expected) in [
        (with(&with(&none, "created_at", "soon"), "timestamp", "2026-05-07T12:06:00Z"), Ok(1)),
        (with(&none, "permit_created_at", "2026-05-07 12:06:00"), Ok(1)),
        (with(&none, "permit", json(r#"{"timestamp": "2026-05-07T12:06:00Z"}"#)), Ok(1)),
        (with(&good, "timestamp", "2030-01-01T00:00:00Z"), Ok(1)),
        (
            with(
                &with(&none, "created_at", "2030-01-01T00:00:00Z"),
                "timestamp",
                "2026-05-07T12:06:00Z",
            ),
            Err(Kind::SnapshotHash),
        ),
    ] {
        assert_eq!(kind_of(record.clone()), expected, "{record:?}");
    }
}

#[test]
fn permit_17_a_permit_names_one_declaration() {
    let good = permit_at(&workflow(2), "2026-05-07T12:06:00Z");
    let unnamed = bent(&good, "workflow_declaration_id", json("null"));
    let snapshot = unnamed.get("workflow_state_json").cloned().unwrap();
    let nested = json(&format!(r#"{{"workflow_declaration_id": "{DECLARATION}"}}"#));
    let nested =
        with(&with(&nested, "workflow_state_json", snapshot), "created_at", "2026-05-07T12:06:00Z");
    for (record, expected) in [
        (with(&good, "workflow_declaration_id", DECLARATION), Ok(1)),
        (with(&good, "workflow_declaration_id", format!(" {DECLARATION} ")), Ok(1)),
        (with(&good, "workflow_declaration_id", 3), Ok(1)),
        (with(&good, "workflow_declaration_id", "other"), Err(Kind::SnapshotDeclaration)),
        (
            with(&good, "permit", json(r#"{"workflow_declaration_id": "other"}"#)),
            Err(Kind::SnapshotDeclaration),
        ),
        (with(&unnamed, "workflow_declaration_id", DECLARATION), Ok(1)),
        // An id that is none does not give way to another.
        (
            with(
                &bent(&good, "workflow_declaration_id", json("3")),
                "workflow_declaration_id",
                DECLARATION,
            ),
            Err(Kind::SnapshotDeclaration),
        ),
        // PERMIT-18: the id is a member of the permit, and the snapshot another.
        (Value::object([("permit", nested)]), Ok(1)),
        (bent(&good, "workflow_declaration_id", format!(" {DECLARATION}\u{1f}").into()), Ok(1)),
    ] {
        assert_eq!(kind_of(record.clone()), expected, "{record:?}");
    }
}

#[test]
fn sem_08_a_permit_outside_of_any_workflow_needs_no_declaration() {
    let state = |text: &str| Value::object([("workflow_state_json", json(text))]);
    assert_eq!(kind_of(state(r#"{"admission_state": "unknown_or_inactive"}"#)), Ok(0));
    assert_eq!(
        kind_of(state(
            r#"{"admission_state": "unknown_or_inactive", "workflow_declaration_id": " "}"#
        )),
        Ok(0)
    );
    assert_eq!(kind_of(state(r#"{"admission_state": "active"}"#)), Err(Kind::SnapshotDeclaration));
    let good = permit_at(&workflow(2), "2026-05-07T12:06:00Z");
    let inactive = bent(&good, "admission_state", json("\"unknown_or_inactive\""));
    assert_eq!(kind_of(inactive), Ok(1));
    let wrong = bent(
        &bent(&good, "admission_state", json("\"unknown_or_inactive\"")),
        "effective_intent_hash",
        json("\"0\""),
    );
    assert_eq!(kind_of(wrong), Err(Kind::SnapshotHash));
}

#[test]
fn a_record_that_is_no_object_is_held_against_the_snapshots() {
    let good = permit_at(&workflow(2), "2026-05-07T12:06:00Z");
    let fault = check(&[good, json("3")]).unwrap_err();
    assert_eq!((fault.kind, fault.claim), (Kind::SnapshotForm, Claim::WorkflowSnapshot));
    assert_eq!(fault.fault.verdict, Unsupported::InsufficientEvidence);
    assert_eq!(fault.fault.reason().as_str(), "WORKFLOW_EVIDENCE_SCHEMA_INVALID");
    assert_eq!(fault.fault.finding.at.pointer.to_string(), "/records/1");
}

#[test]
fn the_first_fault_is_told_and_all_are_counted() {
    let good = permit_at(&workflow(2), "2026-05-07T12:06:00Z");
    let bad = bent(&good, "effective_intent_hash", json("\"0\""));
    let fault = check(&[good.clone(), bad.clone(), json("3"), good, bad]).unwrap_err();
    assert_eq!(fault.kind, Kind::SnapshotHash);
    assert_eq!(fault.fault.finding.at.pointer.to_string(), "/records/1/workflow_state_json");
    assert_eq!(fault.fault.finding.get("snapshots_at_fault"), Some("3"));
}

#[test]
fn records_may_come_member_by_member_in_any_order() {
    let good = permit_at(&workflow(2), "2026-05-07T12:06:00Z");
    let good = with(
        &good,
        "permit",
        json(r#"{"timestamp": "2026-05-07", "workflow_declaration_id": "x"}"#),
    );
    let whole = SnapshotRecord::of(&good);
    let mut pieces = SnapshotRecord::default();
    for member in good.as_object().unwrap().members().iter().rev() {
        pieces.take_member(member.name(), member.value());
    }
    assert_eq!(pieces, whole);
}
