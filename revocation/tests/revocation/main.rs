// SPDX-License-Identifier: Apache-2.0

//! Revocations, rule by rule, against a naive model, and beside the reference.
//!
//! ```text
//! bench       an event that can be bent at will and signed again, and trust roots
//! rules       one mutation, one verdict, one code
//! places      where revocations are found
//! keys        who may have signed
//! stated      revocations at their word
//! issue       what issuers make
//! model       all of it once more, naively, compared on generated events
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
mod stated;
