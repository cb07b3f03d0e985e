// SPDX-License-Identifier: Apache-2.0

//! Claim `checkpoint.signature.v1`.

use permit_checkpoint::CheckpointTrust;
use permit_claims::Unsupported::{Disproved, InsufficientEvidence};
use permit_keys::{Mode, TrustChannel};
use serde_json::{Value as Json, json};

use crate::bent::{
    COMPUTED_AT, checkpoint, judged, key, root, roots, sealed_anew, signature_fault, told,
};

const UNRESOLVABLE: &str = "TRUST_ROOT_UNRESOLVABLE";
const NOT_VERIFIED: &str = "SIGNATURE_VERIFICATION_FAILED";

/// The verdict and the code.
fn fault(
    checkpoint: &Json,
    trust: &CheckpointTrust<'_>,
) -> Option<(permit_claims::Unsupported, &'static str)> {
    signature_fault(checkpoint, trust).map(|(verdict, code, ..)| (verdict, code))
}

fn bent(bend: impl FnOnce(&mut Json)) -> Json {
    let mut checkpoint = checkpoint();
    bend(&mut checkpoint);
    checkpoint
}

fn without(name: &str) -> Json {
    bent(|checkpoint| {
        checkpoint.as_object_mut().unwrap().remove(name);
    })
}

#[test]
fn sem_02_a_trusted_key_signed_the_composite_hash() {
    let root = root(|_| {});
    let pinned = key().public_key().to_string();
    for (trust, self_attested) in [
        (CheckpointTrust::keys(&root), false),
        (CheckpointTrust::pinned(&pinned), false),
        (CheckpointTrust::self_attested(), true),
    ] {
        for checkpoint in [checkpoint(), without("public_key")] {
            if self_attested && checkpoint.get("public_key").is_none() {
                continue;
            }
            judged(&checkpoint, &trust, |facts| {
                let proof = facts.signature().unwrap().unwrap();
                assert_eq!(proof.is_self_attested(), self_attested);
                assert_eq!(proof.key_text(), pinned);
                assert_eq!(proof.key_id(), key().key_id().to_string());
                assert_eq!(facts.reported_key_id().as_deref(), Some(proof.key_id()));
                let signed = facts.signed().unwrap();
                assert_eq!(signed.heads().get("project:1").unwrap().sequence_number(), 8);
                assert_eq!(signed.composite_hash(), facts.composite_hash().unwrap().digest());
                assert_eq!(signed.facts().computed_at(), Some(COMPUTED_AT));
                assert_eq!(signed.signature().key_text(), pinned);
            });
        }
    }
    let channel = judged(&checkpoint(), &CheckpointTrust::keys(&root), |facts| {
        facts.signature().unwrap().unwrap().checked().channel()
    });
    assert_eq!(channel, TrustChannel::KeyManifest { entry: 0 });
}

#[test]
fn sem_02_the_key_names_itself_if_the_checkpoint_does_not() {
    let own = key().key_id().to_string();
    for absent in [without("key_id"), bent(|checkpoint| checkpoint["key_id"] = json!(7))] {
        judged(&absent, &CheckpointTrust::self_attested(), |facts| {
            assert_eq!(facts.signature().unwrap().unwrap().key_id(), own);
            assert_eq!(facts.key_id(), None);
        });
    }
    let named = bent(|checkpoint| checkpoint["key_id"] = json!("key 1"));
    judged(&named, &CheckpointTrust::self_attested(), |facts| {
        assert_eq!(facts.reported_key_id().as_deref(), Some("key 1"));
    });
}

#[test]
fn sem_02_without_a_signature_nothing_is_shown() {
    let missing = Some((InsufficientEvidence, "CHECKPOINT_SIGNATURE_MISSING"));
    let root = root(|_| {});
    let unsigned = bent(|checkpoint| checkpoint["signature"] = json!(null));
    for trust in [
        CheckpointTrust::keys(&root),
        CheckpointTrust::pinned("no key at all"),
        CheckpointTrust::self_attested(),
        CheckpointTrust::none(),
    ] {
        assert_eq!(fault(&unsigned, &trust), missing);
        assert_eq!(fault(&without("signature"), &trust), missing);
    }
    let number = bent(|checkpoint| checkpoint["signature"] = json!(7));
    let told = signature_fault(&number, &CheckpointTrust::self_attested()).unwrap();
    assert_eq!((told.2, &*told.3), ("SEM-02", "/signature"));
}

