// SPDX-License-Identifier: Apache-2.0

//! The store of a project: its permits, chains, closures, revocations and checkpoints, in one journal.
//!
//! ```text
//! line of the journal    {"records":[…]}, all of them or none
//! project                first line: ids, how many chains
//! permit                 a permit as it was decided
//! bound, dispatched      what became of it
//! entry                  an entry of a chain, and the members that its governance event has beside
//! closure, revocation    signed documents about a permit
//! checkpoint             a signed checkpoint
//! ```
//!
//! What is kept in memory is what rules ask for; permits and entries stay on the disk and are read when
//! they are exported.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use permit_canonical_json::{
    Budget, CanonicalError, Node, NotJson, Object, Profile, Sha256Digest, Value, from_value,
    read_text, to_value,
};
use permit_chain::{AppendOutcome, ChainHead, ChainStore};
use permit_types::{
    ChainEntry, ChainScope, ClosureStatus, Permit, PermitId, ProjectId, RecordHash, Rfc3339,
};

use crate::{
    journal::{Access, Journal, JournalError, LinePlace},
    permit_standing::PermitStanding,
};

/// The store of one project.
///
/// It implements [`ChainStore`]: entries that are appended to it by hand last before success is
/// reported. Several things that belong together go into one [`Transaction`].
#[derive(Debug)]
pub struct ProjectStore {
    journal: Journal,
    known: Known,
}

/// What every project has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub project_id: ProjectId,
    /// When the store was made.
    pub created_at: Rfc3339,
    /// How its events are strung.
    pub chains: Chains,
    /// What stands before the first entry of each chain (CHAIN-15).
    pub sentinel: RecordHash,
}

/// How events are strung into chains (CHAIN-18).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chains {
    /// One chain for each permit, and one for what is about none. Every export has whole chains,
    /// whichever permits are in it.
    #[default]
    PerPermit,
    /// One chain for everything. An export has to have all of it, or lacks links (CHAIN-08).
    One,
}

impl Chains {
    /// A word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PerPermit => "per-permit",
            Self::One => "one",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::PerPermit, Self::One].into_iter().find(|chains| chains.as_str() == word)
    }
}

/// Where a record is: its line, and its place among the records of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordPlace {
    line: LinePlace,
    index: usize,
}

#[derive(Debug)]
struct Known {
    project: Option<Project>,
    heads: BTreeMap<ChainScope, ChainHead>,
    /// The digests of the ids of all events, cut to 16 bytes.
    event_ids: BTreeSet<[u8; 16]>,
    permits: BTreeMap<String, PermitStanding>,
    /// Ids of permits in the order in which they were issued.
    order: Vec<String>,
    counts: StoreCounts,
    lines: Vec<LinePlace>,
}

/// How much is in a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreCounts {
    /// Entries of all chains.
    pub entries: u64,
    /// Closures.
    pub closures: u64,
    /// Revocations of permits.
    pub revocations: u64,
    /// Checkpoints.
    pub checkpoints: u64,
}

