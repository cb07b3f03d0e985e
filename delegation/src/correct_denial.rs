// SPDX-License-Identifier: Apache-2.0

//! What the denial claim comes to: a proof, or a fault.

use std::borrow::Cow;

use permit_claims::{ClaimFault, Unsupported};
use permit_types::{Artifact, Finding, Location};

use crate::{denial_token::DenialToken, envelope_excess::EnvelopeExcess};

/// Proof that a recorded denial of delegated authority was right, as far as the evidence goes.
///
/// Nobody signed any of it: whoever makes up a whole chain makes up a proof as well. Anchor the
/// chain by a signed export or a checkpoint before relying on it.
///
/// ```compile_fail,E0451
/// use permit_delegation::{CorrectDenial, DigestBinding, ProvenGround};
///
/// let forged = CorrectDenial {
///     event_id: String::new(), ground: ProvenGround::ParentMissing, digest: DigestBinding::Chained, events: 1, scopes: 1,
/// };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectDenial {
    pub(crate) event_id: String,
    pub(crate) ground: ProvenGround,
    pub(crate) digest: DigestBinding,
    pub(crate) events: usize,
    pub(crate) scopes: usize,
}

/// What a denial was right about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProvenGround {
    /// There was no parent envelope, as far as the issuer says. Nothing here can show that it hid none.
    ParentMissing,
    /// The child asked for what its parent does not have.
    Exceeds(EnvelopeExcess),
}

/// What keeps the covering digest from being replaced together with the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestBinding {
    /// Its event names the batch, and the record hash covers that name.
    Chained,
    /// Nothing: its event names no batch, so that the record hash covers neither payload.
    Unbound,
}

impl CorrectDenial {
    /// The event of the denial.
    #[must_use]
    pub fn event_id(&self) -> &str {
        &self.event_id
    }

    /// What the denial was right about.
    #[must_use]
    pub fn ground(&self) -> &ProvenGround {
        &self.ground
    }

    /// What binds the covering digest.
    #[must_use]
    pub fn digest_binding(&self) -> DigestBinding {
        self.digest
    }

    /// Number of events in the prefix.
    #[must_use]
    pub fn events(&self) -> usize {
        self.events
    }

    /// Number of chains that they are of.
    #[must_use]
    pub fn scopes(&self) -> usize {
        self.scopes
    }
}

/// Why a denial is not shown to have been right.
#[derive(Clone, Debug)]
pub(crate) struct DenialFault {
    pub(crate) missing: Vec<Cow<'static, str>>,
    pub(crate) errors: Vec<String>,
    pub(crate) verdict: Unsupported,
    finding: Box<Finding>,
}

impl DenialFault {
    pub(crate) fn new(token: DenialToken, at: Option<Location>, summary: &str) -> Self {
        let at = at.unwrap_or_else(|| Location::whole(Artifact::ClaimEvidence));
        let finding = Finding::failure(token.reason(), at, summary)
            .rule(token.rule())
            .detail("token", token.as_str());
        let word = token.as_str();
        let (missing, errors) = match token.verdict() {
            Unsupported::InsufficientEvidence => (vec![Cow::Borrowed(word)], Vec::new()),
            Unsupported::UnverifiableScope | Unsupported::Disproved => {
                (Vec::new(), vec![word.to_owned()])
            }
        };
        Self { missing, errors, verdict: token.verdict(), finding: Box::new(finding) }
    }

    /// Names the member that a [`DenialToken::ChainField`] is about.
    pub(crate) fn member(mut self, name: &'static str) -> Self {
        self.missing = vec![Cow::Owned(format!("{}:{name}", DenialToken::ChainField.as_str()))];
        self.detail("member", name)
    }

    /// Adds something else that is missing.
    pub(crate) fn also(mut self, token: DenialToken) -> Self {
        self.missing.push(Cow::Borrowed(token.as_str()));
        self
    }

    /// Adds why, in words.
    pub(crate) fn error(mut self, error: String) -> Self {
        self.errors.push(error);
        self
    }

    pub(crate) fn rule(mut self, id: &'static str) -> Self {
        self.finding = Box::new((*self.finding).rule(id));
        self
    }

    pub(crate) fn values(mut self, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        self.finding = Box::new((*self.finding).values(expected, actual));
        self
    }

    pub(crate) fn detail(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.finding = Box::new((*self.finding).detail(name, value));
        self
    }

    pub(crate) fn into_claim_fault(self) -> ClaimFault {
        ClaimFault::new(self.verdict, *self.finding).evidence(["claim_evidence.events"])
    }
}
