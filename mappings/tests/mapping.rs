// SPDX-License-Identifier: Apache-2.0

//! The mapping that the crate carries, against the schemas of evidence and against itself.

#![cfg(test)]

use std::collections::BTreeSet;

use permit_claims::Claim;
use permit_mappings::{
    EvidencePresent, EvidenceType, FrameworkId, MappingError, Mappings, NonMappingStatus,
    is_control_id,
};
use permit_types::PublishedSchema;
use serde_json::Value;

fn mappings() -> Mappings {
    Mappings::built_in().unwrap()
}

/// The names of members that a schema has, at its root or anywhere.
fn members(schema: &Value, everywhere: bool) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        names.extend(properties.keys().cloned());
    }
    if everywhere {
        let below: Box<dyn Iterator<Item = &Value>> = match schema {
            Value::Object(object) => Box::new(object.values()),
            Value::Array(array) => Box::new(array.iter()),
            _ => Box::new(std::iter::empty()),
        };
        names.extend(below.flat_map(|value| members(value, true)));
    }
    names
}

#[test]
fn every_field_is_a_member_of_the_permit() {
    let schema = PublishedSchema::Permit.generate();
    let fields = members(schema.as_value(), false);
    assert!(fields.len() >= 50, "{fields:?}");
    for framework in mappings().frameworks() {
        for control in &framework.controls {
            for field in control.evidence.iter().flat_map(|evidence| &evidence.permit_fields) {
                let place = format!("{} {}", framework.framework, control.control);
                assert!(fields.contains(field), "{place}: `{field}` is no member of the permit");
            }
        }
    }
}

#[test]
fn every_artifact_is_where_the_list_says_or_rests_on_claims() {
    for artifact in mappings().artifacts() {
        let id = &artifact.artifact;
        let Some(file) = &artifact.schema else {
            assert!(artifact.member.is_none(), "{id}");
            assert!(!artifact.claims.is_empty() || id == "findings", "{id}");
            continue;
        };
        let name = format!("{file}.schema.json");
        let schema = PublishedSchema::ALL.iter().find(|schema| schema.file_name() == name);
        let schema = schema.unwrap_or_else(|| panic!("{id}: there is no {name}")).generate();
        if let Some(member) = &artifact.member {
            assert!(members(schema.as_value(), true).contains(member), "{id}: {member}");
        }
    }
}

#[test]
fn every_artifact_of_the_list_is_evidence_for_something() {
    let mappings = mappings();
    let named: BTreeSet<&String> = mappings
        .frameworks()
        .iter()
        .flat_map(|framework| &framework.controls)
        .flat_map(|control| &control.evidence)
        .filter_map(|evidence| evidence.artifact.as_ref())
        .collect();
    let idle: Vec<_> = mappings
        .artifacts()
        .iter()
        .map(|artifact| &artifact.artifact)
        .filter(|id| !named.contains(id))
        .collect();
    // These can be in a bundle and are evidence for no mapped control: said rather than left out.
    assert_eq!(idle, ["scope_state", "workflow_evidence", "usage_log", "permit_evidence"]);
}

#[test]
fn there_are_fourteen_frameworks_with_version_and_disclaimers() {
    let mappings = mappings();
    assert_eq!(mappings.frameworks().len(), 14);
    for framework in mappings.frameworks() {
        assert!(framework.version.len() > 3, "{}", framework.framework);
        let disclaimers: Vec<_> =
            mappings.disclaimers_of(framework).map(|one| one.id.as_str()).collect();
        for id in ["MAP-01", "MAP-02", "MAP-03", "MAP-10"] {
            assert!(disclaimers.contains(&id), "{} lacks {id}", framework.framework);
        }
        assert_eq!(disclaimers.len(), framework.disclaimers.len());
    }
    let needs = |id, disclaimer: &str| {
        let framework = mappings.framework(id).unwrap();
        assert!(framework.disclaimers.iter().any(|one| one == disclaimer), "{id} {disclaimer}");
    };
    needs(FrameworkId::Fedramp, "MAP-04");
    needs(FrameworkId::PciDss, "MAP-05");
    needs(FrameworkId::OwaspAsvs, "MAP-06");
    needs(FrameworkId::Ccpa, "MAP-07");
    needs(FrameworkId::CppaAdmt, "MAP-07");
    needs(FrameworkId::CppaAdmt, "MAP-08");
    needs(FrameworkId::Iso42001, "MAP-09");
}

