// SPDX-License-Identifier: Apache-2.0

//! The checkpoint that scope states refer to, as far as it was verified elsewhere.

use std::collections::BTreeMap;

use permit_claims::ClaimFault;

/// What a verified checkpoint says.
///
/// Only the heads are under its signature. Its id and its time are what the file says; they count
/// here because the scope state, which is signed, has to say the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifiedCheckpoint {
    /// Its id.
    pub checkpoint_id: String,
    /// When it was computed, as it was written. The absence claim looks up to here (AMB-42).
    pub computed_at: Option<String>,
    /// The heads of its chains by scope.
    pub heads: BTreeMap<String, CheckpointHead>,
}

/// The end of one chain at a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointHead {
    /// The number of the last entry.
    pub sequence_number: u64,
    /// The hash of the last entry, as it was written.
    pub last_record_hash: String,
}

/// Whoever verifies checkpoints: composite hash and signature, in the trust that the caller has.
pub trait CheckpointJudge {
    /// Verifies a checkpoint.
    ///
    /// # Errors
    /// Why it does not verify, be it that its key is not known.
    fn judge(&self, checkpoint: &[u8]) -> Result<VerifiedCheckpoint, ClaimFault>;
}

impl<F: Fn(&[u8]) -> Result<VerifiedCheckpoint, ClaimFault>> CheckpointJudge for F {
    fn judge(&self, checkpoint: &[u8]) -> Result<VerifiedCheckpoint, ClaimFault> {
        self(checkpoint)
    }
}

/// The one checkpoint of a pack, which serves all its segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckpointEvidence {
    /// The pack has none.
    Missing,
    /// It has one that does not verify, and why.
    NotVerified(ClaimFault),
    /// It has one that verifies.
    Verified(VerifiedCheckpoint),
}

impl CheckpointEvidence {
    /// Has the checkpoint judged, if there is one.
    #[must_use]
    pub fn judge(checkpoint: Option<&[u8]>, judge: &(impl CheckpointJudge + ?Sized)) -> Self {
        match checkpoint.map(|bytes| judge.judge(bytes)) {
            None => Self::Missing,
            Some(Err(fault)) => Self::NotVerified(fault),
            Some(Ok(checkpoint)) => Self::Verified(checkpoint),
        }
    }

    /// The checkpoint, if it verifies.
    #[must_use]
    pub fn verified(&self) -> Option<&VerifiedCheckpoint> {
        match self {
            Self::Verified(checkpoint) => Some(checkpoint),
            Self::Missing | Self::NotVerified(_) => None,
        }
    }
}
