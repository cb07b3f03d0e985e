// SPDX-License-Identifier: Apache-2.0

//! Whether one execution was authorized when it was decided.
//!
//! ```text
//! PCHAIN-38  there is a receipt, and one only
//! PCHAIN-25  it is a snapshot of what decided, in all its members
//! PCHAIN-26  its envelope hashes are those of the lineage, root first, the executed permit last
//!            it says allow; action and tool are in the envelope; nothing of the lineage had ended
//! PCHAIN-32  none of the lineage was revoked, and the evidence is complete up to the decision
//! PCHAIN-16  the policy resolves
//! PCHAIN-27  so do the usage states
//! ```
//!
//! Contradictions are looked for before absences, so that a missing file hides no contradiction.

use std::collections::BTreeSet;

use permit_canonical_json::{Excerpt, JsonPointer, Sha256Digest, Value, from_value};
use permit_failure_codes::{FailureCode, Reason, ReasonClass};
use permit_types::{
    Artifact, ExecutionDecision, ExecutionReceipt, Finding, Instant, Location, Rfc3339,
};

use crate::{
    ancestor_line::{AncestorLine, finding},
    canonical_envelope::{AuthorityField, CanonicalEnvelope},
    chain_claim::ClaimScope,
    chain_claim_result::ChainCheck,
    chain_fault::ChainFault,
    chain_pack::{ChainPack, PackedPermit, key},
    revocation_status::{RevocationStatus, RevocationView},
};

/// An execution that is being judged.
pub(crate) struct Boundary<'b, 'v> {
    pub(crate) pack: &'b ChainPack<'v>,
    pub(crate) line: &'b AncestorLine<'v>,
    pub(crate) envelopes: &'b [CanonicalEnvelope],
    /// The digests of what the caller has beside the pack.
    pub(crate) resolved: &'b [Sha256Digest],
}

/// The receipt of the execution, read and in its place.
pub(crate) struct PlacedReceipt {
    pub(crate) receipt: ExecutionReceipt,
    at: Location,
}

/// What came of looking at an execution, beside a fault.
#[derive(Debug, Default)]
pub(crate) struct Passed {
    pub(crate) checks: Vec<ChainCheck>,
    pub(crate) revocation: Option<RevocationStatus>,
}

