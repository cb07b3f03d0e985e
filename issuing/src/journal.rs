// SPDX-License-Identifier: Apache-2.0

//! A file that only grows, line by line, and of which every line is wholly there or not at all.
//!
//! ```text
//! line     <seal> SP <JSON object> LF
//! seal     64 digits: SHA-256(seal of the line before ∥ LF ∥ JSON), before the first line SHA-256(name of the format)
//! ```
//!
//! A line is one transaction. It counts once it was written *and* the disk said that it has it (`fsync`), and
//! only then success is reported. What a crash leaves behind the last whole line is cut off when the file is
//! opened for writing:
//!
//! ```text
//! bytes without a line break at their end     a line that was not finished
//! one last line with NUL bytes in it          a line whose length reached the disk before its bytes did
//! ```
//!
//! Anything else that does not fit is damage, not a crash: JSON has no NUL bytes, and each seal covers all
//! lines before it, so that a line that was edited, moved or taken out shows. A damaged file is not opened,
//! and not touched.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use permit_canonical_json::{DigestSink, Sha256Digest, Sink as _};

use crate::whole_file::{self, WriteError};

/// A journal that is open, and locked as long as it is.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines.
    length: u64,
    seal: Sha256Digest,
    access: Access,
    /// Bytes of an unfinished line behind them, when it was opened.
    torn: Option<u64>,
    /// Whether a write failed, so that nobody knows what is on the disk.
    unknown: bool,
}

/// What a journal is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing is changed; others may read meanwhile, too. Fails if somebody has it open to write.
    Read,
    /// The same, once nobody writes.
    WaitToRead,
    /// To add to it; fails if somebody else has it open.
    Write,
    /// To add to it, once everybody else has closed it.
    WaitToWrite,
}

impl Access {
    fn writes(self) -> bool {
        matches!(self, Self::Write | Self::WaitToWrite)
    }
}

/// Where a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinePlace {
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// It cannot be opened, read or written.
    #[error("the journal `{}` cannot be {doing}: {problem}", path.display())]
    Io {
        /// Where it is.
        path: PathBuf,
        /// What was tried, as `opened`.
        doing: &'static str,
        /// What the system said.
        #[source]
        problem: io::Error,
    },
    /// There is one already.
    #[error("there is a journal at `{}` already", path.display())]
    Exists {
        /// Where it is.
        path: PathBuf,
    },
    /// Another process has it open.
    #[error("the journal `{}` is in use by another process", path.display())]
    InUse {
        /// Where it is.
        path: PathBuf,
    },
    /// Somebody changed it, or the disk did.
    #[error("the journal `{}` is damaged at byte {offset}: {what}", path.display())]
    Damaged {
        /// Where it is.
        path: PathBuf,
        /// The first byte of the line.
        offset: u64,
        /// What is wrong.
        what: String,
    },
    /// A write failed before, so that it has to be opened anew.
    #[error("a write to the journal `{}` failed, so that nobody knows its end: open it again", path.display())]
    Unknown {
        /// Where it is.
        path: PathBuf,
    },
    /// The transaction is too large.
    #[error("a transaction of {bytes} bytes is too large; {MOST_BYTES} are the most")]
    TooLarge {
        /// Its length.
        bytes: u64,
    },
}

impl Journal {
    /// Makes a journal with its first line, whole or not at all.
    pub(crate) fn create(path: &Path, first: &str) -> Result<(), JournalError> {
        let line = line(start(), first);
        whole_file::write_whole(path, line.1.as_bytes(), whole_file::Existing::Keep).map_err(
            |error| match error {
                WriteError::Exists { path } => JournalError::Exists { path },
                WriteError::Io { path, problem } => {
                    JournalError::Io { path, doing: "made", problem }
                }
            },
        )
    }

    /// Opens a journal, shows every line, and cuts off what a crash left behind them.
    pub(crate) fn open(
        path: &Path,
        access: Access,
        mut line: impl FnMut(LinePlace, &str) -> Result<(), String>,
    ) -> Result<Self, JournalError> {
        let io = |doing, problem| JournalError::Io { path: path.to_owned(), doing, problem };
        let file = OpenOptions::new().read(true).write(access.writes()).open(path);
        let file = file.map_err(|problem| io("opened", problem))?;
        lock(&file, path, access)?;
        let mut journal = Self {
            path: path.to_owned(),
            file,
            length: 0,
            seal: start(),
            access,
            torn: None,
            unknown: false,
        };
        let behind = journal.replay(&mut line)?;
        if journal.length == 0 {
            return Err(journal.damaged("it has no whole line"));
        }
        if behind > 0 {
            journal.torn = Some(behind);
            if access.writes() {
                journal.cut().map_err(|problem| io("mended", problem))?;
            }
        }
        Ok(journal)
    }

    /// Adds a line, and returns when the disk has it.
    pub(crate) fn append(&mut self, json: &str) -> Result<LinePlace, JournalError> {
        if self.unknown {
            return Err(JournalError::Unknown { path: self.path.clone() });
        }
        let (seal, text) = line(self.seal, json);
        let bytes = length_of(text.len());
        if bytes > MOST_BYTES {
            return Err(JournalError::TooLarge { bytes });
        }
        let place = LinePlace { offset: self.length, length: bytes };
        let written = self
            .file
            .seek(SeekFrom::Start(self.length))
            .and_then(|_| self.file.write_all(text.as_bytes()))
            .and_then(|()| self.file.sync_data());
        if let Err(problem) = written {
            self.unknown = true;
            // If even this fails, the next one to open it cuts it off, or finds it whole.
            let _ = self.cut();
            return Err(self.io("written", problem));
        }
        self.length += bytes;
        self.seal = seal;
        Ok(place)
    }

