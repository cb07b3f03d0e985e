// SPDX-License-Identifier: Apache-2.0

//! All rules about closures once more: everything is collected, then looked at closure by closure,
//! with a loop over all evidence for each. Compared with the ledger on generated histories.

use std::collections::BTreeSet;

use permit_canonical_json::{Profile, Sha256Digest, Value};
use permit_closure::{ClosureOutcome, FaultKind};
use permit_types::Instant;
use proptest::prelude::*;

use crate::{
    bent::{Bent, Json, SEED, digest, json, key},
    history::{Answers, Event, Judge, Layout, Record, Step, closed, closure_of},
};

/// What the model makes of a history.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    /// Closure by closure, question by question.
    faults: Vec<(u64, FaultKind)>,
    signatures: u64,
    digests: u64,
    dispatches: u64,
    dispatch_absent: u64,
    /// Whether all records of a permit say the same about its request.
    consistent: bool,
}

impl Verdict {
    fn of(outcome: &ClosureOutcome, told: &[bool]) -> Self {
        let faults = outcome.faults.iter().map(|fault| (closure_of(fault), fault.kind));
        Self {
            faults: faults.collect(),
            signatures: outcome.signatures,
            digests: outcome.digests,
            dispatches: outcome.dispatches,
            dispatch_absent: outcome.dispatch_absent,
            consistent: told.iter().all(|agrees| *agrees),
        }
    }
}

/// A history with everything in one place.
struct Collected<'s> {
    /// The permit of each record that has one, and its request hash.
    permits: Vec<(&'s str, &'s Json)>,
    /// Events with the permit they are of.
    events: Vec<(Option<&'s str>, &'s Event)>,
    /// Closures with the permit of their record; outside of records with nothing.
    closures: Vec<(Option<Option<&'s str>>, &'s Bent)>,
}

fn collect(steps: &[Step]) -> Collected<'_> {
    let mut collected = Collected { permits: Vec::new(), events: Vec::new(), closures: Vec::new() };
    for (at, step) in steps.iter().enumerate() {
        let record = record_around(steps, at);
        match step {
            Step::Permit(Some(id), hash) => collected.permits.push((id, hash)),
            Step::Event(event) => {
                let named = event.permit_id.as_deref().filter(|id| !id.is_empty());
                collected.events.push((named.or(record.flatten()), event));
            }
            Step::Closure(closure) => collected.closures.push((record, closure)),
            _ => {}
        }
    }
    collected
}

/// The permit of the record that a step is in; nothing outside of records.
fn record_around(steps: &[Step], at: usize) -> Option<Option<&str>> {
    let border = |step: &Step| matches!(step, Step::BeginRecord | Step::EndRecord);
    let from = steps[..at].iter().rposition(border)?;
    if matches!(steps[from], Step::EndRecord) {
        return None;
    }
    let to = at + steps[at..].iter().position(border).expect("records end");
    let permit = steps[from..to].iter().find_map(|step| match step {
        Step::Permit(id, _) => id.as_deref(),
        _ => None,
    });
    Some(permit)
}

fn model(steps: &[Step], pinned: bool) -> Verdict {
    let evidence = collect(steps);
    let mut verdict = Verdict { consistent: is_consistent(&evidence), ..Verdict::default() };
    for (index, (record, closure)) in (0..).zip(&evidence.closures) {
        let mut faults = Vec::new();
        let closure = closure.value();
        let seen = by_itself(&closure, pinned);
        verdict.signatures += u64::from(seen.signature_holds);
        match seen.fault {
            Some(fault) => faults.push(fault),
            None => compare(&closure, *record, &evidence, &mut faults, &mut verdict),
        }
        verdict.faults.extend(faults.into_iter().map(|fault| (index, fault)));
    }
    verdict
}

fn is_consistent(evidence: &Collected<'_>) -> bool {
    let said = |hash: &Json| (!is_none(Some(hash))).then(|| read(Some(hash)));
    evidence.permits.iter().all(|(id, hash)| {
        let others = evidence.permits.iter().filter(|(other, _)| other == id);
        others
            .filter_map(|(_, other)| said(other))
            .all(|other| said(hash).is_none_or(|own| own == other))
    })
}

