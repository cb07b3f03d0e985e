// SPDX-License-Identifier: Apache-2.0

//! The verdicts that every claim has whatever its evidence: those of packs that request it and do
//! not pin what it needs, or pin what nobody knows (CLAIM-02, CLAIM-03, PIN-02, PIN-04).

#![cfg(test)]

mod evidence;

use evidence::{Export, both_layers};
use permit_canonical_json::{Budget, Object, Profile, Sha256Digest, Value};
use permit_decision::{AuditAttestation, CounterSignature, OperatorApproval};
use permit_keys::{BuyerPrincipal, KeyManifest, Operator, PurposeKey, SoftwareKey};
use permit_pins::{Pin, PinWriter, RequestedClaim};
use permit_types::{ActorId, Instant, NonEmptyText};
use permit_verifier::{
    Claim, ExportOptions, NamedFile, NoFolder, Outcome, Report, Slot, Trust, Verdict, judge_slot,
};

/// The blocks of an honest pack that requests this claim and no other.
fn blocks(claim: Claim) -> (Value<'static>, Value<'static>) {
    let requests = [RequestedClaim::new(claim, true)];
    let blocks = PinWriter::for_claims(requests, Pin::hash_only).write().unwrap();
    (blocks.claim_set().clone(), blocks.semantics_pins().clone())
}

