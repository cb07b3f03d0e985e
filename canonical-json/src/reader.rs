// SPDX-License-Identifier: Apache-2.0

//! The one reader: text to [`Value`], strictly.

use alloc::{borrow::Cow, boxed::Box, format, string::String, vec::Vec};

use crate::{
    budget::Budget,
    byte_range::ByteRange,
    pointer::PathStep,
    read_error::{Excerpt, ReadError, ReadErrorKind},
    value::{LexicalClass, Member, Node, Number, Object, Value},
};

/// Reads one JSON document that is wholly in memory.
///
/// Strict means: UTF-8 without a byte order mark, the grammar of RFC 8259 and
/// nothing more, no two members of the same name in one object, no half
/// surrogates, nothing after the document, and no more than `budget` allows.
///
/// ```
/// use permit_canonical_json::{Budget, ReadErrorKind, read};
///
/// let value = read(br#"{"amount": 1.0}"#, &Budget::default())?;
/// assert_eq!(value.get("amount").and_then(|v| v.as_number()).map(|n| n.as_str()), Some("1.0"));
///
/// let error = read(br#"{"a": {"b": 1, "b": 2}}"#, &Budget::default()).unwrap_err();
/// assert!(matches!(error.kind(), ReadErrorKind::DuplicateMember { .. }));
/// assert_eq!(error.pointer().to_string(), "/a/b");
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
///
/// # Errors
/// What is wrong, the bytes that show it, and the path to the value being read.
pub fn read<'a>(bytes: &'a [u8], budget: &Budget) -> Result<Value<'a>, ReadError> {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if length > budget.input_bytes {
        let kind = ReadErrorKind::InputTooLong { limit: budget.input_bytes };
        return Err(ReadError::new(kind, ByteRange::new(budget.input_bytes, length)));
    }
    if bytes.starts_with(BYTE_ORDER_MARK) {
        return Err(ReadError::new(ReadErrorKind::ByteOrderMark, ByteRange::new(0, 3)));
    }
    match core::str::from_utf8(bytes) {
        Ok(text) => read_text(text, budget),
        Err(error) => Err(first_fault(bytes, error, budget)),
    }
}

/// Reads one JSON document from text. See [`read`].
///
/// # Errors
/// As [`read`].
pub fn read_text<'a>(text: &'a str, budget: &Budget) -> Result<Value<'a>, ReadError> {
    let mut cursor = Cursor::new(text, 0, 0, budget);
    cursor.skip_white_space();
    let value = cursor.value()?;
    cursor.skip_white_space();
    if cursor.peek().is_some() {
        return Err(cursor.fault(ReadErrorKind::TrailingData, cursor.at, cursor.at + 1));
    }
    Ok(value)
}

/// Of the bytes that are not UTF-8 and a fault before them, whichever comes first.
fn first_fault(bytes: &[u8], error: core::str::Utf8Error, budget: &Budget) -> ReadError {
    let valid = error.valid_up_to();
    let text = bytes.get(..valid).and_then(|prefix| core::str::from_utf8(prefix).ok());
    let mut path = None;
    if let Some(text) = text {
        let mut cursor = Cursor::new(text, 0, 0, budget);
        cursor.skip_white_space();
        match cursor.value() {
            Err(error) if *error.kind() != ReadErrorKind::UnexpectedEnd => return error,
            Err(error) => path = Some(error),
            Ok(_) => {
                cursor.skip_white_space();
                if cursor.peek().is_some() {
                    let kind = ReadErrorKind::TrailingData;
                    return cursor.fault(kind, cursor.at, cursor.at + 1);
                }
            }
        }
    }
    let bad = error.error_len().unwrap_or(bytes.len().saturating_sub(valid));
    let at = ByteRange::new(offset(valid), offset(valid.saturating_add(bad)));
    let fault = ReadError::new(ReadErrorKind::InvalidUtf8, at);
    match path {
        Some(error) => {
            let steps = error.pointer();
            steps.steps().iter().rev().cloned().fold(fault, ReadError::inside)
        }
        None => fault,
    }
}

