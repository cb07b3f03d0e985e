// SPDX-License-Identifier: Apache-2.0

//! What a workflow declares it will do, and what an amendment changes, said so that it can only be
//! said rightly.

use permit_canonical_json::Value;
use permit_types::{ApiKeyId, NonEmptyText, WorkflowDeclarationId};

/// How many calls a workflow declares: expected, at most, or both.
///
/// ```
/// use permit_workflow::DeclaredCalls;
///
/// let calls = DeclaredCalls::expected_of_at_most(2, 5).unwrap();
/// assert_eq!((calls.expected(), calls.at_most()), (Some(2), Some(5)));
/// assert!(DeclaredCalls::expected_of_at_most(6, 5).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclaredCalls {
    expected: Option<u64>,
    at_most: Option<u64>,
}

impl DeclaredCalls {
    /// So many are expected; there is no limit.
    #[must_use]
    pub fn expecting(calls: u64) -> Self {
        Self { expected: Some(calls), at_most: None }
    }

    /// So many are allowed; nobody says how many are expected.
    #[must_use]
    pub fn limited_to(calls: u64) -> Self {
        Self { expected: None, at_most: Some(calls) }
    }

    /// So many are expected of so many that are allowed, which are not fewer.
    #[must_use]
    pub fn expected_of_at_most(expected: u64, at_most: u64) -> Option<Self> {
        let calls = Self { expected: Some(expected), at_most: Some(at_most) };
        (expected <= at_most).then_some(calls)
    }

    /// The calls that are expected.
    #[must_use]
    pub fn expected(self) -> Option<u64> {
        self.expected
    }

    /// The calls that are allowed.
    #[must_use]
    pub fn at_most(self) -> Option<u64> {
        self.at_most
    }

    /// The calls after a change, if no more are expected than are allowed then.
    pub(crate) fn changed(self, change: CallChange) -> Option<Self> {
        let expected = change.expected.or(self.expected);
        let at_most = change.at_most.or(self.at_most);
        let fits = expected.zip(at_most).is_none_or(|(expected, most)| expected <= most);
        fits.then_some(Self { expected, at_most })
    }
}

/// What an amendment makes of the calls; what it does not name stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallChange {
    /// The calls that are expected from now on.
    pub expected: Option<u64>,
    /// The calls that are allowed from now on.
    pub at_most: Option<u64>,
}

/// What a workflow declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowIntent {
    /// The calls of models or tools.
    pub calls: DeclaredCalls,
    /// The model that is called.
    pub expected_model: Option<NonEmptyText>,
    /// Tokens that go in with each call.
    pub expected_input_tokens_per_call: Option<u64>,
    /// Tokens that come out of each call.
    pub expected_output_tokens_per_call: Option<u64>,
    /// Seconds that the workflow may last.
    pub max_duration_seconds: Option<u64>,
}

impl WorkflowIntent {
    /// An intent that declares calls and nothing else.
    #[must_use]
    pub fn of(calls: DeclaredCalls) -> Self {
        Self {
            calls,
            expected_model: None,
            expected_input_tokens_per_call: None,
            expected_output_tokens_per_call: None,
            max_duration_seconds: None,
        }
    }

    pub(crate) fn to_value(&self) -> Value<'static> {
        let count = |count: Option<u64>| count.map(Value::from);
        let model = self.expected_model.as_ref().map(|model| model.as_str().to_owned().into());
        stated([
            ("expected_calls", count(self.calls.expected)),
            ("max_calls", count(self.calls.at_most)),
            ("expected_model", model),
            ("expected_input_tokens_per_call", count(self.expected_input_tokens_per_call)),
            ("expected_output_tokens_per_call", count(self.expected_output_tokens_per_call)),
            ("max_duration_seconds", count(self.max_duration_seconds)),
        ])
    }
}

/// Who declares or amends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// Whoever holds an API key.
    ApiKey(ApiKeyId),
    /// Whoever is signed in to a dashboard.
    DashboardSession(NonEmptyText),
}

impl Principal {
    pub(crate) fn to_value(&self) -> Value<'static> {
        let (kind, id) = match self {
            Self::ApiKey(id) => ("api_key", id.as_str()),
            Self::DashboardSession(id) => ("dashboard_session", id.as_str()),
        };
        Value::object([("type", Value::from(kind)), ("id", id.to_owned().into())])
    }
}

/// What a workflow is projected to cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectedCost {
    /// Millionths of a unit of the currency.
    pub amount_micros: Option<u64>,
    /// The currency, such as `USD`.
    pub currency: Option<NonEmptyText>,
    /// How it was projected, in the issuer's words.
    pub methodology: Option<NonEmptyText>,
}

impl ProjectedCost {
    pub(crate) fn to_value(&self) -> Value<'static> {
        let text = |text: &Option<NonEmptyText>| {
            text.as_ref().map(|text| Value::from(text.as_str().to_owned()))
        };
        stated([
            ("amount_micros", self.amount_micros.map(Value::from)),
            ("currency", text(&self.currency)),
            ("methodology", text(&self.methodology)),
        ])
    }
}

/// How far a workflow has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WorkflowStatus {
    /// It runs.
    #[default]
    Active,
    /// It came to its end.
    Completed,
    /// Its time ran out.
    Expired,
    /// It was not let run.
    Rejected,
}

impl WorkflowStatus {
    /// The word in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Completed => "completed",
            Self::Expired => "expired",
            Self::Rejected => "rejected",
        }
    }
}

/// The id of an amendment, a UUID of the form 8-4-4-4-12.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkflowAmendmentId(String);

impl WorkflowAmendmentId {
    /// Takes the text if it has the form, and keeps it as it is.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // The form of all ids; that of declarations stands for them.
        WorkflowDeclarationId::parse(text).map(|id| Self(id.into_string()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An object of the members that are stated.
pub(crate) fn stated<const N: usize>(
    members: [(&'static str, Option<Value<'static>>); N],
) -> Value<'static> {
    Value::object(members.into_iter().filter_map(|(name, value)| Some((name, value?))))
}
