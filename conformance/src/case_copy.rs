// SPDX-License-Identifier: Apache-2.0

//! A copy of a case's input: all that a verifier sees of the corpus.

use std::{collections::BTreeMap, fs, io, path::PathBuf};

use tempfile::TempDir;

use crate::{
    corpus::Case,
    expectation::ExpectedOutcome,
    op::{Op, VerifierMode},
    protocol::RunRequest,
};

/// The input of one case in a folder of its own, which goes away with it. The expectation is not in
/// it, and its path says nothing about the case.
#[derive(Debug)]
pub struct CaseCopy {
    folder: TempDir,
    files: BTreeMap<String, Vec<u8>>,
}

impl CaseCopy {
    /// Copies the input.
    ///
    /// # Errors
    /// If there is no place for it.
    pub fn of(case: &Case) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("permit-").tempdir()?;
        let root = folder.path().join(INPUT);
        fs::create_dir(&root)?;
        for (name, bytes) in &case.input {
            let path = root.join(name);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, bytes)?;
        }
        Ok(Self { folder, files: case.input.clone() })
    }

    /// The folder with the input.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.folder.path().join(INPUT)
    }

    /// A file of the input that is not any more what it was: verifiers only read.
    #[must_use]
    pub fn changed(&self) -> Option<&str> {
        let root = self.root();
        let is_changed = |(name, bytes): &(&String, &Vec<u8>)| {
            fs::read(root.join(name)).map_or(true, |now| now != **bytes)
        };
        self.files.iter().find(is_changed).map(|(name, _)| name.as_str())
    }

    /// What is asked of a verifier.
    #[must_use]
    pub fn request(&self, case: &Case, seq: u64) -> RunRequest {
        let root = self.root();
        let path = |name: &String| root.join(name).display().to_string();
        let expectation = &case.expectation;
        let ours = &expectation.additions;
        let files: BTreeMap<String, String> =
            ours.files.iter().map(|(role, name)| (role.clone(), path(name))).collect();
        let claim = match &expectation.outcome {
            ExpectedOutcome::Envelope(envelope) => Some(envelope.claim_type.clone()),
            ExpectedOutcome::Golden(golden) if expectation.op() == Op::Claim => {
                golden.claim.clone().or_else(|| Some(DELEGATION_DENIED.to_owned()))
            }
            _ => None,
        };
        RunRequest {
            seq,
            op: expectation.op(),
            input: root.display().to_string(),
            trust_root: files.get("trust_root").cloned(),
            files,
            checks: ours.checks.clone(),
            at: ours.at.clone(),
            test_mode: expectation.mode() == VerifierMode::Test,
            documents: ours.output.keys().cloned().collect(),
            profile: ours.profile,
            schema: ours.schema.clone(),
            claim,
            event_id: ours.event_id.clone(),
        }
    }
}

const INPUT: &str = "input";
/// The one claim that golden records of the kind `claim` are about.
const DELEGATION_DENIED: &str = "delegation_denied_correctly";
