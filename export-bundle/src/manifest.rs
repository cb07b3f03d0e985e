// SPDX-License-Identifier: Apache-2.0

//! The manifest that goes with an export.
//!
//! ```text
//! content_hash   sha256:<hex> over the bytes of the export file as they are stored
//! signature      over the text of content_hash, prefix included; never over the manifest (BUNDLE-09)
//! everything else is not signed: it describes, and is compared with what was signed
//! ```

use permit_canonical_json::{Budget, Object, ReadError, Sha256Digest, Value, read};

/// A manifest that could be read. Its members are not judged yet.
#[derive(Clone, Debug)]
pub struct Manifest {
    value: Value<'static>,
    digest: Sha256Digest,
}

/// Why a manifest cannot be used at all (BUNDLE-10).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestProblem {
    /// It is not acceptable JSON.
    #[error("the manifest cannot be read: {0}")]
    Unreadable(ReadError),
    /// It is JSON, but no object.
    #[error("the manifest is {found}, not an object")]
    NoObject {
        /// What it is.
        found: &'static str,
    },
}

impl ManifestProblem {
    /// Whether a limit was reached, so that nothing can be said about the manifest.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        match self {
            Self::Unreadable(error) => error.kind().is_limit(),
            Self::NoObject { .. } => false,
        }
    }
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// It is held in memory whole, and nothing of it is signed when it is read: it may have no more
    /// bytes than the budget has for a value, and never more than 8 MiB, a thousand times as much
    /// as manifests have.
    ///
    /// # Errors
    /// If the bytes are no JSON object, or more than is allowed.
    pub fn read(bytes: &[u8], budget: &Budget) -> Result<Self, ManifestProblem> {
        let mut held = *budget;
        let limit = u64::try_from(budget.value_bytes.min(MANIFEST_BYTES)).unwrap_or(u64::MAX);
        held.input_bytes = held.input_bytes.min(limit);
        let value = read(bytes, &held).map_err(ManifestProblem::Unreadable)?;
        if value.as_object().is_none() {
            return Err(ManifestProblem::NoObject { found: value.kind().as_str() });
        }
        Ok(Self { value: value.into_owned(), digest: Sha256Digest::of(bytes) })
    }

    /// The whole manifest.
    #[must_use]
    pub fn value(&self) -> &Value<'static> {
        &self.value
    }

    /// The digest of the manifest's own bytes, to name it by.
    #[must_use]
    pub fn digest(&self) -> Sha256Digest {
        self.digest
    }

    /// A member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'static>> {
        self.value.get(name)
    }

    /// The text of a member, if it is one.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// All members.
    #[must_use]
    pub fn members(&self) -> Option<&Object<'static>> {
        self.value.as_object()
    }

    /// Whether the manifest has a member that is not null.
    #[must_use]
    pub fn states(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !value.is_null())
    }
}

/// The members that identify what was exported; they are compared with the export itself.
pub const IDENTITY_MEMBERS: [&str; 6] =
    ["export_id", "project_id", "export_type", "format", "compressed", "record_count"];

/// A value may take 150 times the memory of its text, if the text is made for it.
const MANIFEST_BYTES: usize = 8 * 1024 * 1024;
