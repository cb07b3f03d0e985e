// SPDX-License-Identifier: Apache-2.0

//! Why a mapping cannot be used.

use permit_canonical_json::{ReadError, ShapeError};

use crate::framework::FrameworkId;

/// Why a mapping cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// A file is not acceptable JSON.
    #[error("the file of {file} cannot be read: {error}")]
    Unreadable {
        /// What the file is about.
        file: String,
        /// Why not.
        error: ReadError,
    },
    /// A file has another form.
    #[error("the file of {file} has another form: {error}")]
    Shape {
        /// What the file is about.
        file: String,
        /// Which.
        error: ShapeError,
    },
    /// A file is about another framework than its name says.
    #[error("the file of {file} is about `{found}`")]
    OtherFramework {
        /// What it should be about.
        file: FrameworkId,
        /// What it is about.
        found: FrameworkId,
    },
    /// Something stands twice in its list.
    #[error("`{id}` stands twice in {list}")]
    Twice {
        /// The list.
        list: String,
        /// What stands there twice.
        id: String,
    },
    /// A control is not written as its framework writes controls.
    #[error("`{control}` is not how {framework} writes a control")]
    ControlForm {
        /// The framework.
        framework: FrameworkId,
        /// The control.
        control: String,
    },
    /// A control is mapped and left out at once.
    #[error("`{control}` of {framework} is mapped and is also listed as not mapped")]
    MappedAndNot {
        /// The framework.
        framework: FrameworkId,
        /// The control.
        control: String,
    },
    /// Something is named that no list has.
    #[error("{framework}: `{name}` is no {what}")]
    Unknown {
        /// The framework, or the list.
        framework: String,
        /// `artifact`, `claim`, `disclaimer`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Something has to be said and is not.
    #[error("{framework}: {what}")]
    Missing {
        /// The framework.
        framework: FrameworkId,
        /// What is missing.
        what: String,
    },
}
