// SPDX-License-Identifier: Apache-2.0

//! Closures, permits and events that belong together, wherever in the evidence they stand.
//!
//! ```text
//! CLOSE-07  provider and client digests are those of an event of the same permit
//! CLOSE-08  the dispatch digest is the permit's binding_request_hash
//! CLOSE-22  the permit is one of the evidence, and that of the record that carries the closure
//! ```
//!
//! Everything is fed in the order of the evidence, once. A closure whose counterparts are
//! there is done and forgotten; others wait. Memory grows with permits and with closures
//! that wait, never with entries, and nothing is looked at twice for each closure.

use alloc::{
    boxed::Box,
    collections::{BTreeMap, BTreeSet},
    string::ToString,
    vec::Vec,
};

use permit_canonical_json::{ByteRange, JsonPointer, Value};
use permit_chain::{EntryPlace, FindingLog, PointerOf};
use permit_failure_codes::ReasonClass;
use permit_keys::{BindingKeyId, SignatureChecked, SignatureProblem};
use permit_types::{Artifact, ClosureStatus, Finding, Location, Severity};

use crate::{
    comparison::{Agreed, CarrierPermit, Waiting, summary_of},
    digest_matrix::DigestField,
    examine::{Examined, new_fault, read_digest},
    fault::{Aspect, ClosureFault, FaultKind},
    permit_facts::{PermitFacts, PermitKey, ResponseFacts, Statement},
};

/// What a ledger may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LedgerBudget {
    /// Permits that are named anywhere. Default 2,000,000, more than 10 GiB of export hold.
    pub permits: usize,
    /// Closures that wait for their counterparts or for the answer about their signature.
    /// Default 2,000,000.
    pub waiting: usize,
    /// Digests beyond the first of a permit and field. Default 1,000,000.
    pub further_digests: usize,
}

impl Default for LedgerBudget {
    fn default() -> Self {
        Self { permits: 2_000_000, waiting: 2_000_000, further_digests: 1_000_000 }
    }
}

/// A limit that was reached, so that closures cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerLimit {
    /// Too many permits.
    #[error("there are more permits than the limit of {limit}")]
    Permits {
        /// The limit.
        limit: usize,
    },
    /// Too many closures wait.
    #[error("more closures wait for their counterparts than the limit of {limit}")]
    Waiting {
        /// The limit.
        limit: usize,
    },
    /// Too many different digests.
    #[error("there are more contradicting digests than the limit of {limit}")]
    FurtherDigests {
        /// The limit.
        limit: usize,
    },
}

/// Where a closure stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosurePlace {
    /// The entry that carries it.
    pub entry: EntryPlace,
    /// The bytes of its payload.
    pub payload: ByteRange,
}

/// A closure whose signature is being checked elsewhere; tells which one the answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signed {
    closure: u64,
    /// The key whose signature it should be; none if there is nothing to check.
    key: Option<BindingKeyId>,
    /// What the closure was found to be by itself; none if it was found at fault.
    sound: Option<Sound>,
}

/// What is worth knowing of a closure that is in order by itself, once its signature holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Sound {
    agreed: Agreed,
    /// The status of a closure that lacks the digest of what was dispatched, and may.
    without_dispatch: Option<ClosureStatus>,
}

impl Signed {
    /// Whether the closure has a signature to be checked, and the ledger awaits the answer.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.key.is_some()
    }
}

/// Collects closures, permits and events, and compares them.
///
/// At the first limit that is reached it stops: nothing more is kept, and nothing is said of
/// what waits.
#[derive(Debug)]
pub struct ClosureLedger {
    artifact: Artifact,
    pointer_of: PointerOf,
    budget: LedgerBudget,
    permits: BTreeMap<PermitKey, PermitFacts>,
    waiting: BTreeMap<u64, Waiting>,
    record: Option<RecordInProgress>,
    further_digests: usize,
    log: FindingLog<Order>,
    kinds: BTreeMap<Order, FaultKind>,
    /// Faults of closures whose signature is being checked: if it fails, they do not count.
    held: BTreeMap<u64, Box<ClosureFault>>,
    failed_aspects: BTreeSet<Aspect>,
    counts: Counts,
    limit: Option<LedgerLimit>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    closures: u64,
    signatures: u64,
    unanswered: u64,
    digests: u64,
    dispatches: u64,
    dispatch_absent: u64,
}

