// SPDX-License-Identifier: Apache-2.0

//! Why an archive is not read.

use permit_canonical_json::Excerpt;

/// Why an archive, or a member of it, is not read.
///
/// Where two programs could see different members in the same bytes, the archive is refused: what one
/// of them verifies would not be what the other one unpacks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveFault {
    /// The directory at the end cannot be read.
    #[error("the directory of the archive is damaged")]
    Directory,
    /// There are bytes before the first member.
    #[error("there is data before the archive")]
    LeadingData,
    /// There are bytes behind the directory, or a comment.
    #[error("there is data behind the archive")]
    TrailingData,
    /// There are bytes between members that belong to none, or that belong to two.
    #[error("the members of the archive do not follow one another")]
    Layout,
    /// The directory and the header at a member say different things of it.
    #[error("the directory and the header of a member disagree")]
    Headers,
    /// Two members have one name.
    #[error("two members have one name")]
    DuplicateName,
    /// The name of a member leads out of the archive, or is no text.
    #[error("the name `{}` of a member is not acceptable", Excerpt(name))]
    Name {
        /// The name, as far as it is text.
        name: String,
    },
    /// A member is encrypted, or otherwise stored in a way that hides it.
    #[error("the member `{}` is encrypted", Excerpt(name))]
    Encrypted {
        /// The name.
        name: String,
    },
    /// A member is a link.
    #[error("the member `{}` is a link", Excerpt(name))]
    Link {
        /// The name.
        name: String,
    },
    /// A member that is needed is packed by a method that is not known here.
    #[error("the member `{name}` is packed by a method that is not known here")]
    Method {
        /// The name.
        name: &'static str,
    },
    /// What a member unpacks to is not what its header says.
    #[error("the member `{name}` is damaged")]
    Member {
        /// The name.
        name: &'static str,
    },
    /// The archive is of the form for sizes that are beyond the limits here.
    #[error("the archive is of the form for more than 65,534 members or 4 GiB, which is not read")]
    Zip64,
    /// There are more members than are allowed.
    #[error("the archive has more than {limit} members")]
    TooManyMembers {
        /// The limit.
        limit: u64,
    },
    /// A member unpacks to more than is allowed.
    #[error("the member `{name}` unpacks to more than {limit} bytes")]
    MemberSize {
        /// The name.
        name: &'static str,
        /// The limit.
        limit: u64,
    },
    /// A member unpacks to many times its packed size.
    #[error("the member `{name}` unpacks to more than {ratio} times its size")]
    Ratio {
        /// The name.
        name: &'static str,
        /// The limit.
        ratio: u64,
    },
    /// All members together unpack to more than is allowed.
    #[error("the archive unpacks to more than {limit} bytes")]
    TotalSize {
        /// The limit.
        limit: u64,
    },
}

impl ArchiveFault {
    /// Whether a limit was reached, so that nothing can be said about the archive.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(
            self,
            Self::Zip64
                | Self::TooManyMembers { .. }
                | Self::MemberSize { .. }
                | Self::Ratio { .. }
                | Self::TotalSize { .. }
        )
    }

    /// What the reader of a report can do next, in one sentence.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Directory | Self::Member { .. } => {
                "the archive was cut or changed on its way, or made wrongly; ask the issuer for the original"
            }
            Self::LeadingData
            | Self::TrailingData
            | Self::Layout
            | Self::Headers
            | Self::DuplicateName
            | Self::Name { .. } => {
                "do not unpack it: programs disagree about what is in such an archive; ask the issuer for a plain one"
            }
            Self::Encrypted { .. } | Self::Link { .. } | Self::Method { .. } => {
                "ask the issuer for an archive of plain files, stored or deflated"
            }
            Self::Zip64
            | Self::TooManyMembers { .. }
            | Self::MemberSize { .. }
            | Self::Ratio { .. }
            | Self::TotalSize { .. } => {
                "raise the limit if an archive of this size is expected; otherwise it was made to exhaust memory"
            }
        }
    }
}
