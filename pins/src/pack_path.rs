// SPDX-License-Identifier: Apache-2.0

//! Paths inside a pack.

use core::fmt;

use permit_canonical_json::Excerpt;

/// A relative path that stays inside the pack's folder.
///
/// ```text
/// components   separated by `/`; empty ones and `.` are dropped, at least one is left
/// refused      absolute paths, `..`, backslashes, colons, control characters
/// ```
///
/// A path is text of the issuer. With `../../secrets.json` a pack could find out which files the
/// machine of its reader has and what their hashes are not, so that a path that leads out is
/// refused and not followed. Backslashes and colons are refused on all systems alike: some take
/// them for separators, drives or streams, and a pack must mean the same everywhere. What a
/// link on disk leads to is for whoever implements [`PackFiles`](crate::PackFiles).
///
/// ```
/// use permit_pins::PackPath;
///
/// assert_eq!(PackPath::parse("./semantics//closure/format_v2.json")?.as_str(), "semantics/closure/format_v2.json");
/// assert!(PackPath::parse("semantics/../../etc/passwd").is_err());
/// # Ok::<(), permit_pins::PackPathProblem>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackPath(String);

/// Why a text is no path inside a pack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackPathProblem {
    /// It names no file.
    #[error("the path `{}` names no file", Excerpt(path))]
    NoFile {
        /// The path as it was written.
        path: String,
    },
    /// It starts at the root of the file system.
    #[error("the path `{}` is absolute, and a pack's files are in the pack", Excerpt(path))]
    Absolute {
        /// The path as it was written.
        path: String,
    },
    /// It has a step upwards.
    #[error("the path `{}` leads out of its folder", Excerpt(path))]
    Upwards {
        /// The path as it was written.
        path: String,
    },
    /// It has a character that systems understand differently.
    #[error("the path `{}` has a backslash, a colon or a control character", Excerpt(path))]
    ForeignCharacter {
        /// The path as it was written.
        path: String,
    },
    /// It is longer than any file's path.
    #[error("the path is longer than the limit of {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
}

impl PackPath {
    /// Reads a path.
    ///
    /// # Errors
    /// If it could lead out of a folder on some system, or names no file.
    pub fn parse(path: &str) -> Result<Self, PackPathProblem> {
        if path.len() > PATH_BYTES {
            return Err(PackPathProblem::TooLong { limit: PATH_BYTES });
        }
        let owned = || path.to_owned();
        if path.starts_with('/') {
            return Err(PackPathProblem::Absolute { path: owned() });
        }
        if path.contains(|c: char| matches!(c, '\\' | ':') || c.is_control()) {
            return Err(PackPathProblem::ForeignCharacter { path: owned() });
        }
        let components = || path.split('/').filter(|part| !matches!(*part, "" | "."));
        // Some systems drop dots and blanks at the end of a name, so that `.. ` becomes `..`.
        if components().any(|part| part.chars().all(|c| matches!(c, '.' | ' '))) {
            return Err(PackPathProblem::Upwards { path: owned() });
        }
        let joined = components().collect::<Vec<_>>().join("/");
        if joined.is_empty() {
            return Err(PackPathProblem::NoFile { path: owned() });
        }
        Ok(Self(joined))
    }

    /// The path, components separated by single slashes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The components, at least one.
    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }
}

impl fmt::Display for PackPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Longer than any path that a file system takes.
const PATH_BYTES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_brought_into_one_form() {
        for (text, path) in [
            ("a.json", "a.json"),
            ("./a/b.json", "a/b.json"),
            ("a//./b.json/", "a/b.json"),
            ("a/..b/c..", "a/..b/c.."),
            ("ä/😀", "ä/😀"),
        ] {
            assert_eq!(PackPath::parse(text).unwrap().as_str(), path);
            assert_eq!(PackPath::parse(path).unwrap().as_str(), path);
        }
    }

    #[test]
    fn paths_that_could_lead_out_on_any_system_are_refused() {
        use PackPathProblem as P;
        let is = |text: &str, expected: fn(String) -> P| {
            assert_eq!(PackPath::parse(text), Err(expected(text.to_owned())), "{text}");
        };
        for text in ["", ".", "./", "././/."] {
            is(text, |path| P::NoFile { path });
        }
        for text in ["/etc/passwd", "/", "//server/share"] {
            is(text, |path| P::Absolute { path });
        }
        for text in ["..", "../a", "a/..", "a/../b", "a/.. /b", "a/...", "a/ /b"] {
            is(text, |path| P::Upwards { path });
        }
        for text in ["a\\b", "..\\a", "C:a", "C:/a", "a:stream", "a\0b", "a\nb", "\u{85}"] {
            is(text, |path| P::ForeignCharacter { path });
        }
        let long = "a/".repeat(PATH_BYTES);
        assert_eq!(PackPath::parse(&long), Err(P::TooLong { limit: PATH_BYTES }));
    }
}
