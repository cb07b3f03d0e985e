// SPDX-License-Identifier: Apache-2.0

//! The permits from the topmost that a pack has down to the one that is asked about.

use std::collections::BTreeSet;

use permit_canonical_json::{Excerpt, Sha256Digest, Value};
use permit_failure_codes::{FailureCode, ReasonClass};
use permit_types::{Finding, Location};

use crate::{
    canonical_envelope::{AuthorityEnd, AuthorityField, CanonicalEnvelope},
    chain_claim_result::LineageProof,
    chain_fault::ChainFault,
    chain_pack::{ChainPack, PackedPermit, key},
    comparator::{Comparator, ComparatorProblem},
    envelope_excess::FieldExcess,
    envelope_version::EnvelopeVersion,
};

/// The permits of a lineage, topmost first. Never empty.
#[derive(Debug)]
pub(crate) struct AncestorLine<'v> {
    permits: Vec<PackedPermit<'v>>,
    /// The parent that the topmost names and the pack does not have.
    absent: Option<&'v str>,
    /// What is wrong with how the permits refer to each other.
    reference_fault: Option<Box<ChainFault>>,
}

impl<'v> AncestorLine<'v> {
    /// Follows the parents. What is wrong with the references is told later, by
    /// [`check_references`](Self::check_references): an unknown version comes first (AMB-22).
    pub(crate) fn of(pack: &ChainPack<'v>, permit_id: &str) -> Result<Self, ChainFault> {
        let leaf = pack.permit(permit_id).copied().ok_or_else(|| absent_permit(pack, permit_id))?;
        let mut line = Self { permits: vec![leaf], absent: None, reference_fault: None };
        let mut seen = BTreeSet::from([key(leaf.id)]);
        let mut child = leaf;
        loop {
            if child.contradicted {
                line.fail(contradicted(&child));
            }
            let parent_id = match child.get("parent_permit_id").map(|id| (id, id.as_str())) {
                None => break,
                Some((_, Some(id))) => id,
                Some((value, None)) => {
                    line.fail(no_reference(&child, value));
                    break;
                }
            };
            let Some(parent) = pack.permit(parent_id).copied() else {
                line.absent = Some(parent_id);
                break;
            };
            if !seen.insert(key(parent.id)) {
                line.fail(cycle(&child));
                break;
            }
            if let Some(fault) = foreign_parent(&child, &parent) {
                line.fail(fault);
            }
            line.permits.push(parent);
            child = parent;
        }
        line.permits.reverse();
        Ok(line)
    }

    fn fail(&mut self, fault: ChainFault) {
        self.reference_fault.get_or_insert_with(|| Box::new(fault));
    }

    /// The permits, topmost first.
    pub(crate) fn permits(&self) -> &[PackedPermit<'v>] {
        &self.permits
    }

