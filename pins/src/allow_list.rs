// SPDX-License-Identifier: Apache-2.0

//! The permanent allow-list: which bytes mean what.

use permit_claims::{LEGACY_PROFILE, SemanticArtifact};

use crate::{own_artifacts::OWN_ARTIFACTS, pack_path::PackPath, registry_release::RegistryRelease};

/// A released artifact: its id, the hash of its bytes, and what it selects in this build.
///
/// The pair of id and hash is all that counts (PIN-04). Who holds the hash holds the meaning,
/// so that no bytes are needed to know it (AMB-45), and no bytes from a pack can change it: an
/// artifact is never executed or interpreted, it only selects a recipe that was built in.
///
/// Pairs are added and never taken away: old packs keep their meaning (CLAIM-06).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleasedArtifact {
    selects: Selection,
    hash: &'static str,
    paths: &'static [&'static str],
    publisher: Publisher,
}

/// Whose bytes an artifact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Publisher {
    /// Released with the reference verifier and known to every verifier of its line.
    Reference,
    /// Ours, in our own words: the folders `claim_registry`, `comparator_registry` and
    /// `semantics` of this workspace. Verifiers that do not know these hashes answer
    /// `unverifiable_scope`, as they should (PIN-04).
    PermitRs,
}

/// What a released artifact selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selection {
    /// A state of the claim registry.
    Registry(RegistryRelease),
    /// A recipe that claims are judged by.
    Recipe(SemanticArtifact),
    /// The profile of packs without pins, with its fifteen components.
    LegacyProfile,
}

impl ReleasedArtifact {
    /// An artifact of ours.
    pub(crate) const fn published_here(
        selects: Selection,
        hash: &'static str,
        paths: &'static [&'static str],
    ) -> Self {
        Self { selects, hash, paths, publisher: Publisher::PermitRs }
    }

    /// The artifact with this id and hash, compared as text: the hash is `sha256:` and 64
    /// lowercase hexadecimal characters.
    #[must_use]
    pub fn find(id: &str, hash: &str) -> Option<&'static Self> {
        Self::all().find(|released| released.hash == hash && released.id() == id)
    }

    /// The artifact whose bytes have this hash.
    #[must_use]
    pub fn with_hash(hash: &str) -> Option<&'static Self> {
        Self::all().find(|released| released.hash == hash)
    }

    /// All artifacts that are known: those of the reference, then ours.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        ALLOW_LIST.iter().chain(OWN_ARTIFACTS)
    }

    /// The artifact that a release of the reference has at this path.
    #[must_use]
    pub fn at_path(path: &PackPath) -> Option<&'static Self> {
        ALLOW_LIST.iter().find(|released| released.paths.contains(&path.as_str()))
    }

    /// The artifact that new packs name for a recipe: that of the reference, since all verifiers
    /// know it.
    #[must_use]
    pub fn current(artifact: SemanticArtifact) -> Option<&'static Self> {
        ALLOW_LIST.iter().find(|released| released.id() == artifact.id())
    }

    /// Our own artifact for a recipe, the newest if there are several.
    #[must_use]
    pub fn own(artifact: SemanticArtifact) -> Option<&'static Self> {
        OWN_ARTIFACTS.iter().find(|released| released.id() == artifact.id())
    }

    /// What this publisher has for a recipe.
    #[must_use]
    pub fn of(publisher: Publisher, artifact: SemanticArtifact) -> Option<&'static Self> {
        match publisher {
            Publisher::Reference => Self::current(artifact),
            Publisher::PermitRs => Self::own(artifact),
        }
    }

    /// The state of the claim registry that new packs name.
    #[must_use]
    pub const fn current_registry() -> &'static Self {
        &CURRENT_REGISTRY
    }

    /// All artifacts of this id: the current one of the reference, its older ones, ours.
    pub fn of_id(id: &str) -> impl Iterator<Item = &'static Self> {
        Self::all().filter(move |released| released.id() == id)
    }

    /// The id.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self.selects {
            Selection::Registry(_) => SemanticArtifact::ClaimRegistry.id(),
            Selection::Recipe(artifact) => artifact.id(),
            Selection::LegacyProfile => LEGACY_PROFILE.id,
        }
    }

    /// Whether the bytes state the id: registries and comparators do not.
    pub(crate) const fn names_itself(&self) -> bool {
        !matches!(
            self.selects,
            Selection::Registry(_) | Selection::Recipe(SemanticArtifact::AuthorityEnvelope)
        )
    }

    /// The hash of the bytes, `sha256:` included.
    #[must_use]
    pub const fn hash(&self) -> &'static str {
        self.hash
    }

    /// What it selects.
    #[must_use]
    pub const fn selects(&self) -> Selection {
        self.selects
    }

    /// Whose bytes it is.
    #[must_use]
    pub const fn publisher(&self) -> Publisher {
        self.publisher
    }

    /// The path in a release, and in packs that are laid out like one; nothing if no release
    /// of the reference carries these bytes.
    #[must_use]
    pub fn released_path(&self) -> Option<&'static str> {
        self.paths.first().copied()
    }
}

