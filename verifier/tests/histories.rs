// SPDX-License-Identifier: Apache-2.0

//! Issuing and verifying as one: whatever an issuer may do, in whatever order, gives an export that
//! holds; whatever it may not do is refused and leaves everything as it was (issue side of PERMIT-05,
//! -06, -07, -26, -27, CHAIN-05 to -09, CLOSE-05 to -12, REVOKE-02, PCHAIN-12, -18, BUNDLE-03 to -06).
//!
//! A naive model, a word for each permit, says which of the two is to happen.

#![cfg(test)]

mod evidence;

use evidence::{PROJECT, binding_key, both_layers, export_key, json, key_manifest, verify_bytes};
use permit_canonical_json::{Budget, Object, Profile, Sha256Digest, Value, WireBody, to_value};
use permit_chain::{Appender, ChainHead, EventDraft, EventStamp, MemoryChainStore};
use permit_closure::{
    BoundPermit, ClosureDraft, Execution, LifecycleEvent, NotDispatched, Outcome, SealedClosure,
};
use permit_decision::DecisionDraft;
use permit_delegation::{
    AuthorityLine, DelegationRequest, GovernanceEvent, IssuanceError, IssuancePolicy, PolicyAnswer,
    delegate, integrity_digest,
};
use permit_export_bundle::{
    BundleEntries, BundleHead, BundleWriter, EventForm, EventWriter, ExportFacts,
    ExportWriterOptions, Layout, ManifestDraft,
};
use permit_keys::KeyManifest;
use permit_pins::{Pin, PinWriter, RequestedClaim};
use permit_revocation::Revocation;
use permit_types::{
    ActorId, ActorKind, AuditExportRecord, AuthorityEnvelope, ChainEntry, ChainScope, Decision,
    Evaluated, EventId, ExecutionDecision, Instant, IssuedPermit, NonEmptyText, Permit,
    PermitDraft, PermitFacts, PermitId, ProjectId, RevocationReasonCode, Rfc3339, RootAuthority,
    Severity, StoredPermit, UniqueArray,
};
use permit_verifier::{
    Claim, NamedFile, NoFolder, Outcome as Judged, Report, Trust, Verdict, judge_delegation_denied,
};
use proptest::prelude::*;

/// Something that an issuer tries. Permits are named by an index that wraps around.
#[derive(Clone, Debug)]
enum Op {
    Issue {
        decision: Decision,
        ends_after: Option<u8>,
        root: bool,
        signed: bool,
    },
    Bind(usize),
    Dispatch {
        permit: usize,
        tampered: bool,
    },
    Close {
        permit: usize,
        ending: Ending,
        provider: bool,
        client: bool,
    },
    CloseWithThatOf {
        permit: usize,
        other: usize,
    },
    Revoke {
        permit: usize,
        fault: Option<RevokeFault>,
    },
    Expire(usize),
    Delegate {
        parent: usize,
        exceeding: bool,
        forbidden: bool,
    },
    /// An event whose type could be mistaken for another (CHAIN-01).
    AppendWithSeparator(usize),
    /// Time passes.
    Wait(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Closed,
    Disconnected,
    ProviderError,
    Timeout,
    ProviderUnknown,
    ClientUnknown,
    DispatchError,
    Missing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RevokeFault {
    OtherProject,
    TooEarly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Version1,
    InRecords,
    AtBundle,
    Document,
    Lines,
}

#[derive(Clone, Copy, Debug)]
struct Export {
    form: Form,
    compressed: bool,
    pretty: bool,
    announced: bool,
    pinned: bool,
}

/// A permit of the issuer.
#[derive(Debug)]
struct Slot {
    /// Taken out while a step is tried.
    permit: Option<StoredPermit>,
    scope: usize,
    entries: Vec<ChainEntry>,
    request: Value<'static>,
    authority: Option<AuthorityLine>,
    /// What the chain says that came back and was handed over.
    provider: Option<Sha256Digest>,
    client: Option<Sha256Digest>,
    closure: Option<SealedClosure>,
}

/// What the model knows of a permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sketch {
    word: &'static str,
    sent: bool,
    closure: bool,
    root: bool,
    ends: Option<i64>,
}

/// An event as it is exported.
enum Logged {
    Entry(Box<ChainEntry>),
    /// One that says more than its entry.
    Event(Object<'static>),
}

struct Issuer {
    clock: i64,
    store: MemoryChainStore,
    chains: [Appender; 2],
    slots: Vec<Slot>,
    events: u64,
    /// Events as they are exported, in order.
    log: Vec<Logged>,
    denials: Vec<String>,
    sketches: Vec<Sketch>,
}

impl Issuer {
    fn new() -> Self {
        let chain = |number: usize| {
            Appender::new(ChainHead::empty(ChainScope::new(format!("project:{number}"))))
        };
        Self {
            clock: 0,
            store: MemoryChainStore::new(),
            chains: [chain(0), chain(1)],
            slots: Vec::new(),
            events: 0,
            log: Vec::new(),
            denials: Vec::new(),
            sketches: Vec::new(),
        }
    }

