// SPDX-License-Identifier: Apache-2.0

//! The files that a pack brings along.

use std::collections::BTreeMap;

use crate::pack_path::PackPath;

/// Where the resolver finds the files of a pack.
///
/// This crate touches no file system: a program that has a folder implements this trait.
///
/// - Stay inside: a [`PackPath`] has no step upwards, but a link may. Follow links only if they
///   end inside the folder, else answer [`PackFileProblem::OutsidePack`].
/// - Read no more than [`ARTIFACT_BYTES`] bytes, else answer [`PackFileProblem::TooLong`].
/// - What is not there, and what is there but no file, is `Ok(None)`.
pub trait PackFiles {
    /// The bytes of the file at this path; nothing if there is no such file.
    ///
    /// # Errors
    /// If there is a file and it cannot be read.
    fn read(&self, path: &PackPath) -> Result<Option<Vec<u8>>, PackFileProblem>;
}

/// Why a file of a pack cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackFileProblem {
    /// Reading failed.
    #[error("the file cannot be read: {reason}")]
    Unreadable {
        /// Why, as the system says it.
        reason: String,
    },
    /// It is a link that leads out of the pack.
    #[error("the file is a link that leads out of the pack")]
    OutsidePack,
    /// It is longer than any semantic artifact.
    #[error("the file is longer than the limit of {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: u64,
    },
}

/// Bytes of one artifact that are looked at: 16 MiB. The longest released one has 14 KB.
pub const ARTIFACT_BYTES: u64 = 16 * 1024 * 1024;

/// A pack that is one document, without files beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoPackFiles;

impl PackFiles for NoPackFiles {
    fn read(&self, _: &PackPath) -> Result<Option<Vec<u8>>, PackFileProblem> {
        Ok(None)
    }
}

/// The files of a pack in memory.
///
/// ```
/// use permit_pins::{InMemoryPackFiles, PackFiles, PackPath};
///
/// let path = PackPath::parse("semantics/closure/format_v2.json")?;
/// let files = InMemoryPackFiles::from_iter([(path.clone(), b"{}".to_vec())]);
/// assert_eq!(files.read(&path)?.as_deref(), Some(b"{}".as_slice()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InMemoryPackFiles {
    files: BTreeMap<PackPath, Vec<u8>>,
}

impl InMemoryPackFiles {
    /// No files yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a file in its place and returns what was there.
    pub fn insert(&mut self, path: PackPath, bytes: Vec<u8>) -> Option<Vec<u8>> {
        self.files.insert(path, bytes)
    }
}

impl FromIterator<(PackPath, Vec<u8>)> for InMemoryPackFiles {
    fn from_iter<I: IntoIterator<Item = (PackPath, Vec<u8>)>>(files: I) -> Self {
        Self { files: files.into_iter().collect() }
    }
}

impl PackFiles for InMemoryPackFiles {
    fn read(&self, path: &PackPath) -> Result<Option<Vec<u8>>, PackFileProblem> {
        Ok(self.files.get(path).cloned())
    }
}
