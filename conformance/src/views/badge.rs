// SPDX-License-Identifier: Apache-2.0

//! A badge, in the form that shields.io takes from an endpoint.

use permit_canonical_json::Value;
use permit_claims::to_pretty_text;

use crate::conformance_report::ConformanceReport;

/// The badge of a report: level, cases, corpus.
#[must_use]
pub fn badge_text(report: &ConformanceReport) -> String {
    let level =
        report.level().map_or("no level".to_owned(), |level| format!("L{}", level.number()));
    let summary = &report.summary;
    let corpus = report.corpus.version.as_deref().unwrap_or("-");
    let (passed, all) = (summary.passed, summary.total_vectors);
    let color = match report.level().map(crate::level::Level::number) {
        Some(5) if passed == all => "brightgreen",
        Some(4 | 5) => "green",
        Some(_) => "yellow",
        None => "red",
    };
    let badge = Value::object([
        ("schemaVersion", Value::from(1_u64)),
        ("label", "Permit".into()),
        ("message", format!("{level} · {passed}/{all} · corpus {corpus}").into()),
        ("color", color.into()),
    ]);
    to_pretty_text(&badge)
}
