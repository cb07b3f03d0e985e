// SPDX-License-Identifier: Apache-2.0

//! The claim `checkpoint.signature.v1`: a trusted key signed the composite hash.
//!
//! ```text
//! signature    is text                                    else CHECKPOINT_SIGNATURE_MISSING
//! pinned key   starts with ed25519: and is a key          else CHECKPOINT_PUBLIC_KEY_INVALID
//! trusted key  for integrity_checkpoint, by the id that   else TRUST_ROOT_UNRESOLVABLE, or why the
//!              is named, active at computed_at                 key that was found must not be used
//! public_key   if there is one, the same text             else CHECKPOINT_PUBLIC_KEY_MISMATCH
//! SEM-02       Ed25519 over the text of composite_hash    else SIGNATURE_VERIFICATION_FAILED
//! ```
//!
//! The signature covers nothing of a checkpoint but its heads. Who edits `checkpoint_id` or
//! `computed_at` breaks no signature; so the time that keys are judged at is the issuer's word.

use permit_canonical_json::{Excerpt, Value};
use permit_claims::{ClaimFault, Unsupported};
use permit_failure_codes::{FailureCode, Reason, ReasonClass};
use permit_keys::{
    KeyManifest, KeyProblem, KeyPurpose, KeyRequest, Mode, SignatureChecked, SignatureProblem,
    TrustChannel, TrustedKey, is_test_key_id, verify_checkpoint,
};
use permit_types::{Artifact, Finding, Instant, Location};

use crate::{
    checkpoint_trust::{Channel, CheckpointTrust},
    composite_hash::CompositeProof,
    document::{member_location, text},
};

/// What `checkpoint.signature.v1` is judged by, in the words of reports.
pub const SIGNATURE_EVIDENCE: [&str; 3] =
    ["checkpoint.signature", "checkpoint.public_key", "checkpoint.key_id"];

/// Proof that a trusted key signed a checkpoint's composite hash (SEM-02).
#[derive(Clone, Debug)]
pub struct SignatureProof {
    checked: SignatureChecked,
    key_id: String,
}

impl SignatureProof {
    /// The checked signature, with the key and how it came to be trusted.
    #[must_use]
    pub fn checked(&self) -> &SignatureChecked {
        &self.checked
    }

    /// The id that the checkpoint names its key by; if it names none, the one that the key gives itself.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The key as the source of trust writes it.
    #[must_use]
    pub fn key_text(&self) -> &str {
        self.checked.key().key_text()
    }

    /// Whether the checkpoint vouches for itself, so that nothing is shown about its issuer.
    #[must_use]
    pub fn is_self_attested(&self) -> bool {
        self.checked.channel() == TrustChannel::SelfAttested
    }
}

/// Why there is no proof, and the key if one was found.
#[derive(Clone, Debug)]
pub struct SignatureFault {
    /// The verdict and what is wrong.
    pub fault: ClaimFault,
    /// The key that the signature was held against, if it came to that.
    pub key: Option<TrustedKey>,
}

/// Checks the signature of a checkpoint whose composite hash is right.
pub(crate) fn judge_signature<'v>(
    document: &'v Value<'v>,
    composite: &CompositeProof<'_>,
    trust: &CheckpointTrust<'_>,
) -> Result<SignatureProof, SignatureFault> {
    let judge = Judge { document, trust };
    let signature = judge.signature()?;
    let key = judge.key()?;
    judge.check_embedded_key(&key)?;
    let checked = verify_checkpoint(composite.digest(), signature, &key)
        .map_err(|problem| judge.not_verified(&problem, key))?;
    let key_id = text(document, "key_id").map(str::to_owned);
    let own = || checked.key().public_key().export_key_id().to_string();
    Ok(SignatureProof { key_id: key_id.unwrap_or_else(own), checked })
}

/// The time that the checkpoint says it was computed at.
pub(crate) fn computed_at(document: &Value<'_>) -> Option<Instant> {
    document.get("computed_at").and_then(Value::as_str).and_then(Instant::parse)
}

struct Judge<'j> {
    document: &'j Value<'j>,
    trust: &'j CheckpointTrust<'j>,
}