    /// The permit that is asked about.
    pub(crate) fn leaf(&self) -> Option<&PackedPermit<'v>> {
        self.permits.last()
    }

    /// The topmost permit.
    pub(crate) fn top(&self) -> Option<&PackedPermit<'v>> {
        self.permits.first()
    }

    /// The permits above the leaf, topmost first.
    pub(crate) fn ancestors(&self) -> &[PackedPermit<'v>] {
        self.permits.split_last().map_or(&[], |(_, ancestors)| ancestors)
    }

    /// The ids, in the form they are looked up in.
    pub(crate) fn keys(&self) -> BTreeSet<String> {
        self.permits.iter().map(|permit| key(permit.id)).collect()
    }

    /// Each permit states a version that is in the allow-list (PCHAIN-07).
    pub(crate) fn version(
        &self,
        supported: &[EnvelopeVersion],
    ) -> Result<EnvelopeVersion, ChainFault> {
        let mut common = None;
        for permit in self.permits.iter().rev() {
            let version = version_of(permit, supported)?;
            // Two versions would have two comparators, and none between them.
            if *common.get_or_insert(version) != version {
                return Err(unknown_version(permit, version.as_str()));
            }
        }
        common.ok_or_else(|| {
            let at = Location::whole(permit_types::Artifact::ClaimEvidence);
            let finding = Finding::failure(
                FailureCode::WalkPermitChainAncestorMissing,
                at,
                "there is no permit",
            );
            ChainFault::insufficient("permits", finding)
        })
    }

    /// The parents are there, in the same project, and not their own descendants.
    pub(crate) fn check_references(&mut self) -> Result<(), ChainFault> {
        if let Some(fault) = self.reference_fault.take() {
            return Err(*fault);
        }
        match (self.absent, self.permits.as_slice()) {
            // Nothing of the authority of this permit is compared with anything.
            (Some(parent), [only]) => Err(missing_ancestor(only, parent)),
            _ => Ok(()),
        }
    }

    /// The lineage starts at a permit without a parent (PCHAIN-38).
    pub(crate) fn check_rooted(&self) -> Result<(), ChainFault> {
        match (self.absent, self.top()) {
            (Some(parent), Some(top)) => Err(missing_ancestor(top, parent)),
            _ => Ok(()),
        }
    }

    /// The envelopes, in canonical form.
    pub(crate) fn envelopes(&self) -> Result<Vec<CanonicalEnvelope>, ChainFault> {
        self.permits.iter().map(envelope_of).collect()
    }

    pub(crate) fn proof(&self, envelopes: &[CanonicalEnvelope]) -> LineageProof {
        let hashes: Vec<Sha256Digest> = envelopes.iter().map(CanonicalEnvelope::hash).collect();
        LineageProof {
            permit_ids: self.permits.iter().map(|permit| permit.id.to_owned()).collect(),
            envelope_hashes: hashes,
            rooted: self.absent.is_none(),
        }
    }

    /// All children's sets are subsets (PCHAIN-12), then all expiries are not later (PCHAIN-13).
    pub(crate) fn check_subsets(
        &self,
        envelopes: &[CanonicalEnvelope],
        comparator: Comparator,
    ) -> Result<(), ChainFault> {
        self.excesses(envelopes, comparator, |edge, excess| match excess {
            FieldExcess::Members { field, extra, .. } => Some(edge.broader(*field, extra)),
            FieldExcess::Expiry { .. } => None,
        })
    }

    pub(crate) fn check_expiries(
        &self,
        envelopes: &[CanonicalEnvelope],
        comparator: Comparator,
    ) -> Result<(), ChainFault> {
        self.excesses(envelopes, comparator, |edge, excess| match excess {
            FieldExcess::Members { .. } => None,
            FieldExcess::Expiry { parent, child, .. } => Some(edge.longer(parent, child)),
        })
    }

    fn excesses(
        &self,
        envelopes: &[CanonicalEnvelope],
        comparator: Comparator,
        fault: impl Fn(&Edge<'_, 'v>, &FieldExcess) -> Option<ChainFault>,
    ) -> Result<(), ChainFault> {
        let edges = self.permits.iter().zip(envelopes);
        for ((parent, parent_envelope), (child, child_envelope)) in edges.clone().zip(edges.skip(1))
        {
            let excess = comparator.excess(parent_envelope, child_envelope);
            let fields = excess.as_ref().map_or(&[][..], |excess| excess.fields());
            let edge = Edge { parent, child };
            if let Some(fault) = fields.iter().find_map(|field| fault(&edge, field)) {
                return Err(fault);
            }
        }
        Ok(())
    }

    /// The expiry of a permit and that of its envelope are one instant (PCHAIN-04, AMB-35). A permit that has
    /// none of its own ends with its envelope (AMB-33).
    pub(crate) fn check_consistency(
        &self,
        envelopes: &[CanonicalEnvelope],
    ) -> Result<(), ChainFault> {
        for (permit, envelope) in self.permits.iter().zip(envelopes) {
            let Some(stated) = permit.get("expires_at") else { continue };
            let end = stated.as_str().and_then(|text| AuthorityEnd::read(text).ok());
            if end.is_none() {
                let summary = "the expiry of a permit is no time of RFC 3339";
                let finding = finding(ReasonClass::TimestampForm, permit, "expires_at", summary);
                let missing = format!("expires_at:{}", permit.id);
                return Err(ChainFault::insufficient(missing, finding.rule("PCHAIN-04")));
            }
            if end.as_ref() != envelope.end() {
                return Err(inconsistent(permit, stated, envelope));
            }
        }
        Ok(())
    }
}

/// The comparator that a pack names (PCHAIN-09).
pub(crate) fn comparator_of(
    pack: &ChainPack<'_>,
    version: EnvelopeVersion,
) -> Result<Comparator, ChainFault> {
    let inline = pack.get("comparator_registry");
    let hash = pack.stated("comparator_registry_hash");
    Comparator::of_pack(version, inline, hash)
        .map_err(|problem| unusable_comparator(pack, version, &problem))
}

fn unusable_comparator(
    pack: &ChainPack<'_>,
    version: EnvelopeVersion,
    problem: &ComparatorProblem,
) -> ChainFault {
    let at = pack.location("comparator_registry");
    let summary = format!("envelopes cannot be compared: {problem}");
    if problem.is_unknown_meaning() {
        // An own version would be unknown; other rules under a known version are no better (PCHAIN-11).
        let finding = Finding::failure(ReasonClass::SemanticPinNotAllowlisted, at, summary);
        return ChainFault::unverifiable(finding.rule("PCHAIN-11"));
    }
    let finding = Finding::failure(FailureCode::WalkPermitChainMissingComparator, at, summary);
    ChainFault::insufficient(
        format!("comparator_registry_for_{version}"),
        finding.rule("PCHAIN-09"),
    )
}

