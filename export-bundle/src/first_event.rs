// SPDX-License-Identifier: Apache-2.0

//! The document, kept in case that it is the first of many events.

use permit_canonical_json::Value;

/// What is known of the document as an event.
///
/// An event a line looks like a document until the next line is seen. So the members of a
/// document are kept while it could be an event: it has no array of records or entries, and
/// stands on one line.
#[derive(Debug)]
pub(crate) enum FirstEvent {
    /// It could be one. Its members so far, and the bytes of their values.
    Kept(Vec<(String, Value<'static>)>, u64),
    /// It could be one, but is too large to be kept.
    TooLarge,
    /// It is none.
    RuledOut,
}

impl Default for FirstEvent {
    fn default() -> Self {
        Self::Kept(Vec::new(), 0)
    }
}

impl FirstEvent {
    /// Whether the document cannot be an event.
    pub(crate) fn is_ruled_out(&self) -> bool {
        matches!(self, Self::RuledOut)
    }

    /// Keeps a member, unless that would be more than `limit` bytes of values.
    pub(crate) fn keep(&mut self, name: &str, value: &Value<'_>, limit: u64) {
        let Self::Kept(members, bytes) = self else { return };
        *bytes = bytes.saturating_add(value.range().len());
        if *bytes > limit || members.len() >= FIRST_EVENT_MEMBERS {
            *self = Self::TooLarge;
        } else {
            members.push((name.to_owned(), value.clone().into_owned()));
        }
    }
}

/// Members of an event that is kept. Events have about twenty; a value is made of the members one
/// by one, each compared with those before it, which must stay cheap.
pub(crate) const FIRST_EVENT_MEMBERS: usize = 256;
