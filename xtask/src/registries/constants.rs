// SPDX-License-Identifier: Apache-2.0

//! The constants of the recipes, taken from the crates that use them.

use permit_canonical_json::{StrippedKeys, Value};
use permit_chain::CHAIN_FORMAT_V1;
use permit_closure::{ClosureFormat, DigestField, Presence, presence};
use permit_decision::{DecisionPayloadV1, Slot};
use permit_delegation::COVERED_MEMBERS;
use permit_export_bundle::IDENTITY_MEMBERS;
use permit_keys::{MessageKind, SignatureForm};
use permit_scope::{DISPATCH_EGRESS_BOUND, MembershipTree, lookup_order};
use permit_types::{
    ActorKind, ClosureStatus, CommitmentProfile, Decision, PredicateGrammar, PredicateKind,
    PredicateOperator,
};
use permit_workflow::{
    AMENDMENT_BINDING_VERSION, DECLARATION_BINDING_VERSION, INCIDENT_EVIDENCE_SCHEMA,
    IncidentMember, WORKFLOW_EVIDENCE_SCHEMA,
};

type Constants = Value<'static>;

fn words(words: impl IntoIterator<Item = &'static str>) -> Constants {
    Value::array(words)
}

/// Who may sign a kind of message, and how the signature is written.
fn signature(kind: MessageKind) -> Constants {
    let form = match kind.signature_form() {
        SignatureForm::PrefixOptional => "ed25519:<base64>, the prefix may be left out",
        SignatureForm::WithPrefix => "ed25519:<base64>",
        SignatureForm::WithoutPrefix => "<base64>",
    };
    Value::object([
        ("algorithm", Value::from("Ed25519")),
        ("key_purposes", words(kind.purposes().iter().map(|purpose| purpose.as_str()))),
        ("text", form.into()),
    ])
}

pub(super) fn export_manifest() -> Constants {
    Value::object([
        ("content_hash", Value::from("sha256:<64 lowercase hex>")),
        ("identity_members", words(IDENTITY_MEMBERS)),
        ("signature", signature(MessageKind::ExportManifest)),
        ("signed_message", "the text of content_hash, prefix included".into()),
    ])
}

pub(super) fn record_hash() -> Constants {
    Value::object([
        ("chain_format_version", Value::from(CHAIN_FORMAT_V1)),
        (
            "hashed_parts",
            words([
                "event_id",
                "event_type",
                "resource_type",
                "resource_id",
                "outcome",
                "severity",
                "created_at",
                "prev_hash",
                "sequence_number",
            ]),
        ),
        ("separator", "|".into()),
        ("timestamp_form", "YYYY-MM-DDTHH:MM:SS.ffffff in UTC, no zone".into()),
        ("first_sequence_number", 1.into()),
    ])
}

pub(super) fn integrity_digest() -> Constants {
    Value::object([
        ("event_type", Value::from("audit.integrity_digest")),
        ("covered_members", words(COVERED_MEMBERS)),
        ("entry_members", words(["event_id", "event_type", "event_hash"])),
        ("payload_members", words(["covered_events", "covered_event_count", "batch_hash"])),
        ("resource_id_characters", 32.into()),
    ])
}

pub(super) fn closure_format(format: ClosureFormat) -> Constants {
    let labels =
        format.digests().iter().map(|field| (field.label_member(), field.reference_label()));
    Value::object([
        ("binding_version", Value::from(format.as_str())),
        ("signed_members", words(format.signed_members().iter().copied())),
        ("signed_if_present", words(["usage_reported_at"])),
        ("canonical_hash_members", words(["closure_canonical_hash", "binding_canonical_hash"])),
        ("signature_members", words(["closure_signature_b64", "binding_signature"])),
        ("labels", Value::object(labels)),
        ("statuses", words(ClosureStatus::ALL.iter().map(|status| status.as_str()))),
        ("signature", signature(MessageKind::Closure)),
        ("signed_message", "the 64 characters of the hash, without prefix".into()),
        ("signing_time", "closure_signed_at".into()),
    ])
}

