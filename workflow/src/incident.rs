// SPDX-License-Identifier: Apache-2.0

//! Incident archives: the files that manifest version 2 requires, and the workflows in them.
//!
//! ```text
//! bundle manifest   the export's manifest if it has `manifest_version`, else manifest.json or
//!                   bundle_manifest.json of the archive; none: nothing to judge
//! version           1: nothing to judge; 2: all that follows; else unknown
//! files             each required file under its schema, and in the archive (SEM-09)
//! workflows         declarations, amendments, then the snapshots in permits.jsonl
//! ```
//!
//! The archive is gone through once. Files of lines are read a line at a time.

use std::collections::BTreeMap;

use permit_canonical_json::{Budget, ByteRange, JsonPointer, StreamError, StreamReader, Value};
use permit_claims::Claim;
use permit_failure_codes::ReasonClass;
use permit_types::{Artifact, Finding, Location};

use crate::{
    archive::{ARCHIVE_END_BYTES, ArchiveLimits, IncidentArchive, is_archive},
    archive_fault::ArchiveFault,
    fault::{WorkflowFault, WorkflowFaultKind as Kind},
    history::{HistoryBuilder, HistoryForm, HistoryLimits, WorkflowHistory},
    incident_member::{INCIDENT_EVIDENCE_SCHEMA, IncidentMember as Member},
    json_lines::{LineFault, read_lines},
    proof::{IncidentComplete, SnapshotsAgree, WorkflowOutcome, WorkflowProof},
    record::{RecordPlace, shown},
    snapshot::{SnapshotChecker, SnapshotRecord},
    trust::WorkflowTrust,
};

/// The file that an export is, as far as incidents go.
#[derive(Clone, Copy, Debug)]
pub enum IncidentPayload<'a> {
    /// A ZIP archive, or something that may be taken for one.
    Archive(&'a [u8]),
    /// Anything else, which need not be in memory.
    Other,
}

impl<'a> IncidentPayload<'a> {
    /// What these bytes are.
    #[must_use]
    pub fn of(bytes: &'a [u8]) -> Self {
        let end = bytes.len().saturating_sub(ARCHIVE_END_BYTES);
        let end = bytes.get(end..).unwrap_or_default();
        if is_archive(bytes, end) { Self::Archive(bytes) } else { Self::Other }
    }
}

/// What judging an incident archive may cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct IncidentOptions {
    /// How far the archive may unfold.
    pub archive: ArchiveLimits,
    /// What the text inside may cost.
    pub budget: Budget,
    /// What the history may cost.
    pub history: HistoryLimits,
}

/// What judging an export as incident evidence came to.
#[derive(Debug)]
pub enum IncidentOutcome {
    /// There was nothing to judge.
    Skipped(IncidentSkip),
    /// It was judged.
    Judged(WorkflowOutcome),
}

/// Why there was nothing to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IncidentSkip {
    /// The export is no archive, and nobody says it should be one.
    NoArchive,
    /// The archive has no bundle manifest, neither inside nor beside it.
    NoBundleManifest,
    /// The bundle manifest is of version 1, which requires nothing.
    VersionOne,
}

/// Judges an export as incident evidence. `manifest` is the manifest of the export.
#[must_use]
pub fn verify_incident(
    payload: IncidentPayload<'_>,
    manifest: &Value<'_>,
    trust: &WorkflowTrust<'_>,
    options: &IncidentOptions,
) -> IncidentOutcome {
    let bytes = match payload {
        IncidentPayload::Archive(bytes) => bytes,
        IncidentPayload::Other => return not_an_archive(manifest),
    };
    match judge(bytes, manifest, trust, options) {
        Ok(outcome) => outcome,
        Err(fault) => IncidentOutcome::Judged(WorkflowOutcome::failed(*fault)),
    }
}

