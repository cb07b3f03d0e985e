// SPDX-License-Identifier: Apache-2.0

//! The matrix: what stands beside what, and where nothing does.

use std::collections::{BTreeMap, BTreeSet};

use permit_claims::{Claim, Verdict};
use permit_failure_codes::{FailureCode, ReasonClass};

use crate::{ChoreError, Complaints, project::Project};

use super::{
    citations::{has_word, in_name, in_text, word_places},
    corpus::{self, Case},
    documents::{self, MapRow},
    exemptions::EXEMPT,
    rules::{Level, Rule, Rules},
    test_sources::{self, TestSource},
};

/// One rule and all that is about it.
#[derive(Debug)]
pub(super) struct RuleRow {
    pub(super) id: String,
    pub(super) rule: Rule,
    /// The tests that cite it.
    pub(super) tests: Vec<String>,
    /// The cases of the corpus that exercise it.
    pub(super) cases: Vec<String>,
    /// Why no test can show it.
    pub(super) exempt: Option<&'static str>,
}

impl RuleRow {
    pub(super) fn is_hole(&self) -> bool {
        self.rule.level == Level::Must && self.tests.is_empty() && self.exempt.is_none()
    }
}

/// One failure code and all that expects it.
#[derive(Debug)]
pub(super) struct CodeRow {
    pub(super) code: FailureCode,
    pub(super) tests: Vec<String>,
    pub(super) cases: Vec<String>,
}

/// One claim and the tests of each verdict.
#[derive(Debug)]
pub(super) struct ClaimRow {
    pub(super) claim: Claim,
    /// In the order of [`VERDICTS`].
    pub(super) tests: [Vec<String>; 4],
}

/// Everything.
#[derive(Debug)]
pub(super) struct Matrix {
    pub(super) rules: Vec<RuleRow>,
    pub(super) codes: Vec<CodeRow>,
    pub(super) claims: Vec<ClaimRow>,
    pub(super) documents: Vec<MapRow>,
    /// Whether there is a corpus to look at.
    pub(super) has_corpus: bool,
    pub(super) tests: usize,
    pub(super) cases: usize,
    faults: Complaints,
}

/// The verdicts of a claim.
pub(super) const VERDICTS: [Verdict; 4] = [
    Verdict::Supported,
    Verdict::Disproved,
    Verdict::InsufficientEvidence,
    Verdict::UnverifiableScope,
];

impl Matrix {
    /// Reads the workspace.
    pub(super) fn draw(project: &Project) -> Result<Self, ChoreError> {
        let rules = Rules::read(project)?;
        let sources = test_sources::read(project)?;
        let cases = corpus::read(project)?;
        let (map, complaints) = documents::read(project, &rules)?;
        let mut matrix = Self::of(&rules, &sources, cases.as_deref(), EXEMPT);
        matrix.documents = map;
        matrix.faults.extend(complaints);
        matrix.faults.extend(unknown_citations(project, &rules)?);
        Ok(matrix)
    }

    fn of(
        rules: &Rules,
        sources: &[TestSource],
        cases: Option<&[Case]>,
        exempt: &[(&'static str, &'static str)],
    ) -> Self {
        let has_corpus = cases.is_some();
        let cases = cases.unwrap_or_default();
        let mut faults = rules.faults.clone();
        let rows = rule_rows(rules, sources, cases, exempt, &mut faults);
        for case in cases {
            for clause in case.clauses.iter().filter(|clause| !rules.knows(clause)) {
                faults.push(format!("{}: `{clause}` is no rule of any document", case.id));
            }
        }
        Self {
            rules: rows,
            codes: FailureCode::ALL.iter().map(|code| code_row(*code, sources, cases)).collect(),
            claims: Claim::ALL.iter().map(|claim| claim_row(*claim, sources, cases)).collect(),
            documents: Vec::new(),
            has_corpus,
            tests: sources.iter().filter(|source| source.name.is_some()).count(),
            cases: cases.len(),
            faults,
        }
    }