    fn at(&self) -> Instant {
        self.time(self.clock).instant()
    }

    fn time(&self, clock: i64) -> Rfc3339 {
        let (hours, rest) = (12 + clock.div_euclid(3600), clock.rem_euclid(3600));
        let text = format!("2026-05-07T{hours:02}:{:02}:{:02}.000000Z", rest / 60, rest % 60);
        Rfc3339::parse(&text).expect("histories are shorter than a day")
    }

    fn stamp(&mut self) -> EventStamp {
        self.events += 1;
        EventStamp::new(&format!("evt-{}", self.events), self.at())
    }

    /// Appends an event about a permit.
    fn append(&mut self, slot: usize, draft: &EventDraft) -> bool {
        let scope = self.slots[slot].scope;
        match self.chains[scope].append_to(&mut self.store, draft) {
            Ok(entry) => {
                self.log.push(Logged::Entry(Box::new(entry.clone())));
                self.slots[slot].entries.push(entry);
                true
            }
            Err(_) => false,
        }
    }

    fn happened(&mut self, slot: usize, event: impl FnOnce(&Self) -> EventDraft) {
        let draft = event(self);
        assert!(self.append(slot, &draft), "{draft:?}");
    }

    fn record_governance(
        &mut self,
        slot: usize,
        event: GovernanceEvent,
    ) -> permit_delegation::RecordedEvent {
        let scope = self.slots[slot].scope;
        let recorded =
            event.store_in(&mut self.chains[scope], &mut self.store).expect("honest events");
        self.log.push(Logged::Event(recorded.as_object().clone()));
        self.slots[slot].entries.push(recorded.entry().clone());
        recorded
    }

    fn facts(&self, number: usize, request: &Value<'_>) -> PermitFacts {
        PermitFacts {
            id: PermitId::parse(&evidence::permit_id(u32::try_from(number).expect("few") + 1))
                .expect("an id"),
            project_id: project(),
            subject_type: "agent".into(),
            subject_id: format!("agent-{number}"),
            action_name: "responses.create".into(),
            resource_provider: "provider".into(),
            resource_model: "model".into(),
            estimated_input_tokens: 10,
            estimated_output_tokens: 20,
            policy_id: "p".into(),
            policy_version: "1".into(),
            idempotency_key: format!("k{number}"),
            request_fingerprint: PermitFacts::request_fingerprint(request).expect("no floats"),
            created_at: self.time(self.clock),
        }
    }

    fn push(&mut self, permit: StoredPermit, request: Value<'static>, sketch: Sketch) -> usize {
        let number = self.slots.len();
        self.slots.push(Slot {
            permit: Some(permit),
            scope: number % 2,
            entries: Vec::new(),
            request,
            authority: None,
            provider: None,
            client: None,
            closure: None,
        });
        self.sketches.push(sketch);
        number
    }

    fn index(&self, wanted: usize) -> Option<usize> {
        wanted.checked_rem(self.slots.len())
    }

    /// Tries something; says whether it was accepted.
    fn try_op(&mut self, op: &Op) -> bool {
        self.clock += 1;
        match op {
            Op::Issue { decision, ends_after, root, signed } => {
                self.issue(*decision, *ends_after, *root, *signed);
                true
            }
            Op::Bind(permit) => self.on(*permit, |issuer, slot, permit| issuer.bind(slot, permit)),
            Op::Dispatch { permit, tampered } => {
                let tampered = *tampered;
                self.on(*permit, |issuer, slot, permit| issuer.dispatch(slot, permit, tampered))
            }
            Op::Close { permit, ending, provider, client } => {
                let (ending, provider, client) = (*ending, *provider, *client);
                self.on(*permit, |issuer, slot, permit| {
                    issuer.close(slot, permit, ending, provider, client)
                })
            }
            Op::CloseWithThatOf { permit, other } => self.close_with_that_of(*permit, *other),
            Op::Revoke { permit, fault } => {
                let fault = *fault;
                self.on(*permit, |issuer, slot, permit| issuer.revoke(slot, permit, fault))
            }
            Op::Expire(permit) => {
                self.on(*permit, |issuer, slot, permit| issuer.expire(slot, permit))
            }
            Op::Delegate { parent, exceeding, forbidden } => {
                self.delegate(*parent, *exceeding, *forbidden)
            }
            Op::AppendWithSeparator(permit) => self.append_with_separator(*permit),
            Op::Wait(seconds) => {
                self.clock += i64::from(*seconds);
                true
            }
        }
    }

    /// Takes a permit out, lets `step` try something, and puts back what comes of it.
    fn on(
        &mut self,
        wanted: usize,
        step: impl FnOnce(&mut Self, usize, StoredPermit) -> (StoredPermit, bool),
    ) -> bool {
        let Some(slot) = self.index(wanted) else { return false };
        let permit = self.slots[slot].permit.take().expect("permits are put back");
        let (permit, accepted) = step(self, slot, permit);
        self.slots[slot].permit = Some(permit);
        accepted
    }

