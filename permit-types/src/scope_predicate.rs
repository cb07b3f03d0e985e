// SPDX-License-Identifier: Apache-2.0

//! Predicates: which entries of a chain are meant.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{
    ProjectId, Rfc3339, SequenceNumber,
    word::{constants, words},
};

constants! {
    /// The only grammar of predicates so far. Another one is unverifiable, not malformed (PRED-02).
    PredicateGrammar = "keel.scope_predicate.v1";
    /// How the conditions of a predicate are combined.
    PredicateOperator = "and";
}

words! {
    /// What a predicate can look at (SIDE-03): eleven kinds for equality, three for ranges.
    PredicateKind {
        /// The project.
        ProjectId = "project_id",
        /// The permit.
        PermitId = "permit_id",
        /// The request.
        RequestId = "request_id",
        /// The kind of event.
        EventType = "event_type",
        /// The category.
        Category = "category",
        /// How grave it is.
        Severity = "severity",
        /// The kind of decision.
        DecisionType = "decision_type",
        /// The policy.
        PolicyId = "policy_id",
        /// The provider.
        Provider = "provider",
        /// The section of an export.
        Section = "section",
        /// The kind of export.
        ExportType = "export_type",
        /// A range of sequence numbers.
        SequenceNumber = "sequence_number",
        /// A range of times of writing.
        CreatedAt = "created_at",
        /// A range of times of happening.
        OccurredAt = "occurred_at",
    }
}

/// A predicate: all its conditions hold of an entry, or it does not match. Closed.
///
/// ```text
/// equals and ranges are there even if empty        PRED-01
/// no condition at all matches every entry          PRED-12
/// a member that an entry lacks does not match      PRED-05
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScopePredicate {
    /// The grammar.
    pub version: PredicateGrammar,
    /// How conditions are combined.
    pub operator: PredicateOperator,
    /// What must be equal.
    pub equals: PredicateEquals,
    /// What must be within a range.
    pub ranges: PredicateRanges,
}

macro_rules! equalities {
    ($($(#[$docs:meta])* $field:ident: $type:ty, $schema:literal, $kind:ident;)+) => {
        /// The conditions of equality of a predicate. Closed; all members are optional.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub struct PredicateEquals {
            $(
                $(#[$docs])*
                #[serde(
                    default,
                    deserialize_with = "crate::presence::not_null",
                    skip_serializing_if = "Option::is_none"
                )]
                #[cfg_attr(feature = "schema", schemars(with = $schema))]
                pub $field: Option<$type>,
            )+
        }

        impl PredicateEquals {
            /// The conditions that are given, in the order of the specification.
            pub fn iter(&self) -> impl Iterator<Item = (PredicateKind, &str)> {
                [$((PredicateKind::$kind, self.$field.as_ref().map(AsRef::as_ref)),)+]
                    .into_iter()
                    .filter_map(|(kind, text)| Some((kind, text?)))
            }
        }
    };
}

equalities! {
    /// The project.
    project_id: ProjectId, "ProjectId", ProjectId;
    /// The permit.
    permit_id: String, "String", PermitId;
    /// The request.
    request_id: String, "String", RequestId;
    /// The kind of event.
    event_type: String, "String", EventType;
    /// The category.
    category: String, "String", Category;
    /// How grave it is.
    severity: String, "String", Severity;
    /// The kind of decision.
    decision_type: String, "String", DecisionType;
    /// The policy.
    policy_id: String, "String", PolicyId;
    /// The provider.
    provider: String, "String", Provider;
    /// The section of an export.
    section: String, "String", Section;
    /// The kind of export.
    export_type: String, "String", ExportType;
}

/// The ranges of a predicate. Closed; all members are optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PredicateRanges {
    /// Places in the chain.
    #[serde(
        default,
        deserialize_with = "crate::presence::not_null",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "SequenceRange"))]
    pub sequence_number: Option<SequenceRange>,
    /// When an entry was written.
    #[serde(
        default,
        deserialize_with = "crate::presence::not_null",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "TimeRange"))]
    pub created_at: Option<TimeRange>,
    /// When what it records happened.
    #[serde(
        default,
        deserialize_with = "crate::presence::not_null",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "TimeRange"))]
    pub occurred_at: Option<TimeRange>,
}

/// A range of sequence numbers, both ends included. Closed.
///
/// That the lower end is not above the upper one is left to whoever evaluates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SequenceRange {
    /// The first number that is in.
    pub gte: SequenceNumber,
    /// The last number that is in.
    pub lte: SequenceNumber,
}

/// A range of instants, the upper end excluded. Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TimeRange {
    /// The first instant that is in.
    pub gte: Rfc3339,
    /// The first instant that is out.
    pub lt: Rfc3339,
}
