// SPDX-License-Identifier: Apache-2.0

//! Tables of facts, from the crates that own them.

use permit_canonical_json::{Budget, StrippedKeys, read_text};
use permit_chain::default_sentinel;
use permit_claims::{Claim, LEGACY_PROFILE, SemanticArtifact};
use permit_closure::{DigestField, Presence, presence};
use permit_conformance::{EvidenceLayer, Level, Op};
use permit_decision::Slot;
use permit_delegation::AuthorityField;
use permit_failure_codes::{FailureCode, Layer, Origin, ReasonClass};
use permit_keys::{KeyPurpose, MessageKind, SignatureForm, SignedMessage};
use permit_pins::{ALLOW_LIST, RegistryRelease, Selection};
use permit_scope::{Membership, Predicate};
use permit_types::{ClosureStatus, PredicateKind};
use permit_workflow::IncidentMember;

use super::markdown::{Table, code, codes as as_codes, fenced};
use crate::ChoreError;

/// The codes of one layer, named as in `key-manifest`.
pub(crate) fn codes(layer: &str) -> Result<String, ChoreError> {
    let layer = Layer::parse(&layer.replace('-', " ")).ok_or("there is no such layer")?;
    let mut table = Table::new(["Code", "Since", "Fires when", "Verdict", "Details", "Rules"]);
    for failure in FailureCode::ALL.iter().filter(|failure| failure.layer() == layer) {
        let verdict = failure.verdict().map(|verdict| code(verdict.as_str())).unwrap_or_default();
        table.row([
            &code(failure.as_str()),
            failure.since(),
            failure.trigger(),
            &verdict,
            &as_codes(failure.must_report().iter().copied()),
            &failure.rules().join(", "),
        ]);
    }
    Ok(table.finish())
}

/// The reason classes that say that something is wrong, or that something holds.
pub(crate) fn reasons(which: &str) -> Result<String, ChoreError> {
    let success = match which {
        "success" => true,
        "failure" => false,
        _ => return Err("`success` or `failure`".into()),
    };
    let classes = ReasonClass::ALL.iter().filter(|class| class.is_success() == success);
    if success {
        let mut table = Table::new(["Word", "Says that", "Rules"]);
        for class in classes {
            table.row([&code(class.as_str()), class.trigger(), &class.rules().join(", ")]);
        }
        return Ok(table.finish());
    }
    let mut table = Table::new(["Word", "Whose", "Code", "Fires when", "Rules"]);
    for class in classes {
        let whose = match class.origin() {
            Origin::Reference => "reference",
            Origin::Ours => "ours",
        };
        let beside = class.code().map(|beside| code(beside.as_str())).unwrap_or_default();
        table.row([
            &code(class.as_str()),
            whose,
            &beside,
            class.trigger(),
            &class.rules().join(", "),
        ]);
    }
    Ok(table.finish())
}

/// The claims, what they are judged by, and which state of the registry first had them.
pub(crate) fn claims() -> String {
    let mut table = Table::new(["Claim", "Says", "Judged by", "Since"]);
    for claim in Claim::ALL {
        let since = RegistryRelease::introducing(*claim).claims().count();
        table.row([
            &code(claim.as_str()),
            says(*claim),
            &as_codes(claim.needs().iter().map(|artifact| artifact.id())),
            &format!("{since} claims"),
        ]);
    }
    table.finish()
}

