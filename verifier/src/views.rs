// SPDX-License-Identifier: Apache-2.0

//! The report as text: for people, and for machines.

use std::fmt::Write as _;

use permit_canonical_json::Excerpt;
use permit_claims::{Outcome, Report, Verdict, to_pretty_text};
use permit_types::{Artifact, Finding, Severity};

/// The report for machines: the layout `keel.verifier.verdicts/v0` and more beside it.
#[must_use]
pub fn to_json_text(report: &Report) -> String {
    to_pretty_text(&report.to_json())
}

/// How the report is shown to people.
#[derive(Clone, Copy, Default)]
pub struct ShowText<'s> {
    /// Whether colours are used.
    pub colour: bool,
    /// Finds the lines around a finding in the file that it is about; only the caller can read files.
    pub excerpt: Option<&'s Excerpts<'s>>,
}

/// Finds the lines around a finding.
pub type Excerpts<'s> = dyn Fn(&Finding) -> Option<String> + 's;

impl std::fmt::Debug for ShowText<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShowText").field("colour", &self.colour).finish_non_exhaustive()
    }
}

/// The report for people: the outcome first, then claims, findings, and what was not looked at.
#[must_use]
pub fn to_text(report: &Report, show: &ShowText<'_>) -> String {
    let mut page = Page { text: String::new(), show };
    page.headline(report);
    page.facts(report);
    page.claims(report);
    page.findings(report);
    page.remarks(report);
    page.text
}

