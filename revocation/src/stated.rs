// SPDX-License-Identifier: Apache-2.0

//! Revocations at their word, for those who refuse because of them.

use std::collections::BTreeMap;

use permit_canonical_json::Value;
use permit_types::Instant;

use crate::evidence::RevocationEvidence;

/// From when on a revocation says that it counts. The earlier one is the smaller one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatedEffect {
    /// It cannot be read from when on, so that it may be at any time.
    AtAnyTime,
    /// From this instant on.
    From(Instant),
}

impl StatedEffect {
    /// What an `effective_at` says; nothing if it is absent or null.
    #[must_use]
    pub fn read(effective_at: Option<&Value<'_>>) -> Option<Self> {
        let value = effective_at.filter(|value| !value.is_null())?;
        let instant = value.as_str().and_then(Instant::parse);
        Some(instant.map_or(Self::AtAnyTime, Self::From))
    }

    /// Whether something that happened at this time came after it, or at the same time.
    #[must_use]
    pub fn is_over(self, at: Instant) -> bool {
        match self {
            Self::AtAnyTime => true,
            Self::From(effect) => effect <= at,
        }
    }
}

/// What the revocations in the evidence say, be they signed, forged or malformed.
///
/// Nobody checked any of them, so that they may only ever refuse: whoever forges a revocation
/// loses by it. To show that a permit *was* revoked takes
/// [`adjudicate_revocation`](crate::adjudicate_revocation).
///
/// Takes memory for each permit that is named, and not for each revocation.
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_revocation::{StatedEffect, StatedRevocations, find_revocation_in_document};
/// use permit_types::Artifact;
///
/// let document = read(
///     br#"{"revocation_event": {"permit_id": "P1", "effective_at": "soon"}}"#,
///     &Budget::default(),
/// )?;
/// let found = find_revocation_in_document(document.as_object().unwrap(), Artifact::Export).unwrap();
/// let mut stated = StatedRevocations::new();
/// stated.note(&found);
/// assert_eq!(stated.of("p1"), Some(StatedEffect::AtAnyTime));
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct StatedRevocations {
    earliest: BTreeMap<String, StatedEffect>,
}

impl StatedRevocations {
    /// No revocations.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes note of what a revocation says. One that names no permit says nothing.
    pub fn note(&mut self, evidence: &RevocationEvidence) {
        let Some(permit_id) = evidence.permit_id() else { return };
        let stated = StatedEffect::read(evidence.event().get("effective_at"));
        let effect = stated.unwrap_or(StatedEffect::AtAnyTime);
        let earliest = self.earliest.entry(key(permit_id)).or_insert(effect);
        *earliest = effect.min(*earliest);
    }

    /// The earliest effect that any revocation of this permit states. Case does not count, since
    /// a UUID in another case is the same one.
    #[must_use]
    pub fn of(&self, permit_id: &str) -> Option<StatedEffect> {
        self.earliest.get(&key(permit_id)).copied()
    }
}

fn key(permit_id: &str) -> String {
    permit_id.to_ascii_lowercase()
}
