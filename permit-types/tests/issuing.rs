// SPDX-License-Identifier: Apache-2.0

//! Issued permits: what the types let through is what the checks find nothing wrong with, and what
//! the constructors refuse comes back as it was. What the compiler refuses is in the documentation.

#![cfg(test)]

use permit_canonical_json::{Budget, Sha256Digest, Value, from_value, read_text, to_value};
use permit_types::{
    ActionRecord, Artifact, AuthorityEnvelope, Bound, ClosurePayloadV2, ClosureStatus, Decision,
    Dispatched, Evaluated, Instant, IssuedPermit, Location, NonEmptyText, Permit, PermitDraft,
    PermitFacts, PermitId, PermitProblem, PermitRevokedEvent, PermitStatus, PermitWorkflow,
    ProjectId, Refused, Rfc3339, RootAuthority, StepProblem, StoredPermit, UniqueArray,
    WorkflowDeclarationId, WorkflowId, check_permit,
};

const ID: &str = "00000000-0000-4000-8000-000000000001";
const PROJECT: &str = "00000000-0000-4000-8000-0000000000a1";

fn json(text: &str) -> Value<'static> {
    read_text(text, &Budget::default()).expect("the test writes JSON").into_owned()
}

fn time(text: &str) -> Rfc3339 {
    Rfc3339::parse(text).expect("a time")
}

fn at(text: &str) -> Instant {
    time(text).instant()
}

fn request() -> Value<'static> {
    json(r#"{"model": "m", "X-Request-Id": "7", "text": "é 漢"}"#)
}

fn facts() -> PermitFacts {
    PermitFacts {
        id: PermitId::parse(ID).expect("an id"),
        project_id: ProjectId::parse(PROJECT).expect("an id"),
        subject_type: "agent".into(),
        subject_id: "agent-7".into(),
        action_name: "mail.draft".into(),
        resource_provider: "provider".into(),
        resource_model: "m".into(),
        estimated_input_tokens: 1,
        estimated_output_tokens: 2,
        policy_id: "p".into(),
        policy_version: "1".into(),
        idempotency_key: "k".into(),
        request_fingerprint: PermitFacts::request_fingerprint(&request()).expect("no floats"),
        created_at: time("2026-05-07T12:00:00Z"),
    }
}

fn draft() -> PermitDraft {
    PermitDraft::new(facts())
}

