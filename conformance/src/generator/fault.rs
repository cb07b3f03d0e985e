// SPDX-License-Identifier: Apache-2.0

//! Why a corpus could not be made.

use std::fmt;

/// A corpus that was not made, and the case at which it ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the case `{case}` was not made: {problem}")]
pub struct GeneratorError {
    case: String,
    problem: String,
}

impl GeneratorError {
    pub(crate) fn new(case: impl Into<String>, problem: impl fmt::Display) -> Self {
        Self { case: case.into(), problem: problem.to_string() }
    }
}

/// Whatever goes wrong while a case is made. There is nothing to do about it but to mend the
/// generator, so that a sentence is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault(String);

impl Fault {
    pub(crate) fn new(problem: impl fmt::Display) -> Self {
        Self(problem.to_string())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Fault {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}
