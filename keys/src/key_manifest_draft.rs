// SPDX-License-Identifier: Apache-2.0

//! Publishing keys: making key manifests and changing them.
//!
//! ```text
//! add                a key for one purpose, with its window
//! rotate             a new key, and an end for the one before it, so that both overlap
//! retire             no more signatures after an instant; what was signed before still counts (KEY-02)
//! revoke             what the key signs from an instant on does not count (KEY-04)
//! mark_compromised   nothing that the key ever signed counts, for any purpose (KEY-04)
//! gaps               when nobody could sign for a purpose
//! ```
//!
//! A change only ever takes away: a window is never made longer, and a standing never better, since
//! a manifest that gives something back makes two verifiers disagree about the same signature.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use permit_canonical_json::{Budget, Excerpt, Node, Object, Value, read};
use permit_types::{Instant, Rfc3339};

use crate::{
    key_entry::{KeyEntry, Revocation},
    key_manifest::{KeyManifest, KeyManifestError},
    key_purpose::KeyPurpose,
    public_key::PublicKey,
    validity_window::WindowBound,
};

/// A key manifest that is being made or changed. Members that it does not know are kept.
///
/// ```
/// use permit_keys::{EntryDraft, KeyManifestDraft, KeyPurpose, Signer, SoftwareKey};
/// use permit_types::Rfc3339;
///
/// let at = |text| Rfc3339::parse(text).unwrap();
/// let [old, new] = [1, 2].map(|seed| SoftwareKey::from_seed(&[seed; 32]).public_key());
/// let entry = |key| EntryDraft::new(KeyPurpose::ExportSigning, key);
///
/// let mut draft = KeyManifestDraft::new();
/// draft.add(entry(old).valid_from(at("2026-01-01T00:00:00Z")))?;
/// let until = at("2026-07-08T00:00:00Z");
/// draft.rotate(&old, &until, entry(new).valid_from(at("2026-07-01T00:00:00Z")))?;
/// let manifest = draft.finish()?;
/// assert_eq!(manifest.entries().len(), 2);
///
/// let year = (at("2026-01-01T00:00:00Z").instant(), at("2027-01-01T00:00:00Z").instant());
/// assert!(draft.gaps(KeyPurpose::ExportSigning, year.0, year.1)?.is_empty());
/// assert_eq!(draft.gaps(KeyPurpose::IntegrityCheckpoint, year.0, year.1)?.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeyManifestDraft {
    other: Object<'static>,
    entries: Vec<Object<'static>>,
}

/// A key for one purpose.
#[derive(Clone, Debug)]
pub struct EntryDraft {
    purpose: KeyPurpose,
    public_key: PublicKey,
    key_id: Option<String>,
    valid_from: Option<Rfc3339>,
    valid_to: Option<Rfc3339>,
    environment: Option<String>,
}

impl EntryDraft {
    /// A key for a purpose, without a window: good at any time.
    #[must_use]
    pub fn new(purpose: KeyPurpose, public_key: PublicKey) -> Self {
        let (key_id, environment) = (None, None);
        Self { purpose, public_key, key_id, valid_from: None, valid_to: None, environment }
    }

    /// Gives the key another name than the one that it gives itself.
    ///
    /// Exports and checkpoints have to name it so, too; closures and revocations name keys as
    /// the keys name themselves.
    #[must_use]
    pub fn key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key_id = Some(key_id.into());
        self
    }

    /// The first instant at which it may sign.
    #[must_use]
    pub fn valid_from(mut self, from: Rfc3339) -> Self {
        self.valid_from = Some(from);
        self
    }

    /// The last instant at which it may sign.
    #[must_use]
    pub fn valid_to(mut self, to: Rfc3339) -> Self {
        self.valid_to = Some(to);
        self
    }

    /// Where the key is used; `test` marks a key that production refuses (KEY-05).
    #[must_use]
    pub fn environment(mut self, environment: impl Into<String>) -> Self {
        self.environment = Some(environment.into());
        self
    }

    /// The name of the key in the manifest.
    #[must_use]
    pub fn name(&self) -> String {
        self.key_id.clone().unwrap_or_else(|| own_name(self.purpose, &self.public_key))
    }

    fn into_object(self) -> Object<'static> {
        let mut entry = Object::default();
        entry.insert("key_id", self.name());
        entry.insert("purpose", self.purpose.as_str());
        entry.insert("algorithm", "ed25519");
        entry.insert("public_key", self.public_key.to_string());
        entry.insert("status", "active");
        if let Some(environment) = self.environment {
            entry.insert("environment", environment);
        }
        entry.insert("valid_from", self.valid_from.map(|time| time.to_string()));
        entry.insert("valid_to", self.valid_to.map(|time| time.to_string()));
        entry
    }
}

