// SPDX-License-Identifier: Apache-2.0

//! What is shipped in `examples/`, and what the README says about it, output included.

#![cfg(test)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

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
            rest = rest.get(at + part.len()..).unwrap_or_default();
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
