// SPDX-License-Identifier: Apache-2.0

//! A running foreign process: in a group of its own, with limits on time and output.

use std::{
    io::{self, BufRead as _, BufReader, Read, Write as _},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// What a foreign process may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessLimits {
    /// Time for one answer. Default 30 seconds.
    pub time: Duration,
    /// Bytes of one answer. Default 16 MiB.
    pub output: u64,
}

impl Default for ProcessLimits {
    fn default() -> Self {
        Self { time: Duration::from_secs(30), output: 16 * 1024 * 1024 }
    }
}

/// A process that is killed, with all that it started, when this goes away.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<Piece>,
    complaints: Option<JoinHandle<Vec<u8>>>,
    limits: ProcessLimits,
}

/// What comes out of a process.
#[derive(Debug)]
enum Piece {
    Line(Vec<u8>),
    TooLong,
    Failed(String),
}

/// Why there is no line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoLine {
    #[error("no answer within {} s", .0.as_secs_f32())]
    TimeOut(Duration),
    #[error("the answer has more than {0} bytes")]
    TooLong(u64),
    #[error("the answer cannot be read: {0}")]
    Failed(String),
    #[error("the process ended without an answer")]
    Ended,
}

impl Process {
    /// Starts a process.
    pub(crate) fn start(mut command: Command, limits: ProcessLimits) -> io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        in_own_group(&mut command);
        let mut child = command.spawn()?;
        let stdin = child.stdin.take();
        let (sender, lines) = sync_channel(LINES_AHEAD);
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || {
                let mut source = BufReader::new(stdout);
                while let Some(piece) = next_piece(&mut source, limits.output) {
                    let last = !matches!(piece, Piece::Line(_));
                    if sender.send(piece).is_err() || last {
                        break;
                    }
                }
            });
        }
        let complaints = child.stderr.take().map(|stderr| thread::spawn(move || tail_of(stderr)));
        Ok(Self { child, stdin, lines, complaints, limits })
    }

    /// Says something to the process.
    pub(crate) fn say(&mut self, text: &str) -> io::Result<()> {
        match &mut self.stdin {
            Some(stdin) => stdin.write_all(text.as_bytes()).and_then(|()| stdin.flush()),
            None => Err(io::Error::from(io::ErrorKind::BrokenPipe)),
        }
    }

    /// Says that there is nothing more.
    pub(crate) fn hang_up(&mut self) {
        self.stdin = None;
    }

    /// The next line, without its line feed.
    pub(crate) fn line(&mut self) -> Result<Vec<u8>, NoLine> {
        self.line_until(Instant::now().checked_add(self.limits.time))
    }

    fn line_until(&mut self, deadline: Option<Instant>) -> Result<Vec<u8>, NoLine> {
        let left = deadline.map_or(self.limits.time, |at| at.duration_since(Instant::now()));
        match self.lines.recv_timeout(left) {
            Ok(Piece::Line(line)) => Ok(line),
            Ok(Piece::TooLong) => Err(NoLine::TooLong(self.limits.output)),
            Ok(Piece::Failed(reason)) => Err(NoLine::Failed(reason)),
            Err(RecvTimeoutError::Timeout) => Err(NoLine::TimeOut(self.limits.time)),
            Err(RecvTimeoutError::Disconnected) => Err(NoLine::Ended),
        }
    }

    /// All that is left of the output, up to its end, within the limits.
    pub(crate) fn rest(&mut self) -> Result<Vec<u8>, NoLine> {
        let deadline = Instant::now().checked_add(self.limits.time);
        let mut all = Vec::new();
        loop {
            match self.line_until(deadline) {
                Ok(line) => {
                    all.extend(line);
                    all.push(b'\n');
                    let length = u64::try_from(all.len()).unwrap_or(u64::MAX);
                    if length > self.limits.output {
                        return Err(NoLine::TooLong(self.limits.output));
                    }
                }
                Err(NoLine::Ended) => return Ok(all),
                Err(other) => return Err(other),
            }
        }
    }

    /// How the process ended, once its output has ended; nothing if it goes on all the same. What it
    /// left behind is killed.
    pub(crate) fn end(mut self) -> (Option<ExitStatus>, Vec<u8>) {
        self.hang_up();
        let (ticks, ticked) = sync_channel::<()>(1);
        let mut status = None;
        for _ in 0..GRACE_TICKS {
            status = self.child.try_wait().ok().flatten();
            if status.is_some() {
                break;
            }
            // Nobody ticks: this only waits.
            let _ = ticked.recv_timeout(GRACE_TICK);
        }
        drop(ticks);
        self.kill();
        let complaints = self.complaints.take().and_then(|thread| thread.join().ok());
        (status, complaints.unwrap_or_default())
    }

    fn kill(&mut self) {
        kill_group(&self.child);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stdin = None;
        self.kill();
    }
}

fn next_piece(source: &mut impl io::BufRead, limit: u64) -> Option<Piece> {
    let mut line = Vec::new();
    let read = source.by_ref().take(limit.saturating_add(1)).read_until(b'\n', &mut line);
    match read {
        Ok(0) => None,
        Ok(_) if line.last() == Some(&b'\n') => {
            line.pop();
            Some(Piece::Line(line))
        }
        Ok(length) if u64::try_from(length).unwrap_or(u64::MAX) > limit => Some(Piece::TooLong),
        Ok(_) => Some(Piece::Line(line)),
        Err(error) => Some(Piece::Failed(error.to_string())),
    }
}

/// Reads all there is and keeps the end of it: the last words tell most.
fn tail_of(mut source: impl Read) -> Vec<u8> {
    let mut tail = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(length) = source.read(&mut buffer) {
        if length == 0 {
            break;
        }
        tail.extend_from_slice(buffer.get(..length).unwrap_or_default());
        if tail.len() > 2 * TAIL {
            tail.drain(..tail.len() - TAIL);
        }
    }
    tail
}

#[cfg(unix)]
fn in_own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn in_own_group(_: &mut Command) {}

/// Kills the process and all that it started, the leader being still ours to wait for or gone.
#[cfg(unix)]
fn kill_group(child: &Child) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        // It is no error if nobody is left.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill_group(_: &Child) {}

/// The last line that says something, for a message.
pub(crate) fn last_words(complaints: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaints);
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    permit_canonical_json::Excerpt(line.trim()).to_string()
}

const LINES_AHEAD: usize = 64;
const TAIL: usize = 16 * 1024;
const GRACE_TICKS: u32 = 200;
const GRACE_TICK: Duration = Duration::from_millis(10);