fn not_an_archive(manifest: &Value<'_>) -> IncidentOutcome {
    let kind = manifest.get("export_type");
    if kind.and_then(Value::as_str) != Some("incident_evidence") {
        return IncidentOutcome::Skipped(IncidentSkip::NoArchive);
    }
    let range = kind.map_or(ByteRange::default(), Value::range);
    let at = Location::value(Artifact::Manifest, JsonPointer::root().member("export_type"), range);
    let summary = "the manifest calls the export incident evidence, which is a ZIP archive";
    let fault = WorkflowFault::new(Kind::IncidentNoArchive, at, summary);
    IncidentOutcome::Judged(WorkflowOutcome::failed(fault))
}

fn judge(
    bytes: &[u8],
    manifest: &Value<'_>,
    trust: &WorkflowTrust<'_>,
    options: &IncidentOptions,
) -> Result<IncidentOutcome, Box<WorkflowFault>> {
    let stated = manifest.get("manifest_version").is_some();
    if stated && let Some(skip) = BundleManifest::new(manifest, None).version()? {
        return Ok(IncidentOutcome::Skipped(skip));
    }
    let archive = IncidentArchive::open(bytes, &options.archive);
    let archive = archive.map_err(|fault| archive_fault(&fault))?;
    let mut run = Run { archive, trust, options, notices: Vec::new() };
    if stated {
        BundleManifest::new(manifest, None).check_files(&run.archive)?;
    } else {
        let inner = [Member::Manifest, Member::BundleManifest];
        let Some(member) = inner.into_iter().find(|member| run.archive.has(*member)) else {
            return Ok(IncidentOutcome::Skipped(IncidentSkip::NoBundleManifest));
        };
        if let Some(skip) = run.inner_manifest(member)? {
            return Ok(IncidentOutcome::Skipped(skip));
        }
    }
    run.metadata()?;
    let (history, snapshots) = run.workflows()?;
    run.unread_members()?;
    run.tell_of_others();
    // Whatever the lines say: all of them could be read. So now it counts what they say.
    let history = history.map_err(Box::new)?;
    let mut outcome = WorkflowOutcome::proved(history.proofs());
    match snapshots {
        Ok(proof) => outcome.proofs.extend(proof.map(WorkflowProof::Snapshots)),
        Err(fault) => return Err(Box::new(fault)),
    }
    outcome.proofs.push(WorkflowProof::Incident(run.complete()));
    outcome.notices = run.notices;
    Ok(IncidentOutcome::Judged(outcome))
}

/// What lists the files of an archive: the export's manifest, or a member.
struct BundleManifest<'m> {
    value: &'m Value<'m>,
    member: Option<Member>,
}

impl<'m> BundleManifest<'m> {
    fn new(value: &'m Value<'m>, member: Option<Member>) -> Self {
        Self { value, member }
    }

    /// Why there is nothing to judge, if there is not.
    fn version(&self) -> Result<Option<IncidentSkip>, Box<WorkflowFault>> {
        let version = self.value.get("manifest_version");
        match version.and_then(Value::as_u64) {
            Some(1) => Ok(Some(IncidentSkip::VersionOne)),
            Some(2) => Ok(None),
            _ => {
                let summary = "the bundle manifest is of a version that is not known here";
                let at = self.location(&["manifest_version"], None);
                let fault = WorkflowFault::new(Kind::IncidentVersion, at, summary);
                Err(Box::new(fault.with(|f| f.values("1 or 2", shown(version)))))
            }
        }
    }

    fn check_files(&self, archive: &IncidentArchive<'_>) -> Result<(), Box<WorkflowFault>> {
        let schemas = self.schemas()?;
        for member in Member::REQUIRED {
            let (name, schema) = (member.file_name(), member.schema().unwrap_or_default());
            let listed = schemas.get(&member).copied().flatten();
            if listed != Some(schema) {
                let summary =
                    format!("the bundle manifest does not list `{name}` under its schema");
                let at = self.location(&["files"], None);
                let fault = WorkflowFault::new(Kind::IncidentMember, at, summary);
                let actual = match (schemas.contains_key(&member), listed) {
                    (false, _) => "not listed",
                    (true, None) => "no schema",
                    (true, Some(other)) => other,
                };
                return Err(Box::new(
                    fault.with(|f| f.values(schema, actual).detail("file", name)),
                ));
            }
            if !archive.has(member) {
                let summary = format!("the archive lacks `{name}`, which its manifest lists");
                let at = Location::whole(Artifact::Export);
                let fault = WorkflowFault::new(Kind::IncidentMember, at, summary);
                return Err(Box::new(fault.with(|f| f.detail("file", name))));
            }
        }
        Ok(())
    }

