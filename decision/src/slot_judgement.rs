// SPDX-License-Identifier: Apache-2.0

//! Judging a slot: `permit.operator_approved.v1`, `permit.counter_signed.v1`, `permit.audit_attested.v1`.
//!
//! ```text
//! form       of the slot, and of the payload that its signature covers
//! agreement  payload and slot name one permit, signer, time, intent or batch;
//!            payload and permit have the same hashes; the payload hashes as the slot says
//! time       inside the permit's; a counter signature before any revocation that is stated
//! batch      an attestation's is known
//! key        registered for this role, account and signer, trusted when it signed, and its id its hash
//! signature  over the canonical bytes of the payload
//! ```
//!
//! The specification has no rules for slots at 1.4.1; these checks follow the released recipes.
//! Findings name a rule where one about keys or canonical forms is broken.

use permit_canonical_json::{Object, Sha256Digest, Value};
use permit_claims::{ClaimFault, Unsupported};
use permit_failure_codes::{Reason, ReasonClass};
use permit_keys::{
    KeyHolder, KeyManifest, KeyProblem, KeyRequest, Mode, Signature, SignatureChecked,
    SignatureForm, TrustedKey,
};
use permit_types::{Artifact, Finding, Instant, Location, WrittenTime};

use crate::{
    decision_evidence::below,
    loose_value::{digest, is_uuid, short, shown},
    permit_window::check_window,
    slot::Slot,
    slot_context::SlotContext,
    slot_payload::{PermitHashes, canonical_text, rebuilt},
    slot_permit::PermitV2,
};

/// Proof that a slot of a permit was validly signed: every check of this module passed. Only this
/// crate makes one.
///
/// It says nothing of the issuer's own signature on the permit, and of the right of the signer to
/// sign no more than the registry does.
#[derive(Clone, Debug)]
pub struct SlotShown {
    slot: Slot,
    permit_id: String,
    signer_id: String,
    signed_at: String,
    own: Option<String>,
    issuer_hash_is_stated: bool,
    signature: SignatureChecked,
    label: String,
}

impl SlotShown {
    /// The slot.
    #[must_use]
    pub fn slot(&self) -> Slot {
        self.slot
    }

    /// The permit that was signed.
    #[must_use]
    pub fn permit_id(&self) -> &str {
        &self.permit_id
    }

    /// Who signed it.
    #[must_use]
    pub fn signer_id(&self) -> &str {
        &self.signer_id
    }

    /// When, in the text that was signed.
    #[must_use]
    pub fn signed_at(&self) -> &str {
        &self.signed_at
    }

    /// The hash of the intent that was counter-signed, or the batch that was attested.
    #[must_use]
    pub fn intent_or_batch(&self) -> Option<&str> {
        self.own.as_deref()
    }

    /// Whether the hash of the issuer's signature, which the slot signs too, is one that the permit
    /// merely states. Then the slot says nothing about the signature that stands in the permit.
    #[must_use]
    pub fn issuer_hash_is_stated(&self) -> bool {
        self.issuer_hash_is_stated
    }

    /// The signature, and the key that made it.
    #[must_use]
    pub fn signature(&self) -> &SignatureChecked {
        &self.signature
    }

    /// What the claim rests on, in the words of reports.
    #[must_use]
    pub fn evidence(&self) -> Vec<String> {
        vec![format!("{}.{}", self.label, self.slot), "key_registry".to_owned()]
    }
}

/// Judges a slot in each permit that has it, in their order, each a subject of the claim; the one
/// thing that is said if no permit has it is that it is missing.
///
/// The claim holds only if all of them do.
pub fn adjudicate_slots(
    slot: Slot,
    permits: &[PermitV2],
    context: &SlotContext<'_>,
    keys: Option<&KeyManifest>,
    mode: Mode,
) -> Vec<Result<SlotShown, ClaimFault>> {
    let with_slot = permits.iter().filter(|permit| permit.slots().any(|own| own == slot));
    let judged: Vec<_> =
        with_slot.map(|permit| adjudicate_slot(slot, permit, context, keys, mode)).collect();
    if judged.is_empty() { vec![Err(slot_missing(slot, Artifact::Export))] } else { judged }
}

