// SPDX-License-Identifier: Apache-2.0

//! Closures, permits and events together.

use std::collections::BTreeSet;

use permit_canonical_json::{JsonPointer, Sha256Digest, Value};
use permit_closure::{
    Aspect, BindingKeys, Carrier, ClosureLedger, ClosureOutcome, ClosureRules, FaultKind,
    LedgerBudget, LedgerLimit, examine,
};
use permit_keys::Mode;
use permit_types::{Artifact, Severity};

use crate::{
    bent::{Bent, Json, OTHER, PERMIT, digest, json, trust},
    history::{
        Answers, Judge, Layout, Record, Step, closed, closure_of, delivered, event, faults,
        faults_of, kinds, place, pointer_of, received,
    },
};

#[test]
fn close_01_an_honest_execution_holds_in_every_layout() {
    for closure in [Bent::new(), Bent::v1(), Bent::new().envelope(), Bent::v1().envelope()] {
        let v2 = closure.members.get("dispatch_request_digest_v1").is_some();
        for layout in Layout::ALL {
            let steps = layout.steps(&[Record::honest(closure.clone())]);
            let outcome = Judge::new().judge(&steps);
            assert!(!outcome.failed && outcome.notices.is_empty(), "{layout:?}");
            assert_eq!((outcome.closures, outcome.signatures, outcome.unanswered), (1, 1, 0));
            assert_eq!((outcome.digests, outcome.dispatches), (2, u64::from(v2)), "{layout:?}");
        }
    }
}

#[test]
fn nothing_to_judge_is_nothing_found() {
    let outcome = Judge::new().judge(&[]);
    assert_eq!((outcome.closures, outcome.failed, outcome.limit), (0, false, None));
}

#[test]
fn close_07_events_without_a_permit_are_those_of_their_record() {
    let unnamed = |kind: &str, member: &str, value: char| event(kind, None, member, digest(value));
    let entries = [
        unnamed("provider.response.received", "provider_response_digest_v1", 'a'),
        unnamed("client.response.delivered", "client_response_digest_v1", 'b'),
        closed(Bent::new()),
    ];
    for layout in Layout::ALL {
        for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
            let entries = order.map(|at| entries[at].clone()).to_vec();
            let found = faults(&layout.steps(&[Record::new(PERMIT, entries)]));
            if layout.has_records() {
                assert_eq!(found, [], "{layout:?} {order:?}");
            } else {
                // At the top of a bundle they are of nobody.
                assert_eq!(found, [FaultKind::EvidenceMissing; 2], "{layout:?} {order:?}");
            }
        }
    }
    // An empty name is none.
    let nameless = |step: Step| match step {
        Step::Event(mut event) => {
            event.permit_id = Some(String::new());
            Step::Event(event)
        }
        other => other,
    };
    let record = Record::new(PERMIT, entries.map(nameless).to_vec());
    assert_eq!(faults(&Layout::EntriesFirst.steps(&[record])), []);
}

#[test]
fn close_07_an_event_counts_for_the_permit_it_names_wherever_it_stands() {
    let other =
        Record::new(OTHER, vec![received(PERMIT, digest('a')), delivered(PERMIT, digest('b'))]);
    let record = Record::new(PERMIT, vec![closed(Bent::new())]);
    for layout in Layout::ALL {
        for records in [[other.clone(), record.clone()], [record.clone(), other.clone()]] {
            assert_eq!(faults(&layout.steps(&records)), [], "{layout:?}");
        }
    }
    // In the record of the closure, and of another permit.
    let events = [received(OTHER, digest('a')), delivered(OTHER, digest('b'))];
    let entries = events.into_iter().chain([closed(Bent::new())]).collect();
    let steps = Layout::PermitFirst.steps(&[Record::new(PERMIT, entries)]);
    assert_eq!(faults(&steps), [FaultKind::EvidenceMissing; 2]);
}

