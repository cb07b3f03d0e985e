// SPDX-License-Identifier: Apache-2.0

//! Which controls the evidence at hand supports.

use std::collections::{BTreeMap, BTreeSet};

use permit_claims::Claim;

use crate::{
    control::{Control, Evidence, EvidenceType},
    framework::{Framework, FrameworkId},
    mappings::Mappings,
};

/// The evidence that is there, after it was verified. Whoever makes one vouches for that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvidencePresent {
    /// Members of permits that are not null, and in how many permits.
    pub permit_fields: BTreeMap<String, u64>,
    /// Artifacts that are there, by id.
    pub artifacts: BTreeSet<String>,
    /// The claims that are supported.
    pub claims: BTreeSet<Claim>,
}

impl EvidencePresent {
    /// Whether a piece of evidence is there, and everything that it rests on is supported.
    #[must_use]
    pub fn has(&self, mappings: &Mappings, evidence: &Evidence) -> bool {
        let Some(artifact) = &evidence.artifact else {
            let stated = |name: &String| self.permit_fields.get(name).is_some_and(|n| *n > 0);
            return !evidence.permit_fields.is_empty()
                && evidence.permit_fields.iter().all(stated)
                && self.claims.contains(&FIELDS_REST_ON);
        };
        self.artifacts.contains(artifact)
            && mappings.artifact(artifact).is_some_and(|artifact| {
                let mut claims = artifact.claims.iter().map(|name| Claim::parse(name));
                claims.all(|claim| claim.is_some_and(|claim| self.claims.contains(&claim)))
            })
    }
}

/// A control that is supported, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlSupport<'m> {
    /// The control.
    pub control: &'m Control,
    /// The pieces that are there; at least one.
    pub present: Vec<&'m Evidence>,
    /// The pieces that are not, or whose claims are not supported.
    pub absent: Vec<&'m Evidence>,
    /// The claims that the pieces rest on, all of them supported.
    pub claims: BTreeSet<Claim>,
}

impl ControlSupport<'_> {
    /// How far the evidence that is there carries the control: the most that one piece does.
    #[must_use]
    pub fn evidence_type(&self) -> Option<EvidenceType> {
        let of = |evidence: &&Evidence| evidence.evidence_type.or(self.control.evidence_type);
        self.present.iter().filter_map(of).max()
    }
}

/// A framework and its controls that are supported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameworkSupport<'m> {
    /// The framework.
    pub framework: &'m Framework,
    /// The controls that are supported.
    pub supported: Vec<ControlSupport<'m>>,
    /// The controls that are mapped and for which nothing is there.
    pub unsupported: Vec<&'m Control>,
}

impl Mappings {
    /// What the evidence supports, framework by framework; one alone if it is named.
    #[must_use]
    pub fn supported_by<'m>(
        &'m self,
        present: &EvidencePresent,
        only: Option<FrameworkId>,
    ) -> Vec<FrameworkSupport<'m>> {
        let frameworks = self.frameworks().iter();
        let named =
            frameworks.filter(|framework| only.is_none_or(|only| framework.framework == only));
        named.map(|framework| self.support_of(framework, present)).collect()
    }

    fn support_of<'m>(
        &'m self,
        framework: &'m Framework,
        present: &EvidencePresent,
    ) -> FrameworkSupport<'m> {
        let mut supported = Vec::new();
        let mut unsupported = Vec::new();
        for control in &framework.controls {
            let (there, absent): (Vec<_>, Vec<_>) =
                control.evidence.iter().partition(|evidence| present.has(self, evidence));
            if there.is_empty() {
                unsupported.push(control);
                continue;
            }
            let claims = there.iter().flat_map(|evidence| self.claims_of(evidence)).collect();
            supported.push(ControlSupport { control, present: there, absent, claims });
        }
        FrameworkSupport { framework, supported, unsupported }
    }

    /// The claims that a piece of evidence rests on.
    fn claims_of(&self, evidence: &Evidence) -> Vec<Claim> {
        match &evidence.artifact {
            None => vec![FIELDS_REST_ON],
            Some(artifact) => self
                .artifact(artifact)
                .into_iter()
                .flat_map(|artifact| artifact.claims.iter().filter_map(|name| Claim::parse(name)))
                .collect(),
        }
    }
}

/// Members of permits are text in a signed file: they rest on its integrity.
const FIELDS_REST_ON: Claim = Claim::ExportIntegrity;
