// SPDX-License-Identifier: Apache-2.0

//! The resolver: from a document with pins to the semantics that it is judged by.
//!
//! ```text
//! claim_set       version   "verifier-claims.v0"                           CLAIM-08
//!                 registry  a reference to a state of the claim registry   CLAIM-08
//!                 claims    [{ name, required }], at least one             CLAIM-08
//! semantics_pins  version   "keel-semantics-pins.v0"                       CLAIM-09
//!                 mode      "pinned"                                       CLAIM-09
//!                 profile   a reference to the legacy profile, optional    PIN-05
//!                 artifacts references; every one that a claim needs       PIN-05
//! neither block             the legacy profile, whole                      PIN-06
//! one block                 pinned all the same, never half                PIN-07
//! ```

use std::collections::BTreeMap;

use permit_canonical_json::{ByteRange, Excerpt, JsonPointer, Value};
use permit_claims::{Claim, ClaimFault, LEGACY_PROFILE, SemanticArtifact};
use permit_failure_codes::ReasonClass;
use permit_types::{Finding, Location};

use crate::{
    allow_list::{ReleasedArtifact, Selection},
    pack_document::PackDocument,
    pack_files::PackFiles,
    pin_failure::PinFailure,
    pin_reference::{CLAIM_SET_VERSION, PinFault, PinReference, PinSource},
    registry_release::RegistryRelease,
    semantics::{RequestedClaim, Resolution, Semantics},
};

/// Resolves the semantics of a pack.
///
/// `document` is the manifest, checkpoint or evidence that may carry `claim_set` and
/// `semantics_pins`; neither of them, or both `null`, means the legacy profile. `files` are what
/// the pack has beside it. Nothing else is asked: no clock, no network, no environment.
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_claims::{Claim, SemanticArtifact, SemanticsMode};
/// use permit_pins::{NoPackFiles, PackDocument, resolve};
///
/// let manifest = read(br#"{"content_hash": "sha256:00"}"#, &Budget::default())?;
/// let semantics = resolve(PackDocument::ExportManifest, &manifest, &NoPackFiles).unwrap();
/// assert_eq!(semantics.resolution().mode(), SemanticsMode::LegacyUnpinned);
///
/// let manifest = read(br#"{"claim_set": {}}"#, &Budget::default())?;
/// let failure = resolve(PackDocument::ExportManifest, &manifest, &NoPackFiles).unwrap_err();
/// assert_eq!(failure.reason().as_str(), "SEMANTIC_PIN_MISSING");
/// assert_eq!(failure.marked[0].claim, Claim::ExportIntegrity);
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
///
/// # Errors
/// The first thing that does not resolve, in the order of the reference.
pub fn resolve(
    document: PackDocument,
    value: &Value<'_>,
    files: &dyn PackFiles,
) -> Result<Semantics, Box<PinFailure>> {
    let stated = |name| value.get(name).filter(|block: &&Value<'_>| !block.is_null());
    let (claim_set, pins) = (stated("claim_set"), stated("semantics_pins"));
    if claim_set.is_none() && pins.is_none() {
        return Ok(Semantics::proven(Resolution::legacy(document)));
    }
    let mut resolver = Resolver { document, files, resolution: Resolution::pinned(document) };
    match resolver.run(claim_set, pins) {
        Ok(()) => Ok(Semantics::proven(resolver.resolution)),
        Err(failed) => Err(resolver.failure(*failed)),
    }
}

struct Resolver<'p> {
    document: PackDocument,
    files: &'p dyn PackFiles,
    resolution: Resolution,
}

/// A fault, and the one claim that it concerns if it does not concern all that are requested.
struct Failed {
    fault: Box<PinFault>,
    only: Option<RequestedClaim>,
}

impl From<Box<PinFault>> for Box<Failed> {
    fn from(fault: Box<PinFault>) -> Self {
        Box::new(Failed { fault, only: None })
    }
}

