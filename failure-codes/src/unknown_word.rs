// SPDX-License-Identifier: Apache-2.0

//! The error of reading a word that is not in a list.

use core::{error::Error, fmt};

/// A text is not a word of the list it was read with.
///
/// Codes are literal (CODE-02): case, spaces and prefixes count, and a code of a
/// later taxonomy is unknown here (CODE-04). The text itself is not kept; the caller has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownWord {
    /// Not a code of the taxonomy.
    FailureCode,
    /// Not a layer.
    Layer,
    /// Not a reason class.
    ReasonClass,
    /// Neither a code of the taxonomy nor a reason class.
    Reason,
    /// Not a verdict.
    Verdict,
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FailureCode => "not a failure code of the taxonomy",
            Self::Layer => "not a layer of the taxonomy",
            Self::ReasonClass => "not a reason class",
            Self::Reason => "neither a failure code nor a reason class",
            Self::Verdict => "not one of the four verdicts",
        })
    }
}

impl Error for UnknownWord {}
