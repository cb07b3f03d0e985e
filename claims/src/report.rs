// SPDX-License-Identifier: Apache-2.0

//! The report: everything that a run found out, once; all views are made of it.

use permit_canonical_json::Sha256Digest;
use permit_failure_codes::{Reason, VerdictWord as Verdict};
use permit_types::{Artifact, Finding, Severity};

use crate::{claim::Claim, claim_report::ClaimReport};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// What was asked for was judged, and holds.
    Verified,
    /// It was judged, and does not hold or is not shown.
    NotVerified,
    /// It could not be judged; nothing is said about the evidence.
    CouldNotJudge,
}

impl Outcome {
    /// The status that a process ends with.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Verified => 0,
            Self::NotVerified => 1,
            Self::CouldNotJudge => 2,
        }
    }
}

/// What was judged: the files and their hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArtifactReport {
    /// `export` or `checkpoint`.
    pub kind: &'static str,
    /// The files, by artifact, as the caller named them.
    pub files: Vec<(Artifact, String)>,
    /// The digests of the files that were read whole.
    pub digests: Vec<(Artifact, Sha256Digest)>,
}

impl ArtifactReport {
    /// The name of a file.
    #[must_use]
    pub fn file(&self, artifact: Artifact) -> Option<&str> {
        self.files.iter().find(|(of, _)| *of == artifact).map(|(_, name)| name.as_str())
    }

    /// The digest of a file.
    #[must_use]
    pub fn digest(&self, artifact: Artifact) -> Option<Sha256Digest> {
        self.digests.iter().find(|(of, _)| *of == artifact).map(|(_, digest)| *digest)
    }
}

/// Where the semantics came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SemanticsMode {
    /// The pack pins none: those of before pinning apply.
    #[default]
    LegacyUnpinned,
    /// The pack pins its own.
    Pinned,
}

impl SemanticsMode {
    /// The word that reports use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LegacyUnpinned => "legacy_unpinned",
            Self::Pinned => "pinned",
        }
    }
}

/// A semantic artifact that was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedPin {
    /// Its id.
    pub id: String,
    /// The hash that names its bytes.
    pub hash: String,
    /// Who names it.
    pub source: String,
    /// What became of it.
    pub status: &'static str,
}

/// The semantics that the evidence was judged by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SemanticsReport {
    /// Where they came from.
    pub mode: SemanticsMode,
    /// The profile, if one was used: its id and hash.
    pub profile: Option<(String, String)>,
    /// Something the reader should know about them.
    pub warning: Option<String>,
    /// The artifacts.
    pub pins: Vec<UsedPin>,
}

/// Which trust root decided, and what it gave (KEY-06).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustReport {
    /// Where the trust root came from: the flag, the environment, the configuration.
    pub source: Option<String>,
    /// How the key of the export came to be trusted.
    pub channel: Option<String>,
    /// The key that was trusted, as its source writes it.
    pub public_key: Option<String>,
    /// Its id.
    pub key_id: Option<String>,
    /// Whether only test keys count.
    pub test_mode: bool,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EvidenceInspected {
    /// Records, or events.
    pub records: u64,
    /// Permits.
    pub permits: u64,
    /// Chain entries.
    pub chain_entries: u64,
    /// Closures.
    pub closures: u64,
    /// Checkpoints.
    pub checkpoints: u64,
}

/// What was seen of one chain scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeReport {
    /// The scope.
    pub chain_scope: String,
    /// Its entries.
    pub entries: u64,
    /// The window of sequence numbers that was seen.
    pub numbers: Option<(u64, u64)>,
    /// Runs of numbers without a gap (AMB-16).
    pub number_runs: usize,
    /// Parts that do not link to each other.
    pub segments: usize,
}

/// A claim that was judged although the run had failed before it came to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlsoJudged {
    /// The claim.
    pub claim: Claim,
    /// What holds of it.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
}

/// A claim that nobody looked at, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotChecked {
    /// The claim.
    pub claim: Claim,
    /// Why, in a sentence.
    pub because: &'static str,
}

/// Everything that a run found out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// Why it did not end well, in a sentence.
    pub error: Option<String>,
    /// What was judged.
    pub artifact: ArtifactReport,
    /// By which semantics.
    pub semantics: SemanticsReport,
    /// By which keys.
    pub trust: TrustReport,
    /// The claims that decide, in the order in which they were judged.
    pub claims: Vec<ClaimReport>,
    /// Claims that were judged but do not count, since one before them failed.
    pub also_judged: Vec<AlsoJudged>,
    /// Claims that nobody looked at.
    pub not_checked: Vec<NotChecked>,
    /// What is wrong or worth knowing; failures first.
    pub findings: Vec<Finding>,
    /// Findings that are counted only.
    pub findings_left_out: u64,
    /// Layers that were checked and hold although the run failed.
    pub still_holds: Vec<String>,
    /// How much was looked at.
    pub inspected: EvidenceInspected,
    /// The chain scopes.
    pub scopes: Vec<ScopeReport>,
    /// What a pass does not prove.
    pub does_not_prove: Vec<&'static str>,
    /// Remarks about the run.
    pub diagnostics: Vec<String>,
    /// Whether notices fail the run, too.
    pub strict: bool,
}

impl Report {
    /// A report about nothing yet.
    #[must_use]
    pub fn new(kind: &'static str) -> Self {
        Self {
            outcome: Outcome::CouldNotJudge,
            error: None,
            artifact: ArtifactReport { kind, ..ArtifactReport::default() },
            semantics: SemanticsReport::default(),
            trust: TrustReport::default(),
            claims: Vec::new(),
            also_judged: Vec::new(),
            not_checked: Vec::new(),
            findings: Vec::new(),
            findings_left_out: 0,
            still_holds: Vec::new(),
            inspected: EvidenceInspected::default(),
            scopes: Vec::new(),
            does_not_prove: Vec::new(),
            diagnostics: Vec::new(),
            strict: false,
        }
    }

    /// Whether what was asked for was judged and holds.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.outcome == Outcome::Verified
    }

    /// What is said about a claim, if it was judged and counts.
    #[must_use]
    pub fn claim(&self, claim: Claim) -> Option<&ClaimReport> {
        self.claims.iter().find(|report| report.claim == claim)
    }

    /// The findings that fail the evidence.
    pub fn failures(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Failure)
    }

    /// The finding to show first: a failure that no other one explains.
    #[must_use]
    pub fn headline(&self) -> Option<&Finding> {
        self.failures().find(|finding| finding.because.is_none()).or_else(|| self.failures().next())
    }
}
