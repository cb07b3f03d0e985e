// SPDX-License-Identifier: Apache-2.0

//! What can be wrong with workflow evidence, and which claim it is held against.

use permit_claims::{Claim, ClaimFault, Unsupported};
use permit_failure_codes::{Reason, ReasonClass};
use permit_types::{Finding, Location};

/// Makes the kinds of faults with what each says of itself.
macro_rules! fault_kinds {
    ($($(#[doc = $docs:literal])+ $kind:ident = $claim:ident, $verdict:ident, $reason:ident, $rule:literal;)+) => {
        /// The ways in which workflow evidence can be at fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum WorkflowFaultKind {
            $($(#[doc = $docs])+ $kind,)+
        }

        impl WorkflowFaultKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// The claim that it is held against, unless the fault says otherwise.
            #[must_use]
            pub fn claim(self) -> Claim {
                match self {
                    $(Self::$kind => Claim::$claim,)+
                }
            }

            /// The verdict on that claim, unless the fault says otherwise.
            #[must_use]
            pub fn verdict(self) -> Unsupported {
                match self {
                    $(Self::$kind => Unsupported::$verdict,)+
                }
            }

            /// The word that reports use.
            #[must_use]
            pub fn reason(self) -> Reason {
                match self {
                    $(Self::$kind => Reason::Class(ReasonClass::$reason),)+
                }
            }

            /// The rule that is broken.
            #[must_use]
            pub fn rule(self) -> &'static str {
                match self {
                    $(Self::$kind => $rule,)+
                }
            }
        }
    };
}

fault_kinds! {
    /// The descriptor of the sibling is absent or of another schema.
    SiblingForm = WorkflowIntent, InsufficientEvidence, WorkflowEvidenceSchemaInvalid, "SEM-07";
    /// The file that the descriptor describes was not found.
    SiblingMissing = WorkflowIntent, InsufficientEvidence, WorkflowEvidenceSchemaInvalid, "SEM-07";
    /// The file has another hash than the descriptor says.
    SiblingHash = WorkflowSibling, Disproved, WorkflowEvidenceSchemaInvalid, "SEM-07";
    /// The descriptor has no signature.
    SiblingUnsigned = WorkflowSibling, Disproved, WorkflowSignatureInvalid, "SEM-07";
    /// There is no key to verify the descriptor with, or it cannot be relied on.
    SiblingKey = WorkflowSibling, InsufficientEvidence, WorkflowSignatureInvalid, "KEY-01";
    /// The descriptor carries another key than the one that is trusted.
    SiblingKeyText = WorkflowSibling, Disproved, WorkflowSignatureInvalid, "SEM-07";
    /// The signature of the descriptor does not verify.
    SiblingSignature = WorkflowSibling, Disproved, WorkflowSignatureInvalid, "SEM-07";
    /// The document cannot be read, or is no workflow evidence.
    DocumentForm = WorkflowIntent, InsufficientEvidence, WorkflowEvidenceSchemaInvalid, "SEM-07";
    /// The document states another number of records than it has.
    DocumentCount = WorkflowIntent, InsufficientEvidence, WorkflowEvidenceSchemaInvalid, "SEM-07";
    /// A declaration lacks a member, or has one that is none of its form.
    DeclarationForm = WorkflowDeclarations, InsufficientEvidence, WorkflowEvidenceSchemaInvalid, "SEM-07";
    /// Two declarations have one id.
    DuplicateDeclaration = WorkflowIntent, InsufficientEvidence, WorkflowEvidenceSchemaInvalid, "SEM-07";
    /// A declaration has no hash or no signature.
    DeclarationUnsigned = WorkflowDeclarations, Disproved, WorkflowSignatureInvalid, "SEM-07";
    /// There is no key to verify a declaration with, or it cannot be relied on.
    DeclarationKey = WorkflowDeclarations, InsufficientEvidence, WorkflowSignatureInvalid, "KEY-01";
    /// A declaration names another key than the one it resolves to.
    DeclarationKeyId = WorkflowDeclarations, Disproved, WorkflowSignatureInvalid, "SEM-07";
    /// A declaration does not hash to the hash it states.
    DeclarationHash = WorkflowDeclarations, Disproved, WorkflowSignatureInvalid, "SEM-07";
    /// The payload that was signed says something else than the declaration beside it.
    DeclarationPayload = WorkflowDeclarations, Disproved, WorkflowSignatureInvalid, "SEM-07";
    /// The payload that was signed is of a version that is not known here.
    DeclarationVersionUnknown = WorkflowDeclarations, UnverifiableScope, WorkflowSignatureInvalid, "SEM-07";
    /// The signature of a declaration does not verify.
    DeclarationSignature = WorkflowDeclarations, Disproved, WorkflowSignatureInvalid, "SEM-07";
    /// An amendment lacks a member, or has one that is none of its form.
    AmendmentForm = WorkflowIntent, InsufficientEvidence, WorkflowEvidenceSchemaInvalid, "SEM-07";
    /// An amendment has no hash or no signature.
    AmendmentUnsigned = WorkflowAmendments, Disproved, WorkflowSignatureInvalid, "SEM-07";
    /// There is no key to verify an amendment with, or it cannot be relied on.
    AmendmentKey = WorkflowAmendments, InsufficientEvidence, WorkflowSignatureInvalid, "KEY-01";
    /// An amendment names another key than the one it resolves to.
    AmendmentKeyId = WorkflowAmendments, Disproved, WorkflowSignatureInvalid, "SEM-07";
    /// An amendment does not hash to the hash it states.
    AmendmentHash = WorkflowAmendments, Disproved, WorkflowSignatureInvalid, "SEM-07";
    /// What was signed says something else than the amendment beside it.
    AmendmentPayload = WorkflowAmendments, Disproved, WorkflowSignatureInvalid, "SEM-07";
    /// The payload that was signed is of a version that is not known here.
    AmendmentVersionUnknown = WorkflowAmendments, UnverifiableScope, WorkflowSignatureInvalid, "SEM-07";
    /// The signature of an amendment does not verify.
    AmendmentSignature = WorkflowAmendments, Disproved, WorkflowSignatureInvalid, "SEM-07";
    /// An amendment belongs to no declaration of the evidence.
    AmendmentOrphan = WorkflowIntent, Disproved, WorkflowAmendmentOrderInvalid, "SEM-07";
    /// An amendment names another project than its declaration.
    AmendmentProject = WorkflowIntent, Disproved, WorkflowAmendmentOrderInvalid, "SEM-07";
    /// Two amendments have one id.
    DuplicateAmendment = WorkflowIntent, Disproved, WorkflowAmendmentOrderInvalid, "SEM-07";
    /// An amendment stands behind a later one.
    AmendmentOrder = WorkflowIntent, Disproved, WorkflowAmendmentOrderInvalid, "SEM-07";
    /// An amendment was applied to another version than the one before it made.
    AmendmentVersion = WorkflowIntent, Disproved, WorkflowAmendmentOrderInvalid, "SEM-07";
    /// The version of a declaration is not that of its last amendment.
    DeclarationVersion = WorkflowIntent, Disproved, WorkflowAmendmentOrderInvalid, "SEM-07";
    /// The effective intent has another hash than the declaration says.
    IntentHash = WorkflowIntent, Disproved, WorkflowEffectiveIntentHashMismatch, "SEM-07";
    /// A record that could hold a snapshot is no object.
    SnapshotForm = WorkflowSnapshot, InsufficientEvidence, WorkflowEvidenceSchemaInvalid, "SEM-08";
    /// A snapshot names no declaration, two of them, or one that the evidence does not have.
    SnapshotDeclaration = WorkflowSnapshot, Disproved, WorkflowEffectiveIntentHashMismatch, "PERMIT-17";
    /// It is not known when the permit of a snapshot was decided.
    SnapshotTime = WorkflowSnapshot, Disproved, WorkflowEffectiveIntentHashMismatch, "SEM-08";
    /// A snapshot has another hash than the effective intent had at that time.
    SnapshotHash = WorkflowSnapshot, Disproved, WorkflowEffectiveIntentHashMismatch, "PERMIT-19";
    /// A snapshot has another version than the declaration had at that time.
    SnapshotVersion = WorkflowSnapshot, Disproved, WorkflowEffectiveIntentHashMismatch, "PERMIT-19";
    /// Incident evidence is no ZIP archive.
    IncidentNoArchive = IncidentManifest, Disproved, IncidentManifestSchemaInvalid, "SEM-09";
    /// The archive is damaged, so that it cannot be seen what it holds.
    IncidentDamaged = IncidentManifest, InsufficientEvidence, IncidentManifestSchemaInvalid, "SEM-09";
    /// The archive contradicts itself, or can be read in two ways.
    IncidentArchive = IncidentManifest, Disproved, IncidentManifestSchemaInvalid, "SEM-09";
    /// A member that is needed is packed by a method that is not known here.
    IncidentMethod = IncidentManifest, UnverifiableScope, IncidentManifestSchemaInvalid, "SEM-09";
    /// The bundle manifest inside the archive cannot be read.
    IncidentManifest = IncidentManifest, Disproved, IncidentManifestSchemaInvalid, "SEM-09";
    /// The version of the bundle manifest is not known here.
    IncidentVersion = IncidentManifest, Disproved, IncidentUnknownManifestVersion, "SEM-09";
    /// The list of files in the bundle manifest is none.
    IncidentFiles = IncidentManifest, Disproved, IncidentManifestSchemaInvalid, "SEM-09";
    /// A required file is not listed, is listed under another schema, or is not there.
    IncidentMember = IncidentManifest, Disproved, IncidentManifestSchemaInvalid, "SEM-09";
    /// The metadata document is not what it has to be.
    IncidentMetadata = IncidentManifest, Disproved, IncidentManifestSchemaInvalid, "SEM-09";
    /// A file of lines has one that is no object.
    IncidentLines = IncidentManifest, Disproved, IncidentManifestSchemaInvalid, "SEM-09";
    /// A limit was reached, so that nothing can be said about the evidence.
    Limit = WorkflowIntent, UnverifiableScope, BudgetExceeded, "SEM-07";
}

/// Why workflow evidence does not support a claim, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkflowFault {
    /// What is wrong.
    pub kind: WorkflowFaultKind,
    /// The claim that it is held against. No other claim is judged after it.
    pub claim: Claim,
    /// The verdict, what was found, and where.
    pub fault: ClaimFault,
}

