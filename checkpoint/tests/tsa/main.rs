// SPDX-License-Identifier: Apache-2.0

//! Receipts themselves: signatures, certificates and what they state.
//!
//! ```text
//! der             writing DER, by hand
//! keys            keys of authorities, and how they sign
//! mint            authorities, certificates and tokens that can be bent at will
//! algorithms      every algorithm, and those that are refused
//! tokens          one defect of a token at a time
//! certificates    one defect of a certificate at a time; paths
//! bundles         bundles of authorities
//! limits          what is too much
//! hostile         damaged and random bytes
//! public          receipts of public authorities, if they are there
//! ```

#![cfg(test)]

mod algorithms;
mod bundles;
mod certificates;
mod der;
mod hostile;
mod keys;
mod limits;
mod mint;
mod public;
mod tokens;
