// SPDX-License-Identifier: Apache-2.0

//! How an execution ended, as its issuer is told, and what of it can be said in a closure.
//!
//! ```text
//! status                   request went out   provider    client
//! closed                   yes                required    required    CLOSE-05
//! client_disconnected      either             if sent     optional
//! timeout                  either             if sent     optional
//! provider_error           yes                optional    optional
//! dispatch_error           no                 –           optional
//! provider_digest_missing  yes                –           optional
//! client_digest_missing    yes                required    –
//! missing_closure          either             –           –           CLOSE-20
//! ```

use permit_canonical_json::Sha256Digest;
use permit_closure::{BoundPermit, ClosureDraft, Execution, NotDispatched, Outcome, SealedClosure};
use permit_keys::{PermitBindingSigning, PurposeKey, Signer};
use permit_types::{ClosureStatus, NonEmptyText, Permit, Rfc3339};

use crate::{
    permit_standing::PermitStanding,
    refusal::{IssuingError, Refusal},
};

/// How an execution ended.
#[derive(Clone, Debug)]
pub struct Closing {
    /// In one word.
    pub status: ClosureStatus,
    /// The digest of the provider's bytes, as received.
    pub provider: Option<Sha256Digest>,
    /// The digest of the bytes that were handed over for the client.
    pub client: Option<Sha256Digest>,
    /// The execution; drawn if there is none.
    pub execution_id: Option<NonEmptyText>,
    /// What connects it with other systems.
    pub correlation_id: Option<String>,
    /// The provider; the permit's if nothing is said.
    pub provider_name: Option<String>,
    /// The model; the permit's if nothing is said.
    pub model: Option<String>,
    /// The status that the provider answered with.
    pub status_code: Option<i64>,
    /// The id that the provider gave to its response.
    pub provider_response_id: Option<String>,
    /// When the execution ended; now if nothing is said.
    pub completed_at: Option<Rfc3339>,
    /// When the provider's response was in; when it ended, if there is a digest and nothing is said.
    pub provider_response_received_at: Option<Rfc3339>,
    /// When it was handed over; when it ended, if there is a digest and nothing is said.
    pub client_response_delivered_at: Option<Rfc3339>,
}

impl Closing {
    /// An ending of which nothing more is known.
    #[must_use]
    pub fn new(status: ClosureStatus) -> Self {
        Self {
            status,
            provider: None,
            client: None,
            execution_id: None,
            correlation_id: None,
            provider_name: None,
            model: None,
            status_code: None,
            provider_response_id: None,
            completed_at: None,
            provider_response_received_at: None,
            client_response_delivered_at: None,
        }
    }

    pub(crate) fn is_success(&self) -> bool {
        self.status == ClosureStatus::Closed
    }

    /// The events that have to carry the digests (CLOSE-07).
    pub(crate) fn response_events(
        &self,
    ) -> impl Iterator<Item = (&'static str, &'static str, Sha256Digest)> + use<> {
        let provider = ("provider.response.received", "provider_response_digest_v1", self.provider);
        let client = ("client.response.delivered", "client_response_digest_v1", self.client);
        [provider, client]
            .into_iter()
            .filter_map(|(event, member, digest)| Some((event, member, digest?)))
    }

    pub(crate) fn seal<S: Signer>(
        &self,
        permit: &Permit,
        standing: &PermitStanding,
        drawn_id: &str,
        at: &Rfc3339,
        key: &PurposeKey<PermitBindingSigning, S>,
    ) -> Result<SealedClosure, IssuingError> {
        let execution = self.execution(permit, standing, drawn_id, at)?;
        Ok(self.draft(permit, standing, execution)?.seal(key)?)
    }

