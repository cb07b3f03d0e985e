// SPDX-License-Identifier: Apache-2.0

//! A permit from its binding to its closure, and the events of that in a chain.

use permit_canonical_json::{ByteRange, JsonPointer, Sha256Digest, Value, WireBody, to_value};
use permit_chain::{Appender, ChainHead, EntryFields, EventStamp, WalkOptions, Walker};
use permit_closure::{
    BoundPermit, ClosureDraft, Execution, LifecycleEvent, NotDispatched, Outcome,
};
use permit_types::{
    ChainEntry, ChainScope, Decision, Dispatched, Evaluated, Instant, IssuedPermit, NonEmptyText,
    Permit, PermitId, Rfc3339, StepProblem,
};

use crate::bent::{PERMIT, SEED, SIGNED_AT, digest, json, key};

const OTHER: &str = "00000000-0000-4000-8000-0000000000b2";

fn permit(decision: Decision) -> Permit {
    permit_canonical_json::from_value(&json(&format!(
        r#"{{"id": "{PERMIT}", "project_id": "1b3e9f2c-8a4d-4b6e-9f2c-3a4d6b9e2c8a",
        "subject_type": "agent", "subject_id": "agent-1", "action_name": "a",
        "resource_provider": "p", "resource_model": "m", "estimated_input_tokens": 1,
        "estimated_output_tokens": 1, "decision": "{decision}", "reason": "r", "actions_json": [],
        "policy_id": "policy", "policy_version": "1", "idempotency_key": "k",
        "request_fingerprint": "{}", "created_at": "{SIGNED_AT}",
        "expires_at": "2026-05-07T13:00:00Z"}}"#,
        digest('f')
    )))
    .expect("a permit")
}

fn evaluated() -> IssuedPermit<Evaluated> {
    IssuedPermit::<Evaluated>::issue(permit(Decision::Allow)).expect("an honest permit")
}

fn request() -> Value<'static> {
    json(r#"{"model": "m", "trace_id": "1"}"#)
}

fn body() -> WireBody {
    WireBody::new(&request()).expect("no floats")
}

fn at() -> Instant {
    Instant::parse(SIGNED_AT).expect("a time")
}

fn dispatched() -> IssuedPermit<Dispatched> {
    let (bound, body) = evaluated().bind(&request()).expect("no floats");
    bound.dispatch(body.text().as_bytes(), at()).expect("its own bytes")
}

