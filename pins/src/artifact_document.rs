// SPDX-License-Identifier: Apache-2.0

//! Semantic artifacts as documents.
//!
//! ```text
//! id       as references name it
//! version  of the artifact itself
//! kind     what sort of recipe it is
//! status   released, or on the way to it
//! body     the recipe; open
//! ```

use permit_canonical_json::{Budget, NotJson, ReadError, ShapeError, from_value, read, to_value};
use permit_claims::to_pretty_text;
use permit_types::{NonEmptyText, OpenObject};
use serde::{Deserialize, Serialize};

use crate::pack_files::ARTIFACT_BYTES;

/// A semantic artifact in the format of the pinning document.
///
/// Registries and comparators have formats of their own and are not of this type.
///
/// ```
/// use permit_canonical_json::Sha256Digest;
/// use permit_pins::ArtifactDocument;
///
/// let bytes = br#"{"id": "example.recipe.v1", "version": "v1", "kind": "recipe",
///     "status": "released", "body": {"hash": "sha256"}}"#;
/// let document = ArtifactDocument::read(bytes)?;
/// assert!(document.is_released());
///
/// // Written anew it says the same and has other bytes, so that it is another artifact (PIN-01).
/// let written = document.to_bytes()?;
/// assert_eq!(ArtifactDocument::read(&written)?, document);
/// assert_ne!(Sha256Digest::of(&written), Sha256Digest::of(bytes));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactDocument {
    /// The id.
    pub id: NonEmptyText,
    /// The version.
    pub version: NonEmptyText,
    /// What sort of recipe it is.
    pub kind: NonEmptyText,
    /// How far it has come; only [`is_released`](Self::is_released) ones may be pinned.
    pub status: NonEmptyText,
    /// The recipe.
    pub body: OpenObject,
}

/// Why bytes are no artifact document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArtifactDocumentError {
    /// They are not acceptable JSON.
    #[error("the artifact cannot be read: {0}")]
    Unreadable(ReadError),
    /// They are JSON of another form.
    #[error("the artifact has another form: {0}")]
    Shape(ShapeError),
}

impl ArtifactDocument {
    /// Reads a document. Whoever has a hash compares it before.
    ///
    /// # Errors
    /// If the bytes are no object of exactly these members.
    pub fn read(bytes: &[u8]) -> Result<Self, ArtifactDocumentError> {
        let value = read(bytes, &artifact_budget()).map_err(ArtifactDocumentError::Unreadable)?;
        from_value(&value).map_err(ArtifactDocumentError::Shape)
    }

    /// The document as bytes: members sorted, two spaces a level, one line break at the end. The
    /// same document always gives the same bytes.
    ///
    /// # Errors
    /// Never for a document that was read; JSON has a form for everything that it can hold.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NotJson> {
        to_value(self).map(|value| to_pretty_text(&value).into_bytes())
    }

    /// Whether it is released.
    #[must_use]
    pub fn is_released(&self) -> bool {
        self.status.as_str() == "released"
    }
}

/// What reading one artifact may cost.
pub(crate) fn artifact_budget() -> Budget {
    let mut budget = Budget::default();
    budget.input_bytes = ARTIFACT_BYTES;
    budget
}
