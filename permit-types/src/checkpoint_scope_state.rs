// SPDX-License-Identifier: Apache-2.0

//! The scope state of a checkpoint: commitments to what predicates match.

use serde::{Deserialize, Serialize};

use crate::{
    ChainScope, CheckpointId, ContentHash, KeyId, NonEmpty, NonEmptyArray, PredicateGrammar,
    PredicateKind, PrefixedSignatureText, ReservedNamespace, Rfc3339, ScopePredicate, ScopeStateId,
    SequenceNumber, UniqueArray,
    word::{constants, words},
};

constants! {
    /// That this is a scope state (SIDE-01).
    ScopeStateType = "checkpoint_scope_state";
    /// Its version (SIDE-01).
    ScopeStateVersion = "checkpoint_scope_state.v1";
    /// How predicates are canonicalized.
    PayloadProfileName = "keel.canonical_json.payload.v1";
    /// How commitments are computed. Another profile is unverifiable, not malformed (SIDE-15).
    CommitmentProfile = "keel.scope_state.merkle.v1";
    /// The algorithm of its signature.
    ScopeStateAlgorithm = "Ed25519";
    /// The format of the key manifest that the key is looked up in (SIDE-08).
    KeyManifestFormat = "keel.public_key_manifest.v1";
}

words! {
    /// What the key of a scope state is for (SIDE-07).
    ScopeStatePurpose {
        /// Signing checkpoints.
        IntegrityCheckpoint = "integrity_checkpoint",
        /// Signing scope states.
        ScopeState = "scope_state",
    }
}

/// A signed sidecar of a checkpoint, for one chain. Closed; all members are required.
///
/// ```text
/// scope_state_id = keel.scope_state.v1:<hash of the chain scope>:<checkpoint_id>   SIDE-02
/// predicate hashes are recomputed and unique                                       SIDE-09, SIDE-10
/// ranges end at the head of the checkpoint                                         SIDE-11
/// tree_size is signed and otherwise not looked at                                  SIDE-13
/// signature over everything but itself                                             SIDE-06
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckpointScopeState {
    /// That this is a scope state.
    pub artifact_type: ScopeStateType,
    /// Its version.
    pub version: ScopeStateVersion,
    /// Its id.
    pub scope_state_id: ScopeStateId,
    /// The checkpoint it belongs to.
    pub checkpoint_id: CheckpointId,
    /// The chain it is about.
    pub chain_scope: NonEmpty<ChainScope>,
    /// The grammar of its predicates.
    pub predicate_grammar_version: PredicateGrammar,
    /// What its predicates are made of.
    pub predicate_basis: PredicateBasis,
    /// How its commitments are computed.
    pub commitment_profile: CommitmentProfile,
    /// One commitment for each predicate.
    pub scope_commitments: NonEmptyArray<ScopeCommitment>,
    /// How many entries the chain has at the checkpoint.
    pub tree_size: u64,
    /// When it was signed.
    pub signed_at: Rfc3339,
    /// The signature.
    pub signature: ScopeStateSignature,
    /// Where the key of the signature is looked up.
    pub trust_root_reference: TrustRootReference,
}

/// What the predicates of a scope state are made of. Closed; all members are required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PredicateBasis {
    /// How predicates are canonicalized.
    pub canonicalization_profile: PayloadProfileName,
    /// What predicates can look at.
    pub supported_predicate_kinds: UniqueArray<PredicateKind>,
    /// Names that predicates of the issuer start with; never evaluated (SIDE-04).
    pub reserved_namespaces: UniqueArray<ReservedNamespace>,
}

/// What one predicate matches. Closed; all members are required.
///
/// If it matches nothing, both sequence numbers are `null` and the root is that of the
/// empty tree (SIDE-05).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScopeCommitment {
    /// The predicate.
    pub predicate_value: ScopePredicate,
    /// The hash of its canonical form.
    pub predicate_value_hash: ContentHash,
    /// The first entry that it matches.
    #[serde(deserialize_with = "crate::presence::nullable")]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "crate::schema_marker::Nullable<SequenceNumber>")
    )]
    pub first_matching_sequence: Option<SequenceNumber>,
    /// The last entry that it matches.
    #[serde(deserialize_with = "crate::presence::nullable")]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "crate::schema_marker::Nullable<SequenceNumber>")
    )]
    pub last_matching_sequence: Option<SequenceNumber>,
    /// How many entries it matches.
    pub matching_count: u64,
    /// The root of the tree over them.
    pub membership_root_hash: ContentHash,
}

/// The signature of a scope state. Closed; all members are required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScopeStateSignature {
    /// The algorithm.
    pub algorithm: ScopeStateAlgorithm,
    /// The key.
    pub key_id: KeyId,
    /// The signature.
    pub signature: PrefixedSignatureText,
}

/// Where the key of a scope state is looked up. Closed; all members are required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrustRootReference {
    /// The format of the key manifest.
    pub manifest_version: KeyManifestFormat,
    /// What the key is for.
    pub purpose: ScopeStatePurpose,
    /// The key.
    pub key_id: KeyId,
}
