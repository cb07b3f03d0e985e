// SPDX-License-Identifier: Apache-2.0

//! All of it on generated and on hostile input.

use std::io::Read;

use permit_canonical_json::{Budget, JsonPointer, Sha256Digest, Value, read_text};
use permit_types::{Artifact, Instant};
use permit_workflow::{
    ArchiveLimits, CallChange, IncidentArchive, IncidentMember, IncidentOptions, IncidentPayload,
    IssuedWorkflow, SiblingDescriptor, SnapshotChecker, amendment_payloads, declaration_payloads,
    verify_incident, workflow_text,
};
use proptest::{collection::vec, prelude::*};

use crate::{
    bench::{
        DECLARATION, amendment_draft, amendment_signed_over, binding_key, document, document_of,
        draft, json, time, trust, verify, with, workflow,
    },
    incident::{manifest, members},
};

/// Any JSON, with the names that this crate looks for among others.
fn any_json() -> impl Strategy<Value = Value<'static>> {
    let names = [
        "declarations",
        "amendments",
        "schema",
        "workflow_declaration_id",
        "id",
        "intent_json",
        "delta",
        "signed_payload",
        "version",
        "created_at",
        "permit",
        "workflow_state_json",
        "declared_by",
        "x",
        "sibling_artifacts",
        "workflow_evidence",
        "manifest_version",
        "files",
        "max_calls",
        "type",
    ];
    let leaf = prop_oneof![
        Just(json("null")),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(json("1.0")),
        Just(json("1e999")),
        Just(json("99999999999999999999999")),
        Just(Value::from("2026-05-07T12:00:00Z")),
        Just(Value::from("keel.vanta.workflow_evidence/v1")),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((proptest::sample::select(names.to_vec()), inner), 0..6).prop_map(Value::object),
        ]
    })
}

/// An amendment's place in time, in minutes, and its new limit.
fn any_changes() -> impl Strategy<Value = Vec<(u32, Option<u64>)>> {
    vec((0_u32..6, proptest::option::of(5_u64..9)), 0..8)
}