fn execution() -> Execution {
    let time = || Rfc3339::parse(SIGNED_AT).expect("a time");
    Execution {
        execution_id: NonEmptyText::parse("e").expect("not empty"),
        correlation_id: None,
        provider: None,
        model: None,
        status_code: None,
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

#[test]
fn close_11_the_dispatch_digest_is_the_one_that_the_permit_was_bound_with() {
    let sent = dispatched();
    let outcome = Outcome::Timeout { provider: None, client: None };
    let draft = ClosureDraft::dispatched(&BoundPermit::from(&sent), outcome, execution());
    let closure = draft.seal(&key(SEED)).expect("a software key signs");
    assert_eq!(closure.payload().dispatch_request_digest_v1, Some(body().digest()));
    let closed = closure.close(sent).expect("its own closure");
    assert_eq!(closed.permit().status.as_deref(), Some("closed"));
    assert_eq!(closed.permit().binding_request_hash, Some(body().digest()));
}

#[test]
fn permit_05_28_a_closure_ends_what_it_is_about_and_nothing_else() {
    let digest = Sha256Digest::of(b"response");
    let outcome = Outcome::Closed { provider: digest, client: digest };
    let draft = ClosureDraft::dispatched(&BoundPermit::from(&dispatched()), outcome, execution());
    let closure = draft.seal(&key(SEED)).expect("a software key signs");
    let (bound, _) = evaluated().bind(&request()).expect("no floats");
    let refused = closure.close(bound).expect_err("it did not go out");
    assert!(matches!(refused.reason(), StepProblem::OtherDispatch { sent: None, .. }));
    let (bound, _) = refused.into_parts();

    // Released, and nothing could be sent.
    let outcome = NotDispatched::DispatchError { client: None };
    let draft = ClosureDraft::not_dispatched(bound.permit(), outcome, execution());
    let error = draft.seal(&key(SEED)).expect("a software key signs");
    assert!(error.close(dispatched()).is_ok() && error.close(bound).is_ok());

    let mut other = permit(Decision::Allow);
    other.id = PermitId::parse(OTHER).expect("an id");
    let other = IssuedPermit::<Evaluated>::issue(other).expect("an honest permit");
    let refused = error.close(other).expect_err("another permit");
    assert_eq!(refused.reason().rule().as_str(), "PERMIT-28");
}

#[test]
fn chain_09_permit_27_the_events_of_a_permit_make_a_chain_that_holds() {
    let (bound, _) = evaluated().bind(&request()).expect("no floats");
    let refused = bound.dispatch(b"{}", at()).expect_err("other bytes");
    let (bound, reason) = refused.into_parts();
    let StepProblem::BindingViolation(violation) = reason else { panic!("{reason}") };
    let sent = dispatched();
    let digest = Sha256Digest::of(b"response");
    let permit_id = sent.id().clone();
    let outcome = Outcome::Closed { provider: digest, client: digest };
    let draft = ClosureDraft::dispatched(&BoundPermit::from(&sent), outcome, execution());
    let closure = draft.seal(&key(SEED)).expect("a software key signs");
    let late = Instant::parse("2026-05-07T13:00:00Z").expect("a time");
    let expired = evaluated().expire(late).expect("its time is over");
    let denied = permit(Decision::Deny);
    let events = [
        (LifecycleEvent::Evaluated(sent.permit()), "permit.evaluated", "success", "decision"),
        (LifecycleEvent::Evaluated(&denied), "permit.evaluated", "denied", "policy_id"),
        (LifecycleEvent::Bound(&bound), "permit.bound", "success", "binding_request_hash"),
        (
            LifecycleEvent::BindingViolated(&violation),
            "permit.binding_violation",
            "aborted",
            "actual_request_digest",
        ),
        (
            LifecycleEvent::Dispatched(&sent),
            "dispatch.egress_bound",
            "success",
            "dispatch_request_digest_v1",
        ),
        (
            LifecycleEvent::ProviderResponded { permit_id: &permit_id, digest },
            "provider.response.received",
            "success",
            "provider_response_digest_v1",
        ),
        (
            LifecycleEvent::ClientServed { permit_id: &permit_id, digest },
            "client.response.delivered",
            "success",
            "client_response_digest_v1",
        ),
        (LifecycleEvent::Closed(&closure), "permit.closed", "success", "closure_canonical_hash"),
        (LifecycleEvent::Expired(&expired), "permit.expired", "expired", "expires_at"),
    ];
    let mut chain = Appender::new(ChainHead::empty(ChainScope::new("project:1")));
    let mut walker = Walker::new(WalkOptions::default(), |_| JsonPointer::root());
    for (index, (event, event_type, outcome, member)) in (0_u64..).zip(events) {
        let draft = event.draft(EventStamp::new(&format!("evt-{index}"), at()));
        let entry: ChainEntry = chain.append(draft).expect("an honest event");
        assert_eq!(entry.event_type.as_str(), event_type);
        assert_eq!(entry.outcome.as_deref(), Some(outcome));
        assert_eq!(entry.resource_id.as_deref(), Some(PERMIT));
        let named = entry.payload_json.get("permit_id").and_then(Value::as_str);
        assert_eq!(named, Some(PERMIT), "{event_type}");
        assert!(entry.payload_json.get(member).is_some(), "{event_type} lacks {member}");
        let value = to_value(&entry).expect("entries are JSON");
        let object = value.as_object().expect("an object");
        walker.entry(&EntryFields::of_entry(object, ByteRange::default()), 0, index);
    }
    assert!(walker.finish().intact().is_some());
    // ABSENT-03: whoever asks for dispatches of a project finds this one.
    let dispatch = LifecycleEvent::Dispatched(&sent).draft(EventStamp::new("x", at()));
    assert!(dispatch.payload_json.get("project_id").is_some());
}
