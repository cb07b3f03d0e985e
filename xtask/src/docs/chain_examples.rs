// SPDX-License-Identifier: Apache-2.0

//! Worked examples of chain entries and closures.

use permit_canonical_json::{
    Budget, ByteRange, HashedArtifact, JsonPointer, Sha256Digest, Value, from_value, read, to_value,
};
use permit_chain::{EntryFields, WalkOptions, Walker};
use permit_keys::{KeyManifest, verify_closure};
use permit_types::{ClosureEnvelope, Instant};

use super::{
    markdown::{facts, fenced, json},
    record_examples::MODE,
    story::{Story, ensure},
};
use crate::ChoreError;

/// Two entries, and the text that the record hash of the second is over.
pub(crate) fn chain_entry(story: &Story) -> Result<String, ChoreError> {
    let values = story.chain.iter().map(to_value).collect::<Result<Vec<_>, _>>()?;
    let mut walker =
        Walker::new(WalkOptions::default(), |place| JsonPointer::root().index(place.index));
    for (index, value) in (0..).zip(&values) {
        let object = value.as_object().ok_or("an entry is an object")?;
        walker.entry(&EntryFields::of_entry(object, ByteRange::default()), 0, index);
    }
    ensure(walker.finish().intact().is_some(), "the chain of the story holds")?;
    let [first, second, ..] = story.chain.as_slice() else {
        return Err("the chain is too short".into());
    };
    // By hand, as the document says it, and not by the crate.
    let text = [
        second.event_id.as_str(),
        second.event_type.as_str(),
        second.resource_type.as_deref().unwrap_or_default(),
        second.resource_id.as_deref().unwrap_or_default(),
        second.outcome.as_deref().unwrap_or_default(),
        &second.severity,
        second.created_at.as_str().trim_end_matches('Z'),
        &first.record_hash.to_string(),
        &second.sequence_number.get().to_string(),
    ]
    .join("|");
    let hash = Sha256Digest::of(text.as_bytes()).to_string();
    ensure(hash == second.record_hash.to_string(), "the record hash is over nine texts")?;
    let [one, two, ..] = values.as_slice() else { return Err("the chain is too short".into()) };
    Ok(format!(
        "{}\n{}\nThe nine texts of the second entry:\n\n{}\n{}",
        json(one),
        json(two),
        fenced("text", &text),
        facts([("`record_hash`", &hash)]),
    ))
}

/// The closure of the reply: its envelope, the canonical text, the hash that is signed.
pub(crate) fn closure(story: &Story) -> Result<String, ChoreError> {
    let closed = story.chain.iter().find(|entry| entry.event_type.as_str() == "permit.closed");
    let event: Value<'_> =
        closed.ok_or("nothing was closed")?.payload_json.clone().into_object().into();
    let text = |name: &str| {
        event.get(name).and_then(Value::as_str).ok_or_else(|| format!("the event has no `{name}`"))
    };
    let (hash, signature) = (text("closure_canonical_hash")?, text("closure_signature_b64")?);
    let mut payload = event.as_object().ok_or("a payload is an object")?.clone();
    for beside in ["closure_canonical_hash", "closure_signature_b64"] {
        payload.remove(beside);
    }
    let payload: Value<'_> = payload.into();
    let canonical = HashedArtifact::ClosureV2.profile().to_text(&payload)?;
    let digest = Sha256Digest::of(canonical.as_bytes());
    ensure(digest.to_string() == hash, "the hash is that of the canonical text")?;
    let signature = match signature.strip_prefix("ed25519:") {
        Some(_) => signature.to_owned(),
        None => format!("ed25519:{signature}"),
    };
    let keys = KeyManifest::read(&story.trust_root, &Budget::default())?;
    let signed_at = Instant::parse(text("closure_signed_at")?).ok_or("no time")?;
    let trusted = keys.resolve_binding_key(text("binding_key_id")?, Some(signed_at), MODE)?;
    verify_closure(digest, &signature, &trusted)?;
    let envelope = Value::object([
        ("payload", payload.clone()),
        ("canonical_hash", hash.to_owned().into()),
        ("signature", signature.into()),
        ("binding_key_id", text("binding_key_id")?.to_owned().into()),
    ]);
    let bytes = HashedArtifact::ClosureV2.profile().to_text(&envelope)?;
    let _: ClosureEnvelope = from_value(&read(bytes.as_bytes(), &Budget::default())?)?;
    let permit = story.permit(0)?;
    let bound = permit.binding_request_hash.map(|bound| bound.to_string());
    ensure(
        bound.as_deref() == payload.get("dispatch_request_digest_v1").and_then(Value::as_str),
        "the dispatch digest is that of the permit",
    )?;
    let answer = Sha256Digest::of(b"It left our warehouse this morning.").to_string();
    ensure(
        payload.get("provider_response_digest_v1").and_then(Value::as_str) == Some(&answer),
        "the provider's digest is that of the raw answer",
    )?;
    Ok(format!(
        "{}\nThe canonical text of the payload:\n\n{}\n{}",
        json(&envelope),
        fenced("text", &canonical),
        facts([
            ("SHA-256 of it, and message that is signed", hash),
            ("`binding_request_hash` of the permit", bound.as_deref().unwrap_or_default()),
            ("SHA-256 of `It left our warehouse this morning.`", &answer),
        ]),
    ))
}
