// SPDX-License-Identifier: Apache-2.0

//! Issuing: each act of a project, checked against what was done before and stored whole.

use permit_canonical_json::{Object, Sha256Digest, Value, WireBody, to_value};
use permit_chain::{Appender, EventDraft, EventStamp};
use permit_checkpoint::CheckpointDraft;
use permit_closure::SealedClosure;
use permit_delegation::{
    AuthorityLine, ChildEnvelope, ChildPermit, DelegationRequest, DenialGround, DeniedDelegation,
    GovernanceEvent, IssuanceError, IssuancePolicy, PolicyAnswer, RecordedEvent, delegate,
    integrity_digest, issued_event,
};
use permit_keys::{IntegrityCheckpoint, PermitBindingSigning, PurposeKey, Signer};
use permit_revocation::Revocation;
use permit_types::{
    ActorId, ActorKind, Bound, ChainEntry, CheckpointId, Decision, Dispatched, Evaluated, EventId,
    EventType, ExecutionDecision, IssuedPermit, NonEmptyText, OpenObject, Permit, PermitId,
    PermitStatus, Refused, RevocationReasonCode, Rfc3339, StepProblem,
};

use crate::{
    closing::Closing,
    permit_standing::PermitStanding,
    refusal::{IssuingError, Refusal},
    store::{ProjectStore, Record, Transaction, as_object},
};

/// Issues for one project, at one time.
///
/// Whoever issues says what time it is and draws ids: nothing here asks a clock or rolls dice.
///
/// ```no_run
/// use permit_issuing::{Access, Issuer, ProjectStore};
/// use permit_types::{PermitId, Rfc3339};
///
/// # fn draw_uuid() -> String { String::new() }
/// # fn bind(id: &PermitId, request: &permit_canonical_json::Value<'_>) -> Result<(), Box<dyn std::error::Error>> {
/// let mut store = ProjectStore::open("project".as_ref(), Access::Write)?;
/// let now = Rfc3339::parse("2026-05-11T08:14:02Z").ok_or("no time")?;
/// let body = Issuer::new(&mut store, &now, draw_uuid)?.bind(id, request)?;
/// // Send `body.text()`, byte for byte.
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Issuer<'s, F> {
    store: &'s mut ProjectStore,
    at: Rfc3339,
    draw_id: F,
}

/// An event that has no act of its own here.
#[derive(Clone, Debug)]
pub struct EventInput {
    /// Its id; drawn if there is none.
    pub event_id: Option<String>,
    /// What kind of event it is.
    pub event_type: String,
    /// The permit that it is about.
    pub permit_id: Option<PermitId>,
    /// The kind of thing that it is about; the permit if there is one and nothing is said.
    pub resource_type: Option<String>,
    /// That thing.
    pub resource_id: Option<String>,
    /// What came of it.
    pub outcome: Option<String>,
    /// How grave it is.
    pub severity: String,
    /// What else there is to say.
    pub payload: Object<'static>,
}

/// Who revokes, and why.
#[derive(Clone, Debug)]
pub struct RevocationInput {
    /// The permit.
    pub permit_id: PermitId,
    /// Who. Never a name (REVOKE-04).
    pub actor_id: ActorId,
    /// What kind of actor that is.
    pub actor_kind: ActorKind,
    /// Why.
    pub reason_code: RevocationReasonCode,
}

impl<'s, F: FnMut() -> String> Issuer<'s, F> {
    /// Issues at a time, with ids that `draw_id` draws, each of them once.
    ///
    /// # Errors
    /// If the time is not in UTC (CHAIN-05), or finer than microseconds, which no entry can say.
    pub fn new(
        store: &'s mut ProjectStore,
        at: &Rfc3339,
        draw_id: F,
    ) -> Result<Self, IssuingError> {
        if !at.is_utc() {
            let reason = format!("the time `{at}` is not in UTC: write the same instant with `Z`");
            return Err(Refusal::new("CHAIN-05", reason).into());
        }
        let written = Rfc3339::parse(&format!("{:.6}", at.instant().to_jiff()));
        let written =
            written.filter(|written| written.instant() == at.instant()).ok_or_else(|| {
                Refusal::new("CHAIN-04", format!("the time `{at}` is finer than microseconds"))
            })?;
        Ok(Self { store, at: written, draw_id })
    }

