// SPDX-License-Identifier: Apache-2.0

//! Judging a claim of the Permit Chain profile.
//!
//! ```text
//! signature and chain, if the caller looked at them       a fault there ends it
//! the scope of the claim is inside that of the export     PCHAIN-31, before any event is looked at
//! the version of every envelope of the lineage            PCHAIN-07, -10
//! the comparator                                          PCHAIN-09
//! references, subsets, expiries, consistency              PCHAIN-36, -12, -13, -04
//! a root of this project                                  PCHAIN-33, -38
//! the execution                                           see execution_boundary
//! ```

use permit_canonical_json::{Excerpt, Sha256Digest, Value};
use permit_chain::IntactWalk;
use permit_claims::ClaimFault;
use permit_failure_codes::{FailureCode, ReasonClass};
use permit_keys::{SignatureChecked, SignedMessage};
use permit_types::Finding;

use crate::{
    ancestor_line::{AncestorLine, comparator_of},
    canonical_envelope::CanonicalEnvelope,
    chain_claim::{ChainClaim, ChainClaimType, ClaimScope},
    chain_claim_result::{ChainCheck, ChainClaimResult, ChainProof},
    chain_fault::ChainFault,
    chain_pack::{ChainPack, key},
    delegation_denied::{Choice, judge_events},
    denial_semantics::DenialSemantics,
    envelope_version::EnvelopeVersion,
    execution_boundary::{Boundary, Passed, has_issuance},
    revocation_status::RevocationStatus,
};

/// What a verifier brings along beside the pack.
#[derive(Clone, Copy, Debug)]
pub struct ChainContext<'c> {
    /// The versions of envelopes that may be compared, of those that can be (PCHAIN-10).
    pub envelope_versions: &'c [EnvelopeVersion],
    /// What came of the manifest's signature, if it was looked at.
    pub signature: Option<Result<&'c SignatureChecked, &'c ClaimFault>>,
    /// The digest of the bytes that the manifest commits to. The signature has to be over it.
    pub content_digest: Option<Sha256Digest>,
    /// What came of walking the pack's chain, if it was walked.
    pub chain: Option<Result<&'c IntactWalk, &'c ClaimFault>>,
    /// The digests of files beside the pack, for what it names by hash.
    pub resolved: &'c [Sha256Digest],
}

impl Default for ChainContext<'_> {
    fn default() -> Self {
        Self {
            envelope_versions: EnvelopeVersion::SUPPORTED,
            signature: None,
            content_digest: None,
            chain: None,
            resolved: &[],
        }
    }
}

/// Judges the claim that a pack states in its `claim` (PCHAIN-28).
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_claims::Verdict;
/// use permit_delegation::{ChainContext, judge_pack};
///
/// let pack = read(br#"{"permits": [], "manifest": {"export_scope": {"permit_ids": []}}, "claim": {
///     "claim_type": "permit_lineage_internally_consistent", "claim_scope": {"permit_id": "p"}}}"#, &Budget::default())?;
/// let result = judge_pack(&pack, &ChainContext::default());
/// assert_eq!(result.status(), Verdict::UnverifiableScope);
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
#[must_use]
pub fn judge_pack(document: &Value<'_>, context: &ChainContext<'_>) -> ChainClaimResult {
    let pack = ChainPack::of(document);
    let claim = pack.get("claim");
    let named = claim.and_then(|claim| claim.get("claim_type")).and_then(Value::as_str);
    let scope = claim.and_then(|claim| claim.get("claim_scope"));
    let scope = scope.map_or_else(ClaimScope::whole_pack, ClaimScope::read);
    match named.map(|name| (name, ChainClaimType::parse(name))) {
        Some((_, Some(claim_type))) => {
            judge_chain_claim(&pack, &ChainClaim { claim_type, scope }, context)
        }
        Some((name, None)) => {
            let summary = "the pack asks for a claim that is not known here";
            let at = pack.location("claim");
            let finding =
                Finding::failure(ReasonClass::RequiredClaimUnverifiableScope, at, summary);
            let finding = finding.rule("PCHAIN-28").detail("claim", Excerpt(name).to_string());
            Course::default().ended(name, scope, Err(ChainFault::unverifiable(finding)))
        }
        None => {
            let summary = "the pack asks for no claim";
            let finding =
                Finding::failure(ReasonClass::VerificationFailed, pack.location("claim"), summary);
            let fault = ChainFault::insufficient("claim.claim_type", finding.rule("PCHAIN-28"));
            Course::default().ended("", scope, Err(fault))
        }
    }
}