pub(super) fn digest_rules() -> Constants {
    let fields = [DigestField::Dispatch, DigestField::Provider, DigestField::Client];
    let row = |status: ClosureStatus| {
        let cells = fields.map(|field| (field.member(), presence_word(presence(status, field))));
        (status.as_str(), Value::object(cells))
    };
    let events = fields
        .into_iter()
        .filter(|field| !field.event_types().is_empty())
        .map(|field| (field.member(), words(field.event_types().iter().copied())));
    Value::object([
        ("matrix", Value::object(ClosureStatus::ALL.iter().map(|status| row(*status)))),
        ("events", Value::object(events)),
        ("dispatch_counterpart", "binding_request_hash of the permit".into()),
    ])
}

fn presence_word(presence: Presence) -> &'static str {
    match presence {
        Presence::Required => "required",
        Presence::RequiredIfKnown => "required_if_an_event_has_it",
        Presence::ExpectedIfSent => "expected_if_dispatched",
        Presence::Free => "free",
        Presence::Ignored => "not_looked_at",
    }
}

pub(super) fn canonical_request() -> Constants {
    Value::object([
        ("volatile_names", words(StrippedKeys::VOLATILE.iter().copied())),
        ("sensitive_names", words(StrippedKeys::SENSITIVE.iter().copied())),
        ("name_form", "lowercase, letters and digits alone".into()),
        ("result", "64 lowercase hex, without prefix".into()),
    ])
}

pub(super) fn workflow() -> Constants {
    Value::object([
        ("declaration_binding_version", Value::from(DECLARATION_BINDING_VERSION)),
        ("amendment_binding_version", AMENDMENT_BINDING_VERSION.into()),
        ("signature", signature(MessageKind::WorkflowDeclaration)),
        ("signed_message", "the 64 characters of the hash, without prefix".into()),
    ])
}

pub(super) fn workflow_sibling() -> Constants {
    Value::object([
        ("descriptor", Value::from("sibling_artifacts.workflow_evidence.workflow_evidence")),
        ("schema", WORKFLOW_EVIDENCE_SCHEMA.into()),
        ("signature", signature(MessageKind::WorkflowSibling)),
        ("signed_message", "the text of content_hash, prefix included".into()),
    ])
}

pub(super) fn incident() -> Constants {
    let files = IncidentMember::REQUIRED
        .into_iter()
        .filter_map(|member| Some((member.file_name(), member.schema()?)));
    Value::object([
        ("manifest_version", Value::from(2)),
        ("required_files", Value::object(files)),
        ("metadata_document_schema", INCIDENT_EVIDENCE_SCHEMA.into()),
    ])
}

pub(super) fn composite_hash() -> Constants {
    Value::object([
        ("line", Value::from("<chain scope>:<sequence_number>:<last_record_hash>")),
        ("separator", "\n".into()),
        ("result", "sha256:<64 lowercase hex>".into()),
    ])
}

pub(super) fn checkpoint_signature() -> Constants {
    Value::object([
        ("signature", signature(MessageKind::Checkpoint)),
        ("signed_message", Value::from("the text of composite_hash, prefix included")),
        ("signing_time", "computed_at".into()),
    ])
}

pub(super) fn tsa_imprint() -> Constants {
    Value::object([
        ("receipts", words(["tsa_receipts[]", "tsa"])),
        (
            "path",
            words([
                "ContentInfo",
                "SignedData",
                "encapContentInfo",
                "OCTET STRING",
                "TSTInfo",
                "messageImprint",
                "hashedMessage",
            ]),
        ),
        ("imprint_bytes", 32.into()),
    ])
}

