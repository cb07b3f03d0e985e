// SPDX-License-Identifier: Apache-2.0

//! The workspace: where it is, what it has.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::ChoreError;

/// The workspace.
#[derive(Debug)]
pub(crate) struct Project {
    root: PathBuf,
    members: Vec<Member>,
}

/// A crate of the workspace.
#[derive(Debug)]
pub(crate) struct Member {
    /// Its folder, from the root.
    pub(crate) folder: String,
    /// Its manifest.
    pub(crate) manifest: toml::Table,
}

impl Member {
    /// A member of the manifest's `[package]`.
    pub(crate) fn package(&self, name: &str) -> Option<&toml::Value> {
        self.manifest.get("package").and_then(|package| package.get(name))
    }

    /// The package's name.
    pub(crate) fn name(&self) -> &str {
        self.package("name").and_then(toml::Value::as_str).unwrap_or_default()
    }

    /// Whether it is meant for others.
    pub(crate) fn is_published(&self) -> bool {
        self.package("publish").and_then(toml::Value::as_bool) != Some(false)
    }
}

impl Project {
    /// The workspace that this program was built from.
    pub(crate) fn find() -> Result<Self, ChoreError> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().ok_or("xtask is not in a workspace")?.to_path_buf();
        let manifest = read_toml(&root.join("Cargo.toml"))?;
        let folders = manifest
            .get("workspace")
            .and_then(|workspace| workspace.get("members"))
            .and_then(toml::Value::as_array)
            .ok_or("Cargo.toml names no members")?;
        let mut members = Vec::new();
        for folder in folders.iter().filter_map(toml::Value::as_str) {
            let manifest = read_toml(&root.join(folder).join("Cargo.toml"))?;
            members.push(Member { folder: folder.to_owned(), manifest });
        }
        Ok(Self { root, members })
    }

    /// The root folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The crates, in the order of `Cargo.toml`.
    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    /// A text of the workspace.
    pub(crate) fn read(&self, path: &str) -> Result<String, ChoreError> {
        fs::read_to_string(self.root.join(path))
            .map_err(|error| format!("{path} cannot be read: {error}").into())
    }

    /// Whether there is such a file.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }

    /// The files below a folder, as paths from the root, in order.
    pub(crate) fn files_below(&self, folder: &str) -> Result<Vec<String>, ChoreError> {
        let mut files = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(self.root.join(&folder))? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if NOT_OURS.contains(&name.as_str()) {
                    continue;
                }
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                if entry.file_type()?.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path);
                }
            }
        }
        files.sort();
        Ok(files)
    }
}

fn read_toml(path: &Path) -> Result<toml::Table, ChoreError> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    text.parse::<toml::Table>().map_err(|error| format!("{}: {error}", path.display()).into())
}

/// Folders that are not a part of the sources.
const NOT_OURS: [&str; 3] = [".git", "target", "node_modules"];
