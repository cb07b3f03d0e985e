// SPDX-License-Identifier: Apache-2.0

//! Worked examples of revocations, signed decisions and slots.

use permit_canonical_json::{HashedArtifact, Object, Profile, Sha256Digest, Value};
use permit_decision::{
    CounterSignature, DecisionDraft, Slot, SlotContext, adjudicate_decision, adjudicate_slots,
    find_decision_in_document, find_permits_in_document,
};
use permit_revocation::{
    RevocationScope, StatedRevocations, adjudicate_revocation, find_revocation_in_document,
};
use permit_types::{ActorId, Artifact, Decision, PermitId, ProjectId};

use super::{
    markdown::{facts, fenced, json},
    record_examples::{MODE, hash_without},
    story::{Story, ensure, instant, time},
};
use crate::{ChoreError, example_bundle::identifier};

/// The revocation of the reorder.
pub(crate) fn revocation(story: &Story) -> Result<String, ChoreError> {
    let event = story.revocation.to_event_payload();
    let object = event.as_object().ok_or("a revocation is an object")?;
    let (canonical, hash) =
        hash_without(HashedArtifact::PermitRevokedEventV1, object, &["signature"])?;
    ensure(hash == story.revocation.canonical_hash(), "the hash leaves out the signature alone")?;
    let document = Value::object([
        ("project_id", Value::from(identifier("project"))),
        ("revocation_event", story.revocation.to_evidence()),
    ]);
    let document = document.as_object().ok_or("no object")?;
    let keys = story.trust()?;
    let found = find_revocation_in_document(document, Artifact::Export).ok_or("it is not found")?;
    let scope = RevocationScope::of(document, None);
    let shown = adjudicate_revocation(&found, &scope, Some(&keys), MODE);
    ensure(shown.is_ok(), "`permit.revoked.v1` is supported")?;
    Ok(format!(
        "{}\nWithout its signature, in canonical form:\n\n{}\n{}",
        json(&event),
        fenced("text", &canonical),
        facts([
            ("SHA-256 of it, and message that is signed", hash.to_string().as_str()),
            ("key", &story.keys.binding.key_id().to_string()),
        ]),
    ))
}

/// The signed decision on the refund, and a counter signature.
pub(crate) fn decision(story: &Story) -> Result<String, ChoreError> {
    let keys = story.trust()?;
    let mut draft = DecisionDraft::new(
        PermitId::parse(&identifier("refund")).ok_or("no permit id")?,
        ProjectId::parse(&identifier("project")).ok_or("no project id")?,
        Decision::Deny,
        time("2026-05-11T08:31:47.000000Z")?,
    );
    draft.reason = Some("refunds above 200 EUR are not for agents".to_owned());
    draft.action_name = Some("refund.issue".to_owned());
    draft.policy_id = Some("shop-agents".to_owned());
    draft.policy_version = Some("2026-05-01".to_owned());
    let signed = draft.seal(&story.keys.binding, time("2026-05-11T08:31:47.120000Z")?)?;
    let evidence = signed.to_evidence();
    let payload = evidence.get("canonical_payload").ok_or("no payload")?;
    let canonical = HashedArtifact::PermitDecisionV1.profile().to_text(payload)?;
    let hash = Sha256Digest::of(canonical.as_bytes());
    ensure(hash == signed.canonical_hash(), "the hash is that of the canonical text")?;
    ensure(payload.as_object().is_some_and(|payload| payload.len() == 21), "21 members")?;
    let document = Value::object([("permit_decision", evidence.clone())]);
    let document = document.as_object().ok_or("no object")?;
    let found = find_decision_in_document(document, Artifact::Export).ok_or("it is not found")?;
    let shown = adjudicate_decision(&found, Some(&keys), MODE);
    ensure(shown.is_ok(), "`permit.decision.v1` is supported")?;
    Ok(format!(
        "{}\nThe canonical text of the payload, and what is signed:\n\n{}\n{}\n{}",
        json(&evidence),
        fenced("text", &canonical),
        facts([("SHA-256 of it, and message that is signed", hash.to_string().as_str())]),
        slot(story)?,
    ))
}

/// A permit of format v2 that the buyer counter-signed.
fn slot(story: &Story) -> Result<String, ChoreError> {
    let intent = Sha256Digest::of(br#"{"item":"desk lamp","pieces":40}"#);
    let mut permit = Object::default();
    for (name, value) in [
        ("permit_format_version", Value::from("v2")),
        ("id", identifier("stock").into()),
        ("project_id", identifier("project").into()),
        ("decision", "allow".into()),
        ("created_at", "2026-05-11T09:02:10.000000Z".into()),
        ("expires_at", "2026-05-11T10:02:10.000000Z".into()),
        ("signature", "made by the issuer".into()),
    ] {
        permit.insert(name, value);
    }
    let buyer = identifier("buyer");
    let signature = CounterSignature {
        buyer_principal_id: ActorId::parse(&buyer).ok_or("no buyer")?,
        execution_intent_hash: intent,
        signed_at: instant("2026-05-11T09:02:11Z")?,
    }
    .sign(&permit, &story.buyer_key)?;
    // By hand, as the document says it.
    let (_, canonical_hash) = hash_without(
        HashedArtifact::PermitDecisionV1,
        &permit,
        &["signature", "permit_format_version"],
    )?;
    let member = |name: &str| signature.get(name).and_then(Value::as_str).unwrap_or_default();
    let payload = Value::object([
        ("payload_type", Value::from(Slot::CounterSignature.payload_type())),
        ("permit_id", identifier("stock").into()),
        ("issuer_signature_hash", Sha256Digest::of(b"made by the issuer").to_string().into()),
        ("permit_canonical_hash", canonical_hash.to_string().into()),
        ("buyer_principal_id", buyer.into()),
        ("signed_at", member("signed_at").to_owned().into()),
        ("execution_intent_hash", intent.to_string().into()),
    ]);
    let text = Profile::Payload.to_text(&payload)?;
    let hash = Sha256Digest::of(text.as_bytes()).to_string();
    ensure(hash == member("signed_payload_hash"), "the payload is put together as described")?;
    permit.insert("counter_signature", signature.clone());
    let document = Value::object([
        ("project_id", Value::from(identifier("project"))),
        ("permit_v2", permit.into()),
    ]);
    let document = document.as_object().ok_or("no object")?;
    let revocations = StatedRevocations::new();
    let context = SlotContext::new(document, None, &revocations);
    let permits = find_permits_in_document(document, Artifact::Export);
    let keys = story.trust()?;
    let judged = adjudicate_slots(Slot::CounterSignature, &permits, &context, Some(&keys), MODE);
    ensure(judged.iter().all(Result::is_ok) && judged.len() == 1, "the buyer signed it")?;
    Ok(format!(
        "The buyer's counter signature on the permit of a reorder:\n\n{}\nThe bytes that it is over:\n\n{}\n{}",
        json(&signature),
        fenced("text", &text),
        facts([("`signed_payload_hash`", hash.as_str())]),
    ))
}
