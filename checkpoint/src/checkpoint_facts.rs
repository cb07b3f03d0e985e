// SPDX-License-Identifier: Apache-2.0

//! Judging a checkpoint: three claims, in the order in which they rest on each other.
//!
//! ```text
//! composite hash ──► signature      judged if the hash is right: it is what was signed
//!        └─────────► imprints       judged if the hash is right: it is what was stamped
//! ```

use permit_canonical_json::{Kind, Object, Sha256Digest, Value};
use permit_claims::ClaimFault;
use permit_types::{Finding, Instant};

use crate::{
    chain_heads::ChainHeads,
    checkpoint_signature::{SignatureFault, SignatureProof, computed_at, judge_signature},
    checkpoint_trust::CheckpointTrust,
    composite_hash::{CompositeProof, judge_composite_hash, stated_hash},
    document::text,
    tsa_receipt::{ImprintProof, TsaReceipt, judge_imprint, notice_of},
};

/// How checkpoints are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckpointRules {
    /// Whether the evidence's semantics know the recipe of the composite hash. Default yes; no for
    /// a checkpoint that pins its semantics without `keel.checkpoint.composite_hash.v1`.
    pub composite_hash_known: bool,
    /// Whether the imprints of receipts are compared. Default yes.
    pub check_receipts: bool,
}

impl Default for CheckpointRules {
    fn default() -> Self {
        Self { composite_hash_known: true, check_receipts: true }
    }
}

/// A document that is no checkpoint: nothing of it can be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a checkpoint is an object, not {found}")]
pub struct NotACheckpoint {
    /// What it is.
    pub found: Kind,
}

/// What is known of a checkpoint after it was judged.
#[derive(Clone, Debug)]
pub struct CheckpointFacts<'v> {
    document: &'v Value<'v>,
    composite: Result<CompositeProof<'v>, ClaimFault>,
    signature: Option<Result<SignatureProof, SignatureFault>>,
    receipts: Vec<TsaReceipt<'v>>,
    imprints: Option<Vec<Result<ImprintProof, ClaimFault>>>,
    notices: Vec<Finding>,
}

/// Judges a checkpoint.
///
/// Each claim comes out as a proof or as a fault, and none as a verdict: `supported` is said where
/// reports are made.
///
/// # Errors
/// If the document is no object.
pub fn judge_checkpoint<'v>(
    document: &'v Value<'v>,
    trust: &CheckpointTrust<'_>,
    rules: &CheckpointRules,
) -> Result<CheckpointFacts<'v>, NotACheckpoint> {
    if document.as_object().is_none() {
        return Err(NotACheckpoint { found: document.kind() });
    }
    let receipts = TsaReceipt::all_of(document);
    let composite = judge_composite_hash(document, rules.composite_hash_known);
    let mut facts = CheckpointFacts {
        document,
        composite,
        signature: None,
        receipts,
        imprints: None,
        notices: Vec::new(),
    };
    if let Ok(composite) = &facts.composite {
        facts.signature = Some(judge_signature(document, composite, trust));
        if rules.check_receipts {
            let digest = composite.digest();
            facts.judge_imprints(digest);
        }
    }
    Ok(facts)
}

impl<'v> CheckpointFacts<'v> {
    fn judge_imprints(&mut self, composite_hash: Sha256Digest) {
        let imprints = self.receipts.iter().map(|receipt| {
            let judged = judge_imprint(receipt, composite_hash);
            let notice = judged.as_ref().ok().and_then(|proof| notice_of(receipt, proof));
            self.notices.extend(notice);
            judged
        });
        self.imprints = Some(imprints.collect());
    }

    /// The checkpoint as it was given.
    #[must_use]
    pub fn document(&self) -> &'v Value<'v> {
        self.document
    }