impl Counts {
    fn add(&mut self, agreed: Agreed) {
        self.digests = self.digests.saturating_add(agreed.digests.into());
        self.dispatches = self.dispatches.saturating_add(agreed.dispatches.into());
    }

    fn take_back(&mut self, agreed: Agreed) {
        self.digests = self.digests.saturating_sub(agreed.digests.into());
        self.dispatches = self.dispatches.saturating_sub(agreed.dispatches.into());
    }
}

/// The order in which faults are told: closure by closure, question by question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Order {
    closure: u64,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Itself,
    Signature,
    Permit,
    Field(DigestField),
}

/// A record whose permit is not known yet.
#[derive(Debug, Default)]
struct RecordInProgress {
    /// What events say that do not name their permit.
    unnamed: ResponseFacts,
    /// Digests in there beyond the first of a field.
    further_digests: usize,
    /// Closures of the record.
    closures: Vec<u64>,
    permit: Option<PermitKey>,
}

/// What the closures of the evidence come to.
#[derive(Debug)]
#[non_exhaustive]
pub struct ClosureOutcome {
    /// Closures that were seen.
    pub closures: u64,
    /// Signatures that hold.
    pub signatures: u64,
    /// Signatures that nobody gave an answer about. As long as there are any, this is no judgement.
    pub unanswered: u64,
    /// Response digests that agree with an event, of closures in which all digests agree.
    pub digests: u64,
    /// Dispatch digests that agree with their permit, of closures in which all digests agree.
    pub dispatches: u64,
    /// Abnormal closures that state no dispatch digest.
    pub dispatch_absent: u64,
    /// Faults in order; the first is the headline. Causes are named by their index here.
    pub faults: Vec<ClosureFault>,
    /// Things worth knowing.
    pub notices: Vec<Finding>,
    /// Findings that are counted only.
    pub findings_left_out: u64,
    /// Whether anything failed, kept or not.
    pub failed: bool,
    /// Aspects in which some closure failed.
    pub failed_aspects: BTreeSet<Aspect>,
    /// The limit that was reached.
    pub limit: Option<LedgerLimit>,
}

impl ClosureLedger {
    /// An empty ledger that keeps `findings` findings.
    #[must_use]
    pub fn new(
        artifact: Artifact,
        pointer_of: PointerOf,
        budget: LedgerBudget,
        findings: usize,
    ) -> Self {
        Self {
            artifact,
            pointer_of,
            budget,
            permits: BTreeMap::new(),
            waiting: BTreeMap::new(),
            record: None,
            further_digests: 0,
            log: FindingLog::new(findings),
            kinds: BTreeMap::new(),
            held: BTreeMap::new(),
            failed_aspects: BTreeSet::new(),
            counts: Counts::default(),
            limit: None,
        }
    }

    /// Starts a record, whose entries belong to its permit unless they say otherwise.
    pub fn begin_record(&mut self) {
        self.record = Some(RecordInProgress::default());
    }

    /// Takes the permit of the record, or of any record if entries stand elsewhere.
    ///
    /// Returns `false` if another record of the same permit has another `binding_request_hash`.
    /// Whoever collects records has to tell that: closures that were done before cannot be
    /// judged again.
    pub fn permit(&mut self, id: Option<&str>, binding_request_hash: Option<&Value<'_>>) -> bool {
        let id = id.filter(|id| !id.is_empty() && self.limit.is_none());
        let Some(key) = id.map(PermitKey::of) else { return true };
        let statement = statement(binding_request_hash);
        let Some(facts) = self.facts(&key) else { return true };
        facts.known = true;
        let further = statement.is_some_and(|statement| facts.request_hash.add(statement));
        let agrees = statement.is_none() || !facts.request_hash.is_contradictory();
        let waiting = core::mem::take(&mut facts.waiting);
        self.count_further(usize::from(further));
        if let Some(record) = &mut self.record {
            record.permit = Some(key);
        }
        for closure in waiting {
            self.settle(closure);
        }
        agrees
    }

