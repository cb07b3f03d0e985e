// SPDX-License-Identifier: Apache-2.0

//! Closures that others made. They are not part of this repository; without them nothing is
//! tested here.

use std::path::{Path, PathBuf};

use permit_canonical_json::{Budget, JsonPointer, Value, read};
use permit_closure::{
    BindingKeys, Carrier, CarrierForm, ClosureLedger, ClosureOutcome, ClosureRules, FaultKind,
    LedgerBudget, examine,
};
use permit_keys::{KeyManifest, Mode};
use permit_types::{Artifact, ClosureEnvelope};

use crate::{
    bent::{Json, digest},
    history::{kinds, place, pointer_of},
};

fn reference(path: &str) -> Option<PathBuf> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference"));
    let path = root.join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

fn document(path: &Path) -> Json {
    let bytes = std::fs::read(path).expect("a file");
    read(&bytes, &Budget::default()).expect("JSON").into_owned()
}

/// An export and its key manifest.
fn evidence(export: &str, keys: &str) -> Option<(Json, KeyManifest)> {
    let (export, keys) = (reference(export)?, reference(keys)?);
    let keys = std::fs::read(keys).expect("a file");
    let keys = KeyManifest::read(&keys, &Budget::default()).expect("a key manifest");
    Some((document(&export), keys))
}

fn text<'v>(value: &'v Json, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

/// Judges the closures of an export whose entries stand in its records.
fn judge(export: &Json, keys: &KeyManifest, pinned: bool) -> ClosureOutcome {
    let mut rules = ClosureRules::default();
    rules.pinned_recipe = pinned;
    let keys = BindingKeys::of(keys, Mode::Production);
    let mut ledger =
        ClosureLedger::new(Artifact::Export, pointer_of, LedgerBudget::default(), 1_000);
    let mut index = 0;
    for record in export.get("records").and_then(Value::as_array).expect("records") {
        ledger.begin_record();
        for entry in record.get("chain_entries").and_then(Value::as_array).expect("entries") {
            let payload = entry.get("payload_json").expect("a payload");
            let event_type = text(entry, "event_type").expect("a type");
            if event_type == "permit.closed" {
                let base = pointer_of(place(index).entry);
                let event_id = text(entry, "event_id");
                let mut examined = examine(&Carrier::of(payload), &rules, &keys, &base, event_id);
                let signed = ledger.closure(&examined, place(index));
                if let Some(pending) = examined.signature.take() {
                    let answer = pending.verify();
                    ledger.signature(signed, place(index), examined.permit_id, answer);
                }
                index += 1;
            } else {
                ledger.event(event_type, text(payload, "permit_id"), Some(payload));
            }
        }
        let permit = record.get("permit").expect("a permit");
        assert!(ledger.permit(text(permit, "id"), permit.get("binding_request_hash")));
        ledger.end_record();
    }
    ledger.finish()
}

#[test]
fn the_closures_of_a_bundle_of_the_reference_hold() {
    let paths = ("bundles/1k/export.json", "bundles/1k/key-manifest.json");
    let Some((export, keys)) = evidence(paths.0, paths.1) else { return };
    for pinned in [false, true] {
        let outcome = judge(&export, &keys, pinned);
        assert_eq!(kinds(&outcome), []);
        assert_eq!((outcome.closures, outcome.signatures, outcome.unanswered), (167, 167, 0));
        assert_eq!((outcome.digests, outcome.dispatches), (334, 167));
    }
}

#[test]
fn a_closure_of_the_references_own_tests_holds() {
    let case =
        "peer-cases/closure__export__verify-closure-verifies-clean-closure-v2__3a2c73d7/input/";
    let (export, keys) = ([case, "export.json"].concat(), [case, "combined-keys.json"].concat());
    let Some((export, keys)) = evidence(&export, &keys) else { return };
    let outcome = judge(&export, &keys, true);
    assert_eq!((kinds(&outcome), outcome.digests, outcome.dispatches), (vec![], 2, 1));
}

#[test]
fn the_example_of_the_specification_is_an_envelope_that_was_never_signed() {
    let Some(path) = reference("keel/spec-repo/examples/closure-v2-closed.json") else { return };
    let example = document(&path);
    let envelope: ClosureEnvelope =
        permit_canonical_json::from_value(&example).expect("an envelope");
    assert_ne!(envelope.canonical_hash.to_string(), digest('0'));
    let carrier = Carrier::of(&example);
    assert_eq!(carrier.form(), CarrierForm::Envelope);
    let rules = ClosureRules::default();
    let examined = examine(&carrier, &rules, &BindingKeys::none(), &JsonPointer::root(), None);
    let fault = examined.fault.expect("its hash is made up");
    assert_eq!(fault.kind, FaultKind::HashMismatch);
    assert_eq!(fault.finding.actual, Some(envelope.canonical_hash.to_string()));
}
