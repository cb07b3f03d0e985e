// SPDX-License-Identifier: Apache-2.0

//! The report as one page: nothing to fetch, readable on paper and to a screen reader.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use permit_types::Artifact;
use permit_verifier::{ControlReport, FrameworkSupport};

use super::{
    View,
    support::{TITLE, absent, claims, grade, left_out, present},
};

/// The report as HTML.
pub(super) fn view(view: &View<'_>) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (TITLE) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { h1 { (TITLE) } (summary(view)) }
                main {
                    @match &view.result {
                        Ok(report) => {
                            nav aria-label="Frameworks" { ul { @for one in &report.frameworks {
                                li { a href={ "#" (one.framework.framework) } { (one.framework.name) } ": "
                                    (one.supported.len()) " of " (one.framework.controls.len()) }
                            } } }
                            @for one in &report.frameworks { (framework(view, report, one)) }
                            section aria-labelledby="limits" {
                                h2 id="limits" { "What a verified export does not prove" }
                                ul { @for sentence in &view.report.does_not_prove { li { (sentence) } } }
                            }
                        }
                        Err(_) => { p { "No control of any framework is supported." } }
                    }
                }
            }
        }
    };
    page.into_string()
}

fn summary(view: &View<'_>) -> Markup {
    html! {
        @match &view.result {
            Ok(_) => { p { strong { "Verified." } " Evidence support only: see the disclaimers of each framework." } }
            Err(nothing) => { p role="alert" { strong { "Not verified: " } (nothing) "." }
                @if let Some(headline) = view.headline() { p { (headline) } } }
        }
        dl {
            @if let Some(name) = view.report.artifact.file(Artifact::Export) { dt { "Export" } dd { (name) } }
            @if let Some(digest) = view.report.artifact.digest(Artifact::Export) { dt { "SHA-256" } dd { code { (digest) } } }
            @if let Ok(report) = &view.result {
                dt { "Permits" } dd { (report.permits) }
                dt { "Supported claims" }
                dd { ul { @for claim in &report.present.claims {
                    li { code { (claim.as_str()) } " " (claim.assertion()) }
                } } }
            }
            @if !view.hints.is_empty() { dt { "Notes" } dd { ul { @for hint in &view.hints { li { (hint) } } } } }
        }
    }
}

fn framework(
    view: &View<'_>,
    report: &ControlReport<'_>,
    support: &FrameworkSupport<'_>,
) -> Markup {
    let framework = support.framework;
    let id = framework.framework.as_str();
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (framework.name) }
            p { (framework.version) ". Published by " (framework.publisher) ". Citations " (framework.verification.as_str()) " by the published mapping, not by us." }
            @if let Some(notes) = &framework.notes { p { (notes) } }
            @if support.supported.is_empty() { p { "No mapped control is supported by this export." } }
            @else {
                table {
                    caption { (support.supported.len()) " of " (framework.controls.len()) " mapped controls are supported" }
                    thead { tr {
                        th scope="col" { "Control" } th scope="col" { "Type" } th scope="col" { "Evidence" }
                        th scope="col" { "Rests on" } th scope="col" { "What it shows" }
                    } }
                    tbody { @for one in &support.supported { tr {
                        th scope="row" { (one.control.control) br; small { (one.control.title) } }
                        td { (grade(one)) }
                        td { (present(report, one))
                            @if let Some(absent) = absent(one) { br; small { "not there: " (absent) } } }
                        td { (claims(one)) }
                        td { (one.control.rationale) }
                    } } }
                }
            }
            @if !support.unsupported.is_empty() {
                p { "No evidence here for: "
                    (support.unsupported.iter().map(|one| one.control.as_str()).collect::<Vec<_>>().join(", ")) "." }
            }
            @if !framework.non_mappings.is_empty() {
                h3 { "Not mapped" }
                ul { @for one in &framework.non_mappings {
                    li { (left_out(one)) " (" (one.status.as_str()) "): " (one.rationale) }
                } }
            }
            h3 { "Not shown" }
            ul { @for sentence in &framework.does_not_show { li { (sentence) } } }
            h3 { "Disclaimers" }
            ul { @for disclaimer in view.mappings.disclaimers_of(framework) {
                li { (disclaimer.id) ": " (disclaimer.text) }
            } }
        }
    }
}

const STYLE: &str = "\
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}
table{border-collapse:collapse;width:100%}
caption{text-align:left;padding:.5rem 0;font-weight:600}
th,td{border:1px solid #8888;padding:.4rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
dt{font-weight:600}
code{overflow-wrap:anywhere}
a:focus-visible{outline:3px solid}
@media print{body{margin:0;max-width:none;font-size:10pt}nav{display:none}section{break-before:page}tr{break-inside:avoid}}
";
