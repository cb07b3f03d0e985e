// SPDX-License-Identifier: Apache-2.0

//! Why a signature's key cannot be relied on.

use alloc::{boxed::Box, string::ToString};
use core::fmt;

use permit_canonical_json::{Excerpt, JsonPointer};
use permit_failure_codes::FailureCode;
use permit_types::{Artifact, Finding, Instant, Location};

use crate::{
    key_entry, key_entry::UnusableKey, key_manifest::KeyManifest, key_purpose::KeyPurpose,
};

/// Why a key manifest gives no key for a signature.
///
/// In each, `entry` is the index of the entry that says so, for a pointer into the key manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyProblem {
    /// No entry has this purpose and id (KEY-01).
    #[error("the trust root has no key{} for `{purpose}`{}", Quoted(key_id.as_deref()), Elsewhere(*other_purpose))]
    UnknownKey {
        /// What the key is needed for.
        purpose: KeyPurpose,
        /// The id that the artifact names.
        key_id: Option<Box<str>>,
        /// An entry of the same id that has another purpose.
        other_purpose: Option<usize>,
    },
    /// Several different keys could have signed, and nothing tells which.
    #[error(
        "the trust root has several keys{} for `{purpose}`, and nothing tells which one signed",
        Quoted(key_id.as_deref())
    )]
    Ambiguous {
        /// What the key is needed for.
        purpose: KeyPurpose,
        /// The id that the artifact names.
        key_id: Option<Box<str>>,
        /// One of them.
        entry: usize,
        /// Another one.
        other_entry: usize,
    },
    /// Of several entries none was active at the time (KEY-03).
    #[error("none of {entries} keys for `{purpose}` was active {}", At(*signed_at))]
    NoneActive {
        /// What the key is needed for.
        purpose: KeyPurpose,
        /// The id that the artifact names.
        key_id: Option<Box<str>>,
        /// When the artifact was signed.
        signed_at: Option<Instant>,
        /// How many entries could have been meant.
        entries: usize,
    },
    /// The key was not active at the time (KEY-03).
    #[error("{} was not active at {signed_at}{}", Named(key_id.as_deref()), Span(*from, *to))]
    NotActive {
        /// The id that the key manifest gives the key.
        key_id: Option<Box<str>>,
        /// When the artifact was signed.
        signed_at: Instant,
        /// The first instant of the key's window.
        from: Option<Instant>,
        /// The last instant of the key's window.
        to: Option<Instant>,
        /// The entry.
        entry: usize,
    },
    /// An end of the key's window cannot be read (KEY-07).
    #[error("{} is never active, since an end of its window is not a time", Named(key_id.as_deref()))]
    UnreadableWindow {
        /// The id that the key manifest gives the key.
        key_id: Option<Box<str>>,
        /// When the artifact was signed.
        signed_at: Option<Instant>,
        /// The entry.
        entry: usize,
    },
    /// The key has a window, and the artifact does not say when it was signed (KEY-03).
    #[error("{} has a limited time, and it is not known when the artifact was signed", Named(key_id.as_deref()))]
    SigningTimeUnknown {
        /// The id that the key manifest gives the key.
        key_id: Option<Box<str>>,
        /// The entry.
        entry: usize,
    },
    /// Someone else had the key, so that its signatures say nothing at any time (KEY-04).
    #[error("{} is compromised", Named(key_id.as_deref()))]
    Compromised {
        /// The id that the key manifest gives the key.
        key_id: Option<Box<str>>,
        /// The entry that says so, which may be another one of the same key.
        entry: usize,
    },
    /// The key had been revoked by then, or that cannot be excluded (KEY-04).
    #[error("{} was revoked{}", Named(key_id.as_deref()), Since(*revoked_at))]
    Revoked {
        /// The id that the key manifest gives the key.
        key_id: Option<Box<str>>,
        /// From when on it is revoked; if unknown, it is at any time.
        revoked_at: Option<Instant>,
        /// When the artifact was signed.
        signed_at: Option<Instant>,
        /// The entry that says so, which may be another one of the same key.
        entry: usize,
    },
    /// A test key in production mode (KEY-05).
    #[error("{} is a test key, which proves nothing outside of tests", Named(key_id.as_deref()))]
    TestKeyInProduction {
        /// The id that the key manifest gives the key.
        key_id: Option<Box<str>>,
        /// The entry.
        entry: usize,
    },
    /// Another key than a test key in test mode (CONFM-05).
    #[error("{} is not a test key, and test mode takes no others", Named(key_id.as_deref()))]
    ProductionKeyInTest {
        /// The id that the key manifest gives the key.
        key_id: Option<Box<str>>,
        /// The entry.
        entry: usize,
    },
    /// The entry gives no key.
    #[error("{} cannot be used: {why}", Named(key_id.as_deref()))]
    Unusable {
        /// The id that the key manifest gives the key.
        key_id: Option<Box<str>>,
        /// Why.
        why: UnusableKey,
        /// The entry.
        entry: usize,
    },
}

