// SPDX-License-Identifier: Apache-2.0

//! Opening files: never a folder, never more of a small one than it may have.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

/// Opens a file; tells its length, which is 0 for what has none, such as a pipe.
pub(crate) fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    Ok((file, metadata.len()))
}

/// Reads a file that is small by its nature, and nothing that is not.
pub(crate) fn read_small(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let (file, length) = open(path)?;
    let mut bytes = Vec::new();
    if length <= limit {
        // What grows while it is read, or says nothing of its length, ends at the limit, too.
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    }
    let read = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if length.max(read) > limit {
        let message = format!("it has more than {limit} bytes, the limit for such a file");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}
