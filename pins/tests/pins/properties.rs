// SPDX-License-Identifier: Apache-2.0

//! Nothing that a pack can say makes the resolver fail in another way than by saying so.

use permit_canonical_json::{Budget, read_text};
use permit_claims::{Claim, SemanticArtifact, Unsupported};
use permit_pins::{
    ALLOW_LIST, InMemoryPackFiles, NoPackFiles, PackDocument, PackPath, Pin, PinWriter,
    RequestedClaim, enforce_required, resolve,
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value, json};

use crate::pack::{ZERO, inline, judge, manifest, pin};

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        select(vec![
            "sha256:",
            "pinned",
            "verifier-claims.v0",
            "keel-semantics-pins.v0",
            ZERO,
            "../a",
            "YQ=="
        ])
        .prop_map(Value::from),
        select(ALLOW_LIST).prop_map(|released| released.id().into()),
        select(ALLOW_LIST).prop_map(|released| released.hash().into()),
        select(Claim::ALL).prop_map(|claim| claim.as_str().into()),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let name = prop_oneof![".{0,6}", select(NAMES.to_vec()).prop_map(str::to_owned),];
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((name, inner), 0..6)
                .prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

const NAMES: [&str; 14] = [
    "claim_set",
    "semantics_pins",
    "registry",
    "claims",
    "version",
    "mode",
    "profile",
    "artifacts",
    "id",
    "hash",
    "path",
    "content_b64",
    "name",
    "required",
];

/// A sound reference or one with a fault.
fn any_reference() -> impl Strategy<Value = Value> {
    let known = select(SemanticArtifact::ALL).prop_map(|artifact| pin(artifact.id()));
    prop_oneof![
        4 => known.clone(),
        1 => (known.clone(), any_json()).prop_map(|(mut pin, value)| { pin["hash"] = value; pin }),
        1 => (known.clone(), any_json()).prop_map(|(mut pin, value)| { pin["path"] = value; pin }),
        1 => (known.clone(), any_json()).prop_map(|(mut pin, value)| { pin["content_b64"] = value; pin }),
        1 => (select(SemanticArtifact::ALL), any_json())
            .prop_map(|(artifact, value)| inline(artifact.id(), value.to_string().as_bytes())),
        1 => any_json(),
    ]
}

/// A pack whose parts are sound more often than not.
fn any_pack() -> impl Strategy<Value = Value> {
    let claim = (select(Claim::ALL), any::<bool>())
        .prop_map(|(claim, required)| json!({ "name": claim.as_str(), "required": required }));
    let changes = vec((select(PLACES.to_vec()), any_json()), 0..2);
    (vec(claim, 1..4), vec(any_reference(), 0..30), any::<bool>(), changes).prop_map(
        |(claims, artifacts, profile, changes)| {
            let mut pack = manifest();
            pack["claim_set"]["claims"] = claims.into();
            pack["semantics_pins"]["artifacts"] = artifacts.into();
            if profile {
                pack["semantics_pins"]["profile"] = pin("keel.pre_pinning_default.v0");
            }
            for (place, value) in changes {
                if let Some(target) = pack.pointer_mut(place) {
                    *target = value;
                }
            }
            pack
        },
    )
}

const PLACES: [&str; 10] = [
    "/claim_set",
    "/claim_set/version",
    "/claim_set/registry",
    "/claim_set/registry/hash",
    "/claim_set/claims",
    "/claim_set/claims/0",
    "/semantics_pins",
    "/semantics_pins/mode",
    "/semantics_pins/profile",
    "/semantics_pins/artifacts/0",
];

fn document() -> impl Strategy<Value = PackDocument> {
    select(vec![
        PackDocument::ExportManifest,
        PackDocument::Checkpoint,
        PackDocument::DelegationEvidence,
    ])
}

