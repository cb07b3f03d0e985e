// SPDX-License-Identifier: Apache-2.0

//! Our own verifier on every case of the corpus, in this process: one test for each case, by its name.

use std::{
    error::Error,
    path::Path,
    process::{ExitCode, Termination as _},
    sync::Arc,
};

use libtest_mimic::{Arguments, Failed, Trial};
use permit_conformance::{CasePattern, CaseState, Corpus, OwnVerifier, RunOptions, run};

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    match judge_all(&folder) {
        Ok(status) => status,
        Err(error) => Err::<(), _>(error).report(),
    }
}

fn judge_all(folder: &Path) -> Result<ExitCode, Box<dyn Error>> {
    let corpus = Arc::new(Corpus::open(folder)?);
    let trials = corpus.cases.iter().map(|case| {
        let (corpus, id) = (Arc::clone(&corpus), case.id.to_string());
        Trial::test(id.clone(), move || judge(&corpus, &id))
    });
    Ok(libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code())
}

fn judge(corpus: &Corpus, id: &str) -> Result<(), Failed> {
    let options = RunOptions { only: vec![CasePattern::new(id)], ..RunOptions::default() };
    let report = run(corpus, &OwnVerifier, &options, &|_| ())?;
    let vector = report.vectors.first().ok_or("the case was not run")?;
    match vector.state {
        CaseState::Passed => Ok(()),
        state => Err(format!("{state}: {}", vector.notes).into()),
    }
}
