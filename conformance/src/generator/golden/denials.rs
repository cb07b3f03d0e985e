// SPDX-License-Identifier: Apache-2.0

//! Records about denials of delegated authority.

use serde_json::{Value as Json, json};

use super::table::Row;
use crate::generator::{
    case_draft::CaseDraft,
    denial::Denial,
    document::{file, remove, set},
    fault::Fault,
};

pub(super) fn put(row: &Row, draft: CaseDraft) -> Result<CaseDraft, Fault> {
    let denial = made(row.number)?;
    Ok(draft.set("claim", "delegation_denied_correctly").file(
        "evidence",
        "evidence.json",
        file(&denial.evidence()?)?,
    ))
}

fn made(number: u8) -> Result<Denial, Fault> {
    let (parent, child) = ("/parent_authority_envelope", "/child_requested_authority_envelope");
    match number {
        45 => Denial::bent(|payload| {
            set(payload, &format!("{child}/actions"), json!(["orders.read"]))
        }),
        46 => {
            let mut denial = Denial::right()?;
            set(denial.payload()?, &format!("{child}/actions"), json!(["orders.refund"]))?;
            Ok(denial)
        }
        47 => Denial::bent(|payload| {
            set(payload, "/authority_envelope_version", "authority-envelope.v99")
        }),
        48 => Denial::right()?.without_digest(),
        49 => Denial::bent(|payload| set(payload, &format!("{parent}/budget"), 100)),
        50 => Denial::bent(|payload| set(payload, &format!("{child}/budget"), 100)),
        51 => Denial::bent(|payload| {
            remove(payload, parent)?;
            set(payload, "/failed_fields", json!(["authority_envelope"]))?;
            set(payload, "/reason_code", "authority_envelope.parent_missing")?;
            set(payload, &format!("{child}/actions"), Json::from("orders.read"))
        }),
        _ => Denial::right(),
    }
}
