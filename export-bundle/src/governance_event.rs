// SPDX-License-Identifier: Apache-2.0

//! Governance events as chain entries.
//!
//! ```text
//! chain_format_version   the event's own; v1 if it states none
//! created_at             occurred_at if it is stated, else created_at
//! chain_scope            the event's own; else project:<project_id> of the document
//! payload_json           the event's own; else its payload, if that is an object
//! ```

use permit_canonical_json::{Object, Value};
use permit_chain::{CHAIN_FORMAT_V1, EntryFields};

/// The `schema` of a document of governance events.
pub const GOVERNANCE_EVENTS_SCHEMA: &str = "keel.governance_events/v1";

/// The members of a governance event that a walk looks at.
///
/// `default_scope` is the scope of events that name none.
#[must_use]
pub fn governance_fields<'v>(
    event: &'v Value<'v>,
    object: &'v Object<'v>,
    default_scope: Option<&'v str>,
) -> EntryFields<'v> {
    let mut fields = EntryFields::of_entry(object, event.range());
    fields.created_at =
        object.get("occurred_at").filter(|time| is_stated(time)).or(fields.created_at);
    fields.payload_json = fields
        .payload_json
        .or_else(|| object.get("payload").filter(|payload| payload.as_object().is_some()));
    if !fields.chain_scope.is_some_and(is_stated) {
        fields.chain_scope = fields.chain_scope.filter(|_| default_scope.is_none());
        fields.default_scope = default_scope;
    }
    fields.scope_optional = true;
    fields.default_format = Some(CHAIN_FORMAT_V1);
    fields
}

/// Whether a member says anything: not null, not empty, not zero and not false.
fn is_stated(value: &Value<'_>) -> bool {
    use permit_canonical_json::Node;
    match value.node() {
        Node::Null => false,
        Node::Bool(value) => *value,
        Node::Number(number) => number.to_f64() != 0.0,
        Node::String(text) => !text.is_empty(),
        Node::Array(elements) => !elements.is_empty(),
        Node::Object(object) => !object.is_empty(),
    }
}