/// The numbers of mapped controls. Two of the published entries cite two provisions in one; here
/// each provision is a control of its own.
#[test]
fn the_controls_are_as_many_as_are_published() {
    let mappings = mappings();
    let counts: Vec<_> = mappings
        .frameworks()
        .iter()
        .map(|framework| (framework.framework.as_str(), framework.controls.len()))
        .collect();
    assert_eq!(
        counts,
        [
            ("ccpa", 3),
            ("cppa_admt_regs", 12),
            ("eu_ai_act", 4),
            ("gdpr", 0),
            ("soc2", 12),
            ("nist_ai_rmf", 14),
            ("iso_42001", 18),
            ("owasp_llm_2025", 9),
            ("mitre_atlas", 13),
            ("owasp_api_top_10_2023", 8),
            ("fedramp", 23),
            ("cis_controls", 7),
            ("pci_dss", 4),
            ("owasp_asvs", 6),
        ]
    );
}

#[test]
fn map_03_what_is_not_mapped_is_not_mapped() {
    for framework in mappings().frameworks() {
        let mapped: BTreeSet<_> =
            framework.controls.iter().map(|control| &control.control).collect();
        assert_eq!(mapped.len(), framework.controls.len());
        for one in &framework.non_mappings {
            assert!(!one.rationale.is_empty());
            for control in &one.controls {
                assert!(!mapped.contains(control), "{} {control}", framework.framework);
                assert!(is_control_id(framework.framework, control), "{control}");
            }
        }
    }
    let mappings = mappings();
    let cis = mappings.framework(FrameworkId::CisControls).unwrap();
    let left_out: usize = cis.non_mappings.iter().map(|one| one.controls.len()).sum();
    assert_eq!((cis.controls.len(), left_out), (7, 11));
}

/// Words that disclaimers forbid: MAP-04, MAP-05.
#[test]
fn map_04_05_nothing_is_called_compliant() {
    for framework in mappings().frameworks() {
        for control in &framework.controls {
            let text = format!("{} {}", control.title, control.rationale).to_lowercase();
            for word in
                ["compliant", "compliance", "certif", "authorised by fedramp", "validated by"]
            {
                assert!(
                    !text.contains(word),
                    "{} {}: {word}",
                    framework.framework,
                    control.control
                );
            }
        }
    }
}

fn everything(mappings: &Mappings) -> EvidencePresent {
    let artifacts = mappings.artifacts().iter().map(|one| one.artifact.clone());
    let mut present = EvidencePresent {
        artifacts: artifacts.collect(),
        claims: Claim::ALL.iter().copied().collect(),
        ..EvidencePresent::default()
    };
    for framework in mappings.frameworks() {
        for evidence in framework.controls.iter().flat_map(|control| &control.evidence) {
            for field in &evidence.permit_fields {
                present.permit_fields.insert(field.clone(), 1);
            }
        }
    }
    present
}

#[test]
fn all_evidence_supports_all_controls_and_none_supports_none() {
    let mappings = mappings();
    for support in mappings.supported_by(&everything(&mappings), None) {
        assert_eq!(support.supported.len(), support.framework.controls.len());
        assert!(support.unsupported.is_empty());
        assert!(support.supported.iter().all(|one| one.absent.is_empty()));
    }
    for support in mappings.supported_by(&EvidencePresent::default(), None) {
        assert!(support.supported.is_empty());
        assert_eq!(support.unsupported.len(), support.framework.controls.len());
    }
}

#[test]
fn evidence_counts_only_if_its_claims_are_supported() {
    let mappings = mappings();
    let mut present = everything(&mappings);
    present.claims.remove(&Claim::ExportIntegrity);
    for support in mappings.supported_by(&present, None) {
        for one in support.supported {
            let rests_on_export = one.claims.contains(&Claim::ExportIntegrity);
            assert!(!rests_on_export, "{}", one.control.control);
            assert!(one.present.iter().all(|evidence| evidence.permit_fields.is_empty()));
        }
    }
    let mut present = everything(&mappings);
    present.claims.remove(&Claim::ChainContinuity);
    let support = mappings.supported_by(&present, Some(FrameworkId::CppaAdmt));
    let names: Vec<_> = support[0].unsupported.iter().map(|one| one.control.as_str()).collect();
    assert_eq!(names, ["11 CCR §7152(a)(6)(A)(i)"]);
}

#[test]
fn fields_that_are_mapped_together_count_together() {
    let mappings = mappings();
    let mut present = EvidencePresent::default();
    present.claims.insert(Claim::ExportIntegrity);
    present.permit_fields.insert("subject_type".to_owned(), 7);
    present.permit_fields.insert("subject_id".to_owned(), 0);
    let controls = |present: &EvidencePresent| {
        let support = mappings.supported_by(present, Some(FrameworkId::Ccpa));
        support[0].supported.iter().map(|one| one.control.control.clone()).collect::<Vec<_>>()
    };
    assert_eq!(controls(&present), Vec::<String>::new());
    present.permit_fields.insert("subject_id".to_owned(), 7);
    assert_eq!(controls(&present), ["Civil Code §1798.130(a)(2)"]);
}

