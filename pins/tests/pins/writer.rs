// SPDX-License-Identifier: Apache-2.0

//! Blocks that issuers write: complete or not at all, and resolved by whoever reads them.

use permit_canonical_json::{Budget, Object, Profile, read_text};
use permit_claims::{Claim, SemanticArtifact};
use permit_pins::{
    ALLOW_LIST, NoPackFiles, PackDocument, PackPath, Pin, PinWriteError, PinWriter, Publisher,
    ReleasedArtifact, RequestedClaim, Semantics, resolve,
};

use crate::pack::{COMPARATOR, INTEGRITY, PROFILE, REGISTRY, released_bytes};

fn released(id: &str) -> &'static ReleasedArtifact {
    ReleasedArtifact::of_id(id).next().unwrap()
}

fn required(claim: Claim) -> RequestedClaim {
    RequestedClaim::new(claim, true)
}

/// What a reader makes of the blocks, from their text.
fn read_back(writer: PinWriter) -> Semantics {
    let mut manifest = Object::default();
    manifest.insert("claim_set", "old");
    writer.write().unwrap().insert_into(&mut manifest);
    let text = Profile::Payload.to_text(&manifest.into()).unwrap();
    let value = read_text(&text, &Budget::default()).unwrap();
    resolve(PackDocument::ExportManifest, &value, &NoPackFiles).unwrap()
}

#[test]
fn claim_07_blocks_resolve_to_what_was_requested() {
    for carry in [Pin::hash_only, Pin::at_released_path] {
        let requests = Claim::ALL.iter().enumerate();
        let requests: Vec<_> =
            requests.map(|(index, claim)| RequestedClaim::new(*claim, index % 2 == 0)).collect();
        let semantics = read_back(PinWriter::for_claims(requests.clone(), carry));
        let read = semantics.resolution().requested().iter();
        let read: Vec<_> = read.map(|request| (request.claim, request.required)).collect();
        let asked: Vec<_> =
            requests.iter().map(|request| (request.claim, request.required)).collect();
        assert_eq!(read, asked);
        assert!(Claim::ALL.iter().all(|claim| semantics.covers(*claim)));
    }
    for claim in Claim::ALL {
        let semantics = read_back(PinWriter::for_claims([required(*claim)], Pin::hash_only));
        assert!(semantics.covers(*claim));
    }
}

#[test]
fn claim_09_every_artifact_that_a_claim_needs_is_pinned_or_nothing_is_written() {
    for claim in Claim::ALL {
        for missing in claim.needs() {
            let mut writer = PinWriter::new(Pin::hash_only(ReleasedArtifact::current_registry()))
                .request(required(*claim));
            for artifact in claim.needs().iter().filter(|artifact| *artifact != missing) {
                writer = writer.pin(Pin::hash_only(ReleasedArtifact::current(*artifact).unwrap()));
            }
            let expected = PinWriteError::Unpinned { claim: *claim, artifact: *missing };
            assert_eq!(writer.clone().write(), Err(expected));
            writer = writer.pin(Pin::hash_only(ReleasedArtifact::current(*missing).unwrap()));
            assert!(writer.write().is_ok());
        }
    }
}

#[test]
fn claim_08_an_old_registry_does_not_define_new_claims() {
    let registry = ALLOW_LIST.iter().rfind(|released| released.id() == REGISTRY).unwrap();
    let writer = PinWriter::new(Pin::hash_only(registry));
    let artifact = ReleasedArtifact::current(SemanticArtifact::PermitDecision).unwrap();
    let writer = writer.request(required(Claim::PermitDecision)).pin(Pin::hash_only(artifact));
    let expected = PinWriteError::Undefined { claim: Claim::PermitDecision };
    assert_eq!(writer.write(), Err(expected));
}

#[test]
fn what_cannot_stand_in_a_place_is_refused() {
    let registry = || PinWriter::new(Pin::hash_only(ReleasedArtifact::current_registry()));
    let integrity = || Pin::hash_only(released(INTEGRITY));
    let good = || registry().request(required(Claim::ExportIntegrity)).pin(integrity());
    good().write().unwrap();
    let other = PinWriter::new(Pin::hash_only(released(COMPARATOR)))
        .request(required(Claim::ExportIntegrity))
        .pin(integrity());
    assert_eq!(other.write(), Err(PinWriteError::NoRegistry { id: COMPARATOR }));
    assert_eq!(registry().pin(integrity()).write(), Err(PinWriteError::NoClaims));
    let claim = Claim::ExportIntegrity;
    let twice = good().request(RequestedClaim::new(claim, false));
    assert_eq!(twice.write(), Err(PinWriteError::RequestedTwice { claim }));
    let artifact = SemanticArtifact::ExportManifestIntegrity;
    assert_eq!(good().pin(integrity()).write(), Err(PinWriteError::PinnedTwice { artifact }));
    for id in [REGISTRY, PROFILE] {
        let writer = good().pin(Pin::hash_only(released(id)));
        assert_eq!(writer.write(), Err(PinWriteError::NoRecipe { id }));
    }
    let writer = good().profile(integrity());
    assert_eq!(writer.write(), Err(PinWriteError::NoProfile { id: INTEGRITY }));
}

