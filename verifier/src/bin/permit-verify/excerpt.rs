// SPDX-License-Identifier: Apache-2.0

//! The place of a finding in its file, as a person looks for it.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::Path,
};

use permit_canonical_json::ByteRange;

/// The line of the file around a range of bytes, the range marked. Nothing, if the file is
/// compressed or cannot be read again.
pub(crate) fn of(path: &Path, range: ByteRange) -> Option<String> {
    if range.is_empty() {
        return None;
    }
    let mut file = File::open(path).ok()?;
    let mut magic = [0; 2];
    file.read_exact(&mut magic).ok()?;
    if magic == *b"\x1f\x8b" {
        return None;
    }
    let from = range.start.saturating_sub(BEFORE);
    file.seek(SeekFrom::Start(from)).ok()?;
    let mut bytes = Vec::new();
    file.take(BEFORE + WITHIN + AFTER).read_to_end(&mut bytes).ok()?;
    let at = usize::try_from(range.start - from).ok()?;
    let (before, rest) = bytes.split_at_checked(at)?;
    let marked = usize::try_from(range.len().min(WITHIN)).ok()?.min(rest.len());
    let (within, after) = rest.split_at_checked(marked)?;
    let before = last_line(before);
    let within = first_line(within);
    let after = if within.len() == marked { first_line(after) } else { String::new() };
    let shown = |text: &str| text.chars().map(printable).collect::<String>();
    let (before, within, after) = (shown(&before), shown(&within), shown(&after));
    let indent = " ".repeat(before.chars().count());
    let mark = "^".repeat(within.chars().count().max(1));
    Some(format!("{before}{within}{after}\n{indent}{mark}"))
}

fn last_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let line = text.rsplit(['\n', '\r']).next().unwrap_or_default().trim_start();
    line.trim_start_matches('\u{fffd}').to_owned()
}

fn first_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let line = text.split(['\n', '\r']).next().unwrap_or_default();
    line.trim_end_matches('\u{fffd}').to_owned()
}

fn printable(character: char) -> char {
    match character {
        '\t' => ' ',
        '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => '�',
        other if other.is_control() => '�',
        other => other,
    }
}

const BEFORE: u64 = 40;
const WITHIN: u64 = 64;
const AFTER: u64 = 24;
