// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

mod adjudicate;
mod evidence;
mod issue;
mod stated;

pub use adjudicate::{RevocationScope, RevocationShown, adjudicate_revocation, revocation_missing};
pub use evidence::{
    EvidenceSource, RevocationEvidence, entry_payload, find_revocation_in_document,
    find_revocation_in_entry,
};
pub use issue::{IssueError, Revocation, SignedRevocation};
pub use stated::{StatedEffect, StatedRevocations};
