// SPDX-License-Identifier: Apache-2.0

//! A folder with an issuer's private keys and the key manifest that says what they are for.
//!
//! ```text
//! key-manifest.json            what is published: which key for what and when
//! key-manifest.lock            empty; locked while the manifest is changed
//! <32 digits>.pem              a private key, named by the start of its fingerprint, for its owner's eyes alone
//! <32 digits>.signer.json      in its place: {"command": ["program", "argument"], "seconds": 30}
//! ```
//!
//! A key signs only what the manifest says it may sign now; whoever verifies would refuse the rest.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::Duration,
};

use permit_canonical_json::{Budget, Value, read};
use permit_keys::{
    KeyEntry, KeyFileError, KeyFileForm, KeyManifest, KeyManifestDraft, KeyManifestDraftError,
    KeyManifestError, KeyPurpose, PublicKey, Purpose, PurposeKey, Revocation, Signer, SoftwareKey,
    WindowFault,
};
use permit_types::Instant;
use zeroize::Zeroizing;

use crate::{
    command_signer::CommandSigner,
    refusal::Refusal,
    whole_file::{self, Existing, WriteError},
};

/// Whatever holds a key.
pub type AnySigner = Box<dyn Signer>;

/// A folder of keys.
#[derive(Clone, Debug)]
pub struct KeyFolder {
    path: PathBuf,
}

/// Why a folder of keys cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFolderError {
    /// The manifest does not let a key sign this.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A file cannot be read.
    #[error("`{}` cannot be read: {problem}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        problem: io::Error,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Unwritable(#[from] WriteError),
    /// Others than its owner may read a private key.
    #[error("others than its owner may read the private key `{}`: make it mode 600", path.display())]
    OpenToOthers {
        /// The file.
        path: PathBuf,
    },
    /// A file is no private key.
    #[error("`{}` cannot be used: {problem}", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        problem: KeyFileError,
    },
    /// A file of a key has another key.
    #[error("`{}` has another key than its name says", path.display())]
    OtherKey {
        /// The file.
        path: PathBuf,
    },
    /// A file does not say which program signs.
    #[error("`{}` names no program: it has to be {{\"command\": [\"program\", \"argument\"], \"seconds\": 30}}", path.display())]
    NoCommand {
        /// The file.
        path: PathBuf,
    },
    /// The key manifest cannot be used.
    #[error("the key manifest `{}` cannot be used: {problem}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        problem: KeyManifestError,
    },
    /// The key manifest cannot be changed like that.
    #[error("the key manifest was not changed: {0}")]
    Change(#[from] KeyManifestDraftError),
}

impl KeyFolder {
    /// The folder of this path, which need not be there yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The path of the key manifest.
    #[must_use]
    pub fn manifest_path(&self) -> PathBuf {
        self.path.join("key-manifest.json")
    }