    fn issue(&mut self, decision: Decision, ends_after: Option<u8>, root: bool, signed: bool) {
        let number = self.slots.len();
        let request = json(&format!(
            r#"{{"model": "model", "n": {number}, "X-Request-Id": "{number}", "text": "é 漢 |"}}"#
        ));
        let mut draft = PermitDraft::new(self.facts(number, &request));
        let mut ends = ends_after.map(|seconds| self.clock + i64::from(seconds));
        draft.expires_at = ends.map(|ends| self.time(ends));
        draft.code = Some("policy".into());
        let envelope = envelope(&["read", "write"], self.time(40_000));
        if root {
            ends = Some(40_000);
            let version = NonEmptyText::parse("authority-envelope.v0").expect("text");
            draft.authority = Some(RootAuthority { envelope: envelope.clone(), version });
        }
        let (permit, word) = match decision {
            Decision::Allow => {
                (StoredPermit::Evaluated(draft.allow("yes").expect("an honest draft")), "evaluated")
            }
            Decision::Deny => {
                (StoredPermit::Refused(draft.deny("no").expect("an honest draft")), "refused")
            }
            Decision::Challenge => {
                (StoredPermit::Refused(draft.challenge("ask").expect("an honest draft")), "refused")
            }
        };
        let root = root && decision == Decision::Allow;
        let sketch = Sketch { word, sent: false, closure: false, root, ends };
        let slot = self.push(permit, request, sketch);
        if root {
            let id = self.permit(slot).id.clone();
            let line = AuthorityLine::root(project(), id, &envelope).expect("a canonical envelope");
            self.slots[slot].authority = Some(line);
        }
        let stamp = self.stamp();
        let mut event = LifecycleEvent::Evaluated(self.permit(slot)).draft(stamp);
        if signed {
            let permit = self.permit(slot);
            let at = permit.created_at.clone();
            let (id, project) = (permit.id.clone(), permit.project_id.clone());
            let decided = DecisionDraft::new(id, project, decision, at.clone());
            let decided = decided.seal(&binding_key(), at).expect("software keys sign");
            let mut payload = event.payload_json.clone().into_object();
            payload.insert("permit_decision", decided.to_evidence());
            event.payload_json = payload.into();
        }
        assert!(self.append(slot, &event));
    }

    fn permit(&self, slot: usize) -> &Permit {
        self.slots[slot].permit.as_ref().expect("permits are put back").permit()
    }

    fn bind(&mut self, slot: usize, permit: StoredPermit) -> (StoredPermit, bool) {
        let StoredPermit::Evaluated(permit) = permit else { return (permit, false) };
        let request = self.slots[slot].request.clone();
        let (bound, body) = permit.bind(&request).expect("the request has no floats");
        assert_eq!(bound.binding_request_hash(), Sha256Digest::of(body.text().as_bytes()));
        let stamp = self.stamp();
        self.happened(slot, |_| LifecycleEvent::Bound(&bound).draft(stamp));
        self.sketches[slot].word = "bound";
        (StoredPermit::Bound(bound), true)
    }

    fn dispatch(
        &mut self,
        slot: usize,
        permit: StoredPermit,
        tampered: bool,
    ) -> (StoredPermit, bool) {
        let StoredPermit::Bound(permit) = permit else { return (permit, false) };
        let body = WireBody::new(&self.slots[slot].request).expect("no floats");
        let mut bytes = body.text().as_bytes().to_vec();
        if tampered {
            bytes.push(b' ');
        }
        match permit.dispatch(&bytes, self.at()) {
            Ok(sent) => {
                let stamp = self.stamp();
                self.happened(slot, |_| LifecycleEvent::Dispatched(&sent).draft(stamp));
                self.sketches[slot].word = "dispatched";
                self.sketches[slot].sent = true;
                (StoredPermit::Dispatched(sent), true)
            }
            Err(refused) => {
                let (permit, reason) = refused.into_parts();
                let is_violation = matches!(reason, permit_types::StepProblem::BindingViolation(_));
                assert_eq!(is_violation, tampered, "{reason}");
                if let permit_types::StepProblem::BindingViolation(violation) = &reason {
                    assert_eq!(reason.rule().as_str(), "PERMIT-27");
                    let stamp = self.stamp();
                    let event = LifecycleEvent::BindingViolated(violation).draft(stamp);
                    assert!(self.append(slot, &event));
                }
                (StoredPermit::Bound(permit), false)
            }
        }
    }

