// SPDX-License-Identifier: Apache-2.0

//! Exports of a store: signed, in every form, and there whole or not at all.

use std::path::{Path, PathBuf};

use permit_canonical_json::{CanonicalError, Object, Value, to_value};
use permit_claims::Claim;
use permit_export_bundle::{
    BundleEntries, BundleHead, BundleWriter, EventForm, EventWriter, ExportFacts, ExportFile,
    ExportWriterOptions, Layout, ManifestDraft, ManifestError, PublishError, Published, WriteError,
};
use permit_keys::{ExportSigning, PurposeKey, Signer};
use permit_pins::{Pin, PinWriteError, PinWriter, RequestedClaim};
use permit_types::{AuditExportRecord, ChainEntry, NonEmptyText, ProjectId, Rfc3339};

use crate::{
    permit_standing::PermitStanding,
    refusal::Refusal,
    store::{ProjectStore, StoreError},
};

/// The forms of exports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExportForm {
    /// A bundle of schema version 2: permits with their chain entries.
    #[default]
    Bundle,
    /// A bundle of schema version 1: permits alone.
    BundleWithoutEntries,
    /// All governance events, as one document.
    Events,
    /// All governance events, one a line.
    EventLines,
}

/// What is to be exported, and how.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    /// The id of the export.
    pub export_id: NonEmptyText,
    /// The form.
    pub form: ExportForm,
    /// Whether it is compressed.
    pub compressed: bool,
    /// Whether it is laid out for people.
    pub pretty: bool,
    /// The first instant whose permits are in; the first permit's if there is none.
    pub from: Option<Rfc3339>,
    /// The first instant whose permits are out; right behind now if there is none.
    pub to: Option<Rfc3339>,
    /// The claims whose meaning the export carries with it.
    pub pins: Vec<Claim>,
    /// When it is made and signed.
    pub at: Rfc3339,
    /// Whether an export of the same name may be replaced.
    pub replace: bool,
    /// The name and the bytes of a key manifest to put beside it.
    pub key_manifest: Option<(String, Vec<u8>)>,
}

