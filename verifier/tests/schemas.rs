// SPDX-License-Identifier: Apache-2.0

//! The schemas: those in `schemas/`, those that are printed, and what they say of documents.

#![cfg(test)]

mod evidence;

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use evidence::{Export, both_layers, json, object};
use flate2::{Compression, write::GzEncoder};
use permit_canonical_json::{Budget, Node, Object, Value, read, read_text};
use permit_keys::Mode;
use permit_verifier::{
    Authorities, CheckpointEvidence, DocumentForm, DocumentKind, ExportOptions, NamedFile,
    NoFolder, Trust, to_json_text, verify_checkpoint,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn permit_verify(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_permit-verify"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A full implementation of the dialect, with formats asserted (Q2).
fn validator(kind: DocumentKind) -> jsonschema::Validator {
    let schema: serde_json::Value = serde_json::from_str(&kind.schema_text()).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

fn named(name: &str) -> DocumentKind {
    DocumentKind::named(name).unwrap()
}

#[test]
fn what_is_printed_is_what_is_published() {
    for kind in DocumentKind::all() {
        let published = fs::read_to_string(root().join("schemas").join(kind.file_name())).unwrap();
        assert_eq!(kind.schema_text(), published, "`cargo xtask schemas` mends it");
        for name in [kind.name(), kind.file_name()] {
            let (status, printed, _) = permit_verify(&root(), &["schema", name]);
            assert_eq!((status, printed == published), (0, true), "{name}");
        }
        jsonschema::meta::validate(&serde_json::from_str(&published).unwrap()).unwrap();
    }
    let (status, listed, _) = permit_verify(&root(), &["schema"]);
    assert_eq!((status, listed.lines().count()), (0, DocumentKind::all().len()));
    let (_, listed, _) = permit_verify(&root(), &["schema", "--json"]);
    let listed = read_text(&listed, &Budget::default()).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), DocumentKind::all().len());
    let (status, printed, said) = permit_verify(&root(), &["schema", "permit-v9"]);
    assert_eq!((status, printed.as_str()), (2, ""));
    assert!(said.contains("permit-v1, closure-v2"), "{said}");
}

/// The documents of `examples/` that have a schema, by its name.
fn examples() -> BTreeMap<String, Vec<Value<'static>>> {
    let index = fs::read(root().join("examples/index.json")).unwrap();
    let index = read(&index, &Budget::default()).unwrap();
    let mut documents: BTreeMap<String, Vec<Value<'static>>> = BTreeMap::new();
    for example in index.get("examples").and_then(Value::as_array).unwrap() {
        let Some(schema) = example.get("schema").and_then(Value::as_str) else { continue };
        let file = example.get("file").and_then(Value::as_str).unwrap();
        let bytes = fs::read(root().join(file)).unwrap();
        let document = read(&bytes, &Budget::default()).unwrap().into_owned();
        documents.entry(schema.to_owned()).or_default().push(document);
    }
    documents
}