impl<'v> Boundary<'_, 'v> {
    /// Judges the execution; `passed` takes what was found to hold until the fault, if there is one.
    pub(crate) fn judge(
        &self,
        scope: &ClaimScope,
        passed: &mut Passed,
    ) -> Result<String, ChainFault> {
        let placed = self.receipt(scope)?;
        passed.checks.push(ChainCheck::ReceiptPresent);
        self.check_lineage(&placed)?;
        passed.checks.push(ChainCheck::ReceiptMatches);
        self.check_decision(&placed)?;
        self.check_authority(&placed)?;
        self.check_times(&placed)?;
        passed.checks.push(ChainCheck::WithinAuthority);
        self.check_revocation(&placed, passed)?;
        passed.checks.push(ChainCheck::RevocationComplete);
        self.check_policy(&placed)?;
        passed.checks.push(ChainCheck::PolicyResolved);
        self.check_usage(&placed)?;
        passed.checks.push(ChainCheck::UsageResolved);
        Ok(placed.receipt.execution_id)
    }

    /// The one receipt that the claim is about.
    fn receipt(&self, scope: &ClaimScope) -> Result<PlacedReceipt, ChainFault> {
        let leaf = self.line.leaf().map(|leaf| leaf.id).unwrap_or_default();
        let receipts = self.pack.get("receipts").and_then(Value::as_array).unwrap_or_default();
        let is_meant = |receipt: &Value<'_>| {
            let text = |name| receipt.get(name).and_then(Value::as_str);
            text("permit_id").is_some_and(|id| id.eq_ignore_ascii_case(leaf))
                && scope.execution_id().is_none_or(|id| text("execution_id") == Some(id))
        };
        let mut meant = receipts.iter().zip(0_u64..).filter(|(receipt, _)| is_meant(receipt));
        let Some((receipt, index)) = meant.next() else {
            return Err(self.missing_receipt(scope));
        };
        let pointer = JsonPointer::root().member("receipts").index(index);
        let at = Location::value(Artifact::ClaimEvidence, pointer, receipt.range());
        if let Some((other, _)) = meant.find(|(other, _)| *other != receipt) {
            return Err(several_receipts(at, receipt, other));
        }
        match from_value::<ExecutionReceipt>(receipt) {
            Ok(receipt) => Ok(PlacedReceipt { receipt, at }),
            Err(error) => {
                let at =
                    Location::value(at.artifact, at.pointer.join(&error.pointer()), error.at());
                let summary = format!("the execution receipt is incomplete: {}", error.kind());
                let finding = Finding::failure(ReasonClass::ObjectFormInvalid, at, summary);
                Err(ChainFault::insufficient(
                    "complete_execution_receipt",
                    finding.rule("PCHAIN-25"),
                ))
            }
        }
    }

    fn missing_receipt(&self, scope: &ClaimScope) -> ChainFault {
        let code = FailureCode::WalkPermitChainReceiptMissing;
        let summary = "the pack has no receipt of the execution";
        let finding = Finding::failure(code, self.pack.location("receipts"), summary)
            .rule("PCHAIN-38")
            .detail("claim", "execution_authorized_at_boundary");
        let (finding, missing) = match scope.execution_id() {
            Some(id) => {
                let finding = finding.detail("execution_id", Excerpt(id).to_string());
                (finding, format!("execution_receipt:{id}"))
            }
            None => (finding, "execution_receipt".to_owned()),
        };
        ChainFault::insufficient(missing, finding)
    }

    /// The receipt was made for this lineage and for these envelopes (PCHAIN-26).
    fn check_lineage(&self, placed: &PlacedReceipt) -> Result<(), ChainFault> {
        let receipt = &placed.receipt;
        let ancestors = self.line.ancestors();
        let same_ancestors = receipt.ancestor_permit_ids.len() == ancestors.len()
            && receipt
                .ancestor_permit_ids
                .iter()
                .zip(ancestors)
                .all(|(id, permit)| id.as_str().eq_ignore_ascii_case(permit.id));
        if !same_ancestors {
            let summary = "the receipt names other ancestors than the lineage has";
            return Err(placed.contradiction("PCHAIN-25", "ancestor_permit_ids", summary));
        }
        let hashes = self.envelopes.iter().map(CanonicalEnvelope::hash);
        if hashes.ne(receipt.authority_envelope_hashes.iter().copied()) {
            let summary = "the receipt's envelope hashes are not those of the lineage, root first";
            return Err(placed.contradiction("PCHAIN-26", "authority_envelope_hashes", summary));
        }
        Ok(())
    }

    fn check_decision(&self, placed: &PlacedReceipt) -> Result<(), ChainFault> {
        if placed.receipt.decision == ExecutionDecision::Deny {
            let summary = "the receipt says that the execution was denied";
            return Err(placed.contradiction("PCHAIN-25", "decision", summary));
        }
        let denied = self.pack.events().unwrap_or_default().iter().find(|event| {
            let execution = event.payload_member("execution_id").and_then(Value::as_str);
            event.is_of_type("permit.execution_denied")
                && execution == Some(placed.receipt.execution_id.as_str())
        });
        if let Some(event) = denied {
            let summary =
                "an event says that the execution was denied, and its receipt that it was allowed";
            let finding =
                Finding::failure(ReasonClass::VerificationFailed, event.location(), summary);
            return Err(ChainFault::disproved(finding.rule("PCHAIN-19")));
        }
        let refused =
            self.line.permits().iter().find(|permit| permit.text("decision") != Some("allow"));
        match refused {
            Some(permit) => {
                let summary = "a permit of the lineage does not allow anything";
                let reason = ReasonClass::PermitSemanticsInvalid;
                Err(ChainFault::disproved(
                    finding(reason, permit, "decision", summary).rule("PERMIT-04"),
                ))
            }
            None => Ok(()),
        }
    }

    /// What was asked for is in the envelope of the permit that it was asked under.
    fn check_authority(&self, placed: &PlacedReceipt) -> Result<(), ChainFault> {
        let (Some(leaf), Some(envelope)) = (self.line.leaf(), self.envelopes.last()) else {
            return Ok(());
        };
        let receipt = &placed.receipt;
        let asked = [
            (AuthorityField::Actions, "requested_action", Some(receipt.requested_action.as_str())),
            (AuthorityField::Tools, "requested_tool", receipt.requested_tool.as_deref()),
        ];
        for (field, member, asked) in asked {
            let Some(asked) = asked else { continue };
            if envelope.set(field).is_some_and(|set| set.contains(asked)) {
                continue;
            }
            let summary = "what was executed is not in the envelope of the permit";
            let code = FailureCode::WalkPermitChainEnvelopeViolation;
            let finding = placed.finding(code, "PCHAIN-12", member, summary);
            let finding = finding
                .detail("field", field.as_str())
                .detail("extra_members", Excerpt(asked).to_string());
            return Err(ChainFault::disproved(finding).detail(Value::object([
                ("field", Value::from(field.as_str())),
                ("permit_id", Value::from(leaf.id.to_owned())),
                ("violating_members", Value::array([asked.to_owned()])),
            ])));
        }
        Ok(())
    }

    /// Every permit of the lineage had been issued and had not ended.
    fn check_times(&self, placed: &PlacedReceipt) -> Result<(), ChainFault> {
        let decided_at = placed.receipt.decision_time.instant();
        for (permit, envelope) in self.line.permits().iter().zip(self.envelopes) {
            if envelope.has_ended(decided_at) {
                let summary = "a permit of the lineage had ended when the execution was decided";
                return Err(out_of_time(permit, "authority_envelope", summary, placed));
            }
            match issued_at(permit) {
                Some(issued) if issued <= decided_at => {}
                Some(_) => {
                    let summary =
                        "a permit of the lineage was issued after the execution was decided";
                    return Err(out_of_time(permit, "created_at", summary, placed));
                }
                None => {
                    let summary = "a permit of the lineage does not say when it was issued";
                    let finding =
                        finding(ReasonClass::TimestampForm, permit, "created_at", summary);
                    let missing = format!("created_at:{}", permit.id);
                    return Err(ChainFault::insufficient(missing, finding.rule("PERMIT-33")));
                }
            }
        }
        Ok(())
    }

    fn check_revocation(
        &self,
        placed: &PlacedReceipt,
        passed: &mut Passed,
    ) -> Result<(), ChainFault> {
        const COMPLETENESS: &str = "revocation_completeness_through_decision_time";
        let decided_at = placed.receipt.decision_time.instant();
        let events = self.pack.events();
        let lineage = self.line.keys();
        let view = RevocationView::of(events.unwrap_or_default(), &lineage, decided_at);
        let complete = events.is_some() && self.is_complete(&lineage, decided_at);
        let status = match events {
            Some(_) => view.status(complete),
            None => RevocationStatus::InsufficientEvidenceToDetermine,
        };
        passed.revocation = Some(status);
        if let Some((permit, at)) = view.revoked {
            let summary = "a permit of the lineage was revoked when the execution was decided";
            let finding =
                Finding::failure(ReasonClass::VerificationFailed, at, summary).rule("PCHAIN-32");
            let finding = finding.detail("permit_id", Excerpt(permit).to_string());
            let detail = Value::object([("revoked_permit_id", permit.to_owned())]);
            return Err(ChainFault::disproved(finding).detail(detail));
        }
        if let Some((malformed, at)) = view.malformed {
            let finding = Finding::failure(ReasonClass::LineageMalformed, at, malformed.summary());
            return Err(ChainFault::insufficient(
                "well_formed_revocation_events",
                finding.rule(malformed.rule()),
            ));
        }
        if complete {
            return Ok(());
        }
        let at = match events {
            Some(_) => self.pack.location("manifest"),
            None => self.pack.location("events"),
        };
        let summary = "nothing says that no revocation is left out up to the decision";
        let finding =
            Finding::failure(ReasonClass::VerificationFailed, at, summary).rule("PCHAIN-32");
        Err(ChainFault::insufficient(COMPLETENESS, finding))
    }

    /// Whether the issuer states that no revocation of these permits is left out up to then.
    fn is_complete(&self, lineage: &BTreeSet<String>, decided_at: Instant) -> bool {
        let listed = self.pack.listed().is_some_and(|listed| lineage.is_subset(listed));
        let through = self.pack.revocations_complete_through();
        listed && through.is_some_and(|through| decided_at <= through)
    }

    /// A label is no evidence of what a policy said (PCHAIN-16).
    fn check_policy(&self, placed: &PlacedReceipt) -> Result<(), ChainFault> {
        let stated = placed.receipt.policy_version_or_hash.as_str();
        let hash = Sha256Digest::from_prefixed(stated).or_else(|| Sha256Digest::from_hex(stated));
        let resolves = hash.is_some_and(|hash| {
            self.resolved.contains(&hash) || self.pack.hashes_of("policy_bundles").contains(&hash)
        });
        if resolves {
            return Ok(());
        }
        let summary = match hash {
            Some(_) => "the policy that decided is named by its hash and not in the pack",
            None => "the policy that decided is named by a label, which anything can be put under",
        };
        let member = "policy_version_or_hash";
        let finding = placed.finding(ReasonClass::VerificationFailed, "PCHAIN-16", member, summary);
        Err(ChainFault::insufficient("resolved_policy_bundle_for_policy_hash", finding))
    }

    /// PCHAIN-27
    fn check_usage(&self, placed: &PlacedReceipt) -> Result<(), ChainFault> {
        let stated = &placed.receipt.usage_limit_state_hashes;
        if stated.is_empty() {
            return Ok(());
        }
        let mut known = self.pack.hashes_of("usage_limit_states");
        known.extend(self.resolved);
        let mut dangling = stated.iter().filter(|hash| !known.contains(*hash));
        let Some(first) = dangling.next() else { return Ok(()) };
        let name = |hash: &Sha256Digest| format!("usage_limit_state:{hash}");
        let summary = "a usage state that decided is not in the pack";
        let member = "usage_limit_state_hashes";
        let finding = placed.finding(ReasonClass::VerificationFailed, "PCHAIN-27", member, summary);
        Err(ChainFault::insufficient(name(first), finding).also(dangling.map(name)))
    }
}

