// SPDX-License-Identifier: Apache-2.0

//! Digests that cover what the record hash leaves out: the payloads of events (SEM-04).
//!
//! ```text
//! event hash    hex(SHA-256(canonical object of 25 members of the event; absent ones are null,
//!               an absent payload is {}))
//! batch hash    hex(SHA-256(canonical list of {event_id, event_type, event_hash}, in the given order))
//! the digest    an event audit.integrity_digest; its payload has covered_events, covered_event_count
//!               and batch_hash, its resource_id the first 32 characters of the batch hash
//! ```
//!
//! The record hash of the digest's event covers that `resource_id`, and so ties the payloads to the chain.

use permit_canonical_json::{
    CanonicalError, DigestSink, HashedArtifact, Object, Sha256Digest, Value, write_selected,
};
use permit_chain::EventStamp;
use permit_types::Location;

use crate::{
    correct_denial::{DenialFault, DigestBinding},
    denial_semantics::DenialSemantics,
    denial_token::DenialToken,
    event_view::EventView,
    governance_event::{GovernanceEvent, RecordedEvent},
    supplied_chain::shown,
};

/// One event, as a digest covers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveredEvent<'e> {
    /// The event.
    pub event_id: &'e str,
    /// What kind of event it is.
    pub event_type: &'e str,
    /// Its [hash](event_integrity_hash), as text.
    pub event_hash: &'e str,
}

/// Why an event cannot be covered by a digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MaterialProblem {
    /// A member that is covered as text is none.
    #[error("`{member}` of the event is neither a text nor null")]
    NotText {
        /// The member.
        member: &'static str,
    },
    /// The event has no canonical form.
    #[error("the event has no canonical form: {0}")]
    NotCanonical(#[from] CanonicalError),
}

/// The hash of an event, payload included.
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_delegation::event_integrity_hash;
///
/// let event = read(br#"{"event_id": "e", "payload_json": {"b": 1}, "record_hash": "x"}"#, &Budget::default())?;
/// let other = read(br#"{"event_id": "e", "payload": {"b": 1}, "severity": null}"#, &Budget::default())?;
/// let (event, other) = (event.as_object().unwrap(), other.as_object().unwrap());
/// assert_eq!(event_integrity_hash(event)?, event_integrity_hash(other)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If something in it has no form that could be hashed.
pub fn event_integrity_hash(event: &Object<'_>) -> Result<Sha256Digest, MaterialProblem> {
    for member in TEXT_OR_NULL {
        if event.get(member).is_some_and(|value| !value.is_null() && value.as_str().is_none()) {
            return Err(MaterialProblem::NotText { member });
        }
    }
    let (null, empty) = (Value::from(()), Value::from(Object::default()));
    let stated = |name: &str| event.get(name).filter(|value| !value.is_null());
    let payload = stated("payload_json").or_else(|| stated("payload"));
    let payload = payload.filter(|payload| payload.as_object().is_some()).unwrap_or(&empty);
    let covered = COVERED_MEMBERS.into_iter().map(|name| match name {
        "payload_json" => (name, payload),
        _ => (name, event.get(name).unwrap_or(&null)),
    });
    let mut sink = DigestSink::new();
    write_selected(covered, &mut sink)?;
    Ok(sink.finish())
}

/// The hash of a batch of covered events, in the given order.
#[must_use]
pub fn integrity_batch_hash<'e>(
    covered: impl IntoIterator<Item = CoveredEvent<'e>>,
) -> Sha256Digest {
    let entries = covered.into_iter().map(|covered| {
        Value::object([
            ("event_id", covered.event_id),
            ("event_type", covered.event_type),
            ("event_hash", covered.event_hash),
        ])
    });
    let mut sink = DigestSink::new();
    let profile = HashedArtifact::GovernanceEventV1.profile();
    // Only a number can have no canonical form, and there is none.
    let _ = profile.write(&Value::array(entries), &mut sink);
    sink.finish()
}

