// SPDX-License-Identifier: Apache-2.0

//! How often and how much a permit allows.

use permit_canonical_json::Value;

use crate::open_object::open_objects;

open_objects! {
    /// Quotas of a permit. An open object; nothing of it enters the comparison of envelopes (PCHAIN-01).
    UsageLimits;
}

impl UsageLimits {
    /// The number of calls, if it is given as an integer that is not negative.
    #[must_use]
    pub fn max_calls(&self) -> Option<u64> {
        self.get("max_calls")?.as_u64()
    }

    /// The number of tokens, if it is given as an integer that is not negative.
    #[must_use]
    pub fn max_tokens(&self) -> Option<u64> {
        self.get("max_tokens")?.as_u64()
    }

    /// The cost that must not be exceeded: a text or a number, as the issuer likes.
    #[must_use]
    pub fn estimated_cost_ceiling(&self) -> Option<&Value<'static>> {
        self.get("estimated_cost_ceiling")
    }
}
