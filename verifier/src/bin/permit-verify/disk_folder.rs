// SPDX-License-Identifier: Apache-2.0

//! The files beside an export, on disk.

use std::{
    io,
    path::{Path, PathBuf},
};

use permit_verifier::{Folder, PackFileProblem, PackFolder, PackPath};

use crate::files;

/// The folders of an export and its manifest.
pub(crate) struct DiskFolder {
    manifest: PathBuf,
    export: PathBuf,
}

impl DiskFolder {
    /// The folders that these files lie in.
    pub(crate) fn of(manifest: &Path, export: &Path) -> Self {
        Self { manifest: folder_of(manifest), export: folder_of(export) }
    }

    fn root(&self, folder: Folder) -> Option<PathBuf> {
        match folder {
            Folder::Manifest => self.manifest.canonicalize().ok(),
            Folder::Export => self.export.canonicalize().ok(),
            Folder::AboveManifest => {
                let folder = self.manifest.canonicalize().ok()?;
                folder.parent().map(Path::to_path_buf)
            }
        }
    }
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

impl PackFolder for DiskFolder {
    fn read(
        &self,
        folder: Folder,
        path: &PackPath,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, PackFileProblem> {
        let Some(root) = self.root(folder) else { return Ok(None) };
        // Links are followed, but not out of the folder.
        let file = match root.join(path.as_str()).canonicalize() {
            Ok(file) => file,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(unreadable(&error)),
        };
        if !file.starts_with(&root) {
            return Err(PackFileProblem::OutsidePack);
        }
        if !file.is_file() {
            return Ok(None);
        }
        match files::read_small(&file, limit) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                Err(PackFileProblem::TooLong { limit })
            }
            Err(error) => Err(unreadable(&error)),
        }
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn unreadable(error: &io::Error) -> PackFileProblem {
    PackFileProblem::Unreadable { reason: error.to_string() }
}
