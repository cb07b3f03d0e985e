// SPDX-License-Identifier: Apache-2.0

//! Category 02: one thing is wrong with the chain, and everything else is sealed again.

use serde_json::{Value as Json, json};

use super::{SEGMENT_LAYERS, segment, without};
use crate::generator::{
    case_draft::CaseDraft,
    document::{array_mut, remove, set, text},
    fault::Fault,
    pack::{Pack, hex, record_hash},
};

const PARENT: &str = "cat-01-baseline/01-02-valid-chain-segment";

pub(super) fn cases() -> Result<Vec<CaseDraft>, Fault> {
    Ok(vec![
        record_hash_modified()?,
        prev_hash_modified()?,
        event_modified()?,
        sequence_gap()?,
        out_of_order()?,
        genesis_modified()?,
    ])
}

fn tampered(id: &str, title: &str, why: &str, clauses: &[&str], layer: &str) -> CaseDraft {
    CaseDraft::vector(id, title, why, clauses)
        .layers(&without(&SEGMENT_LAYERS, layer), &[layer])
        .checks(&["walk_events"])
}

fn at_entry(sequence: u64) -> Json {
    json!({ "type": "chain_entry", "id": null, "sequence": sequence })
}

fn record_hash_modified() -> Result<CaseDraft, Fault> {
    let draft = tampered(
        "cat-02-tamper-chain/02-01-record-hash-modified",
        "The record hash of the second entry is another one",
        "Somebody replaced the hash of an entry and linked everything behind it to the new hash, so that all links \
         hold. Only computing the hash again shows it.",
        &["CHAIN-09", "CHAIN-23"],
        "chain_record_hash",
    )
    .decisions(&["AMB-18", "AMB-32"])
    .counts(0, 2, 0, 0)
    .fails("WALK_RECORD_HASH_MISMATCH", at_entry(2))
    .from(PARENT, "`record_hash` of the entry with sequence number 2", &[
        "links and hashes of the entries behind it",
        "manifest",
    ]);
    let mut pack = segment()?;
    let entry = pack.entry_at(2)?;
    set(&mut pack.document, &format!("{entry}/record_hash"), hex("another hash"))?;
    pack.seal_chain(3)?;
    pack.sign_again()?;
    pack.put_into(draft)
}

fn prev_hash_modified() -> Result<CaseDraft, Fault> {
    let draft = tampered(
        "cat-02-tamper-chain/02-02-prev-hash-modified",
        "The fourth entry names another entry before it",
        "The link of an entry was replaced, and its own hash computed anew with it. Each hash by itself is right; \
         the chain is cut between the third and the fourth entry.",
        &["CHAIN-08", "CHAIN-23"],
        "chain_linkage",
    )
    .counts(0, 4, 0, 0)
    .fails("WALK_PREV_HASH_DISCONTINUITY", at_entry(4))
    .from(PARENT, "`prev_hash` of the entry with sequence number 4", &[
        "record hash of the entry",
        "links and hashes of the entries behind it",
        "manifest",
    ]);
    let mut pack = segment()?;
    let pointer = pack.entry_at(4)?;
    let entry = crate::generator::document::at_mut(&mut pack.document, &pointer)?;
    set(entry, "/prev_hash", hex("another entry"))?;
    let hash = record_hash(entry)?;
    set(entry, "/record_hash", hash)?;
    pack.seal_chain(5)?;
    pack.sign_again()?;
    pack.put_into(draft)
}

fn event_modified() -> Result<CaseDraft, Fault> {
    let draft = tampered(
        "cat-02-tamper-chain/02-03-event-payload-modified",
        "What happened was rewritten, the hash was kept",
        "The outcome of an event was changed from success to failure. The outcome is one of the nine parts of the \
         record hash, so that the hash that was kept no longer fits.",
        &["CHAIN-01", "CHAIN-09"],
        "chain_record_hash",
    )
    .decisions(&["AMB-11"])
    .counts(0, 3, 0, 0)
    .fails("WALK_RECORD_HASH_MISMATCH", at_entry(3))
    .from(PARENT, "`outcome` of the entry with sequence number 3", &["manifest"])
    .note("The published list speaks of the payload. `payload_json` is not a part of the hash, so that no edit of it can give this code; the case edits a part that is.");
    let mut pack = segment()?;
    let entry = pack.entry_at(3)?;
    set(&mut pack.document, &format!("{entry}/outcome"), "failure")?;
    pack.sign_again()?;
    pack.put_into(draft)
}

fn sequence_gap() -> Result<CaseDraft, Fault> {
    let draft = tampered(
        "cat-02-tamper-chain/02-04-sequence-gap",
        "The sixth entry is gone",
        "Number 5 is followed by number 7, which names an entry that is not there. A gap in the numbers alone would \
         be no failure; the broken link is one.",
        &["CHAIN-08", "CHAIN-11"],
        "chain_linkage",
    )
    .decisions(&["AMB-14"])
    .counts(0, 6, 0, 0)
    .fails("WALK_PREV_HASH_DISCONTINUITY", at_entry(7))
    .from(PARENT, "the entry with sequence number 6 is removed", &["manifest"]);
    let mut pack = segment()?;
    let entry = pack.entry_at(6)?;
    remove(&mut pack.document, &entry)?;
    pack.sign_again()?;
    pack.put_into(draft)
}

fn out_of_order() -> Result<CaseDraft, Fault> {
    let draft = tampered(
        "cat-02-tamper-chain/02-05-out-of-order-entries",
        "Two entries changed places",
        "The entries 3 and 4 are delivered the other way round. Sorting them would repair it, and still it has to be told.",
        &["CHAIN-07", "CHAIN-13"],
        "chain_sequence",
    )
    .counts(0, 4, 0, 0)
    .fails("WALK_SEQUENCE_INVERSION", at_entry(3))
    .from(PARENT, "the entries with the sequence numbers 3 and 4 change places", &["manifest"]);
    let pack = segment()?.bend(|document| {
        array_mut(document, "/records/0/chain_entries")?.swap(2, 3);
        Ok(())
    })?;
    pack.put_into(draft)
}

fn genesis_modified() -> Result<CaseDraft, Fault> {
    let draft = tampered(
        "cat-02-tamper-chain/02-06-genesis-entry-modified",
        "The first entry was rewritten",
        "The type of the first event was changed and its hash kept. The first entry has no predecessor that could \
         contradict it; its own hash does.",
        &["CHAIN-09", "CHAIN-16"],
        "chain_record_hash",
    )
    .decisions(&["AMB-18"])
    .counts(0, 1, 0, 0)
    .fails("WALK_RECORD_HASH_MISMATCH", at_entry(1))
    .from(PARENT, "`event_type` of the entry with sequence number 1", &["manifest"])
    .note("The published list counts from 0; sequence numbers begin at 1.");
    let mut pack: Pack = segment()?;
    let entry = pack.entry_at(1)?;
    let event_type = text(&pack.document, &format!("{entry}/event_type"))?;
    set(&mut pack.document, &format!("{entry}/event_type"), format!("{event_type}.again"))?;
    pack.sign_again()?;
    pack.put_into(draft)
}
