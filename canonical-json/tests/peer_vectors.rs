// SPDX-License-Identifier: Apache-2.0

//! Calls recorded from the reference verifier, where they are at hand.

#![cfg(test)]

use std::path::Path;

use permit_canonical_json::{Budget, Profile, Value, read, read_text};

const VECTORS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../shared/reference/peer-functions/canonical-json.jsonl"
);

#[test]
fn canon_14_recorded_calls_give_the_same_text() {
    if !Path::new(VECTORS).exists() {
        eprintln!("skipped: the recorded calls of the reference verifier are not at hand");
        return;
    }
    let text = std::fs::read_to_string(VECTORS).unwrap();
    let mut checked = 0;
    for line in text.lines() {
        let vector = read(line.as_bytes(), &Budget::default()).unwrap();
        let text_of = |name: &str| vector.get(name).and_then(Value::as_str).unwrap().to_owned();
        if text_of("function") != "canonical_json" {
            continue;
        }
        let value = vector.get("args").and_then(|args| args.get("value")).unwrap();
        let expected = vector.get("result").and_then(|result| result.get("returns")).unwrap();
        let expected = expected.as_str().unwrap();
        assert_eq!(Profile::Payload.to_text(value).unwrap(), expected, "{}", text_of("id"));
        assert_eq!(&read_text(expected, &Budget::default()).unwrap(), value);
        checked += 1;
    }
    assert!(checked >= 40, "only {checked} vectors were found");
}