#[test]
fn close_07_amb_05_execution_completed_carries_both_digests() {
    let both = Value::object([
        ("provider_response_digest_v1".to_owned(), digest('a')),
        ("client_response_digest_v1".to_owned(), digest('b')),
    ]);
    let completed = Step::Event(crate::history::Event {
        event_type: "execution.completed".into(),
        permit_id: Some(PERMIT.into()),
        payload: both,
    });
    for layout in Layout::ALL {
        let entries = vec![completed.clone(), closed(Bent::new())];
        let outcome = Judge::new().judge(&layout.steps(&[Record::new(PERMIT, entries)]));
        assert_eq!((kinds(&outcome), outcome.digests), (vec![], 2), "{layout:?}");
    }
    // Each event speaks for the digests it is about, and no other event for any.
    for (kind, expected) in [
        ("provider.response.received", vec![FaultKind::EvidenceMissing]),
        ("client.response.delivered", vec![FaultKind::EvidenceMissing]),
        ("execution.started", vec![FaultKind::EvidenceMissing; 2]),
        ("Execution.completed", vec![FaultKind::EvidenceMissing; 2]),
    ] {
        let Step::Event(mut event) = completed.clone() else { continue };
        event.event_type = kind.into();
        let entries = vec![Step::Event(event), closed(Bent::new())];
        let found = faults(&Layout::PermitFirst.steps(&[Record::new(PERMIT, entries)]));
        assert_eq!(found, expected, "{kind}");
    }
}

#[test]
fn close_07_of_several_events_one_has_to_agree() {
    let blank =
        event("provider.response.received", Some(PERMIT), "provider_response_digest_v1", ());
    let candidates = [
        received(PERMIT, digest('7')),
        received(PERMIT, "unreadable"),
        blank,
        received(PERMIT, digest('8')),
        received(PERMIT, digest('a')),
    ];
    for (count, expected) in [(5, vec![]), (4, vec![FaultKind::DigestMismatch])] {
        let events = candidates[..count].iter().cloned();
        let rest = [delivered(PERMIT, digest('b')), closed(Bent::new())];
        let forwards: Vec<Step> = events.chain(rest).collect();
        let backwards: Vec<Step> = forwards.iter().rev().cloned().collect();
        for layout in Layout::ALL {
            for entries in [&forwards, &backwards] {
                let steps = layout.steps(&[Record::new(PERMIT, entries.clone())]);
                assert_eq!(faults(&steps), expected, "{layout:?}");
            }
        }
    }
    let events = candidates[..4].iter().cloned();
    let entries = events.chain([delivered(PERMIT, digest('b')), closed(Bent::new())]).collect();
    let outcome = Judge::new().judge(&Layout::PermitFirst.steps(&[Record::new(PERMIT, entries)]));
    let finding = &outcome.faults[0].finding;
    assert_eq!(finding.get("closure_digest"), Some(digest('a').as_str()));
    assert_eq!(finding.get("event_digest"), Some(format!("{} and 1 more", digest('7')).as_str()));
}

#[test]
fn close_07_what_is_no_digest_agrees_with_no_digest() {
    // Whatever a ledger may keep in place of an event's unreadable value, no closure can name it.
    for text in ["no digest", "", "unreadable", "null"] {
        let forged = Sha256Digest::of(text.as_bytes()).to_string();
        let closure = Bent::new().set("provider_response_digest_v1", forged);
        for unreadable in [json("\"no digest\""), json("7"), json("{}"), digest('A').into()] {
            for of in [Some(PERMIT), None] {
                let (kind, member) = ("provider.response.received", "provider_response_digest_v1");
                let entries = vec![
                    event(kind, of, member, unreadable.clone()),
                    delivered(PERMIT, digest('b')),
                    closed(closure.clone()),
                ];
                let found = faults(&Layout::PermitFirst.steps(&[Record::new(PERMIT, entries)]));
                assert_eq!(found, [FaultKind::DigestMismatch], "{text}");
            }
        }
    }
}

#[test]
fn close_08_the_dispatch_digest_is_the_request_hash_of_the_permit() {
    for (hash, expected) in [
        (digest('c').into(), vec![]),
        (digest('d').into(), vec![FaultKind::DispatchMismatch]),
        (digest('C').into(), vec![FaultKind::DispatchMismatch]),
        (json("7"), vec![FaultKind::DispatchMismatch]),
        (json("null"), vec![FaultKind::PermitHashMissing]),
        (json("\" \""), vec![FaultKind::PermitHashMissing]),
    ] {
        for layout in Layout::ALL {
            let mut record = Record::honest(Bent::new());
            record.permit = Some((PERMIT.into(), hash.clone()));
            let outcome = Judge::new().judge(&layout.steps(&[record]));
            assert_eq!(kinds(&outcome), expected, "{hash:?} {layout:?}");
            assert_eq!(outcome.dispatches, u64::from(expected.is_empty()));
        }
    }
}

