// SPDX-License-Identifier: Apache-2.0

//! Whether a record matches a predicate.

use permit_canonical_json::{Object, Value};
use permit_types::{Instant, PredicateKind};

use crate::{
    predicate::{Predicate, TimeSpan},
    record_fields::{Reading, RecordFields},
};

/// What can be said of a record and a predicate.
///
/// Not every record can be told. One whose time cannot be read might be inside a range or not,
/// and one that says two things matches for one reader and does not for another. Whoever wants to
/// hide a record would make it so; such a record is never counted as shown to match, nor
/// as shown not to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// It matches.
    Member,
    /// It does not match. A member that is nowhere to be found does not (PRED-05).
    NotMember,
    /// That cannot be told.
    Unclear(Unclear),
}

/// Why it cannot be told whether a record matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// The time that a range is about cannot be read.
    TimeUnreadable(PredicateKind),
    /// The entry says one thing and its payload another.
    TwoReadings,
}

impl Predicate {
    /// Whether a record matches, as segments of exports and chain entries have it.
    ///
    /// ```
    /// use permit_canonical_json::{Budget, read};
    /// use permit_scope::{Membership, Predicate};
    ///
    /// let predicate = read(br#"{"version": "keel.scope_predicate.v1", "operator": "and",
    ///     "equals": {"provider": "openai"}, "ranges": {}}"#, &Budget::default())?;
    /// let predicate = Predicate::read(&predicate).unwrap();
    /// let record = read(br#"{"event_id": "e", "payload_json": {"execution": {"provider": "openai"}}}"#,
    ///     &Budget::default())?;
    /// assert_eq!(predicate.membership(record.as_object().unwrap()), Membership::Member);
    /// # Ok::<(), permit_canonical_json::ReadError>(())
    /// ```
    #[must_use]
    pub fn membership<'v>(&self, record: &'v Object<'v>) -> Membership {
        self.membership_of(&RecordFields::of(record))
    }

    pub(crate) fn membership_of(&self, fields: &RecordFields<'_>) -> Membership {
        let by_entry = self.read_as(fields, Reading::EntryFirst);
        let by_payload = self.read_as(fields, Reading::PayloadFirst);
        if by_entry == by_payload { by_entry } else { Membership::Unclear(Unclear::TwoReadings) }
    }

    fn read_as(&self, fields: &RecordFields<'_>, reading: Reading) -> Membership {
        let text = |kind| fields.find(kind, reading).and_then(Value::as_str);
        let equal = self.equals().all(|(kind, expected)| text(kind) == Some(expected));
        let spans = self.spans();
        let number = fields.find(PredicateKind::SequenceNumber, reading).and_then(Value::as_u64);
        let in_span = spans.sequence.is_none_or(|span| number.is_some_and(|n| span.contains(n)));
        if !equal || !in_span {
            return Membership::NotMember;
        }
        let times = [
            (PredicateKind::CreatedAt, spans.created_at),
            (PredicateKind::OccurredAt, spans.occurred_at),
        ];
        let mut unclear = None;
        for (kind, span) in times.into_iter().filter_map(|(kind, span)| Some((kind, span?))) {
            match is_within(fields.find(kind, reading), span) {
                Some(true) => {}
                Some(false) => return Membership::NotMember,
                None => unclear = unclear.or(Some(Unclear::TimeUnreadable(kind))),
            }
        }
        unclear.map_or(Membership::Member, Membership::Unclear)
    }
}

/// Whether a time is in the span; nothing if it cannot be read.
fn is_within(time: Option<&Value<'_>>, span: TimeSpan) -> Option<bool> {
    match time {
        None => Some(false),
        Some(time) => time.as_str().and_then(Instant::parse).map(|at| span.contains(at)),
    }
}
