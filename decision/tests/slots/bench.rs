// SPDX-License-Identifier: Apache-2.0

//! Permits and slots that can be bent at will and signed again, and registries.

use std::path::Path;

use permit_canonical_json::{Budget, Object, Profile, Sha256Digest, Value, read};
use permit_claims::{ClaimFault, Unsupported, Verdict};
use permit_decision::{
    PermitV2, Slot, SlotContext, SlotShown, adjudicate_slots, find_permits_in_document,
};
use permit_keys::{BuyerPrincipal, KeyManifest, Mode, Operator, PurposeKey, SoftwareKey};
use permit_revocation::{StatedRevocations, find_revocation_in_document};
use permit_types::Artifact;

pub(crate) const PERMIT: &str = "11111111-aaaa-4aaa-8aaa-111111111111";
pub(crate) const ACCOUNT: &str = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
pub(crate) const SIGNER: &str = "33333333-cccc-4ccc-8ccc-333333333333";
pub(crate) const AT: &str = "2026-05-23T12:30:00.123456Z";
pub(crate) const INTENT: &str = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";
pub(crate) const BATCH: &str = "batch-1";

/// What the hash of a permit leaves out, listed once more.
const LEFT_OUT: &str = "signature operator_approval counter_signature audit_attestation \
    provider_attestation permit_format_version issuer_signature_hash permit_canonical_hash \
    permit_v2_signed_payloads signature_payloads revocation audit_batch audit_batches \
    known_audit_batches batches";

pub(crate) fn json(text: &[u8]) -> Value<'_> {
    read(text, &Budget::default()).unwrap()
}

pub(crate) fn object(text: &str) -> Object<'static> {
    json(text.as_bytes()).into_owned().as_object().unwrap().clone()
}

/// A permit of format v2 without slots.
pub(crate) fn permit() -> Object<'static> {
    object(&format!(
        r#"{{"id": "{PERMIT}", "account_id": "{ACCOUNT}", "permit_format_version": "v2",
        "created_at": "2026-05-23T12:00:00.000000Z", "expires_at": "2026-05-23T14:00:00.000000Z",
        "decision": "allow", "limits": {{"amount_max": 1.50}}, "signature": {{"signature": "MTEx"}},
        "audit_batches": [{{"batch_id": "{BATCH}"}}]}}"#
    ))
}

pub(crate) fn permit_with(name: &'static str, value: impl Into<Value<'static>>) -> Object<'static> {
    let mut permit = permit();
    permit.insert(name, value);
    permit
}

fn hash_of(value: &Value<'_>) -> String {
    Profile::Payload.digest(value).unwrap().to_string()
}

/// The payload that the slot of a permit signs, made by the naive reading of the recipe.
pub(crate) fn payload(slot: Slot, permit: &Object<'static>) -> Object<'static> {
    let mut hashed = permit.clone();
    LEFT_OUT.split_whitespace().for_each(|name| drop(hashed.remove(name)));
    let stated = permit.get("issuer_signature_hash").and_then(Value::as_str).map(str::to_owned);
    let issuer = stated.unwrap_or_else(|| match permit.get("signature").unwrap() {
        text if text.as_str().is_some() => {
            Sha256Digest::of(text.as_str().unwrap().trim().as_bytes()).to_string()
        }
        object => hash_of(object),
    });
    let mut payload = Object::default();
    payload.insert("payload_type", slot.payload_type());
    payload.insert("permit_id", PERMIT);
    payload.insert("issuer_signature_hash", issuer);
    payload.insert("permit_canonical_hash", hash_of(&hashed.into()));
    payload.insert(slot.signer_member(), SIGNER);
    payload.insert("signed_at", AT);
    own(slot).into_iter().for_each(|(name, value)| payload.insert(name, value));
    payload
}

/// The member that only this slot has, and its value.
pub(crate) fn own(slot: Slot) -> Option<(&'static str, &'static str)> {
    match slot {
        Slot::OperatorApproval => None,
        Slot::CounterSignature => Some(("execution_intent_hash", INTENT)),
        Slot::AuditAttestation => Some(("batch_id", BATCH)),
    }
}

/// The slot that signs a payload, as the key of this seed does.
pub(crate) fn envelope(slot: Slot, payload: &Object<'static>, seed: u8) -> Object<'static> {
    let canonical = Profile::Payload.to_text(&payload.clone().into()).unwrap();
    let bytes = canonical.as_bytes();
    let signature = match slot {
        Slot::OperatorApproval => operator(seed).sign_operator_approval(bytes),
        Slot::CounterSignature => buyer(seed).sign_counter_signature(bytes),
        Slot::AuditAttestation => buyer(seed).sign_audit_attestation(bytes),
    };
    let mut envelope = Object::default();
    envelope.insert("payload_type", slot.payload_type());
    envelope.insert("signer_id", SIGNER);
    envelope.insert("key_id", key_id(2));
    envelope.insert("signed_at", AT);
    envelope.insert("signed_payload_hash", Sha256Digest::of(bytes).to_string());
    envelope.insert("signature", signature.unwrap().to_string());
    own(slot).into_iter().for_each(|(name, value)| envelope.insert(name, value));
    envelope
}

/// A permit with its slot signed as it is.
pub(crate) fn signed(slot: Slot, mut permit: Object<'static>) -> Object<'static> {
    let payload = payload(slot, &permit);
    permit.insert(slot.as_str(), envelope(slot, &payload, 2));
    permit
}

/// A permit whose payload is given beside it, bent before it was signed.
pub(crate) fn given(
    slot: Slot,
    mut permit: Object<'static>,
    bend: impl FnOnce(&mut Object<'static>),
) -> Object<'static> {
    let mut payload = payload(slot, &permit);
    bend(&mut payload);
    permit.insert(slot.as_str(), envelope(slot, &payload, 2));
    permit.insert("signature_payloads", Value::object([(slot.as_str(), payload)]));
    permit
}

/// A valid permit with one member of its slot set after that.
pub(crate) fn bent(
    slot: Slot,
    name: &'static str,
    value: impl Into<Value<'static>>,
) -> Object<'static> {
    let mut permit = signed(slot, permit());
    let mut envelope = permit.get(slot.as_str()).unwrap().as_object().unwrap().clone();
    envelope.insert(name, value);
    permit.insert(slot.as_str(), envelope);
    permit
}

pub(crate) fn operator(seed: u8) -> PurposeKey<Operator> {
    PurposeKey::new(SoftwareKey::from_seed(&[seed; 32]))
}

pub(crate) fn buyer(seed: u8) -> PurposeKey<BuyerPrincipal> {
    PurposeKey::new(SoftwareKey::from_seed(&[seed; 32]))
}

pub(crate) fn key_id(seed: u8) -> String {
    operator(seed).key_id().to_string()
}

pub(crate) fn public_key(seed: u8) -> String {
    operator(seed).public_key().to_string()
}

/// An entry of the registry for the key of this seed.
pub(crate) fn entry(slot: Slot, seed: u8, more: &str) -> String {
    format!(
        r#"{{"purpose": "{}", "key_id": "{}", "public_key": "{}", "account_id": "{ACCOUNT}",
        "signer_id": "{SIGNER}" {more}}}"#,
        slot.purpose(),
        key_id(seed),
        public_key(seed),
    )
}

