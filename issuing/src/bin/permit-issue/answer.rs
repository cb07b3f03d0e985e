// SPDX-License-Identifier: Apache-2.0

//! What leaves the program: answers, refusals, errors, and its status.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use permit_canonical_json::{Object, Profile, Value};
use permit_issuing::{ExportError, IssuingError, KeyFolderError, Refusal, StoreError, WriteError};

/// What was done: for machines, and for people.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    members: Object<'static>,
    lines: Vec<String>,
}

impl Answer {
    pub(crate) fn new(line: impl Into<String>) -> Self {
        Self { members: Object::default(), lines: vec![line.into()] }
    }

    /// A member for machines.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value<'static>>) -> Self {
        self.members.insert(name, value);
        self
    }

    /// A line for people.
    pub(crate) fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// Gives it at once, for commands that answer several times.
    pub(crate) fn give(self, json: bool) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if json {
            let mut object = self.members;
            object.insert("outcome", "done");
            writeln!(out, "{}", one_line(object))?;
        } else {
            for line in self.lines {
                writeln!(out, "{line}")?;
            }
        }
        out.flush()
    }
}

/// Why nothing was done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A rule forbids it.
    Refused(Refusal),
    /// It could not be done, or was asked for in a way that makes no sense.
    Error { message: String, help: String },
}

impl Failure {
    pub(crate) fn error(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Error { message: message.into(), help: help.into() }
    }

    /// Says why, and gives the status.
    pub(crate) fn give(self, json: bool) -> ExitCode {
        let mut object = Object::default();
        let (text, status) = match self {
            Self::Refused(refusal) => {
                object.insert("outcome", "refused");
                object.insert("rule", refusal.rule());
                object.insert("reason", refusal.reason().to_owned());
                let recorded = refusal.recorded().map(str::to_owned);
                let event = recorded.as_ref().map(|id| format!("\nrecorded: event {id}"));
                if recorded.is_some() {
                    object.insert("recorded_event_id", recorded);
                }
                let event = event.unwrap_or_default();
                (format!("refused: {}\nrule: {}{event}", refusal.reason(), refusal.rule()), REFUSED)
            }
            Self::Error { message, help } => {
                let text = format!("error: {message}\nhelp: {help}");
                object.insert("outcome", "error");
                object.insert("message", message);
                object.insert("help", help);
                (text, COULD_NOT)
            }
        };
        // Where even this cannot be written, the status still says it.
        if json {
            let _ = writeln!(io::stdout(), "{}", one_line(object));
        } else {
            let _ = writeln!(io::stderr(), "{text}");
        }
        ExitCode::from(status)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        use permit_issuing::JournalError;
        let help = match &error {
            StoreError::Journal(JournalError::InUse { .. }) => "try again, or use --wait",
            StoreError::Journal(JournalError::Exists { .. }) => {
                "use it, or choose another folder with --store"
            }
            StoreError::Journal(JournalError::Damaged { .. }) => {
                "nothing was changed; compare the journal with a copy of it"
            }
            _ => "check the folder given with --store; `permit-issue init` makes one",
        };
        Self::error(error.to_string(), help)
    }
}

impl From<IssuingError> for Failure {
    fn from(error: IssuingError) -> Self {
        match error {
            IssuingError::Refused(refusal) => refusal.into(),
            IssuingError::Store(error) => error.into(),
            IssuingError::Signer(error) => {
                Self::error(error.to_string(), "check whoever holds the key")
            }
            other => Self::error(other.to_string(), "nothing was stored"),
        }
    }
}

impl From<KeyFolderError> for Failure {
    fn from(error: KeyFolderError) -> Self {
        match error {
            KeyFolderError::Refused(refusal) => refusal.into(),
            KeyFolderError::Change(problem) => {
                Refusal::new("key-manifest", problem.to_string()).into()
            }
            other => Self::error(
                other.to_string(),
                "check the folder given with --keys; `permit-issue keys generate` makes keys",
            ),
        }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        let help = match &error {
            WriteError::Exists { .. } => "choose another name, or use --force to replace it",
            _ => "check the folder and its permissions",
        };
        Self::error(error.to_string(), help)
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Refused(refusal) => refusal.into(),
            ExportError::Store(error) => error.into(),
            ExportError::Write(error) => match error.rule() {
                Some(rule) => Refusal::new(rule.as_str(), error.to_string()).into(),
                None => Self::error(error.to_string(), "there is no export"),
            },
            ExportError::Publish(permit_export_bundle::PublishError::Exists(path)) => {
                WriteError::Exists { path }.into()
            }
            other => Self::error(other.to_string(), "there is no export"),
        }
    }
}

fn one_line(object: Object<'static>) -> String {
    // Numbers of ours have a canonical form.
    Profile::Payload.to_text(&object.into()).unwrap_or_default()
}

/// The status for what a rule forbids.
const REFUSED: u8 = 1;

/// The status for usage errors, and for what could not be done.
pub(crate) const COULD_NOT: u8 = 2;
