// SPDX-License-Identifier: Apache-2.0

//! What is found out about an export's payload while it is read.

use std::io::{self, Read};

use permit_canonical_json::{ByteRange, JsonPointer, Kind, Sha256Digest, Value};
use permit_chain::{EntryPlace, WalkOptions, WalkOutcome, Walker};
use permit_closure::{
    BindingKeys, Carrier, ClosureLedger, ClosureOutcome, ClosurePlace, ClosureRules, examine,
};
use permit_export_bundle::{
    Entry, EntryLayout, ExportEnd, ExportReader, ExportReaderOptions, ExportVisitor,
    StructureFault, StructureFaultKind, entry_pointer,
};
use permit_failure_codes::ReasonClass;
use permit_types::{
    Artifact, BundleFacts, Finding, Lineage, LineageIndex, Location, Severity, check_bundle_form,
    check_bundle_semantics, check_permit_form, check_permit_semantics,
};

use permit_workflow::{
    SnapshotChecker, SnapshotRecord, SnapshotsAgree, WorkflowFault, WorkflowHistory,
};

use crate::{
    archive_tap::{ArchiveBytes, ArchiveTap},
    collected::{Collected, EntryOrigin, Wanted},
    dispatched_request::DispatchedRequest,
    options::{ExportOptions, Layers},
    trust::Trust,
    worker::{self, Answer, Question, SignatureDesk},
};

/// What is looked for in a payload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// The layers that are judged.
    pub(crate) layers: Layers,
    /// Whether the semantics know format v1 of chain entries.
    pub(crate) chain_v1_known: bool,
    /// How closures are judged.
    pub(crate) closure_rules: ClosureRules,
    /// Whether the manifest says that the export is one event a line.
    pub(crate) declared_lines: bool,
    /// Whether the manifest says that the export is an archive of an incident.
    pub(crate) declared_archive: bool,
    /// What evidence is worth keeping.
    pub(crate) wanted: Wanted,
    /// The history that snapshots of workflows are compared with.
    pub(crate) history: Option<&'a WorkflowHistory>,
    /// A request that was dispatched.
    pub(crate) dispatched: Option<&'a [u8]>,
}

/// What one pass over the payload gave.
#[derive(Debug)]
pub(crate) struct PayloadFacts {
    /// The digest of the file's bytes; nothing if it could not be computed.
    pub(crate) digest: Option<Sha256Digest>,
    pub(crate) end: ExportEnd,
    pub(crate) walk: WalkOutcome,
    pub(crate) closures: ClosureOutcome,
    pub(crate) structure: Vec<StructureFault>,
    pub(crate) has_entries: bool,
    /// Contradictions of the bundle as a whole.
    pub(crate) bundle: Vec<Finding>,
    /// Contradictions and oddities of permits.
    pub(crate) permits: Vec<Finding>,
    pub(crate) findings_left_out: u64,
    pub(crate) permits_seen: u64,
    pub(crate) forms_checked: u64,
    /// Evidence of other claims.
    pub(crate) collected: Collected,
    /// What comparing snapshots came to, if there is a history.
    pub(crate) snapshots: Option<Result<Option<SnapshotsAgree>, WorkflowFault>>,
    /// The bytes of an archive.
    pub(crate) archive: ArchiveBytes,
}

/// Reads a payload once: hashes it, walks its entries, collects its closures.
pub(crate) fn read_payload(
    payload: impl Read,
    trust: &Trust,
    asked: &Asked<'_>,
    options: &ExportOptions,
) -> io::Result<PayloadFacts> {
    let mut reader_options = ExportReaderOptions::default();
    reader_options.budget = options.budget;
    reader_options.gzip = options.gzip;
    reader_options.declared_lines = asked.declared_lines;
    let (hash, desk, worker) = worker::start(options.threads);
    let mut tap = ArchiveTap::new(hash, asked.declared_archive, options.archive_bytes);
    let judge = Judge::new(trust, asked, options, desk);
    let (end, mut judge) = ExportReader::new(&reader_options, judge).read(payload, &mut tap)?;
    let desk = std::mem::take(&mut judge.desk);
    let (hash, archive) = tap.finish();
    let (digest, answers) = worker::finish(hash, desk.unwrap_or_default(), worker);
    judge.take_answers(answers);
    Ok(judge.finish(digest, end, archive))
}

struct Judge<'t> {
    layers: Layers,
    collected: Collected,
    snapshots: Option<SnapshotChecker<'t>>,
    snapshot: SnapshotRecord,
    dispatched: Option<DispatchedRequest>,
    options: &'t ExportOptions,
    keys: BindingKeys<'t>,
    rules: ClosureRules,
    walker: Walker,
    ledger: ClosureLedger,
    desk: Option<SignatureDesk>,
    bundle: BundleFacts,
    lineage: LineageIndex,
    structure: Vec<StructureFault>,
    permits: Vec<Finding>,
    findings_left_out: u64,
    permits_seen: u64,
    forms_checked: u64,
    has_entries: bool,
}