    /// The time.
    #[must_use]
    pub fn at(&self) -> &Rfc3339 {
        &self.at
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &ProjectStore {
        self.store
    }

    /// Draws an id.
    pub fn draw_id(&mut self) -> String {
        (self.draw_id)()
    }

    /// Issues a permit, and binds it to a request if there is one and it allows.
    ///
    /// Gives the bytes to send, if it was bound.
    ///
    /// # Errors
    /// If a rule forbids it, or it cannot be stored.
    pub fn issue(
        &mut self,
        permit: Permit,
        request: Option<&Value<'_>>,
    ) -> Result<Option<WireBody>, IssuingError> {
        if permit.parent_permit_id.is_some() {
            let reason = "a permit with a parent is made by delegation";
            return Err(Refusal::new("PERMIT-22", reason).into());
        }
        self.check_new(&permit)?;
        let permit = evaluated(permit)?;
        let bound = match request.filter(|_| permit.decision == Decision::Allow) {
            Some(request) => Some(WireBody::new(request)?),
            None => None,
        };
        let mut act = self.act()?;
        act.put(Record::Permit(Box::new(permit.clone())));
        act.evaluated(&permit)?;
        if permit.decision == Decision::Allow && permit.authority_envelope.is_some() {
            let stamp = act.stamp();
            act.governance(Some(&permit.id), issued_event(&permit, stamp))?;
        }
        if let Some(body) = &bound {
            act.bound(&permit.id, body.digest())?;
        }
        act.commit()?;
        Ok(bound)
    }

    /// Binds a permit to a request, and gives the bytes to send (PERMIT-05, CANON-11).
    ///
    /// # Errors
    /// If a rule forbids it, or it cannot be stored.
    pub fn bind(
        &mut self,
        permit_id: &PermitId,
        request: &Value<'_>,
    ) -> Result<WireBody, IssuingError> {
        let standing = self.open(permit_id)?;
        if standing.binding_request_hash().is_some() {
            let reason = format!("the permit `{permit_id}` is bound already, and stays so");
            return Err(Refusal::new("PERMIT-26", reason).into());
        }
        if standing.decision() != Decision::Allow {
            let decision = standing.decision();
            let reason =
                format!("the permit `{permit_id}` decides `{decision}` and is bound to no request");
            return Err(Refusal::new("PERMIT-06", reason).into());
        }
        self.not_expired(&standing)?;
        let permit = self.permit_as(&standing, PermitStatus::Evaluated)?;
        let (_, body) = IssuedPermit::<Evaluated>::resume(permit)?
            .bind(request)
            .map_err(|refused| refused.into_parts().1)?;
        let mut act = self.act()?;
        act.bound(standing.permit_id(), body.digest())?;
        act.commit()?;
        Ok(body)
    }

    /// Says that the request of a permit goes out now, with these bytes. Send them after this returned.
    ///
    /// Other bytes than those that were bound are not to be sent: a `permit.binding_violation` is recorded, and
    /// the dispatch is refused (PERMIT-27).
    ///
    /// # Errors
    /// If a rule forbids it, or it cannot be stored.
    pub fn dispatch(&mut self, permit_id: &PermitId, body: &[u8]) -> Result<(), IssuingError> {
        let standing = self.open(permit_id)?;
        if standing.dispatched_at().is_some() {
            let reason = format!("the request of the permit `{permit_id}` went out already");
            return Err(Refusal::new("permit-dispatched", reason).into());
        }
        let permit = self.permit_as(&standing, PermitStatus::Bound)?;
        let at = self.at.instant();
        match IssuedPermit::<Bound>::resume(permit)?.dispatch(body, at) {
            Ok(permit) => {
                let (id, hash) = (permit.id().clone(), permit.binding_request_hash());
                let mut act = self.act()?;
                let digest = Value::from(hash.to_string());
                act.event(
                    &id,
                    "dispatch.egress_bound",
                    "success",
                    [("dispatch_request_digest_v1", digest)],
                )?;
                let at = act.at.clone();
                act.put(Record::Dispatched { permit_id: id, at });
                act.commit()
            }
            Err(refused) => {
                let (permit, problem) = refused.into_parts();
                let StepProblem::BindingViolation(violation) = &problem else {
                    return Err(problem.into());
                };
                let mut act = self.act()?;
                let members = [
                    ("binding_request_hash", Value::from(violation.bound.to_string())),
                    ("actual_request_digest_v1", violation.actual.to_string().into()),
                ];
                let event =
                    act.event(permit.id(), "permit.binding_violation", "denied", members)?;
                act.commit()?;
                let refusal = Refusal::new("PERMIT-27", problem.to_string());
                Err(refusal.recorded_as(event.event_id.as_str()).into())
            }
        }
    }

    /// Closes the execution of a permit, and gives the signed closure.
    ///
    /// Response digests are recorded as events before it, since whoever verifies looks for them there (CLOSE-07).
    ///
    /// # Errors
    /// If a rule forbids it, the key does not sign, or it cannot be stored.
    pub fn close<S: Signer>(
        &mut self,
        permit_id: &PermitId,
        closing: &Closing,
        key: &PurposeKey<PermitBindingSigning, S>,
    ) -> Result<SealedClosure, IssuingError> {
        let standing = self.known(permit_id)?;
        if standing.closed().is_some() {
            let reason = format!("the execution of the permit `{permit_id}` was closed already");
            return Err(Refusal::new("permit-closed", reason).into());
        }
        if standing.decision() != Decision::Allow {
            let reason = format!("the permit `{permit_id}` allows nothing that could be closed");
            return Err(Refusal::new("PERMIT-06", reason).into());
        }
        if standing.dispatched_at().is_none() {
            self.not_revoked(&standing)?;
        }
        let permit = self.permit_as(&standing, standing.execution_status())?;
        let execution_id = (self.draw_id)();
        let sealed = closing.seal(&permit, &standing, &execution_id, &self.at, key)?;
        let id = permit.id.clone();
        check_closure(permit, &standing, &sealed)?;
        let mut act = self.act()?;
        for (event_type, member, digest) in closing.response_events() {
            act.event(&id, event_type, "success", [(member, Value::from(digest.to_string()))])?;
        }
        let payload = as_object(sealed.to_event_payload()).unwrap_or_default();
        let status = sealed.payload().closure_status;
        let outcome = if closing.is_success() { "success" } else { "failure" };
        act.append(Some(&id), EventInput::of_permit(&id, "permit.closed", outcome, payload))?;
        let envelope = to_value(&sealed.to_envelope())?;
        act.put(Record::Closure { permit_id: id, status, envelope });
        act.commit()?;
        Ok(sealed)
    }

    /// Takes a permit back, from now on, and gives the signed event.
    ///
    /// # Errors
    /// If a rule forbids it, the key does not sign, or it cannot be stored.
    pub fn revoke<S: Signer>(
        &mut self,
        input: &RevocationInput,
        key: &PurposeKey<PermitBindingSigning, S>,
    ) -> Result<permit_revocation::SignedRevocation, IssuingError> {
        let standing = self.known(&input.permit_id)?;
        self.not_revoked(&standing)?;
        if standing.closed().is_some() && !standing.has_authority() {
            let reason = format!(
                "the execution of the permit `{}` is closed, and it has no authority to take back",
                input.permit_id
            );
            return Err(Refusal::new("permit-closed", reason).into());
        }
        let permit = self.store.permit(&standing)?;
        let signed = Revocation {
            permit_id: permit.id.clone(),
            project_id: permit.project_id.clone(),
            actor_id: input.actor_id.clone(),
            actor_kind: input.actor_kind,
            reason_code: input.reason_code.clone(),
            revoked_at: self.at.clone(),
        }
        .issue(key)?;
        let mut act = self.act()?;
        let payload = as_object(signed.to_event_payload()).unwrap_or_default();
        let event = EventInput::of_permit(&permit.id, "permit.revoked", "success", payload);
        act.append(Some(&permit.id), event)?;
        let (permit_id, at) = (permit.id, act.at.clone());
        act.put(Record::Revocation { permit_id, at, event: signed.to_evidence() });
        act.commit()?;
        Ok(signed)
    }

    /// Hands a part of a permit's authority on to a new permit.
    ///
    /// A denial is recorded with all that somebody needs to judge it again, and an integrity digest over it, and
    /// then refused (PCHAIN-18).
    ///
    /// # Errors
    /// If a rule forbids it, or it cannot be stored.
    pub fn delegate(
        &mut self,
        request: DelegationRequest,
        denied_by_policy: Option<NonEmptyText>,
    ) -> Result<Permit, IssuingError> {
        self.check_new(&request.permit)?;
        let line = self.authority_line(&request.parent_permit_id)?;
        let denied = denied_by_policy.or_else(|| self.refused_ancestor(&request.parent_permit_id));
        match delegate(line.as_ref(), request, &Policy::of(denied)?) {
            Ok(child) => self.record_child(&child),
            Err(IssuanceError::Denied(denied)) => self.record_denial(&denied),
            Err(IssuanceError::Envelope(fault)) => Err(fault.into()),
            Err(IssuanceError::Permit(error)) => Err(error.into()),
            Err(other) => Err(IssuingError::Unwritable(other.to_string())),
        }
    }

    /// Appends an event that has no act of its own, and gives its entry.
    ///
    /// # Errors
    /// If a rule forbids it, or it cannot be stored.
    pub fn append(&mut self, event: EventInput) -> Result<ChainEntry, IssuingError> {
        if let Some((_, act)) = OWN_EVENTS.iter().find(|(own, _)| event.event_type == *own) {
            let reason =
                format!("`{}` is recorded by `{act}`, which checks what it says", event.event_type);
            return Err(Refusal::new("event-reserved", reason).into());
        }
        if let Some(member) = OWN_MEMBERS.into_iter().find(|own| event.payload.get(own).is_some()) {
            let reason = format!(
                "`{member}` is stated by `bind`, `dispatch` and `close` alone, which check it"
            );
            return Err(Refusal::new("event-reserved", reason).into());
        }
        let mut event = event;
        let permit_id = match event.permit_id.take() {
            Some(permit_id) => {
                let standing = self.known(&permit_id)?;
                let own = standing.permit_id().clone();
                if let Some(stated) = event.payload.get("permit_id")
                    && !stated
                        .as_str()
                        .is_some_and(|stated| stated.eq_ignore_ascii_case(own.as_str()))
                {
                    let reason = format!("the payload is about another permit than `{own}`");
                    return Err(Refusal::new("other-permit", reason).into());
                }
                event.payload.insert("permit_id", own.to_string());
                if event.resource_type.is_none() && event.resource_id.is_none() {
                    event.resource_type = Some("permit".to_owned());
                    event.resource_id = Some(own.to_string());
                }
                Some(own)
            }
            None => {
                if let Some(stated) = event.payload.get("permit_id").and_then(Value::as_str) {
                    let reason = format!(
                        "the payload is about the permit `{}`: name it, so that the event stands in its chain",
                        permit_canonical_json::Excerpt(stated)
                    );
                    return Err(Refusal::new("unknown-permit", reason).into());
                }
                None
            }
        };
        let mut act = self.act()?;
        let entry = act.append(permit_id.as_ref(), event)?;
        act.commit()?;
        Ok(entry)
    }

    /// Signs where all chains end, and gives the checkpoint.
    ///
    /// # Errors
    /// If there is no entry yet, the key does not sign, or it cannot be stored.
    pub fn checkpoint<S: Signer>(
        &mut self,
        checkpoint_id: CheckpointId,
        key: &PurposeKey<IntegrityCheckpoint, S>,
    ) -> Result<Value<'static>, IssuingError> {
        if self.store.counts().entries == 0 {
            let reason = "there is no entry yet whose place could be signed";
            return Err(Refusal::new("SEM-01", reason).into());
        }
        let mut draft = CheckpointDraft::new(checkpoint_id, self.at.clone());
        for head in self.store.heads() {
            draft = draft.head(head)?;
        }
        let document = draft.seal(key)?.to_value();
        let mut act = self.act()?;
        act.put(Record::Checkpoint(document.clone()));
        act.commit()?;
        Ok(document)
    }

