// SPDX-License-Identifier: Apache-2.0

//! The report for machines.

use permit_canonical_json::Value;
use permit_claims::to_pretty_text;
use permit_mappings::{ControlSupport, Evidence, NonMapping};
use permit_types::Artifact;
use permit_verifier::{ControlReport, FrameworkSupport, Mappings};

use super::{View, support::left_out};

/// The report as JSON.
pub(super) fn view(view: &View<'_>) -> String {
    let digest = view.report.artifact.digest(Artifact::Export);
    let export = Value::object([
        ("file", Value::from(view.report.artifact.file(Artifact::Export).map(str::to_owned))),
        ("sha256", digest.map(|digest| digest.to_string()).into()),
    ]);
    let claims = view.report.claims.iter().map(|report| {
        Value::object([
            ("claim", report.claim.as_str()),
            ("verdict", report.verdict.as_str()),
            ("assertion", report.claim.assertion()),
        ])
    });
    let (present, frameworks, error) = match &view.result {
        Ok(report) => (evidence(report), frameworks(view.mappings, report), None),
        Err(nothing) => (Value::from(()), Value::array::<Value<'_>>([]), Some(nothing.clone())),
    };
    let document = Value::object([
        ("schema", Value::from(SCHEMA)),
        ("verified", view.result.is_ok().into()),
        ("error", error.into()),
        ("because", view.headline().filter(|_| view.result.is_err()).map(str::to_owned).into()),
        ("export", export),
        ("claims", Value::array(claims)),
        ("evidence", present),
        ("frameworks", frameworks),
        ("notes", Value::array(view.hints.iter().copied())),
        ("does_not_prove", Value::array(view.report.does_not_prove.iter().copied())),
    ]);
    to_pretty_text(&document)
}

fn evidence(report: &ControlReport<'_>) -> Value<'static> {
    let fields = report.present.permit_fields.iter();
    let fields = fields.map(|(name, count)| (name.clone(), Value::from(*count)));
    Value::object([
        ("permits", Value::from(report.permits)),
        ("permit_fields", Value::object(fields)),
        ("artifacts", Value::array(report.present.artifacts.iter().cloned())),
    ])
}

fn frameworks<'v>(mappings: &Mappings, report: &ControlReport<'_>) -> Value<'v> {
    Value::array(report.frameworks.iter().map(|support| framework(mappings, report, support)))
}

fn framework(
    mappings: &Mappings,
    report: &ControlReport<'_>,
    support: &FrameworkSupport<'_>,
) -> Value<'static> {
    let framework = support.framework;
    let disclaimers = mappings.disclaimers_of(framework).map(|disclaimer| {
        Value::object([("id", disclaimer.id.clone()), ("text", disclaimer.text.clone())])
    });
    let unsupported = support.unsupported.iter().map(|control| {
        Value::object([("control", control.control.clone()), ("title", control.title.clone())])
    });
    Value::object([
        ("framework", Value::from(framework.framework.as_str())),
        ("name", framework.name.clone().into()),
        ("publisher", framework.publisher.clone().into()),
        ("version", framework.version.clone().into()),
        ("verification", framework.verification.as_str().into()),
        ("supported", Value::array(support.supported.iter().map(|one| control(report, one)))),
        ("not_supported", Value::array(unsupported)),
        ("not_mapped", Value::array(framework.non_mappings.iter().map(non_mapping))),
        ("does_not_show", Value::array(framework.does_not_show.iter().cloned())),
        ("disclaimers", Value::array(disclaimers)),
    ])
}

fn control(report: &ControlReport<'_>, support: &ControlSupport<'_>) -> Value<'static> {
    let control = support.control;
    let pieces =
        |pieces: &[&Evidence]| Value::array(pieces.iter().map(|evidence| piece(report, evidence)));
    Value::object([
        ("control", Value::from(control.control.clone())),
        ("title", control.title.clone().into()),
        ("evidence_type", support.evidence_type().map(|grade| grade.as_str()).into()),
        ("rationale", control.rationale.clone().into()),
        ("present", pieces(&support.present)),
        ("absent", pieces(&support.absent)),
        ("claims", Value::array(support.claims.iter().map(|claim| claim.as_str()))),
    ])
}

fn piece(report: &ControlReport<'_>, evidence: &Evidence) -> Value<'static> {
    match &evidence.artifact {
        Some(artifact) => Value::object([("artifact", artifact.clone())]),
        None => {
            let fields = evidence.permit_fields.iter().map(|name| {
                let count = report.present.permit_fields.get(name).copied().unwrap_or(0);
                (name.clone(), Value::from(count))
            });
            Value::object([("permit_fields", Value::object(fields))])
        }
    }
}

fn non_mapping(one: &NonMapping) -> Value<'static> {
    Value::object([
        ("what", left_out(one)),
        ("status", one.status.as_str().to_owned()),
        ("rationale", one.rationale.clone()),
    ])
}

const SCHEMA: &str = "permit-rs.control_report/v0";
