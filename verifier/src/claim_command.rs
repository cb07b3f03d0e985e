// SPDX-License-Identifier: Apache-2.0

//! Judging one claim by itself.

use std::fmt::Write as _;

use permit_canonical_json::{Excerpt, Object, Profile, Value, read};
use permit_claims::{
    Claim, ClaimFault, ClaimReport, Report, SemanticsReport, Unsupported, Verdict,
};
use permit_closure::ClosureRules;
use permit_decision::{Slot, SlotContext, adjudicate_slots};
use permit_delegation::{DelegationDenied, DenialSemantics, adjudicate_denial};
use permit_export_bundle::Manifest;
use permit_failure_codes::ReasonClass;
use permit_pins::{PackDocument, resolve};
use permit_types::{Artifact, Finding, Location};

use crate::{
    collected::Wanted,
    export::NamedFile,
    options::{ExportOptions, Layers},
    pack_folder::{PackFolder, PinFiles},
    payload::{Asked, read_payload},
    trust::Trust,
    verdict,
};

/// What is said about one claim.
#[derive(Clone, Debug)]
pub struct ClaimAnswer {
    claim: Claim,
    verdict: Verdict,
    /// Whether nothing beside the claim speaks against it.
    passed: bool,
    limit: bool,
    json: Object<'static>,
    findings: Vec<Finding>,
    says: Vec<String>,
}

impl ClaimAnswer {
    /// The claim.
    #[must_use]
    pub fn claim(&self) -> Claim {
        self.claim
    }

    /// The verdict.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Why it is not supported.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The status that a process ends with: 0 for supported, unless the evidence fails otherwise; 2 if
    /// a limit was reached; else 1.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.verdict {
            Verdict::Supported if self.passed => 0,
            _ if self.limit => 2,
            _ => 1,
        }
    }

    /// The answer as one line of JSON, as the reference prints it.
    #[must_use]
    pub fn to_json_text(&self) -> String {
        let value = Value::from(self.json.clone());
        // There are no numbers in it that have no canonical form.
        Profile::Payload.to_text(&value).unwrap_or_default() + "\n"
    }

    /// The answer for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}  {}\n", self.verdict.as_str(), self.claim);
        for line in &self.says {
            let written = writeln!(text, "  {}", Excerpt(line));
            debug_assert!(written.is_ok(), "strings take all text");
        }
        for finding in &self.findings {
            let (reason, pointer) = (finding.reason.as_str(), finding.at.pointer.to_string());
            let written = writeln!(
                text,
                "\n{reason}  {}\n  {}  {}\n  {}\n  help: {}",
                finding.rule.map_or("", permit_types::RuleId::as_str),
                finding.at.artifact.as_str(),
                Excerpt(&pointer),
                Excerpt(&finding.summary),
                finding.help
            );
            debug_assert!(written.is_ok(), "strings take all text");
        }
        text
    }
}

/// Judges `permit_chain.delegation_denied_correctly.v1` on evidence of its own.
///
/// Neither signature nor trust root play a part in it: the claim is that a denial was right by the
/// rules, not who says so.
#[must_use]
pub fn judge_delegation_denied(
    evidence: &NamedFile,
    event_id: Option<&str>,
    folder: &dyn PackFolder,
    options: &ExportOptions,
) -> ClaimAnswer {
    let claim = Claim::DelegationDenied;
    let document = match read(&evidence.bytes, &options.budget) {
        Ok(document) => document,
        Err(error) => {
            let at = Location::value(Artifact::ClaimEvidence, error.pointer(), error.at());
            let fault = unreadable(at, error.to_string(), error.kind().is_limit());
            let denied = DelegationDenied::unresolved(fault);
            return delegation_answer(claim, &denied, &SemanticsReport::default());
        }
    };
    let document_kind = PackDocument::DelegationEvidence;
    // An array has no place for pins.
    let nothing = Value::object::<&str, Value<'_>>([]);
    let pack = if document.as_object().is_some() { &document } else { &nothing };
    let (denied, semantics) = match resolve(document_kind, pack, &PinFiles(folder)) {
        Ok(semantics) => {
            let known = claim.needs().iter().copied().filter(|one| semantics.known(*one));
            let rules = DenialSemantics::of(known);
            let report = semantics.resolution().report();
            (adjudicate_denial(&document, event_id, &rules), report)
        }
        Err(failure) => {
            let report = failure.resolution.report();
            (DelegationDenied::unresolved(failure.fault.clone()), report)
        }
    };
    delegation_answer(claim, &denied, &semantics)
}

