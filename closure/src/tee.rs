// SPDX-License-Identifier: Apache-2.0

//! Readers and writers that hash what passes through them.

use std::io::{Read, Result, Write};

use permit_canonical_json::Sha256Digest;

use crate::streaming_digest::StreamingDigest;

/// Passes bytes on and hashes them: around a reader what was read, around a writer what the
/// writer took.
///
/// An error passes through, and the bytes before it count: that is what came.
///
/// ```
/// use std::io::{Read, Write};
/// use permit_canonical_json::Sha256Digest;
/// use permit_closure::DigestTee;
///
/// let mut provider = DigestTee::new(&b"{\"answer\": 42}"[..]);
/// let mut body = String::new();
/// provider.read_to_string(&mut body)?;
///
/// let mut client = DigestTee::new(Vec::new());
/// client.write_all(body.to_uppercase().as_bytes())?;
///
/// let (_, received) = provider.into_parts();
/// let (written, handed_over) = client.into_parts();
/// assert_eq!(received.finish(), Sha256Digest::of(b"{\"answer\": 42}"));
/// assert_eq!(handed_over.finish(), Sha256Digest::of(&written));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct DigestTee<T> {
    inner: T,
    digest: StreamingDigest,
}

impl<T> DigestTee<T> {
    /// Wraps a reader or a writer, nothing of which has passed yet.
    #[must_use]
    pub fn new(inner: T) -> Self {
        Self { inner, digest: StreamingDigest::new() }
    }

    /// The digest of what passed until now.
    #[must_use]
    pub fn digest(&self) -> Sha256Digest {
        self.digest.clone().finish()
    }

    /// The reader or writer, and the digest of what passed.
    #[must_use]
    pub fn into_parts(self) -> (T, StreamingDigest) {
        (self.inner, self.digest)
    }

    fn count(&mut self, buffer: &[u8], length: usize) {
        // A length beyond the buffer breaks the contract of readers and writers.
        self.digest.update(buffer.get(..length).unwrap_or(buffer));
    }
}

impl<R: Read> Read for DigestTee<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let length = self.inner.read(buffer)?;
        self.count(buffer, length);
        Ok(length)
    }
}

impl<W: Write> Write for DigestTee<W> {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        let length = self.inner.write(buffer)?;
        self.count(buffer, length);
        Ok(length)
    }

    fn flush(&mut self) -> Result<()> {
        self.inner.flush()
    }
}
