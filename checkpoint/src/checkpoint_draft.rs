// SPDX-License-Identifier: Apache-2.0

//! Making checkpoints.
//!
//! ```text
//! heads ──► CheckpointDraft ──seal──► SealedCheckpoint ──attach──► the same with receipts
//!                                            └── composite_hash() ──► time-stamp authorities
//! ```
//!
//! The signature covers the heads alone (SEM-02), and receipts come after it: an authority
//! stamps the composite hash, which exists once the heads are known.

use std::collections::BTreeMap;

use base64::Engine as _;
use permit_canonical_json::{Excerpt, NotJson, Object, Sha256Digest, Value, to_value};
use permit_chain::ChainHead;
use permit_keys::{IntegrityCheckpoint, PurposeKey, Signer, SignerError};
use permit_types::{CheckpointId, Rfc3339};
use serde::Serialize;

use crate::{
    chain_heads::{ChainHeads, ChainHeadsError},
    tsa_receipt::{BASE64, ReceiptProblem, check_imprint},
};

/// A checkpoint that is not signed yet.
///
/// ```
/// use permit_canonical_json::Sha256Digest;
/// use permit_chain::ChainHead;
/// use permit_checkpoint::CheckpointDraft;
/// use permit_keys::{IntegrityCheckpoint, PurposeKey, SoftwareKey};
/// use permit_types::{ChainScope, CheckpointId, Rfc3339, SequenceNumber};
///
/// let key = PurposeKey::<IntegrityCheckpoint>::new(SoftwareKey::from_seed(&[7; 32]));
/// let head = ChainHead::stored(
///     ChainScope::new("project:1"),
///     SequenceNumber::new(8).unwrap(),
///     Sha256Digest::of(b"the last entry").into(),
/// );
/// let id = CheckpointId::parse("11111111-2222-4333-8444-555555555555").unwrap();
/// let computed_at = Rfc3339::parse("2026-05-07T12:00:00Z").unwrap();
/// let checkpoint = CheckpointDraft::new(id, computed_at).head(&head)?.seal(&key)?;
/// assert!(checkpoint.to_value().get("signature").is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CheckpointDraft {
    checkpoint_id: CheckpointId,
    computed_at: Rfc3339,
    heads: BTreeMap<String, HeadMembers>,
    more: Object<'static>,
}

#[derive(Clone, Debug, Serialize)]
struct HeadMembers {
    sequence_number: u64,
    last_record_hash: String,
}

impl CheckpointDraft {
    /// A checkpoint over no scopes. `computed_at` has to be in the window of the key that will sign.
    #[must_use]
    pub fn new(checkpoint_id: CheckpointId, computed_at: Rfc3339) -> Self {
        let (heads, more) = (BTreeMap::new(), Object::default());
        Self { checkpoint_id, computed_at, heads, more }
    }

    /// Adds the head of one scope.
    ///
    /// # Errors
    /// If the chain has no entry, its scope has a head already, or the scope's name has a line break.
    pub fn head(mut self, head: &ChainHead) -> Result<Self, DraftError> {
        let scope = head.chain_scope().as_str();
        let (number, record_hash) =
            head.last().ok_or_else(|| DraftError::EmptyChain { scope: scope.into() })?;
        if scope.contains('\n') {
            return Err(DraftError::ScopeWithLineBreak { scope: scope.into() });
        }
        let members = HeadMembers {
            sequence_number: number.get(),
            last_record_hash: record_hash.to_string(),
        };
        match self.heads.insert(scope.to_owned(), members) {
            None => Ok(self),
            Some(_) => Err(DraftError::SecondHead { scope: scope.into() }),
        }
    }

    /// Adds a member of the issuer's own. It is not signed.
    ///
    /// # Errors
    /// If checkpoints have a member of this name.
    pub fn member(
        mut self,
        name: &str,
        value: impl Into<Value<'static>>,
    ) -> Result<Self, DraftError> {
        if OWN_MEMBERS.contains(&name) {
            return Err(DraftError::OwnMember { name: name.into() });
        }
        self.more.insert(name.to_owned(), value);
        Ok(self)
    }

