// SPDX-License-Identifier: Apache-2.0

//! Rules about a run as a whole, which no crate below can show.

#![cfg(test)]

mod evidence;

use evidence::{Export, both_layers, json, object, sealed, set_key, verify_bytes};
use permit_canonical_json::{Sha256Digest, Value};
use permit_failure_codes::FailureCode as Code;
use permit_keys::KeyManifest;
use permit_types::{Artifact, Finding, Severity};
use permit_verifier::{
    Claim, ExportOptions, Layers, Outcome, Report, Trust, Verdict, to_json_text, to_text,
};

/// The failures that no other finding explains.
fn failures(report: &Report) -> Vec<&Finding> {
    let failures = report.findings.iter().filter(|finding| finding.severity == Severity::Failure);
    failures.filter(|finding| finding.because.is_none()).collect()
}

/// The codes of the taxonomy that a report has.
fn codes(report: &Report) -> Vec<Option<Code>> {
    failures(report).into_iter().map(|finding| finding.reason.code()).collect()
}

type Tamper = fn(&mut Export);

/// One violation of integrity each, in what is signed, hashed, linked or bound, and its code.
const TAMPERS: [(&str, Tamper, Code); 12] = [
    ("the file", |e| e.unsigned_tail = "\n".into(), Code::ManifestHashMismatch),
    ("no signature", |e| drop(e.manifest.remove("signature")), Code::ManifestSignatureMissing),
    (
        "another signature",
        |e| e.manifest.insert("signature", format!("ed25519:{}==", "A".repeat(86))),
        Code::ManifestSignatureInvalid,
    ),
    ("another key", |e| e.manifest.insert("key_id", "sha256:unknown"), Code::UnknownSigningKey),
    (
        "a key of another time",
        |e| e.manifest.insert("signed_at", "2025-12-31T23:59:59Z"),
        Code::KeyExpiredAtSigningTime,
    ),
    (
        "a key that somebody else had",
        |e| set_key(&mut e.keys, 0, "status", "compromised".into()),
        Code::SigningKeyRevoked,
    ),
    (
        "an entry",
        |e| {
            e.records[1].entries[2].insert("severity", "error");
            e.write_manifest();
        },
        Code::WalkRecordHashMismatch,
    ),
    (
        "a format to come",
        |e| {
            e.records[3].entries[4].insert("chain_format_version", "v9");
            e.write_manifest();
        },
        Code::WalkUnknownChainFormat,
    ),
    (
        "the hash of a closure",
        |e| {
            let mut closure = e.closure(1);
            closure.insert("status_code", 201);
            e.set_closure(1, closure);
            e.write_manifest();
        },
        Code::WalkClosureSignatureInvalid,
    ),
    (
        "a digest that an event does not have",
        |e| {
            let mut closure = e.closure(1);
            closure.insert("provider_response_digest_v1", "0".repeat(64));
            e.set_closure(1, sealed(closure));
            e.write_manifest();
        },
        Code::WalkClosureDigestMismatch,
    ),
    (
        "what the permit is bound to",
        |e| {
            e.records[1].permit.insert("binding_request_hash", "0".repeat(64));
            e.write_manifest();
        },
        Code::WalkClosureDispatchDigestMismatch,
    ),
    (
        "a format of closures to come",
        |e| {
            let mut closure = e.closure(1);
            closure.insert("binding_version", "closure_v9");
            e.set_closure(1, closure);
            e.write_manifest();
        },
        Code::WalkUnknownClosureFormat,
    ),
];

fn tampered(tamper: Tamper) -> Report {
    let mut export = Export::honest();
    tamper(&mut export);
    export.verify()
}

/// CODE-01, CONF-05, CONFM-01, PERMIT-29: each violation has one code, and that of its document.
#[test]
fn code_01_conf_05_confm_01_permit_29_every_violation_of_integrity_has_its_code() {
    for (name, tamper, code) in TAMPERS {
        let report = tampered(tamper);
        assert_eq!(codes(&report), [Some(code)], "{name}: {:?}", report.error);
        for detail in code.must_report() {
            let finding = failures(&report)[0];
            let told = finding.get(detail).is_some() || *detail == "artifact";
            assert!(told, "{name}: {code:?} does not report `{detail}`");
        }
    }
}

