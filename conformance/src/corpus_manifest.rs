// SPDX-License-Identifier: Apache-2.0

//! The index of a corpus: the file `MANIFEST.json`.

use std::collections::BTreeMap;

use permit_canonical_json::{Budget, Sha256Digest, from_value, read, to_value};
use permit_claims::to_pretty_text;
use serde::{Deserialize, Serialize};

use crate::{corpus_error::DocumentProblem, word::words};

words! {
    /// How far a case has come.
    CaseStatus {
        /// It may still change; it is run all the same.
        Draft = "draft",
        /// None of its bytes changes any more.
        Released = "released",
        /// It stays for the record and is not run.
        Retired = "retired",
    }
}

/// `MANIFEST.json`: what the corpus holds, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorpusManifest {
    /// A remark for who opens the file.
    #[serde(rename = "$comment", default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The version of the corpus: major if an expectation or the protocol changes, minor if cases
    /// are added, patch for prose.
    pub corpus_version: String,
    /// The version of the specification document that the cases are about.
    pub spec_version: String,
    /// The version of the published list of vectors.
    pub test_vectors_version: String,
    /// The cases, in order of their names.
    pub cases: Vec<CaseEntry>,
}

/// What `MANIFEST.json` says about one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseEntry {
    /// The name of the case: `<category>/<vector>`.
    pub id: String,
    /// The lowest level that asks for it; null if none does.
    pub level: Option<u8>,
    /// How far it has come.
    pub status: CaseStatus,
    /// Every file below the folder of the case, with `/`, and its hash, `sha256:` and hexadecimal.
    pub files: BTreeMap<String, String>,
}

impl CorpusManifest {
    /// Reads `MANIFEST.json`.
    ///
    /// # Errors
    /// If it is not JSON, or has members that it may not have, or lacks some.
    pub fn read(bytes: &[u8]) -> Result<Self, DocumentProblem> {
        Ok(from_value(&read(bytes, &Budget::default())?)?)
    }

    /// Writes `MANIFEST.json`: members in order of their names, two spaces a level, one line break
    /// at the end.
    ///
    /// # Errors
    /// If a value has no form in JSON, which numbers and words always have.
    pub fn to_text(&self) -> Result<String, DocumentProblem> {
        Ok(to_pretty_text(&to_value(self)?))
    }

    /// One digest for all bytes of the corpus: over a line `id path hash` for each file, in order.
    #[must_use]
    pub fn digest(&self) -> Sha256Digest {
        let mut lines: Vec<String> = Vec::new();
        for case in &self.cases {
            let files = case.files.iter();
            lines.extend(files.map(|(path, hash)| format!("{} {path} {hash}\n", case.id)));
        }
        lines.sort();
        Sha256Digest::of(lines.concat().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> CorpusManifest {
        let case = |id: &str, hash: &str| CaseEntry {
            id: id.into(),
            level: Some(1),
            status: CaseStatus::Released,
            files: [("expected.json".to_owned(), format!("sha256:{hash}"))].into(),
        };
        CorpusManifest {
            comment: None,
            corpus_version: "0.1.0".into(),
            spec_version: "1.4.1".into(),
            test_vectors_version: "0.1.0-draft".into(),
            cases: vec![case("cat-01-baseline/01-01-a", "aa"), case("claims/01-b", "bb")],
        }
    }

    #[test]
    fn it_is_read_as_it_is_written() {
        let text = manifest().to_text().unwrap();
        assert_eq!(CorpusManifest::read(text.as_bytes()).unwrap(), manifest());
        assert!(text.ends_with("}\n"));
        assert!(CorpusManifest::read(text.replace("\"level\"", "\"levels\"").as_bytes()).is_err());
    }

    #[test]
    fn the_digest_is_that_of_the_bytes_and_not_of_the_order() {
        let digest = manifest().digest();
        let mut other = manifest();
        other.cases.reverse();
        assert_eq!(other.digest(), digest);
        other.cases[0].files.insert("input/x".into(), "sha256:cc".into());
        assert_ne!(other.digest(), digest);
    }
}
