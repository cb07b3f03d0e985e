// SPDX-License-Identifier: Apache-2.0

//! The part of the allow-list that is ours.
//!
//! `cargo xtask registries` makes the files below `claim_registry`, `comparator_registry` and
//! `semantics` from code, and tells when one of them is not listed here. A file whose text changes
//! gets a further line, above the older ones of its id; a line that was released stays for good.

use permit_claims::SemanticArtifact;

use crate::{
    allow_list::{ReleasedArtifact, Selection},
    registry_release::RegistryRelease,
};

/// Our own artifacts: the ids of the reference, our words, our bytes, the same recipes.
///
/// The reference does not know these hashes. A pack that pins them is for verifiers of this
/// project; [`PinWriter::for_claims`](crate::PinWriter::for_claims) therefore pins the reference's.
pub const OWN_ARTIFACTS: &[ReleasedArtifact] = &[
    ReleasedArtifact::published_here(
        Selection::Registry(RegistryRelease::Claims24),
        "sha256:0c5c06d523b6a65320e25bf95105c776e85f73d08737454aa1a09be6feb88c57",
        &["claim_registry/v0.json"],
    ),
    recipe(
        SemanticArtifact::ExportManifestIntegrity,
        "sha256:c82ebef05005950f1e06f1a26276fe56814f0ed12878e37fc4293d330c25fad4",
        &["semantics/export_manifest/integrity_v1.json"],
    ),
    recipe(
        SemanticArtifact::ChainRecordHash,
        "sha256:e44937e0eed2e07315df1a3d970ce372f98572a79a0c7283e93dc88bf1c4c541",
        &["semantics/governance_chain/record_hash_v1.json"],
    ),
    recipe(
        SemanticArtifact::EventIntegrityDigest,
        "sha256:3868ddf9d4a97a1f0f94880906370a7154e4a99ddfdadb501529215ba10d402e",
        &["semantics/governance_event/integrity_digest_v1.json"],
    ),
    recipe(
        SemanticArtifact::ClosureFormatV1,
        "sha256:3426f37294bc03526659c56df206b0f5b6310a93a7ea68b699f6b0407cf9ea05",
        &["semantics/closure/format_v1.json"],
    ),
    recipe(
        SemanticArtifact::ClosureFormatV2,
        "sha256:3466751650df452c8da545433991813dfc622e4c5748236632e26fe51bcda006",
        &["semantics/closure/format_v2.json"],
    ),
    recipe(
        SemanticArtifact::ClosureDigestRules,
        "sha256:2c8f6ad242b9027046d1462e554cb96786dbb3f4a247f68ad2441294a033b9c3",
        &["semantics/closure/digest_rules_v1.json"],
    ),
    recipe(
        SemanticArtifact::PermitBindingRequest,
        "sha256:3ad97ff2c92568a9f67d93be92679d28b8d0c8c0064cd9576cae2755fdf374fd",
        &["semantics/permit_binding/canonical_request_v1.json"],
    ),
    recipe(
        SemanticArtifact::WorkflowCanonicalization,
        "sha256:ca14a3874aa1e2cf8568a2085a1ddf71f253b0fe88d2ee69a279363ede449636",
        &["semantics/workflow/canonicalization_v1.json"],
    ),
    recipe(
        SemanticArtifact::WorkflowSibling,
        "sha256:8da649a5d403ae4f9e55738c1eb62b2753277f84b7e94a71bad29399e5fca362",
        &["semantics/workflow_evidence/sibling_integrity_v1.json"],
    ),
    recipe(
        SemanticArtifact::IncidentBundleManifest,
        "sha256:e1518963e4f55939fbbc7e9f26400687a3c82584daa77897a98e4dce9a41c93c",
        &["semantics/incident/bundle_manifest_v2.json"],
    ),
    recipe(
        SemanticArtifact::CheckpointCompositeHash,
        "sha256:8abdbc589093bf9730fa5e596310bcc46f3070752cd3516ea21007bd29b065e2",
        &["semantics/checkpoint/composite_hash_v1.json"],
    ),
    recipe(
        SemanticArtifact::CheckpointSignature,
        "sha256:6ecf39f92e50f3a48e183704c9fcb021a50698244032c19c3a28f54771a826de",
        &["semantics/checkpoint/signature_v1.json"],
    ),
    recipe(
        SemanticArtifact::CheckpointTsaImprint,
        "sha256:e39c56003d47f47a7d05553ad0f02a941d8f5c344a4ad1a94a0b3bcddeb01481",
        &["semantics/checkpoint/tsa_imprint_v1.json"],
    ),
    recipe(
        SemanticArtifact::ScopeStateMerkle,
        "sha256:27476d40a9b5e91cf10d85d2ff397efba430127ca644ec5ea05560cfdd67a105",
        &["semantics/scope_state/merkle_v1.json"],
    ),
    recipe(
        SemanticArtifact::ScopeStateSidecar,
        "sha256:d0dfb463d49a24c487ceabb48de1ad0ed95abd406bc7ac87678f28b37e772dfc",
        &["semantics/scope_state/sidecar_format_v1.json"],
    ),
    recipe(
        SemanticArtifact::ExportScopeFaithfulness,
        "sha256:a5ed6fd7d72022531ba33450bcab46244cbe5ff56798ce9521926f93061cfd2b",
        &["semantics/export/scope_faithfulness_v1.json"],
    ),
    recipe(
        SemanticArtifact::PermitDecision,
        "sha256:f61876cb72c161a9c9e5d461919d35a02ebd7b73f2d5e6743e3091c23d07a685",
        &["semantics/permit/decision_v1.json"],
    ),
    recipe(
        SemanticArtifact::PermitRevokedEvent,
        "sha256:1b31507cfe82b1c14eae839be9574f6024c6b0374923284f2cf0d357d1a62359",
        &["semantics/permit/revoked_event_v1.json"],
    ),
    recipe(
        SemanticArtifact::DispatchAbsence,
        "sha256:0f70679f86500bba3815d73f8d82fb165b6ddcf7e34cd059e3154d971249df15",
        &["semantics/permit/dispatch_absence_after_revocation_v1.json"],
    ),
    recipe(
        SemanticArtifact::OperatorApproval,
        "sha256:f5d4beab28cd1dc2151a4309422c4ffa9cc5c3d6dedf6f88d421739a92a51398",
        &["semantics/permit/permit.operator_approval.v1.json"],
    ),
    recipe(
        SemanticArtifact::CounterSignature,
        "sha256:29158628079f428f531cef8f9f38e20994b04d8327b6858c4e4d7c9d61790523",
        &["semantics/permit/permit.counter_signature.v1.json"],
    ),
    recipe(
        SemanticArtifact::AuditAttestation,
        "sha256:4da07a2055e1ca3980ef19605eadcb8ec66dc6900b557e10bd584c14171ee245",
        &["semantics/permit/permit.audit_attestation.v1.json"],
    ),
    recipe(
        SemanticArtifact::AuthorityEnvelope,
        "sha256:1038a0a610a66524a2a09827e9c1107133b2c2cab8b89dec7085aaf2a576b180",
        &["comparator_registry/v0.json"],
    ),
    ReleasedArtifact::published_here(
        Selection::LegacyProfile,
        "sha256:5e274ce033e7ddf5690306b932c3b895b9092954140fcf5af70948fe9fcd7ca4",
        &["semantics/profiles/pre_pinning_default_v0.json"],
    ),
];

