// SPDX-License-Identifier: Apache-2.0

//! `permit-verify validate`

use std::{
    fmt::Write as _,
    io::{self, BufRead as _, Read as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use flate2::bufread::GzDecoder;
use permit_canonical_json::{Budget, ByteRange, Excerpt, ReadError, Value, read};
use permit_claims::to_pretty_text;
use permit_failure_codes::ReasonClass;
use permit_types::{Artifact, Finding, Location, Severity};
use permit_verifier::{DocumentForm, DocumentKind, FormFindings};

use crate::{
    args::{Format, OutputArgs},
    excerpt, files, output, schema,
};

/// `validate`
#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    /// Documents: JSON, JSON Lines, either of them in gzip
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The schema; without it, the members of a document tell
    #[arg(long, value_name = "NAME")]
    schema: Option<String>,
    /// Let notices fail, too
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    output: OutputArgs,
}

pub(crate) fn run(args: &ValidateArgs) -> ExitCode {
    let kind = match args.schema.as_deref().map(schema::kind_named).transpose() {
        Ok(kind) => kind,
        Err(message) => return output::error(&message, "permit-verify schema lists the names"),
    };
    let mut validation = Validation { kind, forms: Vec::new(), strict: args.strict };
    let mut documents = Vec::new();
    for path in &args.files {
        match validation.file(path) {
            Ok(of_file) => documents.extend(of_file),
            Err(NotValidated { message, help }) => return output::error(&message, help),
        }
    }
    let valid = documents.iter().all(|document| document.valid);
    let status = u8::from(!valid);
    let text = match args.output.format() {
        Format::Json => as_json(&documents, valid, status),
        _ => as_text(&documents),
    };
    output::text(&text, &args.output, status)
}

/// Why a file could not be judged.
struct NotValidated {
    message: String,
    help: &'static str,
}

/// One document and what is wrong with it.
struct Document {
    path: PathBuf,
    /// The line that it stands on, if the file has one on each.
    line: Option<u64>,
    kind: Option<DocumentKind>,
    valid: bool,
    findings: Vec<Placed>,
    left_out: u64,
    excerpts: bool,
}

/// A finding and where in the file a person finds it.
struct Placed {
    finding: Finding,
    line: u64,
    column: u64,
}

struct Validation {
    kind: Option<DocumentKind>,
    forms: Vec<DocumentForm>,
    strict: bool,
}

impl Validation {
    fn file(&mut self, path: &Path) -> Result<Vec<Document>, NotValidated> {
        let shown = path.display();
        let packed = files::read_small(path, LARGEST_FILE).map_err(|error| NotValidated {
            message: format!("the document `{shown}` cannot be read: {error}"),
            help: match error.kind() {
                io::ErrorKind::FileTooLarge => {
                    "documents are validated in memory; `permit-verify export --strict` reads exports of any size"
                }
                _ => "check the path and its permissions",
            },
        })?;
        let excerpts = !packed.starts_with(GZIP);
        let bytes = if excerpts { packed } else { unpacked(&packed, path)? };
        let whole = read(&bytes, &Budget::default());
        if has_lines(path, &bytes, whole.is_ok()) {
            return self.lines(path, &bytes, excerpts);
        }
        let document = self.document(path, None, (&bytes, 0), whole, excerpts)?;
        Ok(vec![document])
    }

    fn lines(
        &mut self,
        path: &Path,
        bytes: &[u8],
        excerpts: bool,
    ) -> Result<Vec<Document>, NotValidated> {
        let mut documents = Vec::new();
        let mut offset = 0_usize;
        for (number, line) in (1_u64..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
            if !line.iter().all(u8::is_ascii_whitespace) {
                let value = read(line, &Budget::default());
                let place = (bytes, offset);
                documents.push(self.document(path, Some(number), place, value, excerpts)?);
            }
            offset = offset.saturating_add(line.len());
        }
        Ok(documents)
    }

    /// Judges one document, which starts at an offset of its file.
    fn document(
        &mut self,
        path: &Path,
        line: Option<u64>,
        (file, offset): (&[u8], usize),
        value: Result<Value<'_>, ReadError>,
        excerpts: bool,
    ) -> Result<Document, NotValidated> {
        let (kind, findings, left_out) = match value {
            Ok(value) => {
                let kind = self.kind.or_else(|| DocumentKind::guess(&value));
                let kind = kind.ok_or_else(|| unknown_kind(path, line))?;
                let found = self.check(kind, &value);
                (Some(kind), found.findings, found.left_out)
            }
            Err(error) if error.kind().is_limit() => {
                return Err(NotValidated {
                    message: format!(
                        "the document `{}` goes beyond a limit: {error}",
                        path.display()
                    ),
                    help: "this says nothing about the document; nothing of the specification is as large",
                });
            }
            Err(error) => (self.kind, vec![unreadable(&error)], 0),
        };
        let findings = placed(findings, file, offset);
        let fails = |placed: &Placed| self.strict || placed.finding.severity == Severity::Failure;
        let valid = !findings.iter().any(fails) && left_out == 0;
        Ok(Document { path: path.to_path_buf(), line, kind, valid, findings, left_out, excerpts })
    }

    /// Holds a document against the form of its kind, which is made once.
    fn check(&mut self, kind: DocumentKind, document: &Value<'_>) -> FormFindings {
        if let Some(form) = self.forms.iter().find(|form| form.kind() == kind) {
            return form.check(document);
        }
        let form = DocumentForm::of(kind);
        let found = form.check(document);
        self.forms.push(form);
        found
    }
}

/// Whether a file has a document on each line: by its name, or since only its lines are JSON.
fn has_lines(path: &Path, bytes: &[u8], is_one: bool) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    if [".jsonl", ".ndjson"].iter().any(|ending| name.ends_with(ending)) {
        return true;
    }
    let mut lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let mut next = || lines.find(|line| !line.is_empty());
    let is_object =
        |line: &[u8]| read(line, &Budget::default()).is_ok_and(|value| value.as_object().is_some());
    !is_one && next().is_some_and(is_object) && next().is_some()
}

