// SPDX-License-Identifier: Apache-2.0

//! The keys that sign the corpus. Everybody knows them, so that they are good for tests alone.
//!
//! ```text
//! seed    SHA-256 of "permit-rs conformance corpus: " and the name
//! key id  keel-test-<name>                                  exports, checkpoints, scope states
//!         first 16 characters of the SHA-256 of the key     bindings: closures state it (CLOSE-18)
//! ```

use permit_canonical_json::Sha256Digest;
use permit_keys::{
    ExportSigning, IntegrityCheckpoint, KeyPurpose, PermitBindingSigning, PublicKey, PurposeKey,
    ScopeState, Signer as _, SoftwareKey,
};
use serde_json::{Value as Json, json};

/// A key of the corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TestKey {
    name: &'static str,
    purpose: KeyPurpose,
}

/// Signs exports.
pub(crate) const EXPORT: TestKey = TestKey::new("export-a", KeyPurpose::ExportSigning);
/// Signs exports after the first one was retired.
pub(crate) const EXPORT_NEXT: TestKey = TestKey::new("export-b", KeyPurpose::ExportSigning);
/// Signs exports and is in no trust root.
pub(crate) const EXPORT_FOREIGN: TestKey =
    TestKey::new("export-foreign", KeyPurpose::ExportSigning);
/// Signs closures, decisions, revocations and workflow records.
pub(crate) const BINDING: TestKey = TestKey::new("binding-a", KeyPurpose::PermitBindingSigning);
/// Signs like the one before, and is in no trust root unless a case says so.
pub(crate) const BINDING_FOREIGN: TestKey =
    TestKey::new("binding-foreign", KeyPurpose::PermitBindingSigning);
/// Signs checkpoints.
pub(crate) const CHECKPOINT: TestKey =
    TestKey::new("checkpoint-a", KeyPurpose::IntegrityCheckpoint);
/// Signs scope states.
pub(crate) const SCOPE: TestKey = TestKey::new("scope-state-a", KeyPurpose::ScopeState);
/// Signs scope states after the first one was retired.
pub(crate) const SCOPE_NEXT: TestKey = TestKey::new("scope-state-b", KeyPurpose::ScopeState);

/// All of them, as they are published.
pub(crate) const ALL: [TestKey; 8] =
    [EXPORT, EXPORT_NEXT, EXPORT_FOREIGN, BINDING, BINDING_FOREIGN, CHECKPOINT, SCOPE, SCOPE_NEXT];

impl TestKey {
    const fn new(name: &'static str, purpose: KeyPurpose) -> Self {
        Self { name, purpose }
    }

    pub(crate) fn seed(self) -> [u8; 32] {
        let text = format!("permit-rs conformance corpus: {}", self.name);
        *Sha256Digest::of(text.as_bytes()).as_bytes()
    }

    pub(crate) fn software(self) -> SoftwareKey {
        SoftwareKey::from_seed(&self.seed())
    }

    pub(crate) fn public(self) -> PublicKey {
        self.software().public_key()
    }

    /// The key as documents write it.
    pub(crate) fn text(self) -> String {
        self.public().to_string()
    }

    pub(crate) fn id(self) -> String {
        match self.purpose {
            KeyPurpose::PermitBindingSigning => self.public().binding_key_id().to_string(),
            _ => format!("keel-test-{}", self.name),
        }
    }

    pub(crate) fn export(self) -> PurposeKey<ExportSigning> {
        PurposeKey::new(self.software())
    }

    pub(crate) fn binding(self) -> PurposeKey<PermitBindingSigning> {
        PurposeKey::new(self.software())
    }

    pub(crate) fn checkpoint(self) -> PurposeKey<IntegrityCheckpoint> {
        PurposeKey::new(self.software())
    }

    pub(crate) fn scope_state(self) -> PurposeKey<ScopeState> {
        PurposeKey::new(self.software())
    }

    /// The entry of a trust root: active since the beginning of the year, without end.
    pub(crate) fn entry(self) -> Json {
        json!({
            "algorithm": "ed25519",
            "environment": "test",
            "key_id": self.id(),
            "public_key": self.text(),
            "purpose": self.purpose.as_str(),
            "status": "active",
            "valid_from": "2026-01-01T00:00:00Z",
            "valid_to": null,
        })
    }
}

/// A trust root of these keys. It does not call itself `keel.public_key_manifest.v1`: from release 3 on
/// the reference wants key manifests of that name signed by a key of its vendor.
pub(crate) fn trust_root(keys: &[TestKey]) -> Json {
    let entries: Vec<Json> = keys.iter().map(|key| key.entry()).collect();
    json!({ "environment": "test", "keys": entries })
}

/// All keys with their seeds, for whoever wants to make cases.
pub(crate) fn published() -> Json {
    let keys = ALL.iter().map(|key| {
        let seed: String = key.seed().iter().map(|byte| format!("{byte:02x}")).collect();
        let mut entry = key.entry();
        if let Some(members) = entry.as_object_mut() {
            members.insert("name".into(), key.name.into());
            members.insert("seed_hex".into(), seed.into());
        }
        entry
    });
    json!({
        "$comment": "made by `cargo xtask corpus`; everybody knows these keys, never trust them outside of tests",
        "environment": "test",
        "keys": keys.collect::<Vec<_>>(),
        "manifest_version": "keel.public_key_manifest.v1",
    })
}
