// SPDX-License-Identifier: Apache-2.0

//! Every algorithm that authorities use, and those that are refused.

use permit_checkpoint::{CertificateFault, KeyFault, TsaProblem, TsaTrustStatus};

use crate::{
    der::{algorithm, bits, explicit, null, oid, seq, unsigned},
    keys::{Hash, Key, Scheme, pss_parameters},
    mint::World,
};

const HASHES: [Hash; 3] = [Hash::Sha256, Hash::Sha384, Hash::Sha512];

#[test]
fn a_token_as_it_should_be_is_valid_and_says_when() {
    let judged = World::new().judge();
    assert_eq!(judged.status(), TsaTrustStatus::Valid, "{judged:?}");
    assert_eq!(judged.imprint_match(), Some(true));
    assert_eq!(judged.cms_signature_valid(), Some(true));
    assert_eq!(judged.certificate_chain_valid(), Some(true));
    assert_eq!((judged.eku_checked(), judged.eku_valid()), (true, Some(true)));
    assert_eq!((judged.problem(), judged.finding()), (None, None));

    let stamp = judged.stamp().unwrap();
    assert_eq!(stamp.gen_time().to_string(), "2026-05-07T12:00:00Z");
    assert_eq!((stamp.signer(), stamp.root(), stamp.path_length()), ("CN=Stamps", "CN=Root", 3));
    assert_eq!((stamp.policy(), stamp.serial()), ("1.3.6.1.4.1.99999.1", "010203"));
    assert_eq!((stamp.nonce(), stamp.accuracy_micros()), (None, None));
    let world = World::new();
    assert_eq!(
        stamp.root_certificate(),
        permit_canonical_json::Sha256Digest::of(&world.root.der())
    );
}

#[test]
fn signers_use_rsa_and_curves_with_each_hash() {
    let mut schemes = Vec::new();
    for hash in HASHES {
        schemes.push((Key::RsaSigner, Scheme::Pkcs1(hash)));
        schemes.push((Key::RsaSigner, Scheme::Pkcs1Unnamed(hash)));
        schemes.push((Key::RsaSigner, Scheme::Pss(hash)));
        schemes.push((Key::P256(3), Scheme::Ecdsa(hash)));
        schemes.push((Key::P384(3), Scheme::Ecdsa(hash)));
    }
    schemes.push((Key::PssOnly, Scheme::Pss(Hash::Sha256)));
    for (key, scheme) in schemes {
        let mut world = World::with_keys(Key::P256(1), Key::P256(2), key);
        world.token.scheme = scheme;
        world.token.digest = scheme.hash();
        assert_eq!(world.judge().status(), TsaTrustStatus::Valid, "{key:?} {scheme:?}");
        world.token.broken_signature = true;
        assert_eq!(world.problem(), TsaProblem::SignatureInvalid, "{key:?} {scheme:?}");
    }
}

#[test]
fn certificates_are_signed_with_rsa_and_curves_with_each_hash() {
    for hash in HASHES {
        for (root, scheme) in [
            (Key::RsaRoot, Scheme::Pkcs1(hash)),
            (Key::RsaRoot, Scheme::Pss(hash)),
            (Key::P256(1), Scheme::Ecdsa(hash)),
            (Key::P384(1), Scheme::Ecdsa(hash)),
        ] {
            let mut world = World::with_keys(root, Key::P256(2), Key::P256(3));
            world.intermediate.scheme = scheme;
            assert_eq!(world.judge().status(), TsaTrustStatus::Valid, "{root:?} {scheme:?}");
            world.intermediate.broken_signature = true;
            let fault = CertificateFault::SignatureInvalid;
            let problem = TsaProblem::Certificate { subject: "CN=Intermediate".into(), fault };
            assert_eq!(world.problem(), problem, "{root:?} {scheme:?}");
        }
    }
}

#[test]
fn digest_and_signature_may_use_different_strong_hashes() {
    let mut world = World::new();
    world.token.digest = Hash::Sha512;
    world.token.scheme = Scheme::Ecdsa(Hash::Sha384);
    assert_eq!(world.judge().status(), TsaTrustStatus::Valid);
}