/// A claim as a sentence.
fn says(claim: Claim) -> &'static str {
    match claim {
        Claim::ExportIntegrity => {
            "the bytes hash to the manifest's hash, which an export key signed"
        }
        Claim::ExportScopeIdentity => "the manifest's members about the export are true of it",
        Claim::ChainContinuity => "the entries at hand hash, link and rise",
        Claim::DelegationDenied => "a refusal to hand authority on was right",
        Claim::ClosureSignature => "each closure hashes as it says, and a binding key signed it",
        Claim::ClosureDigests => "response digests of closures are those of events",
        Claim::ClosureDispatch => "each closure states the hash that its permit froze",
        Claim::WorkflowDeclarations => "each declaration is signed as it reads",
        Claim::WorkflowAmendments => "each amendment is signed as it reads",
        Claim::WorkflowIntent => "stated effective hashes are those of intent and amendments",
        Claim::WorkflowSnapshot => "snapshots in permits agree with the history before them",
        Claim::IncidentManifest => "an incident archive holds the files that its version requires",
        Claim::CheckpointHash => "the composite hash is that of the chain heads",
        Claim::CheckpointSignature => "a checkpoint key signed the composite hash",
        Claim::CheckpointTsa => "each time stamp is one of this composite hash",
        Claim::WorkflowSibling => "the workflow file is the one that the manifest describes",
        Claim::ScopeState => "a scope state is signed and belongs to its checkpoint",
        Claim::ScopeFaithfulness => "the export shows exactly the slice that it declares",
        Claim::PermitDecision => "the decision was signed when it was taken",
        Claim::PermitRevoked => "the permit was revoked by a signed event",
        Claim::DispatchAbsence => {
            "nothing was dispatched under the permit from its revocation to the checkpoint, in this chain"
        }
        Claim::OperatorApproved => "an operator approved the permit",
        Claim::CounterSigned => "the buyer signed the intent before anything was sent",
        Claim::AuditAttested => "the buyer attested the permit in an audit batch",
    }
}

/// The states of the claim registry.
pub(crate) fn registries() -> String {
    let mut table = Table::new(["Claims", "SHA-256 of its bytes", "Remark"]);
    for release in RegistryRelease::ALL {
        let hashes = ALLOW_LIST
            .iter()
            .filter(|released| released.selects() == Selection::Registry(*release))
            .map(|released| released.hash());
        let remark = if *release == RegistryRelease::CURRENT {
            "current"
        } else if SemanticArtifact::ClaimRegistry
            .legacy_hash()
            .is_some_and(|legacy| hashes.clone().any(|hash| hash == legacy))
        {
            "named by the profile of packs without pins"
        } else {
            ""
        };
        table.row([&release.claims().count().to_string(), &as_codes(hashes), remark]);
    }
    table.finish()
}

/// All released pairs of id and hash.
pub(crate) fn allow_list() -> String {
    let mut table = Table::new(["Artifact", "SHA-256 of its bytes", "Path in a release"]);
    for released in ALLOW_LIST {
        let path = released.released_path().map(code).unwrap_or_default();
        table.row([&code(released.id()), &code(released.hash()), &path]);
    }
    table.finish()
}

/// The profile of packs without pins.
pub(crate) fn legacy_profile() -> String {
    let mut table = Table::new(["Component", "SHA-256 of its bytes"]);
    for (artifact, hash) in LEGACY_PROFILE.components() {
        table.row([&code(artifact.id()), &code(hash)]);
    }
    format!(
        "Its id is {}, its hash {}. It stands for these components, in this order:\n\n{}",
        code(LEGACY_PROFILE.id),
        code(LEGACY_PROFILE.hash),
        table.finish()
    )
}

/// What keys are for.
pub(crate) fn purposes() -> String {
    let mut table = Table::new(["Purpose", "Signs"]);
    for purpose in KeyPurpose::ALL {
        let kinds = MessageKind::ALL.iter().filter(|kind| kind.purposes().contains(purpose));
        let kinds: Vec<&str> = kinds.map(|kind| kind.as_str()).collect();
        table.row([&code(purpose.as_str()), &kinds.join(", ")]);
    }
    table.finish()
}

/// The messages that get signed.
pub(crate) fn messages() -> String {
    let mut table = Table::new(["Artifact", "Purpose of the key", "Message", "`ed25519:`"]);
    for kind in MessageKind::ALL {
        let purposes = kind.purposes().iter().map(|purpose| purpose.as_str());
        let prefix = match kind.signature_form() {
            SignatureForm::PrefixOptional => "written, may be left out",
            SignatureForm::WithPrefix => "has to be there",
            SignatureForm::WithoutPrefix => "must not be there",
        };
        table.row([kind.as_str(), &as_codes(purposes), message_form(*kind), prefix]);
    }
    table.finish()
}

