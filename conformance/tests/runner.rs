// SPDX-License-Identifier: Apache-2.0

//! The command `permit-conformance` on a small corpus of its own, with verifiers that behave, cheat,
//! crash, hang and meddle.

#![cfg(test)]
#![cfg(feature = "cli")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use permit_canonical_json::Sha256Digest;
use permit_conformance::{
    CaseEntry, CaseId, CaseState, CaseStatus, ConformanceReport, CorpusManifest, Level,
};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_permit-conformance");

/// A corpus of five cases, made of an example bundle.
struct SmallCorpus {
    folder: TempDir,
}

impl SmallCorpus {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut manifest = CorpusManifest {
            comment: None,
            corpus_version: "9.9.9".into(),
            spec_version: "1.4.1".into(),
            test_vectors_version: "0.1.0-draft".into(),
            cases: Vec::new(),
        };
        for (id, expected, input) in cases() {
            manifest.cases.push(write_case(folder.path(), id, &expected, &input));
        }
        fs::write(folder.path().join("MANIFEST.json"), manifest.to_text().unwrap()).unwrap();
        Self { folder }
    }

    /// Runs the corpus with these arguments.
    fn run(&self, arguments: &[&str]) -> Ran {
        let report = self.folder.path().join("report");
        let output = Command::new(PROGRAM)
            .args(["run", "--vectors"])
            .arg(self.folder.path())
            .arg("--report")
            .arg(&report)
            .args(arguments)
            .output()
            .unwrap();
        let json = fs::read(report.join("verifier-conformance-report.json")).ok();
        let report = json.map(|bytes| ConformanceReport::read_all(&bytes).unwrap().remove(0));
        Ran { output, report }
    }

    fn view(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join("report").join(name)).unwrap()
    }
}

/// What came of a run.
struct Ran {
    output: Output,
    report: Option<ConformanceReport>,
}

impl Ran {
    fn status(&self) -> i32 {
        self.output.status.code().unwrap()
    }

    fn said(&self) -> String {
        let (out, err) = (&self.output.stdout, &self.output.stderr);
        format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
    }

    fn report(&self) -> &ConformanceReport {
        self.report.as_ref().unwrap_or_else(|| panic!("there is a report: {}", self.said()))
    }

    fn state(&self, id: &str) -> CaseState {
        self.report().vector(id).unwrap().state
    }

    fn notes(&self, id: &str) -> &str {
        &self.report().vector(id).unwrap().notes
    }
}

const VALID: &str = "cat-01-baseline/01-51-valid";
const TAMPERED: &str = "cat-02-tamper-chain/02-51-tampered";
const CANONICAL: &str = "cat-05-canonicalization/05-51-members";
const CHAIN: &str = "cat-08-permit-chains/08-51-out-of-scope";
const GOLDEN: &str = "claims/01-valid";

/// A case: its name, what is expected, its input.
type Drafted = (&'static str, Json, BTreeMap<&'static str, Vec<u8>>);