struct Seen {
    fault: Option<FaultKind>,
    signature_holds: bool,
}

/// What is wrong with a closure by itself, from its format to its digests.
fn by_itself(closure: &Json, pinned: bool) -> Seen {
    let failed = |fault| Seen { fault: Some(fault), signature_holds: false };
    let envelope = closure.get("binding_version").is_none()
        && closure.get("payload").is_some_and(|payload| payload.as_object().is_some());
    let payload = if envelope { closure.get("payload").expect("just seen") } else { closure };
    let text = |value: &Json, name: &str| {
        value
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.trim().is_empty())
            .map(ToOwned::to_owned)
    };
    let v2 = match payload.get("binding_version").and_then(Value::as_str) {
        Some("closure_v1") => false,
        Some("closure_v2") => true,
        _ => return failed(FaultKind::UnknownFormat),
    };
    if payload.get("permit_id").and_then(Value::as_str).is_none_or(str::is_empty) {
        return failed(FaultKind::PermitIdMissing);
    }
    let names = signed_names(v2);
    for name in &names {
        let optional =
            *name == "usage_reported_at" || (*name == "dispatch_request_digest_v1" && !pinned);
        if payload.get(name).is_none() && !optional {
            return failed(FaultKind::MemberMissing);
        }
    }
    let (hashes, signatures) = if envelope {
        (vec!["canonical_hash"], vec!["signature"])
    } else {
        (
            vec!["closure_canonical_hash", "binding_canonical_hash"],
            vec!["closure_signature_b64", "binding_signature"],
        )
    };
    let Some(stated) = hashes.iter().find_map(|name| text(closure, name)) else {
        return failed(FaultKind::HashMissing);
    };
    let Some(signature) = signatures.iter().find_map(|name| text(closure, name)) else {
        return failed(FaultKind::SignatureMissing);
    };
    let signed = payload.as_object().expect("an object").members().iter();
    let signed = signed.filter(|member| envelope || names.contains(&member.name()));
    let signed = Value::object(signed.map(|m| (m.name().to_owned(), m.value().clone())));
    let hash = Profile::Payload.digest(&signed).expect("integers and texts");
    if stated != hash.to_string() {
        return failed(FaultKind::HashMismatch);
    }
    let Some(id) = text(payload, "binding_key_id") else { return failed(FaultKind::KeyNotUsable) };
    if envelope
        && closure.get("binding_key_id").is_some()
        && text(closure, "binding_key_id") != Some(id.clone())
    {
        return failed(FaultKind::KeyIdMismatch);
    }
    let signed_at = text(payload, "closure_signed_at").and_then(|time| Instant::parse(&time));
    let active = signed_at.is_some_and(|at| at >= Instant::parse("2026-01-01").expect("a date"));
    if id != key(SEED).key_id().to_string() || !active {
        return failed(FaultKind::KeyNotUsable);
    }
    // Ed25519 makes one signature of a message.
    let expected = key(SEED).sign_closure(hash).expect("a software key").to_string();
    if signature.trim_start_matches("ed25519:") != expected.trim_start_matches("ed25519:") {
        return failed(FaultKind::SignatureInvalid);
    }
    Seen { fault: meaning_fault(payload, v2, pinned), signature_holds: true }
}

/// What is wrong with what a closure means: its labels, its status, its digests.
fn meaning_fault(payload: &Json, v2: bool, pinned: bool) -> Option<FaultKind> {
    let labels = [
        ("dispatch_request_digest_semantics", "approved_request_body_bytes_at_dispatch_time"),
        ("provider_response_digest_semantics", "provider_bytes_received_by_keel"),
        ("client_response_digest_semantics", "response_bytes_handed_to_asgi_not_tcp_receipt"),
    ];
    for (index, (name, label)) in labels.into_iter().enumerate() {
        let dispatch = index == 0;
        if dispatch && !v2 {
            continue;
        }
        let stated = payload.get(name).and_then(Value::as_str);
        let null = payload.get(name).is_some_and(Value::is_null);
        let right = if dispatch || pinned {
            stated == Some(label) || (null && !dispatch)
        } else {
            null || stated.is_some_and(|text| !text.is_empty())
        };
        if !right {
            return Some(FaultKind::Label);
        }
    }
    let status = payload.get("closure_status").and_then(Value::as_str).unwrap_or_default();
    if !STATUSES.contains(&status) {
        return Some(FaultKind::UnknownStatus);
    }
    let names = MEMBERS[usize::from(!v2)..].iter();
    let unreadable = |name: &&str| !is_none(payload.get(name)) && read(payload.get(name)).is_none();
    (status != "missing_closure" && names.clone().any(unreadable))
        .then_some(FaultKind::MalformedDigest)
}

