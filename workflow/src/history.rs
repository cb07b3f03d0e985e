// SPDX-License-Identifier: Apache-2.0

//! The history of workflows: declarations and their amendments, checked as they come by.
//!
//! ```text
//! each record       form, then signature; declarations first, then amendments, each in file order
//! each declaration  amendments of its project, in order of (created_at, id), applied to versions
//!                   1, 2, 3, …; its own version is one more than their number (SEM-07)
//!                   its effective hash is that of the intent with all of them
//! ```
//!
//! The first fault of a record counts before any of the order, and those before any of a hash. What
//! is kept of a declaration is the hash after each amendment, so that a snapshot of any moment is
//! found by its time.

use std::collections::{BTreeMap, BTreeSet};

use permit_canonical_json::{Sha256Digest, Value};
use permit_claims::Claim;
use permit_types::{Instant, Location};

use crate::{
    amendment::Amendment,
    declaration::Declaration,
    effective_intent::EffectiveIntent,
    fault::{WorkflowFault, WorkflowFaultKind as Kind},
    proof::{AmendmentsSigned, DeclarationsSigned, IntentsHold, WorkflowProof},
    record::{FormFault, Record, RecordPlace, shown},
    signature::{Signed, check_signature},
    trust::WorkflowTrust,
};

/// What checking a history may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HistoryLimits {
    /// Declarations. Default 250,000, which take about 300 MB.
    pub declarations: u64,
    /// Amendments of all declarations together. Default 1,000,000, which take about 150 MB.
    pub amendments: u64,
}

impl Default for HistoryLimits {
    fn default() -> Self {
        Self { declarations: 250_000, amendments: 1_000_000 }
    }
}

/// In which kind of evidence the records stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryForm {
    /// A workflow evidence document, whose declarations state their effective hash.
    Document,
    /// An incident archive, whose declarations may leave it to the snapshots.
    Incident,
}

/// Checks the records of workflows one by one.
///
/// All declarations come first, then all amendments. After the first `Err` nothing more may be said.
#[derive(Debug)]
pub struct HistoryBuilder<'t> {
    trust: WorkflowTrust<'t>,
    form: HistoryForm,
    limits: HistoryLimits,
    declarations: BTreeMap<String, Entry>,
    amendment_ids: BTreeSet<String>,
    amendments: u64,
    /// The first fault of the order; those of records that are yet to come count before it.
    order: Option<Box<WorkflowFault>>,
}

/// A declaration while its amendments come by.
#[derive(Debug)]
struct Entry {
    project_id: String,
    version: Option<u64>,
    version_shown: String,
    stated_hash: Option<String>,
    location: Location,
    intent: EffectiveIntent,
    declared: Sha256Digest,
    amended: Vec<(Instant, Sha256Digest)>,
    last: Option<(Instant, String)>,
}

impl<'t> HistoryBuilder<'t> {
    /// A history without records yet.
    #[must_use]
    pub fn new(trust: WorkflowTrust<'t>, form: HistoryForm, limits: HistoryLimits) -> Self {
        Self {
            trust,
            form,
            limits,
            declarations: BTreeMap::new(),
            amendment_ids: BTreeSet::new(),
            amendments: 0,
            order: None,
        }
    }

    /// Checks the next declaration.
    ///
    /// # Errors
    /// If it is not of its form, its signature does not hold, or there are too many.
    pub fn declaration(
        &mut self,
        value: &Value<'_>,
        place: &RecordPlace<'_>,
    ) -> Result<(), WorkflowFault> {
        let record = object(value, place, Kind::DeclarationForm)?;
        let count = u64::try_from(self.declarations.len()).unwrap_or(u64::MAX);
        if count >= self.limits.declarations {
            let summary = format!("there are more than {count} declarations");
            let claim = Claim::WorkflowDeclarations;
            return Err(WorkflowFault::limit(claim, whole(&record), summary));
        }
        let hash_required = self.form == HistoryForm::Document;
        let declaration = Declaration::of(&record, hash_required)
            .map_err(|fault| form_fault(Kind::DeclarationForm, &record, fault))?;
        if self.declarations.contains_key(declaration.id) {
            let summary = "two declarations have one id";
            let fault = WorkflowFault::new(Kind::DuplicateDeclaration, whole(&record), summary);
            return Err(with_declaration(fault, declaration.id));
        }
        check_signature(Signed::Declaration(&declaration), &record, &self.trust)?;
        let intent = EffectiveIntent::of_intent(&declaration.intent).map_err(|problem| {
            let summary = format!("the intent cannot be hashed: {problem}");
            let fault = WorkflowFault::new(Kind::IntentHash, whole(&record), summary);
            with_declaration(fault, declaration.id)
        })?;
        let entry = Entry {
            project_id: declaration.project_id.to_owned(),
            version: declaration.version,
            version_shown: shown(record.get("version")),
            stated_hash: declaration.effective_intent_hash.map(str::to_owned),
            location: whole(&record),
            declared: intent.digest(),
            intent,
            amended: Vec::new(),
            last: None,
        };
        self.declarations.insert(declaration.id.to_owned(), entry);
        Ok(())
    }