/// Judges a slot of one permit.
///
/// `keys` is the registry of signers, which is a key manifest like any other.
///
/// # Errors
/// The first thing that is wrong.
pub fn adjudicate_slot(
    slot: Slot,
    permit: &PermitV2,
    context: &SlotContext<'_>,
    keys: Option<&KeyManifest>,
    mode: Mode,
) -> Result<SlotShown, ClaimFault> {
    let judge = Judge::new(slot, permit)?;
    let envelope = judge.envelope()?;
    let hashes = judge.hashes()?;
    let given = context.signed_payload(&permit.permit, slot);
    let made;
    let payload = match given {
        Some(payload) => payload,
        None => {
            made = judge.rebuild(&hashes)?;
            &made
        }
    };
    judge.check_payload(payload, &envelope)?;
    judge.check_hashes(payload, &hashes)?;
    let canonical = judge.check_payload_hash(payload, &envelope)?;
    judge.check_time(&envelope, context)?;
    judge.check_batch(&envelope, context)?;
    let key = judge.key(&envelope, context, keys, mode)?;
    let signature = judge.check_signature(&canonical, &envelope, &key)?;
    Ok(SlotShown {
        slot,
        permit_id: judge.permit_id.to_owned(),
        signer_id: envelope.signer_id.to_owned(),
        signed_at: envelope.signed_at.to_owned(),
        own: envelope.own.map(str::to_owned),
        issuer_hash_is_stated: hashes.issuer_stated,
        signature,
        label: permit.label.clone(),
    })
}

/// No permit of format v2 in the evidence has the slot.
#[must_use]
pub fn slot_missing(slot: Slot, artifact: Artifact) -> ClaimFault {
    let summary = format!("no permit of format v2 has a `{slot}`");
    let finding = Finding::failure(slot.invalid(), Location::whole(artifact), summary);
    ClaimFault::new(Unsupported::InsufficientEvidence, finding).evidence([format!("permit.{slot}")])
}

/// The members of a slot, each of its form.
struct Envelope<'p> {
    signer_id: &'p str,
    key_id: &'p str,
    signed_at: &'p str,
    instant: Instant,
    payload_hash: Sha256Digest,
    signature: &'p str,
    own: Option<&'p str>,
}

struct Judge<'p> {
    slot: Slot,
    permit: &'p PermitV2,
    members: &'p Object<'static>,
    at: Location,
    permit_id: &'p str,
}

impl<'p> Judge<'p> {
    fn new(slot: Slot, permit: &'p PermitV2) -> Result<Self, ClaimFault> {
        let value = permit.permit.get(slot.as_str());
        let Some((value, members)) = value.and_then(|value| Some((value, value.as_object()?)))
        else {
            return Err(slot_missing(slot, permit.at.artifact));
        };
        let at = below(&permit.at, slot.as_str(), value);
        let permit_id = permit.permit_id().unwrap_or_default();
        let judge = Self { slot, permit, members, at, permit_id };
        if is_uuid(permit_id) {
            return Ok(judge);
        }
        let summary = "the permit has no id that is a UUID of the form 8-4-4-4-12";
        let finding = Finding::failure(slot.invalid(), permit.at.clone(), summary);
        Err(judge.insufficient(finding, &["permit.id"]))
    }