/// A place in a text, and the rules for reading on from there.
///
/// Shared by the reader of whole documents and the one that reads piece by piece.
#[derive(Debug)]
pub(crate) struct Cursor<'a, 'b> {
    text: &'a str,
    bytes: &'a [u8],
    /// Index into the text of the byte to be read next.
    pub(crate) at: usize,
    /// Offset in the input of the first byte of the text.
    base: u64,
    /// Containers that are open around the place.
    depth: u16,
    limit: u16,
    budget: &'b Budget,
}

impl<'a, 'b> Cursor<'a, 'b> {
    pub(crate) fn new(text: &'a str, base: u64, depth: u16, budget: &'b Budget) -> Self {
        let limit = budget.effective_depth();
        Self { text, bytes: text.as_bytes(), at: 0, base, depth, limit, budget }
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The range in the input of bytes `start..end` of the text.
    pub(crate) fn range(&self, start: usize, end: usize) -> ByteRange {
        ByteRange::new(
            self.base.saturating_add(offset(start)),
            self.base.saturating_add(offset(end)),
        )
    }

    pub(crate) fn fault(&self, kind: ReadErrorKind, start: usize, end: usize) -> ReadError {
        ReadError::new(kind, self.range(start, end))
    }

    pub(crate) fn skip_white_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// The error for a byte that cannot stand here, or for the end of the text.
    pub(crate) fn unexpected(&self, expected: &'static str) -> ReadError {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            None => self.fault(ReadErrorKind::UnexpectedEnd, self.at, self.at),
            Some(character) => {
                let found = format!("`{}`", Excerpt(character.encode_utf8(&mut [0; 4])));
                let kind = ReadErrorKind::UnexpectedCharacter { found, expected };
                self.fault(kind, self.at, self.at + character.len_utf8())
            }
        }
    }

