// SPDX-License-Identifier: Apache-2.0

//! Keys that other programs hold.

#![cfg(unix)]

use std::{ffi::OsString, time::Duration};

use permit_issuing::CommandSigner;
use permit_keys::{SignRequest, Signer, SignerError, SoftwareKey};

use crate::support::Folder;

fn held() -> SoftwareKey {
    SoftwareKey::from_seed(&[9; 32])
}

fn shell(script: &str) -> CommandSigner {
    let arguments = ["-c", script].map(OsString::from);
    CommandSigner::new(held().public_key(), "/bin/sh", arguments)
}

fn answer(message: &[u8]) -> String {
    format!(r#"{{"signature":"{}"}}"#, held().sign(message).unwrap().prefixed())
}

#[test]
fn a_program_signs_what_it_is_asked_to() {
    let line = SignRequest::new(held().public_key(), b"message").to_line();
    let script = format!(
        "read -r asked; [ \"$asked\" = '{}' ] || exit 3; echo '{}'",
        line.trim_end(),
        answer(b"message")
    );
    let signature = shell(&script).sign(b"message").unwrap();
    assert_eq!(
        signature.prefixed().to_string(),
        held().sign(b"message").unwrap().prefixed().to_string()
    );
    // Asked for anything else, the script ends with 3.
    assert!(matches!(shell(&script).sign(b"another"), Err(SignerError::Unavailable { .. })));
}

#[test]
fn programs_that_fail_give_no_signature() {
    let good = answer(b"message");
    for (script, part) in [
        ("exit 1".to_owned(), "no whole line"),
        (format!("printf %s '{good}'"), "no whole line"),
        ("echo nonsense".to_owned(), "cannot be used"),
        // Never reads, and answers for ever.
        ("exec cat /dev/zero".to_owned(), "4096"),
        // Answers to something else than its first line.
        ("echo; echo".to_owned(), "cannot be used"),
    ] {
        match shell(&script).sign(b"message") {
            Err(SignerError::Unavailable { reason }) => {
                assert!(reason.contains(part), "{script}: {reason}")
            }
            other => panic!("{script}: {other:?}"),
        }
    }
    let wrong = format!("echo '{}'", answer(b"another"));
    assert_eq!(shell(&wrong).sign(b"message"), Err(SignerError::WrongSignature));
    let refuses = r#"echo '{"error":"refused","reason":"no hands"}'"#;
    assert_eq!(
        shell(refuses).sign(b"message"),
        Err(SignerError::Refused { reason: "no hands".into() })
    );
    let missing = CommandSigner::new(held().public_key(), "/no/such/program", []);
    assert!(matches!(missing.sign(b"message"), Err(SignerError::Unavailable { .. })));
}

#[test]
fn a_program_that_does_not_answer_or_end_is_killed() {
    let soon = Duration::from_millis(100);
    match shell("exec sleep 600").time_limit(soon).sign(b"message") {
        Err(SignerError::Unavailable { reason }) => {
            assert!(reason.contains("no answer"), "{reason}")
        }
        other => panic!("{other:?}"),
    }
    // What it answered before is a signature all the same, and so is that of a program that fails afterwards.
    for after in ["exec sleep 600", "exec cat /dev/zero", "exit 1"] {
        let script = format!("echo '{}'; {after}", answer(b"message"));
        let limit = Duration::from_millis(3_000);
        assert!(shell(&script).time_limit(limit).sign(b"message").is_ok(), "{after}");
    }
}

/// The program writes down what it is asked, and answers once the answer is known.
#[test]
fn the_command_signs_with_a_key_that_another_program_holds() {
    let folder = Folder::with_store();
    folder.run(&["append", "--type", "note"]).done();
    let public_key = held().public_key().to_string();
    folder.write("signer.sh", "cat > asked.json; [ -f answer.json ] && cat answer.json || echo '{\"error\":\"unavailable\",\"reason\":\"no card\"}'\n");
    let command = "/bin/sh signer.sh";
    // It begins later than the key of the folder, so that it is the one to sign.
    let attach = [
        "keys",
        "attach",
        "--public-key",
        &public_key,
        "--purpose",
        "integrity_checkpoint",
        "--environment",
        "test",
        "--command",
        command,
    ];
    folder.run(&attach).done();
    let at = "2026-05-11T09:00:00Z";
    let before = folder.read("s/journal");
    folder.run(&["checkpoint", "--at", at]).error("no card");
    assert_eq!(folder.read("s/journal"), before);
    let asked = crate::support::json(&folder.read("asked.json"));
    let message = asked.get("message").and_then(|message| message.as_str()).unwrap().to_owned();
    let message = base64(&message);
    assert!(message.starts_with(b"sha256:"));
    folder.write("answer.json", &(answer(&message) + "\n"));
    let checkpoint = folder.run(&["checkpoint", "--at", at]).done();
    let signed_by = checkpoint.get("checkpoint").and_then(|document| document.get("public_key"));
    assert_eq!(signed_by.and_then(|key| key.as_str()), Some(public_key.as_str()));
}

/// Text of ASCII, decoded the long way.
fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.trim_end_matches('=').chars().map(|digit| DIGITS.find(digit).unwrap());
    let bits: String = digits.map(|digit| format!("{digit:06b}")).collect();
    let bytes = bits.as_bytes().chunks_exact(8).map(|byte| std::str::from_utf8(byte).unwrap());
    bytes.map(|byte| u8::from_str_radix(byte, 2).unwrap()).collect()
}
