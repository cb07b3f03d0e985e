// SPDX-License-Identifier: Apache-2.0

//! What cannot be issued, and that what is issued is supported.

use permit_canonical_json::{Value, to_value};
use permit_chain::{Appender, ChainHead, MemoryChainStore};
use permit_claims::Verdict;
use permit_delegation::{
    AuthorityLine, CanonicalEnvelope, ChainPackDraft, ChildEnvelope, ChildPermit, ChildPermitError,
    ComparatorSource, DecidedExecution, DenialGround, DenialSemantics, EnvelopeVersion, Execution,
    IssuanceError, NotWithin, PackError, RevocationLog, RevocationRefused, adjudicate_denial,
    check_actor_ref, delegate, event_integrity_hash, integrity_digest, issued_event,
};
use permit_types::{
    Artifact, ChainScope, Decision, ExecutionDecision, Location, PermitId, ProjectId, Severity,
    check_permit,
};
use proptest::prelude::*;

use crate::{
    second_model,
    support::{
        ALLOW, CONSISTENT, DENY, Log, broadened, child, claim, denial_evidence, denied, envelope,
        execution_request, get, instant, judged, permit, permit_id, project, request, root_line,
        root_permit, usage_state, with, without,
    },
};

const WITHIN: &str = "2026-12-01T00:00:00Z";

#[test]
fn a_child_envelope_is_proven_before_the_child_exists() {
    let line = root_line();
    let proven = ChildEnvelope::within(&line, envelope(&["read"], WITHIN)).unwrap();
    assert_eq!(proven.parent().permit_id(), &permit_id(1));
    let broader = ChildEnvelope::within(&line, envelope(&["drop"], WITHIN)).unwrap_err();
    assert!(
        matches!(broader, NotWithin::Exceeds(excess) if excess.failed_fields().contains("actions"))
    );
    let longer = ChildEnvelope::within(&line, envelope(&["read"], "2027-01-01T00:00:00.000001Z"))
        .unwrap_err();
    assert!(
        matches!(longer, NotWithin::Exceeds(excess) if excess.failed_fields().contains("expires_at"))
    );
    let finer = ChildEnvelope::within(&line, envelope(&["read"], "2026-12-01T00:00:00.0000001Z"))
        .unwrap_err();
    assert!(matches!(finer, NotWithin::Malformed(_)));
}

#[test]
fn a_child_permit_agrees_with_its_line() {
    let child = child();
    let issued = child.permit();
    assert_eq!(issued.parent_permit_id, Some(permit_id(1)));
    assert_eq!(issued.depth(), 1, "PERMIT-22");
    assert_eq!(
        issued.expires_at,
        Some(issued.authority_envelope.clone().unwrap().expires_at),
        "PCHAIN-04"
    );
    assert_eq!(
        issued.authority_envelope_version.as_ref().unwrap().as_str(),
        "authority-envelope.v0",
        "PCHAIN-06"
    );
    let place = Location::whole(Artifact::Export);
    assert_eq!(check_permit(&to_value(issued).unwrap(), &place), []);
    // Whatever the draft said about its lineage.
    let draft = permit_types::Permit {
        delegation_depth: Some(9),
        parent_permit_id: Some(permit_id(7)),
        ..permit(2)
    };
    let proven = ChildEnvelope::within(&root_line(), envelope(&["read"], WITHIN)).unwrap();
    assert_eq!(ChildPermit::new(&root_line(), proven, draft).unwrap(), child);
}

