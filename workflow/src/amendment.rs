// SPDX-License-Identifier: Apache-2.0

//! Workflow amendments: their form, what they change, and the payload that is signed.
//!
//! ```text
//! binding_version          workflow_amendment.v1
//! project_id, workflow_declaration_id, and in some payloads workflow_amendment_id
//! amended_by               api_key_id or dashboard_session_id
//! delta                    as a member, or in some payloads its members among the others
//! issued_at                amendment_signed_at, else created_at
//! binding_key_id           the id that the key itself gives
//! ```

use std::borrow::Cow;

use permit_canonical_json::Value;
use permit_types::Instant;

use crate::{
    component::Component,
    declaration::stripped,
    issued_at::{issued_at_texts, signing_time},
    principal::{AMENDED_BY, principal},
    record::{FormFault, Record, strip},
};

/// `binding_version` of the payload of an amendment.
pub const AMENDMENT_BINDING_VERSION: &str = "workflow_amendment.v1";

/// What is known of an amendment that has its form.
#[derive(Clone, Debug)]
pub(crate) struct Amendment<'r> {
    pub(crate) id: &'r str,
    pub(crate) declaration_id: &'r str,
    pub(crate) project_id: &'r str,
    /// Nothing if it is larger than fits.
    pub(crate) applied_against_version: Option<u64>,
    pub(crate) created_at: Instant,
    pub(crate) delta: Component<'r>,
}

impl<'r> Amendment<'r> {
    pub(crate) fn of(record: &Record<'r>) -> Result<Self, FormFault> {
        let id = record.required_id("workflow_amendment_id")?;
        let declaration_id = record.required_id("workflow_declaration_id")?;
        let project_id = record.required_text("project_id")?;
        let applied = record.required_count("applied_against_version")?.as_u64();
        for name in LIMITS {
            record.check_count(name)?;
        }
        record.check_text("reason_provided")?;
        let created_at = record.required_instant("created_at")?;
        record.check_text("amendment_canonical_hash")?;
        record.check_text("amendment_signature_b64")?;
        let delta = amendment_delta(record.value);
        Ok(Self {
            id,
            declaration_id,
            project_id,
            applied_against_version: applied,
            created_at,
            delta,
        })
    }
}

/// What an amendment changes, without null members (SEM-07).
#[must_use]
pub fn amendment_delta<'v>(amendment: &'v Value<'v>) -> Component<'v> {
    match delta_object(amendment) {
        Some(delta) => Component::stated(delta),
        None => Component::selection(amendment, &DELTA_MEMBERS),
    }
}

/// The payloads that the signature of an amendment may cover, put together from the record.
///
/// A delta whose members have the names of other members of the payload is never written among
/// them. It would take their place, so that a signature over the amendment of one declaration could
/// be shown as one of another.
#[must_use]
pub fn amendment_payloads<'v>(
    amendment: &'v Value<'v>,
    binding_key_id: &str,
) -> Vec<Component<'v>> {
    let texts = signing_time(amendment, &SIGNING_TIMES).map(issued_at_texts);
    let members = amendment_delta(amendment).members();
    let fits_in = members.iter().all(|(name, _)| !ENVELOPE.contains(name));
    let mut payloads = Vec::new();
    for issued_at in texts.unwrap_or_default() {
        let base = base_members(amendment, issued_at.clone(), binding_key_id);
        let delta = ("delta", amendment_delta(amendment));
        payloads.push(Component::object(base.iter().cloned().chain([delta])));
        payloads.push(amendment_payload(amendment, issued_at, binding_key_id));
        if fits_in {
            let id = [("workflow_amendment_id", id_text(amendment, "workflow_amendment_id"))];
            let among = || base.iter().chain(&members).cloned();
            payloads.push(Component::object(among()));
            payloads.push(Component::object(among().chain(id)));
        }
    }
    payloads
}

/// The payload of an amendment that was issued at this time, with the delta as a member and the id
/// of the amendment.
pub(crate) fn amendment_payload<'v>(
    amendment: &'v Value<'v>,
    issued_at: Cow<'v, str>,
    binding_key_id: &str,
) -> Component<'v> {
    let more = [
        ("workflow_amendment_id", id_text(amendment, "workflow_amendment_id")),
        ("delta", amendment_delta(amendment)),
    ];
    Component::object(base_members(amendment, issued_at, binding_key_id).into_iter().chain(more))
}

fn base_members<'v>(
    amendment: &'v Value<'v>,
    issued_at: Cow<'v, str>,
    binding_key_id: &str,
) -> Vec<(&'v str, Component<'v>)> {
    vec![
        ("binding_version", Component::text(AMENDMENT_BINDING_VERSION)),
        ("project_id", stripped(amendment, "project_id")),
        ("workflow_declaration_id", id_text(amendment, "workflow_declaration_id")),
        ("amended_by", principal(amendment, AMENDED_BY)),
        ("issued_at", Component::text(issued_at)),
        ("binding_key_id", Component::text(binding_key_id.to_owned())),
    ]
}

/// An id by its own name, or by `id` if there is no such member at all.
fn id_text<'v>(record: &'v Value<'v>, name: &str) -> Component<'v> {
    let value = record.get(name).or_else(|| record.get("id"));
    Component::text(value.and_then(Value::as_str).map(strip).unwrap_or_default())
}

pub(crate) fn delta_object<'v>(amendment: &'v Value<'v>) -> Option<&'v Value<'v>> {
    amendment.get("delta").filter(|delta| delta.as_object().is_some())
}

/// The times of an amendment, the one that its payload states first.
pub(crate) const SIGNING_TIMES: [&str; 2] = ["amendment_signed_at", "created_at"];

pub(crate) const DELTA_MEMBERS: [&str; 6] = [
    "applied_against_version",
    "previous_max_calls",
    "new_max_calls",
    "previous_expected_calls",
    "new_expected_calls",
    "reason_provided",
];

const LIMITS: [&str; 4] =
    ["previous_max_calls", "new_max_calls", "previous_expected_calls", "new_expected_calls"];

/// The members of a payload that a delta must not take the place of.
const ENVELOPE: [&str; 8] = [
    "binding_version",
    "project_id",
    "workflow_declaration_id",
    "workflow_amendment_id",
    "amended_by",
    "issued_at",
    "binding_key_id",
    "delta",
];