fn unpacked(packed: &[u8], path: &Path) -> Result<Vec<u8>, NotValidated> {
    let failed = |why: String| NotValidated {
        message: format!("the document `{}` cannot be unpacked: {why}", path.display()),
        help: "check that the file is one gzip stream and nothing else",
    };
    let mut decoder = GzDecoder::new(packed);
    let mut bytes = Vec::new();
    let limit = LARGEST_FILE.saturating_add(1);
    let read = decoder.by_ref().take(limit).read_to_end(&mut bytes);
    read.map_err(|error| failed(error.to_string()))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST_FILE {
        return Err(failed(format!("it unfolds to more than {LARGEST_FILE} bytes")));
    }
    let rest = decoder.get_mut().fill_buf().map_err(|error| failed(error.to_string()))?;
    if !rest.is_empty() {
        return Err(failed("there are more bytes behind the gzip stream".to_owned()));
    }
    Ok(bytes)
}

fn unknown_kind(path: &Path, line: Option<u64>) -> NotValidated {
    let line = line.map(|line| format!(", line {line},")).unwrap_or_default();
    NotValidated {
        message: format!(
            "the members of `{}`{line} do not tell what kind of document it is",
            path.display()
        ),
        help: "name its schema with --schema NAME; permit-verify schema lists the names",
    }
}

fn unreadable(error: &ReadError) -> Finding {
    let at = Location::value(Artifact::ClaimEvidence, error.pointer(), error.at());
    let summary = format!("the document cannot be read: {error}");
    Finding::failure(ReasonClass::ArtifactUnreadable, at, summary)
}

/// Findings about a document that starts at an offset of its file, in the order of the file.
fn placed(findings: Vec<Finding>, file: &[u8], offset: usize) -> Vec<Placed> {
    let shift = u64::try_from(offset).unwrap_or(u64::MAX);
    let mut placed: Vec<Placed> = findings
        .into_iter()
        .map(|mut finding| {
            let ByteRange { start, end } = finding.at.range;
            finding.at.range =
                ByteRange::new(start.saturating_add(shift), end.saturating_add(shift));
            Placed { finding, line: 0, column: 0 }
        })
        .collect();
    placed.sort_by_key(|placed| placed.finding.at.range.start);
    let mut cursor = Cursor { rest: file, offset: 0, line: 1, column: 1 };
    for placed in &mut placed {
        cursor.go_to(placed.finding.at.range.start);
        (placed.line, placed.column) = (cursor.line, cursor.column);
    }
    placed
}

/// A place in a file that only moves on. Lines and columns count from 1, columns in characters.
struct Cursor<'f> {
    rest: &'f [u8],
    offset: u64,
    line: u64,
    column: u64,
}

