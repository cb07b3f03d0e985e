// SPDX-License-Identifier: Apache-2.0

//! When a permit of format v2 may be signed.

use permit_canonical_json::{Object, Value};
use permit_types::Instant;

use crate::{loose_value::first_stated, slot::Slot};

/// Why a slot was signed outside of the permit's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutOfWindow {
    /// The permit does not say from when on, or until when, so that it can be read.
    Unknown,
    /// Before the permit existed.
    Early,
    /// After it had ended.
    Late,
}

impl OutOfWindow {
    /// The same in a sentence.
    pub(crate) fn summary(self) -> &'static str {
        match self {
            Self::Unknown => {
                "the permit does not say, so that it can be read, when it may be signed"
            }
            Self::Early => "the slot was signed before the permit was valid",
            Self::Late => "the slot was signed after the permit had ended",
        }
    }
}

/// Checks that a slot was signed while the permit was valid, both ends included. What is attested
/// afterwards has no upper end.
pub(crate) fn check_window(
    permit: &Object<'_>,
    slot: Slot,
    signed_at: Instant,
) -> Result<(), OutOfWindow> {
    let from = bound(permit, &["valid_from", "issued_at", "created_at"])?;
    if signed_at < from {
        return Err(OutOfWindow::Early);
    }
    if slot == Slot::AuditAttestation {
        return Ok(());
    }
    let until = bound(permit, &["valid_until", "valid_to", "expires_at"])?;
    if signed_at > until { Err(OutOfWindow::Late) } else { Ok(()) }
}

fn bound(permit: &Object<'_>, names: &[&str]) -> Result<Instant, OutOfWindow> {
    let stated = first_stated(permit, names).and_then(Value::as_str);
    stated.and_then(Instant::parse).ok_or(OutOfWindow::Unknown)
}
