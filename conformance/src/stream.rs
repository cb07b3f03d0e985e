// SPDX-License-Identifier: Apache-2.0

//! The transport *stream*: one process answers many cases, one line each.

use tempfile::TempDir;

use crate::{
    child::{Process, ProcessLimits, last_words},
    command_line::CommandLine,
    line_check::{LineCheck, LineKind},
    protocol::{Answer, Hello, Implementation, PROTOCOL, Request, RunRequest, from_line, to_line},
    session::{Session, StartError, Verifier},
};

/// A command that speaks the protocol on its standard streams.
#[derive(Debug)]
pub struct StreamVerifier {
    command: CommandLine,
    limits: ProcessLimits,
    check: Option<LineCheck>,
}

impl StreamVerifier {
    /// The verifier behind a command. With `check`, every line is held against the schemas.
    #[must_use]
    pub fn new(command: CommandLine, limits: ProcessLimits, check: Option<LineCheck>) -> Self {
        Self { command, limits, check }
    }

    fn say(&self, process: &mut Process, request: &Request) -> Result<(), String> {
        let line = to_line(request).map_err(|problem| problem.to_string())?;
        self.check(LineKind::Request, line.as_bytes())?;
        process.say(&line).map_err(|error| format!("the process does not listen: {error}"))
    }

    fn check(&self, kind: LineKind, line: &[u8]) -> Result<(), String> {
        self.check.as_ref().map_or(Ok(()), |check| check.check(kind, line))
    }

    fn hello(&self, process: &mut Process) -> Result<Implementation, String> {
        self.say(process, &Request::Start { protocol: PROTOCOL })?;
        let line = process.line().map_err(|no| no.to_string())?;
        self.check(LineKind::Hello, &line)?;
        let hello: Hello = from_line(&line)
            .map_err(|problem| format!("the answer to `start` is none: {problem}"))?;
        if hello.protocol == PROTOCOL {
            Ok(hello.implementation)
        } else {
            Err(format!("it speaks protocol {}, this is {PROTOCOL}", hello.protocol))
        }
    }

    fn connect(&self) -> Result<Connection, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let command = self.command.to_command(folder.path());
        let mut process =
            Process::start(command, self.limits).map_err(|error| error.to_string())?;
        match self.hello(&mut process) {
            Ok(about) => Ok(Connection { process, about, _folder: folder }),
            Err(reason) => Err(with_last_words(reason, process)),
        }
    }

    fn ask(&self, process: &mut Process, request: &RunRequest) -> Result<Answer, String> {
        self.say(process, &Request::Run(Box::new(request.clone())))?;
        let line = process.line().map_err(|no| no.to_string())?;
        self.check(LineKind::Answer, &line)?;
        let answer: Answer =
            from_line(&line).map_err(|problem| format!("the answer is none: {problem}"))?;
        if answer.seq == request.seq {
            Ok(answer)
        } else {
            Err(format!("the answer is to {}, the question was {}", answer.seq, request.seq))
        }
    }
}

impl Verifier for StreamVerifier {
    fn start(&self) -> Result<Box<dyn Session + '_>, StartError> {
        let connection = self.connect().map_err(StartError::new)?;
        let about = connection.about.clone();
        Ok(Box::new(StreamSession {
            verifier: self,
            about,
            connection: Some(connection),
            starts: 0,
        }))
    }
}

struct Connection {
    process: Process,
    about: Implementation,
    /// It works in an empty folder of its own.
    _folder: TempDir,
}

struct StreamSession<'v> {
    verifier: &'v StreamVerifier,
    about: Implementation,
    connection: Option<Connection>,
    /// Starts in a row that went wrong.
    starts: u32,
}

impl Session for StreamSession<'_> {
    fn about(&self) -> &Implementation {
        &self.about
    }

    fn answer(&mut self, request: &RunRequest) -> Answer {
        let mut connection = match self.connection.take().map_or_else(|| self.again(), Ok) {
            Ok(connection) => connection,
            Err(reason) => return Answer::errored(request.seq, reason),
        };
        match self.verifier.ask(&mut connection.process, request) {
            Ok(answer) => {
                self.connection = Some(connection);
                answer
            }
            // Whatever is wrong with this answer, the next one comes from a fresh process.
            Err(reason) => {
                Answer::errored(request.seq, with_last_words(reason, connection.process))
            }
        }
    }
}

impl StreamSession<'_> {
    fn again(&mut self) -> Result<Connection, String> {
        if self.starts >= STARTS {
            return Err(format!("it did not start {STARTS} times in a row"));
        }
        let connected = self.verifier.connect();
        self.starts = if connected.is_ok() { 0 } else { self.starts.saturating_add(1) };
        connected.map_err(|reason| format!("it does not start again: {reason}"))
    }
}

impl Drop for StreamSession<'_> {
    fn drop(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            let _ = self.verifier.say(&mut connection.process, &Request::Stop);
            let _ = connection.process.end();
        }
    }
}

/// A reason, how the process ended, and what it said at last.
fn with_last_words(reason: String, process: Process) -> String {
    let (status, complaints) = process.end();
    let status = status.map_or_else(String::new, |status| format!(" ({status})"));
    match last_words(&complaints) {
        words if words.is_empty() => format!("{reason}{status}"),
        words => format!("{reason}{status}: {words}"),
    }
}

const STARTS: u32 = 3;
