// SPDX-License-Identifier: Apache-2.0

//! Tables that are made once and shared.

use std::sync::OnceLock;

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;

use crate::{prepared_key::PreparedKey, window_table::WindowTable};

/// The table of the base point, one for the process.
#[derive(Clone)]
pub(crate) struct BaseTable;

impl BaseTable {
    pub(crate) fn new() -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "the twin of this module holds the table itself")]
    pub(crate) fn get(&self) -> &WindowTable {
        static TABLE: OnceLock<WindowTable> = OnceLock::new();
        TABLE.get_or_init(|| WindowTable::of(ED25519_BASEPOINT_POINT))
    }
}

/// The table of one key, once there is one.
pub(crate) struct KeyTable(OnceLock<PreparedKey>);

impl KeyTable {
    pub(crate) fn new() -> Self {
        Self(OnceLock::new())
    }

    pub(crate) fn get(&self) -> Option<&PreparedKey> {
        self.0.get()
    }

    pub(crate) fn get_or_make(&self, make: impl FnOnce() -> PreparedKey) -> Option<&PreparedKey> {
        Some(self.0.get_or_init(make))
    }
}
