// SPDX-License-Identifier: Apache-2.0

//! What each claim states, and without what there is nothing to judge.

use crate::claim::Claim;

impl Claim {
    /// What a verdict of `supported` states, in one sentence. Registries and reports use these words.
    ///
    /// ```
    /// use permit_claims::Claim;
    ///
    /// assert!(Claim::ExportIntegrity.assertion().starts_with("The bytes of the export"));
    /// ```
    #[must_use]
    pub const fn assertion(self) -> &'static str {
        match self {
            Self::ExportIntegrity => {
                "The bytes of the export are those that its manifest names, and a trusted export key \
                 that was active at the stated time signed them."
            }
            Self::ExportScopeIdentity => {
                "What the manifest says to identify the export (id, project, type, format, \
                 compression, number of records) is true of the signed file."
            }
            Self::ChainContinuity => {
                "The supplied chain entries hash as they say, link to each other in every scope, and \
                 come in order without repeats. Nothing is said of entries that were not supplied."
            }
            Self::DelegationDenied => {
                "A recorded denial of delegated authority was right: the child asked for more than its \
                 parent had, or there was no parent."
            }
            Self::ClosureSignature => {
                "Every closure hashes as it says and is signed by the binding key that it names."
            }
            Self::ClosureDigests => {
                "The response digests of every closure are those that the events of its execution \
                 recorded."
            }
            Self::ClosureDispatch => {
                "What every closure says was dispatched is the request that its permit approved, byte \
                 for byte."
            }
            Self::WorkflowDeclarations => {
                "Every workflow declaration hashes as it says and is signed by the binding key."
            }
            Self::WorkflowAmendments => {
                "Every amendment of a workflow hashes as it says and is signed by the binding key."
            }
            Self::WorkflowIntent => {
                "The effective intent of every workflow is that of its declaration and its amendments \
                 in their order."
            }
            Self::WorkflowSnapshot => {
                "What permits and tool decisions say of their workflow was so at the time of the \
                 decision."
            }
            Self::IncidentManifest => {
                "The incident archive holds every file that version 2 of its manifest requires, each \
                 under its schema."
            }
            Self::CheckpointHash => {
                "The composite hash of the checkpoint is that of its chain heads."
            }
            Self::CheckpointSignature => {
                "A trusted checkpoint key that was active when the checkpoint was computed signed its \
                 composite hash."
            }
            Self::CheckpointTsa => {
                "Every time stamp of the checkpoint stamps its composite hash and nothing else."
            }
            Self::WorkflowSibling => {
                "The workflow file beside the export is the one that the manifest describes, and the \
                 export key signed it."
            }
            Self::ScopeState => {
                "The scope state is signed by a trusted key and belongs to a verified checkpoint that \
                 has its chain among its heads."
            }
            Self::ScopeFaithfulness => {
                "The export is a faithful slice of the population or sample that it declares, up to \
                 the checkpoint that it declares. It does not say that all that happened was recorded."
            }
            Self::PermitDecision => {
                "The decision of the permit was signed with a trusted binding key when the permit was \
                 issued. Nothing is said of what became of the permit later."
            }
            Self::PermitRevoked => {
                "The permit was revoked at once by a signed event that names it and its project."
            }
            Self::DispatchAbsence => {
                "The declared scope holds no dispatch under the permit from its revocation until the \
                 checkpoint. It does not say that nothing was executed."
            }
            Self::OperatorApproved => {
                "An operator whose key is registered for this account approved the permit as it was \
                 issued."
            }
            Self::CounterSigned => {
                "The buyer's principal signed what was to be executed before it was dispatched."
            }
            Self::AuditAttested => {
                "The buyer's principal attested that the permit was part of a known audit batch."
            }
        }
    }

    /// The evidence without which the claim is `insufficient_evidence`.
    #[must_use]
    pub const fn required_evidence(self) -> &'static str {
        match self {
            Self::ExportIntegrity => {
                "the export, its manifest, and a key manifest or the expected key"
            }
            Self::ExportScopeIdentity => {
                "the manifest, and the form and number of the export's records"
            }
            Self::ChainContinuity => "chain entries or governance events",
            Self::DelegationDenied => {
                "every event of the chain from its beginning up to the denial, an integrity digest that \
                 covers the denial, and both authority envelopes"
            }
            Self::ClosureSignature => "closure events and a key manifest",
            Self::ClosureDigests => {
                "closures, and the events of responses and deliveries or of completed executions"
            }
            Self::ClosureDispatch => {
                "closures of the second format and the permits that they close"
            }
            Self::WorkflowDeclarations => {
                "declarations with hash, signature and time, and a key manifest"
            }
            Self::WorkflowAmendments => {
                "amendments with hash, signature and time, and a key manifest"
            }
            Self::WorkflowIntent => {
                "declarations with their stated intent hash, and their amendments"
            }
            Self::WorkflowSnapshot => {
                "permits or tool decisions with a snapshot, and the history of their workflows"
            }
            Self::IncidentManifest => "the signed archive and the list of its files",
            Self::CheckpointHash => "the checkpoint with its chain heads",
            Self::CheckpointSignature => {
                "a checkpoint whose composite hash holds, and a key manifest"
            }
            Self::CheckpointTsa => "a checkpoint whose composite hash holds, and its time stamps",
            Self::WorkflowSibling => {
                "the descriptor in the manifest, the workflow file, and a key manifest"
            }
            Self::ScopeState => "the scope state, its checkpoint, and a key manifest",
            Self::ScopeFaithfulness => {
                "an intact export with a signed declaration of scope, its scope states and checkpoint, \
                 the disclosed records and those that bridge them"
            }
            Self::PermitDecision => {
                "the signed payload of the decision with hash, signature, key id and time, and a key \
                 manifest"
            }
            Self::PermitRevoked => {
                "the signed event, the permit and project in question, and a key manifest"
            }
            Self::DispatchAbsence => {
                "a supported revocation, a faithful export that asks exactly this, its scope state and \
                 checkpoint"
            }
            Self::OperatorApproved => "the permit with its slot, and a registry of operator keys",
            Self::CounterSigned => {
                "the permit with its slot, and a registry of keys of the buyer's principals"
            }
            Self::AuditAttested => {
                "the permit with its slot, the audit batch, and a registry of keys of the buyer's \
                 principals"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn claim_08_every_claim_says_its_own_sentence_and_what_it_needs() {
        let assertions: BTreeSet<_> = Claim::ALL.iter().map(|claim| claim.assertion()).collect();
        assert_eq!(assertions.len(), Claim::ALL.len());
        for claim in Claim::ALL {
            assert!(claim.assertion().ends_with('.'), "{claim}");
            assert!(!claim.required_evidence().ends_with('.'), "{claim}");
            for text in [claim.assertion(), claim.required_evidence()] {
                assert!(text.len() > 10 && !text.contains("  "), "{claim}: {text}");
            }
        }
    }

    #[test]
    fn claims_about_windows_say_what_they_do_not_say() {
        for claim in [Claim::ChainContinuity, Claim::ScopeFaithfulness, Claim::DispatchAbsence] {
            let text = claim.assertion();
            assert!(text.contains("not "), "{claim}: CHAIN-19, SFE-14, ABSENT-09");
            assert!(!text.contains("omission-proof") && !text.contains("complete "), "{claim}");
        }
    }
}
