// SPDX-License-Identifier: Apache-2.0

//! Reports as a table for people.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::conformance_report::{CaseState, ConformanceReport};

/// Reports side by side: a table of results, one of categories, and everything that did not pass.
#[must_use]
pub fn markdown_text(reports: &[ConformanceReport]) -> String {
    let mut text = String::new();
    let mut line = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    if let Some(report) = reports.first() {
        line(&format!("{}.\n", report.citation()));
    }
    line(
        "| Verifier | Level | Passed | Failed | Errored | Known failures | Skipped | Verdict | Codes | Position |",
    );
    line("|---|---|---|---|---|---|---|---|---|---|");
    for report in reports {
        line(&row_of(report));
    }
    line(
        "\nThe three scores count right answers over the cases that say something about verdict, codes and",
    );
    line("position. A case passes if all of it is right.\n");
    categories(reports, &mut line);
    for report in reports {
        not_passed(report, &mut line);
    }
    text
}

fn row_of(report: &ConformanceReport) -> String {
    let level = report.level().map_or("none".to_owned(), |level| level.to_string());
    let s = &report.summary;
    let mut row = format!(
        "| {} | {level} | {} of {} | {} | {} | {} | {} |",
        cell(&report.title()),
        s.passed,
        s.total_vectors,
        s.failed + s.unexpected_passes,
        s.errored,
        s.expected_failures,
        s.skipped
    );
    for score in &report.scores {
        let written = write!(row, " {}/{} |", score.reached, score.of);
        debug_assert!(written.is_ok(), "strings take all text");
    }
    row
}

fn categories(reports: &[ConformanceReport], line: &mut impl FnMut(&str)) {
    let mut counts: BTreeMap<&str, Vec<(u64, u64)>> = BTreeMap::new();
    for (index, report) in reports.iter().enumerate() {
        for vector in &report.vectors {
            let row =
                counts.entry(vector.category()).or_insert_with(|| vec![(0, 0); reports.len()]);
            if let Some((passed, of)) = row.get_mut(index) {
                *of += 1;
                *passed += u64::from(vector.result_match);
            }
        }
    }
    let names: Vec<String> = reports.iter().map(|report| cell(&report.title())).collect();
    line(&format!("| Category | {} |", names.join(" | ")));
    line(&format!("|---|{}", "---|".repeat(reports.len())));
    for (category, row) in counts {
        let cells: Vec<String> =
            row.iter().map(|(passed, of)| format!("{passed} of {of}")).collect();
        line(&format!("| {category} | {} |", cells.join(" | ")));
    }
}

fn not_passed(report: &ConformanceReport, line: &mut impl FnMut(&str)) {
    let others: Vec<_> =
        report.vectors.iter().filter(|vector| vector.state != CaseState::Passed).collect();
    if others.is_empty() && report.unused_xfails.is_empty() {
        return;
    }
    line(&format!("\n## {}\n", cell(&report.title())));
    if !others.is_empty() {
        line("| Case | State | Why |");
        line("|---|---|---|");
    }
    for vector in others {
        let (id, state, notes) = (&vector.test_vector_id, vector.state, cell(&vector.notes));
        line(&format!("| {id} | {state} | {notes} |"));
    }
    for pattern in &report.unused_xfails {
        line(&format!("\nThe known failure `{pattern}` fits no case that was run."));
    }
}

/// A text inside a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