#[test]
fn sem_02_a_forged_signature_is_disproved() {
    let zeros = format!("ed25519:{}==", "A".repeat(86));
    let of_another_hash = sealed_anew(json!({}), "other heads")["signature"].take();
    let genuine = checkpoint()["signature"].take();
    let bare = genuine.as_str().unwrap().trim_start_matches("ed25519:").to_owned();
    let root = root(|_| {});
    for signature in [
        json!(zeros),
        of_another_hash,
        json!(""),
        json!("ed25519:"),
        json!(format!("ED25519:{bare}")),
        json!(format!("ed25519:ed25519:{bare}")),
    ] {
        let forged = bent(|checkpoint| checkpoint["signature"] = signature.clone());
        for trust in [CheckpointTrust::keys(&root), CheckpointTrust::self_attested()] {
            let told = signature_fault(&forged, &trust).unwrap();
            assert_eq!((told.0, told.1), (Disproved, NOT_VERIFIED), "{signature}");
            assert_eq!((told.2, &*told.3), ("SEM-02", "/signature"));
        }
    }
    let without_prefix = bent(|checkpoint| checkpoint["signature"] = json!(bare));
    assert_eq!(fault(&without_prefix, &CheckpointTrust::keys(&root)), None, "as the reference");
}

#[test]
fn difference_a_signature_has_one_text() {
    // The reference drops what is not base64.
    let genuine = checkpoint()["signature"].as_str().unwrap().to_owned();
    for spelling in
        [format!("{genuine}\n"), genuine.replacen("ed25519:", "ed25519: ", 1), genuine + "="]
    {
        let bent = bent(|checkpoint| checkpoint["signature"] = json!(spelling));
        let told = fault(&bent, &CheckpointTrust::self_attested());
        assert_eq!(told, Some((Disproved, NOT_VERIFIED)), "{spelling}");
    }
}

#[test]
fn sem_02_an_expected_key_is_written_with_its_algorithm() {
    let text = key().public_key().to_string();
    let bare = text.trim_start_matches("ed25519:").to_owned();
    for pinned in ["", "x", &bare, &format!("ED25519:{bare}"), &format!(" {text}")] {
        let told = fault(&checkpoint(), &CheckpointTrust::pinned(pinned));
        let code = "CHECKPOINT_PUBLIC_KEY_INVALID";
        assert_eq!(told, Some((InsufficientEvidence, code)), "{pinned}");
    }
}

#[test]
fn difference_an_expected_key_that_is_none_disproves_nothing() {
    // The reference calls the signature disproved, though the caller's key is at fault; and
    // crashes on some if the checkpoint names no key.
    let small_order = "ed25519:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for pinned in ["ed25519:", "ed25519:AAAA", "ed25519:é", small_order] {
        for checkpoint in [checkpoint(), without("key_id")] {
            let told = fault(&checkpoint, &CheckpointTrust::pinned(pinned));
            let code = "CHECKPOINT_PUBLIC_KEY_INVALID";
            assert_eq!(told, Some((InsufficientEvidence, code)), "{pinned}");
        }
    }
}

