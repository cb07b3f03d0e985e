// SPDX-License-Identifier: Apache-2.0

//! Evidence that can be bent at will and signed again, and trust roots.

use std::path::Path;

use permit_canonical_json::{Budget, Object, Profile, Value, read};
use permit_claims::{ClaimFault, Unsupported, Verdict};
use permit_decision::{
    DecisionShown, adjudicate_decision, decision_missing, find_decision_in_document,
};
use permit_keys::{KeyManifest, Mode, PermitBindingSigning, PurposeKey, SoftwareKey};
use permit_types::Artifact;

pub(crate) const PERMIT: &str = "10000000-0000-4000-8000-000000000001";
pub(crate) const PROJECT: &str = "00000000-0000-0000-0000-000000000041";
pub(crate) const AT: &str = "2026-05-21T10:00:00.000000Z";
/// The binding id of seed 2.
pub(crate) const KEY_ID: &str = "6a3803d5f059902a";

pub(crate) type Key = PurposeKey<PermitBindingSigning>;

pub(crate) fn key(seed: u8) -> Key {
    PurposeKey::new(SoftwareKey::from_seed(&[seed; 32]))
}

pub(crate) fn json(text: &[u8]) -> Value<'_> {
    read(text, &Budget::default()).unwrap()
}

/// A payload of version v1, not yet signed.
pub(crate) fn payload() -> Object<'static> {
    let text = format!(
        r#"{{"binding_version": "v1", "permit_id": "{PERMIT}", "project_id": "{PROJECT}",
        "parent_permit_id": null, "decision": "allow", "reason": "policy.allow", "provider": "openai",
        "model": "gpt-5", "operation": "responses.create", "action_name": "dispatch",
        "request_fingerprint": "sha256:11", "constraints": {{"amount_max": 1.50}}, "routing": {{}},
        "policy_id": "policy", "policy_version": "1", "policy_snapshot_hash": "sha256:22",
        "issued_at": "{AT}", "expires_at": "2026-05-21T11:00:00.000000Z", "is_dry_run": false,
        "binding_key_id": "{KEY_ID}", "final_request_hash": "sha256:33"}}"#
    );
    json(text.as_bytes()).into_owned().as_object().unwrap().clone()
}

/// The payload with what seals it, as the key of this seed does.
pub(crate) fn sealed(payload: Object<'static>, seed: u8) -> Object<'static> {
    let payload = Value::from(payload);
    let hash = Profile::Payload.digest(&payload).unwrap();
    let mut evidence = Object::default();
    evidence.insert("artifact_type", "permit_decision_binding");
    evidence.insert("artifact_version", "permit.decision.v1");
    evidence.insert("canonical_payload", payload);
    evidence.insert("binding_canonical_hash", hash.to_string());
    evidence.insert("binding_signature", key(seed).sign_permit_decision(hash).unwrap().to_string());
    evidence.insert("binding_issued_at", AT);
    evidence
}

/// Valid evidence with one member of the payload set, signed after that.
pub(crate) fn bent(name: &'static str, value: impl Into<Value<'static>>) -> Object<'static> {
    let mut payload = payload();
    payload.insert(name, value);
    sealed(payload, 2)
}

/// Valid evidence with one member beside the payload set.
pub(crate) fn beside(name: &'static str, value: impl Into<Value<'static>>) -> Object<'static> {
    let mut evidence = sealed(payload(), 2);
    evidence.insert(name, value);
    evidence
}

pub(crate) fn entry(seed: u8, more: &str) -> String {
    let key = key(seed);
    format!(
        r#"{{"key_id": "{}", "purpose": "permit_binding_signing", "public_key": "{}" {more}}}"#,
        key.key_id(),
        key.public_key(),
    )
}

pub(crate) fn root(entries: &[String]) -> KeyManifest {
    let text = format!(r#"{{"keys": [{}]}}"#, entries.join(","));
    KeyManifest::read(text.as_bytes(), &Budget::default()).unwrap()
}

/// Trusts the key of seed 2 from 2026 on.
pub(crate) fn trusted() -> KeyManifest {
    root(&[entry(2, r#", "valid_from": "2026-01-01T00:00:00Z", "valid_to": null"#)])
}

pub(crate) fn judge(evidence: Object<'static>) -> Result<DecisionShown, ClaimFault> {
    judge_by(evidence, Some(&trusted()))
}

pub(crate) fn judge_by(
    evidence: Object<'static>,
    keys: Option<&KeyManifest>,
) -> Result<DecisionShown, ClaimFault> {
    let mut document = Object::default();
    document.insert("permit_decision", evidence);
    judge_document(&document, keys)
}

pub(crate) fn judge_document(
    document: &Object<'_>,
    keys: Option<&KeyManifest>,
) -> Result<DecisionShown, ClaimFault> {
    let found = find_decision_in_document(document, Artifact::Export);
    let found = found.ok_or_else(|| decision_missing(Artifact::Export))?;
    adjudicate_decision(&found, keys, Mode::Production)
}

/// Verdict, word and rule of a fault.
pub(crate) fn told(fault: &ClaimFault) -> (Unsupported, &'static str, &'static str) {
    let rule = fault.finding.rule.map_or("", |rule| rule.as_str());
    (fault.verdict, fault.reason().as_str(), rule)
}

/// Verdict and word of a judgement, as the reference writes them.
pub(crate) fn outcome(judged: &Result<DecisionShown, ClaimFault>) -> (&'static str, &'static str) {
    match judged {
        Ok(_) => ("supported", "PERMIT_DECISION_SUPPORTED"),
        Err(fault) => (Verdict::from(fault.verdict).as_str(), fault.reason().as_str()),
    }
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
