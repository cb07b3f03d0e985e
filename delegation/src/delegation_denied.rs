// SPDX-License-Identifier: Apache-2.0

//! The claim `permit_chain.delegation_denied_correctly.v1`.
//!
//! ```text
//! which event     one permit.delegated_denied, or the one with the id that is asked for    CLAIM-21
//! the chain       from its start, unbroken, every record hash right                        CLAIM-22
//! the payload     covered by an integrity digest                                           CLAIM-23, SEM-04
//! the version     in the allow-list, its comparator pinned                                 CLAIM-20, PCHAIN-07
//! the members     child envelope, failed fields, reason code; parent envelope or its absence
//! the comparison  run anew: finds a fault, and in the same fields                          CLAIM-24
//! ```
//!
//! In this order, and the first that does not hold ends it.

use std::collections::BTreeSet;

use permit_canonical_json::{Object, Value};
use permit_claims::{ClaimFault, Unsupported, Verdict};

use crate::{
    canonical_envelope::{CanonicalEnvelope, EnvelopeFault},
    comparator::Comparator,
    correct_denial::{CorrectDenial, DenialFault, ProvenGround},
    denial_semantics::DenialSemantics,
    denial_token::DenialToken,
    envelope_version::EnvelopeVersion,
    event_view::{EventView, events_of},
    integrity_digest::PayloadCovered,
    supplied_chain::StrictPrefix,
};

/// What is said about one denial: a proof or a fault, and what was found on the way.
///
/// Made by [`adjudicate_denial`] only, so that its status is that of the proof.
#[derive(Clone, Debug)]
pub struct DelegationDenied {
    outcome: Result<CorrectDenial, Box<ClaimFault>>,
    supported_checks: Vec<&'static str>,
    missing_requirements: Vec<String>,
    errors: Vec<String>,
    shown: Shown,
    semantics_failed: bool,
}

/// What a result shows where it got that far.
#[derive(Clone, Debug, Default)]
struct Shown {
    event_id: Option<String>,
    failed_fields: Option<BTreeSet<String>>,
    expected_failed_fields: Option<BTreeSet<String>>,
    event_failed_fields: Option<BTreeSet<String>>,
    comparison_details: Option<Value<'static>>,
}

/// Judges whether a recorded denial of delegated authority was right.
///
/// `evidence` is an array of governance events, one event, or an object that has them in `events`,
/// `records`, `governance_events`, `chain_entries` or `event`. `event_id` says which denial is meant
/// if there are several.
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_claims::Verdict;
/// use permit_delegation::{DenialSemantics, adjudicate_denial};
///
/// let evidence = read(br#"{"events": [{"event_type": "permit.issued"}]}"#, &Budget::default())?;
/// let result = adjudicate_denial(&evidence, None, &DenialSemantics::legacy());
/// assert_eq!(result.status(), Verdict::InsufficientEvidence);
/// assert_eq!(result.missing_requirements(), ["permit.delegated_denied"]);
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
#[must_use]
pub fn adjudicate_denial(
    evidence: &Value<'_>,
    event_id: Option<&str>,
    semantics: &DenialSemantics,
) -> DelegationDenied {
    judge_events(&events_of(evidence), &Choice::EventId(event_id), semantics)
}

/// Which denial is meant.
pub(crate) enum Choice<'c> {
    /// The one with this id, or the only one.
    EventId(Option<&'c str>),
    /// The one about this permit, and with this id if there is one.
    Permit(&'c str, Option<&'c str>),
}

