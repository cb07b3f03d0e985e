// SPDX-License-Identifier: Apache-2.0

//! Proofs that checks were made and held, and what a whole layer came to.

use permit_canonical_json::Sha256Digest;
use permit_claims::Claim;
use permit_keys::SignatureChecked;
use permit_types::Finding;

use crate::fault::WorkflowFault;

/// Proof that every declaration has its form and is signed by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclarationsSigned {
    pub(crate) declarations: u64,
}

impl DeclarationsSigned {
    /// Number of declarations; at least one.
    #[must_use]
    pub fn declarations(&self) -> u64 {
        self.declarations
    }
}

/// Proof that every amendment has its form and is signed by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmendmentsSigned {
    pub(crate) amendments: u64,
}

impl AmendmentsSigned {
    /// Number of amendments; at least one.
    #[must_use]
    pub fn amendments(&self) -> u64 {
        self.amendments
    }
}

/// Proof that amendments follow one another without a gap, and that every effective hash that is
/// stated is that of the intent with all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntentsHold {
    pub(crate) declarations: u64,
    pub(crate) compared: u64,
}

impl IntentsHold {
    /// Number of declarations; at least one.
    #[must_use]
    pub fn declarations(&self) -> u64 {
        self.declarations
    }

    /// Number of declarations that state an effective hash. In incident archives they need not.
    #[must_use]
    pub fn compared(&self) -> u64 {
        self.compared
    }
}

/// Proof that every snapshot agrees with the history at the time of its permit (PERMIT-19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotsAgree {
    pub(crate) records: u64,
    pub(crate) snapshots: u64,
}

impl SnapshotsAgree {
    /// Number of records that were looked at.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Number of snapshots that were compared; at least one.
    #[must_use]
    pub fn snapshots(&self) -> u64 {
        self.snapshots
    }
}

/// Proof that a file beside the export is the one which its descriptor describes, and that the
/// export key signed the descriptor's hash.
#[derive(Clone, Debug)]
pub struct SiblingIntact {
    pub(crate) content_hash: Sha256Digest,
    pub(crate) signature: SignatureChecked,
}

impl SiblingIntact {
    /// The hash of the file.
    #[must_use]
    pub fn content_hash(&self) -> Sha256Digest {
        self.content_hash
    }

    /// The signature over it.
    #[must_use]
    pub fn signature(&self) -> &SignatureChecked {
        &self.signature
    }
}

/// Proof that an incident archive holds what manifest version 2 requires, and that all of it can be
/// unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IncidentComplete {
    pub(crate) members: u64,
    pub(crate) others: u64,
}

impl IncidentComplete {
    /// Number of members that were looked at.
    #[must_use]
    pub fn members(&self) -> u64 {
        self.members
    }

    /// Number of members that were not, since nothing is known about them.
    #[must_use]
    pub fn others(&self) -> u64 {
        self.others
    }
}

/// A proof for one claim.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum WorkflowProof {
    /// For `workflow_evidence.sibling_integrity.v1`.
    Sibling(SiblingIntact),
    /// For `workflow.declaration_signature.v1`.
    Declarations(DeclarationsSigned),
    /// For `workflow.effective_intent_hash.v1`.
    Intents(IntentsHold),
    /// For `workflow.amendment_signature.v1`.
    Amendments(AmendmentsSigned),
    /// For `workflow.permit_snapshot.v1`.
    Snapshots(SnapshotsAgree),
    /// For `incident.bundle_manifest.v1`.
    Incident(IncidentComplete),
}

impl WorkflowProof {
    /// The claim that it is a proof for.
    #[must_use]
    pub fn claim(&self) -> Claim {
        match self {
            Self::Sibling(_) => Claim::WorkflowSibling,
            Self::Declarations(_) => Claim::WorkflowDeclarations,
            Self::Intents(_) => Claim::WorkflowIntent,
            Self::Amendments(_) => Claim::WorkflowAmendments,
            Self::Snapshots(_) => Claim::WorkflowSnapshot,
            Self::Incident(_) => Claim::IncidentManifest,
        }
    }

