// SPDX-License-Identifier: Apache-2.0

//! The generator of the corpus: it makes all cases in memory, the same bytes each time.
//!
//! Committed bytes are the product; this only reproduces them. Expectations are written from the text
//! of the specification. Nothing here runs a verifier.

mod canonical_case;
mod case_draft;
mod checkpoint;
mod denial;
mod der;
mod document;
mod fault;
mod golden;
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

/// The files of a corpus, by their path below its folder, without `MANIFEST.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedCorpus {
    /// The files of the cases, by the ids of the cases and their path below the folder of the corpus.
    pub cases: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    /// All other files.
    pub other: BTreeMap<String, Vec<u8>>,
}

/// Makes the corpus.
///
/// # Errors
/// If a case cannot be made, or two have one id.
pub fn generate() -> Result<GeneratedCorpus, GeneratorError> {
    let drafts = drafts().map_err(|fault| GeneratorError::new("the corpus", fault))?;
    let mut cases = BTreeMap::new();
    for draft in drafts {
        let files = draft.files().map_err(|fault| GeneratorError::new(draft.id(), fault))?;
        if cases.insert(draft.id().to_owned(), files).is_some() {
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
    Ok(drafts)
}
