// SPDX-License-Identifier: Apache-2.0

//! The allow-list against the bytes that were released.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use permit_canonical_json::{Budget, read};
use permit_claims::{Claim, LEGACY_PROFILE, SemanticArtifact};
use permit_pins::{ALLOW_LIST, PackPath, RegistryRelease, ReleasedArtifact, Selection};
use serde_json::Value;

use crate::pack::{REGISTRY, hash, reference, released_bytes};

/// All files below a folder, with their paths in it.
pub(crate) fn files(root: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let inside = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.push((inside, path));
            }
        }
    }
    found
}

#[test]
fn pin_04_every_path_of_the_list_holds_the_bytes_that_the_list_names() {
    let Some(root) = reference("keel/data-2.5.1") else { return };
    let mut with_bytes = BTreeSet::new();
    for (inside, file) in files(&root) {
        let bytes = fs::read(file).unwrap();
        let found = hash(&bytes);
        let at = ReleasedArtifact::at_path(&PackPath::parse(&inside).unwrap());
        assert_eq!(at.map(ReleasedArtifact::hash), listed(&found), "{inside}");
        if let Some(released) = at {
            with_bytes.insert(released.hash());
            // What is listed is what the strict reader accepts.
            let value = read(&bytes, &Budget::default()).unwrap();
            let id = value.get("id").and_then(|id| id.as_str());
            let nameless = matches!(
                released.selects(),
                Selection::Registry(_) | Selection::Recipe(SemanticArtifact::AuthorityEnvelope)
            );
            assert_eq!(id, (!nameless).then_some(released.id()), "{inside}");
        }
    }
    // The sources of the three published artifacts of scopes are not among the released files.
    assert_eq!(with_bytes.len(), ALLOW_LIST.len() - 3);
}

fn listed(found: &str) -> Option<&'static str> {
    ReleasedArtifact::with_hash(found).map(ReleasedArtifact::hash)
}

#[test]
fn claim_06_a_later_release_still_has_most_of_the_bytes() {
    let Some(root) = reference("keel/data-3.24") else { return };
    let mut later = BTreeSet::new();
    for (inside, file) in files(&root) {
        if let Some(released) = ReleasedArtifact::with_hash(&hash(&fs::read(file).unwrap())) {
            let value: Value =
                serde_json::from_slice(&fs::read(root.join(&inside)).unwrap()).unwrap();
            assert!(value["id"].is_null() || value["id"] == released.id(), "{inside}");
            later.insert(released.hash());
        }
    }
    let gone: Vec<_> = ALLOW_LIST
        .iter()
        .filter(|released| released.released_path().is_some() && !later.contains(released.hash()))
        .map(ReleasedArtifact::id)
        .collect();
    // Both were replaced in place; packs that pinned them keep their meaning here.
    assert_eq!(gone, ["keel.permit.counter_signature.v1", "keel.pre_pinning_default.v0"]);
}

#[test]
fn amb_45_the_states_of_the_registry_define_the_claims_that_their_bytes_list() {
    for released in ALLOW_LIST.iter().filter(|released| released.id() == REGISTRY) {
        let Selection::Registry(release) = released.selects() else { panic!() };
        let Some(bytes) = released_bytes(released.released_path().unwrap()) else { return };
        assert_eq!(hash(&bytes), released.hash());
        let registry: Value = serde_json::from_slice(&bytes).unwrap();
        let listed: BTreeSet<_> = registry["claims"]
            .as_array()
            .unwrap()
            .iter()
            .map(|claim| claim["name"].as_str().unwrap())
            .collect();
        let defined: BTreeSet<_> = release.claims().map(Claim::as_str).collect();
        assert_eq!(listed, defined, "{release:?}");
    }
    assert_eq!(RegistryRelease::CURRENT.claims().count(), Claim::ALL.len());
}

#[test]
fn claim_13_the_legacy_profile_is_what_its_bytes_list() {
    let Some(bytes) = released_bytes("semantics/profiles/pre_pinning_default_v0.json") else {
        return;
    };
    assert_eq!(hash(&bytes), LEGACY_PROFILE.hash);
    let profile: Value = serde_json::from_slice(&bytes).unwrap();
    let listed: Vec<_> = profile["body"]["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|component| (component["id"].as_str().unwrap(), component["hash"].as_str().unwrap()))
        .collect();
    let built_in: Vec<_> =
        LEGACY_PROFILE.components().map(|(artifact, hash)| (artifact.id(), hash)).collect();
    assert_eq!(listed, built_in);
    for component in profile["body"]["components"].as_array().unwrap() {
        let path = PackPath::parse(component["path"].as_str().unwrap()).unwrap();
        let at = ReleasedArtifact::at_path(&path).unwrap();
        assert_eq!(at.id(), component["id"]);
        // The registry has grown at its path since.
        let same = at.id() != SemanticArtifact::ClaimRegistry.id();
        assert_eq!(at.hash() == component["hash"].as_str().unwrap(), same);
    }
}
