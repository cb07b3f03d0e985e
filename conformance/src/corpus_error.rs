// SPDX-License-Identifier: Apache-2.0

//! Why a corpus cannot be used.

use std::{io, path::PathBuf};

use permit_canonical_json::{NotJson, ReadError, ShapeError};

/// Why a document of the corpus cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentProblem {
    /// It is not JSON, or goes over a limit.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is JSON of another form.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// It is no object.
    #[error("the document is no object")]
    NotAnObject,
    /// It has a value that JSON has no form for.
    #[error(transparent)]
    Write(#[from] NotJson),
}

/// Why a corpus cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CorpusError {
    /// A file or folder cannot be read.
    #[error("`{}` cannot be read: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A document of the corpus is not what it has to be.
    #[error("`{}`: {problem}", path.display())]
    Document {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: DocumentProblem,
    },
    /// A folder has no name that a case can have.
    #[error("`{}` is no name of a case: lower-case letters, digits and hyphens only", path.display())]
    Name {
        /// The folder.
        path: PathBuf,
    },
    /// A file is not the one that `MANIFEST.json` lists.
    #[error("`{}` is not the file that MANIFEST.json lists: a released case never changes", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A file is there that `MANIFEST.json` does not list.
    #[error("`{}` is not listed in MANIFEST.json", path.display())]
    Unlisted {
        /// The file.
        path: PathBuf,
    },
    /// A file that `expected.json` names leads out of the folder `input`, or is not there.
    #[error("`{}` names `{name}` as {role}, but there is no such file in `input`", path.display())]
    NoSuchInput {
        /// The folder of the case.
        path: PathBuf,
        /// What the file is.
        role: String,
        /// Its name.
        name: String,
    },
    /// There is nothing in it.
    #[error("`{}` holds no cases", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}