/// What is wrong with a closure that is in order by itself, seen from the rest.
fn compare(
    closure: &Json,
    record: Option<Option<&str>>,
    evidence: &Collected<'_>,
    faults: &mut Vec<FaultKind>,
    verdict: &mut Verdict,
) {
    let payload = closure.get("payload").unwrap_or(closure);
    let text = |name| payload.get(name).and_then(Value::as_str).unwrap_or_default();
    let (permit_id, status) = (text("permit_id"), text("closure_status"));
    let v2 = text("binding_version") == "closure_v2";
    let known = evidence.permits.iter().any(|(id, _)| *id == permit_id);
    let carried_elsewhere = record.is_some_and(|carrier| carrier != Some(permit_id));
    if !known {
        faults.push(FaultKind::Orphan);
    } else if carried_elsewhere {
        faults.push(FaultKind::ForeignPermit);
    }
    let belongs = faults.is_empty();
    let own = |name: &str| read(payload.get(name));
    let (dispatch, provider, client) = (own(MEMBERS[0]), own(MEMBERS[1]), own(MEMBERS[2]));
    let expects_dispatch = !["closed", "dispatch_error", "missing_closure"].contains(&status);
    if v2 && expects_dispatch && dispatch.is_none() {
        verdict.dispatch_absent += 1;
    }
    if status == "missing_closure" {
        return;
    }
    if v2 && belongs {
        faults.extend(dispatch_fault(dispatch, status, permit_id, evidence));
    }
    for (field, stated) in [(MEMBERS[1], provider), (MEMBERS[2], client)] {
        let candidates = candidates(field, permit_id, evidence);
        let required = status == "closed"
            || (status == "client_digest_missing" && field == MEMBERS[1] && !candidates.is_empty());
        faults.extend(match stated {
            None => required.then_some(FaultKind::DigestMissing),
            Some(_) if candidates.is_empty() => Some(FaultKind::EvidenceMissing),
            Some(own) => (!candidates.contains(&Some(own))).then_some(FaultKind::DigestMismatch),
        });
    }
    if faults.is_empty() {
        verdict.digests += [provider, client].iter().flatten().count() as u64;
        verdict.dispatches += u64::from(v2 && dispatch.is_some());
    }
}

fn dispatch_fault(
    dispatch: Option<Sha256Digest>,
    status: &str,
    permit_id: &str,
    evidence: &Collected<'_>,
) -> Option<FaultKind> {
    let Some(dispatch) = dispatch else {
        return (status == "closed").then_some(FaultKind::DispatchMissing);
    };
    let hashes = evidence.permits.iter().filter(|(id, _)| *id == permit_id);
    let mut hashes = hashes.filter(|(_, hash)| !is_none(Some(hash)));
    match hashes.next() {
        None => Some(FaultKind::PermitHashMissing),
        Some((_, hash)) => {
            (read(Some(hash)) != Some(dispatch)).then_some(FaultKind::DispatchMismatch)
        }
    }
}

/// What events of the permit say about a field; nothing in place of what is no digest.
fn candidates(field: &str, permit_id: &str, evidence: &Collected<'_>) -> Vec<Option<Sha256Digest>> {
    let first = if field == MEMBERS[1] {
        "provider.response.received"
    } else {
        "client.response.delivered"
    };
    let mut candidates = Vec::new();
    for (of, event) in &evidence.events {
        let kind = event.event_type == first || event.event_type == "execution.completed";
        if kind && *of == Some(permit_id) && !is_none(event.payload.get(field)) {
            candidates.push(read(event.payload.get(field)));
        }
    }
    candidates
}

