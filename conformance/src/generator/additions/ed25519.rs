// SPDX-License-Identifier: Apache-2.0

//! Category 10: signatures at the edges of Ed25519.
//!
//! ```text
//! accepted   S·B = R + k·A without the cofactor, S below the order, R compared as bytes
//! k          SHA-512(R, A, message) modulo the order
//! ```
//!
//! A verifier that multiplies by the cofactor, or one that is stricter, judges some of these otherwise.
//! Two verifiers of one export must not disagree, so that all of them do what the reference does.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use curve25519_dalek::{
    constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION},
    edwards::EdwardsPoint,
    scalar::Scalar,
};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha512};

use crate::generator::{
    case_draft::CaseDraft,
    document::{set, text},
    fault::Fault,
    pack::Pack,
    test_keys::EXPORT,
    vectors::{ALL_LAYERS, without},
};

const PARENT: &str = "cat-10-ed25519/10-01-plain";

/// A key and how it signs: its public key as bytes, and its secret scalar.
struct Secret {
    scalar: Scalar,
    public: [u8; 32],
}

impl Secret {
    fn of_export() -> Self {
        let digest = Sha512::digest(EXPORT.seed());
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
        let scalar = Scalar::from_bytes_mod_order(curve25519_dalek::scalar::clamp_integer(bytes));
        Self { scalar, public: *EXPORT.public().as_bytes() }
    }

    /// The same with a point of order 8 added to its public key.
    fn mixed() -> Self {
        let own = Self::of_export();
        let public = (own.scalar * ED25519_BASEPOINT_POINT + torsion()).compress().to_bytes();
        Self { public, ..own }
    }

    fn challenge(&self, r: &[u8; 32], message: &[u8]) -> Scalar {
        let mut hash = Sha512::new();
        hash.update(r);
        hash.update(self.public);
        hash.update(message);
        let mut wide = [0; 64];
        wide.iter_mut().zip(hash.finalize().iter()).for_each(|(to, from)| *to = *from);
        Scalar::from_bytes_mod_order_wide(&wide)
    }

    /// A signature with these bytes for R, whose discrete logarithm, as far as it counts, is `nonce`.
    fn sign(&self, nonce: Scalar, r: [u8; 32], message: &[u8]) -> [u8; 64] {
        let s = nonce + self.challenge(&r, message) * self.scalar;
        join(r, s.to_bytes())
    }
}

fn torsion() -> EdwardsPoint {
    EIGHT_TORSION.get(1).copied().unwrap_or_default()
}

fn join(r: [u8; 32], s: [u8; 32]) -> [u8; 64] {
    let mut signature = [0; 64];
    signature.iter_mut().zip(r.iter().chain(&s)).for_each(|(to, from)| *to = *from);
    signature
}

fn nonce(number: u64) -> Scalar {
    Scalar::from(number.wrapping_add(0x5eed_0001))
}

/// The order of the group, added to a number below it, in little-endian bytes.
fn plus_order(s: &[u8]) -> [u8; 32] {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut sum = [0; 32];
    let mut carry = 0_u16;
    for ((to, own), order) in sum.iter_mut().zip(s).zip(ORDER) {
        let digit = u16::from(*own) + u16::from(order) + carry;
        let [low, high] = digit.to_le_bytes();
        (*to, carry) = (low, u16::from(high));
    }
    sum
}

pub(super) fn cases() -> Result<Vec<CaseDraft>, Fault> {
    let mut cases = vec![plain()?];
    cases.extend(texts()?);
    cases.extend(points()?);
    Ok(cases)
}

fn accepted(id: &str, title: &str, why: &str) -> CaseDraft {
    CaseDraft::vector(&format!("cat-10-ed25519/{id}"), title, why, &["BUNDLE-08", "KEY-01"])
        .layers(&ALL_LAYERS, &[])
        .checks(&["verify_closure", "walk_events"])
}

fn rejected(id: &str, title: &str, why: &str, change: &str) -> CaseDraft {
    let layer = "manifest_signature";
    CaseDraft::vector(&format!("cat-10-ed25519/{id}"), title, why, &["BUNDLE-08"])
        .layers(&without(&ALL_LAYERS, layer), &[layer])
        .checks(&["verify_closure", "walk_events"])
        .fails("MANIFEST_SIGNATURE_INVALID", Json::Null)
        .from(PARENT, change, &[])
        .set("importance", "critical")
}

