// SPDX-License-Identifier: Apache-2.0

//! Archives of manifest version 2.

use permit_canonical_json::Value;
use permit_claims::{Claim, Unsupported};
use permit_failure_codes::ReasonClass;
use permit_types::Severity;
use permit_workflow::{
    ArchiveLimits, IncidentMember, IncidentOptions, IncidentOutcome, IncidentPayload, IncidentSkip,
    WorkflowFault, WorkflowFaultKind as Kind, WorkflowOutcome, WorkflowProof, incident_files,
    verify_incident,
};

use crate::{
    archive::{Packed, pack},
    bench::{json, permit_at, seal_declaration, trust, with, without, workflow},
};

/// The members of an archive as text, in the order of the required list.
#[derive(Clone)]
pub(crate) struct Members(pub(crate) Vec<(String, String)>);

pub(crate) fn members() -> Members {
    let workflow = workflow(2);
    let lines = |records: &[Value<'_>]| {
        let lines: Vec<_> = records.iter().map(|record| text(record) + "\n").collect();
        lines.concat()
    };
    let permits = [
        permit_at(&workflow, "2026-05-07T12:06:00Z"),
        json(r#"{"id": "outside"}"#),
        permit_at(&workflow, "2026-05-07T12:20:00Z"),
    ];
    let text_of = |member| match member {
        IncidentMember::BracketCheckpoints => "{}".to_owned(),
        IncidentMember::Metadata => r#"{"schema":"keel.incident_evidence/v1"}"#.to_owned(),
        IncidentMember::Permits => lines(&permits),
        IncidentMember::WorkflowDeclarations => lines(&[workflow.declaration_record()]),
        IncidentMember::WorkflowAmendments => lines(workflow.amendment_records()),
        _ => String::new(),
    };
    let all =
        IncidentMember::REQUIRED.map(|member| (member.file_name().to_owned(), text_of(member)));
    Members(all.to_vec())
}

fn text(value: &Value<'_>) -> String {
    permit_canonical_json::Profile::Payload.to_text(value).unwrap()
}

impl Members {
    pub(crate) fn with(mut self, name: &str, text: &str) -> Self {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => text.clone_into(old),
            None => self.0.push((name.to_owned(), text.to_owned())),
        }
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn zip(&self) -> Vec<u8> {
        let packed: Vec<_> =
            self.0.iter().map(|(name, text)| Packed::new(name, text.as_bytes())).collect();
        pack(&packed)
    }
}

pub(crate) fn manifest() -> Value<'static> {
    Value::object([
        ("export_type", Value::from("incident_evidence")),
        ("manifest_version", 2.into()),
        ("files", incident_files()),
    ])
}

pub(crate) fn judge(bytes: &[u8], manifest: &Value<'_>) -> IncidentOutcome {
    let payload = IncidentPayload::of(bytes);
    verify_incident(payload, manifest, &trust(), &IncidentOptions::default())
}

pub(crate) fn judged(bytes: &[u8], manifest: &Value<'_>) -> WorkflowOutcome {
    match judge(bytes, manifest) {
        IncidentOutcome::Judged(outcome) => outcome,
        IncidentOutcome::Skipped(skip) => panic!("skipped: {skip:?}"),
    }
}

fn fault(members: &Members) -> WorkflowFault {
    fault_with(members, &manifest())
}

fn fault_with(members: &Members, manifest: &Value<'_>) -> WorkflowFault {
    let outcome = judged(&members.zip(), manifest);
    assert!(outcome.proofs.is_empty(), "{:?}", outcome.proofs);
    *outcome.fault.expect("a fault")
}

fn skipped(bytes: &[u8], manifest: &Value<'_>) -> IncidentSkip {
    match judge(bytes, manifest) {
        IncidentOutcome::Skipped(skip) => skip,
        IncidentOutcome::Judged(outcome) => panic!("judged: {outcome:?}"),
    }
}