impl Cursor<'_> {
    fn go_to(&mut self, offset: u64) {
        while self.offset < offset
            && let Some((byte, rest)) = self.rest.split_first()
        {
            self.rest = rest;
            self.offset = self.offset.saturating_add(1);
            match byte {
                b'\n' => (self.line, self.column) = (self.line.saturating_add(1), 1),
                // A byte that continues a character is none of its own.
                byte if byte & 0xC0 == 0x80 => {}
                _ => self.column = self.column.saturating_add(1),
            }
        }
    }
}

fn as_text(documents: &[Document]) -> String {
    let mut text = String::new();
    for document in documents {
        let written = write_document(&mut text, document);
        debug_assert!(written.is_ok(), "strings take all text");
    }
    text
}

fn write_document(text: &mut String, document: &Document) -> std::fmt::Result {
    let word = if document.valid { "VALID" } else { "NOT VALID" };
    let file = document.path.display().to_string();
    let file = Excerpt(&file);
    let line = document.line.map(|line| format!(":{line}")).unwrap_or_default();
    let kind = document.kind.map_or("no JSON", DocumentKind::name);
    writeln!(text, "{word}  {file}{line}  {kind}")?;
    for Placed { finding, line, column } in document.findings.iter().take(SHOWN_IN_TEXT) {
        let severity = match finding.severity {
            Severity::Failure => "FAIL",
            Severity::Notice => "note",
        };
        let rule = finding.rule.map_or("", permit_types::RuleId::as_str);
        let reason = format!("{severity}  {}  {rule}", finding.reason.as_str());
        let pointer = finding.at.pointer.to_string();
        let range = finding.at.range;
        let place = format!("{file}:{line}:{column}  {}", Excerpt(&pointer));
        writeln!(text, "\n{}\n  {}", reason.trim_end(), place.trim_end())?;
        writeln!(text, "  bytes {}..{}", range.start, range.end)?;
        writeln!(text, "  {}", Excerpt(&finding.summary))?;
        let excerpt = document.excerpts.then(|| excerpt::of(&document.path, range)).flatten();
        for line in excerpt.iter().flat_map(|excerpt| excerpt.lines()) {
            writeln!(text, "      {line}")?;
        }
        writeln!(text, "  help: {}", finding.help)?;
    }
    let behind = document.findings.len().saturating_sub(SHOWN_IN_TEXT);
    let behind = u64::try_from(behind).unwrap_or(u64::MAX).saturating_add(document.left_out);
    match behind {
        0 => Ok(()),
        more => writeln!(text, "\nand {more} more"),
    }
}

fn as_json(documents: &[Document], valid: bool, status: u8) -> String {
    let all = documents.iter().map(|document| {
        Value::object([
            ("file", Value::from(document.path.display().to_string())),
            ("line", document.line.into()),
            ("schema", document.kind.map(DocumentKind::name).into()),
            ("valid", document.valid.into()),
            ("findings", Value::array(document.findings.iter().map(finding_json))),
            ("findings_left_out", document.left_out.into()),
        ])
    });
    to_pretty_text(&Value::object([
        ("schema", Value::from("permit-rs.validation/v0")),
        ("ok", valid.into()),
        ("exit_code", u64::from(status).into()),
        ("documents", Value::array(all)),
    ]))
}

fn finding_json(placed: &Placed) -> Value<'static> {
    let Placed { finding, line, column } = placed;
    let range = finding.at.range;
    let bytes = Value::object([("start", range.start), ("end", range.end)]);
    let shown = |text: &str| Value::from(Excerpt(text).to_string());
    Value::object([
        ("severity", Value::from(finding.severity.as_str())),
        ("reason_class", finding.reason.as_str().into()),
        ("rule", finding.rule.map(permit_types::RuleId::as_str).into()),
        ("pointer", finding.at.pointer.to_string().into()),
        ("bytes", bytes),
        ("line", (*line).into()),
        ("column", (*column).into()),
        ("summary", shown(&finding.summary)),
        ("expected", finding.expected.as_deref().map(shown).into()),
        ("actual", finding.actual.as_deref().map(shown).into()),
        ("help", finding.help.clone().into_owned().into()),
    ])
}

/// Findings about one document that a person is shown; `--json` has more.
const SHOWN_IN_TEXT: usize = 50;

/// A document is held in memory, and takes several times its size there.
const LARGEST_FILE: u64 = 128 * 1024 * 1024;

const GZIP: &[u8] = b"\x1f\x8b";
