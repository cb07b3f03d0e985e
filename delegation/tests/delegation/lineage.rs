// SPDX-License-Identifier: Apache-2.0

//! Claims about lineages: one change, one verdict, one code.

use permit_canonical_json::{Sha256Digest, Value};
use permit_claims::{ClaimFault, Unsupported, Verdict};
use permit_delegation::{
    CanonicalEnvelope, ChainClaimType, ChainContext, ChainPack, ChainProof, ClaimScope,
    judge_chain_claim, judge_pack,
};
use permit_failure_codes::ReasonClass;
use permit_keys::{
    ExportSigning, PurposeKey, SignatureChecked, Signer, SoftwareKey, TrustedKey,
    verify_export_manifest,
};
use permit_types::{Artifact, Finding, Location};

use crate::support::{
    AUTHORIZED, CONSISTENT, DENIED, Json, ROOTED, broadened, canonical, claim, full_pack, get,
    json, judged, permit_id, with, without,
};

use Verdict::{Disproved as D, InsufficientEvidence as I, Supported as S, UnverifiableScope as U};

const ROOT: &str = "permits/0";
const CHILD: &str = "permits/1";

/// The verdict, and the word and the rule of the fault.
#[track_caller]
fn expect(pack: &Json, verdict: Verdict, word: &str, rule: &str) -> Json {
    let result = judged(pack);
    let shown = result.to_json("t");
    let fault = result.outcome().expect_err(word);
    assert_eq!(
        (result.status(), fault.reason().as_str()),
        (verdict, word),
        "{}",
        canonical(&shown)
    );
    assert_eq!(fault.finding.rule.map(|rule| rule.as_str()), Some(rule));
    assert_eq!(
        result.missing_requirements().is_empty(),
        verdict != I,
        "PCHAIN-30: {}",
        canonical(&shown)
    );
    shown
}

#[track_caller]
fn missing(pack: &Json, requirement: &str, word: &str, rule: &str) {
    let shown = expect(pack, I, word, rule);
    assert_eq!(get(&shown, "missing_requirements"), &Value::array([requirement.to_owned()]));
}

fn names(shown: &Json) -> Vec<String> {
    let checks = get(shown, "supported_checks").as_array().unwrap().iter();
    checks.map(|check| check.as_str().unwrap().to_owned()).collect()
}

#[test]
fn vector_08_01_a_child_within_its_parent_is_supported() {
    let result = judged(&full_pack(CONSISTENT));
    assert_eq!(result.status(), S);
    assert_eq!(
        names(&result.to_json("t")),
        [
            "claim_scope_within_export_scope",
            "comparator_registry_resolved",
            "envelope_version_supported",
            "envelope_subset_check_passed",
            "expiry_constraint_check_passed",
            "envelope_consistency_check_passed",
        ]
    );
    let Ok(ChainProof::Lineage(proof)) = result.outcome() else { panic!() };
    assert_eq!(proof.permit_ids(), [permit_id(1).to_string(), permit_id(2).to_string()]);
    let hash = |path| CanonicalEnvelope::read(get(&full_pack(CONSISTENT), path)).unwrap().hash();
    let hashes = [hash("permits/0/authority_envelope"), hash("permits/1/authority_envelope")];
    assert_eq!((proof.envelope_hashes(), proof.is_rooted()), (&hashes[..], true));
}