#[test]
fn close_08_records_that_contradict_each_other_about_a_permit_are_told_to_the_reader() {
    let (c, d, bad, none) =
        (Json::from(digest('c')), Json::from(digest('d')), json("7"), json("null"));
    for (first, second, agree) in [
        (&c, &c, true),
        (&none, &c, true),
        (&c, &none, true),
        (&bad, &bad, true),
        (&c, &d, false),
        (&c, &bad, false),
        (&bad, &c, false),
    ] {
        let permit = |hash: &Json| Record {
            permit: Some((PERMIT.into(), hash.clone())),
            entries: Vec::new(),
        };
        let record = Record::honest(Bent::new());
        let records = [permit(first), permit(second), Record { permit: None, ..record.clone() }];
        let steps = Layout::BundleBehind.steps(&records);
        let (outcome, told) = Judge::new().judge_and_tell(&steps);
        assert_eq!(told, [true, agree], "{first:?} {second:?}");
        let third = permit(&none);
        let steps = Layout::PermitFirst.steps(&[permit(first), permit(second), third]);
        let (_, told) = Judge::new().judge_and_tell(&steps);
        assert_eq!(told, [true, agree, true], "a record that says nothing contradicts nothing");
        let same = [first, second].iter().all(|hash| **hash == c || **hash == none);
        let expected = if same { vec![] } else { vec![FaultKind::DispatchMismatch] };
        assert_eq!(kinds(&outcome), expected, "{first:?} {second:?}");
        // A closure that was done before the contradiction stays done; the reader was told.
        let steps = Layout::PermitFirst.steps(&[
            Record { permit: Some((PERMIT.into(), first.clone())), ..record },
            permit(second),
        ]);
        let (outcome, told) = Judge::new().judge_and_tell(&steps);
        assert_eq!(told, [true, agree]);
        assert!(!agree || kinds(&outcome) == expected);
    }
}

#[test]
fn close_09_an_abnormal_closure_may_go_without_its_dispatch_digest() {
    let closure = Bent::new().status("timeout").set("dispatch_request_digest_v1", ());
    let outcome =
        Judge::new().judge(&Layout::PermitFirst.steps(&[Record::honest(closure.clone())]));
    assert_eq!((outcome.failed, outcome.dispatch_absent, outcome.dispatches), (false, 1, 0));
    let notice = &outcome.notices[0];
    assert_eq!(
        (notice.severity, notice.rule.map(|rule| rule.as_str())),
        (Severity::Notice, Some("CLOSE-09"))
    );
    assert_eq!(notice.get("permit_id"), Some(PERMIT));
    assert_eq!(notice.get("closure_status"), Some("timeout"));
    assert_eq!(notice.at.pointer.to_string(), "/0/payload_json");
    assert_eq!(notice.reason, FaultKind::DispatchAbsent.reason());
    // What is not signed says nothing.
    let mut forged = closure;
    forged.seed = 3;
    for answers in [Answers::Prompt, Answers::Late] {
        let judge = Judge { answers, ..Judge::new() };
        let outcome = judge.judge(&Layout::PermitFirst.steps(&[Record::honest(forged.clone())]));
        assert_eq!(kinds(&outcome), [FaultKind::SignatureInvalid]);
        assert_eq!((outcome.notices.len(), outcome.dispatch_absent), (0, 0));
    }
}

#[test]
fn close_18_a_signature_that_fails_is_the_only_fault() {
    // At fault by itself, or in comparison, or not at all.
    for closure in [
        Bent::new(),
        Bent::new().set("dispatch_request_digest_semantics", "wrong"),
        Bent::new().status("done"),
        Bent::new().set("client_response_digest_v1", "no digest"),
        Bent::new().set("client_response_digest_v1", digest('9')),
        Bent::new().set("dispatch_request_digest_v1", digest('9')),
        Bent::new().of(OTHER),
    ] {
        let mut forged = closure.clone();
        forged.seed = 3;
        for layout in Layout::ALL {
            for answers in [Answers::Prompt, Answers::Late, Answers::LateBackwards] {
                let judge = Judge { answers, ..Judge::new() };
                // An honest closure behind it keeps its counts.
                let mut record = Record::honest(forged.clone());
                record.entries.push(closed(Bent::new()));
                let outcome = judge.judge(&layout.steps(&[record]));
                assert_eq!(
                    kinds(&outcome),
                    [FaultKind::SignatureInvalid],
                    "{layout:?} {answers:?}"
                );
                assert_eq!(outcome.failed_aspects, BTreeSet::from([Aspect::Signature]));
                assert_eq!((outcome.signatures, outcome.digests, outcome.dispatches), (1, 2, 1));
                let finding = &outcome.faults[0].finding;
                assert_eq!(finding.get("key_id"), Some("6a3803d5f059902a"));
                assert_eq!(finding.get("sub_failure"), Some("signature"));
            }
        }
    }
}