const fn recipe(
    artifact: SemanticArtifact,
    hash: &'static str,
    paths: &'static [&'static str],
) -> ReleasedArtifact {
    ReleasedArtifact::published_here(Selection::Recipe(artifact), hash, paths)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use permit_canonical_json::Sha256Digest;
    use permit_claims::{Claim, LEGACY_PROFILE};

    use super::*;
    use crate::{allow_list::ALLOW_LIST, allow_list::Publisher};

    #[test]
    fn pin_04_ours_are_marked_and_no_hash_is_that_of_another_artifact() {
        let hashes: BTreeSet<_> = ReleasedArtifact::all().map(ReleasedArtifact::hash).collect();
        assert_eq!(hashes.len(), ALLOW_LIST.len() + OWN_ARTIFACTS.len());
        for own in OWN_ARTIFACTS {
            assert_eq!(own.publisher(), Publisher::PermitRs);
            assert!(Sha256Digest::from_prefixed(own.hash()).is_some());
            assert_eq!(ReleasedArtifact::find(own.id(), own.hash()), Some(own));
        }
        assert!(ALLOW_LIST.iter().all(|released| released.publisher() == Publisher::Reference));
    }

    #[test]
    fn pin_05_every_artifact_has_one_of_ours_at_the_path_of_the_reference() {
        for artifact in SemanticArtifact::ALL {
            let own = ReleasedArtifact::own(*artifact).unwrap();
            let current = ReleasedArtifact::current(*artifact).unwrap();
            assert_eq!(own.selects(), current.selects());
            assert_eq!(own.released_path(), current.released_path());
        }
        let profile = OWN_ARTIFACTS.iter().find(|own| own.id() == LEGACY_PROFILE.id).unwrap();
        assert_eq!(profile.selects(), Selection::LegacyProfile);
        assert!(Claim::ALL.iter().all(|claim| {
            claim.needs().iter().all(|artifact| ReleasedArtifact::own(*artifact).is_some())
        }));
    }
}
