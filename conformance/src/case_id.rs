// SPDX-License-Identifier: Apache-2.0

//! The names of cases.

use std::fmt;

use crate::level::Level;

/// The name of a case: its category and its own name, which are two folders of the corpus.
///
/// Categories 01 to 08 and the numbers up to 50 in them are those of the published list. Cases of
/// ours begin at 51 or are in categories from 09 on, so that the two never meet. The golden records
/// have the category `claims` and a folder of their own.
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
    /// The category of the golden records.
    pub const CLAIMS: &'static str = "claims";

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

    /// The folder of the case below that of the corpus, with `/`.
    #[must_use]
    pub fn folder(&self) -> String {
        if self.category() == Self::CLAIMS {
            format!("{}/{}", Self::CLAIMS, self.vector())
        } else {
            format!("{VECTORS}/{}/{}", self.category(), self.vector())
        }
    }

    /// Whether it is one of ours and not of the published list.
    #[must_use]
    pub fn is_addition(&self) -> bool {
        let category = self.category().strip_prefix("cat-").and_then(|rest| rest.get(..2));
        let Some(category) = category.and_then(|number| number.parse::<u8>().ok()) else {
            return false;
        };
        if category > LAST_PUBLISHED_CATEGORY {
            return true;
        }
        let mut parts = self.vector().split('-').skip(1);
        parts.next().and_then(|number| number.parse::<u16>().ok()).is_some_and(|n| n > 50)
    }
}

/// The folder of all categories but the golden records.
pub(crate) const VECTORS: &str = "vectors";
const LAST_PUBLISHED_CATEGORY: u8 = 8;

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
    fn golden_records_have_a_folder_of_their_own() {
        for (text, folder) in [
            ("cat-02-x/02-06-genesis", "vectors/cat-02-x/02-06-genesis"),
            ("claims/07-valid-closure-v1", "claims/07-valid-closure-v1"),
        ] {
            assert_eq!(CaseId::parse(text).unwrap().folder(), folder);
        }
    }

    #[test]
    fn numbers_from_51_on_are_ours() {
        for (text, ours) in [
            ("cat-02-x/02-06-genesis", false),
            ("cat-02-x/02-50-last", false),
            ("cat-02-x/02-51-first", true),
            ("cat-09-canonical-sequences/09-01-numbers", true),
            ("claims/07-valid-closure-v1", false),
        ] {
            assert_eq!(CaseId::parse(text).unwrap().is_addition(), ours, "{text}");
        }
    }
}
