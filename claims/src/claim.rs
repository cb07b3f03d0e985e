// SPDX-License-Identifier: Apache-2.0

//! The claims of registry v0.

use core::fmt;

use crate::semantic_artifact::SemanticArtifact as Artifact;

macro_rules! claims {
    ($($(#[doc = $docs:literal])+ $variant:ident = $name:literal needs [$($artifact:ident),+];)+) => {
        /// The claims that registry v0 defines in any of its released states.
        ///
        /// The list is closed: a verdict exists for these and for nothing else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Claim {
            $($(#[doc = $docs])+ $variant,)+
        }

        impl Claim {
            /// All claims, in the order of the registry.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in the registry.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The claim of this name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// The semantic artifacts that a pack has to pin for this claim, in order.
            #[must_use]
            pub const fn needs(self) -> &'static [Artifact] {
                match self {
                    $(Self::$variant => &[$(Artifact::$artifact),+],)+
                }
            }
        }
    };
}

claims! {
    /// The export's bytes are those of its manifest, and the manifest's key signed them.
    ExportIntegrity = "export.integrity.v1" needs [ExportManifestIntegrity];
    /// What the manifest says to identify the export is true of it.
    ExportScopeIdentity = "export.scope_identity.v1" needs [ExportManifestIntegrity];
    /// The supplied entries hash and link.
    ChainContinuity = "governance_chain.local_continuity.v1" needs [ChainRecordHash];
    /// A denial of delegated authority was right.
    DelegationDenied = "permit_chain.delegation_denied_correctly.v1" needs [
        ChainRecordHash, EventIntegrityDigest, AuthorityEnvelope
    ];
    /// Closures hash as they say and are signed by the binding key.
    ClosureSignature = "closure.signature.v1" needs [ClosureFormatV1, ClosureFormatV2, PermitBindingRequest];
    /// The response digests of closures are those of the execution's events.
    ClosureDigests = "closure.digest_consistency.v1" needs [ClosureFormatV1, ClosureFormatV2, ClosureDigestRules];
    /// What closures say was dispatched is what their permits approved.
    ClosureDispatch = "closure.dispatch_binding.v1" needs [ClosureFormatV2, ClosureDigestRules, PermitBindingRequest];
    /// Workflow declarations are signed.
    WorkflowDeclarations = "workflow.declaration_signature.v1" needs [WorkflowCanonicalization, PermitBindingRequest];
    /// Workflow amendments are signed.
    WorkflowAmendments = "workflow.amendment_signature.v1" needs [WorkflowCanonicalization, PermitBindingRequest];
    /// The effective intent of a workflow is that of its declaration and amendments.
    WorkflowIntent = "workflow.effective_intent_hash.v1" needs [WorkflowCanonicalization];
    /// What a permit says of its workflow was so when it was decided.
    WorkflowSnapshot = "workflow.permit_snapshot.v1" needs [WorkflowCanonicalization];
    /// An incident archive holds the files that its version requires.
    IncidentManifest = "incident.bundle_manifest.v1" needs [IncidentBundleManifest];
    /// A checkpoint's composite hash is that of its chain heads.
    CheckpointHash = "checkpoint.composite_hash.v1" needs [CheckpointCompositeHash];
    /// A checkpoint is signed.
    CheckpointSignature = "checkpoint.signature.v1" needs [CheckpointSignature];
    /// A time stamp is one of the checkpoint's composite hash.
    CheckpointTsa = "checkpoint.tsa_imprint.v1" needs [CheckpointTsaImprint];
    /// The workflow file beside an export is the one that its manifest describes.
    WorkflowSibling = "workflow_evidence.sibling_integrity.v1" needs [WorkflowSibling];
    /// A scope-state sidecar is signed and belongs to its checkpoint.
    ScopeState = "checkpoint.scope_state.v1" needs [
        ScopeStateSidecar, ScopeStateMerkle, CheckpointCompositeHash, CheckpointSignature
    ];
    /// An export is a faithful slice of what it declares to be a slice of.
    ScopeFaithfulness = "export.scope_faithfulness.v1" needs [
        ExportManifestIntegrity, ExportScopeFaithfulness, ScopeStateMerkle, ChainRecordHash,
        CheckpointCompositeHash, CheckpointSignature
    ];
    /// A permit's decision was signed when it was issued.
    PermitDecision = "permit.decision.v1" needs [PermitDecision];
    /// A permit was revoked.
    PermitRevoked = "permit.revoked.v1" needs [PermitRevokedEvent];
    /// Nothing was dispatched under a permit after it was revoked, within the declared scope.
    DispatchAbsence = "permit.dispatch_absence_after_revocation.v1" needs [DispatchAbsence];
    /// An operator approved the permit.
    OperatorApproved = "permit.operator_approved.v1" needs [OperatorApproval];
    /// The buyer's principal signed the permit's intent before it was dispatched.
    CounterSigned = "permit.counter_signed.v1" needs [CounterSignature];
    /// The buyer's principal attested the permit in an audit batch.
    AuditAttested = "permit.audit_attested.v1" needs [AuditAttestation];
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_differ() {
        for claim in Claim::ALL {
            assert_eq!(Claim::parse(claim.as_str()), Some(*claim));
            assert!(!claim.needs().is_empty());
        }
        assert_eq!(Claim::ALL.len(), 24);
        assert_eq!(Claim::parse("export.integrity"), None);
    }
}