    fn act(&mut self) -> Result<Act<'_>, IssuingError> {
        let Self { store, at, draw_id } = self;
        Ok(Act { transaction: store.transaction()?, at, draw_id })
    }

    /// A permit whose time has not run out and that nobody took back or closed.
    fn open(&self, permit_id: &PermitId) -> Result<PermitStanding, IssuingError> {
        let standing = self.known(permit_id)?;
        if standing.closed().is_some() {
            let reason = format!("the execution of the permit `{permit_id}` is closed");
            return Err(Refusal::new("permit-closed", reason).into());
        }
        self.not_revoked(&standing)?;
        Ok(standing)
    }

    fn known(&self, permit_id: &PermitId) -> Result<PermitStanding, IssuingError> {
        let standing = self.store.state(permit_id);
        let standing = standing.ok_or_else(|| Refusal::unknown_permit(permit_id))?;
        if self.at.instant() < standing.last_at() {
            let reason = format!(
                "at {} something happened to the permit `{permit_id}`, which is after {}",
                standing.last_at(),
                self.at
            );
            return Err(Refusal::new("time-order", reason).into());
        }
        Ok(standing.clone())
    }

    fn not_revoked(&self, standing: &PermitStanding) -> Result<(), IssuingError> {
        match standing.revoked_at() {
            None => Ok(()),
            Some(at) => {
                let reason = format!("the permit `{}` was revoked at {at}", standing.permit_id());
                Err(Refusal::new("permit-revoked", reason).into())
            }
        }
    }

    fn not_expired(&self, standing: &PermitStanding) -> Result<(), IssuingError> {
        match standing.expires_at().filter(|_| standing.is_expired(self.at.instant())) {
            None => Ok(()),
            Some(at) => {
                let reason = format!("the permit `{}` expired at {at}", standing.permit_id());
                Err(Refusal::new("permit-expired", reason).into())
            }
        }
    }

    fn permit_as(
        &self,
        standing: &PermitStanding,
        status: PermitStatus,
    ) -> Result<Permit, IssuingError> {
        let permit = self.store.permit(standing)?;
        Ok(Permit { status: Some(status.as_str().to_owned()), ..permit })
    }

    fn check_new(&self, permit: &Permit) -> Result<(), IssuingError> {
        let project = self.store.project().map_or("", |project| project.project_id.as_str());
        if !permit.project_id.as_str().eq_ignore_ascii_case(project) {
            let reason = format!(
                "the permit is of the project `{}`, and this store of `{project}`",
                permit.project_id
            );
            return Err(Refusal::new("PCHAIN-36", reason).into());
        }
        if self.store.state(&permit.id).is_some() {
            let reason = format!("there is a permit `{}` already", permit.id);
            return Err(Refusal::new("permit-known", reason).into());
        }
        if self.at.instant() < permit.created_at.instant() {
            let reason = format!(
                "the permit was decided at {}, which is after {}",
                permit.created_at, self.at
            );
            return Err(Refusal::new("time-order", reason).into());
        }
        match &permit.expires_at {
            Some(expires_at) if expires_at.instant() <= self.at.instant() => {
                let reason = format!("the permit would have expired at {expires_at}");
                Err(Refusal::new("permit-expired", reason).into())
            }
            _ => Ok(()),
        }
    }

    /// The authority of a permit, built anew from the root down; none if there is no such permit or
    /// authority.
    fn authority_line(&self, permit_id: &PermitId) -> Result<Option<AuthorityLine>, IssuingError> {
        let Some(standing) = self.store.state(permit_id).filter(|leaf| leaf.has_authority()) else {
            return Ok(None);
        };
        let mut upwards = vec![self.store.permit(standing)?];
        while let Some(parent) = upwards.last().and_then(|last| last.parent_permit_id.clone()) {
            let Some(standing) = self.store.state(&parent) else { return Ok(None) };
            upwards.push(self.store.permit(standing)?);
        }
        let mut line: Option<AuthorityLine> = None;
        for permit in upwards.into_iter().rev() {
            let Some(envelope) = permit.authority_envelope.clone() else { return Ok(None) };
            line = Some(match line {
                None => AuthorityLine::root(permit.project_id, permit.id, &envelope)?,
                Some(above) => {
                    let envelope = ChildEnvelope::within(&above, envelope);
                    let envelope =
                        envelope.map_err(|error| IssuingError::Chain(error.to_string()))?;
                    ChildPermit::new(&above, envelope, permit)?.authority().clone()
                }
            });
        }
        Ok(line)
    }

    /// Why no authority of a permit is handed on: it, or one above it, was revoked or has expired.
    fn refused_ancestor(&self, permit_id: &PermitId) -> Option<NonEmptyText> {
        let mut next = Some(permit_id.clone());
        while let Some(standing) = next.and_then(|id| self.store.state(&id)) {
            if standing.revoked_at().is_some() {
                return NonEmptyText::parse("parent.revoked");
            }
            if standing.is_expired(self.at.instant()) {
                return NonEmptyText::parse("parent.expired");
            }
            next = standing.parent().cloned();
        }
        None
    }

    fn record_child(&mut self, child: &ChildPermit) -> Result<Permit, IssuingError> {
        let permit = evaluated(child.permit().clone())?;
        let mut act = self.act()?;
        act.put(Record::Permit(Box::new(permit.clone())));
        act.evaluated(&permit)?;
        let (issued, delegated) = (act.stamp(), act.stamp());
        for event in child.events(issued, delegated) {
            act.governance(Some(&permit.id), event)?;
        }
        act.commit()?;
        Ok(permit)
    }

    fn record_denial(&mut self, denied: &DeniedDelegation) -> Result<Permit, IssuingError> {
        let mut act = self.act()?;
        let stamp = act.stamp();
        let event = act.governance(None, denied.event(stamp))?;
        let stamp = act.stamp();
        act.governance(None, integrity_digest(std::slice::from_ref(&event), stamp)?)?;
        act.commit()?;
        let ground = denied.ground();
        let rule = match ground {
            DenialGround::OtherProject => "PCHAIN-36",
            DenialGround::Policy { .. } => "PCHAIN-24",
            _ if ground.failed_fields() == ["expires_at"] => "PCHAIN-13",
            _ => "PCHAIN-12",
        };
        let fields = ground.failed_fields().join("`, `");
        let fields = if fields.is_empty() { fields } else { format!(" in `{fields}`") };
        let reason = format!("the delegation was denied: {}{fields}", ground.reason_code());
        Err(Refusal::new(rule, reason).recorded_as(event.entry().event_id.as_str()).into())
    }
}

