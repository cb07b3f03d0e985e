// SPDX-License-Identifier: Apache-2.0

//! What the reference recorded, if it is there.
//!
//! Where this crate differs on purpose, no recorded call shows it; the tests of this crate do:
//!
//! | reference | here | test |
//! |---|---|---|
//! | UUIDs in many spellings | 8-4-4-4-12 | `amb_36_…` |
//! | an actor that is no UUID has a wrong form unless it has `@` or white space | may be a person | `revoke_04_…` |
//! | an unknown kind of actor is asked about after ids and extra members | first | `revoke_08_amb_51_…` |
//! | reasons of any length | 128 characters | `revoke_09_…` |
//! | times without a zone, or without a time | RFC 3339 | `revoke_02_times_…` |
//! | the manifest's project counts if the document names none | both count | `revoke_03_…` |
//! | revoked and compromised keys verify | they do not | `key_03_key_04_…`, `key_04_…` |

use std::{collections::BTreeMap, path::Path};

use permit_canonical_json::{Budget, HashedArtifact, Object, Value, read};
use permit_claims::{ClaimFault, Verdict};
use permit_keys::{KeyManifest, Mode};
use permit_revocation::{
    RevocationScope, adjudicate_revocation, find_revocation_in_document, revocation_missing,
};
use permit_types::{ActorId, Artifact, PermitId};

use crate::bench::judge_by;

const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference");

fn file(name: &str) -> Option<Vec<u8>> {
    let path = Path::new(REFERENCE).join(name);
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        eprintln!("skipped: {} is not here", path.display());
    }
    bytes
}

fn json(text: &[u8]) -> Value<'_> {
    read(text, &Budget::default()).unwrap()
}

fn member<'v>(value: &'v Value<'_>, path: &[&str]) -> &'v Value<'v> {
    path.iter().fold(value, |value, name| value.get(name).unwrap())
}

/// Judges a document as the verifier does: what it says of itself and its manifest, and the keys.
fn judge(
    document: &Object<'_>,
    manifest: Option<&Object<'_>>,
    keys: Option<&KeyManifest>,
) -> Result<(), ClaimFault> {
    let found = find_revocation_in_document(document, Artifact::Export);
    let found = found.ok_or_else(|| revocation_missing(Artifact::Export))?;
    let scope = RevocationScope::of(document, manifest);
    adjudicate_revocation(&found, &scope, keys, Mode::Production).map(|_| ())
}

fn verdict(fault: &ClaimFault) -> &'static str {
    Verdict::from(fault.verdict).as_str()
}

#[test]
fn recorded_calls_give_the_recorded_results() {
    let Some(bytes) = file("peer-functions/permit.jsonl") else { return };
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let call = json(line);
        let function = member(&call, &["function"]).as_str().unwrap();
        let (args, returns) = (member(&call, &["args"]), member(&call, &["result", "returns"]));
        match function {
            "actor_id_has_pii_shape" => {
                let opaque = ActorId::parse(member(args, &["value"]).as_str().unwrap()).is_some();
                assert_eq!(Some(!opaque), returns.as_bool());
            }
            "is_uuid_text" => {
                let uuid = PermitId::parse(member(args, &["value"]).as_str().unwrap()).is_some();
                assert_eq!(Some(uuid), returns.as_bool());
            }
            "find_revocation_evidence" => find(args, returns),
            "permit_revoked_schema_error" => form(args, returns),
            "adjudicate_permit_revoked_v1" => {
                let document = member(args, &["export_document"]).as_object().unwrap();
                let manifest = member(args, &["manifest"]).as_object();
                let fault = judge(document, manifest, None).unwrap_err();
                let claim = member(returns, &["$ClaimVerdict"]);
                assert_eq!(Some(verdict(&fault)), member(claim, &["verdict"]).as_str());
                assert_eq!(Some(fault.reason().as_str()), member(claim, &["reason_code"]).as_str());
                let evidence = member(claim, &["evidence"]).as_array().unwrap();
                let evidence: Vec<_> = evidence.iter().filter_map(Value::as_str).collect();
                assert_eq!(fault.evidence, evidence);
            }
            // Decisions and dispatches are other crates' matters.
            _ => continue,
        }
        *counted.entry(function.to_owned()).or_default() += 1;
    }
    let expected = [
        ("actor_id_has_pii_shape", 1),
        ("adjudicate_permit_revoked_v1", 3),
        ("find_revocation_evidence", 6),
        ("is_uuid_text", 3),
        ("permit_revoked_schema_error", 3),
    ];
    assert_eq!(counted, expected.map(|(name, count)| (name.to_owned(), count)).into());
}