#[test]
fn code_01_two_violations_have_two_codes() {
    let mut export = Export::honest();
    export.records[0].entries[2].insert("outcome", "failure");
    export.records[1].entries[3].insert("prev_hash", "0".repeat(64));
    export.write_manifest();
    let report = export.verify();
    let codes = codes(&report);
    assert_eq!(codes.len(), 2, "{codes:?}");
    assert!(codes.contains(&Some(Code::WalkRecordHashMismatch)), "{codes:?}");
}

/// CONFM-03, CONFM-04: whatever has a code does not pass, and neither does what is not signed.
#[test]
fn confm_03_confm_04_nothing_passes_with_a_code() {
    for (name, tamper, _) in TAMPERS {
        let report = tampered(tamper);
        assert_eq!(report.outcome, Outcome::NotVerified, "{name}");
        assert_eq!(report.outcome.exit_code(), 1, "{name}");
        assert!(report.claims.iter().any(|claim| !claim.is_supported()), "{name}");
    }
    let mut unsigned = Export::honest();
    unsigned.manifest.remove("signature");
    for layers in [Layers::default(), both_layers().layers] {
        let mut options = ExportOptions::default();
        options.layers = layers;
        let report = unsigned.verify_with(&unsigned.trust(), &options);
        assert_eq!(report.outcome, Outcome::NotVerified);
    }
}

#[test]
fn bundle_07_the_key_is_found_by_id_and_purpose_and_time() {
    let codes_with = |bend: fn(&mut Export)| {
        let mut export = Export::honest();
        bend(&mut export);
        codes(&export.verify())
    };
    assert_eq!(codes_with(|_| {}), []);
    let unknown = [Some(Code::UnknownSigningKey)];
    assert_eq!(codes_with(|e| set_key(&mut e.keys, 0, "key_id", "sha256:x".into())), unknown);
    let purpose =
        |e: &mut Export| set_key(&mut e.keys, 0, "purpose", "integrity_checkpoint".into());
    assert_eq!(codes_with(purpose), unknown);
    let expired = [Some(Code::KeyExpiredAtSigningTime)];
    let late =
        |e: &mut Export| set_key(&mut e.keys, 0, "valid_from", "2030-01-01T00:00:00Z".into());
    assert_eq!(codes_with(late), expired);
    let early = |e: &mut Export| set_key(&mut e.keys, 0, "valid_to", "2026-01-02T00:00:00Z".into());
    assert_eq!(codes_with(early), expired);
}

/// BUNDLE-19: no layer is called whole once the file is not.
#[test]
fn bundle_19_after_the_signature_failed_nothing_is_said_of_integrity() {
    for (name, tamper, _) in TAMPERS.into_iter().take(6) {
        let report = tampered(tamper);
        assert!(!report.claims.iter().any(|claim| claim.is_supported()), "{name}");
        // That the bytes have the hash that somebody wrote down is all that is left, if that.
        let holds: &[&str] = if name == "the file" { &[] } else { &["manifest hash"] };
        assert_eq!(report.still_holds, holds, "{name}");
        assert!(report.also_judged.is_empty(), "{name}");
        let unchecked = report.not_checked.iter().map(|one| one.claim);
        assert!(unchecked.clone().any(|claim| claim == Claim::ChainContinuity), "{name}");
    }
}