impl KeyProblem {
    /// The taxonomy's code.
    #[must_use]
    pub fn code(&self) -> FailureCode {
        match self {
            Self::UnknownKey { .. }
            | Self::Ambiguous { .. }
            | Self::TestKeyInProduction { .. }
            | Self::ProductionKeyInTest { .. }
            | Self::UnreadableWindow { .. }
            | Self::Unusable { .. } => FailureCode::UnknownSigningKey,
            Self::NoneActive { .. } | Self::NotActive { .. } | Self::SigningTimeUnknown { .. } => {
                FailureCode::KeyExpiredAtSigningTime
            }
            Self::Compromised { .. } | Self::Revoked { .. } => FailureCode::SigningKeyRevoked,
        }
    }

    /// The rule that the evidence breaks.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::UnknownKey { .. } | Self::Ambiguous { .. } | Self::Unusable { .. } => "KEY-01",
            Self::NoneActive { .. } | Self::NotActive { .. } | Self::SigningTimeUnknown { .. } => {
                "KEY-03"
            }
            Self::Compromised { .. } | Self::Revoked { .. } => "KEY-04",
            Self::TestKeyInProduction { .. } | Self::ProductionKeyInTest { .. } => "KEY-05",
            Self::UnreadableWindow { .. } => "KEY-07",
        }
    }

    /// The id of the key in question: the artifact's word, or the key manifest's.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        match self {
            Self::UnknownKey { key_id, .. }
            | Self::Ambiguous { key_id, .. }
            | Self::NoneActive { key_id, .. }
            | Self::NotActive { key_id, .. }
            | Self::UnreadableWindow { key_id, .. }
            | Self::SigningTimeUnknown { key_id, .. }
            | Self::Compromised { key_id, .. }
            | Self::Revoked { key_id, .. }
            | Self::TestKeyInProduction { key_id, .. }
            | Self::ProductionKeyInTest { key_id, .. }
            | Self::Unusable { key_id, .. } => key_id.as_deref(),
        }
    }

    /// When the artifact was signed, where that decided.
    #[must_use]
    pub fn signed_at(&self) -> Option<Instant> {
        match self {
            Self::NotActive { signed_at, .. } => Some(*signed_at),
            Self::NoneActive { signed_at, .. }
            | Self::UnreadableWindow { signed_at, .. }
            | Self::Revoked { signed_at, .. } => *signed_at,
            _ => None,
        }
    }

    /// Index in `keys` of the entry that says so.
    #[must_use]
    pub fn entry(&self) -> Option<usize> {
        match self {
            Self::UnknownKey { other_purpose, .. } => *other_purpose,
            Self::NoneActive { .. } => None,
            Self::Ambiguous { entry, .. }
            | Self::NotActive { entry, .. }
            | Self::UnreadableWindow { entry, .. }
            | Self::SigningTimeUnknown { entry, .. }
            | Self::Compromised { entry, .. }
            | Self::Revoked { entry, .. }
            | Self::TestKeyInProduction { entry, .. }
            | Self::ProductionKeyInTest { entry, .. }
            | Self::Unusable { entry, .. } => Some(*entry),
        }
    }

    /// The path to that entry in the key manifest; the root if there is none.
    #[must_use]
    pub fn pointer(&self) -> JsonPointer {
        self.entry().map_or_else(JsonPointer::root, key_entry::pointer)
    }

    /// What the reader of a report can do next, in one sentence.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::UnknownKey { other_purpose: Some(_), .. } => {
                "the key is trusted for something else; ask the issuer which key signs this, and do not widen the trust root"
            }
            Self::UnknownKey { .. } => {
                "get a current trust root from the issuer by a way you trust, or ask which key signed this"
            }
            Self::Ambiguous { .. } => {
                "remove the entry that is wrong, or ask the issuer for an artifact that names its key and its time"
            }
            Self::NoneActive { .. } | Self::NotActive { .. } => {
                "compare the signing time with the window of the key; if both are right, the key must not have signed this"
            }
            Self::UnreadableWindow { .. } => {
                "write the ends of the window as RFC 3339 times, or null where there is no end"
            }
            Self::SigningTimeUnknown { .. } => {
                "ask the issuer for an artifact that says when it was signed"
            }
            Self::Compromised { .. } => {
                "do not rely on anything this key signed; ask the issuer for the same evidence under another key"
            }
            Self::Revoked { .. } => {
                "ask the issuer for the same evidence under a key that was not revoked when it signed"
            }
            Self::TestKeyInProduction { .. } => {
                "evidence of tests verifies in test mode only; ask the issuer for evidence of production"
            }
            Self::ProductionKeyInTest { .. } => {
                "leave test mode, or give the trust root of the tests"
            }
            Self::Unusable { .. } => "correct the key of this entry in the trust root",
        }
    }
}

