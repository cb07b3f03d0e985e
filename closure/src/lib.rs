// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod carrier;
mod comparison;
mod digest_matrix;
mod examine;
mod fault;
mod ledger;
mod lifecycle_event;
mod outcome;
mod permit_facts;
mod seal;
mod streaming_digest;
#[cfg(feature = "std")]
mod tee;

pub use carrier::{Carrier, CarrierForm};
pub use digest_matrix::{DigestField, Presence, presence};
pub use examine::{BindingKeys, ClosureFormat, ClosureRules, Examined, KnownFormats, examine};
pub use fault::{Aspect, ClosureFault, FaultKind};
pub use ledger::{ClosureLedger, ClosureOutcome, ClosurePlace, LedgerBudget, LedgerLimit, Signed};
pub use lifecycle_event::LifecycleEvent;
pub use outcome::{NotDispatched, Outcome};
pub use permit_facts::PermitKey;
pub use seal::{
    BoundPermit, ClosureDraft, DigestLabels, Execution, NotBound, SealError, SealedClosure,
};
pub use streaming_digest::StreamingDigest;
#[cfg(feature = "std")]
pub use tee::DigestTee;