    /// Ends a record: what it left open is its permit's.
    pub fn end_record(&mut self) {
        let Some(record) = self.record.take() else { return };
        if let Some(permit) = &record.permit
            && let Some(facts) = self.facts(permit)
        {
            let further = facts.responses.add_all(record.unnamed);
            self.count_further(further);
        }
        for closure in record.closures {
            if let Some(waiting) = self.waiting.get_mut(&closure) {
                waiting.carrier_permit = match &record.permit {
                    Some(permit) if *permit == waiting.permit => CarrierPermit::Same,
                    other => CarrierPermit::Other(other.clone()),
                };
            }
            self.settle(closure);
        }
    }

    /// Takes an event of an execution, if it is one that carries digests.
    ///
    /// `permit_id` is the permit that the event names; without one, an event of a record is of
    /// the record's permit.
    pub fn event(
        &mut self,
        event_type: &str,
        permit_id: Option<&str>,
        payload: Option<&Value<'_>>,
    ) {
        for field in [DigestField::Provider, DigestField::Client] {
            if !field.event_types().contains(&event_type) || self.limit.is_some() {
                continue;
            }
            let stated = payload.and_then(|payload| payload.get(field.member()));
            if let Some(statement) = statement(stated) {
                self.response(field, permit_id.filter(|id| !id.is_empty()), statement);
            }
        }
    }

    fn response(&mut self, field: DigestField, permit_id: Option<&str>, statement: Statement) {
        match (permit_id, &mut self.record) {
            (Some(id), _) => {
                let Some(facts) = self.facts(&PermitKey::of(id)) else { return };
                let further = facts.responses.add(field, statement);
                self.count_further(usize::from(further));
            }
            (None, Some(record)) => {
                let further = record.unnamed.add(field, statement);
                record.further_digests =
                    record.further_digests.saturating_add(usize::from(further));
                if record.further_digests > self.budget.further_digests {
                    let limit = self.budget.further_digests;
                    self.limit = Some(LedgerLimit::FurtherDigests { limit });
                }
            }
            (None, None) => {}
        }
    }

    /// Takes a closure that was judged by itself.
    ///
    /// If its signature is still to be checked, says under which name to answer, once. An
    /// outcome says how many answers did not come.
    pub fn closure(&mut self, examined: &Examined<'_>, place: ClosurePlace) -> Signed {
        let closure = self.counts.closures;
        self.counts.closures = self.counts.closures.saturating_add(1);
        if self.limit.is_some() {
            return Signed { closure, key: None, sound: None };
        }
        let key = examined.signature.as_ref().map(|pending| pending.key().binding_key_id());
        self.counts.unanswered = self.counts.unanswered.saturating_add(key.is_some().into());
        let mut signed = Signed { closure, key, sound: None };
        if let Some(fault) = &examined.fault {
            if signed.is_open() {
                self.held.insert(closure, fault.clone());
            } else {
                self.fail_itself(closure, fault.clone());
            }
        } else if let (Some(id), Some(format), Some(status)) =
            (examined.permit_id, examined.format, examined.status)
        {
            let waiting = Waiting {
                permit: PermitKey::of(id),
                format,
                status,
                digests: examined.digests,
                carrier_permit: CarrierPermit::Unknown,
                place,
            };
            let without_dispatch = waiting.lacks_dispatch().then_some(status);
            signed.sound = Some(Sound { agreed: waiting.agreed(), without_dispatch });
            self.compare(closure, waiting);
        }
        if self.waiting.len() + self.held.len() > self.budget.waiting {
            self.limit = Some(LedgerLimit::Waiting { limit: self.budget.waiting });
        }
        signed
    }

    fn compare(&mut self, closure: u64, waiting: Waiting) {
        let permit = waiting.permit.clone();
        self.waiting.insert(closure, waiting);
        match &mut self.record {
            Some(record) => record.closures.push(closure),
            None => self.wait_for_permit(&permit, closure),
        }
    }

    fn fail_itself(&mut self, closure: u64, fault: Box<ClosureFault>) {
        let order = Order { closure, step: Step::Itself };
        let ClosureFault { kind, finding } = *fault;
        self.fail(order, kind, || finding);
    }

