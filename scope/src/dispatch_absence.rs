// SPDX-License-Identifier: Apache-2.0

//! The claim `permit.dispatch_absence_after_revocation.v1`.
//!
//! ```text
//! equals  project_id, permit_id, event_type = dispatch.egress_bound, and nothing else   ABSENT-03
//! ranges  occurred_at from effective_at on and before the checkpoint, and nothing else  ABSENT-01
//!
//! 1  the revocation holds                       else insufficient, with its reason
//! 2  the checkpoint is there                    else insufficient                       ABSENT-07
//! 3  the export is faithful to its scope        else insufficient, with its reason      AMB-44
//!    but a bridge of the asking segment         disproves                               ABSENT-06
//!    and a predicate beyond the grammar         is unverifiable, a malformed one not    ABSENT-04
//! 4  one segment asks exactly this              else insufficient, or unverifiable if one covers it
//! 5  it has no member                           else disproved                          ABSENT-05
//! 6  no record of another segment is one        else disproved
//! ```
//!
//! Completions, responses and deliveries after the revocation are no dispatches (ABSENT-05), and
//! neither are dispatches before it (ABSENT-10). Bounds are half open and compared as instants
//! (ABSENT-02). A name set aside for proofs of absence is not evaluated (ABSENT-08).

use permit_canonical_json::{JsonPointer, Object, Value};
use permit_claims::{ClaimFault, Unsupported};
use permit_failure_codes::{FailureCode, Reason, ReasonClass};
use permit_types::{
    Artifact, Finding, Instant, Location, PermitId, PredicateEquals, PredicateGrammar,
    PredicateKind, PredicateOperator, PredicateRanges, ProjectId, Rfc3339, ScopePredicate,
    TimeRange,
};

use crate::{
    checkpoint_evidence::{CheckpointEvidence, VerifiedCheckpoint},
    faithfulness::{FaithfulSegment, ScopeAdjudication},
    fault::{
        BLOCK, BRIDGES, CHECKPOINT, COMMITMENTS, DISCLOSURES, PREDICATE, Place, REVOCATION, fault,
        with,
    },
    membership::Membership,
    predicate::{Predicate, Spans},
    segment::segment_place,
};

/// The one kind of event that disproves the claim (ABSENT-05).
pub const DISPATCH_EGRESS_BOUND: &str = "dispatch.egress_bound";

/// What a supported `permit.revoked.v1` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationFacts {
    permit_id: String,
    project_id: String,
    effective_at: String,
    instant: Instant,
}

impl RevocationFacts {
    /// The members of the revocation event; nothing if `effective_at` is no time.
    #[must_use]
    pub fn new(permit_id: &str, project_id: &str, effective_at: &str) -> Option<Self> {
        Some(Self {
            permit_id: permit_id.to_owned(),
            project_id: project_id.to_owned(),
            effective_at: effective_at.to_owned(),
            instant: Instant::parse(effective_at)?,
        })
    }

    /// The permit that was revoked.
    #[must_use]
    pub fn permit_id(&self) -> &str {
        &self.permit_id
    }

    /// The project of the permit.
    #[must_use]
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// From when on it was revoked, as it was written.
    #[must_use]
    pub fn effective_at(&self) -> &str {
        &self.effective_at
    }
}

/// What the claim is judged by.
#[derive(Clone, Copy, Debug)]
pub struct AbsenceEvidence<'e> {
    /// The document that the scope was judged of.
    pub document: &'e Value<'e>,
    /// What holds of the revocation.
    pub revocation: Result<&'e RevocationFacts, &'e ClaimFault>,
    /// The checkpoint that the scope was judged with.
    pub checkpoint: &'e CheckpointEvidence,
    /// What holds of the scope.
    pub scope: &'e ScopeAdjudication,
}

/// The question that one revocation and one checkpoint ask of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DispatchQuestion {
    predicate: Predicate,
    from: Instant,
    before: Instant,
}

