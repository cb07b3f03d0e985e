// SPDX-License-Identifier: Apache-2.0

//! The cases of the conformance corpus: which rules they exercise, which codes they expect.

use std::collections::BTreeSet;

use permit_canonical_json::{Budget, Node, Value, read_text};

use crate::{ChoreError, project::Project};

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Case {
    /// The folder below the corpus.
    pub(super) id: String,
    /// The rules that it says it exercises.
    pub(super) clauses: Vec<String>,
    /// All words that it expects, codes among them.
    pub(super) expects: BTreeSet<String>,
    /// The claims that it expects a verdict of, and which.
    pub(super) verdicts: Vec<(String, String)>,
}

/// The cases; nothing if there is no corpus.
pub(super) fn read(project: &Project) -> Result<Option<Vec<Case>>, ChoreError> {
    if !project.root().join(FOLDER).is_dir() {
        return Ok(None);
    }
    let mut cases = Vec::new();
    for path in project.files_below(FOLDER)? {
        if path.ends_with("/expected.json") {
            cases.push(case(&path, &project.read(&path)?)?);
        }
    }
    Ok(Some(cases))
}

fn case(path: &str, text: &str) -> Result<Case, ChoreError> {
    let value = read_text(text, &Budget::default()).map_err(|error| format!("{path}: {error}"))?;
    let id = path.trim_start_matches(FOLDER).trim_end_matches("/expected.json");
    let clauses = value.get("clauses").and_then(Value::as_array).unwrap_or_default();
    let clauses = clauses.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let mut expects = BTreeSet::new();
    collect(&value, &mut expects);
    let claims = value.get("claims").and_then(Value::as_array).unwrap_or_default();
    let text = |claim: &Value<'_>, name| claim.get(name).and_then(Value::as_str).map(str::to_owned);
    let verdicts = claims
        .iter()
        .filter_map(|claim| Some((text(claim, "name")?, text(claim, "expected_verdict")?)))
        .collect();
    Ok(Case { id: id.trim_matches('/').to_owned(), clauses, expects, verdicts })
}

/// The texts of a case, but for those that it only puts up with or explains.
fn collect(value: &Value<'_>, words: &mut BTreeSet<String>) {
    match value.node() {
        Node::String(text) => drop(words.insert(text.to_string())),
        Node::Array(elements) => elements.iter().for_each(|element| collect(element, words)),
        Node::Object(object) => {
            for member in object.members() {
                if !NOT_EXPECTED.contains(&member.name()) {
                    collect(member.value(), words);
                }
            }
        }
        _ => {}
    }
}

const FOLDER: &str = "conformance/corpus";

const NOT_EXPECTED: [&str; 4] =
    ["acceptable_secondary_codes", "notes", "error_precedence_note", "failure_isolation_note"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_case_only_puts_up_with_is_not_expected() {
        let text = r#"{"primary_failure_code": "A", "acceptable_secondary_codes": ["B"],
            "clauses": ["CHAIN-08"], "claims": [{"name": "n", "expected_verdict": "disproved"}], "reason": "C"}"#;
        let case = case("conformance/corpus/vectors/cat/one/expected.json", text).unwrap();
        assert_eq!(case.id, "vectors/cat/one");
        assert_eq!(case.clauses, ["CHAIN-08"]);
        assert!(case.expects.contains("A") && case.expects.contains("C"));
        assert!(!case.expects.contains("B"));
        assert_eq!(case.verdicts, [("n".to_owned(), "disproved".to_owned())]);
    }
}
