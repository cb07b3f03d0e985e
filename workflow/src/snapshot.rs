// SPDX-License-Identifier: Apache-2.0

//! What permits say of their workflow, compared with the history at the time they were decided.
//!
//! ```text
//! snapshot      first object among workflow_state_json, workflow_state, then the same in `permit`
//! declaration   the snapshot's workflow_declaration_id, else the record's, else the permit's
//! time          first that can be read among created_at, timestamp, permit_created_at, then in `permit`
//! hash          that of the effective intent with the amendments before that time (SEM-08)
//! version       their number and one
//! ```

use permit_canonical_json::{ByteRange, JsonPointer, Value};
use permit_types::{Artifact, Instant, Location};

use crate::{
    fault::{WorkflowFault, WorkflowFaultKind as Kind},
    history::WorkflowHistory,
    proof::SnapshotsAgree,
    record::{is_count, is_falsy, normalized_hash, read_instant, shown, strip},
};

/// What a record says of its workflow. It keeps nothing of the record but that.
///
/// Made of a whole record, or member by member as a record is read piece by piece:
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_workflow::SnapshotRecord;
///
/// let record = read(br#"{"workflow_state": {}, "created_at": "2026-05-07"}"#, &Budget::default())?;
/// let mut pieces = SnapshotRecord::default();
/// for member in record.as_object().unwrap().members() {
///     pieces.take_member(member.name(), member.value());
/// }
/// assert_eq!(pieces, SnapshotRecord::of(&record));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SnapshotRecord {
    /// What the record is, if it is no object.
    no_object: Option<String>,
    /// By [`SNAPSHOTS`], those of the record before those of its permit.
    snapshots: [Option<Snapshot>; 4],
    /// By [`TIMES`], likewise.
    times: [Option<Instant>; 6],
    /// Of the record, then of its permit.
    declaration_ids: [Option<DeclarationId>; 2],
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Snapshot {
    in_permit: bool,
    member: &'static str,
    range: ByteRange,
    declaration_id: Option<DeclarationId>,
    unknown_or_inactive: bool,
    hash: Option<String>,
    hash_shown: String,
    version: Option<u64>,
    version_shown: String,
}

/// The id of a declaration as it is named: a text without white space around it, or no such text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum DeclarationId {
    Text(String),
    Malformed,
}

impl SnapshotRecord {
    /// What a record says.
    #[must_use]
    pub fn of(record: &Value<'_>) -> Self {
        let mut facts = Self::default();
        match record.as_object() {
            None => facts.no_object = Some(record.kind().to_string()),
            Some(object) => {
                for member in object.members() {
                    facts.take_member(member.name(), member.value());
                }
            }
        }
        facts
    }

    /// What stands in place of a record and is none, such as `null`.
    #[must_use]
    pub fn no_object(found: &str) -> Self {
        Self { no_object: Some(found.to_owned()), ..Self::default() }
    }

    /// Takes the next member of the record. Members that say nothing of a workflow are passed over.
    pub fn take_member(&mut self, name: &str, value: &Value<'_>) {
        if name != "permit" {
            return self.take(false, name, value);
        }
        for member in value.as_object().map(|permit| permit.members()).unwrap_or_default() {
            self.take(true, member.name(), member.value());
        }
    }

    fn take(&mut self, in_permit: bool, name: &str, value: &Value<'_>) {
        let slot = |names: &[&'static str]| {
            let at = names.iter().position(|known| *known == name)?;
            Some((at + if in_permit { names.len() } else { 0 }, *names.get(at)?))
        };
        if let Some((at, member)) = slot(&SNAPSHOTS)
            && let Some(place) = self.snapshots.get_mut(at)
        {
            *place = Snapshot::of(value, in_permit, member);
        } else if let Some((at, _)) = slot(&TIMES)
            && let Some(place) = self.times.get_mut(at)
        {
            *place = value.as_str().and_then(read_instant);
        } else if name == DECLARATION_ID
            && let Some(place) = self.declaration_ids.get_mut(usize::from(in_permit))
        {
            *place = DeclarationId::of(Some(value));
        }
    }

    fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshots.iter().flatten().next()
    }

    fn time(&self) -> Option<Instant> {
        self.times.iter().flatten().next().copied()
    }
}

impl Snapshot {
    fn of(value: &Value<'_>, in_permit: bool, member: &'static str) -> Option<Self> {
        value.as_object()?;
        let version = value.get("declaration_version_at_decision");
        let hash = value.get("effective_intent_hash");
        Some(Self {
            in_permit,
            member,
            range: value.range(),
            declaration_id: DeclarationId::of(value.get(DECLARATION_ID)),
            unknown_or_inactive: value.get("admission_state").and_then(Value::as_str)
                == Some("unknown_or_inactive"),
            hash: normalized_hash(hash).map(str::to_owned),
            hash_shown: shown(hash),
            version: version.filter(|version| is_count(version)).and_then(Value::as_u64),
            version_shown: shown(version),
        })
    }
}

impl DeclarationId {
    /// Nothing, if the value counts as absent.
    fn of(value: Option<&Value<'_>>) -> Option<Self> {
        let value = value.filter(|value| !is_falsy(value))?;
        let text = value.as_str().map(strip).filter(|text| !text.is_empty());
        Some(text.map_or(Self::Malformed, |text| Self::Text(text.to_owned())))
    }
}

/// Compares the snapshots of records with a history, one record at a time.
#[derive(Debug)]
pub struct SnapshotChecker<'h> {
    history: &'h WorkflowHistory,
    artifact: Artifact,
    list: JsonPointer,
    records: u64,
    snapshots: u64,
    fault: Option<Box<WorkflowFault>>,
    faults: u64,
}

