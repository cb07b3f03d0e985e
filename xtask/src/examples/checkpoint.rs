// SPDX-License-Identifier: Apache-2.0

//! A checkpoint over the chain of the executions, stamped by an authority of its own.

use permit_chain::ChainHead;
use permit_checkpoint::{CheckpointDraft, NewReceipt};
use permit_types::CheckpointId;

use crate::ChoreError;

use super::{
    gallery::{Gallery, TRUST},
    keys::Keys,
    names::{identifier, rfc3339},
    time_stamp::Authority,
};

/// Keeps and lists it.
pub(crate) fn put(gallery: &mut Gallery, keys: &Keys, head: &ChainHead) -> Result<(), ChoreError> {
    let id = CheckpointId::parse(&identifier("checkpoint")).ok_or("the checkpoint has no id")?;
    let draft = CheckpointDraft::new(id, rfc3339("2026-06-01T23:59:00Z")?).head(head)?;
    let mut checkpoint = draft.seal(&keys.checkpoint)?;
    let authority = Authority::of_examples()?;
    let token = authority.stamp(checkpoint.composite_hash(), "20260601235901Z")?;
    checkpoint.attach(&NewReceipt {
        provider: "the authority of the examples",
        url: "https://stamps.example/",
        requested_at: &rfc3339("2026-06-01T23:59:01Z")?,
        token: &token,
    })?;
    let (path, roots) = ("examples/checkpoint/checkpoint.json", "examples/checkpoint/roots.pem");
    gallery.document(path, &checkpoint.to_value());
    gallery.file(roots, authority.root_pem());
    let command = format!("permit-verify checkpoint {path} {TRUST} --tsa-ca-bundle {roots}");
    let what = "a checkpoint over the head of that chain, with an RFC 3161 time stamp";
    gallery.verifiable(path, what, None, &command, 0);
    gallery.verifiable(roots, "the root certificate of its time stamp", None, &command, 0);
    Ok(())
}
