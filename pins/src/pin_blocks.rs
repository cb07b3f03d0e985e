// SPDX-License-Identifier: Apache-2.0

//! The blocks `claim_set` and `semantics_pins`, as issuers write them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use permit_canonical_json::{Object, Sha256Digest, Value};
use permit_claims::{Claim, LEGACY_PROFILE, SemanticArtifact};

use crate::{
    allow_list::{Publisher, ReleasedArtifact, Selection},
    pack_path::PackPath,
    pin_reference::CLAIM_SET_VERSION,
    resolver::{PINS_MODE, PINS_VERSION},
    semantics::RequestedClaim,
};

/// A reference to a released artifact, and how its bytes come along.
///
/// | carrier | who resolves it |
/// |---|---|
/// | inline | every verifier |
/// | path | every verifier, if the pack has the file there; 2.5.1 of the reference and this crate also without, if it is the released path |
/// | hash only | this crate; the reference calls it unresolved |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    released: &'static ReleasedArtifact,
    carrier: Carrier,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Carrier {
    Inline(Vec<u8>),
    Path(PackPath),
    HashOnly,
}

impl Pin {
    /// A pin that brings its bytes along. They say themselves what they are: their hash does.
    ///
    /// # Errors
    /// If these are not the bytes of a released artifact. Whoever reads them could not know what
    /// they mean (PIN-04).
    pub fn inline(bytes: Vec<u8>) -> Result<Self, PinWriteError> {
        let actual = Sha256Digest::of(&bytes);
        match ReleasedArtifact::with_hash(&actual.prefixed().to_string()) {
            Some(released) => Ok(Self { released, carrier: Carrier::Inline(bytes) }),
            None => Err(PinWriteError::NotReleased { actual }),
        }
    }

    /// A pin whose bytes lie in the pack at this path.
    #[must_use]
    pub fn at_path(released: &'static ReleasedArtifact, path: PackPath) -> Self {
        Self { released, carrier: Carrier::Path(path) }
    }

    /// A pin that names the path of a release; without bytes where there is no such path.
    #[must_use]
    pub fn at_released_path(released: &'static ReleasedArtifact) -> Self {
        let path = released.released_path().and_then(|path| PackPath::parse(path).ok());
        Self { released, carrier: path.map_or(Carrier::HashOnly, Carrier::Path) }
    }

    /// A pin without bytes.
    #[must_use]
    pub fn hash_only(released: &'static ReleasedArtifact) -> Self {
        Self { released, carrier: Carrier::HashOnly }
    }

    /// The artifact.
    #[must_use]
    pub fn released(&self) -> &'static ReleasedArtifact {
        self.released
    }

    fn to_value(&self) -> Value<'static> {
        let mut object = Object::default();
        object.insert("id", self.released.id());
        object.insert("hash", self.released.hash());
        match &self.carrier {
            Carrier::Inline(bytes) => object.insert("content_b64", STANDARD.encode(bytes)),
            Carrier::Path(path) => object.insert("path", path.as_str().to_owned()),
            Carrier::HashOnly => {}
        }
        object.into()
    }
}

/// Collects requests and pins, and refuses to write blocks that do not resolve (CLAIM-07).
///
/// ```
/// use permit_canonical_json::Object;
/// use permit_claims::{Claim, SemanticArtifact};
/// use permit_pins::{Pin, PinWriteError, PinWriter, ReleasedArtifact, RequestedClaim};
///
/// let writer = PinWriter::new(Pin::at_released_path(ReleasedArtifact::current_registry()))
///     .request(RequestedClaim::new(Claim::ExportIntegrity, true));
/// let artifact = SemanticArtifact::ExportManifestIntegrity;
/// assert_eq!(writer.clone().write(), Err(PinWriteError::Unpinned { claim: Claim::ExportIntegrity, artifact }));
///
/// let writer = writer.pin(Pin::at_released_path(ReleasedArtifact::current(artifact).unwrap()));
/// let mut manifest = Object::default();
/// writer.write()?.insert_into(&mut manifest);
/// assert!(manifest.get("claim_set").is_some() && manifest.get("semantics_pins").is_some());
/// # Ok::<(), PinWriteError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinWriter {
    registry: Pin,
    requests: Vec<RequestedClaim>,
    profile: Option<Pin>,
    artifacts: Vec<Pin>,
}

