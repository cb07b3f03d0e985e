// SPDX-License-Identifier: Apache-2.0

//! Where permits are found, and that all of them are judged.

use permit_canonical_json::{JsonPointer, Object, Value};
use permit_claims::Unsupported::Disproved;
use permit_decision::{PermitV2, Slot, find_permits_in_document, find_permits_in_entry};
use permit_types::{Artifact, Location};

use crate::bench::{bent, judge_all, permit, registered, signed, told};

fn told_of(permits: &[PermitV2]) -> Vec<(String, String)> {
    let each = |permit: &PermitV2| (permit.label().to_owned(), permit.at().pointer.to_string());
    permits.iter().map(each).collect()
}

fn in_entry(entry: &Object<'_>) -> Vec<PermitV2> {
    let at = JsonPointer::root().member("records").index(1).member("chain_entries").index(0);
    find_permits_in_entry(entry, 7, &Location::value(Artifact::Export, at, Default::default()))
}

#[test]
fn permits_of_a_document_and_of_an_entry_in_order() {
    let slot = Slot::OperatorApproval;
    let mut holder = signed(slot, permit());
    for name in ["permit_record", "permit_v2", "permit"] {
        holder.insert(name, signed(slot, permit()));
    }
    let expected = |label: &str, base: &str| -> Vec<(String, String)> {
        let below = |name: &str| (format!("{label}.{name}"), format!("{base}/{name}"));
        let own = [(label.to_owned(), base.to_owned())];
        own.into_iter().chain(["permit", "permit_v2", "permit_record"].map(below)).collect()
    };
    let found = find_permits_in_document(&holder, Artifact::Export);
    assert_eq!(told_of(&found), expected("export", ""));

    let mut entry = signed(slot, permit());
    entry.insert("payload", holder);
    let base = "/records/1/chain_entries/0";
    let mut all = vec![("chain_entries[7]".to_owned(), base.to_owned())];
    all.extend(expected("chain_entries[7].payload_json", &format!("{base}/payload")));
    assert_eq!(told_of(&in_entry(&entry)), all);

    let mut member = Object::default();
    member.insert("permit", signed(slot, permit()));
    assert!(in_entry(&member).is_empty(), "a record's own permit is no evidence of slots");
}

#[test]
fn only_permits_of_format_v2_with_a_slot_are_found() {
    let slot = Slot::CounterSignature;
    let mut without = permit();
    without.insert("counter_signature", ());
    without.insert("operator_approval", "approved");
    let mut v1 = signed(slot, permit());
    v1.insert("permit_format_version", "v1");
    let mut number = signed(slot, permit());
    number.insert("permit_format_version", 2);
    for nothing in [Object::default(), permit(), without, v1, number] {
        assert!(find_permits_in_document(&nothing, Artifact::Export).is_empty(), "{nothing:?}");
    }
    let mut several = signed(slot, permit());
    several.insert("operator_approval", Object::default());
    let found = find_permits_in_document(&several, Artifact::Export);
    let slots: Vec<_> = found[0].slots().collect();
    assert_eq!(slots, [Slot::OperatorApproval, slot]);
    assert_eq!(found[0].permit_id(), Some(crate::bench::PERMIT));
}

#[test]
fn all_permits_with_the_slot_are_judged_in_either_order() {
    for slot in Slot::ALL {
        let good = || signed(*slot, permit());
        let bad = || bent(*slot, "signature", "A".repeat(86) + "==");
        for (first, second) in [(good(), bad()), (bad(), good())] {
            let mut document = Object::default();
            document.insert("permit", first);
            document.insert("permit_v2", second);
            document.insert("permit_record", permit());
            let permits = find_permits_in_document(&document, Artifact::Export);
            let keys = registered(*slot);
            let judged = judge_all(*slot, &document, None, &permits, Some(&keys));
            assert_eq!(judged.len(), 2);
            let faults: Vec<_> = judged.iter().filter_map(|one| one.as_ref().err()).collect();
            let [fault] = faults.as_slice() else { panic!("{slot}: {judged:?}") };
            assert_eq!(told(fault).0, Disproved, "one bad slot is enough");
        }
    }
}

#[test]
fn a_permit_without_the_slot_is_no_subject() {
    let slot = Slot::OperatorApproval;
    let mut document = Object::default();
    document.insert("permit", signed(slot, permit()));
    document.insert("permit_v2", signed(Slot::CounterSignature, permit()));
    let permits = find_permits_in_document(&document, Artifact::Export);
    assert_eq!(permits.len(), 2);
    let judged = judge_all(slot, &document, None, &permits, Some(&registered(slot)));
    assert_eq!(judged.len(), 1);
    assert!(judged[0].is_ok());
    let none = judge_all(Slot::AuditAttestation, &document, None, &permits, None);
    assert_eq!(none.len(), 1);
    assert_eq!(none[0].as_ref().unwrap_err().evidence, ["permit.audit_attestation"]);
    assert!(Value::from(document).get("permit").is_some());
}
