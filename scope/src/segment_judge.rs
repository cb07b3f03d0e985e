// SPDX-License-Identifier: Apache-2.0

//! Judging one segment, check by check.

use std::sync::Arc;

use permit_canonical_json::{HashedArtifact, Value};
use permit_claims::ClaimFault;
use permit_failure_codes::FailureCode;
use permit_types::{BoundaryPolicy, ContentHash, Finding};

use crate::{
    chain_proof::ChainProof,
    faithfulness::{FaithfulSegment, JudgedSegment, ScopeEvidence, SegmentFacts},
    fault::{
        BOUNDARY_POLICY, BRIDGES, CHAIN_SCOPE, COMMITMENTS, COUNT, DISCLOSURES, END, EVIDENCE,
        FILTERS, HEADS, PREDICATE, REFERENCE, ROOT, SIDECAR, START, fault, quoted, shown, with,
    },
    freshness::{Freshness, freshness},
    membership::{Membership, Unclear},
    merkle::MembershipTree,
    predicate::{Predicate, PredicateFault},
    scope_record::ScopeRecord,
    scope_state::{Commitment, ScopeState},
    segment::{Segment, segment_place},
    sidecar_file::{SidecarFile, SidecarFiles},
};

/// Judges one segment.
pub(crate) fn judge_segment<'e>(
    evidence: &'e ScopeEvidence<'e>,
    files: &mut SidecarFiles<'e>,
    index: usize,
    value: &'e Value<'e>,
) -> JudgedSegment {
    let id = value.get("segment_id").and_then(Value::as_str).filter(|id| !id.is_empty());
    let mut scope_state = None;
    let outcome = Segment::read(value, segment_place(index)).and_then(|segment| {
        SegmentJudge { evidence, segment: &segment, index }.judge(files, &mut scope_state)
    });
    let outcome = outcome.map_err(|fault| {
        with(fault, |finding| match id {
            Some(id) => finding.detail("segment_id", id),
            None => finding,
        })
    });
    JudgedSegment { index, id: id.map(str::to_owned), scope_state, outcome }
}

type ScopeStateOutcome = Option<Result<Arc<ScopeState>, ClaimFault>>;

/// A segment under judgement.
struct SegmentJudge<'j, 'v> {
    evidence: &'j ScopeEvidence<'j>,
    segment: &'j Segment<'v>,
    index: usize,
}

impl SegmentJudge<'_, '_> {
    fn judge(
        &self,
        files: &mut SidecarFiles<'_>,
        outcome: &mut ScopeStateOutcome,
    ) -> Result<FaithfulSegment, ClaimFault> {
        let segment = self.segment;
        let predicate = Predicate::read(segment.predicate);
        let predicate = predicate.map_err(|wrong| self.predicate_fault(&wrong))?;
        self.check_bounds()?;
        self.check_filters()?;
        let scope_state = self.scope_state(files, outcome)?;
        self.check_chain(&scope_state)?;
        self.check_end(&scope_state)?;
        self.check_freshness()?;
        let proof = ChainProof::of(segment);
        proof.check_start()?;
        proof.check_links()?;
        self.check_disclosures(&predicate)?;
        let unclear_bridge = self.check_bridges(&predicate)?;
        let commitment = self.commitment(&scope_state, &predicate)?;
        let disclosed = self.check_members(&predicate, commitment)?;
        let hashes_computed = proof.check_strictly()?;
        self.check_records_strictly()?;
        if let Some(fault) = unclear_bridge {
            return Err(fault);
        }
        let facts = SegmentFacts {
            kind: segment.kind,
            policy: segment.policy,
            start: segment.start.kind,
            disclosed,
            bridges: length(&segment.bridges),
            hashes_computed,
            window: proof.window(),
            end: segment.end.sequence_number,
        };
        Ok(FaithfulSegment {
            index: self.index,
            id: segment.id.to_owned(),
            commitment: *commitment,
            notices: self.notices(&proof),
            scope_state,
            predicate,
            facts,
        })
    }

    fn predicate_fault(&self, wrong: &PredicateFault) -> ClaimFault {
        let mut at = self.segment.at(&["declared_scope", "predicate"]);
        at.pointer = at.pointer.join(wrong.pointer());
        at.range = wrong.at();
        let wrong_form = fault(wrong.code(), wrong.rule(), at, wrong.summary());
        with(wrong_form.evidence([PREDICATE]), |finding| match wrong.expected_and_actual() {
            Some((expected, actual)) => finding.values(expected, actual),
            None => finding,
        })
    }

