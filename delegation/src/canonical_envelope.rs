// SPDX-License-Identifier: Apache-2.0

//! Authority envelopes of version v0 in the one form that they are compared and hashed in.
//!
//! ```text
//! PCHAIN-01  six sets and an expiry, no other members: nothing that can be used up
//! PCHAIN-02  members of sets are texts
//! PCHAIN-05  sets are sorted by code point, each member once; hashed with the payload profile
//! AMB-34     any order and repetition on the wire
//! AMB-35     times are instants: UTC, microseconds where there are any
//! ```

use std::collections::BTreeSet;

use permit_canonical_json::{DigestSink, Excerpt, HashedArtifact, Sha256Digest, Value};
use permit_types::{AuthorityEnvelope, Instant, WrittenTime, Zone};

use crate::comparator_registry::{FieldCanonicalization, FieldComparator, FieldOrder, FieldType};

/// A field of an authority envelope, in the order of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthorityField {
    /// `actions`
    Actions,
    /// `tools`
    Tools,
    /// `providers`
    Providers,
    /// `models`
    Models,
    /// `data_classes`
    DataClasses,
    /// `regions`
    Regions,
    /// `expires_at`
    ExpiresAt,
}

impl AuthorityField {
    /// All fields.
    pub const ALL: &'static [Self] = &[
        Self::Actions,
        Self::Tools,
        Self::Providers,
        Self::Models,
        Self::DataClasses,
        Self::Regions,
        Self::ExpiresAt,
    ];

    /// The fields that are sets.
    pub const SETS: [Self; 6] = [
        Self::Actions,
        Self::Tools,
        Self::Providers,
        Self::Models,
        Self::DataClasses,
        Self::Regions,
    ];

    /// The name of the member.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Actions => "actions",
            Self::Tools => "tools",
            Self::Providers => "providers",
            Self::Models => "models",
            Self::DataClasses => "data_classes",
            Self::Regions => "regions",
            Self::ExpiresAt => "expires_at",
        }
    }

    /// The field of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.as_str() == name)
    }

    /// How version v0 compares it. `data_classes` is a set like the others and no ladder (PCHAIN-03).
    #[must_use]
    pub const fn comparator(self) -> FieldComparator {
        match self {
            Self::ExpiresAt => FieldComparator {
                field_type: FieldType::Timestamp,
                order: FieldOrder::LessThanOrEqual,
                canonicalization: FieldCanonicalization::Rfc3339Utc,
            },
            _ => FieldComparator {
                field_type: FieldType::StringSet,
                order: FieldOrder::Subset,
                canonicalization: FieldCanonicalization::SortedUniqueStrings,
            },
        }
    }
}

/// An authority envelope in canonical form.
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_delegation::CanonicalEnvelope;
///
/// let one = read(br#"{"actions": ["b", "a"], "expires_at": "2026-05-20T14:00:00+02:00"}"#, &Budget::default())?;
/// let two = read(br#"{"actions": ["a", "b", "a"], "expires_at": "2026-05-20T12:00:00Z"}"#, &Budget::default())?;
/// let (one, two) = (CanonicalEnvelope::read(&one)?, CanonicalEnvelope::read(&two)?);
/// assert_eq!(one.hash(), two.hash());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanonicalEnvelope {
    /// In the order of [`AuthorityField::SETS`].
    sets: [BTreeSet<String>; 6],
    expires_at: Option<AuthorityEnd>,
}

/// When an authority ends: a time in UTC, in microseconds.
///
/// Kept as text of one length, whose order is that of time. So the last second of the year 9999, which
/// means "never" in many systems, is a time like any other; timestamps of libraries end before it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AuthorityEnd {
    /// `YYYY-MM-DDTHH:MM:SS.ffffff`
    digits: String,
}

