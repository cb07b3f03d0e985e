// SPDX-License-Identifier: Apache-2.0

//! Files that are there whole or not at all, whenever one looks.
//!
//! The bytes go into a file without a name anyone knows, the disk confirms them, and then the file gets
//! its name, which the disk confirms, too. A crash in between leaves the old file, or none.

use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use tempfile::{Builder, NamedTempFile};

/// What becomes of a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is written.
    Keep,
    /// It is replaced.
    Replace,
}

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// There is one already.
    #[error("`{}` exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be written.
    #[error("`{}` cannot be written: {problem}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        problem: io::Error,
    },
}

/// Writes a file that anyone may read whom the umask lets.
///
/// # Errors
/// If it exists and is to be kept, or cannot be written. Nothing is changed then.
pub fn write_whole(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), WriteError> {
    let mut file = WholeFile::begin(path, existing)?;
    file.write_all(bytes).map_err(|problem| WriteError::Io { path: path.to_owned(), problem })?;
    file.finish()
}

/// Writes a file that only its owner may read and write, from its first byte on.
///
/// # Errors
/// As [`write_whole`].
pub fn write_whole_secret(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), WriteError> {
    let mut file = WholeFile::begin_with(path, existing, Readers::Owner)?;
    file.write_all(bytes).map_err(|problem| WriteError::Io { path: path.to_owned(), problem })?;
    file.finish()
}

/// A file that is being written, and has no name until it is finished. Dropped before, it is gone.
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    file: NamedTempFile,
    existing: Existing,
}

#[derive(Clone, Copy)]
enum Readers {
    Owner,
    Umask,
}

impl WholeFile {
    /// Begins a file.
    ///
    /// # Errors
    /// As [`write_whole`].
    pub fn begin(path: &Path, existing: Existing) -> Result<Self, WriteError> {
        Self::begin_with(path, existing, Readers::Umask)
    }

    fn begin_with(path: &Path, existing: Existing, readers: Readers) -> Result<Self, WriteError> {
        // Looked at again when it is finished; here it saves the work.
        if existing == Existing::Keep && path.symlink_metadata().is_ok() {
            return Err(WriteError::Exists { path: path.to_owned() });
        }
        let folder = folder_of(path);
        let mut builder = Builder::new();
        builder.prefix(".permit-").suffix(".part");
        set_permissions(&mut builder, readers);
        let file = builder.tempfile_in(folder);
        let file = file.map_err(|problem| WriteError::Io { path: path.to_owned(), problem })?;
        Ok(Self { path: path.to_owned(), file, existing })
    }

    /// Gives the file its name, once the disk has its bytes.
    ///
    /// # Errors
    /// As [`write_whole`].
    pub fn finish(self) -> Result<(), WriteError> {
        let Self { path, file, existing } = self;
        let io = |problem| WriteError::Io { path: path.clone(), problem };
        file.as_file().sync_all().map_err(io)?;
        let named = match existing {
            Existing::Replace => file.persist(&path),
            Existing::Keep => file.persist_noclobber(&path),
        };
        match named {
            Ok(_) => {}
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(WriteError::Exists { path });
            }
            Err(error) => return Err(io(error.error)),
        }
        sync_folder(folder_of(&path)).map_err(io)
    }
}

impl io::Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(unix)]
fn set_permissions(builder: &mut Builder<'_, '_>, readers: Readers) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = match readers {
        Readers::Owner => 0o600,
        Readers::Umask => 0o666,
    };
    builder.permissions(std::fs::Permissions::from_mode(mode));
}

#[cfg(not(unix))]
fn set_permissions(_: &mut Builder<'_, '_>, _: Readers) {}

/// A new name lasts when its folder does.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
