// SPDX-License-Identifier: Apache-2.0

//! One mutation, one verdict, one code, for each slot that has the check.

use permit_canonical_json::{Object, Value};
use permit_claims::{
    Claim,
    Unsupported::{self, Disproved, InsufficientEvidence},
};
use permit_decision::{Slot, slot_missing};
use permit_types::Artifact;

use crate::bench::{
    AT, BATCH, INTENT, PERMIT, SIGNER, bent, envelope, judge, key_id, object, own, payload, permit,
    permit_with, signed, told, word,
};

fn expect(slot: Slot, permit: &Object<'_>, verdict: Unsupported, end: &str) {
    let fault = judge(slot, permit).expect_err(&format!("{slot}: {permit:?}"));
    let expected = word(slot, end);
    assert_eq!(told(&fault), (verdict, expected.as_str()), "{slot}: {}", fault.message());
    assert!(!fault.finding.help.is_empty());
    assert_eq!(fault.finding.get("slot").unwrap_or(slot.as_str()), slot.as_str());
}

#[test]
fn each_slot_that_is_in_order_is_shown() {
    for slot in Slot::ALL {
        let shown = judge(*slot, &signed(*slot, permit())).unwrap();
        assert_eq!((shown.slot(), shown.permit_id(), shown.signer_id()), (*slot, PERMIT, SIGNER));
        assert_eq!((shown.signed_at(), shown.intent_or_batch()), (AT, own(*slot).map(|own| own.1)));
        assert_eq!(shown.evidence(), [format!("export.{slot}"), "key_registry".to_owned()]);
        assert!(!shown.issuer_hash_is_stated());
        assert!(slot.supported().is_success());
    }
}

#[test]
fn claims_and_slots_belong_together() {
    for (slot, claim, kind) in [
        (Slot::OperatorApproval, "permit.operator_approved.v1", "permit_operator_approval"),
        (Slot::CounterSignature, "permit.counter_signed.v1", "permit_counter_signature"),
        (Slot::AuditAttestation, "permit.audit_attested.v1", "permit_audit_attestation"),
    ] {
        assert_eq!((slot.claim().as_str(), slot.subject_kind()), (claim, kind));
        assert_eq!(Slot::of_claim(slot.claim()), Some(slot));
    }
    assert_eq!(Slot::of_claim(Claim::PermitDecision), None);
}

#[test]
fn a_slot_that_is_not_there_is_missing() {
    for slot in Slot::ALL {
        let mut other_format = signed(*slot, permit());
        other_format.insert("permit_format_version", "v3");
        let mut no_object = signed(*slot, permit());
        no_object.insert(slot.as_str(), "approved");
        for document in [Object::default(), permit(), other_format, no_object] {
            expect(*slot, &document, InsufficientEvidence, "INVALID");
        }
        assert_eq!(slot_missing(*slot, Artifact::Export).evidence, [format!("permit.{slot}")]);
    }
}

#[test]
fn a_permit_needs_an_id() {
    for slot in Slot::ALL {
        for bad in [
            "",
            "permit_1",
            "11111111aaaa4aaa8aaa111111111111",
            "{11111111-aaaa-4aaa-8aaa-111111111111}",
        ] {
            expect(*slot, &signed(*slot, permit_with("id", bad)), InsufficientEvidence, "INVALID");
        }
        // The other name for it stands in for an empty one.
        let mut other = permit_with("permit_id", PERMIT);
        other.insert("id", "");
        assert!(judge(*slot, &signed(*slot, other)).is_ok());
    }
}

#[test]
fn a_signature_for_another_slot_has_another_type() {
    for slot in Slot::ALL {
        for other in Slot::ALL.iter().filter(|other| *other != slot) {
            let mut permit = permit();
            permit.insert(slot.as_str(), envelope(*other, &payload(*other, &permit), 2));
            let fault = judge(*slot, &permit).unwrap_err();
            assert_eq!(told(&fault), (Disproved, "PAYLOAD_TYPE_MISMATCH"), "{slot} {other}");
        }
        for bad in [Value::from(()), "".into(), 1.into()] {
            let fault = judge(*slot, &bent(*slot, "payload_type", bad)).unwrap_err();
            assert_eq!(told(&fault), (Disproved, "PAYLOAD_TYPE_MISMATCH"));
        }
    }
}

#[test]
fn a_slot_has_its_members_and_no_others() {
    let members = ["signer_id", "key_id", "signed_at", "signed_payload_hash", "signature"];
    for slot in Slot::ALL {
        for name in members.into_iter().chain(own(*slot).map(|own| own.0)) {
            let mut permit = signed(*slot, permit());
            let mut envelope = permit.get(slot.as_str()).unwrap().as_object().unwrap().clone();
            envelope.remove(name).unwrap();
            permit.insert(slot.as_str(), envelope);
            expect(*slot, &permit, Disproved, "INVALID");
        }
        for name in ["note", "batch_id", "execution_intent_hash"] {
            if own(*slot).is_none_or(|own| own.0 != name) {
                expect(*slot, &bent(*slot, name, "x"), Disproved, "INVALID");
            }
        }
    }
}

