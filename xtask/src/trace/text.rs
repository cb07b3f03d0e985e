// SPDX-License-Identifier: Apache-2.0

//! The matrix for a terminal.

use std::io::{self, Write};

use super::matrix::{Matrix, VERDICTS};

/// Prints the matrix.
pub(super) fn print(matrix: &Matrix) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{} rules, {} codes, {} claims, {} tests, {}",
        matrix.rules.len(),
        matrix.codes.len(),
        matrix.claims.len(),
        matrix.tests,
        if matrix.has_corpus { format!("{} cases", matrix.cases) } else { "no corpus".to_owned() }
    )?;
    writeln!(out, "\nrule        level   role  tests  cases")?;
    for row in &matrix.rules {
        let mark = match (row.is_hole(), row.exempt) {
            (true, _) => "  HOLE".to_owned(),
            (false, Some(reason)) => format!("  exempt: {reason}"),
            (false, None) => String::new(),
        };
        let (level, role) = (row.rule.level.as_str(), &row.rule.role);
        let (tests, cases) = (row.tests.len(), row.cases.len());
        writeln!(out, "{:<12}{level:<8}{role:<6}{tests:>5}  {cases:>5}{mark}", row.id)?;
    }
    writeln!(out, "\ncode                                                      tests  cases")?;
    for row in &matrix.codes {
        let (tests, cases) = (row.tests.len(), row.cases.len());
        let hole = tests == 0 || matrix.has_corpus && cases == 0;
        let mark = if hole { "  HOLE" } else { "" };
        writeln!(out, "{:<58}{tests:>5}  {cases:>5}{mark}", row.code.as_str())?;
    }
    let heads: String =
        VERDICTS.iter().map(|verdict| format!("{:>23}", verdict.as_str())).collect();
    writeln!(out, "\n{:<50}{heads}", "claim")?;
    for row in &matrix.claims {
        let counts: String = row.tests.iter().map(|tests| format!("{:>23}", tests.len())).collect();
        let mark = if row.tests.iter().any(Vec::is_empty) { "  HOLE" } else { "" };
        writeln!(out, "{:<50}{counts}{mark}", row.claim.as_str())?;
    }
    Ok(())
}