#[test]
fn sha_1_signs_nothing() {
    let mut world = World::with_keys(Key::P256(1), Key::P256(2), Key::RsaSigner);
    world.token.scheme = Scheme::Pkcs1(Hash::Sha1);
    let problem = world.problem();
    let oid = "1.2.840.113549.1.1.5".into();
    assert_eq!(problem, TsaProblem::UnsupportedAlgorithm { role: "signature algorithm", oid });

    world.token.digest = Hash::Sha1;
    let oid = Hash::Sha1.id().into();
    assert_eq!(world.problem(), TsaProblem::UnsupportedAlgorithm { role: "digest algorithm", oid });

    let mut world = World::with_keys(Key::RsaRoot, Key::P256(2), Key::P256(3));
    world.intermediate.scheme = Scheme::Pkcs1(Hash::Sha1);
    let oid = "1.2.840.113549.1.1.5".into();
    let fault = CertificateFault::UnsupportedAlgorithm { oid };
    let problem = TsaProblem::Certificate { subject: "CN=Intermediate".into(), fault };
    assert_eq!(world.problem(), problem);
}

#[test]
fn pss_with_two_hashes_or_defaults_is_refused() {
    for parameters in [
        Some(pss_parameters(Hash::Sha256, Hash::Sha1)),
        Some(pss_parameters(Hash::Sha256, Hash::Sha512)),
        Some(seq(&[])),
        Some(null()),
        None,
    ] {
        let mut world = World::with_keys(Key::P256(1), Key::P256(2), Key::RsaSigner);
        world.token.scheme = Scheme::Pss(Hash::Sha256);
        let id = "1.2.840.113549.1.1.10";
        world.token.algorithm = Some(algorithm(id, parameters.as_deref()));
        let role = "signature algorithm";
        assert_eq!(world.problem(), TsaProblem::UnsupportedAlgorithm { role, oid: id.into() });
    }
}

#[test]
fn a_key_for_pss_alone_signs_nothing_else() {
    let other = || TsaProblem::SignerKey(KeyFault::OtherAlgorithm);
    let mut world = World::with_keys(Key::P256(1), Key::P256(2), Key::PssOnly);
    world.token.scheme = Scheme::Pkcs1(Hash::Sha256);
    assert_eq!(world.problem(), other());
    world.token.scheme = Scheme::Pss(Hash::Sha512);
    assert_eq!(world.problem(), other());
}

#[test]
fn keys_and_signatures_of_different_algorithms_do_not_meet() {
    for (key, claimed) in [
        (Key::P256(3), Scheme::Pkcs1(Hash::Sha256)),
        (Key::P256(3), Scheme::Pss(Hash::Sha256)),
        (Key::RsaSigner, Scheme::Ecdsa(Hash::Sha256)),
    ] {
        let mut world = World::with_keys(Key::P256(1), Key::P256(2), key);
        world.token.algorithm = Some(claimed.identifier());
        assert_eq!(world.problem(), TsaProblem::SignerKey(KeyFault::OtherAlgorithm), "{key:?}");
    }
}

#[test]
fn short_keys_are_refused_wherever_they_stand() {
    let world = World::with_keys(Key::P256(1), Key::P256(2), Key::RsaWeak);
    assert_eq!(world.problem(), TsaProblem::SignerKey(KeyFault::Size));

    let world = World::with_keys(Key::P256(1), Key::RsaWeak, Key::P256(3));
    let fault = CertificateFault::IssuerKey(KeyFault::Size);
    assert_eq!(world.problem(), TsaProblem::Certificate { subject: "CN=Stamps".into(), fault });
}

#[test]
fn parameters_that_do_not_belong_are_refused() {
    let ecdsa = "1.2.840.10045.4.3.2";
    let rsa = "1.2.840.113549.1.1.11";
    for (key, id, parameters) in [
        (Key::P256(3), ecdsa, null()),
        (Key::RsaSigner, rsa, pss_parameters(Hash::Sha256, Hash::Sha256)),
    ] {
        let mut world = World::with_keys(Key::P256(1), Key::P256(2), key);
        world.token.algorithm = Some(algorithm(id, Some(&parameters)));
        let problem = world.problem();
        assert!(matches!(problem, TsaProblem::UnsupportedAlgorithm { .. }), "{problem}");
    }
}

