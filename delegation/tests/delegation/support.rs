// SPDX-License-Identifier: Apache-2.0

//! Evidence that is made by issuing it, and ways to change one thing in it.

use permit_canonical_json::{Budget, Node, Object, Profile, Sha256Digest, Value, from_value, read};
use permit_chain::{Appender, ChainHead};
use permit_delegation::{
    AuthorityLine, ChainClaim, ChainClaimResult, ChainClaimType, ChainContext, ChainPackDraft,
    ChildPermit, ClaimScope, ComparatorSource, DelegationRequest, DeniedDelegation,
    EnvelopeVersion, EventStamp, Execution, ExecutionPolicy, ExecutionRequest, GovernanceEvent,
    IssuanceError, IssuancePolicy, PolicyAnswer, RecordedEvent, delegate, integrity_digest,
    issued_event, judge_pack,
};
use permit_types::{
    AuthorityEnvelope, ChainScope, ExecutionDecision, Instant, NonEmptyText, Permit, PermitId,
    ProjectId, Rfc3339,
};

pub(crate) type Json = Value<'static>;

pub(crate) fn json(text: &str) -> Json {
    read(text.as_bytes(), &Budget::default()).unwrap().into_owned()
}

pub(crate) fn canonical(value: &Json) -> String {
    Profile::Payload.to_text(value).unwrap()
}

/// The value with the member or element at a path replaced, or removed for nothing.
pub(crate) fn set(value: &Json, path: &str, new: Option<Json>) -> Json {
    let path = path.trim_start_matches('/');
    let (step, rest) = path.split_once('/').unwrap_or((path, ""));
    let below = |old: Option<&Json>| match rest {
        "" => new.clone(),
        rest => Some(set(old.unwrap_or(&Object::default().into()), rest, new.clone())),
    };
    match value.node() {
        Node::Object(object) => {
            let mut object = object.clone();
            match below(object.get(step)) {
                Some(value) => object.insert(step.to_owned(), value),
                None => drop(object.remove(step)),
            }
            object.into()
        }
        Node::Array(elements) => {
            let mut elements = elements.clone();
            let index: usize = step.parse().unwrap();
            match below(elements.get(index)) {
                Some(value) => elements[index] = value,
                None => drop(elements.remove(index)),
            }
            elements.into()
        }
        _ => panic!("nothing below `{step}`"),
    }
}

pub(crate) fn with(value: &Json, path: &str, new: impl Into<Json>) -> Json {
    set(value, path, Some(new.into()))
}

pub(crate) fn without(value: &Json, path: &str) -> Json {
    set(value, path, None)
}

pub(crate) fn get<'j>(value: &'j Json, path: &str) -> &'j Json {
    path.split('/').filter(|step| !step.is_empty()).fold(value, |value, step| match value.node() {
        Node::Array(elements) => &elements[step.parse::<usize>().unwrap()],
        _ => value.get(step).unwrap_or_else(|| panic!("no `{step}`")),
    })
}

pub(crate) fn instant(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

pub(crate) fn project() -> ProjectId {
    ProjectId::parse("00000000-0000-0000-0000-000000000001").unwrap()
}

pub(crate) fn permit_id(number: u64) -> PermitId {
    PermitId::parse(&format!("00000000-0000-0001-0000-{number:012}")).unwrap()
}

pub(crate) fn envelope(actions: &[&str], expires_at: &str) -> AuthorityEnvelope {
    let mut value = json(
        r#"{"tools": ["db@v2"], "providers": ["openai"], "models": [],
            "data_classes": ["internal", "public"], "regions": ["us-east-1"]}"#,
    );
    value = with(&value, "actions", Value::array(actions.iter().map(|&action| action.to_owned())));
    from_value(&with(&value, "expires_at", expires_at.to_owned())).unwrap()
}

