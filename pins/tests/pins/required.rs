// SPDX-License-Identifier: Apache-2.0

//! What a pack requires (PIN-08, CLAIM-04): merging, flags, claims that nobody judged, and how the run ends.

use permit_claims::{Claim, ClaimReport, Outcome, SemanticArtifact, Subject, Verdict};
use permit_failure_codes::ReasonClass;
use permit_pins::{Enforcement, NoPackFiles, PackDocument, enforce_required};
use serde_json::{Value, json};

use crate::pack::{I, INTEGRITY, judge, judge_with, manifest, pin};
use Verdict::{Disproved as D, Supported as S, UnverifiableScope as Out};

const MISSING: Verdict = Verdict::InsufficientEvidence;

fn subject(verdict: Verdict, reason: ReasonClass) -> Subject {
    Subject::new("subject", None, verdict, reason, reason.as_str())
}

fn report(claim: Claim, verdict: Verdict, reason: ReasonClass) -> ClaimReport {
    ClaimReport::new(claim, true, vec![subject(verdict, reason)], reason, reason.as_str())
}

/// A pack that requests these claims.
fn pack(claims: &[(&str, bool)]) -> Value {
    let mut pack = manifest();
    pack["claim_set"]["claims"] = claims
        .iter()
        .map(|(name, required)| json!({ "name": name, "required": required }))
        .collect();
    pack["semantics_pins"]["artifacts"] =
        SemanticArtifact::ALL.iter().map(|artifact| pin(artifact.id())).collect();
    pack
}

fn enforce(pack: &Value, reports: Vec<ClaimReport>) -> Enforcement {
    let semantics = judge(pack).unwrap();
    enforce_required(semantics.resolution(), "folder/manifest.json", reports)
}

fn integrity() -> ClaimReport {
    report(Claim::ExportIntegrity, S, ReasonClass::ExportIntegritySupported)
}

#[test]
fn rule_1_reports_of_one_claim_become_one() {
    let mut first =
        report(Claim::WorkflowIntent, S, ReasonClass::WorkflowEffectiveIntentHashSupported);
    first.required = false;
    first.evidence = vec!["a".to_owned()];
    let mut second = first.clone();
    second.required = true;
    second.semantics = vec![(SemanticArtifact::WorkflowCanonicalization, None)];
    second.evidence = vec!["b".to_owned()];
    let merged = enforce(&json!({}), vec![first.clone(), integrity(), second]).claims;
    assert_eq!(merged.len(), 2);
    assert_eq!(merged[0].claim, Claim::WorkflowIntent);
    assert_eq!(merged[0].subjects.len(), 2);
    assert_eq!(merged[0].evidence, ["a", "b"]);
    assert_eq!(merged[0].semantics.len(), 1);
    assert!(merged[0].required && merged[0].is_supported());
    assert_eq!(merged[0].reason, first.reason);
}

#[test]
fn rule_1_a_report_that_stands_alone_stays_as_it_is() {
    // Its verdict need not be that of its subjects.
    let mut odd = integrity();
    odd.verdict = MISSING;
    odd.reason = ReasonClass::ContentHashMismatch.into();
    assert_eq!(enforce(&json!({}), vec![odd.clone()]).claims, [odd]);
}

#[test]
fn trap_13_the_reason_of_merged_reports_is_that_of_the_worst() {
    let good = report(Claim::WorkflowIntent, S, ReasonClass::WorkflowEffectiveIntentHashSupported);
    let bad = report(Claim::WorkflowIntent, MISSING, ReasonClass::RequiredClaimNotAdjudicated);
    let worse = report(Claim::WorkflowIntent, D, ReasonClass::ContentHashMismatch);
    for (reports, verdict, reason) in [
        (vec![&good, &bad], MISSING, bad.reason),
        (vec![&bad, &good], MISSING, bad.reason),
        (vec![&good, &bad, &worse], D, worse.reason),
        (vec![&worse, &bad, &good], D, worse.reason),
        (vec![&good, &good], S, good.reason),
    ] {
        let merged = enforce(&json!({}), reports.into_iter().cloned().collect()).claims;
        assert_eq!(merged.len(), 1);
        assert_eq!((merged[0].verdict, merged[0].reason), (verdict, reason));
        assert_eq!(merged[0].message, reason.as_str());
    }
}

