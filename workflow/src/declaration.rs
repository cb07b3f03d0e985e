// SPDX-License-Identifier: Apache-2.0

//! Workflow declarations: their form, their intent, and the payload that is signed.
//!
//! ```text
//! binding_version     workflow_declaration.v1
//! project_id, workflow_id, status    without white space around them
//! intent              intent_json, else intent, else six members of the record; null members dropped
//! budget_envelope_id  as it is; null if absent
//! declared_by         api_key_id or dashboard_session_id
//! projected_cost      the record's, else its three parts; null members dropped
//! issued_at           declaration_signed_at
//! binding_key_id      the id that the key itself gives
//! ```
//!
//! The id of the declaration and its version are no part of it: they are what amendments and
//! snapshots refer to, and nothing but the file's own signature covers them.

use std::borrow::Cow;

use permit_canonical_json::Value;
use permit_types::Instant;

use crate::{
    component::Component,
    issued_at::{issued_at_texts, signing_time},
    principal::{DECLARED_BY, principal},
    record::{FormFault, Record, count_exceeds, is_count, normalized_hash, strip},
};

/// `binding_version` of the payload of a declaration.
pub const DECLARATION_BINDING_VERSION: &str = "workflow_declaration.v1";

/// What is known of a declaration that has its form.
#[derive(Clone, Debug)]
pub(crate) struct Declaration<'r> {
    pub(crate) id: &'r str,
    pub(crate) project_id: &'r str,
    pub(crate) workflow_id: &'r str,
    pub(crate) intent: Component<'r>,
    /// Nothing if it is larger than fits.
    pub(crate) version: Option<u64>,
    pub(crate) signed_at: Instant,
    /// The effective hash that it states.
    pub(crate) effective_intent_hash: Option<&'r str>,
}

impl<'r> Declaration<'r> {
    pub(crate) fn of(record: &Record<'r>, hash_required: bool) -> Result<Self, FormFault> {
        let workflow_id = record.required_text("workflow_id")?;
        let id = record.required_id("workflow_declaration_id")?;
        let project_id = record.required_text("project_id")?;
        let status = record.required_text("status")?;
        if !STATUSES.contains(&status) {
            let expected = "`active`, `completed`, `expired` or `rejected`";
            return Err(FormFault { member: "status", expected });
        }
        check_intent(record)?;
        let version = record.required_count("version")?.as_u64();
        record.check_count("cached_actual_calls")?;
        record.check_count("projection_amount_micros")?;
        record.check_text("declaration_canonical_hash")?;
        record.check_text("declaration_signature_b64")?;
        let signed_at = record.required_instant("declaration_signed_at")?;
        if hash_required {
            record.required_text("effective_intent_hash")?;
        }
        record.check_text("effective_intent_hash")?;
        let effective_intent_hash = normalized_hash(record.get("effective_intent_hash"));
        Ok(Self {
            id,
            project_id,
            workflow_id,
            intent: declaration_intent(record.value),
            version,
            signed_at,
            effective_intent_hash,
        })
    }
}

/// What a declaration declares, without null members (SEM-07).
#[must_use]
pub fn declaration_intent<'v>(declaration: &'v Value<'v>) -> Component<'v> {
    match intent_object(declaration) {
        Some((_, intent)) => Component::stated(intent),
        None => Component::selection(declaration, &INTENT_MEMBERS),
    }
}

/// The payloads that the signature of a declaration may cover, put together from the record.
#[must_use]
pub fn declaration_payloads<'v>(
    declaration: &'v Value<'v>,
    binding_key_id: &str,
) -> Vec<Component<'v>> {
    let texts = signing_time(declaration, &SIGNING_TIMES).map(issued_at_texts);
    let payload = |issued_at| declaration_payload(declaration, issued_at, binding_key_id);
    texts.unwrap_or_default().into_iter().map(payload).collect()
}

/// The payload of a declaration that was issued at this time.
pub(crate) fn declaration_payload<'v>(
    declaration: &'v Value<'v>,
    issued_at: Cow<'v, str>,
    binding_key_id: &str,
) -> Component<'v> {
    Component::object([
        ("binding_version", Component::text(DECLARATION_BINDING_VERSION)),
        ("project_id", stripped(declaration, "project_id")),
        ("workflow_id", stripped(declaration, "workflow_id")),
        ("intent", declaration_intent(declaration)),
        ("budget_envelope_id", Component::whole_or_null(declaration.get("budget_envelope_id"))),
        ("declared_by", principal(declaration, DECLARED_BY)),
        ("projected_cost", projected_cost(declaration)),
        ("status", stripped(declaration, "status")),
        ("issued_at", Component::text(issued_at)),
        ("binding_key_id", Component::text(binding_key_id.to_owned())),
    ])
}

/// A text member as payloads have it.
pub(crate) fn stripped<'v>(record: &'v Value<'v>, name: &str) -> Component<'v> {
    Component::text(record.get(name).and_then(Value::as_str).map(strip).unwrap_or_default())
}

fn projected_cost<'v>(declaration: &'v Value<'v>) -> Component<'v> {
    let whole = declaration.get("projected_cost").filter(|cost| cost.as_object().is_some());
    if let Some(cost) = whole {
        return Component::stated(cost);
    }
    let stated =
        |name: &str| declaration.get(name).filter(|value| !value.is_null()).map(Component::stated);
    let currency = match declaration.get("projection_currency") {
        None => Some(Component::text("USD")),
        Some(_) => stated("projection_currency"),
    };
    let parts = [
        ("amount_micros", stated("projection_amount_micros")),
        ("currency", currency),
        ("methodology", stated("projection_methodology")),
    ];
    Component::object(parts.into_iter().filter_map(|(name, part)| Some((name, part?))))
}

fn intent_object<'v>(declaration: &'v Value<'v>) -> Option<(&'static str, &'v Value<'v>)> {
    ["intent_json", "intent"].into_iter().find_map(|name| {
        let value = declaration.get(name).filter(|value| value.as_object().is_some())?;
        Some((name, value))
    })
}

fn check_intent(record: &Record<'_>) -> Result<(), FormFault> {
    let (member, intent) = intent_object(record.value).unwrap_or(("intent_json", record.value));
    let stated = |name: &str| intent.get(name).filter(|value| !value.is_null());
    let fault = |expected| Err(FormFault { member, expected });
    for name in COUNTS {
        if stated(name).is_some_and(|value| !is_count(value)) {
            return fault("counts that are integers and not negative");
        }
    }
    match (stated("expected_calls"), stated("max_calls")) {
        (None, None) => return fault("`expected_calls` or `max_calls`"),
        (Some(expected), Some(most)) if count_exceeds(expected, most) => {
            return fault("no more `expected_calls` than `max_calls`");
        }
        _ => {}
    }
    match stated("expected_model") {
        Some(model) if model.as_str().is_none() => fault("an `expected_model` that is a text"),
        _ => Ok(()),
    }
}

/// The times of a declaration, the one that its signature is judged at first.
pub(crate) const SIGNING_TIMES: [&str; 3] = ["declaration_signed_at", "declared_at", "created_at"];

const STATUSES: [&str; 4] = ["active", "completed", "expired", "rejected"];

const INTENT_MEMBERS: [&str; 6] = [
    "expected_calls",
    "max_calls",
    "expected_model",
    "expected_input_tokens_per_call",
    "expected_output_tokens_per_call",
    "max_duration_seconds",
];

const COUNTS: [&str; 5] = [
    "expected_calls",
    "max_calls",
    "expected_input_tokens_per_call",
    "expected_output_tokens_per_call",
    "max_duration_seconds",
];
