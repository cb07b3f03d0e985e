// SPDX-License-Identifier: Apache-2.0

//! The digest-presence matrix: every status, every digest, and everything that can be said
//! about it.

use permit_closure::{ClosureOutcome, DigestField, FaultKind, Presence, presence};
use permit_types::ClosureStatus;

use crate::{
    bent::{Bent, Json, PERMIT, digest, json},
    examine::malformed,
    history::{Judge, Layout, Record, Step, closed, delivered, event, received},
};

/// What stands in the closure, and what there is to compare it with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    AbsentKey,
    Null,
    Blank,
    Malformed,
    Matching,
    Mismatching,
    /// No event could carry the digest; the permit has no member `binding_request_hash`.
    NoCounterpart,
    /// An event could carry the digest and does not; the permit's hash is blank.
    SilentCounterpart,
}

const COLUMNS: [Column; 8] = [
    Column::AbsentKey,
    Column::Null,
    Column::Blank,
    Column::Malformed,
    Column::Matching,
    Column::Mismatching,
    Column::NoCounterpart,
    Column::SilentCounterpart,
];

/// CLOSE-05 to CLOSE-09, CLOSE-20, AMB-04 to AMB-06, cell by cell.
///
/// ```text
/// -    in order               no   in order, with a notice (CLOSE-09)
/// KM   MemberMissing          PM   DispatchMissing
/// DM   DigestMissing          PD   DispatchMismatch
/// MD   MalformedDigest        PH   PermitHashMissing
/// XX   DigestMismatch         EM   EvidenceMissing
/// ```
const MATRIX: &str = "
                                    absent null blank malformed matching mismatching none silent
    closed                  dispatch    PM   PM   PM         MD        -          PD   PH     PH
    client_disconnected     dispatch    no   no   no         MD        -          PD   PH     PH
    provider_error          dispatch    no   no   no         MD        -          PD   PH     PH
    timeout                 dispatch    no   no   no         MD        -          PD   PH     PH
    dispatch_error          dispatch     -    -    -         MD        -          PD   PH     PH
    provider_digest_missing dispatch    no   no   no         MD        -          PD   PH     PH
    client_digest_missing   dispatch    no   no   no         MD        -          PD   PH     PH
    missing_closure         dispatch     -    -    -          -        -           -    -      -

    closed                  provider    KM   DM   DM         MD        -          XX   EM     EM
    client_disconnected     provider    KM    -    -         MD        -          XX   EM     EM
    provider_error          provider    KM    -    -         MD        -          XX   EM     EM
    timeout                 provider    KM    -    -         MD        -          XX   EM     EM
    dispatch_error          provider    KM    -    -         MD        -          XX   EM     EM
    provider_digest_missing provider    KM    -    -         MD        -          XX   EM     EM
    client_digest_missing   provider    KM   DM   DM         MD        -          XX   EM     EM
    missing_closure         provider    KM    -    -          -        -           -    -      -

    closed                  client      KM   DM   DM         MD        -          XX   EM     EM
    client_disconnected     client      KM    -    -         MD        -          XX   EM     EM
    provider_error          client      KM    -    -         MD        -          XX   EM     EM
    timeout                 client      KM    -    -         MD        -          XX   EM     EM
    dispatch_error          client      KM    -    -         MD        -          XX   EM     EM
    provider_digest_missing client      KM    -    -         MD        -          XX   EM     EM
    client_digest_missing   client      KM    -    -         MD        -          XX   EM     EM
    missing_closure         client      KM    -    -          -        -           -    -      -
";

struct Cell {
    status: ClosureStatus,
    field: DigestField,
    column: Column,
    /// The fault, or whether there is a notice.
    expected: Result<bool, FaultKind>,
}