/// A time in which nobody could sign for a purpose; both ends are in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoverageGap {
    /// Its first instant.
    pub from: Instant,
    /// Its last instant.
    pub to: Instant,
}

impl KeyManifestDraft {
    /// A manifest without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A manifest to be changed.
    ///
    /// # Errors
    /// If the bytes are no key manifest, or an element of `keys` is no object.
    pub fn read(bytes: &[u8], budget: &Budget) -> Result<Self, KeyManifestDraftError> {
        KeyManifest::read(bytes, budget)?;
        let not_an_object = |index| KeyManifestDraftError::NotAnObject { index };
        let value = read(bytes, budget).map_err(|_| not_an_object(0))?.into_owned();
        let Node::Object(mut other) = value.into_node() else { return Err(not_an_object(0)) };
        let keys = other.remove("keys").map(Value::into_node);
        let Some(Node::Array(keys)) = keys else { return Err(not_an_object(0)) };
        let mut entries = Vec::with_capacity(keys.len());
        for (index, key) in keys.into_iter().enumerate() {
            match key.into_node() {
                Node::Object(entry) => entries.push(entry),
                _ => return Err(not_an_object(index)),
            }
        }
        Ok(Self { other, entries })
    }

    /// Adds a key for a purpose.
    ///
    /// # Errors
    /// If the window ends before it begins, if the key has this purpose already, if another key has its
    /// name, or if an entry says that the key is compromised.
    pub fn add(&mut self, entry: EntryDraft) -> Result<(), KeyManifestDraftError> {
        if let (Some(from), Some(to)) = (&entry.valid_from, &entry.valid_to)
            && to.instant() < from.instant()
        {
            let (from, to) = (from.to_string(), to.to_string());
            return Err(KeyManifestDraftError::EmptyWindow { from, to });
        }
        let name = entry.name();
        let manifest = self.finish()?;
        for known in manifest.entries() {
            let same_key = known.public_key().ok() == Some(&entry.public_key);
            let index = known.index();
            if same_key && known.is_compromised() {
                return Err(KeyManifestDraftError::Compromised { index });
            }
            if same_key && known.has_purpose(entry.purpose) {
                return Err(KeyManifestDraftError::Known { index });
            }
            if !same_key && known.key_id() == Some(&name) {
                return Err(KeyManifestDraftError::NameTaken { index, key_id: name });
            }
        }
        self.entries.push(entry.into_object());
        Ok(())
    }

    /// Adds a key in place of another one, which signs until `until` and no longer. Both windows have
    /// to overlap, so that there is an instant at which either may sign.
    ///
    /// # Errors
    /// If the new key begins later than the old one ends, or as [`add`](Self::add) and
    /// [`retire`](Self::retire). Nothing is changed then.
    pub fn rotate(
        &mut self,
        old: &PublicKey,
        until: &Rfc3339,
        new: EntryDraft,
    ) -> Result<(), KeyManifestDraftError> {
        if let Some(from) = new.valid_from.as_ref().filter(|from| until.instant() < from.instant())
        {
            let (old_to, new_from) = (until.to_string(), from.to_string());
            return Err(KeyManifestDraftError::NoOverlap { old_to, new_from });
        }
        if new.public_key == *old {
            return Err(KeyManifestDraftError::SameKey);
        }
        let mut changed = self.clone();
        changed.end_window(old, new.purpose, until, "active")?;
        changed.add(new)?;
        *self = changed;
        Ok(())
    }

    /// Ends the window of a key for a purpose. What it signed until then still counts (KEY-02).
    ///
    /// # Errors
    /// If there is no such entry, or its window ends earlier or begins later.
    pub fn retire(
        &mut self,
        key: &PublicKey,
        purpose: KeyPurpose,
        at: &Rfc3339,
    ) -> Result<(), KeyManifestDraftError> {
        self.end_window(key, purpose, at, "retired")
    }

