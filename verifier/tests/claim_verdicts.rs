// SPDX-License-Identifier: Apache-2.0

//! The verdicts that every claim has whatever its evidence: those of packs that request it and do
//! not pin what it needs, or pin what nobody knows (CLAIM-02, CLAIM-03, PIN-02, PIN-04).

#![cfg(test)]

mod evidence;

use evidence::{Export, both_layers};
use permit_canonical_json::{Object, Value};
use permit_pins::{Pin, PinWriter, RequestedClaim};
use permit_verifier::{Claim, Outcome, Report, Verdict};

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
            let hash = permit_canonical_json::Sha256Digest::of(bytes.as_bytes());
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

#[test]
fn scope_identity_has_all_its_verdicts() {
    let verdict = |bend: fn(&mut Export)| {
        let mut export = Export::honest();
        bend(&mut export);
        let report = export.verify();
        report.claim(Claim::ExportScopeIdentity).map(|report| report.verdict)
    };
    assert_eq!(verdict(|_| {}), Some(Verdict::Supported));
    let count = |export: &mut Export| export.manifest.insert("record_count", 5);
    assert_eq!(verdict(count), Some(Verdict::Disproved));
    let project = |export: &mut Export| export.manifest.insert("project_id", "someone else");
    assert_eq!(verdict(project), Some(Verdict::Disproved));
}
