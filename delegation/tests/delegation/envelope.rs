// SPDX-License-Identifier: Apache-2.0

//! Canonical form, comparator and registry.

use permit_canonical_json::Value;
use permit_delegation::{
    AuthorityField, CanonicalEnvelope, Comparator, ComparatorProblem, ComparatorRegistry,
    EnvelopeFault, EnvelopeVersion, ExpiryViolation, FieldExcess,
};
use permit_types::AuthorityEnvelope;
use proptest::prelude::*;

use crate::{
    second_model,
    support::{Json, canonical, envelope, json, with, without},
};

const V0: EnvelopeVersion = EnvelopeVersion::V0;

fn good() -> Json {
    json(
        r#"{"actions": ["query", "read"], "tools": ["db@v2"], "providers": ["openai"], "models": [],
            "data_classes": ["confidential"], "regions": ["us"], "expires_at": "2026-05-20T12:00:00Z"}"#,
    )
}

fn read(envelope: &Json) -> Result<CanonicalEnvelope, EnvelopeFault> {
    CanonicalEnvelope::read(envelope)
}

fn excess(parent: &Json, child: &Json) -> Vec<FieldExcess> {
    let comparator = Comparator::built_in(V0);
    let excess = comparator.excess(&read(parent).unwrap(), &read(child).unwrap());
    excess.map(|excess| excess.fields().to_vec()).unwrap_or_default()
}

