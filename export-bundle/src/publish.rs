// SPDX-License-Identifier: Apache-2.0

//! Putting an export and its manifest into a folder, so that nobody ever sees half of it.
//!
//! ```text
//! 1  the export is written into a file without a name of its own, in the same folder
//! 2  that file is made to last, and so are those of the manifest and the key manifest
//! 3  a manifest of the same name is taken away, if the caller said that it may be
//! 4  the key manifest gets its name, then the export
//! 5  the manifest gets its name: from now on, there is an export
//! ```
//!
//! Killed before 5, there is no manifest, and so no export: what is left is taken over by whoever
//! publishes again under the name. A file that is dropped leaves nothing.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::{Builder, NamedTempFile};

use crate::manifest_draft::SignedManifest;

/// An export on its way into a folder. It is a sink for writers; nobody sees it before
/// [`publish`](Self::publish).
///
/// ```
/// use permit_export_bundle::{EventForm, EventWriter, ExportFile, ExportWriterOptions, ManifestDraft};
/// use permit_keys::{ExportSigning, PurposeKey, SoftwareKey};
/// use permit_types::{NonEmptyText, ProjectId, Rfc3339};
///
/// let folder = tempfile::tempdir()?;
/// let project = ProjectId::parse("00000000-0000-4000-8000-0000000000a1").unwrap();
/// let file = ExportFile::create(folder.path().join("events.json"))?;
/// let options = ExportWriterOptions::default();
/// let writer = EventWriter::new(file, &project, EventForm::Document, &options)?;
/// let (file, facts) = writer.finish()?;
/// assert!(!folder.path().join("events.json").exists());
///
/// let key = PurposeKey::<ExportSigning>::new(SoftwareKey::from_seed(&[1; 32]));
/// let signed_at = Rfc3339::parse("2026-05-12T00:00:05Z").unwrap();
/// let draft = ManifestDraft::new(NonEmptyText::parse("export-7").unwrap(), facts);
/// let published = file.publish(&draft.sign(&key, signed_at)?)?;
/// assert_eq!(published.manifest, folder.path().join("events.json.manifest.json"));
/// assert!(published.export.exists() && published.manifest.exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ExportFile {
    file: io::BufWriter<NamedTempFile>,
    target: PathBuf,
    replace: bool,
    key_manifest: Option<(PathBuf, Vec<u8>)>,
}

/// Where an export lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The export.
    pub export: PathBuf,
    /// Its manifest.
    pub manifest: PathBuf,
}

/// Why an export was not published. There is none under its name that was not there before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// There is one of this name.
    #[error("there is an export `{}` already; choose another name or allow it to be replaced", .0.display())]
    Exists(PathBuf),
    /// The path names no file.
    #[error("`{}` names no file", .0.display())]
    NoName(PathBuf),
    /// A file could not be written.
    #[error("`{}` cannot be written: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl ExportFile {
    /// Begins an export that will lie at `path`, next to its manifest.
    ///
    /// # Errors
    /// If the path names no file, or no file can be made in its folder.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, PublishError> {
        let target = path.into();
        if target.file_name().is_none() {
            return Err(PublishError::NoName(target));
        }
        let file = hidden_file(&target)?;
        let file = io::BufWriter::with_capacity(BUFFER, file);
        Ok(Self { file, target, replace: false, key_manifest: None })
    }

    /// The same, in place of an export of the same name. For a moment there is none; never is there
    /// one with the manifest of another.
    #[must_use]
    pub fn replacing(mut self) -> Self {
        self.replace = true;
        self
    }

    /// The same, with the key manifest that it verifies by in a file of this name beside it, in place of
    /// one that is there. A reader should rather have got it in another way (KEY-06).
    #[must_use]
    pub fn with_key_manifest(mut self, name: impl AsRef<OsStr>, bytes: Vec<u8>) -> Self {
        self.key_manifest = Some((self.target.with_file_name(name.as_ref()), bytes));
        self
    }

    /// Shows the export to everybody.
    ///
    /// # Errors
    /// If there is an export of the name, or a file cannot be written.
    pub fn publish(self, manifest: &SignedManifest) -> Result<Published, PublishError> {
        let Self { file, target, replace, key_manifest } = self;
        let manifest_path = manifest_path(&target);
        if manifest_path.try_exists().map_err(at(&manifest_path))? && !replace {
            return Err(PublishError::Exists(target));
        }
        let export = file.into_inner().map_err(|error| at(&target)(error.into_error()))?;
        export.as_file().sync_all().map_err(at(&target))?;
        let hidden_manifest = whole_file(&manifest_path, manifest.bytes())?;
        let hidden_keys = match &key_manifest {
            Some((path, bytes)) => Some((path, whole_file(path, bytes)?)),
            None => None,
        };
        if replace {
            take_away(&manifest_path)?;
        }
        if let Some((path, file)) = hidden_keys {
            file.persist(path).map_err(|error| at(path)(error.error))?;
        }
        export.persist(&target).map_err(|error| at(&target)(error.error))?;
        sync_folder(&target)?;
        let named = hidden_manifest.persist_noclobber(&manifest_path);
        named.map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => PublishError::Exists(target.clone()),
            _ => at(&manifest_path)(error.error),
        })?;
        sync_folder(&target)?;
        Ok(Published { export: target, manifest: manifest_path })
    }
}

impl Write for ExportFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.file.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The path of the manifest that goes with an export at this path (BUNDLE-15).
fn manifest_path(export: &Path) -> PathBuf {
    let mut name = OsString::from(export.file_name().unwrap_or_default());
    name.push(".manifest.json");
    export.with_file_name(name)
}

/// A file in the folder of `target`, which is gone when it is dropped.
fn hidden_file(target: &Path) -> Result<NamedTempFile, PublishError> {
    let mut builder = Builder::new();
    builder.prefix(".permit-export-").suffix(".partial");
    readable_by_others(&mut builder);
    builder.tempfile_in(folder_of(target)).map_err(at(target))
}

/// Exports are for others to read; what the user's mask forbids stays forbidden.
#[cfg(unix)]
fn readable_by_others(builder: &mut Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn readable_by_others(_builder: &mut Builder<'_, '_>) {}

fn whole_file(target: &Path, bytes: &[u8]) -> Result<NamedTempFile, PublishError> {
    let mut file = hidden_file(target)?;
    file.write_all(bytes).map_err(at(target))?;
    file.as_file().sync_all().map_err(at(target))?;
    Ok(file)
}

fn take_away(path: &Path) -> Result<(), PublishError> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(at(path)(error)),
    }
}

/// Makes the names in a folder last. Where folders cannot be opened, as on Windows, they last anyway.
fn sync_folder(file: &Path) -> Result<(), PublishError> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let folder = folder_of(file);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn at(path: &Path) -> impl Fn(io::Error) -> PublishError + '_ {
    |source| PublishError::Io { path: path.to_path_buf(), source }
}

const BUFFER: usize = 256 * 1024;
