// SPDX-License-Identifier: Apache-2.0

//! Our own semantic artifacts: the files that packs can pin beside those of the reference.
//!
//! ```text
//! claim_registry/v0.json          from permit-claims: every claim, what it states, what it needs
//! comparator_registry/v0.json     from permit-delegation: how authority envelopes are compared
//! semantics/<family>/<name>.json  from the crates that implement the recipes
//! ```
//!
//! Their hashes are listed in `permit-pins`. A file whose text changes is another artifact
//! (PIN-01), so that this chore also tells when a file is not in the list: nothing is released by
//! accident, and nothing that was released changes its meaning (CLAIM-05, PIN-09).

mod constants;
mod recipes;

use permit_canonical_json::{Sha256Digest, Value};
use permit_claims::{Claim, LEGACY_PROFILE, SemanticArtifact, Verdict, to_pretty_text};
use permit_delegation::{ComparatorRegistry, EnvelopeVersion};
use permit_pins::{ArtifactDocument, OWN_ARTIFACTS, ReleasedArtifact, Selection};

use crate::{
    ChoreError, Complaints,
    generated::{GeneratedFile, ensure},
    project::Project,
};

use recipes::recipe;

/// Makes the artifacts, or looks whether they are as they would be made.
pub(crate) fn run(project: &Project, check: bool) -> Result<Complaints, ChoreError> {
    let files = files()?;
    let mut complaints = unlisted(&files);
    complaints.extend(ensure(project, &files, check, "cargo xtask registries")?);
    for folder in FOLDERS {
        for path in project.files_below(folder)? {
            let is_made = files.iter().any(|file| file.path == path);
            if path.ends_with(".json") && !is_made {
                complaints.push(format!("{path}: nothing makes it"));
            }
        }
    }
    Ok(complaints)
}

/// All artifacts, as files.
pub(crate) fn files() -> Result<Vec<GeneratedFile>, ChoreError> {
    let mut files = Vec::new();
    for artifact in SemanticArtifact::ALL {
        let path = path_of(*artifact)?;
        let value = match artifact {
            SemanticArtifact::ClaimRegistry => claim_registry(),
            SemanticArtifact::AuthorityEnvelope => comparator_registry(),
            _ => artifact_document(*artifact)?,
        };
        files.push(GeneratedFile::new(path, to_pretty_text(&value)));
    }
    let path = own_path(Selection::LegacyProfile)?;
    files.push(GeneratedFile::new(path, to_pretty_text(&legacy_profile()?)));
    Ok(files)
}

/// Files that no verifier would know, since their hash is not in the list.
fn unlisted(files: &[GeneratedFile]) -> Complaints {
    let mut complaints = Complaints::new();
    for file in files {
        let hash = Sha256Digest::of(&file.content).prefixed().to_string();
        let newest = OWN_ARTIFACTS.iter().find(|own| own.released_path() == Some(&file.path));
        if newest.map(ReleasedArtifact::hash) != Some(&hash) {
            complaints.push(format!(
                "{}: its hash `{hash}` is not that of pins/src/own_artifacts.rs; a changed text is \
                 a new artifact, list it above the old one",
                file.path
            ));
        }
    }
    let text = |path: &str| files.iter().find(|file| file.path == path).map(|file| &file.content);
    let comparator = text("comparator_registry/v0.json");
    if comparator.and_then(|bytes| EnvelopeVersion::of_registry_bytes(bytes)).is_none() {
        complaints.push(
            "comparator_registry/v0.json: delegation/src/envelope_version.rs does not know its hash"
                .to_owned(),
        );
    }
    complaints
}

fn path_of(artifact: SemanticArtifact) -> Result<&'static str, ChoreError> {
    own_path(match artifact {
        SemanticArtifact::ClaimRegistry => {
            Selection::Registry(permit_pins::RegistryRelease::CURRENT)
        }
        artifact => Selection::Recipe(artifact),
    })
}

fn own_path(selects: Selection) -> Result<&'static str, ChoreError> {
    let own = OWN_ARTIFACTS.iter().find(|own| own.selects() == selects);
    let path = own.and_then(|own| own.released_path());
    path.ok_or_else(|| format!("permit-pins lists nothing of ours for {selects:?}").into())
}