impl CanonicalEnvelope {
    /// Reads an envelope as the denial claim does: an absent set is an empty one, and an absent
    /// expiry is none at all. A member that is not known makes the envelope incomparable, since
    /// what it limits would be left out of the comparison (CLAIM-24).
    ///
    /// # Errors
    /// What is wrong with the envelope.
    pub fn read(envelope: &Value<'_>) -> Result<Self, EnvelopeFault> {
        let Some(members) = envelope.as_object() else {
            return Err(EnvelopeFault::NotAnObject { found: envelope.kind().as_str() });
        };
        let names = members.members().iter().map(permit_canonical_json::Member::name);
        let unknown: BTreeSet<&str> =
            names.filter(|name| AuthorityField::parse(name).is_none()).collect();
        if !unknown.is_empty() {
            let names = unknown.into_iter().map(str::to_owned).collect();
            return Err(EnvelopeFault::UnknownMembers { names });
        }
        let mut sets: [BTreeSet<String>; 6] = Default::default();
        for (set, field) in sets.iter_mut().zip(AuthorityField::SETS) {
            if let Some(value) = members.get(field.as_str()).filter(|value| !value.is_null()) {
                *set = read_set(field, value)?;
            }
        }
        let expires_at = members.get(AuthorityField::ExpiresAt.as_str());
        let expires_at =
            expires_at.filter(|value| !value.is_null()).map(read_expiry).transpose()?;
        Ok(Self { sets, expires_at })
    }

    /// Reads an envelope with all seven members, as a permit must have it (§8.1).
    ///
    /// # Errors
    /// What is wrong with the envelope.
    pub fn read_complete(envelope: &Value<'_>) -> Result<Self, EnvelopeFault> {
        let canonical = Self::read(envelope)?;
        let is_absent =
            |field: &&AuthorityField| envelope.get(field.as_str()).is_none_or(Value::is_null);
        match AuthorityField::ALL.iter().find(is_absent) {
            Some(field) => Err(EnvelopeFault::MissingMember { field: *field }),
            None => Ok(canonical),
        }
    }

    /// The canonical form of an envelope that is typed already.
    ///
    /// # Errors
    /// If its expiry has no canonical form.
    pub fn of(envelope: &AuthorityEnvelope) -> Result<Self, EnvelopeFault> {
        let sets = [
            &envelope.actions,
            &envelope.tools,
            &envelope.providers,
            &envelope.models,
            &envelope.data_classes,
            &envelope.regions,
        ];
        let sets = sets.map(|set| set.iter().cloned().collect());
        let expires_at = Some(AuthorityEnd::read(envelope.expires_at.as_str())?);
        Ok(Self { sets, expires_at })
    }

    /// The members of a set; none for [`AuthorityField::ExpiresAt`].
    #[must_use]
    pub fn set(&self, field: AuthorityField) -> Option<&BTreeSet<String>> {
        self.sets().find(|(name, _)| *name == field).map(|(_, set)| set)
    }

    /// The sets by field.
    pub fn sets(&self) -> impl Iterator<Item = (AuthorityField, &BTreeSet<String>)> {
        AuthorityField::SETS.into_iter().zip(&self.sets)
    }

    /// When the authority ends, as it is hashed; none if the envelope does not say.
    #[must_use]
    pub fn expires_at(&self) -> Option<String> {
        self.expires_at.as_ref().map(AuthorityEnd::to_text)
    }

    /// Whether the authority has ended at some time. One that does not say when it ends never began.
    #[must_use]
    pub fn has_ended(&self, at: Instant) -> bool {
        self.expires_at.as_ref().is_none_or(|end| *end <= AuthorityEnd::of(at))
    }

    pub(crate) fn end(&self) -> Option<&AuthorityEnd> {
        self.expires_at.as_ref()
    }

    /// The canonical form as JSON, with all seven members.
    #[must_use]
    pub fn to_value(&self) -> Value<'static> {
        let sets =
            self.sets().map(|(field, set)| (field.as_str(), Value::array(set.iter().cloned())));
        let expiry = (AuthorityField::ExpiresAt.as_str(), Value::from(self.expires_at()));
        Value::object(sets.chain([expiry]))
    }

    /// The envelope hash (PCHAIN-05), which receipts list from the root to the leaf (PCHAIN-26).
    #[must_use]
    pub fn hash(&self) -> Sha256Digest {
        let mut sink = DigestSink::new();
        // Only a number can have no canonical form, and an envelope has none.
        let _ = HashedArtifact::AuthorityEnvelopeV0.profile().write(&self.to_value(), &mut sink);
        sink.finish()
    }
}

