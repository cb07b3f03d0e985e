// SPDX-License-Identifier: Apache-2.0

//! Seeing the bytes of a file as they are read, so that what is hashed is what is parsed.

use std::io::{self, Read};

use permit_canonical_json::DigestSink;

use crate::full_read::FullRead;

/// Is shown every byte of a file, once and in order.
///
/// The content hash covers these bytes as they are stored, compressed or not (BUNDLE-13, BUNDLE-14).
pub trait ByteTap {
    /// The next bytes.
    fn bytes(&mut self, bytes: &[u8]);
}

impl ByteTap for DigestSink {
    fn bytes(&mut self, bytes: &[u8]) {
        self.put_bytes(bytes);
    }
}

impl<T: ByteTap + ?Sized> ByteTap for &mut T {
    fn bytes(&mut self, bytes: &[u8]) {
        (**self).bytes(bytes);
    }
}

/// Shows all that is read to a tap, and keeps the failure of the file, if there is one.
///
/// Decoders and parsers above may drop an error that they have no more use for. That must not make
/// a file that could not be read look like one that is shorter.
#[derive(Debug)]
pub(crate) struct TapRead<R, T> {
    source: FullRead<R>,
    tap: T,
    failure: Option<io::Error>,
}

impl<R: Read, T: ByteTap> TapRead<R, T> {
    pub(crate) fn new(source: R, tap: T) -> Self {
        Self { source: FullRead::new(source), tap, failure: None }
    }

    /// Why the file could not be read to its end, if it could not.
    pub(crate) fn into_failure(self) -> Option<io::Error> {
        self.failure
    }
}

impl<R: Read, T: ByteTap> Read for TapRead<R, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.failure.is_some() {
            return Err(io::Error::other(SourceFailed));
        }
        match self.source.read(buffer) {
            Ok(length) => {
                self.tap.bytes(buffer.get(..length).unwrap_or_default());
                Ok(length)
            }
            Err(error) => {
                self.failure = Some(error);
                Err(io::Error::other(SourceFailed))
            }
        }
    }
}

/// The file itself failed: told apart from what a decoder makes of its bytes.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the source of the export failed")]
pub(crate) struct SourceFailed;

impl SourceFailed {
    pub(crate) fn is_in(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}
