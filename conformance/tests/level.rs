// SPDX-License-Identifier: Apache-2.0

//! The level that a verifier claims (CONFM-07).

#![cfg(test)]

use permit_conformance::OwnVerifier;

#[test]
fn confm_07_a_verifier_states_the_level_that_it_claims() {
    let about = serde_json::to_value(OwnVerifier::about()).unwrap();
    assert_eq!(about["level_claimed"], 5);
    assert_eq!(about["name"], "permit-verifier");
}