#[test]
fn close_18_19_what_fails_before_the_mathematics_is_told_once_too() {
    let mut no_signature = Bent::new().status("done");
    no_signature.signature = Some(None);
    assert_eq!(faults_of(&no_signature), [FaultKind::SignatureMissing]);
    let unknown_key = Bent::new().status("done").set("binding_key_id", "1234567890abcdef");
    assert_eq!(faults_of(&unknown_key), [FaultKind::KeyNotUsable]);
    let edited = Bent::new().edited("closure_status", "timeout");
    assert_eq!(faults_of(&edited), [FaultKind::HashMismatch]);
    let judge = Judge { keys: None, ..Judge::new() };
    let outcome = judge.judge(&Layout::PermitFirst.steps(&[Record::honest(Bent::new())]));
    assert_eq!(kinds(&outcome), [FaultKind::KeyNotUsable]);
    assert!(outcome.faults[0].finding.help.contains("key manifest"));
}

#[test]
fn answers_that_do_not_come_are_counted() {
    let trust = trust();
    let keys = BindingKeys::of(&trust, Mode::Production);
    let mut ledger = ClosureLedger::new(Artifact::Export, pointer_of, LedgerBudget::default(), 10);
    for (index, (closure, open)) in [
        (Bent::new(), true),
        (Bent::new().status("done"), true),
        (Bent::new().set("binding_key_id", "unknown"), false),
    ]
    .into_iter()
    .enumerate()
    {
        let value = closure.value();
        let place = place(index as u64);
        let base = pointer_of(place.entry);
        let examined = examine(&Carrier::of(&value), &ClosureRules::default(), &keys, &base, None);
        assert_eq!(ledger.closure(&examined, place).is_open(), open);
    }
    let outcome = ledger.finish();
    assert_eq!((outcome.closures, outcome.unanswered, outcome.signatures), (3, 2, 0));
    // What else is known is told all the same.
    let of = |index, kind| (index, kind);
    let told: Vec<_> = outcome.faults.iter().map(|f| of(closure_of(f), f.kind)).collect();
    let expected = [
        of(0, FaultKind::Orphan),
        of(0, FaultKind::EvidenceMissing),
        of(0, FaultKind::EvidenceMissing),
        of(1, FaultKind::UnknownStatus),
        of(2, FaultKind::KeyNotUsable),
    ];
    assert_eq!(told, expected);
}

#[test]
fn close_20_a_missing_closure_is_not_compared_with_anything() {
    let closure = Bent::new().status("missing_closure");
    for members in [digest('9').into(), json("null"), json("\"no digest\"")] {
        let closure = closure
            .clone()
            .set("dispatch_request_digest_v1", members.clone())
            .set("provider_response_digest_v1", members.clone())
            .set("client_response_digest_v1", members);
        for layout in Layout::ALL {
            let outcome = Judge::new().judge(&layout.steps(&[Record::honest(closure.clone())]));
            assert!(!outcome.failed && outcome.notices.is_empty());
            assert_eq!((outcome.digests, outcome.dispatches), (0, 0));
        }
    }
    // It belongs to a permit all the same.
    assert_eq!(faults_of(&closure.of(OTHER)), [FaultKind::Orphan]);
}

#[test]
fn close_22_a_closure_belongs_to_a_permit_of_the_evidence() {
    let events = [received(OTHER, digest('a')), delivered(OTHER, digest('b'))];
    let entries: Vec<Step> = events.into_iter().chain([closed(Bent::new().of(OTHER))]).collect();
    let other = Record::new(OTHER, Vec::new());
    for layout in Layout::ALL {
        let here = Record::new(PERMIT, entries.clone());
        let found = faults(&layout.steps(std::slice::from_ref(&here)));
        assert_eq!(found, [FaultKind::Orphan], "{layout:?}");
        // The permit has a record, and it is another one than that which carries the closure.
        let expected =
            if layout.has_records() { vec![FaultKind::ForeignPermit] } else { Vec::new() };
        for records in [[here.clone(), other.clone()], [other.clone(), here.clone()]] {
            let found = faults(&layout.steps(&records));
            assert_eq!(found, expected, "{layout:?}");
        }
        // The record that carries the closure has no permit.
        let nameless = Record { permit: None, ..here.clone() };
        let found = faults(&layout.steps(&[nameless.clone(), other.clone()]));
        assert_eq!(found, expected, "{layout:?}");
        assert_eq!(faults(&layout.steps(&[nameless])), [FaultKind::Orphan], "{layout:?}");
    }
    let here = Record::new(PERMIT, entries);
    let outcome = Judge::new().judge(&Layout::PermitFirst.steps(&[here, other]));
    let finding = &outcome.faults[0].finding;
    assert_eq!(finding.because, None);
    assert_eq!(finding.get("permit_id"), Some(OTHER));
    assert_eq!(
        (finding.expected.as_deref(), finding.actual.as_deref()),
        (Some(PERMIT), Some(OTHER))
    );
}

