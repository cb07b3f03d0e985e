// SPDX-License-Identifier: Apache-2.0

//! One entry of a key manifest.

use alloc::{boxed::Box, sync::Arc};

use permit_canonical_json::{ByteRange, JsonPointer, Kind, Value};
use permit_types::Instant;

use crate::{
    adaptive_key::AdaptiveKey,
    key_id::is_test_key_id,
    key_purpose::KeyPurpose,
    key_text,
    public_key::{PublicKey, PublicKeyError},
    validity_window::{ValidityWindow, WindowBound},
};

/// One entry of a key manifest, as it was read.
///
/// ```text
/// key_id                       any text; published data has ids as ExportKeyId and BindingKeyId write them
/// purpose                      a word of KeyPurpose; the manifest's own `purpose` stands in if it is no text
/// signer_role                  permit format v2: `operator` or `buyer_principal`, in place of a purpose
/// public_key                   `ed25519:` optional, base64 of 32 bytes
/// public_key_b64               the same, if `public_key` is no text
/// valid_from, active_from      first instant; the second only if the first is absent
/// valid_to, active_to          last instant; the second only if the first is absent; null is open
/// valid_until                  another last instant (permit format v2); the earlier one counts
/// status                       shown, and `revoked` and `compromised` refuse; if absent, `active` or `retired` by `valid_to`
/// revoked_at, compromised_at   KEY-04
/// environment                  `test` marks a test key, here or at the top (KEY-05)
/// account_id, signer_id        permit format v2: whose key it is, under several names
/// ```
///
/// `algorithm` and `fingerprint` are not read: all keys are Ed25519, and a
/// fingerprint beside the key adds nothing to it.
#[derive(Debug)]
pub struct KeyEntry {
    pub(crate) index: usize,
    pub(crate) range: ByteRange,
    key_id: Option<Box<str>>,
    purpose: Option<Box<str>>,
    signer_role: Option<Box<str>>,
    pub(crate) key_text: Option<Box<str>>,
    pub(crate) key: Result<Arc<AdaptiveKey>, UnusableKey>,
    status: Option<Box<str>>,
    window: ValidityWindow,
    revocation: Revocation,
    compromised: bool,
    environment: Option<Box<str>>,
    test: bool,
    account_id: Option<Box<str>>,
    signer_id: Option<Box<str>>,
}

/// Whether a key was taken back, and from when on.
///
/// In the order of how much it takes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Revocation {
    /// It is not known when, so that nothing the key signed counts.
    AtAnyTime,
    /// What the key signed from this instant on does not count.
    From(Instant),
    /// It was not.
    None,
}

/// Why an entry gives no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnusableKey {
    /// It has neither `public_key` nor `public_key_b64`.
    #[error("there is no public key")]
    Missing,
    /// The key is no text.
    #[error("the public key is {found}, not a string")]
    NotText {
        /// What it is.
        found: Kind,
    },
    /// The text is no key.
    #[error(transparent)]
    Malformed(#[from] PublicKeyError),
}

/// What the top level of a manifest says for all its entries.
#[derive(Debug, Default)]
pub(crate) struct ManifestDefaults<'a> {
    pub(crate) purpose: Option<&'a str>,
    pub(crate) environment: Option<&'a str>,
}

/// The key of an entry before it is read: the text, and the member that holds it.
struct WrittenKey {
    text: Option<Box<str>>,
    member: &'static str,
    key: Result<PublicKey, UnusableKey>,
}

/// A key of small order in an entry, and the member that holds it.
pub(crate) struct SmallOrderKey {
    pub(crate) member: &'static str,
    pub(crate) range: ByteRange,
    pub(crate) key_id: Option<Box<str>>,
}

impl KeyEntry {
    /// Reads an entry, which has to be an object.
    pub(crate) fn read(
        index: usize,
        value: &Value<'_>,
        defaults: &ManifestDefaults<'_>,
        share: impl FnOnce(PublicKey) -> Arc<AdaptiveKey>,
    ) -> Result<Self, SmallOrderKey> {
        let text = |name| value.get(name).and_then(Value::as_str);
        let key_id: Option<Box<str>> = text("key_id").map(Into::into);
        let written = WrittenKey::read(value);
        if written.key == Err(UnusableKey::Malformed(PublicKeyError::SmallOrder)) {
            let range = value.get(written.member).map_or(value.range(), Value::range);
            return Err(SmallOrderKey { member: written.member, range, key_id });
        }
        let environment = text("environment");
        let is_test = |name: Option<&str>| {
            name.is_some_and(|name| name.trim().eq_ignore_ascii_case(TEST_ENVIRONMENT))
        };
        let test = is_test(environment)
            || is_test(defaults.environment)
            || key_id.as_deref().is_some_and(is_test_key_id);
        let status = status(value);
        Ok(Self {
            index,
            range: value.range(),
            purpose: text("purpose").or(defaults.purpose).map(Into::into),
            signer_role: text("signer_role").map(Into::into),
            key_text: written.text,
            key: written.key.map(share),
            window: window(value),
            revocation: revocation(value, status),
            compromised: is_status(status, "compromised") || is_stated(value, "compromised_at"),
            status: status.map(Into::into),
            environment: environment.or(defaults.environment).map(Into::into),
            test,
            account_id: first_text(value, ACCOUNT_IDS),
            signer_id: first_text(value, SIGNER_IDS),
            key_id,
        })
    }

    /// Index in the array `keys` of the manifest.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// The path to the entry in the manifest.
    #[must_use]
    pub fn pointer(&self) -> JsonPointer {
        pointer(self.index)
    }

    /// The bytes of the entry in the manifest.
    #[must_use]
    pub fn range(&self) -> ByteRange {
        self.range
    }