/// Whether nothing is stated: no member, null, or a blank text.
fn is_none(value: Option<&Json>) -> bool {
    let blank = |value: &Json| value.as_str().is_some_and(|text| text.trim().is_empty());
    value.is_none_or(|value| value.is_null() || blank(value))
}

fn read(value: Option<&Json>) -> Option<Sha256Digest> {
    let text = value?.as_str()?;
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    if text.len() != 64 || !text.chars().all(hex) {
        return None;
    }
    Sha256Digest::from_hex(text)
}

fn signed_names(v2: bool) -> Vec<&'static str> {
    let v1 = "binding_version permit_id execution_id correlation_id provider model \
        provider_response_digest_v1 client_response_digest_v1 closure_status status_code \
        provider_response_id provider_response_digest_semantics client_response_digest_semantics \
        request_created_at started_at completed_at provider_response_received_at \
        client_response_delivered_at closure_signed_at binding_key_id usage_reported_at";
    let own = ["dispatch_request_digest_v1", "dispatch_request_digest_semantics"];
    v1.split_whitespace().chain(own.into_iter().filter(|_| v2)).collect()
}

const MEMBERS: [&str; 3] =
    ["dispatch_request_digest_v1", "provider_response_digest_v1", "client_response_digest_v1"];

const STATUSES: [&str; 8] = [
    "closed",
    "client_disconnected",
    "provider_error",
    "timeout",
    "dispatch_error",
    "provider_digest_missing",
    "client_digest_missing",
    "missing_closure",
];

/// An execution as it is generated: a permit, its events and its closures, and where they stand.
#[derive(Clone, Debug)]
struct Execution {
    record: Record,
    layout: Layout,
}

/// Executions with everything in order.
fn honest() -> impl Strategy<Value = Vec<Execution>> {
    let closure = (0_usize..8, any::<[bool; 3]>(), any::<bool>(), any::<bool>());
    let closures = proptest::collection::vec(closure, 0..3);
    let execution = (
        closures,
        any::<[bool; 3]>(),
        proptest::sample::select(Layout::ALL.to_vec()),
        any::<u64>(),
    );
    proptest::collection::vec(execution, 1..4).prop_map(|executions| {
        let executions = (0..).zip(executions);
        executions
            .map(|(number, (closures, [named, together, twice], layout, order))| {
                let mut entries = events(number, named || !layout.has_records(), together, twice);
                for (status, states, v1, envelope) in closures {
                    let closure = closure_of_execution(number, STATUSES[status], states, v1);
                    entries.push(closed(if envelope { closure.envelope() } else { closure }));
                }
                shuffle(&mut entries, order);
                let mut record = Record::new(&permit(number), entries);
                record.permit = Some((permit(number), digest_of(number, 'c').into()));
                Execution { record, layout }
            })
            .collect()
    })
}

fn permit(number: u8) -> String {
    if number == 0 { "permit_0".into() } else { format!("20000000-0000-4000-8000-{number:012}") }
}

fn digest_of(number: u8, what: char) -> String {
    Sha256Digest::of(format!("{number} {what}").as_bytes()).to_string()
}

fn events(number: u8, named: bool, together: bool, twice: bool) -> Vec<Step> {
    let (provider, client) = (digest_of(number, 'a'), digest_of(number, 'b'));
    let event = |event_type: &str, members: &[(&str, &String)]| {
        let members = members.iter().map(|(name, value)| ((*name).to_owned(), (*value).clone()));
        Step::Event(Event {
            event_type: event_type.into(),
            permit_id: named.then(|| permit(number)),
            payload: Value::object(members),
        })
    };
    let mut events = Vec::new();
    if !together || twice {
        events.push(event("provider.response.received", &[(MEMBERS[1], &provider)]));
        events.push(event("client.response.delivered", &[(MEMBERS[2], &client)]));
    }
    if together {
        let both = [(MEMBERS[1], &provider), (MEMBERS[2], &client)];
        events.push(event("execution.completed", &both));
    }
    events.push(event("permit.evaluated", &[]));
    events
}

