// SPDX-License-Identifier: Apache-2.0

//! A corpus on disk.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use permit_canonical_json::Sha256Digest;

use crate::{
    case_id::{CaseId, VECTORS},
    corpus_error::CorpusError,
    corpus_manifest::{CaseEntry, CaseStatus, CorpusManifest},
    expectation::{Expectation, TEST_VECTORS_VERSION},
};

/// A case: what it expects, and its files.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name.
    pub id: CaseId,
    /// Its folder.
    pub folder: PathBuf,
    /// How far it has come.
    pub status: CaseStatus,
    /// What it expects.
    pub expectation: Expectation,
    /// Its input by name, with `/`.
    pub input: BTreeMap<String, Vec<u8>>,
    /// Why it exists: the text of `description.md`.
    pub description: String,
}

/// The cases of a folder.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// The version of the corpus; nothing if it has no `MANIFEST.json`.
    pub version: Option<String>,
    /// The version of the specification document that it is about.
    pub spec_version: String,
    /// The version of the published list of vectors.
    pub test_vectors_version: String,
    /// One digest for all of its bytes.
    pub digest: Sha256Digest,
    /// The cases, in order of their names.
    pub cases: Vec<Case>,
}

impl Corpus {
    /// Reads a corpus: a folder with `MANIFEST.json`, or one of official vectors without it.
    ///
    /// With `MANIFEST.json` every file has to be there as it is listed, and no other. Retired cases
    /// are left out.
    ///
    /// # Errors
    /// If something cannot be read, or is not as it is listed, or there are no cases at all.
    pub fn open(folder: &Path) -> Result<Self, CorpusError> {
        let index = folder.join(MANIFEST);
        let corpus =
            if index.is_file() { Self::listed(folder, &index)? } else { Self::unlisted(folder)? };
        if corpus.cases.is_empty() {
            return Err(CorpusError::Empty { path: folder.to_owned() });
        }
        Ok(corpus)
    }

    fn listed(root: &Path, index: &Path) -> Result<Self, CorpusError> {
        let manifest = CorpusManifest::read(&read_file(index)?)
            .map_err(|problem| CorpusError::Document { path: index.to_owned(), problem })?;
        let mut cases = Vec::new();
        for entry in &manifest.cases {
            let id = CaseId::parse(&entry.id)
                .ok_or_else(|| CorpusError::Name { path: PathBuf::from(&entry.id) })?;
            let folder = root.join(id.folder());
            let files = files_below(&folder)?;
            check_listed(&folder, &files, entry)?;
            if entry.status != CaseStatus::Retired {
                cases.push(Case::of(id, folder, entry.status, files)?);
            }
        }
        cases.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self {
            digest: manifest.digest(),
            version: Some(manifest.corpus_version),
            spec_version: manifest.spec_version,
            test_vectors_version: manifest.test_vectors_version,
            cases,
        })
    }

    /// Official vectors: a folder of categories, or one that has it as `vectors`.
    fn unlisted(root: &Path) -> Result<Self, CorpusError> {
        let inner = root.join(VECTORS);
        let root = if inner.is_dir() { inner } else { root.to_owned() };
        let mut manifest = CorpusManifest {
            comment: None,
            corpus_version: String::new(),
            spec_version: String::new(),
            test_vectors_version: TEST_VECTORS_VERSION.to_owned(),
            cases: Vec::new(),
        };
        let mut cases = Vec::new();
        for category in folders_in(&root)? {
            for vector in folders_in(&root.join(&category))? {
                let folder = root.join(&category).join(&vector);
                if !folder.join(EXPECTED).is_file() {
                    continue;
                }
                let id = CaseId::parse(&format!("{category}/{vector}"))
                    .ok_or_else(|| CorpusError::Name { path: folder.clone() })?;
                let files = files_below(&folder)?;
                let hashed = |(name, bytes): (&String, &Vec<u8>)| (name.clone(), hash_of(bytes));
                manifest.cases.push(CaseEntry {
                    id: id.to_string(),
                    level: id.level().map(crate::level::Level::number),
                    status: CaseStatus::Draft,
                    files: files.iter().map(hashed).collect(),
                });
                cases.push(Case::of(id, folder, CaseStatus::Draft, files)?);
            }
        }
        cases.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self {
            digest: manifest.digest(),
            version: None,
            spec_version: "1.0.0".to_owned(),
            test_vectors_version: manifest.test_vectors_version,
            cases,
        })
    }
}