/// Judges one claim about a pack.
#[must_use]
pub fn judge_chain_claim(
    pack: &ChainPack<'_>,
    claim: &ChainClaim,
    context: &ChainContext<'_>,
) -> ChainClaimResult {
    let mut course = Course::default();
    let outcome = course.judge(pack, claim, context);
    course.ended(claim.claim_type.as_str(), claim.scope.clone(), outcome)
}

/// The result while it is being found.
#[derive(Default)]
struct Course {
    checks: Vec<ChainCheck>,
    /// Checks of the denial claim, which has a list of its own.
    denial_checks: Vec<&'static str>,
    revocation: Option<RevocationStatus>,
}

impl Course {
    fn ended(
        mut self,
        claim_type: &str,
        scope: ClaimScope,
        outcome: Result<ChainProof, ChainFault>,
    ) -> ChainClaimResult {
        self.checks.sort_unstable();
        let mut checks: Vec<_> = self.checks.iter().map(|check| check.as_str()).collect();
        checks.extend(self.denial_checks);
        let (outcome, missing, detail) = match outcome {
            Ok(proof) => (Ok(proof), Vec::new(), None),
            Err(fault) => {
                let (fault, missing, detail) = fault.into_parts();
                (Err(Box::new(fault)), missing, detail)
            }
        };
        let claim_type = claim_type.to_owned();
        let revocation = self.revocation;
        ChainClaimResult { claim_type, scope, outcome, checks, missing, detail, revocation }
    }

    fn judge(
        &mut self,
        pack: &ChainPack<'_>,
        claim: &ChainClaim,
        context: &ChainContext<'_>,
    ) -> Result<ChainProof, ChainFault> {
        self.look_at_integrity(pack, context)?;
        let permit_id = self.pass_scope_gate(pack, claim)?;
        match (claim.claim_type, permit_id) {
            (ChainClaimType::ExportIntegrityOnly, _) => integrity_proof(pack, context),
            (ChainClaimType::DelegationDeniedCorrectly, Some(permit_id)) => {
                self.judge_denial(pack, permit_id, &claim.scope, context)
            }
            (_, Some(permit_id)) => self.judge_lineage(pack, permit_id, claim, context),
            (_, None) => Err(no_permit_in_scope(pack)),
        }
    }

