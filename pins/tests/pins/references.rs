// SPDX-License-Identifier: Apache-2.0

//! One reference: every way in which it resolves or does not, with the word for it.

use permit_claims::Unsupported;
use permit_pins::{
    ARTIFACT_BYTES, NoPackFiles, PackDocument, PackFileProblem, PackFiles, PackPath,
    ReleasedArtifact,
};
use permit_types::Artifact;
use serde_json::{Value, json};

use crate::pack::{
    COMPARATOR, I, INTEGRITY, PROFILE, REGISTRY, U, ZERO, files, hash, inline, judge, judge_with,
    listed, manifest, pin, released_bytes, said, with,
};

const ARTIFACT: &str = "/semantics_pins/artifacts/0";
const FROM: &str = "semantics_pins.artifacts[0]";

/// Resolves a manifest whose one artifact is this reference, and expects this failure, with this
/// status of the pin if it is listed.
fn fails(reference: Value, reason: &str, verdict: Unsupported, status: Option<&str>) {
    let failure = judge(&with(ARTIFACT, reference.clone())).unwrap_err();
    assert_eq!(said(&failure), (reason, verdict, vec!["export.integrity.v1"]), "{reference}");
    let mut expected = vec![(REGISTRY, "claim_set.registry", "allowlisted")];
    expected.extend(status.map(|status| (INTEGRITY, FROM, status)));
    assert_eq!(listed(&failure), expected, "{reference}");
    assert_eq!(failure.fault.evidence, ["manifest.claim_set", "manifest.semantics_pins"]);
    assert!(!failure.limit);
}

fn unresolved(reference: Value, status: Option<&str>) {
    fails(reference, "SEMANTIC_PIN_UNRESOLVED", I, status);
}

fn known() -> String {
    ReleasedArtifact::of_id(INTEGRITY).next().unwrap().hash().to_owned()
}

#[test]
fn claim_09_a_reference_states_an_id_and_a_hash() {
    for reference in [
        json!({ "id": INTEGRITY }),
        json!({ "id": INTEGRITY, "hash": "" }),
        json!({ "id": INTEGRITY, "hash": 5 }),
    ] {
        unresolved(reference, None);
    }
    for registry in [json!({}), json!({ "id": "", "hash": ZERO }), json!({ "id": 5, "hash": ZERO })]
    {
        let failure = judge(&with("/claim_set/registry", registry)).unwrap_err();
        let expected = ("SEMANTIC_PIN_UNRESOLVED", I, vec!["export.integrity.v1"]);
        assert_eq!(said(&failure), expected);
        assert!(listed(&failure).is_empty());
    }
}

#[test]
fn pin_02_content_that_is_not_base64_does_not_resolve_even_if_the_pair_is_known() {
    for content in ["###", "abc", "YQ", "YQ=", "YQ===", " YQ==", "YQ==\n", "ä", "_-8=", "===="] {
        unresolved(json!({ "id": INTEGRITY, "hash": known(), "content_b64": content }), None);
    }
    for carrier in [
        json!({ "id": INTEGRITY, "hash": known(), "content_b64": 7 }),
        json!({ "id": INTEGRITY, "hash": known(), "path": ["a"] }),
    ] {
        unresolved(carrier, None);
    }
    // Null is as good as absent.
    let null = json!({ "id": INTEGRITY, "hash": known(), "content_b64": null, "path": null });
    judge(&with(ARTIFACT, null)).unwrap();
}

#[test]
fn pin_03_wrong_bytes_are_a_mismatch_even_if_the_pair_is_known() {
    let mismatch =
        |reference| fails(reference, "SEMANTIC_PIN_HASH_MISMATCH", I, Some("hash_mismatch"));
    // "", "{}" and "a".
    for content in ["", "e30=", "YQ=="] {
        mismatch(json!({ "id": INTEGRITY, "hash": known(), "content_b64": content }));
        mismatch(json!({ "id": INTEGRITY, "hash": ZERO, "content_b64": content }));
    }
    // Another spelling of the right hash is not the right hash.
    let bytes = b"{}";
    for stated in [
        hash(bytes).trim_start_matches("sha256:").to_owned(),
        hash(bytes).to_uppercase(),
        format!("{} ", hash(bytes)),
    ] {
        mismatch(json!({ "id": INTEGRITY, "hash": stated, "content_b64": "e30=" }));
    }
}

