// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

mod archive_tap;
mod beside;
mod chain;
mod checkpoint;
mod checkpoint_report;
mod claim_command;
mod collected;
mod conclusion;
mod control_report;
mod dispatched_request;
mod export;
mod export_inventory;
mod integrity;
mod options;
mod pack_folder;
mod payload;
#[cfg(feature = "schema")]
mod report_schema;
mod run;
#[cfg(feature = "schema")]
mod schema_check;
#[cfg(feature = "schema")]
mod schema_list;
mod trust;
mod verdict;
mod views;
mod worker;

pub use checkpoint::{Authorities, CheckpointEvidence, verify_checkpoint};
pub use checkpoint_report::CheckpointReport;
pub use claim_command::{
    ClaimAnswer, judge_delegation_denied, judge_scope_faithfulness, judge_slot,
};
pub use control_report::{
    ControlReport, NothingSupported, control_report, fields_of, record_members_of,
};
pub use export::{ExportEvidence, NamedFile, verify_export};
pub use export_inventory::{ExportInventory, take_inventory};
pub use options::{ExportOptions, Layers, Threads};
pub use pack_folder::{Folder, InMemoryFolder, NoFolder, PackFolder};
#[cfg(feature = "schema")]
pub use report_schema::{checkpoint_report_schema, export_report_schema};
#[cfg(feature = "schema")]
pub use schema_check::{DocumentForm, FormFindings};
#[cfg(feature = "schema")]
pub use schema_list::{DocumentKind, SCHEMA_COMMENT, schema_text};
pub use trust::{ExportKey, Trust};
pub use views::{Excerpts, ShowText, to_json_text, to_text};

pub use permit_claims::{Claim, Outcome, Report, Verdict};
pub use permit_decision::Slot;
pub use permit_mappings::{FrameworkId, FrameworkSupport, Mappings};
pub use permit_pins::{PackFileProblem, PackPath};