    /// The id that it gives itself. The signature does not cover it.
    #[must_use]
    pub fn checkpoint_id(&self) -> Option<&'v str> {
        text(self.document, "checkpoint_id").filter(|id| !id.is_empty())
    }

    /// When it says it was computed, as text. The signature does not cover it.
    #[must_use]
    pub fn computed_at(&self) -> Option<&'v str> {
        text(self.document, "computed_at").filter(|time| !time.is_empty())
    }

    /// The same as an instant, if it can be read as one. Keys are judged at this time.
    #[must_use]
    pub fn computed_at_instant(&self) -> Option<Instant> {
        computed_at(self.document)
    }

    /// The key id that it names.
    #[must_use]
    pub fn key_id(&self) -> Option<&'v str> {
        text(self.document, "key_id")
    }

    /// The key id that reports show: the one that it names, else that of the key it was held against.
    #[must_use]
    pub fn reported_key_id(&self) -> Option<String> {
        let key = match self.signature.as_ref()? {
            Ok(proof) => Some(proof.checked().key()),
            Err(fault) => fault.key.as_ref(),
        };
        let own = || key.map(|key| key.public_key().export_key_id().to_string());
        self.key_id().map(str::to_owned).or_else(own)
    }

    /// The composite hash that it states, if it states one.
    #[must_use]
    pub fn stated_composite_hash(&self) -> Option<&'v str> {
        stated_hash(self.document)
    }

    /// Number of chain heads, whether or not they are in order; 0 if no composite hash is stated.
    #[must_use]
    pub fn chain_heads_count(&self) -> usize {
        let heads = self.document.get("chain_heads").and_then(Value::as_object);
        heads.filter(|_| self.stated_composite_hash().is_some()).map_or(0, Object::len)
    }

    /// Claim `checkpoint.composite_hash.v1`.
    ///
    /// # Errors
    /// Why it is not supported.
    pub fn composite_hash(&self) -> Result<&CompositeProof<'v>, &ClaimFault> {
        self.composite.as_ref()
    }

    /// Claim `checkpoint.signature.v1`; none if the composite hash is not right, since it is what
    /// would have been signed.
    #[must_use]
    pub fn signature(&self) -> Option<Result<&SignatureProof, &SignatureFault>> {
        self.signature.as_ref().map(Result::as_ref)
    }

    /// The receipts, in order.
    #[must_use]
    pub fn receipts(&self) -> &[TsaReceipt<'v>] {
        &self.receipts
    }

    /// Claim `checkpoint.tsa_imprint.v1`, receipt by receipt; empty if there are none. None if they
    /// were not judged, because the composite hash is not right or nobody asked.
    #[must_use]
    pub fn imprints(&self) -> Option<&[Result<ImprintProof, ClaimFault>]> {
        self.imprints.as_deref()
    }

    /// What is worth knowing beside the claims.
    #[must_use]
    pub fn notices(&self) -> &[Finding] {
        &self.notices
    }

    /// The checkpoint as something to build on, if its heads hash to what a trusted key signed.
    #[must_use]
    pub fn signed(&self) -> Option<SignedCheckpoint<'_, 'v>> {
        match (&self.composite, &self.signature) {
            (Ok(composite), Some(Ok(signature))) => {
                Some(SignedCheckpoint { facts: self, composite, signature })
            }
            _ => None,
        }
    }
}

/// A checkpoint whose heads are those that a trusted key signed (SEM-01, SEM-02).
#[derive(Clone, Copy, Debug)]
pub struct SignedCheckpoint<'f, 'v> {
    facts: &'f CheckpointFacts<'v>,
    composite: &'f CompositeProof<'v>,
    signature: &'f SignatureProof,
}

impl<'f, 'v> SignedCheckpoint<'f, 'v> {
    /// The heads that were signed.
    #[must_use]
    pub fn heads(&self) -> &'f ChainHeads<'v> {
        self.composite.heads()
    }

    /// The hash that was signed.
    #[must_use]
    pub fn composite_hash(&self) -> Sha256Digest {
        self.composite.digest()
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &'f SignatureProof {
        self.signature
    }

    /// The rest of the checkpoint, which is not signed.
    #[must_use]
    pub fn facts(&self) -> &'f CheckpointFacts<'v> {
        self.facts
    }
}