impl WorkflowFault {
    pub(crate) fn new(kind: WorkflowFaultKind, at: Location, summary: impl Into<String>) -> Self {
        let finding = Finding::failure(kind.reason(), at, summary).rule(kind.rule());
        let fault = ClaimFault::new(kind.verdict(), finding).evidence(["export", "manifest"]);
        Self { kind, claim: kind.claim(), fault }
    }

    /// A limit that was reached while a claim was judged.
    pub(crate) fn limit(claim: Claim, at: Location, summary: impl Into<String>) -> Self {
        let kind = WorkflowFaultKind::Limit;
        let finding = Finding::notice(kind.reason(), at, summary);
        let fault = ClaimFault::new(kind.verdict(), finding).evidence(["export", "manifest"]);
        Self { kind, claim, fault }
    }

    /// The same fault, its finding completed.
    pub(crate) fn with(mut self, complete: impl FnOnce(Finding) -> Finding) -> Self {
        *self.fault.finding = complete((*self.fault.finding).clone());
        self
    }

    /// The same fault with another verdict.
    pub(crate) fn verdict(mut self, verdict: Unsupported) -> Self {
        self.fault.verdict = verdict;
        self
    }

    /// Whether a limit was reached, so that nothing can be said about the evidence.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        self.kind == WorkflowFaultKind::Limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_held_against_the_claims_of_this_crate() {
        for kind in WorkflowFaultKind::ALL {
            let word = kind.claim().as_str();
            assert!(word.starts_with("workflow") || word.starts_with("incident."), "{kind:?}");
            assert!(!kind.rule().is_empty());
        }
    }
}