pub(crate) fn judge_events(
    events: &[EventView<'_>],
    choice: &Choice<'_>,
    semantics: &DenialSemantics,
) -> DelegationDenied {
    let mut course = Course { checks: Vec::new(), shown: Shown::default() };
    let outcome = course.judge(events, choice, semantics);
    let Course { checks, shown } = course;
    let (missing, errors) = match &outcome {
        Ok(_) => Default::default(),
        Err(fault) => (fault.missing.clone(), fault.errors.clone()),
    };
    DelegationDenied {
        outcome: outcome.map_err(|fault| Box::new(fault.into_claim_fault())),
        supported_checks: checks,
        missing_requirements: missing.into_iter().map(std::borrow::Cow::into_owned).collect(),
        errors,
        shown,
        semantics_failed: false,
    }
}

/// The result while it is being found.
struct Course {
    checks: Vec<&'static str>,
    shown: Shown,
}

impl Course {
    fn judge(
        &mut self,
        events: &[EventView<'_>],
        choice: &Choice<'_>,
        semantics: &DenialSemantics,
    ) -> Result<CorrectDenial, DenialFault> {
        if events.is_empty() {
            let summary = "the evidence has no events";
            return Err(DenialFault::new(DenialToken::GovernanceEvents, None, summary));
        }
        let target = choose(events, choice)?;
        let prefix = StrictPrefix::of(events, semantics)?;
        self.checks.push("hash_chain_integrity");
        let covered = PayloadCovered::of(target, events, semantics)?;
        self.checks.push("payload_integrity_digest");
        let comparator = comparator_of(target, semantics)?;
        let denial = Denial::of(target)?;
        let ground = match denial.parent {
            Some(parent) => self.compare(&denial, parent, comparator)?,
            None => self.parent_missing(&denial)?,
        };
        Ok(CorrectDenial {
            event_id: denial.event_id.to_owned(),
            ground,
            digest: covered.binding,
            events: prefix.events,
            scopes: prefix.scopes,
        })
    }

    /// A denial because there is no authority that a part of could be given.
    fn parent_missing(&mut self, denial: &Denial<'_, '_>) -> Result<ProvenGround, DenialFault> {
        let says_so =
            denial.reason_code == PARENT_MISSING && denial.failed_fields.contains(WHOLE_ENVELOPE);
        if !says_so {
            let summary =
                "the denial has no envelope of the parent and does not say that there is none";
            return Err(denial.fault(
                DenialToken::ParentEnvelope,
                "parent_authority_envelope",
                summary,
            ));
        }
        self.shown.event_id = Some(denial.event_id.to_owned());
        if let Err(fault) = CanonicalEnvelope::read(denial.child) {
            return Err(denial.envelope_fault(DenialToken::ChildEnvelope, CHILD, &fault));
        }
        self.shown.failed_fields = Some(denial.owned_fields());
        self.checks.extend([
            "child_requested_authority_envelope_present",
            "parent_authority_envelope_absent",
            "denial_reason_matches_parent_missing",
        ]);
        Ok(ProvenGround::ParentMissing)
    }

    /// A denial because the child asked for more than there is.
    fn compare(
        &mut self,
        denial: &Denial<'_, '_>,
        parent: &Value<'_>,
        comparator: Comparator,
    ) -> Result<ProvenGround, DenialFault> {
        let token = DenialToken::ComparableEnvelopes;
        let parent = CanonicalEnvelope::read(parent)
            .map_err(|fault| denial.envelope_fault(token, "parent_authority_envelope", &fault))?;
        let child = CanonicalEnvelope::read(denial.child)
            .map_err(|fault| denial.envelope_fault(token, CHILD, &fault))?;
        self.shown.event_id = Some(denial.event_id.to_owned());
        let Some(excess) = comparator.excess(&parent, &child) else {
            let summary = "the child asked for nothing that the parent does not have";
            return Err(denial.fault(DenialToken::ComparatorAllows, CHILD, summary));
        };
        let expected = excess.failed_fields();
        if denial.failed_fields != expected {
            self.checks.push("comparator_reran");
            self.shown.expected_failed_fields =
                Some(expected.iter().map(|&field| field.to_owned()).collect());
            self.shown.event_failed_fields = Some(denial.owned_fields());
            let summary =
                "the denial names other fields than those in which the child exceeds its parent";
            let fault = denial.fault(DenialToken::FailedFieldsMismatch, "failed_fields", summary);
            let actual: Vec<&str> =
                denial.failed_fields.iter().copied().take(SHOWN_FIELDS).collect();
            let expected: Vec<&str> = expected.into_iter().collect();
            return Err(fault.values(
                format!("`{}`", expected.join("`, `")),
                format!("`{}`", permit_canonical_json::Excerpt(&actual.join("`, `"))),
            ));
        }
        self.shown.failed_fields = Some(denial.owned_fields());
        self.shown.comparison_details = Some(excess.comparison_details());
        self.checks.extend([
            "parent_authority_envelope_present",
            "child_requested_authority_envelope_present",
            "comparator_reran",
            "denial_was_correct",
        ]);
        Ok(ProvenGround::Exceeds(excess))
    }
}

/// The event that is asked about (CLAIM-21).
fn choose<'e, 'v>(
    events: &'e [EventView<'v>],
    choice: &Choice<'_>,
) -> Result<&'e EventView<'v>, DenialFault> {
    let is_meant = |event: &&EventView<'_>| {
        let (permit, id) = match choice {
            Choice::EventId(id) => (None, id),
            Choice::Permit(permit, id) => (Some(*permit), id),
        };
        event.is_of_type(DENIED)
            && id.is_none_or(|id| event.text("event_id") == Some(id))
            && permit.is_none_or(|permit| is_about(event, permit))
    };
    let mut meant = events.iter().filter(is_meant);
    match (meant.next(), meant.next()) {
        (Some(target), None) => Ok(target),
        (Some(_), Some(second)) => {
            let summary = "several events could be the denial that is asked about";
            let at = Some(second.location());
            Err(DenialFault::new(DenialToken::AmbiguousEvent, at, summary))
        }
        (None, _) => {
            let summary = "no event is the denial that is asked about";
            Err(DenialFault::new(DenialToken::DeniedEvent, None, summary))
        }
    }
}