pub(crate) fn registry(entries: &[String]) -> KeyManifest {
    let text = format!(r#"{{"keys": [{}]}}"#, entries.join(","));
    KeyManifest::read(text.as_bytes(), &Budget::default()).unwrap()
}

pub(crate) fn registered(slot: Slot) -> KeyManifest {
    let open = r#", "valid_from": "2026-01-01T00:00:00Z", "valid_until": null, "revoked_at": null"#;
    registry(&[entry(slot, 2, open)])
}

pub(crate) fn judge(slot: Slot, document: &Object<'_>) -> Result<SlotShown, ClaimFault> {
    judge_by(slot, document, None, Some(&registered(slot)))
}

/// Judges the only permit of a document that has the slot.
pub(crate) fn judge_by(
    slot: Slot,
    document: &Object<'_>,
    manifest: Option<&Object<'_>>,
    keys: Option<&KeyManifest>,
) -> Result<SlotShown, ClaimFault> {
    let permits = find_permits_in_document(document, Artifact::Export);
    let mut judged = judge_all(slot, document, manifest, &permits, keys);
    assert_eq!(judged.len(), 1);
    judged.remove(0)
}

pub(crate) fn judge_all(
    slot: Slot,
    document: &Object<'_>,
    manifest: Option<&Object<'_>>,
    permits: &[PermitV2],
    keys: Option<&KeyManifest>,
) -> Vec<Result<SlotShown, ClaimFault>> {
    let mut stated = StatedRevocations::new();
    let found = find_revocation_in_document(document, Artifact::Export);
    found.iter().for_each(|found| stated.note(found));
    let context = SlotContext::new(document, manifest, &stated);
    adjudicate_slots(slot, permits, &context, keys, Mode::Production)
}

/// Verdict and word of a fault.
pub(crate) fn told(fault: &ClaimFault) -> (Unsupported, &'static str) {
    (fault.verdict, fault.reason().as_str())
}

/// Verdict and word of a judgement, as the reference writes them.
pub(crate) fn outcome(judged: &Result<SlotShown, ClaimFault>) -> (&'static str, &'static str) {
    match judged {
        Ok(shown) => ("supported", shown.slot().supported().as_str()),
        Err(fault) => (Verdict::from(fault.verdict).as_str(), fault.reason().as_str()),
    }
}

/// The word of a slot that ends like this.
pub(crate) fn word(slot: Slot, end: &str) -> String {
    format!("PERMIT_{}_{end}", slot.as_str().to_uppercase())
}

/// A file of the reference, or a word that it is not there.
pub(crate) fn reference(name: &str) -> Option<Vec<u8>> {
    const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference");
    let path = Path::new(REFERENCE).join(name);
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        eprintln!("skipped: {} is not here", path.display());
    }
    bytes
}

pub(crate) fn member<'v>(value: &'v Value<'_>, path: &[&str]) -> &'v Value<'v> {
    path.iter().fold(value, |value, name| value.get(name).unwrap())
}