    /// Takes a key back for a purpose: what it signs from this instant on does not count (KEY-04).
    ///
    /// # Errors
    /// If there is no such entry, or it was taken back earlier.
    pub fn revoke(
        &mut self,
        key: &PublicKey,
        purpose: KeyPurpose,
        at: &Rfc3339,
    ) -> Result<(), KeyManifestDraftError> {
        let (index, revocation) = self.find(key, purpose, |entry| entry.revocation())?;
        if revocation <= Revocation::From(at.instant()) {
            return Err(KeyManifestDraftError::RevokedBefore { index });
        }
        self.set(index, "status", "revoked");
        self.set(index, "revoked_at", at.as_str());
        Ok(())
    }

    /// Says that somebody else had a key: nothing that it ever signed counts, for any purpose (KEY-04).
    ///
    /// # Errors
    /// If no entry has the key.
    pub fn mark_compromised(
        &mut self,
        key: &PublicKey,
        at: &Rfc3339,
    ) -> Result<(), KeyManifestDraftError> {
        let manifest = self.finish()?;
        let of_key = manifest.entries().filter(|entry| entry.public_key().ok() == Some(key));
        let indices: Vec<usize> = of_key.map(KeyEntry::index).collect();
        if indices.is_empty() {
            return Err(KeyManifestDraftError::NoEntry { purpose: None });
        }
        for index in indices {
            self.set(index, "status", "compromised");
            self.set(index, "compromised_at", at.as_str());
        }
        Ok(())
    }

    /// When, between two instants, no key could have signed for a purpose.
    ///
    /// Windows count up to the instant at which their key is revoked; those of compromised keys do not count,
    /// and neither do those that cannot be read.
    ///
    /// # Errors
    /// If the draft is no key manifest.
    pub fn gaps(
        &self,
        purpose: KeyPurpose,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<CoverageGap>, KeyManifestDraftError> {
        let manifest = self.finish()?;
        let candidates = manifest.purposes.get(&purpose).into_iter();
        let mut windows: Vec<(Instant, Instant)> = candidates
            .flat_map(|keys| &keys.candidates)
            .filter(|candidate| candidate.compromised_by.is_none() && candidate.entry.key.is_ok())
            .filter_map(|candidate| {
                let window = candidate.entry.window();
                let revoked = match candidate.revocation {
                    Revocation::AtAnyTime => return None,
                    Revocation::From(at) => Some(before(at)?),
                    Revocation::None => None,
                };
                let begin = bound(window.from, from)?.max(from);
                let end = bound(window.to, to)?.min(revoked.unwrap_or(to)).min(to);
                (begin <= end).then_some((begin, end))
            })
            .collect();
        windows.sort_unstable();
        let mut gaps = Vec::new();
        let mut next = Some(from);
        for (begin, end) in windows {
            let Some(open) = next else { break };
            if let Some(last) = before(begin).filter(|last| open <= *last) {
                gaps.push(CoverageGap { from: open, to: last });
            }
            next = after(end.max(before(open).unwrap_or(end)));
        }
        if let Some(open) = next.filter(|open| *open <= to) {
            gaps.push(CoverageGap { from: open, to });
        }
        Ok(gaps)
    }

    /// The manifest as a document.
    #[must_use]
    pub fn to_value(&self) -> Value<'static> {
        let mut document = self.other.clone();
        document.insert("keys", Value::array(self.entries.iter().cloned()));
        document.into()
    }

    /// The manifest as whoever verifies reads it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn finish(&self) -> Result<KeyManifest, KeyManifestDraftError> {
        let text = permit_canonical_json::Profile::Payload.to_text(&self.to_value());
        let text = text.map_err(|_| KeyManifestDraftError::NotCanonical)?;
        Ok(KeyManifest::read(text.as_bytes(), &Budget::default())?)
    }

    fn end_window(
        &mut self,
        key: &PublicKey,
        purpose: KeyPurpose,
        at: &Rfc3339,
        status: &'static str,
    ) -> Result<(), KeyManifestDraftError> {
        let (index, (window, good)) = self.find(key, purpose, |entry| {
            let good = entry.revocation() == Revocation::None && !entry.is_compromised();
            (*entry.window(), good)
        })?;
        let ends_earlier = matches!(window.to, WindowBound::At(to) if to < at.instant());
        let begins_later = matches!(window.from, WindowBound::At(from) if at.instant() < from);
        if ends_earlier || begins_later {
            let at = at.to_string();
            return Err(KeyManifestDraftError::OutsideWindow { index, at });
        }
        // A status that refuses stays: with `revoked` alone, it is all that does.
        if good {
            self.set(index, "status", status);
        }
        if let Some(entry) = self.entries.get_mut(index) {
            // The older name would be looked at if the newer one were absent, and mislead if not.
            entry.remove("active_to");
        }
        self.set(index, "valid_to", at.as_str());
        Ok(())
    }

    fn find<T>(
        &self,
        key: &PublicKey,
        purpose: KeyPurpose,
        state: impl Fn(&KeyEntry) -> T,
    ) -> Result<(usize, T), KeyManifestDraftError> {
        let manifest = self.finish()?;
        let found = manifest
            .entries()
            .find(|entry| entry.public_key().ok() == Some(key) && entry.has_purpose(purpose))
            .map(|entry| (entry.index(), state(entry)));
        found.ok_or(KeyManifestDraftError::NoEntry { purpose: Some(purpose) })
    }

    fn set(&mut self, index: usize, name: &'static str, text: &str) {
        if let Some(entry) = self.entries.get_mut(index) {
            entry.insert(name, text.to_string());
        }
    }
}