#[test]
fn pchain_36_permit_23_a_child_is_of_its_parents_project_and_not_its_own_ancestor() {
    let line = root_line();
    let proven = || ChildEnvelope::within(&line, envelope(&["read"], WITHIN)).unwrap();
    let other = ProjectId::parse("00000000-0000-0000-0000-000000000002").unwrap();
    let foreign = permit_types::Permit { project_id: other, ..permit(2) };
    assert_eq!(ChildPermit::new(&line, proven(), foreign), Err(ChildPermitError::OtherProject));
    assert_eq!(ChildPermit::new(&line, proven(), permit(1)), Err(ChildPermitError::OwnAncestor));
    for decision in [Decision::Deny, Decision::Challenge] {
        let refused = permit_types::Permit { decision, ..permit(2) };
        assert_eq!(
            ChildPermit::new(&line, proven(), refused),
            Err(ChildPermitError::NotAllowed { decision })
        );
    }
    // An envelope that was proven within another permit proves nothing here.
    let own = envelope(&["query", "read"], "2027-01-01T00:00:00Z");
    let elsewhere = AuthorityLine::root(project(), permit_id(5), &own).unwrap();
    let foreign = ChildEnvelope::within(&elsewhere, envelope(&["read"], WITHIN)).unwrap();
    let refused = ChildPermit::new(&line, foreign, permit(2));
    assert!(matches!(refused, Err(ChildPermitError::OtherParent { .. })));
}

#[test]
fn authority_shrinks_from_step_to_step() {
    let mut line = root_line();
    for number in 2..6 {
        let mut asked = request(number, envelope(&["read"], WITHIN));
        asked.parent_permit_id = line.leaf().permit_id().clone();
        line = delegate(Some(&line), asked, &ALLOW).unwrap().authority().clone();
    }
    assert_eq!((line.depth(), line.ancestors().len(), line.links().count()), (4, 4, 5));
    let mut asked = request(9, envelope(&["query"], WITHIN));
    asked.parent_permit_id = line.leaf().permit_id().clone();
    let refused = delegate(Some(&line), asked, &ALLOW).unwrap_err();
    assert!(
        matches!(refused, IssuanceError::Denied(denied) if matches!(denied.ground(), DenialGround::Exceeds(_)))
    );
}

#[test]
fn pchain_17_success_is_recorded_as_issued_and_delegated() {
    let mut log = Log::new();
    let events = child().events(
        log.stamp(),
        permit_delegation::EventStamp::new("e2", instant("2026-05-20T12:00:02Z")),
    );
    let types: Vec<_> = events.iter().map(|event| event.event_type().to_string()).collect();
    assert_eq!(types, ["permit.issued", "permit.delegated"]);
    for event in events {
        assert_eq!(event.payload().get("permit_id"), Some(&Value::from(permit_id(2).to_string())));
        log.record(|_| event);
    }
    let root = issued_event(&root_permit(), log.stamp());
    assert_eq!(root.event_type().as_str(), "permit.issued");
    let hash = CanonicalEnvelope::of(&root_permit().authority_envelope.unwrap()).unwrap().hash();
    assert_eq!(root.payload().get("authority_envelope_hash"), Some(&Value::from(hash.to_string())));
}

#[test]
fn pchain_18_failure_is_recorded_with_a_reason_and_can_be_judged_again() {
    let line = root_line();
    for (parent, asked, reason, fields) in [
        (
            Some(&line),
            envelope(&["drop"], WITHIN),
            "authority_envelope.scope_broadened",
            &["actions"][..],
        ),
        (
            Some(&line),
            envelope(&["drop"], "2029-01-01T00:00:00Z"),
            "authority_envelope.scope_broadened",
            &["actions", "expires_at"],
        ),
        (
            Some(&line),
            envelope(&["read"], "2029-01-01T00:00:00Z"),
            "authority_envelope.expiry_extended",
            &["expires_at"],
        ),
        (
            None,
            envelope(&["read"], WITHIN),
            "authority_envelope.parent_missing",
            &["authority_envelope"],
        ),
    ] {
        let denied = denied(parent, asked);
        assert_eq!(
            (denied.ground().reason_code(), denied.ground().failed_fields().as_slice()),
            (reason, fields)
        );
        assert!(denied.ground().is_provable());
        let result = adjudicate_denial(&denial_evidence(&denied), None, &DenialSemantics::legacy());
        assert_eq!(result.status(), Verdict::Supported, "{result:?}");
    }
}

