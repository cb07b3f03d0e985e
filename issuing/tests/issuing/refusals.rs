// SPDX-License-Identifier: Apache-2.0

//! What is refused, with which rule, and that it changes nothing.

use std::fs;

use permit_canonical_json::Value;
use permit_issuing::{Access, ProjectStore};
use permit_keys::KeyManifestDraft;

use crate::support::{ACTOR, Folder, id};

/// 1 executed and closed; 2 denied; 3 allowed and unbound; 4 bound; 5 dispatched; 6 revoked; 7 expired by 10:00.
fn project() -> Folder {
    let folder = Folder::with_store();
    folder.executed(1);
    let response = ["--provider-response", "response.bin", "--client-response", "response.bin"];
    folder.close(1, "closed", &response).done();
    folder.permit("deny", 2, &[]).done();
    folder.permit("allow", 3, &["--no-bind"]).done();
    folder.permit("allow", 4, &[]).done();
    folder.executed(5);
    folder.permit("allow", 6, &[]).done();
    folder.run(&["revoke", &id(6), "--actor", ACTOR, "--reason", "operator.requested"]).done();
    folder.permit("allow", 7, &["--expires-at", "2026-05-11T10:00:00Z"]).done();
    folder
}

enum Expected {
    Rule(&'static str),
    Error(&'static str),
}

use Expected::{Error, Rule};

#[test]
fn whatever_is_refused_says_why_and_changes_nothing() {
    let folder = project();
    folder.write("bad.json", r#"{"event_type": "a", "event_type": "b"}"#);
    folder.write("list.json", "[]");
    folder.write("event.json", r#"{"event_type": "x", "pay": {}}"#);
    folder.write("number.json", r#"{"event_type": 7}"#);
    folder.write(
        "about.json",
        r#"{"event_type": "x", "payload": {"permit_id": "00000000-0000-4000-8000-000000000001"}}"#,
    );
    folder.write(
        "digest.json",
        r#"{"event_type": "x", "payload": {"provider_response_digest_v1": null}}"#,
    );
    let deep = format!("{}0{}", "[".repeat(124), "]".repeat(124));
    folder.write("deep.json", &format!(r#"{{"event_type": "x", "payload": {{"deep": {deep}}}}}"#));
    folder.write("bound.json", r#"{"binding_request_hash": "aa00000000000000000000000000000000000000000000000000000000000000"}"#);
    folder.write(
        "details.json",
        r#"{"decision_details": {"decision": "deny", "code": "c", "reason": "r"}}"#,
    );
    folder.write(
        "child.json",
        r#"{"parent_permit_id": "00000000-0000-4000-8000-000000000001", "delegation_depth": 1}"#,
    );
    folder.write("foreign.json", r#"{"project_id": "00000000-0000-4000-8000-0000000000a2"}"#);
    folder.write("unknown.json", r#"{"throttle": true}"#);
    let [one, two, three, four, five, six, seven, none] = [1, 2, 3, 4, 5, 6, 7, 99].map(id);
    let key = |purpose: &str| -> String {
        let manifest =
            KeyManifestDraft::read(&folder.read("s/keys/key-manifest.json"), &Default::default())
                .unwrap();
        let manifest = manifest.finish().unwrap();
        let entry = manifest.entries().find(|entry| entry.purpose_text() == Some(purpose)).unwrap();
        let name: String =
            entry.public_key().unwrap().fingerprint().to_string().chars().take(32).collect();
        format!("s/keys/{name}.pem")
    };
    let (export_key, binding_key) = (key("export_signing"), key("permit_binding_signing"));
    let permit = |more: &[&'static str]| -> Vec<String> {
        let mut args = vec!["permit".to_owned(), "allow".to_owned()];
        args.extend(crate::support::PERMIT.map(str::to_owned));
        args.extend(more.iter().map(|&text| text.to_owned()));
        args
    };
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let cases: Vec<(Vec<String>, Expected)> = vec![
        // Documents that cannot be read, or have another form.
        (words(&["append", "--input", "bad.json"]), Error("duplicate")),
        (words(&["append", "--input", "list.json"]), Error("not an object")),
        (words(&["append", "--input", "event.json"]), Error("no member `pay`")),
        (words(&["append", "--input", "number.json"]), Error("not a string")),
        (words(&["append", "--input", "missing.json"]), Error("cannot be read")),
        (words(&["append"]), Error("has no type")),
        (permit(&["--input", "unknown.json"]), Error("throttle")),
        (words(&["permit", "allow", "--request", "request.json"]), Error("has not its form")),
        (words(&["permit", "allow", "--reason", "r"]), Error("request_fingerprint")),
        // Permits.
        (permit(&["--id", "00000000-0000-4000-8000-000000000001"]), Rule("permit-known")),
        (permit(&["--id", "not-a-uuid"]), Error("has not its form")),
        (permit(&["--input", "bound.json"]), Rule("PERMIT-26")),
        (permit(&["--input", "details.json"]), Rule("PERMIT-10")),
        (permit(&["--input", "child.json"]), Rule("PERMIT-22")),
        (permit(&["--input", "foreign.json"]), Rule("PCHAIN-36")),
        (permit(&["--expires-at", "2026-05-11T08:00:00Z"]), Rule("permit-expired")),
        (permit(&["--expires-at", "2027-05-11T08:00:00+02:00"]), Rule("PERMIT-33")),
        // Binding and dispatching.
        (words(&["bind", &none, "--request", "request.json"]), Rule("unknown-permit")),
        (words(&["bind", "x", "--request", "request.json"]), Error("no permit id")),
        (words(&["bind", &two, "--request", "request.json"]), Rule("PERMIT-06")),
        (words(&["bind", &four, "--request", "request.json"]), Rule("PERMIT-26")),
        (words(&["bind", &one, "--request", "request.json"]), Rule("permit-closed")),
        (words(&["dispatch", &three, "--request", "request.json"]), Rule("PERMIT-05")),
        (words(&["dispatch", &two, "--request", "request.json"]), Rule("PERMIT-06")),
        (words(&["dispatch", &five, "--request", "request.json"]), Rule("permit-dispatched")),
        (words(&["dispatch", &six, "--request", "request.json"]), Rule("permit-revoked")),
        (
            words(&[
                "dispatch",
                &seven,
                "--request",
                "request.json",
                "--at",
                "2026-05-11T10:00:00Z",
            ]),
            Rule("PERMIT-13"),
        ),
        // Closing.
        (words(&["close", &one, "--status", "closed"]), Rule("permit-closed")),
        (words(&["close", &two, "--status", "timeout"]), Rule("PERMIT-06")),
        (words(&["close", &three, "--status", "closed"]), Rule("PERMIT-05")),
        (words(&["close", &six, "--status", "timeout"]), Rule("permit-revoked")),
        (words(&["close", &five, "--status", "closed"]), Rule("CLOSE-05")),
        (
            words(&["close", &five, "--status", "closed", "--client-response", "response.bin"]),
            Rule("CLOSE-05"),
        ),
        (words(&["close", &five, "--status", "dispatch_error"]), Rule("CLOSE-09")),
        (
            words(&["close", &four, "--status", "timeout", "--provider-response", "response.bin"]),
            Rule("CLOSE-09"),
        ),
        (words(&["close", &five, "--status", "client_digest_missing"]), Rule("CLOSE-06")),
        (
            words(&[
                "close",
                &five,
                "--status",
                "provider_digest_missing",
                "--provider-response",
                "response.bin",
            ]),
            Rule("CLOSE-06"),
        ),
        (
            words(&[
                "close",
                &five,
                "--status",
                "missing_closure",
                "--client-response",
                "response.bin",
            ]),
            Rule("CLOSE-20"),
        ),
        (words(&["close", &five, "--status", "finished"]), Error("no closure status")),
        (
            words(&["close", &five, "--status", "timeout", "--client-digest", "AA"]),
            Error("no digest"),
        ),
        (
            words(&[
                "close",
                &five,
                "--status",
                "timeout",
                "--completed-at",
                "2026-05-11T08:00:00Z",
            ]),
            Rule("time-order"),
        ),
        (words(&["close", &five, "--status", "timeout", "--key", &export_key]), Rule("KEY-01")),
        (
            words(&["close", &five, "--status", "timeout", "--key", "request.json"]),
            Error("private key"),
        ),
        (
            words(&["close", &five, "--status", "timeout", "--output", "request.json"]),
            Error("exists already"),
        ),
        (
            words(&["close", &five, "--status", "timeout", "--output", "no/such/folder"]),
            Error("cannot be written"),
        ),
        // Revoking.
        (words(&["revoke", &none, "--actor", ACTOR, "--reason", "x.y"]), Rule("unknown-permit")),
        (words(&["revoke", &six, "--actor", ACTOR, "--reason", "x.y"]), Rule("permit-revoked")),
        (words(&["revoke", &one, "--actor", ACTOR, "--reason", "x.y"]), Rule("permit-closed")),
        (
            words(&["revoke", &four, "--actor", "alice@example.org", "--reason", "x.y"]),
            Error("no actor"),
        ),
        (
            words(&["revoke", &four, "--actor", ACTOR, "--reason", "because I say so"]),
            Error("no reason code"),
        ),
        // Events.
        (words(&["append", "--type", "permit.closed", "--permit", &five]), Rule("event-reserved")),
        (words(&["append", "--type", "x", "--permit", &none]), Rule("unknown-permit")),
        (words(&["append", "--input", "about.json"]), Rule("unknown-permit")),
        (words(&["append", "--input", "about.json", "--permit", &five]), Rule("other-permit")),
        (words(&["append", "--input", "digest.json", "--permit", &five]), Rule("event-reserved")),
        (words(&["append", "--input", "deep.json"]), Error("cannot be kept")),
        (words(&["append", "--type", "a|b"]), Rule("CHAIN-01")),
        (words(&["append", "--type", "x", "--outcome", ""]), Rule("CHAIN-02")),
        // Time.
        (words(&["append", "--type", "x", "--at", "yesterday"]), Error("no time")),
        (words(&["append", "--type", "x", "--at", "2026-05-11T20:00:00+02:00"]), Rule("CHAIN-05")),
        (
            words(&["append", "--type", "x", "--at", "2026-05-11T20:00:00.0000001Z"]),
            Rule("CHAIN-04"),
        ),
        (
            words(&["append", "--type", "x", "--permit", &five, "--at", "2026-05-11T08:00:00Z"]),
            Rule("time-order"),
        ),
        // Keys.
        (words(&["checkpoint", "--key", &binding_key]), Rule("KEY-01")),
        (words(&["checkpoint", "--at", "2025-01-01T00:00:00Z"]), Rule("KEY-03")),
        (words(&["checkpoint", "--keys", "nowhere"]), Error("cannot be read")),
        (words(&["export", "x.json", "--key", &binding_key]), Rule("KEY-01")),
        // Exports.
        (words(&["export", "request.json"]), Error("exists already")),
        (words(&["export", "no/such/folder/x.json"]), Error("cannot be written")),
        (words(&["export", "s/journal", "--force"]), Error("a part of the store")),
        (words(&["checkpoint", "--output", "s/journal", "--force"]), Error("a part of the store")),
        (
            words(&["keys", "manifest", "--output", "s/keys/key-manifest.json", "--force"]),
            Error("a part of the store"),
        ),
        (words(&["export", "s/keys/key-manifest.json", "--force"]), Error("a part of the store")),
        (words(&["export", "s", "--force"]), Error("no regular file")),
        (words(&["export", "x.json", "--pin", "closure.v9"]), Error("no claim")),
        (words(&["export", "x.json", "--to", "2026-05-11T08:00:00Z"]), Rule("AMB-49")),
        // Stores.
        (words(&["init", "--project-id", crate::support::PROJECT]), Error("already")),
        (words(&["init", "--project-id", "shop"]), Error("no project id")),
    ];
    for (args, expected) in cases {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let before = folder.everything();
        let answer = folder.run(&args);
        match expected {
            Rule(rule) => assert_eq!(
                (answer.status, answer.text("rule")),
                (1, rule),
                "{args:?}: {:?}",
                answer.json
            ),
            Error(part) => {
                assert_eq!(answer.status, 2, "{args:?}: {:?}", answer.json);
                assert!(answer.text("message").contains(part), "{args:?}: {:?}", answer.json);
                assert!(!answer.text("help").is_empty(), "{args:?}");
            }
        }
        assert!(folder.everything() == before, "{args:?} changed something");
    }
}

#[test]
fn permit_27_other_bytes_are_not_dispatched_and_the_attempt_is_recorded() {
    let folder = Folder::with_store();
    folder.permit("allow", 1, &[]).done();
    let before = folder.read("s/journal");
    let refused =
        folder.run(&["dispatch", &id(1), "--request", "other-request.json"]).refused("PERMIT-27");
    let event = refused.get("recorded_event_id").and_then(Value::as_str).unwrap();
    let after = folder.read("s/journal");
    assert!(after.starts_with(&before) && String::from_utf8_lossy(&after).contains(event));
    // The permit stands where it stood: the right bytes may still go out.
    folder.run(&["dispatch", &id(1), "--request", "request.json"]).done();
    folder.run(&["export", "export.json"]).done();
    let walk = permit_verifier::Layers { walk_events: true, verify_closure: false };
    assert!(folder.verify("export.json", walk).passed());
}

#[test]
fn pchain_18_denied_delegations_say_which_rule() {
    let folder = Folder::with_store();
    folder.write(
        "late.json",
        &String::from_utf8(folder.read("root.json")).unwrap().replace("2027", "2028"),
    );
    folder.permit("allow", 1, &["--no-bind", "--envelope", "root.json"]).done();
    folder.permit("allow", 2, &["--no-bind"]).done();
    for (parent, envelope, rule) in [
        (1, "more.json", "PCHAIN-12"),
        (1, "late.json", "PCHAIN-13"),
        (2, "less.json", "PCHAIN-12"),
        (77, "less.json", "PCHAIN-12"),
    ] {
        let refused = folder.delegate(parent, 9, envelope).refused(rule);
        assert!(refused.get("recorded_event_id").is_some());
    }
    // A revoked ancestor takes the authority of all below it.
    folder.delegate(1, 3, "less.json").done();
    folder.run(&["revoke", &id(1), "--actor", ACTOR, "--reason", "operator.requested"]).done();
    let refused = folder.delegate(3, 4, "less.json").refused("PCHAIN-24");
    assert!(refused.get("reason").and_then(Value::as_str).unwrap().contains("parent.revoked"));
}

#[test]
fn a_permit_that_was_revoked_while_its_request_was_out_is_still_closed() {
    let folder = Folder::with_store();
    folder.executed(1);
    folder.run(&["revoke", &id(1), "--actor", ACTOR, "--reason", "operator.requested"]).done();
    folder.close(1, "client_disconnected", &["--provider-response", "response.bin"]).done();
    folder.run(&["export", "export.json"]).done();
    let report = folder
        .verify("export.json", permit_verifier::Layers { walk_events: true, verify_closure: true });
    assert!(report.passed(), "{:#?}", report.findings);
}

#[test]
fn two_writers_cannot_fork_a_chain() {
    let folder = project();
    let before = folder.read("s/journal");
    let store = ProjectStore::open(&folder.path("s"), Access::WaitToWrite).unwrap();
    folder.impatient(&["append", "--type", "x"]).error("in use");
    folder.impatient(&["status"]).error("in use");
    drop(store);
    assert_eq!(folder.read("s/journal"), before);
    // Those who wait come one after the other.
    let children: Vec<_> = (0..4)
        .map(|_| {
            folder
                .command(&["append", "--type", "x"])
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    folder.run(&["export", "events.json", "--form", "events"]).done();
    let walk = permit_verifier::Layers { walk_events: true, verify_closure: false };
    assert!(folder.verify("events.json", walk).passed());
    // Those who only read do not disturb each other.
    let reader = ProjectStore::open(&folder.path("s"), Access::WaitToRead).unwrap();
    folder.run(&["status"]).done();
    drop(reader);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_to_is_read_all_the_same() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = project();
    let before = folder.everything();
    let mode = |path: &str, mode| {
        fs::set_permissions(folder.path(path), fs::Permissions::from_mode(mode)).unwrap()
    };
    mode("s/journal", 0o444);
    mode("s", 0o555);
    folder.run(&["status"]).done();
    if fs::File::create(folder.path("s/probe")).is_ok() {
        println!("skipped: this user may write into read-only folders");
        fs::remove_file(folder.path("s/probe")).unwrap();
    } else {
        folder.run(&["append", "--type", "x"]).error("cannot be opened");
    }
    mode("s", 0o755);
    mode("s/journal", 0o644);
    assert!(folder.everything() == before);
}

#[test]
fn what_is_wrong_on_the_command_line_is_status_2() {
    let folder = Folder::new();
    for args in
        [&["permit", "maybe"][..], &["close"], &["keys", "generate", "--purpose", "x"], &["sing"]]
    {
        let output = folder.command(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
    assert_eq!(folder.command(&["--help"]).output().unwrap().status.code(), Some(0));
    folder.run(&["status"]).error("cannot be opened");
}