/// Why blocks cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PinWriteError {
    /// The bytes are those of no released artifact.
    #[error("no released artifact has the hash `sha256:{actual}`")]
    NotReleased {
        /// The hash that the bytes have.
        actual: Sha256Digest,
    },
    /// Something else stands where the registry belongs.
    #[error("`{id}` is no claim registry")]
    NoRegistry {
        /// What stands there.
        id: &'static str,
    },
    /// Something else stands where the profile belongs.
    #[error("`{id}` is no profile")]
    NoProfile {
        /// What stands there.
        id: &'static str,
    },
    /// A registry or a profile stands among the artifacts.
    #[error("`{id}` is no artifact that claims are judged by")]
    NoRecipe {
        /// What stands there.
        id: &'static str,
    },
    /// Nothing is requested.
    #[error("no claim is requested")]
    NoClaims,
    /// A claim is requested twice.
    #[error("`{claim}` is requested twice")]
    RequestedTwice {
        /// The claim.
        claim: Claim,
    },
    /// An artifact is pinned twice.
    #[error("`{artifact}` is pinned twice")]
    PinnedTwice {
        /// The artifact.
        artifact: SemanticArtifact,
    },
    /// The registry does not define a claim that is requested.
    #[error("the registry does not define `{claim}`")]
    Undefined {
        /// The claim.
        claim: Claim,
    },
    /// A claim needs an artifact that is not pinned.
    #[error("`{claim}` needs `{artifact}`, which is not pinned")]
    Unpinned {
        /// The claim.
        claim: Claim,
        /// The artifact.
        artifact: SemanticArtifact,
    },
}

impl PinWriter {
    /// Nothing but the registry that the names of claims are of.
    #[must_use]
    pub fn new(registry: Pin) -> Self {
        Self { registry, requests: Vec::new(), profile: None, artifacts: Vec::new() }
    }

