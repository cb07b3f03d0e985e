// SPDX-License-Identifier: Apache-2.0

//! What the signature of a slot covers.
//!
//! ```text
//! payload_type, permit_id, signer, signed_at, the slot's own member
//! issuer_signature_hash   what the permit states, or the hash of its `signature`
//! permit_canonical_hash   the hash of the permit without signatures and what comes after them
//! ```

use permit_canonical_json::{
    CanonicalError, DigestSink, Member, Object, Profile, Sha256Digest, Sink, Value, write_selected,
};

use crate::{
    loose_value::{digest, first_stated, stripped},
    slot::Slot,
};

/// What a permit is known by in the payloads of its slots.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PermitHashes {
    /// The hash of the issuer's signature, if there is any.
    pub(crate) issuer_signature: Option<Sha256Digest>,
    /// Whether the permit states that hash itself, so that nothing ties it to its signature.
    pub(crate) issuer_stated: bool,
    /// The hash of the permit.
    pub(crate) canonical: Sha256Digest,
    /// A hash that the permit states as its own, if it differs from that one.
    pub(crate) contradiction: Option<Sha256Digest>,
}

impl PermitHashes {
    /// Computes them.
    pub(crate) fn of(permit: &Object<'_>) -> Result<Self, CanonicalError> {
        let stated = digest(permit.get("issuer_signature_hash"));
        let issuer_signature = match stated {
            Some(_) => stated,
            None => signature_hash(permit)?,
        };
        let (name, own) = stated_hash(permit);
        let kept = |member: &&Member<'_>| {
            !LEFT_OUT.contains(&member.name()) && Some(member.name()) != name
        };
        let mut sink = DigestSink::new();
        write_members(permit.members().iter().filter(kept), &mut sink)?;
        let canonical = sink.finish();
        Ok(Self {
            issuer_signature,
            issuer_stated: stated.is_some(),
            canonical,
            contradiction: own.filter(|own| *own != canonical),
        })
    }
}

/// The hash that a permit states as its own, and the member that does so if it is one of those
/// that are hashed.
fn stated_hash(permit: &Object<'_>) -> (Option<&'static str>, Option<Sha256Digest>) {
    if let Some(first) = first_stated(permit, &["permit_canonical_hash"]) {
        return (None, digest(Some(first)));
    }
    let hash = digest(permit.get(OTHER_HASH));
    (hash.map(|_| OTHER_HASH), hash)
}

/// The hash of the issuer's signature: of its canonical form, or of its text.
fn signature_hash(permit: &Object<'_>) -> Result<Option<Sha256Digest>, CanonicalError> {
    let Some(signature) = permit.get("signature") else { return Ok(None) };
    if signature.as_object().is_some() {
        return Profile::Payload.digest(signature).map(Some);
    }
    let text = signature.as_str().map(stripped).filter(|text| !text.is_empty());
    Ok(text.map(|text| Sha256Digest::of(text.as_bytes())))
}

/// The payload of a slot, made anew from the permit; nothing if the issuer's signature is not there.
pub(crate) fn rebuilt(
    slot: Slot,
    permit_id: &str,
    hashes: &PermitHashes,
    envelope: &Object<'_>,
) -> Option<Object<'static>> {
    let mut payload = Object::default();
    payload.insert("payload_type", slot.payload_type());
    payload.insert("permit_id", permit_id.to_owned());
    payload.insert("issuer_signature_hash", hashes.issuer_signature?.to_string());
    payload.insert("permit_canonical_hash", hashes.canonical.to_string());
    let copied = [(slot.signer_member(), "signer_id"), ("signed_at", "signed_at")];
    let own = slot.own_member().map(|name| (name, name));
    for (name, from) in copied.into_iter().chain(own) {
        let text = envelope.get(from).and_then(Value::as_str).unwrap_or_default();
        payload.insert(name, text.to_owned());
    }
    Some(payload)
}

/// The canonical text of a payload, whose bytes are signed.
pub(crate) fn canonical_text(payload: &Object<'_>) -> Result<String, CanonicalError> {
    let mut text = String::new();
    write_members(payload.members().iter(), &mut text)?;
    Ok(text)
}

fn write_members<'m, 'a: 'm>(
    members: impl Iterator<Item = &'m Member<'a>>,
    sink: &mut impl Sink,
) -> Result<(), CanonicalError> {
    write_selected(members.map(|member| (member.name(), member.value())), sink)
}

/// What the hash of a permit leaves out: signatures, what states hashes, what comes later.
const LEFT_OUT: [&str; 15] = [
    "signature",
    "operator_approval",
    "counter_signature",
    "audit_attestation",
    "provider_attestation",
    "permit_format_version",
    "issuer_signature_hash",
    "permit_canonical_hash",
    "permit_v2_signed_payloads",
    "signature_payloads",
    "revocation",
    "audit_batch",
    "audit_batches",
    "known_audit_batches",
    "batches",
];

const OTHER_HASH: &str = "canonical_hash";
