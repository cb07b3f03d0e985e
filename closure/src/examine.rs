// SPDX-License-Identifier: Apache-2.0

//! Judging one closure by itself: its form, its hash, its key, its labels and its status.
//!
//! ```text
//! CLOSE-02  unknown binding_version: told, and nothing else is looked at
//! CLOSE-17  canonical_hash = hex(SHA-256(canonical_json(signed members)))
//! CLOSE-16  the signature covers the 64 characters of that hash
//! CLOSE-19  by the key that binding_key_id names, for permit_binding_signing, at closure_signed_at
//! ```
//!
//! The mathematics of the signature is left for later: it can be done elsewhere and at once for many.

use alloc::{boxed::Box, format, string::ToString, vec::Vec};

use permit_canonical_json::{DigestSink, JsonPointer, Sha256Digest, Value, write_selected};
use permit_keys::{KeyManifest, Mode, PendingSignature, SignedMessage};
use permit_types::{Artifact, ClosureStatus, Finding, Instant, Location};

use crate::{
    carrier::Carrier,
    digest_matrix::DigestField,
    fault::{Aspect, ClosureFault, FaultKind},
};

/// The formats of closures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClosureFormat {
    /// Without anything about the dispatched bytes. Accepted forever, never written anew (CLOSE-01, CLOSE-03).
    V1,
    /// With the digest of the dispatched bytes.
    V2,
}

impl ClosureFormat {
    /// The `binding_version` of the format.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "closure_v1",
            Self::V2 => "closure_v2",
        }
    }

    /// The digests that closures of this format have.
    #[must_use]
    pub fn digests(self) -> &'static [DigestField] {
        match self {
            Self::V1 => &[DigestField::Provider, DigestField::Client],
            Self::V2 => &[DigestField::Dispatch, DigestField::Provider, DigestField::Client],
        }
    }

    /// The members that the signature of the format covers, in the order of the recipe;
    /// `usage_reported_at` is covered beside them if it is there.
    #[must_use]
    pub fn signed_members(self) -> &'static [&'static str] {
        match self {
            Self::V1 => &SIGNED_V1,
            Self::V2 => &SIGNED_V2,
        }
    }
}

/// The formats that the evidence's semantics know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownFormats {
    /// Whether `closure_v1` is known.
    pub v1: bool,
    /// Whether `closure_v2` is known.
    pub v2: bool,
}

/// How closures are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClosureRules {
    /// The formats that are known. Default both.
    pub known: KnownFormats,
    /// Whether the evidence pins the reference's recipe, which knows only the reference's own
    /// labels and wants every member there (AMB-03, AMB-06). Default no: other issuers
    /// have labels of their own (CLOSE-13).
    pub pinned_recipe: bool,
    /// The artifact that findings name.
    pub artifact: Artifact,
}

impl Default for ClosureRules {
    fn default() -> Self {
        Self {
            known: KnownFormats { v1: true, v2: true },
            pinned_recipe: false,
            artifact: Artifact::Export,
        }
    }
}

/// The keys that closures may be signed with; none, if no key manifest was given.
#[derive(Clone, Copy, Debug)]
pub struct BindingKeys<'k> {
    manifest: Option<&'k KeyManifest>,
    mode: Mode,
}

impl<'k> BindingKeys<'k> {
    /// The keys of a key manifest.
    #[must_use]
    pub fn of(manifest: &'k KeyManifest, mode: Mode) -> Self {
        Self { manifest: Some(manifest), mode }
    }

    /// No keys: no closure can be verified, since none brings its own key.
    #[must_use]
    pub fn none() -> Self {
        Self { manifest: None, mode: Mode::Production }
    }
}

/// What can be said of a closure by itself.
#[derive(Debug)]
#[non_exhaustive]
pub struct Examined<'v> {
    /// The format, if it is known.
    pub format: Option<ClosureFormat>,
    /// The permit it names.
    pub permit_id: Option<&'v str>,
    /// The status, if it is known.
    pub status: Option<ClosureStatus>,
    /// The digests it has: dispatch, provider, client. All empty if a fault was found.
    pub digests: [Option<Sha256Digest>; 3],
    /// The signature, ready to be checked.
    pub signature: Option<PendingSignature>,
    /// The first fault.
    pub fault: Option<Box<ClosureFault>>,
}

impl Examined<'_> {
    /// The digest of a field.
    #[must_use]
    pub fn digest(&self, field: DigestField) -> Option<Sha256Digest> {
        let [dispatch, provider, client] = self.digests;
        match field {
            DigestField::Dispatch => dispatch,
            DigestField::Provider => provider,
            DigestField::Client => client,
        }
    }
}

