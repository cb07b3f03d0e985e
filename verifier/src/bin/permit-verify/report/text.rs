// SPDX-License-Identifier: Apache-2.0

//! The report for a terminal.

use std::fmt::{self, Write as _};

use permit_canonical_json::Excerpt;
use permit_mappings::FrameworkSupport;
use permit_types::Artifact;
use permit_verifier::ControlReport;

use super::{
    View,
    support::{TITLE, absent, claims, grade, left_out, present},
};

/// The report as text.
pub(super) fn view(view: &View<'_>) -> String {
    let mut text = String::new();
    // Writing to a text never fails.
    let _ = write(&mut text, view);
    text
}

fn write(out: &mut String, view: &View<'_>) -> fmt::Result {
    let report = match &view.result {
        Ok(report) => report,
        Err(nothing) => {
            writeln!(out, "not verified: {nothing}")?;
            if let Some(headline) = view.headline() {
                writeln!(out, "  {headline}")?;
            }
            return writeln!(out, "no control of any framework is supported");
        }
    };
    writeln!(out, "{TITLE}\n")?;
    if let Some(name) = view.report.artifact.file(Artifact::Export) {
        writeln!(out, "export     {}", Excerpt(name))?;
    }
    if let Some(digest) = view.report.artifact.digest(Artifact::Export) {
        writeln!(out, "sha256     {digest}")?;
    }
    writeln!(out, "permits    {}", report.permits)?;
    writeln!(out, "verified   {}", verified(report))?;
    for hint in &view.hints {
        writeln!(out, "note       {hint}")?;
    }
    for framework in &report.frameworks {
        write_framework(out, view, report, framework)?;
    }
    writeln!(out, "\nWhat a verified export does not prove")?;
    for sentence in &view.report.does_not_prove {
        writeln!(out, "  - {sentence}")?;
    }
    Ok(())
}

/// The claims that are supported.
fn verified(report: &ControlReport<'_>) -> String {
    report.present.claims.iter().map(|claim| claim.as_str()).collect::<Vec<_>>().join(", ")
}

fn write_framework(
    out: &mut String,
    view: &View<'_>,
    report: &ControlReport<'_>,
    support: &FrameworkSupport<'_>,
) -> fmt::Result {
    let framework = support.framework;
    let mapped = framework.controls.len();
    writeln!(out, "\n{} [{}]", framework.name, framework.framework)?;
    let checked = framework.verification.as_str();
    writeln!(
        out,
        "  {}; citations {checked} by the published mapping, not by us",
        framework.version
    )?;
    writeln!(out, "  {} of {mapped} mapped controls are supported", support.supported.len())?;
    for one in &support.supported {
        let control = one.control;
        writeln!(out, "\n  {}  {} ({})", control.control, control.title, grade(one))?;
        writeln!(out, "    by        {}", present(report, one))?;
        writeln!(out, "    resting on {}", claims(one))?;
        if let Some(absent) = absent(one) {
            writeln!(out, "    not there {absent}")?;
        }
        writeln!(out, "    {}", control.rationale)?;
    }
    if !support.unsupported.is_empty() {
        let ids: Vec<&str> = support.unsupported.iter().map(|one| one.control.as_str()).collect();
        writeln!(out, "\n  no evidence here for: {}", ids.join(", "))?;
    }
    for one in &framework.non_mappings {
        let (what, status) = (left_out(one), one.status.as_str());
        writeln!(out, "  not mapped: {what} ({status}): {}", one.rationale)?;
    }
    for sentence in &framework.does_not_show {
        writeln!(out, "  not shown: {sentence}")?;
    }
    for disclaimer in view.mappings.disclaimers_of(framework) {
        writeln!(out, "  {}: {}", disclaimer.id, disclaimer.text)?;
    }
    Ok(())
}