fn cases() -> Vec<Drafted> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let read = |name: &str| fs::read(examples.join(name)).unwrap();
    let export = read("shop-agent/export.json");
    let manifest = read("shop-agent/export.json.manifest.json");
    let files =
        json!({"export": "export.json", "manifest": "manifest.json", "trust_root": "trust.json"});
    let input = |export: Vec<u8>| {
        BTreeMap::from([
            ("export.json", export),
            ("manifest.json", manifest.clone()),
            ("trust.json", read("trust-root.json")),
        ])
    };
    let mut tampered = export.clone();
    tampered.push(b' ');
    let vector = |id: &str, result: &str, more: Json| {
        let mut expected = json!({
            "vector_id": id, "spec_version": "permit-v1.0.0", "test_vectors_version": "0.1.0-draft",
            "expected_mode": "TEST", "expected_result": result});
        let members = more.as_object().unwrap().clone();
        expected.as_object_mut().unwrap().extend(members);
        expected
    };
    let hash = Sha256Digest::of(&export).prefixed().to_string();
    let digest = Sha256Digest::of(br#"{"a":1,"b":2}"#).to_string();
    vec![
        (
            VALID,
            vector(
                VALID,
                "PASS",
                json!({"files": files, "checks": ["walk_events", "verify_closure"],
                "artifact_hashes": {"input/export.json": hash},
                "expected_evidence_inspected_at_least": {"permits": 1}}),
            ),
            input(export.clone()),
        ),
        (
            TAMPERED,
            vector(
                TAMPERED,
                "FAIL",
                json!({"files": files, "primary_failure_code": "MANIFEST_HASH_MISMATCH",
                "expected_first_failure_at": {"type": "manifest", "id": null, "sequence": null}}),
            ),
            input(tampered),
        ),
        (
            CANONICAL,
            vector(
                CANONICAL,
                "PASS",
                json!({"op": "canonicalize", "files": {"one": "1.json", "two": "2.json"},
                "output": {"one": digest, "two": null}}),
            ),
            BTreeMap::from([
                ("1.json", br#"{ "b": 2, "a": 1 }"#.to_vec()),
                ("2.json", br#"{"a": 1, "a": 1}"#.to_vec()),
            ]),
        ),
        (
            CHAIN,
            json!({"claim_type": "permit_lineage_internally_consistent",
                "claim_scope": {"permit_id": "p"}, "status": "unverifiable_scope",
                "files": {"pack": "pack.json"}}),
            BTreeMap::from([(
                "pack.json",
                json!({"permits": [], "manifest": {"export_scope": {"permit_ids": []}},
                    "claim": {"claim_type": "permit_lineage_internally_consistent",
                        "claim_scope": {"permit_id": "p"}}})
                .to_string()
                .into_bytes(),
            )]),
        ),
        (
            GOLDEN,
            json!({"kind": "export", "expected_outcome": "PASS", "files": files,
                "claims": [{"name": "export.integrity.v1", "expected_verdict": "supported"}]}),
            input(export),
        ),
    ]
}

fn write_case(
    root: &Path,
    id: &str,
    expected: &Json,
    input: &BTreeMap<&str, Vec<u8>>,
) -> CaseEntry {
    let id = CaseId::parse(id).unwrap();
    let folder = root.join(id.folder());
    fs::create_dir_all(folder.join("input")).unwrap();
    let mut files = BTreeMap::new();
    let mut write = |name: String, bytes: &[u8]| {
        fs::write(folder.join(&name), bytes).unwrap();
        files.insert(name, Sha256Digest::of(bytes).prefixed().to_string());
    };
    write("expected.json".into(), expected.to_string().as_bytes());
    write("description.md".into(), b"# A case\n\nIt is small.\n");
    for (name, bytes) in input {
        write(format!("input/{name}"), bytes);
    }
    let level = id.level().map(Level::number);
    CaseEntry { id: id.to_string(), level, status: CaseStatus::Released, files }
}

fn cheat(name: &str) -> String {
    format!("'{PROGRAM}' cheat {name}")
}

#[test]
fn the_verifier_of_this_project_passes_in_process() {
    let ran = SmallCorpus::new().run(&["--own"]);
    assert_eq!(ran.status(), 0, "{}", ran.said());
    assert_eq!(ran.report().summary.passed, 5);
    // Categories are missing, so that no level is shown.
    assert_eq!(ran.report().conformance_level_claimed, None);
    assert_eq!(ran.report().corpus.version.as_deref(), Some("9.9.9"));
}

#[test]
fn cheats_fail_in_both_transports_of_the_protocol() {
    for transport in ["stream", "exec"] {
        let corpus = SmallCorpus::new();
        let verifier = cheat("always-pass");
        let ran = corpus.run(&["--verifier", &verifier, "--transport", transport, "--validate"]);
        assert_eq!(ran.status(), 1, "{}", ran.said());
        assert_eq!(ran.state(GOLDEN), CaseState::Passed);
        for id in [TAMPERED, CANONICAL, CHAIN] {
            assert_eq!(ran.state(id), CaseState::Failed, "{transport} {id}: {}", ran.notes(id));
        }
        // It says nothing of what it looked at.
        assert_eq!(
            ran.notes(VALID),
            "expected at least permits 1, chain_entries 0, closure_records 0, checkpoints 0; got no counts"
        );
        let ran = corpus.run(&["--verifier", &cheat("always-fail"), "--transport", transport]);
        assert_eq!(ran.state(VALID), CaseState::Failed);
        assert_eq!(
            ran.notes(TAMPERED),
            "expected `MANIFEST_HASH_MISMATCH`, got no code; expected the first failure at manifest, got no place"
        );
    }
}

#[test]
fn no_answer_is_never_a_rejection() {
    for (name, words) in [
        ("crash", "the process ended without an answer"),
        ("garbage", "the answer is none"),
        ("hang", "no answer within"),
    ] {
        let ran = SmallCorpus::new().run(&["--verifier", &cheat(name), "--timeout", "0.3"]);
        assert_eq!(ran.status(), 1);
        assert_eq!(ran.report().summary.errored, 5, "{name}: {}", ran.said());
        assert!(ran.notes(TAMPERED).contains(words), "{name}: {}", ran.notes(TAMPERED));
    }
}

#[test]
fn what_cannot_be_run_ends_with_2() {
    let corpus = SmallCorpus::new();
    for arguments in [
        &["--verifier", "no-such-program-anywhere"][..],
        &["--verifier", "a 'b"],
        &["--own", "--only", "cat-99-*"],
        &["--own", "--xfail", "no-such-file"],
        &["--own", "--verifier", "x"],
        &["--verifier", &cheat("always-pass"), "--timeout", "0"],
        &["--verifier", &cheat("always-pass"), "--env", "NO_SUCH_VARIABLE_ANYWHERE"],
        &[],
    ] {
        let ran = corpus.run(arguments);
        assert_eq!(ran.status(), 2, "{arguments:?}: {}", ran.said());
        assert!(ran.said().contains("error"), "{arguments:?}");
    }
    let index = corpus.folder.path().join("MANIFEST.json");
    let input = corpus.folder.path().join("claims/01-valid/input/export.json");
    fs::write(input, b"{}").unwrap();
    let ran = corpus.run(&["--own"]);
    assert_eq!(ran.status(), 2, "a released case never changes: {}", ran.said());
    fs::write(index, b"{}").unwrap();
    assert_eq!(corpus.run(&["--own"]).status(), 2);
}

#[test]
fn known_failures_are_strict_both_ways() {
    let corpus = SmallCorpus::new();
    let file = corpus.folder.path().join("xfail.toml");
    let verifier = cheat("always-pass");
    let run = |text: &str| {
        fs::write(&file, text).unwrap();
        corpus.run(&["--verifier", &verifier, "--xfail", file.to_str().unwrap()])
    };
    let known = "[[xfail]]\ncase = \"*/0?-51-*\"\nreason = \"r\"\n".replace("0?", "0*");
    let ran = run(&known);
    assert_eq!(ran.status(), 0, "{}", ran.said());
    assert_eq!(ran.state(TAMPERED), CaseState::ExpectedFailure);
    assert!(ran.notes(TAMPERED).ends_with("(known: r)"), "{}", ran.notes(TAMPERED));

    let ran = run(&format!("{known}[[xfail]]\ncase = \"claims/*\"\nreason = \"r\"\n"));
    assert_eq!((ran.status(), ran.state(GOLDEN)), (1, CaseState::UnexpectedPass));

    let ran = run(&format!("{known}[[xfail]]\ncase = \"cat-99-*\"\nreason = \"r\"\n"));
    assert_eq!((ran.status(), ran.report().unused_xfails.len()), (1, 1));

    // Another rule than the known one is still a failure.
    let ran = run(&known.replace("reason", "rules = [\"position\"]\nreason"));
    assert_eq!((ran.status(), ran.state(TAMPERED)), (1, CaseState::Failed));

    let ran = run("[[xfail]]\ncase = \"*\"\nreason = \"\"\n");
    assert_eq!(ran.status(), 2, "{}", ran.said());
}

#[test]
fn reports_have_all_views() {
    let corpus = SmallCorpus::new();
    let passed = corpus.run(&["--own"]);
    let before = corpus.folder.path().join("before.json");
    fs::write(&before, passed.report().to_text().unwrap()).unwrap();
    let failed = corpus.run(&["--verifier", &cheat("always-pass")]);
    let after = corpus.folder.path().join("report/verifier-conformance-report.json");

    let junit = corpus.view("junit.xml");
    assert!(junit.contains("tests=\"5\"") && junit.contains("failures=\"4\""), "{junit}");
    let html = corpus.view("report.html");
    assert!(html.contains(TAMPERED) && !html.contains("http"), "one page that needs nothing else");
    assert!(corpus.view("report.md").contains("| cat-02-tamper-chain/02-51-tampered | failed |"));
    let badge: Json = serde_json::from_str(&corpus.view("badge.json")).unwrap();
    assert_eq!(badge["message"], "no level · 1/5 · corpus 9.9.9");
    let json: Json = serde_json::from_slice(&fs::read(&after).unwrap()).unwrap();
    for member in [
        "verifier_id",
        "verifier_version",
        "test_vectors_version",
        "permit_spec_version",
        "conformance_level_claimed",
        "vectors",
        "summary",
    ] {
        assert!(json.get(member).is_some(), "{member} is official");
    }
    assert_eq!(json["vectors"][0]["verifier_output"]["test_vector_id"], VALID);

    let report =
        |arguments: &[&str]| Command::new(PROGRAM).arg("report").args(arguments).output().unwrap();
    let (before, after) = (before.to_str().unwrap(), after.to_str().unwrap());
    let diff = report(&["diff", before, after]);
    assert_eq!(diff.status.code(), Some(1));
    let said = String::from_utf8(diff.stdout).unwrap();
    assert!(said.starts_with("Regressions: 4\n"), "{said}");
    assert_eq!(report(&["diff", after, before]).status.code(), Some(0));
    let merged = report(&["merge", before, after]);
    let merged_file = corpus.folder.path().join("merged.json");
    fs::write(&merged_file, merged.stdout).unwrap();
    let view = report(&["view", "--format", "html", merged_file.to_str().unwrap()]);
    let view = String::from_utf8(view.stdout).unwrap();
    let (own, other) = (passed.report().title(), failed.report().title());
    assert!(view.contains(&own) && view.contains(&other));
    assert_eq!(
        report(&["view", "--format", "badge", merged_file.to_str().unwrap()]).status.code(),
        Some(2)
    );
}

#[test]
fn cheats_are_caught_in_every_category() {
    let corpus = SmallCorpus::new();
    let output = Command::new(PROGRAM)
        .args(["self-test", "--vectors"])
        .arg(corpus.folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    // One case in a category is too few for those that always say the same.
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("not in claims: right in 1 of 1 cases"), "{said}");
    for cheat in ["crash", "hang", "garbage"] {
        let line = said.lines().find(|line| line.starts_with(cheat)).unwrap();
        assert!(line.ends_with("caught in 5 of 5 categories"), "{line}");
    }
}

#[cfg(unix)]
#[test]
fn plain_commands_are_judged_by_their_status_alone() {
    let corpus = SmallCorpus::new();
    let plain = |template: &str| {
        corpus.run(&["--transport", "plain", "--verifier", template, "--only", "cat-0*"])
    };
    let ran = plain("true {export} {manifest}");
    assert_eq!((ran.state(VALID), ran.state(TAMPERED)), (CaseState::Passed, CaseState::Failed));
    assert_eq!(ran.state(CANONICAL), CaseState::Skipped);
    let ran = plain("false {export}");
    assert_eq!((ran.state(VALID), ran.state(TAMPERED)), (CaseState::Failed, CaseState::Passed));
    let ran = plain("sh -c 'exit 89'");
    assert_eq!(ran.state(VALID), CaseState::Skipped);
    let ran = plain("sh -c 'exit 2'");
    assert_eq!(ran.state(TAMPERED), CaseState::Errored);
    let ran = plain("sh -c 'kill -9 $$'");
    assert_eq!(ran.state(TAMPERED), CaseState::Errored);
    let ran = plain("true {checkpoint}");
    assert_eq!(ran.state(VALID), CaseState::Skipped);
}

#[cfg(unix)]
#[test]
fn verifiers_see_their_copy_alone_and_do_not_change_it() {
    let corpus = SmallCorpus::new();
    let plain = |template: &str, only: &str| {
        corpus.run(&["--transport", "plain", "--verifier", template, "--only", only])
    };
    let nothing = "sh -c 'test -z \"$HOME$CARGO_MANIFEST_DIR\" && test ! -e {input}/../expected.json && test -z \"$(ls)\" && test $(ls {input} | wc -l) = 3'";
    let ran = plain(nothing, VALID);
    assert_eq!(ran.state(VALID), CaseState::Passed, "{}", ran.notes(VALID));
    let ran = plain("sh -c 'case {input} in *cat-01*|*valid*) exit 1;; esac'", VALID);
    assert_eq!(ran.state(VALID), CaseState::Passed, "its path says nothing about the case");
    let ran = plain("sh -c 'echo >> {export}'", VALID);
    assert_eq!(ran.state(VALID), CaseState::Failed);
    assert_eq!(ran.notes(VALID), "`export.json` was changed while it was judged");
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_verifier_started_ends_with_it() {
    let corpus = SmallCorpus::new();
    let noted = corpus.folder.path().join("pid");
    let script = format!("sh -c 'sleep 600 & echo $! > {}; wait'", noted.display());
    let ran = corpus.run(&[
        "--transport",
        "plain",
        "--verifier",
        &script,
        "--only",
        VALID,
        "--timeout",
        "0.5",
    ]);
    assert_eq!(ran.state(VALID), CaseState::Errored, "{}", ran.notes(VALID));
    let pid = fs::read_to_string(noted).unwrap();
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    let state = stat.rsplit(')').next().unwrap_or_default().trim_start();
    // Killed, whether somebody has already taken note of it or not.
    assert!(state.is_empty() || state.starts_with(['Z', 'X']), "{stat}");
}

#[cfg(unix)]
#[test]
fn endless_output_is_cut() {
    let ran = SmallCorpus::new().run(&[
        "--transport", "exec", "--verifier", "sh -c 'read line; case $line in *start*) echo \"{\\\"protocol\\\":1,\\\"implementation\\\":{\\\"name\\\":\\\"yes\\\",\\\"version\\\":\\\"1\\\",\\\"ops\\\":[\\\"verify-bundle\\\"]}}\";; *) yes | tr -d \"\\n\";; esac'", "--only", VALID,
    ]);
    assert_eq!(ran.state(VALID), CaseState::Errored);
    assert!(ran.notes(VALID).contains("more than"), "{}", ran.notes(VALID));
}

#[test]
fn the_adapters_pass_with_permit_verify() {
    let Some(verifier) = beside("permit-verify") else {
        println!("skipped: permit-verify is not built here; `cargo test --workspace` builds it");
        return;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters");
    for (interpreter, adapter) in
        [("python3", "python/adapter.py"), ("node", "javascript/adapter.mjs")]
    {
        let version = Command::new(interpreter).arg("--version").output();
        if !version.is_ok_and(|output| output.status.success()) {
            println!("skipped: there is no {interpreter} here for {adapter}");
            continue;
        }
        let adapter = folder.join(adapter);
        let command = format!("{interpreter} '{}' '{}'", adapter.display(), verifier.display());
        let ran = SmallCorpus::new().run(&[
            "--verifier",
            &command,
            "--validate",
            "--env",
            "PATH",
            "--env",
            "HOME",
        ]);
        assert_eq!(ran.status(), 0, "{}", ran.said());
        assert_eq!(ran.report().summary.passed, 5, "{}", ran.said());
    }
    let preset = format!("'{}'", verifier.display());
    let ran = SmallCorpus::new().run(&["--verifier", &preset, "--preset", "permit-verify"]);
    assert_eq!(ran.status(), 0, "{}", ran.said());
}

/// A program of the workspace that was built beside this one.
fn beside(name: &str) -> Option<PathBuf> {
    let path = Path::new(PROGRAM).with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    path.is_file().then_some(path)
}
