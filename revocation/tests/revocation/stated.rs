// SPDX-License-Identifier: Apache-2.0

//! Revocations at their word.

use permit_canonical_json::{Object, Value};
use permit_revocation::{StatedEffect, StatedRevocations, find_revocation_in_document};
use permit_types::{Artifact, Instant};

use crate::bench::{PERMIT, bare};

fn noted(effects: &[Value<'static>]) -> Option<StatedEffect> {
    let mut stated = StatedRevocations::new();
    for effect in effects {
        let mut event = bare();
        event.insert("effective_at", effect.clone());
        let mut document = Object::default();
        document.insert("revocation_event", event);
        stated.note(&find_revocation_in_document(&document, Artifact::Export).unwrap());
    }
    assert_eq!(stated.of("00000000-0000-4000-8000-000000000000"), None);
    assert_eq!(stated.of(PERMIT), stated.of(&PERMIT.to_uppercase()));
    stated.of(PERMIT)
}

#[test]
fn the_earliest_word_counts_and_an_unreadable_one_is_the_earliest() {
    let at = |text: &str| StatedEffect::From(Instant::parse(text).unwrap());
    let (early, late) = ("2026-05-21T10:00:00Z", "2026-05-21T11:00:00Z");
    assert_eq!(noted(&[]), None);
    assert_eq!(noted(&[late.into(), early.into(), late.into()]), Some(at(early)));
    let unreadable: [Value<'static>; 5] =
        ["soon".into(), "".into(), 7.into(), ().into(), Value::array([early])];
    for effect in unreadable {
        assert_eq!(noted(&[early.into(), effect]), Some(StatedEffect::AtAnyTime));
    }
}

#[test]
fn an_effect_counts_from_its_instant_on() {
    let at = |text: &str| Instant::parse(text).unwrap();
    let effect = StatedEffect::read(Some(&"2026-05-21T10:00:00Z".into())).unwrap();
    assert!(!effect.is_over(at("2026-05-21T09:59:59.999999Z")));
    assert!(effect.is_over(at("2026-05-21T12:00:00+02:00")), "the same instant");
    assert!(StatedEffect::AtAnyTime.is_over(at("2000-01-01")));
    assert_eq!(StatedEffect::read(None), None);
    assert_eq!(StatedEffect::read(Some(&().into())), None);
}

#[test]
fn an_event_without_a_permit_says_nothing() {
    let mut document = Object::default();
    document.insert("revocation_event", Object::default());
    let mut stated = StatedRevocations::new();
    stated.note(&find_revocation_in_document(&document, Artifact::Export).unwrap());
    assert_eq!(stated.of(""), None);
}
