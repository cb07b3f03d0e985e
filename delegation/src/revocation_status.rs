// SPDX-License-Identifier: Apache-2.0

//! What is known about revocations of a permit and its ancestors (PCHAIN-32).
//!
//! ```text
//! PCHAIN-20  revocation is prospective and its log append-only
//! PCHAIN-21  a time of effect before the event's own time is malformed
//! PCHAIN-22  times of effect do not fall in the order of the log
//! AMB-20     effective_time of the chain profile and effective_at of signed revocations mean the same
//! ```
//!
//! That no revocation is in a pack says nothing unless the pack is complete: whoever leaves the
//! event out must not gain a permit by it.

use std::collections::{BTreeMap, BTreeSet};

use permit_canonical_json::Value;
use permit_types::{Instant, Location, Rfc3339};

use crate::{chain_pack::key, event_view::EventView};

/// What is known about revocations at the time of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RevocationStatus {
    /// There is none in evidence that is complete.
    NotRevokedWithinCompleteScope,
    /// There is one that was in effect.
    RevokedBeforeExecution,
    /// There is none in evidence of which nobody says that it is complete.
    NoRevocationEventInSuppliedEvidence,
    /// There are no events at all, or one that cannot be relied on, or later ones in incomplete evidence.
    InsufficientEvidenceToDetermine,
}

impl RevocationStatus {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::NotRevokedWithinCompleteScope,
        Self::RevokedBeforeExecution,
        Self::NoRevocationEventInSuppliedEvidence,
        Self::InsufficientEvidenceToDetermine,
    ];

    /// The word in results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotRevokedWithinCompleteScope => "not_revoked_within_complete_scope",
            Self::RevokedBeforeExecution => "revoked_before_execution",
            Self::NoRevocationEventInSuppliedEvidence => "no_revocation_event_in_supplied_evidence",
            Self::InsufficientEvidenceToDetermine => "insufficient_evidence_to_determine",
        }
    }
}

/// What the log of revocations says about some permits.
#[derive(Debug, Default)]
pub(crate) struct RevocationView<'v> {
    /// The first revocation that was in effect, and its permit.
    pub(crate) revoked: Option<(&'v str, Location)>,
    /// The first that cannot be relied on.
    pub(crate) malformed: Option<(Malformed, Location)>,
    /// Whether there is any other one.
    pub(crate) later: bool,
}

/// Why a revocation cannot be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// It does not say which permit it revokes, which could be any.
    NoPermit,
    /// Its own time or that of its effect is absent or no time.
    Time,
    /// It takes effect before it was made (PCHAIN-21).
    Backdated,
    /// It takes effect before one that stands before it in the log (PCHAIN-22).
    OutOfOrder,
}

impl Malformed {
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::NoPermit | Self::Time => "PCHAIN-20",
            Self::Backdated => "PCHAIN-21",
            Self::OutOfOrder => "PCHAIN-22",
        }
    }

    pub(crate) fn summary(self) -> &'static str {
        match self {
            Self::NoPermit => "a revocation does not say which permit it revokes",
            Self::Time => "a revocation does not say when it was made or takes effect",
            Self::Backdated => "a revocation is to take effect before it was made",
            Self::OutOfOrder => "a revocation takes effect before an earlier one of the log",
        }
    }
}

impl<'v> RevocationView<'v> {
    /// Reads the log of a pack, for these permits (ids in lower case) and this time.
    pub(crate) fn of(
        events: &[EventView<'v>],
        permits: &BTreeSet<String>,
        decided_at: Instant,
    ) -> Self {
        let mut view = Self::default();
        for (event, order) in in_log_order(events) {
            let Some(permit) = event.permit_id() else {
                view.malformed.get_or_insert_with(|| (Malformed::NoPermit, event.location()));
                continue;
            };
            if !permits.contains(&key(permit)) {
                continue;
            }
            match order {
                Err(malformed) => {
                    view.malformed.get_or_insert_with(|| (malformed, event.location()));
                }
                Ok(effective) if effective <= decided_at => {
                    view.revoked.get_or_insert_with(|| (permit, event.location()));
                }
                Ok(_) => view.later = true,
            }
        }
        view
    }

    pub(crate) fn status(&self, complete: bool) -> RevocationStatus {
        if self.revoked.is_some() {
            RevocationStatus::RevokedBeforeExecution
        } else if self.malformed.is_some() {
            RevocationStatus::InsufficientEvidenceToDetermine
        } else if complete {
            RevocationStatus::NotRevokedWithinCompleteScope
        } else if self.later {
            RevocationStatus::InsufficientEvidenceToDetermine
        } else {
            RevocationStatus::NoRevocationEventInSuppliedEvidence
        }
    }
}

/// The revocations of a log, each with the time of its effect if it can be relied on.
///
/// The order is that of the numbers of a scope if all its revocations have one, and otherwise that
/// of the array: numbers of two scopes are never compared (CHAIN-12).
fn in_log_order<'e, 'v>(
    events: &'e [EventView<'v>],
) -> Vec<(&'e EventView<'v>, Result<Instant, Malformed>)> {
    let mut scopes: BTreeMap<&str, Vec<&EventView<'_>>> = BTreeMap::new();
    for event in events.iter().filter(|event| event.is_of_type(REVOKED)) {
        scopes.entry(event.text("chain_scope").unwrap_or_default()).or_default().push(event);
    }
    let mut ordered = Vec::new();
    for (_, mut log) in scopes {
        let number = |event: &EventView<'_>| event.get("sequence_number").and_then(Value::as_u64);
        if log.iter().all(|event| number(event).is_some()) {
            log.sort_by_key(|event| number(event));
        }
        let mut latest: Option<Instant> = None;
        for event in log {
            let effective = effective_time(event).and_then(|time| match latest {
                Some(latest) if time < latest => Err(Malformed::OutOfOrder),
                _ => Ok(time),
            });
            latest = effective.ok().or(latest);
            ordered.push((event, effective));
        }
    }
    ordered
}

/// When a revocation takes effect, if it says so once and not before it was made.
fn effective_time(event: &EventView<'_>) -> Result<Instant, Malformed> {
    let time = |value: Option<&Value<'_>>| Some(Rfc3339::parse(value?.as_str()?)?.instant());
    let made = event.get("occurred_at").or_else(|| event.get("created_at"));
    let made = time(made).ok_or(Malformed::Time)?;
    let stated = ["effective_time", "effective_at"].map(|name| event.payload_member(name));
    let stated = stated.into_iter().flatten().map(|value| time(Some(value)));
    let stated = stated.collect::<Option<BTreeSet<Instant>>>().ok_or(Malformed::Time)?;
    let mut stated = stated.into_iter();
    match (stated.next(), stated.next()) {
        (Some(effective), None) if effective < made => Err(Malformed::Backdated),
        (Some(effective), None) => Ok(effective),
        _ => Err(Malformed::Time),
    }
}

const REVOKED: &str = "permit.revoked";
