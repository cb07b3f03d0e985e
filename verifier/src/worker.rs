// SPDX-License-Identifier: Apache-2.0

//! Work that needs no order among the evidence: hashing the file and checking signatures.
//!
//! ```text
//! reader ──bytes──► worker: content hash        reader ──signatures──► worker: yes or no
//!        ◄─empty buffers──                             ◄─────answers──
//! ```
//!
//! Where the worker has enough to do already, the reader checks signatures itself. Answers
//! carry the place they belong to, so that it does not matter when they come.

use std::{
    sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel},
    thread::JoinHandle,
};

use permit_canonical_json::{DigestSink, Sha256Digest};
use permit_closure::{ClosurePlace, Signed};
use permit_export_bundle::ByteTap;
use permit_keys::{PendingSignature, SignatureChecked, SignatureProblem};

use crate::options::Threads;

/// A signature to be checked, and whose it is.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) closure: Signed,
    pub(crate) place: ClosurePlace,
    pub(crate) permit_id: Box<str>,
    pub(crate) signature: PendingSignature,
}

/// The answer to a question.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) closure: Signed,
    pub(crate) place: ClosurePlace,
    pub(crate) permit_id: Box<str>,
    pub(crate) answer: Result<SignatureChecked, SignatureProblem>,
}

enum Task {
    Bytes(Vec<u8>),
    Signatures(Vec<Question>),
}

/// Hashes the file, here or in another thread.
#[derive(Debug)]
pub(crate) struct FileHash {
    way: HashWay,
}

#[derive(Debug)]
enum HashWay {
    Here(Box<DigestSink>),
    There { tasks: SyncSender<Task>, empty: Receiver<Vec<u8>> },
}

impl ByteTap for FileHash {
    fn bytes(&mut self, bytes: &[u8]) {
        match &mut self.way {
            HashWay::Here(sink) => sink.put_bytes(bytes),
            HashWay::There { tasks, empty } => {
                let mut buffer = empty.try_recv().unwrap_or_default();
                buffer.clear();
                buffer.extend_from_slice(bytes);
                // A worker that is gone is noticed when it is asked for the digest.
                let _ = tasks.send(Task::Bytes(buffer));
            }
        }
    }
}

/// Asks for signatures to be checked, here or in another thread.
#[derive(Debug, Default)]
pub(crate) struct SignatureDesk {
    tasks: Option<SyncSender<Task>>,
    answers: Option<Receiver<Vec<Answer>>>,
    batch: Vec<Question>,
}

impl SignatureDesk {
    /// Takes a question; gives the answers that are ready, to this or to earlier ones.
    pub(crate) fn ask(&mut self, question: Question) -> Vec<Answer> {
        self.batch.push(question);
        if self.batch.len() < BATCH { Vec::new() } else { self.send() }
    }

    fn send(&mut self) -> Vec<Answer> {
        let batch = std::mem::take(&mut self.batch);
        let mut ready = match &self.tasks {
            None => check(batch),
            Some(tasks) => match tasks.try_send(Task::Signatures(batch)) {
                Ok(()) => Vec::new(),
                Err(TrySendError::Full(task) | TrySendError::Disconnected(task)) => match task {
                    Task::Signatures(batch) => check(batch),
                    Task::Bytes(_) => Vec::new(),
                },
            },
        };
        if let Some(answers) = &self.answers {
            ready.extend(answers.try_iter().flatten());
        }
        ready
    }
}

/// The other thread, until its work is done.
#[derive(Debug)]
pub(crate) struct Worker {
    thread: Option<JoinHandle<Sha256Digest>>,
}

/// Starts the work, in another thread if there may be one.
pub(crate) fn start(threads: Threads) -> (FileHash, SignatureDesk, Worker) {
    let here = || {
        let hash = FileHash { way: HashWay::Here(Box::default()) };
        let desk = SignatureDesk { tasks: None, answers: None, batch: Vec::new() };
        (hash, desk, Worker { thread: None })
    };
    if threads == Threads::One {
        return here();
    }
    let (tasks, inbox) = sync_channel(QUEUE);
    let (give_back, empty) = channel();
    let (answer, answers) = channel();
    let work = move || work(&inbox, &give_back, &answer);
    match std::thread::Builder::new().name("permit-verify".into()).spawn(work) {
        Err(_) => here(),
        Ok(thread) => {
            let hash = FileHash { way: HashWay::There { tasks: tasks.clone(), empty } };
            let desk =
                SignatureDesk { tasks: Some(tasks), answers: Some(answers), batch: Vec::new() };
            (hash, desk, Worker { thread: Some(thread) })
        }
    }
}

fn work(
    inbox: &Receiver<Task>,
    give_back: &Sender<Vec<u8>>,
    answer: &Sender<Vec<Answer>>,
) -> Sha256Digest {
    let mut sink = DigestSink::new();
    for task in inbox {
        match task {
            Task::Bytes(buffer) => {
                sink.put_bytes(&buffer);
                // Nobody needs the buffer any more once the reader is done.
                let _ = give_back.send(buffer);
            }
            Task::Signatures(batch) => {
                let _ = answer.send(check(batch));
            }
        }
    }
    sink.finish()
}

/// Waits for all that is under way: the digest of the file and the answers that are left.
///
/// Returns no digest if the other thread ended before its time.
pub(crate) fn finish(
    hash: FileHash,
    mut desk: SignatureDesk,
    worker: Worker,
) -> (Option<Sha256Digest>, Vec<Answer>) {
    let mut ready = check(std::mem::take(&mut desk.batch));
    drop(desk.tasks.take());
    let digest = match (hash.way, worker.thread) {
        (HashWay::Here(sink), _) => Some(sink.finish()),
        (HashWay::There { tasks, empty }, Some(thread)) => {
            drop((tasks, empty));
            thread.join().ok()
        }
        (HashWay::There { .. }, None) => None,
    };
    if let Some(answers) = desk.answers {
        ready.extend(answers.iter().flatten());
    }
    (digest, ready)
}

fn check(batch: Vec<Question>) -> Vec<Answer> {
    let (mut places, mut signatures) = (Vec::new(), Vec::new());
    for Question { closure, place, permit_id, signature } in batch {
        places.push((closure, place, permit_id));
        signatures.push(signature);
    }
    let answers = PendingSignature::verify_all(signatures);
    let answers = places.into_iter().zip(answers);
    answers
        .map(|((closure, place, permit_id), answer)| Answer { closure, place, permit_id, answer })
        .collect()
}

/// Signatures that are checked together: enough to be worth a message.
const BATCH: usize = 64;

/// Tasks that wait for the worker before the reader lends a hand.
const QUEUE: usize = 8;
