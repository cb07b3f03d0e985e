// SPDX-License-Identifier: Apache-2.0

//! What a finding gives as its reason: a code, a class, or both.

use core::{fmt, str::FromStr};

use crate::{FailureCode, ReasonClass, UnknownWord};

/// Why something is reported: a code of the taxonomy, a reason class beside it, or both.
///
/// The reference verifier prints words of its own where the taxonomy has a code
/// (AMB-19), and consumers match on those words. A reason therefore has two sides:
/// [`as_str`](Self::as_str) is the word they match on, [`code`](Self::code) the code that
/// the taxonomy demands beside it (CODE-02, CODE-03).
///
/// ```
/// use permit_failure_codes::{FailureCode, Reason, ReasonClass};
///
/// // The reference has the same word for exports and checkpoints; the taxonomy has a
/// // code for exports alone. So the caller, who knows which it is, names the code.
/// let export = Reason::ClassWithCode {
///     class: ReasonClass::SignatureVerificationFailed,
///     code: FailureCode::ManifestSignatureInvalid,
/// };
/// let checkpoint = Reason::from(ReasonClass::SignatureVerificationFailed);
///
/// assert_eq!(export.as_str(), checkpoint.as_str());
/// assert_eq!(export.code(), Some(FailureCode::ManifestSignatureInvalid));
/// assert_eq!(checkpoint.code(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The taxonomy's code, which the reference prints too.
    Code(FailureCode),
    /// A word outside the taxonomy; its nearest code, if any, is [`ReasonClass::code`].
    Class(ReasonClass),
    /// A word outside the taxonomy and the code that applies in this place.
    ClassWithCode {
        /// The word that consumers of the reference match on.
        class: ReasonClass,
        /// The code that the taxonomy has for this case.
        code: FailureCode,
    },
}

impl Reason {
    /// The word that `reason_code` of a report holds: the class if there is one, else the code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code(code) => code.as_str(),
            Self::Class(class) | Self::ClassWithCode { class, .. } => class.as_str(),
        }
    }

    /// The reason of this word.
    ///
    /// Never [`Reason::ClassWithCode`]: a word alone does not say where it was found.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match FailureCode::parse(word) {
            Some(code) => Some(Self::Code(code)),
            None => ReasonClass::parse(word).map(Self::Class),
        }
    }

    /// The taxonomy's code: the one that was named, else the nearest to the class, if there is one.
    #[must_use]
    pub const fn code(self) -> Option<FailureCode> {
        match self {
            Self::Code(code) | Self::ClassWithCode { code, .. } => Some(code),
            Self::Class(class) => class.code(),
        }
    }

    /// The class, if the word is outside the taxonomy.
    #[must_use]
    pub const fn class(self) -> Option<ReasonClass> {
        match self {
            Self::Code(_) => None,
            Self::Class(class) | Self::ClassWithCode { class, .. } => Some(class),
        }
    }

    /// What makes it fire, in one sentence without a final stop.
    ///
    /// Like [`remedy`](Self::remedy) and [`rules`](Self::rules) that of the code where one was
    /// named, since whoever named it knew the place; else that of the class.
    #[must_use]
    pub const fn trigger(self) -> &'static str {
        match self {
            Self::Code(code) | Self::ClassWithCode { code, .. } => code.trigger(),
            Self::Class(class) => class.trigger(),
        }
    }

    /// What the reader of a report can do next, in one sentence without a final stop.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Code(code) | Self::ClassWithCode { code, .. } => code.remedy(),
            Self::Class(class) => class.remedy(),
        }
    }

    /// The rules that it answers; see [`FailureCode::rules`].
    #[must_use]
    pub const fn rules(self) -> &'static [&'static str] {
        match self {
            Self::Code(code) | Self::ClassWithCode { code, .. } => code.rules(),
            Self::Class(class) => class.rules(),
        }
    }

    /// Whether it says that something holds.
    #[must_use]
    pub const fn is_success(self) -> bool {
        match self {
            Self::Code(_) | Self::ClassWithCode { .. } => false,
            Self::Class(class) => class.is_success(),
        }
    }
}

impl From<FailureCode> for Reason {
    fn from(code: FailureCode) -> Self {
        Self::Code(code)
    }
}

impl From<ReasonClass> for Reason {
    fn from(class: ReasonClass) -> Self {
        Self::Class(class)
    }
}

impl FromStr for Reason {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::parse(word).ok_or(UnknownWord::Reason)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
