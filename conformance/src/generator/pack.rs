// SPDX-License-Identifier: Apache-2.0

//! An export of a shop's agent, whose layers can be bent and sealed one by one.
//!
//! ```text
//! request bytes ─► permit ─► events and closure ─► chain ─► export bytes ─► manifest
//!                            seal_closures()        seal_chain()            sign()
//! ```
//!
//! Whoever bends a layer seals those above it, so that nothing else breaks (CONFM-08).

use std::collections::BTreeMap;

use permit_canonical_json::{Sha256Digest, WireBody};
use permit_chain::default_sentinel;
use serde_json::{Value as Json, json};

use super::{
    case_draft::CaseDraft,
    document::{self, array_mut, at, at_mut, file, number, remove, set, text},
    fault::Fault,
    test_keys::{self, BINDING, EXPORT, TestKey},
};

pub(crate) const PROJECT: &str = "10000000-0000-4000-8000-000000000001";
pub(crate) const SCOPE: &str = "project:10000000-0000-4000-8000-000000000001";
pub(crate) const SIGNED_AT: &str = "2026-05-10T00:00:00Z";
/// What the agent asks for, as it is dispatched.
pub(crate) const REQUEST: &str = r#"{"max_tokens":400,"messages":[{"content":"Where is my order?","role":"user"}],"model":"example-large"}"#;
const ANSWER: &str = r#"{"choices":[{"text":"It left our warehouse this morning."}]}"#;

/// An export, its manifest, the keys that are trusted, and files beside it.
#[derive(Clone, Debug)]
pub(crate) struct Pack {
    pub(crate) document: Json,
    pub(crate) manifest: Json,
    pub(crate) trust: Json,
    /// Files beside the export: role, which may be empty, name and bytes.
    pub(crate) files: BTreeMap<String, (String, Vec<u8>)>,
    /// The bytes of the export, if they are not those of the document.
    pub(crate) bytes: Option<Vec<u8>>,
    pub(crate) export_name: &'static str,
    /// The bytes of the manifest, if they are not those of the document.
    pub(crate) manifest_bytes: Option<Vec<u8>>,
}

/// The id of the permit of this number.
pub(crate) fn permit_id(number: u64) -> String {
    format!("20000000-0000-4000-8000-{number:012}")
}

/// The SHA-256 of a text, in hexadecimal.
pub(crate) fn hex(text: &str) -> String {
    Sha256Digest::of(text.as_bytes()).to_string()
}

pub(crate) fn zeros() -> String {
    "0".repeat(64)
}

/// The hash that permits are bound to: that of the request as it is dispatched.
pub(crate) fn request_hash() -> Result<String, Fault> {
    let body = document::strict(&serde_json::from_str::<Json>(REQUEST)?)?;
    Ok(WireBody::new(&body)?.digest().to_string())
}

/// A permit that was allowed and bound.
pub(crate) fn allowed(number: u64) -> Result<Json, Fault> {
    Ok(json!({
        "action_name": "mail.draft_reply",
        "actions_json": [],
        "binding_request_hash": request_hash()?,
        "created_at": "2026-05-09T08:00:00Z",
        "decision": "allow",
        "decision_details": { "code": "within_policy", "decision": "allow", "reason": "drafts need no approval" },
        "estimated_input_tokens": 60,
        "estimated_output_tokens": 400,
        "id": permit_id(number),
        "idempotency_key": format!("reply-{number}"),
        "policy_id": "shop-agents",
        "policy_version": "2026-05-01",
        "project_id": PROJECT,
        "reason": "drafts need no approval",
        "request_fingerprint": hex("fingerprint of the request"),
        "resource_model": "example-large",
        "resource_provider": "example-provider",
        "status": "closed",
        "subject_id": "shop-agent-3",
        "subject_type": "agent",
    }))
}

/// A permit that was refused.
pub(crate) fn denied(number: u64) -> Result<Json, Fault> {
    let mut permit = allowed(number)?;
    remove(&mut permit, "/binding_request_hash")?;
    remove(&mut permit, "/decision_details")?;
    set(&mut permit, "/decision", "deny")?;
    set(&mut permit, "/reason", "refunds above 200 EUR are not for agents")?;
    set(&mut permit, "/status", "evaluated")?;
    Ok(permit)
}

