// SPDX-License-Identifier: Apache-2.0

//! Cases about canonical forms. The form that is expected is written out by hand beside each document,
//! so that no digest here comes from the code that is judged.

use serde_json::{Map, Value as Json};

use super::{case_draft::CaseDraft, fault::Fault, pack::hex};

/// A document as it is read, and its canonical form; nothing if it has none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    pub(crate) role: &'static str,
    pub(crate) text: &'static str,
    pub(crate) canonical: Option<&'static str>,
}

/// A document that has a canonical form.
pub(crate) const fn written(
    role: &'static str,
    text: &'static str,
    canonical: &'static str,
) -> Written {
    Written { role, text, canonical: Some(canonical) }
}

/// A document that has none.
pub(crate) const fn refused(role: &'static str, text: &'static str) -> Written {
    Written { role, text, canonical: None }
}

/// Puts the documents into a case, and their digests into what is expected of it.
pub(crate) fn put(
    mut draft: CaseDraft,
    profile: &str,
    documents: &[Written],
) -> Result<CaseDraft, Fault> {
    let mut output = Map::new();
    for document in documents {
        let digest = document.canonical.map_or(Json::Null, |text| hex(text).into());
        output.insert(document.role.into(), digest);
        let name = format!("{}.json", document.role);
        draft = draft.file(document.role, &name, document.text.as_bytes().to_vec());
    }
    Ok(draft.set("op", "canonicalize").set("profile", profile).set("output", output))
}