#[test]
fn sem_02_no_trust_root_is_insufficient() {
    let unresolvable = Some((InsufficientEvidence, UNRESOLVABLE));
    assert_eq!(fault(&checkpoint(), &CheckpointTrust::none()), unresolvable);
    type Bend = (&'static str, fn(&mut Json));
    let bends: [Bend; 3] = [
        ("another id", |entry| entry["key_id"] = json!("sha256:00")),
        ("another purpose", |entry| entry["purpose"] = json!("export_signing")),
        ("no key", |entry| entry["public_key"] = json!(null)),
    ];
    for (what, bend) in bends {
        let root = root(bend);
        let trust = CheckpointTrust::keys(&root);
        assert_eq!(fault(&checkpoint(), &trust), unresolvable, "{what}");
        // The key that the checkpoint brings along is not a way out.
        judged(&checkpoint(), &trust, |facts| {
            let fault = &facts.signature().unwrap().unwrap_err().fault;
            let code = fault.reason().code().unwrap().as_str();
            assert_eq!(code, "UNKNOWN_SIGNING_KEY", "{what}");
        });
    }
    let self_attested = CheckpointTrust::self_attested();
    assert_eq!(fault(&without("public_key"), &self_attested), unresolvable);
    let number = bent(|checkpoint| checkpoint["public_key"] = json!(7));
    assert_eq!(fault(&number, &self_attested), unresolvable);
}

#[test]
fn key_01_without_an_id_time_has_to_leave_one_key() {
    let entry = |seed: u8, from: &str, to: Json| {
        let key =
            permit_keys::Signer::public_key(&permit_keys::SoftwareKey::from_seed(&[seed; 32]));
        json!({"purpose": "integrity_checkpoint", "public_key": key.to_string(), "valid_from": from, "valid_to": to})
    };
    let unnamed = without("key_id");
    let told_apart = roots(&[
        entry(6, "2025-01-01", json!("2025-12-31T23:59:59Z")),
        entry(7, "2026-01-01", json!(null)),
    ]);
    assert_eq!(fault(&unnamed, &CheckpointTrust::keys(&told_apart)), None);
    let both = roots(&[entry(6, "2025-01-01", json!(null)), entry(7, "2026-01-01", json!(null))]);
    let unresolvable = Some((InsufficientEvidence, UNRESOLVABLE));
    assert_eq!(fault(&unnamed, &CheckpointTrust::keys(&both)), unresolvable);
    let neither =
        roots(&[entry(6, "2027-01-01", json!(null)), entry(7, "2027-01-01", json!(null))]);
    assert_eq!(fault(&unnamed, &CheckpointTrust::keys(&neither)), unresolvable);
}

#[test]
fn difference_key_03_a_named_key_counts_in_its_window_only() {
    // The reference leaves the window out if the checkpoint names its key.
    let expired = Some((Disproved, "KEY_EXPIRED_AT_SIGNING_TIME"));
    let cases: [(&str, &str, _); 4] = [
        ("valid_to", "2026-05-07T11:59:59Z", expired),
        ("valid_to", COMPUTED_AT, None),
        ("valid_from", "2026-05-07T12:00:01Z", expired),
        ("valid_from", "2026-05-07T14:00:00+02:00", None),
    ];
    for (bound, time, told) in cases {
        let root = root(|entry| entry[bound] = json!(time));
        assert_eq!(fault(&checkpoint(), &CheckpointTrust::keys(&root)), told, "{bound} {time}");
    }
    let root = root(|entry| entry["valid_to"] = json!("soon"));
    let told = fault(&checkpoint(), &CheckpointTrust::keys(&root));
    assert_eq!(told, Some((InsufficientEvidence, UNRESOLVABLE)), "KEY-07");
}

#[test]
fn difference_key_03_without_a_time_the_window_has_to_be_open() {
    let unresolvable = Some((InsufficientEvidence, UNRESOLVABLE));
    let limited = root(|_| {});
    let open = root(|entry| entry["valid_from"] = json!(null));
    for time in [json!(null), json!("yesterday"), json!(1_778_155_200)] {
        let timeless = bent(|checkpoint| checkpoint["computed_at"] = time.clone());
        assert_eq!(fault(&timeless, &CheckpointTrust::keys(&limited)), unresolvable, "{time}");
        assert_eq!(fault(&timeless, &CheckpointTrust::keys(&open)), None, "{time}");
    }
}

#[test]
fn difference_key_04_revoked_and_compromised_keys_are_refused() {
    let revoked = Some((Disproved, "SIGNING_KEY_REVOKED"));
    type Bend = (&'static str, fn(&mut Json), Option<(permit_claims::Unsupported, &'static str)>);
    let bends: [Bend; 4] = [
        ("compromised", |entry| entry["status"] = json!("compromised"), revoked),
        ("revoked", |entry| entry["status"] = json!("revoked"), revoked),
        ("revoked before", |entry| entry["revoked_at"] = json!("2026-05-01T00:00:00Z"), revoked),
        ("revoked after", |entry| entry["revoked_at"] = json!("2026-06-01T00:00:00Z"), None),
    ];
    for (what, bend, told) in bends {
        let root = root(bend);
        assert_eq!(fault(&checkpoint(), &CheckpointTrust::keys(&root)), told, "{what}");
    }
}

