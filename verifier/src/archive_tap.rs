// SPDX-License-Identifier: Apache-2.0

//! The bytes of an archive, kept while they are hashed: what is judged is what was signed.

use permit_export_bundle::ByteTap;
use permit_workflow::{ARCHIVE_END_BYTES, is_archive};

use crate::worker::FileHash;

/// The bytes of an export that is an archive.
#[derive(Debug)]
pub(crate) enum ArchiveBytes {
    /// It is none.
    None,
    /// All of them.
    Whole(Vec<u8>),
    /// It ends as an archive does and starts as something else; these are its last bytes.
    EndOnly(Vec<u8>),
    /// There are more than may be kept.
    OverLimit {
        /// The limit in bytes.
        limit: u64,
    },
}

/// Hashes bytes and keeps them, if they are those of an archive.
#[derive(Debug)]
pub(crate) struct ArchiveTap {
    hash: FileHash,
    /// The first bytes, or all.
    start: Vec<u8>,
    /// The last bytes, if not all are kept.
    end: Vec<u8>,
    keep: Keep,
    limit: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    /// Not decided yet: too few bytes.
    Undecided,
    All,
    Ends,
    OverLimit,
}

impl ArchiveTap {
    /// Keeps everything if it starts as an archive does, or if the manifest says that it is one.
    pub(crate) fn new(hash: FileHash, declared: bool, limit: u64) -> Self {
        let keep = if declared { Keep::All } else { Keep::Undecided };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { hash, start: Vec::new(), end: Vec::new(), keep, limit }
    }

    fn decide(&mut self) {
        let known = self.start.len().min(4);
        let magic = [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"];
        let first = self.start.get(..known).unwrap_or_default();
        if known == 4 {
            let starts_as_archive = magic.iter().any(|magic| first == magic.as_slice());
            self.keep = if starts_as_archive { Keep::All } else { Keep::Ends };
            if self.keep == Keep::Ends {
                self.end = std::mem::take(&mut self.start);
                self.start = self.end.get(..known).unwrap_or_default().to_vec();
            }
        }
    }

    fn keep_all(&mut self, bytes: &[u8]) {
        if self.start.len().saturating_add(bytes.len()) > self.limit {
            self.keep = Keep::OverLimit;
            self.start = Vec::new();
        } else {
            self.start.extend_from_slice(bytes);
        }
    }

    /// Keeps the last bytes; makes room now and then, not each time.
    fn keep_end(&mut self, bytes: &[u8]) {
        let tail = bytes.len().saturating_sub(ARCHIVE_END_BYTES);
        self.end.extend_from_slice(bytes.get(tail..).unwrap_or_default());
        if self.end.len() > 8 * ARCHIVE_END_BYTES {
            let from = self.end.len().saturating_sub(ARCHIVE_END_BYTES);
            self.end.drain(..from);
        }
    }

    /// The hash, and what was kept.
    pub(crate) fn finish(self) -> (FileHash, ArchiveBytes) {
        let from = self.end.len().saturating_sub(ARCHIVE_END_BYTES);
        let end = self.end.get(from..).unwrap_or_default();
        let archive = match self.keep {
            Keep::OverLimit => {
                let limit = u64::try_from(self.limit).unwrap_or(u64::MAX);
                ArchiveBytes::OverLimit { limit }
            }
            Keep::Ends if is_archive(&self.start, end) => ArchiveBytes::EndOnly(end.to_vec()),
            Keep::Ends => ArchiveBytes::None,
            Keep::All | Keep::Undecided => {
                let from = self.start.len().saturating_sub(ARCHIVE_END_BYTES);
                let end = self.start.get(from..).unwrap_or_default();
                match is_archive(&self.start, end) {
                    true => ArchiveBytes::Whole(self.start),
                    false => ArchiveBytes::None,
                }
            }
        };
        (self.hash, archive)
    }
}

impl ByteTap for ArchiveTap {
    fn bytes(&mut self, bytes: &[u8]) {
        self.hash.bytes(bytes);
        match self.keep {
            Keep::Undecided => {
                self.start.extend_from_slice(bytes);
                self.decide();
            }
            Keep::All => self.keep_all(bytes),
            Keep::Ends => self.keep_end(bytes),
            Keep::OverLimit => {}
        }
    }
}