fn read_set(field: AuthorityField, value: &Value<'_>) -> Result<BTreeSet<String>, EnvelopeFault> {
    let Some(elements) = value.as_array() else {
        return Err(EnvelopeFault::NotASet { field, found: value.kind().as_str() });
    };
    let texts = elements.iter().map(|element| {
        let found = element.kind().as_str();
        element.as_str().map(str::to_owned).ok_or(EnvelopeFault::NotText { field, found })
    });
    texts.collect()
}

fn read_expiry(value: &Value<'_>) -> Result<AuthorityEnd, EnvelopeFault> {
    match value.as_str() {
        Some(text) => AuthorityEnd::read(text),
        None => Err(EnvelopeFault::Expiry { found: value.kind().as_str().to_owned() }),
    }
}

impl AuthorityEnd {
    /// More than six digits of fraction have no place in the canonical form: dropping them
    /// would let a child outlive its parent by less than a microsecond, under one hash (AMB-17).
    pub(crate) fn read(text: &str) -> Result<Self, EnvelopeFault> {
        let fault = || EnvelopeFault::Expiry { found: format!("`{}`", Excerpt(text)) };
        let time = WrittenTime::split(text).filter(WrittenTime::is_rfc3339).ok_or_else(fault)?;
        if time.fraction().bytes().skip(6).any(|digit| digit != b'0') {
            return Err(fault());
        }
        if time.zone() == Zone::Utc {
            let (date, clock, fraction) = (time.date_text(), time.time_text(), time.fraction());
            let fraction: String = fraction.chars().chain("000000".chars()).take(6).collect();
            return Ok(Self { digits: format!("{date}T{clock}.{fraction}") });
        }
        let end = Self::of(time.instant().ok_or_else(fault)?);
        // An offset can move a time out of the years that have four digits.
        if WrittenTime::split(&end.digits).is_some() { Ok(end) } else { Err(fault()) }
    }

    fn of(instant: Instant) -> Self {
        Self { digits: format!("{:.6}", instant.to_utc()) }
    }

    fn to_text(&self) -> String {
        let digits = self.digits.as_str();
        format!("{}Z", digits.strip_suffix(".000000").unwrap_or(digits))
    }
}

/// Why an envelope cannot be compared.
///
/// Where the reference says the same, its wording is kept: the denial claim lists these texts among its
/// `errors`, which consumers compare.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeFault {
    /// It is no object.
    #[error("authority_envelope {}", NoObject(found))]
    NotAnObject {
        /// What it is.
        found: &'static str,
    },
    /// It has members that version v0 does not know (PCHAIN-01, CLAIM-24).
    #[error("authority_envelope contains unsupported fields: {}", Names(names))]
    UnknownMembers {
        /// Their names, sorted.
        names: Vec<String>,
    },
    /// A permit's envelope lacks a member.
    #[error("the authority envelope has no `{}`", field.as_str())]
    MissingMember {
        /// The member.
        field: AuthorityField,
    },
    /// A set is no array.
    #[error("{} must be a list of strings", field.as_str())]
    NotASet {
        /// The member.
        field: AuthorityField,
        /// What it is.
        found: &'static str,
    },
    /// An element of a set is no text (PCHAIN-02).
    #[error("{} members must be strings", field.as_str())]
    NotText {
        /// The member.
        field: AuthorityField,
        /// What the element is.
        found: &'static str,
    },
    /// The expiry is no time of RFC 3339, or finer than microseconds.
    #[error("expires_at must be an RFC 3339 timestamp")]
    Expiry {
        /// What it is.
        found: String,
    },
}

/// What is said of an envelope that is none.
struct NoObject<'n>(&'n str);

impl core::fmt::Display for NoObject<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(if self.0 == "null" { "is required" } else { "must be an object" })
    }
}

/// Names, joined and each of them shortened; a hostile envelope could have a million.
struct Names<'n>(&'n [String]);

impl core::fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (index, name) in self.0.iter().take(SHOWN_NAMES).enumerate() {
            let before = if index == 0 { "" } else { ", " };
            write!(f, "{before}{}", Excerpt(name))?;
        }
        if self.0.len() > SHOWN_NAMES { f.write_str(", …") } else { Ok(()) }
    }
}

/// Names that a message shows.
const SHOWN_NAMES: usize = 32;