#[test]
fn difference_key_05_test_keys_count_in_test_mode_only() {
    let unresolvable = Some((InsufficientEvidence, UNRESOLVABLE));
    let of_tests = bent(|checkpoint| checkpoint["key_id"] = json!("keel-test-checkpoint-01"));
    let root = root(|entry| entry["key_id"] = json!("keel-test-checkpoint-01"));
    let pinned = key().public_key().to_string();
    for trust in [
        CheckpointTrust::keys(&root),
        CheckpointTrust::pinned(&pinned),
        CheckpointTrust::self_attested(),
    ] {
        assert_eq!(fault(&of_tests, &trust), unresolvable);
        assert_eq!(fault(&of_tests, &trust.in_mode(Mode::Test)), None);
    }
    let in_production = crate::bent::root(|_| {});
    let trust = CheckpointTrust::keys(&in_production).in_mode(Mode::Test);
    assert_eq!(fault(&checkpoint(), &trust), unresolvable, "CONFM-05");
}

#[test]
fn sem_02_the_key_inside_is_the_trusted_one_letter_by_letter() {
    let root = root(|_| {});
    let pinned = key().public_key().to_string();
    let bare = pinned.trim_start_matches("ed25519:");
    let other = "ed25519:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=";
    for embedded in [other, bare, "", "ed25519:"] {
        let bent = bent(|checkpoint| checkpoint["public_key"] = json!(embedded));
        for trust in [CheckpointTrust::keys(&root), CheckpointTrust::pinned(&pinned)] {
            let told = signature_fault(&bent, &trust).unwrap();
            assert_eq!((told.0, told.1), (Disproved, "CHECKPOINT_PUBLIC_KEY_MISMATCH"));
            assert_eq!((told.2, &*told.3), ("SEM-02", "/public_key"));
            judged(&bent, &trust, |facts| {
                assert_eq!(facts.reported_key_id(), Some(key().key_id().to_string()));
            });
        }
    }
    for no_text in [json!(null), json!(7)] {
        let bent = bent(|checkpoint| checkpoint["public_key"] = no_text);
        assert_eq!(fault(&bent, &CheckpointTrust::keys(&root)), None, "as the reference");
    }
}

#[test]
fn sem_02_who_vouches_for_himself_signs_with_the_key_inside() {
    let trust = CheckpointTrust::self_attested();
    for embedded in ["ed25519:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=", "", "junk"] {
        let bent = bent(|checkpoint| checkpoint["public_key"] = json!(embedded));
        assert_eq!(fault(&bent, &trust), Some((Disproved, NOT_VERIFIED)), "{embedded}");
    }
}

#[test]
fn sem_02_nothing_but_heads_is_signed() {
    // The docs say so; who relies on `checkpoint_id` or `computed_at` has to know.
    let edited = bent(|checkpoint| {
        checkpoint["checkpoint_id"] = json!("another");
        checkpoint["computed_at"] = json!("2026-05-08T12:00:00Z");
        checkpoint["note"] = json!("free");
    });
    let root = root(|_| {});
    judged(&edited, &CheckpointTrust::keys(&root), |facts| {
        assert!(facts.signed().is_some());
        assert_eq!(facts.checkpoint_id(), Some("another"));
        assert_eq!(facts.computed_at_instant().unwrap().to_string(), "2026-05-08T12:00:00Z");
    });
    let nameless = bent(|checkpoint| checkpoint["checkpoint_id"] = json!(""));
    judged(&nameless, &CheckpointTrust::keys(&root), |facts| {
        assert_eq!(facts.checkpoint_id(), None);
        assert!(facts.signature().unwrap().map_err(|fault| told(&fault.fault)).is_ok());
    });
}