    fn check_bounds(&self) -> Result<(), ClaimFault> {
        let (start, end) = (&self.segment.start, &self.segment.end);
        if start.first.is_some_and(|first| first <= end.sequence_number) {
            return Ok(());
        }
        let first = start.first.map_or("no number that is left".to_owned(), |n| n.to_string());
        let summary =
            format!("the segment starts at {first}, behind its end at {}", end.sequence_number);
        let code = FailureCode::ExportBoundaryStartAfterEnd;
        let at = self.segment.at(&["declared_start"]);
        Err(fault(code, "SFE-10", at, summary).evidence([START, END]))
    }

    fn check_filters(&self) -> Result<(), ClaimFault> {
        let computed = HashedArtifact::ExportFilters.profile().digest(self.segment.filters);
        let computed = computed.ok().map(ContentHash::from);
        if computed == Some(self.segment.filters_hash) {
            return Ok(());
        }
        let code = FailureCode::ExportRawFiltersHashMismatch;
        let at = self.segment.at(&["canonical_filters", "filters_hash"]);
        let wrong = fault(code, "SFE-07", at, "the filters do not have the hash that is stated");
        let none = "no hash: a number is too large";
        let expected = computed.map_or(none.to_owned(), |hash| hash.to_string());
        Err(with(wrong.evidence([FILTERS]), |finding| {
            finding.values(expected, self.segment.filters_hash.to_string())
        }))
    }

    /// The scope state that the segment refers to, if it is that one and holds (SFE-15).
    fn scope_state(
        &self,
        files: &mut SidecarFiles<'_>,
        outcome: &mut ScopeStateOutcome,
    ) -> Result<Arc<ScopeState>, ClaimFault> {
        let reference = &self.segment.reference;
        let file = files.find(self.segment.id, reference.storage_uri).map_err(|missing| {
            *outcome = Some(Err(missing.clone()));
            missing.evidence([REFERENCE])
        })?;
        self.check_reference(&file)?;
        *outcome = Some(file.judged.clone());
        file.judged.clone().map_err(|fault| fault.evidence([REFERENCE, SIDECAR]))
    }

    fn check_reference(&self, file: &SidecarFile) -> Result<(), ClaimFault> {
        let reference = &self.segment.reference;
        let (name, expected) = if file.hash == reference.artifact_hash {
            let Some((name, own)) = file.difference(reference) else { return Ok(()) };
            (name, own)
        } else {
            ("artifact_hash", file.hash.to_string())
        };
        let at = self.segment.at(&["scope_state_reference", name]);
        let summary = format!("the scope state is not the one referred to: its `{name}` differs");
        let code = FailureCode::ExportScopeStateReferenceMismatch;
        let stated = self.segment.value.get("scope_state_reference").and_then(|it| it.get(name));
        Err(with(fault(code, "SFE-12", at, summary).evidence([REFERENCE]), |finding| {
            finding.values(expected, shown(stated))
        }))
    }

    /// One segment, one chain (SFE-02).
    fn check_chain(&self, scope_state: &ScopeState) -> Result<(), ClaimFault> {
        let segment = self.segment;
        let chain = scope_state.chain_scope();
        let parts = [
            (segment.declared_chain, ["declared_scope", "chain_scope"]),
            (segment.start.chain_scope, ["declared_start", "chain_scope"]),
            (segment.end.chain_scope, ["declared_end", "chain_scope"]),
            (segment.reference.chain_scope, ["scope_state_reference", "chain_scope"]),
        ];
        let parts = parts.iter().find(|(scope, _)| *scope != chain);
        let mut records = segment.disclosures.iter().chain(&segment.bridges);
        let (other, at) = match (parts, records.find(|record| record.chain_scope != chain)) {
            (Some((scope, path)), _) => (*scope, segment.at(path)),
            (None, Some(record)) => (record.chain_scope, segment.record_at(record)),
            (None, None) => return Ok(()),
        };
        let code = FailureCode::ExportScopeChainScopeMismatch;
        let wrong = fault(code, "SFE-02", at, "the segment is about more than one chain");
        Err(with(wrong.evidence([CHAIN_SCOPE]), |finding| {
            finding.values(quoted(chain), quoted(other))
        }))
    }