impl EventInput {
    fn of_permit(
        permit_id: &PermitId,
        event_type: &str,
        outcome: &str,
        payload: Object<'static>,
    ) -> Self {
        let permit_id = permit_id.to_string();
        Self {
            event_id: None,
            event_type: event_type.to_owned(),
            permit_id: None,
            resource_type: Some("permit".to_owned()),
            resource_id: Some(permit_id),
            outcome: Some(outcome.to_owned()),
            severity: if outcome == "denied" { "warning" } else { "info" }.to_owned(),
            payload,
        }
    }
}

/// One act: its events and records, stored together.
struct Act<'a> {
    transaction: Transaction<'a>,
    at: &'a Rfc3339,
    draw_id: &'a mut dyn FnMut() -> String,
}

impl Act<'_> {
    fn put(&mut self, record: Record) {
        self.transaction.put(record);
    }

    fn commit(self) -> Result<(), IssuingError> {
        Ok(self.transaction.commit()?)
    }

    fn stamp(&mut self) -> EventStamp {
        EventStamp::new(&(self.draw_id)(), self.at.instant())
    }

    fn evaluated(&mut self, permit: &Permit) -> Result<(), IssuingError> {
        let outcome = match permit.decision {
            Decision::Allow => "success",
            Decision::Deny => "denied",
            Decision::Challenge => "challenged",
        };
        let members = [
            ("decision", Value::from(permit.decision.as_str())),
            ("policy_id", permit.policy_id.clone().into()),
        ];
        self.event(&permit.id, "permit.evaluated", outcome, members)?;
        Ok(())
    }

    fn bound(&mut self, permit_id: &PermitId, hash: Sha256Digest) -> Result<(), IssuingError> {
        let members = [("binding_request_hash", Value::from(hash.to_string()))];
        self.event(permit_id, "permit.bound", "success", members)?;
        self.put(Record::Bound { permit_id: permit_id.clone(), binding_request_hash: hash });
        Ok(())
    }

    fn event<const N: usize>(
        &mut self,
        permit_id: &PermitId,
        event_type: &str,
        outcome: &str,
        members: [(&'static str, Value<'static>); N],
    ) -> Result<ChainEntry, IssuingError> {
        let mut payload = Object::default();
        payload.insert("permit_id", permit_id.to_string());
        for (name, value) in members {
            payload.insert(name, value);
        }
        self.append(Some(permit_id), EventInput::of_permit(permit_id, event_type, outcome, payload))
    }

    fn append(
        &mut self,
        permit_id: Option<&PermitId>,
        event: EventInput,
    ) -> Result<ChainEntry, IssuingError> {
        let draft = EventDraft {
            event_id: EventId::new(event.event_id.unwrap_or_else(|| (self.draw_id)())),
            event_type: EventType::new(event.event_type),
            resource_type: event.resource_type,
            resource_id: event.resource_id,
            outcome: event.outcome,
            severity: event.severity,
            payload_json: OpenObject::from(event.payload),
            created_at: self.at.instant(),
        };
        let mut chain = self.chain(permit_id);
        Ok(chain.append_to(&mut self.transaction, &draft)?)
    }

    fn governance(
        &mut self,
        permit_id: Option<&PermitId>,
        event: GovernanceEvent,
    ) -> Result<RecordedEvent, IssuingError> {
        let mut chain = self.chain(permit_id);
        let event = event.store_in(&mut chain, &mut self.transaction)?;
        self.transaction.members_of_last(event.as_object());
        Ok(event)
    }

    fn chain(&self, permit_id: Option<&PermitId>) -> Appender {
        let scope = self.transaction.store().chain_of(permit_id);
        Appender::new(self.transaction.head_of(&scope))
    }
}

