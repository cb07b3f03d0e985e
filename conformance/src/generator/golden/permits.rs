// SPDX-License-Identifier: Apache-2.0

//! Records about signed decisions, revocations, and the absence of dispatches after one.

use permit_canonical_json::{HashedArtifact, Sha256Digest};
use serde_json::{Value as Json, json};

use super::table::Row;
use crate::generator::{
    case_draft::CaseDraft,
    document::{self, array_mut, remove, set, strict, text},
    fault::Fault,
    pack::{PROJECT, Pack, SCOPE, permit_id},
    pinned::pin,
    scope_pack::{EVENTS, REVOKED_AT, ScopePack, asking, chain},
    test_keys::{BINDING, BINDING_FOREIGN, TestKey},
};

const ACTOR: &str = "60000000-0000-4000-8000-000000000001";

pub(super) fn put(row: &Row, draft: CaseDraft) -> Result<CaseDraft, Fault> {
    let pack = match row.number {
        77..=83 => decision(row.number)?,
        84..=89 => revocation(row.number)?,
        _ => absence(row.number)?,
    };
    pack.put_into(draft)
}

/// An export of this document that requests these claims.
pub(crate) fn pinned_document(document: Json, claims: &[&str]) -> Result<Pack, Fault> {
    let mut pack = Pack::of_document(document)?;
    pin(&mut pack.manifest, claims)?;
    Ok(pack)
}

fn base() -> Json {
    json!({ "project_id": PROJECT, "record_count": 0, "records": [] })
}

/// The decision about a permit, signed.
fn signed_decision(word: &str, named: TestKey, signer: TestKey) -> Result<Json, Fault> {
    let payload = json!({
        "action_name": "mail.draft_reply",
        "binding_key_id": named.id(),
        "binding_version": "v1",
        "constraints": null,
        "decision": word,
        "expires_at": "2026-05-09T09:00:00Z",
        "final_request_hash": null,
        "is_dry_run": false,
        "issued_at": "2026-05-09T08:00:00Z",
        "model": "example-large",
        "operation": "responses.create",
        "parent_permit_id": null,
        "permit_id": permit_id(1),
        "policy_id": "shop-agents",
        "policy_snapshot_hash": null,
        "policy_version": "2026-05-01",
        "project_id": PROJECT,
        "provider": "example-provider",
        "reason": "as the policy says",
        "request_fingerprint": null,
        "routing": null,
    });
    let hash = HashedArtifact::PermitDecisionV1.profile().digest(&strict(&payload)?)?;
    Ok(json!({
        "artifact_type": "permit_decision_binding",
        "artifact_version": "permit.decision.v1",
        "binding_canonical_hash": hash.to_string(),
        "binding_issued_at": "2026-05-09T08:00:00Z",
        "binding_key_id": named.id(),
        "binding_signature": signer.binding().sign_permit_decision(hash)?.to_string(),
        "canonical_payload": payload,
    }))
}

fn decision(number: u8) -> Result<Pack, Fault> {
    let word = match number {
        78 => "deny",
        79 => "challenge",
        _ => "allow",
    };
    let (named, signer) = match number {
        80 => (BINDING, BINDING_FOREIGN),
        82 => (BINDING_FOREIGN, BINDING_FOREIGN),
        _ => (BINDING, BINDING),
    };
    let mut evidence = signed_decision(word, named, signer)?;
    match number {
        81 => set(&mut evidence, "/canonical_payload/decision", "deny")?,
        83 => set(&mut evidence, "/expected_decision", "deny")?,
        _ => {}
    }
    let mut document = base();
    set(&mut document, "/permit_decision", evidence)?;
    pinned_document(document, &["export.integrity.v1", "permit.decision.v1"])
}

/// A revocation, signed; bent before that.
pub(crate) fn signed_revocation(
    signer: TestKey,
    bend: impl FnOnce(&mut Json) -> Result<(), Fault>,
) -> Result<Json, Fault> {
    let mut event = json!({
        "actor_id": ACTOR,
        "actor_kind": "user",
        "effective_at": REVOKED_AT,
        "permit_id": permit_id(1),
        "project_id": PROJECT,
        "reason_code": "customer.request",
        "revoked_at": REVOKED_AT,
    });
    bend(&mut event)?;
    let hash: Sha256Digest = document::digest(&event)?;
    let signature = signer.binding().sign_revocation(hash)?.to_string();
    set(&mut event, "/signature", signature)?;
    Ok(json!({ "canonical_hash": hash.to_string(), "event": event }))
}

fn revocation(number: u8) -> Result<Pack, Fault> {
    let signer = if number == 85 { BINDING_FOREIGN } else { BINDING };
    let evidence = signed_revocation(signer, |event| match number {
        87 => set(event, "/effective_at", "2026-05-09T10:05:01.000000Z"),
        88 => {
            remove(event, "/reason_code")?;
            Ok(())
        }
        89 => set(event, "/actor_id", "ana@shop.example"),
        _ => Ok(()),
    })?;
    let mut document = base();
    set(&mut document, "/revocation_event", evidence)?;
    if number == 86 {
        set(&mut document, "/project_id", "10000000-0000-4000-8000-000000000009")?;
    }
    let mut pack = pinned_document(document, &["export.integrity.v1", "permit.revoked.v1"])?;
    if number == 86 {
        set(&mut pack.manifest, "/project_id", "10000000-0000-4000-8000-000000000009")?;
    }
    Ok(pack)
}

fn absence(number: u8) -> Result<Pack, Fault> {
    let mut events = EVENTS.to_vec();
    let mut predicate = asking()?;
    match number {
        // Nothing was dispatched under the permit, ever.
        90 | 98 => {
            events.remove(1);
        }
        92 => events.insert(6, ("dispatch.egress_bound", Some(1), "07")),
        93 => events.insert(6, ("dispatch.egress_bound", Some(1), "07")),
        94 => set(&mut predicate, "/equals/provider", "example-provider")?,
        99 => events.insert(4, ("dispatch.egress_bound", Some(1), "05")),
        _ => {}
    }
    let mut pack = ScopePack::over(&chain(SCOPE, &events)?, &predicate)?;
    match number {
        93 => pack = hidden(pack)?,
        95 => pack.checkpoint = None,
        96 => pack.sidecar = None,
        _ => {}
    }
    set(&mut pack.document, "/revocation_event", signed_revocation(BINDING, |_| Ok(()))?)?;
    pack.claims.extend(["permit.revoked.v1", "permit.dispatch_absence_after_revocation.v1"]);
    pack.pack()
}

/// A dispatch after the revocation that stands among the bridges, and a scope state that says there is none.
fn hidden(pack: ScopePack) -> Result<ScopePack, Fault> {
    let pack = pack.bent(|segment| {
        let record = remove(segment, "/chain_evidence/disclosure_records/0")?;
        let bridges = array_mut(segment, "/chain_evidence/proof_bridge_records")?;
        bridges.insert(6, record);
        Ok(())
    })?;
    pack.bent_state(|state| {
        let nothing = [
            ("matching_count", json!(0)),
            ("first_matching_sequence", Json::Null),
            ("last_matching_sequence", Json::Null),
            (
                "membership_root_hash",
                json!("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ),
        ];
        for (name, value) in nothing {
            set(state, &format!("/scope_commitments/0/{name}"), value)?;
        }
        text(state, "/scope_commitments/0/predicate_value_hash")?;
        Ok(())
    })
}
