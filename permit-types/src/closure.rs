// SPDX-License-Identifier: Apache-2.0

//! Closures: signed links from a permit to what came of it.

use alloc::{string::String, vec::Vec};

use permit_canonical_json::Sha256Digest;
use serde::{Deserialize, Serialize};

use crate::{
    KeyId, NonEmptyText, PermitId, PrefixedSignatureText, Rfc3339,
    word::{constants, words},
};

words! {
    /// How an execution ended. A closed list (CLOSE-04).
    ///
    /// ```text
    ///                             dispatch    provider    client     digests, §5.3
    /// closed                      required    required    required
    /// client_digest_missing       if sent     if there    –
    /// all others                  if sent     –           –
    /// dispatch_error              –           –           –
    /// missing_closure             skipped     skipped     skipped
    /// ```
    ClosureStatus {
        /// Everything went out and came back.
        Closed = "closed",
        /// The client went away.
        ClientDisconnected = "client_disconnected",
        /// The provider answered with an error.
        ProviderError = "provider_error",
        /// The provider did not answer in time.
        Timeout = "timeout",
        /// The request did not go out.
        DispatchError = "dispatch_error",
        /// Nobody knows what the provider sent.
        ProviderDigestMissing = "provider_digest_missing",
        /// Nobody knows what the client was handed.
        ClientDigestMissing = "client_digest_missing",
        /// There was no closure; this stands in for it.
        MissingClosure = "missing_closure",
    }
}

constants! {
    /// The older format; accepted forever, never written anew (CLOSE-01, CLOSE-03).
    ClosureV1 = "closure_v1";
    /// The format that is written.
    ClosureV2 = "closure_v2";
    /// What the digest of the request is a digest of (CLOSE-12).
    DispatchDigestSemantics = "approved_request_body_bytes_at_dispatch_time";
}

/// A payload of either format: the members that both have, and those that one adds.
macro_rules! closure_payload {
    (
        $(#[$docs:meta])*
        $name:ident: $version:ident, schema of closed: $closed:tt, { $($own_members:tt)* }
    ) => {
        $(#[$docs])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(
            feature = "schema",
            derive(schemars::JsonSchema),
            schemars(extend("allOf" = [{
                "if": { "properties": { "closure_status": { "const": "closed" } } },
                "then": $closed
            }]))
        )]
        pub struct $name {
            /// The format. Of another one nothing is known (CLOSE-02).
            pub binding_version: $version,
            /// The permit that was executed.
            pub permit_id: PermitId,
            /// The execution.
            pub execution_id: NonEmptyText,
            /// What connects it with other systems.
            #[serde(deserialize_with = "crate::presence::nullable")]
            #[cfg_attr(
                feature = "schema",
                schemars(with = "crate::schema_marker::Nullable<String>")
            )]
            pub correlation_id: Option<String>,
            /// The provider.
            #[serde(deserialize_with = "crate::presence::nullable")]
            #[cfg_attr(
                feature = "schema",
                schemars(with = "crate::schema_marker::Nullable<String>")
            )]
            pub provider: Option<String>,
            /// The model.
            #[serde(deserialize_with = "crate::presence::nullable")]
            #[cfg_attr(
                feature = "schema",
                schemars(with = "crate::schema_marker::Nullable<String>")
            )]
            pub model: Option<String>,
            /// The bytes that the provider sent, as received (CLOSE-10).
            #[serde(deserialize_with = "crate::presence::nullable")]
            #[cfg_attr(feature = "schema", schemars(with = "NullableHex64"))]
            pub provider_response_digest_v1: Option<Sha256Digest>,
            /// The bytes that were handed over for the client; not proof that they arrived (CLOSE-15).
            #[serde(deserialize_with = "crate::presence::nullable")]
            #[cfg_attr(feature = "schema", schemars(with = "NullableHex64"))]
            pub client_response_digest_v1: Option<Sha256Digest>,
            /// How it ended.
            pub closure_status: ClosureStatus,
            /// The status that the provider answered with.
            #[serde(deserialize_with = "crate::presence::nullable")]
            #[cfg_attr(
                feature = "schema",
                schemars(with = "crate::schema_marker::Nullable<i64>")
            )]
            pub status_code: Option<i64>,
            /// The id that the provider gave to its response.
            #[serde(deserialize_with = "crate::presence::nullable")]
            #[cfg_attr(
                feature = "schema",
                schemars(with = "crate::schema_marker::Nullable<String>")
            )]
            pub provider_response_id: Option<String>,
            /// What the provider's digest is a digest of; issuers have words of their own (CLOSE-13).
            pub provider_response_digest_semantics: NonEmptyText,
            /// What the client's digest is a digest of (CLOSE-14).
            pub client_response_digest_semantics: NonEmptyText,
            /// When the request was made.
            pub request_created_at: Rfc3339,
            /// When it went out.
            pub started_at: Rfc3339,
            /// When it ended.
            pub completed_at: Rfc3339,
            /// When the provider's answer was in.
            #[serde(deserialize_with = "crate::presence::nullable")]
            #[cfg_attr(
                feature = "schema",
                schemars(with = "crate::schema_marker::Nullable<Rfc3339>")
            )]
            pub provider_response_received_at: Option<Rfc3339>,
            /// When it was handed over for the client.
            #[serde(deserialize_with = "crate::presence::nullable")]
            #[cfg_attr(
                feature = "schema",
                schemars(with = "crate::schema_marker::Nullable<Rfc3339>")
            )]
            pub client_response_delivered_at: Option<Rfc3339>,
            /// When it was signed: the instant that the key's window must contain (CLOSE-19).
            pub closure_signed_at: Rfc3339,
            /// The key that signed.
            pub binding_key_id: KeyId,
            /// When usage was reported. In the signed bytes only if the member is there.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub usage_reported_at: Option<Rfc3339>,
            $($own_members)*
        }
    };
}

