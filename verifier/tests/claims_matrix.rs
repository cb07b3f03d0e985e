// SPDX-License-Identifier: Apache-2.0

//! Every claim of the registry, with each of its four verdicts, on evidence that this workspace issued.
//!
//! ```text
//! supported              the evidence as it was issued, in a pack that pins the claim   CLAIM-04
//! disproved              the same after one change that the claim is there to find      CLAIM-04
//! insufficient_evidence  the same without a pin that the claim needs                    CLAIM-02
//! unverifiable_scope     the same with a recipe in the pin's place that nobody knows    CLAIM-03
//! ```
//!
//! The table is closed over the registry: a claim without an issuer here does not compile, and one
//! that lacks a verdict fails.

#![cfg(test)]

#[path = "../../delegation/tests/delegation/support.rs"]
#[expect(dead_code, reason = "only denials are issued here")]
mod delegated;
mod evidence;
#[path = "../../scope/tests/scope/pack.rs"]
#[expect(dead_code, reason = "packs are judged by the whole verifier here")]
mod scoped;
#[path = "../../workflow/tests/workflow/bench.rs"]
#[expect(dead_code, reason = "records are only bent in one way here")]
mod workflows;

use base64::Engine as _;
use evidence::{Export, binding_key, export_key};
use permit_canonical_json::{Budget, Object, Sha256Digest, Value, read};
use permit_chain::ChainHead;
use permit_checkpoint::{CheckpointDraft, NewReceipt, SealedCheckpoint};
use permit_claims::SemanticArtifact;
use permit_decision::{AuditAttestation, CounterSignature, DecisionDraft, OperatorApproval};
use permit_keys::{BuyerPrincipal, KeyManifest, Operator, PurposeKey, SoftwareKey};
use permit_pins::ReleasedArtifact;
use permit_revocation::Revocation;
use permit_types::{
    ActorId, ActorKind, ChainScope, CheckpointId, Decision, Instant, NonEmptyText, OpenObject,
    PermitId, ProjectId, RevocationReasonCode, Rfc3339, SequenceNumber,
};
use permit_verifier::{
    CheckpointEvidence, Claim, ExportEvidence, ExportOptions, Folder, InMemoryFolder, NamedFile,
    NoFolder, Outcome, PackPath, Report, Trust, Verdict, judge_delegation_denied, judge_slot,
    verify_checkpoint, verify_export,
};
use permit_workflow::{EvidenceDocument, IncidentDraft, incident_files};
use scoped::{loose, written};
use serde_json::{Value as Json, json};

/// Evidence as it is handed in.
enum Issued {
    Export(Pack),
    Checkpoint(Json),
    Denial(Json),
}

