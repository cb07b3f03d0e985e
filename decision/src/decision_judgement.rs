// SPDX-License-Identifier: Apache-2.0

//! Judging a signed decision: `permit.decision.v1`.
//!
//! ```text
//! a payload of version v1: any other is not for this version to judge   unverifiable_scope
//! all 21 members, and hash and time beside them                         insufficient_evidence
//! no 22nd member; decision in {allow, deny, challenge}  SEM-06          disproved, and the rest
//! binding_canonical_hash = hex(SHA-256(payload))        SEM-05
//! what stands beside the payload does not contradict it
//! a key for permit_binding_signing of that id, trusted when it signed   insufficient_evidence
//! the id is that of the key; the signature holds                        disproved
//! ```
//!
//! The verdict follows from what is wrong and never from how that is put into words: in the
//! reference a member named `missing_x` made a wrong payload an incomplete one.

use permit_canonical_json::{HashedArtifact, Member, Object, Sha256Digest, Value};
use permit_claims::{ClaimFault, Unsupported};
use permit_failure_codes::{FailureCode, Reason, ReasonClass};
use permit_keys::{
    KeyManifest, KeyProblem, KeyPurpose, KeyRequest, Mode, SignatureChecked, TrustedKey,
    verify_permit_decision,
};
use permit_types::{Artifact, Decision, Finding, Instant, Location};

use crate::{
    decision_evidence::{ARTIFACT_TYPE, ARTIFACT_VERSION, DecisionEvidence, DecisionSource, below},
    decision_payload::{BindingVersionV1, DecisionPayloadV1},
    loose_value::{short, shown},
};

/// Proof that a decision was signed when its permit was issued: every check of this module
/// passed. Only this crate makes one.
///
/// It says nothing of members beside the signed payload, nor of what became of the permit.
#[derive(Clone, Debug)]
pub struct DecisionShown {
    permit_id: String,
    project_id: String,
    decision: Decision,
    issued_at: String,
    signature: SignatureChecked,
    source: DecisionSource,
}

impl DecisionShown {
    /// The permit that was issued.
    #[must_use]
    pub fn permit_id(&self) -> &str {
        &self.permit_id
    }

    /// Its project.
    #[must_use]
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// What was decided.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.decision
    }

    /// When, in the text that was signed.
    #[must_use]
    pub fn issued_at(&self) -> &str {
        &self.issued_at
    }

    /// The signature, and the key that made it.
    #[must_use]
    pub fn signature(&self) -> &SignatureChecked {
        &self.signature
    }

    /// What the claim rests on, in the words of reports.
    #[must_use]
    pub fn evidence(&self) -> Vec<String> {
        vec![self.source.as_str().to_owned(), "trust_root".to_owned()]
    }
}

/// Judges a signed decision that was found.
///
/// Without a key manifest there is nothing to trust: a decision brings no key of its own.
///
/// # Errors
/// The first thing that is wrong.
pub fn adjudicate_decision(
    evidence: &DecisionEvidence,
    keys: Option<&KeyManifest>,
    mode: Mode,
) -> Result<DecisionShown, ClaimFault> {
    let judge = Judge::new(evidence)?;
    judge.check_version()?;
    judge.check_members()?;
    let decision = judge.decision()?;
    let [permit_id, project_id, issued_at, key_id] =
        judge.signed_texts(["permit_id", "project_id", "issued_at", "binding_key_id"])?;
    let seal = judge.seal()?;
    let hash = judge.check_hash(seal.canonical_hash)?;
    judge.check_agreement(decision)?;
    let signed_at = signing_time(issued_at, seal.issued_at);
    let key = judge.key(key_id, signed_at, keys, mode)?;
    let signature = judge.check_signature(hash, seal.signature, &key)?;
    Ok(DecisionShown {
        permit_id: permit_id.to_owned(),
        project_id: project_id.to_owned(),
        decision,
        issued_at: issued_at.to_owned(),
        signature,
        source: evidence.source,
    })
}

/// There is no signed decision in the evidence, whatever the row of a permit may say (SEM-05).
#[must_use]
pub fn decision_missing(artifact: Artifact) -> ClaimFault {
    let summary = "the evidence has no signed decision";
    let reason = ReasonClass::PermitDecisionEvidenceMissing;
    let finding = Finding::failure(reason, Location::whole(artifact), summary).rule(SIGNED);
    ClaimFault::new(Unsupported::InsufficientEvidence, finding)
        .evidence([DecisionSource::DocumentDecision.as_str()])
}

