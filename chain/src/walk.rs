// SPDX-License-Identifier: Apache-2.0

//! The walk over chain entries, in one pass and any order of delivery.
//!
//! ```text
//! AMB-15    an unknown chain_format_version is told first, and nothing of that entry is hashed
//! CHAIN-12  entries are grouped by chain_scope; numbers are compared inside a scope only
//! CHAIN-13  inside one array of the evidence, numbers that fall are told even if sorting repairs them
//! CHAIN-07  no number appears twice in a scope
//! CHAIN-09  each record_hash is recomputed
//! CHAIN-08  each prev_hash is the record_hash of the entry with the next smaller number
//! CHAIN-11  gaps in the numbers are no fault as long as the hashes link
//! CHAIN-16  the prev_hash of the first entry is the issuer's own affair
//! CHAIN-19  all this says nothing about entries that were not supplied
//! ```

use alloc::{
    boxed::Box,
    collections::{BTreeMap, BTreeSet},
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use permit_canonical_json::{ByteRange, JsonPointer, Sha256Digest, Value};
use permit_failure_codes::{FailureCode, ReasonClass};
use permit_types::{Artifact, Finding, Location, Severity, Zone};

use crate::{
    entry_fields::EntryFields,
    finding_log::FindingLog,
    record_hash::{RecordHashInputs, record_hash_v1, shown},
    segments::{Link, Origin, Segment, Segments},
    sequence_set::SequenceSet,
};

/// The only format of chain entries there is (CHAIN-10).
pub const CHAIN_FORMAT_V1: &str = "v1";

/// Where an entry stands: in which of the evidence's arrays, and at which index of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct EntryPlace {
    /// The array, in order of delivery.
    pub array: u64,
    /// The entry's index in it.
    pub index: u64,
    /// The bytes of the entry.
    pub range: ByteRange,
}

/// Makes the path to an entry; only the carrier of the entries knows its layout.
pub type PointerOf = fn(EntryPlace) -> JsonPointer;

/// What a walk may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WalkBudget {
    /// Chain scopes. Default 100,000.
    pub scopes: usize,
    /// Segments that do not link to each other, over all scopes. Default 500,000;
    /// an export of a million entries written by 8 workers in turn keeps fewer than a hundred open.
    pub open_segments: usize,
    /// Runs of sequence numbers without a gap, over all scopes. Default 4,000,000.
    pub number_runs: usize,
}

impl Default for WalkBudget {
    fn default() -> Self {
        Self { scopes: 100_000, open_segments: 500_000, number_runs: 4_000_000 }
    }
}

/// How a walk is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WalkOptions {
    /// What it may spend.
    pub budget: WalkBudget,
    /// Findings that are kept; all are counted. Default 1,000.
    pub findings: usize,
    /// Whether the rest of a scope is left unjudged after its first fault (CHAIN-22). Default no.
    pub stop_scope_at_first: bool,
    /// Whether the evidence's semantics know format v1. Default yes; a pack whose
    /// pins leave the recipe out has no format at all.
    pub v1_known: bool,
    /// The artifact that findings name.
    pub artifact: Artifact,
}

impl Default for WalkOptions {
    fn default() -> Self {
        Self {
            budget: WalkBudget::default(),
            findings: 1_000,
            stop_scope_at_first: false,
            v1_known: true,
            artifact: Artifact::Export,
        }
    }
}