fn plain() -> Result<CaseDraft, Fault> {
    let draft = accepted(
        "10-01-plain",
        "A signature like any other",
        "The cases of this category change its signature.",
    );
    Pack::closed_with_request()?.put_into(draft)
}

/// Puts a signature in place of the manifest's.
fn with_signature(make: impl FnOnce(&[u8]) -> Result<[u8; 64], Fault>) -> Result<Pack, Fault> {
    Pack::closed_with_request()?.bend_manifest(|manifest| {
        let message = text(manifest, "/content_hash")?;
        let signature = STANDARD.encode(make(message.as_bytes())?);
        set(manifest, "/signature", format!("ed25519:{signature}"))
    })
}

/// Signatures as texts.
fn texts() -> Result<Vec<CaseDraft>, Fault> {
    let bend = |bend: fn(&str) -> String| {
        Pack::closed_with_request()?.bend_manifest(|manifest| {
            let signature = text(manifest, "/signature")?;
            set(manifest, "/signature", bend(&signature))
        })
    };
    let mut cases = Vec::new();
    let bare = accepted(
        "10-02-without-prefix",
        "Base64 without the prefix",
        "The prefix may be left out: there is only one algorithm.",
    )
    .decisions(&["DIFF-07"]);
    cases.push(bend(|text| text.trim_start_matches("ed25519:").to_owned())?.put_into(bare)?);
    let broken = rejected(
        "10-03-line-break",
        "A line break inside of the base64",
        "What is no base64 is no signature, and is not read as if it were some.",
        "a line feed in the middle of the signature's text",
    )
    .decisions(&["DIFF-07"])
    .set("reference", "leaves out what is no letter of base64, and accepts");
    cases.push(
        bend(|text| text.replacen('/', "\n/", 1).replacen("ed25519:", "ed25519:\n", 1))?
            .put_into(broken)?,
    );
    let short = rejected(
        "10-04-one-byte-short",
        "63 bytes",
        "A signature has 64 bytes.",
        "the last byte of the signature is gone",
    );
    let shortened = Pack::closed_with_request()?.bend_manifest(|manifest| {
        let signature = text(manifest, "/signature")?;
        let bytes = STANDARD.decode(signature.trim_start_matches("ed25519:"))?;
        let bytes = bytes.get(..63).unwrap_or_default();
        set(manifest, "/signature", format!("ed25519:{}", STANDARD.encode(bytes)))
    })?;
    cases.push(shortened.put_into(short)?);
    let other = rejected(
        "10-05-over-the-bare-hash",
        "Signed without the prefix of the hash",
        "The message is the text of the hash with `sha256:` before it, and not the hexadecimal alone.",
        "the signature is over the hash without `sha256:`",
    );
    let signed = with_signature(|message| {
        let bare = message.get(7..).unwrap_or_default();
        let r = (nonce(5) * ED25519_BASEPOINT_POINT).compress().to_bytes();
        Ok(Secret::of_export().sign(nonce(5), r, bare))
    })?;
    cases.push(signed.put_into(other)?);
    Ok(cases)
}