/// A workflow with changes, their times added up.
fn issued(changes: &[(u32, Option<u64>)]) -> (IssuedWorkflow, Vec<u32>) {
    let mut workflow = IssuedWorkflow::declare(&draft(), &binding_key()).unwrap();
    let (mut minute, mut minutes) = (0, Vec::new());
    for (n, (later, at_most)) in (1..).zip(changes) {
        minute += later;
        let mut change = amendment_draft(n);
        change.created_at = time(&format!("2026-05-07T12:{minute:02}:00Z"));
        change.change = CallChange { expected: None, at_most: *at_most };
        workflow.amend(&change, &binding_key()).unwrap();
        minutes.push(minute);
    }
    (workflow, minutes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A naive model of SEM-07 and SEM-08: concatenate strings, filter, hash.
    #[test]
    fn sem_08_the_history_at_any_time_is_that_of_a_naive_model(
        changes in any_changes(),
        minute in 0_u32..50,
    ) {
        let (workflow, minutes) = issued(&changes);
        let document = document_of(&workflow);
        let history = verify(&document).unwrap();
        let record = workflow.declaration_record();
        let mut text = workflow_text(record.get("intent_json").unwrap()).unwrap();
        let mut version = 1;
        let names = ["applied_against_version", "previous_max_calls", "new_max_calls",
            "previous_expected_calls", "new_expected_calls", "reason_provided"];
        for (amendment, at) in workflow.amendment_records().iter().zip(&minutes) {
            if *at < minute {
                let stated = names.iter().filter_map(|name| Some((*name, amendment.get(name)?.clone())));
                text += &workflow_text(&Value::object(stated)).unwrap();
                version += 1;
            }
        }
        let at = format!("2026-05-07T12:{minute:02}:00Z");
        let (found, digest) = history.declaration(DECLARATION).unwrap().before(Instant::parse(&at).unwrap());
        prop_assert_eq!((found, digest), (version, Sha256Digest::of(text.as_bytes())));
        let snapshot = workflow.snapshot_at(&time(&at), 0).unwrap();
        prop_assert_eq!(snapshot.effective_intent_hash(), Some(digest));
        prop_assert_eq!(snapshot.declaration_version_at_decision(), i64::try_from(version).ok());
    }

    /// Amendments in any other order than their own are found.
    #[test]
    fn sem_07_no_other_order_of_amendments_holds(order in Just(vec![0_usize, 1, 2, 3]).prop_shuffle()) {
        let workflow = workflow(4);
        let records = workflow.amendment_records();
        let shuffled: Vec<_> = order.iter().map(|index| records[*index].clone()).collect();
        let holds = verify(&document(&[workflow.declaration_record()], &shuffled)).is_ok();
        prop_assert_eq!(holds, order == [0, 1, 2, 3]);
    }

    /// Whatever stands in place of a member that is signed, it is found.
    #[test]
    fn sem_07_no_signed_member_can_be_exchanged(index in any::<proptest::sample::Index>(), other in any_json()) {
        let record = workflow(0).declaration_record();
        let signed = ["workflow_id", "project_id", "status", "intent_json", "budget_envelope_id",
            "declared_by", "projected_cost", "declaration_signed_at", "declaration_canonical_hash",
            "declaration_signature_b64", "version", "effective_intent_hash"];
        let member = *index.get(&signed);
        let key_id = binding_key().key_id().to_string();
        let before = declaration_payloads(&record, &key_id)[0].to_text().unwrap();
        let changed = with(&record, member, other);
        let after = declaration_payloads(&changed, &key_id).first().and_then(|p| p.to_text().ok());
        let same = after.as_ref() == Some(&before) && changed.get("version") == record.get("version");
        let sealed = ["declaration_canonical_hash", "declaration_signature_b64", "effective_intent_hash"];
        if !same || sealed.contains(&member) {
            prop_assert!(verify(&document(&[changed], &[])).is_err(), "{}", member);
        }
    }

    #[test]
    fn amb_55_dropping_nulls_twice_drops_no_more(value in any_json()) {
        if let Ok(text) = workflow_text(&value) {
            let again = read_text(&text, &Budget::default()).unwrap();
            prop_assert_eq!(workflow_text(&again).unwrap(), text);
        }
    }

    /// Nothing panics, whatever it is given.
    #[test]
    fn no_value_is_too_strange(value in any_json(), member in any_json()) {
        let _ = verify(&value);
        let _ = verify(&document(&[value.clone(), member.clone()], &[member]));
        let record = with(&workflow(0).declaration_record(), "signed_payload", value.clone());
        let _ = verify(&document(&[record], &[]));
        let amended = workflow(1);
        let record = with(&amended.amendment_records()[0], "delta", value.clone());
        prop_assert!(amendment_payloads(&record, "k").len() <= 8);
        let _ = verify(&document(&[amended.declaration_record()], &[record]));
        let history = verify(&document_of(&amended)).unwrap();
        let mut checker = SnapshotChecker::new(&history, Artifact::Export, JsonPointer::root());
        checker.record(&value);
        let _ = checker.finish();
        let manifest = Value::object([("sibling_artifacts", Value::object([("workflow_evidence", value.clone())]))]);
        if let Ok(Some(descriptor)) = SiblingDescriptor::of(&manifest) {
            let _ = descriptor.search();
            let _ = descriptor.verify(b"{}", &trust(), &Budget::default(), permit_workflow::HistoryLimits::default());
        }
        let bent = with(&crate::incident::manifest(), "files", value);
        let zip = members().zip();
        let _ = verify_incident(IncidentPayload::of(&zip), &bent, &trust(), &IncidentOptions::default());
    }

    /// An archive with some bytes changed is refused, or unpacks to what it did before.
    #[test]
    fn no_change_of_an_archive_changes_what_it_holds(
        changes in vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
        packed in any::<bool>(),
    ) {
        let original = if packed { deflated() } else { members().zip() };
        let before = texts(&original).unwrap();
        let mut bytes = original.clone();
        for (index, byte) in changes {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(after) = texts(&bytes) {
            prop_assert_eq!(after, before);
        }
        let _ = verify_incident(IncidentPayload::of(&bytes), &manifest(), &trust(), &IncidentOptions::default());
    }

    /// Parts of an archive, repeated or left out, are refused or are the archive.
    #[test]
    fn no_patchwork_of_an_archive_is_another(
        cuts in vec(any::<proptest::sample::Index>(), 4),
        noise in vec(any::<u8>(), 0..64),
    ) {
        let original = members().zip();
        let before = texts(&original).unwrap();
        let at = |n: usize| cuts[n].index(original.len());
        for bytes in [
            original[..at(0)].to_vec(),
            original[at(0)..].to_vec(),
            [&original[..at(0)], &noise, &original[at(0)..]].concat(),
            [&original[..at(0)], &original[at(1)..]].concat(),
            [&original[..at(2)], &original[at(3)..]].concat(),
            [b"PK\x03\x04".as_slice(), &noise].concat(),
            [&noise, &original[at(0)..]].concat(),
        ] {
            if let Some(after) = texts(&bytes) {
                prop_assert_eq!(&after, &before);
            }
            let _ = verify_incident(IncidentPayload::of(&bytes), &manifest(), &trust(), &IncidentOptions::default());
        }
    }
}

#[test]
fn nothing_takes_quadratic_time() {
    let members: Vec<_> = (0..40_000).map(|n| format!("\"m{n}\": {n}")).collect();
    let (delta, reversed) =
        (members.join(","), members.iter().rev().cloned().collect::<Vec<_>>().join(","));
    let amended = workflow(1);
    let record = with(&amended.amendment_records()[0], "delta", json(&format!("{{{delta}}}")));
    let text = format!(
        r#"{{{reversed}, "binding_version": "workflow_amendment.v1", "project_id": "{}", "workflow_declaration_id": "{DECLARATION}"}}"#,
        crate::bench::PROJECT,
    );
    let payload = json(&text);
    let key = binding_key().key_id().to_string();
    let hash = permit_canonical_json::Profile::Payload
        .digest(&with(&payload, "binding_key_id", key))
        .unwrap();
    let record = amendment_signed_over(&with(&record, "signed_payload", payload), hash);
    let fault = verify(&document(&[amended.declaration_record()], &[record])).unwrap_err();
    assert_eq!(fault.kind, permit_workflow::WorkflowFaultKind::IntentHash);
}

fn deflated() -> Vec<u8> {
    let workflows = [workflow(1)];
    let draft = permit_workflow::IncidentDraft { workflows: &workflows, ..Default::default() };
    draft.to_archive().unwrap()
}

/// What the known members hold; nothing, if the archive is refused.
fn texts(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut archive = IncidentArchive::open(bytes, &ArchiveLimits::default()).ok()?;
    let mut texts = Vec::new();
    for member in IncidentMember::REQUIRED {
        let mut text = Vec::new();
        archive.open_member(member).ok()??.read_to_end(&mut text).ok()?;
        texts.push(text);
    }
    Some(texts)
}
