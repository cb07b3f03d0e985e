// SPDX-License-Identifier: Apache-2.0

//! Verdicts about permits: decisions, revocations, absence of dispatches, slots of format v2.

use permit_claims::{Claim, ClaimFault, ClaimReport};
use permit_decision::{DecisionShown, Slot, SlotShown};
use permit_failure_codes::ReasonClass;
use permit_revocation::RevocationShown;
use permit_scope::DispatchAbsence;

use super::{Judged, claim_of, failed_subject, shown_subject};

/// `permit.decision.v1`.
pub(crate) fn decision(
    judged: &Result<DecisionShown, ClaimFault>,
    permit_id: Option<&str>,
) -> ClaimReport {
    let kind = "permit_decision";
    let subject = match judged {
        Ok(shown) => {
            let message = format!("`{}` is what was signed when it was decided", shown.decision());
            let reason = ReasonClass::PermitDecisionSupported.into();
            let id = Some(shown.permit_id().to_owned());
            shown_subject(kind, id, (reason, message), shown.evidence())
        }
        Err(fault) => failed_subject(kind, permit_id, fault),
    };
    claim_of(Claim::PermitDecision, Judged::One(subject))
}

/// `permit.revoked.v1`.
pub(crate) fn revoked(
    judged: &Result<RevocationShown, ClaimFault>,
    permit_id: Option<&str>,
) -> ClaimReport {
    let kind = "permit_revocation";
    let subject = match judged {
        Ok(shown) => {
            let message = format!("the permit was revoked from {} on", shown.effective_at());
            let reason = ReasonClass::PermitRevokedSupported.into();
            let id = Some(shown.permit_id().to_string());
            shown_subject(kind, id, (reason, message), shown.evidence())
        }
        Err(fault) => failed_subject(kind, permit_id, fault),
    };
    claim_of(Claim::PermitRevoked, Judged::One(subject))
}

/// `permit.dispatch_absence_after_revocation.v1`.
pub(crate) fn dispatch_absence(judged: &Result<DispatchAbsence, ClaimFault>) -> ClaimReport {
    let kind = "permit_dispatch_absence_after_revocation";
    let subject = match judged {
        Ok(shown) => {
            let reason = ReasonClass::PermitDispatchAbsenceAfterRevocationSupported.into();
            let id = Some(shown.segment_id().to_owned());
            shown_subject(kind, id, (reason, shown.statement()), ABSENCE_EVIDENCE.map(String::from))
        }
        Err(fault) => failed_subject(kind, fault.finding.get("segment_id"), fault),
    };
    claim_of(Claim::DispatchAbsence, Judged::One(subject))
}

/// One of the claims about the slots of permits of format v2.
pub(crate) fn slot(slot: Slot, judged: &[Result<SlotShown, ClaimFault>]) -> ClaimReport {
    let kind = slot.subject_kind();
    let subjects = judged.iter().map(|judged| match judged {
        Ok(shown) => {
            let message = format!("`{}` signed it at {}", shown.signer_id(), shown.signed_at());
            let id = Some(shown.permit_id().to_owned());
            shown_subject(kind, id, (slot.supported(), message), shown.evidence())
        }
        Err(fault) => failed_subject(kind, fault.finding.get("permit_id"), fault),
    });
    claim_of(slot.claim(), Judged::All(subjects.collect()))
}

const ABSENCE_EVIDENCE: [&str; 3] =
    ["export.scope_faithfulness", "checkpoint_scope_state", "revocation_event"];