    /// The end is the head of the checkpoint (SFE-08).
    fn check_end(&self, scope_state: &ScopeState) -> Result<(), ClaimFault> {
        let (end, head) = (&self.segment.end, scope_state.head());
        let (member, expected, actual) = if end.checkpoint_id != scope_state.checkpoint_id() {
            ("checkpoint_id", quoted(scope_state.checkpoint_id()), quoted(end.checkpoint_id))
        } else if end.sequence_number != head.sequence_number {
            let numbers = (head.sequence_number.to_string(), end.sequence_number.to_string());
            ("sequence_number", numbers.0, numbers.1)
        } else if end.last_record_hash != head.last_record_hash {
            ("last_record_hash", quoted(&head.last_record_hash), quoted(end.last_record_hash))
        } else {
            return Ok(());
        };
        let code = FailureCode::ExportBoundaryCheckpointMismatch;
        let summary = format!(
            "the end of the segment is not the head of the checkpoint: its `{member}` differs"
        );
        let wrong = fault(code, "SFE-08", self.segment.at(&["declared_end", member]), summary);
        Err(with(wrong.evidence([END, HEADS]), |finding| finding.values(expected, actual)))
    }

    fn check_freshness(&self) -> Result<(), ClaimFault> {
        if self.segment.end.policy == BoundaryPolicy::ExplicitCheckpoint {
            return Ok(());
        }
        let Some(document) = self.evidence.document.as_object() else { return Ok(()) };
        let manifest = self.evidence.manifest.and_then(Value::as_object);
        let (code, summary) = match freshness(document, manifest, self.segment) {
            Freshness::Stated => return Ok(()),
            Freshness::NotStated => {
                let summary = "nothing that is signed says that the checkpoint was the latest one";
                (FailureCode::ExportBoundaryFreshnessEvidenceMissing, summary.to_owned())
            }
            Freshness::Later(number) => {
                let summary = format!("another checkpoint was known, at {}", shown(Some(number)));
                (FailureCode::ExportBoundaryStaleCheckpoint, summary)
            }
        };
        let at = self.segment.at(&["declared_end", "boundary_policy"]);
        Err(fault(code, "SFE-11", at, summary).evidence([BOUNDARY_POLICY]))
    }

    /// What is disclosed matches the predicate, and that can be told (SFE-04).
    fn check_disclosures(&self, predicate: &Predicate) -> Result<(), ClaimFault> {
        for record in &self.segment.disclosures {
            let summary = match predicate.membership_of(&record.fields) {
                Membership::Member => continue,
                Membership::NotMember => {
                    "a disclosed record does not match the predicate".to_owned()
                }
                Membership::Unclear(why) => {
                    format!(
                        "it cannot be told whether a disclosed record matches: {}",
                        because(why)
                    )
                }
            };
            let code = FailureCode::ExportScopePredicateViolated;
            return Err(self.record_fault(code, "SFE-04", record, summary).evidence([DISCLOSURES]));
        }
        Ok(())
    }

    /// What is a bridge does not match the predicate (SFE-03). Gives the fault of a bridge that might
    /// match for all that can be told; the reference passes over those, and so it is told of last.
    fn check_bridges(&self, predicate: &Predicate) -> Result<Option<ClaimFault>, ClaimFault> {
        let misclassified = FailureCode::ExportProofBridgeMisclassified;
        let mut unclear = None;
        for record in &self.segment.bridges {
            let fault = |code, summary: String| {
                self.record_fault(code, "SFE-03", record, summary).evidence([BRIDGES])
            };
            let cannot_tell =
                |why| format!("it cannot be told whether a bridge matches: {}", because(why));
            match predicate.membership_of(&record.fields) {
                Membership::NotMember => {}
                Membership::Member => {
                    return Err(fault(misclassified, "a bridge matches the predicate".to_owned()));
                }
                // One of the two readings matches.
                Membership::Unclear(why @ Unclear::TwoReadings) => {
                    return Err(fault(misclassified, cannot_tell(why)));
                }
                Membership::Unclear(why @ Unclear::TimeUnreadable(_)) => {
                    let code = FailureCode::ExportChainProofMissing;
                    unclear = unclear.or_else(|| Some(fault(code, cannot_tell(why))));
                }
            }
        }
        Ok(unclear)
    }

