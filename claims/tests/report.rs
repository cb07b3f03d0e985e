// SPDX-License-Identifier: Apache-2.0

//! The report: what is shown first, what it knows, and its JSON form.

#![cfg(test)]

use permit_canonical_json::{Budget, Sha256Digest, Value, read};
use permit_claims::{
    AlsoJudged, ArtifactReport, Claim, ClaimReport, NotChecked, Outcome, Report, ScopeReport,
    SemanticsMode, Subject, UsedPin, VERDICTS_SCHEMA, Verdict, to_pretty_text,
};
use permit_failure_codes::{FailureCode, Reason, ReasonClass};
use permit_types::{Artifact, Finding, Location};
use proptest::prelude::*;

use support::{failure, notice, report, whole_report};

#[test]
fn the_headline_is_a_failure_that_no_other_explains() {
    let because = |mut finding: Finding, cause: usize| {
        finding.because = Some(cause);
        finding
    };
    for (findings, expected) in [
        (vec![], None),
        (vec![notice("n")], None),
        (vec![failure("a"), failure("b")], Some("a")),
        (vec![notice("n"), failure("a")], Some("a")),
        (vec![because(failure("a"), 1), failure("b")], Some("b")),
        (vec![because(failure("a"), 2), because(failure("b"), 2), failure("c")], Some("c")),
        // A notice is no headline, even if it explains the failure.
        (vec![because(failure("a"), 1), notice("n")], Some("a")),
        // Causes that lead in a circle or nowhere hide no failure.
        (vec![because(failure("a"), 1), because(failure("b"), 0)], Some("a")),
        (vec![because(failure("a"), 0)], Some("a")),
        (vec![because(failure("a"), usize::MAX)], Some("a")),
    ] {
        let report = report(findings.clone());
        let shown = report.headline().map(|finding| finding.summary.as_str());
        assert_eq!(shown, expected, "{findings:?}");
        let failures = report.failures().count();
        assert_eq!(shown.is_some(), failures > 0);
        let _ = report.to_json();
    }
}

#[test]
fn a_new_report_is_about_nothing_and_no_pass() {
    let report = Report::new("export");
    assert_eq!(report.outcome, Outcome::CouldNotJudge);
    assert!(!report.passed() && report.headline().is_none());
    let statuses =
        [Outcome::Verified, Outcome::NotVerified, Outcome::CouldNotJudge].map(Outcome::exit_code);
    assert_eq!(statuses, [0, 1, 2]);
    for claim in Claim::ALL {
        assert!(report.claim(*claim).is_none());
    }
}

#[test]
fn claims_files_and_digests_are_found_by_what_they_are() {
    let report = whole_report();
    assert_eq!(report.claim(Claim::ExportIntegrity).map(|c| c.verdict), Some(Verdict::Disproved));
    assert!(report.claim(Claim::ClosureDigests).is_none(), "judged beside, and counts not");
    assert_eq!(report.artifact.file(Artifact::Export), Some("in/export.json"));
    assert_eq!(report.artifact.file(Artifact::Checkpoint), None);
    assert_eq!(report.artifact.digest(Artifact::Export), Some(Sha256Digest::of(b"export")));
    assert_eq!(report.artifact.digest(Artifact::KeyManifest), None);
    assert_eq!(ArtifactReport::default().kind, "");
    assert_eq!(SemanticsMode::default().as_str(), "legacy_unpinned");
    assert_eq!(SemanticsMode::Pinned.as_str(), "pinned");
}

#[test]
fn the_layout_is_that_of_the_reference_and_says_more() {
    assert_eq!(VERDICTS_SCHEMA, "keel.verifier.verdicts/v0");
    assert_eq!(to_pretty_text(&whole_report().to_json()), WHOLE);
}

