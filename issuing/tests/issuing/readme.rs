// SPDX-License-Identifier: Apache-2.0

//! The script in the README does what the README says.

#![cfg(unix)]

use std::{
    path::Path,
    process::{Command, Stdio},
};

#[test]
fn the_script_of_the_readme_runs() {
    let readme = include_str!("../../README.md");
    let script: Vec<&str> =
        readme.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert!(!script.is_empty(), "there is no script");
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_permit-issue")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("/bin/sh")
        .args(["-euc", &script.concat()])
        .current_dir(folder.path())
        .env("PATH", path)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stdout));
    for name in ["monday.json", "monday.json.manifest.json", "key-manifest.json", "checkpoint.json"]
    {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
}