/// A closure that states what its status demands, and what it may by choice.
fn closure_of_execution(number: u8, status: &str, states: [bool; 3], v1: bool) -> Bent {
    let closure = if v1 { Bent::v1() } else { Bent::new() };
    let mut closure = closure.of(&permit(number)).status(status);
    for ((member, what), states) in MEMBERS.into_iter().zip(['c', 'a', 'b']).zip(states) {
        let required = status == "closed" || (status == "client_digest_missing" && what == 'a');
        let value = if states || required { digest_of(number, what).into() } else { json("null") };
        if what != 'c' || !v1 {
            closure = closure.set(member, value);
        }
    }
    closure
}

/// Puts entries into an order that depends on a number alone.
fn shuffle<T>(entries: &mut [T], mut seed: u64) {
    for at in (1..entries.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let with = usize::try_from(seed >> 33).expect("31 bits") % (at + 1);
        entries.swap(at, with);
    }
}

/// One thing that is done to honest evidence.
#[derive(Clone, Debug)]
enum Mutation {
    Closure {
        at: usize,
        bend: Bend,
    },
    Event {
        at: usize,
        bend: EventBend,
    },
    Permit {
        at: usize,
        bend: PermitBend,
    },
    /// Moves an entry into another record, or to the top of the bundle.
    Move {
        from: usize,
        entry: usize,
        to: usize,
    },
    CopyRecord {
        at: usize,
    },
    Relay {
        at: usize,
        layout: Layout,
    },
}

