// SPDX-License-Identifier: Apache-2.0

//! Files with one object a line, read a line at a time.

use std::io::{self, BufRead, BufReader, Read};

use permit_canonical_json::{Budget, ByteRange, Kind, ReadError, Value, read};

/// Why a file of lines ends early.
#[derive(Debug)]
pub(crate) enum LineFault {
    /// The source failed.
    Source(io::Error),
    /// A line is no acceptable JSON.
    Read { line: u64, offset: u64, error: ReadError },
    /// A line is JSON, but no object.
    NoObject { line: u64, range: ByteRange, found: Kind },
    /// A line is longer than is held in memory.
    TooLong { line: u64, limit: usize },
}

/// Shows every object of a file of lines to `take`, with its index among them and the offset of its line.
///
/// Lines end with a line feed. Blank ones are passed over.
pub(crate) fn read_lines(
    source: impl Read,
    budget: &Budget,
    mut take: impl FnMut(&Value<'_>, u64, u64),
) -> Result<(), LineFault> {
    let mut source = BufReader::with_capacity(BUFFER, source);
    let mut text = Vec::new();
    let (mut line, mut offset, mut index) = (0_u64, 0_u64, 0_u64);
    loop {
        text.clear();
        let limit = budget.value_bytes;
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let length = source.by_ref().take(most).read_until(b'\n', &mut text);
        let length = length.map_err(LineFault::Source)?;
        if length == 0 {
            return Ok(());
        }
        if length > limit {
            return Err(LineFault::TooLong { line, limit });
        }
        if !text.iter().all(u8::is_ascii_whitespace) {
            let value =
                read(&text, budget).map_err(|error| LineFault::Read { line, offset, error })?;
            if value.as_object().is_none() {
                let shifted = |at: u64| at.saturating_add(offset);
                let range =
                    ByteRange::new(shifted(value.range().start), shifted(value.range().end));
                return Err(LineFault::NoObject { line, range, found: value.kind() });
            }
            take(&value, index, offset);
            index = index.saturating_add(1);
        }
        line = line.saturating_add(1);
        offset = offset.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
    }
}

const BUFFER: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Result<Vec<(u64, u64)>, LineFault> {
        let mut seen = Vec::new();
        read_lines(text.as_bytes(), &Budget::default(), |_, index, offset| {
            seen.push((index, offset));
        })?;
        Ok(seen)
    }

    #[test]
    fn one_object_a_line() {
        assert_eq!(lines("").unwrap(), []);
        assert_eq!(lines("\n \r\n\t\n").unwrap(), []);
        assert_eq!(lines("{}\n{}").unwrap(), [(0, 0), (1, 3)]);
        assert_eq!(lines("{}\r\n\n {} \n").unwrap(), [(0, 0), (1, 5)]);
        assert_eq!(lines("{\"a\":\"\u{2028}\u{85}\"}\n").unwrap(), [(0, 0)]);
        for bad in [
            "{} {}\n",
            "{}\r{}\n",
            "{\n}\n",
            "[]\n",
            "1",
            "{}\u{b}{}",
            "\u{feff}{}",
            "{\"a\":1,\"a\":2}",
        ] {
            assert!(lines(bad).is_err(), "{bad:?}");
        }
        assert!(matches!(lines("{}\n3\n"), Err(LineFault::NoObject { line: 1, .. })));
        assert!(matches!(lines("{}\n{\n"), Err(LineFault::Read { line: 1, offset: 3, .. })));
    }

    #[test]
    fn a_line_without_end_is_not_held() {
        let mut budget = Budget::default();
        budget.value_bytes = 100;
        let endless = io::repeat(b' ');
        let fault = read_lines(endless, &budget, |_, _, _| {});
        assert!(matches!(fault, Err(LineFault::TooLong { line: 0, limit: 100 })));
    }
}
