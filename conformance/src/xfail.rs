// SPDX-License-Identifier: Apache-2.0

//! What an implementation is known to get wrong: a file of its own, strict both ways.
//!
//! ```toml
//! [[xfail]]
//! case = "cat-05-canonicalization/05-05-*"
//! reason = "prints 1.0 as 1"
//! issue = "https://example.org/issues/12"
//! since = "0.3.0"
//!
//! [[xfail]]
//! case = "cat-02-*"
//! rules = ["position", "counts"]     # these alone; another mismatch still fails
//! reason = "tells neither places nor counts"
//! ```

use serde::Deserialize;

use crate::{case_id::CaseId, case_pattern::CasePattern, judge::MatchRule};

/// The known failures of an implementation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Xfails {
    /// The entries, in the order of the file.
    pub entries: Vec<Xfail>,
}

/// A known failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Xfail {
    /// The cases.
    pub case: CasePattern,
    /// Why they fail.
    pub reason: String,
    /// Where that is discussed.
    pub issue: Option<String>,
    /// Since which version.
    pub since: Option<String>,
    /// The rules that are broken; all of them if none is named.
    pub rules: Vec<MatchRule>,
    /// Whether it gives no verdict at all: it crashes, hangs, or answers what is none.
    pub errored: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    xfail: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    case: String,
    reason: String,
    issue: Option<String>,
    since: Option<String>,
    #[serde(default)]
    rules: Vec<MatchRule>,
    #[serde(default)]
    errored: bool,
}

/// Why a file of known failures cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum XfailError {
    /// It is not TOML, or has members that it may not have.
    #[error("{0}")]
    Form(String),
    /// An entry gives no reason.
    #[error("the entry for `{0}` gives no reason")]
    NoReason(String),
}

impl Xfails {
    /// Reads a file of known failures.
    ///
    /// # Errors
    /// If it is not TOML, has members that it may not have, or an entry gives no reason.
    pub fn read(text: &str) -> Result<Self, XfailError> {
        let one_line = |error: toml::de::Error| error.to_string().trim().replace('\n', " ");
        let file: File = toml::from_str(text).map_err(|error| XfailError::Form(one_line(error)))?;
        let entries = file.xfail.into_iter().map(|entry| {
            if entry.reason.trim().is_empty() {
                return Err(XfailError::NoReason(entry.case));
            }
            let Entry { case, reason, issue, since, rules, errored } = entry;
            let case = CasePattern::new(case);
            Ok(Xfail { case, reason, issue, since, rules, errored })
        });
        Ok(Self { entries: entries.collect::<Result<_, _>>()? })
    }

    /// The entries about a case, with their index.
    pub fn about(&self, id: &CaseId) -> impl Iterator<Item = (usize, &Xfail)> {
        self.entries.iter().enumerate().filter(|(_, entry)| entry.case.matches(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_strict() {
        let good = "[[xfail]]\ncase = \"cat-02-*\"\nreason = \"r\"\nrules = [\"position\"]\n";
        let read = Xfails::read(good).unwrap();
        let id = CaseId::parse("cat-02-x/02-01-y").unwrap();
        assert_eq!(read.about(&id).count(), 1);
        assert_eq!(read.entries[0].rules, [MatchRule::Position]);
        for (right, wrong) in [
            ("reason", "because"),
            ("\"r\"", "\" \""),
            ("position", "place"),
            ("[[xfail]]", "[[known]]"),
            ("case = ", "case "),
        ] {
            let text = good.replace(right, wrong);
            assert_ne!(text, good);
            assert!(Xfails::read(&text).is_err(), "{wrong}");
        }
        assert!(Xfails::read("").unwrap().entries.is_empty());
    }
}
