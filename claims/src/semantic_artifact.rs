// SPDX-License-Identifier: Apache-2.0

//! The semantic artifacts that claims are judged by, and the profile of packs without pins.

use core::fmt;

macro_rules! semantic_artifacts {
    ($($(#[doc = $docs:literal])+ $variant:ident = $id:literal $legacy:tt;)+) => {
        /// What a claim can be judged by: a recipe, known by its id and the hash of its bytes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum SemanticArtifact {
            $($(#[doc = $docs])+ $variant,)+
        }

        impl SemanticArtifact {
            /// All artifacts.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The id.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)+
                }
            }

            /// The artifact of this id.
            #[must_use]
            pub fn parse(id: &str) -> Option<Self> {
                match id {
                    $($id => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// The hash under which the profile of packs without pins names it, `sha256:` included.
            #[must_use]
            pub const fn legacy_hash(self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => semantic_artifacts!(@ $legacy),)+
                }
            }
        }
    };
    (@ none) => { None };
    (@ $hash:literal) => { Some($hash) };
}

semantic_artifacts! {
    /// The registry of claims itself.
    ClaimRegistry = "keel.verifier_claim_registry.v0"
        "sha256:d4ff07076f823d3f6a9bd7ce17f6096b035ca466b8ec71996d5417e4957ec7c8";
    /// How an export and its manifest belong together.
    ExportManifestIntegrity = "keel.export_manifest.integrity.v1"
        "sha256:d1d67dca7eb9a662d26463c3dec841f47f8791df2fafb21e911dd26a83dabb76";
    /// The record hash and the walk.
    ChainRecordHash = "keel.governance_chain.record_hash.v1"
        "sha256:a3213706c9e9531a74cd2355f2f05e537c7a70604cb869b7b76c65cba4a2b707";
    /// The digest that covers payloads of events.
    EventIntegrityDigest = "keel.governance_event.integrity_digest.v1"
        "sha256:7d3f447e215ca53dd5add04b4a62b4223d28ad22210b5a3df8fcbc85f5dbe440";
    /// Closures of the first format.
    ClosureFormatV1 = "keel.closure.format.v1"
        "sha256:b208b82fbf8187ecdc85410630fbfa30f86f34c4da28d4b418c5788a8ec893ba";
    /// Closures of the second format.
    ClosureFormatV2 = "keel.closure.format.v2"
        "sha256:476b9aaf8f1b3e0fd46b9cfae522062e803ecbb1c24fdbb6ec60775b979d59f1";
    /// How digests of closures are compared.
    ClosureDigestRules = "keel.closure.digest_rules.v1"
        "sha256:eca06d960a9e16468a622938a17b77244d487b58459be4dce3e55ef006f29454";
    /// How a permit binds its request.
    PermitBindingRequest = "keel.permit_binding.canonical_request.v1"
        "sha256:59633003ed97b2a65e756007fddd6f525a8c056de57a1cd40971034fa044f0ac";
    /// How workflow records are hashed.
    WorkflowCanonicalization = "keel.workflow.canonicalization.v1"
        "sha256:b7359ae11dc1d8cfad51bf3e6fec32a0209bf38097a01fa4f878e3a068184501";
    /// How a workflow file beside an export belongs to it.
    WorkflowSibling = "keel.workflow_evidence.sibling_integrity.v1"
        "sha256:c4e99745893e6c66afa89ad46602b0cf1931530f78875e18387381fca8c2a5aa";
    /// The files of an incident archive.
    IncidentBundleManifest = "keel.incident.bundle_manifest.v2"
        "sha256:ed112e365985d79192a4cb7c3248625d8294d2d2c5210ce31960eb7d55f4b9eb";
    /// The composite hash of a checkpoint.
    CheckpointCompositeHash = "keel.checkpoint.composite_hash.v1"
        "sha256:68aafa26d6f1c8cf5ba83c7596209888d8e529d81f1a2c58f31e2fc41fc136de";
    /// The signature of a checkpoint.
    CheckpointSignature = "keel.checkpoint.signature.v1"
        "sha256:af16c66e8a0b295cd2e5e436169bf0e3d628c1fc4901b6eba6596e86e3ad256b";
    /// The imprint of a time stamp over a checkpoint.
    CheckpointTsaImprint = "keel.checkpoint.tsa_imprint.v1"
        "sha256:a4e02133537a190c3795737beb4bb2ddf823cd09d5b6dcba43c682fb9e37d79e";
    /// How authority envelopes are compared.
    AuthorityEnvelope = "authority-envelope.v0"
        "sha256:a2505ac94f27c1d0096fa977f25be699fa00a9ff507a0c4cbe0d1edf2e44cee2";
    /// Commitments to the members of a scope.
    ScopeStateMerkle = "keel.scope_state.merkle.v1" none;
    /// The form of a scope-state sidecar.
    ScopeStateSidecar = "keel.scope_state.sidecar_format.v1" none;
    /// What makes an export faithful to its scope.
    ExportScopeFaithfulness = "keel.export.scope_faithfulness.v1" none;
    /// The signed decision of a permit.
    PermitDecision = "keel.permit.decision.v1" none;
    /// The signed revocation of a permit.
    PermitRevokedEvent = "keel.permit.revoked_event.v1" none;
    /// What shows that nothing was dispatched after a revocation.
    DispatchAbsence = "keel.permit.dispatch_absence_after_revocation.v1" none;
    /// The slot of an operator's approval.
    OperatorApproval = "keel.permit.operator_approval.v1" none;
    /// The slot of a counter signature.
    CounterSignature = "keel.permit.counter_signature.v1" none;
    /// The slot of an audit attestation.
    AuditAttestation = "keel.permit.audit_attestation.v1" none;
}

impl fmt::Display for SemanticArtifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// The semantics of packs that pin none (CLAIM-13, PIN-06).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegacyProfile {
    /// The id of the profile.
    pub id: &'static str,
    /// The hash of its bytes, `sha256:` included.
    pub hash: &'static str,
}

impl LegacyProfile {
    /// The artifacts that the profile names, in its order.
    pub fn components(self) -> impl Iterator<Item = (SemanticArtifact, &'static str)> {
        let all = SemanticArtifact::ALL.iter();
        all.filter_map(|artifact| Some((*artifact, artifact.legacy_hash()?)))
    }
}

/// The profile of packs that pin no semantics.
pub const LEGACY_PROFILE: LegacyProfile = LegacyProfile {
    id: "keel.pre_pinning_default.v0",
    hash: "sha256:8475b44ef4141b58687dd04ef3a59cc39619a7ab1083a629192b57ac5cf084fe",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claim_13_the_legacy_profile_has_its_fifteen_components() {
        let ids: Vec<_> = LEGACY_PROFILE.components().map(|(artifact, _)| artifact.id()).collect();
        assert_eq!(ids.len(), 15);
        assert_eq!(ids.first(), Some(&"keel.verifier_claim_registry.v0"));
        assert_eq!(ids.last(), Some(&"authority-envelope.v0"));
        assert!(!ids.contains(&"keel.permit.decision.v1"));
    }
}
