// SPDX-License-Identifier: Apache-2.0

//! The rules about a bundle as a whole: one change, one finding, at one place.

use permit_canonical_json::{JsonPointer, Value};
use permit_failure_codes::ReasonClass;
use permit_types::{
    Artifact, BundleFacts, BundleSchemaVersion, Finding, Location, Severity, check_bundle_form,
    check_bundle_semantics,
};

use crate::{
    objects::table,
    table::{Json, json, with, without},
};

fn version_1() -> Json {
    let bundle = with(&table("AuditExportBundle").minimal(), "record_count", 2);
    let bundle = with(&bundle, "to", "2026-05-11T00:00:00Z");
    let record = table("AuditExportRecord").minimal();
    with(&bundle, "records", Value::array([record.clone(), record]))
}

fn version_2() -> Json {
    let bundle = with(&version_1(), "schema_version", 2);
    let record = with(&table("AuditExportRecord").minimal(), "chain_entries", json("[]"));
    let bundle = with(&bundle, "records", Value::array([record.clone(), record]));
    with(&bundle, "include_chain_entries", true)
}

fn place() -> Location {
    Location::value(Artifact::Export, JsonPointer::root().member("bundle"), Default::default())
}

fn semantics(bundle: &Json) -> Vec<Finding> {
    check_bundle_semantics(&BundleFacts::of(bundle), &place())
}

#[track_caller]
fn check_failure(bundle: &Json, rule: &str, pointer: &str) -> Finding {
    let findings = semantics(bundle);
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert_eq!(finding.severity, Severity::Failure);
    assert_eq!(finding.reason, ReasonClass::BundleSemanticsInvalid.into());
    assert_eq!(finding.rule.map(|rule| rule.as_str()), Some(rule));
    assert_eq!(finding.at.pointer.to_string(), ["/bundle", pointer].concat());
    finding.clone()
}

#[test]
fn good_bundles_have_no_findings() {
    for bundle in [version_1(), version_2()] {
        assert_eq!(semantics(&bundle), []);
        assert_eq!(check_bundle_form(&BundleFacts::of(&bundle), &place()), []);
    }
}

#[test]
fn a_bundle_that_has_no_more_than_verification_needs_does_not_fail() {
    let bare = json(
        r#"{"bundle_type": "audit_export_bundle", "schema_version": 2,
            "include_chain_entries": true, "records": [], "export_id": "x"}"#,
    );
    assert_eq!(semantics(&bare), []);
    let form = check_bundle_form(&BundleFacts::of(&bare), &place());
    assert_eq!(form.len(), 2, "a member that is missing and one that nobody knows");
    assert!(form.iter().all(|finding| finding.severity == Severity::Notice));
    assert_eq!(form[1].at.pointer.to_string(), "/bundle/export_id");
}

#[test]
fn bundle_01_constants_are_literal() {
    for name in ["bundle_type", "format", "time_range_basis"] {
        let pointer = ["/", name].concat();
        for value in ["\"other\"", "7", "true", "{}", "[]"] {
            check_failure(&with(&version_2(), name, json(value)), "BUNDLE-01", &pointer);
        }
        assert_eq!(semantics(&without(&version_2(), name)), []);
    }
}

#[test]
fn bundle_02_an_unknown_version_is_named_and_nothing_is_made_of_the_rest() {
    for text in ["0", "3", "\"2\"", "2.0", "true", "null", "[]"] {
        let bundle = with(&version_2(), "schema_version", json(text));
        let finding = check_failure(&bundle, "BUNDLE-02", "/schema_version");
        assert!(finding.actual.is_some());
    }
    check_failure(&without(&version_2(), "schema_version"), "BUNDLE-02", "");
}

#[test]
fn bundle_03_version_2_says_so_and_every_record_has_entries() {
    for value in ["false", "null", "1", "\"true\""] {
        let bundle = with(&version_2(), "include_chain_entries", json(value));
        check_failure(&bundle, "BUNDLE-03", "/include_chain_entries");
    }
    check_failure(&without(&version_2(), "include_chain_entries"), "BUNDLE-03", "");

    let entry = with(&table("AuditExportRecord").minimal(), "chain_entries", json("[]"));
    let null = with(&entry, "chain_entries", ());
    let none = without(&entry, "chain_entries");
    for (records, index, further) in [
        (vec![entry.clone(), none.clone()], "/records/1", None),
        (vec![null.clone(), entry.clone()], "/records/0", None),
        (vec![null, none], "/records/0", Some("1")),
    ] {
        let bundle = with(&version_2(), "records", Value::array(records));
        let finding = check_failure(&bundle, "BUNDLE-03", index);
        assert_eq!(finding.get("further_records"), further);
    }
}

