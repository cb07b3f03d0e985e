// SPDX-License-Identifier: Apache-2.0

//! Key manifests: the files that say which keys to trust, for what and when.

use alloc::{boxed::Box, collections::BTreeMap, sync::Arc, vec::Vec};
use core::fmt;

use permit_canonical_json::{
    Budget, ByteRange, Excerpt, JsonPointer, Kind, ReadErrorKind, Sha256Digest, Value,
};
use permit_failure_codes::FailureCode;
use permit_types::{Artifact, Finding, Location};

use crate::{
    adaptive_key::{AdaptiveKey, TableAllowance},
    key_entry::{self, KeyEntry, ManifestDefaults, Revocation, SmallOrderKey, UnusableKey},
    key_id::BindingKeyId,
    key_purpose::KeyPurpose,
    validity_window::WindowBound,
};

/// A key manifest that was read: a trust root.
///
/// ```text
/// { "keys": [ <entry>, … ],          required
///   "purpose": …,                    for entries without one
///   "environment": "test", … }       marks all entries as test keys (KEY-05)
/// ```
///
/// All other members are left alone. [`KeyEntry`] lists those of entries.
#[derive(Clone, Debug)]
pub struct KeyManifest {
    digest: Sha256Digest,
    entries: Vec<Arc<KeyEntry>>,
    notices: Vec<KeyManifestNotice>,
    pub(crate) purposes: BTreeMap<KeyPurpose, PurposeKeys>,
    /// The first entry of each id, whatever its purpose.
    pub(crate) first_by_key_id: BTreeMap<Box<str>, Arc<KeyEntry>>,
}

/// The entries of one purpose, and ways to find them.
#[derive(Clone, Debug, Default)]
pub(crate) struct PurposeKeys {
    pub(crate) candidates: Vec<Candidate>,
    /// Indices of candidates by the id that the manifest gives.
    pub(crate) by_key_id: BTreeMap<Box<str>, Vec<usize>>,
    /// Indices of candidates by the id that the key itself gives.
    pub(crate) by_binding_id: BTreeMap<BindingKeyId, Vec<usize>>,
}

/// An entry, and what the whole manifest says about its key.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) entry: Arc<KeyEntry>,
    /// The entry that says that the key is compromised.
    pub(crate) compromised_by: Option<usize>,
    pub(crate) revocation: Revocation,
    /// The entry that says that the key is revoked.
    pub(crate) revoked_by: usize,
}

impl KeyManifest {
    /// Reads a key manifest.
    ///
    /// Elements of `keys` that are no objects are passed over, and entries whose key or window
    /// cannot be read are kept but never chosen; [`notices`](Self::notices) names them. A key
    /// of small order is no mishap, and refused together with all others.
    ///
    /// ```
    /// use permit_canonical_json::Budget;
    /// use permit_keys::{KeyManifest, KeyManifestErrorKind};
    ///
    /// let weak = br#"{"keys": [{"public_key": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}]}"#;
    /// let error = KeyManifest::read(weak, &Budget::default()).unwrap_err();
    /// assert!(matches!(error.kind(), KeyManifestErrorKind::SmallOrderKey { .. }));
    /// assert_eq!(error.pointer().to_string(), "/keys/0/public_key");
    /// ```
    ///
    /// # Errors
    /// If the bytes are not JSON, not a key manifest, beyond the budget, or if a key has small order.
    pub fn read(bytes: &[u8], budget: &Budget) -> Result<Self, KeyManifestError> {
        let root = permit_canonical_json::read(bytes, budget).map_err(|error| {
            KeyManifestError::new(error.kind().clone().into(), error.at(), error.pointer())
        })?;
        let elements = elements(&root)?;
        let text = |name| root.get(name).and_then(Value::as_str);
        let defaults =
            ManifestDefaults { purpose: text("purpose"), environment: text("environment") };
        let mut manifest = Self {
            digest: Sha256Digest::of(bytes),
            entries: Vec::new(),
            notices: Vec::new(),
            purposes: BTreeMap::new(),
            first_by_key_id: BTreeMap::new(),
        };
        manifest.read_entries(elements, &defaults)?;
        manifest.index_entries();
        Ok(manifest)
    }

    /// The SHA-256 digest of the file, by which reports name it (KEY-06).
    #[must_use]
    pub fn digest(&self) -> Sha256Digest {
        self.digest
    }

