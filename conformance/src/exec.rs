// SPDX-License-Identifier: Apache-2.0

//! The transports with a process for each case: *exec*, which speaks the protocol, and *plain*,
//! which says all by the status it ends with.

use std::path::Path;

use crate::{
    child::{Process, ProcessLimits, last_words},
    command_line::CommandLine,
    line_check::{LineCheck, LineKind},
    op::{Op, VectorResult},
    protocol::{Answer, Hello, Implementation, PROTOCOL, Request, RunRequest, from_line, to_line},
    session::{Session, StartError, Verifier},
};

/// The status of a command that does not know what it is asked.
pub const NOT_IMPLEMENTED: i32 = 89;

/// What a process said, and how it ended.
pub(crate) struct Finished {
    pub(crate) output: Vec<u8>,
    pub(crate) status: i32,
    pub(crate) complaints: Vec<u8>,
}

/// Runs a command to its end.
pub(crate) fn run_to_end(
    command: std::process::Command,
    input: &str,
    limits: ProcessLimits,
) -> Result<Finished, String> {
    let mut process =
        Process::start(command, limits).map_err(|error| format!("it does not start: {error}"))?;
    // One that does not listen may still have something to say.
    let _ = process.say(input);
    process.hang_up();
    let output = process.rest();
    let (status, complaints) = process.end();
    let output = output.map_err(|no| no.to_string())?;
    let Some(status) = status else {
        return Err("it closed its output and did not end".to_owned());
    };
    match status.code() {
        Some(status) => Ok(Finished { output, status, complaints }),
        None => Err(format!("it did not end by itself ({status})")),
    }
}

impl Finished {
    /// Why the status is no answer.
    pub(crate) fn reason(&self) -> String {
        let words = last_words(&self.complaints);
        let colon = if words.is_empty() { "" } else { ": " };
        format!("it ended with status {}{colon}{words}", self.status)
    }
}

/// A command that answers one question on its standard streams and ends: with 0 if it answered, with
/// 89 if it does not know what it is asked.
#[derive(Debug)]
pub struct ExecVerifier {
    command: CommandLine,
    limits: ProcessLimits,
    check: Option<LineCheck>,
}

impl ExecVerifier {
    /// The verifier behind a command. With `check`, every line is held against the schemas.
    #[must_use]
    pub fn new(command: CommandLine, limits: ProcessLimits, check: Option<LineCheck>) -> Self {
        Self { command, limits, check }
    }

    /// The one line that answers a request; nothing if it is not implemented.
    fn ask(
        &self,
        request: &Request,
        kind: LineKind,
        folder: &Path,
    ) -> Result<Option<Vec<u8>>, String> {
        let line = to_line(request).map_err(|problem| problem.to_string())?;
        let check =
            |kind, line: &[u8]| self.check.as_ref().map_or(Ok(()), |check| check.check(kind, line));
        check(LineKind::Request, line.as_bytes())?;
        let finished = run_to_end(self.command.to_command(folder), &line, self.limits)?;
        match finished.status {
            0 => {
                let answer = finished.output.trim_ascii().to_vec();
                check(kind, &answer)?;
                Ok(Some(answer))
            }
            NOT_IMPLEMENTED => Ok(None),
            _ => Err(finished.reason()),
        }
    }

    fn answer(&self, request: &RunRequest) -> Result<Answer, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let asked = Request::Run(Box::new(request.clone()));
        let Some(line) = self.ask(&asked, LineKind::Answer, folder.path())? else {
            return Ok(Answer::skipped(request.seq, "it says that this is not implemented"));
        };
        let answer: Answer =
            from_line(&line).map_err(|problem| format!("the answer is none: {problem}"))?;
        if answer.seq == request.seq {
            Ok(answer)
        } else {
            Err(format!("the answer is to {}, the question was {}", answer.seq, request.seq))
        }
    }
}