    /// The bytes of the key manifest.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn manifest_bytes(&self) -> Result<Vec<u8>, KeyFolderError> {
        let path = self.manifest_path();
        Ok(read_file(&path, MOST_MANIFEST_BYTES)?.to_vec())
    }

    /// The key manifest.
    ///
    /// # Errors
    /// If it cannot be read, or is none.
    pub fn manifest(&self) -> Result<KeyManifest, KeyFolderError> {
        let manifest = KeyManifest::read(&self.manifest_bytes()?, &Budget::default());
        manifest.map_err(|problem| KeyFolderError::Manifest { path: self.manifest_path(), problem })
    }

    /// Changes the key manifest, or makes it. What is written is there whole or not at all, and whoever else
    /// changes it meanwhile waits.
    ///
    /// # Errors
    /// If it cannot be changed like that, or not written. Then it is as it was.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&mut KeyManifestDraft) -> Result<T, KeyManifestDraftError>,
    ) -> Result<T, KeyFolderError> {
        let path = self.manifest_path();
        let _locked = self.lock()?;
        let mut draft = if path.try_exists().is_ok_and(|there| !there) {
            KeyManifestDraft::new()
        } else {
            KeyManifestDraft::read(&self.manifest_bytes()?, &Budget::default())?
        };
        let result = change(&mut draft)?;
        draft.finish()?;
        let text = permit_claims::to_pretty_text(&draft.to_value());
        whole_file::write_whole(&path, text.as_bytes(), Existing::Replace)?;
        Ok(result)
    }

    /// Keeps a private key, for its owner's eyes alone.
    ///
    /// # Errors
    /// If it cannot be written, or there is a file for it.
    pub fn store(&self, key: &SoftwareKey) -> Result<PathBuf, KeyFolderError> {
        let path = self.file_of(&key.public_key(), KEY_FILE);
        let bytes = key.to_file(KeyFileForm::Pkcs8Pem);
        let bytes =
            bytes.map_err(|problem| KeyFolderError::NoKey { path: path.clone(), problem })?;
        self.make()?;
        whole_file::write_whole_secret(&path, &bytes, Existing::Keep)?;
        Ok(path)
    }

    /// Keeps the name of the program that holds a key.
    ///
    /// # Errors
    /// If it cannot be written, or there is a file for it.
    pub fn store_command(
        &self,
        key: &PublicKey,
        command: &[String],
        seconds: u64,
    ) -> Result<PathBuf, KeyFolderError> {
        let path = self.file_of(key, SIGNER_FILE);
        let command = Value::array(command.iter().cloned());
        let value = Value::object([("command", command), ("seconds", seconds.into())]);
        self.make()?;
        let text = permit_claims::to_pretty_text(&value);
        whole_file::write_whole(&path, text.as_bytes(), Existing::Keep)?;
        Ok(path)
    }

    /// The key that may sign for a purpose now: of several the one whose window began last.
    ///
    /// # Errors
    /// If the manifest lets none of the keys in the folder sign now.
    pub fn active(&self, purpose: KeyPurpose, at: Instant) -> Result<PublicKey, KeyFolderError> {
        let manifest = self.manifest()?;
        let mut refused = None;
        let mut found: Option<(Option<Instant>, PublicKey)> = None;
        for entry in manifest.entries().filter(|entry| entry.has_purpose(purpose)) {
            let Ok(key) = entry.public_key().copied() else { continue };
            if self.place_of(&key).is_none() {
                continue;
            }
            match check_key(&manifest, &key, purpose, at) {
                Ok(()) => {
                    let from = entry.window().from.instant();
                    if found.is_none_or(|(begun, _)| begun <= from) {
                        found = Some((from, key));
                    }
                }
                Err(refusal) => refused = Some(refusal),
            }
        }
        match (found, refused) {
            (Some((_, key)), _) => Ok(key),
            (None, Some(refusal)) => Err(refusal.into()),
            (None, None) => {
                let folder = self.path.display();
                let reason = format!("there is no key for `{purpose}` in `{folder}`");
                Err(Refusal::new("KEY-01", reason).into())
            }
        }
    }

    /// The [active](Self::active) key, or the program that holds it, ready to sign.
    ///
    /// # Errors
    /// If there is none, or it cannot be used.
    pub fn key<P: Purpose>(&self, at: Instant) -> Result<PurposeKey<P, AnySigner>, KeyFolderError> {
        let key = self.active(P::PURPOSE, at)?;
        Ok(PurposeKey::new(self.signer(&key)?))
    }

    /// The private key of a file, if the manifest lets it sign for a purpose now.
    ///
    /// # Errors
    /// If it does not, or the file cannot be used.
    pub fn key_of_file<P: Purpose>(
        &self,
        path: &Path,
        at: Instant,
    ) -> Result<PurposeKey<P, AnySigner>, KeyFolderError> {
        let key = read_key(path)?;
        check_key(&self.manifest()?, &key.public_key(), P::PURPOSE, at)?;
        let signer: AnySigner = Box::new(key);
        Ok(PurposeKey::new(signer))
    }

    /// Whether a private key, or the program that holds it, is in the folder.
    #[must_use]
    pub fn has(&self, key: &PublicKey) -> bool {
        self.place_of(key).is_some()
    }

    fn signer(&self, key: &PublicKey) -> Result<AnySigner, KeyFolderError> {
        let path = self.place_of(key).unwrap_or_else(|| self.file_of(key, KEY_FILE));
        if path.to_string_lossy().ends_with(SIGNER_FILE) {
            return Ok(Box::new(read_command(&path, *key)?));
        }
        let private = read_key(&path)?;
        if private.public_key() != *key {
            return Err(KeyFolderError::OtherKey { path });
        }
        Ok(Box::new(private))
    }

    fn place_of(&self, key: &PublicKey) -> Option<PathBuf> {
        [KEY_FILE, SIGNER_FILE]
            .into_iter()
            .map(|kind| self.file_of(key, kind))
            .find(|path| path.is_file())
    }

    fn file_of(&self, key: &PublicKey, kind: &str) -> PathBuf {
        let name: String = key.fingerprint().to_string().chars().take(32).collect();
        self.path.join(name + kind)
    }

    /// The lock is a file of its own, since the manifest is another file after each change.
    fn lock(&self) -> Result<File, KeyFolderError> {
        self.make()?;
        let path = self.path.join("key-manifest.lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let locked = file.and_then(|file| file.lock().map(|()| file));
        Ok(locked.map_err(|problem| WriteError::Io { path, problem })?)
    }

    fn make(&self) -> Result<(), KeyFolderError> {
        let problem = |problem| WriteError::Io { path: self.path.clone(), problem };
        Ok(fs::create_dir_all(&self.path).map_err(problem)?)
    }
}

