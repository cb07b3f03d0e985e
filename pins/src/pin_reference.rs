// SPDX-License-Identifier: Apache-2.0

//! One reference to a semantic artifact, from text to meaning.
//!
//! ```text
//! reference   id, hash, and one carrier: content_b64, or path           (pinning document)
//! hash        "sha256:" and 64 lowercase hexadecimal characters, over the exact bytes
//!
//! bytes there   hash them ─► same as stated? ─► read strictly ─► same id? ─► (id, hash) allowed?
//! no bytes                                                                  (id, hash) allowed?
//! ```

use core::fmt;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use permit_canonical_json::{
    ByteRange, Excerpt, JsonPointer, ReadError, Sha256Digest, Value, read,
};
use permit_claims::{LEGACY_PROFILE, SemanticArtifact, Unsupported, UsedPin};
use permit_failure_codes::ReasonClass;
use permit_types::{Artifact, Finding, Location};

use crate::{
    allow_list::{Publisher, ReleasedArtifact, Selection},
    artifact_document::artifact_budget,
    pack_files::{PackFileProblem, PackFiles},
    pack_path::PackPath,
    semantics::{HASH_MISMATCH, NOT_ALLOWLISTED, UNRESOLVED, used},
};

/// Who names an artifact, in the words of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PinSource {
    Registry,
    Profile,
    Artifact(usize),
    ProfileComponent(usize),
}

impl fmt::Display for PinSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry => f.write_str("claim_set.registry"),
            Self::Profile => f.write_str("semantics_pins.profile"),
            Self::Artifact(index) => write!(f, "semantics_pins.artifacts[{index}]"),
            Self::ProfileComponent(index) => write!(f, "profile components[{index}]"),
        }
    }
}

impl PinSource {
    fn pointer(self) -> JsonPointer {
        let pins = JsonPointer::root().member("semantics_pins");
        match self {
            Self::Registry => JsonPointer::root().member("claim_set").member("registry"),
            Self::Profile | Self::ProfileComponent(_) => pins.member("profile"),
            Self::Artifact(index) => {
                pins.member("artifacts").index(u64::try_from(index).unwrap_or(u64::MAX))
            }
        }
    }
}

/// A reference to a semantic artifact.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PinReference<'v> {
    source: PinSource,
    artifact: Artifact,
    range: ByteRange,
    id: Option<&'v str>,
    hash: Option<&'v str>,
    carrier: Carrier<'v>,
}

