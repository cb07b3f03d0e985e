// SPDX-License-Identifier: Apache-2.0

//! Why evidence is not issued.

use permit_canonical_json::{CanonicalError, Excerpt};
use permit_keys::SignerError;
use permit_types::WorkflowDeclarationId;

/// Why workflow evidence is not issued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// There is no signature.
    #[error("the record was not signed: {0}")]
    Signer(#[from] SignerError),
    /// Something has no canonical form.
    #[error("the record cannot be hashed: {0}")]
    NotCanonical(#[from] CanonicalError),
    /// More calls are expected than are allowed.
    #[error("the amendment expects more calls than it allows")]
    MoreThanAllowed,
    /// The amendment does not come after what is there already.
    #[error("the amendment is older than the declaration or the amendment before it")]
    OutOfOrder,
    /// The workflow has an amendment of this id.
    #[error("the workflow has an amendment of this id already")]
    DuplicateAmendment,
    /// A permit cannot refer to a declaration that was made after it was decided.
    #[error("the permit was decided before the workflow was declared")]
    BeforeDeclaration,
    /// Two workflows have one declaration id.
    #[error("two workflows have the declaration `{id}`")]
    DuplicateDeclaration {
        /// The id.
        id: WorkflowDeclarationId,
    },
    /// The name of the file leads out of the folder of the export.
    #[error("the file name `{}` does not stay below the folder of the export", Excerpt(name))]
    FileName {
        /// The name.
        name: String,
    },
    /// The archive cannot be written.
    #[error("the archive cannot be written")]
    Archive,
}