/// Whether a manifest lets a key sign for a purpose at some time.
fn check_key(
    manifest: &KeyManifest,
    key: &PublicKey,
    purpose: KeyPurpose,
    at: Instant,
) -> Result<(), Refusal> {
    let of_key = || manifest.entries().filter(|entry| entry.public_key().ok() == Some(key));
    let entries: Vec<&KeyEntry> = of_key().filter(|entry| entry.has_purpose(purpose)).collect();
    let word = purpose.as_str();
    let id = key.export_key_id();
    if entries.is_empty() {
        let others: Vec<_> = of_key().filter_map(KeyEntry::purpose_text).collect();
        let reason = if others.is_empty() {
            format!("the key manifest does not have the key `{id}`")
        } else {
            format!("the key `{id}` is for `{}`, not for `{word}`", others.join("`, `"))
        };
        return Err(Refusal::new("KEY-01", reason));
    }
    if of_key().any(KeyEntry::is_compromised) {
        return Err(Refusal::new("KEY-04", format!("the key `{id}` is compromised")));
    }
    let revoked = |entry: &&KeyEntry| match entry.revocation() {
        Revocation::None => false,
        Revocation::From(from) => from <= at,
        Revocation::AtAnyTime => true,
    };
    if entries.iter().any(revoked) {
        return Err(Refusal::new("KEY-04", format!("the key `{id}` is revoked for `{word}`")));
    }
    let faults: Vec<_> =
        entries.iter().map_while(|entry| entry.window().check(Some(at)).err()).collect();
    if faults.len() < entries.len() {
        return Ok(());
    }
    Err(match faults.first() {
        Some(WindowFault::Unreadable) => {
            let reason = format!("the window of the key `{id}` cannot be read");
            Refusal::new("KEY-07", reason)
        }
        _ => Refusal::new("KEY-03", format!("the key `{id}` may not sign for `{word}` at {at}")),
    })
}

/// Reads a private key that nobody but its owner may read.
///
/// # Errors
/// If others may, it cannot be read, or it is none.
pub fn read_key(path: &Path) -> Result<SoftwareKey, KeyFolderError> {
    let unreadable = |problem| KeyFolderError::Unreadable { path: path.to_owned(), problem };
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if is_open_to_others(&metadata) {
        return Err(KeyFolderError::OpenToOthers { path: path.to_owned() });
    }
    let bytes = read_file(path, MOST_KEY_BYTES)?;
    SoftwareKey::read(&bytes)
        .map_err(|problem| KeyFolderError::NoKey { path: path.to_owned(), problem })
}

fn read_command(path: &Path, key: PublicKey) -> Result<CommandSigner, KeyFolderError> {
    let bytes = read_file(path, MOST_KEY_BYTES)?;
    let none = || KeyFolderError::NoCommand { path: path.to_owned() };
    let value = read(&bytes, &Budget::default()).map_err(|_| none())?;
    let command = value.get("command").and_then(Value::as_array).unwrap_or_default();
    let words: Option<Vec<_>> =
        command.iter().map(|word| word.as_str().map(OsString::from)).collect();
    let mut words = words.unwrap_or_default().into_iter();
    let signer = CommandSigner::new(key, words.next().ok_or_else(none)?, words);
    Ok(match value.get("seconds").map(|seconds| seconds.as_u64().ok_or_else(none)) {
        Some(seconds) => signer.time_limit(Duration::from_secs(seconds?)),
        None => signer,
    })
}

fn read_file(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, KeyFolderError> {
    let unreadable = |problem| KeyFolderError::Unreadable { path: path.to_owned(), problem };
    // Room from the start, so that no copy of a key is left behind where the buffer grows.
    let room = usize::try_from(limit.min(MOST_KEY_BYTES)).unwrap_or(0) + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    let file = File::open(path).map_err(unreadable)?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(unreadable(io::Error::from(io::ErrorKind::FileTooLarge)));
    }
    Ok(bytes)
}

#[cfg(unix)]
fn is_open_to_others(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &fs::Metadata) -> bool {
    false
}

const KEY_FILE: &str = ".pem";
const SIGNER_FILE: &str = ".signer.json";

const MOST_KEY_BYTES: u64 = 8 * 1024;
const MOST_MANIFEST_BYTES: u64 = 16 * 1024 * 1024;
