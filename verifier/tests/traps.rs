// SPDX-License-Identifier: Apache-2.0

//! Traps: evidence that the reference accepts, or that makes it say something else than it found.
//! Each has a line in `spec/decisions.md`.

#![cfg(test)]

mod evidence;

use evidence::{Export, both_layers, json, object};
use permit_canonical_json::{Profile, Sha256Digest, Value};
use permit_verifier::{
    Claim, ExportOptions, Outcome, Report, Trust, Verdict, judge_scope_faithfulness,
};

fn verdict(report: &Report, claim: Claim) -> Option<Verdict> {
    report.claim(claim).map(|claim| claim.verdict)
}

/// Gives all entries this scope, one record after the other, and seals everything anew.
fn in_scope(scope: &str) -> Export {
    let mut export = Export::honest();
    export.records.truncate(1);
    export.head.insert("record_count", 1_u64);
    for (index, entry) in export.records[0].entries.iter_mut().enumerate() {
        entry.insert("chain_scope", scope.to_owned());
        entry.insert("sequence_number", u64::try_from(index).unwrap() + 1);
    }
    export.seal_chains(0);
    export.write_manifest();
    export
}

/// DIFF-51: results are values, not text that is searched for words, which issuers could write.
#[test]
fn words_of_issuers_decide_nothing() {
    for scope in ["entries_walked: 0", "FAILED: WALK_SEQUENCE_INVERSION: x", "export is not json"] {
        let report = in_scope(scope).verify();
        assert_eq!(report.outcome, Outcome::Verified, "{scope}");
        assert_eq!(verdict(&report, Claim::ChainContinuity), Some(Verdict::Supported), "{scope}");
    }
}

/// DIFF-50: numbers are compared as numbers; `true` is not 1, and `2.0` is no version. A bundle whose
/// chain cannot be walked does not end well where the walk was asked for.
#[test]
fn bundle_02_versions_are_integers_and_version_1_cannot_be_walked() {
    for version in ["1", "true", "2.0", "\"2\"", "null", "[]", "{}"] {
        let mut export = Export::honest();
        export.head.insert("schema_version", json(version));
        export.write_manifest();
        let report = export.verify();
        assert_eq!(report.outcome, Outcome::NotVerified, "{version}");
        let walked = verdict(&report, Claim::ChainContinuity);
        assert_eq!(walked, Some(Verdict::Disproved), "{version}");
    }
}

/// DIFF-62: the permit of a closure is the one that the closure's signature names.
#[test]
fn what_an_entry_says_beside_a_signed_closure_does_not_count() {
    let mut export = Export::honest();
    export.bundle_level = true;
    export.records[0].entries[4].insert("permit_id", "00000000-0000-4000-8000-00000000dead");
    export.write_manifest();
    let report = export.verify();
    assert_eq!(report.outcome, Outcome::Verified, "{:?}", report.findings);
    assert_eq!(verdict(&report, Claim::ClosureDispatch), Some(Verdict::Supported));
}

/// DIFF-50: where there is nothing to walk, nothing is said about the chain, whatever the version.
#[test]
fn bundle_04_version_1_without_entries_leaves_the_chain_open() {
    for (version, has_entries) in [("1", "false"), ("2", "true")] {
        let mut export = Export::honest();
        export.head.insert("schema_version", json(version));
        export.head.insert("include_chain_entries", json(has_entries));
        export.records.clear();
        export.head.insert("record_count", 0);
        export.write_manifest();
        let report = export.verify();
        let judged = report.claim(Claim::ChainContinuity).unwrap();
        let told = (judged.verdict, judged.reason.as_str());
        assert_eq!(
            told,
            (Verdict::InsufficientEvidence, "WALK_NO_EVALUABLE_SUBJECTS"),
            "{version}"
        );
    }
}

/// A file of lines of which one is no event is not JSON Lines, so that nobody can tell its chain.
#[test]
fn bundle_17_lines_that_are_no_events_leave_the_chain_open() {
    let export = in_scope("project:1");
    for stranger in ["7", "null", "[]", "\"text\""] {
        let entries = export.records[0].entries.iter().map(|entry| Value::from(entry.clone()));
        let lines = entries.map(|entry| Profile::Payload.to_text(&entry).unwrap());
        let text = lines.chain([stranger.to_owned()]).collect::<Vec<_>>().join("\n");
        let hash = Sha256Digest::of(text.as_bytes());
        let mut manifest = export.manifest.clone();
        for member in ["record_count", "export_id", "project_id"] {
            manifest.remove(member);
        }
        manifest.insert("format", "jsonl");
        manifest.insert("content_hash", hash.prefixed().to_string());
        let signature = evidence::export_key().sign_export_manifest(hash).unwrap();
        manifest.insert("signature", signature.to_string());
        let manifest = Profile::Payload.to_text(&manifest.into()).unwrap().into_bytes();
        let options = both_layers();
        let report = evidence::verify_bytes(text.as_bytes(), manifest, &export.trust(), &options);
        let judged = report.claim(Claim::ChainContinuity).unwrap();
        let told = (judged.verdict, judged.reason.as_str());
        assert_eq!(told, (Verdict::UnverifiableScope, "EXPORT_STRUCTURE_INVALID"), "{stranger}");
    }
}

