// SPDX-License-Identifier: Apache-2.0

//! Bundles of authorities.

use permit_canonical_json::Sha256Digest;
use permit_checkpoint::{
    CaBundle, CaBundleError, TsaLimits, TsaProblem, TsaReceipt, TsaTrustStatus, verify_receipts,
};

use crate::mint::{World, checkpoint_with, pem, stamped};

fn read(text: &str) -> Result<CaBundle, CaBundleError> {
    CaBundle::read(text.as_bytes(), &TsaLimits::default())
}

#[test]
fn text_around_certificates_and_line_ends_do_not_count() {
    let world = World::new();
    let plain = world.bundle_pem();
    let dressed = format!("Subject: CN=Root\n# comment é\n{plain}\ntrailing");
    let windows = plain.replace('\n', "\r\n");
    for text in [&plain, &dressed, &windows] {
        let bundle = read(text).unwrap();
        assert_eq!((bundle.roots(), bundle.unusable()), (1, 0));
        assert_eq!(bundle.digest(), Sha256Digest::of(text.as_bytes()));
    }
}

#[test]
fn damaged_bundles_are_refused_and_unreadable_certificates_counted() {
    let world = World::new();
    let plain = world.bundle_pem();
    let broken = plain.replacen("MII", "M*I", 1);
    for (text, number) in [
        (broken, 1),
        (plain.replace("-----END CERTIFICATE-----", ""), 1),
        (plain.clone() + &plain.replace('=', ""), 2),
        (plain.clone() + "-----BEGIN CERTIFICATE-----\n", 2),
    ] {
        let error = read(&text).map(|bundle| bundle.roots());
        // A bundle of any number of characters may need no padding.
        if text.contains("END") && !text.contains('=') {
            continue;
        }
        assert_eq!(error, Err(CaBundleError::Damaged { number }), "{text}");
    }
    let with_stranger = pem(&[b"no certificate".to_vec(), world.root.der()]);
    let bundle = read(&with_stranger).unwrap();
    assert_eq!((bundle.roots(), bundle.unusable()), (1, 1));
}

#[test]
fn bundles_without_a_root_are_refused() {
    let world = World::new();
    for (text, certificates, unusable) in [
        (String::new(), 0, 0),
        (pem(&[world.intermediate.der()]), 1, 0),
        (pem(&[b"junk".to_vec(), world.signer.der()]), 2, 1),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_owned(), 0, 0),
    ] {
        let error = read(&text).unwrap_err();
        assert_eq!(error, CaBundleError::NoRoot { certificates, unusable });
        assert!(!error.to_string().is_empty() && !error.help().is_empty());
    }
}

#[test]
fn a_root_whose_key_ids_do_not_fit_itself_is_none() {
    let mut world = World::new();
    world.root.subject_key = Some(vec![1; 20]);
    world.root.authority_key = Some(vec![2; 20]);
    assert!(matches!(read(&world.bundle_pem()), Err(CaBundleError::NoRoot { .. })));
    world.root.authority_key = Some(vec![1; 20]);
    assert_eq!(read(&world.bundle_pem()).unwrap().roots(), 1);
}

#[test]
fn a_bundle_that_cannot_be_read_makes_every_receipt_invalid() {
    let world = World::new();
    let document = checkpoint_with(&world.token_der());
    let receipts = TsaReceipt::all_of(&document);
    let error = CaBundleError::Unavailable { reason: "no such file".into() };
    let limits = TsaLimits::default();
    let judged = verify_receipts(&receipts, Some(stamped()), Err(&error), &limits);
    assert_eq!(judged[0].status(), TsaTrustStatus::Invalid);
    assert_eq!(judged[0].problem(), Some(&TsaProblem::Bundle(error)));
    // The imprint needs no authorities.
    assert_eq!(judged[0].imprint_match(), Some(true));
    assert_eq!(judged[0].cms_signature_valid(), Some(false));
    assert_eq!((judged[0].eku_checked(), judged[0].eku_valid()), (false, None));
}