#[test]
fn members_of_a_slot_have_their_forms() {
    let (upper, padded) = (key_id(2).to_uppercase(), format!("{} ", key_id(2)));
    for slot in Slot::ALL {
        for (name, bad) in [
            ("signer_id", "operator"),
            ("signer_id", "33333333cccc4ccc8ccc333333333333"),
            ("key_id", "6a3803d5f059902a"),
            ("key_id", &upper),
            ("key_id", &padded),
            ("signed_at", "2026-05-23T12:30:00Z"),
            ("signed_at", "2026-05-23T12:30:00.123Z"),
            ("signed_at", "2026-05-23T12:30:00.1234567Z"),
            ("signed_at", "2026-05-23T12:30:00.123456+00:00"),
            ("signed_at", "2026-05-23 12:30:00.123456Z"),
            ("signed_at", "2026-05-23t12:30:00.123456Z"),
            ("signed_at", "2026-05-23T12:30:00.123456z"),
            ("signed_at", "2026-02-30T12:30:00.123456Z"),
            ("signed_at", " 2026-05-23T12:30:00.123456Z"),
            ("signed_payload_hash", "sha256:00"),
            ("signature", "AAAA"),
        ] {
            expect(*slot, &bent(*slot, name, bad.to_owned()), Disproved, "INVALID");
        }
        for name in ["signer_id", "key_id", "signed_at", "signed_payload_hash", "signature"] {
            for bad in [Value::from(()), 7.into(), Value::array(["x"])] {
                expect(*slot, &bent(*slot, name, bad), Disproved, "INVALID");
            }
        }
        let prefixed = signed(*slot, permit());
        let signature = prefixed.get(slot.as_str()).unwrap().get("signature").unwrap();
        let prefixed = format!("ed25519:{}", signature.as_str().unwrap());
        expect(*slot, &bent(*slot, "signature", prefixed), Disproved, "INVALID");
    }
    let (counter, audit) = (Slot::CounterSignature, Slot::AuditAttestation);
    for bad in [Value::from(""), "cc".into(), INTENT.to_uppercase().into(), ().into()] {
        expect(counter, &bent(counter, "execution_intent_hash", bad), Disproved, "INVALID");
    }
    for bad in [Value::from(""), 7.into(), ().into()] {
        expect(audit, &bent(audit, "batch_id", bad), Disproved, "INVALID");
    }
}

#[test]
fn every_member_of_a_slot_is_bound() {
    let other = "33333333-cccc-4ccc-8ccc-333333333334";
    for slot in Slot::ALL {
        for (name, value) in [
            ("signer_id", other),
            ("signed_at", "2026-05-23T12:30:00.123457Z"),
            ("signed_payload_hash", INTENT),
        ] {
            expect(*slot, &bent(*slot, name, value), Disproved, "INVALID");
        }
        expect(*slot, &bent(*slot, "key_id", key_id(3)), InsufficientEvidence, "KEY_NOT_TRUSTED");
        expect(*slot, &bent(*slot, "signature", "A".repeat(86) + "=="), Disproved, "INVALID");
    }
    let changed = bent(Slot::CounterSignature, "execution_intent_hash", "d".repeat(64));
    expect(Slot::CounterSignature, &changed, Disproved, "INVALID");
    let changed = bent(Slot::AuditAttestation, "batch_id", BATCH.replace('1', "2"));
    expect(Slot::AuditAttestation, &changed, Disproved, "INVALID");
}

#[test]
fn every_member_of_a_permit_is_bound_but_those_that_come_later() {
    for slot in Slot::ALL {
        let good = signed(*slot, permit());
        for (name, value) in [
            ("decision", Value::from("deny")),
            ("limits", Value::from(object(r#"{"amount_max": 1.51}"#))),
            ("created_at", "2026-05-23T11:00:00.000000Z".into()),
            ("expires_at", ().into()),
            ("note", "new".into()),
            ("signature", Value::from(object(r#"{"signature": "MTEy"}"#))),
        ] {
            let mut permit = good.clone();
            permit.insert(name, value);
            expect(*slot, &permit, Disproved, "INVALID");
        }
        let mut permit = good;
        for other in Slot::ALL.iter().filter(|other| *other != slot) {
            permit.insert(other.as_str(), Object::default());
        }
        permit.insert("provider_attestation", "x");
        permit.insert("audit_batch", "another");
        permit.insert("batches", Value::array(["more"]));
        let later = object(r#"{"effective_at": "2026-05-24T00:00:00Z"}"#);
        permit.insert("revocation", later);
        assert!(judge(*slot, &permit).is_ok(), "{slot}");
    }
}

#[test]
fn a_permit_without_its_issuers_signature_has_no_payload() {
    for slot in Slot::ALL {
        for bad in [Value::from(()), "".into(), "  ".into(), 7.into(), Value::array(["x"])] {
            let mut permit = signed(*slot, permit());
            permit.insert("signature", bad);
            expect(*slot, &permit, InsufficientEvidence, "INVALID");
        }
        let text = signed(*slot, permit_with("signature", " MTEx\n"));
        assert!(judge(*slot, &text).is_ok(), "a text is hashed without the space around it");
    }
}

#[test]
fn canon_06_a_permit_without_a_canonical_form_has_no_payload() {
    for slot in Slot::ALL {
        for name in ["limits", "signature"] {
            let mut permit = signed(*slot, permit());
            permit.insert(name, object(r#"{"x": 1e999}"#));
            expect(*slot, &permit, InsufficientEvidence, "INVALID");
        }
    }
}

#[test]
fn a_signature_of_another_key_disproves() {
    for slot in Slot::ALL {
        let mut permit = permit();
        permit.insert(slot.as_str(), envelope(*slot, &payload(*slot, &permit), 3));
        let fault = judge(*slot, &permit).unwrap_err();
        let expected = word(*slot, "INVALID");
        assert_eq!(told(&fault), (Disproved, expected.as_str()));
        let evidence =
            [format!("export.{slot}"), "signature".to_owned(), "key_registry".to_owned()];
        assert_eq!(fault.evidence, evidence);
        assert_eq!(fault.finding.at.pointer.to_string(), format!("/{slot}/signature"));
        assert_eq!(fault.finding.get("permit_id"), Some(PERMIT));
    }
}
