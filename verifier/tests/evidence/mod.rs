// SPDX-License-Identifier: Apache-2.0

//! Evidence for tests: a small export of two scopes whose parts can be bent one by one and
//! sealed again from any layer upwards. The formulas are written out once more on purpose.

#![allow(dead_code, reason = "each test program uses its own part of this module")]

use permit_canonical_json::{Budget, Node, Object, Profile, Sha256Digest, Value, read_text};
use permit_keys::{ExportSigning, KeyManifest, PermitBindingSigning, PurposeKey, SoftwareKey};
use permit_verifier::{
    ExportEvidence, ExportOptions, Layers, NamedFile, Report, Threads, Trust, verify_export,
};

pub(crate) const EXPORT_SEED: [u8; 32] = [1; 32];
pub(crate) const BINDING_SEED: [u8; 32] = [2; 32];
pub(crate) const OTHER_SEED: [u8; 32] = [3; 32];
pub(crate) const GENESIS: &str = "b4f9ddb0e1cfb80310d7203a4bad5bc1ff29e931b21918c2fc4b01b26035d7c6";
pub(crate) const PROJECT: &str = "00000000-0000-4000-8000-0000000000a1";

/// A value from text that is JSON.
pub(crate) fn json(text: &str) -> Value<'static> {
    read_text(text, &Budget::default()).expect("the test writes JSON").into_owned()
}

/// An object that can be bent.
pub(crate) fn object(value: Value<'static>) -> Object<'static> {
    match value.into_node() {
        Node::Object(object) => object,
        _ => panic!("the test writes an object"),
    }
}

pub(crate) fn digest_of(text: &str) -> String {
    Sha256Digest::of(text.as_bytes()).to_string()
}

pub(crate) fn export_key() -> PurposeKey<ExportSigning> {
    PurposeKey::new(SoftwareKey::from_seed(&EXPORT_SEED))
}

pub(crate) fn binding_key() -> PurposeKey<PermitBindingSigning> {
    PurposeKey::new(SoftwareKey::from_seed(&BINDING_SEED))
}

/// One permit with the entries of its execution.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) permit: Object<'static>,
    pub(crate) entries: Vec<Object<'static>>,
}

/// An export whose parts can be bent.
#[derive(Clone, Debug)]
pub(crate) struct Export {
    pub(crate) head: Object<'static>,
    pub(crate) records: Vec<Record>,
    pub(crate) manifest: Object<'static>,
    pub(crate) keys: Value<'static>,
    /// Where the entries stand.
    pub(crate) bundle_level: bool,
    /// Bytes put behind the document before it is signed.
    pub(crate) tail: String,
    /// Bytes put behind the document after it was signed.
    pub(crate) unsigned_tail: String,
}

