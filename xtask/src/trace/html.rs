// SPDX-License-Identifier: Apache-2.0

//! The matrix for a browser: one file, nothing to fetch.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::matrix::{Matrix, VERDICTS};

/// The matrix as one HTML file.
pub(super) fn view(matrix: &Matrix) -> String {
    let holes = matrix.holes();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Rules and their tests" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "Rules and their tests" }
                p {
                    (matrix.rules.len()) " rules, " (matrix.codes.len()) " failure codes, "
                    (matrix.claims.len()) " claims, " (matrix.tests) " tests, "
                    @if matrix.has_corpus { (matrix.cases) " cases of the corpus" } @else { "no corpus" }
                    ". "
                    @if holes.is_empty() { strong { "No holes." } }
                    @else { strong class="hole" { (holes.len()) " holes." } }
                }
                nav { ul {
                    li { a href="#holes" { "Holes" } }
                    li { a href="#rules" { "Rules" } }
                    li { a href="#codes" { "Failure codes" } }
                    li { a href="#claims" { "Claims" } }
                    li { a href="#documents" { "Documents" } }
                } }
                h2 id="holes" { "Holes" }
                @if holes.is_empty() { p { "None." } } @else { ul { @for hole in &holes { li { (hole) } } } }
                (rules(matrix))
                (codes(matrix))
                (claims(matrix))
                (documents(matrix))
            }
        }
    };
    page.into_string()
}

fn rules(matrix: &Matrix) -> Markup {
    html! {
        h2 id="rules" { "Rules" }
        table {
            caption { "Every rule, the tests that cite it, the cases that exercise it" }
            thead { tr { th scope="col" { "Rule" } th scope="col" { "Level" } th scope="col" { "Role" }
                th scope="col" { "What is asked" } th scope="col" { "Tests" } th scope="col" { "Cases" } } }
            tbody { @for row in &matrix.rules {
                tr class=[row.is_hole().then_some("hole")] {
                    th scope="row" id=(row.id) { (row.id) }
                    td { (row.rule.level.as_str()) }
                    td { (row.rule.role) }
                    td { (row.rule.text) " " small { (row.rule.document) }
                        @if let Some(reason) = row.exempt { br; em { "Exempt: " (reason) } } }
                    td { (list(&row.tests)) }
                    td { (list(&row.cases)) }
                }
            } }
        }
    }
}

fn codes(matrix: &Matrix) -> Markup {
    html! {
        h2 id="codes" { "Failure codes" }
        table {
            caption { "Every code, the tests and the cases that expect it" }
            thead { tr { th scope="col" { "Code" } th scope="col" { "Fires when" } th scope="col" { "Tests" }
                th scope="col" { "Cases" } } }
            tbody { @for row in &matrix.codes {
                tr class=[row.tests.is_empty().then_some("hole")] {
                    th scope="row" { code { (row.code.as_str()) } }
                    td { (row.code.trigger()) }
                    td { (list(&row.tests)) }
                    td { (list(&row.cases)) }
                }
            } }
        }
    }
}

fn claims(matrix: &Matrix) -> Markup {
    html! {
        h2 id="claims" { "Claims" }
        table {
            caption { "Every claim, and the tests that show each verdict" }
            thead { tr { th scope="col" { "Claim" }
                @for verdict in VERDICTS { th scope="col" { (verdict.as_str()) } } } }
            tbody { @for row in &matrix.claims {
                tr {
                    th scope="row" { code { (row.claim.as_str()) } }
                    @for tests in &row.tests {
                        td class=[tests.is_empty().then_some("hole")] { (list(tests)) }
                    }
                }
            } }
        }
    }
}

fn documents(matrix: &Matrix) -> Markup {
    html! {
        h2 id="documents" { "Documents" }
        table {
            caption { "Every document and its crates" }
            thead { tr { th scope="col" { "Document" } th scope="col" { "Crates" } } }
            tbody { @for row in &matrix.documents {
                tr { th scope="row" { (row.files.join(", ")) @if row.files.is_empty() { (row.title) } }
                    td { (row.crates.join(", ")) } }
            } }
        }
    }
}

/// A number that opens to what was counted.
fn list(places: &[String]) -> Markup {
    html! {
        @if places.is_empty() { "0" }
        @else { details { summary { (places.len()) } ul { @for place in places { li { code { (place) } } } } } }
    }
}

const STYLE: &str = "\
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem}
table{border-collapse:collapse;width:100%;margin-bottom:2rem}
caption{text-align:left;padding:.5rem 0}
th,td{border:1px solid #8888;padding:.3rem .5rem;text-align:left;vertical-align:top}
tr.hole,td.hole{background:#c003}
strong.hole{color:#c00}
ul{margin:0;padding-left:1.2rem}
code,small{font-size:.85rem}
@media print{details>*{display:block}nav{display:none}}
";

#[cfg(test)]
mod tests {
    use crate::project::Project;

    use super::*;

    #[test]
    fn the_page_has_everything_and_fetches_nothing() {
        let matrix = Matrix::draw(&Project::find().unwrap()).unwrap();
        let page = view(&matrix);
        for row in &matrix.rules {
            assert!(page.contains(&format!("id=\"{}\"", row.id)), "{}", row.id);
        }
        for word in ["http://", "https://", "src=", "<link", "<script"] {
            assert!(!page.contains(word), "{word}");
        }
    }
}
