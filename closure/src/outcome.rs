// SPDX-License-Identifier: Apache-2.0

//! How an execution ended, in values that have the digests their status demands.
//!
//! ```text
//! CLOSE-05  closed has all three digests
//! CLOSE-09  if the request went out, its digest is stated, whatever happened then
//! CLOSE-21  of what was cut short, the digest covers what came, and the status says so
//! ```

use permit_canonical_json::Sha256Digest;
use permit_types::ClosureStatus;

/// How an execution ended whose request went out.
///
/// Digests that may be absent are absent if nothing came, and cover what came otherwise. State
/// each that an event of the chain carries, and none that no event carries: whoever verifies
/// the closure looks for it there (CLOSE-07).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything came back and was handed over.
    Closed {
        /// The provider's response.
        provider: Sha256Digest,
        /// What was handed to the client's writer.
        client: Sha256Digest,
    },
    /// The client went away before all was handed over.
    ClientDisconnected {
        /// The provider's response, as far as it was received.
        provider: Option<Sha256Digest>,
        /// What had been handed to the client's writer.
        client: Option<Sha256Digest>,
    },
    /// The provider answered with an error, or broke off.
    ProviderError {
        /// The provider's response, as far as it was received.
        provider: Option<Sha256Digest>,
        /// What was handed to the client's writer instead.
        client: Option<Sha256Digest>,
    },
    /// The provider did not answer in time, or not to the end.
    Timeout {
        /// The provider's response, as far as it was received.
        provider: Option<Sha256Digest>,
        /// What was handed to the client's writer.
        client: Option<Sha256Digest>,
    },
    /// Nobody knows what the provider sent.
    ProviderDigestMissing {
        /// What was handed to the client's writer, if that is known.
        client: Option<Sha256Digest>,
    },
    /// It is known what the provider sent, and not what was handed to the client.
    ///
    /// If neither is known, the outcome is [`ProviderDigestMissing`](Self::ProviderDigestMissing).
    ClientDigestMissing {
        /// The provider's response.
        provider: Sha256Digest,
    },
}

/// How an execution ended whose request did not go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotDispatched {
    /// It could not be sent.
    DispatchError {
        /// What was handed to the client's writer instead.
        client: Option<Sha256Digest>,
    },
    /// The client went away first.
    ClientDisconnected {
        /// What had been handed to the client's writer.
        client: Option<Sha256Digest>,
    },
    /// Time ran out first.
    Timeout {
        /// What was handed to the client's writer instead.
        client: Option<Sha256Digest>,
    },
}

/// A status and its response digests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    pub(crate) status: ClosureStatus,
    pub(crate) provider: Option<Sha256Digest>,
    pub(crate) client: Option<Sha256Digest>,
}

impl Ending {
    fn new(
        status: ClosureStatus,
        provider: Option<Sha256Digest>,
        client: Option<Sha256Digest>,
    ) -> Self {
        Self { status, provider, client }
    }

    /// Nothing is known.
    pub(crate) fn missing() -> Self {
        Self::new(ClosureStatus::MissingClosure, None, None)
    }
}

impl From<Outcome> for Ending {
    fn from(outcome: Outcome) -> Self {
        use ClosureStatus as Status;
        match outcome {
            Outcome::Closed { provider, client } => {
                Self::new(Status::Closed, Some(provider), Some(client))
            }
            Outcome::ClientDisconnected { provider, client } => {
                Self::new(Status::ClientDisconnected, provider, client)
            }
            Outcome::ProviderError { provider, client } => {
                Self::new(Status::ProviderError, provider, client)
            }
            Outcome::Timeout { provider, client } => Self::new(Status::Timeout, provider, client),
            Outcome::ProviderDigestMissing { client } => {
                Self::new(Status::ProviderDigestMissing, None, client)
            }
            Outcome::ClientDigestMissing { provider } => {
                Self::new(Status::ClientDigestMissing, Some(provider), None)
            }
        }
    }
}

impl From<NotDispatched> for Ending {
    fn from(outcome: NotDispatched) -> Self {
        let (status, client) = match outcome {
            NotDispatched::DispatchError { client } => (ClosureStatus::DispatchError, client),
            NotDispatched::ClientDisconnected { client } => {
                (ClosureStatus::ClientDisconnected, client)
            }
            NotDispatched::Timeout { client } => (ClosureStatus::Timeout, client),
        };
        Self::new(status, None, client)
    }
}