impl Resolver<'_> {
    /// Resolves block by block. The order is that of the reference, so that a pack with several
    /// faults gives the same reason.
    fn run(
        &mut self,
        claim_set: Option<&Value<'_>>,
        pins: Option<&Value<'_>>,
    ) -> Result<(), Box<Failed>> {
        let claim_set = self.claim_set_block(claim_set)?;
        let pins = self.pins_block(claim_set, pins)?;
        let registry = self.registry(claim_set)?;
        let requested = self.requested(claim_set, registry)?;
        self.resolution.request(requested);
        self.pins_header(pins)?;
        let profile = self.profile(pins)?;
        let candidates = Candidates::read(self.document, pins, profile);
        self.artifacts(&candidates, pins)
    }

    fn claim_set_block<'v, 'a>(
        &self,
        claim_set: Option<&'v Value<'a>>,
    ) -> Result<&'v Value<'a>, Box<PinFault>> {
        claim_set.filter(|block| block.as_object().is_some()).ok_or_else(|| {
            let at = match claim_set {
                Some(block) => self.at(CLAIM_SET, None, block.range()),
                None => Location::whole(self.document.artifact()),
            };
            let summary = "the pack pins semantics and has no `claim_set` that is an object";
            let finding = Finding::failure(ReasonClass::ClaimRegistryUnresolved, at, summary);
            PinFault::insufficient(finding.rule("PIN-07"))
        })
    }

    /// The pins. Without them whatever the claim set requests, as far as it can be read, cannot
    /// be judged (CLAIM-02).
    fn pins_block<'v, 'a>(
        &mut self,
        claim_set: &Value<'_>,
        pins: Option<&'v Value<'a>>,
    ) -> Result<&'v Value<'a>, Box<PinFault>> {
        if let Some(block) = pins.filter(|block| block.as_object().is_some()) {
            return Ok(block);
        }
        let readable = readable_requests(claim_set);
        if !readable.is_empty() {
            self.resolution.request(readable);
        }
        let at = match pins {
            Some(block) => self.at(PINS, None, block.range()),
            None => Location::whole(self.document.artifact()),
        };
        let summary = "the pack requests claims and has no `semantics_pins` that is an object";
        let finding = Finding::failure(ReasonClass::SemanticPinMissing, at, summary);
        Err(PinFault::insufficient(finding.rule("PIN-07")))
    }

    fn registry(&mut self, claim_set: &Value<'_>) -> Result<RegistryRelease, Box<PinFault>> {
        let stated = claim_set.get("registry").filter(|registry| registry.as_object().is_some());
        let Some(stated) = stated else {
            let at = self.at(CLAIM_SET, None, claim_set.range());
            let summary = "the claim set does not say which registry its names are of";
            return Err(claim_set_fault(at, summary, "CLAIM-08"));
        };
        let reference = PinReference::read(stated, self.document.artifact(), PinSource::Registry);
        let released = reference.resolve(self.files)?;
        self.resolution.add(released, reference.source().to_string());
        match released.selects() {
            Selection::Registry(release) => Ok(release),
            Selection::Recipe(_) | Selection::LegacyProfile => {
                let summary = format!("`{}` is no claim registry", released.id());
                Err(claim_set_fault(reference.location(), &summary, "CLAIM-08"))
            }
        }
    }

    /// The requested claims. All of them are names that the registry defines.
    fn requested(
        &self,
        claim_set: &Value<'_>,
        registry: RegistryRelease,
    ) -> Result<Vec<RequestedClaim>, Box<PinFault>> {
        if claim_set.get("version").and_then(Value::as_str) != Some(CLAIM_SET_VERSION) {
            let at = self.member(CLAIM_SET, claim_set, "version");
            let summary = format!("the version of the claim set is not `{CLAIM_SET_VERSION}`");
            return Err(claim_set_fault(at, &summary, "CLAIM-08"));
        }
        let claims = claim_set.get("claims").and_then(Value::as_array).unwrap_or_default();
        if claims.is_empty() {
            let at = self.member(CLAIM_SET, claim_set, "claims");
            let summary = "the claim set requests no claims";
            return Err(claim_set_fault(at, summary, "CLAIM-08"));
        }
        let mut requested = Requests::default();
        for (index, claim) in (0_u64..).zip(claims) {
            match read_request(claim, registry) {
                Ok((name, required)) => {
                    requested.add(RequestedClaim::read(name, required, index, claim.range()));
                }
                Err(summary) => {
                    let pointer = JsonPointer::root().member(CLAIM_SET).member("claims");
                    let at = Location::value(
                        self.document.artifact(),
                        pointer.index(index),
                        claim.range(),
                    );
                    return Err(claim_set_fault(at, &summary, "CLAIM-08"));
                }
            }
        }
        Ok(requested.list)
    }

    fn pins_header(&self, pins: &Value<'_>) -> Result<(), Box<PinFault>> {
        for (name, expected) in [("version", PINS_VERSION), ("mode", PINS_MODE)] {
            let stated = pins.get(name).and_then(Value::as_str);
            if stated != Some(expected) {
                let at = self.member(PINS, pins, name);
                let summary = format!("the {name} of the pins is not `{expected}`");
                let actual = stated
                    .map_or_else(|| "no text".to_owned(), |stated| Excerpt(stated).to_string());
                let finding = Finding::failure(ReasonClass::SemanticPinUnresolved, at, summary)
                    .rule("CLAIM-09")
                    .values(expected, actual);
                return Err(PinFault::insufficient(finding));
            }
        }
        Ok(())
    }

    /// The profile, if the pins name one.
    fn profile<'v>(
        &mut self,
        pins: &'v Value<'_>,
    ) -> Result<Option<PinReference<'v>>, Box<PinFault>> {
        let stated = pins.get("profile").filter(|profile| profile.as_object().is_some());
        let Some(stated) = stated else { return Ok(None) };
        let reference = PinReference::read(stated, self.document.artifact(), PinSource::Profile);
        let released = reference.resolve(self.files)?;
        if released.selects() == Selection::LegacyProfile {
            self.resolution.add(released, reference.source().to_string());
            return Ok(Some(reference));
        }
        let summary = format!("`{}` is no profile", released.id());
        let at = reference.location();
        let finding = Finding::failure(ReasonClass::SemanticProfileUnresolved, at, summary)
            .rule("PIN-05")
            .values(LEGACY_PROFILE.id, released.id());
        Err(PinFault::insufficient(finding))
    }

    /// What the requested claims need, claim by claim. Pins that no claim needs are not looked at.
    fn artifacts(
        &mut self,
        candidates: &Candidates<'_>,
        pins: &Value<'_>,
    ) -> Result<(), Box<Failed>> {
        for request in self.resolution.requested().to_vec() {
            for artifact in request.claim.needs() {
                if self.resolution.has(*artifact) {
                    continue;
                }
                match self.artifact(*artifact, candidates, pins) {
                    Ok((released, source)) => self.resolution.add(released, source.to_string()),
                    Err(fault) => return Err(Box::new(Failed { fault, only: Some(request) })),
                }
            }
        }
        Ok(())
    }

    fn artifact(
        &self,
        artifact: SemanticArtifact,
        candidates: &Candidates<'_>,
        pins: &Value<'_>,
    ) -> Result<(&'static ReleasedArtifact, PinSource), Box<PinFault>> {
        let Some(reference) = candidates.find(artifact)? else {
            let at = self.member(PINS, pins, "artifacts");
            let summary = format!("`{artifact}` is needed and not pinned");
            let finding = Finding::failure(ReasonClass::SemanticPinMissing, at, summary)
                .rule("PIN-02")
                .detail("id", artifact.id());
            return Err(PinFault::insufficient(finding));
        };
        Ok((reference.resolve(self.files)?, reference.source()))
    }

    fn failure(mut self, failed: Failed) -> Box<PinFailure> {
        let Failed { fault, only } = failed;
        let PinFault { verdict, finding, pin, limit } = *fault;
        if let Some(pin) = pin {
            self.resolution.add_failed(pin);
        }
        let marked = match only {
            Some(request) => vec![request],
            None => self.resolution.requested().to_vec(),
        };
        let evidence = [self.document.claim_set_evidence(), self.document.pins_evidence()];
        let fault = ClaimFault::new(verdict, finding).evidence(evidence);
        Box::new(PinFailure { fault, marked, resolution: self.resolution, limit })
    }

    /// The place of a member, or of the block that should have it.
    fn member(&self, block: &str, value: &Value<'_>, name: &str) -> Location {
        match value.get(name) {
            Some(member) => self.at(block, Some(name), member.range()),
            None => self.at(block, None, value.range()),
        }
    }

    fn at(&self, block: &str, member: Option<&str>, range: ByteRange) -> Location {
        let mut pointer = JsonPointer::root().member(block);
        if let Some(member) = member {
            pointer = pointer.member(member);
        }
        Location::value(self.document.artifact(), pointer, range)
    }
}