fn claim_registry() -> Value<'static> {
    let verdicts = || {
        let words = [
            Verdict::Supported,
            Verdict::Disproved,
            Verdict::InsufficientEvidence,
            Verdict::UnverifiableScope,
        ];
        Value::array(words.map(Verdict::as_str))
    };
    let claims = Claim::ALL.iter().map(|claim| {
        Value::object([
            ("name", Value::from(claim.as_str())),
            ("assertion", claim.assertion().into()),
            ("required_evidence", claim.required_evidence().into()),
            ("semantics", Value::array(claim.needs().iter().map(|artifact| artifact.id()))),
            ("verdict_enum", verdicts()),
        ])
    });
    Value::object([
        ("version", Value::from("verifier-claims.v0")),
        ("title", "Claim registry of permit-rs, version 0".into()),
        (
            "description",
            "What can be claimed about Permit evidence, without what there is nothing to judge, and \
             which recipes are needed. Made from the code that judges; wording of permit-rs."
                .into(),
        ),
        ("verdict_enum", verdicts()),
        ("claims", Value::array(claims)),
    ])
}

fn comparator_registry() -> Value<'static> {
    let registry = ComparatorRegistry::built_in(EnvelopeVersion::V0).to_value();
    Value::object([
        ("version", Value::from(EnvelopeVersion::V0.as_str())),
        ("title", "Comparators of authority envelopes, version 0".into()),
        (
            "description",
            "How each field of a child's authority envelope is compared with its parent's. Made \
             from the code that compares; wording of permit-rs."
                .into(),
        ),
        ("fields", registry.get("fields").cloned().into()),
    ])
}

/// The recipe of one artifact in the format of the pinning document.
fn artifact_document(artifact: SemanticArtifact) -> Result<Value<'static>, ChoreError> {
    let recipe =
        recipe(artifact).ok_or_else(|| format!("no recipe is written for `{artifact}`"))?;
    let claims = Claim::ALL.iter().filter(|claim| claim.needs().contains(&artifact));
    let texts = |texts: &[&'static str]| Value::array(texts.iter().copied());
    let body = Value::object([
        ("title", Value::from(recipe.title)),
        ("wording", "permit-rs".into()),
        ("implemented_by", recipe.implemented_by.into()),
        ("claims", Value::array(claims.map(|claim| claim.as_str()))),
        ("rules", texts(recipe.rules)),
        ("constants", recipe.constants),
        ("steps", texts(recipe.steps)),
        ("limits", texts(recipe.limits)),
    ]);
    let id = artifact.id();
    let version = id.rsplit_once('.').map(|(_, version)| version);
    let version = version.ok_or_else(|| format!("`{id}` ends with no version"))?;
    document(id, version, recipe.kind, body)
}

/// The profile of packs without pins. Its components stay those of the reference for ever.
fn legacy_profile() -> Result<Value<'static>, ChoreError> {
    let components = LEGACY_PROFILE.components().map(|(artifact, hash)| {
        Value::object([("id", Value::from(artifact.id())), ("hash", hash.into())])
    });
    let body = Value::object([
        ("title", Value::from("Semantics of packs that pin none")),
        ("wording", "permit-rs".into()),
        ("rules", Value::array(["CLAIM-13", "CLAIM-14", "PIN-06", "PIN-07"])),
        ("components", Value::array(components)),
        (
            "steps",
            Value::array([
                "Use it where the document has neither `claim_set` nor `semantics_pins`, and say so.",
                "Where either block is there, use nothing of it that the pack does not name.",
                "The components are those of before pinning, for ever; no later artifact joins them.",
            ]),
        ),
    ]);
    document(LEGACY_PROFILE.id, "v0", "profile", body)
}

fn document(
    id: &str,
    version: &str,
    kind: &str,
    body: Value<'static>,
) -> Result<Value<'static>, ChoreError> {
    let value = Value::object([
        ("id", Value::from(id.to_owned())),
        ("version", version.to_owned().into()),
        ("kind", kind.to_owned().into()),
        ("status", "released".into()),
        ("body", body),
    ]);
    // What is written is what readers of the format accept.
    ArtifactDocument::read(to_pretty_text(&value).as_bytes())?;
    Ok(value)
}

const FOLDERS: [&str; 3] = ["claim_registry", "comparator_registry", "semantics"];

