// SPDX-License-Identifier: Apache-2.0

//! Why something was not issued.

use permit_canonical_json::{CanonicalError, Excerpt, NotJson};
use permit_chain::{AppendError, EventProblem};
use permit_checkpoint::{DraftError, SealCheckpointError};
use permit_closure::{NotBound, SealError};
use permit_delegation::{ChildPermitError, EnvelopeFault, MaterialProblem};
use permit_keys::SignerError;
use permit_revocation::IssueError;
use permit_types::{PermitId, PermitProblem, StepProblem};

use crate::store::StoreError;

/// A rule that forbids what was asked for. Nothing was changed, except where the rule demands that the
/// attempt is recorded (PERMIT-27, PCHAIN-18): then [`recorded`](Self::recorded) names the event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason} ({rule})")]
pub struct Refusal {
    rule: &'static str,
    reason: String,
    recorded: Option<String>,
}

impl Refusal {
    /// A refusal by a rule.
    #[must_use]
    pub fn new(rule: &'static str, reason: impl Into<String>) -> Self {
        Self { rule, reason: reason.into(), recorded: None }
    }

    pub(crate) fn recorded_as(mut self, event_id: &str) -> Self {
        self.recorded = Some(event_id.to_owned());
        self
    }

    /// The rule: an id of the specification, or a word of the table in the README.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// Why, in one sentence.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The event that records the attempt, if a rule demands one.
    #[must_use]
    pub fn recorded(&self) -> Option<&str> {
        self.recorded.as_deref()
    }

    pub(crate) fn unknown_permit(permit_id: &PermitId) -> Self {
        Self::new("unknown-permit", format!("there is no permit `{permit_id}` in this store"))
    }
}

/// Why something was not issued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssuingError {
    /// A rule forbids it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Whoever holds the key did not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// The chain is not what it was when the store was opened.
    #[error("the event was not appended: {0}")]
    Chain(String),
    /// Something cannot be written down.
    #[error("{0}")]
    Unwritable(String),
}

impl From<PermitProblem> for IssuingError {
    fn from(problem: PermitProblem) -> Self {
        Refusal::new(problem.rule().as_str(), problem.to_string()).into()
    }
}

impl From<StepProblem> for IssuingError {
    fn from(problem: StepProblem) -> Self {
        Refusal::new(problem.rule().as_str(), problem.to_string()).into()
    }
}

impl From<NotBound> for IssuingError {
    fn from(problem: NotBound) -> Self {
        let rule = match &problem {
            NotBound::NotAllowed { .. } => "PERMIT-06",
            _ => "PERMIT-05",
        };
        Refusal::new(rule, problem.to_string()).into()
    }
}

impl From<EventProblem> for IssuingError {
    fn from(problem: EventProblem) -> Self {
        let rule = match &problem {
            EventProblem::Empty { .. } => "CHAIN-02",
            EventProblem::TimeOutOfRange => "CHAIN-05",
            EventProblem::ChainFull => "CHAIN-07",
            _ => "CHAIN-01",
        };
        Refusal::new(rule, problem.to_string()).into()
    }
}

impl From<AppendError<StoreError>> for IssuingError {
    fn from(error: AppendError<StoreError>) -> Self {
        match error {
            AppendError::Event(problem) => problem.into(),
            AppendError::Store(StoreError::EventKnown { event_id }) => {
                let reason = format!("there is an event `{}` already", Excerpt(&event_id));
                Refusal::new("event-known", reason).into()
            }
            AppendError::Store(error) => error.into(),
            other => Self::Chain(other.to_string()),
        }
    }
}

impl From<SealError> for IssuingError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Signer(error) => error.into(),
            other => Self::Unwritable(other.to_string()),
        }
    }
}

impl From<IssueError> for IssuingError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Signer(error) => error.into(),
            other => Self::Unwritable(other.to_string()),
        }
    }
}

impl From<SealCheckpointError> for IssuingError {
    fn from(error: SealCheckpointError) -> Self {
        match error {
            SealCheckpointError::Signer(error) => error.into(),
            other => Self::Unwritable(other.to_string()),
        }
    }
}

impl From<DraftError> for IssuingError {
    fn from(error: DraftError) -> Self {
        Refusal::new("SEM-01", error.to_string()).into()
    }
}

impl From<EnvelopeFault> for IssuingError {
    fn from(fault: EnvelopeFault) -> Self {
        Refusal::new("PCHAIN-02", fault.to_string()).into()
    }
}

impl From<ChildPermitError> for IssuingError {
    fn from(error: ChildPermitError) -> Self {
        let rule = match &error {
            ChildPermitError::NotAllowed { .. } => "PERMIT-06",
            ChildPermitError::OtherProject => "PCHAIN-36",
            ChildPermitError::OwnAncestor => "PERMIT-23",
            _ => "PCHAIN-12",
        };
        Refusal::new(rule, error.to_string()).into()
    }
}

impl From<MaterialProblem> for IssuingError {
    fn from(problem: MaterialProblem) -> Self {
        Self::Unwritable(problem.to_string())
    }
}

impl From<CanonicalError> for IssuingError {
    fn from(error: CanonicalError) -> Self {
        Refusal::new("CANON-06", error.to_string()).into()
    }
}

impl From<NotJson> for IssuingError {
    fn from(error: NotJson) -> Self {
        Self::Unwritable(error.to_string())
    }
}