#[test]
fn pchain_05_amb_34_order_repetition_and_spelling_of_time_do_not_change_the_hash() {
    let hash = read(&good()).unwrap().hash();
    let text = r#"{"actions":["query","read"],"data_classes":["confidential"],"expires_at":"2026-05-20T12:00:00Z","models":[],"providers":["openai"],"regions":["us"],"tools":["db@v2"]}"#;
    assert_eq!(canonical(&read(&good()).unwrap().to_value()), text);
    assert_eq!(permit_canonical_json::Sha256Digest::of(text.as_bytes()), hash);
    for same in [
        with(&good(), "actions", json(r#"["read", "query", "read"]"#)),
        with(&good(), "expires_at", "2026-05-20T14:00:00+02:00"),
        with(&good(), "expires_at", "2026-05-20t12:00:00.000000000Z"),
        without(&good(), "models"),
        with(&good(), "models", ()),
    ] {
        assert_eq!(read(&same).unwrap().hash(), hash, "{same:?}");
    }
    for other in [
        with(&good(), "actions", json(r#"["query"]"#)),
        with(&good(), "actions", json(r#"["Query", "read"]"#)),
        with(&good(), "expires_at", "2026-05-20T12:00:00.000001Z"),
        without(&good(), "expires_at"),
    ] {
        assert_ne!(read(&other).unwrap().hash(), hash, "{other:?}");
    }
}

#[test]
fn pchain_01_pchain_02_claim_24_what_is_no_envelope_is_not_compared() {
    type Is = fn(&EnvelopeFault) -> bool;
    let cases: [(Json, Is); 14] = [
        (json("null"), |f| matches!(f, EnvelopeFault::NotAnObject { found: "null" })),
        (json("[]"), |f| matches!(f, EnvelopeFault::NotAnObject { .. })),
        (with(&good(), "max_calls", 5), |f| matches!(f, EnvelopeFault::UnknownMembers { .. })),
        (with(&good(), "max_calls", ()), |f| matches!(f, EnvelopeFault::UnknownMembers { .. })),
        (with(&good(), "tools", json(r#"[{"name": "db", "version": 2}]"#)), |f| {
            matches!(f, EnvelopeFault::NotText { field: AuthorityField::Tools, found: "an object" })
        }),
        (with(&good(), "regions", json("[null]")), |f| matches!(f, EnvelopeFault::NotText { .. })),
        (with(&good(), "regions", "us"), |f| matches!(f, EnvelopeFault::NotASet { .. })),
        (with(&good(), "regions", json(r#"{"us": true}"#)), |f| {
            matches!(f, EnvelopeFault::NotASet { field: AuthorityField::Regions, .. })
        }),
        (with(&good(), "expires_at", ""), |f| matches!(f, EnvelopeFault::Expiry { .. })),
        (with(&good(), "expires_at", 5), |f| matches!(f, EnvelopeFault::Expiry { .. })),
        (with(&good(), "expires_at", "2026-05-20T12:00:00"), |f| {
            matches!(f, EnvelopeFault::Expiry { .. })
        }),
        (with(&good(), "expires_at", "2026-05-20"), |f| matches!(f, EnvelopeFault::Expiry { .. })),
        (with(&good(), "expires_at", "2026-05-20T12:00:00.0000001Z"), |f| {
            matches!(f, EnvelopeFault::Expiry { .. })
        }),
        (with(&good(), "expires_at", "0001-01-01T00:00:00+01:00"), |f| {
            matches!(f, EnvelopeFault::Expiry { .. })
        }),
    ];
    for (envelope, is) in cases {
        let fault = read(&envelope).unwrap_err();
        assert!(is(&fault), "{envelope:?}: {fault:?}");
        assert!(!fault.to_string().contains('\n'));
    }
    let fault = read(&with(&with(&good(), "b", 1), "a", 1)).unwrap_err();
    assert_eq!(fault.to_string(), "authority_envelope contains unsupported fields: a, b");
}

#[test]
fn a_permit_needs_all_seven_members() {
    assert!(CanonicalEnvelope::read_complete(&good()).is_ok());
    for field in AuthorityField::ALL {
        for short in [without(&good(), field.as_str()), with(&good(), field.as_str(), ())] {
            let fault = CanonicalEnvelope::read_complete(&short).unwrap_err();
            assert_eq!(fault, EnvelopeFault::MissingMember { field: *field });
        }
    }
}

#[test]
fn pchain_12_a_set_must_be_a_subset_and_the_extra_members_are_named() {
    for field in AuthorityField::SETS {
        let child = with(&good(), field.as_str(), json(r#"["z", "openai", "a"]"#));
        let [FieldExcess::Members { field: found, extra, .. }] = &excess(&good(), &child)[..]
        else {
            panic!()
        };
        assert_eq!(*found, field);
        assert!(extra.contains(&"z".to_owned()) && extra.is_sorted());
        let empty = with(&good(), field.as_str(), json("[]"));
        assert_eq!(excess(&good(), &empty), [], "an empty set is within every other");
        assert_eq!(excess(&good(), &without(&good(), field.as_str())), []);
    }
    // No wildcards, no case folding, no normalization.
    for near in [r#"["*"]"#, r#"["QUERY"]"#, r#"["query "]"#] {
        assert_eq!(excess(&good(), &with(&good(), "actions", json(near))).len(), 1);
    }
}

#[test]
fn pchain_03_classes_of_data_are_no_ladder() {
    let child = with(&good(), "data_classes", json(r#"["public"]"#));
    let [FieldExcess::Members { field, extra, .. }] = &excess(&good(), &child)[..] else {
        panic!()
    };
    assert_eq!(
        (*field, extra.as_slice()),
        (AuthorityField::DataClasses, &["public".to_owned()][..])
    );
}

#[test]
fn pchain_13_amb_35_a_child_may_not_outlive_its_parent() {
    let ends = |text: &str| with(&good(), "expires_at", text.to_owned());
    for within in
        ["2026-05-20T12:00:00Z", "2026-05-20T14:00:00+02:00", "2026-05-20T11:59:59.999999Z"]
    {
        assert_eq!(excess(&good(), &ends(within)), [], "{within}");
    }
    let violation = |parent: &Json, child: &Json| match &excess(parent, child)[..] {
        [FieldExcess::Expiry { violation, .. }] => *violation,
        other => panic!("{other:?}"),
    };
    for beyond in
        ["2026-05-20T12:00:00.000001Z", "2026-05-20T12:00:00-00:01", "9999-12-31T23:59:59Z"]
    {
        assert_eq!(violation(&good(), &ends(beyond)), ExpiryViolation::AfterParent, "{beyond}");
    }
    let endless = without(&good(), "expires_at");
    assert_eq!(violation(&good(), &endless), ExpiryViolation::NotComparable);
    assert_eq!(violation(&endless, &good()), ExpiryViolation::NotComparable);
    assert_eq!(excess(&endless, &endless), []);
}

#[test]
fn pchain_08_pchain_09_a_registry_is_found_inline_or_by_hash() {
    let registry = ComparatorRegistry::built_in(V0).to_value();
    let hash = Value::from(V0.registry_hash());
    let find = |inline: Option<&Json>, hash: Option<&Json>| Comparator::of_pack(V0, inline, hash);
    let found = Ok(Comparator::built_in(V0));
    assert_eq!(find(Some(&registry), None), found);
    assert_eq!(find(None, Some(&hash)), found);
    assert_eq!(find(Some(&registry), Some(&hash)), found);
    let titled = with(&with(&registry, "title", "t"), "$schema", "s");
    assert_eq!(
        find(Some(&titled), None),
        found,
        "what says nothing about comparing does not count"
    );
    assert_eq!(find(None, None), Err(ComparatorProblem::Missing));
    let null = Value::from(());
    assert_eq!(find(Some(&null), Some(&null)), Err(ComparatorProblem::Missing));
    for (inline, problem) in [
        (json("5"), ComparatorProblem::NotARegistry { found: "a number" }),
        (json("{}"), ComparatorProblem::NotARegistry { found: "an object" }),
        (
            with(&registry, "version", "v1"),
            ComparatorProblem::OtherVersion { found: "v1".to_owned() },
        ),
    ] {
        assert_eq!(find(Some(&inline), None), Err(problem.clone()));
        assert!(!problem.is_unknown_meaning());
    }
    let number = Value::from(5);
    assert!(matches!(find(None, Some(&number)), Err(ComparatorProblem::NotARegistry { .. })));
}

#[test]
fn pchain_11_a_registry_with_other_rules_is_never_interpreted() {
    let registry = ComparatorRegistry::built_in(V0).to_value();
    let find = |inline: &Json| Comparator::of_pack(V0, Some(inline), None);
    for other in [
        without(&registry, "fields/regions"),
        with(
            &registry,
            "fields/quota",
            registry.get("fields").unwrap().get("tools").unwrap().clone(),
        ),
        with(&registry, "fields/tools/order", "superset"),
        with(&registry, "fields/tools/order", "less_than_or_equal"),
        with(&registry, "fields/tools/type", "set"),
        with(&registry, "fields/tools/canonicalization", "none"),
        with(&registry, "fields/tools/wildcards", true),
        without(&registry, "fields/tools/order"),
        without(&registry, "fields"),
        with(&registry, "rules", json("[]")),
    ] {
        assert_eq!(find(&other), Err(ComparatorProblem::OtherRules), "{other:?}");
    }
    let other = Value::from(V0.registry_hash().replace('a', "b"));
    let unknown = Comparator::of_pack(V0, None, Some(&other)).unwrap_err();
    assert!(
        matches!(unknown, ComparatorProblem::UnknownHash { .. }) && unknown.is_unknown_meaning()
    );
    // A good one beside an unknown one does not make it known.
    assert!(Comparator::of_pack(V0, Some(&registry), Some(&other)).is_err());
    assert!(
        Comparator::of_pack(
            V0,
            Some(&with(&registry, "rules", 1)),
            Some(&Value::from(V0.registry_hash()))
        )
        .is_err()
    );
}

#[test]
fn a_typed_envelope_has_the_canonical_form_of_its_text() {
    let typed: AuthorityEnvelope = envelope(&["read", "query"], "2026-05-20T14:00:00.5+02:00");
    let text = permit_canonical_json::to_value(&typed).unwrap();
    assert_eq!(CanonicalEnvelope::of(&typed), read(&text));
    assert_eq!(read(&text).unwrap().expires_at().as_deref(), Some("2026-05-20T12:00:00.500000Z"));
}

fn any_envelope() -> impl Strategy<Value = Json> {
    let set = || prop::collection::vec("[a-c]{1,2}", 0..4);
    let sets = prop::collection::vec(set(), 6);
    (sets, 0_u32..6).prop_map(|(sets, hour)| {
        let names = AuthorityField::SETS.into_iter().map(AuthorityField::as_str);
        let sets = names.zip(sets.into_iter().map(Value::array));
        let expiry = [("expires_at", Value::from(format!("2026-05-20T1{hour}:00:00Z")))];
        Value::object(sets.chain(expiry))
    })
}

proptest! {
    #[test]
    fn comparison_is_that_of_the_second_model(parent in any_envelope(), child in any_envelope()) {
        let comparator = Comparator::built_in(V0);
        let excess = comparator.excess(&read(&parent).unwrap(), &read(&child).unwrap());
        let failed: Vec<_> = excess.iter().flat_map(|excess| excess.failed_fields()).collect();
        prop_assert_eq!(failed, second_model::failed_fields(&parent, &child));
    }

    #[test]
    fn within_is_reflexive_and_transitive(a in any_envelope(), b in any_envelope(), c in any_envelope()) {
        let within = |child: &Json, parent: &Json| excess(parent, child).is_empty();
        prop_assert!(within(&a, &a));
        if within(&a, &b) && within(&b, &c) {
            prop_assert!(within(&a, &c));
        }
        if within(&a, &b) && within(&b, &a) {
            prop_assert_eq!(read(&a).unwrap().hash(), read(&b).unwrap().hash());
        }
    }

    #[test]
    fn canonical_form_is_canonical(envelope in any_envelope()) {
        let once = read(&envelope).unwrap();
        prop_assert_eq!(&read(&once.to_value()).unwrap(), &once);
    }
}