    /// Hashes and signs.
    ///
    /// # Errors
    /// If the signer makes no signature, or one that does not verify.
    pub fn seal<S: Signer>(
        self,
        key: &PurposeKey<IntegrityCheckpoint, S>,
    ) -> Result<SealedCheckpoint, SealCheckpointError> {
        let heads = to_value(&self.heads)?;
        let composite_hash = ChainHeads::read(Some(&heads))?.composite_hash();
        let signature = key.sign_checkpoint(composite_hash)?;
        let mut document = Object::default();
        document.insert("checkpoint_id", self.checkpoint_id.as_str().to_owned());
        document.insert("computed_at", self.computed_at.as_str().to_owned());
        document.insert("chain_heads", heads);
        document.insert("composite_hash", composite_hash.prefixed().to_string());
        document.insert("signature", signature.to_string());
        document.insert("public_key", key.public_key().to_string());
        document.insert("key_id", key.key_id().to_string());
        for member in self.more.into_members() {
            let (name, value) = member.into_parts();
            document.insert(name, value);
        }
        Ok(SealedCheckpoint { document, composite_hash, receipts: Vec::new() })
    }
}

/// A signed checkpoint, to which receipts can still be added and nothing else.
#[derive(Clone, Debug)]
pub struct SealedCheckpoint {
    document: Object<'static>,
    composite_hash: Sha256Digest,
    receipts: Vec<Value<'static>>,
}

/// A receipt from an authority.
#[derive(Clone, Copy, Debug)]
pub struct NewReceipt<'r> {
    /// What reports shall call it.
    pub provider: &'r str,
    /// Where it was asked for.
    pub url: &'r str,
    /// When it was asked for.
    pub requested_at: &'r Rfc3339,
    /// The bare token: DER, without the response around it.
    pub token: &'r [u8],
}

impl SealedCheckpoint {
    /// The hash that was signed, and that authorities have to stamp.
    #[must_use]
    pub fn composite_hash(&self) -> Sha256Digest {
        self.composite_hash
    }

    /// Adds a receipt, if it is one of this checkpoint.
    ///
    /// # Errors
    /// If the token cannot be read, or stamps something else.
    pub fn attach(&mut self, receipt: &NewReceipt<'_>) -> Result<(), ReceiptProblem> {
        check_imprint(receipt.token, self.composite_hash)?;
        let members = [
            ("provider", receipt.provider.to_owned()),
            ("url", receipt.url.to_owned()),
            ("requested_at", receipt.requested_at.as_str().to_owned()),
            ("receipt_b64", BASE64.encode(receipt.token)),
            ("receipt_hash", Sha256Digest::of(receipt.token).prefixed().to_string()),
        ];
        self.receipts.push(Value::object(members));
        Ok(())
    }

    /// The checkpoint as a document.
    #[must_use]
    pub fn to_value(&self) -> Value<'static> {
        let mut document = self.document.clone();
        if !self.receipts.is_empty() {
            document.insert("tsa_receipts", self.receipts.clone());
        }
        document.into()
    }
}

/// Why something cannot be part of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// The chain has no entry that could be its head.
    #[error("the chain of `{}` has no entry, and so no head", Excerpt(scope))]
    EmptyChain {
        /// The scope.
        scope: Box<str>,
    },
    /// The scope has a head already.
    #[error("the scope `{}` has two heads", Excerpt(scope))]
    SecondHead {
        /// The scope.
        scope: Box<str>,
    },
    /// The name of the scope would make two lines.
    #[error(
        "the name of the scope `{}` has a line break, so that its line could be read as two",
        Excerpt(scope)
    )]
    ScopeWithLineBreak {
        /// The scope.
        scope: Box<str>,
    },
    /// Checkpoints have a member of this name.
    #[error("`{}` is a member that every checkpoint has", Excerpt(name))]
    OwnMember {
        /// The name.
        name: Box<str>,
    },
}

/// Why a checkpoint could not be sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealCheckpointError {
    /// There is no signature.
    #[error("the checkpoint was not signed: {0}")]
    Signer(#[from] SignerError),
    /// The heads have no form in JSON.
    #[error("the chain heads cannot be written: {0}")]
    NotJson(#[from] NotJson),
    /// The heads cannot be hashed.
    #[error("the chain heads cannot be hashed: {0}")]
    Heads(#[from] ChainHeadsError),
}

const OWN_MEMBERS: [&str; 9] = [
    "checkpoint_id",
    "computed_at",
    "chain_heads",
    "composite_hash",
    "signature",
    "public_key",
    "key_id",
    "tsa",
    "tsa_receipts",
];