/// The policy of issuance of this store: what was revoked or has expired hands nothing on.
struct Policy {
    decision: ExecutionDecision,
    reason_code: NonEmptyText,
}

impl IssuancePolicy for Policy {
    fn evaluate_issuance(&self, _: &DelegationRequest, _: &AuthorityLine) -> PolicyAnswer {
        let (decision, reason_code) = (self.decision, self.reason_code.clone());
        PolicyAnswer { decision, reason_code, policy: Sha256Digest::of(POLICY.as_bytes()) }
    }
}

impl Policy {
    fn of(denied: Option<NonEmptyText>) -> Result<Self, IssuingError> {
        let (decision, reason_code) = match denied {
            Some(reason_code) => (ExecutionDecision::Deny, Some(reason_code)),
            None => (ExecutionDecision::Allow, NonEmptyText::parse("delegation.within_parent")),
        };
        let reason_code = reason_code.ok_or_else(|| IssuingError::Chain("no reason".to_owned()))?;
        Ok(Self { decision, reason_code })
    }
}

/// What `PermitDraft` checks, for a permit that came as a whole.
fn evaluated(permit: Permit) -> Result<Permit, IssuingError> {
    Ok(match permit.decision {
        Decision::Allow => IssuedPermit::<Evaluated>::issue(permit)?.into_permit(),
        Decision::Deny | Decision::Challenge => {
            IssuedPermit::<Refused>::issue(permit)?.into_permit()
        }
    })
}

