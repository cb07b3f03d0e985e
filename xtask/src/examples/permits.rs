// SPDX-License-Identifier: Apache-2.0

//! Permits by themselves: one for each decision.

use permit_canonical_json::{Budget, Object, Value, WireBody, from_value, read_text, to_value};
use permit_types::Permit;

use crate::ChoreError;

use super::{
    gallery::Gallery,
    names::{day_time, identifier},
};

/// A permit that an example is about.
pub(crate) struct Asked {
    /// Makes its id.
    pub(crate) name: &'static str,
    pub(crate) action: &'static str,
    pub(crate) decision: &'static str,
    pub(crate) code: &'static str,
    pub(crate) reason: &'static str,
    /// Such as `09:00:00`.
    pub(crate) at: String,
    /// The body of the request.
    pub(crate) body: &'static str,
}

impl Asked {
    /// The permit, bound to its request if that may go out (PERMIT-06).
    pub(crate) fn permit(&self) -> Result<Permit, ChoreError> {
        Ok(from_value(&self.to_object()?.into())?)
    }

    fn to_object(&self) -> Result<Object<'static>, ChoreError> {
        let body = read_text(self.body, &Budget::default())?;
        let hash = WireBody::new(&body)?.digest().to_string();
        let details = Value::object([
            ("decision", self.decision),
            ("code", self.code),
            ("reason", self.reason),
        ]);
        let mut permit = Object::default();
        for (name, value) in [
            ("id", Value::from(identifier(self.name))),
            ("project_id", identifier("project").into()),
            ("subject_type", "agent".into()),
            ("subject_id", "shop-agent-3".into()),
            ("action_name", self.action.into()),
            ("resource_provider", "example-provider".into()),
            ("resource_model", "example-large".into()),
            ("estimated_input_tokens", 60.into()),
            ("estimated_output_tokens", 400.into()),
            ("decision", self.decision.into()),
            ("reason", self.reason.into()),
            ("decision_details", details),
            ("actions_json", Value::array::<Value<'_>>([])),
            ("policy_id", "shop-agents".into()),
            ("policy_version", "2026-05-01".into()),
            ("idempotency_key", format!("shop-agent-3/{}", self.name).into()),
            ("request_fingerprint", hash.clone().into()),
            ("created_at", day_time(&self.at).into()),
        ] {
            permit.insert(name, value.into_owned());
        }
        if self.decision == "allow" {
            permit.insert("binding_request_hash", hash);
        }
        Ok(permit)
    }
}

/// Keeps and lists one permit for each decision.
pub(crate) fn put(gallery: &mut Gallery) -> Result<(), ChoreError> {
    let allow = Asked {
        name: "permit allow",
        action: "mail.draft_reply",
        decision: "allow",
        code: "policy.allowed",
        reason: "drafts need no approval",
        at: "08:00:00".to_owned(),
        body: r#"{"model": "example-large", "messages": [{"role": "user", "content": "Where is my order?"}]}"#,
    };
    let deny = Asked {
        name: "permit deny",
        action: "refund.issue",
        decision: "deny",
        code: "policy.amount_too_high",
        reason: "refunds above 200 EUR are not for agents",
        at: "08:01:00".to_owned(),
        body: r#"{"order": "A-1042", "amount": "480.00 EUR"}"#,
    };
    let challenge = Asked {
        name: "permit challenge",
        action: "stock.reorder",
        decision: "challenge",
        code: "policy.approval_needed",
        reason: "orders above 1,000 EUR need the approval of a buyer",
        at: "08:02:00".to_owned(),
        body: r#"{"item": "desk lamp", "pieces": 400}"#,
    };
    let approval = Value::object([
        ("type", "request_approval"),
        ("message", "a buyer has to approve the order first"),
    ]);
    for (asked, what, actions) in [
        (allow, "a permit that allows, bound to its request (PERMIT-05)", None),
        (deny, "a permit that denies, bound to nothing (PERMIT-06)", None),
        (challenge, "a permit that asks for something first", Some(approval)),
    ] {
        let mut permit = asked.to_object()?;
        if let Some(action) = actions {
            permit.insert("actions_json", Value::array([action]).into_owned());
        }
        let permit: Permit = from_value(&permit.into())?;
        let path = format!("examples/permits/{}.json", asked.decision);
        gallery.document(&path, &to_value(&permit)?);
        gallery.illustrative(&path, what, Some("permit-v1"));
    }
    Ok(())
}
