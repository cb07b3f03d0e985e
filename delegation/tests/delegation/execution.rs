// SPDX-License-Identifier: Apache-2.0

//! Claims about executions: everything that decided has to be there, and nothing may contradict it.

use permit_canonical_json::{Sha256Digest, Value};
use permit_claims::Verdict;
use permit_delegation::{ChainContext, ChainProof, RevocationStatus, judge_pack};

use crate::support::{
    AUTHORIZED, Json, canonical, full_pack, get, json, judged, permit_id, policy_bundle, with,
    without,
};

use Verdict::{Disproved as D, InsufficientEvidence as I, Supported as S};

const RECEIPT: &str = "receipts/0";

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
    assert_eq!(fault.finding.rule.map(|rule| rule.as_str()), Some(rule), "{}", canonical(&shown));
    assert_eq!(result.missing_requirements().is_empty(), verdict != I, "PCHAIN-30");
    shown
}

#[track_caller]
fn missing(pack: &Json, requirement: &str, word: &str, rule: &str) -> Json {
    let shown = expect(pack, I, word, rule);
    assert_eq!(get(&shown, "missing_requirements"), &Value::array([requirement.to_owned()]));
    shown
}

fn pack() -> Json {
    full_pack(AUTHORIZED)
}

fn receipt(path: &str, value: impl Into<Json>) -> Json {
    with(&pack(), &format!("{RECEIPT}/{path}"), value)
}

#[test]
fn an_execution_that_was_authorized_is_supported() {
    let result = judged(&pack());
    let Ok(ChainProof::Execution { lineage, execution_id }) = result.outcome() else {
        panic!("{result:?}")
    };
    assert_eq!((lineage.permit_ids().len(), execution_id.as_str()), (2, "exec-1"));
    assert_eq!(result.revocation_status(), Some(RevocationStatus::NotRevokedWithinCompleteScope));
    assert_eq!(
        result.supported_checks()[6..],
        [
            "lineage_complete_to_root",
            "execution_receipt_present",
            "execution_receipt_matches_lineage",
            "execution_within_authority",
            "revocation_completeness_through_decision_time",
            "resolved_policy_bundle_for_policy_hash",
            "usage_limit_states_resolved",
        ]
    );
}

#[test]
fn pchain_38_without_a_receipt_nothing_was_authorized() {
    let word = "WALK_PERMIT_CHAIN_RECEIPT_MISSING";
    for none in [
        without(&pack(), "receipts"),
        with(&pack(), "receipts", json("[]")),
        with(&pack(), "receipts", 5),
    ] {
        missing(&none, "execution_receipt", word, "PCHAIN-38");
    }
    let named = with(&pack(), "claim/claim_scope/execution_id", "exec-9");
    missing(&named, "execution_receipt:exec-9", word, "PCHAIN-38");
    let other = receipt("permit_id", permit_id(1).to_string());
    missing(&other, "execution_receipt", word, "PCHAIN-38");
    let named = with(&pack(), "claim/claim_scope/execution_id", "exec-1");
    assert_eq!(judged(&named).status(), S);
}

#[test]
fn pchain_25_a_receipt_has_all_its_members() {
    let members: Vec<String> = get(&pack(), RECEIPT)
        .as_object()
        .unwrap()
        .members()
        .iter()
        .map(|m| m.name().to_owned())
        .collect();
    assert_eq!(members.len(), 12);
    for name in members.iter().filter(|name| !matches!(name.as_str(), "permit_id")) {
        let short = without(&pack(), &format!("{RECEIPT}/{name}"));
        missing(&short, "complete_execution_receipt", "OBJECT_FORM_INVALID", "PCHAIN-25");
    }
    for (name, value) in
        [("decision_time", "soon"), ("decision", "maybe"), ("authority_envelope_hashes", "x")]
    {
        missing(
            &receipt(name, value),
            "complete_execution_receipt",
            "OBJECT_FORM_INVALID",
            "PCHAIN-25",
        );
    }
}

#[test]
fn pchain_25_two_receipts_must_be_of_two_executions() {
    let one = get(&pack(), RECEIPT).clone();
    let two = |other: Json| with(&pack(), "receipts", Value::array([one.clone(), other]));
    assert_eq!(judged(&two(one.clone())).status(), S);
    expect(&two(with(&one, "requested_action", "query")), D, "VERIFICATION_FAILED", "PCHAIN-25");
    let several = two(with(&one, "execution_id", "exec-2"));
    missing(&several, "claim_scope.execution_id", "VERIFICATION_FAILED", "PCHAIN-28");
    assert_eq!(judged(&with(&several, "claim/claim_scope/execution_id", "exec-2")).status(), S);
}

