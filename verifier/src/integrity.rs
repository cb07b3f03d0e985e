// SPDX-License-Identifier: Apache-2.0

//! The signature of an export: whose it has to be, and whether it is theirs.
//!
//! ```text
//! BUNDLE-07  the key is found by key_id or purpose, and counts at signed_at
//! BUNDLE-08  the signature is over the text of content_hash
//! ```

use permit_canonical_json::{JsonPointer, Sha256Digest, Value};
use permit_claims::Verdict;
use permit_export_bundle::Manifest;
use permit_failure_codes::{FailureCode, Reason, ReasonClass};
use permit_keys::{
    KeyProblem, KeyPurpose, KeyRequest, SignatureChecked, TrustedKey, verify_export_manifest,
};
use permit_types::{Artifact, Finding, Instant, Location};

use crate::{run::Run, trust::ExportKey};

/// Why there is no checked signature.
#[derive(Debug)]
pub(crate) enum Unsigned {
    /// There is none.
    Missing(Box<Finding>),
    /// There is none, and the caller said that this is no reason to fail.
    Allowed(Box<Finding>),
    /// There is one, and it does not show what it should.
    Refused {
        /// What that says about the claim.
        verdict: Verdict,
        /// What is wrong.
        finding: Box<Finding>,
    },
}

impl Run<'_> {
    /// Checks the signature over the text of `content_hash` (BUNDLE-07, BUNDLE-08).
    pub(crate) fn signature(&mut self, manifest: &Manifest) -> Result<SignatureChecked, Unsigned> {
        let stated = manifest.get("signature");
        if stated.is_none_or(is_falsy) {
            let at = member_location(manifest, "signature");
            let summary = "the manifest has no signature";
            let finding = Finding::failure(FailureCode::ManifestSignatureMissing, at, summary);
            let finding = Box::new(finding.rule("BUNDLE-08"));
            return Err(if self.options.allow_unsigned {
                Unsigned::Allowed(finding)
            } else {
                Unsigned::Missing(finding)
            });
        }
        let key = self.export_key(manifest)?;
        if let Some(embedded) = manifest.get("public_key").filter(is_stated)
            && !embedded.as_str().is_some_and(|embedded| key.is_written_as(embedded))
        {
            let at = member_location(manifest, "public_key");
            let summary = "the manifest carries another key than the one that is trusted";
            let shown = embedded.as_str().unwrap_or(embedded.kind().as_str());
            let finding = Finding::failure(ReasonClass::ManifestPublicKeyMismatch, at, summary)
                .rule("BUNDLE-07")
                .values(key.key_text(), shown)
                .detail("key_id", key.key_id().unwrap_or_default());
            let finding = Box::new(finding);
            return Err(Unsigned::Refused { verdict: Verdict::Disproved, finding });
        }
        self.report.trust.public_key = Some(key.key_text().to_owned());
        self.report.trust.channel = Some(key.channel().to_string());
        let key_id = manifest.text("key_id").or(key.key_id()).map(str::to_owned);
        self.report.trust.key_id =
            key_id.or_else(|| Some(key.public_key().export_key_id().to_string()));
        let hash = manifest.text("content_hash").and_then(Sha256Digest::from_prefixed);
        let text = stated.and_then(Value::as_str).unwrap_or_default();
        let checked = hash.map(|hash| verify_export_manifest(hash, text, &key));
        match checked {
            Some(Ok(checked)) => Ok(checked),
            Some(Err(problem)) => {
                let at = member_location(manifest, "signature");
                let finding = Finding::failure(signature_invalid(), at, problem.to_string())
                    .rule("BUNDLE-08")
                    .detail("key_id", key.key_id().unwrap_or_default())
                    .help(problem.help());
                let finding = Box::new(finding);
                Err(Unsigned::Refused { verdict: Verdict::Disproved, finding })
            }
            // No digest was signed, so that the content hash cannot match either.
            None => {
                let at = member_location(manifest, "content_hash");
                let summary = "the manifest states no content hash that could be signed";
                let finding = Box::new(Finding::failure(signature_invalid(), at, summary));
                Err(Unsigned::Refused { verdict: Verdict::Disproved, finding })
            }
        }
    }

    fn export_key(&self, manifest: &Manifest) -> Result<TrustedKey, Unsigned> {
        let purpose = KeyPurpose::ExportSigning;
        let refused = |verdict, finding: Finding| {
            Err(Unsigned::Refused { verdict, finding: Box::new(finding) })
        };
        match (self.trust.export_key(), self.trust.manifest()) {
            (ExportKey::Pinned(text), _) => TrustedKey::pinned(text, purpose).or_else(|error| {
                let at = Location::whole(Artifact::KeyManifest);
                let finding = Finding::failure(unresolvable(None), at, error.to_string());
                refused(Verdict::InsufficientEvidence, finding)
            }),
            (ExportKey::SelfAttested, _) => {
                let at = member_location(manifest, "public_key");
                let Some(text) = manifest.text("public_key") else {
                    let summary = "the manifest carries no key to be judged by";
                    let finding = Finding::failure(unresolvable(None), at, summary);
                    return refused(Verdict::InsufficientEvidence, finding);
                };
                TrustedKey::self_attested(text, purpose).or_else(|error| {
                    let finding = Finding::failure(signature_invalid(), at, error.to_string());
                    refused(Verdict::Disproved, finding.rule("BUNDLE-08"))
                })
            }
            (ExportKey::FromManifest, None) => {
                let at = Location::whole(Artifact::KeyManifest);
                let summary = "there is no key manifest";
                refused(
                    Verdict::InsufficientEvidence,
                    Finding::failure(unresolvable(None), at, summary),
                )
            }
            (ExportKey::FromManifest, Some(keys)) => {
                let key_id = match manifest.get("key_id").filter(is_stated) {
                    Some(named) if named.as_str().is_none() => {
                        let at = member_location(manifest, "key_id");
                        let summary = "the manifest names its key by something that is no text";
                        let code = Some(FailureCode::UnknownSigningKey);
                        let finding = Finding::failure(unresolvable(code), at, summary);
                        return refused(Verdict::InsufficientEvidence, finding.rule("BUNDLE-07"));
                    }
                    named => named.and_then(Value::as_str),
                };
                let signed_at = manifest.text("signed_at").and_then(Instant::parse);
                let request = KeyRequest::new().key_id(key_id).signed_at(signed_at);
                keys.resolve(purpose, &request, self.trust.mode()).or_else(|problem| {
                    let verdict = verdict_of_key(&problem, key_id.is_some());
                    let mut finding = keys.finding(&problem);
                    if verdict == Verdict::InsufficientEvidence {
                        finding.reason = unresolvable(Some(problem.code()));
                    }
                    refused(verdict, finding)
                })
            }
        }
    }
}

