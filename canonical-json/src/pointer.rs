// SPDX-License-Identifier: Apache-2.0

//! JSON Pointers (RFC 6901): the path to a value inside a document.

use alloc::{
    borrow::Cow,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

/// One step of a path: into a member of an object, or an element of an array.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathStep {
    /// The member of this name.
    Member(String),
    /// The element at this index, counted from 0.
    Index(u64),
}

/// A path from the root of a document to one value.
///
/// Shown as in RFC 6901; the root is the empty text.
///
/// ```
/// use permit_canonical_json::JsonPointer;
///
/// let pointer = JsonPointer::root().member("records").index(2).member("a/b");
/// assert_eq!(pointer.to_string(), "/records/2/a~1b");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct JsonPointer {
    steps: Vec<PathStep>,
}

impl JsonPointer {
    /// The path of the whole document.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// This path and then the member `name`.
    #[must_use]
    pub fn member(mut self, name: &str) -> Self {
        self.steps.push(PathStep::Member(name.to_string()));
        self
    }

    /// This path and then the element `index`.
    #[must_use]
    pub fn index(mut self, index: u64) -> Self {
        self.steps.push(PathStep::Index(index));
        self
    }

    /// This path followed by another that starts where this one ends.
    #[must_use]
    pub fn join(mut self, below: &JsonPointer) -> Self {
        self.steps.extend(below.steps.iter().cloned());
        self
    }

    /// The steps from the root on.
    #[must_use]
    pub fn steps(&self) -> &[PathStep] {
        &self.steps
    }

    /// Whether this is the path of the whole document.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.steps.is_empty()
    }

    /// The path whose steps were gathered from the innermost outwards.
    pub(crate) fn from_innermost(mut steps: Vec<PathStep>) -> Self {
        steps.reverse();
        Self { steps }
    }
}

impl From<Vec<PathStep>> for JsonPointer {
    fn from(steps: Vec<PathStep>) -> Self {
        Self { steps }
    }
}

impl fmt::Display for JsonPointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            match step {
                PathStep::Member(name) => write!(f, "/{}", escaped(name))?,
                PathStep::Index(index) => write!(f, "/{index}")?,
            }
        }
        Ok(())
    }
}

fn escaped(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) {
        Cow::Owned(name.replace('~', "~0").replace('/', "~1"))
    } else {
        Cow::Borrowed(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_as_rfc_6901_says() {
        let pointer = JsonPointer::root().member("~1").member("").index(0);
        assert_eq!(pointer.to_string(), "/~01//0");
        assert_eq!(JsonPointer::root().to_string(), "");
    }
}
