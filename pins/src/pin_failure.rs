// SPDX-License-Identifier: Apache-2.0

//! Why the semantics of a pack did not resolve.

use permit_claims::{ClaimFault, Unsupported};
use permit_failure_codes::Reason;

use crate::semantics::{RequestedClaim, Resolution};

/// Why a pack cannot be judged by the semantics that it asks for.
///
/// The first failure ends the resolution and the judging of the whole pack: nothing of it is
/// looked at by semantics that it did not name (PIN-07).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PinFailure {
    /// The verdict, and what is wrong, where. The evidence names the two blocks of the pack.
    pub fault: ClaimFault,
    /// The claims that get this verdict. Others that the pack requires were not adjudicated, which
    /// [`enforce_required`](crate::enforce_required) says of them.
    pub marked: Vec<RequestedClaim>,
    /// What was resolved until then, the pin that failed included.
    pub resolution: Resolution,
    /// Whether a limit of this build was reached, so that nothing is said about the pack.
    pub limit: bool,
}

impl PinFailure {
    /// The verdict of the marked claims: insufficient evidence, or unverifiable scope.
    #[must_use]
    pub fn verdict(&self) -> Unsupported {
        self.fault.verdict
    }

    /// The word that reports use.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.fault.reason()
    }

    /// The same in a sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        self.fault.message()
    }
}