impl Case {
    fn of(
        id: CaseId,
        folder: PathBuf,
        status: CaseStatus,
        files: BTreeMap<String, Vec<u8>>,
    ) -> Result<Self, CorpusError> {
        let expected = folder.join(EXPECTED);
        let bytes = files.get(EXPECTED).ok_or_else(|| CorpusError::Io {
            path: expected.clone(),
            error: io::Error::from(io::ErrorKind::NotFound),
        })?;
        let expectation = Expectation::read(bytes)
            .map_err(|problem| CorpusError::Document { path: expected, problem })?;
        let description = files.get(DESCRIPTION).map(|bytes| String::from_utf8_lossy(bytes));
        let description = description.unwrap_or_default().into_owned();
        let input = files.into_iter().filter_map(|(name, bytes)| {
            let name = name.strip_prefix(INPUT)?.strip_prefix('/')?.to_owned();
            Some((name, bytes))
        });
        let case = Self { id, folder, status, expectation, input: input.collect(), description };
        for (role, name) in &case.expectation.additions.files {
            if !case.input.contains_key(name) {
                let (path, role, name) = (case.folder.clone(), role.clone(), name.clone());
                return Err(CorpusError::NoSuchInput { path, role, name });
            }
        }
        Ok(case)
    }

    /// A file of the input, by what it is.
    #[must_use]
    pub fn file(&self, role: &str) -> Option<&[u8]> {
        let name = self.expectation.additions.files.get(role)?;
        self.input.get(name).map(Vec::as_slice)
    }

    /// The first line of its description that is no heading.
    #[must_use]
    pub fn title(&self) -> &str {
        let mut lines = self.description.lines().map(str::trim);
        lines.find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default()
    }
}

fn check_listed(
    folder: &Path,
    files: &BTreeMap<String, Vec<u8>>,
    entry: &CaseEntry,
) -> Result<(), CorpusError> {
    for (name, hash) in &entry.files {
        if files.get(name).is_none_or(|bytes| hash_of(bytes) != *hash) {
            return Err(CorpusError::Changed { path: folder.join(name) });
        }
    }
    match files.keys().find(|name| !entry.files.contains_key(*name)) {
        Some(name) => Err(CorpusError::Unlisted { path: folder.join(name) }),
        None => Ok(()),
    }
}

/// The hash of a file as `MANIFEST.json` writes it.
pub(crate) fn hash_of(bytes: &[u8]) -> String {
    Sha256Digest::of(bytes).prefixed().to_string()
}

fn read_file(path: &Path) -> Result<Vec<u8>, CorpusError> {
    fs::read(path).map_err(|error| CorpusError::Io { path: path.to_owned(), error })
}

fn folders_in(folder: &Path) -> Result<Vec<String>, CorpusError> {
    let failed = |error| CorpusError::Io { path: folder.to_owned(), error };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// All files below a folder by their path with `/`. Links are not followed.
fn files_below(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, CorpusError> {
    let mut files = BTreeMap::new();
    let mut folders = vec![String::new()];
    while let Some(below) = folders.pop() {
        let path = folder.join(&below);
        let failed = |error| CorpusError::Io { path: path.clone(), error };
        for entry in fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let name = if below.is_empty() { name } else { format!("{below}/{name}") };
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                folders.push(name);
            } else if kind.is_file() {
                files.insert(name, read_file(&entry.path())?);
            }
        }
    }
    Ok(files)
}

