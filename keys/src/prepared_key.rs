// SPDX-License-Identifier: Apache-2.0

//! A key that checks many signatures.

use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::{edwards::EdwardsPoint, scalar::Scalar, traits::Identity};
use ed25519_dalek::VerifyingKey;
use sha2::{Digest as _, Sha512};

use crate::{
    key_table::BaseTable, public_key::PublicKey, signature::Signature, window_table::WindowTable,
};

/// A public key with a table of its multiples: checks signatures in four tenths of the time.
///
/// ```text
/// accepted  ⇔  S < L  and  encode([S]B − [h]A) = R      h = SHA-512(R ‖ A ‖ message) mod L
/// ```
///
/// Each signature is checked by this one equation, without the cofactor and with `R` compared
/// byte by byte. That is the equation of `ed25519_dalek::VerifyingKey::verify` and of the
/// reference; a batch check of a random sum is not, and could pass what this refuses.
///
/// A table takes 640 KiB and as long to make as 17 signatures take to check without it; the
/// first one makes a second table, of the base point, for all. Let [`AdaptiveKey`] decide
/// if it is not known that a key has signed hundreds of messages.
///
/// [`AdaptiveKey`]: crate::AdaptiveKey
pub struct PreparedKey {
    key: VerifyingKey,
    base: BaseTable,
    minus_key: WindowTable,
}

impl PreparedKey {
    /// Makes the table of a key.
    #[must_use]
    pub fn new(key: &PublicKey) -> Self {
        Self::of(key.to_dalek())
    }

    fn of(key: VerifyingKey) -> Self {
        let minus_key = WindowTable::of(-key.to_edwards());
        Self { key, base: BaseTable::new(), minus_key }
    }

    /// Whether the signature is one of the message by this key.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &Signature) -> bool {
        self.expected_r(message, signature)
            .is_some_and(|point| point.compress().as_bytes() == signature.r_bytes())
    }

    /// Whether each of the signatures is one of its message by this key.
    ///
    /// Each is decided alone, as by [`verify`](Self::verify). Only the inversions that encoding
    /// points costs are shared, which saves another quarter of the time.
    #[must_use]
    pub fn verify_each(&self, signed: &[(&[u8], &Signature)]) -> Vec<bool> {
        signed.chunks(ENCODED_TOGETHER).flat_map(|some| self.verify_some(some)).collect()
    }

    fn verify_some(&self, signed: &[(&[u8], &Signature)]) -> Vec<bool> {
        let expected: Vec<Option<EdwardsPoint>> =
            signed.iter().map(|(message, signature)| self.expected_r(message, signature)).collect();
        let points: Vec<EdwardsPoint> = expected.iter().flatten().copied().collect();
        let mut encoded = EdwardsPoint::compress_batch_alloc(&points).into_iter();
        let mut equal = |expected: &Option<EdwardsPoint>, signature: &Signature| {
            expected.is_some()
                && encoded.next().is_some_and(|r| r.as_bytes() == signature.r_bytes())
        };
        expected.iter().zip(signed).map(|(point, (_, signature))| equal(point, signature)).collect()
    }

    /// The point whose encoding has to stand in the signature; none if `S` is not reduced.
    fn expected_r(&self, message: &[u8], signature: &Signature) -> Option<EdwardsPoint> {
        let s: Option<Scalar> = Scalar::from_canonical_bytes(*signature.s_bytes()).into();
        let s = s?;
        let hash = Sha512::new()
            .chain_update(signature.r_bytes())
            .chain_update(self.key.as_bytes())
            .chain_update(message)
            .finalize();
        let h = Scalar::from_bytes_mod_order_wide(&hash.into());
        let start = EdwardsPoint::identity();
        Some(self.minus_key.add_multiple(&h, self.base.get().add_multiple(&s, start)))
    }
}

impl fmt::Debug for PreparedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PreparedKey").field(&crate::key_text::encode(self.key.as_bytes())).finish()
    }
}

/// Points that are encoded with one inversion: more would save next to nothing.
const ENCODED_TOGETHER: usize = 64;

#[cfg(test)]
mod tests {
    use alloc::{format, vec};

    use curve25519_dalek::{
        constants::{ED25519_BASEPOINT_POINT as B, EIGHT_TORSION},
        edwards::CompressedEdwardsY,
    };
    use ed25519_dalek::{Signer as _, SigningKey, Verifier as _};
    use proptest::prelude::*;

    use super::*;

    /// What `verify` of dalek says, which the table has to agree with in every case.
    fn plainly(key: &VerifyingKey, message: &[u8], signature: &Signature) -> bool {
        key.verify(message, &ed25519_dalek::Signature::from_bytes(&signature.to_bytes())).is_ok()
    }