impl DispatchQuestion {
    /// The question; nothing if the checkpoint does not say when it was computed.
    ///
    /// ```
    /// use permit_canonical_json::{Budget, read};
    /// use permit_scope::{DispatchQuestion, Membership, RevocationFacts, VerifiedCheckpoint};
    ///
    /// let revocation = RevocationFacts::new("permit", "project", "2026-05-21T10:05:00Z").unwrap();
    /// let checkpoint = VerifiedCheckpoint {
    ///     computed_at: Some("2026-05-21T10:10:00Z".to_string()),
    ///     ..VerifiedCheckpoint::default()
    /// };
    /// let question = DispatchQuestion::new(&revocation, &checkpoint).unwrap();
    /// let entry = read(br#"{"event_type": "dispatch.egress_bound",
    ///     "created_at": "2026-05-21T12:05:00+02:00",
    ///     "payload_json": {"project_id": "project", "permit_id": "permit"}}"#, &Budget::default())?;
    /// assert_eq!(question.answer(entry.as_object().unwrap()), Membership::Member);
    /// # Ok::<(), permit_canonical_json::ReadError>(())
    /// ```
    #[must_use]
    pub fn new(revocation: &RevocationFacts, checkpoint: &VerifiedCheckpoint) -> Option<Self> {
        let computed_at = checkpoint.computed_at.as_deref()?;
        let before = Instant::parse(computed_at)?;
        let equals = Value::object([
            (PredicateKind::ProjectId.as_str(), revocation.project_id.clone()),
            (PredicateKind::PermitId.as_str(), revocation.permit_id.clone()),
            (PredicateKind::EventType.as_str(), DISPATCH_EGRESS_BOUND.to_owned()),
        ]);
        let range = Value::object([
            ("gte", revocation.effective_at.clone()),
            ("lt", computed_at.to_owned()),
        ]);
        let predicate = Value::object([
            ("version", Value::from(PredicateGrammar::TEXT)),
            ("operator", Value::from(PredicateOperator::TEXT)),
            ("equals", equals),
            ("ranges", Value::object([(PredicateKind::OccurredAt.as_str(), range)])),
        ]);
        let predicate = Predicate::read(&predicate).ok()?;
        Some(Self { predicate, from: revocation.instant, before })
    }

    /// Whether a record or an entry is a dispatch after the revocation.
    #[must_use]
    pub fn answer<'v>(&self, record: &'v Object<'v>) -> Membership {
        self.predicate.membership(record)
    }

    /// Whether the checkpoint was computed after the revocation took effect: else the range is empty,
    /// and that nothing is in it shows nothing.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.from < self.before
    }

    /// Whether a predicate asks exactly this. Bounds are compared as instants.
    fn is_asked_by(&self, predicate: &Predicate) -> bool {
        has_shape(predicate)
            && ASKED.iter().all(|kind| predicate.expects(*kind) == self.predicate.expects(*kind))
            && predicate.spans() == self.predicate.spans()
    }

    /// Whether no record can match both the question and a predicate with these equalities.
    fn is_ruled_out_by<'p>(&self, stated: impl Fn(PredicateKind) -> Option<&'p str>) -> bool {
        ASKED.iter().any(|kind| {
            stated(*kind).is_some_and(|text| self.predicate.expects(*kind) != Some(text))
        })
    }
}

/// Whether a predicate has the shape that the claim wants (ABSENT-03), whatever it asks.
pub(crate) fn has_shape(predicate: &Predicate) -> bool {
    let spans = predicate.spans();
    let only_occurrence = Spans { occurred_at: spans.occurred_at, ..Spans::default() };
    predicate.equals().count() == ASKED.len()
        && ASKED.iter().all(|kind| predicate.expects(*kind).is_some())
        && spans.occurred_at.is_some()
        && spans == only_occurrence
}

const ASKED: [PredicateKind; 3] =
    [PredicateKind::ProjectId, PredicateKind::PermitId, PredicateKind::EventType];

/// Proof that the declared scope holds no dispatch under a permit after its revocation.
#[derive(Clone, Debug)]
pub struct DispatchAbsence {
    segment_id: String,
    permit_id: String,
    chain_scope: String,
    checkpoint_id: String,
    effective_at: String,
    computed_at: String,
}

impl DispatchAbsence {
    /// The segment that shows it.
    #[must_use]
    pub fn segment_id(&self) -> &str {
        &self.segment_id
    }

