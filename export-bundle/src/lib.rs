// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

mod bundle_writer;
mod document_writer;
mod entry_path;
mod event_scopes;
mod event_writer;
mod export_facts;
mod export_reader;
mod export_visitor;
mod first_event;
mod full_read;
mod governance_event;
mod gzip;
mod json_text;
mod line_breaks;
mod manifest;
mod manifest_draft;
#[cfg(feature = "fs")]
mod publish;
mod stored_bytes;
mod structure_fault;
mod tap;
mod unreadable;
mod write_error;

pub use bundle_writer::{BundleEntries, BundleHead, BundleWriter};
pub use entry_path::{EntryLayout, entry_pointer};
pub use event_writer::{EventForm, EventWriter};
pub use export_facts::{ExportFacts, ExportWriterOptions};
pub use export_reader::{ExportEnd, ExportReader, ExportReaderOptions, PayloadForm};
pub use export_visitor::{Entry, ExportVisitor};
pub use governance_event::{GOVERNANCE_EVENTS_SCHEMA, governance_fields};
pub use gzip::{GzipFault, GzipLimits};
pub use json_text::Layout;
pub use manifest::{IDENTITY_MEMBERS, Manifest, ManifestProblem};
pub use manifest_draft::{ManifestDraft, ManifestError, SignedManifest, manifest_name};
#[cfg(feature = "fs")]
pub use publish::{ExportFile, PublishError, Published};
pub use structure_fault::{StructureFault, StructureFaultKind};
pub use tap::ByteTap;
pub use unreadable::Unreadable;
pub use write_error::WriteError;