#[test]
fn a_denial_that_no_comparison_shows_is_recorded_and_not_provable() {
    let Err(IssuanceError::Denied(denied)) =
        delegate(Some(&root_line()), request(2, envelope(&["read"], WITHIN)), &DENY)
    else {
        panic!()
    };
    assert_eq!(denied.ground().reason_code(), "policy.says_so");
    assert!(!denied.ground().is_provable());
    let result = adjudicate_denial(&denial_evidence(&denied), None, &DenialSemantics::legacy());
    assert_eq!(result.errors(), ["comparator_allows_child_authority"]);
    // PCHAIN-36: the envelope of another project is not told.
    let other = ProjectId::parse("00000000-0000-0000-0000-000000000002").unwrap();
    let own = envelope(&["secret"], "2027-01-01T00:00:00Z");
    let foreign = AuthorityLine::root(other, permit_id(1), &own).unwrap();
    let Err(IssuanceError::Denied(denied)) =
        delegate(Some(&foreign), request(2, envelope(&["read"], WITHIN)), &ALLOW)
    else {
        panic!()
    };
    assert_eq!(denied.ground(), &DenialGround::OtherProject);
    let event = denied.event(Log::new().stamp());
    assert!(event.payload().get("parent_authority_envelope").unwrap().is_null());
    let result = adjudicate_denial(&denial_evidence(&denied), None, &DenialSemantics::legacy());
    assert_eq!(result.missing_requirements(), ["parent_authority_envelope"]);
    // The authority of a permit that was not named is that of no parent.
    let mut asked = request(2, envelope(&["read"], WITHIN));
    asked.parent_permit_id = permit_id(8);
    let refused = delegate(Some(&root_line()), asked, &ALLOW).unwrap_err();
    assert!(
        matches!(refused, IssuanceError::Denied(denied) if *denied.ground() == DenialGround::ParentMissing)
    );
}

#[test]
fn sem_04_recorded_events_hash_as_the_second_model_says() {
    let evidence = broadened();
    assert_eq!(second_model::resealed(&evidence), evidence);
    for event in get(&evidence, "events").as_array().unwrap() {
        let hash = event_integrity_hash(event.as_object().unwrap()).unwrap();
        assert_eq!(hash.to_string(), second_model::event_hash(event));
        assert_eq!(event.get("record_hash"), Some(&Value::from(second_model::record_hash(event))));
    }
}

#[test]
fn events_are_stored_where_several_write() {
    let scope = ChainScope::new("project:1");
    let mut store = MemoryChainStore::new();
    let (mut one, mut two) = (
        Appender::new(ChainHead::empty(scope.clone())),
        Appender::new(ChainHead::empty(scope.clone())),
    );
    let log = Log::new();
    let first = issued_event(&root_permit(), log.stamp()).store_in(&mut one, &mut store).unwrap();
    let refused = denied(None, envelope(&["read"], WITHIN));
    let stamp = permit_delegation::EventStamp::new("e2", instant("2026-05-20T12:00:02Z"));
    let second = refused.event(stamp).store_in(&mut two, &mut store).unwrap();
    let stamp = permit_delegation::EventStamp::new("e3", instant("2026-05-20T12:00:03Z"));
    let digest = integrity_digest(&[first.clone(), second.clone()], stamp)
        .unwrap()
        .store_in(&mut one, &mut store)
        .unwrap();
    assert_eq!(store.entries(&scope).len(), 3);
    let events = Value::array([first, second, digest].map(|event| event.into_value()));
    assert_eq!(
        adjudicate_denial(&events, None, &DenialSemantics::legacy()).status(),
        Verdict::Supported
    );
}