    /// The permit.
    #[must_use]
    pub fn permit_id(&self) -> &str {
        &self.permit_id
    }

    /// The chain.
    #[must_use]
    pub fn chain_scope(&self) -> &str {
        &self.chain_scope
    }

    /// The checkpoint up to which it is shown.
    #[must_use]
    pub fn checkpoint_id(&self) -> &str {
        &self.checkpoint_id
    }

    /// All that is shown, in one sentence (ABSENT-09).
    #[must_use]
    pub fn statement(&self) -> String {
        use permit_canonical_json::Excerpt;
        format!(
            "the scope state commits to no `{DISPATCH_EGRESS_BOUND}` record of the chain `{}` \
             under the permit `{}` from {} on and before {}",
            Excerpt(&self.chain_scope),
            Excerpt(&self.permit_id),
            Excerpt(&self.effective_at),
            Excerpt(&self.computed_at),
        )
    }
}

/// Judges the claim.
///
/// # Errors
/// Why it is not supported.
pub fn adjudicate_dispatch_absence(
    evidence: &AbsenceEvidence<'_>,
) -> Result<DispatchAbsence, ClaimFault> {
    let revocation = evidence.revocation.map_err(|fault| depends_on(fault, REVOCATION))?;
    let checkpoint = match evidence.checkpoint {
        CheckpointEvidence::Verified(checkpoint) => Some(checkpoint),
        CheckpointEvidence::NotVerified(_) => None,
        CheckpointEvidence::Missing => return Err(no_checkpoint()),
    };
    let question = checkpoint.and_then(|checkpoint| DispatchQuestion::new(revocation, checkpoint));
    let judge = Judge { evidence, question: question.as_ref() };
    let export = evidence.scope.faithfulness().map_err(|fault| judge.not_faithful(fault))?;
    let (Some(question), Some(checkpoint)) = (&question, checkpoint) else {
        let summary = "the checkpoint does not say when it was computed";
        return Err(not_shown(Location::whole(Artifact::Checkpoint), "ABSENT-07", summary));
    };
    let asking = |segment: &&FaithfulSegment| question.is_asked_by(segment.predicate());
    let segment = export.segments().find(asking).ok_or_else(|| judge.not_asked())?;
    if !question.is_open() {
        let summary = "the checkpoint was computed before the revocation took effect";
        return Err(not_shown(Location::whole(Artifact::Checkpoint), "ABSENT-01", summary));
    }
    check_members(segment)?;
    judge.check_all_records(question)?;
    Ok(DispatchAbsence {
        segment_id: segment.id().to_owned(),
        permit_id: revocation.permit_id.clone(),
        chain_scope: segment.scope_state().chain_scope().to_owned(),
        checkpoint_id: segment.scope_state().checkpoint_id().to_owned(),
        effective_at: revocation.effective_at.clone(),
        computed_at: checkpoint.computed_at.clone().unwrap_or_default(),
    })
}

struct Judge<'j> {
    evidence: &'j AbsenceEvidence<'j>,
    question: Option<&'j DispatchQuestion>,
}