    /// Checks the next amendment.
    ///
    /// # Errors
    /// If it is not of its form, its signature does not hold, or there are too many. What is
    /// wrong with its order is told by [`finish`](Self::finish).
    pub fn amendment(
        &mut self,
        value: &Value<'_>,
        place: &RecordPlace<'_>,
    ) -> Result<(), WorkflowFault> {
        let record = object(value, place, Kind::AmendmentForm)?;
        if self.amendments >= self.limits.amendments {
            let summary = format!("there are more than {} amendments", self.amendments);
            return Err(WorkflowFault::limit(Claim::WorkflowAmendments, whole(&record), summary));
        }
        self.amendments = self.amendments.saturating_add(1);
        let amendment = Amendment::of(&record)
            .map_err(|fault| form_fault(Kind::AmendmentForm, &record, fault))?;
        check_signature(Signed::Amendment(&amendment), &record, &self.trust)?;
        if let Err(fault) = self.apply(&amendment, &record)
            && self.order.is_none()
        {
            let fault = with_declaration(fault, amendment.declaration_id);
            let fault = fault.with(|finding| finding.detail("workflow_amendment_id", amendment.id));
            self.order = Some(Box::new(fault));
        }
        Ok(())
    }

    fn apply(
        &mut self,
        amendment: &Amendment<'_>,
        record: &Record<'_>,
    ) -> Result<(), WorkflowFault> {
        let fault = |kind, member, summary: &str| {
            Err(WorkflowFault::new(kind, record.location(member), summary))
        };
        let Some(entry) = self.declarations.get_mut(amendment.declaration_id) else {
            let summary = "the amendment belongs to no declaration of the evidence";
            return fault(Kind::AmendmentOrphan, "workflow_declaration_id", summary);
        };
        if entry.project_id != amendment.project_id {
            let summary = "the amendment names another project than its declaration";
            return fault(Kind::AmendmentProject, "project_id", summary).map_err(|fault| {
                fault.with(|f| f.values(&entry.project_id, amendment.project_id))
            });
        }
        if !self.amendment_ids.insert(amendment.id.to_owned()) {
            let summary = "two amendments have one id";
            return fault(Kind::DuplicateAmendment, "workflow_amendment_id", summary);
        }
        let key = (amendment.created_at, amendment.id);
        if entry.last.as_ref().is_some_and(|(at, id)| (*at, id.as_str()) > key) {
            let summary = "the amendment stands behind a later one";
            return fault(Kind::AmendmentOrder, "created_at", summary);
        }
        let applied_to = u64::try_from(entry.amended.len()).unwrap_or(u64::MAX).saturating_add(1);
        if amendment.applied_against_version != Some(applied_to) {
            let summary = "the amendment was not applied to the version that the one before made";
            let actual = shown(record.get("applied_against_version"));
            return fault(Kind::AmendmentVersion, "applied_against_version", summary)
                .map_err(|fault| fault.with(|f| f.values(applied_to.to_string(), actual)));
        }
        if let Err(problem) = entry.intent.apply(&amendment.delta) {
            let summary = format!("the change cannot be hashed: {problem}");
            return fault(Kind::IntentHash, "delta", &summary);
        }
        entry.amended.push((amendment.created_at, entry.intent.digest()));
        entry.last = Some((amendment.created_at, amendment.id.to_owned()));
        Ok(())
    }

    /// Checks what only all records together show.
    ///
    /// # Errors
    /// If amendments are out of order or belong nowhere, a version is not that of the last
    /// amendment, or an effective hash is not that of the intent.
    pub fn finish(self) -> Result<WorkflowHistory, WorkflowFault> {
        if let Some(fault) = self.order {
            return Err(*fault);
        }
        self.check_versions(|entry| !entry.amended.is_empty())?;
        let mut compared = 0_u64;
        for (id, entry) in &self.declarations {
            let stated = entry.check_hash().map_err(|fault| with_declaration(fault, id))?;
            compared = compared.saturating_add(u64::from(stated));
        }
        // Where all amendments were left out, the hash tells it better.
        self.check_versions(|entry| entry.amended.is_empty())?;
        let declarations = u64::try_from(self.declarations.len()).unwrap_or(u64::MAX);
        let history = |(id, entry): (String, Entry)| {
            (id, DeclarationHistory { declared: entry.declared, amended: entry.amended })
        };
        Ok(WorkflowHistory {
            declarations: self.declarations.into_iter().map(history).collect(),
            signed: DeclarationsSigned { declarations },
            amended: AmendmentsSigned { amendments: self.amendments },
            intents: IntentsHold { declarations, compared },
        })
    }