/// When the signature was made, at the earliest that the evidence allows: it covers `issued_at`,
/// so it is no older; and it says itself, unsigned, when it was made. The later of both counts, so
/// that nobody gains by moving the unsigned one. Unknown if either cannot be read.
fn signing_time(issued_at: &str, binding_issued_at: &str) -> Option<Instant> {
    Some(Instant::parse(issued_at)?.max(Instant::parse(binding_issued_at)?))
}

/// What seals the payload.
struct Seal<'e> {
    canonical_hash: &'e str,
    signature: &'e str,
    issued_at: &'e str,
}

struct Judge<'e> {
    evidence: &'e DecisionEvidence,
    value: &'e Value<'static>,
    payload: &'e Object<'static>,
    payload_at: Location,
}

impl<'e> Judge<'e> {
    fn new(evidence: &'e DecisionEvidence) -> Result<Self, ClaimFault> {
        let envelope = &evidence.envelope;
        for (name, expected) in
            [("artifact_type", ARTIFACT_TYPE), ("artifact_version", ARTIFACT_VERSION)]
        {
            let value = envelope.get(name);
            if value.and_then(Value::as_str) != Some(expected) {
                let summary = format!("the `{name}` of the decision is not `{expected}`");
                let finding =
                    finding(evidence, &evidence.at, envelope, SCHEMA, Some(name), summary);
                return Err(disproved(evidence, finding.values(expected, shown(value)), &[]));
            }
        }
        let value = envelope.get("canonical_payload");
        match value.and_then(|value| Some((value, value.as_object()?))) {
            Some((value, payload)) => {
                let payload_at = below(&evidence.at, "canonical_payload", value);
                Ok(Self { evidence, value, payload, payload_at })
            }
            None => {
                let summary = "the decision has no `canonical_payload` that is an object";
                let name = Some("canonical_payload");
                let finding = finding(evidence, &evidence.at, envelope, SCHEMA, name, summary);
                Err(disproved(evidence, finding.values("an object", shown(value)), &[]))
            }
        }
    }

    /// Asked before anything about members: a later version has others, and to call it malformed
    /// would be to condemn what this version cannot read.
    fn check_version(&self) -> Result<(), ClaimFault> {
        let value = self.payload.get("binding_version");
        if value.and_then(Value::as_str) == Some(BindingVersionV1::TEXT) {
            return Ok(());
        }
        let summary = match value {
            None => "the payload of the decision does not say its version".to_owned(),
            Some(_) => {
                format!("decisions of binding version `{}` are not known here", shown(value))
            }
        };
        let reason = ReasonClass::PermitDecisionUnsupportedBindingVersion;
        let finding = self
            .in_payload(reason, Some("binding_version"), summary)
            .values(BindingVersionV1::TEXT, shown(value))
            .detail("binding_version", shown(value));
        Err(self.fault(Unsupported::UnverifiableScope, finding, &[]))
    }

    fn check_members(&self) -> Result<(), ClaimFault> {
        let members = DecisionPayloadV1::MEMBERS;
        if let Some(name) = members.iter().find(|name| self.payload.get(name).is_none()) {
            let summary = format!("the payload of the decision has no `{name}`");
            return Err(self.missing(self.in_payload(MISSING, None, summary)));
        }
        let unknown = |member: &&Member<'_>| !members.contains(&member.name());
        match self.payload.members().iter().find(unknown) {
            None => Ok(()),
            Some(member) => {
                let name = short(member.name());
                let summary = format!("a payload of version v1 has no member `{name}`");
                Err(self.disproved(self.in_payload(SCHEMA, None, summary), &[]))
            }
        }
    }

    fn decision(&self) -> Result<Decision, ClaimFault> {
        let value = self.payload.get("decision");
        value.and_then(Value::as_str).and_then(Decision::parse).ok_or_else(|| {
            let summary = "the decision is none of the three that there are";
            let words: Vec<&str> = Decision::ALL.iter().map(|word| word.as_str()).collect();
            let finding = self.in_payload(SCHEMA, Some("decision"), summary).rule(THREE_WORDS);
            self.disproved(finding.values(words.join(", "), shown(value)), &[])
        })
    }