closure_payload! {
    /// What a closure of the older format signs: that of version 2 without what is about the dispatch.
    ///
    /// It has no schema; the specification describes it as this difference. Read only (CLOSE-03).
    ClosurePayloadV1: ClosureV1,
    schema of closed: {
        "properties": {
            "provider_response_digest_v1": { "type": "string" },
            "client_response_digest_v1": { "type": "string" }
        }
    },
    {}
}

closure_payload! {
    /// What a closure signs. Closed.
    ///
    /// ```text
    /// closure_status closed => all three digests           CLOSE-05
    /// dispatch digest = binding_request_hash of the permit  CLOSE-08
    /// other digests = digests in chain events               CLOSE-07
    /// ```
    ///
    /// The type reads a payload that breaks the first of these, so that whoever judges closures
    /// can name the missing digests by their code; the generated schema refuses it.
    ///
    /// Members that may be `null` are written as `null`, the dispatch digest among them although it
    /// may be absent (AMB-06). What was signed is the value that was read: hash that.
    ClosurePayloadV2: ClosureV2,
    schema of closed: {
        "properties": {
            "dispatch_request_digest_v1": { "type": "string" },
            "provider_response_digest_v1": { "type": "string" },
            "client_response_digest_v1": { "type": "string" }
        },
        "required": ["dispatch_request_digest_v1"]
    },
    {
        /// The request that went out, copied from the permit (CLOSE-11).
        #[cfg_attr(
            feature = "schema",
            schemars(with = "Option<crate::schema_marker::Hex64>")
        )]
        pub dispatch_request_digest_v1: Option<Sha256Digest>,
        /// What that is a digest of.
        pub dispatch_request_digest_semantics: DispatchDigestSemantics,
    }
}

#[cfg(feature = "schema")]
type NullableHex64 = crate::schema_marker::Nullable<crate::schema_marker::Hex64>;

impl ClosurePayloadV1 {
    /// The digests that are missing although the closure says `closed` (CLOSE-05).
    #[must_use]
    pub fn missing_when_closed(&self) -> Vec<&'static str> {
        missing_when_closed(
            self.closure_status,
            &[
                ("provider_response_digest_v1", self.provider_response_digest_v1),
                ("client_response_digest_v1", self.client_response_digest_v1),
            ],
        )
    }
}

impl ClosurePayloadV2 {
    /// The digests that are missing although the closure says `closed` (CLOSE-05).
    #[must_use]
    pub fn missing_when_closed(&self) -> Vec<&'static str> {
        missing_when_closed(
            self.closure_status,
            &[
                ("dispatch_request_digest_v1", self.dispatch_request_digest_v1),
                ("provider_response_digest_v1", self.provider_response_digest_v1),
                ("client_response_digest_v1", self.client_response_digest_v1),
            ],
        )
    }
}

fn missing_when_closed(
    status: ClosureStatus,
    digests: &[(&'static str, Option<Sha256Digest>)],
) -> Vec<&'static str> {
    if status != ClosureStatus::Closed {
        return Vec::new();
    }
    digests.iter().filter(|(_, digest)| digest.is_none()).map(|(name, _)| *name).collect()
}

/// A signed closure in a file of its own, or nested in an event. Closed; all members are required.
///
/// ```text
/// canonical_hash   of the payload                                  CLOSE-17
/// signature        over the 64 digits of canonical_hash as text    CLOSE-16
/// binding_key_id   equal inside and outside                        AMB-07
/// ```
///
/// Inside chains the reference issuer writes the same flat, next to the signed members (AMB-02).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClosureEnvelope<P = ClosurePayloadV2> {
    /// What is signed.
    pub payload: P,
    /// The hash of its canonical form.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema_marker::Hex64"))]
    pub canonical_hash: Sha256Digest,
    /// The signature.
    pub signature: PrefixedSignatureText,
    /// The key that made it.
    pub binding_key_id: KeyId,
}
