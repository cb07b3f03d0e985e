// SPDX-License-Identifier: Apache-2.0

//! Single mutations of a valid export, everything above the mutated layer sealed again: each
//! gives exactly one failure, of the right code, at the right place, on the right claim.

#![cfg(test)]

mod evidence;

use evidence::{Export, json, object, sealed, set_key};
use permit_canonical_json::{Object, Value};
use permit_types::Severity;
use permit_verifier::{Claim, Outcome, Report, Verdict};

use Claim::{
    ChainContinuity as GC, ClosureDigests as CD, ClosureDispatch as CB, ClosureSignature as CS,
    ExportIntegrity as EI, ExportScopeIdentity as ES,
};
use Verdict::{Disproved as D, InsufficientEvidence as I, UnverifiableScope as U};

type Mutate = fn(&mut Export);

/// What a mutation is called, what it does, and the one failure it gives: reason, pointer, claim.
struct Case(&'static str, Mutate, &'static str, &'static str, Option<(Claim, Verdict)>);

#[test]
fn the_honest_export_holds() {
    let report = Export::honest().verify();
    assert_eq!(report.outcome, Outcome::Verified, "{:?}", report.findings);
    assert_eq!(report.findings, []);
    let claims: Vec<_> = report.claims.iter().map(|claim| claim.claim).collect();
    assert_eq!(claims, [EI, ES, GC, CS, CD, CB]);
    assert!(report.claims.iter().all(|claim| claim.is_supported()));
    let seen = report.inspected;
    assert_eq!((seen.records, seen.permits, seen.chain_entries, seen.closures), (4, 4, 20, 4));

    let mut bundle_level = Export::honest();
    bundle_level.bundle_level = true;
    bundle_level.write_manifest();
    let report = bundle_level.verify();
    assert_eq!(report.outcome, Outcome::Verified, "{:?}", report.findings);
}

#[test]
fn each_single_mutation_gives_one_code_at_one_place() {
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() >= 60, "only {} mutations", cases.len());
    for Case(name, mutate, reason, pointer, claim) in &cases {
        let mut export = Export::honest();
        mutate(&mut export);
        let report = export.verify();
        if let Err(problem) = judge(&report, reason, pointer, *claim) {
            wrong.push(format!("{name}: {problem}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn judge(
    report: &Report,
    reason: &str,
    pointer: &str,
    claim: Option<(Claim, Verdict)>,
) -> Result<(), String> {
    if report.outcome != Outcome::NotVerified {
        return Err(format!("{:?}", report.outcome));
    }
    let failures: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Failure && finding.because.is_none())
        .map(|finding| (finding.reason.as_str(), finding.at.pointer.to_string()))
        .collect();
    if failures != [(reason, pointer.to_owned())] {
        return Err(format!("expected {reason} at {pointer}, found {failures:?}"));
    }
    let failed: Vec<_> = report
        .claims
        .iter()
        .filter(|claim| !claim.is_supported())
        .map(|report| (report.claim, report.verdict))
        .collect();
    if failed != claim.into_iter().collect::<Vec<_>>() {
        return Err(format!("expected {claim:?}, found {failed:?}"));
    }
    if let Some((claim, _)) = claim {
        let reported = report.claim(claim).map(|report| report.reason.as_str());
        let structural = reported == Some("VERIFICATION_FAILED");
        if reported != Some(reason) && !structural {
            return Err(format!("the claim says {reported:?}"));
        }
    }
    Ok(())
}

fn entry(export: &mut Export, record: usize, index: usize) -> &mut Object<'static> {
    &mut export.records[record].entries[index]
}

/// Edits an entry and signs the file again.
fn edit_entry(export: &mut Export, name: &'static str, value: Value<'static>) {
    entry(export, 1, 2).insert(name, value);
    export.write_manifest();
}

/// Edits an entry, seals the chains again, and signs the file.
fn edit_event(export: &mut Export, index: usize, edit: impl FnOnce(&mut Object<'static>)) {
    let mut payload = object(entry(export, 1, index).get("payload_json").cloned().unwrap());
    edit(&mut payload);
    entry(export, 1, index).insert("payload_json", payload);
    export.seal_chains(0);
    export.write_manifest();
}

/// Edits a closure without sealing it.
fn edit_closure(export: &mut Export, edit: impl FnOnce(&mut Object<'static>)) {
    let mut closure = export.closure(1);
    edit(&mut closure);
    export.set_closure(1, closure);
    export.write_manifest();
}

/// Edits a closure, and seals it and everything above.
fn reseal_closure(export: &mut Export, edit: impl FnOnce(&mut Object<'static>)) {
    let mut closure = export.closure(1);
    edit(&mut closure);
    export.set_closure(1, sealed(closure));
    export.write_manifest();
}

fn edit_permit(export: &mut Export, name: &'static str, value: Value<'static>) {
    export.records[1].permit.insert(name, value);
    export.write_manifest();
}

fn edit_head(export: &mut Export, name: &'static str, value: Value<'static>) {
    export.head.insert(name, value);
    export.write_manifest();
}

fn text(text: &'static str) -> Value<'static> {
    Value::from(text)
}

fn zeros() -> Value<'static> {
    Value::from("0".repeat(64))
}

const CLOSURE: &str = "/records/1/chain_entries/4/payload_json";
const RECORD_HASH: &str = "/records/1/chain_entries/2/record_hash";

fn cases() -> Vec<Case> {
    let mut cases = manifest_cases();
    cases.extend(head_cases());
    cases.extend(chain_cases());
    cases.extend(closure_cases());
    cases.extend(counterpart_cases());
    cases.extend(permit_cases());
    cases.extend(key_cases());
    cases
}

/// BUNDLE-06 to BUNDLE-09, and what the manifest says beside the signature.
fn manifest_cases() -> Vec<Case> {
    let not_signed = Some((EI, D));
    vec![
        Case(
            "a byte behind the end",
            |e| e.unsigned_tail = "\n".into(),
            "CONTENT_HASH_MISMATCH",
            "/content_hash",
            Some((EI, D)),
        ),
        Case(
            "another content hash",
            |e| e.manifest.insert("content_hash", format!("sha256:{}", "0".repeat(64))),
            "CONTENT_HASH_MISMATCH",
            "/content_hash",
            Some((EI, D)),
        ),
        Case(
            "content hash in upper case",
            |e| {
                let hash = evidence::text_of(&e.manifest, "content_hash")
                    .to_uppercase()
                    .replace("SHA256", "sha256");
                e.manifest.insert("content_hash", hash);
            },
            "CONTENT_HASH_MISMATCH",
            "/content_hash",
            Some((EI, D)),
        ),
        Case(
            "no content hash",
            |e| drop(e.manifest.remove("content_hash")),
            "CONTENT_HASH_MISMATCH",
            "",
            Some((EI, D)),
        ),
        Case(
            "no signature",
            |e| drop(e.manifest.remove("signature")),
            "MANIFEST_SIGNATURE_MISSING",
            "",
            Some((EI, I)),
        ),
        Case(
            "an empty signature",
            |e| e.manifest.insert("signature", ""),
            "MANIFEST_SIGNATURE_MISSING",
            "/signature",
            Some((EI, I)),
        ),
        Case(
            "a signature of zeros",
            |e| e.manifest.insert("signature", format!("ed25519:{}==", "A".repeat(86))),
            "SIGNATURE_VERIFICATION_FAILED",
            "/signature",
            not_signed,
        ),
        Case(
            "a signature that is no base64",
            |e| e.manifest.insert("signature", "ed25519:!"),
            "SIGNATURE_VERIFICATION_FAILED",
            "/signature",
            not_signed,
        ),
        Case(
            "a signature that is a number",
            |e| e.manifest.insert("signature", 7),
            "SIGNATURE_VERIFICATION_FAILED",
            "/signature",
            not_signed,
        ),
        Case(
            "a signature over the manifest (BUNDLE-09)",
            |e| {
                let hash = permit_canonical_json::Sha256Digest::of(&e.manifest_bytes());
                let signature = evidence::export_key().sign_export_manifest(hash).unwrap();
                e.manifest.insert("signature", signature.to_string());
            },
            "SIGNATURE_VERIFICATION_FAILED",
            "/signature",
            not_signed,
        ),
        Case(
            "another embedded key",
            |e| {
                let other = permit_keys::SoftwareKey::from_seed(&evidence::OTHER_SEED);
                e.manifest
                    .insert("public_key", permit_keys::Signer::public_key(&other).to_string());
            },
            "MANIFEST_PUBLIC_KEY_MISMATCH",
            "/public_key",
            not_signed,
        ),
        Case(
            "an unknown key id",
            |e| e.manifest.insert("key_id", "sha256:unknown"),
            "TRUST_ROOT_UNRESOLVABLE",
            "",
            Some((EI, I)),
        ),
        Case(
            "another record count",
            |e| e.manifest.insert("record_count", 5),
            "EXPORT_SCOPE_RECORD_COUNT_MISMATCH",
            "/record_count",
            Some((ES, D)),
        ),
        Case(
            "a record count that is no integer",
            |e| e.manifest.insert("record_count", json("4.0")),
            "EXPORT_SCOPE_RECORD_COUNT_MISMATCH",
            "/record_count",
            Some((ES, D)),
        ),
        Case(
            "another project",
            |e| e.manifest.insert("project_id", "someone else"),
            "EXPORT_SCOPE_PROJECT_ID_MISMATCH",
            "/project_id",
            Some((ES, D)),
        ),
        Case(
            "signed before the key was valid",
            |e| e.manifest.insert("signed_at", "2025-12-31T23:59:59Z"),
            "KEY_EXPIRED_AT_SIGNING_TIME",
            "/keys/0",
            Some((EI, D)),
        ),
    ]
}

/// BUNDLE-01 to BUNDLE-05.
fn head_cases() -> Vec<Case> {
    vec![
        Case(
            "another version",
            |e| edit_head(e, "schema_version", Value::from(3)),
            "BUNDLE_SEMANTICS_INVALID",
            "/schema_version",
            Some((GC, D)),
        ),
        Case(
            "a version that is text",
            |e| edit_head(e, "schema_version", text("2")),
            "BUNDLE_SEMANTICS_INVALID",
            "/schema_version",
            Some((GC, D)),
        ),
        Case(
            "a version that is a float",
            |e| edit_head(e, "schema_version", json("2.0")),
            "BUNDLE_SEMANTICS_INVALID",
            "/schema_version",
            Some((GC, D)),
        ),
        Case(
            "no flag for chain entries",
            |e| edit_head(e, "include_chain_entries", Value::from(false)),
            "BUNDLE_SEMANTICS_INVALID",
            "/include_chain_entries",
            Some((GC, D)),
        ),
        Case(
            "a flag that is the number one",
            |e| edit_head(e, "include_chain_entries", Value::from(1)),
            "BUNDLE_SEMANTICS_INVALID",
            "/include_chain_entries",
            Some((GC, D)),
        ),
        Case(
            "another count in the bundle",
            |e| edit_head(e, "record_count", Value::from(3)),
            "BUNDLE_SEMANTICS_INVALID",
            "/record_count",
            None,
        ),
        Case(
            "a window that ends before it starts",
            |e| edit_head(e, "to", text("2026-04-01T00:00:00Z")),
            "BUNDLE_SEMANTICS_INVALID",
            "/to",
            None,
        ),
        Case(
            "another format",
            |e| edit_head(e, "format", text("csv")),
            "BUNDLE_SEMANTICS_INVALID",
            "/format",
            None,
        ),
        Case(
            "another basis of the window",
            |e| edit_head(e, "time_range_basis", text("now")),
            "BUNDLE_SEMANTICS_INVALID",
            "/time_range_basis",
            None,
        ),
    ]
}

/// CHAIN-05 to CHAIN-17: an entry is edited, the file is signed again.
fn chain_cases() -> Vec<Case> {
    let changed = Some((GC, D));
    vec![
        Case(
            "event_id",
            |e| edit_entry(e, "event_id", text("x")),
            "WALK_RECORD_HASH_MISMATCH",
            RECORD_HASH,
            changed,
        ),
        Case(
            "event_type",
            |e| {
                entry(e, 1, 0).insert("event_type", "permit.created ");
                e.write_manifest();
            },
            "WALK_RECORD_HASH_MISMATCH",
            "/records/1/chain_entries/0/record_hash",
            changed,
        ),
        Case(
            "resource_type",
            |e| edit_entry(e, "resource_type", text("Permit")),
            "WALK_RECORD_HASH_MISMATCH",
            RECORD_HASH,
            changed,
        ),
        Case(
            "resource_id",
            |e| edit_entry(e, "resource_id", Value::from(())),
            "WALK_RECORD_HASH_MISMATCH",
            RECORD_HASH,
            changed,
        ),
        Case(
            "outcome",
            |e| edit_entry(e, "outcome", text("failure")),
            "WALK_RECORD_HASH_MISMATCH",
            RECORD_HASH,
            changed,
        ),
        Case(
            "severity",
            |e| edit_entry(e, "severity", text("error")),
            "WALK_RECORD_HASH_MISMATCH",
            RECORD_HASH,
            changed,
        ),
        Case(
            "created_at",
            |e| edit_entry(e, "created_at", text("2026-05-07T12:00:02.000001Z")),
            "WALK_RECORD_HASH_MISMATCH",
            RECORD_HASH,
            changed,
        ),
        Case(
            "created_at with an offset",
            |e| edit_entry(e, "created_at", text("2026-05-07T12:00:02.000000+05:30")),
            "WALK_RECORD_HASH_MISMATCH",
            "/records/1/chain_entries/2/created_at",
            changed,
        ),
        Case(
            "created_at with seven digits",
            |e| edit_entry(e, "created_at", text("2026-05-07T12:00:02.0000000Z")),
            "WALK_RECORD_HASH_MISMATCH",
            "/records/1/chain_entries/2/created_at",
            changed,
        ),
        Case(
            "record_hash",
            |e| edit_entry(e, "record_hash", zeros()),
            "WALK_RECORD_HASH_MISMATCH",
            RECORD_HASH,
            changed,
        ),
        Case(
            "record_hash in upper case",
            |e| {
                let hash = evidence::text_of(entry(e, 1, 2), "record_hash").to_uppercase();
                edit_entry(e, "record_hash", Value::from(hash));
            },
            "WALK_RECORD_HASH_MISMATCH",
            RECORD_HASH,
            changed,
        ),
        Case(
            "no record_hash",
            |e| edit_entry(e, "record_hash", Value::from(())),
            "WALK_RECORD_HASH_MISMATCH",
            RECORD_HASH,
            changed,
        ),
        Case(
            "prev_hash",
            |e| edit_entry(e, "prev_hash", zeros()),
            "WALK_RECORD_HASH_MISMATCH",
            RECORD_HASH,
            changed,
        ),
        Case(
            "prev_hash, sealed again from there",
            |e| {
                entry(e, 1, 2).insert("prev_hash", zeros());
                let hash = evidence::record_hash(entry(e, 1, 2));
                entry(e, 1, 2).insert("record_hash", hash);
                e.seal_chains(6);
                e.write_manifest();
            },
            "WALK_PREV_HASH_DISCONTINUITY",
            "/records/1/chain_entries/2/prev_hash",
            changed,
        ),
        Case(
            "an entry removed",
            |e| {
                e.records[1].entries.remove(1);
                e.write_manifest();
            },
            "WALK_PREV_HASH_DISCONTINUITY",
            "/records/3/chain_entries/1/prev_hash",
            changed,
        ),
        Case(
            "an entry rewritten with its own hash",
            |e| {
                entry(e, 1, 2).insert("outcome", "failure");
                let hash = evidence::record_hash(entry(e, 1, 2));
                entry(e, 1, 2).insert("record_hash", hash);
                e.write_manifest();
            },
            "WALK_PREV_HASH_DISCONTINUITY",
            "/records/3/chain_entries/2/prev_hash",
            changed,
        ),
        Case(
            "entries of a record swapped",
            |e| {
                e.records[1].entries.swap(0, 1);
                e.write_manifest();
            },
            "WALK_SEQUENCE_INVERSION",
            "/records/1/chain_entries/1/sequence_number",
            changed,
        ),
        Case(
            "an entry listed twice",
            |e| {
                let twice = entry(e, 1, 0).clone();
                e.records[1].entries.insert(0, twice);
                e.write_manifest();
            },
            "WALK_SEQUENCE_INVERSION",
            "/records/1/chain_entries/1/sequence_number",
            changed,
        ),
        Case(
            "a sequence number that is text",
            |e| edit_entry(e, "sequence_number", text("5")),
            "WALK_SEQUENCE_INVERSION",
            "/records/1/chain_entries/2/sequence_number",
            changed,
        ),
        Case(
            "a sequence number below one",
            |e| edit_entry(e, "sequence_number", Value::from(0)),
            "WALK_SEQUENCE_INVERSION",
            "/records/1/chain_entries/2/sequence_number",
            changed,
        ),
        Case(
            "another format",
            |e| edit_entry(e, "chain_format_version", text("v2")),
            "WALK_UNKNOWN_CHAIN_FORMAT",
            "/records/1/chain_entries/2/chain_format_version",
            Some((GC, U)),
        ),
        Case(
            "no format",
            |e| {
                entry(e, 1, 2).remove("chain_format_version");
                e.write_manifest();
            },
            "WALK_UNKNOWN_CHAIN_FORMAT",
            "/records/1/chain_entries/2/chain_format_version",
            Some((GC, U)),
        ),
        Case(
            "no scope",
            |e| {
                // The last entry of its scope, so that nothing else loses its link.
                entry(e, 3, 4).insert("chain_scope", ());
                e.write_manifest();
            },
            "OBJECT_FORM_INVALID",
            "/records/3/chain_entries/4/chain_scope",
            changed,
        ),
    ]
}

/// CLOSE-02 to CLOSE-19: a closure is edited, with or without being sealed again.
fn closure_cases() -> Vec<Case> {
    let bad_signature = Some((CS, D));
    let (signature, digest) = ("WALK_CLOSURE_SIGNATURE_INVALID", "WALK_CLOSURE_DIGEST_MISMATCH");
    vec![
        Case(
            "an unknown closure format",
            |e| reseal_closure(e, |c| c.insert("binding_version", "closure_v3")),
            "WALK_UNKNOWN_CLOSURE_FORMAT",
            "/records/1/chain_entries/4/payload_json/binding_version",
            Some((CS, U)),
        ),
        Case(
            "a signed member",
            |e| edit_closure(e, |c| c.insert("model", "other")),
            signature,
            CLOSURE,
            bad_signature,
        ),
        Case(
            "a signed member that is null",
            |e| edit_closure(e, |c| c.insert("provider_response_id", "x")),
            signature,
            CLOSURE,
            bad_signature,
        ),
        Case(
            "a signed member removed",
            |e| edit_closure(e, |c| drop(c.remove("execution_id"))),
            signature,
            CLOSURE,
            bad_signature,
        ),
        Case(
            "the canonical hash",
            |e| edit_closure(e, |c| c.insert("closure_canonical_hash", zeros())),
            signature,
            CLOSURE,
            bad_signature,
        ),
        Case(
            "no canonical hash",
            |e| edit_closure(e, |c| drop(c.remove("closure_canonical_hash"))),
            signature,
            CLOSURE,
            bad_signature,
        ),
        Case(
            "the signature",
            |e| {
                edit_closure(e, |c| {
                    c.insert("closure_signature_b64", format!("{}==", "A".repeat(86)))
                })
            },
            signature,
            CLOSURE,
            bad_signature,
        ),
        Case(
            "no signature",
            |e| edit_closure(e, |c| drop(c.remove("closure_signature_b64"))),
            signature,
            CLOSURE,
            bad_signature,
        ),
        Case(
            "another key id, sealed",
            |e| reseal_closure(e, |c| c.insert("binding_key_id", "0000000000000000")),
            signature,
            "/records/1/chain_entries/4/payload_json/binding_key_id",
            bad_signature,
        ),
        Case(
            "signed outside the window, sealed",
            |e| reseal_closure(e, |c| c.insert("closure_signed_at", "2025-05-07T12:00:06Z")),
            signature,
            "/records/1/chain_entries/4/payload_json/binding_key_id",
            bad_signature,
        ),
        Case(
            "no signing time, sealed",
            |e| reseal_closure(e, |c| c.insert("closure_signed_at", ())),
            signature,
            "/records/1/chain_entries/4/payload_json/closure_signed_at",
            bad_signature,
        ),
        Case(
            "an unknown status, sealed",
            |e| reseal_closure(e, |c| c.insert("closure_status", "done")),
            "CLOSURE_STATUS_UNKNOWN",
            "/records/1/chain_entries/4/payload_json/closure_status",
            Some((CD, U)),
        ),
        Case(
            "a status in upper case, sealed",
            |e| reseal_closure(e, |c| c.insert("closure_status", "CLOSED")),
            "CLOSURE_STATUS_UNKNOWN",
            "/records/1/chain_entries/4/payload_json/closure_status",
            Some((CD, U)),
        ),
        Case(
            "another label for dispatch, sealed",
            |e| reseal_closure(e, |c| c.insert("dispatch_request_digest_semantics", "x")),
            digest,
            "/records/1/chain_entries/4/payload_json/dispatch_request_digest_semantics",
            Some((CD, D)),
        ),
        Case(
            "an empty label, sealed",
            |e| reseal_closure(e, |c| c.insert("provider_response_digest_semantics", "")),
            digest,
            "/records/1/chain_entries/4/payload_json/provider_response_digest_semantics",
            Some((CD, D)),
        ),
        Case(
            "a provider digest that is none, sealed",
            |e| reseal_closure(e, |c| c.insert("provider_response_digest_v1", "abc")),
            digest,
            "/records/1/chain_entries/4/payload_json/provider_response_digest_v1",
            Some((CD, D)),
        ),
        Case(
            "another provider digest, sealed",
            |e| reseal_closure(e, |c| c.insert("provider_response_digest_v1", zeros())),
            digest,
            CLOSURE,
            Some((CD, D)),
        ),
        Case(
            "another client digest, sealed",
            |e| reseal_closure(e, |c| c.insert("client_response_digest_v1", zeros())),
            digest,
            CLOSURE,
            Some((CD, D)),
        ),
        Case(
            "another dispatch digest, sealed",
            |e| reseal_closure(e, |c| c.insert("dispatch_request_digest_v1", zeros())),
            "WALK_CLOSURE_DISPATCH_DIGEST_MISMATCH",
            CLOSURE,
            Some((CB, D)),
        ),
        Case(
            "no provider digest, sealed",
            |e| reseal_closure(e, |c| c.insert("provider_response_digest_v1", ())),
            "WALK_CLOSURE_DIGEST_MISSING",
            CLOSURE,
            Some((CD, I)),
        ),
        Case(
            "no client digest, sealed",
            |e| reseal_closure(e, |c| c.insert("client_response_digest_v1", ())),
            "WALK_CLOSURE_DIGEST_MISSING",
            CLOSURE,
            Some((CD, I)),
        ),
        Case(
            "no dispatch digest, sealed",
            |e| reseal_closure(e, |c| c.insert("dispatch_request_digest_v1", ())),
            "WALK_CLOSURE_DIGEST_MISSING",
            CLOSURE,
            Some((CB, I)),
        ),
        Case(
            "a permit that is not there, sealed",
            |e| {
                reseal_closure(e, |c| c.insert("permit_id", "00000000-0000-4000-8000-00000000dead"))
            },
            "WALK_CLOSURE_ORPHAN",
            CLOSURE,
            Some((CB, I)),
        ),
    ]
}

/// CLOSE-07, CLOSE-08, CLOSE-22: what a closure refers to is edited.
fn counterpart_cases() -> Vec<Case> {
    vec![
        Case(
            "the provider's event has another digest",
            |e| edit_event(e, 2, |p| p.insert("provider_response_digest_v1", zeros())),
            "WALK_CLOSURE_DIGEST_MISMATCH",
            CLOSURE,
            Some((CD, D)),
        ),
        Case(
            "the provider's event has no digest",
            |e| edit_event(e, 2, |p| drop(p.remove("provider_response_digest_v1"))),
            "WALK_CLOSURE_DIGEST_MISSING",
            CLOSURE,
            Some((CD, I)),
        ),
        Case(
            "the client's event is of another permit",
            |e| edit_event(e, 3, |p| p.insert("permit_id", "someone's")),
            "WALK_CLOSURE_DIGEST_MISSING",
            CLOSURE,
            Some((CD, I)),
        ),
        Case(
            "the client's event is of another type",
            |e| {
                entry(e, 1, 3).insert("event_type", "client.response.lost");
                e.seal_chains(0);
                e.write_manifest();
            },
            "WALK_CLOSURE_DIGEST_MISSING",
            CLOSURE,
            Some((CD, I)),
        ),
        Case(
            "a closure in the record of another permit",
            |e| {
                let other = e.closure(3);
                e.set_closure(1, other);
                e.write_manifest();
            },
            "WALK_CLOSURE_ORPHAN",
            CLOSURE,
            Some((CB, D)),
        ),
    ]
}

/// PERMIT-04 to PERMIT-33: a permit is edited.
fn permit_cases() -> Vec<Case> {
    vec![
        Case(
            "another request hash",
            |e| edit_permit(e, "binding_request_hash", zeros()),
            "WALK_CLOSURE_DISPATCH_DIGEST_MISMATCH",
            CLOSURE,
            Some((CB, D)),
        ),
        Case(
            "no request hash",
            |e| edit_permit(e, "binding_request_hash", Value::from(())),
            "WALK_CLOSURE_DIGEST_MISSING",
            CLOSURE,
            Some((CB, I)),
        ),
        Case(
            "another id",
            |e| edit_permit(e, "id", text("00000000-0000-4000-8000-00000000beef")),
            "WALK_CLOSURE_ORPHAN",
            CLOSURE,
            Some((CB, I)),
        ),
        Case(
            "a decision that is none",
            |e| edit_permit(e, "decision", text("throttle")),
            "PERMIT_SEMANTICS_INVALID",
            "/records/1/permit/decision",
            None,
        ),
        Case(
            "a denied permit that is bound",
            |e| {
                let details = json(r#"{"decision": "deny", "code": "no", "reason": "no"}"#);
                e.records[1].permit.insert("decision_details", details);
                edit_permit(e, "decision", text("deny"));
            },
            "PERMIT_SEMANTICS_INVALID",
            "/records/1/permit/binding_request_hash",
            None,
        ),
        Case(
            "details that say something else",
            |e| {
                edit_permit(
                    e,
                    "decision_details",
                    json(r#"{"decision": "deny", "code": "no", "reason": "no"}"#),
                );
            },
            "PERMIT_SEMANTICS_INVALID",
            "/records/1/permit/decision_details/decision",
            None,
        ),
        Case(
            "created_at that is not in UTC",
            |e| edit_permit(e, "created_at", text("2026-05-07T12:00:00+02:00")),
            "TIMESTAMP_FORM",
            "/records/1/permit/created_at",
            None,
        ),
    ]
}

/// KEY-01 to KEY-07: the trust root is edited; the export stays as it is.
fn key_cases() -> Vec<Case> {
    let closures = Some((CS, D));
    vec![
        Case(
            "the export key ended before",
            |e| set_key(&mut e.keys, 0, "valid_to", text("2026-05-31T00:00:00Z")),
            "KEY_EXPIRED_AT_SIGNING_TIME",
            "/keys/0",
            Some((EI, D)),
        ),
        Case(
            "the export key starts later",
            |e| set_key(&mut e.keys, 0, "valid_from", text("2026-07-01T00:00:00Z")),
            "KEY_EXPIRED_AT_SIGNING_TIME",
            "/keys/0",
            Some((EI, D)),
        ),
        Case(
            "the export key is compromised",
            |e| set_key(&mut e.keys, 0, "status", text("compromised")),
            "SIGNING_KEY_REVOKED",
            "/keys/0",
            Some((EI, D)),
        ),
        Case(
            "the export key was revoked before",
            |e| set_key(&mut e.keys, 0, "revoked_at", text("2026-05-31T00:00:00Z")),
            "SIGNING_KEY_REVOKED",
            "/keys/0",
            Some((EI, D)),
        ),
        Case(
            "the export key has another purpose",
            |e| set_key(&mut e.keys, 0, "purpose", text("integrity_checkpoint")),
            "TRUST_ROOT_UNRESOLVABLE",
            "/keys/0",
            Some((EI, I)),
        ),
        Case(
            "the export key is for tests",
            |e| set_key(&mut e.keys, 0, "environment", text("test")),
            "TRUST_ROOT_UNRESOLVABLE",
            "/keys/0",
            Some((EI, I)),
        ),
        Case(
            "an end of the export key's window is no time",
            |e| set_key(&mut e.keys, 0, "valid_to", text("soon")),
            "TRUST_ROOT_UNRESOLVABLE",
            "/keys/0",
            Some((EI, I)),
        ),
        Case(
            "the manifest does not say when it was signed",
            |e| drop(e.manifest.remove("signed_at")),
            "TRUST_ROOT_UNRESOLVABLE",
            "/keys/0",
            Some((EI, I)),
        ),
    ]
    .into_iter()
    .chain(closure_key_cases(closures))
    .collect()
}

/// Keys of closures: all closures fail alike, so that only one is left to fail.
fn closure_key_cases(claim: Option<(Claim, Verdict)>) -> Vec<Case> {
    fn only_one_closure(export: &mut Export) {
        for record in [0, 2, 3] {
            export.records[record].entries.pop();
        }
        export.records[1].entries[4].insert("sequence_number", 9);
        export.seal_chains(0);
        export.write_manifest();
    }
    let (signature, key_id) = (
        "WALK_CLOSURE_SIGNATURE_INVALID",
        "/records/1/chain_entries/4/payload_json/binding_key_id",
    );
    vec![
        Case(
            "the binding key ended before",
            |e| {
                only_one_closure(e);
                set_key(&mut e.keys, 1, "valid_to", text("2026-05-01T00:00:00Z"));
            },
            signature,
            key_id,
            claim,
        ),
        Case(
            "the binding key is compromised",
            |e| {
                only_one_closure(e);
                set_key(&mut e.keys, 1, "compromised_at", text("2027-01-01T00:00:00Z"));
            },
            signature,
            key_id,
            claim,
        ),
        Case(
            "the binding key has another purpose",
            |e| {
                only_one_closure(e);
                set_key(&mut e.keys, 1, "purpose", text("export_signing"));
            },
            signature,
            key_id,
            claim,
        ),
        Case(
            "the binding key is another one",
            |e| {
                only_one_closure(e);
                let other = permit_keys::SoftwareKey::from_seed(&evidence::OTHER_SEED);
                let other = permit_keys::Signer::public_key(&other).to_string();
                set_key(&mut e.keys, 1, "public_key", Value::from(other));
            },
            signature,
            key_id,
            claim,
        ),
    ]
}
