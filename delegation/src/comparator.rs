// SPDX-License-Identifier: Apache-2.0

//! Which comparator a pack's envelopes are compared by.
//!
//! ```text
//!                                                                    verdict if not
//! the envelope's version is in the allow-list        PCHAIN-07, -10  unverifiable_scope
//! the pack has the version's registry, inline or
//! by hash                                            PCHAIN-09       insufficient_evidence
//! the registry says what the code does: its hash is
//! the released one, or its content is                PCHAIN-11       unverifiable_scope
//! ```

use permit_canonical_json::{Excerpt, Value};

use crate::{
    canonical_envelope::CanonicalEnvelope, comparator_registry::ComparatorRegistry,
    envelope_excess::EnvelopeExcess, envelope_version::EnvelopeVersion,
};

/// The comparator of one version. It is code; what a pack says about it is only compared with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparator {
    version: EnvelopeVersion,
}

impl Comparator {
    /// The comparator of a version, for an issuer, or for who has resolved its pin already.
    #[must_use]
    pub const fn built_in(version: EnvelopeVersion) -> Self {
        Self { version }
    }

    /// The comparator that a pack names for a version: a registry inline, its hash, or both.
    ///
    /// An inline registry is compared by content, since the bytes of a member of a document are
    /// not those of the released file. A hash needs no bytes: one that is in the allow-list
    /// identifies the released file, whether or not somebody has it at hand (AMB-45).
    ///
    /// # Errors
    /// Why there is none.
    pub fn of_pack(
        version: EnvelopeVersion,
        inline: Option<&Value<'_>>,
        hash: Option<&Value<'_>>,
    ) -> Result<Self, ComparatorProblem> {
        let inline = inline.filter(|value| !value.is_null());
        let hash = hash.filter(|value| !value.is_null());
        if inline.is_none() && hash.is_none() {
            return Err(ComparatorProblem::Missing);
        }
        if let Some(hash) = hash {
            check_hash(version, hash)?;
        }
        if let Some(inline) = inline {
            check_inline(version, inline)?;
        }
        Ok(Self { version })
    }

    /// The version.
    #[must_use]
    pub const fn version(self) -> EnvelopeVersion {
        self.version
    }

    /// What the child's envelope has that the parent's has not; nothing if it is within it.
    #[must_use]
    pub fn excess(
        self,
        parent: &CanonicalEnvelope,
        child: &CanonicalEnvelope,
    ) -> Option<EnvelopeExcess> {
        match self.version {
            EnvelopeVersion::V0 => EnvelopeExcess::v0(parent, child),
        }
    }
}

/// Why a pack names no comparator that may be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComparatorProblem {
    /// The pack has neither a registry nor the hash of one (PCHAIN-08).
    #[error("the pack has neither a comparator registry nor the hash of one")]
    Missing,
    /// What stands where the registry belongs is none.
    #[error("what stands in place of the comparator registry is {found}")]
    NotARegistry {
        /// What it is.
        found: &'static str,
    },
    /// The registry is that of another version.
    #[error("the comparator registry is that of `{}`", Excerpt(found))]
    OtherVersion {
        /// The version it is for.
        found: String,
    },
    /// The registry has the right version and other rules (PCHAIN-11).
    #[error("the comparator registry has other rules than the released one of its version")]
    OtherRules,
    /// The hash is that of no released registry (CLAIM-12).
    #[error("`{}` is the hash of no released comparator registry", Excerpt(found))]
    UnknownHash {
        /// The hash.
        found: String,
    },
}

impl ComparatorProblem {
    /// Whether there is a comparator whose meaning is not known here, rather than none.
    #[must_use]
    pub const fn is_unknown_meaning(&self) -> bool {
        matches!(self, Self::OtherRules | Self::UnknownHash { .. })
    }
}

fn check_hash(version: EnvelopeVersion, hash: &Value<'_>) -> Result<(), ComparatorProblem> {
    let not_text = || ComparatorProblem::NotARegistry { found: hash.kind().as_str() };
    let found = hash.as_str().ok_or_else(not_text)?;
    match EnvelopeVersion::of_registry_hash(found) {
        Some(named) if named == version => Ok(()),
        Some(named) => Err(ComparatorProblem::OtherVersion { found: named.as_str().to_owned() }),
        None => Err(ComparatorProblem::UnknownHash { found: found.to_owned() }),
    }
}

fn check_inline(version: EnvelopeVersion, inline: &Value<'_>) -> Result<(), ComparatorProblem> {
    let not_a_registry = || ComparatorProblem::NotARegistry { found: inline.kind().as_str() };
    let named = inline.get("version").and_then(Value::as_str).ok_or_else(not_a_registry)?;
    if named != version.as_str() {
        return Err(ComparatorProblem::OtherVersion { found: named.to_owned() });
    }
    match ComparatorRegistry::read(inline) {
        Ok(registry) if registry == ComparatorRegistry::built_in(version) => Ok(()),
        _ => Err(ComparatorProblem::OtherRules),
    }
}
