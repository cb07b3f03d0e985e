// SPDX-License-Identifier: Apache-2.0

//! What issuers make.

use std::time::{Duration, Instant};

use permit_chain::ChainHead;
use permit_checkpoint::{
    CheckpointTrust, DraftError, NewReceipt, ReceiptProblem, SealCheckpointError,
};
use permit_keys::{
    IntegrityCheckpoint, PublicKey, PurposeKey, Signature, Signer, SignerError, SoftwareKey,
};
use permit_types::{ChainScope, Rfc3339};
use serde_json::json;

use crate::{
    bent::{COMPUTED_AT, draft, head, judged, key, root, sealed, to_json},
    der::{algorithm, explicit, integer, null, octets, oid, seq, set},
};

fn token(imprint: &[u8]) -> Vec<u8> {
    let sha_256 = algorithm("2.16.840.1.101.3.4.2.1", Some(&null()));
    let info = seq(&[&integer(&[1]), &oid("1.2.3"), &seq(&[&sha_256, &octets(imprint)])]);
    let content = seq(&[&oid("1.2.840.113549.1.9.16.1.4"), &explicit(0, &octets(&info))]);
    let signed = seq(&[&integer(&[3]), &set(&[]), &content]);
    seq(&[&oid("1.2.840.113549.1.7.2"), &explicit(0, &signed)])
}

#[test]
fn what_is_sealed_holds_and_has_the_members_of_checkpoints() {
    let document = to_json(&sealed().to_value());
    let expected = json!({
        "checkpoint_id": "11111111-2222-4333-8444-555555555555",
        "computed_at": COMPUTED_AT,
        "chain_heads": {
            "admin:global": {
                "sequence_number": 1024,
                "last_record_hash": head("admin:global", 1024).prev_hash().to_string(),
            },
            "project:1": {
                "sequence_number": 8,
                "last_record_hash": head("project:1", 8).prev_hash().to_string(),
            },
        },
        "composite_hash": sealed().composite_hash().prefixed().to_string(),
        "signature": key().sign_checkpoint(sealed().composite_hash()).unwrap().to_string(),
        "public_key": key().public_key().to_string(),
        "key_id": key().key_id().to_string(),
    });
    assert_eq!(document, expected);
    let root = root(|_| {});
    judged(&document, &CheckpointTrust::keys(&root), |facts| assert!(facts.signed().is_some()));
}

#[test]
fn a_checkpoint_over_no_chains_is_one() {
    let document = to_json(&draft().seal(&key()).unwrap().to_value());
    assert_eq!(document["chain_heads"], json!({}));
    judged(&document, &CheckpointTrust::self_attested(), |facts| {
        assert!(facts.signed().unwrap().heads().heads().is_empty());
    });
}

#[test]
fn heads_that_are_none_cannot_be_drafted() {
    let empty = ChainHead::empty(ChainScope::new("project:1"));
    assert_eq!(
        draft().head(&empty).unwrap_err(),
        DraftError::EmptyChain { scope: "project:1".into() }
    );
    let twice = draft().head(&head("a", 1)).unwrap().head(&head("a", 2));
    assert_eq!(twice.unwrap_err(), DraftError::SecondHead { scope: "a".into() });
    let broken = draft().head(&head("a:1:x\nb", 2));
    let error = broken.unwrap_err();
    assert_eq!(error, DraftError::ScopeWithLineBreak { scope: "a:1:x\nb".into() });
    assert!(!error.to_string().contains('\n'));
}

#[test]
fn members_of_the_issuer_s_own_are_kept_and_others_are_not_replaced() {
    let sealed = draft().member("keel_version", "1").unwrap().seal(&key()).unwrap();
    assert_eq!(to_json(&sealed.to_value())["keel_version"], json!("1"));
    for name in ["chain_heads", "signature", "tsa", "tsa_receipts", "composite_hash"] {
        let refused = draft().member(name, "1").unwrap_err();
        assert_eq!(refused, DraftError::OwnMember { name: name.into() });
    }
    // Pins stand beside what they pin.
    assert!(draft().member("claim_set", "1").is_ok());
}

#[test]
fn sem_03_only_receipts_of_the_checkpoint_are_attached() {
    let mut checkpoint = sealed();
    let requested_at = Rfc3339::parse("2026-05-07T12:00:01Z").unwrap();
    let receipt = |token: &[u8], checkpoint: &mut permit_checkpoint::SealedCheckpoint| {
        let requested_at = &requested_at;
        let (provider, url) = ("one", "https://tsa.invalid");
        checkpoint.attach(&NewReceipt { provider, url, requested_at, token })
    };
    let good = token(checkpoint.composite_hash().as_bytes());
    receipt(&good, &mut checkpoint).unwrap();
    receipt(&good, &mut checkpoint).unwrap();
    let other = receipt(&token(&[0; 32]), &mut checkpoint).unwrap_err();
    assert!(matches!(other, ReceiptProblem::OtherHash { .. }));
    let response = seq(&[&seq(&[&integer(&[0])]), &good]);
    assert_eq!(receipt(&response, &mut checkpoint), Err(ReceiptProblem::WholeResponse));

    let document = to_json(&checkpoint.to_value());
    let receipts = document["tsa_receipts"].as_array().unwrap();
    assert_eq!(receipts.len(), 2);
    let names: Vec<_> = receipts[0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["provider", "receipt_b64", "receipt_hash", "requested_at", "url"]);
    judged(&document, &CheckpointTrust::self_attested(), |facts| {
        assert!(facts.signed().is_some());
        assert!(facts.imprints().unwrap().iter().all(Result::is_ok));
    });
}

#[test]
fn without_a_signature_there_is_no_checkpoint() {
    struct Refusing;
    impl Signer for Refusing {
        fn public_key(&self) -> PublicKey {
            SoftwareKey::from_seed(&[7; 32]).public_key()
        }
        fn sign(&self, _: &[u8]) -> Result<Signature, SignerError> {
            Err(SignerError::Refused { reason: "not today".into() })
        }
    }
    let key = PurposeKey::<IntegrityCheckpoint, _>::new(Refusing);
    let error = draft().seal(&key).unwrap_err();
    assert!(matches!(error, SealCheckpointError::Signer(SignerError::Refused { .. })));
}

#[test]
fn many_heads_take_time_in_proportion() {
    let heads = (0..100_000).map(|number| head(&format!("project:{number}"), number + 1));
    let started = Instant::now();
    let draft = heads.fold(draft(), |draft, head| draft.head(&head).unwrap());
    let document = draft.seal(&key()).unwrap().to_value();
    let trust = CheckpointTrust::self_attested();
    let rules = permit_checkpoint::CheckpointRules::default();
    let facts = permit_checkpoint::judge_checkpoint(&document, &trust, &rules).unwrap();
    let signed = facts.signed().unwrap();
    assert_eq!(signed.heads().get("project:99999").unwrap().sequence_number(), 100_000);
    assert!(started.elapsed() < Duration::from_secs(60));
}