    /// The events of what came back, as far as the closure will state it.
    fn responses(&mut self, slot: usize, provider: bool, client: bool) {
        let permit_id =
            PermitId::parse(&evidence::permit_id(u32::try_from(slot).expect("few") + 1));
        let permit_id = &permit_id.expect("an id");
        if provider {
            let digest = Sha256Digest::of(format!("response {slot}").as_bytes());
            self.slots[slot].provider = Some(digest);
            let stamp = self.stamp();
            self.happened(slot, |_| {
                LifecycleEvent::ProviderResponded { permit_id, digest }.draft(stamp)
            });
        }
        if client {
            let digest = Sha256Digest::of(format!("served {slot}").as_bytes());
            self.slots[slot].client = Some(digest);
            let stamp = self.stamp();
            self.happened(slot, |_| {
                LifecycleEvent::ClientServed { permit_id, digest }.draft(stamp)
            });
        }
    }

    fn execution(&self, slot: usize) -> Execution {
        let time = || self.time(self.clock);
        Execution {
            execution_id: NonEmptyText::parse(&format!("exec-{slot}")).expect("text"),
            correlation_id: None,
            provider: Some("provider".into()),
            model: Some("model".into()),
            status_code: Some(200),
            provider_response_id: None,
            request_created_at: time(),
            started_at: time(),
            completed_at: time(),
            provider_response_received_at: None,
            client_response_delivered_at: None,
            usage_reported_at: None,
            closure_signed_at: time(),
        }
    }

    fn close(
        &mut self,
        slot: usize,
        permit: StoredPermit,
        ending: Ending,
        provider: bool,
        client: bool,
    ) -> (StoredPermit, bool) {
        if self.sketches[slot].closure {
            return (permit, false);
        }
        let is_sent = self.sketches[slot].sent;
        let ends_open = matches!(
            permit,
            StoredPermit::Evaluated(_) | StoredPermit::Bound(_) | StoredPermit::Dispatched(_)
        );
        let ends_revoked =
            matches!(permit, StoredPermit::Revoked(_) | StoredPermit::Expired(_)) && is_sent;
        let fits = match ending {
            Ending::Missing | Ending::Disconnected | Ending::Timeout | Ending::DispatchError => {
                true
            }
            _ => is_sent,
        };
        if !(ends_open || ends_revoked) || !fits {
            return (permit, false);
        }
        let execution = self.execution(slot);
        let draft = if ending == Ending::Missing {
            ClosureDraft::missing(permit.permit(), execution)
        } else if is_sent && ending != Ending::DispatchError {
            let provider = provider || matches!(ending, Ending::Closed | Ending::ClientUnknown);
            let provider = provider && ending != Ending::ProviderUnknown;
            let client = client || ending == Ending::Closed;
            let client = client && ending != Ending::ClientUnknown;
            self.responses(slot, provider, client);
            let (provider, client) = (self.slots[slot].provider, self.slots[slot].client);
            let outcome = match (ending, provider, client) {
                (Ending::Closed, Some(provider), Some(client)) => {
                    Outcome::Closed { provider, client }
                }
                (Ending::Disconnected, ..) => Outcome::ClientDisconnected { provider, client },
                (Ending::ProviderError, ..) => Outcome::ProviderError { provider, client },
                (Ending::Timeout, ..) => Outcome::Timeout { provider, client },
                (Ending::ProviderUnknown, ..) => Outcome::ProviderDigestMissing { client },
                (Ending::ClientUnknown, Some(provider), _) => {
                    Outcome::ClientDigestMissing { provider }
                }
                other => panic!("{other:?}"),
            };
            let bound = BoundPermit::of(permit.permit()).expect("what was sent was bound");
            ClosureDraft::dispatched(&bound, outcome, execution)
        } else {
            self.responses(slot, false, client);
            let client = self.slots[slot].client;
            let outcome = match ending {
                Ending::DispatchError => NotDispatched::DispatchError { client },
                Ending::Disconnected => NotDispatched::ClientDisconnected { client },
                _ => NotDispatched::Timeout { client },
            };
            ClosureDraft::not_dispatched(permit.permit(), outcome, execution)
        };
        let closure = draft.seal(&binding_key()).expect("software keys sign");
        let stamp = self.stamp();
        self.happened(slot, |_| LifecycleEvent::Closed(&closure).draft(stamp));
        let permit = match permit {
            StoredPermit::Evaluated(permit) => closed(&closure, permit),
            StoredPermit::Bound(permit) => closed(&closure, permit),
            StoredPermit::Dispatched(permit) => closed(&closure, permit),
            ended => ended,
        };
        self.slots[slot].closure = Some(closure);
        self.sketches[slot].closure = true;
        if ends_open {
            self.sketches[slot].word = "closed";
        }
        (permit, true)
    }

    /// A closure ends no permit but its own.
    fn close_with_that_of(&mut self, permit: usize, other: usize) -> bool {
        let (Some(slot), Some(other)) = (self.index(permit), self.index(other)) else {
            return false;
        };
        let Some(closure) = self.slots[other].closure.clone().filter(|_| slot != other) else {
            return false;
        };
        self.on(slot, |_, _, permit| match permit {
            StoredPermit::Dispatched(permit) => {
                let refused = closure.close(permit).expect_err("that of another permit");
                let (permit, reason) = refused.into_parts();
                assert_eq!(reason.rule().as_str(), "PERMIT-28");
                (StoredPermit::Dispatched(permit), false)
            }
            permit => (permit, false),
        })
    }