/// Judges a closure by itself and stops at its first fault.
///
/// `base` is the path to the carrier; `event_id` the event it came with.
#[must_use]
pub fn examine<'v>(
    carrier: &Carrier<'v>,
    rules: &ClosureRules,
    keys: &BindingKeys<'_>,
    base: &JsonPointer,
    event_id: Option<&str>,
) -> Examined<'v> {
    let permit_id = carrier.get("permit_id").and_then(Value::as_str).filter(|id| !id.is_empty());
    let mut examined = Examined {
        format: None,
        permit_id,
        status: None,
        digests: [None; 3],
        signature: None,
        fault: None,
    };
    let judge = Judge { carrier, rules, keys, base, permit_id, event_id };
    if let Err(fault) = judge.fill(&mut examined) {
        examined.digests = [None; 3];
        examined.fault = Some(fault);
    }
    examined
}

struct Judge<'j, 'v> {
    carrier: &'j Carrier<'v>,
    rules: &'j ClosureRules,
    keys: &'j BindingKeys<'j>,
    base: &'j JsonPointer,
    permit_id: Option<&'v str>,
    event_id: Option<&'j str>,
}

impl<'v> Judge<'_, 'v> {
    fn fill(&self, examined: &mut Examined<'v>) -> Result<(), Box<ClosureFault>> {
        let format = self.format()?;
        examined.format = Some(format);
        if self.permit_id.is_none() {
            let summary = "the closure names no permit";
            return Err(self.member_fault(FaultKind::PermitIdMissing, "permit_id", summary));
        }
        self.check_members(format)?;
        let hash = self.check_hash(format)?;
        examined.signature = Some(self.signature(hash)?);
        self.check_labels(format)?;
        let status = self.status()?;
        examined.status = Some(status);
        if status != ClosureStatus::MissingClosure {
            examined.digests = self.digests(format)?;
        }
        Ok(())
    }

    fn format(&self) -> Result<ClosureFormat, Box<ClosureFault>> {
        let stated = self.carrier.get("binding_version");
        let known = self.rules.known;
        match stated.and_then(Value::as_str) {
            Some("closure_v1") if known.v1 => Ok(ClosureFormat::V1),
            Some("closure_v2") if known.v2 => Ok(ClosureFormat::V2),
            _ => {
                let summary = "the closure is of a format that is not known here";
                let fault = self.member_fault(FaultKind::UnknownFormat, "binding_version", summary);
                Err(fault.with(|finding| {
                    finding
                        .values("`closure_v1` or `closure_v2`", shown(stated))
                        .detail("binding_version", shown(stated))
                }))
            }
        }
    }

    fn check_members(&self, format: ClosureFormat) -> Result<(), Box<ClosureFault>> {
        for name in format.signed_members() {
            let optional = *name == DigestField::Dispatch.member() && !self.rules.pinned_recipe;
            if self.carrier.get(name).is_none() && !optional {
                let summary = format!("the closure lacks `{name}`, which its signature covers");
                let fault = self.member_fault(FaultKind::MemberMissing, name, &summary);
                return Err(fault);
            }
        }
        Ok(())
    }

    fn check_hash(&self, format: ClosureFormat) -> Result<Sha256Digest, Box<ClosureFault>> {
        let stated = self.carrier.canonical_hash();
        let Some(text) = stated.and_then(Value::as_str).filter(|text| !text.trim().is_empty())
        else {
            let summary = "the closure states no canonical hash";
            return Err(self.fault(FaultKind::HashMissing, self.whole(), summary));
        };
        if self.carrier.signature().is_none() {
            let summary = "the closure has no signature";
            return Err(self.fault(FaultKind::SignatureMissing, self.whole(), summary));
        }
        let mut names: Vec<&str> = format.signed_members().to_vec();
        names.push(OPTIONAL_MEMBER);
        let mut sink = DigestSink::new();
        let written = write_selected(self.carrier.signed_members(&names), &mut sink);
        if let Err(problem) = written {
            let summary = format!("the closure cannot be hashed: {problem}");
            return Err(self.fault(FaultKind::NotCanonical, self.whole(), &summary));
        }
        let computed = sink.finish();
        if text == computed.hex().as_str() {
            return Ok(computed);
        }
        let at = Location::value(
            self.rules.artifact,
            self.base.clone(),
            stated.map_or(self.carrier.range(), Value::range),
        );
        let summary = "the closure does not hash to its canonical hash";
        let fault = self.fault(FaultKind::HashMismatch, at, summary);
        Err(fault.with(|finding| finding.values(computed.to_string(), text)))
    }

    fn signature(&self, hash: Sha256Digest) -> Result<PendingSignature, Box<ClosureFault>> {
        let key_id = self.key_id()?;
        let signed_at = self.carrier.get("closure_signed_at").and_then(Value::as_str);
        let Some(manifest) = self.keys.manifest else {
            let summary = "there is no key manifest to verify closures with";
            let fault = self.member_fault(FaultKind::KeyNotUsable, "binding_key_id", summary);
            return Err(fault.with(|finding| {
                finding.help(
                    "give the issuer's key manifest; a pinned or embedded export key says nothing about closures",
                )
            }));
        };
        let Some(instant) = signed_at.and_then(Instant::parse) else {
            let summary = "the closure does not say when it was signed";
            return Err(self.member_fault(FaultKind::KeyNotUsable, "closure_signed_at", summary));
        };
        let key = manifest.resolve_binding_key(key_id, Some(instant), self.keys.mode);
        let key = key.map_err(|problem| {
            let summary = format!("the key of the closure cannot be relied on: {problem}");
            let fault = self.member_fault(FaultKind::KeyNotUsable, "binding_key_id", &summary);
            fault.with(|finding| {
                finding
                    .detail("signed_at", signed_at.unwrap_or_default())
                    .detail("key_problem", problem.code().as_str())
                    .help(problem.help())
            })
        })?;
        let text = self.carrier.signature().and_then(Value::as_str).unwrap_or_default();
        PendingSignature::new(SignedMessage::closure(hash), text, &key).map_err(|problem| {
            let at = Location::value(
                self.rules.artifact,
                self.base.clone(),
                self.carrier.signature().map_or(self.carrier.range(), Value::range),
            );
            let fault = self.fault(FaultKind::SignatureInvalid, at, &problem.to_string());
            fault.with(|finding| finding.help(problem.help()))
        })
    }

    /// The key that the closure names, in its payload and, if it has one, its envelope (AMB-07).
    fn key_id(&self) -> Result<&'v str, Box<ClosureFault>> {
        let inner = self.carrier.get("binding_key_id");
        let Some(id) = inner.and_then(Value::as_str).filter(|id| !id.is_empty()) else {
            let summary = "the closure names no key";
            return Err(self.member_fault(FaultKind::KeyNotUsable, "binding_key_id", summary));
        };
        match self.carrier.envelope_key_id() {
            Some(outer) if outer.as_str() != Some(id) => {
                let summary = "the closure and its envelope name different keys";
                let fault = self.member_fault(FaultKind::KeyIdMismatch, "binding_key_id", summary);
                Err(fault.with(|finding| finding.values(id, shown(Some(outer)))))
            }
            _ => Ok(id),
        }
    }

    fn check_labels(&self, format: ClosureFormat) -> Result<(), Box<ClosureFault>> {
        for field in format.digests() {
            let name = field.label_member();
            let value = self.carrier.get(name);
            let expected = self.label(*field);
            let fits = match (expected, value.and_then(Value::as_str)) {
                (_, None) => *field != DigestField::Dispatch && value.is_some_and(Value::is_null),
                (Some(expected), Some(label)) => label == expected,
                (None, Some(label)) => !label.is_empty(),
            };
            if !fits {
                let summary = format!("`{name}` is not what this format says");
                let expected = expected.unwrap_or("a text of at least one character");
                return Err(self.digest_fault(FaultKind::Label, *field, name, &summary, expected));
            }
        }
        Ok(())
    }

    /// The one label that is right, if there is only one (AMB-03, CLOSE-13).
    fn label(&self, field: DigestField) -> Option<&'static str> {
        let only_one = field == DigestField::Dispatch || self.rules.pinned_recipe;
        only_one.then(|| field.reference_label())
    }

    fn status(&self) -> Result<ClosureStatus, Box<ClosureFault>> {
        let stated = self.carrier.get("closure_status");
        stated.and_then(Value::as_str).and_then(ClosureStatus::parse).ok_or_else(|| {
            let summary = "the status of the closure is none of the eight there are";
            let fault = self.member_fault(FaultKind::UnknownStatus, "closure_status", summary);
            let words: Vec<&str> = ClosureStatus::ALL.iter().map(|word| word.as_str()).collect();
            fault.with(|finding| {
                finding
                    .values(words.join(", "), shown(stated))
                    .detail("closure_status", shown(stated))
            })
        })
    }

    fn digests(
        &self,
        format: ClosureFormat,
    ) -> Result<[Option<Sha256Digest>; 3], Box<ClosureFault>> {
        let mut digests = [None; 3];
        let fields = [DigestField::Dispatch, DigestField::Provider, DigestField::Client];
        for (digest, field) in digests.iter_mut().zip(fields) {
            if !format.digests().contains(&field) {
                continue;
            }
            let name = field.member();
            let value = self.carrier.get(name);
            *digest = read_digest(value).map_err(|NotADigest| {
                let summary = format!("`{name}` is no SHA-256 digest");
                let expected = "64 lowercase hexadecimal characters";
                self.digest_fault(FaultKind::MalformedDigest, field, name, &summary, expected)
            })?;
        }
        Ok(digests)
    }

    fn whole(&self) -> Location {
        Location::value(self.rules.artifact, self.base.clone(), self.carrier.range())
    }

    fn member_fault(&self, kind: FaultKind, name: &str, summary: &str) -> Box<ClosureFault> {
        let at = match self.carrier.get(name) {
            Some(value) => Location::value(
                self.rules.artifact,
                self.carrier.path_to(self.base.clone(), name),
                value.range(),
            ),
            None => self.whole(),
        };
        self.fault(kind, at, summary)
    }

    fn fault(&self, kind: FaultKind, at: Location, summary: &str) -> Box<ClosureFault> {
        let fault = Box::new(new_fault(kind, at, summary, self.permit_id, self.event_id));
        if kind.aspect() != Aspect::Signature {
            return fault;
        }
        let key_id = self
            .carrier
            .get("binding_key_id")
            .map_or_else(|| "<none>".to_string(), |value| shown(Some(value)));
        fault.with(|finding| finding.detail("key_id", key_id))
    }

    /// A fault of a digest before it was compared with anything.
    fn digest_fault(
        &self,
        kind: FaultKind,
        field: DigestField,
        name: &str,
        summary: &str,
        expected: &str,
    ) -> Box<ClosureFault> {
        let fault = self.member_fault(kind, name, summary);
        fault.with(|finding| {
            finding
                .values(expected, shown(self.carrier.get(name)))
                .detail("field", name)
                .detail("closure_digest", shown(self.carrier.get(field.member())))
                .detail("event_digest", "not compared")
        })
    }
}