/// The closure as the permit's type judges it, once more, before anything is stored.
fn check_closure(
    permit: Permit,
    standing: &PermitStanding,
    sealed: &SealedClosure,
) -> Result<(), IssuingError> {
    let payload = sealed.payload();
    let refused = match standing.execution_status() {
        PermitStatus::Dispatched => IssuedPermit::<Dispatched>::resume(permit)?
            .close(payload)
            .err()
            .map(|refused| refused.into_parts().1),
        PermitStatus::Bound => IssuedPermit::<Bound>::resume(permit)?
            .close(payload)
            .err()
            .map(|refused| refused.into_parts().1),
        _ => IssuedPermit::<Evaluated>::resume(permit)?
            .close(payload)
            .err()
            .map(|refused| refused.into_parts().1),
    };
    match refused {
        None => Ok(()),
        Some(problem) => Err(problem.into()),
    }
}

const POLICY: &str = "permit-issuing: authority is handed on unless it was revoked or has expired";

/// Members of payloads that closures are compared with (CLOSE-07, CLOSE-08).
const OWN_MEMBERS: [&str; 4] = [
    "binding_request_hash",
    "client_response_digest_v1",
    "dispatch_request_digest_v1",
    "provider_response_digest_v1",
];

/// Events that say something which an act checks.
const OWN_EVENTS: [(&str, &str); 11] = [
    ("audit.integrity_digest", "delegate"),
    ("dispatch.egress_bound", "dispatch"),
    ("permit.binding_violation", "dispatch"),
    ("permit.bound", "bind"),
    ("permit.closed", "close"),
    ("permit.delegated", "delegate"),
    ("permit.delegated_denied", "delegate"),
    ("permit.evaluated", "permit"),
    ("permit.issued", "permit"),
    ("permit.revoked", "revoke"),
    ("permit.created", "permit"),
];
