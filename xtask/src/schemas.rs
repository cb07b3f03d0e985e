// SPDX-License-Identifier: Apache-2.0

//! The schemas in `schemas/`, made from the Rust types.

use std::fmt::Write as _;

use permit_conformance::{ConformanceReport, protocol_schemas};
use permit_mappings::MappingSchema;
use permit_verifier::{DocumentKind, SCHEMA_COMMENT, schema_text};

use crate::{
    ChoreError, Complaints,
    generated::{GeneratedFile, ensure},
    project::Project,
};

/// A schema that is published.
pub(crate) struct SchemaFile {
    /// Its file in `schemas/`.
    pub(crate) file_name: &'static str,
    /// What it is about.
    pub(crate) describes: &'static str,
    /// Whether the specification publishes one of this name.
    pub(crate) is_published: bool,
    /// The schema as text.
    pub(crate) text: String,
}

/// Schemas that `permit-verify` does not know, since the crates that own them build on it.
fn further() -> Vec<SchemaFile> {
    let ours =
        |file_name, describes, text| SchemaFile { file_name, describes, is_published: false, text };
    let mappings = MappingSchema::ALL.iter().map(|schema| {
        let describes = match schema {
            MappingSchema::Framework => "A framework of controls, and what supports them",
            MappingSchema::Artifacts => "The artifacts that a mapping may name",
            MappingSchema::Disclaimers => "What mappings do not say",
        };
        let mut text = schema.generate();
        text.insert("$comment".into(), SCHEMA_COMMENT.into());
        ours(schema.file_name(), describes, schema_text(&text))
    });
    let [request, hello, answer] = protocol_schemas().map(|(_, text)| text);
    let conformance = [
        ours("conformance-request.schema.json", "A line of the conformance runner", request),
        ours("conformance-hello.schema.json", "A verifier's answer to `start`", hello),
        ours("conformance-answer.schema.json", "A verifier's answer to `run`", answer),
        ours(
            "verifier-conformance-report.schema.json",
            "What came of running a verifier through the corpus",
            ConformanceReport::schema(),
        ),
    ];
    mappings.chain(conformance).collect()
}

/// All schemas, in the order of the table in `schemas/README.md`.
pub(crate) fn all() -> Vec<SchemaFile> {
    let known = DocumentKind::all().into_iter().map(|kind| SchemaFile {
        file_name: kind.file_name(),
        describes: kind.describes(),
        is_published: kind.is_published(),
        text: kind.schema_text(),
    });
    known.chain(further()).collect()
}

/// Makes the schemas, or looks whether they are as they would be made.
pub(crate) fn run(project: &Project, check: bool) -> Result<Complaints, ChoreError> {
    let schemas = all();
    let readme = GeneratedFile::new("schemas/README.md", readme(&schemas)?);
    let files = schemas
        .into_iter()
        .map(|schema| GeneratedFile::new(format!("schemas/{}", schema.file_name), schema.text));
    let files: Vec<GeneratedFile> = files.chain([readme]).collect();
    let mut complaints = ensure(project, &files, check, "cargo xtask schemas")?;
    complaints.extend(left_over(project, &files)?);
    Ok(complaints)
}

/// Files that nothing makes any more.
fn left_over(project: &Project, files: &[GeneratedFile]) -> Result<Complaints, ChoreError> {
    let present = project.files_below("schemas")?.into_iter();
    let unknown = present.filter(|path| !files.iter().any(|file| file.path == *path));
    Ok(unknown.map(|path| format!("{path}: nothing makes it; delete it")).collect())
}

fn readme(schemas: &[SchemaFile]) -> Result<String, ChoreError> {
    let mut text = String::from(HEAD);
    for schema in schemas {
        let owner = if schema.is_published { "the specification" } else { "ours" };
        let SchemaFile { file_name, describes, .. } = schema;
        writeln!(text, "| [`{file_name}`]({file_name}) | {describes} | {owner} |")?;
    }
    text.push_str(TAIL);
    Ok(text)
}

const HEAD: &str = "\
<!-- Made by `cargo xtask schemas`; do not edit. -->

# schemas

JSON Schemas (Draft 2020-12) of the documents that this workspace reads and writes. They are made
from the Rust types, so that a schema cannot say what the code does not do; `cargo xtask schemas
--check` fails if one is not what would be made.

```console
$ permit-verify schema                          # lists them
$ permit-verify schema permit-v1                # prints one
$ permit-verify validate export.json            # says what is wrong with a document, and where
```

| File | Describes | Name from |
|---|---|---|
";

const TAIL: &str = "
## What they promise

- The schemas with names of the specification take and refuse the same documents as its own. The
  texts are ours. A test builds documents and some thousands of mutations of them from the property
  tables, and holds types and schemas against the tables.
- Formats (`uuid`, `date-time`) are annotations in this dialect: turn their assertion on in your
  validator, as `permit-verify validate` does.
- A schema cannot say everything. `1.0` is an integer to it, but another text than `1` to whoever
  hashes it; a version 1 bundle with chain entries fits its schema and breaks BUNDLE-04. The types and
  the checks of [`permit-types`](../permit-types/README.md) say the rest.
- None has an `$id`: nothing is ever fetched by one.
- Members are sorted, lines end with LF, and the same types give the same bytes.
";
