// SPDX-License-Identifier: Apache-2.0

//! Whether a member may be absent, and whether it may be `null`.
//!
//! ```text
//! on the wire              field                       written when there is no value
//! required                 T                           –
//! required, null allowed   Option<T> with `nullable`   null
//! optional, null allowed   Option<T>                   absent
//! optional, not null       Option<T> with `not_null`   absent
//! ```
//!
//! For the third kind, `null` and absence mean the same (schema quirk Q1), and
//! reading does not tell them apart. Whoever hashes an object hashes the value
//! that was read, never a struct written anew.

use serde::{Deserialize, Deserializer};

/// Reads a member that must be there and may be `null`.
///
/// As an attribute of a field this also makes the absence of the member an error.
pub(crate) fn nullable<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer)
}

/// Reads a member that may be absent but not `null`.
pub(crate) fn not_null<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
