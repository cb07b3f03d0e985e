// SPDX-License-Identifier: Apache-2.0

//! Keys that verification may rely on, and how they came to be trusted.

use alloc::{boxed::Box, sync::Arc};
use core::fmt;

use permit_canonical_json::Sha256Digest;

use crate::{
    adaptive_key::{AdaptiveKey, TableAllowance},
    key_entry::KeyEntry,
    key_id::BindingKeyId,
    key_purpose::KeyPurpose,
    public_key::{PublicKey, PublicKeyError},
};

/// Which keys count: those of the real world, or those of tests (KEY-05, CONFM-05).
///
/// There is no mode in which both do. The private halves of test keys are published,
/// so that whoever accepts both accepts anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Test keys are refused.
    #[default]
    Production,
    /// All keys but test keys are refused.
    Test,
}

/// A key that may be relied on for one purpose.
///
/// Only [`KeyManifest`] makes one of a key manifest, after window, revocation, compromise and
/// mode have been judged for the time of one signature: a value of this type belongs
/// to that signature, not to the key in general.
///
/// [`KeyManifest`]: crate::KeyManifest
#[derive(Clone, Debug)]
pub struct TrustedKey {
    key: Arc<AdaptiveKey>,
    purpose: KeyPurpose,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Entry(Arc<KeyEntry>),
    Pinned(Box<str>),
    SelfAttested(Box<str>),
}

/// How a key came to be trusted, for the report (KEY-06).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrustChannel {
    /// By an entry of a key manifest.
    KeyManifest {
        /// Index in `keys`.
        entry: usize,
    },
    /// The caller gave the key itself.
    Pinned,
    /// The artifact brought its own key: shows that it was not changed since it was signed, not by whom.
    SelfAttested,
}

impl TrustedKey {
    /// The key that the caller expects and gives as text.
    ///
    /// # Errors
    /// If the text is no acceptable key.
    pub fn pinned(text: &str, purpose: KeyPurpose) -> Result<Self, PublicKeyError> {
        Ok(Self { key: alone(text)?, purpose, source: Source::Pinned(text.into()) })
    }

    /// The key that the artifact under judgement carries, which proves nothing about its issuer.
    ///
    /// # Errors
    /// If the text is no acceptable key.
    pub fn self_attested(text: &str, purpose: KeyPurpose) -> Result<Self, PublicKeyError> {
        Ok(Self { key: alone(text)?, purpose, source: Source::SelfAttested(text.into()) })
    }

    /// The key of an entry that was judged; the only way in from a key manifest.
    pub(crate) fn of_entry(
        entry: &Arc<KeyEntry>,
        key: &Arc<AdaptiveKey>,
        purpose: KeyPurpose,
    ) -> Self {
        Self { key: key.clone(), purpose, source: Source::Entry(entry.clone()) }
    }

    /// The key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }

    /// The SHA-256 digest of the key's 32 bytes.
    #[must_use]
    pub fn fingerprint(&self) -> Sha256Digest {
        self.key.fingerprint()
    }

    /// The binding id that the key itself gives.
    #[must_use]
    pub fn binding_key_id(&self) -> BindingKeyId {
        BindingKeyId::from_fingerprint(self.fingerprint())
    }

    /// What it is trusted for.
    #[must_use]
    pub fn purpose(&self) -> KeyPurpose {
        self.purpose
    }

    /// The id that the key manifest gives the key.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.entry().and_then(KeyEntry::key_id)
    }

    /// The entry of the key manifest that the key is from.
    #[must_use]
    pub fn entry(&self) -> Option<&KeyEntry> {
        match &self.source {
            Source::Entry(entry) => Some(entry),
            Source::Pinned(_) | Source::SelfAttested(_) => None,
        }
    }

    /// How it came to be trusted.
    #[must_use]
    pub fn channel(&self) -> TrustChannel {
        match &self.source {
            Source::Entry(entry) => TrustChannel::KeyManifest { entry: entry.index() },
            Source::Pinned(_) => TrustChannel::Pinned,
            Source::SelfAttested(_) => TrustChannel::SelfAttested,
        }
    }

    /// The key as the source of trust writes it.
    #[must_use]
    pub fn key_text(&self) -> &str {
        match &self.source {
            Source::Entry(entry) => entry.public_key_text().unwrap_or_default(),
            Source::Pinned(text) | Source::SelfAttested(text) => text,
        }
    }

    /// Whether an artifact's own `public_key` is this key, compared as text.
    ///
    /// As the reference does it: another spelling of the same key is another text.
    #[must_use]
    pub fn is_written_as(&self, public_key: &str) -> bool {
        self.key_text() == public_key
    }

    pub(crate) fn key(&self) -> &AdaptiveKey {
        &self.key
    }

    /// Whether both are the same key of the same source, so that their work can be shared.
    pub(crate) fn shares_key_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.key, &other.key)
    }
}

fn alone(text: &str) -> Result<Arc<AdaptiveKey>, PublicKeyError> {
    Ok(Arc::new(AdaptiveKey::new(PublicKey::parse(text)?, TableAllowance::of(1))))
}

impl fmt::Display for TrustChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyManifest { entry } => write!(f, "key manifest, entry {entry}"),
            Self::Pinned => f.write_str("given by the caller"),
            Self::SelfAttested => f.write_str("carried by the artifact itself"),
        }
    }
}
