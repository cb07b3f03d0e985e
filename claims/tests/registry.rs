// SPDX-License-Identifier: Apache-2.0

//! The claims, what each is judged by, and the profile of packs without pins.

#![cfg(test)]

use std::collections::BTreeSet;

use permit_canonical_json::{Budget, Sha256Digest, Value, read};
use permit_claims::{Claim, LEGACY_PROFILE, SemanticArtifact, Verdict};

use support::reference;

/// Every claim, in the order of the registry, with the artifacts that it needs, in order.
const CLAIMS: [(&str, &[&str]); 24] = [
    ("export.integrity.v1", &["keel.export_manifest.integrity.v1"]),
    ("export.scope_identity.v1", &["keel.export_manifest.integrity.v1"]),
    ("governance_chain.local_continuity.v1", &["keel.governance_chain.record_hash.v1"]),
    (
        "permit_chain.delegation_denied_correctly.v1",
        &[
            "keel.governance_chain.record_hash.v1",
            "keel.governance_event.integrity_digest.v1",
            "authority-envelope.v0",
        ],
    ),
    (
        "closure.signature.v1",
        &[
            "keel.closure.format.v1",
            "keel.closure.format.v2",
            "keel.permit_binding.canonical_request.v1",
        ],
    ),
    (
        "closure.digest_consistency.v1",
        &["keel.closure.format.v1", "keel.closure.format.v2", "keel.closure.digest_rules.v1"],
    ),
    (
        "closure.dispatch_binding.v1",
        &[
            "keel.closure.format.v2",
            "keel.closure.digest_rules.v1",
            "keel.permit_binding.canonical_request.v1",
        ],
    ),
    (
        "workflow.declaration_signature.v1",
        &["keel.workflow.canonicalization.v1", "keel.permit_binding.canonical_request.v1"],
    ),
    (
        "workflow.amendment_signature.v1",
        &["keel.workflow.canonicalization.v1", "keel.permit_binding.canonical_request.v1"],
    ),
    ("workflow.effective_intent_hash.v1", &["keel.workflow.canonicalization.v1"]),
    ("workflow.permit_snapshot.v1", &["keel.workflow.canonicalization.v1"]),
    ("incident.bundle_manifest.v1", &["keel.incident.bundle_manifest.v2"]),
    ("checkpoint.composite_hash.v1", &["keel.checkpoint.composite_hash.v1"]),
    ("checkpoint.signature.v1", &["keel.checkpoint.signature.v1"]),
    ("checkpoint.tsa_imprint.v1", &["keel.checkpoint.tsa_imprint.v1"]),
    ("workflow_evidence.sibling_integrity.v1", &["keel.workflow_evidence.sibling_integrity.v1"]),
    (
        "checkpoint.scope_state.v1",
        &[
            "keel.scope_state.sidecar_format.v1",
            "keel.scope_state.merkle.v1",
            "keel.checkpoint.composite_hash.v1",
            "keel.checkpoint.signature.v1",
        ],
    ),
    (
        "export.scope_faithfulness.v1",
        &[
            "keel.export_manifest.integrity.v1",
            "keel.export.scope_faithfulness.v1",
            "keel.scope_state.merkle.v1",
            "keel.governance_chain.record_hash.v1",
            "keel.checkpoint.composite_hash.v1",
            "keel.checkpoint.signature.v1",
        ],
    ),
    ("permit.decision.v1", &["keel.permit.decision.v1"]),
    ("permit.revoked.v1", &["keel.permit.revoked_event.v1"]),
    (
        "permit.dispatch_absence_after_revocation.v1",
        &["keel.permit.dispatch_absence_after_revocation.v1"],
    ),
    ("permit.operator_approved.v1", &["keel.permit.operator_approval.v1"]),
    ("permit.counter_signed.v1", &["keel.permit.counter_signature.v1"]),
    ("permit.audit_attested.v1", &["keel.permit.audit_attestation.v1"]),
];

