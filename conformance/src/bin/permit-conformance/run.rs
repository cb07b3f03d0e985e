// SPDX-License-Identifier: Apache-2.0

//! `permit-conformance run`

use std::{fs, path::Path, thread, time::Duration};

use permit_conformance::{
    CaseState, CommandLine, ConformanceReport, Corpus, ExecVerifier, LineCheck, OwnVerifier,
    PlainVerifier, Preset, PresetVerifier, ProcessLimits, RunOptions, StreamVerifier, Verifier,
    Xfails, badge_text, html_text, junit_text, markdown_text, run as run_corpus,
};

use crate::{
    args::{PresetName, RunArgs, Transport},
    output,
    progress::Shown,
};

pub(crate) fn run(args: &RunArgs) -> Result<u8, String> {
    let corpus = Corpus::open(&args.vectors).map_err(|error| error.to_string())?;
    let (verifier, transport) = verifier(args)?;
    let options = RunOptions {
        only: args.only.iter().map(permit_conformance::CasePattern::new).collect(),
        jobs: args.jobs.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from)),
        xfails: xfails(args)?,
        command: args.verifier.clone().unwrap_or_else(|| "in this process".to_owned()),
        transport,
    };
    let shown = Shown::new(corpus.cases.len());
    let report = run_corpus(&corpus, verifier.as_ref(), &options, &|vector| shown.done(vector));
    shown.finish();
    let report = report.map_err(|error| error.to_string())?;
    if let Some(folder) = &args.report {
        write_views(&report, folder)?;
    }
    if args.json {
        output::print(&report.to_text().map_err(|problem| problem.to_string())?)?;
    } else {
        output::print(&summary(&report))?;
    }
    Ok(u8::from(!report.is_ok()))
}

fn verifier(args: &RunArgs) -> Result<(Box<dyn Verifier>, String), String> {
    let Some(text) = &args.verifier else {
        return Ok((Box::new(OwnVerifier), "in process".to_owned()));
    };
    let command = CommandLine::parse(text).and_then(|command| command.with_variables(&args.env));
    let command = command.map_err(|error| error.to_string())?;
    let time = Duration::try_from_secs_f64(args.timeout).ok().filter(|time| !time.is_zero());
    let time = time.ok_or("--timeout is not a number of seconds above 0")?;
    let limits = ProcessLimits { time, ..ProcessLimits::default() };
    let check = args.validate.then(LineCheck::new).transpose()?;
    Ok(match (args.preset, args.transport) {
        (Some(name), _) => {
            let preset = match name {
                PresetName::PermitVerify => Preset::PermitVerify,
                PresetName::KeelVerify => Preset::KeelVerify,
            };
            let transport = format!("preset {preset}");
            (Box::new(PresetVerifier::new(preset, command, limits)), transport)
        }
        (None, Transport::Stream) => {
            (Box::new(StreamVerifier::new(command, limits, check)), "stream".to_owned())
        }
        (None, Transport::Exec) => {
            (Box::new(ExecVerifier::new(command, limits, check)), "exec".to_owned())
        }
        (None, Transport::Plain) => {
            (Box::new(PlainVerifier::new(command, limits)), "plain".to_owned())
        }
    })
}

fn xfails(args: &RunArgs) -> Result<Xfails, String> {
    let Some(path) = &args.xfail else { return Ok(Xfails::default()) };
    let text = fs::read_to_string(path)
        .map_err(|error| format!("`{}` cannot be read: {error}", path.display()))?;
    Xfails::read(&text).map_err(|error| format!("`{}`: {error}", path.display()))
}

fn write_views(report: &ConformanceReport, folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder)
        .map_err(|error| format!("`{}` cannot be made: {error}", folder.display()))?;
    let one = std::slice::from_ref(report);
    for (name, text) in [
        ("verifier-conformance-report.json", report.to_text().map_err(|p| p.to_string())?),
        ("junit.xml", junit_text(report)?),
        ("report.md", markdown_text(one)),
        ("report.html", html_text(one)),
        ("badge.json", badge_text(report)),
    ] {
        output::write(&folder.join(name), &text)?;
    }
    Ok(())
}

/// The result in a few lines: what is wrong first.
fn summary(report: &ConformanceReport) -> String {
    let mut text = String::new();
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    for vector in &report.vectors {
        if vector.state != CaseState::Passed && vector.state != CaseState::Skipped {
            line(format!("{:<16}  {}", vector.state, vector.test_vector_id));
            line(format!("                  {}", vector.notes));
        }
    }
    for pattern in &report.unused_xfails {
        line(format!("the known failure `{pattern}` fits no case that was run: take it out"));
    }
    let s = &report.summary;
    line(format!(
        "{}: {} cases, {} passed, {} failed, {} errored, {} skipped, {} known failures, {} unexpected passes",
        report.title(),
        s.total_vectors,
        s.passed,
        s.failed,
        s.errored,
        s.skipped,
        s.expected_failures,
        s.unexpected_passes
    ));
    let scores: Vec<String> = report
        .scores
        .iter()
        .map(|score| format!("{} {}/{}", score.score, score.reached, score.of))
        .collect();
    line(format!("scores: {}", scores.join(", ")));
    match (report.level(), report.level_declared) {
        (Some(level), _) => line(format!("level: {level}")),
        (None, _) => line("level: none".to_owned()),
    }
    if let Some(declared) = report.level_declared
        && report.conformance_level_claimed != Some(declared)
    {
        line(format!("the verifier says level {declared}; this run does not show it"));
    }
    line(report.citation());
    text
}
