// SPDX-License-Identifier: Apache-2.0

//! The whole pack: every check in its order, with the claims that it marks.

use permit_claims::{SemanticArtifact, Unsupported};
use permit_pins::{NoPackFiles, PackDocument, ReleasedArtifact};
use serde_json::{Value, json};

use crate::pack::{
    COMPARATOR, I, INTEGRITY, PROFILE, REGISTRY, U, ZERO, inline, judge, judge_with, listed,
    manifest, pin, released_bytes, said, with,
};

const INTEGRITY_CLAIM: &str = "export.integrity.v1";

/// Expects this failure of the export's manifest, blamed on these claims, at this place.
fn fails(pack: &Value, reason: &str, verdict: Unsupported, marked: &[&str], place: &str) {
    let failure = judge(pack).unwrap_err();
    assert_eq!(said(&failure), (reason, verdict, marked.to_vec()), "{pack}");
    assert_eq!(failure.fault.finding.at.pointer.to_string(), place, "{pack}");
    assert_eq!(failure.fault.evidence, ["manifest.claim_set", "manifest.semantics_pins"]);
}

fn two_claims() -> Value {
    json!([
        { "name": "export.integrity.v1", "required": true },
        { "name": "checkpoint.signature.v1", "required": false },
    ])
}

/// PIN-07, CLAIM-14: one block makes a pack pinned; without a claim set nothing says what is asked.
#[test]
fn order_01_the_claim_set_is_an_object() {
    for (value, place) in
        [(Value::Null, ""), (json!(false), "/claim_set"), (json!([]), "/claim_set")]
    {
        let pack = with("/claim_set", value);
        fails(&pack, "CLAIM_REGISTRY_UNRESOLVED", I, &[INTEGRITY_CLAIM], place);
    }
    // The defaults are those of the document.
    let pack = with("/claim_set", Value::Null);
    for (document, marked) in [
        (PackDocument::Checkpoint, vec!["checkpoint.composite_hash.v1", "checkpoint.signature.v1"]),
        (PackDocument::DelegationEvidence, vec!["permit_chain.delegation_denied_correctly.v1"]),
    ] {
        let failure = judge_with(document, &pack, &NoPackFiles).unwrap_err();
        assert_eq!(said(&failure), ("CLAIM_REGISTRY_UNRESOLVED", I, marked));
        assert_eq!(failure.fault.finding.at.artifact, document.artifact());
    }
}

/// PIN-07, CLAIM-02: without pins nothing that is asked for can be judged.
#[test]
fn order_02_the_pins_are_an_object() {
    let mut pack = manifest();
    pack["claim_set"]["claims"] = json!([
        { "name": "closure.signature.v1", "required": false },
        { "name": 5 },
        "x",
        { "name": "not.a.claim" },
        { "name": "export.integrity.v1" },
        { "name": "closure.signature.v1" },
    ]);
    for (value, place) in [(Value::Null, ""), (json!("x"), "/semantics_pins")] {
        pack["semantics_pins"] = value;
        let marked = ["closure.signature.v1", "export.integrity.v1"];
        fails(&pack, "SEMANTIC_PIN_MISSING", I, &marked, place);
        let failure = judge(&pack).unwrap_err();
        assert!(failure.marked.iter().all(|request| request.required));
        assert!(failure.resolution.pins().is_empty());
    }
    for claims in [Value::Null, json!([]), json!({}), json!([{ "name": "not.a.claim" }])] {
        pack["claim_set"]["claims"] = claims;
        fails(&pack, "SEMANTIC_PIN_MISSING", I, &[INTEGRITY_CLAIM], "/semantics_pins");
    }
}

/// CLAIM-08, CLAIM-16: names are names of a registry.
#[test]
fn order_03_the_registry_is_an_object() {
    for value in [Value::Null, json!("v0"), json!([])] {
        let pack = with("/claim_set/registry", value);
        fails(&pack, "CLAIM_REGISTRY_UNRESOLVED", I, &[INTEGRITY_CLAIM], "/claim_set");
    }
}