/// The components of the profile, in order, and the first bytes of their hashes.
const PROFILE: [(&str, &str); 15] = [
    ("keel.verifier_claim_registry.v0", "d4ff0707"),
    ("keel.export_manifest.integrity.v1", "d1d67dca"),
    ("keel.governance_chain.record_hash.v1", "a3213706"),
    ("keel.governance_event.integrity_digest.v1", "7d3f447e"),
    ("keel.closure.format.v1", "b208b82f"),
    ("keel.closure.format.v2", "476b9aaf"),
    ("keel.closure.digest_rules.v1", "eca06d96"),
    ("keel.permit_binding.canonical_request.v1", "59633003"),
    ("keel.workflow.canonicalization.v1", "b7359ae1"),
    ("keel.workflow_evidence.sibling_integrity.v1", "c4e99745"),
    ("keel.incident.bundle_manifest.v2", "ed112e36"),
    ("keel.checkpoint.composite_hash.v1", "68aafa26"),
    ("keel.checkpoint.signature.v1", "af16c66e"),
    ("keel.checkpoint.tsa_imprint.v1", "a4e02133"),
    ("authority-envelope.v0", "a2505ac9"),
];

#[test]
fn claim_20_each_claim_needs_its_artifacts_in_order() {
    // CLAIM-20 for the denial of delegated authority, CLAIM-11 for its comparator.
    let found: Vec<(&str, Vec<&str>)> = Claim::ALL
        .iter()
        .map(|claim| (claim.as_str(), claim.needs().iter().map(|needed| needed.id()).collect()))
        .collect();
    let expected: Vec<(&str, Vec<&str>)> =
        CLAIMS.iter().map(|(name, needs)| (*name, needs.to_vec())).collect();
    assert_eq!(found, expected);
    let denial = Claim::DelegationDenied.needs();
    assert_eq!(denial.len(), 3);
    assert!(denial.contains(&SemanticArtifact::AuthorityEnvelope));
    let comparing: Vec<_> = Claim::ALL
        .iter()
        .filter(|claim| claim.needs().contains(&SemanticArtifact::AuthorityEnvelope))
        .collect();
    assert_eq!(comparing, [&Claim::DelegationDenied], "no other claim compares envelopes");
}

#[test]
fn claim_08_only_names_of_the_registry_are_claims() {
    for (claim, (name, _)) in Claim::ALL.iter().zip(CLAIMS) {
        assert_eq!(Claim::parse(name), Some(*claim));
        assert_eq!(claim.to_string(), name);
    }
    let near = [
        "",
        "export.integrity",
        "export.integrity.v2",
        "export.integrity.v1 ",
        "Export.Integrity.v1",
        "export.integrity.v1\0",
        "permit.counter_signature.v1",
        "permit.operator_approval.v1",
        "keel.closure.format.v1",
        "ｅxport.integrity.v1",
    ];
    assert_eq!(near.map(Claim::parse), [None; 10]);
    assert_eq!(Claim::parse(&"x".repeat(1_000_000)), None);
}

#[test]
fn artifacts_are_known_by_their_ids() {
    let ids: BTreeSet<&str> = SemanticArtifact::ALL.iter().map(|artifact| artifact.id()).collect();
    assert_eq!(ids.len(), SemanticArtifact::ALL.len());
    assert_eq!(ids.len(), 24);
    for artifact in SemanticArtifact::ALL {
        assert_eq!(SemanticArtifact::parse(artifact.id()), Some(*artifact));
        assert_eq!(artifact.to_string(), artifact.id());
    }
    let needed: BTreeSet<&str> =
        CLAIMS.iter().flat_map(|(_, needs)| needs.iter().copied()).collect();
    let registry = SemanticArtifact::ClaimRegistry.id();
    assert_eq!(ids.difference(&needed).copied().collect::<Vec<_>>(), [registry]);
    // The profile is no artifact that a claim could be judged by.
    for id in ["", LEGACY_PROFILE.id, "keel.closure.format.v3", "authority-envelope.v1"] {
        assert_eq!(SemanticArtifact::parse(id), None, "{id}");
    }
}

#[test]
fn claim_13_packs_without_pins_have_the_semantics_of_one_profile() {
    assert_eq!(LEGACY_PROFILE.id, "keel.pre_pinning_default.v0");
    let found: Vec<_> = LEGACY_PROFILE.components().collect();
    assert_eq!(found.len(), PROFILE.len());
    for ((artifact, hash), (id, start)) in found.into_iter().zip(PROFILE) {
        assert_eq!(artifact.id(), id);
        assert!(hash.starts_with(&format!("sha256:{start}")), "{id}");
        assert!(Sha256Digest::from_prefixed(hash).is_some(), "{id}");
        assert_eq!(artifact.legacy_hash(), Some(hash));
    }
    assert!(Sha256Digest::from_prefixed(LEGACY_PROFILE.hash).is_some());
}

