// SPDX-License-Identifier: Apache-2.0

//! One defect of a token at a time (RFC 3161, RFC 5652, RFC 5035).

use permit_canonical_json::{Sha256Digest, Value};
use permit_checkpoint::{
    ReceiptProblem, ReceiptTrust, TsaLimits, TsaProblem, TsaReceipt, TsaTrustStatus,
    verify_receipts,
};

use crate::{
    der::{
        algorithm, boolean, explicit, generalized_time, integer, null, octets, oid, printable, seq,
        tlv, unsigned,
    },
    keys::{Hash, Key},
    mint::{Named, Tie, World, attribute, name, name_of, stamped},
};

/// What the four answers are: imprint, signature, chain, use.
fn answers(judged: &ReceiptTrust) -> (bool, bool, bool, Option<bool>) {
    (
        judged.imprint_match().unwrap(),
        judged.cms_signature_valid().unwrap(),
        judged.certificate_chain_valid().unwrap(),
        judged.eku_valid(),
    )
}

/// Bends a world that is valid, and says what is wrong then.
type Bend = (&'static str, fn(&mut World), TsaProblem);

#[test]
fn what_the_signature_rests_on_is_checked_one_by_one() {
    let missing = |name| TsaProblem::AttributeMissing { name };
    let repeated = |name| TsaProblem::AttributeRepeated { name };
    let mismatch = |name| TsaProblem::AttributeMismatch { name };
    let bends: Vec<Bend> = vec![
        ("flipped bit", |world| world.token.broken_signature = true, TsaProblem::SignatureInvalid),
        ("another key", |world| world.token.key = Some(Key::P256(9)), TsaProblem::SignatureInvalid),
        (
            "no signed attributes",
            |world| world.token.without_attributes = true,
            TsaProblem::NoSignedAttributes,
        ),
        ("no content type", |world| world.token.signed_content_type = None, missing("contentType")),
        (
            "another content type",
            |world| world.token.signed_content_type = Some("1.2.840.113549.1.7.1"),
            mismatch("contentType"),
        ),
        ("no digest", |world| world.token.without_message_digest = true, missing("messageDigest")),
        (
            "another digest",
            |world| world.token.message_digest = Some(vec![7; 32]),
            mismatch("messageDigest"),
        ),
        (
            "a second digest",
            |world| {
                let second = attribute("1.2.840.113549.1.9.4", &[octets(&[7; 32])]);
                world.token.more_attributes.push(second);
            },
            repeated("messageDigest"),
        ),
        (
            "a digest of two values",
            |world| {
                world.token.without_message_digest = true;
                let both = [octets(&[7; 32]), octets(&[8; 32])];
                world.token.more_attributes.push(attribute("1.2.840.113549.1.9.4", &both));
            },
            repeated("messageDigest"),
        ),
        (
            "no tie to a certificate",
            |world| world.token.ties.clear(),
            missing("signingCertificateV2"),
        ),
        (
            "tied to another certificate",
            |world| world.token.ties = vec![Tie::V2Other(world.root.der())],
            mismatch("signingCertificateV2"),
        ),
        (
            "tied to two different certificates",
            |world| {
                let other = Tie::V2Other(world.intermediate.der());
                world.token.ties = vec![Tie::V1, other];
            },
            mismatch("signingCertificateV2"),
        ),
        (
            "tied to a certificate of another issuer",
            |world| {
                let (issuer, serial) = (name("Another"), world.signer.serial.clone());
                world.token.ties = vec![Tie::V2WithIssuer { issuer, serial }];
            },
            mismatch("signingCertificateV2"),
        ),
        (
            "tied to a certificate of another number",
            |world| {
                let (issuer, serial) = (world.signer.issuer.clone(), vec![0x55]);
                world.token.ties = vec![Tie::V2WithIssuer { issuer, serial }];
            },
            mismatch("signingCertificateV2"),
        ),
    ];
    for (what, bend, problem) in bends {
        let mut world = World::new();
        bend(&mut world);
        let judged = world.judge();
        assert_eq!(judged.problem(), Some(&problem), "{what}");
        let (imprint, signature, _, usage) = answers(&judged);
        assert_eq!((imprint, signature, usage), (true, false, Some(true)), "{what}");
        assert_eq!(judged.status(), TsaTrustStatus::Invalid, "{what}");
    }
}

#[test]
fn each_way_of_tying_a_signature_to_its_certificate_is_read() {
    let world = World::new();
    let (issuer, serial) = (world.signer.issuer.clone(), world.signer.serial.clone());
    for ties in [
        vec![Tie::V1],
        vec![Tie::V2(Hash::Sha256)],
        vec![Tie::V2(Hash::Sha384)],
        vec![Tie::V2(Hash::Sha512)],
        vec![Tie::V1, Tie::V2(Hash::Sha256)],
        vec![Tie::V2WithIssuer { issuer, serial }],
        vec![Tie::V2AndMore(world.intermediate.der())],
    ] {
        let mut world = World::new();
        world.token.ties = ties.clone();
        assert_eq!(world.judge().status(), TsaTrustStatus::Valid, "{ties:?}");
    }
}

#[test]
fn more_ties_than_a_path_has_certificates_are_refused() {
    let mut world = World::new();
    let digest = seq(&[&octets(&Hash::Sha256.digest(&world.signer.der()))]);
    let tied = |count: usize| {
        let listed = seq(&[&seq(&[&digest.repeat(count)])]);
        attribute("1.2.840.113549.1.9.16.2.47", &[listed])
    };
    world.token.ties.clear();
    world.token.more_attributes = vec![tied(16)];
    assert_eq!(world.judge().status(), TsaTrustStatus::Valid);
    for count in [0, 17, 1_000] {
        world.token.more_attributes = vec![tied(count)];
        let problem = TsaProblem::Malformed { part: "signingCertificateV2" };
        assert_eq!(world.problem(), problem, "{count}");
    }
}

#[test]
fn all_certificates_that_are_tied_have_to_be_on_the_path() {
    let mut world = World::new();
    let mut stranger = world.intermediate.clone();
    stranger.serial = vec![0x77];
    world.token.ties = vec![Tie::V2AndMore(stranger.der())];
    let judged = world.judge();
    let problem = TsaProblem::AttributeMismatch { name: "signingCertificateV2" };
    assert_eq!(judged.problem(), Some(&problem));
    assert_eq!(answers(&judged), (true, true, false, Some(true)));
}

#[test]
fn parts_of_a_token_that_are_not_those_of_a_time_stamp_end_the_reading() {
    let other = |part, oid: &str| TsaProblem::OtherContent { part, oid: oid.into() };
    let bends: Vec<Bend> = vec![
        (
            "not signed data",
            |world| world.token.content_info_type = "1.2.840.113549.1.7.5",
            other("ContentInfo", "1.2.840.113549.1.7.5"),
        ),
        (
            "signed data of something else",
            |world| world.token.content_type = "1.2.840.113549.1.7.1",
            other("encapContentInfo", "1.2.840.113549.1.7.1"),
        ),
        ("nobody signed", |world| world.token.signers = 0, TsaProblem::Signers { count: 0 }),
        ("two signed", |world| world.token.signers = 2, TsaProblem::Signers { count: 2 }),
        ("version 2", |world| world.token.version = integer(&[2]), TsaProblem::UnknownVersion),
        (
            "the signer's certificate is not there",
            |world| world.carries_signer = false,
            TsaProblem::SignerCertificateMissing,
        ),
        (
            "the signer names itself by a key id that no certificate has",
            |world| world.token.named = Named::SubjectKey,
            TsaProblem::SignerCertificateMissing,
        ),
        (
            "a critical extension",
            |world| {
                let extension = seq(&[&oid("1.2.3.4"), &boolean(true), &octets(&null())]);
                world.token.rest = tlv(0xa1, &[&extension]);
            },
            TsaProblem::CriticalExtension { oid: "1.2.3.4".into() },
        ),
    ];
    for (what, bend, problem) in bends {
        let mut world = World::new();
        bend(&mut world);
        let judged = world.judge();
        assert_eq!(judged.problem(), Some(&problem), "{what}");
        assert_eq!(answers(&judged), (true, false, false, None), "{what}");
        assert!(!judged.eku_checked(), "{what}");
    }
}

#[test]
fn sem_03_the_imprint_is_the_composite_hash_as_a_sha_256_digest() {
    let mut world = World::new();
    world.token.imprint = vec![1; 32];
    let judged = world.judge();
    let stamped = Some(Sha256Digest::from_bytes([1; 32]));
    let other = ReceiptProblem::OtherHash { stamped, bytes: 32 };
    assert_eq!(judged.problem(), Some(&other.into()));
    assert_eq!(answers(&judged), (false, false, false, None));

    // SHA-1 of whatever: 20 bytes are never the hash.
    world.token.imprint = vec![1; 20];
    world.token.imprint_algorithm = algorithm(Hash::Sha1.id(), Some(&null()));
    let other = ReceiptProblem::OtherHash { stamped: None, bytes: 20 };
    assert_eq!(world.problem(), other.into());
}

#[test]
fn an_imprint_that_is_called_another_digest_is_none_of_the_hash() {
    for id in [Hash::Sha1.id(), Hash::Sha512.id(), "2.16.840.1.101.3.4.2.8"] {
        let mut world = World::new();
        world.token.imprint_algorithm = algorithm(id, Some(&null()));
        let judged = world.judge();
        let problem = TsaProblem::OtherImprintAlgorithm { oid: id.into() };
        assert_eq!(judged.problem(), Some(&problem));
        assert_eq!(answers(&judged), (false, false, false, None), "{id}");
        // The claim about the imprint asks for the bytes alone, as its recipe says.
        let document = crate::mint::checkpoint_with(&world.token_der());
        let [receipt] = TsaReceipt::all_of(&document).try_into().unwrap();
        assert!(!receipt.check_imprint(crate::mint::stamped()).unwrap().names_sha256());
    }
    let mut world = World::new();
    world.token.imprint_algorithm = algorithm(Hash::Sha256.id(), None);
    assert_eq!(world.judge().status(), TsaTrustStatus::Valid, "parameters may be left out");
}

#[test]
fn times_have_fractions_and_are_instants() {
    for (text, instant) in [
        ("20260507120000Z", "2026-05-07T12:00:00Z"),
        ("20260507120000.5Z", "2026-05-07T12:00:00.5Z"),
        ("20260507120000.123456789Z", "2026-05-07T12:00:00.123456789Z"),
        ("20260228235959.001Z", "2026-02-28T23:59:59.001Z"),
    ] {
        let mut world = World::new();
        world.token.gen_time = generalized_time(text);
        let judged = world.judge();
        assert_eq!(judged.stamp().unwrap().gen_time().to_string(), instant);
    }
    for bad in [
        "20260507120000",
        "202605071200Z",
        "20260507120000+0000",
        "20260507120000.Z",
        "20260507120000,5Z",
        "20260230120000Z",
        "20260507126000Z",
        "2026-5-7120000Z",
        "20260507120000.5 Z",
        "20260507120000.000000000000000000000Z",
        "",
    ] {
        let mut world = World::new();
        world.token.gen_time = generalized_time(bad);
        assert_eq!(world.problem(), TsaProblem::Malformed { part: "genTime" }, "{bad}");
    }
    let mut world = World::new();
    world.token.gen_time = tlv(0x17, &[b"260507120000Z"]);
    assert_eq!(world.problem(), TsaProblem::Malformed { part: "genTime" });
}

#[test]
fn accuracy_nonce_and_extensions_are_read() {
    let mut world = World::new();
    let accuracy = seq(&[&unsigned(&[2]), &tlv(0x80, &[&[3]]), &tlv(0x81, &[&[4]])]);
    let extension = seq(&[&oid("1.2.3.4"), &octets(&null())]);
    world.token.rest =
        [accuracy, boolean(true), unsigned(&[0xab, 0xcd]), tlv(0xa1, &[&extension])].concat();
    let judged = world.judge();
    let stamp = judged.stamp().unwrap();
    assert_eq!(stamp.accuracy_micros(), Some(2_003_004));
    assert_eq!(stamp.nonce(), Some("abcd"));

    world.token.rest = [boolean(true), null()].concat();
    assert_eq!(world.problem(), TsaProblem::Malformed { part: "TSTInfo" });
}

#[test]
fn the_authority_that_is_named_is_that_of_the_certificate() {
    let named = |name: &[u8]| explicit(0, &explicit(4, name));
    let mut world = World::new();
    world.token.rest = named(&name("Stamps"));
    assert_eq!(world.judge().status(), TsaTrustStatus::Valid);
    // The same text in another type of string.
    world.token.rest = named(&name_of(&printable("Stamps")));
    assert_eq!(world.judge().status(), TsaTrustStatus::Valid);

    for other in [named(&name("Another")), explicit(0, &tlv(0x82, &[b"stamps.invalid"]))] {
        world.token.rest = other;
        let judged = world.judge();
        assert_eq!(judged.problem(), Some(&TsaProblem::OtherAuthority));
        assert_eq!(answers(&judged), (true, false, true, Some(true)));
    }
    let names = seq(&[&tlv(0x82, &[b"stamps.invalid"])]);
    world.signer.more = vec![("2.5.29.17", false, names)];
    assert_eq!(world.judge().status(), TsaTrustStatus::Valid, "an alternative name");
}

#[test]
fn signers_are_named_by_issuer_and_number_or_by_key() {
    let mut world = World::new();
    world.token.named = Named::SubjectKey;
    world.signer.subject_key = Some(vec![5; 20]);
    assert_eq!(world.judge().status(), TsaTrustStatus::Valid);
}

#[test]
fn of_two_certificates_with_one_name_the_tied_one_signed() {
    let mut world = World::new();
    // Sorts before the signer's, and is what a search by name alone would find.
    let mut decoy = world.signer.clone();
    decoy.key = Key::P256(8);
    decoy.not_before = "20190101000000Z";
    world.also_carried = vec![decoy.der()];
    assert_eq!(world.judge().status(), TsaTrustStatus::Valid);
}

#[test]
fn what_nobody_signed_decides_nothing() {
    let mut world = World::new();
    world.token.unsigned_attributes = true;
    world.also_carried = vec![seq(&[&null()]), tlv(0xa1, &[&null()]), world.root.der()];
    assert_eq!(world.judge().status(), TsaTrustStatus::Valid);
    let time = attribute("1.2.840.113549.1.9.5", &[generalized_time("x")]);
    world.token.more_attributes = vec![time.clone(), time];
    assert_eq!(world.judge().status(), TsaTrustStatus::Valid, "signed, and of no concern");
}

#[test]
fn receipts_without_token_and_checkpoints_without_hash_are_invalid() {
    let world = World::new();
    let pem = world.bundle_pem();
    let bundle = permit_checkpoint::CaBundle::read(pem.as_bytes(), &TsaLimits::default()).unwrap();
    let judge = |document: &Value<'_>, hash| {
        let limits = TsaLimits::default();
        verify_receipts(&TsaReceipt::all_of(document), hash, Ok(&bundle), &limits)
    };
    let problem = |document: &Value<'_>| judge(document, Some(stamped()))[0].problem().cloned();

    let receipts = |receipt: Value<'static>| Value::object([("tsa_receipts", vec![receipt])]);
    assert_eq!(problem(&receipts(1.into())), Some(ReceiptProblem::NotAnObject.into()));
    let empty = receipts(Value::object([("provider", "")]));
    assert_eq!(problem(&empty), Some(ReceiptProblem::NoToken.into()));
    assert_eq!(judge(&empty, Some(stamped()))[0].provider(), "unknown");
    let bad = receipts(Value::object([("receipt_b64", "AA")]));
    assert_eq!(problem(&bad), Some(ReceiptProblem::NotBase64 { offset: 2 }.into()));

    let good = crate::mint::checkpoint_with(&world.token_der());
    let judged = judge(&good, None);
    assert_eq!(judged[0].problem(), Some(&TsaProblem::NoCompositeHash));
    assert_eq!(judged[0].status(), TsaTrustStatus::Invalid);

    let skipped = ReceiptTrust::skipped(&TsaReceipt::all_of(&good)[0]);
    assert_eq!(skipped.status(), TsaTrustStatus::Skipped);
    assert_eq!((skipped.imprint_match(), skipped.eku_checked()), (None, false));
    assert_eq!((skipped.finding(), skipped.stamp()), (None, None));
    assert_eq!(skipped.problem(), Some(&TsaProblem::NotAsked));
}

#[test]
fn a_failure_is_a_finding_of_the_run() {
    // Trap 16: the reference exits 1 and goes on saying `ok: true`.
    let mut world = World::new();
    world.token.broken_signature = true;
    let finding = world.judge().finding().unwrap();
    assert_eq!(finding.severity, permit_types::Severity::Failure);
    assert_eq!(finding.reason.as_str(), "VERIFICATION_FAILED");
    assert_eq!(finding.at.pointer.to_string(), "/tsa/receipt_b64");
    assert_eq!(finding.get("receipt"), Some("of tests"));
    assert!(!finding.help.is_empty());
}