fn delegation_answer(
    claim: Claim,
    denied: &DelegationDenied,
    semantics: &SemanticsReport,
) -> ClaimAnswer {
    let mut json = object_of(denied.to_json());
    json.insert("semantics", semantics_json(semantics));
    let fault = denied.outcome().err();
    let mut says: Vec<String> =
        denied.supported_checks().iter().map(|check| format!("holds: {check}")).collect();
    says.extend(denied.missing_requirements().iter().map(|one| format!("missing: {one}")));
    says.extend(denied.errors().iter().map(|one| format!("error: {one}")));
    ClaimAnswer {
        claim,
        verdict: denied.status(),
        passed: true,
        limit: fault.is_some_and(is_limit),
        json,
        findings: fault.map(|fault| (*fault.finding).clone()).into_iter().collect(),
        says,
    }
}

/// The answer about `export.scope_faithfulness.v1` from a report about its export.
///
/// An export that says nothing of its scope does not support the claim.
#[must_use]
pub fn judge_scope_faithfulness(report: &Report) -> ClaimAnswer {
    let claim = Claim::ScopeFaithfulness;
    let judged = report.claim(claim);
    let verdict = judged.map_or(Verdict::InsufficientEvidence, |claim| claim.verdict);
    let passed = report.passed();
    let whole = report.to_json();
    let of_scope = |name: &str| {
        [Claim::ScopeState.as_str(), Claim::ScopeFaithfulness.as_str()].contains(&name)
    };
    let claims = whole.get("claims").and_then(Value::as_array).unwrap_or_default().iter();
    let claims =
        claims.filter(|claim| claim.get("name").and_then(Value::as_str).is_some_and(of_scope));
    let message = judged.map(|claim| claim.message.clone()).or_else(|| report.error.clone());
    let mut json = Object::default();
    json.insert("claim_type", "scope_faithfulness");
    json.insert("status", verdict.as_str());
    json.insert("ok", passed && verdict == Verdict::Supported);
    json.insert("reason_code", judged.map(|claim| claim.reason.as_str()));
    json.insert("message", message.clone());
    json.insert("claims", Value::array(claims.cloned()));
    json.insert("report", whole.clone());
    let findings = report.failures().cloned().collect();
    let limit = report.outcome == permit_claims::Outcome::CouldNotJudge;
    let says = message.into_iter().collect();
    ClaimAnswer { claim, verdict, passed, limit, json, findings, says }
}

