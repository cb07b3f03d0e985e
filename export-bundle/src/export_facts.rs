// SPDX-License-Identifier: Apache-2.0

//! What is known of an export once it is written.

use permit_types::{ContentHash, ProjectId, RecordHash};

/// What a manifest says about an export, gathered while it was written. Only a writer that came to
/// its end makes these.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportFacts {
    /// What kind of export it is.
    pub export_type: &'static str,
    /// `json` or `jsonl`.
    pub format: &'static str,
    /// Whether the bytes are compressed (BUNDLE-13).
    pub compressed: bool,
    /// The project that it is about.
    pub project_id: ProjectId,
    /// How many records there are, or events (BUNDLE-05).
    pub record_count: u64,
    /// How many chain entries there are.
    pub entry_count: u64,
    /// The last record hash, if all entries are of one chain, which was walked.
    pub last_record_hash: Option<RecordHash>,
    /// The hash of the bytes as they are stored (BUNDLE-06).
    pub content_hash: ContentHash,
    /// How many bytes these are.
    pub stored_bytes: u64,
}

/// How an export is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportWriterOptions {
    /// Whether the bytes are compressed with gzip.
    pub compressed: bool,
    /// How the text is laid out. Lines of events are always compact.
    pub layout: crate::Layout,
    /// How many records there will be, if that is known. Then the number stands before them, and
    /// else behind.
    pub record_count: Option<u64>,
    /// Leaves out the walk over the entries, for evidence whose chain is known to be broken.
    pub unwalked: bool,
}

impl ExportWriterOptions {
    /// The same, compressed.
    #[must_use]
    pub fn compressed(mut self) -> Self {
        self.compressed = true;
        self
    }

    /// The same, laid out like this.
    #[must_use]
    pub fn layout(mut self, layout: crate::Layout) -> Self {
        self.layout = layout;
        self
    }

    /// The same, for so many records.
    #[must_use]
    pub fn record_count(mut self, records: u64) -> Self {
        self.record_count = Some(records);
        self
    }

    /// The same, without a walk over the entries.
    #[must_use]
    pub fn unwalked(mut self) -> Self {
        self.unwalked = true;
        self
    }
}
