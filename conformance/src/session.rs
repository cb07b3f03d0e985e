// SPDX-License-Identifier: Apache-2.0

//! A verifier of any kind, as the runner sees it.

use crate::protocol::{Answer, Implementation, RunRequest};

/// A verifier: in this process, a command, a preset.
pub trait Verifier: Sync {
    /// Gets it ready to answer. Sessions run beside each other and know nothing of each other.
    ///
    /// # Errors
    /// If it does not start, or does not say who it is.
    fn start(&self) -> Result<Box<dyn Session + '_>, StartError>;
}

/// A verifier that is ready to answer, one case after the other.
pub trait Session {
    /// Who it is.
    fn about(&self) -> &Implementation;

    /// Answers a case. Whatever goes wrong is an answer, too: [`Answer::errored`].
    fn answer(&mut self, request: &RunRequest) -> Answer;
}

/// Why a verifier does not start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the verifier does not start: {reason}")]
pub struct StartError {
    reason: String,
}

impl StartError {
    /// It does not start for this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}