/// An export that was made.
#[derive(Clone, Debug)]
pub struct Exported {
    /// Its files.
    pub files: Published,
    /// What is in it.
    pub facts: ExportFacts,
}

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// A rule forbids it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// It cannot be signed.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// It cannot be given its name.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// What is asked for has no canonical form.
    #[error(transparent)]
    NotCanonical(#[from] CanonicalError),
    /// The pins cannot be written.
    #[error(transparent)]
    Pins(#[from] PinWriteError),
}

/// Makes an export of a store. `progress` is told how many records are written, and of how many.
///
/// # Errors
/// If it cannot be made. Then there is no file of its name that was not there before.
pub fn write_export<S: Signer>(
    store: &ProjectStore,
    request: &ExportRequest,
    path: &Path,
    key: &PurposeKey<ExportSigning, S>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Exported, ExportError> {
    let project =
        store.project().ok_or_else(|| Refusal::new("BUNDLE-01", "there is no project"))?;
    refuse_existing(path, request.replace)?;
    let file = ExportFile::create(path)?;
    let file = if request.replace { file.replacing() } else { file };
    let file = match &request.key_manifest {
        Some((name, bytes)) => file.with_key_manifest(name, bytes.clone()),
        None => file,
    };
    let mut options = ExportWriterOptions::default();
    if request.compressed {
        options = options.compressed();
    }
    if request.pretty {
        options = options.layout(Layout::Pretty);
    }
    let (file, facts, filters) = match request.form {
        ExportForm::Bundle | ExportForm::BundleWithoutEntries => {
            let head = head(store, request, &project.project_id, &project.created_at)?;
            let filters = filters(&head, request.form);
            let (file, facts) = write_bundle(store, request.form, &head, file, options, progress)?;
            (file, facts, Some(filters))
        }
        ExportForm::Events | ExportForm::EventLines => {
            if request.from.is_some() || request.to.is_some() {
                let reason = "events are exported with whole chains: a time range is for bundles";
                return Err(Refusal::new("CHAIN-08", reason).into());
            }
            let (file, facts) =
                write_events(store, request.form, &project.project_id, file, options, progress)?;
            (file, facts, None)
        }
    };
    let mut draft = ManifestDraft::new(request.export_id.clone(), facts.clone())
        .issuer_version("permit_rs", env!("CARGO_PKG_VERSION"))?;
    if request.form != ExportForm::BundleWithoutEntries {
        draft = draft.chain_integrity(request.at.clone());
    }
    if let Some(filters) = &filters {
        draft = draft.filters(filters)?;
    }
    if !request.pins.is_empty() {
        let requests = request.pins.iter().map(|claim| RequestedClaim::new(*claim, true));
        draft = draft.pins(&PinWriter::for_claims(requests, Pin::at_released_path).write()?);
    }
    let manifest = draft.sign(key, request.at.clone())?;
    let files = file.publish(&manifest)?;
    Ok(Exported { files, facts })
}

/// The publisher looks at the manifest, without which there is no export. A file of the name that has none
/// is somebody's, all the same.
fn refuse_existing(path: &Path, replace: bool) -> Result<(), ExportError> {
    if replace || path.symlink_metadata().is_err() {
        return Ok(());
    }
    Err(PublishError::Exists(PathBuf::from(path)).into())
}

fn head(
    store: &ProjectStore,
    request: &ExportRequest,
    project_id: &ProjectId,
    created_at: &Rfc3339,
) -> Result<BundleHead, ExportError> {
    let earliest = store.states().map(PermitStanding::created_at).chain([created_at]);
    let earliest = earliest.min_by_key(|time| time.instant()).unwrap_or(created_at);
    let to = match &request.to {
        Some(to) => to.clone(),
        None => just_after(&request.at)?,
    };
    Ok(BundleHead {
        project_id: project_id.clone(),
        from: request.from.clone().unwrap_or_else(|| earliest.clone()),
        to,
        generated_at: request.at.clone(),
    })
}

fn just_after(at: &Rfc3339) -> Result<Rfc3339, Refusal> {
    let after = at.instant().to_jiff().checked_add(std::time::Duration::from_micros(1));
    let after = after.ok().and_then(|after| Rfc3339::parse(&format!("{after:.6}")));
    after.ok_or_else(|| Refusal::new("CHAIN-05", format!("the time `{at}` has none behind it")))
}

fn filters(head: &BundleHead, form: ExportForm) -> Value<'static> {
    Value::object([
        ("project_id", Value::from(head.project_id.to_string())),
        ("from", head.from.to_string().into()),
        ("to", head.to.to_string().into()),
        ("include_chain_entries", (form == ExportForm::Bundle).into()),
    ])
}

fn write_bundle(
    store: &ProjectStore,
    form: ExportForm,
    head: &BundleHead,
    file: ExportFile,
    options: ExportWriterOptions,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(ExportFile, ExportFacts), ExportError> {
    let range = head.from.instant()..head.to.instant();
    let in_range = |standing: &&PermitStanding| range.contains(&standing.created_at().instant());
    let total = u64::try_from(store.states().filter(in_range).count()).unwrap_or(u64::MAX);
    let entries = match form {
        ExportForm::Bundle => BundleEntries::InRecords,
        _ => BundleEntries::None,
    };
    let mut writer = BundleWriter::new(file, head, entries, &options.record_count(total))?;
    for (done, standing) in (1..).zip(store.states().filter(in_range)) {
        let chain_entries = match form {
            ExportForm::Bundle => {
                Some(store.entries(standing)?.into_iter().map(Into::into).collect())
            }
            _ => None,
        };
        writer.record(&AuditExportRecord {
            permit: store.permit(standing)?,
            permit_evidence: None,
            latest_usage_ledger: None,
            usage_log: None,
            replay_evidence: None,
            chain_entries,
        })?;
        progress(done, total);
    }
    Ok(writer.finish()?)
}

fn write_events(
    store: &ProjectStore,
    form: ExportForm,
    project_id: &ProjectId,
    file: ExportFile,
    options: ExportWriterOptions,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(ExportFile, ExportFacts), ExportError> {
    let total = store.counts().entries;
    let form = match form {
        ExportForm::EventLines => EventForm::Lines,
        _ => EventForm::Document,
    };
    let mut writer = EventWriter::new(file, project_id, form, &options.record_count(total))?;
    let mut done = 0;
    store.each_entry(|entry, members| {
        writer.event_value(&governance_event(entry, members)?)?;
        done += 1;
        progress(done, total);
        Ok::<_, ExportError>(())
    })?;
    Ok(writer.finish()?)
}

/// The event as it was recorded, and covered by its integrity digest. Its time is called `occurred_at`, by which name
/// the reference's recipe for denials asks for it.
fn governance_event(
    entry: &ChainEntry,
    members: &Object<'static>,
) -> Result<Object<'static>, ExportError> {
    let mut event = members.clone();
    let entry = to_value(entry).map_err(WriteError::from)?;
    for member in entry.as_object().into_iter().flat_map(Object::members) {
        let name = if member.name() == "created_at" { "occurred_at" } else { member.name() };
        event.insert(name.to_owned(), member.value().clone());
    }
    Ok(event)
}
