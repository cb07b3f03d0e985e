// SPDX-License-Identifier: Apache-2.0

//! The recipes that a denial is judged by (CLAIM-20).

use permit_claims::{Claim, SemanticArtifact};

use crate::{comparator::Comparator, envelope_version::EnvelopeVersion};

/// Which of the three recipes of the denial claim the pack names, and this build knows.
///
/// A pack that pins semantics for something else and still is asked about a denial lacks them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DenialSemantics {
    record_hash: bool,
    integrity_digest: bool,
    comparators: Vec<Comparator>,
}

impl DenialSemantics {
    /// All three, as packs without pins have them.
    #[must_use]
    pub fn legacy() -> Self {
        Self::of(Claim::DelegationDenied.needs().iter().copied())
    }

    /// Those among the artifacts that a pack's pins were resolved to.
    #[must_use]
    pub fn of(resolved: impl IntoIterator<Item = SemanticArtifact>) -> Self {
        let mut semantics =
            Self { record_hash: false, integrity_digest: false, comparators: Vec::new() };
        for artifact in resolved {
            match artifact {
                SemanticArtifact::ChainRecordHash => semantics.record_hash = true,
                SemanticArtifact::EventIntegrityDigest => semantics.integrity_digest = true,
                SemanticArtifact::AuthorityEnvelope => {
                    semantics.comparators.push(Comparator::built_in(EnvelopeVersion::V0));
                }
                _ => {}
            }
        }
        semantics
    }

    /// The same without comparators of other versions.
    pub(crate) fn only(mut self, versions: &[EnvelopeVersion]) -> Self {
        self.comparators.retain(|comparator| versions.contains(&comparator.version()));
        self
    }

    pub(crate) fn has_record_hash(&self) -> bool {
        self.record_hash
    }

    pub(crate) fn has_integrity_digest(&self) -> bool {
        self.integrity_digest
    }

    /// The comparator for a version that the evidence names.
    pub(crate) fn comparator(&self, version: &str) -> Option<Comparator> {
        let version = EnvelopeVersion::parse(version)?;
        self.comparators.iter().copied().find(|comparator| comparator.version() == version)
    }
}
