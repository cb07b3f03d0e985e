// SPDX-License-Identifier: Apache-2.0

//! Reading as much as was asked for, whatever the pieces in which a source delivers.

use std::io::{self, ErrorKind, Read};

/// Fills buffers to their end unless the source ends or fails before.
///
/// What is read, and how long it takes, would otherwise depend on the source: a value that is not
/// yet whole is read again when more of it is there, so that many small pieces of a large value
/// cost quadratic time. An interrupted read is repeated. A source that ended stays ended, even if
/// it would have more later, as a file has that grows: what is hashed is then what was parsed.
#[derive(Debug)]
pub(crate) struct FullRead<R> {
    source: R,
    ended: bool,
    /// A failure that came after bytes; told when these have been taken.
    failed: Option<io::Error>,
}

impl<R: Read> FullRead<R> {
    pub(crate) fn new(source: R) -> Self {
        Self { source, ended: false, failed: None }
    }
}

impl<R: Read> Read for FullRead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = self.failed.take() {
            self.ended = true;
            return Err(error);
        }
        let mut filled = 0_usize;
        while !self.ended {
            let rest = buffer.get_mut(filled..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            match self.source.read(rest) {
                Ok(0) => self.ended = true,
                Ok(length) => filled = filled.saturating_add(length),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if filled == 0 => {
                    self.ended = true;
                    return Err(error);
                }
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            }
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Delivers what it is told to, one piece or failure a read.
    struct Script(Vec<Result<&'static [u8], ErrorKind>>);

    impl Read for Script {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Ok(0);
            }
            let bytes = self.0.remove(0).map_err(io::Error::from)?;
            buffer[..bytes.len()].copy_from_slice(bytes);
            Ok(bytes.len())
        }
    }

    fn reads(script: Vec<Result<&'static [u8], ErrorKind>>) -> Vec<Result<String, ErrorKind>> {
        let mut reader = FullRead::new(Script(script));
        let mut read = || {
            let mut buffer = [0; 4];
            let length = reader.read(&mut buffer).map_err(|error| error.kind())?;
            Ok(String::from_utf8_lossy(&buffer[..length]).into_owned())
        };
        (0..4).map(|_| read()).collect()
    }

    fn text(text: &str) -> Result<String, ErrorKind> {
        Ok(text.to_owned())
    }

    #[test]
    fn pieces_are_put_together_and_interruptions_passed_over() {
        let script = vec![Ok(b"ab".as_slice()), Err(ErrorKind::Interrupted), Ok(b"c"), Ok(b"d")];
        assert_eq!(reads(script), [text("abcd"), text(""), text(""), text("")]);
    }

    #[test]
    fn an_end_is_the_end() {
        let script = vec![Ok(b"a".as_slice()), Ok(b""), Ok(b"b")];
        assert_eq!(reads(script), [text("a"), text(""), text(""), text("")]);
    }

    #[test]
    fn a_failure_waits_for_the_bytes_before_it_and_is_told_once() {
        let script = vec![Ok(b"a".as_slice()), Err(ErrorKind::TimedOut), Ok(b"b")];
        assert_eq!(reads(script), [text("a"), Err(ErrorKind::TimedOut), text(""), text("")]);
        let script = vec![Err(ErrorKind::TimedOut), Ok(b"b".as_slice())];
        assert_eq!(reads(script), [Err(ErrorKind::TimedOut), text(""), text(""), text("")]);
    }
}