#[test]
fn members_without_a_value_are_left_out_where_the_reference_leaves_them_out() {
    let json = Report::new("export").to_json();
    assert!(json.get("error").is_none());
    let semantics = json.get("semantics").unwrap();
    assert!(semantics.get("warning").is_none() && semantics.get("pins").is_none());
    assert!(semantics.get("profile_id").unwrap().is_null());
    assert!(semantics.get("profile_hash").unwrap().is_null());
    assert_eq!(json.get("claims").and_then(Value::as_array).map(<[_]>::len), Some(0));
    assert_eq!(json.get("diagnostics").and_then(Value::as_array).map(<[_]>::len), Some(0));
    let reason = ReasonClass::WalkEventsSupported;
    let subject = Subject::new("governance_chain", None, Verdict::Supported, reason, "");
    let claim = ClaimReport::new(Claim::ChainContinuity, true, vec![subject], reason, "");
    let mut report = Report::new("export");
    report.claims.push(claim);
    let json = report.to_json();
    let claim = &json.get("claims").and_then(Value::as_array).unwrap()[0];
    assert!(claim.get("evidence").is_none() && claim.get("semantics").is_none());
    // Empty texts stay.
    assert_eq!(claim.get("message").and_then(Value::as_str), Some(""));
    let subject = &claim.get("subjects").and_then(Value::as_array).unwrap()[0];
    assert!(subject.get("id").is_none() && subject.get("evidence").is_none());
    assert_eq!(subject.get("required").and_then(Value::as_bool), Some(true));
    let mut report = Report::new("export");
    let claim = ClaimReport::new(Claim::ChainContinuity, true, vec![], reason, "m");
    report.claims.push(claim);
    let json = report.to_json();
    assert!(json.get("claims").and_then(Value::as_array).unwrap()[0].get("subjects").is_none());
}

#[test]
fn the_code_of_the_taxonomy_stands_beside_another_word_for_it() {
    // CODE-02, CODE-03: consumers match on the word, the taxonomy has its code.
    for (reason, word, code) in [
        (FailureCode::WalkRecordHashMismatch.into(), "WALK_RECORD_HASH_MISMATCH", None),
        (
            Reason::from(ReasonClass::ContentHashMismatch),
            "CONTENT_HASH_MISMATCH",
            Some("MANIFEST_HASH_MISMATCH"),
        ),
        (
            Reason::ClassWithCode {
                class: ReasonClass::SignatureVerificationFailed,
                code: FailureCode::ManifestSignatureInvalid,
            },
            "SIGNATURE_VERIFICATION_FAILED",
            Some("MANIFEST_SIGNATURE_INVALID"),
        ),
        (ReasonClass::WalkEventsSupported.into(), "WALK_EVENTS_SUPPORTED", None),
    ] {
        let subject = Subject::new("thing", None, Verdict::Disproved, reason, "m");
        let mut report = Report::new("export");
        report.claims =
            vec![ClaimReport::new(Claim::ExportIntegrity, true, vec![subject], reason, "m")];
        let json = report.to_json();
        let claim = &json.get("claims").and_then(Value::as_array).unwrap()[0];
        let subject = &claim.get("subjects").and_then(Value::as_array).unwrap()[0];
        for object in [claim, subject] {
            assert_eq!(object.get("reason_code").and_then(Value::as_str), Some(word));
            assert_eq!(object.get("failure_code").and_then(Value::as_str), code);
        }
    }
}

#[test]
fn hostile_text_is_escaped_in_every_place() {
    let hostile = "a\u{0}\u{1b}[31m\u{202e}\u{2066}\u{200b}\u{7f}\u{85}\u{2028}\u{feff}\u{e0041}\n\"\\é😀</script>";
    let text = to_pretty_text(&everywhere(hostile).to_json());
    assert!(text.is_ascii());
    assert!(!text.contains(|c: char| c.is_ascii_control() && c != '\n'));
    // Every line is one that the writer has broken, none one of the evidence.
    let value = read(text.as_bytes(), &Budget::default()).unwrap();
    assert_eq!(to_pretty_text(&value), text);
    let escaped = concat!(
        r"a\u0000\u001b[31m\u202e\u2066\u200b\u007f\u0085\u2028\ufeff\udb40\udc41\n\",
        "\"",
        r"\\\u00e9\ud83d\ude00</script>"
    );
    assert_eq!(text.matches(escaped).count(), PLACES, "{text}");
}

