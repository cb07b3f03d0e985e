// SPDX-License-Identifier: Apache-2.0

//! What a pack asks for, and by which semantics it is to be judged.

use permit_canonical_json::{ByteRange, JsonPointer};
use permit_claims::{
    Claim, LEGACY_PROFILE, LegacyProfile, SemanticArtifact, SemanticsMode, SemanticsReport, UsedPin,
};
use permit_types::Location;

use crate::{
    allow_list::{ReleasedArtifact, Selection},
    pack_document::PackDocument,
};

/// A claim that a pack requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestedClaim {
    /// The claim.
    pub claim: Claim,
    /// Whether the pack fails if the claim is not supported (PIN-08).
    pub required: bool,
    /// Where the request stands in `claim_set.claims`, and its bytes.
    at: Option<(u64, ByteRange)>,
}

impl RequestedClaim {
    /// A request that stands in no document, or not yet.
    #[must_use]
    pub const fn new(claim: Claim, required: bool) -> Self {
        Self { claim, required, at: None }
    }

    pub(crate) const fn read(claim: Claim, required: bool, index: u64, range: ByteRange) -> Self {
        Self { claim, required, at: Some((index, range)) }
    }

    /// The place of the request in the document that makes it.
    pub(crate) fn location(self, document: PackDocument) -> Location {
        let Some((index, range)) = self.at else {
            return Location::whole(document.artifact());
        };
        let pointer = JsonPointer::root().member("claim_set").member("claims").index(index);
        Location::value(document.artifact(), pointer, range)
    }
}

/// What was found out about a pack's semantics, whether or not it is enough to judge by.
///
/// [`Semantics`] has it if everything resolved, [`PinFailure`](crate::PinFailure) if not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    document: PackDocument,
    mode: SemanticsMode,
    profile: Option<LegacyProfile>,
    requested: Vec<RequestedClaim>,
    pins: Vec<UsedPin>,
    recipes: Vec<SemanticArtifact>,
}

impl Resolution {
    /// The semantics of a document that pins none (CLAIM-13, PIN-06).
    pub(crate) fn legacy(document: PackDocument) -> Self {
        let source = format!("legacy profile {}", LEGACY_PROFILE.id);
        let profile = used(LEGACY_PROFILE.id, LEGACY_PROFILE.hash, source, ALLOWLISTED);
        let components = (0_usize..).zip(LEGACY_PROFILE.components());
        let components = components.map(|(index, (artifact, hash))| {
            let source = format!("legacy profile components[{index}]");
            used(artifact.id(), hash, source, ALLOWLISTED)
        });
        Self {
            document,
            mode: SemanticsMode::LegacyUnpinned,
            profile: Some(LEGACY_PROFILE),
            requested: Vec::new(),
            pins: std::iter::once(profile).chain(components).collect(),
            recipes: LEGACY_PROFILE.components().map(|(artifact, _)| artifact).collect(),
        }
    }

    /// A pinned document of which nothing is known yet.
    pub(crate) fn pinned(document: PackDocument) -> Self {
        let defaults = document.default_claims().iter();
        Self {
            document,
            mode: SemanticsMode::Pinned,
            profile: None,
            requested: defaults.map(|claim| RequestedClaim::new(*claim, true)).collect(),
            pins: Vec::new(),
            recipes: Vec::new(),
        }
    }

    pub(crate) fn request(&mut self, requested: Vec<RequestedClaim>) {
        self.requested = requested;
    }

    /// Takes a pin that resolved.
    pub(crate) fn add(&mut self, released: &ReleasedArtifact, source: String) {
        self.pins.push(used(released.id(), released.hash(), source, ALLOWLISTED));
        match released.selects() {
            Selection::Recipe(artifact) => self.recipes.push(artifact),
            Selection::LegacyProfile => {
                self.profile = Some(LegacyProfile { hash: released.hash(), ..LEGACY_PROFILE });
            }
            Selection::Registry(_) => {}
        }
    }

    /// Takes a pin that did not resolve.
    pub(crate) fn add_failed(&mut self, pin: UsedPin) {
        self.pins.push(pin);
    }

    pub(crate) fn has(&self, artifact: SemanticArtifact) -> bool {
        self.recipes.contains(&artifact)
    }

    /// The kind of document that the semantics are of.
    #[must_use]
    pub fn document(&self) -> PackDocument {
        self.document
    }

    /// Whether the pack pins its semantics.
    #[must_use]
    pub fn mode(&self) -> SemanticsMode {
        self.mode
    }