impl Export {
    /// Four closed permits in two scopes, whose entries take turns.
    pub(crate) fn honest() -> Self {
        let mut records: Vec<Record> = (1..=4).map(record).collect();
        for (index, record) in records.iter_mut().enumerate() {
            let scope = format!("project:{}", index % 2);
            for entry in &mut record.entries {
                entry.insert("chain_scope", scope.clone());
            }
        }
        let mut export = Self {
            head: object(json(&format!(
                r#"{{"bundle_type": "audit_export_bundle", "schema_version": 2, "format": "json",
                "project_id": "{PROJECT}", "time_range_basis": "permit.created_at",
                "from": "2026-05-01T00:00:00Z", "to": "2026-06-01T00:00:00Z",
                "generated_at": "2026-06-01T00:00:01Z", "record_count": 4,
                "include_chain_entries": true}}"#
            ))),
            records,
            manifest: Object::default(),
            keys: key_manifest(),
            bundle_level: false,
            tail: String::new(),
            unsigned_tail: String::new(),
        };
        export.number();
        export.seal_closures();
        export.seal_chains(0);
        export.write_manifest();
        export
    }

    /// Numbers the entries of each scope, two records of a scope in turns.
    fn number(&mut self) {
        let mut next = [1_u64, 1];
        for step in 0..self.records[0].entries.len() {
            for (index, record) in self.records.iter_mut().enumerate() {
                let scope = index % 2;
                record.entries[step].insert("sequence_number", next[scope]);
                next[scope] += 1;
            }
        }
    }

    /// The closure of a record.
    pub(crate) fn closure(&mut self, record: usize) -> Object<'static> {
        let entry = self.records[record].entries.last().expect("records end with their closure");
        object(entry.get("payload_json").expect("entries have payloads").clone())
    }

    pub(crate) fn set_closure(&mut self, record: usize, closure: Object<'static>) {
        let entry = self.records[record].entries.last_mut().expect("records have entries");
        entry.insert("payload_json", closure);
    }

    /// Hashes and signs every closure as it is now.
    pub(crate) fn seal_closures(&mut self) {
        for record in 0..self.records.len() {
            let closure = self.closure(record);
            if closure.get("binding_version").is_some() {
                self.set_closure(record, sealed(closure));
            }
        }
    }

    /// Links and hashes the entries of each scope from this number on.
    pub(crate) fn seal_chains(&mut self, from: u64) {
        let mut places: Vec<(String, u64, usize, usize)> = Vec::new();
        for (record, content) in self.records.iter().enumerate() {
            for (index, entry) in content.entries.iter().enumerate() {
                let scope = text_of(entry, "chain_scope");
                let number = entry.get("sequence_number").and_then(Value::as_u64).unwrap_or(0);
                places.push((scope, number, record, index));
            }
        }
        places.sort();
        let mut head: Option<(String, String)> = None;
        for (scope, number, record, index) in places {
            let entry = &mut self.records[record].entries[index];
            let before = head.take().filter(|(of, _)| *of == scope);
            if number >= from {
                let prev = before.map_or_else(|| GENESIS.to_owned(), |(_, hash)| hash);
                entry.insert("prev_hash", prev);
                let hash = record_hash(entry);
                entry.insert("record_hash", hash);
            }
            head = Some((scope, text_of(entry, "record_hash")));
        }
    }

    /// The bytes of the export file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut document = self.head.clone();
        let mut all = Vec::new();
        let records = self.records.iter().map(|record| {
            let mut object = Object::default();
            object.insert("permit", record.permit.clone());
            let entries = record.entries.iter().map(|entry| Value::from(entry.clone()));
            if self.bundle_level {
                all.extend(entries);
            } else {
                object.insert("chain_entries", Value::array(entries));
            }
            Value::from(object)
        });
        let records: Vec<_> = records.collect();
        if self.bundle_level {
            all.sort_by_key(|entry| {
                let number = entry.get("sequence_number").and_then(Value::as_u64);
                (entry.get("chain_scope").and_then(Value::as_str).map(str::to_owned), number)
            });
            document.insert("chain_entries", Value::array(all));
        }
        document.insert("records", Value::array(records));
        let text = Profile::Payload.to_text(&document.into()).expect("numbers are finite");
        (text + &self.tail).into_bytes()
    }

    /// Signs the export as it is now.
    pub(crate) fn write_manifest(&mut self) {
        let hash = Sha256Digest::of(&self.bytes());
        let key = export_key();
        let signature = key.sign_export_manifest(hash).expect("software keys sign");
        self.manifest = object(Value::object([
            ("export_id", Value::from("00000000-0000-4000-8000-0000000000e1")),
            ("project_id", PROJECT.into()),
            ("export_type", "audit_export_bundle".into()),
            ("format", "json".into()),
            ("compressed", false.into()),
            ("record_count", self.records.len().into()),
            ("content_hash", hash.prefixed().to_string().into()),
            ("signature", signature.to_string().into()),
            ("public_key", key.public_key().to_string().into()),
            ("key_id", key.public_key().export_key_id().to_string().into()),
            ("signed_at", "2026-06-01T00:00:02Z".into()),
        ]));
    }

    pub(crate) fn manifest_bytes(&self) -> Vec<u8> {
        let value = Value::from(self.manifest.clone());
        Profile::Payload.to_text(&value).expect("numbers are finite").into_bytes()
    }

    pub(crate) fn trust(&self) -> Trust {
        let text = Profile::Payload.to_text(&self.keys).expect("numbers are finite");
        let manifest = KeyManifest::read(text.as_bytes(), &Budget::default());
        Trust::key_manifest(manifest.expect("the test writes a key manifest"), "the test")
    }

    pub(crate) fn verify(&self) -> Report {
        self.verify_with(&self.trust(), &both_layers())
    }

    pub(crate) fn verify_with(&self, trust: &Trust, options: &ExportOptions) -> Report {
        let mut payload = self.bytes();
        payload.extend_from_slice(self.unsigned_tail.as_bytes());
        verify_bytes(&payload, self.manifest_bytes(), trust, options)
    }
}