/// Good documents of every kind.
fn documents() -> BTreeMap<String, Vec<Value<'static>>> {
    let mut documents = examples();
    let bundle = documents["audit-export-bundle"][0].clone();
    let record = bundle.get("records").and_then(Value::as_array).unwrap()[0].clone();
    documents.insert("audit-export-record".to_owned(), vec![record]);
    let predicate = r#"{"version": "keel.scope_predicate.v1", "operator": "and",
        "equals": {"event_type": "dispatch.egress_bound", "permit_id": "p"},
        "ranges": {"sequence_number": {"gte": 1, "lte": 4},
            "created_at": {"gte": "2026-05-01T00:00:00Z", "lt": "2026-06-01T00:00:00Z"}}}"#;
    let hash = "a1f8d4c7e3b9a2d6f1e4b8c5a9d2f7e3c4b6a1d8f5e2c9b7a4d1f6e3b8c5a2d7";
    let uuid = "9f2e3a40-1c5d-4d8b-9a4c-7f6e2b1d8c01";
    let state = format!(
        r#"{{"artifact_type": "checkpoint_scope_state", "version": "checkpoint_scope_state.v1",
        "scope_state_id": "keel.scope_state.v1:{hash}:{uuid}", "checkpoint_id": "{uuid}",
        "chain_scope": "s", "predicate_grammar_version": "keel.scope_predicate.v1",
        "predicate_basis": {{"canonicalization_profile": "keel.canonical_json.payload.v1",
            "supported_predicate_kinds": ["event_type", "created_at"], "reserved_namespaces": ["keel.x"]}},
        "commitment_profile": "keel.scope_state.merkle.v1", "scope_commitments": [{{
            "predicate_value": {predicate}, "predicate_value_hash": "sha256:{hash}",
            "first_matching_sequence": null, "last_matching_sequence": 4, "matching_count": 0,
            "membership_root_hash": "sha256:{hash}"}}],
        "tree_size": 4, "signed_at": "2026-05-01T00:00:00Z",
        "signature": {{"algorithm": "Ed25519", "key_id": "k", "signature": "ed25519:AAAA"}},
        "trust_root_reference": {{"manifest_version": "keel.public_key_manifest.v1",
            "purpose": "scope_state", "key_id": "k"}}}}"#
    );
    documents.entry("checkpoint-scope-state-v1".to_owned()).or_default().push(json(&state));
    let starts = [
        r#"{"kind": "genesis", "chain_scope": "s", "sequence_number": 1, "genesis_prev_hash": "x"}"#
            .to_owned(),
        r#"{"kind": "predecessor_proof", "chain_scope": "s", "predecessor_sequence_number": 3,
            "predecessor_record_hash": "x", "first_evidence_sequence_number": 4}"#
            .to_owned(),
        format!(
            r#"{{"kind": "checkpoint_anchor", "checkpoint_id": "{uuid}", "chain_scope": "s",
            "sequence_number": 0, "last_record_hash": "x"}}"#
        ),
    ];
    let blocks = starts.map(|start| {
        json(&format!(
            r#"{{"scope_faithfulness": {{"version": "keel.export_scope_faithfulness.v1", "segments": [{{
            "segment_id": "1", "declared_scope": {{"version": "keel.scope_declaration.v1",
                "scope_kind": "declared_population", "chain_scope": "s", "population_label": "all",
                "predicate": {predicate}, "presentation_policy": {{
                    "version": "keel.presentation_policy.v1", "policy_kind": "none",
                    "policy_parameters": {{}}}}}},
            "declared_start": {start}, "declared_end": {{"checkpoint_id": "{uuid}", "chain_scope": "s",
                "sequence_number": 4, "last_record_hash": "x", "boundary_policy": "explicit_checkpoint"}},
            "scope_state_reference": {{"artifact_type": "checkpoint_scope_state", "scope_state_id": "i",
                "checkpoint_id": "{uuid}", "chain_scope": "s", "artifact_hash": "sha256:{hash}"}},
            "canonical_filters": {{"canonicalization_profile": "keel.canonical_json.payload.v1",
                "raw_filters": {{"a": [1, null]}}, "filters_hash": "sha256:{hash}"}},
            "chain_evidence": {{"disclosure_records": [], "proof_bridge_records": [{{"event_id": "e",
                "event_type": "t", "chain_scope": "s", "sequence_number": 4, "record_hash": "x",
                "prev_hash": "x", "chain_format_version": "v1", "created_at": "2026-05-01T00:00:00Z",
                "payload_json": {{}}}}]}}}}]}}}}"#
        ))
    });
    documents.entry("export-scope-faithfulness-v1".to_owned()).or_default().extend(blocks);
    let registry = r#"{"version": "verifier-claims.v0", "id": "r", "verdict_enum": ["supported"],
        "claims": [{"name": "a.b.v1", "assertion": "a", "required_evidence": "b",
        "verdict_enum": ["supported", "disproved"]}]}"#;
    documents.insert("claim-registry".to_owned(), vec![json(registry)]);
    documents.insert("export-report".to_owned(), export_reports().into_iter().take(3).collect());
    documents.insert("checkpoint-report".to_owned(), checkpoint_reports());
    documents
}