#[test]
fn bundle_03_entries_of_the_bundle_stand_in_for_those_of_records() {
    let bundle = with(&version_1(), "schema_version", 2);
    let bundle = with(&bundle, "include_chain_entries", true);
    let bundle = with(&bundle, "chain_entries", json("[]"));
    assert_eq!(semantics(&bundle), []);
    let form = check_bundle_form(&BundleFacts::of(&bundle), &place());
    assert_eq!(form.len(), 1);
    assert_eq!(form[0].at.pointer.to_string(), "/bundle/chain_entries");
}

#[test]
fn bundle_04_amb_49_version_1_has_no_entries() {
    let flagged = with(&version_1(), "include_chain_entries", true);
    check_failure(&flagged, "BUNDLE-04", "/include_chain_entries");
    assert_eq!(semantics(&with(&version_1(), "include_chain_entries", false)), []);

    let entry = with(&table("AuditExportRecord").minimal(), "chain_entries", json("[]"));
    let null = with(&entry, "chain_entries", ());
    let bundle = with(&version_1(), "records", Value::array([null.clone(), entry]));
    check_failure(&bundle, "BUNDLE-04", "/records/1");
    assert_eq!(semantics(&with(&version_1(), "records", Value::array([null.clone(), null]))), []);
    let bundle = with(&version_1(), "chain_entries", json("[]"));
    check_failure(&bundle, "BUNDLE-04", "/chain_entries");
}

#[test]
fn bundle_05_records_are_counted() {
    for count in [0_u64, 1, 3, u64::MAX] {
        let bundle = with(&version_2(), "record_count", count);
        let finding = check_failure(&bundle, "BUNDLE-05", "/record_count");
        assert_eq!(finding.expected.as_deref(), Some("`2`"));
        assert_eq!(finding.actual, Some(format!("`{count}`")));
    }
    for value in ["null", "2.0", "\"2\""] {
        let bundle = with(&version_2(), "record_count", json(value));
        assert_eq!(semantics(&bundle), [], "left to the form");
        let form = check_bundle_form(&BundleFacts::of(&bundle), &place());
        assert_eq!(form[0].at.pointer.to_string(), "/bundle/record_count");
    }
    assert_eq!(semantics(&without(&version_2(), "records")), [], "nothing was counted");
    assert_eq!(semantics(&with(&version_2(), "records", json("{}"))), [], "nothing was counted");
}

#[test]
fn bundle_17_amb_49_the_range_has_a_length() {
    for to in ["2026-05-10T12:34:56Z", "2026-05-10T00:00:00Z", "2026-05-10T14:00:00+02:00"] {
        check_failure(&with(&version_2(), "to", to), "BUNDLE-17", "/to");
    }
    for to in ["soon", ""] {
        assert_eq!(semantics(&with(&version_2(), "to", to)), [], "left to the form");
    }
}

#[test]
fn bundle_21_names_are_reserved() {
    for name in ["signature_v2", "witnesses"] {
        let bundle = with(&version_2(), name, ());
        let findings = semantics(&bundle);
        let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
        assert_eq!(finding.severity, Severity::Notice);
        assert_eq!(finding.reason, ReasonClass::ReservedNameUsed.into());
        assert_eq!(check_bundle_form(&BundleFacts::of(&bundle), &place()), []);
    }
}

#[test]
fn facts_gathered_piece_by_piece_are_those_of_the_whole() {
    let bundle = version_2();
    let mut facts = BundleFacts::new();
    for member in bundle.as_object().unwrap().members() {
        match member.value().as_array() {
            Some(records) if member.name() == "records" => {
                facts.begin_records();
                records.iter().for_each(|record| facts.take_record(record));
            }
            _ => facts.take_member(member.name(), member.name_range(), member.value()),
        }
    }
    assert_eq!(facts.records(), 2);
    assert_eq!(facts.schema_version(), Some(BundleSchemaVersion::V2));
    assert_eq!(check_bundle_semantics(&facts, &place()), []);
    assert_eq!(check_bundle_form(&facts, &place()), []);
}
