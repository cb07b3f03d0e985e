// SPDX-License-Identifier: Apache-2.0

//! Records about checkpoints.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use permit_canonical_json::Sha256Digest;

use super::table::Row;
use crate::generator::{
    case_draft::CaseDraft,
    checkpoint::{Checkpoint, receipt},
    document::{at, file, set, text},
    fault::Fault,
    pack::SCOPE,
    pinned::pin,
    test_keys::{self, BINDING, CHECKPOINT, EXPORT},
    vectors::segment,
};

pub(super) fn put(row: &Row, draft: CaseDraft) -> Result<CaseDraft, Fault> {
    let checkpoint = made(row.number)?;
    let trust = match row.number {
        29 => test_keys::trust_root(&[EXPORT, BINDING]),
        _ => test_keys::trust_root(&[EXPORT, BINDING, CHECKPOINT]),
    };
    Ok(draft.file("checkpoint", "checkpoint.json", checkpoint.file()?).file(
        "trust_root",
        "trust-root.json",
        file(&trust)?,
    ))
}

fn made(number: u8) -> Result<Checkpoint, Fault> {
    let sealed = Checkpoint::over(&segment()?)?;
    match number {
        13 => sealed.with_two_receipts(),
        26 => bent(sealed.with_legacy_receipt()?, |document| {
            let head = format!("/chain_heads/{SCOPE}/last_record_hash");
            let hash = text(document, &head)?;
            let last = if hash.ends_with('0') { '1' } else { '0' };
            let kept = hash.get(..63).unwrap_or_default();
            set(document, &head, format!("{kept}{last}"))
        }),
        27 => bent(sealed.with_legacy_receipt()?, |document| {
            set(document, "/signature", format!("ed25519:{}", STANDARD.encode([0; 64])))
        }),
        28 => bent(sealed, |document| {
            set(document, "/tsa", receipt("permit-rs test authority", Sha256Digest::of(b"other"))?)
        }),
        38 => pinned(
            sealed.with_legacy_receipt()?,
            &[
                "checkpoint.composite_hash.v1",
                "checkpoint.signature.v1",
                "checkpoint.tsa_imprint.v1",
            ],
        ),
        39 => pinned(
            sealed.with_two_receipts()?,
            &[
                "checkpoint.composite_hash.v1",
                "checkpoint.signature.v1",
                "checkpoint.tsa_imprint.v1",
            ],
        ),
        40 => pinned(
            sealed,
            &[
                "checkpoint.composite_hash.v1",
                "checkpoint.signature.v1",
                "checkpoint.tsa_imprint.v1",
            ],
        ),
        _ => sealed.with_legacy_receipt(),
    }
}

fn bent(
    mut checkpoint: Checkpoint,
    bend: impl FnOnce(&mut serde_json::Value) -> Result<(), Fault>,
) -> Result<Checkpoint, Fault> {
    at(&checkpoint.document, "/signature")?;
    bend(&mut checkpoint.document)?;
    Ok(checkpoint)
}

fn pinned(mut checkpoint: Checkpoint, claims: &[&str]) -> Result<Checkpoint, Fault> {
    pin(&mut checkpoint.document, claims)?;
    Ok(checkpoint)
}