#[derive(Clone, Debug)]
enum Bend {
    Set(&'static str, Option<Json>),
    Edit(&'static str, Option<Json>),
    Retarget(u8),
    Forge,
    Hash(Option<Json>),
    Signature(Option<Json>),
    OuterKeyId(Option<Json>),
}

#[derive(Clone, Debug)]
enum EventBend {
    Drop,
    Digest(&'static str, Json),
    Name(Option<String>),
    Type(&'static str),
}

#[derive(Clone, Debug)]
enum PermitBend {
    Drop,
    Hash(Json),
    Rename(u8),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = 0_usize..8;
    prop_oneof![
        6 => (at.clone(), bend()).prop_map(|(at, bend)| Mutation::Closure { at, bend }),
        3 => (at.clone(), event_bend()).prop_map(|(at, bend)| Mutation::Event { at, bend }),
        3 => (at.clone(), permit_bend()).prop_map(|(at, bend)| Mutation::Permit { at, bend }),
        1 => (at.clone(), at.clone(), at.clone())
            .prop_map(|(from, entry, to)| Mutation::Move { from, entry, to }),
        1 => at.clone().prop_map(|at| Mutation::CopyRecord { at }),
        1 => (at, proptest::sample::select(Layout::ALL.to_vec()))
            .prop_map(|(at, layout)| Mutation::Relay { at, layout }),
    ]
}

/// What may stand in place of a digest.
fn odd_digest() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(json("null")),
        Just(json("\" \"")),
        Just(json("7")),
        Just(Json::from(digest('A'))),
        Just(Json::from(digest('9'))),
        (0_u8..4, proptest::sample::select(vec!['a', 'b', 'c']))
            .prop_map(|(number, what)| digest_of(number, what).into()),
    ]
}

fn bend() -> impl Strategy<Value = Bend> {
    let member = || proptest::sample::select(signed_names(true));
    let value = || {
        let words = STATUSES.iter().map(|status| Json::from(*status));
        let others = [
            "null",
            "\"\"",
            "7",
            "\"closure_v1\"",
            "\"closure_v2\"",
            "\"x\"",
            "\"2025-01-01T00:00:00Z\"",
        ];
        let values: Vec<Json> = words.chain(others.map(json)).collect();
        proptest::sample::select(values)
    };
    let seal = || prop_oneof![Just(None), Just(Some(json("null"))), Just(Some(json("\"AAAA\"")))];
    prop_oneof![
        4 => (member(), proptest::option::of(value())).prop_map(|(name, value)| Bend::Set(name, value)),
        4 => (proptest::sample::select(MEMBERS.to_vec()), odd_digest())
            .prop_map(|(name, value)| Bend::Set(name, Some(value))),
        3 => proptest::sample::select(STATUSES.to_vec())
            .prop_map(|status| Bend::Set("closure_status", Some(status.into()))),
        1 => (member(), proptest::option::of(value())).prop_map(|(name, value)| Bend::Edit(name, value)),
        2 => (0_u8..5).prop_map(Bend::Retarget),
        1 => Just(Bend::Forge),
        1 => seal().prop_map(Bend::Hash),
        1 => seal().prop_map(Bend::Signature),
        1 => seal().prop_map(Bend::OuterKeyId),
    ]
}

fn event_bend() -> impl Strategy<Value = EventBend> {
    prop_oneof![
        Just(EventBend::Drop),
        (proptest::sample::select(MEMBERS.to_vec()), odd_digest())
            .prop_map(|(name, value)| EventBend::Digest(name, value)),
        proptest::option::of(0_u8..5).prop_map(|number| EventBend::Name(number.map(permit))),
        Just(EventBend::Name(Some(String::new()))),
        proptest::sample::select(vec![
            "execution.completed",
            "provider.response.received",
            "other"
        ])
        .prop_map(EventBend::Type),
    ]
}

fn permit_bend() -> impl Strategy<Value = PermitBend> {
    prop_oneof![
        Just(PermitBend::Drop),
        odd_digest().prop_map(PermitBend::Hash),
        (0_u8..5).prop_map(PermitBend::Rename),
    ]
}

impl Mutation {
    fn apply(&self, executions: &mut Vec<Execution>) {
        let count = executions.len();
        match self {
            Self::Closure { at, bend } => {
                let closures = entries(executions).filter_map(|entry| match entry {
                    Step::Closure(closure) => Some(closure),
                    _ => None,
                });
                let mut closures: Vec<_> = closures.collect();
                let count = closures.len().max(1);
                if let Some(closure) = closures.get_mut(at % count) {
                    bend.apply(closure);
                }
            }
            Self::Event { at, bend } => {
                let mut events: Vec<_> =
                    entries(executions).filter(|entry| matches!(entry, Step::Event(_))).collect();
                let count = events.len().max(1);
                if let Some(Step::Event(event)) = events.get_mut(at % count) {
                    bend.apply(event);
                }
            }
            Self::Permit { at, bend } => {
                let permit = &mut executions[at % count].record.permit;
                match (bend, permit.as_mut()) {
                    (PermitBend::Drop, _) => *permit = None,
                    (PermitBend::Hash(hash), Some(permit)) => permit.1 = hash.clone(),
                    (PermitBend::Rename(number), Some(own)) => own.0 = self::permit(*number),
                    _ => {}
                }
            }
            Self::Move { from, entry, to } => {
                let from = &mut executions[from % count].record.entries;
                let entry = from.remove(entry % from.len());
                executions[to % count].record.entries.push(entry);
            }
            Self::CopyRecord { at } => {
                let record = executions[at % count].record.clone();
                executions.push(Execution { record, layout: Layout::PermitFirst });
            }
            Self::Relay { at, layout } => executions[at % count].layout = *layout,
        }
    }
}

fn entries(executions: &mut [Execution]) -> impl Iterator<Item = &mut Step> {
    executions.iter_mut().flat_map(|execution| execution.record.entries.iter_mut())
}

impl Bend {
    fn apply(&self, closure: &mut Bent) {
        match self.clone() {
            Self::Set(name, Some(value)) => closure.members.insert(name, value),
            Self::Set(name, None) => drop(closure.members.remove(name)),
            Self::Edit(name, value) => closure.afterwards.push((name.to_owned(), value)),
            Self::Retarget(number) => closure.members.insert("permit_id", permit(number)),
            Self::Forge => closure.seed = 3,
            Self::Hash(hash) => closure.hash = Some(hash),
            Self::Signature(signature) => closure.signature = Some(signature),
            Self::OuterKeyId(key_id) => closure.outer_key_id = Some(key_id),
        }
    }
}

impl EventBend {
    fn apply(&self, event: &mut Event) {
        match self.clone() {
            Self::Drop => event.event_type = "dropped".into(),
            Self::Digest(name, value) => {
                let mut members = crate::bent::members(&event.payload);
                members.insert(name, value);
                event.payload = members.into();
            }
            Self::Name(permit_id) => event.permit_id = permit_id,
            Self::Type(event_type) => event.event_type = event_type.into(),
        }
    }
}

/// All steps: what stands before the records, the records, what stands behind them.
fn steps(executions: &[Execution]) -> Vec<Step> {
    let with = |layout: Layout| {
        let those = executions.iter().filter(move |execution| execution.layout == layout);
        those.flat_map(|execution| execution.record.entries.clone())
    };
    let mut steps: Vec<Step> = with(Layout::BundleBefore).collect();
    for Execution { record, layout } in executions {
        if layout.has_records() {
            steps.extend(layout.steps(std::slice::from_ref(record)));
        } else {
            let record = Record { entries: Vec::new(), ..record.clone() };
            steps.extend(Layout::PermitFirst.steps(&[record]));
        }
    }
    steps.extend(with(Layout::BundleBehind));
    steps
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_equals_its_model(
        honest in honest(),
        mutations in proptest::collection::vec(mutation(), 0..3),
        pinned in any::<bool>(),
        answers in proptest::sample::select(vec![
            Answers::Prompt,
            Answers::Late,
            Answers::LateBackwards,
        ]),
    ) {
        let mut executions = honest;
        mutations.iter().for_each(|mutation| mutation.apply(&mut executions));
        let steps = steps(&executions);
        let mut judge = Judge { answers, ..Judge::new() };
        judge.rules.pinned_recipe = pinned;
        let (outcome, told) = judge.judge_and_tell(&steps);
        let expected = model(&steps, pinned);
        let found = Verdict::of(&outcome, &told);
        prop_assert_eq!(found.consistent, expected.consistent);
        // Where records contradict each other, closures that came before are not judged again.
        if expected.consistent {
            prop_assert_eq!(&found, &expected, "{:#?}", outcome.faults);
        }
        if mutations.is_empty() {
            prop_assert_eq!(&found.faults, &[]);
        }
        prop_assert_eq!(outcome.failed, !found.faults.is_empty());
        let aspects: BTreeSet<_> = found.faults.iter().map(|(_, kind)| kind.aspect()).collect();
        prop_assert_eq!(&outcome.failed_aspects, &aspects);
        prop_assert_eq!((outcome.unanswered, outcome.limit), (0, None));
    }

    /// In which order records and entries come changes which closure is told first, and nothing
    /// about any closure.
    #[test]
    fn order_decides_nothing(
        honest in honest(),
        mutations in proptest::collection::vec(mutation(), 0..3),
        order in any::<u64>(),
    ) {
        let mut executions = honest;
        mutations.iter().for_each(|mutation| mutation.apply(&mut executions));
        let named = |executions: &[Execution]| {
            let steps = steps(executions);
            let (outcome, told) = Judge::new().judge_and_tell(&steps);
            let names: Vec<String> = steps.iter().filter_map(|step| match step {
                Step::Closure(closure) => Some(closure.value()),
                _ => None,
            }).map(|closure| permit_canonical_json::Profile::Payload.to_text(&closure).expect("integers and texts")).collect();
            let verdict = Verdict::of(&outcome, &told);
            let mut faults: Vec<_> = verdict.faults.iter()
                .map(|(index, kind)| (names[usize::try_from(*index).expect("few")].clone(), *kind))
                .collect();
            faults.sort();
            (verdict.consistent, faults, verdict.digests, verdict.dispatches, verdict.dispatch_absent)
        };
        let before = named(&executions);
        shuffle(&mut executions, order);
        for execution in &mut executions {
            shuffle(&mut execution.record.entries, order);
        }
        let after = named(&executions);
        prop_assert_eq!(before.0, after.0);
        if before.0 {
            prop_assert_eq!(before, after);
        }
    }
}