    fn revoke(
        &mut self,
        slot: usize,
        permit: StoredPermit,
        fault: Option<RevokeFault>,
    ) -> (StoredPermit, bool) {
        let other = ProjectId::parse("00000000-0000-4000-8000-0000000000b2").expect("an id");
        let revocation = Revocation {
            permit_id: permit.permit().id.clone(),
            project_id: if fault == Some(RevokeFault::OtherProject) { other } else { project() },
            actor_id: ActorId::parse("00000000-0000-4000-8000-0000000000c1").expect("an id"),
            actor_kind: ActorKind::User,
            reason_code: RevocationReasonCode::parse("operator.requested").expect("a code"),
            revoked_at: match fault {
                Some(RevokeFault::TooEarly) => self.time(-60),
                _ => self.time(self.clock),
            },
        };
        let signed = revocation.issue(&binding_key()).expect("software keys sign");
        macro_rules! step {
            ($permit:ident, $state:ident) => {
                match signed.revoke($permit) {
                    Ok(revoked) => (StoredPermit::Revoked(revoked), true),
                    Err(refused) => {
                        assert!(fault.is_some(), "{refused}");
                        (StoredPermit::$state(refused.into_parts().0), false)
                    }
                }
            };
        }
        let (permit, accepted) = match permit {
            StoredPermit::Evaluated(permit) => step!(permit, Evaluated),
            StoredPermit::Refused(permit) => step!(permit, Refused),
            StoredPermit::Bound(permit) => step!(permit, Bound),
            StoredPermit::Dispatched(permit) => step!(permit, Dispatched),
            ended => (ended, false),
        };
        if accepted {
            let stamp = self.stamp();
            self.happened(slot, |_| signed.to_event(EventId::new(stamp.event_id.as_str())));
            self.sketches[slot].word = "revoked";
        }
        (permit, accepted)
    }

    fn expire(&mut self, slot: usize, permit: StoredPermit) -> (StoredPermit, bool) {
        let at = self.at();
        macro_rules! step {
            ($permit:ident, $state:ident) => {
                match $permit.expire(at) {
                    Ok(expired) => (StoredPermit::Expired(expired), true),
                    Err(refused) => (StoredPermit::$state(refused.into_parts().0), false),
                }
            };
        }
        let (permit, accepted) = match permit {
            StoredPermit::Evaluated(permit) => step!(permit, Evaluated),
            StoredPermit::Refused(permit) => step!(permit, Refused),
            StoredPermit::Bound(permit) => step!(permit, Bound),
            StoredPermit::Dispatched(permit) => step!(permit, Dispatched),
            ended => (ended, false),
        };
        if let StoredPermit::Expired(expired) = &permit
            && accepted
        {
            let stamp = self.stamp();
            self.happened(slot, |_| LifecycleEvent::Expired(expired).draft(stamp));
            self.sketches[slot].word = "expired";
        }
        (permit, accepted)
    }

