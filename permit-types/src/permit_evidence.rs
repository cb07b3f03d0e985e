// SPDX-License-Identifier: Apache-2.0

//! What somebody attached to a permit.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{PermitEvidenceId, PermitId, ProjectId, Rfc3339};

/// A piece of evidence attached to a permit, such as a ticket. Closed; all members are required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PermitEvidence {
    /// The id of the attachment.
    pub id: PermitEvidenceId,
    /// The permit it is attached to.
    pub permit_id: PermitId,
    /// The project of that permit.
    pub project_id: ProjectId,
    /// What kind of evidence it is.
    pub evidence_type: String,
    /// The evidence.
    pub evidence_value: String,
    /// A name for people.
    pub label: String,
    /// Who attached it.
    pub attached_by: String,
    /// When.
    pub attached_at: Rfc3339,
}
