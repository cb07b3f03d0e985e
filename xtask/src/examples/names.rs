// SPDX-License-Identifier: Apache-2.0

//! Ids and times of the examples: the same each time.

use permit_canonical_json::Sha256Digest;
use permit_types::{Instant, ProjectId, Rfc3339};

use crate::ChoreError;

/// A UUID made of a name.
pub(crate) fn identifier(name: &str) -> String {
    let hex = Sha256Digest::of(format!("permit-rs examples: {name}").as_bytes()).to_string();
    let part = |from, to| hex.get(from..to).unwrap_or_default().to_owned();
    let [a, b, c, d, e] = [part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32)];
    format!("{a}-{b}-4{c}-8{d}-{e}")
}

/// The project of all examples.
pub(crate) fn project() -> Result<ProjectId, ChoreError> {
    ProjectId::parse(&identifier("project")).ok_or_else(|| "the project has no id".into())
}

/// A time of the day of the examples, such as `09:00:00`.
pub(crate) fn day_time(time: &str) -> String {
    format!("2026-06-01T{time}Z")
}

/// The same as a time on the wire.
pub(crate) fn rfc3339(text: &str) -> Result<Rfc3339, ChoreError> {
    Rfc3339::parse(text).ok_or_else(|| format!("`{text}` is no time").into())
}

/// The same as an instant.
pub(crate) fn instant(text: &str) -> Result<Instant, ChoreError> {
    Instant::parse(text).ok_or_else(|| format!("`{text}` is no time").into())
}
