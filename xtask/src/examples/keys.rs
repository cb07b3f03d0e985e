// SPDX-License-Identifier: Apache-2.0

//! The keys of the examples. Everybody can make them, so that they are good for tests alone.

use permit_canonical_json::{Sha256Digest, Value};
use permit_keys::{
    ExportSigning, IntegrityCheckpoint, KeyPurpose, PermitBindingSigning, PurposeKey, ScopeState,
    SoftwareKey,
};

use super::gallery::Gallery;

/// One key for each purpose.
pub(crate) struct Keys {
    pub(crate) export: PurposeKey<ExportSigning>,
    pub(crate) binding: PurposeKey<PermitBindingSigning>,
    pub(crate) checkpoint: PurposeKey<IntegrityCheckpoint>,
    pub(crate) scope_state: PurposeKey<ScopeState>,
}

impl Keys {
    pub(crate) fn of_examples() -> Self {
        let key = |name: &str| {
            let seed = Sha256Digest::of(format!("permit-rs examples: {name} key").as_bytes());
            SoftwareKey::from_seed(seed.as_bytes())
        };
        Self {
            export: PurposeKey::new(key("export")),
            binding: PurposeKey::new(key("binding")),
            checkpoint: PurposeKey::new(key("checkpoint")),
            scope_state: PurposeKey::new(key("scope state")),
        }
    }

    /// Keeps and lists their manifest.
    pub(crate) fn put(&self, gallery: &mut Gallery) {
        let entry = |key_id: String, public_key: String, purpose: KeyPurpose| {
            Value::object([
                ("key_id", Value::from(key_id)),
                ("public_key", public_key.into()),
                ("algorithm", "ed25519".into()),
                ("purpose", purpose.as_str().into()),
                ("status", "active".into()),
                ("environment", "test".into()),
                ("valid_from", "2026-01-01T00:00:00Z".into()),
                ("valid_to", "2026-12-31T23:59:59Z".into()),
            ])
        };
        let Self { export, binding, checkpoint, scope_state } = self;
        let keys = [
            entry(export.key_id().to_string(), export.public_key().to_string(), export.purpose()),
            entry(
                binding.key_id().to_string(),
                binding.public_key().to_string(),
                binding.purpose(),
            ),
            entry(
                checkpoint.key_id().to_string(),
                checkpoint.public_key().to_string(),
                checkpoint.purpose(),
            ),
            entry(
                scope_state.key_id().to_string(),
                scope_state.public_key().to_string(),
                scope_state.purpose(),
            ),
        ];
        let path = "examples/keys/key-manifest.json";
        gallery.document(path, &Value::object([("keys", Value::array(keys))]));
        let what = "a key manifest: the keys of all examples below";
        gallery.illustrative(path, what, Some("key-manifest"));
    }
}