#[test]
fn pin_03_a_mismatch_says_what_was_stated_and_what_is_there() {
    let reference = json!({ "id": INTEGRITY, "hash": ZERO, "content_b64": "e30=" });
    let failure = judge(&with(ARTIFACT, reference)).unwrap_err();
    let finding = &failure.fault.finding;
    assert_eq!(finding.expected.as_deref(), Some(ZERO));
    assert_eq!(finding.actual.as_deref(), Some(hash(b"{}").as_str()));
    assert_eq!(finding.at.artifact, Artifact::Manifest);
    assert_eq!(finding.at.pointer.to_string(), ARTIFACT);
    assert!(!finding.at.range.is_empty());
    assert_eq!(finding.rule.map(|rule| rule.as_str()), Some("PIN-03"));
}

#[test]
fn pin_01_bytes_are_hashed_before_they_are_read() {
    // No JSON at all, and yet the hash is what is wrong with it.
    let reference = json!({ "id": INTEGRITY, "hash": ZERO, "content_b64": "/////w==" });
    fails(reference, "SEMANTIC_PIN_HASH_MISMATCH", I, Some("hash_mismatch"));
    // A reformatted artifact says the same and is another.
    let Some(bytes) = released_bytes("semantics/export_manifest/integrity_v1.json") else { return };
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    let mut reformatted = inline(INTEGRITY, value.to_string().as_bytes());
    fails(reformatted.clone(), "SEMANTIC_PIN_NOT_ALLOWLISTED", U, Some("not_allowlisted"));
    reformatted["hash"] = known().into();
    fails(reformatted, "SEMANTIC_PIN_HASH_MISMATCH", I, Some("hash_mismatch"));
}

#[test]
fn pin_01_bytes_that_are_not_strict_json_do_not_resolve() {
    for bytes in [
        "",
        "x",
        "[]",
        "null",
        "\"text\"",
        "{\"id\": \"q\"",
        "{} {}",
        "\u{feff}{}",
        r#"{"a": 1, "a": 1}"#,
        r#"{"body": {"a": 1, "a": 2}}"#,
        r#"{"id": "\ud800"}"#,
    ] {
        unresolved(inline(INTEGRITY, bytes.as_bytes()), Some("unresolved"));
    }
    unresolved(inline(INTEGRITY, b"\xff{}"), Some("unresolved"));
}

