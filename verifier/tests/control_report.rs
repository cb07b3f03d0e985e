// SPDX-License-Identifier: Apache-2.0

//! `permit-verify report`: what verified evidence supports, and that nothing else supports anything.

#![cfg(test)]

mod evidence;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use evidence::{Export, both_layers, json, object, verify_bytes};
use permit_canonical_json::{Value, read_text};
use permit_verifier::{
    Claim, ControlReport, ExportOptions, FrameworkId, Mappings, NothingSupported, Report,
    control_report, fields_of, record_members_of, take_inventory,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Runs `permit-verify report` at the root of the workspace; its status and what it prints.
fn run(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_permit-verify"))
        .arg("report")
        .args(arguments)
        .current_dir(root())
        .env_clear()
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(printed).unwrap())
}

const EXAMPLE: [&str; 6] = [
    "examples/shop-agent/export.json",
    "--key-manifest",
    "examples/trust-root.json",
    "--test-mode",
    "--walk-events",
    "--verify-closure",
];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    EXAMPLE.iter().copied().chain(more.iter().copied()).collect()
}

fn supported<'m>(
    export: &Export,
    report: &Report,
    mappings: &'m Mappings,
) -> Result<ControlReport<'m>, NothingSupported> {
    let (fields, members) = (fields_of(mappings), record_members_of(mappings));
    let inventory =
        take_inventory(export.bytes().as_slice(), &fields, &members, &ExportOptions::default());
    control_report(report, &inventory.unwrap(), mappings, None)
}

fn controls(report: &ControlReport<'_>, framework: FrameworkId) -> Vec<String> {
    let support = report.frameworks.iter().find(|one| one.framework.framework == framework);
    support.unwrap().supported.iter().map(|one| one.control.control.clone()).collect()
}

#[test]
fn a_verified_bundle_supports_controls_by_what_it_has() {
    let mappings = Mappings::built_in().unwrap();
    let export = Export::honest();
    let found = supported(&export, &export.verify(), &mappings).unwrap();
    assert_eq!(found.permits, 4);
    assert_eq!(found.present.permit_fields["id"], 4);
    // Nothing in it has budgets, and members that no framework names are not counted.
    assert!(!found.present.permit_fields.contains_key("budgets_json"));
    assert!(!found.present.permit_fields.contains_key("resource_modality"));
    assert_eq!(controls(&found, FrameworkId::EuAiAct).len(), 4);
    assert!(controls(&found, FrameworkId::CppaAdmt).contains(&"11 CCR §7152(a)(6)(A)(i)".into()));
    assert!(controls(&found, FrameworkId::Gdpr).is_empty());
    assert!(!controls(&found, FrameworkId::MitreAtlas).contains(&"AML.T0029".into()));
    for support in &found.frameworks {
        for one in &support.supported {
            assert!(one.claims.iter().all(|claim| found.present.claims.contains(claim)));
        }
    }
}

#[test]
fn layers_that_were_not_judged_support_nothing() {
    let mappings = Mappings::built_in().unwrap();
    let export = Export::honest();
    let report = export.verify_with(&export.trust(), &ExportOptions::default());
    let found = supported(&export, &report, &mappings).unwrap();
    assert!(!found.present.artifacts.contains("hash_chain"));
    assert!(!found.present.artifacts.contains("closure"));
    assert!(!controls(&found, FrameworkId::CppaAdmt).contains(&"11 CCR §7152(a)(6)(A)(i)".into()));
}