/// Why a store could not do its work. What was asked for was not done, unless it says that this is not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Another event has this id.
    #[error("there is an event with the id `{event_id}` already")]
    EventKnown {
        /// The id.
        event_id: String,
    },
    /// The store was opened to read.
    #[error("the store was opened to read, not to write")]
    ReadOnly,
    /// A record could not be read again.
    #[error("a record cannot be kept, since it could not be read again: {0}")]
    Unkeepable(String),
    /// Something has no form in JSON.
    #[error("a record cannot be written: {0}")]
    NotJson(#[from] NotJson),
    /// Something has no canonical form.
    #[error("a record cannot be written: {0}")]
    NotCanonical(#[from] CanonicalError),
}

/// One thing that a journal says.
#[derive(Clone, Debug)]
pub(crate) enum Record {
    Project(Project),
    Permit(Box<Permit>),
    Bound { permit_id: PermitId, binding_request_hash: Sha256Digest },
    Dispatched { permit_id: PermitId, at: Rfc3339 },
    Entry { entry: Box<ChainEntry>, members: Object<'static> },
    Closure { permit_id: PermitId, status: ClosureStatus, envelope: Value<'static> },
    Revocation { permit_id: PermitId, at: Rfc3339, event: Value<'static> },
    Checkpoint(Value<'static>),
}

impl ProjectStore {
    /// Makes the store of a project in a folder that has none.
    ///
    /// # Errors
    /// If there is one, or it cannot be written. Nothing is there then.
    pub fn create(folder: &Path, project: &Project) -> Result<(), StoreError> {
        let line = line_of(&[Record::Project(project.clone())])?;
        Ok(Journal::create(&journal_path(folder), &line)?)
    }

    /// Opens the store in a folder, and cuts off what a crash left unfinished, if it is opened to write.
    ///
    /// # Errors
    /// If there is none, it is in use, or it is damaged. Nothing is changed then.
    pub fn open(folder: &Path, access: Access) -> Result<Self, StoreError> {
        let mut known = Known::nothing();
        let journal = Journal::open(&journal_path(folder), access, |line, json| {
            known.learn_line(line, &read_line(json)?)
        })?;
        if known.project.is_none() {
            return Err(journal.damaged("it names no project").into());
        }
        Ok(Self { journal, known })
    }

    /// The project.
    #[must_use]
    pub fn project(&self) -> Option<&Project> {
        self.known.project.as_ref()
    }

    /// Bytes of an unfinished transaction that a crash had left, when the store was opened. Nobody was told
    /// that it succeeded.
    #[must_use]
    pub fn torn_tail(&self) -> Option<u64> {
        self.journal.torn()
    }

    /// How much is in it.
    #[must_use]
    pub fn counts(&self) -> StoreCounts {
        self.known.counts
    }

    /// Bytes of its journal.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.journal.length()
    }

    /// What its journal hashes to, all lines together. Written down elsewhere, it shows later whether
    /// this store goes on from the same one.
    #[must_use]
    pub fn seal(&self) -> Sha256Digest {
        self.journal.seal()
    }

    /// The state of a permit.
    #[must_use]
    pub fn state(&self, permit_id: &PermitId) -> Option<&PermitStanding> {
        self.known.permits.get(&key(permit_id))
    }

    /// The states of all permits, in the order in which they were issued.
    pub fn states(&self) -> impl Iterator<Item = &PermitStanding> {
        self.known.order.iter().filter_map(|id| self.known.permits.get(id))
    }

    /// The heads of all chains.
    pub fn heads(&self) -> impl Iterator<Item = &ChainHead> {
        self.known.heads.values()
    }

    /// The head of a chain, which may be empty.
    #[must_use]
    pub fn head_of(&self, chain_scope: &ChainScope) -> ChainHead {
        let sentinel = self.project().map(|project| project.sentinel);
        self.known.heads.get(chain_scope).cloned().unwrap_or_else(|| {
            let empty = ChainHead::empty(chain_scope.clone());
            match sentinel {
                Some(sentinel) => empty.sentinel(sentinel),
                None => empty,
            }
        })
    }

    /// The chain of what is about a permit, or about none.
    #[must_use]
    pub fn chain_of(&self, permit_id: Option<&PermitId>) -> ChainScope {
        let project = self.project();
        let own = project.is_some_and(|project| project.chains == Chains::PerPermit);
        match permit_id.filter(|_| own) {
            Some(permit_id) => ChainScope::new(format!("permit:{}", key(permit_id))),
            None => {
                let project = project.map_or("", |project| project.project_id.as_str());
                ChainScope::new(format!("project:{project}"))
            }
        }
    }

    /// A permit as it stands now: bound if it was bound, with a status that says what became of it.
    ///
    /// # Errors
    /// If it cannot be read again.
    pub fn permit(&self, state: &PermitStanding) -> Result<Permit, StoreError> {
        match self.record(state.place)? {
            Record::Permit(mut permit) => {
                permit.binding_request_hash = state.binding_request_hash();
                permit.status = Some(state.status().as_str().to_owned());
                Ok(*permit)
            }
            _ => Err(self.journal.damaged("a permit is not where it was").into()),
        }
    }

    /// The entries about a permit, in order.
    ///
    /// # Errors
    /// If they cannot be read again.
    pub fn entries(&self, state: &PermitStanding) -> Result<Vec<ChainEntry>, StoreError> {
        let mut entries = Vec::with_capacity(state.entries.len());
        for place in &state.entries {
            match self.record(*place)? {
                Record::Entry { entry, .. } => entries.push(*entry),
                _ => return Err(self.journal.damaged("an entry is not where it was").into()),
            }
        }
        Ok(entries)
    }

    /// Shows the entries of all chains in the order in which they were made, each with the members
    /// that its governance event has beside.
    ///
    /// # Errors
    /// If the journal cannot be read again, or `show` fails.
    pub(crate) fn each_entry<E: From<StoreError>>(
        &self,
        mut show: impl FnMut(&ChainEntry, &Object<'static>) -> Result<(), E>,
    ) -> Result<(), E> {
        for place in &self.known.lines {
            let line = self.journal.read(*place).map_err(StoreError::from)?;
            for record in read_line(&line).map_err(|what| self.unreadable(what))? {
                if let Record::Entry { entry, members } = record {
                    show(&entry, &members)?;
                }
            }
        }
        Ok(())
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// If the store was opened to read.
    pub fn transaction(&mut self) -> Result<Transaction<'_>, StoreError> {
        if !self.journal.is_writable() {
            return Err(StoreError::ReadOnly);
        }
        let staged = Vec::new();
        Ok(Transaction { store: self, staged, heads: BTreeMap::new(), event_ids: BTreeSet::new() })
    }

    fn record(&self, place: RecordPlace) -> Result<Record, StoreError> {
        let line = self.journal.read(place.line)?;
        let records = read_line(&line).map_err(|what| self.unreadable(what))?;
        let record = records.into_iter().nth(place.index);
        record.ok_or_else(|| self.unreadable("a record is not where it was".to_owned()))
    }

    fn unreadable(&self, what: String) -> StoreError {
        self.journal.damaged(what).into()
    }
}

impl ChainStore for ProjectStore {
    type Error = StoreError;

    fn head(&mut self, chain_scope: &ChainScope) -> Result<Option<ChainHead>, StoreError> {
        Ok(self.known.heads.get(chain_scope).cloned())
    }

    fn append_if(
        &mut self,
        expected: &ChainHead,
        entry: &ChainEntry,
    ) -> Result<AppendOutcome, StoreError> {
        let mut transaction = self.transaction()?;
        match transaction.append_if(expected, entry)? {
            AppendOutcome::Appended => transaction.commit().map(|()| AppendOutcome::Appended),
            moved => Ok(moved),
        }
    }
}

/// Several things that are stored together, or not at all. Dropped before [`commit`](Self::commit), it
/// has changed nothing.
#[derive(Debug)]
#[must_use = "nothing is stored before it is committed"]
pub struct Transaction<'s> {
    store: &'s mut ProjectStore,
    staged: Vec<Record>,
    heads: BTreeMap<ChainScope, ChainHead>,
    event_ids: BTreeSet<[u8; 16]>,
}

impl Transaction<'_> {
    /// The store, as it was before.
    #[must_use]
    pub fn store(&self) -> &ProjectStore {
        self.store
    }

    /// The head of a chain, with what was appended in this transaction.
    #[must_use]
    pub fn head_of(&self, chain_scope: &ChainScope) -> ChainHead {
        let staged = self.heads.get(chain_scope).cloned();
        staged.unwrap_or_else(|| self.store.head_of(chain_scope))
    }

    pub(crate) fn put(&mut self, record: Record) {
        self.staged.push(record);
    }

    /// Gives the last entry the members that its governance event has beside those of an entry.
    pub(crate) fn members_of_last(&mut self, all: &Object<'static>) {
        if let Some(Record::Entry { members, .. }) = self.staged.last_mut() {
            for member in all.members() {
                if !ENTRY_MEMBERS.contains(&member.name()) {
                    members.insert(member.name().to_owned(), member.value().clone());
                }
            }
        }
    }

    /// Stores everything, and returns when the disk has it.
    ///
    /// # Errors
    /// If it cannot be written. Then nothing is stored, unless the journal says that this is not known.
    pub fn commit(self) -> Result<(), StoreError> {
        if self.staged.is_empty() {
            return Ok(());
        }
        let line = line_of(&self.staged)?;
        // What could not be read again, such as what is nested too deeply, would spoil the whole journal.
        let records = read_line(&line).map_err(StoreError::Unkeepable)?;
        let place = self.store.journal.append(&line)?;
        let learned = self.store.known.learn_line(place, &records);
        learned.map_err(|what| self.store.unreadable(what))
    }
}

impl ChainStore for Transaction<'_> {
    type Error = StoreError;

    fn head(&mut self, chain_scope: &ChainScope) -> Result<Option<ChainHead>, StoreError> {
        let head = self.head_of(chain_scope);
        Ok(head.last().is_some().then_some(head))
    }

    fn append_if(
        &mut self,
        expected: &ChainHead,
        entry: &ChainEntry,
    ) -> Result<AppendOutcome, StoreError> {
        let head = self.head_of(&entry.chain_scope);
        if head.last() != expected.last() || !head.is_before(entry) {
            return Ok(AppendOutcome::HeadMoved { head: head.last().is_some().then_some(head) });
        }
        let id = short_digest(entry.event_id.as_str());
        if self.store.known.event_ids.contains(&id) || !self.event_ids.insert(id) {
            let event_id = entry.event_id.as_str().to_owned();
            return Err(StoreError::EventKnown { event_id });
        }
        self.heads.insert(entry.chain_scope.clone(), ChainHead::after(entry));
        let (entry, members) = (Box::new(entry.clone()), Object::default());
        self.staged.push(Record::Entry { entry, members });
        Ok(AppendOutcome::Appended)
    }
}

impl Known {
    fn nothing() -> Self {
        Self {
            project: None,
            heads: BTreeMap::new(),
            event_ids: BTreeSet::new(),
            permits: BTreeMap::new(),
            order: Vec::new(),
            counts: StoreCounts::default(),
            lines: Vec::new(),
        }
    }

    fn learn_line(&mut self, line: LinePlace, records: &[Record]) -> Result<(), String> {
        for (index, record) in records.iter().enumerate() {
            self.learn(record, RecordPlace { line, index })?;
        }
        self.lines.push(line);
        Ok(())
    }

    fn learn(&mut self, record: &Record, place: RecordPlace) -> Result<(), String> {
        match record {
            Record::Project(project) => {
                if self.project.replace(project.clone()).is_some() || !self.lines.is_empty() {
                    return Err("it names a second project".to_owned());
                }
            }
            Record::Permit(permit) => {
                let id = key(&permit.id);
                let standing = PermitStanding::of(permit, place);
                if self.permits.insert(id.clone(), standing).is_some() {
                    return Err(format!("it issues the permit `{id}` twice"));
                }
                self.order.push(id);
            }
            Record::Bound { permit_id, binding_request_hash } => {
                self.standing(permit_id)?.bind(*binding_request_hash);
            }
            Record::Dispatched { permit_id, at } => self.standing(permit_id)?.dispatch(at.clone()),
            Record::Entry { entry, .. } => self.learn_entry(entry, place)?,
            Record::Closure { permit_id, status, .. } => {
                self.standing(permit_id)?.close(*status);
                self.counts.closures += 1;
            }
            Record::Revocation { permit_id, at, .. } => {
                self.standing(permit_id)?.revoke(at.clone());
                self.counts.revocations += 1;
            }
            Record::Checkpoint(_) => self.counts.checkpoints += 1,
        }
        Ok(())
    }

    fn learn_entry(&mut self, entry: &ChainEntry, place: RecordPlace) -> Result<(), String> {
        let scope = &entry.chain_scope;
        let before = self.heads.get(scope).cloned().unwrap_or_else(|| {
            let empty = ChainHead::empty(scope.clone());
            match &self.project {
                Some(project) => empty.sentinel(project.sentinel),
                None => empty,
            }
        });
        if !before.is_before(entry) {
            return Err(format!("the event `{}` does not go on with its chain", entry.event_id));
        }
        self.heads.insert(scope.clone(), ChainHead::after(entry));
        if !self.event_ids.insert(short_digest(entry.event_id.as_str())) {
            return Err(format!("it has the event `{}` twice", entry.event_id));
        }
        self.counts.entries += 1;
        if let Some(standing) = permit_of(entry).and_then(|id| self.permits.get_mut(&id)) {
            standing.add_entry(place, entry);
        }
        Ok(())
    }

    fn standing(&mut self, permit_id: &PermitId) -> Result<&mut PermitStanding, String> {
        let known = self.permits.get_mut(&key(permit_id));
        known.ok_or_else(|| format!("it goes on with the permit `{permit_id}`, which it has not"))
    }
}

impl Record {
    fn to_value(&self) -> Result<Value<'static>, StoreError> {
        let (kind, value) = match self {
            Self::Project(project) => {
                let members = [
                    ("project_id", project.project_id.to_string()),
                    ("created_at", project.created_at.to_string()),
                    ("chains", project.chains.as_str().to_owned()),
                    ("sentinel", project.sentinel.to_string()),
                ];
                ("project", Value::object(members))
            }
            Self::Permit(permit) => ("permit", to_value(permit.as_ref())?),
            Self::Bound { permit_id, binding_request_hash } => {
                let members = [
                    ("permit_id", permit_id.to_string()),
                    ("binding_request_hash", binding_request_hash.to_string()),
                ];
                ("bound", Value::object(members))
            }
            Self::Dispatched { permit_id, at } => {
                let members = [("permit_id", permit_id.to_string()), ("at", at.to_string())];
                ("dispatched", Value::object(members))
            }
            Self::Entry { entry, members } => {
                let mut value = Object::default();
                value.insert("entry", to_value(entry.as_ref())?);
                if !members.is_empty() {
                    value.insert("members", members.clone());
                }
                ("entry", value.into())
            }
            Self::Closure { permit_id, status, envelope } => {
                let members = [
                    ("permit_id", Value::from(permit_id.to_string())),
                    ("closure_status", status.as_str().into()),
                    ("envelope", envelope.clone()),
                ];
                ("closure", Value::object(members))
            }
            Self::Revocation { permit_id, at, event } => {
                let members = [
                    ("permit_id", Value::from(permit_id.to_string())),
                    ("revoked_at", at.to_string().into()),
                    ("event", event.clone()),
                ];
                ("revocation", Value::object(members))
            }
            Self::Checkpoint(document) => ("checkpoint", document.clone()),
        };
        Ok(Value::object([(kind, value)]))
    }

    fn read(value: &Value<'_>) -> Option<Self> {
        let [member] = value.as_object()?.members() else { return None };
        let value = member.value();
        let text = |name| value.get(name).and_then(Value::as_str);
        let permit_id = || text("permit_id").and_then(PermitId::parse);
        Some(match member.name() {
            "project" => Self::Project(Project {
                project_id: ProjectId::parse(text("project_id")?)?,
                created_at: Rfc3339::parse(text("created_at")?)?,
                chains: Chains::parse(text("chains")?)?,
                sentinel: RecordHash::from_hex(text("sentinel")?)?,
            }),
            "permit" => Self::Permit(Box::new(from_value(value).ok()?)),
            "bound" => Self::Bound {
                permit_id: permit_id()?,
                binding_request_hash: Sha256Digest::from_hex(text("binding_request_hash")?)?,
            },
            "dispatched" => {
                Self::Dispatched { permit_id: permit_id()?, at: Rfc3339::parse(text("at")?)? }
            }
            "entry" => Self::Entry {
                entry: Box::new(from_value(value.get("entry")?).ok()?),
                members: match value.get("members") {
                    None => Object::default(),
                    Some(members) => as_object(members.clone().into_owned())?,
                },
            },
            "closure" => Self::Closure {
                permit_id: permit_id()?,
                status: ClosureStatus::parse(text("closure_status")?)?,
                envelope: value.get("envelope")?.clone().into_owned(),
            },
            "revocation" => Self::Revocation {
                permit_id: permit_id()?,
                at: Rfc3339::parse(text("revoked_at")?)?,
                event: value.get("event")?.clone().into_owned(),
            },
            "checkpoint" => Self::Checkpoint(value.clone().into_owned()),
            _ => return None,
        })
    }
}

pub(crate) fn as_object(value: Value<'static>) -> Option<Object<'static>> {
    match value.into_node() {
        Node::Object(object) => Some(object),
        _ => None,
    }
}

fn line_of(records: &[Record]) -> Result<String, StoreError> {
    let records = records.iter().map(Record::to_value).collect::<Result<Vec<_>, _>>()?;
    Ok(Profile::Payload.to_text(&Value::object([("records", records)]))?)
}

fn read_line(json: &str) -> Result<Vec<Record>, String> {
    let value = read_text(json, &Budget::default()).map_err(|error| error.to_string())?;
    let records = value.get("records").and_then(Value::as_array).unwrap_or_default();
    if records.is_empty() {
        return Err("a line without records".to_owned());
    }
    let read = records.iter().map(|record| {
        Record::read(record).ok_or_else(|| {
            let kind = record.as_object().and_then(|object| object.members().first());
            let kind = kind.map_or("nothing", |member| member.name());
            format!("a record `{}` that has not its form", permit_canonical_json::Excerpt(kind))
        })
    });
    read.collect()
}

/// The permit that an entry is about, by its payload or else its resource.
fn permit_of(entry: &ChainEntry) -> Option<String> {
    let stated = entry.payload_json.get("permit_id").and_then(Value::as_str);
    let resource = entry.resource_id.as_deref();
    let resource = resource.filter(|_| entry.resource_type.as_deref() == Some("permit"));
    stated.or(resource).map(str::to_ascii_lowercase)
}

/// Ids are UUIDs, whose case does not count.
fn key(permit_id: &PermitId) -> String {
    permit_id.as_str().to_ascii_lowercase()
}

/// Enough of a digest that no two events of one store share it.
fn short_digest(text: &str) -> [u8; 16] {
    let mut short = [0; 16];
    let digest = Sha256Digest::of(text.as_bytes());
    short.iter_mut().zip(digest.as_bytes()).for_each(|(to, from)| *to = *from);
    short
}

fn journal_path(folder: &Path) -> PathBuf {
    folder.join("journal")
}

/// The members of a governance event that are those of its entry.
const ENTRY_MEMBERS: [&str; 13] = [
    "event_id",
    "event_type",
    "resource_type",
    "resource_id",
    "outcome",
    "severity",
    "chain_scope",
    "sequence_number",
    "record_hash",
    "prev_hash",
    "payload_json",
    "occurred_at",
    "chain_format_version",
];
