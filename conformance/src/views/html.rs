// SPDX-License-Identifier: Apache-2.0

//! Reports as one page that needs nothing else: rows are cases, columns are implementations, and a
//! click shows what was expected and what came.

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use permit_canonical_json::to_value;
use permit_claims::to_pretty_text;
use serde::Serialize;

use crate::{
    conformance_report::{CaseState, ConformanceReport, VectorReport},
    judge::Score,
};

/// Reports as one page.
#[must_use]
pub fn html_text(reports: &[ConformanceReport]) -> String {
    let mut rows: BTreeMap<&str, Vec<Option<&VectorReport>>> = BTreeMap::new();
    for (index, report) in reports.iter().enumerate() {
        for vector in &report.vectors {
            let row =
                rows.entry(&vector.test_vector_id).or_insert_with(|| vec![None; reports.len()]);
            if let Some(place) = row.get_mut(index) {
                *place = Some(vector);
            }
        }
    }
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Permit conformance" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "Permit conformance" }
                @if let Some(report) = reports.first() {
                    p { (report.citation()) }
                }
                (summary(reports))
                h2 { "Cases" }
                table.matrix {
                    thead {
                        tr {
                            th { "Case" }
                            @for report in reports { th { (report.title()) } }
                        }
                    }
                    tbody {
                        @for (id, row) in &rows { (matrix_row(id, row)) }
                    }
                }
                p.legend {
                    @for state in CaseState::ALL {
                        span class=(state.as_str()) { (mark(*state)) " " (state) } " "
                    }
                }
            }
        }
    };
    page.into_string()
}

fn summary(reports: &[ConformanceReport]) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th { "Verifier" } th { "Level" } th { "Passed" } th { "Failed" } th { "Errored" }
                    th { "Known failures" } th { "Skipped" }
                    @for score in Score::ALL { th { (score) } }
                    th { "Command" } th { "Platform" } th { "Duration" }
                }
            }
            tbody {
                @for report in reports {
                    tr {
                        td { (report.title()) }
                        td {
                            @match report.level() {
                                Some(level) => (level),
                                None => "none",
                            }
                        }
                        td { (report.summary.passed) " of " (report.summary.total_vectors) }
                        td { (report.summary.failed + report.summary.unexpected_passes) }
                        td { (report.summary.errored) }
                        td { (report.summary.expected_failures) }
                        td { (report.summary.skipped) }
                        @for score in &report.scores { td { (score.reached) "/" (score.of) } }
                        td { code { (report.runner.command) } }
                        td { (report.runner.platform) }
                        td { (report.runner.duration_ms) " ms" }
                    }
                }
            }
        }
    }
}

fn matrix_row(id: &str, row: &[Option<&VectorReport>]) -> Markup {
    let title = row.iter().flatten().next().map_or("", |vector| vector.title.as_str());
    html! {
        tr {
            th scope="row" { code { (id) } @if !title.is_empty() { div.title { (title) } } }
            @for cell in row {
                @match cell {
                    Some(vector) => td class=(vector.state.as_str()) { (details(vector)) },
                    None => td { "–" },
                }
            }
        }
    }
}

fn details(vector: &VectorReport) -> Markup {
    html! {
        details {
            summary {
                (mark(vector.state)) " " (vector.state)
                @for score in Score::ALL {
                    @if vector.score(*score) == Some(false) { span.off { (score) } }
                }
            }
            @if !vector.notes.is_empty() { p { (vector.notes) } }
            div.pair {
                div { h4 { "Expected" } pre { (json(&vector.expected_output)) } }
                div { h4 { "Actual" } pre { (json(&vector.verifier_output.answer)) } }
            }
        }
    }
}

fn json<T: Serialize>(value: &T) -> String {
    to_value(value).map(|value| to_pretty_text(&value)).unwrap_or_default()
}

fn mark(state: CaseState) -> &'static str {
    match state {
        CaseState::Passed => "✓",
        CaseState::Failed => "✗",
        CaseState::Errored => "!",
        CaseState::Skipped => "–",
        CaseState::ExpectedFailure => "~",
        CaseState::UnexpectedPass => "?",
    }
}

const STYLE: &str = "\
body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color:#1b1b1b;background:#fff}\
table{border-collapse:collapse;margin:1rem 0}\
th,td{border:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}\
thead th{background:#f3f3f3;position:sticky;top:0}\
.title{font-weight:normal;color:#555;max-width:32rem}\
.passed{background:#e6f4e6}.failed,.unexpected-pass{background:#fbe3e3}\
.errored{background:#f6d9f6}.skipped{background:#f0f0f0}.expected-failure{background:#fdf3d6}\
summary{cursor:pointer}.off{margin-left:.5rem;font-size:.8em;border:1px solid #a33;border-radius:3px;padding:0 .3em}\
.pair{display:flex;gap:1rem;flex-wrap:wrap}.pair h4{margin:.3rem 0}\
pre{background:#fff;border:1px solid #ddd;padding:.5rem;max-width:34rem;overflow:auto}\
.legend span{padding:.1rem .5rem}\
@media(prefers-color-scheme:dark){body{background:#161616;color:#eee}thead th{background:#2a2a2a}\
pre{background:#111;border-color:#444}.title{color:#aaa}th,td{border-color:#444}\
.passed{background:#163316}.failed,.unexpected-pass{background:#4a1818}.errored{background:#431843}\
.skipped{background:#262626}.expected-failure{background:#3f3512}}";