    /// Takes the answer about a signature, if the closure [awaits](Signed::is_open) one.
    pub fn signature(
        &mut self,
        closure: Signed,
        place: ClosurePlace,
        permit_id: Option<&str>,
        answer: Result<SignatureChecked, SignatureProblem>,
    ) {
        let Signed { closure, key: Some(key), sound } = closure else { return };
        self.counts.unanswered = self.counts.unanswered.saturating_sub(1);
        let held = self.held.remove(&closure);
        let problem = match answer {
            Ok(_) => {
                self.counts.signatures = self.counts.signatures.saturating_add(1);
                if let Some(fault) = held {
                    self.fail_itself(closure, fault);
                }
                if let Some(status) = sound.and_then(|sound| sound.without_dispatch) {
                    self.note_absent_dispatch(closure, place, permit_id, status);
                }
                return;
            }
            Err(problem) => problem,
        };
        // What it says cannot be relied on, so that it is not compared with anything.
        if let (None, Some(sound)) = (self.waiting.remove(&closure), sound) {
            self.counts.take_back(sound.agreed);
        }
        let order = Order { closure, step: Step::Signature };
        let (artifact, pointer) = (self.artifact, self.pointer(place));
        self.fail(order, FaultKind::SignatureInvalid, || {
            let at = Location::value(artifact, pointer, place.payload);
            let summary = problem.to_string();
            let fault = new_fault(FaultKind::SignatureInvalid, at, &summary, permit_id, None);
            fault.finding.detail("key_id", key.to_string()).help(problem.help())
        });
    }

    fn facts(&mut self, permit: &PermitKey) -> Option<&mut PermitFacts> {
        if self.permits.len() >= self.budget.permits && !self.permits.contains_key(permit) {
            self.limit = Some(LedgerLimit::Permits { limit: self.budget.permits });
            return None;
        }
        Some(self.permits.entry(permit.clone()).or_default())
    }

    fn count_further(&mut self, further: usize) {
        self.further_digests = self.further_digests.saturating_add(further);
        if self.further_digests > self.budget.further_digests {
            self.limit = Some(LedgerLimit::FurtherDigests { limit: self.budget.further_digests });
        }
    }

    /// A closure outside of records: settled when its permit's record comes, or at the end.
    fn wait_for_permit(&mut self, permit: &PermitKey, closure: u64) {
        let Some(facts) = self.facts(permit) else { return };
        if facts.known {
            self.settle(closure);
        } else {
            facts.waiting.push(closure);
        }
    }

    /// Forgets a closure if all that it waits for is there and agrees.
    fn settle(&mut self, closure: u64) {
        let Some(waiting) = self.waiting.get(&closure) else { return };
        let Some(facts) = self.permits.get(&waiting.permit) else { return };
        if waiting.is_settled(facts) {
            self.counts.add(waiting.agreed());
            self.waiting.remove(&closure);
        }
    }

    fn note_absent_dispatch(
        &mut self,
        closure: u64,
        place: ClosurePlace,
        permit_id: Option<&str>,
        status: ClosureStatus,
    ) {
        self.counts.dispatch_absent = self.counts.dispatch_absent.saturating_add(1);
        let order = Order { closure, step: Step::Field(DigestField::Dispatch) };
        let (artifact, pointer) = (self.artifact, self.pointer(place));
        self.log.add(order, Severity::Notice, || {
            let at = Location::value(artifact, pointer, place.payload);
            let summary = "the closure does not state what was dispatched";
            Finding::notice(ReasonClass::DispatchDigestAbsent, at, summary)
                .rule("CLOSE-09")
                .detail("permit_id", permit_id.unwrap_or("<none>"))
                .detail("closure_status", status.as_str())
        });
    }

    fn pointer(&self, place: ClosurePlace) -> JsonPointer {
        (self.pointer_of)(place.entry).member("payload_json")
    }

    fn fail(&mut self, order: Order, kind: FaultKind, make: impl FnOnce() -> Finding) {
        self.failed_aspects.insert(kind.aspect());
        if self.log.wants(&order) {
            self.kinds.insert(order, kind);
        }
        // What is not in the evidence at all has no events either.
        let follows = kind == FaultKind::EvidenceMissing;
        let permit = Order { step: Step::Permit, ..order };
        let cause = follows.then_some(permit).filter(|cause| self.kinds.contains_key(cause));
        self.log.add_because(order, cause, Severity::Failure, make);
    }