impl<'j> Judge<'j> {
    fn segments(&self) -> impl Iterator<Item = (usize, &'j Value<'j>)> + use<'j> {
        let block = self.evidence.document.get("scope_faithfulness");
        let segments = block.and_then(|block| block.get("segments")?.as_array());
        segments.unwrap_or_default().iter().enumerate()
    }

    /// The first segment that asks exactly the question, whether or not it holds.
    fn asking_segment(&self) -> Option<usize> {
        let asks = |segment: &Value<'_>| {
            let predicate = stated_predicate(segment).and_then(|value| Predicate::read(value).ok());
            self.question.zip(predicate).is_some_and(|(question, it)| question.is_asked_by(&it))
        };
        self.segments().find(|(_, segment)| asks(segment)).map(|(index, _)| index)
    }

    /// What it means for the claim that the export is not shown to be faithful.
    fn not_faithful(&self, fault: &ClaimFault) -> ClaimFault {
        let failed = self.evidence.scope.segments().find(|segment| segment.outcome.is_err());
        let Some(failed) = failed else { return depends_on(fault, BLOCK) };
        let is_bridge = fault.reason() == Reason::Code(FailureCode::ExportProofBridgeMisclassified);
        let is_meant = || {
            let segment = self.segments().nth(failed.index);
            segment.is_some_and(|(_, segment)| self.may_mean_the_question(segment))
        };
        match self.asking_segment() {
            Some(index) if is_bridge && index == failed.index => {
                let summary = "a bridge is a dispatch after the revocation";
                let wrong = bridge_matches(fault.finding.at.clone(), summary);
                about(wrong.evidence([BRIDGES]), failed.id.as_deref())
            }
            None if is_bridge => self.not_asked(),
            None if is_predicate_code(fault.reason()) && is_meant() => {
                about(fault.clone().evidence([PREDICATE]), failed.id.as_deref())
            }
            _ => about(depends_on(fault, BLOCK), failed.id.as_deref()),
        }
    }

    /// Whether a segment whose predicate cannot be judged by might be about these dispatches.
    fn may_mean_the_question(&self, segment: &Value<'_>) -> bool {
        let equals = stated_predicate(segment).and_then(|predicate| predicate.get("equals"));
        let stated = |kind: PredicateKind| equals?.get(kind.as_str())?.as_str();
        self.question.is_none_or(|question| !question.is_ruled_out_by(stated))
    }

    /// Why no segment asks the question: one covers these dispatches in another way, or none does.
    fn not_asked(&self) -> ClaimFault {
        for (index, segment) in self.segments() {
            let predicate = stated_predicate(segment).and_then(|value| Predicate::read(value).ok());
            let has_shape = predicate.as_ref().is_some_and(has_shape);
            if !has_shape && self.may_mean_the_question(segment) {
                let code = FailureCode::ExportScopePredicateOutOfGrammar;
                let at = segment_place(index)
                    .below(&["declared_scope", "predicate"], stated_predicate(segment));
                let summary = "the segment covers dispatches under the permit, but not by \
                    exactly project, permit, event type and time of occurrence";
                let beyond = fault(code, "ABSENT-03", at, summary).evidence([PREDICATE]);
                return about(beyond, id_of(segment).as_deref());
            }
        }
        let block = Place::new(Artifact::Export, JsonPointer::root().member("scope_faithfulness"));
        let summary = "no segment covers the dispatches under the permit from its revocation to \
            the checkpoint";
        not_shown(block.below(&["segments"], None), "ABSENT-07", summary)
    }

    /// No record that the export shows for whatever purpose is a dispatch after the revocation.
    fn check_all_records(&self, question: &DispatchQuestion) -> Result<(), ClaimFault> {
        for (index, segment) in self.segments() {
            for (list, evidence) in LISTS {
                let records = segment.get("chain_evidence").and_then(|it| it.get(list)?.as_array());
                for (rank, record) in records.unwrap_or_default().iter().enumerate() {
                    let answer = record.as_object().map(|record| question.answer(record));
                    if let Some(Membership::Member | Membership::Unclear(_)) = answer {
                        let place = segment_place(index).element(&["chain_evidence", list], rank);
                        let wrong = contradiction(answer, evidence, place.at(record.range()));
                        return Err(about(wrong.evidence([evidence]), id_of(segment).as_deref()));
                    }
                }
            }
        }
        Ok(())
    }
}

/// A record of another segment that is, or might be, what the asking segment does not have.
fn contradiction(answer: Option<Membership>, evidence: &str, at: Location) -> ClaimFault {
    if let Some(Membership::Unclear(_)) = answer {
        let code = FailureCode::ExportChainProofMissing;
        let summary = "it cannot be told whether a record is a dispatch after the revocation";
        return fault(code, "ABSENT-07", at, summary);
    }
    if evidence == DISCLOSURES {
        let summary = "another segment discloses a dispatch after the revocation";
        return dispatch_present(at, summary);
    }
    bridge_matches(at, "a bridge of another segment is a dispatch after the revocation")
}

fn bridge_matches(at: Location, summary: &str) -> ClaimFault {
    let code = FailureCode::ExportScopeBridgeRecordMatchesPredicate;
    fault(code, "ABSENT-06", at, summary)
}