#[test]
fn claim_13_later_claims_have_no_semantics_in_that_profile() {
    // The eight of scope and permits; a pack must pin for them.
    let without: Vec<&str> = Claim::ALL
        .iter()
        .filter(|claim| claim.needs().iter().any(|needed| needed.legacy_hash().is_none()))
        .map(|claim| claim.as_str())
        .collect();
    assert_eq!(
        without,
        [
            "checkpoint.scope_state.v1",
            "export.scope_faithfulness.v1",
            "permit.decision.v1",
            "permit.revoked.v1",
            "permit.dispatch_absence_after_revocation.v1",
            "permit.operator_approved.v1",
            "permit.counter_signed.v1",
            "permit.audit_attested.v1",
        ]
    );
}

#[test]
fn verdicts_are_four_words() {
    let words = Verdict::ALL.iter().map(|verdict| verdict.as_str()).collect::<Vec<_>>();
    let expected = ["supported", "disproved", "insufficient_evidence", "unverifiable_scope"];
    assert_eq!(BTreeSet::from_iter(words), BTreeSet::from(expected));
    for word in ["valid", "invalid", "SUPPORTED", ""] {
        assert_eq!(Verdict::parse(word), None, "{word}");
    }
}

#[test]
fn claim_05_the_released_registry_has_these_claims() {
    let Some(folder) = reference("keel/data-2.5.1") else { return };
    let bytes = std::fs::read(folder.join("claim_registry/v0.json")).unwrap();
    let registry = read(&bytes, &Budget::default()).unwrap();
    let claims = registry.get("claims").and_then(Value::as_array).unwrap();
    let mut names = BTreeSet::new();
    for claim in claims {
        names.insert(claim.get("name").and_then(Value::as_str).unwrap());
        let verdicts = claim.get("verdict_enum").and_then(Value::as_array).unwrap();
        let verdicts: Option<BTreeSet<_>> =
            verdicts.iter().map(|word| Verdict::parse(word.as_str()?)).collect();
        assert_eq!(verdicts, Some(Verdict::ALL.iter().copied().collect()));
    }
    assert_eq!(names, Claim::ALL.iter().map(|claim| claim.as_str()).collect());
    let in_order: Vec<_> =
        claims.iter().map(|claim| claim.get("name").and_then(Value::as_str).unwrap()).collect();
    assert_eq!(in_order, CLAIMS.map(|(name, _)| name));
}

#[test]
fn claim_10_the_hashes_are_those_of_the_released_bytes() {
    let Some(folder) = reference("keel/data-2.5.1") else { return };
    let path = folder.join("semantics/profiles/pre_pinning_default_v0.json");
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(Sha256Digest::of(&bytes).prefixed().to_string(), LEGACY_PROFILE.hash);
    let profile = read(&bytes, &Budget::default()).unwrap();
    let components = profile.get("body").and_then(|body| body.get("components")).unwrap();
    let stated: Vec<(&str, &str)> = components
        .as_array()
        .unwrap()
        .iter()
        .map(|component| {
            let text = |name| component.get(name).and_then(Value::as_str).unwrap();
            (text("id"), text("hash"))
        })
        .collect();
    let ours: Vec<(&str, &str)> =
        LEGACY_PROFILE.components().map(|(artifact, hash)| (artifact.id(), hash)).collect();
    assert_eq!(ours, stated);
    // CLAIM-06: the registry that the profile names is an older one, and its bytes still exist.
    for (artifact, component) in
        LEGACY_PROFILE.components().zip(components.as_array().unwrap()).skip(1)
    {
        let path = component.get("path").and_then(Value::as_str).unwrap();
        let bytes = std::fs::read(folder.join(path)).unwrap();
        assert_eq!(Sha256Digest::of(&bytes).prefixed().to_string(), artifact.1, "{path}");
    }
}

#[cfg(test)]
mod support {
    use std::path::PathBuf;

    pub(crate) fn reference(path: &str) -> Option<PathBuf> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference");
        let path = PathBuf::from(root).join(path);
        if path.exists() {
            return Some(path);
        }
        eprintln!("skipped: {} is not there", path.display());
        None
    }
}
