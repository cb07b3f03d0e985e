// SPDX-License-Identifier: Apache-2.0

//! Seeing the bytes of a file as they are read, so that what is hashed is what is parsed.

use std::io::{self, Read};

use permit_canonical_json::DigestSink;

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

/// Shows all that is read to a tap.
#[derive(Debug)]
pub(crate) struct TapRead<R, T> {
    source: R,
    tap: T,
}

impl<R: Read, T: ByteTap> TapRead<R, T> {
    pub(crate) fn new(source: R, tap: T) -> Self {
        Self { source, tap }
    }
}

impl<R: Read, T: ByteTap> Read for TapRead<R, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer).map_err(SourceError::wrap)?;
        self.tap.bytes(buffer.get(..length).unwrap_or_default());
        Ok(length)
    }
}

/// A failure of the file itself, told apart from what a decoder makes of its bytes.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct SourceError(io::Error);

impl SourceError {
    fn wrap(error: io::Error) -> io::Error {
        // Readers repeat an interrupted read, and look at the kind to know.
        if error.kind() == io::ErrorKind::Interrupted {
            error
        } else {
            io::Error::other(Self(error))
        }
    }

    /// The failure of the file, if this error is one.
    pub(crate) fn unwrap(error: io::Error) -> io::Error {
        match error.downcast::<Self>() {
            Ok(Self(original)) => original,
            Err(other) => other,
        }
    }

    pub(crate) fn is_in(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}
