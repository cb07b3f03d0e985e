// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

mod export;
mod options;
mod payload;
mod trust;
mod verdict;
mod views;
mod worker;

pub use export::{ExportEvidence, verify_export};
pub use options::{ExportOptions, Layers, Threads};
pub use trust::{ExportKey, Trust};
pub use views::{Excerpts, ShowText, to_json_text, to_text};

pub use permit_claims::{Claim, Outcome, Report, Verdict};