impl<'h> SnapshotChecker<'h> {
    /// A checker for the records of a list: `records` of an export, `permits.jsonl` of an archive.
    #[must_use]
    pub fn new(history: &'h WorkflowHistory, artifact: Artifact, list: JsonPointer) -> Self {
        Self { history, artifact, list, records: 0, snapshots: 0, fault: None, faults: 0 }
    }

    /// Compares the next record.
    pub fn record(&mut self, record: &Value<'_>) {
        self.facts(&SnapshotRecord::of(record), 0);
    }

    /// Compares what the next record says. Its byte ranges count from `offset`.
    pub fn facts(&mut self, record: &SnapshotRecord, offset: u64) {
        let index = self.records;
        self.records = self.records.saturating_add(1);
        match self.check(record, index, offset) {
            Ok(compared) => self.snapshots = self.snapshots.saturating_add(u64::from(compared)),
            Err(fault) => {
                self.faults = self.faults.saturating_add(1);
                self.fault.get_or_insert_with(|| Box::new(fault));
            }
        }
    }

    /// Number of snapshots that do not agree so far.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.faults
    }

    /// What comparing came to; nothing, if no record had a snapshot.
    ///
    /// # Errors
    /// The first snapshot that does not agree.
    pub fn finish(self) -> Result<Option<SnapshotsAgree>, WorkflowFault> {
        let faults = self.faults.to_string();
        if let Some(fault) = self.fault {
            return Err(fault.with(|finding| finding.detail("snapshots_at_fault", faults)));
        }
        let (records, snapshots) = (self.records, self.snapshots);
        Ok((snapshots > 0).then_some(SnapshotsAgree { records, snapshots }))
    }

    fn check(
        &self,
        record: &SnapshotRecord,
        index: u64,
        offset: u64,
    ) -> Result<bool, WorkflowFault> {
        let here = self.list.clone().index(index);
        if let Some(kind) = &record.no_object {
            let at = Location::value(self.artifact, here, ByteRange::default());
            let fault = WorkflowFault::new(Kind::SnapshotForm, at, "the record is no object");
            return Err(fault.with(|finding| finding.values("an object", kind)));
        }
        let Some(snapshot) = record.snapshot() else { return Ok(false) };
        let fault = |kind, summary: &str| {
            let pointer =
                if snapshot.in_permit { here.clone().member("permit") } else { here.clone() };
            let pointer = pointer.member(snapshot.member);
            let shifted = |at: u64| at.saturating_add(offset);
            let range = ByteRange::new(shifted(snapshot.range.start), shifted(snapshot.range.end));
            WorkflowFault::new(kind, Location::value(self.artifact, pointer, range), summary)
        };
        let id = match self.declaration_of(record, snapshot) {
            Ok(Some(id)) => id,
            Ok(None) if snapshot.unknown_or_inactive => return Ok(false),
            Ok(None) => {
                let summary = "the snapshot names no workflow declaration";
                return Err(fault(Kind::SnapshotDeclaration, summary));
            }
            Err((one, other)) => {
                let summary = "the permit names two workflow declarations";
                let fault = fault(Kind::SnapshotDeclaration, summary);
                return Err(fault.with(|finding| finding.values(one, other)));
            }
        };
        let named = |fault: WorkflowFault| fault.with(|f| f.detail("workflow_declaration_id", id));
        let Some(history) = self.history.declaration(id) else {
            let summary = "the evidence does not have the declaration that the snapshot names";
            return Err(named(fault(Kind::SnapshotDeclaration, summary)));
        };
        let Some(time) = record.time() else {
            let summary = "it is not known when the permit of the snapshot was decided";
            return Err(named(fault(Kind::SnapshotTime, summary)));
        };
        let (version, digest) = history.before(time);
        if snapshot.hash.as_deref() != Some(digest.hex().as_str()) {
            let summary = "the effective intent had another hash when the permit was decided";
            let fault = named(fault(Kind::SnapshotHash, summary));
            return Err(fault.with(|finding| {
                finding
                    .values(digest.to_string(), &snapshot.hash_shown)
                    .detail("decided_at", time.to_string())
            }));
        }
        if snapshot.version != Some(version) {
            let summary = "the declaration had another version when the permit was decided";
            let fault = named(fault(Kind::SnapshotVersion, summary));
            return Err(fault.with(|finding| {
                finding
                    .values(version.to_string(), &snapshot.version_shown)
                    .detail("decided_at", time.to_string())
            }));
        }
        Ok(true)
    }

    /// The declaration that a permit names; two different ones are an error (PERMIT-17).
    fn declaration_of<'r>(
        &self,
        record: &'r SnapshotRecord,
        snapshot: &'r Snapshot,
    ) -> Result<Option<&'r str>, (&'r str, &'r str)> {
        if snapshot.declaration_id == Some(DeclarationId::Malformed) {
            return Ok(None);
        }
        let [of_record, of_permit] = &record.declaration_ids;
        let mut first = None;
        for id in [&snapshot.declaration_id, of_record, of_permit].into_iter().flatten() {
            match (id, first) {
                (DeclarationId::Text(id), None) => first = Some(id.as_str()),
                (DeclarationId::Text(id), Some(first)) if id != first => return Err((first, id)),
                _ => {}
            }
        }
        Ok(first)
    }
}

const SNAPSHOTS: [&str; 2] = ["workflow_state_json", "workflow_state"];
const TIMES: [&str; 3] = ["created_at", "timestamp", "permit_created_at"];
const DECLARATION_ID: &str = "workflow_declaration_id";