    fn signed_texts<const N: usize>(
        &self,
        names: [&'static str; N],
    ) -> Result<[&'e str; N], ClaimFault> {
        let mut texts = [""; N];
        for (text, name) in texts.iter_mut().zip(names) {
            let value = self.payload.get(name);
            *text = text_of(value).ok_or_else(|| {
                let summary = format!("the `{name}` of the decision is no text");
                let finding = self.in_payload(MISSING, Some(name), summary);
                self.missing(finding.values("text that is not empty", shown(value)))
            })?;
        }
        Ok(texts)
    }

    fn seal(&self) -> Result<Seal<'e>, ClaimFault> {
        let envelope = &self.evidence.envelope;
        let text = |name: &'static str| {
            text_of(envelope.get(name)).ok_or_else(|| {
                let summary = format!("the decision has no `{name}`");
                self.missing(self.in_envelope(MISSING, Some(name), summary))
            })
        };
        let canonical_hash = text("binding_canonical_hash")?;
        let signature = envelope.get("binding_signature");
        let prefixed = |text: &&str| text.starts_with("ed25519:");
        let signature = signature.and_then(Value::as_str).filter(prefixed).ok_or_else(|| {
            let summary = "the decision has no signature that names its algorithm";
            let finding = self.in_envelope(SCHEMA, Some("binding_signature"), summary);
            self.disproved(finding.values("`ed25519:` and base64", shown(signature)), &[])
        })?;
        Ok(Seal { canonical_hash, signature, issued_at: text("binding_issued_at")? })
    }

    fn check_hash(&self, stated: &str) -> Result<Sha256Digest, ClaimFault> {
        let hash = HashedArtifact::PermitDecisionV1.profile().digest(self.value);
        let hash = hash.map_err(|problem| {
            let summary = format!("the payload of the decision has no canonical form: {problem}");
            let finding = self.in_payload(HASH, None, summary).rule("CANON-06");
            self.disproved(finding, &["canonical_payload"])
        })?;
        if hash.hex().as_str() == stated {
            return Ok(hash);
        }
        let summary = "the payload of the decision does not hash to its `binding_canonical_hash`";
        let finding = self.in_payload(HASH, None, summary).values(short(stated), hash.to_string());
        Err(self.disproved(finding, &["canonical_payload"]))
    }

    /// Members beside the payload that say what the payload says: whoever reads the evidence may
    /// read them, so they must not say anything else.
    fn check_agreement(&self, decision: Decision) -> Result<(), ClaimFault> {
        let stated = |name| self.evidence.envelope.get(name).filter(|value| !value.is_null());
        if let Some(value) = stated("expected_decision")
            && value.as_str() != Some(decision.as_str())
        {
            let summary = "another decision was signed than the one in question";
            let name = Some("expected_decision");
            let finding = self.in_envelope(MISMATCH, name, summary).rule(THREE_WORDS);
            let finding = finding.values(shown(Some(value)), decision.as_str());
            return Err(self.disproved(finding, &["canonical_payload.decision"]));
        }
        for name in ["binding_version", "binding_key_id", "permit_id", "project_id"] {
            let signed = self.payload.get(name);
            let Some(value) = stated(name).filter(|value| Some(*value) != signed) else { continue };
            let summary = format!("the decision states another `{name}` than was signed");
            let finding = self.in_envelope(MISMATCH, Some(name), summary);
            let finding = finding.values(shown(signed), shown(Some(value)));
            return Err(self.disproved(finding, &["canonical_payload"]));
        }
        Ok(())
    }

    fn key(
        &self,
        key_id: &str,
        signed_at: Option<Instant>,
        keys: Option<&KeyManifest>,
        mode: Mode,
    ) -> Result<TrustedKey, ClaimFault> {
        let Some(keys) = keys else {
            let summary = "no key manifest was given to judge the decision by";
            let class = ReasonClass::PermitDecisionTrustRootUnresolvable;
            let finding = self.in_payload(class, Some("binding_key_id"), summary);
            return Err(self.fault(Unsupported::InsufficientEvidence, finding, &["trust_root"]));
        };
        let request = KeyRequest::new().key_id(key_id).signed_at(signed_at);
        let key = keys.resolve(KeyPurpose::PermitBindingSigning, &request, mode);
        let key = key.map_err(|problem| self.untrusted(&problem, signed_at))?;
        let derived = key.binding_key_id().to_string();
        if derived == key_id {
            return Ok(key);
        }
        let summary = "the key id of the decision is not that of the key it is trusted as";
        let class = ReasonClass::PermitDecisionKeyIdMismatch;
        let finding = self.in_payload(class, Some("binding_key_id"), summary);
        Err(self.disproved(finding.values(derived, short(key_id)), &["trust_root"]))
    }

    fn untrusted(&self, problem: &KeyProblem, signed_at: Option<Instant>) -> ClaimFault {
        let class = match problem {
            KeyProblem::Unusable { .. } | KeyProblem::Ambiguous { .. } => {
                ReasonClass::PermitDecisionTrustRootUnresolvable
            }
            _ => ReasonClass::PermitDecisionUntrustedKey,
        };
        let summary = format!("the key of the decision cannot be relied on: {problem}");
        let signed_at = signed_at.map_or_else(|| "unknown".to_owned(), |at| at.to_string());
        let finding = self
            .in_payload(class, Some("binding_key_id"), summary)
            .rule(problem.rule())
            .detail("key_problem", problem.code().as_str())
            .detail("signed_at", signed_at)
            .help(problem.help());
        self.fault(Unsupported::InsufficientEvidence, finding, &["trust_root"])
    }

    fn check_signature(
        &self,
        hash: Sha256Digest,
        signature: &str,
        key: &TrustedKey,
    ) -> Result<SignatureChecked, ClaimFault> {
        verify_permit_decision(hash, signature, key).map_err(|problem| {
            let code = FailureCode::PermitDecisionSignatureInvalid;
            let finding = self
                .in_envelope(code, Some("binding_signature"), problem.to_string())
                .detail("canonical_hash", hash.to_string())
                .detail("key_id", key.binding_key_id().to_string())
                .help(problem.help());
            self.disproved(finding, &["binding_signature"])
        })
    }

    fn in_payload(
        &self,
        reason: impl Into<Reason>,
        name: Option<&str>,
        summary: impl Into<String>,
    ) -> Finding {
        finding(self.evidence, &self.payload_at, self.payload, reason, name, summary)
    }

    fn in_envelope(
        &self,
        reason: impl Into<Reason>,
        name: Option<&str>,
        summary: impl Into<String>,
    ) -> Finding {
        let (at, envelope) = (&self.evidence.at, &self.evidence.envelope);
        finding(self.evidence, at, envelope, reason, name, summary)
    }

    fn missing(&self, finding: Finding) -> ClaimFault {
        self.fault(Unsupported::InsufficientEvidence, finding, &[])
    }

    fn disproved(&self, finding: Finding, beside: &[&str]) -> ClaimFault {
        disproved(self.evidence, finding, beside)
    }

    fn fault(&self, verdict: Unsupported, finding: Finding, beside: &[&str]) -> ClaimFault {
        fault(self.evidence, verdict, finding, beside)
    }
}

