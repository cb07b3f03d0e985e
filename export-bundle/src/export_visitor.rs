// SPDX-License-Identifier: Apache-2.0

//! Who is shown the parts of an export while it is read.

use permit_canonical_json::{ByteRange, Kind, Object, Value};
use permit_chain::EntryFields;

use crate::{entry_path::EntryLayout, structure_fault::StructureFault};

/// A chain entry or event as it comes by.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'v> {
    /// The members that chains are made of.
    pub fields: EntryFields<'v>,
    /// The whole entry.
    pub object: &'v Object<'v>,
    /// The array it stands in.
    pub layout: EntryLayout,
    /// Its index in the array.
    pub index: u64,
}

/// Is shown the parts of an export as they come by, in the order of the file.
///
/// Nothing that is shown here is known to be signed, or even to be followed by an end: what
/// counts is decided when [`ExportEnd`](crate::ExportEnd) and the digest of the bytes are there.
pub trait ExportVisitor {
    /// A member of the document that is neither `records` nor `chain_entries`.
    ///
    /// The members of the first of many events come by here, too, since nobody knows yet that
    /// more follow; then the event itself.
    fn member(&mut self, _name: &str, _value: &Value<'_>) {}

    /// The bundle has an array of chain entries of its own, which starts here.
    fn begin_bundle_entries(&mut self, _start: u64) {}

    /// A record begins.
    fn begin_record(&mut self, _index: u64) {}

    /// A member of the record that is not `chain_entries`.
    fn record_member(&mut self, _index: u64, _name: &str, _value: &Value<'_>) {}

    /// The record ends. `entries` tells what its `chain_entries` were, if it had any.
    fn end_record(&mut self, _index: u64, _range: ByteRange, _entries: Option<Kind>) {}

    /// A chain entry or event.
    fn entry(&mut self, entry: &Entry<'_>);

    /// The layout is at fault; reading goes on. Who looks away here takes an export for whole
    /// from which entries are missing.
    fn structure_fault(&mut self, fault: StructureFault);
}
