// SPDX-License-Identifier: Apache-2.0

//! Places in a checkpoint.

use permit_canonical_json::{JsonPointer, Value};
use permit_types::{Artifact, Location};

/// The place of a member; that of the whole document if the member is not there.
pub(crate) fn member_location(document: &Value<'_>, name: &str) -> Location {
    match document.get(name) {
        Some(value) => {
            let pointer = JsonPointer::root().member(name);
            Location::value(Artifact::Checkpoint, pointer, value.range())
        }
        None => Location::value(Artifact::Checkpoint, JsonPointer::root(), document.range()),
    }
}

/// The text of a member, if it is text.
pub(crate) fn text<'v>(document: &'v Value<'v>, name: &str) -> Option<&'v str> {
    document.get(name).and_then(Value::as_str)
}
