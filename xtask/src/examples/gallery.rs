// SPDX-License-Identifier: Apache-2.0

//! The examples as they are collected, and the two files that list them.

use std::fmt::Write as _;

use permit_canonical_json::{Object, Sha256Digest, Value};
use permit_claims::to_pretty_text;

use crate::{ChoreError, examples::keys::Keys, generated::GeneratedFile};

use super::names::identifier;

/// The schema of bundles.
pub(crate) const SIGNED: &str = "audit-export-bundle";

/// An example and what can be done with it.
#[derive(Clone, Debug)]
pub(crate) struct Example {
    /// Its file, from the root of the workspace.
    pub(crate) file: String,
    /// What it is, in a few words.
    pub(crate) what: String,
    /// The name of its schema, if it has one.
    pub(crate) schema: Option<&'static str>,
    /// Whether the command judges signatures, not only the form.
    pub(crate) verifiable: bool,
    /// What to do with it.
    pub(crate) command: Option<String>,
    /// The status that the command ends with.
    pub(crate) status: u8,
}

/// All examples.
#[derive(Debug)]
pub(crate) struct Gallery {
    pub(crate) examples: Vec<Example>,
    files: Vec<GeneratedFile>,
}

impl Gallery {
    pub(crate) fn new() -> Self {
        Self { examples: Vec::new(), files: Vec::new() }
    }

    /// Lists an example that a command verifies.
    pub(crate) fn verifiable(
        &mut self,
        file: &str,
        what: &str,
        schema: Option<&'static str>,
        command: &str,
        status: u8,
    ) {
        self.examples.push(Example {
            file: file.to_owned(),
            what: what.to_owned(),
            schema,
            verifiable: true,
            command: Some(command.to_owned()),
            status,
        });
    }

    /// Lists an example that shows a form.
    pub(crate) fn illustrative(&mut self, file: &str, what: &str, schema: Option<&'static str>) {
        self.examples.push(Example {
            file: file.to_owned(),
            what: what.to_owned(),
            schema,
            verifiable: false,
            command: schema.map(|_| format!("permit-verify validate {file}")),
            status: 0,
        });
    }

    /// Keeps a file.
    pub(crate) fn file(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.files.push(GeneratedFile::new(path, bytes));
    }

    /// Keeps a document in many lines.
    pub(crate) fn document(&mut self, path: &str, document: &Value<'_>) {
        self.file(path, to_pretty_text(document));
    }

    /// Keeps and lists a bundle and its signed manifest; `layers` are what there is to judge beside
    /// the signature.
    pub(crate) fn export(
        &mut self,
        folder: &str,
        what: &str,
        bundle: &Object<'static>,
        more_of_manifest: Option<(&'static str, Value<'static>)>,
        keys: &Keys,
        layers: &str,
    ) -> Result<(), ChoreError> {
        let records = bundle.get("record_count").and_then(Value::as_u64);
        let records = records.ok_or("the bundle does not count its records")?;
        let document = Value::from(bundle.clone());
        self.signed(folder, &document, records, more_of_manifest, keys)?;
        let path = format!("examples/{folder}/export.json");
        let command = format!("permit-verify export {path} {TRUST} {layers}");
        self.list_signed(&path, what, SIGNED, command.trim_end());
        Ok(())
    }

