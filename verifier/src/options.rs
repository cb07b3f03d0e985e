// SPDX-License-Identifier: Apache-2.0

//! What a run is asked to do and may spend.

use permit_canonical_json::Budget;
use permit_chain::WalkBudget;
use permit_closure::LedgerBudget;
use permit_export_bundle::GzipLimits;
use permit_scope::ScopeBudget;
use permit_workflow::IncidentOptions;

/// The layers that are judged beyond the signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// Whether chain entries are walked.
    pub walk_events: bool,
    /// Whether closures are verified.
    pub verify_closure: bool,
}

/// How many threads a run may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Threads {
    /// One: everything happens where the caller is.
    One,
    /// Two: hashing and signatures happen beside reading.
    #[default]
    Two,
}

/// How an export is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportOptions {
    /// What is judged beyond the signature.
    pub layers: Layers,
    /// Whether an export without a signature may end well. It is never verified (AMB-48).
    pub allow_unsigned: bool,
    /// Whether notices fail the run, too, and every permit's form is looked at.
    pub strict: bool,
    /// What reading may cost.
    pub budget: Budget,
    /// How far a compressed export may unfold.
    pub gzip: GzipLimits,
    /// What the walk may cost.
    pub walk: WalkBudget,
    /// What the closures may cost.
    pub closures: LedgerBudget,
    /// Bytes of evidence that is kept while an export is read, such as scope declarations and
    /// decisions. Default 256 MiB.
    pub evidence_bytes: u64,
    /// Bytes of an archive that is kept to be unpacked. Default 1 GiB.
    pub archive_bytes: u64,
    /// Bytes of one file beside the export. Default 256 MiB.
    pub file_bytes: u64,
    /// What incident archives may cost.
    pub incident: IncidentOptions,
    /// What scope-faithful exports may cost.
    pub scope: ScopeBudget,
    /// Findings of one layer that are kept; all are counted. Default 1,000.
    pub findings: usize,
    /// Permits whose form is looked at if the run is not strict. Default 1,000.
    pub forms: u64,
    /// Threads to use.
    pub threads: Threads,
}

impl Default for ExportOptions {
    fn default() -> Self {
        Self {
            layers: Layers::default(),
            allow_unsigned: false,
            strict: false,
            budget: Budget::default(),
            gzip: GzipLimits::default(),
            walk: WalkBudget::default(),
            closures: LedgerBudget::default(),
            evidence_bytes: 256 * 1024 * 1024,
            archive_bytes: 1024 * 1024 * 1024,
            file_bytes: 256 * 1024 * 1024,
            incident: IncidentOptions::default(),
            scope: ScopeBudget::default(),
            findings: 1_000,
            forms: 1_000,
            threads: Threads::default(),
        }
    }
}