impl KeyManifest {
    /// The problem as every layer reports it, with its place in this key manifest.
    #[must_use]
    pub fn finding(&self, problem: &KeyProblem) -> Finding {
        let entry =
            problem.entry().and_then(|index| self.entries().find(|entry| entry.index() == index));
        let at = match entry {
            Some(entry) => Location::value(Artifact::KeyManifest, entry.pointer(), entry.range()),
            None => Location::whole(Artifact::KeyManifest),
        };
        let finding = Finding::failure(problem.code(), at, problem.to_string())
            .rule(problem.rule())
            .help(problem.help())
            .detail("key_id", problem.key_id().unwrap_or("not named"));
        if problem.code() == FailureCode::UnknownSigningKey {
            return finding;
        }
        let signed_at = problem.signed_at().map(|at| at.to_string());
        finding.detail("signed_at", signed_at.as_deref().unwrap_or("unknown"))
    }
}

/// A key as the subject of a sentence.
struct Named<'a>(Option<&'a str>);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(id) => write!(f, "key `{}`", Excerpt(id)),
            None => f.write_str("a key without an id"),
        }
    }
}

/// An id behind a noun, if there is one.
struct Quoted<'a>(Option<&'a str>);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(id) => write!(f, " `{}`", Excerpt(id)),
            None => Ok(()),
        }
    }
}

struct Elsewhere(Option<usize>);

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(entry) => write!(f, ", though one for another purpose in entry {entry}"),
            None => Ok(()),
        }
    }
}

struct At(Option<Instant>);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(instant) => write!(f, "at {instant}"),
            None => f.write_str("at an unknown time"),
        }
    }
}

struct Since(Option<Instant>);

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(instant) => write!(f, " as of {instant}"),
            None => f.write_str(", and it is not known since when"),
        }
    }
}

/// The window of a key, as far as it has ends.
struct Span(Option<Instant>, Option<Instant>);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (Some(from), Some(to)) => write!(f, ", only from {from} to {to}"),
            (Some(from), None) => write!(f, ", only from {from} on"),
            (None, Some(to)) => write!(f, ", only until {to}"),
            (None, None) => Ok(()),
        }
    }
}
