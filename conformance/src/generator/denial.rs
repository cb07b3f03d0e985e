// SPDX-License-Identifier: Apache-2.0

//! A denial of delegated authority, in a chain from its first entry, with the digest that covers it.

use permit_canonical_json::Object;
use permit_chain::default_sentinel;
use permit_delegation::{CoveredEvent, event_integrity_hash, integrity_batch_hash};
use serde_json::{Value as Json, json};

use super::{
    document::{array_mut, at, at_mut, set, strict, text},
    fault::Fault,
    pack::{PROJECT, permit_id, record_hash},
};

/// The events of a denial: the parent's issuance, the denial, and the digest.
#[derive(Clone, Debug)]
pub(crate) struct Denial {
    events: Vec<Json>,
}

fn envelope(actions: &[&str], expires_at: &str) -> Json {
    json!({
        "actions": actions,
        "data_classes": ["public"],
        "expires_at": expires_at,
        "models": [],
        "providers": ["example-provider"],
        "regions": ["eu-west"],
        "tools": [],
    })
}

fn event(number: u64, event_type: &str, payload: Json) -> Json {
    json!({
        "chain_format_version": "v1",
        "chain_scope": format!("project:{PROJECT}"),
        "event_id": format!("gev-{number}"),
        "event_type": event_type,
        "occurred_at": format!("2026-05-09T08:00:0{number}.000000Z"),
        "outcome": null,
        "payload_json": payload,
        "permit_id": permit_id(1),
        "project_id": PROJECT,
        "resource_id": permit_id(1),
        "resource_type": "permit",
        "sequence_number": number,
        "severity": "info",
    })
}

impl Denial {
    /// A child that asked for one action more than its parent has, and was refused.
    pub(crate) fn right() -> Result<Self, Fault> {
        let parent = envelope(&["orders.read"], "2027-01-01T00:00:00Z");
        let child = envelope(&["orders.read", "orders.refund"], "2026-12-01T00:00:00Z");
        let issued = event(1, "permit.issued", json!({ "permit_id": permit_id(1) }));
        let denied = event(
            2,
            "permit.delegated_denied",
            json!({
                "authority_envelope_version": "authority-envelope.v0",
                "child_requested_authority_envelope": child,
                "failed_fields": ["actions"],
                "parent_authority_envelope": parent,
                "parent_permit_id": permit_id(1),
                "reason_code": "authority_envelope.scope_broadened",
            }),
        );
        let mut denial = Self { events: vec![issued, denied] };
        denial.seal()?;
        Ok(denial)
    }

    /// Bends the payload of the denial and seals everything above it.
    pub(crate) fn bent(bend: impl FnOnce(&mut Json) -> Result<(), Fault>) -> Result<Self, Fault> {
        let mut denial = Self::right()?;
        bend(denial.payload()?)?;
        denial.seal()?;
        Ok(denial)
    }

    /// The payload of the denial.
    pub(crate) fn payload(&mut self) -> Result<&mut Json, Fault> {
        let denied = self.events.get_mut(1).ok_or_else(|| Fault::new("there is no denial"))?;
        at_mut(denied, "/payload_json")
    }

    /// Takes the digest away, and links what is left.
    pub(crate) fn without_digest(mut self) -> Result<Self, Fault> {
        self.events.truncate(2);
        self.link()?;
        Ok(self)
    }

    /// Computes the digest anew, and then all hashes and links.
    fn seal(&mut self) -> Result<(), Fault> {
        self.events.truncate(2);
        let mut covered = Vec::new();
        for event in &self.events {
            let strict = strict(event)?;
            let empty = Object::default();
            let hash = event_integrity_hash(strict.as_object().unwrap_or(&empty))?;
            covered.push((
                text(event, "/event_id")?,
                text(event, "/event_type")?,
                hash.to_string(),
            ));
        }
        let batch =
            integrity_batch_hash(covered.iter().map(|(event_id, event_type, event_hash)| {
                CoveredEvent { event_id, event_type, event_hash }
            }))
            .to_string();
        let entries: Vec<Json> = covered
            .iter()
            .map(|(id, kind, hash)| json!({ "event_hash": hash, "event_id": id, "event_type": kind }))
            .collect();
        let payload = json!({
            "batch_hash": batch,
            "covered_event_count": entries.len(),
            "covered_events": entries,
        });
        let mut digest = event(3, "audit.integrity_digest", payload);
        set(&mut digest, "/resource_type", "integrity_digest")?;
        set(&mut digest, "/resource_id", batch.get(..32).unwrap_or_default())?;
        self.events.push(digest);
        self.link()
    }

    fn link(&mut self) -> Result<(), Fault> {
        let mut prev = default_sentinel().to_string();
        for event in &mut self.events {
            set(event, "/prev_hash", prev)?;
            // The hash of an event has the time of its occurrence in the place of an entry's.
            let mut entry = event.clone();
            set(&mut entry, "/created_at", at(event, "/occurred_at")?.clone())?;
            prev = record_hash(&entry)?;
            set(event, "/record_hash", prev.clone())?;
        }
        Ok(())
    }

    /// The evidence as a document.
    pub(crate) fn evidence(&self) -> Result<Json, Fault> {
        let mut document = json!({ "events": [], "schema": "keel.governance_events/v1" });
        array_mut(&mut document, "/events")?.extend(self.events.iter().cloned());
        Ok(document)
    }
}