/// The index of a corpus.
pub const MANIFEST: &str = "MANIFEST.json";
/// What a case expects.
pub const EXPECTED: &str = "expected.json";
/// Why a case exists.
pub const DESCRIPTION: &str = "description.md";
/// The folder of a case's input.
pub const INPUT: &str = "input";

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECTATION: &str = r#"{"vector_id": "cat-01-a/01-01-b", "spec_version": "permit-v1.0.0",
        "test_vectors_version": "0.1.0-draft", "expected_mode": "TEST", "expected_result": "PASS",
        "files": {"export": "export.json"}}"#;

    fn case_in(root: &Path, id: &str) -> CaseEntry {
        let id = CaseId::parse(id).unwrap();
        let files = [
            (EXPECTED, EXPECTATION.as_bytes()),
            (DESCRIPTION, b"# Title\n\nIt passes.\n".as_slice()),
            ("input/export.json", b"{}"),
            ("input/deep/er.json", b"[]"),
        ];
        let mut hashes = BTreeMap::new();
        for (name, bytes) in files {
            let path = root.join(id.folder()).join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
            hashes.insert(name.to_owned(), hash_of(bytes));
        }
        CaseEntry { id: id.to_string(), level: None, status: CaseStatus::Released, files: hashes }
    }

    fn corpus() -> (tempfile::TempDir, CorpusManifest) {
        let root = tempfile::tempdir().unwrap();
        let cases = ["cat-01-a/01-01-b", "claims/01-c"].map(|id| case_in(root.path(), id)).to_vec();
        let manifest = CorpusManifest {
            comment: None,
            corpus_version: "1.2.0".into(),
            spec_version: "1.4.1".into(),
            test_vectors_version: TEST_VECTORS_VERSION.into(),
            cases,
        };
        (root, manifest)
    }

    fn write(root: &Path, manifest: &CorpusManifest) {
        fs::write(root.join(MANIFEST), manifest.to_text().unwrap()).unwrap();
    }

    #[test]
    fn a_listed_corpus_is_read() {
        let (root, mut manifest) = corpus();
        write(root.path(), &manifest);
        let read = Corpus::open(root.path()).unwrap();
        assert_eq!(read.version.as_deref(), Some("1.2.0"));
        assert_eq!(read.cases.len(), 2);
        assert_eq!(read.cases[0].title(), "It passes.");
        assert!(read.cases[0].input.contains_key("deep/er.json"));
        manifest.cases[0].status = CaseStatus::Retired;
        write(root.path(), &manifest);
        assert_eq!(Corpus::open(root.path()).unwrap().cases.len(), 1);
    }

    #[test]
    fn official_vectors_need_no_manifest() {
        let (root, _) = corpus();
        for folder in [root.path().to_owned(), root.path().join(VECTORS)] {
            let read = Corpus::open(&folder).unwrap();
            assert_eq!(read.cases.len(), 1, "{}", folder.display());
            assert_eq!(read.version, None);
        }
    }

    #[test]
    fn changed_missing_and_unlisted_files_are_refused() {
        let (root, manifest) = corpus();
        write(root.path(), &manifest);
        let file = root.path().join("vectors/cat-01-a/01-01-b/input/export.json");
        fs::write(&file, b"{ }").unwrap();
        assert!(matches!(Corpus::open(root.path()), Err(CorpusError::Changed { .. })));
        fs::remove_file(&file).unwrap();
        assert!(matches!(Corpus::open(root.path()), Err(CorpusError::Changed { .. })));
        fs::write(&file, b"{}").unwrap();
        let extra = root.path().join("claims/01-c/input/extra");
        fs::write(&extra, b"").unwrap();
        assert!(matches!(Corpus::open(root.path()), Err(CorpusError::Unlisted { .. })));
    }

    #[test]
    fn files_that_are_named_have_to_be_there_and_inside() {
        for name in ["other.json", "../expected.json", "/etc/passwd"] {
            let (root, _) = corpus();
            let path = root.path().join("vectors/cat-01-a/01-01-b/expected.json");
            let text = EXPECTATION.replace("\"export.json\"", &format!("\"{name}\""));
            fs::write(path, text).unwrap();
            let error = Corpus::open(root.path()).unwrap_err();
            assert!(matches!(error, CorpusError::NoSuchInput { .. }), "{name}: {error}");
        }
    }
}
