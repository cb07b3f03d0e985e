// SPDX-License-Identifier: Apache-2.0

//! What can be wrong with a permit without looking at anything else.
//!
//! ```text
//!                                                                 severity   reason
//! PERMIT-04  decision is there, and none of the three words       failure    PERMIT_SEMANTICS_INVALID
//!            decision is absent                                   notice     OBJECT_FORM_INVALID
//! PERMIT-06  deny or challenge, yet bound to a request            failure    PERMIT_SEMANTICS_INVALID
//! PERMIT-10  decision_details say something else                  failure    PERMIT_SEMANTICS_INVALID
//! PERMIT-33  created_at is a time, but not in UTC                 failure    TIMESTAMP_FORM
//!            created_at is text, but no time                      notice     TIMESTAMP_FORM
//! PCHAIN-04  two times of expiry                                  failure    WALK_PERMIT_CHAIN_ENVELOPE_INCONSISTENT
//! PERMIT-18  one or two of the three workflow members             notice     PERMIT_SEMANTICS_INVALID
//! PERMIT-09  type or message of an action is empty or no text     notice     PERMIT_SEMANTICS_INVALID
//! PERMIT-30, PCHAIN-35  a reserved name                           notice     RESERVED_NAME_USED
//! PERMIT-01, PERMIT-03  anything else about the form              notice     OBJECT_FORM_INVALID
//! ```
//!
//! The line between the two severities: exports of honest issuers depart from the closed form,
//! and that must not fail a verdict; what a rule forbids because it contradicts itself must.
//! All of it is looked at on the value that was read, so that a permit that departs from the
//! closed form is still judged in everything else.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use permit_canonical_json::{
    ByteRange, Excerpt, Object, PathStep, ShapeError, ShapeErrorKind, Value, from_value,
};
use permit_failure_codes::{FailureCode, Reason, ReasonClass};

use crate::{
    Decision, Finding, Instant, Location, Permit, Rfc3339, Severity,
    form::{form_finding, shown},
};

/// Everything that is wrong with a permit in itself: its semantics, and then the first departure
/// from its closed form, unless that is a mistake that was found already.
#[must_use]
pub fn check_permit(permit: &Value<'_>, base: &Location) -> Vec<Finding> {
    let mut findings = check_permit_semantics(permit, base);
    let form = check_permit_form(permit, base)
        .filter(|form| findings.iter().all(|finding| finding.at.pointer != form.at.pointer));
    findings.extend(form);
    findings
}

/// The rules about a permit's own members that its schema does not express.
///
/// `base` is the place of the permit. Something that is no object has no semantics; its form is
/// what [`check_permit_form`] looks at.
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_types::{Artifact, Location, check_permit_semantics};
///
/// let permit = br#"{"id": "9f2e", "decision": "deny", "binding_request_hash": "a1f8"}"#;
/// let permit = read(permit, &Budget::default())?;
/// let findings = check_permit_semantics(&permit, &Location::whole(Artifact::Export));
///
/// assert_eq!(findings.len(), 1);
/// assert_eq!(findings[0].rule.unwrap().as_str(), "PERMIT-06");
/// assert_eq!(findings[0].at.pointer.to_string(), "/binding_request_hash");
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
#[must_use]
pub fn check_permit_semantics(permit: &Value<'_>, base: &Location) -> Vec<Finding> {
    let Some(members) = permit.as_object() else { return Vec::new() };
    let permit = PermitUnderCheck { members, range: permit.range(), base };
    let mut findings = Vec::new();
    findings.extend(permit.decision());
    findings.extend(permit.binding());
    findings.extend(permit.decision_details());
    findings.extend(permit.created_at());
    findings.extend(permit.expiry());
    findings.extend(permit.workflow());
    findings.extend(permit.actions());
    findings.extend(permit.reserved_names());
    findings
}

/// The first departure of a permit from its closed form (PERMIT-01, PERMIT-03).
#[must_use]
pub fn check_permit_form(permit: &Value<'_>, base: &Location) -> Option<Finding> {
    let error = from_value::<Permit>(permit).err()?;
    let finding = form_finding(&error, base, form_rule(&error));
    Some(match permit.get("id").and_then(Value::as_str) {
        Some(id) => finding.detail("permit_id", Excerpt(id).to_string()),
        None => finding,
    })
}