impl Verifier for ExecVerifier {
    fn start(&self) -> Result<Box<dyn Session + '_>, StartError> {
        let folder = tempfile::tempdir().map_err(|error| StartError::new(error.to_string()))?;
        let start = Request::Start { protocol: PROTOCOL };
        let line = self
            .ask(&start, LineKind::Hello, folder.path())
            .map_err(StartError::new)?
            .ok_or_else(|| StartError::new("it does not know `start`"))?;
        let hello: Hello = from_line(&line).map_err(|problem| {
            StartError::new(format!("the answer to `start` is none: {problem}"))
        })?;
        if hello.protocol != PROTOCOL {
            let reason = format!("it speaks protocol {}, this is {PROTOCOL}", hello.protocol);
            return Err(StartError::new(reason));
        }
        Ok(Box::new(ExecSession { verifier: self, about: hello.implementation }))
    }
}

struct ExecSession<'v> {
    verifier: &'v ExecVerifier,
    about: Implementation,
}

impl Session for ExecSession<'_> {
    fn about(&self) -> &Implementation {
        &self.about
    }

    fn answer(&mut self, request: &RunRequest) -> Answer {
        self.verifier.answer(request).unwrap_or_else(|reason| Answer::errored(request.seq, reason))
    }
}

/// A command that nobody will wrap: a template for its arguments, and the status it ends with: 0
/// pass, 1 fail, 89 not implemented.
///
/// `{export}` and other roles in a word stand for files, `{input}` for the folder. A case that lacks
/// one of them is skipped.
#[derive(Debug)]
pub struct PlainVerifier {
    command: CommandLine,
    limits: ProcessLimits,
    about: Implementation,
}

impl PlainVerifier {
    /// The verifier behind a template.
    #[must_use]
    pub fn new(command: CommandLine, limits: ProcessLimits) -> Self {
        let about = Implementation {
            name: command.program_name(),
            version: "unknown".to_owned(),
            language: None,
            homepage: None,
            ops: vec![Op::VerifyBundle, Op::VerifyCheckpoint, Op::VerifyChain, Op::VerifyClosure],
            features: vec!["*".to_owned()],
            level_claimed: None,
            verdict_only: true,
        };
        Self { command, limits, about }
    }

    fn answer(&self, request: &RunRequest) -> Result<Answer, String> {
        let mut arguments = Vec::new();
        for word in self.command.arguments() {
            match filled(word, request) {
                Ok(word) => arguments.push(word),
                Err(role) => {
                    let reason = format!("the template needs {{{role}}}, which this case lacks");
                    return Ok(Answer::skipped(request.seq, reason));
                }
            }
        }
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut command = self.command.to_bare_command(folder.path());
        command.args(arguments);
        let finished = run_to_end(command, "", self.limits)?;
        let result = match finished.status {
            0 => VectorResult::Pass,
            1 => VectorResult::Fail,
            NOT_IMPLEMENTED => {
                return Ok(Answer::skipped(request.seq, "it says that this is not implemented"));
            }
            _ => return Err(finished.reason()),
        };
        Ok(Answer { seq: request.seq, result: Some(result), ..Answer::default() })
    }
}

/// A word of a template with its files; the role of one that there is not.
fn filled(word: &str, request: &RunRequest) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((role, behind)) = after.split_once('}') else { break };
        text.push_str(before);
        match role {
            "input" => text.push_str(&request.input),
            _ => text.push_str(request.files.get(role).ok_or_else(|| role.to_owned())?),
        }
        rest = behind;
    }
    text.push_str(rest);
    Ok(text)
}

impl Verifier for PlainVerifier {
    fn start(&self) -> Result<Box<dyn Session + '_>, StartError> {
        Ok(Box::new(PlainSession { verifier: self }))
    }
}

struct PlainSession<'v> {
    verifier: &'v PlainVerifier,
}

impl Session for PlainSession<'_> {
    fn about(&self) -> &Implementation {
        &self.verifier.about
    }

    fn answer(&mut self, request: &RunRequest) -> Answer {
        self.verifier.answer(request).unwrap_or_else(|reason| Answer::errored(request.seq, reason))
    }
}