/// Walks entries as they are delivered. Keeps, for each scope, only the ends of
/// what has linked up so far: constant memory for evidence that is in order.
///
/// ```
/// use permit_canonical_json::{Budget, JsonPointer, read};
/// use permit_chain::{EntryFields, EntryPlace, WalkOptions, Walker};
///
/// let entry = read(br#"{"chain_scope": "project:1", "chain_format_version": "v1",
///     "event_id": "e", "event_type": "t", "resource_type": null, "resource_id": null,
///     "outcome": null, "severity": "info", "created_at": "2026-05-07T12:00:00Z",
///     "prev_hash": "p", "sequence_number": 1, "payload_json": {},
///     "record_hash": "ca86e5db44d059422a7d250288f18c26305e5389efe64824278e056616362009"}"#,
///     &Budget::default())?;
///
/// let mut walker = Walker::new(WalkOptions::default(), |place| JsonPointer::root().index(place.index));
/// let fields = EntryFields::of_entry(entry.as_object().unwrap(), entry.range());
/// walker.entry(&fields, 0, 0);
/// let outcome = walker.finish();
/// assert!(outcome.intact().is_some());
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
#[derive(Debug)]
pub struct Walker {
    options: WalkOptions,
    pointer_of: PointerOf,
    scope_ids: BTreeMap<Arc<str>, usize>,
    scopes: Vec<Scope>,
    /// The scope of the entry before, since neighbours mostly share theirs.
    latest: Option<usize>,
    array: u64,
    /// Scopes of the current array: rank of first appearance, and the number delivered last.
    delivered: BTreeMap<usize, (u64, Option<u64>)>,
    log: FindingLog<Order>,
    entries: u64,
    not_judged: u64,
    /// Segments and explained hashes of all scopes.
    waiting: usize,
    number_runs: usize,
    limit: Option<WalkLimit>,
}

#[derive(Debug)]
struct Scope {
    label: Arc<str>,
    numbers: SequenceSet,
    segments: Segments,
    /// Hashes of entries that could not take their place for a reason that was reported.
    explained: BTreeSet<Sha256Digest>,
    /// Hashes of entries that do not hash as they should, and their numbers.
    faulty: BTreeMap<Sha256Digest, u64>,
    entries: u64,
    failed: bool,
}

/// The order in which faults are told: what delivery shows comes before what chains show.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    /// A fault of an entry by itself or of its place in its array.
    Delivery { array: u64, after_array: bool, scope: u64, index: u64 },
    /// A fault of a scope's chain.
    Chain { scope: Arc<str>, walking: bool, number: u64, linking: bool },
}

/// A limit that ended the walk before the evidence did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WalkLimit {
    /// There are too many chain scopes.
    #[error("there are more chain scopes than the limit of {limit}")]
    Scopes {
        /// The limit.
        limit: usize,
    },
    /// Too many segments wait for a link.
    #[error("more segments of chains wait for their links than the limit of {limit}")]
    OpenSegments {
        /// The limit.
        limit: usize,
    },
    /// The sequence numbers have too many gaps.
    #[error("sequence numbers have more gaps than the limit of {limit}")]
    NumberRuns {
        /// The limit.
        limit: usize,
    },
}

/// What a walk found.
#[derive(Debug)]
#[non_exhaustive]
pub struct WalkOutcome {
    /// Entries that were delivered.
    pub entries: u64,
    /// Entries left unjudged because their scope had failed before.
    pub not_judged: u64,
    /// The scopes, by name.
    pub scopes: Vec<ScopeSummary>,
    /// Faults and notices; the first one is the headline.
    pub findings: Vec<Finding>,
    /// Findings that are counted only.
    pub findings_left_out: u64,
    /// The limit that ended the walk early.
    pub limit: Option<WalkLimit>,
    intact: Option<IntactWalk>,
}

/// Proof that all supplied entries hash and link (CHAIN-07 to CHAIN-09). Only a walk makes one.
///
/// It says nothing about entries that were not supplied (CHAIN-19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntactWalk {
    entries: u64,
    scopes: usize,
}

impl IntactWalk {
    /// Number of entries, at least one.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Number of scopes, at least one.
    #[must_use]
    pub fn scopes(&self) -> usize {
        self.scopes
    }
}

/// What a walk saw of one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScopeSummary {
    /// The name of the scope, `<none>` for entries without one.
    pub chain_scope: String,
    /// Entries of the scope.
    pub entries: u64,
    /// Smallest and largest sequence number; the window that was checked.
    pub numbers: Option<(u64, u64)>,
    /// Runs of sequence numbers without a gap. One means that the window is dense.
    pub number_runs: usize,
    /// Segments that do not link to each other. One means that the chain is unbroken.
    pub segments: usize,
}

impl WalkOutcome {
    /// The proof that all supplied entries hold, if there is at least one and they do.
    #[must_use]
    pub fn intact(&self) -> Option<IntactWalk> {
        self.intact
    }
}