#[test]
fn what_lies_beside_permits_counts_if_it_holds_something() {
    let mappings = Mappings::built_in().unwrap();
    let mut export = Export::honest();
    let mut permit = export.records[0].permit.clone();
    permit.insert("status", ());
    permit.insert("budgets_json", object(json(r#"{"limit": 1}"#)));
    export.records[0].permit = permit;
    export.write_manifest();
    let found = supported(&export, &export.verify(), &mappings).unwrap();
    assert_eq!(found.present.permit_fields["status"], 3);
    assert_eq!(found.present.permit_fields["budgets_json"], 1);
    assert!(controls(&found, FrameworkId::MitreAtlas).contains(&"AML.T0029".into()));
    let members = BTreeSet::from(["usage_log", "permit_evidence"]);
    let bundle = br#"{"bundle_type": "audit_export_bundle", "records": [
        {"permit": {"id": "a"}, "usage_log": null, "permit_evidence": []},
        {"permit": {"id": "b"}, "permit_evidence": [{}]}, {"permit": 5}]}"#;
    let options = ExportOptions::default();
    let inventory = take_inventory(&bundle[..], &BTreeSet::new(), &members, &options).unwrap();
    assert_eq!(inventory.permits, 2);
    assert_eq!(
        inventory.record_members.into_iter().collect::<Vec<_>>(),
        [("permit_evidence".to_owned(), 1)]
    );
    assert!(inventory.permit_fields.is_empty());
}

#[test]
fn conf_06_what_does_not_verify_supports_nothing() {
    let mappings = Mappings::built_in().unwrap();
    let nothing =
        |export: &Export, report: &Report| supported(export, report, &mappings).unwrap_err();
    // One byte changed after signing.
    let mut export = Export::honest();
    export.unsigned_tail = "\n".to_owned();
    assert_eq!(nothing(&export, &export.verify()), NothingSupported::NotVerified);
    // An entry that does not link, signed all the same.
    let mut export = Export::honest();
    export.records[0].entries[1].insert("prev_hash", "0".repeat(64));
    export.write_manifest();
    assert_eq!(nothing(&export, &export.verify()), NothingSupported::NotVerified);
    // No signature at all, and the caller does not mind.
    let mut export = Export::honest();
    for name in ["signature", "public_key", "key_id"] {
        export.manifest.remove(name);
    }
    let mut options = both_layers();
    options.allow_unsigned = true;
    let report = export.verify_with(&export.trust(), &options);
    assert!(report.passed(), "{:?}", report.error);
    assert!(!report.claim(Claim::ExportIntegrity).is_some_and(|claim| claim.is_supported()));
    assert_eq!(nothing(&export, &report), NothingSupported::NotSigned);
    // A report of other bytes.
    let export = Export::honest();
    let mut other = Export::honest();
    other.head.insert("generated_at", "2026-06-01T00:00:02Z");
    other.write_manifest();
    assert_eq!(nothing(&other, &export.verify()), NothingSupported::OtherBytes);
}

#[test]
fn the_command_shows_the_example_in_every_form() {
    let (status, text) = run(&with(&[]));
    assert_eq!(status, 0, "{text}");
    assert!(text.starts_with("Controls that the evidence supports\n"), "{text}");
    for part in ["SOC 2", "CC7.2", "MAP-01", "resting on export.integrity.v1", "not mapped: "] {
        assert!(text.contains(part), "{part}");
    }
    assert!(text.contains("test keys were accepted"), "{text}");
    let (status, html) = run(&with(&["--format", "html"]));
    assert_eq!(status, 0);
    assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{html}");
    for part in ["http://", "https://", "src=", "<link", "<script"] {
        assert!(!html.contains(part), "{part}: the page fetches nothing");
    }
    assert_eq!(html.matches("<table>").count(), html.matches("<caption>").count());
    assert_eq!(html.matches("<section").count(), 15, "fourteen frameworks and the limits");
    let (status, markdown) = run(&with(&["--format", "markdown"]));
    assert_eq!(status, 0);
    assert!(markdown.starts_with("# Controls that the evidence supports\n"), "{markdown}");
    assert_eq!(markdown.matches("\n## ").count(), 15);
}

#[test]
fn json_says_what_the_text_says() {
    let (status, text) = run(&with(&["--json", "--framework", "soc2"]));
    assert_eq!(status, 0, "{text}");
    let value = read_text(&text, &permit_canonical_json::Budget::default()).unwrap();
    assert_eq!(value.get("verified").and_then(Value::as_bool), Some(true));
    let frameworks = value.get("frameworks").and_then(Value::as_array).unwrap();
    assert_eq!(frameworks.len(), 1);
    assert_eq!(frameworks[0].get("framework").and_then(Value::as_str), Some("soc2"));
    for member in ["disclaimers", "does_not_show", "supported"] {
        assert!(!frameworks[0].get(member).and_then(Value::as_array).unwrap().is_empty());
    }
    let supported = frameworks[0].get("supported").and_then(Value::as_array).unwrap();
    let first = &supported[0];
    assert_eq!(first.get("control").and_then(Value::as_str), Some("CC6.1"));
    assert_eq!(first.get("evidence_type").and_then(Value::as_str), Some("partial"));
    let (_, again) = run(&with(&["--json", "--framework", "soc2"]));
    assert_eq!(text, again);
}

#[test]
fn the_command_supports_nothing_of_a_changed_export_and_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let example = root().join("examples/shop-agent");
    let mut bytes = fs::read(example.join("export.json")).unwrap();
    bytes.push(b'\n');
    let export = folder.path().join("export.json");
    fs::write(&export, bytes).unwrap();
    let manifest = "export.json.manifest.json";
    fs::copy(example.join(manifest), folder.path().join(manifest)).unwrap();
    let export = export.to_str().unwrap();
    for format in ["text", "json", "html", "markdown"] {
        let (status, printed) = run(&[
            export,
            "--key-manifest",
            "examples/trust-root.json",
            "--test-mode",
            "--format",
            format,
        ]);
        assert_eq!(status, 1, "{printed}");
        assert!(!printed.contains("CC7.2") && !printed.contains("MAP-"), "{printed}");
    }
}

#[test]
fn usage_errors_end_with_2() {
    for arguments in [
        with(&["--framework", "soc3"]),
        with(&["--format", "pdf"]),
        with(&["--json", "--format", "html"]),
        vec!["--key-manifest", "examples/trust-root.json"],
        vec!["examples/none.json", "--key-manifest", "examples/trust-root.json"],
    ] {
        let (status, printed) = run(&arguments);
        assert_eq!(status, 2, "{arguments:?}: {printed}");
    }
}

#[test]
fn the_report_goes_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    let (status, printed) = run(&with(&["--format", "html", "--output", path.to_str().unwrap()]));
    assert_eq!((status, printed.as_str()), (0, ""));
    assert!(fs::read_to_string(path).unwrap().ends_with("</html>"));
}

#[test]
fn bytes_that_are_no_export_count_nothing() {
    let options = ExportOptions::default();
    let names = BTreeSet::from(["id"]);
    for bytes in [&b""[..], b"{", b"PK\x03\x04", b"[1]", b"\x1f\x8b\x08\x00", b"a,b\n1,2\n"] {
        let inventory = take_inventory(bytes, &names, &names, &options).unwrap();
        assert_eq!((inventory.permits, inventory.permit_fields.len()), (0, 0));
        let export = Export::honest();
        let report = verify_bytes(bytes, export.manifest_bytes(), &export.trust(), &both_layers());
        assert!(!report.passed());
    }
}
