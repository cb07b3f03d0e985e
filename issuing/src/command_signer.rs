// SPDX-License-Identifier: Apache-2.0

//! Keys that another program holds.

use std::{
    ffi::OsString,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use permit_keys::{PublicKey, SignRequest, Signature, Signer, SignerError};

/// A key that another program holds, such as a wrapper of an HSM, a key service or an agent.
///
/// The program is started for each signature, by its path and arguments and without a shell. It reads one
/// line and writes one line, as [`SignRequest`] has them, and ends. It inherits the environment, and
/// standard error, on which it may ask for a PIN. What it answers is checked under the public key before it is used,
/// and that is all that counts: its status is not looked at.
///
/// A program that does not answer in time, or does not end, is killed; of an answer that is too long no more is read.
#[derive(Debug)]
pub struct CommandSigner {
    public_key: PublicKey,
    program: OsString,
    arguments: Vec<OsString>,
    time_limit: Duration,
}

impl CommandSigner {
    /// A program that signs with the private half of this key.
    #[must_use]
    pub fn new(
        public_key: PublicKey,
        program: impl Into<OsString>,
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Self {
        let (program, arguments) = (program.into(), arguments.into_iter().collect());
        Self { public_key, program, arguments, time_limit: TIME_LIMIT }
    }

    /// How long it may take, instead of 30 seconds.
    #[must_use]
    pub fn time_limit(mut self, time_limit: Duration) -> Self {
        self.time_limit = time_limit;
        self
    }

    fn unavailable(&self, what: &str) -> SignerError {
        let program = self.program.to_string_lossy();
        let program = permit_canonical_json::Excerpt(&program);
        SignerError::Unavailable { reason: format!("`{program}` {what}") }
    }

    /// Sends the line, and waits for the answer and then for the end of the program's output.
    fn ask(&self, child: &mut Child, line: String) -> Result<Vec<u8>, SignerError> {
        let begun = Instant::now();
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(self.unavailable("has no standard input or output"));
        };
        let (sender, answer) = mpsc::channel();
        // A program may never read, never write, or write for ever: both ends are another thread's, which ends
        // with the pipes.
        thread::spawn(move || input.write_all(line.as_bytes()));
        thread::spawn(move || {
            let mut line = Vec::new();
            let limit = u64::try_from(SignRequest::LONGEST_ANSWER).unwrap_or(u64::MAX);
            let mut output = BufReader::new(output);
            let read = output.by_ref().take(limit + 1).read_until(b'\n', &mut line);
            // Nobody listens any more if it took too long.
            let _ = sender.send(read.map(|_| line));
            // Whoever listens now is told by the end of the channel that the program is done.
            let _ = io::copy(&mut output, &mut io::sink());
            drop(sender);
        });
        let line = match answer.recv_timeout(self.time_limit) {
            Ok(Ok(line)) => line,
            Ok(Err(problem)) => return Err(self.unavailable(&format!("cannot be read: {problem}"))),
            Err(_) => {
                let seconds = self.time_limit.as_secs_f32();
                return Err(self.unavailable(&format!("gave no answer within {seconds} seconds")));
            }
        };
        if line.len() <= SignRequest::LONGEST_ANSWER {
            // It may have a session to close. If it takes too long, it is killed, and its answer is still one.
            let _ = answer.recv_timeout(self.time_limit.saturating_sub(begun.elapsed()));
        }
        Ok(line)
    }
}

impl Signer for CommandSigner {
    fn public_key(&self) -> PublicKey {
        self.public_key
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignerError> {
        let request = SignRequest::new(self.public_key, message);
        let child = Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child =
            child.map_err(|problem| self.unavailable(&format!("cannot be started: {problem}")))?;
        let answer = self.ask(&mut child, request.to_line());
        // Mostly it has ended already, and there is nothing to kill.
        let _ = child.kill();
        let _ = child.wait();
        request.read_answer(&answer?)
    }
}

const TIME_LIMIT: Duration = Duration::from_secs(30);
