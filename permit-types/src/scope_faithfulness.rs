// SPDX-License-Identifier: Apache-2.0

//! The declaration that an export is a faithful slice of its chains.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize, Serializer};

use crate::{
    ChainScope, CheckpointId, ContentHash, EventId, EventType, NonEmpty, NonEmptyArray,
    NonEmptyText, OpenObject, PayloadProfileName, Rfc3339, ScopePredicate, ScopeStateType,
    SequenceNumber,
    word::{constants, words},
};

constants! {
    /// The version of the block.
    ScopeFaithfulnessVersion = "keel.export_scope_faithfulness.v1";
    /// The version of a declaration.
    ScopeDeclarationVersion = "keel.scope_declaration.v1";
    /// The version of a presentation policy.
    PresentationPolicyVersion = "keel.presentation_policy.v1";
}

words! {
    /// Whether a segment declares everything that matches or a sample of it.
    ScopeKind {
        /// Everything.
        DeclaredPopulation = "declared_population",
        /// A sample.
        DeclaredSample = "declared_sample",
    }

    /// What was left out of records before they were shown. Never judged (PRED-10).
    PresentationPolicyKind {
        /// Nothing.
        None = "none",
        /// What the customer's plan does not have.
        PlanTier = "plan_tier",
        /// Whole sections.
        Section = "section",
        /// Single members.
        FieldRedaction = "field_redaction",
    }

    /// The kinds of start of a segment.
    StartKind {
        /// The chain's own start.
        Genesis = "genesis",
        /// The entry before.
        PredecessorProof = "predecessor_proof",
        /// A checkpoint right before.
        CheckpointAnchor = "checkpoint_anchor",
    }

    /// How the checkpoint at the end of a segment was chosen.
    BoundaryPolicy {
        /// It was asked for.
        ExplicitCheckpoint = "explicit_checkpoint",
        /// It was the latest one; that needs evidence (SFE-11).
        LatestCheckpointAtExport = "latest_checkpoint_at_export",
    }
}

/// The member that scope-faithful exports add to their payload. Closed.
///
/// A real export has other members beside it: read [`ScopeFaithfulness`] from the member itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScopeFaithfulnessAddition {
    /// The block.
    pub scope_faithfulness: ScopeFaithfulness,
}

/// The block of a scope-faithful export. Closed; all members are required.
///
/// It counts only inside bytes that are signed (SFE-01), and only as a whole: every segment
/// must hold (SFE-05).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScopeFaithfulness {
    /// The version of the block.
    pub version: ScopeFaithfulnessVersion,
    /// The segments: one chain and one scope state each (SFE-02).
    pub segments: NonEmptyArray<ScopeSegment>,
}

/// One segment of one chain. Closed; all members are required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScopeSegment {
    /// The id of the segment.
    pub segment_id: NonEmptyText,
    /// What it declares to contain.
    pub declared_scope: DeclaredScope,
    /// Where it starts.
    pub declared_start: StartBoundary,
    /// Where it ends.
    pub declared_end: EndBoundary,
    /// The scope state that commits to it.
    pub scope_state_reference: ScopeStateReference,
    /// The filters that were asked for.
    pub canonical_filters: CanonicalFilters,
    /// The entries.
    pub chain_evidence: ChainEvidence,
}

/// What a segment declares to contain. Closed; all members are required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeclaredScope {
    /// The version of the declaration.
    pub version: ScopeDeclarationVersion,
    /// Everything or a sample.
    pub scope_kind: ScopeKind,
    /// The chain.
    pub chain_scope: NonEmpty<ChainScope>,
    /// A name for people.
    pub population_label: NonEmptyText,
    /// What is in. The filters' hash does not say (SFE-04).
    pub predicate: ScopePredicate,
    /// What was left out of the records.
    pub presentation_policy: PresentationPolicy,
}

/// What was left out of records before they were shown. Closed; all members are required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PresentationPolicy {
    /// The version of the policy.
    pub version: PresentationPolicyVersion,
    /// What was left out.
    pub policy_kind: PresentationPolicyKind,
    /// In detail; opaque.
    pub policy_parameters: OpenObject,
}

