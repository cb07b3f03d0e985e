// SPDX-License-Identifier: Apache-2.0

//! The generator of the corpus: it makes all cases in memory, the same bytes each time.
//!
//! Committed bytes are the product; this only reproduces them. Expectations are written from the text
//! of the specification. Nothing here runs a verifier.

mod additions;
mod canonical_case;
mod case_draft;
mod checkpoint;
mod denial;
mod der;
mod document;
mod fault;
mod golden;
mod layer_check;
mod pack;
mod pinned;
mod scope_pack;
mod test_keys;
mod time_stamp;
mod vectors;
mod workflow_pack;

use std::collections::BTreeMap;

pub use fault::GeneratorError;

use case_draft::{CaseDraft, pretty};
use fault::Fault;

use crate::{
    case_id::CaseId,
    corpus::hash_of,
    corpus_manifest::{CaseEntry, CaseStatus, CorpusManifest},
    expectation::TEST_VECTORS_VERSION,
    level::Level,
};

/// A corpus in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedCorpus {
    /// The files of each case, by their path below its folder.
    pub cases: BTreeMap<CaseId, BTreeMap<String, Vec<u8>>>,
    /// All other files but `MANIFEST.json`, by their path below the folder of the corpus.
    pub other: BTreeMap<String, Vec<u8>>,
}

impl GeneratedCorpus {
    /// `MANIFEST.json` of this corpus. Statuses and the version are those of what was there before; new
    /// cases are drafts.
    #[must_use]
    pub fn manifest(&self, before: Option<&CorpusManifest>) -> CorpusManifest {
        let status = |id: &CaseId| {
            let known =
                before.and_then(|before| before.cases.iter().find(|case| case.id == id.as_str()));
            known.map_or(CaseStatus::Draft, |case| case.status)
        };
        let cases = self.cases.iter().map(|(id, files)| CaseEntry {
            id: id.to_string(),
            level: id.level().map(Level::number),
            status: status(id),
            files: files.iter().map(|(path, bytes)| (path.clone(), hash_of(bytes))).collect(),
        });
        CorpusManifest {
            comment: Some("made by `cargo xtask corpus`".to_owned()),
            corpus_version: before
                .map_or("0.1.0".to_owned(), |before| before.corpus_version.clone()),
            spec_version: "1.4.1".to_owned(),
            test_vectors_version: TEST_VECTORS_VERSION.to_owned(),
            cases: cases.collect(),
        }
    }
}

/// Makes the corpus.
///
/// # Errors
/// If a case cannot be made, or two have one id.
pub fn generate() -> Result<GeneratedCorpus, GeneratorError> {
    let drafts = drafts().map_err(|fault| GeneratorError::new("the corpus", fault))?;
    let mut cases = BTreeMap::new();
    for draft in drafts {
        draft.check_layers().map_err(|fault| GeneratorError::new(draft.id(), fault))?;
        let files = draft.files().map_err(|fault| GeneratorError::new(draft.id(), fault))?;
        let id = CaseId::parse(draft.id());
        let id = id.ok_or_else(|| GeneratorError::new(draft.id(), "that is no id of a case"))?;
        if cases.insert(id, files).is_some() {
            return Err(GeneratorError::new(draft.id(), "there are two of this id"));
        }
    }
    let keys = pretty(&test_keys::published())
        .map_err(|fault| GeneratorError::new("trust/test-keys.json", fault))?;
    let other = BTreeMap::from([("trust/test-keys.json".to_owned(), keys)]);
    Ok(GeneratedCorpus { cases, other })
}

fn drafts() -> Result<Vec<CaseDraft>, Fault> {
    let mut drafts = vectors::all()?;
    drafts.extend(golden::all()?);
    drafts.extend(additions::all()?);
    Ok(drafts)
}