    /// Keeps an export and its signed manifest.
    pub(crate) fn signed(
        &mut self,
        folder: &str,
        document: &Value<'static>,
        record_count: u64,
        more_of_manifest: Option<(&'static str, Value<'static>)>,
        keys: &Keys,
    ) -> Result<(), ChoreError> {
        let path = format!("examples/{folder}/export.json");
        let bytes = to_pretty_text(document).into_bytes();
        let hash = Sha256Digest::of(&bytes);
        let mut manifest = Object::default();
        for (name, value) in [
            ("export_id", Value::from(identifier(&format!("export {folder}")))),
            ("project_id", identifier("project").into()),
            ("export_type", "audit_export_bundle".into()),
            ("format", "json".into()),
            ("compressed", false.into()),
            ("record_count", record_count.into()),
            ("content_hash", hash.prefixed().to_string().into()),
            ("signature", keys.export.sign_export_manifest(hash)?.to_string().into()),
            ("public_key", keys.export.public_key().to_string().into()),
            ("key_id", keys.export.key_id().to_string().into()),
            ("signed_at", "2026-06-02T00:00:05Z".into()),
        ]
        .into_iter()
        .chain(more_of_manifest)
        {
            manifest.insert(name, value);
        }
        self.file(&path, bytes);
        self.document(&format!("{path}.manifest.json"), &manifest.into());
        Ok(())
    }

    /// Lists an export and its manifest.
    pub(crate) fn list_signed(
        &mut self,
        path: &str,
        what: &str,
        schema: &'static str,
        command: &str,
    ) {
        self.verifiable(path, what, Some(schema), command, 0);
        let manifest = format!("{path}.manifest.json");
        self.verifiable(&manifest, "its manifest", Some("audit-export-manifest"), command, 0);
    }

    /// The files, and those that list them.
    pub(crate) fn into_files(self) -> Result<Vec<GeneratedFile>, ChoreError> {
        let readme = GeneratedFile::new("examples/README.md", readme(&self.examples)?);
        let index =
            GeneratedFile::new("examples/index.json", to_pretty_text(&index(&self.examples)));
        Ok(self.files.into_iter().chain([readme, index]).collect())
    }
}

/// The trust that the examples are verified with.
pub(crate) const TRUST: &str = "--key-manifest examples/keys/key-manifest.json --test-mode";

fn index(examples: &[Example]) -> Value<'static> {
    let examples = examples.iter().map(|example| {
        let kind = if example.verifiable { "verifiable" } else { "illustrative" };
        Value::object([
            ("file", Value::from(example.file.clone())),
            ("what", example.what.clone().into()),
            ("schema", example.schema.into()),
            ("kind", kind.into()),
            ("command", example.command.clone().into()),
            ("exit_status", example.command.as_ref().map(|_| u64::from(example.status)).into()),
        ])
    });
    Value::object([
        ("$comment", Value::from("Made by `cargo xtask examples`; do not edit.")),
        ("examples", Value::array(examples)),
    ])
}

fn readme(examples: &[Example]) -> Result<String, ChoreError> {
    let mut text = String::from(HEAD);
    for example in examples {
        let Example { file, what, .. } = example;
        let path = file.strip_prefix("examples/").unwrap_or(file);
        let schema = match example.schema {
            Some(name) => format!("[`{name}`](../schemas/{name}.schema.json)"),
            None => "–".to_owned(),
        };
        let kind = if example.verifiable { "verifiable" } else { "illustrative" };
        writeln!(text, "| [`{path}`]({path}) | {what} | {schema} | {kind} |")?;
    }
    text.push_str("\n## Commands\n\nFrom the root of the workspace:\n\n```sh\n");
    let mut said: Vec<&str> = Vec::new();
    for example in examples {
        if let Some(command) = example.command.as_deref().filter(|one| !said.contains(one)) {
            said.push(command);
            writeln!(text, "{command}   # status {}", example.status)?;
        }
    }
    text.push_str("```\n");
    Ok(text)
}

const HEAD: &str = "\
<!-- Made by `cargo xtask examples`; do not edit. -->

# examples

Documents of every kind, made with the crates of this workspace and signed with keys that everybody
knows: they count in test mode only. *Verifiable* ones are judged by their signatures and hashes;
*illustrative* ones only show a form, since nothing in them says who wrote them (CONF-06). The tests hold
each against its schema and its type, and run each command. [`index.json`](index.json) is this page
for machines.

[`gateway/`](gateway/) is a program.

| File | What it is | Schema | |
|---|---|---|---|
";
