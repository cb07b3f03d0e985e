// SPDX-License-Identifier: Apache-2.0

//! The files of scope states that segments refer to, each judged once.

use std::{collections::BTreeMap, sync::Arc};

use permit_canonical_json::{Excerpt, Sha256Digest, Value};
use permit_claims::{ClaimFault, Unsupported};
use permit_failure_codes::ReasonClass;
use permit_types::{Artifact, ContentHash, Finding, Location};

use crate::{
    faithfulness::ScopeEvidence,
    fault::{REFERENCE, SIDECAR},
    scope_state::{ScopeState, judge_scope_state, read_sidecar},
    segment::Reference,
};

/// The file of a scope state.
#[derive(Clone, Debug)]
pub(crate) struct SidecarFile {
    /// The hash of its bytes.
    pub(crate) hash: ContentHash,
    identity: [Option<String>; 4],
    /// What holds of what is in it.
    pub(crate) judged: Result<Arc<ScopeState>, ClaimFault>,
}

impl SidecarFile {
    /// The first member in which a reference differs from the file, and what the file says.
    pub(crate) fn difference(&self, reference: &Reference<'_>) -> Option<(&'static str, String)> {
        let stated = [
            permit_types::ScopeStateType::TEXT,
            reference.scope_state_id,
            reference.checkpoint_id,
            reference.chain_scope,
        ];
        let mut all = IDENTITY.iter().zip(&self.identity).zip(stated);
        let (name, own) =
            all.find(|((_, own), stated)| own.as_deref() != Some(*stated)).map(|(one, _)| one)?;
        let own = own.as_deref().map(|own| format!("`{}`", Excerpt(own)));
        Some((name, own.unwrap_or_else(|| "nothing".to_owned())))
    }
}

/// The files that were read, by the hash of their bytes.
pub(crate) struct SidecarFiles<'e> {
    evidence: &'e ScopeEvidence<'e>,
    bytes_left: u64,
    files: BTreeMap<Sha256Digest, Arc<SidecarFile>>,
}

impl<'e> SidecarFiles<'e> {
    pub(crate) fn new(evidence: &'e ScopeEvidence<'e>) -> Self {
        let bytes_left = evidence.budget.sidecar_bytes;
        Self { evidence, bytes_left, files: BTreeMap::new() }
    }

    /// The file that a segment refers to.
    pub(crate) fn find(
        &mut self,
        segment_id: &str,
        storage_uri: Option<&str>,
    ) -> Result<Arc<SidecarFile>, ClaimFault> {
        let bytes = self.evidence.sidecars.sidecar(segment_id, storage_uri);
        let length = bytes.as_ref().map_or(0, Vec::len);
        self.spend(length)?;
        let hash = Sha256Digest::of(bytes.as_deref().unwrap_or_default());
        if let Some(file) = self.files.get(&hash).filter(|_| bytes.is_some()) {
            return Ok(file.clone());
        }
        let document = read_sidecar(bytes.as_deref(), &self.evidence.budget.sidecar)?;
        let text = |name: &&str| document.get(name).and_then(Value::as_str).map(str::to_owned);
        let judged = judge_scope_state(&document, self.evidence.checkpoint, &self.evidence.keys);
        let file = Arc::new(SidecarFile {
            hash: hash.into(),
            identity: IDENTITY.each_ref().map(text),
            judged: judged.map(Arc::new),
        });
        self.files.insert(hash, file.clone());
        Ok(file)
    }

    fn spend(&mut self, length: usize) -> Result<(), ClaimFault> {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        match self.bytes_left.checked_sub(length) {
            Some(left) => self.bytes_left = left,
            None => {
                let limit = self.evidence.budget.sidecar_bytes;
                let summary =
                    format!("the scope states are longer than the limit of {limit} bytes");
                let at = Location::whole(Artifact::ScopeState);
                let finding = Finding::failure(ReasonClass::BudgetExceeded, at, summary);
                let over = ClaimFault::new(Unsupported::InsufficientEvidence, finding);
                return Err(over.evidence([REFERENCE, SIDECAR]));
            }
        }
        Ok(())
    }
}

const IDENTITY: [&str; 4] = ["artifact_type", "scope_state_id", "checkpoint_id", "chain_scope"];
