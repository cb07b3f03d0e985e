// SPDX-License-Identifier: Apache-2.0

//! One defect of a certificate at a time, and paths (RFC 5280, RFC 3161 2.3).

use permit_checkpoint::{CertificateFault, TsaProblem, TsaTrustStatus};

use crate::{
    der::{generalized_time, null, seq, tlv},
    keys::{Hash, Key, Scheme},
    mint::{Certificate, TIME_STAMPING, World, name},
};

const ANY: &str = "2.5.29.37.0";
const SERVER: &str = "1.3.6.1.5.5.7.3.1";

fn fault_of(subject: &str, fault: CertificateFault) -> TsaProblem {
    TsaProblem::Certificate { subject: format!("CN={subject}").into(), fault }
}

type Bend = (&'static str, fn(&mut World), CertificateFault);
type Extension = (&'static str, bool, Vec<u8>);
type BendWithExtension = (&'static str, fn(&mut World, Extension), TsaProblem);
type Harmless = (&'static str, fn(&mut World));

#[test]
fn the_signer_is_for_time_stamps_alone_and_says_so() {
    let bends: Vec<Bend> = vec![
        ("no use", |world| world.signer.extended_key_usage = None, CertificateFault::EkuMissing),
        (
            "not critical",
            |world| world.signer.extended_key_usage = Some((false, vec![TIME_STAMPING])),
            CertificateFault::EkuNotCritical,
        ),
        (
            "another use",
            |world| world.signer.extended_key_usage = Some((true, vec![SERVER])),
            CertificateFault::EkuOther,
        ),
        (
            "another use as well",
            |world| world.signer.extended_key_usage = Some((true, vec![TIME_STAMPING, SERVER])),
            CertificateFault::EkuOther,
        ),
        (
            "the same use twice",
            |world| {
                world.signer.extended_key_usage = Some((true, vec![TIME_STAMPING, TIME_STAMPING]));
            },
            CertificateFault::EkuOther,
        ),
        (
            "any use",
            |world| world.signer.extended_key_usage = Some((true, vec![ANY])),
            CertificateFault::EkuOther,
        ),
    ];
    for (what, bend, fault) in bends {
        let mut world = World::new();
        bend(&mut world);
        let judged = world.judge();
        assert_eq!(judged.problem(), Some(&fault_of("Stamps", fault)), "{what}");
        assert_eq!(judged.cms_signature_valid(), Some(true), "{what}");
        assert_eq!(judged.certificate_chain_valid(), Some(true), "{what}");
        assert_eq!((judged.eku_checked(), judged.eku_valid()), (true, Some(false)), "{what}");
    }
}

#[test]
fn every_certificate_on_the_path_is_judged() {
    let unknown = || CertificateFault::CriticalExtension { oid: "1.2.3.4".into() };
    let extension = ("1.2.3.4", true, null());
    let bends: Vec<BendWithExtension> = vec![
        (
            "the signer's key encrypts",
            |world, _| world.signer.key_usage = Some((0xa0, 5)),
            fault_of("Stamps", CertificateFault::KeyUsage),
        ),
        (
            "the signer's key is for nothing",
            |world, _| world.signer.key_usage = Some((0x00, 0)),
            fault_of("Stamps", CertificateFault::KeyUsage),
        ),
        (
            "the signer issues certificates",
            |world, _| world.signer.basic_constraints = Some((true, None)),
            fault_of("Stamps", CertificateFault::IssuesCertificates),
        ),
        (
            "the intermediate may not issue",
            |world, _| world.intermediate.basic_constraints = Some((false, None)),
            fault_of("Intermediate", CertificateFault::MayNotIssue),
        ),
        (
            "the intermediate says nothing about issuing",
            |world, _| world.intermediate.basic_constraints = None,
            fault_of("Intermediate", CertificateFault::MayNotIssue),
        ),
        (
            "the root may not issue",
            |world, _| world.root.basic_constraints = None,
            fault_of("Root", CertificateFault::MayNotIssue),
        ),
        (
            "the intermediate's key signs no certificates",
            |world, _| world.intermediate.key_usage = Some((0x80, 7)),
            fault_of("Intermediate", CertificateFault::MayNotSignCertificates),
        ),
        (
            "the root allows no intermediate",
            |world, _| world.root.basic_constraints = Some((true, Some(0))),
            fault_of("Root", CertificateFault::PathLength),
        ),
        (
            "the intermediate issues for servers",
            |world, _| world.intermediate.extended_key_usage = Some((false, vec![SERVER])),
            fault_of("Intermediate", CertificateFault::IssuesForOtherUse),
        ),
        (
            "the root issues for servers",
            |world, _| world.root.extended_key_usage = Some((false, vec![SERVER])),
            fault_of("Root", CertificateFault::IssuesForOtherUse),
        ),
        (
            "the intermediate limits names",
            |world, _| world.intermediate.more = vec![("2.5.29.30", true, seq(&[]))],
            fault_of("Intermediate", CertificateFault::NameConstraints),
        ),
        (
            "an extension of the signer",
            |world, extension| world.signer.more = vec![extension],
            fault_of("Stamps", unknown()),
        ),
        (
            "an extension of the intermediate",
            |world, extension| world.intermediate.more = vec![extension],
            fault_of("Intermediate", unknown()),
        ),
        (
            "an extension of the root",
            |world, extension| world.root.more = vec![extension],
            fault_of("Root", unknown()),
        ),
        (
            "the signer's certificate is forged",
            |world, _| world.signer.broken_signature = true,
            fault_of("Stamps", CertificateFault::SignatureInvalid),
        ),
        (
            "the signer's certificate is of another key",
            |world, _| world.signer.issuer_key = Key::P256(9),
            fault_of("Stamps", CertificateFault::SignatureInvalid),
        ),
        (
            "two algorithms in one certificate",
            |world, _| world.signer.inner_scheme = Some(Scheme::Ecdsa(Hash::Sha512)),
            fault_of("Stamps", CertificateFault::AlgorithmsDiffer),
        ),
    ];
    for (what, bend, problem) in bends {
        let mut world = World::new();
        bend(&mut world, extension.clone());
        let judged = world.judge();
        assert_eq!(judged.problem(), Some(&problem), "{what}");
        assert_eq!(judged.cms_signature_valid(), Some(true), "{what}");
        assert_eq!(judged.certificate_chain_valid(), Some(false), "{what}");
        assert_eq!(judged.eku_valid(), Some(true), "{what}");
    }
}

#[test]
fn what_certificates_may_have_harms_nothing() {
    let bends: Vec<Harmless> = vec![
        ("no key usage", |world| {
            world.signer.key_usage = None;
            world.intermediate.key_usage = None;
            world.root.key_usage = None;
        }),
        ("non-repudiation", |world| world.signer.key_usage = Some((0xc0, 6))),
        ("no basic constraints", |world| world.signer.basic_constraints = None),
        ("a limit that is kept", |world| {
            world.root.basic_constraints = Some((true, Some(1)));
            world.intermediate.basic_constraints = Some((true, Some(0)));
        }),
        ("issuers for time stamps", |world| {
            world.root.extended_key_usage = Some((false, vec![SERVER, TIME_STAMPING]));
            world.intermediate.extended_key_usage = Some((true, vec![ANY]));
        }),
        ("extensions that may be overlooked", |world| {
            world.signer.more = vec![("1.2.3.4", false, null())];
            world.intermediate.more = vec![("2.5.29.32", true, seq(&[]))];
        }),
        ("key ids that fit", |world| {
            world.intermediate.subject_key = Some(vec![3; 20]);
            world.signer.authority_key = Some(vec![3; 20]);
            world.intermediate.authority_key = Some(vec![4; 20]);
        }),
    ];
    for (what, bend) in bends {
        let mut world = World::new();
        bend(&mut world);
        let judged = world.judge();
        assert_eq!(judged.status(), TsaTrustStatus::Valid, "{what}: {judged:?}");
    }
}

#[test]
fn certificates_are_judged_at_the_time_of_the_stamp() {
    // The signer's runs from 2025 to 2027, both ends included.
    for (time, standing) in [
        ("20241231235959Z", Err(true)),
        ("20250101000000Z", Ok(())),
        ("20270101000000Z", Ok(())),
        ("20270101000000.9Z", Ok(())),
        ("20270101000001Z", Err(false)),
    ] {
        let mut world = World::new();
        world.token.gen_time = generalized_time(time);
        let judged = world.judge();
        match (standing, judged.problem()) {
            (Ok(()), None) => {}
            (
                Err(true),
                Some(TsaProblem::Certificate {
                    fault: CertificateFault::NotYetValid { .. }, ..
                }),
            )
            | (
                Err(false),
                Some(TsaProblem::Certificate { fault: CertificateFault::Expired { .. }, .. }),
            ) => {}
            (_, other) => panic!("{time}: {other:?}"),
        }
    }
    type Expire = fn(&mut World) -> &mut Certificate;
    let of_each: [Expire; 3] =
        [|world| &mut world.signer, |world| &mut world.intermediate, |world| &mut world.root];
    for certificate in of_each {
        for early in [true, false] {
            let mut world = World::new();
            if early {
                certificate(&mut world).not_before = "20260507120001Z";
            } else {
                certificate(&mut world).not_after = "20260507115959Z";
            }
            let problem = world.problem();
            let TsaProblem::Certificate { fault, .. } = &problem else { panic!("{problem}") };
            let told_apart = match fault {
                CertificateFault::NotYetValid { .. } => early,
                CertificateFault::Expired { .. } => !early,
                _ => false,
            };
            assert!(told_apart, "{problem}");
        }
    }
}

#[test]
fn nobody_else_s_root_will_do() {
    let mut world = World::new();
    // The same name with another key, and another name.
    let mut namesake = world.root.clone();
    namesake.key = Key::P384(7);
    namesake.issuer_key = Key::P384(7);
    world.bundle = Some(vec![namesake.der()]);
    let judged = world.judge();
    assert_eq!(
        judged.problem(),
        Some(&fault_of("Intermediate", CertificateFault::SignatureInvalid))
    );
    assert_eq!(judged.certificate_chain_valid(), Some(false));

    let mut stranger = namesake;
    (stranger.subject, stranger.issuer) = (name("Stranger"), name("Stranger"));
    world.bundle = Some(vec![stranger.der()]);
    let unknown =
        TsaProblem::IssuerUnknown { subject: "CN=Intermediate".into(), issuer: "CN=Root".into() };
    assert_eq!(world.problem(), unknown);

    // A root that comes along with the token is worth nothing.
    world.also_carried = vec![world.root.der()];
    let problem = world.problem();
    assert!(matches!(problem, TsaProblem::IssuerUnknown { .. }), "{problem}");
}

#[test]
fn an_intermediate_may_stand_in_the_bundle_and_is_no_root_there() {
    let mut world = World::new();
    world.carries_intermediate = false;
    let unknown =
        TsaProblem::IssuerUnknown { subject: "CN=Stamps".into(), issuer: "CN=Intermediate".into() };
    assert_eq!(world.problem(), unknown);
    world.bundle = Some(vec![world.intermediate.der(), world.root.der()]);
    assert_eq!(world.judge().status(), TsaTrustStatus::Valid);
    world.bundle = Some(vec![world.intermediate.der(), stranger().der()]);
    let problem = world.problem();
    assert!(matches!(problem, TsaProblem::IssuerUnknown { .. }), "{problem}");
}

#[test]
fn a_signer_directly_under_a_root_and_one_that_is_the_root() {
    let mut world = World::new();
    let root = world.root.clone();
    world.signer.issued_by(&root);
    world.carries_intermediate = false;
    let judged = world.judge();
    assert_eq!(judged.stamp().unwrap().path_length(), 2);

    let mut world = World::new();
    let itself = world.signer.clone();
    world.signer.issued_by(&itself);
    world.signer.basic_constraints = Some((true, None));
    world.bundle = Some(vec![world.signer.der()]);
    assert_eq!(world.judge().stamp().unwrap().path_length(), 1);
    world.signer.extended_key_usage = None;
    world.bundle = Some(vec![world.signer.der()]);
    assert_eq!(world.problem(), fault_of("Stamps", CertificateFault::EkuMissing));
}

#[test]
fn of_several_ways_up_one_that_holds_is_found() {
    let mut world = World::new();
    // An expired twin of the intermediate, a twin with another key, a twin under a stranger.
    let mut expired = world.intermediate.clone();
    (expired.not_after, expired.serial) = ("20240101000000Z", vec![1]);
    let mut other_key = world.intermediate.clone();
    (other_key.key, other_key.serial) = (Key::P256(9), vec![2]);
    let mut astray = world.intermediate.clone();
    astray.issued_by(&stranger());
    world.also_carried = vec![expired.der(), other_key.der(), astray.der()];
    let judged = world.judge();
    assert_eq!(judged.status(), TsaTrustStatus::Valid, "{judged:?}");

    // Without the one that holds, the most telling fault is told.
    world.carries_intermediate = false;
    let problem = world.problem();
    assert!(matches!(problem, TsaProblem::Certificate { .. }), "{problem}");
}

#[test]
fn authorities_that_vouch_for_each_other_lead_nowhere() {
    let mut world = World::new();
    let mut other = world.intermediate.clone();
    other.subject = name("Other");
    other.key = Key::P256(9);
    other.issued_by(&world.intermediate);
    world.intermediate.issued_by(&other);
    world.also_carried = vec![other.der()];
    let problem = world.problem();
    assert!(matches!(problem, TsaProblem::IssuerUnknown { .. }), "{problem}");
}

#[test]
fn a_renewed_authority_does_not_count_for_the_length_of_the_path() {
    let mut world = World::new();
    // The root signed its own next key, which issued the intermediate.
    let mut renewed = world.root.clone();
    (renewed.key, renewed.serial) = (Key::P384(5), vec![9]);
    world.root.basic_constraints = Some((true, Some(1)));
    world.intermediate.issued_by(&renewed);
    world.also_carried = vec![renewed.der()];
    let judged = world.judge();
    assert_eq!(judged.stamp().map(permit_checkpoint::VerifiedStamp::path_length), Some(4));
    world.root.basic_constraints = Some((true, Some(0)));
    assert_eq!(world.problem(), fault_of("Root", CertificateFault::PathLength));
}

#[test]
fn an_extension_twice_makes_a_certificate_unreadable() {
    let mut world = World::new();
    let usage = tlv(0x03, &[&[7, 0x80]]);
    world.signer.more = vec![("2.5.29.15", true, usage)];
    assert_eq!(world.problem(), TsaProblem::SignerCertificateMissing);
}

fn stranger() -> Certificate {
    let mut stranger = World::new().root;
    (stranger.subject, stranger.issuer) = (name("Stranger"), name("Stranger"));
    (stranger.key, stranger.issuer_key) = (Key::P384(7), Key::P384(7));
    stranger
}