#[test]
fn close_22_what_an_orphan_lacks_is_because_it_is_one() {
    let at_fault = Bent::new().set("provider_response_digest_v1", digest('9'));
    let entries = vec![closed(at_fault), closed(Bent::new().of(OTHER))];
    let record = Record::honest(Bent::new().of(OTHER));
    let record = Record { entries: [record.entries, entries].concat(), ..record };
    let outcome = Judge::new().judge(&Layout::PermitFirst.steps(&[record]));
    let told: Vec<_> = outcome.faults.iter().map(|f| (f.kind, f.finding.because)).collect();
    use FaultKind as Kind;
    let orphan = |at| {
        [(Kind::Orphan, None), (Kind::EvidenceMissing, Some(at)), (Kind::EvidenceMissing, Some(at))]
    };
    let expected = [&orphan(0)[..], &[(Kind::DigestMismatch, None)], &orphan(4)[..]].concat();
    assert_eq!(told, expected);
}

#[test]
fn close_22_ids_are_compared_as_text() {
    for id in ["permit_123", "", &PERMIT.to_uppercase(), &PERMIT.replace('-', ""), &"p".repeat(500)]
    {
        let closure = Bent::new().of(id);
        let entries = vec![received(id, digest('a')), delivered(id, digest('b')), closed(closure)];
        let found = faults(&Layout::PermitFirst.steps(&[Record::new(id, entries.clone())]));
        let expected = if id.is_empty() { vec![FaultKind::PermitIdMissing] } else { vec![] };
        assert_eq!(found, expected, "{id}");
        if id.is_empty() {
            continue;
        }
        for other in [PERMIT, &[id, "p"].concat()] {
            let found = faults(&Layout::PermitFirst.steps(&[Record::new(other, entries.clone())]));
            assert_eq!(found, [FaultKind::Orphan], "{id} {other}");
        }
    }
}

#[test]
fn close_24_equal_response_digests_are_no_fault() {
    let closure = Bent::new().set("client_response_digest_v1", digest('a'));
    let entries =
        vec![received(PERMIT, digest('a')), delivered(PERMIT, digest('a')), closed(closure)];
    assert_eq!(faults(&Layout::PermitFirst.steps(&[Record::new(PERMIT, entries)])), []);
}

#[test]
fn faults_are_told_closure_by_closure_and_question_by_question() {
    let mut forged = Bent::new();
    forged.seed = 3;
    let entries = vec![
        closed(
            Bent::new()
                .set("provider_response_digest_v1", digest('1'))
                .set("client_response_digest_v1", digest('2'))
                .set("dispatch_request_digest_v1", digest('3')),
        ),
        closed(Bent::new().status("done")),
        closed(forged),
        closed(Bent::new().set("binding_key_id", "unknown")),
        closed(Bent::new()),
        closed(Bent::new().of(OTHER).set("provider_response_digest_v1", digest('1'))),
        closed(Bent::new().set("binding_version", "closure_v7")),
        closed(Bent::new().set("client_response_digest_v1", ())),
        received(PERMIT, digest('a')),
        delivered(PERMIT, digest('b')),
    ];
    use FaultKind as Kind;
    let expected = [
        (0, Kind::DispatchMismatch),
        (0, Kind::DigestMismatch),
        (0, Kind::DigestMismatch),
        (1, Kind::UnknownStatus),
        (2, Kind::SignatureInvalid),
        (3, Kind::KeyNotUsable),
        (5, Kind::Orphan),
        (5, Kind::EvidenceMissing),
        (5, Kind::EvidenceMissing),
        (6, Kind::UnknownFormat),
        (7, Kind::DigestMissing),
    ];
    for layout in Layout::ALL {
        for answers in [Answers::Prompt, Answers::Late, Answers::LateBackwards] {
            for limit in [1_000, 4, 1] {
                let judge = Judge { answers, findings: limit, ..Judge::new() };
                let steps = layout.steps(&[Record::new(PERMIT, entries.clone())]);
                let outcome = judge.judge(&steps);
                let told: Vec<_> =
                    outcome.faults.iter().map(|fault| (closure_of(fault), fault.kind)).collect();
                let kept = limit.min(expected.len());
                assert_eq!(told, expected[..kept], "{layout:?} {answers:?}");
                let left_out = (expected.len() - kept) as u64;
                assert_eq!((outcome.findings_left_out, outcome.failed), (left_out, true));
                let all = [Aspect::Format, Aspect::Signature, Aspect::Digests, Aspect::Dispatch];
                assert_eq!(outcome.failed_aspects, BTreeSet::from(all));
                assert_eq!((outcome.closures, outcome.unanswered), (8, 0));
            }
        }
    }
}