impl PlacedReceipt {
    fn finding(
        &self,
        reason: impl Into<Reason>,
        rule: &'static str,
        member: &str,
        summary: &str,
    ) -> Finding {
        let pointer = self.at.pointer.clone().member(member);
        let at = Location::value(self.at.artifact, pointer, self.at.range);
        Finding::failure(reason, at, summary)
            .rule(rule)
            .detail("execution_id", Excerpt(&self.receipt.execution_id).to_string())
    }

    fn contradiction(&self, rule: &'static str, member: &str, summary: &str) -> ChainFault {
        ChainFault::disproved(self.finding(ReasonClass::VerificationFailed, rule, member, summary))
    }
}

/// Several receipts that say different things: of different executions, or, worse, of one.
fn several_receipts(at: Location, one: &Value<'_>, other: &Value<'_>) -> ChainFault {
    let id = |receipt: &Value<'_>| {
        receipt.get("execution_id").and_then(Value::as_str).map(str::to_owned)
    };
    if id(one) == id(other) {
        let summary = "two receipts of one execution say different things";
        let finding = Finding::failure(ReasonClass::VerificationFailed, at, summary);
        return ChainFault::disproved(finding.rule("PCHAIN-25"));
    }
    let summary =
        "the permit was executed several times, and the claim does not say which is meant";
    let finding = Finding::failure(ReasonClass::VerificationFailed, at, summary);
    ChainFault::insufficient("claim_scope.execution_id", finding.rule("PCHAIN-28"))
}

fn issued_at(permit: &PackedPermit<'_>) -> Option<Instant> {
    Some(Rfc3339::parse(permit.text("created_at")?)?.instant())
}

fn out_of_time(
    permit: &PackedPermit<'_>,
    member: &str,
    summary: &str,
    placed: &PlacedReceipt,
) -> ChainFault {
    let decided_at = placed.receipt.decision_time.as_str();
    let finding = finding(ReasonClass::VerificationFailed, permit, member, summary)
        .rule("PCHAIN-25")
        .detail("decision_time", Excerpt(decided_at).to_string());
    ChainFault::disproved(finding).detail(Value::object([
        ("permit_id", permit.id.to_owned()),
        ("decision_time", decided_at.to_owned()),
    ]))
}

/// Whether the log has the event that issued a permit.
pub(crate) fn has_issuance(pack: &ChainPack<'_>, permit_id: &str) -> bool {
    let issued = pack.events().unwrap_or_default().iter();
    let mut issued = issued.filter(|event| event.is_of_type("permit.issued"));
    issued.any(|event| event.permit_id().is_some_and(|id| key(id) == key(permit_id)))
}
