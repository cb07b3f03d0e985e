// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

mod decision_evidence;
mod decision_issue;
mod decision_judgement;
mod decision_payload;
mod loose_value;
mod permit_window;
mod slot;
mod slot_context;
mod slot_judgement;
mod slot_payload;
mod slot_permit;
mod slot_signing;

pub use decision_evidence::{
    DecisionEvidence, DecisionSource, find_decision_in_document, find_decision_in_entry,
};
pub use decision_issue::{DecisionDraft, SealError, SignedDecision};
pub use decision_judgement::{DecisionShown, adjudicate_decision, decision_missing};
pub use decision_payload::{BindingVersionV1, DecisionPayloadV1};
pub use slot::Slot;
pub use slot_context::SlotContext;
pub use slot_judgement::{SlotShown, adjudicate_slot, adjudicate_slots, slot_missing};
pub use slot_permit::{PermitV2, find_permits_in_document, find_permits_in_entry};
pub use slot_signing::{AuditAttestation, CounterSignature, OperatorApproval, SlotError};