impl Walker {
    /// A walk that has seen nothing yet. `pointer_of` makes paths for findings.
    #[must_use]
    pub fn new(options: WalkOptions, pointer_of: PointerOf) -> Self {
        Self {
            options,
            pointer_of,
            scope_ids: BTreeMap::new(),
            scopes: Vec::new(),
            latest: None,
            array: 0,
            delivered: BTreeMap::new(),
            log: FindingLog::new(options.findings),
            entries: 0,
            not_judged: 0,
            waiting: 0,
            number_runs: 0,
            limit: None,
        }
    }

    /// Takes the next entry: the one at `index` of the evidence's array `array`.
    ///
    /// Arrays are delivered one after the other, entries in the order of their array.
    pub fn entry(&mut self, fields: &EntryFields<'_>, array: u64, index: u64) {
        self.entries = self.entries.saturating_add(1);
        if self.limit.is_some() {
            return;
        }
        if array != self.array {
            self.array = array;
            self.delivered.clear();
        }
        let place = EntryPlace { array, index, range: fields.range };
        let is_known = self.is_of_known_format(fields);
        let Some(scope) = self.scope_of(fields, place, is_known) else { return };
        if let Some(state) = self.scopes.get_mut(scope) {
            state.entries = state.entries.saturating_add(1);
            if state.failed && self.options.stop_scope_at_first {
                self.not_judged = self.not_judged.saturating_add(1);
                return;
            }
        }
        if is_known {
            self.judge(fields, place, scope);
        } else {
            self.report_unknown_format(fields, place, scope);
            self.set_aside(fields, place, scope);
        }
        self.check_limits();
    }

    /// Finds the scope of an entry, or makes one. What another format does without is no fault.
    fn scope_of(
        &mut self,
        fields: &EntryFields<'_>,
        place: EntryPlace,
        is_known: bool,
    ) -> Option<usize> {
        let named = EntryFields::text(fields.chain_scope);
        let label = named.or(fields.default_scope).unwrap_or(NO_SCOPE);
        if let Some(latest) = self.latest
            && self.scopes.get(latest).is_some_and(|scope| &*scope.label == label)
        {
            return Some(latest);
        }
        if is_known && named.is_none() && fields.default_scope.is_none() {
            self.report_missing_scope(fields, place);
        }
        let id = match self.scope_ids.get(label) {
            Some(id) => *id,
            None if self.scopes.len() >= self.options.budget.scopes => {
                self.limit = Some(WalkLimit::Scopes { limit: self.options.budget.scopes });
                return None;
            }
            None => {
                let label: Arc<str> = Arc::from(label);
                self.scope_ids.insert(Arc::clone(&label), self.scopes.len());
                self.scopes.push(Scope {
                    label,
                    numbers: SequenceSet::default(),
                    segments: Segments::default(),
                    explained: BTreeSet::new(),
                    faulty: BTreeMap::new(),
                    entries: 0,
                    failed: false,
                });
                self.scopes.len() - 1
            }
        };
        // Entries without a scope are looked at one by one.
        self.latest = (label != NO_SCOPE).then_some(id);
        Some(id)
    }

    fn report_missing_scope(&mut self, fields: &EntryFields<'_>, place: EntryPlace) {
        let severity = if fields.scope_optional { Severity::Notice } else { Severity::Failure };
        let order = self.delivery_order(place, false, 0);
        let (artifact, pointer_of) = (self.options.artifact, self.pointer_of);
        self.log.add(order, severity, || {
            let at = member_location(
                artifact,
                pointer_of(place),
                "chain_scope",
                fields.chain_scope,
                place,
            );
            let summary = "the entry belongs to no chain scope";
            let mut finding = Finding::failure(ReasonClass::ObjectFormInvalid, at, summary);
            finding.severity = severity;
            finding
                .rule("CHAIN-17")
                .values("a text", shown(fields.chain_scope))
                .detail("event_id", shown(fields.event_id))
        });
    }

    /// Whether the entry is of a format that can be judged.
    fn is_of_known_format(&self, fields: &EntryFields<'_>) -> bool {
        let stated = fields.chain_format_version;
        let unstated = stated.is_none_or(is_unstated);
        let default = fields.default_format.filter(|_| unstated);
        let format = default.or_else(|| stated.and_then(Value::as_str));
        format == Some(CHAIN_FORMAT_V1) && self.options.v1_known
    }

