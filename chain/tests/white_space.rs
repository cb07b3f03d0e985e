// SPDX-License-Identifier: Apache-2.0

//! White space in what is hashed (CHAIN-03).

#![cfg(test)]

use permit_canonical_json::Sha256Digest;
use permit_chain::{RecordHashInputs, record_hash_v1};
use permit_types::WrittenTime;

const PARTS: [&str; 6] = ["evt_1", "permit.created", "permit", "p_1", "success", "info"];

fn hash(parts: [&str; 6]) -> Sha256Digest {
    let [event_id, event_type, resource_type, resource_id, outcome, severity] = parts;
    let prev_hash = "0".repeat(64);
    record_hash_v1(&RecordHashInputs {
        event_id,
        event_type,
        resource_type,
        resource_id,
        outcome,
        severity,
        created_at: WrittenTime::split("2026-05-07T12:34:56Z").unwrap(),
        prev_hash: &prev_hash,
        sequence_number: 7,
    })
}

/// The formula written out, and each part with white space at either end: all hashes differ.
#[test]
fn chain_03_white_space_at_the_ends_of_texts_is_kept() {
    let zeros = "0".repeat(64);
    let expected = |parts: [&str; 6]| {
        let joined = format!("{}|2026-05-07T12:34:56.000000|{zeros}|7", parts.join("|"));
        Sha256Digest::of(joined.as_bytes())
    };
    let mut seen = std::collections::BTreeSet::from([hash(PARTS).to_string()]);
    assert_eq!(hash(PARTS), expected(PARTS));
    for index in 0..PARTS.len() {
        for blank in [" ", "\t", "\n", "\u{a0}"] {
            for text in [format!("{blank}{}", PARTS[index]), format!("{}{blank}", PARTS[index])] {
                let mut parts = PARTS;
                parts[index] = &text;
                assert_eq!(hash(parts), expected(parts), "{text:?}");
                assert!(seen.insert(hash(parts).to_string()), "{text:?}");
            }
        }
    }
}
