// SPDX-License-Identifier: Apache-2.0

//! What the records of an export hold, counted: which members permits have, and what lies beside them.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read},
};

use permit_canonical_json::{DigestSink, Sha256Digest, Value};
use permit_export_bundle::{
    Entry, ExportReader, ExportReaderOptions, ExportVisitor, StructureFault,
};

use crate::options::ExportOptions;

/// What the records of an export hold. Says nothing of whether any of it is true.
///
/// Taken in a pass of its own; the digest says of which bytes it is, so that it can be set beside
/// a [`Report`](crate::Report) of the same bytes and of no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportInventory {
    /// The digest of the bytes that were read.
    pub digest: Sha256Digest,
    /// Permits.
    pub permits: u64,
    /// Of the names that were asked for, those that permits have and do not leave null: how many.
    pub permit_fields: BTreeMap<String, u64>,
    /// The same for members of records beside the permit.
    pub record_members: BTreeMap<String, u64>,
}

/// Counts the named members of permits and records. Nothing else is kept, whatever an export has.
///
/// ```
/// use std::collections::BTreeSet;
/// use permit_verifier::{ExportOptions, take_inventory};
///
/// let export = br#"{"bundle_type": "audit_export_bundle", "records": [
///     {"permit": {"id": "p", "status": null}, "usage_log": {}}]}"#;
/// let fields = BTreeSet::from(["id", "status", "reason"]);
/// let members = BTreeSet::from(["usage_log"]);
/// let inventory = take_inventory(&export[..], &fields, &members, &ExportOptions::default())?;
/// assert_eq!(inventory.permits, 1);
/// assert_eq!(inventory.permit_fields.keys().collect::<Vec<_>>(), ["id"]);
/// assert_eq!(inventory.record_members["usage_log"], 1);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// If the source fails. What cannot be read as an export simply counts nothing.
pub fn take_inventory(
    payload: impl Read,
    permit_fields: &BTreeSet<&str>,
    record_members: &BTreeSet<&str>,
    options: &ExportOptions,
) -> io::Result<ExportInventory> {
    let mut reader_options = ExportReaderOptions::default();
    reader_options.budget = options.budget;
    reader_options.gzip = options.gzip;
    let mut sink = DigestSink::new();
    let counter = Counter {
        wanted_fields: permit_fields,
        wanted_members: record_members,
        permits: 0,
        permit_fields: BTreeMap::new(),
        record_members: BTreeMap::new(),
    };
    let (_, counter) = ExportReader::new(&reader_options, counter).read(payload, &mut sink)?;
    Ok(ExportInventory {
        digest: sink.finish(),
        permits: counter.permits,
        permit_fields: counter.permit_fields,
        record_members: counter.record_members,
    })
}

struct Counter<'w> {
    wanted_fields: &'w BTreeSet<&'w str>,
    wanted_members: &'w BTreeSet<&'w str>,
    permits: u64,
    permit_fields: BTreeMap<String, u64>,
    record_members: BTreeMap<String, u64>,
}

impl ExportVisitor for Counter<'_> {
    fn record_member(&mut self, _index: u64, name: &str, value: &Value<'_>) {
        if name == "permit" {
            let Some(permit) = value.as_object() else { return };
            self.permits = self.permits.saturating_add(1);
            for member in permit.members() {
                if self.wanted_fields.contains(member.name()) && holds_something(member.value()) {
                    count(&mut self.permit_fields, member.name());
                }
            }
        } else if self.wanted_members.contains(name) && holds_something(value) {
            count(&mut self.record_members, name);
        }
    }

    fn entry(&mut self, _entry: &Entry<'_>) {}

    // A fault of structure fails the verification, which is somebody else's work.
    fn structure_fault(&mut self, _fault: StructureFault) {}
}

/// Whether a value says anything: null, and lists without elements, do not.
fn holds_something(value: &Value<'_>) -> bool {
    !value.is_null() && value.as_array().is_none_or(|elements| !elements.is_empty())
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    if let Some(number) = counts.get_mut(name) {
        *number = number.saturating_add(1);
    } else {
        counts.insert(name.to_owned(), 1);
    }
}
