// SPDX-License-Identifier: Apache-2.0

//! What is too much, and is told apart from what is wrong.

use std::time::{Duration, Instant};

use permit_canonical_json::Value;
use permit_checkpoint::{
    CaBundle, CaBundleError, TsaProblem, TsaReceipt, TsaTrustStatus, verify_receipts,
};
use permit_types::Severity;

use crate::{
    keys::Key,
    mint::{World, checkpoint_with, name, pem, stamped},
};

#[test]
fn each_limit_is_named_and_no_verdict_on_the_receipt() {
    type Bend = (fn(&mut World), TsaProblem);
    let bends: Vec<Bend> = vec![
        (|world| world.limits.token_bytes = 100, TsaProblem::TokenTooLong { limit: 100 }),
        (|world| world.limits.token_certificates = 1, TsaProblem::TooManyCertificates { limit: 1 }),
        (|world| world.limits.signature_checks = 1, TsaProblem::TooMuchWork { limit: 1 }),
        (|world| world.limits.receipts = 0, TsaProblem::TooManyReceipts { limit: 0 }),
    ];
    for (bend, problem) in bends {
        let mut world = World::new();
        bend(&mut world);
        let judged = world.judge();
        assert_eq!(judged.problem(), Some(&problem));
        assert!(problem.is_limit());
        assert_eq!(judged.status(), TsaTrustStatus::Invalid);
        let finding = judged.finding().unwrap();
        assert_eq!(finding.reason.as_str(), "BUDGET_EXCEEDED");
        assert_eq!(finding.severity, Severity::Notice);
    }
    let mut world = World::new();
    world.limits.path_certificates = 2;
    let problem = world.problem();
    assert_eq!(problem, TsaProblem::PathTooLong { limit: 2 });
    world.limits.path_certificates = 3;
    assert_eq!(world.judge().status(), TsaTrustStatus::Valid);
}

#[test]
fn bundles_have_limits() {
    let mut world = World::new();
    world.limits.bundle_bytes = 10;
    let read = |world: &World, certificates: &[Vec<u8>]| {
        CaBundle::read(pem(certificates).as_bytes(), &world.limits).unwrap_err()
    };
    let root = world.root.der();
    let too_long = read(&world, std::slice::from_ref(&root));
    assert_eq!(too_long, CaBundleError::TooLong { limit: 10 });
    assert!(TsaProblem::Bundle(too_long).is_limit());
    let mut world = World::new();
    world.limits.bundle_certificates = 1;
    assert_eq!(read(&world, &[root.clone(), root]), CaBundleError::TooMany { limit: 1 });
}

#[test]
fn receipts_beyond_the_limit_are_not_verified_and_listed() {
    let world = World::new();
    let bundle = CaBundle::read(world.bundle_pem().as_bytes(), &world.limits).unwrap();
    let one = checkpoint_with(&world.token_der()).get("tsa").unwrap().clone();
    let document = Value::object([("tsa_receipts", vec![one.clone(), one.clone(), one])]);
    let mut limits = world.limits;
    limits.receipts = 2;
    let receipts = TsaReceipt::all_of(&document);
    let judged = verify_receipts(&receipts, Some(stamped()), Ok(&bundle), &limits);
    let statuses: Vec<_> = judged.iter().map(|one| one.status().as_str()).collect();
    assert_eq!(statuses, ["valid", "valid", "invalid"]);
}

#[test]
fn a_thicket_of_authorities_ends_at_the_budget() {
    // Thirty authorities of one name and one key, each of which could have issued any other.
    let mut world = World::new();
    let mut thicket = world.intermediate.clone();
    thicket.subject = name("Intermediate");
    thicket.issued_by(&thicket.clone());
    for serial in 1..30 {
        thicket.serial = vec![serial];
        world.also_carried.push(thicket.der());
    }
    world.carries_intermediate = false;
    let started = Instant::now();
    let problem = world.problem();
    assert!(matches!(problem, TsaProblem::TooMuchWork { limit: 64 }), "{problem}");
    assert!(started.elapsed() < Duration::from_secs(60));
    assert_eq!(world.signer.key, Key::P256(3));
}