    /// Type, members and forms of the slot, in this order.
    fn envelope(&self) -> Result<Envelope<'p>, ClaimFault> {
        let members = self.members;
        self.check_type(members, &self.at, &[])?;
        self.check_names(members, &self.at, ENVELOPE_MEMBERS, &[])?;
        let own = self.slot.own_member();
        let envelope = Envelope {
            signer_id: self.form("signer_id", A_UUID, is_uuid)?,
            key_id: self.form("key_id", A_DIGEST, |text| Sha256Digest::from_hex(text).is_some())?,
            signed_at: self.form("signed_at", A_TIME, |text| signing_time(text).is_some())?,
            instant: self.read("signed_at", A_TIME, signing_time)?,
            payload_hash: self.read("signed_payload_hash", A_DIGEST, Sha256Digest::from_hex)?,
            signature: self.form("signature", A_SIGNATURE, |text| {
                Signature::parse(text, SignatureForm::WithoutPrefix).is_ok()
            })?,
            own: own.map(|name| self.own_form(name)).transpose()?,
        };
        Ok(envelope)
    }

    fn own_form(&self, name: &'static str) -> Result<&'p str, ClaimFault> {
        match self.slot {
            Slot::AuditAttestation => {
                self.form(name, "text that is not empty", |text| !text.is_empty())
            }
            _ => self.form(name, A_DIGEST, |text| Sha256Digest::from_hex(text).is_some()),
        }
    }

    /// A signature made for another slot has another type, and so has its payload.
    fn check_type(
        &self,
        members: &Object<'_>,
        at: &Location,
        beside: &[&str],
    ) -> Result<(), ClaimFault> {
        let value = members.get("payload_type");
        let expected = self.slot.payload_type();
        if value.and_then(Value::as_str) == Some(expected) {
            return Ok(());
        }
        let summary = format!("the `payload_type` is not that of the slot `{}`", self.slot);
        let finding =
            at_member(at, members, ReasonClass::PayloadTypeMismatch, "payload_type", summary);
        Err(self.disproved(finding.values(expected, shown(value)), beside))
    }

    /// All members and no others.
    fn check_names(
        &self,
        members: &Object<'_>,
        at: &Location,
        names: &[&'static str],
        beside: &[&str],
    ) -> Result<(), ClaimFault> {
        let own = self.slot.own_member();
        let mut expected = names.iter().copied().chain(own);
        let summary = if let Some(name) = expected.find(|name| members.get(name).is_none()) {
            format!("the slot `{}` needs a member `{name}`", self.slot)
        } else {
            let known = |name: &str| names.contains(&name) || own == Some(name);
            let unknown = members.members().iter().find(|member| !known(member.name()));
            let Some(member) = unknown else { return Ok(()) };
            format!("the slot `{}` has no member `{}`", self.slot, short(member.name()))
        };
        let finding = Finding::failure(self.slot.invalid(), at.clone(), summary);
        Err(self.disproved(finding, beside))
    }

    /// What the permit is known by; a permit without a canonical form is known by nothing.
    fn hashes(&self) -> Result<PermitHashes, ClaimFault> {
        PermitHashes::of(&self.permit.permit).map_err(|problem| {
            let summary = format!("the permit has no canonical form: {problem}");
            let finding = Finding::failure(self.slot.invalid(), self.permit.at.clone(), summary);
            self.insufficient(finding.rule("CANON-06"), &[PAYLOAD])
        })
    }

    fn rebuild(&self, hashes: &PermitHashes) -> Result<Object<'static>, ClaimFault> {
        rebuilt(self.slot, self.permit_id, hashes, self.members).ok_or_else(|| {
            let summary = "the permit has no signature of its issuer, which the slot signs too";
            let finding = Finding::failure(self.slot.invalid(), self.permit.at.clone(), summary);
            self.insufficient(finding, &[PAYLOAD])
        })
    }

    /// Members and forms of the payload, and that it is about what the slot is about.
    fn check_payload(
        &self,
        payload: &Object<'_>,
        envelope: &Envelope<'_>,
    ) -> Result<(), ClaimFault> {
        let signer = self.slot.signer_member();
        let [a, b, c, d, e] = PAYLOAD_MEMBERS;
        self.check_names(payload, &self.at, &[a, b, c, d, e, signer], &[PAYLOAD])?;
        self.check_type(payload, &self.at, &[PAYLOAD])?;
        let invalid = self.slot.invalid();
        self.same(payload, "permit_id", self.permit_id, invalid)?;
        for name in ["issuer_signature_hash", "permit_canonical_hash"] {
            if digest(payload.get(name)).is_none() {
                return Err(self.differs(payload, name, A_DIGEST, invalid));
            }
        }
        if !payload.get(signer).and_then(Value::as_str).is_some_and(is_uuid) {
            return Err(self.differs(payload, signer, A_UUID, invalid));
        }
        self.same(payload, signer, envelope.signer_id, self.slot.signer_mismatch())?;
        self.same(payload, "signed_at", envelope.signed_at, invalid)?;
        match (self.slot.own_member(), envelope.own) {
            (Some(name), Some(own)) => self.same(payload, name, own, self.slot.own_mismatch()),
            _ => Ok(()),
        }
    }

    fn same(
        &self,
        payload: &Object<'_>,
        name: &'static str,
        expected: &str,
        reason: ReasonClass,
    ) -> Result<(), ClaimFault> {
        if payload.get(name).and_then(Value::as_str) == Some(expected) {
            return Ok(());
        }
        Err(self.differs(payload, name, expected, reason))
    }

    fn differs(
        &self,
        payload: &Object<'_>,
        name: &'static str,
        expected: &str,
        reason: ReasonClass,
    ) -> ClaimFault {
        let summary = format!("the `{name}` of the signed payload is not what it has to be");
        let finding = Finding::failure(reason, self.at.clone(), summary);
        let finding = finding.values(short(expected), shown(payload.get(name)));
        self.disproved(finding, &[PAYLOAD])
    }

    /// The payload is about this very permit: a given one is not taken at its word, and neither
    /// is a hash that the permit states of itself. In the reference both are, so that a signature for
    /// one permit could be shown beside another one of the same id.
    fn check_hashes(&self, payload: &Object<'_>, hashes: &PermitHashes) -> Result<(), ClaimFault> {
        if let Some(stated) = hashes.contradiction {
            let summary = "the permit states a canonical hash that is not its own";
            let finding = Finding::failure(self.slot.invalid(), self.permit.at.clone(), summary);
            let finding = finding.values(hashes.canonical.to_string(), stated.to_string());
            return Err(self.disproved(finding, &[PAYLOAD]));
        }
        let invalid = self.slot.invalid();
        let canonical = hashes.canonical.hex();
        self.same(payload, "permit_canonical_hash", canonical.as_str(), invalid)?;
        match hashes.issuer_signature {
            Some(hash) => self.same(payload, "issuer_signature_hash", hash.hex().as_str(), invalid),
            None => Ok(()),
        }
    }

    fn check_payload_hash(
        &self,
        payload: &Object<'_>,
        envelope: &Envelope<'_>,
    ) -> Result<String, ClaimFault> {
        let text = canonical_text(payload).map_err(|problem| {
            let summary = format!("the signed payload has no canonical form: {problem}");
            let finding = Finding::failure(self.slot.invalid(), self.at.clone(), summary);
            self.disproved(finding.rule("CANON-06"), &[PAYLOAD])
        })?;
        let hash = Sha256Digest::of(text.as_bytes());
        if hash == envelope.payload_hash {
            return Ok(text);
        }
        let summary = "the permit and its slot do not give the payload whose hash was signed";
        let finding = self.at_member(self.slot.invalid(), "signed_payload_hash", summary);
        let finding = finding.values(hash.to_string(), envelope.payload_hash.to_string());
        Err(self.disproved(finding, &["signed_payload_hash"]))
    }

    fn check_time(
        &self,
        envelope: &Envelope<'_>,
        context: &SlotContext<'_>,
    ) -> Result<(), ClaimFault> {
        let permit = &self.permit.permit;
        if let Err(why) = check_window(permit, self.slot, envelope.instant) {
            let finding = self.at_member(self.slot.invalid(), "signed_at", why.summary());
            return Err(self.disproved(finding, &["signed_at"]));
        }
        if self.slot != Slot::CounterSignature {
            return Ok(());
        }
        let revoked = context.revocation(permit, self.permit_id);
        match revoked.filter(|effect| effect.is_over(envelope.instant)) {
            None => Ok(()),
            Some(_) => {
                let summary = "the slot was not signed before the permit was revoked, as stated";
                let finding = self.at_member(self.slot.invalid(), "signed_at", summary);
                Err(self.disproved(finding, &["revocation.effective_at"]))
            }
        }
    }

    fn check_batch(
        &self,
        envelope: &Envelope<'_>,
        context: &SlotContext<'_>,
    ) -> Result<(), ClaimFault> {
        let batch_id = envelope.own.filter(|_| self.slot == Slot::AuditAttestation);
        match batch_id.filter(|batch_id| !context.knows_batch(&self.permit.permit, batch_id)) {
            None => Ok(()),
            Some(_) => {
                let summary = "the evidence knows no audit batch of this id";
                let finding = self.at_member(self.slot.own_mismatch(), "batch_id", summary);
                Err(self.disproved(finding, &["audit_batches"]))
            }
        }
    }

    fn key(
        &self,
        envelope: &Envelope<'_>,
        context: &SlotContext<'_>,
        keys: Option<&KeyManifest>,
        mode: Mode,
    ) -> Result<TrustedKey, ClaimFault> {
        let class = self.slot.key_not_trusted();
        let Some(account_id) = context.account_id(&self.permit.permit) else {
            let summary = "neither permit nor manifest name the account that the signer belongs to";
            return Err(self.untrusted(class, summary.to_owned()));
        };
        let Some(keys) = keys else {
            let summary = "no key manifest was given to judge the slot by";
            return Err(self.untrusted(class, summary.to_owned()));
        };
        let holder = KeyHolder { account_id, signer_id: envelope.signer_id };
        let request =
            KeyRequest::new().key_id(envelope.key_id).signed_at(envelope.instant).holder(holder);
        let key = keys.resolve(self.slot.purpose(), &request, mode);
        let key = key.map_err(|problem| self.key_problem(&problem, envelope))?;
        let until = key.entry().and_then(|entry| entry.window().to.instant());
        if until.is_some_and(|until| until <= envelope.instant) {
            let summary = "the registration of the key had ended when the slot was signed";
            return Err(self.untrusted(class, summary.to_owned()));
        }
        if key.fingerprint().hex().as_str() != envelope.key_id {
            let summary = "the registry has the key under an id that is not its hash";
            return Err(self.untrusted(class, summary.to_owned()));
        }
        Ok(key)
    }

    fn key_problem(&self, problem: &KeyProblem, envelope: &Envelope<'_>) -> ClaimFault {
        let reason =
            Reason::ClassWithCode { class: self.slot.key_not_trusted(), code: problem.code() };
        let summary = format!("the key of the slot cannot be relied on: {problem}");
        let mut fault = self.untrusted(reason, summary);
        let finding = fault.finding.rule(problem.rule()).help(problem.help());
        let finding = finding
            .detail("key_problem", problem.code().as_str())
            .detail("signed_at", envelope.signed_at);
        fault.finding = Box::new(finding);
        fault
    }

    fn untrusted(&self, reason: impl Into<Reason>, summary: String) -> ClaimFault {
        let finding = self.at_member(reason, "key_id", summary).rule("KEY-01");
        self.insufficient(finding, &["key_registry"])
    }

    fn check_signature(
        &self,
        canonical: &str,
        envelope: &Envelope<'_>,
        key: &TrustedKey,
    ) -> Result<SignatureChecked, ClaimFault> {
        let checked = self.slot.verify(canonical.as_bytes(), envelope.signature, key);
        checked.map_err(|problem| {
            let finding = self.at_member(self.slot.invalid(), "signature", problem.to_string());
            self.disproved(finding.help(problem.help()), &["signature", "key_registry"])
        })
    }

    fn form(
        &self,
        name: &'static str,
        form: &str,
        has_form: impl Fn(&str) -> bool,
    ) -> Result<&'p str, ClaimFault> {
        let text = self.members.get(name).and_then(Value::as_str);
        text.filter(|text| has_form(text)).ok_or_else(|| self.malformed(name, form))
    }

    fn read<T>(
        &self,
        name: &'static str,
        form: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ClaimFault> {
        let text = self.members.get(name).and_then(Value::as_str);
        text.and_then(parse).ok_or_else(|| self.malformed(name, form))
    }

    fn malformed(&self, name: &'static str, form: &str) -> ClaimFault {
        let summary = format!("the `{name}` of the slot is not {form}");
        let finding = self.at_member(self.slot.invalid(), name, summary);
        self.disproved(finding.values(form, shown(self.members.get(name))), &[])
    }

    fn at_member(
        &self,
        reason: impl Into<Reason>,
        name: &str,
        summary: impl Into<String>,
    ) -> Finding {
        at_member(&self.at, self.members, reason, name, summary)
    }

    fn insufficient(&self, finding: Finding, beside: &[&str]) -> ClaimFault {
        self.fault(Unsupported::InsufficientEvidence, finding, beside)
    }

    fn disproved(&self, finding: Finding, beside: &[&str]) -> ClaimFault {
        self.fault(Unsupported::Disproved, finding, beside)
    }

    fn fault(&self, verdict: Unsupported, finding: Finding, beside: &[&str]) -> ClaimFault {
        let finding = finding.detail("slot", self.slot.as_str());
        let finding = match is_uuid(self.permit_id) {
            true => finding.detail("permit_id", self.permit_id),
            false => finding,
        };
        let place = format!("{}.{}", self.permit.label, self.slot);
        let beside = beside.iter().map(|name| (*name).to_owned());
        ClaimFault::new(verdict, finding).evidence([place].into_iter().chain(beside))
    }
}

