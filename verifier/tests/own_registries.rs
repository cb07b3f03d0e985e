// SPDX-License-Identifier: Apache-2.0

//! Packs that pin our own artifacts, as they lie in the workspace.

#![cfg(test)]

mod evidence;

use std::{fs, path::Path};

use evidence::{Export, both_layers};
use permit_claims::{Claim, Verdict};
use permit_pins::{OWN_ARTIFACTS, PackPath, Pin, PinWriter, Publisher, RequestedClaim};
use permit_verifier::{ExportEvidence, Folder, InMemoryFolder, NamedFile, Report, verify_export};

const CLAIMS: [Claim; 6] = [
    Claim::ExportIntegrity,
    Claim::ExportScopeIdentity,
    Claim::ChainContinuity,
    Claim::ClosureSignature,
    Claim::ClosureDigests,
    Claim::ClosureDispatch,
];

/// The folder of a pack that holds our artifacts at the paths that pins name.
fn artifacts() -> InMemoryFolder {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut folder = InMemoryFolder::new();
    for own in OWN_ARTIFACTS {
        let path = own.released_path().unwrap();
        let bytes = fs::read(root.join(path)).unwrap();
        folder.insert(Folder::Manifest, PackPath::parse(path).unwrap(), bytes);
    }
    folder
}

fn verify(
    publisher: Publisher,
    carry: fn(&'static permit_pins::ReleasedArtifact) -> Pin,
    folder: &InMemoryFolder,
) -> Report {
    let mut export = Export::honest();
    let requests = CLAIMS.map(|claim| RequestedClaim::new(claim, true));
    let writer = PinWriter::for_claims_by(publisher, requests, carry);
    writer.write().unwrap().insert_into(&mut export.manifest);
    let (payload, manifest) = (export.bytes(), export.manifest_bytes());
    let manifest = NamedFile::new("manifest.json", manifest);
    let evidence = ExportEvidence::new("export.json", payload.as_slice(), manifest).folder(folder);
    verify_export(evidence, &export.trust(), &both_layers()).unwrap()
}

#[test]
fn pin_05_a_pack_with_our_artifacts_is_verified_like_one_with_those_of_the_reference() {
    let usual = verify(Publisher::Reference, Pin::hash_only, &InMemoryFolder::new());
    assert!(usual.passed(), "{:?}", usual.error);
    for (carry, folder) in [
        (Pin::at_released_path as fn(_) -> _, artifacts()),
        (Pin::at_released_path, InMemoryFolder::new()),
        (Pin::hash_only, InMemoryFolder::new()),
    ] {
        let report = verify(Publisher::PermitRs, carry, &folder);
        assert!(report.passed(), "{:?}", report.error);
        for claim in CLAIMS {
            let found = report.claim(claim).unwrap();
            assert_eq!(found.verdict, Verdict::Supported, "{claim}");
            for (artifact, hash) in &found.semantics {
                let own = permit_pins::ReleasedArtifact::own(*artifact).unwrap();
                assert_eq!(hash.as_deref(), Some(own.hash()), "{claim}");
            }
        }
        let same = |report: &Report| {
            report.claims.iter().map(|found| (found.claim, found.verdict)).collect::<Vec<_>>()
        };
        assert_eq!(same(&report), same(&usual));
    }
}

#[test]
fn pin_03_our_artifacts_with_a_changed_byte_are_not_ours() {
    for own in OWN_ARTIFACTS {
        let needed = CLAIMS.iter().flat_map(|claim| claim.needs()).any(|a| a.id() == own.id());
        if !needed {
            continue;
        }
        let mut folder = artifacts();
        let path = PackPath::parse(own.released_path().unwrap()).unwrap();
        folder.insert(Folder::Manifest, path, b"{}".to_vec());
        let report = verify(Publisher::PermitRs, Pin::at_released_path, &folder);
        assert!(!report.passed(), "{}", own.id());
        let failure = report.headline().unwrap();
        assert_eq!(failure.reason.as_str(), "SEMANTIC_PIN_HASH_MISMATCH", "{}", own.id());
    }
}
