// SPDX-License-Identifier: Apache-2.0

//! Files that are made by this program: all go through here.

use std::fs;

use crate::{ChoreError, Complaints, project::Project};

/// A file as it should be.
#[derive(Clone, Debug)]
pub(crate) struct GeneratedFile {
    /// Its path from the root of the workspace, with `/`.
    pub(crate) path: String,
    /// What should be in it.
    pub(crate) content: Vec<u8>,
}

impl GeneratedFile {
    pub(crate) fn new(path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), content: content.into() }
    }
}

/// Writes files that are not as they should be, or complains about them.
pub(crate) fn ensure(
    project: &Project,
    files: &[GeneratedFile],
    check: bool,
    mended_by: &str,
) -> Result<Complaints, ChoreError> {
    let mut complaints = Complaints::new();
    for file in files {
        let path = project.root().join(&file.path);
        let present = match fs::read(&path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(format!("{} cannot be read: {error}", file.path).into()),
        };
        if present.as_deref().is_some_and(|present| same(present, &file.content)) {
            continue;
        }
        if check {
            let difference = describe(present.as_deref(), &file.content);
            complaints.push(format!("{}: {difference}; `{mended_by}` mends it", file.path));
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, &file.content)?;
        crate::say(&format!("wrote {}", file.path));
    }
    Ok(complaints)
}

/// Whether two contents are the same but for the ends of lines, which a checkout may change.
fn same(left: &[u8], right: &[u8]) -> bool {
    let without = |bytes: &[u8]| bytes.iter().copied().filter(|b| *b != b'\r').collect::<Vec<_>>();
    left == right || without(left) == without(right)
}

/// The first line that differs.
fn describe(present: Option<&[u8]>, wanted: &[u8]) -> String {
    let Some(present) = present else { return "is not there".to_owned() };
    let (present, wanted) = (String::from_utf8_lossy(present), String::from_utf8_lossy(wanted));
    let mut numbers = 1_usize;
    let mut lines = (present.lines(), wanted.lines());
    loop {
        match (lines.0.next(), lines.1.next()) {
            (None, None) => return "differs in the ends of its lines".to_owned(),
            (left, right) if left == right => numbers = numbers.saturating_add(1),
            (left, right) => {
                let (left, right) = (shown(left), shown(right));
                return format!("line {numbers} is {left} and should be {right}");
            }
        }
    }
}

fn shown(line: Option<&str>) -> String {
    match line {
        None => "absent".to_owned(),
        Some(line) => format!("`{}`", line.chars().take(100).collect::<String>()),
    }
}
