// SPDX-License-Identifier: Apache-2.0

//! Workflow evidence and incident archives, rule by rule, mutation by mutation.
//!
//! ```text
//! bench         keys, workflows and records that can be bent and sealed again
//! records       declarations and amendments: form, signature, order, hash
//! payloads      payloads that stand beside the record they were signed for
//! snapshots     what permits say of their workflow
//! sibling       the file beside the export and its descriptor
//! incident      archives of manifest version 2
//! archive       archives that can be read in two ways, are damaged, or unfold too far
//! issuing       what issuers make
//! outcome       which claims hold, and which the first fault is held against
//! properties    all of it on generated and on hostile input
//! reference     calls and command lines recorded from the reference
//! ```

#![cfg(test)]

mod archive;
mod bench;
mod incident;
mod issuing;
mod outcome;
mod payloads;
mod properties;
mod records;
mod reference;
mod sibling;
mod snapshots;
