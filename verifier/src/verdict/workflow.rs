// SPDX-License-Identifier: Apache-2.0

//! Verdicts about workflow evidence and incident archives.

use permit_claims::ClaimReport;
use permit_failure_codes::ReasonClass;
use permit_workflow::{WorkflowFault, WorkflowOutcome, WorkflowProof};

use super::{Judged, claim_of, failed_subject, shown_subject};

/// The claims that an outcome has proofs for, and the one that its fault is held against.
pub(crate) fn workflow_claims(outcome: &WorkflowOutcome, export: &str) -> Vec<ClaimReport> {
    let proofs = outcome.proofs.iter().map(|proof| proved(proof, export));
    let fault = outcome.fault.as_deref().map(failed);
    proofs.chain(fault).collect()
}

fn proved(proof: &WorkflowProof, export: &str) -> ClaimReport {
    let (reason, message) = match proof {
        WorkflowProof::Sibling(_) => (
            ReasonClass::WorkflowSiblingIntegritySupported,
            "the file is the one that the export key described and signed".to_owned(),
        ),
        WorkflowProof::Declarations(proof) => (
            ReasonClass::WorkflowDeclarationSignatureSupported,
            format!("signatures of {} declarations hold", proof.declarations()),
        ),
        WorkflowProof::Intents(proof) => (
            ReasonClass::WorkflowEffectiveIntentHashSupported,
            format!(
                "of {} declarations, {} state a hash, and it is that of the intent",
                proof.declarations(),
                proof.compared()
            ),
        ),
        WorkflowProof::Amendments(proof) => (
            ReasonClass::WorkflowAmendmentSignatureSupported,
            format!("signatures of {} amendments hold", proof.amendments()),
        ),
        WorkflowProof::Snapshots(proof) => (
            ReasonClass::WorkflowPermitSnapshotSupported,
            format!("{} snapshots agree with the history", proof.snapshots()),
        ),
        WorkflowProof::Incident(proof) => (
            ReasonClass::IncidentBundleManifestSupported,
            format!("the archive holds what its version requires, in {} files", proof.members()),
        ),
        _ => (ReasonClass::VerificationFailed, "a proof of something unknown here".to_owned()),
    };
    let id = match proof {
        WorkflowProof::Sibling(_) => "workflow_evidence",
        WorkflowProof::Declarations(_) | WorkflowProof::Intents(_) => "declarations",
        WorkflowProof::Amendments(_) => "amendments",
        WorkflowProof::Snapshots(_) => "workflow_state_json",
        _ => export,
    };
    let mut evidence: Vec<String> =
        proof.evidence().iter().map(|word| (*word).to_owned()).collect();
    if matches!(proof, WorkflowProof::Incident(_)) {
        evidence.insert(0, export.to_owned());
    }
    let kind = proof.subject_kind();
    let subject = shown_subject(kind, Some(id.to_owned()), (reason.into(), message), evidence);
    claim_of(proof.claim(), Judged::One(subject))
}

fn failed(fault: &WorkflowFault) -> ClaimReport {
    claim_of(fault.claim, Judged::One(failed_subject("workflow_or_incident", None, &fault.fault)))
}