    fn agreed(key: &PreparedKey, message: &[u8], signature: &Signature) -> bool {
        let plain = plainly(&key.key, message, signature);
        assert_eq!(key.verify(message, signature), plain, "{signature:?}");
        assert_eq!(key.verify_each(&[(message, signature)]), [plain], "{signature:?}");
        plain
    }

    fn signed(seed: u8, message: &[u8]) -> (VerifyingKey, Signature) {
        let key = SigningKey::from_bytes(&[seed; 32]);
        (key.verifying_key(), Signature::from_bytes(key.sign(message).to_bytes()))
    }

    /// The signature with this `R` and `S`.
    fn of_parts(r: &[u8; 32], s: &[u8; 32]) -> Signature {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(r);
        bytes[32..].copy_from_slice(s);
        Signature::from_bytes(bytes)
    }

    fn hash(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
        let hash = Sha512::new().chain_update(r).chain_update(key).chain_update(message);
        Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
    }

    /// Adds L to a reduced scalar: the same number modulo L, in an encoding that is not reduced.
    fn plus_order(scalar: [u8; 32]) -> [u8; 32] {
        let mut order = (-Scalar::ONE).to_bytes();
        order[0] += 1;
        let (mut sum, mut carry) = ([0; 32], 0);
        for at in 0..32 {
            let digit = u16::from(scalar[at]) + u16::from(order[at]) + carry;
            sum[at] = u8::try_from(digit & 255).unwrap();
            carry = digit >> 8;
        }
        assert_eq!(carry, 0);
        sum
    }