/// A finding at a member, or at its holder if the member is not there.
fn finding(
    evidence: &DecisionEvidence,
    holder_at: &Location,
    holder: &Object<'_>,
    reason: impl Into<Reason>,
    name: Option<&str>,
    summary: impl Into<String>,
) -> Finding {
    let value = name.and_then(|name| Some((name, holder.get(name)?)));
    let at = value.map_or_else(|| holder_at.clone(), |(name, value)| below(holder_at, name, value));
    let finding = Finding::failure(reason, at, summary).rule(SIGNED);
    match evidence.permit_id() {
        Some(permit_id) => finding.detail("permit_id", short(permit_id)),
        None => finding,
    }
}

fn disproved(evidence: &DecisionEvidence, finding: Finding, beside: &[&str]) -> ClaimFault {
    fault(evidence, Unsupported::Disproved, finding, beside)
}

fn fault(
    evidence: &DecisionEvidence,
    verdict: Unsupported,
    finding: Finding,
    beside: &[&str],
) -> ClaimFault {
    let source = [evidence.source.as_str()];
    ClaimFault::new(verdict, finding).evidence(source.iter().chain(beside).copied())
}

/// The text of a member that is one and not empty.
fn text_of<'v>(value: Option<&'v Value<'_>>) -> Option<&'v str> {
    value.and_then(Value::as_str).filter(|text| !text.is_empty())
}

const SIGNED: &str = "SEM-05";
const THREE_WORDS: &str = "SEM-06";

const SCHEMA: ReasonClass = ReasonClass::PermitDecisionSchemaInvalid;
const MISSING: ReasonClass = ReasonClass::PermitDecisionEvidenceMissing;
const HASH: ReasonClass = ReasonClass::PermitDecisionCanonicalHashMismatch;
const MISMATCH: FailureCode = FailureCode::PermitDecisionCanonicalPayloadMismatch;
