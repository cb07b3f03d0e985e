// SPDX-License-Identifier: Apache-2.0

//! The signature slots of permit format v2, check by check, and beside the reference.
//!
//! ```text
//! bench       permits and slots that can be bent at will and signed again, and registries
//! checks      one mutation, one verdict, one code, for each slot that has the check
//! payloads    what the signature covers
//! times       windows and revocations
//! batches     audit batches
//! registry    which key may have signed
//! places      where permits are found, and that all of them are judged
//! signing     what signers make
//! properties  what holds of all permits
//! reference   what the reference recorded, if it is there
//! ```

#![cfg(test)]

mod batches;
mod bench;
mod checks;
mod payloads;
mod places;
mod properties;
mod reference;
mod registry;
mod signing;
mod times;
