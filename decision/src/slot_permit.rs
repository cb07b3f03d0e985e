// SPDX-License-Identifier: Apache-2.0

//! Permits of format v2, where they stand in an export.
//!
//! ```text
//! document    itself; permit, permit_v2, permit_record
//! each entry  itself; its payload; permit, permit_v2, permit_record of that
//! ```
//!
//! All of them are judged, unlike in the reference, which judges the first with a slot: there a
//! good slot in front hides a bad one behind it.

use permit_canonical_json::{Object, Value};
use permit_revocation::entry_payload;
use permit_types::{Artifact, Location};

use crate::{
    decision_evidence::{below, owned},
    slot::Slot,
};

/// A permit of format v2 that has a slot, of which nothing is known yet.
///
/// It owns what it holds, so that it outlives the piece of an export it came from.
#[derive(Clone, Debug)]
pub struct PermitV2 {
    pub(crate) permit: Object<'static>,
    pub(crate) label: String,
    pub(crate) at: Location,
}

impl PermitV2 {
    /// The permit.
    #[must_use]
    pub fn permit(&self) -> &Object<'static> {
        &self.permit
    }

    /// Where it stands.
    #[must_use]
    pub fn at(&self) -> &Location {
        &self.at
    }

    /// Where it stands, in the words of reports: `export.permit`, `chain_entries[3].payload_json`.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The slots that it has. Each makes the claim of that slot a required one, whether or not
    /// anybody asked for it: a signature that is shown is meant to be believed.
    pub fn slots(&self) -> impl Iterator<Item = Slot> {
        slots_of(&self.permit)
    }

    /// The id of the permit, be it an id or not.
    #[must_use]
    pub fn permit_id(&self) -> Option<&str> {
        let texts = ["id", "permit_id"].into_iter();
        let mut texts = texts.filter_map(|name| self.permit.get(name).and_then(Value::as_str));
        texts.find(|text| !text.is_empty())
    }
}

/// The permits of format v2 with slots among the members of a document that are not about single
/// entries.
///
/// The document has to be whole where it is a permit itself: the slots sign all its members.
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_decision::{Slot, find_permits_in_document};
/// use permit_types::Artifact;
///
/// let document = read(
///     br#"{"permit": {"permit_format_version": "v2", "counter_signature": {}}}"#,
///     &Budget::default(),
/// )?;
/// let found = find_permits_in_document(document.as_object().unwrap(), Artifact::Export);
/// assert_eq!(found[0].slots().collect::<Vec<_>>(), [Slot::CounterSignature]);
/// assert_eq!(found[0].label(), "export.permit");
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
#[must_use]
pub fn find_permits_in_document(document: &Object<'_>, artifact: Artifact) -> Vec<PermitV2> {
    let mut permits = Vec::new();
    in_object(document, "export", &Location::whole(artifact), &mut permits);
    permits
}

/// The permits of format v2 with slots in a chain entry, or in a record that has no entries and so
/// is one.
///
/// `index` counts the entries of the document and then those of its records; `at` is the place of
/// the entry.
#[must_use]
pub fn find_permits_in_entry(entry: &Object<'_>, index: u64, at: &Location) -> Vec<PermitV2> {
    let mut permits = Vec::new();
    let label = || format!("chain_entries[{index}]");
    if has_slots(entry) {
        permits.push(PermitV2 { permit: owned(entry), label: label(), at: at.clone() });
    }
    if let Some((name, value)) = entry_payload(entry)
        && let Some(payload) = value.as_object()
    {
        let at = below(at, name, value);
        in_object(payload, &format!("{}.payload_json", label()), &at, &mut permits);
    }
    permits
}

fn in_object(holder: &Object<'_>, label: &str, at: &Location, permits: &mut Vec<PermitV2>) {
    if has_slots(holder) {
        permits.push(PermitV2 { permit: owned(holder), label: label.to_owned(), at: at.clone() });
    }
    for name in ["permit", "permit_v2", "permit_record"] {
        let value = holder.get(name);
        let permit = value.and_then(|value| Some((value, value.as_object()?)));
        if let Some((value, permit)) = permit.filter(|(_, permit)| has_slots(permit)) {
            let (label, at) = (format!("{label}.{name}"), below(at, name, value));
            permits.push(PermitV2 { permit: owned(permit), label, at });
        }
    }
}

fn has_slots(permit: &Object<'_>) -> bool {
    permit.get("permit_format_version").and_then(Value::as_str) == Some(FORMAT_VERSION)
        && slots_of(permit).next().is_some()
}

fn slots_of(permit: &Object<'_>) -> impl Iterator<Item = Slot> {
    let has = |slot: &Slot| permit.get(slot.as_str()).is_some_and(|v| v.as_object().is_some());
    Slot::ALL.iter().copied().filter(has)
}

const FORMAT_VERSION: &str = "v2";