/// Makes the event that covers a batch of recorded events, so that their payloads are tied to the chain.
///
/// # Errors
/// If one of them cannot be covered.
pub fn integrity_digest(
    batch: &[RecordedEvent],
    stamp: EventStamp,
) -> Result<GovernanceEvent, MaterialProblem> {
    let hashes = batch.iter().map(|event| event_integrity_hash(event.as_object()));
    let hashes = hashes.collect::<Result<Vec<_>, _>>()?;
    let hashes: Vec<String> = hashes.iter().map(Sha256Digest::to_string).collect();
    let covered = batch.iter().zip(&hashes).map(|(event, hash)| CoveredEvent {
        event_id: event.entry().event_id.as_str(),
        event_type: event.entry().event_type.as_str(),
        event_hash: hash,
    });
    let batch_hash = integrity_batch_hash(covered.clone()).to_string();
    let listed = covered.map(|covered| {
        Value::object([
            ("event_id", covered.event_id.to_owned()),
            ("event_type", covered.event_type.to_owned()),
            ("event_hash", covered.event_hash.to_owned()),
        ])
    });
    let payload = [
        ("covered_events", Value::array(listed)),
        ("covered_event_count", Value::from(batch.len())),
        ("batch_hash", Value::from(batch_hash.clone())),
    ];
    let name: String = batch_hash.chars().take(BATCH_NAME).collect();
    Ok(GovernanceEvent::new(DIGEST_EVENT, stamp, payload)
        .resource("governance_event_batch", &name)
        .outcome("success")
        .category("audit"))
}

/// Proof that digests cover the payload of an event, and what binds them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PayloadCovered {
    pub(crate) binding: DigestBinding,
}

impl PayloadCovered {
    /// Looks at every digest that covers the target. The reference is content with the first one, so
    /// that a second one could say something else about the same event.
    pub(crate) fn of(
        target: &EventView<'_>,
        events: &[EventView<'_>],
        semantics: &DenialSemantics,
    ) -> Result<Self, DenialFault> {
        let target = Target::of(target)?;
        if !semantics.has_integrity_digest() {
            let summary = "the pack names no recipe for integrity digests";
            let at = Some(target.at());
            return Err(DenialFault::new(DenialToken::IntegritySemantics, at, summary));
        }
        let hash = target.hash()?;
        let mut covered: Option<DigestBinding> = None;
        for event in events.iter().filter(|event| event.is_of_type(DIGEST_EVENT)) {
            let Some(binding) = Digest { event }.covers(&target, hash)? else { continue };
            // One digest that is bound is enough: all the others agree with it.
            covered = Some(match covered {
                Some(DigestBinding::Chained) => DigestBinding::Chained,
                Some(DigestBinding::Unbound) | None => binding,
            });
        }
        match covered {
            Some(binding) => Ok(Self { binding }),
            None => {
                let summary =
                    "no integrity digest covers the denial, so that its payload proves nothing";
                Err(DenialFault::new(DenialToken::IntegrityDigest, Some(target.at()), summary))
            }
        }
    }
}

/// The event whose payload is to be covered.
struct Target<'e, 'v> {
    event: &'e EventView<'v>,
    event_id: &'v str,
    event_type: &'v str,
}

impl<'e, 'v> Target<'e, 'v> {
    fn of(event: &'e EventView<'v>) -> Result<Self, DenialFault> {
        let text = |name| event.text(name).filter(|text| !text.trim().is_empty());
        let (Some(event_id), Some(event_type)) = (text("event_id"), text("event_type")) else {
            let summary = "the denial has no id or type that a digest could name";
            let token = DenialToken::IntegrityTarget;
            return Err(DenialFault::new(token, Some(event.location()), summary));
        };
        Ok(Self { event, event_id, event_type })
    }

    fn at(&self) -> Location {
        self.event.location()
    }

    fn hash(&self) -> Result<Sha256Digest, DenialFault> {
        event_integrity_hash(self.event.object).map_err(|problem| {
            let (token, at) = match &problem {
                MaterialProblem::NotText { member } => {
                    (DenialToken::IntegrityTarget, self.event.member_location(member))
                }
                // What has no hash does not have the hash that a digest states.
                MaterialProblem::NotCanonical(_) => (DenialToken::PayloadMismatch, self.at()),
            };
            DenialFault::new(token, Some(at), &problem.to_string())
        })
    }
}

/// An event `audit.integrity_digest`.
struct Digest<'e, 'v> {
    event: &'e EventView<'v>,
}

impl<'v> Digest<'_, 'v> {
    /// Whether it covers the target, and rightly; nothing if it is about other events.
    fn covers(
        &self,
        target: &Target<'_, '_>,
        hash: Sha256Digest,
    ) -> Result<Option<DigestBinding>, DenialFault> {
        let listed = self.event.payload_member("covered_events").and_then(Value::as_array);
        let Some(listed) = listed else { return Ok(None) };
        let covered = listed.iter().map(read_covered).collect::<Option<Vec<_>>>();
        let covered = covered.ok_or_else(|| {
            let summary = "a digest lists a covered event without its id, type or hash";
            self.fault(DenialToken::IntegrityPayload, "covered_events", summary)
        })?;
        if covered.iter().all(|covered| covered.event_id != target.event_id) {
            return Ok(None);
        }
        let binding = self.check_batch(&covered)?;
        let of_target = covered.iter().filter(|covered| covered.event_id == target.event_id);
        of_target.into_iter().try_for_each(|covered| self.check_entry(covered, target, hash))?;
        Ok(Some(binding))
    }