/// An entry without its place in the chain; `second` is when it happened after 08:00.
pub(crate) fn entry(permit: u64, second: u64, event_type: &str, payload: Json) -> Json {
    let mut members = json!({ "permit_id": permit_id(permit) });
    if let (Some(all), Some(own)) = (members.as_object_mut(), payload.as_object()) {
        all.extend(own.clone());
    }
    json!({
        "chain_format_version": "v1",
        "chain_scope": SCOPE,
        "created_at": format!("2026-05-09T08:{:02}:{:02}.000000Z", second / 60, second % 60),
        "event_id": format!("evt-{permit}-{}", event_type.replace(['.', '_'], "-")),
        "event_type": event_type,
        "outcome": "success",
        "payload_json": members,
        "resource_id": permit_id(permit),
        "resource_type": "permit",
        "severity": "info",
    })
}

/// The payload of a closure that is not sealed yet.
pub(crate) fn closure(permit: u64) -> Result<Json, Fault> {
    Ok(json!({
        "binding_key_id": BINDING.id(),
        "binding_version": "closure_v2",
        "client_response_delivered_at": "2026-05-09T08:00:05Z",
        "client_response_digest_semantics": "response_bytes_handed_to_asgi_not_tcp_receipt",
        "client_response_digest_v1": hex(ANSWER),
        "closure_signed_at": "2026-05-09T08:00:06Z",
        "closure_status": "closed",
        "completed_at": "2026-05-09T08:00:05Z",
        "correlation_id": format!("correlation-{permit}"),
        "dispatch_request_digest_semantics": "approved_request_body_bytes_at_dispatch_time",
        "dispatch_request_digest_v1": request_hash()?,
        "execution_id": format!("execution-{permit}"),
        "model": "example-large",
        "permit_id": permit_id(permit),
        "provider": "example-provider",
        "provider_response_digest_semantics": "provider_bytes_received_by_keel",
        "provider_response_digest_v1": hex(ANSWER),
        "provider_response_id": null,
        "provider_response_received_at": "2026-05-09T08:00:04Z",
        "request_created_at": "2026-05-09T08:00:00Z",
        "started_at": "2026-05-09T08:00:02Z",
        "status_code": 200,
    }))
}

/// The events of an execution that was dispatched and answered, without its closure.
pub(crate) fn execution(permit: u64) -> Result<Vec<Json>, Fault> {
    let from = permit.saturating_mul(60).saturating_sub(60);
    let at = |second: u64| from.saturating_add(second);
    Ok(vec![
        entry(permit, at(1), "permit.evaluated", json!({ "decision": "allow" })),
        entry(permit, at(2), "permit.bound", json!({ "binding_request_hash": request_hash()? })),
        entry(
            permit,
            at(3),
            "dispatch.egress_bound",
            json!({ "dispatch_request_digest_v1": request_hash()? }),
        ),
        entry(
            permit,
            at(4),
            "provider.response.received",
            json!({ "provider_response_digest_v1": hex(ANSWER) }),
        ),
        entry(
            permit,
            at(5),
            "client.response.delivered",
            json!({ "client_response_digest_v1": hex(ANSWER) }),
        ),
    ])
}

/// A permit with its execution and the closure of it.
pub(crate) fn closed_record(permit: u64) -> Result<Json, Fault> {
    let mut entries = execution(permit)?;
    let second = permit.saturating_mul(60).saturating_sub(54);
    entries.push(entry(permit, second, "permit.closed", closure(permit)?));
    Ok(json!({ "chain_entries": entries, "permit": allowed(permit)? }))
}

impl Pack {
    /// An export of these records, sealed from bottom to top.
    pub(crate) fn of(records: Vec<Json>) -> Result<Self, Fault> {
        let document = json!({
            "bundle_type": "audit_export_bundle",
            "format": "json",
            "from": "2026-05-09T00:00:00Z",
            "generated_at": SIGNED_AT,
            "include_chain_entries": true,
            "project_id": PROJECT,
            "record_count": records.len(),
            "records": records,
            "schema_version": 2,
            "time_range_basis": "permit.created_at",
            "to": "2026-05-10T00:00:00Z",
        });
        Self::of_document(document)
    }

    /// An export of this document, sealed from bottom to top.
    pub(crate) fn of_document(document: Json) -> Result<Self, Fault> {
        let mut pack = Self {
            document,
            manifest: json!({}),
            trust: test_keys::trust_root(&[EXPORT, BINDING]),
            files: BTreeMap::new(),
            bytes: None,
            export_name: "export.json",
            manifest_bytes: None,
        };
        pack.number()?;
        pack.seal_closures()?;
        pack.seal_chain(1)?;
        pack.write_manifest()?;
        Ok(pack)
    }

    /// One permit that was closed.
    pub(crate) fn closed() -> Result<Self, Fault> {
        Self::of(vec![closed_record(1)?])
    }

    /// The same, with the bytes that were dispatched.
    pub(crate) fn closed_with_request() -> Result<Self, Fault> {
        Ok(Self::closed()?.with_file(
            "dispatched_request",
            "dispatched-request.json",
            REQUEST.into(),
        ))
    }