    #[test]
    fn any_flipped_bit_is_refused() {
        let message = *b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        let (key, signature) = signed(7, &message);
        let key = PreparedKey::of(key);
        assert!(agreed(&key, &message, &signature));
        for bit in 0..512 {
            let mut bytes = signature.to_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(!agreed(&key, &message, &Signature::from_bytes(bytes)), "signature bit {bit}");
            let mut other = message;
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!agreed(&key, &other, &signature), "message bit {bit}");
        }
    }

    #[test]
    fn s_is_reduced_or_refused() {
        let (key, good) = signed(9, b"m");
        let key = PreparedKey::of(key);
        let over = of_parts(good.r_bytes(), &plus_order(*good.s_bytes()));
        assert!(!agreed(&key, b"m", &over), "malleated");
        let order = plus_order([0; 32]);
        for s in [[0; 32], [255; 32], order, plus_order(Scalar::ONE.to_bytes())] {
            assert!(!agreed(&key, b"m", &of_parts(good.r_bytes(), &s)));
        }
        // S = 0 is reduced. It fits where R = −hA: found by choosing A after R and h.
        assert!(agreed_with_s_zero());
    }

    /// With A of order 8 and S = 0, R = −hA holds for a message of every eighth hash.
    fn agreed_with_s_zero() -> bool {
        let torsion = EIGHT_TORSION[1];
        let key = VerifyingKey::from_bytes(&torsion.compress().to_bytes()).unwrap();
        let prepared = PreparedKey::of(key);
        (0..64_u8).filter(|n| agreed(&prepared, &[*n], &of_parts(&identity(), &[0; 32]))).count()
            > 1
    }

    fn identity() -> [u8; 32] {
        CompressedEdwardsY::identity().to_bytes()
    }

    /// All 32 bytes that decode to a point of small order, canonical or not.
    fn small_order_encodings() -> Vec<[u8; 32]> {
        let mut encodings = vec![];
        for point in EIGHT_TORSION {
            let canonical = point.compress().to_bytes();
            let mut other_sign = canonical;
            other_sign[31] ^= 0x80;
            encodings.extend([canonical, other_sign]);
            if let Some(shifted) = plus_field_order(canonical) {
                encodings.push(shifted);
                let mut other_sign = shifted;
                other_sign[31] ^= 0x80;
                encodings.push(other_sign);
            }
        }
        encodings.retain(|bytes| CompressedEdwardsY(*bytes).decompress().is_some());
        encodings.sort_unstable();
        encodings.dedup();
        encodings
    }

    /// y + p in place of y, if that still fits into 255 bits: only for y < 19.
    fn plus_field_order(encoding: [u8; 32]) -> Option<[u8; 32]> {
        let rest = encoding[1..31].iter().all(|byte| *byte == 0);
        if !rest || encoding[0] > 18 || encoding[31] & 0x7f != 0 {
            return None;
        }
        let mut shifted = [255; 32];
        shifted[0] = 0xed + encoding[0];
        shifted[31] = 0x7f | (encoding[31] & 0x80);
        Some(shifted)
    }

    #[test]
    fn small_order_and_unusual_encodings_are_judged_as_dalek_does() {
        let encodings = small_order_encodings();
        assert!(encodings.len() >= 12, "{}", encodings.len());
        let (mut accepted, mut refused) = (0, 0);
        for a in &encodings {
            let key = PreparedKey::of(VerifyingKey::from_bytes(a).unwrap());
            for r in &encodings {
                for number in 0..12_u8 {
                    for s in [Scalar::ZERO, Scalar::ONE] {
                        let signature = of_parts(r, &s.to_bytes());
                        if agreed(&key, &[number], &signature) {
                            accepted += 1;
                        } else {
                            refused += 1;
                        }
                    }
                }
            }
        }
        assert!(accepted > 50 && refused > 500, "{accepted} accepted, {refused} refused");
    }

    #[test]
    fn points_of_mixed_order_are_judged_as_dalek_does() {
        let secret = Scalar::from_bytes_mod_order([77; 32]);
        let nonce = Scalar::from_bytes_mod_order([78; 32]);
        let (mut accepted, mut refused) = (0, 0);
        for (in_key, torsion_of_key) in EIGHT_TORSION.iter().enumerate() {
            let a = secret * B + torsion_of_key;
            let key = VerifyingKey::from_bytes(&a.compress().to_bytes()).unwrap();
            let key = PreparedKey::of(key);
            for (in_r, torsion_of_r) in EIGHT_TORSION.iter().enumerate() {
                let r = (nonce * B + torsion_of_r).compress().to_bytes();
                for number in 0..8_u8 {
                    let s = nonce + hash(&r, key.key.as_bytes(), &[number]) * secret;
                    let fits = agreed(&key, &[number], &of_parts(&r, &s.to_bytes()));
                    if in_key == 0 {
                        assert_eq!(fits, in_r == 0, "torsion in R alone is always seen");
                    }
                    if fits {
                        accepted += 1;
                    } else {
                        refused += 1;
                    }
                }
            }
        }
        assert!(accepted > 20 && refused > 200, "{accepted} accepted, {refused} refused");
    }

    #[test]
    fn encodings_of_r_that_are_not_canonical_never_pass() {
        // The identity as R, with R = [S]B − [h]A solved for S, in its three encodings.
        let secret = Scalar::from_bytes_mod_order([79; 32]);
        let key = VerifyingKey::from_bytes(&(secret * B).compress().to_bytes()).unwrap();
        let key = PreparedKey::of(key);
        let canonical = identity();
        let mut signed = canonical;
        signed[31] |= 0x80;
        let shifted = plus_field_order(canonical).unwrap();
        for (r, passes) in [(canonical, true), (signed, false), (shifted, false)] {
            let s = hash(&r, key.key.as_bytes(), b"m") * secret;
            assert_eq!(agreed(&key, b"m", &of_parts(&r, &s.to_bytes())), passes, "{r:?}");
        }
        assert!(!agreed(&key, b"m", &of_parts(&[2; 32], &[1; 32])), "R off the curve");
    }

    #[test]
    fn each_of_many_is_decided_alone() {
        let (key, _) = signed(3, b"");
        let prepared = PreparedKey::of(key);
        let messages: Vec<_> = (0..150).map(|n| format!("message {n}")).collect();
        let mut signatures: Vec<_> =
            messages.iter().map(|message| signed(3, message.as_bytes()).1).collect();
        for (at, signature) in signatures.iter_mut().enumerate() {
            let mut bytes = signature.to_bytes();
            match at % 5 {
                0 => bytes[63] = 255, // not reduced
                1 => bytes[0] ^= 1,
                _ => {}
            }
            *signature = Signature::from_bytes(bytes);
        }
        let all: Vec<_> =
            messages.iter().map(|message| message.as_bytes()).zip(&signatures).collect();
        let expected: Vec<_> = (0..150).map(|at| at % 5 > 1).collect();
        assert_eq!(prepared.verify_each(&all), expected);
        assert_eq!(prepared.verify_each(&[]), [] as [bool; 0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn agrees_with_dalek(
            seed: [u8; 32], message in proptest::collection::vec(any::<u8>(), 0..200),
            flips in proptest::collection::vec(0_usize..512, 0..3),
        ) {
            let signing = SigningKey::from_bytes(&seed);
            let key = PreparedKey::of(signing.verifying_key());
            let mut bytes = signing.sign(&message).to_bytes();
            for bit in &flips {
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
            let unchanged = bytes == signing.sign(&message).to_bytes();
            prop_assert_eq!(agreed(&key, &message, &Signature::from_bytes(bytes)), unchanged);
        }

        #[test]
        fn agrees_with_dalek_on_anything(key: [u8; 32], r: [u8; 32], mut s: [u8; 32], small: bool) {
            // Half of all bytes are no point; half of all S are made small enough to be reduced.
            if small {
                s[31] &= 0x0f;
            }
            if let Ok(key) = VerifyingKey::from_bytes(&key) {
                agreed(&PreparedKey::of(key), b"message", &of_parts(&r, &s));
            }
        }
    }
}
