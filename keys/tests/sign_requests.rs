// SPDX-License-Identifier: Apache-2.0

//! One line to a program that holds a key, and one back.

#![cfg(test)]

use permit_keys::{SignRequest, Signer, SignerError, SoftwareKey};
use proptest::prelude::*;

fn key() -> SoftwareKey {
    SoftwareKey::from_seed(&[7; 32])
}

fn unavailable(error: SignerError) -> String {
    match error {
        SignerError::Unavailable { reason } => reason,
        other => panic!("{other}"),
    }
}

#[test]
fn the_line_is_as_documented() {
    let request = SignRequest::new(key().public_key(), b"sha256:ab");
    let public_key = key().public_key();
    let expected = format!(
        "{{\"message\":\"c2hhMjU2OmFi\",\"protocol\":\"permit-signer/1\",\"public_key\":\"{public_key}\"}}\n"
    );
    assert_eq!(request.to_line(), expected);
}

#[test]
fn answers_that_are_no_signature_are_errors() {
    let request = SignRequest::new(key().public_key(), b"message");
    let good = key().sign(b"message").unwrap().prefixed().to_string();
    let other = key().sign(b"another").unwrap().prefixed().to_string();
    let line = |text: &str| format!("{text}\n");
    assert!(
        request
            .read_answer(line(&format!(r#"{{"signature":"{good}","version":2}}"#)).as_bytes())
            .is_ok()
    );
    assert_eq!(
        request.read_answer(line(&format!(r#"{{"signature":"{other}"}}"#)).as_bytes()),
        Err(SignerError::WrongSignature)
    );
    assert_eq!(
        request.read_answer(line(r#"{"error":"refused","reason":"not today"}"#).as_bytes()),
        Err(SignerError::Refused { reason: "not today".into() })
    );
    for (answer, part) in [
        (line(r#"{"error":"busy"}"#), "no reason"),
        (format!(r#"{{"signature":"{good}"}}"#), "no whole line"),
        (line("{}"), "no `signature`"),
        (line("[]"), "no object"),
        (line("nonsense"), "byte"),
        (String::new(), "no whole line"),
        (
            line(&format!(r#"{{"signature":"{}"}}"#, good.trim_start_matches("ed25519:"))),
            "signature",
        ),
        (line(&format!(r#"{{"signature":"{good}","signature":"{good}"}}"#)), "duplicate"),
        (line(&format!(r#"{{"signature":"{good}","pad":"{}"}}"#, "x".repeat(4096))), "4096"),
    ] {
        let error = request.read_answer(answer.as_bytes()).unwrap_err();
        let reason = unavailable(error);
        assert!(reason.contains(part), "{answer}: {reason}");
    }
}

proptest! {
    #[test]
    fn nothing_but_the_signature_passes(answer in prop::collection::vec(any::<u8>(), 0..200)) {
        let request = SignRequest::new(key().public_key(), b"message");
        prop_assert!(request.read_answer(&answer).is_err());
    }
}