    /// Moves all entries from the records to the bundle.
    pub(crate) fn at_bundle_level(mut self) -> Result<Self, Fault> {
        let mut all = Vec::new();
        for record in array_mut(&mut self.document, "/records")? {
            if let Some(Json::Array(entries)) =
                record.as_object_mut().and_then(|record| record.remove("chain_entries"))
            {
                all.extend(entries);
            }
        }
        set(&mut self.document, "/chain_entries", all)?;
        self.write_manifest()?;
        Ok(self)
    }

    pub(crate) fn with_file(mut self, role: &str, name: &str, bytes: Vec<u8>) -> Self {
        self.files.insert(name.into(), (role.into(), bytes));
        self
    }

    /// The pointers of all entries, in the order of the document.
    pub(crate) fn entries(&self) -> Vec<String> {
        let under = |pointer: String| {
            let count =
                self.document.pointer(&pointer).and_then(Json::as_array).map_or(0, Vec::len);
            (0..count).map(move |index| format!("{pointer}/{index}")).collect::<Vec<_>>()
        };
        let mut all = under("/chain_entries".into());
        let records =
            self.document.pointer("/records").and_then(Json::as_array).map_or(0, Vec::len);
        for record in 0..records {
            all.extend(under(format!("/records/{record}/chain_entries")));
        }
        all
    }

    /// The pointer of the entry with this number, in the only scope.
    pub(crate) fn entry_at(&self, sequence: u64) -> Result<String, Fault> {
        let mut all = self.entries().into_iter();
        all.find(|pointer| {
            let number = format!("{pointer}/sequence_number");
            self.document.pointer(&number).and_then(Json::as_u64) == Some(sequence)
        })
        .ok_or_else(|| Fault::new(format!("no entry has the number {sequence}")))
    }

    /// The pointer of the first closure's payload.
    pub(crate) fn closure_at(&self) -> Result<String, Fault> {
        let mut all = self.entries().into_iter();
        all.find(|pointer| {
            let event_type = format!("{pointer}/event_type");
            self.document.pointer(&event_type).and_then(Json::as_str) == Some("permit.closed")
        })
        .map(|pointer| format!("{pointer}/payload_json"))
        .ok_or_else(|| Fault::new("there is no closure"))
    }

    /// Numbers entries that have no number yet, scope by scope, in the order of the document.
    pub(crate) fn number(&mut self) -> Result<(), Fault> {
        let mut next: BTreeMap<String, u64> = BTreeMap::new();
        for pointer in self.entries() {
            let scope = text(&self.document, &format!("{pointer}/chain_scope"))?;
            let next = next.entry(scope).or_insert(1);
            set(&mut self.document, &format!("{pointer}/sequence_number"), *next)?;
            *next = next.saturating_add(1);
        }
        Ok(())
    }

    /// Hashes and signs every closure as it is now.
    pub(crate) fn seal_closures(&mut self) -> Result<(), Fault> {
        for pointer in self.entries() {
            if text(&self.document, &format!("{pointer}/event_type"))? == "permit.closed" {
                let payload = at_mut(&mut self.document, &format!("{pointer}/payload_json"))?;
                seal_closure(payload, BINDING)?;
            }
        }
        Ok(())
    }

    /// Links and hashes the entries of each scope, from this number on.
    pub(crate) fn seal_chain(&mut self, from: u64) -> Result<(), Fault> {
        let mut places = Vec::new();
        for pointer in self.entries() {
            let scope = text(&self.document, &format!("{pointer}/chain_scope"))?;
            let sequence = number(&self.document, &format!("{pointer}/sequence_number"))?;
            places.push((scope, sequence, pointer));
        }
        places.sort();
        let mut head: Option<(String, String)> = None;
        for (scope, sequence, pointer) in places {
            let entry = at_mut(&mut self.document, &pointer)?;
            if sequence >= from {
                let before = head.take().filter(|(of, _)| *of == scope);
                let prev = before.map_or_else(|| default_sentinel().to_string(), |(_, hash)| hash);
                set(entry, "/prev_hash", prev)?;
                let hash = record_hash(entry)?;
                set(entry, "/record_hash", hash)?;
            }
            head = Some((scope, text(entry, "/record_hash")?));
        }
        Ok(())
    }

    /// The bytes of the export file.
    pub(crate) fn export_bytes(&self) -> Result<Vec<u8>, Fault> {
        match &self.bytes {
            Some(bytes) => Ok(bytes.clone()),
            None => file(&self.document),
        }
    }