#[test]
fn code_02_close_23_every_kind_of_fault_reports_what_the_taxonomy_demands() {
    let seen: Vec<(FaultKind, ClosureOutcome)> = one_of_each();
    let mut kinds = BTreeSet::new();
    for (kind, outcome) in &seen {
        let fault = outcome.faults.first().unwrap_or_else(|| panic!("{kind:?}"));
        assert_eq!(fault.kind, *kind);
        assert!(kinds.insert(*kind), "{kind:?} twice");
        let finding = &fault.finding;
        assert_eq!(finding.reason, kind.reason());
        assert_eq!(finding.rule.map(|rule| rule.as_str()), Some(kind.rule()));
        assert_eq!(finding.severity, Severity::Failure);
        assert_eq!(finding.get("sub_failure"), kind.sub_failure(), "{kind:?}");
        assert_eq!(finding.get("sub_failure").is_some(), kind.aspect() == Aspect::Signature);
        assert!(!finding.help.is_empty() && !finding.summary.is_empty());
        assert!(!finding.summary.ends_with('.') && finding.summary != "the closure is at fault");
        for name in finding.code().map_or(&[][..], permit_failure_codes::FailureCode::must_report) {
            assert!(finding.get(name).is_some(), "{kind:?} lacks {name}: {:?}", finding.details);
        }
        let names: BTreeSet<_> = finding.details.iter().map(|detail| detail.name).collect();
        assert_eq!(names.len(), finding.details.len(), "{kind:?}: {:?}", finding.details);
        assert_eq!(outcome.failed_aspects, BTreeSet::from([kind.aspect()]), "{kind:?}");
    }
    // All there are, but for the notice.
    assert_eq!(kinds.len(), 21);
    assert!(!kinds.contains(&FaultKind::DispatchAbsent));
}

/// For each kind of fault an outcome that has it alone.
fn one_of_each() -> Vec<(FaultKind, ClosureOutcome)> {
    use FaultKind as Kind;
    let judge = |record: Record| Judge::new().judge(&Layout::PermitFirst.steps(&[record]));
    let of = |closure: Bent| judge(Record::honest(closure));
    let sealed = |hash: Option<Option<Json>>, signature: Option<Option<Json>>| {
        let mut closure = Bent::new();
        (closure.hash, closure.signature) = (hash, signature);
        of(closure)
    };
    let mut other_key_outside = Bent::new().envelope();
    other_key_outside.outer_key_id = Some(Some("another".into()));
    let mut forged = Bent::new();
    forged.seed = 3;
    let honest = Record::honest(Bent::new());
    let unbound = Record { permit: Some((PERMIT.into(), json("null"))), ..honest.clone() };
    let silent =
        Record { entries: vec![delivered(PERMIT, digest('b')), closed(Bent::new())], ..honest };
    let foreign = {
        let mut record = Record::honest(Bent::new());
        let other = Record::new(PERMIT, Vec::new());
        record.permit = Some((OTHER.into(), digest('c').into()));
        Judge::new().judge(&Layout::PermitFirst.steps(&[record, other]))
    };
    let orphan = {
        let mut record = Record::honest(Bent::new());
        record.permit = Some((OTHER.into(), digest('c').into()));
        judge(record)
    };
    vec![
        (Kind::UnknownFormat, of(Bent::new().set("binding_version", "closure_v3"))),
        (Kind::PermitIdMissing, of(Bent::new().set("permit_id", ()))),
        (Kind::MemberMissing, of(Bent::new().unset("model"))),
        (Kind::HashMissing, sealed(Some(None), None)),
        (Kind::SignatureMissing, sealed(None, Some(None))),
        (Kind::NotCanonical, of(Bent::new().edited("status_code", json("1e999")))),
        (Kind::HashMismatch, of(Bent::new().edited("model", "another"))),
        (Kind::KeyIdMismatch, of(other_key_outside)),
        (Kind::KeyNotUsable, of(Bent::new().set("binding_key_id", "unknown"))),
        (Kind::SignatureInvalid, of(forged)),
        (Kind::Label, of(Bent::new().set("dispatch_request_digest_semantics", "x"))),
        (Kind::UnknownStatus, of(Bent::new().status("done"))),
        (Kind::MalformedDigest, of(Bent::new().set("client_response_digest_v1", "x"))),
        (Kind::DigestMissing, of(Bent::new().set("client_response_digest_v1", ()))),
        (Kind::EvidenceMissing, judge(silent)),
        (Kind::DigestMismatch, of(Bent::new().set("client_response_digest_v1", digest('9')))),
        (Kind::DispatchMissing, of(Bent::new().unset("dispatch_request_digest_v1"))),
        (Kind::PermitHashMissing, judge(unbound)),
        (Kind::DispatchMismatch, of(Bent::new().set("dispatch_request_digest_v1", digest('9')))),
        (Kind::Orphan, orphan),
        (Kind::ForeignPermit, foreign),
    ]
}

