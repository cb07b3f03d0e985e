// SPDX-License-Identifier: Apache-2.0

//! Where the members that a predicate looks at stand in a record (PRED-04).
//!
//! ```text
//! record             { event_id, …, payload_json }
//! and also read      chain_entry_ref: the entry in an object of its own
//!                    payload: another name of payload_json
//!                    chain_entry_hash, previous_record_hash, format_version: other names
//! ```
//!
//! The specification looks at the entry first and at its payload then. The reference first merges
//! all there is into the payload, so that there the payload wins. A record of an honest
//! issuer says the same in both places, and both readings find the same. Where they do not,
//! nobody can say what the record is: both are taken, and see [`Membership`].
//!
//! [`Membership`]: crate::Membership

use permit_canonical_json::{Kind, Object, Value};
use permit_types::PredicateKind;

/// The members of a record, wherever they stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordFields<'v> {
    record: &'v Object<'v>,
    entry_ref: Option<&'v Object<'v>>,
    /// In the order in which later ones override earlier ones for the reference.
    payloads: [Option<&'v Object<'v>>; 4],
}

/// Who is believed if a record says two things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The entry, as the specification says.
    EntryFirst,
    /// The payload, as the reference does.
    PayloadFirst,
}

impl<'v> RecordFields<'v> {
    pub(crate) fn of(record: &'v Object<'v>) -> Self {
        let entry_ref = record.get("chain_entry_ref").and_then(Value::as_object);
        let object = |of: Option<&'v Object<'v>>, name| of?.get(name)?.as_object();
        let payloads = [
            object(Some(record), "payload_json"),
            object(entry_ref, "payload_json"),
            object(Some(record), "payload"),
            object(entry_ref, "payload"),
        ];
        Self { record, entry_ref, payloads }
    }

    /// A member of the entry, or the same under its other name; the record goes before the
    /// object `chain_entry_ref`.
    pub(crate) fn kept(&self, name: &str, alias: Option<&str>) -> Option<&'v Value<'v>> {
        let of = |object: &'v Object<'v>| {
            object.get(name).or_else(|| object.get(alias?)).filter(|value| !value.is_null())
        };
        of(self.record).or_else(|| of(self.entry_ref?))
    }

    /// Whether the entry itself has this member, even if it is null.
    pub(crate) fn states(&self, name: &str) -> bool {
        let has = |object: &Object<'_>| object.get(name).is_some();
        has(self.record) || self.entry_ref.is_some_and(has)
    }

    /// The payloads of the record that are no objects, and whether there is one that is.
    pub(crate) fn payload_form(&self) -> PayloadForm<'v> {
        let objects = [Some(self.record), self.entry_ref];
        let mut stated = objects.into_iter().flatten().flat_map(|object| {
            ["payload_json", "payload"].into_iter().filter_map(|name| object.get(name))
        });
        let other = stated.find(|value| !matches!(value.kind(), Kind::Object | Kind::Null));
        match other {
            Some(other) => PayloadForm::NotAnObject(other),
            None if self.payloads.iter().all(Option::is_none) => PayloadForm::Missing,
            None => PayloadForm::Object,
        }
    }

    /// A member of the payloads, as the specification reads them.
    pub(crate) fn in_payloads(&self, name: &str) -> Option<&'v Value<'v>> {
        self.payload_member(name, Reading::EntryFirst)
    }

    /// The first scalar that the lookup of this kind comes to.
    pub(crate) fn find(&self, kind: PredicateKind, reading: Reading) -> Option<&'v Value<'v>> {
        use PredicateKind as K;
        let entry = self.entry_value(kind);
        match (kind, reading) {
            (K::SequenceNumber | K::CreatedAt, _) => entry,
            (K::EventType, _) => entry.or_else(|| self.in_payload(kind, reading)),
            (_, Reading::EntryFirst) => entry.or_else(|| self.in_payload(kind, reading)),
            (_, Reading::PayloadFirst) => self.in_payload(kind, reading),
        }
        .or_else(|| scalar(self.kept("created_at", None)).filter(|_| kind == K::OccurredAt))
    }

    /// What the entry itself says, before its payload.
    fn entry_value(&self, kind: PredicateKind) -> Option<&'v Value<'v>> {
        let resource = || {
            let is_permit = self.kept("resource_type", None).and_then(Value::as_str);
            let id = scalar(self.kept("resource_id", None));
            id.filter(|_| kind == PredicateKind::PermitId && is_permit == Some("permit"))
        };
        scalar(self.kept(kind.as_str(), None)).or_else(resource)
    }

    fn in_payload(&self, kind: PredicateKind, reading: Reading) -> Option<&'v Value<'v>> {
        let own = || self.own_payload_member(kind, reading);
        let below = |path: &&[&str]| {
            let (first, rest) = path.split_first()?;
            let start = self.payload_member(first, reading);
            scalar(rest.iter().try_fold(start?, |value, name| value.get(name)))
        };
        own().or_else(|| other_paths(kind).iter().find_map(below))
    }

    /// The payload's member that is called like the kind. The reference puts the entry's member
    /// there if the payload has none, be it null.
    fn own_payload_member(&self, kind: PredicateKind, reading: Reading) -> Option<&'v Value<'v>> {
        let name = kind.as_str();
        let stated = self.payload_member(name, reading);
        let is_added = kind != PredicateKind::DecisionType && reading == Reading::PayloadFirst;
        match stated {
            None if is_added => {
                let of_ref = || self.entry_ref.and_then(|object| object.get(name));
                scalar(self.record.get(name).or_else(of_ref))
            }
            stated => scalar(stated),
        }
    }

    /// A member of all payloads taken together.
    fn payload_member(&self, name: &str, reading: Reading) -> Option<&'v Value<'v>> {
        let mut objects = self.payloads.iter().flatten();
        match reading {
            Reading::EntryFirst => objects.find_map(|object| object.get(name)),
            Reading::PayloadFirst => objects.rev().find_map(|object| object.get(name)),
        }
    }
}