/// CLAIM-12, CLAIM-16: what depends on a registry that does not resolve is insufficient.
#[test]
fn order_04_the_registry_resolves() {
    let mut pack = with("/claim_set/registry/hash", ZERO.into());
    pack["claim_set"]["claims"] = two_claims();
    let registry = "/claim_set/registry";
    fails(&pack, "SEMANTIC_PIN_UNRESOLVED", I, &[INTEGRITY_CLAIM], registry);
    pack["claim_set"]["registry"]["content_b64"] = "e30=".into();
    fails(&pack, "SEMANTIC_PIN_HASH_MISMATCH", I, &[INTEGRITY_CLAIM], registry);
}

/// PIN-04, CLAIM-16: an unlisted registry is out of scope.
#[test]
fn order_05_the_registry_is_known() {
    let bytes =
        br#"{"version": "verifier-claims.v0", "claims": [{"name": "export.integrity.v1"}]}"#;
    let pack = with("/claim_set/registry", inline(REGISTRY, bytes));
    fails(&pack, "SEMANTIC_PIN_NOT_ALLOWLISTED", U, &[INTEGRITY_CLAIM], "/claim_set/registry");
}

/// CLAIM-08: the reference takes any known artifact here.
#[test]
fn order_05_the_registry_is_a_registry() {
    for id in [COMPARATOR, INTEGRITY, PROFILE] {
        let pack = with("/claim_set/registry", pin(id));
        fails(&pack, "CLAIM_REGISTRY_UNRESOLVED", I, &[INTEGRITY_CLAIM], "/claim_set/registry");
        let failure = judge(&pack).unwrap_err();
        assert_eq!(listed(&failure), [(id, "claim_set.registry", "allowlisted")]);
    }
}

/// CLAIM-08.
#[test]
fn order_06_the_claim_set_has_its_form() {
    let registry_unresolved = |pointer, value, place: &str| {
        let pack = with(pointer, value);
        fails(&pack, "CLAIM_REGISTRY_UNRESOLVED", I, &[INTEGRITY_CLAIM], place);
    };
    for version in [json!("verifier-claims.v1"), json!(0), json!("")] {
        registry_unresolved("/claim_set/version", version, "/claim_set/version");
    }
    registry_unresolved("/claim_set/version", Value::Null, "/claim_set");
    registry_unresolved("/claim_set/claims", Value::Null, "/claim_set");
    for claims in [json!([]), json!({}), json!("x")] {
        registry_unresolved("/claim_set/claims", claims, "/claim_set/claims");
    }
    for claim in [
        json!("export.integrity.v1"),
        json!({ "required": true }),
        json!({ "name": "", "required": true }),
        json!({ "name": 5, "required": true }),
        json!({ "name": "export.integrity.v1" }),
        json!({ "name": "export.integrity.v1", "required": null }),
        json!({ "name": "export.integrity.v1", "required": 1 }),
        json!({ "name": "export.integrity.v1", "required": "true" }),
        json!({ "name": "export.integrity", "required": true }),
        json!({ "name": "Export.Integrity.v1", "required": true }),
    ] {
        let claims = json!([{ "name": "closure.signature.v1", "required": true }, claim]);
        registry_unresolved("/claim_set/claims", claims, "/claim_set/claims/1");
    }
}

/// CLAIM-08, CLAIM-06: each state of the registry, and a claim that is new in it.
#[test]
fn order_06_a_claim_is_one_that_the_registry_defines() {
    for (state, (claim, defined)) in ReleasedArtifact::of_id(REGISTRY).zip([
        ("permit.counter_signed.v1", true),
        ("permit.counter_signed.v1", false),
        ("permit.decision.v1", false),
        ("checkpoint.scope_state.v1", false),
        ("permit_chain.delegation_denied_correctly.v1", false),
    ]) {
        let mut pack = with("/claim_set/claims/0/name", claim.into());
        pack["claim_set"]["registry"]["hash"] = state.hash().into();
        let failure = judge(&pack).unwrap_err();
        // Either way something is missing; which it is shows whether the name was known.
        let reason = if defined { "SEMANTIC_PIN_MISSING" } else { "CLAIM_REGISTRY_UNRESOLVED" };
        let marked = if defined { claim } else { INTEGRITY_CLAIM };
        assert_eq!(said(&failure), (reason, I, vec![marked]));
    }
}