    /// The schemas of the files that matter.
    fn schemas(&self) -> Result<BTreeMap<Member, Option<&'m str>>, Box<WorkflowFault>> {
        let fault = |index: Option<u64>, summary: &str| {
            let at = self.location(&["files"], index);
            Err(Box::new(WorkflowFault::new(Kind::IncidentFiles, at, summary)))
        };
        let Some(files) = self.value.get("files").and_then(Value::as_array) else {
            return fault(None, "the list of files is no array");
        };
        let mut schemas = BTreeMap::new();
        for (index, file) in (0..).zip(files) {
            let name = file.get("name").and_then(Value::as_str);
            let Some(name) = name.filter(|name| !name.trim().is_empty()) else {
                return fault(Some(index), "a file of the list has no name");
            };
            let schema = file.get("schema").filter(|schema| !schema.is_null());
            if schema.is_some_and(|schema| schema.as_str().is_none()) {
                return fault(Some(index), "the schema of a file is no text");
            }
            let Some(member) = Member::of_name(name.as_bytes()) else { continue };
            if schemas.insert(member, schema.and_then(Value::as_str)).is_some() {
                return fault(Some(index), "a file is listed twice");
            }
        }
        Ok(schemas)
    }

    fn location(&self, path: &[&str], index: Option<u64>) -> Location {
        let mut value = Some(self.value);
        let mut pointer = JsonPointer::root();
        if let Some(member) = self.member {
            pointer = pointer.member(member.file_name());
        }
        for step in path {
            value = value.and_then(|value| value.get(step));
            pointer = pointer.member(step);
        }
        if let Some(index) = index {
            pointer = pointer.index(index);
        }
        let artifact = if self.member.is_some() { Artifact::Export } else { Artifact::Manifest };
        Location::value(artifact, pointer, value.map_or(ByteRange::default(), Value::range))
    }
}

type History = Result<WorkflowHistory, WorkflowFault>;
type Snapshots = Result<Option<SnapshotsAgree>, WorkflowFault>;

struct Run<'r> {
    archive: IncidentArchive<'r>,
    trust: &'r WorkflowTrust<'r>,
    options: &'r IncidentOptions,
    notices: Vec<Finding>,
}