/// Whether a denial names the permit, as the one that was asked for or as its parent.
fn is_about(event: &EventView<'_>, permit: &str) -> bool {
    let parent = event.payload_member("parent_permit_id").and_then(Value::as_str);
    let named = [parent, event.permit_id(), event.text("resource_id")];
    named.into_iter().flatten().any(|id| id.eq_ignore_ascii_case(permit))
}

/// The comparator of the version that the denial names, if it is pinned and known (PCHAIN-07).
fn comparator_of(
    target: &EventView<'_>,
    semantics: &DenialSemantics,
) -> Result<Comparator, DenialFault> {
    const MEMBER: &str = "authority_envelope_version";
    let at = Some(target.payload_location(MEMBER));
    let version = target.payload_member(MEMBER).and_then(Value::as_str);
    let Some(version) = version.filter(|version| !version.trim().is_empty()) else {
        let summary = "the denial does not say which version its envelopes are of";
        return Err(DenialFault::new(DenialToken::EnvelopeVersion, at, summary));
    };
    semantics.comparator(version).ok_or_else(|| {
        let summary = "envelopes of this version cannot be compared here";
        let shown = format!("`{}`", permit_canonical_json::Excerpt(version));
        DenialFault::new(DenialToken::UnsupportedVersion, at, summary)
            .values(supported_versions().join(", "), shown)
    })
}

/// What a denial says.
struct Denial<'e, 'v> {
    event: &'e EventView<'v>,
    event_id: &'v str,
    child: &'v Value<'v>,
    parent: Option<&'v Value<'v>>,
    failed_fields: BTreeSet<&'v str>,
    reason_code: &'v str,
}

impl<'e, 'v> Denial<'e, 'v> {
    fn of(event: &'e EventView<'v>) -> Result<Self, DenialFault> {
        let child = event.payload_member(CHILD);
        let failed_fields = event.payload_member("failed_fields").and_then(texts);
        let reason_code = event.payload_member("reason_code").and_then(Value::as_str);
        let reason_code = reason_code.filter(|code| !code.is_empty());
        if let (Some(child), Some(failed_fields), Some(reason_code)) =
            (child, &failed_fields, reason_code)
        {
            let event_id = event.text("event_id").unwrap_or_default();
            let parent = event.payload_member("parent_authority_envelope");
            let failed_fields = failed_fields.clone();
            return Ok(Self { event, event_id, child, parent, failed_fields, reason_code });
        }
        let absent = [
            (child.is_none(), DenialToken::ChildEnvelope),
            (failed_fields.is_none(), DenialToken::FailedFields),
            (reason_code.is_none(), DenialToken::ReasonCode),
        ];
        let mut absent = absent.into_iter().filter(|(absent, _)| *absent).map(|(_, token)| token);
        let first = absent.next().unwrap_or(DenialToken::ChildEnvelope);
        let summary = "the denial lacks what it could be judged by";
        let at = event.payload_location(first.as_str());
        let fault = DenialFault::new(first, Some(at), summary);
        Err(absent.fold(fault, DenialFault::also))
    }

    fn owned_fields(&self) -> BTreeSet<String> {
        self.failed_fields.iter().map(|&field| field.to_owned()).collect()
    }

    fn fault(&self, token: DenialToken, member: &str, summary: &str) -> DenialFault {
        let at = self.event.payload_location(member);
        DenialFault::new(token, Some(at), summary).detail("event_id", self.event_id)
    }

    fn envelope_fault(
        &self,
        token: DenialToken,
        member: &str,
        fault: &EnvelopeFault,
    ) -> DenialFault {
        let text = fault.to_string();
        self.fault(token, member, &text).error(text)
    }
}

/// An array of texts as a set.
fn texts<'v>(value: &'v Value<'v>) -> Option<BTreeSet<&'v str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

