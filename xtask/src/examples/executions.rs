// SPDX-License-Identifier: Apache-2.0

//! Executions that ended in each of the eight ways, and a bundle of version 1.

use permit_canonical_json::{Sha256Digest, Value, to_value};
use permit_chain::ChainHead;
use permit_closure::{BoundPermit, ClosureDraft, Execution, NotDispatched, Outcome};
use permit_types::{ClosureStatus, NonEmptyText, Permit};

use crate::ChoreError;

use super::{
    gallery::Gallery,
    keys::Keys,
    names::{day_time, identifier, rfc3339},
    permits::Asked,
    records::{Event, Records, about, members},
};

/// How an execution ended: what is known of it.
struct Ending {
    status: ClosureStatus,
    what: &'static str,
    dispatched: bool,
    /// What the provider sent, as far as it came and is known.
    response: Option<&'static str>,
    /// What the client got, as far as it is known.
    delivered: Option<&'static str>,
}

const ANSWER: &str = "It left our warehouse this morning.";

const ENDINGS: [Ending; 8] = [
    Ending {
        status: ClosureStatus::Closed,
        what: "a closure: all went well",
        dispatched: true,
        response: Some(ANSWER),
        delivered: Some(ANSWER),
    },
    Ending {
        status: ClosureStatus::ClientDisconnected,
        what: "a closure: the client went away before all was handed over",
        dispatched: true,
        response: Some(ANSWER),
        delivered: Some("It left our"),
    },
    Ending {
        status: ClosureStatus::ProviderError,
        what: "a closure: the provider answered with an error",
        dispatched: true,
        response: Some("{\"error\": \"overloaded\"}"),
        delivered: Some("{\"error\": \"try again later\"}"),
    },
    Ending {
        status: ClosureStatus::Timeout,
        what: "a closure: the provider did not answer in time",
        dispatched: true,
        response: None,
        delivered: None,
    },
    Ending {
        status: ClosureStatus::DispatchError,
        what: "a closure: the request could not be sent",
        dispatched: false,
        response: None,
        delivered: None,
    },
    Ending {
        status: ClosureStatus::ProviderDigestMissing,
        what: "a closure: nobody knows what the provider sent",
        dispatched: true,
        response: None,
        delivered: Some(ANSWER),
    },
    Ending {
        status: ClosureStatus::ClientDigestMissing,
        what: "a closure: nobody knows what the client got",
        dispatched: true,
        response: Some(ANSWER),
        delivered: None,
    },
    Ending {
        status: ClosureStatus::MissingClosure,
        what: "a closure that stands in for one that was never made",
        dispatched: true,
        response: None,
        delivered: None,
    },
];

/// Keeps and lists them; the head of their chain.
pub(crate) fn put(gallery: &mut Gallery, keys: &Keys) -> Result<ChainHead, ChoreError> {
    let mut records = Records::new(&format!("project:{}", identifier("project")));
    let mut plain = Records::new("no chain");
    let mut first = None;
    for (ending, minute) in ENDINGS.iter().zip(0_u32..) {
        let asked = Asked {
            name: ending.status.as_str(),
            action: "mail.draft_reply",
            decision: "allow",
            code: "policy.allowed",
            reason: "drafts need no approval",
            at: format!("09:{minute:02}:00"),
            body: r#"{"model": "example-large", "messages": [{"role": "user", "content": "Where is my order?"}]}"#,
        };
        let permit = asked.permit()?;
        let sealed = ending.append(&permit, minute, &mut records, keys)?;
        first = first.or_else(|| records.entries().first().cloned());
        let path = format!("examples/closures/{}.json", ending.status.as_str());
        gallery.document(&path, &sealed);
        gallery.illustrative(&path, ending.what, Some("closure-v2"));
        records.end(&permit, true)?;
        plain.end(&permit, false)?;
    }
    let entry = to_value(&first.ok_or("the chain is empty")?)?;
    gallery.document("examples/chain-entry.json", &entry);
    let what = "a chain entry: the first one of the bundle below";
    gallery.illustrative("examples/chain-entry.json", what, Some("chain-entry"));
    let head = records.head().clone();
    let what = "a bundle of version 2: the executions of all these closures, with their chain";
    let layers = "--walk-events --verify-closure";
    gallery.export("executions", what, &records.into_bundle(2), None, keys, layers)?;
    let what = "a bundle of version 1: the same permits without a chain";
    gallery.export("bundle-v1", what, &plain.into_bundle(1), None, keys, "")?;
    Ok(head)
}

