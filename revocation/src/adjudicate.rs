// SPDX-License-Identifier: Apache-2.0

//! Judging a revocation: `permit.revoked.v1`.
//!
//! ```text
//! REVOKE-07  all eight members are there                       insufficient_evidence
//! REVOKE-08  the kind of actor is known (AMB-51: asked first)  unverifiable_scope
//! REVOKE-01  and there is no ninth member                      disproved, and so are the rest
//! REVOKE-04  the actor is an opaque UUID
//! REVOKE-09  the reason is a code of at most 128 characters
//! REVOKE-03  project and permit are those in question
//! REVOKE-02  effective_at = revoked_at
//! REVOKE-05  some trusted binding key active at revoked_at signed it (REVOKE-10: any of them)
//! ```

use permit_canonical_json::{
    DigestSink, Excerpt, Member, Object, Sha256Digest, Value, write_selected,
};
use permit_claims::{ClaimFault, Unsupported};
use permit_failure_codes::{FailureCode, Reason, ReasonClass};
use permit_keys::{
    KeyManifest, KeyProblem, KeyPurpose, Mode, Signature, SignatureChecked, SignatureForm,
    TrustedKey, verify_revocation_by_any,
};
use permit_types::{
    ActorId, ActorKind, Artifact, Finding, Location, PermitId, ProjectId, RevocationReasonCode,
    Rfc3339,
};

use crate::evidence::{EvidenceSource, RevocationEvidence};

/// What the revocation has to be about, as far as the evidence around it says so (REVOKE-03).
///
/// A text that is empty or absent says nothing. Both projects count where both are stated; the
/// reference asks the manifest only if the document is silent, so that the bytes that an attacker
/// can choose would overrule those that he cannot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RevocationScope<'s> {
    /// The project of the document.
    pub document_project_id: Option<&'s str>,
    /// The project of the manifest.
    pub manifest_project_id: Option<&'s str>,
    /// The permit of the document.
    pub permit_id: Option<&'s str>,
}

impl<'s> RevocationScope<'s> {
    /// What a document and its manifest say of themselves.
    #[must_use]
    pub fn of(document: &'s Object<'_>, manifest: Option<&'s Object<'_>>) -> Self {
        Self {
            document_project_id: stated(document, "project_id"),
            manifest_project_id: manifest.and_then(|manifest| stated(manifest, "project_id")),
            permit_id: stated(document, "permit_id"),
        }
    }
}