impl DelegationDenied {
    /// The result where the pack's pins could not be resolved, so that nothing was looked at (CLAIM-12).
    #[must_use]
    pub fn unresolved(fault: ClaimFault) -> Self {
        let word = fault.reason().as_str().to_owned();
        let (missing, errors) = match fault.verdict {
            Unsupported::InsufficientEvidence => (vec![word], Vec::new()),
            Unsupported::UnverifiableScope | Unsupported::Disproved => (Vec::new(), vec![word]),
        };
        Self {
            outcome: Err(Box::new(fault)),
            supported_checks: Vec::new(),
            missing_requirements: missing,
            errors,
            shown: Shown::default(),
            semantics_failed: true,
        }
    }

    /// The verdict.
    #[must_use]
    pub fn status(&self) -> Verdict {
        match &self.outcome {
            Ok(_) => Verdict::Supported,
            Err(fault) => fault.verdict.into(),
        }
    }

    /// The proof, or why there is none.
    ///
    /// # Errors
    /// The fault.
    pub fn outcome(&self) -> Result<&CorrectDenial, &ClaimFault> {
        self.outcome.as_ref().map_err(Box::as_ref)
    }

    /// The proof, or why there is none.
    ///
    /// # Errors
    /// The fault.
    pub fn into_outcome(self) -> Result<CorrectDenial, ClaimFault> {
        self.outcome.map_err(|fault| *fault)
    }

    /// What was found to hold, in the order it was looked at.
    #[must_use]
    pub fn supported_checks(&self) -> &[&'static str] {
        &self.supported_checks
    }

    /// What is absent; not empty if the status is `insufficient_evidence` (PCHAIN-30).
    #[must_use]
    pub fn missing_requirements(&self) -> &[String] {
        &self.missing_requirements
    }

    /// What contradicts the claim or cannot be judged.
    #[must_use]
    pub fn errors(&self) -> &[String] {
        &self.errors
    }

    /// The result as the command prints it. The caller adds `semantics`, which only it knows.
    #[must_use]
    pub fn to_json(&self) -> Value<'static> {
        let mut object = Object::default();
        object.insert("claim_type", CLAIM_TYPE);
        object.insert("status", self.status().as_str());
        object.insert("supported_checks", Value::array(self.supported_checks.iter().copied()));
        object.insert(
            "missing_requirements",
            Value::array(self.missing_requirements.iter().cloned()),
        );
        object.insert("errors", Value::array(self.errors.iter().cloned()));
        object.insert("supported_envelope_versions", Value::array(supported_versions()));
        self.shown.insert_into(&mut object);
        if let (true, Err(fault)) = (self.semantics_failed, &self.outcome) {
            object.insert("reason_code", fault.reason().as_str());
            object.insert("message", fault.message().to_owned());
        }
        object.into()
    }

    /// What the comparison showed, for results of other forms.
    pub(crate) fn detail(&self) -> Option<Value<'static>> {
        let mut object = Object::default();
        if !self.errors.is_empty() {
            object.insert("errors", Value::array(self.errors.iter().cloned()));
        }
        self.shown.insert_into(&mut object);
        if object.is_empty() { None } else { Some(object.into()) }
    }
}

impl Shown {
    fn insert_into(&self, object: &mut Object<'static>) {
        if let Some(event_id) = &self.event_id {
            object.insert("event_id", event_id.clone());
        }
        for (name, fields) in [
            ("failed_fields", &self.failed_fields),
            ("expected_failed_fields", &self.expected_failed_fields),
            ("event_failed_fields", &self.event_failed_fields),
        ] {
            if let Some(fields) = fields {
                object.insert(name, Value::array(fields.iter().cloned()));
            }
        }
        if let Some(details) = &self.comparison_details {
            object.insert("comparison_details", details.clone());
        }
    }
}

/// The versions of envelopes that can be compared here, for results.
pub(crate) fn supported_versions() -> Vec<&'static str> {
    EnvelopeVersion::SUPPORTED.iter().map(|version| version.as_str()).collect()
}

/// The name that results have, without the family and the version.
const CLAIM_TYPE: &str = "delegation_denied_correctly";

const DENIED: &str = "permit.delegated_denied";
const CHILD: &str = "child_requested_authority_envelope";

/// The reason code of a denial because there is no parent envelope.
pub(crate) const PARENT_MISSING: &str = "authority_envelope.parent_missing";

/// The failed field of such a denial.
pub(crate) const WHOLE_ENVELOPE: &str = "authority_envelope";

/// Fields that a finding shows; the result has them all.
const SHOWN_FIELDS: usize = 16;