impl Ending {
    /// Appends what happened, and gives the closure in its envelope.
    fn append(
        &self,
        permit: &Permit,
        minute: u32,
        records: &mut Records,
        keys: &Keys,
    ) -> Result<Value<'static>, ChoreError> {
        let name = self.status.as_str();
        let at = |milliseconds: u32| format!("09:{minute:02}:00.{milliseconds:03}");
        let digest = |text: &str| Sha256Digest::of(text.as_bytes());
        let hash = permit.binding_request_hash.ok_or("the permit is not bound")?.to_string();
        let hash = || Value::from(hash.clone());
        let mut event = |event_type, outcome, milliseconds, payload| {
            let at = at(milliseconds);
            records.event(name, permit, Event { event_type, outcome, at, payload })
        };
        event("permit.evaluated", "success", 120, about(permit, [("decision", "allow".into())]))?;
        event("permit.bound", "success", 180, about(permit, [("binding_request_hash", hash())]))?;
        if self.dispatched {
            let payload = about(permit, [("dispatch_request_digest_v1", hash())]);
            event("dispatch.egress_bound", "success", 260, payload)?;
        }
        if let Some(response) = self.response {
            let digest = digest(response).to_string().into();
            let payload = about(permit, [("provider_response_digest_v1", digest)]);
            event("provider.response.received", "success", 900, payload)?;
        }
        if let Some(delivered) = self.delivered {
            let digest = digest(delivered).to_string().into();
            let payload = about(permit, [("client_response_digest_v1", digest)]);
            event("client.response.delivered", "success", 910, payload)?;
        }
        let closure = self.draft(permit, minute)?.seal(&keys.binding)?;
        let outcome = if self.status == ClosureStatus::Closed { "success" } else { "failure" };
        event("permit.closed", outcome, 990, members(closure.to_event_payload())?)?;
        Ok(to_value(&closure.to_envelope())?)
    }

    fn draft(&self, permit: &Permit, minute: u32) -> Result<ClosureDraft, ChoreError> {
        let digest = |text: Option<&str>| text.map(|text| Sha256Digest::of(text.as_bytes()));
        let (provider, client) = (digest(self.response), digest(self.delivered));
        let execution = self.execution(minute)?;
        let known = |digest: Option<Sha256Digest>| digest.ok_or("the digest is not known");
        let outcome = match self.status {
            ClosureStatus::Closed => {
                Outcome::Closed { provider: known(provider)?, client: known(client)? }
            }
            ClosureStatus::ClientDisconnected => Outcome::ClientDisconnected { provider, client },
            ClosureStatus::ProviderError => Outcome::ProviderError { provider, client },
            ClosureStatus::Timeout => Outcome::Timeout { provider, client },
            ClosureStatus::ProviderDigestMissing => Outcome::ProviderDigestMissing { client },
            ClosureStatus::ClientDigestMissing => {
                Outcome::ClientDigestMissing { provider: known(provider)? }
            }
            ClosureStatus::DispatchError => {
                let outcome = NotDispatched::DispatchError { client };
                return Ok(ClosureDraft::not_dispatched(permit, outcome, execution));
            }
            ClosureStatus::MissingClosure => return Ok(ClosureDraft::missing(permit, execution)),
        };
        Ok(ClosureDraft::dispatched(&BoundPermit::of(permit)?, outcome, execution))
    }

    fn execution(&self, minute: u32) -> Result<Execution, ChoreError> {
        let at =
            |milliseconds: u32| rfc3339(&day_time(&format!("09:{minute:02}:00.{milliseconds:03}")));
        let id = identifier(&format!("{} execution", self.status.as_str()));
        let received = self.response.map(|_| at(900)).transpose()?;
        let delivered = self.delivered.map(|_| at(910)).transpose()?;
        Ok(Execution {
            execution_id: NonEmptyText::parse(&id).ok_or("the execution has no id")?,
            correlation_id: None,
            provider: Some("example-provider".to_owned()),
            model: Some("example-large".to_owned()),
            status_code: self.response.map(|_| match self.status {
                ClosureStatus::ProviderError => 503,
                _ => 200,
            }),
            provider_response_id: None,
            request_created_at: at(0)?,
            started_at: at(260)?,
            completed_at: at(980)?,
            provider_response_received_at: received,
            client_response_delivered_at: delivered,
            usage_reported_at: None,
            closure_signed_at: at(985)?,
        })
    }
}