    /// What is missing, one sentence each.
    pub(super) fn holes(&self) -> Complaints {
        let mut holes = self.faults.clone();
        for row in self.rules.iter().filter(|row| row.is_hole()) {
            let document = &row.rule.document;
            holes.push(format!("{}: no test cites it ({document}): {}", row.id, row.rule.text));
        }
        for row in &self.codes {
            if row.tests.is_empty() {
                holes.push(format!("{}: no test expects it", row.code.as_str()));
            }
            if self.has_corpus && row.cases.is_empty() {
                holes.push(format!("{}: no case of the corpus expects it", row.code.as_str()));
            }
        }
        for row in &self.claims {
            for (verdict, tests) in VERDICTS.iter().zip(&row.tests) {
                if tests.is_empty() {
                    holes.push(format!("{}: no test shows it {}", row.claim, verdict.as_str()));
                }
            }
        }
        holes
    }
}

fn rule_rows(
    rules: &Rules,
    sources: &[TestSource],
    cases: &[Case],
    exempt: &[(&'static str, &'static str)],
    faults: &mut Complaints,
) -> Vec<RuleRow> {
    let prefixes = rules.prefixes();
    let mut tests: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for source in sources.iter().filter(|source| !source.place.starts_with(OWN_TESTS)) {
        let mut cited = in_text(&source.text, &prefixes);
        cited.extend(source.name.iter().flat_map(|name| in_name(name, &prefixes)));
        for id in cited {
            tests.entry(id).or_default().insert(&source.place);
        }
    }
    for (id, _) in exempt {
        if rules.by_id.get(*id).is_none_or(|rule| rule.level != Level::Must) {
            faults.push(format!("{id}: is exempt and no MUST rule of any document"));
        }
        if tests.contains_key(*id) {
            faults.push(format!("{id}: is exempt, and a test cites it all the same"));
        }
    }
    let row = |(id, rule): (&String, &Rule)| RuleRow {
        id: id.clone(),
        rule: rule.clone(),
        tests: tests.get(id).into_iter().flatten().map(|place| (*place).to_owned()).collect(),
        cases: cases
            .iter()
            .filter(|case| case.clauses.contains(id))
            .map(|case| case.id.clone())
            .collect(),
        exempt: exempt.iter().find(|(of, _)| of == id).map(|(_, reason)| *reason),
    };
    rules.by_id.iter().map(row).collect()
}

/// Tests of the list of codes itself, and of this chore, expect nothing of any evidence.
const LISTS_CODES: [&str; 2] = ["failure-codes", "xtask"];

/// A code is expected by its own name, or by a word that the reference has for it and that stands
/// in reports in its place (AMB-19).
fn code_row(code: FailureCode, sources: &[TestSource], cases: &[Case]) -> CodeRow {
    let classes = ReasonClass::ALL.iter().filter(|class| class.code() == Some(code));
    let mut words = vec![code.as_str().to_owned(), format!("{code:?}")];
    words.extend(classes.flat_map(|class| [class.as_str().to_owned(), format!("{class:?}")]));
    let expects = |source: &&TestSource| {
        !LISTS_CODES.contains(&source.folder())
            && words.iter().any(|word| has_word(&source.text, word))
    };
    CodeRow {
        code,
        tests: sources.iter().filter(expects).map(|source| source.place.clone()).collect(),
        cases: cases
            .iter()
            .filter(|case| words.iter().any(|word| case.expects.contains(word)))
            .map(|case| case.id.clone())
            .collect(),
    }
}

