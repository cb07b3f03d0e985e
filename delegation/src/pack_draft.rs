// SPDX-License-Identifier: Apache-2.0

//! Writing a pack that a claim about a permit chain can be judged by.

use std::collections::BTreeSet;

use permit_canonical_json::{
    CanonicalError, NotJson, Object, Profile, Sha256Digest, Value, to_value,
};
use permit_types::{ExecutionReceipt, Instant, Permit, ProjectId};

use crate::{
    chain_claim::ChainClaim, comparator_registry::ComparatorRegistry,
    envelope_version::EnvelopeVersion, governance_event::RecordedEvent,
};

/// How a pack names the comparator of its envelopes. One of the two it has to (PCHAIN-08).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparatorSource {
    /// The registry is in the pack.
    Inline(EnvelopeVersion),
    /// Its hash is in the manifest.
    Hash(EnvelopeVersion),
}

/// A pack that is not written yet. There is none without a comparator.
#[derive(Clone, Debug)]
pub struct ChainPackDraft {
    /// The project that all of it is of.
    pub project_id: ProjectId,
    /// How its comparator is named.
    pub comparator: ComparatorSource,
    /// The permits; the export is about all of them.
    pub permits: Vec<Permit>,
    /// The events.
    pub events: Vec<RecordedEvent>,
    /// The receipts of executions.
    pub receipts: Vec<ExecutionReceipt>,
    /// The resolved policies that receipts name by hash.
    pub policy_bundles: Vec<Value<'static>>,
    /// The usage states that receipts name by hash.
    pub usage_limit_states: Vec<Value<'static>>,
    /// Up to when the events leave no revocation of the permits out.
    pub revocations_complete_through: Option<Instant>,
}

/// Why a pack was not written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// Something in it has no form in JSON.
    #[error("the pack cannot be written: {0}")]
    NotJson(#[from] NotJson),
    /// A usage state has no canonical form, so that no receipt can name it.
    #[error("a usage state cannot be hashed: {0}")]
    NotCanonical(#[from] CanonicalError),
    /// A receipt names a usage state that is not in the pack (PCHAIN-27).
    #[error("a receipt names the usage state `{hash}`, which is not in the pack")]
    UsageStateMissing {
        /// Its hash.
        hash: Sha256Digest,
    },
}

impl ChainPackDraft {
    /// A pack about some permits, and nothing else yet.
    #[must_use]
    pub fn new(project_id: ProjectId, comparator: ComparatorSource, permits: Vec<Permit>) -> Self {
        Self {
            project_id,
            comparator,
            permits,
            events: Vec::new(),
            receipts: Vec::new(),
            policy_bundles: Vec::new(),
            usage_limit_states: Vec::new(),
            revocations_complete_through: None,
        }
    }

    /// The pack as JSON, for one claim.
    ///
    /// # Errors
    /// If something in it has no form in JSON, or a receipt names a usage state that is not in it.
    pub fn to_value(&self, claim: &ChainClaim) -> Result<Value<'static>, PackError> {
        self.check_usage_states()?;
        let mut pack = Object::default();
        if let ComparatorSource::Inline(version) = self.comparator {
            pack.insert("comparator_registry", ComparatorRegistry::built_in(version).to_value());
        }
        let permits = self.permits.iter().map(to_value).collect::<Result<Vec<_>, _>>()?;
        pack.insert("permits", permits);
        pack.insert("manifest", self.manifest());
        pack.insert(
            "events",
            Value::array(self.events.iter().cloned().map(RecordedEvent::into_value)),
        );
        let receipts = self.receipts.iter().map(to_value).collect::<Result<Vec<_>, _>>()?;
        pack.insert("receipts", receipts);
        pack.insert("policy_bundles", self.policy_bundles.clone());
        pack.insert("usage_limit_states", self.usage_limit_states.clone());
        let claim = [
            ("claim_type", Value::from(claim.claim_type.as_str())),
            ("claim_scope", claim.scope.to_value()),
        ];
        pack.insert("claim", Value::object(claim));
        Ok(pack.into())
    }

    /// PCHAIN-27
    fn check_usage_states(&self) -> Result<(), PackError> {
        let states = self.usage_limit_states.iter().map(|state| Profile::Payload.digest(state));
        let states = states.collect::<Result<BTreeSet<_>, _>>()?;
        let mut named = self.receipts.iter().flat_map(|receipt| &receipt.usage_limit_state_hashes);
        match named.find(|hash| !states.contains(*hash)) {
            Some(hash) => Err(PackError::UsageStateMissing { hash: *hash }),
            None => Ok(()),
        }
    }

    fn manifest(&self) -> Value<'static> {
        let mut manifest = Object::default();
        manifest.insert("project_id", self.project_id.to_string());
        let ids = Value::array(self.permits.iter().map(|permit| permit.id.to_string()));
        manifest.insert("export_scope", Value::object([("permit_ids", ids)]));
        if let ComparatorSource::Hash(version) = self.comparator {
            manifest.insert("comparator_registry_hash", version.registry_hash());
        }
        if let Some(through) = self.revocations_complete_through {
            manifest.insert("revocations_complete_through", format!("{:.6}Z", through.to_utc()));
        }
        manifest.into()
    }
}