/// Where a segment starts (SFE-09). One of three closed objects, told apart by `kind`.
///
/// ```text
/// genesis             the chain's own start
/// predecessor_proof   the entry before the first one
/// checkpoint_anchor   a checkpoint right before the first one
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields, try_from = "WrittenStart")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(!try_from))]
pub enum StartBoundary {
    /// The segment starts where its chain does.
    Genesis {
        /// The chain.
        chain_scope: NonEmpty<ChainScope>,
        /// Always 1.
        sequence_number: FirstSequence,
        /// What stands before the first entry.
        genesis_prev_hash: NonEmptyText,
    },
    /// The segment starts behind an entry that it names.
    PredecessorProof {
        /// The chain.
        chain_scope: NonEmpty<ChainScope>,
        /// The place of the entry before.
        predecessor_sequence_number: SequenceNumber,
        /// The hash of the entry before.
        predecessor_record_hash: NonEmptyText,
        /// The place of the first entry that is in.
        first_evidence_sequence_number: SequenceNumber,
    },
    /// The segment starts right behind a checkpoint.
    CheckpointAnchor {
        /// The checkpoint.
        checkpoint_id: CheckpointId,
        /// The chain.
        chain_scope: NonEmpty<ChainScope>,
        /// The head of the chain at the checkpoint; 0 if it was empty.
        sequence_number: u64,
        /// The hash of that head.
        last_record_hash: NonEmptyText,
    },
}

impl StartBoundary {
    /// The kind of start.
    #[must_use]
    pub fn kind(&self) -> StartKind {
        match self {
            Self::Genesis { .. } => StartKind::Genesis,
            Self::PredecessorProof { .. } => StartKind::PredecessorProof,
            Self::CheckpointAnchor { .. } => StartKind::CheckpointAnchor,
        }
    }

    /// The chain that the segment is of.
    #[must_use]
    pub fn chain_scope(&self) -> &ChainScope {
        match self {
            Self::Genesis { chain_scope, .. }
            | Self::PredecessorProof { chain_scope, .. }
            | Self::CheckpointAnchor { chain_scope, .. } => chain_scope,
        }
    }
}

/// The sequence number of a chain's first entry, which is always 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FirstSequence;

impl Serialize for FirstSequence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        SequenceNumber::FIRST.serialize(serializer)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for FirstSequence {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "FirstSequence".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "const": 1 })
    }
}

/// The members of all three kinds of start.
///
/// Reading by way of this type keeps the place of a mistake, which serde's own reading of
/// tagged enums loses.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStart {
    kind: StartKind,
    chain_scope: NonEmpty<ChainScope>,
    #[serde(default, deserialize_with = "crate::presence::not_null")]
    sequence_number: Option<u64>,
    #[serde(default, deserialize_with = "crate::presence::not_null")]
    genesis_prev_hash: Option<NonEmptyText>,
    #[serde(default, deserialize_with = "crate::presence::not_null")]
    predecessor_sequence_number: Option<SequenceNumber>,
    #[serde(default, deserialize_with = "crate::presence::not_null")]
    predecessor_record_hash: Option<NonEmptyText>,
    #[serde(default, deserialize_with = "crate::presence::not_null")]
    first_evidence_sequence_number: Option<SequenceNumber>,
    #[serde(default, deserialize_with = "crate::presence::not_null")]
    checkpoint_id: Option<CheckpointId>,
    #[serde(default, deserialize_with = "crate::presence::not_null")]
    last_record_hash: Option<NonEmptyText>,
}

impl WrittenStart {
    /// Whether each member of one kind only is there.
    fn present(&self) -> [(&'static str, bool); 7] {
        [
            ("sequence_number", self.sequence_number.is_some()),
            ("genesis_prev_hash", self.genesis_prev_hash.is_some()),
            ("predecessor_sequence_number", self.predecessor_sequence_number.is_some()),
            ("predecessor_record_hash", self.predecessor_record_hash.is_some()),
            ("first_evidence_sequence_number", self.first_evidence_sequence_number.is_some()),
            ("checkpoint_id", self.checkpoint_id.is_some()),
            ("last_record_hash", self.last_record_hash.is_some()),
        ]
    }

    fn belonging(&self) -> &'static [&'static str] {
        match self.kind {
            StartKind::Genesis => &["sequence_number", "genesis_prev_hash"],
            StartKind::PredecessorProof => &[
                "predecessor_sequence_number",
                "predecessor_record_hash",
                "first_evidence_sequence_number",
            ],
            StartKind::CheckpointAnchor => {
                &["checkpoint_id", "sequence_number", "last_record_hash"]
            }
        }
    }
}