#[test]
fn rule_1_a_verdict_that_a_report_was_given_is_dropped_when_it_is_merged() {
    let mut overruled = report(Claim::WorkflowIntent, D, ReasonClass::ContentHashMismatch);
    overruled.verdict = S;
    overruled.reason = ReasonClass::WorkflowEffectiveIntentHashSupported.into();
    let good = report(Claim::WorkflowIntent, S, ReasonClass::WorkflowEffectiveIntentHashSupported);
    let merged = enforce(&json!({}), vec![overruled, good]).claims;
    assert_eq!(merged[0].verdict, D);
    // No report said so, one of its subjects did.
    assert_eq!(merged[0].reason, ReasonClass::ContentHashMismatch.into());
    // Nothing proves nothing.
    let empty = |verdict| {
        let mut report = ClaimReport::new(
            Claim::WorkflowIntent,
            true,
            Vec::new(),
            ReasonClass::ContentHashMatch,
            "",
        );
        report.verdict = verdict;
        report
    };
    let merged = enforce(&json!({}), vec![empty(S), empty(S)]).claims;
    assert_eq!(merged[0].verdict, MISSING);
}

#[test]
fn rule_2_requested_flags_win_and_others_stay() {
    let reports = || {
        let mut identity =
            report(Claim::ExportScopeIdentity, Out, ReasonClass::ExportScopeIdentityUnverifiable);
        identity.required = false;
        let chain = report(Claim::ChainContinuity, D, ReasonClass::ContentHashMismatch);
        vec![integrity(), identity, chain]
    };
    let flags = |pack: &Value| {
        enforce(pack, reports()).claims.iter().map(|claim| claim.required).collect::<Vec<_>>()
    };
    assert_eq!(flags(&json!({})), [true, false, true]);
    assert_eq!(flags(&pack(&[("export.integrity.v1", true)])), [true, false, true]);
    let turned = pack(&[("export.integrity.v1", false), ("export.scope_identity.v1", true)]);
    assert_eq!(flags(&turned), [false, true, true]);
}

#[test]
fn pin_08_flags_decide_how_the_run_ends_and_no_verdict() {
    let chain = || report(Claim::ChainContinuity, D, ReasonClass::ContentHashMismatch);
    for (required, outcome) in [(true, Outcome::NotVerified), (false, Outcome::Verified)] {
        let pack = pack(&[
            ("export.integrity.v1", true),
            ("governance_chain.local_continuity.v1", required),
        ]);
        let enforced = enforce(&pack, vec![integrity(), chain()]);
        assert_eq!(enforced.claims[1].verdict, D);
        assert_eq!(enforced.settle(Outcome::Verified, None).0, outcome);
    }
    // A claim that the pack does not request decides nothing here.
    let pack = pack(&[("export.integrity.v1", true)]);
    let enforced = enforce(&pack, vec![integrity(), chain()]);
    assert!(enforced.missed().is_empty());
}

#[test]
fn rule_3_required_claims_that_nobody_judged_are_added() {
    let pack = pack(&[
        ("permit.revoked.v1", true),
        ("export.integrity.v1", true),
        ("permit.decision.v1", false),
        ("checkpoint.tsa_imprint.v1", true),
    ]);
    let enforced = enforce(&pack, vec![integrity()]);
    let claims: Vec<_> = enforced.claims.iter().map(|report| report.claim).collect();
    assert_eq!(claims, [Claim::ExportIntegrity, Claim::PermitRevoked, Claim::CheckpointTsa]);
    let added = &enforced.claims[1];
    assert_eq!(added.verdict, MISSING);
    assert_eq!(added.reason.as_str(), "REQUIRED_CLAIM_NOT_ADJUDICATED");
    assert!(added.required);
    assert_eq!(added.evidence, ["manifest.claim_set"]);
    assert_eq!(added.subjects[0].kind, "claim_set_requirement");
    assert_eq!(added.subjects[0].id.as_deref(), Some("folder/manifest.json"));
    let hash = pin("keel.permit.revoked_event.v1")["hash"].as_str().map(str::to_owned);
    assert_eq!(added.semantics, [(SemanticArtifact::PermitRevokedEvent, hash)]);

    let places: Vec<_> = enforced.findings.iter().map(|f| f.at.pointer.to_string()).collect();
    assert_eq!(places, ["/claim_set/claims/0", "/claim_set/claims/3"]);
    assert!(enforced.findings.iter().all(|finding| !finding.at.range.is_empty()));
    assert_eq!(enforced.findings[0].rule.map(|rule| rule.as_str()), Some("PIN-08"));
}

