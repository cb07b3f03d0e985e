// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

mod additions;
mod case_copy;
mod case_id;
mod case_pattern;
mod cheat;
mod child;
mod command_line;
mod conformance_report;
mod corpus;
mod corpus_error;
mod corpus_manifest;
mod exec;
mod expectation;
#[cfg(feature = "generator")]
mod generator;
mod judge;
mod layer;
mod level;
mod line_check;
mod lint;
mod op;
mod own_verifier;
mod position;
mod preset;
mod protocol;
mod rules;
mod run;
mod self_test;
mod session;
mod stream;
mod verdict_report;
mod views;
mod word;
mod xfail;

pub use additions::{Additions, Check, Importance, Mutation};
pub use case_copy::CaseCopy;
pub use case_id::CaseId;
pub use case_pattern::CasePattern;
pub use cheat::Cheat;
pub use child::ProcessLimits;
pub use command_line::{CommandLine, CommandLineError};
pub use conformance_report::{
    CaseState, ConformanceReport, CorpusReport, ExpectedOutput, RunnerReport, ScoreReport, Summary,
    VectorReport, VerifierOutput,
};
pub use corpus::{Case, Corpus, DESCRIPTION, EXPECTED, INPUT, MANIFEST};
pub use corpus_error::{CorpusError, DocumentProblem};
pub use corpus_manifest::{CaseEntry, CaseStatus, CorpusManifest};
pub use exec::{ExecVerifier, NOT_IMPLEMENTED, PlainVerifier};
pub use expectation::{
    EnvelopeExpectation, Expectation, ExpectedClaim, ExpectedOutcome, GoldenExpectation,
    SPEC_VERSION, TEST_VECTORS_VERSION, VectorExpectation,
};
#[cfg(feature = "generator")]
pub use generator::{GeneratedCorpus, GeneratorError, generate};
pub use judge::{Judgement, MatchRule, RuleOutcome, Score, judge};
pub use layer::EvidenceLayer;
pub use level::Level;
pub use line_check::{LineCheck, LineKind};
pub use lint::{LintProblem, lint, lint_release};
pub use op::{
    AnswerShape, CanonicalProfile, ClaimStatus, EvidenceKind, Op, VectorResult, VerifierMode,
};
pub use own_verifier::OwnVerifier;
pub use position::{EvidenceCounts, Position, PositionType};
pub use preset::{Preset, PresetVerifier};
pub use protocol::{
    Answer, AnsweredClaim, ClaimResult, Errored, Hello, Implementation, PROTOCOL, Request,
    RunRequest, Skipped, TrustRootSource, from_line, protocol_schemas, to_line,
};
pub use rules::is_rule;
pub use run::{RunError, RunOptions, run};
pub use self_test::{Caught, self_test};
pub use session::{Session, StartError, Verifier};
pub use stream::StreamVerifier;
pub use views::{ReportDiff, badge_text, html_text, junit_text, markdown_text};
pub use xfail::{Xfail, XfailError, Xfails};
