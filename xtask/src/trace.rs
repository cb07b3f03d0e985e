// SPDX-License-Identifier: Apache-2.0

//! Rules, tests, corpus, failure codes and claims, side by side.
//!
//! ```text
//! every MUST rule of spec/          is cited by a test                 else a hole
//! every failure code                is expected by a test that is not about the list of codes,
//!                                   and by a case of the corpus
//! every claim                       has a test for each of its four verdicts
//! every document of spec/           has its crate, and every crate its document
//! every rule that is cited          is in a document
//! ```
//!
//! A citation is an id in the name or the text of a test: `chain_08_every_link_is_compared`,
//! `CHAIN-08`, `CHAIN-07..09`. What no test of code can show stands in the list of exemptions, each with its reason.

mod citations;
mod corpus;
mod documents;
mod exemptions;
mod html;
mod json;
mod matrix;
mod rules;
mod test_sources;
mod text;

use std::{fs, path::Path};

use crate::{ChoreError, Complaints, project::Project};

use matrix::Matrix;

/// Draws the matrix, writes its views, and tells its holes.
pub(crate) fn run(
    project: &Project,
    json: Option<&Path>,
    html: Option<&Path>,
) -> Result<Complaints, ChoreError> {
    let matrix = Matrix::draw(project)?;
    if let Some(path) = json {
        fs::write(path, json::view(&matrix))?;
    }
    if let Some(path) = html {
        fs::write(path, html::view(&matrix))?;
    }
    text::print(&matrix)?;
    Ok(matrix.holes())
}

/// The holes alone, for `cargo xtask ci`.
pub(crate) fn check(project: &Project) -> Result<Complaints, ChoreError> {
    Ok(Matrix::draw(project)?.holes())
}
