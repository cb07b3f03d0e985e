// SPDX-License-Identifier: Apache-2.0

//! `permit-conformance report`

use std::path::{Path, PathBuf};

use permit_conformance::{
    ConformanceReport, ReportDiff, badge_text, html_text, junit_text, markdown_text,
};

use crate::{
    args::{ReportCommand, ViewFormat},
    output,
};

pub(crate) fn run(command: &ReportCommand) -> Result<u8, String> {
    match command {
        ReportCommand::View { format, output, reports } => {
            let reports = read_all(reports)?;
            let text = match format {
                ViewFormat::Junit => junit_text(only(&reports)?)?,
                ViewFormat::Badge => badge_text(only(&reports)?),
                ViewFormat::Markdown => markdown_text(&reports),
                ViewFormat::Html => html_text(&reports),
            };
            output::give(&text, output.as_deref())?;
            Ok(0)
        }
        ReportCommand::Diff { before, after } => {
            let (before, after) = (read(before)?, read(after)?);
            let diff = ReportDiff::between(only(&before)?, only(&after)?);
            output::print(&diff.to_string())?;
            Ok(u8::from(!diff.regressions.is_empty()))
        }
        ReportCommand::Merge { output, reports } => {
            let reports = read_all(reports)?;
            let text = ConformanceReport::merged_text(&reports);
            output::give(&text.map_err(|problem| problem.to_string())?, output.as_deref())?;
            Ok(0)
        }
    }
}

fn only(reports: &[ConformanceReport]) -> Result<&ConformanceReport, String> {
    match reports {
        [report] => Ok(report),
        _ => Err("this takes one report, not several".to_owned()),
    }
}

fn read(path: &Path) -> Result<Vec<ConformanceReport>, String> {
    let bytes = output::read(path)?;
    ConformanceReport::read_all(&bytes)
        .map_err(|problem| format!("`{}` is no report: {problem}", path.display()))
}

/// Reports on one and the same corpus: those on different ones do not compare.
fn read_all(paths: &[PathBuf]) -> Result<Vec<ConformanceReport>, String> {
    let mut reports = Vec::new();
    for path in paths {
        reports.extend(read(path)?);
    }
    let mut digests = reports.iter().map(|report| &report.corpus.digest);
    let first = digests.next();
    if digests.any(|digest| Some(digest) != first) {
        return Err("the reports are about different corpora, which do not compare".to_owned());
    }
    Ok(reports)
}