#[test]
fn each_limit_ends_without_a_verdict() {
    let mut judge = Judge::new();
    judge.budget.permits = 3;
    judge.budget.waiting = 2;
    judge.budget.further_digests = 4;

    let records: Vec<Record> =
        (0..4).map(|number| Record::new(&format!("permit-{number}"), Vec::new())).collect();
    let outcome = judge.judge(&Layout::PermitFirst.steps(&records));
    assert_eq!(outcome.limit, Some(LedgerLimit::Permits { limit: 3 }));
    // Named by an event or a closure is named too.
    let named = ["1", "2", "3", "4"].map(|id| received(id, digest('a')));
    let outcome = judge.judge(&named);
    assert_eq!(outcome.limit, Some(LedgerLimit::Permits { limit: 3 }));

    // They wait for their events, or for the answer about a signature.
    for closure in [Bent::new(), Bent::new().status("done")] {
        let closures = vec![closed(closure); 3];
        let steps = Layout::BundleBehind.steps(&[Record::new(PERMIT, closures)]);
        judge.answers = Answers::Late;
        let outcome = judge.judge(&steps);
        assert_eq!(outcome.limit, Some(LedgerLimit::Waiting { limit: 2 }));
    }

    let various = |permit_id: Option<&str>| -> Vec<Step> {
        let digests = "012345".chars().map(digest);
        let member = "client_response_digest_v1";
        digests.map(|digest| event("execution.completed", permit_id, member, digest)).collect()
    };
    for events in [various(Some(PERMIT)), various(None)] {
        let outcome =
            judge.judge(&Layout::EntriesFirst.steps(&[Record::new(PERMIT, events.clone())]));
        assert_eq!(outcome.limit, Some(LedgerLimit::FurtherDigests { limit: 4 }));
        // The same five digests again and again are five.
        let repeated: Vec<Step> = events[..5].iter().cycle().take(100).cloned().collect();
        let outcome = judge.judge(&Layout::EntriesFirst.steps(&[Record::new(PERMIT, repeated)]));
        assert_eq!(outcome.limit, None);
    }
    let nobodys = Record { permit: None, entries: various(None) };
    let outcome = judge.judge(&Layout::EntriesFirst.steps(&[nobodys]));
    assert_eq!(outcome.limit, Some(LedgerLimit::FurtherDigests { limit: 4 }));
    let hashes: Vec<Step> = "012345"
        .chars()
        .map(|hash| Step::Permit(Some(PERMIT.into()), digest(hash).into()))
        .collect();
    let outcome = judge.judge(&hashes);
    assert_eq!(outcome.limit, Some(LedgerLimit::FurtherDigests { limit: 4 }));
    assert_eq!(
        LedgerLimit::FurtherDigests { limit: 4 }.to_string(),
        "there are more contradicting digests than the limit of 4",
    );
}

