// SPDX-License-Identifier: Apache-2.0

//! What is shipped in `examples/`, and what the README says about it, output included.

#![cfg(test)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use permit_canonical_json::{Budget, Value, read};
use permit_claims::Verdict;
use permit_delegation::{ChainClaim, ChainClaimType, ChainContext, ChainPack, ClaimScope};
use permit_verifier::DocumentKind;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Runs `permit-verify` at the root of the workspace; its status and what it prints.
fn run(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_permit-verify"))
        .args(arguments)
        .current_dir(root())
        .env_clear()
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(printed).unwrap())
}

/// The arguments of a command line that runs `permit-verify`, installed or through cargo.
fn arguments(line: &str) -> Option<Vec<&str>> {
    let through_cargo = "cargo run --release -p permit-verifier -- ";
    let rest = line.strip_prefix(through_cargo).or_else(|| line.strip_prefix("permit-verify "))?;
    Some(rest.split_whitespace().collect())
}

/// The console blocks of a text: each command with what it printed.
fn sessions(text: &str) -> Vec<(String, String)> {
    let mut sessions: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line.strip_prefix("$ ") {
            _ if line.starts_with("```") => inside = line == "```console",
            Some(command) if inside => sessions.push((command.to_owned(), String::new())),
            _ if inside => {
                if let Some((_, printed)) = sessions.last_mut() {
                    printed.push_str(line);
                    printed.push('\n');
                }
            }
            _ => {}
        }
    }
    sessions
}

#[test]
fn what_the_readme_shows_is_what_is_printed() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let mut compared = 0;
    for (command, shown) in sessions(&readme) {
        let Some(arguments) = arguments(&command) else { continue };
        let (_, printed) = run(&arguments);
        if shown.is_empty() {
            continue;
        }
        // A line of dots stands for lines left out.
        let mut rest = printed.as_str();
        for part in shown.split("…\n") {
            let at =
                rest.find(part).unwrap_or_else(|| panic!("{command}\n{part}\nis not in\n{rest}"));
            rest = rest.get(at + part.len()..).unwrap();
        }
        assert!(printed.starts_with(shown.split("…\n").next().unwrap()), "{command}");
        compared += 1;
    }
    assert!(compared >= 2, "the README shows {compared} runs");
}

#[test]
fn the_first_screen_of_the_readme_runs_and_tests() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let screen: Vec<&str> = readme.lines().take(40).collect();
    let command = screen.iter().find_map(|line| arguments(line)).expect("a command to run");
    assert_eq!(run(&command).0, 0);
    assert!(screen.contains(&"cargo test --workspace"));
}

#[test]
fn the_honest_example_holds_and_the_altered_one_does_not() {
    let keys = ["--key-manifest", "examples/trust-root.json", "--test-mode", "--strict"];
    let layers = ["--walk-events", "--verify-closure"];
    for (name, status) in [("shop-agent", 0), ("shop-agent-altered", 1)] {
        let export = format!("examples/{name}/export.json");
        let arguments = [&["export", &export], &keys[..], &layers[..]].concat();
        let (found, printed) = run(&arguments);
        assert_eq!(found, status, "{printed}");
    }
}

/// A line of `examples/index.json`.
struct Listed {
    file: String,
    schema: Option<String>,
    verifiable: bool,
    command: Option<(String, i32)>,
}

fn listed() -> Vec<Listed> {
    let bytes = fs::read(root().join("examples/index.json")).unwrap();
    let index = read(&bytes, &Budget::default()).unwrap();
    let examples = index.get("examples").and_then(Value::as_array).unwrap();
    let of = |example: &Value<'_>| {
        let text = |name| example.get(name).and_then(Value::as_str).map(str::to_owned);
        let status = example.get("exit_status").and_then(Value::as_i64);
        Listed {
            file: text("file").unwrap(),
            schema: text("schema"),
            verifiable: text("kind").unwrap() == "verifiable",
            command: text("command").map(|command| (command, status.unwrap().try_into().unwrap())),
        }
    };
    examples.iter().map(of).collect()
}

