// SPDX-License-Identifier: Apache-2.0

//! The lineage of permits, compared with a naive model.

use std::collections::{BTreeMap, BTreeSet};

use permit_canonical_json::{JsonPointer, Value};
use permit_failure_codes::ReasonClass;
use permit_types::{Artifact, Finding, Lineage, LineageIndex, Location, Severity};
use proptest::prelude::*;

use crate::table::{Json, json, with, without};

fn permit(id: &str, parent: Option<&str>, depth: u64) -> Json {
    Value::object([
        ("id", Json::from(id.to_owned())),
        ("project_id", "project".into()),
        ("parent_permit_id", parent.map(str::to_owned).into()),
        ("delegation_depth", depth.into()),
    ])
}

fn judged(permits: &[Json]) -> Vec<Finding> {
    let mut index = LineageIndex::new();
    for (permit, record) in permits.iter().zip(0..) {
        if let Some(lineage) = Lineage::of(permit) {
            index.add(&lineage, record);
        }
    }
    index.finish(|record| {
        let pointer = JsonPointer::root().member("records").index(record).member("permit");
        Location::value(Artifact::Export, pointer, Default::default())
    })
}

#[track_caller]
fn check_one(permits: &[Json], severity: Severity, rule: &str, pointer: &str) -> Finding {
    let findings = judged(permits);
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert_eq!(finding.reason, ReasonClass::LineageMalformed.into());
    assert_eq!(finding.severity, severity);
    assert_eq!(finding.rule.map_or("", |rule| rule.as_str()), rule);
    assert_eq!(finding.at.pointer.to_string(), pointer);
    finding.clone()
}

#[test]
fn a_family_in_order_has_no_findings() {
    let family = [permit("c", Some("b"), 2), permit("a", None, 0), permit("b", Some("a"), 1)];
    assert_eq!(judged(&family), []);
    assert_eq!(judged(&[]), []);
    assert_eq!(judged(&[permit("b", Some("elsewhere"), 3)]), [], "exports are windows");
}

#[test]
fn permit_22_depth_grows_by_one() {
    let depth = "/records/1/permit/delegation_depth";
    let root = permit("a", None, 0);
    for wrong in [0, 2, u64::MAX] {
        let family = [root.clone(), permit("b", Some("a"), wrong)];
        check_one(&family, Severity::Notice, "PERMIT-22", depth);
    }
    check_one(&[root.clone(), permit("b", None, 1)], Severity::Notice, "PERMIT-22", depth);
    check_one(&[root.clone(), permit("b", Some("x"), 0)], Severity::Notice, "PERMIT-22", depth);
    let silent = without(&permit("b", Some("a"), 0), "delegation_depth");
    check_one(&[root.clone(), silent], Severity::Notice, "PERMIT-22", "/records/1/permit");
    let odd = with(&permit("b", Some("a"), 0), "delegation_depth", json("1.0"));
    assert_eq!(judged(&[root, odd]), [], "left to the form");
    let deepest = [permit("a", Some("x"), u64::MAX), permit("b", Some("a"), u64::MAX)];
    check_one(&deepest, Severity::Notice, "PERMIT-22", depth);
}

#[test]
fn permit_23_a_cycle_is_reported_once() {
    let parent = "/records/0/permit/parent_permit_id";
    check_one(&[permit("a", Some("a"), 0)], Severity::Notice, "PERMIT-23", parent);
    let two = [permit("a", Some("b"), 5), permit("b", Some("a"), 5)];
    check_one(&two, Severity::Notice, "PERMIT-23", parent);
    let three = [
        permit("a", Some("b"), 0),
        permit("b", Some("c"), 0),
        permit("c", Some("a"), 0),
        permit("d", Some("c"), 1),
    ];
    let finding = check_one(&three, Severity::Notice, "PERMIT-23", parent);
    assert_eq!(finding.get("cycle"), Some("a → b → c"));
}

#[test]
fn permit_23_a_long_cycle_makes_a_short_report() {
    let ids: Vec<String> = (0..10_000).map(|number| format!("{number:05}")).collect();
    let family: Vec<Json> = ids
        .iter()
        .zip(ids.iter().cycle().skip(1))
        .map(|(id, parent)| permit(id, Some(parent), 0))
        .collect();
    let finding =
        check_one(&family, Severity::Notice, "PERMIT-23", "/records/0/permit/parent_permit_id");
    assert!(finding.get("cycle").unwrap().ends_with("00007 → …"));
}

#[test]
fn pchain_36_a_parent_in_another_project_is_a_failure() {
    let root = permit("a", None, 0);
    let child = with(&permit("b", Some("a"), 1), "project_id", "elsewhere");
    let parent = "/records/1/permit/parent_permit_id";
    let finding = check_one(&[root.clone(), child], Severity::Failure, "PCHAIN-36", parent);
    assert_eq!(finding.get("parent_permit_id"), Some("a"));
    let same = with(&permit("b", Some("A"), 1), "project_id", "PROJECT");
    assert_eq!(judged(&[root.clone(), same]), [], "ids are UUIDs, in either case");
    let silent = without(&permit("b", Some("a"), 1), "project_id");
    assert_eq!(judged(&[root, silent]), []);
}

#[test]
fn two_permits_of_one_id_are_noticed() {
    let family = [permit("a", None, 0), permit("A", None, 0)];
    let finding = check_one(&family, Severity::Notice, "", "/records/1/permit/id");
    assert_eq!(finding.get("first_record"), Some("0"));
}

#[test]
fn a_permit_without_an_id_is_in_no_family() {
    for text in ["{}", "[]", r#"{"id": 7}"#, r#"{"id": null, "parent_permit_id": "a"}"#] {
        assert!(Lineage::of(&json(text)).is_none(), "{text}");
    }
}

/// The cycles of a family, by walking from every permit as long as there are permits.
fn cycles(parents: &BTreeMap<u8, u8>) -> BTreeSet<u8> {
    let walk = |start: u8| {
        let mut at = start;
        for _ in 0..=parents.len() {
            at = *parents.get(&at)?;
            if at == start {
                return Some(start);
            }
        }
        None
    };
    parents.keys().filter_map(|id| walk(*id)).collect()
}

/// For every cycle its smallest member.
fn first_members(parents: &BTreeMap<u8, u8>) -> BTreeSet<u8> {
    let first = |id: &u8| {
        let members = core::iter::successors(Some(*id), |at| {
            parents.get(at).copied().filter(|next| next != id)
        });
        members.min()
    };
    cycles(parents).iter().filter_map(first).collect()
}

proptest! {
    #[test]
    fn permit_23_cycles_are_those_of_the_naive_model(
        parents in prop::collection::btree_map(0..12_u8, 0..16_u8, 0..12),
    ) {
        let id = |number: &u8| format!("{number:02}");
        let family: Vec<Json> =
            parents.iter().map(|(child, parent)| permit(&id(child), Some(&id(parent)), 1)).collect();
        let findings = judged(&family);
        let found: BTreeSet<_> = findings
            .iter()
            .filter(|finding| finding.rule.is_some_and(|rule| rule.as_str() == "PERMIT-23"))
            .filter_map(|finding| finding.get("permit_id")?.parse::<u8>().ok())
            .collect();
        prop_assert_eq!(found, first_members(&parents));
    }
}