    fn check_batch(&self, covered: &[CoveredEvent<'v>]) -> Result<DigestBinding, DenialFault> {
        let batch_hash = integrity_batch_hash(covered.iter().cloned()).to_string();
        let stated = self.event.payload_member("batch_hash");
        if stated.and_then(Value::as_str) != Some(batch_hash.as_str()) {
            let summary = "the covered events do not hash to the batch hash of the digest";
            let fault = self.fault(DenialToken::BatchHashMismatch, "batch_hash", summary);
            return Err(fault.values(batch_hash, stated.map_or_else(|| "nothing".into(), shown)));
        }
        let binding = self.check_resource(&batch_hash)?;
        let Some(count) = self.event.payload_member("covered_event_count") else {
            return Ok(binding);
        };
        let summary = "the digest covers another number of events than it says";
        match count.as_u64() {
            Some(stated) if usize::try_from(stated) == Ok(covered.len()) => Ok(binding),
            Some(stated) => {
                let fault = self.fault(DenialToken::CountMismatch, "covered_event_count", summary);
                Err(fault.values(covered.len().to_string(), stated.to_string()))
            }
            None => {
                let summary = "the number of covered events is no integer";
                Err(self.fault(DenialToken::IntegrityPayload, "covered_event_count", summary))
            }
        }
    }

    /// The record hash of the digest's event covers the `resource_id`, and nothing of its payload.
    fn check_resource(&self, batch_hash: &str) -> Result<DigestBinding, DenialFault> {
        let Some(name) = self.event.text("resource_id").filter(|name| !name.is_empty()) else {
            return Ok(DigestBinding::Unbound);
        };
        let expected: String = batch_hash.chars().take(BATCH_NAME).collect();
        if name == expected {
            return Ok(DigestBinding::Chained);
        }
        let at = Some(self.event.member_location("resource_id"));
        let summary = "the event of the digest names another batch";
        Err(DenialFault::new(DenialToken::ResourceMismatch, at, summary)
            .values(expected, format!("`{}`", permit_canonical_json::Excerpt(name))))
    }

    fn check_entry(
        &self,
        covered: &CoveredEvent<'_>,
        target: &Target<'_, '_>,
        hash: Sha256Digest,
    ) -> Result<(), DenialFault> {
        if covered.event_type != target.event_type {
            let summary = "the digest covers the denial as an event of another type";
            return Err(self.fault(DenialToken::EventTypeMismatch, "covered_events", summary));
        }
        if covered.event_hash == hash.hex().as_str() {
            return Ok(());
        }
        let summary = "the denial is not as the digest covers it";
        Err(DenialFault::new(DenialToken::PayloadMismatch, Some(target.at()), summary).values(
            format!("`{}`", permit_canonical_json::Excerpt(covered.event_hash)),
            hash.to_string(),
        ))
    }

    fn fault(&self, token: DenialToken, member: &str, summary: &str) -> DenialFault {
        DenialFault::new(token, Some(self.event.payload_location(member)), summary)
    }
}

/// An entry of the list, verbatim: nothing is trimmed, since the hash is over what stands there.
fn read_covered<'v>(entry: &'v Value<'v>) -> Option<CoveredEvent<'v>> {
    let text = |name| entry.get(name)?.as_str().filter(|text: &&str| !text.trim().is_empty());
    Some(CoveredEvent {
        event_id: text("event_id")?,
        event_type: text("event_type")?,
        event_hash: text("event_hash")?,
    })
}

const DIGEST_EVENT: &str = "audit.integrity_digest";

/// Characters of the batch hash that name the batch.
const BATCH_NAME: usize = 32;

const TEXT_OR_NULL: [&str; 2] = ["project_id", "permit_id"];

/// The members of an event that its hash covers.
pub const COVERED_MEMBERS: [&str; 25] = [
    "event_id",
    "project_id",
    "project_name",
    "request_id",
    "permit_id",
    "category",
    "event_type",
    "severity",
    "payload_json",
    "source_stage",
    "lineage_type",
    "provider",
    "model",
    "operation",
    "decision",
    "surface",
    "trace_id",
    "span_id",
    "occurred_at",
    "schema_version",
    "actor_id",
    "actor_type",
    "outcome",
    "resource_type",
    "resource_id",
];
