// SPDX-License-Identifier: Apache-2.0

//! Where tests are, and what they say.
//!
//! ```text
//! <crate>/tests/**            whole files
//! <crate>/src/**              modules behind #[cfg(test)], examples in documentation
//! <crate>/README.md           examples, which are tests of the crate
//! ```
//!
//! The sources are formatted, so that a block ends with a brace at the indentation it began with. What stands
//! in a test source outside of any function with `#[test]`, such as a table of cases, is counted for the file.

use crate::{ChoreError, project::Project};

/// A test, or the rest of a file of tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TestSource {
    /// `chain/tests/walk.rs`, `::` and the function, or the file alone.
    pub(super) place: String,
    /// The function, if it is one.
    pub(super) name: Option<String>,
    /// All that stands in it and directly above it.
    pub(super) text: String,
}

impl TestSource {
    /// The folder of the crate.
    pub(super) fn folder(&self) -> &str {
        let place = self.place.as_str();
        let end = ["/src/", "/tests/", "/README.md"].iter().find_map(|part| place.find(part));
        end.and_then(|end| place.get(..end)).unwrap_or(place)
    }
}

/// All tests of the workspace.
pub(super) fn read(project: &Project) -> Result<Vec<TestSource>, ChoreError> {
    let mut sources = Vec::new();
    for member in project.members() {
        let folder = &member.folder;
        let readme = format!("{folder}/README.md");
        if project.has(&readme) {
            sources.extend(examples(&readme, &project.read(&readme)?, ""));
        }
        for (part, whole) in [("tests", true), ("src", false)] {
            let below = format!("{folder}/{part}");
            if !project.root().join(&below).is_dir() {
                continue;
            }
            let files = project.files_below(&below)?;
            let texts: Vec<(String, String)> = files
                .into_iter()
                .filter(|path| path.ends_with(".rs"))
                .map(|path| Ok((path.clone(), project.read(&path)?)))
                .collect::<Result<_, ChoreError>>()?;
            let test_files: Vec<String> =
                texts.iter().flat_map(|(path, text)| test_module_files(path, text)).collect();
            for (path, text) in &texts {
                if whole || test_files.contains(path) {
                    sources.extend(tests_of(path, text));
                } else {
                    sources.extend(tests_of(path, &test_modules(text)));
                    sources.extend(examples(path, text, "//"));
                }
            }
        }
    }
    Ok(sources)
}

/// The tests of a text that is nothing but tests, and what stands between them.
fn tests_of(path: &str, text: &str) -> Vec<TestSource> {
    let lines: Vec<&str> = text.lines().collect();
    let mut taken = vec![false; lines.len()];
    let mut sources = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if line.trim() != "#[test]" {
            continue;
        }
        let Some((name, from, to)) = function(&lines, index) else { continue };
        if let Some(taken) = taken.get_mut(from..=to) {
            taken.fill(true);
        }
        let body = lines.get(from..=to).unwrap_or_default().join("\n");
        let place = format!("{path}::{name}");
        sources.push(TestSource { place, name: Some(name.to_owned()), text: body });
    }
    let rest: Vec<&str> =
        lines.iter().zip(&taken).filter(|(_, taken)| !**taken).map(|(line, _)| *line).collect();
    // Helpers alone are no tests.
    let has_tests = !sources.is_empty();
    if has_tests && rest.iter().any(|line| !line.trim().is_empty()) {
        let text = rest.join("\n");
        sources.push(TestSource { place: path.to_owned(), name: None, text });
    }
    sources
}

/// The function that an attribute stands above: its name and the lines that belong to it.
fn function<'t>(lines: &[&'t str], attribute: usize) -> Option<(&'t str, usize, usize)> {
    let is_lead = |line: &str| {
        let line = line.trim_start();
        line.starts_with("//") && !line.starts_with("//!") || line.starts_with("#[")
    };
    let above = lines.get(..attribute)?.iter().rev().take_while(|line| is_lead(line)).count();
    let (offset, head) =
        lines.get(attribute..)?.iter().enumerate().find(|(_, line)| !is_lead(line))?;
    let name = head.trim_start().trim_start_matches("pub(crate) ").strip_prefix("fn ")?;
    let name = name.split(['(', '<']).next()?;
    let indent = head.len() - head.trim_start().len();
    let start = attribute + offset;
    let closes = |line: &str| line.trim_end() == format!("{}}}", " ".repeat(indent));
    let length = lines.get(start..)?.iter().position(|line| closes(line))?;
    Some((name, attribute - above, start + length))
}

