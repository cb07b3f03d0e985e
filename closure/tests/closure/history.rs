// SPDX-License-Identifier: Apache-2.0

//! Evidence as a list of steps, in each layout that exports have, and how it is judged.

use permit_canonical_json::{ByteRange, JsonPointer, Value};
use permit_chain::EntryPlace;
use permit_closure::{
    BindingKeys, Carrier, ClosureFault, ClosureLedger, ClosureOutcome, ClosurePlace, ClosureRules,
    FaultKind, LedgerBudget, examine,
};
use permit_keys::{KeyManifest, Mode, PendingSignature};
use permit_types::Artifact;

use crate::bent::{Bent, Json, PERMIT, digest, json, trust};

/// What a reader of evidence comes across.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    BeginRecord,
    Permit(Option<String>, Json),
    EndRecord,
    Event(Event),
    Closure(Box<Bent>),
    /// A closure that was sealed elsewhere.
    Sealed(Box<Json>),
}

impl Step {
    /// What carries the closure, if it is one.
    fn carrier(&self) -> Json {
        match self {
            Self::Closure(closure) => closure.value(),
            Self::Sealed(carrier) => (**carrier).clone(),
            _ => json("null"),
        }
    }
}

/// An event that is no closure.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) event_type: String,
    pub(crate) permit_id: Option<String>,
    pub(crate) payload: Json,
}

/// Where entries stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// In the record, behind its permit.
    PermitFirst,
    /// In the record, before its permit.
    EntriesFirst,
    /// At the top of the bundle, before the records.
    BundleBefore,
    /// At the top of the bundle, behind the records.
    BundleBehind,
}

impl Layout {
    pub(crate) const ALL: [Self; 4] =
        [Self::PermitFirst, Self::EntriesFirst, Self::BundleBefore, Self::BundleBehind];

    pub(crate) fn has_records(self) -> bool {
        matches!(self, Self::PermitFirst | Self::EntriesFirst)
    }

    /// The steps of records, each a permit with its entries.
    pub(crate) fn steps(self, records: &[Record]) -> Vec<Step> {
        let mut steps = Vec::new();
        let entries = records.iter().flat_map(|record| record.entries.clone());
        if self == Self::BundleBefore {
            steps.extend(entries.clone());
        }
        for record in records {
            steps.push(Step::BeginRecord);
            if self == Self::EntriesFirst {
                steps.extend(record.entries.clone());
            }
            if let Some((id, hash)) = &record.permit {
                steps.push(Step::Permit(Some(id.clone()), hash.clone()));
            }
            if self == Self::PermitFirst {
                steps.extend(record.entries.clone());
            }
            steps.push(Step::EndRecord);
        }
        if self == Self::BundleBehind {
            steps.extend(entries);
        }
        steps
    }
}

/// A record: its permit and `binding_request_hash`, and its entries.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) permit: Option<(String, Json)>,
    pub(crate) entries: Vec<Step>,
}

impl Record {
    pub(crate) fn new(permit_id: &str, entries: Vec<Step>) -> Self {
        Self { permit: Some((permit_id.to_owned(), digest('c').into())), entries }
    }

    /// The record of an honest execution of [`PERMIT`], with this closure.
    pub(crate) fn honest(closure: Bent) -> Self {
        let events = [received(PERMIT, digest('a')), delivered(PERMIT, digest('b'))];
        Self::new(PERMIT, events.into_iter().chain([closed(closure)]).collect())
    }
}

/// An event that carries one member.
pub(crate) fn event(
    event_type: &str,
    permit_id: Option<&str>,
    member: &str,
    value: impl Into<Json>,
) -> Step {
    Step::Event(Event {
        event_type: event_type.to_owned(),
        permit_id: permit_id.map(ToOwned::to_owned),
        payload: Value::object([(member.to_owned(), value.into())]),
    })
}

pub(crate) fn received(permit_id: &str, value: impl Into<Json>) -> Step {
    event("provider.response.received", Some(permit_id), "provider_response_digest_v1", value)
}

pub(crate) fn delivered(permit_id: &str, value: impl Into<Json>) -> Step {
    event("client.response.delivered", Some(permit_id), "client_response_digest_v1", value)
}

pub(crate) fn closed(closure: Bent) -> Step {
    Step::Closure(Box::new(closure))
}

/// When answers about signatures come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answers {
    Prompt,
    Late,
    LateBackwards,
}

