// SPDX-License-Identifier: Apache-2.0

//! What is in `examples/`: documents of every kind, made with the crates that an issuer uses.
//!
//! Keys and times are fixed, so that the same bytes come out each time. An example is
//! *verifiable* if a command judges it by its signatures, and *illustrative* if it only shows
//! a form; `examples/index.json` says which, and the tests run every command.

mod checkpoint;
mod delegation;
mod executions;
mod gallery;
mod keys;
mod names;
mod permits;
mod records;
mod revocation;
mod scope;
mod time_stamp;
mod workflow;

use crate::{
    ChoreError, Complaints, example_bundle,
    generated::{GeneratedFile, ensure},
    project::Project,
};

use gallery::{Gallery, SIGNED};
use keys::Keys;

pub(crate) use gallery::Example;

/// Makes the examples, or looks whether they are as they would be made.
pub(crate) fn run(project: &Project, check: bool) -> Result<Complaints, ChoreError> {
    ensure(project, &files()?, check, "cargo xtask examples")
}

/// The examples that have a schema, or could have one.
pub(crate) fn all() -> Result<Vec<Example>, ChoreError> {
    Ok(gallery()?.examples)
}

fn files() -> Result<Vec<GeneratedFile>, ChoreError> {
    let mut files = example_bundle::files()?;
    files.extend(gallery()?.into_files()?);
    Ok(files)
}

fn gallery() -> Result<Gallery, ChoreError> {
    let keys = Keys::of_examples();
    let mut gallery = Gallery::new();
    of_the_shop(&mut gallery);
    keys.put(&mut gallery);
    permits::put(&mut gallery)?;
    let head = executions::put(&mut gallery, &keys)?;
    checkpoint::put(&mut gallery, &keys, &head)?;
    revocation::put(&mut gallery, &keys)?;
    scope::put(&mut gallery, &keys)?;
    workflow::put(&mut gallery, &keys)?;
    delegation::put(&mut gallery)?;
    Ok(gallery)
}

/// The bundles of the shop, whose files are made elsewhere.
fn of_the_shop(gallery: &mut Gallery) {
    let trust = "--key-manifest examples/trust-root.json --test-mode";
    for (folder, what, status) in [
        ("shop-agent", "a bundle of version 2: a morning of an agent", 0),
        ("shop-agent-altered", "the same after an insider altered it", 1),
    ] {
        let export = format!("examples/{folder}/export.json");
        let command =
            format!("permit-verify export {export} {trust} --walk-events --verify-closure");
        gallery.verifiable(&export, what, Some(SIGNED), &command, status);
        let manifest = format!("{export}.manifest.json");
        gallery.verifiable(
            &manifest,
            "its manifest",
            Some("audit-export-manifest"),
            &command,
            status,
        );
    }
    gallery.illustrative(
        "examples/trust-root.json",
        "the keys of the two bundles above, which everybody knows",
        Some("key-manifest"),
    );
}