/// How the bytes come along.
#[derive(Clone, Copy, Debug)]
enum Carrier<'v> {
    Inline(&'v str),
    Path(&'v str),
    /// Not at all; the hash alone names them.
    None,
    /// A member that is no text.
    Malformed(&'static str),
}

/// Why a reference does not resolve.
#[derive(Debug)]
pub(crate) struct PinFault {
    pub(crate) verdict: Unsupported,
    pub(crate) finding: Finding,
    /// The pin as the report lists it, once there are bytes to speak of.
    pub(crate) pin: Option<UsedPin>,
    pub(crate) limit: bool,
}

impl PinFault {
    /// Something that is required is absent or does not resolve.
    pub(crate) fn insufficient(finding: Finding) -> Box<Self> {
        let verdict = Unsupported::InsufficientEvidence;
        Box::new(Self { verdict, finding, pin: None, limit: false })
    }
}

impl<'v> PinReference<'v> {
    /// Reads a reference. What is malformed shows when it is resolved.
    pub(crate) fn read(value: &'v Value<'_>, artifact: Artifact, source: PinSource) -> Self {
        let text = |name| value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let stated = |name| value.get(name).filter(|value| !value.is_null());
        let carrier = match (stated("content_b64"), stated("path")) {
            (Some(inline), _) => {
                inline.as_str().map_or(Carrier::Malformed("content_b64"), Carrier::Inline)
            }
            (None, Some(path)) => path.as_str().map_or(Carrier::Malformed("path"), Carrier::Path),
            (None, None) => Carrier::None,
        };
        let range = value.range();
        Self { source, artifact, range, id: text("id"), hash: text("hash"), carrier }
    }

    /// What the legacy profile names for an artifact; the place is that of the profile.
    pub(crate) fn of_profile(artifact: SemanticArtifact, profile: &Self) -> Option<Self> {
        let mut components = (0_usize..).zip(LEGACY_PROFILE.components());
        let (index, (_, hash)) = components.find(|(_, (found, _))| *found == artifact)?;
        let path = ReleasedArtifact::find(artifact.id(), hash)?.released_path();
        Some(Self {
            source: PinSource::ProfileComponent(index),
            artifact: profile.artifact,
            range: profile.range,
            id: Some(artifact.id()),
            hash: Some(hash),
            carrier: path.map_or(Carrier::None, Carrier::Path),
        })
    }

    pub(crate) fn source(&self) -> PinSource {
        self.source
    }

    pub(crate) fn hash(&self) -> Option<&'v str> {
        self.hash
    }

    /// Where the reference stands.
    pub(crate) fn location(&self) -> Location {
        Location::value(self.artifact, self.source.pointer(), self.range)
    }

    /// What the reference means.
    pub(crate) fn resolve(
        &self,
        files: &dyn PackFiles,
    ) -> Result<&'static ReleasedArtifact, Box<PinFault>> {
        let (Some(id), Some(hash)) = (self.id, self.hash) else {
            let finding = self.unresolved("the reference does not state an id and a hash");
            return Err(PinFault::insufficient(finding.rule("CLAIM-09")));
        };
        match self.supplied(id, files)? {
            Supplied::Bytes(bytes) => self.judge(id, hash, &bytes),
            Supplied::Nothing => ReleasedArtifact::find(id, hash).ok_or_else(|| {
                let summary = format!("`{}` is not in the pack", Excerpt(id));
                PinFault::insufficient(self.unresolved(summary).rule("PIN-02").detail("id", id))
            }),
            Supplied::Released(actual) => self.judge_unseen(id, hash, actual),
        }
    }

    fn supplied(&self, id: &str, files: &dyn PackFiles) -> Result<Supplied, Box<PinFault>> {
        let unresolved = |summary: String| {
            PinFault::insufficient(self.unresolved(summary).rule("PIN-02").detail("id", id))
        };
        match self.carrier {
            Carrier::None => Ok(Supplied::Nothing),
            Carrier::Malformed(member) => Err(unresolved(format!("`{member}` is not a text"))),
            Carrier::Inline(text) => BASE64.decode(text).map(Supplied::Bytes).map_err(|_| {
                unresolved(format!("`content_b64` of `{}` is not base64", Excerpt(id)))
            }),
            Carrier::Path(text) => {
                let path = PackPath::parse(text).map_err(|error| unresolved(error.to_string()))?;
                match files.read(&path) {
                    Ok(Some(bytes)) => Ok(Supplied::Bytes(bytes)),
                    Ok(None) => Ok(released_at(id, &path)),
                    Err(problem) => {
                        let mut fault = unresolved(format!("`{}`: {problem}", Excerpt(text)));
                        fault.limit = matches!(problem, PackFileProblem::TooLong { .. });
                        Err(fault)
                    }
                }
            }
        }
    }

    /// Judges bytes: first by their hash, then by what they say, last by whether they are known
    /// (PIN-01).
    fn judge(
        &self,
        id: &str,
        hash: &str,
        bytes: &[u8],
    ) -> Result<&'static ReleasedArtifact, Box<PinFault>> {
        let actual = Sha256Digest::of(bytes).prefixed().to_string();
        if actual != hash {
            return Err(self.mismatch(id, hash, &actual));
        }
        let budget = artifact_budget();
        let value = read(bytes, &budget).map_err(|error| self.unreadable(id, hash, &error))?;
        if let Some(problem) = identity_problem(id, &value) {
            return Err(self.not_what_it_says(id, hash, &problem));
        }
        ReleasedArtifact::find(id, hash).ok_or_else(|| self.not_allowed(id, hash))
    }

    /// Judges bytes that are known without being there. The registry has old states that stood at
    /// the path of the current one, and ours stand at the paths of the reference's.
    fn judge_unseen(
        &self,
        id: &str,
        hash: &str,
        actual: &'static ReleasedArtifact,
    ) -> Result<&'static ReleasedArtifact, Box<PinFault>> {
        let same = actual.hash() == hash;
        match ReleasedArtifact::find(id, hash) {
            Some(known) if same || matches!(known.selects(), Selection::Registry(_)) => Ok(known),
            Some(known) if known.publisher() == Publisher::PermitRs => Ok(known),
            _ if same && (actual.names_itself() || stated_version(id).is_some()) => {
                let summary = format!("the bytes are those of `{}`", actual.id());
                Err(self.not_what_it_says(id, hash, &summary))
            }
            _ if same => Err(self.not_allowed(id, hash)),
            _ => {
                let mut fault = self.mismatch(id, hash, actual.hash());
                fault.finding.summary =
                    format!("`{}` is not in the pack, and released with another hash", Excerpt(id));
                fault.finding.help = "put the bytes into the pack; if a newer release has them, \
                    only a verifier that knows that release can judge by them"
                    .into();
                Err(fault)
            }
        }
    }

    fn mismatch(&self, id: &str, stated: &str, actual: &str) -> Box<PinFault> {
        let summary = format!("the bytes of `{}` have another hash than stated", Excerpt(id));
        let finding =
            Finding::failure(ReasonClass::SemanticPinHashMismatch, self.location(), summary)
                .rule("PIN-03")
                .values(stated, actual)
                .detail("id", id);
        let mut fault = PinFault::insufficient(finding);
        fault.pin = Some(self.used(id, stated, HASH_MISMATCH));
        fault
    }

    fn unreadable(&self, id: &str, hash: &str, error: &ReadError) -> Box<PinFault> {
        let mut fault = self.not_what_it_says(id, hash, &format!("it cannot be read: {error}"));
        fault.finding.at = Location::value(Artifact::SemanticArtifact, error.pointer(), error.at());
        fault.limit = error.kind().is_limit();
        fault
    }

    /// The bytes are those that are stated, and do not say what the id promises.
    fn not_what_it_says(&self, id: &str, hash: &str, problem: &str) -> Box<PinFault> {
        let summary = format!("`{}` is not what its id says: {problem}", Excerpt(id));
        let finding = self.unresolved(summary).rule("PIN-02").detail("id", id);
        let mut fault = PinFault::insufficient(finding);
        fault.pin = Some(self.used(id, hash, UNRESOLVED));
        fault
    }

    fn not_allowed(&self, id: &str, hash: &str) -> Box<PinFault> {
        let known: Vec<_> = ReleasedArtifact::of_id(id).map(ReleasedArtifact::hash).collect();
        let summary = format!("`{}` with this hash is not known here", Excerpt(id));
        let at = self.location();
        let finding = Finding::failure(ReasonClass::SemanticPinNotAllowlisted, at, summary)
            .rule("PIN-04")
            .values(
                if known.is_empty() { "a released id".to_owned() } else { known.join(" or ") },
                hash,
            )
            .detail("id", id);
        let pin = Some(self.used(id, hash, NOT_ALLOWLISTED));
        Box::new(PinFault { verdict: Unsupported::UnverifiableScope, finding, pin, limit: false })
    }

    fn unresolved(&self, summary: impl Into<String>) -> Finding {
        Finding::failure(ReasonClass::SemanticPinUnresolved, self.location(), summary)
    }

    fn used(&self, id: &str, hash: &str, status: &'static str) -> UsedPin {
        used(id, hash, self.source.to_string(), status)
    }
}

