// SPDX-License-Identifier: Apache-2.0

//! An object that is written member by member, with arrays that are written element by element.

use std::{collections::BTreeSet, io::Write};

use permit_canonical_json::{Object, Sha256Digest, Value};
use permit_chain::{EntryFields, WalkOptions, Walker};
use permit_types::RecordHash;

use crate::{
    entry_path::{EntryLayout, entry_pointer},
    export_facts::ExportWriterOptions,
    json_text::{Layout, write_string},
    stored_bytes::StoredBytes,
    write_error::WriteError,
};

/// The document under way.
#[derive(Debug)]
pub(crate) struct DocumentWriter<W: Write> {
    /// Nothing after a write that failed.
    bytes: Option<StoredBytes<W>>,
    layout: Layout,
    announced: Option<u64>,
    names: BTreeSet<String>,
    /// Elements of the array that is open, if one is.
    open_array: Option<u64>,
    started: bool,
    walker: Option<Walker>,
    entries: u64,
    scopes: usize,
    last: Option<(u64, Sha256Digest)>,
}

/// What the bytes came to.
pub(crate) struct Written<W> {
    pub(crate) sink: W,
    pub(crate) digest: Sha256Digest,
    pub(crate) stored_bytes: u64,
    pub(crate) entries: u64,
    pub(crate) last_record_hash: Option<RecordHash>,
}

impl<W: Write> DocumentWriter<W> {
    pub(crate) fn new(sink: W, options: &ExportWriterOptions) -> Self {
        let walker = if options.unwalked {
            None
        } else {
            Some(Walker::new(WalkOptions::default(), entry_pointer))
        };
        Self {
            bytes: Some(StoredBytes::new(sink, options.compressed)),
            layout: options.layout,
            announced: options.record_count,
            names: BTreeSet::new(),
            open_array: None,
            started: false,
            walker,
            entries: 0,
            scopes: 0,
            last: None,
        }
    }

    /// Writes text, or ends the document for good.
    fn put(&mut self, text: &str) -> Result<(), WriteError> {
        let mut bytes = self.bytes.take().ok_or(WriteError::Broken)?;
        bytes.put(text)?;
        self.bytes = Some(bytes);
        Ok(())
    }

    /// A line by itself.
    pub(crate) fn line(&mut self, value: &Value<'_>) -> Result<(), WriteError> {
        let mut text = Layout::Compact.text(value, 0);
        text.push('\n');
        self.put(&text)
    }

    /// Whether there is such a member.
    pub(crate) fn has_member(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// A member with its value. An array that is open is closed.
    pub(crate) fn member(&mut self, name: &str, value: &Value<'_>) -> Result<(), WriteError> {
        if self.has_member(name) {
            return Err(WriteError::MemberTwice { name: name.to_owned() });
        }
        let mut text = self.start_of_member(name);
        text.push_str(&self.layout.text(value, 1));
        self.put(&text)
    }

    /// A member that is an array, whose elements follow.
    pub(crate) fn begin_array(&mut self, name: &str) -> Result<(), WriteError> {
        let mut text = self.start_of_member(name);
        text.push('[');
        self.put(&text)?;
        self.open_array = Some(0);
        Ok(())
    }

    /// The next element of the array that is open.
    pub(crate) fn element(&mut self, value: &Value<'_>) -> Result<(), WriteError> {
        let index = self.open_array.unwrap_or(0);
        let mut text = String::from(if index > 0 { "," } else { "" });
        text.push_str(&self.layout.new_line(2));
        text.push_str(&self.layout.text(value, 2));
        self.put(&text)?;
        self.open_array = Some(index.saturating_add(1));
        Ok(())
    }

    /// Everything up to the value of the next member.
    fn start_of_member(&mut self, name: &str) -> String {
        let mut text = self.end_of_array();
        text.push(if self.started { ',' } else { '{' });
        text.push_str(&self.layout.new_line(1));
        write_string(name, &mut text);
        text.push_str(self.layout.colon());
        self.started = true;
        self.names.insert(name.to_owned());
        text
    }

    fn end_of_array(&mut self) -> String {
        match self.open_array.take() {
            None => String::new(),
            Some(0) => "]".to_owned(),
            Some(_) => format!("{}]", self.layout.new_line(1)),
        }
    }

    /// Shows the walk an entry, which is about to be written.
    pub(crate) fn walk(&mut self, fields: &EntryFields<'_>, layout: EntryLayout, index: u64) {
        self.entries = self.entries.saturating_add(1);
        if let Some(walker) = &mut self.walker {
            walker.entry(fields, layout.array(), index);
        }
        let hash = fields.record_hash.and_then(Value::as_str).and_then(Sha256Digest::from_hex);
        let number = fields.sequence_number.and_then(Value::as_u64);
        if let (Some(hash), Some(number)) = (hash, number)
            && self.last.is_none_or(|(last, _)| last < number)
        {
            self.last = Some((number, hash));
        }
    }

    /// The number of records, in front of them if it was announced.
    pub(crate) fn announced_count(&mut self) -> Result<(), WriteError> {
        match self.announced {
            Some(announced) => self.member(RECORD_COUNT, &announced.into()),
            None => Ok(()),
        }
    }

    /// Whether elements can be written.
    pub(crate) fn is_in_array(&self) -> bool {
        self.open_array.is_some()
    }

    /// Compares the number of records with what was announced.
    pub(crate) fn check_count(&self, written: u64) -> Result<(), WriteError> {
        match self.announced {
            Some(announced) if announced != written => {
                Err(WriteError::OtherCount { announced, written })
            }
            _ => Ok(()),
        }
    }

    /// The number of records, behind them if it was not announced.
    pub(crate) fn final_count(&mut self, written: u64) -> Result<(), WriteError> {
        self.check_count(written)?;
        match self.announced {
            Some(_) => Ok(()),
            None => self.member(RECORD_COUNT, &written.into()),
        }
    }

    /// Ends the document and looks at what the walk found.
    pub(crate) fn finish(mut self) -> Result<Written<W>, WriteError> {
        self.check_chain()?;
        if self.started {
            let mut text = self.end_of_array();
            text.push_str(&self.layout.new_line(0));
            text.push('}');
            if self.layout == Layout::Pretty {
                text.push('\n');
            }
            self.put(&text)?;
        }
        let bytes = self.bytes.take().ok_or(WriteError::Broken)?;
        let (sink, digest, stored_bytes) = bytes.finish()?;
        let last = self.last.filter(|_| self.scopes == 1);
        let last_record_hash = last.map(|(_, hash)| RecordHash::from(hash));
        Ok(Written { sink, digest, stored_bytes, entries: self.entries, last_record_hash })
    }

    fn check_chain(&mut self) -> Result<(), WriteError> {
        let Some(walker) = self.walker.take() else { return Ok(()) };
        let outcome = walker.finish();
        if let Some(limit) = outcome.limit {
            return Err(WriteError::ChainLimit(limit));
        }
        self.scopes = outcome.scopes.len();
        if outcome.entries == 0 || outcome.intact().is_some() {
            return Ok(());
        }
        match outcome.findings.into_iter().next() {
            Some(finding) => Err(WriteError::Chain(Box::new(finding))),
            None => Ok(()),
        }
    }
}

/// The entry as an object, since only objects have members.
pub(crate) fn as_object<'v>(value: &'v Value<'v>) -> Result<&'v Object<'v>, WriteError> {
    value.as_object().ok_or(WriteError::IncompleteEvent { member: "event_id" })
}

const RECORD_COUNT: &str = "record_count";