    fn delegate(&mut self, parent: usize, exceeding: bool, forbidden: bool) -> bool {
        let Some(parent) = self.index(parent) else { return false };
        let number = self.slots.len();
        let request = json(&format!(r#"{{"model": "model", "child": {number}}}"#));
        let draft = PermitDraft::new(self.facts(number, &request));
        let actions: &[&str] = if exceeding { &["read", "delete"] } else { &["read"] };
        let asked = DelegationRequest {
            parent_permit_id: self.permit(parent).id.clone(),
            permit: draft.allow("a part of it").expect("an honest draft").into_permit(),
            envelope: envelope(actions, self.time(30_000)),
        };
        let policy = Policy { allows: !forbidden };
        let authority = self.slots[parent].authority.clone();
        match delegate(authority.as_ref(), asked, &policy) {
            Ok(child) => {
                let permit = IssuedPermit::<Evaluated>::issue(child.permit().clone())
                    .expect("a whole permit");
                let (word, ends) = ("evaluated", Some(30_000));
                let sketch = Sketch { word, sent: false, closure: false, root: true, ends };
                let slot = self.push(StoredPermit::Evaluated(permit), request, sketch);
                self.slots[slot].authority = Some(child.authority().clone());
                let stamps = (self.stamp(), self.stamp());
                for event in child.events(stamps.0, stamps.1) {
                    self.record_governance(slot, event);
                }
                true
            }
            Err(IssuanceError::Denied(denied)) => {
                let provable = denied.ground().is_provable();
                let stamp = self.stamp();
                let recorded = self.record_governance(parent, denied.event(stamp));
                if provable {
                    self.denials.push(recorded.entry().event_id.to_string());
                }
                let stamp = self.stamp();
                let digest = integrity_digest(&[recorded], stamp).expect("covered");
                self.record_governance(parent, digest);
                false
            }
            Err(other) => panic!("{other}"),
        }
    }

    fn append_with_separator(&mut self, permit: usize) -> bool {
        let Some(slot) = self.index(permit) else { return false };
        let stamp = self.stamp();
        let mut event = LifecycleEvent::Evaluated(self.permit(slot)).draft(stamp);
        event.severity = "info|x".into();
        self.append(slot, &event)
    }

    /// What everything looks like, to see whether something changed.
    fn snapshot(&self) -> (Vec<String>, Vec<usize>) {
        let permits = self.slots.iter().map(|slot| format!("{:?}", slot.permit)).collect();
        let lengths = self.slots.iter().map(|slot| slot.entries.len()).collect();
        (permits, lengths)
    }

    /// Whether the naive model would accept an operation.
    fn may(&self, op: &Op) -> bool {
        let sketch = |wanted: &usize| self.index(*wanted).map(|slot| self.sketches[slot]);
        // One second passes before anything happens.
        let now = self.clock + 1;
        match op {
            Op::Issue { .. } | Op::Wait(_) => true,
            Op::Bind(permit) => sketch(permit).is_some_and(|sketch| sketch.word == "evaluated"),
            Op::Dispatch { permit, tampered } => sketch(permit).is_some_and(|sketch| {
                sketch.word == "bound" && !tampered && sketch.ends.is_none_or(|ends| now < ends)
            }),
            Op::Close { permit, ending, .. } => sketch(permit).is_some_and(|sketch| {
                let open = matches!(sketch.word, "evaluated" | "bound" | "dispatched");
                let may_end = match ending {
                    Ending::Missing
                    | Ending::Disconnected
                    | Ending::Timeout
                    | Ending::DispatchError => true,
                    _ => sketch.sent,
                };
                (open || (sketch.sent && matches!(sketch.word, "revoked" | "expired")))
                    && may_end
                    && !sketch.closure
            }),
            Op::CloseWithThatOf { .. } | Op::AppendWithSeparator(_) => false,
            Op::Revoke { permit, fault } => sketch(permit).is_some_and(|sketch| {
                !matches!(sketch.word, "closed" | "revoked" | "expired") && fault.is_none()
            }),
            Op::Expire(permit) => sketch(permit).is_some_and(|sketch| {
                !matches!(sketch.word, "closed" | "revoked" | "expired")
                    && sketch.ends.is_some_and(|ends| ends <= now)
            }),
            Op::Delegate { parent, exceeding, forbidden } => {
                sketch(parent).is_some_and(|sketch| sketch.root && !exceeding && !forbidden)
            }
        }
    }

    fn record(&self, slot: &Slot, form: Form) -> AuditExportRecord {
        let permit = slot.permit.as_ref().expect("permits are put back").permit();
        let record = AuditExportRecord::new(permit.clone());
        match form {
            Form::InRecords => record.with_entries(slot.entries.iter().cloned()),
            _ => record,
        }
    }

    fn export(&self, export: &Export) -> (Vec<u8>, ExportFacts) {
        let mut options = ExportWriterOptions::default();
        if export.compressed {
            options = options.compressed();
        }
        if export.pretty {
            options = options.layout(Layout::Pretty);
        }
        let records = match export.form {
            Form::Document | Form::Lines => self.log.len(),
            _ => self.slots.len(),
        };
        if export.announced {
            options = options.record_count(u64::try_from(records).expect("few"));
        }
        let entries = match export.form {
            Form::Version1 => BundleEntries::None,
            Form::InRecords => BundleEntries::InRecords,
            Form::AtBundle => BundleEntries::AtBundle,
            Form::Document => return self.export_events(EventForm::Document, &options),
            Form::Lines => return self.export_events(EventForm::Lines, &options),
        };
        let head = BundleHead {
            project_id: project(),
            from: self.time(0),
            to: self.time(41_000),
            generated_at: self.time(41_000),
        };
        let mut writer =
            BundleWriter::new(Vec::new(), &head, entries, &options).expect("memory takes all");
        for (index, slot) in self.slots.iter().enumerate() {
            let record = self.record(slot, export.form);
            if index % 2 == 0 {
                writer.record(&record).expect("an honest record");
            } else {
                let value = to_value(&record).expect("records are JSON");
                writer.record_value(&value).expect("an honest record");
            }
        }
        if export.form == Form::AtBundle {
            for (_, entries) in self.store.chains() {
                for entry in entries {
                    writer.entry(entry).expect("an honest entry");
                }
            }
        }
        writer.finish().expect("an honest history")
    }

    fn export_events(
        &self,
        form: EventForm,
        options: &ExportWriterOptions,
    ) -> (Vec<u8>, ExportFacts) {
        let writer = EventWriter::new(Vec::new(), &project(), form, options);
        let mut writer = writer.expect("memory takes all");
        for event in &self.log {
            match event {
                Logged::Entry(entry) => writer.event(entry).expect("an honest event"),
                Logged::Event(event) => writer.event_value(event).expect("an honest event"),
            }
        }
        writer.finish().expect("an honest history")
    }

    /// The claims that the history gives evidence for, in an export of this form.
    fn claims(&self, export: &Export) -> Vec<Claim> {
        let mut claims = vec![Claim::ExportIntegrity, Claim::ExportScopeIdentity];
        if export.form == Form::Version1 {
            return claims;
        }
        claims.push(Claim::ChainContinuity);
        if matches!(export.form, Form::Document | Form::Lines) {
            return claims;
        }
        let closures = || self.slots.iter().filter_map(|slot| slot.closure.as_ref());
        let seen = || {
            closures().map(SealedClosure::payload).filter(|closure| {
                closure.closure_status != permit_types::ClosureStatus::MissingClosure
            })
        };
        if closures().next().is_some() {
            claims.push(Claim::ClosureSignature);
        }
        if seen().any(|closure| {
            closure.provider_response_digest_v1.is_some()
                || closure.client_response_digest_v1.is_some()
        }) {
            claims.push(Claim::ClosureDigests);
        }
        if seen().any(|closure| closure.dispatch_request_digest_v1.is_some()) {
            claims.push(Claim::ClosureDispatch);
        }
        claims
    }

    fn verify(&self, export: &Export) -> (Report, Vec<Claim>) {
        let (bytes, facts) = self.export(export);
        let claims = self.claims(export);
        let id = NonEmptyText::parse("00000000-0000-4000-8000-0000000000e1").expect("text");
        let mut draft = ManifestDraft::new(id, facts.clone());
        draft = draft.chain_integrity(self.time(41_000));
        draft = draft.filters(&json(r#"{"project": "a"}"#)).expect("no floats");
        draft = draft.issuer_version("acme", "1").expect("a new member");
        if export.pinned {
            let requests = claims.iter().map(|claim| RequestedClaim::new(*claim, true));
            let pins = PinWriter::for_claims(requests, Pin::at_released_path);
            draft = draft.pins(&pins.write().expect("all that is needed is pinned"));
        }
        let manifest = draft.sign(&export_key(), self.time(41_001)).expect("software keys sign");
        assert_eq!(facts.content_hash.digest(), Sha256Digest::of(&bytes));
        assert_eq!(facts.stored_bytes, bytes.len() as u64);
        let text = Profile::Payload.to_text(&key_manifest()).expect("no floats");
        let keys = KeyManifest::read(text.as_bytes(), &Budget::default()).expect("a key manifest");
        let trust = Trust::key_manifest(keys, "the test");
        let mut options = both_layers();
        // A closure of what was not sent is a notice (CLOSE-09), and so is the array of entries (BUNDLE-17).
        let mut closures = self.slots.iter().filter_map(|slot| slot.closure.as_ref());
        let all_sent =
            closures.all(|closure| closure.payload().dispatch_request_digest_v1.is_some());
        options.strict = export.form != Form::AtBundle && all_sent;
        options.layers.walk_events = claims.contains(&Claim::ChainContinuity);
        options.layers.verify_closure = claims.contains(&Claim::ClosureSignature);
        (verify_bytes(&bytes, manifest.bytes().to_vec(), &trust, &options), claims)
    }

    /// Every denial that can be shown to be right is (PCHAIN-18).
    fn check_denials(&self) -> Result<(), TestCaseError> {
        if self.denials.is_empty() {
            return Ok(());
        }
        let (bytes, _) = self.export_events(EventForm::Document, &ExportWriterOptions::default());
        let file = NamedFile::new("events.json", bytes);
        for denial in &self.denials {
            let answer = judge_delegation_denied(&file, Some(denial), &NoFolder, &both_layers());
            prop_assert_eq!(answer.verdict(), Verdict::Supported, "{}", answer.to_text());
        }
        Ok(())
    }
}

fn closed<S: permit_types::Closable + std::fmt::Debug>(
    closure: &SealedClosure,
    permit: IssuedPermit<S>,
) -> StoredPermit {
    StoredPermit::Closed(closure.close(permit).expect("its own closure"))
}

struct Policy {
    allows: bool,
}

impl IssuancePolicy for Policy {
    fn evaluate_issuance(&self, _: &DelegationRequest, _: &AuthorityLine) -> PolicyAnswer {
        let decision = if self.allows { ExecutionDecision::Allow } else { ExecutionDecision::Deny };
        PolicyAnswer {
            decision,
            reason_code: NonEmptyText::parse("policy.rule").expect("text"),
            policy: Sha256Digest::of(b"policy"),
        }
    }
}

fn project() -> ProjectId {
    ProjectId::parse(PROJECT).expect("an id")
}

fn envelope(actions: &[&str], expires_at: Rfc3339) -> AuthorityEnvelope {
    let set = |texts: &[&str]| {
        UniqueArray::new(texts.iter().map(ToString::to_string).collect()).expect("no text twice")
    };
    AuthorityEnvelope {
        actions: set(actions),
        tools: set(&[]),
        providers: set(&["provider"]),
        models: set(&["model"]),
        data_classes: set(&["public"]),
        regions: set(&["eu"]),
        expires_at,
    }
}

fn op() -> impl Strategy<Value = Op> {
    let permit = || 0_usize..6;
    let decision = prop_oneof![
        4 => Just(Decision::Allow),
        1 => Just(Decision::Deny),
        1 => Just(Decision::Challenge)
    ];
    let ending = prop_oneof![
        3 => Just(Ending::Closed),
        1 => Just(Ending::Disconnected),
        1 => Just(Ending::ProviderError),
        1 => Just(Ending::Timeout),
        1 => Just(Ending::ProviderUnknown),
        1 => Just(Ending::ClientUnknown),
        1 => Just(Ending::DispatchError),
        1 => Just(Ending::Missing)
    ];
    let fault = prop_oneof![
        3 => Just(None),
        1 => Just(Some(RevokeFault::OtherProject)),
        1 => Just(Some(RevokeFault::TooEarly))
    ];
    prop_oneof![
        4 => (decision, prop::option::weighted(0.3, 1_u8..20), any::<bool>(), any::<bool>()).prop_map(
            |(decision, ends_after, root, signed)| Op::Issue { decision, ends_after, root, signed }
        ),
        4 => permit().prop_map(Op::Bind),
        4 => (permit(), prop::bool::weighted(0.2))
            .prop_map(|(permit, tampered)| Op::Dispatch { permit, tampered }),
        5 => (permit(), ending, any::<bool>(), any::<bool>()).prop_map(
            |(permit, ending, provider, client)| Op::Close { permit, ending, provider, client }
        ),
        1 => (permit(), permit())
            .prop_map(|(permit, other)| Op::CloseWithThatOf { permit, other }),
        1 => (permit(), fault).prop_map(|(permit, fault)| Op::Revoke { permit, fault }),
        1 => permit().prop_map(Op::Expire),
        2 => (permit(), any::<bool>(), prop::bool::weighted(0.2)).prop_map(
            |(parent, exceeding, forbidden)| Op::Delegate { parent, exceeding, forbidden }
        ),
        1 => permit().prop_map(Op::AppendWithSeparator),
        1 => (0_u8..10).prop_map(Op::Wait),
    ]
}

fn export() -> impl Strategy<Value = Export> {
    let form = prop::sample::select(vec![
        Form::Version1,
        Form::InRecords,
        Form::InRecords,
        Form::AtBundle,
        Form::Document,
        Form::Lines,
    ]);
    (form, any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(form, compressed, pretty, announced, pinned)| Export {
            form,
            compressed,
            pretty,
            announced,
            pinned,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_of_valid_operations_verifies_and_invalid_ones_change_nothing(
        ops in prop::collection::vec(op(), 1..28),
        export in export(),
    ) {
        let mut issuer = Issuer::new();
        for op in &ops {
            let (before, events) = (issuer.snapshot(), issuer.log.len());
            let may = issuer.may(op);
            let accepted = issuer.try_op(op);
            prop_assert_eq!(accepted, may, "{:?}", op);
            if !accepted {
                let (permits, _) = issuer.snapshot();
                prop_assert_eq!(permits, before.0, "{:?}", op);
                // What is refused leaves no trace but the record that it was refused.
                let traces = match op {
                    Op::Delegate { .. } if !before.1.is_empty() => 2,
                    Op::Dispatch { tampered: true, .. } => issuer.log.len().saturating_sub(events).min(1),
                    _ => 0,
                };
                prop_assert_eq!(issuer.log.len() - events, traces, "{:?}", op);
            }
        }
        let mut export = export;
        if issuer.log.len() < 2 {
            export.form = Form::Version1;
        }
        let (report, claims) = issuer.verify(&export);
        let failures: Vec<_> =
            report.findings.iter().filter(|finding| finding.severity == Severity::Failure).collect();
        prop_assert!(failures.is_empty(), "{:?}", failures);
        prop_assert_eq!(report.outcome, Judged::Verified, "{:?}", report.findings);
        for claim in &report.claims {
            prop_assert!(claim.is_supported(), "{:?}", claim);
        }
        for claim in claims {
            prop_assert!(report.claim(claim).is_some(), "{claim} was not judged");
        }
        issuer.check_denials()?;
    }
}

#[test]
fn bundle_03_05_an_export_of_nothing_verifies() {
    for form in [Form::Version1, Form::InRecords, Form::Document] {
        let export =
            Export { form, compressed: false, pretty: false, announced: false, pinned: false };
        let issuer = Issuer::new();
        let (bytes, _) = issuer.export(&export);
        assert!(!bytes.is_empty());
        if form == Form::Version1 {
            let (report, _) = issuer.verify(&export);
            assert_eq!(report.outcome, Judged::Verified, "{:?}", report.findings);
            // An array without records is an array.
            assert_eq!(report.findings, []);
        }
    }
}
