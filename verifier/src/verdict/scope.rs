// SPDX-License-Identifier: Apache-2.0

//! Verdicts about the scope of an export.

use permit_claims::{Claim, ClaimFault, ClaimReport};
use permit_failure_codes::ReasonClass;
use permit_scope::{FaithfulSegment, JudgedSegment, ScopeAdjudication, ScopeState};

use super::{Judged, claim_of, failed_subject, shown_subject};

/// `checkpoint.scope_state.v1` once for each segment whose scope state was judged, and
/// `export.scope_faithfulness.v1` over all segments that were looked at.
pub(crate) fn scope_claims(judged: &ScopeAdjudication) -> Vec<ClaimReport> {
    let states = judged.segments().filter_map(|segment| segment.scope_state.as_ref());
    let mut claims: Vec<ClaimReport> = states.map(|state| scope_state(state.as_deref())).collect();
    claims.push(faithfulness(judged));
    claims
}

fn scope_state(judged: Result<&ScopeState, &ClaimFault>) -> ClaimReport {
    let kind = "checkpoint_scope_state";
    let subject = match judged {
        Ok(state) => {
            let message = "the scope state is signed and belongs to its checkpoint".to_owned();
            let reason = ReasonClass::CheckpointScopeStateSupported.into();
            let id = Some(state.id().to_owned());
            shown_subject(kind, id, (reason, message), [STATE.to_owned()])
        }
        Err(fault) => failed_subject(kind, fault.finding.get("scope_state_id"), fault),
    };
    claim_of(Claim::ScopeState, Judged::One(subject))
}

fn faithfulness(judged: &ScopeAdjudication) -> ClaimReport {
    let kind = "scope_faithfulness_segment";
    let subjects = match judged.block_fault() {
        Some(fault) => vec![failed_subject(kind, None, fault)],
        None => judged.segments().map(segment).collect(),
    };
    let mut claim = claim_of(Claim::ScopeFaithfulness, Judged::All(subjects));
    claim.evidence = vec![BLOCK.to_owned(), STATE.to_owned()];
    claim
}

fn segment(judged: &JudgedSegment) -> permit_claims::Subject {
    let kind = "scope_faithfulness_segment";
    match &judged.outcome {
        Ok(segment) => {
            let reason = ReasonClass::ExportScopeFaithfulnessSupported.into();
            let id = Some(segment.id().to_owned());
            let evidence = [BLOCK.to_owned(), STATE.to_owned()];
            shown_subject(kind, id, (reason, statement(segment)), evidence)
        }
        Err(fault) => failed_subject(kind, judged.id.as_deref(), fault),
    }
}

fn statement(segment: &FaithfulSegment) -> String {
    let facts = segment.facts();
    format!(
        "the {} records that it discloses are those that the scope state commits to, up to entry {}",
        facts.disclosed, facts.end
    )
}

const BLOCK: &str = "export.scope_faithfulness";
const STATE: &str = "checkpoint_scope_state";