/// The rule that a departure from the form breaks.
fn form_rule(error: &ShapeError) -> &'static str {
    if matches!(error.kind(), ShapeErrorKind::UnknownMember { .. }) {
        return "PERMIT-01";
    }
    let pointer = error.pointer();
    match pointer.steps() {
        [] => "PERMIT-03",
        [PathStep::Member(name)] if name == "decision" => "PERMIT-04",
        [PathStep::Member(name), ..] if REQUIRED.contains(&name.as_str()) => "PERMIT-03",
        _ => "CONF-01",
    }
}

struct PermitUnderCheck<'c, 'v> {
    members: &'c Object<'v>,
    range: ByteRange,
    base: &'c Location,
}

impl<'c, 'v> PermitUnderCheck<'c, 'v> {
    /// A member that is there and not `null`.
    fn get(&self, name: &str) -> Option<&'c Value<'v>> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Option<&'c str> {
        self.get(name)?.as_str()
    }

    /// A finding about the value of a member, or about the permit if the member is absent.
    fn finding(
        &self,
        severity: Severity,
        reason: impl Into<Reason>,
        rule: &'static str,
        member: &str,
        summary: impl Into<String>,
    ) -> Finding {
        let pointer = self.base.pointer.clone();
        let at = match self.members.get(member) {
            Some(value) => {
                Location::value(self.base.artifact, pointer.member(member), value.range())
            }
            None => Location::value(self.base.artifact, pointer, self.range),
        };
        let finding = match severity {
            Severity::Failure => Finding::failure(reason, at, summary),
            Severity::Notice => Finding::notice(reason, at, summary),
        };
        self.identified(finding.rule(rule))
    }

    /// Adds the id of the permit, which is how people find it.
    fn identified(&self, finding: Finding) -> Finding {
        match self.text("id") {
            Some(id) => finding.detail("permit_id", Excerpt(id).to_string()),
            None => finding,
        }
    }

    /// PERMIT-04
    fn decision(&self) -> Option<Finding> {
        let decision = self.members.get("decision");
        let expected = "`allow`, `deny` or `challenge`";
        let (severity, reason, summary) = match decision.map(Value::as_str) {
            Some(Some(word)) if Decision::parse(word).is_some() => return None,
            Some(Some(_)) => (
                Severity::Failure,
                ReasonClass::PermitSemanticsInvalid,
                "the permit decides something that is no decision",
            ),
            Some(None) => (
                Severity::Failure,
                ReasonClass::PermitSemanticsInvalid,
                "the permit's decision is no word",
            ),
            None => {
                (Severity::Notice, ReasonClass::ObjectFormInvalid, "the permit has no decision")
            }
        };
        let actual = decision.map_or_else(|| "none".to_string(), shown);
        Some(
            self.finding(severity, reason, "PERMIT-04", "decision", summary)
                .values(expected, actual),
        )
    }

    /// PERMIT-06: a refusal that names the bytes it lets through could later pass for an approval.
    fn binding(&self) -> Option<Finding> {
        let decision = Decision::parse(self.text("decision")?)?;
        if decision.may_be_bound() {
            return None;
        }
        let hash = self.get("binding_request_hash")?;
        let summary = format!("a permit that decides `{decision}` is bound to a request");
        Some(
            self.finding(
                Severity::Failure,
                ReasonClass::PermitSemanticsInvalid,
                "PERMIT-06",
                "binding_request_hash",
                summary,
            )
            .values("null", shown(hash)),
        )
    }

    /// PERMIT-10
    fn decision_details(&self) -> Option<Finding> {
        let decision = self.text("decision").filter(|text| Decision::parse(text).is_some())?;
        let details = self.get("decision_details")?;
        let repeated = details.get("decision")?;
        if repeated.as_str()? == decision {
            return None;
        }
        let pointer = self.base.pointer.clone().member("decision_details").member("decision");
        let at = Location::value(self.base.artifact, pointer, repeated.range());
        let summary = "the details of the decision say another decision than the permit";
        let finding = Finding::failure(ReasonClass::PermitSemanticsInvalid, at, summary)
            .rule("PERMIT-10")
            .values(format!("`\"{}\"`", Excerpt(decision)), shown(repeated));
        Some(self.identified(finding))
    }

    /// PERMIT-33
    fn created_at(&self) -> Option<Finding> {
        let text = self.text("created_at")?;
        let (severity, summary) = match Rfc3339::parse(text) {
            Some(time) if time.is_utc() => return None,
            Some(_) => (Severity::Failure, "the time of the decision is not in UTC"),
            None => (Severity::Notice, "the time of the decision is no date-time of RFC 3339"),
        };
        Some(
            self.finding(severity, ReasonClass::TimestampForm, "PERMIT-33", "created_at", summary)
                .values("a date-time of RFC 3339 in UTC", format!("`{}`", Excerpt(text))),
        )
    }

    /// PCHAIN-04: whoever trusts one of the two would keep using what the other has ended.
    fn expiry(&self) -> Option<Finding> {
        let permit = self.text("expires_at")?;
        let envelope = self.get("authority_envelope")?.get("expires_at")?.as_str()?;
        if Instant::parse(permit)? == Instant::parse(envelope)? {
            return None;
        }
        let summary = "the permit and its authority envelope expire at different times";
        Some(
            self.finding(
                Severity::Failure,
                FailureCode::WalkPermitChainEnvelopeInconsistent,
                "PCHAIN-04",
                "expires_at",
                summary,
            )
            .values(
                format!("the instant `{}` of the envelope", Excerpt(envelope)),
                format!("`{}`", Excerpt(permit)),
            ),
        )
    }

    /// PERMIT-18
    fn workflow(&self) -> Option<Finding> {
        let missing: Vec<&str> =
            WORKFLOW.into_iter().filter(|name| self.get(name).is_none()).collect();
        let present = WORKFLOW.into_iter().find(|name| !missing.contains(name))?;
        if missing.is_empty() {
            return None;
        }
        Some(
            self.finding(
                Severity::Notice,
                ReasonClass::PermitSemanticsInvalid,
                "PERMIT-18",
                present,
                "the permit has some of the members of a workflow, but not all",
            )
            .values(
                format!("`{}`, or none of them", WORKFLOW.join("`, `")),
                format!("no `{}`", missing.join("`, `")),
            ),
        )
    }

    /// PERMIT-09. One finding, however many actions there are: an export must not fill the report.
    fn actions(&self) -> Option<Finding> {
        let actions = self.get("actions_json")?.as_array()?;
        let mut wrong = actions.iter().zip(0_u64..).filter_map(|(action, index)| {
            ["type", "message"].into_iter().find_map(|name| {
                let text = action.get(name)?;
                let is_text = text.as_str().is_some_and(|text| !text.is_empty());
                if is_text { None } else { Some((index, name, text)) }
            })
        });
        let (index, name, text) = wrong.next()?;
        let more = wrong.count();
        let pointer = self.base.pointer.clone().member("actions_json").index(index).member(name);
        let at = Location::value(self.base.artifact, pointer, text.range());
        let summary = format!("the `{name}` of an action is empty or no text");
        let finding = Finding::notice(ReasonClass::PermitSemanticsInvalid, at, summary)
            .rule("PERMIT-09")
            .values("text that is not empty", shown(text));
        let finding = self.identified(finding);
        Some(if more == 0 { finding } else { finding.detail("further_actions", more.to_string()) })
    }

    /// PERMIT-30, PCHAIN-35
    fn reserved_names(&self) -> Vec<Finding> {
        let used = |(name, rule): (&'static str, &'static str)| {
            let member = self.members.member(name)?;
            let pointer = self.base.pointer.clone().member(name);
            let at = Location::value(self.base.artifact, pointer, member.name_range());
            let summary = format!("the name `{name}` is reserved for a later version");
            let finding = Finding::notice(ReasonClass::ReservedNameUsed, at, summary)
                .rule(rule)
                .values("no such member", format!("`{name}`"));
            Some(self.identified(finding))
        };
        RESERVED.into_iter().filter_map(used).collect()
    }
}

const WORKFLOW: [&str; 3] = ["workflow_declaration_id", "workflow_id", "workflow_state_json"];

const RESERVED: [(&str, &str); 6] = [
    ("permit_format_version", "PERMIT-30"),
    ("signature", "PERMIT-30"),
    ("counter_signature", "PERMIT-30"),
    ("authority_envelope_v2", "PCHAIN-35"),
    ("authority_envelope_signature", "PCHAIN-35"),
    ("delegation_constraints", "PCHAIN-35"),
];

const REQUIRED: [&str; 17] = [
    "id",
    "project_id",
    "subject_type",
    "subject_id",
    "action_name",
    "resource_provider",
    "resource_model",
    "estimated_input_tokens",
    "estimated_output_tokens",
    "decision",
    "reason",
    "actions_json",
    "policy_id",
    "policy_version",
    "idempotency_key",
    "request_fingerprint",
    "created_at",
];
