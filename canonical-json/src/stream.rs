// SPDX-License-Identifier: Apache-2.0

//! Reading a document piece by piece, in memory that does not grow with it.

use std::{
    borrow::Cow,
    io::{self, Read},
    string::String,
    vec::Vec,
};

use crate::{
    budget::Budget,
    byte_range::ByteRange,
    pointer::{JsonPointer, PathStep},
    read_error::{ReadError, ReadErrorKind},
    reader::{BYTE_ORDER_MARK, Cursor, duplicate, offset},
    value::{Kind, Value},
};

/// Walks through a document of any length, holding one value of it at a time.
///
/// The caller decides how far it descends: it enters objects and arrays that
/// are too large for memory and takes everything below as [`Value`]s. The text is
/// judged as strictly as by [`read`](crate::read), members entered piece by piece
/// included.
///
/// ```
/// use permit_canonical_json::{Budget, StreamReader};
///
/// let text = br#"{"records": [{"id": 1}, {"id": 2}], "count": 2}"#;
/// let mut reader = StreamReader::new(text.as_slice(), Budget::default());
/// let mut ids = Vec::new();
/// reader.enter_object()?;
/// while reader.next_member()? {
///     if reader.member_name() == "records" {
///         reader.enter_array()?;
///         while reader.next_element()? {
///             ids.push(reader.with_value(|record| record.get("id").and_then(|id| id.as_u64()))?);
///         }
///     } else {
///         reader.skip_value()?;
///     }
/// }
/// reader.finish()?;
/// assert_eq!(ids, [Some(1), Some(2)]);
/// # Ok::<(), permit_canonical_json::StreamError>(())
/// ```
#[derive(Debug)]
pub struct StreamReader<R> {
    source: R,
    budget: Budget,
    /// Text that was read and not yet dropped; always valid UTF-8.
    text: String,
    /// Index into the text of the byte to be read next.
    at: usize,
    /// Offset in the input of the first byte of the text.
    base: u64,
    /// Bytes as they come from the source. A character cut in two waits here for its rest.
    raw: Vec<u8>,
    /// Bytes taken from the source so far.
    taken: u64,
    end: End,
    open: Vec<Container>,
    /// Whether a value comes next, and not what separates values or ends a container.
    before_value: bool,
    name: String,
    /// Line breaks in text that was dropped.
    dropped_line_breaks: u64,
}

/// How the input goes on behind the text that is held.
#[derive(Debug)]
enum End {
    /// There may be more.
    NotYet,
    /// The input ends there.
    Reached,
    /// What stands there cannot be read; told once the reader gets that far.
    Broken(ReadError),
}

/// An object or array that the caller has entered.
#[derive(Debug)]
enum Container {
    Object { names: std::collections::BTreeSet<String>, name_bytes: usize, current: Option<String> },
    Array { next: u64, started: bool },
}

/// Why reading piece by piece stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The input is not acceptable.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The source of the input failed.
    #[error("the input could not be read: {0}")]
    Source(#[from] io::Error),
}

impl<R: Read> StreamReader<R> {
    /// Starts reading at the first byte of `source`.
    pub fn new(source: R, budget: Budget) -> Self {
        Self {
            source,
            budget,
            text: String::new(),
            at: 0,
            base: 0,
            raw: Vec::new(),
            taken: 0,
            end: End::NotYet,
            open: Vec::new(),
            before_value: true,
            name: String::new(),
            dropped_line_breaks: 0,
        }
    }

    /// The kind of the value that comes next; nothing if the document ends here.
    ///
    /// # Errors
    /// If something else than a value comes next, or the source fails.
    pub fn peek_kind(&mut self) -> Result<Option<Kind>, StreamError> {
        match self.peek()? {
            None => Ok(None),
            Some(b'"') => Ok(Some(Kind::String)),
            Some(b'{') => Ok(Some(Kind::Object)),
            Some(b'[') => Ok(Some(Kind::Array)),
            Some(b'-' | b'0'..=b'9') => Ok(Some(Kind::Number)),
            Some(b't' | b'f') => Ok(Some(Kind::Bool)),
            Some(b'n') => Ok(Some(Kind::Null)),
            Some(_) => Err(self.unexpected("a value")),
        }
    }

