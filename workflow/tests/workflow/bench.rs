// SPDX-License-Identifier: Apache-2.0

//! Keys, workflows and records that can be bent and sealed again.

use std::sync::OnceLock;

use permit_canonical_json::{Budget, Node, Object, Sha256Digest, Value, read_text};
use permit_keys::{
    ExportSigning, KeyManifest, Mode, PermitBindingSigning, PurposeKey, SoftwareKey,
};
use permit_types::{
    ApiKeyId, Artifact, NonEmptyText, OpenObject, ProjectId, Rfc3339, WorkflowDeclarationId,
    WorkflowId,
};
use permit_workflow::{
    AmendmentDraft, CallChange, DeclarationDraft, DeclaredCalls, EffectiveIntent, HistoryLimits,
    IssuedWorkflow, Principal, ProjectedCost, WORKFLOW_EVIDENCE_SCHEMA, WorkflowAmendmentId,
    WorkflowFault, WorkflowHistory, WorkflowIntent, WorkflowStatus, WorkflowTrust,
    amendment_payloads, declaration_payloads, verify_workflow_document,
};

pub(crate) const PROJECT: &str = "00000000-0000-0000-0000-000000000001";
pub(crate) const DECLARATION: &str = "10000000-0000-0000-0000-000000000001";

pub(crate) fn binding_key() -> PurposeKey<PermitBindingSigning> {
    PurposeKey::new(SoftwareKey::from_seed(&[2; 32]))
}

pub(crate) fn export_key() -> PurposeKey<ExportSigning> {
    PurposeKey::new(SoftwareKey::from_seed(&[1; 32]))
}

/// The key manifest with both keys, of which `bend` may change the text.
pub(crate) fn root_of(bend: impl Fn(String) -> String) -> KeyManifest {
    let (export, binding) = (export_key(), binding_key());
    let entry = |purpose: &str, id: &str, key: &str| {
        format!(
            r#"{{"purpose": "{purpose}", "key_id": "{id}", "public_key": "{key}",
                "valid_from": "2026-01-01T00:00:00Z", "valid_to": null}}"#
        )
    };
    let keys = [
        entry("export_signing", &export.key_id().to_string(), &export.public_key().to_string()),
        entry(
            "permit_binding_signing",
            &binding.key_id().to_string(),
            &binding.public_key().to_string(),
        ),
    ];
    let text = bend(format!(r#"{{"keys": [{}]}}"#, keys.join(",")));
    KeyManifest::read(text.as_bytes(), &Budget::default()).unwrap()
}

pub(crate) fn trust() -> WorkflowTrust<'static> {
    static ROOT: OnceLock<KeyManifest> = OnceLock::new();
    WorkflowTrust::of(ROOT.get_or_init(|| root_of(|text| text)), Mode::Production)
}

pub(crate) fn time(text: &str) -> Rfc3339 {
    Rfc3339::parse(text).unwrap()
}

pub(crate) fn principal() -> Principal {
    Principal::ApiKey(ApiKeyId::parse("20000000-0000-0000-0000-000000000001").unwrap())
}

pub(crate) fn draft() -> DeclarationDraft {
    let mut intent = WorkflowIntent::of(DeclaredCalls::expected_of_at_most(2, 5).unwrap());
    intent.expected_model = NonEmptyText::parse("gpt-4o-mini");
    DeclarationDraft {
        declaration_id: WorkflowDeclarationId::parse(DECLARATION).unwrap(),
        workflow_id: WorkflowId::parse("wf_123").unwrap(),
        project_id: ProjectId::parse(PROJECT).unwrap(),
        intent,
        budget_envelope_id: None,
        declared_by: principal(),
        projected_cost: ProjectedCost { amount_micros: Some(1234), ..ProjectedCost::default() },
        status: WorkflowStatus::Active,
        signed_at: time("2026-05-07T12:00:00Z"),
    }
}

/// The amendment number `n`, made `5 n` minutes after the declaration; it allows one call more.
pub(crate) fn amendment_draft(n: u64) -> AmendmentDraft {
    let id = format!("30000000-0000-0000-0000-{n:012}");
    AmendmentDraft {
        amendment_id: WorkflowAmendmentId::parse(&id).unwrap(),
        amended_by: principal(),
        change: CallChange { expected: None, at_most: Some(5 + n) },
        reason: NonEmptyText::parse("raise the cap"),
        created_at: time(&format!("2026-05-07T12:{:02}:00Z", 5 * n)),
    }
}

