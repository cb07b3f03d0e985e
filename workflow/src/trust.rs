// SPDX-License-Identifier: Apache-2.0

//! Whom the caller trusts to sign workflow evidence.

use permit_claims::Unsupported;
use permit_keys::{KeyManifest, KeyProblem, Mode};

/// The keys that workflow evidence is judged by.
///
/// Declarations and amendments are signed by binding keys, which only a key manifest can vouch for.
/// The descriptor of a sibling is signed by the export key, for which the caller may have another source.
///
/// ```
/// use permit_canonical_json::Budget;
/// use permit_keys::{KeyManifest, Mode};
/// use permit_workflow::WorkflowTrust;
///
/// let manifest = KeyManifest::read(br#"{"keys": []}"#, &Budget::default())?;
/// let trust = WorkflowTrust::of(&manifest, Mode::Production).pinned_export_key("ed25519:…");
/// # Ok::<(), permit_keys::KeyManifestError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct WorkflowTrust<'k> {
    pub(crate) manifest: Option<&'k KeyManifest>,
    pub(crate) mode: Mode,
    pub(crate) export_key: ExportKeySource<'k>,
}

/// Where the key of a sibling's descriptor comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ExportKeySource<'k> {
    Manifest,
    Pinned(&'k str),
    SelfAttested,
}

impl<'k> WorkflowTrust<'k> {
    /// The keys of a key manifest.
    #[must_use]
    pub fn of(manifest: &'k KeyManifest, mode: Mode) -> Self {
        Self { manifest: Some(manifest), mode, export_key: ExportKeySource::Manifest }
    }

    /// No keys: nothing can be verified, since no record brings its own.
    #[must_use]
    pub fn none() -> Self {
        Self { manifest: None, mode: Mode::Production, export_key: ExportKeySource::Manifest }
    }

    /// The same, but the export key is this one. It says nothing about declarations and amendments.
    #[must_use]
    pub fn pinned_export_key(mut self, key: &'k str) -> Self {
        self.export_key = ExportKeySource::Pinned(key);
        self
    }

    /// The same, but the descriptor of a sibling may bring its own key.
    #[must_use]
    pub fn self_attested(mut self) -> Self {
        self.export_key = ExportKeySource::SelfAttested;
        self
    }
}

/// What a problem with a key says about the evidence: a key that must not have signed contradicts
/// it, one that is not known leaves it open.
pub(crate) fn verdict_of(problem: &KeyProblem, named: bool) -> Unsupported {
    match problem {
        KeyProblem::Compromised { .. } | KeyProblem::Revoked { .. } => Unsupported::Disproved,
        KeyProblem::NotActive { .. } if named => Unsupported::Disproved,
        _ => Unsupported::InsufficientEvidence,
    }
}