    /// The id that the manifest gives the key.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The word for what the key is for, which need not be one of [`KeyPurpose`].
    #[must_use]
    pub fn purpose_text(&self) -> Option<&str> {
        self.purpose.as_deref()
    }

    /// Whether the key has this purpose.
    #[must_use]
    pub fn has_purpose(&self, purpose: KeyPurpose) -> bool {
        purpose.is_stated_by(self.purpose.as_deref(), self.signer_role.as_deref())
    }

    /// The key.
    ///
    /// # Errors
    /// Why the entry gives none.
    pub fn public_key(&self) -> Result<&PublicKey, UnusableKey> {
        match &self.key {
            Ok(key) => Ok(key.public_key()),
            Err(why) => Err(*why),
        }
    }

    /// The text of the key, with which the `public_key` of artifacts is compared.
    ///
    /// That of `public_key_b64` has `ed25519:` before it.
    #[must_use]
    pub fn public_key_text(&self) -> Option<&str> {
        self.key_text.as_deref()
    }

    /// The state of the key in the manifest's words; only for display.
    #[must_use]
    pub fn status(&self) -> Option<&str> {
        self.status.as_deref()
    }

    /// When the key may sign.
    #[must_use]
    pub fn window(&self) -> &ValidityWindow {
        &self.window
    }

    /// Whether this entry takes the key back.
    #[must_use]
    pub fn revocation(&self) -> Revocation {
        self.revocation
    }

    /// Whether this entry says that someone else had the key (KEY-04).
    #[must_use]
    pub fn is_compromised(&self) -> bool {
        self.compromised
    }

    /// The environment that the entry or the manifest names.
    #[must_use]
    pub fn environment(&self) -> Option<&str> {
        self.environment.as_deref()
    }

    /// Whether this is a test key (KEY-05).
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.test
    }

    /// The account that the key belongs to (permit format v2).
    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        self.account_id.as_deref()
    }

    /// The person or service that holds the key (permit format v2).
    #[must_use]
    pub fn signer_id(&self) -> Option<&str> {
        self.signer_id.as_deref()
    }
}

impl WrittenKey {
    fn read(entry: &Value<'_>) -> Self {
        let own = entry.get("public_key");
        if let Some(text) = own.and_then(Value::as_str) {
            return Self::of(text.into(), "public_key");
        }
        if let Some(text) = entry.get("public_key_b64").and_then(Value::as_str) {
            let base64 = key_text::without_prefix(text).unwrap_or(text);
            return Self::of([key_text::PREFIX, base64].concat().into(), "public_key_b64");
        }
        let (member, found) = match own {
            Some(value) => ("public_key", Some(value)),
            None => ("public_key_b64", entry.get("public_key_b64")),
        };
        let why = match found.map(Value::kind) {
            None | Some(Kind::Null) => UnusableKey::Missing,
            Some(found) => UnusableKey::NotText { found },
        };
        Self { text: None, member, key: Err(why) }
    }

    fn of(text: Box<str>, member: &'static str) -> Self {
        let key = PublicKey::parse(&text).map_err(UnusableKey::from);
        Self { text: Some(text), member, key }
    }
}

/// The path to an element of `keys`.
pub(crate) fn pointer(index: usize) -> JsonPointer {
    JsonPointer::root().member("keys").index(u64::try_from(index).unwrap_or(u64::MAX))
}

fn window(entry: &Value<'_>) -> ValidityWindow {
    let either = |name, older| bound(entry.get(name).or_else(|| entry.get(older)));
    let to = either("valid_to", "active_to");
    ValidityWindow {
        from: either("valid_from", "active_from"),
        to: to.or_earlier(bound(entry.get("valid_until"))),
    }
}

fn bound(value: Option<&Value<'_>>) -> WindowBound {
    match value {
        None => WindowBound::Open,
        Some(value) if value.is_null() => WindowBound::Open,
        Some(value) => instant(value).map_or(WindowBound::Unreadable, WindowBound::At),
    }
}

fn instant(value: &Value<'_>) -> Option<Instant> {
    value.as_str().and_then(Instant::parse)
}

/// The stated status, or the one that follows from the presence of an upper end.
fn status<'a>(entry: &'a Value<'_>) -> Option<&'a str> {
    if let Some(stated) = entry.get("status") {
        return stated.as_str();
    }
    let to = entry.get("valid_to").or_else(|| entry.get("active_to"))?;
    Some(if to.is_null() { "active" } else { "retired" })
}

fn is_status(status: Option<&str>, word: &str) -> bool {
    status.is_some_and(|status| status.trim().eq_ignore_ascii_case(word))
}

fn is_stated(entry: &Value<'_>, name: &str) -> bool {
    entry.get(name).is_some_and(|value| !value.is_null())
}

fn revocation(entry: &Value<'_>, status: Option<&str>) -> Revocation {
    match entry.get("revoked_at").filter(|value| !value.is_null()) {
        Some(at) => instant(at).map_or(Revocation::AtAnyTime, Revocation::From),
        None if is_status(status, "revoked") => Revocation::AtAnyTime,
        None => Revocation::None,
    }
}

/// The first of the members that is a text and not blank, without white space around it.
fn first_text(entry: &Value<'_>, names: &[&str]) -> Option<Box<str>> {
    let texts = names.iter().filter_map(|name| entry.get(name).and_then(Value::as_str));
    texts.map(str::trim).find(|text| !text.is_empty()).map(Into::into)
}

const TEST_ENVIRONMENT: &str = "test";
const ACCOUNT_IDS: &[&str] =
    &["account_id", "organization_id", "org_id", "tenant_id", "project_id"];
const SIGNER_IDS: &[&str] = &["signer_id", "operator_id", "buyer_principal_id"];