/// A start whose members are not those of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum StartError {
    #[error("a start of kind `{kind}` has no `{member}`")]
    Missing { kind: StartKind, member: &'static str },
    #[error("member `{member}` does not belong to a start of kind `{kind}`")]
    Foreign { kind: StartKind, member: &'static str },
    #[error("the sequence number of a start of kind `genesis` is not 1")]
    NotFirst,
}

impl TryFrom<WrittenStart> for StartBoundary {
    type Error = StartError;

    fn try_from(written: WrittenStart) -> Result<Self, StartError> {
        let kind = written.kind;
        let belonging = written.belonging();
        let foreign = written
            .present()
            .into_iter()
            .find(|(member, is_there)| *is_there && !belonging.contains(member));
        if let Some((member, _)) = foreign {
            return Err(StartError::Foreign { kind, member });
        }
        let missing = |member| StartError::Missing { kind, member };
        let chain_scope = written.chain_scope;
        let sequence_number = written.sequence_number.ok_or(missing("sequence_number"));
        match kind {
            StartKind::Genesis => Ok(Self::Genesis {
                chain_scope,
                sequence_number: match sequence_number? {
                    1 => FirstSequence,
                    _ => return Err(StartError::NotFirst),
                },
                genesis_prev_hash: written.genesis_prev_hash.ok_or(missing("genesis_prev_hash"))?,
            }),
            StartKind::PredecessorProof => Ok(Self::PredecessorProof {
                chain_scope,
                predecessor_sequence_number: written
                    .predecessor_sequence_number
                    .ok_or(missing("predecessor_sequence_number"))?,
                predecessor_record_hash: written
                    .predecessor_record_hash
                    .ok_or(missing("predecessor_record_hash"))?,
                first_evidence_sequence_number: written
                    .first_evidence_sequence_number
                    .ok_or(missing("first_evidence_sequence_number"))?,
            }),
            StartKind::CheckpointAnchor => Ok(Self::CheckpointAnchor {
                checkpoint_id: written.checkpoint_id.ok_or(missing("checkpoint_id"))?,
                chain_scope,
                sequence_number: sequence_number?,
                last_record_hash: written.last_record_hash.ok_or(missing("last_record_hash"))?,
            }),
        }
    }
}

/// Where a segment ends: the head of its chain at a checkpoint (SFE-08). Closed; all members are required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EndBoundary {
    /// The checkpoint.
    pub checkpoint_id: CheckpointId,
    /// The chain.
    pub chain_scope: NonEmpty<ChainScope>,
    /// The head of the chain; 0 if it was empty.
    pub sequence_number: u64,
    /// The hash of that head.
    pub last_record_hash: NonEmptyText,
    /// How the checkpoint was chosen.
    pub boundary_policy: BoundaryPolicy,
}

/// The scope state that commits to a segment. Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScopeStateReference {
    /// That it is a scope state.
    pub artifact_type: ScopeStateType,
    /// Its id.
    pub scope_state_id: NonEmptyText,
    /// Its checkpoint.
    pub checkpoint_id: CheckpointId,
    /// Its chain.
    pub chain_scope: NonEmpty<ChainScope>,
    /// The hash of its bytes (SFE-12).
    pub artifact_hash: ContentHash,
    /// Where the issuer keeps it. Nothing is fetched from there.
    #[serde(
        default,
        deserialize_with = "crate::presence::not_null",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub storage_uri: Option<String>,
}

/// The filters that were asked for. Closed; all members are required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CanonicalFilters {
    /// How they are canonicalized.
    pub canonicalization_profile: PayloadProfileName,
    /// The filters; opaque.
    pub raw_filters: OpenObject,
    /// The hash of their canonical form (SFE-07).
    pub filters_hash: ContentHash,
}

/// The entries of a segment. Closed; all members are required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChainEvidence {
    /// Entries that are in the declared scope.
    pub disclosure_records: Vec<ChainEntryRef>,
    /// Entries that only show that the chain is unbroken; never counted (SFE-03).
    pub proof_bridge_records: Vec<ChainEntryRef>,
}

/// An entry as segments have it. Closed; all members are required.
///
/// It lacks four of the nine inputs of the record hash, so that only links can be checked (AMB-38).
/// The schema does not fix the form of its hashes, and neither does this type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChainEntryRef {
    /// The event.
    pub event_id: NonEmpty<EventId>,
    /// What kind of event it is.
    pub event_type: NonEmpty<EventType>,
    /// The chain it is in.
    pub chain_scope: NonEmpty<ChainScope>,
    /// Its place in that chain.
    pub sequence_number: SequenceNumber,
    /// Its own hash.
    pub record_hash: NonEmptyText,
    /// The hash of the entry before it.
    pub prev_hash: NonEmptyText,
    /// The format of the entry.
    pub chain_format_version: NonEmptyText,
    /// When it was written.
    pub created_at: Rfc3339,
    /// What the issuer says about the event.
    pub payload_json: OpenObject,
}