/// The references that may be used, by the artifact that they name.
struct Candidates<'v> {
    profile: Option<PinReference<'v>>,
    direct: BTreeMap<SemanticArtifact, Direct<'v>>,
}

struct Direct<'v> {
    /// The last reference to the artifact.
    reference: PinReference<'v>,
    /// One before it that states another hash.
    contradiction: Option<PinReference<'v>>,
}

impl<'v> Candidates<'v> {
    fn read(
        document: PackDocument,
        pins: &'v Value<'_>,
        profile: Option<PinReference<'v>>,
    ) -> Self {
        let mut direct: BTreeMap<SemanticArtifact, Direct<'v>> = BTreeMap::new();
        let artifacts = pins.get("artifacts").and_then(Value::as_array).unwrap_or_default();
        for (index, value) in artifacts.iter().enumerate() {
            let id = value.get("id").and_then(Value::as_str);
            let Some(artifact) = id.and_then(SemanticArtifact::parse) else { continue };
            let source = PinSource::Artifact(index);
            let reference = PinReference::read(value, document.artifact(), source);
            let before = direct.remove(&artifact);
            let contradiction = before.and_then(|before| {
                let differs = before.reference.hash() != reference.hash();
                before.contradiction.or(differs.then_some(before.reference))
            });
            direct.insert(artifact, Direct { reference, contradiction });
        }
        Self { profile, direct }
    }

