// SPDX-License-Identifier: Apache-2.0

//! The 99 golden records, made again from their descriptions.

mod checkpoints;
mod denials;
mod exports;
mod permits;
mod scopes;
mod table;

pub(crate) use exports::gzip;
pub(crate) use permits::{pinned_document, signed_revocation};

use permit_failure_codes::Reason;

use super::{case_draft::CaseDraft, fault::Fault};
use table::{ROWS, Row};

/// All of them.
pub(crate) fn all() -> Result<Vec<CaseDraft>, Fault> {
    let mut cases = Vec::new();
    for row in &ROWS {
        let made = match row.number {
            1..=11 | 14..=25 | 30..=37 | 41..=43 => exports::put(row, draft(row)),
            12 | 13 | 26..=29 | 38..=40 => checkpoints::put(row, draft(row)),
            44..=51 => denials::put(row, draft(row)),
            52..=76 => scopes::put(row, draft(row)),
            _ => permits::put(row, draft(row)),
        };
        cases.push(made.map_err(|fault| Fault::new(format!("record {}: {fault}", row.number)))?);
    }
    Ok(cases)
}

/// The id of the record of this number.
fn id(number: u8) -> String {
    let name = ROWS.iter().find(|row| row.number == number).map_or("", |row| row.name);
    format!("claims/{number:02}-{name}")
}

fn draft(row: &Row) -> CaseDraft {
    let clauses = clauses(row);
    let clauses: Vec<&str> = clauses.iter().map(String::as_str).collect();
    let title = match row.name.replace('-', " ").split_at_checked(1) {
        Some((first, rest)) => format!("{}{rest}", first.to_uppercase()),
        None => row.name.to_owned(),
    };
    let why = format!("The record shows: {}.", row.shows);
    let mut draft =
        CaseDraft::claims(&id(row.number), &title, &why, &clauses, row.kind, row.claims)
            .checks(row.checks)
            .decisions(&["AMB-19"]);
    if !row.passes {
        draft = draft.outcome_fails(row.reasons);
    }
    if let Some(parent) = parent(row) {
        draft = draft.from(&id(parent), row.shows, &["everything above what was changed"]);
    }
    draft
}

/// The record it was made of: as described, or else the one that it was made of here.
fn parent(row: &Row) -> Option<u8> {
    row.parent.or(match row.number {
        30 => Some(2),
        45..=51 => Some(44),
        58..=68 | 73 | 74 | 76 => Some(53),
        _ => None,
    })
}

/// The rules that a record is about: those of its reasons, and those of the claims it judges.
fn clauses(row: &Row) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut add = |rules: &[&str]| {
        for rule in rules {
            if !all.iter().any(|one| one == rule) {
                all.push((*rule).to_owned());
            }
        }
    };
    for reason in row.reasons {
        match Reason::parse(reason) {
            Some(Reason::Code(code)) => add(code.rules()),
            Some(Reason::Class(class) | Reason::ClassWithCode { class, .. }) => add(class.rules()),
            None => {}
        }
    }
    for (claim, _) in row.claims {
        add(rules_of(claim));
    }
    all
}

fn rules_of(claim: &str) -> &'static [&'static str] {
    match claim {
        "export.integrity.v1" => &["BUNDLE-06", "BUNDLE-08"],
        "export.scope_identity.v1" => &["BUNDLE-05"],
        "governance_chain.local_continuity.v1" => &["CHAIN-07", "CHAIN-08", "CHAIN-09"],
        "closure.signature.v1" => &["CLOSE-17", "CLOSE-18"],
        "closure.digest_consistency.v1" => &["CLOSE-07", "CLAIM-15"],
        "closure.dispatch_binding.v1" => &["CLOSE-08"],
        "workflow.declaration_signature.v1"
        | "workflow.amendment_signature.v1"
        | "workflow.effective_intent_hash.v1" => &["SEM-07"],
        "workflow.permit_snapshot.v1" => &["SEM-08", "PERMIT-19"],
        "workflow_evidence.sibling_integrity.v1" | "incident.bundle_manifest.v1" => &["SEM-09"],
        "checkpoint.composite_hash.v1" => &["SEM-01"],
        "checkpoint.signature.v1" => &["SEM-02"],
        "checkpoint.tsa_imprint.v1" => &["SEM-03"],
        "permit_chain.delegation_denied_correctly.v1" => &["CLAIM-20", "CLAIM-22", "CLAIM-23"],
        "checkpoint.scope_state.v1" => &["SIDE-06", "SIDE-07"],
        "export.scope_faithfulness.v1" => &["SFE-05", "SFE-13"],
        "permit.decision.v1" => &["SEM-05"],
        "permit.revoked.v1" => &["REVOKE-05"],
        "permit.dispatch_absence_after_revocation.v1" => &["ABSENT-01", "ABSENT-02"],
        _ => &[],
    }
}