#[test]
fn vector_08_02_pchain_12_a_child_that_allows_more_is_disproved() {
    let word = "WALK_PERMIT_CHAIN_ENVELOPE_VIOLATION";
    for (field, members) in
        [("actions", r#"["drop", "read", "alter"]"#), ("regions", r#"["us-east-1", "eu"]"#)]
    {
        let pack = with(
            &full_pack(CONSISTENT),
            &format!("{CHILD}/authority_envelope/{field}"),
            json(members),
        );
        let shown = expect(&pack, D, word, "PCHAIN-12");
        let detail = get(&shown, "failure_detail");
        assert_eq!(get(detail, "field"), &Value::from(field));
        assert_eq!(get(detail, "parent_permit_id"), &Value::from(permit_id(1).to_string()));
        assert_eq!(get(detail, "child_permit_id"), &Value::from(permit_id(2).to_string()));
        assert!(get(detail, "violating_members").as_array().unwrap().len() < 3);
        assert_eq!(names(&shown).last().map(String::as_str), Some("envelope_version_supported"));
    }
}

/// CODE-05: the hash chain of the pack holds, and yet authority is exceeded. What is reported is the
/// authority, under its own code, and never a fault of the chain.
#[test]
fn code_05_authority_that_is_exceeded_is_no_fault_of_the_hash_chain() {
    let generic = [
        "WALK_RECORD_HASH_MISMATCH",
        "WALK_PREV_HASH_DISCONTINUITY",
        "WALK_SEQUENCE_INVERSION",
        "WALK_UNKNOWN_CHAIN_FORMAT",
    ];
    let broader = |claim| {
        let members = json(r#"["read", "alter", "drop"]"#);
        with(&full_pack(claim), &format!("{CHILD}/authority_envelope/actions"), members)
    };
    for claim in [CONSISTENT, ROOTED] {
        let pack = broader(claim);
        // All else is that of the honest pack, whose chain holds.
        assert_eq!(without(&pack, "permits"), without(&full_pack(claim), "permits"));
        assert_eq!(judged(&full_pack(claim)).status(), S);
        let result = judged(&pack);
        let fault = result.outcome().expect_err("authority is exceeded");
        assert_eq!(fault.reason().as_str(), "WALK_PERMIT_CHAIN_ENVELOPE_VIOLATION");
        let shown = canonical(&result.to_json("t"));
        assert!(generic.iter().all(|code| !shown.contains(code)), "{shown}");
    }
}

#[test]
fn vector_08_03_pchain_13_a_child_that_lasts_longer_is_disproved() {
    let late = "2027-06-01T00:00:00Z";
    let pack =
        with(&full_pack(CONSISTENT), &format!("{CHILD}/authority_envelope/expires_at"), late);
    let pack = with(&pack, &format!("{CHILD}/expires_at"), late);
    let shown = expect(&pack, D, "WALK_PERMIT_CHAIN_EXPIRY_VIOLATION", "PCHAIN-13");
    let detail = format!(
        r#"{{"child_expires_at":"{late}","child_permit_id":"{}","parent_expires_at":"2027-01-01T00:00:00Z","parent_permit_id":"{}"}}"#,
        permit_id(2),
        permit_id(1)
    );
    assert_eq!(canonical(get(&shown, "failure_detail")), detail);
    assert_eq!(names(&shown).last().map(String::as_str), Some("envelope_subset_check_passed"));
}

#[test]
fn vector_08_04_pchain_07_amb_22_an_unknown_version_is_unverifiable_and_nothing_is_compared() {
    let word = "WALK_PERMIT_CHAIN_UNKNOWN_ENVELOPE_VERSION";
    for permit in [ROOT, CHILD] {
        // What the rules of v0 would find must not be found.
        let wild = with(
            &full_pack(CONSISTENT),
            &format!("{CHILD}/authority_envelope"),
            json(r#"{"all": true}"#),
        );
        let wild = without(&wild, "comparator_registry");
        for version in ["authority-envelope.v99", "authority-envelope.v00", "AUTHORITY-ENVELOPE.V0"]
        {
            let pack = with(&wild, &format!("{permit}/authority_envelope_version"), version);
            let shown = expect(&pack, U, word, "PCHAIN-07");
            assert_eq!(
                get(&shown, "failure_detail/declared_envelope_version"),
                &Value::from(version)
            );
            assert_eq!(names(&shown), ["claim_scope_within_export_scope"]);
        }
    }
    for value in ["null", "5", r#""""#] {
        let pack = with(
            &full_pack(CONSISTENT),
            &format!("{ROOT}/authority_envelope_version"),
            json(value),
        );
        let name = format!("authority_envelope_version:{}", permit_id(1));
        missing(&pack, &name, "OBJECT_FORM_INVALID", "PCHAIN-06");
    }
}

#[test]
fn pchain_10_without_v0_in_the_allow_list_everything_is_unverifiable() {
    let context = ChainContext { envelope_versions: &[], ..ChainContext::default() };
    for claim_type in [CONSISTENT, ROOTED, AUTHORIZED] {
        let result = judge_pack(&full_pack(claim_type), &context);
        let fault = result.outcome().unwrap_err();
        assert_eq!(
            (result.status(), fault.reason().as_str()),
            (U, "WALK_PERMIT_CHAIN_UNKNOWN_ENVELOPE_VERSION")
        );
    }
}

#[test]
fn vector_08_05_pchain_09_a_pack_without_a_comparator_says_which_is_missing() {
    let pack = full_pack(CONSISTENT);
    let name = "comparator_registry_for_authority-envelope.v0";
    let word = "WALK_PERMIT_CHAIN_MISSING_COMPARATOR";
    for changed in [
        without(&pack, "comparator_registry"),
        with(&pack, "comparator_registry", ()),
        with(&pack, "comparator_registry", 5),
        with(&pack, "comparator_registry/version", "authority-envelope.v1"),
    ] {
        missing(&changed, name, word, "PCHAIN-09");
        let shown = judged(&changed).to_json("t");
        assert_eq!(
            names(&shown),
            ["claim_scope_within_export_scope", "envelope_version_supported"]
        );
    }
    let hash = permit_delegation::EnvelopeVersion::V0.registry_hash();
    let by_hash =
        with(&without(&pack, "comparator_registry"), "manifest/comparator_registry_hash", hash);
    assert_eq!(judged(&by_hash).status(), S);
}

#[test]
fn pchain_11_a_comparator_with_other_rules_is_unverifiable() {
    let pack = full_pack(CONSISTENT);
    for changed in [
        without(&pack, "comparator_registry/fields/regions"),
        with(&pack, "comparator_registry/fields/tools/order", "superset"),
        with(&pack, "manifest/comparator_registry_hash", format!("sha256:{}", "0".repeat(64))),
        with(&without(&pack, "comparator_registry"), "manifest/comparator_registry_hash", "latest"),
    ] {
        let shown = expect(&changed, U, "SEMANTIC_PIN_NOT_ALLOWLISTED", "PCHAIN-11");
        assert_eq!(get(&shown, "reason_code"), &Value::from("SEMANTIC_PIN_NOT_ALLOWLISTED"));
        assert!(shown.get("failure_code").is_none(), "AMB-19");
    }
}

#[test]
fn pchain_04_amb_33_amb_35_both_expiries_are_one_instant() {
    let pack = full_pack(CONSISTENT);
    for permit in [ROOT, CHILD] {
        let own = format!("{permit}/expires_at");
        assert_eq!(judged(&without(&pack, &own)).status(), S, "AMB-33: the envelope's decides");
        assert_eq!(judged(&with(&pack, &own, ())).status(), S);
        let text = get(&pack, &own).as_str().unwrap().to_owned();
        let same = text.replace("T00:00:00Z", "T02:00:00.000+02:00");
        assert_eq!(judged(&with(&pack, &own, same)).status(), S, "AMB-35: instants, not texts");
        for other in [text.replace("00Z", "01Z"), text.replace('Z', "+02:00")] {
            let shown = expect(
                &with(&pack, &own, other.clone()),
                D,
                "WALK_PERMIT_CHAIN_ENVELOPE_INCONSISTENT",
                "PCHAIN-04",
            );
            assert_eq!(get(&shown, "failure_detail/permit_expires_at"), &Value::from(other));
        }
        let id = get(&pack, &format!("{permit}/id")).as_str().unwrap().to_owned();
        for value in ["5", r#""soon""#, r#""2027-01-01T00:00:00""#] {
            let changed = with(&pack, &own, json(value));
            missing(&changed, &format!("expires_at:{id}"), "TIMESTAMP_FORM", "PCHAIN-04");
        }
    }
}

#[test]
fn pchain_01_claim_24_envelopes_of_permits_are_closed_and_complete() {
    let pack = full_pack(CONSISTENT);
    for permit in [ROOT, CHILD] {
        for changed in [
            with(&pack, &format!("{permit}/authority_envelope/max_calls"), 5),
            without(&pack, &format!("{permit}/authority_envelope/models")),
            with(&pack, &format!("{permit}/authority_envelope/models"), ()),
            with(&pack, &format!("{permit}/authority_envelope/tools"), json(r#"[{"name": "db"}]"#)),
            with(&pack, &format!("{permit}/authority_envelope/expires_at"), "soon"),
            with(&pack, &format!("{permit}/authority_envelope"), 5),
        ] {
            missing(&changed, "comparable_authority_envelopes", "OBJECT_FORM_INVALID", "CLAIM-24");
        }
    }
    let name = format!("authority_envelope:{}", permit_id(1));
    missing(
        &without(&pack, "permits/0/authority_envelope"),
        &name,
        "OBJECT_FORM_INVALID",
        "PCHAIN-12",
    );
}

#[test]
fn pchain_14_what_is_said_in_words_decides_nothing() {
    let pack = full_pack(CONSISTENT);
    let before = canonical(&judged(&pack).to_json("t"));
    let changed = with(
        &with(&pack, "permits/1/reason", "other"),
        "permits/1/task_description",
        "anything at all",
    );
    assert_eq!(canonical(&judged(&changed).to_json("t")), before);
}

#[test]
fn pchain_37_quotas_are_not_compared() {
    let pack = with(&full_pack(CONSISTENT), "permits/0/usage_limits", json(r#"{"max_calls": 1}"#));
    let pack = with(&pack, "permits/1/usage_limits", json(r#"{"max_calls": 1000}"#));
    assert_eq!(judged(&pack).status(), S);
}

#[test]
fn pchain_35_reserved_names_have_no_meaning_yet() {
    for name in ["authority_envelope_v2", "authority_envelope_signature", "delegation_constraints"]
    {
        for permit in [ROOT, CHILD] {
            let pack = with(&full_pack(CONSISTENT), &format!("{permit}/{name}"), json("{}"));
            expect(&pack, U, "RESERVED_NAME_USED", "PCHAIN-35");
        }
    }
}

#[test]
fn pchain_31_the_scope_gate_comes_before_everything_else() {
    // A pack in which everything else is wrong.
    let broken = with(&full_pack(CONSISTENT), "permits", json(r#"[{"id": 5}, null]"#));
    let broken = with(&broken, "events", json(r#"[{"event_type": "permit.revoked"}, 7]"#));
    let broken = with(&broken, "comparator_registry", 5);
    for claim_type in [CONSISTENT, ROOTED, AUTHORIZED, DENIED] {
        let asked = with(&broken, "claim/claim_type", claim_type.as_str());
        let outside = with(&asked, "manifest/export_scope/permit_ids", json(r#"["other"]"#));
        let shown = expect(&outside, U, "REQUIRED_CLAIM_UNVERIFIABLE_SCOPE", "PCHAIN-31");
        assert!(names(&shown).is_empty());
        let wider = with(&asked, "claim/claim_scope/project_id", "p");
        expect(&wider, U, "REQUIRED_CLAIM_UNVERIFIABLE_SCOPE", "PCHAIN-31");
        let other = with(&asked, "claim/claim_scope/permit_id", 5);
        expect(&other, U, "REQUIRED_CLAIM_UNVERIFIABLE_SCOPE", "PCHAIN-31");
        for undeclared in [
            without(&asked, "manifest"),
            without(&asked, "manifest/export_scope"),
            with(&asked, "manifest/export_scope/permit_ids", json("null")),
            with(&asked, "manifest/export_scope/permit_ids", json("[5]")),
        ] {
            missing(
                &undeclared,
                "manifest.export_scope.permit_ids",
                "VERIFICATION_FAILED",
                "PCHAIN-31",
            );
        }
    }
    let upper = permit_id(2).to_string().to_uppercase();
    let pack =
        with(&full_pack(CONSISTENT), "manifest/export_scope/permit_ids", Value::array([upper]));
    assert_eq!(judged(&pack).status(), S, "UUIDs are compared without regard to case");
}

#[test]
fn pchain_28_pchain_29_a_claim_is_asked_and_gets_one_of_four_answers() {
    let pack = full_pack(CONSISTENT);
    expect(
        &with(&pack, "claim/claim_type", "everything_fine"),
        U,
        "REQUIRED_CLAIM_UNVERIFIABLE_SCOPE",
        "PCHAIN-28",
    );
    for none in [
        without(&pack, "claim"),
        with(&pack, "claim/claim_type", 5),
        with(&pack, "claim", json("[]")),
    ] {
        missing(&none, "claim.claim_type", "VERIFICATION_FAILED", "PCHAIN-28");
    }
    for empty in [without(&pack, "claim/claim_scope"), with(&pack, "claim/claim_scope", json("{}"))]
    {
        missing(&empty, "claim_scope.permit_id", "VERIFICATION_FAILED", "PCHAIN-28");
    }
    let pack = full_pack(CONSISTENT);
    let seen = ChainPack::of(&pack);
    for claim_type in ChainClaimType::ALL {
        let result = judge_chain_claim(&seen, &claim(*claim_type), &ChainContext::default());
        assert_eq!(result.claim_type(), Some(*claim_type));
        assert_eq!(result.missing_requirements().is_empty(), result.status() != I);
    }
}

#[test]
fn pchain_38_pchain_33_a_lineage_without_its_root_is_consistent_and_not_complete() {
    // Three generations, of which the first is not in the pack.
    let grandchild = |pack: &Json| {
        let mut permit = get(pack, CHILD).clone();
        permit = with(&permit, "id", permit_id(3).to_string());
        permit = with(&permit, "parent_permit_id", permit_id(2).to_string());
        permit
    };
    let cut = |claim_type| {
        let pack = full_pack(claim_type);
        let permits = Value::array([get(&pack, CHILD).clone(), grandchild(&pack)]);
        let pack = with(&pack, "permits", permits);
        let listed = Value::array([permit_id(3).to_string()]);
        with(
            &with(&pack, "manifest/export_scope/permit_ids", listed),
            "claim/claim_scope/permit_id",
            permit_id(3).to_string(),
        )
    };
    let result = judged(&cut(CONSISTENT));
    let Ok(ChainProof::Lineage(proof)) = result.outcome() else { panic!("{result:?}") };
    assert!(!proof.is_rooted());
    let word = "WALK_PERMIT_CHAIN_ANCESTOR_MISSING";
    for claim_type in [ROOTED, AUTHORIZED] {
        missing(&cut(claim_type), &format!("permit:{}", permit_id(1)), word, "PCHAIN-38");
    }
    // Where nothing of the permit's authority could be compared, nothing is consistent either.
    for claim_type in [CONSISTENT, ROOTED, AUTHORIZED] {
        let alone = without(&full_pack(claim_type), ROOT);
        missing(&alone, &format!("permit:{}", permit_id(1)), word, "PCHAIN-38");
        let gone = without(&full_pack(claim_type), CHILD);
        missing(&gone, &format!("permit:{}", permit_id(2)), word, "PCHAIN-38");
        let none = without(&full_pack(claim_type), "permits");
        missing(&none, &format!("permit:{}", permit_id(2)), word, "PCHAIN-38");
    }
}

#[test]
fn pchain_36_a_lineage_stays_in_one_project() {
    let other = "00000000-0000-0000-0000-000000000002";
    for permit in [ROOT, CHILD] {
        let path = format!("{permit}/project_id");
        expect(&with(&full_pack(CONSISTENT), &path, other), D, "LINEAGE_MALFORMED", "PCHAIN-36");
        let result = judged(&without(&full_pack(CONSISTENT), &path));
        assert_eq!(result.status(), I);
    }
    // All of it in another project than the export's.
    let pack = with(&full_pack(ROOTED), "manifest/project_id", other);
    expect(&pack, D, "LINEAGE_MALFORMED", "PCHAIN-36");
    missing(
        &without(&full_pack(ROOTED), "manifest/project_id"),
        "manifest.project_id",
        "VERIFICATION_FAILED",
        "PCHAIN-36",
    );
}

#[test]
fn permit_23_a_lineage_that_bites_its_tail_is_disproved() {
    for parent in [1, 2] {
        let pack = with(
            &full_pack(CONSISTENT),
            "permits/0/parent_permit_id",
            permit_id(parent).to_string(),
        );
        expect(&pack, D, "LINEAGE_MALFORMED", "PERMIT-23");
    }
    let pack = with(&full_pack(CONSISTENT), "permits/1/parent_permit_id", 5);
    missing(
        &pack,
        &format!("parent_permit_id:{}", permit_id(2)),
        "OBJECT_FORM_INVALID",
        "PCHAIN-38",
    );
}

#[test]
fn two_permits_of_one_id_must_say_the_same() {
    let pack = full_pack(CONSISTENT);
    let permits = get(&pack, "permits").as_array().unwrap();
    let again = |permit: Json| {
        with(&pack, "permits", Value::array([permits[0].clone(), permits[1].clone(), permit]))
    };
    assert_eq!(judged(&again(permits[0].clone())).status(), S);
    for index in [0, 1] {
        let other = with(&permits[index], "reason", "another one");
        let upper = with(&other, "id", permit_id(index as u64 + 1).to_string().to_uppercase());
        expect(&again(other), D, "LINEAGE_MALFORMED", "PERMIT-26");
        expect(&again(upper), D, "LINEAGE_MALFORMED", "PERMIT-26");
    }
}

#[test]
fn pchain_17_a_root_that_nobody_issued_is_no_root() {
    assert_eq!(judged(&full_pack(ROOTED)).status(), S);
    let name = format!("permit.issued:{}", permit_id(1));
    for pack in [without(&full_pack(ROOTED), "events"), without(&full_pack(ROOTED), "events/0")] {
        missing(&pack, &name, "WALK_PERMIT_CHAIN_ANCESTOR_MISSING", "PCHAIN-38");
    }
}

#[test]
fn pchain_30_pchain_34_results_are_deterministic_and_name_what_is_missing() {
    let pack = full_pack(ROOTED);
    let text = canonical(&judged(&pack).to_json("1.2.3"));
    assert_eq!(text, canonical(&judged(&pack).to_json("1.2.3")));
    assert!(text.contains(r#""verifier_version":"1.2.3""#));
    // The order of members and of permits does not count.
    let mut permits = get(&pack, "permits").as_array().unwrap().to_vec();
    permits.reverse();
    let shuffled = with(&without(&pack, "permits"), "permits", Value::array(permits));
    assert_eq!(canonical(&judged(&shuffled).to_json("1.2.3")), text);
}

fn signed(digest: Sha256Digest) -> SignatureChecked {
    let key = SoftwareKey::from_seed(&[7; 32]);
    let public = key.public_key().to_string();
    let trusted = TrustedKey::pinned(&public, permit_keys::KeyPurpose::ExportSigning).unwrap();
    let signature = PurposeKey::<ExportSigning>::new(key).sign_export_manifest(digest).unwrap();
    verify_export_manifest(digest, &signature.to_string(), &trusted).unwrap()
}

fn walked(pack: &Json) -> permit_chain::WalkOutcome {
    use permit_chain::{EntryFields, WalkOptions, Walker};
    let mut walker =
        Walker::new(WalkOptions::default(), |_| permit_canonical_json::JsonPointer::root());
    for (event, index) in get(pack, "events").as_array().unwrap().iter().zip(0..) {
        let mut fields = EntryFields::of_entry(event.as_object().unwrap(), event.range());
        fields.created_at = event.get("occurred_at");
        walker.entry(&fields, 0, index);
    }
    walker.finish()
}

#[test]
fn export_integrity_only_needs_a_signature_over_the_pack_and_an_unbroken_chain() {
    let integrity = ChainClaimType::ExportIntegrityOnly;
    let pack = with(&full_pack(integrity), "claim/claim_scope", json("{}"));
    let digest = Sha256Digest::of(canonical(&pack).as_bytes());
    let (signature, walk) = (signed(digest), walked(&pack));
    let chain = walk.intact().unwrap();
    let good = ChainContext {
        signature: Some(Ok(&signature)),
        content_digest: Some(digest),
        chain: Some(Ok(&chain)),
        ..ChainContext::default()
    };
    let result = judge_pack(&pack, &good);
    assert!(matches!(result.outcome(), Ok(ChainProof::Integrity { entries: 5 })), "{result:?}");
    let checks =
        ["claim_scope_within_export_scope", "export_signature_valid", "hash_chain_integrity"];
    assert_eq!(result.supported_checks(), checks);

    let judge = |context: &ChainContext<'_>| {
        let result = judge_pack(&pack, context);
        (result.status(), result.missing_requirements().to_vec())
    };
    let absent =
        |names: &[&str]| (I, names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
    assert_eq!(judge(&ChainContext::default()), absent(&checks[1..]));
    assert_eq!(judge(&ChainContext { signature: None, ..good }), absent(&checks[1..2]));
    assert_eq!(judge(&ChainContext { chain: None, ..good }), absent(&checks[2..]));
    assert_eq!(judge(&ChainContext { content_digest: None, ..good }), absent(&checks[1..2]));
    let other = Sha256Digest::of(b"another pack");
    assert_eq!(judge(&ChainContext { content_digest: Some(other), ..good }), (D, vec![]));
    for (verdict, expected) in [
        (Unsupported::Disproved, (D, vec![])),
        (Unsupported::InsufficientEvidence, absent(&checks[1..2])),
        (Unsupported::UnverifiableScope, (U, vec![])),
    ] {
        let at = Location::whole(Artifact::Manifest);
        let finding = Finding::failure(ReasonClass::SignatureVerificationFailed, at, "no");
        let fault = ClaimFault::new(verdict, finding);
        // A fault of the signature ends every claim, since nothing else can be relied on.
        for claim_type in ChainClaimType::ALL {
            let context = ChainContext { signature: Some(Err(&fault)), ..good };
            let asked = with(&pack, "claim/claim_type", claim_type.as_str());
            let result = judge_pack(&asked, &context);
            assert_eq!((result.status(), result.missing_requirements().to_vec()), expected.clone());
            let context = ChainContext { chain: Some(Err(&fault)), ..good };
            assert_eq!(judge_pack(&asked, &context).status(), expected.0);
        }
    }
}

#[test]
fn a_denial_in_a_pack_is_judged_within_the_scope_of_its_permit() {
    let pack = full_pack(DENIED);
    let events = broadened().get("events").unwrap().clone();
    let pack = with(&pack, "events", events);
    let result = judged(&pack);
    let Ok(ChainProof::Denial(denial)) = result.outcome() else { panic!("{result:?}") };
    assert_eq!(denial.event_id(), "evt-2");
    // The denied permit is named by its own id and by that of its parent.
    let parent = with(&pack, "claim/claim_scope/permit_id", permit_id(1).to_string());
    assert_eq!(judged(&parent).status(), S);
    let named = with(&pack, "claim/claim_scope/event_id", "evt-2");
    assert_eq!(judged(&named).status(), S);
    missing(
        &with(&pack, "claim/claim_scope/event_id", "evt-1"),
        "permit.delegated_denied",
        "VERIFICATION_FAILED",
        "CLAIM-21",
    );
    missing(
        &without(&pack, "events"),
        "governance_events",
        "WALK_NO_EVALUABLE_SUBJECTS",
        "CLAIM-20",
    );
    let word = "WALK_PERMIT_CHAIN_MISSING_COMPARATOR";
    missing(
        &without(&pack, "comparator_registry"),
        "comparator_registry_for_authority-envelope.v0",
        word,
        "PCHAIN-09",
    );
    // Another permit's denial is none of this claim's.
    let other = with(&pack, "claim/claim_scope/permit_id", permit_id(9).to_string());
    let other =
        with(&other, "manifest/export_scope/permit_ids", Value::array([permit_id(9).to_string()]));
    missing(&other, "permit.delegated_denied", "VERIFICATION_FAILED", "CLAIM-21");
    let allowed = with(&pack, "events/1/severity", "info");
    let shown = expect(&allowed, D, "WALK_RECORD_HASH_MISMATCH", "CLAIM-22");
    assert_eq!(get(&shown, "failure_detail/errors"), &Value::array(["record_hash_mismatch"]));
    let context = ChainContext { envelope_versions: &[], ..ChainContext::default() };
    assert_eq!(judge_pack(&pack, &context).status(), U);
}

#[test]
fn a_scope_that_is_built_is_the_scope_that_is_read() {
    let built = ClaimScope::permit("p").execution("e").event("v");
    assert_eq!(ClaimScope::read(&built.to_value()), built);
    assert_eq!(ClaimScope::read(&json("{}")), ClaimScope::whole_pack());
    let wide = json(r#"{"permit_id": "p", "permits": ["q"], "project_id": "x"}"#);
    assert_eq!(ClaimScope::read(&wide).to_value(), wide, "a result repeats what was asked");
}
