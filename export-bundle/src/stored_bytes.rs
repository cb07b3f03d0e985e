// SPDX-License-Identifier: Apache-2.0

//! The bytes of an export on their way into its file: compressed if asked for, hashed as stored.

use std::io::{self, Write};

use flate2::{Compression, GzBuilder, write::GzEncoder};
use permit_canonical_json::{DigestSink, Sha256Digest};

/// Counts and hashes what its sink took.
#[derive(Debug)]
pub(crate) struct HashedWrite<W> {
    sink: W,
    digest: DigestSink,
    count: u64,
}

impl<W: Write> Write for HashedWrite<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let length = self.sink.write(buffer)?;
        // A length beyond the buffer breaks the contract of writers.
        let taken = buffer.get(..length).unwrap_or(buffer);
        self.digest.put_bytes(taken);
        let taken = u64::try_from(taken.len()).unwrap_or(u64::MAX);
        self.count = self.count.saturating_add(taken);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

/// Where the text of an export goes.
#[derive(Debug)]
pub(crate) enum StoredBytes<W: Write> {
    Plain(Box<HashedWrite<W>>),
    /// One member, whose header says nothing but how it is compressed: the same text gives the same
    /// bytes, at any time and on any system.
    Gzip(Box<GzEncoder<HashedWrite<W>>>),
}

impl<W: Write> StoredBytes<W> {
    pub(crate) fn new(sink: W, compressed: bool) -> Self {
        let hashed = HashedWrite { sink, digest: DigestSink::new(), count: 0 };
        if !compressed {
            return Self::Plain(Box::new(hashed));
        }
        let header = GzBuilder::new().mtime(0).operating_system(UNKNOWN_SYSTEM);
        Self::Gzip(Box::new(header.write(hashed, Compression::new(LEVEL))))
    }

    pub(crate) fn put(&mut self, text: &str) -> io::Result<()> {
        match self {
            Self::Plain(plain) => plain.write_all(text.as_bytes()),
            Self::Gzip(gzip) => gzip.write_all(text.as_bytes()),
        }
    }

    /// The sink, the digest of what it took, and how many bytes that were.
    pub(crate) fn finish(self) -> io::Result<(W, Sha256Digest, u64)> {
        let mut hashed = match self {
            Self::Plain(plain) => *plain,
            Self::Gzip(gzip) => gzip.finish()?,
        };
        hashed.flush()?;
        Ok((hashed.sink, hashed.digest.finish(), hashed.count))
    }
}

/// What a gzip header says if it does not say which system made it.
const UNKNOWN_SYSTEM: u8 = 255;
/// The usual balance of size and time.
const LEVEL: u32 = 6;
