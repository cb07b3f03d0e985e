// SPDX-License-Identifier: Apache-2.0

//! The bundle: the unit that evidence is delivered in.

use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Unexpected};

use crate::{AuditExportRecord, ProjectId, Rfc3339, word::constants};

constants! {
    /// The only type of bundle (BUNDLE-01).
    BundleType = "audit_export_bundle";
    /// The only format whose bytes are verified (BUNDLE-01).
    BundleFormat = "json";
    /// What `from` and `to` are about (BUNDLE-01).
    TimeRangeBasis = "permit.created_at";
}

/// The version of a bundle's schema (BUNDLE-02).
///
/// The integers 1 and 2 and nothing else: `2.0` is another text, and text is what
/// is signed (AMB-52).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BundleSchemaVersion {
    /// Records alone.
    V1,
    /// Records with chain entries.
    V2,
}

impl BundleSchemaVersion {
    /// The version of this number.
    #[must_use]
    pub const fn from_number(number: u64) -> Option<Self> {
        match number {
            1 => Some(Self::V1),
            2 => Some(Self::V2),
            _ => None,
        }
    }

    /// The number of this version.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::V1 => 1,
            Self::V2 => 2,
        }
    }
}

impl Serialize for BundleSchemaVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.number())
    }
}

impl<'de> Deserialize<'de> for BundleSchemaVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u64::deserialize(deserializer)?;
        Self::from_number(number).ok_or_else(|| {
            serde::de::Error::invalid_value(Unexpected::Unsigned(number), &"`1` or `2`")
        })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for BundleSchemaVersion {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "BundleSchemaVersion".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "enum": [1, 2] })
    }
}

/// An audit export bundle that is wholly in memory. Closed.
///
/// ```text
/// schema_version 2 => include_chain_entries is true, every record has chain_entries   BUNDLE-03
/// schema_version 1 => include_chain_entries is not true, no record has them           BUNDLE-04
/// record_count = number of records                                                    BUNDLE-05
/// from < to                                                                           AMB-49
/// ```
///
/// The type reads any bundle of the right form; the four rules are what
/// [`check_bundle_semantics`](crate::check_bundle_semantics) looks at, which needs no bundle in
/// memory. The generated schema has the first rule and half of the second, as the published one does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(extend("allOf" = [{
        "if": {
            "properties": { "schema_version": { "const": 2 } },
            "required": ["schema_version"]
        },
        "then": {
            "properties": {
                "include_chain_entries": { "const": true },
                "records": { "items": { "required": ["chain_entries"] } }
            },
            "required": ["include_chain_entries"]
        },
        "else": {
            "not": {
                "properties": { "include_chain_entries": { "const": true } },
                "required": ["include_chain_entries"]
            }
        }
    }]))
)]
pub struct AuditExportBundle {
    /// That this is a bundle.
    pub bundle_type: BundleType,
    /// The version of its schema.
    pub schema_version: BundleSchemaVersion,
    /// That it is JSON.
    pub format: BundleFormat,
    /// The project that it is about.
    pub project_id: ProjectId,
    /// What `from` and `to` are about.
    pub time_range_basis: TimeRangeBasis,
    /// The first instant that is in.
    pub from: Rfc3339,
    /// The first instant that is out.
    pub to: Rfc3339,
    /// When the bundle was made.
    pub generated_at: Rfc3339,
    /// How many records there are.
    pub record_count: u64,
    /// Whether records have chain entries; absent is no.
    #[serde(
        default,
        deserialize_with = "crate::presence::not_null",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "bool"))]
    pub include_chain_entries: Option<bool>,
    /// The records.
    pub records: Vec<AuditExportRecord>,
}