    /// Reads a line again.
    pub(crate) fn read(&self, place: LinePlace) -> Result<String, JournalError> {
        let mut file = &self.file;
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(place.offset))
            .and_then(|_| file.take(place.length).read_to_end(&mut bytes))
            .map_err(|problem| self.io("read", problem))?;
        let json = bytes.strip_suffix(b"\n").and_then(|line| line.get(SEAL_AND_SPACE..));
        let json = json.and_then(|json| std::str::from_utf8(json).ok());
        json.map(str::to_owned).ok_or_else(|| JournalError::Damaged {
            path: self.path.clone(),
            offset: place.offset,
            what: "the line is another one than when it was opened".to_owned(),
        })
    }

    /// Bytes behind the last whole line when it was opened. They were cut off, unless it was opened to read.
    pub(crate) fn torn(&self) -> Option<u64> {
        self.torn
    }

    /// Bytes of whole lines.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// What all lines together hash to.
    pub(crate) fn seal(&self) -> Sha256Digest {
        self.seal
    }

    pub(crate) fn is_writable(&self) -> bool {
        self.access.writes()
    }

    pub(crate) fn damaged(&self, what: impl Into<String>) -> JournalError {
        JournalError::Damaged { path: self.path.clone(), offset: self.length, what: what.into() }
    }

    /// Shows every whole line; returns how many bytes stand behind them that a crash explains.
    fn replay(
        &mut self,
        line: &mut impl FnMut(LinePlace, &str) -> Result<(), String>,
    ) -> Result<u64, JournalError> {
        let file = self.file.try_clone().map_err(|problem| self.io("read", problem))?;
        let mut reader = BufReader::with_capacity(1 << 20, file);
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let read = reader.by_ref().take(MOST_BYTES + 1).read_until(b'\n', &mut bytes);
            let read = length_of(read.map_err(|problem| self.io("read", problem))?);
            if read == 0 {
                return Ok(0);
            }
            let last = read <= MOST_BYTES && reader.fill_buf().is_ok_and(<[u8]>::is_empty);
            match self.check(&bytes) {
                Ok((seal, json)) => {
                    let place = LinePlace { offset: self.length, length: read };
                    line(place, json).map_err(|what| self.damaged(what))?;
                    self.length += read;
                    self.seal = seal;
                }
                Err(_) if last && is_unfinished(&bytes) => return Ok(read),
                Err(what) => return Err(self.damaged(what)),
            }
        }
    }

    fn check<'b>(&self, bytes: &'b [u8]) -> Result<(Sha256Digest, &'b str), &'static str> {
        let line = bytes.strip_suffix(b"\n").ok_or("a line without an end")?;
        let line = std::str::from_utf8(line).map_err(|_| "a line that is no text")?;
        let (seal, json) = line.split_once(' ').ok_or("a line without a seal")?;
        let stated = Sha256Digest::from_hex(seal).ok_or("a line without a seal")?;
        if stated != sealed(self.seal, json) {
            return Err("a line that its seal does not fit, or that follows another one");
        }
        Ok((stated, json))
    }

    fn cut(&mut self) -> io::Result<()> {
        self.file.set_len(self.length)?;
        self.file.sync_all()
    }

    fn io(&self, doing: &'static str, problem: io::Error) -> JournalError {
        JournalError::Io { path: self.path.clone(), doing, problem }
    }
}

fn lock(file: &File, path: &Path, access: Access) -> Result<(), JournalError> {
    let result = match access {
        Access::Read => file.try_lock_shared(),
        Access::WaitToRead => file.lock_shared().map_err(TryLockError::Error),
        Access::Write => file.try_lock(),
        Access::WaitToWrite => file.lock().map_err(TryLockError::Error),
    };
    result.map_err(|error| match error {
        TryLockError::WouldBlock => JournalError::InUse { path: path.to_owned() },
        TryLockError::Error(problem) => {
            JournalError::Io { path: path.to_owned(), doing: "locked", problem }
        }
    })
}

/// What a crash leaves of a line, as against what damage makes of one.
fn is_unfinished(bytes: &[u8]) -> bool {
    bytes.last() != Some(&b'\n') || bytes.contains(&0)
}

fn line(before: Sha256Digest, json: &str) -> (Sha256Digest, String) {
    let seal = sealed(before, json);
    (seal, format!("{seal} {json}\n"))
}

fn sealed(before: Sha256Digest, json: &str) -> Sha256Digest {
    let mut sink = DigestSink::new();
    sink.put(before.hex().as_str());
    sink.put("\n");
    sink.put(json);
    sink.finish()
}

fn start() -> Sha256Digest {
    Sha256Digest::of(FORMAT.as_bytes())
}

fn length_of(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

const FORMAT: &str = "permit-rs journal 1";

const SEAL_AND_SPACE: usize = 65;

/// The longest line. Readers of exports take entries of as many bytes.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