/// CLAIM-09.
#[test]
fn order_07_the_pins_have_version_and_mode() {
    for (member, values) in [
        ("version", [json!("keel-semantics-pins.v1"), json!(0)]),
        ("mode", [json!("loose"), json!(true)]),
    ] {
        for value in values {
            let mut pack = manifest();
            pack["claim_set"]["claims"] = two_claims();
            pack["semantics_pins"][member] = value;
            let marked = [INTEGRITY_CLAIM, "checkpoint.signature.v1"];
            let place = format!("/semantics_pins/{member}");
            fails(&pack, "SEMANTIC_PIN_UNRESOLVED", I, &marked, &place);
            pack["semantics_pins"].as_object_mut().unwrap().remove(member);
            fails(&pack, "SEMANTIC_PIN_UNRESOLVED", I, &marked, "/semantics_pins");
        }
    }
    // The version comes first.
    let mut pack = with("/semantics_pins/version", json!(1));
    pack["semantics_pins"]["mode"] = json!(1);
    fails(&pack, "SEMANTIC_PIN_UNRESOLVED", I, &[INTEGRITY_CLAIM], "/semantics_pins/version");
}

/// PIN-05: the reference takes any known artifact for a profile.
#[test]
fn order_08_the_profile_resolves_and_is_one() {
    let marked = [INTEGRITY_CLAIM, "checkpoint.signature.v1"];
    let place = "/semantics_pins/profile";
    let with_profile = |profile: Value| {
        let mut pack = manifest();
        pack["claim_set"]["claims"] = two_claims();
        pack["semantics_pins"]["profile"] = profile;
        pack
    };
    let unknown = json!({ "id": PROFILE, "hash": ZERO });
    fails(&with_profile(unknown), "SEMANTIC_PIN_UNRESOLVED", I, &marked, place);
    let foreign =
        inline("example.profile", br#"{"id": "example.profile", "body": {"components": []}}"#);
    fails(&with_profile(foreign), "SEMANTIC_PIN_NOT_ALLOWLISTED", U, &marked, place);
    for id in [INTEGRITY, REGISTRY, COMPARATOR] {
        let pack = with_profile(pin(id));
        fails(&pack, "SEMANTIC_PROFILE_UNRESOLVED", I, &marked, place);
        assert_eq!(judge(&pack).unwrap_err().resolution.profile(), None);
    }
    // What is no object is none.
    for nothing in [json!("x"), json!([]), json!(null)] {
        let mut pack = manifest();
        pack["semantics_pins"]["profile"] = nothing;
        assert_eq!(judge(&pack).unwrap().resolution().profile(), None);
    }
}

/// PIN-02, CLAIM-02.
#[test]
fn order_10_what_a_claim_needs_is_pinned_and_the_claim_is_blamed() {
    for artifacts in
        [json!(null), json!([]), json!({}), json!([1, null, {}, { "id": 7 }, { "hash": "x" }])]
    {
        let mut pack = with("/semantics_pins/artifacts", artifacts);
        let place = if pack["semantics_pins"].get("artifacts").is_some() {
            "/semantics_pins/artifacts"
        } else {
            "/semantics_pins"
        };
        fails(&pack, "SEMANTIC_PIN_MISSING", I, &[INTEGRITY_CLAIM], place);
        // The first in the order of the pack.
        pack["claim_set"]["claims"] = json!([
            { "name": "checkpoint.tsa_imprint.v1", "required": false },
            { "name": "export.integrity.v1", "required": true },
        ]);
        fails(&pack, "SEMANTIC_PIN_MISSING", I, &["checkpoint.tsa_imprint.v1"], place);
        let failure = judge(&pack).unwrap_err();
        assert!(!failure.marked[0].required);
    }
}

/// PIN-02, PIN-05, CLAIM-11: every claim of the registry, every artifact that it needs.
#[test]
fn order_10_each_need_of_each_claim_is_asked_for_by_name() {
    for claim in permit_claims::Claim::ALL {
        for missing in claim.needs() {
            let mut pack = with("/claim_set/claims/0/name", claim.as_str().into());
            let artifacts = claim.needs().iter().filter(|artifact| *artifact != missing);
            pack["semantics_pins"]["artifacts"] =
                artifacts.map(|artifact| pin(artifact.id())).collect();
            let failure = judge(&pack).unwrap_err();
            assert_eq!(said(&failure), ("SEMANTIC_PIN_MISSING", I, vec![claim.as_str()]));
            assert_eq!(failure.fault.finding.get("id"), Some(missing.id()));
        }
    }
}

/// PIN-02, PIN-03, PIN-04, CLAIM-03, CLAIM-12.
#[test]
fn order_11_and_12_what_is_needed_resolves_and_is_known() {
    let needs = permit_claims::Claim::ClosureSignature.needs();
    for bad in 0..needs.len() {
        let mut pack = manifest();
        pack["claim_set"]["claims"] = json!([
            { "name": "export.integrity.v1", "required": true },
            { "name": "closure.signature.v1", "required": true },
        ]);
        let mut artifacts = vec![pin(INTEGRITY)];
        artifacts.extend(needs.iter().map(|artifact| pin(artifact.id())));
        for (reference, reason, verdict) in [
            (json!({ "id": needs[bad].id(), "hash": ZERO }), "SEMANTIC_PIN_UNRESOLVED", I),
            (
                json!({ "id": needs[bad].id(), "hash": ZERO, "content_b64": "e30=" }),
                "SEMANTIC_PIN_HASH_MISMATCH",
                I,
            ),
            (inline(needs[bad].id(), b"{}"), "SEMANTIC_PIN_NOT_ALLOWLISTED", U),
        ] {
            artifacts[bad + 1] = reference;
            pack["semantics_pins"]["artifacts"] = artifacts.clone().into();
            let place = format!("/semantics_pins/artifacts/{}", bad + 1);
            fails(&pack, reason, verdict, &["closure.signature.v1"], &place);
        }
    }
}

/// PIN-05, CLAIM-01: only what is needed is resolved, and only what is resolved is known.
#[test]
fn pins_that_no_claim_needs_are_not_looked_at() {
    let mut pack = manifest();
    let artifacts = pack["semantics_pins"]["artifacts"].as_array_mut().unwrap();
    artifacts.push(json!({ "id": "keel.closure.format.v1", "hash": ZERO, "path": "/etc/passwd" }));
    artifacts.push(json!({ "id": "example", "hash": ZERO }));
    artifacts.push(pin("keel.closure.format.v2"));
    let semantics = judge(&pack).unwrap();
    assert_eq!(semantics.resolution().pins().len(), 2);
    assert!(!semantics.known(SemanticArtifact::ClosureFormatV2));
}

/// PIN-05: whoever names an artifact twice has to name the same bytes.
#[test]
fn one_artifact_has_one_hash() {
    let good = pin(INTEGRITY);
    let bad = json!({ "id": INTEGRITY, "hash": ZERO });
    let hashless = json!({ "id": INTEGRITY });
    for artifacts in [
        json!([good, bad]),
        json!([bad, good]),
        json!([good, bad, good]),
        json!([hashless, good]),
        json!([good, hashless]),
    ] {
        let last = artifacts.as_array().unwrap().len() - 1;
        let pack = with("/semantics_pins/artifacts", artifacts);
        let place = format!("/semantics_pins/artifacts/{last}");
        fails(&pack, "SEMANTIC_PIN_UNRESOLVED", I, &[INTEGRITY_CLAIM], &place);
    }
    // Named twice with one hash it is the last that counts, as in the reference.
    let semantics = judge(&with("/semantics_pins/artifacts", json!([good, good]))).unwrap();
    assert_eq!(semantics.resolution().pins()[1].source, "semantics_pins.artifacts[1]");
    // An artifact that two hashes name is still named by two hashes.
    let id = "keel.scope_state.merkle.v1";
    let hashes: Vec<_> = ReleasedArtifact::of_id(id).map(ReleasedArtifact::hash).collect();
    let mut pack = with("/claim_set/claims/0/name", "checkpoint.scope_state.v1".into());
    pack["semantics_pins"]["artifacts"] = json!([
        pin("keel.scope_state.sidecar_format.v1"),
        { "id": id, "hash": hashes[0] },
        { "id": id, "hash": hashes[1] },
    ]);
    let place = "/semantics_pins/artifacts/2";
    fails(&pack, "SEMANTIC_PIN_UNRESOLVED", I, &["checkpoint.scope_state.v1"], place);
}

#[test]
fn pin_05_the_profile_alone_its_components_and_both() {
    let sources = |pack: &Value| {
        let semantics = judge(pack).unwrap();
        assert!(semantics.covers(permit_claims::Claim::ExportIntegrity));
        let pins = semantics.resolution().pins().iter();
        pins.map(|pin| pin.source.clone()).collect::<Vec<_>>()
    };
    let mut pack = manifest();
    pack["semantics_pins"]["profile"] = pin(PROFILE);
    assert_eq!(
        sources(&pack),
        ["claim_set.registry", "semantics_pins.profile", "semantics_pins.artifacts[0]"]
    );
    pack["semantics_pins"].as_object_mut().unwrap().remove("artifacts");
    assert_eq!(
        sources(&pack),
        ["claim_set.registry", "semantics_pins.profile", "profile components[1]"]
    );
    let semantics = judge(&pack).unwrap();
    let report = semantics.resolution().report();
    assert_eq!(report.profile.unwrap().0, PROFILE);
    assert_eq!(report.warning, None);
    // A claim outside of the profile still needs its own pins.
    pack["claim_set"]["claims"][0]["name"] = "permit.decision.v1".into();
    fails(&pack, "SEMANTIC_PIN_MISSING", I, &["permit.decision.v1"], "/semantics_pins");
}

#[test]
fn pin_05_the_profile_covers_its_claims_and_all_of_them() {
    let mut pack = manifest();
    pack["semantics_pins"]["profile"] = pin(PROFILE);
    pack["semantics_pins"].as_object_mut().unwrap().remove("artifacts");
    for claim in permit_claims::Claim::ALL {
        pack["claim_set"]["claims"][0]["name"] = claim.as_str().into();
        let covered = permit_pins::RegistryRelease::Claims16.defines(*claim);
        assert_eq!(judge(&pack).is_ok(), covered, "{claim}");
    }
}

#[test]
fn pin_05_an_artifact_that_contradicts_the_profile_fails() {
    let mut pack = manifest();
    pack["semantics_pins"]["profile"] = pin(PROFILE);
    let place = "/semantics_pins/artifacts/0";
    for reference in [
        json!({ "id": INTEGRITY, "hash": ZERO }),
        json!({ "id": INTEGRITY }),
        inline(INTEGRITY, b"{}"),
    ] {
        pack["semantics_pins"]["artifacts"][0] = reference;
        fails(&pack, "SEMANTIC_PROFILE_UNRESOLVED", I, &[INTEGRITY_CLAIM], place);
    }
    // The registry is named by the claim set; that the profile knows an older one is no matter.
    pack["semantics_pins"]["artifacts"][0] = pin(INTEGRITY);
    judge(&pack).unwrap();
}

#[test]
fn pin_05_files_at_the_paths_of_components_are_what_the_profile_says() {
    let mut pack = manifest();
    pack["semantics_pins"]["profile"] = pin(PROFILE);
    pack["semantics_pins"].as_object_mut().unwrap().remove("artifacts");
    let path = "semantics/export_manifest/integrity_v1.json";
    let document = PackDocument::ExportManifest;
    let wrong = crate::pack::files([(path, b"{}".as_slice())]);
    let failure = judge_with(document, &pack, &wrong).unwrap_err();
    assert_eq!(said(&failure).0, "SEMANTIC_PIN_HASH_MISMATCH");
    assert_eq!(failure.resolution.pins().last().unwrap().source, "profile components[1]");
    let Some(bytes) = released_bytes(path) else { return };
    judge_with(document, &pack, &crate::pack::files([(path, bytes.as_slice())])).unwrap();
}