/// A permit with all that is required, and no authority yet.
pub(crate) fn permit(number: u64) -> Permit {
    let text = format!(
        r#"{{"id": "{}", "project_id": "{}", "decision": "allow", "reason": "r", "actions_json": [],
            "subject_type": "spiffe", "subject_id": "spiffe://example.org/agent", "action_name": "permit.issue",
            "resource_provider": "internal", "resource_model": "m", "estimated_input_tokens": 0,
            "estimated_output_tokens": 0, "request_fingerprint": "{number:064}", "idempotency_key": "k{number}",
            "policy_id": "issuance", "policy_version": "1", "created_at": "2026-05-15T10:00:00Z"}}"#,
        permit_id(number),
        project(),
    );
    from_value(&json(&text)).unwrap()
}

pub(crate) fn root_permit() -> Permit {
    let own = envelope(&["query", "read"], "2027-01-01T00:00:00Z");
    Permit {
        expires_at: Some(own.expires_at.clone()),
        authority_envelope: Some(own),
        authority_envelope_version: NonEmptyText::parse("authority-envelope.v0"),
        ..permit(1)
    }
}

pub(crate) fn root_line() -> AuthorityLine {
    let own = root_permit().authority_envelope.unwrap();
    AuthorityLine::root(project(), permit_id(1), &own).unwrap()
}

/// A policy that allows or denies everything.
#[derive(Clone, Copy)]
pub(crate) struct Always(pub(crate) ExecutionDecision);