#[test]
fn long_text_is_cut_in_every_place_and_says_so() {
    let long = "x".repeat(1_000_000);
    let text = to_pretty_text(&everywhere(&long).to_json());
    assert!(text.len() < PLACES * 6_000, "{}", text.len());
    assert_eq!(text.matches(r"x\u2026 (1000000 bytes)").count(), PLACES);
    // Cut between characters, and only what is too long.
    let value_of = |whole: &str| {
        let mut report = Report::new("export");
        report.error = Some(whole.to_owned());
        report.to_json().get("error").and_then(Value::as_str).unwrap().to_owned()
    };
    assert_eq!(value_of(&"x".repeat(4_096)), "x".repeat(4_096));
    assert_eq!(value_of(&"x".repeat(4_097)), format!("{}… (4097 bytes)", "x".repeat(4_096)));
    assert_eq!(value_of(&"é".repeat(2_048)), "é".repeat(2_048));
    assert_eq!(value_of(&"😀".repeat(1_025)), format!("{}… (4100 bytes)", "😀".repeat(1_024)));
    let shifted = format!("x{}", "😀".repeat(1_024));
    assert_eq!(value_of(&shifted), format!("x{}… (4097 bytes)", "😀".repeat(1_023)));
}

/// A report that has this text wherever evidence or callers can put one.
fn everywhere(text: &str) -> Report {
    let owned = || text.to_owned();
    let reason = ReasonClass::VerificationFailed;
    let mut report = Report::new("export");
    report.error = Some(owned());
    report.artifact.files = vec![(Artifact::Export, owned())];
    report.semantics.profile = Some((owned(), owned()));
    report.semantics.warning = Some(owned());
    let pin = UsedPin { id: owned(), hash: owned(), source: owned(), status: "allowlisted" };
    report.semantics.pins = vec![pin];
    report.trust.source = Some(owned());
    report.trust.channel = Some(owned());
    report.trust.public_key = Some(owned());
    report.trust.key_id = Some(owned());
    let verdict = Verdict::Disproved;
    let subject = Subject::new("thing", Some(owned()), verdict, reason, text).evidence([owned()]);
    let mut claim =
        ClaimReport::new(Claim::PermitDecision, true, vec![subject], reason, text).evidence([text]);
    claim.semantics = vec![(permit_claims::SemanticArtifact::PermitDecision, Some(owned()))];
    report.claims = vec![claim];
    let at = Location::value(
        Artifact::Export,
        permit_canonical_json::JsonPointer::root(),
        permit_canonical_json::ByteRange::default(),
    );
    let finding = Finding::failure(reason, at, text)
        .values(text, text)
        .detail("permit_id", text)
        .help(owned());
    report.findings = vec![finding];
    report.still_holds = vec![owned()];
    report.diagnostics = vec![owned()];
    report.scopes = vec![ScopeReport {
        chain_scope: owned(),
        entries: 1,
        numbers: None,
        number_runs: 0,
        segments: 0,
    }];
    report
}

/// The places that `everywhere` fills.
const PLACES: usize = 26;

#[test]
fn paths_of_any_depth_are_cut_too() {
    let pointer = (0..10_000)
        .fold(permit_canonical_json::JsonPointer::root(), |pointer, at| pointer.index(at));
    let at = Location::value(Artifact::Export, pointer, Default::default());
    let mut report = Report::new("export");
    report.findings = vec![Finding::failure(ReasonClass::ArtifactUnreadable, at, "deep")];
    let json = report.to_json();
    let finding = &json.get("findings").and_then(Value::as_array).unwrap()[0];
    let shown = finding.get("pointer").and_then(Value::as_str).unwrap();
    assert!(shown.starts_with("/0/1/2/") && shown.ends_with("… (48890 bytes)"), "{shown}");
}

