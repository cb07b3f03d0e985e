// SPDX-License-Identifier: Apache-2.0

//! The documents that can pin semantics.

use permit_claims::Claim;
use permit_types::Artifact;

/// The kind of document that carries `claim_set` and `semantics_pins`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackDocument {
    /// The manifest of an export.
    ExportManifest,
    /// A checkpoint.
    Checkpoint,
    /// The evidence of a denial of delegated authority.
    DelegationEvidence,
}

impl PackDocument {
    /// The claims that are blamed if it cannot be told what the document requests.
    #[must_use]
    pub const fn default_claims(self) -> &'static [Claim] {
        match self {
            Self::ExportManifest => &[Claim::ExportIntegrity],
            Self::Checkpoint => &[Claim::CheckpointHash, Claim::CheckpointSignature],
            Self::DelegationEvidence => &[Claim::DelegationDenied],
        }
    }

    /// The artifact that findings name.
    #[must_use]
    pub const fn artifact(self) -> Artifact {
        match self {
            Self::ExportManifest => Artifact::Manifest,
            Self::Checkpoint => Artifact::Checkpoint,
            Self::DelegationEvidence => Artifact::ClaimEvidence,
        }
    }

    /// The claim set, as the evidence of a claim is named in reports.
    #[must_use]
    pub const fn claim_set_evidence(self) -> &'static str {
        match self {
            Self::ExportManifest => "manifest.claim_set",
            Self::Checkpoint => "checkpoint.claim_set",
            Self::DelegationEvidence => "evidence.claim_set",
        }
    }

    /// The pins, as the evidence of a claim is named in reports.
    #[must_use]
    pub const fn pins_evidence(self) -> &'static str {
        match self {
            Self::ExportManifest => "manifest.semantics_pins",
            Self::Checkpoint => "checkpoint.semantics_pins",
            Self::DelegationEvidence => "evidence.semantics_pins",
        }
    }
}