#[test]
fn pin_01_what_cannot_be_read_is_located_in_the_artifact() {
    let reference = inline(INTEGRITY, br#"{"body": {"a": 1, "a": 2}}"#);
    let failure = judge(&with(ARTIFACT, reference)).unwrap_err();
    assert_eq!(failure.fault.finding.at.artifact, Artifact::SemanticArtifact);
    assert_eq!(failure.fault.finding.at.pointer.to_string(), "/body/a");
}

#[test]
fn pin_02_an_artifact_is_what_its_id_says() {
    unresolved(inline(INTEGRITY, br#"{"id": "keel.closure.format.v1"}"#), Some("unresolved"));
    // Without a text as id it says nothing to the contrary; it is only unknown.
    for bytes in [r#"{"id": 5}"#, "{}", r#"{"id": "keel.export_manifest.integrity.v1"}"#] {
        let reference = inline(INTEGRITY, bytes.as_bytes());
        fails(reference, "SEMANTIC_PIN_NOT_ALLOWLISTED", U, Some("not_allowlisted"));
    }
}

#[test]
fn pin_04_an_unknown_pair_is_out_of_scope_and_the_report_does_not_call_it_allowed() {
    let reference = inline(INTEGRITY, br#"{"id": "keel.export_manifest.integrity.v1"}"#);
    let failure = judge(&with(ARTIFACT, reference)).unwrap_err();
    assert_eq!(failure.verdict(), U);
    assert_eq!(failure.resolution.pins().last().unwrap().status, "not_allowlisted");
    // All that are known are named: that of the reference first, and ours.
    let expected: Vec<_> = ReleasedArtifact::of_id(INTEGRITY).map(ReleasedArtifact::hash).collect();
    assert_eq!(failure.fault.finding.expected.as_deref(), Some(expected.join(" or ").as_str()));
    assert_eq!(expected.first(), Some(&known().as_str()));
}

#[test]
fn pin_04_the_hash_of_one_artifact_is_not_that_of_another() {
    let other = ReleasedArtifact::of_id(COMPARATOR).next().unwrap();
    // Nothing to look at: neither the pair nor bytes are known.
    unresolved(json!({ "id": INTEGRITY, "hash": other.hash() }), None);
    // The file of that hash is known to be another artifact, and to say so itself.
    let closure = ReleasedArtifact::of_id("keel.closure.format.v1").next().unwrap();
    let at = |other: &ReleasedArtifact| json!({ "id": INTEGRITY, "hash": other.hash(), "path": other.released_path() });
    unresolved(at(closure), Some("unresolved"));
    // The comparator does not say so, so that only the pair tells, with bytes and without.
    let path = other.released_path().unwrap();
    fails(at(other), "SEMANTIC_PIN_NOT_ALLOWLISTED", U, Some("not_allowlisted"));
    let Some(bytes) = released_bytes(path) else { return };
    let reference = inline(INTEGRITY, &bytes);
    fails(reference, "SEMANTIC_PIN_NOT_ALLOWLISTED", U, Some("not_allowlisted"));
}

#[test]
fn claim_16_a_registry_and_a_comparator_have_their_versions() {
    let registry = |version: &str| {
        format!(r#"{{"version": "{version}", "claims": [{{"name": "export.integrity.v1"}}]}}"#)
    };
    let judged = |bytes: &str| {
        let reference = inline(REGISTRY, bytes.as_bytes());
        judge(&with("/claim_set/registry", reference)).unwrap_err()
    };
    let defaults = || vec!["export.integrity.v1"];
    let failure = judged(&registry("verifier-claims.v9"));
    assert_eq!(said(&failure), ("SEMANTIC_PIN_UNRESOLVED", I, defaults()));
    assert_eq!(listed(&failure), [(REGISTRY, "claim_set.registry", "unresolved")]);
    let failure = judged(&registry("verifier-claims.v0"));
    assert_eq!(said(&failure), ("SEMANTIC_PIN_NOT_ALLOWLISTED", U, defaults()));
    assert_eq!(listed(&failure), [(REGISTRY, "claim_set.registry", "not_allowlisted")]);

    for (version, reason, verdict) in [
        ("authority-envelope.v9", "SEMANTIC_PIN_UNRESOLVED", I),
        ("authority-envelope.v0", "SEMANTIC_PIN_NOT_ALLOWLISTED", U),
    ] {
        let bytes = json!({ "version": version }).to_string();
        let mut evidence =
            with("/claim_set/claims/0/name", "permit_chain.delegation_denied_correctly.v1".into());
        evidence["semantics_pins"]["artifacts"] = json!([
            pin("keel.governance_chain.record_hash.v1"),
            pin("keel.governance_event.integrity_digest.v1"),
            inline(COMPARATOR, bytes.as_bytes()),
        ]);
        let document = PackDocument::DelegationEvidence;
        let failure = judge_with(document, &evidence, &NoPackFiles).unwrap_err();
        assert_eq!((failure.reason().as_str(), failure.verdict()), (reason, verdict));
    }
}

#[test]
fn amb_45_a_known_pair_needs_no_bytes() {
    for released in ReleasedArtifact::all() {
        if released.id() != INTEGRITY && released.id() != REGISTRY {
            continue;
        }
        for carrier in [json!({}), json!({ "path": "not/there.json" })] {
            let mut reference = json!({ "id": released.id(), "hash": released.hash() });
            reference.as_object_mut().unwrap().extend(carrier.as_object().unwrap().clone());
            let at = if released.id() == REGISTRY { "/claim_set/registry" } else { ARTIFACT };
            judge(&with(at, reference)).unwrap();
        }
    }
}

#[test]
fn amb_45_the_sources_of_published_scope_artifacts_are_known_too() {
    let needs = ["keel.scope_state.sidecar_format.v1", "keel.scope_state.merkle.v1"];
    for variant in 0..2 {
        let mut checkpoint = with("/claim_set/claims/0/name", "checkpoint.scope_state.v1".into());
        let mut artifacts =
            vec![pin("keel.checkpoint.composite_hash.v1"), pin("keel.checkpoint.signature.v1")];
        for id in needs {
            let released = ReleasedArtifact::of_id(id).nth(variant).unwrap();
            artifacts.push(json!({ "id": id, "hash": released.hash() }));
        }
        checkpoint["semantics_pins"]["artifacts"] = artifacts.into();
        judge_with(PackDocument::Checkpoint, &checkpoint, &NoPackFiles).unwrap();
    }
}

#[test]
fn pin_02_an_unknown_pair_without_bytes_does_not_resolve() {
    unresolved(json!({ "id": INTEGRITY, "hash": ZERO }), None);
    unresolved(json!({ "id": INTEGRITY, "hash": ZERO, "path": "not/there.json" }), None);
}

#[test]
fn pin_03_a_path_of_a_release_says_which_bytes_were_meant() {
    let path = "semantics/export_manifest/integrity_v1.json";
    for path in [path, "./semantics//export_manifest/integrity_v1.json"] {
        let mut reference = json!({ "id": INTEGRITY, "hash": known(), "path": path });
        judge(&with(ARTIFACT, reference.clone())).unwrap();
        reference["hash"] = ZERO.into();
        fails(reference, "SEMANTIC_PIN_HASH_MISMATCH", I, Some("hash_mismatch"));
    }
    // The path of another artifact is not where this one is.
    let reference =
        json!({ "id": INTEGRITY, "hash": known(), "path": "semantics/closure/format_v1.json" });
    fails(reference, "SEMANTIC_PIN_HASH_MISMATCH", I, Some("hash_mismatch"));
    let registry = json!({ "id": REGISTRY, "hash": ZERO, "path": "claim_registry/v0.json" });
    let failure = judge(&with("/claim_set/registry", registry)).unwrap_err();
    assert_eq!(failure.reason().as_str(), "SEMANTIC_PIN_HASH_MISMATCH");
    let profile = json!({ "id": PROFILE, "hash": ZERO, "path": "anywhere.json" });
    let failure = judge(&with("/semantics_pins/profile", profile)).unwrap_err();
    assert_eq!(failure.reason().as_str(), "SEMANTIC_PIN_HASH_MISMATCH");
}

#[test]
fn amb_45_an_old_state_of_the_registry_at_the_path_of_the_current_one_resolves() {
    for released in ReleasedArtifact::of_id(REGISTRY) {
        let registry =
            json!({ "id": REGISTRY, "hash": released.hash(), "path": "claim_registry/v0.json" });
        judge(&with("/claim_set/registry", registry)).unwrap();
    }
}

#[test]
fn pin_02_paths_that_lead_out_of_the_pack_are_refused_even_if_the_pair_is_known() {
    struct Trap;
    impl PackFiles for Trap {
        fn read(&self, path: &PackPath) -> Result<Option<Vec<u8>>, PackFileProblem> {
            panic!("{path} was read")
        }
    }
    for path in [
        "",
        ".",
        "..",
        "../integrity_v1.json",
        "semantics/../semantics/export_manifest/integrity_v1.json",
        "/semantics/export_manifest/integrity_v1.json",
        "C:\\integrity_v1.json",
        "semantics\\export_manifest\\integrity_v1.json",
        "a\0b",
    ] {
        let reference = json!({ "id": INTEGRITY, "hash": known(), "path": path });
        let pack = with(ARTIFACT, reference);
        let failure = judge_with(PackDocument::ExportManifest, &pack, &Trap).unwrap_err();
        assert_eq!(said(&failure).0, "SEMANTIC_PIN_UNRESOLVED", "{path}");
        assert_eq!(said(&failure).1, I);
    }
}

#[test]
fn pin_01_files_of_the_pack_are_judged_like_inline_bytes() {
    let reference = json!({ "id": INTEGRITY, "hash": known(), "path": "a/b.json" });
    let pack = with(ARTIFACT, reference);
    let judged = |bytes: &[u8]| {
        let files = files([("a/b.json", bytes)]);
        judge_with(PackDocument::ExportManifest, &pack, &files)
    };
    let failure = judged(b"{}").unwrap_err();
    assert_eq!(said(&failure).0, "SEMANTIC_PIN_HASH_MISMATCH");
    let Some(bytes) = released_bytes("semantics/export_manifest/integrity_v1.json") else { return };
    judged(&bytes).unwrap();
}

#[test]
fn pin_03_a_wrong_registry_in_the_pack_is_not_passed_over() {
    let registry = json!({
        "id": REGISTRY,
        "hash": ReleasedArtifact::current_registry().hash(),
        "path": "claim_registry/v0.json",
    });
    let pack = with("/claim_set/registry", registry);
    let files = files([("claim_registry/v0.json", b"{}".as_slice())]);
    let failure = judge_with(PackDocument::ExportManifest, &pack, &files).unwrap_err();
    assert_eq!(said(&failure).0, "SEMANTIC_PIN_HASH_MISMATCH");
    assert_eq!(listed(&failure), [(REGISTRY, "claim_set.registry", "hash_mismatch")]);
}

#[test]
fn inline_bytes_win_over_a_path() {
    let mut reference = inline(INTEGRITY, b"{}");
    reference["path"] = "../../out".into();
    fails(reference, "SEMANTIC_PIN_NOT_ALLOWLISTED", U, Some("not_allowlisted"));
}

#[test]
fn pin_02_a_file_that_cannot_be_read_fails_and_a_limit_is_told_from_a_fault() {
    struct Broken(PackFileProblem);
    impl PackFiles for Broken {
        fn read(&self, _: &PackPath) -> Result<Option<Vec<u8>>, PackFileProblem> {
            Err(self.0.clone())
        }
    }
    let reference = json!({ "id": INTEGRITY, "hash": known(), "path": "a.json" });
    let pack = with(ARTIFACT, reference);
    for (problem, limit) in [
        (PackFileProblem::OutsidePack, false),
        (PackFileProblem::Unreadable { reason: "denied".to_owned() }, false),
        (PackFileProblem::TooLong { limit: ARTIFACT_BYTES }, true),
    ] {
        let files = Broken(problem);
        let failure = judge_with(PackDocument::ExportManifest, &pack, &files).unwrap_err();
        assert_eq!((said(&failure).0, said(&failure).1), ("SEMANTIC_PIN_UNRESOLVED", I));
        assert_eq!(failure.limit, limit);
    }
    let deep = format!("{}1{}", "[".repeat(1000), "]".repeat(1000));
    let reference = inline(INTEGRITY, deep.as_bytes());
    assert!(judge(&with(ARTIFACT, reference)).unwrap_err().limit);
}

#[test]
fn inline_bytes_of_released_artifacts_resolve() {
    let Some(integrity) = released_bytes("semantics/export_manifest/integrity_v1.json") else {
        return;
    };
    let registry = released_bytes("claim_registry/v0.json").unwrap();
    let mut pack = manifest();
    pack["claim_set"]["registry"] = inline(REGISTRY, &registry);
    pack["semantics_pins"]["artifacts"] = json!([inline(INTEGRITY, &integrity)]);
    judge(&pack).unwrap();
}