fn stated<'s>(object: &'s Object<'_>, name: &str) -> Option<&'s str> {
    object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Proof that a permit was revoked: every check of this module passed. Only this crate makes one.
///
/// ```compile_fail,E0451
/// use permit_keys::SignatureChecked;
/// use permit_revocation::RevocationShown;
///
/// fn forge(shown: RevocationShown, signature: SignatureChecked) -> RevocationShown {
///     RevocationShown { signature, ..shown } // private fields
/// }
/// ```
#[derive(Clone, Debug)]
pub struct RevocationShown {
    permit_id: PermitId,
    project_id: ProjectId,
    actor_kind: ActorKind,
    reason_code: RevocationReasonCode,
    effective_at: Rfc3339,
    signature: SignatureChecked,
    source: EvidenceSource,
}

impl RevocationShown {
    /// The permit that is revoked.
    #[must_use]
    pub fn permit_id(&self) -> &PermitId {
        &self.permit_id
    }

    /// Its project.
    #[must_use]
    pub fn project_id(&self) -> &ProjectId {
        &self.project_id
    }

    /// What kind of actor revoked it. Who that was is no matter of reports.
    #[must_use]
    pub fn actor_kind(&self) -> ActorKind {
        self.actor_kind
    }

    /// Why.
    #[must_use]
    pub fn reason_code(&self) -> &RevocationReasonCode {
        &self.reason_code
    }

    /// From when on: the text that was signed, and its instant.
    #[must_use]
    pub fn effective_at(&self) -> &Rfc3339 {
        &self.effective_at
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

/// Judges a revocation that was found.
///
/// Without a key manifest there is nothing to trust: a revocation brings no key of its own.
/// An export that is only self-attested therefore shows no revocation.
///
/// # Errors
/// The first thing that is wrong.
pub fn adjudicate_revocation(
    evidence: &RevocationEvidence,
    scope: &RevocationScope<'_>,
    keys: Option<&KeyManifest>,
    mode: Mode,
) -> Result<RevocationShown, ClaimFault> {
    let judge = Judge { evidence };
    judge.check_members()?;
    let event = judge.read()?;
    judge.check_scope(&event, scope)?;
    judge.check_effect(&event)?;
    let hash = judge.check_hash()?;
    let keys = judge.active_keys(&event, keys, mode)?;
    let signature = judge.check_signature(hash, &keys)?;
    Ok(RevocationShown {
        permit_id: event.permit_id,
        project_id: event.project_id,
        actor_kind: event.actor_kind,
        reason_code: event.reason_code,
        effective_at: event.effective_at,
        signature,
        source: evidence.source,
    })
}

/// There is no revocation in the evidence, whatever the status of a permit may say (REVOKE-06).
#[must_use]
pub fn revocation_missing(artifact: Artifact) -> ClaimFault {
    let summary = "the evidence has no signed revocation";
    let reason = ReasonClass::PermitRevokedEvidenceMissing;
    let finding = Finding::failure(reason, Location::whole(artifact), summary).rule("REVOKE-07");
    ClaimFault::new(Unsupported::InsufficientEvidence, finding)
        .evidence([EvidenceSource::DocumentMember.as_str()])
}

/// The members, each of its form.
struct Event {
    permit_id: PermitId,
    project_id: ProjectId,
    actor_kind: ActorKind,
    reason_code: RevocationReasonCode,
    revoked_at: Rfc3339,
    effective_at: Rfc3339,
}

struct Judge<'e> {
    evidence: &'e RevocationEvidence,
}

impl Judge<'_> {
    /// All members, a known kind of actor, and no other members, in this order: what a later
    /// taxonomy of actors says is not for this version to call wrong (AMB-51).
    fn check_members(&self) -> Result<(), ClaimFault> {
        if let Some(name) = MEMBERS.iter().find(|name| self.evidence.event.get(name).is_none()) {
            let summary = format!("the revocation has no `{name}`");
            let finding = self.finding(ReasonClass::PermitRevokedEvidenceMissing, None, summary);
            return Err(self.fault(
                Unsupported::InsufficientEvidence,
                finding.rule("REVOKE-07"),
                &[],
            ));
        }
        self.actor_kind()?;
        let unknown = |member: &&Member<'_>| !MEMBERS.contains(&member.name());
        match self.evidence.event.members().iter().find(unknown) {
            None => Ok(()),
            Some(member) => {
                let name = Excerpt(member.name());
                let summary = format!("a revocation has no member `{name}`");
                let finding = self.finding(ReasonClass::PermitRevokedSchemaInvalid, None, summary);
                Err(self.disproved(finding.rule("REVOKE-01"), &[]))
            }
        }
    }

    fn actor_kind(&self) -> Result<ActorKind, ClaimFault> {
        self.evidence.text("actor_kind").and_then(ActorKind::parse).ok_or_else(|| {
            let summary = "the kind of actor is none that is known here";
            let reason = ReasonClass::PermitRevokedActorKindUnsupported;
            let words: Vec<&str> = ActorKind::ALL.iter().map(|kind| kind.as_str()).collect();
            let finding = self.finding(reason, Some("actor_kind"), summary);
            let finding =
                finding.rule("REVOKE-08").values(words.join(", "), self.shown("actor_kind"));
            self.fault(Unsupported::UnverifiableScope, finding, &[])
        })
    }

    fn read(&self) -> Result<Event, ClaimFault> {
        for (name, rule) in [("permit_id", SCOPE), ("project_id", SCOPE), ("actor_id", "REVOKE-04")]
        {
            if self.evidence.text(name).is_none_or(str::is_empty) {
                return Err(self.malformed(name, rule, PermitId::FORM));
            }
        }
        self.check_actor()?;
        let event = Event {
            permit_id: self.form("permit_id", SCOPE, PermitId::FORM, PermitId::parse)?,
            project_id: self.form("project_id", SCOPE, ProjectId::FORM, ProjectId::parse)?,
            actor_kind: self.actor_kind()?,
            reason_code: self.form(
                "reason_code",
                "REVOKE-09",
                RevocationReasonCode::FORM,
                RevocationReasonCode::parse,
            )?,
            revoked_at: self.form("revoked_at", "REVOKE-02", A_TIME, Rfc3339::parse)?,
            effective_at: self.form("effective_at", "REVOKE-02", A_TIME, Rfc3339::parse)?,
        };
        self.check_signature_form()?;
        Ok(event)
    }

    /// An address has an `@`, a name a space, an account name neither: only a UUID says nothing
    /// about a person. What stands there is not repeated in the report.
    fn check_actor(&self) -> Result<(), ClaimFault> {
        if self.evidence.text("actor_id").and_then(ActorId::parse).is_some() {
            return Ok(());
        }
        let summary = "the actor is no opaque UUID and may name a person";
        let finding =
            self.finding(FailureCode::PermitRevokedActorPiiDetected, Some("actor_id"), summary);
        let finding = finding.rule("REVOKE-04").values(ActorId::FORM, "text of another form");
        Err(self.disproved(finding, &[]))
    }

    fn check_signature_form(&self) -> Result<(), ClaimFault> {
        let text = self.evidence.text("signature").unwrap_or_default();
        Signature::parse(text, SignatureForm::WithoutPrefix).map(|_| ()).map_err(|problem| {
            let reason = ReasonClass::PermitRevokedSchemaInvalid;
            let finding = self.finding(reason, Some("signature"), problem.to_string());
            self.disproved(finding.rule("REVOKE-05").help(problem.help()), &[])
        })
    }

    fn check_scope(&self, event: &Event, scope: &RevocationScope<'_>) -> Result<(), ClaimFault> {
        let (permit_id, project_id) = (event.permit_id.as_str(), event.project_id.as_str());
        let projects = [scope.document_project_id, scope.manifest_project_id];
        if let Some(other) = projects.into_iter().flatten().find(|stated| *stated != project_id) {
            let summary = "the revocation belongs to another project than the evidence";
            let code = FailureCode::PermitRevokedProjectIdMismatch;
            let finding = self.finding(code, Some("project_id"), summary).rule(SCOPE);
            return Err(self.disproved(finding.values(short(other), project_id), &["project_id"]));
        }
        match scope.permit_id.filter(|stated| *stated != permit_id) {
            None => Ok(()),
            Some(other) => {
                let summary = "the revocation belongs to another permit than the evidence";
                let class = ReasonClass::PermitRevokedPermitIdMismatch;
                let finding = self.finding(class, Some("permit_id"), summary).rule(SCOPE);
                Err(self.disproved(finding.values(short(other), permit_id), &["permit_id"]))
            }
        }
    }

    /// The texts have to be equal, not the instants alone: what follows from a revocation is
    /// compared with the text of `effective_at`, and an issuer that writes one instant in two ways
    /// did not copy it.
    fn check_effect(&self, event: &Event) -> Result<(), ClaimFault> {
        let (revoked, effective) = (&event.revoked_at, &event.effective_at);
        if revoked.as_str() == effective.as_str() {
            return Ok(());
        }
        let summary = if revoked.instant() == effective.instant() {
            "the revocation writes one instant in two ways"
        } else {
            "the revocation is to take effect at another time than it was made"
        };
        let class = ReasonClass::PermitRevokedEffectiveAtMismatch;
        let finding = self.finding(class, Some("effective_at"), summary).rule("REVOKE-02");
        let finding = finding.values(short(revoked.as_str()), short(effective.as_str()));
        Err(self.disproved(finding, &["effective_at", "revoked_at"]))
    }

    /// The hash that was signed. One that stands beside the event has to be the same.
    fn check_hash(&self) -> Result<Sha256Digest, ClaimFault> {
        let members = self.evidence.event.members().iter();
        let signed = members.filter(|member| member.name() != "signature");
        let mut sink = DigestSink::new();
        let written =
            write_selected(signed.map(|member| (member.name(), member.value())), &mut sink);
        written.map_err(|problem| {
            let reason = ReasonClass::PermitRevokedSchemaInvalid;
            let finding = self.finding(reason, None, problem.to_string()).rule("CANON-06");
            self.disproved(finding, &[])
        })?;
        let hash = sink.finish();
        match self.evidence.canonical_hash().filter(|stated| *stated != hash.hex().as_str()) {
            None => Ok(hash),
            Some(stated) => {
                let summary = "the revocation does not hash to the hash that stands beside it";
                let code = FailureCode::PermitRevokedSignatureInvalid;
                let finding = self.finding(code, None, summary).rule("REVOKE-05");
                let finding = finding.values(hash.to_string(), short(stated));
                Err(self.disproved(finding, &["revocation_canonical_hash"]))
            }
        }
    }

    fn active_keys(
        &self,
        event: &Event,
        keys: Option<&KeyManifest>,
        mode: Mode,
    ) -> Result<Vec<TrustedKey>, ClaimFault> {
        let class = ReasonClass::PermitRevokedTrustRootUnresolvable;
        let Some(keys) = keys else {
            let summary = "no key manifest was given to judge the revocation by";
            let finding = self.finding(class, None, summary).rule("REVOKE-07");
            return Err(self.fault(Unsupported::InsufficientEvidence, finding, &["trust_root"]));
        };
        let at = event.revoked_at.instant();
        keys.all_active(KeyPurpose::PermitBindingSigning, at, mode).map_err(
            |problem: KeyProblem| {
                let summary = format!("no key can be relied on for the revocation: {problem}");
                let reason = Reason::ClassWithCode { class, code: problem.code() };
                let finding = self
                    .finding(reason, Some("revoked_at"), summary)
                    .rule(problem.rule())
                    .detail("key_problem", problem.code().as_str())
                    .detail("signed_at", event.revoked_at.as_str())
                    .help(problem.help());
                self.fault(Unsupported::InsufficientEvidence, finding, &["trust_root"])
            },
        )
    }

    fn check_signature(
        &self,
        hash: Sha256Digest,
        keys: &[TrustedKey],
    ) -> Result<SignatureChecked, ClaimFault> {
        let text = self.evidence.text("signature").unwrap_or_default();
        verify_revocation_by_any(hash, text, keys).map_err(|problem| {
            let code = FailureCode::PermitRevokedSignatureInvalid;
            let finding = self
                .finding(code, Some("signature"), problem.to_string())
                .rule("REVOKE-05")
                .detail("canonical_hash", hash.to_string())
                .detail("keys_tried", keys.len().to_string())
                .help(problem.help());
            self.disproved(finding, &["signature", "trust_root"])
        })
    }

    /// A member that is a text of the form that its type reads.
    fn form<T>(
        &self,
        name: &'static str,
        rule: &'static str,
        form: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ClaimFault> {
        let read = self.evidence.text(name).and_then(parse);
        read.ok_or_else(|| self.malformed(name, rule, form))
    }

    fn malformed(&self, name: &'static str, rule: &'static str, form: &str) -> ClaimFault {
        let summary = format!("the `{name}` of the revocation is not {form}");
        let finding = self.finding(ReasonClass::PermitRevokedSchemaInvalid, Some(name), summary);
        self.disproved(finding.rule(rule).values(form, self.shown(name)), &[])
    }

    /// A finding at a member, or at the event if the member is not there.
    fn finding(
        &self,
        reason: impl Into<Reason>,
        name: Option<&str>,
        summary: impl Into<String>,
    ) -> Finding {
        let event = &self.evidence.at;
        let value = name.and_then(|name| Some((name, self.evidence.event.get(name)?)));
        let at = match value {
            Some((name, value)) => {
                Location::value(event.artifact, event.pointer.clone().member(name), value.range())
            }
            None => event.clone(),
        };
        let finding = Finding::failure(reason, at, summary);
        match self.evidence.permit_id() {
            Some(permit_id) => finding.detail("permit_id", short(permit_id)),
            None => finding,
        }
    }

    fn disproved(&self, finding: Finding, beside: &[&str]) -> ClaimFault {
        self.fault(Unsupported::Disproved, finding, beside)
    }

    fn fault(&self, verdict: Unsupported, finding: Finding, beside: &[&str]) -> ClaimFault {
        let source = [self.evidence.source.as_str()];
        ClaimFault::new(verdict, finding).evidence(source.iter().chain(beside).copied())
    }

    /// The value of a member in one line.
    fn shown(&self, name: &str) -> String {
        match self.evidence.event.get(name) {
            None => "nothing".to_owned(),
            Some(value) => match (value.as_str(), value.as_number()) {
                (Some(text), _) => short(text),
                (None, Some(number)) => short(number.as_str()),
                (None, None) => value.kind().to_string(),
            },
        }
    }
}

fn short(text: &str) -> String {
    Excerpt(text).to_string()
}

const SCOPE: &str = "REVOKE-03";

const A_TIME: &str = "a date-time of RFC 3339";

const MEMBERS: [&str; 8] = [
    "permit_id",
    "project_id",
    "actor_id",
    "actor_kind",
    "reason_code",
    "revoked_at",
    "effective_at",
    "signature",
];