fn cells() -> Vec<Cell> {
    let rows = MATRIX.lines().filter(|line| line.contains('-') || line.contains("PM"));
    let cells = rows.flat_map(|row| {
        let words: Vec<&str> = row.split_whitespace().collect();
        let status = ClosureStatus::parse(words[0]).expect("a status");
        let field = match words[1] {
            "dispatch" => DigestField::Dispatch,
            "provider" => DigestField::Provider,
            _ => DigestField::Client,
        };
        assert_eq!(words.len(), 10, "{row}");
        let expected = words[2..].iter().map(|word| match *word {
            "-" => Ok(false),
            "no" => Ok(true),
            "KM" => Err(FaultKind::MemberMissing),
            "DM" => Err(FaultKind::DigestMissing),
            "MD" => Err(FaultKind::MalformedDigest),
            "XX" => Err(FaultKind::DigestMismatch),
            "PM" => Err(FaultKind::DispatchMissing),
            "PD" => Err(FaultKind::DispatchMismatch),
            "PH" => Err(FaultKind::PermitHashMissing),
            "EM" => Err(FaultKind::EvidenceMissing),
            other => panic!("{other}"),
        });
        let expected: Vec<_> = expected.collect();
        COLUMNS.into_iter().zip(expected).map(move |(column, expected)| Cell {
            status,
            field,
            column,
            expected,
        })
    });
    cells.collect()
}

/// What the closure says in a column, in each way of saying it; nothing if it has no such member.
fn stated(column: Column, field: DigestField) -> Vec<Option<Json>> {
    let own = |digit| vec![Some(Json::from(digest(digit)))];
    match column {
        Column::AbsentKey => vec![None],
        Column::Null => vec![Some(json("null"))],
        Column::Blank => vec![Some(json("\"\"")), Some(json("\" \\n\""))],
        Column::Malformed => malformed().into_iter().map(Some).collect(),
        Column::Mismatching => own('9'),
        Column::Matching | Column::NoCounterpart | Column::SilentCounterpart => match field {
            DigestField::Dispatch => own('c'),
            DigestField::Provider => own('a'),
            DigestField::Client => own('b'),
        },
    }
}

/// Permit and events around a closure, with what a column leaves out.
fn steps(layout: Layout, closure: Bent, field: DigestField, column: Column) -> Vec<Step> {
    let silent = column == Column::SilentCounterpart;
    let leaves_out = |of: DigestField| of == field && column == Column::NoCounterpart;
    let silence = |of: DigestField| of == field && silent;
    let mut entries = Vec::new();
    for (of, kind, good) in [
        (DigestField::Provider, "provider.response.received", 'a'),
        (DigestField::Client, "client.response.delivered", 'b'),
    ] {
        if leaves_out(of) {
            continue;
        }
        let (member, value) =
            if silence(of) { ("bytes", json("12")) } else { (of.member(), digest(good).into()) };
        entries.push(event(kind, Some(PERMIT), member, value));
    }
    entries.push(closed(closure));
    let mut record = Record::new(PERMIT, entries);
    if leaves_out(DigestField::Dispatch) {
        record.permit = Some((PERMIT.to_owned(), json("null")));
    }
    if silence(DigestField::Dispatch) {
        record.permit = Some((PERMIT.to_owned(), json("\" \"")));
    }
    layout.steps(&[record])
}

fn verdict(outcome: &ClosureOutcome) -> Result<bool, FaultKind> {
    assert_eq!((outcome.closures, outcome.unanswered), (1, 0));
    assert!(outcome.faults.len() <= 1, "{:?}", outcome.faults);
    assert_eq!(outcome.failed, !outcome.faults.is_empty());
    match outcome.faults.first() {
        Some(fault) => Err(fault.kind),
        None => {
            assert_eq!(outcome.notices.len() as u64, outcome.dispatch_absent);
            Ok(outcome.dispatch_absent == 1)
        }
    }
}

