// SPDX-License-Identifier: Apache-2.0

//! What the published list lacks: cases from 51 on in its categories, and categories of ours, from 09 on.

mod archives;
mod canonical_sequences;
mod checkpoints;
mod digest_matrix;
mod ed25519;
mod failure_codes;
mod key_windows;
mod lenient_reference;
mod published_categories;

use super::{case_draft::CaseDraft, fault::Fault};

/// All of them.
pub(crate) fn all() -> Result<Vec<CaseDraft>, Fault> {
    let mut cases = published_categories::cases()?;
    cases.extend(canonical_sequences::cases()?);
    cases.extend(ed25519::cases()?);
    cases.extend(key_windows::cases()?);
    cases.extend(archives::cases()?);
    cases.extend(failure_codes::cases()?);
    cases.extend(digest_matrix::cases()?);
    cases.extend(lenient_reference::cases()?);
    cases.extend(checkpoints::cases()?);
    Ok(cases)
}
