// SPDX-License-Identifier: Apache-2.0

//! Claims judged on files beside an export, and on what its payload carries beside the chain.
//!
//! ```text
//! scope       checkpoint and scope states beside the export; the declaration in its payload
//! permits     decision, revocation, absence of dispatches, slots of format v2
//! workflows   the document, the file beside the export, or the archive
//! ```

use permit_canonical_json::{Object, Value, read};
use permit_checkpoint::{CheckpointRules, CheckpointTrust, judge_checkpoint};
use permit_claims::{ClaimFault, Unsupported};
use permit_export_bundle::Manifest;
use permit_failure_codes::{FailureCode, ReasonClass};
use permit_keys::KeyManifest;
use permit_pins::{PackPath, Semantics};
use permit_revocation::RevocationShown;
use permit_scope::{
    CheckpointEvidence, CheckpointHead, RevocationFacts, ScopeAdjudication, ScopeEvidence,
    ScopeStateKeys, VerifiedCheckpoint, adjudicate_scope_faithfulness, declares_scope,
};
use permit_types::{Artifact, Finding, Location};
use permit_workflow::{
    HistoryLimits, IncidentOutcome, IncidentPayload, SiblingDescriptor, SiblingEvidence,
    SiblingFolder, WorkflowFault, WorkflowOutcome, WorkflowTrust, is_workflow_document,
    verify_incident, verify_workflow_document,
};

use crate::{
    archive_tap::ArchiveBytes,
    export::NamedFile,
    options::ExportOptions,
    pack_folder::{Finder, Folder, path},
    payload::PayloadFacts,
    trust::{ExportKey, Trust},
};

/// What is at hand for judging claims beside the chain.
pub(crate) struct Beside<'b> {
    pub(crate) trust: &'b Trust,
    pub(crate) options: &'b ExportOptions,
    pub(crate) semantics: &'b Semantics,
    pub(crate) manifest: &'b Manifest,
    pub(crate) files: &'b Finder<'b>,
    pub(crate) checkpoint: Option<&'b NamedFile>,
    pub(crate) sidecar: Option<&'b NamedFile>,
}

/// What judging the scope of an export gave, and what it was judged on.
pub(crate) struct ScopeJudged {
    pub(crate) document: Value<'static>,
    pub(crate) checkpoint: CheckpointEvidence,
    pub(crate) adjudication: ScopeAdjudication,
}

