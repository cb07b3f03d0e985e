// SPDX-License-Identifier: Apache-2.0

//! Whether the supplied events are a chain from its very start, without a gap (CLAIM-22).
//!
//! ```text
//! every event       event_id, event_type, severity, occurred_at, sequence_number, record_hash, prev_hash
//! every scope       numbers 1, 2, 3, …; the first links to the sentinel, each to the one before it
//! every event       hashes to its record hash
//! ```
//!
//! A walk of an export tolerates windows and gaps; this does not. A denial that stands behind a gap could
//! have been preceded by a grant that nobody sees.

use std::collections::BTreeMap;

use permit_canonical_json::{Excerpt, Value};
use permit_chain::{
    CHAIN_FORMAT_V1, HashInputProblem, RecordHashInputs, TimestampProblem, default_sentinel,
    record_hash_v1,
};
use permit_types::WrittenTime;

use crate::{
    correct_denial::DenialFault, denial_semantics::DenialSemantics, denial_token::DenialToken,
    event_view::EventView,
};

/// Proof that the events are the prefixes of their chains.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StrictPrefix {
    pub(crate) events: usize,
    pub(crate) scopes: usize,
}

impl StrictPrefix {
    pub(crate) fn of(
        events: &[EventView<'_>],
        semantics: &DenialSemantics,
    ) -> Result<Self, DenialFault> {
        let Some(first) = events.first() else {
            return Err(DenialFault::new(
                DenialToken::GovernanceEvents,
                None,
                "there are no events",
            ));
        };
        if !semantics.has_record_hash() {
            let summary = "the pack names no recipe for the record hash";
            return Err(DenialFault::new(
                DenialToken::RecordHashSemantics,
                Some(first.location()),
                summary,
            ));
        }
        // Absence first, in all events, as the reference does: it decides which member is named.
        events.iter().try_for_each(check_presence)?;
        events.iter().try_for_each(check_format)?;
        let mut links = events.iter().map(Link::of).collect::<Result<Vec<_>, _>>()?;
        let scopes = order_by_scope(&mut links);
        let mut walk = Walk::default();
        links.iter().try_for_each(|link| walk.step(link))?;
        Ok(Self { events: events.len(), scopes })
    }
}

fn check_presence(event: &EventView<'_>) -> Result<(), DenialFault> {
    match REQUIRED.into_iter().find(|name| event.get(name).is_none()) {
        Some(name) => Err(field_fault(event, name)),
        None => Ok(()),
    }
}

/// CHAIN-14: an event of another format must not be hashed as if it were of this one.
fn check_format(event: &EventView<'_>) -> Result<(), DenialFault> {
    let Some(format) = event.get("chain_format_version") else { return Ok(()) };
    if matches!(format.as_str(), Some("" | CHAIN_FORMAT_V1)) {
        return Ok(());
    }
    let token = DenialToken::UnknownChainFormat;
    let at = event.member_location("chain_format_version");
    let summary = "an event is of a chain format that is not known here";
    let fault = DenialFault::new(token, Some(at), summary);
    Err(fault.values(format!("`{CHAIN_FORMAT_V1}`"), shown(format)))
}

/// One event in the order of its chain.
struct Link<'e, 'v> {
    event: &'e EventView<'v>,
    scope: &'v str,
    /// Place of the scope among those that appear.
    rank: usize,
    number: u64,
}

impl<'e, 'v> Link<'e, 'v> {
    /// Looks at the forms of members that are hashed or ordered by.
    fn of(event: &'e EventView<'v>) -> Result<Self, DenialFault> {
        let text = |name: &&str| event.text(name).is_none_or(str::is_empty);
        if let Some(name) = TEXTS.into_iter().find(text) {
            return Err(field_fault(event, name));
        }
        let other = |name: &&str| event.get(name).is_some_and(|value| value.as_str().is_none());
        if let Some(name) = NULLABLE_TEXTS.into_iter().find(other) {
            return Err(field_fault(event, name));
        }
        if event.text("occurred_at").and_then(WrittenTime::split).is_none() {
            return Err(field_fault(event, "occurred_at"));
        }
        let number = event.get("sequence_number").and_then(Value::as_u64);
        let number = number.ok_or_else(|| field_fault(event, "sequence_number"))?;
        let scope = event.text("chain_scope").filter(|scope| !scope.is_empty());
        Ok(Self { event, scope: scope.unwrap_or(DEFAULT_SCOPE), rank: 0, number })
    }
}

/// Sorts by scope in order of first appearance, then by number; says how many scopes there are.
fn order_by_scope(links: &mut [Link<'_, '_>]) -> usize {
    let mut ranks = BTreeMap::new();
    for link in links.iter_mut() {
        let next = ranks.len();
        link.rank = *ranks.entry(link.scope).or_insert(next);
    }
    links.sort_by_key(|link| (link.rank, link.number));
    ranks.len()
}

/// Where a walk stands: the scope, the number it expects next, and the hash that links to it.
#[derive(Default)]
struct Walk {
    rank: Option<usize>,
    expected_number: u64,
    expected_prev: String,
}

impl Walk {
    fn step(&mut self, link: &Link<'_, '_>) -> Result<(), DenialFault> {
        if self.rank != Some(link.rank) {
            self.rank = Some(link.rank);
            self.expected_number = 1;
            self.expected_prev = default_sentinel().to_string();
        }
        let event = link.event;
        if link.number != self.expected_number {
            let at = event.member_location("sequence_number");
            let summary = "the events of a scope are not numbered from 1 on without a gap";
            let fault = DenialFault::new(DenialToken::ContiguousPrefix, Some(at), summary);
            return Err(fault.values(self.expected_number.to_string(), link.number.to_string()));
        }
        if event.text("prev_hash") != Some(self.expected_prev.as_str()) {
            let at = event.member_location("prev_hash");
            let summary = "an event does not link to the one before it";
            let fault = DenialFault::new(DenialToken::PrevHashMismatch, Some(at), summary);
            return Err(fault.values(self.expected_prev.clone(), member_shown(event, "prev_hash")));
        }
        let computed = recompute(link)?;
        if event.text("record_hash") != Some(computed.as_str()) {
            return Err(hash_fault(event, computed));
        }
        self.expected_number = self.expected_number.saturating_add(1);
        self.expected_prev = computed;
        Ok(())
    }
}

fn recompute(link: &Link<'_, '_>) -> Result<String, DenialFault> {
    let fields = link.event.chain_fields();
    match RecordHashInputs::check(&fields, Some(link.number)) {
        Ok(inputs) => Ok(record_hash_v1(&inputs).to_string()),
        // The hash has no place for an offset or for more digits: what stands there is not what was hashed.
        Err(HashInputProblem::Timestamp(problem)) => {
            let at = link.event.member_location("occurred_at");
            let summary =
                format!("the record hash cannot cover the time of an event: it {problem}");
            let fault = DenialFault::new(DenialToken::RecordHashMismatch, Some(at), &summary);
            let rule = match problem {
                TimestampProblem::NotUtc { .. } => "CHAIN-05",
                _ => "CHAIN-04",
            };
            let expected = "a time in UTC with at most six digits of fraction";
            Err(fault.rule(rule).values(expected, member_shown(link.event, "occurred_at")))
        }
        Err(_) => Err(hash_fault(link.event, "the hash of the event".to_owned())),
    }
}

fn hash_fault(event: &EventView<'_>, computed: String) -> DenialFault {
    let at = event.member_location("record_hash");
    let summary = "an event does not hash to its record hash";
    let fault = DenialFault::new(DenialToken::RecordHashMismatch, Some(at), summary);
    fault.values(computed, member_shown(event, "record_hash"))
}

fn field_fault(event: &EventView<'_>, name: &'static str) -> DenialFault {
    let summary = format!("`{name}` of an event is missing or not of its form");
    let fault =
        DenialFault::new(DenialToken::ChainField, Some(event.member_location(name)), &summary);
    fault.member(name).values(form_of(name), member_shown(event, name))
}

fn form_of(name: &str) -> &'static str {
    match name {
        "sequence_number" => "an integer from 1 on",
        "occurred_at" => "a time of RFC 3339",
        "chain_scope" | "resource_type" | "resource_id" | "outcome" => "a text or null",
        _ => "a text that is not empty",
    }
}

fn member_shown(event: &EventView<'_>, name: &str) -> String {
    event.object.get(name).map_or_else(|| "nothing".to_owned(), shown)
}

/// A value in one line.
pub(crate) fn shown(value: &Value<'_>) -> String {
    match (value.as_str(), value.as_number()) {
        (Some(text), _) => format!("`{}`", Excerpt(text)),
        (None, Some(number)) => format!("`{}`", Excerpt(number.as_str())),
        (None, None) => value.kind().to_string(),
    }
}

/// In the order of their names, which decides which one is told.
const REQUIRED: [&str; 7] = [
    "event_id",
    "event_type",
    "occurred_at",
    "prev_hash",
    "record_hash",
    "sequence_number",
    "severity",
];

/// `prev_hash` and `record_hash` are not among them: another value there is another hash.
const TEXTS: [&str; 4] = ["event_id", "event_type", "occurred_at", "severity"];

const NULLABLE_TEXTS: [&str; 4] = ["chain_scope", "outcome", "resource_id", "resource_type"];

/// The scope of events that name none.
const DEFAULT_SCOPE: &str = "project";