#[test]
fn a_closure_whose_counterparts_are_there_does_not_wait() {
    let mut judge = Judge::new();
    judge.budget.waiting = 2;
    let without_client =
        Bent::new().status("client_digest_missing").set("client_response_digest_v1", ());
    for closure in [Bent::new(), Bent::v1(), without_client] {
        let mut record = Record::honest(closure.clone());
        record.entries.extend(vec![closed(closure.clone()); 9]);
        let outcome = judge.judge(&Layout::BundleBehind.steps(&[record]));
        assert_eq!((outcome.limit, outcome.failed, outcome.closures), (None, false, 10));
        let records = vec![Record::honest(closure); 10];
        let outcome = judge.judge(&Layout::EntriesFirst.steps(&records));
        assert_eq!((outcome.limit, outcome.failed, outcome.closures), (None, false, 10));
    }
    // A provider digest that an event may still make required has to be waited for.
    let open = Bent::new()
        .status("client_digest_missing")
        .set("provider_response_digest_v1", ())
        .set("client_response_digest_v1", ());
    let steps = Layout::PermitFirst.steps(&[Record::new(PERMIT, vec![closed(open); 3])]);
    assert_eq!(judge.judge(&steps).limit, Some(LedgerLimit::Waiting { limit: 2 }));
}

#[test]
fn a_limit_leaves_what_waits_unjudged() {
    let mut judge = Judge::new();
    judge.budget.permits = 1;
    let steps = Layout::BundleBefore
        .steps(&[Record::honest(Bent::new().of(OTHER)), Record::honest(Bent::new())]);
    let outcome = judge.judge(&steps);
    assert_eq!(outcome.limit, Some(LedgerLimit::Permits { limit: 1 }));
    assert_eq!(kinds(&outcome), [], "what was not looked at is no fault");
    // Nor is anything looked at afterwards.
    let mut forged = Bent::new();
    forged.seed = 3;
    let events = [received(OTHER, digest('a')), received(PERMIT, digest('a'))];
    let steps: Vec<Step> = events.into_iter().chain([closed(forged)]).collect();
    let outcome = judge.judge(&steps);
    assert_eq!((outcome.closures, outcome.signatures, outcome.unanswered), (1, 0, 0));
    assert_eq!(kinds(&outcome), []);
}

/// Seconds that a permit with this many closures takes, which all come before its events.
fn seconds(closures: u64, layout: Layout) -> f64 {
    let trust = trust();
    let keys = BindingKeys::of(&trust, Mode::Production);
    let value = Bent::new().value();
    let base = JsonPointer::root();
    let examined = examine(&Carrier::of(&value), &ClosureRules::default(), &keys, &base, None);
    let answer = examined.signature.clone().unwrap().verify();
    let (hash, received) = (
        Json::from(digest('c')),
        json(&format!(
            r#"{{"provider_response_digest_v1": "{}", "client_response_digest_v1": "{}"}}"#,
            digest('a'),
            digest('b')
        )),
    );

    let started = std::time::Instant::now();
    let mut ledger =
        ClosureLedger::new(Artifact::Export, pointer_of, LedgerBudget::default(), 1_000);
    let entries = |ledger: &mut ClosureLedger| {
        for index in 0..closures {
            let signed = ledger.closure(&examined, place(index));
            ledger.signature(signed, place(index), Some(PERMIT), answer.clone());
        }
        ledger.event("execution.completed", Some(PERMIT), Some(&received));
    };
    if layout == Layout::BundleBefore {
        entries(&mut ledger);
    }
    ledger.begin_record();
    ledger.permit(Some(PERMIT), Some(&hash));
    if layout == Layout::PermitFirst {
        entries(&mut ledger);
    }
    ledger.end_record();
    if layout == Layout::BundleBehind {
        entries(&mut ledger);
    }
    let outcome = ledger.finish();
    let seconds = started.elapsed().as_secs_f64();
    assert_eq!((outcome.closures, outcome.failed, outcome.limit), (closures, false, None));
    assert_eq!((outcome.digests, outcome.dispatches), (2 * closures, closures));
    seconds
}

#[test]
fn four_times_the_closures_of_one_permit_take_about_four_times_as_long() {
    for layout in [Layout::PermitFirst, Layout::BundleBefore, Layout::BundleBehind] {
        let best = |closures| (0..3).map(|_| seconds(closures, layout)).fold(f64::MAX, f64::min);
        let (few, many) = (best(50_000), best(200_000));
        // Sixteen times if anything were looked at once for each closure and each closure.
        assert!(many < 10.0 * few, "{layout:?}: {few} s and {many} s");
    }
}