impl Run<'_> {
    /// Judges the bundle manifest inside the archive.
    fn inner_manifest(
        &mut self,
        member: Member,
    ) -> Result<Option<IncidentSkip>, Box<WorkflowFault>> {
        let value = self.document(member, Kind::IncidentManifest)?;
        let manifest = BundleManifest::new(&value, Some(member));
        let skip = manifest.version()?;
        if skip.is_none() {
            manifest.check_files(&self.archive)?;
        }
        Ok(skip)
    }

    fn metadata(&mut self) -> Result<(), Box<WorkflowFault>> {
        let document = self.document(Member::Metadata, Kind::IncidentMetadata)?;
        let schema = document.get("schema");
        if schema.and_then(Value::as_str) == Some(INCIDENT_EVIDENCE_SCHEMA) {
            return Ok(());
        }
        let pointer = pointer_to(Member::Metadata).member("schema");
        let range = schema.map_or(document.range(), Value::range);
        let at = Location::value(Artifact::Export, pointer, range);
        let summary = "the metadata of the archive is of another schema";
        let fault = WorkflowFault::new(Kind::IncidentMetadata, at, summary);
        Err(Box::new(fault.with(|f| f.values(INCIDENT_EVIDENCE_SCHEMA, shown(schema)))))
    }

    /// A member that is one JSON object.
    fn document(
        &mut self,
        member: Member,
        kind: Kind,
    ) -> Result<Value<'static>, Box<WorkflowFault>> {
        let budget = self.options.budget;
        let opened = self.archive.open_member(member).map_err(|fault| archive_fault(&fault))?;
        let Some(source) = opened else { return Err(missing(member)) };
        let mut reader = StreamReader::new(source, budget);
        let value = reader.with_value(|value| value.clone().into_owned());
        let value = value.and_then(|value| reader.finish().map(|()| value));
        let value = value.map_err(|error| stream_fault(member, kind, error))?;
        if value.as_object().is_some() {
            return Ok(value);
        }
        let at = Location::value(Artifact::Export, pointer_to(member), value.range());
        let summary = format!("`{}` is no object", member.file_name());
        let fault = WorkflowFault::new(kind, at, summary);
        Err(Box::new(fault.with(|f| f.values("an object", value.kind().to_string()))))
    }

    /// Reads the files of lines. That one cannot be read weighs more than what the others say.
    fn workflows(&mut self) -> Result<(History, Snapshots), Box<WorkflowFault>> {
        let limits = self.options.history;
        let mut builder = HistoryBuilder::new(*self.trust, HistoryForm::Incident, limits);
        let mut first = None;
        let list = pointer_to(Member::WorkflowDeclarations);
        self.lines(Member::WorkflowDeclarations, |value, index, offset| {
            let place = RecordPlace { artifact: Artifact::Export, list: &list, index, offset };
            if first.is_none() {
                first = builder.declaration(value, &place).err();
            }
        })?;
        let list = pointer_to(Member::WorkflowAmendments);
        self.lines(Member::WorkflowAmendments, |value, index, offset| {
            let place = RecordPlace { artifact: Artifact::Export, list: &list, index, offset };
            if first.is_none() {
                first = builder.amendment(value, &place).err();
            }
        })?;
        let history = first.map_or_else(|| builder.finish(), Err);
        let list = pointer_to(Member::Permits);
        let mut checker = history
            .as_ref()
            .ok()
            .map(|history| SnapshotChecker::new(history, Artifact::Export, list));
        self.lines(Member::Permits, |value, _, offset| {
            if let Some(checker) = &mut checker {
                checker.facts(&SnapshotRecord::of(value), offset);
            }
        })?;
        self.lines(Member::McpToolDecisions, |_, _, _| {})?;
        let snapshots = checker.map_or(Ok(None), SnapshotChecker::finish);
        Ok((history, snapshots))
    }

    fn lines(
        &mut self,
        member: Member,
        take: impl FnMut(&Value<'_>, u64, u64),
    ) -> Result<(), Box<WorkflowFault>> {
        let budget = self.options.budget;
        let opened = self.archive.open_member(member).map_err(|fault| archive_fault(&fault))?;
        let Some(source) = opened else { return Err(missing(member)) };
        read_lines(source, &budget, take).map_err(|fault| line_fault(member, fault))
    }

    /// Unpacks what is required and not looked into, so that it is at least there and whole.
    fn unread_members(&mut self) -> Result<(), Box<WorkflowFault>> {
        for member in [Member::AdminActions, Member::BracketCheckpoints, Member::GovernanceEvents] {
            let opened = self.archive.open_member(member).map_err(|fault| archive_fault(&fault))?;
            let Some(source) = opened else { return Err(missing(member)) };
            source.drain().map_err(|fault| archive_fault(&fault))?;
        }
        Ok(())
    }

    fn tell_of_others(&mut self) {
        let count = self.archive.other_count();
        if count == 0 {
            return;
        }
        let at = Location::whole(Artifact::Export);
        let summary =
            format!("{count} members of the archive are not known here and were not read");
        let names = self.archive.others().join(", ");
        let notice = Finding::notice(ReasonClass::IncidentManifestSchemaInvalid, at, summary)
            .rule("SEM-09")
            .detail("members", names)
            .help("rely on nothing in these members: they are covered by the hash of the export and by no check");
        self.notices.push(notice);
    }

    fn complete(&self) -> IncidentComplete {
        let members = u64::try_from(Member::REQUIRED.len()).unwrap_or(u64::MAX);
        IncidentComplete { members, others: self.archive.other_count() }
    }
}

