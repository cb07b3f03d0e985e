// SPDX-License-Identifier: Apache-2.0

//! What the linter refuses, one change each, and that the corpus as it is has nothing of it.

#![cfg(test)]

use std::{collections::BTreeSet, path::Path};

use permit_conformance::{
    Case, CaseId, CaseStatus, Corpus, CorpusManifest, ExpectedOutcome, MANIFEST, lint, lint_release,
};
use permit_failure_codes::FailureCode;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus"))
}

fn corpus() -> Corpus {
    Corpus::open(folder()).unwrap()
}

fn manifest() -> CorpusManifest {
    CorpusManifest::read(&std::fs::read(folder().join(MANIFEST)).unwrap()).unwrap()
}

fn case<'c>(corpus: &'c mut Corpus, id: &str) -> &'c mut Case {
    corpus.cases.iter_mut().find(|case| case.id.as_str() == id).unwrap()
}

const VALID: &str = "cat-01-baseline/01-01-valid-permit-export";
const BROKEN: &str = "cat-02-tamper-chain/02-01-record-hash-modified";

#[test]
fn the_corpus_may_be_released() {
    let problems = lint(&corpus());
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(lint_release(&manifest(), &manifest()).is_empty());
}

#[test]
fn the_corpus_has_what_was_announced() {
    let corpus = corpus();
    let count = |is: fn(&CaseId) -> bool| corpus.cases.iter().filter(|case| is(&case.id)).count();
    let published = |id: &CaseId| id.level().is_some() && !id.is_addition();
    assert_eq!(count(published), 36);
    assert_eq!(count(|id| id.category() == CaseId::CLAIMS), 99);
    for category in 9..=16 {
        let prefix = format!("cat-{category:02}-");
        assert!(
            corpus.cases.iter().any(|case| case.id.category().starts_with(&prefix)),
            "{prefix}"
        );
    }
}

#[test]
fn confm_01_every_code_has_a_negative_and_the_linter_sees_one_that_has_none() {
    for code in FailureCode::ALL {
        let mut corpus = corpus();
        corpus.cases.retain(|case| {
            let codes = case.expectation.codes();
            !codes.iter().any(|word| {
                permit_failure_codes::Reason::parse(word).and_then(|reason| reason.code())
                    == Some(*code)
            })
        });
        let problems = lint(&corpus);
        assert!(
            problems.iter().any(|problem| problem.subject == code.as_str()),
            "{code} is not missed"
        );
    }
}

type Bend = fn(&mut Corpus);
type BendManifest = fn(&mut CorpusManifest);

#[test]
fn each_fault_is_refused() {
    let table: [(&str, Bend); 16] = [
        ("it names no rule", |corpus| case(corpus, VALID).expectation.additions.clauses.clear()),
        ("there is no rule `CHAIN-099`", |corpus| {
            case(corpus, VALID).expectation.additions.clauses.push("CHAIN-099".into());
        }),
        ("there is no decision `AMB-099`", |corpus| {
            case(corpus, VALID).expectation.additions.decisions.push("AMB-099".into());
        }),
        ("there is no code `WALK_INTO_THE_SEA`", |corpus| {
            vector(corpus, BROKEN).primary_failure_code = Some("WALK_INTO_THE_SEA".into());
        }),
        ("there is no code `NOTHING`", |corpus| {
            vector(corpus, BROKEN).acceptable_secondary_codes.push("NOTHING".into());
        }),
        ("names no parent", |corpus| case(corpus, BROKEN).expectation.additions.parent = None),
        ("its parent is not there", |corpus| {
            case(corpus, BROKEN).expectation.additions.parent =
                Some("cat-01-baseline/01-99-x".into());
        }),
        ("its parent does not pass", |corpus| {
            case(corpus, BROKEN).expectation.additions.parent = Some(BROKEN.into());
        }),
        ("it does not say what was changed", |corpus| {
            case(corpus, BROKEN).expectation.additions.mutation = None;
        }),
        ("no layer of it is broken", |corpus| vector(corpus, BROKEN).invalid_layers.clear()),
        ("is said to hold and not to hold", |corpus| {
            let layers = vector(corpus, BROKEN).invalid_layers.clone();
            vector(corpus, BROKEN).valid_layers.extend(layers);
        }),
        ("it passes, and a layer of it is broken", |corpus| {
            let layers = vector(corpus, VALID).valid_layers.split_off(3);
            vector(corpus, VALID).invalid_layers = layers;
        }),
        ("it passes, and expects a code", |corpus| {
            vector(corpus, VALID).primary_failure_code = Some("WALK_RECORD_HASH_MISMATCH".into());
        }),
        ("is not the file whose hash is stated", |corpus| {
            case(corpus, VALID).input.get_mut("export.json").unwrap().push(b' ');
        }),
        ("its description does not say why", |corpus| {
            case(corpus, VALID).description = "# A title\n".into();
        }),
        ("its number is that of", |corpus| {
            case(corpus, BROKEN).id = CaseId::parse("cat-02-tamper-chain/02-02-another").unwrap();
        }),
    ];
    for (problem, bend) in table {
        let mut corpus = corpus();
        bend(&mut corpus);
        let problems = lint(&corpus);
        assert!(
            problems.iter().any(|one| one.problem.contains(problem)),
            "{problem}: {problems:?}"
        );
    }
}