pub(crate) fn policy_bundle() -> Json {
    json(r#"{"id": "execution", "rules": ["all"]}"#)
}

impl Always {
    fn answer(self) -> PolicyAnswer {
        let reason_code = NonEmptyText::parse("policy.says_so").unwrap();
        PolicyAnswer { decision: self.0, reason_code, policy: self.policy() }
    }
}

impl IssuancePolicy for Always {
    fn evaluate_issuance(&self, _: &DelegationRequest, _: &AuthorityLine) -> PolicyAnswer {
        self.answer()
    }
}

impl ExecutionPolicy for Always {
    fn evaluate_execution(&self, _: &ExecutionRequest, _: &AuthorityLine) -> PolicyAnswer {
        self.answer()
    }

    fn policy(&self) -> Sha256Digest {
        Profile::Payload.digest(&policy_bundle()).unwrap()
    }
}

pub(crate) const ALLOW: Always = Always(ExecutionDecision::Allow);
pub(crate) const DENY: Always = Always(ExecutionDecision::Deny);

pub(crate) fn request(number: u64, envelope: AuthorityEnvelope) -> DelegationRequest {
    DelegationRequest { parent_permit_id: permit_id(1), permit: permit(number), envelope }
}

pub(crate) fn child() -> ChildPermit {
    let own = envelope(&["read"], "2026-12-01T00:00:00Z");
    delegate(Some(&root_line()), request(2, own), &ALLOW).unwrap()
}

/// A log with a chain of its own.
pub(crate) struct Log {
    chain: Appender,
    pub(crate) events: Vec<RecordedEvent>,
}

impl Log {
    pub(crate) fn new() -> Self {
        let scope = ChainScope::new(format!("project:{}", project()));
        Self { chain: Appender::new(ChainHead::empty(scope)), events: Vec::new() }
    }

    pub(crate) fn stamp(&self) -> EventStamp {
        let number = self.events.len() + 1;
        EventStamp::new(
            &format!("evt-{number}"),
            instant(&format!("2026-05-20T12:00:{number:02}Z")),
        )
    }

    pub(crate) fn record(&mut self, make: impl FnOnce(EventStamp) -> GovernanceEvent) {
        let event = make(self.stamp());
        self.events.push(event.append_to(&mut self.chain).unwrap());
    }

    /// Covers all events so far by a digest.
    pub(crate) fn cover(&mut self) {
        let digest = integrity_digest(&self.events, self.stamp()).unwrap();
        self.record(|_| digest);
    }

    pub(crate) fn to_value(&self) -> Json {
        Value::array(self.events.iter().cloned().map(RecordedEvent::into_value))
    }
}

pub(crate) fn denied(parent: Option<&AuthorityLine>, asked: AuthorityEnvelope) -> DeniedDelegation {
    match delegate(parent, request(2, asked), &ALLOW) {
        Err(IssuanceError::Denied(denied)) => *denied,
        other => panic!("{other:?}"),
    }
}

/// The evidence of a denial: issuance of the root, the denial, and a digest over both.
pub(crate) fn denial_evidence(denied: &DeniedDelegation) -> Json {
    let mut log = Log::new();
    log.record(|stamp| issued_event(&root_permit(), stamp));
    log.record(|stamp| denied.event(stamp));
    log.cover();
    Value::object([("events", log.to_value())])
}

/// A denial because a child asked for an action that its parent does not have.
pub(crate) fn broadened() -> Json {
    let asked = envelope(&["read", "delete"], "2026-12-01T00:00:00Z");
    denial_evidence(&denied(Some(&root_line()), asked))
}

pub(crate) fn claim(claim_type: ChainClaimType) -> ChainClaim {
    let scope = ClaimScope::permit(permit_id(2).as_str());
    ChainClaim { claim_type, scope }
}

pub(crate) const CONSISTENT: ChainClaimType = ChainClaimType::LineageInternallyConsistent;
pub(crate) const ROOTED: ChainClaimType = ChainClaimType::LineageCompleteToRoot;
pub(crate) const AUTHORIZED: ChainClaimType = ChainClaimType::ExecutionAuthorizedAtBoundary;
pub(crate) const DENIED: ChainClaimType = ChainClaimType::DelegationDeniedCorrectly;

pub(crate) fn execution_request(action: &str) -> ExecutionRequest {
    ExecutionRequest {
        execution_id: NonEmptyText::parse("exec-1").unwrap(),
        action: action.to_owned(),
        tool: Some("db@v2".to_owned()),
        resource_refs: vec!["table:orders".to_owned()],
        decision_time: Rfc3339::parse("2026-06-01T12:00:00Z").unwrap(),
        usage_limit_state_hashes: vec![Profile::Payload.digest(&usage_state()).unwrap()],
    }
}

pub(crate) fn usage_state() -> Json {
    json(r#"{"calls": 3, "max_calls": 10}"#)
}

/// A root, a child, an execution of the child, and all evidence that claims about them need.
pub(crate) fn full_pack(claim_type: ChainClaimType) -> Json {
    let child = child();
    let mut log = Log::new();
    log.record(|stamp| issued_event(&root_permit(), stamp));
    let [issued, delegated] = child
        .events(log.stamp(), EventStamp::new("evt-delegated", instant("2026-05-20T12:00:03Z")));
    log.record(|_| issued);
    log.record(|_| delegated);
    let (execution, asked) =
        Execution::request(child.authority(), execution_request("read"), log.stamp());
    log.record(|_| asked);
    let (decided, event) = execution.decide(&ALLOW, |_| false, log.stamp()).unwrap();
    log.record(|_| event);
    let registry = ComparatorSource::Inline(EnvelopeVersion::V0);
    let permits = vec![root_permit(), child.permit().clone()];
    let draft = ChainPackDraft {
        events: log.events,
        receipts: vec![decided.receipt().clone()],
        policy_bundles: vec![policy_bundle()],
        usage_limit_states: vec![usage_state()],
        revocations_complete_through: Some(instant("2026-07-01T00:00:00Z")),
        ..ChainPackDraft::new(project(), registry, permits)
    };
    draft.to_value(&claim(claim_type)).unwrap()
}

pub(crate) fn judged(pack: &Json) -> ChainClaimResult {
    let result = judge_pack(pack, &ChainContext::default());
    assert_eq!(
        canonical(&result.to_json("t")),
        canonical(&judge_pack(pack, &ChainContext::default()).to_json("t"))
    );
    result
}
