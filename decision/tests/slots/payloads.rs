// SPDX-License-Identifier: Apache-2.0

//! What the signature covers.

use permit_canonical_json::{Object, Value};
use permit_claims::Unsupported::Disproved;
use permit_decision::Slot;

use crate::bench::{
    ACCOUNT, AT, INTENT, envelope, given, judge, own, payload, permit, permit_with, signed, told,
    word,
};

fn expect(slot: Slot, permit: &Object<'_>, expected: &str) {
    let fault = judge(slot, permit).expect_err(&format!("{slot}: {permit:?}"));
    assert_eq!(told(&fault), (Disproved, expected), "{slot}: {}", fault.message());
}

fn bent(slot: Slot, name: &'static str, value: impl Into<Value<'static>>) -> Object<'static> {
    given(slot, permit(), |payload| payload.insert(name, value))
}

#[test]
fn a_given_payload_that_is_the_permits_own_is_as_good_as_none() {
    for slot in Slot::ALL {
        let own = payload(*slot, &permit());
        let by_slot = || Value::object([(slot.as_str(), own.clone())]);
        for name in ["permit_v2_signed_payloads", "signature_payloads"] {
            let mut in_permit = signed(*slot, permit());
            in_permit.insert(name, by_slot());
            assert!(judge(*slot, &in_permit).is_ok());
            let mut document = Object::default();
            document.insert("permit", signed(*slot, permit()));
            document.insert(name, by_slot());
            assert!(judge(*slot, &document).is_ok());
            document.insert(name, Value::object([(slot.as_str(), Object::default())]));
            expect(*slot, &document, &word(*slot, "INVALID"));
        }
    }
}

#[test]
fn the_first_given_payload_is_the_one() {
    let slot = Slot::OperatorApproval;
    let good = || Value::object([(slot.as_str(), payload(slot, &permit()))]);
    let bad = || Value::object([(slot.as_str(), Object::default())]);
    for (places, holds) in [
        ([Some(good()), Some(bad()), Some(bad()), Some(bad())], true),
        ([None, Some(good()), Some(bad()), Some(bad())], true),
        ([None, None, Some(good()), Some(bad())], true),
        ([None, None, None, Some(bad())], false),
        ([Some(bad()), Some(good()), Some(good()), Some(good())], false),
        ([Some(Value::object([(slot.as_str(), "x")])), None, None, None], true),
    ] {
        let mut permit = signed(slot, permit());
        let mut document = Object::default();
        let [a, b, c, d] = places;
        a.into_iter().for_each(|value| permit.insert("permit_v2_signed_payloads", value));
        b.into_iter().for_each(|value| permit.insert("signature_payloads", value));
        document.insert("permit", permit);
        c.into_iter().for_each(|value| document.insert("permit_v2_signed_payloads", value));
        d.into_iter().for_each(|value| document.insert("signature_payloads", value));
        assert_eq!(judge(slot, &document).is_ok(), holds, "{document:?}");
    }
}

#[test]
fn a_given_payload_with_invented_hashes_is_not_this_permits() {
    for slot in Slot::ALL {
        let invalid = word(*slot, "INVALID");
        for name in ["permit_canonical_hash", "issuer_signature_hash"] {
            expect(*slot, &bent(*slot, name, INTENT), &invalid);
        }
        // A genuine slot of one permit beside another one of the same id.
        let genuine = payload(*slot, &permit());
        let mut other = permit_with("decision", "deny");
        other.insert(slot.as_str(), envelope(*slot, &genuine, 2));
        other.insert("signature_payloads", Value::object([(slot.as_str(), genuine)]));
        expect(*slot, &other, &invalid);
    }
}

