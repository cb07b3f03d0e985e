// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

mod entry_path;
mod export_reader;
mod governance_event;
mod gzip;
mod manifest;
mod tap;

pub use entry_path::{EntryLayout, entry_pointer};
pub use export_reader::{
    Entry, ExportEnd, ExportReader, ExportReaderOptions, ExportVisitor, PayloadForm,
    StructureFault, StructureFaultKind, Unreadable,
};
pub use governance_event::{GOVERNANCE_EVENTS_SCHEMA, governance_fields};
pub use gzip::{GzipFault, GzipLimits};
pub use manifest::{IDENTITY_MEMBERS, Manifest, ManifestProblem};
pub use tap::ByteTap;
