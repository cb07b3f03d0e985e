// SPDX-License-Identifier: Apache-2.0

//! What signers make.

use permit_canonical_json::{Object, Sha256Digest, Value};
use permit_decision::{AuditAttestation, CounterSignature, OperatorApproval, Slot, SlotError};
use permit_types::{ActorId, Instant, NonEmptyText};

use crate::bench::{
    AT, BATCH, INTENT, SIGNER, buyer, judge, object, operator, permit, permit_with, signed,
};

fn sign(slot: Slot, permit: &Object<'_>) -> Result<Value<'static>, SlotError> {
    let (signer, signed_at) = (ActorId::parse(SIGNER).unwrap(), Instant::parse(AT).unwrap());
    match slot {
        Slot::OperatorApproval => {
            OperatorApproval { operator_id: signer, signed_at }.sign(permit, &operator(2))
        }
        Slot::CounterSignature => {
            let execution_intent_hash = Sha256Digest::from_hex(INTENT).unwrap();
            let slot =
                CounterSignature { buyer_principal_id: signer, execution_intent_hash, signed_at };
            slot.sign(permit, &buyer(2))
        }
        Slot::AuditAttestation => {
            let batch_id = NonEmptyText::parse(BATCH).unwrap();
            let slot = AuditAttestation { buyer_principal_id: signer, batch_id, signed_at };
            slot.sign(permit, &buyer(2))
        }
    }
}

#[test]
fn what_is_signed_is_shown_and_is_what_the_recipe_makes() {
    for slot in Slot::ALL {
        let mut made = permit();
        let value = sign(*slot, &made).unwrap();
        made.insert(slot.as_str(), value);
        assert_eq!(made, signed(*slot, permit()), "Ed25519 has one signature");
        assert!(judge(*slot, &made).is_ok());
    }
}

#[test]
fn slots_of_one_permit_do_not_depend_on_each_other() {
    let mut all = permit();
    for slot in Slot::ALL {
        let value = sign(*slot, &all).unwrap();
        all.insert(slot.as_str(), value);
    }
    for slot in Slot::ALL {
        assert!(judge(*slot, &all).is_ok(), "{slot}");
    }
}

#[test]
fn times_are_written_with_six_digits() {
    let text = "2026-05-23T12:30:00Z";
    let slot = OperatorApproval {
        operator_id: ActorId::parse(SIGNER).unwrap(),
        signed_at: Instant::parse(text).unwrap(),
    };
    let made = slot.sign(&permit(), &operator(2)).unwrap();
    assert_eq!(made.get("signed_at").unwrap().as_str(), Some("2026-05-23T12:30:00.000000Z"));
    let mut document = permit();
    document.insert("operator_approval", made);
    assert!(judge(Slot::OperatorApproval, &document).is_ok());
}

#[test]
fn permits_that_nobody_could_verify_are_not_signed() {
    for slot in Slot::ALL {
        let mut unsigned = permit();
        unsigned.remove("signature");
        assert_eq!(sign(*slot, &unsigned), Err(SlotError::NoIssuerSignature));
        assert_eq!(sign(*slot, &permit_with("id", "x")), Err(SlotError::NoPermitId));
        let foreign = permit_with("permit_canonical_hash", INTENT);
        assert_eq!(sign(*slot, &foreign), Err(SlotError::ForeignHash));
        let huge = permit_with("limits", object(r#"{"x": 1e999}"#));
        assert!(matches!(sign(*slot, &huge), Err(SlotError::NotCanonical(_))));
    }
}
