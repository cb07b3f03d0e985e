// SPDX-License-Identifier: Apache-2.0

//! The gateway from end to end: what it exports holds for both verifiers.

#![cfg(test)]

use std::{path::Path, process::Command};

use permit_canonical_json::{Budget, Value, read};

/// Runs the gateway and gives what it said.
fn run_gateway(folder: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_permit-example-gateway"))
        .arg(folder)
        .output()
        .expect("the gateway was built");
    let said = String::from_utf8(output.stdout).expect("the gateway speaks UTF-8");
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

fn document(folder: &Path, name: &str) -> Value<'static> {
    let bytes = std::fs::read(folder.join(name)).expect("the gateway writes it");
    read(&bytes, &Budget::default()).expect("the gateway writes JSON").into_owned()
}

#[test]
fn what_the_gateway_exports_verifies() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = run_gateway(folder.path());
    let verdicts = said.lines().filter(|line| line.starts_with("supported")).count();
    assert_eq!(verdicts, 6, "{said}");

    let export = document(folder.path(), "export.json");
    let records = export.get("records").and_then(Value::as_array).expect("records");
    let of = |name| {
        let of_record = |record: &Value<'_>| {
            record.get("permit").and_then(|permit| permit.get(name)?.as_str().map(str::to_owned))
        };
        records.iter().map(of_record).collect::<Vec<_>>()
    };
    let texts = |words: [&str; 4]| words.map(|word| Some(word.to_owned())).to_vec();
    assert_eq!(of("decision"), texts(["allow", "deny", "challenge", "allow"]));
    assert_eq!(of("status"), texts(["closed", "evaluated", "evaluated", "closed"]));
    // PERMIT-05, PERMIT-06
    let bound = of("binding_request_hash").iter().map(Option::is_some).collect::<Vec<_>>();
    assert_eq!(bound, [true, false, false, true]);

    let mut files: Vec<_> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    files.sort();
    assert_eq!(files, ["export.json", "export.json.manifest.json", "key-manifest.json"]);

    // A second run puts its export in place of the first.
    run_gateway(folder.path());
    assert_ne!(document(folder.path(), "export.json"), export);
}

/// The same with the reference, where `KEEL_VERIFY` names it.
#[test]
fn the_reference_agrees() {
    let Some(reference) = std::env::var_os("KEEL_VERIFY") else {
        println!("skipped: the environment variable KEEL_VERIFY names no reference verifier");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    run_gateway(folder.path());
    let file = |name: &str| folder.path().join(name);
    let output = Command::new(reference)
        .arg("export")
        .args([file("export.json"), file("export.json.manifest.json")])
        .arg("--key-manifest")
        .arg(file("key-manifest.json"))
        .arg("--json")
        .output()
        .expect("KEEL_VERIFY names a program");
    let report = read(&output.stdout, &Budget::default()).expect("a report");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let claims = report.get("claims").and_then(Value::as_array).expect("claims");
    let verdict =
        |claim: &Value<'_>| claim.get("verdict").and_then(Value::as_str).map(str::to_owned);
    assert_eq!(claims.len(), 6);
    assert!(claims.iter().all(|claim| verdict(claim).as_deref() == Some("supported")));
}
