// SPDX-License-Identifier: Apache-2.0

//! Checkpoints over the chains of exports.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use permit_canonical_json::Sha256Digest;
use permit_chain::ChainHead;
use permit_checkpoint::CheckpointDraft;
use permit_types::{ChainScope, CheckpointId, Rfc3339, SequenceNumber};
use serde_json::{Value as Json, json};

use super::{
    document::{at, loose, number, set, text},
    fault::Fault,
    pack::Pack,
    test_keys::CHECKPOINT,
    time_stamp,
};

pub(crate) const CHECKPOINT_ID: &str = "40000000-0000-4000-8000-000000000001";
pub(crate) const COMPUTED_AT: &str = "2026-05-10T00:00:00Z";

/// A signed checkpoint that can be bent.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoint {
    pub(crate) document: Json,
}

impl Checkpoint {
    /// A checkpoint over all scopes of an export.
    pub(crate) fn over(pack: &Pack) -> Result<Self, Fault> {
        let mut heads: std::collections::BTreeMap<String, (u64, String)> =
            std::collections::BTreeMap::new();
        for pointer in pack.entries() {
            let entry = at(&pack.document, &pointer)?;
            let head = (number(entry, "/sequence_number")?, text(entry, "/record_hash")?);
            let known = heads.entry(text(entry, "/chain_scope")?).or_insert_with(|| head.clone());
            if known.0 < head.0 {
                *known = head;
            }
        }
        Self::of_heads(
            &heads.into_iter().map(|(scope, (n, hash))| (scope, n, hash)).collect::<Vec<_>>(),
        )
    }

    /// A checkpoint of these heads: scope, number and record hash.
    pub(crate) fn of_heads(heads: &[(String, u64, String)]) -> Result<Self, Fault> {
        let missing = || Fault::new("a checkpoint was not made: a part of it has not its form");
        let id = CheckpointId::parse(CHECKPOINT_ID).ok_or_else(missing)?;
        let at = Rfc3339::parse(COMPUTED_AT).ok_or_else(missing)?;
        let mut draft = CheckpointDraft::new(id, at);
        for (scope, sequence, hash) in heads {
            let sequence = SequenceNumber::new(*sequence).ok_or_else(missing)?;
            let hash = Sha256Digest::from_hex(hash).ok_or_else(missing)?;
            let head = ChainHead::stored(ChainScope::new(scope.as_str()), sequence, hash.into());
            draft = draft.head(&head)?;
        }
        let sealed = draft.seal(&CHECKPOINT.checkpoint())?;
        let mut document = loose(&sealed.to_value())?;
        // The id is not signed: it is the one of the published keys.
        set(&mut document, "/key_id", CHECKPOINT.id())?;
        Ok(Self { document })
    }

    pub(crate) fn composite_hash(&self) -> Result<Sha256Digest, Fault> {
        let hash = text(&self.document, "/composite_hash")?;
        Sha256Digest::from_prefixed(&hash).ok_or_else(|| Fault::new("the composite hash is none"))
    }

    /// The same with a time stamp.
    pub(crate) fn with_receipt(mut self) -> Result<Self, Fault> {
        let receipt = receipt("permit-rs test authority", self.composite_hash()?)?;
        set(&mut self.document, "/tsa_receipts", json!([receipt]))?;
        Ok(self)
    }

    /// The same with two time stamps.
    pub(crate) fn with_two_receipts(mut self) -> Result<Self, Fault> {
        let hash = self.composite_hash()?;
        let receipts = json!([
            receipt("first test authority", hash)?,
            receipt("second test authority", hash)?
        ]);
        set(&mut self.document, "/tsa_receipts", receipts)?;
        Ok(self)
    }

    /// The same with a time stamp in the older place.
    pub(crate) fn with_legacy_receipt(mut self) -> Result<Self, Fault> {
        let receipt = receipt("permit-rs test authority", self.composite_hash()?)?;
        set(&mut self.document, "/tsa", receipt)?;
        Ok(self)
    }

    /// Computes the composite hash of the heads anew, and signs it.
    pub(crate) fn seal(&mut self) -> Result<(), Fault> {
        let hash = composite_hash(&self.document)?;
        set(&mut self.document, "/composite_hash", hash.prefixed().to_string())?;
        let signature = CHECKPOINT.checkpoint().sign_checkpoint(hash)?.to_string();
        set(&mut self.document, "/signature", signature)
    }

    pub(crate) fn file(&self) -> Result<Vec<u8>, Fault> {
        super::document::file(&self.document)
    }
}

/// The composite hash of the heads of a checkpoint (SEM-01).
pub(crate) fn composite_hash(document: &Json) -> Result<Sha256Digest, Fault> {
    let heads = at(document, "/chain_heads")?.as_object();
    let mut lines = Vec::new();
    for (scope, head) in heads.into_iter().flatten() {
        let sequence = number(head, "/sequence_number")?;
        lines.push(format!("{scope}:{sequence}:{}", text(head, "/last_record_hash")?));
    }
    lines.sort();
    Ok(Sha256Digest::of(lines.join("\n").as_bytes()))
}

/// A receipt of the test authority for this hash.
pub(crate) fn receipt(provider: &str, stamped: Sha256Digest) -> Result<Json, Fault> {
    let token = time_stamp::token(stamped)?;
    Ok(json!({
        "provider": provider,
        "receipt_b64": STANDARD.encode(&token),
        "receipt_hash": Sha256Digest::of(&token).prefixed().to_string(),
        "requested_at": COMPUTED_AT,
        "url": "https://time-stamps.example/",
    }))
}
