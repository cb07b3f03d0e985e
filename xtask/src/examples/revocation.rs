// SPDX-License-Identifier: Apache-2.0

//! A signed revocation, and a bundle whose chain has it.

use permit_revocation::Revocation;
use permit_types::{ActorId, ActorKind, RevocationReasonCode};

use crate::ChoreError;

use super::{
    gallery::Gallery,
    keys::Keys,
    names::{day_time, identifier, rfc3339},
    permits::Asked,
    records::{Event, Records, about, members},
};

/// Keeps and lists them.
pub(crate) fn put(gallery: &mut Gallery, keys: &Keys) -> Result<(), ChoreError> {
    let asked = Asked {
        name: "revoked",
        action: "mail.draft_reply",
        decision: "allow",
        code: "policy.allowed",
        reason: "drafts need no approval",
        at: "10:00:00".to_owned(),
        body: r#"{"model": "example-large", "messages": []}"#,
    };
    let permit = asked.permit()?;
    let signed = Revocation {
        permit_id: permit.id.clone(),
        project_id: permit.project_id.clone(),
        actor_id: ActorId::parse(&identifier("operator")).ok_or("the operator has no id")?,
        actor_kind: ActorKind::User,
        reason_code: RevocationReasonCode::parse("operator.request").ok_or("there is no reason")?,
        revoked_at: rfc3339(&day_time("10:05:00"))?,
    }
    .issue(&keys.binding)?;
    let path = "examples/revocation/revocation.json";
    gallery.document(path, &signed.to_event_payload());
    let what = "a signed revocation, as it stands in the chain of the bundle below";
    gallery.illustrative(path, what, Some("permit-revoked-event"));

    let mut records = Records::new(&format!("project:{}", identifier("project")));
    let evaluated = Event {
        event_type: "permit.evaluated",
        outcome: "success",
        at: "10:00:00.120".to_owned(),
        payload: about(&permit, [("decision", "allow".into())]),
    };
    records.event("revoked", &permit, evaluated)?;
    let revoked = Event {
        event_type: "permit.revoked",
        outcome: "success",
        at: "10:05:00".to_owned(),
        payload: members(signed.to_event_payload())?,
    };
    records.event("revoked", &permit, revoked)?;
    records.end(&permit, true)?;
    let what = "a bundle of version 2 with a permit that was revoked";
    gallery.export("revocation", what, &records.into_bundle(2), None, keys, "--walk-events")
}
