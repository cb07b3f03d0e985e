// SPDX-License-Identifier: Apache-2.0

//! What comes out: modes, recipes, and what reports list.

use permit_claims::{Claim, LEGACY_PROFILE, SemanticArtifact, SemanticsMode};
use permit_pins::{PackDocument, Semantics};
use serde_json::{Value, json};

use crate::pack::{INTEGRITY, ZERO, judge, judge_with, manifest, pin, with};

fn legacy() -> Semantics {
    judge(&json!({ "content_hash": ZERO })).unwrap()
}

#[test]
fn pin_06_a_pack_without_blocks_has_the_legacy_profile() {
    let neither = [
        json!({}),
        json!({ "claim_set": null }),
        json!({ "claim_set": null, "semantics_pins": null }),
        json!([]),
        json!([manifest()]),
        json!("text"),
    ];
    for pack in neither {
        let semantics = judge(&pack).unwrap();
        let resolution = semantics.resolution();
        assert_eq!(resolution.mode(), SemanticsMode::LegacyUnpinned);
        assert_eq!(resolution.profile(), Some(LEGACY_PROFILE));
        assert!(resolution.requested().is_empty());
        let pins = resolution.pins();
        assert_eq!(pins.len(), 16);
        assert_eq!(pins[0].source, "legacy profile keel.pre_pinning_default.v0");
        assert_eq!(pins[1].source, "legacy profile components[0]");
        assert_eq!(pins[15].id, "authority-envelope.v0");
        assert!(pins.iter().all(|pin| pin.status == "allowlisted"));
        assert!(resolution.report().warning.is_some());
    }
}

#[test]
fn pin_07_one_block_is_enough_to_be_pinned() {
    for (claim_set, pins) in [
        (json!({}), Value::Null),
        (Value::Null, json!({})),
        (json!(false), Value::Null),
        (Value::Null, json!(0)),
        (json!(""), json!("")),
        (manifest()["claim_set"].clone(), Value::Null),
        (Value::Null, manifest()["semantics_pins"].clone()),
    ] {
        let pack = json!({ "claim_set": claim_set, "semantics_pins": pins });
        let failure = judge(&pack).unwrap_err();
        assert_eq!(failure.resolution.mode(), SemanticsMode::Pinned);
        assert_eq!(failure.resolution.profile(), None);
        assert_eq!(failure.resolution.report().warning, None);
    }
}

#[test]
fn claim_01_a_pinned_pack_knows_what_it_pins_and_nothing_else() {
    let semantics = judge(&manifest()).unwrap();
    assert_eq!(semantics.resolution().mode(), SemanticsMode::Pinned);
    for artifact in SemanticArtifact::ALL {
        let pinned = *artifact == SemanticArtifact::ExportManifestIntegrity;
        assert_eq!(semantics.known(*artifact), pinned, "{artifact}");
    }
    assert!(semantics.covers(Claim::ExportScopeIdentity));
    assert!(!semantics.covers(Claim::ChainContinuity));
}

#[test]
fn claim_13_a_pack_without_pins_knows_every_recipe() {
    let semantics = legacy();
    assert!(SemanticArtifact::ALL.iter().all(|artifact| semantics.known(*artifact)));
}

#[test]
fn reports_list_the_hashes_that_the_pack_or_its_profile_names() {
    let semantics = judge(&manifest()).unwrap();
    let hash = |value: &Value| value["hash"].as_str().map(str::to_owned);
    let expected = [(SemanticArtifact::ExportManifestIntegrity, hash(&pin(INTEGRITY)))];
    assert_eq!(semantics.semantics_for(Claim::ExportIntegrity), expected);
    let expected = [(SemanticArtifact::ChainRecordHash, None)];
    assert_eq!(semantics.semantics_for(Claim::ChainContinuity), expected);

    let legacy = legacy();
    for claim in Claim::ALL {
        for (artifact, hash) in legacy.semantics_for(*claim) {
            assert_eq!(hash.as_deref(), artifact.legacy_hash(), "{claim}");
        }
    }
    // Of a pin that failed it is what the pack says, as in the reference.
    let pack = with(
        "/semantics_pins/artifacts/0",
        json!({ "id": INTEGRITY, "hash": ZERO, "content_b64": "e30=" }),
    );
    let failure = judge(&pack).unwrap_err();
    let expected = [(SemanticArtifact::ExportManifestIntegrity, Some(ZERO.to_owned()))];
    assert_eq!(failure.resolution.semantics_for(Claim::ExportIntegrity), expected);
}

#[test]
fn claim_08_requests_keep_their_order_and_are_told_once() {
    let mut pack = manifest();
    pack["claim_set"]["claims"] = json!([
        { "name": "export.scope_identity.v1", "required": false },
        { "name": "export.integrity.v1", "required": false },
        { "name": "export.scope_identity.v1", "required": true },
        { "name": "export.integrity.v1", "required": false },
    ]);
    let semantics = judge(&pack).unwrap();
    let requested: Vec<_> = semantics
        .resolution()
        .requested()
        .iter()
        .map(|request| (request.claim, request.required))
        .collect();
    assert_eq!(requested, [(Claim::ExportScopeIdentity, true), (Claim::ExportIntegrity, false)]);
    assert!(semantics.requests(Claim::ExportIntegrity));
    assert!(!semantics.requests(Claim::ChainContinuity));
}

#[test]
fn claim_02_and_03_what_is_missing_is_insufficient_and_what_is_unknown_is_out_of_scope() {
    let mut pack = manifest();
    pack["semantics_pins"]["artifacts"] = json!([]);
    let missing = judge(&pack).unwrap_err();
    assert_eq!(missing.verdict(), crate::pack::I);
    pack["semantics_pins"]["artifacts"] = json!([crate::pack::inline(INTEGRITY, b"{}")]);
    let unknown = judge(&pack).unwrap_err();
    assert_eq!(unknown.verdict(), crate::pack::U);
}

#[test]
fn claim_11_comparing_envelopes_needs_the_comparator() {
    let mut evidence =
        with("/claim_set/claims/0/name", "permit_chain.delegation_denied_correctly.v1".into());
    let mut artifacts = vec![
        pin("keel.governance_chain.record_hash.v1"),
        pin("keel.governance_event.integrity_digest.v1"),
    ];
    let judged = |evidence: &Value| {
        judge_with(PackDocument::DelegationEvidence, evidence, &permit_pins::NoPackFiles)
    };
    evidence["semantics_pins"]["artifacts"] = artifacts.clone().into();
    let failure = judged(&evidence).unwrap_err();
    assert_eq!(failure.fault.finding.get("id"), Some("authority-envelope.v0"));
    assert_eq!(failure.fault.evidence, ["evidence.claim_set", "evidence.semantics_pins"]);
    artifacts.push(pin("authority-envelope.v0"));
    evidence["semantics_pins"]["artifacts"] = artifacts.into();
    assert!(judged(&evidence).unwrap().known(SemanticArtifact::AuthorityEnvelope));
}

#[test]
fn claim_10_white_space_of_an_artifact_counts() {
    let Some(mut bytes) =
        crate::pack::released_bytes("semantics/export_manifest/integrity_v1.json")
    else {
        return;
    };
    let at = "/semantics_pins/artifacts/0";
    judge(&with(at, crate::pack::inline(INTEGRITY, &bytes))).unwrap();
    bytes.push(b' ');
    let failure = judge(&with(at, crate::pack::inline(INTEGRITY, &bytes))).unwrap_err();
    assert_eq!(failure.reason().as_str(), "SEMANTIC_PIN_NOT_ALLOWLISTED");
}