fn vector<'c>(corpus: &'c mut Corpus, id: &str) -> &'c mut permit_conformance::VectorExpectation {
    match &mut case(corpus, id).expectation.outcome {
        ExpectedOutcome::Vector(vector) => vector,
        other => panic!("{id} is no vector: {other:?}"),
    }
}

#[test]
fn a_category_needs_a_case_that_passes_and_a_corpus_needs_cases() {
    let whole = corpus();
    let categories: BTreeSet<&str> = whole.cases.iter().map(|case| case.id.category()).collect();
    for category in categories {
        let mut rejecting = whole.clone();
        let all_pass = whole
            .cases
            .iter()
            .filter(|case| case.id.category() == category)
            .all(|case| case.expectation.is_pass());
        rejecting
            .cases
            .retain(|case| case.id.category() != category || !case.expectation.is_pass());
        let told = lint(&rejecting).iter().any(|one| one.subject == category);
        assert_eq!(told, !all_pass, "{category}");
    }
    let mut empty = corpus();
    empty.cases.clear();
    assert_eq!(lint(&empty).len(), 1);
}

#[test]
fn a_released_case_never_changes() {
    let mut released = manifest();
    for case in &mut released.cases {
        case.status = CaseStatus::Released;
    }
    assert!(lint_release(&released, &released).is_empty());
    let table: [(&str, BendManifest); 5] = [
        ("its bytes changed", |manifest| {
            manifest.cases[0].files.insert("expected.json".into(), "sha256:00".into());
        }),
        ("its bytes changed", |manifest| drop(manifest.cases[0].files.pop_first())),
        ("is gone", |manifest| drop(manifest.cases.remove(0))),
        ("a status only goes", |manifest| manifest.cases[0].status = CaseStatus::Draft),
        ("the id is used twice", |manifest| manifest.cases.push(manifest.cases[0].clone())),
    ];
    for (problem, bend) in table {
        let mut after = released.clone();
        bend(&mut after);
        let problems = lint_release(&released, &after);
        assert!(
            problems.iter().any(|one| one.problem.contains(problem)),
            "{problem}: {problems:?}"
        );
    }
    // Retiring is allowed, and coming back is not.
    let mut retired = released.clone();
    retired.cases[0].status = CaseStatus::Retired;
    assert!(lint_release(&released, &retired).is_empty());
    assert_eq!(lint_release(&retired, &released).len(), 1);
    // Drafts change as they like.
    let mut draft = released.clone();
    draft.cases[0].status = CaseStatus::Draft;
    let mut changed = draft.clone();
    changed.cases[0].files.clear();
    assert!(lint_release(&draft, &changed).is_empty());
}