/// DIFF-45: an export that says nothing of its scope does not support the claim about it.
#[test]
fn an_export_without_a_scope_is_not_faithful_to_it() {
    let report = Export::honest().verify();
    assert_eq!(report.outcome, Outcome::Verified);
    let answer = judge_scope_faithfulness(&report);
    assert_eq!((answer.verdict(), answer.exit_code()), (Verdict::InsufficientEvidence, 1));
}

/// DIFF-52: what was asked for is judged without a signature, too; it can only fail.
#[test]
fn unsigned_exports_still_fail_for_what_they_hold() {
    let mut options = both_layers();
    options.allow_unsigned = true;
    let mut export = Export::honest();
    export.manifest.remove("signature");
    let report = export.verify_with(&export.trust(), &options);
    assert_eq!(report.outcome.exit_code(), 0);
    export.records[0].entries[0].insert("event_type", "another.type");
    export.write_manifest();
    export.manifest.remove("signature");
    let report = export.verify_with(&export.trust(), &options);
    assert_eq!(report.outcome, Outcome::NotVerified);
    assert_eq!(verdict(&report, Claim::ChainContinuity), Some(Verdict::Disproved));
}

/// DIFF-53: nobody's key is no proof that a signature is bad.
#[test]
fn closures_without_any_key_manifest_are_left_open() {
    let export = Export::honest();
    let report = export.verify_with(&Trust::self_attested(), &both_layers());
    assert_eq!(report.outcome, Outcome::NotVerified);
    let closures = verdict(&report, Claim::ClosureSignature);
    assert_eq!(closures, Some(Verdict::InsufficientEvidence));
}

/// An empty text names a key, if one that there is not.
#[test]
fn key_08_empty_texts_in_place_of_keys_are_no_absence() {
    for (member, reason) in
        [("public_key", "MANIFEST_PUBLIC_KEY_MISMATCH"), ("key_id", "TRUST_ROOT_UNRESOLVABLE")]
    {
        let mut export = Export::honest();
        export.manifest.insert(member, "");
        let report = export.verify_with(&export.trust(), &ExportOptions::default());
        assert_eq!(report.outcome, Outcome::NotVerified, "{member}");
        assert_eq!(report.headline().unwrap().reason.as_str(), reason);
    }
}

/// Many trust roots write the last second of the year 9999 for "never". A small `z` is no zone.
#[test]
fn key_07_windows_may_end_with_the_last_year() {
    for (end, outcome) in [
        ("9999-12-31T23:59:59Z", Outcome::Verified),
        ("9999-12-31T23:59:59.999999Z", Outcome::Verified),
        ("9999-12-31T23:59:59z", Outcome::NotVerified),
    ] {
        let mut export = Export::honest();
        let mut keys = object(export.keys.clone());
        let entries = keys.get("keys").and_then(Value::as_array).unwrap().iter();
        let ended: Vec<Value<'static>> = entries
            .map(|entry| {
                let mut entry = object(entry.clone());
                entry.insert("valid_to", end);
                entry.into()
            })
            .collect();
        keys.insert("keys", ended);
        export.keys = keys.into();
        assert_eq!(export.verify().outcome, outcome, "{end}");
    }
}

/// DIFF-55: what ends the reference in a crash is a finding like any other.
#[test]
fn arrays_and_objects_in_place_of_words_are_findings() {
    for wrong in ["[]", "{}", "[1]", "{\"a\": 1}"] {
        for (member, claim, expected) in [
            ("chain_format_version", Claim::ChainContinuity, Verdict::UnverifiableScope),
            ("chain_scope", Claim::ChainContinuity, Verdict::Disproved),
            ("created_at", Claim::ChainContinuity, Verdict::Disproved),
            ("sequence_number", Claim::ChainContinuity, Verdict::Disproved),
        ] {
            let mut export = Export::honest();
            export.records[0].entries[1].insert(member, json(wrong));
            export.write_manifest();
            let report = export.verify();
            assert_eq!(verdict(&report, claim), Some(expected), "{member}: {wrong}");
        }
        for (member, claim, expected) in [
            ("binding_version", Claim::ClosureSignature, Verdict::UnverifiableScope),
            ("permit_id", Claim::ClosureSignature, Verdict::Disproved),
            ("provider_response_digest_semantics", Claim::ClosureDigests, Verdict::Disproved),
        ] {
            let mut export = Export::honest();
            let mut closure = export.closure(0);
            closure.insert(member, json(wrong));
            export.set_closure(0, evidence::sealed(closure));
            export.write_manifest();
            let report = export.verify();
            assert_eq!(report.outcome, Outcome::NotVerified, "{member}: {wrong}");
            assert_eq!(verdict(&report, claim), Some(expected), "{member}: {wrong}");
        }
    }
}
