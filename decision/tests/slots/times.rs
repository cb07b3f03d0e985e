// SPDX-License-Identifier: Apache-2.0

//! Windows and revocations.

use permit_canonical_json::{Object, Value};
use permit_claims::Unsupported::Disproved;
use permit_decision::Slot;

use crate::bench::{AT, PERMIT, judge, object, permit, signed, told, word};

/// A permit with these times and no others, signed as it is.
fn with_times(slot: Slot, times: &[(&'static str, Value<'static>)]) -> Object<'static> {
    let mut permit = permit();
    permit.remove("created_at");
    permit.remove("expires_at");
    for (name, time) in times {
        permit.insert(*name, time.clone());
    }
    signed(slot, permit)
}

fn expect(slot: Slot, document: &Object<'_>, holds: bool) {
    match judge(slot, document) {
        Ok(_) => assert!(holds, "{slot}: {document:?}"),
        Err(fault) => {
            assert!(!holds, "{slot}: {}: {document:?}", fault.message());
            let expected = word(slot, "INVALID");
            assert_eq!(told(&fault), (Disproved, expected.as_str()));
        }
    }
}

const EARLY: &str = "2026-05-23T12:00:00Z";
const LATE: &str = "2026-05-23T13:00:00Z";

#[test]
fn a_slot_is_signed_while_the_permit_is_valid() {
    let from = |time: &str| ("created_at", Value::from(time.to_owned()));
    let until = |time: &str| ("expires_at", Value::from(time.to_owned()));
    for slot in Slot::ALL {
        let afterwards = *slot == Slot::AuditAttestation;
        expect(*slot, &with_times(*slot, &[from(EARLY), until(LATE)]), true);
        expect(*slot, &with_times(*slot, &[from(AT), until(AT)]), true);
        // One instant in another zone.
        let elsewhere = "2026-05-23T14:30:00.123456+02:00";
        expect(*slot, &with_times(*slot, &[from(elsewhere), until(elsewhere)]), true);
        expect(*slot, &with_times(*slot, &[from(LATE), until(LATE)]), false);
        expect(
            *slot,
            &with_times(*slot, &[from("2026-05-23T12:30:00.123457Z"), until(LATE)]),
            false,
        );
        expect(*slot, &with_times(*slot, &[from(EARLY), until(EARLY)]), afterwards);
        let just = until("2026-05-23T12:30:00.123455Z");
        expect(*slot, &with_times(*slot, &[from(EARLY), just]), afterwards);
    }
}

#[test]
fn a_permit_says_from_when_on_and_until_when() {
    for slot in Slot::ALL {
        let afterwards = *slot == Slot::AuditAttestation;
        let from = ("created_at", Value::from(EARLY));
        expect(*slot, &with_times(*slot, &[]), false);
        expect(*slot, &with_times(*slot, std::slice::from_ref(&from)), afterwards);
        expect(*slot, &with_times(*slot, &[("expires_at", LATE.into())]), false);
        for bad in [Value::from("soon"), 5.into(), true.into(), Value::array([EARLY])] {
            let bad_end = [from.clone(), ("expires_at", bad.clone())];
            expect(*slot, &with_times(*slot, &bad_end), afterwards);
            let bad_start = [("created_at", bad), ("expires_at", LATE.into())];
            expect(*slot, &with_times(*slot, &bad_start), false);
        }
    }
}

#[test]
fn the_first_name_that_says_anything_counts() {
    let slot = Slot::OperatorApproval;
    let judge = |times: &[(&'static str, Value<'static>)], holds| {
        expect(slot, &with_times(slot, times), holds);
    };
    let until = ("expires_at", Value::from(LATE));
    judge(&[("valid_from", EARLY.into()), ("issued_at", LATE.into()), until.clone()], true);
    judge(&[("valid_from", LATE.into()), ("issued_at", EARLY.into()), until.clone()], false);
    judge(&[("issued_at", EARLY.into()), ("created_at", LATE.into()), until.clone()], true);
    judge(&[("valid_from", "soon".into()), ("created_at", EARLY.into()), until.clone()], false);
    for nothing in [Value::from(()), "".into(), 0.into(), false.into(), Object::default().into()] {
        judge(
            &[("valid_from", nothing.clone()), ("created_at", EARLY.into()), until.clone()],
            true,
        );
        let from = ("created_at", Value::from(EARLY));
        judge(&[from, ("valid_until", nothing), until.clone()], true);
    }
    let from = ("created_at", Value::from(EARLY));
    judge(&[from.clone(), ("valid_until", EARLY.into()), until.clone()], false);
    judge(&[from, ("valid_to", LATE.into()), ("expires_at", EARLY.into())], true);
}

/// A document around a signed permit that states these effects of a revocation: in the permit,
/// beside it, and in an event.
fn revoked(slot: Slot, effects: [Option<Value<'static>>; 3]) -> Object<'static> {
    let effect = |value: Value<'static>| Value::object([("effective_at", value)]);
    let mut permit = signed(slot, permit());
    let mut document = Object::default();
    let [in_permit, beside, in_event] = effects;
    in_permit.into_iter().for_each(|at| permit.insert("revocation", effect(at)));
    beside.into_iter().for_each(|at| document.insert("revocation", effect(at)));
    if let Some(at) = in_event {
        let members = [("permit_id", Value::from(PERMIT.to_uppercase())), ("effective_at", at)];
        document.insert("revocation_event", Value::object(members));
    }
    document.insert("permit", permit);
    document
}

#[test]
fn a_counter_signature_comes_before_any_revocation_that_is_stated() {
    let slot = Slot::CounterSignature;
    for place in 0..3 {
        let in_place = |at: Value<'static>| {
            let mut effects = [None, None, None];
            effects[place] = Some(at);
            revoked(slot, effects)
        };
        expect(slot, &in_place(LATE.into()), true);
        expect(slot, &in_place("2026-05-23T12:30:00.123457Z".into()), true);
        expect(slot, &in_place(AT.into()), false);
        expect(slot, &in_place(EARLY.into()), false);
        for unreadable in [Value::from("soon"), "".into(), 7.into(), Value::array([LATE])] {
            expect(slot, &in_place(unreadable), false);
        }
    }
    // A later one hides no earlier one, whoever forged it.
    for place in 0..3 {
        let mut effects = [(); 3].map(|()| Some(Value::from(LATE)));
        expect(slot, &revoked(slot, effects.clone()), true);
        effects[place] = Some(EARLY.into());
        expect(slot, &revoked(slot, effects), false);
    }
    // Null states nothing, but an event of that name without a time does.
    expect(slot, &revoked(slot, [Some(().into()), Some(().into()), None]), true);
    expect(slot, &revoked(slot, [None, None, Some(().into())]), false);
}

#[test]
fn another_permits_revocation_is_another_matter() {
    let slot = Slot::CounterSignature;
    let mut document = revoked(slot, [None, None, None]);
    let other = r#"{"permit_id": "11111111-aaaa-4aaa-8aaa-111111111112", "effective_at": "2026-01-01T00:00:00Z"}"#;
    document.insert("revocation_event", object(other));
    expect(slot, &document, true);
}

#[test]
fn approvals_and_attestations_may_come_after_a_revocation() {
    for slot in [Slot::OperatorApproval, Slot::AuditAttestation] {
        let effects = [(); 3].map(|()| Some(Value::from(EARLY)));
        expect(slot, &revoked(slot, effects), true);
    }
}