/// BUNDLE-20, CHAIN-19, CLOSE-15: what a pass does not say stands in it.
#[test]
fn bundle_20_close_15_a_pass_says_what_it_does_not_prove() {
    let report = Export::honest().verify();
    assert!(report.passed());
    let limits = report.does_not_prove.join("\n");
    assert!(limits.contains("entries outside the sequence numbers shown here"), "{limits}");
    assert!(limits.contains("that a response reached anybody"), "{limits}");
    let text = to_text(&report, &permit_verifier::ShowText::default()).to_lowercase();
    for word in ["omission", "complete history", "was received", "has read", "tcp"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    for scope in &report.scopes {
        assert!(scope.numbers.is_some(), "the window is shown");
    }
    for claim in &report.claims {
        let message = claim.message.to_lowercase();
        assert!(!message.contains("deliver") || !message.contains("reach"), "{message}");
    }
}

/// CONF-06: no way leads from a permit by itself to a verdict of `supported`.
#[test]
fn conf_06_a_permit_alone_is_not_authentic() {
    let export = Export::honest();
    let permit = Value::from(export.records[0].permit.clone());
    let bytes = permit_canonical_json::Profile::Payload.to_text(&permit).unwrap().into_bytes();
    // With the manifest of the export that it is from, and with one that states its own hash.
    let own = format!(
        r#"{{"content_hash": "sha256:{}", "export_type": "audit_export_bundle", "format": "json"}}"#,
        Sha256Digest::of(&bytes)
    );
    for manifest in [export.manifest_bytes(), own.into_bytes()] {
        let mut options = both_layers();
        for allow_unsigned in [false, true] {
            options.allow_unsigned = allow_unsigned;
            let report = verify_bytes(&bytes, manifest.clone(), &export.trust(), &options);
            assert!(!report.claims.iter().any(|claim| claim.is_supported()), "{:?}", report.claims);
        }
    }
}

/// CONFM-06: the source of the trust root is told as it was given, in both views.
#[test]
fn confm_06_the_source_of_trust_is_reported() {
    let export = Export::honest();
    let text = permit_canonical_json::Profile::Payload.to_text(&export.keys).unwrap();
    let read = || {
        let budget = permit_canonical_json::Budget::default();
        KeyManifest::read(text.as_bytes(), &budget).unwrap()
    };
    for source in ["--key-manifest keys.json", "PERMIT_TRUST_ROOT"] {
        let report = export.verify_with(&Trust::key_manifest(read(), source), &both_layers());
        assert_eq!(report.trust.source.as_deref(), Some(source));
        let plain = to_text(&report, &permit_verifier::ShowText::default());
        assert!(plain.contains(source) && to_json_text(&report).contains(source));
    }
}

/// PERMIT-07: permit and closure agree on what was dispatched.
#[test]
fn permit_07_the_binding_hash_is_that_of_the_closure() {
    let mut export = Export::honest();
    export.records[2].permit.insert("binding_request_hash", "1".repeat(64));
    export.write_manifest();
    let report = export.verify();
    assert_eq!(codes(&report), [Some(Code::WalkClosureDispatchDigestMismatch)]);
    let claim = report.claim(Claim::ClosureDispatch).unwrap();
    assert_eq!(claim.verdict, Verdict::Disproved);
}

/// PERMIT-13, PERMIT-15, PERMIT-31: members that nothing is hashed over decide nothing.
#[test]
fn permit_13_15_31_members_that_are_not_bound_change_no_verdict() {
    let verdicts = |report: &Report| {
        report.claims.iter().map(|claim| (claim.claim, claim.verdict)).collect::<Vec<_>>()
    };
    let honest = Export::honest().verify();
    for (name, value) in [
        ("reason", Value::from("because")),
        ("routing", json(r#"{"decision_id": "r"}"#)),
        ("task_description", "another task".into()),
        // Which states came before a status is not concluded from it (PERMIT-13).
        ("status", "closed".into()),
        ("status", "revoked".into()),
        ("status", "a word of the issuer".into()),
        // What is shown is not what was decided (PERMIT-15).
        ("display_decision", "throttle".into()),
        ("display_decision", "deny".into()),
    ] {
        let mut export = Export::honest();
        export.records[1].permit.insert(name, value.clone());
        export.write_manifest();
        let report = export.verify();
        assert_eq!(report.outcome, Outcome::Verified, "{name} {value:?}: {:?}", report.error);
        assert_eq!(verdicts(&report), verdicts(&honest), "{name}");
    }
    // A refusal that is shown as something else is still a refusal, and may not be bound.
    let mut export = Export::honest();
    export.records[1].permit.insert("decision", "deny");
    export.records[1].permit.remove("decision_details");
    export.records[1].permit.insert("display_decision", "allow");
    export.write_manifest();
    let finding = export.verify();
    let finding = failures(&finding)[0].clone();
    assert_eq!(finding.rule.map(|rule| rule.as_str()), Some("PERMIT-06"));
}

/// PERMIT-28: permit, closure, entries and manifest are judged in one run; none can be bent.
#[test]
fn permit_28_full_verification_takes_all_four_together() {
    let report = Export::honest().verify();
    let seen = report.inspected;
    assert_eq!((seen.permits, seen.closures, seen.chain_entries), (4, 4, 20));
    assert!(report.artifact.digest(Artifact::Manifest).is_some());
    for claim in [
        Claim::ExportIntegrity,
        Claim::ChainContinuity,
        Claim::ClosureSignature,
        Claim::ClosureDigests,
        Claim::ClosureDispatch,
    ] {
        assert_eq!(report.claim(claim).map(|report| report.verdict), Some(Verdict::Supported));
    }
}

/// CONF-07, CHAIN-21, CLOSE-01: old formats live on beside those to come.
#[test]
fn conf_07_chain_21_old_formats_stay_verifiable_beside_unknown_ones() {
    // A closure of version 1 among those of version 2.
    let mut export = Export::honest();
    let mut closure = export.closure(1);
    closure.insert("binding_version", "closure_v1");
    closure.remove("dispatch_request_digest_v1");
    closure.remove("dispatch_request_digest_semantics");
    export.set_closure(1, sealed(closure));
    export.write_manifest();
    let report = export.verify();
    assert!(report.passed(), "{:?}", report.error);
    assert_eq!(report.inspected.closures, 4);
    // An entry of a chain format to come: told, and nothing of v1 is judged otherwise for it.
    let mut export = Export::honest();
    export.records[3].entries[4].insert("chain_format_version", "v2");
    export.write_manifest();
    let report = export.verify();
    assert_eq!(codes(&report), [Some(Code::WalkUnknownChainFormat)]);
    let other = report.scopes.iter().find(|scope| scope.chain_scope == "project:0").unwrap();
    assert_eq!((other.entries, other.segments), (10, 1));
}

/// CLAIM-15: two events that are made for it, or one that has both digests.
#[test]
fn claim_15_completed_executions_stand_in_for_both_events() {
    let completed = |members: &[&str]| {
        let mut export = Export::honest();
        let digest = |index: usize, name: &str| {
            let payload =
                object(export.records[1].entries[index].get("payload_json").cloned().unwrap());
            payload.get(name).cloned().unwrap()
        };
        let provider = digest(2, "provider_response_digest_v1");
        let client = digest(3, "client_response_digest_v1");
        let permit = export.records[1].permit.get("id").cloned().unwrap();
        let mut payload = object(Value::object([("permit_id", permit)]));
        if members.contains(&"provider") {
            payload.insert("provider_response_digest_v1", provider);
        }
        if members.contains(&"client") {
            payload.insert("client_response_digest_v1", client);
        }
        let entries = &mut export.records[1].entries;
        entries[2].insert("event_type", "execution.completed");
        entries[2].insert("payload_json", payload);
        entries[3].insert("event_type", "something.else");
        export.seal_chains(0);
        export.write_manifest();
        export.verify()
    };
    let report = completed(&["provider", "client"]);
    assert!(report.passed(), "{:?}", report.error);
    for members in [&["provider"][..], &["client"], &[]] {
        let report = completed(members);
        let claim = report.claim(Claim::ClosureDigests).unwrap();
        assert_eq!(claim.verdict, Verdict::InsufficientEvidence, "{members:?}");
    }
}

/// What the issuer's own check found is shown; it decides nothing.
#[test]
fn bundle_18_an_error_that_the_issuer_reports_is_shown() {
    for (error, shown) in [("\"broken at 7\"", "broken at 7"), ("{\"at\": 7}", "7")] {
        let mut export = Export::honest();
        let integrity = format!(r#"{{"verified_at": "2026-06-01T00:00:00Z", "error": {error}}}"#);
        export.manifest.insert("chain_integrity", json(&integrity));
        let report = export.verify();
        assert_eq!(report.outcome, Outcome::Verified);
        let found = report.findings.iter().find(|f| f.reason.as_str() == "ISSUER_REPORTED_ERROR");
        let found = found.expect("it is shown");
        assert_eq!(found.severity, Severity::Notice);
        assert!(found.get("error").is_some_and(|error| error.contains(shown)), "{found:?}");
        assert!(to_json_text(&report).contains("ISSUER_REPORTED_ERROR"));
    }
    let mut export = Export::honest();
    export.manifest.insert("chain_integrity", json(r#"{"error": null}"#));
    assert_eq!(export.verify().findings, []);
}