/// A workflow with so many amendments, five minutes apart.
pub(crate) fn workflow(amendments: u64) -> IssuedWorkflow {
    let mut workflow = IssuedWorkflow::declare(&draft(), &binding_key()).unwrap();
    for n in 1..=amendments {
        workflow.amend(&amendment_draft(n), &binding_key()).unwrap();
    }
    workflow
}

pub(crate) fn json(text: &str) -> Value<'static> {
    read_text(text, &Budget::default()).unwrap().into_owned()
}

pub(crate) fn object_of(value: Value<'static>) -> Object<'static> {
    match value.into_node() {
        Node::Object(object) => object,
        _ => panic!("no object"),
    }
}

pub(crate) fn open(value: Value<'static>) -> OpenObject {
    object_of(value).into()
}

/// The same object with another value for a member.
pub(crate) fn with(
    value: &Value<'static>,
    name: &str,
    new: impl Into<Value<'static>>,
) -> Value<'static> {
    let mut object = object_of(value.clone());
    object.insert(name.to_owned(), new);
    object.into()
}

pub(crate) fn without(value: &Value<'static>, name: &str) -> Value<'static> {
    let mut object = object_of(value.clone());
    object.remove(name);
    object.into()
}

/// Hashes and signs a declaration anew, effective hash included.
pub(crate) fn seal_declaration(record: &Value<'static>) -> Value<'static> {
    let intent = EffectiveIntent::of(record).unwrap().digest();
    let record = with(record, "effective_intent_hash", intent.to_string());
    sign_declaration(&record)
}

/// Hashes and signs a declaration anew, and nothing else.
pub(crate) fn sign_declaration(record: &Value<'static>) -> Value<'static> {
    let key = binding_key();
    let hash = declaration_payloads(record, &key.key_id().to_string())[0].digest().unwrap();
    declaration_signed_over(record, hash)
}

pub(crate) fn declaration_signed_over(
    record: &Value<'static>,
    hash: Sha256Digest,
) -> Value<'static> {
    let signature = binding_key().sign_workflow_declaration(hash).unwrap().to_string();
    let record = with(record, "declaration_canonical_hash", hash.to_string());
    with(&record, "declaration_signature_b64", signature)
}

/// Hashes and signs an amendment anew.
pub(crate) fn seal_amendment(record: &Value<'static>) -> Value<'static> {
    let key = binding_key();
    let hash = amendment_payloads(record, &key.key_id().to_string())[0].digest().unwrap();
    amendment_signed_over(record, hash)
}

pub(crate) fn amendment_signed_over(record: &Value<'static>, hash: Sha256Digest) -> Value<'static> {
    let signature = binding_key().sign_workflow_amendment(hash).unwrap().to_string();
    let record = with(record, "amendment_canonical_hash", hash.to_string());
    with(&record, "amendment_signature_b64", signature)
}

/// A document of these records, its counts right.
pub(crate) fn document(
    declarations: &[Value<'static>],
    amendments: &[Value<'static>],
) -> Value<'static> {
    Value::object([
        ("schema", Value::from(WORKFLOW_EVIDENCE_SCHEMA)),
        ("declaration_count", declarations.len().into()),
        ("amendment_count", amendments.len().into()),
        ("declarations", declarations.to_vec().into()),
        ("amendments", amendments.to_vec().into()),
    ])
}

pub(crate) fn document_of(workflow: &IssuedWorkflow) -> Value<'static> {
    document(&[workflow.declaration_record()], workflow.amendment_records())
}

pub(crate) fn verify(document: &Value<'_>) -> Result<WorkflowHistory, WorkflowFault> {
    verify_with(document, &trust())
}

pub(crate) fn verify_with(
    document: &Value<'_>,
    trust: &WorkflowTrust<'_>,
) -> Result<WorkflowHistory, WorkflowFault> {
    verify_workflow_document(document, Artifact::WorkflowEvidence, trust, HistoryLimits::default())
}

/// A permit that was decided at a time, with the workflow's snapshot.
pub(crate) fn permit_at(workflow: &IssuedWorkflow, decided_at: &str) -> Value<'static> {
    let snapshot = workflow.snapshot_at(&time(decided_at), 1).unwrap();
    Value::object([
        ("id", Value::from("permit_123")),
        ("created_at", decided_at.to_owned().into()),
        ("workflow_state_json", snapshot.as_open().as_object().clone().into()),
    ])
}
