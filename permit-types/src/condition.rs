// SPDX-License-Identifier: Apache-2.0

//! Conditions that a permit hangs on, and what came of them.

use alloc::string::String;

use permit_canonical_json::Value;
use serde::{Deserialize, Serialize};

use crate::{
    NonEmptyArray, Rfc3339,
    text::{has_length_up_to, text_newtypes},
    word::words,
};

words! {
    /// Whether all rules must hold or one is enough.
    MatchMode {
        /// All rules must hold.
        All = "all",
        /// One rule is enough.
        Any = "any",
    }

    /// What came of the conditions.
    ConditionOutcome {
        /// They hold.
        Allow = "allow",
        /// They do not hold.
        Deny = "deny",
        /// Nobody can say.
        Indeterminate = "indeterminate",
    }
}

text_newtypes! {
    /// The name of what a rule looks at.
    ConditionField: "1 to 255 characters", |text| has_length_up_to(text, 255),
        { "type": "string", "minLength": 1, "maxLength": 255 };

    /// How a rule compares.
    ConditionOperator: "1 to 32 characters", |text| has_length_up_to(text, 32),
        { "type": "string", "minLength": 1, "maxLength": 32 };
}

/// The conditions of a permit. Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Conditions {
    /// The rules.
    pub rules: NonEmptyArray<ConditionRule>,
    /// Whether all must hold; absent is `all`.
    #[serde(
        rename = "match",
        default,
        deserialize_with = "crate::presence::not_null",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "MatchMode"))]
    pub matching: Option<MatchMode>,
}

/// One rule of the conditions. Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConditionRule {
    /// What the rule looks at.
    pub field: ConditionField,
    /// How it compares.
    pub operator: ConditionOperator,
    /// What it compares with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema_marker::AnyJson>"))]
    pub value: Option<Value<'static>>,
}

/// What came of the conditions of a permit. Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConditionEvaluation {
    /// What came of them.
    pub outcome: ConditionOutcome,
    /// When they were looked at.
    pub evaluated_at: Rfc3339,
    /// Whether all had to hold.
    #[serde(rename = "match")]
    pub matching: MatchMode,
    /// How many rules there were.
    pub rule_count: u64,
    /// The rule that did not hold, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_rule_index: Option<u64>,
    /// What that rule looks at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// How it compares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// What it found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema_marker::AnyJson>"))]
    pub actual_value: Option<Value<'static>>,
    /// What it compares with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema_marker::AnyJson>"))]
    pub expected_value: Option<Value<'static>>,
    /// Why, for machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Why, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
