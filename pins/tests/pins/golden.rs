// SPDX-License-Identifier: Apache-2.0

//! The pinned records 31 to 43 of the golden corpus, built from what its index says of them.
//!
//! Their pins name the paths of a release, with and without the files beside the pack. What the layers
//! find is taken for granted; here it is about the pins and what is required.

use permit_canonical_json::{Object, Value};
use permit_claims::{Claim, ClaimReport, Outcome, Subject, Verdict};
use permit_failure_codes::ReasonClass;
use permit_pins::{
    ALLOW_LIST, InMemoryPackFiles, NoPackFiles, PackDocument, PackFiles, PackPath, Pin, PinFailure,
    PinWriter, RequestedClaim, Resolution, enforce_required, resolve,
};

use crate::pack::{I, INTEGRITY, U, ZERO, inline, judge_with, released_bytes};

fn pack(claims: &[Claim]) -> Value<'static> {
    let requests = claims.iter().map(|claim| RequestedClaim::new(*claim, true));
    let mut manifest = Object::default();
    PinWriter::for_claims(requests, Pin::at_released_path)
        .write()
        .unwrap()
        .insert_into(&mut manifest);
    manifest.into()
}

/// The released files, if they are here.
fn release() -> Option<InMemoryPackFiles> {
    let mut files = InMemoryPackFiles::new();
    for path in ALLOW_LIST.iter().filter_map(|released| released.released_path()) {
        files.insert(PackPath::parse(path).unwrap(), released_bytes(path)?);
    }
    Some(files)
}

/// Once without any files, once with those of the release.
fn everywhere(check: impl Fn(&dyn PackFiles)) {
    check(&NoPackFiles);
    if let Some(files) = release() {
        check(&files);
    }
}

fn supported(claim: Claim) -> ClaimReport {
    let reason = ReasonClass::ContentHashMatch;
    let subject = Subject::new("subject", None, Verdict::Supported, reason, "");
    ClaimReport::new(claim, true, vec![subject], reason, "")
}

fn ends(resolution: &Resolution, judged: &[Claim]) -> (Outcome, Vec<&'static str>) {
    let reports = judged.iter().copied().map(supported).collect();
    let enforced = enforce_required(resolution, "manifest.json", reports);
    let added = enforced.claims.iter().filter(|claim| !claim.is_supported());
    let reasons = added.map(|claim| claim.reason.as_str()).collect();
    (enforced.settle(Outcome::Verified, None).0, reasons)
}

#[test]
fn records_31_to_39_resolve_and_what_they_require_is_judged() {
    use Claim as C;
    let export = PackDocument::ExportManifest;
    let records: [(PackDocument, &[Claim]); 6] = [
        (export, &[C::ExportIntegrity, C::ExportScopeIdentity]),
        (export, &[C::ChainContinuity]),
        (export, &[C::ClosureSignature, C::ClosureDigests, C::ClosureDispatch]),
        (
            export,
            &[
                C::WorkflowSibling,
                C::WorkflowDeclarations,
                C::WorkflowAmendments,
                C::WorkflowIntent,
                C::WorkflowSnapshot,
            ],
        ),
        (export, &[C::IncidentManifest, C::WorkflowDeclarations]),
        (PackDocument::Checkpoint, &[C::CheckpointHash, C::CheckpointSignature, C::CheckpointTsa]),
    ];
    everywhere(|files| {
        for (document, claims) in records {
            let semantics = resolve(document, &pack(claims), files).unwrap();
            assert!(claims.iter().all(|claim| semantics.covers(*claim)));
            assert_eq!(ends(semantics.resolution(), claims), (Outcome::Verified, Vec::new()));
        }
    });
}

#[test]
fn records_32_and_40_require_a_claim_that_nobody_can_judge() {
    let missing = "REQUIRED_CLAIM_NOT_ADJUDICATED";
    everywhere(|files| {
        let claims = [Claim::ExportIntegrity, Claim::DelegationDenied];
        let document = PackDocument::ExportManifest;
        let semantics = resolve(document, &pack(&claims), files).unwrap();
        let judged = [Claim::ExportIntegrity];
        assert_eq!(ends(semantics.resolution(), &judged), (Outcome::NotVerified, vec![missing]));
        let judged = [Claim::CheckpointHash, Claim::CheckpointSignature];
        let claims = [&judged[..], &[Claim::CheckpointTsa]].concat();
        let semantics = resolve(PackDocument::Checkpoint, &pack(&claims), files).unwrap();
        assert_eq!(ends(semantics.resolution(), &judged), (Outcome::NotVerified, vec![missing]));
    });
}

fn spoiled(files: &dyn PackFiles, spoil: impl FnOnce(&mut serde_json::Value)) -> Box<PinFailure> {
    let pack = pack(&[Claim::ExportIntegrity]);
    let text = permit_claims::to_pretty_text(&pack);
    let mut pack: serde_json::Value = serde_json::from_str(&text).unwrap();
    spoil(&mut pack["semantics_pins"]["artifacts"]);
    judge_with(PackDocument::ExportManifest, &pack, files).unwrap_err()
}

#[test]
fn records_41_to_43_lack_do_not_know_and_contradict_a_pin() {
    everywhere(|files| {
        let missing = spoiled(files, |artifacts| *artifacts = serde_json::json!([]));
        assert_eq!((missing.reason().as_str(), missing.verdict()), ("SEMANTIC_PIN_MISSING", I));
        let foreign = spoiled(files, |artifacts| {
            artifacts[0] = inline(INTEGRITY, br#"{"id": "keel.export_manifest.integrity.v1"}"#);
        });
        assert_eq!(
            (foreign.reason().as_str(), foreign.verdict()),
            ("SEMANTIC_PIN_NOT_ALLOWLISTED", U)
        );
        let zero = spoiled(files, |artifacts| artifacts[0]["hash"] = ZERO.into());
        assert_eq!((zero.reason().as_str(), zero.verdict()), ("SEMANTIC_PIN_HASH_MISMATCH", I));
        let actual = zero.fault.finding.actual.as_deref().unwrap();
        assert!(actual.starts_with("sha256:d1d67dca7eb9"));
    });
}