/// What there is to hash.
enum Supplied {
    Bytes(Vec<u8>),
    /// The pack has no bytes; those that a release has under this name are known by their hash.
    Released(&'static ReleasedArtifact),
    Nothing,
}

/// What a release has at a path of which the pack has no file.
///
/// The reference has the released files beside it and takes them where a pack has none. Here
/// their hashes do the same: that a pin states another hash than the file has shows without it.
fn released_at(id: &str, path: &PackPath) -> Supplied {
    let released = if id == LEGACY_PROFILE.id {
        ReleasedArtifact::find(id, LEGACY_PROFILE.hash)
    } else {
        ReleasedArtifact::at_path(path)
    };
    released.map_or(Supplied::Nothing, Supplied::Released)
}

/// What in an artifact contradicts its id.
fn identity_problem(id: &str, value: &Value<'_>) -> Option<String> {
    if value.as_object().is_none() {
        return Some(format!("it is {}, not an object", value.kind()));
    }
    let text = |name| value.get(name).and_then(Value::as_str);
    if let Some(own) = text("id").filter(|own| *own != id) {
        return Some(format!("it calls itself `{}`", Excerpt(own)));
    }
    let version = stated_version(id)?;
    (text("version") != Some(version)).then(|| format!("its version is not `{version}`"))
}

/// The version that the artifacts state which have no id of their own.
fn stated_version(id: &str) -> Option<&'static str> {
    match SemanticArtifact::parse(id)? {
        SemanticArtifact::ClaimRegistry => Some(CLAIM_SET_VERSION),
        SemanticArtifact::AuthorityEnvelope => Some(SemanticArtifact::AuthorityEnvelope.id()),
        _ => None,
    }
}

/// The version of claim sets, and of the registry that they name claims of.
pub(crate) const CLAIM_SET_VERSION: &str = "verifier-claims.v0";

/// Standard alphabet and required padding; the unused bits of the last character are free, since
/// the bytes are hashed and not the text.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);
