// SPDX-License-Identifier: Apache-2.0

//! What is signed when a permit is issued.

use permit_types::{Decision, KeyId, OpenObject, PermitId, ProjectId, Rfc3339};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The payload of a signed decision of binding version `v1` (SEM-05).
///
/// ```text
/// 21 members, all of them always there, null where nothing is known, and no others
/// payload profile of canonical JSON; SHA-256; the signature covers the 64 characters
/// binding_key_id = first 16 characters of the hash of the key that signs
/// ```
///
/// The published schemas have no type for it (AMB-56); this one is made from the recipe. Later
/// versions have more members, and what those mean this version does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionPayloadV1 {
    /// Always `v1`.
    pub binding_version: BindingVersionV1,
    /// The permit that was issued.
    pub permit_id: PermitId,
    /// Its project.
    pub project_id: ProjectId,
    /// The permit whose authority it has a part of.
    #[serde(deserialize_with = "present")]
    pub parent_permit_id: Option<PermitId>,
    /// What was decided.
    pub decision: Decision,
    /// Why.
    #[serde(deserialize_with = "present")]
    pub reason: Option<String>,
    /// The provider that the request names.
    #[serde(deserialize_with = "present")]
    pub provider: Option<String>,
    /// The model that the request names.
    #[serde(deserialize_with = "present")]
    pub model: Option<String>,
    /// The operation that the request names.
    #[serde(deserialize_with = "present")]
    pub operation: Option<String>,
    /// The action that was asked for.
    #[serde(deserialize_with = "present")]
    pub action_name: Option<String>,
    /// What the issuer knows the request by.
    #[serde(deserialize_with = "present")]
    pub request_fingerprint: Option<String>,
    /// Limits that the decision came with.
    #[serde(deserialize_with = "present")]
    pub constraints: Option<OpenObject>,
    /// How the request was to be routed.
    #[serde(deserialize_with = "present")]
    pub routing: Option<OpenObject>,
    /// The policy that decided.
    #[serde(deserialize_with = "present")]
    pub policy_id: Option<String>,
    /// Its version.
    #[serde(deserialize_with = "present")]
    pub policy_version: Option<String>,
    /// The hash of its text.
    #[serde(deserialize_with = "present")]
    pub policy_snapshot_hash: Option<String>,
    /// When it was decided.
    pub issued_at: Rfc3339,
    /// Until when the permit may be used.
    #[serde(deserialize_with = "present")]
    pub expires_at: Option<Rfc3339>,
    /// Whether nothing was to be dispatched at all.
    pub is_dry_run: bool,
    /// The key that signs.
    pub binding_key_id: KeyId,
    /// The hash of the request that may go out, if it was known then.
    #[serde(deserialize_with = "present")]
    pub final_request_hash: Option<String>,
}

impl DecisionPayloadV1 {
    /// The names of the members.
    pub const MEMBERS: [&str; 21] = [
        "binding_version",
        "permit_id",
        "project_id",
        "parent_permit_id",
        "decision",
        "reason",
        "provider",
        "model",
        "operation",
        "action_name",
        "request_fingerprint",
        "constraints",
        "routing",
        "policy_id",
        "policy_version",
        "policy_snapshot_hash",
        "issued_at",
        "expires_at",
        "is_dry_run",
        "binding_key_id",
        "final_request_hash",
    ];
}

/// A member that may be null and has to be there.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

/// The `binding_version` of the payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BindingVersionV1;

impl BindingVersionV1 {
    /// The text on the wire.
    pub const TEXT: &'static str = "v1";
}

impl Serialize for BindingVersionV1 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Self::TEXT)
    }
}

impl<'de> Deserialize<'de> for BindingVersionV1 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == Self::TEXT {
            Ok(Self)
        } else {
            Err(de::Error::invalid_value(de::Unexpected::Str(&text), &"`v1`"))
        }
    }
}
