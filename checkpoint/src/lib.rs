// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

#[cfg(feature = "tsa")]
mod ca_bundle;
#[cfg(feature = "tsa")]
mod certificate;
#[cfg(feature = "tsa")]
mod certificate_path;
mod chain_heads;
mod checkpoint_draft;
mod checkpoint_facts;
mod checkpoint_signature;
mod checkpoint_trust;
mod composite_hash;
mod document;
mod message_imprint;
mod receipt_trust;
#[cfg(feature = "tsa")]
mod signature_algorithm;
#[cfg(feature = "tsa")]
mod signed_token;
#[cfg(feature = "tsa")]
mod time_stamp;
mod tsa_limits;
mod tsa_problem;
mod tsa_receipt;
#[cfg(feature = "tsa")]
mod verify_receipts;

#[cfg(feature = "tsa")]
pub use ca_bundle::CaBundle;
pub use chain_heads::{ChainHeadRef, ChainHeads, ChainHeadsError, ChainHeadsErrorKind};
pub use checkpoint_draft::{
    CheckpointDraft, DraftError, NewReceipt, SealCheckpointError, SealedCheckpoint,
};
pub use checkpoint_facts::{
    CheckpointFacts, CheckpointRules, NotACheckpoint, SignedCheckpoint, judge_checkpoint,
};
pub use checkpoint_signature::{SIGNATURE_EVIDENCE, SignatureFault, SignatureProof};
pub use checkpoint_trust::CheckpointTrust;
pub use composite_hash::{COMPOSITE_HASH_EVIDENCE, CompositeProof};
pub use message_imprint::TokenPart;
pub use receipt_trust::{ReceiptTrust, TsaTrustStatus, VerifiedStamp};
pub use tsa_limits::TsaLimits;
pub use tsa_problem::{CaBundleError, CertificateFault, KeyFault, TsaProblem};
pub use tsa_receipt::{ImprintProof, ReceiptProblem, TSA_EVIDENCE, TsaReceipt};
#[cfg(feature = "tsa")]
pub use verify_receipts::verify_receipts;