    /// The reference to an artifact: the direct one, else the profile's. Whoever names it twice
    /// has to name the same bytes (PIN-05).
    fn find(&self, artifact: SemanticArtifact) -> Result<Option<PinReference<'v>>, Box<PinFault>> {
        let profile = self.profile.as_ref();
        let component = profile.and_then(|profile| PinReference::of_profile(artifact, profile));
        let Some(direct) = self.direct.get(&artifact) else { return Ok(component) };
        if let Some(other) = direct.contradiction {
            let reason = ReasonClass::SemanticPinUnresolved;
            return Err(contradiction(reason, artifact, &other, &direct.reference));
        }
        match component {
            Some(component) if component.hash() != direct.reference.hash() => {
                let reason = ReasonClass::SemanticProfileUnresolved;
                Err(contradiction(reason, artifact, &component, &direct.reference))
            }
            _ => Ok(Some(direct.reference)),
        }
    }
}

fn contradiction(
    reason: ReasonClass,
    artifact: SemanticArtifact,
    one: &PinReference<'_>,
    other: &PinReference<'_>,
) -> Box<PinFault> {
    let hash = |reference: &PinReference<'_>| match reference.hash() {
        Some(hash) => Excerpt(hash).to_string(),
        None => "no hash".to_owned(),
    };
    let summary = format!(
        "`{artifact}` is named with two hashes, by {} and {}",
        one.source(),
        other.source()
    );
    let finding = Finding::failure(reason, other.location(), summary)
        .rule("PIN-05")
        .values(hash(one), hash(other))
        .detail("id", artifact.id());
    PinFault::insufficient(finding)
}

/// Requests by claim: one named twice is required if either says so.
#[derive(Default)]
struct Requests {
    list: Vec<RequestedClaim>,
}

impl Requests {
    fn add(&mut self, request: RequestedClaim) {
        match self.list.iter_mut().find(|known| known.claim == request.claim) {
            Some(known) => known.required |= request.required,
            None => self.list.push(request),
        }
    }
}

fn read_request(value: &Value<'_>, registry: RegistryRelease) -> Result<(Claim, bool), String> {
    let name = value.get("name").and_then(Value::as_str).filter(|name| !name.is_empty());
    let Some(name) = name else { return Err("the request names no claim".to_owned()) };
    let Some(required) = value.get("required").and_then(Value::as_bool) else {
        return Err(format!("whether `{}` is required is not said", Excerpt(name)));
    };
    match Claim::parse(name).filter(|claim| registry.defines(*claim)) {
        Some(claim) => Ok((claim, required)),
        None => Err(format!("`{}` is no claim of the registry", Excerpt(name))),
    }
}

/// The claims that can be told from a claim set of which nothing else is known.
fn readable_requests(claim_set: &Value<'_>) -> Vec<RequestedClaim> {
    let claims = claim_set.get("claims").and_then(Value::as_array).unwrap_or_default();
    let mut requests = Requests::default();
    for (index, value) in (0_u64..).zip(claims) {
        let name = value.get("name").and_then(Value::as_str);
        if let Some(claim) = name.and_then(Claim::parse) {
            requests.add(RequestedClaim::read(claim, true, index, value.range()));
        }
    }
    requests.list
}

fn claim_set_fault(at: Location, summary: &str, rule: &'static str) -> Box<PinFault> {
    let finding = Finding::failure(ReasonClass::ClaimRegistryUnresolved, at, summary);
    PinFault::insufficient(finding.rule(rule))
}

const CLAIM_SET: &str = "claim_set";
const PINS: &str = "semantics_pins";

/// The version of the block of pins.
pub(crate) const PINS_VERSION: &str = "keel-semantics-pins.v0";
/// Its only mode.
pub(crate) const PINS_MODE: &str = "pinned";