/// The modules behind `#[cfg(test)]` of a file, one behind the other.
fn test_modules(text: &str) -> String {
    let mut inside = false;
    let mut announced = false;
    let mut kept = String::new();
    for line in text.lines() {
        if inside {
            inside = line != "}";
            kept.push_str(line);
            kept.push('\n');
        } else if announced && line.starts_with("mod ") && line.ends_with('{') {
            inside = true;
        }
        announced = line == "#[cfg(test)]" || announced && line.starts_with("#[");
    }
    kept
}

/// The files of modules that a file declares behind `#[cfg(test)]`.
fn test_module_files(path: &str, text: &str) -> Vec<String> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let folder = match file {
        "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
        file => format!("{folder}/{}", file.trim_end_matches(".rs")),
    };
    let lines: Vec<&str> = text.lines().collect();
    let declared = lines.windows(2).filter_map(|pair| match pair {
        ["#[cfg(test)]", line] => line.strip_prefix("mod ")?.strip_suffix(';'),
        _ => None,
    });
    declared
        .flat_map(|name| [format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")])
        .collect()
}

/// The examples in documentation, which are run as tests: of a README the code alone, of source
/// the comment that the example stands in, which says what is shown.
fn examples(path: &str, text: &str, comment: &str) -> Vec<TestSource> {
    let (mut kept, mut block, mut runs) = (String::new(), String::new(), false);
    let mut inside: Option<bool> = None;
    for line in text.lines().chain([""]) {
        let line = line.trim_start();
        let line = match comment {
            "" => line,
            _ => match line.strip_prefix("///") {
                Some(line) => line.trim_start(),
                None => {
                    if runs {
                        kept.push_str(&block);
                    }
                    block.clear();
                    (runs, inside) = (false, None);
                    continue;
                }
            },
        };
        match (line.strip_prefix("```"), inside) {
            (Some(_), Some(_)) => inside = None,
            (Some(language), None) => {
                let words = ["", "rust", "no_run", "should_panic"];
                let is_run = words.contains(&language) || language.starts_with("rust,");
                runs |= is_run;
                inside = Some(is_run);
            }
            (None, inside) if inside == Some(true) || !comment.is_empty() && inside.is_none() => {
                block.push_str(line);
                block.push('\n');
            }
            (None, _) => {}
        }
    }
    if comment.is_empty() {
        kept = block;
    }
    if kept.is_empty() {
        return Vec::new();
    }
    let place = if comment.is_empty() { path.to_owned() } else { format!("{path}::example") };
    vec![TestSource { place, name: None, text: kept }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_told_from_what_stands_between_them() {
        let text = "//! Module.\nconst TABLE: [&str; 1] = [\"A\"];\n\n/// Says B.\n#[test]\nfn one() {\n    if x {\n    }\n}\n\
                    mod inner {\n    #[test]\n    fn two() {\n        \"C\"\n    }\n}\n";
        let found = tests_of("a/tests/b.rs", text);
        let places: Vec<_> = found.iter().map(|source| source.place.as_str()).collect();
        assert_eq!(places, ["a/tests/b.rs::one", "a/tests/b.rs::two", "a/tests/b.rs"]);
        assert!(found[0].text.starts_with("/// Says B.") && found[0].text.ends_with("    }\n}"));
        assert!(found[1].text.contains("\"C\"") && !found[1].text.contains('A'));
        assert!(found[2].text.contains("TABLE") && found[2].text.contains("Module"));
        assert_eq!(found[0].folder(), "a");
    }

    #[test]
    fn modules_of_tests_are_cut_out() {
        let text = "fn code() {\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn t() {\n    }\n}\n\nfn more() {\n}\n";
        let modules = test_modules(text);
        assert!(
            modules.contains("fn t()") && !modules.contains("code") && !modules.contains("more")
        );
        let files = test_module_files("a/src/lib.rs", "#[cfg(test)]\nmod peers;\nmod code;\n");
        assert_eq!(files, ["a/src/peers.rs", "a/src/peers/mod.rs"]);
        let files = test_module_files("a/src/b.rs", "#[cfg(test)]\nmod peers;\n");
        assert_eq!(files, ["a/src/b/peers.rs", "a/src/b/peers/mod.rs"]);
        assert_eq!(tests_of("a/src/b.rs", "fn helper() {\n}\n"), []);
    }

    #[test]
    fn examples_are_blocks_that_are_run() {
        let text =
            "/// ```text\n/// shape\n/// ```\n/// ```\n/// run CHAIN-08\n/// ```\nfn f() {}\n";
        let found = examples("a/src/b.rs", text, "//");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text, "run CHAIN-08\n");
        assert_eq!(found[0].place, "a/src/b.rs::example");
        assert_eq!(examples("a/README.md", "```console\nx\n```\n", ""), []);
        assert_eq!(examples("a/README.md", "```rust\nx\n```\n", "")[0].text, "x\n");
    }
}
