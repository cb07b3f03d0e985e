// SPDX-License-Identifier: Apache-2.0

//! Why a claim about a permit chain is not supported.

use permit_canonical_json::Value;
use permit_claims::{ClaimFault, Unsupported};
use permit_types::Finding;

/// A fault, with what the result shows of it.
///
/// There is one way to make each verdict, and that of an absence asks what is absent: an
/// `insufficient_evidence` without a list cannot be written (PCHAIN-30).
#[derive(Clone, Debug)]
pub(crate) struct ChainFault {
    verdict: Unsupported,
    missing: Vec<String>,
    detail: Option<Value<'static>>,
    finding: Box<Finding>,
}

impl ChainFault {
    pub(crate) fn insufficient(missing: impl Into<String>, finding: Finding) -> Self {
        let missing: String = missing.into();
        let finding = finding.detail("requirement", missing.clone());
        Self::new(Unsupported::InsufficientEvidence, vec![missing], finding)
    }

    pub(crate) fn disproved(finding: Finding) -> Self {
        Self::new(Unsupported::Disproved, Vec::new(), finding)
    }

    pub(crate) fn unverifiable(finding: Finding) -> Self {
        Self::new(Unsupported::UnverifiableScope, Vec::new(), finding)
    }

    /// The fault of another layer. `requirement` is what is missing if that is what it says.
    pub(crate) fn of_layer(fault: &ClaimFault, requirement: &str) -> Self {
        let missing = match fault.verdict {
            Unsupported::InsufficientEvidence => vec![requirement.to_owned()],
            Unsupported::UnverifiableScope | Unsupported::Disproved => Vec::new(),
        };
        Self::new(fault.verdict, missing, (*fault.finding).clone())
    }

    /// The fault of a denial that was judged; its list is not empty if something is missing.
    pub(crate) fn of_denial(
        fault: &ClaimFault,
        missing: &[String],
        detail: Option<Value<'static>>,
    ) -> Self {
        let finding = (*fault.finding).clone();
        Self { detail, ..Self::new(fault.verdict, missing.to_vec(), finding) }
    }

    fn new(verdict: Unsupported, missing: Vec<String>, finding: Finding) -> Self {
        Self { verdict, missing, detail: None, finding: Box::new(finding) }
    }

    /// What else is missing.
    pub(crate) fn also(mut self, missing: impl IntoIterator<Item = String>) -> Self {
        self.missing.extend(missing);
        self
    }

    /// What the taxonomy wants told with the code.
    pub(crate) fn detail(mut self, detail: Value<'static>) -> Self {
        self.detail = Some(detail);
        self
    }

    /// The fault, what is missing, and the detail.
    pub(crate) fn into_parts(self) -> (ClaimFault, Vec<String>, Option<Value<'static>>) {
        let fault = ClaimFault::new(self.verdict, *self.finding).evidence(["claim_evidence"]);
        (fault, self.missing, self.detail)
    }
}
