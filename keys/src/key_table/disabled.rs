// SPDX-License-Identifier: Apache-2.0

//! Without a standard library there is no safe cell that threads can share: each
//! prepared key owns what it needs, and adaptive keys never make a table.

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;

use crate::{prepared_key::PreparedKey, window_table::WindowTable};

/// A table of the base point.
#[derive(Clone)]
pub(crate) struct BaseTable(WindowTable);

impl BaseTable {
    pub(crate) fn new() -> Self {
        Self(WindowTable::of(ED25519_BASEPOINT_POINT))
    }

    pub(crate) fn get(&self) -> &WindowTable {
        &self.0
    }
}

/// Always empty.
pub(crate) struct KeyTable;

impl KeyTable {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) fn get(&self) -> Option<&PreparedKey> {
        None
    }

    pub(crate) fn get_or_make(&self, _make: impl FnOnce() -> PreparedKey) -> Option<&PreparedKey> {
        None
    }
}