#[test]
fn pretty_text_is_written_as_python_writes_it() {
    // json.dumps(value, indent=2, sort_keys=True) and a line break.
    let value = read(
        "{\"b\":[],\"a\":{},\"\u{1f600}\":null,\"\u{e9}\":[1.50,-0,1e3,true,false,[[]]],\"\\u0000\":\"\\/\\b\\f\\t\\r\\u007f~ \"}"
            .as_bytes(),
        &Budget::default(),
    )
    .unwrap();
    let expected = r#"{
  "\u0000": "/\b\f\t\r\u007f~ ",
  "a": {},
  "b": [],
  "\u00e9": [
    1.50,
    -0,
    1e3,
    true,
    false,
    [
      []
    ]
  ],
  "\ud83d\ude00": null
}
"#;
    assert_eq!(to_pretty_text(&value), expected);
    for (text, expected) in [("null", "null\n"), ("\"\"", "\"\"\n"), ("[]", "[]\n"), ("{}", "{}\n")]
    {
        let value = read(text.as_bytes(), &Budget::default()).unwrap();
        assert_eq!(to_pretty_text(&value), expected);
    }
}

#[test]
fn recorded_reports_of_the_reference_have_the_same_members() {
    let Some(cases) = recorded::cases() else { return };
    let mut claims = 0;
    for (id, theirs) in &cases {
        let ours = recorded::report(theirs).to_json();
        recorded::covers(id, "", &ours, theirs);
        claims += theirs.get("claims").and_then(Value::as_array).unwrap().len();
    }
    assert!(cases.len() >= 30 && claims >= 60, "{} {claims}", cases.len());
}

proptest! {
    #[test]
    fn pretty_text_reads_back_as_the_same_value(text in any::<String>(), name in any::<String>(), number: i64) {
        let value = Value::object([
            (name, Value::array([Value::from(text.clone()), number.into(), Value::from(())])),
            (text, Value::from(number % 2 == 0)),
        ]);
        let pretty = to_pretty_text(&value);
        prop_assert!(pretty.is_ascii());
        prop_assert_eq!(read(pretty.as_bytes(), &Budget::default()).unwrap(), value);
    }

    #[test]
    fn any_text_gives_a_report_that_can_be_read(text in any::<String>()) {
        let pretty = to_pretty_text(&everywhere(&text).to_json());
        let json = read(pretty.as_bytes(), &Budget::default()).unwrap();
        prop_assert_eq!(json.get("error").and_then(Value::as_str), Some(text.as_str()));
    }
}

/// The text of `whole_report`.
const WHOLE: &str = include_str!("whole_report.json");

#[cfg(test)]
mod support {
    use super::*;

    pub(crate) fn failure(summary: &str) -> Finding {
        let at = Location::whole(Artifact::Export);
        Finding::failure(FailureCode::WalkRecordHashMismatch, at, summary)
    }

    pub(crate) fn notice(summary: &str) -> Finding {
        let at = Location::whole(Artifact::Export);
        Finding::notice(ReasonClass::ReservedNameUsed, at, summary)
    }

    pub(crate) fn report(findings: Vec<Finding>) -> Report {
        let mut report = Report::new("export");
        report.findings = findings;
        report
    }