/// What the bytes of a message are, told from a message of that kind.
fn message_form(kind: MessageKind) -> &'static str {
    let hash = permit_canonical_json::Sha256Digest::of(b"");
    let message = match kind {
        MessageKind::ExportManifest => SignedMessage::export_manifest(hash),
        MessageKind::WorkflowSibling => SignedMessage::workflow_sibling(hash),
        MessageKind::Closure => SignedMessage::closure(hash),
        MessageKind::PermitDecision => SignedMessage::permit_decision(hash),
        MessageKind::WorkflowDeclaration => SignedMessage::workflow_declaration(hash),
        MessageKind::WorkflowAmendment => SignedMessage::workflow_amendment(hash),
        MessageKind::Revocation => SignedMessage::revocation(hash),
        MessageKind::Checkpoint => SignedMessage::checkpoint(hash),
        _ => return "the canonical bytes themselves",
    };
    if message.as_bytes() == hash.to_string().as_bytes() {
        "`<hex>` of the canonical payload"
    } else if kind == MessageKind::Checkpoint {
        "`sha256:<hex>`, the composite hash"
    } else {
        "`sha256:<hex>` of the file"
    }
}

/// Which digests a closure of which status has.
pub(crate) fn digest_matrix() -> String {
    let mut table = Table::new(["`closure_status`", "dispatch (v2)", "provider", "client"]);
    for status in ClosureStatus::ALL {
        let word = |field| match presence(*status, field) {
            Presence::Required => "required",
            Presence::RequiredIfKnown => "required if known",
            Presence::ExpectedIfSent => "expected if sent",
            Presence::Free => "free",
            Presence::Ignored => "ignored",
        };
        let [dispatch, provider, client] = FIELDS.map(word);
        table.row([&code(status.as_str()), dispatch, provider, client]);
    }
    table.finish()
}

/// What digests are compared with.
pub(crate) fn digest_fields() -> String {
    let mut table = Table::new(["Digest", "Compared with", "Label of the reference"]);
    for field in FIELDS {
        let compared = if field == DigestField::Dispatch {
            "`binding_request_hash` of the permit".to_owned()
        } else {
            format!("the same member in {}", as_codes(field.event_types().iter().copied()))
        };
        table.row([&code(field.member()), &compared, &code(field.reference_label())]);
    }
    table.finish()
}

const FIELDS: [DigestField; 3] =
    [DigestField::Dispatch, DigestField::Provider, DigestField::Client];

/// The names that wire bodies lose.
pub(crate) fn stripped_keys() -> String {
    let mut table = Table::new(["List", "Normalized names"]);
    for (list, names) in
        [("volatile", StrippedKeys::VOLATILE), ("sensitive", StrippedKeys::SENSITIVE)]
    {
        table.row([list, &as_codes(names.iter().copied())]);
    }
    table.finish()
}

/// The sentinel of chains.
pub(crate) fn sentinel() -> String {
    fenced("text", &format!("SHA-256(\"keel-audit-chain-genesis-v1\") = {}", default_sentinel()))
}

/// What an integrity digest covers of an event.
pub(crate) fn event_members() -> String {
    format!("{}\n", as_codes(EVENT_MEMBERS))
}

/// The members of an event that its integrity hash is over; the example of refusals computes one.
pub(crate) const EVENT_MEMBERS: [&str; 25] = [
    "event_id",
    "project_id",
    "project_name",
    "request_id",
    "permit_id",
    "category",
    "event_type",
    "severity",
    "payload_json",
    "source_stage",
    "lineage_type",
    "provider",
    "model",
    "operation",
    "decision",
    "surface",
    "trace_id",
    "span_id",
    "occurred_at",
    "schema_version",
    "actor_id",
    "actor_type",
    "outcome",
    "resource_type",
    "resource_id",
];

/// How envelopes are compared.
pub(crate) fn comparator() -> String {
    let mut table =
        Table::new(["Member", "Type", "A child is within its parent if", "Canonical form"]);
    for field in AuthorityField::ALL {
        let comparator = field.comparator();
        table.row([
            &code(field.as_str()),
            &code(comparator.field_type.as_str()),
            &code(comparator.order.as_str()),
            &code(comparator.canonicalization.as_str()),
        ]);
    }
    table.finish()
}

/// The slots of permits of format v2.
pub(crate) fn slots() -> String {
    let mut table =
        Table::new(["Slot", "`payload_type`", "Signer's member", "Own member", "Claim"]);
    for slot in Slot::ALL {
        table.row([
            &code(slot.as_str()),
            &code(slot.payload_type()),
            &code(slot.signer_member()),
            &slot.own_member().map(code).unwrap_or_default(),
            &code(slot.claim().as_str()),
        ]);
    }
    table.finish()
}

