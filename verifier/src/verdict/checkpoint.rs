// SPDX-License-Identifier: Apache-2.0

//! Verdicts about checkpoints.

use permit_checkpoint::{
    COMPOSITE_HASH_EVIDENCE, CheckpointFacts, CompositeProof, ImprintProof, SIGNATURE_EVIDENCE,
    SignatureFault, SignatureProof, TSA_EVIDENCE, TsaReceipt,
};
use permit_claims::{Claim, ClaimFault, ClaimReport};
use permit_failure_codes::ReasonClass;

use super::{Judged, claim_of, failed_subject, shown_subject};

/// `checkpoint.composite_hash.v1`.
pub(crate) fn composite_hash(
    facts: &CheckpointFacts<'_>,
    judged: Result<&CompositeProof<'_>, &ClaimFault>,
) -> ClaimReport {
    let (kind, id) = ("checkpoint", facts.checkpoint_id());
    let subject = match judged {
        Ok(proof) => {
            let heads = proof.heads().heads().len();
            let message = format!("it is the hash of {heads} chain heads");
            let reason = ReasonClass::CheckpointCompositeHashSupported.into();
            let evidence = COMPOSITE_HASH_EVIDENCE.map(String::from);
            shown_subject(kind, id.map(str::to_owned), (reason, message), evidence)
        }
        Err(fault) => failed_subject(kind, id, fault),
    };
    claim_of(Claim::CheckpointHash, Judged::One(subject))
}

/// `checkpoint.signature.v1`.
pub(crate) fn signature(
    facts: &CheckpointFacts<'_>,
    judged: Result<&SignatureProof, &SignatureFault>,
) -> ClaimReport {
    let kind = "checkpoint_signature";
    let key_id = facts.reported_key_id();
    let subject = match judged {
        Ok(_proof) => {
            let message = "a trusted key signed the composite hash".to_owned();
            let reason = ReasonClass::CheckpointSignatureSupported.into();
            let evidence = SIGNATURE_EVIDENCE.map(String::from);
            shown_subject(kind, key_id, (reason, message), evidence)
        }
        Err(fault) => failed_subject(kind, key_id.as_deref(), &fault.fault),
    };
    claim_of(Claim::CheckpointSignature, Judged::One(subject))
}

/// `checkpoint.tsa_imprint.v1`; nothing, if there are no receipts. Receipts behind the first that
/// fails are no subjects: their good tokens would only blur it.
pub(crate) fn imprints(
    receipts: &[TsaReceipt<'_>],
    judged: &[Result<ImprintProof, ClaimFault>],
) -> Option<ClaimReport> {
    let kind = "tsa_receipt";
    let first_failed = judged.iter().position(Result::is_err);
    let counted = first_failed.map_or(judged.len(), |failed| failed.saturating_add(1));
    let subjects: Vec<_> = receipts
        .iter()
        .zip(judged)
        .take(counted)
        .map(|(receipt, judged)| match judged {
            Ok(proof) => {
                let message = "the token stamps the composite hash".to_owned();
                let reason = ReasonClass::CheckpointTsaImprintSupported.into();
                let evidence = TSA_EVIDENCE.map(String::from);
                shown_subject(kind, Some(proof.label().to_owned()), (reason, message), evidence)
            }
            Err(fault) => failed_subject(kind, Some(&receipt.label()), fault),
        })
        .collect();
    let any = !receipts.is_empty() && judged.len() == receipts.len();
    any.then(|| claim_of(Claim::CheckpointTsa, Judged::All(subjects)))
}