#[test]
fn pin_05_the_profile_stands_for_its_components() {
    let writer = PinWriter::new(Pin::hash_only(ReleasedArtifact::current_registry()))
        .profile(Pin::at_released_path(released(PROFILE)))
        .request(required(Claim::ClosureSignature));
    let semantics = read_back(writer.clone());
    assert!(semantics.covers(Claim::ClosureSignature));
    let expected = PinWriteError::Unpinned {
        claim: Claim::PermitDecision,
        artifact: SemanticArtifact::PermitDecision,
    };
    assert_eq!(writer.request(required(Claim::PermitDecision)).write(), Err(expected));
}

#[test]
fn pin_04_bytes_that_were_not_released_cannot_be_pinned() {
    let error = Pin::inline(b"{}".to_vec()).unwrap_err();
    assert!(matches!(error, PinWriteError::NotReleased { .. }));
    let Some(bytes) = released_bytes("semantics/export_manifest/integrity_v1.json") else { return };
    let pin = Pin::inline(bytes.clone()).unwrap();
    assert_eq!(pin.released(), released(INTEGRITY));
    let registry = Pin::inline(released_bytes("claim_registry/v0.json").unwrap()).unwrap();
    read_back(PinWriter::new(registry).request(required(Claim::ExportIntegrity)).pin(pin));
    let reformatted = [bytes.as_slice(), b"\n"].concat();
    assert!(Pin::inline(reformatted).is_err());
}

#[test]
fn a_pack_may_have_its_own_layout() {
    let path = PackPath::parse("pins/integrity.json").unwrap();
    let blocks = PinWriter::new(Pin::hash_only(ReleasedArtifact::current_registry()))
        .request(required(Claim::ExportIntegrity))
        .pin(Pin::at_path(released(INTEGRITY), path))
        .write()
        .unwrap();
    let artifacts = blocks.semantics_pins().get("artifacts").unwrap().as_array().unwrap();
    let path = artifacts[0].get("path").and_then(|path| path.as_str());
    assert_eq!(path, Some("pins/integrity.json"));
    assert_eq!(
        blocks.claim_set().get("version").and_then(|v| v.as_str()),
        Some("verifier-claims.v0")
    );
}

#[test]
fn sources_that_no_release_carries_have_no_path() {
    let source = ReleasedArtifact::of_id("keel.scope_state.merkle.v1").nth(1).unwrap();
    assert_eq!(Pin::at_released_path(source), Pin::hash_only(source));
}

#[test]
fn pin_04_new_packs_pin_what_every_verifier_knows_unless_they_ask_for_ours() {
    let requests = || Claim::ALL.iter().map(|claim| required(*claim));
    for publisher in [Publisher::Reference, Publisher::PermitRs] {
        let semantics =
            read_back(PinWriter::for_claims_by(publisher, requests(), Pin::at_released_path));
        assert!(Claim::ALL.iter().all(|claim| semantics.covers(*claim)));
        for pin in semantics.resolution().pins() {
            let released = ReleasedArtifact::find(&pin.id, &pin.hash).unwrap();
            assert_eq!(released.publisher(), publisher, "{}", pin.id);
        }
    }
    let usual = PinWriter::for_claims(requests(), Pin::hash_only);
    assert_eq!(usual, PinWriter::for_claims_by(Publisher::Reference, requests(), Pin::hash_only));
}

#[test]
fn pin_05_our_profile_is_named_by_its_own_hash() {
    let profile = ReleasedArtifact::of_id(PROFILE).last().unwrap();
    assert_eq!(profile.publisher(), Publisher::PermitRs);
    let writer = PinWriter::new(Pin::hash_only(ReleasedArtifact::current_registry()))
        .profile(Pin::hash_only(profile))
        .request(required(Claim::ClosureSignature));
    let semantics = read_back(writer);
    let named = semantics.resolution().profile().unwrap();
    assert_eq!((named.id, named.hash), (PROFILE, profile.hash()));
}