    fn check_versions(&self, of: impl Fn(&Entry) -> bool) -> Result<(), WorkflowFault> {
        let mut entries = self.declarations.iter().filter(|(_, entry)| of(entry));
        entries.try_for_each(|(id, entry)| {
            entry.check_version().map_err(|fault| with_declaration(fault, id))
        })
    }
}

impl Entry {
    /// One amendment, one version: where there are none, it is the first.
    fn check_version(&self) -> Result<(), WorkflowFault> {
        let last = u64::try_from(self.amended.len()).unwrap_or(u64::MAX).saturating_add(1);
        if self.version == Some(last) {
            return Ok(());
        }
        let summary = "the version of the declaration is not that of its last amendment";
        let fault = WorkflowFault::new(Kind::DeclarationVersion, self.location.clone(), summary);
        Err(fault.with(|finding| finding.values(last.to_string(), &self.version_shown)))
    }

    fn check_hash(&self) -> Result<bool, WorkflowFault> {
        let computed = self.intent.digest();
        match &self.stated_hash {
            None => Ok(false),
            Some(stated) if stated == computed.hex().as_str() => Ok(true),
            Some(stated) => {
                let summary = "the effective intent has another hash than the declaration says";
                let fault = WorkflowFault::new(Kind::IntentHash, self.location.clone(), summary);
                Err(fault.with(|finding| finding.values(computed.to_string(), stated)))
            }
        }
    }
}

/// The history of workflows in evidence whose records all hold.
///
/// It takes memory for each declaration and each amendment, and none for what they say.
#[derive(Clone, Debug)]
pub struct WorkflowHistory {
    declarations: BTreeMap<String, DeclarationHistory>,
    signed: DeclarationsSigned,
    amended: AmendmentsSigned,
    intents: IntentsHold,
}

/// What one declaration was at any time.
#[derive(Clone, Debug)]
pub struct DeclarationHistory {
    declared: Sha256Digest,
    /// When each amendment was made, and the hash of the intent with it; in order.
    amended: Vec<(Instant, Sha256Digest)>,
}

impl WorkflowHistory {
    /// The history of a declaration.
    #[must_use]
    pub fn declaration(&self, id: &str) -> Option<&DeclarationHistory> {
        self.declarations.get(id)
    }

    /// Number of declarations.
    #[must_use]
    pub fn declarations(&self) -> u64 {
        self.signed.declarations
    }

    /// Number of amendments.
    #[must_use]
    pub fn amendments(&self) -> u64 {
        self.amended.amendments
    }

    /// What is proved about the records themselves, in the order of the reference's report. Nothing
    /// is proved about records that are not there.
    #[must_use]
    pub fn proofs(&self) -> Vec<WorkflowProof> {
        let mut proofs = Vec::new();
        if self.declarations() > 0 {
            proofs.push(WorkflowProof::Declarations(self.signed));
            proofs.push(WorkflowProof::Intents(self.intents));
        }
        if self.amendments() > 0 {
            proofs.push(WorkflowProof::Amendments(self.amended));
        }
        proofs
    }
}

impl DeclarationHistory {
    /// The version and the hash of the effective intent just before a time: an amendment made at that
    /// very moment does not count (SEM-08).
    #[must_use]
    pub fn before(&self, time: Instant) -> (u64, Sha256Digest) {
        let applied = self.amended.partition_point(|(at, _)| *at < time);
        let last = applied.checked_sub(1).and_then(|index| self.amended.get(index));
        let version = u64::try_from(applied).unwrap_or(u64::MAX).saturating_add(1);
        (version, last.map_or(self.declared, |(_, digest)| *digest))
    }
}

fn object<'r>(
    value: &'r Value<'r>,
    place: &RecordPlace<'r>,
    kind: Kind,
) -> Result<Record<'r>, WorkflowFault> {
    let record = Record { value, place: *place };
    if value.as_object().is_some() {
        return Ok(record);
    }
    let fault = WorkflowFault::new(kind, whole(&record), "the record is no object");
    Err(fault.with(|finding| finding.values("an object", value.kind().to_string())))
}

fn form_fault(kind: Kind, record: &Record<'_>, fault: FormFault) -> WorkflowFault {
    let FormFault { member, expected } = fault;
    let summary = format!("`{member}` is not what it has to be");
    let actual = shown(record.get(member));
    WorkflowFault::new(kind, record.location(member), summary)
        .with(|finding| finding.values(expected, actual).detail("member", member))
}

fn with_declaration(fault: WorkflowFault, id: &str) -> WorkflowFault {
    fault.with(|finding| finding.detail("workflow_declaration_id", id))
}

fn whole(record: &Record<'_>) -> Location {
    let range = record.place.shift(record.value.range());
    Location::value(record.place.artifact, record.place.pointer(), range)
}
