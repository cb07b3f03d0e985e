// SPDX-License-Identifier: Apache-2.0

//! Findings: what is wrong with evidence, where, and what to do.

use alloc::{borrow::Cow, string::String, vec::Vec};
use core::fmt;

use permit_canonical_json::{ByteRange, JsonPointer};
use permit_failure_codes::{FailureCode, Reason};

/// One thing that is wrong with the evidence, or worth knowing about it.
///
/// Every layer reports findings in this one form; text, JSON and all other views
/// are made of it. Nothing decides by matching the text of a message: codes,
/// rules and places are data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Whether it fails the evidence.
    pub severity: Severity,
    /// The word that machines match on.
    pub reason: Reason,
    /// The rule that is broken.
    pub rule: Option<RuleId>,
    /// Where it shows.
    pub at: Location,
    /// What is wrong, in one sentence.
    pub summary: String,
    /// Names and values that identify the thing, as the taxonomy demands them.
    pub details: Vec<Detail>,
    /// What should stand there.
    pub expected: Option<String>,
    /// What stands there.
    pub actual: Option<String>,
    /// Index, in the same report, of the finding that caused this one.
    pub because: Option<usize>,
    /// What the reader can do next, in one sentence.
    pub help: Cow<'static, str>,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing. Fails the evidence only if the caller asked for strictness.
    Notice,
    /// The evidence does not hold.
    Failure,
}

impl Severity {
    /// The severity in a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Failure => "failure",
        }
    }
}

/// A name and a value that help to find what a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// What the value is, such as `permit_id`.
    pub name: &'static str,
    /// The value, as the evidence has it.
    pub value: String,
}

/// The id of a rule of the specification, such as `CHAIN-08`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(&'static str);

impl RuleId {
    /// The rule of this id. The rule table of `spec/` says which exist; a test checks every use.
    #[must_use]
    pub const fn new(id: &'static str) -> Self {
        Self(id)
    }

    /// The id as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The kinds of artifacts that evidence comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Artifact {
    /// The file with the records, events or entries.
    Export,
    /// The manifest that commits to the export.
    Manifest,
    /// The key manifest that signatures are judged by.
    KeyManifest,
    /// A checkpoint over chain heads.
    Checkpoint,
    /// A scope-state sidecar of a checkpoint.
    ScopeState,
    /// A closure in a file of its own.
    Closure,
    /// A workflow evidence document beside an export.
    WorkflowEvidence,
    /// A semantic artifact or registry that a pack pins.
    SemanticArtifact,
    /// A document given to a single claim.
    ClaimEvidence,
}

impl Artifact {
    /// The artifact in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::Manifest => "manifest",
            Self::KeyManifest => "key manifest",
            Self::Checkpoint => "checkpoint",
            Self::ScopeState => "scope state",
            Self::Closure => "closure",
            Self::WorkflowEvidence => "workflow evidence",
            Self::SemanticArtifact => "semantic artifact",
            Self::ClaimEvidence => "claim evidence",
        }
    }
}

/// A place in an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The artifact.
    pub artifact: Artifact,
    /// The path to the value; the root if the whole artifact is meant.
    pub pointer: JsonPointer,
    /// The bytes of the value in the artifact, after decompression; empty if none are meant.
    pub range: ByteRange,
}

impl Location {
    /// The artifact as a whole.
    #[must_use]
    pub fn whole(artifact: Artifact) -> Self {
        Self { artifact, pointer: JsonPointer::root(), range: ByteRange::default() }
    }

    /// A value inside the artifact.
    #[must_use]
    pub fn value(artifact: Artifact, pointer: JsonPointer, range: ByteRange) -> Self {
        Self { artifact, pointer, range }
    }
}

impl Finding {
    /// A finding that fails the evidence.
    #[must_use]
    pub fn failure(reason: impl Into<Reason>, at: Location, summary: impl Into<String>) -> Self {
        Self::new(Severity::Failure, reason.into(), at, summary.into())
    }

    /// A finding that is only worth knowing.
    #[must_use]
    pub fn notice(reason: impl Into<Reason>, at: Location, summary: impl Into<String>) -> Self {
        Self::new(Severity::Notice, reason.into(), at, summary.into())
    }

    fn new(severity: Severity, reason: Reason, at: Location, summary: String) -> Self {
        let help = Cow::Borrowed(reason.remedy());
        Self {
            severity,
            reason,
            rule: None,
            at,
            summary,
            details: Vec::new(),
            expected: None,
            actual: None,
            because: None,
            help,
        }
    }

    /// The taxonomy's code for this finding, if it has one (CODE-02).
    #[must_use]
    pub fn code(&self) -> Option<FailureCode> {
        self.reason.code()
    }

    /// Names the rule that is broken.
    #[must_use]
    pub fn rule(mut self, id: &'static str) -> Self {
        self.rule = Some(RuleId::new(id));
        self
    }

    /// Says what should stand there and what does.
    #[must_use]
    pub fn values(mut self, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self.actual = Some(actual.into());
        self
    }

    /// Adds a name and a value that identify the thing.
    #[must_use]
    pub fn detail(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.push(Detail { name, value: value.into() });
        self
    }

    /// Replaces the general advice by one for this case.
    #[must_use]
    pub fn help(mut self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.help = advice.into();
        self
    }

    /// The value of a detail.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.details.iter().find(|detail| detail.name == name).map(|detail| detail.value.as_str())
    }
}