    /// What kind of thing was judged.
    #[must_use]
    pub fn subject_kind(&self) -> &'static str {
        match self {
            Self::Sibling(_) => "workflow_evidence_sibling",
            Self::Declarations(_) | Self::Intents(_) => "workflow_declarations",
            Self::Amendments(_) => "workflow_amendments",
            Self::Snapshots(_) => "permit_workflow_snapshot",
            Self::Incident(_) => "incident_bundle",
        }
    }

    /// What was looked at, in the words of reports. An incident archive is named by its file, which
    /// only the caller knows.
    #[must_use]
    pub fn evidence(&self) -> &'static [&'static str] {
        match self {
            Self::Sibling(_) => &["manifest.sibling_artifacts.workflow_evidence"],
            Self::Declarations(_) => &["workflow_evidence.declarations"],
            Self::Intents(_) => &["workflow_evidence.declarations", "workflow_evidence.amendments"],
            Self::Amendments(_) => &["workflow_evidence.amendments"],
            Self::Snapshots(_) => &["export.records.workflow_state_json"],
            Self::Incident(_) => &["manifest"],
        }
    }
}

/// What judging workflow evidence came to: proofs, and what ended the judging.
///
/// A claim has a proof here, or the fault, or neither; never both.
///
/// ```text
/// first fault    declarations, amendments, intents and the file that holds them: nothing else holds
///                snapshots beside a sibling: what holds of the sibling holds
///                snapshots in an incident archive: nothing else holds
/// two layers     the second is judged only if the first holds, and adds what the first did not prove
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct WorkflowOutcome {
    /// What holds, one proof for a claim at most, in the order of the reference's report.
    pub proofs: Vec<WorkflowProof>,
    /// What does not, and the claim that it is held against.
    pub fault: Option<Box<WorkflowFault>>,
    /// What is worth knowing.
    pub notices: Vec<Finding>,
}

impl WorkflowOutcome {
    /// Nothing but a fault.
    #[must_use]
    pub fn failed(fault: WorkflowFault) -> Self {
        Self { proofs: Vec::new(), fault: Some(Box::new(fault)), notices: Vec::new() }
    }

    /// Nothing but proofs.
    #[must_use]
    pub fn proved(proofs: Vec<WorkflowProof>) -> Self {
        Self { proofs, fault: None, notices: Vec::new() }
    }

    /// Adds what checking the snapshots of the export came to.
    #[must_use]
    pub fn with_snapshots(
        mut self,
        snapshots: Result<Option<SnapshotsAgree>, WorkflowFault>,
    ) -> Self {
        match snapshots {
            Ok(proof) => self.proofs.extend(proof.map(WorkflowProof::Snapshots)),
            Err(fault) => self.end_with(fault),
        }
        self
    }

    /// Judges the next layer, if this one holds.
    #[must_use]
    pub fn and_then(mut self, next: impl FnOnce() -> Self) -> Self {
        if self.fault.is_some() {
            return self;
        }
        let next = next();
        for proof in next.proofs {
            if !self.proofs.iter().any(|known| known.claim() == proof.claim()) {
                self.proofs.push(proof);
            }
        }
        self.notices.extend(next.notices);
        if let Some(fault) = next.fault {
            self.end_with(*fault);
        }
        self
    }

    /// The proof for a claim.
    #[must_use]
    pub fn proof(&self, claim: Claim) -> Option<&WorkflowProof> {
        self.proofs.iter().find(|proof| proof.claim() == claim)
    }

    /// What is proved of one layer is no proof of a claim that fails in the next.
    fn end_with(&mut self, fault: WorkflowFault) {
        self.proofs.retain(|proof| proof.claim() != fault.claim);
        self.fault = Some(Box::new(fault));
    }
}
