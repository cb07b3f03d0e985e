// SPDX-License-Identifier: Apache-2.0

//! A closure that can be bent at will, and the keys it is signed with.

use permit_canonical_json::{Budget, Node, Object, Profile, Sha256Digest, Value, read_text};
use permit_closure::CarrierForm;
use permit_keys::{KeyManifest, PermitBindingSigning, PurposeKey, SoftwareKey};

pub(crate) type Json = Value<'static>;

/// The permit that closures are about if nothing else is said.
pub(crate) const PERMIT: &str = "20000000-0000-4000-8000-00000000000a";
pub(crate) const OTHER: &str = "20000000-0000-4000-8000-00000000000b";
/// When closures are signed.
pub(crate) const SIGNED_AT: &str = "2026-05-07T12:00:30Z";
/// The published test key of closures.
pub(crate) const SEED: u8 = 2;

/// The members of a closure of version 2, as the published vector has them.
const SIGNED: [&str; 22] = [
    "binding_key_id",
    "binding_version",
    "client_response_delivered_at",
    "client_response_digest_semantics",
    "client_response_digest_v1",
    "closure_signed_at",
    "closure_status",
    "completed_at",
    "correlation_id",
    "dispatch_request_digest_semantics",
    "dispatch_request_digest_v1",
    "execution_id",
    "model",
    "permit_id",
    "provider",
    "provider_response_digest_semantics",
    "provider_response_digest_v1",
    "provider_response_id",
    "provider_response_received_at",
    "request_created_at",
    "started_at",
    "status_code",
];

/// A closure: its members, who signs it, and what is done to it afterwards.
#[derive(Clone, Debug)]
pub(crate) struct Bent {
    pub(crate) members: Object<'static>,
    pub(crate) form: CarrierForm,
    pub(crate) seed: u8,
    /// Members that are set after sealing: `None` removes.
    pub(crate) afterwards: Vec<(String, Option<Json>)>,
    /// Stands in place of the canonical hash, the signature, the envelope's key id.
    pub(crate) hash: Option<Option<Json>>,
    pub(crate) signature: Option<Option<Json>>,
    pub(crate) outer_key_id: Option<Option<Json>>,
}

