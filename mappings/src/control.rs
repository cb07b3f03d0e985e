// SPDX-License-Identifier: Apache-2.0

//! Controls, the evidence that supports them, and what is not mapped.

use serde::{Deserialize, Serialize};

/// How far evidence carries a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum EvidenceType {
    /// Contributes, and is not enough alone.
    Partial,
    /// Is an expected input; more evidence of the organisation is needed.
    Necessary,
    /// Supports the named need directly, inside what Permit evidence covers.
    DirectSupport,
}

impl EvidenceType {
    /// The word in the files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Partial => "partial",
            Self::Necessary => "necessary",
            Self::DirectSupport => "direct_support",
        }
    }

    /// The word of this type, or the one that older mappings used for it (AMB-57).
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "partial" => Some(Self::Partial),
            "necessary" => Some(Self::Necessary),
            "direct_support" | "sufficient" => Some(Self::DirectSupport),
            _ => None,
        }
    }
}

/// One control that evidence supports. Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct Control {
    /// The id, as the framework writes it.
    pub control: String,
    /// A short title in our words; not the official one.
    pub title: String,
    /// How far the evidence carries it; absent where that is not graded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_type: Option<EvidenceType>,
    /// The evidence, each piece of which contributes by itself.
    pub evidence: Vec<Evidence>,
    /// What the evidence shows, and where it ends.
    pub rationale: String,
}

/// A piece of evidence: fields of a permit that count together, or an artifact. Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct Evidence {
    /// Members of the permit, all of which have to be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permit_fields: Vec<String>,
    /// An artifact of the list of artifacts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<String>,
    /// How far this piece carries the control, if that is not what the control says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_type: Option<EvidenceType>,
}

impl Evidence {
    /// The evidence in words: the names of fields joined by ` + `, or the artifact.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.artifact {
            Some(artifact) => artifact.clone(),
            None => self.permit_fields.join(" + "),
        }
    }
}

/// Why something is not mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum NonMappingStatus {
    /// A draft had it, the adopted text has not.
    #[serde(rename = "NOT IN FINAL ADOPTED TEXT")]
    NotAdopted,
    /// It is about something else.
    #[serde(rename = "OUT OF SCOPE")]
    OutOfScope,
    /// There is nothing that it could apply to.
    #[serde(rename = "NOT APPLICABLE")]
    NotApplicable,
    /// No service is authorised by this.
    #[serde(rename = "NOT A SERVICE AUTHORIZATION CLAIM")]
    NoAuthorization,
    /// No service is validated by this.
    #[serde(rename = "NOT A SERVICE VALIDATION CLAIM")]
    NoValidation,
    /// Permit evidence does not reach it.
    #[serde(rename = "OUT OF SCOPE FOR PERMIT SUBSTRATE")]
    OutOfReach,
    /// It is the organisation's.
    #[serde(rename = "CUSTOMER RESPONSIBILITY")]
    Customer,
    /// The standard does not apply there.
    #[serde(rename = "OUT OF SCOPE WHEN NO CDE TOUCHPOINT EXISTS")]
    NoCardholderData,
    /// Part of it is the organisation's alarm.
    #[serde(rename = "PARTIAL - CUSTOMER ALERTING REQUIRED")]
    CustomerAlerting,
    /// Part of it is the organisation's plan.
    #[serde(rename = "PARTIAL - CUSTOMER PLAN REQUIRED")]
    CustomerPlan,
}

impl NonMappingStatus {
    /// The words in the files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAdopted => "NOT IN FINAL ADOPTED TEXT",
            Self::OutOfScope => "OUT OF SCOPE",
            Self::NotApplicable => "NOT APPLICABLE",
            Self::NoAuthorization => "NOT A SERVICE AUTHORIZATION CLAIM",
            Self::NoValidation => "NOT A SERVICE VALIDATION CLAIM",
            Self::OutOfReach => "OUT OF SCOPE FOR PERMIT SUBSTRATE",
            Self::Customer => "CUSTOMER RESPONSIBILITY",
            Self::NoCardholderData => "OUT OF SCOPE WHEN NO CDE TOUCHPOINT EXISTS",
            Self::CustomerAlerting => "PARTIAL - CUSTOMER ALERTING REQUIRED",
            Self::CustomerPlan => "PARTIAL - CUSTOMER PLAN REQUIRED",
        }
    }
}

/// Controls or a subject that are left out on purpose (MAP-03). Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct NonMapping {
    /// The controls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<String>,
    /// The subject, where it is no control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Why, in a word.
    pub status: NonMappingStatus,
    /// Why, in a sentence.
    pub rationale: String,
}
