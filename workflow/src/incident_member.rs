// SPDX-License-Identifier: Apache-2.0

//! The members of incident archives that this crate knows. Nothing else is ever read.

/// A member of an incident archive of manifest version 2 (SEM-09).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IncidentMember {
    /// What administrators did.
    AdminActions,
    /// The checkpoints before and after the incident.
    BracketCheckpoints,
    /// The events of the governance chain.
    GovernanceEvents,
    /// What the archive is about.
    Metadata,
    /// The permits, with their workflow snapshots.
    Permits,
    /// The workflow declarations.
    WorkflowDeclarations,
    /// The workflow amendments.
    WorkflowAmendments,
    /// What was decided about calls of tools.
    McpToolDecisions,
    /// The bundle manifest, where the export's manifest is none. Not required.
    Manifest,
    /// The bundle manifest under its other name. Not required.
    BundleManifest,
}

impl IncidentMember {
    /// The members that an archive has to have, in the order in which they are looked for.
    pub const REQUIRED: [Self; 8] = [
        Self::AdminActions,
        Self::BracketCheckpoints,
        Self::GovernanceEvents,
        Self::Metadata,
        Self::Permits,
        Self::WorkflowDeclarations,
        Self::WorkflowAmendments,
        Self::McpToolDecisions,
    ];

    /// The name in the archive.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::AdminActions => "admin_actions.jsonl",
            Self::BracketCheckpoints => "bracket_checkpoints.json",
            Self::GovernanceEvents => "governance_events.jsonl",
            Self::Metadata => "incident_metadata.json",
            Self::Permits => "permits.jsonl",
            Self::WorkflowDeclarations => "workflow_declarations.jsonl",
            Self::WorkflowAmendments => "workflow_amendments.jsonl",
            Self::McpToolDecisions => "mcp_tool_decisions.jsonl",
            Self::Manifest => "manifest.json",
            Self::BundleManifest => "bundle_manifest.json",
        }
    }

    /// The schema that the bundle manifest has to list it under; none for bundle manifests.
    #[must_use]
    pub fn schema(self) -> Option<&'static str> {
        match self {
            Self::AdminActions => Some("keel.admin_actions/v1"),
            Self::BracketCheckpoints => Some("keel.bracket_checkpoints/v1"),
            Self::GovernanceEvents => Some("keel.governance_events/v1"),
            Self::Metadata => Some("keel.incident_metadata/v1"),
            Self::Permits => Some("keel.permits/v1"),
            Self::WorkflowDeclarations => Some("keel.workflow_declarations/v1"),
            Self::WorkflowAmendments => Some("keel.workflow_amendments/v1"),
            Self::McpToolDecisions => Some("keel.mcp_tool_decisions/v1"),
            Self::Manifest | Self::BundleManifest => None,
        }
    }

    /// The member of this name.
    #[must_use]
    pub fn of_name(name: &[u8]) -> Option<Self> {
        let manifests = [Self::Manifest, Self::BundleManifest];
        let mut all = Self::REQUIRED.into_iter().chain(manifests);
        all.find(|member| member.file_name().as_bytes() == name)
    }
}

/// `schema` of the metadata document inside an incident archive.
pub const INCIDENT_EVIDENCE_SCHEMA: &str = "keel.incident_evidence/v1";