impl Beside<'_> {
    fn keys(&self) -> Option<&KeyManifest> {
        self.trust.manifest()
    }

    /// Whether the payload declares a scope, in a version that is known or another.
    pub(crate) fn declares_scope(document: &Object<'static>) -> bool {
        let block = document.get("scope_faithfulness").cloned();
        let only = Value::object(block.map(|block| ("scope_faithfulness", block)));
        declares_scope(&only)
    }

    /// Judges the scope that the payload declares.
    pub(crate) fn scope(&self, document: &Object<'static>) -> ScopeJudged {
        let document = Value::from(document.clone());
        let checkpoint = self.judged_checkpoint();
        let sidecars = |_segment: &str, storage_uri: Option<&str>| self.find_sidecar(storage_uri);
        let keys = match self.keys() {
            Some(keys) => ScopeStateKeys::of(keys, self.trust.mode()),
            None => ScopeStateKeys::none(),
        };
        let adjudication = adjudicate_scope_faithfulness(&ScopeEvidence {
            document: &document,
            manifest: Some(self.manifest.value()),
            checkpoint: &checkpoint,
            sidecars: &sidecars,
            keys,
            budget: self.options.scope,
        });
        ScopeJudged { document, checkpoint, adjudication }
    }

    /// The checkpoint: the one that was given, or the first beside the manifest that is one at all.
    fn judged_checkpoint(&self) -> CheckpointEvidence {
        let given = self.checkpoint.map(|file| file.bytes.clone());
        let places = [
            (Folder::Manifest, "checkpoint.json"),
            (Folder::AboveManifest, "checkpoint.json"),
            (Folder::AboveManifest, "pack/checkpoint.json"),
        ];
        let beside = || {
            places.iter().find_map(|(folder, name)| {
                let bytes = self.files.read(*folder, &path(name)?)?;
                self.is_object(&bytes).then_some(bytes)
            })
        };
        let bytes = given.filter(|bytes| self.is_object(bytes)).or_else(beside);
        let judge = |bytes: &[u8]| self.judge_checkpoint(bytes);
        CheckpointEvidence::judge(bytes.as_deref(), &judge)
    }

    fn is_object(&self, bytes: &[u8]) -> bool {
        read(bytes, &self.options.budget).is_ok_and(|value| value.as_object().is_some())
    }

    fn judge_checkpoint(&self, bytes: &[u8]) -> Result<VerifiedCheckpoint, ClaimFault> {
        let unreadable = |summary: String| {
            let at = Location::whole(Artifact::Checkpoint);
            let code = FailureCode::CheckpointScopeStateCheckpointMismatch;
            ClaimFault::new(Unsupported::Disproved, Finding::failure(code, at, summary))
        };
        let document =
            read(bytes, &self.options.budget).map_err(|error| unreadable(error.to_string()))?;
        let trust = match (self.keys(), self.trust.export_key()) {
            (Some(keys), _) => CheckpointTrust::keys(keys),
            (None, ExportKey::SelfAttested) => CheckpointTrust::self_attested(),
            (None, _) => CheckpointTrust::none(),
        };
        // There is one recipe for composite hashes. The claims about scopes pin it; the absence of
        // dispatches rests on them and does not, so that its packs need not pin it either.
        let rules = CheckpointRules::default();
        let trust = trust.in_mode(self.trust.mode());
        let facts = judge_checkpoint(&document, &trust, &rules)
            .map_err(|error| unreadable(error.to_string()))?;
        if let Err(fault) = facts.composite_hash() {
            return Err(fault.clone());
        }
        if let Some(Err(fault)) = facts.signature() {
            return Err(fault.fault.clone());
        }
        let signed = facts.signed();
        let signed = signed.ok_or_else(|| unreadable("the checkpoint is not signed".to_owned()))?;
        let heads = signed.heads().heads().iter().map(|head| {
            let end = CheckpointHead {
                sequence_number: head.sequence_number(),
                last_record_hash: head.last_record_hash().to_owned(),
            };
            (head.scope().to_owned(), end)
        });
        Ok(VerifiedCheckpoint {
            checkpoint_id: facts.checkpoint_id().unwrap_or_default().to_owned(),
            computed_at: facts.computed_at().map(str::to_owned),
            heads: heads.collect(),
        })
    }

    /// The scope state: the one that was given, the one that the export names, or that of a usual
    /// place. What the export names may only lie below the manifest or the folder above it.
    fn find_sidecar(&self, storage_uri: Option<&str>) -> Option<Vec<u8>> {
        if let Some(given) = self.sidecar {
            return Some(given.bytes.clone());
        }
        let named = storage_uri.and_then(path);
        let usual = path("sidecars/checkpoint-scope-state-v1.json");
        let places: Vec<(Folder, PackPath)> = [
            named.clone().map(|named| (Folder::Manifest, named)),
            named.map(|named| (Folder::AboveManifest, named)),
            usual.clone().map(|usual| (Folder::Manifest, usual)),
            usual.map(|usual| (Folder::AboveManifest, usual)),
            path("checkpoint-scope-state-v1.json").map(|usual| (Folder::Manifest, usual)),
        ]
        .into_iter()
        .flatten()
        .collect();
        places.iter().find_map(|(folder, place)| {
            self.files.read(*folder, place).filter(|bytes| self.is_object(bytes))
        })
    }

    /// What a shown revocation says to whoever asks for dispatches after it.
    pub(crate) fn revocation_facts(shown: &RevocationShown) -> Result<RevocationFacts, ClaimFault> {
        let (permit, project) = (shown.permit_id().to_string(), shown.project_id().to_string());
        let facts = RevocationFacts::new(&permit, &project, shown.effective_at().as_str());
        facts.ok_or_else(|| {
            let at = Location::whole(Artifact::Export);
            let summary = "the revocation does not say from when on it holds";
            let reason = ReasonClass::PermitRevokedEvidenceMissing;
            let finding = Finding::failure(reason, at, summary);
            ClaimFault::new(Unsupported::InsufficientEvidence, finding)
        })
    }

    fn workflow_trust(&self) -> WorkflowTrust<'_> {
        let trust = match self.keys() {
            Some(keys) => WorkflowTrust::of(keys, self.trust.mode()),
            None => WorkflowTrust::none(),
        };
        match self.trust.export_key() {
            ExportKey::FromManifest => trust,
            ExportKey::Pinned(key) => trust.pinned_export_key(key),
            ExportKey::SelfAttested => trust.self_attested(),
        }
    }

    /// The workflow evidence file beside the export, if the manifest speaks of one.
    pub(crate) fn sibling(&self) -> Option<Result<SiblingEvidence, WorkflowFault>> {
        let descriptor = match SiblingDescriptor::of(self.manifest.value()) {
            Ok(descriptor) => descriptor?,
            Err(fault) => return Some(Err(fault)),
        };
        let places: Vec<(Folder, PackPath)> = descriptor
            .search()
            .paths
            .iter()
            .filter_map(|place| {
                let folder = match place.folder {
                    SiblingFolder::Manifest => Folder::Manifest,
                    SiblingFolder::Export => Folder::Export,
                };
                Some((folder, path(&place.path)?))
            })
            .collect();
        let Some((_, bytes)) = self.files.first(&places) else {
            return Some(Err(descriptor.not_found()));
        };
        let (trust, limits) = (self.workflow_trust(), HistoryLimits::default());
        Some(descriptor.verify(&bytes, &trust, &self.options.budget, limits))
    }

    /// What workflow evidence of any kind comes to; nothing, if there is none.
    pub(crate) fn workflows(
        &self,
        facts: &PayloadFacts,
        sibling: Option<Result<SiblingEvidence, WorkflowFault>>,
    ) -> Option<WorkflowOutcome> {
        let document = Value::from(facts.collected.document.clone());
        if is_workflow_document(&document) {
            return Some(self.workflow_document(&document));
        }
        let sibling = sibling.map(|sibling| match sibling {
            Ok(sibling) => match facts.snapshots.clone() {
                Some(snapshots) => sibling.outcome().with_snapshots(snapshots),
                None => sibling.outcome(),
            },
            Err(fault) => WorkflowOutcome::failed(fault),
        });
        let incident = || self.incident(&facts.archive);
        match sibling {
            Some(outcome) => Some(
                outcome
                    .and_then(|| incident().unwrap_or_else(|| WorkflowOutcome::proved(Vec::new()))),
            ),
            None => incident(),
        }
    }

    fn workflow_document(&self, document: &Value<'static>) -> WorkflowOutcome {
        let (trust, limits) = (self.workflow_trust(), HistoryLimits::default());
        match verify_workflow_document(document, Artifact::Export, &trust, limits) {
            Ok(history) => WorkflowOutcome::proved(history.proofs()),
            Err(fault) => WorkflowOutcome::failed(fault),
        }
    }

    fn incident(&self, archive: &ArchiveBytes) -> Option<WorkflowOutcome> {
        let payload = match archive {
            ArchiveBytes::Whole(bytes) | ArchiveBytes::EndOnly(bytes) => {
                IncidentPayload::Archive(bytes)
            }
            ArchiveBytes::None | ArchiveBytes::OverLimit { .. } => IncidentPayload::Other,
        };
        if matches!(archive, ArchiveBytes::OverLimit { .. }) {
            return None;
        }
        let (trust, options) = (self.workflow_trust(), &self.options.incident);
        match verify_incident(payload, self.manifest.value(), &trust, options) {
            IncidentOutcome::Skipped(_) => None,
            IncidentOutcome::Judged(outcome) => Some(outcome),
        }
    }
}
