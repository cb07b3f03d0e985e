// SPDX-License-Identifier: Apache-2.0

//! The conformance corpus on disk: made anew, compared byte for byte, and linted.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use permit_conformance::{
    CaseStatus, Corpus, CorpusManifest, GeneratedCorpus, MANIFEST, generate, lint, lint_release,
};

use crate::{ChoreError, Complaints, project::Project};

/// Makes the corpus, or looks whether it is as it would be made; lints it either way.
pub(crate) fn run(project: &Project, check: bool, release: bool) -> Result<Complaints, ChoreError> {
    let root = project.root().join(FOLDER);
    let before = manifest_on_disk(&root)?;
    let generated = generate()?;
    let mut manifest = generated.manifest(before.as_ref());
    if release {
        for case in manifest.cases.iter_mut().filter(|case| case.status == CaseStatus::Draft) {
            case.status = CaseStatus::Released;
        }
    }
    let mut complaints = Complaints::new();
    if let Some(before) = &before {
        complaints.extend(lint_release(before, &manifest).iter().map(ToString::to_string));
    }
    let files = files(&generated, &manifest)?;
    if check {
        compare(&root, &files, &mut complaints)?;
    } else if complaints.is_empty() {
        write(&root, &files)?;
    }
    if complaints.is_empty() {
        let corpus = Corpus::open(&root)?;
        complaints.extend(lint(&corpus).iter().map(ToString::to_string));
    }
    Ok(complaints)
}

fn manifest_on_disk(root: &Path) -> Result<Option<CorpusManifest>, ChoreError> {
    match fs::read(root.join(MANIFEST)) {
        Ok(bytes) => Ok(Some(CorpusManifest::read(&bytes)?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// All files by their path below the folder of the corpus.
fn files(
    generated: &GeneratedCorpus,
    manifest: &CorpusManifest,
) -> Result<BTreeMap<String, Vec<u8>>, ChoreError> {
    let mut files = generated.other.clone();
    for (id, case) in &generated.cases {
        let folder = id.folder();
        files.extend(case.iter().map(|(path, bytes)| (format!("{folder}/{path}"), bytes.clone())));
    }
    files.insert(MANIFEST.to_owned(), manifest.to_text()?.into_bytes());
    Ok(files)
}

fn compare(
    root: &Path,
    files: &BTreeMap<String, Vec<u8>>,
    complaints: &mut Complaints,
) -> Result<(), ChoreError> {
    for (path, wanted) in files {
        match fs::read(root.join(path)) {
            Ok(bytes) if bytes == *wanted => {}
            Ok(_) => complaints.push(format!("{FOLDER}/{path}: other bytes; {MENDED}")),
            Err(_) => complaints.push(format!("{FOLDER}/{path}: is not there; {MENDED}")),
        }
    }
    for path in on_disk(root)? {
        if !files.contains_key(&path) {
            complaints.push(format!("{FOLDER}/{path}: is not a file of the corpus; {MENDED}"));
        }
    }
    Ok(())
}

fn write(root: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<(), ChoreError> {
    for path in on_disk(root)? {
        if !files.contains_key(&path) {
            fs::remove_file(root.join(&path))?;
            crate::say(&format!("removed {FOLDER}/{path}"));
        }
    }
    for (path, bytes) in files {
        let target = root.join(path);
        if fs::read(&target).is_ok_and(|present| present == *bytes) {
            continue;
        }
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&target, bytes)?;
    }
    Ok(())
}

/// All files of the folder, by their path below it with `/`, but the page for people.
fn on_disk(root: &Path) -> Result<Vec<String>, ChoreError> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        let entries = match fs::read_dir(root.join(&below)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error.into()),
        };
        for entry in entries {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.retain(|path| path != PAGE);
    found.sort();
    Ok(found)
}

const FOLDER: &str = "conformance/corpus";
const PAGE: &str = "README.md";
const MENDED: &str = "`cargo xtask corpus` mends it";