#[test]
fn sem_09_a_complete_archive_holds() {
    let outcome = judged(&members().zip(), &manifest());
    assert!(outcome.fault.is_none() && outcome.notices.is_empty(), "{outcome:?}");
    let claims: Vec<_> = outcome.proofs.iter().map(|proof| proof.claim().as_str()).collect();
    assert_eq!(
        claims,
        [
            "workflow.declaration_signature.v1",
            "workflow.effective_intent_hash.v1",
            "workflow.amendment_signature.v1",
            "workflow.permit_snapshot.v1",
            "incident.bundle_manifest.v1",
        ]
    );
    match (outcome.proof(Claim::WorkflowSnapshot), outcome.proof(Claim::IncidentManifest)) {
        (Some(WorkflowProof::Snapshots(snapshots)), Some(WorkflowProof::Incident(incident))) => {
            assert_eq!((snapshots.records(), snapshots.snapshots()), (3, 2));
            assert_eq!((incident.members(), incident.others()), (8, 0));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn sem_09_an_archive_without_workflows_holds_as_an_archive() {
    let empty = members();
    let empty = ["permits.jsonl", "workflow_declarations.jsonl", "workflow_amendments.jsonl"]
        .into_iter()
        .fold(empty, |members, name| members.with(name, " \n\n"));
    let outcome = judged(&empty.zip(), &manifest());
    let claims: Vec<_> = outcome.proofs.iter().map(WorkflowProof::claim).collect();
    assert_eq!(claims, [Claim::IncidentManifest]);
    assert!(outcome.fault.is_none());
}

#[test]
fn sem_09_every_required_file_is_listed_under_its_schema_and_there() {
    for member in IncidentMember::REQUIRED {
        let name = member.file_name();
        let found = fault(&members().without(name));
        assert_eq!(
            (found.kind, found.claim),
            (Kind::IncidentMember, Claim::IncidentManifest),
            "{name}"
        );
        assert_eq!(found.fault.verdict, Unsupported::Disproved);
        assert_eq!(found.fault.reason().as_str(), "INCIDENT_MANIFEST_SCHEMA_INVALID");
        assert_eq!(found.fault.finding.get("file"), Some(name));
        for change in ["not listed", "no schema", "null", "other", "wrong name"] {
            let files = incident_files();
            let files = files.as_array().unwrap().iter().filter_map(|file| {
                if file.get("name").and_then(Value::as_str) != Some(name) {
                    return Some(file.clone());
                }
                match change {
                    "not listed" => None,
                    "no schema" => Some(without(file, "schema")),
                    "null" => Some(with(file, "schema", ())),
                    "other" => Some(with(file, "schema", "keel.other/v1")),
                    _ => Some(with(file, "name", format!(" {name}"))),
                }
            });
            let manifest = with(&manifest(), "files", Value::array(files));
            let found = fault_with(&members(), &manifest);
            assert_eq!(found.kind, Kind::IncidentMember, "{name} {change}");
            assert_eq!(found.fault.finding.get("file"), Some(name));
        }
    }
}

#[test]
fn sem_09_the_list_of_files_is_one() {
    let files = |more: &str| {
        let mut files = incident_files().as_array().unwrap().to_vec();
        files.push(json(more));
        with(&manifest(), "files", files)
    };
    for manifest in [
        with(&manifest(), "files", ()),
        without(&manifest(), "files"),
        files("3"),
        files("{}"),
        files(r#"{"name": " "}"#),
        files(r#"{"name": "x", "schema": 3}"#),
        // Whoever reads the first of two schemas would not see the second.
        files(r#"{"name": "permits.jsonl", "schema": "keel.permits/v1"}"#),
    ] {
        let found = fault_with(&members(), &manifest);
        assert_eq!(found.kind, Kind::IncidentFiles, "{manifest:?}");
        assert_eq!(found.fault.verdict, Unsupported::Disproved);
    }
    let more = files(r#"{"name": "readme.txt"}"#);
    assert!(judged(&members().zip(), &more).fault.is_none());
}

#[test]
fn sem_09_versions_are_one_two_or_unknown() {
    let zip = members().zip();
    let version = |text: &str| with(&manifest(), "manifest_version", json(text));
    assert_eq!(skipped(&zip, &version("1")), IncidentSkip::VersionOne);
    for text in ["3", "0", "null", "\"2\"", "2.0", "true", "1.0", "[]"] {
        let found = fault_with(&members(), &version(text));
        assert_eq!(
            (found.kind, found.claim),
            (Kind::IncidentVersion, Claim::IncidentManifest),
            "{text}"
        );
        assert_eq!(found.fault.verdict, Unsupported::Disproved);
        assert_eq!(found.fault.reason().as_str(), "INCIDENT_UNKNOWN_MANIFEST_VERSION");
    }
}

#[test]
fn sem_09_the_bundle_manifest_may_stand_in_the_archive() {
    let outer = without(&without(&manifest(), "manifest_version"), "files");
    let inner = text(&manifest());
    assert_eq!(skipped(&members().zip(), &outer), IncidentSkip::NoBundleManifest);
    for name in ["manifest.json", "bundle_manifest.json"] {
        let good = members().with(name, &inner);
        assert!(judged(&good.zip(), &outer).fault.is_none(), "{name}");
        let one = members().with(name, r#"{"manifest_version": 1}"#);
        assert_eq!(skipped(&one.zip(), &outer), IncidentSkip::VersionOne);
        for (text, kind) in [
            ("[", Kind::IncidentManifest),
            ("[]", Kind::IncidentManifest),
            ("", Kind::IncidentManifest),
            ("{} {}", Kind::IncidentManifest),
            (r#"{"manifest_version": 2, "manifest_version": 1}"#, Kind::IncidentManifest),
            ("{}", Kind::IncidentVersion),
            (r#"{"manifest_version": 2}"#, Kind::IncidentFiles),
            (r#"{"manifest_version": 2, "files": []}"#, Kind::IncidentMember),
        ] {
            let found = fault_with(&members().with(name, text), &outer);
            assert_eq!((found.kind, found.claim), (kind, Claim::IncidentManifest), "{name} {text}");
        }
    }
    // The first of the two counts, even if it is none.
    let both = members().with("bundle_manifest.json", &inner).with("manifest.json", "[]");
    assert_eq!(fault_with(&both, &outer).kind, Kind::IncidentManifest);
    // The export's own counts before both.
    let inner_bad = members().with("manifest.json", "[]");
    assert!(judged(&inner_bad.zip(), &manifest()).fault.is_none());
}

#[test]
fn exports_that_are_no_archive_are_left_alone_unless_they_should_be_one() {
    let found = judged(b"{}", &manifest()).fault.unwrap();
    assert_eq!((found.kind, found.claim), (Kind::IncidentNoArchive, Claim::IncidentManifest));
    assert_eq!(found.fault.verdict, Unsupported::Disproved);
    let other = without(&manifest(), "export_type");
    assert_eq!(skipped(b"{}", &other), IncidentSkip::NoArchive);
    assert_eq!(skipped(b"", &json("{}")), IncidentSkip::NoArchive);
    assert_eq!(skipped(&members().zip(), &json("{}")), IncidentSkip::NoBundleManifest);
}

#[test]
fn sem_09_the_metadata_is_of_its_schema() {
    for text in ["{", "[]", "3", "", "{}", r#"{"schema": "keel.incident_metadata/v1"}"#, "{} {}"] {
        let found = fault(&members().with("incident_metadata.json", text));
        assert_eq!(
            (found.kind, found.claim),
            (Kind::IncidentMetadata, Claim::IncidentManifest),
            "{text}"
        );
        assert_eq!(found.fault.verdict, Unsupported::Disproved);
    }
}

#[test]
fn sem_09_files_of_lines_hold_one_object_a_line() {
    for name in [
        "workflow_declarations.jsonl",
        "workflow_amendments.jsonl",
        "permits.jsonl",
        "mcp_tool_decisions.jsonl",
    ] {
        for text in [
            "{",
            "[]\n",
            "3\n",
            "{} {}\n",
            "{\n}\n",
            "{\"a\": 1, \"a\": 2}\n",
            "\u{feff}{}\n",
            "nul",
        ] {
            let found = fault(&members().with(name, text));
            assert_eq!(
                (found.kind, found.claim),
                (Kind::IncidentLines, Claim::IncidentManifest),
                "{name} {text}"
            );
            assert_eq!(found.fault.verdict, Unsupported::Disproved);
            assert_eq!(
                found.fault.finding.at.pointer.steps().len(),
                if text.starts_with("{\"a") { 3 } else { 2 }
            );
        }
    }
}

#[test]
fn members_that_are_not_looked_into_need_not_even_be_json() {
    let odd = ["admin_actions.jsonl", "governance_events.jsonl", "bracket_checkpoints.json"]
        .into_iter()
        .fold(members(), |members, name| members.with(name, "not { json"));
    assert!(judged(&odd.zip(), &manifest()).fault.is_none());
    let lines = members().with("mcp_tool_decisions.jsonl", "{\"workflow_state_json\": {}}\n");
    assert!(judged(&lines.zip(), &manifest()).fault.is_none());
}

#[test]
fn a_file_that_cannot_be_read_weighs_more_than_what_another_says() {
    let declaration = without(&workflow(2).declaration_record(), "declaration_signed_at");
    let unsigned = members().with("workflow_declarations.jsonl", &text(&declaration));
    assert_eq!(fault(&unsigned).kind, Kind::DeclarationForm);
    assert_eq!(fault(&unsigned.with("mcp_tool_decisions.jsonl", "{")).kind, Kind::IncidentLines);
}

#[test]
fn workflows_of_an_archive_are_judged_like_those_of_a_document() {
    let record = workflow(2).declaration_record();
    let amendments = workflow(2).amendment_records().to_vec();
    let declared =
        |record: &Value<'_>| members().with("workflow_declarations.jsonl", &text(record));
    for (members, kind, claim) in [
        // Record 22 of the golden corpus.
        (
            declared(&without(&record, "declaration_signed_at")),
            Kind::DeclarationForm,
            Claim::WorkflowDeclarations,
        ),
        (
            declared(&with(&record, "workflow_id", "other")),
            Kind::DeclarationHash,
            Claim::WorkflowDeclarations,
        ),
        (
            declared(&with(&record, "effective_intent_hash", "0")),
            Kind::IntentHash,
            Claim::WorkflowIntent,
        ),
        (
            declared(&with(&record, "effective_intent_hash", 3)),
            Kind::DeclarationForm,
            Claim::WorkflowDeclarations,
        ),
        (declared(&with(&record, "version", 4)), Kind::DeclarationVersion, Claim::WorkflowIntent),
        (
            members().with("workflow_declarations.jsonl", ""),
            Kind::AmendmentOrphan,
            Claim::WorkflowIntent,
        ),
        (
            members().with("workflow_amendments.jsonl", &text(&amendments[1])),
            Kind::AmendmentVersion,
            Claim::WorkflowIntent,
        ),
        (
            members().with("permits.jsonl", r#"{"workflow_state_json": {}}"#),
            Kind::SnapshotDeclaration,
            Claim::WorkflowSnapshot,
        ),
    ] {
        let found = fault(&members);
        assert_eq!((found.kind, found.claim), (kind, claim));
    }
    let found = fault(&declared(&without(&record, "declaration_signed_at")));
    assert_eq!(found.fault.finding.at.pointer.to_string(), "/workflow_declarations.jsonl/0");
    assert_eq!(found.fault.verdict, Unsupported::InsufficientEvidence);
}

#[test]
fn sem_07_in_an_archive_the_effective_hash_may_be_left_to_the_snapshots() {
    let record = workflow(2).declaration_record();
    for record in [
        without(&record, "effective_intent_hash"),
        with(&record, "effective_intent_hash", ()),
        with(&record, "effective_intent_hash", " "),
    ] {
        let members = members().with("workflow_declarations.jsonl", &text(&record));
        let outcome = judged(&members.zip(), &manifest());
        assert!(outcome.fault.is_none(), "{record:?}");
        match outcome.proof(Claim::WorkflowIntent) {
            Some(WorkflowProof::Intents(intents)) => {
                assert_eq!((intents.declarations(), intents.compared()), (1, 0));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn places_are_those_of_the_unpacked_file() {
    let record = seal_declaration(&with(
        &workflow(0).declaration_record(),
        "workflow_declaration_id",
        "other",
    ));
    let first = text(&record) + "\n\n";
    let bad = with(&record, "status", "running");
    let members = members().with("workflow_declarations.jsonl", &(first.clone() + &text(&bad)));
    let found = fault(&members);
    let at = &found.fault.finding.at;
    assert_eq!(at.pointer.to_string(), "/workflow_declarations.jsonl/1/status");
    let file = first + &text(&bad);
    let range = usize::try_from(at.range.start).unwrap()..usize::try_from(at.range.end).unwrap();
    assert_eq!(file.get(range), Some("\"running\""));
}

#[test]
fn unknown_members_are_told_and_never_read() {
    let more = members().with("readme.txt", "hello").with("folder/permits.jsonl", "{");
    let outcome = judged(&more.zip(), &manifest());
    assert!(outcome.fault.is_none());
    assert_eq!(outcome.notices.len(), 1);
    let notice = &outcome.notices[0];
    assert_eq!(notice.severity, Severity::Notice);
    assert_eq!(notice.get("members"), Some("readme.txt, folder/permits.jsonl"));
}

#[test]
fn limits_are_told_and_prove_nothing() {
    let zip = members().zip();
    let judged_with = |options: &IncidentOptions| {
        let payload = IncidentPayload::of(&zip);
        match verify_incident(payload, &manifest(), &trust(), options) {
            IncidentOutcome::Judged(outcome) => *outcome.fault.expect("a limit"),
            IncidentOutcome::Skipped(skip) => panic!("{skip:?}"),
        }
    };
    let archive = |change: fn(&mut ArchiveLimits)| {
        let mut options = IncidentOptions::default();
        change(&mut options.archive);
        judged_with(&options)
    };
    let mut depth = IncidentOptions::default();
    depth.budget.depth = 1;
    let mut line = IncidentOptions::default();
    line.budget.value_bytes = 100;
    let mut history = IncidentOptions::default();
    history.history.declarations = 0;
    for (name, found) in [
        ("members", archive(|limits| limits.members = 7)),
        ("member bytes", archive(|limits| limits.member_bytes = 100)),
        ("total bytes", archive(|limits| limits.total_bytes = 100)),
        ("depth", judged_with(&depth)),
        ("line", judged_with(&line)),
        ("history", judged_with(&history)),
    ] {
        assert!(found.is_limit(), "{name}: {found:?}");
        assert_eq!(found.fault.verdict, Unsupported::UnverifiableScope, "{name}");
        assert_eq!(found.fault.reason(), ReasonClass::BudgetExceeded.into(), "{name}");
    }
}
