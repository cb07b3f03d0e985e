// SPDX-License-Identifier: Apache-2.0

//! Writing audit export bundles, record by record.
//!
//! ```text
//! {bundle_type, format, from, generated_at, include_chain_entries, project_id,
//!  [record_count], records: [ … ], [chain_entries: [ … ]], schema_version, time_range_basis, to,
//!  further members, [record_count]}
//! ```
//!
//! Members are sorted by name, as the canonical form has them, so that what tells a bundle from other
//! documents comes first. The number of records is known before them or behind them.

use std::io::Write;

use permit_canonical_json::{Value, from_value, to_value};
use permit_chain::EntryFields;
use permit_types::{
    Artifact, AuditExportRecord, BundleFormat, BundleSchemaVersion, BundleType, ChainEntry,
    Location, ProjectId, Rfc3339, Severity, TimeRangeBasis, check_permit_semantics,
};

use crate::{
    document_writer::{DocumentWriter, as_object},
    entry_path::EntryLayout,
    export_facts::{ExportFacts, ExportWriterOptions},
    write_error::WriteError,
};

/// What a bundle is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleHead {
    /// The project that it is about.
    pub project_id: ProjectId,
    /// The first instant that is in.
    pub from: Rfc3339,
    /// The first instant that is out.
    pub to: Rfc3339,
    /// When the bundle is made.
    pub generated_at: Rfc3339,
}

/// Where the chain entries of a bundle stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundleEntries {
    /// Nowhere: schema version 1 (BUNDLE-04).
    None,
    /// In the records: schema version 2 (BUNDLE-03).
    InRecords,
    /// In an array of the bundle: schema version 2, for entries that belong to no record or to many.
    /// Verifiers read it, the reference too, but the published schema does not know the array.
    AtBundle,
}

/// Writes a bundle, of which it holds one record at a time.
///
/// Every record is judged before a byte of it is written, and every entry is walked. So what
/// [`finish`](Self::finish) gives verifies, but for the closures in it, which are sealed elsewhere.
///
/// ```
/// use permit_export_bundle::{BundleEntries, BundleHead, BundleWriter, ExportWriterOptions};
/// use permit_types::{ProjectId, Rfc3339};
///
/// let at = |text| Rfc3339::parse(text).unwrap();
/// let head = BundleHead {
///     project_id: ProjectId::parse("00000000-0000-4000-8000-0000000000a1").unwrap(),
///     from: at("2026-05-11T00:00:00Z"),
///     to: at("2026-05-12T00:00:00Z"),
///     generated_at: at("2026-05-12T00:00:04Z"),
/// };
/// let options = ExportWriterOptions::default();
/// let writer = BundleWriter::new(Vec::new(), &head, BundleEntries::InRecords, &options)?;
/// // writer.record(&record)? for each record
/// let (bytes, facts) = writer.finish()?;
/// assert!(bytes.starts_with(br#"{"bundle_type":"audit_export_bundle""#));
/// assert_eq!((facts.record_count, facts.stored_bytes), (0, bytes.len() as u64));
/// # Ok::<(), permit_export_bundle::WriteError>(())
/// ```
#[derive(Debug)]
pub struct BundleWriter<W: Write> {
    document: DocumentWriter<W>,
    head: BundleHead,
    entries: BundleEntries,
    compressed: bool,
    records: u64,
    bundle_entries: u64,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Records,
    Entries,
    Members,
}

impl<W: Write> BundleWriter<W> {
    /// Begins a bundle.
    ///
    /// # Errors
    /// If the time range is empty, a time is not in UTC, or the sink takes nothing.
    pub fn new(
        sink: W,
        head: &BundleHead,
        entries: BundleEntries,
        options: &ExportWriterOptions,
    ) -> Result<Self, WriteError> {
        check_head(head)?;
        let mut document = DocumentWriter::new(sink, options);
        let text = |text: &str| Value::from(text.to_owned());
        document.member("bundle_type", &text(BundleType::TEXT))?;
        document.member("format", &text(BundleFormat::TEXT))?;
        document.member("from", &text(head.from.as_str()))?;
        document.member("generated_at", &text(head.generated_at.as_str()))?;
        let has_entries = entries != BundleEntries::None;
        document.member("include_chain_entries", &has_entries.into())?;
        document.member("project_id", &text(head.project_id.as_str()))?;
        document.announced_count()?;
        document.begin_array("records")?;
        Ok(Self {
            document,
            head: head.clone(),
            entries,
            compressed: options.compressed,
            records: 0,
            bundle_entries: 0,
            phase: Phase::Records,
        })
    }

    /// Writes a record.
    ///
    /// # Errors
    /// If the record does not belong into this bundle, would not verify, or the sink fails.
    pub fn record(&mut self, record: &AuditExportRecord) -> Result<(), WriteError> {
        let value = to_value(record)?;
        self.checked_record(record, &value)
    }

    /// Writes a record that is there as a value, member for member as it is.
    ///
    /// # Errors
    /// If it has not the form of a record, and as for [`record`](Self::record).
    pub fn record_value(&mut self, record: &Value<'_>) -> Result<(), WriteError> {
        self.checked_record(&from_value(record)?, record)
    }

    fn checked_record(
        &mut self,
        record: &AuditExportRecord,
        value: &Value<'_>,
    ) -> Result<(), WriteError> {
        if self.phase != Phase::Records {
            return Err(WriteError::RecordsEnded);
        }
        self.check_permit(record, value)?;
        self.check_entries(record)?;
        self.document.element(value)?;
        let entries = value.get("chain_entries").and_then(Value::as_array).unwrap_or_default();
        for (index, entry) in (0..).zip(entries) {
            let fields = EntryFields::of_entry(as_object(entry)?, entry.range());
            self.document.walk(&fields, EntryLayout::Record(self.records), index);
        }
        self.records = self.records.saturating_add(1);
        Ok(())
    }