/// A parent and its child.
struct Edge<'l, 'v> {
    parent: &'l PackedPermit<'v>,
    child: &'l PackedPermit<'v>,
}

impl Edge<'_, '_> {
    fn broader(&self, field: AuthorityField, extra: &[String]) -> ChainFault {
        let summary = "a child's envelope allows what its parent's does not";
        let code = FailureCode::WalkPermitChainEnvelopeViolation;
        let shown: Vec<_> =
            extra.iter().take(SHOWN_MEMBERS).map(|text| Excerpt(text).to_string()).collect();
        let finding = self.finding(code, "PCHAIN-12", summary);
        let finding =
            finding.detail("field", field.as_str()).detail("extra_members", shown.join(", "));
        let [parent, child] = self.ids();
        ChainFault::disproved(finding).detail(Value::object([
            ("field", Value::from(field.as_str())),
            parent,
            child,
            ("violating_members", Value::array(extra.iter().cloned())),
        ]))
    }

    fn longer(&self, parent_expiry: &Option<String>, child_expiry: &Option<String>) -> ChainFault {
        let summary = "a child's authority ends after its parent's";
        let code = FailureCode::WalkPermitChainExpiryViolation;
        let [parent, child] = self.ids();
        let times = [("parent_expires_at", parent_expiry), ("child_expires_at", child_expiry)];
        let finding =
            times.iter().fold(self.finding(code, "PCHAIN-13", summary), |finding, (name, time)| {
                finding.detail(name, time.as_deref().unwrap_or("none"))
            });
        let times = times.map(|(name, time)| (name, Value::from(time.clone())));
        ChainFault::disproved(finding)
            .detail(Value::object([parent, child].into_iter().chain(times)))
    }

    fn finding(&self, code: FailureCode, rule: &'static str, summary: &str) -> Finding {
        Finding::failure(code, self.child.location("authority_envelope"), summary)
            .rule(rule)
            .detail("parent_permit_id", Excerpt(self.parent.id).to_string())
            .detail("child_permit_id", Excerpt(self.child.id).to_string())
    }

    fn ids(&self) -> [(&'static str, Value<'static>); 2] {
        [
            ("parent_permit_id", self.parent.id.to_owned().into()),
            ("child_permit_id", self.child.id.to_owned().into()),
        ]
    }
}

fn version_of(
    permit: &PackedPermit<'_>,
    supported: &[EnvelopeVersion],
) -> Result<EnvelopeVersion, ChainFault> {
    if let Some(name) = RESERVED.into_iter().find(|name| permit.permit.get(name).is_some()) {
        let summary = format!("`{name}` of a permit is reserved for a later version");
        let finding = finding(ReasonClass::ReservedNameUsed, permit, name, &summary);
        return Err(ChainFault::unverifiable(finding.rule("PCHAIN-35")));
    }
    const MEMBER: &str = "authority_envelope_version";
    let Some(text) = permit.text(MEMBER).filter(|text| !text.is_empty()) else {
        let summary = "a permit does not say which version its envelope is of";
        let finding = finding(ReasonClass::ObjectFormInvalid, permit, MEMBER, summary);
        let missing = format!("{MEMBER}:{}", permit.id);
        return Err(ChainFault::insufficient(missing, finding.rule("PCHAIN-06")));
    };
    let version = EnvelopeVersion::parse(text).filter(|version| supported.contains(version));
    version.ok_or_else(|| unknown_version(permit, text))
}

fn unknown_version(permit: &PackedPermit<'_>, declared: &str) -> ChainFault {
    let code = FailureCode::WalkPermitChainUnknownEnvelopeVersion;
    let summary = "a permit's envelope is of a version that cannot be compared here";
    let finding = finding(code, permit, "authority_envelope_version", summary)
        .rule("PCHAIN-07")
        .detail("authority_envelope_version", Excerpt(declared).to_string());
    ChainFault::unverifiable(finding).detail(Value::object([
        ("permit_id", permit.id.to_owned()),
        ("declared_envelope_version", declared.to_owned()),
    ]))
}

fn envelope_of(permit: &PackedPermit<'_>) -> Result<CanonicalEnvelope, ChainFault> {
    const MEMBER: &str = "authority_envelope";
    let Some(envelope) = permit.get(MEMBER) else {
        let summary = "a permit has no authority envelope";
        let finding = finding(ReasonClass::ObjectFormInvalid, permit, MEMBER, summary);
        let missing = format!("{MEMBER}:{}", permit.id);
        return Err(ChainFault::insufficient(missing, finding.rule("PCHAIN-12")));
    };
    CanonicalEnvelope::read_complete(envelope).map_err(|fault| {
        let finding = finding(ReasonClass::ObjectFormInvalid, permit, MEMBER, &fault.to_string());
        ChainFault::insufficient("comparable_authority_envelopes", finding.rule("CLAIM-24"))
    })
}