impl<'j> Judge<'j> {
    fn signature(&self) -> Result<&'j str, SignatureFault> {
        text(self.document, "signature").ok_or_else(|| {
            let summary = match self.document.get("signature") {
                None => "the checkpoint has no signature",
                Some(_) => "what stands in place of the checkpoint's signature is no text",
            };
            insufficient(self.finding(
                ReasonClass::CheckpointSignatureMissing,
                "signature",
                summary,
            ))
        })
    }

    fn key(&self) -> Result<TrustedKey, SignatureFault> {
        match self.trust.channel {
            Channel::Pinned(text) => self.pinned_key(text),
            Channel::Keys(manifest) => self.manifest_key(manifest),
            Channel::SelfAttested => self.own_key(),
            Channel::Nothing => {
                let at = Location::whole(Artifact::KeyManifest);
                let summary = "there is no key manifest to find the checkpoint's key in";
                Err(insufficient(Finding::failure(unresolvable(None), at, summary).rule("SEM-02")))
            }
        }
    }

    fn pinned_key(&self, text: &str) -> Result<TrustedKey, SignatureFault> {
        let at = Location::whole(Artifact::KeyManifest);
        let reason = ReasonClass::CheckpointPublicKeyInvalid;
        if !text.starts_with("ed25519:") {
            let summary = "the key that is expected does not start with `ed25519:`";
            return Err(insufficient(Finding::failure(reason, at, summary).rule("SEM-02")));
        }
        self.refuse_test_key()?;
        TrustedKey::pinned(text, KeyPurpose::IntegrityCheckpoint).map_err(|error| {
            let summary = format!("the key that is expected is none: {error}");
            insufficient(Finding::failure(reason, at, summary).rule("SEM-02"))
        })
    }

    fn own_key(&self) -> Result<TrustedKey, SignatureFault> {
        let Some(text) = text(self.document, "public_key") else {
            let summary = "the checkpoint carries no key to be judged by";
            return Err(insufficient(self.finding(unresolvable(None), "public_key", summary)));
        };
        self.refuse_test_key()?;
        TrustedKey::self_attested(text, KeyPurpose::IntegrityCheckpoint).map_err(|error| {
            let summary = format!("the checkpoint's own key is none: {error}");
            disproved(self.finding(ReasonClass::SignatureVerificationFailed, "public_key", summary))
        })
    }

    /// A key that is given or carried has no environment; its name is all there is to tell (KEY-05).
    fn refuse_test_key(&self) -> Result<(), SignatureFault> {
        let key_id = text(self.document, "key_id").filter(|id| is_test_key_id(id));
        let (Some(key_id), Mode::Production) = (key_id, self.trust.mode) else { return Ok(()) };
        let reason = unresolvable(Some(FailureCode::UnknownSigningKey));
        let summary =
            format!("`{}` is a test key, which proves nothing outside of tests", Excerpt(key_id));
        let help = "evidence of tests verifies in test mode only; ask the issuer for evidence of production";
        Err(insufficient(self.finding(reason, "key_id", summary).rule("KEY-05").help(help)))
    }

    fn manifest_key(&self, manifest: &KeyManifest) -> Result<TrustedKey, SignatureFault> {
        let key_id = text(self.document, "key_id");
        let request = KeyRequest::new().key_id(key_id).signed_at(computed_at(self.document));
        manifest
            .resolve(KeyPurpose::IntegrityCheckpoint, &request, self.trust.mode)
            .map_err(|problem| key_fault(manifest, &problem, key_id.is_some()))
    }

    fn check_embedded_key(&self, key: &TrustedKey) -> Result<(), SignatureFault> {
        let Some(embedded) = text(self.document, "public_key") else { return Ok(()) };
        if key.is_written_as(embedded) {
            return Ok(());
        }
        let summary = "the checkpoint carries another key than the one that is trusted";
        let finding = self.finding(ReasonClass::CheckpointPublicKeyMismatch, "public_key", summary);
        let finding = finding.values(key.key_text(), Excerpt(embedded).to_string());
        Err(SignatureFault { key: Some(key.clone()), ..disproved(finding) })
    }

    fn not_verified(&self, problem: &SignatureProblem, key: TrustedKey) -> SignatureFault {
        let reason = ReasonClass::SignatureVerificationFailed;
        let finding = self.finding(reason, "signature", problem.to_string()).help(problem.help());
        SignatureFault { key: Some(key), ..disproved(finding) }
    }

    fn finding(
        &self,
        reason: impl Into<Reason>,
        member: &str,
        summary: impl Into<String>,
    ) -> Finding {
        let key_id = text(self.document, "key_id").unwrap_or("not named");
        Finding::failure(reason, member_location(self.document, member), summary)
            .rule("SEM-02")
            .detail("key_id", key_id)
    }
}

/// A key that is known and was not to be used contradicts the claim; a key that cannot be found,
/// or told from others, leaves it open.
fn key_fault(manifest: &KeyManifest, problem: &KeyProblem, named: bool) -> SignatureFault {
    let mut finding = manifest.finding(problem);
    match problem {
        KeyProblem::Compromised { .. } | KeyProblem::Revoked { .. } => disproved(finding),
        KeyProblem::NotActive { .. } if named => disproved(finding),
        _ => {
            finding.reason = unresolvable(Some(problem.code()));
            insufficient(finding)
        }
    }
}

fn unresolvable(code: Option<FailureCode>) -> Reason {
    let class = ReasonClass::TrustRootUnresolvable;
    match code {
        Some(code) => Reason::ClassWithCode { class, code },
        None => class.into(),
    }
}

fn insufficient(finding: Finding) -> SignatureFault {
    fault(Unsupported::InsufficientEvidence, finding)
}

fn disproved(finding: Finding) -> SignatureFault {
    fault(Unsupported::Disproved, finding)
}

fn fault(verdict: Unsupported, finding: Finding) -> SignatureFault {
    let fault = ClaimFault::new(verdict, finding).evidence(SIGNATURE_EVIDENCE);
    SignatureFault { fault, key: None }
}