    /// Reads the value that starts here.
    pub(crate) fn value(&mut self) -> Result<Value<'a>, ReadError> {
        let start = self.at;
        let node = match self.peek() {
            Some(b'"') => Node::String(self.string()?),
            Some(b'{') => self.object()?,
            Some(b'[') => self.array()?,
            Some(b'-' | b'0'..=b'9') => Node::Number(self.number()?),
            Some(b't') => self.literal("true", Node::Bool(true))?,
            Some(b'f') => self.literal("false", Node::Bool(false))?,
            Some(b'n') => self.literal("null", Node::Null)?,
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Value::read(node, self.range(start, self.at)))
    }

    fn literal(&mut self, word: &'static str, node: Node<'a>) -> Result<Node<'a>, ReadError> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                return Err(self.unexpected("`true`, `false` or `null`"));
            }
            self.at += 1;
        }
        Ok(node)
    }

    fn open(&mut self) -> Result<(), ReadError> {
        if self.depth >= self.limit {
            let kind = ReadErrorKind::TooDeep { limit: self.limit };
            return Err(self.fault(kind, self.at, self.at + 1));
        }
        self.depth += 1;
        self.at += 1;
        self.skip_white_space();
        Ok(())
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.at += 1;
    }

    fn array(&mut self) -> Result<Node<'a>, ReadError> {
        self.open()?;
        let mut elements = Vec::new();
        if self.peek() == Some(b']') {
            self.close();
            return Ok(Node::Array(elements));
        }
        loop {
            let index = offset(elements.len());
            self.check_count(elements.len())?;
            let element = self.value().map_err(|error| error.inside(PathStep::Index(index)))?;
            elements.push(element);
            self.skip_white_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.close();
                    return Ok(Node::Array(elements));
                }
                _ => return Err(self.unexpected("`,` or `]`")),
            }
            self.skip_white_space();
        }
    }

    fn object(&mut self) -> Result<Node<'a>, ReadError> {
        self.open()?;
        let mut members: Vec<Member<'a>> = Vec::new();
        if self.peek() == Some(b'}') {
            self.close();
            return Ok(Node::Object(Object::default()));
        }
        loop {
            self.check_count(members.len())?;
            let start = self.at;
            let name = self.name()?;
            let name_range = self.range(start, self.at);
            if members.len() < FEW_MEMBERS && members.iter().any(|m| m.name() == name) {
                return Err(duplicate(&name, name_range));
            }
            self.colon()?;
            let value = match self.value() {
                Ok(value) => value,
                Err(error) => return Err(error.inside(PathStep::Member(name.into_owned()))),
            };
            if members.is_empty() {
                members.reserve(8);
            }
            members.push(Member::new(name, name_range, value));
            self.skip_white_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.close();
                    check_many_names(&members)?;
                    return Ok(Node::Object(Object::from_members(members)));
                }
                _ => return Err(self.unexpected("`,` or `}`")),
            }
            self.skip_white_space();
        }
    }

    fn check_count(&self, count: usize) -> Result<(), ReadError> {
        if count < self.budget.members {
            return Ok(());
        }
        let kind = ReadErrorKind::TooManyMembers { limit: self.budget.members };
        Err(self.fault(kind, self.at, self.at))
    }

    /// Reads the name of a member.
    pub(crate) fn name(&mut self) -> Result<Cow<'a, str>, ReadError> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a member name"));
        }
        let name = self.string()?;
        if name.len() > self.budget.name_bytes {
            let kind = ReadErrorKind::NameTooLong { limit: self.budget.name_bytes };
            return Err(self.fault(kind, start, self.at));
        }
        Ok(name)
    }

    /// Reads the colon behind a name and the white space around it.
    pub(crate) fn colon(&mut self) -> Result<(), ReadError> {
        self.skip_white_space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("`:`"));
        }
        self.at += 1;
        self.skip_white_space();
        Ok(())
    }

    fn number(&mut self) -> Result<Number<'a>, ReadError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let whole = self.digits();
        let leading_zero = self.bytes.get(self.at - whole) == Some(&b'0') && whole > 1;
        if whole == 0 || leading_zero {
            return Err(self.bad_number(start, whole == 0));
        }
        let mut class = LexicalClass::Integer;
        if self.peek() == Some(b'.') {
            class = LexicalClass::Float;
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.bad_number(start, true));
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            class = LexicalClass::Float;
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.bad_number(start, true));
            }
        }
        if self.at - start > self.budget.number_bytes {
            let kind = ReadErrorKind::NumberTooLong { limit: self.budget.number_bytes };
            return Err(self.fault(kind, start, self.at));
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        Ok(Number::new(text, class))
    }

    /// Skips digits and says how many there were.
    fn digits(&mut self) -> usize {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at - start
    }

    fn bad_number(&self, start: usize, may_continue: bool) -> ReadError {
        if may_continue && self.peek().is_none() {
            return self.fault(ReadErrorKind::UnexpectedEnd, self.at, self.at);
        }
        self.fault(ReadErrorKind::InvalidNumber, start, self.at.max(start + 1))
    }

    /// Reads a string; the cursor stands on its first quotation mark.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, ReadError> {
        self.at += 1;
        let start = self.at;
        self.skip_plain();
        if self.peek() == Some(b'"') {
            let text = self.text.get(start..self.at).unwrap_or_default();
            self.at += 1;
            return Ok(Cow::Borrowed(text));
        }
        let mut resolved = String::new();
        let mut run = start;
        loop {
            self.skip_plain();
            resolved.push_str(self.text.get(run..self.at).unwrap_or_default());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(resolved));
                }
                Some(b'\\') => resolved.push(self.escape()?),
                Some(control) => {
                    let found = format!("U+{control:04X}");
                    let kind = ReadErrorKind::ControlCharacter { found };
                    return Err(self.fault(kind, self.at, self.at + 1));
                }
                None => return Err(self.unexpected("`\"`")),
            }
            run = self.at;
        }
    }

    /// Moves on to the next quotation mark, backslash or control character.
    fn skip_plain(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (words, tail) = rest.as_chunks::<8>();
        for word in words {
            let special = special_bytes(u64::from_le_bytes(*word));
            if special != 0 {
                self.at += lowest_byte(special);
                return;
            }
            self.at += 8;
        }
        let plain = tail.iter().position(|byte| matches!(byte, 0..0x20 | b'"' | b'\\'));
        self.at += plain.unwrap_or(tail.len());
    }

    fn escape(&mut self) -> Result<char, ReadError> {
        let start = self.at;
        self.at += 1;
        let short = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(start),
            Some(_) => return Err(self.fault(ReadErrorKind::InvalidEscape, start, self.at)),
            None => return Err(self.unexpected("an escape sequence")),
        };
        self.at += 1;
        Ok(short)
    }

    fn unicode_escape(&mut self, start: usize) -> Result<char, ReadError> {
        let first = self.code_unit(start)?;
        if let Some(character) = char::from_u32(u32::from(first)) {
            return Ok(character);
        }
        let lone = ReadErrorKind::LoneSurrogate;
        let high_end = self.at;
        if first >= 0xdc00 {
            return Err(self.fault(lone, start, high_end));
        }
        for expected in *b"\\u" {
            match self.bytes.get(self.at) {
                Some(byte) if *byte == expected => {
                    // Stands on the `u` after the loop, as `code_unit` wants it.
                    self.at += usize::from(expected == b'\\');
                }
                Some(_) => return Err(self.fault(lone, start, high_end)),
                None => return Err(self.unexpected("an escape sequence")),
            }
        }
        let second = self.code_unit(high_end)?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(self.fault(lone, start, high_end));
        }
        let scalar = 0x1_0000 + ((u32::from(first) - 0xd800) << 10) + (u32::from(second) - 0xdc00);
        char::from_u32(scalar).ok_or_else(|| self.fault(lone, start, self.at))
    }

    /// Reads four hexadecimal digits; the cursor stands on the `u` before them.
    fn code_unit(&mut self, start: usize) -> Result<u16, ReadError> {
        self.at += 1;
        let mut unit = 0_u16;
        for _ in 0..4 {
            let digit = match self.peek() {
                Some(digit @ b'0'..=b'9') => digit - b'0',
                Some(digit @ b'a'..=b'f') => digit - b'a' + 10,
                Some(digit @ b'A'..=b'F') => digit - b'A' + 10,
                Some(_) => return Err(self.fault(ReadErrorKind::InvalidEscape, start, self.at)),
                None => return Err(self.unexpected("a hexadecimal digit")),
            };
            unit = (unit << 4) | u16::from(digit);
            self.at += 1;
        }
        Ok(unit)
    }
}