    /// A report that has something everywhere.
    pub(crate) fn whole_report() -> Report {
        let mut report = Report::new("export");
        report.outcome = Outcome::NotVerified;
        report.error = Some("the export's bytes are others".to_owned());
        report.artifact.files = vec![
            (Artifact::Export, "in/export.json".to_owned()),
            (Artifact::Manifest, "in/manifest.json".to_owned()),
        ];
        report.artifact.digests = vec![
            (Artifact::Manifest, Sha256Digest::of(b"manifest")),
            (Artifact::Export, Sha256Digest::of(b"export")),
        ];
        report.semantics.profile = Some(("profile".to_owned(), "sha256:00".to_owned()));
        report.semantics.warning = Some("no pins".to_owned());
        report.semantics.pins = vec![UsedPin {
            id: "keel.closure.format.v1".to_owned(),
            hash: "sha256:b208".to_owned(),
            source: "legacy profile components[4]".to_owned(),
            status: "allowlisted",
        }];
        report.trust.source = Some("--key-manifest keys.json".to_owned());
        report.trust.test_mode = true;
        let reason = ReasonClass::ContentHashMismatch;
        let subject = Subject::new(
            "payload_content_hash",
            Some("export.json".to_owned()),
            Verdict::Disproved,
            reason,
            "other bytes",
        );
        let subject = subject.evidence(["manifest.content_hash", "in/export.json"]);
        let mut claim =
            ClaimReport::new(Claim::ExportIntegrity, true, vec![subject], reason, "other bytes");
        claim.semantics = vec![
            (permit_claims::SemanticArtifact::ExportManifestIntegrity, Some("sha256:d1".into())),
            (permit_claims::SemanticArtifact::PermitDecision, None),
        ];
        report.claims = vec![claim.evidence(["manifest.content_hash"])];
        report.also_judged = vec![AlsoJudged {
            claim: Claim::ClosureDigests,
            verdict: Verdict::Supported,
            reason: ReasonClass::ClosureDigestConsistencySupported.into(),
        }];
        report.not_checked =
            vec![NotChecked { claim: Claim::ChainContinuity, because: "nobody asked" }];
        let at = Location::value(
            Artifact::Manifest,
            permit_canonical_json::JsonPointer::root().member("content_hash"),
            permit_canonical_json::ByteRange::new(16, 89),
        );
        let mut finding = Finding::failure(reason, at, "other bytes")
            .rule("BUNDLE-06")
            .values("sha256:aa", "sha256:bb")
            .detail("key_id", "k")
            .help("ask for the file again");
        finding.because = Some(1);
        report.findings = vec![finding];
        report.findings_left_out = 3;
        report.still_holds = vec!["chain entries and their links".to_owned()];
        report.inspected.records = 2;
        report.inspected.closures = 1;
        report.scopes = vec![ScopeReport {
            chain_scope: "project:p".to_owned(),
            entries: 4,
            numbers: Some((7, 10)),
            number_runs: 1,
            segments: 1,
        }];
        report.does_not_prove = vec!["that anything else exists"];
        report.diagnostics = vec!["a remark".to_owned()];
        report
    }
}

#[cfg(test)]
mod recorded {
    use super::*;

    /// Reports about exports that the reference has printed, by the id of their case.
    pub(crate) fn cases() -> Option<Vec<(String, Value<'static>)>> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference/peer-cases");
        let Ok(folder) = std::fs::read_dir(root) else {
            eprintln!("skipped: {root} is not there");
            return None;
        };
        let mut cases = Vec::new();
        for case in folder {
            let path = case.unwrap().path();
            let Ok(bytes) = std::fs::read(path.join("case.json")) else { continue };
            let case = read(&bytes, &Budget::default()).unwrap().into_owned();
            let Some(json) = case.get("expected").and_then(|expected| expected.get("json")) else {
                continue;
            };
            let report = json.get("report").unwrap_or(json);
            let kind = report.get("artifact").and_then(|artifact| artifact.get("kind"));
            if kind.and_then(Value::as_str) == Some("export") {
                cases.push((path.display().to_string(), report.clone()));
            }
        }
        Some(cases)
    }

    /// The report that the reference's JSON is one of, as far as it is about something we have.
    pub(crate) fn report(json: &Value<'_>) -> Report {
        let mut report = Report::new("export");
        report.outcome = if json.get("ok").and_then(Value::as_bool) == Some(true) {
            Outcome::Verified
        } else {
            Outcome::NotVerified
        };
        report.error = json.get("error").and_then(Value::as_str).map(str::to_owned);
        report.diagnostics = texts(json.get("diagnostics"));
        let artifact = json.get("artifact").unwrap();
        for (of, path, hash) in [
            (Artifact::Export, "payload_path", "payload_hash"),
            (Artifact::Manifest, "manifest_path", "manifest_hash"),
        ] {
            report.artifact.files.push((of, text(artifact, path)));
            let digest = Sha256Digest::from_prefixed(&text(artifact, hash)).unwrap();
            report.artifact.digests.push((of, digest));
        }
        let semantics = json.get("semantics").unwrap();
        if text(semantics, "mode") == "pinned" {
            report.semantics.mode = SemanticsMode::Pinned;
        }
        let profile = semantics.get("profile_id").and_then(Value::as_str);
        report.semantics.profile =
            profile.map(|id| (id.to_owned(), text(semantics, "profile_hash")));
        report.semantics.warning =
            semantics.get("warning").and_then(Value::as_str).map(str::to_owned);
        report.semantics.pins = list(semantics.get("pins")).iter().map(pin).collect();
        report.claims = list(json.get("claims")).iter().map(claim).collect();
        report
    }