    fn draft(
        &self,
        permit: &Permit,
        standing: &PermitStanding,
        execution: Execution,
    ) -> Result<ClosureDraft, IssuingError> {
        use ClosureStatus as Status;
        let (provider, client) = (self.provider, self.client);
        let sent = standing.dispatched_at().is_some();
        let not_sent = match self.status {
            Status::MissingClosure => {
                self.refuse_digests(provider.or(client), "CLOSE-20")?;
                return Ok(ClosureDraft::missing(permit, execution));
            }
            Status::DispatchError if sent => {
                return Err(self.refusal("CLOSE-09", "the request went out").into());
            }
            Status::DispatchError => NotDispatched::DispatchError { client },
            Status::ClientDisconnected => NotDispatched::ClientDisconnected { client },
            Status::Timeout => NotDispatched::Timeout { client },
            _ if !sent => {
                let why = "its request did not go out: record the dispatch first";
                return Err(self.refusal("PERMIT-05", why).into());
            }
            // Not looked at, since it went out.
            _ => NotDispatched::Timeout { client },
        };
        if !sent {
            self.refuse_digests(provider, "CLOSE-09")?;
            return Ok(ClosureDraft::not_dispatched(permit, not_sent, execution));
        }
        let required = |digest: Option<Sha256Digest>, rule, whose: &str| {
            digest.ok_or_else(|| {
                self.refusal(rule, &format!("the digest of the {whose} response is missing"))
            })
        };
        let outcome = match self.status {
            Status::Closed => Outcome::Closed {
                provider: required(provider, "CLOSE-05", "provider's")?,
                client: required(client, "CLOSE-05", "client's")?,
            },
            Status::ClientDisconnected => Outcome::ClientDisconnected { provider, client },
            Status::ProviderError => Outcome::ProviderError { provider, client },
            Status::ProviderDigestMissing => {
                self.refuse_digests(provider, "CLOSE-06")?;
                Outcome::ProviderDigestMissing { client }
            }
            Status::ClientDigestMissing => {
                self.refuse_digests(client, "CLOSE-06")?;
                let provider = required(provider, "CLOSE-06", "provider's")?;
                Outcome::ClientDigestMissing { provider }
            }
            Status::Timeout | Status::DispatchError | Status::MissingClosure => {
                Outcome::Timeout { provider, client }
            }
        };
        Ok(ClosureDraft::dispatched(&BoundPermit::of(permit)?, outcome, execution))
    }

    fn execution(
        &self,
        permit: &Permit,
        standing: &PermitStanding,
        drawn_id: &str,
        at: &Rfc3339,
    ) -> Result<Execution, IssuingError> {
        let started_at = standing.dispatched_at().unwrap_or(at).clone();
        let completed_at = self.completed_at.clone().unwrap_or_else(|| at.clone());
        let when = |stated: &Option<Rfc3339>, digest: Option<Sha256Digest>| {
            stated.clone().or_else(|| digest.map(|_| completed_at.clone()))
        };
        let received = when(&self.provider_response_received_at, self.provider);
        let delivered = when(&self.client_response_delivered_at, self.client);
        for (member, time) in [
            ("completed_at", Some(&completed_at)),
            ("provider_response_received_at", received.as_ref()),
            ("client_response_delivered_at", delivered.as_ref()),
        ] {
            let Some(time) = time else { continue };
            if !time.is_utc() {
                let reason = format!("`{member}` is not in UTC: write the same instant with `Z`");
                return Err(Refusal::new("CHAIN-05", reason).into());
            }
            if !(started_at.instant()..=at.instant()).contains(&time.instant()) {
                let reason = format!("`{member}` is {time}, not between {started_at} and {at}");
                return Err(Refusal::new("time-order", reason).into());
            }
        }
        let execution_id = self.execution_id.clone().or_else(|| NonEmptyText::parse(drawn_id));
        Ok(Execution {
            execution_id: execution_id
                .ok_or_else(|| IssuingError::Unwritable("the execution has no id".to_owned()))?,
            correlation_id: self.correlation_id.clone(),
            provider: self.provider_name.clone().or_else(|| Some(permit.resource_provider.clone())),
            model: self.model.clone().or_else(|| Some(permit.resource_model.clone())),
            status_code: self.status_code,
            provider_response_id: self.provider_response_id.clone(),
            request_created_at: permit.created_at.clone(),
            started_at,
            completed_at,
            provider_response_received_at: received,
            client_response_delivered_at: delivered,
            usage_reported_at: None,
            closure_signed_at: at.clone(),
        })
    }

    fn refuse_digests(
        &self,
        digest: Option<Sha256Digest>,
        rule: &'static str,
    ) -> Result<(), Refusal> {
        match digest {
            None => Ok(()),
            Some(_) => {
                Err(self.refusal(rule, "a response digest is given that it has no place for"))
            }
        }
    }

    fn refusal(&self, rule: &'static str, why: &str) -> Refusal {
        Refusal::new(rule, format!("the execution cannot be closed as `{}`: {why}", self.status))
    }
}
