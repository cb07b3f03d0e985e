// SPDX-License-Identifier: Apache-2.0

//! Whom the caller trusts.

use permit_closure::BindingKeys;
use permit_keys::{KeyManifest, Mode};

/// The keys that a run relies on. Nothing is trusted that is not named here: there is no
/// built-in trust root, and none is looked for.
///
/// ```
/// use permit_canonical_json::Budget;
/// use permit_keys::KeyManifest;
/// use permit_verifier::Trust;
///
/// let manifest = KeyManifest::read(br#"{"keys": []}"#, &Budget::default())?;
/// let trust = Trust::key_manifest(manifest, "the audit team's key manifest");
/// # Ok::<(), permit_keys::KeyManifestError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Trust {
    export_key: ExportKey,
    manifest: Option<KeyManifest>,
    mode: Mode,
    source: String,
}

/// How the key of an export's signature is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportKey {
    /// In the key manifest.
    FromManifest,
    /// It is this one, as text.
    Pinned(String),
    /// The export brings its own, which shows that nobody changed it since, but not who signed it.
    SelfAttested,
}

impl Trust {
    /// Trusts the keys of a key manifest. `source` says where it came from, for the report (KEY-06).
    #[must_use]
    pub fn key_manifest(manifest: KeyManifest, source: impl Into<String>) -> Self {
        let (export_key, source) = (ExportKey::FromManifest, source.into());
        Self { export_key, manifest: Some(manifest), mode: Mode::Production, source }
    }

    /// Trusts nobody. `reason` says why, for the report: whatever needs a key is left open, everything
    /// else is judged.
    #[must_use]
    pub fn nobody(reason: impl Into<String>) -> Self {
        let (export_key, source) = (ExportKey::FromManifest, reason.into());
        Self { export_key, manifest: None, mode: Mode::Production, source }
    }

    /// Trusts one key for the export's signature. Closures are signed by others, so that
    /// verifying them takes a key manifest, too.
    #[must_use]
    pub fn pinned(key: impl Into<String>) -> Self {
        let (export_key, source) = (ExportKey::Pinned(key.into()), "a key that was given".into());
        Self { export_key, manifest: None, mode: Mode::Production, source }
    }

    /// Trusts whatever key the export itself carries.
    #[must_use]
    pub fn self_attested() -> Self {
        let (export_key, source) = (ExportKey::SelfAttested, "the export itself".into());
        Self { export_key, manifest: None, mode: Mode::Production, source }
    }

    /// The same, with a key manifest for everything but the export's signature.
    #[must_use]
    pub fn with_manifest(mut self, manifest: KeyManifest, source: &str) -> Self {
        self.source = format!("{}, and for closures {source}", self.source);
        self.manifest = Some(manifest);
        self
    }

    /// The same, but relying on test keys only, or on none of them (KEY-05).
    #[must_use]
    pub fn in_mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// How the key of the export's signature is found.
    #[must_use]
    pub fn export_key(&self) -> &ExportKey {
        &self.export_key
    }

    /// The key manifest.
    #[must_use]
    pub fn manifest(&self) -> Option<&KeyManifest> {
        self.manifest.as_ref()
    }

    /// Which keys count.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Where the trust root came from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    pub(crate) fn binding_keys(&self) -> BindingKeys<'_> {
        match &self.manifest {
            Some(manifest) => BindingKeys::of(manifest, self.mode),
            None => BindingKeys::none(),
        }
    }
}
