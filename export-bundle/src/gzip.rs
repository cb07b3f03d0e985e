// SPDX-License-Identifier: Apache-2.0

//! Compressed exports: one gzip stream, nothing behind it, and not much larger unpacked than packed.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

use crate::tap::SourceFailed;

/// How far a compressed export may unfold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GzipLimits {
    /// Unpacked bytes for one packed byte. Default 200; exports pack about 6 to 1,
    /// the format allows more than 1,000 to 1.
    pub ratio: u64,
    /// Unpacked bytes that are always allowed. Default 16 MiB.
    pub always: u64,
}

impl Default for GzipLimits {
    fn default() -> Self {
        Self { ratio: 200, always: 16 * 1024 * 1024 }
    }
}

/// Why a compressed export cannot be unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GzipFault {
    /// The bytes are not those of a gzip stream, or its checksum is wrong.
    #[error("the gzip stream is corrupt")]
    Corrupt,
    /// The stream ends too early.
    #[error("the gzip stream is cut off")]
    Truncated,
    /// Something follows the stream.
    #[error("there are more bytes behind the gzip stream")]
    TrailingData,
    /// The stream unfolds to more than is allowed.
    #[error("the gzip stream unfolds to more than {ratio} times its size")]
    Ratio {
        /// The limit.
        ratio: u64,
    },
}

impl GzipFault {
    /// Whether a limit was reached, so that nothing can be said about the export.
    #[must_use]
    pub fn is_limit(self) -> bool {
        matches!(self, Self::Ratio { .. })
    }

    /// The fault that an error of a reader carries.
    pub(crate) fn in_error(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref::<Self>().copied()
    }
}

/// Unpacks one gzip stream.
#[derive(Debug)]
pub(crate) struct GzipRead<R> {
    decoder: GzDecoder<BufReader<Counted<R>>>,
    limits: GzipLimits,
    unpacked: u64,
    ended: bool,
}

impl<R: Read> GzipRead<R> {
    pub(crate) fn new(source: R, limits: GzipLimits) -> Self {
        let counted = Counted { source, count: 0 };
        let decoder = GzDecoder::new(BufReader::with_capacity(BUFFER, counted));
        Self { decoder, limits, unpacked: 0, ended: false }
    }

    fn packed(&self) -> u64 {
        self.decoder.get_ref().get_ref().count
    }

    fn check_end(&mut self) -> io::Result<()> {
        let rest = self.decoder.get_mut().fill_buf()?;
        if !rest.is_empty() {
            return Err(io::Error::other(GzipFault::TrailingData));
        }
        self.ended = true;
        Ok(())
    }
}

impl<R: Read> Read for GzipRead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        let length = self.decoder.read(buffer).map_err(as_fault)?;
        if length == 0 {
            self.check_end()?;
            return Ok(0);
        }
        self.unpacked = self.unpacked.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        let allowed = self.packed().saturating_mul(self.limits.ratio).max(self.limits.always);
        if self.unpacked > allowed {
            return Err(io::Error::other(GzipFault::Ratio { ratio: self.limits.ratio }));
        }
        Ok(length)
    }
}

/// What the decoder says of the bytes, as a fault; failures of the file stay what they are.
fn as_fault(error: io::Error) -> io::Error {
    if SourceFailed::is_in(&error) {
        return error;
    }
    let fault = match error.kind() {
        io::ErrorKind::UnexpectedEof => GzipFault::Truncated,
        _ => GzipFault::Corrupt,
    };
    io::Error::other(fault)
}

#[derive(Debug)]
struct Counted<R> {
    source: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.count = self.count.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        Ok(length)
    }
}

const BUFFER: usize = 64 * 1024;