/// The scope has no member: all that a faithful segment discloses are its members.
fn check_members(segment: &FaithfulSegment) -> Result<(), ClaimFault> {
    let count = segment.commitment().matching_count;
    if count == 0 {
        return Ok(());
    }
    let at = segment_place(segment.index()).below(&["chain_evidence", "disclosure_records"], None);
    let summary = format!("{count} dispatches after the revocation are disclosed");
    let present = dispatch_present(at, summary).evidence([DISCLOSURES]);
    Err(about(present, Some(segment.id())))
}

fn id_of(segment: &Value<'_>) -> Option<String> {
    segment.get("segment_id").and_then(Value::as_str).map(str::to_owned)
}

fn stated_predicate<'v>(segment: &'v Value<'v>) -> Option<&'v Value<'v>> {
    segment.get("declared_scope")?.get("predicate")
}

/// Whether a reason is that a predicate is beyond the grammar or malformed.
fn is_predicate_code(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::Code(
            FailureCode::ExportScopePredicateUnsupported
                | FailureCode::ExportScopePredicateOutOfGrammar
                | FailureCode::ExportScopePredicateMalformed
        )
    )
}

/// The fault of something that this claim needs (ABSENT-07, AMB-44): the claim is not contradicted
/// by it, but nothing supports it either.
fn depends_on(fault: &ClaimFault, evidence: &str) -> ClaimFault {
    let mut fault = fault.clone().evidence([evidence]);
    fault.verdict = Unsupported::InsufficientEvidence;
    fault
}

fn no_checkpoint() -> ClaimFault {
    let code = FailureCode::CheckpointScopeStateCheckpointMissing;
    let at = Location::whole(Artifact::Checkpoint);
    let summary = "the checkpoint up to which the absence would be shown is not there";
    fault(code, "ABSENT-07", at, summary).evidence([CHECKPOINT])
}

fn not_shown(at: Location, rule: &'static str, summary: &str) -> ClaimFault {
    let code = FailureCode::ExportScopeCommitmentMissing;
    fault(code, rule, at, summary).evidence([COMMITMENTS])
}

fn dispatch_present(at: Location, summary: impl Into<String>) -> ClaimFault {
    let present = ReasonClass::ExportScopePostRevocationDispatchPresent;
    ClaimFault::new(
        Unsupported::Disproved,
        Finding::failure(present, at, summary).rule("ABSENT-05"),
    )
}

fn about(fault: ClaimFault, segment_id: Option<&str>) -> ClaimFault {
    with(fault, |finding| match segment_id {
        Some(id) if finding.get("segment_id").is_none() => finding.detail("segment_id", id),
        _ => finding,
    })
}

const LISTS: [(&str, &str); 2] =
    [("disclosure_records", DISCLOSURES), ("proof_bridge_records", BRIDGES)];

/// The predicate that an absence segment has to declare (ABSENT-01, ABSENT-03).
///
/// # Errors
/// If the checkpoint was not computed after the revocation took effect: such a range is empty and
/// shows nothing.
pub fn absence_predicate(
    project_id: &ProjectId,
    permit_id: &PermitId,
    effective_at: &Rfc3339,
    computed_at: &Rfc3339,
) -> Result<ScopePredicate, AbsencePredicateError> {
    if effective_at.instant() >= computed_at.instant() {
        return Err(AbsencePredicateError);
    }
    let range = TimeRange { gte: effective_at.clone(), lt: computed_at.clone() };
    Ok(ScopePredicate {
        version: PredicateGrammar,
        operator: PredicateOperator,
        equals: PredicateEquals {
            project_id: Some(project_id.clone()),
            permit_id: Some(permit_id.as_str().to_owned()),
            event_type: Some(DISPATCH_EGRESS_BOUND.to_owned()),
            ..PredicateEquals::default()
        },
        ranges: PredicateRanges { occurred_at: Some(range), ..PredicateRanges::default() },
    })
}

/// The checkpoint was not computed after the revocation took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the checkpoint was not computed after the revocation took effect")]
pub struct AbsencePredicateError;
