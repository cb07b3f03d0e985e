// SPDX-License-Identifier: Apache-2.0

//! Authority as an issuer hands it on: from a root down, each step within the one above it.

use permit_canonical_json::Sha256Digest;
use permit_types::{AuthorityEnvelope, PermitId, ProjectId};

use crate::{
    canonical_envelope::{CanonicalEnvelope, EnvelopeFault},
    comparator::Comparator,
    envelope_excess::EnvelopeExcess,
    envelope_version::EnvelopeVersion,
};

/// A permit's authority, with all authority it is derived from.
///
/// It grows by [`delegate`](crate::delegate) only, so that every step is within the one
/// above it and all are of one project (PCHAIN-36).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityLine {
    project_id: ProjectId,
    above: Vec<AuthorityLink>,
    leaf: AuthorityLink,
}

/// One permit of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityLink {
    permit_id: PermitId,
    envelope: CanonicalEnvelope,
    hash: Sha256Digest,
}

impl AuthorityLine {
    /// The authority of a root, which is derived from none.
    ///
    /// # Errors
    /// If the envelope has no canonical form.
    pub fn root(
        project_id: ProjectId,
        permit_id: PermitId,
        envelope: &AuthorityEnvelope,
    ) -> Result<Self, EnvelopeFault> {
        let leaf = AuthorityLink::new(permit_id, CanonicalEnvelope::of(envelope)?);
        Ok(Self { project_id, above: Vec::new(), leaf })
    }

    pub(crate) fn extended(&self, permit_id: PermitId, child: &ChildEnvelope) -> Self {
        let mut above = self.above.clone();
        above.push(self.leaf.clone());
        let leaf = AuthorityLink::new(permit_id, child.canonical.clone());
        Self { project_id: self.project_id.clone(), above, leaf }
    }

    /// The project.
    #[must_use]
    pub fn project_id(&self) -> &ProjectId {
        &self.project_id
    }

    /// The version that its envelopes are compared by.
    #[must_use]
    pub fn version(&self) -> EnvelopeVersion {
        EnvelopeVersion::V0
    }

    /// The permit whose authority this is.
    #[must_use]
    pub fn leaf(&self) -> &AuthorityLink {
        &self.leaf
    }

    /// The permits above it, root first.
    #[must_use]
    pub fn ancestors(&self) -> &[AuthorityLink] {
        &self.above
    }

    /// All of them, root first.
    pub fn links(&self) -> impl Iterator<Item = &AuthorityLink> {
        self.above.iter().chain([&self.leaf])
    }

    /// The steps from the root.
    #[must_use]
    pub fn depth(&self) -> u64 {
        u64::try_from(self.above.len()).unwrap_or(u64::MAX)
    }
}

impl AuthorityLink {
    fn new(permit_id: PermitId, envelope: CanonicalEnvelope) -> Self {
        let hash = envelope.hash();
        Self { permit_id, envelope, hash }
    }

    /// The permit.
    #[must_use]
    pub fn permit_id(&self) -> &PermitId {
        &self.permit_id
    }

    /// Its envelope.
    #[must_use]
    pub fn envelope(&self) -> &CanonicalEnvelope {
        &self.envelope
    }

    /// The hash of its envelope.
    #[must_use]
    pub fn hash(&self) -> Sha256Digest {
        self.hash
    }
}

/// An envelope that is within that of a permit, for a child of that permit.
///
/// There is no child permit without one, and no way to make one but the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildEnvelope {
    envelope: AuthorityEnvelope,
    canonical: CanonicalEnvelope,
    parent: AuthorityLink,
}

/// Why an envelope is not that of a child.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotWithin {
    /// It allows what the parent's does not.
    #[error("the envelope allows what its parent's does not")]
    Exceeds(EnvelopeExcess),
    /// It cannot be compared.
    #[error(transparent)]
    Malformed(#[from] EnvelopeFault),
}

impl ChildEnvelope {
    /// Compares what is asked for with the authority that it is to be a part of.
    ///
    /// ```
    /// use permit_canonical_json::{Budget, from_value, read};
    /// use permit_delegation::{AuthorityLine, ChildEnvelope};
    /// use permit_types::{PermitId, ProjectId};
    ///
    /// let envelope = |actions: &str| {
    ///     let text = format!(r#"{{"actions": {actions}, "tools": [], "providers": [], "models": [],
    ///         "data_classes": [], "regions": [], "expires_at": "2027-01-01T00:00:00Z"}}"#);
    ///     from_value(&read(text.as_bytes(), &Budget::default()).unwrap()).unwrap()
    /// };
    /// let project = ProjectId::parse("00000000-0000-0000-0000-000000000001").unwrap();
    /// let permit = PermitId::parse("00000000-0000-0001-0000-000000000001").unwrap();
    /// let parent = AuthorityLine::root(project, permit, &envelope(r#"["read", "write"]"#))?;
    ///
    /// assert!(ChildEnvelope::within(&parent, envelope(r#"["read"]"#)).is_ok());
    /// assert!(ChildEnvelope::within(&parent, envelope(r#"["read", "delete"]"#)).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// What it has too much, or why it cannot be compared.
    pub fn within(parent: &AuthorityLine, requested: AuthorityEnvelope) -> Result<Self, NotWithin> {
        let canonical = CanonicalEnvelope::of(&requested)?;
        let comparator = Comparator::built_in(parent.version());
        match comparator.excess(&parent.leaf.envelope, &canonical) {
            Some(excess) => Err(NotWithin::Exceeds(excess)),
            None => Ok(Self { envelope: requested, canonical, parent: parent.leaf.clone() }),
        }
    }

    /// The envelope as it was asked for.
    #[must_use]
    pub fn as_envelope(&self) -> &AuthorityEnvelope {
        &self.envelope
    }

    /// The permit that it was compared with.
    #[must_use]
    pub fn parent(&self) -> &AuthorityLink {
        &self.parent
    }
}
