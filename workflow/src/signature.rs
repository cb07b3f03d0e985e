// SPDX-License-Identifier: Apache-2.0

//! Checking the signature of a declaration or an amendment.
//!
//! ```text
//! 1  the record states a hash and a signature
//! 2  its key resolves, for permit_binding_signing, at the time the record was signed (KEY-01)
//! 3  an id that it names is the one that the key itself gives
//! 4  a signed_payload agrees with the record beside it
//! 5  the hash is that of one of the payloads which the record can have been signed with
//! 6  the key was good at the time that this payload states, too
//! 7  the signature covers the 64 characters of the hash
//! ```

use permit_canonical_json::{Sha256Digest, Value};
use permit_failure_codes::{Reason, ReasonClass};
use permit_keys::{
    KeyPurpose, KeyRequest, SignatureChecked, SignatureProblem, TrustedKey,
    verify_workflow_amendment, verify_workflow_declaration,
};
use permit_types::Instant;

use crate::{
    amendment::{self, Amendment, amendment_payloads},
    component::Component,
    declaration::{Declaration, declaration_payloads},
    fault::{WorkflowFault, WorkflowFaultKind as Kind},
    issued_at::signing_time,
    record::{Record, normalized_hash, read_instant, shown, strip},
    signed_payload::{
        Gap, amendment_difference, amendment_gap, declaration_difference, declaration_gap,
        delta_difference, hashed_payload, issued_at,
    },
    trust::{WorkflowTrust, verdict_of},
};

/// A record whose signature is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Signed<'s, 'r> {
    Declaration(&'s Declaration<'r>),
    Amendment(&'s Amendment<'r>),
}

/// What the checks of one kind of record are called.
struct Words {
    noun: &'static str,
    id: &'static str,
    hash: &'static str,
    signature: &'static str,
    unsigned: Kind,
    key: Kind,
    key_id: Kind,
    wrong_hash: Kind,
    payload: Kind,
    version: Kind,
    wrong_signature: Kind,
}

/// Checks the signature of a record.
pub(crate) fn check_signature(
    signed: Signed<'_, '_>,
    record: &Record<'_>,
    trust: &WorkflowTrust<'_>,
) -> Result<SignatureChecked, WorkflowFault> {
    let words = signed.words();
    let check = Check { signed, record, trust, words };
    let (hash, signature) = check.stated()?;
    let key = check.key(Some(signed.judged_at()))?;
    check.key_id(&key)?;
    check.agreement(&key)?;
    let (digest, covered_at) = check.covered(hash, &key)?;
    if covered_at != Some(signed.judged_at()) {
        let again = check.key(covered_at)?;
        if again.public_key() != key.public_key() {
            let summary = format!("the key of the {} changed before it was signed", words.noun);
            return Err(check.fault(words.key, words.signature, summary));
        }
    }
    signed.verify(digest, signature, &key).map_err(|problem| {
        let fault = check.fault(words.wrong_signature, words.signature, problem.to_string());
        fault.with(|finding| {
            finding.detail("key_id", key.binding_key_id().to_string()).help(problem.help())
        })
    })
}

struct Check<'s, 'r> {
    signed: Signed<'s, 'r>,
    record: &'s Record<'r>,
    trust: &'s WorkflowTrust<'s>,
    words: &'static Words,
}