impl<'t> Judge<'t> {
    fn new(
        trust: &'t Trust,
        asked: &Asked<'t>,
        options: &'t ExportOptions,
        desk: SignatureDesk,
    ) -> Self {
        let records = || JsonPointer::root().member("records");
        let mut walk = WalkOptions::default();
        walk.v1_known = asked.chain_v1_known;
        walk.budget = options.walk;
        walk.findings = options.findings;
        let ledger =
            ClosureLedger::new(Artifact::Export, entry_pointer, options.closures, options.findings);
        Self {
            layers: asked.layers,
            collected: Collected::new(asked.wanted, options.evidence_bytes),
            snapshots: asked
                .history
                .map(|history| SnapshotChecker::new(history, Artifact::Export, records())),
            snapshot: SnapshotRecord::default(),
            dispatched: asked
                .dispatched
                .map(|bytes| DispatchedRequest::read(bytes, &options.budget)),
            options,
            keys: trust.binding_keys(),
            rules: asked.closure_rules,
            walker: Walker::new(walk, entry_pointer),
            ledger,
            desk: Some(desk),
            bundle: BundleFacts::new(),
            lineage: LineageIndex::new(),
            structure: Vec::new(),
            permits: Vec::new(),
            findings_left_out: 0,
            permits_seen: 0,
            forms_checked: 0,
            has_entries: false,
        }
    }

    fn take_answers(&mut self, answers: Vec<Answer>) {
        for Answer { closure, place, permit_id, answer } in answers {
            self.ledger.signature(closure, place, Some(&permit_id), answer);
        }
    }

    fn closure_entry(&mut self, entry: &Entry<'_>) {
        let nothing = Value::from(());
        let payload = entry.fields.payload_json.unwrap_or(&nothing);
        let place = ClosurePlace {
            entry: EntryPlace {
                array: entry.layout.array(),
                index: entry.index,
                range: entry.fields.range,
            },
            payload: payload.range(),
        };
        let base = entry_pointer(place.entry).member("payload_json");
        let carrier = Carrier::of(payload);
        let event_id = entry.fields.event_id.and_then(Value::as_str);
        let mut examined = examine(&carrier, &self.rules, &self.keys, &base, event_id);
        let closure = self.ledger.closure(&examined, place);
        if let (Some(signature), Some(desk)) = (examined.signature.take(), &mut self.desk) {
            let permit_id = Box::from(examined.permit_id.unwrap_or_default());
            let answers = desk.ask(Question { closure, place, permit_id, signature });
            self.take_answers(answers);
        }
    }

    fn permit(&mut self, record: u64, permit: &Value<'_>) {
        self.permits_seen = self.permits_seen.saturating_add(1);
        let at = permit_location(record, permit.range());
        let id = permit.get("id").and_then(Value::as_str);
        let hash = permit.get("binding_request_hash");
        if !self.ledger.permit(id, hash) {
            let summary = "two records of one permit have different request hashes";
            let finding =
                Finding::failure(ReasonClass::PermitSemanticsInvalid, at.clone(), summary);
            let finding = finding.rule("PERMIT-26").detail("permit_id", id.unwrap_or_default());
            self.keep(finding);
        }
        if let Some(dispatched) = &mut self.dispatched {
            dispatched.permit(permit, || at.clone());
        }
        for finding in check_permit_semantics(permit, &at) {
            self.keep(finding);
        }
        if self.options.strict || self.forms_checked < self.options.forms {
            self.forms_checked = self.forms_checked.saturating_add(1);
            if let Some(finding) = check_permit_form(permit, &at) {
                self.keep(finding);
            }
        }
        if self.permits_seen <= PERMITS_OF_LINEAGE
            && let Some(lineage) = Lineage::of(permit)
        {
            self.lineage.add(&lineage, record);
        }
    }

    fn keep(&mut self, finding: Finding) {
        let failures_only = self.permits.len() >= self.options.findings;
        if failures_only
            && (finding.severity == Severity::Notice
                || self.permits.len() >= 2 * self.options.findings)
        {
            self.findings_left_out = self.findings_left_out.saturating_add(1);
        } else {
            self.permits.push(finding);
        }
    }

    fn snapshot(&mut self, record: &SnapshotRecord) {
        if let Some(snapshots) = &mut self.snapshots {
            snapshots.facts(record, 0);
        }
    }