/// What incident archives hold.
pub(crate) fn incident_members() -> String {
    let mut table = Table::new(["File", "Schema in the list"]);
    for member in IncidentMember::REQUIRED {
        table.row([&code(member.file_name()), &member.schema().map(code).unwrap_or_default()]);
    }
    table.finish()
}

/// The levels of conformance.
pub(crate) fn levels() -> String {
    let mut table = Table::new(["Level", "Name", "Has to pass"]);
    for level in Level::ALL {
        let categories = (1..=99).filter_map(|number| {
            let category = format!("cat-{number:02}");
            let asked = Level::of_category(&category)? == *level;
            asked.then(|| code(&category))
        });
        let categories: Vec<String> = categories.collect();
        let below = if level.number() > 1 { "the level below, and " } else { "" };
        let asks = format!("{below}{}", categories.join(", "));
        table.row([&level.number().to_string(), level.name(), &asks]);
    }
    table.finish()
}

/// The layers of evidence.
pub(crate) fn layers() -> Result<String, ChoreError> {
    let mut table = Table::new(["Layer", "Holds if"]);
    for layer in EvidenceLayer::ALL {
        let holds_if = match layer.as_str() {
            "json" => "every document can be read strictly",
            "schema" => "every document has the form of its schema",
            "manifest_hash" => "the file has the manifest's hash",
            "manifest_signature" => "the signature over that hash verifies",
            "chain_record_hash" => "every entry has the record hash that it states",
            "chain_linkage" => "every entry names the hash of the one before it",
            "chain_sequence" => "numbers rise, in the order of delivery too",
            "closure_dispatch_binding" => "a closure's dispatch digest is its permit's",
            "closure_provider_binding" => "a closure's provider digest is that of an event",
            "closure_client_binding" => "a closure's client digest is that of an event",
            "permit_dispatch_binding" => "the permit's hash is that of the request that was sent",
            "tsa_receipt" => "a time stamp is one of this checkpoint",
            "key_validity" => "each key was trusted, for that and then",
            "canonicalization" => "canonical texts are the prescribed ones",
            other => return Err(format!("there are no words for the layer `{other}`").into()),
        };
        table.row([&code(layer.as_str()), holds_if]);
    }
    Ok(table.finish())
}

/// Where predicates look, which is tried out for every place.
pub(crate) fn predicate_kinds() -> Result<String, ChoreError> {
    let mut table = Table::new(["Kind", "Compared", "Looked for at, in this order"]);
    for (kind, places) in LOOKUPS {
        let range = ["sequence_number", "created_at", "occurred_at"].contains(kind);
        let mut shown = Vec::new();
        for place in *places {
            let mark = if try_out(kind, place)? { "" } else { " †" };
            let place = match place {
                ["resource_id"] => "`resource_id` if `resource_type` is `permit`".to_owned(),
                [member] => format!("`{member}` of the entry"),
                [_, path @ ..] => code(&format!("p.{}", path.join("."))),
                [] => return Err("a place has a name".into()),
            };
            shown.push(format!("{place}{mark}"));
        }
        table.row([&code(kind), if range { "range" } else { "equal" }, &shown.join("; ")]);
    }
    if LOOKUPS.len() != PredicateKind::ALL.len() {
        return Err("a kind of predicate is missing".into());
    }
    Ok(table.finish())
}

