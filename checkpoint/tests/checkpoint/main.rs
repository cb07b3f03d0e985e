// SPDX-License-Identifier: Apache-2.0

//! Checkpoints, rule by rule, against a naive model, and as they are sealed.
//!
//! ```text
//! bent            a checkpoint that can be bent at will, keys, and how it is judged
//! composite       claim checkpoint.composite_hash.v1
//! signature       claim checkpoint.signature.v1
//! receipts        claim checkpoint.tsa_imprint.v1
//! model           all of it once more, naively, and properties
//! issuing         what issuers make
//! reference       what the reference made and recorded, if it is there
//! ```

#![cfg(test)]

mod bent;
mod composite;
#[path = "../tsa/der.rs"]
#[expect(dead_code, reason = "the tests of time stamps write more kinds of values")]
mod der;
mod issuing;
mod model;
mod receipts;
mod reference;
mod signature;