/// Why a key manifest cannot be made or changed like that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyManifestDraftError {
    /// It is no key manifest.
    #[error(transparent)]
    Unreadable(#[from] KeyManifestError),
    /// A member has no canonical form.
    #[error("the key manifest has a number that cannot be written")]
    NotCanonical,
    /// An element of `keys` is no object.
    #[error("element {index} of `keys` is no object; mend the key manifest first")]
    NotAnObject {
        /// Its index.
        index: usize,
    },
    /// The window ends before it begins.
    #[error("the window would end at {to}, before it begins at {from}")]
    EmptyWindow {
        /// Where it would begin.
        from: String,
        /// Where it would end.
        to: String,
    },
    /// The key has this purpose already.
    #[error("entry {index} has this key for this purpose already")]
    Known {
        /// Index of the entry.
        index: usize,
    },
    /// Somebody else had the key (KEY-04).
    #[error("entry {index} says that this key is compromised")]
    Compromised {
        /// Index of the entry.
        index: usize,
    },
    /// Another key has this name.
    #[error("entry {index} has another key by the name `{}`", Excerpt(key_id))]
    NameTaken {
        /// Index of the entry.
        index: usize,
        /// The name.
        key_id: String,
    },
    /// No entry has the key, or not for this purpose.
    #[error("no entry has this key{}", purpose.map(|purpose| alloc::format!(" for `{purpose}`")).unwrap_or_default())]
    NoEntry {
        /// The purpose, if it matters.
        purpose: Option<KeyPurpose>,
    },
    /// The window would have to become longer, or to end before it begins.
    #[error("{at} is not in the window of entry {index}, and windows are only made shorter")]
    OutsideWindow {
        /// Index of the entry.
        index: usize,
        /// The instant.
        at: String,
    },
    /// It was taken back from an earlier instant on.
    #[error("entry {index} takes the key back from an earlier instant on already")]
    RevokedBefore {
        /// Index of the entry.
        index: usize,
    },
    /// Between the old key and the new one nobody could sign.
    #[error(
        "the new key begins at {new_from}, after the old one ends at {old_to}: both windows have to overlap"
    )]
    NoOverlap {
        /// Where the old window would end.
        old_to: String,
        /// Where the new window would begin.
        new_from: String,
    },
    /// The new key is the old one.
    #[error("the new key is the old one")]
    SameKey,
}

fn own_name(purpose: KeyPurpose, key: &PublicKey) -> String {
    match purpose {
        KeyPurpose::ExportSigning | KeyPurpose::IntegrityCheckpoint | KeyPurpose::ScopeState => {
            key.export_key_id().to_string()
        }
        KeyPurpose::PermitBindingSigning => key.binding_key_id().to_string(),
        KeyPurpose::PermitV2Operator | KeyPurpose::PermitV2BuyerPrincipal => {
            key.fingerprint().to_string()
        }
    }
}

/// The end of a window, or what stands in for one that is open; none if it cannot be read.
fn bound(end: WindowBound, open: Instant) -> Option<Instant> {
    match end {
        WindowBound::Open => Some(open),
        WindowBound::At(at) => Some(at),
        WindowBound::Unreadable => None,
    }
}

fn after(instant: Instant) -> Option<Instant> {
    instant.to_jiff().checked_add(NANOSECOND).ok().map(Instant::from)
}

fn before(instant: Instant) -> Option<Instant> {
    instant.to_jiff().checked_sub(NANOSECOND).ok().map(Instant::from)
}

const NANOSECOND: core::time::Duration = core::time::Duration::from_nanos(1);