proptest! {
    #[test]
    fn no_document_ends_in_anything_but_semantics_or_a_failure(document in document(), value in any_json()) {
        let text = value.to_string();
        if let Ok(value) = read_text(&text, &Budget::default()) {
            check(document, &value);
        }
    }

    #[test]
    fn no_pack_ends_in_anything_but_semantics_or_a_failure(document in document(), pack in any_pack()) {
        let text = pack.to_string();
        if let Ok(value) = read_text(&text, &Budget::default()) {
            check(document, &value);
        }
    }

    #[test]
    fn semantics_mean_that_every_need_is_met_by_a_pair_of_the_list(pack in any_pack()) {
        let Ok(semantics) = judge(&pack) else { return Ok(()) };
        let resolution = semantics.resolution();
        for request in resolution.requested() {
            prop_assert!(semantics.covers(request.claim));
        }
        for pin in resolution.pins() {
            prop_assert_eq!(pin.status, "allowlisted");
            prop_assert!(permit_pins::ReleasedArtifact::find(&pin.id, &pin.hash).is_some());
        }
    }

    #[test]
    fn files_of_the_pack_never_make_more_resolve(pack in any_pack(), bytes in vec(any::<u8>(), 0..20)) {
        let text = pack.to_string();
        let value = read_text(&text, &Budget::default()).unwrap();
        let paths = ALLOW_LIST.iter().filter_map(|released| released.released_path());
        let files: InMemoryPackFiles =
            paths.map(|path| (PackPath::parse(path).unwrap(), bytes.clone())).collect();
        let document = PackDocument::ExportManifest;
        if resolve(document, &value, &files).is_ok() {
            prop_assert!(resolve(document, &value, &NoPackFiles).is_ok());
        }
    }

    #[test]
    fn what_the_writer_writes_resolves_and_covers_what_was_asked(
        claims in proptest::sample::subsequence(Claim::ALL.to_vec(), 1..24),
        required in any::<bool>(),
        by_path in any::<bool>(),
    ) {
        let requests = claims.iter().map(|claim| RequestedClaim::new(*claim, required));
        let carry = if by_path { Pin::at_released_path } else { Pin::hash_only };
        let mut manifest = permit_canonical_json::Object::default();
        PinWriter::for_claims(requests, carry).write().unwrap().insert_into(&mut manifest);
        let semantics = resolve(PackDocument::ExportManifest, &manifest.into(), &NoPackFiles).unwrap();
        for claim in claims {
            prop_assert!(semantics.covers(claim) && semantics.requests(claim));
        }
    }

    #[test]
    fn paths_never_lead_out(text in r"[a./\\: ]{0,12}") {
        if let Ok(path) = PackPath::parse(&text) {
            prop_assert!(path.components().all(|part| !part.is_empty() && !part.trim_end_matches(['.', ' ']).is_empty()));
            prop_assert!(!path.as_str().starts_with('/'));
            let again = PackPath::parse(path.as_str()).unwrap();
            prop_assert_eq!(again, path);
        }
    }
}

/// Whatever comes out is told by its parts.
fn check(document: PackDocument, value: &permit_canonical_json::Value<'_>) {
    let resolved = resolve(document, value, &NoPackFiles);
    let resolution = match &resolved {
        Ok(semantics) => semantics.resolution(),
        Err(failure) => {
            assert!(!failure.marked.is_empty());
            assert_ne!(failure.verdict(), Unsupported::Disproved);
            assert!(!failure.message().is_empty());
            &failure.resolution
        }
    };
    let enforced = enforce_required(resolution, "name", Vec::new());
    let required = resolution.requested().iter().filter(|request| request.required).count();
    assert_eq!(enforced.missed().len(), required);
    assert_eq!(enforced.claims.len(), required);
    for claim in Claim::ALL {
        assert_eq!(resolution.semantics_for(*claim).len(), claim.needs().len());
    }
}

#[test]
fn hostile_sizes_cost_no_more_than_reading_them() {
    let mut pack = manifest();
    let many = 200_000;
    pack["claim_set"]["claims"] =
        vec![json!({ "name": "export.integrity.v1", "required": true }); many].into();
    pack["semantics_pins"]["artifacts"] =
        vec![pin("keel.export_manifest.integrity.v1"); many].into();
    let semantics = judge(&pack).unwrap();
    assert_eq!(semantics.resolution().requested().len(), 1);
    assert_eq!(semantics.resolution().pins().len(), 2);
}