/// A fault with the details that every report about closures has (CLOSE-23).
pub(crate) fn new_fault(
    kind: FaultKind,
    at: Location,
    summary: &str,
    permit_id: Option<&str>,
    event_id: Option<&str>,
) -> ClosureFault {
    let mut finding = Finding::failure(kind.reason(), at, summary)
        .rule(kind.rule())
        .detail("permit_id", permit_id.unwrap_or("<none>"));
    if let Some(event_id) = event_id {
        finding = finding.detail("event_id", event_id);
    }
    if let Some(part) = kind.sub_failure() {
        finding = finding.detail("sub_failure", part);
    }
    ClosureFault { kind, finding }
}

/// Something that stands where a digest belongs and is none.
pub(crate) struct NotADigest;

/// Reads a digest; a blank text counts as none, as null does.
pub(crate) fn read_digest(value: Option<&Value<'_>>) -> Result<Option<Sha256Digest>, NotADigest> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
    let text = value.as_str().ok_or(NotADigest)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    Sha256Digest::from_hex(text).map(Some).ok_or(NotADigest)
}

/// A value as messages show it.
pub(crate) fn shown(value: Option<&Value<'_>>) -> alloc::string::String {
    match value {
        None => "nothing".to_string(),
        Some(value) => match (value.as_str(), value.as_number()) {
            (Some(text), _) => text.to_string(),
            (None, Some(number)) => number.as_str().to_string(),
            (None, None) => value.kind().to_string(),
        },
    }
}

const SIGNED_V1: [&str; 20] = [
    "binding_version",
    "permit_id",
    "execution_id",
    "correlation_id",
    "provider",
    "model",
    "provider_response_digest_v1",
    "client_response_digest_v1",
    "closure_status",
    "status_code",
    "provider_response_id",
    "provider_response_digest_semantics",
    "client_response_digest_semantics",
    "request_created_at",
    "started_at",
    "completed_at",
    "provider_response_received_at",
    "client_response_delivered_at",
    "closure_signed_at",
    "binding_key_id",
];

const SIGNED_V2: [&str; 22] = [
    "binding_version",
    "permit_id",
    "execution_id",
    "correlation_id",
    "provider",
    "model",
    "dispatch_request_digest_v1",
    "provider_response_digest_v1",
    "client_response_digest_v1",
    "closure_status",
    "status_code",
    "provider_response_id",
    "dispatch_request_digest_semantics",
    "provider_response_digest_semantics",
    "client_response_digest_semantics",
    "request_created_at",
    "started_at",
    "completed_at",
    "provider_response_received_at",
    "client_response_delivered_at",
    "closure_signed_at",
    "binding_key_id",
];

/// Covered by the signature if it is there.
const OPTIONAL_MEMBER: &str = "usage_reported_at";