    /// The entries in file order.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &KeyEntry> {
        self.entries.iter().map(AsRef::as_ref)
    }

    /// What in the file is of no use, in file order.
    #[must_use]
    pub fn notices(&self) -> &[KeyManifestNotice] {
        &self.notices
    }

    fn read_entries(
        &mut self,
        elements: &[Value<'_>],
        defaults: &ManifestDefaults<'_>,
    ) -> Result<(), KeyManifestError> {
        // The same key under several purposes shares its count of uses and its table.
        let mut keys: BTreeMap<[u8; 32], Arc<AdaptiveKey>> = BTreeMap::new();
        let allowance = TableAllowance::default();
        for (index, element) in elements.iter().enumerate() {
            if element.as_object().is_none() {
                let found = element.kind();
                let range = element.range();
                self.notices.push(KeyManifestNotice::NotAnObject { index, range, found });
                continue;
            }
            let entry = KeyEntry::read(index, element, defaults, |key| {
                let new = || Arc::new(AdaptiveKey::new(key, allowance.clone()));
                keys.entry(*key.as_bytes()).or_insert_with(new).clone()
            })
            .map_err(|key| KeyManifestError::small_order(index, key))?;
            self.notice_faults(&entry);
            self.entries.push(Arc::new(entry));
        }
        Ok(())
    }

    fn notice_faults(&mut self, entry: &KeyEntry) {
        let (index, range) = (entry.index, entry.range);
        if let Err(why) = entry.public_key() {
            self.notices.push(KeyManifestNotice::UnusableKey { index, range, why });
        }
        let window = entry.window();
        if [window.from, window.to].contains(&WindowBound::Unreadable) {
            self.notices.push(KeyManifestNotice::UnreadableWindow { index, range });
        }
    }

    fn index_entries(&mut self) {
        for entry in &self.entries {
            if let Some(id) = entry.key_id() {
                self.first_by_key_id.entry(id.into()).or_insert_with(|| entry.clone());
            }
        }
        let compromised = self.compromised_keys();
        for purpose in KeyPurpose::ALL {
            let with_purpose = self.entries.iter().filter(|entry| entry.has_purpose(*purpose));
            let keys = PurposeKeys::of(with_purpose, &compromised);
            self.purposes.insert(*purpose, keys);
        }
    }

    /// The keys that some entry calls compromised, and which entry.
    ///
    /// Who has a private key has it for all purposes and under all ids, so that one entry
    /// speaks for every other one with the same key.
    fn compromised_keys(&self) -> BTreeMap<[u8; 32], usize> {
        let compromised = self.entries.iter().filter(|entry| entry.is_compromised()).rev();
        compromised.filter_map(|entry| Some((key_bytes(entry)?, entry.index))).collect()
    }
}

impl PurposeKeys {
    fn of<'e>(
        entries: impl Iterator<Item = &'e Arc<KeyEntry>> + Clone,
        compromised: &BTreeMap<[u8; 32], usize>,
    ) -> Self {
        let revoked = revoked_keys(entries.clone());
        let mut keys = Self::default();
        for (at, entry) in entries.enumerate() {
            let bytes = key_bytes(entry);
            let own = (entry.revocation(), entry.index);
            let revoked = bytes.and_then(|key| revoked.get(&key).copied()).unwrap_or(own);
            let by_another = bytes.and_then(|key| compromised.get(&key).copied());
            let by_itself = Some(entry.index).filter(|_| entry.is_compromised());
            keys.candidates.push(Candidate {
                entry: entry.clone(),
                compromised_by: by_itself.or(by_another),
                revocation: revoked.0,
                revoked_by: revoked.1,
            });
            if let Some(id) = entry.key_id() {
                keys.by_key_id.entry(id.into()).or_default().push(at);
            }
            if let Ok(key) = &entry.key {
                let id = BindingKeyId::from_fingerprint(key.fingerprint());
                keys.by_binding_id.entry(id).or_default().push(at);
            }
        }
        keys
    }
}

/// For each key the earliest revocation that an entry of the same purpose states.
fn revoked_keys<'e>(
    entries: impl Iterator<Item = &'e Arc<KeyEntry>>,
) -> BTreeMap<[u8; 32], (Revocation, usize)> {
    let mut revoked = BTreeMap::new();
    for entry in entries {
        let Some(key) = key_bytes(entry) else { continue };
        let stated = (entry.revocation(), entry.index);
        let earliest = revoked.entry(key).or_insert(stated);
        *earliest = stated.min(*earliest);
    }
    revoked
}

fn key_bytes(entry: &KeyEntry) -> Option<[u8; 32]> {
    entry.public_key().ok().map(|key| *key.as_bytes())
}

fn elements<'v, 'a>(root: &'v Value<'a>) -> Result<&'v [Value<'a>], KeyManifestError> {
    let top = JsonPointer::root();
    if root.as_object().is_none() {
        let kind = KeyManifestErrorKind::NotAnObject { found: root.kind() };
        return Err(KeyManifestError::new(kind, root.range(), top));
    }
    let Some(keys) = root.get("keys") else {
        return Err(KeyManifestError::new(KeyManifestErrorKind::NoKeys, root.range(), top));
    };
    keys.as_array().ok_or_else(|| {
        let kind = KeyManifestErrorKind::KeysNotAnArray { found: keys.kind() };
        KeyManifestError::new(kind, keys.range(), top.member("keys"))
    })
}

/// A file that is no key manifest to work with, and the place that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyManifestError {
    inner: Box<Inner>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: KeyManifestErrorKind,
    at: ByteRange,
    pointer: JsonPointer,
}