    fn check_permit(
        &self,
        record: &AuditExportRecord,
        value: &Value<'_>,
    ) -> Result<(), WriteError> {
        let permit = &record.permit;
        let permit_id = || permit.id.clone();
        if let Some(permit) = value.get("permit") {
            let findings = check_permit_semantics(permit, &Location::whole(Artifact::Export));
            let mut failures = findings.into_iter();
            if let Some(finding) = failures.find(|finding| finding.severity == Severity::Failure) {
                return Err(WriteError::Permit(Box::new(finding)));
            }
        }
        if !permit.project_id.as_str().eq_ignore_ascii_case(self.head.project_id.as_str()) {
            let found = permit.project_id.clone();
            return Err(WriteError::OtherProject { permit_id: permit_id(), found });
        }
        let (from, to) = (self.head.from.instant(), self.head.to.instant());
        if !(from..to).contains(&permit.created_at.instant()) {
            let created_at = permit.created_at.clone();
            return Err(WriteError::OutOfRange { permit_id: permit_id(), created_at });
        }
        Ok(())
    }

    fn check_entries(&self, record: &AuditExportRecord) -> Result<(), WriteError> {
        match (self.entries, &record.chain_entries) {
            (BundleEntries::InRecords, None) => {
                Err(WriteError::EntriesMissing { permit_id: record.permit.id.clone() })
            }
            (BundleEntries::InRecords, Some(entries)) => {
                for entry in entries {
                    ChainEntry::try_from(entry.clone())?;
                }
                Ok(())
            }
            (_, None) => Ok(()),
            (_, Some(_)) => Err(WriteError::EntriesOutOfPlace),
        }
    }

    /// Writes an entry of the bundle as a whole. After the first, there are no more records.
    ///
    /// # Errors
    /// If the entries of this bundle stand in its records, or nowhere; or if the sink fails.
    pub fn entry(&mut self, entry: &ChainEntry) -> Result<(), WriteError> {
        if self.entries != BundleEntries::AtBundle || self.phase == Phase::Members {
            return Err(WriteError::EntriesOutOfPlace);
        }
        let value = to_value(entry)?;
        self.end_records()?;
        self.document.element(&value)?;
        let fields = EntryFields::of_entry(as_object(&value)?, value.range());
        self.document.walk(&fields, EntryLayout::Bundle, self.bundle_entries);
        self.bundle_entries = self.bundle_entries.saturating_add(1);
        Ok(())
    }

    fn end_records(&mut self) -> Result<(), WriteError> {
        if self.phase == Phase::Records && self.entries == BundleEntries::AtBundle {
            self.document.begin_array("chain_entries")?;
            self.phase = Phase::Entries;
        }
        Ok(())
    }

    fn end_arrays(&mut self) -> Result<(), WriteError> {
        if self.phase == Phase::Members {
            return Ok(());
        }
        self.end_records()?;
        let version = match self.entries {
            BundleEntries::None => BundleSchemaVersion::V1,
            BundleEntries::InRecords | BundleEntries::AtBundle => BundleSchemaVersion::V2,
        };
        let text = |text: &str| Value::from(text.to_owned());
        self.document.member("schema_version", &version.number().into())?;
        self.document.member("time_range_basis", &text(TimeRangeBasis::TEXT))?;
        self.document.member("to", &text(self.head.to.as_str()))?;
        self.phase = Phase::Members;
        Ok(())
    }

    /// Writes a further member of the document, such as `scope_faithfulness`. After the first, there
    /// are no more records and entries. The published schema of bundles knows no further members.
    ///
    /// # Errors
    /// If the document has such a member already, or the sink fails.
    pub fn member(&mut self, name: &str, value: &Value<'_>) -> Result<(), WriteError> {
        if OWN_MEMBERS.contains(&name) || self.document.has_member(name) {
            return Err(WriteError::MemberTwice { name: name.to_owned() });
        }
        self.end_arrays()?;
        self.document.member(name, value)
    }

    /// Ends the bundle: gives the sink back, and what the manifest has to say. Without it, what was
    /// written is no bundle.
    ///
    /// # Errors
    /// If another number of records was announced, the entries do not hold, or the sink fails.
    pub fn finish(mut self) -> Result<(W, ExportFacts), WriteError> {
        self.end_arrays()?;
        self.document.final_count(self.records)?;
        let written = self.document.finish()?;
        let facts = ExportFacts {
            export_type: BundleType::TEXT,
            format: BundleFormat::TEXT,
            compressed: self.compressed,
            project_id: self.head.project_id,
            record_count: self.records,
            entry_count: written.entries,
            last_record_hash: written.last_record_hash,
            content_hash: written.digest.into(),
            stored_bytes: written.stored_bytes,
        };
        Ok((written.sink, facts))
    }
}

fn check_head(head: &BundleHead) -> Result<(), WriteError> {
    let times = [("from", &head.from), ("to", &head.to), ("generated_at", &head.generated_at)];
    if let Some((member, _)) = times.into_iter().find(|(_, time)| !time.is_utc()) {
        return Err(WriteError::NotUtc { member });
    }
    if head.from.instant() >= head.to.instant() {
        return Err(WriteError::EmptyRange { to: head.to.clone() });
    }
    Ok(())
}

/// What the writer writes itself, before or after.
const OWN_MEMBERS: [&str; 12] = [
    "bundle_type",
    "chain_entries",
    "format",
    "from",
    "generated_at",
    "include_chain_entries",
    "project_id",
    "record_count",
    "records",
    "schema_version",
    "time_range_basis",
    "to",
];
