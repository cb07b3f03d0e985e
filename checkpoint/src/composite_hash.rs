// SPDX-License-Identifier: Apache-2.0

//! The claim `checkpoint.composite_hash.v1`: the heads are those that the hash is of.
//!
//! ```text
//! composite_hash   text, starts with sha256:        else CHECKPOINT_COMPOSITE_HASH_MISSING
//! chain_heads      an object of heads               else CHECKPOINT_CHAIN_HEADS_INVALID, or the
//!                  mismatch if there are none and the hash is not that of nothing
//! the recipe       is known to the evidence         else CHECKPOINT_COMPOSITE_HASH_RECOMPUTE_FAILED
//! SEM-01           the same text, letter by letter  else CHECKPOINT_COMPOSITE_HASH_MISMATCH
//! ```

use permit_canonical_json::{Excerpt, Sha256Digest, Value};
use permit_claims::{ClaimFault, Unsupported};
use permit_failure_codes::ReasonClass;
use permit_types::{Artifact, Finding, Location};

use crate::{
    chain_heads::{ChainHeads, ChainHeadsError},
    document::{member_location, text},
    tsa_receipt::is_falsy,
};

/// What `checkpoint.composite_hash.v1` is judged by, in the words of reports.
pub const COMPOSITE_HASH_EVIDENCE: [&str; 2] =
    ["checkpoint.chain_heads", "checkpoint.composite_hash"];

/// Proof that a checkpoint's heads hash to its composite hash (SEM-01).
///
/// It says nothing about who states the heads: that is what the signature is for.
#[derive(Clone, Debug)]
pub struct CompositeProof<'v> {
    heads: ChainHeads<'v>,
    digest: Sha256Digest,
}

impl<'v> CompositeProof<'v> {
    /// The heads.
    #[must_use]
    pub fn heads(&self) -> &ChainHeads<'v> {
        &self.heads
    }

    /// The composite hash.
    #[must_use]
    pub fn digest(&self) -> Sha256Digest {
        self.digest
    }
}

/// The composite hash that a checkpoint states, if it is one at all.
pub(crate) fn stated_hash<'v>(document: &'v Value<'v>) -> Option<&'v str> {
    text(document, "composite_hash").filter(|stated| stated.starts_with("sha256:"))
}

/// Computes the composite hash and compares it with the stated one, as text.
pub(crate) fn judge_composite_hash<'v>(
    document: &'v Value<'v>,
    recipe_known: bool,
) -> Result<CompositeProof<'v>, ClaimFault> {
    let stated = stated_hash(document).ok_or_else(|| missing(document))?;
    let heads = ChainHeads::read(document.get("chain_heads")).map_err(|error| {
        // To the recipe, heads that are not there are none at all, whose hash is known.
        let nothing = Sha256Digest::of(b"").prefixed().to_string();
        if recipe_known && stated != nothing && has_no_heads(document) {
            mismatch(document, &nothing, stated)
        } else {
            heads_invalid(document, &error)
        }
    })?;
    if !recipe_known {
        return Err(recipe_unknown(document));
    }
    let digest = heads.composite_hash();
    let computed = digest.prefixed().to_string();
    if computed != stated {
        return Err(mismatch(document, &computed, stated));
    }
    Ok(CompositeProof { heads, digest })
}

fn has_no_heads(document: &Value<'_>) -> bool {
    document.get("chain_heads").is_none_or(is_falsy)
}

fn missing(document: &Value<'_>) -> ClaimFault {
    let summary = match document.get("composite_hash") {
        None => "the checkpoint states no composite hash",
        Some(_) => "what the checkpoint states as its composite hash is none",
    };
    let at = member_location(document, "composite_hash");
    insufficient(Finding::failure(ReasonClass::CheckpointCompositeHashMissing, at, summary))
}

fn heads_invalid(document: &Value<'_>, error: &ChainHeadsError) -> ClaimFault {
    let range = if error.pointer().is_root() { document.range() } else { error.at() };
    let at = Location::value(Artifact::Checkpoint, error.pointer().clone(), range);
    let reason = ReasonClass::CheckpointChainHeadsInvalid;
    insufficient(Finding::failure(reason, at, error.to_string()).help(error.help()))
}

fn recipe_unknown(document: &Value<'_>) -> ClaimFault {
    let at = member_location(document, "composite_hash");
    let summary = "the checkpoint pins its semantics, but not those of the composite hash";
    insufficient(Finding::failure(ReasonClass::CheckpointCompositeHashRecomputeFailed, at, summary))
}

fn mismatch(document: &Value<'_>, computed: &str, stated: &str) -> ClaimFault {
    let at = member_location(document, "composite_hash");
    let summary = "the chain heads do not hash to the composite hash";
    let finding = Finding::failure(ReasonClass::CheckpointCompositeHashMismatch, at, summary)
        .values(computed, Excerpt(stated).to_string());
    fault(Unsupported::Disproved, finding)
}

fn insufficient(finding: Finding) -> ClaimFault {
    fault(Unsupported::InsufficientEvidence, finding)
}

fn fault(verdict: Unsupported, finding: Finding) -> ClaimFault {
    ClaimFault::new(verdict, finding.rule("SEM-01")).evidence(COMPOSITE_HASH_EVIDENCE)
}
