// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

mod case_id;
#[cfg(feature = "generator")]
mod generator;
mod layer;
mod level;
mod op;
mod position;
mod word;

pub use case_id::CaseId;
#[cfg(feature = "generator")]
pub use generator::{GeneratedCorpus, GeneratorError, generate};
pub use layer::EvidenceLayer;
pub use level::Level;
pub use op::{
    AnswerShape, CanonicalProfile, ClaimStatus, EvidenceKind, Op, VectorResult, VerifierMode,
};
pub use position::{EvidenceCounts, Position, PositionType};