    /// Tells of an unknown format, before anything of the entry is judged or hashed (AMB-15).
    fn report_unknown_format(&mut self, fields: &EntryFields<'_>, place: EntryPlace, scope: usize) {
        let stated = fields.chain_format_version;
        let order = self.delivery_order(place, false, 0);
        self.fail(scope, order, place, |at, pointer| {
            let member = pointer.member("chain_format_version");
            let range = stated.map_or(place.range, Value::range);
            Finding::failure(
                FailureCode::WalkUnknownChainFormat,
                Location::value(at, member, range),
                "the entry is of a chain format that is not known here",
            )
            .rule("CHAIN-10")
            .values(CHAIN_FORMAT_V1, shown(stated))
            .detail("event_id", shown(fields.event_id))
            .detail("chain_format_version", shown(stated))
        });
    }

    /// Gives an entry of unknown format its place among the others without judging it.
    fn set_aside(&mut self, fields: &EntryFields<'_>, place: EntryPlace, scope: usize) {
        let number = fields.sequence_number.and_then(Value::as_u64);
        let stored = fields.record_hash.and_then(Value::as_str);
        match number {
            Some(sequence_number) if self.insert_number(scope, sequence_number) => {
                let link = Link {
                    sequence_number,
                    prev: fields.prev_hash.and_then(Value::as_str).map(link_hash),
                    hashes: [stored.map(link_hash), None],
                    excused: true,
                    origin: origin(fields, place),
                };
                self.add_link(scope, link);
            }
            _ => self.explain(scope, stored),
        }
    }

    /// Notes a sequence number of a scope. Returns `false` if it was there before.
    fn insert_number(&mut self, scope: usize, number: u64) -> bool {
        let Some(state) = self.scopes.get_mut(scope) else { return false };
        let runs = state.numbers.runs();
        let fresh = state.numbers.insert(number);
        self.number_runs = self.number_runs.saturating_sub(runs) + state.numbers.runs();
        fresh
    }

    fn add_link(&mut self, scope: usize, link: Link) {
        let Some(state) = self.scopes.get_mut(scope) else { return };
        let open = state.segments.len();
        state.segments.add(link);
        self.waiting = self.waiting.saturating_sub(open) + state.segments.len();
    }

    /// Remembers that an entry with this hash has been found wanting.
    fn explain(&mut self, scope: usize, stored: Option<&str>) {
        if let (Some(state), Some(stored)) = (self.scopes.get_mut(scope), stored)
            && state.explained.insert(link_hash(stored))
        {
            self.waiting = self.waiting.saturating_add(1);
        }
    }

    fn judge(&mut self, fields: &EntryFields<'_>, place: EntryPlace, scope: usize) {
        let stored = fields.record_hash.and_then(Value::as_str);
        let Ok(number) = self.sequence_number(fields, place, scope) else {
            self.explain(scope, stored);
            return;
        };
        let in_order =
            number.is_none_or(|number| self.delivered_in_order(fields, place, scope, number));
        let fresh = number.is_some_and(|number| self.insert_number(scope, number));
        if let (Some(number), false, true) = (number, fresh, in_order) {
            self.report_duplicate(fields, place, scope, number);
        }
        let computed = self.recompute(fields, place, scope, number);
        let (Some(sequence_number), true) = (number, fresh) else {
            self.explain(scope, stored);
            return;
        };
        let stored = stored.map(link_hash);
        let hashes = [stored, computed.filter(|computed| Some(*computed) != stored)];
        let faulty = computed.is_none() || computed != stored;
        if let (Some(state), true) = (self.scopes.get_mut(scope), faulty) {
            let known = state.faulty.len();
            let hashes = hashes.into_iter().flatten();
            state.faulty.extend(hashes.map(|hash| (hash, sequence_number)));
            self.waiting = self.waiting.saturating_add(state.faulty.len() - known);
        }
        let link = Link {
            sequence_number,
            prev: EntryFields::text(fields.prev_hash).map(link_hash),
            hashes,
            excused: faulty,
            origin: origin(fields, place),
        };
        self.add_link(scope, link);
    }

