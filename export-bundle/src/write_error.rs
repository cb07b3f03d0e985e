// SPDX-License-Identifier: Apache-2.0

//! Why something was not written.

use std::io;

use permit_canonical_json::{Excerpt, NotJson, ShapeError};
use permit_chain::WalkLimit;
use permit_types::{Finding, IncompleteEntry, PermitId, ProjectId, Rfc3339, RuleId};

/// Why something was not written into an export, or the export not finished.
///
/// What a writer refuses changes nothing: it can go on with something else. Only after
/// [`Io`](Self::Io) it cannot, since nobody knows what is in the file then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The sink did not take the bytes.
    #[error("the export cannot be written: {0}")]
    Io(#[from] io::Error),
    /// An earlier write failed, so that the file is of no use.
    #[error("an earlier write to this export failed; start it anew")]
    Broken,
    /// The time range is empty.
    #[error("the time range of the export ends at `{to}`, which is not after its start")]
    EmptyRange {
        /// Its end.
        to: Rfc3339,
    },
    /// A time of the head is not in UTC.
    #[error("`{member}` of the export is not in UTC; write the same instant with `Z`")]
    NotUtc {
        /// The member.
        member: &'static str,
    },
    /// Something has no form in JSON.
    #[error("it cannot be written: {0}")]
    NotJson(#[from] NotJson),
    /// A record is not of the form that the schema has.
    #[error("the record has not its form: {0}")]
    RecordForm(#[from] ShapeError),
    /// A record breaks a rule about permits.
    #[error("the permit of the record would not verify: {}", .0.summary)]
    Permit(Box<Finding>),
    /// A record of another project.
    #[error("the permit `{permit_id}` is of the project `{found}`, which the export is not about")]
    OtherProject {
        /// The permit.
        permit_id: PermitId,
        /// Its project.
        found: ProjectId,
    },
    /// An event of another project.
    #[error("the event is of another project than the export")]
    OtherProjectOfEvent,
    /// A permit from before or after the time range.
    #[error(
        "the permit `{permit_id}` was created at `{created_at}`, out of the export's time range"
    )]
    OutOfRange {
        /// The permit.
        permit_id: PermitId,
        /// When it was created.
        created_at: Rfc3339,
    },
    /// A record has no chain entries where each has to have them.
    #[error("the record of permit `{permit_id}` has no `chain_entries`, which may be empty")]
    EntriesMissing {
        /// The permit.
        permit_id: PermitId,
    },
    /// Chain entries where the form of the export has none.
    #[error("chain entries have no place here in an export of this form")]
    EntriesOutOfPlace,
    /// A chain entry without what makes it one.
    #[error("a chain entry cannot be walked: {0}")]
    IncompleteEntry(#[from] IncompleteEntry),
    /// An event without what makes it one.
    #[error("an event lacks `{member}`")]
    IncompleteEvent {
        /// The member.
        member: &'static str,
    },
    /// A record after what follows the records.
    #[error("the records of the export are ended")]
    RecordsEnded,
    /// A member that the writer writes itself, or that is there already.
    #[error("the export has a member `{}` already", Excerpt(name))]
    MemberTwice {
        /// The member.
        name: String,
    },
    /// Lines of events have no document that could have members.
    #[error("a file of lines has no members")]
    NoDocument,
    /// Another number of records than was announced.
    #[error("{announced} records were announced, and there were {written}")]
    OtherCount {
        /// What was announced.
        announced: u64,
        /// What was written.
        written: u64,
    },
    /// One line could be a document, and none is nothing.
    #[error("{lines} events make no file of lines; write a document instead")]
    TooFewLines {
        /// How many there are.
        lines: u64,
    },
    /// The entries do not hash or link.
    #[error("the chain entries of the export do not hold: {}", .0.summary)]
    Chain(Box<Finding>),
    /// It could not be found out whether the entries link.
    #[error("the chain entries of the export could not be walked: {0}")]
    ChainLimit(WalkLimit),
}

impl WriteError {
    /// The rule that would be broken, if it is one.
    #[must_use]
    pub fn rule(&self) -> Option<RuleId> {
        let rule = match self {
            Self::Permit(finding) | Self::Chain(finding) => return finding.rule,
            Self::EmptyRange { .. } => "AMB-49",
            Self::NotUtc { .. } => "PERMIT-33",
            Self::RecordForm(_) => "CONF-01",
            Self::OtherProject { .. } | Self::OtherProjectOfEvent => "PCHAIN-36",
            Self::OutOfRange { .. } => "BUNDLE-01",
            Self::EntriesMissing { .. } => "BUNDLE-03",
            Self::EntriesOutOfPlace => "BUNDLE-04",
            Self::IncompleteEntry(_) | Self::IncompleteEvent { .. } => "CHAIN-17",
            Self::MemberTwice { .. } => "BUNDLE-17",
            Self::OtherCount { .. } => "BUNDLE-05",
            _ => return None,
        };
        Some(RuleId::new(rule))
    }
}
