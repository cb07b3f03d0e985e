// SPDX-License-Identifier: Apache-2.0

//! Input of every bad kind, each rightly signed, so that nothing but the input can be at fault:
//! one clear finding with pointer and bytes, the right outcome, no panic.

#![cfg(test)]

mod evidence;

use std::io::Write as _;

use evidence::{Export, both_layers, export_key, json, verify_bytes};
use permit_canonical_json::{Profile, Sha256Digest, Value};
use permit_types::Severity;
use permit_verifier::{Claim, Outcome, Report, Threads, Trust, Verdict};
use proptest::prelude::*;

/// The manifest of any bytes, signed as an honest issuer would.
fn manifest_of(bytes: &[u8], format: &str) -> Vec<u8> {
    let hash = Sha256Digest::of(bytes);
    let signature = export_key().sign_export_manifest(hash).unwrap();
    let manifest = Value::object([
        ("content_hash", Value::from(hash.prefixed().to_string())),
        ("signature", signature.to_string().into()),
        ("key_id", export_key().key_id().to_string().into()),
        ("signed_at", "2026-06-01T00:00:02Z".into()),
        ("format", format.into()),
    ]);
    Profile::Payload.to_text(&manifest).unwrap().into_bytes()
}

fn verify(bytes: &[u8]) -> Report {
    verify_bytes(bytes, manifest_of(bytes, "json"), &Export::honest().trust(), &both_layers())
}

/// The one failure or, where nothing could be judged, the one notice: reason, pointer, bytes.
fn told(report: &Report) -> (String, String, (u64, u64)) {
    let severity = match report.outcome {
        Outcome::CouldNotJudge => Severity::Notice,
        _ => Severity::Failure,
    };
    let mut found =
        report.findings.iter().filter(|f| f.severity == severity && f.because.is_none());
    let first = found.next().unwrap_or_else(|| panic!("nothing is told: {report:?}"));
    assert_eq!(found.next(), None, "more than one is told");
    let range = (first.at.range.start, first.at.range.end);
    (first.reason.to_string(), first.at.pointer.to_string(), range)
}

fn wrapped(member: &str) -> Vec<u8> {
    format!(
        r#"{{"bundle_type": "audit_export_bundle", "schema_version": 2, "records": [{{"permit": {member}}}]}}"#
    )
    .into_bytes()
}

/// A name, bytes, the pointer that is told, if it is worth a look, and the bytes that are told.
type Case = (&'static str, Vec<u8>, &'static str, Option<(u64, u64)>);

