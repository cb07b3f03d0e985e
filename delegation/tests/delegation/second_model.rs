// SPDX-License-Identifier: Apache-2.0

//! Hashes and comparisons once more, as naively as they can be written.

use std::collections::BTreeMap;

use permit_canonical_json::{Sha256Digest, Value};

use crate::support::{Json, canonical, with};

pub(crate) const GENESIS: &str = "b4f9ddb0e1cfb80310d7203a4bad5bc1ff29e931b21918c2fc4b01b26035d7c6";

fn text(event: &Json, name: &str) -> String {
    event.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The record hash of an event whose time is in UTC with six digits.
pub(crate) fn record_hash(event: &Json) -> String {
    let time = text(event, "occurred_at").replace(['Z', 'z'], "").replace("+00:00", "");
    let parts = [
        text(event, "event_id"),
        text(event, "event_type"),
        text(event, "resource_type"),
        text(event, "resource_id"),
        text(event, "outcome"),
        text(event, "severity"),
        time,
        text(event, "prev_hash"),
        event
            .get("sequence_number")
            .and_then(Value::as_number)
            .map_or("", |n| n.as_str())
            .to_owned(),
    ];
    Sha256Digest::of(parts.join("|").as_bytes()).to_string()
}

pub(crate) fn event_hash(event: &Json) -> String {
    let names = "event_id project_id project_name request_id permit_id category event_type severity \
        payload_json source_stage lineage_type provider model operation decision surface trace_id span_id \
        occurred_at schema_version actor_id actor_type outcome resource_type resource_id";
    let null = Value::from(());
    let members: BTreeMap<&str, Json> = names
        .split_whitespace()
        .map(|name| (name, event.get(name).unwrap_or(&null).clone()))
        .collect();
    let payload = event.get("payload_json").filter(|payload| !payload.is_null());
    let payload = payload.or_else(|| event.get("payload")).cloned();
    let payload = payload
        .filter(|payload| payload.as_object().is_some())
        .unwrap_or_else(|| crate::support::json("{}"));
    let members = members.into_iter().map(|(name, value)| {
        (name.to_owned(), if name == "payload_json" { payload.clone() } else { value })
    });
    Sha256Digest::of(canonical(&Value::object(members)).as_bytes()).to_string()
}

pub(crate) fn batch_hash(covered: &Json) -> String {
    let entries = covered.as_array().unwrap().iter().map(|entry| {
        let text = |name: &str| text(entry, name);
        Value::object([
            ("event_id", text("event_id")),
            ("event_type", text("event_type")),
            ("event_hash", text("event_hash")),
        ])
    });
    Sha256Digest::of(canonical(&Value::array(entries)).as_bytes()).to_string()
}

/// Evidence in which everything was put right again after a change: digests, and then the chain.
pub(crate) fn resealed(evidence: &Json) -> Json {
    relinked(&redigested(evidence))
}

pub(crate) fn redigested(evidence: &Json) -> Json {
    let events = evidence.get("events").unwrap().as_array().unwrap().to_vec();
    let mut digested = events.clone();
    for event in
        digested.iter_mut().filter(|event| text(event, "event_type") == "audit.integrity_digest")
    {
        let Some(covered) =
            event.get("payload_json").and_then(|payload| payload.get("covered_events"))
        else {
            continue;
        };
        let covered = covered.as_array().unwrap().iter().map(|entry| {
            let target =
                events.iter().find(|event| text(event, "event_id") == text(entry, "event_id"));
            match target {
                Some(target) => {
                    let entry = with(entry, "event_type", text(target, "event_type"));
                    with(&entry, "event_hash", event_hash(target))
                }
                None => entry.clone(),
            }
        });
        let covered = Value::array(covered);
        let batch = batch_hash(&covered);
        *event = with(event, "payload_json/covered_events", covered);
        *event = with(event, "payload_json/batch_hash", batch.clone());
        *event = with(event, "resource_id", batch.chars().take(32).collect::<String>());
    }
    with(evidence, "events", Value::array(digested))
}

pub(crate) fn relinked(evidence: &Json) -> Json {
    let mut events = evidence.get("events").unwrap().as_array().unwrap().to_vec();
    let mut heads: BTreeMap<String, String> = BTreeMap::new();
    for event in &mut events {
        let scope = text(event, "chain_scope");
        let prev = heads.get(&scope).cloned().unwrap_or_else(|| GENESIS.to_owned());
        *event = with(event, "prev_hash", prev);
        let hash = record_hash(event);
        *event = with(event, "record_hash", hash.clone());
        heads.insert(scope, hash);
    }
    with(evidence, "events", Value::array(events))
}

/// The names of the fields in which a child's envelope is not within its parent's; both with all members.
pub(crate) fn failed_fields(parent: &Json, child: &Json) -> Vec<String> {
    let mut failed = Vec::new();
    for name in ["actions", "data_classes", "models", "providers", "regions", "tools"] {
        let set = |envelope: &Json| -> Vec<String> {
            let set = envelope.get(name).unwrap().as_array().unwrap().iter();
            set.map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        if set(child).iter().any(|member| !set(parent).contains(member)) {
            failed.push(name.to_owned());
        }
    }
    let end = |envelope: &Json| crate::support::instant(&text(envelope, "expires_at"));
    if end(child) > end(parent) {
        failed.push("expires_at".to_owned());
    }
    failed.sort();
    failed
}
