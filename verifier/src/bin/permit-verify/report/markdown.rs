// SPDX-License-Identifier: Apache-2.0

//! The report for documents.

use std::fmt::{self, Write as _};

use permit_types::Artifact;
use permit_verifier::{ControlReport, FrameworkSupport};

use super::{
    View,
    support::{TITLE, absent, claims, grade, left_out, present},
};

/// The report as Markdown.
pub(super) fn view(view: &View<'_>) -> String {
    let mut text = String::new();
    // Writing to a text never fails.
    let _ = write(&mut text, view);
    text
}

fn write(out: &mut String, view: &View<'_>) -> fmt::Result {
    writeln!(out, "# {TITLE}\n")?;
    let report = match &view.result {
        Ok(report) => report,
        Err(nothing) => {
            writeln!(out, "**Not verified**: {nothing}.")?;
            if let Some(headline) = view.headline() {
                writeln!(out, "\n{}", plain(headline))?;
            }
            return writeln!(out, "\nNo control of any framework is supported.");
        }
    };
    if let Some(name) = view.report.artifact.file(Artifact::Export) {
        writeln!(out, "- Export: {}", plain(name))?;
    }
    if let Some(digest) = view.report.artifact.digest(Artifact::Export) {
        writeln!(out, "- SHA-256: `{digest}`")?;
    }
    writeln!(out, "- Permits: {}", report.permits)?;
    let claims = report.present.claims.iter().map(|claim| format!("`{claim}`"));
    writeln!(out, "- Supported claims: {}", claims.collect::<Vec<_>>().join(", "))?;
    for hint in &view.hints {
        writeln!(out, "- Note: {hint}")?;
    }
    for framework in &report.frameworks {
        write_framework(out, view, report, framework)?;
    }
    writeln!(out, "\n## What a verified export does not prove\n")?;
    for sentence in &view.report.does_not_prove {
        writeln!(out, "- {}", plain(sentence))?;
    }
    Ok(())
}

fn write_framework(
    out: &mut String,
    view: &View<'_>,
    report: &ControlReport<'_>,
    support: &FrameworkSupport<'_>,
) -> fmt::Result {
    let framework = support.framework;
    let (done, mapped) = (support.supported.len(), framework.controls.len());
    writeln!(out, "\n## {}\n", plain(&framework.name))?;
    let checked = framework.verification.as_str();
    writeln!(
        out,
        "{} (`{}`), citations {checked} by the published mapping, not by us.",
        plain(&framework.version),
        framework.framework
    )?;
    writeln!(out, "{done} of {mapped} mapped controls are supported.\n")?;
    if done > 0 {
        writeln!(out, "| Control | Type | Evidence | Rests on | What it shows |")?;
        writeln!(out, "|---|---|---|---|---|")?;
    }
    for one in &support.supported {
        let control = one.control;
        let missing = absent(one).map(|absent| format!("; not there: {absent}"));
        let by = present(report, one) + &missing.unwrap_or_default();
        let cells = [
            format!("{}: {}", control.control, control.title),
            grade(one).to_owned(),
            by,
            claims(one),
            control.rationale.clone(),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| plain(cell)).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    if !support.unsupported.is_empty() {
        let ids: Vec<&str> = support.unsupported.iter().map(|one| one.control.as_str()).collect();
        writeln!(out, "\nNo evidence here for: {}.", plain(&ids.join(", ")))?;
    }
    if !framework.non_mappings.is_empty() {
        writeln!(out, "\nNot mapped:\n")?;
    }
    for one in &framework.non_mappings {
        let (what, status) = (plain(&left_out(one)), one.status.as_str());
        writeln!(out, "- {what} ({status}): {}", plain(&one.rationale))?;
    }
    writeln!(out, "\nNot shown:\n")?;
    for sentence in &framework.does_not_show {
        writeln!(out, "- {}", plain(sentence))?;
    }
    writeln!(out)?;
    for disclaimer in view.mappings.disclaimers_of(framework) {
        writeln!(out, "> {}: {}", disclaimer.id, plain(&disclaimer.text))?;
    }
    Ok(())
}

/// Text whose characters mean nothing to Markdown: names of files come from outside.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for character in text.chars() {
        match character {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '#' | '!' | '&' => {
                plain.push('\\');
                plain.push(character);
            }
            character if character.is_control() => plain.push('\u{fffd}'),
            character => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_stays_text() {
        assert_eq!(plain("a|b <img> [x](y)\n#"), "a\\|b \\<img\\> \\[x\\](y)\u{fffd}\\#");
    }
}