/// Verifies the honest export with pins whose artifacts were bent.
fn verify(claim: Claim, bend: impl Fn(&mut Vec<Value<'static>>)) -> Report {
    let mut export = Export::honest();
    let (claim_set, pins) = blocks(claim);
    let mut artifacts = pins.get("artifacts").and_then(Value::as_array).unwrap().to_vec();
    bend(&mut artifacts);
    let mut bent = evidence::object(pins);
    bent.insert("artifacts", Value::array(artifacts));
    export.manifest.insert("claim_set", claim_set);
    export.manifest.insert("semantics_pins", bent);
    export.verify_with(&export.trust(), &both_layers())
}

#[test]
fn claim_02_every_claim_is_open_if_what_it_needs_is_not_pinned() {
    for claim in Claim::ALL {
        let report = verify(*claim, |artifacts| drop(artifacts.pop()));
        assert_eq!(report.outcome, Outcome::NotVerified, "{claim}");
        let found = report.claim(*claim).unwrap();
        assert_eq!(found.verdict, Verdict::InsufficientEvidence, "{claim}");
        assert_eq!(found.reason.as_str(), "SEMANTIC_PIN_MISSING", "{claim}");
    }
}

#[test]
fn claim_03_every_claim_is_out_of_scope_if_what_it_needs_is_pinned_to_unknown_bytes() {
    for claim in Claim::ALL {
        let report = verify(*claim, |artifacts| {
            let last = evidence::object(artifacts.pop().unwrap());
            let id = last.get("id").and_then(Value::as_str).unwrap().to_owned();
            // Sound bytes that say what they are and that no release has.
            let bytes = format!(r#"{{"version": "{id}", "note": "made up"}}"#);
            let hash = Sha256Digest::of(bytes.as_bytes());
            let mut made_up = Object::default();
            made_up.insert("id", id);
            made_up.insert("hash", hash.prefixed().to_string());
            made_up.insert("content_b64", base64(bytes.as_bytes()));
            artifacts.push(made_up.into());
        });
        assert_eq!(report.outcome, Outcome::NotVerified, "{claim}");
        let found = report.claim(*claim).unwrap();
        assert_eq!(found.verdict, Verdict::UnverifiableScope, "{claim}");
        assert_eq!(found.reason.as_str(), "SEMANTIC_PIN_NOT_ALLOWLISTED", "{claim}");
    }
}

/// Base64 with padding, written out so that no other code vouches for it.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().chain([0, 0].iter()).take(3);
        let number = number.fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
        for place in 0..4 {
            if place <= chunk.len() {
                text.push(char::from(ALPHABET[number >> (18 - 6 * place) & 63]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

/// What is found of a claim after the honest export was bent.
fn verdict(claim: Claim, bend: fn(&mut Export)) -> Option<Verdict> {
    let mut export = Export::honest();
    bend(&mut export);
    export.verify().claim(claim).map(|report| report.verdict)
}

#[test]
fn scope_identity_is_supported_or_disproved_by_what_the_manifest_says() {
    assert_eq!(verdict(Claim::ExportScopeIdentity, |_| {}), Some(Verdict::Supported));
    let count = |export: &mut Export| export.manifest.insert("record_count", 5);
    assert_eq!(verdict(Claim::ExportScopeIdentity, count), Some(Verdict::Disproved));
    let project = |export: &mut Export| export.manifest.insert("project_id", "someone else");
    assert_eq!(verdict(Claim::ExportScopeIdentity, project), Some(Verdict::Disproved));
}

const SIGNER: &str = "33333333-cccc-4ccc-8ccc-333333333333";
const ACCOUNT: &str = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";

/// A permit of format v2 with this slot, signed.
fn permit_with(slot: Slot) -> Object<'static> {
    let mut permit = evidence::object(evidence::json(&format!(
        r#"{{"id": "11111111-aaaa-4aaa-8aaa-111111111111", "account_id": "{ACCOUNT}",
        "permit_format_version": "v2", "decision": "allow", "signature": {{"signature": "MTEx"}},
        "created_at": "2026-05-23T12:00:00.000000Z", "expires_at": "2026-05-23T14:00:00.000000Z",
        "audit_batches": [{{"batch_id": "batch-1"}}]}}"#
    )));
    let signer = ActorId::parse(SIGNER).unwrap();
    let signed_at = Instant::parse("2026-05-23T12:30:00.123456Z").unwrap();
    let key = || SoftwareKey::from_seed(&evidence::OTHER_SEED);
    let signed = match slot {
        Slot::OperatorApproval => OperatorApproval { operator_id: signer, signed_at }
            .sign(&permit, &PurposeKey::<Operator>::new(key())),
        Slot::CounterSignature => {
            let execution_intent_hash = Sha256Digest::of(b"intent");
            CounterSignature { buyer_principal_id: signer, execution_intent_hash, signed_at }
                .sign(&permit, &PurposeKey::<BuyerPrincipal>::new(key()))
        }
        Slot::AuditAttestation => {
            let batch_id = NonEmptyText::parse("batch-1").unwrap();
            AuditAttestation { buyer_principal_id: signer, batch_id, signed_at }
                .sign(&permit, &PurposeKey::<BuyerPrincipal>::new(key()))
        }
    };
    permit.insert(slot.as_str(), signed.unwrap());
    permit
}

fn judged(slot: Slot, permit: &Object<'static>) -> (Claim, Verdict) {
    let key = PurposeKey::<Operator>::new(SoftwareKey::from_seed(&evidence::OTHER_SEED));
    let registry = format!(
        r#"{{"keys": [{{"purpose": "{}", "key_id": "{}", "public_key": "{}", "account_id": "{ACCOUNT}",
        "signer_id": "{SIGNER}", "valid_from": "2026-01-01T00:00:00Z", "valid_until": null}}]}}"#,
        slot.purpose(),
        key.key_id(),
        key.public_key(),
    );
    let keys = KeyManifest::read(registry.as_bytes(), &Budget::default()).unwrap();
    let trust = Trust::key_manifest(keys, "the test");
    let text = Profile::Payload.to_text(&permit.clone().into()).unwrap();
    let document = NamedFile::new("permit.json", text.into_bytes());
    let options = ExportOptions::default();
    let answer = judge_slot(slot, &document, None, &trust, &options, &NoFolder);
    (answer.claim(), answer.verdict())
}

/// Each slot as it was signed, and with another signature.
#[test]
fn slots_are_supported_as_signed_and_disproved_if_they_were_not() {
    for (slot, holds, bent) in [
        (
            Slot::OperatorApproval,
            (Claim::OperatorApproved, Verdict::Supported),
            (Claim::OperatorApproved, Verdict::Disproved),
        ),
        (
            Slot::CounterSignature,
            (Claim::CounterSigned, Verdict::Supported),
            (Claim::CounterSigned, Verdict::Disproved),
        ),
        (
            Slot::AuditAttestation,
            (Claim::AuditAttested, Verdict::Supported),
            (Claim::AuditAttested, Verdict::Disproved),
        ),
    ] {
        let mut permit = permit_with(slot);
        assert_eq!(judged(slot, &permit), holds);
        let mut envelope = evidence::object(permit.get(slot.as_str()).unwrap().clone());
        envelope.insert("signature", format!("{}==", "A".repeat(86)));
        permit.insert(slot.as_str(), envelope);
        assert_eq!(judged(slot, &permit), bent);
    }
}