    /// The profile: that of packs without pins, or the one that the pack names.
    #[must_use]
    pub fn profile(&self) -> Option<LegacyProfile> {
        self.profile
    }

    /// The claims that the pack requests, each once, in the order of the pack.
    ///
    /// None in a pack without pins: what is judged there depends on the command alone. Where a
    /// pack's request cannot be understood, these are the default claims of its kind.
    #[must_use]
    pub fn requested(&self) -> &[RequestedClaim] {
        &self.requested
    }

    /// Whether the pack requests the claim, required or not.
    #[must_use]
    pub fn requests(&self, claim: Claim) -> bool {
        self.requested.iter().any(|request| request.claim == claim)
    }

    /// The artifacts that were used, in the order in which they were resolved.
    #[must_use]
    pub fn pins(&self) -> &[UsedPin] {
        &self.pins
    }

    /// The `semantics` that the report of a claim lists: each artifact that the claim needs, with
    /// the hash that the pack or its profile names for it, and nothing where none is named.
    #[must_use]
    pub fn semantics_for(&self, claim: Claim) -> Vec<(SemanticArtifact, Option<String>)> {
        let named = |artifact: &SemanticArtifact| {
            let pin = self.pins.iter().find(|pin| pin.id == artifact.id());
            (*artifact, pin.map(|pin| pin.hash.clone()))
        };
        claim.needs().iter().map(named).collect()
    }

    /// The part of the report about semantics.
    #[must_use]
    pub fn report(&self) -> SemanticsReport {
        let legacy = self.mode == SemanticsMode::LegacyUnpinned;
        SemanticsReport {
            mode: self.mode,
            profile: self.profile.map(|profile| (profile.id.to_owned(), profile.hash.to_owned())),
            warning: legacy.then(|| LEGACY_WARNING.to_owned()),
            pins: self.pins.clone(),
        }
    }
}

/// Proof that the semantics of a pack resolved: everything that its requested claims need is
/// known here. Only [`resolve`](crate::resolve) makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Semantics {
    resolution: Resolution,
}

impl Semantics {
    pub(crate) fn proven(resolution: Resolution) -> Self {
        Self { resolution }
    }

    /// What was resolved.
    #[must_use]
    pub fn resolution(&self) -> &Resolution {
        &self.resolution
    }

    /// Whether a layer may use a recipe.
    ///
    /// In a pinned pack these are the artifacts that its requested claims need, and nothing else:
    /// a pack that pins no record hash has no known chain format, whatever this build knows
    /// (CLAIM-01, PIN-07). Pins that no requested claim needs are never looked at and therefore
    /// not known.
    ///
    /// In a pack without pins every recipe is known. Those of the profile have a hash; those that
    /// were released after it are used without one, as the reference does (AMB-45).
    #[must_use]
    pub fn known(&self, artifact: SemanticArtifact) -> bool {
        match self.resolution.mode {
            SemanticsMode::LegacyUnpinned => true,
            SemanticsMode::Pinned => self.resolution.has(artifact),
        }
    }

    /// Whether every recipe that a claim needs is known.
    #[must_use]
    pub fn covers(&self, claim: Claim) -> bool {
        claim.needs().iter().all(|artifact| self.known(*artifact))
    }

    /// See [`Resolution::semantics_for`].
    #[must_use]
    pub fn semantics_for(&self, claim: Claim) -> Vec<(SemanticArtifact, Option<String>)> {
        self.resolution.semantics_for(claim)
    }

    /// See [`Resolution::requests`].
    #[must_use]
    pub fn requests(&self, claim: Claim) -> bool {
        self.resolution.requests(claim)
    }
}

pub(crate) fn used(id: &str, hash: &str, source: String, status: &'static str) -> UsedPin {
    UsedPin { id: id.to_owned(), hash: hash.to_owned(), source, status }
}

/// Status of a pin that selects a recipe.
pub(crate) const ALLOWLISTED: &str = "allowlisted";
/// Status of a pin whose bytes have another hash.
pub(crate) const HASH_MISMATCH: &str = "hash_mismatch";
/// Status of a pin whose bytes are not what its id says.
pub(crate) const UNRESOLVED: &str = "unresolved";
/// Status of a pin that is sound and unknown here.
pub(crate) const NOT_ALLOWLISTED: &str = "not_allowlisted";

const LEGACY_WARNING: &str = "the pack pins no semantics; it is judged by those of before pinning";