#[cfg(test)]
mod tests {
    use permit_canonical_json::{Budget, Object, read};
    use permit_pins::{
        InMemoryPackFiles, PackDocument, PackPath, Pin, PinWriter, Publisher, RequestedClaim,
        resolve,
    };

    use super::*;

    #[test]
    fn pin_01_the_bytes_of_every_artifact_have_the_hash_that_is_listed() {
        assert_eq!(unlisted(&files().unwrap()), Complaints::new());
        assert_eq!(files().unwrap().len(), SemanticArtifact::ALL.len() + 1);
    }

    #[test]
    fn pin_01_the_files_of_the_workspace_are_those_that_are_made() {
        let complaints = run(&Project::find().unwrap(), true).unwrap();
        assert_eq!(complaints, Complaints::new());
    }

    #[test]
    fn a_changed_text_is_noticed() {
        let mut files = files().unwrap();
        let file = files.first_mut().unwrap();
        file.content.push(b' ');
        let complaints = unlisted(&files);
        assert_eq!(complaints.len(), 1);
        assert!(complaints[0].starts_with("claim_registry/v0.json: its hash"), "{complaints:?}");
    }

    #[test]
    fn claim_08_the_registry_has_every_claim_once() {
        let registry = claim_registry();
        let claims = registry.get("claims").and_then(Value::as_array).unwrap();
        let names: Vec<_> = claims.iter().filter_map(|c| c.get("name")?.as_str()).collect();
        let all: Vec<_> = Claim::ALL.iter().map(|claim| claim.as_str()).collect();
        assert_eq!(names, all);
    }

    #[test]
    fn pchain_11_the_comparator_registry_says_what_the_code_does() {
        let registry = ComparatorRegistry::read(&comparator_registry()).unwrap();
        assert_eq!(registry, ComparatorRegistry::built_in(EnvelopeVersion::V0));
    }

    #[test]
    fn pin_05_packs_with_our_bytes_resolve_inline_and_from_files_and_from_hashes_alone() {
        let files = files().unwrap();
        let bytes = |released: &ReleasedArtifact| {
            let path = released.released_path().unwrap();
            files.iter().find(|file| file.path == path).unwrap().content.clone()
        };
        let in_pack: InMemoryPackFiles = files
            .iter()
            .map(|file| (PackPath::parse(&file.path).unwrap(), file.content.clone()))
            .collect();
        let requests = || Claim::ALL.iter().map(|claim| RequestedClaim::new(*claim, true));
        let inline = PinWriter::for_claims_by(Publisher::PermitRs, requests(), |released| {
            Pin::inline(bytes(released)).unwrap()
        });
        let path = Pin::at_released_path;
        let by_path = PinWriter::for_claims_by(Publisher::PermitRs, requests(), path);
        let hash = Pin::hash_only;
        let by_hash = PinWriter::for_claims_by(Publisher::PermitRs, requests(), hash);
        let none = InMemoryPackFiles::default();
        for (writer, files) in
            [(inline, &none), (by_path.clone(), &in_pack), (by_path, &none), (by_hash, &none)]
        {
            let mut manifest = Object::default();
            writer.write().unwrap().insert_into(&mut manifest);
            let text = to_pretty_text(&manifest.into());
            let value = read(text.as_bytes(), &Budget::default()).unwrap();
            let semantics = resolve(PackDocument::ExportManifest, &value, files).unwrap();
            assert!(Claim::ALL.iter().all(|claim| semantics.covers(*claim)));
        }
    }

    #[test]
    fn pin_03_files_of_the_reference_are_no_bytes_of_ours() {
        let mut manifest = Object::default();
        let requests = [RequestedClaim::new(Claim::ExportIntegrity, true)];
        PinWriter::for_claims_by(Publisher::PermitRs, requests, Pin::at_released_path)
            .write()
            .unwrap()
            .insert_into(&mut manifest);
        let other: InMemoryPackFiles = files()
            .unwrap()
            .into_iter()
            .map(|file| {
                let changed = [file.content, b"\n".to_vec()].concat();
                (PackPath::parse(&file.path).unwrap(), changed)
            })
            .collect();
        let failure = resolve(PackDocument::ExportManifest, &manifest.into(), &other).unwrap_err();
        assert_eq!(failure.reason().as_str(), "SEMANTIC_PIN_HASH_MISMATCH");
    }
}
