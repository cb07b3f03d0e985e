// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

mod additions;
mod case_id;
mod corpus;
mod corpus_error;
mod corpus_manifest;
mod expectation;
#[cfg(feature = "generator")]
mod generator;
mod layer;
mod level;
mod lint;
mod op;
mod position;
mod rules;
mod word;

pub use additions::{Additions, Check, Importance, Mutation};
pub use case_id::CaseId;
pub use corpus::{Case, Corpus, DESCRIPTION, EXPECTED, INPUT, MANIFEST};
pub use corpus_error::{CorpusError, DocumentProblem};
pub use corpus_manifest::{CaseEntry, CaseStatus, CorpusManifest};
pub use expectation::{
    EnvelopeExpectation, Expectation, ExpectedClaim, ExpectedOutcome, GoldenExpectation,
    SPEC_VERSION, TEST_VECTORS_VERSION, VectorExpectation,
};
#[cfg(feature = "generator")]
pub use generator::{GeneratedCorpus, GeneratorError, generate};
pub use layer::EvidenceLayer;
pub use level::Level;
pub use lint::{LintProblem, lint, lint_release};
pub use op::{
    AnswerShape, CanonicalProfile, ClaimStatus, EvidenceKind, Op, VectorResult, VerifierMode,
};
pub use position::{EvidenceCounts, Position, PositionType};
pub use rules::is_rule;
