// SPDX-License-Identifier: Apache-2.0

//! How verdicts add up, and how layers that may not say `supported` say what they found.

#![cfg(test)]

use permit_claims::{Claim, ClaimFault, ClaimReport, Subject, Unsupported, Verdict, aggregate};
use permit_failure_codes::{FailureCode, Reason, ReasonClass};
use permit_types::{Artifact, Finding, Location};
use proptest::prelude::*;

use support::{lists, recorded, subject};

/// The rule, as the reference states it.
fn naive(verdicts: &[Verdict]) -> Verdict {
    if verdicts.is_empty() {
        Verdict::InsufficientEvidence
    } else if verdicts.contains(&Verdict::Disproved) {
        Verdict::Disproved
    } else if verdicts.contains(&Verdict::UnverifiableScope) {
        Verdict::UnverifiableScope
    } else if verdicts.contains(&Verdict::InsufficientEvidence) {
        Verdict::InsufficientEvidence
    } else {
        Verdict::Supported
    }
}

#[test]
fn claim_04_verdicts_add_up_to_the_worst_in_every_combination() {
    let lists = lists(4);
    assert_eq!(lists.len(), 1 + 4 + 16 + 64 + 256);
    for verdicts in lists {
        let whole = aggregate(verdicts.iter().copied());
        assert_eq!(whole, naive(&verdicts), "{verdicts:?}");
        let subjects = verdicts.iter().map(|verdict| subject(*verdict)).collect();
        let reason = ReasonClass::VerificationFailed;
        let claim = ClaimReport::new(Claim::ClosureSignature, true, subjects, reason, "m");
        assert_eq!(claim.verdict, whole, "{verdicts:?}");
        // CLAIM-02: without anything to judge by, there is no pass.
        let all = !verdicts.is_empty() && verdicts.iter().all(|v| *v == Verdict::Supported);
        assert_eq!(claim.is_supported(), all, "{verdicts:?}");
    }
}

#[test]
fn claim_04_the_truth_table() {
    // Semantics known, evidence there, evidence valid: what a layer makes of it.
    for (known, sufficient, valid) in [true, false]
        .into_iter()
        .flat_map(|k| [true, false].into_iter().flat_map(move |s| [true, false].map(|v| (k, s, v))))
    {
        let finding = || {
            let at = Location::whole(Artifact::Export);
            Finding::failure(ReasonClass::VerificationFailed, at, "it does not hold")
        };
        let judged: Result<(), ClaimFault> = if !known {
            Err(ClaimFault::new(Unsupported::UnverifiableScope, finding())) // CLAIM-03
        } else if !sufficient {
            Err(ClaimFault::new(Unsupported::InsufficientEvidence, finding())) // CLAIM-02
        } else if !valid {
            Err(ClaimFault::new(Unsupported::Disproved, finding()))
        } else {
            Ok(())
        };
        let verdict = judged.map_or_else(|fault| fault.verdict.into(), |()| Verdict::Supported);
        let expected = match (known, sufficient, valid) {
            (false, _, _) => "unverifiable_scope",
            (true, false, _) => "insufficient_evidence",
            (true, true, false) => "disproved",
            (true, true, true) => "supported",
        };
        assert_eq!(verdict.as_str(), expected);
    }
}

#[test]
fn no_fault_is_a_pass() {
    // Each of the three has its word; the fourth cannot be written.
    for (unsupported, word) in [
        (Unsupported::InsufficientEvidence, "insufficient_evidence"),
        (Unsupported::UnverifiableScope, "unverifiable_scope"),
        (Unsupported::Disproved, "disproved"),
    ] {
        assert_eq!(Verdict::from(unsupported).as_str(), word);
        assert_ne!(Verdict::from(unsupported), Verdict::Supported);
    }
    assert!(Unsupported::InsufficientEvidence < Unsupported::Disproved);
}

#[test]
fn a_fault_is_its_finding_and_what_was_looked_at() {
    let reason = Reason::ClassWithCode {
        class: ReasonClass::SignatureVerificationFailed,
        code: FailureCode::ManifestSignatureInvalid,
    };
    let at = Location::whole(Artifact::Manifest);
    let finding = Finding::failure(reason, at, "the signature does not hold").rule("BUNDLE-08");
    let fault = ClaimFault::new(Unsupported::Disproved, finding.clone());
    assert_eq!((fault.reason(), fault.message()), (reason, "the signature does not hold"));
    assert_eq!((&*fault.finding, fault.evidence.len()), (&finding, 0));
    let fault = fault.evidence(["export.chain_entries", "trust_root"]);
    assert_eq!(fault.evidence, ["export.chain_entries", "trust_root"]);
    let fault = fault.evidence::<String>([]);
    assert!(fault.evidence.is_empty(), "the later list replaces the earlier");
}