const fn registry(
    release: RegistryRelease,
    hash: &'static str,
    paths: &'static [&'static str],
) -> ReleasedArtifact {
    let selects = Selection::Registry(release);
    ReleasedArtifact { selects, hash, paths, publisher: Publisher::Reference }
}

const fn recipe(
    artifact: SemanticArtifact,
    hash: &'static str,
    paths: &'static [&'static str],
) -> ReleasedArtifact {
    let selects = Selection::Recipe(artifact);
    ReleasedArtifact { selects, hash, paths, publisher: Publisher::Reference }
}

const CURRENT_REGISTRY: ReleasedArtifact = registry(
    RegistryRelease::CURRENT,
    "sha256:c766e8d11c5e15925884a35727af90eaa28cac8b00caed7f409328041696453c",
    &["claim_registry/v0.json", "claim_registry_v0.json"],
);

/// Every pair of id and hash that the reference released, the current one of an id first.
/// [`OWN_ARTIFACTS`] has ours.
///
/// Three artifacts of scopes are listed with two hashes: what was published and the source it
/// was made from. Both select the same recipe.
pub const ALLOW_LIST: &[ReleasedArtifact] = &[
    CURRENT_REGISTRY,
    registry(
        RegistryRelease::Claims21,
        "sha256:8da29094827fda581ee8fb3a1466934182e572a91b7940d2ef1cb3c28c1ec215",
        &[
            "claim_registry/historical/v0-sha256-8da29094827fda581ee8fb3a1466934182e572a91b7940d2ef1cb3c28c1ec215.json",
        ],
    ),
    registry(
        RegistryRelease::Claims18,
        "sha256:ee953bbdb67208d7e660eca9764d14bef4cbd4d28105614ec14c4e58cf502235",
        &[
            "claim_registry/historical/v0-sha256-ee953bbdb67208d7e660eca9764d14bef4cbd4d28105614ec14c4e58cf502235.json",
        ],
    ),
    registry(
        RegistryRelease::Claims16,
        "sha256:d4ff07076f823d3f6a9bd7ce17f6096b035ca466b8ec71996d5417e4957ec7c8",
        &[
            "claim_registry/historical/v0-sha256-d4ff07076f823d3f6a9bd7ce17f6096b035ca466b8ec71996d5417e4957ec7c8.json",
        ],
    ),
    registry(
        RegistryRelease::Claims15,
        "sha256:b315ef722a8e4fafe3d3807bc7c8ccaafd601cab0e7d7985230da8248124337b",
        &[
            "claim_registry/historical/v0-sha256-b315ef722a8e4fafe3d3807bc7c8ccaafd601cab0e7d7985230da8248124337b.json",
        ],
    ),
    recipe(
        SemanticArtifact::ExportManifestIntegrity,
        "sha256:d1d67dca7eb9a662d26463c3dec841f47f8791df2fafb21e911dd26a83dabb76",
        &["semantics/export_manifest/integrity_v1.json"],
    ),
    recipe(
        SemanticArtifact::ChainRecordHash,
        "sha256:a3213706c9e9531a74cd2355f2f05e537c7a70604cb869b7b76c65cba4a2b707",
        &["semantics/governance_chain/record_hash_v1.json"],
    ),
    recipe(
        SemanticArtifact::EventIntegrityDigest,
        "sha256:7d3f447e215ca53dd5add04b4a62b4223d28ad22210b5a3df8fcbc85f5dbe440",
        &["semantics/governance_event/integrity_digest_v1.json"],
    ),
    recipe(
        SemanticArtifact::ClosureFormatV1,
        "sha256:b208b82fbf8187ecdc85410630fbfa30f86f34c4da28d4b418c5788a8ec893ba",
        &["semantics/closure/format_v1.json"],
    ),
    recipe(
        SemanticArtifact::ClosureFormatV2,
        "sha256:476b9aaf8f1b3e0fd46b9cfae522062e803ecbb1c24fdbb6ec60775b979d59f1",
        &["semantics/closure/format_v2.json"],
    ),
    recipe(
        SemanticArtifact::ClosureDigestRules,
        "sha256:eca06d960a9e16468a622938a17b77244d487b58459be4dce3e55ef006f29454",
        &["semantics/closure/digest_rules_v1.json"],
    ),
    recipe(
        SemanticArtifact::PermitBindingRequest,
        "sha256:59633003ed97b2a65e756007fddd6f525a8c056de57a1cd40971034fa044f0ac",
        &["semantics/permit_binding/canonical_request_v1.json"],
    ),
    recipe(
        SemanticArtifact::WorkflowCanonicalization,
        "sha256:b7359ae11dc1d8cfad51bf3e6fec32a0209bf38097a01fa4f878e3a068184501",
        &["semantics/workflow/canonicalization_v1.json"],
    ),
    recipe(
        SemanticArtifact::WorkflowSibling,
        "sha256:c4e99745893e6c66afa89ad46602b0cf1931530f78875e18387381fca8c2a5aa",
        &["semantics/workflow_evidence/sibling_integrity_v1.json"],
    ),
    recipe(
        SemanticArtifact::IncidentBundleManifest,
        "sha256:ed112e365985d79192a4cb7c3248625d8294d2d2c5210ce31960eb7d55f4b9eb",
        &["semantics/incident/bundle_manifest_v2.json"],
    ),
    recipe(
        SemanticArtifact::CheckpointCompositeHash,
        "sha256:68aafa26d6f1c8cf5ba83c7596209888d8e529d81f1a2c58f31e2fc41fc136de",
        &["semantics/checkpoint/composite_hash_v1.json"],
    ),
    recipe(
        SemanticArtifact::CheckpointSignature,
        "sha256:af16c66e8a0b295cd2e5e436169bf0e3d628c1fc4901b6eba6596e86e3ad256b",
        &["semantics/checkpoint/signature_v1.json"],
    ),
    recipe(
        SemanticArtifact::CheckpointTsaImprint,
        "sha256:a4e02133537a190c3795737beb4bb2ddf823cd09d5b6dcba43c682fb9e37d79e",
        &["semantics/checkpoint/tsa_imprint_v1.json"],
    ),
    recipe(
        SemanticArtifact::ScopeStateMerkle,
        "sha256:0c79a9ae2e7f4b6e4f8cb6b2d619748731fdee7d5e36a895aff08fecba2ae5b8",
        &["semantics/scope_state/merkle_v1.json"],
    ),
    recipe(
        SemanticArtifact::ScopeStateMerkle,
        "sha256:7fc40790b6d8552b8bff63bbfa69cdd53f744a98be97c217e832ea3299e7b528",
        &[],
    ),
    recipe(
        SemanticArtifact::ScopeStateSidecar,
        "sha256:64c3329255bd0e1c4df5c902362d04b3b0fb5f767254e03e08708f8fd94b6c36",
        &["semantics/scope_state/sidecar_format_v1.json"],
    ),
    recipe(
        SemanticArtifact::ScopeStateSidecar,
        "sha256:f54ac8a8a0c9fb26ee5870e9aded865376af9dde4899026542e97df5d9f454fd",
        &[],
    ),
    recipe(
        SemanticArtifact::ExportScopeFaithfulness,
        "sha256:75dfd47a61addb6d8b7f8d49499aa0525aa9696b85c9a92c5ac6c273bff969e1",
        &["semantics/export/scope_faithfulness_v1.json"],
    ),
    recipe(
        SemanticArtifact::ExportScopeFaithfulness,
        "sha256:478150048a5135ebba4550806a814b27ced491a1198c41ad5a40390045a1435b",
        &[],
    ),
    recipe(
        SemanticArtifact::PermitDecision,
        "sha256:4fad85a1ab652b6ebc5dd15fd3264025eee400914478dcd4f726c480c34ce70c",
        &["semantics/permit/decision_v1.json"],
    ),
    recipe(
        SemanticArtifact::PermitRevokedEvent,
        "sha256:5b7416b11a4a94a2f9f876b2337e118267ab5eb928165cc15f01abaff8639229",
        &["semantics/permit/revoked_event_v1.json"],
    ),
    recipe(
        SemanticArtifact::DispatchAbsence,
        "sha256:529f17bf4de5ab0ae4a85b89dd66894ddc65923825defae41d5e8af57d0cc0c4",
        &["semantics/permit/dispatch_absence_after_revocation_v1.json"],
    ),
    recipe(
        SemanticArtifact::OperatorApproval,
        "sha256:66c6f811aee132c1e93d16708f5a8bbb1b9ca36efa07eaab63aae59894351a63",
        &["semantics/permit/permit.operator_approval.v1.json"],
    ),
    recipe(
        SemanticArtifact::CounterSignature,
        "sha256:cdc1bebff5f04b746f89aa5247cbcdc7b5cf8a074dfda6120f18bdc26ee22bdb",
        &["semantics/permit/permit.counter_signature.v1.json"],
    ),
    recipe(
        SemanticArtifact::AuditAttestation,
        "sha256:29d9d2e430cd9c538807d26e1407de5233e3de07066f5d20946d0323865b295f",
        &["semantics/permit/permit.audit_attestation.v1.json"],
    ),
    ReleasedArtifact {
        selects: Selection::LegacyProfile,
        hash: LEGACY_PROFILE.hash,
        paths: &["semantics/profiles/pre_pinning_default_v0.json"],
        publisher: Publisher::Reference,
    },
    recipe(
        SemanticArtifact::AuthorityEnvelope,
        "sha256:a2505ac94f27c1d0096fa977f25be699fa00a9ff507a0c4cbe0d1edf2e44cee2",
        &["comparator_registry/v0.json"],
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use permit_canonical_json::Sha256Digest;

    use super::*;

    #[test]
    fn pin_04_the_list_has_its_32_pairs_and_no_hash_twice() {
        assert_eq!(ALLOW_LIST.len(), 32);
        let hashes: BTreeSet<_> = ALLOW_LIST.iter().map(ReleasedArtifact::hash).collect();
        assert_eq!(hashes.len(), 32);
        assert!(hashes.iter().all(|hash| Sha256Digest::from_prefixed(hash).is_some()));
    }

    #[test]
    fn claim_13_every_component_of_the_legacy_profile_is_listed() {
        for (artifact, hash) in LEGACY_PROFILE.components() {
            let released = ReleasedArtifact::find(artifact.id(), hash).unwrap();
            if artifact == SemanticArtifact::ClaimRegistry {
                let release = Selection::Registry(RegistryRelease::Claims16);
                assert_eq!(released.selects(), release);
            } else {
                assert_eq!(released.selects(), Selection::Recipe(artifact));
            }
        }
    }

    #[test]
    fn pin_05_every_artifact_that_a_claim_needs_is_listed() {
        for claim in permit_claims::Claim::ALL {
            for artifact in claim.needs() {
                let released = ReleasedArtifact::current(*artifact).unwrap();
                assert_eq!(released.selects(), Selection::Recipe(*artifact));
                assert!(released.released_path().is_some());
            }
        }
    }

    #[test]
    fn claim_06_the_registry_is_listed_in_all_states() {
        let states: Vec<_> = ReleasedArtifact::of_id("keel.verifier_claim_registry.v0")
            .filter(|released| released.publisher() == Publisher::Reference)
            .map(ReleasedArtifact::selects)
            .collect();
        let all: Vec<_> =
            RegistryRelease::ALL.iter().rev().copied().map(Selection::Registry).collect();
        assert_eq!(states, all);
    }

    #[test]
    fn paths_are_those_of_one_artifact_and_written_as_they_are_compared() {
        let mut seen = BTreeSet::new();
        for released in ALLOW_LIST {
            for path in released.paths {
                assert!(seen.insert(path), "{path}");
                let path = PackPath::parse(path).unwrap();
                assert_eq!(ReleasedArtifact::at_path(&path), Some(released));
            }
        }
    }
}
