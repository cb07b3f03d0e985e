// SPDX-License-Identifier: Apache-2.0

//! Where the file of a sibling may be, as far as its descriptor says.
//!
//! ```text
//! 1  manifest folder / workflow_evidence_file
//! 2  manifest folder / bundle_dir / file_name
//! 3  manifest folder / file_name
//! 4  export folder / file_name
//! 5  manifest folder / export_id / file_name
//! 6  export folder / export_id / file_name
//! ```
//!
//! Nobody signs these members. So a path may only go down: one that starts at a root, at a home or in
//! the folder above is refused, and none is looked up where the program happens to run.

/// The folders that paths start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SiblingFolder {
    /// The folder of the manifest.
    Manifest,
    /// The folder of the export.
    Export,
}

/// A place where the file may be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SiblingPath {
    /// The folder that it starts from.
    pub folder: SiblingFolder,
    /// The path below, with `/` between its steps. None of them leads up or out.
    pub path: String,
}

/// A path that a manifest names and that is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedPath {
    /// The member that names it.
    pub member: &'static str,
    /// The path.
    pub path: String,
}

/// The places to look for a file, in order, and the paths that were refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiblingSearch {
    /// Where to look; the first that exists is the file.
    pub paths: Vec<SiblingPath>,
    /// What is not followed.
    pub refused: Vec<RefusedPath>,
}

/// What a manifest says of where a file is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StatedPaths<'v> {
    pub(crate) workflow_evidence_file: Option<&'v str>,
    pub(crate) bundle_dir: Option<&'v str>,
    pub(crate) file_name: &'v str,
    pub(crate) export_id: Option<&'v str>,
}

impl StatedPaths<'_> {
    pub(crate) fn search(&self) -> SiblingSearch {
        use SiblingFolder::{Export, Manifest};
        let mut search = SiblingSearch::default();
        let whole = search.checked("workflow_evidence_file", self.workflow_evidence_file);
        let directory = search.checked("bundle_dir", self.bundle_dir);
        let name = search.checked("file_name", Some(self.file_name));
        let id = search.checked("export_id", self.export_id);
        if let Some(path) = whole {
            search.add(Manifest, path);
        }
        let Some(name) = name else { return search };
        if let Some(directory) = directory {
            search.add(Manifest, [&directory, "/", &name].concat());
        }
        search.add(Manifest, name.clone());
        search.add(Export, name.clone());
        if let Some(id) = id {
            let path = [&id, "/", &name].concat();
            search.add(Manifest, path.clone());
            search.add(Export, path);
        }
        search
    }
}

impl SiblingSearch {
    fn add(&mut self, folder: SiblingFolder, path: String) {
        let place = SiblingPath { folder, path };
        if !self.paths.contains(&place) {
            self.paths.push(place);
        }
    }

    /// The path in one spelling, if it only goes down. A blank one is as good as none.
    fn checked(&mut self, member: &'static str, path: Option<&str>) -> Option<String> {
        let path = path.filter(|path| !path.trim().is_empty())?;
        let downwards = down(path);
        if downwards.is_none() {
            self.refused.push(RefusedPath { member, path: path.to_owned() });
        }
        downwards
    }
}

/// The steps of a path joined by `/`, if each of them leads down on every system.
pub(crate) fn down(path: &str) -> Option<String> {
    let forbidden = |c: char| c.is_control() || matches!(c, '\\' | ':');
    if path.starts_with(['/', '~']) || path.contains(forbidden) {
        return None;
    }
    let steps: Vec<&str> = path.split('/').filter(|step| !matches!(*step, "" | ".")).collect();
    // Some systems drop dots and spaces at the end, so that a step of them alone is one up.
    let leads_up = steps.iter().any(|step| step.trim_matches(['.', ' ']).is_empty());
    (!steps.is_empty() && !leads_up).then(|| steps.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_only_go_down() {
        for (path, down_path) in [
            ("workflow_evidence.json", Some("workflow_evidence.json")),
            ("./a//b/./c.json", Some("a/b/c.json")),
            ("a/..b/c", Some("a/..b/c")),
            ("../a", None),
            ("a/../../b", None),
            ("a/..", None),
            ("/etc/passwd", None),
            ("~/a", None),
            ("~root/a", None),
            ("C:\\a", None),
            ("c:a", None),
            ("a\\..\\b", None),
            ("\\\\host\\share", None),
            ("a\0b", None),
            ("a/.. /b", None),
            ("a/.../b", None),
            (".", None),
            ("", None),
        ] {
            assert_eq!(down(path).as_deref(), down_path, "{path:?}");
        }
    }

    #[test]
    fn places_are_looked_at_once_and_in_order() {
        let stated = StatedPaths {
            workflow_evidence_file: Some("w.json"),
            bundle_dir: Some("packs/"),
            file_name: "w.json",
            export_id: Some("exp"),
        };
        let search = stated.search();
        let places: Vec<_> = search.paths.iter().map(|p| (p.folder, p.path.as_str())).collect();
        use SiblingFolder::{Export, Manifest};
        assert_eq!(
            places,
            [
                (Manifest, "w.json"),
                (Manifest, "packs/w.json"),
                (Export, "w.json"),
                (Manifest, "exp/w.json"),
                (Export, "exp/w.json"),
            ]
        );
        assert!(search.refused.is_empty());
        let stated = StatedPaths { bundle_dir: Some("../up"), export_id: Some("/x"), ..stated };
        let search = stated.search();
        assert_eq!(search.paths.len(), 2);
        let refused: Vec<_> = search.refused.iter().map(|refused| refused.member).collect();
        assert_eq!(refused, ["bundle_dir", "export_id"]);
        let stated = StatedPaths { file_name: "../x", ..StatedPaths::default() };
        assert!(stated.search().paths.is_empty());
    }
}
