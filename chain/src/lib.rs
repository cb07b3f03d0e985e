// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod appender;
mod chain_head;
mod chain_store;
mod entry_fields;
mod event_stamp;
mod finding_log;
mod record_hash;
mod segments;
mod sequence_set;
mod walk;

pub use appender::{AppendError, Appender, EventDraft, EventProblem};
pub use chain_head::{ChainHead, default_sentinel};
pub use chain_store::{AppendOutcome, ChainStore, MemoryChainStore};
pub use entry_fields::EntryFields;
pub use event_stamp::EventStamp;
pub use finding_log::FindingLog;
pub use record_hash::{HashInputProblem, RecordHashInputs, TimestampProblem, record_hash_v1};
pub use walk::{
    CHAIN_FORMAT_V1, EntryPlace, IntactWalk, PointerOf, ScopeSummary, WalkBudget, WalkLimit,
    WalkOptions, WalkOutcome, Walker,
};