#[test]
fn a_hash_that_a_permit_states_of_itself_has_to_be_its_own() {
    for slot in Slot::ALL {
        for name in ["permit_canonical_hash", "canonical_hash"] {
            let right = payload(*slot, &permit()).get("permit_canonical_hash").unwrap().clone();
            let mut permit = permit();
            let genuine = payload(*slot, &permit);
            permit.insert(slot.as_str(), envelope(*slot, &genuine, 2));
            permit.insert(name, right);
            assert!(judge(*slot, &permit).is_ok(), "{slot} {name}");

            let with_wrong = |value: &'static str| {
                let mut permit = crate::bench::permit();
                let mut payload = payload(*slot, &permit);
                payload.insert("permit_canonical_hash", value);
                permit.insert(slot.as_str(), envelope(*slot, &payload, 2));
                permit.insert(name, value);
                permit
            };
            expect(*slot, &with_wrong(INTENT), &word(*slot, "INVALID"));
        }
        // What is no hash states none; the second name is then a member like any other.
        let mut permit = permit_with("canonical_hash", "none yet");
        permit.insert("permit_canonical_hash", "");
        assert!(judge(*slot, &signed(*slot, permit)).is_ok());
    }
}

#[test]
fn a_stated_hash_of_the_issuers_signature_counts_and_is_told() {
    for slot in Slot::ALL {
        let shown = judge(*slot, &signed(*slot, permit_with("issuer_signature_hash", INTENT)));
        assert!(shown.unwrap().issuer_hash_is_stated());
        let mut changed = signed(*slot, permit_with("issuer_signature_hash", INTENT));
        changed.insert("issuer_signature_hash", "d".repeat(64));
        expect(*slot, &changed, &word(*slot, "INVALID"));
        // What is no hash states none.
        assert!(judge(*slot, &signed_beside(*slot, "issuer_signature_hash", "x")).is_ok());
    }
}

/// A signed permit with a member beside, which its hash leaves out.
fn signed_beside(slot: Slot, name: &'static str, value: &'static str) -> Object<'static> {
    let mut permit = signed(slot, permit());
    permit.insert(name, value);
    permit
}

#[test]
fn a_given_payload_has_its_members_and_no_others() {
    for slot in Slot::ALL {
        let invalid = word(*slot, "INVALID");
        for member in payload(*slot, &permit()).members() {
            let name = member.name().to_owned();
            let missing = given(*slot, permit(), |payload| drop(payload.remove(&name)));
            expect(*slot, &missing, &invalid);
        }
        expect(*slot, &bent(*slot, "note", "x"), &invalid);
    }
}

#[test]
fn a_given_payload_is_about_what_the_slot_is_about() {
    for slot in Slot::ALL {
        let invalid = word(*slot, "INVALID");
        expect(*slot, &bent(*slot, "payload_type", "permit.v1"), "PAYLOAD_TYPE_MISMATCH");
        expect(*slot, &bent(*slot, "permit_id", ACCOUNT), &invalid);
        expect(*slot, &bent(*slot, "permit_canonical_hash", "x"), &invalid);
        expect(*slot, &bent(*slot, "issuer_signature_hash", ()), &invalid);
        expect(*slot, &bent(*slot, slot.signer_member(), "nobody"), &invalid);
        expect(*slot, &bent(*slot, slot.signer_member(), ACCOUNT), &word(*slot, "SIGNER_MISMATCH"));
        expect(*slot, &bent(*slot, "signed_at", AT.replace("12:30", "12:31")), &invalid);
    }
    let counter = Slot::CounterSignature;
    let other_intent = bent(counter, "execution_intent_hash", "d".repeat(64));
    expect(counter, &other_intent, "PERMIT_COUNTER_SIGNATURE_INTENT_MISMATCH");
    let audit = Slot::AuditAttestation;
    expect(audit, &bent(audit, "batch_id", "batch-2"), "PERMIT_AUDIT_ATTESTATION_BATCH_MISMATCH");
    assert_eq!(own(Slot::OperatorApproval), None);
}

#[test]
fn a_given_payload_makes_up_for_an_issuers_signature_that_is_not_there() {
    // Then nothing contradicts its hash, and `SlotShown` says nothing about that signature anyway.
    for slot in Slot::ALL {
        let mut permit = given(*slot, permit(), |_| {});
        permit.remove("signature");
        assert!(judge(*slot, &permit).is_ok());
    }
}