/// What shows a verdict of a claim: a test that names both near each other, a test of all claims
/// (`Claim::ALL`) that names the verdict, or a case of the corpus that expects it.
fn claim_row(claim: Claim, sources: &[TestSource], cases: &[Case]) -> ClaimRow {
    let names = [format!("Claim::{claim:?}"), claim.as_str().to_owned()];
    let is_test = |source: &&TestSource| source.name.is_some() && source.folder() != "xtask";
    let tests: Vec<&TestSource> = sources.iter().filter(is_test).collect();
    let by_verdict = VERDICTS.map(|verdict| {
        let words = [format!("\"{}\"", verdict.as_str()), format!("{verdict:?}")];
        let shows = |source: &&&TestSource| {
            let text = &source.text;
            let of_all =
                has_word(text, "Claim::ALL") && words.iter().any(|word| has_word(text, word));
            of_all || are_near(text, &names, &words)
        };
        let tests = tests.iter().filter(shows).map(|source| source.place.clone());
        let expected = (claim.as_str().to_owned(), verdict.as_str().to_owned());
        let cases = cases.iter().filter(|case| case.verdicts.contains(&expected));
        tests.chain(cases.map(|case| format!("corpus {}", case.id))).collect()
    });
    ClaimRow { claim, tests: by_verdict }
}

/// Whether one of these and one of those stand within a statement of each other.
fn are_near(text: &str, these: &[String], those: &[String]) -> bool {
    let places = |words: &[String]| {
        words.iter().flat_map(|word| word_places(text, word)).collect::<Vec<_>>()
    };
    let those = places(those);
    places(these).iter().any(|a| those.iter().any(|b| a.abs_diff(*b) <= STATEMENT))
}

/// As far apart as two words of one statement are, in bytes.
const STATEMENT: usize = 160;

/// Ids in sources, documents and artifacts that no document has.
fn unknown_citations(project: &Project, rules: &Rules) -> Result<Complaints, ChoreError> {
    let prefixes = rules.prefixes();
    let mut complaints = Complaints::new();
    for path in project.files_below("")? {
        let is_cited = [".rs", ".md", ".json"].iter().any(|ending| path.ends_with(ending));
        if !is_cited || OWN_EXAMPLES.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        for (number, line) in (1_usize..).zip(project.read(&path)?.lines()) {
            let cited = in_text(line, &prefixes);
            let unknown: BTreeSet<_> = cited.iter().filter(|id| !rules.knows(id)).collect();
            for id in unknown {
                complaints.push(format!("{path}:{number}: {id} is in no document"));
            }
        }
    }
    Ok(complaints)
}

/// The tests of this chore, which make up ids.
const OWN_TESTS: &str = "xtask/src/trace";

/// Where ids are made up, and where cases have their own check.
const OWN_EXAMPLES: [&str; 3] = [OWN_TESTS, "conformance/corpus/", "conformance/src/rules.rs"];

#[cfg(test)]
mod tests {
    use super::*;

    fn source(place: &str, name: Option<&str>, text: &str) -> TestSource {
        TestSource { place: place.to_owned(), name: name.map(str::to_owned), text: text.to_owned() }
    }

    fn rules() -> Rules {
        let mut rules = Rules::default();
        rules.add_document(
            "spec/a.md",
            "| CHAIN-01 | MUST | V | one. |\n| CHAIN-02 | MUST | V | two. |\n| CHAIN-03 | SHOULD | V | three. |\n",
        );
        rules
    }

    fn holes_about(matrix: &Matrix, start: &str) -> Complaints {
        matrix.holes().into_iter().filter(|hole| hole.starts_with(start)).collect()
    }

    #[test]
    fn a_rule_that_no_test_cites_is_a_hole() {
        let sources =
            [source("chain/tests/a.rs::chain_01_x", Some("chain_01_x"), "fn chain_01_x() {}")];
        let matrix = Matrix::of(&rules(), &sources, None, &[]);
        assert_eq!(holes_about(&matrix, "CHAIN"), ["CHAIN-02: no test cites it (spec/a.md): two."]);
        assert_eq!(matrix.rules[0].tests, ["chain/tests/a.rs::chain_01_x"]);
        let matrix = Matrix::of(&rules(), &sources, None, &[("CHAIN-02", "a duty of people")]);
        assert_eq!(holes_about(&matrix, "CHAIN"), Complaints::new());
    }

