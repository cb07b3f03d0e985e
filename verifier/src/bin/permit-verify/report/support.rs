// SPDX-License-Identifier: Apache-2.0

//! Words that all views of a report share.

use permit_mappings::{ControlSupport, Evidence, EvidenceType, NonMapping};
use permit_verifier::ControlReport;

/// The heading of every view.
pub(super) const TITLE: &str = "Controls that the evidence supports";

/// The type in words.
pub(super) fn grade(support: &ControlSupport<'_>) -> &'static str {
    match support.evidence_type() {
        Some(EvidenceType::DirectSupport) => "direct support",
        Some(EvidenceType::Necessary) => "necessary",
        Some(EvidenceType::Partial) => "partial",
        None => "not graded",
    }
}

/// A piece of evidence, and in how many permits it is.
pub(super) fn piece(report: &ControlReport<'_>, evidence: &Evidence) -> String {
    let label = evidence.label();
    let counts = evidence.permit_fields.iter().map(|name| report.present.permit_fields.get(name));
    match counts.map(|count| count.copied().unwrap_or(0)).min() {
        Some(least) => format!("{label} ({least} of {} permits)", report.permits),
        None => label,
    }
}

/// The pieces that are there, joined.
pub(super) fn present(report: &ControlReport<'_>, support: &ControlSupport<'_>) -> String {
    let pieces = support.present.iter().map(|evidence| piece(report, evidence));
    pieces.collect::<Vec<_>>().join(", ")
}

/// The pieces that are not there, joined; nothing if all are.
pub(super) fn absent(support: &ControlSupport<'_>) -> Option<String> {
    let labels: Vec<String> = support.absent.iter().map(|evidence| evidence.label()).collect();
    (!labels.is_empty()).then(|| labels.join(", "))
}

/// The claims that the pieces rest on, joined.
pub(super) fn claims(support: &ControlSupport<'_>) -> String {
    support.claims.iter().map(|claim| claim.as_str()).collect::<Vec<_>>().join(", ")
}

/// What is not mapped: controls, or a subject.
pub(super) fn left_out(one: &NonMapping) -> String {
    one.subject.clone().unwrap_or_else(|| one.controls.join(", "))
}