/// The event, the hash beside it, and the place.
fn find(args: &Value<'_>, returns: &Value<'_>) {
    let document = member(args, &["document"]).as_object().unwrap();
    let found = find_revocation_in_document(document, Artifact::Export).unwrap();
    let [event, hash, place] = returns.as_array().unwrap() else { panic!("{returns:?}") };
    assert_eq!(Some(found.event()), event.as_object());
    assert_eq!(found.canonical_hash(), hash.as_str());
    assert_eq!(Some(found.source().as_str()), place.as_str());
}

/// Nothing wrong with the form, or a word. Without keys the form is all that is judged.
fn form(args: &Value<'_>, returns: &Value<'_>) {
    let mut document = Object::default();
    document.insert("revocation_event", member(args, &["event"]).clone().into_owned());
    let fault = judge_by(&document, None).unwrap_err();
    let expected = returns.as_array().unwrap()[0].as_str();
    assert_eq!(
        fault.reason().as_str(),
        expected.unwrap_or("PERMIT_REVOKED_TRUST_ROOT_UNRESOLVABLE")
    );
}

#[test]
fn recorded_hashes_of_events_are_computed() {
    let Some(bytes) = file("peer-functions/hashes.jsonl") else { return };
    let mut events = 0;
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let call = json(line);
        let args = member(&call, &["args"]);
        let payload = args.get("payload").filter(|payload| payload.get("actor_kind").is_some());
        let Some(payload) = payload else { continue };
        let hash = HashedArtifact::PermitRevokedEventV1.profile().digest(payload).unwrap();
        let recorded = member(&call, &["result", "returns"]).as_str().map(str::to_owned);
        assert_eq!(Some(hash.to_string()), recorded);
        events += 1;
    }
    assert!(events > 0);
}

#[test]
fn recorded_cases_give_the_recorded_verdicts() {
    for (name, word) in [
        ("actor-pii-detected__f113775e", "PERMIT_REVOKED_ACTOR_PII_DETECTED"),
        ("missing-required-field-is-insufficient__ac5d1194", "PERMIT_REVOKED_EVIDENCE_MISSING"),
        ("project-id-mismatch-disproves__ee667a34", "PERMIT_REVOKED_PROJECT_ID_MISMATCH"),
    ] {
        let folder = format!("peer-cases/permit-revoked__export__permit-revoked-{name}");
        let files = ["case.json", "input/export.json", "input/manifest.json", "input/keys.json"];
        let read = files.map(|name| file(&format!("{folder}/{name}")));
        let [Some(case), Some(export), Some(manifest), Some(keys)] = read else { return };
        let (case, export, manifest) = (json(&case), json(&export), json(&manifest));
        let keys = KeyManifest::read(&keys, &Budget::default()).unwrap();
        let fault =
            judge(export.as_object().unwrap(), manifest.as_object(), Some(&keys)).unwrap_err();
        let path = ["expected", "summary", "claims", "permit.revoked.v1"];
        assert_eq!(Some(verdict(&fault)), member(&case, &path).as_str(), "{name}");
        assert_eq!(fault.reason().as_str(), word, "{name}");
    }
}