impl Bent {
    /// The published vector, with the id of [`PERMIT`].
    pub(crate) fn new() -> Self {
        let text = r#"{
            "binding_version": "closure_v2",
            "permit_id": "20000000-0000-4000-8000-00000000000a",
            "execution_id": "e", "correlation_id": "c", "provider": "openai", "model": "m",
            "closure_status": "closed", "status_code": 200, "provider_response_id": "r",
            "dispatch_request_digest_semantics": "approved_request_body_bytes_at_dispatch_time",
            "provider_response_digest_semantics": "provider_bytes_received_by_keel",
            "client_response_digest_semantics": "response_bytes_handed_to_asgi_not_tcp_receipt",
            "request_created_at": "2026-05-07T12:00:20Z", "started_at": "2026-05-07T12:00:21Z",
            "completed_at": "2026-05-07T12:00:25Z",
            "provider_response_received_at": "2026-05-07T12:00:24Z",
            "client_response_delivered_at": "2026-05-07T12:00:25Z",
            "closure_signed_at": "2026-05-07T12:00:30Z",
            "binding_key_id": "6a3803d5f059902a"
        }"#;
        Self {
            members: members(&json(text)),
            form: CarrierForm::Flat,
            seed: SEED,
            afterwards: Vec::new(),
            hash: None,
            signature: None,
            outer_key_id: None,
        }
        .set("dispatch_request_digest_v1", digest('c'))
        .set("provider_response_digest_v1", digest('a'))
        .set("client_response_digest_v1", digest('b'))
    }

    /// The same in the older format.
    pub(crate) fn v1() -> Self {
        Self::new()
            .set("binding_version", "closure_v1")
            .unset("dispatch_request_digest_v1")
            .unset("dispatch_request_digest_semantics")
    }

    pub(crate) fn set(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.members.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn unset(mut self, name: &str) -> Self {
        self.members.remove(name);
        self
    }

    pub(crate) fn of(self, permit_id: &str) -> Self {
        self.set("permit_id", permit_id.to_owned())
    }

    pub(crate) fn status(self, status: &str) -> Self {
        self.set("closure_status", status.to_owned())
    }

    pub(crate) fn envelope(mut self) -> Self {
        self.form = CarrierForm::Envelope;
        self
    }

    /// Signs with another key, and names it.
    pub(crate) fn signed_by(mut self, seed: u8) -> Self {
        self.seed = seed;
        self.set("binding_key_id", key(seed).key_id().to_string())
    }

    /// Changes a member without sealing anew.
    pub(crate) fn edited(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.afterwards.push((name.to_owned(), Some(value.into())));
        self
    }

    /// Whether the signed members are those of version 1.
    fn names(&self) -> Vec<&'static str> {
        let version = self.members.get("binding_version").and_then(Value::as_str);
        let v1 = version == Some("closure_v1");
        let names = SIGNED.into_iter().filter(|name| !v1 || !name.starts_with("dispatch_"));
        names.chain(["usage_reported_at"]).collect()
    }

    /// The canonical hash: of an envelope of all members, of a flat carrier of those signed.
    pub(crate) fn canonical_hash(&self) -> Sha256Digest {
        let names = self.names();
        let all = self.members.members().iter();
        let signed = all
            .filter(|member| self.form == CarrierForm::Envelope || names.contains(&member.name()));
        let signed = Value::object(signed.map(|m| (m.name().to_owned(), m.value().clone())));
        let text = Profile::Payload.to_text(&signed).expect("integers and texts");
        Sha256Digest::of(text.as_bytes())
    }

    /// The closure as it stands in the evidence.
    pub(crate) fn value(&self) -> Json {
        let hash = self.canonical_hash();
        let signature = key(self.seed).sign_closure(hash).expect("a software key").to_string();
        let envelope = self.form == CarrierForm::Envelope;
        let signature =
            if envelope { signature } else { signature.trim_start_matches("ed25519:").into() };
        let hash = self.hash.clone().unwrap_or_else(|| Some(hash.to_string().into()));
        let signature = self.signature.clone().unwrap_or_else(|| Some(signature.into()));
        let key_id = self.members.get("binding_key_id").cloned();
        let key_id = self.outer_key_id.clone().unwrap_or(key_id);

        let mut payload = self.members.clone();
        for (name, value) in &self.afterwards {
            match value {
                Some(value) => payload.insert(name.clone(), value.clone()),
                None => drop(payload.remove(name)),
            }
        }
        let (mut outer, names) = if envelope {
            let outer = members(&Value::object([("payload", payload)]));
            (outer, ["canonical_hash", "signature"])
        } else {
            (payload, ["closure_canonical_hash", "closure_signature_b64"])
        };
        for (name, value) in names.into_iter().zip([hash, signature]) {
            if let Some(value) = value {
                outer.insert(name, value);
            }
        }
        if let Some(key_id) = key_id.filter(|_| envelope) {
            outer.insert("binding_key_id", key_id);
        }
        outer.into()
    }
}

/// A digest whose digits are all the same.
pub(crate) fn digest(digit: char) -> String {
    digit.to_string().repeat(64)
}

pub(crate) fn key(seed: u8) -> PurposeKey<PermitBindingSigning> {
    PurposeKey::new(SoftwareKey::from_seed(&[seed; 32]))
}

pub(crate) fn json(text: &str) -> Json {
    read_text(text, &Budget::default()).expect("JSON").into_owned()
}

pub(crate) fn members(value: &Json) -> Object<'static> {
    match value.clone().into_node() {
        Node::Object(object) => object,
        _ => panic!("not an object"),
    }
}

/// An entry of a key manifest for a seed's key, with more members.
pub(crate) fn entry(seed: u8, more: &str) -> String {
    let public = key(seed).public_key().to_string();
    format!(
        r#"{{"purpose": "permit_binding_signing", "public_key": "{public}",
            "valid_from": "2026-01-01T00:00:00Z", "valid_to": null{more}}}"#
    )
}

pub(crate) fn manifest(entries: &[String]) -> KeyManifest {
    let text = format!(r#"{{"keys": [{}]}}"#, entries.join(","));
    KeyManifest::read(text.as_bytes(), &Budget::default()).expect("a key manifest")
}

/// The key manifest that all closures here verify by.
pub(crate) fn trust() -> KeyManifest {
    manifest(&[entry(SEED, "")])
}