/// How evidence is judged.
pub(crate) struct Judge {
    pub(crate) rules: ClosureRules,
    pub(crate) keys: Option<KeyManifest>,
    pub(crate) mode: Mode,
    pub(crate) budget: LedgerBudget,
    pub(crate) findings: usize,
    pub(crate) answers: Answers,
}

impl Judge {
    pub(crate) fn new() -> Self {
        Self {
            rules: ClosureRules::default(),
            keys: Some(trust()),
            mode: Mode::Production,
            budget: LedgerBudget::default(),
            findings: 1_000,
            answers: Answers::Prompt,
        }
    }

    pub(crate) fn pinned() -> Self {
        let mut judge = Self::new();
        judge.rules.pinned_recipe = true;
        judge
    }

    pub(crate) fn judge(&self, steps: &[Step]) -> ClosureOutcome {
        self.judge_and_tell(steps).0
    }

    /// Judges, and says for each permit of a record whether it agrees with those before.
    pub(crate) fn judge_and_tell(&self, steps: &[Step]) -> (ClosureOutcome, Vec<bool>) {
        let mut ledger =
            ClosureLedger::new(Artifact::Export, pointer_of, self.budget, self.findings);
        let keys = self.keys.as_ref();
        let keys = keys.map_or_else(BindingKeys::none, |keys| BindingKeys::of(keys, self.mode));
        let mut open = Vec::new();
        let mut told = Vec::new();
        let mut index = 0;
        for step in steps {
            match step {
                Step::BeginRecord => ledger.begin_record(),
                Step::Permit(id, hash) => told.push(ledger.permit(id.as_deref(), Some(hash))),
                Step::EndRecord => ledger.end_record(),
                Step::Event(event) => ledger.event(
                    &event.event_type,
                    event.permit_id.as_deref(),
                    Some(&event.payload),
                ),
                Step::Closure(_) | Step::Sealed(_) => {
                    let value = step.carrier();
                    let place = place(index);
                    index += 1;
                    let base = pointer_of(place.entry).member("payload_json");
                    let event_id = format!("event-{index}");
                    let carrier = Carrier::of(&value);
                    let examined =
                        examine(&carrier, &self.rules, &keys, &base, Some(event_id.as_str()));
                    let signed = ledger.closure(&examined, place);
                    let permit_id = examined.permit_id.map(ToOwned::to_owned);
                    if let Some(pending) = examined.signature.filter(|_| signed.is_open()) {
                        open.push((signed, place, permit_id, pending));
                    }
                    if self.answers == Answers::Prompt {
                        open.drain(..).for_each(|one| answer(&mut ledger, one));
                    }
                }
            }
        }
        if self.answers == Answers::LateBackwards {
            open.reverse();
        }
        open.into_iter().for_each(|one| answer(&mut ledger, one));
        (ledger.finish(), told)
    }
}

type Open = (permit_closure::Signed, ClosurePlace, Option<String>, PendingSignature);

fn answer(ledger: &mut ClosureLedger, (signed, place, permit_id, pending): Open) {
    ledger.signature(signed, place, permit_id.as_deref(), pending.verify());
}

/// The place of the closure with this index.
pub(crate) fn place(index: u64) -> ClosurePlace {
    let entry = EntryPlace { array: 0, index, range: ByteRange::default() };
    ClosurePlace { entry, payload: ByteRange::default() }
}

pub(crate) fn pointer_of(place: EntryPlace) -> JsonPointer {
    JsonPointer::root().index(place.index)
}

/// The closure that a fault is of.
pub(crate) fn closure_of(fault: &ClosureFault) -> u64 {
    let pointer = fault.finding.at.pointer.to_string();
    let index = pointer.split('/').nth(1).expect("an index");
    index.parse().expect("an index")
}

pub(crate) fn kinds(outcome: &ClosureOutcome) -> Vec<FaultKind> {
    outcome.faults.iter().map(|fault| fault.kind).collect()
}

/// The faults of steps under the usual rules.
pub(crate) fn faults(steps: &[Step]) -> Vec<FaultKind> {
    kinds(&Judge::new().judge(steps))
}

/// The faults of one closure in an honest surrounding.
pub(crate) fn faults_of(closure: &Bent) -> Vec<FaultKind> {
    faults(&Layout::PermitFirst.steps(&[Record::honest(closure.clone())]))
}