/// Signatures as points and numbers.
fn points() -> Result<Vec<CaseDraft>, Fault> {
    const IDENTITY: [u8; 32] = {
        let mut bytes = [0; 32];
        bytes[0] = 1;
        bytes
    };
    // The same point, written with a coordinate that is not reduced.
    const IDENTITY_UNREDUCED: [u8; 32] = {
        let mut bytes = [0xff; 32];
        bytes[0] = 0xee;
        bytes[31] = 0x7f;
        bytes
    };
    let mut cases = Vec::new();
    let add = |cases: &mut Vec<CaseDraft>, draft: CaseDraft, pack: Pack| {
        cases.push(pack.put_into(draft)?);
        Ok::<(), Fault>(())
    };
    add(
        &mut cases,
        rejected(
            "10-06-s-not-reduced",
            "S with the order added",
            "The equation holds for it as well. If it were accepted, everybody could make a second signature of the first.",
            "the order of the group is added to S",
        ),
        with_signature(|message| {
            let r = (nonce(6) * ED25519_BASEPOINT_POINT).compress().to_bytes();
            let signature = Secret::of_export().sign(nonce(6), r, message);
            Ok(join(r, plus_order(signature.get(32..).unwrap_or_default())))
        })?,
    )?;
    add(
        &mut cases,
        accepted(
            "10-07-r-of-small-order",
            "R is the neutral element",
            "The equation holds, R is written as it has to be. Strict verification would refuse it; the reference accepts it, \
             and only the owner of the key can make it.",
        ),
        with_signature(|message| Ok(Secret::of_export().sign(Scalar::ZERO, IDENTITY, message)))?,
    )?;
    add(
        &mut cases,
        rejected(
            "10-08-r-not-canonical",
            "R is the neutral element, written otherwise",
            "R is compared as bytes with what the equation gives. A coordinate that is not reduced never comes out of it.",
            "R is written with a coordinate that is not reduced",
        ),
        with_signature(|message| {
            Ok(Secret::of_export().sign(Scalar::ZERO, IDENTITY_UNREDUCED, message))
        })?,
    )?;
    add(
        &mut cases,
        rejected(
            "10-09-r-with-torsion",
            "R with a point of order 8 added",
            "Multiplied by the cofactor, the equation would hold. It is not multiplied.",
            "a point of small order is added to R",
        ),
        with_signature(|message| {
            let r = (nonce(9) * ED25519_BASEPOINT_POINT + torsion()).compress().to_bytes();
            Ok(Secret::of_export().sign(nonce(9), r, message))
        })?,
    )?;
    add(
        &mut cases,
        rejected(
            "10-10-nothing",
            "R is the neutral element and S is zero",
            "This would be a signature of everything if the key were the neutral element. It is not.",
            "the signature is of a key of order one",
        ),
        with_signature(|_| Ok(join(IDENTITY, [0; 32])))?,
    )?;
    for (id, title, why, divisible) in [
        (
            "10-11-key-of-mixed-order",
            "A key with a point of order 8 in it",
            "The key is a usual one with a point of order 8 added. The challenge is a multiple of 8, so that the \
             added point goes away, and the equation holds.",
            true,
        ),
        (
            "10-12-key-of-mixed-order-and-cofactor",
            "The same key, and another challenge",
            "The challenge is no multiple of 8. Multiplied by the cofactor, the equation would hold. It is not multiplied.",
            false,
        ),
    ] {
        let secret = Secret::mixed();
        let mut pack = with_signature(|message| {
            for number in 0..1_000 {
                let r = (nonce(number) * ED25519_BASEPOINT_POINT).compress().to_bytes();
                let k = secret.challenge(&r, message).to_bytes();
                let multiple = k.first().is_some_and(|byte| byte % 8 == 0);
                if multiple == divisible {
                    return Ok(secret.sign(nonce(number), r, message));
                }
            }
            Err(Fault::new("no challenge is as it has to be"))
        })?;
        let key = format!("ed25519:{}", STANDARD.encode(secret.public));
        set(&mut pack.manifest, "/public_key", key.clone())?;
        set(&mut pack.trust, "/keys/0/public_key", key)?;
        let draft = if divisible {
            accepted(id, title, why)
        } else {
            rejected(id, title, why, "key and signature are of mixed order")
        };
        add(&mut cases, draft, pack)?;
    }
    add(&mut cases, weak_key(), weak_pack(IDENTITY)?)?;
    Ok(cases)
}

fn weak_key() -> CaseDraft {
    let layer = "key_validity";
    CaseDraft::vector(
        "cat-10-ed25519/10-13-weak-key-in-the-trust-root",
        "A key of order one is trusted",
        "For this key everybody can sign everything: the equation holds for R the neutral element and S zero. \
         A trust root with such a key is refused when it is loaded, and nothing is verified with it.",
        &["KEY-01", "BUNDLE-07"],
    )
    .decisions(&["DIFF-09"])
    .layers(&without(&ALL_LAYERS, layer), &[layer])
    .checks(&["verify_closure", "walk_events"])
    .fails("UNKNOWN_SIGNING_KEY", Json::Null)
    .from(PARENT, "the export key of the trust root is the neutral element", &["manifest"])
    .set("importance", "critical")
    .set("reference", "accepts the key, and so every signature of it")
}

fn weak_pack(key: [u8; 32]) -> Result<Pack, Fault> {
    let mut pack = with_signature(|_| Ok(join(key, [0; 32])))?;
    let text = format!("ed25519:{}", STANDARD.encode(key));
    set(&mut pack.manifest, "/public_key", text.clone())?;
    set(&mut pack.trust, "/keys/0/public_key", text)?;
    Ok(pack)
}