    fn finish(
        mut self,
        digest: Option<Sha256Digest>,
        end: ExportEnd,
        archive: ArchiveBytes,
    ) -> PayloadFacts {
        self.collected.finish(end.form, end.project_id.as_deref());
        let base = Location::whole(Artifact::Export);
        let mut bundle = Vec::new();
        if end.form == permit_export_bundle::PayloadForm::AuditBundle && end.unreadable.is_none() {
            if end.records.is_some() {
                // An array without records shows no record, and is there all the same.
                self.bundle.begin_records();
            }
            bundle.extend(check_bundle_semantics(&self.bundle, &base));
            bundle.extend(check_bundle_form(&self.bundle, &base));
        }
        let lineage = std::mem::take(&mut self.lineage);
        for finding in lineage.finish(|record| permit_location(record, ByteRange::default())) {
            self.keep(finding);
        }
        if end.unreadable.is_none()
            && let Some(finding) = self.dispatched.take().and_then(|one| one.finish(base))
        {
            self.keep(finding);
        }
        let walk = self.walker.finish();
        let closures = self.ledger.finish();
        let left_out = walk.findings_left_out.saturating_add(closures.findings_left_out);
        PayloadFacts {
            digest,
            end,
            structure: self.structure,
            has_entries: self.has_entries,
            bundle,
            permits: self.permits,
            findings_left_out: self.findings_left_out.saturating_add(left_out),
            permits_seen: self.permits_seen,
            forms_checked: self.forms_checked,
            walk,
            closures,
            collected: self.collected,
            snapshots: self.snapshots.map(SnapshotChecker::finish),
            archive,
        }
    }
}

impl ExportVisitor for Judge<'_> {
    fn member(&mut self, name: &str, value: &Value<'_>) {
        self.bundle.take_member(name, value.range(), value);
        self.collected.member(name, value);
    }

    fn begin_bundle_entries(&mut self, start: u64) {
        self.bundle.take_bundle_entries(ByteRange::at(start));
    }

    fn begin_record(&mut self, _index: u64) {
        self.ledger.begin_record();
        self.collected.begin_record();
    }

    fn record_member(&mut self, index: u64, name: &str, value: &Value<'_>) {
        if name == "permit" {
            self.permit(index, value);
        }
        self.collected.record_member(name, value);
        if self.snapshots.is_some() {
            self.snapshot.take_member(name, value);
        }
    }

    fn end_record(&mut self, index: u64, range: ByteRange, entries: Option<Kind>) {
        self.ledger.end_record();
        let at = || {
            let pointer = JsonPointer::root().member("records").index(index);
            Location::value(Artifact::Export, pointer, range)
        };
        self.collected.end_record(entries != Some(Kind::Array), at);
        let snapshot = std::mem::take(&mut self.snapshot);
        self.snapshot(&snapshot);
        let has_entries = entries.is_some_and(|kind| kind != Kind::Null);
        self.bundle.note_record(range, has_entries);
    }

    fn entry(&mut self, entry: &Entry<'_>) {
        self.has_entries = true;
        let place = EntryPlace {
            array: entry.layout.array(),
            index: entry.index,
            range: entry.fields.range,
        };
        let at = || Location::value(Artifact::Export, entry_pointer(place), place.range);
        let origin = match entry.layout {
            EntryLayout::Bundle => EntryOrigin::Bundle,
            _ => EntryOrigin::Other,
        };
        self.collected.entry(entry.object, origin, at);
        if self.snapshots.is_some() && entry.layout == EntryLayout::Events {
            let mut record = SnapshotRecord::default();
            for member in entry.object.members() {
                record.take_member(member.name(), member.value());
            }
            self.snapshot(&record);
        }
        if self.layers.walk_events {
            self.walker.entry(&entry.fields, entry.layout.array(), entry.index);
        }
        if !self.layers.verify_closure {
            return;
        }
        let Some(event_type) = entry.fields.event_type.and_then(Value::as_str) else { return };
        if event_type == "permit.closed" {
            self.closure_entry(entry);
        } else {
            let payload = entry.fields.payload_json;
            self.ledger.event(event_type, permit_of(entry), payload);
        }
    }

    fn structure_fault(&mut self, fault: StructureFault) {
        if fault.kind == StructureFaultKind::RecordNoObject {
            let found = fault.found.map_or("something else", Kind::as_str);
            self.snapshot(&SnapshotRecord::no_object(found));
        }
        if self.structure.len() < self.options.findings {
            self.structure.push(fault);
        } else {
            self.findings_left_out = self.findings_left_out.saturating_add(1);
        }
    }
}

/// The permit that an event says it is of; entries of a record are of the record's permit otherwise.
fn permit_of<'v>(entry: &Entry<'v>) -> Option<&'v str> {
    let text =
        |value: Option<&'v Value<'v>>| value.and_then(Value::as_str).filter(|id| !id.is_empty());
    let named = text(entry.fields.payload_json.and_then(|payload| payload.get("permit_id")));
    if named.is_some() || matches!(entry.layout, EntryLayout::Record(_)) {
        return named;
    }
    let resource_is_permit = text(entry.fields.resource_type) == Some("permit");
    let resource = entry.fields.resource_id.filter(|_| resource_is_permit);
    text(entry.object.get("permit_id")).or_else(|| text(resource))
}

fn permit_location(record: u64, range: ByteRange) -> Location {
    let pointer = JsonPointer::root().member("records").index(record).member("permit");
    Location::value(Artifact::Export, pointer, range)
}

/// Permits whose lineage is looked at: beyond these, memory would grow with the export.
const PERMITS_OF_LINEAGE: u64 = 1_000_000;