#[test]
fn pchain_19_executions_are_requested_then_decided_then_dispatched() {
    let child = child();
    let log = Log::new();
    let (execution, requested) =
        Execution::request(child.authority(), execution_request("read"), log.stamp());
    assert_eq!(requested.event_type().as_str(), "permit.execution_requested");
    let (decided, event) = execution.decide(&ALLOW, |_| false, log.stamp()).unwrap();
    assert_eq!(event.event_type().as_str(), "permit.execution_allowed");
    assert_eq!(event.payload().get("execution_id"), Some(&Value::from("exec-1")));
    let DecidedExecution::Allowed(allowed) = decided else { panic!() };
    assert_eq!(
        allowed.dispatched(log.stamp()).event_type().as_str(),
        "permit.execution_dispatched"
    );
}

#[test]
fn pchain_24_pchain_25_pchain_26_a_receipt_is_a_snapshot_of_what_decided() {
    let child = child();
    let decide = |action: &str, at: &str, revoked: Option<PermitId>, policy| {
        let mut request = execution_request(action);
        request.decision_time = permit_types::Rfc3339::parse(at).unwrap();
        let (execution, _) = Execution::request(child.authority(), request, Log::new().stamp());
        let is_revoked = |permit: &PermitId| revoked.as_ref() == Some(permit);
        execution.decide(&policy, is_revoked, Log::new().stamp()).unwrap().0
    };
    let now = "2026-06-01T12:00:00Z";
    let allowed = decide("read", now, None, ALLOW);
    let receipt = allowed.receipt();
    assert_eq!(receipt.decision, ExecutionDecision::Allow);
    assert_eq!(receipt.ancestor_permit_ids, [permit_id(1)]);
    let hashes: Vec<_> = child.authority().links().map(|link| link.envelope().hash()).collect();
    assert_eq!(receipt.authority_envelope_hashes, hashes);
    assert!(receipt.policy_version_or_hash.starts_with("sha256:"), "PCHAIN-16");
    // The chain itself forbids before any policy is asked, and a refusal has a receipt as well.
    for (action, at, revoked, policy, reason) in [
        ("read", now, None, DENY, "policy.says_so"),
        ("query", now, None, ALLOW, "authority_envelope.action_not_allowed"),
        ("read", "2026-12-01T00:00:00Z", None, ALLOW, "permit.expired"),
        ("read", now, Some(permit_id(2)), ALLOW, "permit.revoked"),
        ("read", now, Some(permit_id(1)), ALLOW, "permit.revoked"),
    ] {
        let refused = decide(action, at, revoked, policy);
        assert!(matches!(refused, DecidedExecution::Refused(_)));
        assert_eq!(
            (refused.receipt().decision, refused.receipt().reason_code.as_str()),
            (ExecutionDecision::Deny, reason)
        );
    }
}

#[test]
fn pchain_20_pchain_21_pchain_22_revocations_are_made_once_prospectively_and_in_order() {
    let mut revocations = RevocationLog::new(project());
    let log = Log::new();
    let now = log.stamp().at;
    let (early, late) = (instant("2026-06-01T00:00:00Z"), instant("2026-06-02T00:00:00Z"));
    let past = instant("2026-05-20T12:00:00.999999Z");
    assert_eq!(
        revocations.revoke(&permit_id(1), past, log.stamp()),
        Err(RevocationRefused::Backdated)
    );
    let event = revocations.revoke(&permit_id(1), late, log.stamp()).unwrap();
    assert_eq!(
        event.payload().get("effective_time"),
        Some(&Value::from("2026-06-02T00:00:00.000000Z"))
    );
    assert_eq!(
        revocations.revoke(&permit_id(2), early, log.stamp()),
        Err(RevocationRefused::OutOfOrder)
    );
    let again = RevocationRefused::AlreadyRevoked { permit_id: permit_id(1) };
    assert_eq!(revocations.revoke(&permit_id(1), late, log.stamp()), Err(again));
    assert!(revocations.revoke(&permit_id(2), late, log.stamp()).is_ok());
    assert!(
        !revocations.is_revoked(&permit_id(1), now) && revocations.is_revoked(&permit_id(1), late)
    );
    assert!(!revocations.is_revoked(&permit_id(3), late));
}