    /// What the caller found out about the pack's bytes. Without it other claims go on: they
    /// then say something about the evidence, and not about who vouches for it.
    fn look_at_integrity(
        &mut self,
        pack: &ChainPack<'_>,
        context: &ChainContext<'_>,
    ) -> Result<(), ChainFault> {
        match context.signature {
            Some(Err(fault)) => return Err(ChainFault::of_layer(fault, SIGNATURE)),
            Some(Ok(signature)) => {
                check_signed_digest(pack, signature, context.content_digest)?;
                self.checks.push(ChainCheck::SignatureValid);
            }
            None => {}
        }
        match context.chain {
            Some(Err(fault)) => Err(ChainFault::of_layer(fault, CHAIN)),
            Some(Ok(_)) => {
                self.checks.push(ChainCheck::HashChainIntegrity);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// PCHAIN-31: before any event, so that nothing outside of the declared scope decides anything.
    fn pass_scope_gate<'c>(
        &mut self,
        pack: &ChainPack<'_>,
        claim: &'c ChainClaim,
    ) -> Result<Option<&'c str>, ChainFault> {
        let Some(listed) = pack.listed() else {
            let summary = "the manifest does not say which permits the export is about";
            let at = pack.location("manifest");
            let finding = Finding::failure(ReasonClass::VerificationFailed, at, summary);
            let missing = "manifest.export_scope.permit_ids";
            return Err(ChainFault::insufficient(missing, finding.rule("PCHAIN-31")));
        };
        let scope = &claim.scope;
        let inside = scope.permit_id().is_none_or(|id| listed.contains(&key(id)));
        if !inside || scope.has_more() {
            let summary = if inside {
                "the claim is about something that is not known here"
            } else {
                "the claim is about a permit that the export is not about"
            };
            let at = pack.location("claim");
            let finding =
                Finding::failure(ReasonClass::RequiredClaimUnverifiableScope, at, summary);
            return Err(ChainFault::unverifiable(finding.rule("PCHAIN-31")));
        }
        if scope.permit_id().is_none() && claim.claim_type != ChainClaimType::ExportIntegrityOnly {
            return Err(no_permit_in_scope(pack));
        }
        self.checks.push(ChainCheck::ScopeWithinExport);
        Ok(scope.permit_id())
    }

    fn judge_lineage(
        &mut self,
        pack: &ChainPack<'_>,
        permit_id: &str,
        claim: &ChainClaim,
        context: &ChainContext<'_>,
    ) -> Result<ChainProof, ChainFault> {
        let mut line = AncestorLine::of(pack, permit_id)?;
        let version = line.version(context.envelope_versions)?;
        self.checks.push(ChainCheck::VersionSupported);
        let comparator = comparator_of(pack, version)?;
        self.checks.push(ChainCheck::ComparatorResolved);
        line.check_references()?;
        let envelopes = line.envelopes()?;
        line.check_subsets(&envelopes, comparator)?;
        self.checks.push(ChainCheck::SubsetPassed);
        line.check_expiries(&envelopes, comparator)?;
        self.checks.push(ChainCheck::ExpiryPassed);
        line.check_consistency(&envelopes)?;
        self.checks.push(ChainCheck::ConsistencyPassed);
        let proof = line.proof(&envelopes);
        if claim.claim_type == ChainClaimType::LineageInternallyConsistent {
            return Ok(ChainProof::Lineage(proof));
        }
        check_root(pack, &line)?;
        self.checks.push(ChainCheck::CompleteToRoot);
        if claim.claim_type == ChainClaimType::LineageCompleteToRoot {
            return Ok(ChainProof::Lineage(proof));
        }
        let execution_id = self.judge_execution(pack, &line, &envelopes, &claim.scope, context)?;
        Ok(ChainProof::Execution { lineage: proof, execution_id })
    }

    fn judge_execution(
        &mut self,
        pack: &ChainPack<'_>,
        line: &AncestorLine<'_>,
        envelopes: &[CanonicalEnvelope],
        scope: &ClaimScope,
        context: &ChainContext<'_>,
    ) -> Result<String, ChainFault> {
        let boundary = Boundary { pack, line, envelopes, resolved: context.resolved };
        let mut passed = Passed::default();
        let judged = boundary.judge(scope, &mut passed);
        self.checks.extend(passed.checks);
        self.revocation = passed.revocation;
        judged
    }

    fn judge_denial(
        &mut self,
        pack: &ChainPack<'_>,
        permit_id: &str,
        scope: &ClaimScope,
        context: &ChainContext<'_>,
    ) -> Result<ChainProof, ChainFault> {
        // PCHAIN-08: a pack names its comparator, also for a denial.
        for version in context.envelope_versions {
            comparator_of(pack, *version)?;
            self.checks.push(ChainCheck::ComparatorResolved);
        }
        let semantics = DenialSemantics::legacy().only(context.envelope_versions);
        let choice = Choice::Permit(permit_id, scope.event_id());
        let result = judge_events(pack.events().unwrap_or_default(), &choice, &semantics);
        self.denial_checks = result.supported_checks().to_vec();
        // Said once: the denial claim walks the chain itself.
        self.denial_checks
            .retain(|check| !self.checks.iter().any(|other| other.as_str() == *check));
        let detail = result.detail();
        match result.outcome() {
            Ok(denial) => Ok(ChainProof::Denial(denial.clone())),
            Err(fault) => Err(ChainFault::of_denial(fault, result.missing_requirements(), detail)),
        }
    }
}

fn integrity_proof(
    pack: &ChainPack<'_>,
    context: &ChainContext<'_>,
) -> Result<ChainProof, ChainFault> {
    match (context.signature, context.chain) {
        (Some(Ok(_)), Some(Ok(walk))) => Ok(ChainProof::Integrity { entries: walk.entries() }),
        (signature, chain) => {
            let summary = "the pack comes without a signature and a chain that were checked";
            let at = pack.location("manifest");
            let finding =
                Finding::failure(ReasonClass::VerificationFailed, at, summary).rule("PCHAIN-30");
            let absent = [(signature.is_none(), SIGNATURE), (chain.is_none(), CHAIN)];
            let mut absent = absent.into_iter().filter(|(absent, _)| *absent).map(|(_, name)| name);
            let first = absent.next().unwrap_or(SIGNATURE);
            Err(ChainFault::insufficient(first, finding).also(absent.map(str::to_owned)))
        }
    }
}

/// A signature proves something about the pack only if it is over the digest of its bytes.
fn check_signed_digest(
    pack: &ChainPack<'_>,
    signature: &SignatureChecked,
    content_digest: Option<Sha256Digest>,
) -> Result<(), ChainFault> {
    let at = pack.location("manifest");
    let Some(digest) = content_digest else {
        let summary = "nobody computed the digest that the signature has to be over";
        let finding = Finding::failure(ReasonClass::VerificationFailed, at, summary);
        return Err(ChainFault::insufficient(SIGNATURE, finding.rule("BUNDLE-06")));
    };
    if *signature.message() == SignedMessage::export_manifest(digest) {
        return Ok(());
    }
    let summary = "the signature is not over the bytes of the pack";
    let finding = Finding::failure(FailureCode::ManifestHashMismatch, at, summary);
    Err(ChainFault::disproved(finding.rule("BUNDLE-06")))
}

/// PCHAIN-33, PCHAIN-36, PCHAIN-38: the topmost permit is a root, of this project, and was issued.
fn check_root(pack: &ChainPack<'_>, line: &AncestorLine<'_>) -> Result<(), ChainFault> {
    line.check_rooted()?;
    let Some(root) = line.top() else { return Ok(()) };
    let project = pack.stated("project_id").and_then(Value::as_str);
    let own = root.text("project_id");
    let at = || root.location("project_id");
    let (Some(project), Some(own)) = (project, own) else {
        let summary = "the manifest or the root does not say which project it is of";
        let finding = Finding::failure(ReasonClass::VerificationFailed, at(), summary);
        let missing = if project.is_none() {
            "manifest.project_id".to_owned()
        } else {
            format!("project_id:{}", root.id)
        };
        return Err(ChainFault::insufficient(missing, finding.rule("PCHAIN-36")));
    };
    if !own.eq_ignore_ascii_case(project) {
        let summary = "the root of the lineage is of another project than the export";
        let finding = Finding::failure(ReasonClass::LineageMalformed, at(), summary)
            .rule("PCHAIN-36")
            .values(
                format!("project `{}`", Excerpt(project)),
                format!("project `{}`", Excerpt(own)),
            );
        return Err(ChainFault::disproved(finding));
    }
    if has_issuance(pack, root.id) {
        return Ok(());
    }
    let summary = "no event shows that the root of the lineage was issued";
    let code = FailureCode::WalkPermitChainAncestorMissing;
    let finding = Finding::failure(code, pack.location("events"), summary)
        .rule("PCHAIN-38")
        .detail("permit_id", Excerpt(root.id).to_string());
    Err(ChainFault::insufficient(format!("permit.issued:{}", root.id), finding))
}

fn no_permit_in_scope(pack: &ChainPack<'_>) -> ChainFault {
    let summary = "the claim does not say which permit it is about";
    let finding =
        Finding::failure(ReasonClass::VerificationFailed, pack.location("claim"), summary);
    ChainFault::insufficient("claim_scope.permit_id", finding.rule("PCHAIN-28"))
}

const SIGNATURE: &str = "export_signature_valid";
const CHAIN: &str = "hash_chain_integrity";
