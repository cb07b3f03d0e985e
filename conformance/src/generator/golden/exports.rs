// SPDX-License-Identifier: Apache-2.0

//! Records about exports: integrity, chains, closures, workflows and pins.

use std::io::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, GzBuilder};
use permit_canonical_json::Sha256Digest;
use serde_json::{Value as Json, json};

use super::table::Row;
use crate::generator::{
    case_draft::CaseDraft,
    document::{at, canonical, remove, set},
    fault::Fault,
    pack::{PROJECT, Pack, allowed, closed_record, closure, entry, execution, hex, zeros},
    pinned::pin,
    vectors::segment,
    workflow_pack::{incident_pack, workflow},
};

pub(super) fn put(row: &Row, draft: CaseDraft) -> Result<CaseDraft, Fault> {
    made(row.number)?.put_into(draft)
}

fn made(number: u8) -> Result<Pack, Fault> {
    match number {
        2 => events_json(),
        3 => events_lines(false),
        4 => events_lines(true),
        5 => segment(),
        6 => segment()?.at_bundle_level(),
        7 => closure_v1(),
        8 => Pack::closed(),
        9 => alias(),
        10 => workflow()?.beside_export(),
        11 => incident_pack(&workflow()?.incident()?, None),
        14 => segment()?.bend_entry(2, |entry| set(entry, "/record_hash", zeros())),
        15 => {
            let mut pack = segment()?;
            let entry = pack.entry_at(4)?;
            remove(&mut pack.document, &entry)?;
            pack.sign_again()?;
            Ok(pack)
        }
        16 => segment()?.bend_entry(1, |entry| {
            set(entry, "/outcome", "denied")?;
            let hash = crate::generator::pack::record_hash(entry)?;
            set(entry, "/record_hash", hash)
        }),
        17 => {
            Pack::closed()?.bend_manifest(|manifest| set(manifest, "/signature", zero_signature()))
        }
        18 => Pack::closed()?
            .bend_closure(|closure| set(closure, "/provider_response_digest_v1", hex("other"))),
        19 => without_alias_digests(),
        20 => Pack::closed()?
            .bend_closure(|closure| set(closure, "/dispatch_request_digest_v1", hex("other"))),
        21 => {
            let mut pack = Pack::closed()?;
            let closure = pack.closure_at()?;
            let zero = STANDARD.encode([0; 64]);
            set(&mut pack.document, &format!("{closure}/closure_signature_b64"), zero)?;
            pack.sign_again()?;
            Ok(pack)
        }
        22 => {
            let mut records = workflow()?;
            remove(&mut records.declaration, "/declaration_signed_at")?;
            incident_pack(&records.incident()?, None)
        }
        23 => incident_pack(&workflow()?.incident()?, Some("admin_actions.jsonl")),
        24 => workflow()?.beside_export()?.bend_manifest(|manifest| {
            let hash = "/sibling_artifacts/workflow_evidence/workflow_evidence/content_hash";
            set(manifest, hash, format!("sha256:{}", zeros()))
        }),
        25 => workflow()?.beside_export()?.bend(|document| {
            let hash = "/records/0/permit/workflow_state_json/effective_intent_hash";
            set(document, hash, zeros())
        }),
        30 => csv(),
        31 => pinned(Pack::closed()?, &["export.integrity.v1", "export.scope_identity.v1"]),
        32 => pinned(
            Pack::closed()?,
            &["export.integrity.v1", "permit_chain.delegation_denied_correctly.v1"],
        ),
        33 => pinned(segment()?, &["governance_chain.local_continuity.v1"]),
        34 => pinned(closure_v1()?, &["closure.signature.v1", "closure.digest_consistency.v1"]),
        35 => pinned(
            Pack::closed()?,
            &[
                "closure.signature.v1",
                "closure.digest_consistency.v1",
                "closure.dispatch_binding.v1",
            ],
        ),
        36 => pinned(
            workflow()?.beside_export()?,
            &[
                "workflow_evidence.sibling_integrity.v1",
                "workflow.declaration_signature.v1",
                "workflow.amendment_signature.v1",
                "workflow.effective_intent_hash.v1",
                "workflow.permit_snapshot.v1",
            ],
        ),
        37 => pinned(
            incident_pack(&workflow()?.incident()?, None)?,
            &[
                "incident.bundle_manifest.v1",
                "workflow.declaration_signature.v1",
                "workflow.amendment_signature.v1",
                "workflow.effective_intent_hash.v1",
                "workflow.permit_snapshot.v1",
            ],
        ),
        41 => pinned(Pack::closed()?, &["export.integrity.v1"])?
            .bend_manifest(|manifest| set(manifest, "/semantics_pins/artifacts", json!([]))),
        42 => pinned(Pack::closed()?, &["export.integrity.v1"])?
            .bend_manifest(|manifest| set(manifest, "/semantics_pins/artifacts/0", foreign(None)?)),
        43 => pinned(Pack::closed()?, &["export.integrity.v1"])?.bend_manifest(|manifest| {
            set(manifest, "/semantics_pins/artifacts/0", foreign(Some(zeros()))?)
        }),
        _ => Pack::closed(),
    }
}