    fn pin(pin: &Value<'_>) -> UsedPin {
        let status = text(pin, "status").leak();
        UsedPin {
            id: text(pin, "id"),
            hash: text(pin, "hash"),
            source: text(pin, "source"),
            status,
        }
    }

    fn claim(json: &Value<'_>) -> ClaimReport {
        let subjects = list(json.get("subjects")).iter().map(subject).collect();
        let name = Claim::parse(&text(json, "name")).unwrap();
        let required = json.get("required").and_then(Value::as_bool).unwrap();
        let mut claim =
            ClaimReport::new(name, required, subjects, reason(json), text(json, "message"))
                .evidence(texts(json.get("evidence")));
        // What the subjects add up to is what the reference says of the whole.
        assert_eq!(claim.verdict.as_str(), text(json, "verdict"));
        let artifact = |needed: &Value<'_>| {
            let hash = needed.get("hash").and_then(Value::as_str).map(str::to_owned);
            (permit_claims::SemanticArtifact::parse(&text(needed, "id")).unwrap(), hash)
        };
        claim.semantics = list(json.get("semantics")).iter().map(artifact).collect();
        let ids: Vec<_> = claim.semantics.iter().map(|(artifact, _)| *artifact).collect();
        assert_eq!(ids, name.needs(), "CLAIM-09: each claim names what it needs");
        claim
    }

    fn subject(json: &Value<'_>) -> Subject {
        let verdict = Verdict::parse(&text(json, "verdict")).unwrap();
        let id = json.get("id").and_then(Value::as_str).map(str::to_owned);
        Subject::new(text(json, "type").leak(), id, verdict, reason(json), text(json, "message"))
            .evidence(texts(json.get("evidence")))
    }

    fn reason(json: &Value<'_>) -> Reason {
        Reason::parse(&text(json, "reason_code")).unwrap()
    }

    fn text(json: &Value<'_>, name: &str) -> String {
        json.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("{name}")).to_owned()
    }

    fn texts(json: Option<&Value<'_>>) -> Vec<String> {
        list(json).iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    fn list<'j, 'v>(json: Option<&'j Value<'v>>) -> &'j [Value<'v>] {
        json.and_then(Value::as_array).unwrap_or_default()
    }

    /// Ours has every member of theirs with the same value, and others only where that is known.
    pub(crate) fn covers(id: &str, path: &str, ours: &Value<'_>, theirs: &Value<'_>) {
        if let (Some(ours), Some(theirs)) = (ours.as_object(), theirs.as_object()) {
            for member in theirs.members() {
                let path = format!("{path}/{}", member.name());
                // Remarks about one claim stand with those about the run.
                if path.starts_with("/claims/") && member.name() == "diagnostics" {
                    continue;
                }
                let Some(own) = ours.get(member.name()) else { panic!("{id}: {path} is missing") };
                covers(id, &path, own, member.value());
            }
            for member in ours.members() {
                let own = match path {
                    "" => OWN.contains(&member.name()),
                    path => path.starts_with("/claims/") && member.name() == "failure_code",
                };
                assert!(
                    own || theirs.get(member.name()).is_some(),
                    "{id}: {path}/{}",
                    member.name()
                );
            }
        } else if let (Some(ours), Some(theirs)) = (ours.as_array(), theirs.as_array()) {
            assert_eq!(ours.len(), theirs.len(), "{id}: {path}");
            for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                covers(id, &format!("{path}/{index}"), ours, theirs);
            }
        } else {
            assert_eq!(ours, theirs, "{id}: {path}");
        }
    }

    /// Members of the report that the reference does not have.
    const OWN: [&str; 9] = [
        "also_judged",
        "chain_scopes",
        "does_not_prove",
        "evidence_inspected",
        "findings",
        "findings_left_out",
        "not_checked",
        "still_holds",
        "trust",
    ];
}