fn inconsistent(
    permit: &PackedPermit<'_>,
    stated: &Value<'_>,
    envelope: &CanonicalEnvelope,
) -> ChainFault {
    let code = FailureCode::WalkPermitChainEnvelopeInconsistent;
    let summary = "a permit and its envelope end at different times";
    let stated = stated.as_str().unwrap_or_default();
    let inside = envelope.expires_at().unwrap_or_else(|| "none".to_owned());
    let finding = finding(code, permit, "expires_at", summary).rule("PCHAIN-04");
    let finding = finding.values(inside.clone(), format!("`{}`", Excerpt(stated)));
    ChainFault::disproved(finding).detail(Value::object([
        ("permit_id", permit.id.to_owned()),
        ("permit_expires_at", stated.to_owned()),
        ("envelope_expires_at", inside),
    ]))
}

fn absent_permit(pack: &ChainPack<'_>, permit_id: &str) -> ChainFault {
    let code = FailureCode::WalkPermitChainAncestorMissing;
    let summary = "the permit that is asked about is not in the pack";
    let finding = Finding::failure(code, pack.location("permits"), summary)
        .rule("PCHAIN-38")
        .detail("permit_id", Excerpt(permit_id).to_string());
    ChainFault::insufficient(format!("permit:{permit_id}"), finding)
}

fn missing_ancestor(child: &PackedPermit<'_>, parent_id: &str) -> ChainFault {
    let code = FailureCode::WalkPermitChainAncestorMissing;
    let summary = "the parent of a permit is not in the pack";
    let finding = finding(code, child, "parent_permit_id", summary).rule("PCHAIN-38");
    ChainFault::insufficient(format!("permit:{parent_id}"), finding).detail(Value::object([
        ("permit_id", child.id.to_owned()),
        ("missing_permit_id", parent_id.to_owned()),
    ]))
}

fn contradicted(permit: &PackedPermit<'_>) -> ChainFault {
    let summary = "two permits of the pack have one id and say different things";
    let finding = finding(ReasonClass::LineageMalformed, permit, "id", summary);
    ChainFault::disproved(finding.rule("PERMIT-26"))
}

fn cycle(permit: &PackedPermit<'_>) -> ChainFault {
    let summary = "a permit descends from itself";
    let finding = finding(ReasonClass::LineageMalformed, permit, "parent_permit_id", summary);
    ChainFault::disproved(finding.rule("PERMIT-23"))
}

fn no_reference(permit: &PackedPermit<'_>, value: &Value<'_>) -> ChainFault {
    let summary = "the parent of a permit is not named by a text";
    let finding = finding(ReasonClass::ObjectFormInvalid, permit, "parent_permit_id", summary)
        .rule("PCHAIN-38")
        .values("the id of a permit, or null", value.kind().as_str());
    ChainFault::insufficient(format!("parent_permit_id:{}", permit.id), finding)
}

/// PCHAIN-36: what keeps one tenant's authority from reaching another.
fn foreign_parent(child: &PackedPermit<'_>, parent: &PackedPermit<'_>) -> Option<ChainFault> {
    for permit in [child, parent] {
        if permit.text("project_id").is_none() {
            let summary = "a permit does not say which project it is of";
            let finding = finding(ReasonClass::ObjectFormInvalid, permit, "project_id", summary);
            let missing = format!("project_id:{}", permit.id);
            return Some(ChainFault::insufficient(missing, finding.rule("PCHAIN-36")));
        }
    }
    let (own, other) = (child.text("project_id")?, parent.text("project_id")?);
    if own.eq_ignore_ascii_case(other) {
        return None;
    }
    let summary = "the parent of a permit is in another project";
    let finding = finding(ReasonClass::LineageMalformed, child, "parent_permit_id", summary)
        .rule("PCHAIN-36")
        .values(format!("project `{}`", Excerpt(own)), format!("project `{}`", Excerpt(other)));
    Some(ChainFault::disproved(finding))
}

pub(crate) fn finding(
    reason: impl Into<permit_failure_codes::Reason>,
    permit: &PackedPermit<'_>,
    member: &str,
    summary: &str,
) -> Finding {
    Finding::failure(reason, permit.location(member), summary)
        .detail("permit_id", Excerpt(permit.id).to_string())
}

const RESERVED: [&str; 3] =
    ["authority_envelope_v2", "authority_envelope_signature", "delegation_constraints"];

/// Members of a set that a finding shows; the result has them all.
const SHOWN_MEMBERS: usize = 16;