/// An export with everything beside it. Its manifest is signed when it is judged.
struct Pack {
    document: Vec<u8>,
    /// Bytes put behind the document after it was signed.
    behind: &'static str,
    manifest: Json,
    files: Vec<(&'static str, Vec<u8>)>,
}

#[derive(Clone, Copy)]
enum Pins {
    Whole,
    Missing,
    Foreign,
}

#[test]
fn claim_02_03_04_every_claim_of_the_registry_has_each_verdict() {
    let mut wrong = Vec::new();
    for claim in Claim::ALL {
        let cases = [
            (Verdict::Supported, issue(*claim), Pins::Whole),
            (Verdict::Disproved, bent(*claim), Pins::Whole),
            (Verdict::InsufficientEvidence, issue(*claim), Pins::Missing),
            (Verdict::UnverifiableScope, issue(*claim), Pins::Foreign),
        ];
        for (expected, issued, pins) in cases {
            let (found, reason) = judge(*claim, &issued, pins);
            if found != Some(expected) {
                wrong.push(format!("{claim}: {expected:?} expected, {found:?} found ({reason})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn judge(claim: Claim, issued: &Issued, pins: Pins) -> (Option<Verdict>, String) {
    let options = ExportOptions::default();
    match issued {
        Issued::Export(pack) => {
            let mut manifest = signed(&pack.document, &pack.manifest);
            pin(&mut manifest, claim, pins);
            let payload = [&pack.document[..], pack.behind.as_bytes()].concat();
            let mut folder = InMemoryFolder::new();
            for (name, bytes) in &pack.files {
                folder.insert(Folder::Manifest, PackPath::parse(name).unwrap(), bytes.clone());
            }
            let manifest = NamedFile::new("manifest.json", written(&manifest));
            let evidence =
                ExportEvidence::new("export", payload.as_slice(), manifest).folder(&folder);
            let report = verify_export(evidence, &trust(), &options).unwrap();
            told(report.claim(claim))
        }
        Issued::Checkpoint(document) => {
            let mut document = document.clone();
            pin(&mut document, claim, pins);
            let evidence = CheckpointEvidence {
                file: NamedFile::new("checkpoint.json", written(&document)),
                folder: &NoFolder,
                authorities: None,
                skip_receipts: false,
            };
            told(verify_checkpoint(&evidence, &trust(), &options).report.claim(claim))
        }
        Issued::Denial(document) => {
            let mut document = document.clone();
            pin(&mut document, claim, pins);
            let evidence = NamedFile::new("evidence.json", written(&document));
            let answer = judge_delegation_denied(&evidence, None, &NoFolder, &options);
            (Some(answer.verdict()), String::new())
        }
    }
}

fn told(claim: Option<&permit_claims::ClaimReport>) -> (Option<Verdict>, String) {
    match claim {
        Some(claim) => {
            (Some(claim.verdict), format!("{}: {}", claim.reason.as_str(), claim.message))
        }
        None => (None, "not judged".to_owned()),
    }
}

/// Requests the claim, by semantics that are there, are missing, or are not known to anybody.
fn pin(carrier: &mut Json, claim: Claim, pins: Pins) {
    let registry = ReleasedArtifact::current_registry();
    carrier["claim_set"] = json!({
        "version": "verifier-claims.v0",
        "registry": { "id": registry.id(), "hash": registry.hash() },
        "claims": requested(claim, pins),
    });
    let known = |artifact: &SemanticArtifact| {
        let entry = ReleasedArtifact::current(*artifact).unwrap();
        json!({ "id": entry.id(), "hash": entry.hash() })
    };
    let needs = claim.needs().iter();
    let artifacts: Vec<Json> = match pins {
        Pins::Whole => needs.chain(depends_on(claim)).map(known).collect(),
        Pins::Missing => needs.skip(1).map(known).collect(),
        Pins::Foreign => needs.map(|artifact| foreign(*artifact)).collect(),
    };
    carrier["semantics_pins"] =
        json!({ "version": "keel-semantics-pins.v0", "mode": "pinned", "artifacts": artifacts });
}

/// The claim, and those that bring the semantics it rests on. Only what is requested is resolved.
fn requested(claim: Claim, pins: Pins) -> Json {
    let before: &[Claim] = match (claim, pins) {
        (Claim::CheckpointSignature, Pins::Whole) => &[Claim::CheckpointHash],
        (Claim::CheckpointTsa, Pins::Whole) => &[Claim::CheckpointHash, Claim::CheckpointSignature],
        _ => &[],
    };
    let all = before.iter().chain([&claim]);
    all.map(|one| json!({ "name": one.as_str(), "required": *one == claim })).collect()
}

/// What the claims need that have to hold before this one is judged.
fn depends_on(claim: Claim) -> &'static [SemanticArtifact] {
    match claim {
        Claim::CheckpointSignature => &[SemanticArtifact::CheckpointCompositeHash],
        Claim::CheckpointTsa => {
            &[SemanticArtifact::CheckpointCompositeHash, SemanticArtifact::CheckpointSignature]
        }
        _ => &[],
    }
}

fn foreign(artifact: SemanticArtifact) -> Json {
    let mut recipe = json!({ "id": artifact.id(), "body": "another recipe" });
    if artifact == SemanticArtifact::AuthorityEnvelope {
        recipe["version"] = json!("authority-envelope.v0");
    }
    let bytes = written(&recipe);
    json!({
        "id": artifact.id(),
        "hash": Sha256Digest::of(&bytes).prefixed().to_string(),
        "content_b64": base64::engine::general_purpose::STANDARD.encode(&bytes),
    })
}

/// The evidence of a claim as it is issued.
fn issue(claim: Claim) -> Issued {
    use Claim as C;
    match claim {
        C::ExportIntegrity
        | C::ExportScopeIdentity
        | C::ChainContinuity
        | C::ClosureSignature
        | C::ClosureDigests
        | C::ClosureDispatch => Issued::Export(closed(&Export::honest())),
        C::DelegationDenied => Issued::Denial(denial()),
        C::WorkflowDeclarations | C::WorkflowAmendments | C::WorkflowIntent => {
            Issued::Export(document(&loose(&workflows::document_of(&workflows::workflow(2)))))
        }
        C::WorkflowSnapshot | C::WorkflowSibling => Issued::Export(sibling(|_| {})),
        C::IncidentManifest => Issued::Export(incident(loose(&incident_files()))),
        C::CheckpointHash | C::CheckpointSignature | C::CheckpointTsa => {
            Issued::Checkpoint(checkpoint())
        }
        C::ScopeState | C::ScopeFaithfulness => Issued::Export(scope(scoped::Pack::usual())),
        C::PermitDecision => Issued::Export(document(&json!({ "permit_decision": decision() }))),
        C::PermitRevoked => Issued::Export(document(&revocation())),
        C::DispatchAbsence => Issued::Export(scope(scoped::Pack::of(&[scoped::asking()]))),
        C::OperatorApproved | C::CounterSigned | C::AuditAttested => {
            Issued::Export(document(&permit_with_slots()))
        }
    }
}

/// The same after one change.
fn bent(claim: Claim) -> Issued {
    use Claim as C;
    let mut honest = Export::honest();
    let other = evidence::digest_of("something else");
    match claim {
        C::ExportIntegrity => {
            return Issued::Export(Pack { behind: " ", ..closed(&honest) });
        }
        C::ExportScopeIdentity => {
            let mut pack = closed(&honest);
            pack.manifest["record_count"] = json!(5);
            return Issued::Export(pack);
        }
        C::ChainContinuity => {
            honest.records[0].entries[1].insert("event_type", "dispatch.cancelled");
        }
        C::ClosureSignature => {
            let mut closure = honest.closure(0);
            closure.insert("model", "another model");
            honest.set_closure(0, closure);
        }
        C::ClosureDigests => {
            let payload = honest.records[0].entries[2].get("payload_json").unwrap().clone();
            let mut payload = evidence::object(payload);
            payload.insert("provider_response_digest_v1", other);
            honest.records[0].entries[2].insert("payload_json", payload);
        }
        C::ClosureDispatch => {
            honest.records[0].permit.insert("binding_request_hash", other);
        }
        C::DelegationDenied => {
            let mut denial = denial();
            denial["events"][1]["payload_json"]["failed_fields"] = json!(["regions"]);
            return Issued::Denial(denial);
        }
        C::WorkflowDeclarations | C::WorkflowAmendments | C::WorkflowIntent => {
            let mut workflow = loose(&workflows::document_of(&workflows::workflow(2)));
            match claim {
                C::WorkflowDeclarations => {
                    workflow["declarations"][0]["workflow_id"] = json!("wf_9")
                }
                C::WorkflowAmendments => workflow["amendments"][0]["new_max_calls"] = json!(99),
                _ => workflow["declarations"][0]["effective_intent_hash"] = json!(other),
            }
            return Issued::Export(document(&workflow));
        }
        C::WorkflowSnapshot => {
            return Issued::Export(sibling(|pack| {
                let mut payload: Json = serde_json::from_slice(&pack.document).unwrap();
                payload["records"][0]["workflow_state_json"]["effective_intent_hash"] =
                    json!(other);
                pack.document = written(&payload);
            }));
        }
        C::WorkflowSibling => {
            return Issued::Export(sibling(|pack| pack.files[0].1.push(b' ')));
        }
        C::IncidentManifest => {
            let mut files = loose(&incident_files());
            drop(files.as_array_mut().unwrap().pop());
            return Issued::Export(incident(files));
        }
        C::CheckpointHash | C::CheckpointSignature | C::CheckpointTsa => {
            let mut checkpoint = checkpoint();
            match claim {
                C::CheckpointHash => {
                    checkpoint["chain_heads"]["project:1"]["sequence_number"] = json!(9);
                }
                C::CheckpointSignature => {
                    let foreign = sealed_checkpoint("another entry").to_value();
                    checkpoint["signature"] = loose(&foreign)["signature"].clone();
                }
                _ => {
                    let token = token(Sha256Digest::of(b"something else"));
                    let engine = base64::engine::general_purpose::STANDARD;
                    checkpoint["tsa_receipts"][0]["receipt_b64"] = json!(engine.encode(token));
                }
            }
            return Issued::Checkpoint(checkpoint);
        }
        C::ScopeState => {
            let mut pack = scoped::Pack::usual();
            pack.sidecar(0)["signed_at"] = json!("2026-05-21T10:10:31Z");
            pack.refer(0);
            return Issued::Export(scope(pack));
        }
        C::ScopeFaithfulness => {
            let pack = scoped::Pack::usual().bent(|segment| {
                let records = segment["chain_evidence"]["disclosure_records"].as_array_mut();
                drop(records.unwrap().pop());
            });
            return Issued::Export(scope(pack));
        }
        C::PermitDecision => {
            let mut decision = decision();
            decision["canonical_payload"]["decision"] = json!("deny");
            return Issued::Export(document(&json!({ "permit_decision": decision })));
        }
        C::PermitRevoked => {
            let mut revocation = revocation();
            revocation["revocation_event"]["event"]["reason_code"] = json!("other.reason");
            return Issued::Export(document(&revocation));
        }
        C::DispatchAbsence => {
            let late = scoped::chain_of(&[
                ("permit.created", Some(scoped::P), "10:00:00"),
                ("permit.revoked", Some(scoped::P), "10:05:00"),
                ("dispatch.egress_bound", Some(scoped::P), "10:06:00"),
            ]);
            return Issued::Export(scope(scoped::Pack::over(&late, &[scoped::asking()])));
        }
        C::OperatorApproved | C::CounterSigned | C::AuditAttested => {
            let mut permit = permit_with_slots();
            permit["action_name"] = json!("another.action");
            return Issued::Export(document(&permit));
        }
    }
    Issued::Export(closed(&honest))
}

/// The four closed permits of the other tests.
fn closed(export: &Export) -> Pack {
    let manifest = loose(&Value::from(export.manifest.clone()));
    Pack { document: export.bytes(), behind: "", manifest, files: Vec::new() }
}

fn document(document: &Json) -> Pack {
    Pack { document: written(document), behind: "", manifest: json!({}), files: Vec::new() }
}

/// The manifest of an export, signed, with these members beside.
fn signed(document: &[u8], beside: &Json) -> Json {
    let key = export_key();
    let hash = Sha256Digest::of(document);
    let mut manifest = beside.clone();
    manifest["content_hash"] = json!(hash.prefixed().to_string());
    manifest["signature"] = json!(key.sign_export_manifest(hash).unwrap().to_string());
    manifest["public_key"] = json!(key.public_key().to_string());
    manifest["key_id"] = json!(key.key_id().to_string());
    manifest["signed_at"] = json!("2026-06-01T00:00:02Z");
    manifest
}

fn denial() -> Json {
    loose(&delegated::broadened())
}

/// An export with permits that carry snapshots, and workflow evidence beside it.
fn sibling(bend: impl FnOnce(&mut Pack)) -> Pack {
    let workflow = workflows::workflow(2);
    let at = workflows::time("2026-05-07T12:30:00Z");
    let permit = workflows::permit_at(&workflow, "2026-05-07T12:06:00Z");
    let project = ProjectId::parse(workflows::PROJECT).unwrap();
    let evidence = EvidenceDocument::of(&[workflow], &project, &at).unwrap();
    let entry = evidence.describe("workflow_evidence.json", &at, &export_key()).unwrap();
    let mut pack = document(&json!({ "records": [loose(&permit)] }));
    pack.manifest = json!({ "sibling_artifacts": { "workflow_evidence": loose(&entry) } });
    pack.files = vec![("workflow_evidence.json", evidence.as_bytes().to_vec())];
    bend(&mut pack);
    pack
}

fn incident(files: Json) -> Pack {
    let workflow = workflows::workflow(1);
    let permit = workflows::open(workflows::permit_at(&workflow, "2026-05-07T12:06:00Z"));
    let draft =
        IncidentDraft { workflows: &[workflow], permits: vec![permit], ..IncidentDraft::default() };
    let manifest =
        json!({ "manifest_version": 2, "export_type": "incident_evidence", "files": files });
    Pack { document: draft.to_archive().unwrap(), behind: "", manifest, files: Vec::new() }
}

/// A scope-faithful export with its revocation, checkpoint and scope state.
fn scope(mut pack: scoped::Pack) -> Pack {
    pack.document["revocation_event"] = revocation()["revocation_event"].clone();
    let files = vec![
        ("checkpoint.json", written(pack.checkpoint.as_ref().unwrap())),
        ("checkpoint-scope-state-v1.json", written(pack.sidecars[0].as_ref().unwrap())),
    ];
    Pack { files, ..document(&pack.document) }
}

fn sealed_checkpoint(last: &str) -> SealedCheckpoint {
    let scope = ChainScope::new("project:1");
    let hash = Sha256Digest::of(last.as_bytes()).into();
    let head = ChainHead::stored(scope, SequenceNumber::new(8).unwrap(), hash);
    let id = CheckpointId::parse("11111111-2222-4333-8444-555555555555").unwrap();
    let draft = CheckpointDraft::new(id, time("2026-05-07T12:00:00Z")).head(&head).unwrap();
    draft.seal(&scoped::checkpoint_key()).unwrap()
}

fn checkpoint() -> Json {
    let mut checkpoint = sealed_checkpoint("the last entry");
    let token = token(checkpoint.composite_hash());
    let receipt = NewReceipt {
        provider: "an authority",
        url: "https://tsa.example.org",
        requested_at: &time("2026-05-07T12:00:05Z"),
        token: &token,
    };
    checkpoint.attach(&receipt).unwrap();
    loose(&checkpoint.to_value())
}

/// A bare token that stamps a hash, signed by nobody.
fn token(hash: Sha256Digest) -> Vec<u8> {
    const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    const TST_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];
    const SHA_256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
    let der = |tag: u8, parts: &[&[u8]]| {
        let content = parts.concat();
        let length = u8::try_from(content.len()).unwrap();
        let mut bytes = vec![tag];
        if length >= 0x80 {
            bytes.push(0x81);
        }
        bytes.push(length);
        bytes.extend(content);
        bytes
    };
    let algorithm = der(0x30, &[&der(0x06, &[SHA_256])]);
    let imprint = der(0x30, &[&algorithm, &der(0x04, &[hash.as_bytes()])]);
    let (one, policy) = (der(0x02, &[&[1]]), der(0x06, &[&[0x2a, 0x03]]));
    let info = der(0x30, &[&one, &policy, &imprint]);
    let content = der(0xa0, &[&der(0x04, &[&info])]);
    let encapsulated = der(0x30, &[&der(0x06, &[TST_INFO]), &content]);
    let data = der(0x30, &[&der(0x02, &[&[3]]), &der(0x31, &[]), &encapsulated]);
    der(0x30, &[&der(0x06, &[SIGNED_DATA]), &der(0xa0, &[&data])])
}

fn time(text: &str) -> Rfc3339 {
    Rfc3339::parse(text).unwrap()
}

fn decision() -> Json {
    let draft = DecisionDraft::new(
        PermitId::parse(scoped::P).unwrap(),
        ProjectId::parse(scoped::PROJECT).unwrap(),
        Decision::Allow,
        time("2026-05-21T10:00:00Z"),
    );
    let decision = draft.seal(&binding_key(), time("2026-05-21T10:00:01Z")).unwrap();
    loose(&decision.to_evidence())
}

fn revocation() -> Json {
    let revocation = Revocation {
        permit_id: PermitId::parse(scoped::P).unwrap(),
        project_id: ProjectId::parse(scoped::PROJECT).unwrap(),
        actor_id: ActorId::parse(SIGNER).unwrap(),
        actor_kind: ActorKind::User,
        reason_code: RevocationReasonCode::parse("operator.requested").unwrap(),
        revoked_at: time(scoped::REVOKED_AT),
    };
    json!({ "revocation_event": loose(&revocation.issue(&binding_key()).unwrap().to_evidence()) })
}

const SIGNER: &str = "30000000-0000-4000-8000-000000000001";
const ACCOUNT: &str = "50000000-0000-4000-8000-000000000001";

fn operator_key() -> PurposeKey<Operator> {
    PurposeKey::new(SoftwareKey::from_seed(&[5; 32]))
}

fn buyer_key() -> PurposeKey<BuyerPrincipal> {
    PurposeKey::new(SoftwareKey::from_seed(&[6; 32]))
}

/// A permit of format v2 that an operator approved and a buyer signed and attested.
fn permit_with_slots() -> Json {
    let permit = json!({
        "permit_format_version": "v2", "id": scoped::P, "account_id": ACCOUNT,
        "project_id": scoped::PROJECT, "decision": "allow", "action_name": "responses.create",
        "created_at": "2026-05-21T10:00:00.000000Z", "expires_at": "2026-05-21T11:00:00.000000Z",
        "signature": "the issuer's signature", "audit_batch": "batch-1",
    });
    let mut permit = open(&permit);
    let at = Instant::parse("2026-05-21T10:01:00Z").unwrap();
    let signer = || ActorId::parse(SIGNER).unwrap();
    let approval = OperatorApproval { operator_id: signer(), signed_at: at };
    let counter = CounterSignature {
        buyer_principal_id: signer(),
        execution_intent_hash: Sha256Digest::of(b"the intent"),
        signed_at: at,
    };
    let attestation = AuditAttestation {
        buyer_principal_id: signer(),
        batch_id: NonEmptyText::parse("batch-1").unwrap(),
        signed_at: at,
    };
    let slots = [
        ("operator_approval", approval.sign(&permit, &operator_key()).unwrap()),
        ("counter_signature", counter.sign(&permit, &buyer_key()).unwrap()),
        ("audit_attestation", attestation.sign(&permit, &buyer_key()).unwrap()),
    ];
    for (name, slot) in slots {
        permit.insert(name, slot);
    }
    loose(&permit.into())
}

fn open(value: &Json) -> Object<'static> {
    let value = read(&written(value), &Budget::default()).unwrap().into_owned();
    OpenObject::from(evidence::object(value)).as_object().clone()
}

fn trust() -> Trust {
    let entry = |purpose: &str, key_id: String, public_key: String| {
        json!({
            "key_id": key_id, "purpose": purpose, "public_key": public_key,
            "valid_from": "2026-01-01T00:00:00Z", "valid_to": null,
            "account_id": ACCOUNT, "signer_id": SIGNER,
        })
    };
    let (export, binding, checkpoint) = (export_key(), binding_key(), scoped::checkpoint_key());
    let (scope, operator, buyer) = (scoped::scope_key(), operator_key(), buyer_key());
    let keys = json!({ "keys": [
        entry("export_signing", export.key_id().to_string(), export.public_key().to_string()),
        entry(
            "permit_binding_signing",
            binding.key_id().to_string(),
            binding.public_key().to_string(),
        ),
        entry(
            "integrity_checkpoint",
            checkpoint.key_id().to_string(),
            checkpoint.public_key().to_string(),
        ),
        entry("scope_state", scope.key_id().to_string(), scope.public_key().to_string()),
        entry("permit_v2_operator", operator.key_id().to_string(), operator.public_key().to_string()),
        entry(
            "permit_v2_buyer_principal",
            buyer.key_id().to_string(),
            buyer.public_key().to_string(),
        ),
    ] });
    let keys = KeyManifest::read(&written(&keys), &Budget::default()).unwrap();
    Trust::key_manifest(keys, "the test")
}

fn report_of(pack: &Pack) -> Report {
    let manifest =
        NamedFile::new("manifest.json", written(&signed(&pack.document, &pack.manifest)));
    let mut folder = InMemoryFolder::new();
    for (name, bytes) in &pack.files {
        folder.insert(Folder::Manifest, PackPath::parse(name).unwrap(), bytes.clone());
    }
    let evidence =
        ExportEvidence::new("export", pack.document.as_slice(), manifest).folder(&folder);
    verify_export(evidence, &trust(), &ExportOptions::default()).unwrap()
}

/// DIFF-44: compressing an export hides nothing of it.
#[test]
fn compressed_workflow_evidence_is_judged_like_any_other() {
    use std::io::Write as _;
    for (claim, issued) in [
        (Verdict::Supported, issue(Claim::WorkflowDeclarations)),
        (Verdict::Disproved, bent(Claim::WorkflowDeclarations)),
    ] {
        let Issued::Export(mut pack) = issued else { panic!("workflows stand in exports") };
        let level = flate2::Compression::default();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), level);
        gzip.write_all(&pack.document).unwrap();
        pack.document = gzip.finish().unwrap();
        let report = report_of(&pack);
        let judged = report.claim(Claim::WorkflowDeclarations).map(|claim| claim.verdict);
        assert_eq!(judged, Some(claim));
    }
}

/// A record that is none could hide the snapshot that contradicts the history.
#[test]
fn sem_08_records_beside_workflow_evidence_are_objects() {
    for stranger in [json!(null), json!(7), json!("text"), json!([])] {
        let pack = sibling(|pack| {
            let mut payload: Json = serde_json::from_slice(&pack.document).unwrap();
            payload["records"].as_array_mut().unwrap().push(stranger.clone());
            pack.document = written(&payload);
        });
        let report = report_of(&pack);
        assert_eq!(report.outcome, Outcome::NotVerified, "{stranger}");
        let reason = report.headline().unwrap().reason.as_str();
        assert_eq!(reason, "WORKFLOW_EVIDENCE_SCHEMA_INVALID", "{stranger}");
    }
}

/// DIFF-49: who asks for trust in authorities and does not get it, gets no pass.
#[cfg(feature = "tsa")]
#[test]
fn time_stamps_of_strangers_fail_the_run_that_asks_for_their_makers() {
    let mut evidence = CheckpointEvidence {
        file: NamedFile::new("checkpoint.json", written(&checkpoint())),
        folder: &NoFolder,
        authorities: None,
        skip_receipts: false,
    };
    let judged = |evidence: &CheckpointEvidence<'_>| {
        verify_checkpoint(evidence, &trust(), &ExportOptions::default()).report
    };
    assert_eq!(judged(&evidence).outcome, Outcome::Verified);
    for pem in [Ok(b"no certificate".to_vec()), Err("it is not there".to_owned())] {
        let name = "authorities.pem".to_owned();
        evidence.authorities = Some(permit_verifier::Authorities { name, pem });
        let report = judged(&evidence);
        assert_eq!(report.outcome, Outcome::NotVerified);
        assert!(report.claims.iter().all(|claim| claim.verdict == Verdict::Supported));
    }
}