struct Page<'p> {
    text: String,
    show: &'p ShowText<'p>,
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn paint(&self, text: &str, paint: Paint) -> String {
        if !self.show.colour {
            return text.to_owned();
        }
        let code = match paint {
            Paint::Good => "32;1",
            Paint::Bad => "31;1",
            Paint::Unsure => "33;1",
            Paint::Dim => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    fn headline(&mut self, report: &Report) {
        let unsigned = report.claims.first().is_some_and(|claim| !claim.is_supported());
        // Such as an export without closures, whose closures were asked for.
        let in_part = report.claims.iter().any(|claim| claim.required && !claim.is_supported());
        let (word, paint) = match report.outcome {
            Outcome::Verified if unsigned => ("NOT SIGNED, as allowed", Paint::Unsure),
            Outcome::Verified if in_part => ("VERIFIED IN PART", Paint::Unsure),
            Outcome::Verified => ("VERIFIED", Paint::Good),
            Outcome::NotVerified => ("NOT VERIFIED", Paint::Bad),
            Outcome::CouldNotJudge => ("COULD NOT JUDGE", Paint::Unsure),
        };
        let name =
            report.artifact.file(Artifact::Export).or(report.artifact.file(Artifact::Checkpoint));
        let word = self.paint(word, paint);
        self.line(&format!("{word}  {}", Excerpt(name.unwrap_or_default())));
        if let Some(error) = report.error.as_ref().filter(|_| !report.passed()) {
            self.line(&format!("  {}", Excerpt(error)));
        }
    }

    fn facts(&mut self, report: &Report) {
        if let Some(digest) = report.artifact.digest(Artifact::Export) {
            self.fact("content hash", &digest.prefixed().to_string());
        }
        if let (Some(channel), Some(key_id)) = (&report.trust.channel, &report.trust.key_id) {
            self.fact("signing key", &format!("{} ({channel})", Excerpt(key_id)));
        }
        if let Some(source) = &report.trust.source {
            let mode =
                if report.trust.test_mode { ", test mode: only test keys count" } else { "" };
            self.fact("trust root", &format!("{}{mode}", Excerpt(source)));
        }
        let seen = &report.inspected;
        if seen.records > 0 || seen.chain_entries > 0 {
            let text = format!(
                "{}, {}, {}, {}",
                plural(seen.records, "record"),
                plural(seen.permits, "permit"),
                plural(seen.chain_entries, "chain entry"),
                plural(seen.closures, "closure"),
            );
            self.fact("looked at", &text);
        }
        for scope in report.scopes.iter().take(SCOPES_SHOWN) {
            let window = scope.numbers.map_or_else(String::new, |(first, last)| {
                let gaps = if scope.number_runs == 1 { ", no gaps" } else { ", with gaps" };
                format!(", sequence {first} to {last}{gaps}")
            });
            let entries = plural(scope.entries, "entry");
            self.fact(
                "chain scope",
                &format!("{}: {entries}{window}", Excerpt(&scope.chain_scope)),
            );
        }
        if let Some(more) = report.scopes.len().checked_sub(SCOPES_SHOWN).filter(|more| *more > 0) {
            self.fact("chain scope", &format!("and {more} more"));
        }
    }

    fn fact(&mut self, name: &str, value: &str) {
        self.line(&format!("  {name:<13} {value}"));
    }

    fn claims(&mut self, report: &Report) {
        if report.claims.is_empty() {
            return;
        }
        self.line("\nClaims");
        for claim in &report.claims {
            let paint = match claim.verdict {
                Verdict::Supported => Paint::Good,
                Verdict::Disproved => Paint::Bad,
                _ => Paint::Unsure,
            };
            let verdict = self.paint(&format!("{:<21}", claim.verdict.as_str()), paint);
            let name = claim.claim.as_str();
            if claim.is_supported() {
                self.line(&format!("  {verdict} {name:<38} {}", Excerpt(&claim.message)));
            } else {
                let (reason, message) = (claim.reason.as_str(), Excerpt(&claim.message));
                self.line(&format!("  {verdict} {name:<38} {reason}: {message}"));
            }
        }
        for also in &report.also_judged {
            let verdict = format!("({})", also.verdict.as_str());
            self.line(&format!(
                "  {verdict:<21} {:<38} judged, but does not count",
                also.claim.as_str()
            ));
        }
    }

    fn findings(&mut self, report: &Report) {
        let failures: Vec<_> = report
            .findings
            .iter()
            .enumerate()
            .filter(|(_, finding)| finding.severity == Severity::Failure)
            .collect();
        let causes = failures.iter().filter(|(_, finding)| finding.because.is_none());
        for (index, finding) in causes.take(FINDINGS_SHOWN) {
            self.finding("FAIL", Paint::Bad, finding);
            let follows =
                failures.iter().filter(|(_, other)| other.because == Some(*index)).count();
            if follows > 0 {
                self.line(&format!("  and {} that follow from it", plural_of(follows, "finding")));
            }
        }
        if failures.len() > FINDINGS_SHOWN {
            let more = failures.len() - FINDINGS_SHOWN;
            self.line(&format!("\nand {} more failures; --json lists them", more));
        }
        if !failures.is_empty() && !report.still_holds.is_empty() {
            self.line(&format!("\nStill holds: {}", report.still_holds.join("; ")));
        }
        self.notices(report);
        if report.findings_left_out > 0 {
            let left_out = report.findings_left_out;
            self.line(&format!("\n{} not listed anywhere", plural(left_out, "further finding")));
        }
    }

    fn finding(&mut self, word: &str, paint: Paint, finding: &Finding) {
        let word = self.paint(word, paint);
        let reason = finding.reason.as_str();
        let rule = finding.rule.map_or("", permit_types::RuleId::as_str);
        self.line(&format!("\n{word}  {reason}  {rule}"));
        let at = &finding.at;
        let bytes =
            if at.range.is_empty() { String::new() } else { format!(" bytes {}", at.range) };
        let pointer = at.pointer.to_string();
        self.line(&format!("  {}{bytes}  {}", at.artifact.as_str(), Excerpt(&pointer)));
        self.line(&format!("  {}", Excerpt(&finding.summary)));
        if let Some(excerpt) = self.show.excerpt.and_then(|excerpt| excerpt(finding)) {
            for line in excerpt.lines() {
                let line = self.paint(line, Paint::Dim);
                self.line(&format!("      {line}"));
            }
        }
        for (name, value) in [("expected", &finding.expected), ("found", &finding.actual)] {
            if let Some(value) = value {
                self.line(&format!("  {name:<9} {}", Excerpt(value)));
            }
        }
        if !finding.details.is_empty() {
            let mut details = String::new();
            for detail in &finding.details {
                let before = if details.is_empty() { "" } else { ", " };
                let written = write!(details, "{before}{} {}", detail.name, Excerpt(&detail.value));
                debug_assert!(written.is_ok(), "strings take all text");
            }
            self.line(&format!("  {details}"));
        }
        self.line(&format!("  help: {}", finding.help));
    }

    /// Notices, those of one kind together.
    fn notices(&mut self, report: &Report) {
        let mut kinds: Vec<(&Finding, usize)> = Vec::new();
        for notice in report.findings.iter().filter(|f| f.severity == Severity::Notice) {
            let same = |(first, _): &&mut (&Finding, usize)| {
                first.reason == notice.reason
                    && first.rule == notice.rule
                    && first.summary == notice.summary
            };
            match kinds.iter_mut().find(same) {
                Some((_, count)) => *count += 1,
                None => kinds.push((notice, 1)),
            }
        }
        if kinds.is_empty() {
            return;
        }
        let fail = if report.strict {
            "they fail this strict run"
        } else {
            "they fail no claim; --strict makes them count"
        };
        self.line(&format!("\nNotices ({fail})"));
        for (notice, count) in kinds.iter().take(FINDINGS_SHOWN) {
            let rule = notice.rule.map_or("", permit_types::RuleId::as_str);
            let times = if *count > 1 { format!(", {count} times") } else { String::new() };
            let pointer = notice.at.pointer.to_string();
            let summary = Excerpt(&notice.summary);
            self.line(&format!("  {rule:<10} {summary} ({}{times})", Excerpt(&pointer)));
        }
        if kinds.len() > FINDINGS_SHOWN {
            self.line(&format!(
                "  and {} more kinds; --json lists them",
                kinds.len() - FINDINGS_SHOWN
            ));
        }
    }

    fn remarks(&mut self, report: &Report) {
        for remark in &report.diagnostics {
            self.line(&format!("\nNote: {}", Excerpt(remark)));
        }
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for not in &report.not_checked {
            match reasons.iter_mut().find(|(because, _)| *because == not.because) {
                Some((_, claims)) => claims.push(not.claim.as_str()),
                None => reasons.push((not.because, vec![not.claim.as_str()])),
            }
        }
        if !reasons.is_empty() {
            self.line("\nNot checked");
            for (because, claims) in reasons {
                self.line(&format!("  {because}:"));
                for claims in claims.chunks(2) {
                    self.line(&format!("    {}", claims.join(", ")));
                }
            }
        }
        if report.passed() {
            self.line("\nThis does not prove");
            for limit in &report.does_not_prove {
                self.line(&format!("  - {limit}"));
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Paint {
    Good,
    Bad,
    Unsure,
    Dim,
}

fn plural(count: u64, word: &str) -> String {
    if count == 1 {
        return format!("1 {word}");
    }
    match word.strip_suffix('y') {
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {word}s"),
    }
}

fn plural_of(count: usize, word: &str) -> String {
    plural(u64::try_from(count).unwrap_or(u64::MAX), word)
}

const FINDINGS_SHOWN: usize = 20;
const SCOPES_SHOWN: usize = 8;
