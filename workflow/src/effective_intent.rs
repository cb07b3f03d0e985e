// SPDX-License-Identifier: Apache-2.0

//! The effective intent of a workflow: what was declared, and what each amendment made of it.
//!
//! ```text
//! effective hash = hex(SHA-256( form(intent) ‖ form(delta 1) ‖ form(delta 2) ‖ … ))      SEM-07
//! ```
//!
//! No separator stands between the parts, and only what was applied before a moment counts for it.

use permit_canonical_json::{CanonicalError, DigestSink, Sha256Digest, Value};

use crate::{amendment::amendment_delta, component::Component, declaration::declaration_intent};

/// The hash of an effective intent, taken forward amendment by amendment.
///
/// ```
/// use permit_canonical_json::{Budget, Sha256Digest, read};
/// use permit_workflow::EffectiveIntent;
///
/// let budget = Budget::default();
/// let declaration = read(br#"{"intent_json": {"max_calls": 5, "note": null}}"#, &budget)?;
/// let amendment = read(br#"{"delta": {"new_max_calls": 7}}"#, &budget)?;
/// let mut intent = EffectiveIntent::of(&declaration)?;
/// assert_eq!(intent.digest(), Sha256Digest::of(br#"{"max_calls":5}"#));
/// intent.amend(&amendment)?;
/// assert_eq!(intent.digest(), Sha256Digest::of(br#"{"max_calls":5}{"new_max_calls":7}"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct EffectiveIntent {
    sink: DigestSink,
}

impl EffectiveIntent {
    /// The intent as it was declared.
    ///
    /// # Errors
    /// If a number has no canonical form (CANON-06).
    pub fn of(declaration: &Value<'_>) -> Result<Self, CanonicalError> {
        Self::of_intent(&declaration_intent(declaration))
    }

    /// Applies the next amendment. The order is the caller's to see to.
    ///
    /// # Errors
    /// If a number has no canonical form (CANON-06). The hash is of no use then.
    pub fn amend(&mut self, amendment: &Value<'_>) -> Result<(), CanonicalError> {
        self.apply(&amendment_delta(amendment))
    }

    /// The hash of the intent as it is now.
    #[must_use]
    pub fn digest(&self) -> Sha256Digest {
        self.sink.clone().finish()
    }

    pub(crate) fn of_intent(intent: &Component<'_>) -> Result<Self, CanonicalError> {
        let mut sink = DigestSink::new();
        intent.write(&mut sink)?;
        Ok(Self { sink })
    }

    pub(crate) fn apply(&mut self, delta: &Component<'_>) -> Result<(), CanonicalError> {
        delta.write(&mut self.sink)
    }
}
