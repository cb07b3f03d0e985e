// SPDX-License-Identifier: Apache-2.0

//! The members of a chain entry that a walk looks at, borrowed from the entry.

use permit_canonical_json::{ByteRange, Object, Value};

/// The members of one chain entry, as far as they are there.
///
/// Borrowed from the entry as it was read and not judged yet. Carriers that
/// spell members differently, such as governance events, fill it themselves.
#[derive(Clone, Copy, Debug, Default)]
pub struct EntryFields<'v> {
    /// `event_id`
    pub event_id: Option<&'v Value<'v>>,
    /// `event_type`
    pub event_type: Option<&'v Value<'v>>,
    /// `resource_type`
    pub resource_type: Option<&'v Value<'v>>,
    /// `resource_id`
    pub resource_id: Option<&'v Value<'v>>,
    /// `outcome`
    pub outcome: Option<&'v Value<'v>>,
    /// `severity`
    pub severity: Option<&'v Value<'v>>,
    /// `chain_scope`
    pub chain_scope: Option<&'v Value<'v>>,
    /// `sequence_number`
    pub sequence_number: Option<&'v Value<'v>>,
    /// `record_hash`
    pub record_hash: Option<&'v Value<'v>>,
    /// `prev_hash`
    pub prev_hash: Option<&'v Value<'v>>,
    /// `created_at`
    pub created_at: Option<&'v Value<'v>>,
    /// `chain_format_version`
    pub chain_format_version: Option<&'v Value<'v>>,
    /// `payload_json`; no input of the record hash (AMB-11)
    pub payload_json: Option<&'v Value<'v>>,
    /// The scope of an entry that names none, if its carrier defines one.
    pub default_scope: Option<&'v str>,
    /// The format of an entry that names none, if its carrier defines one.
    pub default_format: Option<&'static str>,
    /// Whether the carrier lets entries go without a scope.
    pub scope_optional: bool,
    /// The bytes of the whole entry.
    pub range: ByteRange,
}

impl<'v> EntryFields<'v> {
    /// The members of an entry in the form of audit export bundles.
    #[must_use]
    pub fn of_entry(entry: &'v Object<'v>, range: ByteRange) -> Self {
        let mut fields = Self { range, ..Self::default() };
        for member in entry.members() {
            let value = Some(member.value());
            match member.name() {
                "event_id" => fields.event_id = value,
                "event_type" => fields.event_type = value,
                "resource_type" => fields.resource_type = value,
                "resource_id" => fields.resource_id = value,
                "outcome" => fields.outcome = value,
                "severity" => fields.severity = value,
                "chain_scope" => fields.chain_scope = value,
                "sequence_number" => fields.sequence_number = value,
                "record_hash" => fields.record_hash = value,
                "prev_hash" => fields.prev_hash = value,
                "created_at" => fields.created_at = value,
                "chain_format_version" => fields.chain_format_version = value,
                "payload_json" => fields.payload_json = value,
                _ => {}
            }
        }
        fields
    }

    /// The text of a member, if it is a string that is not empty.
    pub(crate) fn text(value: Option<&'v Value<'v>>) -> Option<&'v str> {
        value.and_then(Value::as_str).filter(|text| !text.is_empty())
    }
}