    /// The sequence number; nothing if the entry has none, which the hash will tell.
    fn sequence_number(
        &mut self,
        fields: &EntryFields<'_>,
        place: EntryPlace,
        scope: usize,
    ) -> Result<Option<u64>, ()> {
        let value = match fields.sequence_number {
            None => return Ok(None),
            Some(value) if value.is_null() => return Ok(None),
            Some(value) => value,
        };
        if let Some(number) = value.as_u64().filter(|number| *number >= 1) {
            return Ok(Some(number));
        }
        let order = self.delivery_order(place, false, 0);
        self.fail(scope, order, place, |at, pointer| {
            let at = Location::value(at, pointer.member("sequence_number"), value.range());
            let summary = "the sequence number is no integer from 1 on";
            Finding::failure(FailureCode::WalkSequenceInversion, at, summary)
                .rule("CHAIN-07")
                .values("an integer from 1 on", shown(Some(value)))
                .detail("event_id", shown(fields.event_id))
                .detail("chain_scope", shown(fields.chain_scope))
        });
        Err(())
    }

    /// Whether the number does not fall below the one delivered before it in the same array (CHAIN-13).
    fn delivered_in_order(
        &mut self,
        fields: &EntryFields<'_>,
        place: EntryPlace,
        scope: usize,
        number: u64,
    ) -> bool {
        let rank = u64::try_from(self.delivered.len()).unwrap_or(u64::MAX);
        let (rank, before) = self.delivered.entry(scope).or_insert((rank, None));
        let (rank, before) = (*rank, before.replace(number));
        let Some(before) = before.filter(|before| number < *before) else { return true };
        let order = self.delivery_order(place, true, rank);
        self.fail(scope, order, place, |at, pointer| {
            let range = fields.sequence_number.map_or(place.range, Value::range);
            let at = Location::value(at, pointer.member("sequence_number"), range);
            let summary = "entries of one array are not in the order of their sequence numbers";
            Finding::failure(FailureCode::WalkSequenceInversion, at, summary)
                .rule("CHAIN-13")
                .values(alloc::format!("a number above {before}"), number.to_string())
                .detail("event_id", shown(fields.event_id))
                .detail("chain_scope", shown(fields.chain_scope))
                .detail("sequence_number", number.to_string())
                .detail("previous_sequence_number", before.to_string())
        });
        false
    }

    fn report_duplicate(
        &mut self,
        fields: &EntryFields<'_>,
        place: EntryPlace,
        scope: usize,
        number: u64,
    ) {
        let order = self.chain_order(scope, false, number, false);
        self.fail(scope, order, place, |at, pointer| {
            let range = fields.sequence_number.map_or(place.range, Value::range);
            let at = Location::value(at, pointer.member("sequence_number"), range);
            let summary = "two entries of the scope have the same sequence number";
            Finding::failure(FailureCode::WalkSequenceInversion, at, summary)
                .rule("CHAIN-07")
                .values("a number that appears once", number.to_string())
                .detail("event_id", shown(fields.event_id))
                .detail("chain_scope", shown(fields.chain_scope))
                .detail("duplicate_sequence_number", number.to_string())
        });
    }

    /// Recomputes the record hash and compares it with the stored one (CHAIN-09).
    fn recompute(
        &mut self,
        fields: &EntryFields<'_>,
        place: EntryPlace,
        scope: usize,
        number: Option<u64>,
    ) -> Option<Sha256Digest> {
        let stored = shown(fields.record_hash);
        let order_number = number.unwrap_or(u64::MAX);
        let inputs = match RecordHashInputs::check(fields, number) {
            Ok(inputs) => inputs,
            Err(problem) => {
                let order = self.chain_order(scope, true, order_number, false);
                self.fail(scope, order, place, |at, pointer| {
                    let value = member_value(fields, problem.member());
                    let range = value.map_or(place.range, Value::range);
                    let at = Location::value(at, pointer.member(problem.member()), range);
                    let summary = alloc::format!("the record hash cannot be recomputed: {problem}");
                    Finding::failure(FailureCode::WalkRecordHashMismatch, at, summary)
                        .rule(problem.rule())
                        .values("an input of the record hash", shown(value))
                        .detail("event_id", shown(fields.event_id))
                        .detail("chain_scope", shown(fields.chain_scope))
                        .detail("sequence_number", shown(fields.sequence_number))
                });
                return None;
            }
        };
        if inputs.created_at.zone() == Zone::Missing {
            self.report_missing_zone(fields, place);
        }
        let computed = record_hash_v1(&inputs);
        if stored == computed.hex().as_str() {
            return Some(computed);
        }
        let order = self.chain_order(scope, true, order_number, false);
        self.fail(scope, order, place, |at, pointer| {
            let range = fields.record_hash.map_or(place.range, Value::range);
            let at = Location::value(at, pointer.member("record_hash"), range);
            let summary = "the entry does not hash to its record hash";
            Finding::failure(FailureCode::WalkRecordHashMismatch, at, summary)
                .rule("CHAIN-09")
                .values(computed.to_string(), stored.clone())
                .detail("event_id", shown(fields.event_id))
                .detail("chain_scope", shown(fields.chain_scope))
                .detail("sequence_number", shown(fields.sequence_number))
        });
        Some(computed)
    }