#[test]
fn pchain_26_envelope_hashes_are_those_of_the_lineage_root_first() {
    let hashes =
        get(&pack(), &format!("{RECEIPT}/authority_envelope_hashes")).as_array().unwrap().to_vec();
    for other in [
        Value::array([hashes[1].clone(), hashes[0].clone()]),
        Value::array([hashes[0].clone()]),
        Value::array([hashes[1].clone()]),
        json("[]"),
        Value::array([hashes[0].clone(), hashes[1].clone(), hashes[1].clone()]),
    ] {
        expect(&receipt("authority_envelope_hashes", other), D, "VERIFICATION_FAILED", "PCHAIN-26");
    }
    for other in [
        json("[]"),
        json(&format!(r#"["{}"]"#, permit_id(2))),
        json(&format!(r#"["{0}", "{0}"]"#, permit_id(1))),
    ] {
        expect(&receipt("ancestor_permit_ids", other), D, "VERIFICATION_FAILED", "PCHAIN-25");
    }
    // An envelope that was changed after the receipt was made, by as little as leaving a member out.
    let narrowed =
        with(&pack(), "permits/1/authority_envelope/data_classes", json(r#"["public"]"#));
    expect(&narrowed, D, "VERIFICATION_FAILED", "PCHAIN-26");
}

#[test]
fn what_was_denied_was_not_authorized() {
    expect(&receipt("decision", "deny"), D, "VERIFICATION_FAILED", "PCHAIN-25");
    let event =
        r#"{"event_type": "permit.execution_denied", "payload_json": {"execution_id": "exec-1"}}"#;
    let mut events = get(&pack(), "events").as_array().unwrap().to_vec();
    events.push(json(event));
    expect(&with(&pack(), "events", Value::array(events)), D, "VERIFICATION_FAILED", "PCHAIN-19");
    for permit in ["permits/0", "permits/1"] {
        for decision in [json(r#""deny""#), json(r#""challenge""#), json("null")] {
            let refused = with(&pack(), &format!("{permit}/decision"), decision);
            expect(&refused, D, "PERMIT_SEMANTICS_INVALID", "PERMIT-04");
        }
    }
}

#[test]
fn what_is_not_in_the_envelope_was_not_authorized() {
    let word = "WALK_PERMIT_CHAIN_ENVELOPE_VIOLATION";
    // The root could have done it; the permit that was used could not.
    let shown = expect(&receipt("requested_action", "query"), D, word, "PCHAIN-12");
    assert_eq!(canonical(get(&shown, "failure_detail/violating_members")), r#"["query"]"#);
    expect(&receipt("requested_tool", "shell"), D, word, "PCHAIN-12");
    assert_eq!(judged(&receipt("requested_tool", ())).status(), S);
}

#[test]
fn permits_count_from_their_issue_to_their_expiry() {
    for (time, verdict) in [
        ("2026-05-15T10:00:00Z", S),
        ("2026-05-15T09:59:59.999Z", D),
        ("2026-06-30T23:59:59.999999Z", S),
        ("2026-12-01T00:00:00Z", D),
        ("2027-06-01T00:00:00Z", D),
        ("2026-12-01T01:00:00+02:00", S),
    ] {
        let pack = with(
            &receipt("decision_time", time),
            "manifest/revocations_complete_through",
            "2028-01-01T00:00:00Z",
        );
        assert_eq!(judged(&pack).status(), verdict, "{time}");
    }
    for value in [json("null"), json(r#""soon""#)] {
        let pack = with(&pack(), "permits/0/created_at", value);
        missing(&pack, &format!("created_at:{}", permit_id(1)), "TIMESTAMP_FORM", "PERMIT-33");
    }
}

fn revocation(permit: u64, made: &str, effective: &str) -> Json {
    json(&format!(
        r#"{{"event_type": "permit.revoked", "occurred_at": "{made}",
            "payload_json": {{"permit_id": "{}", "effective_time": "{effective}"}}}}"#,
        permit_id(permit)
    ))
}

fn revoked(log: &[Json]) -> Json {
    let mut events = get(&pack(), "events").as_array().unwrap().to_vec();
    events.extend(log.iter().cloned());
    with(&pack(), "events", Value::array(events))
}

fn incomplete(pack: &Json) -> Json {
    without(pack, "manifest/revocations_complete_through")
}

/// The time of the decision is noon of the first of June.
const BEFORE: &str = "2026-06-01T11:00:00Z";
const AT: &str = "2026-06-01T12:00:00Z";
const AFTER: &str = "2026-06-01T12:00:00.000001Z";

fn status(pack: &Json) -> (Verdict, RevocationStatus) {
    let result = judged(pack);
    let status = result.revocation_status().unwrap();
    assert_eq!(
        result.to_json("t").get("revocation_status").and_then(Value::as_str),
        Some(status.as_str())
    );
    (result.status(), status)
}

#[test]
fn pchain_32_that_no_revocation_is_there_does_not_mean_that_there_is_none() {
    use RevocationStatus::*;
    assert_eq!(status(&pack()), (S, NotRevokedWithinCompleteScope));
    assert_eq!(status(&incomplete(&pack())), (I, NoRevocationEventInSuppliedEvidence));
    assert_eq!(
        judged(&incomplete(&pack())).missing_requirements(),
        ["revocation_completeness_through_decision_time"]
    );
    // No issuer of events, no root: an execution claim gets this far only with events. Those of
    // another permit say nothing.
    let other = revoked(&[revocation(9, BEFORE, BEFORE)]);
    assert_eq!(status(&other), (S, NotRevokedWithinCompleteScope));
    for permit in [1, 2] {
        let before = revoked(&[revocation(permit, BEFORE, BEFORE)]);
        assert_eq!(status(&before), (D, RevokedBeforeExecution), "an ancestor's counts as well");
        assert_eq!(status(&incomplete(&before)), (D, RevokedBeforeExecution));
        assert_eq!(status(&revoked(&[revocation(permit, BEFORE, AT)])).0, D);
        let after = revoked(&[revocation(permit, BEFORE, AFTER)]);
        assert_eq!(
            status(&after),
            (S, NotRevokedWithinCompleteScope),
            "revocation is prospective (PCHAIN-20)"
        );
        assert_eq!(status(&incomplete(&after)), (I, InsufficientEvidenceToDetermine));
    }
    for through in [BEFORE, "2026-06-01T11:59:59.999999Z", "soon"] {
        let early = with(&pack(), "manifest/revocations_complete_through", through);
        assert_eq!(status(&early), (I, NoRevocationEventInSuppliedEvidence), "{through}");
    }
    assert_eq!(status(&with(&pack(), "manifest/revocations_complete_through", AT)).0, S);
    // Complete for the permits that are listed, and for no others.
    let partly =
        with(&pack(), "manifest/export_scope/permit_ids", Value::array([permit_id(2).to_string()]));
    assert_eq!(status(&partly), (I, NoRevocationEventInSuppliedEvidence));
}

#[test]
fn amb_20_both_names_of_the_time_of_effect_are_read() {
    let signed = json(&format!(
        r#"{{"event_type": "permit.revoked", "created_at": "{BEFORE}", "resource_type": "permit", "resource_id": "{}",
            "payload": {{"effective_at": "{BEFORE}", "revoked_at": "{BEFORE}"}}}}"#,
        permit_id(2)
    ));
    assert_eq!(status(&revoked(&[signed])).0, D);
    let both = with(&revocation(2, BEFORE, AFTER), "payload_json/effective_at", AFTER);
    assert_eq!(status(&revoked(std::slice::from_ref(&both))).0, S);
    let contradicting = with(&both, "payload_json/effective_at", BEFORE);
    missing(
        &revoked(&[contradicting]),
        "well_formed_revocation_events",
        "LINEAGE_MALFORMED",
        "PCHAIN-20",
    );
}

#[test]
fn pchain_21_a_revocation_that_takes_effect_before_it_was_made_is_malformed() {
    let backdated = revocation(2, AFTER, BEFORE);
    let shown = missing(
        &revoked(&[backdated]),
        "well_formed_revocation_events",
        "LINEAGE_MALFORMED",
        "PCHAIN-21",
    );
    assert_eq!(
        get(&shown, "revocation_status"),
        &Value::from("insufficient_evidence_to_determine")
    );
    // That of another permit is not asked about.
    assert_eq!(status(&revoked(&[revocation(9, AFTER, BEFORE)])).0, S);
    for (path, value) in [("occurred_at", "soon"), ("payload_json/effective_time", "soon")] {
        let unread = with(&revocation(2, BEFORE, AFTER), path, value);
        missing(
            &revoked(&[unread]),
            "well_formed_revocation_events",
            "LINEAGE_MALFORMED",
            "PCHAIN-20",
        );
        let absent = without(&revocation(2, BEFORE, AFTER), path);
        missing(
            &revoked(&[absent]),
            "well_formed_revocation_events",
            "LINEAGE_MALFORMED",
            "PCHAIN-20",
        );
    }
    // One that names no permit could be of this one.
    let unnamed = without(&revocation(2, BEFORE, BEFORE), "payload_json/permit_id");
    missing(
        &revoked(&[unnamed]),
        "well_formed_revocation_events",
        "LINEAGE_MALFORMED",
        "PCHAIN-20",
    );
}

#[test]
fn pchain_22_times_of_effect_do_not_fall_in_the_order_of_the_log() {
    let (first, second) = (
        revocation(9, BEFORE, "2026-06-03T00:00:00Z"),
        revocation(2, BEFORE, "2026-06-02T00:00:00Z"),
    );
    let fallen = revoked(&[first.clone(), second.clone()]);
    missing(&fallen, "well_formed_revocation_events", "LINEAGE_MALFORMED", "PCHAIN-22");
    assert_eq!(status(&revoked(&[second.clone(), first.clone()])).0, S);
    // Numbers order the log, not the array; those of two chains are never compared (CHAIN-12).
    let numbered = |event: &Json, number: u64| with(event, "sequence_number", number);
    assert_eq!(status(&revoked(&[numbered(&first, 9), numbered(&second, 8)])).0, S);
    let fallen = revoked(&[numbered(&second, 9), numbered(&first, 8)]);
    missing(&fallen, "well_formed_revocation_events", "LINEAGE_MALFORMED", "PCHAIN-22");
    let apart = revoked(&[with(&first, "chain_scope", "a"), with(&second, "chain_scope", "b")]);
    assert_eq!(status(&apart).0, S);
}

#[test]
fn pchain_16_a_label_is_no_evidence_of_a_policy() {
    let name = "resolved_policy_bundle_for_policy_hash";
    for label in ["policy_v2", "", "sha256:short", "SHA256:x"] {
        missing(
            &receipt("policy_version_or_hash", label),
            name,
            "VERIFICATION_FAILED",
            "PCHAIN-16",
        );
    }
    missing(&without(&pack(), "policy_bundles"), name, "VERIFICATION_FAILED", "PCHAIN-16");
    let other = with(&pack(), "policy_bundles/0/id", "another");
    missing(&other, name, "VERIFICATION_FAILED", "PCHAIN-16");
    // A bare hash is one as well, and a file beside the pack may have it.
    let bytes = canonical(&policy_bundle());
    let digest = Sha256Digest::of(bytes.as_bytes());
    assert_eq!(judged(&receipt("policy_version_or_hash", digest.to_string())).status(), S);
    let context = ChainContext { resolved: &[digest], ..ChainContext::default() };
    assert_eq!(judge_pack(&without(&pack(), "policy_bundles"), &context).status(), S);
}

#[test]
fn pchain_23_the_policy_of_issuance_may_change_afterwards() {
    for permit in ["permits/0", "permits/1"] {
        let changed = with(
            &pack(),
            &format!("{permit}/policy_version_or_hash"),
            format!("sha256:{}", "1".repeat(64)),
        );
        let changed = with(&changed, &format!("{permit}/policy_version"), "99");
        assert_eq!(judged(&changed).status(), S);
    }
}

#[test]
fn pchain_27_usage_states_resolve_in_the_pack() {
    let hash =
        get(&pack(), &format!("{RECEIPT}/usage_limit_state_hashes/0")).as_str().unwrap().to_owned();
    let dangling = without(&pack(), "usage_limit_states");
    missing(&dangling, &format!("usage_limit_state:{hash}"), "VERIFICATION_FAILED", "PCHAIN-27");
    let other = with(&pack(), "usage_limit_states/0/calls", json("3.0"));
    missing(&other, &format!("usage_limit_state:{hash}"), "VERIFICATION_FAILED", "PCHAIN-27");
    let two = receipt(
        "usage_limit_state_hashes",
        Value::array([hash.clone(), "1".repeat(64), "2".repeat(64)]),
    );
    assert_eq!(judged(&two).missing_requirements().len(), 2, "all that are missing are named");
    let none = with(&dangling, &format!("{RECEIPT}/usage_limit_state_hashes"), json("[]"));
    assert_eq!(judged(&none).status(), S, "there need not be any");
    let digest = Sha256Digest::from_hex(&hash).unwrap();
    let context = ChainContext { resolved: &[digest], ..ChainContext::default() };
    assert_eq!(judge_pack(&dangling, &context).status(), S);
}

#[test]
fn a_missing_file_hides_no_contradiction() {
    let bare = without(&without(&incomplete(&pack()), "policy_bundles"), "usage_limit_states");
    assert_eq!(judged(&with(&bare, &format!("{RECEIPT}/decision"), "deny")).status(), D);
    let log = Value::array(
        get(&revoked(&[revocation(1, BEFORE, BEFORE)]), "events").as_array().unwrap().to_vec(),
    );
    assert_eq!(status(&with(&bare, "events", log)).1, RevocationStatus::RevokedBeforeExecution);
}
