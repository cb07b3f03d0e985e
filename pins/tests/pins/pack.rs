// SPDX-License-Identifier: Apache-2.0

//! Packs to change and judge.

use std::path::PathBuf;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use permit_canonical_json::{Budget, Sha256Digest, read_text};
use permit_claims::Unsupported;
use permit_pins::{
    InMemoryPackFiles, NoPackFiles, PackDocument, PackFiles, PackPath, PinFailure,
    ReleasedArtifact, Semantics, resolve,
};
use serde_json::{Value, json};

pub(crate) const REGISTRY: &str = "keel.verifier_claim_registry.v0";
pub(crate) const INTEGRITY: &str = "keel.export_manifest.integrity.v1";
pub(crate) const COMPARATOR: &str = "authority-envelope.v0";
pub(crate) const PROFILE: &str = "keel.pre_pinning_default.v0";
pub(crate) const ZERO: &str =
    "sha256:0000000000000000000000000000000000000000000000000000000000000000";
/// Verdicts, short.
pub(crate) const I: Unsupported = Unsupported::InsufficientEvidence;
pub(crate) const U: Unsupported = Unsupported::UnverifiableScope;

/// A reference without bytes to the current artifact of this id.
pub(crate) fn pin(id: &str) -> Value {
    let released = ReleasedArtifact::of_id(id).next().unwrap();
    json!({ "id": id, "hash": released.hash() })
}

/// A reference with bytes, and their true hash.
pub(crate) fn inline(id: &str, bytes: &[u8]) -> Value {
    json!({ "id": id, "hash": hash(bytes), "content_b64": STANDARD.encode(bytes) })
}

pub(crate) fn hash(bytes: &[u8]) -> String {
    Sha256Digest::of(bytes).prefixed().to_string()
}

/// A manifest that requests `export.integrity.v1` and pins what it needs.
pub(crate) fn manifest() -> Value {
    json!({
        "claim_set": {
            "version": "verifier-claims.v0",
            "registry": pin(REGISTRY),
            "claims": [{ "name": "export.integrity.v1", "required": true }],
        },
        "semantics_pins": {
            "version": "keel-semantics-pins.v0",
            "mode": "pinned",
            "artifacts": [pin(INTEGRITY)],
        },
    })
}

/// The manifest with the value at this pointer replaced, or removed by `null`.
pub(crate) fn with(pointer: &str, value: Value) -> Value {
    let mut manifest = manifest();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = manifest.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(members), Value::Null) => drop(members.remove(name)),
        (Value::Object(members), value) => drop(members.insert(name.to_owned(), value)),
        (Value::Array(elements), value) => elements[name.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer} names no member"),
    }
    manifest
}

pub(crate) fn judge(manifest: &Value) -> Result<Semantics, Box<PinFailure>> {
    judge_with(PackDocument::ExportManifest, manifest, &NoPackFiles)
}

pub(crate) fn judge_with(
    document: PackDocument,
    value: &Value,
    files: &dyn PackFiles,
) -> Result<Semantics, Box<PinFailure>> {
    let text = value.to_string();
    let value = read_text(&text, &Budget::default()).unwrap();
    resolve(document, &value, files)
}

pub(crate) fn files<const N: usize>(files: [(&str, &[u8]); N]) -> InMemoryPackFiles {
    files
        .into_iter()
        .map(|(path, bytes)| (PackPath::parse(path).unwrap(), bytes.to_vec()))
        .collect()
}

/// Reason, verdict and names of the marked claims.
pub(crate) fn said(failure: &PinFailure) -> (&str, Unsupported, Vec<&str>) {
    let marked = failure.marked.iter().map(|request| request.claim.as_str()).collect();
    (failure.reason().as_str(), failure.verdict(), marked)
}

/// The pins of a report, as id, source and status.
pub(crate) fn listed(failure: &PinFailure) -> Vec<(&str, &str, &str)> {
    let pins = failure.resolution.pins().iter();
    pins.map(|pin| (pin.id.as_str(), pin.source.as_str(), pin.status)).collect()
}

/// A folder of the reference, if it is here.
pub(crate) fn reference(folder: &str) -> Option<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference");
    let folder = PathBuf::from(root).join(folder);
    if !folder.exists() {
        eprintln!("skipped: {} is not here", folder.display());
        return None;
    }
    Some(folder)
}

/// The bytes of a released artifact, if they are here.
pub(crate) fn released_bytes(path: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(reference("keel/data-2.5.1")?.join(path)).unwrap())
}
