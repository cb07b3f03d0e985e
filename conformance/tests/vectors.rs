// SPDX-License-Identifier: Apache-2.0

//! Our own verifier on every case of the corpus, in this process: one test for each case, by its name.

use std::{path::Path, process::ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use permit_conformance::{CasePattern, CaseState, Corpus, OwnVerifier, RunOptions, run};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    if !folder.join("MANIFEST.json").is_file() {
        println!("skipped: there is no corpus at conformance/corpus");
        return ExitCode::SUCCESS;
    }
    let corpus = match Corpus::open(&folder) {
        Ok(corpus) => std::sync::Arc::new(corpus),
        Err(error) => {
            println!("the corpus cannot be used: {error}");
            return ExitCode::FAILURE;
        }
    };
    let trials = corpus.cases.iter().map(|case| {
        let (corpus, id) = (std::sync::Arc::clone(&corpus), case.id.to_string());
        Trial::test(id.clone(), move || judge(&corpus, &id))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
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