impl<'r> Check<'_, 'r> {
    fn stated(&self) -> Result<(&'r str, &'r str), WorkflowFault> {
        let words = self.words;
        let Some(hash) = normalized_hash(self.record.get(words.hash)) else {
            let summary = format!("the {} states no canonical hash", words.noun);
            return Err(self.fault(words.unsigned, words.hash, summary));
        };
        let signature = self.record.get(words.signature).and_then(Value::as_str);
        match signature.filter(|text| !strip(text).is_empty()) {
            Some(signature) => Ok((hash, signature)),
            None => {
                let summary = format!("the {} has no signature", words.noun);
                Err(self.fault(words.unsigned, words.signature, summary))
            }
        }
    }

    /// The id that the record names, and the member that does.
    fn named_key(&self) -> Option<(&'static str, &'r str)> {
        ["binding_key_id", "key_id"]
            .into_iter()
            .find_map(|name| Some((name, self.record.get(name)?.as_str()?)))
    }

    fn key(&self, at: Option<Instant>) -> Result<TrustedKey, WorkflowFault> {
        let words = self.words;
        let named = self.named_key();
        let member = named.map_or("binding_key_id", |(member, _)| member);
        let Some(manifest) = self.trust.manifest else {
            let summary = format!("there is no key manifest to verify the {} with", words.noun);
            return Err(self.fault(words.key, member, summary).with(|finding| {
                finding.help(
                    "give the issuer's key manifest; an export key says nothing about workflow records",
                )
            }));
        };
        let request = KeyRequest::new().key_id(named.map(|(_, id)| id)).signed_at(at);
        let key = manifest.resolve(KeyPurpose::PermitBindingSigning, &request, self.trust.mode);
        key.map_err(|problem| {
            let summary = format!("the key of the {} cannot be relied on: {problem}", words.noun);
            let class = ReasonClass::WorkflowSignatureInvalid;
            let reason = Reason::ClassWithCode { class, code: problem.code() };
            let fault = self.fault(words.key, member, summary);
            fault.verdict(verdict_of(&problem, named.is_some())).with(|mut finding| {
                finding.reason = reason;
                let at = at.map_or_else(|| "unknown".to_owned(), |at| at.to_string());
                finding
                    .rule(problem.rule())
                    .detail("key_id", problem.key_id().unwrap_or("not named"))
                    .detail("signed_at", at)
                    .help(problem.help())
            })
        })
    }

    fn key_id(&self, key: &TrustedKey) -> Result<(), WorkflowFault> {
        let own = key.binding_key_id().to_string();
        match self.named_key() {
            Some((member, id)) if id != own => {
                let summary =
                    format!("the {} names a key by an id that is not its own", self.words.noun);
                let fault = self.fault(self.words.key_id, member, summary);
                Err(fault.with(|finding| finding.values(own, id)))
            }
            _ => Ok(()),
        }
    }

    fn signed_payload(&self) -> Option<&'r Value<'r>> {
        self.record.get("signed_payload").filter(|value| value.as_object().is_some())
    }

    /// Whether a payload beside the record, and the members of the record among each other, agree.
    fn agreement(&self, key: &TrustedKey) -> Result<(), WorkflowFault> {
        if let Signed::Amendment(_) = self.signed
            && let Some(member) = delta_difference(self.record)
        {
            let summary = format!("the amendment and its `delta` differ in `{member}`");
            return Err(self.fault(self.words.payload, member, summary));
        }
        let Some(payload) = self.signed_payload() else { return Ok(()) };
        let id = key.binding_key_id().to_string();
        let difference = match self.signed {
            Signed::Declaration(facts) => declaration_difference(payload, self.record, facts, &id),
            Signed::Amendment(facts) => amendment_difference(payload, self.record, facts, &id),
        };
        let Some(member) = difference else { return Ok(()) };
        let noun = self.words.noun;
        let summary = format!("the payload signed for the {noun} differs from it in `{member}`");
        let fault = self.fault(self.words.payload, "signed_payload", summary);
        Err(fault.with(|finding| finding.detail("member", member)))
    }

    /// The digest that is signed, and the time that it covers.
    fn covered(
        &self,
        hash: &str,
        key: &TrustedKey,
    ) -> Result<(Sha256Digest, Option<Instant>), WorkflowFault> {
        let id = key.binding_key_id().to_string();
        let payloads = match self.signed {
            Signed::Declaration(_) => declaration_payloads(self.record.value, &id),
            Signed::Amendment(_) => amendment_payloads(self.record.value, &id),
        };
        if let Some(digest) = payloads.iter().find_map(|payload| digest_if(payload, hash)) {
            return Ok((digest, self.rebuilt_time()));
        }
        let payload = self.signed_payload();
        let digest = payload.and_then(|payload| digest_if(&hashed_payload(payload, &id), hash));
        if let (Some(payload), Some(digest)) = (payload, digest) {
            self.check_gap(payload)?;
            let covered = issued_at(payload).unwrap_or(Some(self.signed.judged_at()));
            return Ok((digest, covered));
        }
        let words = self.words;
        let summary = format!("the {} does not hash to its canonical hash", words.noun);
        let expected = payloads.first().and_then(|payload| payload.digest().ok());
        let expected = expected
            .map_or_else(|| "the hash of its payload".to_owned(), |digest| digest.to_string());
        let fault = self.fault(words.wrong_hash, words.hash, summary);
        Err(fault.with(|finding| finding.values(expected, hash)))
    }

    /// The time that a payload states which was put together from the record.
    fn rebuilt_time(&self) -> Option<Instant> {
        let Signed::Amendment(_) = self.signed else { return Some(self.signed.judged_at()) };
        let stated = signing_time(self.record.value, &amendment::SIGNING_TIMES);
        stated.and_then(Value::as_str).and_then(read_instant)
    }

    fn check_gap(&self, payload: &Value<'_>) -> Result<(), WorkflowFault> {
        let gap = match self.signed {
            Signed::Declaration(_) => declaration_gap(payload),
            Signed::Amendment(facts) => amendment_gap(payload, facts),
        };
        let words = self.words;
        match gap {
            None => Ok(()),
            Some(Gap::UnknownVersion) => {
                let summary = format!(
                    "the payload signed for the {} is of a version that is not known here",
                    words.noun
                );
                let version = shown(payload.get("binding_version"));
                let fault = self.fault(words.version, "signed_payload", summary);
                Err(fault.with(|finding| finding.detail("binding_version", version)))
            }
            Some(Gap::Member(member)) => {
                let summary = format!(
                    "the payload signed for the {} does not cover its `{member}`",
                    words.noun
                );
                let fault = self.fault(words.payload, "signed_payload", summary);
                Err(fault.with(|finding| finding.detail("member", member)))
            }
        }
    }

    fn fault(&self, kind: Kind, member: &str, summary: impl Into<String>) -> WorkflowFault {
        let id = self.signed.id();
        WorkflowFault::new(kind, self.record.location(member), summary)
            .with(|finding| finding.detail(self.words.id, id))
    }
}