#[test]
fn every_file_is_listed() {
    let listed: BTreeSet<String> = listed().into_iter().map(|example| example.file).collect();
    let mut folders = vec!["examples".to_owned()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            let apart = ["examples/gateway", "examples/README.md", "examples/index.json"];
            if apart.contains(&path.as_str()) {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else {
                assert!(listed.contains(&path), "{path} is not in examples/index.json");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, listed.len());
    // CLOSE-04: a closure for each status.
    for status in permit_types::ClosureStatus::ALL {
        assert!(listed.contains(&format!("examples/closures/{}.json", status.as_str())));
    }
}

#[test]
fn conf_01_02_04_every_example_fits_its_schema_and_its_type() {
    let mut judged = 0;
    for Listed { file, schema, .. } in listed() {
        let Some(schema) = schema else { continue };
        let kind = DocumentKind::named(&schema).unwrap();
        let text = fs::read_to_string(root().join(&file)).unwrap();
        let instance: serde_json::Value = serde_json::from_str(&text).unwrap();
        let schema_text: serde_json::Value = serde_json::from_str(&kind.schema_text()).unwrap();
        let options = jsonschema::options().should_validate_formats(true);
        let validator = options.build(&schema_text).unwrap();
        let errors: Vec<_> = validator.iter_errors(&instance).map(|e| e.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{file}");
        let (status, printed) = run(&["validate", &file]);
        assert_eq!(status, 0, "{file}: {printed}");
        assert_eq!(printed, format!("VALID  {file}  {schema}\n"));
        judged += 1;
    }
    assert!(judged > 20, "{judged}");
}

#[test]
fn every_command_ends_as_is_said() {
    let listed = listed();
    let commands: BTreeSet<&(String, i32)> =
        listed.iter().filter_map(|example| example.command.as_ref()).collect();
    for (command, status) in commands {
        let (found, printed) = run(&arguments(command).expect("a run of permit-verify"));
        assert_eq!(found, *status, "{command}\n{printed}");
    }
    for example in listed.iter().filter(|example| example.verifiable) {
        let (command, _) = example.command.as_ref().expect("what is verifiable has a command");
        assert!(!command.contains(" validate "), "{command} judges no signature");
    }
    let (_, printed) = run(&[
        "export",
        "examples/executions/export.json",
        "--key-manifest",
        "examples/keys/key-manifest.json",
        "--test-mode",
        "--walk-events",
        "--verify-closure",
    ]);
    assert!(printed.starts_with("VERIFIED  "), "{printed}");
    assert!(printed.contains("8 closure signatures checked, all hold"), "{printed}");
}

#[test]
fn pchain_28_the_pack_supports_its_claim_and_that_of_the_denial() {
    let bytes = fs::read(root().join("examples/delegation/pack.json")).unwrap();
    let pack = read(&bytes, &Budget::default()).unwrap();
    let judged = permit_delegation::judge_pack(&pack, &ChainContext::default());
    assert_eq!(judged.status(), Verdict::Supported, "{judged:?}");
    let permits = pack.get("permits").and_then(Value::as_array).unwrap();
    let child = permits[1].get("id").and_then(Value::as_str).unwrap();
    let pack = ChainPack::of(&pack);
    let claim = ChainClaim {
        claim_type: ChainClaimType::LineageInternallyConsistent,
        scope: ClaimScope::permit(child),
    };
    let judged = permit_delegation::judge_chain_claim(&pack, &claim, &ChainContext::default());
    assert_eq!(judged.status(), Verdict::Supported, "{judged:?}");
}

#[test]
fn revoke_01_the_revocation_is_shown_beside_the_claims() {
    let (status, printed) = run(&[
        "export",
        "examples/revocation/export.json",
        "--key-manifest",
        "examples/keys/key-manifest.json",
        "--test-mode",
        "--json",
    ]);
    let report = read(printed.as_bytes(), &Budget::default()).unwrap();
    let also = report.get("also_judged").and_then(Value::as_array).unwrap();
    let revoked = also.iter().find(|also| {
        also.get("claim").and_then(Value::as_str).is_some_and(|claim| claim.contains("revoked"))
    });
    let outcome = revoked.and_then(|also| also.get("outcome")).and_then(Value::as_str);
    assert_eq!((status, outcome), (0, Some("supported")), "{printed}");
}

#[test]
fn an_export_without_what_was_asked_for_is_not_called_unsigned() {
    let (status, printed) = run(&[
        "export",
        "examples/revocation/export.json",
        "--key-manifest",
        "examples/keys/key-manifest.json",
        "--test-mode",
        "--verify-closure",
    ]);
    assert_eq!(status, 0);
    assert!(
        printed.starts_with("VERIFIED IN PART  examples/revocation/export.json\n"),
        "{printed}"
    );
    assert!(printed.contains("the export has no closures"), "{printed}");
}
