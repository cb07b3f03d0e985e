// SPDX-License-Identifier: Apache-2.0

//! The released states of claim registry v0.

use permit_claims::Claim;

/// A released state of the claim registry `verifier-claims.v0`.
///
/// The registry was called immutable and grew all the same: one version, five byte states
/// (CLAIM-05, AMB-45). Each state only adds claims, so that the order of the states is that of
/// what they define. A pack may request what the state it names defines, and nothing else.
///
/// ```
/// use permit_claims::Claim;
/// use permit_pins::RegistryRelease;
///
/// assert!(RegistryRelease::Claims21.defines(Claim::PermitRevoked));
/// assert!(!RegistryRelease::Claims18.defines(Claim::PermitRevoked));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegistryRelease {
    /// 15 claims: exports, chains, closures, workflows, incidents and checkpoints.
    Claims15,
    /// 16 claims: the denial of delegated authority is new. The legacy profile names this state.
    Claims16,
    /// 18 claims: scope states and faithful exports are new.
    Claims18,
    /// 21 claims: decisions, revocations and absence of dispatch are new. The state of
    /// specification 1.4.
    Claims21,
    /// 24 claims: the three signature slots of permits are new. The state of the reference 2.5.1.
    Claims24,
}

impl RegistryRelease {
    /// All states, oldest first.
    pub const ALL: &[Self] =
        &[Self::Claims15, Self::Claims16, Self::Claims18, Self::Claims21, Self::Claims24];

    /// The state that new packs name.
    pub const CURRENT: Self = Self::Claims24;

    /// The first state that defines the claim.
    #[must_use]
    pub const fn introducing(claim: Claim) -> Self {
        match claim {
            Claim::ExportIntegrity
            | Claim::ExportScopeIdentity
            | Claim::ChainContinuity
            | Claim::ClosureSignature
            | Claim::ClosureDigests
            | Claim::ClosureDispatch
            | Claim::WorkflowDeclarations
            | Claim::WorkflowAmendments
            | Claim::WorkflowIntent
            | Claim::WorkflowSnapshot
            | Claim::IncidentManifest
            | Claim::CheckpointHash
            | Claim::CheckpointSignature
            | Claim::CheckpointTsa
            | Claim::WorkflowSibling => Self::Claims15,
            Claim::DelegationDenied => Self::Claims16,
            Claim::ScopeState | Claim::ScopeFaithfulness => Self::Claims18,
            Claim::PermitDecision | Claim::PermitRevoked | Claim::DispatchAbsence => Self::Claims21,
            Claim::OperatorApproved | Claim::CounterSigned | Claim::AuditAttested => Self::Claims24,
        }
    }

    /// Whether this state defines the claim.
    #[must_use]
    pub fn defines(self, claim: Claim) -> bool {
        Self::introducing(claim) <= self
    }

    /// The claims that this state defines.
    pub fn claims(self) -> impl Iterator<Item = Claim> {
        Claim::ALL.iter().copied().filter(move |claim| self.defines(*claim))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claim_06_each_state_defines_as_many_claims_as_its_name_says() {
        let counts: Vec<_> =
            RegistryRelease::ALL.iter().map(|state| state.claims().count()).collect();
        assert_eq!(counts, [15, 16, 18, 21, 24]);
        assert!(RegistryRelease::ALL.is_sorted());
    }
}
