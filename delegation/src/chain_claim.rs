// SPDX-License-Identifier: Apache-2.0

//! What is asked about a pack with a permit chain (PCHAIN-28).

use core::fmt;

use permit_canonical_json::{Node, Object, Value};

/// The claims of the Permit Chain profile. They are not those of the claim registry (AMB-21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChainClaimType {
    /// Is the pack intact?
    ExportIntegrityOnly,
    /// Are references right, and envelopes bounded by those above them?
    LineageInternallyConsistent,
    /// And does the lineage start at a root of this project?
    LineageCompleteToRoot,
    /// And was this execution authorized when it was decided?
    ExecutionAuthorizedAtBoundary,
    /// Was this denial right?
    DelegationDeniedCorrectly,
}

impl ChainClaimType {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::ExportIntegrityOnly,
        Self::LineageInternallyConsistent,
        Self::LineageCompleteToRoot,
        Self::ExecutionAuthorizedAtBoundary,
        Self::DelegationDeniedCorrectly,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExportIntegrityOnly => "export_integrity_only",
            Self::LineageInternallyConsistent => "permit_lineage_internally_consistent",
            Self::LineageCompleteToRoot => "permit_lineage_complete_to_root",
            Self::ExecutionAuthorizedAtBoundary => "execution_authorized_at_boundary",
            Self::DelegationDeniedCorrectly => "delegation_denied_correctly",
        }
    }

    /// The claim of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|claim| claim.as_str() == name)
    }
}

impl fmt::Display for ChainClaimType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A claim, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainClaim {
    /// What is asked.
    pub claim_type: ChainClaimType,
    /// About what.
    pub scope: ClaimScope,
}

/// What a claim is about.
///
/// ```
/// use permit_delegation::ClaimScope;
///
/// let scope = ClaimScope::permit("00000000-0000-0001-0000-000000000002").execution("exec-1");
/// assert_eq!(scope.execution_id(), Some("exec-1"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimScope {
    permit_id: Option<String>,
    execution_id: Option<String>,
    event_id: Option<String>,
    /// Whether it says something else too, or something in another form.
    has_more: bool,
    written: Object<'static>,
}

impl ClaimScope {
    /// The pack as a whole, which only [`ChainClaimType::ExportIntegrityOnly`] can be about.
    #[must_use]
    pub fn whole_pack() -> Self {
        Self::default()
    }

    /// One permit, with its lineage.
    #[must_use]
    pub fn permit(permit_id: &str) -> Self {
        Self::default().with("permit_id", permit_id)
    }

    /// One execution of the permit.
    #[must_use]
    pub fn execution(self, execution_id: &str) -> Self {
        self.with("execution_id", execution_id)
    }

    /// One event about the permit.
    #[must_use]
    pub fn event(self, event_id: &str) -> Self {
        self.with("event_id", event_id)
    }

    /// Reads a scope as packs write it.
    #[must_use]
    pub fn read(scope: &Value<'_>) -> Self {
        let Node::Object(written) = scope.clone().into_owned().into_node() else {
            return Self { has_more: true, ..Self::default() };
        };
        let mut read = Self { written: written.clone(), ..Self::default() };
        for member in written.members() {
            read = match member.value().as_str() {
                Some(text) => read.with(member.name(), text),
                None => Self { has_more: true, ..read },
            };
        }
        read
    }

    fn with(mut self, name: &str, text: &str) -> Self {
        self.written.insert(name.to_owned(), text.to_owned());
        let text = Some(text.to_owned());
        match name {
            "permit_id" => self.permit_id = text,
            "execution_id" => self.execution_id = text,
            "event_id" => self.event_id = text,
            _ => self.has_more = true,
        }
        self
    }

    /// The permit.
    #[must_use]
    pub fn permit_id(&self) -> Option<&str> {
        self.permit_id.as_deref()
    }

    /// The execution.
    #[must_use]
    pub fn execution_id(&self) -> Option<&str> {
        self.execution_id.as_deref()
    }

    /// The event.
    #[must_use]
    pub fn event_id(&self) -> Option<&str> {
        self.event_id.as_deref()
    }

    /// Whether it narrows or widens the claim in a way that is not known here.
    pub(crate) fn has_more(&self) -> bool {
        self.has_more
    }

    /// The scope as results repeat it.
    #[must_use]
    pub fn to_value(&self) -> Value<'static> {
        self.written.clone().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amb_21_profile_names_read_back_and_are_a_list_of_their_own() {
        for claim in ChainClaimType::ALL {
            assert_eq!(ChainClaimType::parse(claim.as_str()), Some(*claim));
            assert_eq!(permit_claims::Claim::parse(claim.as_str()), None);
        }
    }
}
