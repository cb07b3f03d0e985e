// SPDX-License-Identifier: Apache-2.0

//! All of it once more, naively, and properties.

use std::collections::BTreeMap;

use permit_canonical_json::{Budget, Sha256Digest, read};
use permit_checkpoint::{
    ChainHeads, CheckpointRules, CheckpointTrust, TsaReceipt, judge_checkpoint,
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::bent::{checkpoint, judged, sealed_anew};

type Heads = BTreeMap<String, (u64, String)>;

/// The lines, as the specification writes them.
fn lines(heads: &Heads) -> String {
    let line =
        |(scope, (number, hash)): (&String, &(u64, String))| format!("{scope}:{number}:{hash}");
    heads.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn to_json(heads: &Heads) -> Json {
    let head = |(scope, (number, hash)): (&String, &(u64, String))| {
        (scope.clone(), json!({"sequence_number": number, "last_record_hash": hash}))
    };
    heads.iter().map(head).collect::<serde_json::Map<_, _>>().into()
}

/// Names and hashes of few characters, so that colons and digits meet.
fn heads() -> impl Strategy<Value = Heads> {
    let number = prop_oneof![0..4_u64, any::<u64>()];
    let head = (number, "[ab1:é]{0,4}");
    proptest::collection::btree_map("[ab:12é\u{1f600}\n]{0,5}", head, 0..5)
}

fn are_plain(heads: &Heads) -> bool {
    heads.iter().all(|(scope, (_, hash))| !scope.contains('\n') && !hash.contains([':', '\n']))
}

/// The composite hash; none if the heads are refused.
fn composite(heads: &Heads) -> Option<Sha256Digest> {
    let text = to_json(heads).to_string();
    let value = read(text.as_bytes(), &Budget::default()).unwrap();
    ChainHeads::read(Some(&value)).ok().map(|heads| heads.composite_hash())
}

proptest! {
    #[test]
    fn sem_01_the_hash_is_that_of_the_lines_and_odd_heads_are_refused(heads in heads()) {
        let expected = are_plain(&heads).then(|| Sha256Digest::of(lines(&heads).as_bytes()));
        prop_assert_eq!(composite(&heads), expected);
    }

    #[test]
    fn sem_01_different_heads_have_different_hashes(one in heads(), other in heads()) {
        let (one_hash, other_hash) = (composite(&one), composite(&other));
        if one != other && !(one_hash.is_none() && other_hash.is_none()) {
            prop_assert_ne!(one_hash, other_hash);
        }
    }

    #[test]
    fn sem_01_the_order_of_members_does_not_count(heads in heads()) {
        let mut reversed = String::from("{");
        for (index, (scope, (number, hash))) in heads.iter().rev().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            reversed += &format!("{comma}{}:{{\"last_record_hash\":{},\"sequence_number\":{number}}}", json!(scope), json!(hash));
        }
        reversed += "}";
        let value = read(reversed.as_bytes(), &Budget::default()).unwrap();
        let hash = ChainHeads::read(Some(&value)).ok().map(|heads| heads.composite_hash());
        prop_assert_eq!(hash, composite(&heads));
    }

    #[test]
    fn sem_01_and_sem_02_signed_heads_hold_and_edited_heads_do_not(heads in heads(), edited in heads()) {
        let mut checkpoint = checkpoint();
        checkpoint["chain_heads"] = to_json(&heads);
        let mut checkpoint = sealed_anew(checkpoint, &lines(&heads));
        let holds = |checkpoint: &Json| {
            judged(checkpoint, &CheckpointTrust::self_attested(), |facts| facts.signed().is_some())
        };
        prop_assert_eq!(holds(&checkpoint), are_plain(&heads));
        checkpoint["chain_heads"] = to_json(&edited);
        prop_assert!(heads == edited || !holds(&checkpoint));
    }

    #[test]
    fn anything_is_judged_without_a_panic(document in anything()) {
        let text = document.to_string();
        let value = read(text.as_bytes(), &Budget::default()).unwrap();
        for trust in [CheckpointTrust::self_attested(), CheckpointTrust::pinned("ed25519:x"), CheckpointTrust::none()] {
            if let Ok(facts) = judge_checkpoint(&value, &trust, &CheckpointRules::default()) {
                prop_assert!(facts.signed().is_none());
                let _ = (facts.checkpoint_id(), facts.reported_key_id(), facts.chain_heads_count());
            }
        }
    }

    #[test]
    fn any_bytes_are_no_receipt(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let text = json!({"tsa": {"receipt_b64": STANDARD.encode(&bytes)}}).to_string();
        let value = read(text.as_bytes(), &Budget::default()).unwrap();
        let receipts = TsaReceipt::all_of(&value);
        prop_assert!(receipts[0].check_imprint(Sha256Digest::of(b"heads")).is_err());
    }
}

/// Objects with the members of checkpoints and anything in them.
fn anything() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        Just(json!(1.5)),
        "(sha256:|ed25519:)?[a-z0-9+/=:\n]{0,6}".prop_map(|value| json!(value)),
        Just(json!("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")),
    ];
    let name = prop_oneof![
        Just("composite_hash"),
        Just("chain_heads"),
        Just("signature"),
        Just("public_key"),
        Just("key_id"),
        Just("computed_at"),
        Just("tsa"),
        Just("tsa_receipts"),
        Just("receipt_b64"),
        Just("sequence_number"),
        Just("last_record_hash"),
        Just("a"),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            proptest::collection::vec((name.clone(), inner), 0..6).prop_map(|members| {
                let named = members.into_iter().map(|(name, value)| (name.to_owned(), value));
                Json::Object(named.collect())
            }),
        ]
    })
}