/// A draft that says everything that can be said.
fn full_draft() -> PermitDraft {
    let mut draft = draft();
    draft.code = Some("policy.ok".into());
    draft.more_details.insert("policy_path", "a/b");
    let text = |text| NonEmptyText::parse(text).expect("text");
    draft.actions.push(ActionRecord::new(&text("note"), &text("é")));
    let set = |texts: &[&str]| {
        UniqueArray::new(texts.iter().map(ToString::to_string).collect()).expect("no text twice")
    };
    draft.authority = Some(RootAuthority {
        envelope: AuthorityEnvelope {
            actions: set(&["read"]),
            tools: set(&[]),
            providers: set(&[]),
            models: set(&[]),
            data_classes: set(&[]),
            regions: set(&[]),
            expires_at: time("2026-05-08T00:00:00Z"),
        },
        version: text("authority-envelope.v0"),
    });
    draft.workflow = Some(PermitWorkflow {
        declaration_id: WorkflowDeclarationId::parse(ID).expect("an id"),
        workflow_id: WorkflowId::parse("run-1").expect("an id"),
        state: from_value(&json(r#"{"max_calls_at_decision": 3}"#)).expect("a state"),
    });
    // That of the authority counts (PCHAIN-04).
    draft.expires_at = Some(time("2027-01-01T00:00:00Z"));
    draft
}

fn bound() -> IssuedPermit<Bound> {
    draft().allow("yes").expect("an honest draft").bind(&request()).expect("no floats").0
}

fn dispatched() -> IssuedPermit<Dispatched> {
    let (bound, body) = draft().allow("yes").expect("honest").bind(&request()).expect("no floats");
    bound.dispatch(body.text().as_bytes(), at("2026-05-07T12:00:01Z")).expect("its own bytes")
}

fn assert_clean(permit: &Permit) {
    let value = to_value(permit).expect("permits are JSON");
    assert_eq!(check_permit(&value, &Location::whole(Artifact::Export)), [], "{permit:?}");
    let read: Permit = from_value(&value).expect("what was written can be read");
    assert_eq!(&read, permit);
}

fn closure(status: ClosureStatus) -> ClosurePayloadV2 {
    let digest = Sha256Digest::of(b"response");
    let dispatch = dispatched().binding_request_hash();
    from_value(&json(&format!(
        r#"{{"binding_version": "closure_v2", "permit_id": "{ID}", "execution_id": "x",
        "correlation_id": null, "provider": null, "model": null,
        "dispatch_request_digest_v1": "{dispatch}", "provider_response_digest_v1": "{digest}",
        "client_response_digest_v1": "{digest}", "closure_status": "{status}", "status_code": 200,
        "provider_response_id": null,
        "dispatch_request_digest_semantics": "approved_request_body_bytes_at_dispatch_time",
        "provider_response_digest_semantics": "a", "client_response_digest_semantics": "b",
        "request_created_at": "2026-05-07T12:00:00Z", "started_at": "2026-05-07T12:00:00Z",
        "completed_at": "2026-05-07T12:00:00Z", "provider_response_received_at": null,
        "client_response_delivered_at": null, "closure_signed_at": "2026-05-07T12:00:00Z",
        "binding_key_id": "0123456789abcdef"}}"#
    )))
    .expect("a closure")
}

fn revocation() -> PermitRevokedEvent {
    from_value(&json(&format!(
        r#"{{"permit_id": "{ID}", "project_id": "{PROJECT}",
        "actor_id": "00000000-0000-4000-8000-0000000000c1", "actor_kind": "user",
        "reason_code": "operator.requested", "revoked_at": "2026-05-07T12:00:05Z",
        "effective_at": "2026-05-07T12:00:05Z", "signature": "{}=="}}"#,
        "A".repeat(86)
    )))
    .expect("a revocation")
}

#[test]
fn every_draft_becomes_a_permit_without_fault() {
    for make in [draft, full_draft] {
        let allowed = make().allow("yes").expect("an honest draft");
        assert_eq!(allowed.permit().decision, Decision::Allow);
        assert_clean(allowed.permit());
        let (bound, body) = allowed.bind(&request()).expect("no floats");
        assert_clean(bound.permit());
        let sent = bound.dispatch(body.text().as_bytes(), at("2026-05-07T12:00:01Z"));
        assert_clean(sent.expect("its own bytes").permit());
        for refused in [make().deny("no"), make().challenge("ask")] {
            let refused = refused.expect("an honest draft");
            assert_eq!(refused.permit().binding_request_hash, None);
            assert_clean(refused.permit());
        }
    }
}

#[test]
fn permit_10_18_pchain_04_what_belongs_together_comes_together() {
    let permit = full_draft().challenge("ask").expect("an honest draft").into_permit();
    let details = permit.decision_details.expect("there is a code");
    assert_eq!((details.decision, details.code.as_str()), (Decision::Challenge, "policy.ok"));
    assert_eq!(details.reason, "ask");
    assert!(details.other.get("policy_path").is_some());
    let envelope = permit.authority_envelope.expect("there is an authority");
    assert_eq!(permit.expires_at, Some(envelope.expires_at));
    assert!(permit.authority_envelope_version.is_some());
    assert!(permit.workflow_declaration_id.is_some() && permit.workflow_state_json.is_some());
    assert_eq!(draft().deny("no").expect("honest").permit().decision_details, None);
}