/// What a key problem says about the claim: a key that is known and was not to be used
/// contradicts it; a key that cannot be found leaves it open.
fn verdict_of_key(problem: &KeyProblem, named: bool) -> Verdict {
    match problem {
        KeyProblem::Compromised { .. } | KeyProblem::Revoked { .. } => Verdict::Disproved,
        KeyProblem::NotActive { .. } if named => Verdict::Disproved,
        _ => Verdict::InsufficientEvidence,
    }
}

fn unresolvable(code: Option<FailureCode>) -> Reason {
    let class = ReasonClass::TrustRootUnresolvable;
    match code {
        Some(code) => Reason::ClassWithCode { class, code },
        None => class.into(),
    }
}

fn signature_invalid() -> Reason {
    Reason::ClassWithCode {
        class: ReasonClass::SignatureVerificationFailed,
        code: FailureCode::ManifestSignatureInvalid,
    }
}

pub(crate) fn member_location(manifest: &Manifest, name: &str) -> Location {
    match manifest.get(name) {
        Some(value) => {
            let pointer = JsonPointer::root().member(name);
            Location::value(Artifact::Manifest, pointer, value.range())
        }
        None => Location::value(Artifact::Manifest, JsonPointer::root(), manifest.value().range()),
    }
}

/// Whether a member says anything, right or wrong. An empty text does: it names no key that there is.
fn is_stated(value: &&Value<'_>) -> bool {
    !value.is_null()
}

/// Whether a member counts as absent: null, false, zero or empty.
fn is_falsy(value: &Value<'_>) -> bool {
    use permit_canonical_json::Node;
    match value.node() {
        Node::Null => true,
        Node::Bool(value) => !value,
        Node::Number(number) => number.to_f64() == 0.0,
        Node::String(text) => text.is_empty(),
        Node::Array(elements) => elements.is_empty(),
        Node::Object(object) => object.is_empty(),
    }
}
