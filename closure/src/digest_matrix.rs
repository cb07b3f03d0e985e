// SPDX-License-Identifier: Apache-2.0

//! Which digests a closure must, should or may have, by its status.
//!
//! ```text
//! closure_status           dispatch (v2)        provider            client
//! closed                   required             required            required
//! client_disconnected      expected if sent     free                free
//! provider_error           expected if sent     free                free
//! timeout                  expected if sent     free                free
//! dispatch_error           free                 free                free
//! provider_digest_missing  expected if sent     free                free
//! client_digest_missing    expected if sent     required if known   free
//! missing_closure          not looked at        not looked at       not looked at
//! ```
//!
//! Whatever a digest's presence, one that is there must match its counterpart, but for `missing_closure`.

use permit_types::{ClosureStatus, DispatchDigestSemantics};

/// The three digests of a closure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DigestField {
    /// The bytes that were approved and sent.
    Dispatch,
    /// The bytes that the provider answered.
    Provider,
    /// The bytes that were handed to the client's writer. Says nothing of what arrived (CLOSE-15).
    Client,
}

impl DigestField {
    /// The member that holds the digest.
    #[must_use]
    pub fn member(self) -> &'static str {
        match self {
            Self::Dispatch => "dispatch_request_digest_v1",
            Self::Provider => "provider_response_digest_v1",
            Self::Client => "client_response_digest_v1",
        }
    }

    /// The member that says what the digest covers.
    #[must_use]
    pub fn label_member(self) -> &'static str {
        match self {
            Self::Dispatch => "dispatch_request_digest_semantics",
            Self::Provider => "provider_response_digest_semantics",
            Self::Client => "client_response_digest_semantics",
        }
    }

    /// What the reference says that the digest covers. Only of the dispatch is this part of the
    /// specification; other issuers have other words for the responses (CLOSE-13, CLOSE-14).
    #[must_use]
    pub fn reference_label(self) -> &'static str {
        match self {
            Self::Dispatch => DispatchDigestSemantics::TEXT,
            Self::Provider => "provider_bytes_received_by_keel",
            Self::Client => "response_bytes_handed_to_asgi_not_tcp_receipt",
        }
    }

    /// The events that carry the same digest.
    #[must_use]
    pub fn event_types(self) -> &'static [&'static str] {
        match self {
            Self::Dispatch => &[],
            Self::Provider => &["provider.response.received", "execution.completed"],
            Self::Client => &["client.response.delivered", "execution.completed"],
        }
    }
}

/// What a status demands of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presence {
    /// It has to be there.
    Required,
    /// It has to be there if an event of the execution carries it (AMB-04).
    RequiredIfKnown,
    /// It should be there if the request was sent (CLOSE-09).
    ExpectedIfSent,
    /// It may be there.
    Free,
    /// It is not looked at (CLOSE-20).
    Ignored,
}

/// What the matrix says.
///
/// ```
/// use permit_closure::{DigestField, Presence, presence};
/// use permit_types::ClosureStatus;
///
/// assert_eq!(presence(ClosureStatus::Closed, DigestField::Client), Presence::Required);
/// assert_eq!(presence(ClosureStatus::Timeout, DigestField::Dispatch), Presence::ExpectedIfSent);
/// ```
#[must_use]
pub fn presence(status: ClosureStatus, field: DigestField) -> Presence {
    use ClosureStatus as Status;
    match (status, field) {
        (Status::MissingClosure, _) => Presence::Ignored,
        (Status::Closed, _) => Presence::Required,
        (Status::ClientDigestMissing, DigestField::Provider) => Presence::RequiredIfKnown,
        (Status::DispatchError, DigestField::Dispatch)
        | (_, DigestField::Provider | DigestField::Client) => Presence::Free,
        (
            Status::ClientDisconnected
            | Status::ProviderError
            | Status::Timeout
            | Status::ProviderDigestMissing
            | Status::ClientDigestMissing,
            DigestField::Dispatch,
        ) => Presence::ExpectedIfSent,
    }
}
