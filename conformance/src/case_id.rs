// SPDX-License-Identifier: Apache-2.0

//! The names of cases.

use std::fmt;

use crate::level::Level;

/// The name of a case: its category and its own name, which are two folders of the corpus.
///
/// Numbers up to 50 inside a category are those of the published list; cases of ours begin at 51,
/// so that the two never meet.
///
/// ```
/// use permit_conformance::{CaseId, Level};
///
/// let id = CaseId::parse("cat-02-tamper-chain/02-01-record-hash-modified").unwrap();
/// assert_eq!(id.category(), "cat-02-tamper-chain");
/// assert_eq!(id.level(), Some(Level::Baseline));
/// assert!(!id.is_addition());
/// assert!(CaseId::parse("cat-02-tamper-chain/../../etc").is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId {
    text: Box<str>,
    slash: usize,
}

impl CaseId {
    /// The case of this name: two parts of at most 100 lower-case letters, digits and hyphens.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (category, vector) = text.split_once('/')?;
        (is_part(category) && is_part(vector))
            .then(|| Self { text: text.into(), slash: category.len() })
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The category.
    #[must_use]
    pub fn category(&self) -> &str {
        self.text.get(..self.slash).unwrap_or_default()
    }

    /// The name inside the category.
    #[must_use]
    pub fn vector(&self) -> &str {
        self.text.split_once('/').map_or("", |(_, vector)| vector)
    }

    /// The lowest level that asks for this case; nothing if none does.
    #[must_use]
    pub fn level(&self) -> Option<Level> {
        Level::of_category(self.category())
    }

    /// Whether it is one of ours and not of the published list.
    #[must_use]
    pub fn is_addition(&self) -> bool {
        let mut parts = self.vector().split('-').skip(1);
        parts.next().and_then(|number| number.parse::<u16>().ok()).is_some_and(|n| n > 50)
    }
}

/// Whether a text can be a part of a name, and the name of a folder anywhere.
fn is_part(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_two_folders_and_nothing_else() {
        for text in ["cat-01-baseline/01-01-valid-permit-export", "a/b", "claims-v0/edge-1"] {
            let id = CaseId::parse(text).unwrap();
            assert_eq!(format!("{}/{}", id.category(), id.vector()), text);
        }
        let long = "a".repeat(101);
        for text in
            ["", "a", "a/", "/b", "a/b/c", "A/b", "a/b.json", "a/..", "a /b", "ä/b", "a\\b/c"]
        {
            assert_eq!(CaseId::parse(text), None, "{text}");
        }
        assert_eq!(CaseId::parse(&format!("{long}/b")), None);
    }

    #[test]
    fn numbers_from_51_on_are_ours() {
        for (text, ours) in [
            ("cat-02-x/02-06-genesis", false),
            ("cat-02-x/02-50-last", false),
            ("cat-02-x/02-51-first", true),
            ("claims-v0/valid-closure-v1", false),
        ] {
            assert_eq!(CaseId::parse(text).unwrap().is_addition(), ours, "{text}");
        }
    }
}