    /// The byte that comes next after white space; nothing at the end of the input.
    ///
    /// # Errors
    /// If the source fails, or what comes next is not text.
    pub fn peek(&mut self) -> Result<Option<u8>, StreamError> {
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let space = rest.iter().position(|byte| !b" \n\r\t".contains(byte));
            self.at += space.unwrap_or(rest.len());
            if let Some(found) = self.text.as_bytes().get(self.at) {
                return Ok(Some(*found));
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Enters the object that comes next.
    ///
    /// # Errors
    /// If no object comes next, it is nested too deep, or the source fails.
    pub fn enter_object(&mut self) -> Result<(), StreamError> {
        self.enter(b'{', "`{`")?;
        self.open.push(Container::Object {
            names: std::collections::BTreeSet::new(),
            name_bytes: 0,
            current: None,
        });
        Ok(())
    }

    /// Enters the array that comes next.
    ///
    /// # Errors
    /// If no array comes next, it is nested too deep, or the source fails.
    pub fn enter_array(&mut self) -> Result<(), StreamError> {
        self.enter(b'[', "`[`")?;
        self.open.push(Container::Array { next: 0, started: false });
        Ok(())
    }

    fn enter(&mut self, bracket: u8, expected: &'static str) -> Result<(), StreamError> {
        if self.peek()? != Some(bracket) {
            return Err(self.unexpected(expected));
        }
        let limit = self.budget.effective_depth();
        if self.open.len() >= usize::from(limit) {
            return Err(self.fault(ReadErrorKind::TooDeep { limit }, 1));
        }
        self.at += 1;
        self.before_value = false;
        Ok(())
    }

    /// Leaves the container entered last; the cursor stands on its closing bracket.
    fn leave(&mut self) {
        self.at += 1;
        self.open.pop();
        self.before_value = false;
    }

    /// Goes on to the next member of the object entered last: reads its name,
    /// so that its value comes next. Leaves the object and returns `false` at its end.
    ///
    /// The value of the member before must have been read, entered and left, or skipped.
    ///
    /// # Errors
    /// If the text is at fault here, a name repeats an earlier one, or the source fails.
    pub fn next_member(&mut self) -> Result<bool, StreamError> {
        let first = match self.open.last() {
            Some(Container::Object { current, .. }) => current.is_none(),
            _ => return Err(self.unexpected("a member of an object that was entered")),
        };
        match self.peek()? {
            Some(b'}') => {
                self.leave();
                return Ok(false);
            }
            Some(b',') if !first => {
                self.at += 1;
                self.peek()?;
            }
            _ if first => {}
            _ => return Err(self.unexpected("`,` or `}`")),
        }
        let start = self.position();
        self.name = self.parse(|cursor, _| cursor.name().map(Cow::into_owned))?;
        self.remember_name(start)?;
        self.parse(|cursor, _| cursor.colon())?;
        if let Some(Container::Object { current, .. }) = self.open.last_mut() {
            *current = Some(self.name.clone());
        }
        self.before_value = true;
        Ok(true)
    }

    /// Keeps the name just read among those of its object.
    fn remember_name(&mut self, start: u64) -> Result<(), StreamError> {
        let end = self.position();
        let Some(Container::Object { names, name_bytes, .. }) = self.open.last_mut() else {
            return Ok(());
        };
        if !names.insert(self.name.clone()) {
            let error = duplicate(&self.name, ByteRange::new(start, end));
            return Err(within(error, &self.pointer()).into());
        }
        *name_bytes = name_bytes.saturating_add(self.name.len());
        let (held, count) = (*name_bytes, names.len());
        if held > self.budget.value_bytes {
            let limit = self.budget.value_bytes;
            return Err(self.fault(ReadErrorKind::ValueTooLong { limit }, 0));
        }
        if count > self.budget.members {
            let limit = self.budget.members;
            return Err(self.fault(ReadErrorKind::TooManyMembers { limit }, 0));
        }
        Ok(())
    }

    /// The name of the member whose value comes next.
    #[must_use]
    pub fn member_name(&self) -> &str {
        &self.name
    }

    /// Goes on to the next element of the array entered last, so that it comes
    /// next. Leaves the array and returns `false` at its end.
    ///
    /// # Errors
    /// If the text is at fault here, or the source fails.
    pub fn next_element(&mut self) -> Result<bool, StreamError> {
        let first = match self.open.last() {
            Some(Container::Array { started, .. }) => !started,
            _ => return Err(self.unexpected("an element of an array that was entered")),
        };
        match self.peek()? {
            Some(b']') => {
                self.leave();
                return Ok(false);
            }
            Some(b',') if !first => self.at += 1,
            _ if first => {}
            _ => return Err(self.unexpected("`,` or `]`")),
        }
        if let Some(Container::Array { next, started }) = self.open.last_mut() {
            if *started {
                *next = next.saturating_add(1);
            }
            *started = true;
        }
        self.before_value = true;
        Ok(true)
    }

    /// Reads the value that comes next and hands it to `use_value`, which is called once.
    ///
    /// # Errors
    /// If the text is at fault, the value is beyond the budget, or the source fails.
    pub fn with_value<T>(
        &mut self,
        mut use_value: impl FnMut(&Value<'_>) -> T,
    ) -> Result<T, StreamError> {
        self.peek()?;
        let result = self.parse(|cursor, at_end| {
            let value = cursor.value()?;
            // A number that ends with the text may go on in what was not read yet.
            if !at_end && cursor.peek().is_none() && value.kind() == Kind::Number {
                return Err(cursor.unexpected("the rest of the number"));
            }
            Ok(use_value(&value))
        })?;
        self.before_value = false;
        Ok(result)
    }

    /// Reads the value that comes next, judges it, and forgets it.
    ///
    /// # Errors
    /// As [`StreamReader::with_value`].
    pub fn skip_value(&mut self) -> Result<(), StreamError> {
        self.with_value(|_| ())
    }

    /// Checks that nothing follows the document.
    ///
    /// # Errors
    /// If something does, or the source fails.
    pub fn finish(&mut self) -> Result<(), StreamError> {
        match self.peek()? {
            None => Ok(()),
            Some(_) => Err(self.fault(ReadErrorKind::TrailingData, 1)),
        }
    }

    /// Offset in the input of the byte to be read next.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.base.saturating_add(offset(self.at))
    }

    /// Line breaks in the text that was read so far: line feeds and carriage returns.
    #[must_use]
    pub fn line_breaks(&self) -> u64 {
        let read = self.text.as_bytes().get(..self.at).unwrap_or_default();
        self.dropped_line_breaks.saturating_add(count_line_breaks(read))
    }

    /// The path to the value that comes next; between values, to their container.
    #[must_use]
    pub fn pointer(&self) -> JsonPointer {
        let outer =
            if self.before_value { self.open.len() } else { self.open.len().saturating_sub(1) };
        let steps = self.open.iter().take(outer).filter_map(|container| match container {
            Container::Object { current, .. } => current.clone().map(PathStep::Member),
            Container::Array { next, started } => started.then_some(PathStep::Index(*next)),
        });
        steps.collect::<Vec<_>>().into()
    }

    /// Runs `step` on the text from the current place on; if the text ends within,
    /// reads more and runs it again. Takes from the text what `step` read.
    ///
    /// `step` is told whether the input ends with the text.
    fn parse<T>(
        &mut self,
        mut step: impl FnMut(&mut Cursor<'_, '_>, bool) -> Result<T, ReadError>,
    ) -> Result<T, StreamError> {
        loop {
            let at_end = !matches!(self.end, End::NotYet);
            let depth = u16::try_from(self.open.len()).unwrap_or(u16::MAX);
            let rest = self.text.get(self.at..).unwrap_or_default();
            let held = rest.len();
            let mut cursor = Cursor::new(rest, self.position(), depth, &self.budget);
            match step(&mut cursor, at_end) {
                Ok(result) => {
                    self.at = self.at.saturating_add(cursor.at);
                    return Ok(result);
                }
                Err(error) if *error.kind() != ReadErrorKind::UnexpectedEnd => {
                    return Err(within(error, &self.pointer()).into());
                }
                Err(error) => {
                    if held > self.budget.value_bytes {
                        let limit = self.budget.value_bytes;
                        return Err(self.fault(ReadErrorKind::ValueTooLong { limit }, held));
                    }
                    let place = self.pointer().join(&error.pointer());
                    if !self.fill_at(&place)? {
                        return Err(within(error, &self.pointer()).into());
                    }
                }
            }
        }
    }

    fn fill(&mut self) -> Result<bool, StreamError> {
        let place = self.pointer();
        self.fill_at(&place)
    }

    /// Reads more text. Returns `false` at the end of the input.
    ///
    /// `place` is the path to what is being read, should the text end in a fault.
    fn fill_at(&mut self, place: &JsonPointer) -> Result<bool, StreamError> {
        match &self.end {
            End::Reached => return Ok(false),
            End::Broken(error) => return Err(within(error.clone(), place).into()),
            End::NotYet => {}
        }
        self.drop_read_text();
        let wanted = CHUNK.max(self.text.len());
        let carried = self.raw.len();
        self.raw.resize(carried.saturating_add(wanted), 0);
        let got = read_some(&mut self.source, self.raw.get_mut(carried..).unwrap_or_default());
        let got = match got {
            Ok(got) => got,
            Err(error) => {
                self.raw.truncate(carried);
                return Err(error.into());
            }
        };
        self.raw.truncate(carried.saturating_add(got));
        self.taken = self.taken.saturating_add(offset(got));
        self.end = self.take_raw(got == 0);
        Ok(true)
    }

    /// Moves what is valid of the raw bytes into the text, and says how the input goes on.
    fn take_raw(&mut self, source_ended: bool) -> End {
        let start = self.base.saturating_add(offset(self.text.len()));
        if start == 0 && self.raw.starts_with(BYTE_ORDER_MARK) {
            let at = ByteRange::new(0, 3);
            return End::Broken(ReadError::new(ReadErrorKind::ByteOrderMark, at));
        }
        if self.taken > self.budget.input_bytes {
            let limit = self.budget.input_bytes;
            let at = ByteRange::new(limit, self.taken);
            return End::Broken(ReadError::new(ReadErrorKind::InputTooLong { limit }, at));
        }
        let (valid, bad) = match std::str::from_utf8(&self.raw) {
            Ok(text) => {
                self.text.push_str(text);
                self.raw.clear();
                return if source_ended { End::Reached } else { End::NotYet };
            }
            Err(error) => (error.valid_up_to(), error.error_len()),
        };
        if let Some(Ok(text)) = self.raw.get(..valid).map(std::str::from_utf8) {
            self.text.push_str(text);
        }
        self.raw.drain(..valid);
        match bad {
            None if !source_ended => End::NotYet,
            _ => {
                let from = start.saturating_add(offset(valid));
                let length = offset(bad.unwrap_or(self.raw.len()));
                let at = ByteRange::new(from, from.saturating_add(length));
                End::Broken(ReadError::new(ReadErrorKind::InvalidUtf8, at))
            }
        }
    }

    fn drop_read_text(&mut self) {
        let read = self.text.as_bytes().get(..self.at).unwrap_or_default();
        self.dropped_line_breaks = self.dropped_line_breaks.saturating_add(count_line_breaks(read));
        self.base = self.position();
        self.text.drain(..self.at);
        self.at = 0;
    }

    /// The error for what stands here instead of something else.
    fn unexpected(&self, expected: &'static str) -> StreamError {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let error = Cursor::new(rest, self.position(), 0, &self.budget).unexpected(expected);
        within(error, &self.pointer()).into()
    }

    /// An error about the next `length` bytes.
    fn fault(&self, kind: ReadErrorKind, length: usize) -> StreamError {
        let start = self.position();
        let error =
            ReadError::new(kind, ByteRange::new(start, start.saturating_add(offset(length))));
        within(error, &self.pointer()).into()
    }
}

/// The same error, its path continued from `outer`.
fn within(error: ReadError, outer: &JsonPointer) -> ReadError {
    outer.steps().iter().rev().cloned().fold(error, ReadError::inside)
}

/// Reads at least one byte unless the source is at its end.
fn read_some(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

fn count_line_breaks(bytes: &[u8]) -> u64 {
    offset(bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count())
}

/// Bytes asked of the source at a time: large enough that calls cost nothing,
/// small enough to stay in a processor's cache.
const CHUNK: usize = 256 * 1024;