fn pointer_to(member: Member) -> JsonPointer {
    JsonPointer::root().member(member.file_name())
}

fn archive_fault(fault: &ArchiveFault) -> Box<WorkflowFault> {
    let at = Location::whole(Artifact::Export);
    if fault.is_limit() {
        let found = WorkflowFault::limit(Claim::IncidentManifest, at, fault.to_string());
        return Box::new(found.with(|finding| finding.help(fault.help())));
    }
    let kind = match fault {
        ArchiveFault::Directory => Kind::IncidentDamaged,
        ArchiveFault::Method { .. } => Kind::IncidentMethod,
        _ => Kind::IncidentArchive,
    };
    let fault_found = WorkflowFault::new(kind, at, fault.to_string());
    Box::new(fault_found.with(|finding| finding.help(fault.help())))
}

fn missing(member: Member) -> Box<WorkflowFault> {
    let name = member.file_name();
    let summary = format!("the archive lacks `{name}`");
    let at = Location::whole(Artifact::Export);
    let fault = WorkflowFault::new(Kind::IncidentMember, at, summary);
    Box::new(fault.with(|finding| finding.detail("file", name)))
}

/// A limit that was reached while a member was read, held against what the member is there for.
fn limit(member: Member, at: Location, summary: String) -> WorkflowFault {
    let claim = match member {
        Member::WorkflowDeclarations => Claim::WorkflowDeclarations,
        Member::WorkflowAmendments => Claim::WorkflowAmendments,
        Member::Permits => Claim::WorkflowSnapshot,
        _ => Claim::IncidentManifest,
    };
    WorkflowFault::limit(claim, at, summary)
}

fn stream_fault(member: Member, kind: Kind, error: StreamError) -> Box<WorkflowFault> {
    match error {
        StreamError::Read(error) => {
            let pointer = pointer_to(member).join(&error.pointer());
            let at = Location::value(Artifact::Export, pointer, error.at());
            let summary = format!("`{}` cannot be read: {error}", member.file_name());
            Box::new(match error.kind().is_limit() {
                true => limit(member, at, summary),
                false => WorkflowFault::new(kind, at, summary),
            })
        }
        StreamError::Source(error) => source_fault(member, &error),
        _ => missing(member),
    }
}

fn line_fault(member: Member, fault: LineFault) -> Box<WorkflowFault> {
    let name = member.file_name();
    match fault {
        LineFault::Source(error) => source_fault(member, &error),
        LineFault::Read { line, offset, error } => {
            let shifted = |at: u64| at.saturating_add(offset);
            let range = ByteRange::new(shifted(error.at().start), shifted(error.at().end));
            let pointer = pointer_to(member).index(line).join(&error.pointer());
            let at = Location::value(Artifact::Export, pointer, range);
            let number = line.saturating_add(1);
            let summary = format!("line {number} of `{name}` cannot be read: {}", error.kind());
            Box::new(match error.kind().is_limit() {
                true => limit(member, at, summary),
                false => WorkflowFault::new(Kind::IncidentLines, at, summary),
            })
        }
        LineFault::NoObject { line, range, found } => {
            let at = Location::value(Artifact::Export, pointer_to(member).index(line), range);
            let summary = format!("line {} of `{name}` is no object", line.saturating_add(1));
            let fault = WorkflowFault::new(Kind::IncidentLines, at, summary);
            Box::new(fault.with(|f| f.values("an object", found.to_string())))
        }
        LineFault::TooLong { line, limit: bytes } => {
            let pointer = pointer_to(member).index(line);
            let at = Location::value(Artifact::Export, pointer, ByteRange::default());
            let number = line.saturating_add(1);
            let summary = format!("line {number} of `{name}` is longer than {bytes} bytes");
            Box::new(limit(member, at, summary))
        }
    }
}

fn source_fault(member: Member, error: &std::io::Error) -> Box<WorkflowFault> {
    let name = member.file_name();
    let fault = ArchiveFault::in_error(error).unwrap_or(ArchiveFault::Member { name });
    archive_fault(&fault)
}