/// What a record has as its payload.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PayloadForm<'v> {
    Object,
    NotAnObject(&'v Value<'v>),
    Missing,
}

/// A text, a number or a truth value; null, arrays and objects are passed over.
fn scalar<'v>(value: Option<&'v Value<'v>>) -> Option<&'v Value<'v>> {
    value.filter(|value| matches!(value.kind(), Kind::String | Kind::Number | Kind::Bool))
}

/// Where the value of a kind is looked for in a record, in order; the first scalar counts
/// (PRED-04). `payload_json.` stands before what is looked for in the payload.
///
/// ```
/// use permit_scope::lookup_order;
/// use permit_types::PredicateKind;
///
/// assert_eq!(lookup_order(PredicateKind::ExportType),
///     ["export_type", "payload_json.export_type", "payload_json.export.type"]);
/// ```
#[must_use]
pub fn lookup_order(kind: PredicateKind) -> Vec<String> {
    let name = kind.as_str();
    let mut order = vec![name.to_owned()];
    if kind == PredicateKind::PermitId {
        order.push("resource_id if resource_type is permit".to_owned());
    }
    if !matches!(kind, PredicateKind::SequenceNumber | PredicateKind::CreatedAt) {
        order.push(format!("payload_json.{name}"));
    }
    order.extend(other_paths(kind).iter().map(|path| format!("payload_json.{}", path.join("."))));
    if kind == PredicateKind::OccurredAt {
        order.push("created_at".to_owned());
    }
    order
}

/// Where else in the payload a kind is looked for, in order.
fn other_paths(kind: PredicateKind) -> &'static [&'static [&'static str]] {
    match kind {
        PredicateKind::ProjectId => &[&["project", "id"], &["export", "project_id"]],
        PredicateKind::PermitId => &[&["permit_uuid"], &["permit", "id"]],
        PredicateKind::RequestId => &[&["execution", "request_id"], &["permit", "request_id"]],
        PredicateKind::Category => &[&["classification", "category"], &["policy", "category"]],
        PredicateKind::Severity => &[&["classification", "severity"], &["incident", "severity"]],
        PredicateKind::DecisionType => &[&["decision", "type"], &["permit", "decision_type"]],
        PredicateKind::PolicyId => &[&["policy", "id"], &["permit", "policy_id"]],
        PredicateKind::Provider => {
            &[&["model_provider"], &["metadata", "provider"], &["execution", "provider"]]
        }
        PredicateKind::Section => &[&["export_section"], &["report", "section"]],
        PredicateKind::ExportType => &[&["export", "type"]],
        PredicateKind::OccurredAt => &[&["event_time"], &["timestamp"]],
        PredicateKind::EventType | PredicateKind::SequenceNumber | PredicateKind::CreatedAt => &[],
    }
}
