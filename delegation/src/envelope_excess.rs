// SPDX-License-Identifier: Apache-2.0

//! What a child's envelope has that its parent's has not.

use std::collections::BTreeSet;

use permit_canonical_json::Value;

use crate::canonical_envelope::{AuthorityField, CanonicalEnvelope};

/// The fields in which a child's envelope is not within its parent's, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopeExcess {
    fields: Vec<FieldExcess>,
}

/// One field in which a child's envelope is not within its parent's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldExcess {
    /// A set has members that the parent's has not (PCHAIN-12).
    Members {
        /// The field.
        field: AuthorityField,
        /// The members that the parent lacks.
        extra: Vec<String>,
        /// All members of the parent's set.
        parent: Vec<String>,
        /// All members of the child's set.
        child: Vec<String>,
    },
    /// The child may outlive its parent (PCHAIN-13).
    Expiry {
        /// In which way.
        violation: ExpiryViolation,
        /// When the parent's authority ends.
        parent: Option<String>,
        /// When the child's would.
        child: Option<String>,
    },
}

/// In which way a child may outlive its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiryViolation {
    /// One of the two has an expiry and the other has none.
    NotComparable,
    /// The child's is later.
    AfterParent,
}

impl ExpiryViolation {
    /// The word in `comparison_details`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotComparable => "missing_comparable_timestamp",
            Self::AfterParent => "child_expires_after_parent",
        }
    }
}

impl EnvelopeExcess {
    /// Compares by the rules of v0: no wildcards, no case folding, no ladder of classes.
    pub(crate) fn v0(parent: &CanonicalEnvelope, child: &CanonicalEnvelope) -> Option<Self> {
        let sets = parent.sets().zip(child.sets());
        let mut fields: Vec<_> = sets
            .filter_map(|((field, parent), (_, child))| members(field, parent, child))
            .collect();
        fields.extend(expiry(parent, child));
        if fields.is_empty() { None } else { Some(Self { fields }) }
    }

    /// The fields, in the order of the specification.
    #[must_use]
    pub fn fields(&self) -> &[FieldExcess] {
        &self.fields
    }

    /// Their names, sorted.
    #[must_use]
    pub fn failed_fields(&self) -> BTreeSet<&'static str> {
        self.fields.iter().map(|field| field.field().as_str()).collect()
    }

    /// Both sides of every field, as results of the denial claim show them.
    #[must_use]
    pub fn comparison_details(&self) -> Value<'static> {
        Value::object(self.fields.iter().map(|field| (field.field().as_str(), field.details())))
    }
}

impl FieldExcess {
    /// The field.
    #[must_use]
    pub fn field(&self) -> AuthorityField {
        match self {
            Self::Members { field, .. } => *field,
            Self::Expiry { .. } => AuthorityField::ExpiresAt,
        }
    }

    fn details(&self) -> Value<'static> {
        match self {
            Self::Members { extra, parent, child, .. } => Value::object(
                [("extra_child_members", extra), ("parent", parent), ("child", child)]
                    .map(|(name, members)| (name, Value::array(members.iter().cloned()))),
            ),
            Self::Expiry { violation, parent, child } => Value::object([
                ("parent", Value::from(parent.clone())),
                ("child", Value::from(child.clone())),
                ("violation", Value::from(violation.as_str())),
            ]),
        }
    }
}

fn members(
    field: AuthorityField,
    parent: &BTreeSet<String>,
    child: &BTreeSet<String>,
) -> Option<FieldExcess> {
    let listed = |set: &BTreeSet<String>| set.iter().cloned().collect();
    let extra: Vec<String> = child.difference(parent).cloned().collect();
    if extra.is_empty() {
        return None;
    }
    Some(FieldExcess::Members { field, extra, parent: listed(parent), child: listed(child) })
}

fn expiry(parent: &CanonicalEnvelope, child: &CanonicalEnvelope) -> Option<FieldExcess> {
    let violation = match (parent.end(), child.end()) {
        (None, None) => return None,
        (Some(parent), Some(child)) if child <= parent => return None,
        (Some(_), Some(_)) => ExpiryViolation::AfterParent,
        _ => ExpiryViolation::NotComparable,
    };
    let (parent, child) = (parent.expires_at(), child.expires_at());
    Some(FieldExcess::Expiry { violation, parent, child })
}