#[test]
fn rule_4_the_error_names_what_is_missing_in_order_and_only_if_there_is_none() {
    let pack = pack(&[
        ("permit.revoked.v1", true),
        ("export.integrity.v1", true),
        ("checkpoint.tsa_imprint.v1", true),
    ]);
    let mut broken = integrity();
    broken.verdict = D;
    let enforced = enforce(&pack, vec![broken]);
    let error = "required claims not supported: checkpoint.tsa_imprint.v1, export.integrity.v1, permit.revoked.v1";
    assert_eq!(enforced.error().as_deref(), Some(error));
    let own = Some("content hash".to_owned());
    for (before, after) in [
        (Outcome::Verified, Outcome::NotVerified),
        (Outcome::NotVerified, Outcome::NotVerified),
        (Outcome::CouldNotJudge, Outcome::CouldNotJudge),
    ] {
        assert_eq!(enforced.settle(before, None), (after, Some(error.to_owned())));
        assert_eq!(enforced.settle(before, own.clone()), (after, own.clone()));
    }
}

#[test]
fn a_pack_without_pins_requires_nothing() {
    let enforced = enforce(&json!({}), Vec::new());
    assert!(enforced.claims.is_empty() && enforced.missed().is_empty());
    assert_eq!(enforced.settle(Outcome::Verified, None), (Outcome::Verified, None));
}

#[test]
fn a_run_that_the_pins_stopped_lists_the_other_required_claims() {
    let mut pack = pack(&[
        ("export.integrity.v1", false),
        ("closure.signature.v1", false),
        ("permit.decision.v1", true),
        ("permit.revoked.v1", false),
    ]);
    pack["semantics_pins"]["artifacts"] = json!([pin(INTEGRITY)]);
    let failure = judge(&pack).unwrap_err();
    assert_eq!(failure.verdict(), I);
    let marked = failure.marked.iter().map(|request| {
        let reason = failure.reason();
        let subject =
            Subject::new("semantic_resolution", None, failure.verdict().into(), reason, "");
        ClaimReport::new(request.claim, request.required, vec![subject], reason, "")
    });
    let enforced = enforce_required(&failure.resolution, "manifest.json", marked.collect());
    let told: Vec<_> = enforced
        .claims
        .iter()
        .map(|report| (report.claim.as_str(), report.reason.as_str(), report.required))
        .collect();
    assert_eq!(
        told,
        [
            ("closure.signature.v1", "SEMANTIC_PIN_MISSING", false),
            ("permit.decision.v1", "REQUIRED_CLAIM_NOT_ADJUDICATED", true),
        ]
    );
    assert_eq!(enforced.missed(), [Claim::PermitDecision]);
}

#[test]
fn requests_that_cannot_be_read_leave_the_defaults_required() {
    let failure =
        judge_with(PackDocument::Checkpoint, &json!({ "claim_set": 1 }), &NoPackFiles).unwrap_err();
    let enforced = enforce_required(&failure.resolution, "checkpoint.json", Vec::new());
    assert_eq!(enforced.missed(), [Claim::CheckpointHash, Claim::CheckpointSignature]);
    assert_eq!(enforced.claims[0].evidence, ["checkpoint.claim_set"]);
}