/// A record that has the kind at this place alone has to match, or to be unclear, and one with
/// another value not to match. Whether it matches.
fn try_out(kind: &str, place: &[&str]) -> Result<bool, ChoreError> {
    let (value, other, condition) = match kind {
        "sequence_number" => ("5", "10", r#"{"gte": 1, "lte": 9}"#),
        "created_at" | "occurred_at" => (
            r#""2026-05-11T08:00:00Z""#,
            r#""2026-05-11T10:00:00Z""#,
            r#"{"gte": "2026-05-11T08:00:00Z", "lt": "2026-05-11T10:00:00Z"}"#,
        ),
        _ => (UUID, r#""00000000-0000-4000-8000-000000000009""#, UUID),
    };
    let (equals, ranges) = if condition == UUID {
        (format!(r#""{kind}": {condition}"#), String::new())
    } else {
        (String::new(), format!(r#""{kind}": {condition}"#))
    };
    let predicate = format!(
        r#"{{"version": "keel.scope_predicate.v1", "operator": "and", "equals": {{{equals}}}, "ranges": {{{ranges}}}}}"#
    );
    let predicate = read_text(&predicate, &Budget::default())?;
    let predicate = Predicate::read(&predicate).map_err(|fault| fault.summary().to_owned())?;
    let mut clear = true;
    for (value, wanted) in [(value, true), (other, false)] {
        let mut text = value.to_owned();
        for name in place.iter().rev() {
            text = format!(r#"{{"{name}": {text}}}"#);
        }
        let permit = if place == ["resource_id"] { r#", "resource_type": "permit""# } else { "" };
        let text = format!("{}{permit}}}", text.strip_suffix('}').unwrap_or(&text));
        let record = read_text(&text, &Budget::default())?;
        let membership = predicate.membership(record.as_object().ok_or("no object")?);
        match (membership, wanted) {
            (Membership::Member, true) | (Membership::NotMember, false) => {}
            (Membership::Unclear(_), _) => clear = false,
            (told, _) => return Err(format!("`{text}` is {told:?} for `{kind}`").into()),
        }
    }
    Ok(clear)
}

const UUID: &str = r#""00000000-0000-4000-8000-000000000001""#;

/// The places of a kind.
type Places = &'static [&'static [&'static str]];

const P: &str = "payload_json";

const LOOKUPS: &[(&str, Places)] = &[
    (
        "project_id",
        &[&["project_id"], &[P, "project_id"], &[P, "project", "id"], &[P, "export", "project_id"]],
    ),
    (
        "permit_id",
        &[
            &["permit_id"],
            &["resource_id"],
            &[P, "permit_id"],
            &[P, "permit_uuid"],
            &[P, "permit", "id"],
        ],
    ),
    (
        "request_id",
        &[
            &["request_id"],
            &[P, "request_id"],
            &[P, "execution", "request_id"],
            &[P, "permit", "request_id"],
        ],
    ),
    ("event_type", &[&["event_type"], &[P, "event_type"]]),
    (
        "category",
        &[
            &["category"],
            &[P, "category"],
            &[P, "classification", "category"],
            &[P, "policy", "category"],
        ],
    ),
    (
        "severity",
        &[
            &["severity"],
            &[P, "severity"],
            &[P, "classification", "severity"],
            &[P, "incident", "severity"],
        ],
    ),
    (
        "decision_type",
        &[
            &["decision_type"],
            &[P, "decision_type"],
            &[P, "decision", "type"],
            &[P, "permit", "decision_type"],
        ],
    ),
    (
        "policy_id",
        &[&["policy_id"], &[P, "policy_id"], &[P, "policy", "id"], &[P, "permit", "policy_id"]],
    ),
    (
        "provider",
        &[
            &["provider"],
            &[P, "provider"],
            &[P, "model_provider"],
            &[P, "metadata", "provider"],
            &[P, "execution", "provider"],
        ],
    ),
    (
        "section",
        &[&["section"], &[P, "section"], &[P, "export_section"], &[P, "report", "section"]],
    ),
    ("export_type", &[&["export_type"], &[P, "export_type"], &[P, "export", "type"]]),
    ("sequence_number", &[&["sequence_number"]]),
    ("created_at", &[&["created_at"]]),
    (
        "occurred_at",
        &[
            &["occurred_at"],
            &[P, "occurred_at"],
            &[P, "event_time"],
            &[P, "timestamp"],
            &["created_at"],
        ],
    ),
];

/// What verifiers can be asked to do.
pub(crate) fn ops() -> Result<String, ChoreError> {
    let mut table = Table::new(["Operation", "Asks to"]);
    for op in Op::ALL {
        let asks = match op.as_str() {
            "verify-bundle" => "judge an export with its manifest, chain and closures",
            "verify-checkpoint" => "judge a checkpoint and its time stamps",
            "verify-chain" => "walk entries that come alone",
            "verify-closure" => "judge a closure in an envelope",
            "record-hash" => "compute record hashes",
            "canonicalize" => "compute digests of canonical texts",
            "schema" => "say which documents have their form",
            "claim" => "answer claims",
            other => return Err(format!("there are no words for the operation `{other}`").into()),
        };
        table.row([&code(op.as_str()), asks]);
    }
    Ok(table.finish())
}
