// SPDX-License-Identifier: Apache-2.0

//! A checkpoint that can be bent at will, keys, and how it is judged.

use permit_canonical_json::{Budget, Profile, Sha256Digest, Value, read};
use permit_chain::ChainHead;
use permit_checkpoint::{
    CheckpointDraft, CheckpointFacts, CheckpointRules, CheckpointTrust, SealedCheckpoint,
    SignatureFault, judge_checkpoint,
};
use permit_claims::{ClaimFault, Unsupported};
use permit_keys::{IntegrityCheckpoint, KeyManifest, PurposeKey, SoftwareKey};
use permit_types::{ChainScope, CheckpointId, Rfc3339, SequenceNumber};
use serde_json::{Value as Json, json};

pub(crate) const COMPUTED_AT: &str = "2026-05-07T12:00:00Z";

pub(crate) fn key() -> PurposeKey<IntegrityCheckpoint> {
    PurposeKey::new(SoftwareKey::from_seed(&[7; 32]))
}

pub(crate) fn draft() -> CheckpointDraft {
    let id = CheckpointId::parse("11111111-2222-4333-8444-555555555555").unwrap();
    CheckpointDraft::new(id, Rfc3339::parse(COMPUTED_AT).unwrap())
}

pub(crate) fn head(scope: &str, number: u64) -> ChainHead {
    let hash = Sha256Digest::of(format!("{scope} {number}").as_bytes());
    ChainHead::stored(ChainScope::new(scope), SequenceNumber::new(number).unwrap(), hash.into())
}

pub(crate) fn sealed() -> SealedCheckpoint {
    let draft = draft().head(&head("project:1", 8)).unwrap();
    draft.head(&head("admin:global", 1024)).unwrap().seal(&key()).unwrap()
}

/// The sealed checkpoint as JSON to bend.
pub(crate) fn checkpoint() -> Json {
    to_json(&sealed().to_value())
}

pub(crate) fn to_json(value: &Value<'_>) -> Json {
    serde_json::from_str(&Profile::Payload.to_text(value).unwrap()).unwrap()
}

/// States the hash of other heads, and signs it: only what was bent is wrong then.
pub(crate) fn sealed_anew(mut checkpoint: Json, lines: &str) -> Json {
    let hash = Sha256Digest::of(lines.as_bytes());
    checkpoint["composite_hash"] = json!(hash.prefixed().to_string());
    checkpoint["signature"] = json!(key().sign_checkpoint(hash).unwrap().to_string());
    checkpoint
}

/// A trust root with the one entry of the key, bent.
pub(crate) fn root(bend: impl FnOnce(&mut Json)) -> KeyManifest {
    let mut entry = json!({
        "key_id": key().key_id().to_string(),
        "purpose": "integrity_checkpoint",
        "public_key": key().public_key().to_string(),
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_to": null,
    });
    bend(&mut entry);
    roots(&[entry])
}

pub(crate) fn roots(entries: &[Json]) -> KeyManifest {
    KeyManifest::read(json!({ "keys": entries }).to_string().as_bytes(), &Budget::default())
        .unwrap()
}

/// Judges a checkpoint and looks at what comes out.
pub(crate) fn judged<T>(
    checkpoint: &Json,
    trust: &CheckpointTrust<'_>,
    look: impl FnOnce(&CheckpointFacts<'_>) -> T,
) -> T {
    judged_by(checkpoint, trust, &CheckpointRules::default(), look)
}

pub(crate) fn judged_by<T>(
    checkpoint: &Json,
    trust: &CheckpointTrust<'_>,
    rules: &CheckpointRules,
    look: impl FnOnce(&CheckpointFacts<'_>) -> T,
) -> T {
    let text = checkpoint.to_string();
    let document = read(text.as_bytes(), &Budget::default()).unwrap();
    look(&judge_checkpoint(&document, trust, rules).unwrap())
}

/// A verdict and a code, with the rule and the place.
pub(crate) type Told = (Unsupported, &'static str, &'static str, String);

pub(crate) fn told(fault: &ClaimFault) -> Told {
    assert!(!fault.message().is_empty() && !fault.finding.help.is_empty());
    assert!(!fault.evidence.is_empty());
    let rule = fault.finding.rule.unwrap().as_str();
    (fault.verdict, fault.reason().as_str(), rule, fault.finding.at.pointer.to_string())
}

/// What is told about the composite hash, if it is not right.
pub(crate) fn composite_fault(checkpoint: &Json) -> Option<Told> {
    judged(checkpoint, &CheckpointTrust::self_attested(), |facts| {
        let fault = facts.composite_hash().err().map(told);
        // What rests on the hash is not judged then.
        assert_eq!(fault.is_some(), facts.signature().is_none());
        assert_eq!(fault.is_some(), facts.imprints().is_none());
        assert!(fault.is_none() || facts.signed().is_none());
        fault
    })
}

/// What is told about the signature, if it does not hold; the composite hash has to.
pub(crate) fn signature_fault(checkpoint: &Json, trust: &CheckpointTrust<'_>) -> Option<Told> {
    judged(checkpoint, trust, |facts| {
        assert!(facts.composite_hash().is_ok(), "{:?}", facts.composite_hash());
        let fault = facts.signature().unwrap().err();
        assert_eq!(fault.is_none(), facts.signed().is_some());
        fault.map(|SignatureFault { fault, .. }| told(fault))
    })
}