    #[test]
    fn exemptions_are_of_rules_that_nothing_cites() {
        let sources = [source("chain/tests/a.rs", None, "CHAIN-01 CHAIN-02")];
        let exempt = [("CHAIN-01", "x"), ("CHAIN-03", "x"), ("CHAIN-09", "x")];
        let matrix = Matrix::of(&rules(), &sources, None, &exempt);
        assert_eq!(
            holes_about(&matrix, "CHAIN"),
            [
                "CHAIN-01: is exempt, and a test cites it all the same",
                "CHAIN-03: is exempt and no MUST rule of any document",
                "CHAIN-09: is exempt and no MUST rule of any document",
            ]
        );
    }

    #[test]
    fn a_code_needs_a_test_and_a_case_once_there_is_a_corpus() {
        let code = FailureCode::WalkSequenceInversion.as_str();
        let listed = [source("failure-codes/tests/a.rs::x", Some("x"), code)];
        let matrix = Matrix::of(&rules(), &listed, None, &[]);
        assert_eq!(holes_about(&matrix, code), [format!("{code}: no test expects it")]);
        let expected =
            [source("chain/tests/a.rs::x", Some("x"), "FailureCode::WalkSequenceInversion")];
        let matrix = Matrix::of(&rules(), &expected, Some(&[]), &[]);
        assert_eq!(
            holes_about(&matrix, code),
            [format!("{code}: no case of the corpus expects it")]
        );
        let case = Case {
            id: "c".to_owned(),
            clauses: vec!["CHAIN-77".to_owned()],
            expects: BTreeSet::from([code.to_owned()]),
            verdicts: Vec::new(),
        };
        let matrix = Matrix::of(&rules(), &expected, Some(&[case]), &[]);
        assert_eq!(holes_about(&matrix, code), Complaints::new());
        assert_eq!(holes_about(&matrix, "c:"), ["c: `CHAIN-77` is no rule of any document"]);
    }

    #[test]
    fn a_claim_needs_a_test_for_each_verdict() {
        let name = Claim::PermitRevoked.as_str();
        let all =
            "Claim::PermitRevoked Verdict::Supported Verdict::Disproved \"insufficient_evidence\"";
        let sources = [source("verifier/tests/a.rs::x", Some("x"), all)];
        let matrix = Matrix::of(&rules(), &sources, None, &[]);
        assert_eq!(
            holes_about(&matrix, name),
            [format!("{name}: no test shows it unverifiable_scope")]
        );
        let loops =
            source("pins/tests/a.rs::y", Some("y"), "Claim::ALL Unsupported::UnverifiableScope");
        let matrix = Matrix::of(&rules(), &[sources[0].clone(), loops], None, &[]);
        assert_eq!(holes_about(&matrix, name), Complaints::new());
        let case = Case {
            id: "c".to_owned(),
            clauses: Vec::new(),
            expects: BTreeSet::new(),
            verdicts: vec![(name.to_owned(), "unverifiable_scope".to_owned())],
        };
        let matrix = Matrix::of(&rules(), &sources, Some(&[case]), &[]);
        assert_eq!(holes_about(&matrix, name), Complaints::new());
    }

    #[test]
    fn a_verdict_far_from_the_claim_is_that_of_another() {
        let far = format!("Claim::PermitRevoked{}Verdict::Disproved", " ".repeat(STATEMENT));
        let sources = [source("verifier/tests/a.rs::x", Some("x"), &far)];
        let matrix = Matrix::of(&rules(), &sources, None, &[]);
        assert_eq!(holes_about(&matrix, Claim::PermitRevoked.as_str()).len(), 4);
    }
}