#[test]
fn a_report_names_what_it_rests_on() {
    let verdict = Verdict::Supported;
    let subject =
        Subject::new("closure", None, verdict, ReasonClass::ClosureSignatureSupported, "m")
            .evidence(["a", "b"]);
    assert_eq!(subject.evidence, ["a", "b"]);
    let reason = FailureCode::WalkClosureSignatureInvalid;
    let claim =
        ClaimReport::new(Claim::ClosureSignature, false, vec![subject.clone()], reason, "n")
            .evidence(["c"]);
    assert_eq!(claim.subjects, [subject]);
    assert_eq!((claim.evidence.as_slice(), claim.required), (&["c".to_owned()][..], false));
    assert_eq!(claim.reason, Reason::from(reason));
    assert!(claim.semantics.is_empty() && claim.is_supported());
}

#[test]
fn recorded_claims_of_the_reference_add_up_alike() {
    let Some(calls) = recorded() else { return };
    assert_eq!(calls.len(), 24);
    for (id, subjects, whole) in calls {
        assert_eq!(aggregate(subjects), whole, "{id}");
    }
}

proptest! {
    #[test]
    fn claim_04_order_and_repetition_do_not_count(
        verdicts in proptest::collection::vec(
            proptest::sample::select(Verdict::ALL.to_vec()), 0..30,
        ),
        at in 0_usize..30,
    ) {
        let whole = aggregate(verdicts.iter().copied());
        prop_assert_eq!(whole, naive(&verdicts));
        let mut turned = verdicts.clone();
        turned.rotate_left(at.min(verdicts.len()));
        prop_assert_eq!(aggregate(turned), whole);
        let mut sorted = verdicts.clone();
        sorted.sort();
        prop_assert_eq!(aggregate(sorted.iter().copied()), whole);
        sorted.dedup();
        prop_assert_eq!(aggregate(sorted), whole);
    }

    #[test]
    fn claim_04_more_subjects_never_make_a_verdict_better(
        verdicts in proptest::collection::vec(
            proptest::sample::select(Verdict::ALL.to_vec()), 1..30,
        ),
        more in proptest::sample::select(Verdict::ALL.to_vec()),
    ) {
        let (before, all) = (aggregate(verdicts.clone()), aggregate(verdicts.into_iter().chain([more])));
        // Parts can be put together first.
        prop_assert_eq!(aggregate([before, more]), all);
        if all == Verdict::Supported {
            prop_assert_eq!(before, Verdict::Supported);
        }
    }
}

#[cfg(test)]
mod support {
    use permit_canonical_json::{Budget, Value, read};
    use permit_claims::{Subject, Verdict};
    use permit_failure_codes::ReasonClass;

    pub(crate) fn subject(verdict: Verdict) -> Subject {
        Subject::new("thing", None, verdict, ReasonClass::VerificationFailed, "m")
    }

    /// All lists of verdicts up to this length.
    pub(crate) fn lists(length: usize) -> Vec<Vec<Verdict>> {
        let Some(shorter) = length.checked_sub(1).map(lists) else { return vec![Vec::new()] };
        let longest = shorter.iter().filter(|list| list.len() == length - 1);
        let longer: Vec<Vec<Verdict>> = longest
            .flat_map(|list| Verdict::ALL.iter().map(|one| [list.as_slice(), &[*one]].concat()))
            .collect();
        shorter.into_iter().chain(longer).collect()
    }

    /// Calls of the reference's own function: id, verdicts of the subjects, result.
    pub(crate) fn recorded() -> Option<Vec<(String, Vec<Verdict>, Verdict)>> {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/reference/peer-functions/verdicts.jsonl"
        );
        let Ok(text) = std::fs::read_to_string(path) else {
            eprintln!("skipped: {path} is not there");
            return None;
        };
        Some(text.lines().map(call).collect())
    }

    fn call(line: &str) -> (String, Vec<Verdict>, Verdict) {
        let call = read(line.as_bytes(), &Budget::default()).unwrap();
        let verdict = |value: &Value<'_>| Verdict::parse(value.as_str().unwrap()).unwrap();
        let subjects = call.get("args").and_then(|args| args.get("subjects")).unwrap();
        let subjects = subjects.as_array().unwrap().iter().map(|subject| {
            let subject = subject.get("$VerdictSubject").unwrap();
            assert_eq!(subject.get("required").and_then(Value::as_bool), Some(true));
            verdict(subject.get("verdict").unwrap())
        });
        let id = call.get("id").and_then(Value::as_str).unwrap().to_owned();
        let result = call.get("result").and_then(|result| result.get("returns")).unwrap();
        (id, subjects.collect(), verdict(result))
    }
}
