// SPDX-License-Identifier: Apache-2.0

//! How long `permit-verify` takes for large exports, and how that compares.
//!
//! Figures of one machine at one moment say little; what is worth quoting is a ratio out of one run:
//! twice as many entries in twice the time, this many times as fast as the reference.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use permit_claims::to_pretty_text;
use permit_export_bundle::{
    BundleEntries, BundleHead, BundleWriter, ExportWriterOptions, ManifestDraft,
};
use permit_types::{NonEmptyText, ProjectId, Rfc3339};

use crate::{
    ChoreError, Complaints,
    example_bundle::{Keys, Morning, Request, identifier},
    interop,
    project::Project,
    say,
};

/// What to measure.
#[derive(Debug)]
pub(crate) struct Bench<'b> {
    /// How many chain entries each export has.
    pub(crate) entries: &'b [u64],
    /// The program `keel-verify`, for the smallest export.
    pub(crate) reference: Option<&'b Path>,
    /// How many times as fast as the reference it has to be.
    pub(crate) at_least: Option<f64>,
}

pub(crate) fn run(project: &Project, bench: &Bench<'_>) -> Result<Complaints, ChoreError> {
    let ours = interop::build(project)?;
    let mut last: Option<(u64, Duration)> = None;
    let mut complaints = Complaints::new();
    for entries in bench.entries {
        let folder = project.root().join(format!("target/bench/{entries}"));
        let made = make(&folder, *entries)?;
        let mine = best_of(RUNS, &ours, &folder, &["--test-mode"])?;
        let peak =
            mine.peak_kib.map_or("not measured".to_owned(), |kib| format!("{} MiB", kib / 1024));
        let rate = made as f64 / mine.wall.as_secs_f64() / 1e6;
        say(&format!(
            "{entries:>9} entries, {:>6.1} MB: {:>8.3} s, {rate:>5.0} MB/s, peak memory {peak}",
            made as f64 / 1e6,
            mine.wall.as_secs_f64(),
        ));
        if let Some((fewer, shorter)) = last {
            let more = *entries as f64 / fewer as f64;
            let longer = mine.wall.as_secs_f64() / shorter.as_secs_f64();
            say(&format!("          {more:.1} times as many entries, {longer:.1} times as long"));
        } else if let Some(reference) = bench.reference {
            let theirs = best_of(1, reference, &folder, &[])?;
            let ratio = theirs.wall.as_secs_f64() / mine.wall.as_secs_f64();
            say(&format!(
                "          the reference: {:.3} s; ours is {ratio:.0} times as fast",
                theirs.wall.as_secs_f64()
            ));
            if bench.at_least.is_some_and(|least| ratio < least) {
                complaints.push(format!("{ratio:.0} times as fast as the reference is too slow"));
            }
        }
        last = Some((*entries, mine.wall));
    }
    Ok(complaints)
}

struct Measured {
    wall: Duration,
    /// The peak of memory, where there is a program that measures it.
    peak_kib: Option<u64>,
}

fn best_of(
    runs: usize,
    verifier: &Path,
    folder: &Path,
    more: &[&str],
) -> Result<Measured, ChoreError> {
    let mut best: Option<Measured> = None;
    for _ in 0..runs {
        let measured = measure(verifier, folder, more)?;
        if best.as_ref().is_none_or(|best| measured.wall < best.wall) {
            best = Some(measured);
        }
    }
    best.ok_or_else(|| "nothing was run".into())
}

fn measure(verifier: &Path, folder: &Path, more: &[&str]) -> Result<Measured, ChoreError> {
    let verifier = verifier.canonicalize()?;
    let meter = Path::new("/usr/bin/time");
    let peak = folder.join("peak");
    let mut command = if meter.exists() {
        let mut command = Command::new(meter);
        command.args(["-q", "-f", "%M", "-o"]).arg(&peak).arg(&verifier);
        command
    } else {
        Command::new(&verifier)
    };
    command.args(["export", "export.json", "export.json.manifest.json"]);
    command.args(["--key-manifest", "key-manifest.json", "--walk-events", "--verify-closure"]);
    command.arg("--json").args(more).current_dir(folder).stdout(Stdio::null());
    let start = Instant::now();
    let status = command.status()?;
    let wall = start.elapsed();
    if !status.success() {
        return Err(format!("`{}` does not verify the export: {status}", verifier.display()).into());
    }
    let peak_kib = fs::read_to_string(&peak).ok().and_then(|text| text.trim().parse().ok());
    Ok(Measured { wall, peak_kib })
}

/// Makes an export of about so many entries, record by record, and tells its size.
fn make(folder: &Path, entries: u64) -> Result<u64, ChoreError> {
    fs::create_dir_all(folder)?;
    let export: PathBuf = folder.join("export.json");
    let keys = Keys::of_examples();
    let head = BundleHead {
        project_id: ProjectId::parse(&identifier("project")).ok_or("no project")?,
        from: at("2026-05-11T00:00:00Z")?,
        to: at("2026-05-12T00:00:00Z")?,
        generated_at: at("2026-05-12T00:00:04Z")?,
    };
    let sink = BufWriter::new(File::create(&export)?);
    let options = ExportWriterOptions::default();
    let mut writer = BundleWriter::new(sink, &head, BundleEntries::InRecords, &options)?;
    let mut day = Morning::new();
    for number in 0..entries.div_ceil(ENTRIES_OF_A_RECORD) {
        let seconds = number / 10 % 36_000;
        let clock =
            format!("{:02}:{:02}:{:02}", 8 + seconds / 3600, seconds / 60 % 60, seconds % 60);
        let request = Request {
            name: &format!("request {number}"),
            action: "mail.draft_reply",
            at: &format!("2026-05-11T{clock}"),
            decision: "allow",
            reason: "drafts need no approval",
            body: &format!(r#"{{"model": "example-large", "order": {number}, "max_tokens": 400}}"#),
        };
        day.answered(&request, Some("It left our warehouse this morning."), &keys)?;
        for record in day.take_records() {
            writer.record_value(&record)?;
        }
    }
    let (mut sink, facts) = writer.finish()?;
    sink.flush()?;
    let bytes = facts.stored_bytes;
    let export_id = NonEmptyText::parse(&identifier("bench")).ok_or("no id")?;
    let manifest = ManifestDraft::new(export_id, facts);
    let manifest = manifest.sign(&keys.export, at("2026-05-12T00:00:05Z")?)?;
    fs::write(folder.join("export.json.manifest.json"), manifest.bytes())?;
    fs::write(folder.join("key-manifest.json"), to_pretty_text(&keys.trust_root()))?;
    Ok(bytes)
}

fn at(text: &str) -> Result<Rfc3339, ChoreError> {
    Rfc3339::parse(text).ok_or_else(|| "no time".into())
}

/// An answered request is evaluated, bound, dispatched, received, delivered and closed.
const ENTRIES_OF_A_RECORD: u64 = 6;

const RUNS: usize = 3;