#[test]
fn signatures_of_odd_forms_do_not_verify() {
    let rsa = [
        vec![],
        vec![1],
        vec![0; 256],
        vec![0xff; 256],
        vec![1; 255],
        vec![1; 257],
        vec![1; 2_000],
    ];
    for scheme in [Scheme::Pkcs1(Hash::Sha256), Scheme::Pss(Hash::Sha256)] {
        for signature in &rsa {
            let mut world = World::with_keys(Key::P256(1), Key::P256(2), Key::RsaSigner);
            world.token.scheme = scheme;
            world.token.signature = Some(signature.clone());
            assert_eq!(world.problem(), TsaProblem::SignatureInvalid, "{}", signature.len());
        }
    }
    let pair = |r: &[u8], s: &[u8]| seq(&[&unsigned(r), &unsigned(s)]);
    let curves = [
        vec![],
        seq(&[]),
        pair(&[0], &[0]),
        pair(&[1], &[0]),
        pair(&[0], &[1]),
        pair(&[1], &[1]),
        pair(&[0xff; 32], &[0xff; 32]),
        pair(&[1; 48], &[1; 48]),
        pair(&[1; 100], &[1; 100]),
        vec![7; 64],
    ];
    for key in [Key::P256(3), Key::P384(3)] {
        for signature in &curves {
            let mut world = World::with_keys(Key::P256(1), Key::P256(2), key);
            world.token.signature = Some(signature.clone());
            assert_eq!(world.problem(), TsaProblem::SignatureInvalid, "{signature:?}");
        }
    }
}

#[test]
fn a_salt_that_does_not_fit_is_no_signature() {
    for (hash, salt) in [(Hash::Sha512, 0xff), (Hash::Sha256, 0), (Hash::Sha256, 33)] {
        let mut world = World::with_keys(Key::P256(1), Key::P256(2), Key::RsaSigner);
        world.token.scheme = Scheme::Pss(hash);
        let digest = algorithm(hash.id(), Some(&null()));
        let mask = algorithm("1.2.840.113549.1.1.8", Some(&digest));
        let parameters =
            seq(&[&explicit(0, &digest), &explicit(1, &mask), &explicit(2, &unsigned(&[salt]))]);
        world.token.algorithm = Some(algorithm("1.2.840.113549.1.1.10", Some(&parameters)));
        assert_eq!(world.problem(), TsaProblem::SignatureInvalid, "{hash:?} {salt}");
    }
}

#[test]
fn keys_of_odd_forms_are_refused() {
    let spki = |id: &[u8], key: &[u8]| seq(&[id, &bits(key)]);
    let rsa = algorithm("1.2.840.113549.1.1.1", Some(&null()));
    let rsa_key = |n: &[u8], e: &[u8]| spki(&rsa, &seq(&[&unsigned(n), &unsigned(e)]));
    let on = |curve: &str| algorithm("1.2.840.10045.2.1", Some(&oid(curve)));
    let (p256, k256) = ("1.2.840.10045.3.1.7", "1.3.132.0.10");
    let (malformed, size) = (KeyFault::Malformed, KeyFault::Size);
    let unsupported = KeyFault::Unsupported { oid: k256.into() };
    for (scheme, public, fault) in [
        (Scheme::Pkcs1(Hash::Sha256), rsa_key(&[], &[3]), size.clone()),
        (Scheme::Pkcs1(Hash::Sha256), rsa_key(&[0xff; 256], &[]), size.clone()),
        (Scheme::Pkcs1(Hash::Sha256), rsa_key(&[0xff; 256], &[1]), size.clone()),
        (Scheme::Pkcs1(Hash::Sha256), rsa_key(&[0xff; 256], &[0xff; 256]), size.clone()),
        (Scheme::Pkcs1(Hash::Sha256), rsa_key(&[0xfe; 256], &[3]), size.clone()),
        (Scheme::Pkcs1(Hash::Sha256), rsa_key(&[0xff; 1_025], &[3]), size.clone()),
        (Scheme::Pkcs1(Hash::Sha256), rsa_key(&[0xff; 4_000], &[3]), size),
        (Scheme::Pkcs1(Hash::Sha256), spki(&rsa, b"no key"), malformed.clone()),
        (Scheme::Ecdsa(Hash::Sha256), spki(&on(p256), &[]), malformed.clone()),
        (Scheme::Ecdsa(Hash::Sha256), spki(&on(p256), &[0]), malformed.clone()),
        (Scheme::Ecdsa(Hash::Sha256), spki(&on(p256), &[4; 65]), malformed.clone()),
        (Scheme::Ecdsa(Hash::Sha256), spki(&on(k256), &[4; 65]), unsupported),
        (
            Scheme::Ecdsa(Hash::Sha256),
            spki(&algorithm("1.2.840.10045.2.1", None), &[4; 65]),
            malformed,
        ),
    ] {
        let mut world = World::new();
        world.signer.public = Some(public);
        world.token.algorithm = Some(scheme.identifier());
        assert_eq!(world.problem(), TsaProblem::SignerKey(fault), "{scheme:?}");
    }
}