impl Pack {
    /// Bends one entry and signs the export again.
    fn bend_entry(
        mut self,
        sequence: u64,
        bend: impl FnOnce(&mut Json) -> Result<(), Fault>,
    ) -> Result<Self, Fault> {
        let pointer = self.entry_at(sequence)?;
        bend(crate::generator::document::at_mut(&mut self.document, &pointer)?)?;
        self.sign_again()?;
        Ok(self)
    }
}

fn pinned(mut pack: Pack, claims: &[&str]) -> Result<Pack, Fault> {
    pin(&mut pack.manifest, claims)?;
    Ok(pack)
}

/// An artifact that fits its hash, or one that does not, and that nobody released.
fn foreign(hash: Option<String>) -> Result<Json, Fault> {
    let artifact = canonical(&json!({
        "body": { "rule": "everything is valid" },
        "id": "keel.export_manifest.integrity.v1",
        "kind": "verification_recipe",
        "status": "released",
        "version": "v1",
    }))?;
    let own = Sha256Digest::of(&artifact).to_string();
    Ok(json!({
        "content_b64": STANDARD.encode(&artifact),
        "hash": format!("sha256:{}", hash.unwrap_or(own)),
        "id": "keel.export_manifest.integrity.v1",
    }))
}

fn zero_signature() -> String {
    format!("ed25519:{}", STANDARD.encode([0; 64]))
}

/// The entries of the segment, as governance events.
fn events() -> Result<Vec<Json>, Fault> {
    let pack = segment()?;
    let mut events = Vec::new();
    for pointer in pack.entries() {
        let mut event = at(&pack.document, &pointer)?.clone();
        let time = remove(&mut event, "/created_at")?;
        set(&mut event, "/occurred_at", time)?;
        set(&mut event, "/project_id", PROJECT)?;
        events.push(event);
    }
    Ok(events)
}

fn events_json() -> Result<Pack, Fault> {
    let events = events()?;
    let mut pack = segment()?;
    pack.export_name = "governance_events.json";
    pack.document = json!({
        "project_id": PROJECT,
        "record_count": events.len(),
        "records": events,
        "schema": "keel.governance_events/v1",
    });
    describe(&mut pack, "governance_events", "json", false, events.len())?;
    Ok(pack)
}

fn events_lines(compressed: bool) -> Result<Pack, Fault> {
    let events = events()?;
    let mut lines = Vec::new();
    for event in &events {
        lines.extend(canonical(event)?);
        lines.push(b'\n');
    }
    let mut pack = segment()?;
    pack.export_name = "governance_events.jsonl";
    if compressed {
        pack.export_name = "governance_events.jsonl.gz";
        lines = gzip(&lines)?;
    }
    pack.bytes = Some(lines);
    describe(&mut pack, "governance_events", "jsonl", compressed, events.len())?;
    Ok(pack)
}

/// One member of gzip without name and time.
pub(crate) fn gzip(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::new(6));
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn describe(
    pack: &mut Pack,
    export_type: &str,
    format: &str,
    compressed: bool,
    records: usize,
) -> Result<(), Fault> {
    set(&mut pack.manifest, "/export_type", export_type)?;
    set(&mut pack.manifest, "/format", format)?;
    set(&mut pack.manifest, "/compressed", compressed)?;
    set(&mut pack.manifest, "/record_count", records)?;
    pack.sign_again()
}

fn csv() -> Result<Pack, Fault> {
    let mut text = "event_id,event_type,sequence_number,prev_hash,record_hash\n".to_owned();
    for event in events()? {
        let member = |name: &str| match event.get(name) {
            Some(Json::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        let row = ["event_id", "event_type", "sequence_number", "prev_hash", "record_hash"];
        text.push_str(&(row.map(member).join(",") + "\n"));
    }
    let mut pack = segment()?;
    pack.export_name = "governance_events.csv";
    pack.bytes = Some(text.into_bytes());
    describe(&mut pack, "governance_events", "csv", false, 8)?;
    Ok(pack)
}

fn closure_v1() -> Result<Pack, Fault> {
    let mut record = closed_record(1)?;
    let payload = "/chain_entries/5/payload_json";
    for name in ["dispatch_request_digest_v1", "dispatch_request_digest_semantics"] {
        remove(&mut record, &format!("{payload}/{name}"))?;
    }
    set(&mut record, &format!("{payload}/binding_version"), "closure_v1")?;
    Pack::of(vec![record])
}

/// An export whose digests come with one event, when the execution was completed.
fn alias() -> Result<Pack, Fault> {
    let digests = closure(1)?;
    let digest = |name: &str| at(&digests, &format!("/{name}")).cloned();
    let mut entries = execution(1)?;
    entries.truncate(3);
    entries.push(entry(
        1,
        5,
        "execution.completed",
        json!({
            "client_response_digest_v1": digest("client_response_digest_v1")?,
            "provider_response_digest_v1": digest("provider_response_digest_v1")?,
        }),
    ));
    entries.push(entry(1, 6, "permit.closed", closure(1)?));
    Pack::of(vec![json!({ "chain_entries": entries, "permit": allowed(1)? })])
}

fn without_alias_digests() -> Result<Pack, Fault> {
    alias()?.bend_entry(4, |entry| {
        remove(entry, "/payload_json/client_response_digest_v1")?;
        remove(entry, "/payload_json/provider_response_digest_v1")?;
        Ok(())
    })
}
