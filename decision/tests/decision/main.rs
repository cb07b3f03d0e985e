// SPDX-License-Identifier: Apache-2.0

//! Signed decisions, rule by rule, against a naive model, and beside the reference.
//!
//! ```text
//! bench       evidence that can be bent at will and signed again, and trust roots
//! rules       one mutation, one verdict, one code
//! places      where decisions are found
//! keys        which key may have signed
//! issue       what issuers make
//! model       all of it once more, naively, compared on generated evidence
//! vectors     golden and hostile vectors of a later release of the reference, if they are there
//! reference   what the reference recorded, if it is there
//! ```

#![cfg(test)]

mod bench;
mod issue;
mod keys;
mod model;
mod places;
mod reference;
mod rules;
mod vectors;
