// SPDX-License-Identifier: Apache-2.0

//! `permit-verify schema`

use std::{fmt::Write as _, process::ExitCode};

use clap::Args;
use permit_canonical_json::Value;
use permit_claims::to_pretty_text;
use permit_verifier::DocumentKind;

use crate::{
    args::{Format, OutputArgs},
    output,
};

/// `schema`
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// The kind of document; without it, all kinds are listed
    #[arg(value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
}

pub(crate) fn run(args: &SchemaArgs) -> ExitCode {
    let text = match args.name.as_deref().map(kind_named).transpose() {
        // A schema is JSON in any case.
        Ok(Some(kind)) => kind.schema_text(),
        Ok(None) => match args.output.format() {
            Format::Json => list_as_json(),
            _ => list_as_text(),
        },
        Err(message) => return output::error(&message, "permit-verify schema lists the names"),
    };
    output::text(&text, &args.output, 0)
}

/// The kind of this name, which may be that of its file.
pub(crate) fn kind_named(name: &str) -> Result<DocumentKind, String> {
    let short = name.strip_suffix(".schema.json").unwrap_or(name);
    DocumentKind::named(short).ok_or_else(|| {
        let names: Vec<_> = DocumentKind::all().into_iter().map(DocumentKind::name).collect();
        let shown = permit_canonical_json::Excerpt(name);
        format!("there is no schema `{shown}`, but {}", names.join(", "))
    })
}

fn list_as_text() -> String {
    let mut text = String::new();
    for kind in DocumentKind::all() {
        let written = writeln!(text, "{:<30}  {}", kind.name(), kind.describes());
        debug_assert!(written.is_ok(), "strings take all text");
    }
    text
}

fn list_as_json() -> String {
    let kinds = DocumentKind::all().into_iter().map(|kind| {
        Value::object([
            ("name", Value::from(kind.name())),
            ("file_name", kind.file_name().into()),
            ("describes", kind.describes().into()),
            ("published", kind.is_published().into()),
        ])
    });
    to_pretty_text(&Value::array(kinds))
}