/// Judges one of the slots of permits of format v2 in a document.
///
/// Neither a signature over the document nor its hash plays a part in it: whoever has a document of
/// unknown origin verifies it as an export first.
#[must_use]
pub fn judge_slot(
    slot: Slot,
    document: &NamedFile,
    manifest: Option<&NamedFile>,
    trust: &Trust,
    options: &ExportOptions,
    folder: &dyn PackFolder,
) -> ClaimAnswer {
    let manifest = match manifest.map(|file| Manifest::read(&file.bytes, &options.budget)) {
        None => None,
        Some(Ok(manifest)) => Some(manifest),
        Some(Err(problem)) => {
            let at = Location::whole(Artifact::Manifest);
            let fault = unreadable(at, problem.to_string(), problem.is_limit());
            return slot_fault(slot, fault);
        }
    };
    let nothing = Value::object::<&str, Value<'_>>([]);
    let pack = manifest.as_ref().map_or(&nothing, Manifest::value);
    let semantics = match resolve(PackDocument::ExportManifest, pack, &PinFiles(folder)) {
        Ok(semantics) => semantics,
        Err(failure) => return slot_fault(slot, failure.fault.clone()),
    };
    let asked = Asked {
        layers: Layers::default(),
        chain_v1_known: true,
        closure_rules: ClosureRules::default(),
        declared_lines: false,
        declared_archive: false,
        wanted: Wanted::default(),
        history: None,
        dispatched: None,
    };
    let facts = match read_payload(document.bytes.as_slice(), trust, &asked, options) {
        Ok(facts) => facts,
        Err(error) => {
            let at = Location::whole(Artifact::ClaimEvidence);
            return slot_fault(slot, unreadable(at, error.to_string(), false));
        }
    };
    if let Some(problem) = &facts.end.unreadable {
        let at = Location::value(Artifact::ClaimEvidence, problem.pointer(), problem.range());
        return slot_fault(slot, unreadable(at, problem.to_string(), problem.is_limit()));
    }
    let collected = &facts.collected;
    let members = manifest.as_ref().and_then(Manifest::members);
    let context = SlotContext::new(&collected.document, members, &collected.stated);
    let (keys, mode) = (trust.manifest(), trust.mode());
    let judged = adjudicate_slots(slot, &collected.permits, &context, keys, mode);
    let mut claim = verdict::slot(slot, &judged);
    claim.semantics = semantics.semantics_for(slot.claim());
    let findings: Vec<Finding> = judged
        .iter()
        .filter_map(|judged| judged.as_ref().err())
        .map(|fault| (*fault.finding).clone())
        .collect();
    slot_answer(slot, &claim, findings, collected.over_limit)
}

fn slot_fault(slot: Slot, fault: ClaimFault) -> ClaimAnswer {
    let limit = is_limit(&fault);
    let finding = (*fault.finding).clone();
    let claim = verdict::slot(slot, &[Err(fault)]);
    slot_answer(slot, &claim, vec![finding], limit)
}

fn slot_answer(
    slot: Slot,
    claim: &ClaimReport,
    findings: Vec<Finding>,
    limit: bool,
) -> ClaimAnswer {
    let mut report = Report::new("claim");
    report.claims.push(claim.clone());
    let whole = report.to_json();
    let json_claim = whole.get("claims").and_then(Value::as_array).and_then(<[_]>::first).cloned();
    // What was not looked at may contradict what was.
    let verdict =
        if limit && claim.is_supported() { Verdict::InsufficientEvidence } else { claim.verdict };
    let mut json = Object::default();
    let name = slot.claim().as_str();
    let short = name.strip_prefix("permit.").and_then(|name| name.strip_suffix(".v1"));
    json.insert("claim_type", short.unwrap_or(name));
    json.insert("status", verdict.as_str());
    json.insert("ok", verdict == Verdict::Supported);
    json.insert("reason_code", claim.reason.as_str());
    json.insert("message", claim.message.clone());
    json.insert("claim", json_claim);
    let says = claim
        .subjects
        .iter()
        .map(|subject| {
            let id = subject.id.as_deref().unwrap_or("no id");
            format!("{} {id}: {}", subject.verdict.as_str(), subject.message)
        })
        .collect();
    ClaimAnswer { claim: slot.claim(), verdict, passed: true, limit, json, findings, says }
}

fn unreadable(at: Location, error: String, limit: bool) -> ClaimFault {
    let summary = format!("the evidence cannot be read: {error}");
    let finding = if limit {
        Finding::notice(ReasonClass::BudgetExceeded, at, summary)
    } else {
        Finding::failure(ReasonClass::ArtifactUnreadable, at, summary)
    };
    ClaimFault::new(Unsupported::InsufficientEvidence, finding)
}

fn is_limit(fault: &ClaimFault) -> bool {
    fault.finding.reason.class() == Some(ReasonClass::BudgetExceeded)
}

fn semantics_json(semantics: &SemanticsReport) -> Value<'static> {
    let mut report = Report::new("claim");
    report.semantics = semantics.clone();
    report.to_json().get("semantics").cloned().unwrap_or_else(|| Value::from(()))
}

fn object_of(value: Value<'static>) -> Object<'static> {
    match value.into_node() {
        permit_canonical_json::Node::Object(object) => object,
        _ => Object::default(),
    }
}