#[test]
fn a_control_is_carried_as_far_as_its_best_evidence_that_is_there() {
    let mappings = mappings();
    let mut present = EvidencePresent::default();
    present.claims.insert(Claim::ExportIntegrity);
    present.permit_fields.insert("reason".to_owned(), 1);
    let carried = |present: &EvidencePresent| {
        let support = mappings.supported_by(present, Some(FrameworkId::CppaAdmt));
        let one = support[0].supported.iter().find(|one| one.control.control.ends_with("(G)(i)"));
        one.unwrap().evidence_type()
    };
    assert_eq!(carried(&present), Some(EvidenceType::Partial));
    present.permit_fields.insert("decision_details".to_owned(), 1);
    assert_eq!(carried(&present), Some(EvidenceType::DirectSupport));
}

#[test]
fn amb_57_both_words_of_the_vocabulary_are_read_and_one_is_written() {
    for word in ["direct_support", "sufficient"] {
        assert_eq!(EvidenceType::parse(word), Some(EvidenceType::DirectSupport));
    }
    assert_eq!(EvidenceType::DirectSupport.as_str(), "direct_support");
    assert_eq!(EvidenceType::parse("Sufficient"), None);
    assert_eq!(NonMappingStatus::Customer.as_str(), "CUSTOMER RESPONSIBILITY");
}

const ARTIFACTS: &str =
    r#"{"artifacts": [{"artifact": "a", "name": "A", "description": "d", "claims": []}]}"#;
const DISCLAIMERS: &str = r#"{"disclaimers": [{"id": "MAP-01", "text": "t"}]}"#;

/// A change of a file.
type Edit = fn(&mut Value);

fn framework(edit: impl Fn(&mut Value)) -> Result<Mappings, MappingError> {
    let mut file = serde_json::json!({
        "framework": "soc2", "name": "n", "publisher": "p", "version": "v1", "verification": "verified",
        "disclaimers": ["MAP-01"], "does_not_show": ["x"],
        "controls": [{"control": "CC1.1", "title": "t", "evidence_type": "partial",
            "evidence": [{"artifact": "a"}, {"permit_fields": ["id"]}], "rationale": "r"}],
        "non_mappings": [{"controls": ["CC2.1"], "status": "OUT OF SCOPE", "rationale": "r"}]
    });
    edit(&mut file);
    Mappings::read([(FrameworkId::Soc2, file.to_string().as_str())], ARTIFACTS, DISCLAIMERS)
}

#[test]
fn a_mapping_that_contradicts_itself_is_not_read() {
    framework(|_| {}).unwrap();
    let edits: [(&str, Edit); 13] = [
        ("has another form", |file| file["extra"] = 1.into()),
        ("has another form", |file| file["controls"][0]["evidence_type"] = "enough".into()),
        ("is about `gdpr`", |file| file["framework"] = "gdpr".into()),
        ("no name or no version", |file| file["version"] = "".into()),
        ("has no disclaimer", |file| file["disclaimers"] = Value::Array(Vec::new())),
        ("`MAP-99` is no disclaimer", |file| file["disclaimers"][0] = "MAP-99".into()),
        ("`b` is no artifact", |file| file["controls"][0]["evidence"][0]["artifact"] = "b".into()),
        ("is not how soc2 writes", |file| file["controls"][0]["control"] = "CC1.1 (x)".into()),
        ("is mapped and is also listed", |file| {
            file["non_mappings"][0]["controls"][0] = "CC1.1".into();
        }),
        ("stands twice in the controls", |file| {
            let control = file["controls"][0].clone();
            file["controls"].as_array_mut().unwrap().push(control);
        }),
        ("has no evidence or no rationale", |file| file["controls"][0]["rationale"] = "".into()),
        ("either fields or an artifact", |file| {
            file["controls"][0]["evidence"][0]["permit_fields"] = serde_json::json!(["id"]);
        }),
        ("either controls or a subject", |file| file["non_mappings"][0]["subject"] = "s".into()),
    ];
    for (expected, edit) in edits {
        let error = framework(edit).unwrap_err().to_string();
        assert!(error.contains(expected), "{error} should say `{expected}`");
    }
    let twice = r#"{"disclaimers": [], "disclaimers": []}"#;
    assert!(matches!(Mappings::read([], ARTIFACTS, twice), Err(MappingError::Unreadable { .. })));
}
