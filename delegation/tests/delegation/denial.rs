// SPDX-License-Identifier: Apache-2.0

//! The denial claim: one change, everything else put right again, one token.

use permit_canonical_json::Value;
use permit_claims::{ClaimFault, SemanticArtifact, Unsupported, Verdict};
use permit_delegation::{
    DelegationDenied, DenialSemantics, DenialToken, DigestBinding, ProvenGround, adjudicate_denial,
};
use permit_failure_codes::ReasonClass;
use permit_types::{Artifact, Finding, Location};

use crate::{
    second_model::{redigested, relinked, resealed},
    support::{
        Json, broadened, canonical, denial_evidence, denied, envelope, get, json, root_line, with,
        without,
    },
};

const DENIAL: &str = "events/1";
const PAYLOAD: &str = "events/1/payload_json";

fn judge(evidence: &Json) -> DelegationDenied {
    adjudicate_denial(evidence, None, &DenialSemantics::legacy())
}

/// One token is expected, in the list that its verdict belongs to, and nothing else.
#[track_caller]
fn expect(evidence: &Json, token: DenialToken, word: &str) -> DelegationDenied {
    let result = judge(evidence);
    let fault = result.outcome().expect_err(word);
    assert_eq!(result.status(), Verdict::from(token.verdict()), "{word}");
    let (expected, other) = match token.verdict() {
        Unsupported::InsufficientEvidence => (result.missing_requirements(), result.errors()),
        _ => (result.errors(), result.missing_requirements()),
    };
    assert_eq!(expected, [word]);
    assert!(
        other.is_empty()
            || token == DenialToken::ComparableEnvelopes
            || token == DenialToken::ChildEnvelope
    );
    assert_eq!(fault.finding.get("token"), Some(token.as_str()));
    assert!(fault.finding.rule.is_some());
    assert_eq!(fault.reason(), token.reason());
    result
}

#[track_caller]
fn expect_token(evidence: &Json, token: DenialToken) -> DelegationDenied {
    expect(evidence, token, token.as_str())
}

#[test]
fn a_denial_because_more_was_asked_for_is_supported() {
    let result = judge(&broadened());
    let proof = result.outcome().unwrap();
    assert_eq!((proof.event_id(), proof.events(), proof.scopes()), ("evt-2", 3, 1));
    assert_eq!(proof.digest_binding(), DigestBinding::Chained);
    assert!(matches!(proof.ground(), ProvenGround::Exceeds(_)));
    assert_eq!(
        canonical(&result.to_json()),
        r#"{"claim_type":"delegation_denied_correctly","comparison_details":{"actions":{"child":["delete","read"],"extra_child_members":["delete"],"parent":["query","read"]}},"errors":[],"event_id":"evt-2","failed_fields":["actions"],"missing_requirements":[],"status":"supported","supported_checks":["hash_chain_integrity","payload_integrity_digest","parent_authority_envelope_present","child_requested_authority_envelope_present","comparator_reran","denial_was_correct"],"supported_envelope_versions":["authority-envelope.v0"]}"#
    );
}

#[test]
fn a_denial_because_of_time_shows_both_times() {
    let asked = envelope(&["read"], "2028-01-01T00:00:00Z");
    let result = judge(&denial_evidence(&denied(Some(&root_line()), asked)));
    let details = result.to_json();
    assert_eq!(
        canonical(get(&details, "comparison_details")),
        r#"{"expires_at":{"child":"2028-01-01T00:00:00Z","parent":"2027-01-01T00:00:00Z","violation":"child_expires_after_parent"}}"#
    );
}