pub(crate) fn verify_bytes(
    payload: &[u8],
    manifest: Vec<u8>,
    trust: &Trust,
    options: &ExportOptions,
) -> Report {
    let manifest = NamedFile::new("manifest.json", manifest);
    let evidence = ExportEvidence::new("export.json", payload, manifest);
    verify_export(evidence, trust, options).expect("bytes in memory can be read")
}

pub(crate) fn both_layers() -> ExportOptions {
    let mut options = ExportOptions::default();
    options.layers = Layers { walk_events: true, verify_closure: true };
    options.threads = Threads::One;
    options
}

/// A permit, the five events of its execution, and its closure.
fn record(number: u32) -> Record {
    let id = permit_id(number);
    let (request, response, delivered) =
        (digest_of("request"), digest_of(&format!("response {number}")), digest_of("delivered"));
    let permit = json(&format!(
        r#"{{"id": "{id}", "project_id": "{PROJECT}", "decision": "allow", "reason": "within budget",
        "actions_json": [{{"type": "note", "message": "é 漢"}}], "subject_type": "agent",
        "subject_id": "agent-7", "action_name": "responses.create", "resource_provider": "openai",
        "resource_model": "gpt-5", "estimated_input_tokens": 10, "estimated_output_tokens": 20,
        "request_fingerprint": "{}", "idempotency_key": "k{number}", "policy_id": "p",
        "policy_version": "1", "created_at": "2026-05-07T12:00:00Z", "status": "closed",
        "decision_details": {{"decision": "allow", "code": "ok", "reason": "within budget"}},
        "binding_request_hash": "{request}"}}"#,
        digest_of("fingerprint")
    ));
    let closure = json(&format!(
        r#"{{"binding_version": "closure_v2", "permit_id": "{id}", "execution_id": "x{number}",
        "correlation_id": "c", "provider": "openai", "model": "gpt-5",
        "dispatch_request_digest_v1": "{request}", "provider_response_digest_v1": "{response}",
        "client_response_digest_v1": "{delivered}", "closure_status": "closed", "status_code": 200,
        "provider_response_id": null,
        "dispatch_request_digest_semantics": "approved_request_body_bytes_at_dispatch_time",
        "provider_response_digest_semantics": "provider_bytes_received_by_keel",
        "client_response_digest_semantics": "response_bytes_handed_to_asgi_not_tcp_receipt",
        "request_created_at": "2026-05-07T12:00:00Z", "started_at": "2026-05-07T12:00:01Z",
        "completed_at": "2026-05-07T12:00:05Z", "provider_response_received_at": "2026-05-07T12:00:04Z",
        "client_response_delivered_at": "2026-05-07T12:00:05Z",
        "closure_signed_at": "2026-05-07T12:00:06Z", "binding_key_id": "{}"}}"#,
        binding_key().public_key().binding_key_id()
    ));
    let named = |members: &str| json(&format!("{{\"permit_id\": \"{id}\", {members}}}"));
    let events = [
        ("permit.evaluated", named(r#""decision": "allow", "risk": 0.5"#)),
        ("dispatch.egress_bound", named(&format!(r#""dispatch_request_digest_v1": "{request}""#))),
        (
            "provider.response.received",
            named(&format!(r#""provider_response_digest_v1": "{response}""#)),
        ),
        (
            "client.response.delivered",
            named(&format!(r#""client_response_digest_v1": "{delivered}""#)),
        ),
        ("permit.closed", closure),
    ];
    let entries = events.into_iter().enumerate().map(|(step, (event_type, payload))| {
        let mut entry = object(json(&format!(
            r#"{{"event_id": "e{number}-{step}", "event_type": "{event_type}", "resource_type": "permit",
            "resource_id": "{id}", "outcome": "success", "severity": "info",
            "created_at": "2026-05-07T12:00:0{step}.000000Z", "chain_format_version": "v1"}}"#
        )));
        entry.insert("payload_json", payload);
        entry
    });
    Record { permit: object(permit), entries: entries.collect() }
}

pub(crate) fn permit_id(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// A closure with the hash and the signature that its members now have.
pub(crate) fn sealed(mut closure: Object<'static>) -> Object<'static> {
    closure.remove("closure_canonical_hash");
    closure.remove("closure_signature_b64");
    let unsigned = ["note"];
    let mut signed = closure.clone();
    for name in unsigned {
        signed.remove(name);
    }
    let hash = Profile::Payload.digest(&signed.into()).expect("numbers are finite");
    let signature = binding_key().sign_closure(hash).expect("software keys sign");
    closure.insert("closure_canonical_hash", hash.to_string());
    closure.insert("closure_signature_b64", signature.signature().bare().to_string());
    closure
}

pub(crate) fn record_hash(entry: &Object<'static>) -> String {
    let time = text_of(entry, "created_at");
    let time = time.trim_end_matches('Z').trim_end_matches("+00:00").to_owned();
    let time = if time.contains('.') { time } else { time + ".000000" };
    let number = entry.get("sequence_number").and_then(Value::as_number);
    let parts = [
        text_of(entry, "event_id"),
        text_of(entry, "event_type"),
        text_of(entry, "resource_type"),
        text_of(entry, "resource_id"),
        text_of(entry, "outcome"),
        text_of(entry, "severity"),
        time,
        text_of(entry, "prev_hash"),
        number.map(|number| number.as_str().to_owned()).unwrap_or_default(),
    ];
    digest_of(&parts.join("|"))
}

pub(crate) fn text_of(object: &Object<'static>, name: &str) -> String {
    object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The export key and the binding key, active since the beginning of the year.
pub(crate) fn key_manifest() -> Value<'static> {
    let export = export_key();
    let binding = binding_key();
    json(&format!(
        r#"{{"keys": [
        {{"key_id": "{}", "algorithm": "ed25519", "public_key": "{}", "purpose": "export_signing",
          "status": "active", "valid_from": "2026-01-01T00:00:00Z", "valid_to": null}},
        {{"key_id": "{}", "algorithm": "ed25519", "public_key": "{}", "purpose": "permit_binding_signing",
          "status": "active", "valid_from": "2026-01-01T00:00:00Z", "valid_to": null}}]}}"#,
        export.public_key().export_key_id(),
        export.public_key(),
        binding.public_key().binding_key_id(),
        binding.public_key(),
    ))
}

/// Sets a member of one key of a key manifest.
pub(crate) fn set_key(
    keys: &mut Value<'static>,
    index: usize,
    name: &'static str,
    value: Value<'static>,
) {
    let mut manifest = object(keys.clone());
    let mut entries: Vec<Value<'static>> =
        manifest.get("keys").and_then(Value::as_array).expect("keys").to_vec();
    let mut entry = object(entries[index].clone());
    entry.insert(name, value);
    entries[index] = entry.into();
    manifest.insert("keys", Value::array(entries));
    *keys = manifest.into();
}
