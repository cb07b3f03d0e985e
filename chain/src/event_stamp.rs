// SPDX-License-Identifier: Apache-2.0

//! Which event, and when.

use permit_types::{EventId, Instant};

/// Which event, and when. Whoever writes the log gives both: nothing here draws ids or asks a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventStamp {
    /// An id that no other event has.
    pub event_id: EventId,
    /// When it happened.
    pub at: Instant,
}

impl EventStamp {
    /// A stamp.
    #[must_use]
    pub fn new(event_id: &str, at: Instant) -> Self {
        Self { event_id: EventId::new(event_id), at }
    }
}