    fn commitment<'s>(
        &self,
        scope_state: &'s ScopeState,
        predicate: &Predicate,
    ) -> Result<&'s Commitment, ClaimFault> {
        scope_state.commitment(predicate.hash()).ok_or_else(|| {
            let code = FailureCode::ExportScopeCommitmentMissing;
            let at = self.segment.at(&["declared_scope", "predicate"]);
            let summary = "the scope state commits to nothing for this predicate";
            with(fault(code, "SFE-13", at, summary).evidence([COMMITMENTS]), |finding| {
                finding.detail("predicate_value_hash", predicate.hash().to_string())
            })
        })
    }

    /// Count, root and range are those of the commitment (SFE-13).
    fn check_members(
        &self,
        predicate: &Predicate,
        commitment: &Commitment,
    ) -> Result<u64, ClaimFault> {
        let at = || self.segment.at(&["chain_evidence", "disclosure_records"]);
        let differs = |code, summary: &str, (expected, actual): (String, String)| {
            with(fault(code, "SFE-13", at(), summary), |finding| finding.values(expected, actual))
        };
        let disclosed = length(&self.segment.disclosures);
        if disclosed != commitment.matching_count {
            let code = FailureCode::ExportScopeCardinalityMismatch;
            let values = (commitment.matching_count.to_string(), disclosed.to_string());
            let summary = "there are not as many disclosed records as the scope state commits to";
            return Err(differs(code, summary, values).evidence([COUNT, DISCLOSURES]));
        }
        let mut leaves: Vec<_> = self.segment.disclosures.iter().map(ScopeRecord::leaf).collect();
        leaves.sort_unstable();
        let mut tree = MembershipTree::new(predicate.hash());
        let in_order = leaves.iter().try_for_each(|leaf| tree.add(leaf)).is_ok();
        if !in_order || tree.root() != commitment.membership_root {
            let code = FailureCode::ExportScopeMembershipRootMismatch;
            let values = (commitment.membership_root.to_string(), tree.root().to_string());
            let summary = "the disclosed records are not those that the scope state commits to";
            return Err(differs(code, summary, values).evidence([ROOT, DISCLOSURES]));
        }
        let ends = leaves.first().zip(leaves.last());
        let range = ends.map(|(first, last)| (first.sequence_number, last.sequence_number));
        if range != commitment.range {
            let code = FailureCode::ExportScopeRangeMismatch;
            let values = (range_text(commitment.range), range_text(range));
            let summary =
                "the disclosed records are not of the range that the scope state commits to";
            return Err(differs(code, summary, values).evidence([COMMITMENTS, DISCLOSURES]));
        }
        Ok(disclosed)
    }

    fn check_records_strictly(&self) -> Result<(), ClaimFault> {
        let mut records = self.segment.disclosures.iter().chain(&self.segment.bridges);
        let wrong = records.find_map(|record| Some((record, record.check_strictly().err()?)));
        wrong.map_or(Ok(()), |(record, wrong)| {
            let code = FailureCode::ExportScopeDeclarationSchemaInvalid;
            Err(self.record_fault(code, "SFE-06", record, wrong.summary).evidence([EVIDENCE]))
        })
    }

    /// What a pass does not show of this segment.
    fn notices(&self, proof: &ChainProof<'_, '_>) -> Vec<Finding> {
        if proof.reaches_end() {
            return Vec::new();
        }
        let end = self.segment.end.sequence_number;
        let summary = match proof.window() {
            Some((_, last)) => format!(
                "the records end at {last}; that none from there to {end} matches is the word of \
                 the scope state"
            ),
            None => format!(
                "there are no records; that none up to {end} matches is the word of the scope state"
            ),
        };
        let at = self.segment.at(&["chain_evidence"]);
        let notice = Finding::notice(FailureCode::ExportChainProofMissing, at, summary);
        vec![notice.rule("SFE-08").detail("segment_id", self.segment.id)]
    }

    fn record_fault(
        &self,
        code: FailureCode,
        rule: &'static str,
        record: &ScopeRecord<'_>,
        summary: impl Into<String>,
    ) -> ClaimFault {
        with(fault(code, rule, self.segment.record_at(record), summary), |finding| {
            finding
                .detail("event_id", record.event_id)
                .detail("sequence_number", record.sequence_number.to_string())
        })
    }
}

fn because(why: Unclear) -> String {
    match why {
        Unclear::TimeUnreadable(kind) => format!("its `{kind}` is no time that can be read"),
        Unclear::TwoReadings => "its entry says one thing and its payload another".to_owned(),
    }
}

fn range_text(range: Option<(u64, u64)>) -> String {
    range.map_or("none".to_owned(), |(first, last)| format!("{first} to {last}"))
}

fn length<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}
