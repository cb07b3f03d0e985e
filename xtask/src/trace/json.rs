// SPDX-License-Identifier: Apache-2.0

//! The matrix for machines.

use permit_canonical_json::Value;
use permit_claims::to_pretty_text;

use super::matrix::{Matrix, VERDICTS};

/// The matrix as a JSON document.
pub(super) fn view(matrix: &Matrix) -> String {
    let texts = |texts: &[String]| Value::array(texts.iter().cloned());
    let rules = matrix.rules.iter().map(|row| {
        Value::object([
            ("id", Value::from(row.id.clone())),
            ("level", row.rule.level.as_str().into()),
            ("role", row.rule.role.clone().into()),
            ("document", row.rule.document.clone().into()),
            ("tests", texts(&row.tests)),
            ("cases", texts(&row.cases)),
            ("exempt", row.exempt.into()),
        ])
    });
    let codes = matrix.codes.iter().map(|row| {
        Value::object([
            ("code", Value::from(row.code.as_str())),
            ("tests", texts(&row.tests)),
            ("cases", texts(&row.cases)),
        ])
    });
    let claims = matrix.claims.iter().map(|row| {
        let verdicts = VERDICTS.iter().zip(&row.tests);
        let verdicts = verdicts.map(|(verdict, tests)| (verdict.as_str(), texts(tests)));
        Value::object([
            ("claim", Value::from(row.claim.as_str())),
            ("verdicts", Value::object(verdicts)),
        ])
    });
    let documents = matrix.documents.iter().map(|row| {
        Value::object([
            ("title", Value::from(row.title.clone())),
            ("files", texts(&row.files)),
            ("crates", texts(&row.crates)),
        ])
    });
    let document = Value::object([
        ("rules", Value::array(rules)),
        ("codes", Value::array(codes)),
        ("claims", Value::array(claims)),
        ("documents", Value::array(documents)),
        ("has_corpus", matrix.has_corpus.into()),
        ("holes", texts(&matrix.holes())),
    ]);
    to_pretty_text(&document)
}