/// One receipt that fails is one failed subject: good ones behind it say nothing more.
#[test]
fn sem_03_receipts_behind_a_failed_one_are_no_subjects() {
    let mut document = checkpoint();
    let receipts = document["tsa_receipts"].as_array_mut().unwrap();
    receipts.insert(0, json!("no receipt"));
    let evidence = CheckpointEvidence {
        file: NamedFile::new("checkpoint.json", written(&document)),
        folder: &NoFolder,
        authorities: None,
        skip_receipts: false,
    };
    let report = verify_checkpoint(&evidence, &trust(), &ExportOptions::default()).report;
    let claim = report.claim(Claim::CheckpointTsa).unwrap();
    assert_eq!((claim.verdict, claim.subjects.len()), (Verdict::Disproved, 1));
}

/// DIFF-46: a claim judged by itself is judged by what its pack pins, too (CLAIM-01).
#[test]
fn slots_judged_by_themselves_are_judged_by_their_pins() {
    let claim = Claim::OperatorApproved;
    let permit = NamedFile::new("permit.json", written(&permit_with_slots()));
    for (pins, expected) in [
        (Pins::Whole, Verdict::Supported),
        (Pins::Missing, Verdict::InsufficientEvidence),
        (Pins::Foreign, Verdict::UnverifiableScope),
    ] {
        let mut manifest = json!({});
        pin(&mut manifest, claim, pins);
        let manifest = NamedFile::new("manifest.json", written(&manifest));
        let (trust, options) = (trust(), ExportOptions::default());
        let slot = permit_verifier::Slot::OperatorApproval;
        let answer = judge_slot(slot, &permit, Some(&manifest), &trust, &options, &NoFolder);
        assert_eq!(answer.verdict(), expected);
    }
}

/// DIFF-61: an archive has no place for a scope, so that it declares none.
#[test]
fn an_archive_says_nothing_of_a_scope() {
    let issued = Issued::Export(incident(loose(&incident_files())));
    let (verdict, _) = judge(Claim::ScopeFaithfulness, &issued, Pins::Whole);
    assert_eq!(verdict, Some(Verdict::InsufficientEvidence));
}