#[test]
fn close_05_to_09_and_20_every_cell_in_both_formats_carriers_and_all_layouts() {
    let cells = cells();
    assert_eq!(cells.len(), 8 * 3 * 8);
    for cell in &cells {
        let Cell { status, field, column, expected } = *cell;
        for stated in stated(column, field) {
            let bend = |closure: Bent| match &stated {
                Some(value) => closure.set(field.member(), value.clone()),
                None => closure.unset(field.member()),
            };
            for v1 in [false, true] {
                // A version 1 has no word about the dispatch.
                let expected = match field {
                    DigestField::Dispatch if v1 => Ok(false),
                    _ => expected,
                };
                for envelope in [false, true] {
                    let closure = bend(if v1 { Bent::v1() } else { Bent::new() });
                    let closure = closure.status(status.as_str());
                    let closure = if envelope { closure.envelope() } else { closure };
                    for layout in Layout::ALL {
                        let steps = steps(layout, closure.clone(), field, column);
                        let found = verdict(&Judge::new().judge(&steps));
                        let about = (status, field, column, &stated, v1, envelope, layout);
                        assert_eq!(found, expected, "{about:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn amb_06_in_pinned_evidence_the_key_of_the_dispatch_digest_is_there() {
    for cell in cells() {
        let Cell { status, field, column, expected } = cell;
        let expected = match (field, column) {
            (DigestField::Dispatch, Column::AbsentKey) => Err(FaultKind::MemberMissing),
            _ => expected,
        };
        for stated in stated(column, field) {
            let closure = Bent::new().status(status.as_str());
            let closure = match stated {
                Some(value) => closure.set(field.member(), value),
                None => closure.unset(field.member()),
            };
            let steps = steps(Layout::PermitFirst, closure, field, column);
            assert_eq!(
                verdict(&Judge::pinned().judge(&steps)),
                expected,
                "{status} {field:?} {column:?}"
            );
        }
    }
}

#[test]
fn amb_04_the_provider_digest_is_required_of_client_digest_missing_if_an_event_has_it() {
    let closure = Bent::new()
        .status("client_digest_missing")
        .set("provider_response_digest_v1", ())
        .set("client_response_digest_v1", ());
    let silent = event("provider.response.received", Some(PERMIT), "bytes", 12);
    let completed = |value: &str| {
        event("execution.completed", Some(PERMIT), "provider_response_digest_v1", value.to_owned())
    };
    let of_the_client = delivered(PERMIT, digest('b'));
    for (entry, required) in [
        (None, false),
        (Some(silent), false),
        (Some(of_the_client), false),
        (Some(completed("")), false),
        (Some(received(PERMIT, digest('a'))), true),
        (Some(received(crate::bent::OTHER, digest('a'))), false),
        (Some(completed(&digest('a'))), true),
        // The execution had a digest that cannot be read.
        (Some(completed("unreadable")), true),
    ] {
        // The event may come before the closure, or long after its permit.
        let behind = closed(closure.clone());
        for layout in Layout::ALL {
            for entries in [
                entry.iter().cloned().chain([behind.clone()]).collect::<Vec<_>>(),
                [behind.clone()].into_iter().chain(entry.clone()).collect(),
            ] {
                let steps = layout.steps(&[Record::new(PERMIT, entries)]);
                let found = verdict(&Judge::new().judge(&steps));
                let expected = if required { Err(FaultKind::DigestMissing) } else { Ok(false) };
                assert_eq!(found, expected, "{entry:?} {layout:?}");
            }
        }
    }
}

#[test]
fn close_05_each_missing_digest_is_told_by_its_name() {
    let closure = Bent::new()
        .set("dispatch_request_digest_v1", ())
        .set("provider_response_digest_v1", ())
        .set("client_response_digest_v1", ());
    let outcome = Judge::new().judge(&Layout::PermitFirst.steps(&[Record::honest(closure)]));
    let told: Vec<_> = outcome.faults.iter().map(|f| f.finding.get("missing_fields")).collect();
    assert_eq!(
        told,
        [
            Some("dispatch_request_digest_v1"),
            Some("provider_response_digest_v1"),
            Some("client_response_digest_v1")
        ]
    );
    for fault in &outcome.faults {
        assert_eq!(fault.finding.get("closure_status"), Some("closed"));
    }
}

#[test]
fn the_public_matrix_is_the_one_that_is_applied() {
    for cell in cells() {
        if cell.column != Column::Null {
            continue;
        }
        let presence = presence(cell.status, cell.field);
        let expected = match cell.expected {
            Err(_) => &[Presence::Required, Presence::RequiredIfKnown][..],
            Ok(true) => &[Presence::ExpectedIfSent],
            Ok(false) => &[Presence::Free, Presence::Ignored],
        };
        assert!(expected.contains(&presence), "{} {:?}", cell.status, cell.field);
    }
}
