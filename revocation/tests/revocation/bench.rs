// SPDX-License-Identifier: Apache-2.0

//! An event that can be bent at will and signed again, and trust roots.

use permit_canonical_json::{Budget, Object, Profile, Value};
use permit_claims::{ClaimFault, Unsupported};
use permit_keys::{KeyManifest, Mode, PermitBindingSigning, PurposeKey, SoftwareKey};
use permit_revocation::{
    RevocationScope, RevocationShown, adjudicate_revocation, find_revocation_in_document,
};
use permit_types::Artifact;

pub(crate) const PERMIT: &str = "20000000-0000-4000-8000-000000000001";
pub(crate) const PROJECT: &str = "00000000-0000-0000-0000-000000000041";
pub(crate) const ACTOR: &str = "30000000-0000-4000-8000-000000000001";
pub(crate) const AT: &str = "2026-05-21T10:05:00.000000Z";

pub(crate) const MEMBERS: [&str; 8] = [
    "permit_id",
    "project_id",
    "actor_id",
    "actor_kind",
    "reason_code",
    "revoked_at",
    "effective_at",
    "signature",
];

pub(crate) type Key = PurposeKey<PermitBindingSigning>;

pub(crate) fn key(seed: u8) -> Key {
    PurposeKey::new(SoftwareKey::from_seed(&[seed; 32]))
}

/// An event without a signature.
pub(crate) fn bare() -> Object<'static> {
    let members = [PERMIT, PROJECT, ACTOR, "user", "operator.requested", AT, AT];
    let mut event = Object::default();
    for (name, text) in MEMBERS.into_iter().zip(members) {
        event.insert(name, text);
    }
    event
}

/// The same event, signed as it is by the key of this seed.
pub(crate) fn signed(mut event: Object<'static>, seed: u8) -> Object<'static> {
    event.remove("signature");
    let hash = Profile::Payload.digest(&Value::from(event.clone())).unwrap();
    event.insert("signature", key(seed).sign_revocation(hash).unwrap().to_string());
    event
}

/// A valid event with one member set, signed after that.
pub(crate) fn bent(name: &'static str, value: impl Into<Value<'static>>) -> Object<'static> {
    let mut event = bare();
    event.insert(name, value);
    signed(event, 2)
}

/// A document that is about the event's project and holds the event.
pub(crate) fn document(event: Object<'static>) -> Object<'static> {
    let mut document = Object::default();
    document.insert("project_id", PROJECT);
    document.insert("revocation_event", Value::object([("event", Value::from(event))]));
    document
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

pub(crate) fn judge(document: &Object<'_>) -> Result<RevocationShown, ClaimFault> {
    judge_by(document, Some(&trusted()))
}

pub(crate) fn judge_by(
    document: &Object<'_>,
    keys: Option<&KeyManifest>,
) -> Result<RevocationShown, ClaimFault> {
    let found = find_revocation_in_document(document, Artifact::Export).unwrap();
    adjudicate_revocation(&found, &RevocationScope::of(document, None), keys, Mode::Production)
}

/// Verdict, word and rule of a fault.
pub(crate) fn told(fault: &ClaimFault) -> (Unsupported, &'static str, &'static str) {
    let rule = fault.finding.rule.map_or("", |rule| rule.as_str());
    (fault.verdict, fault.reason().as_str(), rule)
}