/// The parts of a document that other documents may have in their place.
fn material() -> Vec<Value<'static>> {
    [
        "null",
        "true",
        "0",
        "1",
        "2",
        "-1",
        "1.5",
        "7.0",
        "1e2",
        "\"\"",
        "\"x\"",
        "[]",
        "{}",
        "[null]",
        "[\"a\", \"a\"]",
        "{\"kind\": \"genesis\"}",
        "\"2026-02-30T00:00:00Z\"",
        "\"2026-05-01T00:00:00Z\"",
        "\"closed\"",
        "\"sha256:00\"",
    ]
    .map(json)
    .into()
}

/// A step from a value to one inside it.
#[derive(Clone, Debug)]
enum Step {
    Member(String),
    Element(usize),
}

/// The ways to every value of a document; of an array only to the first elements.
fn places(document: &Value<'_>) -> Vec<Vec<Step>> {
    let mut all = vec![Vec::new()];
    let mut below = |step: Step, value: &Value<'_>| {
        let behind = places(value).into_iter();
        all.extend(behind.map(|rest| [vec![step.clone()], rest].concat()));
    };
    for (at, element) in document.as_array().unwrap_or_default().iter().enumerate().take(2) {
        below(Step::Element(at), element);
    }
    for member in document.as_object().map(Object::members).unwrap_or_default() {
        below(Step::Member(member.name().to_owned()), member.value());
    }
    all
}

/// The document with the value at a place changed; nothing instead of a value takes it away.
fn changed(
    document: &Value<'static>,
    place: &[Step],
    change: &dyn Fn(&Value<'static>) -> Option<Value<'static>>,
) -> Option<Value<'static>> {
    let Some((step, rest)) = place.split_first() else { return change(document) };
    Some(match (step, document.clone().into_node()) {
        (Step::Element(at), Node::Array(mut elements)) => {
            match changed(&elements[*at].clone(), rest, change) {
                Some(element) => elements[*at] = element,
                None => drop(elements.remove(*at)),
            }
            elements.into()
        }
        (Step::Member(name), Node::Object(mut members)) => {
            match changed(&members.get(name).unwrap().clone(), rest, change) {
                Some(value) => members.insert(name.clone(), value),
                None => drop(members.remove(name)),
            }
            members.into()
        }
        _ => panic!("the way does not lead through this document"),
    })
}