    /// Judges what still waits, and sums up.
    #[must_use]
    pub fn finish(mut self) -> ClosureOutcome {
        self.end_record();
        if self.limit.is_none() {
            self.judge_the_rest();
        }
        let (failed, left_out) = (self.log.failures() > 0, self.log.left_out());
        let mut faults = Vec::new();
        let mut notices = Vec::new();
        let mut index_of = BTreeMap::new();
        for (order, cause, mut finding) in self.log.into_ordered() {
            match self.kinds.get(&order) {
                Some(kind) if finding.severity == Severity::Failure => {
                    index_of.insert(order, faults.len());
                    finding.because = cause.and_then(|cause| index_of.get(&cause).copied());
                    faults.push(ClosureFault { kind: *kind, finding });
                }
                _ => notices.push(finding),
            }
        }
        ClosureOutcome {
            closures: self.counts.closures,
            signatures: self.counts.signatures,
            unanswered: self.counts.unanswered,
            digests: self.counts.digests,
            dispatches: self.counts.dispatches,
            dispatch_absent: self.counts.dispatch_absent,
            faults,
            notices,
            findings_left_out: left_out,
            failed,
            failed_aspects: self.failed_aspects,
            limit: self.limit,
        }
    }

    fn judge_the_rest(&mut self) {
        for (closure, fault) in core::mem::take(&mut self.held) {
            self.fail_itself(closure, fault);
        }
        for (closure, waiting) in core::mem::take(&mut self.waiting) {
            self.judge(closure, &waiting);
        }
    }

    fn judge(&mut self, closure: u64, waiting: &Waiting) {
        let nothing = PermitFacts::default();
        let facts = self.permits.remove(&waiting.permit);
        let known = facts.as_ref().unwrap_or(&nothing);
        let belongs = if known.known {
            self.judge_carrier(closure, waiting)
        } else {
            self.report(closure, Step::Permit, waiting, FaultKind::Orphan, |finding| {
                finding.values("a record of this permit", "no record of it")
            });
            false
        };
        let mut agrees = true;
        for field in waiting.format.digests() {
            if *field == DigestField::Dispatch && !belongs {
                continue;
            }
            let Some(kind) = waiting.fault_of(*field, known) else { continue };
            agrees = false;
            self.report(closure, Step::Field(*field), waiting, kind, |finding| {
                waiting.complete(finding, *field, kind, known)
            });
        }
        if agrees && belongs {
            self.counts.add(waiting.agreed());
        }
        if let Some(facts) = facts {
            self.permits.insert(waiting.permit.clone(), facts);
        }
    }

    /// Whether the record that carries the closure is that of its permit.
    fn judge_carrier(&mut self, closure: u64, waiting: &Waiting) -> bool {
        let CarrierPermit::Other(other) = &waiting.carrier_permit else { return true };
        let other = other.as_ref().map_or_else(|| "none".to_string(), ToString::to_string);
        self.report(closure, Step::Permit, waiting, FaultKind::ForeignPermit, |finding| {
            finding.values(other.clone(), waiting.permit.to_string())
        });
        false
    }

    fn report(
        &mut self,
        closure: u64,
        step: Step,
        waiting: &Waiting,
        kind: FaultKind,
        complete: impl FnOnce(Finding) -> Finding,
    ) {
        let (artifact, pointer) = (self.artifact, self.pointer(waiting.place));
        self.fail(Order { closure, step }, kind, || {
            let at = Location::value(artifact, pointer, waiting.place.payload);
            let id = waiting.permit.to_string();
            let fault = new_fault(kind, at, summary_of(kind), Some(&id), None);
            complete(fault.finding).detail("closure_status", waiting.status.as_str())
        });
    }
}

/// What a member says that should be a digest; nothing if it is not there, null or blank.
fn statement(stated: Option<&Value<'_>>) -> Option<Statement> {
    read_digest(stated).map_or(Some(Statement::Unreadable), |digest| digest.map(Statement::Digest))
}