/// A finding at a member, or at its holder if the member is not there.
fn at_member(
    at: &Location,
    members: &Object<'_>,
    reason: impl Into<Reason>,
    name: &str,
    summary: impl Into<String>,
) -> Finding {
    let at = members.get(name).map_or_else(|| at.clone(), |value| below(at, name, value));
    Finding::failure(reason, at, summary)
}

/// A time with exactly six digits behind the point and a `Z`.
fn signing_time(text: &str) -> Option<Instant> {
    let time = WrittenTime::split(text)?;
    let exact = time.is_rfc3339() && time.fraction().len() == 6;
    let spelled = text.ends_with('Z') && text.contains('T');
    time.instant().filter(|_| exact && spelled)
}

const PAYLOAD: &str = "canonical_payload";

const A_UUID: &str = "a UUID of the form 8-4-4-4-12";
const A_DIGEST: &str = "64 lowercase hexadecimal characters";
const A_TIME: &str = "a time like `2026-05-23T12:30:00.123456Z`";
const A_SIGNATURE: &str = "64 bytes in base64";

const ENVELOPE_MEMBERS: &[&str] =
    &["payload_type", "signer_id", "key_id", "signed_at", "signed_payload_hash", "signature"];

const PAYLOAD_MEMBERS: [&str; 5] =
    ["payload_type", "permit_id", "issuer_signature_hash", "permit_canonical_hash", "signed_at"];