    fn report_missing_zone(&mut self, fields: &EntryFields<'_>, place: EntryPlace) {
        let order = self.delivery_order(place, false, 0);
        let (artifact, pointer_of) = (self.options.artifact, self.pointer_of);
        self.log.add(order, Severity::Notice, || {
            let at = member_location(
                artifact,
                pointer_of(place),
                "created_at",
                fields.created_at,
                place,
            );
            let summary = "the time names no zone; it was hashed as UTC";
            Finding::notice(ReasonClass::TimestampForm, at, summary)
                .rule("CHAIN-05")
                .values("a time that ends in `Z` or `+00:00`", shown(fields.created_at))
        });
    }

    /// Adds a finding that fails its scope.
    fn fail(
        &mut self,
        scope: usize,
        order: Order,
        place: EntryPlace,
        make: impl FnOnce(Artifact, JsonPointer) -> Finding,
    ) {
        if let Some(state) = self.scopes.get_mut(scope) {
            state.failed = true;
        }
        let (artifact, pointer_of) = (self.options.artifact, self.pointer_of);
        self.log.add(order, Severity::Failure, || make(artifact, pointer_of(place)));
    }

    fn delivery_order(&self, place: EntryPlace, after_array: bool, scope: u64) -> Order {
        Order::Delivery { array: place.array, after_array, scope, index: place.index }
    }

    fn chain_order(&self, scope: usize, walking: bool, number: u64, linking: bool) -> Order {
        let label = self.scopes.get(scope).map(|scope| Arc::clone(&scope.label));
        let scope = label.unwrap_or_else(|| Arc::from(NO_SCOPE));
        Order::Chain { scope, walking, number, linking }
    }

    fn check_limits(&mut self) {
        let budget = &self.options.budget;
        if self.waiting > budget.open_segments {
            self.limit = Some(WalkLimit::OpenSegments { limit: budget.open_segments });
        } else if self.number_runs > budget.number_runs {
            self.limit = Some(WalkLimit::NumberRuns { limit: budget.number_runs });
        }
    }

    /// Ends the walk: judges what did not link up.
    #[must_use]
    pub fn finish(mut self) -> WalkOutcome {
        let scopes = core::mem::take(&mut self.scopes);
        let mut summaries = Vec::with_capacity(scopes.len());
        for scope in scopes {
            summaries.push(self.finish_scope(scope));
        }
        summaries.sort_by(|a, b| a.chain_scope.cmp(&b.chain_scope));
        let holds = self.limit.is_none() && self.log.failures() == 0 && self.entries > 0;
        let intact = holds.then_some(IntactWalk { entries: self.entries, scopes: summaries.len() });
        WalkOutcome {
            entries: self.entries,
            not_judged: self.not_judged,
            scopes: summaries,
            findings_left_out: self.log.left_out(),
            findings: self.log.into_findings(),
            limit: self.limit,
            intact,
        }
    }

    fn finish_scope(&mut self, scope: Scope) -> ScopeSummary {
        let Scope { label, numbers, segments, explained, faulty, entries, failed } = scope;
        let segments = segments.into_sorted();
        let stopped = failed && self.options.stop_scope_at_first;
        if self.limit.is_none() && !stopped {
            for (before, after) in segments.iter().zip(segments.iter().skip(1)) {
                let explained = after.first_prev.is_some_and(|prev| explained.contains(&prev));
                if !(before.last_excused || after.first_excused || explained) {
                    let named = after.first_prev.and_then(|prev| faulty.get(&prev)).copied();
                    self.report_break(&label, before, after, named);
                }
            }
        }
        ScopeSummary {
            chain_scope: label.to_string(),
            entries,
            numbers: numbers.bounds(),
            number_runs: numbers.runs(),
            segments: segments.len(),
        }
    }

