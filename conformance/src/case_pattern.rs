// SPDX-License-Identifier: Apache-2.0

//! Patterns over the names of cases.

use std::fmt;

use crate::case_id::CaseId;

/// A pattern: `*` stands for any text. One without a slash is about categories.
///
/// ```
/// use permit_conformance::{CaseId, CasePattern};
///
/// let id = CaseId::parse("cat-02-tamper-chain/02-01-record-hash-modified").unwrap();
/// assert!(CasePattern::new("cat-02-*").matches(&id));
/// assert!(CasePattern::new("*/02-01-*").matches(&id));
/// assert!(!CasePattern::new("cat-02-tamper-chain/02-01").matches(&id));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasePattern {
    text: String,
}

impl CasePattern {
    /// The pattern of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a case is meant.
    #[must_use]
    pub fn matches(&self, id: &CaseId) -> bool {
        let name = if self.text.contains('/') { id.as_str() } else { id.category() };
        is_match(self.text.as_bytes(), name.as_bytes())
    }
}

/// Goes back to the last star alone: no pattern takes longer than its length times that of the text.
fn is_match(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut in_text) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(in_text) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, in_text));
                at += 1;
            }
            Some(other) if other == byte => {
                at += 1;
                in_text += 1;
            }
            _ => match star {
                Some((star_at, from)) => {
                    star = Some((star_at, from + 1));
                    at = star_at + 1;
                    in_text = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|byte| *byte == b'*')
}

impl fmt::Display for CasePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_text() {
        let id = CaseId::parse("cat-02-tamper-chain/02-01-record-hash").unwrap();
        for (pattern, matches) in [
            ("cat-02-tamper-chain/02-01-record-hash", true),
            ("cat-02-tamper-chain", true),
            ("cat-02*", true),
            ("*", true),
            ("*/*", true),
            ("**/*hash", true),
            ("*/02-01*record*", true),
            ("cat-02", false),
            ("cat-02*/02-02*", false),
            ("*/hash", false),
            ("", false),
        ] {
            assert_eq!(CasePattern::new(pattern).matches(&id), matches, "{pattern}");
        }
    }
}