    /// Writes the manifest anew and signs it.
    pub(crate) fn write_manifest(&mut self) -> Result<(), Fault> {
        let count = self.document.pointer("/records").and_then(Json::as_array).map_or(0, Vec::len);
        self.manifest = json!({
            "compressed": false,
            "export_id": "30000000-0000-4000-8000-000000000001",
            "export_type": "audit_export_bundle",
            "format": "json",
            "project_id": PROJECT,
            "record_count": count,
            "signed_at": SIGNED_AT,
        });
        self.sign(EXPORT)
    }

    /// Hashes the export as it is now, and signs with this key.
    pub(crate) fn sign(&mut self, key: TestKey) -> Result<(), Fault> {
        let hash = Sha256Digest::of(&self.export_bytes()?);
        set(&mut self.manifest, "/content_hash", hash.prefixed().to_string())?;
        set(&mut self.manifest, "/key_id", key.id())?;
        set(&mut self.manifest, "/public_key", key.text())?;
        let signature = key.export().sign_export_manifest(hash)?.to_string();
        set(&mut self.manifest, "/signature", signature)
    }

    /// Signs again, with the key it was signed with.
    pub(crate) fn sign_again(&mut self) -> Result<(), Fault> {
        self.sign(EXPORT)
    }

    /// Bends the first closure and seals it, the export and the manifest again.
    pub(crate) fn bend_closure(
        mut self,
        bend: impl FnOnce(&mut Json) -> Result<(), Fault>,
    ) -> Result<Self, Fault> {
        let pointer = self.closure_at()?;
        let payload = at_mut(&mut self.document, &pointer)?;
        bend(payload)?;
        seal_closure(payload, BINDING)?;
        self.sign_again()?;
        Ok(self)
    }

    /// Bends the document and signs it again.
    pub(crate) fn bend(
        mut self,
        bend: impl FnOnce(&mut Json) -> Result<(), Fault>,
    ) -> Result<Self, Fault> {
        bend(&mut self.document)?;
        self.sign_again()?;
        Ok(self)
    }

    /// Bends the manifest and nothing else.
    pub(crate) fn bend_manifest(
        mut self,
        bend: impl FnOnce(&mut Json) -> Result<(), Fault>,
    ) -> Result<Self, Fault> {
        bend(&mut self.manifest)?;
        Ok(self)
    }

    /// The same case with these files as its input.
    pub(crate) fn put_into(&self, draft: CaseDraft) -> Result<CaseDraft, Fault> {
        let manifest = match &self.manifest_bytes {
            Some(bytes) => bytes.clone(),
            None => file(&self.manifest)?,
        };
        let mut draft = draft
            .file("export", self.export_name, self.export_bytes()?)
            .file("manifest", "manifest.json", manifest)
            .file("trust_root", "trust-root.json", file(&self.trust)?);
        for (name, (role, bytes)) in &self.files {
            draft = match role.as_str() {
                "" => draft.beside(name, bytes.clone()),
                role => draft.file(role, name, bytes.clone()),
            };
        }
        Ok(draft)
    }
}

/// Hashes and signs a closure in the form of an event's payload.
pub(crate) fn seal_closure(payload: &mut Json, key: TestKey) -> Result<(), Fault> {
    let members = payload.as_object_mut().ok_or_else(|| Fault::new("a closure is no object"))?;
    members.remove("closure_canonical_hash");
    members.remove("closure_signature_b64");
    let hash = document::digest(payload)?;
    let signature = key.binding().sign_closure(hash)?.signature().bare().to_string();
    set(payload, "/closure_canonical_hash", hash.to_string())?;
    set(payload, "/closure_signature_b64", signature)
}

/// The record hash of an entry as it is now (CHAIN-01 to CHAIN-04).
pub(crate) fn record_hash(entry: &Json) -> Result<String, Fault> {
    let optional = |name: &str| match entry.pointer(name).and_then(Json::as_str) {
        Some(text) => text.to_owned(),
        None => String::new(),
    };
    let time = text(entry, "/created_at")?;
    let parts = [
        text(entry, "/event_id")?,
        text(entry, "/event_type")?,
        optional("/resource_type"),
        optional("/resource_id"),
        optional("/outcome"),
        text(entry, "/severity")?,
        hashed_time(&time),
        text(entry, "/prev_hash")?,
        at(entry, "/sequence_number")?.to_string(),
    ];
    Ok(hex(&parts.join("|")))
}

/// A time in UTC as record hashes have it: six digits of fraction, no zone.
fn hashed_time(time: &str) -> String {
    let time = time.trim_end_matches('Z').trim_end_matches("+00:00");
    match time.split_once('.') {
        Some((whole, fraction)) => format!("{whole}.{fraction:0<6}"),
        None => format!("{time}.000000"),
    }
}