#[test]
fn unreadable_exports_are_told_with_pointer_and_bytes() {
    let honest = Export::honest().bytes();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let cases: Vec<Case> = vec![
        ("a byte order mark", [b"\xef\xbb\xbf", honest.as_slice()].concat(), "", Some((0, 3))),
        ("a lone surrogate", wrapped(r#""\ud800""#), "/records/0/permit", Some((84, 90))),
        (
            "invalid UTF-8",
            wrapped("\"\u{1}\"").iter().map(|b| if *b == 1 { 0xff } else { *b }).collect(),
            "/records/0/permit",
            Some((84, 85)),
        ),
        ("a control character", wrapped("\"\u{1}\""), "/records/0/permit", Some((84, 85))),
        (
            "a duplicate member",
            wrapped(r#"{"id": "a", "id": "b"}"#),
            "/records/0/permit/id",
            Some((95, 99)),
        ),
        (
            "a duplicate at the top",
            b"{\"records\": [], \"records\": []}".to_vec(),
            "/records",
            Some((16, 25)),
        ),
        ("a number with a leading zero", wrapped("01"), "/records/0/permit", None),
        ("NaN", wrapped("NaN"), "/records/0/permit", None),
        ("trailing data", [honest.as_slice(), b" {}"].concat(), "", None),
        ("truncated", honest[..honest.len() / 2].to_vec(), "", None),
        ("empty", Vec::new(), "", None),
        ("blank", b" \n\t".to_vec(), "", None),
        ("text", b"hello".to_vec(), "", None),
        ("deep nesting that is cut off", wrapped(&"[".repeat(100)), "", None),
    ];
    for (name, bytes, pointer, range) in cases {
        let report = verify(&bytes);
        assert_eq!(report.outcome, Outcome::NotVerified, "{name}");
        let (reason, at, bytes_at) = told(&report);
        let no_json = matches!(name, "empty" | "blank" | "text");
        let expected = if no_json { "EXPORT_STRUCTURE_INVALID" } else { "ARTIFACT_UNREADABLE" };
        assert_eq!(reason, expected, "{name}");
        if !pointer.is_empty() {
            assert_eq!(at, pointer, "{name}");
        }
        if let Some(range) = range {
            assert_eq!(bytes_at, range, "{name}");
        }
        // The bytes are what was signed, whatever is in them; nothing else is known.
        assert!(report.claim(Claim::ExportIntegrity).unwrap().is_supported(), "{name}");
        let continuity = report.claim(Claim::ChainContinuity).unwrap();
        assert_eq!(continuity.verdict, Verdict::UnverifiableScope, "{name}");
    }
    let report = verify(deep.as_bytes());
    assert_eq!(report.outcome, Outcome::CouldNotJudge);
    let (reason, _, range) = told(&report);
    assert_eq!((reason.as_str(), range), ("BUDGET_EXCEEDED", (128, 129)));
}

#[test]
fn numbers_of_any_length_are_read_or_refused_by_budget() {
    for (digits, outcome) in [(4_000, Outcome::NotVerified), (1_000_000, Outcome::CouldNotJudge)] {
        let number = "7".repeat(digits);
        let report = verify(&wrapped(&format!(r#"{{"id": {number}}}"#)));
        assert_eq!(report.outcome, outcome, "{digits} digits");
    }
    let report = verify(&wrapped("1e999999999999"));
    assert_eq!(report.outcome, Outcome::NotVerified);
}

/// What takes time in the square of the members would not end here.
#[test]
fn any_number_of_members_is_read_once() {
    let members: Vec<String> = (0..300_000).map(|n| format!("\"m{n}\": {n}")).collect();
    let object = format!("{{{}}}", members.join(","));
    for document in [object.clone(), wrapped_record(&object), wrapped_entry(&object)] {
        let report = verify(document.as_bytes());
        assert_ne!(report.outcome, Outcome::Verified);
    }
}

fn wrapped_record(record: &str) -> String {
    let head = r#""bundle_type": "audit_export_bundle", "schema_version": 2"#;
    format!(r#"{{{head}, "include_chain_entries": true, "records": [{record}]}}"#)
}

fn wrapped_entry(entry: &str) -> String {
    wrapped_record(&format!(r#"{{"permit": {entry}, "chain_entries": [{entry}]}}"#))
}

#[test]
fn wrong_types_at_the_top_are_no_bundles() {
    for (text, summary) in [
        ("[]", "no JSON object"),
        ("null", "no JSON object"),
        ("\"audit_export_bundle\"", "no JSON object"),
        ("{}", "neither an audit bundle nor events"),
        (r#"{"records": 7}"#, ""),
        (r#"{"records": [7]}"#, ""),
        (r#"{"bundle_type": "audit_export_bundle", "records": {}}"#, ""),
        (r#"{"bundle_type": "audit_export_bundle", "records": [], "chain_entries": 1}"#, ""),
        (r#"{"events": 1}"#, ""),
    ] {
        let report = verify(text.as_bytes());
        assert_eq!(report.outcome, Outcome::NotVerified, "{text}");
        let error = report.error.clone().unwrap_or_default();
        assert!(error.contains(summary), "{text}: {error}");
        assert!(!report.claim(Claim::ChainContinuity).unwrap().is_supported(), "{text}");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn bundle_13_compressed_exports_are_one_whole_member_within_the_ratio() {
    let honest = gzip(&Export::honest().bytes());
    let report = verify(&honest);
    assert_eq!(report.outcome, Outcome::Verified, "{:?}", report.findings);

    let damaged = |index_from_end: usize| {
        let mut bytes = honest.clone();
        let index = bytes.len() - index_from_end;
        bytes[index] ^= 0x01;
        bytes
    };
    for (name, bytes) in [
        ("a wrong checksum", damaged(8)),
        ("a wrong length", damaged(1)),
        ("bytes behind it", [honest.as_slice(), b"x"].concat()),
        ("a second member", [honest.as_slice(), honest.as_slice()].concat()),
        ("a head alone", honest[..10].to_vec()),
        ("cut off", honest[..honest.len() - 9].to_vec()),
    ] {
        let report = verify(&bytes);
        assert_eq!(report.outcome, Outcome::NotVerified, "{name}");
        assert_eq!(told(&report).0, "ARTIFACT_UNREADABLE", "{name}");
    }

    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    assert!(bomb.len() < 100_000);
    let report = verify(&bomb);
    assert_eq!(report.outcome, Outcome::CouldNotJudge);
    assert_eq!(told(&report).0, "BUDGET_EXCEEDED");
}

#[test]
fn files_that_are_no_json_say_what_they_are() {
    let zip = b"PK\x03\x04rest of an archive".to_vec();
    for (name, bytes, word) in [
        ("an archive", zip, "archive"),
        ("comma separated values", b"permit_id,decision\n1,allow\n".to_vec(), "not JSON"),
    ] {
        let format = if name == "an archive" { "zip" } else { "csv" };
        let manifest = manifest_of(&bytes, format);
        let report = verify_bytes(&bytes, manifest, &Export::honest().trust(), &both_layers());
        assert_eq!(report.outcome, Outcome::NotVerified, "{name}");
        let error = report.error.clone().unwrap_or_default();
        assert!(error.contains(word), "{name}: {error}");
    }
}

#[test]
fn unreadable_manifests_leave_integrity_open() {
    let honest = Export::honest();
    let payload = honest.bytes();
    let good = honest.manifest_bytes();
    for (name, manifest) in [
        ("empty", Vec::new()),
        ("cut off", good[..good.len() - 1].to_vec()),
        ("an array", b"[]".to_vec()),
        ("a duplicate member", b"{\"content_hash\": 1, \"content_hash\": 2}".to_vec()),
        ("trailing data", [good.as_slice(), b"{}"].concat()),
        ("not UTF-8", b"{\"content_hash\": \"\xff\"}".to_vec()),
    ] {
        let report = verify_bytes(&payload, manifest, &honest.trust(), &both_layers());
        assert_eq!(report.outcome, Outcome::NotVerified, "{name}");
        assert_eq!(told(&report).0, "MANIFEST_JSON_INVALID", "{name}");
        let claim = report.claim(Claim::ExportIntegrity).unwrap();
        assert_eq!(claim.verdict, Verdict::InsufficientEvidence, "{name}");
        assert_eq!(report.claims.len(), 1, "{name}");
    }
    let deep = format!(r#"{{"content_hash": {}1{}}}"#, "[".repeat(200), "]".repeat(200));
    let report = verify_bytes(&payload, deep.into_bytes(), &honest.trust(), &both_layers());
    assert_eq!(report.outcome, Outcome::CouldNotJudge);
}

#[test]
fn manifests_of_wrong_types_are_refused_member_by_member() {
    let honest = Export::honest();
    for name in ["content_hash", "signature", "public_key", "key_id", "signed_at"] {
        for value in ["null", "7", "[]", "{}", "\"\"", "true"] {
            let mut export = honest.clone();
            export.manifest.insert(name, json(value));
            let report = export.verify();
            let absent = matches!(value, "null" | "\"\"");
            let may_be_absent = absent && matches!(name, "public_key" | "key_id");
            if report.outcome == Outcome::Verified {
                assert!(may_be_absent, "{name} {value}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// No bytes are accepted that are not what was signed, none make it panic, and the threads
    /// make no difference.
    #[test]
    fn damage_is_never_accepted(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let honest = Export::honest();
        let mut bytes = honest.bytes();
        let index = place.index(bytes.len());
        prop_assume!(bytes[index] != byte);
        bytes[index] = byte;
        let report =
            verify_bytes(&bytes, honest.manifest_bytes(), &honest.trust(), &both_layers());
        prop_assert_eq!(report.outcome, Outcome::NotVerified);
        let resigned = verify(&bytes);
        let mut options = both_layers();
        options.threads = Threads::Two;
        let manifest = manifest_of(&bytes, "json");
        let on_two = verify_bytes(&bytes, manifest, &honest.trust(), &options);
        prop_assert_eq!(resigned, on_two);
    }

    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let trust = Trust::self_attested();
        let report = verify_bytes(&bytes, bytes.clone(), &trust, &both_layers());
        prop_assert_ne!(report.outcome, Outcome::Verified);
        prop_assert_ne!(verify(&bytes).outcome, Outcome::Verified);
    }
}
