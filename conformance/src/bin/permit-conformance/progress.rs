// SPDX-License-Identifier: Apache-2.0

//! Progress, on terminals only.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressStyle};
use permit_conformance::VectorReport;

/// Shows how far a run has come, and at once what fails.
pub(crate) struct Shown {
    bar: ProgressBar,
}

impl Shown {
    pub(crate) fn new(cases: usize) -> Self {
        let bar = if io::stderr().is_terminal() {
            ProgressBar::new(u64::try_from(cases).unwrap_or(u64::MAX))
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) =
            ProgressStyle::with_template("{bar:30} {pos} of {len}, {eta} left  {msg}")
        {
            bar.set_style(style);
        }
        Self { bar }
    }

    pub(crate) fn done(&self, vector: &VectorReport) {
        if vector.state.fails_the_run() {
            self.bar
                .println(format!("{}  {}: {}", vector.state, vector.test_vector_id, vector.notes));
        }
        self.bar.set_message(vector.test_vector_id.clone());
        self.bar.inc(1);
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
