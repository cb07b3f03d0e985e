// SPDX-License-Identifier: Apache-2.0

//! Documents and crates: each has the other.
//!
//! The map is the table in `spec/README.md` whose first two columns are the document and its crate.

use std::collections::BTreeSet;

use crate::{ChoreError, Complaints, project::Project};

use super::rules::{Rules, cells, rows};

/// A row of the map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MapRow {
    /// What the row calls the document.
    pub(super) title: String,
    /// The files that it links to, below `spec`.
    pub(super) files: Vec<String>,
    /// The folders of the crates.
    pub(super) crates: Vec<String>,
}

/// The map, and what is wrong with it.
pub(super) fn read(
    project: &Project,
    rules: &Rules,
) -> Result<(Vec<MapRow>, Complaints), ChoreError> {
    let map = map(&project.read(MAP)?);
    let members: BTreeSet<&str> =
        project.members().iter().map(|member| member.folder.as_str()).collect();
    let documents: BTreeSet<String> = project
        .files_below("spec")?
        .into_iter()
        .filter_map(|path| Some(path.strip_prefix("spec/")?.to_owned()))
        .filter(|file| file.ends_with(".md") && !NO_DOCUMENTS.contains(&file.as_str()))
        .collect();
    let mut complaints = complaints(&map, &members, &documents);
    for (id, rule) in &rules.by_id {
        let file = rule.document.trim_start_matches("spec/");
        if NO_DOCUMENTS.contains(&file) {
            complaints.push(format!("{}: {id} stands in no document", rule.document));
        }
    }
    for member in project.members() {
        let readme = format!("{}/README.md", member.folder);
        if project.has(&readme) {
            let text = project.read(&readme)?;
            for file in named_documents(&text) {
                if !documents.contains(file) && !NO_DOCUMENTS.contains(&file) {
                    complaints.push(format!("{readme}: `spec/{file}` is not there"));
                }
            }
        }
    }
    Ok((map, complaints))
}

fn map(text: &str) -> Vec<MapRow> {
    let mut map = Vec::new();
    let mut is_map = false;
    let mut last = 0;
    for (number, row) in rows(text) {
        let cells = cells(row);
        let [first, second, ..] = cells.as_slice() else { continue };
        if number != last + 1 {
            is_map = first.starts_with("Document") && second.starts_with("Crate");
        } else if is_map && !first.starts_with("---") {
            map.push(MapRow { title: first.clone(), files: links(first), crates: quoted(second) });
        }
        last = number;
    }
    map
}

fn complaints(
    map: &[MapRow],
    members: &BTreeSet<&str>,
    documents: &BTreeSet<String>,
) -> Complaints {
    let mut complaints = Complaints::new();
    let linked: BTreeSet<&String> = map.iter().flat_map(|row| &row.files).collect();
    for document in documents {
        if !linked.contains(document) {
            complaints.push(format!("{MAP}: `{document}` has no crate in the map"));
        }
    }
    for row in map {
        if row.crates.is_empty() {
            complaints.push(format!("{MAP}: the row `{}` names no crate", row.title));
        }
        let is_document = !row.title.starts_with('(');
        if is_document && row.files.is_empty() {
            complaints.push(format!("{MAP}: the row `{}` links to no document", row.title));
        }
        for file in row.files.iter().filter(|file| !documents.contains(*file)) {
            complaints.push(format!("{MAP}: `{file}` is not there"));
        }
        for folder in row.crates.iter().filter(|folder| !members.contains(folder.as_str())) {
            complaints.push(format!("{MAP}: `{folder}` is no crate of the workspace"));
        }
    }
    let named: BTreeSet<&str> =
        map.iter().flat_map(|row| &row.crates).map(String::as_str).collect();
    for member in members.difference(&named) {
        complaints.push(format!("{MAP}: the crate `{member}` has no document in the map"));
    }
    complaints
}

fn links(cell: &str) -> Vec<String> {
    let targets = cell.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    targets.map(|target| target.trim_start_matches("./").to_owned()).collect()
}

fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Documents that a README speaks of as `spec/name.md`.
fn named_documents(text: &str) -> Vec<&str> {
    let mut named = Vec::new();
    for (start, _) in text.match_indices("spec/") {
        let rest = text.get(start + "spec/".len()..).unwrap_or_default();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.')));
        let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let name = name.trim_end_matches('.');
        if name.ends_with(".md") {
            named.push(name);
        }
    }
    named
}

const MAP: &str = "spec/README.md";

/// Files of `spec` that are no documents with rules.
const NO_DOCUMENTS: [&str; 3] = ["README.md", "decisions.md", "CHANGELOG.md"];

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Documents\n\n| Document | Crate | Rules |\n|---|---|---|\n\
        | [Chains](chain.md) | `chain` | CHAIN |\n| (chores) | `xtask` | |\n\n\
        | Other | Table |\n|---|---|\n| [x](y.md) | `z` |\n";

    #[test]
    fn the_map_is_one_table() {
        let map = map(TEXT);
        assert_eq!(map.len(), 2);
        assert_eq!((map[0].files[0].as_str(), map[0].crates[0].as_str()), ("chain.md", "chain"));
        let members = BTreeSet::from(["chain", "xtask"]);
        let documents = BTreeSet::from(["chain.md".to_owned()]);
        assert_eq!(complaints(&map, &members, &documents), Complaints::new());
    }

    #[test]
    fn what_has_no_other_side_is_told() {
        let map = map(TEXT);
        let members = BTreeSet::from(["xtask", "keys"]);
        let documents = BTreeSet::from(["keys.md".to_owned()]);
        assert_eq!(
            complaints(&map, &members, &documents),
            [
                "spec/README.md: `keys.md` has no crate in the map",
                "spec/README.md: `chain.md` is not there",
                "spec/README.md: `chain` is no crate of the workspace",
                "spec/README.md: the crate `keys` has no document in the map",
            ]
        );
        assert_eq!(named_documents("see `spec/a-b.md`, spec/c.md. spec/d"), ["a-b.md", "c.md"]);
    }
}