fn digest_if(payload: &Component<'_>, hash: &str) -> Option<Sha256Digest> {
    payload.digest().ok().filter(|digest| digest.hex().as_str() == hash)
}

impl<'r> Signed<'_, 'r> {
    fn id(self) -> &'r str {
        match self {
            Self::Declaration(declaration) => declaration.id,
            Self::Amendment(amendment) => amendment.id,
        }
    }

    /// When the key has to have been good.
    fn judged_at(self) -> Instant {
        match self {
            Self::Declaration(declaration) => declaration.signed_at,
            Self::Amendment(amendment) => amendment.created_at,
        }
    }

    fn verify(
        self,
        hash: Sha256Digest,
        signature: &str,
        key: &TrustedKey,
    ) -> Result<SignatureChecked, SignatureProblem> {
        match self {
            Self::Declaration(_) => verify_workflow_declaration(hash, signature, key),
            Self::Amendment(_) => verify_workflow_amendment(hash, signature, key),
        }
    }

    fn words(self) -> &'static Words {
        match self {
            Self::Declaration(_) => &DECLARATION,
            Self::Amendment(_) => &AMENDMENT,
        }
    }
}

const DECLARATION: Words = Words {
    noun: "workflow declaration",
    id: "workflow_declaration_id",
    hash: "declaration_canonical_hash",
    signature: "declaration_signature_b64",
    unsigned: Kind::DeclarationUnsigned,
    key: Kind::DeclarationKey,
    key_id: Kind::DeclarationKeyId,
    wrong_hash: Kind::DeclarationHash,
    payload: Kind::DeclarationPayload,
    version: Kind::DeclarationVersionUnknown,
    wrong_signature: Kind::DeclarationSignature,
};

const AMENDMENT: Words = Words {
    noun: "workflow amendment",
    id: "workflow_amendment_id",
    hash: "amendment_canonical_hash",
    signature: "amendment_signature_b64",
    unsigned: Kind::AmendmentUnsigned,
    key: Kind::AmendmentKey,
    key_id: Kind::AmendmentKeyId,
    wrong_hash: Kind::AmendmentHash,
    payload: Kind::AmendmentPayload,
    version: Kind::AmendmentVersionUnknown,
    wrong_signature: Kind::AmendmentSignature,
};
