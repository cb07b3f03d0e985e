// SPDX-License-Identifier: Apache-2.0

//! Damaged and random bytes: never a panic, never a receipt that passes.

use std::sync::LazyLock;

use permit_checkpoint::{CaBundle, TsaLimits, TsaTrustStatus};
use proptest::prelude::*;

use crate::{
    keys::Key,
    mint::{World, judge_token},
};

static VALID: LazyLock<(Vec<u8>, CaBundle)> = LazyLock::new(|| {
    let world = World::new();
    let bundle = CaBundle::read(world.bundle_pem().as_bytes(), &world.limits).unwrap();
    (world.token_der(), bundle)
});

#[test]
fn a_token_with_any_byte_changed_is_judged_and_the_signed_parts_are_found() {
    let (token, bundle) = &*VALID;
    let limits = TsaLimits::default();
    let mut still_valid = 0;
    for at in 0..token.len() {
        let mut damaged = token.clone();
        damaged[at] ^= 1;
        let judged = judge_token(&damaged, bundle, &limits);
        still_valid += usize::from(judged.status() == TsaTrustStatus::Valid);
    }
    // What nobody signed: version numbers, and the list of digest algorithms.
    assert!(still_valid <= 18, "{still_valid} of {} bytes are free", token.len());
}

#[test]
fn a_token_that_ends_anywhere_is_refused() {
    let (token, bundle) = &*VALID;
    for end in 0..token.len() {
        let judged = judge_token(&token[..end], bundle, &TsaLimits::default());
        assert_eq!(judged.status(), TsaTrustStatus::Invalid, "{end}");
    }
    let longer = [token.as_slice(), &[0]].concat();
    let judged = judge_token(&longer, bundle, &TsaLimits::default());
    assert_eq!(judged.status(), TsaTrustStatus::Invalid);
}

#[test]
fn damaged_rsa_certificates_and_signatures_are_refused() {
    let world = World::with_keys(Key::RsaRoot, Key::P256(2), Key::RsaSigner);
    let bundle = CaBundle::read(world.bundle_pem().as_bytes(), &world.limits).unwrap();
    let token = world.token_der();
    assert_eq!(judge_token(&token, &bundle, &world.limits).status(), TsaTrustStatus::Valid);
    for at in (40..token.len()).step_by(7) {
        let mut damaged = token.clone();
        damaged[at] = damaged[at].wrapping_add(0x55);
        judge_token(&damaged, &bundle, &world.limits);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_changes_never_panic(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let (mut token, bundle) = VALID.clone();
        for (at, byte) in changes {
            let at = at.index(token.len());
            token[at] = byte;
        }
        judge_token(&token, &bundle, &TsaLimits::default());
    }

    #[test]
    fn random_bytes_are_no_tokens_and_no_bundles(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let (_, bundle) = &*VALID;
        let judged = judge_token(&bytes, bundle, &TsaLimits::default());
        prop_assert_eq!(judged.status(), TsaTrustStatus::Invalid);
        prop_assert!(CaBundle::read(&bytes, &TsaLimits::default()).is_err());
    }
}