#[test]
fn pchain_08_a_pack_names_its_comparator() {
    // There is no draft without one; both ways resolve.
    let permits = || vec![root_permit(), child().permit().clone()];
    for source in
        [ComparatorSource::Inline(EnvelopeVersion::V0), ComparatorSource::Hash(EnvelopeVersion::V0)]
    {
        let pack =
            ChainPackDraft::new(project(), source, permits()).to_value(&claim(CONSISTENT)).unwrap();
        assert_eq!(judged(&pack).status(), Verdict::Supported);
        let bare =
            without(&without(&pack, "comparator_registry"), "manifest/comparator_registry_hash");
        assert_eq!(judged(&bare).status(), Verdict::InsufficientEvidence);
    }
}

#[test]
fn pchain_27_a_pack_has_the_usage_states_that_its_receipts_name() {
    let child = child();
    let (execution, _) =
        Execution::request(child.authority(), execution_request("read"), Log::new().stamp());
    let (decided, _) = execution.decide(&ALLOW, |_| false, Log::new().stamp()).unwrap();
    let draft = ChainPackDraft {
        receipts: vec![decided.receipt().clone()],
        ..ChainPackDraft::new(
            project(),
            ComparatorSource::Hash(EnvelopeVersion::V0),
            vec![root_permit()],
        )
    };
    let refused = draft.to_value(&claim(CONSISTENT)).unwrap_err();
    assert!(matches!(refused, PackError::UsageStateMissing { .. }));
    let whole = ChainPackDraft { usage_limit_states: vec![usage_state()], ..draft };
    assert!(whole.to_value(&claim(CONSISTENT)).is_ok());
}

#[test]
fn pchain_15_two_names_of_one_actor_are_worth_a_warning() {
    let place = Location::whole(Artifact::Export);
    let permit = to_value(&permit(1)).unwrap();
    assert_eq!(check_actor_ref(&permit, &place), None);
    let actor = |subject: &str| {
        with(
            &permit,
            "actor_ref",
            Value::object([("issuer", "spiffe".to_owned()), ("subject", subject.to_owned())]),
        )
    };
    assert_eq!(check_actor_ref(&actor("spiffe://example.org/agent"), &place), None);
    let finding = check_actor_ref(&actor("spiffe://example.org/other"), &place).unwrap();
    assert_eq!((finding.severity, finding.rule.unwrap().as_str()), (Severity::Notice, "PCHAIN-15"));
}

proptest! {
    /// Whatever is asked for: it is issued and the lineage is supported, or it is denied and the denial is.
    #[test]
    fn what_is_issued_or_denied_is_supported(
        actions in prop::collection::btree_set("[a-c]|query|read", 0..4),
        expiry in 0_u32..4,
    ) {
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        let asked = envelope(&actions, &format!("202{}-01-01T00:00:00Z", 6 + expiry));
        match delegate(Some(&root_line()), request(2, asked), &ALLOW) {
            Ok(child) => {
                let source = ComparatorSource::Hash(EnvelopeVersion::V0);
                let permits = vec![root_permit(), child.permit().clone()];
                let pack = ChainPackDraft::new(project(), source, permits).to_value(&claim(CONSISTENT)).unwrap();
                prop_assert_eq!(judged(&pack).status(), Verdict::Supported);
            }
            Err(IssuanceError::Denied(denied)) => {
                let result = adjudicate_denial(&denial_evidence(&denied), None, &DenialSemantics::legacy());
                prop_assert_eq!(result.status(), Verdict::Supported);
            }
            Err(other) => panic!("{other}"),
        }
    }
}