    /// Tells that `after` does not link to `before`.
    ///
    /// `named` is the number of the faulty entry that `after` names as the one before
    /// it: it has left its place by a fault of its own, which is the cause.
    fn report_break(
        &mut self,
        label: &Arc<str>,
        before: &Segment,
        after: &Segment,
        named: Option<u64>,
    ) {
        let number = after.first_number;
        let order = Order::Chain { scope: Arc::clone(label), walking: true, number, linking: true };
        let (artifact, pointer_of) = (self.options.artifact, self.pointer_of);
        let cause = named.map(|number| Order::Chain {
            scope: Arc::clone(label),
            walking: true,
            number,
            linking: false,
        });
        self.log.add_because(order, cause, Severity::Failure, || {
            let pointer = pointer_of(after.first.place).member("prev_hash");
            let at = Location::value(artifact, pointer, after.first.prev_range);
            let summary = "the entry does not link to the one before it";
            // Where segments overlap, the entry before is inside the other one and was not kept.
            let known = (before.last_number < number).then_some(before.last_hashes);
            let expected = known.and_then(|hashes| hashes.into_iter().flatten().next());
            let expected = expected.map_or_else(
                || String::from("the record hash of the entry before"),
                |hash| hash.to_string(),
            );
            Finding::failure(FailureCode::WalkPrevHashDiscontinuity, at, summary)
                .rule("CHAIN-08")
                .values(expected, after.first.prev_text.as_ref())
                .detail("event_id", after.first.event_id.as_ref())
                .detail("chain_scope", label.as_ref())
                .detail("sequence_number", number.to_string())
                .detail("previous_sequence_number", before.last_number.to_string())
        });
    }
}

/// Whether a format counts as not stated by a carrier that has a default.
fn is_unstated(value: &Value<'_>) -> bool {
    value.is_null() || value.as_str() == Some("")
}

fn member_location(
    artifact: Artifact,
    entry: JsonPointer,
    member: &str,
    value: Option<&Value<'_>>,
    place: EntryPlace,
) -> Location {
    match value {
        Some(value) => Location::value(artifact, entry.member(member), value.range()),
        None => Location::value(artifact, entry, place.range),
    }
}

fn member_value<'v>(fields: &EntryFields<'v>, member: &str) -> Option<&'v Value<'v>> {
    match member {
        "event_id" => fields.event_id,
        "event_type" => fields.event_type,
        "resource_type" => fields.resource_type,
        "resource_id" => fields.resource_id,
        "outcome" => fields.outcome,
        "severity" => fields.severity,
        "sequence_number" => fields.sequence_number,
        "record_hash" => fields.record_hash,
        "prev_hash" => fields.prev_hash,
        "created_at" => fields.created_at,
        _ => None,
    }
}

/// The hash that a text stands for. Sentinels need not be hexadecimal (CHAIN-16);
/// those are hashed, so that a link is always compared by 32 bytes.
fn link_hash(text: &str) -> Sha256Digest {
    Sha256Digest::from_hex(text)
        .unwrap_or_else(|| Sha256Digest::of(&[b"text:", text.as_bytes()].concat()))
}

fn origin(fields: &EntryFields<'_>, place: EntryPlace) -> Origin {
    Origin {
        place,
        event_id: shortened(fields.event_id),
        prev_text: shortened(fields.prev_hash),
        prev_range: fields.prev_hash.map_or(place.range, Value::range),
    }
}

/// The text of a member, short enough that waiting segments stay small.
fn shortened(value: Option<&Value<'_>>) -> Box<str> {
    let text = value.and_then(Value::as_str).unwrap_or_default();
    let end = text.char_indices().nth(TEXT_KEPT).map_or(text.len(), |(end, _)| end);
    Box::from(text.get(..end).unwrap_or_default())
}

/// The name under which entries without a scope are shown.
const NO_SCOPE: &str = "<none>";

/// Characters of a text that a waiting segment keeps for messages.
const TEXT_KEPT: usize = 64;
