// SPDX-License-Identifier: Apache-2.0

//! What claims beside the chain are judged on, picked out while an export is read.
//!
//! ```text
//! document    its members but `records` and `chain_entries`
//! entries     chain entries, events, and records that have no chain entries of their own
//! ```
//!
//! The first decision and the first revocation count, those of the document before those of entries;
//! every permit of format v2 with a slot counts. Memory grows with what is picked out, up to a limit.

use permit_canonical_json::{Object, Value};
use permit_decision::{
    DecisionEvidence, PermitV2, find_decision_in_document, find_decision_in_entry,
    find_permits_in_document, find_permits_in_entry,
};
use permit_export_bundle::PayloadForm;
use permit_revocation::{
    RevocationEvidence, StatedRevocations, find_revocation_in_document, find_revocation_in_entry,
};
use permit_scope::DISPATCH_EGRESS_BOUND;
use permit_types::{Artifact, Location};

/// Which evidence is worth keeping.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    /// Dispatches, which contradict that there were none.
    pub(crate) dispatches: bool,
}

/// Evidence that was picked out.
#[derive(Debug)]
pub(crate) struct Collected {
    wanted: Wanted,
    /// The members of the document, once all is read.
    pub(crate) document: Object<'static>,
    /// Those that were read so far. Only here are there enough of them for it to matter that no
    /// member is looked for among the others each time.
    members: Vec<(String, Value<'static>)>,
    /// What entries carry: of the bundle's own array, and of all others.
    decisions: [Option<DecisionEvidence>; 2],
    revocations: [Option<RevocationEvidence>; 2],
    pub(crate) stated: StatedRevocations,
    pub(crate) permits: Vec<PermitV2>,
    pub(crate) dispatches: Vec<(Location, Object<'static>)>,
    /// The record in progress, and what was left before it.
    record: Option<(Vec<(String, Value<'static>)>, u64)>,
    entries: u64,
    bytes_left: u64,
    /// Whether there was more than may be kept.
    pub(crate) over_limit: bool,
}

/// The array that an entry stands in, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryOrigin {
    /// The bundle's own.
    Bundle,
    /// Any other.
    Other,
}

impl Collected {
    pub(crate) fn new(wanted: Wanted, bytes: u64) -> Self {
        Self {
            wanted,
            document: Object::default(),
            members: Vec::new(),
            decisions: [None, None],
            revocations: [None, None],
            stated: StatedRevocations::new(),
            permits: Vec::new(),
            dispatches: Vec::new(),
            record: None,
            entries: 0,
            bytes_left: bytes,
            over_limit: false,
        }
    }

    /// Takes a member of the document.
    pub(crate) fn member(&mut self, name: &str, value: &Value<'_>) {
        if self.may_keep(value) {
            self.members.push((name.to_owned(), value.clone().into_owned()));
        }
    }

    pub(crate) fn begin_record(&mut self) {
        self.record = Some((Vec::new(), self.bytes_left));
    }

    /// Takes a member of a record. Records are entries themselves where they have none; the permit
    /// of an audit record plays no part in that, and is what makes records long.
    pub(crate) fn record_member(&mut self, name: &str, value: &Value<'_>) {
        if name == "permit" && value.as_object().is_some() {
            return;
        }
        let keep = self.record.is_some() && self.may_keep(value);
        if let Some((record, _)) = self.record.as_mut().filter(|_| keep) {
            record.push((name.to_owned(), value.clone().into_owned()));
        }
    }

    /// Ends a record; `is_entry` tells whether it has no chain entries of its own.
    pub(crate) fn end_record(&mut self, is_entry: bool, at: impl FnOnce() -> Location) {
        let Some((record, left)) = self.record.take() else { return };
        // The record itself goes; what it carries is counted when it is kept.
        self.bytes_left = left;
        if is_entry {
            self.entry(&record.into_iter().collect(), EntryOrigin::Other, at);
        }
    }

    /// Takes an entry, if it carries any evidence.
    pub(crate) fn entry(
        &mut self,
        entry: &Object<'_>,
        origin: EntryOrigin,
        at: impl FnOnce() -> Location,
    ) {
        let index = self.entries;
        self.entries = self.entries.saturating_add(1);
        let event_type = entry.get("event_type").and_then(Value::as_str);
        let dispatch = self.wanted.dispatches && event_type == Some(DISPATCH_EGRESS_BOUND);
        if !dispatch && !may_carry_evidence(entry) {
            return;
        }
        let at = at();
        if dispatch && self.may_keep_bytes(at.range.len()) {
            self.dispatches.push((at.clone(), owned(entry)));
        }
        let place = usize::from(origin == EntryOrigin::Other);
        if let Some(revocation) = find_revocation_in_entry(entry, &at)
            && self.may_keep_bytes(at.range.len())
        {
            self.stated.note(&revocation);
            keep_first(&mut self.revocations, place, revocation);
        }
        let none_yet = self.decisions.get(place).is_some_and(Option::is_none);
        if none_yet && let Some(decision) = find_decision_in_entry(entry, &at) {
            keep_first(&mut self.decisions, place, decision);
        }
        let permits = find_permits_in_entry(entry, index, &at);
        if !permits.is_empty() && self.may_keep_bytes(at.range.len()) {
            self.permits.extend(permits);
        }
    }

    /// Draws together what the document and the entries have, once it is known what the document is.
    pub(crate) fn finish(&mut self, form: PayloadForm, project_id: Option<&str>) {
        let members = std::mem::take(&mut self.members);
        if form == PayloadForm::EventLines {
            // The members seen are those of the first event; the document is all lines together.
            if let Some(project_id) = project_id {
                self.document.insert("project_id", project_id.to_owned());
            }
        } else {
            self.document = members.into_iter().collect();
        }
        if let Some(revocation) = find_revocation_in_document(&self.document, Artifact::Export) {
            self.stated.note(&revocation);
        }
        let mut permits = find_permits_in_document(&self.document, Artifact::Export);
        permits.append(&mut self.permits);
        self.permits = permits;
    }

    /// The decision that counts.
    pub(crate) fn decision(&self) -> Option<DecisionEvidence> {
        let of_document = find_decision_in_document(&self.document, Artifact::Export);
        of_document.or_else(|| self.decisions.iter().flatten().next().cloned())
    }

    /// The revocation that counts.
    pub(crate) fn revocation(&self) -> Option<RevocationEvidence> {
        let of_document = find_revocation_in_document(&self.document, Artifact::Export);
        of_document.or_else(|| self.revocations.iter().flatten().next().cloned())
    }

    fn may_keep(&mut self, value: &Value<'_>) -> bool {
        self.may_keep_bytes(value.range().len())
    }

    /// Objects in memory are some times longer than their text, and never shorter than some words.
    fn may_keep_bytes(&mut self, bytes: u64) -> bool {
        let cost = bytes.saturating_add(SMALLEST_COST);
        match self.bytes_left.checked_sub(cost) {
            Some(left) => {
                self.bytes_left = left;
                true
            }
            None => {
                self.over_limit = true;
                false
            }
        }
    }
}

fn keep_first<T>(places: &mut [Option<T>; 2], place: usize, evidence: T) {
    if let Some(place) = places.get_mut(place) {
        place.get_or_insert(evidence);
    }
}

fn owned(object: &Object<'_>) -> Object<'static> {
    let members = object.members().iter();
    members.map(|member| (member.name().to_owned(), member.value().clone().into_owned())).collect()
}

/// A quick look before the thorough one: whether an entry has any member that evidence is found by.
fn may_carry_evidence(entry: &Object<'_>) -> bool {
    let tells = |object: &Object<'_>| {
        object.members().iter().any(|member| TELLING.contains(&member.name()))
    };
    let payloads = ["payload_json", "payload"].into_iter();
    let mut payloads = payloads.filter_map(|name| entry.get(name).and_then(Value::as_object));
    tells(entry) || payloads.any(tells)
}

/// Members that evidence of decisions, revocations and slots is found by.
const TELLING: [&str; 10] = [
    "artifact_type",
    "decision_binding",
    "permit",
    "permit_decision",
    "permit_decision_binding",
    "permit_format_version",
    "permit_record",
    "permit_v2",
    "revocation_event",
    "signature",
];

const SMALLEST_COST: u64 = 64;

#[cfg(test)]
mod tests {
    use permit_canonical_json::{Budget, read_text};

    use super::*;

    /// Whatever the thorough look finds, the quick look lets through.
    #[test]
    fn the_quick_look_misses_nothing() {
        let v2 = r#"{"permit_format_version": "v2", "operator_approval": {}}"#;
        let mut found = 0;
        let inner = [
            ("permit_decision", "{}"),
            ("permit_decision_binding", "{}"),
            ("decision_binding", "{}"),
            ("artifact_type", "\"permit_decision_binding\""),
            ("revocation_event", "{\"event\": {}}"),
            ("revocation_event", "{}"),
            ("signature", "\"\""),
            ("permit", v2),
            ("permit_v2", v2),
            ("permit_record", v2),
            ("permit_format_version", "\"v2\", \"operator_approval\": {}"),
        ];
        for (name, value) in inner {
            for text in [
                format!(r#"{{"event_type": "permit.revoked", "{name}": {value}}}"#),
                format!(r#"{{"event_type": "permit.revoked", "payload": {{"{name}": {value}}}}}"#),
                format!(
                    r#"{{"event_type": "permit.revoked", "payload_json": {{"{name}": {value}}}}}"#
                ),
            ] {
                let entry = read_text(&text, &Budget::default()).unwrap();
                let entry = entry.as_object().unwrap();
                let at = Location::whole(Artifact::Export);
                let carries = find_decision_in_entry(entry, &at).is_some()
                    || find_revocation_in_entry(entry, &at).is_some()
                    || !find_permits_in_entry(entry, 0, &at).is_empty();
                found += u32::from(carries);
                assert!(!carries || may_carry_evidence(entry), "{text}");
            }
        }
        assert!(found >= 20, "{found} of them carry evidence");
        let plain = r#"{"event_type": "permit.closed", "payload_json": {"permit_id": "p"}}"#;
        let plain = read_text(plain, &Budget::default()).unwrap();
        assert!(!may_carry_evidence(plain.as_object().unwrap()));
    }
}