#[test]
fn canon_11_permit_26_the_bytes_and_their_hash_come_together() {
    let (bound, body) = draft().allow("yes").expect("honest").bind(&request()).expect("no floats");
    assert_eq!(body.text(), r#"{"model":"m","text":"é 漢"}"#);
    assert_eq!(bound.binding_request_hash(), Sha256Digest::of(body.text().as_bytes()));
    assert_eq!(bound.permit().binding_request_hash, Some(body.digest()));
    let hash = body.digest();
    let sent = bound.dispatch(body.text().as_bytes(), at("2026-05-07T12:00:01Z")).expect("its own");
    assert_eq!(sent.binding_request_hash(), hash);
    let closed = sent.close(&closure(ClosureStatus::Closed)).expect("its own closure");
    assert_eq!(closed.permit().binding_request_hash, Some(hash));
}

#[test]
fn permit_25_amb_54_a_fingerprint_leaves_out_what_changes_from_call_to_call() {
    let of = |text| PermitFacts::request_fingerprint(&json(text)).expect("no floats");
    let one = of(r#"{"model": "m", "text": "a", "X-Request-ID": "1", "api_key": "s"}"#);
    assert_eq!(one, of(r#"{"text":"a","trace_id":"2","model":"m","timestamp":"3"}"#));
    assert_ne!(one, of(r#"{"text":"b","model":"m"}"#));
    assert_eq!(one, Sha256Digest::of(br#"{"model":"m","text":"a"}"#));
}

#[test]
fn permit_27_other_bytes_are_not_dispatched() {
    let before = bound();
    let hash = before.binding_request_hash();
    let refused = before.dispatch(b"{}", at("2026-05-07T12:00:01Z")).expect_err("other bytes");
    assert_eq!(refused.reason().rule().as_str(), "PERMIT-27");
    let (permit, reason) = refused.into_parts();
    assert_eq!(permit, bound());
    let StepProblem::BindingViolation(violation) = reason else { panic!("{reason}") };
    assert_eq!((violation.bound, violation.actual), (hash, Sha256Digest::of(b"{}")));
    assert_eq!(violation.permit_id.as_str(), ID);
}

#[test]
fn a_permit_that_expired_is_not_dispatched() {
    let mut draft = draft();
    draft.expires_at = Some(time("2026-05-07T12:00:10Z"));
    let (bound, body) = draft.allow("yes").expect("honest").bind(&request()).expect("no floats");
    let early = at("2026-05-07T12:00:09.999999Z");
    let refused = bound.expire(early).expect_err("not yet");
    assert!(matches!(refused.reason(), StepProblem::NotExpired { expires_at: Some(_) }));
    let bound = refused.into_parts().0;
    let late = at("2026-05-07T14:00:10+02:00");
    let refused = bound.dispatch(body.text().as_bytes(), late).expect_err("too late");
    assert!(matches!(refused.reason(), StepProblem::IsExpired { .. }));
    let expired = refused.into_parts().0.expire(late).expect("its time is over");
    assert_eq!(expired.permit().status.as_deref(), Some("expired"));
    assert_clean(expired.permit());

    let never = bound_without_end().expire(late).expect_err("it has no end");
    assert!(matches!(never.reason(), StepProblem::NotExpired { expires_at: None }));
}

fn bound_without_end() -> IssuedPermit<Bound> {
    bound()
}

#[test]
fn permit_07_close_05_a_closure_has_to_be_about_what_went_out() {
    type Bend = fn(&mut ClosurePayloadV2);
    let bends: [(Bend, &str); 5] = [
        (|it| it.permit_id = PermitId::parse(PROJECT).expect("an id"), "PERMIT-28"),
        (|it| it.dispatch_request_digest_v1 = None, "PERMIT-07"),
        (|it| it.dispatch_request_digest_v1 = Some(Sha256Digest::of(b"other")), "PERMIT-07"),
        (|it| it.provider_response_digest_v1 = None, "CLOSE-05"),
        (|it| it.client_response_digest_v1 = None, "CLOSE-05"),
    ];
    for (bend, rule) in bends {
        let mut closure = closure(ClosureStatus::Closed);
        bend(&mut closure);
        let refused = dispatched().close(&closure).expect_err(rule);
        assert_eq!(refused.reason().rule().as_str(), rule);
        assert_eq!(refused.into_parts().0, dispatched());
    }
}

#[test]
fn every_status_ends_what_it_can_end() {
    for status in ClosureStatus::ALL {
        let with_dispatch = closure(*status);
        let mut without = with_dispatch.clone();
        without.dispatch_request_digest_v1 = None;
        let missing = *status == ClosureStatus::MissingClosure;
        let error = *status == ClosureStatus::DispatchError;
        let early = matches!(
            status,
            ClosureStatus::DispatchError
                | ClosureStatus::Timeout
                | ClosureStatus::ClientDisconnected
        );
        let evaluated = || draft().allow("yes").expect("honest");
        assert!(dispatched().close(&with_dispatch).is_ok(), "{status}");
        assert_eq!(dispatched().close(&without).is_ok(), missing || error, "{status}");
        // PERMIT-05: what did not go out did not come back.
        assert_eq!(bound().close(&without).is_ok(), missing || early, "{status}");
        assert_eq!(evaluated().close(&without).is_ok(), missing || early, "{status}");
        assert_eq!(bound().close(&with_dispatch).is_ok(), missing, "{status}");
        let closed = dispatched().close(&with_dispatch).expect("seen above");
        assert_eq!(closed.status(), PermitStatus::Closed);
        assert_clean(closed.permit());
    }
}

#[test]
fn revoke_03_pchain_21_a_revocation_has_to_be_about_the_permit() {
    type Bend = fn(&mut PermitRevokedEvent);
    let bends: [(Bend, &str); 3] = [
        (|it| it.permit_id = PermitId::parse(PROJECT).expect("an id"), "PERMIT-28"),
        (|it| it.project_id = ProjectId::parse(ID).expect("an id"), "REVOKE-03"),
        (|it| it.revoked_at = time("2026-05-07T11:59:59Z"), "PCHAIN-21"),
    ];
    for (bend, rule) in bends {
        let mut event = revocation();
        bend(&mut event);
        let refused = bound().revoke(&event).expect_err(rule);
        assert_eq!(refused.reason().rule().as_str(), rule);
        assert_eq!(refused.into_parts().0, bound());
    }
    let refused = draft().deny("no").expect("honest").revoke(&revocation());
    assert_clean(refused.expect("any open permit can be taken back").permit());
    let revoked = dispatched().revoke(&revocation()).expect("its own revocation");
    assert_eq!(revoked.permit().status.as_deref(), Some("revoked"));
    assert!(revoked.permit().binding_request_hash.is_some());
}

#[test]
fn a_request_without_canonical_form_is_not_bound() {
    let evaluated = draft().allow("yes").expect("honest");
    let refused = evaluated.bind(&json(r#"{"n": 1e999}"#)).expect_err("too large");
    assert_eq!(refused.reason().rule().as_str(), "CANON-06");
    assert!(refused.into_parts().0.bind(&request()).is_ok());
}

#[test]
fn what_contradicts_itself_is_not_issued() {
    type Bend = fn(&mut Permit);
    let bends: [(Bend, &str); 12] = [
        (|it| it.created_at = time("2026-05-07T14:00:00+02:00"), "PERMIT-33"),
        (|it| it.expires_at = Some(time("2026-05-08T00:00:00+01:00")), "PERMIT-33"),
        (|it| it.expires_at = Some(time("2026-05-09T00:00:00Z")), "PCHAIN-04"),
        (|it| it.authority_envelope_version = None, "PCHAIN-06"),
        (|it| it.authority_envelope = None, "PCHAIN-06"),
        (|it| it.decision_details.as_mut().expect("given").decision = Decision::Deny, "PERMIT-10"),
        (|it| it.workflow_id = None, "PERMIT-18"),
        (|it| it.workflow_state_json = None, "PERMIT-18"),
        (|it| it.delegation_depth = Some(1), "PERMIT-22"),
        (|it| it.parent_permit_id = PermitId::parse(PROJECT), "PERMIT-22"),
        (|it| it.binding_request_hash = Some(Sha256Digest::of(b"x")), "PERMIT-26"),
        (
            |it| {
                it.actions_json =
                    vec![from_value(&json(r#"{"type": ""}"#)).expect("an open object")];
            },
            "PERMIT-09",
        ),
    ];
    for (bend, rule) in bends {
        let mut permit = full_draft().allow("yes").expect("honest").into_permit();
        bend(&mut permit);
        let problem = IssuedPermit::<Evaluated>::issue(permit).expect_err(rule);
        assert_eq!(problem.rule().as_str(), rule, "{problem}");
    }
    let mut refused = draft().deny("no").expect("honest").into_permit();
    refused.binding_request_hash = Some(Sha256Digest::of(b"x"));
    let problem = IssuedPermit::<Refused>::issue(refused.clone()).expect_err("PERMIT-06");
    assert_eq!(problem.rule().as_str(), "PERMIT-06");
    let mut offset = facts();
    offset.created_at = time("2026-05-07T14:00:00+02:00");
    let problem = PermitDraft::new(offset).allow("yes").expect_err("PERMIT-33");
    assert_eq!(problem, PermitProblem::NotUtc { member: "created_at" });
}

#[test]
fn permit_13_14_a_stored_permit_goes_on_where_it_stood() {
    let permits = [
        (draft().allow("yes").expect("honest").into_permit(), PermitStatus::Evaluated),
        (draft().deny("no").expect("honest").into_permit(), PermitStatus::Evaluated),
        (bound().into_permit(), PermitStatus::Bound),
        (dispatched().into_permit(), PermitStatus::Dispatched),
        (
            dispatched().close(&closure(ClosureStatus::Closed)).expect("its own").into_permit(),
            PermitStatus::Closed,
        ),
        (bound().revoke(&revocation()).expect("its own").into_permit(), PermitStatus::Revoked),
    ];
    for (permit, status) in permits {
        let stored: Permit = from_value(&to_value(&permit).expect("JSON")).expect("a permit");
        let resumed = StoredPermit::resume(stored).expect("it was stored by us");
        assert_eq!((resumed.status(), resumed.permit()), (status, &permit));
    }
    let mut pending = draft().allow("yes").expect("honest").into_permit();
    pending.status = Some("pending".into());
    assert!(matches!(StoredPermit::resume(pending.clone()), Ok(StoredPermit::Evaluated(_))));
    // A word that a permit cannot have.
    for (status, rule) in
        [("bound", "PERMIT-05"), ("dispatched", "PERMIT-05"), ("archived", "PERMIT-13")]
    {
        pending.status = Some(status.into());
        let problem = StoredPermit::resume(pending.clone()).expect_err(rule);
        assert_eq!(problem.rule().as_str(), rule, "{status}");
    }
    let mut refused = draft().deny("no").expect("honest").into_permit();
    for status in ["bound", "dispatched", "closed"] {
        refused.status = Some(status.into());
        let problem = StoredPermit::resume(refused.clone()).expect_err(status);
        assert_eq!(problem.rule().as_str(), "PERMIT-06", "{status}");
    }
    // A resumed permit is as strict as a new one.
    let resumed =
        IssuedPermit::<Bound>::resume(bound().into_permit()).expect("it was stored by us");
    assert!(resumed.dispatch(b"other", at("2026-05-07T12:00:01Z")).is_err());
    assert!(IssuedPermit::<Dispatched>::resume(bound().into_permit()).is_err());
}
