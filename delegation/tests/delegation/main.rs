// SPDX-License-Identifier: Apache-2.0

//! Delegated authority: envelopes, denials, claims about chains, and issuing.
//!
//! ```text
//! support      permits, packs and logs that are made by issuing, and one change to them
//! second_model hashes and comparisons once more, written naively
//! envelope     canonical form, comparator, registry
//! denial       the denial claim: one change, one token
//! lineage      claims about lineages: one change, one code
//! execution    claims about executions
//! issuing      what cannot be issued, and that what is issued is supported
//! robustness   random documents and mutations
//! reference    documents and vectors of others, if they are there
//! ```

#![cfg(test)]

mod denial;
mod envelope;
mod execution;
mod issuing;
mod lineage;
mod reference;
mod robustness;
mod second_model;
mod support;