impl KeyManifestError {
    fn new(kind: KeyManifestErrorKind, at: ByteRange, pointer: JsonPointer) -> Self {
        Self { inner: Box::new(Inner { kind, at, pointer }) }
    }

    fn small_order(index: usize, key: SmallOrderKey) -> Self {
        let kind = KeyManifestErrorKind::SmallOrderKey { index, key_id: key.key_id };
        Self::new(kind, key.range, key_entry::pointer(index).member(key.member))
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &KeyManifestErrorKind {
        &self.inner.kind
    }

    /// The bytes that are wrong.
    #[must_use]
    pub fn at(&self) -> ByteRange {
        self.inner.at
    }

    /// The path to the value that is wrong.
    #[must_use]
    pub fn pointer(&self) -> &JsonPointer {
        &self.inner.pointer
    }

    /// Whether a limit was reached, so that nothing can be said about the file itself.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(&self.inner.kind, KeyManifestErrorKind::Unreadable(kind) if kind.is_limit())
    }

    /// What the reader of a report can do next, in one sentence.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match &self.inner.kind {
            KeyManifestErrorKind::SmallOrderKey { .. } => {
                "do not use this file: no honest key has small order; get the trust root from its publisher again"
            }
            KeyManifestErrorKind::Unreadable(kind) if kind.is_limit() => {
                "raise the budget if a trust root of this size is expected"
            }
            _ => "give the key manifest itself: a JSON object whose member `keys` lists the keys",
        }
    }
}

impl fmt::Display for KeyManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.inner.kind, self.inner.at.start)?;
        let pointer = &self.inner.pointer;
        if pointer.is_root() { Ok(()) } else { write!(f, " in `{pointer}`") }
    }
}

impl core::error::Error for KeyManifestError {}

/// The ways in which a file can fail to be a key manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyManifestErrorKind {
    /// The file is not JSON as it is read here, or beyond the budget.
    #[error("the key manifest cannot be read: {0}")]
    Unreadable(#[from] ReadErrorKind),
    /// The document is no object.
    #[error("a key manifest is an object, not {found}")]
    NotAnObject {
        /// What it is.
        found: Kind,
    },
    /// The document has no member `keys`.
    #[error("the key manifest has no `keys`")]
    NoKeys,
    /// The member `keys` is no array.
    #[error("the `keys` of a key manifest are an array, not {found}")]
    KeysNotAnArray {
        /// What they are.
        found: Kind,
    },
    /// A key has small order: it verifies signatures of anyone.
    #[error(
        "key {index}{} has small order, so that anyone can sign for it",
        key_id.as_deref().map(KeyName).unwrap_or_default()
    )]
    SmallOrderKey {
        /// Index in `keys`.
        index: usize,
        /// The id that the manifest gives it.
        key_id: Option<Box<str>>,
    },
}

/// The id of a key as part of a message.
#[derive(Default)]
struct KeyName<'a>(&'a str);

impl fmt::Display for KeyName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ", `{}`,", Excerpt(self.0)) }
    }
}

/// Something in a key manifest that is of no use, and harms nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyManifestNotice {
    /// An element of `keys` is no object and was passed over.
    NotAnObject {
        /// Index in `keys`.
        index: usize,
        /// Its bytes in the manifest.
        range: ByteRange,
        /// What it is.
        found: Kind,
    },
    /// An entry gives no key.
    UnusableKey {
        /// Index in `keys`.
        index: usize,
        /// Its bytes in the manifest.
        range: ByteRange,
        /// Why.
        why: UnusableKey,
    },
    /// An end of an entry's window cannot be read, so that it is never active (KEY-07).
    UnreadableWindow {
        /// Index in `keys`.
        index: usize,
        /// Its bytes in the manifest.
        range: ByteRange,
    },
}

impl KeyManifestNotice {
    /// The notice as every layer reports it.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let (index, range, code, rule) = match *self {
            Self::NotAnObject { index, range, .. } | Self::UnusableKey { index, range, .. } => {
                (index, range, FailureCode::UnknownSigningKey, "KEY-01")
            }
            Self::UnreadableWindow { index, range } => {
                (index, range, FailureCode::KeyExpiredAtSigningTime, "KEY-07")
            }
        };
        let at = Location::value(Artifact::KeyManifest, key_entry::pointer(index), range);
        Finding::notice(code, at, alloc::format!("{self}"))
            .rule(rule)
            .help("correct the entry if it is needed; until then nothing verifies by it")
    }
}

impl fmt::Display for KeyManifestNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject { index, found, .. } => {
                write!(f, "key {index} is {found}, not an object, and was passed over")
            }
            Self::UnusableKey { index, why, .. } => write!(f, "key {index} cannot be used: {why}"),
            Self::UnreadableWindow { index, .. } => {
                write!(f, "key {index} is never active: an end of its window is not a time")
            }
        }
    }
}
