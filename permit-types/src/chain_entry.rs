// SPDX-License-Identifier: Apache-2.0

//! Entries of a hash chain: as they must be, and as exports may have them.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{
    ChainScope, EventId, EventType, OpenObject, RecordHash, Rfc3339, SequenceNumber,
    word::constants,
};

constants! {
    /// The only format of chain entries so far (CHAIN-10).
    ///
    /// An entry of another format is not malformed but unknown (CHAIN-14): look at the
    /// member before reading the type.
    ChainFormatVersion = "v1";
}

/// An entry of a hash chain. Closed; all members are required (CHAIN-17).
///
/// ```text
/// hashed       event_id, event_type, resource_type, resource_id, outcome, severity,
///              created_at, prev_hash, sequence_number                                 CHAIN-01
/// not hashed   payload_json, chain_scope, chain_format_version                        AMB-11
/// ```
///
/// An entry alone proves nothing: the evidence is in the links, and in what anchors them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChainEntry {
    /// The event.
    pub event_id: EventId,
    /// What kind of event it is.
    pub event_type: EventType,
    /// The kind of thing it is about.
    #[serde(deserialize_with = "crate::presence::nullable")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema_marker::Nullable<String>"))]
    pub resource_type: Option<String>,
    /// The thing it is about.
    #[serde(deserialize_with = "crate::presence::nullable")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema_marker::Nullable<String>"))]
    pub resource_id: Option<String>,
    /// What came of it.
    #[serde(deserialize_with = "crate::presence::nullable")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema_marker::Nullable<String>"))]
    pub outcome: Option<String>,
    /// How grave it is.
    pub severity: String,
    /// The chain it is in.
    pub chain_scope: ChainScope,
    /// Its place in that chain.
    pub sequence_number: SequenceNumber,
    /// Its own hash.
    pub record_hash: RecordHash,
    /// The hash of the entry before it, or the issuer's sentinel (CHAIN-15).
    pub prev_hash: RecordHash,
    /// What the issuer says about the event. No input of the record hash.
    pub payload_json: OpenObject,
    /// When it happened, in UTC (CHAIN-05).
    pub created_at: Rfc3339,
    /// The format of the entry.
    pub chain_format_version: ChainFormatVersion,
}

/// A chain entry as the schemas of bundles and records describe it (AMB-01).
///
/// Four members may be `null` and one may be absent that a [`ChainEntry`] must have. Read
/// exports with this type and convert: what cannot be converted cannot be walked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExportedChainEntry {
    /// The event.
    pub event_id: EventId,
    /// What kind of event it is.
    pub event_type: EventType,
    /// The kind of thing it is about.
    #[serde(deserialize_with = "crate::presence::nullable")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema_marker::Nullable<String>"))]
    pub resource_type: Option<String>,
    /// The thing it is about.
    #[serde(deserialize_with = "crate::presence::nullable")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema_marker::Nullable<String>"))]
    pub resource_id: Option<String>,
    /// What came of it.
    #[serde(deserialize_with = "crate::presence::nullable")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema_marker::Nullable<String>"))]
    pub outcome: Option<String>,
    /// How grave it is.
    pub severity: String,
    /// The chain it is in.
    #[serde(deserialize_with = "crate::presence::nullable")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema_marker::Nullable<ChainScope>"))]
    pub chain_scope: Option<ChainScope>,
    /// Its place in that chain.
    #[serde(deserialize_with = "crate::presence::nullable")]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "crate::schema_marker::Nullable<SequenceNumber>")
    )]
    pub sequence_number: Option<SequenceNumber>,
    /// Its own hash.
    #[serde(deserialize_with = "crate::presence::nullable")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema_marker::Nullable<RecordHash>"))]
    pub record_hash: Option<RecordHash>,
    /// The hash of the entry before it.
    #[serde(deserialize_with = "crate::presence::nullable")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema_marker::Nullable<RecordHash>"))]
    pub prev_hash: Option<RecordHash>,
    /// What the issuer says about the event.
    pub payload_json: OpenObject,
    /// When it happened.
    pub created_at: Rfc3339,
    /// The format of the entry.
    #[serde(
        default,
        deserialize_with = "crate::presence::not_null",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "ChainFormatVersion"))]
    pub chain_format_version: Option<ChainFormatVersion>,
}

/// An exported entry lacks what a chain entry must have (CHAIN-17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the chain entry has no `{member}`")]
pub struct IncompleteEntry {
    member: &'static str,
}

impl IncompleteEntry {
    /// The first member that is absent or `null`.
    #[must_use]
    pub fn member(&self) -> &'static str {
        self.member
    }
}

impl TryFrom<ExportedChainEntry> for ChainEntry {
    type Error = IncompleteEntry;

    fn try_from(entry: ExportedChainEntry) -> Result<Self, IncompleteEntry> {
        let lacks = |member| IncompleteEntry { member };
        Ok(Self {
            event_id: entry.event_id,
            event_type: entry.event_type,
            resource_type: entry.resource_type,
            resource_id: entry.resource_id,
            outcome: entry.outcome,
            severity: entry.severity,
            chain_scope: entry.chain_scope.ok_or(lacks("chain_scope"))?,
            sequence_number: entry.sequence_number.ok_or(lacks("sequence_number"))?,
            record_hash: entry.record_hash.ok_or(lacks("record_hash"))?,
            prev_hash: entry.prev_hash.ok_or(lacks("prev_hash"))?,
            payload_json: entry.payload_json,
            created_at: entry.created_at,
            chain_format_version: entry
                .chain_format_version
                .ok_or(lacks("chain_format_version"))?,
        })
    }
}

impl From<ChainEntry> for ExportedChainEntry {
    fn from(entry: ChainEntry) -> Self {
        Self {
            event_id: entry.event_id,
            event_type: entry.event_type,
            resource_type: entry.resource_type,
            resource_id: entry.resource_id,
            outcome: entry.outcome,
            severity: entry.severity,
            chain_scope: Some(entry.chain_scope),
            sequence_number: Some(entry.sequence_number),
            record_hash: Some(entry.record_hash),
            prev_hash: Some(entry.prev_hash),
            payload_json: entry.payload_json,
            created_at: entry.created_at,
            chain_format_version: Some(entry.chain_format_version),
        }
    }
}
