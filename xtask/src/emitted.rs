// SPDX-License-Identifier: Apache-2.0

//! What is issued here keeps what an issuer promises (CONF-01 to CONF-04), shown on the examples.

#![cfg(test)]

use permit_canonical_json::Sha256Digest;
use permit_types::PublishedSchema;
use serde_json::{Value, json};

use crate::project::Project;

fn example(path: &str) -> Value {
    let text = Project::find().unwrap().read(&format!("examples/shop-agent/{path}")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The records of the example, with their entries.
fn records() -> Vec<Value> {
    let records = example("export.json")["records"].as_array().unwrap().clone();
    assert!(records.len() >= 3, "an example of several permits");
    records
}

fn entries() -> Vec<Value> {
    let of = |record: &Value| record["chain_entries"].as_array().unwrap().clone();
    let entries: Vec<Value> = records().iter().flat_map(of).collect();
    assert!(entries.len() >= 10, "an example of several entries");
    entries
}

#[track_caller]
fn expect_valid(schema: PublishedSchema, value: &Value) {
    let schema = schema.generate();
    let validator = jsonschema::validator_for(schema.as_value()).unwrap();
    let errors: Vec<String> = validator.iter_errors(value).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new(), "{value}");
}

#[test]
fn conf_01_every_permit_is_valid() {
    for record in records() {
        expect_valid(PublishedSchema::Permit, &record["permit"]);
        let mut other = record["permit"].clone();
        other["decision"] = json!("shadow");
        let schema = PublishedSchema::Permit.generate();
        assert!(!jsonschema::is_valid(schema.as_value(), &other));
    }
}

/// The envelope of each closure is valid, and its digests are those that its status asks for.
#[test]
fn conf_02_every_closure_is_valid_and_obeys_the_matrix() {
    let mut closed = 0;
    for entry in entries().iter().filter(|entry| entry["event_type"] == "permit.closed") {
        let mut payload = entry["payload_json"].clone();
        let members = payload.as_object_mut().unwrap();
        let hash = members.remove("closure_canonical_hash").unwrap();
        let signature = members.remove("closure_signature_b64").unwrap();
        let signature = signature.as_str().unwrap();
        let prefix = if signature.starts_with("ed25519:") { "" } else { "ed25519:" };
        let envelope = json!({
            "payload": payload,
            "canonical_hash": hash,
            "signature": format!("{prefix}{signature}"),
            "binding_key_id": payload["binding_key_id"],
        });
        expect_valid(PublishedSchema::Closure, &envelope);
        assert_eq!(payload["binding_version"], "closure_v2");
        if payload["closure_status"] == "closed" {
            closed += 1;
            for digest in [
                "dispatch_request_digest_v1",
                "provider_response_digest_v1",
                "client_response_digest_v1",
            ] {
                assert!(payload[digest].is_string(), "{digest}");
                let mut without = envelope.clone();
                without["payload"][digest] = Value::Null;
                let schema = PublishedSchema::Closure.generate();
                assert!(!jsonschema::is_valid(schema.as_value(), &without), "{digest}");
            }
        }
    }
    assert!(closed > 0, "an example with a closed execution");
}

/// The formula of the record hash, written out once more.
#[test]
fn conf_03_every_entry_has_its_record_hash() {
    for entry in entries() {
        expect_valid(PublishedSchema::ChainEntry, &entry);
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let time = text("created_at");
        let time = time.trim_end_matches('Z').trim_end_matches("+00:00");
        let (seconds, fraction) = time.split_once('.').unwrap_or((time, ""));
        let parts = [
            text("event_id"),
            text("event_type"),
            text("resource_type"),
            text("resource_id"),
            text("outcome"),
            text("severity"),
            format!("{seconds}.{fraction:0<6}"),
            text("prev_hash"),
            entry["sequence_number"].to_string(),
        ];
        let hash = Sha256Digest::of(parts.join("|").as_bytes()).to_string();
        assert_eq!(entry["record_hash"], Value::from(hash), "{}", entry["event_id"]);
    }
}

#[test]
fn conf_04_the_bundle_is_valid_and_has_a_signed_manifest() {
    expect_valid(PublishedSchema::AuditExportBundle, &example("export.json"));
    let manifest = example("export.json.manifest.json");
    expect_valid(PublishedSchema::AuditExportManifest, &manifest);
    let bytes = Project::find().unwrap().read("examples/shop-agent/export.json").unwrap();
    let hash = Sha256Digest::of(bytes.as_bytes()).prefixed().to_string();
    assert_eq!(manifest["content_hash"], Value::from(hash));
    assert!(manifest["signature"].as_str().unwrap().starts_with("ed25519:"));
}

/// Canonical numbers are written with `ryu`: one major version of it, and no second copy.
#[test]
fn canon_16_what_writes_canonical_bytes_is_held_to_one_major_version() {
    let project = Project::find().unwrap();
    let manifest: toml::Table = project.read("Cargo.toml").unwrap().parse().unwrap();
    let required = &manifest["workspace"]["dependencies"]["ryu"];
    let required = required.as_str().or_else(|| required.get("version")?.as_str()).unwrap();
    let major = required.split('.').next().unwrap();
    assert!(major.parse::<u32>().is_ok_and(|major| major > 0), "{required}");
    let lock: toml::Table = project.read("Cargo.lock").unwrap().parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    let versions: Vec<&str> = packages
        .iter()
        .filter(|package| package["name"].as_str() == Some("ryu"))
        .filter_map(|package| package["version"].as_str())
        .collect();
    assert_eq!(versions.len(), 1, "{versions:?}");
    assert!(versions[0].starts_with(&format!("{major}.")), "{versions:?}");
}
