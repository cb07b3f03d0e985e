// SPDX-License-Identifier: Apache-2.0

//! Where the lines of a text break, known before the text is read.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io::{self, Read},
};

use permit_canonical_json::ByteRange;

/// The line feeds and carriage returns of a text, from the place on that was last asked about.
///
/// One bit for each byte that was delivered and not asked about yet, so that asking costs the
/// same whether lines are long or short.
#[derive(Debug, Default)]
pub(crate) struct LineBreaks {
    marks: RefCell<Marks>,
}

#[derive(Debug, Default)]
struct Marks {
    words: VecDeque<u64>,
    /// Offset in the text of the first bit.
    base: u64,
    /// Bytes that were delivered.
    delivered: u64,
    given_up: bool,
}

impl LineBreaks {
    /// Whether the text breaks within these bytes. Forgets what stands before them.
    pub(crate) fn within(&self, range: ByteRange) -> bool {
        let mut marks = self.marks.borrow_mut();
        marks.forget_before(range.start);
        marks.any(range)
    }

    /// Forgets everything, and takes nothing more: nobody is going to ask.
    pub(crate) fn give_up(&self) {
        *self.marks.borrow_mut() = Marks { given_up: true, ..Marks::default() };
    }

    fn deliver(&self, bytes: &[u8]) {
        let mut marks = self.marks.borrow_mut();
        if !marks.given_up {
            marks.deliver(bytes);
        }
    }
}

impl Marks {
    fn deliver(&mut self, bytes: &[u8]) {
        for (offset, byte) in (self.delivered..).zip(bytes) {
            if matches!(byte, b'\n' | b'\r') {
                self.mark(offset);
            }
        }
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.delivered = self.delivered.saturating_add(length);
    }

    fn mark(&mut self, offset: u64) {
        let Some(word) = self.word_of(offset) else { return };
        if word >= self.words.len() {
            self.words.resize(word.saturating_add(1), 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            *word |= 1 << (offset % BITS);
        }
    }

    fn any(&self, range: ByteRange) -> bool {
        let (Some(first), Some(last)) =
            (self.word_of(range.start), range.end.checked_sub(1).and_then(|end| self.word_of(end)))
        else {
            return false;
        };
        let behind = |end: u64| u64::MAX >> (BITS - 1 - (end.saturating_sub(1)) % BITS);
        let words = self.words.iter().enumerate().skip(first);
        words.take_while(|(index, _)| *index <= last).any(|(index, word)| {
            let from = if index == first { u64::MAX << (range.start % BITS) } else { u64::MAX };
            let to = if index == last { behind(range.end) } else { u64::MAX };
            word & from & to != 0
        })
    }

    fn forget_before(&mut self, offset: u64) {
        while self.base.saturating_add(BITS) <= offset && self.words.pop_front().is_some() {
            self.base = self.base.saturating_add(BITS);
        }
        if self.words.is_empty() {
            self.base = self.base.max(offset - offset % BITS);
        }
    }

    /// The index of the word that has the bit of this byte.
    fn word_of(&self, offset: u64) -> Option<usize> {
        usize::try_from(offset.checked_sub(self.base)? / BITS).ok()
    }
}

/// A text whose line breaks are noted while it is delivered.
#[derive(Debug)]
pub(crate) struct LineBreakRead<'b, R> {
    source: R,
    breaks: &'b LineBreaks,
}

impl<'b, R: Read> LineBreakRead<'b, R> {
    pub(crate) fn new(source: R, breaks: &'b LineBreaks) -> Self {
        Self { source, breaks }
    }
}

impl<R: Read> Read for LineBreakRead<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.breaks.deliver(buffer.get(..length).unwrap_or_default());
        Ok(length)
    }
}

const BITS: u64 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn breaks_of(text: &[u8]) -> LineBreaks {
        let breaks = LineBreaks::default();
        for piece in text.chunks(7) {
            breaks.deliver(piece);
        }
        breaks
    }

    #[test]
    fn every_range_is_answered_as_looking_would() {
        let mut text = vec![b' '; 300];
        for at in [0, 1, 63, 64, 65, 127, 190, 299] {
            text[at] = if at % 2 == 0 { b'\n' } else { b'\r' };
        }
        for start in 0..=300_usize {
            let breaks = breaks_of(&text);
            for end in start..=300 {
                let range = ByteRange::new(start as u64, end as u64);
                let looked = text[start..end].iter().any(|byte| matches!(byte, b'\n' | b'\r'));
                assert_eq!(breaks.within(range), looked, "{range}");
            }
        }
    }

    #[test]
    fn what_was_asked_about_is_forgotten() {
        let breaks = LineBreaks::default();
        for piece in 0..10_000_u64 {
            breaks.deliver(&[b'\n'; 100]);
            assert!(breaks.within(ByteRange::new(piece * 100, piece * 100 + 100)));
            assert!(breaks.marks.borrow().words.len() <= 4);
        }
    }

    #[test]
    fn who_gave_up_holds_nothing() {
        let breaks = breaks_of(&[b'\n'; 1_000]);
        breaks.give_up();
        breaks.deliver(&[b'\n'; 1_000]);
        assert!(breaks.marks.borrow().words.is_empty());
        assert!(!breaks.within(ByteRange::new(0, 2_000)));
    }
}