/// Looks for equal names among the members of an object too large to compare each with each.
fn check_many_names(members: &[Member<'_>]) -> Result<(), ReadError> {
    if members.len() <= FEW_MEMBERS {
        return Ok(());
    }
    let mut sorted: Vec<&Member<'_>> = members.iter().collect();
    // Stable, so that of two equal names the later one stands second.
    sorted.sort_by(|a, b| a.name().cmp(b.name()));
    let equal = sorted.iter().zip(sorted.iter().skip(1)).filter(|(a, b)| a.name() == b.name());
    match equal.map(|(_, later)| later).min_by_key(|later| later.name_range()) {
        Some(later) => Err(duplicate(later.name(), later.name_range())),
        None => Ok(()),
    }
}

pub(crate) fn duplicate(name: &str, at: ByteRange) -> ReadError {
    let error = ReadError::new(ReadErrorKind::DuplicateMember { name: Box::from(name) }, at);
    error.inside(PathStep::Member(String::from(name)))
}

/// Marks the bytes that end a plain run: below 0x20, `"` and `\`.
///
/// The lowest mark is exact; marks above it may be wrong, since borrows run upwards.
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = ONES << 7;
    let below = |bound: u64| word.wrapping_sub(ONES * bound) & !word & HIGHS;
    let equal = |byte: u8| {
        let difference = word ^ (ONES * u64::from(byte));
        difference.wrapping_sub(ONES) & !difference & HIGHS
    };
    below(0x20) | equal(b'"') | equal(b'\\')
}

/// Index of the lowest byte that is marked.
fn lowest_byte(marks: u64) -> usize {
    usize::try_from(marks.trailing_zeros() / 8).unwrap_or(0)
}

/// An index as an offset; no platform's index exceeds 64 bits.
pub(crate) fn offset(index: usize) -> u64 {
    u64::try_from(index).unwrap_or(u64::MAX)
}

pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Up to this many members, names are compared each with each while reading.
const FEW_MEMBERS: usize = 24;
