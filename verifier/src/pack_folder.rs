// SPDX-License-Identifier: Apache-2.0

//! The files beside an export: semantics, checkpoint, scope states, workflow evidence.

use std::{cell::RefCell, collections::BTreeMap};

use permit_pins::{ARTIFACT_BYTES, PackFileProblem, PackFiles, PackPath};

/// The folders that files beside an export are looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Folder {
    /// The folder of the manifest.
    Manifest,
    /// The folder above it, which packs keep checkpoints in.
    AboveManifest,
    /// The folder of the export.
    Export,
}

/// Where the files beside an export are found.
///
/// This crate touches no file system: a program that has folders implements this trait. A
/// [`PackPath`] has no step upwards, but a link may have one: follow links only if they end inside
/// the folder.
pub trait PackFolder {
    /// The bytes of the file at this path, if there is one and it is no longer than `limit` bytes.
    ///
    /// # Errors
    /// If there is a file and it cannot be read, is too long, or lies elsewhere.
    fn read(
        &self,
        folder: Folder,
        path: &PackPath,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, PackFileProblem>;
}

/// No files beside the export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoFolder;

impl PackFolder for NoFolder {
    fn read(&self, _: Folder, _: &PackPath, _: u64) -> Result<Option<Vec<u8>>, PackFileProblem> {
        Ok(None)
    }
}

/// Files in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InMemoryFolder {
    files: BTreeMap<(Folder, PackPath), Vec<u8>>,
}

impl InMemoryFolder {
    /// No files yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a file in its place and returns what was there.
    pub fn insert(&mut self, folder: Folder, path: PackPath, bytes: Vec<u8>) -> Option<Vec<u8>> {
        self.files.insert((folder, path), bytes)
    }
}

impl PackFolder for InMemoryFolder {
    fn read(
        &self,
        folder: Folder,
        path: &PackPath,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, PackFileProblem> {
        let Some(bytes) = self.files.get(&(folder, path.clone())) else { return Ok(None) };
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if length > limit {
            Err(PackFileProblem::TooLong { limit })
        } else {
            Ok(Some(bytes.clone()))
        }
    }
}

/// The folder of the manifest, as the resolver of pins sees it.
pub(crate) struct PinFiles<'f>(pub(crate) &'f dyn PackFolder);

impl PackFiles for PinFiles<'_> {
    fn read(&self, path: &PackPath) -> Result<Option<Vec<u8>>, PackFileProblem> {
        self.0.read(Folder::Manifest, path, ARTIFACT_BYTES)
    }
}

/// Looks for files that evidence refers to, and remembers what could not be read.
pub(crate) struct Finder<'f> {
    folder: &'f dyn PackFolder,
    limit: u64,
    problems: RefCell<Vec<(String, PackFileProblem)>>,
}

impl<'f> Finder<'f> {
    pub(crate) fn new(folder: &'f dyn PackFolder, limit: u64) -> Self {
        Self { folder, limit, problems: RefCell::default() }
    }

    /// The first file that there is, and its path.
    pub(crate) fn first(&self, places: &[(Folder, PackPath)]) -> Option<(String, Vec<u8>)> {
        places.iter().find_map(|(folder, path)| {
            let bytes = self.read(*folder, path)?;
            Some((path.as_str().to_owned(), bytes))
        })
    }

    pub(crate) fn read(&self, folder: Folder, path: &PackPath) -> Option<Vec<u8>> {
        match self.folder.read(folder, path, self.limit) {
            Ok(bytes) => bytes,
            Err(problem) => {
                self.problems.borrow_mut().push((path.as_str().to_owned(), problem));
                None
            }
        }
    }

    /// What could not be read, and why.
    pub(crate) fn into_problems(self) -> Vec<(String, PackFileProblem)> {
        self.problems.into_inner()
    }
}

/// The path, if it is one that only goes down.
pub(crate) fn path(text: &str) -> Option<PackPath> {
    PackPath::parse(text).ok()
}
