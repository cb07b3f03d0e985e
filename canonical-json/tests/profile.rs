// SPDX-License-Identifier: Apache-2.0

//! The canonicalization rules, one by one.

#![cfg(test)]

use permit_canonical_json::{
    Budget, CanonicalError, HashedArtifact, Profile, Sha256Digest, StrippedKeys, Value, WireBody,
    read_text, write_selected,
};
use proptest::prelude::*;

fn parse(text: &str) -> Value<'_> {
    read_text(text, &Budget::default()).expect("the test writes JSON")
}

fn canonical(text: &str) -> String {
    Profile::Payload.to_text(&parse(text)).expect("the test writes finite numbers")
}

#[test]
fn canon_01_members_are_sorted_by_code_point() {
    // By UTF-16 code unit, U+1F600 would stand before U+FFFF.
    let text = r#"{"😀":1,"￿":2,"é":3,"z":4,"A":5,"":6}"#;
    assert_eq!(canonical(text), r#"{"":6,"A":5,"z":4,"é":3,"￿":2,"😀":1}"#);
    assert_eq!(
        canonical(r#"{"b":{"d":1,"c":2},"a":[{"f":1,"e":2}]}"#),
        r#"{"a":[{"e":2,"f":1}],"b":{"c":2,"d":1}}"#
    );
}

#[test]
fn canon_02_no_white_space_stands_between_tokens() {
    assert_eq!(canonical(" { \"a\" : [ 1 , { } , [ ] ] } \n"), r#"{"a":[1,{},[]]}"#);
}

#[test]
fn canon_03_only_what_must_be_escaped_is() {
    assert_eq!(canonical(r#"{"k":"\u00e9\u6f22\ud83d\ude00"}"#), r#"{"k":"é漢😀"}"#);
    assert_eq!(
        canonical(r#""\u0000\u0001\b\t\n\u000b\f\r\u001f\"\\\/\u007f\u2028\u2029\u0085""#),
        "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\\\"\\\\/\u{7f}\u{2028}\u{2029}\u{85}\""
    );
}

#[test]
fn canon_04_the_digest_is_that_of_the_canonical_bytes() {
    let value = parse(r#"{"z":[3,2,1],"a":{"emoji":"keel","number":7},"none":null,"bool":true}"#);
    let expected = "0643da58d8d3b61b2e9c1a0d1c2472c7eed4ebaa89ae3e118ab153aa3d9a0f11";
    assert_eq!(Profile::Payload.digest(&value).unwrap().to_string(), expected);
    let text = Profile::Payload.to_text(&value).unwrap();
    assert_eq!(Sha256Digest::of(text.as_bytes()).to_string(), expected);
}

/// How the reference writes numbers, from its recorded behaviour.
#[test]
fn canon_05_amb_52_numbers_keep_their_lexical_class() {
    for (written, expected) in [
        ("1", "1"),
        ("1.0", "1.0"),
        ("1.00", "1.0"),
        ("1e0", "1.0"),
        ("10e-1", "1.0"),
        ("0.1e1", "1.0"),
        ("1e5", "100000.0"),
        ("1E5", "100000.0"),
        ("2e2", "200.0"),
        ("1e15", "1000000000000000.0"),
        ("1e16", "1e+16"),
        ("1e22", "1e+22"),
        ("12345678901234567.8", "1.2345678901234568e+16"),
        ("0.0001", "0.0001"),
        ("0.00001", "1e-05"),
        ("1e-7", "1e-07"),
        ("1.5e300", "1.5e+300"),
        ("5e-324", "5e-324"),
        ("1e-400", "0.0"),
        ("-1e-400", "-0.0"),
        ("-0", "0"),
        ("-0.0", "-0.0"),
        ("9007199254740993", "9007199254740993"),
        ("123456789.123456789", "123456789.12345679"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
    ] {
        assert_eq!(canonical(written), expected, "{written}");
    }
}

#[test]
fn canon_06_what_would_be_infinite_has_no_canonical_form() {
    for text in ["1e400", "-1e309", r#"{"a":[0,1.8e308]}"#] {
        let value = parse(text);
        let error = Profile::Payload.digest(&value).unwrap_err();
        let CanonicalError::NotFinite { at } = error else { panic!("{error}") };
        let at = usize::try_from(at.start).unwrap()..usize::try_from(at.end).unwrap();
        assert!(text.get(at).unwrap().contains('e'));
        assert!(WireBody::new(&value).is_err());
    }
}

#[test]
fn canon_07_08_11_the_wire_body_is_stripped_at_every_depth() {
    let request = parse(
        r#"{"model":"m","Idempotency-Key":"k","tools":[{"timestamp":1,"args":{"API_KEY":"s","x":2}}]}"#,
    );
    let body = WireBody::new(&request).unwrap();
    assert_eq!(body.text(), r#"{"model":"m","tools":[{"args":{"x":2}}]}"#);
    assert_eq!(body.digest(), Sha256Digest::of(body.text().as_bytes()));
}

#[test]
fn canon_09_an_extension_is_part_of_the_one_function() {
    let request = parse(r#"{"x-acme-attempt":2,"model":"m"}"#);
    let keys = StrippedKeys::with_extension(["X-Acme-Attempt"]);
    assert_eq!(WireBody::with_keys(&request, keys).unwrap().text(), r#"{"model":"m"}"#);
    assert_eq!(WireBody::new(&request).unwrap().text(), r#"{"model":"m","x-acme-attempt":2}"#);
}

#[test]
fn canon_12_artifacts_select_their_profile_by_version() {
    for artifact in [
        HashedArtifact::ClosureV1,
        HashedArtifact::ClosureV2,
        HashedArtifact::PermitDecisionV1,
        HashedArtifact::PermitRevokedEventV1,
        HashedArtifact::ScopePredicateV1,
        HashedArtifact::CheckpointScopeStateV1,
        HashedArtifact::ExportFilters,
        HashedArtifact::AuthorityEnvelopeV0,
        HashedArtifact::GovernanceEventV1,
        HashedArtifact::WorkflowV1,
    ] {
        assert_eq!(artifact.profile(), Profile::Payload, "{artifact:?}");
    }
    assert!(matches!(HashedArtifact::WireBodyV1.profile(), Profile::WireBody(_)));
}

#[test]
fn canon_13_the_payload_profile_strips_nothing() {
    let text = r#"{"authorization":"a","request_id":"r","timestamp":"t"}"#;
    assert_eq!(canonical(text), text);
}

#[test]
fn canon_14_predicates_hash_as_recorded() {
    let predicate = parse(
        r#"{"version":"keel.scope_predicate.v1","operator":"and","equals":{"event_type":"dispatch.egress_bound"},"ranges":{}}"#,
    );
    let digest = HashedArtifact::ScopePredicateV1.profile().digest(&predicate).unwrap();
    assert_eq!(
        digest.to_string(),
        "6312528ddcbeab960d64a5c29ab8c9613c83bd0cc70472b21aeb16b682806ce5"
    );
}

#[test]
fn canon_17_strings_are_not_normalized() {
    let composed = Profile::Payload.digest(&parse("\"é\"")).unwrap();
    let decomposed = Profile::Payload.digest(&parse("\"e\u{301}\"")).unwrap();
    assert_ne!(composed, decomposed);
    assert_ne!(canonical("\" a\""), canonical("\"a\""));
}

#[test]
fn a_selection_is_written_like_the_object_it_stands_for() {
    let value = parse(r#"{"b":1,"dropped":2,"a":{"y":0,"x":1.0}}"#);
    let members = value.as_object().unwrap().members();
    let kept = members.iter().filter(|m| m.name() != "dropped").map(|m| (m.name(), m.value()));
    let mut text = String::new();
    write_selected(kept, &mut text).unwrap();
    assert_eq!(text, r#"{"a":{"x":1.0,"y":0},"b":1}"#);
}

fn any_value() -> impl Strategy<Value = Value<'static>> {
    let leaf = prop_oneof![
        Just(Value::from(())),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u128>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        proptest::num::f64::NORMAL.prop_map(|f| permit_canonical_json::to_value(&f).unwrap()),
    ];
    leaf.prop_recursive(4, 48, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            proptest::collection::vec((any::<String>(), inner), 0..8).prop_map(Value::object),
        ]
    })
}

proptest! {
    /// CANON-10, CANON-14: canonical text is its own canonical form.
    #[test]
    fn canonicalization_is_idempotent(value in any_value()) {
        let once = Profile::Payload.to_text(&value).unwrap();
        prop_assert_eq!(&canonical(&once), &once);
        prop_assert_eq!(&parse(&once), &value);
        let digest = Profile::Payload.digest(&value).unwrap();
        prop_assert_eq!(digest, Sha256Digest::of(once.as_bytes()));
    }

    /// CANON-01: the order of members in the input does not matter.
    #[test]
    fn member_order_does_not_matter(members in proptest::collection::btree_map(any::<String>(), any_value(), 0..12), seed in any::<u64>()) {
        let sorted = Value::object(members.clone());
        let mut shuffled: Vec<_> = members.into_iter().collect();
        let mut state = seed;
        for i in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(i, (state >> 33) as usize % (i + 1));
        }
        let shuffled = Value::object(shuffled);
        prop_assert_eq!(Profile::Payload.to_text(&sorted).unwrap(), Profile::Payload.to_text(&shuffled).unwrap());
    }

    /// CANON-10, CANON-11: stripping twice is stripping once, and nothing volatile is left.
    #[test]
    fn a_wire_body_is_its_own_wire_body(value in any_value()) {
        let body = WireBody::new(&value).unwrap();
        let again = WireBody::new(&parse(body.text())).unwrap();
        prop_assert_eq!(&again, &body);
    }

    /// Typed values and untyped ones have the same canonical form.
    #[test]
    fn values_pass_through_serde_unchanged(value in any_value()) {
        let copied: Value<'static> = permit_canonical_json::from_value(&value).unwrap();
        prop_assert_eq!(&copied, &value);
        prop_assert_eq!(&permit_canonical_json::to_value(&value).unwrap(), &value);
    }
}
