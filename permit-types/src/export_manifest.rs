// SPDX-License-Identifier: Apache-2.0

//! The manifest that commits to the bytes of an export.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{
    ContentHash, KeyId, NonEmptyText, OpenMembers, PrefixedPublicKeyText, PrefixedSignatureText,
    RecordHash, Rfc3339, open_object::open_struct,
};

/// The signed manifest of an export. Open: packs, sibling files and claims are further members.
///
/// ```text
/// content_hash   of the bytes as stored, compressed if they are           BUNDLE-06, BUNDLE-13
/// signature      over the text of content_hash, never over the manifest   BUNDLE-08, BUNDLE-09
/// signed_at      the instant that the key's window must contain           BUNDLE-07
/// ```
///
/// A manifest without a signature is not of this type. Whoever must tell "unsigned"
/// from "malformed" looks for the member before reading the type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExportManifest {
    /// The export.
    pub export_id: NonEmptyText,
    /// The project that the export is about.
    pub project_id: Option<String>,
    /// What kind of export it is.
    pub export_type: NonEmptyText,
    /// The format of the export.
    pub format: NonEmptyText,
    /// Whether the bytes are compressed.
    pub compressed: bool,
    /// How many records there are.
    pub record_count: u64,
    /// The hash of the bytes.
    pub content_hash: ContentHash,
    /// The signature.
    pub signature: PrefixedSignatureText,
    /// The key that made it. The verifier trusts its own copy, not this one.
    pub public_key: PrefixedPublicKeyText,
    /// The name of that key.
    pub key_id: KeyId,
    /// When it was signed.
    pub signed_at: Rfc3339,
    /// The version of the reference issuer; others stamp a name of their own (BUNDLE-23).
    #[cfg_attr(
        feature = "schema",
        schemars(with = "NonEmptyText", default, skip_serializing_if = "Option::is_none")
    )]
    pub keel_version: Option<NonEmptyText>,
    /// What the issuer found when it walked the chain.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "ChainIntegrity", default, skip_serializing_if = "Option::is_none")
    )]
    pub chain_integrity: Option<ChainIntegrity>,
    /// The filters that were asked for (BUNDLE-16).
    #[cfg_attr(
        feature = "schema",
        schemars(with = "ContentHash", default, skip_serializing_if = "Option::is_none")
    )]
    pub filters_hash: Option<ContentHash>,
    /// Everything else.
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub other: OpenMembers,
}

open_struct!(ExportManifest {
    required export_id,
    optional project_id,
    required export_type,
    required format,
    required compressed,
    required record_count,
    required content_hash,
    required signature,
    required public_key,
    required key_id,
    required signed_at,
    not_null keel_version,
    not_null chain_integrity,
    not_null filters_hash,
});

/// What the issuer found when it walked the chain. Closed; all members are required.
///
/// An error in it does not make an export fail; it is shown (BUNDLE-18).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChainIntegrity {
    /// When it walked.
    pub verified_at: Rfc3339,
    /// How many entries it saw.
    pub chain_length: u64,
    /// The last hash it found good.
    #[serde(deserialize_with = "crate::presence::nullable")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema_marker::Nullable<RecordHash>"))]
    pub last_verified_hash: Option<RecordHash>,
    /// What it found wrong.
    #[serde(deserialize_with = "crate::presence::nullable")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema_marker::Nullable<String>"))]
    pub error: Option<String>,
}
