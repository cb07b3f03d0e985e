// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

mod entry_path;
mod event_scopes;
mod export_reader;
mod export_visitor;
mod first_event;
mod full_read;
mod governance_event;
mod gzip;
mod line_breaks;
mod manifest;
mod structure_fault;
mod tap;
mod unreadable;

pub use entry_path::{EntryLayout, entry_pointer};
pub use export_reader::{ExportEnd, ExportReader, ExportReaderOptions, PayloadForm};
pub use export_visitor::{Entry, ExportVisitor};
pub use governance_event::{GOVERNANCE_EVENTS_SCHEMA, governance_fields};
pub use gzip::{GzipFault, GzipLimits};
pub use manifest::{IDENTITY_MEMBERS, Manifest, ManifestProblem};
pub use structure_fault::{StructureFault, StructureFaultKind};
pub use tap::ByteTap;
pub use unreadable::Unreadable;