#[test]
fn a_denial_because_there_is_no_parent_is_supported() {
    let evidence = denial_evidence(&denied(None, envelope(&["read"], "2026-12-01T00:00:00Z")));
    let result = judge(&evidence);
    assert_eq!(result.outcome().unwrap().ground(), &ProvenGround::ParentMissing);
    let shown = result.to_json();
    assert_eq!(canonical(get(&shown, "failed_fields")), r#"["authority_envelope"]"#);
    assert_eq!(
        result.supported_checks()[2..],
        [
            "child_requested_authority_envelope_present",
            "parent_authority_envelope_absent",
            "denial_reason_matches_parent_missing",
        ]
    );
    // The member may be absent as well as null, and other fields may be named beside it.
    let absent = without(&evidence, "events/1/payload_json/parent_authority_envelope");
    assert_eq!(judge(&resealed(&absent)).status(), Verdict::Supported);
    let more = with(
        &evidence,
        "events/1/payload_json/failed_fields",
        json(r#"["x", "authority_envelope"]"#),
    );
    assert_eq!(
        canonical(get(&judge(&resealed(&more)).to_json(), "failed_fields")),
        r#"["authority_envelope","x"]"#
    );
    // A child that cannot be read is none.
    let unread = with(&evidence, "events/1/payload_json/child_requested_authority_envelope/x", 1);
    let result = expect_token(&resealed(&unread), DenialToken::ChildEnvelope);
    assert_eq!(result.errors(), ["authority_envelope contains unsupported fields: x"]);
    assert_eq!(get(&result.to_json(), "event_id"), &Value::from("evt-2"));
    // The reason and the field have to say that there is no parent.
    for (member, value) in
        [("reason_code", json(r#""policy.no""#)), ("failed_fields", json(r#"["actions"]"#))]
    {
        let other = with(&evidence, &format!("{PAYLOAD}/{member}"), value);
        expect_token(&resealed(&other), DenialToken::ParentEnvelope);
    }
}

#[test]
fn claim_20_semantics_that_the_pack_does_not_name_are_not_used() {
    use SemanticArtifact::{AuthorityEnvelope, ChainRecordHash, EventIntegrityDigest};
    for (named, word, verdict, checks) in [
        (
            &[AuthorityEnvelope, EventIntegrityDigest][..],
            "record_hash_semantics",
            Verdict::InsufficientEvidence,
            0,
        ),
        (
            &[ChainRecordHash, AuthorityEnvelope],
            "governance_event_integrity_digest_semantics",
            Verdict::InsufficientEvidence,
            1,
        ),
        (
            &[ChainRecordHash, EventIntegrityDigest],
            "unsupported_authority_envelope_version",
            Verdict::UnverifiableScope,
            2,
        ),
        (&[], "record_hash_semantics", Verdict::InsufficientEvidence, 0),
    ] {
        let result =
            adjudicate_denial(&broadened(), None, &DenialSemantics::of(named.iter().copied()));
        assert_eq!((result.status(), result.supported_checks().len()), (verdict, checks));
        let words = [result.missing_requirements(), result.errors()].concat();
        assert_eq!(words, [word]);
    }
    assert_eq!(
        DenialSemantics::of([ChainRecordHash, EventIntegrityDigest, AuthorityEnvelope]),
        DenialSemantics::legacy()
    );
}

#[test]
fn claim_20_pins_that_do_not_resolve_end_it() {
    for (verdict, class, list) in [
        (
            Unsupported::InsufficientEvidence,
            ReasonClass::SemanticPinMissing,
            "missing_requirements",
        ),
        (Unsupported::UnverifiableScope, ReasonClass::SemanticPinNotAllowlisted, "errors"),
    ] {
        let finding = Finding::failure(class, Location::whole(Artifact::ClaimEvidence), "why");
        let result = DelegationDenied::unresolved(ClaimFault::new(verdict, finding));
        assert_eq!(result.status(), Verdict::from(verdict));
        let shown = result.to_json();
        assert_eq!(get(&shown, list), &Value::array([class.as_str()]));
        assert_eq!(get(&shown, "reason_code"), &Value::from(class.as_str()));
        assert_eq!(get(&shown, "message"), &Value::from("why"));
        assert!(result.supported_checks().is_empty());
    }
}

#[test]
fn claim_21_several_denials_need_an_id() {
    let mut events = broadened().get("events").unwrap().as_array().unwrap().to_vec();
    let second = with(&with(&events[1], "event_id", "evt-4"), "sequence_number", 4);
    events.push(second);
    let evidence = resealed(&Value::object([("events", Value::array(events))]));
    expect_token(&evidence, DenialToken::AmbiguousEvent);
    let named = |id| adjudicate_denial(&evidence, Some(id), &DenialSemantics::legacy());
    assert_eq!(named("evt-2").status(), Verdict::Supported);
    assert_eq!(
        named("evt-4").missing_requirements(),
        ["payload_integrity_digest"],
        "no digest covers this one"
    );
    for id in ["evt-3", "", "evt-9"] {
        assert_eq!(named(id).missing_requirements(), ["permit.delegated_denied"]);
    }
    // An id that two denials have names neither.
    let twice = resealed(&with(&evidence, "events/3/event_id", "evt-2"));
    let result = adjudicate_denial(&twice, Some("evt-2"), &DenialSemantics::legacy());
    assert_eq!(result.missing_requirements(), ["event_id_for_ambiguous_claim"]);
}

#[test]
fn evidence_is_found_in_all_its_forms() {
    let evidence = broadened();
    let events = evidence.get("events").unwrap().clone();
    for form in [
        events.clone(),
        Value::object([("records", events.clone())]),
        Value::object([("governance_events", events.clone()), ("event", json("{}"))]),
        Value::object([("chain_entries", events.clone()), ("events", json("null"))]),
        with(&Value::object([("events", events.clone())]), "records", json("[]")),
    ] {
        assert_eq!(judge(&form).status(), Verdict::Supported);
    }
    for none in [
        "null",
        "5",
        "{}",
        "[]",
        "[1, null]",
        r#"{"events": [], "event": {"event_type": "permit.delegated_denied"}}"#,
    ] {
        expect_token(&json(none), DenialToken::GovernanceEvents);
    }
    let denial = get(&evidence, DENIAL).clone();
    for single in [denial.clone(), Value::object([("event", denial)])] {
        // Its number is 2, so that it is no prefix by itself.
        expect_token(&single, DenialToken::ContiguousPrefix);
    }
    expect_token(
        &with(&evidence, "events/1/event_type", "permit.issued"),
        DenialToken::DeniedEvent,
    );
}

#[test]
fn claim_22_every_event_needs_the_members_that_order_it() {
    for name in [
        "event_id",
        "event_type",
        "occurred_at",
        "prev_hash",
        "record_hash",
        "sequence_number",
        "severity",
    ] {
        for index in [0, 2] {
            let path = format!("events/{index}/{name}");
            let word = format!("chain_field:{name}");
            expect(&without(&broadened(), &path), DenialToken::ChainField, &word);
            expect(&with(&broadened(), &path, ()), DenialToken::ChainField, &word);
        }
    }
    // The first by name, of the first event.
    let two = without(&without(&broadened(), "events/0/severity"), "events/0/prev_hash");
    expect(&without(&two, "events/2/event_id"), DenialToken::ChainField, "chain_field:prev_hash");
}

#[test]
fn members_in_another_form_are_not_converted() {
    let numbers = [r#""1""#, "1.0", "1e0", "true", r#""one""#, "-1", "[1]", "18446744073709551616"];
    let texts = ["5", "true", r#""""#, "{}", "[]"];
    let times =
        [r#""soon""#, "5", r#""2026-05-20""#, r#""2026-02-30T00:00:00Z""#, r#""2026-05-20T12:00""#];
    let nullable = ["5", "true", "false", "0", "{}", "[]"];
    let cases = [
        ("sequence_number", &numbers[..]),
        ("event_id", &texts),
        ("severity", &texts),
        ("occurred_at", &times),
        ("resource_type", &nullable),
        ("resource_id", &nullable),
        ("outcome", &nullable),
        ("chain_scope", &nullable),
    ];
    for (name, values) in cases {
        for value in values {
            let changed = with(&broadened(), &format!("events/0/{name}"), json(value));
            expect(&changed, DenialToken::ChainField, &format!("chain_field:{name}"));
        }
    }
    for value in ["5", "{}", r#""""#] {
        let changed = with(&broadened(), "events/0/event_type", json(value));
        expect(&changed, DenialToken::ChainField, "chain_field:event_type");
    }
}

#[test]
fn chain_14_an_event_of_another_format_is_not_hashed() {
    for format in [r#""v2""#, "1", "[]"] {
        let changed = with(&broadened(), "events/0/chain_format_version", json(format));
        expect_token(&changed, DenialToken::UnknownChainFormat);
    }
    for format in ["null", r#""""#, r#""v1""#] {
        let changed = with(&broadened(), "events/0/chain_format_version", json(format));
        assert_eq!(judge(&changed).status(), Verdict::Supported);
    }
}

#[test]
fn claim_22_the_prefix_starts_at_one_and_has_no_gap() {
    for (index, number) in [(0, 2), (0, 0), (1, 3), (2, 7), (2, 2), (2, 1)] {
        let changed = with(&broadened(), &format!("events/{index}/sequence_number"), number);
        expect_token(&resealed(&changed), DenialToken::ContiguousPrefix);
    }
    expect_token(&without(&broadened(), "events/0"), DenialToken::ContiguousPrefix);
}

#[test]
fn claim_22_the_order_of_delivery_does_not_count() {
    let mut events = broadened().get("events").unwrap().as_array().unwrap().to_vec();
    events.reverse();
    assert_eq!(judge(&Value::array(events)).status(), Verdict::Supported);
}

#[test]
fn claim_22_amb_10_every_link_holds_from_the_fixed_sentinel_on() {
    let zeros = "0".repeat(64);
    for index in 0..3 {
        let path = format!("events/{index}/prev_hash");
        for other in [Value::from(zeros.clone()), Value::from(5), Value::from("")] {
            expect_token(&with(&broadened(), &path, other), DenialToken::PrevHashMismatch);
        }
        let upper = get(&broadened(), &path).as_str().unwrap().to_uppercase();
        expect_token(&with(&broadened(), &path, upper), DenialToken::PrevHashMismatch);
    }
}

#[test]
fn claim_22_every_hash_holds() {
    for index in 0..3 {
        let event = |name: &str| format!("events/{index}/{name}");
        for (name, value) in [
            ("record_hash", Value::from("0".repeat(64))),
            ("record_hash", Value::from(5)),
            ("record_hash", Value::from("")),
            ("severity", Value::from("critical")),
            ("outcome", Value::from("other")),
            ("outcome", Value::from(())),
            ("resource_type", Value::from("other")),
            ("occurred_at", Value::from("2026-05-20T12:00:59.000000Z")),
        ] {
            expect_token(&with(&broadened(), &event(name), value), DenialToken::RecordHashMismatch);
        }
    }
    // Every scope that is mentioned is held to it.
    let foreign = with(&get(&broadened(), "events/0").clone(), "chain_scope", "other");
    let mut events = broadened().get("events").unwrap().as_array().unwrap().to_vec();
    events.push(with(&foreign, "severity", "x"));
    expect_token(&Value::array(events), DenialToken::RecordHashMismatch);
}

#[test]
fn chain_05_a_time_that_the_hash_has_no_place_for_is_a_fault() {
    let time = get(&broadened(), "events/0/occurred_at").as_str().unwrap().to_owned();
    for other in ["+05:30", "-00:01"] {
        let moved = with(&broadened(), "events/0/occurred_at", time.replace('Z', other));
        let result = expect_token(&moved, DenialToken::RecordHashMismatch);
        assert_eq!(result.outcome().unwrap_err().finding.rule.unwrap().as_str(), "CHAIN-05");
    }
    let finer = with(&broadened(), "events/0/occurred_at", time.replace('Z', "1Z"));
    let result = expect_token(&finer, DenialToken::RecordHashMismatch);
    assert_eq!(result.outcome().unwrap_err().finding.rule.unwrap().as_str(), "CHAIN-04");
    let small = with(&broadened(), "events/0/occurred_at", time.replace('Z', "z"));
    expect(&small, DenialToken::ChainField, "chain_field:occurred_at");
    for same in ["+00:00", ""] {
        let same = with(&broadened(), "events/0/occurred_at", time.replace('Z', same));
        assert_eq!(judge(&relinked(&redigested(&same))).status(), Verdict::Supported);
    }
}

#[test]
fn several_chains_are_walked_each_by_itself() {
    let denial = without(&with(get(&broadened(), DENIAL), "sequence_number", 1), "chain_scope");
    let digest =
        with(&with(get(&broadened(), "events/2"), "sequence_number", 1), "chain_scope", "b");
    let evidence = resealed(&Value::object([("events", Value::array([digest, denial]))]));
    let result = judge(&evidence);
    assert_eq!(result.outcome().unwrap().scopes(), 2, "{result:?}");
}

#[test]
fn sem_04_the_payload_has_to_be_covered() {
    let uncovered = without(&broadened(), "events/2");
    expect_token(&uncovered, DenialToken::IntegrityDigest);
    let other =
        resealed(&with(&broadened(), "events/2/payload_json/covered_events/1/event_id", "evt-9"));
    expect_token(&other, DenialToken::IntegrityDigest);
    for (name, value) in [("covered_events", json("5")), ("covered_events", json("null"))] {
        let changed = with(&broadened(), &format!("events/2/payload_json/{name}"), value);
        expect_token(&changed, DenialToken::IntegrityDigest);
    }
    expect_token(
        &with(&broadened(), "events/2/payload_json", json("[]")),
        DenialToken::IntegrityDigest,
    );
}

#[test]
fn sem_04_a_change_of_any_covered_member_is_found() {
    for (path, value) in [
        ("payload_json/reason_code", json(r#""other""#)),
        ("payload_json/failed_fields", json(r#"["tools"]"#)),
        ("payload_json/note", json(r#""x""#)),
        ("project_id", json(r#""x""#)),
        ("permit_id", json("null")),
        ("project_name", json(r#""x""#)),
        ("request_id", json("7")),
        ("category", json("null")),
        ("source_stage", json(r#""x""#)),
        ("lineage_type", json(r#""x""#)),
        ("provider", json(r#""x""#)),
        ("model", json(r#""x""#)),
        ("operation", json(r#""x""#)),
        ("decision", json(r#""allow""#)),
        ("surface", json(r#""x""#)),
        ("trace_id", json(r#""x""#)),
        ("span_id", json(r#""x""#)),
        ("schema_version", json("2")),
        ("schema_version", json("1.0")),
        ("actor_id", json(r#""x""#)),
        ("actor_type", json(r#""x""#)),
    ] {
        let changed = with(&broadened(), &format!("{DENIAL}/{path}"), value);
        expect_token(&changed, DenialToken::PayloadMismatch);
    }
    // What has no canonical form has no hash either.
    let infinite = with(&broadened(), &format!("{DENIAL}/payload_json/x"), json("1e999"));
    expect_token(&infinite, DenialToken::PayloadMismatch);
    // And what is not covered does not count.
    let uncovered = with(&broadened(), &format!("{DENIAL}/note"), 5);
    assert_eq!(judge(&uncovered).status(), Verdict::Supported);
}

#[test]
fn sem_04_a_target_that_a_digest_cannot_name_is_not_covered() {
    for (name, value) in
        [("event_id", json(r#""  ""#)), ("permit_id", json("5")), ("project_id", json("{}"))]
    {
        let changed = with(&broadened(), &format!("{DENIAL}/{name}"), value);
        expect_token(&relinked(&changed), DenialToken::IntegrityTarget);
    }
}

#[test]
fn claim_23_count_batch_hash_and_resource_id_are_checked() {
    let digest = |path: &str| format!("events/2/{path}");
    let changed = with(&broadened(), &digest("payload_json/batch_hash"), "0".repeat(64));
    expect_token(&changed, DenialToken::BatchHashMismatch);
    for value in ["null", "5"] {
        let changed = with(&broadened(), &digest("payload_json/batch_hash"), json(value));
        expect_token(&changed, DenialToken::BatchHashMismatch);
    }
    let evidence = broadened();
    let swapped = get(&evidence, &digest("payload_json/covered_events"))
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .cloned();
    let swapped = with(&broadened(), &digest("payload_json/covered_events"), Value::array(swapped));
    expect_token(&swapped, DenialToken::BatchHashMismatch);
    let changed = relinked(&with(&broadened(), &digest("resource_id"), "0".repeat(32)));
    expect_token(&changed, DenialToken::ResourceMismatch);
    for count in [1, 3, 0] {
        let changed = with(&broadened(), &digest("payload_json/covered_event_count"), count);
        expect_token(&changed, DenialToken::CountMismatch);
    }
    for count in [r#""2""#, "2.0", "true", "-2", "[]"] {
        let changed = with(&broadened(), &digest("payload_json/covered_event_count"), json(count));
        expect_token(&changed, DenialToken::IntegrityPayload);
    }
    let uncounted = without(&broadened(), &digest("payload_json/covered_event_count"));
    assert_eq!(judge(&uncounted).status(), Verdict::Supported, "the count may be absent");
}

#[test]
fn claim_23_a_digest_without_a_resource_id_is_bound_by_nothing() {
    for unbound in [
        without(&broadened(), "events/2/resource_id"),
        with(&broadened(), "events/2/resource_id", ""),
    ] {
        let result = judge(&relinked(&unbound));
        // The recipe asks for the name of the batch only if there is one; the proof says so.
        assert_eq!(result.outcome().unwrap().digest_binding(), DigestBinding::Unbound);
    }
}

#[test]
fn claim_23_the_covered_entry_has_the_type_and_the_hash_of_the_denial() {
    for (name, token) in [
        ("event_type", DenialToken::EventTypeMismatch),
        ("event_hash", DenialToken::PayloadMismatch),
    ] {
        let path = format!("events/2/payload_json/covered_events/1/{name}");
        let changed = with(&broadened(), &path, "other");
        let batch =
            crate::second_model::batch_hash(get(&changed, "events/2/payload_json/covered_events"));
        let changed = with(&changed, "events/2/payload_json/batch_hash", batch.clone());
        let changed =
            with(&changed, "events/2/resource_id", batch.chars().take(32).collect::<String>());
        expect_token(&relinked(&changed), token);
    }
    for entry in ["5", "{}", r#"{"event_id": "e", "event_type": "t", "event_hash": " "}"#] {
        let changed = with(&broadened(), "events/2/payload_json/covered_events/0", json(entry));
        expect_token(&changed, DenialToken::IntegrityPayload);
    }
}

#[test]
fn claim_23_a_second_digest_may_not_contradict_the_first() {
    let mut events = broadened().get("events").unwrap().as_array().unwrap().to_vec();
    let mut second = with(&with(&events[2], "event_id", "evt-4"), "sequence_number", 4);
    second = with(&second, "payload_json/covered_events/1/event_hash", "0".repeat(64));
    let batch = crate::second_model::batch_hash(get(&second, "payload_json/covered_events"));
    second = with(&second, "payload_json/batch_hash", batch.clone());
    second = with(&second, "resource_id", batch.chars().take(32).collect::<String>());
    events.push(second);
    let evidence = relinked(&Value::object([("events", Value::array(events))]));
    expect_token(&evidence, DenialToken::PayloadMismatch);
    // And one that agrees changes nothing.
    assert_eq!(judge(&resealed(&evidence)).status(), Verdict::Supported);
}

#[test]
fn pchain_06_pchain_07_the_version_decides_which_rules_apply() {
    let version = |value: Json| {
        resealed(&with(&broadened(), &format!("{PAYLOAD}/authority_envelope_version"), value))
    };
    for value in ["null", "5", r#""""#, r#"" \t""#, "{}"] {
        expect_token(&version(json(value)), DenialToken::EnvelopeVersion);
    }
    for value in [
        "authority-envelope.v00",
        "authority-envelope.v1",
        " authority-envelope.v0",
        "Authority-Envelope.v0",
    ] {
        let result = expect_token(&version(value.into()), DenialToken::UnsupportedVersion);
        assert_eq!(result.supported_checks(), ["hash_chain_integrity", "payload_integrity_digest"]);
    }
}

#[test]
fn pchain_18_a_denial_says_what_it_can_be_judged_by() {
    let change = |name: &str, value: Json| {
        resealed(&with(&broadened(), &format!("{PAYLOAD}/{name}"), value))
    };
    let absent = |name: &str| change(name, json("null"));
    expect_token(&absent("child_requested_authority_envelope"), DenialToken::ChildEnvelope);
    for value in [
        "null",
        "5",
        "true",
        "0",
        r#""actions""#,
        r#"{"actions": 1}"#,
        "[5]",
        r#"["actions", null]"#,
    ] {
        expect_token(&change("failed_fields", json(value)), DenialToken::FailedFields);
    }
    for value in ["null", r#""""#, "5", "true", "[]"] {
        expect_token(&change("reason_code", json(value)), DenialToken::ReasonCode);
    }
    expect_token(&absent("parent_authority_envelope"), DenialToken::ParentEnvelope);
    let all = ["child_requested_authority_envelope", "failed_fields", "reason_code"];
    let none = all
        .iter()
        .fold(broadened(), |evidence, name| without(&evidence, &format!("{PAYLOAD}/{name}")));
    assert_eq!(judge(&resealed(&none)).missing_requirements(), all);
}

#[test]
fn claim_24_envelopes_with_more_than_is_known_are_not_compared() {
    for side in ["parent_authority_envelope", "child_requested_authority_envelope"] {
        for (path, value) in
            [("max_calls", json("1")), ("tools", json("[1]")), ("expires_at", json(r#""soon""#))]
        {
            let changed = resealed(&with(&broadened(), &format!("{PAYLOAD}/{side}/{path}"), value));
            let result = expect_token(&changed, DenialToken::ComparableEnvelopes);
            assert_eq!(result.errors().len(), 1);
            assert_eq!(result.outcome().unwrap_err().finding.rule.unwrap().as_str(), "CLAIM-24");
        }
        let changed = resealed(&with(&broadened(), &format!("{PAYLOAD}/{side}"), 5));
        expect_token(&changed, DenialToken::ComparableEnvelopes);
    }
}

#[test]
fn pchain_12_a_denial_of_what_is_allowed_is_disproved() {
    let child = format!("{PAYLOAD}/child_requested_authority_envelope/actions");
    let changed = resealed(&with(&broadened(), &child, json(r#"["read"]"#)));
    let result = expect_token(&changed, DenialToken::ComparatorAllows);
    assert_eq!(get(&result.to_json(), "event_id"), &Value::from("evt-2"));
    // A set of one's own order is still the same set (AMB-34).
    let changed = resealed(&with(&broadened(), &child, json(r#"["read", "query", "read"]"#)));
    expect_token(&changed, DenialToken::ComparatorAllows);
}

#[test]
fn failed_fields_are_those_that_the_comparator_finds() {
    for fields in [r#"["tools"]"#, r#"["actions", "tools"]"#, "[]", r#"["Actions"]"#] {
        let changed =
            resealed(&with(&broadened(), &format!("{PAYLOAD}/failed_fields"), json(fields)));
        let result = expect_token(&changed, DenialToken::FailedFieldsMismatch);
        assert_eq!(result.supported_checks().last(), Some(&"comparator_reran"));
        let shown = result.to_json();
        assert_eq!(canonical(get(&shown, "expected_failed_fields")), r#"["actions"]"#);
        assert_eq!(canonical(get(&shown, "event_failed_fields")), canonical(&json(fields)));
    }
    let twice = resealed(&with(
        &broadened(),
        &format!("{PAYLOAD}/failed_fields"),
        json(r#"["actions", "actions"]"#),
    ));
    assert_eq!(judge(&twice).status(), Verdict::Supported);
}

/// The eight records that the specification has of this claim, made anew.
#[test]
fn golden_records_44_to_51() {
    let changed = |path: &str, value: Json| with(&broadened(), &format!("{PAYLOAD}/{path}"), value);
    let missing = denial_evidence(&denied(None, envelope(&["read"], "2026-12-01T00:00:00Z")));
    let (parent, child) = ("parent_authority_envelope", "child_requested_authority_envelope");
    let unknown =
        |side: &str| resealed(&changed(&format!("{side}/unversioned_scope"), json(r#"["x"]"#)));
    for (record, evidence, verdict) in [
        ("44-supported-denial", broadened(), Verdict::Supported),
        (
            "45-false-denial",
            resealed(&changed(&format!("{child}/actions"), json("[]"))),
            Verdict::Disproved,
        ),
        ("46-tampered-payload", changed("reason_code", json(r#""other""#)), Verdict::Disproved),
        (
            "47-unknown-version",
            resealed(&changed("authority_envelope_version", json(r#""authority-envelope.v9""#))),
            Verdict::UnverifiableScope,
        ),
        ("48-missing-digest", without(&broadened(), "events/2"), Verdict::InsufficientEvidence),
        ("49-unknown-parent-key", unknown(parent), Verdict::InsufficientEvidence),
        ("50-unknown-child-key", unknown(child), Verdict::InsufficientEvidence),
        (
            "51-malformed-child",
            resealed(&with(&missing, &format!("{PAYLOAD}/{child}/x"), 1)),
            Verdict::InsufficientEvidence,
        ),
    ] {
        assert_eq!(judge(&evidence).status(), verdict, "{record}");
    }
}

#[test]
fn faults_are_placed_where_they_show() {
    let changed = with(&broadened(), "events/1/severity", "critical");
    let result = judge(&changed);
    let fault = result.outcome().unwrap_err();
    assert_eq!(fault.finding.at.pointer.to_string(), "/events/1/record_hash");
    assert_eq!(fault.finding.at.artifact, Artifact::ClaimEvidence);
    assert_eq!(fault.evidence, ["claim_evidence.events"]);
    let changed =
        resealed(&with(&broadened(), &format!("{PAYLOAD}/authority_envelope_version"), "v9"));
    let result = judge(&changed);
    let pointer = result.outcome().unwrap_err().finding.at.pointer.to_string();
    assert_eq!(pointer, "/events/1/payload_json/authority_envelope_version");
}
