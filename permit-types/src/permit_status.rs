// SPDX-License-Identifier: Apache-2.0

//! The words that issuers of this workspace write as the `status` of a permit.

use crate::word::words;

words! {
    /// Where a permit stands, as far as the specification has a word for it (§2.4).
    ///
    /// ```text
    /// evaluated | pending → bound → dispatched → closed
    ///      └────────┴─────────┴─────────┴─────→ expired, revoked
    /// ```
    ///
    /// The list is open on the wire, and the word is no evidence (PERMIT-13, REVOKE-06): whoever
    /// reads an export looks at digests, events and signatures instead.
    PermitStatus {
        /// Decided, and no more.
        Evaluated = "evaluated",
        /// Decided, and waiting for something; read like `evaluated` (PERMIT-14).
        Pending = "pending",
        /// Bound to one request.
        Bound = "bound",
        /// That request went out.
        Dispatched = "dispatched",
        /// Its execution ended, and a closure says how.
        Closed = "closed",
        /// Its time is over.
        Expired = "expired",
        /// It was taken back.
        Revoked = "revoked",
    }
}
