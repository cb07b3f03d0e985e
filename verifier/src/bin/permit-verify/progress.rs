// SPDX-License-Identifier: Apache-2.0

//! Progress of long readings, on terminals only.

use std::io::{self, IsTerminal as _, Read};

use indicatif::{ProgressBar, ProgressStyle};

/// Shows how much of a file was read.
pub(crate) struct Shown<R> {
    source: R,
    bar: ProgressBar,
}

impl<R: Read> Shown<R> {
    /// Shows the reading of `length` bytes if there is a terminal to show it on and enough to read.
    pub(crate) fn new(source: R, length: u64) -> Self {
        let shown = length >= WORTH_SHOWING && io::stderr().is_terminal();
        let bar = if shown { ProgressBar::new(length) } else { ProgressBar::hidden() };
        let template = "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { source, bar }
    }
}

impl<R: Read> Read for Shown<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        if length == 0 {
            self.bar.finish_and_clear();
        } else {
            self.bar.inc(u64::try_from(length).unwrap_or(0));
        }
        Ok(length)
    }
}

const WORTH_SHOWING: u64 = 32 * 1024 * 1024;