pub(super) fn merkle() -> Constants {
    let lookups =
        PredicateKind::ALL.iter().map(|kind| (kind.as_str(), Value::array(lookup_order(*kind))));
    Value::object([
        ("commitment_profile", Value::from(CommitmentProfile::TEXT)),
        ("leaf_prefix", "00".into()),
        ("node_prefix", "01".into()),
        (
            "leaf_members",
            words(["canonical_predicate_value_hash", "event_id", "record_hash", "sequence_number"]),
        ),
        ("leaf_order", words(["sequence_number", "event_id", "record_hash"])),
        ("empty_root", MembershipTree::empty_root().to_string().into()),
        ("lookup", Value::object(lookups)),
    ])
}

pub(super) fn sidecar() -> Constants {
    Value::object([
        ("grammar", Value::from(PredicateGrammar::TEXT)),
        ("commitment_profile", CommitmentProfile::TEXT.into()),
        ("predicate_kinds", words(PredicateKind::ALL.iter().map(|kind| kind.as_str()))),
        ("reserved_kinds", words(permit_scope::RESERVED_KINDS)),
        ("scope_state_id", "keel.scope_state.v1:<hash of the chain scope>:<checkpoint id>".into()),
        ("signature", signature(MessageKind::ScopeState)),
        ("signed_message", "the canonical bytes of the sidecar without signature.signature".into()),
        ("signing_time", "signed_at".into()),
    ])
}

pub(super) fn faithfulness() -> Constants {
    Value::object([
        ("grammar", Value::from(PredicateGrammar::TEXT)),
        ("operator", PredicateOperator::TEXT.into()),
        ("start_kinds", words(permit_types::StartKind::ALL.iter().map(|kind| kind.as_str()))),
        (
            "end_policies",
            words(permit_types::BoundaryPolicy::ALL.iter().map(|policy| policy.as_str())),
        ),
    ])
}

pub(super) fn decision() -> Constants {
    Value::object([
        ("payload_members", words(DecisionPayloadV1::MEMBERS)),
        ("decisions", words(Decision::ALL.iter().map(|decision| decision.as_str()))),
        ("signature", signature(MessageKind::PermitDecision)),
        ("signed_message", "the 64 characters of the hash, without prefix".into()),
        ("signing_times", words(["binding_issued_at", "issued_at"])),
    ])
}

pub(super) fn revoked_event() -> Constants {
    Value::object([
        (
            "members",
            words([
                "permit_id",
                "project_id",
                "actor_id",
                "actor_kind",
                "reason_code",
                "revoked_at",
                "effective_at",
                "signature",
            ]),
        ),
        ("actor_kinds", words(ActorKind::ALL.iter().map(|kind| kind.as_str()))),
        ("signature", signature(MessageKind::Revocation)),
        ("signed_message", "the 64 characters of the hash, without prefix".into()),
        ("signing_time", "revoked_at".into()),
    ])
}

pub(super) fn dispatch_absence() -> Constants {
    Value::object([
        ("equals", words(["project_id", "permit_id", "event_type"])),
        ("event_type", DISPATCH_EGRESS_BOUND.into()),
        ("range", "occurred_at".into()),
        ("lower_bound", "effective_at of the revocation, inclusive".into()),
        ("upper_bound", "computed_at of the checkpoint, exclusive".into()),
    ])
}

pub(super) fn slot(slot: Slot) -> Constants {
    let kind = match slot {
        Slot::OperatorApproval => MessageKind::OperatorApproval,
        Slot::CounterSignature => MessageKind::CounterSignature,
        Slot::AuditAttestation => MessageKind::AuditAttestation,
    };
    let members = [
        Some("payload_type"),
        Some("permit_id"),
        Some("issuer_signature_hash"),
        Some("permit_canonical_hash"),
        Some(slot.signer_member()),
        Some("signed_at"),
        slot.own_member(),
    ];
    Value::object([
        ("slot", Value::from(slot.as_str())),
        ("payload_type", slot.payload_type().into()),
        ("payload_members", words(members.into_iter().flatten())),
        ("signature", signature(kind)),
        ("signed_message", "the canonical bytes of the payload".into()),
        ("signing_time", "signed_at".into()),
    ])
}