/// Single changes of a document, evenly spread over all there are.
fn changes(document: &Value<'static>, most: usize) -> Vec<Value<'static>> {
    let (places, material) = (places(document), material());
    let ways = material.len() + 2;
    let total = places.len() * ways;
    let each = total / most + 1;
    let of = |index: usize| {
        let (place, way) = (&places[index / ways], index % ways);
        changed(document, place, &|value| match material.get(way) {
            Some(other) => Some(other.clone()),
            None if way == material.len() => None,
            None => Some(match value.clone().into_node() {
                Node::Object(mut members) => {
                    members.insert("nobody_knows", 1);
                    members.into()
                }
                Node::Array(elements) => {
                    Value::array(elements.iter().chain(&elements).cloned().collect::<Vec<_>>())
                }
                node => Value::array([Value::from(node)]),
            }),
        })
    };
    (0..total).step_by(each).filter_map(of).collect()
}

#[test]
fn documents_are_judged_as_a_full_implementation_of_the_dialect_does() {
    let mut compared = 0;
    let documents = documents();
    for kind in DocumentKind::all() {
        let (form, validator) = (DocumentForm::of(kind), validator(kind));
        let good = documents.get(kind.name()).unwrap_or_else(|| panic!("no {}", kind.name()));
        for document in good {
            let found = form.check(document);
            // What an insider altered breaks no form.
            assert_eq!(found.findings, [], "{}", kind.name());
            assert_eq!(DocumentKind::guess(document), Some(kind));
        }
        let most = 3_000 / good.len();
        for document in good.iter().flat_map(|document| changes(document, most)) {
            let fits = form.fits(&document);
            let instance = serde_json::to_value(&document).unwrap();
            assert_eq!(fits, validator.is_valid(&instance), "{}: {instance}", kind.name());
            let found = form.check(&document);
            assert!(fits || !found.findings.is_empty());
            for finding in &found.findings {
                assert!(!finding.summary.is_empty() && !finding.help.is_empty());
            }
            compared += 1;
        }
    }
    eprintln!("{compared} documents");
    assert!(compared > 10_000, "{compared}");
}

/// Reports about exports of every kind: good, bad in each layer, unreadable, over a limit.
fn export_reports() -> Vec<Value<'static>> {
    let mut reports = Vec::new();
    let mut take = |export: &Export, trust: &Trust, options: &ExportOptions| {
        let report = export.verify_with(trust, options);
        reports.push(read_text(&to_json_text(&report), &Budget::default()).unwrap().into_owned());
    };
    let honest = Export::honest();
    let (trust, both) = (honest.trust(), both_layers());
    take(&honest, &trust, &both);
    take(&honest, &trust, &ExportOptions::default());
    take(&honest, &Trust::self_attested(), &both);
    take(&honest, &honest.trust().in_mode(Mode::Test), &both);
    let mut edits: Vec<fn(&mut Export)> = vec![
        |export| export.unsigned_tail = " ".to_owned(),
        |export| export.tail = "{}".to_owned(),
        |export| export.bundle_level = true,
        |export| export.records.clear(),
        |export| {
            export.records[1].entries[2].insert("severity", "grave");
        },
        |export| {
            export.records[1].entries.remove(1);
        },
        |export| {
            export.records[0].permit.insert("decision", "deny");
        },
        |export| {
            export.head.insert("schema_version", 9);
        },
        |export| {
            let mut closure = export.closure(0);
            closure.insert("status_code", 500);
            export.set_closure(0, closure);
        },
    ];
    edits.push(|export| {
        let event = json(r#"{"permit_id": "x", "actor_kind": "robot", "signature": 7}"#);
        export.head.insert("revocation_event", event);
    });
    for edit in edits {
        let mut export = Export::honest();
        edit(&mut export);
        if export.unsigned_tail.is_empty() {
            export.write_manifest();
        }
        take(&export, &export.trust(), &both);
    }
    let mut unsigned = Export::honest();
    unsigned.manifest.remove("signature");
    take(&unsigned, &unsigned.trust(), &both);
    unsigned.manifest = Object::default();
    take(&unsigned, &unsigned.trust(), &both);
    let mut tight = both_layers();
    tight.budget.members = 3;
    take(&Export::honest(), &trust, &tight);
    reports
}

/// Reports about checkpoints of every kind.
fn checkpoint_reports() -> Vec<Value<'static>> {
    let file = |name: &str| fs::read(root().join("examples").join(name)).unwrap();
    let checkpoint = file("checkpoint/checkpoint.json");
    let keys = permit_keys::KeyManifest::read(&file("keys/key-manifest.json"), &Budget::default());
    let trust = Trust::key_manifest(keys.unwrap(), "the examples").in_mode(Mode::Test);
    let roots =
        || Authorities { name: "roots.pem".to_owned(), pem: Ok(file("checkpoint/roots.pem")) };
    let broken = || Authorities { name: "none.pem".to_owned(), pem: Err("it is gone".to_owned()) };
    let edited = |edit: &dyn Fn(&mut Object<'static>)| {
        let mut document = object(read(&checkpoint, &Budget::default()).unwrap().into_owned());
        edit(&mut document);
        permit_claims::to_pretty_text(&document.into()).into_bytes()
    };
    let without = |name: &'static str| edited(&move |document| drop(document.remove(name)));
    let other_hash = edited(&|document| document.insert("composite_hash", "sha256:00"));
    let no_receipt =
        edited(&|document| document.insert("tsa_receipts", json(r#"[{"receipt_b64": "AAAA"}]"#)));
    let runs: Vec<(Vec<u8>, &Trust, Option<Authorities>, bool)> = vec![
        (checkpoint.clone(), &trust, Some(roots()), false),
        (checkpoint.clone(), &trust, Some(broken()), false),
        (checkpoint.clone(), &trust, None, false),
        (checkpoint.clone(), &trust, None, true),
        (without("signature"), &trust, Some(roots()), false),
        (without("chain_heads"), &trust, None, false),
        (without("tsa_receipts"), &trust, Some(roots()), false),
        (other_hash, &trust, Some(roots()), false),
        (no_receipt, &trust, Some(roots()), false),
        (b"{".to_vec(), &trust, None, false),
        (b"[]".to_vec(), &trust, None, false),
    ];
    let mut reports = Vec::new();
    for (bytes, trust, authorities, skip_receipts) in runs {
        let evidence = CheckpointEvidence {
            file: NamedFile::new("checkpoint.json", bytes),
            folder: &NoFolder,
            authorities,
            skip_receipts,
        };
        let judged = verify_checkpoint(&evidence, trust, &ExportOptions::default());
        reports.push(judged.to_json());
    }
    let self_attested = CheckpointEvidence {
        file: NamedFile::new("checkpoint.json", checkpoint.clone()),
        folder: &NoFolder,
        authorities: None,
        skip_receipts: false,
    };
    let trust = Trust::self_attested().in_mode(Mode::Test);
    reports.push(verify_checkpoint(&self_attested, &trust, &ExportOptions::default()).to_json());
    reports
}

#[test]
fn reports_of_every_kind_fit_their_closed_schemas() {
    for (name, reports) in
        [("export-report", export_reports()), ("checkpoint-report", checkpoint_reports())]
    {
        let validator = validator(named(name));
        let mut statuses: Vec<u64> = Vec::new();
        for report in &reports {
            let instance = serde_json::to_value(report).unwrap();
            let errors: Vec<_> = validator
                .iter_errors(&instance)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{name}: {errors:#?}\n{instance}");
            statuses.extend(report.get("exit_code").and_then(Value::as_u64));
        }
        assert!(statuses.contains(&0) && statuses.contains(&1), "{name}: {statuses:?}");
    }
}

/// A folder with files.
fn desk(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn permit_01_a_mistake_is_shown_where_it_is() {
    let deny = fs::read_to_string(root().join("examples/permits/deny.json")).unwrap();
    let bad =
        deny.replace("\"action_name\": \"refund.issue\"", "\"action_name\": 7, \"ücolour\": 1");
    let desk = desk(&[("deny.json", deny.as_bytes()), ("bad.json", bad.as_bytes())]);
    let (status, printed, _) = permit_verify(desk.path(), &["validate", "deny.json"]);
    assert_eq!((status, printed.as_str()), (0, "VALID  deny.json  permit-v1\n"));
    let (status, printed, _) = permit_verify(desk.path(), &["validate", "bad.json"]);
    assert_eq!(status, 1);
    assert!(printed.starts_with("NOT VALID  bad.json  permit-v1\n"), "{printed}");
    let line = 1 + bad.lines().position(|line| line.contains("action_name")).unwrap();
    for words in [
        format!("  bad.json:{line}:18  /action_name\n"),
        "  found `7` where a string belongs\n".to_owned(),
        format!("  bad.json:{line}:21  /ücolour\n"),
        "      \"action_name\": 7, \"ücolour\": 1".to_owned(),
        "OBJECT_FORM_INVALID  CONF-01".to_owned(),
    ] {
        assert!(printed.contains(&words), "{words} is not in\n{printed}");
    }
    let (status, printed, _) = permit_verify(desk.path(), &["validate", "bad.json", "--json"]);
    let report = read_text(&printed, &Budget::default()).unwrap();
    let findings = report.get("documents").and_then(|all| all.as_array()?[0].get("findings"));
    let finding = &findings.and_then(Value::as_array).unwrap()[0];
    let number = |name: &str| finding.get(name).and_then(Value::as_u64);
    let start = finding.get("bytes").and_then(|bytes| bytes.get("start")).and_then(Value::as_u64);
    assert_eq!(status, 1);
    assert_eq!(number("line"), u64::try_from(line).ok());
    assert_eq!(start, bad.find(": 7,").map(|at| u64::try_from(at + 2).unwrap()));
}

#[test]
fn many_mistakes_do_not_fill_the_screen() {
    let keys = format!("{{\"keys\": [{}]}}", vec!["7"; 1_200].join(", "));
    let desk = desk(&[("keys.json", keys.as_bytes())]);
    let (status, printed, _) = permit_verify(desk.path(), &["validate", "keys.json"]);
    assert_eq!((status, printed.matches("FAIL  ").count()), (1, 50));
    assert!(printed.ends_with("\nand 1150 more\n"), "{printed}");
    let (_, printed, _) = permit_verify(desk.path(), &["validate", "keys.json", "--json"]);
    assert_eq!(printed.matches("\"summary\"").count(), 1_000);
    assert!(printed.contains("\"findings_left_out\": 200"));
}

#[test]
fn bundle_05_rules_that_no_schema_has_are_checked_too() {
    let export = fs::read_to_string(root().join("examples/bundle-v1/export.json")).unwrap();
    let bad = export.replace("\"record_count\": 8", "\"record_count\": 9");
    assert_ne!(bad, export);
    let desk = desk(&[("export.json", bad.as_bytes())]);
    let (status, printed, _) = permit_verify(desk.path(), &["validate", "export.json"]);
    assert_eq!(status, 1);
    assert!(printed.contains("BUNDLE_SEMANTICS_INVALID  BUNDLE-05"), "{printed}");
}

#[test]
fn lines_and_compressed_files_are_taken() {
    let entry = fs::read(root().join("examples/chain-entry.json")).unwrap();
    let entry = read(&entry, &Budget::default()).unwrap();
    let line = permit_canonical_json::Profile::Payload.to_text(&entry).unwrap();
    let bad = line.replace("\"severity\":\"info\"", "\"severity\":null");
    assert_ne!(bad, line);
    let lines = format!("{line}\n\n{bad}\n");
    let packed = gzip(lines.as_bytes());
    let mut trailing = gzip(line.as_bytes());
    trailing.push(0);
    let desk = desk(&[
        ("entries.jsonl", lines.as_bytes()),
        ("entries", lines.as_bytes()),
        ("entries.jsonl.gz", &packed),
        ("one.json.gz", &gzip(line.as_bytes())),
        ("trailing.json.gz", &trailing),
        ("cut.json.gz", &packed[..packed.len() / 2]),
    ]);
    for name in ["entries.jsonl", "entries", "entries.jsonl.gz"] {
        let (status, printed, _) = permit_verify(desk.path(), &["validate", name]);
        assert_eq!(status, 1, "{name}");
        assert!(printed.contains(&format!("VALID  {name}:1  chain-entry\n")), "{printed}");
        assert!(printed.contains(&format!("NOT VALID  {name}:3  chain-entry\n")), "{printed}");
        assert!(printed.contains(&format!("  {name}:3:")), "{printed}");
    }
    assert_eq!(permit_verify(desk.path(), &["validate", "one.json.gz"]).0, 0);
    for name in ["trailing.json.gz", "cut.json.gz"] {
        let (status, _, said) = permit_verify(desk.path(), &["validate", name]);
        assert_eq!(status, 2);
        assert!(said.contains("cannot be unpacked"), "{said}");
    }
}

#[test]
fn what_cannot_be_judged_is_not_called_valid() {
    let desk = desk(&[
        ("other.json", b"{\"a\": 1}"),
        ("twice.json", b"{\"keys\": [], \"keys\": []}"),
        ("broken.json", b"{"),
    ]);
    for (arguments, status, words) in [
        (&["validate", "other.json"][..], 2, "--schema NAME"),
        (&["validate", "absent.json"], 2, "cannot be read"),
        (&["validate", "other.json", "--schema", "permit-v9"], 2, "there is no schema `permit-v9`"),
        (&["validate"], 2, "FILE"),
        (
            &["validate", "other.json", "--schema", "permit-v1"],
            1,
            "required member `id` is missing",
        ),
        (&["validate", "twice.json"], 1, "duplicate member"),
        (&["validate", "broken.json"], 1, "NOT VALID  broken.json  no JSON"),
    ] {
        let (found, printed, said) = permit_verify(desk.path(), arguments);
        assert_eq!(found, status, "{arguments:?}: {printed}{said}");
        assert!([printed, said].concat().contains(words), "{words}");
    }
}

/// What the reading of a key manifest says of it.
#[derive(Debug, PartialEq, Eq)]
enum Reading {
    WithoutANotice,
    WithANotice,
    Refused,
}

/// KEY-04, KEY-07: reading is lenient, so that one bad entry does not take the good ones with it;
/// the schema is for publishers, and what it takes is read without a notice.
#[test]
fn key_07_what_the_schema_of_key_manifests_takes_is_read_without_a_notice() {
    use Reading::{Refused, WithANotice, WithoutANotice};
    let key = "ed25519:PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";
    let entry = |members: &str| {
        format!(r#"{{"keys": [{{"key_id": "k", "purpose": "export_signing", {members}}}]}}"#)
    };
    let with_key = |members: &str| entry(&format!(r#""public_key": "{key}", {members}"#));
    let small_order = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let form = DocumentForm::of(named("key-manifest"));
    let validator = validator(named("key-manifest"));
    for (document, taken, reading) in [
        (
            with_key(r#""valid_from": "2026-01-01T00:00:00Z", "valid_to": null"#),
            true,
            WithoutANotice,
        ),
        (
            entry(&format!(r#""public_key_b64": "{}""#, key.strip_prefix("ed25519:").unwrap())),
            true,
            WithoutANotice,
        ),
        (r#"{"keys": []}"#.to_owned(), true, WithoutANotice),
        (r#"{"keys": [7]}"#.to_owned(), false, WithANotice),
        (entry(r#""status": "active""#), false, WithANotice),
        (entry(r#""public_key": "ed25519:AAAA""#), false, WithANotice),
        (with_key(r#""valid_to": "soon""#), false, WithANotice),
        (with_key(r#""valid_to": "2026-12-31""#), false, WithoutANotice),
        (with_key(r#""revoked_at": "some day""#), false, WithoutANotice),
        (with_key(r#""status": 7"#), false, WithoutANotice),
        (entry(&format!(r#""public_key": "{small_order}""#)), true, Refused),
        (r#"{"keys": {}}"#.to_owned(), false, Refused),
    ] {
        let value = json(&document);
        assert_eq!(form.fits(&value), taken, "{document}");
        assert_eq!(validator.is_valid(&serde_json::to_value(&value).unwrap()), taken, "{document}");
        let read = permit_keys::KeyManifest::read(document.as_bytes(), &Budget::default());
        let found = match &read {
            Ok(manifest) if manifest.notices().is_empty() => WithoutANotice,
            Ok(_) => WithANotice,
            Err(_) => Refused,
        };
        assert_eq!(found, reading, "{document}: {read:?}");
    }
}
