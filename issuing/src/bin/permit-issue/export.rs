// SPDX-License-Identifier: Apache-2.0

//! `export`: a signed export of the store.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressStyle};
use permit_canonical_json::Value;
use permit_claims::Claim;
use permit_issuing::{ExportForm, ExportRequest, KeyFolder, ProjectStore, write_export};
use permit_types::NonEmptyText;

use crate::{
    acts::{key, refuse_own, warn_torn},
    answer::{Answer, Failure},
    args::{Common, ExportArgs, FormWord},
    input::{self, Ids},
};

pub(crate) fn run(common: &Common, args: &ExportArgs) -> Result<Answer, Failure> {
    refuse_own(common, &args.file)?;
    let store = ProjectStore::open(&common.store, common.access_to_read())?;
    warn_torn(&store);
    let at = input::time(common)?;
    let folder = KeyFolder::new(common.key_folder());
    let key = key(&folder, args.key.as_ref(), at.instant())?;
    let export_id = Ids::new(common, &format!("export {}", store.seal()))?.draw();
    let export_id = NonEmptyText::parse(&export_id);
    let request = ExportRequest {
        export_id: export_id.ok_or_else(|| Failure::error("no id was drawn", "try again"))?,
        form: match args.form {
            FormWord::Bundle => ExportForm::Bundle,
            FormWord::Permits => ExportForm::BundleWithoutEntries,
            FormWord::Events => ExportForm::Events,
            FormWord::Jsonl => ExportForm::EventLines,
        },
        compressed: args.gzip,
        pretty: args.pretty,
        from: input::optional_time("--from", args.from.as_ref())?,
        to: input::optional_time("--to", args.to.as_ref())?,
        pins: args.pins.iter().map(|word| claim(word)).collect::<Result<_, _>>()?,
        at,
        replace: args.force,
        key_manifest: if args.with_key_manifest {
            Some(("key-manifest.json".to_owned(), folder.manifest_bytes()?))
        } else {
            None
        },
    };
    let bar = bar();
    let mut progress = |done, total| {
        if done == 1 && total >= WORTH_SHOWING {
            bar.set_length(total);
        }
        bar.set_position(done);
    };
    let exported = write_export(&store, &request, &args.file, &key, &mut progress);
    bar.finish_and_clear();
    let exported = exported?;
    let facts = &exported.facts;
    Ok(Answer::new(format!("export: {}", exported.files.export.display()))
        .line(format!("manifest: {}", exported.files.manifest.display()))
        .line(format!(
            "{} records, {} chain entries, {} bytes, {}",
            facts.record_count, facts.entry_count, facts.stored_bytes, facts.content_hash
        ))
        .with("export", exported.files.export.display().to_string())
        .with("manifest", exported.files.manifest.display().to_string())
        .with("export_id", request.export_id.to_string())
        .with("content_hash", facts.content_hash.to_string())
        .with("record_count", Value::from(facts.record_count))
        .with("entry_count", Value::from(facts.entry_count))
        .with("stored_bytes", Value::from(facts.stored_bytes)))
}

fn claim(word: &str) -> Result<Claim, Failure> {
    Claim::parse(word).ok_or_else(|| {
        let words: Vec<_> = Claim::ALL.iter().map(|claim| claim.as_str()).collect();
        input::not_a("claim", word, &format!("it is one of {}", words.join(", ")))
    })
}

fn bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} records, {eta} left") {
        bar.set_style(style);
    }
    bar
}

/// Fewer are written before anybody has looked.
const WORTH_SHOWING: u64 = 10_000;