    /// All that these claims need, in the current registry: `carry` says how each artifact comes
    /// along. The artifacts are those of the reference, which every verifier knows.
    #[must_use]
    pub fn for_claims(
        requests: impl IntoIterator<Item = RequestedClaim>,
        carry: impl FnMut(&'static ReleasedArtifact) -> Pin,
    ) -> Self {
        Self::for_claims_by(Publisher::Reference, requests, carry)
    }

    /// The same with the artifacts of one publisher. Ours are known to verifiers of this project
    /// alone: the reference answers `unverifiable_scope` to a pack that pins them.
    #[must_use]
    pub fn for_claims_by(
        publisher: Publisher,
        requests: impl IntoIterator<Item = RequestedClaim>,
        mut carry: impl FnMut(&'static ReleasedArtifact) -> Pin,
    ) -> Self {
        let registry = ReleasedArtifact::of(publisher, SemanticArtifact::ClaimRegistry);
        let registry = registry.unwrap_or_else(ReleasedArtifact::current_registry);
        let mut writer = Self::new(carry(registry));
        for request in requests {
            for artifact in request.claim.needs() {
                if let Some(released) = ReleasedArtifact::of(publisher, *artifact)
                    && !writer.pins(*artifact)
                {
                    writer.artifacts.push(carry(released));
                }
            }
            writer.requests.push(request);
        }
        writer
    }

    /// Requests a claim.
    #[must_use]
    pub fn request(mut self, request: RequestedClaim) -> Self {
        self.requests.push(request);
        self
    }

    /// Pins an artifact.
    #[must_use]
    pub fn pin(mut self, pin: Pin) -> Self {
        self.artifacts.push(pin);
        self
    }

    /// Names the profile, which stands for its fifteen components (PIN-05).
    #[must_use]
    pub fn profile(mut self, pin: Pin) -> Self {
        self.profile = Some(pin);
        self
    }

    fn pins(&self, artifact: SemanticArtifact) -> bool {
        let selects = Selection::Recipe(artifact);
        self.artifacts.iter().any(|pin| pin.released.selects() == selects)
    }

    /// Writes the blocks.
    ///
    /// # Errors
    /// If a verifier could not resolve them.
    pub fn write(self) -> Result<PinBlocks, PinWriteError> {
        let Selection::Registry(release) = self.registry.released.selects() else {
            return Err(PinWriteError::NoRegistry { id: self.registry.released.id() });
        };
        self.check_pins()?;
        if self.requests.is_empty() {
            return Err(PinWriteError::NoClaims);
        }
        for (index, request) in self.requests.iter().enumerate() {
            let claim = request.claim;
            if self.requests.iter().take(index).any(|before| before.claim == claim) {
                return Err(PinWriteError::RequestedTwice { claim });
            }
            if !release.defines(claim) {
                return Err(PinWriteError::Undefined { claim });
            }
            let missing = claim.needs().iter().find(|artifact| !self.provides(**artifact));
            if let Some(artifact) = missing {
                return Err(PinWriteError::Unpinned { claim, artifact: *artifact });
            }
        }
        Ok(self.blocks())
    }

    fn check_pins(&self) -> Result<(), PinWriteError> {
        let profile = self.profile.as_ref().map(|pin| pin.released);
        if let Some(other) = profile.filter(|pin| pin.selects() != Selection::LegacyProfile) {
            return Err(PinWriteError::NoProfile { id: other.id() });
        }
        let mut seen = Vec::new();
        for pin in &self.artifacts {
            let Selection::Recipe(artifact) = pin.released.selects() else {
                return Err(PinWriteError::NoRecipe { id: pin.released.id() });
            };
            if seen.contains(&artifact) {
                return Err(PinWriteError::PinnedTwice { artifact });
            }
            seen.push(artifact);
        }
        Ok(())
    }

    fn provides(&self, artifact: SemanticArtifact) -> bool {
        let mut components = LEGACY_PROFILE.components();
        self.pins(artifact)
            || self.profile.is_some() && components.any(|(component, _)| component == artifact)
    }

    fn blocks(&self) -> PinBlocks {
        let claims = self.requests.iter().map(|request| {
            Value::object([
                ("name", Value::from(request.claim.as_str())),
                ("required", request.required.into()),
            ])
        });
        let claim_set = Value::object([
            ("version", Value::from(CLAIM_SET_VERSION)),
            ("registry", self.registry.to_value()),
            ("claims", Value::array(claims)),
        ]);
        let mut pins = Object::default();
        pins.insert("version", PINS_VERSION);
        pins.insert("mode", PINS_MODE);
        if let Some(profile) = &self.profile {
            pins.insert("profile", profile.to_value());
        }
        pins.insert("artifacts", Value::array(self.artifacts.iter().map(Pin::to_value)));
        PinBlocks { claim_set, semantics_pins: pins.into() }
    }
}

/// The two blocks of a pinned pack. They resolve, and they only come together (CLAIM-07).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinBlocks {
    claim_set: Value<'static>,
    semantics_pins: Value<'static>,
}

impl PinBlocks {
    /// The block `claim_set`.
    #[must_use]
    pub fn claim_set(&self) -> &Value<'static> {
        &self.claim_set
    }

    /// The block `semantics_pins`.
    #[must_use]
    pub fn semantics_pins(&self) -> &Value<'static> {
        &self.semantics_pins
    }

    /// Puts both blocks into a document, in place of any that it has.
    pub fn insert_into(self, document: &mut Object<'static>) {
        document.insert("claim_set", self.claim_set);
        document.insert("semantics_pins", self.semantics_pins);
    }
}
