// SPDX-License-Identifier: Apache-2.0

//! Where a workflow stood when a permit was decided.

use permit_canonical_json::Sha256Digest;

use crate::open_object::open_objects;

open_objects! {
    /// A snapshot of a run of a workflow. An open object with four members that verification compares.
    ///
    /// ```text
    /// effective_intent_hash              the declared intent with its amendments   PERMIT-19
    /// declaration_version_at_decision    the version of the declaration
    /// actual_calls_at_decision           calls made so far
    /// max_calls_at_decision              calls allowed in all
    /// ```
    WorkflowState;
}

impl WorkflowState {
    /// The hash of the declared intent with its amendments, if it is 64 lowercase hexadecimal digits.
    #[must_use]
    pub fn effective_intent_hash(&self) -> Option<Sha256Digest> {
        Sha256Digest::from_hex(self.get("effective_intent_hash")?.as_str()?)
    }

    /// The version of the declaration, if it is an integer.
    #[must_use]
    pub fn declaration_version_at_decision(&self) -> Option<i64> {
        self.get("declaration_version_at_decision")?.as_i64()
    }

    /// The calls made so far, if that is an integer.
    #[must_use]
    pub fn actual_calls_at_decision(&self) -> Option<i64> {
        self.get("actual_calls_at_decision")?.as_i64()
    }

    /// The calls allowed in all, if that is an integer.
    #[must_use]
    pub fn max_calls_at_decision(&self) -> Option<i64> {
        self.get("max_calls_at_decision")?.as_i64()
    }
}
