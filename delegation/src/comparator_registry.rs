// SPDX-License-Identifier: Apache-2.0

//! The document that says how the fields of an envelope are compared.
//!
//! ```text
//! {version, fields: {<name>: {type, order, canonicalization}}}
//!
//! type               order                 canonicalization
//! set<string>        subset                sorted_unique_strings
//! timestamp          less_than_or_equal    rfc_3339_utc
//! ```

use std::collections::BTreeMap;

use permit_canonical_json::{ShapeError, Value, from_value};
use serde::{Deserialize, Serialize};

use crate::{canonical_envelope::AuthorityField, envelope_version::EnvelopeVersion};

/// A comparator registry, as far as it says how to compare.
///
/// It is read to learn whether it means what the code here does, never to be interpreted:
/// a registry that comes with the evidence must not decide how that evidence is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparatorRegistry {
    version: String,
    fields: BTreeMap<String, FieldComparator>,
}

/// How one field is compared. Closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldComparator {
    /// What the field holds.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// When a child's value is within its parent's.
    pub order: FieldOrder,
    /// The form in which values are compared and hashed.
    pub canonicalization: FieldCanonicalization,
}

/// What a field of an envelope holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldType {
    /// Texts, each of them once.
    #[serde(rename = "set<string>")]
    StringSet,
    /// A point in time.
    #[serde(rename = "timestamp")]
    Timestamp,
}

/// When a child's value is within its parent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldOrder {
    /// All its members are the parent's.
    #[serde(rename = "subset")]
    Subset,
    /// It is not later.
    #[serde(rename = "less_than_or_equal")]
    LessThanOrEqual,
}

/// The form in which values are compared and hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldCanonicalization {
    /// By code point, each member once.
    #[serde(rename = "sorted_unique_strings")]
    SortedUniqueStrings,
    /// In UTC.
    #[serde(rename = "rfc_3339_utc")]
    Rfc3339Utc,
}

impl ComparatorRegistry {
    /// What the code here does for a version.
    #[must_use]
    pub fn built_in(version: EnvelopeVersion) -> Self {
        let EnvelopeVersion::V0 = version;
        let fields =
            AuthorityField::ALL.iter().map(|field| (field.as_str().to_owned(), field.comparator()));
        Self { version: version.as_str().to_owned(), fields: fields.collect() }
    }

    /// Reads a registry. `$schema`, `$id`, `title` and `description` may stand beside the two
    /// members that count; nothing else may, since it could change the meaning of those.
    ///
    /// # Errors
    /// If the document is no registry of this form.
    pub fn read(document: &Value<'_>) -> Result<Self, ShapeError> {
        let Document { version, fields, .. } = from_value(document)?;
        Ok(Self { version, fields })
    }

    /// The version that the registry is for.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The fields and how each is compared.
    #[must_use]
    pub fn fields(&self) -> &BTreeMap<String, FieldComparator> {
        &self.fields
    }

    /// The registry as it stands in a pack that inlines it (PCHAIN-08).
    #[must_use]
    pub fn to_value(&self) -> Value<'static> {
        let fields = self.fields.iter().map(|(name, field)| (name.clone(), field.to_value()));
        Value::object([
            ("version", Value::from(self.version.clone())),
            ("fields", Value::object(fields)),
        ])
    }
}

impl FieldComparator {
    fn to_value(self) -> Value<'static> {
        let (field_type, order, canonicalization) =
            (self.field_type.as_str(), self.order.as_str(), self.canonicalization.as_str());
        Value::object([
            ("type", field_type),
            ("order", order),
            ("canonicalization", canonicalization),
        ])
    }
}

impl FieldType {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StringSet => "set<string>",
            Self::Timestamp => "timestamp",
        }
    }
}

impl FieldOrder {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subset => "subset",
            Self::LessThanOrEqual => "less_than_or_equal",
        }
    }
}

impl FieldCanonicalization {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SortedUniqueStrings => "sorted_unique_strings",
            Self::Rfc3339Utc => "rfc_3339_utc",
        }
    }
}

/// The document on the wire, with the members that say nothing about comparing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: String,
    fields: BTreeMap<String, FieldComparator>,
    #[serde(default, rename = "$schema")]
    _schema: Option<String>,
    #[serde(default, rename = "$id")]
    _id: Option<String>,
    #[serde(default, rename = "title")]
    _title: Option<String>,
    #[serde(default, rename = "description")]
    _description: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let registry = ComparatorRegistry::built_in(EnvelopeVersion::V0);
        assert_eq!(ComparatorRegistry::read(&registry.to_value()), Ok(registry));
    }
}
